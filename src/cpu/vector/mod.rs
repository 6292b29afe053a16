//! Elementary functions for loops over many elements: no branches, no tables, no calls, so that the compiler runs them on whole
//! registers. Written once for `f32` and `f64`; only the coefficients differ.
//!
//! The polynomials are interpolations at Chebyshev nodes, made for this file with 60 digits; arguments are reduced with
//! constants in two or three parts and fused multiplication, after W. Cody and W. Waite, *Software Manual for the Elementary
//! Functions* (1980). Errors are at most 2 units in the last place, `erfinv`'s 3 (`tests.rs` measures them). Sines, powers and
//! remainders are exact to that only in a range; each says where, and who calls takes the C library's beyond
//! (see [`crate::cpu::block::ranged1`]).

mod division;
mod error_function;
mod exponential;
mod gamma;
mod inverse;
mod lane;
mod logarithm;
mod power;
mod rounding;
#[cfg(test)]
mod tests;
mod trigonometric;

pub use division::{division_far, floor_divide, fmod, quotient_of_rest, remainder, with_sign_of_divisor};
pub use error_function::{coarse_erf, erf, erfc, erfcx, erfinv, gelu, log_ndtr};
pub use exponential::{cosh, exp, exp2, expm1, hyperbolic_far, sigmoid, sinh, tanh};
pub use gamma::lgamma;
pub use inverse::{acos, acosh, asin, asinh, atan, atan2, atanh};
pub use lane::Lane;
pub use logarithm::{fraction, log, log1p, log2, log10};
pub use power::{pow, pow_far};
pub use rounding::{round_decimals, round_decimals_beyond, round_decimals_far};
pub use trigonometric::{cos, far, sin, sin_cos, tan};
