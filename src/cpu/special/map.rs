//! Special functions with parameters, run over views.

use super::{Real, logit, polygamma};
use crate::base::DType;
use crate::base::error::{Result, not_implemented, runtime};
use crate::base::promote::default_dtype;
use crate::base::scalar::Cast;
use crate::cpu::copy;
use crate::dispatch;
use crate::ensure;
use crate::store::View;

/// A function in single and in double precision.
struct Pair<A: Fn(f32) -> f32, B: Fn(f64) -> f64>(A, B);

/// Applies a function to every element; integers are taken as the default float, halves are computed in single
/// precision.
fn map<A: Fn(f32) -> f32, B: Fn(f64) -> f64>(x: &View, kernel: &str, f: Pair<A, B>) -> Result<View> {
    let dtype = if x.dtype().is_integral() { default_dtype() } else { x.dtype() };
    let mut out = copy::clone(&copy::cast(x, dtype)?)?;
    match dtype {
        DType::F64 => out.slice_mut::<f64>().iter_mut().for_each(|v| *v = f.1(*v)),
        _ => dispatch!(dtype, float T => {
            out.slice_mut::<T>().iter_mut().for_each(|v| *v = T::cast_from(f.0(f32::cast_from(*v))));
        }, else return Err(not_implemented(format!("\"{kernel}\" not implemented for '{}'", dtype.aten())))),
    }
    Ok(out)
}

/// `torch.polygamma(n, x)`.
///
/// # Errors
/// torch's errors for a negative order and for complex dtypes.
pub fn polygamma_of(n: i64, x: &View) -> Result<View> {
    ensure!(n >= 0, "polygamma(n, x) does not support negative n.");
    let kernel = ["digamma", "trigamma"].get(n as usize).copied().unwrap_or("polygamma");
    map(x, kernel, Pair(|v| polygamma(n, v), |v| polygamma(n, v)))
}

/// `torch.logit(x, eps)`.
///
/// # Errors
/// torch's `NotImplementedError` for complex dtypes.
pub fn logit_of(x: &View, eps: Option<f64>) -> Result<View> {
    let dtype = x.dtype();
    let round = |v: f32| match dtype {
        DType::F16 => half::f16::from_f32(v).to_f32(),
        DType::BF16 => half::bf16::from_f32(v).to_f32(),
        _ => v,
    };
    map(x, "logit_cpu", Pair(|v| logit(v, eps.map(|e| e as f32), round), |v| logit(v, eps, |v| v)))
}

/// Logarithm of the multivariate gamma function of dimension `p`.
///
/// # Errors
/// torch's errors for `p` below 1 and for complex dtypes.
pub fn mvlgamma_of(x: &View, p: i64) -> Result<View> {
    ensure!(x.dtype() != DType::Bool, "The input tensor may not be a boolean tensor.");
    ensure!(p >= 1, "p has to be greater than or equal to 1");
    fn sum<T: Real>(x: T, p: i64) -> T {
        let term = |j: i64| (x - T::of(j as f64 / 2.0)).lgamma();
        let terms = (0..p).rev().map(term).fold(T::zero(), |s, t| s + t);
        terms + T::of((p * (p - 1)) as f64 / 4.0 * std::f64::consts::PI.ln())
    }
    map(x, "arange_cpu", Pair(|v| sum(v, p), |v| sum(v, p)))
}

/// Mantissas in `[0.5, 1)` and exponents of two (`int32`).
///
/// # Errors
/// torch's `RuntimeError` for dtypes that are not floating.
pub fn frexp(x: &View) -> Result<(View, View)> {
    let (mut mantissa, mut exponent) = (View::empty(x.dtype(), x.sizes())?, View::empty(DType::I32, x.sizes())?);
    dispatch!(x.dtype(), float T => {
        let parts = mantissa.slice_mut::<T>().iter_mut().zip(exponent.slice_mut::<i32>());
        for ((m, e), v) in parts.zip(x.to_vec::<f64>()) {
            let (fraction, power) = v.split();
            *m = T::cast_from(fraction);
            *e = power;
        }
    }, else return Err(runtime("torch.frexp() only supports floating-point dtypes")));
    Ok((mantissa, exponent))
}
