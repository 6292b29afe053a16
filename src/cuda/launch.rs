//! Kernels ready to run: compiled once for a device, kept in memory and on disk, launched with their parameters.
#![allow(unsafe_code)]

use super::{cache, compile};
use crate::base::error::{Result, runtime};
use crate::base::scalar::Cast;
use crate::base::{DType, Scalar};
use crate::dispatch;
use crate::store::View;
use crate::store::cuda::Gpu;
use crate::store::cuda::driver::Function;
use half::{bf16, f16};
use rustc_hash::FxHashMap;
use std::ffi::c_void;
use std::sync::{Mutex, PoisonError};

/// Kernels by device and text.
static READY: Mutex<Option<FxHashMap<(u8, String), Vec<Function>>>> = Mutex::new(None);

/// The kernels of a text on a device, in the order of their names; compiled unless that was done before.
///
/// # Errors
/// When NVRTC is not on this machine; what the driver refuses.
pub fn functions(gpu: &Gpu, text: &str, names: &[&str]) -> Result<Vec<Function>> {
    let mut ready = READY.lock().unwrap_or_else(PoisonError::into_inner);
    let ready = ready.get_or_insert_default();
    let key = (gpu.index, text.to_owned());
    if let Some(found) = ready.get(&key) {
        return Ok(found.clone());
    }
    let compiler = compile::compiler()?;
    let architecture = compiler.architecture(gpu.properties.capability)?;
    let version = format!("{}.{}", compiler.version.0, compiler.version.1);
    let parts = [text, &architecture, &version];
    let kept = cache::get(&parts).and_then(|code| gpu.load(&code, names).ok());
    let functions = match kept {
        Some(functions) => functions,
        None => {
            let code = compiler.compile(text, &architecture)?;
            cache::put(&parts, &code);
            gpu.load(&code, names)?
        }
    };
    ready.insert(key, functions.clone());
    Ok(functions)
}

/// Threads of a block, where nothing asks for another number.
pub const THREADS: u32 = 256;

/// The blocks for a thread each of so many elements.
///
/// # Errors
/// Torch's, for more than a grid can have.
pub fn blocks(elements: usize) -> Result<u32> {
    u32::try_from(elements.div_ceil(THREADS as usize))
        .map_err(|_| runtime("CUDA error: invalid configuration argument"))
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
    memory: Vec<u128>,
    starts: Vec<usize>,
}

impl Parameters {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds plain bytes: a number, an address, or a struct of such.
    pub fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.starts.push(self.memory.len());
        for chunk in bytes.chunks(16) {
            let mut word = [0u8; 16];
            word[..chunk.len()].copy_from_slice(chunk);
            self.memory.push(u128::from_ne_bytes(word));
        }
        self
    }

    /// Adds an address.
    pub fn address(&mut self, address: u64) -> &mut Self {
        self.bytes(&address.to_ne_bytes())
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
    pub fn word(&mut self, value: u32) -> &mut Self {
        self.bytes(&value.to_ne_bytes())
    }

    /// Adds a 64-bit integer.
    pub fn int(&mut self, value: i64) -> &mut Self {
        self.bytes(&value.to_ne_bytes())
    }

    /// Adds 64-bit integers: an array in a struct.
    pub fn ints(&mut self, values: &[i64]) -> &mut Self {
        let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_ne_bytes()).collect();
        self.bytes(&bytes)
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
        let mut pointers: Vec<*mut c_void> = self.starts.iter().map(|&at| base.wrapping_add(at).cast()).collect();
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
