//! Continuous distributions, drawn one number at a time in `f64` and rounded to the tensor's dtype.

use super::generator::Generator;
use super::walk;
use super::words::{cxx, lacking};
use crate::base::dtype::DType;
use crate::base::error::Result;
use crate::base::scalar::Cast;
use crate::store::View;
use crate::{bail, dispatch, ensure};
use std::f64::consts::PI;

/// `out.exponential_(lambda)`, by the inverse of the distribution function.
///
/// # Errors
/// torch's errors for a rate that is not positive and for dtypes that are not floating.
pub fn exponential_(out: &mut View, lambda: f64, generator: &mut Generator) -> Result<()> {
    ensure!(lambda > 0.0, "exponential_ expects lambda > 0.0, but found lambda={}", cxx(lambda));
    if out.numel() > 0 && !out.dtype().is_float() {
        bail!(
            "Exponential distribution is a continuous probability distribution. dtype must be a floating point but \
             you specified {}",
            out.dtype().aten()
        );
    }
    let scale = -1.0 / lambda;
    draw(out, "exponential_cpu", generator, |u| scale * (-u).ln_1p())
}

/// `out.cauchy_(median, sigma)`, by the inverse of the distribution function.
///
/// # Errors
/// torch's errors for a `sigma` that is not positive and for dtypes that are not floating.
pub fn cauchy_(out: &mut View, median: f64, sigma: f64, generator: &mut Generator) -> Result<()> {
    ensure!(sigma > 0.0, "cauchy_ expects sigma > 0.0, but found sigma={}", cxx(sigma));
    ensure!(
        out.dtype().is_float(),
        "Cauchy distribution is a continuous probability distribution. dtype must be a floating point but you \
         specified {}",
        out.dtype().cpp()
    );
    draw(out, "cauchy_cpu", generator, |u| sigma.mul_add((PI * (u - 0.5)).tan(), median))
}

/// `out.log_normal_(mean, std)`: the exponential of normal numbers.
///
/// # Errors
/// torch's errors for a `std` that is not positive and for dtypes that are not floating.
pub fn log_normal_(out: &mut View, mean: f64, std: f64, generator: &mut Generator) -> Result<()> {
    ensure!(std > 0.0, "log_normal_ expects std > 0.0, but found std={}", cxx(std));
    if out.numel() == 0 {
        return Ok(());
    }
    let mut next = || generator.normal().mul_add(std, mean).exp();
    dispatch!(out.dtype(), float T => {
        walk::fill(out, || T::from_scalar(next().into()))
    }, else Err(lacking("log_normal_cpu", out.dtype())))
}

fn draw(out: &mut View, kernel: &str, generator: &mut Generator, f: impl Fn(f64) -> f64 + Sync) -> Result<()> {
    let dtype: DType = out.dtype();
    if out.numel() == 0 {
        return Ok(());
    }
    dispatch!(dtype, float T => {
        walk::from_uniforms(out, generator, |u| T::from_scalar(f(u).into()))
    }, else Err(lacking(kernel, dtype)))
}
