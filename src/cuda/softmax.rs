//! Softmax and its logarithm on a GPU.

use super::lines::{self, Lines, Store, Whole};
use super::loader::Loader;
use super::sources::SOFTMAX;
use super::types::register;
use crate::base::DType;
use crate::base::error::Result;
use crate::store::View;
use crate::store::cuda::Gpu;

/// Softmax along `dim`, or its logarithm, of the elements converted to `dtype`.
///
/// # Errors
/// What the device refuses.
pub fn softmax(gpu: &'static Gpu, x: Loader, dim: i64, dtype: Option<DType>, log: bool) -> Result<Option<View>> {
    let dtype = dtype.unwrap_or(x.dtype);
    let x = x.cast(dtype);
    let Some(lines) = Lines::along(&x, dim) else { return Ok(None) };
    if !dtype.is_float() {
        return Ok(None);
    }
    let out = View::empty_on(gpu.device(), dtype, &x.sizes)?;
    let element = register(dtype);
    let store = Store { argument: element, outs: &[(dtype, "a")], inputs: &[] };
    let log = if log { "true, " } else { "false, " };
    let part = if dtype == DType::F64 { "Scaled<double>" } else { "Scaled<float>" };
    let whole = Whole { text: SOFTMAX, name: "softmax", options: (element, log), part, store, inputs: &[] };
    lines::run(gpu, &lines, &whole, std::slice::from_ref(&out), &|_| Ok(()))?;
    Ok(Some(out))
}

/// The gradient along `dim` of what softmax, or its logarithm, gave as `result`, from that of the result.
///
/// # Errors
/// What the device refuses.
pub fn back(gpu: &'static Gpu, grad: Loader, result: &View, dim: i64, log: bool) -> Result<Option<View>> {
    let dtype = result.dtype();
    if !dtype.is_float() || grad.dtype != dtype || grad.sizes[..] != *result.sizes() || result.on_device().is_none() {
        return Ok(None);
    }
    let wide = dtype.opmath();
    let x = grad.paired(&[result], wide, "e", "e0")?;
    let Some(lines) = Lines::along(&x, dim) else { return Ok(None) };
    let out = View::empty_on(gpu.device(), dtype, &x.sizes)?;
    let element = register(wide);
    let store = Store { argument: element, outs: &[(dtype, "a")], inputs: &[] };
    let options = match (log, wide == DType::F64) {
        (false, false) => "false, float",
        (false, true) => "false, double",
        (true, false) => "true, float",
        (true, true) => "true, double",
    };
    let whole =
        Whole { text: SOFTMAX, name: "softmax_back", options: (options, ""), part: element, store, inputs: &[] };
    lines::run(gpu, &lines, &whole, std::slice::from_ref(&out), &|_| Ok(()))?;
    Ok(Some(out))
}
