//! Normalizations on a GPU.

use super::copy;
use super::lines::{self, Lines, Store, Whole};
use super::loader::Loader;
use super::sources::NORM;
use super::types::register;
use crate::base::DType;
use crate::base::error::Result;
use crate::store::View;
use crate::store::cuda::Gpu;

/// The last `dims` dimensions together brought to expectation 0 and variance 1, then times `weight` and plus `bias`, of as many elements.
/// The caller has checked sizes and dtypes.
///
/// # Errors
/// What the device refuses.
pub fn layer_norm(
    gpu: &'static Gpu,
    x: &Loader,
    dims: usize,
    weight: Option<&View>,
    bias: Option<&View>,
    eps: f64,
) -> Result<Option<View>> {
    let Some(lines) = Lines::last(x, dims) else { return Ok(None) };
    if !x.dtype.is_float() || weight.into_iter().chain(bias).any(|v| v.on_device().is_none()) {
        return Ok(None);
    }
    let out = View::empty_on(gpu.device(), x.dtype, &x.sizes)?;
    let wide = x.dtype.opmath();
    let element = register(wide);
    let ready = |v: Option<&View>| v.map(|v| copy::cast(gpu, v, wide)).transpose();
    let (weight, bias) = (ready(weight)?, ready(bias)?);
    let value = match (&weight, &bias) {
        (Some(_), Some(_)) => "bias[r] + a * weight[r]",
        (Some(_), None) => "a * weight[r]",
        (None, Some(_)) => "a + bias[r]",
        (None, None) => "a",
    };
    let inputs = match wide {
        DType::F64 => ["double eps", "const double* weight", "const double* bias"],
        _ => ["double eps", "const float* weight", "const float* bias"],
    };
    let store = Store { argument: element, outs: &[(x.dtype, value)], inputs: &inputs };
    let read: Vec<&View> = weight.iter().chain(&bias).collect();
    let whole =
        Whole { text: NORM, name: "norm", options: (element, ""), part: "Spread<double>", store, inputs: &read };
    lines::run(gpu, &lines, &whole, std::slice::from_ref(&out), &|parameters| {
        parameters.bytes(&eps.to_ne_bytes());
        parameters.reads_if(weight.as_ref())?.reads_if(bias.as_ref())?;
        Ok(())
    })?;
    Ok(Some(out))
}
