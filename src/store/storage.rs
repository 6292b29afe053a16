//! A block of memory that views share.
#![allow(unsafe_code)]

use super::cuda::{Gpu, Remote};
use crate::base::Device;
use crate::base::error::{Result, runtime};
use std::alloc::{Layout, alloc, alloc_zeroed, dealloc, handle_alloc_error};
use std::cell::Cell;
use std::ops::Range;
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
    /// The host's bytes: all there are, or a copy of those on a device.
    ptr: Cell<NonNull<u8>>,
    bytes: Cell<usize>,
    version: Cell<u32>,
    inference: Cell<bool>,
    pinned: Cell<bool>,
    remote: Option<Box<Remote>>,
}

impl Storage {
    /// `bytes` of memory, zeroed if asked.
    ///
    /// # Errors
    /// torch's `RuntimeError` when the machine cannot hold them.
    pub fn new(bytes: usize, zeroed: bool) -> Result<Self> {
        let ptr = Cell::new(allocate(bytes, zeroed)?);
        count(bytes as isize);
        Ok(Self {
            ptr,
            bytes: Cell::new(bytes),
            version: Cell::new(0),
            inference: Cell::new(inference()),
            pinned: Cell::new(false),
            remote: None,
        })
    }

    /// `bytes` of a device's memory, zeroed if asked.
    ///
    /// # Errors
    /// torch's `OutOfMemoryError`.
    pub fn on(gpu: &'static Gpu, bytes: usize, zeroed: bool) -> Result<Self> {
        Ok(Self::remote(Remote::new(gpu, bytes, zeroed)?, bytes))
    }

    /// A device's element of zeros, which all share and nobody writes.
    ///
    /// # Errors
    /// torch's `OutOfMemoryError`.
    pub fn zero_on(gpu: &'static Gpu) -> Result<Self> {
        Ok(Self::remote(Remote::zero(gpu)?, Gpu::ZERO))
    }

    fn remote(remote: Remote, bytes: usize) -> Self {
        Self {
            ptr: Cell::new(NonNull::<Aligned>::dangling().cast()),
            bytes: Cell::new(bytes),
            version: Cell::new(0),
            inference: Cell::new(inference()),
            pinned: Cell::new(false),
            remote: Some(Box::new(remote)),
        }
    }

    /// Where the bytes lie.
    #[inline]
    pub fn device(&self) -> Device {
        match &self.remote {
            None => Device::Cpu,
            Some(remote) => remote.gpu().device(),
        }
    }

    /// The device's memory, for a kernel that reads it: what the host has written is sent before. `None` for memory of the host.
    pub fn on_device(&self) -> Option<(&'static Gpu, u64)> {
        let remote = self.remote.as_deref()?;
        remote.send(self.ptr.get());
        Some((remote.gpu(), remote.address()))
    }

    /// As [`Storage::on_device`], for a kernel that writes.
    pub fn on_device_mut(&self) -> Option<(&'static Gpu, u64)> {
        let found = self.on_device()?;
        self.forget_host();
        Some(found)
    }

    /// Sends what the host has written and gives the host's copy of a device's bytes back.
    pub fn forget_host(&self) {
        let Some(remote) = &self.remote else { return };
        remote.send(self.ptr.get());
        remote.forget();
        let room = remote.room();
        if room > 0 {
            free(self.ptr.get(), room);
            remote.set_room(0);
        }
    }

    /// Copies bytes from a place on to the beginning of another storage, on whichever devices they lie.
    ///
    /// # Errors
    /// What the driver refuses.
    pub fn copy_to(&self, from: usize, to: &Storage, bytes: usize) -> Result<()> {
        if bytes == 0 {
            return Ok(());
        }
        // SAFETY: both hold as many bytes, as slices do below; distinct storages do not overlap.
        let host = |storage: &Storage, at: usize| unsafe { storage.ptr.get().as_ptr().add(at) };
        match (&self.remote, &to.remote) {
            (Some(source), Some(target)) => {
                source.send(self.ptr.get());
                to.forget_host();
                source.copy_to(target, from, bytes)
            }
            (Some(source), None) => {
                source.send(self.ptr.get());
                // SAFETY: as above.
                let to = unsafe { std::slice::from_raw_parts_mut(host(to, 0), bytes) };
                source.gpu().download(source.address() + from as u64, to)
            }
            (None, Some(target)) => {
                to.forget_host();
                // SAFETY: as above.
                target.gpu().upload(target.address(), unsafe { std::slice::from_raw_parts(host(self, from), bytes) })
            }
            (None, None) => {
                // SAFETY: as above.
                unsafe { std::ptr::copy_nonoverlapping(host(self, from), host(to, 0), bytes) };
                Ok(())
            }
        }
    }

    /// Size in bytes.
    pub fn bytes(&self) -> usize {
        self.bytes.get()
    }

    /// The address of the first byte, on whatever device it lies.
    pub fn address(&self) -> usize {
        match &self.remote {
            None => self.ptr.get().as_ptr().addr(),
            Some(remote) => remote.address() as usize,
        }
    }

    /// The first byte, for a function of the CPU that looks at a range of bytes, and perhaps writes them.
    #[inline]
    pub(super) fn host(&self, range: impl FnOnce() -> Range<usize>, writes: bool) -> *mut u8 {
        if self.remote.is_some() {
            self.fetch(range(), writes);
        }
        self.ptr.get().as_ptr()
    }

    #[cold]
    fn fetch(&self, range: Range<usize>, writes: bool) {
        let Some(remote) = self.remote.as_ref().filter(|_| !range.is_empty()) else { return };
        if remote.room() < self.bytes() {
            let before = self.ptr.replace(mirror(self.bytes()));
            debug_assert_eq!(remote.room(), 0, "a storage that grows forgets the host's copy ({before:?})");
            remote.set_room(self.bytes());
        }
        remote.fetch(self.ptr.get(), range, writes);
    }

    /// How many in-place writes it has seen.
    pub fn version(&self) -> u32 {
        self.version.get()
    }

    /// Whether it was asked to be pinned: locked for a GPU's copies.
    pub fn is_pinned(&self) -> bool {
        self.pinned.get()
    }

    /// Notes that it is to be pinned.
    pub fn set_pinned(&self) {
        self.pinned.set(true);
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
        if let Some(remote) = &self.remote {
            self.forget_host();
            remote.grow(have, bytes)?;
            self.bytes.set(bytes);
            return Ok(());
        }
        let fresh = allocate(bytes, true)?;
        count(bytes as isize);
        let old = self.ptr.replace(fresh);
        // SAFETY: both blocks hold at least `have` bytes and are distinct allocations.
        unsafe { std::ptr::copy_nonoverlapping(old.as_ptr(), fresh.as_ptr(), have) };
        count(-(have as isize));
        free(old, have);
        self.bytes.set(bytes);
        Ok(())
    }
}

impl Drop for Storage {
    fn drop(&mut self) {
        let bytes = match &self.remote {
            None => {
                count(-(self.bytes.get() as isize));
                self.bytes.get()
            }
            Some(remote) => remote.room(),
        };
        free(self.ptr.get(), bytes);
    }
}

/// Gives back a block of [`allocate`] that has as many bytes.
fn free(block: NonNull<u8>, bytes: usize) {
    if bytes > 0 {
        // SAFETY: the block came from `allocate` with this very layout and is given back once.
        unsafe { dealloc(block.as_ptr(), Layout::from_size_align_unchecked(whole_lines(bytes), ALIGN)) };
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

/// Room for a copy of a device's bytes; pages that are never touched take no memory.
fn mirror(bytes: usize) -> NonNull<u8> {
    let layout = Layout::from_size_align(whole_lines(bytes), ALIGN).unwrap_or(Layout::new::<Aligned>());
    // SAFETY: the layout has a size above zero: empty ranges are never fetched.
    NonNull::new(unsafe { alloc(layout) }).unwrap_or_else(|| handle_alloc_error(layout))
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
