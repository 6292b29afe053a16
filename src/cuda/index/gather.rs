//! Reading by index: `gather`, `take`, `take_along_dim`, `index_select`.

use super::picks::{Counting, Pick, Place, read};
use crate::base::error::Result;
use crate::base::shape::Shape;
use crate::base::{DType, Device};
use crate::cpu::copy;
use crate::cpu::index::gather::{along_dim, check_gather, check_select};
use crate::cpu::index::walk::pinned;
use crate::store::View;
use crate::store::cuda::Gpu;

/// A tensor without dimensions as one of size 1.
pub(super) fn at_least_1d(x: &View) -> View {
    if x.ndim() == 0 { x.unsqueeze(0) } else { x.clone() }
}

/// Whether all lie on a device.
pub(super) fn there(views: &[&View]) -> bool {
    views.iter().all(|v| v.device() != Device::Cpu)
}

/// `out[i][j] = x[index[i][j]][j]` for `dim` 0, and so on.
///
/// # Errors
/// As the CPU's, apart from wrong indices; what the device refuses.
pub fn gather(gpu: &'static Gpu, x: &View, dim: i64, index: &View) -> Result<Option<View>> {
    if index.numel() == 0 || !there(&[x, index]) {
        return Ok(None);
    }
    let dim = check_gather(x, dim, index)?;
    along(gpu, x, dim, index, Counting::FromStart)
}

fn along(gpu: &'static Gpu, x: &View, dim: usize, index: &View, counting: Counting) -> Result<Option<View>> {
    let sizes = Shape::from_slice(index.sizes());
    let (x, index) = (at_least_1d(x), at_least_1d(index));
    let pick = Pick { index: index.clone(), size: x.sizes()[dim], stride: x.strides()[dim] };
    let strides = pinned(x.strides(), dim);
    let place = Place { x: &x, sizes: index.sizes(), strides: &strides, picks: vec![pick], counting };
    Ok(match read(gpu, place)? {
        Some(out) if sizes.is_empty() => Some(out.select(0, 0)?),
        out => out,
    })
}

/// Elements by their row-major number.
///
/// # Errors
/// What the device refuses.
pub fn take(gpu: &'static Gpu, x: &View, index: &View) -> Result<Option<View>> {
    if index.dtype() != DType::I64 || x.numel() == 0 || !there(&[x, index]) {
        return Ok(None);
    }
    let x = copy::contiguous(x)?;
    let strides = vec![0; index.ndim()];
    let pick = Pick { index: index.clone(), size: x.numel() as i64, stride: 1 };
    let place =
        Place { x: &x, sizes: index.sizes(), strides: &strides, picks: vec![pick], counting: Counting::FromEnds };
    read(gpu, place)
}

/// [`gather`] with broadcasting and indices that wrap around.
///
/// # Errors
/// As the CPU's, apart from wrong indices; what the device refuses.
pub fn take_along_dim(gpu: &'static Gpu, x: &View, index: &View, dim: Option<i64>) -> Result<Option<View>> {
    if !there(&[x, index]) {
        return Ok(None);
    }
    let counting = if dim.is_some() { Counting::Around } else { Counting::FromStart };
    let (x, dim, index) = along_dim(x, index, dim)?;
    if index.numel() == 0 || x.numel() == 0 {
        return Ok(None);
    }
    let dim = check_gather(&x, dim, &index)?;
    along(gpu, &x, dim, &index, counting)
}

/// The slices `index` along `dim`.
///
/// # Errors
/// As the CPU's, apart from wrong indices; what the device refuses.
pub fn index_select(gpu: &'static Gpu, x: &View, dim: i64, index: &View) -> Result<Option<View>> {
    if !there(&[x, index]) {
        return Ok(None);
    }
    let (dim, size) = check_select(x, dim, index)?;
    let (whole, index) = (at_least_1d(x), at_least_1d(index));
    let out = slices(gpu, &whole, dim, &index, size)?;
    if x.ndim() == 0 { out.map(|out| out.select(0, 0)).transpose() } else { Ok(out) }
}

/// The slices that a vector of indices names along a dimension of this size.
pub(super) fn slices(gpu: &'static Gpu, x: &View, dim: usize, index: &View, size: i64) -> Result<Option<View>> {
    let mut sizes = Shape::from_slice(x.sizes());
    sizes[dim] = index.sizes()[0];
    let pick = Pick { index: spread(index, dim, &sizes)?, size, stride: x.strides()[dim] };
    let strides = pinned(x.strides(), dim);
    let place = Place { x, sizes: &sizes, strides: &strides, picks: vec![pick], counting: Counting::FromStart };
    read(gpu, place)
}

/// A vector along `dim`, the same all over the sizes.
pub(super) fn spread(vector: &View, dim: usize, sizes: &[i64]) -> Result<View> {
    let mut out = vector.clone();
    for _ in dim + 1..sizes.len() {
        out = out.unsqueeze(out.ndim());
    }
    out.expand(sizes)
}
