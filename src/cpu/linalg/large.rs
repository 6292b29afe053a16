//! Large matrices go to `faer`, where the feature `linalg` is on: the same factorizations, blocked and vectorised.
//! Signs of singular vectors and eigenvectors are faer's there. Without the feature every size takes LAPACK's way.

use super::eigen::Eigen;
use super::field::Field;
use super::lu::{Lu, Triangle};
use super::matrix::Mat;
use super::svd::Svd;
use super::tridiagonal::Eigh;

/// General matrices with fewer rows than this are decomposed by LAPACK's unblocked algorithms.
const GENERAL: usize = 128;

/// Hermitian matrices and singular values: from this size on LAPACK divides and conquers, and signs come as they come.
pub const DIVIDED: usize = 26;

/// Triangular factors have no signs to choose; the rounding of smaller ones shows in print.
pub const TRIANGULAR: usize = 48;

/// Multiplications of some tens of milliseconds: what takes longer can be interrupted.
#[cfg(feature = "linalg")]
const LONG: usize = 1 << 31;

/// Times `n^3`: the multiplications that take as long as a spectrum.
#[cfg(feature = "linalg")]
const SPECTRAL: usize = 16;

/// The factorizations of large matrices; each gives `None` (or false) to leave the matrix to the caller.
pub trait Large: Sized {
    /// LU factorization; not for a singular matrix.
    fn lu(_: &Mat<Self>) -> Option<Lu<Self>>
    where
        Self: Field,
    {
        None
    }

    /// Cholesky's factor in place of the lower triangle; a matrix that has none is lost.
    fn cholesky(_: &mut Mat<Self>) -> bool
    where
        Self: Field,
    {
        false
    }

    /// Solves `op(t) x = b` in place for a triangle of `t`.
    fn substitute(_: &Mat<Self>, _: Triangle, _: &mut Mat<Self>) -> bool
    where
        Self: Field,
    {
        false
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
    let done = if a.rows >= GENERAL { <T as Large>::eig(a) } else { None };
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
    use super::super::eigen::normalise;
    use super::{Eigen, Eigh, LONG, Large, Lu, Mat, SPECTRAL, Svd, Triangle};
    use crate::base::dtype::{C32, C64};
    use crate::base::interrupt;
    use crate::cpu::parallel;
    use tensh_factor::Factor;

    /// Sizes from which some factorization is shared out over threads.
    const SHARED: usize = 256;

    /// Has the threads started for what shares itself out.
    fn prepare<T>(a: &Mat<T>) {
        if a.rows.max(a.cols) >= SHARED {
            parallel::threads();
        }
    }

    /// Reads a matrix; what takes so many multiplications may be long enough to be interrupted.
    fn read<T: Factor, R: Send + 'static>(
        a: &Mat<T>,
        work: usize,
        run: impl FnOnce(&[T], usize) -> R + Send + 'static,
    ) -> R {
        if work < LONG {
            prepare(a);
            return run(&a.data, a.rows);
        }
        let a = a.clone();
        interrupt::abandonable(move || run(&a.data, a.rows))
    }

    /// The same for what is done in place.
    fn change<T: Factor, R: Send + 'static>(
        a: &mut Mat<T>,
        work: usize,
        run: impl FnOnce(&mut [T], usize) -> R + Send + 'static,
    ) -> R {
        if work < LONG {
            prepare(a);
            return run(&mut a.data, a.rows);
        }
        let mut own = Mat { data: std::mem::take(&mut a.data), ..*a };
        let (done, own) = interrupt::abandonable(move || (run(&mut own.data, own.rows), own));
        *a = own;
        done
    }

    /// A matrix of so many rows from its columns.
    fn mat<T>(rows: usize, data: Vec<T>) -> Mat<T> {
        Mat { rows, cols: data.len() / rows.max(1), data }
    }

    macro_rules! large {
        ($($t:ty),*) => {$(
            impl Large for $t {
                fn lu(a: &Mat<Self>) -> Option<Lu<Self>> {
                    if !a.is_finite() {
                        return None;
                    }
                    let mut factors = a.clone();
                    let k = a.rows.min(a.cols);
                    let wanted = change(&mut factors, a.rows * a.cols * k / 2, Factor::lu);
                    if (0..k).any(|i| factors[(i, i)] == <$t>::default()) {
                        return None;
                    }
                    // From the permutation to the exchanges that make it.
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
                    Some(Lu { factors, pivots, info: 0 })
                }

                fn cholesky(a: &mut Mat<Self>) -> bool {
                    change(a, a.rows * a.rows * a.rows / 4, Factor::cholesky)
                }

                fn substitute(t: &Mat<Self>, how: Triangle, b: &mut Mat<Self>) -> bool {
                    let Triangle { upper, unit, transpose, conjugate } = how;
                    let how = tensh_factor::Triangle { upper, unit, transpose, conjugate };
                    let work = t.rows * t.rows * b.cols / 2;
                    if work < LONG {
                        prepare(t);
                        Factor::substitute(&t.data, how, &mut b.data, t.rows);
                    } else {
                        let t = t.data.clone();
                        change(b, work, move |b, rows| Factor::substitute(&t, how, b, rows));
                    }
                    true
                }

                fn svd(a: &Mat<Self>, full: bool) -> Option<Svd<Self>> {
                    let (m, n) = (a.rows, a.cols);
                    let work = SPECTRAL * m.max(n) * m.min(n) * m.min(n);
                    let (u, s, v) = read(a, work, move |a, rows| Factor::svd(a, rows, full))?;
                    Some(Svd { u: mat(m, u), s, vh: mat(n, v).transposed(true) })
                }

                fn eigh(a: &Mat<Self>, upper: bool) -> Option<Eigh<Self>> {
                    let n = a.rows;
                    let (u, values, _) = read(a, SPECTRAL * n * n * n, move |a, rows| Factor::eigh(a, rows, upper))?;
                    Some(Eigh { values, vectors: mat(n, u) })
                }

                fn eig(a: &Mat<Self>) -> Option<(Vec<<Self as Eigen>::Complex>, Mat<<Self as Eigen>::Complex>)> {
                    let n = a.rows;
                    let (u, values, _) = read(a, SPECTRAL * n * n * n, Factor::eig)?;
                    let mut vectors = mat(n, u);
                    normalise(&mut vectors);
                    Some((values, vectors))
                }
            }
        )*};
    }
    large!(f32, f64, C32, C64);
}
