//! Copies between the host's pageable memory and a device, through pinned buffers: the device's engine copies one piece while threads of
//! the host copy the next, so that the link is busy all the time.
#![allow(unsafe_code)]

use super::driver::{STREAM, failure};
use crate::base::error::{Error, Result};
use cudarc::driver::result::{self, DriverError};
use cudarc::driver::sys;
use rayon::prelude::*;
use std::ptr::NonNull;

/// Bytes below which the driver's own way is as fast.
pub const LEAST: usize = 1 << 20;

/// Bytes of a pinned buffer.
const PIECE: usize = 8 << 20;

/// Bytes that one thread copies.
const SHARE: usize = 1 << 20;

/// Two pinned buffers of one device's context.
#[derive(Debug)]
pub struct Staging {
    buffers: [Pinned; 2],
}

/// A pinned buffer, and the mark behind the last copy that uses it.
#[derive(Debug)]
struct Pinned {
    memory: NonNull<u8>,
    event: sys::CUevent,
}

// SAFETY: pinned memory and events may be used from any thread that has entered their context; the owner is behind a lock.
unsafe impl Send for Pinned {}

impl Pinned {
    fn new() -> Result<Pinned> {
        // SAFETY: the memory is written before it is read; it is kept as long as the process lives.
        let memory = unsafe { result::malloc_host(PIECE, 0) }.map_err(failure)?;
        let memory = NonNull::new(memory.cast()).ok_or_else(none)?;
        let event = result::event::create(sys::CUevent_flags::CU_EVENT_DISABLE_TIMING).map_err(failure)?;
        Ok(Pinned { memory, event })
    }

    /// Waits until the copy that used the buffer is done.
    fn wait(&self) -> Result<()> {
        // SAFETY: the event lives as long as the process.
        unsafe { result::event::synchronize(self.event) }.map_err(failure)
    }

    /// Marks that what was launched so far uses the buffer.
    fn mark(&self) -> Result<()> {
        // SAFETY: as in `wait`.
        unsafe { result::event::record(self.event, STREAM) }.map_err(failure)
    }

    fn bytes(&mut self) -> &mut [u8] {
        // SAFETY: the buffer has so many bytes, and the caller has waited for the device.
        unsafe { std::slice::from_raw_parts_mut(self.memory.as_ptr(), PIECE) }
    }
}

#[cold]
fn none() -> Error {
    failure(DriverError(sys::CUresult::CUDA_ERROR_OUT_OF_MEMORY))
}

impl Staging {
    /// Buffers in the context that this thread has entered.
    ///
    /// # Errors
    /// What the driver refuses.
    pub fn new() -> Result<Staging> {
        Ok(Staging { buffers: [Pinned::new()?, Pinned::new()?] })
    }

    /// Copies to the device; the source may be written over when this returns, the copy itself may still be under way.
    ///
    /// # Errors
    /// What the driver refuses.
    pub fn upload(&mut self, to: u64, from: &[u8]) -> Result<()> {
        for (i, piece) in from.chunks(PIECE).enumerate() {
            let buffer = &mut self.buffers[i % 2];
            buffer.wait()?;
            let bytes = &mut buffer.bytes()[..piece.len()];
            copy(bytes, piece);
            // SAFETY: the target has room; the buffer is not touched before its mark is reached.
            unsafe { result::memcpy_htod_async(to + (i * PIECE) as u64, bytes, STREAM) }.map_err(failure)?;
            buffer.mark()?;
        }
        Ok(())
    }

    /// Copies from the device, behind everything that was launched.
    ///
    /// # Errors
    /// What the driver refuses, or what went wrong on the device before.
    pub fn download(&mut self, from: u64, to: &mut [u8]) -> Result<()> {
        let pieces = to.len().div_ceil(PIECE);
        let length = to.len();
        let size = |i: usize| PIECE.min(length - i * PIECE);
        let start = |buffers: &mut [Pinned; 2], i: usize| -> Result<()> {
            let buffer = &mut buffers[i % 2];
            buffer.wait()?;
            let bytes = &mut buffer.bytes()[..size(i)];
            // SAFETY: the buffer has room, and is looked at when its mark is reached.
            unsafe { result::memcpy_dtoh_async(bytes, from + (i * PIECE) as u64, STREAM) }.map_err(failure)?;
            buffer.mark()
        };
        start(&mut self.buffers, 0)?;
        for i in 0..pieces {
            if i + 1 < pieces {
                start(&mut self.buffers, i + 1)?;
            }
            let buffer = &mut self.buffers[i % 2];
            buffer.wait()?;
            copy(&mut to[i * PIECE..][..size(i)], &buffer.bytes()[..size(i)]);
        }
        Ok(())
    }
}

/// Copies on all threads: one alone is slower than the link.
fn copy(to: &mut [u8], from: &[u8]) {
    to.par_chunks_mut(SHARE).zip(from.par_chunks(SHARE)).for_each(|(to, from)| to.copy_from_slice(from));
}
