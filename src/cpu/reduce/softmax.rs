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
        // A task's rows share its room.
        let rows = (GRAIN / 8 / n).max(1);
        let tasks = out.slice_mut::<T>().chunks_mut(rows * n).zip(x.slice::<T>().chunks(rows * n));
        return parallel::for_each(tasks, 1, |(out, data)| {
            let mut terms = vec![A::zero(); n];
            for (out, data) in out.chunks_mut(n).zip(data.chunks(n)) {
                widest(Row::<T, A, V> { data, out, terms: &mut terms, log });
            }
        });
    }
    // Strips of columns side by side share a pass over memory.
    let tasks: Vec<_> = outs.zip(data).enumerate().collect();
    parallel::for_each(tasks.into_iter(), (GRAIN / 8 / block).max(1), |(o, (out, data))| {
        let mut terms = vec![[A::zero(); STRIP]; n];
        for from in (0..inner).step_by(STRIP) {
            let width = STRIP.min(inner - from);
            let narrow = std::array::from_fn(|l| in_tail(o * inner, (from + l).min(inner - 1), inner, share));
            let columns = Columns::<T, A> { data, out, terms: &mut terms, inner, from, width, narrow, log };
            widest(columns);
        }
    });
}

/// Columns that are worked on at once.
const STRIP: usize = 32;

/// An element that is computed with as `A`.
pub(super) trait Kept<A>: Copy + Send + Sync {
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
    std::hint::select_unpredictable((v > m) | v.is_nan(), v, m)
}

/// A row along the last dimension: sums are kept in `V` lanes, and those of halves and their logarithms are kept as halves.
struct Row<'a, T, A, const V: usize> {
    data: &'a [T],
    out: &'a mut [T],
    /// Room for the row's exponentials.
    terms: &'a mut [A],
    log: bool,
}

impl<T: Kept<A> + Element, A: Lane + Cast, const V: usize> Work for Row<'_, T, A, V> {
    type Out = ();

    #[inline(always)]
    fn run(self) {
        let n = self.data.len();
        let (data, out, terms) = (&self.data[..n], &mut self.out[..n], &mut self.terms[..n]);
        let max: A = row_max(data);
        for i in 0..n {
            terms[i] = exp(data[i].wide() - max);
        }
        let sum = row_sum::<A, V>(terms);
        if self.log {
            let shift = T::rounded(ln(T::rounded(sum)));
            for i in 0..n {
                out[i] = T::kept(data[i].wide() - max - shift);
            }
        } else {
            let inverse = sum.recip();
            for i in 0..n {
                out[i] = T::kept(terms[i] * inverse);
            }
        }
    }
}

/// The largest element of a row.
#[inline(always)]
fn row_max<T: Kept<A>, A: Lane>(row: &[T]) -> A {
    const LANES: usize = 32;
    let mut lanes = [A::neg_infinity(); LANES];
    let (chunks, rest) = row.as_chunks::<LANES>();
    for chunk in chunks {
        for l in 0..LANES {
            lanes[l] = larger(lanes[l], chunk[l].wide());
        }
    }
    // By value: lanes that are looked at otherwise are not kept in registers.
    let max = lanes.into_iter().fold(A::neg_infinity(), |m, v| larger(m, v));
    rest.iter().fold(max, |m, &v| larger(m, v.wide()))
}

/// The logarithm, worked out in `float64` and rounded once.
#[inline(always)]
fn ln<A: Lane + Cast>(v: A) -> A {
    A::from_scalar(Scalar::Float(v.to_scalar().to_f64().ln()))
}

/// The sum of a row in `V` lanes, 8 or 16, which are folded in halves.
#[inline(always)]
fn row_sum<A: Lane, const V: usize>(row: &[A]) -> A {
    let mut sums = [A::zero(); V];
    let (chunks, rest) = row.as_chunks::<V>();
    for chunk in chunks {
        for l in 0..V {
            sums[l] = sums[l] + chunk[l];
        }
    }
    let mut acc = [A::zero(); 16];
    for l in 0..V {
        acc[l] = if l < rest.len() { sums[l] + rest[l] } else { sums[l] };
    }
    if row.len() < V {
        return acc.iter().fold(A::zero(), |a, &b| a + b);
    }
    let mut eight = [A::zero(); 8];
    for l in 0..8 {
        eight[l] = if V == 16 { acc[l] + acc[l + 8] } else { acc[l] };
    }
    let mut four = [A::zero(); 4];
    for l in 0..4 {
        four[l] = eight[l] + eight[l + 4];
    }
    (four[0] + four[2]) + (four[1] + four[3])
}

/// `width` columns of a block from number `from` on, each summed one element after the other.
struct Columns<'a, T, A> {
    data: &'a [T],
    out: &'a mut [T],
    /// Room for the columns, row by row.
    terms: &'a mut [[A; STRIP]],
    inner: usize,
    from: usize,
    width: usize,
    /// Which columns keep their exponentials as `T` until they are divided.
    narrow: [bool; STRIP],
    log: bool,
}

impl<T: Kept<A> + Element, A: Lane + Cast> Work for Columns<'_, T, A> {
    type Out = ();

    #[inline(always)]
    fn run(self) {
        let Columns { data, out, terms, inner, from, width, narrow, log } = self;
        let (mut max, mut sums) = ([A::neg_infinity(); STRIP], [A::zero(); STRIP]);
        for (i, terms) in terms.iter_mut().enumerate() {
            let row = &data[i * inner + from..][..width];
            if width == STRIP {
                for l in 0..STRIP {
                    terms[l] = row[l].wide();
                }
            } else {
                // Columns that are not there are worked on, too; nobody looks at them.
                (0..STRIP).for_each(|l| terms[l] = row[l.min(width - 1)].wide());
            }
            for l in 0..STRIP {
                max[l] = larger(max[l], terms[l]);
            }
        }
        for terms in terms.iter_mut() {
            for l in 0..STRIP {
                let distance = terms[l] - max[l];
                let term = exp(distance);
                terms[l] = if log { distance } else { term };
                sums[l] = sums[l] + term;
            }
        }
        if log {
            (0..STRIP).for_each(|l| sums[l] = ln(sums[l]));
        }
        let rounds = narrow.contains(&true);
        for (i, terms) in terms.iter().enumerate() {
            let row = &mut out[i * inner + from..][..width];
            let mut kept = [T::kept(A::zero()); STRIP];
            for l in 0..STRIP {
                let term = if rounds && !log && narrow[l] { T::rounded(terms[l]) } else { terms[l] };
                kept[l] = T::kept(if log { term - sums[l] } else { term / sums[l] });
            }
            row.copy_from_slice(&kept[..width]);
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
        // A loop: what goes through an iterator's `for_each` may stay a call, without the instructions.
        for (t, &m) in self.terms.iter_mut().zip(self.shifts) {
            *t = T::kept(exp(T::rounded(t.wide() - m.wide())));
        }
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
