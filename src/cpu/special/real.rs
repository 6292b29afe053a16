//! The float types that special functions are written over, and the two ways to sum a table.

use num_traits::{Float, FloatConst};

/// `f32` or `f64`. A function of `f32` computes in `f32`, as torch's do, unless it says otherwise.
pub trait Real: Float + FloatConst + Send + Sync + std::fmt::Debug + 'static {
    /// Significant bits.
    const DIGITS: u32;
    /// A constant or table entry, rounded.
    fn of(x: f64) -> Self;
    /// As `f64`, exactly.
    fn wide(self) -> f64;
    /// The error function (Sun's fdlibm, through `libm`).
    fn erf(self) -> Self;
    /// One less the error function.
    fn erfc(self) -> Self;
    /// Logarithm of the gamma function's magnitude; `f32` rounds the `f64` result.
    fn lgamma(self) -> Self;
    /// Inverse hyperbolic sine; `f32` rounds the `f64` result, here and in the next two.
    fn arsinh(self) -> Self;
    /// Inverse hyperbolic cosine.
    fn arcosh(self) -> Self;
    /// Inverse hyperbolic tangent.
    fn artanh(self) -> Self;
    /// The next number towards `to`.
    fn next_after(self, to: Self) -> Self;
    /// Mantissa in `[0.5, 1)` and exponent of two.
    fn split(self) -> (Self, i32);
    /// The remainder of the division that rounds to nearest (C's `remainder`).
    fn ieee_remainder(self, by: Self) -> Self;
    /// Halves rounded to even.
    fn half_even(self) -> Self;
    /// C's `pow`.
    fn power(self, y: Self) -> Self;
}

macro_rules! real {
    ($t:ty, $digits:literal, $erf:path, $erfc:path, $lgamma:expr, $next:path, $frexp:path, $remainder:path) => {
        impl Real for $t {
            const DIGITS: u32 = $digits;
            #[inline(always)]
            fn of(x: f64) -> Self {
                x as $t
            }
            #[inline(always)]
            fn wide(self) -> f64 {
                f64::from(self)
            }
            fn erf(self) -> Self {
                $erf(self)
            }
            fn erfc(self) -> Self {
                $erfc(self)
            }
            fn lgamma(self) -> Self {
                $lgamma(self)
            }
            fn arsinh(self) -> Self {
                libm::asinh(f64::from(self)) as $t
            }
            fn arcosh(self) -> Self {
                (if self < 1.0 { f64::NAN } else { libm::acosh(f64::from(self)) }) as $t
            }
            fn artanh(self) -> Self {
                libm::atanh(f64::from(self)) as $t
            }
            fn next_after(self, to: Self) -> Self {
                $next(self, to)
            }
            fn split(self) -> (Self, i32) {
                $frexp(self)
            }
            fn ieee_remainder(self, by: Self) -> Self {
                $remainder(self, by)
            }
            #[inline(always)]
            fn half_even(self) -> Self {
                self.round_ties_even()
            }
            #[inline(always)]
            fn power(self, y: Self) -> Self {
                <$t>::powf(self, y)
            }
        }
    };
}
real!(
    f32,
    24,
    libm::erff,
    libm::erfcf,
    |x: f32| ln_gamma(f64::from(x)) as f32,
    libm::nextafterf,
    libm::frexpf,
    libm::remainderf
);
real!(f64, 53, libm::erf, libm::erfc, ln_gamma, libm::nextafter, libm::frexp, libm::remainder);

fn ln_gamma(x: f64) -> f64 {
    // fdlibm gives nan for -inf where C gives inf.
    if x == f64::NEG_INFINITY { f64::INFINITY } else { libm::lgamma(x) }
}

/// A polynomial, highest power first (Cephes's `polevl`). Fused, as in torch's build, so that results near zeros agree.
#[inline(always)]
pub(super) fn polynomial<T: Real>(x: T, table: &[f64]) -> T {
    table.iter().fold(T::zero(), |sum, &c| sum.mul_add(x, T::of(c)))
}

/// A Chebyshev series in `x` on `[-2, 2]`, highest order first (Cephes's `chbevl`).
#[inline(always)]
pub(super) fn chebyshev<T: Real>(x: T, table: &[f64]) -> T {
    let (mut b0, mut b1, mut b2) = (T::of(table[0]), T::zero(), T::zero());
    for &c in &table[1..] {
        b2 = b1;
        b1 = b0;
        b0 = x.mul_add(b1, -b2) + T::of(c);
    }
    T::of(0.5) * (b0 - b2)
}
