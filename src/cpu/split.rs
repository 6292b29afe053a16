//! Splitting into views: `split`, `chunk`, `tensor_split`, `unbind` and their kin.

use super::shape;
use crate::base::DType;
use crate::base::error::{Result, runtime};
use crate::base::shape::{show, wrap_dim};
use crate::store::View;

/// Pieces of `size`, the last may be shorter.
///
/// # Errors
/// torch's, for a wrong dimension or size.
pub fn split(x: &View, size: i64, dim: i64) -> Result<Vec<View>> {
    if x.ndim() == 0 {
        return Err(runtime("split expects at least a 1-dimensional tensor"));
    }
    if size < 0 {
        return Err(runtime(format!("split expects split_size be non-negative, but got split_size={size}")));
    }
    let dim = wrap_dim(dim, x.ndim())?;
    let n = x.sizes()[dim];
    if size == 0 && n != 0 {
        return Err(runtime(format!("split_size can only be 0 if dimension size is 0, but got dimension size of {n}")));
    }
    let pieces = if size == 0 { 1 } else { (n.saturating_add(size - 1) / size).max(1) };
    Ok((0..pieces).map(|i| x.narrow(dim, i * size, size.min(n - i * size))).collect())
}

/// Pieces of the sizes given.
///
/// # Errors
/// torch's, for a wrong dimension or sizes that don't add up.
pub fn split_with_sizes(x: &View, sizes: &[i64], dim: i64) -> Result<Vec<View>> {
    if x.ndim() == 0 {
        return Err(runtime("split expects at least a 1-dimensional tensor"));
    }
    let at = wrap_dim(dim, x.ndim())?;
    if sizes.iter().any(|&s| s < 0) {
        return Err(runtime(format!(
            "split_with_sizes expects split_sizes have only non-negative entries, but got split_sizes={}",
            show(sizes)
        )));
    }
    let n = x.sizes()[at];
    if sizes.iter().fold(0i64, |a, &s| a.saturating_add(s)) != n {
        return Err(runtime(format!(
            "split_with_sizes expects split_sizes to sum exactly to {n} (input tensor's size at dimension {dim}), but got \
             split_sizes={}",
            show(sizes)
        )));
    }
    let mut start = 0;
    Ok(sizes
        .iter()
        .map(|&s| {
            start += s;
            x.narrow(at, start - s, s)
        })
        .collect())
}

/// At most `chunks` pieces of equal size, the last may be shorter.
///
/// # Errors
/// torch's, for a wrong dimension or number.
pub fn chunk(x: &View, chunks: i64, dim: i64) -> Result<Vec<View>> {
    if x.ndim() == 0 {
        return Err(runtime("chunk expects at least a 1-dimensional tensor"));
    }
    if chunks <= 0 {
        return Err(runtime(format!("chunk expects `chunks` to be greater than 0, got: {chunks}")));
    }
    let n = x.sizes()[wrap_dim(dim, x.ndim())?];
    let size = n.saturating_add(chunks - 1) / chunks;
    if size == 0 { split_with_sizes(x, &vec![0; chunks as usize], dim) } else { split(x, size, dim) }
}

fn need_dim(x: &View) -> Result<()> {
    if x.ndim() == 0 {
        return Err(runtime("tensor_split expected at least a 1-dimensional tensor, but got a tensor with 0 dims"));
    }
    Ok(())
}

/// `sections` pieces whose sizes differ by at most one, the longer first.
///
/// # Errors
/// torch's, for a wrong dimension or number.
pub fn tensor_split(x: &View, sections: i64, dim: i64) -> Result<Vec<View>> {
    need_dim(x)?;
    let dim = wrap_dim(dim, x.ndim())?;
    if sections <= 0 {
        return Err(runtime(format!("number of sections must be larger than 0, got {sections}")));
    }
    let n = x.sizes()[dim];
    let (size, longer) = (n / sections, n % sections);
    let start = |i: i64| i * size + i.min(longer);
    Ok((0..sections).map(|i| x.narrow(dim, start(i), start(i + 1) - start(i))).collect())
}

/// Pieces between the indices given, taken as Python slices.
///
/// # Errors
/// torch's, for a wrong dimension.
pub fn tensor_split_at(x: &View, indices: &[i64], dim: i64) -> Result<Vec<View>> {
    need_dim(x)?;
    let dim = wrap_dim(dim, x.ndim())?;
    let mut start = 0;
    let mut out = Vec::with_capacity(indices.len() + 1);
    for &end in indices {
        out.push(x.slice_dim(dim, start, end, 1));
        start = end;
    }
    out.push(x.slice_dim(dim, start, x.sizes()[dim], 1));
    Ok(out)
}

/// [`tensor_split`] by a number in a zero-dimensional tensor, or [`tensor_split_at`] by the indices in a vector.
///
/// # Errors
/// torch's, for a wrong dtype, shape or dimension.
pub fn tensor_split_by(x: &View, by: &View, dim: i64) -> Result<Vec<View>> {
    need_dim(x)?;
    if by.dtype() != DType::I64 {
        return Err(runtime(format!(
            "tensor_split expected tensor_indices_or_sections to have dtype of long, but got {}",
            by.dtype().aten()
        )));
    }
    match by.ndim() {
        0 => tensor_split(x, by.get(0).to_i64(), dim),
        1 => tensor_split_at(x, &by.to_vec::<i64>(), dim),
        n => Err(runtime(format!(
            "tensor_split expected tensor_indices_or_sections to be a zero-dimensional or one-dimensional tensor, but got \
             a tensor with {n} dims"
        ))),
    }
}

/// What `hsplit`, `vsplit` and `dsplit` split by.
#[derive(Clone, Debug)]
pub enum By {
    /// Into equal pieces.
    Sections(i64),
    /// At indices.
    Indices(Vec<i64>),
}

/// `hsplit`, `vsplit` or `dsplit`, as `name` says.
///
/// # Errors
/// torch's, for too few dimensions or a size that does not divide.
pub fn named_split(x: &View, name: &str, by: &By) -> Result<Vec<View>> {
    let (need, dim) = match name {
        "vsplit" => (2, 0),
        "dsplit" => (3, 2),
        _ => (1, usize::from(x.ndim() > 1)),
    };
    if x.ndim() < need {
        return Err(runtime(format!(
            "torch.{name} requires a tensor with at least {need} dimension, but got a tensor with {} dimensions!",
            x.ndim()
        )));
    }
    let n = x.sizes()[dim];
    match by {
        By::Sections(k) if *k == 0 || n % k != 0 => Err(runtime(format!(
            "torch.{name} attempted to split along dimension {dim}, but the size of the dimension {n} is not divisible by \
             the split_size {k}!"
        ))),
        By::Sections(k) => tensor_split(x, *k, dim as i64),
        By::Indices(indices) => tensor_split_at(x, indices, dim as i64),
    }
}

/// The slices along `dim`.
///
/// # Errors
/// torch's, for a wrong dimension.
pub fn unbind(x: &View, dim: i64) -> Result<Vec<View>> {
    let dim = wrap_dim(dim, x.ndim())?;
    if x.ndim() == 0 {
        return Err(shape::no_dimension(dim));
    }
    (0..x.sizes()[dim]).map(|i| x.select(dim, i)).collect()
}
