//! Copies between layouts and dtypes.
#![allow(unsafe_code)]

use super::block;
use super::parallel;
use crate::base::DType;
use crate::base::dtype::Element;
use crate::base::error::Result;
use crate::by_width;
use crate::store::View;
use ndarray::{ArrayViewD, ArrayViewMutD, Axis};

/// Elements that are copied in one go: two such squares of 8 bytes fit a core's second cache.
const PIECE: usize = 1 << 16;

/// The view itself when it is contiguous, else a contiguous copy.
///
/// # Errors
/// When memory is short.
pub fn contiguous(x: &View) -> Result<View> {
    if x.is_contiguous() { Ok(x.clone()) } else { clone(x) }
}

/// A fresh contiguous copy.
///
/// # Errors
/// When memory is short.
pub fn clone(x: &View) -> Result<View> {
    let mut out = View::empty(x.dtype(), x.sizes())?;
    assign(x, &mut out);
    Ok(out)
}

/// A view with elements of `dtype`: `x` itself when it has them already, else a converted contiguous copy.
///
/// # Errors
/// When memory is short.
pub fn cast(x: &View, dtype: DType) -> Result<View> {
    if x.dtype() == dtype {
        return Ok(x.clone());
    }
    let from = contiguous(x)?;
    let out = View::empty(dtype, x.sizes())?;
    let cast = Cast {
        body: block::cast(from.dtype(), dtype),
        to: (out.data_ptr(), dtype.size()),
        from: (from.data_ptr(), from.dtype().size()),
    };
    let n = out.numel();
    // SAFETY: both blocks are contiguous and hold `n` elements of their dtypes, `out` is fresh, and the pieces are apart.
    parallel::for_each(0..n.div_ceil(PIECE), 1, |i| unsafe { cast.run(i * PIECE, PIECE.min(n - i * PIECE)) });
    Ok(out)
}

/// A conversion between two blocks, each with the bytes of an element.
struct Cast {
    body: block::BlockFn,
    to: (*mut u8, usize),
    from: (*mut u8, usize),
}

// SAFETY: workers read one block and write disjoint ranges of the other; both outlive the run.
unsafe impl Sync for Cast {}

impl Cast {
    /// Converts `n` elements from `start` on.
    ///
    /// # Safety
    /// Both blocks hold that many.
    unsafe fn run(&self, start: usize, n: usize) {
        // SAFETY: the caller's.
        unsafe {
            (self.body)(self.to.0.add(start * self.to.1), &[self.from.0.add(start * self.from.1).cast_const()], n)
        };
    }
}

/// Writes `src`, broadcast and converted, into the elements of `dst`, which does not overlap itself.
///
/// # Errors
/// torch's `RuntimeError` when `src` can't be broadcast to `dst`.
pub fn copy_into(src: &View, dst: &mut View) -> Result<()> {
    // Memory that both look at is read whole before it is written.
    let src = if src.shares(dst) { clone(src)? } else { src.clone() };
    let src = cast(&src, dst.dtype())?;
    let src = if src.sizes() == dst.sizes() { src } else { src.expand(dst.sizes())? };
    assign(&src, dst);
    Ok(())
}

/// Copies elements between views of one dtype and one shape.
fn assign(src: &View, dst: &mut View) {
    let (from, mut to) = (src.words(), dst.words());
    if src.is_contiguous() && dst.is_contiguous() {
        return by_width!(src.dtype(), T => {
            let pieces = to.slice_mut::<T>().chunks_mut(PIECE).zip(from.slice::<T>().chunks(PIECE));
            parallel::for_each(pieces, 1, |(to, from)| to.copy_from_slice(from));
        });
    }
    by_width!(src.dtype(), T => {
        move_into(from.array::<T>(), to.array_mut::<T>());
    });
}

/// Copies the elements of an array into those of another of the same shape, on several threads when there are enough.
pub(super) fn move_into<T: Element>(from: ArrayViewD<T>, to: ArrayViewMutD<T>) {
    if to.len() <= PIECE {
        return move_lanes(from, to);
    }
    let mut pieces = Vec::with_capacity(2 * to.len() / PIECE);
    halve(from, to, &mut pieces);
    parallel::for_each(pieces.into_iter(), 1, |(from, to)| move_lanes(from, to));
}

/// Elements of a lane from which it is worth being copied as one.
const LANE: usize = 32;

/// Copies lane by lane: lanes that lie close as slices, forwards or, where the other side runs backwards, in reverse.
fn move_lanes<T: Element>(from: ArrayViewD<T>, mut to: ArrayViewMutD<T>) {
    let long = |d: &usize| to.shape()[*d] >= LANE;
    let last = to.ndim().checked_sub(1).filter(long);
    let Some(d) = last.or_else(|| (0..to.ndim()).max_by_key(|&d| to.shape()[d]).filter(long)) else {
        return to.assign(&from);
    };
    for (from, mut to) in from.lanes(Axis(d)).into_iter().zip(to.lanes_mut(Axis(d))) {
        let (n, by, step) = (to.len(), from.stride_of(Axis(0)), to.stride_of(Axis(0)));
        let (from, to) = (from.as_ptr(), to.as_mut_ptr());
        // SAFETY: both lanes have `n` elements, their strides apart; a stride of -1 ends at its lowest address.
        unsafe {
            match (by, step) {
                (1, 1) => std::ptr::copy_nonoverlapping(from, to, n),
                (-1, 1) => {
                    let from = std::slice::from_raw_parts(from.sub(n - 1), n);
                    let to = std::slice::from_raw_parts_mut(to, n);
                    to.iter_mut().zip(from.iter().rev()).for_each(|(to, &v)| *to = v);
                }
                _ => (0..n as isize).for_each(|i| *to.offset(i * step) = *from.offset(i * by)),
            }
        }
    }
}

/// Halves the longest dimension again and again: what is left is near to a square, so that a transposed side reads each
/// line of memory once.
fn halve<'a, T: Element>(
    from: ArrayViewD<'a, T>,
    to: ArrayViewMutD<'a, T>,
    out: &mut Vec<(ArrayViewD<'a, T>, ArrayViewMutD<'a, T>)>,
) {
    let longest = (0..to.ndim()).max_by_key(|&d| to.shape()[d]).filter(|_| to.len() > PIECE);
    let Some(d) = longest else { return out.push((from, to)) };
    let middle = to.shape()[d] / 2;
    let (low, high) = from.split_at(Axis(d), middle);
    let (to_low, to_high) = to.split_at(Axis(d), middle);
    halve(low, to_low, out);
    halve(high, to_high, out);
}
