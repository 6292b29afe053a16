//! Elements that go, stay or change place by a rule: filling, reversing, triangles.
#![allow(unsafe_code)]

use super::picks::{THREADS, word};
use crate::base::error::Result;
use crate::base::shape::wrap_dims;
use crate::cpu::create;
use crate::cpu::index::triangle::Half;
use crate::cuda::launch::{self, Parameters};
use crate::cuda::moves;
use crate::cuda::sources::{self, REARRANGE, Text, WALK};
use crate::cuda::walk::Walk;
use crate::store::View;
use crate::store::cuda::Gpu;

/// Blocks of a kernel whose threads go on until all is done.
pub(super) fn grid(gpu: &Gpu, count: usize) -> u32 {
    let most = gpu.properties.multiprocessors.max(1) as usize * 16;
    count.div_ceil(THREADS).min(most) as u32
}

/// A kernel of `kernels/rearrange.cu` over words of so many bytes: its parameters behind the walk, and the call.
fn text(walk: &Walk, reach: i64, width: usize, declared: &str, call: &str) -> Text<'static> {
    let kernel = format!(
        "namespace tensh {{\n{}typedef {} S;\nextern \"C\" __global__ void __launch_bounds__({THREADS}) run(const W walk, \
         {declared}) {{\n    {call};\n}}\n}}  // namespace tensh\n",
        walk.text(reach),
        word(width)
    );
    sources::with(&[WALK, REARRANGE], kernel, false)
}

/// Reversed along dimensions; `None` for such as are to be refused.
///
/// # Errors
/// What the device refuses.
pub fn flip(gpu: &'static Gpu, x: &View, dims: &[i64]) -> Result<Option<View>> {
    let Ok(dims) = wrap_dims(dims, x.ndim()) else { return Ok(None) };
    let out = create::empty_like(x, x.dtype())?;
    let mut strides = x.strides().to_vec();
    let mut start = 0;
    for d in dims.into_iter().filter(|&d| d < x.ndim()) {
        start += (x.sizes()[d] - 1).max(0) * strides[d];
        strides[d] = -strides[d];
    }
    let Some((_, from)) = x.on_device() else { return Ok(None) };
    // In the order of the target's memory, so that neighbouring threads write neighbours.
    let order = View::memory_order(std::slice::from_ref(&out));
    let order: Vec<usize> = order.into_iter().rev().collect();
    let strides: Vec<i64> = order.iter().map(|&d| strides[d]).collect();
    moves::copy_from(gpu, from, start, &strides, &out.permute(&order))?;
    Ok(Some(out))
}

/// A copy of the matrices in `x` with zeros outside the half.
///
/// # Errors
/// What the device refuses.
pub fn triangle(gpu: &'static Gpu, x: &View, diagonal: i64, half: Half) -> Result<Option<View>> {
    let &[.., height, width] = x.sizes() else { return Ok(None) };
    let mut walk = Walk::new(x.sizes(), &[x.strides()]);
    if walk.count == 0 {
        return Ok(None);
    }
    let out = View::empty_on(gpu.device(), x.dtype(), x.sizes())?;
    let (Some((_, from)), Some((_, to))) = (x.on_device(), out.on_device_mut()) else { return Ok(None) };
    let (item, mut steps) = (x.dtype().size(), [width]);
    let pack = walk.widen(item, &[(0, from)], &mut steps) / item;
    let words = format!("Pack<S, {pack}>");
    let declared =
        format!("const {words}* x, {words}* out, int64_t diagonal, uint64_t height, uint64_t width, uint64_t n");
    let mut key = walk.key(0);
    key.number(item).number(pack).byte(half as u8);
    let function = launch::by_key(gpu, "triangle", key, || {
        launch::functions(
            gpu,
            &text(
                &walk,
                0,
                item,
                &declared,
                &format!("triangle<{}, {pack}, I>(walk, x, out, diagonal, height, width, n)", half == Half::Lower),
            ),
            &["run"],
        )
    })?[0];
    let mut parameters = Parameters::new();
    walk.add_to(&mut parameters);
    // Beyond the corners nothing changes.
    let diagonal = diagonal.clamp(-height, width);
    parameters.address(from).address(to).int(diagonal).int(height).int(steps[0]).int(walk.count as i64);
    // SAFETY: the parameters are those of the text; the output has an element for each of the walk's.
    unsafe { parameters.launch(gpu, function, (launch::blocks_of(walk.count, THREADS)?, 1), THREADS as u32)? };
    Ok(Some(out))
}
