//! What was copied between the host and the devices, copy by copy.

use std::cell::RefCell;
use std::time::Duration;

/// Which way a copy went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the host to a device.
    Up,
    /// From a device to the host.
    Down,
    /// From one device to another.
    Across,
}

/// A copy between memories.
#[derive(Clone, Copy, Debug)]
pub struct Transfer {
    /// Which way.
    pub direction: Direction,
    /// How much.
    pub bytes: usize,
    /// How long the caller waited for it.
    pub time: Duration,
    /// The device memory's address, by which its variable is found.
    pub address: u64,
}

/// Sums over copies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Total {
    /// How many.
    pub count: usize,
    /// Their bytes together.
    pub bytes: usize,
}

/// Copies that are remembered one by one; older ones count in the total alone.
const REMEMBERED: usize = 4096;

#[derive(Default)]
struct Ledger {
    total: Total,
    last: Vec<Transfer>,
}

thread_local! {
    static LEDGER: RefCell<Ledger> = RefCell::default();
}

/// Notes a copy.
pub(super) fn note(transfer: Transfer) {
    LEDGER.with_borrow_mut(|ledger| {
        ledger.total.count += 1;
        ledger.total.bytes += transfer.bytes;
        if ledger.last.len() == REMEMBERED {
            ledger.last.drain(..REMEMBERED / 2);
        }
        ledger.last.push(transfer);
    });
}

/// All copies of this thread so far.
pub fn total() -> Total {
    LEDGER.with_borrow(|ledger| ledger.total)
}

/// The copies behind the first `count`, as far as they are remembered.
pub fn since(count: usize) -> Vec<Transfer> {
    LEDGER.with_borrow(|ledger| {
        let new = ledger.total.count.saturating_sub(count).min(ledger.last.len());
        ledger.last[ledger.last.len() - new..].to_vec()
    })
}
