//! How a Program's operands lie in memory, as far as its kernel's text depends on it.

use crate::store::View;
use crate::tensor::program::Program;
use smallvec::SmallVec;

/// Bytes that a thread reads and writes at once.
const PACK: usize = 16;

/// The most elements of a pack.
const MOST: usize = 16;

/// Elements of a thread where they are read one by one, and there is little to do with each.
const APART: usize = 4;

/// Elements from which threads take several of them.
const MANY: usize = 1 << 18;

/// The iteration space with as few dimensions as the operands allow, and each operand's strides in it.
#[derive(Debug)]
pub struct Layout {
    /// Elements in a thread's pack: more than one where operands lie in order, or their rows do, and whole packs begin on their
    /// boundaries.
    pub pack: usize,
    /// Packs of a thread, a block's threads apart: as many are read before the first is written.
    pub each: usize,
    /// Which operands stay where they are along a row, if packs are of rows; sizes and strides count packs then, and of these elements.
    pub still: SmallVec<[bool; 8]>,
    /// Whether indices fit 32 bits.
    pub narrow: bool,
    /// Number of elements.
    pub numel: usize,
    /// Sizes of the merged dimensions, the outermost first; none where every operand lies in order.
    pub sizes: SmallVec<[i64; 6]>,
    /// Strides by operand (inputs, then outputs) and merged dimension; none, as sizes.
    pub strides: Vec<SmallVec<[i64; 6]>>,
}

impl Layout {
    /// That of a Program.
    pub fn of(program: &Program) -> Layout {
        let operands: SmallVec<[&View; 8]> = program.inputs.iter().chain(program.outs.iter().map(|o| &o.1)).collect();
        let numel = program.sizes.iter().product::<i64>() as usize;
        let reach = |v: &&View| v.sizes().iter().zip(v.strides()).map(|(n, s)| (n - 1).max(0) * s).sum::<i64>();
        let narrow = numel < 1 << 31 && operands.iter().map(reach).max().unwrap_or(0) < 1 << 31;
        if operands.iter().all(|v| v.is_contiguous()) {
            let widest = operands.iter().map(|v| v.dtype().size()).max().unwrap_or(PACK);
            let wanted = (PACK / widest).clamp(1, MOST);
            let aligned = |v: &&View| v.address().is_multiple_of(wanted * v.dtype().size());
            let pack = if operands.iter().all(aligned) { wanted } else { 1 };
            return Layout {
                pack,
                each: each(pack, numel, program),
                still: SmallVec::new(),
                narrow,
                numel,
                sizes: SmallVec::new(),
                strides: Vec::new(),
            };
        }
        let (sizes, strides) = merged(&program.sizes, &operands);
        let mut layout = Layout { pack: 1, each: 1, still: SmallVec::new(), narrow, numel, sizes, strides };
        layout.widen(&operands, program.inputs.len());
        layout.each = each(layout.pack, numel, program);
        layout
    }

    /// Takes rows in packs, if that keeps packs together: operands go on along the last dimension, or, those that are read, stay.
    fn widen(&mut self, operands: &[&View], inputs: usize) {
        let last = self.sizes.len() - 1;
        let still: SmallVec<[bool; 8]> = self.strides.iter().map(|s| s[last] == 0).collect();
        let straight = self.strides.iter().enumerate().all(|(k, s)| s[last] == 1 || still[k] && k < inputs);
        let moving = || operands.iter().zip(&self.strides).zip(&still).filter(|(_, still)| !**still).map(|(o, _)| o);
        let widest = moving().map(|(v, _)| v.dtype().size()).max().unwrap_or(PACK);
        let fits = |pack: usize| {
            self.sizes[last] % pack as i64 == 0
                && moving().all(|(v, s)| {
                    v.address().is_multiple_of(pack * v.dtype().size())
                        && s[..last].iter().all(|s| s % pack as i64 == 0)
                })
        };
        let packs = [16, 8, 4, 2].into_iter().filter(|pack| pack * widest <= PACK);
        let Some(pack) = packs.filter(|_| straight).find(|&pack| fits(pack)) else { return };
        self.sizes[last] /= pack as i64;
        for (s, _) in self.strides.iter_mut().zip(&still).filter(|(_, still)| !**still) {
            s[..last].iter_mut().for_each(|s| *s /= pack as i64);
        }
        (self.pack, self.still) = (pack, still);
    }
}

/// Packs of a thread.
fn each(pack: usize, numel: usize, program: &Program) -> usize {
    if pack == 1 && numel >= MANY && program.code.len() <= 16 { APART } else { 1 }
}

/// Joins neighbouring dimensions along which every operand goes on as in one.
fn merged(sizes: &[i64], operands: &[&View]) -> (SmallVec<[i64; 6]>, Vec<SmallVec<[i64; 6]>>) {
    let mut out: SmallVec<[i64; 6]> = SmallVec::new();
    let mut strides: Vec<SmallVec<[i64; 6]>> = vec![SmallVec::new(); operands.len()];
    for (d, &n) in sizes.iter().enumerate().filter(|(_, n)| **n != 1) {
        let joins = !out.is_empty()
            && operands.iter().zip(&strides).all(|(v, s)| s.last().is_some_and(|&outer| outer == v.strides()[d] * n));
        match (joins, out.last_mut()) {
            (true, Some(last)) => {
                *last *= n;
                operands.iter().zip(&mut strides).for_each(|(v, s)| {
                    if let Some(last) = s.last_mut() {
                        *last = v.strides()[d];
                    }
                });
            }
            _ => {
                out.push(n);
                operands.iter().zip(&mut strides).for_each(|(v, s)| s.push(v.strides()[d]));
            }
        }
    }
    if out.is_empty() {
        out.push(1);
        strides.iter_mut().for_each(|s| s.push(1));
    }
    (out, strides)
}
