//! Marks in a device's work.
#![allow(unsafe_code)]

use super::driver::{Gpu, STREAM, failure, version};
use crate::base::error::Result;
use cudarc::driver::result::{self, DriverError};
use cudarc::driver::sys;
use std::ffi::c_void;

/// A point in a device's work, as `torch.cuda.Event` marks it.
#[derive(Debug)]
pub struct Event {
    gpu: &'static Gpu,
    event: sys::CUevent,
}

impl Event {
    /// Marks what has been launched so far.
    ///
    /// # Errors
    /// What the driver refuses.
    pub fn record(gpu: &'static Gpu) -> Result<Event> {
        gpu.enter()?;
        let event = result::event::create(sys::CUevent_flags::CU_EVENT_DEFAULT).map_err(failure)?;
        let event = Event { gpu, event };
        // SAFETY: the event was just made.
        unsafe { result::event::record(event.event, STREAM) }.map_err(failure)?;
        Ok(event)
    }

    /// Waits until the device has come by.
    ///
    /// # Errors
    /// What went wrong on the device.
    pub fn synchronize(&self) -> Result<()> {
        self.gpu.enter()?;
        // SAFETY: the event lives.
        unsafe { result::event::synchronize(self.event) }.map_err(failure)
    }

    /// Whether the device has come by.
    ///
    /// # Errors
    /// What went wrong on the device.
    pub fn query(&self) -> Result<bool> {
        self.gpu.enter()?;
        // SAFETY: the event lives.
        match unsafe { result::event::query(self.event) } {
            Ok(()) => Ok(true),
            Err(DriverError(sys::CUresult::CUDA_ERROR_NOT_READY)) => Ok(false),
            Err(e) => Err(failure(e)),
        }
    }

    /// Milliseconds from this event to another.
    ///
    /// # Errors
    /// When one of them has not been reached yet.
    pub fn elapsed(&self, end: &Event) -> Result<f32> {
        self.gpu.enter()?;
        if version()? >= 12080 {
            // SAFETY: both events live and are on one stream.
            return unsafe { result::event::elapsed(self.event, end.event) }.map_err(failure);
        }
        // Drivers before CUDA 12.8 have it under its old name alone.
        let mut time = 0.0;
        let old = old_elapsed().ok_or_else(|| failure(DriverError(sys::CUresult::CUDA_ERROR_NOT_SUPPORTED)))?;
        // SAFETY: as above; the time is written to.
        unsafe { old(&raw mut time, self.event, end.event) }.result().map_err(failure)?;
        Ok(time)
    }
}

type Elapsed = unsafe extern "C" fn(*mut f32, sys::CUevent, sys::CUevent) -> sys::CUresult;

/// The driver's `cuEventElapsedTime`.
#[cold]
fn old_elapsed() -> Option<Elapsed> {
    // SAFETY: the driver's library is loaded already.
    let library = unsafe { libc::dlopen(c"libcuda.so.1".as_ptr(), libc::RTLD_NOW) };
    if library.is_null() {
        return None;
    }
    // SAFETY: the library is loaded, and stays.
    let found = unsafe { libc::dlsym(library, c"cuEventElapsedTime".as_ptr()) };
    // SAFETY: this is the type of the function of that name.
    (!found.is_null()).then(|| unsafe { std::mem::transmute::<*mut c_void, Elapsed>(found) })
}

impl Drop for Event {
    fn drop(&mut self) {
        // SAFETY: the event is destroyed once.
        let _ = unsafe { result::event::destroy(self.event) };
    }
}
