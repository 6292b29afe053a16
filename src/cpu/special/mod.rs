//! Special functions: scalar functions over `f32` and `f64` (and complex), as the primitives' loops call them.
//!
//! Where torch follows the Cephes library, so do these, with its coefficients and its order of operations.

mod bessel;
mod bessel_tables;
pub mod complex;
mod elementary;
mod erfcx_table;
mod error_function;
mod gamma_family;
mod incomplete_gamma;
mod integers;
mod map;
mod modified_bessel;
mod modified_bessel_tables;
mod polynomials;
mod real;
mod temme_table;
#[cfg(test)]
mod tests;

pub use bessel::{airy_ai, bessel_j0, bessel_j1, bessel_y0, bessel_y1, spherical_bessel_j0};
pub use elementary::{
    angle, entr, floor_divide, heaviside, hypot, log_add_exp_step, logaddexp, logaddexp2, logit, next_half, pow_number,
    remainder, round_decimals, sigmoid, sinc, xlog1py, xlogy,
};
pub use error_function::{erfcx, erfinv, log_ndtr, ndtri};
pub use gamma_family::{digamma, polygamma, trigamma, zeta};
pub use incomplete_gamma::{igamma, igammac};
pub use integers::{
    Integer, floor_divide_int, fmod_int, gcd, lcm, pow_int, remainder_int, round_decimals_int, trunc_divide_int,
};
pub use map::{frexp, logit_of, mvlgamma_of, polygamma_of};
pub use modified_bessel::{
    i0, i0e, i1, i1e, modified_bessel_i0, modified_bessel_i1, modified_bessel_k0, modified_bessel_k1,
    scaled_modified_bessel_k0, scaled_modified_bessel_k1,
};
pub use polynomials::{
    Chebyshev, chebyshev_polynomial, degree, hermite_polynomial_h, hermite_polynomial_he, laguerre_polynomial_l,
    legendre_polynomial_p, shifted_chebyshev_polynomial,
};
pub use real::Real;
