//! The error function and its relatives.

use super::exponential::{exp, exp_times};
use super::lane::{Lane, polynomial};
use super::logarithm::{log, log1p};

/// The error function for |x| to 1.
#[inline(always)]
fn near_zero<T: Lane>(x: T) -> T {
    x.mul_add(polynomial(x * x, T::ERF), x)
}

/// The error function: a series in `x^2` up to 1, beyond it 1 less the exponential of a polynomial.
#[inline(always)]
pub fn erf<T: Lane>(x: T) -> T {
    let size = x.abs();
    let near = near_zero(x);
    let held = if size > T::ERF_END { T::ERF_END } else { size };
    let beyond = (T::one() - exp(polynomial(held, T::LOG_ERFC))).copysign(x);
    if size > T::one() { beyond } else { near }
}

/// ATen's vectors' error function of 16-bit floats: formula 7.1.26 of M. Abramowitz and I. Stegun's Handbook of Mathematical
/// Functions, which is good to 1.5e-7.
#[inline(always)]
pub fn coarse_erf<T: Lane>(x: T) -> T {
    let t = T::one() / x.abs().mul_add(T::of(0.3275911), T::one());
    let coefficients = [-1.453152027, 1.421413741, -0.284496736, 0.254829592];
    let r = coefficients.into_iter().fold(T::of(1.061405429), |r, c| r.mul_add(t, T::of(c)));
    (-exp(-(x * x)) * t).mul_add(r, T::one()).copysign(x)
}

/// `x` times the standard normal distribution function, by [`coarse_erf`].
#[inline(always)]
pub fn gelu<T: Lane>(x: T) -> T {
    let half = x * T::of(0.5);
    half.mul_add(coarse_erf(x * T::of(std::f64::consts::FRAC_1_SQRT_2)), half).copysign(x)
}

/// `exp(x^2) erfc(x)` from a half on, and what its last rounding lost: one polynomial in `(x - 3) / (x + 3)` (after M. Shepherd and
/// J. Laframboise, Mathematics of Computation 36, 1981).
#[inline(always)]
fn scaled_tail<T: Lane>(x: T) -> (T, T) {
    let (one, three) = (T::one(), T::of(3.0));
    // The limit of what follows, which overflows on the way to it.
    let vast = x > T::of(1e9);
    let held = if vast { three } else { x };
    let t = (held - three) / (held + three);
    let beyond = polynomial(t, &T::ERFCX[1..]);
    let above = t.mul_add(beyond, T::ERFCX[0]);
    let above_lost = t.mul_add(beyond, T::ERFCX[0] - above);
    let below = held + held + one;
    let below_lost = held + (held - (below - one));
    let quotient = above / below;
    let left = (-quotient).mul_add(below, above) + (above_lost - quotient * below_lost);
    let limit = T::of(0.564_189_583_547_756_3) / x;
    if vast { (limit, T::zero()) } else { (quotient, left / below) }
}

/// Up to where one less the error function loses nothing.
#[inline(always)]
fn is_near<T: Lane>(x: T) -> bool {
    x.abs() < T::of(0.5)
}

/// One less the error function.
#[inline(always)]
pub fn erfc<T: Lane>(x: T) -> T {
    let (size, end) = (x.abs(), T::of(30.0));
    let size = if size > end { end } else { size };
    let square = size * size;
    let (tail, lost) = scaled_tail(size);
    let tail = exp_times(-square, -size.mul_add(size, -square), tail, lost);
    let beyond = if x < T::zero() { T::of(2.0) - tail } else { tail };
    if is_near(x) { T::one() - near_zero(x) } else { beyond }
}

/// `exp(x^2) erfc(x)`.
#[inline(always)]
pub fn erfcx<T: Lane>(x: T) -> T {
    let size = x.abs();
    let ((tail, lost), grown) = (scaled_tail(size), exp(x * x));
    let tail = tail + lost;
    let beyond = if x < T::zero() { T::of(2.0) * grown - tail } else { tail };
    if is_near(x) { grown * (T::one() - near_zero(x)) } else { beyond }
}

/// Logarithm of the normal distribution function.
#[inline(always)]
pub fn log_ndtr<T: Lane>(x: T) -> T {
    let (t, half) = (x * T::of(std::f64::consts::FRAC_1_SQRT_2), T::of(0.5));
    let (tail, lost) = scaled_tail(t.abs());
    let low = log(half * (tail + lost)) - t * t;
    let high = log1p(-half * erfc(t));
    if x < -T::one() { low } else { high }
}

/// Inverse of the error function, in `w = -ln(1 - x^2)` and its root (after M. Giles, GPU Computing Gems, 2011).
#[inline(always)]
pub fn erfinv<T: Lane>(x: T) -> T {
    let [near, far] = T::ERFINV_MIDDLE;
    let w = -log((-x).mul_add(x, T::one()));
    let slope = polynomial(w - near, T::ERFINV_NEAR);
    let slope = if w > near + near { polynomial(w.sqrt() - far, T::ERFINV_FAR) } else { slope };
    let value = x * slope;
    if x.abs() == T::one() { T::infinity().copysign(x) } else { value }
}
