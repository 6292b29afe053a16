//! Counting: `bincount`, `histc`, `one_hot`.
#![allow(unsafe_code)]

use super::gather::there;
use super::picks::{Counting, How, Pick, Place, THREADS, Value, write};
use super::rearrange::grid;
use crate::base::error::{Result, runtime};
use crate::base::shape::Shape;
use crate::base::{DType, Scalar};
use crate::cpu::copy;
use crate::cpu::index::element::Reduce;
use crate::cuda::launch::{self, Parameters};
use crate::cuda::loader::Loader;
use crate::cuda::reduce::{self, Over, Wanted};
use crate::cuda::sources::{self, REARRANGE, WALK};
use crate::store::View;
use crate::store::cuda::Gpu;

/// The smallest and largest element; `None` where they cannot be had.
fn extremes(gpu: &'static Gpu, x: &View) -> Result<Option<(Scalar, Scalar)>> {
    let all = Over { dims: None, keepdim: false };
    let mut out = [Scalar::Int(0); 2];
    for (largest, to) in [false, true].into_iter().zip(&mut out) {
        let found = reduce::extreme(gpu, &Loader::of(x), all, largest, Wanted::Value)?;
        let Some(found) = found.as_deref().and_then(<[View]>::first) else { return Ok(None) };
        *to = read(gpu, found)?;
    }
    Ok(Some((out[0], out[1])))
}

/// The element of a tensor without dimensions: a look, and no transfer of data.
fn read(gpu: &'static Gpu, x: &View) -> Result<Scalar> {
    let wide = if x.dtype().is_float() { DType::F64 } else { DType::I64 };
    let wide = copy::cast(x, wide)?;
    let Some((_, address)) = wide.on_device() else { return Err(runtime("internal: memory of the host's")) };
    let bits = gpu.read_number(address)?;
    Ok(if x.dtype().is_float() { Scalar::Float(f64::from_bits(bits)) } else { Scalar::Int(bits as i64) })
}

/// How often each integer occurs, or the sum of its weights.
///
/// # Errors
/// What the device refuses.
pub fn bincount(gpu: &'static Gpu, x: &View, weights: Option<&View>, minlength: i64) -> Result<Option<View>> {
    let fits = x.dtype().is_int() && !matches!(x.dtype(), DType::U16 | DType::U32 | DType::U64) && x.ndim() == 1;
    let weighed = weights.is_none_or(|w| w.sizes() == x.sizes() && there(&[w]) && !w.dtype().is_complex());
    if !fits || !weighed || minlength < 0 || x.numel() == 0 {
        return Ok(None);
    }
    let Some((Scalar::Int(low), Scalar::Int(high))) = extremes(gpu, x)? else { return Ok(None) };
    if low < 0 {
        return Ok(None);
    }
    let n = high.saturating_add(1).max(minlength);
    let (dtype, value) = match weights {
        None => (DType::I64, Value::Number(Scalar::Int(1))),
        Some(w) if w.dtype() == DType::F32 => (DType::F32, Value::View(w.clone())),
        Some(w) => (DType::F64, Value::View(copy::cast(w, DType::F64)?)),
    };
    let out = View::zeros_on(gpu.device(), dtype, &[n])?;
    let pick = Pick { index: copy::cast(x, DType::I64)?, size: n, stride: 1 };
    let place = Place { x: &out, sizes: x.sizes(), strides: &[0], picks: vec![pick], counting: Counting::FromStart };
    Ok(write(gpu, place, &value, How::Join(Reduce::Sum))?.then_some(out))
}

/// A row of `classes` zeros with a one at each index.
///
/// # Errors
/// What the device refuses.
pub fn one_hot(gpu: &'static Gpu, x: &View, classes: i64) -> Result<Option<View>> {
    if x.dtype() != DType::I64 || x.numel() == 0 || classes < -1 {
        return Ok(None);
    }
    let classes = match classes {
        -1 => match extremes(gpu, x)? {
            Some((_, Scalar::Int(high))) if high >= 0 => high + 1,
            _ => return Ok(None),
        },
        given => given,
    };
    let mut sizes = Shape::from_slice(x.sizes());
    sizes.push(classes);
    let out = View::zeros_on(gpu.device(), DType::I64, &sizes)?;
    let strides = Shape::from_slice(&out.strides()[..x.ndim()]);
    let pick = Pick { index: x.clone(), size: classes, stride: 1 };
    let place =
        Place { x: &out, sizes: x.sizes(), strides: &strides, picks: vec![pick], counting: Counting::FromStart };
    Ok(write(gpu, place, &Value::Number(Scalar::Int(1)), How::Replace)?.then_some(out))
}

/// Counts in equal bins between `min` and `max`, those of the data when both are equal.
///
/// # Errors
/// What the device refuses.
pub fn histc(gpu: &'static Gpu, x: &Loader, bins: i64, min: Scalar, max: Scalar) -> Result<Option<View>> {
    let count: i64 = x.sizes.iter().product();
    if !x.dtype.is_float() || bins <= 0 || count == 0 {
        return Ok(None);
    }
    let (mut low, mut high) = (min.to_f64(), max.to_f64());
    if low == high {
        let [only] = &x.operands[..] else { return Ok(None) };
        let Some((least, most)) = extremes(gpu, only)? else { return Ok(None) };
        (low, high) = (least.to_f64(), most.to_f64());
    }
    if !low.is_finite() || !high.is_finite() || low > high {
        return Ok(None);
    }
    if low == high {
        (low, high) = (low - 1.0, high + 1.0);
    }
    let register = if x.dtype == DType::F64 { "double" } else { "float" };
    let round = match x.dtype {
        DType::F16 => "round_half(v)",
        DType::BF16 => "round_bfloat(v)",
        _ => "v",
    };
    let rows = x.rows(&vec![false; x.sizes.len()]);
    let text = format!(
        "namespace tensh {{\n{}struct Round {{ __device__ {register} operator()({register} v) const {{ return {round}; }} \
         }};\nextern \"C\" __global__ void __launch_bounds__({THREADS}) bins({}, {register} low, {register} high, uint64_t bins, \
         uint64_t* counts, uint64_t n) {{\n    {}\n    count_bins<{register}>(load, Round(), low, high, bins, counts, \
         n);\n}}\n}}  // namespace tensh\n",
        x.text(&rows),
        x.declared(),
        x.made(),
    );
    let function = launch::functions(gpu, &sources::with(&[WALK, REARRANGE], &text, false), &["bins"])?[0];
    let counts = View::zeros_on(gpu.device(), DType::I64, &[bins])?;
    let Some((_, to)) = counts.on_device_mut() else { return Ok(None) };
    let mut parameters = Parameters::new();
    x.add_to(&mut parameters, &rows)?;
    parameters.number(Scalar::Float(low), x.dtype).number(Scalar::Float(high), x.dtype);
    parameters.int(bins).address(to).int(count);
    // SAFETY: the parameters are those of the text; there is a count for each bin.
    unsafe { parameters.launch(gpu, function, (grid(gpu, rows.count), 1), THREADS as u32)? };
    copy::cast(&counts, x.dtype).map(Some)
}
