//! Sorting on a GPU: rows by digits, stable; and what sorted rows are good for.
#![allow(unsafe_code)]

pub mod quantile;
pub mod rows;
pub mod runs;
pub mod search;
pub mod select;

use super::copy;
use super::launch::{Parameters, grid};
use crate::base::error::Result;
use crate::base::shape::{Shape, contiguous_strides, wrap_dim};
use crate::cpu::create::kept_strides;
use crate::store::View;
use crate::store::cuda::Gpu;
use crate::store::cuda::driver::Function;
use rows::{Keys, Sorted};

/// A view with `dim` last and in order, and the permutation that takes its dimensions back.
pub(super) fn dim_last(gpu: &'static Gpu, x: &View, dim: usize) -> Result<(View, Vec<usize>)> {
    let mut order: Vec<usize> = (0..x.ndim()).filter(|&d| d != dim).collect();
    order.extend((dim < x.ndim()).then_some(dim));
    let mut back = vec![0; x.ndim()];
    order.iter().enumerate().for_each(|(to, &from)| back[from] = to);
    Ok((copy::contiguous(gpu, &x.permute(&order))?, back))
}

/// A result with its dimensions taken back, in order.
pub(super) fn taken_back(gpu: &'static Gpu, v: &View, back: &[usize]) -> Result<View> {
    let v = copy::contiguous(gpu, &v.permute(back))?;
    v.with_geometry(v.sizes(), &contiguous_strides(v.sizes()), v.offset())
}

/// All elements in a row.
pub(super) fn flat(gpu: &'static Gpu, x: &View) -> Result<View> {
    let x = copy::contiguous(gpu, x)?;
    x.with_geometry(&[x.numel() as i64], &[1], x.offset())
}

/// Sizes without a dimension, or with 1 for it.
pub(super) fn reduced(sizes: &[i64], dim: usize, keepdim: bool) -> Shape {
    let kept = sizes.iter().enumerate().filter(|&(d, _)| d != dim || keepdim);
    kept.map(|(d, &n)| if d == dim { 1 } else { n }).collect()
}

/// Launches a kernel with a thread for each of `count` elements.
///
/// # Safety
/// As of [`Parameters::launch`].
pub(super) unsafe fn each(
    gpu: &'static Gpu,
    function: Function,
    parameters: &mut Parameters,
    count: usize,
) -> Result<()> {
    // SAFETY: the caller's.
    unsafe { parameters.launch(gpu, function, (grid(count.div_ceil(rows::BLOCK))?, 1), rows::BLOCK as u32) }
}

/// Whether rows of these are sorted here.
pub(super) fn sortable(x: &View) -> bool {
    let n = x.sizes().iter().copied().max().unwrap_or(1);
    !x.dtype().is_complex() && x.numel() > 0 && i32::try_from(n).is_ok()
}

/// Sorted elements along `dim` and where they came from; nans are the largest, and equal elements keep their order.
///
/// # Errors
/// What the device refuses.
pub fn sort(gpu: &'static Gpu, x: &View, dim: i64, descending: bool) -> Result<Option<(View, View)>> {
    let Ok(dim) = wrap_dim(dim, x.ndim()) else { return Ok(None) };
    if !sortable(x) {
        return Ok(None);
    }
    // What lies in another order than its dimensions' stays in that.
    let strides = kept_strides(x);
    let mut order: Vec<usize> = (0..x.ndim()).collect();
    order.sort_by_key(|&d| std::cmp::Reverse(strides[d]));
    let at = order.iter().position(|&d| d == dim).unwrap_or(0);
    let (values, indices) = in_order(gpu, &x.permute(&order), at, descending)?;
    let mut back = vec![0; x.ndim()];
    order.iter().enumerate().for_each(|(to, &from)| back[from] = to);
    let laid = |v: View| v.permute(&back).with_geometry(x.sizes(), &strides, v.offset());
    Ok(Some((laid(values)?, laid(indices)?)))
}

/// [`sort`] of what comes back row after row.
fn in_order(gpu: &'static Gpu, x: &View, dim: usize, descending: bool) -> Result<(View, View)> {
    let (rows, back) = dim_last(gpu, x, dim)?;
    let n = rows.sizes().last().copied().unwrap_or(1) as usize;
    let Sorted { values, indices } = rows::sort(gpu, &rows, None, n, n, Keys::of(x.dtype(), descending))?;
    Ok((taken_back(gpu, &values, &back)?, taken_back(gpu, &indices, &back)?))
}
