//! The order of the elements of a lane, as entries of keys and places.

use super::introsort::sort_keys;
use super::key::{Entry, Key, entries};
use crate::base::interrupt::{poll, polled};
use crate::cpu::parallel;
use rayon::prelude::*;

/// Entries from which threads are worth their start.
pub const PARALLEL: usize = 1 << 15;

/// Entries from which digits are faster than comparisons.
const DIGITS: usize = 1 << 11;

/// Calls `$body` with the entries of a lane in ascending (or descending) order of their keys, those of equal keys in the order
/// of their places when `$stable`, else as libstdc++'s sort leaves them.
macro_rules! in_order {
    ($lane:expr, $descending:expr, $stable:expr, $order:ident => $body:expr) => {
        match $crate::cpu::sort::order::base($lane) {
            Some(base) => {
                let $order: Vec<u64> = $crate::cpu::sort::order::order($lane, base, $descending, $stable);
                $body
            }
            None => {
                let $order: Vec<(u64, u32)> = $crate::cpu::sort::order::order($lane, 0, $descending, $stable);
                $body
            }
        }
    };
}
pub(crate) use in_order;

/// The number to take from each key so that they all fit 32 bits, if there is one.
pub fn base<T: Key>(lane: &[T]) -> Option<u64> {
    if T::Entry::MOST <= u64::from(u32::MAX) {
        return Some(0);
    }
    let (mut low, mut high) = (u64::MAX, 0);
    for part in lane.chunks(DIGITS) {
        poll();
        part.iter().for_each(|v| (low, high) = (low.min(v.key()), high.max(v.key())));
        if high.saturating_sub(low) > u64::from(u32::MAX) {
            return None;
        }
    }
    Some(low.min(high))
}

/// The sorted entries of `lane`, `base` less than the elements' keys.
pub fn order<T: Key, E: Sorted>(lane: &[T], base: u64, descending: bool, stable: bool) -> Vec<E> {
    let mut out = match descending {
        true => entries(lane, |v: T| E::MOST - (v.key() - base)),
        false => entries(lane, |v: T| v.key() - base),
    };
    if stable {
        E::sort(&mut out)
    } else {
        sort_keys(&mut out)
    }
    out
}

/// Entries that can be sorted by key and place.
pub trait Sorted: Entry {
    /// Sorts them.
    fn sort(entries: &mut Vec<Self>);
}

impl Sorted for u64 {
    fn sort(entries: &mut Vec<u64>) {
        if entries.len() < DIGITS {
            entries.sort_unstable();
        } else {
            by_digits(entries);
        }
    }
}

impl Sorted for (u64, u32) {
    fn sort(entries: &mut Vec<Self>) {
        let order = |a: &Self, b: &Self| {
            poll();
            a.cmp(b)
        };
        if entries.len() < PARALLEL {
            entries.sort_unstable_by(order);
        } else {
            parallel::threads();
            entries.par_sort_unstable_by(order);
        }
    }
}

/// Sorts by keys digit after digit, the last first; each pass keeps the order of the one before.
fn by_digits(entries: &mut Vec<u64>) {
    const BITS: u32 = 11;
    let used = polled(entries.iter()).fold(0, |all, e| all | e.rank());
    let mut other = vec![0; entries.len()];
    for shift in (32..32 + (u64::BITS - used.leading_zeros())).step_by(BITS as usize) {
        let digit = |e: u64| (e >> shift) as usize % (1 << BITS);
        let mut starts = [0usize; 1 << BITS];
        entries.chunks(DIGITS).for_each(|part| {
            poll();
            part.iter().for_each(|&e| starts[digit(e)] += 1);
        });
        let mut next = 0;
        starts.iter_mut().for_each(|n| next += std::mem::replace(n, next));
        entries.chunks(DIGITS).for_each(|part| {
            poll();
            for &e in part {
                let at = &mut starts[digit(e)];
                other[*at] = e;
                *at += 1;
            }
        });
        std::mem::swap(entries, &mut other);
    }
}
