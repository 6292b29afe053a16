//! What a kernel found wrong, for the host to look at.

use crate::base::error::Result;
use crate::store::cuda::{Block, Gpu};

/// A word that kernels set.
#[derive(Debug)]
pub struct Flag(Block);

impl Flag {
    /// One that is not set.
    ///
    /// # Errors
    /// What the device refuses.
    pub fn new(gpu: &'static Gpu) -> Result<Flag> {
        let block = gpu.allocate(4)?;
        gpu.fill(block.address, 0, 4)?;
        Ok(Flag(block))
    }

    /// Where it lies.
    pub fn address(&self) -> u64 {
        self.0.address
    }

    /// Whether a kernel has set it: waits for what was launched.
    ///
    /// # Errors
    /// What went wrong on the device.
    pub fn is_set(&self) -> Result<bool> {
        Ok(self.0.gpu.read_flag(self.0.address)? != 0)
    }
}
