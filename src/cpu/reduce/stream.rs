//! Elements that come in order and in blocks, computed as they are asked for: what a reduction needs of its input when the
//! input is an expression that nobody else looks at.

use super::Reduced;
use super::cascade::{Summand, stream_sum};
use super::walk::{GRAIN, chunks};
use crate::base::DType;
use crate::base::error::Result;
use crate::cpu::parallel;
use crate::store::View;
use std::ops::Add;

/// Elements in row-major order.
pub trait Stream: Sync {
    /// Their dtype.
    fn dtype(&self) -> DType;
    /// The sizes of the tensor that they would make.
    fn sizes(&self) -> &[i64];
    /// Writes the elements from number `start` on over the `n` first of `block`, a vector of their dtype that has as many. Every element
    /// is to be asked for, by one thread: what else the expression leaves in memory is written on the way.
    fn read(&self, start: usize, n: usize, block: &View);
}

/// What a reduction reads.
#[derive(Clone, Copy)]
pub enum Source<'a> {
    /// Memory.
    View(&'a View),
    /// Elements that are computed on the way.
    Stream(&'a dyn Stream),
}

/// Elements a block: what is computed stays in the first-level cache until it is reduced.
pub(super) const BLOCK: usize = 1024;

/// Elements of a group from which it is worth a stream of its own: beginning one takes as long as some hundred elements in memory.
const LONG: usize = 256;

/// Whether a stream's elements are reduced as they come: the reduced dimensions are the last ones, so that each group's elements follow
/// each other, and there are not many groups of few.
pub(super) fn comes_in_groups(stream: &dyn Stream, shape: &Reduced) -> bool {
    let groups = shape.sizes.iter().product::<i64>() as usize;
    let numel = stream.sizes().iter().product::<i64>() as usize;
    shape.mask.is_sorted() && (groups <= 1 || numel / groups >= LONG)
}

/// The sums of a float stream's groups, which follow each other; the bits are those of the sum over memory.
pub(super) fn sums<S: Summand<Acc = S> + Add<Output = S>, const V: usize, const W: usize>(
    stream: &dyn Stream,
    shape: &Reduced,
) -> Result<View> {
    let mut out = View::zeros(stream.dtype(), &shape.sizes)?;
    let numel = stream.sizes().iter().product::<i64>() as usize;
    let slots = out.slice_mut::<S>();
    if numel == 0 || slots.is_empty() {
        return Ok(out);
    }
    let length = numel / slots.len();
    let parts = if numel < GRAIN { 1 } else { parallel::threads() };
    if let ([slot], true) = (&mut *slots, parts > 1) {
        // Several threads' partial sums, joined as a walk joins them.
        let mut partial = vec![S::default(); parts];
        parallel::for_each(partial.iter_mut().zip(chunks(numel, parts, GRAIN)), 1, |(sum, range)| {
            *sum = stream_sum::<S, V, W>(stream, range.start, range.len());
        });
        *slot = super::cascade::joined::<S, V, W>(&partial);
        return Ok(out);
    }
    let group = (GRAIN / length.max(1)).max(1);
    parallel::for_each(slots.chunks_mut(group).enumerate(), 1, |(g, slots)| {
        for (i, slot) in slots.iter_mut().enumerate() {
            *slot = stream_sum::<S, V, W>(stream, (g * group + i) * length, length);
        }
    });
    Ok(out)
}
