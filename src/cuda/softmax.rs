//! Softmax and its logarithm on a GPU.

use super::lines::{self, Lines, Store, Whole};
use super::loader::Loader;
use super::sources::SOFTMAX;
use super::types::register;
use crate::base::DType;
use crate::base::error::Result;
use crate::store::View;
use crate::store::cuda::Gpu;

/// What is made of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Softmax.
    Plain,
    /// Its logarithm.
    Log,
    /// Softmax, but zeros in a row of negative infinities.
    Safe,
}

impl Kind {
    /// Its name as a template argument.
    fn name(self) -> &'static str {
        match self {
            Kind::Plain => "PLAIN, ",
            Kind::Log => "LOG, ",
            Kind::Safe => "SAFE, ",
        }
    }
}

/// Softmax along `dim`, or its logarithm, of the elements converted to `dtype`.
///
/// # Errors
/// What the device refuses.
pub fn softmax(gpu: &'static Gpu, x: Loader, dim: i64, dtype: Option<DType>, kind: Kind) -> Result<Option<View>> {
    let dtype = dtype.unwrap_or(x.dtype);
    let x = x.cast(dtype);
    let Some(lines) = Lines::along(&x, dim) else { return Ok(None) };
    if !dtype.is_float() {
        return Ok(None);
    }
    let out = View::empty_on(gpu.device(), dtype, &x.sizes)?;
    let element = register(dtype);
    let store = Store { argument: element, outs: &[(dtype, "a")], inputs: &[], by: None };
    let part = if dtype == DType::F64 { "Scaled<double>" } else { "Scaled<float>" };
    let whole =
        Whole { text: SOFTMAX, name: "softmax", options: (element, kind.name()), part, store, inputs: &[], within: 0 };
    lines::run(gpu, &lines, &whole, std::slice::from_ref(&out), &|_| Ok(()))?;
    Ok(Some(out))
}

/// The gradient along `dim` of what softmax, or its logarithm, gave as `result`, from that of the result;
/// times `scale`.
///
/// # Errors
/// What the device refuses.
pub fn back(gpu: &'static Gpu, grad: Loader, result: &View, dim: i64, kind: Kind, scale: f64) -> Result<Option<View>> {
    let dtype = result.dtype();
    if !dtype.is_float() || grad.dtype != dtype || grad.sizes[..] != *result.sizes() || result.on_device().is_none() {
        return Ok(None);
    }
    let wide = dtype.opmath();
    let x = grad.paired(&[result], wide, "e", "e0")?;
    let Some(lines) = Lines::along(&x, dim) else { return Ok(None) };
    let out = View::empty_on(gpu.device(), dtype, &x.sizes)?;
    let element = register(wide);
    let scaled = format!("a * {element}(scale)");
    let (value, inputs): (&str, &[&str]) = if scale == 1.0 { ("a", &[]) } else { (&scaled, &["double scale"]) };
    let store = Store { argument: element, outs: &[(dtype, value)], inputs, by: None };
    let options = match (kind == Kind::Log, wide == DType::F64) {
        (false, false) => "PLAIN, float",
        (false, true) => "PLAIN, double",
        (true, false) => "LOG, float",
        (true, true) => "LOG, double",
    };
    let whole = Whole {
        text: SOFTMAX,
        name: "softmax_back",
        options: (options, ""),
        part: element,
        store,
        inputs: &[],
        within: 0,
    };
    lines::run(gpu, &lines, &whole, std::slice::from_ref(&out), &|parameters| {
        if scale != 1.0 {
            parameters.bytes(&scale.to_ne_bytes());
        }
        Ok(())
    })?;
    Ok(Some(out))
}
