//! Cholesky's factorization (Golub and Van Loan, 4.2; LAPACK's xPOTF2) and what follows from it.

use super::field::{Field, subtract_scaled};
use super::large::{Large, TRIANGULAR};
use super::lu::{Triangle, substitute};
use super::matrix::Mat;
use crate::cpu::isa::widest;
use num_traits::{Float, Zero};

/// The lower factor of a Hermitian positive definite matrix, of which the lower triangle is read (the upper one gives
/// the upper factor when `upper`), and 0; or the order of the first leading minor that is not positive definite, with the
/// factor as far as it goes.
pub fn cholesky<T: Field>(a: &Mat<T>, upper: bool) -> (Mat<T>, i32) {
    // The upper factor is the adjoint of the lower factor of the adjoint.
    let taken = || if upper { a.transposed(true) } else { a.clone() };
    let mut l = taken();
    let large = a.rows >= TRIANGULAR;
    let mut info = 0;
    if !large || !<T as Large>::cholesky(&mut l) {
        if large {
            l = taken();
        }
        info = widest(
            #[inline(always)]
            || by_columns(&mut l),
        );
    }
    let l = l.lower();
    (if upper { l.transposed(true) } else { l }, info)
}

/// Factorizes in place, column by column.
#[inline(always)]
fn by_columns<T: Field>(l: &mut Mat<T>) -> i32 {
    let n = l.rows;
    let mut sums = vec![T::zero(); n];
    for j in 0..n {
        // What the columns before take from this one.
        sums[j..].fill(T::zero());
        for k in 0..j {
            let column = &l.col(k)[j..];
            subtract_scaled(&mut sums[j..], -column[0].conj(), column);
        }
        let column = l.col_mut(j);
        let d = column[j].re() - sums[j].re();
        column[j] = T::real(d);
        if d <= T::Real::zero() || Float::is_nan(d) {
            return j as i32 + 1;
        }
        let root = d.sqrt();
        column[j] = T::real(root);
        for (v, &sum) in column[j + 1..].iter_mut().zip(&sums[j + 1..]) {
            let open = *v - sum;
            *v = T::parts(open.re() / root, open.im() / root);
        }
    }
    0
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
