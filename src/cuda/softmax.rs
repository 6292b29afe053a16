//! Softmax and its logarithm on a GPU.
#![allow(unsafe_code)]

use super::launch::{self, Parameters, grid};
use super::lines::{self, Lines};
use super::loader::Loader;
use super::sources::{self, LINES, REDUCE, SOFTMAX};
use super::types::register;
use crate::base::DType;
use crate::base::error::Result;
use crate::store::View;
use crate::store::cuda::Gpu;

/// How rows are shared out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shares {
    /// Threads of a block.
    pub block: usize,
    /// Threads for a row.
    pub lanes: usize,
    /// Elements that each of them keeps in registers; 0 for rows that do not fit.
    pub items: usize,
    /// Blocks for a row.
    pub parts: usize,
}

/// Elements that a thread keeps at the most.
const ITEMS: usize = 16;

impl Shares {
    /// For rows that are read once where they fit into registers.
    pub fn new(gpu: &Gpu, lines: &Lines<'_>) -> Shares {
        let (count, n) = (lines.count(), lines.length());
        let threads = gpu.properties.multiprocessors.max(1) as usize * 1024;
        let kept = |block: usize, lanes: usize| Shares {
            block,
            lanes,
            items: n.div_ceil(lanes).next_power_of_two(),
            parts: 1,
        };
        if lines.side_by_side {
            // 32 rows are read together.
            let lanes = |block: usize| (block / 32).min(n.div_ceil(4).next_power_of_two());
            return match [256, 1024].into_iter().find(|&block| n <= lanes(block) * ITEMS) {
                Some(block) => kept(block, lanes(block)),
                None => long(threads, count, n, 512, 16),
            };
        }
        // A warp takes a row, more where there are too few rows to keep the device busy.
        let wanted = (threads / count.max(1)).max(32).min(n.div_ceil(4)).max(1);
        let lanes = wanted.max(n.div_ceil(if n <= 1024 { 32 } else { ITEMS })).next_power_of_two();
        match lanes {
            0..=256 => kept(256, lanes),
            _ if n <= 1024 * ITEMS && count * 4096 >= threads => kept(1024, 1024.min(lanes)),
            _ => long(threads, count, n, 512, 512),
        }
    }
}

/// Rows that are read twice.
fn long(threads: usize, count: usize, n: usize, block: usize, lanes: usize) -> Shares {
    let blocks = count.div_ceil(block / lanes);
    let parts = (threads * 2 / block / blocks.max(1)).min(n / (lanes * 8)).clamp(1, 1024);
    Shares { block, lanes, items: 0, parts }
}

/// Softmax along `dim`, or its logarithm, of the elements converted to `dtype`.
///
/// # Errors
/// What the device refuses.
pub fn softmax(gpu: &'static Gpu, x: Loader, dim: i64, dtype: Option<DType>, log: bool) -> Result<Option<View>> {
    let dtype = dtype.unwrap_or(x.dtype);
    let x = x.cast(dtype);
    let Some(lines) = Lines::along(&x, dim) else { return Ok(None) };
    if !dtype.is_float() {
        return Ok(None);
    }
    let out = View::empty_on(gpu.device(), dtype, &x.sizes)?;
    let shares = Shares::new(gpu, &lines);
    let Shares { block, lanes, items, parts } = shares;
    let element = register(dtype);
    let (store, outputs, made) = lines::store(element, &[(dtype, "a")]);
    let load = format!("{}\n    {made}", x.made());
    let ends = "uint64_t outer, uint64_t length, uint64_t inner, uint32_t lanes, uint32_t side_by_side";
    let head = format!("extern \"C\" __global__ void __launch_bounds__({block})");
    let declared = format!("{}, {outputs}, {ends}", x.declared());
    let kernels = if items > 0 {
        format!(
            "{head} kept({declared}) {{\n    {load}\n    \
             softmax_kept<{items}, {log}, {element}>(load, store, outer, length, inner, lanes, side_by_side != 0);\n}}\n"
        )
    } else {
        format!(
            "{head} parts({declared}, Scaled<{element}>* partial) {{\n    {load}\n    \
             softmax_parts<{element}>(load, partial, outer, length, lanes, side_by_side != 0);\n}}\n\
             {head} written({declared}, Scaled<{element}>* partial) {{\n    {load}\n    \
             softmax_written<{log}, {element}>(load, store, partial, outer, length, inner, lanes, side_by_side != 0);\n}}\n"
        )
    };
    let names: &[&str] = if items > 0 { &["kept"] } else { &["parts", "written"] };
    let text = sources::with(
        &[REDUCE, &lines.text(block), LINES, SOFTMAX, &store],
        &format!("namespace tensh {{\n{kernels}}}  // namespace tensh"),
        x.complex,
    );
    let functions = launch::functions(gpu, &text, names)?;
    let mut parameters = Parameters::new();
    lines.add_to(&mut parameters, std::slice::from_ref(&out))?;
    parameters.word(lanes as u32).word(u32::from(lines.side_by_side));
    let partial = if items > 0 { None } else { Some(gpu.allocate(lines.count() * parts * 16)?) };
    if let Some(partial) = &partial {
        parameters.address(partial.address);
    }
    let blocks = (grid(lines.count().div_ceil(block / lanes))?, parts as u32);
    for function in functions {
        // SAFETY: the parameters are those of the text; the output has an element for each that is read, and there is room for the parts.
        unsafe { parameters.launch(gpu, function, blocks, block as u32)? };
    }
    Ok(Some(out))
}
