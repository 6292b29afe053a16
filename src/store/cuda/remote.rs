//! A storage whose bytes lie on a device, and the part of them that the host has.
//!
//! A function of the CPU may work on such a storage: the bytes it asks for are fetched, and what it wrote goes back before the device
//! looks again.
#![allow(unsafe_code)]

use super::driver::{Block, Gpu, copy_across};
use crate::base::error::{Error, Result};
use std::cell::{Cell, RefCell};
use std::ops::Range;
use std::ptr::NonNull;

thread_local! {
    /// What went wrong while a function of the CPU asked for bytes: it was given others, and its result is to be thrown away.
    static FAILED: RefCell<Option<Error>> = const { RefCell::new(None) };
}

/// The first error met while bytes were fetched or sent back since the last look.
///
/// # Errors
/// That error.
pub fn check() -> Result<()> {
    FAILED.take().map_or(Ok(()), Err)
}

/// Parts of a block that neither touch nor overlap, in order.
type Ranges = Vec<Range<usize>>;

/// The parts of a range that are in none of others.
fn missing(have: &Ranges, range: &Range<usize>) -> Ranges {
    let (mut at, mut out) = (range.start, Ranges::new());
    for r in have.iter().filter(|r| r.end > range.start && r.start < range.end) {
        if r.start > at {
            out.push(at..r.start);
        }
        at = at.max(r.end);
    }
    if at < range.end {
        out.push(at..range.end);
    }
    out
}

/// Adds a range, joined with those that it touches.
fn join(have: &mut Ranges, mut range: Range<usize>) {
    have.retain(|r| {
        let apart = r.end < range.start || r.start > range.end;
        if !apart {
            range = range.start.min(r.start)..range.end.max(r.end);
        }
        apart
    });
    let at = have.partition_point(|r| r.start < range.start);
    have.insert(at, range);
}

/// Bytes on a device.
#[derive(Debug)]
pub struct Remote {
    block: RefCell<Block>,
    /// What the host's bytes are up to date in.
    fetched: RefCell<Ranges>,
    /// What the host has written and the device not seen.
    written: RefCell<Ranges>,
    /// Whether the device's bytes are arbitrary: nobody has written any.
    fresh: Cell<bool>,
    /// Bytes that are there, of the host's copy: none before it is first asked for.
    room: Cell<usize>,
}

impl Remote {
    pub(crate) fn new(gpu: &'static Gpu, bytes: usize, zeroed: bool) -> Result<Remote> {
        let block = gpu.allocate(bytes)?;
        if zeroed && bytes > 0 {
            gpu.fill(block.address, 0, bytes)?;
        }
        Ok(Remote::of(block, !zeroed))
    }

    /// The element of zeros that all share.
    pub(crate) fn zero(gpu: &'static Gpu) -> Result<Remote> {
        Ok(Remote::of(gpu.zero()?, false))
    }

    fn of(block: Block, fresh: bool) -> Remote {
        Remote {
            block: RefCell::new(block),
            fetched: RefCell::default(),
            written: RefCell::default(),
            fresh: Cell::new(fresh),
            room: Cell::new(0),
        }
    }

    pub(crate) fn gpu(&self) -> &'static Gpu {
        self.block.borrow().gpu
    }

    pub(crate) fn address(&self) -> u64 {
        self.block.borrow().address
    }

    /// Bytes of the host's copy.
    pub(crate) fn room(&self) -> usize {
        self.room.get()
    }

    pub(crate) fn set_room(&self, bytes: usize) {
        self.room.set(bytes);
    }

    /// Brings the host's bytes of a range up to date, and notes that they will be written, if so.
    pub(crate) fn fetch(&self, host: NonNull<u8>, range: Range<usize>, writes: bool) {
        let mut fetched = self.fetched.borrow_mut();
        for part in missing(&fetched, &range).into_iter().filter(|_| !self.fresh.get()) {
            // SAFETY: the host's copy has as many bytes as the block, and this thread alone looks at it.
            let to = unsafe { std::slice::from_raw_parts_mut(host.as_ptr().add(part.start), part.len()) };
            if let Err(e) = self.gpu().download(self.address() + part.start as u64, to) {
                FAILED.with_borrow_mut(|failed| _ = failed.get_or_insert(e));
                to.fill(0);
            }
        }
        join(&mut fetched, range.clone());
        if writes {
            join(&mut self.written.borrow_mut(), range);
        }
    }

    /// Sends what the host has written to the device.
    #[inline]
    pub(crate) fn send(&self, host: NonNull<u8>) {
        if !self.written.borrow().is_empty() {
            self.send_written(host);
        }
    }

    #[cold]
    fn send_written(&self, host: NonNull<u8>) {
        for written in self.written.take() {
            self.fresh.set(false);
            // SAFETY: as in `fetch`.
            let from = unsafe { std::slice::from_raw_parts(host.as_ptr().add(written.start), written.len()) };
            if let Err(e) = self.gpu().upload(self.address() + written.start as u64, from) {
                FAILED.with_borrow_mut(|failed| _ = failed.get_or_insert(e));
            }
        }
    }

    /// Forgets the host's bytes: the device is about to write its own. What the host has written was sent.
    pub(crate) fn forget(&self) {
        self.fresh.set(false);
        self.fetched.borrow_mut().clear();
    }

    /// Moves to a larger block.
    pub(crate) fn grow(&self, have: usize, bytes: usize) -> Result<()> {
        let gpu = self.gpu();
        let fresh = gpu.allocate(bytes)?;
        gpu.fill(fresh.address, 0, bytes)?;
        if have > 0 {
            gpu.copy(fresh.address, self.address(), have)?;
        }
        *self.block.borrow_mut() = fresh;
        Ok(())
    }

    /// Copies bytes to another device's block.
    pub(crate) fn copy_to(&self, other: &Remote, from: usize, bytes: usize) -> Result<()> {
        let (source, target) = (self.gpu(), other.gpu());
        if source.index == target.index {
            source.copy(other.address(), self.address() + from as u64, bytes)
        } else {
            copy_across((target, other.address()), (source, self.address() + from as u64), bytes)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_join_and_what_is_missing_is_found() {
        let mut have = Ranges::new();
        for r in [10..20, 40..50, 30..35, 18..25] {
            join(&mut have, r);
        }
        assert_eq!(have, [10..25, 30..35, 40..50]);
        assert_eq!(missing(&have, &(0..60)), [0..10, 25..30, 35..40, 50..60]);
        assert_eq!(missing(&have, &(12..24)), Ranges::new());
        assert_eq!(missing(&have, &(20..42)), [25..30, 35..40]);
        join(&mut have, 25..40);
        assert_eq!((have.len(), &have[0]), (1, &(10..50)));
    }
}
