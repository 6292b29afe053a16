//! Masks and positions: `masked_select`, `masked_fill`, `masked_scatter`, `nonzero`, `unravel_index`.

use super::element::checked;
use super::walk::{each_row, walk};
use crate::base::DType;
use crate::base::error::{Result, runtime};
use crate::base::scalar::Scalar;
use crate::base::shape::{Shape, broadcast};
use crate::by_width;
use crate::cpu::{copy, parallel};
use crate::store::View;

/// Elements of a mask that a task looks through.
const PIECE: usize = 1 << 14;

/// A contiguous mask in pieces, each with the number of its hits: where a piece writes is known before any is written, so that
/// threads share the work.
struct Hits {
    mask: View,
    counts: Vec<usize>,
}

impl Hits {
    fn new(mask: &View) -> Result<Self> {
        let mask = copy::contiguous(mask)?;
        let bits = mask.slice::<bool>();
        let mut counts = vec![0; bits.len().div_ceil(PIECE)];
        // Sums of bytes that cannot overflow are taken 32 or 64 at a time.
        let count = |part: &[bool]| usize::from(part.iter().map(|&b| u8::from(b)).sum::<u8>());
        parallel::for_each(counts.iter_mut().zip(bits.chunks(PIECE)), 1, |(n, piece)| {
            *n = piece.chunks(128).map(count).sum();
        });
        Ok(Hits { mask, counts })
    }

    fn total(&self) -> usize {
        self.counts.iter().sum()
    }

    /// Calls `body` with the number of a piece's first element, the piece, and its part of `out`, which has `width` elements a
    /// hit.
    fn write<T: Send>(&self, mut out: &mut [T], width: usize, body: impl Fn(usize, &[bool], &mut [T]) + Sync) {
        let mut pieces = Vec::with_capacity(self.counts.len());
        for (i, (piece, n)) in self.mask.slice::<bool>().chunks(PIECE).zip(&self.counts).enumerate() {
            let (part, rest) = out.split_at_mut(n * width);
            out = rest;
            pieces.push((i * PIECE, piece, part));
        }
        parallel::for_each(pieces.into_iter(), 1, |(start, piece, part)| body(start, piece, part));
    }
}

/// The elements where `mask` is true, as a vector; both broadcast.
///
/// # Errors
/// torch's, for a mask that is not bool or does not fit.
pub fn masked_select(x: &View, mask: &View) -> Result<View> {
    if mask.dtype() != DType::Bool {
        return Err(runtime("masked_select: expected BoolTensor for mask"));
    }
    let sizes = broadcast(mask.sizes(), x.sizes())?;
    let hits = Hits::new(&mask.expand(&sizes)?)?;
    let x = copy::contiguous(&x.expand(&sizes)?)?;
    let out = View::empty(x.dtype(), &[hits.total() as i64])?;
    let (from, mut to) = (x.words(), out.words());
    by_width!(x.dtype(), T => {
        let src = from.slice::<T>();
        hits.write(to.slice_mut::<T>(), 1, |start, piece, part| {
            // Each element is written, and what is no hit is written over: no branch to guess.
            let mut k = 0;
            for (&hit, &value) in piece.iter().zip(&src[start..]) {
                let Some(slot) = part.get_mut(k) else { break };
                *slot = value;
                k += usize::from(hit);
            }
        });
    });
    Ok(out)
}

/// A copy of `x`, stretched to the mask, with `value` where `mask` is true.
///
/// # Errors
/// torch's, for a mask that is not bool or does not fit, or a value that does not fit the dtype.
pub fn masked_fill(x: &View, mask: &View, value: Scalar) -> Result<View> {
    check_bool(mask)?;
    let sizes = broadcast(mask.sizes(), x.sizes())?;
    let out = View::empty(x.dtype(), &sizes)?;
    let value = View::scalar(x.dtype(), checked(value, x.dtype())?)?.words();
    let (x, mask) = (copy::contiguous(&x.expand(&sizes)?)?, copy::contiguous(&mask.expand(&sizes)?)?);
    let (from, mut to) = (x.words(), out.words());
    let bits = mask.slice::<bool>();
    by_width!(x.dtype(), T => {
        let v = value.slice::<T>()[0];
        let pieces = to.slice_mut::<T>().chunks_mut(PIECE).zip(from.slice::<T>().chunks(PIECE)).zip(bits.chunks(PIECE));
        parallel::for_each(pieces, 2, |((to, from), bits)| {
            to.iter_mut().zip(from).zip(bits).for_each(|((to, &x), &hit)| *to = if hit { v } else { x });
        });
    });
    Ok(out)
}

fn check_bool(mask: &View) -> Result<()> {
    if mask.dtype() != DType::Bool {
        return Err(runtime(format!(
            "masked_fill_ only supports boolean masks, but got mask with dtype {}",
            mask.dtype().cpp()
        )));
    }
    Ok(())
}

/// Sets the elements of `x` where `mask` is true to the one element of `value`.
///
/// # Errors
/// As [`masked_fill`].
pub fn fill_in_place(x: &View, mask: &View, value: &View) -> Result<()> {
    check_bool(mask)?;
    let mask = mask.expand(x.sizes())?;
    let mask = if mask.shares(x) { copy::clone(&mask)? } else { mask };
    let bits = mask.span::<bool>();
    let value = View::scalar(x.dtype(), value.get(0))?.words();
    let mut to = x.words();
    by_width!(x.dtype(), T => {
        let v = value.span::<T>()[0];
        let dst = to.span_mut::<T>();
        each_row(x.sizes(), [x.strides(), mask.strides()], |row| {
            let ([d, m], n) = (row.at, row.n);
            if row.step == [1, 1] {
                // Each element is written: no branch to guess.
                let bits = &bits[m..m + n];
                dst[d..d + n].iter_mut().zip(bits).for_each(|(to, &hit)| *to = if hit { v } else { *to });
                return;
            }
            for k in 0..n {
                if bits[m + k * row.step[1]] {
                    dst[d + k * row.step[0]] = v;
                }
            }
        });
    });
    Ok(())
}

/// A copy of `x` with the elements where `mask` is true taken from `src`, in order.
///
/// # Errors
/// torch's, for dtypes that differ, a mask that is not bool or a source that is too short.
pub fn masked_scatter(x: &View, mask: &View, src: &View) -> Result<View> {
    if mask.dtype() != DType::Bool {
        return Err(runtime(format!(
            "masked_scatter_ only supports boolean masks, but got mask with dtype {}",
            mask.dtype().aten()
        )));
    }
    if x.dtype() != src.dtype() {
        return Err(runtime(format!(
            "masked_scatter: expected self and source to have same dtypes but got{} and {}",
            x.dtype().aten(),
            src.dtype().aten()
        )));
    }
    let sizes = broadcast(mask.sizes(), x.sizes())?;
    let mut out = copy::clone(&x.expand(&sizes)?)?.words();
    let (mask, src) = (mask.expand(&sizes)?, copy::contiguous(src)?.words());
    let bits = mask.span::<bool>();
    let strides = Shape::from_slice(out.strides());
    by_width!(out.dtype(), T => {
        let mut values = src.slice::<T>().iter();
        let dst = out.slice_mut::<T>();
        walk(&sizes, [&strides, mask.strides()], |[at, m]| {
            if bits[m] {
                let Some(&v) = values.next() else {
                    return Err(runtime("Number of elements of source < number of ones in mask"));
                };
                dst[at] = v;
            }
            Ok(())
        })?;
    });
    out.reinterpret(x.dtype(), &sizes, &strides, 0)
}

/// The positions of the elements that are not zero, a row each, `int64[n, ndim]`.
///
/// # Errors
/// When memory is short.
pub fn nonzero(x: &View) -> Result<View> {
    let ndim = x.ndim();
    let hits = Hits::new(&copy::cast(x, DType::Bool)?)?;
    let mut out = View::empty(DType::I64, &[hits.total() as i64, ndim as i64])?;
    let sizes = x.sizes();
    hits.write(out.slice_mut::<i64>(), ndim, |start, piece, mut part| {
        let Some(&run) = sizes.last() else { return };
        if ndim == 1 {
            let mut k = 0;
            for (position, &hit) in (start as i64..).zip(piece) {
                let Some(slot) = part.get_mut(k) else { break };
                *slot = position;
                k += usize::from(hit);
            }
            return;
        }
        let mut index = vec![0; ndim];
        let mut rest = start as i64;
        for (i, n) in index.iter_mut().zip(sizes).rev() {
            (*i, rest) = (rest % n, rest / n);
        }
        let mut piece = piece;
        while !piece.is_empty() && !part.is_empty() {
            let (row, others) = piece.split_at(piece.len().min((run - index[ndim - 1]) as usize));
            part = positions(row, &mut index, part);
            (piece, index[ndim - 1]) = (others, 0);
            for d in (0..ndim - 1).rev() {
                index[d] += 1;
                if index[d] < sizes[d] {
                    break;
                }
                index[d] = 0;
            }
        }
    });
    Ok(out)
}

/// Writes the positions of a row's hits, whose first element is at `index`, into the front of `out`; gives what is left of it.
fn positions<'a>(row: &[bool], index: &mut [i64], out: &'a mut [i64]) -> &'a mut [i64] {
    let (ndim, mut k) = (index.len(), 0);
    let (first, outer) = index.split_last_mut().map_or((0, &[][..]), |(last, outer)| (*last, &*outer));
    for (position, &hit) in (first..).zip(row) {
        // As in `masked_select`: written at any rate, kept if it is a hit.
        let Some((last, front)) = out.get_mut(k..k + ndim).and_then(<[i64]>::split_last_mut) else { break };
        front.copy_from_slice(outer);
        *last = position;
        k += ndim * usize::from(hit);
    }
    &mut out[k..]
}

/// [`nonzero`] as a vector for each dimension; a zero-dimensional tensor counts as one of size 1.
///
/// # Errors
/// When memory is short.
pub fn nonzero_tuple(x: &View) -> Result<Vec<View>> {
    let x = if x.ndim() == 0 { x.unsqueeze(0) } else { x.clone() };
    let found = nonzero(&x)?;
    (0..x.ndim()).map(|d| copy::clone(&found.select(1, d as i64)?)).collect()
}
