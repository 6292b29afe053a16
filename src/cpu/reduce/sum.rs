//! Sums and means.

use super::cascade::run;
use super::stream::{self, Source, Stream};
use super::walk::Walk;
use super::{Reduced, convert, unsupported};
use crate::base::DType;
use crate::base::dtype::{C32, C64};
use crate::base::error::{Error, Result, runtime};
use crate::base::scalar::{Cast, Scalar};
use crate::cpu::copy;
use crate::dispatch;
use crate::store::View;
use half::{bf16, f16};
use num_complex::Complex;
use num_traits::Float;

/// `torch.sum`: integers add up in `int64` unless `dtype` says otherwise.
///
/// # Errors
/// A dimension that is out of range or repeated.
pub fn sum(x: &View, dims: Option<&[i64]>, keepdim: bool, dtype: Option<DType>) -> Result<View> {
    let shape = Reduced::new(x, dims, keepdim)?;
    let default = if x.dtype().is_integral() { DType::I64 } else { x.dtype() };
    total(x, &shape, dtype.unwrap_or(default), false)
}

/// [`sum`] of what may be computed on the way; `None` where the elements have to lie in memory.
///
/// # Errors
/// As [`sum`].
pub fn sum_of(x: Source, dims: Option<&[i64]>, keepdim: bool, dtype: Option<DType>) -> Result<Option<View>> {
    match x {
        Source::View(x) => sum(x, dims, keepdim, dtype).map(Some),
        Source::Stream(x) => streamed(x, &Reduced::from_sizes(x.sizes(), dims, keepdim)?, dtype),
    }
}

/// [`mean`], likewise.
///
/// # Errors
/// As [`mean`].
pub fn mean_of(x: Source, dims: Option<&[i64]>, keepdim: bool, dtype: Option<DType>) -> Result<Option<View>> {
    match x {
        Source::View(x) => mean(x, dims, keepdim, dtype).map(Some),
        Source::Stream(x) => {
            let shape = Reduced::from_sizes(x.sizes(), dims, keepdim)?;
            let Some(out) = streamed(x, &shape, dtype)? else { return Ok(None) };
            divide(out, shape.count_of(x.sizes()) as f64, x.dtype()).map(Some)
        }
    }
}

/// The sums of groups that follow each other in a stream, which has the dtype of the result.
fn streamed(x: &dyn Stream, shape: &Reduced, dtype: Option<DType>) -> Result<Option<View>> {
    if dtype.is_some_and(|d| d != x.dtype()) || !stream::comes_in_groups(x, shape) {
        return Ok(None);
    }
    match x.dtype() {
        DType::F32 => stream::sums::<f32, 8, 32>(x, shape).map(Some),
        DType::F64 => stream::sums::<f64, 4, 16>(x, shape).map(Some),
        _ => Ok(None),
    }
}

/// `torch.nansum`: as [`sum`], nan counts as zero.
///
/// # Errors
/// As [`sum`], and torch's `RuntimeError` for complex numbers.
pub fn nansum(x: &View, dims: Option<&[i64]>, keepdim: bool, dtype: Option<DType>) -> Result<View> {
    let shape = Reduced::new(x, dims, keepdim)?;
    if x.dtype().is_complex() {
        return Err(runtime("nansum on CPU does not support complex inputs"));
    }
    let default = if x.dtype().is_integral() { DType::I64 } else { x.dtype() };
    let dtype = dtype.unwrap_or(default);
    if x.dtype().is_float() && !dtype.is_float() && x.numel() > 0 {
        return Err(unsupported("nansum_cpu", dtype));
    }
    total(x, &shape, dtype, x.dtype().is_float())
}

/// The error of a mean in a dtype that holds none; `what` says whose it is.
pub fn no_mean(dtype: DType, what: &str) -> Error {
    runtime(format!(
        "mean(): could not infer output dtype. {what} dtype must be either a floating point or complex dtype. Got: {}",
        dtype.aten()
    ))
}

/// `torch.mean`: halves add up in `float32`.
///
/// # Errors
/// As [`sum`], and torch's `RuntimeError` when the result would not be floating.
pub fn mean(x: &View, dims: Option<&[i64]>, keepdim: bool, dtype: Option<DType>) -> Result<View> {
    let target = dtype.unwrap_or(x.dtype());
    if target.is_integral() {
        return Err(no_mean(target, if dtype.is_some() { "Optional" } else { "Input" }));
    }
    let shape = Reduced::new(x, dims, keepdim)?;
    let out = total(x, &shape, target.opmath(), false)?;
    divide(out, shape.count(x) as f64, target)
}

/// `torch.nanmean`: the mean of what is not nan.
///
/// # Errors
/// As [`mean`].
pub fn nanmean(x: &View, dims: Option<&[i64]>, keepdim: bool, dtype: Option<DType>) -> Result<View> {
    if x.dtype().is_integral() {
        return Err(runtime(format!(
            "nanmean(): expected input to have floating point or complex dtype but got {}",
            x.dtype().aten()
        )));
    }
    let shape = Reduced::new(x, dims, keepdim)?;
    let mut sums = nansum(x, dims, keepdim, dtype)?;
    let counts = super::logical::count_numbers(x, &shape)?;
    let single = counts.numel() == 1;
    dispatch!(sums.dtype(), real T => {
        for (s, &n) in sums.slice_mut::<T>().iter_mut().zip(counts.slice::<i64>()) {
            // The count takes the sum's dtype before it divides, unless it is a single one.
            let n = if single { n as f64 } else { T::from_scalar(Scalar::Int(n)).to_scalar().to_f64() };
            *s = T::from_scalar(Scalar::Float(s.to_scalar().to_f64() / n));
        }
    }, else ());
    Ok(sums)
}

fn divide(mut out: View, by: f64, dtype: DType) -> Result<View> {
    match out.dtype() {
        DType::F32 => out.slice_mut::<f32>().iter_mut().for_each(|v| *v /= by as f32),
        DType::F64 => out.slice_mut::<f64>().iter_mut().for_each(|v| *v /= by),
        DType::C32 => divide_complex(out.slice_mut::<C32>(), by as f32, 8),
        DType::C64 => divide_complex(out.slice_mut::<C64>(), by, 4),
        _ => {}
    }
    copy::cast(&out, dtype)
}

/// Complex numbers by a real one, as ATen divides them: by a scaled divisor in blocks of two vectors, by a reciprocal in
/// what is left.
fn divide_complex<F: Float>(values: &mut [Complex<F>], by: F, block: usize) {
    let zero = F::zero();
    let scale = by.recip();
    let whole = values.len() / block * block;
    let (blocks, rest) = values.split_at_mut(whole);
    let one = by * scale;
    for v in blocks {
        let (re, im) = (v.re * scale, v.im * scale);
        *v = Complex::new((re * one + im * zero) / (one * one), (im * one - re * zero) / (one * one));
    }
    for v in rest {
        *v = Complex::new((v.re + v.im * zero) * scale, (v.im - v.re * zero) * scale);
    }
}

/// The sum in `dtype`, whatever the input's.
pub(super) fn total(x: &View, shape: &Reduced, dtype: DType, skip_nan: bool) -> Result<View> {
    let mut out = View::zeros(dtype, &shape.sizes)?;
    if x.numel() == 0 || out.numel() == 0 {
        return Ok(out);
    }
    let x = convert(x, dtype)?;
    let walk = Walk::new(&x, &shape.mask);
    match dtype {
        DType::F32 => run::<f32, 8, 32>(&x, &walk, &mut out, skip_nan),
        DType::F64 => run::<f64, 4, 16>(&x, &walk, &mut out, skip_nan),
        DType::F16 => run::<f16, 8, 32>(&x, &walk, &mut out, skip_nan),
        DType::BF16 => run::<bf16, 8, 32>(&x, &walk, &mut out, skip_nan),
        DType::C32 => run::<C32, 4, 16>(&x, &walk, &mut out, skip_nan),
        DType::C64 => run::<C64, 2, 8>(&x, &walk, &mut out, skip_nan),
        DType::Bool => walk.fold_free(x.span::<bool>(), out.slice_mut::<bool>(), |a, v| a | v, |a, b| a | b),
        _ => dispatch!(dtype, int T => {
            walk.fold_free(x.span::<T>(), out.slice_mut::<T>(), T::wrapping_add, T::wrapping_add);
        }, else ()),
    }
    Ok(out)
}
