//! Where a tensor lives.

use super::error::{Error, Result, runtime};
use std::cell::Cell;
use std::fmt;

/// A device, as `torch.device` names it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Device {
    /// The host.
    #[default]
    Cpu,
    /// The host, with the index that a script wrote: tensors are on [`Device::Cpu`] all the same.
    CpuAt(u8),
    /// An NVIDIA GPU; `None` is the current one.
    Cuda(Option<u8>),
    /// Shapes without data.
    Meta,
}

impl Device {
    /// Reads `cpu`, `cuda`, `cuda:1`, `meta`.
    ///
    /// # Errors
    /// torch's `RuntimeError` for anything else.
    pub fn parse(text: &str) -> Result<Device> {
        if text.is_empty() {
            return Err(runtime("Device string must not be empty"));
        }
        let (kind, index) = match text.split_once(':') {
            Some((kind, index)) => (kind, Some(index)),
            None => (text, None),
        };
        let leading_zero = index.is_some_and(|i| i.len() > 1 && i.starts_with('0'));
        if leading_zero || !kind.bytes().all(|b| b.is_ascii_alphabetic() || b == b'_') {
            return Err(invalid(text));
        }
        let index = match index.map(str::parse::<u8>) {
            None => None,
            Some(Ok(i)) => Some(i),
            Some(Err(_)) => return Err(invalid(text)),
        };
        match kind {
            "cpu" => Ok(index.map_or(Device::Cpu, Device::CpuAt)),
            "cuda" => Ok(Device::Cuda(index)),
            "meta" => Ok(Device::Meta),
            _ => Err(runtime(format!(
                "Expected one of cpu, cuda, ipu, xpu, mkldnn, opengl, opencl, ideep, hip, ve, fpga, maia, xla, lazy, \
                 vulkan, mps, meta, hpu, mtia, privateuseone device type at start of device string: {kind}"
            ))),
        }
    }

    /// `cpu`, `cuda` or `meta`.
    pub fn kind(self) -> &'static str {
        match self {
            Device::Cpu | Device::CpuAt(_) => "cpu",
            Device::Cuda(_) => "cuda",
            Device::Meta => "meta",
        }
    }

    /// The index, where one was given.
    pub fn index(self) -> Option<u8> {
        match self {
            Device::Cuda(index) => index,
            Device::CpuAt(index) => Some(index),
            _ => None,
        }
    }
}

thread_local! {
    static DEFAULT: Cell<Device> = const { Cell::new(Device::Cpu) };
    /// Whether random numbers are the CPU's on every device.
    static HOST_NUMBERS: Cell<bool> = const { Cell::new(false) };
}

/// Whether random numbers are the CPU's on every device: for scripts whose results are known from the CPU.
pub fn host_numbers() -> bool {
    HOST_NUMBERS.get()
}

/// Has this thread's random numbers be the CPU's on every device, or each device's own.
pub fn set_host_numbers(on: bool) {
    HOST_NUMBERS.set(on);
}

/// `torch.get_default_device()`: where tensors are made that name no device.
#[inline]
pub fn default_device() -> Device {
    DEFAULT.get()
}

/// `torch.set_default_device()`; the caller has checked that it is there. Gives the device before.
pub fn set_default_device(device: Device) -> Device {
    DEFAULT.replace(device)
}

#[cold]
fn invalid(text: &str) -> Error {
    runtime(format!("Invalid device string: '{text}'"))
}

impl fmt::Display for Device {
    /// `cpu`, `cuda`, `cuda:0`: what `str(device)` gives.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Device::Cuda(Some(i)) | Device::CpuAt(i) => write!(f, "{}:{i}", self.kind()),
            other => f.write_str(other.kind()),
        }
    }
}
