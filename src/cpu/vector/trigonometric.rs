//! Sine, cosine and tangent, for arguments up to [`Lane::FAR`].

use super::lane::{Lane, polynomial, sum};

/// `x = n pi/2 + r`: the shifted `n` (see [`Lane::SHIFTER`]), and `r`.
#[inline(always)]
fn reduced<T: Lane>(x: T) -> (T, T) {
    let shifted = x.mul_add(T::TWO_OVER_PI, T::SHIFTER);
    let n = shifted - T::SHIFTER;
    // The first is exact: both sides are multiples of the last place of pi/2.
    let r = (-n).mul_add(T::HALF_PI[0], x);
    let r = (-n).mul_add(T::HALF_PI[1], r);
    (shifted, (-n).mul_add(T::HALF_PI[2], r))
}

/// As [`reduced`], with what `r` lost when it was rounded.
#[inline(always)]
fn reduced_in_two<T: Lane>(x: T) -> (T, T, T) {
    let shifted = x.mul_add(T::TWO_OVER_PI, T::SHIFTER);
    let n = shifted - T::SHIFTER;
    let first = (-n).mul_add(T::HALF_PI[0], x);
    let second = n * T::HALF_PI[1];
    let lost = (-n).mul_add(T::HALF_PI[1], second);
    // The exact difference, after D. Knuth, The Art of Computer Programming 2, 4.2.2.
    let r = first - second;
    let back = r - first;
    let gone = (first - (r - back)) - (second + back);
    (shifted, r, (-n).mul_add(T::HALF_PI[2], gone + lost))
}

/// Sine of `r + low`, for |r| to pi/4 and a tiny `low`, with what its last rounding lost.
#[inline(always)]
fn sine<T: Lane>(r: T, low: T) -> (T, T) {
    let square = r * r;
    sum(r, (r * square).mul_add(polynomial(square, T::SIN), low))
}

/// Cosine of `r + low`, likewise.
#[inline(always)]
fn cosine<T: Lane>(r: T, low: T) -> (T, T) {
    let square = r * r;
    let half = T::of(0.5) * square;
    let main = T::one() - half;
    // What the difference lost, and the higher powers.
    let rest = (T::one() - main) - half;
    sum(main, (square * square).mul_add(polynomial(square, T::COS), (-r).mul_add(low, rest)))
}

/// Sine and cosine, for positive arguments.
#[inline(always)]
pub fn sin_cos<T: Lane>(x: T) -> (T, T) {
    let (n, r) = reduced(x);
    let (sine, cosine) = (sine(r, T::zero()).0, cosine(r, T::zero()).0);
    let (a, b) = if T::has_bit(n, 0) { (cosine, sine) } else { (sine, cosine) };
    let odd = T::has_bit(n, 0) != T::has_bit(n, 1);
    (if T::has_bit(n, 1) { -a } else { a }, if odd { -b } else { b })
}

/// Sine.
#[inline(always)]
pub fn sin<T: Lane>(x: T) -> T {
    let (n, r) = reduced(x);
    let value = if T::has_bit(n, 0) { cosine(r, T::zero()).0 } else { sine(r, T::zero()).0 };
    let value = if T::has_bit(n, 1) { -value } else { value };
    // The sign of zero stays.
    if x == T::zero() { x } else { value }
}

/// Cosine.
#[inline(always)]
pub fn cos<T: Lane>(x: T) -> T {
    let (n, r) = reduced(x);
    let value = if T::has_bit(n, 0) { sine(r, T::zero()).0 } else { cosine(r, T::zero()).0 };
    if T::has_bit(n, 0) != T::has_bit(n, 1) { -value } else { value }
}

/// Tangent: the quotient, and what its operands' and its own rounding left out.
#[inline(always)]
pub fn tan<T: Lane>(x: T) -> T {
    let (n, r, low) = reduced_in_two(x);
    let (sine, cosine) = (sine(r, low), cosine(r, low));
    let (above, below) = if T::has_bit(n, 0) { ((-cosine.0, -cosine.1), sine) } else { (sine, cosine) };
    let quotient = above.0 / below.0;
    let left = (-quotient).mul_add(below.0, above.0) + (-quotient).mul_add(below.1, above.1);
    let value = quotient + left / below.0;
    // The sign of zero stays.
    if x == T::zero() { x } else { value }
}

/// Whether the argument is too large for these.
#[inline(always)]
pub fn far<T: Lane>(x: T) -> bool {
    x.abs() > T::FAR
}
