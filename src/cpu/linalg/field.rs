//! The number types of linear algebra: `f32`, `f64` and their complex numbers, under one trait; and the two loops that most
//! algorithms are made of.
// Lanes are counted: an iterator's making is a call in the middle of a loop where it is not inlined.
#![allow(clippy::needless_range_loop)]

use crate::base::DType;
use crate::base::dtype::{C32, C64, Element};
use crate::base::scalar::Cast;
use num_traits::{Float, One, Zero};
use std::ops::{Add, AddAssign, Div, Mul, MulAssign, Neg, Sub, SubAssign};

/// A real type.
pub trait Real: Field<Real = Self> + Float {}
impl Real for f32 {}
impl Real for f64 {}

/// A real or complex number as LAPACK computes with it.
pub trait Field:
    Element
    + Cast
    + super::large::Large
    + Zero
    + One
    + Neg<Output = Self>
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + AddAssign
    + SubAssign
    + MulAssign
{
    /// The type of the parts.
    type Real: Real;
    /// Whether there is an imaginary part.
    const COMPLEX: bool;
    /// The dtype of the parts.
    const REAL: DType;

    /// The number with this real part.
    fn real(re: Self::Real) -> Self;
    /// The number with these parts; a real type drops the imaginary one.
    fn parts(re: Self::Real, im: Self::Real) -> Self;
    /// Real part.
    fn re(self) -> Self::Real;
    /// Imaginary part.
    fn im(self) -> Self::Real;
    /// Complex conjugate.
    fn conj(self) -> Self;
    /// Modulus.
    fn modulus(self) -> Self::Real;

    /// |re| + |im|, LAPACK's cheap modulus.
    #[inline(always)]
    fn taxicab(self) -> Self::Real {
        Float::abs(self.re()) + Float::abs(self.im())
    }

    /// Times a real number.
    #[inline(always)]
    fn scale(self, by: Self::Real) -> Self {
        if Self::COMPLEX { Self::parts(self.re() * by, self.im() * by) } else { self * Self::real(by) }
    }

    /// A nan in any part.
    #[inline(always)]
    fn is_nan(self) -> bool {
        Float::is_nan(self.re()) || Float::is_nan(self.im())
    }

    /// No nan and no infinity.
    #[inline(always)]
    fn is_finite(self) -> bool {
        Float::is_finite(self.re()) && Float::is_finite(self.im())
    }
}

macro_rules! reals {
    ($($t:ty),*) => {$(
        impl Field for $t {
            type Real = $t;
            const COMPLEX: bool = false;
            const REAL: DType = <$t as Element>::DTYPE;
            #[inline(always)]
            fn real(re: $t) -> $t { re }
            #[inline(always)]
            fn parts(re: $t, _: $t) -> $t { re }
            #[inline(always)]
            fn re(self) -> $t { self }
            #[inline(always)]
            fn im(self) -> $t { 0.0 }
            #[inline(always)]
            fn conj(self) -> $t { self }
            #[inline(always)]
            fn modulus(self) -> $t { self.abs() }
        }
    )*};
}
reals!(f32, f64);

macro_rules! complexes {
    ($($c:ty, $t:ty);*) => {$(
        impl Field for $c {
            type Real = $t;
            const COMPLEX: bool = true;
            const REAL: DType = <$t as Element>::DTYPE;
            #[inline(always)]
            fn real(re: $t) -> $c { <$c>::new(re, 0.0) }
            #[inline(always)]
            fn parts(re: $t, im: $t) -> $c { <$c>::new(re, im) }
            #[inline(always)]
            fn re(self) -> $t { self.re }
            #[inline(always)]
            fn im(self) -> $t { self.im }
            #[inline(always)]
            fn conj(self) -> $c { <$c>::conj(&self) }
            #[inline(always)]
            fn modulus(self) -> $t { self.re.hypot(self.im) }
        }
    )*};
}
complexes!(C32, f32; C64, f64);

/// A real constant in the type at hand.
pub fn lit<R: Real>(v: f64) -> R {
    R::from(v).unwrap_or_else(R::zero)
}

/// Lanes that a scalar product is added up in.
const LANES: usize = 8;

/// The sum of `conj(x) y`, in lanes.
#[inline(always)]
pub fn dot<T: Field>(x: &[T], y: &[T]) -> T {
    let mut lanes = [T::zero(); LANES];
    let (n, whole) = (x.len().min(y.len()), x.len().min(y.len()) / LANES * LANES);
    let (x, y) = (&x[..n], &y[..n]);
    let mut at = 0;
    while at < whole {
        let (x, y) = (&x[at..at + LANES], &y[at..at + LANES]);
        for l in 0..LANES {
            lanes[l] += x[l].conj() * y[l];
        }
        at += LANES;
    }
    let mut sum = T::zero();
    for l in 0..LANES {
        sum += lanes[l];
    }
    for i in whole..n {
        sum += x[i].conj() * y[i];
    }
    sum
}

/// `y -= a x`.
#[inline(always)]
pub fn subtract_scaled<T: Field>(y: &mut [T], a: T, x: &[T]) {
    for (y, &x) in y.iter_mut().zip(x) {
        *y -= x * a;
    }
}
