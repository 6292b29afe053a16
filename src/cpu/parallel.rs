//! Work shared out over the threads.
//!
//! Kernels are generic over dtypes and hand in many different closures; the machinery is made once for all: pieces are
//! numbered, and grouped into tasks, a few a thread.

use super::progress::Progress;
use crate::base::interrupt;
use std::cell::Cell;
use std::ops::Range;
use std::sync::Mutex;

/// Tasks a thread gets, so that a slow one does not keep the others waiting.
const TASKS_A_THREAD: usize = 4;

thread_local! {
    /// Whether this thread is to be a worker of a pool of its own, and has none yet.
    static JOINS: Cell<bool> = const { Cell::new(false) };
}

/// Makes the calling thread one of those that work once there is work to share: it then computes its part instead of sleeping
/// while others do, which is what short work takes longest for.
pub fn take_part() {
    JOINS.set(rayon::current_thread_index().is_none());
}

/// The number of threads that work is shared out over. Asked before a library is called that shares work out on its own, it has
/// the threads started.
#[inline]
pub fn threads() -> usize {
    if JOINS.get() {
        join_in();
    }
    rayon::current_num_threads()
}

/// Does both, on two threads where one is free.
pub fn both(a: impl FnOnce() + Send, b: impl FnOnce() + Send) {
    threads();
    rayon::join(a, b);
}

/// The threads are started for the first work that wants them.
#[cold]
fn join_in() {
    JOINS.set(false);
    // Where threads can't be had, the pool common to all threads says so, or has some.
    if let Ok(pool) = rayon::ThreadPoolBuilder::new().use_current_thread().build() {
        // It lasts as long as the thread, which is as long as the program.
        std::mem::forget(pool);
    }
}

/// Calls `body` with every piece, on several threads when there are more than `least` pieces; a task gets at least that many.
/// Between pieces an interrupt is heard.
pub fn for_each<P: Send>(mut pieces: impl ExactSizeIterator<Item = P>, least: usize, body: impl Fn(P) + Sync) {
    hand_out(&mut pieces, least, &body);
}

/// [`for_each`], made once for each type of piece.
fn hand_out<P: Send>(pieces: &mut dyn ExactSizeIterator<Item = P>, least: usize, body: &(dyn Fn(P) + Sync)) {
    let mut slots = Vec::with_capacity(pieces.len());
    for piece in pieces {
        slots.push(Mutex::new(Some(piece)));
    }
    share(slots.len(), least, &|i| {
        // Each is taken once, so no lock is ever waited for.
        if let Ok(mut slot) = slots[i].lock()
            && let Some(piece) = slot.take()
        {
            body(piece);
        }
    });
}

/// [`for_each`] of the numbers below `count`.
fn share(count: usize, least: usize, body: &(dyn Fn(usize) + Sync)) {
    let progress = if count > 1 { Progress::of(count) } else { None };
    let group = |part: Range<usize>| {
        part.for_each(|i| {
            interrupt::poll();
            body(i);
            if let Some(progress) = &progress {
                progress.step();
            }
        })
    };
    if count <= least.max(1) {
        // The threads are not started for this.
        return group(0..count);
    }
    let size = count.div_ceil(threads() * TASKS_A_THREAD).max(least);
    let group = &group;
    rayon::scope(|scope| {
        for start in (0..count).step_by(size) {
            scope.spawn(move |_| group(start..count.min(start + size)));
        }
    });
}
