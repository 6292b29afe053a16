//! How far long work is, on stderr: a bar with the time that is left, for work over a second.

use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// How long work may take before it is shown, and how long a line stands before the next.
const PATIENCE: Duration = Duration::from_secs(1);
const PAUSE: Duration = Duration::from_millis(100);

/// Cells of the bar.
const WIDTH: usize = 24;

static WANTED: AtomicBool = AtomicBool::new(false);

/// Whether progress is to be shown at all: at a terminal, as a rule.
pub fn show(wanted: bool) {
    WANTED.store(wanted, Ordering::Relaxed);
}

/// Work in pieces. The thread that began it shows it, between two pieces of its own.
pub struct Progress {
    total: usize,
    done: AtomicUsize,
    began: Instant,
    owner: std::thread::ThreadId,
    /// Milliseconds from the beginning to the last line, 0 before the first.
    shown: AtomicUsize,
}

impl Progress {
    /// The progress of so many pieces; `None` where nobody wants to see it.
    pub fn of(total: usize) -> Option<Progress> {
        WANTED.load(Ordering::Relaxed).then(|| Progress {
            total,
            done: AtomicUsize::new(0),
            began: Instant::now(),
            owner: std::thread::current().id(),
            shown: AtomicUsize::new(0),
        })
    }

    /// Counts a piece as done.
    pub fn step(&self) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        if std::thread::current().id() != self.owner {
            return;
        }
        let spent = self.began.elapsed();
        let last = Duration::from_millis(self.shown.load(Ordering::Relaxed) as u64);
        if spent < PATIENCE || spent < last + PAUSE {
            return;
        }
        self.shown.store(spent.as_millis() as usize, Ordering::Relaxed);
        let _ = write!(std::io::stderr(), "\r{}\x1b[K", line(done, self.total, spent));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.shown.load(Ordering::Relaxed) > 0 {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}

/// `[#####-----] 42%, 3.1 s left`.
fn line(done: usize, total: usize, spent: Duration) -> String {
    let share = done as f64 / total.max(1) as f64;
    let full = ((share * WIDTH as f64) as usize).min(WIDTH);
    let left = spent.as_secs_f64() * (1.0 - share) / share.max(1e-9);
    let bar: String = (0..WIDTH).map(|i| if i < full { '#' } else { '-' }).collect();
    format!("[{bar}] {:.0}%, {left:.1} s left", 100.0 * share)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_tells_the_share_and_what_is_left() {
        assert_eq!(line(25, 100, Duration::from_secs(2)), "[######------------------] 25%, 6.0 s left");
        assert_eq!(line(1, 1, Duration::from_secs(2)), "[########################] 100%, 0.0 s left");
    }
}
