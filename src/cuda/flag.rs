//! What a kernel found wrong, for the host to look at.

use crate::base::error::Result;
use crate::store::cuda::{Block, Gpu};
use std::cell::Cell;

thread_local! {
    /// Whether indices are known to be inside.
    static TRUSTED: Cell<bool> = const { Cell::new(false) };
}

/// A stretch of work whose indices were found inside before, as on the way back from where they were first used: nobody waits for the
/// device to say so again. Kernels follow none that is outside all the same.
#[derive(Debug)]
pub struct Trust(bool);

impl Trust {
    /// Begins; ends where it is dropped.
    pub fn begin() -> Trust {
        Trust(TRUSTED.replace(true))
    }
}

impl Drop for Trust {
    fn drop(&mut self) {
        TRUSTED.set(self.0);
    }
}

/// Whether indices are known to be inside.
pub fn trusted() -> bool {
    TRUSTED.get()
}

/// A word that kernels set.
#[derive(Debug)]
pub struct Flag {
    block: Block,
    read: bool,
}

impl Flag {
    /// One for indices that are outside, which is not looked at where all are known to be inside.
    ///
    /// # Errors
    /// What the device refuses.
    pub fn of_indices(gpu: &'static Gpu) -> Result<Flag> {
        if trusted() { Ok(Flag { block: gpu.allocate(4)?, read: false }) } else { Flag::new(gpu) }
    }

    /// One that is not set.
    ///
    /// # Errors
    /// What the device refuses.
    pub fn new(gpu: &'static Gpu) -> Result<Flag> {
        let block = gpu.allocate(4)?;
        gpu.fill(block.address, 0, 4)?;
        Ok(Flag { block, read: true })
    }

    /// Where it lies.
    pub fn address(&self) -> u64 {
        self.block.address
    }

    /// Whether a kernel has set it: waits for what was launched.
    ///
    /// # Errors
    /// What went wrong on the device.
    pub fn is_set(&self) -> Result<bool> {
        Ok(self.read && self.block.gpu.read_flag(self.block.address)? != 0)
    }
}
