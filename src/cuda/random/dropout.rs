//! Dropout: PyTorch's fused kernel, and the forms that multiply by a tensor of noise.
#![allow(unsafe_code)]

use super::distribution::Distribution;
use super::draw::{THREADS, blocks, drawn, fill};
use super::generator::Generator;
use crate::base::error::Result;
use crate::base::{DType, Scalar};
use crate::cpu::create::empty_like;
use crate::cpu::random::Dropout;
use crate::cuda::copy::computed;
use crate::cuda::key::Key;
use crate::cuda::launch::{self, Parameters, read, written};
use crate::cuda::loader::Loader;
use crate::cuda::sources::{self, RANDOM};
use crate::cuda::types::{narrowed, register, rounded, stored};
use crate::store::View;
use crate::store::cuda::Gpu;
use crate::store::overlap::dense;

/// Dropout in a form; `None` where nothing is to be dropped, or the CPU's function is to say why not.
///
/// # Errors
/// What the device refuses.
pub fn dropout(gpu: &'static Gpu, x: &View, p: f64, form: Dropout, g: &mut Generator) -> Result<Option<View>> {
    let chance = p > 0.0 && p <= 1.0;
    if !x.dtype().is_float() || !chance || x.numel() == 0 {
        return Ok(None);
    }
    if p == 1.0 {
        return kept(gpu, x, |value| format!("{value} * 0")).map(Some);
    }
    if form == (Dropout { feature: false, alpha: false }) {
        return Ok(Some(fused(gpu, x, p, false, g)?.0));
    }
    noisy(gpu, x, p, form, g)
}

/// Dropout that multiplies by noise, as in place.
///
/// # Errors
/// What the device refuses.
pub fn noisy(gpu: &'static Gpu, x: &View, p: f64, form: Dropout, g: &mut Generator) -> Result<Option<View>> {
    let chance = p > 0.0 && p < 1.0;
    if !x.dtype().is_float() || !chance || x.numel() == 0 || form.feature && x.ndim() < 2 {
        return Ok(None);
    }
    let noise = if form.feature {
        let mut sizes = vec![1; x.ndim()];
        sizes[..2].copy_from_slice(&x.sizes()[..2]);
        View::empty_on(gpu.device(), x.dtype(), &sizes)?
    } else {
        empty_like(x, x.dtype())?
    };
    let Some(d) = Distribution::bernoulli(x.dtype(), 1.0 - p) else { return Ok(None) };
    fill(gpu, &noise, &d, g)?;
    let (factors, shifts) = form.factors(p, x.dtype(), true);
    let order = order(x);
    let mut steps = Loader::of(&x.permute(&order));
    steps.operands.push(noise.expand(x.sizes())?.permute(&order));
    steps.numbers = factors.iter().chain(shifts.iter().flatten()).map(|&n| (Scalar::Float(n), x.dtype())).collect();
    steps.value = rounded(x.dtype(), "x0 * (x1 != 0 ? n1 : n0)");
    if shifts.is_some() {
        steps.value = rounded(x.dtype(), &format!("{} + (x1 != 0 ? n3 : n2)", steps.value));
    }
    Ok(Some(computed(gpu, &steps, x.dtype())?.permute(&inverse(&order))))
}

/// Dropout, and which elements it kept.
///
/// # Errors
/// What the device refuses.
pub fn native_dropout(gpu: &'static Gpu, x: &View, p: f64, g: &mut Generator) -> Result<Option<(View, View)>> {
    if !x.dtype().is_float() || !(0.0..=1.0).contains(&p) || x.numel() == 0 {
        return Ok(None);
    }
    if p == 1.0 {
        let zeros = |dtype| {
            let out = View::zeros_on(gpu.device(), dtype, x.sizes())?;
            out.with_geometry(x.sizes(), empty_like(x, dtype)?.strides(), 0)
        };
        return Ok(Some((zeros(x.dtype())?, zeros(DType::Bool)?)));
    }
    let (out, mask) = fused(gpu, x, p, true, g)?;
    Ok(mask.map(|mask| (out, mask)))
}

/// The dimensions in memory's order, the outermost first.
fn order(x: &View) -> Vec<usize> {
    View::memory_order(std::slice::from_ref(x)).into_iter().rev().collect()
}

fn inverse(order: &[usize]) -> Vec<usize> {
    let mut back = vec![0; order.len()];
    order.iter().enumerate().for_each(|(i, &d)| back[d] = i);
    back
}

/// A formula of each element, laid out as the view is.
fn kept(gpu: &'static Gpu, x: &View, formula: impl Fn(&str) -> String) -> Result<View> {
    let order = order(x);
    let mut steps = Loader::of(&x.permute(&order));
    steps.value = rounded(x.dtype(), &formula(&steps.value));
    Ok(computed(gpu, &steps, x.dtype())?.permute(&inverse(&order)))
}

/// How many neighbours a thread takes at a time: as many as 16 bytes hold, if they are aligned and leave no rest; 1 where elements lie
/// apart.
fn vector(x: &View, address: u64) -> u64 {
    let item = x.dtype().size() as u64;
    if !dense(x) {
        return 1;
    }
    let fits = |v: &u64| address.is_multiple_of(v * item) && (x.numel() as u64).is_multiple_of(*v);
    [8, 4, 2].into_iter().filter(|v| v * item <= 16).find(fits).unwrap_or(1)
}

fn fused(gpu: &'static Gpu, x: &View, p: f64, masked: bool, g: &mut Generator) -> Result<(View, Option<View>)> {
    let out = empty_like(x, x.dtype())?;
    let mask = if masked { Some(empty_like(x, DType::Bool)?) } else { None };
    let n = x.numel() as u64;
    let address = read(x)?;
    let v = vector(x, address);
    let (seed, block) = g.take(drawn(gpu, n, 4));
    let arithmetic = register(x.dtype());
    let element = stored(x.dtype());
    let keep = match x.dtype() {
        DType::F64 => 1.0 - p,
        _ => f64::from((1.0 - p) as f32),
    };
    let mut parameters = Parameters::new();
    let mut key = Key::new();
    key.byte(x.dtype() as u8).number(v as usize);
    let function = if v > 1 {
        launch::by_key(gpu, "drop vectors", key, || {
            let text = format!(
                "namespace tensh {{\nextern \"C\" __global__ void __launch_bounds__({THREADS}) drop(const {element}* in, {element}* out, \
                 bool* kept, uint64_t n, {arithmetic} p, {arithmetic} scale, uint64_t seed, uint64_t block) {{\n    \
                 drop_vectors<{v}>(in, out, kept, n, p, scale, seed, block);\n}}\n}}  // namespace tensh"
            );
            launch::functions(gpu, &sources::with(&[RANDOM], &text, false), &["drop"])
        })?
    } else {
        let mut all = Loader::of(x);
        all.operands.push(out.clone());
        let rows = all.rows(&vec![false; all.sizes.len()]);
        all.add_to(&mut parameters, &rows)?;
        launch::by_key(gpu, "drop", all.key(&rows), || {
            let value = narrowed(x.dtype(), &format!("load(place, 0) * {arithmetic}(u < p) * scale"));
            let text = format!(
                "namespace tensh {{\n{}extern \"C\" __global__ void __launch_bounds__({THREADS}) drop({}, const {element}* in, \
                 {element}* out, bool* kept, uint64_t n, {arithmetic} p, {arithmetic} scale, uint64_t seed, uint64_t block) {{\n    {}\n    \
                 draw_all<uniform32>(n, seed, block, [&](uint64_t i, float u) {{\n        const Place place = load.row(i);\n        \
                 out[place.at[1]] = {value};\n        if (kept) kept[place.at[1]] = u < p;\n    }});\n}}\n}}  // namespace tensh",
                all.text(&rows),
                all.declared(),
                all.made()
            );
            launch::functions(gpu, &sources::with(&[RANDOM], &text, false), &["drop"])
        })?
    }[0];
    let masks = mask.as_ref().map_or(Ok(0), written)?;
    let number = if x.dtype() == DType::F64 { DType::F64 } else { DType::F32 };
    parameters.address(address).address(written(&out)?).address(masks).int(n as i64);
    parameters.number(Scalar::Float(keep), number).number(Scalar::Float(1.0 / keep), number);
    parameters.int(seed as i64).int(block as i64);
    // SAFETY: the parameters are those of the text; all memory has an element for each index.
    unsafe { parameters.launch(gpu, function, (blocks(gpu, n), 1), THREADS)? };
    Ok((out, mask))
}
