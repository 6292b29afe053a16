//! The error function.

use super::exponential::exp;
use super::lane::{Lane, polynomial};

/// The error function: a series in `x^2` up to 1, beyond it 1 less the exponential of a polynomial.
#[inline(always)]
pub fn erf<T: Lane>(x: T) -> T {
    let size = x.abs();
    let near = x.mul_add(polynomial(x * x, T::ERF), x);
    let held = if size > T::ERF_END { T::ERF_END } else { size };
    let beyond = (T::one() - exp(polynomial(held, T::LOG_ERFC))).copysign(x);
    if size > T::one() { beyond } else { near }
}
