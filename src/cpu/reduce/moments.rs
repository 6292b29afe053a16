//! Variances and standard deviations.
//!
//! As in ATen: over all elements of a float tensor, the mean first and then squared distances in `float64`; along
//! dimensions, and for halves, Welford's running update in `float64`.

use super::walk::{GRAIN, Walk, chunks};
use super::{Reduced, sum};
use crate::base::dtype::Element;
use crate::base::error::{Result, runtime};
use crate::base::scalar::{Cast, Scalar};
use crate::cpu::isa::{Work, widest};
use crate::cpu::parallel;
use crate::dispatch;
use crate::store::View;

/// What `var`, `std`, `var_mean` and `std_mean` take beside the tensor.
#[derive(Clone, Copy, Debug)]
pub struct Moments<'a> {
    /// Dimensions to reduce; all of them when `None` or empty.
    pub dims: Option<&'a [i64]>,
    /// What is subtracted from the number of elements before dividing.
    pub correction: f64,
    /// Keeps reduced dimensions with size 1.
    pub keepdim: bool,
    /// The standard deviation instead of the variance.
    pub root: bool,
}

/// `torch.var`, `torch.std`; real for complex input.
///
/// # Errors
/// A bad dimension, or integers.
pub fn var(x: &View, m: &Moments) -> Result<View> {
    if x.dtype().is_integral() {
        return Err(runtime("std and var only support floating point and complex dtypes"));
    }
    if x.dtype().is_complex() {
        let variance = Moments { root: false, ..*m };
        let parts = parts(x)?;
        return join(&var(&parts[0], &variance)?, &var(&parts[1], &variance)?, m.root);
    }
    let shape = Reduced::new(x, m.dims, m.keepdim)?;
    if x.numel() > 0 && shape.sizes.iter().product::<i64>() == 1 && !x.dtype().is_half() {
        return over_all(x, &shape, m);
    }
    Ok(welford(x, &shape, m)?.0)
}

/// `torch.var_mean`, `torch.std_mean`: the spread and the mean.
///
/// # Errors
/// As [`var`]; `name` is the function's, for the message.
pub fn var_mean(x: &View, m: &Moments, name: &str) -> Result<(View, View)> {
    if x.dtype().is_integral() {
        return Err(runtime(format!("{name} only support floating point and complex dtypes")));
    }
    if x.dtype().is_complex() {
        let variance = Moments { root: false, ..*m };
        let [re, im] = parts(x)?;
        let ((v, a), (w, b)) = (var_mean(&re, &variance, name)?, var_mean(&im, &variance, name)?);
        let mean = View::empty(x.dtype(), a.sizes())?;
        for i in 0..mean.numel() {
            let z = crate::base::dtype::C64::new(a.get(i).to_f64(), b.get(i).to_f64());
            mean.set(i, Scalar::Complex(z));
        }
        return Ok((join(&v, &w, m.root)?, mean));
    }
    welford(x, &Reduced::new(x, m.dims, m.keepdim)?, m)
}

/// Real and imaginary parts, as views.
///
/// # Errors
/// As [`View::reinterpret`].
pub fn parts(x: &View) -> Result<[View; 2]> {
    let strides: Vec<i64> = x.strides().iter().map(|s| s * 2).collect();
    let part = |k| x.reinterpret(x.dtype().real(), x.sizes(), &strides, x.offset() * 2 + k);
    Ok([part(0)?, part(1)?])
}

fn join(re: &View, im: &View, root: bool) -> Result<View> {
    let mut out = View::empty(re.dtype(), re.sizes())?;
    dispatch!(re.dtype(), wide T => {
        let both = re.slice::<T>().iter().zip(im.slice::<T>());
        out.slice_mut::<T>().iter_mut().zip(both).for_each(|(o, (a, b))| *o = if root { (a + b).sqrt() } else { a + b });
    }, else ());
    Ok(out)
}

fn finish(sum: f64, n: f64, m: &Moments) -> f64 {
    let variance = sum / (n - m.correction).max(0.0);
    if m.root { variance.sqrt() } else { variance }
}

fn over_all(x: &View, shape: &Reduced, m: &Moments) -> Result<View> {
    let mean = sum::mean(x, None, false, None)?.get(0).to_f64();
    let walk = Walk::over(x);
    let numel = walk.numel();
    let total = dispatch!(x.dtype(), wide T => {
        let data = x.span::<T>();
        let piece = |range| {
            let mut sum = 0.0;
            walk.planes(range, &mut |at, _, p| {
                let mut local = 0.0;
                for j in 0..p.size[1] {
                    for i in 0..p.size[0] {
                        let d = data[at + j * p.input[1] + i * p.input[0]] as f64 - mean;
                        local += d * d;
                    }
                }
                sum += local;
            });
            sum
        };
        if numel < GRAIN {
            piece(0..numel)
        } else {
            let ranges = chunks(numel, parallel::threads(), GRAIN);
            let mut sums = vec![0.0; ranges.len()];
            parallel::for_each(sums.iter_mut().zip(ranges), 1, |(sum, range)| *sum = piece(range));
            sums.into_iter().fold(0.0, |a, b| a + b)
        }
    }, else 0.0);
    View::full(x.dtype(), &shape.sizes, Scalar::Float(finish(total, numel as f64, m)))
}

/// Welford's running moments.
#[derive(Clone, Copy, Default)]
struct Running {
    mean: f64,
    /// Sum of squared distances from the mean.
    spread: f64,
    n: i64,
    /// The count as a float: the one that `join` keeps.
    count: f64,
}

impl Running {
    #[inline(always)]
    fn step(self, v: f64) -> Running {
        let n = self.n + 1;
        let delta = v - self.mean;
        let mean = self.mean + delta / n as f64;
        Running { mean, spread: self.spread + delta * (v - mean), n, count: n as f64 }
    }

    fn join(self, b: Running) -> Running {
        if self.count == 0.0 {
            return b;
        }
        if b.count == 0.0 {
            return self;
        }
        let delta = b.mean - self.mean;
        let count = self.count + b.count;
        let share = b.count / count;
        let spread = self.spread + b.spread + delta * delta * self.count * share;
        Running { mean: self.mean + delta * share, spread, n: -1, count }
    }
}

fn welford(x: &View, shape: &Reduced, m: &Moments) -> Result<(View, View)> {
    if x.numel() == 0 {
        let nan = || View::full(x.dtype(), &shape.sizes, Scalar::Float(f64::NAN));
        return Ok((nan()?, nan()?));
    }
    let (mut spread, mut mean) = (View::empty(x.dtype(), &shape.sizes)?, View::empty(x.dtype(), &shape.sizes)?);
    let mut acc = vec![Running::default(); mean.numel()];
    let walk = Walk::new(x, &shape.mask);
    dispatch!(x.dtype(), float T => {
        let data = x.span::<T>();
        if walk.has_rows() && acc.len() > 1 {
            by_rows(data, &walk, &mut acc);
        } else {
            walk.fold(data, &mut acc, |a: Running, v: T| a.step(f64::from(v)), Running::join);
        }
        let outs = spread.slice_mut::<T>().iter_mut().zip(mean.slice_mut::<T>());
        outs.zip(&acc).for_each(|((s, a), r)| {
            *s = T::from_scalar(Scalar::Float(finish(r.spread, r.count, m)));
            *a = T::from_scalar(Scalar::Float(r.mean));
        });
    }, else ());
    Ok((spread, mean))
}

/// Rows that are walked side by side.
const SIDE_BY_SIDE: usize = 8;

/// The moments of contiguous rows: each row's steps wait for each other, those of several rows do not.
fn by_rows<T: Element>(data: &[T], walk: &Walk, acc: &mut [Running])
where
    f64: From<T>,
{
    let n = walk.dims()[0].size;
    let group = (GRAIN / n / SIDE_BY_SIDE).max(1);
    parallel::for_each(acc.chunks_mut(SIDE_BY_SIDE).enumerate(), group, |(i, out)| {
        // The last rows are walked several times where there are too few of them.
        let row = |l: usize| walk.row_start(i * SIDE_BY_SIDE + l.min(out.len() - 1));
        let rows: [&[T]; SIDE_BY_SIDE] = std::array::from_fn(|l| &data[row(l)..row(l) + n]);
        let moments = widest(SideBySide(rows));
        out.copy_from_slice(&moments[..out.len()]);
    });
}

struct SideBySide<'a, T>([&'a [T]; SIDE_BY_SIDE]);

impl<T: Copy> Work for SideBySide<'_, T>
where
    f64: From<T>,
{
    type Out = [Running; SIDE_BY_SIDE];

    #[inline(always)]
    fn run(self) -> Self::Out {
        let n = self.0[0].len();
        let (mut mean, mut spread) = ([0.0; SIDE_BY_SIDE], [0.0; SIDE_BY_SIDE]);
        for i in 0..n {
            let count = (i + 1) as f64;
            for l in 0..SIDE_BY_SIDE {
                let v = f64::from(self.0[l][i]);
                let delta = v - mean[l];
                mean[l] += delta / count;
                spread[l] += delta * (v - mean[l]);
            }
        }
        std::array::from_fn(|l| Running { mean: mean[l], spread: spread[l], n: n as i64, count: n as f64 })
    }
}
