//! Sizes, strides and dimensions.

use super::error::{Error, Result, index_error, runtime};
use smallvec::SmallVec;

/// Sizes or strides, inline up to four dimensions.
pub type Shape = SmallVec<[i64; 4]>;

/// Number of elements; `None` when it does not fit an `i64`.
#[inline]
pub fn numel(sizes: &[i64]) -> Option<i64> {
    if sizes.contains(&0) {
        return Some(0);
    }
    sizes.iter().try_fold(1i64, |n, &s| n.checked_mul(s))
}

/// Row-major strides in elements; a dimension of size 0 counts as 1, as in torch.
#[inline]
pub fn contiguous_strides(sizes: &[i64]) -> Shape {
    let mut strides: Shape = SmallVec::from_elem(1, sizes.len());
    for i in (0..sizes.len().saturating_sub(1)).rev() {
        strides[i] = strides[i + 1].wrapping_mul(sizes[i + 1].max(1));
    }
    strides
}

/// As [`wrap_dim`], for those who need the dimension's size: a tensor without dimensions has none.
///
/// # Errors
/// torch's `IndexError`s.
pub fn existing_dim(dim: i64, rank: usize) -> Result<usize> {
    if rank == 0 {
        return Err(index_error(format!("Dimension specified as {dim} but tensor has no dimensions")));
    }
    wrap_dim(dim, rank)
}

/// Wraps a dimension given as `-ndim..ndim` (a zero-dimensional tensor takes -1 and 0).
///
/// # Errors
/// torch's `IndexError`.
pub fn wrap_dim(dim: i64, ndim: usize) -> Result<usize> {
    let n = (ndim as i64).max(1);
    if dim < -n || dim >= n {
        return Err(index_error(format!(
            "Dimension out of range (expected to be in range of [{}, {}], but got {dim})",
            -n,
            n - 1
        )));
    }
    Ok(if dim < 0 { dim + n } else { dim } as usize)
}

/// Wraps several dimensions and refuses repeats.
///
/// # Errors
/// torch's `IndexError`, or its `RuntimeError` for a repeated dimension.
pub fn wrap_dims(dims: &[i64], ndim: usize) -> Result<SmallVec<[usize; 6]>> {
    let mut seen = SmallVec::new();
    for &d in dims {
        let w = wrap_dim(d, ndim)?;
        if seen.contains(&w) {
            return Err(runtime(format!("dim {w} appears multiple times in the list of dims")));
        }
        seen.push(w);
    }
    Ok(seen)
}

/// The shape both broadcast to.
///
/// # Errors
/// torch's `RuntimeError`, naming the first dimension from the right that differs.
pub fn broadcast(a: &[i64], b: &[i64]) -> Result<Shape> {
    if a == b {
        return Ok(Shape::from_slice(a));
    }
    let n = a.len().max(b.len());
    let mut out: Shape = SmallVec::from_elem(1, n);
    for i in (0..n).rev() {
        let x = (i + a.len()).checked_sub(n).map_or(1, |k| a[k]);
        let y = (i + b.len()).checked_sub(n).map_or(1, |k| b[k]);
        out[i] = if x == y || y == 1 {
            x
        } else if x == 1 {
            y
        } else {
            return Err(mismatch(x, y, i));
        };
    }
    Ok(out)
}

#[cold]
fn mismatch(x: i64, y: i64, dim: usize) -> Error {
    runtime(format!(
        "The size of tensor a ({x}) must match the size of tensor b ({y}) at non-singleton dimension {dim}"
    ))
    .help(format!("dimension {dim} differs ({x} and {y}); a dimension can stretch only if it is 1"))
}

/// `[2, 3]`: how ATen prints sizes in messages.
pub fn show(sizes: &[i64]) -> String {
    let mut s = String::from("[");
    for (i, v) in sizes.iter().enumerate() {
        if i > 0 {
            s.push_str(", ");
        }
        s.push_str(&v.to_string());
    }
    s.push(']');
    s
}
