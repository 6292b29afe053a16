//! Softmax, its logarithm, and the logarithm of a sum of exponentials.
// Lanes are counted: an iterator's making is a call in the middle of a loop where it is not inlined.
#![allow(clippy::needless_range_loop)]

use super::walk::GRAIN;
use super::{Reduced, extremes, sum, unsupported};
use crate::base::DType;
use crate::base::dtype::{C64, Element};
use crate::base::error::Result;
use crate::base::promote::default_dtype;
use crate::base::scalar::{Cast, Scalar};
use crate::base::shape::wrap_dim;
use crate::cpu::block::Half;
use crate::cpu::isa::{Work, widest};
use crate::cpu::vector::{Lane, exp};
use crate::cpu::{copy, parallel};
use crate::dispatch;
use crate::store::View;
use std::marker::PhantomData;

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
fn blocks<T: Kept<A> + Element, A: Lane + Cast, const V: usize>(
    x: &View,
    out: &mut View,
    [n, inner]: [usize; 2],
    last: bool,
    log: bool,
) {
    let block = n * inner;
    let data = x.slice::<T>().chunks(block);
    let outs = out.slice_mut::<T>().chunks_mut(block);
    let columns = x.numel() / n;
    let share = columns.div_ceil(parallel::threads());
    if last {
        return parallel::for_each(outs.zip(data), (GRAIN / 8 / block).max(1), |(out, data)| {
            // A thread's buffer would be kept from row to row, but a row's own is cheap beside its exponentials.
            let mut row = vec![A::zero(); n];
            widest(Row::<T, A, V> { data, out, row: &mut row, log });
        });
    }
    // Columns side by side share a pass over memory; a task takes as many as stay in the cache.
    let width = (COLUMNS / n).clamp(32, 512).min(inner);
    let tasks: Vec<_> = outs.zip(data).enumerate().collect();
    parallel::for_each(tasks.into_iter(), (GRAIN / 8 / block).max(1), |(o, (out, data))| {
        let mut terms = vec![A::zero(); n * width];
        for from in (0..inner).step_by(width) {
            let to = inner.min(from + width);
            let narrow: Vec<bool> = (from..to).map(|k| in_tail(o * inner, k, inner, share)).collect();
            widest(Columns::<T, A> { data, out, terms: &mut terms, inner, from, narrow: &narrow, log });
        }
    });
}

/// Elements of columns that are worked on at once.
const COLUMNS: usize = 1 << 16;

/// An element that is computed with as `A`.
trait Kept<A>: Copy + Send + Sync {
    /// Exact.
    fn wide(self) -> A;
    /// Rounded.
    fn kept(v: A) -> Self;
    /// `v` as it is when it is kept.
    #[inline(always)]
    fn rounded(v: A) -> A {
        Self::kept(v).wide()
    }
}

macro_rules! kept {
    ($($t:ty)*, $($h:ty)*) => {
        $(impl Kept<$t> for $t {
            #[inline(always)]
            fn wide(self) -> $t { self }
            #[inline(always)]
            fn kept(v: $t) -> $t { v }
        })*
        $(impl Kept<f32> for $h {
            #[inline(always)]
            fn wide(self) -> f32 { self.widen() }
            #[inline(always)]
            fn kept(v: f32) -> $h { Half::narrow(v) }
        })*
    };
}
kept!(f32 f64, half::f16 half::bf16);

#[inline(always)]
fn larger<A: Lane>(m: A, v: A) -> A {
    if v > m || v.is_nan() { v } else { m }
}

/// A row along the last dimension: sums are kept in `V` lanes, and those of halves and their logarithms are kept as halves.
struct Row<'a, T, A, const V: usize> {
    data: &'a [T],
    out: &'a mut [T],
    row: &'a mut [A],
    log: bool,
}

impl<T: Kept<A> + Element, A: Lane + Cast, const V: usize> Work for Row<'_, T, A, V> {
    type Out = ();

    #[inline(always)]
    fn run(self) {
        let row = self.row;
        row.iter_mut().zip(self.data).for_each(|(r, &v)| *r = v.wide());
        let (chunks, rest) = row.as_chunks::<V>();
        let mut lanes = [A::neg_infinity(); V];
        for chunk in chunks {
            for l in 0..V {
                lanes[l] = larger(lanes[l], chunk[l]);
            }
        }
        let max = lanes.iter().chain(rest).fold(A::neg_infinity(), |m, &v| larger(m, v));
        if self.log {
            let mut sums = Sums::<A, V>::default();
            let (chunks, rest) = row.as_chunks::<V>();
            for chunk in chunks {
                for l in 0..V {
                    sums.0[l] = sums.0[l] + exp(chunk[l] - max);
                }
            }
            sums.0.iter_mut().zip(rest).for_each(|(s, &v)| *s = *s + exp(v - max));
            let sum = T::rounded(sums.total(row.len()));
            let shift = T::rounded(ln(sum));
            self.out.iter_mut().zip(row.iter()).for_each(|(o, &v)| *o = T::kept(v - max - shift));
        } else {
            row.iter_mut().for_each(|v| *v = exp(*v - max));
            let mut sums = Sums::<A, V>::default();
            let (chunks, rest) = row.as_chunks::<V>();
            for chunk in chunks {
                for l in 0..V {
                    sums.0[l] = sums.0[l] + chunk[l];
                }
            }
            sums.0.iter_mut().zip(rest).for_each(|(s, &v)| *s = *s + v);
            let inverse = sums.total(row.len()).recip();
            self.out.iter_mut().zip(row.iter()).for_each(|(o, &v)| *o = T::kept(v * inverse));
        }
    }
}

/// The logarithm, worked out in `float64` and rounded once.
#[inline(always)]
fn ln<A: Lane + Cast>(v: A) -> A {
    A::from_scalar(Scalar::Float(v.to_scalar().to_f64().ln()))
}

/// A sum kept in `V` lanes, which are then folded in halves.
struct Sums<A, const V: usize>([A; V]);

impl<A: Lane, const V: usize> Default for Sums<A, V> {
    #[inline(always)]
    fn default() -> Self {
        Sums([A::zero(); V])
    }
}

impl<A: Lane, const V: usize> Sums<A, V> {
    /// The sum of `n` terms.
    #[inline(always)]
    fn total(self, n: usize) -> A {
        let mut acc = self.0;
        if n < V {
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
}

/// Columns `from..` of a block, as many as there are in `narrow`, each summed one element after the other.
struct Columns<'a, T, A> {
    data: &'a [T],
    out: &'a mut [T],
    /// Room for the columns, row by row.
    terms: &'a mut [A],
    inner: usize,
    from: usize,
    /// Which columns keep their exponentials as `T` until they are divided.
    narrow: &'a [bool],
    log: bool,
}

impl<T: Kept<A> + Element, A: Lane + Cast> Work for Columns<'_, T, A> {
    type Out = ();

    #[inline(always)]
    fn run(self) {
        let width = self.narrow.len();
        let (mut max, mut sums) = (vec![A::neg_infinity(); width], vec![A::zero(); width]);
        let rows = || self.data.chunks(self.inner).map(|row| &row[self.from..self.from + width]);
        let outs = self.out.chunks_mut(self.inner).map(|row| &mut row[self.from..self.from + width]);
        for row in rows() {
            max.iter_mut().zip(row).for_each(|(m, &v)| *m = larger(*m, v.wide()));
        }
        for (terms, row) in self.terms.chunks_mut(width).zip(rows()) {
            for (((t, &v), &m), s) in terms.iter_mut().zip(row).zip(&max).zip(&mut sums) {
                let distance = v.wide() - m;
                let term = exp(distance);
                *t = if self.log { distance } else { term };
                *s = *s + term;
            }
        }
        if self.log {
            sums.iter_mut().for_each(|s| *s = ln(*s));
            for (out, terms) in outs.zip(self.terms.chunks(width)) {
                out.iter_mut().zip(terms).zip(&sums).for_each(|((o, &t), &shift)| *o = T::kept(t - shift));
            }
        } else {
            for (out, terms) in outs.zip(self.terms.chunks(width)) {
                for (((o, &t), &sum), &narrow) in out.iter_mut().zip(terms).zip(&sums).zip(self.narrow) {
                    *o = T::kept(if narrow { T::rounded(t) } else { t } / sum);
                }
            }
        }
    }
}

/// Whether column `k` of the `inner` ones that start at `first` lies beyond the last whole vector of 32 halves of its
/// thread's share of all columns: there ATen keeps exponentials as halves until they are divided.
fn in_tail(first: usize, k: usize, inner: usize, share: usize) -> bool {
    let start = (first + k) / share * share;
    let (from, to) = (start.max(first), (start + share).min(first + inner));
    first + k - from >= (to - from) / 32 * 32
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
        let wide = |v: T| v.to_scalar().to_f64();
        // An infinite maximum would turn the differences into nan.
        let mut max = max;
        max.slice_mut::<T>().iter_mut().filter(|m| wide(**m).is_infinite()).for_each(|m| *m = T::default());
        let mut terms = copy::clone(&x)?;
        let shifts = max.expand(x.sizes())?;
        let shifts = copy::contiguous(&shifts)?;
        let pairs = terms.slice_mut::<T>().chunks_mut(GRAIN / 8).zip(shifts.slice::<T>().chunks(GRAIN / 8));
        parallel::for_each(pairs, 1, |(terms, shifts)| widest(Shifted { terms, shifts, kind: PhantomData }));
        out = sum::total(&terms, &shape, x.dtype(), false)?;
        let rounded = |v: f64| T::from_scalar(Scalar::Float(v));
        for (o, &m) in out.slice_mut::<T>().iter_mut().zip(max.slice::<T>()) {
            *o = rounded(wide(rounded(wide(*o).ln())) + wide(m));
        }
    }, else { return Err(unsupported("logsumexp", x.dtype())) });
    Ok(out)
}

/// Terms that become the exponentials of their distance from the shifts, each step rounded.
struct Shifted<'a, T, A> {
    terms: &'a mut [T],
    shifts: &'a [T],
    kind: PhantomData<A>,
}

impl<T: Kept<A>, A: Lane> Work for Shifted<'_, T, A> {
    type Out = ();

    #[inline(always)]
    fn run(self) {
        self.terms.iter_mut().zip(self.shifts).for_each(|(t, &m)| {
            *t = T::kept(exp(T::rounded(t.wide() - m.wide())));
        });
    }
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
