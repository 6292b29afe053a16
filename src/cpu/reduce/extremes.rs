//! Smallest and largest elements, and where they are. A nan beats everything; of equal elements the first wins, but for a
//! zero among few elements that are all reduced.

use super::walk::Walk;
use super::{Reduced, Rows, is_nan, no_elements, ordered};
use crate::base::dtype::Element;
use crate::base::error::{Error, Result, index_error, runtime};
use crate::base::shape::wrap_dim;
use crate::base::{DType, Scalar};
use crate::cpu::isa::{Work, widest};
use crate::cpu::{copy, parallel};
use crate::dispatch;
use crate::store::View;
use std::hint::select_unpredictable;

/// Which end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum End {
    /// The smallest.
    Min,
    /// The largest.
    Max,
}

impl End {
    fn pick(self, min: &'static str, max: &'static str) -> &'static str {
        if self == End::Min { min } else { max }
    }
}

/// `torch.amin`, `torch.amax`: the smallest or largest of each group.
///
/// # Errors
/// An empty group, a bad dimension, or a dtype without order.
pub fn extreme(x: &View, dims: Option<&[i64]>, keepdim: bool, end: End) -> Result<View> {
    let name = end.pick("amin()", "amax()");
    // Empty dimensions are told before dimensions that come twice.
    for &d in dims.filter(|_| x.numel() == 0).unwrap_or(&[]) {
        if x.sizes()[wrap_dim(d, x.ndim())?] == 0 {
            return Err(no_elements(name, d));
        }
    }
    let shape = Reduced::new(x, dims, keepdim)?;
    if x.numel() == 0 {
        if dims.is_none_or(<[i64]>::is_empty) {
            return Err(no_dim(name));
        }
        return View::empty(x.dtype(), &shape.sizes);
    }
    ordered(end.pick("min_values_cpu", "max_values_cpu"), x.dtype())?;
    reduce(x, &shape, end)
}

/// `torch.min(x)`, `torch.max(x)`: of all elements.
///
/// # Errors
/// As [`extreme`].
pub fn extreme_all(x: &View, end: End) -> Result<View> {
    if x.numel() == 0 {
        return Err(no_dim(end.pick("min()", "max()")));
    }
    ordered(end.pick("min_all", "max_all"), x.dtype())?;
    Ok(last_zero(x, reduce(x, &Reduced::new(x, None, false)?, end)?))
}

/// Elements up to which ATen, which reduces all of them in vectors, keeps the last of equal ones more often than another.
const ORDERED: usize = 64;

/// The extreme of all elements; where it is a zero, the last one: zeros of both signs are equal.
fn last_zero(x: &View, out: View) -> View {
    let zero = |v: &Scalar| matches!(v, Scalar::Float(f) if *f == 0.0);
    if x.numel() <= ORDERED
        && zero(&out.get(0))
        && let Some(last) = (0..x.numel()).rev().map(|i| x.get(i)).find(zero)
    {
        out.set(0, last);
    }
    out
}

/// `torch.aminmax`: both ends, of all elements or along one dimension.
///
/// # Errors
/// As [`extreme`].
pub fn aminmax(x: &View, dim: Option<i64>, keepdim: bool) -> Result<(View, View)> {
    let dims = dim.map(|d| [d]);
    let shape = Reduced::new(x, dims.as_ref().map(|d| &d[..]), keepdim)?;
    if x.numel() == 0 {
        if dim.is_none() {
            return Err(runtime(
                "aminmax(): cannot compute aminmax over an empty dimension as the operation has no identity.",
            ));
        }
        if let Some(d) = shape.empty_dim(x, None).filter(|&d| shape.mask[d as usize]) {
            return Err(no_elements("aminmax", d));
        }
    }
    if x.ndim() == 0 && dim.is_some() {
        if x.dtype().is_complex() {
            return Err(runtime(format!("aminmax not implemented for {}", x.dtype().aten())));
        }
        return Ok((copy::clone(x)?, copy::clone(x)?));
    }
    ordered("aminmax_cpu", x.dtype())?;
    let (min, max) = (reduce(x, &shape, End::Min)?, reduce(x, &shape, End::Max)?);
    Ok(if dim.is_some() || x.numel() == 0 { (min, max) } else { (last_zero(x, min), last_zero(x, max)) })
}

#[cold]
fn no_dim(name: &str) -> Error {
    runtime(format!(
        "{name}: Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with the 'dim' \
         argument."
    ))
}

fn reduce(x: &View, shape: &Reduced, end: End) -> Result<View> {
    if x.numel() == 0 {
        return View::empty(x.dtype(), &shape.sizes);
    }
    let first = shape.first(x)?;
    // A group's first element is its starting value: every reduced dimension has size 1 there.
    let mut out = first.try_view(&shape.sizes).unwrap_or(first);
    let walk = Walk::new(x, &shape.mask);
    dispatch!(x.dtype(), real T => {
        let (data, slots) = (x.span::<T>(), out.slice_mut::<T>());
        match end {
            End::Min => walk.fold_free(data, slots, smaller, smaller),
            End::Max => walk.fold_free(data, slots, larger, larger),
        }
    }, else ());
    Ok(out)
}

// A branch would become a store under a mask, which is slow where lanes are stored at every step.
#[inline(always)]
fn smaller<T: Copy + PartialOrd>(a: T, v: T) -> T {
    select_unpredictable((v < a) | is_nan(v), v, a)
}

#[inline(always)]
fn larger<T: Copy + PartialOrd>(a: T, v: T) -> T {
    select_unpredictable((v > a) | is_nan(v), v, a)
}

/// `torch.min(x, dim)`, `torch.max(x, dim)`: values and their positions along `dim`.
///
/// # Errors
/// An empty dimension, a bad dimension, or a dtype without order.
pub fn extreme_at(x: &View, dim: i64, keepdim: bool, end: End) -> Result<(View, View)> {
    let name = end.pick("min()", "max()");
    let rows = Rows::new(x, dim, keepdim, name)?;
    if x.dtype().is_complex() {
        return Err(runtime(format!("{name}: does not support complex input")));
    }
    if x.numel() > 0 && x.ndim() > 0 {
        ordered(end.pick("min_cpu", "max_cpu"), x.dtype())?;
    }
    let mut places = View::empty(DType::I64, &rows.sizes)?;
    let mut values = View::empty(x.dtype(), &rows.sizes)?;
    dispatch!(x.dtype(), real T => {
        let data = rows.data.slice::<T>();
        positions(data, rows.length, places.slice_mut::<i64>(), end);
        let chosen = values.slice_mut::<T>().iter_mut().zip(places.slice::<i64>());
        chosen.zip(data.chunks(rows.length.max(1))).for_each(|((v, &i), row)| *v = row[i as usize]);
    }, else ());
    Ok((values, places))
}

/// `torch.argmin`, `torch.argmax`: positions along `dim`, or in the flattened tensor.
///
/// # Errors
/// As [`extreme_at`].
pub fn arg(x: &View, dim: Option<i64>, keepdim: bool, end: End) -> Result<View> {
    let name = end.pick("argmin()", "argmax()");
    if x.dtype().is_complex() || x.dtype() == DType::Bool {
        let what = if x.dtype().is_complex() { "complex" } else { "bool" };
        return Err(runtime(format!("{name}: does not support {what} input")));
    }
    let rows = match dim {
        Some(d) => Rows::new(x, d, keepdim, name)?,
        None if x.numel() == 0 => {
            return Err(index_error(format!("{name}: Expected reduction dim to be specified for input.numel() == 0.")));
        }
        None => Rows { data: copy::contiguous(x)?, length: x.numel(), sizes: Reduced::new(x, None, keepdim)?.sizes },
    };
    if x.numel() > 0 && !(rows.length == 1 && dim.is_some() && x.ndim() > 0) {
        ordered(end.pick("argmin_cpu", "argmax_cpu"), x.dtype())?;
    }
    let mut places = View::empty(DType::I64, &rows.sizes)?;
    dispatch!(x.dtype(), real T => {
        positions(rows.data.slice::<T>(), rows.length, places.slice_mut::<i64>(), end);
    }, else ());
    Ok(places)
}

/// Where each row's extreme is: its first nan, else the first of its largest or smallest elements.
fn positions<T: Element + PartialOrd>(data: &[T], length: usize, out: &mut [i64], end: End) {
    let group = (super::walk::GRAIN / length.max(1)).max(1);
    parallel::for_each(out.chunks_mut(group).zip(data.chunks(group * length.max(1))), 1, |(out, rows)| match end {
        End::Min => widest(Positions { out, rows, length, pick: |a, v| smaller(a, v) }),
        End::Max => widest(Positions { out, rows, length, pick: |a, v| larger(a, v) }),
    });
}

/// Elements that are looked through at once for the one that was picked.
const LANES: usize = 32;

/// Rows whose picks are looked for.
struct Positions<'a, T, P> {
    out: &'a mut [i64],
    rows: &'a [T],
    length: usize,
    pick: P,
}

// Lanes are counted: an iterator's making is a call in the middle of a loop where it is not inlined.
#[allow(clippy::needless_range_loop)]
impl<T: Element + PartialOrd, P: Fn(T, T) -> T> Work for Positions<'_, T, P> {
    type Out = ();

    #[inline(always)]
    fn run(self) {
        for (out, row) in self.out.iter_mut().zip(self.rows.chunks(self.length.max(1))) {
            let (chunks, rest) = row.as_chunks::<LANES>();
            let mut lanes = [row[0]; LANES];
            for chunk in chunks {
                for l in 0..LANES {
                    lanes[l] = (self.pick)(lanes[l], chunk[l]);
                }
            }
            let best = lanes.iter().chain(rest).fold(row[0], |a, &v| (self.pick)(a, v));
            // Nan is picked before all else, and equals nothing.
            let nan = is_nan(best);
            let hit = |v: T| if nan { is_nan(v) } else { v == best };
            let from = chunks.iter().position(|chunk| chunk.iter().fold(false, |any, &v| any | hit(v)));
            let from = from.unwrap_or(chunks.len()) * LANES;
            *out = (from + row[from..].iter().position(|&v| hit(v)).unwrap_or(0)) as i64;
        }
    }
}
