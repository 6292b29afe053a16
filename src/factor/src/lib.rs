//! Factorizations and products of large matrices, through `faer`: blocked, vectorised and by threads. Factorizations work in place on
//! column-major slices.
//!
//! A package of its own, so that the library's generic code is compiled as one unit: its innermost loops call small functions
//! that must be inlined, and where two units part them the spectra take twice the time.

use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::cholesky::llt::factor::{cholesky_in_place, cholesky_in_place_scratch};
use faer::linalg::lu::partial_pivoting::factor::{PartialPivLuParams, lu_in_place, lu_in_place_scratch};
use faer::linalg::matmul::matmul;
use faer::linalg::triangular_solve as solve;
use faer::traits::ComplexField;
use faer::{Accum, Auto, Conj, MatMut, MatRef, Par, Side, set_global_parallelism};
use num_complex::Complex;

/// Sizes from which threads are worth their while: for LU, for Cholesky's factor, for triangles, for spectra.
const LU: usize = 896;
const CHOLESKY: usize = 1536;
const TRIANGLES: usize = 768;
const SPECTRA: usize = 256;

/// Below this many columns an LU factorization that threads share no longer splits them in two.
const SHARED_COLUMNS: usize = 64;

/// How a triangular matrix enters an equation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Triangle {
    /// The upper triangle is meant.
    pub upper: bool,
    /// The diagonal is taken as ones.
    pub unit: bool,
    /// The transpose is meant.
    pub transpose: bool,
    /// The conjugate is meant.
    pub conjugate: bool,
}

/// What a decomposition gives: column-major `u`, values, and column-major `v` (none where it is `u` itself).
pub type Parts<T, V> = (Vec<T>, Vec<V>, Vec<T>);

/// An element of a matrix that can be factorized.
pub trait Factor: Copy + Send + Sync + 'static {
    /// The type of its parts.
    type Real;
    /// The complex number with such parts.
    type Complex;

    /// `P a = L U` in place of `a`, with `rows` rows: gives the row of `a` that each row of the product is. A pivot of zero
    /// leaves nans.
    fn lu(a: &mut [Self], rows: usize) -> Vec<usize>;

    /// Cholesky's factor in place of the lower triangle of `a`; whether there is one.
    fn cholesky(a: &mut [Self], rows: usize) -> bool;

    /// Solves `op(t) x = b` in place for a triangle of `t`, both with `rows` rows.
    fn substitute(t: &[Self], how: Triangle, b: &mut [Self], rows: usize);

    /// Singular value decomposition, `u` and `v` square if `full`.
    fn svd(a: &[Self], rows: usize, full: bool) -> Option<Parts<Self, Self::Real>>;

    /// Eigenvectors and ascending eigenvalues of a Hermitian matrix given by one triangle.
    fn eigh(a: &[Self], rows: usize, upper: bool) -> Option<Parts<Self, Self::Real>>;

    /// Eigenvectors and eigenvalues of a square matrix.
    fn eig(a: &[Self], rows: usize) -> Option<Parts<Self::Complex, Self::Complex>>;
}

fn threads(size: usize, least: usize) -> Par {
    if size < least { Par::Seq } else { Par::rayon(0) }
}

fn view<T>(a: &[T], rows: usize) -> MatRef<'_, T> {
    MatRef::from_column_major_slice(a, rows, a.len() / rows.max(1))
}

fn view_mut<T>(a: &mut [T], rows: usize) -> MatMut<'_, T> {
    let cols = a.len() / rows.max(1);
    MatMut::from_column_major_slice_mut(a, rows, cols)
}

/// The same for the functions of the library that ask for its global setting.
fn spectral<T>(a: &[T], rows: usize) -> MatRef<'_, T> {
    let a = view(a, rows);
    set_global_parallelism(threads(a.nrows().max(a.ncols()), SPECTRA));
    a
}

fn own<T: Copy>(a: MatRef<'_, T>) -> Vec<T> {
    let mut out = Vec::with_capacity(a.nrows() * a.ncols());
    for j in 0..a.ncols() {
        out.extend((0..a.nrows()).map(|i| a[(i, j)]));
    }
    out
}

fn lu<T: ComplexField>(a: MatMut<'_, T>) -> Vec<usize> {
    let (m, n) = (a.nrows(), a.ncols());
    let par = threads(m.min(n), LU);
    let mut params = <PartialPivLuParams as Auto<T>>::auto();
    if par != Par::Seq {
        params.recursion_threshold = SHARED_COLUMNS;
    }
    let (mut order, mut inverse) = (vec![0; m], vec![0; m]);
    let mut room = MemBuffer::new(lu_in_place_scratch::<usize, T>(m, n, par, params.into()));
    lu_in_place(a, &mut order, &mut inverse, par, MemStack::new(&mut room), params.into());
    order
}

fn cholesky<T: ComplexField>(a: MatMut<'_, T>) -> bool {
    let n = a.nrows();
    let par = threads(n, CHOLESKY);
    let mut room = MemBuffer::new(cholesky_in_place_scratch::<T>(n, par, Default::default()));
    cholesky_in_place(a, Default::default(), par, MemStack::new(&mut room), Default::default()).is_ok()
}

fn substitute<T: ComplexField>(t: MatRef<'_, T>, how: Triangle, b: MatMut<'_, T>) {
    let t = if how.transpose { t.transpose() } else { t };
    let conj = if how.conjugate { Conj::Yes } else { Conj::No };
    let par = threads(b.nrows().min(b.ncols()), TRIANGLES);
    match (how.upper != how.transpose, how.unit) {
        (false, false) => solve::solve_lower_triangular_in_place_with_conj(t, conj, b, par),
        (false, true) => solve::solve_unit_lower_triangular_in_place_with_conj(t, conj, b, par),
        (true, false) => solve::solve_upper_triangular_in_place_with_conj(t, conj, b, par),
        (true, true) => solve::solve_unit_upper_triangular_in_place_with_conj(t, conj, b, par),
    }
}

macro_rules! factor {
    ($($t:ty, $real:ty, |$v:ident| $re:expr);* $(;)?) => {$(
        impl Factor for $t {
            type Real = $real;
            type Complex = Complex<$real>;

            fn lu(a: &mut [Self], rows: usize) -> Vec<usize> {
                lu(view_mut(a, rows))
            }

            fn cholesky(a: &mut [Self], rows: usize) -> bool {
                cholesky(view_mut(a, rows))
            }

            fn substitute(t: &[Self], how: Triangle, b: &mut [Self], rows: usize) {
                substitute(view(t, rows), how, view_mut(b, rows));
            }

            fn svd(a: &[Self], rows: usize, full: bool) -> Option<Parts<Self, $real>> {
                let a = spectral(a, rows);
                let parts = if full { a.svd() } else { a.thin_svd() }.ok()?;
                let s = parts.S().column_vector().iter().map(|&$v| $re).collect();
                Some((own(parts.U()), s, own(parts.V())))
            }

            fn eigh(a: &[Self], rows: usize, upper: bool) -> Option<Parts<Self, $real>> {
                let side = if upper { Side::Upper } else { Side::Lower };
                let parts = spectral(a, rows).self_adjoint_eigen(side).ok()?;
                let s = parts.S().column_vector().iter().map(|&$v| $re).collect();
                Some((own(parts.U()), s, Vec::new()))
            }

            fn eig(a: &[Self], rows: usize) -> Option<Parts<Complex<$real>, Complex<$real>>> {
                let parts = spectral(a, rows).eigen().ok()?;
                let s = parts.S().column_vector().iter().copied().collect();
                Some((own(parts.U()), s, Vec::new()))
            }
        }
    )*};
}
factor!(f32, f32, |v| v; f64, f64, |v| v; Complex<f32>, f32, |v| v.re; Complex<f64>, f64, |v| v.re);

/// A matrix that lies in a slice, row after row or column after column.
#[derive(Clone, Copy, Debug)]
pub struct Matrix<'a, T> {
    /// The elements from the first one on.
    pub data: &'a [T],
    /// Number of rows.
    pub rows: usize,
    /// Number of columns.
    pub cols: usize,
    /// From one row (or column) to the next, in elements.
    pub lead: usize,
    /// Whether rows lie together, not columns.
    pub by_rows: bool,
}

impl<'a, T> Matrix<'a, T> {
    fn view(self) -> MatRef<'a, T> {
        let Matrix { data, rows, cols, lead, .. } = self;
        if self.by_rows {
            MatRef::from_row_major_slice_with_stride(data, rows, cols, lead)
        } else {
            MatRef::from_column_major_slice_with_stride(data, rows, cols, lead)
        }
    }
}

/// An element of matrices that can be multiplied.
pub trait Multiply: Copy + Send + Sync + 'static {
    /// `out = a b`, or `out += a b` with `add`; `out` lies row after row. So many threads share the work.
    ///
    /// # Panics
    /// If the sizes do not fit each other and the slices; an error of the caller.
    fn multiply(out: &mut [Self], a: Matrix<'_, Self>, b: Matrix<'_, Self>, add: bool, threads: usize);
}

macro_rules! multiply {
    ($($t:ty),*) => {$(
        impl Multiply for $t {
            fn multiply(out: &mut [Self], a: Matrix<'_, Self>, b: Matrix<'_, Self>, add: bool, threads: usize) {
                let out = MatMut::from_row_major_slice_mut(out, a.rows, b.cols);
                let into = if add { Accum::Add } else { Accum::Replace };
                let threads = if threads > 1 { Par::rayon(threads) } else { Par::Seq };
                matmul(out, into, a.view(), b.view(), 1.0, threads);
            }
        }
    )*};
}
multiply!(f32, f64);
