//! Losses of class numbers on a GPU.
#![allow(unsafe_code)]

use super::copy;
use super::flag::Flag;
use super::key::Key;
use super::launch::{self, Parameters, THREADS};
use super::sources::{self, INDEX, LIKELIHOOD, WALK};
use super::types::stored;
use crate::base::error::Result;
use crate::base::{DType, Device};
use crate::cpu::index::likelihood::Classes;
use crate::store::View;
use crate::store::cuda::Gpu;
use crate::store::cuda::driver::Function;
use std::rc::Rc;

fn kernels(gpu: &Gpu, dtype: DType) -> Result<Rc<[Function]>> {
    let mut key = Key::new();
    key.byte(dtype as u8);
    launch::by_key(gpu, "likelihood", key, || {
        let global = format!("extern \"C\" __global__ void __launch_bounds__({THREADS})");
        let text = format!(
            "namespace tensh {{\ntypedef {} S;\n\
             {global} pick(const S* x, const int64_t* target, const S* weight, S* losses, S* weights, int64_t ignore, uint64_t count, \
             uint64_t inner, uint64_t n, uint32_t* flag) {{\n    \
             pick_losses<S>(x, target, weight, losses, weights, ignore, count, inner, n, flag);\n}}\n\
             {global} spread(const S* grad, uint64_t step, const int64_t* target, const S* weight, S* out, int64_t ignore, \
             uint64_t count, uint64_t inner, uint64_t n) {{\n    \
             spread_losses<S>(grad, step, target, weight, out, ignore, count, inner, n);\n}}\n}}  // namespace tensh\n",
            stored(dtype)
        );
        launch::functions(gpu, &sources::with(&[WALK, INDEX, LIKELIHOOD], text, false), &["pick", "spread"])
    })
}

/// Contiguous views: numbers, classes and weights.
fn packed(gpu: &'static Gpu, x: &View, target: &View, weight: Option<&View>) -> Result<(View, View, Option<View>)> {
    let weight = weight.map(|w| copy::contiguous(gpu, w)).transpose()?;
    Ok((copy::contiguous(gpu, x)?, copy::contiguous(gpu, target)?, weight))
}

/// Whether all lie on a device, and numbers are floats.
fn there(x: &View, target: &View, weight: Option<&View>) -> bool {
    let away = |v: &View| v.device() != Device::Cpu;
    x.dtype().is_float() && away(x) && away(target) && weight.is_none_or(away)
}

/// What each position's class has of the negative scores, and its weight; `None` where a class is none, too.
///
/// # Errors
/// What the device refuses.
pub fn picked(
    gpu: &'static Gpu,
    x: &View,
    target: &View,
    weight: Option<&View>,
    ignore: i64,
) -> Result<Option<(View, View)>> {
    if !there(x, target, weight) {
        return Ok(None);
    }
    let classes = Classes::of(x.sizes());
    let (x, target, weight) = packed(gpu, x, target, weight)?;
    let losses = View::empty_on(gpu.device(), x.dtype(), target.sizes())?;
    let weights = View::empty_on(gpu.device(), x.dtype(), target.sizes())?;
    let n = target.numel();
    if n == 0 {
        return Ok(Some((losses, weights)));
    }
    let flag = Flag::of_indices(gpu)?;
    let mut parameters = Parameters::new();
    parameters.reads(&x)?.reads(&target)?.reads_if(weight.as_ref())?.writes(&losses)?.writes(&weights)?;
    parameters.int(ignore).int(classes.count as i64).int(classes.inner as i64).int(n as i64).address(flag.address());
    // SAFETY: the parameters are those of the text; classes outside are not followed, and the results have an element for each.
    unsafe { parameters.launch(gpu, kernels(gpu, x.dtype())?[0], (launch::blocks(n)?, 1), THREADS)? };
    Ok(if flag.is_set()? { None } else { Some((losses, weights)) })
}

/// The gradient of the scores, of these sizes.
///
/// # Errors
/// What the device refuses.
pub fn spread(
    gpu: &'static Gpu,
    grad: &View,
    target: &View,
    weight: Option<&View>,
    ignore: i64,
    sizes: &[i64],
) -> Result<Option<View>> {
    if !there(grad, target, weight) {
        return Ok(None);
    }
    let classes = Classes::of(sizes);
    let (grad, target, weight) = packed(gpu, grad, target, weight)?;
    let out = View::empty_on(gpu.device(), grad.dtype(), sizes)?;
    let n = out.numel();
    if n == 0 {
        return Ok(Some(out));
    }
    let step = i64::from(grad.numel() > 1);
    let mut parameters = Parameters::new();
    parameters.reads(&grad)?.int(step).reads(&target)?.reads_if(weight.as_ref())?.writes(&out)?;
    parameters.int(ignore).int(classes.count as i64).int(classes.inner as i64).int(n as i64);
    // SAFETY: the parameters are those of the text; there is a class for each position of the sizes.
    unsafe { parameters.launch(gpu, kernels(gpu, grad.dtype())?[1], (launch::blocks(n)?, 1), THREADS)? };
    Ok(Some(out))
}
