//! Inverse trigonometric and hyperbolic functions.

use super::lane::{Lane, polynomial, sum};
use super::logarithm::log1p_of_sum;

/// Arc tangent of `above / below`, neither negative: the quotient is turned by an eighth or a quarter of a circle to where its absolute
/// value is at most a half.
#[inline(always)]
fn arc<T: Lane>(above: T, below: T) -> T {
    let half = T::of(0.5);
    // Doubled, not halved: the least number has no half.
    let (slanted, steep) = (above + above > below, above > below + below);
    let numerator = if slanted { above - below } else { above };
    let numerator = if steep { -below } else { numerator };
    let denominator = if slanted { above + below } else { below };
    let denominator = if steep { above } else { denominator };
    let t = numerator / denominator;
    let square = t * t;
    let turned = if slanted { half } else { T::zero() };
    let turned = if steep { T::one() } else { turned };
    let rest = (t * square).mul_add(polynomial(square, T::ATAN), turned * T::HALF_PI[1]);
    let (high, lost) = sum(turned * T::HALF_PI[0], t);
    high + (lost + rest)
}

/// With the sign of another number.
#[inline(always)]
fn signed<T: Lane>(value: T, sign: T) -> T {
    if sign.is_sign_negative() { -value } else { value }
}

/// Arc tangent.
#[inline(always)]
pub fn atan<T: Lane>(x: T) -> T {
    signed(arc(x.abs(), T::one()), x)
}

/// The angle of the point `(x, y)`.
#[inline(always)]
pub fn atan2<T: Lane>(y: T, x: T) -> T {
    // Where the sum of both is beyond the largest number an eighth of each will do.
    let large = x.abs() > T::max_value() * T::of(0.25) || y.abs() > T::max_value() * T::of(0.25);
    let scale = if large { T::of(0.125) } else { T::one() };
    let (above, below) = (y.abs() * scale, x.abs() * scale);
    let angle = arc(above, below);
    let angle = if above == T::zero() { above } else { angle };
    let both = above == T::infinity() && below == T::infinity();
    let angle = if both { T::of(0.5) * T::HALF_PI[0] } else { angle };
    let two = T::of(2.0);
    let angle = if x.is_sign_negative() { (two * T::HALF_PI[0] - angle) + two * T::HALF_PI[1] } else { angle };
    let angle = signed(angle, y);
    // nan beside zero.
    if x.is_nan() { x } else { angle }
}

/// Arc sine of what lies in 0..=1, of `x` itself or for above a half of `sqrt((1 - x) / 2)`, and whether it is of that.
#[inline(always)]
fn arc_sine<T: Lane>(x: T) -> (T, T, bool) {
    let half = T::of(0.5);
    let far = x > half;
    let square = if far { half - half * x } else { x * x };
    let root = if far { square.sqrt() } else { x };
    (root, root * square * polynomial(square, T::ASIN), far)
}

/// Arc sine.
#[inline(always)]
pub fn asin<T: Lane>(x: T) -> T {
    let (root, rest, far) = arc_sine(x.abs());
    let two = T::of(2.0);
    let turned = T::HALF_PI[0] - (two * root - (T::HALF_PI[1] - two * rest));
    signed(if far { turned } else { root + rest }, x)
}

/// Arc cosine.
#[inline(always)]
pub fn acos<T: Lane>(x: T) -> T {
    let (root, rest, far) = arc_sine(x.abs());
    let two = T::of(2.0);
    let near = T::HALF_PI[0] - (signed(root, x) - (T::HALF_PI[1] - signed(rest, x)));
    let left = two * T::HALF_PI[0] - (two * root - (two * T::HALF_PI[1] - two * rest));
    let turned = if x < T::zero() { left } else { two * (root + rest) };
    if far { turned } else { near }
}

/// Where the square of a number is all of what its square and one are.
#[inline(always)]
fn vast<T: Lane>(x: T) -> bool {
    x > T::of(1e9)
}

/// Inverse hyperbolic sine: `ln(1 + (a + a^2 / (1 + sqrt(a^2 + 1))))`.
#[inline(always)]
pub fn asinh<T: Lane>(x: T) -> T {
    let a = x.abs();
    let root = a.mul_add(a, T::one()).sqrt();
    let (near, lost) = sum(a, a * (a / (T::one() + root)));
    let far = vast(a);
    let value = log1p_of_sum(if far { a - T::one() } else { near }, if far { T::zero() } else { lost });
    let value = if far { value + T::LN_2[0] } else { value };
    // Zero, and what is so small that it is its own.
    signed(if a < T::epsilon() { a } else { value }, x)
}

/// Inverse hyperbolic cosine: `ln(1 + (t + sqrt(2 t + t^2)))` of `t = x - 1`.
#[inline(always)]
pub fn acosh<T: Lane>(x: T) -> T {
    let t = x - T::one();
    let root = t.mul_add(t, T::of(2.0) * t).sqrt();
    let (near, lost) = sum(root, t);
    let far = vast(x);
    let value = log1p_of_sum(if far { t } else { near }, if far { T::zero() } else { lost });
    let value = if far { value + T::LN_2[0] } else { value };
    if x < T::one() { T::nan() } else { value }
}

/// Inverse hyperbolic tangent: `ln(1 + 2 a / (1 - a)) / 2`.
#[inline(always)]
pub fn atanh<T: Lane>(x: T) -> T {
    let a = x.abs();
    let below = T::one() - a;
    let below_low = (T::one() - below) - a;
    let quotient = T::of(2.0) * a / below;
    let lost = ((-quotient).mul_add(below, T::of(2.0) * a) - quotient * below_low) / below;
    let lost = if below == T::zero() { T::zero() } else { lost };
    let value = T::of(0.5) * log1p_of_sum(quotient, lost);
    signed(if a < T::epsilon() { a } else { value }, x)
}
