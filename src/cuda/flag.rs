//! What a kernel found wrong, for the host to look at.

use crate::base::error::Result;
use crate::store::cuda::{Gpu, Word};
use std::cell::{Cell, RefCell};

thread_local! {
    /// Whether indices are known to be inside.
    static TRUSTED: Cell<bool> = const { Cell::new(false) };
    /// A word that nobody looks at.
    static UNSEEN: RefCell<Option<Word>> = const { RefCell::new(None) };
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
    address: u64,
    /// None where nobody looks.
    word: Option<Word>,
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
        let address = UNSEEN.with_borrow_mut(|unseen| match unseen {
            Some(word) => Ok(word.address()),
            none => Word::zero(gpu).map(|word| none.insert(word).address()),
        })?;
        Ok(Flag { address, word: None })
    }

    /// One that is not set.
    ///
    /// # Errors
    /// What the device refuses.
    pub fn new(gpu: &'static Gpu) -> Result<Flag> {
        let mut word = Word::zero(gpu)?;
        Ok(Flag { address: word.address(), word: Some(word) })
    }

    /// Where it lies.
    pub fn address(&self) -> u64 {
        self.address
    }

    /// Whether a kernel has set it: waits for what was launched. A word that nobody looks at is not set.
    ///
    /// # Errors
    /// What went wrong on the device.
    pub fn is_set(self) -> Result<bool> {
        self.word.map_or(Ok(false), |mut word| Ok(word.read()? != 0))
    }
}
