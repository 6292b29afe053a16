//! Whether calls are recorded, and in which mode of a script tensors and views are made.

use super::place;
use crate::base::error::{Error, runtime};
use crate::store::storage;
use std::cell::Cell;

thread_local! {
    static ON: Cell<bool> = const { Cell::new(true) };
    /// What the script has chosen; within, calls may go unrecorded for reasons of their own.
    static CHOSEN: Cell<bool> = const { Cell::new(true) };
    static ANOMALY: Cell<Anomaly> = const { Cell::new(Anomaly { on: false, nan: true }) };
}

/// Whether walks look for what goes wrong: `torch.autograd.set_detect_anomaly`.
#[derive(Clone, Copy, Debug)]
pub struct Anomaly {
    /// Whether they do.
    pub on: bool,
    /// Whether a gradient with nan is refused.
    pub nan: bool,
}

impl Anomaly {
    /// What is in force.
    pub fn now() -> Anomaly {
        ANOMALY.get()
    }

    /// Puts it in force.
    pub fn choose(self) {
        ANOMALY.set(self);
    }
}

/// Whether calls are recorded.
#[inline]
pub fn enabled() -> bool {
    ON.get()
}

/// What a script has chosen: whether calls are recorded, and whether inference mode is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mode {
    /// Whether calls are recorded.
    pub recording: bool,
    /// Whether tensors are made that derivatives have nothing to do with.
    pub inference: bool,
}

impl Mode {
    /// What is in force.
    pub fn now() -> Mode {
        Mode { recording: enabled() || storage::inference() && CHOSEN.get(), inference: storage::inference() }
    }

    /// Puts it in force.
    pub fn choose(self) {
        // In inference mode nothing is recorded, whatever is chosen.
        ON.set(self.recording && !self.inference);
        CHOSEN.set(self.recording);
        storage::set_inference(self.inference);
    }
}

/// How a view was made that writes in place must not go through unseen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Made {
    /// In a block that is recorded.
    Seen,
    /// Under `no_grad`.
    NoGrad,
    /// In inference mode.
    Inference,
}

impl Made {
    /// How views are made now.
    pub fn now() -> Made {
        match (storage::inference(), CHOSEN.get()) {
            (true, _) => Made::Inference,
            (_, false) => Made::NoGrad,
            _ => Made::Seen,
        }
    }

    /// torch's refusal of a write in place, `what` being what has happened; none for a view that was seen.
    pub fn refusal(self, what: &str) -> Option<Error> {
        let (mode, block, outside) = match self {
            Made::Seen => return None,
            Made::NoGrad => ("no_grad", "no_grad", "with grad mode enabled"),
            Made::Inference => ("inference", "inference_mode", "in normal mode"),
        };
        Some(runtime(format!(
            "A view was created in {mode} mode and {what} modified inplace {outside}. Given that this use case is ambiguous and \
             error-prone, it is forbidden. You can clarify your code by moving both the view and the inplace either both inside the \
             {block} block (if you don't want the inplace to be tracked) or both outside (if you want the inplace to be tracked)."
        )))
    }
}

/// Whether views are to know what they are views of: calls are recorded, or the script itself has them unrecorded.
#[inline]
pub fn notes_views() -> bool {
    place::watched() && (enabled() || !CHOSEN.get())
}

/// Does work with recording on or off.
pub fn recording<T>(on: bool, work: impl FnOnce() -> T) -> T {
    struct Before(bool);
    impl Drop for Before {
        fn drop(&mut self) {
            ON.set(self.0);
        }
    }
    let _before = Before(ON.replace(on));
    work()
}
