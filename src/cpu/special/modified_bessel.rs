//! Modified Bessel functions (Cephes, i0.c, i1.c, k0.c, k1.c): Chebyshev series on two ranges.

use super::modified_bessel_tables::*;
use super::real::{Real, chebyshev};

/// The argument of the series below 8.
fn near<T: Real>(x: T) -> T {
    x / T::of(2.0) - T::of(2.0)
}

/// The argument of the series from `8` on (`32 / x - 2`) or from 2 on (`8 / x - 2`).
fn far<T: Real>(scale: f64, x: T) -> T {
    T::of(scale) / x - T::of(2.0)
}

/// First kind, order 0, scaled by `exp(-|x|)`.
pub fn i0e<T: Real>(x: T) -> T {
    let x = x.abs();
    if x <= T::of(8.0) { chebyshev(near(x), &I0_A) } else { chebyshev(far(32.0, x), &I0_B) / x.sqrt() }
}

/// First kind, order 0.
pub fn i0<T: Real>(x: T) -> T {
    let x = x.abs();
    if x <= T::of(8.0) {
        return x.exp() * chebyshev(near(x), &I0_A);
    }
    x.exp() * chebyshev(far(32.0, x), &I0_B) / x.sqrt()
}

/// The tables of `i1` and `i1e`: single precision has its own.
fn order_1<T: Real>() -> (&'static [f64], &'static [f64]) {
    if T::DIGITS == 53 { (&I1_A, &I1_B) } else { (&I1_A_SINGLE, &I1_B_SINGLE) }
}

fn with_sign<T: Real>(value: T, x: T) -> T {
    if x < T::zero() { -value } else { value }
}

/// First kind, order 1, scaled by `exp(-|x|)`.
pub fn i1e<T: Real>(x: T) -> T {
    let ((a, b), size) = (order_1::<T>(), x.abs());
    let value =
        if size <= T::of(8.0) { chebyshev(near(size), a) * size } else { chebyshev(far(32.0, size), b) / size.sqrt() };
    with_sign(value, x)
}

/// First kind, order 1.
pub fn i1<T: Real>(x: T) -> T {
    let ((a, b), size) = (order_1::<T>(), x.abs());
    let value = if size <= T::of(8.0) {
        size.exp() * size * chebyshev(near(size), a)
    } else {
        size.exp() * chebyshev(far(32.0, size), b) / size.sqrt()
    };
    with_sign(value, x)
}

/// First kind, order 0: `torch.special.modified_bessel_i0`.
pub fn modified_bessel_i0<T: Real>(x: T) -> T {
    i0(x)
}

/// First kind, order 1: `torch.special.modified_bessel_i1`, by the tables of double precision.
pub fn modified_bessel_i1<T: Real>(x: T) -> T {
    let size = x.abs();
    let value = if size <= T::of(8.0) {
        chebyshev(near(size), &I1_A) * size * size.exp()
    } else {
        size.exp() * chebyshev(far(32.0, size), &I1_B) / size.sqrt()
    };
    with_sign(value, x)
}

/// The second kind's value at 0 and below.
fn below<T: Real>(x: T) -> Option<T> {
    if x == T::zero() {
        return Some(T::infinity());
    }
    (x < T::zero()).then(T::nan)
}

/// Second kind, order 0, up to 2.
fn k0_small<T: Real>(x: T) -> T {
    (-(T::of(0.5) * x).ln()).mul_add(modified_bessel_i0(x), chebyshev(x.mul_add(x, T::of(-2.0)), &K0_A))
}

/// Second kind, order 1, up to 2.
fn k1_small<T: Real>(x: T) -> T {
    (T::of(0.5) * x).ln().mul_add(modified_bessel_i1(x), chebyshev(x.mul_add(x, T::of(-2.0)), &K1_A) / x)
}

/// Second kind, order 0.
pub fn modified_bessel_k0<T: Real>(x: T) -> T {
    below(x).unwrap_or_else(|| {
        if x <= T::of(2.0) { k0_small(x) } else { (-x).exp() * chebyshev(far(8.0, x), &K0_B) / x.sqrt() }
    })
}

/// Second kind, order 1.
pub fn modified_bessel_k1<T: Real>(x: T) -> T {
    below(x).unwrap_or_else(|| {
        if x <= T::of(2.0) { k1_small(x) } else { (-x).exp() * chebyshev(far(8.0, x), &K1_B) / x.sqrt() }
    })
}

/// Second kind, order 0, scaled by `exp(x)`.
pub fn scaled_modified_bessel_k0<T: Real>(x: T) -> T {
    below(x).unwrap_or_else(|| {
        if x <= T::of(2.0) { k0_small(x) * x.exp() } else { chebyshev(far(8.0, x), &K0_B) / x.sqrt() }
    })
}

/// Second kind, order 1, scaled by `exp(x)`.
pub fn scaled_modified_bessel_k1<T: Real>(x: T) -> T {
    below(x).unwrap_or_else(|| {
        if x <= T::of(2.0) { k1_small(x) * x.exp() } else { chebyshev(far(8.0, x), &K1_B) / x.sqrt() }
    })
}
