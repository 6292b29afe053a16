//! Copies between layouts and dtypes. What lies on a device stays there: functions made of copies alone run where their tensors are.
#![allow(unsafe_code)]

use super::block;
use super::parallel;
use crate::base::dtype::Element;
use crate::base::error::Result;
use crate::base::{DType, Device};
use crate::by_width;
use crate::store::{View, copies};
use smallvec::SmallVec;

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
    let mut out = View::empty_on(x.device(), x.dtype(), x.sizes())?;
    if x.device() != Device::Cpu {
        return copies::run(&[(x.clone(), out.clone())]).map(|()| out);
    }
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
    let out = View::empty_on(x.device(), dtype, x.sizes())?;
    if x.device() != Device::Cpu {
        return copies::run(&[(x.clone(), out.clone())]).map(|()| out);
    }
    let from = contiguous(x)?;
    let cast = Cast {
        body: block::cast(from.dtype(), dtype),
        to: (out.data_ptr_mut(), dtype.size()),
        from: (from.data_ptr().cast_mut(), from.dtype().size()),
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
    if dst.device() != Device::Cpu {
        return copies::run(&[(near(src, dst.device())?.expand(dst.sizes())?, dst.clone())]);
    }
    // Memory that both look at is read whole before it is written.
    let src = if src.shares(dst) { clone(src)? } else { src.clone() };
    let src = cast(&src, dst.dtype())?;
    let src = if src.sizes() == dst.sizes() { src } else { src.expand(dst.sizes())? };
    assign(&src, dst);
    Ok(())
}

/// [`copy_into`] of several, apart from one another and from what is read, whose sizes are the same: the threads share all of it.
///
/// # Errors
/// When memory is short.
pub fn copy_all(pairs: &[(View, View)]) -> Result<()> {
    let Some((_, first)) = pairs.first() else { return Ok(()) };
    let dtype = first.dtype();
    if first.device() != Device::Cpu {
        let near = |(src, dst): &(View, View)| Ok((near(src, dst.device())?, dst.clone()));
        return copies::run(&pairs.iter().map(near).collect::<Result<Vec<_>>>()?);
    }
    // Converted copies live until all is done.
    let ready: Vec<(View, View)> =
        pairs.iter().map(|(src, dst)| Ok((cast(src, dtype)?.words(), dst.words()))).collect::<Result<_>>()?;
    let moves = ready.iter().filter(|(_, dst)| dst.numel() > 0).map(|(src, dst)| Move::new(src, dst, &[]));
    by_width!(dtype, T => run::<T>(moves.collect()));
    Ok(())
}

/// The elements on a device, moved there if need be.
fn near(x: &View, device: Device) -> Result<View> {
    if x.device() == device { Ok(x.clone()) } else { contiguous(x)?.moved(device) }
}

/// Copies elements between views of one dtype and one shape.
fn assign(src: &View, dst: &mut View) {
    assign_reversed(src, dst, &[]);
}

/// As [`assign`], the dimensions given read from their ends.
pub(super) fn assign_reversed(src: &View, dst: &mut View, reversed: &[usize]) {
    debug_assert!(src.dtype() == dst.dtype() && src.sizes() == dst.sizes(), "one dtype and one shape");
    if dst.numel() > 0 {
        let (src, dst) = (src.words(), dst.words());
        let moved = Move::new(&src, &dst, reversed);
        by_width!(src.dtype(), T => if moved.numel() <= PIECE { moved.lanes::<T>() } else { run::<T>(vec![moved]) });
    }
}

/// Copies, on several threads when there are elements enough.
fn run<T: Element>(moves: Vec<Move>) {
    let numel: usize = moves.iter().map(Move::numel).sum();
    if numel <= PIECE {
        return moves.into_iter().for_each(Move::lanes::<T>);
    }
    let mut pieces = Vec::with_capacity(2 * numel / PIECE + moves.len());
    moves.into_iter().for_each(|moved| moved.halve(size_of::<T>() as isize, &mut pieces));
    parallel::for_each(pieces.into_iter(), 1, |piece| piece.lanes::<T>());
}

/// A dimension: its size, and its steps on both sides in elements.
#[derive(Clone, Copy)]
struct Loop {
    size: usize,
    from: isize,
    to: isize,
}

/// A copy between two layouts: where it begins on both sides, and its loops, the fastest on the side that is written first.
#[derive(Clone)]
struct Move {
    from: *const u8,
    to: *mut u8,
    loops: SmallVec<[Loop; 4]>,
}

// SAFETY: workers read one side and write disjoint parts of the other; both outlive the run.
unsafe impl Send for Move {}

/// Elements of a lane from which it is worth being copied as one.
const LANE: usize = 32;

/// Elements of a lane below which a longer one is looked for, though it may not lie close.
const SHORT: usize = 8;

impl Move {
    fn new(src: &View, dst: &View, reversed: &[usize]) -> Move {
        let item = src.dtype().size() as isize;
        let mut from = src.data_ptr();
        let mut loops: SmallVec<[Loop; 4]> = SmallVec::new();
        for d in (0..dst.ndim()).rev().filter(|&d| dst.sizes()[d] > 1) {
            let size = dst.sizes()[d] as usize;
            let mut this = Loop { size, from: src.strides()[d] as isize, to: dst.strides()[d] as isize };
            if reversed.contains(&d) {
                from = from.wrapping_offset((size as isize - 1) * this.from * item);
                this.from = -this.from;
            }
            loops.push(this);
        }
        loops.sort_by_key(|l| l.to);
        // Loops that go on where the one within them ends are one loop.
        let mut joined: SmallVec<[Loop; 4]> = SmallVec::new();
        for l in loops {
            match joined.last_mut() {
                Some(inner) if l.from == inner.from * inner.size as isize && l.to == inner.to * inner.size as isize => {
                    inner.size *= l.size;
                }
                _ => joined.push(l),
            }
        }
        if joined.is_empty() {
            joined.push(Loop { size: 1, from: 1, to: 1 });
        }
        Move { from, to: dst.data_ptr_mut(), loops: joined }
    }

    fn numel(&self) -> usize {
        self.loops.iter().map(|l| l.size).product()
    }

    /// Halves the longest loop again and again: what is left is near to a square, so that a transposed side reads each line of
    /// memory once.
    fn halve(mut self, item: isize, out: &mut Vec<Move>) {
        let longest = (0..self.loops.len()).max_by_key(|&i| self.loops[i].size).filter(|_| self.numel() > PIECE);
        let Some(i) = longest else { return out.push(self) };
        let mut high = self.clone();
        let Loop { size, from, to } = self.loops[i];
        let middle = size / 2;
        self.loops[i].size = middle;
        high.loops[i].size = size - middle;
        high.from = self.from.wrapping_offset(middle as isize * from * item);
        high.to = self.to.wrapping_offset(middle as isize * to * item);
        self.halve(item, out);
        high.halve(item, out);
    }

    /// Copies lane by lane: along the fastest loop, or the longest where that one is short.
    fn lanes<T: Element>(mut self) {
        let longest = (0..self.loops.len()).max_by_key(|&i| self.loops[i].size).unwrap_or(0);
        let inner = if self.loops[0].size < SHORT.min(self.loops[longest].size) { longest } else { 0 };
        let Loop { size, from: by, to: step } = self.loops.remove(inner);
        let (mut from, mut to) = (self.from.cast::<T>(), self.to.cast::<T>());
        let mut places: SmallVec<[usize; 4]> = SmallVec::from_elem(0, self.loops.len());
        loop {
            // SAFETY: the loops stay within two views, which hold elements of `T` there and do not overlap.
            unsafe { lane(from, by, to, step, size) };
            // On to the next lane: the first loop that has not ended goes on, those before it begin again.
            let mut next = 0;
            loop {
                let Some(l) = self.loops.get(next) else { return };
                places[next] += 1;
                from = from.wrapping_offset(l.from);
                to = to.wrapping_offset(l.to);
                if places[next] < l.size {
                    break;
                }
                places[next] = 0;
                from = from.wrapping_offset(-l.from * l.size as isize);
                to = to.wrapping_offset(-l.to * l.size as isize);
                next += 1;
            }
        }
    }
}

/// Copies `n` elements: as slices where both sides lie close, forwards or, where the other runs backwards, in reverse.
///
/// # Safety
/// Both sides hold `n` elements at their steps, and do not overlap.
#[inline]
unsafe fn lane<T: Element>(from: *const T, by: isize, to: *mut T, step: isize, n: usize) {
    // SAFETY: the caller's; a step of -1 ends at the lowest address.
    unsafe {
        match (by, step) {
            (1, 1) if n >= LANE => std::ptr::copy_nonoverlapping(from, to, n),
            (0, 1) => std::slice::from_raw_parts_mut(to, n).fill(*from),
            (-1, 1) => {
                let from = std::slice::from_raw_parts(from.offset(1 - n as isize), n);
                let to = std::slice::from_raw_parts_mut(to, n);
                to.iter_mut().zip(from.iter().rev()).for_each(|(to, &v)| *to = v);
            }
            (1, _) => (0..n as isize).for_each(|i| *to.offset(i * step) = *from.offset(i)),
            (_, 1) => (0..n as isize).for_each(|i| *to.offset(i) = *from.offset(i * by)),
            _ => (0..n as isize).for_each(|i| *to.offset(i * step) = *from.offset(i * by)),
        }
    }
}
