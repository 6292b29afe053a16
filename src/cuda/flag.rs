//! What a kernel found wrong, for the host to look at.

use crate::base::error::Result;
use crate::store::cuda::Gpu;
use std::cell::{Cell, RefCell};

thread_local! {
    /// Words that are not set and nobody uses, by device: setting one to zero is a launch of its own.
    static UNSET: RefCell<Vec<(u8, u64)>> = const { RefCell::new(Vec::new()) };
}

/// A word that kernels set.
#[derive(Debug)]
pub struct Flag {
    gpu: &'static Gpu,
    address: u64,
    /// Whether the host has seen that it is not set.
    unset: Cell<bool>,
}

impl Flag {
    /// One that is not set.
    ///
    /// # Errors
    /// What the device refuses.
    pub fn new(gpu: &'static Gpu) -> Result<Flag> {
        gpu.enter()?;
        let found = UNSET.with_borrow_mut(|all| {
            let at = all.iter().rposition(|(index, _)| *index == gpu.index)?;
            Some(all.swap_remove(at).1)
        });
        let address = found.map_or_else(|| gpu.zeros(), Ok)?;
        Ok(Flag { gpu, address, unset: Cell::new(false) })
    }

    /// Where it lies.
    pub fn address(&self) -> u64 {
        self.address
    }

    /// Whether a kernel has set it: waits for what was launched.
    ///
    /// # Errors
    /// What went wrong on the device.
    pub fn is_set(&self) -> Result<bool> {
        let set = self.gpu.read_flag(self.address)? != 0;
        self.unset.set(!set);
        Ok(set)
    }
}

impl Drop for Flag {
    fn drop(&mut self) {
        if self.unset.get() || self.gpu.fill(self.address, 0, 4).is_ok() {
            UNSET.with_borrow_mut(|all| all.push((self.gpu.index, self.address)));
        }
    }
}
