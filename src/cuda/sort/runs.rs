//! Runs of equal elements: `unique`, `unique_consecutive`, `mode`.
#![allow(unsafe_code)]

use super::rows::{self, BLOCK, Keys};
use super::{dim_last, each, flat, reduced, sortable};
use crate::base::error::Result;
use crate::base::shape::wrap_dim;
use crate::base::{DType, Scalar};
use crate::cuda::index::gather::index_select;
use crate::cuda::launch::{self, Parameters, grid};
use crate::cuda::loader::Loader;
use crate::cuda::sources::{self, SEARCH};
use crate::cuda::{copy, create, scan};
use crate::store::View;
use crate::store::cuda::Gpu;

/// What is wanted beside the distinct elements.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// For each element its place among the distinct ones.
    pub inverse: bool,
    /// How often each occurs.
    pub counts: bool,
}

/// The distinct elements in ascending order, or with `consecutive` each run of equal neighbours once; and what else is wanted. A nan
/// equals nothing.
///
/// # Errors
/// What the device refuses.
pub fn unique(gpu: &'static Gpu, x: &View, consecutive: bool, wanted: Wanted) -> Result<Option<Vec<View>>> {
    if !sortable(x) || i32::try_from(x.numel()).is_err() {
        return Ok(None);
    }
    let (keys, n) = (Keys::of(x.dtype(), false), x.numel());
    let flat = flat(gpu, x)?;
    let (words, from) = if consecutive {
        (flat, None)
    } else {
        let sorted = rows::sort(gpu, &flat, None, n, n, keys)?;
        (sorted.values, Some(sorted.indices))
    };
    let heads = View::empty_on(gpu.device(), DType::I32, &[n as i64])?;
    let mark = ("heads", "const U* words, int32_t* heads, uint64_t count", "mark_heads(words, heads, count)");
    let function = keys.kernels(gpu, &[SEARCH], &[mark])?[0];
    let mut parameters = Parameters::new();
    parameters.reads(&words)?.writes(&heads)?.int(n as i64);
    // SAFETY: the parameters are those of the text, as of every launch here; there is a mark for each element.
    unsafe { each(gpu, function, &mut parameters, n)? };
    runs(gpu, &words, from.as_ref(), &heads, x.sizes(), wanted)
}

/// Of each run of words the first, and what else is wanted of runs; `from` says where the words came from, and `heads` which of them begin
/// one.
fn runs(
    gpu: &'static Gpu,
    words: &View,
    from: Option<&View>,
    heads: &View,
    sizes: &[i64],
    wanted: Wanted,
) -> Result<Option<Vec<View>>> {
    let n = words.numel();
    let functions = Keys::of(words.dtype(), false).kernels(
        gpu,
        &[SEARCH],
        &[
            (
                "runs",
                "const U* words, const int64_t* from, const int32_t* ends, U* out, int64_t* starts, int64_t* inverse, uint64_t count",
                "write_runs(words, from, ends, out, starts, inverse, count)",
            ),
            (
                "lengths",
                "const int64_t* starts, int64_t* out, uint64_t runs, uint64_t count",
                "run_lengths(starts, out, runs, count)",
            ),
        ],
    )?;
    let Some(ends) = scan::running(gpu, Loader::of(heads), 0, Some(DType::I32), false)? else { return Ok(None) };
    let Some((_, last)) = ends.on_device() else { return Ok(None) };
    let count = gpu.read_flag(last + 4 * (n as u64 - 1))? as usize;
    let numbers = |sizes: &[i64]| View::empty_on(gpu.device(), DType::I64, sizes);
    let mut outs = vec![View::empty_on(gpu.device(), words.dtype(), &[count as i64])?];
    let starts = wanted.counts.then(|| numbers(&[count as i64])).transpose()?;
    let inverse = wanted.inverse.then(|| numbers(sizes)).transpose()?;
    let mut parameters = Parameters::new();
    parameters.reads(words)?.reads_if(from)?.reads(&ends)?.writes(&outs[0])?;
    parameters.writes_if(starts.as_ref())?.writes_if(inverse.as_ref())?.int(n as i64);
    // SAFETY: every run has its place, every element its own.
    unsafe { each(gpu, functions[0], &mut parameters, n)? };
    outs.extend(inverse);
    if let Some(starts) = starts {
        let counts = numbers(&[count as i64])?;
        let mut parameters = Parameters::new();
        parameters.reads(&starts)?.writes(&counts)?.int(count as i64).int(n as i64);
        // SAFETY: as above.
        unsafe { each(gpu, functions[1], &mut parameters, count)? };
        outs.push(counts);
    }
    Ok(Some(outs))
}

/// The most elements of a slice that slices are sorted by, one after the other.
const WIDTH: usize = 1024;

/// As [`unique`], of the slices along a dimension.
///
/// # Errors
/// What the device refuses.
pub fn unique_dim(
    gpu: &'static Gpu,
    x: &View,
    dim: i64,
    consecutive: bool,
    wanted: Wanted,
) -> Result<Option<Vec<View>>> {
    let Ok(at) = wrap_dim(dim, x.ndim()) else { return Ok(None) };
    if x.ndim() == 0 || !sortable(x) {
        return Ok(None);
    }
    let n = x.sizes()[at];
    let width = x.numel() / n as usize;
    if width > WIDTH && !consecutive {
        return Ok(None);
    }
    let first: Vec<usize> = std::iter::once(at).chain((0..x.ndim()).filter(|&d| d != at)).collect();
    let slices = copy::contiguous(gpu, &x.permute(&first))?;
    let slices = slices.with_geometry(&[n, width as i64], &[width as i64, 1], slices.offset())?;
    let number = |i: i64| Scalar::Int(i);
    let Some(mut order) = create::arange(gpu, number(0), number(n), number(1), DType::I64)? else { return Ok(None) };
    // Stable sorts by the last element, the one before it, and so on.
    for column in (0..width as i64).rev().filter(|_| !consecutive) {
        let Some(keys) = index_select(gpu, &slices.select(1, column)?, 0, &order)? else { return Ok(None) };
        let sorted = rows::sort(gpu, &keys, None, n as usize, n as usize, Keys::of(x.dtype(), false))?;
        let Some(next) = index_select(gpu, &order, 0, &sorted.indices)? else { return Ok(None) };
        order = next;
    }
    let heads = View::empty_on(gpu.device(), DType::I32, &[n])?;
    let load = Loader::of(&slices);
    let layout = load.rows(&[false, true]);
    let text = format!(
        "namespace tensh {{\n{}extern \"C\" __global__ void heads({}, const int64_t* order, int32_t* heads, uint64_t count, uint64_t width) \
         {{\n    {}\n    const uint64_t i = uint64_t(blockIdx.x) * {BLOCK} + threadIdx.x;\n    if (i >= count) return;\n    \
         bool head = i == 0;\n    if (!head) {{\n        const Place before = load.row(order[i - 1]), own = load.row(order[i]);\n        \
         for (uint64_t r = 0; r < width && !head; r++) head = !(load(before, r) == load(own, r));\n    }}\n    heads[i] = head;\n}}\n}}  // \
         namespace tensh",
        load.text(&layout),
        load.declared(),
        load.made()
    );
    let function = launch::functions(gpu, &sources::with(&[], &text, false), &["heads"])?[0];
    let mut parameters = Parameters::new();
    load.add_to(&mut parameters, &layout)?;
    parameters.reads(&order)?.writes(&heads)?.int(n).int(width as i64);
    // SAFETY: as above; the order's numbers are those of slices.
    unsafe { each(gpu, function, &mut parameters, n as usize)? };
    let Some(mut outs) = runs(gpu, &order, Some(&order), &heads, &[n], wanted)? else { return Ok(None) };
    let Some(values) = index_select(gpu, x, dim, &outs[0])? else { return Ok(None) };
    outs[0] = values;
    Ok(Some(outs))
}

/// The most frequent element along a dimension, the smallest of several, and its last place.
///
/// # Errors
/// What the device refuses.
pub fn mode(gpu: &'static Gpu, x: &View, dim: i64, keepdim: bool) -> Result<Option<(View, View)>> {
    let Ok(dim) = wrap_dim(dim, x.ndim()) else { return Ok(None) };
    if !sortable(x) || matches!(x.dtype(), DType::U16 | DType::U32 | DType::U64) {
        return Ok(None);
    }
    let keys = Keys::of(x.dtype(), false);
    let n = x.sizes().get(dim).copied().unwrap_or(1) as usize;
    let outer = x.numel() / n;
    let sorted = rows::sort(gpu, &dim_last(gpu, x, dim)?.0, None, n, n, keys)?;
    let functions = keys.kernels(
        gpu,
        &[SEARCH],
        &[
            (
                "longest",
                "const U* sorted, uint64_t* best, uint64_t outer, uint32_t length, uint32_t parts",
                "longest_runs(sorted, best, outer, length, parts)",
            ),
            (
                "write",
                "const U* sorted, const int64_t* from, const uint64_t* best, U* out, int64_t* indices, uint64_t outer, uint32_t length",
                "write_longest(sorted, from, best, out, indices, outer, length)",
            ),
        ],
    )?;
    let best = gpu.allocate(outer * 8)?;
    gpu.fill(best.address, 0, outer * 8)?;
    let busy = gpu.properties.multiprocessors.max(1) as usize * 8;
    let parts = busy.div_ceil(outer).min(n.div_ceil(BLOCK * 4)).max(1);
    let mut parameters = Parameters::new();
    parameters.reads(&sorted.values)?.address(best.address).int(outer as i64).word(n as u32).word(parts as u32);
    // SAFETY: the parameters are those of the text; there is a number for every row.
    unsafe { parameters.launch(gpu, functions[0], (grid(outer * parts)?, 1), BLOCK as u32)? };
    let sizes = reduced(x.sizes(), dim, keepdim);
    let fresh = |dtype| View::empty_on(gpu.device(), dtype, &sizes);
    let (values, indices) = (fresh(x.dtype())?, fresh(DType::I64)?);
    let mut parameters = Parameters::new();
    parameters.reads(&sorted.values)?.reads(&sorted.indices)?.address(best.address);
    parameters.writes(&values)?.writes(&indices)?.int(outer as i64).word(n as u32);
    // SAFETY: the outputs have an element for every row.
    unsafe { each(gpu, functions[1], &mut parameters, outer)? };
    Ok(Some((values, indices)))
}
