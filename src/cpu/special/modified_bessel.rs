//! Modified Bessel functions (Cephes, i0.c, i1.c, k0.c, k1.c): Chebyshev series on two ranges, both summed and one chosen.

use super::modified_bessel_tables::*;
use super::real::{Real, chebyshev};
use crate::cpu::vector::{exp, log};

/// The argument of the series below 8.
#[inline(always)]
fn near<T: Real>(x: T) -> T {
    x / T::of(2.0) - T::of(2.0)
}

/// The argument of the series from `8` on (`32 / x - 2`) or from 2 on (`8 / x - 2`).
#[inline(always)]
fn far<T: Real>(scale: f64, x: T) -> T {
    T::of(scale) / x - T::of(2.0)
}

#[inline(always)]
fn is_near<T: Real>(x: T) -> bool {
    x <= T::of(8.0)
}

/// First kind, order 0, scaled by `exp(-|x|)`.
#[inline(always)]
pub fn i0e<T: Real>(x: T) -> T {
    let x = x.abs();
    let (below, beyond) = (chebyshev(near(x), &I0_A), chebyshev(far(32.0, x), &I0_B) / x.sqrt());
    if is_near(x) { below } else { beyond }
}

/// First kind, order 0.
#[inline(always)]
pub fn i0<T: Real>(x: T) -> T {
    let x = x.abs();
    let grown = exp(x);
    let (below, beyond) = (grown * chebyshev(near(x), &I0_A), grown * chebyshev(far(32.0, x), &I0_B) / x.sqrt());
    if is_near(x) { below } else { beyond }
}

#[inline(always)]
fn with_sign<T: Real>(value: T, x: T) -> T {
    if x < T::zero() { -value } else { value }
}

#[inline(always)]
fn i1e_of<T: Real>(x: T, a: &[f64], b: &[f64]) -> T {
    let size = x.abs();
    let (below, beyond) = (chebyshev(near(size), a) * size, chebyshev(far(32.0, size), b) / size.sqrt());
    with_sign(if is_near(size) { below } else { beyond }, x)
}

/// First kind, order 1, scaled by `exp(-|x|)`; single precision has its own tables.
#[inline(always)]
pub fn i1e<T: Real>(x: T) -> T {
    if T::DOUBLE { i1e_of(x, &I1_A, &I1_B) } else { i1e_of(x, &I1_A_SINGLE, &I1_B_SINGLE) }
}

#[inline(always)]
fn i1_of<T: Real>(x: T, a: &[f64], b: &[f64]) -> T {
    let size = x.abs();
    let grown = exp(size);
    let (below, beyond) =
        (grown * size * chebyshev(near(size), a), grown * chebyshev(far(32.0, size), b) / size.sqrt());
    with_sign(if is_near(size) { below } else { beyond }, x)
}

/// First kind, order 1, with the tables of [`i1e`].
#[inline(always)]
pub fn i1<T: Real>(x: T) -> T {
    if T::DOUBLE { i1_of(x, &I1_A, &I1_B) } else { i1_of(x, &I1_A_SINGLE, &I1_B_SINGLE) }
}

/// First kind, order 1: `torch.special.modified_bessel_i1`, by the tables of double precision.
#[inline(always)]
pub fn modified_bessel_i1<T: Real>(x: T) -> T {
    let size = x.abs();
    let grown = exp(size);
    let beyond = grown * chebyshev(far(32.0, size), &I1_B) / size.sqrt();
    with_sign(if is_near(size) { i1_near(size, grown) } else { beyond }, x)
}

/// [`modified_bessel_i1`] up to 8, of what is not negative.
#[inline(always)]
fn i1_near<T: Real>(x: T, grown: T) -> T {
    chebyshev(near(x), &I1_A) * x * grown
}

/// The second kind's value at 0 and below.
#[inline(always)]
fn edges<T: Real>(x: T, value: T) -> T {
    let value = if x == T::zero() { T::infinity() } else { value };
    if x < T::zero() { T::nan() } else { value }
}

/// Second kind, order 0, up to 2.
#[inline(always)]
fn k0_small<T: Real>(x: T, grown: T) -> T {
    let first = grown * chebyshev(near(x), &I0_A);
    (-log(T::of(0.5) * x)).mul_add(first, chebyshev(x.mul_add(x, T::of(-2.0)), &K0_A))
}

/// Second kind, order 1, up to 2.
#[inline(always)]
fn k1_small<T: Real>(x: T, grown: T) -> T {
    log(T::of(0.5) * x).mul_add(i1_near(x, grown), chebyshev(x.mul_add(x, T::of(-2.0)), &K1_A) / x)
}

/// The second kind of what it is up to 2, where `grown` is `exp(x)`, and of its table beyond; scaled by `exp(x)` or not.
#[inline(always)]
fn second_kind<T: Real>(x: T, grown: T, small: T, table: &[f64], scaled: bool) -> T {
    let beyond = chebyshev(far(8.0, x), table);
    let below = if scaled { small * grown } else { small };
    let beyond = if scaled { beyond } else { exp(-x) * beyond } / x.sqrt();
    edges(x, if x <= T::of(2.0) { below } else { beyond })
}

/// Second kind, order 0.
#[inline(always)]
pub fn modified_bessel_k0<T: Real>(x: T) -> T {
    let grown = exp(x);
    second_kind(x, grown, k0_small(x, grown), &K0_B, false)
}

/// Second kind, order 1.
#[inline(always)]
pub fn modified_bessel_k1<T: Real>(x: T) -> T {
    let grown = exp(x);
    second_kind(x, grown, k1_small(x, grown), &K1_B, false)
}

/// Second kind, order 0, scaled by `exp(x)`.
#[inline(always)]
pub fn scaled_modified_bessel_k0<T: Real>(x: T) -> T {
    let grown = exp(x);
    second_kind(x, grown, k0_small(x, grown), &K0_B, true)
}

/// Second kind, order 1, scaled by `exp(x)`.
#[inline(always)]
pub fn scaled_modified_bessel_k1<T: Real>(x: T) -> T {
    let grown = exp(x);
    second_kind(x, grown, k1_small(x, grown), &K1_B, true)
}
