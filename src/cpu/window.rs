//! Window functions of signal processing.
//!
//! Each step rounds to the dtype, as ATen's chain of elementwise calls does.

use super::create;
use crate::base::DType;
use crate::base::error::{Result, runtime};
use crate::base::scalar::{Cast, Scalar};
use crate::dispatch;
use crate::store::View;
use std::f64::consts::PI;

/// A window's shape and its parameters.
#[derive(Clone, Copy, Debug)]
pub enum Window {
    /// `alpha - beta * cos(2 pi n / (N - 1))`: Hamming's with its two coefficients, Hann's with one half twice.
    Cosine {
        /// The constant.
        alpha: f64,
        /// The cosine's weight.
        beta: f64,
    },
    /// `0.42 - 0.5 cos + 0.08 cos`.
    Blackman,
    /// A triangle.
    Bartlett,
    /// Kaiser's, with its `beta`.
    Kaiser(f64),
}

/// `name(length, periodic)`: one period without its last point, or symmetric.
///
/// # Errors
/// torch's, for a negative length or a dtype that is not floating.
pub fn window(name: &str, kind: Window, length: i64, periodic: bool, dtype: DType) -> Result<View> {
    if !dtype.is_float() && !dtype.is_complex() {
        return Err(runtime(format!(
            "{name} expects floating point dtypes, got: TensorOptions(dtype={}, device=cpu, layout=Strided (default), \
             requires_grad=false (default), pinned_memory=false, memory_format=(nullopt))",
            dtype.cpp()
        )));
    }
    if length < 0 {
        return Err(runtime(format!("{name} requires non-negative window_length, got window_length={length}")));
    }
    if length <= 1 {
        return create::full(&[length], Scalar::Int(1), dtype);
    }
    let whole = length + i64::from(periodic);
    let mut out = create::arange(Scalar::Int(0), Scalar::Int(whole), Scalar::Int(1), dtype)?;
    let last = (whole - 1) as f64;
    let rising = (whole - 1) / 2 + 1;
    dispatch!(dtype, float T => {
        let round = |v: f64| T::from_scalar(Scalar::Float(v)).to_scalar().to_f64();
        for (i, v) in (0..).zip(out.slice_mut::<T>()) {
            let n = v.to_scalar().to_f64();
            let value = match kind {
                Window::Cosine { alpha, beta } => {
                    let cos = round(round(n * round(PI * 2.0 / last)).cos());
                    round(round(cos * round(-beta)) + round(alpha))
                }
                Window::Blackman => {
                    let n = round(n * round(PI / last));
                    let wave = |k: f64, by: f64| round(round(round(n * k).cos()) * round(by));
                    round(round(wave(4.0, 0.08) - wave(2.0, 0.5)) + round(0.42))
                }
                Window::Bartlett => {
                    let up = round(n * round(2.0 / last));
                    if i < rising { up } else { round(2.0 - up) }
                }
                Window::Kaiser(beta) => {
                    let x = round(n * round(2.0 / last) - 1.0);
                    let y = round((1.0 - x * x).max(0.0));
                    round(bessel_i0(round(beta * round(y.sqrt()))) / bessel_i0(beta))
                }
            };
            *v = T::from_scalar(Scalar::Float(value));
        }
    }, else ());
    Ok(out.narrow(0, 0, length))
}

/// The modified Bessel function of the first kind, order 0, by its power series.
fn bessel_i0(x: f64) -> f64 {
    let quarter = x * x / 4.0;
    let (mut term, mut sum, mut k) = (1.0, 1.0, 1.0);
    while term > sum * f64::EPSILON / 4.0 && k < 2000.0 {
        term *= quarter / (k * k);
        sum += term;
        k += 1.0;
    }
    sum
}
