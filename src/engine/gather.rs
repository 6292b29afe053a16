//! Strided inputs, brought into a block in row-major order.
#![allow(unsafe_code)]

use crate::cpu::isa::widest;
use crate::store::View;
use smallvec::SmallVec;

/// Reads a view's elements in row-major order from any place on.
#[derive(Debug)]
pub struct Gather {
    base: *const u8,
    item: usize,
    /// Elements of an even run, and the step between two of them in elements.
    run: (usize, isize),
    /// Sizes and strides of the dimensions about the runs, from the innermost outwards, even ones joined.
    outer: SmallVec<[(usize, isize); 4]>,
}

// SAFETY: a gather only reads, and the view's storage outlives the run that made it.
unsafe impl Sync for Gather {}

impl Gather {
    /// A reader of `view`.
    pub fn new(view: &View) -> Self {
        let mut dims: SmallVec<[(usize, isize); 4]> = SmallVec::new();
        for (&n, &s) in view.sizes().iter().zip(view.strides()).rev() {
            let (n, s) = (n as usize, s as isize);
            match dims.last_mut() {
                _ if n == 1 => {}
                // A dimension that goes on where the inner one ends is the same run.
                Some((inner, step)) if s == *step * *inner as isize => *inner *= n,
                _ => dims.push((n, s)),
            }
        }
        let run = if dims.is_empty() { (1, 0) } else { dims.remove(0) };
        Self { base: view.data_ptr(), item: view.dtype().size(), run, outer: dims }
    }

    /// Elements of an even run, and the step between two of them in elements. Runs start at multiples of their length.
    pub fn run(&self) -> (usize, isize) {
        self.run
    }

    /// Bytes of an element.
    pub fn item(&self) -> usize {
        self.item
    }

    /// Where the element of row-major number `at` lies.
    pub fn address(&self, at: usize) -> *const u8 {
        let (run, step) = self.run;
        let (mut rest, mut offset) = (at / run, (at % run) as isize * step);
        for &(size, stride) in &self.outer {
            if rest == 0 {
                break;
            }
            offset += (rest % size) as isize * stride;
            rest /= size;
        }
        self.base.wrapping_offset(offset * self.item as isize)
    }

    /// Writes the element at `from` `n` times to `dst`.
    ///
    /// # Safety
    /// `from` is an element's address and `dst` has room for `n`.
    pub unsafe fn fill(&self, from: *const u8, n: usize, dst: *mut u8) {
        // SAFETY: handed on, with the element's size.
        unsafe {
            match self.item {
                1 => repeat::<u8>(from, n, dst),
                2 => repeat::<u16>(from, n, dst),
                4 => repeat::<u32>(from, n, dst),
                8 => repeat::<u64>(from, n, dst),
                _ => repeat::<[u64; 2]>(from, n, dst),
            }
        }
    }

    /// Copies `n` elements from row-major number `start` on to `dst`.
    ///
    /// # Safety
    /// `start + n` is at most the view's number of elements and `dst` has room for `n`.
    pub unsafe fn read(&self, start: usize, n: usize, dst: *mut u8) {
        // SAFETY: handed on to the loop for the element's size.
        unsafe {
            match self.item {
                1 => self.typed::<u8>(start, n, dst.cast()),
                2 => self.typed::<u16>(start, n, dst.cast()),
                4 => self.typed::<u32>(start, n, dst.cast()),
                8 => self.typed::<u64>(start, n, dst.cast()),
                _ => self.typed::<[u64; 2]>(start, n, dst.cast()),
            }
        }
    }

    unsafe fn typed<T: Copy>(&self, start: usize, n: usize, dst: *mut T) {
        let (run, step) = self.run;
        let (mut at, mut done) = (start, 0);
        while done < n {
            let count = (run - at % run).min(n - done);
            // SAFETY: the addresses are those of elements below `start + n`; `done + count` stays within `n`.
            unsafe {
                let from = self.address(at).cast::<T>();
                let to = dst.add(done);
                match step {
                    // Short runs are not worth a call.
                    1 if count >= 16 => to.copy_from_nonoverlapping(from, count),
                    0 => std::slice::from_raw_parts_mut(to, count).fill(*from),
                    // Every second one: as pairs they are read a whole register at a time, the last of which may end too early.
                    2 if count >= 16 => {
                        let pairs = std::slice::from_raw_parts(from.cast::<[T; 2]>(), count - 1);
                        let out = std::slice::from_raw_parts_mut(to, count - 1);
                        widest(
                            #[inline(always)]
                            || out.iter_mut().zip(pairs).for_each(|(o, pair)| *o = pair[0]),
                        );
                        to.add(count - 1).write(*from.add(2 * (count - 1)));
                    }
                    _ => (0..count).for_each(|i| to.add(i).write(*from.offset(i as isize * step))),
                }
            }
            done += count;
            at += count;
        }
    }
}

/// # Safety
/// As [`Gather::fill`].
unsafe fn repeat<T: Copy>(from: *const u8, n: usize, dst: *mut u8) {
    // SAFETY: the caller's.
    unsafe { std::slice::from_raw_parts_mut(dst.cast::<T>(), n).fill(*from.cast()) }
}
