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

/// How a tensor's elements are to lie in memory.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// As another tensor's do.
    Preserve,
    /// Row by row.
    Contiguous,
    /// The channels, which are dimension 1, innermost; with this many dimensions, 4 or 5.
    ChannelsLast(usize),
}

impl Format {
    /// The format of that name in `torch`.
    pub fn named(name: &str) -> Format {
        match name.rsplit('.').next() {
            Some("contiguous_format") => Format::Contiguous,
            Some("channels_last") => Format::ChannelsLast(4),
            Some("channels_last_3d") => Format::ChannelsLast(5),
            _ => Format::Preserve,
        }
    }

    /// The strides of a tensor of these sizes in the format; none where another tensor's are to be kept.
    ///
    /// # Errors
    /// torch's words for sizes of another rank than the format's.
    pub fn strides(self, sizes: &[i64]) -> Result<Option<Shape>> {
        match self {
            Format::Preserve => Ok(None),
            Format::Contiguous => Ok(Some(contiguous_strides(sizes))),
            Format::ChannelsLast(rank) if rank == sizes.len() => {
                let mut strides: Shape = SmallVec::from_elem(1, rank);
                let mut next = sizes[1].max(1);
                for d in (0..rank).rev().filter(|d| *d != 1) {
                    strides[d] = next;
                    next = next.wrapping_mul(sizes[d].max(1));
                }
                Ok(Some(strides))
            }
            Format::ChannelsLast(rank) => {
                let name = if rank == 4 { "channels_last" } else { "channels_last_3d" };
                Err(runtime(format!("required rank {rank} tensor to use {name} format")))
            }
        }
    }

    /// Whether elements under these sizes and strides lie so; row by row where no format is asked for.
    pub fn holds(self, sizes: &[i64], strides: &[i64]) -> bool {
        let rows = matches!(self, Format::Preserve | Format::Contiguous);
        let wanted = if rows { Ok(Some(contiguous_strides(sizes))) } else { self.strides(sizes) };
        let Ok(Some(wanted)) = wanted else { return false };
        rows && sizes.contains(&0) || wanted.iter().zip(strides).zip(sizes).all(|((w, s), n)| w == s || *n == 1)
    }
}

/// The format with channels innermost that elements under these sizes and strides lie in, if not row by row.
pub fn channels_last(sizes: &[i64], strides: &[i64]) -> Option<Format> {
    let format = Format::ChannelsLast(sizes.len());
    // A batch of one must lie as a larger one would: what was no batch before is none now.
    let may = matches!(sizes.len(), 4 | 5) && format.holds(sizes, strides) && strides[0] >= sizes[2] * strides[2];
    (may && !Format::Contiguous.holds(sizes, strides)).then_some(format)
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
