//! Quantiles: ranks between sorted elements.

use super::{Reduced, Rows, is_nan};
use crate::base::DType;
use crate::base::dtype::Element;
use crate::base::error::{Result, runtime};
use crate::base::scalar::{Cast, Scalar};
use crate::base::shape::wrap_dim;
use crate::cpu::{copy, parallel};
use crate::dispatch;
use crate::store::View;
use num_traits::Float;

/// How a quantile between two elements is found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Interpolation {
    /// On the line between them.
    Linear,
    /// The lower one.
    Lower,
    /// The higher one.
    Higher,
    /// Half-way.
    Midpoint,
    /// The nearer one, the even rank of two equally near.
    Nearest,
}

impl Interpolation {
    /// By torch's name.
    ///
    /// # Errors
    /// torch's `RuntimeError` for another name.
    pub fn parse(name: &str) -> Result<Self> {
        Ok(match name {
            "linear" => Self::Linear,
            "lower" => Self::Lower,
            "higher" => Self::Higher,
            "midpoint" => Self::Midpoint,
            "nearest" => Self::Nearest,
            _ => {
                return Err(runtime(format!(
                    "quantile() interpolation must be one of linear, lower, higher, midpoint or nearest, but got {name}"
                )));
            }
        })
    }
}

/// A scalar `q` as the tensor that [`quantile`] takes.
///
/// # Errors
/// torch's `RuntimeError` outside `[0, 1]`.
pub fn scalar_q(x: &View, q: f64) -> Result<View> {
    if !(0.0..=1.0).contains(&q) {
        return Err(runtime(format!("quantile() q must be in the range [0, 1] but got {q}")));
    }
    View::scalar(x.dtype(), Scalar::Float(q))
}

/// `torch.quantile`, `torch.nanquantile`: the quantiles `q` of all elements or along `dim`.
///
/// The output has a first dimension for `q` when that has one. A nan in a row is its every quantile, unless they are
/// skipped.
///
/// # Errors
/// torch's `RuntimeError`s for the dtypes, shapes and range of `x` and `q`.
pub fn quantile(
    x: &View,
    q: &View,
    dim: Option<i64>,
    keepdim: bool,
    skip_nan: bool,
    how: Interpolation,
) -> Result<View> {
    let fail = |message: &str| Err(runtime(format!("quantile() {message}")));
    if x.numel() == 0 {
        return fail("input tensor must be non-empty");
    }
    if q.ndim() > 1 {
        return fail("q must be a scalar or 1D tensor");
    }
    if !matches!(x.dtype(), DType::F32 | DType::F64) {
        return fail("input tensor must be either float or double dtype");
    }
    if q.dtype() != x.dtype() {
        return fail("q tensor must be same dtype as the input tensor");
    }
    if let Some(d) = dim {
        wrap_dim(d, x.ndim())?;
    }
    let points: Vec<f64> = q.to_vec();
    if points.iter().any(|p| !(0.0..=1.0).contains(p)) {
        return fail("q values must be in the range [0, 1]");
    }
    let rows = match dim {
        Some(d) => Rows::new(x, d, keepdim, "quantile()")?,
        None => Rows { data: copy::contiguous(x)?, length: x.numel(), sizes: Reduced::new(x, None, keepdim)?.sizes },
    };
    if rows.length > 1 << 24 {
        return fail("input tensor is too large");
    }
    let mut sizes = rows.sizes.clone();
    if q.ndim() == 1 {
        sizes.insert(0, q.sizes()[0]);
    }
    let mut out = View::empty(x.dtype(), &sizes)?;
    dispatch!(x.dtype(), wide T => {
        let q: Vec<T> = q.to_vec();
        let data = rows.data.slice::<T>().chunks(rows.length);
        let mut found: Vec<Vec<T>> = vec![Vec::new(); data.len()];
        parallel::for_each(found.iter_mut().zip(data), 1, |(slot, row)| *slot = of_row(row, &q, skip_nan, how));
        let slots = out.slice_mut::<T>();
        for (r, values) in found.iter().enumerate() {
            values.iter().enumerate().for_each(|(k, &v)| slots[k * found.len() + r] = v);
        }
    }, else ());
    Ok(out)
}

fn of_row<T: Element + Float + Cast>(row: &[T], q: &[T], skip_nan: bool, how: Interpolation) -> Vec<T> {
    let mut sorted = row.to_vec();
    sorted.sort_by(|a, b| a.partial_cmp(b).unwrap_or_else(|| is_nan(*a).cmp(&is_nan(*b))));
    let numbers = sorted.iter().rposition(|v| !is_nan(*v)).map_or(0, |i| i + 1);
    let count = |n: usize| T::from_scalar(Scalar::Int(n as i64));
    let last = sorted.len() - 1;
    let half = T::from_scalar(Scalar::Float(0.5));
    let one = |&q: &T| {
        // With nan about, the rank of the last element finds one.
        let rank = match (skip_nan, numbers == sorted.len()) {
            (true, _) => q * count(numbers.max(1) - 1),
            (false, true) => q * count(last),
            (false, false) => count(last),
        };
        let index = |r: T| (r.to_scalar().to_i64() as usize).min(last);
        match how {
            Interpolation::Lower => sorted[index(rank.floor())],
            Interpolation::Higher => sorted[index(rank.ceil())],
            Interpolation::Nearest => sorted[index(round_even(rank))],
            Interpolation::Linear | Interpolation::Midpoint => {
                let (low, high) = (sorted[index(rank.floor())], sorted[index(rank.ceil())]);
                let weight = if how == Interpolation::Midpoint { half } else { rank - rank.floor() };
                lerp(low, high, weight)
            }
        }
    };
    q.iter().map(one).collect()
}

fn round_even<T: Float>(v: T) -> T {
    let (low, high) = (v.floor(), v.ceil());
    let two = T::one() + T::one();
    if v - low < high - v || (v - low == high - v && (low / two).fract() == T::zero()) { low } else { high }
}

/// ATen's `lerp`: from the nearer end, so that both ends are met exactly.
fn lerp<T: Float>(a: T, b: T, w: T) -> T {
    let two = T::one() + T::one();
    if w < T::one() / two { w.mul_add(b - a, a) } else { (b - a).mul_add(w - T::one(), b) }
}
