//! cuBLAS: products of matrices, and of batches of them that lie a fixed distance apart.
#![allow(unsafe_code)]

use super::library;
use crate::base::error::{Error, Result, runtime};
use crate::base::{DType, Scalar};
use crate::cpu::linalg::device::Turn;
use crate::store::View;
use crate::store::cuda::Gpu;
use cudarc::cublas::result as cublas;
use cudarc::cublas::sys;
use rustc_hash::FxHashMap;
use std::cell::{Cell, RefCell};
use std::ffi::CStr;
use std::sync::OnceLock;

thread_local! {
    /// A handle a device, made when it is first used and kept.
    static HANDLES: RefCell<FxHashMap<u8, sys::cublasHandle_t>> = RefCell::default();
    /// Whether products of `float32` may round their factors to TF32.
    static TF32: Cell<bool> = const { Cell::new(false) };
}

/// Whether products of `float32` may round their factors to TF32, as `torch.set_float32_matmul_precision` allows.
pub fn allows_tf32() -> bool {
    TF32.get()
}

/// Allows or forbids TF32.
pub fn allow_tf32(on: bool) {
    TF32.set(on);
}

/// Whether the library is on this machine.
///
/// # Errors
/// When it is not, with a word on how to get it.
pub fn found() -> Result<()> {
    static FOUND: OnceLock<Result<()>> = OnceLock::new();
    let load = || {
        // SAFETY: it looks whether the library can be loaded.
        let load = || library::load("cublas", "nvidia-cublas", || unsafe { sys::is_culib_present() });
        load().or_else(|_| {
            // It may not find the library that it is built on, which lies beside it.
            let _ = library::load("cublasLt", "nvidia-cublas", || false);
            load()
        })
    };
    FOUND.get_or_init(load).clone()
}

/// The handle of a device, whose context is current from then on.
pub(super) fn handle(gpu: &Gpu) -> Result<sys::cublasHandle_t> {
    gpu.enter()?;
    if let Some(handle) = HANDLES.with_borrow(|all| all.get(&gpu.index).copied()) {
        return Ok(handle);
    }
    found()?;
    let handle = cublas::create_handle().map_err(|e| failed(e, "cublasCreate_v2"))?;
    HANDLES.with_borrow_mut(|all| all.insert(gpu.index, handle));
    Ok(handle)
}

/// Where the matrices of a factor lie.
#[derive(Clone, Copy, Debug)]
pub struct Factor {
    /// The first element.
    pub address: u64,
    /// From one row to the next, or from one column to the next where columns lie together.
    pub lead: i64,
    /// From one matrix to the next.
    pub apart: i64,
    /// Whether columns lie together.
    pub by_columns: bool,
}

impl Factor {
    /// The matrices in the last two dimensions of a view of two or three; `None` where neither their rows nor their columns lie together.
    pub fn of(x: &View) -> Option<Factor> {
        let (sizes, strides, last) = (x.sizes(), x.strides(), x.ndim().checked_sub(1)?);
        let (rows, columns) = (sizes[last.checked_sub(1)?], sizes[last]);
        let (down, right) = (strides[last - 1], strides[last]);
        let together = |n: i64, step: i64, others: i64, lead: i64| {
            ((n == 1 || step == 1) && (others == 1 || lead >= n)).then_some(if others == 1 { n } else { lead })
        };
        let (lead, by_columns) = match (together(columns, right, rows, down), together(rows, down, columns, right)) {
            (Some(lead), _) => (lead, false),
            (_, Some(lead)) => (lead, true),
            _ => return None,
        };
        let apart = if last == 2 && sizes[0] != 1 { strides[0] } else { 0 };
        Some(Factor { address: x.on_device()?.1, lead, apart, by_columns })
    }
}

/// A batch of products: `out = alpha * a @ b + beta * out`.
#[derive(Clone, Copy, Debug)]
pub struct Product {
    /// The dtype of all matrices.
    pub dtype: DType,
    /// Rows of `a`, its columns, and columns of `b`.
    pub sizes: [i64; 3],
    /// Products.
    pub count: i64,
    /// The left factors.
    pub a: Factor,
    /// The right factors.
    pub b: Factor,
    /// What the product is multiplied by.
    pub alpha: Scalar,
    /// What is there is multiplied by; nothing is read where it is zero.
    pub beta: Scalar,
    /// The matrices written; the elements of a row lie together.
    pub out: u64,
    /// From one of their rows to the next.
    pub lead: i64,
    /// From one of them to the next.
    pub apart: i64,
}

/// The dtypes that have products.
fn kinds(dtype: DType) -> Option<(sys::cudaDataType, sys::cublasComputeType_t)> {
    use sys::cublasComputeType_t as Compute;
    use sys::cudaDataType_t as Data;
    let single = if allows_tf32() { Compute::CUBLAS_COMPUTE_32F_FAST_TF32 } else { Compute::CUBLAS_COMPUTE_32F };
    Some(match dtype {
        DType::F16 => (Data::CUDA_R_16F, Compute::CUBLAS_COMPUTE_32F),
        DType::BF16 => (Data::CUDA_R_16BF, Compute::CUBLAS_COMPUTE_32F),
        DType::F32 => (Data::CUDA_R_32F, single),
        DType::F64 => (Data::CUDA_R_64F, Compute::CUBLAS_COMPUTE_64F),
        DType::C32 => (Data::CUDA_C_32F, single),
        DType::C64 => (Data::CUDA_C_64F, Compute::CUBLAS_COMPUTE_64F),
        _ => return None,
    })
}

/// A factor of the product as the library reads it: in the dtype that it adds up in.
pub(super) fn number(value: Scalar, dtype: DType) -> [f64; 2] {
    let c = value.to_c64();
    let pair = |re: f32, im: f32| f64::from_bits(u64::from(re.to_bits()) | u64::from(im.to_bits()) << 32);
    match dtype {
        DType::F64 | DType::C64 => [c.re, c.im],
        _ => [pair(c.re as f32, c.im as f32), 0.0],
    }
}

/// Runs a batch of products; false where the library has none of its sizes or dtype.
///
/// # Safety
/// The factors are as described and stay until the device is done, and so does the room at `out`, which is of `count` matrices.
///
/// # Errors
/// When the library is not there; what it refuses.
pub unsafe fn multiply(gpu: &Gpu, p: &Product) -> Result<bool> {
    let Some((data, compute)) = kinds(p.dtype) else { return Ok(false) };
    let [rows, inner, columns] = p.sizes;
    let int = |n: i64| i32::try_from(n).ok();
    let numbers = [rows, inner, columns, p.a.lead, p.b.lead, p.count, p.lead].map(int);
    let [Some(m), Some(k), Some(n), Some(lead_a), Some(lead_b), Some(count), Some(lead)] = numbers else {
        return Ok(false);
    };
    let handle = handle(gpu)?;
    let (alpha, beta) = (number(p.alpha, p.dtype), number(p.beta, p.dtype));
    let op = |by_columns| {
        if by_columns { sys::cublasOperation_t::CUBLAS_OP_T } else { sys::cublasOperation_t::CUBLAS_OP_N }
    };
    // The library has its matrices column after column: what is written row after row is the product of the transposes, turned round.
    // SAFETY: the caller's; the numbers are read before the call returns.
    let status = unsafe {
        sys::cublasGemmStridedBatchedEx(
            handle,
            op(p.b.by_columns),
            op(p.a.by_columns),
            n,
            m,
            k,
            alpha.as_ptr().cast(),
            p.b.address as *const _,
            data,
            lead_b,
            p.b.apart,
            p.a.address as *const _,
            data,
            lead_a,
            p.a.apart,
            beta.as_ptr().cast(),
            p.out as *mut _,
            data,
            lead,
            p.apart,
            count,
            compute,
            sys::cublasGemmAlgo_t::CUBLAS_GEMM_DFALT,
        )
    };
    check((status, "cublasGemmStridedBatchedEx")).map(|()| true)
}

/// An error where a function of the library does not give success.
pub(super) fn check((status, function): (sys::cublasStatus_t, &str)) -> Result<()> {
    status.result().map_err(|e| failed(e, function))
}

/// What is done with a factor.
pub(super) fn operation(turn: Turn) -> sys::cublasOperation_t {
    match turn {
        Turn::None => sys::cublasOperation_t::CUBLAS_OP_N,
        Turn::Transposed => sys::cublasOperation_t::CUBLAS_OP_T,
        Turn::Adjoint => sys::cublasOperation_t::CUBLAS_OP_C,
    }
}

#[cold]
fn failed(error: cublas::CublasError, function: &str) -> Error {
    // SAFETY: the library, which gave the status, has a text for it.
    let text = unsafe { sys::cublasGetStatusString(error.0) };
    let text = if text.is_null() {
        format!("{:?}", error.0)
    } else {
        // SAFETY: the text ends with a zero and stays.
        unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()
    };
    runtime(format!("CUDA error: {text} when calling `{function}`"))
}
