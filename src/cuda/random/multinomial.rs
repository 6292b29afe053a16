//! `torch.multinomial`.
#![allow(unsafe_code)]

use super::distribution::Distribution;
use super::draw::{fill, peek};
use super::generator::Generator;
use crate::base::DType;
use crate::base::error::Result;
use crate::cpu::create::empty_like;
use crate::cuda::copy::computed;
use crate::cuda::flag::Flag;
use crate::cuda::launch::{self, Parameters, blocks_of, written};
use crate::cuda::loader::Loader;
use crate::cuda::reduce::{self, Over, Wanted};
use crate::cuda::sort::select::topk;
use crate::cuda::sources::{self, RANDOM};
use crate::cuda::types::{register, rounded};
use crate::store::View;
use crate::store::cuda::Gpu;

/// Indices drawn with the probabilities of a vector, or of each row of a matrix; `None` where the CPU's function is to say what is wrong.
///
/// # Errors
/// What the device refuses.
pub fn multinomial(
    gpu: &'static Gpu,
    probs: &View,
    samples: i64,
    replacement: bool,
    g: &mut Generator,
) -> Result<Option<View>> {
    let rank = probs.ndim();
    if !(rank == 1 || rank == 2) || probs.numel() == 0 || !probs.dtype().is_float() {
        return Ok(None);
    }
    let columns = probs.sizes()[rank - 1];
    if samples < 1 || !replacement && samples > columns || columns > 1 << 24 {
        return Ok(None);
    }
    let matrix = if rank == 1 { probs.unsqueeze(0) } else { probs.clone() };
    let out = match !replacement || samples == 1 {
        true => race(gpu, &matrix, samples, g)?,
        false => search(gpu, &matrix, samples, g)?,
    };
    match out {
        Some(out) if rank == 1 => out.select(0, 0).map(Some),
        out => Ok(out),
    }
}

/// Without replacement: each category runs an exponential clock of its rate; the first to ring are taken, in order.
fn race(gpu: &'static Gpu, probs: &View, samples: i64, g: &mut Generator) -> Result<Option<View>> {
    let x = Loader::of(probs);
    let all = Over { dims: None, keepdim: false };
    let least = reduce::extreme(gpu, &x, all, false, Wanted::Value)?.and_then(|mut v| v.pop());
    let most = reduce::extreme(gpu, &x, all, true, Wanted::Value)?.and_then(|mut v| v.pop());
    let sums = reduce::sum(gpu, &x, Over { dims: Some(&[1]), keepdim: false }, None, false)?;
    let (Some(least), Some(most), Some(sums)) = (least, most, sums) else { return Ok(None) };
    let sum = reduce::extreme(gpu, &Loader::of(&sums), all, false, Wanted::Value)?.and_then(|mut v| v.pop());
    let Some(sum) = sum else { return Ok(None) };
    if !(peek(gpu, &least)? >= 0.0 && peek(gpu, &most)? < f64::INFINITY && peek(gpu, &sum)? != 0.0) {
        return Ok(None);
    }
    let Some(d) = Distribution::exponential(probs.dtype(), 1.0) else { return Ok(None) };
    let clocks = empty_like(probs, probs.dtype())?;
    fill(gpu, &clocks, &d, g)?;
    let mut quotients = x;
    quotients.operands.push(clocks);
    quotients.value = rounded(probs.dtype(), "x0 / x1");
    if samples == 1 {
        let over = Over { dims: Some(&[1]), keepdim: true };
        return Ok(reduce::extreme(gpu, &quotients, over, true, Wanted::Place)?.and_then(|mut v| v.pop()));
    }
    let quotients = computed(gpu, &quotients, probs.dtype())?;
    Ok(topk(gpu, &quotients, samples, 1, true)?.map(|(_, places)| places))
}

/// With replacement: a binary search of the cumulated probabilities for each uniform number.
fn search(gpu: &'static Gpu, probs: &View, samples: i64, g: &mut Generator) -> Result<Option<View>> {
    let x = Loader::of(probs);
    let layout = x.rows(&[false, true]);
    let kind = if probs.dtype() == DType::F64 { DType::F64 } else { DType::F32 };
    let arithmetic = register(kind);
    let text = format!(
        "namespace tensh {{\n{}extern \"C\" __global__ void cumulated({}, {arithmetic}* shares, {arithmetic}* sums, uint64_t columns, \
         uint32_t* flag) {{\n    {}\n    cumulate(load, shares, sums, columns, flag);\n}}\nextern \"C\" __global__ void sampled(const \
         {arithmetic}* shares, const {arithmetic}* sums, int64_t* out, uint64_t rows, uint64_t columns, uint64_t samples, uint64_t seed, \
         uint64_t block) {{\n    sample(shares, sums, out, rows, columns, samples, seed, block);\n}}\n}}  // namespace tensh",
        x.text(&layout),
        x.declared(),
        x.made()
    );
    let functions = launch::functions(gpu, &sources::with(&[RANDOM], &text, false), &["cumulated", "sampled"])?;
    let (rows, columns) = (probs.sizes()[0], probs.sizes()[1]);
    let shares = gpu.allocate(probs.numel() * kind.size())?;
    let sums = gpu.allocate(probs.numel() * kind.size())?;
    let flag = Flag::new(gpu)?;
    let mut parameters = Parameters::new();
    x.add_to(&mut parameters, &layout)?;
    parameters.address(shares.address).address(sums.address).int(columns).address(flag.address());
    let threads = (columns as u64).next_multiple_of(32).min(1024) as u32;
    // SAFETY: the parameters are those of the text; there is room for as many numbers as the view has.
    unsafe { parameters.launch(gpu, functions[0], (blocks_of(rows as usize, 1)?, 1), threads)? };
    if flag.is_set()? {
        return Ok(None);
    }
    let out = View::empty_on(gpu.device(), DType::I64, &[rows, samples])?;
    let high = (rows as u64).min(65535);
    let (seed, block) = g.take(((rows as u64 - 1) / high + 1) * 4);
    let mut parameters = Parameters::new();
    parameters.address(shares.address).address(sums.address).address(written(&out)?);
    parameters.int(rows).int(columns).int(samples).int(seed as i64).int(block as i64);
    // SAFETY: as above; the output has a place for each sample.
    unsafe { parameters.launch(gpu, functions[1], (blocks_of(samples as usize, 128)?, high as u32), 128)? };
    Ok(Some(out))
}
