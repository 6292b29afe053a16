//! Writing by index: `scatter` and its reductions, `put`, and whole slices by `index_add`, `index_copy`, `index_fill`, `index_reduce`.

use super::gather::{at_least_1d, spread, there};
use super::picks::{Counting, How, Pick, Place, Value, joins, write};
use crate::base::error::Result;
use crate::base::shape::Shape;
use crate::base::{DType, Scalar};
use crate::cpu::copy;
use crate::cpu::index::along;
use crate::cpu::index::element::{Reduce, checked, no_wide_unsigned};
use crate::cpu::index::scatter::{self as cpu, Source};
use crate::cpu::index::walk::pinned;
use crate::cuda::copy::computed;
use crate::cuda::loader::Loader;
use crate::cuda::types::register;
use crate::store::View;
use crate::store::cuda::Gpu;

/// Where values go in a tensor that is written to: which sizes, and by which index along which dimension.
struct Target<'a> {
    sizes: &'a [i64],
    dim: usize,
    index: &'a View,
    counting: Counting,
}

impl Target<'_> {
    fn write(&self, gpu: &'static Gpu, out: &View, value: &Value, how: How) -> Result<bool> {
        let strides = pinned(out.strides(), self.dim);
        let pick = Pick { index: self.index.clone(), size: out.sizes()[self.dim], stride: out.strides()[self.dim] };
        let place = Place { x: out, sizes: self.sizes, strides: &strides, picks: vec![pick], counting: self.counting };
        write(gpu, place, value, how)
    }

    /// Joins elements in a copy of `x`; `wide` says the dtype that this happens in.
    fn reduce(
        &self,
        gpu: &'static Gpu,
        x: &View,
        value: &Value,
        how: Reduce,
        include_self: bool,
        wide: DType,
    ) -> Result<Option<View>> {
        let out = fresh(x, wide)?;
        let value = match value {
            Value::View(v) => Value::View(copy::cast(v, wide)?),
            number => number.clone(),
        };
        if !include_self {
            let start = Value::Number(how.identity(wide));
            if !self.write(gpu, &out, &start, How::Replace)? {
                return Ok(None);
            }
        }
        if !self.write(gpu, &out, &value, How::Join(how))? {
            return Ok(None);
        }
        let out = if how == Reduce::Mean {
            let count = View::zeros_on(gpu.device(), DType::I64, out.sizes())?;
            self.write(gpu, &count, &Value::Number(Scalar::Int(1)), How::Join(Reduce::Sum))?;
            divided(gpu, &out, &count, include_self)?
        } else {
            out
        };
        Ok(Some(copy::cast(&out, x.dtype())?))
    }
}

/// A contiguous copy in `dtype` that shares nothing with `x`.
fn fresh(x: &View, dtype: DType) -> Result<View> {
    if x.dtype() == dtype { copy::clone(x) } else { copy::cast(x, dtype) }
}

/// Sums over how many went in, and one more if what stood there counts; integers round down.
fn divided(gpu: &'static Gpu, sums: &View, count: &View, include_self: bool) -> Result<View> {
    let dtype = sums.dtype();
    let mut loader = Loader::of(sums);
    loader.operands.push(count.clone());
    let n = if include_self { "(x1 + 1)" } else { "x1" };
    // In double: the quotient of floats is the same when it is rounded twice.
    loader.value = if dtype.is_integral() {
        format!("(x1 > 0 ? {}(x0 / {n} - (x0 % {n} < 0)) : x0)", register(dtype))
    } else {
        format!("(x1 > 0 ? {}(double(x0) / double({n})) : x0)", register(dtype))
    };
    computed(gpu, &loader, dtype)
}

/// As it was, without a dimension where the tensor has none.
fn like(x: &View, out: Option<View>) -> Result<Option<View>> {
    match out {
        Some(out) if x.ndim() == 0 => Ok(Some(out.select(0, 0)?)),
        out => Ok(out),
    }
}

/// A copy of `x` with elements or a number written where the index says, or joined with what stands there.
///
/// # Errors
/// As the CPU's, apart from wrong indices; what the device refuses.
pub fn scatter(
    gpu: &'static Gpu,
    x: &View,
    dim: i64,
    index: &View,
    source: &Source,
    how: Option<Reduce>,
    include_self: bool,
) -> Result<Option<View>> {
    let near = matches!(source, Source::Value(_)) || matches!(source, Source::Tensor(v) if there(&[v]));
    if !near || !there(&[x, index]) {
        return Ok(None);
    }
    let Some(request) = cpu::check(x, dim, index, source)? else { return copy::clone(x).map(Some) };
    let value = match source {
        Source::Tensor(_) => Value::View(at_least_1d(&request.src)),
        Source::Value(n) => Value::Number(checked(*n, x.dtype())?),
    };
    let (whole, index) = (at_least_1d(x), at_least_1d(&request.index));
    let target = Target { sizes: index.sizes(), dim: request.dim, index: &index, counting: Counting::FromStart };
    let out = match how {
        None => {
            let out = copy::clone(&whole)?;
            target.write(gpu, &out, &value, How::Replace)?.then_some(out)
        }
        // Halves are summed as float32 and rounded once, as on the CPU.
        Some(how) if joins(x.dtype(), how) && !(how == Reduce::Mean && x.dtype().is_complex()) => {
            target.reduce(gpu, &whole, &value, how, include_self, x.dtype().opmath())?
        }
        Some(_) => None,
    };
    like(x, out)
}

/// `scatter_reduce`, by its name.
///
/// # Errors
/// As [`scatter`].
pub fn scatter_reduce(
    gpu: &'static Gpu,
    x: &View,
    dim: i64,
    index: &View,
    source: &View,
    reduce: &str,
    include_self: bool,
) -> Result<Option<View>> {
    let source = Source::Tensor(source.clone());
    match cpu::reduction(reduce) {
        Ok(how) if cpu::refuse(how, x.dtype(), "").is_ok() => {
            scatter(gpu, x, dim, index, &source, Some(how), include_self)
        }
        _ => Ok(None),
    }
}

/// A copy of `x` with elements put by their row-major number.
///
/// # Errors
/// As the CPU's, apart from wrong indices; what the device refuses.
pub fn put(gpu: &'static Gpu, x: &View, index: &View, source: &View, accumulate: bool) -> Result<Option<View>> {
    cpu::check_put(x, index, source)?;
    let how = if accumulate { How::Join(Reduce::Sum) } else { How::Replace };
    if index.numel() == 0 || !there(&[x, index, source]) {
        return Ok(None);
    }
    let out = copy::clone(x)?;
    let strides = vec![0; index.ndim()];
    let pick = Pick { index: index.clone(), size: x.numel() as i64, stride: 1 };
    let place =
        Place { x: &out, sizes: index.sizes(), strides: &strides, picks: vec![pick], counting: Counting::FromEnds };
    let source = crate::cpu::shape::reshape(source, index.sizes())?;
    Ok(write(gpu, place, &Value::View(source), how)?.then_some(out))
}

/// The slices of `source` that an index names along a dimension, written into a copy of `x`.
fn slices(
    gpu: &'static Gpu,
    x: &View,
    dim: usize,
    index: &View,
    value: Value,
    counting: Counting,
    run: impl FnOnce(&Target<'_>, &View, &Value) -> Result<Option<View>>,
) -> Result<Option<View>> {
    let (whole, index) = (at_least_1d(x), at_least_1d(index));
    let mut sizes = Shape::from_slice(whole.sizes());
    sizes[dim] = index.sizes()[0];
    let value = match value {
        Value::View(v) => Value::View(at_least_1d(&v).expand(&sizes)?),
        number => number,
    };
    let index = spread(&index, dim, &sizes)?;
    debug_assert_eq!(gpu.device(), x.device());
    let out = run(&Target { sizes: &sizes, dim, index: &index, counting }, &whole, &value)?;
    like(x, out)
}

/// A copy of `x` with `alpha * source` added to slices.
///
/// # Errors
/// As the CPU's, apart from wrong indices; what the device refuses.
pub fn index_add(
    gpu: &'static Gpu,
    x: &View,
    dim: i64,
    index: &View,
    source: &View,
    alpha: Scalar,
) -> Result<Option<View>> {
    let dim = along::check("index_add_", x, dim, index, source)?;
    no_wide_unsigned("scatter_gather_tensor_cpu", x.dtype())?;
    if !there(&[x, index, source]) {
        return Ok(None);
    }
    let dtype = x.dtype();
    let alpha = checked(alpha, dtype)?;
    let source = if alpha.to_c64() == crate::base::dtype::C64::new(1.0, 0.0) {
        source.clone()
    } else {
        let mut loader = Loader::of(source);
        loader.numbers.push((alpha, dtype));
        loader.value = "(x0 * n0)".to_owned();
        computed(gpu, &loader, dtype)?
    };
    slices(gpu, x, dim, index, Value::View(source), Counting::FromStart, |target, x, value| {
        let out = copy::clone(x)?;
        Ok(target.write(gpu, &out, value, How::Join(Reduce::Sum))?.then_some(out))
    })
}

/// A copy of `x` with slices replaced by those of `source`.
///
/// # Errors
/// As the CPU's, apart from wrong indices; what the device refuses.
pub fn index_copy(gpu: &'static Gpu, x: &View, dim: i64, index: &View, source: &View) -> Result<Option<View>> {
    let dim = along::check_copy(x, dim, index, source)?;
    if !there(&[x, index, source]) {
        return Ok(None);
    }
    slices(gpu, x, dim, index, Value::View(source.clone()), Counting::FromStart, |target, x, value| {
        let out = copy::clone(x)?;
        Ok(target.write(gpu, &out, value, How::Replace)?.then_some(out))
    })
}

/// A copy of `x` with slices set to a number.
///
/// # Errors
/// As the CPU's, apart from wrong indices; what the device refuses.
pub fn index_fill(gpu: &'static Gpu, x: &View, dim: i64, index: &View, value: Scalar) -> Result<Option<View>> {
    let dim = along::check_fill(x, dim, index, value)?;
    if !there(&[x, index]) {
        return Ok(None);
    }
    let value = Value::Number(checked(value, x.dtype())?);
    slices(gpu, x, dim, index, value, Counting::FromEnds, |target, x, value| {
        let out = copy::clone(x)?;
        Ok(target.write(gpu, &out, value, How::Replace)?.then_some(out))
    })
}

/// A copy of `x` with slices joined with those of `source`.
///
/// # Errors
/// As the CPU's, apart from wrong indices; what the device refuses.
pub fn index_reduce(
    gpu: &'static Gpu,
    x: &View,
    dim: i64,
    index: &View,
    source: &View,
    reduce: &str,
    include_self: bool,
) -> Result<Option<View>> {
    let how = along::reduction(reduce)?;
    let dim = along::check("index_reduce_", x, dim, index, source)?;
    // Means of what is not real, and of bools, are left to the CPU.
    let fits = joins(x.dtype(), how) && !(how == Reduce::Mean && (x.dtype().is_complex() || x.dtype() == DType::Bool));
    if !fits || !there(&[x, index, source]) {
        return Ok(None);
    }
    slices(gpu, x, dim, index, Value::View(source.clone()), Counting::FromStart, |target, x, value| {
        target.reduce(gpu, x, value, how, include_self, x.dtype())
    })
}
