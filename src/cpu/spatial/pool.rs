//! Pooling: the largest element or the mean of each window.

use super::{Triple, triple};
use crate::base::DType;
use crate::base::dtype::Element;
use crate::base::error::{Result, not_implemented};
use crate::base::interrupt;
use crate::base::shape::Shape;
use crate::cpu::isa::widest;
use crate::cpu::reduce::sum::no_mean;
use crate::cpu::{copy, parallel};
use crate::store::View;
use crate::{dispatch, ensure};
use std::ops::Range;

/// Elements of windows below which one thread does all.
const GRAIN: usize = 1 << 15;

/// The windows of one dimension.
#[derive(Clone, Debug)]
struct Axis {
    /// The elements of each, within the input.
    windows: Vec<Range<usize>>,
    /// Elements of each with those of the padding.
    padded: Vec<usize>,
    /// Elements between two that count.
    step: usize,
    /// Those with all their elements within the input, each so many elements behind the one before; they may be fewer.
    whole: Range<usize>,
    stride: usize,
}

/// Windows that slide, one value a spatial dimension: `kernel` elements `dilation` apart, `stride` from one to the next, from
/// `padding` before the first element on; `counts` of them.
#[derive(Clone, Copy, Debug)]
pub struct Windows<'a> {
    /// Elements of a window.
    pub kernel: &'a [i64],
    /// Elements from one window to the next.
    pub stride: &'a [i64],
    /// Elements before the first and behind the last that are not there.
    pub padding: &'a [i64],
    /// Elements between two of a window.
    pub dilation: &'a [i64],
    /// Number of windows.
    pub counts: &'a [i64],
}

/// Refuses counts that are negative or more than the dimensions of `x`: rows without checks may be called by name.
///
/// # Errors
/// A `RuntimeError` that says so.
pub fn fits(x: &View, counts: &[i64]) -> Result<()> {
    ensure!(
        (1..=3).contains(&counts.len()) && counts.len() <= x.ndim() && counts.iter().all(|&n| n >= 0),
        "pooling takes one to three counts, none negative, for the last of {} dimensions",
        x.ndim()
    );
    Ok(())
}

impl Windows<'_> {
    /// Refuses lists that are no windows over the last dimensions of `x`.
    ///
    /// # Errors
    /// As [`fits`].
    pub fn check(&self, x: &View) -> Result<()> {
        fits(x, self.counts)?;
        let all = |list: &[i64], least: i64| list.len() == self.counts.len() && list.iter().all(|&n| n >= least);
        ensure!(
            all(self.kernel, 1) && all(self.stride, 1) && all(self.dilation, 1) && all(self.padding, 0),
            "pooling takes as many sizes, steps and paddings as counts, and positive ones"
        );
        Ok(())
    }
}

/// The axes of windows over the last dimensions of `x`.
fn sliding(x: &View, w: &Windows<'_>) -> [Axis; 3] {
    let spatial = w.kernel.len();
    let size = triple(&x.sizes()[x.ndim() - spatial..], 1);
    let (kernel, stride, padding) = (triple(w.kernel, 1), triple(w.stride, 1), triple(w.padding, 0));
    let (dilation, counts) = (triple(w.dilation, 1), triple(w.counts, 1));
    std::array::from_fn(|d| {
        let (size, padding, step) = (size[d], padding[d], dilation[d].max(1));
        let reach = step * kernel[d].saturating_sub(1) + 1;
        let last = (size + padding).checked_sub(reach).map_or(0, |room| room / stride[d] + 1).min(counts[d]);
        let whole = padding.div_ceil(stride[d]).min(last)..last;
        let mut axis = Axis { windows: Vec::new(), padded: Vec::new(), step, whole, stride: stride[d] };
        for o in 0..counts[d] {
            // Counted from the first element of the padding.
            let (from, end) = (o * stride[d], o * stride[d] + reach);
            axis.padded.push(end.min(size + 2 * padding).saturating_sub(from));
            // The first that lies on the input, a whole number of steps on.
            let first = from + padding.saturating_sub(from).div_ceil(step) * step;
            let last = end.min(size + padding);
            axis.windows
                .push((first - padding).min(size)..last.saturating_sub(padding).max((first - padding).min(size)));
        }
        axis
    })
}

/// As many windows as `counts` asks for in each dimension, that cover the last dimensions of `x` evenly.
fn adaptive(x: &View, counts: &[i64]) -> [Axis; 3] {
    let size = triple(&x.sizes()[x.ndim() - counts.len()..], 1);
    let counts = triple(counts, 1);
    std::array::from_fn(|d| {
        let (n, m) = (size[d], counts[d]);
        let windows: Vec<_> = (0..m).map(|o| o * n / m..((o + 1) * n).div_ceil(m)).collect();
        let padded = windows.iter().map(ExactSizeIterator::len).collect();
        Axis { windows, padded, step: 1, whole: 0..0, stride: 1 }
    })
}

/// The sizes of what comes out: the last dimensions of `x` are those of `axes`.
fn out_sizes(x: &View, axes: &[Axis; 3], spatial: usize) -> Shape {
    let kept = x.sizes()[..x.ndim() - spatial].iter().copied();
    kept.chain(axes[3 - spatial..].iter().map(|a| a.windows.len() as i64)).collect()
}

/// The planes of a tensor, each pooled by itself.
struct Planes<'a> {
    axes: &'a [Axis; 3],
    size: Triple,
    /// Windows of a plane.
    places: usize,
}

impl<'a> Planes<'a> {
    fn new(x: &View, axes: &'a [Axis; 3], spatial: usize) -> Self {
        let size = triple(&x.sizes()[x.ndim() - spatial..], 1);
        Planes { axes, size, places: axes.iter().map(|a| a.windows.len()).product() }
    }

    fn area(&self) -> usize {
        self.size.iter().product()
    }

    /// Planes that are worth a thread.
    fn least(&self) -> usize {
        (GRAIN / self.area()).max(1)
    }

    /// Folds each window of a plane: `begin(place)` of its first element, then `step(folded, element, place)` of every one; what comes
    /// out is `end(folded, by)`, `by(elements there, elements with the padding)` being alike for most, and `empty` of a window without
    /// elements.
    #[inline(always)]
    fn fold<T: Copy, A: Copy, R: Copy, D: Copy>(
        &self,
        data: &[T],
        out: &mut [R],
        begin: impl Fn(usize) -> A,
        step: impl Fn(A, T, usize) -> A,
        (by, end, empty): (impl Fn(Triple, Triple) -> D, impl Fn(A, D) -> R, R),
    ) {
        let [depth, height, width] = self.axes;
        let Range { start: first, end: last } = width.whole;
        let mut row = vec![begin(0); width.windows.len()];
        let mut rows = out.chunks_mut(width.windows.len());
        for (d, deep) in depth.windows.iter().enumerate() {
            for (h, high) in height.windows.iter().enumerate() {
                interrupt::poll();
                let Some(out) = rows.next() else { return };
                let top = (deep.start * self.size[1] + high.start) * self.size[2];
                for (a, wide) in row.iter_mut().zip(&width.windows) {
                    *a = begin(top + wide.start);
                }
                for z in deep.clone().step_by(depth.step) {
                    for y in high.clone().step_by(height.step) {
                        let at = (z * self.size[1] + y) * self.size[2];
                        let line = &data[at..at + self.size[2]];
                        let mut windows = |part: Range<usize>| {
                            for (a, wide) in row[part.clone()].iter_mut().zip(&width.windows[part]) {
                                let mut x = wide.start;
                                while x < wide.end {
                                    *a = step(*a, line[x], at + x);
                                    x += width.step;
                                }
                            }
                        };
                        windows(0..first);
                        windows(last..width.windows.len());
                        // An element of all whole windows after the other: each is folded in the same order.
                        if first < last {
                            for x in width.windows[first].clone().step_by(width.step) {
                                let row = &mut row[first..last];
                                match width.stride {
                                    1 => every::<T, A, 1>(row, &line[x..], at + x, &step),
                                    2 => every::<T, A, 2>(row, &line[x..], at + x, &step),
                                    3 => every::<T, A, 3>(row, &line[x..], at + x, &step),
                                    n => {
                                        for (i, (a, &v)) in row.iter_mut().zip(line[x..].iter().step_by(n)).enumerate()
                                        {
                                            *a = step(*a, v, at + x + i * n);
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
                let parts = |w: usize| {
                    let wide = width.windows[w].len().div_ceil(width.step);
                    let there = [deep.len().div_ceil(depth.step), high.len().div_ceil(height.step), wide];
                    (there, [depth.padded[d], height.padded[h], width.padded[w]])
                };
                for w in (0..first).chain(last..row.len()) {
                    let (there, padded) = parts(w);
                    out[w] = if there.contains(&0) { empty } else { end(row[w], by(there, padded)) };
                }
                if first < last {
                    let (there, padded) = parts(first);
                    if there.contains(&0) {
                        out[first..last].fill(empty);
                        continue;
                    }
                    let by = by(there, padded);
                    for (o, &a) in out[first..last].iter_mut().zip(&row[first..last]) {
                        *o = end(a, by);
                    }
                }
            }
        }
    }
}

/// Folds every `N`th element of a line into the next of `row`.
#[inline(always)]
fn every<T: Copy, A: Copy, const N: usize>(row: &mut [A], line: &[T], at: usize, step: &impl Fn(A, T, usize) -> A) {
    let Some((last, row)) = row.split_last_mut() else { return };
    let (groups, _) = line.as_chunks::<N>();
    for (i, (a, v)) in row.iter_mut().zip(groups).enumerate() {
        *a = step(*a, v[0], at + i * N);
    }
    // Behind its last element there may be less than a group.
    *last = step(*last, line[row.len() * N], at + row.len() * N);
}

/// The largest element of each window and, where asked for, its number in its plane; nan is larger than all.
///
/// # Errors
/// torch's, for dtypes without an order.
pub fn max_pool(x: &View, windows: &Windows<'_>, places: bool) -> Result<(View, View)> {
    windows.check(x)?;
    let kernel = match windows.kernel.len() {
        1 if !places => "max_pool1d_impl",
        3 => "max_pool3d",
        _ => "max_pool2d",
    };
    largest(x, &sliding(x, windows), windows.kernel.len(), places, kernel)
}

/// As [`max_pool`] with places, of `counts` windows that cover the input evenly.
///
/// # Errors
/// As [`max_pool`].
pub fn adaptive_max_pool(x: &View, counts: &[i64]) -> Result<(View, View)> {
    fits(x, counts)?;
    let name = if counts.len() == 3 { "adaptive_max_pool3d_cpu" } else { "adaptive_max_pool2d" };
    largest(x, &adaptive(x, counts), counts.len(), true, name)
}

fn largest(x: &View, axes: &[Axis; 3], spatial: usize, places: bool, kernel: &str) -> Result<(View, View)> {
    let dtype = x.dtype();
    let floats = kernel == "max_pool1d_impl" || kernel.starts_with("adaptive");
    if dtype == DType::Bool || dtype.is_complex() || floats && !dtype.is_float() {
        return Err(not_implemented(format!("\"{kernel}\" not implemented for '{}'", dtype.aten())));
    }
    // Few types keep the program small, and all values.
    let wide = if dtype.is_float() { dtype.opmath() } else { DType::I64 };
    let x = copy::contiguous(&copy::cast(x, wide)?)?;
    let sizes = out_sizes(&x, axes, spatial);
    let mut values = View::empty(wide, &sizes)?;
    let mut numbers = View::empty(DType::I64, &sizes)?;
    if values.numel() == 0 {
        return Ok((copy::cast(&values, dtype)?, numbers));
    }
    let planes = Planes::new(&x, axes, spatial);
    match wide {
        DType::F64 => planes.largest::<f64>(&x, &mut values, &mut numbers, places),
        DType::I64 => planes.largest::<i64>(&x, &mut values, &mut numbers, places),
        _ => planes.largest::<f32>(&x, &mut values, &mut numbers, places),
    }
    Ok((copy::cast(&values, dtype)?, numbers))
}

impl Planes<'_> {
    fn largest<T: Element + PartialOrd>(&self, x: &View, values: &mut View, numbers: &mut View, places: bool) {
        let outs = values.slice_mut::<T>().chunks_mut(self.places);
        let data = x.slice::<T>().chunks(self.area());
        if places {
            let numbers = numbers.slice_mut::<i64>().chunks_mut(self.places);
            parallel::for_each(outs.zip(numbers).zip(data), self.least(), |((out, numbers), data)| {
                let step = |at: usize, v: T, here: usize| if above(v, data[at]) { here } else { at };
                self.fold(data, numbers, |at| at, step, (|_, _| (), |at, ()| at as i64, 0));
                out.iter_mut().zip(numbers).for_each(|(o, &mut at)| *o = data[at as usize]);
            });
        } else {
            parallel::for_each(outs.zip(data), self.least(), |(out, data)| {
                let first = |at: usize| data[at.min(data.len() - 1)];
                widest(
                    #[inline(always)]
                    || {
                        let step = |m, v, _| if above(v, m) { v } else { m };
                        self.fold(data, out, first, step, (|_, _| (), |m, ()| m, T::default()));
                    },
                );
            });
        }
    }
}

/// Whether `v` takes the place of `m`.
#[inline(always)]
#[allow(clippy::eq_op)]
fn above<T: PartialOrd>(v: T, m: T) -> bool {
    v > m || v != v
}

/// The mean of each window: divided by `divisor`, by its elements with those of the padding, or by those that are there.
///
/// # Errors
/// torch's, for dtypes without a mean.
pub fn avg_pool(x: &View, windows: &Windows<'_>, with_padding: bool, divisor: Option<i64>) -> Result<View> {
    windows.check(x)?;
    let name = if windows.kernel.len() == 3 { "avg_pool3d_out_frame" } else { "avg_pool2d" };
    let count = |n: Triple| [n.iter().product::<usize>() as f64, 1.0, 1.0];
    means(x, &sliding(x, windows), windows.kernel.len(), name, |there, padded| match divisor {
        Some(d) => [d as f64, 1.0, 1.0],
        None => count(if with_padding { padded } else { there }),
    })
}

/// The mean of each of `counts` windows that cover the input evenly.
///
/// # Errors
/// torch's, for dtypes that are not floating.
pub fn adaptive_avg_pool(x: &View, counts: &[i64]) -> Result<View> {
    fits(x, counts)?;
    let name = if counts.len() == 3 { "adaptive_avg_pool3d_cpu" } else { "adaptive_avg_pool2d" };
    // One window is the mean of all.
    if !x.dtype().is_float() && counts.iter().all(|&n| n == 1) {
        return Err(no_mean(x.dtype(), "Input"));
    }
    if x.dtype() == DType::I64 {
        return Err(not_implemented(format!("\"{name}\" not implemented for 'Long'")));
    }
    // Divided by the elements of one dimension after the other.
    means(x, &adaptive(x, counts), counts.len(), name, |there, _| there.map(|n| n as f64))
}

/// Means of windows; `divisors(elements there, with padding)` are what a sum is divided by, one after the other.
fn means(
    x: &View,
    axes: &[Axis; 3],
    spatial: usize,
    kernel: &str,
    divisors: impl Fn(Triple, Triple) -> [f64; 3] + Sync,
) -> Result<View> {
    let dtype = x.dtype();
    if !dtype.is_float() && dtype != DType::I64 {
        return Err(not_implemented(format!("\"{kernel}\" not implemented for '{}'", dtype.aten())));
    }
    let wide = copy::contiguous(&copy::cast(x, dtype.opmath())?)?;
    let mut out = View::empty(wide.dtype(), &out_sizes(x, axes, spatial))?;
    if out.numel() == 0 {
        return copy::cast(&out, dtype);
    }
    let planes = Planes::new(x, axes, spatial);
    dispatch!(wide.dtype(), wide T => {
        let data = wide.slice::<T>().chunks(planes.area());
        parallel::for_each(out.slice_mut::<T>().chunks_mut(planes.places).zip(data), planes.least(), |(out, data)| {
            widest(
                #[inline(always)]
                || {
                    let by = |there, padded| divisors(there, padded).map(|by| by as T);
                    let mean = |sum: T, by: [T; 3]| sum / by[0] / by[1] / by[2];
                    planes.fold(data, out, |_| 0.0, |sum: T, v: T, _| sum + v, (by, mean, 0.0));
                },
            );
        });
    }, else {
        let data = wide.slice::<i64>().chunks(planes.area());
        parallel::for_each(out.slice_mut::<i64>().chunks_mut(planes.places).zip(data), planes.least(), |(out, data)| {
            // An empty window has no elements to divide by.
            let by = |there, padded| match divisors(there, padded)[0] as i64 {
                0 => 1,
                n => n,
            };
            planes.fold(data, out, |_| 0, |sum: i64, v, _| sum.wrapping_add(v), (by, |sum: i64, by: i64| sum.wrapping_div(by), 0));
        });
    });
    copy::cast(&out, dtype)
}
