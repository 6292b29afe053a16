//! Work shared out over the threads.
//!
//! Kernels are generic over dtypes and hand in many different closures; the machinery of the threads is made once for all of
//! them: pieces are grouped into boxed tasks, a few a thread.

/// Tasks a thread gets, so that a slow one does not keep the others waiting.
const TASKS_A_THREAD: usize = 4;

type Task<'a> = Box<dyn FnOnce() + Send + 'a>;

/// Calls `body` with every piece, on several threads when there are more than `least` pieces; a task gets at least that many.
pub fn for_each<P: Send>(pieces: impl ExactSizeIterator<Item = P>, least: usize, body: impl Fn(P) + Sync) {
    let count = pieces.len();
    if count <= least.max(1) {
        // The threads are not started for this.
        return pieces.for_each(body);
    }
    let group = count.div_ceil(rayon::current_num_threads() * TASKS_A_THREAD).max(least);
    let (mut pieces, body) = (pieces, &body);
    let mut tasks: Vec<Task> = Vec::with_capacity(count.div_ceil(group));
    loop {
        let part: Vec<P> = pieces.by_ref().take(group).collect();
        if part.is_empty() {
            break;
        }
        tasks.push(Box::new(move || part.into_iter().for_each(body)));
    }
    run(tasks);
}

fn run(tasks: Vec<Task>) {
    rayon::scope(|scope| tasks.into_iter().for_each(|task| scope.spawn(|_| task())));
}
