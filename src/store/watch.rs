//! A thread that looks how much memory is left, so that an endless loop ends in `MemoryError` before the system ends the
//! process, and that gives back memory which nobody uses. On systems without `/proc` it does nothing.

use super::allocator;
use crate::base::interrupt;
use std::fs;
use std::sync::Once;
use std::time::Duration;

/// How often it looks.
const LOOK: Duration = Duration::from_millis(50);

/// What must be left, of the memory there is: one part in so many.
const RESERVE: u64 = 24;

/// How many looks lie between two returns of free memory.
const TIDY: usize = 10;

/// How much memory this process may have, has, and can still get, in bytes.
struct Memory {
    total: u64,
    own: u64,
    spare: u64,
}

/// Starts the thread, once a process.
pub fn start() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Without the thread all works as before.
        let _ = std::thread::Builder::new().name("memory".to_owned()).stack_size(1 << 16).spawn(watch);
    });
}

fn watch() {
    // What was left when it last asked for a stop: it asks again when half of that is gone.
    let mut last = u64::MAX;
    for round in 1usize.. {
        // First of all: most processes are at their end by then, and look at nothing.
        std::thread::sleep(LOOK);
        if round.is_multiple_of(TIDY) {
            allocator::tidy();
        }
        let Some(memory) = look() else { return };
        let low = memory.spare < memory.total / RESERVE && memory.own > memory.total / 4;
        if low && memory.spare < last {
            last = memory.spare / 2;
            interrupt::raise_memory();
        } else if !low {
            last = u64::MAX;
        }
    }
}

fn look() -> Option<Memory> {
    let system = fs::read_to_string("/proc/meminfo").ok()?;
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let own = field(&status, "VmRSS:")?;
    let mut memory = Memory {
        total: field(&system, "MemTotal:")?,
        own,
        spare: field(&system, "MemAvailable:")? + field(&system, "SwapFree:").unwrap_or(0),
    };
    let number = |path: &str| fs::read_to_string(path).ok()?.trim().parse::<u64>().ok();
    if let (Some(most), Some(used)) = (number("/sys/fs/cgroup/memory.max"), number("/sys/fs/cgroup/memory.current")) {
        memory.limit(most, used);
    }
    if let Some(most) = fs::read_to_string("/proc/self/limits").ok().and_then(|limits| address_space(&limits)) {
        memory.limit(most, field(&status, "VmSize:")?);
    }
    Some(memory)
}

impl Memory {
    fn limit(&mut self, most: u64, used: u64) {
        self.total = self.total.min(most);
        self.spare = self.spare.min(most.saturating_sub(used));
    }
}

/// A field of `/proc`'s texts, which count in KiB.
/// The bytes of memory that the process has, and the most it had; `None` where the system does not tell.
pub fn resident() -> Option<(usize, usize)> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    Some((field(&status, "VmRSS:")? as usize, field(&status, "VmHWM:")? as usize))
}

pub(super) fn field(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? * 1024)
}

/// `ulimit -v`.
fn address_space(limits: &str) -> Option<u64> {
    limits.lines().find_map(|line| line.strip_prefix("Max address space"))?.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    #[test]
    fn memory_is_seen_where_proc_is() {
        if !std::path::Path::new("/proc/meminfo").exists() {
            return;
        }
        let memory = super::look().unwrap();
        assert!(memory.own > 0 && memory.own <= memory.total && memory.spare <= memory.total * 2);
    }
}
