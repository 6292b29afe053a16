//! Filling memory with random numbers: which thread draws which element is PyTorch's, so that the numbers are.
#![allow(unsafe_code)]

use super::distribution::Distribution;
use super::generator::Generator;
use crate::base::DType;
use crate::base::error::Result;
use crate::cuda::launch::{self, Parameters, read, written};
use crate::cuda::loader::Loader;
use crate::cuda::sources::{self, RANDOM};
use crate::cuda::types::{narrowed, stored};
use crate::store::View;
use crate::store::cuda::Gpu;
use half::{bf16, f16};
use std::ops::Range;

/// Threads of a block.
pub(super) const THREADS: u32 = 256;

/// Blocks for as many elements: no more than the device holds at once.
pub(super) fn blocks(gpu: &Gpu, elements: u64) -> u32 {
    let most = gpu.properties.multiprocessors.max(1) as u64
        * (gpu.properties.threads.max(1) as u64 / u64::from(THREADS)).max(1);
    elements.div_ceil(THREADS.into()).clamp(1, most) as u32
}

/// Numbers of 32 bits that each thread draws for as many elements, `count` of a block of words.
pub(super) fn drawn(gpu: &Gpu, elements: u64, count: u64) -> u64 {
    let round = u64::from(blocks(gpu, elements)) * u64::from(THREADS) * count;
    ((elements - 1) / round + 1) * 4
}

/// The elements in pieces that an index of 32 bits reaches, each with the generator's seed and first block for it.
fn pieces(
    gpu: &Gpu,
    range: Range<u64>,
    item: u64,
    count: u64,
    g: &mut Generator,
    out: &mut Vec<(Range<u64>, (u64, u64))>,
) {
    let n = range.end - range.start;
    let fits = |n: u64| n <= i32::MAX as u64 && (n - 1) * item < i32::MAX as u64;
    // The whole is drawn for before it is cut, too.
    let start = g.take(drawn(gpu, n, count));
    if fits(n) {
        out.push((range, start));
        return;
    }
    let mut parts = vec![range];
    while let Some(part) = parts.pop() {
        let n = part.end - part.start;
        if fits(n) {
            pieces(gpu, part, item, count, g, out);
        } else {
            let middle = part.start + n / 2;
            parts.extend([middle..part.end, part.start..middle]);
        }
    }
}

/// The view with its dimensions in memory's order, the outermost first: elements are drawn in it.
pub(super) fn in_order(x: &View) -> View {
    let order: Vec<usize> = View::memory_order(std::slice::from_ref(x)).into_iter().rev().collect();
    x.permute(&order)
}

/// The order in which elements are neighbours: dimensions change places where that brings them nearer in one of the views and farther in
/// none.
fn order(views: [&View; 2]) -> Vec<usize> {
    let sizes = views[0].sizes();
    let mut order: Vec<usize> = (0..sizes.len()).collect();
    for i in 0..order.len() {
        for j in i + 1..order.len() {
            let (a, b) = (order[i], order[j]);
            if sizes[a] == 1 || sizes[b] == 1 {
                continue;
            }
            let rises = views.iter().any(|v| v.strides()[a] < v.strides()[b]);
            let falls = views.iter().any(|v| v.strides()[a] > v.strides()[b]);
            if rises && !falls {
                order.swap(i, j);
            }
        }
    }
    order
}

/// The elements of `x`, in the order in which they and those of `out`, of the same sizes, are neighbours; the first operand is `out`.
pub(super) fn paired(out: &View, x: &View) -> Loader {
    let order = order([out, x]);
    let mut both = Loader::of(&out.permute(&order));
    both.operands.push(x.permute(&order));
    both.dtype = x.dtype();
    both.value = "x1".to_owned();
    both
}

/// Whether some of the elements are one and the same, which PyTorch refuses to write.
pub(super) fn stretched(x: &View) -> bool {
    x.sizes().iter().zip(x.strides()).any(|(&n, &s)| n > 1 && s == 0)
}

/// Fills a view of the distribution's dtype with its numbers; `false` where that is left to the CPU's function.
///
/// # Errors
/// What the device refuses.
pub fn fill(gpu: &'static Gpu, out: &View, d: &Distribution, g: &mut Generator) -> Result<bool> {
    if out.numel() == 0 || stretched(out) || out.dtype() != d.dtype {
        return Ok(false);
    }
    let places = Loader::of(&in_order(out));
    let rows = places.rows(&vec![false; places.sizes.len()]);
    let mut key = places.key(&rows);
    key.text(d.draw).text(&d.value).byte(d.dtype as u8);
    d.numbers.iter().for_each(|(kind, _)| _ = key.text(kind));
    let text = || {
        let names = ["a", "b", "c"];
        let numbers: String = d.numbers.iter().zip(names).map(|((kind, _), name)| format!(", {kind} {name}")).collect();
        let element = stored(d.dtype);
        format!(
            "namespace tensh {{\n{}extern \"C\" __global__ void __launch_bounds__({THREADS}) draw({}, {element}* out, uint64_t first, \
         uint64_t n, uint64_t seed, uint64_t block{numbers}) {{\n    {}\n    draw_all<{}>(n, seed, block, [&](uint64_t i, {}::type u) {{\n        \
         out[load.row(first + i).at[0]] = {};\n    }});\n}}\n}}  // namespace tensh",
            places.text(&rows),
            places.declared(),
            places.made(),
            d.draw,
            d.draw,
            narrowed(d.dtype, &d.converted())
        )
    };
    let function = launch::by_key(gpu, "draw", key, || {
        launch::functions(gpu, &sources::with(&[RANDOM], text(), false).fused(), &["draw"])
    })?[0];
    let mut all = Vec::new();
    pieces(gpu, 0..rows.count as u64, d.dtype.size() as u64, d.count as u64, g, &mut all);
    for (range, (seed, block)) in all {
        let n = range.end - range.start;
        let mut parameters = Parameters::new();
        places.add_to(&mut parameters, &rows)?;
        parameters.address(written(out)?).int(range.start as i64).int(n as i64).int(seed as i64).int(block as i64);
        for (_, bytes) in &d.numbers {
            parameters.bytes(bytes);
        }
        // SAFETY: the parameters are those of the text; the view has an element for each index.
        unsafe { parameters.launch(gpu, function, (blocks(gpu, n), 1), THREADS)? };
    }
    Ok(true)
}

/// Fresh contiguous memory filled with a distribution's numbers.
///
/// # Errors
/// What the device refuses.
pub fn filled(gpu: &'static Gpu, sizes: &[i64], d: &Distribution, g: &mut Generator) -> Result<View> {
    let out = View::empty_on(gpu.device(), d.dtype, sizes)?;
    fill(gpu, &out, d, g)?;
    Ok(out)
}

/// The first element of a float view, which the host looks at: no transfer of the user's data.
pub(super) fn peek(gpu: &Gpu, x: &View) -> Result<f64> {
    let mut bytes = [0; 8];
    gpu.peek(read(x)?, &mut bytes[..x.dtype().size()])?;
    let bits = u64::from_le_bytes(bytes);
    Ok(match x.dtype() {
        DType::F64 => f64::from_bits(bits),
        DType::F32 => f32::from_bits(bits as u32).into(),
        DType::F16 => f16::from_bits(bits as u16).to_f64(),
        _ => bf16::from_bits(bits as u16).to_f64(),
    })
}
