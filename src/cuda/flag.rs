//! What a kernel found wrong, for the host to look at.

use crate::base::error::Result;
use crate::store::cuda::Gpu;
use std::cell::{Cell, RefCell};

thread_local! {
    /// Words that are not set and nobody uses, by device: setting one to zero is a launch of its own.
    static UNSET: RefCell<Vec<(u8, u64)>> = const { RefCell::new(Vec::new()) };
    /// A word for each device that nobody looks at.
    static UNSEEN: RefCell<Vec<(u8, u64)>> = const { RefCell::new(Vec::new()) };
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
    gpu: &'static Gpu,
    address: u64,
    /// Whether the host has seen that it is not set.
    unset: Cell<bool>,
    /// Whether the host looks at it.
    seen: bool,
}

impl Flag {
    /// One for indices that are outside, which is not looked at where all are known to be inside.
    ///
    /// # Errors
    /// What the device refuses.
    pub fn of_indices(gpu: &'static Gpu) -> Result<Flag> {
        if !trusted() {
            return Flag::new(gpu);
        }
        gpu.enter()?;
        let find =
            |all: &Vec<(u8, u64)>| all.iter().find(|(index, _)| *index == gpu.index).map(|(_, address)| *address);
        let address = match UNSEEN.with_borrow(find) {
            Some(address) => address,
            None => {
                let fresh = gpu.zeros()?;
                UNSEEN.with_borrow_mut(|all| all.push((gpu.index, fresh)));
                fresh
            }
        };
        Ok(Flag { gpu, address, unset: Cell::new(false), seen: false })
    }

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
        Ok(Flag { gpu, address, unset: Cell::new(false), seen: true })
    }

    /// Where it lies.
    pub fn address(&self) -> u64 {
        self.address
    }

    /// Whether a kernel has set it: waits for what was launched. A word that nobody looks at is not set.
    ///
    /// # Errors
    /// What went wrong on the device.
    pub fn is_set(&self) -> Result<bool> {
        if !self.seen {
            return Ok(false);
        }
        let set = self.gpu.read_flag(self.address)? != 0;
        self.unset.set(!set);
        Ok(set)
    }
}

impl Drop for Flag {
    fn drop(&mut self) {
        if self.seen && (self.unset.get() || self.gpu.fill(self.address, 0, 4).is_ok()) {
            UNSET.with_borrow_mut(|all| all.push((self.gpu.index, self.address)));
        }
    }
}
