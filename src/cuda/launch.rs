//! Kernels ready to run: compiled once for a device, kept in memory and on disk, launched with their parameters.
#![allow(unsafe_code)]

use super::key::Key;
use super::sources::Text;
use super::{cache, compile};
use crate::base::error::{Result, runtime};
use crate::base::scalar::Cast;
use crate::base::{DType, Scalar};
use crate::dispatch;
use crate::store::View;
use crate::store::cuda::Gpu;
use crate::store::cuda::driver::{self, Function};
use half::{bf16, f16};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;
use std::cell::RefCell;
use std::ffi::c_void;
use std::rc::Rc;
use std::sync::{Mutex, PoisonError};

/// Kernels by device and what their text is made of.
type Ready = FxHashMap<(u8, String), Vec<Function>>;

static READY: Mutex<Option<Ready>> = Mutex::new(None);

/// The kernels of a text on a device, in the order of their names; compiled unless that was done before.
///
/// # Errors
/// When NVRTC is not on this machine; what the driver refuses.
pub fn functions(gpu: &Gpu, text: &Text<'_>, names: &[&str]) -> Result<Vec<Function>> {
    let key = (gpu.index, text.key());
    let ready = || READY.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(found) = ready().as_ref().and_then(|all| all.get(&key)) {
        return Ok(found.clone());
    }
    // Others may launch meanwhile.
    let functions = compiled(gpu, &text.whole(), names)?;
    ready().get_or_insert_default().insert(key, functions.clone());
    Ok(functions)
}

/// Kernels remembered by a short key; beyond that all are forgotten.
const REMEMBERED: usize = 4096;

/// Kernels by device, whose they are, and a short key.
type Short = FxHashMap<(u8, &'static str, Key), Rc<[Function]>>;

thread_local! {
    static SHORT: RefCell<Short> = RefCell::default();
}

/// Kernels by a key that says all that their text depends on; the text is made when they are first asked for.
///
/// # Errors
/// What `make` says.
pub fn by_key(
    gpu: &Gpu,
    whose: &'static str,
    key: Key,
    make: impl FnOnce() -> Result<Vec<Function>>,
) -> Result<Rc<[Function]>> {
    let key = (gpu.index, whose, key);
    if let Some(found) = SHORT.with_borrow(|all| all.get(&key).cloned()) {
        return Ok(found);
    }
    let functions: Rc<[Function]> = make()?.into();
    SHORT.with_borrow_mut(|all| {
        if all.len() >= REMEMBERED {
            all.clear();
        }
        all.insert(key, functions.clone());
    });
    Ok(functions)
}

#[cold]
fn compiled(gpu: &Gpu, text: &str, names: &[&str]) -> Result<Vec<Function>> {
    let compiler = compile::compiler()?;
    let architecture = compiler.architecture(gpu.properties.capability)?;
    let version = format!("{}.{}", compiler.version.0, compiler.version.1);
    let parts = [text, &architecture, &version];
    if let Some(functions) = cache::get(&parts).and_then(|code| gpu.load(&code, names).ok()) {
        return Ok(functions);
    }
    let code = compiler.compile(text, &architecture)?;
    cache::put(&parts, &code);
    gpu.load(&code, names).map_err(|e| match driver::version() {
        Ok(driver) if driver / 1000 < compiler.version.0 => e.help(format!(
            "the driver is for CUDA {}.{}, NVRTC is of {version}: update the driver, or install an NVRTC of the driver's version",
            driver / 1000,
            driver % 1000 / 10
        )),
        _ => e,
    })
}

/// Threads of a block, where nothing asks for another number.
pub const THREADS: u32 = 256;

/// The blocks for a thread each of so many elements.
///
/// # Errors
/// Torch's, for more than a grid can have.
pub fn blocks(elements: usize) -> Result<u32> {
    blocks_of(elements, THREADS as usize)
}

/// The blocks for so many elements where each block takes `each` of them.
///
/// # Errors
/// As [`blocks`].
pub fn blocks_of(elements: usize, each: usize) -> Result<u32> {
    grid(elements.div_ceil(each))
}

/// The address of a view that a kernel reads.
///
/// # Errors
/// When it is not on a device.
pub fn read(view: &View) -> Result<u64> {
    view.on_device().map(|(_, address)| address).ok_or_else(|| runtime("internal: an operand of the host's"))
}

/// The address of a view that a kernel writes.
///
/// # Errors
/// When it is not on a device.
pub fn written(view: &View) -> Result<u64> {
    view.on_device_mut().map(|(_, address)| address).ok_or_else(|| runtime("internal: an output of the host's"))
}

/// A kernel's parameters, in order.
#[derive(Debug, Default)]
pub struct Parameters {
    /// Every value begins on a boundary of 16 bytes.
    memory: SmallVec<[u128; 40]>,
    starts: SmallVec<[u16; 24]>,
}

impl Parameters {
    /// None yet.
    #[inline]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds plain bytes: a number, an address, or a struct of such.
    pub fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.starts.push(self.memory.len() as u16);
        for chunk in bytes.chunks(16) {
            let mut word = [0u8; 16];
            word[..chunk.len()].copy_from_slice(chunk);
            self.memory.push(u128::from_ne_bytes(word));
        }
        self
    }

    /// Adds a number of few bytes.
    #[inline]
    fn few<const N: usize>(&mut self, bytes: [u8; N]) -> &mut Self {
        let mut word = [0u8; 16];
        word[..N].copy_from_slice(&bytes);
        self.starts.push(self.memory.len() as u16);
        self.memory.push(u128::from_ne_bytes(word));
        self
    }

    /// Adds an address.
    #[inline]
    pub fn address(&mut self, address: u64) -> &mut Self {
        self.few(address.to_ne_bytes())
    }

    /// Adds the address of a view's first element, for a kernel that reads.
    ///
    /// # Errors
    /// When the view is the host's.
    pub fn reads(&mut self, view: &View) -> Result<&mut Self> {
        let Some((_, address)) = view.on_device() else { return Err(runtime("internal: an operand of the host's")) };
        Ok(self.address(address))
    }

    /// Adds the address of a view's first element, for a kernel that writes.
    ///
    /// # Errors
    /// When the view is the host's.
    pub fn writes(&mut self, view: &View) -> Result<&mut Self> {
        let Some((_, address)) = view.on_device_mut() else { return Err(runtime("internal: an output of the host's")) };
        Ok(self.address(address))
    }

    /// As [`reads`](Self::reads); no address where there is no view.
    ///
    /// # Errors
    /// When the view is the host's.
    pub fn reads_if(&mut self, view: Option<&View>) -> Result<&mut Self> {
        match view {
            Some(view) => self.reads(view),
            None => Ok(self.address(0)),
        }
    }

    /// As [`writes`](Self::writes); no address where there is no view.
    ///
    /// # Errors
    /// When the view is the host's.
    pub fn writes_if(&mut self, view: Option<&View>) -> Result<&mut Self> {
        match view {
            Some(view) => self.writes(view),
            None => Ok(self.address(0)),
        }
    }

    /// Adds a 32-bit integer, or a flag.
    #[inline]
    pub fn word(&mut self, value: u32) -> &mut Self {
        self.few(value.to_ne_bytes())
    }

    /// Adds a 64-bit integer.
    #[inline]
    pub fn int(&mut self, value: i64) -> &mut Self {
        self.few(value.to_ne_bytes())
    }

    /// Adds 64-bit integers: an array in a struct.
    pub fn ints(&mut self, values: &[i64]) -> &mut Self {
        self.starts.push(self.memory.len() as u16);
        for pair in values.chunks(2) {
            let half = |i: usize| u128::from(pair.get(i).map_or(0, |v| *v as u64));
            // In the order of memory, as `bytes` has them.
            self.memory.push(if cfg!(target_endian = "little") {
                half(0) | half(1) << 64
            } else {
                half(1) | half(0) << 64
            });
        }
        self
    }

    /// Adds a number as a register holds it in a dtype.
    pub fn number(&mut self, value: Scalar, dtype: DType) -> &mut Self {
        match dtype {
            DType::F16 => self.bytes(&f16::from_scalar(value).to_f32().to_ne_bytes()),
            DType::BF16 => self.bytes(&bf16::from_scalar(value).to_f32().to_ne_bytes()),
            _ => dispatch!(dtype, all T => {
                let element = [T::from_scalar(value)];
                // SAFETY: an element's bytes, of which none is padding.
                self.bytes(unsafe { std::slice::from_raw_parts(element.as_ptr().cast::<u8>(), size_of::<T>()) })
            }),
        }
    }

    /// Launches a kernel with these parameters: a grid of `blocks` blocks of `threads` threads.
    ///
    /// # Safety
    /// The parameters are those that the kernel declares, and its memory is large enough for what it does.
    ///
    /// # Errors
    /// What the driver refuses.
    pub unsafe fn launch(&mut self, gpu: &Gpu, function: Function, blocks: (u32, u32), threads: u32) -> Result<()> {
        let base: *mut u128 = self.memory.as_mut_ptr();
        let mut pointers: SmallVec<[*mut c_void; 24]> =
            self.starts.iter().map(|&at| base.wrapping_add(usize::from(at)).cast()).collect();
        // SAFETY: the caller's.
        unsafe { gpu.launch(function, (blocks.0, blocks.1, 1), (threads, 1, 1), 0, &mut pointers) }
    }
}

/// A number of blocks or parts as a launch takes it.
///
/// # Errors
/// The driver's words for more than it takes.
pub fn grid(count: usize) -> Result<u32> {
    u32::try_from(count)
        .ok()
        .filter(|n| i32::try_from(*n).is_ok())
        .ok_or_else(|| runtime("CUDA error: invalid configuration argument"))
}
