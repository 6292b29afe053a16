//! New tensors: filled, counted, spaced.
//!
//! `arange`, `range`, `linspace` and `logspace` give ATen's bits: each formula, its accumulation type and where it
//! uses a fused multiply-add are those of the CPU kernels.

use super::index::element::{Element, checked, unsupported};
use super::reduce::walk::GRAIN;
use super::{copy, parallel};
use crate::base::error::{Error, Result, runtime};
use crate::base::promote::{default_complex, default_dtype};
use crate::base::scalar::{Cast, Scalar};
use crate::base::shape::{Format, Shape, broadcast, channels_last, contiguous_strides, numel, show};
use crate::base::{DType, Device};
use crate::dispatch;
use crate::store::View;

/// `Storage size calculation overflowed with sizes=[...]`.
#[cold]
pub(super) fn too_large(sizes: &[i64]) -> Error {
    runtime(format!("Storage size calculation overflowed with sizes={}", show(sizes)))
}

/// Refuses negative sizes.
///
/// # Errors
/// torch's `RuntimeError`.
pub fn check_sizes(sizes: &[i64]) -> Result<()> {
    match sizes.iter().find(|&&n| n < 0) {
        Some(n) => Err(runtime(format!("Trying to create tensor with negative dimension {n}: {}", show(sizes)))),
        None => Ok(()),
    }
}

/// Zeros.
///
/// # Errors
/// torch's, for a negative size.
pub fn zeros(sizes: &[i64], dtype: DType) -> Result<View> {
    if sizes.iter().any(|&n| n < 0) {
        return Err(runtime("zeros: Dimension size must be non-negative."));
    }
    View::zeros(dtype, sizes)
}

/// Arbitrary contents.
///
/// # Errors
/// torch's, for a negative size.
pub fn empty(sizes: &[i64], dtype: DType) -> Result<View> {
    check_sizes(sizes)?;
    View::empty(dtype, sizes)
}

/// Every element `value`, which must fit the dtype.
///
/// # Errors
/// torch's, for a negative size or a value that does not fit.
pub fn full(sizes: &[i64], value: Scalar, dtype: DType) -> Result<View> {
    check_sizes(sizes)?;
    View::full(dtype, sizes, checked(value, dtype)?)
}

/// The dtype that `full` infers from its value.
pub fn dtype_of(value: Scalar) -> DType {
    match value {
        Scalar::Bool(_) => DType::Bool,
        Scalar::Int(_) | Scalar::UInt(_) => DType::I64,
        Scalar::Float(_) => default_dtype(),
        Scalar::Complex(_) => default_complex(),
    }
}

/// Arbitrary contents with the sizes of `x`, and its strides where they fill memory without gaps; else the strides'
/// order is kept.
///
/// # Errors
/// When memory is short.
pub fn empty_like(x: &View, dtype: DType) -> Result<View> {
    empty_like_on(x.device(), x, dtype)
}

/// As [`empty_like`], on a device.
///
/// # Errors
/// When memory is short.
pub fn empty_like_on(device: Device, x: &View, dtype: DType) -> Result<View> {
    View::empty_on(device, dtype, x.sizes())?.with_geometry(x.sizes(), &kept_strides(x), 0)
}

/// Arbitrary contents with the sizes of `x`, in a memory format.
///
/// # Errors
/// When memory is short, and torch's for a format of another rank.
pub fn empty_as(device: Device, x: &View, dtype: DType, format: Format) -> Result<View> {
    match format.strides(x.sizes())? {
        Some(strides) => View::empty_on(device, dtype, x.sizes())?.with_geometry(x.sizes(), &strides, 0),
        None => empty_like_on(device, x, dtype),
    }
}

/// The strides of what lies in memory as `x` does: its own where they fill memory without gaps, else dense ones in their order.
pub fn kept_strides(x: &View) -> Shape {
    if crate::store::overlap::dense(x) { Shape::from_slice(x.strides()) } else { ordered_strides(x) }
}

/// Dense strides in the order of `x`'s own, ties and stride 0 as ATen's `infer_dense_strides` decides them.
fn ordered_strides(x: &View) -> Shape {
    let mut out = Shape::from_elem(1, x.ndim());
    let mut next = 1;
    for d in View::memory_order(std::slice::from_ref(x)) {
        out[d] = next;
        next *= x.sizes()[d].max(1);
    }
    out
}

/// A copy of `x` in `dtype` that lies in memory as [`empty_like`] has it.
///
/// # Errors
/// When memory is short.
pub fn copy_like(x: &View, dtype: DType) -> Result<View> {
    if dtype != x.dtype() && x.strides() == &contiguous_strides(x.sizes())[..] {
        return copy::cast(x, dtype);
    }
    let mut out = empty_like(x, dtype)?;
    copy::copy_into(x, &mut out)?;
    Ok(out)
}

/// A copy of `x` in a memory format.
///
/// # Errors
/// When memory is short, and torch's for a format of another rank.
pub fn copy_as(x: &View, format: Format) -> Result<View> {
    match format {
        Format::Preserve => copy_like(x, x.dtype()),
        Format::Contiguous => copy::clone(x),
        Format::ChannelsLast(_) => {
            let mut out = empty_as(x.device(), x, x.dtype(), format)?;
            copy::copy_into(x, &mut out)?;
            Ok(out)
        }
    }
}

/// What was made of `x`, with its channels innermost where those of `x` are.
///
/// # Errors
/// When memory is short.
pub fn lying_as(x: &View, made: View) -> Result<View> {
    match channels_last(x.sizes(), x.strides()) {
        Some(format) if made.ndim() == x.ndim() => copy_as(&made, format),
        _ => Ok(made),
    }
}

/// Arbitrary contents under the sizes and strides given.
///
/// # Errors
/// torch's, for lists of different lengths, negative numbers or too much memory.
pub fn empty_strided(sizes: &[i64], strides: &[i64], dtype: DType) -> Result<View> {
    empty_strided_on(Device::Cpu, sizes, strides, dtype)
}

/// As [`empty_strided`], on a device.
///
/// # Errors
/// As [`empty_strided`].
pub fn empty_strided_on(device: Device, sizes: &[i64], strides: &[i64], dtype: DType) -> Result<View> {
    if sizes.len() != strides.len() {
        return Err(runtime(format!(
            "dimensionality of sizes ({}) must match dimensionality of strides ({})",
            sizes.len(),
            strides.len()
        )));
    }
    check_sizes(sizes)?;
    let overflow = || {
        let strides = show(strides);
        runtime(format!("Storage size calculation overflowed with sizes={} and strides={strides}", show(sizes)))
    };
    let reach = sizes.iter().zip(strides).try_fold(1i64, |reach, (n, s)| match s {
        s if *s < 0 => None,
        s => (n - 1).max(0).checked_mul(*s)?.checked_add(reach),
    });
    let reach = reach.ok_or_else(overflow)?;
    let count = if numel(sizes) == Some(0) { 0 } else { reach };
    View::empty_on(device, dtype, &[count])?.with_geometry(sizes, strides, 0)
}

/// Ones on the diagonal of an `n` x `m` matrix of zeros.
///
/// # Errors
/// torch's, for a negative size.
pub fn eye(n: i64, m: i64, dtype: DType) -> Result<View> {
    for (name, size) in [("n", n), ("m", m)] {
        if size < 0 {
            return Err(runtime(format!("{name} must be greater or equal to 0, got {size}")));
        }
    }
    let out = View::zeros(dtype, &[n, m])?;
    let mut diagonal = out.diagonal(0, 0, 1);
    copy::copy_into(&View::scalar(dtype, Scalar::Int(1))?, &mut diagonal)?;
    Ok(out)
}

/// The dtype that `arange` infers from its numbers.
pub fn arange_dtype(numbers: &[Scalar]) -> DType {
    if numbers.iter().all(|n| n.is_integral()) { DType::I64 } else { default_dtype() }
}

/// The checks that `arange` and `range` share.
fn check_range(start: Scalar, end: Scalar, step: Scalar) -> Result<()> {
    let [a, b, by] = [start, end, step].map(|n| checked(n, DType::F64).map(Scalar::to_f64));
    let (a, b, by) = (a?, b?, by?);
    if by == 0.0 {
        return Err(runtime("step must be nonzero"));
    }
    if !a.is_finite() || !b.is_finite() {
        let cpp = |v: f64| {
            if v.is_nan() {
                "nan".to_string()
            } else if v.is_infinite() {
                if v < 0.0 { "-inf".into() } else { "inf".into() }
            } else {
                format!("{v}")
            }
        };
        return Err(runtime(format!("unsupported range: {} -> {}", cpp(a), cpp(b))));
    }
    if (by > 0.0 && b < a) || (by < 0.0 && b > a) {
        return Err(runtime("upper bound and lower bound inconsistent with step sign"));
    }
    Ok(())
}

/// Integers by `start + step * i`, wrapping into the dtype.
fn integers(start: i64, step: i64, count: i64, dtype: DType) -> Result<View> {
    let mut out = View::empty(DType::I64, &[count])?;
    parallel::for_each(out.slice_mut::<i64>().chunks_mut(GRAIN).enumerate(), 2, |(at, piece)| {
        let mut next = start.wrapping_add(step.wrapping_mul((at * GRAIN) as i64));
        for v in piece {
            *v = next;
            next = next.wrapping_add(step);
        }
    });
    copy::cast(&out, dtype)
}

/// Bytes of the vectors in ATen's range kernels: `arange` counts from the first lane of each.
const LANES: usize = 32;

/// How many numbers [`arange`] counts.
///
/// # Errors
/// As [`arange`].
pub fn arange_count(start: Scalar, end: Scalar, step: Scalar, dtype: DType) -> Result<i64> {
    check_range(start, end, step)?;
    let span = |a: f64, b: f64, by: f64| ((b - a) / by).ceil();
    let count = if dtype == DType::I64 {
        let [a, b, by] = [start, end, step].map(i64::from_scalar);
        span(0.0, (i128::from(b) - i128::from(a)) as f64, by as f64)
    } else {
        span(start.to_f64(), end.to_f64(), step.to_f64())
    };
    if !(0.0..9.2e18).contains(&count) {
        return Err(runtime("invalid size, possible overflow?"));
    }
    Ok(count as i64)
}

/// `start, start + step, ...` up to but without `end`.
///
/// # Errors
/// torch's, for a step of zero or of the wrong sign, infinite bounds or a dtype without order.
pub fn arange(start: Scalar, end: Scalar, step: Scalar, dtype: DType) -> Result<View> {
    if dtype == DType::Bool || dtype.is_complex() {
        return Err(unsupported("arange_cpu", dtype));
    }
    let count = arange_count(start, end, step, dtype)?;
    if dtype.is_int() {
        let wide = |n: Scalar| i64::from_scalar(n);
        return integers(wide(start), wide(step), count, dtype);
    }
    let mut out = View::empty(dtype, &[count])?;
    match dtype {
        DType::F64 => lanes(out.slice_mut::<f64>(), start.to_f64(), step.to_f64()),
        DType::F32 => lanes(out.slice_mut::<f32>(), start.to_f64(), step.to_f64()),
        _ => dispatch!(dtype, float T => narrow_lanes(out.slice_mut::<T>(), start.to_f64(), step.to_f64()), else ()),
    }
    Ok(out)
}

/// A whole number of vector pairs is counted lane by lane from each vector's first element; the rest from the start.
fn lanes<T: Cast>(out: &mut [T], start: f64, step: f64) {
    let width = LANES / size_of::<T>();
    let paired = out.len() / (2 * width) * (2 * width);
    let from_start = |i: usize| step.mul_add(i as f64, start);
    for (v, vector) in out[..paired].chunks_exact_mut(width).enumerate() {
        let base = T::from_scalar(Scalar::Float(from_start(v * width))).to_scalar().to_f64();
        for (lane, o) in vector.iter_mut().enumerate() {
            *o = T::from_scalar(Scalar::Float(step.mul_add(lane as f64, base)));
        }
    }
    for (i, o) in out[paired..].iter_mut().enumerate() {
        *o = T::from_scalar(Scalar::Float(from_start(paired + i)));
    }
}

/// As [`lanes`], for halves, which count in `float32`.
fn narrow_lanes<T: Cast>(out: &mut [T], start: f64, step: f64) {
    let (start, step) = (start as f32, step as f32);
    let width = LANES / size_of::<T>();
    let paired = out.len() / (2 * width) * (2 * width);
    let half = |v: f32| T::from_scalar(Scalar::Float(f64::from(v)));
    let from_start = |i: usize| step.mul_add(i as f32, start);
    for (v, vector) in out[..paired].chunks_exact_mut(width).enumerate() {
        let base = half(from_start(v * width)).to_scalar().to_f64() as f32;
        for (lane, o) in vector.iter_mut().enumerate() {
            *o = half(step.mul_add(lane as f32, base));
        }
    }
    for (i, o) in out[paired..].iter_mut().enumerate() {
        *o = half(from_start(paired + i));
    }
}

/// How many numbers [`range`] gives.
///
/// # Errors
/// As [`arange`].
pub fn range_count(start: Scalar, end: Scalar, step: Scalar) -> Result<i64> {
    check_range(start, end, step)?;
    Ok(((end.to_f64() - start.to_f64()) / step.to_f64()).floor() as i64 + 1)
}

/// `torch.range`: as [`arange`], `end` included.
///
/// # Errors
/// As [`arange`].
pub fn range(start: Scalar, end: Scalar, step: Scalar, dtype: DType) -> Result<View> {
    if dtype == DType::Bool || dtype.is_complex() {
        return Err(unsupported("range_cpu", dtype));
    }
    let count = range_count(start, end, step)?;
    if dtype.is_int() {
        return integers(i64::from_scalar(start), i64::from_scalar(step), count, dtype);
    }
    let (start, step) = (start.to_f64(), step.to_f64());
    let values: View = {
        let mut out = View::empty(DType::F64, &[count])?;
        (0..).zip(out.slice_mut::<f64>()).for_each(|(i, v): (i64, _)| *v = start + step * i as f64);
        out
    };
    copy::cast(&values, dtype)
}

fn check_steps(steps: i64) -> Result<()> {
    if steps < 0 { Err(runtime("number of steps must be non-negative")) } else { Ok(()) }
}

/// The points of [`linspace`] in the dtype's own arithmetic: from the start below the middle, from the end above it;
/// `fused` says whether the multiplication and addition round once.
fn spaced(start: Scalar, end: Scalar, steps: i64, dtype: DType, fused: bool) -> Result<View> {
    let mut out = View::empty(dtype, &[steps])?;
    let half = steps / 2;
    macro_rules! fill {
        ($T:ty, $S:ty, $from:expr, $to:expr, $step:expr, $ahead:expr, $back:expr) => {{
            let (from, to): ($S, $S) = ($from, $to);
            let step: $S = $step(to, from);
            for (i, v) in (0..steps).zip(out.slice_mut::<$T>()) {
                *v = if i < half { $ahead(from, step, i) } else { $back(to, step, steps - i - 1) };
            }
        }};
    }
    let last = steps - 1;
    match dtype {
        DType::F32 => fill!(
            f32,
            f32,
            f32::from_scalar(start),
            f32::from_scalar(end),
            |b, a| (b - a) / last as f32,
            |a: f32, s: f32, i| if fused { s.mul_add(i as f32, a) } else { a + s * i as f32 },
            |b: f32, s: f32, i| if fused { (-s).mul_add(i as f32, b) } else { b - s * i as f32 }
        ),
        DType::F64 => fill!(
            f64,
            f64,
            start.to_f64(),
            end.to_f64(),
            |b, a| (b - a) / last as f64,
            |a: f64, s: f64, i| if fused { s.mul_add(i as f64, a) } else { a + s * i as f64 },
            |b: f64, s: f64, i| if fused { (-s).mul_add(i as f64, b) } else { b - s * i as f64 }
        ),
        _ if dtype.is_half() => dispatch!(dtype, float T => {
            let t = |v: f64| T::from_scalar(Scalar::Float(v));
            let f = |v: T| v.to_scalar().to_f64();
            fill!(T, T, T::from_scalar(start), T::from_scalar(end),
                |b, a| t(f(t(f(b) - f(a))) / f(t(last as f64))),
                |a, s, i| t(f(a) + f(t(f(s) * f(t(i as f64))))),
                |b, s, i| t(f(b) - f(t(f(s) * f(t(i as f64))))))
        }, else ()),
        _ if dtype.is_complex() => dispatch!(dtype, inexact T => {
            let (a, b) = (T::from_scalar(start).to_scalar().to_c64(), T::from_scalar(end).to_scalar().to_c64());
            let parts = |a: f64, b: f64| spaced(Scalar::Float(a), Scalar::Float(b), steps, dtype.real(), fused);
            let (re, im): (Vec<f64>, Vec<f64>) = (parts(a.re, b.re)?.to_vec(), parts(a.im, b.im)?.to_vec());
            for ((v, re), im) in out.slice_mut::<T>().iter_mut().zip(re).zip(im) {
                *v = T::from_scalar(Scalar::Complex(crate::base::dtype::C64::new(re, im)));
            }
        }, else ()),
        _ => dispatch!(dtype, int T => {
            let t = |v: f64| T::from_scalar(Scalar::Float(v));
            let (a, b) = (T::from_scalar(start).to_scalar().to_f64(), T::from_scalar(end).to_scalar().to_f64());
            fill!(T, f64, a, b,
                |b: f64, a: f64| (b - a) / last as f64,
                |a: f64, s: f64, i| t(s.mul_add(i as f64, a)),
                |b: f64, s: f64, i| t((-s).mul_add(i as f64, b)))
        }, else ()),
    }
    Ok(out)
}

/// The dtype that `linspace` and `logspace` infer.
pub fn spaced_dtype(numbers: &[Scalar]) -> DType {
    if numbers.iter().any(|n| n.is_complex()) { default_complex() } else { default_dtype() }
}

/// `steps` points from `start` to `end`, both included.
///
/// # Errors
/// torch's, for a negative number of steps, bounds that don't fit or bools.
pub fn linspace(start: Scalar, end: Scalar, steps: i64, dtype: DType) -> Result<View> {
    check_steps(steps)?;
    if (start.is_complex() || end.is_complex()) && !dtype.is_complex() {
        return Err(runtime(format!(
            "torch.linspace(): inferred dtype {} can't be safely cast to passed dtype {}",
            default_complex().cpp(),
            dtype.aten()
        )));
    }
    match steps {
        0 => View::empty(dtype, &[0]),
        1 => View::full(dtype, &[1], checked(start, dtype)?),
        _ if dtype == DType::Bool => Err(unsupported("linspace_cpu", dtype)),
        _ => spaced(checked(start, dtype)?, checked(end, dtype)?, steps, dtype, true),
    }
}

/// Powers of `base` with exponents evenly spaced from `start` to `end`.
///
/// # Errors
/// As [`linspace`].
pub fn logspace(start: Scalar, end: Scalar, steps: i64, base: f64, dtype: DType) -> Result<View> {
    check_steps(steps)?;
    let power = |exponent: Scalar| match exponent {
        Scalar::Complex(c) => Scalar::Complex(crate::base::dtype::C64::new(base, 0.0).powc(c)),
        other => Scalar::Float(base.powf(other.to_f64())),
    };
    match steps {
        0 => View::empty(dtype, &[0]),
        1 => View::full(dtype, &[1], power(if dtype.is_complex() { Scalar::Complex(start.to_c64()) } else { start })),
        _ if dtype == DType::Bool => Err(unsupported("logspace_cpu", dtype)),
        _ => {
            // Integers count their exponents as doubles, between whole bounds.
            let whole = |bound: Scalar| if dtype.is_int() { Scalar::Int(bound.to_i64()) } else { bound };
            let within = if dtype.is_int() { DType::F64 } else { dtype };
            let exponents = spaced(whole(start), whole(end), steps, within, false)?;
            let mut out = View::empty(dtype, &[steps])?;
            dispatch!(dtype, all T => {
                for (i, v) in out.slice_mut::<T>().iter_mut().enumerate() {
                    *v = T::from_scalar(power(exponents.get(i)));
                }
            });
            Ok(out)
        }
    }
}

/// The operands of [`complex`] and [`polar`], broadcast, and the dtype of their results.
///
/// # Errors
/// torch's, for dtypes that are not real or differ, and sizes that do not broadcast.
pub fn pair(a: &View, b: &View) -> Result<(DType, View, View)> {
    let fits = |v: &View| matches!(v.dtype(), DType::F16 | DType::F32 | DType::F64);
    if !fits(a) || !fits(b) {
        return Err(runtime(format!(
            "Expected both inputs to be Half, Float or Double tensors but got {} and {}",
            a.dtype().aten(),
            b.dtype().aten()
        )));
    }
    if a.dtype() != b.dtype() {
        return Err(runtime(format!(
            "Expected object of scalar type {} but got scalar type {} for second argument",
            a.dtype().aten(),
            b.dtype().aten()
        )));
    }
    let sizes = broadcast(a.sizes(), b.sizes())?;
    Ok((a.dtype().complex().unwrap_or(DType::C32), a.expand(&sizes)?, b.expand(&sizes)?))
}

/// Complex numbers of real and imaginary parts.
///
/// # Errors
/// torch's, for dtypes that are not real or differ.
pub fn complex(re: &View, im: &View) -> Result<View> {
    let (dtype, re, im) = pair(re, im)?;
    let mut out = View::empty(dtype, re.sizes())?;
    let parts = re.to_vec::<f64>().into_iter().zip(im.to_vec::<f64>());
    dispatch!(dtype, inexact T => {
        for (v, (re, im)) in out.slice_mut::<T>().iter_mut().zip(parts) {
            *v = T::from_scalar(Scalar::Complex(crate::base::dtype::C64::new(re, im)));
        }
    }, else ());
    Ok(out)
}

/// Complex numbers of absolute values and angles.
///
/// # Errors
/// As [`complex`].
pub fn polar(abs: &View, angle: &View) -> Result<View> {
    let (_, abs, angle) = pair(abs, angle)?;
    let mut parts = [View::empty(abs.dtype(), abs.sizes())?, View::empty(abs.dtype(), abs.sizes())?];
    dispatch!(abs.dtype(), wide T => {
        let (r, a): (Vec<T>, Vec<T>) = (abs.to_vec(), angle.to_vec());
        for (k, (&r, &a)) in r.iter().zip(&a).enumerate() {
            let (sin, cos) = a.sin_cos();
            parts[0].slice_mut::<T>()[k] = Element::times(r, cos);
            parts[1].slice_mut::<T>()[k] = Element::times(r, sin);
        }
    }, else return Err(unsupported("polar_cpu", abs.dtype())));
    complex(&parts[0], &parts[1])
}
