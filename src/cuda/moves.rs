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
    let (Some((_, source)), Some((_, target))) = (from.on_device(), to.on_device_mut()) else {
        return Err(runtime("internal: a copy on the host"));
    };
    let mut walk = Walk::new(to.sizes(), &[from.strides(), to.strides()]);
    if walk.count == 0 {
        return Ok(());
    }
    let mut parameters = Parameters::new();
    if let Some((close_from, close_to)) = walk.crossed(0, 1, WORTH) {
        let reach = close_to.size * close_to.steps[0] + close_from.size * close_from.steps[1];
        let item = to.dtype().size();
        let text = || {
            let declared =
                "const S* from, S* to, uint32_t close_to, uint32_t close_from, int64_t from_step, int64_t to_step";
            let call = "transpose<I>(walk, from, to, close_to, close_from, from_step, to_step)";
            launch::functions(gpu, &text(&walk, reach, item, declared, call), &["run"])
        };
        let squares = |n: i64| (n + SQUARE - 1) / SQUARE;
        let count = walk.count as i64 * squares(close_to.size) * squares(close_from.size);
        let mut key = walk.key(reach);
        key.number(item);
        let function = launch::by_key(gpu, "transpose", key, text)?[0];
        walk.add_to(&mut parameters);
        parameters.address(source).address(target);
        parameters.bytes(&(close_to.size as u32).to_ne_bytes()).bytes(&(close_from.size as u32).to_ne_bytes());
        parameters.int(close_to.steps[0]).int(close_from.steps[1]);
        // SAFETY: the parameters are those of the text; both sides hold the elements that the walk and the two dimensions name.
        return unsafe { parameters.launch(gpu, function, (launch::blocks_of(count as usize, 1)?, 1), THREADS as u32) };
    }
    let width = walk.widen(to.dtype().size(), &[(0, source), (1, target)], &mut []);
    let each = unrolled(walk.count);
    let mut key = walk.key(0);
    key.number(width).number(each);
    let function = launch::by_key(gpu, "move", key, || {
        let call = format!("move_all<{each}, I>(walk, from, to, n)");
        launch::functions(gpu, &text(&walk, 0, width, "const S* from, S* to, uint64_t n", &call), &["run"])
    })?[0];
    walk.add_to(&mut parameters);
    parameters.address(source).address(target).int(walk.count as i64);
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
