//! Words of the host's that kernels write: what they found is read where it lies, without a copy.
#![allow(unsafe_code)]

use super::driver::{Gpu, failure};
use crate::base::error::Result;
use cudarc::driver::{result, sys};
use std::cell::RefCell;

/// Bytes of pinned memory that are taken at once.
const PAGE: usize = 4096;

thread_local! {
    /// Words that are zero and nobody uses.
    static FREE: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
}

/// A word in pinned memory, which a device writes at the address that the host knows it by.
#[derive(Debug)]
pub struct Word {
    gpu: &'static Gpu,
    address: usize,
    /// Whether a kernel may still write it.
    written: bool,
}

impl Word {
    /// A word that is zero.
    ///
    /// # Errors
    /// What the driver refuses.
    pub fn zero(gpu: &'static Gpu) -> Result<Word> {
        gpu.enter()?;
        let address = match FREE.with_borrow_mut(Vec::pop) {
            Some(address) => address,
            None => page()?,
        };
        Ok(Word { gpu, address, written: false })
    }

    /// Where a kernel finds it.
    pub fn address(&mut self) -> u64 {
        self.written = true;
        self.address as u64
    }

    /// What kernels wrote: waits for what was launched.
    ///
    /// # Errors
    /// What went wrong on the device.
    pub fn read(&mut self) -> Result<u32> {
        self.gpu.synchronize()?;
        self.written = false;
        // SAFETY: the word lies in a page that is never freed, and the device is done with it.
        Ok(unsafe { std::ptr::read_volatile(self.address as *const u32) })
    }
}

impl Drop for Word {
    fn drop(&mut self) {
        // One that was not waited for is not used again: it might be written then.
        if !self.written {
            // SAFETY: as in `read`.
            unsafe { std::ptr::write_volatile(self.address as *mut u32, 0) };
            FREE.with_borrow_mut(|free| free.push(self.address));
        }
    }
}

/// Takes a page of zeros, and gives its first word; the others are free.
#[cold]
fn page() -> Result<usize> {
    // SAFETY: the page is written here before it is read; it is kept as long as the process lives. Every context finds it at the same
    // address (CUDA C++ Programming Guide, "Unified Virtual Address Space").
    let start = unsafe {
        let memory = result::malloc_host(PAGE, sys::CU_MEMHOSTALLOC_PORTABLE | sys::CU_MEMHOSTALLOC_DEVICEMAP)
            .map_err(failure)?;
        memory.cast::<u8>().write_bytes(0, PAGE);
        memory as usize
    };
    FREE.with_borrow_mut(|free| free.extend((1..PAGE / size_of::<u32>()).rev().map(|i| start + i * size_of::<u32>())));
    Ok(start)
}
