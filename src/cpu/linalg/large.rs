//! Large matrices go to `faer`, where the feature `linalg` is on: the same factorizations, blocked and vectorised.
//! Signs of singular vectors and eigenvectors are faer's there. Without the feature every size takes LAPACK's way.

use super::eigen::{Eigen, normalise};
use super::field::Field;
use super::lu::Lu;
use super::matrix::Mat;
use super::svd::Svd;
use super::tridiagonal::Eigh;

/// Matrices with fewer rows and columns than this follow LAPACK's unblocked algorithms.
pub const LIMIT: usize = 128;

/// Matrices from this size on are worth several threads.
#[cfg(feature = "linalg")]
const PARALLEL: usize = 256;

/// The factorizations of large matrices; each gives `None` to leave the matrix to the caller.
pub trait Large: Sized {
    /// LU factorization.
    fn lu(_: &Mat<Self>) -> Option<Lu<Self>>
    where
        Self: Field,
    {
        None
    }

    /// Singular value decomposition.
    fn svd(_: &Mat<Self>, _full: bool) -> Option<Svd<Self>>
    where
        Self: Field,
    {
        None
    }

    /// Eigenvalues of a Hermitian matrix given by one triangle.
    fn eigh(_: &Mat<Self>, _upper: bool) -> Option<Eigh<Self>>
    where
        Self: Field,
    {
        None
    }

    /// Eigenvalues and unit eigenvectors of a general matrix.
    #[allow(clippy::type_complexity)]
    fn eig(_: &Mat<Self>) -> Option<(Vec<Self::Complex>, Mat<Self::Complex>)>
    where
        Self: Eigen,
    {
        None
    }
}

/// `otherwise` for a small matrix, and where [`Large::eig`] gives nothing.
#[allow(clippy::type_complexity)]
pub fn eig<T: Eigen>(a: &Mat<T>) -> Option<(Vec<T::Complex>, Mat<T::Complex>)> {
    let done = if a.rows >= LIMIT { <T as Large>::eig(a) } else { None };
    done.or_else(|| <T as Eigen>::eig(a))
}

#[cfg(not(feature = "linalg"))]
mod backend {
    use super::Large;
    use crate::base::dtype::{C32, C64};

    impl Large for f32 {}
    impl Large for f64 {}
    impl Large for C32 {}
    impl Large for C64 {}
}

#[cfg(feature = "linalg")]
mod backend {
    use super::{Eigen, Eigh, Field, Large, Lu, Mat, PARALLEL, Svd, normalise};
    use crate::base::dtype::{C32, C64};
    use crate::base::interrupt;
    use faer::{MatRef, Par, Side};

    fn view<T>(a: &Mat<T>) -> MatRef<'_, T> {
        let n = a.rows.max(a.cols);
        faer::set_global_parallelism(if n < PARALLEL { Par::Seq } else { Par::rayon(0) });
        MatRef::from_column_major_slice(&a.data, a.rows, a.cols)
    }

    /// Runs a factorization; one that takes its time can be interrupted.
    fn factor<T: Clone + Send + 'static, R: Send + 'static>(a: &Mat<T>, run: fn(MatRef<'_, T>) -> R) -> R {
        if a.rows.max(a.cols) < PARALLEL {
            return run(view(a));
        }
        let a = a.clone();
        interrupt::abandonable(move || run(view(&a)))
    }

    fn own<T: Field>(a: MatRef<'_, T>) -> Mat<T> {
        let mut out = Mat::zeros(a.nrows(), a.ncols());
        for j in 0..a.ncols() {
            for i in 0..a.nrows() {
                out[(i, j)] = a[(i, j)];
            }
        }
        out
    }

    macro_rules! large {
        ($($t:ty),*) => {$(
            impl Large for $t {
                fn lu(a: &Mat<Self>) -> Option<Lu<Self>> {
                    if !a.is_finite() {
                        return None;
                    }
                    let parts = factor(a, |a| a.partial_piv_lu());
                    let (l, u) = (parts.L(), parts.U());
                    let k = a.rows.min(a.cols);
                    let mut factors = Mat::zeros(a.rows, a.cols);
                    for j in 0..a.cols {
                        for i in 0..a.rows {
                            factors[(i, j)] = if i > j { l[(i, j)] } else { u[(i, j)] };
                        }
                    }
                    // From the permutation to the exchanges that make it.
                    let wanted = parts.P().arrays().0;
                    let mut order: Vec<usize> = (0..a.rows).collect();
                    let mut place = order.clone();
                    let mut pivots = Vec::with_capacity(k);
                    for i in 0..k {
                        let at = place[wanted[i]];
                        pivots.push(at);
                        order.swap(i, at);
                        place[order[i]] = i;
                        place[order[at]] = at;
                    }
                    let zero = (0..k).find(|&i| factors[(i, i)] == <$t>::default());
                    Some(Lu { factors, pivots, info: zero.map_or(0, |i| i as i32 + 1) })
                }

                fn svd(a: &Mat<Self>, full: bool) -> Option<Svd<Self>> {
                    let parts = factor(a, if full { |a| a.svd() } else { |a| a.thin_svd() }).ok()?;
                    let s = parts.S().column_vector();
                    Some(Svd {
                        u: own(parts.U()),
                        s: (0..s.nrows()).map(|i| s[i].re()).collect(),
                        vh: own(parts.V()).transposed(true),
                    })
                }

                fn eigh(a: &Mat<Self>, upper: bool) -> Option<Eigh<Self>> {
                    let parts = if upper {
                        factor(a, |a| a.self_adjoint_eigen(Side::Upper))
                    } else {
                        factor(a, |a| a.self_adjoint_eigen(Side::Lower))
                    }
                    .ok()?;
                    let s = parts.S().column_vector();
                    Some(Eigh { values: (0..s.nrows()).map(|i| s[i].re()).collect(), vectors: own(parts.U()) })
                }

                fn eig(a: &Mat<Self>) -> Option<(Vec<<Self as Eigen>::Complex>, Mat<<Self as Eigen>::Complex>)> {
                    let parts = factor(a, |a| a.eigen()).ok()?;
                    let s = parts.S().column_vector();
                    let mut vectors = own(parts.U());
                    normalise(&mut vectors);
                    Some(((0..s.nrows()).map(|i| s[i]).collect(), vectors))
                }
            }
        )*};
    }
    large!(f32, f64, C32, C64);
}
