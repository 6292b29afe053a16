//! Views under other sizes, with torch's checks and words; nothing is copied but where `reshape` must.

use super::copy;
use crate::base::DType;
use crate::base::error::{Error, Result, index_error, runtime};
use crate::base::shape::{Shape, broadcast, numel, show, wrap_dim, wrap_dims};
use crate::store::View;
use crate::store::geometry::infer_size;

/// `view(sizes)`: the same elements under other sizes, one of which may be -1.
///
/// # Errors
/// torch's, for sizes that hold another number of elements or that strides can't express.
pub fn view(x: &View, sizes: &[i64]) -> Result<View> {
    let sizes = infer_size(sizes, x.numel())?;
    x.try_view(&sizes).ok_or_else(|| {
        runtime(
            "view size is not compatible with input tensor's size and stride (at least one dimension spans across two \
             contiguous subspaces). Use .reshape(...) instead.",
        )
        .help("`.reshape(...)` copies where a view can't be had")
    })
}

/// `reshape(sizes)`: a view where possible, else a copy.
///
/// # Errors
/// torch's, for sizes that hold another number of elements.
pub fn reshape(x: &View, sizes: &[i64]) -> Result<View> {
    let sizes = infer_size(sizes, x.numel())?;
    match x.try_view(&sizes) {
        Some(view) => Ok(view),
        None => view(&copy::clone(x)?, &sizes),
    }
}

/// `view(dtype)`: the same bytes as elements of another dtype; the last dimension grows or shrinks with their size.
///
/// # Errors
/// torch's, for sizes, strides or an offset that don't divide.
pub fn view_dtype(x: &View, dtype: DType) -> Result<View> {
    let (from, to) = (x.dtype().size() as i64, dtype.size() as i64);
    if from == to {
        return x.reinterpret(dtype, x.sizes(), x.strides(), x.offset());
    }
    let tail = format!("to view {} as {} (different element sizes)", x.dtype().aten(), dtype.aten());
    let (mut sizes, mut strides) = (Shape::from_slice(x.sizes()), Shape::from_slice(x.strides()));
    let Some(last) = x.ndim().checked_sub(1) else {
        return Err(runtime(format!("self.dim() cannot be 0 {tail}")));
    };
    let ratio = to / from;
    if ratio > 1 && sizes[last] % ratio != 0 {
        return Err(runtime(format!("self.size(-1) must be divisible by {ratio} {tail}, but got {}", sizes[last])));
    }
    if strides[last] != 1 {
        return Err(runtime(format!("self.stride(-1) must be 1 {tail}, but got {}", strides[last])));
    }
    let mut offset = x.offset();
    if from > to {
        let ratio = from / to;
        strides[..last].iter_mut().for_each(|s| *s *= ratio);
        sizes[last] *= ratio;
        offset *= ratio;
    } else {
        if offset % ratio != 0 {
            return Err(runtime(format!(
                "self.storage_offset() must be divisible by {ratio} {tail}, but got {offset}"
            )));
        }
        for (d, s) in strides[..last].iter_mut().enumerate() {
            if *s % ratio != 0 {
                return Err(runtime(format!("self.stride({d}) must be divisible by {ratio} {tail}, but got {s}")));
            }
            *s /= ratio;
        }
        sizes[last] /= ratio;
        offset /= ratio;
    }
    x.reinterpret(dtype, &sizes, &strides, offset)
}

/// Dimensions `start..=end` as one.
///
/// # Errors
/// torch's, for wrong dimensions.
pub fn flatten(x: &View, start: i64, end: i64) -> Result<View> {
    let (start, end) = (wrap_dim(start, x.ndim())?, wrap_dim(end, x.ndim())?);
    if start > end {
        return Err(runtime("flatten() has invalid args: start_dim cannot come after end_dim"));
    }
    if x.ndim() == 0 {
        return reshape(x, &[1]);
    }
    if start == end {
        return Ok(x.clone());
    }
    let mut sizes = Shape::from_slice(&x.sizes()[..start]);
    sizes.push(x.sizes()[start..=end].iter().product());
    sizes.extend_from_slice(&x.sizes()[end + 1..]);
    reshape(x, &sizes)
}

/// One dimension as several, one of which may be -1.
///
/// # Errors
/// torch's, for sizes that don't multiply up to the dimension's.
pub fn unflatten(x: &View, dim: i64, sizes: &[i64]) -> Result<View> {
    let dim = wrap_dim(dim, x.ndim())?;
    if sizes.is_empty() {
        return Err(runtime("unflatten: sizes must be non-empty"));
    }
    let unexpected = |e: Error| runtime(format!("unflatten got an unexpected error:\n{}", e.message()));
    let Some(&size) = x.sizes().get(dim) else {
        return Err(unexpected(no_dimension(dim)));
    };
    let inferred = infer_size(sizes, size as usize).map_err(|e| {
        if e.message().contains("is invalid for input of size") {
            runtime(format!(
                "unflatten: Provided sizes {} don't multiply up to the size of dim {dim} ({size}) in the input tensor",
                show(sizes)
            ))
        } else {
            unexpected(e)
        }
    })?;
    let mut all = Shape::from_slice(&x.sizes()[..dim]);
    all.extend_from_slice(&inferred);
    all.extend_from_slice(&x.sizes()[dim + 1..]);
    view(x, &all)
}

/// `Dimension specified as 0 but tensor has no dimensions`.
#[cold]
pub(in crate::cpu) fn no_dimension(dim: usize) -> Error {
    index_error(format!("Dimension specified as {dim} but tensor has no dimensions"))
}

/// Without those of `dims` (all when `None`) that have size 1.
///
/// # Errors
/// torch's, for wrong dimensions.
pub fn squeeze(x: &View, dims: Option<&[i64]>) -> Result<View> {
    Ok(match dims {
        None => x.squeeze(&(0..x.ndim()).collect::<Vec<_>>()),
        Some(dims) => x.squeeze(&wrap_dims(dims, x.ndim())?),
    })
}

/// A new dimension of size 1 before `dim`.
///
/// # Errors
/// torch's, for a wrong dimension.
pub fn unsqueeze(x: &View, dim: i64) -> Result<View> {
    Ok(x.unsqueeze(wrap_dim(dim, x.ndim() + 1)?))
}

/// Two dimensions exchanged.
///
/// # Errors
/// torch's, for wrong dimensions.
pub fn transpose(x: &View, a: i64, b: i64) -> Result<View> {
    let (a, b) = (wrap_dim(a, x.ndim())?, wrap_dim(b, x.ndim())?);
    Ok(x.transpose(a, b))
}

/// `t()`: a matrix transposed; vectors and numbers as they are.
///
/// # Errors
/// torch's, for more than two dimensions.
pub fn t(x: &View) -> Result<View> {
    match x.ndim() {
        0 | 1 => Ok(x.clone()),
        2 => Ok(x.transpose(0, 1)),
        n => Err(runtime(format!("t() expects a tensor with <= 2 dimensions, but self is {n}D"))),
    }
}

/// Dimensions in another order.
///
/// # Errors
/// torch's, for an order that does not name each dimension once.
pub fn permute(x: &View, dims: &[i64]) -> Result<View> {
    if dims.len() != x.ndim() {
        return Err(runtime(format!(
            "permute(sparse_coo): number of dimensions in the tensor input does not match the length of the desired \
             ordering of dimensions i.e. input.dim() = {} is not equal to len(dims) = {}",
            x.ndim(),
            dims.len()
        )));
    }
    let mut order = Vec::with_capacity(dims.len());
    for &d in dims {
        let d = wrap_dim(d, x.ndim())?;
        if order.contains(&d) {
            return Err(runtime("permute(): duplicate dims are not allowed."));
        }
        order.push(d);
    }
    Ok(x.permute(&order))
}

/// Dimensions `from` moved to the places `to`, the others in order between them.
///
/// # Errors
/// torch's, for lists of different lengths, repeats or wrong dimensions.
pub fn movedim(x: &View, from: &[i64], to: &[i64]) -> Result<View> {
    if from.len() != to.len() {
        return Err(runtime(format!(
            "movedim: Invalid source or destination dims: source ({} dims) should contain the same number of dims as \
             destination ({} dims)",
            show(from),
            show(to)
        )));
    }
    let wrap = |dims: &[i64], which: &str| -> Result<Vec<usize>> {
        let wrapped: Result<Vec<usize>> = dims.iter().map(|&d| wrap_dim(d, x.ndim())).collect();
        let wrapped = wrapped?;
        let repeats = (1..wrapped.len()).any(|i| wrapped[..i].contains(&wrapped[i]));
        if repeats {
            return Err(runtime(format!("movedim: repeated dim in `{which}` ({})", show(dims))));
        }
        Ok(wrapped)
    };
    for &d in from.iter().chain(to) {
        wrap_dim(d, x.ndim())?;
    }
    let (from, to) = (wrap(from, "source")?, wrap(to, "destination")?);
    let mut rest = (0..x.ndim()).filter(|d| !from.contains(d));
    let order: Vec<usize> = (0..x.ndim())
        .filter_map(|place| match to.iter().position(|&t| t == place) {
            Some(k) => Some(from[k]),
            None => rest.next(),
        })
        .collect();
    Ok(if order.len() == x.ndim() { x.permute(&order) } else { x.clone() })
}

/// Stretched to `sizes`, -1 keeping a size.
///
/// # Errors
/// torch's, for sizes that can't be had.
pub fn expand(x: &View, sizes: &[i64]) -> Result<View> {
    let out = x.expand(sizes)?;
    if out.sizes().iter().any(|&n| n < 0) {
        return Err(runtime("numel: integer multiplication overflow"));
    }
    Ok(out)
}

/// All stretched to the shape they broadcast to.
///
/// # Errors
/// torch's, for shapes that don't fit.
pub fn broadcast_tensors(xs: &[View]) -> Result<Vec<View>> {
    let sizes = xs.iter().try_fold(Shape::new(), |s, x| broadcast(&s, x.sizes()))?;
    xs.iter().map(|x| x.expand(&sizes)).collect()
}

/// `length` elements from `start` along `dim`.
///
/// # Errors
/// torch's, for a wrong dimension or range.
pub fn narrow(x: &View, dim: i64, start: i64, length: i64) -> Result<View> {
    if x.ndim() == 0 {
        return Err(runtime("narrow() cannot be applied to a 0-dim tensor."));
    }
    if length < 0 {
        return Err(runtime("narrow(): length must be non-negative."));
    }
    let at = wrap_dim(dim, x.ndim())?;
    let size = x.sizes()[at];
    if start < -size || start > size {
        return Err(index_error(format!(
            "start out of range (expected to be in range of [{}, {size}], but got {start})",
            -size
        )));
    }
    let from = if start < 0 { start + size } else { start };
    if from > size - length {
        return Err(runtime(format!("start ({from}) + length ({length}) exceeds dimension size ({size}).")));
    }
    Ok(x.narrow(at, from, length))
}

/// One index along `dim`, which goes.
///
/// # Errors
/// torch's, for a wrong dimension or index.
pub fn select(x: &View, dim: i64, index: i64) -> Result<View> {
    if x.ndim() == 0 {
        return Err(index_error("select() cannot be applied to a 0-dim tensor."));
    }
    let at = wrap_dim(dim, x.ndim())?;
    let size = x.sizes()[at];
    if index < -size || index >= size {
        return Err(index_error(format!(
            "select(): index {index} out of range for tensor of size {} at dimension {at}",
            show(x.sizes())
        )));
    }
    x.select(at, index)
}

/// `start:end:step` along `dim`, with Python's bounds.
///
/// # Errors
/// torch's, for a wrong dimension or a step below 1.
pub fn slice(x: &View, dim: i64, start: Option<i64>, end: Option<i64>, step: i64) -> Result<View> {
    if x.ndim() == 0 {
        return Err(index_error("slice() cannot be applied to a 0-dim tensor."));
    }
    let at = wrap_dim(dim, x.ndim())?;
    if step <= 0 {
        return Err(runtime("slice step must be positive"));
    }
    Ok(x.slice_dim(at, start.unwrap_or(0), end.unwrap_or(i64::MAX), step))
}

/// The diagonal of dimensions `a` and `b`, shifted up by `shift`, as the last dimension.
///
/// # Errors
/// torch's, for wrong or equal dimensions.
pub fn diagonal(x: &View, shift: i64, a: i64, b: i64) -> Result<View> {
    let (a, b) = two_dims(a, b, x.ndim())?;
    Ok(x.diagonal(shift, a, b))
}

/// Two different dimensions, wrapped.
///
/// # Errors
/// torch's, for wrong or equal dimensions.
pub(super) fn two_dims(a: i64, b: i64, ndim: usize) -> Result<(usize, usize)> {
    match (wrap_dim(a, ndim)?, wrap_dim(b, ndim)?) {
        (x, y) if x == y => Err(runtime(format!("diagonal dimensions cannot be identical {a}, {b}"))),
        both => Ok(both),
    }
}

/// Any sizes, strides and offset (in elements of the storage; that of `x` when `None`) over `x`'s storage.
///
/// # Errors
/// torch's, for a geometry that reaches outside.
pub fn as_strided(x: &View, sizes: &[i64], strides: &[i64], offset: Option<i64>) -> Result<View> {
    let offset = offset.unwrap_or_else(|| x.offset());
    if sizes.len() != strides.len() {
        return Err(runtime("mismatch in length of strides and shape"));
    }
    if strides.iter().any(|&s| s < 0) {
        return Err(runtime(format!(
            "as_strided: Negative strides are not supported at the moment, got strides: {}",
            show(strides)
        )));
    }
    if sizes.iter().any(|&n| n < 0) || numel(sizes).is_none() {
        return Err(runtime(format!(
            "Storage size calculation overflowed with sizes={} and strides={}",
            show(sizes),
            show(strides)
        )));
    }
    if offset < 0 {
        return Err(runtime(format!("Tensor: invalid storage offset {offset}")));
    }
    x.with_geometry(sizes, strides, offset)
}

/// The real (0) or imaginary (1) parts of complex numbers, as a view.
fn part(x: &View, which: i64) -> Result<View> {
    let strides: Shape = x.strides().iter().map(|s| s * 2).collect();
    x.reinterpret(x.dtype().real(), x.sizes(), &strides, x.offset() * 2 + which)
}

/// The real parts; a real tensor is its own.
///
/// # Errors
/// None for views inside their storage.
pub fn real(x: &View) -> Result<View> {
    if x.dtype().is_complex() { part(x, 0) } else { Ok(x.clone()) }
}

/// The imaginary parts.
///
/// # Errors
/// torch's, for real tensors.
pub fn imag(x: &View) -> Result<View> {
    if x.dtype().is_complex() {
        part(x, 1)
    } else {
        Err(runtime("imag is not implemented for tensors with non-complex dtypes."))
    }
}

/// Complex numbers as pairs along a new last dimension.
///
/// # Errors
/// torch's, for real tensors.
pub fn view_as_real(x: &View) -> Result<View> {
    if !x.dtype().is_complex() {
        return Err(runtime("view_as_real is only supported for complex tensors"));
    }
    let (mut sizes, mut strides) = (Shape::from_slice(x.sizes()), Shape::new());
    strides.extend(x.strides().iter().map(|s| s * 2));
    sizes.push(2);
    strides.push(1);
    x.reinterpret(x.dtype().real(), &sizes, &strides, x.offset() * 2)
}

/// Pairs along the last dimension as complex numbers.
///
/// # Errors
/// torch's, for other dtypes, sizes or strides.
pub fn view_as_complex(x: &View) -> Result<View> {
    let unknown = || {
        runtime(format!(
            "view_as_complex is only supported for half, float and double tensors, but got a tensor of scalar type: {}",
            x.dtype().aten()
        ))
    };
    if !matches!(x.dtype(), DType::F16 | DType::F32 | DType::F64) {
        return Err(unknown());
    }
    let Some(last) = x.ndim().checked_sub(1) else {
        return Err(runtime("Input tensor must have one or more dimensions"));
    };
    if x.sizes()[last] != 2 {
        return Err(runtime("Tensor must have a last dimension of size 2"));
    }
    if x.strides()[last] != 1 {
        return Err(runtime("Tensor must have a last dimension with stride 1"));
    }
    if x.strides()[..last].iter().any(|s| s % 2 != 0) {
        return Err(runtime("Tensor must have a stride divisible by 2 for all but last dimension"));
    }
    if x.offset() % 2 != 0 {
        return Err(runtime("Tensor must have a storage_offset divisible by 2"));
    }
    let Some(dtype) = x.dtype().complex().filter(|_| x.dtype() != DType::F16) else { return Err(unknown()) };
    let strides: Shape = x.strides()[..last].iter().map(|s| s / 2).collect();
    x.reinterpret(dtype, &x.sizes()[..last], &strides, x.offset() / 2)
}

/// At least `n` (1 to 3) dimensions, as `atleast_1d` and its kin add them.
pub fn at_least(x: &View, n: usize) -> View {
    match (n, x.ndim()) {
        (3, 2) => x.unsqueeze(2),
        (3, 1) => x.unsqueeze(0).unsqueeze(2),
        _ => {
            let mut out = x.clone();
            while out.ndim() < n {
                out = out.unsqueeze(0);
            }
            out
        }
    }
}
