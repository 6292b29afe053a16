//! Strided inputs, brought into a block in row-major order.
#![allow(unsafe_code)]

use crate::store::View;

/// Reads a view's elements in row-major order from any place on.
#[derive(Debug)]
pub struct Gather {
    base: *const u8,
    item: usize,
    /// Sizes and strides from the innermost dimension outwards, even runs joined.
    dims: Vec<(usize, isize)>,
}

// SAFETY: a gather only reads, and the view's storage outlives the run that made it.
unsafe impl Sync for Gather {}

impl Gather {
    /// A reader of `view`.
    pub fn new(view: &View) -> Self {
        let mut dims: Vec<(usize, isize)> = Vec::new();
        for (&n, &s) in view.sizes().iter().zip(view.strides()).rev() {
            let (n, s) = (n as usize, s as isize);
            match dims.last_mut() {
                _ if n == 1 => {}
                // A dimension that goes on where the inner one ends is the same run.
                Some((inner, step)) if s == *step * *inner as isize => *inner *= n,
                _ => dims.push((n, s)),
            }
        }
        Self { base: view.data_ptr(), item: view.dtype().size(), dims }
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
        let (&(run, step), outer) = self.dims.split_first().unwrap_or((&(1, 0), &[]));
        let (mut at, mut done) = (start, 0);
        while done < n {
            let (mut rest, mut offset) = (at / run, (at % run) as isize * step);
            for &(size, stride) in outer {
                offset += (rest % size) as isize * stride;
                rest /= size;
            }
            let count = (run - at % run).min(n - done);
            // SAFETY: the offsets are those of elements below `start + n`; `done + count` stays within `n`.
            unsafe {
                let from = self.base.cast::<T>().offset(offset);
                let to = std::slice::from_raw_parts_mut(dst.add(done), count);
                match step {
                    1 => to.copy_from_slice(std::slice::from_raw_parts(from, count)),
                    0 => to.fill(*from),
                    _ => {
                        for (i, o) in to.iter_mut().enumerate() {
                            *o = *from.offset(i as isize * step);
                        }
                    }
                }
            }
            done += count;
            at += count;
        }
    }
}
