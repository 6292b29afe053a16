//! Triangles and diagonals.

use super::element::{checked, unsupported};
use crate::base::DType;
use crate::base::error::{Result, runtime};
use crate::base::scalar::Scalar;
use crate::base::shape::{Shape, show, wrap_dim};
use crate::by_width;
use crate::cpu::reduce::walk::GRAIN;
use crate::cpu::{copy, parallel, shape};
use crate::store::View;

/// Which half stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Half {
    /// On and below the diagonal.
    Lower,
    /// On and above the diagonal.
    Upper,
}

impl Half {
    fn name(self) -> &'static str {
        if self == Half::Lower { "tril" } else { "triu" }
    }
}

/// A copy of the matrices in `x` with zeros outside the half; `diagonal` shifts its edge up.
///
/// # Errors
/// torch's, for fewer than two dimensions.
pub fn triangle(x: &View, diagonal: i64, half: Half) -> Result<View> {
    if x.ndim() < 2 {
        return Err(runtime(format!("{}: input tensor must have at least 2 dimensions", half.name())));
    }
    let out = View::empty(x.dtype(), x.sizes())?;
    let (height, width) = (x.sizes()[x.ndim() - 2] as usize, x.sizes()[x.ndim() - 1] as usize);
    if out.numel() == 0 {
        return Ok(out);
    }
    let x = copy::contiguous(x)?;
    let (from, mut to) = (x.words(), out.words());
    by_width!(x.dtype(), T => {
        let lines = to.slice_mut::<T>().chunks_mut(width).zip(from.slice::<T>().chunks(width)).enumerate();
        parallel::for_each(lines, (GRAIN / width).max(1), |(line, (to, from))| {
            let edge = ((line % height) as i64).saturating_add(diagonal);
            let edge = if half == Half::Lower { edge.saturating_add(1) } else { edge };
            let cut = edge.clamp(0, width as i64) as usize;
            let (kept, cleared) = match half {
                Half::Lower => (0..cut, cut..width),
                Half::Upper => (cut..width, 0..cut),
            };
            to[cleared].fill(T::default());
            to[kept.clone()].copy_from_slice(&from[kept]);
        });
    });
    Ok(out)
}

/// The positions of a half of a `rows` x `cols` matrix: `[2, n]`.
///
/// # Errors
/// torch's, for a negative size or a dtype that is not integer.
pub fn triangle_indices(rows: i64, cols: i64, diagonal: i64, half: Half, dtype: DType) -> Result<View> {
    for (name, n) in [("row", rows), ("col", cols)] {
        if n < 0 {
            return Err(runtime(format!("{name} must be non-negative, got{n}")));
        }
    }
    if !matches!(dtype, DType::I32 | DType::I64) {
        return Err(unsupported(&format!("{}_indices", half.name()), dtype));
    }
    let (mut r, mut c) = (Vec::new(), Vec::new());
    for i in 0..rows {
        let edge = i.saturating_add(diagonal);
        let columns = match half {
            Half::Lower => 0..edge.saturating_add(1).clamp(0, cols),
            Half::Upper => edge.clamp(0, cols)..cols,
        };
        r.extend(columns.clone().map(|_| i));
        c.extend(columns);
    }
    let n = r.len() as i64;
    r.extend(c);
    copy::cast(&View::from_slice(&r, &[2, n])?, dtype)
}

/// The matrix with `x`'s last dimension on the diagonal `shift` of new dimensions `a` and `b`, zeros elsewhere.
///
/// # Errors
/// torch's, for a wrong dimension.
pub fn diag_embed(x: &View, shift: i64, a: i64, b: i64) -> Result<View> {
    let (a, b) = shape::two_dims(a, b, x.ndim() + 1)?;
    let Some((&last, rest)) = x.sizes().split_last() else {
        wrap_dim(-1, 0)?;
        return Err(runtime("diag_embed: input tensor must have at least 1 dimension"));
    };
    let side = last + shift.abs();
    let mut sizes = Shape::from_slice(rest);
    sizes.insert(a.min(b), side);
    sizes.insert(a.max(b), side);
    let out = View::zeros_on(x.device(), x.dtype(), &sizes)?;
    copy::copy_into(x, &mut out.diagonal(shift, a, b))?;
    Ok(out)
}

/// `diag`: a vector onto a matrix's diagonal, or a matrix's diagonal (a copy).
///
/// # Errors
/// torch's, for other numbers of dimensions.
pub fn diag(x: &View, shift: i64) -> Result<View> {
    match x.ndim() {
        1 => diag_embed(x, shift, -2, -1),
        2 => copy::clone(&x.diagonal(shift, 0, 1)),
        n => Err(runtime(format!("diag(): Supports 1D or 2D tensors. Got {n}D"))),
    }
}

/// The flattened elements onto a matrix's diagonal.
///
/// # Errors
/// When memory is short.
pub fn diagflat(x: &View, shift: i64) -> Result<View> {
    diag(&shape::reshape(x, &[-1])?, shift)
}

/// A copy of `x` with `src` written into the view `pick` makes of it.
fn written(x: &View, src: &View, pick: impl Fn(&View) -> Result<View>) -> Result<View> {
    laid(copy::clone(x)?, src, pick)
}

/// Zeros of these sizes but for a part.
fn alone(part: &View, sizes: &[i64], pick: impl Fn(&View) -> Result<View>) -> Result<View> {
    laid(View::zeros_on(part.device(), part.dtype(), sizes)?, part, pick)
}

fn laid(out: View, src: &View, pick: impl Fn(&View) -> Result<View>) -> Result<View> {
    let mut slice = pick(&out)?;
    if slice.sizes() != src.sizes() {
        return Err(runtime(format!(
            "expected src to have a size equal to the slice of self. src size = {}, slice size = {}",
            show(src.sizes()),
            show(slice.sizes())
        )));
    }
    copy::copy_into(src, &mut slice)?;
    Ok(out)
}

/// A copy of `x` with its diagonal replaced by `src`.
///
/// # Errors
/// torch's, for a wrong dimension or shape.
pub fn diagonal_scatter(x: &View, src: &View, shift: i64, a: i64, b: i64) -> Result<View> {
    written(x, src, |out| shape::diagonal(out, shift, a, b))
}

/// A copy of `x` with the slice `index` along `dim` replaced by `src`.
///
/// # Errors
/// torch's, for a wrong dimension, index or shape.
pub fn select_scatter(x: &View, src: &View, dim: i64, index: i64) -> Result<View> {
    written(x, src, |out| shape::select(out, dim, index))
}

/// A copy of `x` with `start:end:step` along `dim` replaced by `src`.
///
/// # Errors
/// torch's, for a wrong dimension, step or shape.
pub fn slice_scatter(x: &View, src: &View, dim: i64, start: Option<i64>, end: Option<i64>, step: i64) -> Result<View> {
    written(x, src, |out| shape::slice(out, dim, start, end, step))
}

/// Zeros but for the diagonal.
///
/// # Errors
/// As [`diagonal_scatter`].
pub fn diagonal_back(part: &View, sizes: &[i64], shift: i64, a: i64, b: i64) -> Result<View> {
    alone(part, sizes, |out| shape::diagonal(out, shift, a, b))
}

/// Zeros but for the slice `index` along `dim`.
///
/// # Errors
/// As [`select_scatter`].
pub fn select_back(part: &View, sizes: &[i64], dim: i64, index: i64) -> Result<View> {
    alone(part, sizes, |out| shape::select(out, dim, index))
}

/// Zeros but for `start:end:step` along `dim`.
///
/// # Errors
/// As [`slice_scatter`].
pub fn slice_back(
    part: &View,
    sizes: &[i64],
    dim: i64,
    (start, end, step): (Option<i64>, Option<i64>, i64),
) -> Result<View> {
    alone(part, sizes, |out| shape::slice(out, dim, start, end, step))
}

/// The main diagonal; with `wrap` those of a tall matrix, which begin again below, `width + 1` rows each.
///
/// # Errors
/// torch's, for fewer than two dimensions or unequal sizes beyond two.
pub fn diagonals(x: &View, wrap: bool) -> Result<Vec<View>> {
    if x.ndim() < 2 {
        return Err(runtime("dimensions must larger than 1"));
    }
    let (height, width) = (x.sizes()[0], x.sizes()[1]);
    if x.ndim() > 2 {
        if x.sizes().iter().any(|&n| n != height) {
            return Err(runtime("all dimensions of input must be of equal length"));
        }
        return Ok(vec![x.with_geometry(&[height], &[x.strides().iter().sum()], x.offset())?]);
    }
    let more = if wrap && width > 0 { height } else { height.min(1) };
    let tops = (0..more).step_by(width as usize + 1);
    Ok(tops.map(|top| x.narrow(0, top, height - top).diagonal(0, 0, 1)).collect())
}

/// Puts `value` on the main diagonal; a tall matrix starts again below with `wrap`.
///
/// # Errors
/// As [`diagonals`]; torch's, for a value that does not fit.
pub fn fill_diagonal(x: &View, value: Scalar, wrap: bool) -> Result<()> {
    let diagonals = diagonals(x, wrap)?;
    let value = View::scalar(x.dtype(), checked(value, x.dtype())?)?;
    diagonals.into_iter().try_for_each(|mut diagonal| copy::copy_into(&value, &mut diagonal))
}
