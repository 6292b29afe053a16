//! How a Program's operands lie in memory, as far as its kernel's text depends on it.

use crate::store::View;
use crate::tensor::program::Program;
use smallvec::SmallVec;

/// Bytes that a thread reads and writes at once.
const PACK: usize = 16;

/// The most elements of one thread.
const MOST: usize = 8;

/// The iteration space with as few dimensions as the operands allow, and each operand's strides in it.
#[derive(Debug)]
pub struct Layout {
    /// Elements in a thread's pack: more than one where all operands lie in order and whole packs begin on their boundaries.
    pub pack: usize,
    /// Whether indices fit 32 bits.
    pub narrow: bool,
    /// Number of elements.
    pub numel: usize,
    /// Sizes of the merged dimensions, the outermost first; none where every operand lies in order.
    pub sizes: SmallVec<[i64; 6]>,
    /// Strides by operand (inputs, then outputs) and merged dimension.
    pub strides: Vec<SmallVec<[i64; 6]>>,
}

impl Layout {
    /// That of a Program.
    pub fn of(program: &Program) -> Layout {
        let operands: Vec<&View> = program.inputs.iter().chain(program.outs.iter().map(|o| &o.1)).collect();
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
                narrow,
                numel,
                sizes: SmallVec::new(),
                strides: vec![SmallVec::new(); operands.len()],
            };
        }
        let (sizes, strides) = merged(&program.sizes, &operands);
        Layout { pack: 1, narrow, numel, sizes, strides }
    }
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
