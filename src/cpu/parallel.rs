//! Work shared out over the threads.
//!
//! Kernels are generic over dtypes and hand in many different closures; the machinery is made once for each type of piece
//! and that of the threads once for all: pieces are grouped into boxed tasks, a few a thread.

use super::progress::Progress;
use crate::base::interrupt;
use std::cell::Cell;

/// Tasks a thread gets, so that a slow one does not keep the others waiting.
const TASKS_A_THREAD: usize = 4;

type Task<'a> = Box<dyn FnOnce() + Send + 'a>;

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
    share(&mut pieces, least, &body);
}

fn share<P: Send>(pieces: &mut dyn ExactSizeIterator<Item = P>, least: usize, body: &(dyn Fn(P) + Sync)) {
    let count = pieces.len();
    let progress = if count > 1 { Progress::of(count) } else { None };
    let group = |part: Vec<P>| {
        part.into_iter().for_each(|piece| {
            interrupt::poll();
            body(piece);
            if let Some(progress) = &progress {
                progress.step();
            }
        })
    };
    if count <= least.max(1) {
        // The threads are not started for this.
        return group(pieces.collect());
    }
    let group = &group;
    let size = count.div_ceil(threads() * TASKS_A_THREAD).max(least);
    let mut tasks: Vec<Task> = Vec::with_capacity(count.div_ceil(size));
    for _ in 0..count.div_ceil(size) {
        let part: Vec<P> = (&mut *pieces).take(size).collect();
        tasks.push(Box::new(move || group(part)));
    }
    run(tasks);
}

fn run(tasks: Vec<Task>) {
    rayon::scope(|scope| tasks.into_iter().for_each(|task| scope.spawn(|_| task())));
}
