//! The steps that products and Fourier transforms are made of, where their operands lie: the rules of shapes and dtypes around them are
//! the same on every device. Within [`with`] they are a device's own, and otherwise the CPU's.

use super::copy;
use super::fft::Along;
use super::matmul::{gemm, products};
use crate::base::error::{Result, not_implemented};
use crate::base::{DType, Scalar};
use crate::store::View;
use std::cell::Cell;

/// What becomes of elements of the same place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Of two: their product; integers wrap.
    Product,
    /// Of two: their sum.
    Sum,
    /// Of one: its complex conjugate.
    Conjugate,
    /// Of one: itself.
    Copy,
}

/// `P a = L U` for square matrices on a device: both factors in one, pivots counted from 1, and infos.
#[derive(Clone, Debug)]
pub struct Lu {
    /// `[..., n, n]`.
    pub factors: View,
    /// `[..., n]`, of `int32`.
    pub pivots: View,
    /// `[...]`, of `int32`.
    pub info: View,
}

/// A device's forms of the steps. What gives an option gives nothing where the CPU is to do it.
pub trait Forms {
    /// [`gemm::batched`], of factors that are not empty.
    ///
    /// # Errors
    /// What the device refuses.
    fn batched(&self, a: &View, b: &View, c: Option<&View>, beta: Scalar, alpha: Scalar) -> Result<Option<View>>;

    /// A step of views that broadcast to `sizes`, taken in dtype `by`; the elements that come out are of `dtype`.
    ///
    /// # Errors
    /// What the device refuses.
    fn elements(&self, step: Step, views: &[&View], sizes: &[i64], by: DType, dtype: DType) -> Result<View>;

    /// The sum over dimensions, which stay with size 1; integers and bools in `int64`.
    ///
    /// # Errors
    /// What the device refuses.
    fn sum(&self, x: &View, dims: &[usize]) -> Result<Option<View>>;

    /// Distances in the norm of order `p` between the rows of `x` `[batch, n, k]` and of `y` `[batch, m, k]`, as `sizes`; with `pairs`
    /// those of the rows of one matrix, each pair once.
    ///
    /// # Errors
    /// What the device refuses.
    fn distances(&self, x: &View, y: &View, p: f64, sizes: &[i64], pairs: bool) -> Result<View>;

    /// Vector products along a dimension of size 3, of views of the same sizes.
    ///
    /// # Errors
    /// What the device refuses.
    fn cross(&self, a: &View, b: &View, dim: usize) -> Result<View>;

    /// A Fourier transform along one dimension, of floats or complex numbers.
    ///
    /// # Errors
    /// What the device refuses.
    fn fourier(&self, x: &View, along: &Along) -> Result<Option<View>>;

    /// LU factors of square matrices.
    ///
    /// # Errors
    /// What the device refuses.
    fn lu(&self, a: &View) -> Result<Lu>;

    /// Solutions of equations with factors, of the same batch as the right sides.
    ///
    /// # Errors
    /// What the device refuses.
    fn solve(&self, lu: &Lu, b: &View) -> Result<View>;

    /// Solutions of equations with triangles, of the same batch as the right sides.
    ///
    /// # Errors
    /// What the device refuses.
    fn substitute(&self, t: &View, b: &View, upper: bool, unit: bool) -> Result<View>;

    /// Cholesky's lower factors of matrices whose lower triangle is read, and infos.
    ///
    /// # Errors
    /// What the device refuses.
    fn cholesky(&self, a: &View) -> Result<(View, View)>;

    /// Determinants from factors; with `logs` their signs or phases and the logarithms of their moduli.
    ///
    /// # Errors
    /// What the device refuses.
    fn determinants(&self, lu: &Lu, logs: bool) -> Result<(View, Option<View>)>;

    /// Identity matrices.
    ///
    /// # Errors
    /// What the device refuses.
    fn identity(&self, dtype: DType, sizes: &[i64]) -> Result<View>;

    /// Fresh memory, of zeros if so wanted.
    ///
    /// # Errors
    /// torch's `OutOfMemoryError`.
    fn fresh(&self, dtype: DType, sizes: &[i64], zeroed: bool) -> Result<View>;
}

thread_local! {
    static FORMS: Cell<Option<&'static dyn Forms>> = const { Cell::new(None) };
    /// Whether a step was left to the CPU since that was last asked.
    static MISSED: Cell<bool> = const { Cell::new(false) };
}

/// The forms in force.
pub(super) fn forms() -> Option<&'static dyn Forms> {
    FORMS.get()
}

/// What a form gives; that it gave nothing is kept in mind.
pub(super) fn given<T>(out: Option<T>) -> Option<T> {
    if out.is_none() {
        MISSED.set(true);
    }
    out
}

/// Whether a device had no form of a step since this was last asked.
pub fn missed() -> bool {
    MISSED.take()
}

/// Runs something whose steps are a device's.
///
/// # Errors
/// Those of `run`.
pub fn with<T>(forms: &'static dyn Forms, run: impl FnOnce() -> Result<T>) -> Result<T> {
    let before = FORMS.replace(Some(forms));
    let result = run();
    FORMS.set(before);
    result
}

/// Refuses the dtypes that have no matrix product, in the words of the ATen kernels of the CPU and of CUDA.
pub(super) fn check_dtype(dtype: DType, cpu: &str, cuda: &str) -> Result<()> {
    if forms().is_some() && dtype.is_integral() {
        let words = format!("\"{cuda}\" not implemented for '{}'", dtype.aten());
        return Err(
            not_implemented(words).help("GPUs have products of floats alone: .float() makes floats of integers")
        );
    }
    gemm::check_dtype(dtype, cpu)
}

/// Fresh memory.
pub(super) fn empty(dtype: DType, sizes: &[i64]) -> Result<View> {
    forms().map_or_else(|| View::empty(dtype, sizes), |f| f.fresh(dtype, sizes, false))
}

/// Zeros.
pub(super) fn zeros(dtype: DType, sizes: &[i64]) -> Result<View> {
    forms().map_or_else(|| View::zeros(dtype, sizes), |f| f.fresh(dtype, sizes, true))
}

/// [`copy::cast`].
pub(super) fn cast(x: &View, dtype: DType) -> Result<View> {
    match forms() {
        Some(f) if x.dtype() != dtype => f.elements(Step::Copy, &[x], x.sizes(), dtype, dtype),
        Some(_) => Ok(x.clone()),
        None => copy::cast(x, dtype),
    }
}

/// [`copy::clone`].
pub(super) fn clone(x: &View) -> Result<View> {
    forms().map_or_else(|| copy::clone(x), |f| f.elements(Step::Copy, &[x], x.sizes(), x.dtype(), x.dtype()))
}

/// [`copy::contiguous`].
pub(super) fn contiguous(x: &View) -> Result<View> {
    if x.is_contiguous() { Ok(x.clone()) } else { clone(x) }
}

/// [`gemm::batched`].
pub(super) fn batched(a: &View, b: &View, c: Option<&View>, beta: Scalar, alpha: Scalar) -> Result<View> {
    // What is multiplied by zero is not read: its nans do not spread.
    let c = c.filter(|_| beta.to_c64() != Scalar::Int(0).to_c64());
    if let Some(f) = forms()
        && let Some(out) = given(f.batched(a, b, c, beta, alpha)?)
    {
        return Ok(out);
    }
    gemm::batched(a, b, c, beta, alpha)
}

/// The product of two matrices `[n, k]` and `[k, m]` of one dtype; the caller has checked both.
pub(super) fn matrices(a: &View, b: &View) -> Result<View> {
    batched(a, b, None, Scalar::Int(0), Scalar::Int(1))
}

/// `x * y` summed over two vectors of equal length and dtype, as a view without dimensions.
pub(super) fn vectors(x: &View, y: &View) -> Result<View> {
    matrices(&x.unsqueeze(0), &y.unsqueeze(1))?.select(0, 0)?.select(0, 0)
}

/// Products of elements, in dtype `by`.
pub(super) fn multiply(x: &View, y: &View, sizes: &[i64], by: DType, dtype: DType) -> Result<View> {
    match forms() {
        Some(f) => f.elements(Step::Product, &[x, y], sizes, by, dtype),
        None => products::multiply_here(x, y, sizes, by, dtype),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_without_a_form_is_kept_in_mind_once() {
        assert_eq!((given(Some(1)), missed()), (Some(1), false));
        assert_eq!((given(None::<i64>), missed(), missed()), (None, true, false));
    }
}
