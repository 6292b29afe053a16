//! A block of memory that views share.
#![allow(unsafe_code)]

use crate::base::error::{Result, runtime};
use std::alloc::{Layout, alloc, alloc_zeroed, dealloc};
use std::cell::Cell;
use std::ptr::NonNull;

/// Alignment of every block: one cache line, and the widest vector load.
pub const ALIGN: usize = 64;

/// Requests below this are never checked against the machine's memory.
pub const CHECKED: usize = 1 << 28;

thread_local! {
    /// Bytes of this thread's storages, now and at most so far.
    static LIVE: Cell<(usize, usize)> = const { Cell::new((0, 0)) };
    /// Whether storages are made that count no writes.
    static INFERENCE: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread makes storages that count no writes, as `torch.inference_mode` has it.
#[inline]
pub fn inference() -> bool {
    INFERENCE.get()
}

/// Has this thread make storages that count no writes, or no longer.
pub fn set_inference(on: bool) {
    INFERENCE.set(on);
}

/// The bytes that this thread's storages hold now, and the most they held at once.
pub fn live() -> (usize, usize) {
    LIVE.get()
}

/// Bytes that several views may look at. One thread owns it; workers get slices for the length of a call.
#[derive(Debug)]
pub struct Storage {
    ptr: Cell<NonNull<u8>>,
    bytes: Cell<usize>,
    version: Cell<u32>,
    inference: Cell<bool>,
}

impl Storage {
    /// `bytes` of memory, zeroed if asked.
    ///
    /// # Errors
    /// torch's `RuntimeError` when the machine cannot hold them.
    pub fn new(bytes: usize, zeroed: bool) -> Result<Self> {
        let ptr = Cell::new(allocate(bytes, zeroed)?);
        count(bytes as isize);
        Ok(Self { ptr, bytes: Cell::new(bytes), version: Cell::new(0), inference: Cell::new(inference()) })
    }

    /// Size in bytes.
    pub fn bytes(&self) -> usize {
        self.bytes.get()
    }

    /// The first byte.
    pub fn ptr(&self) -> *mut u8 {
        self.ptr.get().as_ptr()
    }

    /// How many in-place writes it has seen.
    pub fn version(&self) -> u32 {
        self.version.get()
    }

    /// Whether it was made in inference mode and counts no writes.
    pub fn is_inference(&self) -> bool {
        self.inference.get()
    }

    /// Begins anew as another tensor's memory.
    pub fn renew(&self) {
        self.version.set(0);
        self.inference.set(inference());
    }

    /// Counts an in-place write.
    pub fn bump(&self) {
        self.version.set(self.version.get().wrapping_add(1));
    }

    /// Sets the count: some writes do not count.
    pub fn set_version(&self, version: u32) {
        self.version.set(version);
    }

    /// Grows to hold `bytes`, keeping the contents; never shrinks (as `resize_`).
    ///
    /// # Errors
    /// As [`Storage::new`].
    pub fn grow(&self, bytes: usize) -> Result<()> {
        let have = self.bytes.get();
        if bytes <= have {
            return Ok(());
        }
        let fresh = allocate(bytes, true)?;
        count(bytes as isize);
        // SAFETY: both blocks hold at least `have` bytes and are distinct allocations.
        unsafe { std::ptr::copy_nonoverlapping(self.ptr(), fresh.as_ptr(), have) };
        self.free();
        self.ptr.set(fresh);
        self.bytes.set(bytes);
        Ok(())
    }

    fn free(&self) {
        let bytes = self.bytes.get();
        count(-(bytes as isize));
        if bytes > 0 {
            // SAFETY: the block came from `allocate` with this very layout and is given back once.
            unsafe { dealloc(self.ptr(), Layout::from_size_align_unchecked(whole_lines(bytes), ALIGN)) };
        }
    }
}

impl Drop for Storage {
    fn drop(&mut self) {
        self.free();
    }
}

/// Counts bytes that a storage takes, or gives back.
#[inline]
fn count(bytes: isize) {
    let (live, most) = LIVE.get();
    let live = live.wrapping_add_signed(bytes);
    LIVE.set((live, most.max(live)));
}

#[inline]
fn allocate(bytes: usize, zeroed: bool) -> Result<NonNull<u8>> {
    if bytes == 0 {
        // An address that is aligned and never read.
        return Ok(NonNull::<Aligned>::dangling().cast());
    }
    let layout = Layout::from_size_align(whole_lines(bytes), ALIGN)
        .ok()
        .filter(|_| bytes < CHECKED || bytes <= physical_memory());
    let ptr = layout.and_then(|layout| {
        // SAFETY: the layout has a size above zero.
        NonNull::new(unsafe { if zeroed { alloc_zeroed(layout) } else { alloc(layout) } })
    });
    ptr.ok_or_else(|| {
        runtime(format!(
            "[enforce fail at alloc_cpu.cpp:127] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to \
             allocate {bytes} bytes. Error code 12 (Cannot allocate memory)"
        ))
        .help(format!("this machine has {:.1} GiB of memory", physical_memory() as f64 / f64::from(1 << 30)))
    })
}

/// Rounded up to whole cache lines: for such sizes the allocator has aligned blocks at hand.
fn whole_lines(bytes: usize) -> usize {
    bytes.checked_next_multiple_of(ALIGN).unwrap_or(bytes)
}

#[repr(align(64))]
struct Aligned;

/// Bytes of memory in the machine.
fn physical_memory() -> usize {
    // SAFETY: sysconf only reads.
    let (pages, size) = unsafe { (libc::sysconf(libc::_SC_PHYS_PAGES), libc::sysconf(libc::_SC_PAGESIZE)) };
    if pages <= 0 || size <= 0 { usize::MAX } else { pages as usize * size as usize }
}
