//! Logarithms.

use super::lane::{Lane, polynomial, sum};

/// `ln(1 + f)` less `f`.
#[inline(always)]
fn beyond_first<T: Lane>(f: T) -> T {
    let square = f * f;
    (square * f).mul_add(polynomial(f, T::LOG), -(T::of(0.5) * square))
}

/// `f` and the exponent `e` of `x = (1 + f) 2^e`, for positive `x`.
#[inline(always)]
fn split<T: Lane>(x: T) -> (T, T) {
    // A power of two that lifts every subnormal number.
    let lift = T::of((1u64 << 54) as f64);
    let small = x < T::min_positive_value();
    let (mantissa, exponent) = (if small { x * lift } else { x }).split();
    (mantissa - T::one(), if small { exponent - T::of(54.0) } else { exponent })
}

/// The logarithm's values where it is no number, or none that is finite.
#[inline(always)]
fn edges<T: Lane>(x: T, result: T) -> T {
    let result = if x == T::zero() { T::neg_infinity() } else { result };
    let result = if x < T::zero() { T::nan() } else { result };
    // Infinity and nan are their own.
    if x < T::infinity() { result } else { x }
}

/// Natural logarithm.
#[inline(always)]
pub fn log<T: Lane>(x: T) -> T {
    let (f, e) = split(x);
    let rest = e.mul_add(T::LN_2[1], beyond_first(f));
    edges(x, e.mul_add(T::LN_2[0], f + rest))
}

/// Logarithm of `1 + x`, without loss near zero.
#[inline(always)]
pub fn log1p<T: Lane>(x: T) -> T {
    log1p_of_sum(x, T::zero())
}

/// Logarithm of `1 + x + low`, for a `low` that `x` has lost by its rounding.
#[inline(always)]
pub(super) fn log1p_of_sum<T: Lane>(x: T, low: T) -> T {
    let sum = T::one() + x;
    // What the sum lost, brought to the mantissa's scale.
    let lost = if sum < T::of(1e8) { (x - (sum - T::one())) + low } else { T::zero() };
    let (f, e) = split(sum);
    // Where nothing is lost, the exponent may have no power of its own.
    let scale = if e > T::of(64.0) { T::zero() } else { e };
    let f = f + lost * T::power(T::SHIFTER - scale);
    let rest = e.mul_add(T::LN_2[1], beyond_first(f));
    let result = edges(sum, e.mul_add(T::LN_2[0], f + rest));
    // The sign of zero stays.
    if x == T::zero() { x } else { result }
}

/// `e * unit + ln(1 + f) * per`, with both constants in two parts.
#[inline(always)]
fn based<T: Lane>(f: T, e: T, unit: [T; 2], per: [T; 2]) -> T {
    let half_square = T::of(0.5) * f * f;
    let square_lost = (T::of(0.5) * f).mul_add(f, -half_square);
    let cubic = (f * f * f).mul_add(polynomial(f, T::LOG), -square_lost);
    let first = f - half_square;
    let (log, lost) = sum(first, cubic + ((f - first) - half_square));
    let low = log.mul_add(per[1], lost.mul_add(per[0], e * unit[1]));
    let product = log * per[0];
    let low = low + log.mul_add(per[0], -product);
    let units = e * unit[0];
    let (high, gone) = sum(units, product);
    high + (low + (gone + e.mul_add(unit[0], -units)))
}

/// Logarithm to base 2.
#[inline(always)]
pub fn log2<T: Lane>(x: T) -> T {
    let (f, e) = split(x);
    edges(x, based(f, e, [T::one(), T::zero()], T::LOG2_E))
}

/// Logarithm to base 10.
#[inline(always)]
pub fn log10<T: Lane>(x: T) -> T {
    let (f, e) = split(x);
    edges(x, based(f, e, T::LOG10_2, T::LOG10_E))
}

/// Mantissa in `[0.5, 1)` and exponent of two (C's `frexp`); zeros, infinities and nans are their own mantissas.
#[inline(always)]
pub fn fraction(x: f64) -> (f64, i32) {
    const EXPONENT: u64 = 0x7ff << 52;
    // As `split`, subnormal numbers are lifted.
    let small = x.abs() < f64::MIN_POSITIVE;
    let bits = (if small { x * 18_014_398_509_481_984.0 } else { x }).to_bits();
    let exponent = ((bits & EXPONENT) >> 52) as i32 - if small { 1022 + 54 } else { 1022 };
    let mantissa = f64::from_bits(bits & !EXPONENT | 1022 << 52);
    if x == 0.0 || !x.is_finite() { (x, 0) } else { (mantissa, exponent) }
}
