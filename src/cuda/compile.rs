//! Compiling kernel texts with NVRTC, for the device that they run on.
#![allow(unsafe_code)]

use super::library;
use crate::base::error::{Error, Result, runtime};
use crate::store::cuda::driver;
use cudarc::nvrtc::result as nvrtc;
use cudarc::nvrtc::sys;
use std::ffi::{CStr, CString};
use std::sync::OnceLock;

/// What all kernels are compiled with.
const OPTIONS: [&str; 2] = ["--std=c++17", "--disable-warnings"];

/// What a text begins with whose products and sums may be rounded as one. In all others they are rounded one by one, as op-by-op evaluation
/// does. PyTorch's kernels are compiled so, and NVIDIA's logarithms of doubles are others then.
pub const FUSED: &str = "// fused\n";

/// The compiler, once it was found.
#[derive(Clone, Debug)]
pub struct Compiler {
    /// NVRTC's version: major and minor.
    pub version: (i32, i32),
    /// Compute capabilities it knows, as `90` for 9.0.
    supported: Vec<i32>,
}

/// The compiler of this machine.
///
/// # Errors
/// When NVRTC is nowhere to be found, with a word on how to get it.
pub fn compiler() -> Result<&'static Compiler> {
    static COMPILER: OnceLock<Result<Compiler>> = OnceLock::new();
    COMPILER.get_or_init(Compiler::find).as_ref().map_err(Clone::clone)
}

impl Compiler {
    fn find() -> Result<Compiler> {
        // SAFETY: it looks whether the library can be loaded.
        library::load("nvrtc", "nvidia-cuda-nvrtc", || unsafe { sys::is_culib_present() })?;
        let (mut major, mut minor) = (0, 0);
        // SAFETY: the library is there, and the numbers are written to.
        unsafe { sys::nvrtcVersion(&raw mut major, &raw mut minor) }.result().map_err(failed)?;
        let mut count = 0;
        // SAFETY: as above.
        unsafe { sys::nvrtcGetNumSupportedArchs(&raw mut count) }.result().map_err(failed)?;
        let mut supported = vec![0; count.max(0) as usize];
        // SAFETY: there is room for as many numbers as the library has.
        unsafe { sys::nvrtcGetSupportedArchs(supported.as_mut_ptr()) }.result().map_err(failed)?;
        Ok(Compiler { version: (major, minor), supported })
    }

    /// The architectures that it compiles for: `sm_75` and up.
    pub fn architectures(&self) -> Vec<String> {
        self.supported.iter().map(|cc| format!("sm_{cc}")).collect()
    }

    /// The architecture to compile for: the device's own, or the newest that the compiler knows below it, whose code the driver translates.
    ///
    /// # Errors
    /// For devices older than the compiler knows, and drivers older than the compiler's code.
    pub fn architecture(&self, capability: (i32, i32)) -> Result<String> {
        let cc = capability.0 * 10 + capability.1;
        if self.supported.contains(&cc) {
            return Ok(format!("sm_{cc}"));
        }
        let below = self.supported.iter().filter(|known| **known < cc).max();
        let Some(below) = below else {
            return Err(runtime(format!(
                "CUDA error: no kernel image is available for execution on the device (compute capability {}.{})",
                capability.0, capability.1
            ))
            .help(format!(
                "NVRTC {}.{} compiles for {} and later; an older NVRTC knows this device",
                self.version.0,
                self.version.1,
                self.supported.iter().min().map_or(String::new(), |cc| format!("{}.{}", cc / 10, cc % 10))
            )));
        };
        let (driver, ours) = (driver::version()?, self.version.0 * 1000 + self.version.1 * 10);
        if driver < ours {
            return Err(runtime("CUDA error: the provided PTX was compiled with an unsupported toolchain.").help(format!(
                "the driver is for CUDA {}.{}, NVRTC is of {}.{}: update the driver, or install an NVRTC of the driver's version",
                driver / 1000, driver % 1000 / 10, self.version.0, self.version.1
            )));
        }
        Ok(format!("compute_{below}"))
    }

    /// Compiles a text to code for an architecture: machine code for `sm_90`, PTX for `compute_90`.
    ///
    /// # Errors
    /// The compiler's log; a fault of ours.
    pub fn compile(&self, text: &str, architecture: &str) -> Result<Vec<u8>> {
        let source = CString::new(text).map_err(|_| runtime("internal: a kernel text with a zero"))?;
        let program = Program(nvrtc::create_program(&source, Some(c"tensh.cu")).map_err(failed)?);
        let mut options: Vec<String> = OPTIONS.iter().map(|o| (*o).to_owned()).collect();
        options.push(format!("--gpu-architecture={architecture}"));
        options.push(format!("--fmad={}", text.starts_with(FUSED)));
        // SAFETY: the program was just made.
        if unsafe { nvrtc::compile_program(program.0, &options) }.is_err() {
            // SAFETY: as above.
            let log = unsafe { nvrtc::get_program_log(program.0) }.map_err(failed)?;
            let bytes: Vec<u8> = log.iter().map(|&c| c as u8).take_while(|&c| c != 0).collect();
            return Err(runtime(format!(
                "internal: a kernel does not compile: {}",
                String::from_utf8_lossy(&bytes).trim()
            )));
        }
        if architecture.starts_with("sm_") { program.machine_code() } else { program.ptx() }
    }
}

struct Program(sys::nvrtcProgram);

impl Program {
    fn machine_code(&self) -> Result<Vec<u8>> {
        let mut size = 0;
        // SAFETY: the program was compiled, and the size is written to.
        unsafe { sys::nvrtcGetCUBINSize(self.0, &raw mut size) }.result().map_err(failed)?;
        let mut code = vec![0u8; size];
        // SAFETY: there is room for the code.
        unsafe { sys::nvrtcGetCUBIN(self.0, code.as_mut_ptr().cast()) }.result().map_err(failed)?;
        Ok(code)
    }

    fn ptx(&self) -> Result<Vec<u8>> {
        // SAFETY: the program was compiled.
        Ok(unsafe { nvrtc::get_ptx(self.0) }.map_err(failed)?.into_iter().map(|c| c as u8).collect())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // SAFETY: the program is destroyed once.
        let _ = unsafe { nvrtc::destroy_program(self.0) };
    }
}

#[cold]
fn failed(error: nvrtc::NvrtcError) -> Error {
    // SAFETY: the library gives a text for every status.
    let text = unsafe { CStr::from_ptr(sys::nvrtcGetErrorString(error.0)) };
    runtime(format!("CUDA error: NVRTC: {}", text.to_string_lossy()))
}
