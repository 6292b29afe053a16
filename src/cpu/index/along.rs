//! Whole slices written along one dimension: `index_add`, `index_copy`, `index_fill`, `index_reduce`.

use super::element::{Element, Reduce, checked, no_wide_unsigned};
use super::gather::outside;
use super::plan::{Plan, first_outside, out_of_bounds, wrap};
use super::scatter::{divide, fresh};
use crate::base::DType;
use crate::base::error::{Result, index_error, runtime};
use crate::base::scalar::{Cast, Scalar};
use crate::base::shape::{Shape, show, wrap_dim};
use crate::cpu::copy;
use crate::dispatch;
use crate::store::View;

/// Sizes without `dim`; a zero-dimensional tensor has none.
fn slice_sizes(x: &View, dim: usize) -> Shape {
    x.sizes().iter().enumerate().filter(|(d, _)| *d != dim).map(|(_, &n)| n).collect()
}

/// ATen's checks of `index_add_` and `index_reduce_`, `op` naming which; gives the dimension.
///
/// # Errors
/// torch's, for a wrong dtype or shape.
pub fn check(op: &str, x: &View, dim: i64, index: &View, src: &View) -> Result<usize> {
    let dim = wrap_dim(dim, x.ndim())?;
    if !matches!(index.dtype(), DType::I32 | DType::I64) {
        return Err(runtime(format!("{op}(): Expected dtype int32/int64 for index but got: {}", index.dtype().aten())));
    }
    if index.ndim() > 1 {
        return Err(index_error(format!(
            "{op}(): Index is supposed to be a vector, but got dim: {} with type: {} and size: {}",
            index.ndim(),
            index.dtype().aten(),
            show(index.sizes())
        )));
    }
    if x.dtype() != src.dtype() {
        return Err(runtime(format!(
            "{op}(): self ({}) and source ({}) must have the same scalar type",
            x.dtype().aten(),
            src.dtype().aten()
        )));
    }
    let along = if src.ndim() == 0 { 1 } else { src.sizes().get(dim).copied().unwrap_or(1) };
    if src.ndim() == 0 && index.numel() != 1 {
        return Err(crate::cpu::shape::no_dimension(dim));
    }
    if index.numel() as i64 != along {
        return Err(runtime(format!(
            "{op}(): Number of indices ({}) should be equal to source.size(dim): ({along}), for dim: {dim}",
            index.numel()
        )));
    }
    if x.ndim() != src.ndim() || slice_sizes(x, dim) != slice_sizes(src, dim) {
        return Err(runtime(format!(
            "source tensor shape must match self tensor shape, excluding the specified dimension. Got self.shape = {} \
             source.shape = {}",
            show(x.sizes()),
            show(src.sizes())
        )));
    }
    Ok(dim)
}

/// Indices one after the other, as `int64`.
fn wide(index: &View) -> Result<View> {
    copy::contiguous(&copy::cast(index, DType::I64)?)
}

/// The plan for `index` along `dim`, the value seen as a slice for each.
fn plan<'a>(out: &View, dim: usize, index: &'a [i64]) -> Plan<'a> {
    if out.ndim() == 0 {
        Plan::new(out, &[], 0, &[index.len() as i64], vec![0; index.len()])
    } else {
        Plan::along(out, dim, index)
    }
}

/// A copy of `x` with `alpha * src` added to the slices `index` along `dim`.
///
/// # Errors
/// torch's, for a wrong dtype, shape or index.
pub fn index_add(x: &View, dim: i64, index: &View, src: &View, alpha: Scalar) -> Result<View> {
    let dim = check("index_add_", x, dim, index, src)?;
    let index = wide(index)?;
    no_wide_unsigned("scatter_gather_tensor_cpu", x.dtype())?;
    let size = x.sizes().get(dim).copied().unwrap_or(1);
    let index = index.slice::<i64>();
    if let Some(i) = first_outside(index, size) {
        // Vectors have a loop of their own in torch, with its own words.
        return Err(if x.ndim() <= 1 { index_error("index out of range in self") } else { outside(i, dim, size) });
    }
    let mut out = copy::clone(x)?;
    let plan = plan(&out, dim, index);
    let alpha = checked(alpha, x.dtype())?;
    dispatch!(x.dtype(), all T => {
        plan.add::<T>(&mut out, src, Some(T::from_scalar(alpha)))?;
    });
    Ok(out)
}

/// A copy of `x` with the slices `index` along `dim` replaced by those of `src`.
///
/// # Errors
/// torch's, for a wrong dtype, shape or index.
pub fn index_copy(x: &View, dim: i64, index: &View, src: &View) -> Result<View> {
    let dim = check_copy(x, dim, index, src)?;
    let index = copy::contiguous(index)?;
    let index = index.slice::<i64>();
    let size = x.sizes().get(dim).copied().unwrap_or(1);
    if let Some(i) = first_outside(index, size) {
        return Err(index_error(format!(
            "index_copy_(): index {i} is out of bounds for dimension {dim} with size {size}"
        )));
    }
    let mut out = copy::clone(x)?;
    let plan = plan(&out, dim, index);
    plan.write(&mut out, src)?;
    Ok(out)
}

/// The dimension of a call of [`index_copy`].
///
/// # Errors
/// torch's, for a wrong dtype or shape.
pub fn check_copy(x: &View, dim: i64, index: &View, src: &View) -> Result<usize> {
    let dim = wrap_dim(dim, x.ndim())?;
    if index.ndim() > 1 {
        return Err(index_error(format!("index_copy_(): Index should have dimension 1 or 0 (got {})", index.ndim())));
    }
    let n = index.numel() as i64;
    if src.ndim() == 0 && n != 1 {
        return Err(index_error(format!(
            "index_copy_(): When source is scalar, index should have one element (got {n})"
        )));
    }
    if src.ndim() != x.ndim() && src.ndim() != 0 && x.ndim() != 0 {
        return Err(index_error(format!(
            "index_copy_(): When source and destination are not scalars, their dimensionality must match. Source \
             dimensionality ({}), destination dimensionality ({})",
            src.ndim(),
            x.ndim()
        )));
    }
    if index.dtype() != DType::I64 {
        let got = index.dtype().aten();
        return Err(runtime(format!("index_copy_(): Expected a long tensor for index, but got {got}")));
    }
    if x.dtype() != src.dtype() {
        return Err(runtime(format!(
            "index_copy_(): self and source expected to have the same dtype, but got (self) {} and (source) {}",
            x.dtype().aten(),
            src.dtype().aten()
        )));
    }
    let (to, from) = (slice_sizes(x, dim), slice_sizes(src, dim));
    if to != from && !(src.ndim() == 0 && to.iter().product::<i64>() == 1) {
        return Err(runtime(format!(
            "index_copy_(): Source/destination tensor must have same slice shapes. Destination slice shape: {} at \
             dimension {dim} and source slice shape: {} at dimension 0.",
            plain(&to),
            plain(&from)
        )));
    }
    if src.ndim() > 0 && n != src.sizes()[dim.min(src.ndim() - 1)] {
        return Err(index_error(format!(
            "index_copy_(): Number of indices ({n}) should be equal to source.size(dim) ({})",
            src.sizes()[dim]
        )));
    }
    Ok(dim)
}

/// Sizes as a stream prints an `IntArrayRef` without its brackets.
fn plain(sizes: &[i64]) -> String {
    show(sizes).trim_matches(['[', ']']).to_string()
}

/// A copy of `x` with the slices `index` along `dim` set to `value`.
///
/// # Errors
/// torch's, for a wrong dtype, shape or index.
pub fn index_fill(x: &View, dim: i64, index: &View, value: Scalar) -> Result<View> {
    let dim = check_fill(x, dim, index, value)?;
    let size = x.sizes().get(dim).copied().unwrap_or(1);
    let index: Vec<i64> = index.to_vec();
    let index: Result<Vec<i64>> =
        index.into_iter().map(|i| wrap(i, size).ok_or_else(|| out_of_bounds(i, dim, size))).collect();
    let index = index?;
    let mut out = copy::clone(x)?;
    let plan = plan(&out, dim, &index);
    let value = View::scalar(x.dtype(), checked(value, x.dtype())?)?.expand(&plan.result_sizes())?;
    plan.write(&mut out, &value)?;
    Ok(out)
}

/// The dimension of a call of [`index_fill`].
///
/// # Errors
/// torch's, for a wrong dtype or shape.
pub fn check_fill(x: &View, dim: i64, index: &View, value: Scalar) -> Result<usize> {
    if index.dtype() != DType::I64 {
        return Err(index_error("index_fill_(): Expected dtype int64 for index."));
    }
    wrap_dim(dim, x.ndim())?;
    if index.ndim() > 1 {
        return Err(runtime("Index has to be a vector/scalar"));
    }
    if value.is_complex() && !x.dtype().is_complex() {
        return Err(runtime("index_fill_(): Converting complex Scalar to non-complex type is not supported"));
    }
    wrap_dim(dim, x.ndim())
}

/// The reduction that `index_reduce` has under this name.
///
/// # Errors
/// torch's, for others.
pub fn reduction(reduce: &str) -> Result<Reduce> {
    Ok(match reduce {
        "prod" => Reduce::Prod,
        "mean" => Reduce::Mean,
        "amax" => Reduce::Amax,
        "amin" => Reduce::Amin,
        _ => {
            return Err(runtime(format!(
                "index_reduce(): Expected reduce to be one of prod, mean, amax or amin but got {reduce}."
            )));
        }
    })
}

/// A copy of `x` with the slices `index` along `dim` joined with those of `src` by `reduce`: `prod`, `mean`, `amax`,
/// `amin`.
///
/// # Errors
/// torch's, for a wrong dtype, shape, index or reduction.
pub fn index_reduce(x: &View, dim: i64, index: &View, src: &View, reduce: &str, include_self: bool) -> Result<View> {
    let how = reduction(reduce)?;
    let dim = check("index_reduce_", x, dim, index, src)?;
    let index = wide(index)?;
    let size = x.sizes().get(dim).copied().unwrap_or(1);
    let index = index.slice::<i64>();
    if first_outside(index, size).is_some() {
        return Err(index_error("index out of range in self"));
    }
    let mut out = fresh(x, x.dtype())?;
    let plan = plan(&out, dim, index);
    dispatch!(x.dtype(), all T => {
        if !include_self {
            let start = View::scalar(x.dtype(), how.identity(x.dtype()))?.expand(&plan.result_sizes())?;
            plan.write(&mut out, &start)?;
        }
        plan.write_with::<T>(&mut out, src, how.function::<T>())?;
    });
    if how == Reduce::Mean {
        let mut count = View::full(DType::I64, x.sizes(), Scalar::Int(i64::from(include_self)))?;
        let one = View::scalar(DType::I64, Scalar::Int(1))?.expand(&plan.result_sizes())?;
        plan.write_with::<i64>(&mut count, &one, i64::plus)?;
        divide(&mut out, &count);
    }
    Ok(out)
}
