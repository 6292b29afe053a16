//! The NVIDIA driver: devices, their memory, copies, launches and events, all on each device's one stream.
//!
//! The driver's library is looked for when a device is first asked for, and never before.
#![allow(unsafe_code)]

pub use super::event::Event;
use super::ledger::{self, Direction, Transfer};
use super::pool::{Pool, Source, Statistics};
use super::staging::{self, Staging};
use crate::base::error::{Error, ErrorKind, Result, runtime};
use cudarc::driver::result::{self, DriverError};
use cudarc::driver::sys;
use std::cell::Cell;
use std::ffi::c_void;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Instant;

/// One GPU. There is one of each in a process, made when it is first used.
#[derive(Debug)]
pub struct Gpu {
    /// Its number.
    pub index: u8,
    /// What the driver says of it.
    pub properties: Properties,
    context: Context,
    pool: Mutex<Pool>,
    staging: Mutex<Option<Staging>>,
    zero: OnceLock<u64>,
}

/// What the driver says of a device.
#[derive(Clone, Debug)]
pub struct Properties {
    /// `NVIDIA H100 80GB HBM3`.
    pub name: String,
    /// Compute capability: major and minor.
    pub capability: (i32, i32),
    /// Bytes of its memory.
    pub memory: usize,
    /// Multiprocessors.
    pub multiprocessors: i32,
    /// Threads that a multiprocessor holds at once.
    pub threads: i32,
    /// Bytes of the second-level cache.
    pub l2: i32,
    /// Threads of a warp.
    pub warp: i32,
    /// Bytes of shared memory that a block has without asking.
    pub shared: i32,
    /// Registers of a multiprocessor.
    pub registers: i32,
    /// The device's identity, 16 bytes.
    pub uuid: [u8; 16],
    /// Threads that a block may have.
    pub block_threads: i32,
    /// Its bus, device and domain numbers.
    pub pci: (i32, i32, i32),
    /// Whether it is part of the processor.
    pub integrated: bool,
    /// Whether several devices sit on one board.
    pub multi_board: bool,
}

#[derive(Debug)]
struct Context(sys::CUcontext);

// SAFETY: a context may be made current in any thread.
unsafe impl Send for Context {}
// SAFETY: as above; the driver guards its own state.
unsafe impl Sync for Context {}

thread_local! {
    /// The device that `cuda` means.
    static CURRENT: Cell<u8> = const { Cell::new(0) };
    /// The device whose context this thread has.
    static ENTERED: Cell<Option<u8>> = const { Cell::new(None) };
}

/// The driver's devices, once it is loaded.
static DEVICES: OnceLock<Result<Vec<OnceLock<Result<Gpu>>>>> = OnceLock::new();

/// Whether any device was made ready.
static STARTED: AtomicBool = AtomicBool::new(false);

/// Whether any device is in use: where not, no tensor can be on one.
#[inline]
pub fn is_started() -> bool {
    STARTED.load(Ordering::Relaxed)
}

fn devices() -> Result<&'static [OnceLock<Result<Gpu>>]> {
    let found = DEVICES.get_or_init(|| {
        // SAFETY: it looks whether the library can be loaded.
        if !unsafe { sys::is_culib_present() } {
            return Err(runtime(
                "Found no NVIDIA driver on your system. Please check that you have an NVIDIA GPU and installed a driver from \
                 http://www.nvidia.com/Download/index.aspx",
            )
            .help("torch.cuda.is_available() tells whether a GPU can be used; without one leave the tensor on the CPU"));
        }
        match result::init() {
            Ok(()) => {}
            Err(DriverError(sys::CUresult::CUDA_ERROR_NO_DEVICE)) => return Err(runtime("No CUDA GPUs are available")),
            Err(e) => return Err(failure(e)),
        }
        let count = result::device::get_count().map_err(failure)?;
        if count == 0 {
            return Err(runtime("No CUDA GPUs are available"));
        }
        Ok((0..count).map(|_| OnceLock::new()).collect())
    });
    found.as_ref().map(Vec::as_slice).map_err(Clone::clone)
}

/// How many devices there are; 0 without a driver.
pub fn count() -> usize {
    devices().map_or(0, <[_]>::len)
}

/// The version of CUDA that the driver is made for: 13000 for 13.0.
///
/// # Errors
/// When there is no driver.
pub fn version() -> Result<i32> {
    devices()?;
    let mut version = 0;
    // SAFETY: the library is there, and the number is written to.
    unsafe { sys::cuDriverGetVersion(&raw mut version) }.result().map_err(failure)?;
    Ok(version)
}

/// The number of the device that `cuda` means.
pub fn current() -> u8 {
    CURRENT.get()
}

/// Has `cuda` mean another device.
///
/// # Errors
/// torch's for a device that is not there.
pub fn set_current(index: u8) -> Result<()> {
    gpu(Some(index))?;
    CURRENT.set(index);
    Ok(())
}

/// A device, the current one where none is named; makes it ready when it is first used.
///
/// # Errors
/// torch's words for no driver, no device, or a device that is not there.
pub fn gpu(index: Option<u8>) -> Result<&'static Gpu> {
    let index = index.unwrap_or_else(current);
    let all = devices()?;
    let Some(slot) = all.get(usize::from(index)) else {
        return Err(Error::new(ErrorKind::AcceleratorError, "CUDA error: invalid device ordinal").help(format!(
            "there {}: the highest index is {}",
            if all.len() == 1 { "is one GPU".to_owned() } else { format!("are {} GPUs", all.len()) },
            all.len() - 1
        )));
    };
    let gpu = slot.get_or_init(|| Gpu::open(index)).as_ref().map_err(Clone::clone)?;
    gpu.enter()?;
    Ok(gpu)
}

/// torch's words for what the driver refuses.
#[cold]
pub fn failure(error: DriverError) -> Error {
    let text = |s: Result<&std::ffi::CStr, DriverError>| {
        s.map_or_else(|_| "unknown error".into(), |s| s.to_string_lossy().into_owned())
    };
    let what = text(error.error_string());
    let hint = match error.0 {
        sys::CUresult::CUDA_ERROR_ILLEGAL_ADDRESS
        | sys::CUresult::CUDA_ERROR_LAUNCH_FAILED
        | sys::CUresult::CUDA_ERROR_ASSERT
        | sys::CUresult::CUDA_ERROR_MISALIGNED_ADDRESS => {
            "the device does nothing more in this process: start tensh anew"
        }
        _ => return Error::new(ErrorKind::AcceleratorError, format!("CUDA error: {what}")),
    };
    Error::new(ErrorKind::AcceleratorError, format!("CUDA error: {what}")).help(hint)
}

impl Gpu {
    fn open(index: u8) -> Result<Gpu> {
        use sys::CUdevice_attribute as A;
        let device = result::device::get(i32::from(index)).map_err(failure)?;
        // SAFETY: the device is the driver's.
        let ask = |what| unsafe { result::device::get_attribute(device, what) }.map_err(failure);
        let properties = Properties {
            name: result::device::get_name(device).map_err(failure)?,
            capability: (
                ask(A::CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR)?,
                ask(A::CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR)?,
            ),
            // SAFETY: the device is the driver's.
            memory: unsafe { result::device::total_mem(device) }.map_err(failure)?,
            multiprocessors: ask(A::CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT)?,
            threads: ask(A::CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR)?,
            l2: ask(A::CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE)?,
            warp: ask(A::CU_DEVICE_ATTRIBUTE_WARP_SIZE)?,
            shared: ask(A::CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK)?,
            registers: ask(A::CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_MULTIPROCESSOR)?,
            uuid: result::device::get_uuid(device).map_err(failure)?.bytes.map(|b| b as u8),
            block_threads: ask(A::CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK)?,
            pci: (
                ask(A::CU_DEVICE_ATTRIBUTE_PCI_BUS_ID)?,
                ask(A::CU_DEVICE_ATTRIBUTE_PCI_DEVICE_ID)?,
                ask(A::CU_DEVICE_ATTRIBUTE_PCI_DOMAIN_ID)?,
            ),
            integrated: ask(A::CU_DEVICE_ATTRIBUTE_INTEGRATED)? != 0,
            multi_board: ask(A::CU_DEVICE_ATTRIBUTE_MULTI_GPU_BOARD)? != 0,
        };
        // SAFETY: the device is the driver's; the context is kept as long as the process lives.
        let context = Context(unsafe { result::primary_ctx::retain(device) }.map_err(failure)?);
        STARTED.store(true, Ordering::Relaxed);
        Ok(Gpu { index, properties, context, pool: Mutex::default(), staging: Mutex::default(), zero: OnceLock::new() })
    }

    /// Makes its context this thread's.
    #[inline]
    pub fn enter(&self) -> Result<()> {
        if ENTERED.get() != Some(self.index) {
            // SAFETY: the context lives as long as the process.
            unsafe { result::ctx::set_current(self.context.0) }.map_err(failure)?;
            ENTERED.set(Some(self.index));
        }
        Ok(())
    }

    /// The device's name among devices.
    pub fn device(&self) -> crate::base::Device {
        crate::base::Device::Cuda(Some(self.index))
    }

    fn pool(&self) -> std::sync::MutexGuard<'_, Pool> {
        self.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Memory of the device.
    ///
    /// # Errors
    /// torch's `OutOfMemoryError`.
    pub fn allocate(&'static self, bytes: usize) -> Result<Block> {
        if bytes == 0 {
            return Ok(Block { gpu: self, address: 0 });
        }
        self.enter()?;
        let address = self.pool().allocate(bytes, &mut Driver);
        match address {
            Some(address) => Ok(Block { gpu: self, address }),
            None => Err(self.out_of_memory(bytes)),
        }
    }

    /// Bytes of the largest element.
    pub const ZERO: usize = 16;

    /// An element of zeros of whatever dtype, which all ask for share: it is never written, and none of the allocator's numbers
    /// count it.
    ///
    /// # Errors
    /// torch's `OutOfMemoryError`.
    pub fn zero(&'static self) -> Result<Block> {
        self.enter()?;
        let address = match self.zero.get() {
            Some(address) => *address,
            None => {
                let fresh = Driver.take(Self::ZERO).ok_or_else(|| self.out_of_memory(Self::ZERO))?;
                self.fill(fresh, 0, Self::ZERO)?;
                *self.zero.get_or_init(|| fresh)
            }
        };
        Ok(Block { gpu: self, address })
    }

    #[cold]
    fn out_of_memory(&self, bytes: usize) -> Error {
        let (free, total) = self.memory().unwrap_or((0, self.properties.memory));
        let s = self.statistics();
        let allowed = self.memory_limit().map_or(String::new(), |limit| format!("{} allowed; ", size(limit)));
        Error::new(
            ErrorKind::OutOfMemoryError,
            format!(
                "CUDA out of memory. Tried to allocate {}. GPU {} has a total capacity of {} of which {} is free. {allowed}Of the \
                 allocated memory {} is allocated by PyTorch, and {} is reserved by PyTorch but unallocated. If reserved but unallocated \
                 memory is large try setting PYTORCH_ALLOC_CONF=expandable_segments:True to avoid fragmentation.  See documentation \
                 for Memory Management  (https://pytorch.org/docs/stable/notes/cuda.html#environment-variables)",
                size(bytes),
                self.index,
                size(total),
                size(free),
                size(s.allocated().current),
                size(s.reserved().current - s.allocated().current),
            ),
        )
    }

    /// Bytes of device memory that are free, and all of them.
    ///
    /// # Errors
    /// What the driver refuses.
    pub fn memory(&self) -> Result<(usize, usize)> {
        self.enter()?;
        result::mem_get_info().map_err(failure)
    }

    /// What the allocator has given out.
    pub fn statistics(&self) -> Statistics {
        self.pool().statistics()
    }

    /// Has the peaks of [`statistics`](Self::statistics) begin anew.
    pub fn reset_peaks(&self) {
        self.pool().reset_peaks();
    }

    /// Has what was allocated and freed so far count no more.
    pub fn reset_accumulated(&self) {
        self.pool().reset_accumulated();
    }

    /// Bytes that the allocator may hold at most; none is no bound.
    pub fn limit_memory(&self, bytes: Option<usize>) {
        self.pool().set_limit(bytes);
    }

    /// Bytes that the allocator may hold at most.
    pub fn memory_limit(&self) -> Option<usize> {
        self.pool().limit()
    }

    /// Gives back to the driver what nobody uses.
    ///
    /// # Errors
    /// What the driver refuses.
    pub fn empty_cache(&self) -> Result<()> {
        self.synchronize()?;
        self.pool().trim(&mut Driver);
        Ok(())
    }

    /// Waits until everything that was launched is done.
    ///
    /// # Errors
    /// What went wrong on the device.
    pub fn synchronize(&self) -> Result<()> {
        self.enter()?;
        result::ctx::synchronize().map_err(failure)
    }

    /// Copies from the host; the bytes may be written over at once.
    ///
    /// # Errors
    /// What the driver refuses.
    pub fn upload(&self, to: u64, from: &[u8]) -> Result<()> {
        self.enter()?;
        let began = Instant::now();
        if from.len() < staging::LEAST {
            // SAFETY: the caller's address has room; a synchronous copy is done with `from` when it returns.
            unsafe { result::memcpy_htod_sync(to, from) }.map_err(failure)?;
        } else {
            self.staged(|staging| staging.upload(to, from))?;
        }
        ledger::note(Transfer { direction: Direction::Up, bytes: from.len(), time: began.elapsed(), address: to });
        Ok(())
    }

    /// Copies to the host, behind everything that was launched.
    ///
    /// # Errors
    /// What the driver refuses, or what went wrong on the device before.
    pub fn download(&self, from: u64, to: &mut [u8]) -> Result<()> {
        self.enter()?;
        let began = Instant::now();
        if to.len() < staging::LEAST {
            // SAFETY: as in `upload`.
            unsafe { result::memcpy_dtoh_sync(to, from) }.map_err(failure)?;
        } else {
            self.staged(|staging| staging.download(from, to))?;
        }
        ledger::note(Transfer { direction: Direction::Down, bytes: to.len(), time: began.elapsed(), address: from });
        Ok(())
    }

    /// Works with the pinned buffers, which are made when they are first needed.
    fn staged(&self, work: impl FnOnce(&mut Staging) -> Result<()>) -> Result<()> {
        let mut staging = self.staging.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *staging {
            Some(staging) => work(staging),
            none => work(none.insert(Staging::new()?)),
        }
    }

    /// A number that a kernel wrote and the host looks at: no transfer of the user's data, and not counted as one.
    ///
    /// # Errors
    /// As [`download`](Self::download).
    pub fn read_flag(&self, from: u64) -> Result<u32> {
        let mut flag = [0; 4];
        self.peek(from, &mut flag)?;
        Ok(u32::from_ne_bytes(flag))
    }

    /// A few bytes that the host looks at, as [`read_flag`](Self::read_flag) does.
    ///
    /// # Errors
    /// As [`download`](Self::download).
    pub fn peek(&self, from: u64, to: &mut [u8]) -> Result<()> {
        self.enter()?;
        // SAFETY: as in `upload`.
        unsafe { result::memcpy_dtoh_sync(to, from) }.map_err(failure)
    }

    /// As [`read_flag`](Self::read_flag), of 64 bits.
    ///
    /// # Errors
    /// As [`download`](Self::download).
    pub fn read_number(&self, from: u64) -> Result<u64> {
        let mut number = [0; 8];
        self.peek(from, &mut number)?;
        Ok(u64::from_ne_bytes(number))
    }

    /// Copies within the device.
    ///
    /// # Errors
    /// What the driver refuses.
    pub fn copy(&self, to: u64, from: u64, bytes: usize) -> Result<()> {
        self.enter()?;
        // SAFETY: both blocks are held by the caller, and used in the order of the stream.
        unsafe { result::memcpy_dtod_async(to, from, bytes, STREAM) }.map_err(failure)
    }

    /// Sets bytes.
    ///
    /// # Errors
    /// What the driver refuses.
    pub fn fill(&self, to: u64, byte: u8, bytes: usize) -> Result<()> {
        self.enter()?;
        // SAFETY: the block is held by the caller.
        unsafe { result::memset_d8_async(to, byte, bytes, STREAM) }.map_err(failure)
    }
}

/// Copies from one device's memory to another's.
///
/// # Errors
/// What the driver refuses.
pub fn copy_across(to: (&Gpu, u64), from: (&Gpu, u64), bytes: usize) -> Result<()> {
    let began = Instant::now();
    from.0.synchronize()?;
    to.0.enter()?;
    // SAFETY: both blocks are held by the caller, and both devices are waited for.
    unsafe { result::memcpy_peer_async(to.0.context.0, to.1, from.0.context.0, from.1, bytes, STREAM) }
        .map_err(failure)?;
    to.0.synchronize()?;
    ledger::note(Transfer { direction: Direction::Across, bytes, time: began.elapsed(), address: to.1 });
    Ok(())
}

/// The stream that all work of a device goes to, in order: the driver's own.
pub const STREAM: sys::CUstream = null_mut();

/// A piece of device memory; goes back to the allocator when it is dropped, if it came from there.
#[derive(Debug)]
pub struct Block {
    /// Where it lies.
    pub gpu: &'static Gpu,
    /// Its first byte; 0 for no bytes.
    pub address: u64,
}

impl Drop for Block {
    fn drop(&mut self) {
        if self.address != 0 {
            self.gpu.pool().release(self.address);
        }
    }
}

/// Segments from the driver, in the context that is current.
struct Driver;

impl Source for Driver {
    fn take(&mut self, bytes: usize) -> Option<u64> {
        // SAFETY: the memory is written before it is read.
        unsafe { result::malloc_sync(bytes) }.ok()
    }

    fn give(&mut self, address: u64, _: usize) {
        // SAFETY: the segment came from `take` and nobody uses it; freeing waits for what still runs.
        let _ = unsafe { result::free_sync(address) };
    }
}

/// A compiled module on a device, loaded as long as the process lives.
#[derive(Clone, Copy, Debug)]
pub struct Function(sys::CUfunction);

// SAFETY: functions belong to a context and may be launched from any thread that has entered it.
unsafe impl Send for Function {}
// SAFETY: as above.
unsafe impl Sync for Function {}

impl Gpu {
    /// Loads compiled code and finds kernels in it.
    ///
    /// # Errors
    /// What the driver refuses: code of another version, a kernel that is not there.
    pub fn load(&self, image: &[u8], names: &[&str]) -> Result<Vec<Function>> {
        self.enter()?;
        // The driver finds the end of a text image by its zero.
        let mut image = image.to_vec();
        image.push(0);
        // SAFETY: the image outlives the call; the module is never unloaded, so its functions stay.
        let module = unsafe { result::module::load_data(image.as_ptr().cast()) }.map_err(failure)?;
        names
            .iter()
            .map(|name| {
                let name = std::ffi::CString::new(*name).map_err(|_| runtime("internal: a kernel's name"))?;
                // SAFETY: the module was just loaded.
                unsafe { result::module::get_function(module, name) }.map(Function).map_err(failure)
            })
            .collect()
    }

    /// Launches a kernel of `blocks` blocks of `threads` threads, behind everything launched before. Each parameter is given by its
    /// address.
    ///
    /// # Safety
    /// The parameters are those of the kernel, and the memory they point to is large enough for what it does.
    ///
    /// # Errors
    /// What the driver refuses.
    pub unsafe fn launch(
        &self,
        function: Function,
        blocks: (u32, u32, u32),
        threads: (u32, u32, u32),
        shared: u32,
        parameters: &mut [*mut c_void],
    ) -> Result<()> {
        self.enter()?;
        // SAFETY: the caller's.
        unsafe { result::launch_kernel(function.0, blocks, threads, shared, STREAM, parameters) }.map_err(failure)
    }
}

/// Bytes as PyTorch's messages about memory show them.
pub fn size(bytes: usize) -> String {
    const UNITS: [(usize, &str); 3] = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    match UNITS.iter().find(|(unit, _)| bytes > *unit) {
        Some((unit, name)) => format!("{:.2} {name}", bytes as f64 / *unit as f64),
        None => format!("{bytes} bytes"),
    }
}
