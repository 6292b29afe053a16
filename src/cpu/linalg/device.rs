//! Factorizations where the matrices lie: what a device's library does in place of this folder's functions. The checks of arguments
//! and the errors that infos stand for are the same on every device.

use super::lu::Triangle;
use crate::base::error::Result;
use crate::base::{DType, Shape};
use crate::store::View;

/// `P a = L U`, or `L D L^T`: both factors in one matrix, pivots counted from 1, and infos.
#[derive(Clone, Debug)]
pub struct Factors {
    /// `[..., m, n]`.
    pub factors: View,
    /// `[..., min(m, n)]`, of `int32`.
    pub pivots: View,
    /// `[...]`, of `int32`.
    pub info: View,
}

/// Singular values and vectors.
#[derive(Clone, Debug)]
pub struct Singular {
    /// `U` and `Vh`, where they are wanted.
    pub vectors: Option<(View, View)>,
    /// The values, largest first.
    pub values: View,
    /// `[...]`, of `int32`; not 0 where the algorithm did not converge.
    pub info: View,
}

/// Eigenvalues and eigenvectors.
#[derive(Clone, Debug)]
pub struct Eigen {
    /// The values.
    pub values: View,
    /// The vectors as columns, where they are wanted.
    pub vectors: Option<View>,
    /// `[...]`, of `int32`; not 0 where the algorithm did not converge.
    pub info: View,
}

/// What is done with factors before they are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Nothing.
    None,
    /// They are transposed.
    Transposed,
    /// They are transposed and conjugated.
    Adjoint,
}

impl Turn {
    /// The adjoint where it is wanted.
    pub fn adjoint(wanted: bool) -> Turn {
        if wanted { Turn::Adjoint } else { Turn::None }
    }
}

/// A device's factorizations, of matrices in the last two dimensions; LAPACK's dtypes alone. Matrices come back column after column
/// unless something else is said. Operands of one call have the same leading sizes.
pub trait Solver {
    /// LU factors, with partial pivoting unless that is not wanted.
    ///
    /// # Errors
    /// What the device refuses.
    fn lu(&self, a: &View, pivot: bool) -> Result<Factors>;

    /// Solutions of `op(a) x = b` from the factors of square matrices.
    ///
    /// # Errors
    /// What the device refuses.
    fn lu_solve(&self, factors: &View, pivots: &View, b: &View, turn: Turn) -> Result<View>;

    /// Exchanges of rows as matrices `[..., n, n]`, row after row.
    ///
    /// # Errors
    /// What the device refuses.
    fn permutation(&self, pivots: &View, n: i64, dtype: DType) -> Result<View>;

    /// One triangle of a matrix, with zeros elsewhere, row after row; `unit` has ones on the diagonal.
    ///
    /// # Errors
    /// What the device refuses.
    fn triangle(&self, a: &View, upper: bool, unit: bool) -> Result<View>;

    /// Solutions of `op(t) x = b`, or of `x op(t) = b`, for triangles.
    ///
    /// # Errors
    /// What the device refuses.
    fn substitute(&self, t: &View, b: &View, how: Triangle, left: bool) -> Result<View>;

    /// Cholesky's factors of matrices of which one triangle is read, and infos.
    ///
    /// # Errors
    /// What the device refuses.
    fn cholesky(&self, a: &View, upper: bool) -> Result<(View, View)>;

    /// Solutions of equations from Cholesky's factors.
    ///
    /// # Errors
    /// What the device refuses.
    fn cholesky_solve(&self, factor: &View, b: &View, upper: bool) -> Result<View>;

    /// `L D L^T` of symmetric matrices of which the lower triangle is read.
    ///
    /// # Errors
    /// What the device refuses.
    fn ldl(&self, a: &View) -> Result<Factors>;

    /// Solutions of equations from [`Solver::ldl`].
    ///
    /// # Errors
    /// What the device refuses.
    fn ldl_solve(&self, factors: &View, pivots: &View, b: &View) -> Result<View>;

    /// `R` with the reflections below its diagonal, and their scales.
    ///
    /// # Errors
    /// What the device refuses.
    fn qr(&self, a: &View) -> Result<(View, View)>;

    /// The first `columns` of the product of reflections, as many as there are scales.
    ///
    /// # Errors
    /// What the device refuses.
    fn product(&self, a: &View, tau: &View, columns: i64) -> Result<View>;

    /// The product of reflections times a matrix, or that times them.
    ///
    /// # Errors
    /// What the device refuses.
    fn reflect(&self, a: &View, tau: &View, c: &View, left: bool, adjoint: bool) -> Result<View>;

    /// What minimizes `|a x - b|` for matrices of full rank; behind its rows, of tall matrices, what is left of `b`. And infos.
    ///
    /// # Errors
    /// What the device refuses.
    fn least_squares(&self, a: &View, b: &View) -> Result<(View, View)>;

    /// The norms of vectors along dimensions: of order 1 or 2, or their largest or smallest modulus; 0 of no elements.
    ///
    /// # Errors
    /// What the device refuses.
    fn norm(&self, x: &View, order: f64, dims: &[i64]) -> Result<View>;

    /// The squared norms of columns.
    ///
    /// # Errors
    /// What the device refuses.
    fn squares(&self, x: &View) -> Result<View>;

    /// Singular values, and vectors where `full` says which: all, or as many as values. `Vh` lies row after row.
    ///
    /// # Errors
    /// What the device refuses; torch's, for a driver that is not known.
    fn svd(&self, a: &View, full: Option<bool>, driver: Option<&str>) -> Result<Singular>;

    /// Eigenvalues of Hermitian matrices of which one triangle is read.
    ///
    /// # Errors
    /// What the device refuses.
    fn eigh(&self, a: &View, upper: bool, vectors: bool) -> Result<Eigen>;

    /// Eigenvalues of square matrices, complex.
    ///
    /// # Errors
    /// What the device refuses.
    fn eig(&self, a: &View, vectors: bool) -> Result<Eigen>;

    /// Whether all elements are finite.
    ///
    /// # Errors
    /// What the device refuses.
    fn is_finite(&self, a: &View) -> Result<bool>;

    /// Determinants from factors; with `logs` their signs or phases and the logarithms of their moduli.
    ///
    /// # Errors
    /// What the device refuses.
    fn determinants(&self, lu: &Factors, logs: bool) -> Result<(View, Option<View>)>;

    /// Identity matrices.
    ///
    /// # Errors
    /// What the device refuses.
    fn identity(&self, dtype: DType, sizes: &[i64]) -> Result<View>;
}

/// The transposes of a batch.
pub fn turned(x: &View) -> View {
    x.transpose(x.ndim() - 2, x.ndim() - 1)
}

/// Pivots under the leading sizes of a batch.
///
/// # Errors
/// When they do not stretch so.
pub fn stretched(pivots: &View, batch: &[i64]) -> Result<View> {
    let rows: Shape = batch.iter().copied().chain(pivots.sizes().last().copied()).collect();
    pivots.expand(&rows)
}
