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

/// Bytes on a device.
#[derive(Debug)]
pub struct Remote {
    block: RefCell<Block>,
    /// What the host's bytes are up to date in.
    fetched: RefCell<Range<usize>>,
    /// What the host has written and the device not seen.
    written: RefCell<Range<usize>>,
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
        Ok(Remote {
            block: RefCell::new(block),
            fetched: RefCell::new(0..0),
            written: RefCell::new(0..0),
            fresh: Cell::new(!zeroed),
            room: Cell::new(0),
        })
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
        if range.is_empty() {
            return;
        }
        let mut fetched = self.fetched.borrow_mut();
        let want =
            if fetched.is_empty() { range.clone() } else { fetched.start.min(range.start)..fetched.end.max(range.end) };
        let parts =
            if fetched.is_empty() { [want.clone(), 0..0] } else { [want.start..fetched.start, fetched.end..want.end] };
        for part in parts.into_iter().filter(|part| !part.is_empty() && !self.fresh.get()) {
            // SAFETY: the host's copy has as many bytes as the block, and this thread alone looks at it.
            let to = unsafe { std::slice::from_raw_parts_mut(host.as_ptr().add(part.start), part.len()) };
            if let Err(e) = self.gpu().download(self.address() + part.start as u64, to) {
                FAILED.with_borrow_mut(|failed| _ = failed.get_or_insert(e));
                to.fill(0);
            }
        }
        *fetched = want;
        if writes {
            let mut written = self.written.borrow_mut();
            *written =
                if written.is_empty() { range } else { written.start.min(range.start)..written.end.max(range.end) };
        }
    }

    /// Sends what the host has written to the device.
    pub(crate) fn send(&self, host: NonNull<u8>) {
        let written = self.written.replace(0..0);
        if written.is_empty() {
            return;
        }
        self.fresh.set(false);
        // SAFETY: as in `fetch`.
        let from = unsafe { std::slice::from_raw_parts(host.as_ptr().add(written.start), written.len()) };
        if let Err(e) = self.gpu().upload(self.address() + written.start as u64, from) {
            FAILED.with_borrow_mut(|failed| _ = failed.get_or_insert(e));
        }
    }

    /// Forgets the host's bytes: the device is about to write its own. What the host has written was sent.
    pub(crate) fn forget(&self) {
        self.fresh.set(false);
        *self.fetched.borrow_mut() = 0..0;
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
