//! Counting: `bincount`, `histc`, `histogram`, `one_hot`.

use super::element::{highest, lowest, unsupported};
use crate::base::DType;
use crate::base::dtype::Element;
use crate::base::error::{Result, runtime};
use crate::base::interrupt::{poll, polled};
use crate::base::scalar::Scalar;
use crate::base::shape::{Shape, show};
use crate::cpu::isa::widest;
use crate::cpu::{copy, create, parallel, streamed};
use crate::store::View;
use std::ops::Range;

/// How often each integer occurs, or the sum of its weights (`float32` if they are, else `float64`).
///
/// # Errors
/// torch's, for inputs that are not a vector of non-negative integers.
pub fn bincount(x: &View, weights: Option<&View>, minlength: i64) -> Result<View> {
    let refused = !x.dtype().is_int() || matches!(x.dtype(), DType::U16 | DType::U32 | DType::U64);
    if refused {
        return Err(unsupported("bincount_cpu", x.dtype()));
    }
    if minlength < 0 {
        return Err(runtime("minlength should be >= 0"));
    }
    if x.ndim() == 1 && x.numel() == 0 {
        return View::zeros(DType::I64, &[minlength]);
    }
    let x = copy::contiguous(&copy::cast(x, DType::I64)?)?;
    let values = x.slice::<i64>();
    let mut ranges = vec![(i64::MAX, -1); values.len().div_ceil(PIECE)];
    parallel::for_each(ranges.iter_mut().zip(values.chunks(PIECE)), 1, |(range, piece)| {
        *range = widest(
            #[inline(always)]
            || piece.iter().fold((i64::MAX, -1), |(low, high), &v| (v.min(low), v.max(high))),
        );
    });
    let (low, high) = ranges.iter().fold((i64::MAX, -1), |a, b| (a.0.min(b.0), a.1.max(b.1)));
    if x.ndim() != 1 || low < 0 {
        return Err(runtime("bincount only supports 1-d non-negative integral inputs."));
    }
    if weights.is_some_and(|w| w.ndim() != 1 || w.numel() != values.len()) {
        return Err(runtime("weights should be 1-d and have the same length as input"));
    }
    let n = high.saturating_add(1).max(minlength);
    match weights {
        None => {
            let mut out = View::zeros(DType::I64, &[n])?;
            count(values.len(), out.slice_mut(), |range, counts| {
                values[range].iter().for_each(|&v| counts[v as usize] += 1);
            });
            Ok(out)
        }
        Some(w) if w.dtype() == DType::F32 => {
            let mut out = View::zeros(DType::F32, &[n])?;
            let sums = out.slice_mut::<f32>();
            polled(values).zip(w.to_vec::<f32>()).for_each(|(&v, w)| sums[v as usize] += w);
            Ok(out)
        }
        Some(w) => {
            let mut out = View::zeros(DType::F64, &[n])?;
            let sums = out.slice_mut::<f64>();
            polled(values).zip(w.to_vec::<f64>()).for_each(|(&v, w)| sums[v as usize] += w);
            Ok(out)
        }
    }
}

/// Elements that are counted between two looks for an interrupt.
const PIECE: usize = 1 << 15;

/// Counts `n` elements: `body` adds those of a range to the counts. Threads have counts of their own where these are few
/// beside the elements.
fn count(n: usize, out: &mut [i64], body: impl Fn(Range<usize>, &mut [i64]) + Sync) {
    let parts = (n / PIECE).min(n / 4 / out.len().max(1)).min(parallel::threads());
    let pieces = |from: usize, to: usize, counts: &mut [i64]| {
        for start in (from..to).step_by(PIECE) {
            poll();
            body(start..to.min(start + PIECE), counts);
        }
    };
    if parts < 2 {
        return pieces(0, n, out);
    }
    let mut all: Vec<Vec<i64>> = vec![vec![0; out.len()]; parts];
    parallel::for_each(all.iter_mut().enumerate(), 1, |(i, counts)| {
        pieces(n / parts * i, if i + 1 == parts { n } else { n / parts * (i + 1) }, counts);
    });
    all.iter().for_each(|counts| out.iter_mut().zip(counts).for_each(|(total, c)| *total += c));
}

/// How a value finds its bin.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Find {
    /// By its share of the range: `histc`.
    Linear,
    /// By its share, then checked against the neighbouring edges: evenly spaced `histogram`.
    Checked,
    /// By binary search: given edges.
    Search,
}

/// Sums the weights (or ones) of the values in each bin; the last bin includes its upper edge.
macro_rules! tally {
    ($T:ty, $round:expr, $x:expr, $weights:expr, $edges:expr, $find:expr) => {{
        let edges: Vec<$T> = $edges.to_vec();
        let values = copy::contiguous(&copy::cast($x, <$T as Element>::DTYPE)?)?;
        let values = values.slice::<$T>();
        let bins = edges.len() - 1;
        let (low, high) = (edges[0], edges[bins]);
        let bin = |v: $T| {
            if !(v >= low && v <= high) {
                return None;
            }
            let mut at = match $find {
                Find::Search => edges.partition_point(|&e| e <= v).max(1) - 1,
                _ => $round($round($round(v - low) * bins as $T) / $round(high - low)) as usize,
            };
            if $find == Find::Checked {
                let (from, to) = (at.saturating_sub(1).min(bins), (at + 2).min(bins + 1));
                at = from + edges[from..to].partition_point(|&e| e <= v).max(1) - 1;
            }
            Some(at.min(bins - 1))
        };
        let sums: Vec<$T> = match $weights {
            None => {
                let mut counts = vec![0i64; bins];
                count(values.len(), &mut counts, |range, counts| {
                    values[range].iter().filter_map(|&v| bin(v)).for_each(|at| counts[at] += 1);
                });
                counts.iter().map(|&n| n as $T).collect()
            }
            Some(weights) => {
                let mut sums = vec![0.0; bins];
                for (&v, w) in polled(values).zip(weights.to_vec::<$T>()) {
                    bin(v).into_iter().for_each(|at| sums[at] += w);
                }
                sums
            }
        };
        View::vector(&sums)?
    }};
}

fn tally(x: &View, weights: Option<&View>, edges: &View, find: Find) -> Result<View> {
    // Places are computed in the data's own dtype.
    Ok(match x.dtype() {
        DType::F64 => tally!(f64, |v: f64| v, x, weights, edges, find),
        DType::F16 => {
            copy::cast(&tally!(f32, |v| half::f16::from_f32(v).to_f32(), x, weights, edges, find), DType::F16)?
        }
        DType::BF16 => {
            copy::cast(&tally!(f32, |v| half::bf16::from_f32(v).to_f32(), x, weights, edges, find), DType::BF16)?
        }
        dtype => copy::cast(&tally!(f32, |v: f32| v, x, weights, edges, find), dtype)?,
    })
}

/// The smallest and largest element; a nan makes both nan.
fn extremes(x: &View) -> (f64, f64) {
    let start = (highest(DType::F64).to_f64(), lowest(DType::F64).to_f64());
    x.to_vec::<f64>().iter().fold(start, |(low, high), &v| {
        if v.is_nan() || low.is_nan() { (f64::NAN, f64::NAN) } else { (low.min(v), high.max(v)) }
    })
}

/// Widens an empty range by one, and takes that of the data where none is given.
fn range(x: &View, low: f64, high: f64, given: bool) -> (f64, f64) {
    let (mut low, mut high) = (low, high);
    if !given && x.numel() > 0 {
        (low, high) = extremes(x);
    }
    (low, high)
}

/// Counts in `bins` equal bins between `min` and `max`, those of the data when both are equal.
///
/// # Errors
/// torch's, for a wrong dtype, number of bins or range.
pub fn histc(x: &View, bins: i64, min: Scalar, max: Scalar) -> Result<View> {
    if bins <= 0 {
        return Err(runtime(format!("torch.histogram(): bins must be > 0, but got {bins} for dimension 0")));
    }
    let (min, max) = (min.to_f64(), max.to_f64());
    let check = |low: f64, high: f64| {
        if !low.is_finite() || !high.is_finite() {
            let (low, high) = (minus(low, min, max), minus(high, min, max));
            return Err(runtime(format!("torch.histc: range of [{low}, {high}] is not finite")));
        }
        if low > high {
            return Err(runtime("torch.histc: max must be larger than min"));
        }
        Ok(())
    };
    if min != max {
        check(min, max)?;
    }
    if x.dtype().is_complex() {
        let kernel = if min == max { "aminmax_cpu" } else { "histogram_cpu" };
        return Err(unsupported(kernel, x.dtype()));
    }
    if x.dtype() == DType::Bool {
        return Err(unsupported("linspace_cpu", x.dtype()));
    }
    let (low, high) = range(x, min, max, min != max);
    check(low, high)?;
    if !x.dtype().is_float() {
        return Err(unsupported("histogram_cpu", x.dtype()));
    }
    let (low, high) = if low == high { (low - 1.0, high + 1.0) } else { (low, high) };
    let edges = create::linspace(Scalar::Float(low), Scalar::Float(high), bins + 1, x.dtype())?;
    tally(x, None, &edges, Find::Linear)
}

/// The nan that x86 makes of a comparison of the data carries a sign in ATen's message.
fn minus(v: f64, min: f64, max: f64) -> String {
    if v.is_nan() && min == max { "-nan".into() } else { streamed::number(v) }
}

/// The bins of a histogram: a number, or their edges.
#[derive(Clone, Debug)]
pub enum Bins {
    /// Equal bins, over the data's range or the one given.
    Count(i64, Option<(f64, f64)>),
    /// The edges, ascending.
    Edges(View),
}

/// Counts (or sums of weights) and the edges of the bins.
///
/// # Errors
/// torch's, for a wrong dtype, shape, number of bins or range.
pub fn histogram(x: &View, bins: &Bins, weight: Option<&View>, density: bool) -> Result<(View, View)> {
    let dtype = x.dtype();
    let count = match bins {
        Bins::Count(n, _) => *n,
        Bins::Edges(e) if e.dtype() != dtype => {
            return Err(runtime(format!(
                "torch.histogramdd: input tensor and bins tensors should have the same dtype, but got input with dtype \
                 {} and bins for dimension 0 with dtype {}",
                dtype.cpp(),
                e.dtype().cpp()
            )));
        }
        Bins::Edges(e) if e.ndim() != 1 => {
            return Err(runtime(format!(
                "torch.histogramdd: bins tensor should have one dimension, but got {} dimensions in the bins tensor for \
                 dimension 0",
                e.ndim()
            )));
        }
        Bins::Edges(e) if e.numel() == 0 => {
            return Err(runtime(
                "torch.histogramdd: bins tensor should have at least 1 element, but got 0 elements in the bins tensor for \
                 dimension 0",
            ));
        }
        Bins::Edges(e) => e.numel() as i64 - 1,
    };
    if count <= 0 {
        return Err(runtime(format!("torch.histogram(): bins must be > 0, but got {count} for dimension 0")));
    }
    // The range is looked for before anything is weighed.
    if matches!(bins, Bins::Count(_, None)) && (!dtype.is_float() || dtype.is_half() && x.numel() > 0) {
        return Err(unsupported("histogramdd", dtype));
    }
    if let Some(w) = weight {
        if w.dtype() != dtype {
            return Err(runtime(format!(
                "torch.histogramdd: if weight tensor is provided, input tensor and weight tensor should have the same \
                 dtype, but got input({}), and weight({})",
                dtype.cpp(),
                w.dtype().cpp()
            )));
        }
        if w.numel() != x.numel() {
            let sizes: Shape = [x.numel() as i64, 1].into_iter().collect();
            return Err(runtime(format!(
                "torch.histogramdd: if weight tensor is provided it should have the same shape as the input tensor \
                 excluding its innermost dimension, but got input with shape {} and weight with shape {}",
                show(&sizes),
                show(&[w.numel() as i64])
            )));
        }
    }
    match bins {
        Bins::Edges(_) if !dtype.is_float() => return Err(unsupported("histogram_cpu", dtype)),
        Bins::Count(..) if dtype == DType::Bool => return Err(unsupported("linspace_cpu", dtype)),
        Bins::Count(..) if !dtype.is_float() => return Err(unsupported("histogram_cpu", dtype)),
        _ => {}
    }
    let (edges, find) = match bins {
        Bins::Edges(e) => (copy::contiguous(e)?, Find::Search),
        Bins::Count(n, given) => {
            let (low, high) = given.unwrap_or_else(|| if x.numel() > 0 { extremes(x) } else { (0.0, 0.0) });
            if !low.is_finite() || !high.is_finite() {
                return Err(runtime(format!(
                    "torch.histogramdd: dimension 0's range [{}, {}] is not finite",
                    streamed::number(low),
                    streamed::number(high)
                )));
            }
            if low > high {
                return Err(runtime(format!(
                    "torch.histogramdd: min should not exceed max, but got min {} max {} for dimension 0",
                    streamed::number(low),
                    streamed::number(high)
                )));
            }
            let (low, high) = match (low == high, given.is_none() && x.numel() == 0) {
                (_, true) => (0.0, 1.0),
                (true, _) => (low - 0.5, high + 0.5),
                _ => (low, high),
            };
            (create::linspace(Scalar::Float(low), Scalar::Float(high), n + 1, dtype)?, Find::Checked)
        }
    };
    let hist = tally(x, weight, &edges, find)?;
    Ok((if density { densities(&hist, &edges)? } else { hist }, edges))
}

/// Each count over the total and its bin's width.
fn densities(hist: &View, edges: &View) -> Result<View> {
    macro_rules! run {
        ($T:ty) => {{
            let (mut h, e): (Vec<$T>, Vec<$T>) = (hist.to_vec(), edges.to_vec());
            let total: $T = h.iter().sum();
            h.iter_mut().zip(e.windows(2)).for_each(|(v, w)| *v = *v / total / (w[1] - w[0]));
            View::vector(&h)
        }};
    }
    let out = if hist.dtype() == DType::F64 { run!(f64) } else { run!(f32) };
    copy::cast(&out?, hist.dtype())
}

/// A row of `classes` zeros with a one at each index; -1 takes one class more than the largest index.
///
/// # Errors
/// torch's, for a dtype that is not `int64` or an index out of range.
pub fn one_hot(x: &View, classes: i64) -> Result<View> {
    if x.dtype() != DType::I64 {
        return Err(runtime("one_hot is only applicable to index tensor of type LongTensor."));
    }
    let values: Vec<i64> = x.to_vec();
    if values.is_empty() && classes <= 0 {
        return Err(runtime("Can not infer total number of classes from empty tensor."));
    }
    if values.iter().any(|&v| v < 0) {
        return Err(runtime("Class values must be non-negative."));
    }
    let largest = values.iter().max().copied().unwrap_or(-1);
    let classes = if classes == -1 { largest + 1 } else { classes };
    if largest >= classes {
        return Err(runtime("Class values must be smaller than num_classes."));
    }
    let mut sizes = Shape::from_slice(x.sizes());
    sizes.push(classes);
    let mut out = View::zeros(DType::I64, &sizes)?;
    let rows = out.slice_mut::<i64>().chunks_exact_mut(classes.max(1) as usize);
    rows.zip(values).for_each(|(row, v)| row[v as usize] = 1);
    Ok(out)
}
