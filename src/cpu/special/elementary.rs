//! Elementary functions whose edges torch defines: sines and logarithms of quotients, products and sums.

use super::real::Real;
use crate::cpu::vector::{self, Lane, exp, exp2, log, log1p};

/// `sin(pi x) / (pi x)`, where [`sinc_far`] says no.
#[inline(always)]
pub fn sinc<T: Real>(x: T) -> T {
    let angle = T::PI() * x;
    let value = vector::sin(angle) / angle;
    if x == T::zero() { T::one() } else { value }
}

/// Whether the sine ends before.
#[inline(always)]
pub fn sinc_far<T: Real>(x: T) -> bool {
    vector::far(T::PI() * x)
}

/// [`sinc`] there.
pub fn sinc_beyond<T: Real>(x: T) -> T {
    let angle = T::PI() * x;
    angle.sin() / angle
}

/// `-x ln(x)`, 0 at 0, `-inf` below; `round` rounds the logarithm.
#[inline(always)]
pub fn entr<T: Real>(x: T, round: impl Fn(T) -> T) -> T {
    let value = -x * round(log(x));
    let value = if x == T::zero() { T::zero() } else { value };
    if x < T::zero() { T::neg_infinity() } else { value }
}

/// `ln(x / (1 - x))`; with `eps >= 0` x is first clamped to `[eps, 1 - eps]`. Each step is rounded by `round`.
#[inline(always)]
pub fn logit<T: Real>(x: T, eps: Option<T>, round: impl Fn(T) -> T) -> T {
    let mut z = x;
    if let Some(eps) = eps.filter(|e| *e >= T::zero()) {
        let eps = round(eps);
        let high = round(T::one() - eps);
        let held = if x > high { high } else { x };
        z = if x < eps { eps } else { held };
    }
    let value = log(round(z / round(T::one() - z)));
    if z == T::one() { T::infinity() } else { value }
}

/// `product`, but 0 where `x` is and nan where `y` is.
#[inline(always)]
fn product_edges<T: Real>(x: T, y: T, product: T) -> T {
    let product = if x == T::zero() { T::zero() } else { product };
    if y.is_nan() { T::nan() } else { product }
}

/// `x ln(y)`, 0 where x is 0 unless y is nan; `round` rounds the logarithm.
#[inline(always)]
pub fn xlogy<T: Real>(x: T, y: T, round: impl Fn(T) -> T) -> T {
    product_edges(x, y, x * round(log(y)))
}

/// `x ln(1 + y)`, 0 where x is 0 unless y is nan; `round` rounds the logarithm.
#[inline(always)]
pub fn xlog1py<T: Real>(x: T, y: T, round: impl Fn(T) -> T) -> T {
    product_edges(x, y, x * round(log1p(y)))
}

/// The larger one, the second where they do not compare (C++'s `std::max`).
#[inline(always)]
fn larger<T: Real>(a: T, b: T) -> T {
    if a < b { b } else { a }
}

/// `ln(exp(a) + exp(b))`.
#[inline(always)]
pub fn logaddexp<T: Real>(a: T, b: T) -> T {
    let value = larger(a, b) + log1p(exp(-(a - b).abs()));
    if a.is_infinite() && a == b { a } else { value }
}

/// `log2(2^a + 2^b)`.
#[inline(always)]
pub fn logaddexp2<T: Real>(a: T, b: T) -> T {
    let value = log1p(exp2(-(a - b).abs())).mul_add(<T as Lane>::LOG2_E[0], larger(a, b));
    if a.is_infinite() && a == b { a } else { value }
}

/// The bits of the next 16-bit float after `x` towards `to`; `at` and `aim` are their values.
pub fn next_half(x: u16, to: u16, at: f32, aim: f32) -> u16 {
    if at.is_nan() || at == aim {
        return if at.is_nan() { x } else { to };
    }
    if aim.is_nan() {
        return to;
    }
    if at == 0.0 {
        return (to & 0x8000) | 1;
    }
    if (at < aim) == (at > 0.0) { x + 1 } else { x - 1 }
}
