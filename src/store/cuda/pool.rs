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

/// What is in use, now and at most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Bytes of the blocks given out.
    pub allocated: usize,
    /// The most that [`allocated`](Self::allocated) was since the peaks were reset.
    pub most_allocated: usize,
    /// Bytes of the segments.
    pub reserved: usize,
    /// The most that [`reserved`](Self::reserved) was.
    pub most_reserved: usize,
    /// Bytes asked for, before rounding.
    pub requested: usize,
    /// Blocks given out.
    pub blocks: usize,
    /// Segments.
    pub segments: usize,
    /// How often segments were given back to make room.
    pub retries: usize,
    /// How often there was no room.
    pub failures: usize,
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
}

/// Rounded as blocks are.
pub fn rounded(bytes: usize) -> usize {
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
        let (have, s) = (block.bytes, &mut self.statistics);
        s.allocated += have;
        s.requested += bytes;
        s.blocks += 1;
        s.most_allocated = s.most_allocated.max(s.allocated);
        Some(found)
    }

    /// Takes a free block that fits best.
    fn find(&mut self, size: usize, small: bool) -> Option<u64> {
        let free = &mut self.free[usize::from(!small)];
        let found = *free.range((size, 0)..).next()?;
        free.remove(&found);
        Some(found.1)
    }

    fn segment(&mut self, size: usize, small: bool, source: &mut dyn Source) -> Option<u64> {
        let bytes = match size {
            _ if small => SMALL_SEGMENT,
            _ if size < LARGE => LARGE_SEGMENT,
            _ => size.checked_next_multiple_of(ROUND)?,
        };
        let address = source.take(bytes).or_else(|| {
            self.statistics.retries += 1;
            self.trim(source);
            source.take(bytes)
        });
        let Some(address) = address else {
            self.statistics.failures += 1;
            return None;
        };
        let block = Block { bytes, requested: 0, free: true, before: None, behind: None, small };
        self.blocks.insert(address, block);
        let s = &mut self.statistics;
        s.reserved += bytes;
        s.segments += 1;
        s.most_reserved = s.most_reserved.max(s.reserved);
        Some(address)
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
        self.blocks.insert(cut, Block { bytes: rest, requested: 0, free: true, before: Some(address), behind, small });
        if let Some(next) = behind.and_then(|b| self.blocks.get_mut(&b)) {
            next.before = Some(cut);
        }
        self.free[usize::from(!small)].insert((rest, cut));
    }

    /// Takes a block back.
    pub fn release(&mut self, mut address: u64) {
        let Some(mut block) = self.blocks.get(&address).copied().filter(|b| !b.free) else { return };
        self.statistics.allocated -= block.bytes;
        self.statistics.requested -= block.requested;
        self.statistics.blocks -= 1;
        block.free = true;
        if let Some(next) = block.behind
            && let Some(other) = self.blocks.get(&next).copied().filter(|b| b.free)
        {
            self.free[usize::from(!block.small)].remove(&(other.bytes, next));
            self.blocks.remove(&next);
            block.bytes += other.bytes;
            block.behind = other.behind;
        }
        if let Some(previous) = block.before
            && let Some(other) = self.blocks.get(&previous).copied().filter(|b| b.free)
        {
            self.free[usize::from(!block.small)].remove(&(other.bytes, previous));
            self.blocks.remove(&address);
            block = Block { bytes: other.bytes + block.bytes, behind: block.behind, ..other };
            address = previous;
        }
        if let Some(next) = block.behind.and_then(|b| self.blocks.get_mut(&b)) {
            next.before = Some(address);
        }
        self.free[usize::from(!block.small)].insert((block.bytes, address));
        self.blocks.insert(address, block);
    }

    /// Gives segments back that nobody uses.
    pub fn trim(&mut self, source: &mut dyn Source) {
        for free in &mut self.free {
            free.retain(|&(bytes, address)| {
                let whole = self.blocks.get(&address).is_some_and(|b| b.before.is_none() && b.behind.is_none());
                if whole {
                    self.blocks.remove(&address);
                    source.give(address, bytes);
                    self.statistics.reserved -= bytes;
                    self.statistics.segments -= 1;
                }
                !whole
            });
        }
    }

    /// What is in use.
    pub fn statistics(&self) -> Statistics {
        self.statistics
    }

    /// Has the peaks begin anew from what is in use now.
    pub fn reset_peaks(&mut self) {
        self.statistics.most_allocated = self.statistics.allocated;
        self.statistics.most_reserved = self.statistics.reserved;
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
        assert_eq!((pool.statistics().allocated, pool.statistics().reserved), (512, 2 << 20));
        let b = pool.allocate(4 << 20, &mut bytes).unwrap();
        assert_eq!((pool.statistics().allocated, pool.statistics().reserved), (512 + (4 << 20), 22 << 20));
        let c = pool.allocate(33_000_000, &mut bytes).unwrap();
        // A large block is not cut where less than a MiB is left.
        assert_eq!(pool.statistics().allocated, 512 + (4 << 20) + (32 << 20));
        [a, b, c].into_iter().for_each(|x| pool.release(x));
        assert_eq!(pool.statistics().allocated, 0);
        assert_eq!(pool.statistics().reserved, 54 << 20);
        pool.trim(&mut bytes);
        assert_eq!((pool.statistics().reserved, bytes.given.len()), (0, 3));
        assert_eq!(pool.statistics().most_allocated, 512 + (36 << 20));
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
        assert_eq!(pool.allocate(1 << 20, &mut bytes), Some(blocks[0]));
        assert_eq!(pool.statistics().segments, 1);
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
}
