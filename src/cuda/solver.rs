//! cuSOLVER: where it is, its handle, and its functions by dtype.
#![allow(unsafe_code)]

use super::launch::written;
use super::{blas, library};
use crate::base::DType;
use crate::base::error::{Error, Result, runtime};
use crate::cpu::linalg::device::Turn;
use crate::store::View;
use crate::store::cuda::Gpu;
use crate::store::cuda::driver::STREAM;
use cudarc::cusolver::sys::{self, cusolverStatus_t as Status};
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::sync::OnceLock;

/// A device's handle, and the parameters that its functions of 64 bits ask for, which say nothing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Handle {
    pub(super) own: sys::cusolverDnHandle_t,
    pub(super) params: sys::cusolverDnParams_t,
}

thread_local! {
    /// A handle a device, made when it is first used and kept.
    static HANDLES: RefCell<FxHashMap<u8, Handle>> = RefCell::default();
}

/// Whether the library is on this machine, and cuBLAS, which it is built on; without them the CPU factorizes.
pub fn found() -> bool {
    static FOUND: OnceLock<bool> = OnceLock::new();
    let load = || {
        // SAFETY: it looks whether the library can be loaded.
        let load = || library::load("cusolver", "nvidia-cusolver", || unsafe { sys::is_culib_present() });
        blas::found().and_then(|()| {
            load().or_else(|_| {
                // It may not find the libraries that it is built on, the first of which the second needs, too.
                let _ = library::load("nvJitLink", "nvidia-nvjitlink", || false);
                let _ = library::load("cusparse", "nvidia-cusparse", || false);
                load()
            })
        })
    };
    *FOUND.get_or_init(|| load().is_ok())
}

/// Whether the library has the eigenvalues of batches: its version 11.7.1.
pub(super) fn has_batches() -> bool {
    is_since(11701)
}

/// Whether the library is found and has the eigenvalues of matrices that are not Hermitian: its version 11.7.2.
pub fn has_general() -> bool {
    is_since(11702)
}

fn is_since(version: i32) -> bool {
    static VERSION: OnceLock<i32> = OnceLock::new();
    let own = VERSION.get_or_init(|| {
        let mut version = 0;
        // SAFETY: the library was found; it writes one number.
        if found() && unsafe { sys::cusolverGetVersion(&mut version) } == Status::CUSOLVER_STATUS_SUCCESS {
            version
        } else {
            0
        }
    });
    *own >= version
}

/// The handle of a device, whose context is current from then on.
pub(super) fn handle(gpu: &Gpu) -> Result<Handle> {
    gpu.enter()?;
    if let Some(handle) = HANDLES.with_borrow(|all| all.get(&gpu.index).copied()) {
        return Ok(handle);
    }
    if !found() {
        return Err(runtime("internal: cuSOLVER is asked for where it is not"));
    }
    let mut handle = Handle { own: std::ptr::null_mut(), params: std::ptr::null_mut() };
    // SAFETY: the library writes what it makes; the stream is the driver's own.
    unsafe {
        check((sys::cusolverDnCreate(&mut handle.own), "cusolverDnCreate"))?;
        check((sys::cusolverDnSetStream(handle.own, STREAM.cast()), "cusolverDnSetStream"))?;
        check((sys::cusolverDnCreateParams(&mut handle.params), "cusolverDnCreateParams"))?;
    }
    HANDLES.with_borrow_mut(|all| all.insert(gpu.index, handle));
    Ok(handle)
}

/// Calls the function of a dtype, of four for `float32`, `float64` and their complex numbers; gives the status and the function's name.
macro_rules! typed {
    ($dtype:expr, $($f:ident)::+ => [$s:ident $d:ident $c:ident $z:ident]($($arg:expr),* $(,)?)) => {
        match $dtype {
            $crate::base::DType::F32 => ($($f)::+::$s($($arg as _),*), stringify!($s)),
            $crate::base::DType::F64 => ($($f)::+::$d($($arg as _),*), stringify!($d)),
            $crate::base::DType::C32 => ($($f)::+::$c($($arg as _),*), stringify!($c)),
            _ => ($($f)::+::$z($($arg as _),*), stringify!($z)),
        }
    };
}
pub(super) use typed;

/// An error where a function of the library does not give success.
pub(super) fn check((status, function): (Status, &str)) -> Result<()> {
    if status == Status::CUSOLVER_STATUS_SUCCESS { Ok(()) } else { Err(failed(status, function)) }
}

#[cold]
fn failed(status: Status, function: &str) -> Error {
    runtime(format!("cusolver error: {status:?}, when calling `{function}`"))
}

/// The library's name for LAPACK's dtypes.
pub(super) fn kind(dtype: DType) -> sys::cudaDataType {
    match dtype {
        DType::F32 => sys::cudaDataType::CUDA_R_32F,
        DType::F64 => sys::cudaDataType::CUDA_R_64F,
        DType::C32 => sys::cudaDataType::CUDA_C_32F,
        _ => sys::cudaDataType::CUDA_C_64F,
    }
}

/// Which triangle is meant.
pub(super) fn triangle(upper: bool) -> sys::cublasFillMode_t {
    if upper { sys::cublasFillMode_t::CUBLAS_FILL_MODE_UPPER } else { sys::cublasFillMode_t::CUBLAS_FILL_MODE_LOWER }
}

/// What is done with a factor.
pub(super) fn operation(turn: Turn) -> sys::cublasOperation_t {
    match turn {
        Turn::None => sys::cublasOperation_t::CUBLAS_OP_N,
        Turn::Transposed => sys::cublasOperation_t::CUBLAS_OP_T,
        Turn::Adjoint => sys::cublasOperation_t::CUBLAS_OP_C,
    }
}

/// Whether vectors are wanted.
pub(super) fn mode(vectors: bool) -> sys::cusolverEigMode_t {
    if vectors {
        sys::cusolverEigMode_t::CUSOLVER_EIG_MODE_VECTOR
    } else {
        sys::cusolverEigMode_t::CUSOLVER_EIG_MODE_NOVECTOR
    }
}

/// A size as most of the library's functions take it.
pub(super) fn int(n: i64) -> Result<i32> {
    i32::try_from(n)
        .map_err(|_| runtime(format!("cusolver error: {n} is too large for its sizes, which are 32-bit integers")))
}

/// Memory of so many elements for a function's work. It may be dropped once the function is called: what uses the memory next comes
/// behind in the stream.
pub(super) fn room(gpu: &'static Gpu, dtype: DType, elements: i64) -> Result<View> {
    View::empty_on(gpu.device(), dtype, &[elements.max(1)])
}

/// Memory of the device's and of the host's for a function of 64 bits.
pub(super) struct Rooms {
    pub(super) device: View,
    pub(super) device_bytes: usize,
    pub(super) host: Vec<u64>,
    pub(super) host_bytes: usize,
}

impl Rooms {
    /// As much as `ask` says into the numbers that it is given.
    pub(super) fn new(
        gpu: &'static Gpu,
        ask: impl FnOnce(*mut usize, *mut usize) -> (Status, &'static str),
    ) -> Result<Rooms> {
        let (mut device_bytes, mut host_bytes) = (0, 0);
        check(ask(&mut device_bytes, &mut host_bytes))?;
        let device = room(gpu, DType::U8, device_bytes as i64)?;
        Ok(Rooms { device, device_bytes, host: vec![0; host_bytes.div_ceil(8)], host_bytes })
    }

    /// Where both begin, as long as this lives.
    pub(super) fn pointers(&mut self) -> Result<(*mut std::ffi::c_void, *mut std::ffi::c_void)> {
        let host = if self.host.is_empty() { std::ptr::null_mut() } else { self.host.as_mut_ptr().cast() };
        Ok((written(&self.device)? as *mut _, host))
    }
}
