//! Powers: `f32` through `f64`, `f64` through a logarithm in two parts.

use super::exponential::{exp_of_sum, exp2};
use super::lane::{Lane, polynomial};

/// `(2 artanh(s) / s - 2 - 2/3 s^2) / s^4` in s^2, for |s| to (sqrt 2 - 1) / (sqrt 2 + 1).
const ARTANH: &[f64] = &[
    0.4,
    0.28571428571428564,
    0.22222222222228513,
    0.1818181817963165,
    0.15384615764848786,
    0.1333329624572606,
    0.1176682559778036,
    0.10456047960225535,
    0.10764953135181186,
];

/// 2/3 in two parts.
const TWO_THIRDS: [f64; 2] = [0.6666666666666666, 3.700743415417188e-17];

/// x^y, where [`pow_far`] says no.
#[inline(always)]
pub fn pow<T: Lane>(x: T, y: T) -> T {
    x.raised(y)
}

/// Whether [`pow`] does not know the arguments.
#[inline(always)]
pub fn pow_far<T: Lane>(x: T, y: T) -> bool {
    !(x >= T::min_positive_value() && x < T::infinity() && y.abs() < T::of(1e18))
}

#[inline(always)]
pub(super) fn single(x: f32, y: f32) -> f32 {
    exp2(log_by_quotient(f64::from(x)) * std::f64::consts::LOG2_E * f64::from(y)) as f32
}

#[inline(always)]
pub(super) fn double(x: f64, y: f64) -> f64 {
    let (log, low) = log_in_two(x);
    let product = y * log;
    exp_of_sum(product, y.mul_add(log, -product) + y * low)
}

/// Natural logarithm of a positive normal number by the same series, in one part.
#[inline(always)]
pub(super) fn log_by_quotient(x: f64) -> f64 {
    let (mantissa, exponent) = x.split();
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let square = s * s;
    let rest = s * square * square.mul_add(polynomial(square, ARTANH), TWO_THIRDS[0]);
    exponent.mul_add(f64::LN_2[0], exponent.mul_add(f64::LN_2[1], rest) + 2.0 * s)
}

/// Natural logarithm of a positive normal number with an error of some 2^-64 of it: `ln m = 2 artanh((m - 1) / (m + 1))`, whose
/// first two terms are computed in two parts.
#[inline(always)]
pub(super) fn log_in_two(x: f64) -> (f64, f64) {
    let (mantissa, exponent) = x.split();
    let (above, below) = (mantissa - 1.0, mantissa + 1.0);
    let back = below - 1.0;
    let below_low = (1.0 - (below - back)) + (mantissa - back);
    let s = above / below;
    let s_low = ((-s).mul_add(below, above) - s * below_low) / below;
    let square = s * s;
    let square_low = s.mul_add(s, -square) + 2.0 * s * s_low;
    let beyond = square * polynomial(square, ARTANH);
    let factor = TWO_THIRDS[0] + beyond;
    let factor_low = (TWO_THIRDS[0] - factor) + beyond + TWO_THIRDS[1];
    let cubic = square * factor;
    let cubic_low = square.mul_add(factor, -cubic) + square * factor_low + square_low * factor;
    let rest = s * cubic;
    let rest_low = s.mul_add(cubic, -rest) + s * cubic_low + s_low * cubic;
    let whole = exponent * f64::LN_2[0];
    let whole_low = exponent.mul_add(f64::LN_2[0], -whole) + exponent * f64::LN_2[1];
    // Each sum's first operand is the larger, or zero.
    let first = whole + 2.0 * s;
    let low = ((whole - first) + 2.0 * s) + whole_low + 2.0 * s_low + rest_low;
    let second = first + rest;
    let low = ((first - second) + rest) + low;
    let log = second + low;
    (log, (second - log) + low)
}
