//! Reductions along axes: NumPy's dtypes, its pairwise sums and its words for wrong axes.

use super::{make, promote};
use crate::base::error::{Error, ErrorKind, value_error};
use crate::base::shape::Shape;
use crate::base::{DType, Scalar};
use crate::cpu::copy;
use crate::eval::interp::Interp;
use crate::eval::raise::Res;
use crate::eval::value::Value;
use crate::store::View;
use std::num::Wrapping;
use std::ops::{Add, Mul};

/// Elements that a conversion buffers before they are summed.
const BUFFER: usize = 8192;

/// An axis counted from the end when negative.
///
/// # Errors
/// NumPy's `AxisError`.
pub fn axis(axis: i64, ndim: usize) -> Result<usize, Error> {
    let n = ndim as i64;
    if axis < -n || axis >= n {
        let message = format!("axis {axis} is out of bounds for array of dimension {ndim}");
        return Err(Error::new(ErrorKind::AxisError, message));
    }
    Ok(if axis < 0 { axis + n } else { axis } as usize)
}

/// An `axis=` argument: `None` means all.
///
/// # Errors
/// As [`axis`]; `ValueError` for an axis named twice.
pub fn axes(it: &mut Interp, value: &Value, ndim: usize) -> Res<Vec<usize>> {
    let given: Vec<i64> = match value.some() {
        None => return Ok((0..ndim).collect()),
        Some(Value::Tuple(t)) => t.items.iter().map(|v| make::integer(it, v)).collect::<Res<_>>()?,
        Some(one) => vec![make::integer(it, one)?],
    };
    let mut out = Vec::new();
    for a in given {
        let a = axis(a, ndim)?;
        if out.contains(&a) {
            return Err(value_error("duplicate value in 'axis'").into());
        }
        out.push(a);
    }
    out.sort_unstable();
    Ok(out)
}

/// The sizes left when axes go, or stay with size 1.
pub fn left(sizes: &[i64], axes: &[usize], keep: bool) -> Shape {
    let kept = sizes.iter().enumerate().filter(|(d, _)| keep || !axes.contains(d));
    kept.map(|(d, &n)| if axes.contains(&d) { 1 } else { n }).collect()
}

/// Runs `f` on the elements that fall on each element of the result, as a contiguous vector.
fn lanes(x: &View, axes: &[usize], dtype: DType, mut f: impl FnMut(&View) -> Res<Scalar>) -> Res<View> {
    let order: Vec<usize> = (0..x.ndim()).filter(|d| !axes.contains(d)).chain(axes.iter().copied()).collect();
    let sizes = left(x.sizes(), axes, false);
    let out = View::empty(dtype, &sizes)?;
    let length: i64 = axes.iter().map(|&d| x.sizes()[d]).product();
    let rows = crate::cpu::shape::reshape(&x.permute(&order), &[out.numel() as i64, length])?;
    let rows = copy::contiguous(&rows)?;
    for i in 0..out.numel() {
        out.set(i, f(&rows.select(0, i as i64)?)?);
    }
    Ok(out)
}

/// The result with the reduced axes put back as size 1, where that is asked for.
pub fn keep(x: &View, result: View, axes: &[usize], keepdims: bool) -> Res<View> {
    if !keepdims {
        return Ok(result);
    }
    Ok(crate::cpu::shape::reshape(&result, &left(x.sizes(), axes, true))?)
}

/// Sums in halves down to blocks of 128, and those in eight strands: NumPy's order.
fn pairwise<T: Copy + Add<Output = T>>(x: &[T], zero: T) -> T {
    let n = x.len();
    if n < 8 {
        return x.iter().fold(zero, |s, &v| s + v);
    }
    if n <= 128 {
        let mut r: [T; 8] = std::array::from_fn(|i| x[i]);
        let whole = n - n % 8;
        for block in x[8..whole].chunks_exact(8) {
            for (s, &v) in r.iter_mut().zip(block) {
                *s = *s + v;
            }
        }
        let sum = ((r[0] + r[1]) + (r[2] + r[3])) + ((r[4] + r[5]) + (r[6] + r[7]));
        return x[whole..].iter().fold(sum, |s, &v| s + v);
    }
    let half = n / 2 - (n / 2) % 8;
    pairwise(&x[..half], zero) + pairwise(&x[half..], zero)
}

/// Runs of `inner` elements are summed pairwise, their sums one after the other.
fn total<T: Copy + Add<Output = T>>(x: &[T], zero: T, inner: usize) -> T {
    x.chunks(inner.max(1)).fold(zero, |s, run| s + pairwise(run, zero))
}

/// The dtype of a sum or product.
pub fn sum_dtype(d: DType) -> DType {
    match d {
        DType::Bool => DType::I64,
        d if d.is_unsigned() => DType::U64,
        d if d.is_int() => DType::I64,
        other => other,
    }
}

/// How many neighbours in memory a reduction takes in one go.
fn run_length(x: &View, axes: &[usize], converts: bool) -> usize {
    let tail = (0..x.ndim()).rev().take_while(|d| axes.contains(d));
    let run: i64 = tail.map(|d| x.sizes()[d]).product();
    let run = if axes.last() == Some(&(x.ndim().wrapping_sub(1))) { run.max(1) as usize } else { 1 };
    if converts { run.min(BUFFER) } else { run }
}

/// The sum along axes.
///
/// # Errors
/// When memory is short.
pub fn sum(x: &View, axes: &[usize], dtype: Option<DType>) -> Res<View> {
    let d = dtype.unwrap_or(sum_dtype(x.dtype()));
    let inner = run_length(x, axes, d != x.dtype() || d.is_half());
    lanes(x, axes, d, |lane| {
        Ok(match d {
            DType::F64 => Scalar::Float(total(&lane.to_vec::<f64>(), 0.0, inner)),
            DType::F32 | DType::F16 => Scalar::Float(f64::from(total(&lane.to_vec::<f32>(), 0.0, inner))),
            DType::C32 | DType::C64 => {
                let v = lane.to_vec::<crate::base::dtype::C64>();
                Scalar::Complex(total(&v, Default::default(), inner))
            }
            DType::Bool => Scalar::Bool(lane.to_vec::<bool>().contains(&true)),
            DType::U64 => Scalar::UInt(lane.to_vec::<u64>().iter().fold(0, |s, v| s.wrapping_add(*v))),
            _ => Scalar::Int(lane.to_vec::<i64>().iter().fold(0, |s, v| s.wrapping_add(*v))),
        })
    })
}

fn product_of<T: Copy + Mul<Output = T>>(x: &[T], one: T) -> T {
    x.iter().fold(one, |p, &v| p * v)
}

/// The product along axes.
///
/// # Errors
/// When memory is short.
pub fn prod(x: &View, axes: &[usize], dtype: Option<DType>) -> Res<View> {
    let d = dtype.unwrap_or(sum_dtype(x.dtype()));
    lanes(x, axes, d, |lane| {
        Ok(match d {
            DType::F64 => Scalar::Float(product_of(&lane.to_vec::<f64>(), 1.0)),
            DType::F32 | DType::F16 => Scalar::Float(f64::from(product_of(&lane.to_vec::<f32>(), 1.0))),
            DType::C32 | DType::C64 => {
                Scalar::Complex(product_of(&lane.to_vec::<crate::base::dtype::C64>(), 1.0.into()))
            }
            DType::Bool => Scalar::Bool(!lane.to_vec::<bool>().contains(&false)),
            _ => {
                let v: Vec<Wrapping<i64>> = lane.to_vec::<i64>().into_iter().map(Wrapping).collect();
                Scalar::UInt(product_of(&v, Wrapping(1)).0 as u64)
            }
        })
    })
}

/// The mean along axes: float64 for integers.
///
/// # Errors
/// When memory is short.
pub fn mean(x: &View, axes: &[usize], dtype: Option<DType>) -> Res<View> {
    let d = dtype.unwrap_or(if x.dtype().is_integral() { DType::F64 } else { x.dtype() });
    let wide = if d == DType::F16 && dtype.is_none() { DType::F32 } else { d };
    let total = sum(x, axes, Some(wide))?;
    let count: i64 = axes.iter().map(|&a| x.sizes()[a]).product();
    divided(&total, count as f64, d)
}

/// Every element divided by a count.
fn divided(x: &View, count: f64, d: DType) -> Res<View> {
    let wide = x.dtype();
    let by = View::scalar(wide, Scalar::Float(count))?;
    let out = super::loops::row("div", &[x, &by])?;
    Ok(copy::cast(&out, d)?)
}

/// The variance along axes; the sum of squares is divided by the count less `ddof`.
///
/// # Errors
/// When memory is short.
pub fn var(x: &View, axes: &[usize], dtype: Option<DType>, ddof: f64) -> Res<View> {
    use super::loops::row;
    let d = dtype.unwrap_or(if x.dtype().is_integral() { DType::F64 } else { x.dtype() });
    let wide = if d == DType::F16 { DType::F32 } else { d };
    let x = copy::cast(x, wide)?;
    let centre = keep(&x, mean(&x, axes, None)?, axes, true)?;
    let apart = row("sub", &[&x, &centre])?;
    let squares = match wide.is_complex() {
        true => row("mul", &[&row("abs", &[&apart])?, &row("abs", &[&apart])?])?,
        false => row("mul", &[&apart, &apart])?,
    };
    let count: i64 = axes.iter().map(|&a| x.sizes()[a]).product();
    divided(&sum(&squares, axes, None)?, (count as f64 - ddof).max(0.0), d.real())
}

/// Whether `a` comes before `b`; nan is the extreme in either direction, and the first one stays.
fn better(a: Scalar, b: Scalar, largest: bool) -> bool {
    let key = |s: Scalar| (s.to_c64().re, s.to_c64().im);
    match (a, b) {
        (Scalar::Float(_) | Scalar::Complex(_), _) => {
            let ((ar, ai), (br, bi)) = (key(a), key(b));
            if br.is_nan() || bi.is_nan() {
                return false;
            }
            if ar.is_nan() || ai.is_nan() {
                return true;
            }
            if largest { (ar, ai) > (br, bi) } else { (ar, ai) < (br, bi) }
        }
        (Scalar::UInt(a), Scalar::UInt(b)) => (a > b) == largest && a != b,
        (Scalar::UInt(_), _) => largest,
        (_, Scalar::UInt(_)) => !largest,
        (a, b) => {
            let (a, b) = (a.to_i64(), b.to_i64());
            if largest { a > b } else { a < b }
        }
    }
}

fn best(lane: &View, largest: bool) -> usize {
    let mut at = 0;
    let mut top = lane.get(0);
    for i in 1..lane.numel() {
        let s = lane.get(i);
        if better(s, top, largest) {
            (at, top) = (i, s);
        }
    }
    at
}

/// The largest or smallest element along axes.
///
/// # Errors
/// NumPy's `ValueError` when there is none.
pub fn extreme(x: &View, axes: &[usize], largest: bool) -> Res<View> {
    lanes(x, axes, x.dtype(), |lane| {
        if lane.numel() == 0 {
            let name = if largest { "maximum" } else { "minimum" };
            let message = format!("zero-size array to reduction operation {name} which has no identity");
            return Err(value_error(message).into());
        }
        Ok(lane.get(best(lane, largest)))
    })
}

/// The place of the first largest or smallest element along an axis, or of all elements.
///
/// # Errors
/// NumPy's `ValueError` when there is none.
pub fn place(x: &View, axes: &[usize], largest: bool) -> Res<View> {
    lanes(x, axes, DType::I64, |lane| {
        if lane.numel() == 0 {
            let name = if largest { "argmax" } else { "argmin" };
            return Err(value_error(format!("attempt to get {name} of an empty sequence")).into());
        }
        Ok(Scalar::Int(best(lane, largest) as i64))
    })
}

/// Whether all (or any) elements along axes are true.
///
/// # Errors
/// When memory is short.
pub fn truth(x: &View, axes: &[usize], all: bool) -> Res<View> {
    lanes(x, axes, DType::Bool, |lane| {
        let mut items = (0..lane.numel()).map(|i| lane.get(i).to_bool());
        Ok(Scalar::Bool(if all { items.all(|b| b) } else { items.any(|b| b) }))
    })
}

/// How many elements along axes are not zero.
///
/// # Errors
/// When memory is short.
pub fn count_nonzero(x: &View, axes: &[usize]) -> Res<View> {
    lanes(x, axes, DType::I64, |lane| {
        Ok(Scalar::Int((0..lane.numel()).filter(|&i| lane.get(i).to_bool()).count() as i64))
    })
}

/// Quantiles along axes, between neighbours by linear interpolation; `q` lies between 0 and 1.
///
/// # Errors
/// When memory is short.
pub fn quantile(x: &View, axes: &[usize], q: f64) -> Res<View> {
    let d =
        promote::promote(promote::float_of(x.dtype()), if x.dtype().is_integral() { DType::F64 } else { x.dtype() });
    lanes(x, axes, d, |lane| {
        let mut v = lane.to_vec::<f64>();
        if v.is_empty() || v.iter().any(|f| f.is_nan()) {
            return Ok(Scalar::Float(f64::NAN));
        }
        v.sort_by(f64::total_cmp);
        let at = q * (v.len() - 1) as f64;
        let (low, part) = (at.floor(), at - at.floor());
        let a = v[low as usize];
        let b = v[(low as usize + 1).min(v.len() - 1)];
        // From the nearer end, so that the ends are exact.
        Ok(Scalar::Float(if part >= 0.5 { b - (b - a) * (1.0 - part) } else { a + (b - a) * part }))
    })
}

/// Running sums or products along an axis.
///
/// # Errors
/// When memory is short.
pub fn cumulative(x: &View, axis: usize, dtype: Option<DType>, product: bool) -> Res<View> {
    let d = dtype.unwrap_or(sum_dtype(x.dtype()));
    let x = copy::cast(x, d)?;
    let name = if product { "mul" } else { "add" };
    let out = copy::clone(&x)?;
    let n = x.sizes().get(axis).copied().unwrap_or(0);
    if x.ndim() == 1 {
        return vector_cumulative(&x, product);
    }
    for i in 1..n {
        let next = super::loops::row(name, &[&out.select(axis, i - 1)?, &x.select(axis, i)?])?;
        copy::copy_into(&next, &mut out.select(axis, i)?)?;
    }
    Ok(out)
}

fn vector_cumulative(x: &View, product: bool) -> Res<View> {
    fn scan<T: Copy>(x: Vec<T>, f: impl Fn(T, T) -> T) -> Vec<T> {
        let mut last: Option<T> = None;
        x.into_iter()
            .map(|v| {
                let next = last.map_or(v, |l| f(l, v));
                last = Some(next);
                next
            })
            .collect()
    }
    let pick = |view: Result<View, Error>| Ok(copy::cast(&view?, x.dtype())?);
    match x.dtype() {
        DType::F64 => pick(View::vector(&scan(x.to_vec::<f64>(), |a, b| if product { a * b } else { a + b }))),
        DType::F32 | DType::F16 => {
            pick(View::vector(&scan(x.to_vec::<f32>(), |a, b| if product { a * b } else { a + b })))
        }
        DType::C32 | DType::C64 => {
            pick(View::vector(&scan(x.to_vec::<crate::base::dtype::C64>(), |a, b| if product { a * b } else { a + b })))
        }
        _ => pick(View::vector(&scan(
            x.to_vec::<i64>(),
            |a, b| {
                if product { a.wrapping_mul(b) } else { a.wrapping_add(b) }
            },
        ))),
    }
}
