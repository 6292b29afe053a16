//! Reading by index: `gather`, `take`, `take_along_dim`, `index_select`.

use super::element::no_wide_unsigned;
use super::plan::{Plan, first_outside, wrap};
use super::walk::{pinned, rows};
use crate::base::DType;
use crate::base::error::{Error, Result, index_error, runtime};
use crate::base::shape::{broadcast, contiguous_strides, show, wrap_dim};
use crate::by_width;
use crate::cpu::copy;
use crate::store::View;

/// The index as `int64`, or `op(): Expected dtype int32/int64 for index`.
pub(super) fn wide_index(op: &str, index: &View) -> Result<View> {
    match index.dtype() {
        DType::I64 | DType::I32 => copy::cast(index, DType::I64),
        _ => Err(runtime(format!("{op}(): Expected dtype int32/int64 for index"))),
    }
}

/// `index i is out of bounds for dimension d with size n`, the `RuntimeError` of gather, scatter and `index_add`.
#[cold]
pub(super) fn outside(i: i64, dim: usize, size: i64) -> Error {
    runtime(format!("index {i} is out of bounds for dimension {dim} with size {size}"))
}

/// The dimension of a call of [`gather`] whose index is not empty.
///
/// # Errors
/// torch's, for a wrong dtype or shape.
pub fn check_gather(x: &View, dim: i64, index: &View) -> Result<usize> {
    let dim = wrap_dim(dim, x.ndim())?;
    if !matches!(index.dtype(), DType::I64 | DType::I32) {
        return Err(runtime("gather(): Expected dtype int32/int64 for index"));
    }
    if index.ndim().max(1) != x.ndim().max(1) {
        return Err(runtime("Index tensor must have the same number of dimensions as input tensor"));
    }
    for d in (0..x.ndim().min(index.ndim())).filter(|&d| d != dim) {
        if index.sizes()[d] > x.sizes()[d] {
            return Err(runtime(format!(
                "Size does not match at dimension {d} expected index {} to be no larger than self {} apart from \
                 dimension {dim}",
                show(index.sizes()),
                show(x.sizes())
            )));
        }
    }
    no_wide_unsigned("scatter_gather_tensor_cpu", x.dtype())?;
    Ok(dim)
}

/// `out[i][j] = x[index[i][j]][j]` for `dim` 0, and so on: the index has the sizes of the result.
///
/// # Errors
/// torch's, for a wrong dtype, shape or index.
pub fn gather(x: &View, dim: i64, index: &View) -> Result<View> {
    if index.numel() == 0 {
        wrap_dim(dim, x.ndim())?;
        return View::empty(x.dtype(), index.sizes());
    }
    let dim = check_gather(x, dim, index)?;
    let index = copy::cast(index, DType::I64)?;
    let out = View::empty(x.dtype(), index.sizes())?;
    let flat = contiguous_strides(index.sizes());
    // A zero-dimensional tensor is one of size 1 here.
    let (size, stride) =
        (x.sizes().get(dim).copied().unwrap_or(1), x.strides().get(dim).copied().unwrap_or(0) as usize);
    let mut steps = pinned(x.strides(), dim);
    steps.resize(index.ndim(), 0);
    let (from, mut to) = (x.words(), out.words());
    let picks = index.span::<i64>();
    by_width!(x.dtype(), T => {
        let (src, dst) = (from.span::<T>(), to.span_mut::<T>());
        rows(index.sizes(), [&steps, index.strides(), &flat], |row| {
            for k in 0..row.n {
                let i = picks[row.at[1] + k * row.step[1]];
                if i < 0 || i >= size {
                    return Err(outside(i, dim, size));
                }
                dst[row.at[2] + k * row.step[2]] = src[row.at[0] + k * row.step[0] + i as usize * stride];
            }
            Ok(())
        })?;
    });
    Ok(out)
}

/// Elements by their row-major number, in the index's sizes; negative numbers count from the end.
///
/// # Errors
/// torch's, for a wrong dtype or number.
pub fn take(x: &View, index: &View) -> Result<View> {
    if index.dtype() != DType::I64 {
        return Err(runtime(format!("take(): Expected a long tensor for index, but got {}", index.dtype().aten())));
    }
    if x.numel() == 0 && index.numel() > 0 {
        return Err(index_error("take(): tried to take from an empty tensor"));
    }
    numbered(x, index)?.read(x)
}

/// The plan that picks elements by row-major number.
pub(super) fn numbered(x: &View, index: &View) -> Result<Plan<'static>> {
    let count = x.numel() as i64;
    let flat = x.is_contiguous();
    let offset = |i: i64| {
        let at = wrap(i, count).ok_or_else(|| {
            index_error(format!("out of range: tried to access index {i} on a tensor of {count} elements."))
        })?;
        Ok(if flat { at } else { x.offset_of(at as usize) as i64 })
    };
    let offsets: Result<Vec<i64>> = index.array::<i64>().iter().map(|&i| offset(i)).collect();
    let all: Vec<usize> = (0..x.ndim()).collect();
    Ok(Plan::new(x, &all, 0, index.sizes(), offsets?))
}

/// What [`take_along_dim`] gathers: from where, along which dimension, by which indices.
///
/// # Errors
/// torch's, for a wrong dtype, shape or dimension.
pub fn along_dim(x: &View, index: &View, dim: Option<i64>) -> Result<(View, i64, View)> {
    if index.dtype() != DType::I64 {
        return Err(runtime(format!(
            "torch.take_along_dim(): dtype of indices should be Long but got {}",
            index.dtype().aten()
        )));
    }
    if let (Some(dim), 0) = (dim, x.ndim()) {
        return Err(crate::cpu::shape::no_dimension(wrap_dim(dim, 0)?));
    }
    let flat = |v: &View| crate::cpu::shape::view(v, &[v.numel() as i64]);
    match dim {
        None => Ok((flat(x)?, 0, flat(index)?)),
        Some(dim) => {
            if x.ndim() != index.ndim() {
                return Err(runtime(format!(
                    "torch.take_along_dim(): input and indices should have the same number of dimensions, but got {} \
                     dimensions for input, and {} dimensions for indices",
                    x.ndim(),
                    index.ndim()
                )));
            }
            let dim = wrap_dim(dim, x.ndim())?;
            // Each side stretches to the other, apart from `dim`.
            let both = |keep: &View| {
                let (mut a, mut b) = (x.sizes().to_vec(), index.sizes().to_vec());
                if x.ndim() > 0 {
                    a[dim] = keep.sizes()[dim];
                    b[dim] = keep.sizes()[dim];
                }
                keep.expand(&broadcast(&a, &b)?)
            };
            Ok((both(x)?, dim as i64, both(index)?))
        }
    }
}

/// [`gather`] with broadcasting and indices that wrap around; without `dim`, [`take`] from the flattened tensor.
///
/// # Errors
/// torch's.
pub fn take_along_dim(x: &View, index: &View, dim: Option<i64>) -> Result<View> {
    let wrap = dim.is_some();
    let (x, dim, index) = along_dim(x, index, dim)?;
    let at = wrap_dim(dim, x.ndim())?;
    let size = x.sizes().get(at).copied().unwrap_or(1);
    let mut index = copy::clone(&index)?;
    if wrap && size > 0 {
        index.slice_mut::<i64>().iter_mut().for_each(|i| *i = i.rem_euclid(size));
    }
    gather(&x, dim, &index)
}

/// The dimension of a call of [`index_select`], and its size.
///
/// # Errors
/// torch's, for a wrong dtype or shape.
pub fn check_select(x: &View, dim: i64, index: &View) -> Result<(usize, i64)> {
    let dim = wrap_dim(dim, x.ndim())?;
    if index.ndim() > 1 {
        return Err(index_error("index_select(): Index is supposed to be a vector"));
    }
    if x.ndim() == 0 && index.numel() != 1 {
        let n = index.numel();
        return Err(runtime(format!("index_select(): Index to scalar can have only 1 value, got {n} value(s)")));
    }
    if !matches!(index.dtype(), DType::I32 | DType::I64) {
        return Err(runtime("index_select(): Expected dtype int32 or int64 for index"));
    }
    let size = x.sizes().get(dim).copied().unwrap_or(1);
    if size == 0 && index.numel() > 0 && x.ndim() > 1 {
        return Err(runtime("index_select(): self indexing axis dim should be positive"));
    }
    Ok((dim, size))
}

/// The slices `index` along `dim`.
///
/// # Errors
/// torch's, for a wrong dtype, shape or index.
pub fn index_select(x: &View, dim: i64, index: &View) -> Result<View> {
    let (dim, size) = check_select(x, dim, index)?;
    let index = copy::contiguous(&copy::cast(index, DType::I64)?)?;
    let index = index.slice::<i64>();
    if let Some(i) = first_outside(index, size) {
        return Err(if dim == 1 || x.ndim() > 1 && x.numel() == 0 {
            runtime(format!("INDICES element is out of DATA bounds, id={i} axis_dim={size}"))
        } else {
            index_error("index out of range in self")
        });
    }
    if x.ndim() == 0 { copy::clone(x) } else { Plan::along(x, dim, index).read(x) }
}
