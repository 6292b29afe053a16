//! Exponentials and what is made of them.

use super::lane::{Lane, polynomial, sum};

/// `x` held between two bounds; nan stays.
#[inline(always)]
fn held<T: Lane>(x: T, [low, high]: [T; 2]) -> T {
    let x = if x < low { low } else { x };
    if x > high { high } else { x }
}

/// `x = n ln 2 + r`: the shifted `n` (see [`Lane::SHIFTER`]), `r`, and what `r` lost when it was rounded.
#[inline(always)]
fn reduced<T: Lane>(x: T) -> (T, T, T) {
    let shifted = x.mul_add(T::LOG2_E[0], T::SHIFTER);
    let n = shifted - T::SHIFTER;
    let first = (-n).mul_add(T::LN_2[0], x);
    let r = (-n).mul_add(T::LN_2[1], first);
    (shifted, r, (-n).mul_add(T::LN_2[1], first - r))
}

/// `exp(r + low)`, rounded little more than once: the sum of the two large terms keeps what it loses.
#[inline(always)]
fn exp_near<T: Lane>(r: T, low: T) -> T {
    let (high, lost) = sum(T::one(), r);
    high + (lost + (r * r).mul_add(polynomial(r, T::EXP), low))
}

#[inline(always)]
fn scaled<T: Lane>(shifted: T, power: T) -> T {
    let (a, b) = T::halved_power(shifted);
    power * a * b
}

/// e^x.
#[inline(always)]
pub fn exp<T: Lane>(x: T) -> T {
    let (shifted, r, low) = reduced(held(x, T::EXP_RANGE));
    scaled(shifted, exp_near(r, low))
}

/// e^(x + more), for a `more` that `x` has lost by its rounding.
#[inline(always)]
pub(super) fn exp_of_sum<T: Lane>(x: T, more: T) -> T {
    // Far beyond the range `more` is large, and would bring back what is held at an end of it.
    let more = if x.abs() > T::of(1e3) { T::zero() } else { more };
    let (shifted, r, low) = reduced(held(x, T::EXP_RANGE));
    let (r, low) = sum(r, low + more);
    scaled(shifted, exp_near(r, low))
}

/// `e^(x + more) (factor + lost)`, rounded little more than once.
#[inline(always)]
pub(super) fn exp_times<T: Lane>(x: T, more: T, factor: T, lost: T) -> T {
    let (shifted, r, low) = reduced(held(x, T::EXP_RANGE));
    let (r, low) = sum(r, low + more);
    let (high, rest) = sum(T::one(), r);
    let rest = rest + (r * r).mul_add(polynomial(r, T::EXP), low);
    scaled(shifted, high.mul_add(factor, rest.mul_add(factor, high * lost)))
}

/// 2^x.
#[inline(always)]
pub fn exp2<T: Lane>(x: T) -> T {
    let x = held(x, T::EXP2_RANGE);
    let shifted = x + T::SHIFTER;
    let rest = x - (shifted - T::SHIFTER);
    let r = rest * T::LN_2[0];
    scaled(shifted, exp_near(r, rest.mul_add(T::LN_2[1], rest.mul_add(T::LN_2[0], -r))))
}

/// e^x - 1 without loss near zero, and what its last rounding lost.
#[inline(always)]
fn expm1_in_two<T: Lane>(x: T) -> (T, T) {
    let (shifted, r, low) = reduced(held(x, [T::EXPM1_LOW, T::EXP_RANGE[1]]));
    let (less_one, lost) = sum(r, (r * r).mul_add(polynomial(r, T::EXP), low));
    // Half of the power, so that the largest results don't overflow on the way.
    let half = T::power(shifted - T::one());
    let beside = half - T::of(0.5);
    let product = less_one * half;
    let result = beside + product;
    // Either of the two may be the larger one.
    let back = result - beside;
    let gone = (beside - (result - back)) + (product - back);
    let (result, lost) = sum(result, lost.mul_add(half, gone));
    (result + result, lost + lost)
}

/// e^x - 1, without loss near zero.
#[inline(always)]
pub fn expm1<T: Lane>(x: T) -> T {
    // Zero, and what is so small that it is its own.
    if x.abs() < T::epsilon() * T::of(0.5) { x } else { expm1_in_two(x).0 }
}

/// 1 / (1 + e^-x).
#[inline(always)]
pub fn sigmoid<T: Lane>(x: T) -> T {
    let (shifted, r, _) = reduced(held(-x, T::EXP_RANGE));
    let (power, lost) = sum(T::one(), (r * r).mul_add(polynomial(r, T::EXP), r));
    let e = scaled(shifted, power);
    let quotient = T::one() / (T::one() + e);
    // The exponential's error counts by the part that it has in the sum, which is 1 - quotient.
    (quotient * (quotient - T::one())).mul_add(lost, quotient)
}

/// Hyperbolic tangent.
#[inline(always)]
pub fn tanh<T: Lane>(x: T) -> T {
    let size = x.abs();
    // Beyond, it is 1.
    let end = T::of(22.0);
    let size = if size > end { end } else { size };
    let (t, lost) = expm1_in_two(size + size);
    let (one, two) = (T::one(), T::of(2.0));
    let below = t + two;
    let near = t < two;
    let quotient = if near { t } else { -two } / below;
    // What the operands' and the quotient's rounding left out; 1 / (t + 2) is (1 - t / (t + 2)) / 2.
    let gone = (two - below) + t + lost;
    let left = (-quotient).mul_add(below, t) + (-quotient).mul_add(gone, lost);
    let small = left * (T::of(0.5) * (one - quotient)) + quotient;
    if near { small } else { one + quotient }.copysign(x)
}

/// Hyperbolic sine, up to [`Lane::HYPERBOLIC_END`].
#[inline(always)]
pub fn sinh<T: Lane>(x: T) -> T {
    let (t, lost) = expm1_in_two(x.abs());
    (T::of(0.5) * (t + (lost + t / (t + T::one())))).copysign(x)
}

/// Hyperbolic cosine, up to [`Lane::HYPERBOLIC_END`].
#[inline(always)]
pub fn cosh<T: Lane>(x: T) -> T {
    let half = T::of(0.5);
    let e = exp(x.abs());
    half.mul_add(e, half / e)
}

/// Whether [`sinh`] and [`cosh`] end before.
#[inline(always)]
pub fn hyperbolic_far<T: Lane>(x: T) -> bool {
    x.abs() > T::HYPERBOLIC_END
}
