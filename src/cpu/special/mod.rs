//! Special functions: scalar functions over `f32` and `f64` (and complex), as the primitives' loops call them.
//!
//! Where torch follows the Cephes library, so do these, with its coefficients and its order of operations. What has no loop of
//! unknown length is written without branches, so that it runs on whole registers (see [`super::vector`]).

mod airy;
mod bessel;
mod bessel_tables;
pub mod complex;
mod elementary;
pub mod gamma_family;
mod incomplete_gamma;
mod map;
mod modified_bessel;
mod modified_bessel_tables;
mod normal;
mod polynomials;
mod real;
mod temme_table;
#[cfg(test)]
mod tests;

pub use airy::{airy_ai, airy_ai_beyond, airy_ai_far};
pub use bessel::{
    bessel_j0, bessel_j0_far, bessel_j1, bessel_j1_far, bessel_y0, bessel_y0_far, bessel_y1, bessel_y1_far,
    spherical_bessel_j0, spherical_bessel_j0_far,
};
pub use elementary::{entr, logaddexp, logaddexp2, logit, next_half, sinc, sinc_beyond, sinc_far, xlog1py, xlogy};
pub use gamma_family::{digamma, trigamma, trigamma_beyond, trigamma_far, zeta};
pub use incomplete_gamma::{igamma, igammac};
pub use map::{frexp, logit_of, polygamma_of};
pub use modified_bessel::{
    i0, i0e, i1, i1e, modified_bessel_i1, modified_bessel_k0, modified_bessel_k1, scaled_modified_bessel_k0,
    scaled_modified_bessel_k1,
};
pub use normal::ndtri;
pub use polynomials::{
    Chebyshev, chebyshev_polynomial, degree, hermite_polynomial_h, hermite_polynomial_he, laguerre_polynomial_l,
    legendre_polynomial_p, shifted_chebyshev_polynomial,
};
pub use real::Real;
