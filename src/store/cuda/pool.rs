//! The caching allocator: device memory is taken from the driver in segments, given out in blocks, and kept when blocks come back.
//!
//! Sizes are those of PyTorch's `CUDACachingAllocator`, so that `memory_allocated` and `memory_reserved` tell the same numbers. There is
//! one stream, so a block that comes back can be given out at once: what was launched before runs before what is launched next.

use rustc_hash::FxHashMap;
use std::collections::BTreeSet;

/// Blocks are multiples of this many bytes.
const LEAST: usize = 512;
/// Blocks up to this size come from segments of [`SMALL_SEGMENT`] bytes.
const SMALL: usize = 1 << 20;
const SMALL_SEGMENT: usize = 2 << 20;
/// Blocks below [`LARGE`] bytes come from segments of [`LARGE_SEGMENT`] bytes, larger ones from their own, rounded to [`ROUND`].
const LARGE: usize = 10 << 20;
const LARGE_SEGMENT: usize = 20 << 20;
const ROUND: usize = 2 << 20;

/// Where segments come from.
pub trait Source {
    /// Fresh memory; `None` when there is none.
    fn take(&mut self, bytes: usize) -> Option<u64>;
    /// Gives memory back.
    fn give(&mut self, address: u64, bytes: usize);
}

/// One number of the allocator's over time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Now.
    pub current: usize,
    /// At most, since the peaks were reset.
    pub peak: usize,
    /// All that was added.
    pub allocated: usize,
    /// All that was taken away.
    pub freed: usize,
}

impl Tally {
    fn add(&mut self, n: usize) {
        self.current += n;
        self.allocated += n;
        self.peak = self.peak.max(self.current);
    }

    fn take(&mut self, n: usize) {
        self.current -= n;
        self.freed += n;
    }
}

/// What is tallied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// Bytes of the blocks given out.
    Allocated,
    /// Bytes asked for, before rounding.
    Requested,
    /// Bytes of the segments.
    Reserved,
    /// Bytes of free blocks in segments that are in use.
    Split,
    /// Blocks given out.
    Blocks,
    /// Segments.
    Segments,
    /// Free blocks in segments that are in use.
    Splits,
}

/// What the allocator counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// By metric: of all blocks, of large ones, of small ones.
    tallies: [[Tally; 3]; 7],
    /// How often segments were given back to make room.
    pub retries: usize,
    /// How often there was no room.
    pub failures: usize,
}

impl Statistics {
    /// A metric's numbers: of all blocks, of large ones, of small ones.
    pub fn tally(&self, metric: Metric) -> &[Tally; 3] {
        &self.tallies[metric as usize]
    }

    /// Bytes of the blocks given out: now, at most.
    pub fn allocated(&self) -> &Tally {
        &self.tally(Metric::Allocated)[0]
    }

    /// Bytes of the segments: now, at most.
    pub fn reserved(&self) -> &Tally {
        &self.tally(Metric::Reserved)[0]
    }

    fn change(&mut self, metric: Metric, small: bool, change: impl Fn(&mut Tally)) {
        let tallies = &mut self.tallies[metric as usize];
        change(&mut tallies[0]);
        change(&mut tallies[1 + usize::from(small)]);
    }

    fn add(&mut self, metric: Metric, small: bool, n: usize) {
        self.change(metric, small, |tally| tally.add(n));
    }

    fn take(&mut self, metric: Metric, small: bool, n: usize) {
        self.change(metric, small, |tally| tally.take(n));
    }
}

#[derive(Clone, Copy, Debug)]
struct Block {
    bytes: usize,
    requested: usize,
    free: bool,
    /// Neighbours in the segment.
    before: Option<u64>,
    behind: Option<u64>,
    small: bool,
}

/// The blocks of one device.
#[derive(Debug, Default)]
pub struct Pool {
    blocks: FxHashMap<u64, Block>,
    /// Free blocks by size: small ones, then large ones.
    free: [BTreeSet<(usize, u64)>; 2],
    statistics: Statistics,
    /// Bytes of segments that may be held.
    limit: Option<usize>,
}

/// Rounded as blocks are.
fn rounded(bytes: usize) -> usize {
    bytes.max(1).checked_next_multiple_of(LEAST).unwrap_or(bytes)
}

impl Pool {
    /// A block of at least `bytes`; `None` when neither the cache nor the source has room.
    pub fn allocate(&mut self, bytes: usize, source: &mut dyn Source) -> Option<u64> {
        let size = rounded(bytes);
        let small = size <= SMALL;
        let found = match self.find(size, small) {
            Some(address) => address,
            None => self.segment(size, small, source)?,
        };
        self.split(found, size);
        let block = self.blocks.get_mut(&found)?;
        (block.free, block.requested) = (false, bytes);
        let have = block.bytes;
        self.statistics.add(Metric::Allocated, small, have);
        self.statistics.add(Metric::Requested, small, bytes);
        self.statistics.add(Metric::Blocks, small, 1);
        Some(found)
    }

    /// Puts a block among the free ones.
    fn lay(&mut self, address: u64, block: Block) {
        self.free[usize::from(!block.small)].insert((block.bytes, address));
        if block.before.is_some() || block.behind.is_some() {
            self.statistics.add(Metric::Split, block.small, block.bytes);
            self.statistics.add(Metric::Splits, block.small, 1);
        }
        self.blocks.insert(address, block);
    }

    /// Takes a block from the free ones.
    fn lift(&mut self, address: u64, block: &Block) {
        self.free[usize::from(!block.small)].remove(&(block.bytes, address));
        if block.before.is_some() || block.behind.is_some() {
            self.statistics.take(Metric::Split, block.small, block.bytes);
            self.statistics.take(Metric::Splits, block.small, 1);
        }
    }

    /// Takes a free block that fits best.
    fn find(&mut self, size: usize, small: bool) -> Option<u64> {
        let (_, address) = *self.free[usize::from(!small)].range((size, 0)..).next()?;
        let block = *self.blocks.get(&address)?;
        self.lift(address, &block);
        Some(address)
    }

    fn segment(&mut self, size: usize, small: bool, source: &mut dyn Source) -> Option<u64> {
        let bytes = match size {
            _ if small => SMALL_SEGMENT,
            _ if size < LARGE => LARGE_SEGMENT,
            _ => size.checked_next_multiple_of(ROUND)?,
        };
        let address = self.take(bytes, source).or_else(|| {
            self.statistics.retries += 1;
            self.trim(source);
            self.take(bytes, source)
        });
        let Some(address) = address else {
            self.statistics.failures += 1;
            return None;
        };
        let block = Block { bytes, requested: 0, free: true, before: None, behind: None, small };
        self.blocks.insert(address, block);
        self.statistics.add(Metric::Reserved, small, bytes);
        self.statistics.add(Metric::Segments, small, 1);
        Some(address)
    }

    /// Memory of the source, within the limit.
    fn take(&self, bytes: usize, source: &mut dyn Source) -> Option<u64> {
        let room = |limit: usize| self.statistics.reserved().current.saturating_add(bytes) <= limit;
        if self.limit.is_none_or(room) { source.take(bytes) } else { None }
    }

    /// Leaves `size` bytes in a block that was taken, and what is beyond them free, where it is worth a block.
    fn split(&mut self, address: u64, size: usize) {
        let Some(block) = self.blocks.get_mut(&address) else { return };
        let rest = block.bytes - size;
        if rest < if block.small { LEAST } else { SMALL + 1 } {
            return;
        }
        let (behind, small) = (block.behind, block.small);
        let cut = address + size as u64;
        (block.bytes, block.behind) = (size, Some(cut));
        self.lay(cut, Block { bytes: rest, requested: 0, free: true, before: Some(address), behind, small });
        if let Some(next) = behind.and_then(|b| self.blocks.get_mut(&b)) {
            next.before = Some(cut);
        }
    }

    /// Takes a block back.
    pub fn release(&mut self, mut address: u64) {
        let Some(mut block) = self.blocks.get(&address).copied().filter(|b| !b.free) else { return };
        self.statistics.take(Metric::Allocated, block.small, block.bytes);
        self.statistics.take(Metric::Requested, block.small, block.requested);
        self.statistics.take(Metric::Blocks, block.small, 1);
        block.free = true;
        if let Some(next) = block.behind
            && let Some(other) = self.blocks.get(&next).copied().filter(|b| b.free)
        {
            self.lift(next, &other);
            self.blocks.remove(&next);
            block.bytes += other.bytes;
            block.behind = other.behind;
        }
        if let Some(previous) = block.before
            && let Some(other) = self.blocks.get(&previous).copied().filter(|b| b.free)
        {
            self.lift(previous, &other);
            self.blocks.remove(&address);
            block = Block { bytes: other.bytes + block.bytes, behind: block.behind, ..other };
            address = previous;
        }
        if let Some(next) = block.behind.and_then(|b| self.blocks.get_mut(&b)) {
            next.before = Some(address);
        }
        self.lay(address, block);
    }

    /// Gives segments back that nobody uses.
    pub fn trim(&mut self, source: &mut dyn Source) {
        let whole = |b: &Block| b.free && b.before.is_none() && b.behind.is_none();
        let unused: Vec<(u64, Block)> =
            self.blocks.iter().filter(|(_, b)| whole(b)).map(|(address, block)| (*address, *block)).collect();
        for (address, block) in unused {
            self.lift(address, &block);
            self.blocks.remove(&address);
            source.give(address, block.bytes);
            self.statistics.take(Metric::Reserved, block.small, block.bytes);
            self.statistics.take(Metric::Segments, block.small, 1);
        }
    }

    /// What is in use.
    pub fn statistics(&self) -> Statistics {
        self.statistics
    }

    /// Has the peaks begin anew from what is in use now.
    pub fn reset_peaks(&mut self) {
        for tally in self.statistics.tallies.iter_mut().flatten() {
            tally.peak = tally.current;
        }
    }

    /// Has all that was added and taken away be counted anew.
    pub fn reset_accumulated(&mut self) {
        for tally in self.statistics.tallies.iter_mut().flatten() {
            (tally.allocated, tally.freed) = (0, 0);
        }
        (self.statistics.retries, self.statistics.failures) = (0, 0);
    }

    /// Bytes of segments that may be held at most; what is held already stays.
    pub fn set_limit(&mut self, bytes: Option<usize>) {
        self.limit = bytes;
    }

    /// Bytes of segments that may be held at most.
    pub fn limit(&self) -> Option<usize> {
        self.limit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Memory of so many bytes, given out in order.
    struct Bytes {
        left: usize,
        next: u64,
        given: Vec<usize>,
    }

    impl Source for Bytes {
        fn take(&mut self, bytes: usize) -> Option<u64> {
            self.left = self.left.checked_sub(bytes)?;
            self.next += bytes as u64 + 4096;
            Some(self.next - bytes as u64)
        }
        fn give(&mut self, _: u64, bytes: usize) {
            self.left += bytes;
            self.given.push(bytes);
        }
    }

    fn memory(left: usize) -> Bytes {
        Bytes { left, next: 1 << 20, given: Vec::new() }
    }

    #[test]
    fn counts_as_pytorch_does() {
        let (mut pool, mut bytes) = (Pool::default(), memory(1 << 30));
        let a = pool.allocate(12, &mut bytes).unwrap();
        assert_eq!((pool.statistics().allocated().current, pool.statistics().reserved().current), (512, 2 << 20));
        let b = pool.allocate(4 << 20, &mut bytes).unwrap();
        assert_eq!(
            (pool.statistics().allocated().current, pool.statistics().reserved().current),
            (512 + (4 << 20), 22 << 20)
        );
        let c = pool.allocate(33_000_000, &mut bytes).unwrap();
        // A large block is not cut where less than a MiB is left.
        assert_eq!(pool.statistics().allocated().current, 512 + (4 << 20) + (32 << 20));
        [a, b, c].into_iter().for_each(|x| pool.release(x));
        assert_eq!(pool.statistics().allocated().current, 0);
        assert_eq!(pool.statistics().reserved().current, 54 << 20);
        pool.trim(&mut bytes);
        assert_eq!((pool.statistics().reserved().current, bytes.given.len()), (0, 3));
        assert_eq!(pool.statistics().allocated().peak, 512 + (36 << 20));
    }

    #[test]
    fn blocks_join_and_are_used_again() {
        let (mut pool, mut bytes) = (Pool::default(), memory(1 << 30));
        let blocks: Vec<u64> = (0..8).map(|_| pool.allocate(2000, &mut bytes).unwrap()).collect();
        assert!(blocks.windows(2).all(|w| w[1] - w[0] == 2048));
        for i in [1, 3, 2, 7, 0, 6, 4, 5] {
            pool.release(blocks[i]);
        }
        pool.release(blocks[5]);
        assert_eq!(pool.blocks.len(), 1);
        let splits = pool.statistics().tally(Metric::Split)[2];
        assert_eq!((splits.current, splits.allocated), (0, splits.freed));
        assert_eq!(pool.allocate(1 << 20, &mut bytes), Some(blocks[0]));
        assert_eq!(pool.statistics().tally(Metric::Segments)[0].current, 1);
    }

    #[test]
    fn makes_room_before_it_gives_up() {
        let (mut pool, mut bytes) = (Pool::default(), memory(64 << 20));
        let a = pool.allocate(40 << 20, &mut bytes).unwrap();
        assert_eq!(pool.allocate(40 << 20, &mut bytes), None);
        pool.release(a);
        assert!(pool.allocate(60 << 20, &mut bytes).is_some());
        assert_eq!((pool.statistics().retries, pool.statistics().failures), (2, 1));
    }

    #[test]
    fn holds_no_more_than_it_may() {
        let (mut pool, mut bytes) = (Pool::default(), memory(64 << 20));
        pool.set_limit(Some(30 << 20));
        assert_eq!(pool.allocate(40 << 20, &mut bytes), None);
        let a = pool.allocate(20 << 20, &mut bytes).unwrap();
        assert_eq!(pool.allocate(12 << 20, &mut bytes), None);
        pool.release(a);
        assert!(pool.allocate(12 << 20, &mut bytes).is_some());
        pool.set_limit(None);
        assert!(pool.allocate(40 << 20, &mut bytes).is_some());
        pool.reset_accumulated();
        assert_eq!((pool.statistics().failures, pool.statistics().reserved().allocated), (0, 0));
    }
}
