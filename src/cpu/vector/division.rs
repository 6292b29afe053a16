//! Remainders, exact for the quotients that [`division_far`] lets through.

use super::lane::Lane;

/// Whether [`fmod`] and what is made of it do not know the arguments.
#[inline(always)]
pub fn division_far<T: Lane>(x: T, y: T) -> bool {
    !((x / y).abs() < T::of(4e6))
}

/// C's remainder: the quotient, rounded towards zero, can be one too large, and what it leaves is exact.
#[inline(always)]
pub fn fmod<T: Lane>(x: T, y: T) -> T {
    let (above, below) = (x.abs(), y.abs());
    let quotient = (above / below).trunc();
    let rest = (-quotient).mul_add(below, above);
    let rest = if rest < T::zero() { rest + below } else { rest };
    // An infinite divisor leaves everything.
    let rest = if above < below { above } else { rest };
    rest.copysign(x)
}

/// Whether the quotient rounded down is one less than that towards zero.
#[inline(always)]
fn is_below<T: Lane>(rest: T, y: T) -> bool {
    rest != T::zero() && (y < T::zero()) != (rest < T::zero())
}

/// Python's remainder: the divisor's sign.
#[inline(always)]
pub fn remainder<T: Lane>(x: T, y: T) -> T {
    with_sign_of_divisor(fmod(x, y), y)
}

/// [`remainder`] of C's one.
#[inline(always)]
pub fn with_sign_of_divisor<T: Lane>(rest: T, y: T) -> T {
    if is_below(rest, y) { rest + y } else { rest }
}

/// The quotient rounded down, as Python's: consistent with [`remainder`], exact where it is whole.
#[inline(always)]
pub fn floor_divide<T: Lane>(x: T, y: T) -> T {
    quotient_of_rest(x, y, fmod(x, y), |v| v)
}

/// [`floor_divide`] by C's remainder. Each step is rounded by `round`.
#[inline(always)]
pub fn quotient_of_rest<T: Lane>(x: T, y: T, rest: T, round: impl Fn(T) -> T) -> T {
    let plain = round(x / y);
    let quotient = round(round(x - rest) / y);
    let quotient = if is_below(rest, y) { round(quotient - T::one()) } else { quotient };
    let floor = quotient.floor();
    let floor = if round(quotient - floor) > T::of(0.5) { round(floor + T::one()) } else { floor };
    let floor = if quotient == T::zero() { T::zero().copysign(plain) } else { floor };
    if y == T::zero() { plain } else { floor }
}
