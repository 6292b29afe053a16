//! Large matrices go to `faer`, where the feature `linalg` is on: the same factorizations, blocked and vectorised.

use super::field::Field;
use super::lu::Lu;
use super::matrix::Mat;
use super::svd::Svd;
use super::tridiagonal::Eigh;

/// Matrices with fewer rows and columns than this follow LAPACK's unblocked algorithms.
pub const LIMIT: usize = 64;

/// LU factorization; `None` leaves it to the caller.
pub fn lu<T: Field>(_: &Mat<T>) -> Option<Lu<T>> {
    None
}

/// Singular values; `None` leaves them to the caller.
pub fn svd<T: Field>(_: &Mat<T>, _: bool) -> Option<Svd<T>> {
    None
}

/// Eigenvalues of a Hermitian matrix; `None` leaves them to the caller.
pub fn eigh<T: Field>(_: &Mat<T>, _: bool) -> Option<Eigh<T>> {
    None
}

/// Eigenvalues of a general matrix; `otherwise` computes them for small ones.
pub fn eig_or<T: Field, R>(a: &Mat<T>, otherwise: impl Fn(&Mat<T>) -> Option<R>) -> Option<R> {
    otherwise(a)
}
