//! Cholesky's factorization (Golub and Van Loan, 4.2; LAPACK's xPOTF2) and what follows from it.

use super::field::Field;
use super::lu::{Triangle, substitute};
use super::matrix::Mat;
use num_traits::{Float, Zero};

/// The lower factor of a Hermitian positive definite matrix, of which the lower triangle is read (the upper one gives
/// the upper factor when `upper`), and 0; or the order of the first leading minor that is not positive definite, with the
/// factor as far as it goes.
pub fn cholesky<T: Field>(a: &Mat<T>, upper: bool) -> (Mat<T>, i32) {
    let n = a.rows;
    // The upper factor is the adjoint of the lower factor of the adjoint.
    let mut l = if upper { a.transposed(true).lower() } else { a.clone().lower() };
    let mut info = 0;
    if n >= super::blocked::LIMIT {
        info = super::blocked::cholesky(&mut l);
        let l = l.lower();
        return (if upper { l.transposed(true) } else { l }, info);
    }
    for j in 0..n {
        let mut d = l[(j, j)].re();
        let dot = (0..j).fold(T::Real::zero(), |s, k| {
            let v = l[(j, k)];
            s + v.re() * v.re() + v.im() * v.im()
        });
        d = d - dot;
        l[(j, j)] = T::real(d);
        if d <= T::Real::zero() || Float::is_nan(d) {
            info = j as i32 + 1;
            break;
        }
        let root = d.sqrt();
        l[(j, j)] = T::real(root);
        for i in j + 1..n {
            let dot = (0..j).fold(T::zero(), |s, k| s + l[(i, k)] * l[(j, k)].conj());
            let v = l[(i, j)] - dot;
            l[(i, j)] = T::parts(v.re() / root, v.im() / root);
        }
    }
    (if upper { l.transposed(true) } else { l }, info)
}

/// The inverse of a matrix from its factor: the product of the inverted factors (LAPACK's xPOTRI), of which the parts on
/// the diagonal are real.
pub fn inverse<T: Field>(factor: &Mat<T>, upper: bool) -> Mat<T> {
    let n = factor.rows;
    let mut half = Mat::identity(n, n);
    substitute(factor, Triangle { upper, unit: false, transpose: false, conjugate: false }, &mut half);
    // The inverted diagonal counts by its real part.
    (0..n).for_each(|i| half[(i, i)] = T::real(half[(i, i)].re()));
    let adjoint = half.transposed(true);
    if upper { half.times(&adjoint) } else { adjoint.times(&half) }
}

/// Solves `l l^H x = b` (`u^H u x = b` when `upper`) in place.
pub fn solve<T: Field>(factor: &Mat<T>, upper: bool, b: &mut Mat<T>) {
    let plain = Triangle { upper, unit: false, transpose: false, conjugate: false };
    let adjoint = Triangle { transpose: true, conjugate: true, ..plain };
    let (first, second) = if upper { (adjoint, plain) } else { (plain, adjoint) };
    substitute(factor, first, b);
    substitute(factor, second, b);
}
