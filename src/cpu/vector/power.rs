//! Powers of single precision, computed in double.

use super::exponential::exp2;
use super::logarithm::log2;

/// x^y, for positive finite `x` and finite `y`.
#[inline(always)]
pub fn pow(x: f32, y: f32) -> f32 {
    exp2(log2(f64::from(x)) * f64::from(y)) as f32
}

/// Whether [`pow`] does not know the arguments.
#[inline(always)]
pub fn pow_far(x: f32, y: f32) -> bool {
    !(x > 0.0 && x < f32::INFINITY && y.abs() < f32::INFINITY)
}
