//! The steps that products, Fourier transforms and linear algebra are made of, where their operands lie: the rules of shapes and
//! dtypes around them are the same on every device. Within [`with`] they are a device's own, and otherwise the CPU's.

use super::copy;
use super::fft::Along;
use super::linalg::device::Solver;
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

    /// Its factorizations.
    fn solver(&self) -> &dyn Solver;

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

/// The factorizations in force, where they are a device's.
pub(super) fn solver() -> Option<&'static dyn Solver> {
    FORMS.get().map(Forms::solver)
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
