//! Ctrl-C: a flag that long work looks at.

use super::error::{Error, ErrorKind, Result};
use std::sync::atomic::{AtomicBool, Ordering};

static RAISED: AtomicBool = AtomicBool::new(false);

/// Asks whatever runs to stop; called from the signal handler's thread.
pub fn raise() {
    RAISED.store(true, Ordering::Relaxed);
}

/// Whether a stop is asked for; workers look at it between chunks.
#[inline]
pub fn raised() -> bool {
    RAISED.load(Ordering::Relaxed)
}

/// Takes the request.
///
/// # Errors
/// `KeyboardInterrupt` when a stop was asked for.
#[inline]
pub fn check() -> Result<()> {
    if raised() { Err(take()) } else { Ok(()) }
}

#[cold]
fn take() -> Error {
    RAISED.store(false, Ordering::Relaxed);
    Error::new(ErrorKind::KeyboardInterrupt, "")
}
