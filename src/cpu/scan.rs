//! Running totals along a dimension.
//!
//! The accumulator is ATen's: `float64` for `float32`, `float32` for the halves, the type itself otherwise.

use crate::base::DType;
use crate::base::dtype::{C32, C64, Element};
use crate::base::error::{Result, index_error};
use crate::base::interrupt::{poll, polled};
use crate::base::scalar::Cast;
use crate::base::shape::wrap_dim;
use crate::cpu::reduce::product::contracted;
use crate::cpu::reduce::unsupported;
use crate::cpu::reduce::walk::GRAIN;
use crate::cpu::special::complex;
use crate::cpu::{copy, parallel};
use crate::dispatch;
use crate::store::View;
use std::ops::{Add, Mul};

/// A contiguous tensor seen as `[outer, length, inner]` around one dimension.
struct Lines {
    data: View,
    length: usize,
    inner: usize,
}

impl Lines {
    fn new(x: &View, dim: i64) -> Result<Lines> {
        let d = wrap_dim(dim, x.ndim())?;
        let data = copy::contiguous(x)?;
        Ok(match x.ndim() {
            0 => Lines { data, length: 1, inner: 1 },
            _ => {
                let inner = x.sizes()[d + 1..].iter().product::<i64>() as usize;
                Lines { data, length: x.sizes()[d] as usize, inner }
            }
        })
    }

    /// Runs `step(accumulator, element, position)` down every line; what it returns goes to both outputs.
    fn scan_places<T: Element, A: Copy + Send + Sync>(
        &self,
        start: A,
        (values, places): (&mut [T], &mut [i64]),
        step: impl Fn(&mut A, T, usize) -> (T, i64) + Sync,
    ) {
        let inner = self.inner;
        let block = self.length * inner;
        if block == 0 {
            return;
        }
        let data = self.data.slice::<T>().chunks(block);
        let outs = values.chunks_mut(block).zip(places.chunks_mut(block)).zip(data);
        parallel::for_each(outs, (GRAIN / block).max(1), |((out, places), data)| {
            if inner == 1 {
                // In a register: the next step waits for this one.
                let mut acc = start;
                for (i, ((r, p), &v)) in out.iter_mut().zip(places).zip(data).enumerate() {
                    if i % PART == 0 {
                        poll();
                    }
                    (*r, *p) = step(&mut acc, v, i);
                }
                return;
            }
            let mut acc = vec![start; inner];
            let rows = out.chunks_mut(inner).zip(places.chunks_mut(inner)).zip(data.chunks(inner));
            for (i, ((out, places), row)) in polled(rows).enumerate() {
                for (((r, p), a), &v) in out.iter_mut().zip(places).zip(&mut acc).zip(row) {
                    (*r, *p) = step(a, v, i);
                }
            }
        });
    }

    /// Runs `step(accumulator, element)` down every line; what it returns goes to the output.
    fn scan<T: Element, R: Element, A: Copy + Send + Sync>(
        &self,
        start: A,
        values: &mut [R],
        step: impl Fn(&mut A, T) -> R + Sync,
    ) {
        let (length, inner) = (self.length, self.inner);
        let block = length * inner;
        if block == 0 {
            return;
        }
        let piece = if inner == 1 { ABREAST * length } else { block };
        let pieces = values.chunks_mut(piece).zip(self.data.slice::<T>().chunks(piece));
        parallel::for_each(pieces, (GRAIN / piece).max(1), |(out, data)| {
            if inner > 1 {
                let mut acc = vec![start; inner];
                for (out, row) in polled(out.chunks_mut(inner).zip(data.chunks(inner))) {
                    for ((r, a), &v) in out.iter_mut().zip(&mut acc).zip(row) {
                        *r = step(a, v);
                    }
                }
            } else if data.len() == piece && length > 1 {
                abreast(start, out, data, &step);
            } else {
                for (out, line) in out.chunks_mut(length).zip(data.chunks(length)) {
                    let mut acc = start;
                    for (out, line) in out.chunks_mut(PART).zip(line.chunks(PART)) {
                        poll();
                        for (r, &v) in out.iter_mut().zip(line) {
                            *r = step(&mut acc, v);
                        }
                    }
                }
            }
        });
    }
}

/// Elements of a line between two looks for an interrupt.
const PART: usize = 1 << 14;

/// Lines that are walked side by side: each waits for its own last total, not for its neighbours'.
const ABREAST: usize = 4;

/// [`Lines::scan`] of lines that lie one after the other.
fn abreast<T: Copy, R, A: Copy>(start: A, out: &mut [R], data: &[T], step: &impl Fn(&mut A, T) -> R) {
    let length = data.len() / ABREAST;
    let mut acc = [start; ABREAST];
    let (low, high) = out.split_at_mut(2 * length);
    let ((r0, r1), (r2, r3)) = (low.split_at_mut(length), high.split_at_mut(length));
    for first in (0..length).step_by(PART) {
        poll();
        let n = PART.min(length - first);
        let line = |k: usize| &data[k * length + first..][..n];
        let (v0, v1, v2, v3) = (line(0), line(1), line(2), line(3));
        let part = first..first + n;
        let (r0, r1, r2, r3) = (&mut r0[part.clone()], &mut r1[part.clone()], &mut r2[part.clone()], &mut r3[part]);
        for i in 0..n {
            r0[i] = step(&mut acc[0], v0[i]);
            r1[i] = step(&mut acc[1], v1[i]);
            r2[i] = step(&mut acc[2], v2[i]);
            r3[i] = step(&mut acc[3], v3[i]);
        }
    }
}

/// An element and what its running totals are kept in.
trait Total: Cast {
    type Acc: Copy + Send + Sync + Add<Output = Self::Acc>;
    fn times(a: Self::Acc, b: Self::Acc) -> Self::Acc;
    fn widen(self) -> Self::Acc;
    fn narrow(acc: Self::Acc) -> Self;
}

macro_rules! totals {
    ($($t:ty => $a:ty, $times:expr, $widen:expr, $narrow:expr;)*) => {$(
        impl Total for $t {
            type Acc = $a;
            #[inline(always)]
            fn times(a: $a, b: $a) -> $a { $times(a, b) }
            #[inline(always)]
            fn widen(self) -> $a { $widen(self) }
            #[inline(always)]
            fn narrow(acc: $a) -> $t { $narrow(acc) }
        }
    )*};
}
totals! {
    f32 => f64, Mul::mul, f64::from, |a| a as f32;
    f64 => f64, Mul::mul, |v| v, |a| a;
    C32 => C64, contracted, |v: C32| C64::new(f64::from(v.re), f64::from(v.im)), |a: C64| C32::new(a.re as f32, a.im as f32);
    C64 => C64, contracted, |v| v, |a| a;
}

/// `torch.cumsum`: integers add up in `int64` unless `dtype` says otherwise.
///
/// # Errors
/// A bad dimension; bool and the unsigned integers above 8 bits as `dtype`.
pub fn cumsum(x: &View, dim: i64, dtype: Option<DType>) -> Result<View> {
    running(x, dim, dtype, "cumsum_out_cpu", false)
}

/// `torch.cumprod`: integers multiply in `int64` unless `dtype` says otherwise.
///
/// # Errors
/// As [`cumsum`].
pub fn cumprod(x: &View, dim: i64, dtype: Option<DType>) -> Result<View> {
    running(x, dim, dtype, "cumprod_out_cpu", true)
}

fn running(x: &View, dim: i64, dtype: Option<DType>, kernel: &str, product: bool) -> Result<View> {
    wrap_dim(dim, x.ndim())?;
    let dtype = dtype.unwrap_or(if x.dtype().is_integral() { DType::I64 } else { x.dtype() });
    if matches!(dtype, DType::Bool | DType::U16 | DType::U32 | DType::U64) {
        return Err(unsupported(kernel, dtype));
    }
    let x = copy::cast(x, dtype)?;
    if x.ndim() == 0 {
        return copy::clone(&x);
    }
    if dtype.is_half() {
        // Their totals are `float32`, rounded where they are written.
        let lines = Lines::new(&copy::cast(&x, DType::F32)?, dim)?;
        let mut out = View::empty(DType::F32, x.sizes())?;
        lines.scan::<f32, f32, f32>(if product { 1.0 } else { 0.0 }, out.slice_mut(), |a, v| {
            *a = if product { *a * v } else { *a + v };
            *a
        });
        return copy::cast(&out, dtype);
    }
    let lines = Lines::new(&x, dim)?;
    let mut out = View::empty(dtype, x.sizes())?;
    dispatch!(dtype, wide_inexact T => {
        let start = if product { T::widen(T::from_scalar(1i64.into())) } else { T::widen(T::default()) };
        lines.scan::<T, T, _>(start, out.slice_mut(), |a, v| {
            *a = if product { T::times(*a, v.widen()) } else { *a + v.widen() };
            T::narrow(*a)
        });
    }, else dispatch!(dtype, int T => {
        let start: T = if product { 1 } else { 0 };
        lines.scan::<T, T, T>(start, out.slice_mut(), |a, v| {
            *a = if product { a.wrapping_mul(v) } else { a.wrapping_add(v) };
            *a
        });
    }, else ()));
    Ok(out)
}

/// `torch.cummax`, `torch.cummin`: running extremes and the position of the latest; a nan stays.
///
/// # Errors
/// A bad dimension, or a dtype without order.
pub fn extremes(x: &View, dim: i64, max: bool) -> Result<(View, View)> {
    let name = if max { "cummax" } else { "cummin" };
    if x.ndim() == 0 && !matches!(dim, -1 | 0) {
        return Err(index_error(format!("{name}(): Expected reduction dim -1 or 0 for scalar but got {dim}")));
    }
    // The dimension is not looked at where there is nothing to scan.
    if x.ndim() == 0 || x.numel() == 0 {
        return Ok((copy::clone(x)?, View::zeros(DType::I64, x.sizes())?));
    }
    wrap_dim(dim, x.ndim())?;
    if x.dtype().is_complex() || matches!(x.dtype(), DType::U16 | DType::U32 | DType::U64) {
        return Err(unsupported(&format!("{name}_cpu"), x.dtype()));
    }
    let lines = Lines::new(x, dim)?;
    let (mut values, mut places) = (View::empty(x.dtype(), x.sizes())?, View::empty(DType::I64, x.sizes())?);
    dispatch!(x.dtype(), real T => {
        lines.scan_places::<T, (T, i64)>((T::default(), 0), (values.slice_mut(), places.slice_mut()), |best, v, i| {
            let kept = best.0.partial_cmp(&best.0).is_none();
            let nan = v.partial_cmp(&v).is_none();
            if i == 0 || nan || (!kept && if max { v >= best.0 } else { v <= best.0 }) {
                *best = (v, i as i64);
            }
            *best
        });
    }, else ());
    Ok((values, places))
}

/// `torch.logcumsumexp`: the logarithm of the running sum of exponentials.
///
/// # Errors
/// A bad dimension, or integers.
pub fn logcumsumexp(x: &View, dim: i64) -> Result<View> {
    wrap_dim(dim, x.ndim())?;
    if x.ndim() == 0 && !x.dtype().is_integral() {
        return copy::clone(x);
    }
    let lines = Lines::new(x, dim)?;
    let mut out = View::empty(x.dtype(), x.sizes())?;
    if x.dtype().is_complex() {
        dispatch!(x.dtype(), inexact T => {
            let start = C64::new(f64::NEG_INFINITY, 0.0);
            lines.scan::<T, T, C64>(start, out.slice_mut(), |a, v| {
                *a = complex::logaddexp(v.to_scalar().to_c64(), *a);
                T::from_scalar(crate::base::Scalar::Complex(*a))
            });
        }, else ());
        return Ok(out);
    }
    dispatch!(x.dtype(), float T => {
        let half = x.dtype().is_half();
        lines.scan::<T, T, f64>(f64::NEG_INFINITY, out.slice_mut(), |a, v| {
            let sum = add_logs(f64::from(v), *a);
            *a = if half { f64::from(sum as f32) } else { sum };
            T::from_scalar(crate::base::Scalar::Float(*a))
        });
    }, else return Err(unsupported("logcumsumexp_out_cpu", x.dtype())));
    Ok(out)
}

/// `log(exp(x) + exp(y))`.
fn add_logs(x: f64, y: f64) -> f64 {
    if x.is_nan() || y.is_nan() {
        return f64::NAN;
    }
    let (low, high) = (x.min(y), x.max(y));
    if low != high || low.is_finite() { (low - high).exp().ln_1p() + high } else { x }
}
