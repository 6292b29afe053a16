//! The number types of linear algebra: `f32`, `f64` and their complex numbers, under one trait.

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
    fn taxicab(self) -> Self::Real {
        Float::abs(self.re()) + Float::abs(self.im())
    }

    /// Times a real number.
    fn scale(self, by: Self::Real) -> Self {
        if Self::COMPLEX { Self::parts(self.re() * by, self.im() * by) } else { self * Self::real(by) }
    }

    /// A nan in any part.
    fn is_nan(self) -> bool {
        Float::is_nan(self.re()) || Float::is_nan(self.im())
    }

    /// No nan and no infinity.
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
            fn real(re: $t) -> $t { re }
            fn parts(re: $t, _: $t) -> $t { re }
            fn re(self) -> $t { self }
            fn im(self) -> $t { 0.0 }
            fn conj(self) -> $t { self }
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
            fn real(re: $t) -> $c { <$c>::new(re, 0.0) }
            fn parts(re: $t, im: $t) -> $c { <$c>::new(re, im) }
            fn re(self) -> $t { self.re }
            fn im(self) -> $t { self.im }
            fn conj(self) -> $c { <$c>::conj(&self) }
            fn modulus(self) -> $t { self.re.hypot(self.im) }
        }
    )*};
}
complexes!(C32, f32; C64, f64);

/// A real constant in the type at hand.
pub fn lit<R: Real>(v: f64) -> R {
    R::from(v).unwrap_or_else(R::zero)
}
