//! Softmax, its logarithm, and the logarithm of a sum of exponentials.

use super::walk::GRAIN;
use super::{Reduced, extremes, sum, unsupported};
use crate::base::DType;
use crate::base::dtype::C64;
use crate::base::error::Result;
use crate::base::promote::default_dtype;
use crate::base::scalar::{Cast, Scalar};
use crate::base::shape::wrap_dim;
use crate::cpu::{copy, parallel};
use crate::dispatch;
use crate::store::View;
use num_traits::Float;

/// `torch.softmax`: exponentials along `dim` divided by their sum. `dtype` is what the elements are converted to first.
///
/// # Errors
/// A bad dimension, or a dtype that is not floating.
pub fn softmax(x: &View, dim: i64, dtype: Option<DType>) -> Result<View> {
    along(x, dim, dtype, false)
}

/// `torch.log_softmax`: the logarithm of [`softmax`].
///
/// # Errors
/// As [`softmax`].
pub fn log_softmax(x: &View, dim: i64, dtype: Option<DType>) -> Result<View> {
    along(x, dim, dtype, true)
}

fn along(x: &View, dim: i64, dtype: Option<DType>, log: bool) -> Result<View> {
    let d = wrap_dim(dim, x.ndim())?;
    let x = copy::contiguous(&copy::cast(x, dtype.unwrap_or(x.dtype()))?)?;
    if x.numel() == 0 {
        return Ok(x);
    }
    let last = d + 1 >= x.ndim();
    let kernel = match (log, last) {
        (false, true) => "softmax_lastdim_kernel_impl",
        (false, false) => "softmax_kernel_impl",
        (true, true) => "log_softmax_lastdim_kernel_impl",
        (true, false) => "log_softmax_kernel_impl",
    };
    let (n, inner) = match x.ndim() {
        0 => (1, 1),
        _ => (x.sizes()[d] as usize, x.sizes()[d + 1..].iter().product::<i64>() as usize),
    };
    let mut out = View::empty(x.dtype(), x.sizes())?;
    match x.dtype() {
        DType::F64 => blocks::<f64, f64, 8>(&x, &mut out, [n, inner], last, log),
        DType::F32 => blocks::<f32, f32, 16>(&x, &mut out, [n, inner], last, log),
        DType::F16 => blocks::<half::f16, f32, 16>(&x, &mut out, [n, inner], last, log),
        DType::BF16 => blocks::<half::bf16, f32, 16>(&x, &mut out, [n, inner], last, log),
        other => return Err(unsupported(kernel, other)),
    }
    Ok(out)
}

/// Rows of `n` elements that lie `inner` apart; a task takes some outer blocks of `n * inner`.
fn blocks<T: Cast, A: Float + Cast, const V: usize>(
    x: &View,
    out: &mut View,
    [n, inner]: [usize; 2],
    last: bool,
    log: bool,
) {
    let block = n * inner;
    let data = x.slice::<T>().chunks(block);
    let outs = out.slice_mut::<T>().chunks_mut(block);
    // Along the last dimension the sum of halves and its logarithm are kept as halves.
    let round = |v: A| if last { A::from_scalar(T::from_scalar(v.to_scalar()).to_scalar()) } else { v };
    let columns = x.numel() / n;
    let share = || columns.div_ceil(rayon::current_num_threads());
    parallel::for_each(outs.zip(data).enumerate(), (GRAIN / 8 / block).max(1), |(o, (out, data))| {
        let mut row = vec![A::zero(); n];
        for k in 0..inner {
            row.iter_mut().enumerate().for_each(|(i, v)| *v = A::from_scalar(data[i * inner + k].to_scalar()));
            let max = row.iter().fold(A::neg_infinity(), |m, &v| if v > m || v.is_nan() { v } else { m });
            if log {
                let shift = round(ln(round(total::<A, V>(last, row.iter().map(|&v| exp(v - max))))));
                row.iter_mut().for_each(|v| *v = *v - max - shift);
            } else {
                row.iter_mut().for_each(|v| *v = exp(*v - max));
                let sum = total::<A, V>(last, row.iter().copied());
                let (narrow, inverse) = (!last && in_tail(o * inner, k, inner, share()), sum.recip());
                let term = |v: A| if narrow { A::from_scalar(T::from_scalar(v.to_scalar()).to_scalar()) } else { v };
                row.iter_mut().for_each(|v| *v = if last { *v * inverse } else { term(*v) / sum });
            }
            row.iter().enumerate().for_each(|(i, v)| out[i * inner + k] = T::from_scalar(v.to_scalar()));
        }
    });
}

/// Whether column `k` of the `inner` ones that start at `first` lies beyond the last whole vector of 32 halves of its
/// thread's share of all columns: there ATen keeps exponentials as halves until they are divided.
fn in_tail(first: usize, k: usize, inner: usize, share: usize) -> bool {
    let start = (first + k) / share * share;
    let (from, to) = (start.max(first), (start + share).min(first + inner));
    first + k - from >= (to - from) / 32 * 32
}

/// The sum of a row: in lanes along the last dimension, one after the other elsewhere.
fn total<A: Float, const V: usize>(last: bool, terms: impl ExactSizeIterator<Item = A>) -> A {
    if last { lanes::<A, V>(terms) } else { terms.fold(A::zero(), |a, b| a + b) }
}

/// A sum kept in `V` lanes, which are then folded in halves.
fn lanes<A: Float, const V: usize>(terms: impl ExactSizeIterator<Item = A>) -> A {
    let mut acc = [A::zero(); V];
    let few = terms.len() < V;
    for (i, v) in terms.enumerate() {
        acc[i % V] = acc[i % V] + v;
    }
    if few {
        return acc.iter().fold(A::zero(), |a, &b| a + b);
    }
    let mut width = V;
    while width > 1 {
        width /= 2;
        for i in 0..width {
            acc[i] = acc[i] + acc[i + width];
        }
    }
    acc[0]
}

/// The exponential, worked out in `float64` and rounded once.
#[inline(always)]
fn exp<A: Float + Cast>(v: A) -> A {
    A::from_scalar(Scalar::Float(v.to_scalar().to_f64().exp()))
}

#[inline(always)]
fn ln<A: Float + Cast>(v: A) -> A {
    A::from_scalar(Scalar::Float(v.to_scalar().to_f64().ln()))
}

/// `torch.logsumexp`: `log(sum(exp(x)))` over `dims`, without overflow; integers are converted to the default dtype.
///
/// # Errors
/// A bad dimension.
pub fn logsumexp(x: &View, dims: &[i64], keepdim: bool) -> Result<View> {
    let x = if x.dtype().is_integral() { copy::cast(x, default_dtype())? } else { x.clone() };
    let shape = Reduced::new(&x, Some(dims), keepdim)?;
    if x.numel() == 0 {
        let start = View::full(x.dtype(), &shape.sizes, Scalar::Float(f64::NEG_INFINITY))?;
        return Ok(start);
    }
    if x.dtype().is_complex() {
        return complex_logsumexp(&x, dims, &shape);
    }
    let max = extremes::extreme(&x, Some(dims), true, extremes::End::Max)?;
    let mut out;
    dispatch!(x.dtype(), float T => {
        let rounded = |v: f64| T::from_scalar(Scalar::Float(v));
        let wide = |v: T| v.to_scalar().to_f64();
        let mut max = max;
        // An infinite maximum would turn the differences into nan.
        max.slice_mut::<T>().iter_mut().filter(|m| wide(**m).is_infinite()).for_each(|m| *m = T::default());
        let mut terms = copy::clone(&x)?;
        let shifts = max.expand(x.sizes())?;
        let shifts = shifts.array::<T>();
        let shifts: Vec<T> = shifts.iter().copied().collect();
        let pairs = terms.slice_mut::<T>().chunks_mut(GRAIN / 8).zip(shifts.chunks(GRAIN / 8));
        parallel::for_each(pairs, 1, |(terms, shifts)| {
            terms.iter_mut().zip(shifts).for_each(|(t, &m)| *t = rounded(wide(rounded(wide(*t) - wide(m))).exp()));
        });
        out = sum::total(&terms, &shape, x.dtype(), false)?;
        for (o, &m) in out.slice_mut::<T>().iter_mut().zip(max.slice::<T>()) {
            *o = rounded(wide(rounded(wide(*o).ln())) + wide(m));
        }
    }, else { return Err(unsupported("logsumexp", x.dtype())) });
    Ok(out)
}

fn complex_logsumexp(x: &View, dims: &[i64], shape: &Reduced) -> Result<View> {
    let elements: Vec<C64> = x.to_vec();
    let real: Vec<f64> = elements.iter().map(|z| z.re).collect();
    let max = extremes::extreme(&View::from_slice(&real, x.sizes())?, Some(dims), true, extremes::End::Max)?;
    let finite: Vec<f64> = max.to_vec::<f64>().into_iter().map(|m| if m.is_infinite() { 0.0 } else { m }).collect();
    let shifts: Vec<f64> = View::from_slice(&finite, max.sizes())?.expand(x.sizes())?.to_vec();
    let terms: Vec<C64> = elements.iter().zip(shifts).map(|(z, m)| (z - m).exp()).collect();
    let sums = sum::total(&View::from_slice(&terms, x.sizes())?, shape, DType::C64, false)?;
    let logs: Vec<C64> = sums.slice::<C64>().iter().zip(finite).map(|(z, m)| z.ln() + m).collect();
    copy::cast(&View::from_slice(&logs, &shape.sizes)?, x.dtype())
}
