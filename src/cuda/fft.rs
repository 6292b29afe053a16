//! Fourier transforms on a GPU: cuFFT's, and what brings signals into the form that it takes and makes of halves what is wanted.
#![allow(unsafe_code)]

use super::launch::{self, Parameters, THREADS, blocks, read, written};
use super::loader::Loader;
use super::types::register;
use super::{copy, library, sources};
use crate::base::error::{Error, Result, runtime};
use crate::base::{DType, Scalar};
use crate::cpu::fft::{Along, Parts};
use crate::store::View;
use crate::store::cuda::Gpu;
use crate::store::cuda::driver::STREAM;
use cudarc::cufft::result as cufft;
use cudarc::cufft::sys::{self, cufftResult as Status, cufftType as Kind};
use std::sync::{Mutex, OnceLock, PoisonError};

/// Plans kept for a device; each may hold memory for its work.
const KEPT: usize = 16;

/// What a plan is for: rows of transforms of one length, written one behind the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Key {
    device: u8,
    kind: Kind,
    n: i64,
    rows: i64,
    /// From one number that is read to the next, and from one row to the next.
    steps: (i64, i64),
}

/// Plans, those used last behind. A plan is used by one thread at a time, so the lock is held while it is launched.
static PLANS: Mutex<Vec<(Key, sys::cufftHandle)>> = Mutex::new(Vec::new());

/// Whether the library is on this machine; without it the CPU transforms.
fn found() -> bool {
    static FOUND: OnceLock<bool> = OnceLock::new();
    // SAFETY: it looks whether the library can be loaded.
    *FOUND.get_or_init(|| library::load("cufft", "nvidia-cufft", || unsafe { sys::is_culib_present() }).is_ok())
}

impl Key {
    /// Makes the plan, on the device whose context is current.
    fn plan(&self) -> Result<sys::cufftHandle, cufft::CufftError> {
        let half = self.n / 2 + 1;
        let (mut n, mut read, mut written) = match self.kind {
            Kind::CUFFT_R2C | Kind::CUFFT_D2Z => (self.n, self.n, half),
            Kind::CUFFT_C2R | Kind::CUFFT_Z2D => (self.n, half, self.n),
            Kind::CUFFT_C2C | Kind::CUFFT_Z2Z => (self.n, self.n, self.n),
        };
        let (step, apart) = self.steps;
        let (kind, rows, width) = (self.kind, self.rows, written);
        let plan = cufft::create()?;
        // SAFETY: the plan was just made; the sizes, of one dimension, are read before the call returns.
        let made = unsafe {
            cufft::make_plan_many64(plan, 1, &mut n, &mut read, step, apart, &mut written, 1, width, kind, rows)
        };
        // SAFETY: the plan lives; the stream is the driver's own.
        let set = made.and_then(|_| unsafe { cufft::set_stream(plan, STREAM.cast()) });
        match set {
            Ok(()) => Ok(plan),
            Err(e) => {
                destroy(plan);
                Err(e)
            }
        }
    }
}

fn destroy(plan: sys::cufftHandle) {
    // SAFETY: the plan is nobody's any more; the library waits for what still runs with its memory.
    let _ = unsafe { cufft::destroy(plan) };
}

/// A plan that was kept, or a new one; `None` for what the library has no plan for.
fn planned(gpu: &Gpu, plans: &mut Vec<(Key, sys::cufftHandle)>, key: Key) -> Result<Option<sys::cufftHandle>> {
    if let Some(at) = plans.iter().position(|(k, _)| *k == key) {
        let kept = plans.remove(at);
        plans.push(kept);
        return Ok(Some(kept.1));
    }
    let own = |(k, _): &(Key, _)| k.device == key.device;
    if plans.iter().filter(|p| own(p)).count() >= KEPT
        && let Some(at) = plans.iter().position(|p| own(p))
    {
        destroy(plans.remove(at).1);
    }
    let plan = match key.plan() {
        Err(e) if e.0 == Status::CUFFT_ALLOC_FAILED => {
            // The memory for its work may be what other plans and the allocator keep.
            let (mine, others) = plans.drain(..).partition(own);
            *plans = others;
            let mine: Vec<(Key, sys::cufftHandle)> = mine;
            mine.into_iter().for_each(|(_, plan)| destroy(plan));
            gpu.empty_cache()?;
            key.plan()
        }
        plan => plan,
    };
    match plan {
        Ok(plan) => {
            plans.push((key, plan));
            Ok(Some(plan))
        }
        Err(cufft::CufftError(
            Status::CUFFT_INVALID_SIZE | Status::CUFFT_NOT_SUPPORTED | Status::CUFFT_NOT_IMPLEMENTED,
        )) => Ok(None),
        Err(e) => Err(failed(e)),
    }
}

#[cold]
fn failed(error: cufft::CufftError) -> Error {
    runtime(format!("cuFFT error: {:?}", error.0))
}

/// Signals in the last dimension, as the library reads them.
struct Signals {
    view: View,
    steps: (i64, i64),
}

impl Signals {
    /// The first `width` numbers of a view's last dimension where the library can read them in place: rows a fixed distance apart, none
    /// reaching into another.
    fn in_place(x: &View, width: i64) -> Option<Signals> {
        let last = x.ndim() - 1;
        let (sizes, strides) = (x.sizes(), x.strides());
        let (mut rows, mut apart) = (1, 0);
        for (&n, &stride) in sizes[..last].iter().zip(strides).rev().filter(|(n, _)| **n != 1) {
            if rows == 1 {
                apart = stride;
            } else if stride != apart * rows {
                return None;
            }
            rows *= n;
        }
        let step = strides[last];
        let apart = if rows == 1 { width * step } else { apart };
        let separate = step > 0 && apart > 0 && (apart >= step * width || step >= apart * rows);
        // The library wants whole complex numbers' boundaries for real ones, too.
        let pair = x.dtype().complex().unwrap_or(x.dtype()).size() as u64;
        let aligned = x.on_device().is_some_and(|(_, address)| address % pair == 0);
        (sizes[last] >= width && separate && aligned).then(|| Signals { view: x.clone(), steps: (step, apart) })
    }

    /// A copy of them: cut, or with zeros behind. `half` has the conjugates of the first half of a Hermitian signal, its ends real.
    fn copied(gpu: &'static Gpu, x: &View, width: i64, half: Option<(i64, bool)>) -> Result<Signals> {
        let last = x.ndim() - 1;
        let mut sizes = x.sizes().to_vec();
        sizes[last] = width;
        let out = View::empty_on(gpu.device(), x.dtype(), &sizes)?;
        let loader = Loader::of(x);
        let mut mask = vec![false; x.ndim()];
        mask[last] = true;
        let rows = loader.rows(&mask);
        let mut change = String::new();
        if let Some((_, conjugate)) = half {
            change.push_str("if (2 * k % n == 0) v.im = 0;");
            if conjugate {
                change.push_str(" v.im = -v.im;");
            }
        }
        let text = format!(
            "namespace tensh {{\n{}typedef {} E;\nextern \"C\" __global__ void __launch_bounds__({THREADS}) enter({}, E* out, \
             uint64_t total, uint64_t width, uint64_t have, uint64_t n) {{\n    {}\n    \
             const uint64_t i = uint64_t(blockIdx.x) * {THREADS} + threadIdx.x;\n    if (i >= total) return;\n    \
             const uint64_t k = i % width;\n    E v = E(0);\n    if (k < have) v = load(load.row(i / width), k);\n    {change}\n    \
             out[i] = v;\n}}\n}}  // namespace tensh",
            loader.text(&rows),
            register(x.dtype()),
            loader.declared(),
            loader.made(),
        );
        let function = launch::functions(gpu, &sources::with(&[], &text, x.dtype().is_complex()), &["enter"])?[0];
        let mut parameters = Parameters::new();
        loader.add_to(&mut parameters, &rows)?;
        parameters.address(written(&out)?).int(out.numel() as i64).int(width).int(x.sizes()[last]);
        parameters.int(half.map_or(width, |(n, _)| n));
        // SAFETY: the parameters are those of the text; the output has a number for each index.
        unsafe { parameters.launch(gpu, function, (blocks(out.numel())?, 1), THREADS)? };
        Ok(Signals { view: out, steps: (1, width) })
    }
}

/// The transform along one dimension; `None` where the library, which is there, has no plan, and for what the CPU refuses.
///
/// # Errors
/// What the device and the library refuse.
pub fn transform(gpu: &'static Gpu, x: &View, along: &Along) -> Result<Option<View>> {
    if x.numel() == 0 || !found() {
        return Ok(None);
    }
    let n = along.n;
    let half = n / 2 + 1;
    // The transformed dimension goes last.
    let last = x.ndim() - 1;
    let mut order: Vec<usize> = (0..x.ndim()).filter(|&d| d != along.dim).collect();
    order.push(along.dim);
    let x = x.permute(&order);
    let mut sizes = x.sizes().to_vec();
    let signals = match along.parts {
        // The library makes the inverse transform alone, and may use its input's memory.
        Parts::ToReal => Signals::copied(gpu, &x, half, Some((n, along.forward)))?,
        // What has length one is its own transform, and yet has memory of its own.
        _ => match Signals::in_place(&x, n).filter(|_| n > 1) {
            Some(signals) => signals,
            None => Signals::copied(gpu, &x, n, None)?,
        },
    };
    let real = x.dtype().real();
    let Some(complex) = real.complex() else { return Ok(None) };
    let (dtype, width) = match along.parts {
        Parts::Full => (complex, n),
        Parts::FromReal | Parts::Mirrored => (complex, half),
        Parts::ToReal => (real, n),
    };
    sizes[last] = width;
    let done = if n == 1 {
        copy::cast(gpu, &signals.view.narrow(last, 0, 1), dtype)?
    } else {
        let out = View::empty_on(gpu.device(), dtype, &sizes)?;
        if !execute(gpu, &signals, &out, along)? {
            return Ok(None);
        }
        out
    };
    let whole = along.parts == Parts::Mirrored;
    let out = match along.parts {
        Parts::FromReal | Parts::Mirrored if whole || !along.forward => left(gpu, &done, along)?,
        _ if along.scale != 1.0 => scaled(gpu, &done, along.scale)?,
        _ => done,
    };
    let mut back = vec![0; order.len()];
    order.iter().enumerate().for_each(|(i, &d)| back[d] = i);
    Ok(Some(out.permute(&back)))
}

/// Has the library transform signals into contiguous rows; false where it has no plan for them.
fn execute(gpu: &'static Gpu, signals: &Signals, out: &View, along: &Along) -> Result<bool> {
    let double = out.dtype().real() == DType::F64;
    let kind = match (along.parts, double) {
        (Parts::Full, false) => Kind::CUFFT_C2C,
        (Parts::Full, true) => Kind::CUFFT_Z2Z,
        (Parts::FromReal | Parts::Mirrored, false) => Kind::CUFFT_R2C,
        (Parts::FromReal | Parts::Mirrored, true) => Kind::CUFFT_D2Z,
        (Parts::ToReal, false) => Kind::CUFFT_C2R,
        (Parts::ToReal, true) => Kind::CUFFT_Z2D,
    };
    let rows = out.numel() as i64 / out.sizes()[out.ndim() - 1];
    let key = Key { device: gpu.index, kind, n: along.n, rows, steps: signals.steps };
    let mut plans = PLANS.lock().unwrap_or_else(PoisonError::into_inner);
    gpu.enter()?;
    let Some(plan) = planned(gpu, &mut plans, key)? else { return Ok(false) };
    // The sign of the exponent.
    let direction = if along.forward { -1 } else { 1 };
    let (from, to) = (read(&signals.view)?, written(out)?);
    // SAFETY: the plan is of these rows, and both memories have them all; what a plan to real numbers reads is a copy of ours.
    let status = unsafe {
        match kind {
            Kind::CUFFT_C2C => cufft::exec_c2c(plan, from as *mut _, to as *mut _, direction),
            Kind::CUFFT_Z2Z => cufft::exec_z2z(plan, from as *mut _, to as *mut _, direction),
            Kind::CUFFT_R2C => cufft::exec_r2c(plan, from as *mut _, to as *mut _),
            Kind::CUFFT_D2Z => cufft::exec_d2z(plan, from as *mut _, to as *mut _),
            Kind::CUFFT_C2R => cufft::exec_c2r(plan, from as *mut _, to as *mut _),
            Kind::CUFFT_Z2D => cufft::exec_z2d(plan, from as *mut _, to as *mut _),
        }
    };
    status.map_err(failed).map(|()| true)
}

/// All parts of a contiguous view times a number.
fn scaled(gpu: &'static Gpu, x: &View, scale: f64) -> Result<View> {
    let real = x.dtype().real();
    let count = (x.numel() * x.dtype().size() / real.size()) as i64;
    let factor = View::scalar(DType::F64, Scalar::Float(scale))?;
    let parts = x.reinterpret(real, &[count], &[1], 0)?;
    let product = Loader::over(&[&parts, &factor], &[count], real, "v0 * v1")?;
    copy::computed(gpu, &product, real)?.reinterpret(x.dtype(), x.sizes(), x.strides(), 0)
}

/// What a real signal's transform is, from its first half: scaled, whole if so wanted, and the conjugate for the inverse transform, with
/// real ends.
fn left(gpu: &'static Gpu, half: &View, along: &Along) -> Result<View> {
    let (dtype, last) = (half.dtype(), half.ndim() - 1);
    let mut sizes = half.sizes().to_vec();
    if along.parts == Parts::Mirrored {
        sizes[last] = along.n;
    }
    let out = View::empty_on(gpu.device(), dtype, &sizes)?;
    let text = format!(
        "namespace tensh {{\ntypedef {} F;\nextern \"C\" __global__ void __launch_bounds__({THREADS}) leave(const complex<F>* in, \
         complex<F>* out, uint64_t total, uint64_t n, uint64_t width, int64_t conjugate, F scale) {{\n    \
         const uint64_t i = uint64_t(blockIdx.x) * {THREADS} + threadIdx.x;\n    if (i >= total) return;\n    \
         const uint64_t k = i % width;\n    const bool mirrored = k > n / 2;\n    \
         complex<F> z = in[i / width * (n / 2 + 1) + (mirrored ? n - k : k)];\n    if (2 * k % n == 0) z.im = F(0);\n    \
         z.im *= scale;\n    out[i] = complex<F>(z.re * scale, mirrored != (conjugate != 0) ? -z.im : z.im);\n}}\n}}  // namespace tensh",
        register(dtype.real()),
    );
    let function = launch::functions(gpu, &sources::with(&[], &text, true), &["leave"])?[0];
    let mut parameters = Parameters::new();
    parameters.address(read(half)?).address(written(&out)?).int(out.numel() as i64).int(along.n);
    parameters.int(sizes[last]).int(i64::from(!along.forward)).number(Scalar::Float(along.scale), dtype.real());
    // SAFETY: the parameters are those of the text; every row has the numbers that are read.
    unsafe { parameters.launch(gpu, function, (blocks(out.numel())?, 1), THREADS)? };
    Ok(out)
}
