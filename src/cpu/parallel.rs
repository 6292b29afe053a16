//! Work shared out over the threads.
//!
//! Kernels are generic over dtypes and hand in many different closures; the machinery is made once for each type of piece
//! and that of the threads once for all: pieces are grouped into boxed tasks, a few a thread.

use crate::base::interrupt;

/// Tasks a thread gets, so that a slow one does not keep the others waiting.
const TASKS_A_THREAD: usize = 4;

type Task<'a> = Box<dyn FnOnce() + Send + 'a>;

/// Calls `body` with every piece, on several threads when there are more than `least` pieces; a task gets at least that many.
/// Between pieces an interrupt is heard.
pub fn for_each<P: Send>(mut pieces: impl ExactSizeIterator<Item = P>, least: usize, body: impl Fn(P) + Sync) {
    share(&mut pieces, least, &body);
}

fn share<P: Send>(pieces: &mut dyn ExactSizeIterator<Item = P>, least: usize, body: &(dyn Fn(P) + Sync)) {
    let count = pieces.len();
    let group = |part: Vec<P>| {
        part.into_iter().for_each(|piece| {
            interrupt::poll();
            body(piece);
        })
    };
    if count <= least.max(1) {
        // The threads are not started for this.
        return group(pieces.collect());
    }
    let group = &group;
    let size = count.div_ceil(rayon::current_num_threads() * TASKS_A_THREAD).max(least);
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
