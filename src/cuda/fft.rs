//! Fourier transforms on a GPU: rows of complex numbers, pass by pass, in shared memory where they are short.
#![allow(unsafe_code)]

use super::copy;
use super::launch::{self, Parameters, THREADS, blocks, read, written};
use super::loader::Loader;
use super::sources::{self, FFT};
use super::types::register;
use crate::base::error::Result;
use crate::base::{DType, Scalar};
use crate::cpu::fft::{Along, Parts};
use crate::store::View;
use crate::store::cuda::Gpu;
use crate::store::cuda::driver::Function;

/// Bytes of shared memory for the numbers of a block, one of two memories.
const ROOM: usize = 16 << 10;

/// The largest prime factor whose sums are made term by term; what has larger ones is left to the CPU.
const LARGEST: i64 = 1 << 14;

/// Passes that a length has at the most.
const PASSES: usize = 32;

/// The factors of a length in the order of their passes; `None` where one is too large.
fn factors(mut n: i64) -> Option<Vec<i64>> {
    let mut out = Vec::new();
    for radix in [8, 4, 2, 3, 5, 7] {
        while n % radix == 0 {
            n /= radix;
            out.push(radix);
        }
    }
    let mut prime = 11;
    while prime * prime <= n {
        while n % prime == 0 {
            n /= prime;
            out.push(prime);
        }
        prime += 2;
    }
    if n > 1 {
        out.push(n);
    }
    out.iter().all(|&f| f <= LARGEST).then_some(out)
}

/// The kernels over numbers of parts `F`, beside those that read a loader's elements.
fn kernels(gpu: &Gpu, dtype: DType) -> Result<Vec<Function>> {
    let real = register(dtype.real());
    let room = ROOM / dtype.size();
    let text = format!(
        "namespace tensh {{\ntypedef {real} F;\ntypedef complex<F> C;\n\
         extern \"C\" __global__ void __launch_bounds__({THREADS}) turns(C* turns, uint64_t n, int64_t sign) {{\n    \
         make_turns<F>(turns, n, int(sign));\n}}\n\
         extern \"C\" __global__ void __launch_bounds__({THREADS}) rows(C* data, const C* turns, const Factors factors, uint64_t rows, \
         uint64_t n, int64_t sign, F scale) {{\n    \
         transform_rows<F, {room}>(data, turns, factors, rows, uint32_t(n), int(sign), scale);\n}}\n\
         extern \"C\" __global__ void __launch_bounds__({THREADS}) pass(const C* in, C* out, const C* turns, uint64_t rows, uint64_t n, \
         uint64_t radix, uint64_t before, int64_t sign, F scale) {{\n    \
         const Pass<F, uint64_t> pass = {{n, radix, before, int(sign), scale, turns}};\n    \
         run_pass<F, uint64_t>(pass, in, out, rows, uint64_t(blockIdx.x) * {THREADS} + threadIdx.x, uint64_t(gridDim.x) * {THREADS});\n}}\n\
         extern \"C\" __global__ void __launch_bounds__({THREADS}) mirrored(const C* in, C* out, uint64_t total, uint64_t n, \
         uint64_t width, int64_t conjugate) {{\n    mirror<F>(in, out, total, n, width, conjugate != 0);\n}}\n}}  // namespace tensh"
    );
    launch::functions(gpu, &sources::with(&[FFT], &text, true), &["turns", "rows", "pass", "mirrored"])
}

/// The signals of a view's last dimension as rows of complex numbers of the length wanted.
fn entered(gpu: &'static Gpu, x: &View, dtype: DType, along: &Along) -> Result<View> {
    let last = x.ndim() - 1;
    let mut sizes = x.sizes().to_vec();
    sizes[last] = along.n;
    let out = View::empty_on(gpu.device(), dtype, &sizes)?;
    let loader = Loader::of(x);
    let mut mask = vec![false; x.ndim()];
    mask[last] = true;
    let rows = loader.rows(&mask);
    let text = format!(
        "namespace tensh {{\n{}typedef {} F;\nextern \"C\" __global__ void __launch_bounds__({THREADS}) enters({}, complex<F>* out, \
         uint64_t total, uint64_t n, uint64_t have) {{\n    {}\n    enter<{}, F>(load, out, total, n, have);\n}}\n}}  // namespace tensh",
        loader.text(&rows),
        register(dtype.real()),
        loader.declared(),
        loader.made(),
        along.parts == Parts::ToReal,
    );
    let function = launch::functions(gpu, &sources::with(&[FFT], &text, true), &["enters"])?[0];
    let mut parameters = Parameters::new();
    loader.add_to(&mut parameters, &rows)?;
    parameters.address(written(&out)?).int(out.numel() as i64).int(along.n).int(x.sizes()[last]);
    // SAFETY: the parameters are those of the text; the output has a number for each index.
    unsafe { parameters.launch(gpu, function, (blocks(out.numel())?, 1), THREADS)? };
    Ok(out)
}

/// The transform along one dimension; `None` for lengths with a large prime factor, and for what the CPU refuses.
///
/// # Errors
/// What the device refuses.
pub fn transform(gpu: &'static Gpu, x: &View, along: &Along) -> Result<Option<View>> {
    let Some(factors) = factors(along.n) else { return Ok(None) };
    if x.numel() == 0 || factors.len() > PASSES {
        return Ok(None);
    }
    let dtype = x.dtype().complex().unwrap_or(x.dtype());
    // The transformed dimension goes last.
    let last = x.ndim() - 1;
    let mut order: Vec<usize> = (0..x.ndim()).filter(|&d| d != along.dim).collect();
    order.push(along.dim);
    let data = entered(gpu, &x.permute(&order), dtype, along)?;
    let from_real = matches!(along.parts, Parts::FromReal | Parts::Mirrored);
    let functions = kernels(gpu, dtype)?;
    let sign = if from_real || along.forward { -1 } else { 1 };
    let done = passes(gpu, &functions, data, &factors, sign, along)?;
    let mut sizes = done.sizes().to_vec();
    let out = match along.parts {
        Parts::Full => done,
        Parts::ToReal => {
            let strides: Vec<i64> = done.strides().iter().map(|s| 2 * s).collect();
            copy::contiguous(gpu, &done.reinterpret(dtype.real(), &sizes, &strides, 0)?)?
        }
        Parts::FromReal | Parts::Mirrored => {
            sizes[last] = if along.parts == Parts::FromReal { along.n / 2 + 1 } else { along.n };
            let out = View::empty_on(gpu.device(), dtype, &sizes)?;
            let mut parameters = Parameters::new();
            parameters.address(read(&done)?).address(written(&out)?).int(out.numel() as i64).int(along.n);
            parameters.int(sizes[last]).int(i64::from(!along.forward));
            // SAFETY: the parameters are those of the text; every row has its numbers.
            unsafe { parameters.launch(gpu, functions[3], (blocks(out.numel())?, 1), THREADS)? };
            out
        }
    };
    let mut back = vec![0; order.len()];
    order.iter().enumerate().for_each(|(i, &d)| back[d] = i);
    Ok(Some(out.permute(&back)))
}

/// Transforms contiguous rows; what comes out is scaled.
fn passes(
    gpu: &'static Gpu,
    kernels: &[Function],
    data: View,
    factors: &[i64],
    sign: i64,
    along: &Along,
) -> Result<View> {
    if factors.is_empty() {
        return Ok(data);
    }
    let (dtype, n) = (data.dtype(), along.n);
    let real = dtype.real();
    let rows = data.numel() as i64 / n;
    let turns = View::empty_on(gpu.device(), dtype, &[n])?;
    let mut parameters = Parameters::new();
    parameters.address(written(&turns)?).int(n).int(sign);
    // SAFETY: the parameters are those of the text; there is a number for each thread that writes one.
    unsafe { parameters.launch(gpu, kernels[0], (blocks(n as usize)?, 1), THREADS)? };
    let room = (ROOM / dtype.size()) as i64;
    if n <= room {
        let mut list = vec![0; PASSES + 1];
        list[0] = factors.len() as i64;
        list[1..=factors.len()].copy_from_slice(factors);
        let mut parameters = Parameters::new();
        parameters.address(written(&data)?).address(read(&turns)?).ints(&list);
        parameters.int(rows).int(n).int(sign).number(Scalar::Float(along.scale), real);
        let count = blocks((rows as usize).div_ceil((room / n) as usize).saturating_mul(THREADS as usize))?;
        // SAFETY: as above; the rows are contiguous, and a block's fit into its memory.
        unsafe { parameters.launch(gpu, kernels[1], (count, 1), THREADS)? };
        return Ok(data);
    }
    let (mut from, mut to) = (data.clone(), View::empty_on(gpu.device(), dtype, data.sizes())?);
    let mut before = 1;
    for (i, &radix) in factors.iter().enumerate() {
        let scale = if i + 1 == factors.len() { along.scale } else { 1.0 };
        let mut parameters = Parameters::new();
        parameters.address(read(&from)?).address(written(&to)?).address(read(&turns)?);
        [rows, n, radix, before, sign].iter().for_each(|v| _ = parameters.int(*v));
        parameters.number(Scalar::Float(scale), real);
        let work = if radix <= 8 { rows * n / radix } else { rows * n };
        // SAFETY: as above; both memories have all rows.
        unsafe { parameters.launch(gpu, kernels[2], (blocks(work as usize)?, 1), THREADS)? };
        before *= radix;
        std::mem::swap(&mut from, &mut to);
    }
    Ok(from)
}
