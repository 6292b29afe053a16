//! Elements moved between two layouts of one dtype, by the widest words that both allow.
#![allow(unsafe_code)]

use super::index::picks::{unrolled, word};
use super::launch::{self, Parameters};
use super::sources::{self, MOVES, Text, WALK};
use super::walk::Walk;
use crate::base::error::{Result, runtime};
use crate::store::View;
use crate::store::cuda::Gpu;

/// Threads of a block.
const THREADS: usize = 256;

/// The side of a square that is transposed at once.
const SQUARE: i64 = 32;

/// Sizes of two dimensions from which it is worth to transpose them in squares.
const WORTH: i64 = 8;

/// Copies elements between views of the same sizes and dtype that do not overlap; dimensions stand in the order of the target's memory.
///
/// # Errors
/// What the device refuses.
pub fn copy(gpu: &'static Gpu, from: &View, to: &View) -> Result<()> {
    let Some((_, source)) = from.on_device() else { return Err(runtime("internal: a copy on the host")) };
    copy_from(gpu, source, 0, from.strides(), to)
}

/// As [`copy`], from the element that lies `start` elements behind an address, by strides that may go back.
///
/// # Errors
/// What the device refuses.
pub fn copy_from(gpu: &'static Gpu, source: u64, start: i64, strides: &[i64], to: &View) -> Result<()> {
    let Some((_, target)) = to.on_device_mut() else { return Err(runtime("internal: a copy on the host")) };
    let mut walk = Walk::new(to.sizes(), &[strides, to.strides()]);
    if walk.count == 0 {
        return Ok(());
    }
    let mut parameters = Parameters::new();
    let item = to.dtype().size();
    if let Some((close_from, close_to)) = walk.crossed(0, 1, WORTH) {
        let (from_step, to_step) = (close_to.steps[0], close_from.steps[1]);
        let reach = close_to.size * from_step.abs() + close_from.size * to_step + start;
        let fits = |by: i64| {
            let aligned = |address: u64| address.is_multiple_of(by as u64 * item as u64);
            let distances = [close_to.size, close_from.size, from_step, to_step, start];
            distances.iter().all(|n| n % by == 0) && walk.is_whole(by) && aligned(source) && aligned(target)
        };
        // Small elements move by the word.
        let by = (4 / item.min(4)) as i64;
        let by = if fits(by) { by } else { 1 };
        let text = || {
            let declared = "const S* from, uint64_t start, S* to, uint32_t close_to, uint32_t close_from, int64_t from_step, int64_t \
                            to_step";
            let call = format!("transpose<{by}, I>(walk, from, start, to, close_to, close_from, from_step, to_step)");
            launch::functions(gpu, &text(&walk, reach, item, declared, &call), &["run"])
        };
        let squares = |n: i64| (n + SQUARE * by - 1) / (SQUARE * by);
        let count = walk.count as i64 * squares(close_to.size) * squares(close_from.size);
        let mut key = walk.key(reach);
        key.number(item).number(by as usize);
        let function = launch::by_key(gpu, "transpose", key, text)?[0];
        walk.add_to(&mut parameters);
        parameters.address(source).int(start).address(target);
        parameters.bytes(&(close_to.size as u32).to_ne_bytes()).bytes(&(close_from.size as u32).to_ne_bytes());
        parameters.int(from_step).int(to_step);
        // SAFETY: the parameters are those of the text; both sides hold the elements that the walk and the two dimensions name.
        return unsafe { parameters.launch(gpu, function, (launch::blocks_of(count as usize, 1)?, 1), THREADS as u32) };
    }
    let mut steps = [start];
    let width = walk.widen(item, &[(0, source), (1, target)], &mut steps);
    let each = unrolled(walk.count);
    let mut key = walk.key(start);
    key.number(width).number(each);
    let function = launch::by_key(gpu, "move", key, || {
        let call = format!("move_all<{each}, I>(walk, from, start, to, n)");
        let declared = "const S* from, uint64_t start, S* to, uint64_t n";
        launch::functions(gpu, &text(&walk, start, width, declared, &call), &["run"])
    })?[0];
    walk.add_to(&mut parameters);
    parameters.address(source).int(steps[0]).address(target).int(walk.count as i64);
    // SAFETY: the parameters are those of the text; both sides hold the elements that the walk names.
    unsafe { parameters.launch(gpu, function, (launch::blocks_of(walk.count, THREADS * each)?, 1), THREADS as u32) }
}

fn text(walk: &Walk, reach: i64, width: usize, declared: &str, call: &str) -> Text<'static> {
    let kernel = format!(
        "namespace tensh {{\n{}typedef {} S;\nextern \"C\" __global__ void __launch_bounds__({THREADS}) run(const W walk, \
         {declared}) {{\n    {call};\n}}\n}}  // namespace tensh\n",
        walk.text(reach),
        word(width)
    );
    sources::with(&[WALK, MOVES], kernel, false)
}
