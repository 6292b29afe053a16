//! Ctrl-C, and memory that comes to its end: a flag that long work looks at.
//!
//! Most work answers with an error from [`check`]. Loops with no result of their own to give (comparisons of a sort, pieces
//! on other threads) call [`poll`], which unwinds to the nearest [`stoppable`]. Calls into libraries that look at nothing run
//! in [`abandonable`]: who waits is free at once, and the work ends on its own.

use super::error::{Error, ErrorKind, Result};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

static RAISED: AtomicBool = AtomicBool::new(false);

/// Whether it was for want of memory.
static MEMORY: AtomicBool = AtomicBool::new(false);

/// How often one who waits looks at the flag.
const LOOK: Duration = Duration::from_millis(10);

/// Items between two looks in [`polled`].
const EVERY: usize = 1 << 14;

/// What unwinds from [`poll`].
struct Stopped;

/// Asks whatever runs to stop; called from the signal handler's thread.
pub fn raise() {
    RAISED.store(true, Ordering::Relaxed);
}

/// Asks whatever runs to stop, because memory comes to its end.
pub fn raise_memory() {
    MEMORY.store(true, Ordering::Relaxed);
    raise();
}

/// Whether a stop is asked for; workers look at it between chunks.
#[inline]
pub fn raised() -> bool {
    RAISED.load(Ordering::Relaxed)
}

/// Takes the request.
///
/// # Errors
/// `KeyboardInterrupt` when a stop was asked for; `MemoryError` when memory came to its end.
#[inline]
pub fn check() -> Result<()> {
    if raised() { Err(take()) } else { Ok(()) }
}

#[cold]
fn take() -> Error {
    RAISED.store(false, Ordering::Relaxed);
    let memory = MEMORY.swap(false, Ordering::Relaxed);
    Error::new(if memory { ErrorKind::MemoryError } else { ErrorKind::KeyboardInterrupt }, "")
}

/// Unwinds to the nearest [`stoppable`] when a stop is asked for. The panic hook hears nothing of it.
#[inline]
pub fn poll() {
    if raised() {
        leave();
    }
}

/// The items as they come, with a [`poll`] every few thousand: for long loops with little to do for each.
#[inline]
pub fn polled<I: IntoIterator>(items: I) -> impl Iterator<Item = I::Item> {
    items.into_iter().enumerate().map(|(i, item)| {
        if i.is_multiple_of(EVERY) {
            poll();
        }
        item
    })
}

#[cold]
fn leave() -> ! {
    resume_unwind(Box::new(Stopped))
}

/// Runs work that may [`poll`]. What it had begun to write is left as it is, as with any interrupted in-place operation.
///
/// # Errors
/// `KeyboardInterrupt` when it was stopped; else what the work returns.
pub fn stoppable<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(result) => result,
        Err(payload) if payload.is::<Stopped>() => Err(take()),
        Err(payload) => resume_unwind(payload),
    }
}

/// Runs work that owns all it needs on another thread, and waits for it or for a request to stop, whichever comes first: then
/// it unwinds as [`poll`] does.
pub fn abandonable<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let slot = Arc::new(Mutex::new(None));
    let filled = Arc::clone(&slot);
    wait(Box::new(move || {
        let value = work();
        if let Ok(mut slot) = filled.lock() {
            *slot = Some(value);
        }
    }));
    let value = slot.lock().ok().and_then(|mut slot| slot.take());
    value.unwrap_or_else(|| leave())
}

/// [`abandonable`] without its result, made once for all types.
fn wait(work: Box<dyn FnOnce() + Send>) {
    let (done, over) = channel::<()>();
    // A thread that is in no pool: what it shares out goes to the common one, whose threads all are free for it.
    let thread = std::thread::spawn(move || {
        // Hung up when the work has ended, however it did.
        let _done = done;
        work();
    });
    while over.recv_timeout(LOOK) == Err(RecvTimeoutError::Timeout) {
        poll();
    }
    if let Err(payload) = thread.join() {
        resume_unwind(payload);
    }
}
