//! Functions of elements that no primitive is: with parameters of their own, with two results, or of pairs.

use super::copy::computed;
use super::loader::Loader;
use super::types::{register, rounded, stored};
use crate::base::error::Result;
use crate::base::promote::default_dtype;
use crate::base::{DType, Scalar};
use crate::cpu::create::pair;
use crate::store::View;
use crate::store::cuda::Gpu;
use std::fmt::Write;

/// A formula over the element `x`, of a float type `T`, and a number `a`; `None` for complex numbers.
fn mapped(gpu: &'static Gpu, x: Loader, a: (Scalar, Option<DType>), formula: &str) -> Result<Option<View>> {
    let dtype = if x.dtype.is_integral() { default_dtype() } else { x.dtype };
    if dtype.is_complex() {
        return Ok(None);
    }
    let mut x = x.cast(dtype);
    _ = writeln!(
        x.code,
        "        typedef {} T; const T x = {}; const auto a = n{};",
        register(dtype),
        x.value,
        x.numbers.len()
    );
    x.numbers.push((a.0, a.1.unwrap_or(dtype)));
    x.value = rounded(dtype, formula);
    computed(gpu, &x, dtype).map(Some)
}

/// `ln(x / (1 - x))`, where `eps` is given of elements clamped to `[eps, 1 - eps]`.
///
/// # Errors
/// What the device refuses.
pub fn logit(gpu: &'static Gpu, x: Loader, eps: Option<f64>) -> Result<Option<View>> {
    let formula = if eps.is_some_and(|e| e >= 0.0) { "special::logit(x, a)" } else { "special::logit(x)" };
    mapped(gpu, x, (Scalar::Float(eps.unwrap_or(-1.0)), None), formula)
}

/// The derivative of order `n` of the digamma function; `None` for negative orders, too.
///
/// # Errors
/// What the device refuses.
pub fn polygamma(gpu: &'static Gpu, n: i64, x: Loader) -> Result<Option<View>> {
    if n < 0 {
        return Ok(None);
    }
    mapped(gpu, x, (Scalar::Int(n), Some(DType::I64)), "special::polygamma(x, a)")
}

/// Mantissas in `[0.5, 1)` and exponents of two; `None` where elements are no floats.
///
/// # Errors
/// What the device refuses.
pub fn frexp(gpu: &'static Gpu, mut x: Loader) -> Result<Option<(View, View)>> {
    if !x.dtype.is_float() {
        return Ok(None);
    }
    let powers = View::empty_on(gpu.device(), DType::I32, &x.sizes)?;
    let (dtype, kind) = (x.dtype, register(x.dtype));
    _ = writeln!(
        x.code,
        "        int32_t power = 0; const {kind} mantissa = special::frexp({kind}({}), &power);",
        x.value
    );
    x.kept.push((powers.clone(), "power".to_owned()));
    x.value = rounded(dtype, "mantissa");
    Ok(Some((computed(gpu, &x, dtype)?, powers)))
}

/// Complex numbers of two parts, or of absolute values and angles; `None` for what the CPU's function is to refuse.
///
/// # Errors
/// What the device refuses.
pub fn complex(gpu: &'static Gpu, a: &View, b: &View, polar: bool) -> Result<Option<View>> {
    let Ok((dtype, a, b)) = pair(a, b) else { return Ok(None) };
    if polar && a.dtype().is_half() {
        return Ok(None);
    }
    let parts = if polar { "v0 * cos(v1), v0 * sin(v1)" } else { "v0, v1" };
    let mut both = Loader::over(&[&a, &b], a.sizes(), dtype.real(), &format!("{}{{{parts}}}", stored(dtype)))?;
    (both.dtype, both.complex) = (dtype, true);
    computed(gpu, &both, dtype).map(Some)
}
