//! What a mask names: `nonzero`, `masked_select`, `masked_scatter`, and numbers in its places.
#![allow(unsafe_code)]

use super::gather::{slices, there};
use super::picks::{THREADS, Value, bytes, word};
use super::spot;
use crate::base::error::{Result, runtime};
use crate::base::shape::{Shape, broadcast};
use crate::base::{DType, Device, Scalar};
use crate::cpu::copy;
use crate::cuda::copy::computed;
use crate::cuda::flag::Flag;
use crate::cuda::launch::{self, Parameters};
use crate::cuda::loader::{Loader, Rows};
use crate::cuda::sources::{self, COMPACT, REARRANGE, Text, WALK};
use crate::cuda::types::stored;
use crate::cuda::walk::Walk;
use crate::store::View;
use crate::store::cuda::{Block, Gpu};

/// Elements that a block looks at.
const TILE: usize = THREADS * 16;

/// Threads of the one block that sums up.
const SUMMERS: u32 = 1024;

/// Where a condition holds: how often before each tile, and in all.
struct Hits {
    gpu: &'static Gpu,
    condition: Loader,
    rows: Rows,
    starts: Block,
    total: usize,
}

/// Sums before each of `n` counts, and of all of them behind; `None` when one is negative. In place, if both are one address.
fn sum_up(gpu: &'static Gpu, counts: (u64, DType), sums: u64, n: usize) -> Result<Option<i64>> {
    let text = format!(
        "namespace tensh {{\nextern \"C\" __global__ void __launch_bounds__({SUMMERS}) sums(const {}* counts, int64_t* out, \
         uint64_t n, uint32_t* flag) {{\n    sum_up(counts, out, n, flag);\n}}\n}}  // namespace tensh\n",
        stored(counts.1)
    );
    let function = launch::functions(gpu, &sources::with(&[COMPACT], &text, false), &["sums"])?[0];
    let flag = Flag::new(gpu)?;
    let mut parameters = Parameters::new();
    parameters.address(counts.0).address(sums).int(n as i64).address(flag.address());
    // SAFETY: the parameters are those of the text; there are `n` counts, and room for a sum more.
    unsafe { parameters.launch(gpu, function, (1, 1), SUMMERS)? };
    if flag.is_set()? {
        return Ok(None);
    }
    gpu.read_number(sums + 8 * n as u64).map(|n| Some(n as i64))
}

impl Hits {
    fn find(gpu: &'static Gpu, condition: Loader) -> Result<Hits> {
        let rows = condition.rows(&vec![false; condition.sizes.len()]);
        let tiles = rows.count.div_ceil(TILE);
        let starts = gpu.allocate((tiles + 1) * 8)?;
        let mut hits = Hits { gpu, condition, rows, starts, total: 0 };
        if tiles == 0 {
            return Ok(hits);
        }
        let text = hits.text("int64_t* counts", "count_hits(hit, n, counts);");
        let mut parameters = hits.parameters()?;
        parameters.address(hits.starts.address);
        hits.launch(&text, parameters)?;
        let total = sum_up(gpu, (hits.starts.address, DType::I64), hits.starts.address, tiles)?;
        hits.total = total.unwrap_or(0) as usize;
        Ok(hits)
    }

    /// A kernel over the elements: its further parameters and its body.
    fn text(&self, declared: &str, body: &str) -> Text<'static> {
        let kernel = format!(
            "namespace tensh {{\n{}struct Hit {{\n    Load load;\n    __device__ bool operator()(uint64_t i) const {{ return \
             cast<bool>(load(load.row(i), 0)); }}\n}};\nextern \"C\" __global__ void __launch_bounds__({THREADS}) hits({}, \
             uint64_t n, {declared}) {{\n    {}\n    const Hit hit = {{load}};\n    {body}\n}}\n}}  // namespace tensh\n",
            self.condition.text(&self.rows),
            self.condition.declared(),
            self.condition.made(),
        );
        sources::with(&[WALK, COMPACT], kernel, self.condition.complex)
    }

    fn parameters(&self) -> Result<Parameters> {
        let mut parameters = Parameters::new();
        self.condition.add_to(&mut parameters, &self.rows)?;
        parameters.int(self.rows.count as i64);
        Ok(parameters)
    }

    fn launch(&self, text: &Text<'_>, mut parameters: Parameters) -> Result<()> {
        let function = launch::functions(self.gpu, text, &["hits"])?[0];
        // SAFETY: the parameters are those of the text; outputs have room for as many hits as were counted.
        unsafe { parameters.launch(self.gpu, function, (launch::blocks_of(self.rows.count, TILE)?, 1), THREADS as u32) }
    }

    /// Has each hit moved by `Taken` or `Given`, from one contiguous memory to another.
    fn moved(&self, emit: &str, from: &View, to: &View) -> Result<()> {
        let (Some((_, source)), Some((_, target))) = (from.on_device(), to.on_device_mut()) else {
            return Err(runtime("internal: memory of the host's"));
        };
        if self.total == 0 {
            return Ok(());
        }
        let word = word(to.dtype().size());
        let text = self.text(
            &format!("const int64_t* starts, const {word}* from, {word}* to"),
            &format!("const {emit}<{word}> emit = {{from, to}};\n    each_hit(hit, n, starts, emit);"),
        );
        let mut parameters = self.parameters()?;
        parameters.address(self.starts.address).address(source).address(target);
        self.launch(&text, parameters)
    }

    /// The places of the hits: `out[hit * hit_step + dim * dim_step]`.
    fn places(&self, out: &View, hit_step: i64, dim_step: i64) -> Result<()> {
        let sizes = &self.condition.sizes;
        if self.total == 0 || sizes.is_empty() {
            return Ok(());
        }
        let Some((_, target)) = out.on_device_mut() else { return Err(runtime("internal: memory of the host's")) };
        let text = self.text(
            &format!("const int64_t* starts, const Places<{}> places", sizes.len()),
            "each_hit(hit, n, starts, places);",
        );
        let mut fields: Vec<i64> = sizes.to_vec();
        fields.extend([target as i64, hit_step, dim_step]);
        let mut parameters = self.parameters()?;
        parameters.address(self.starts.address).ints(&fields);
        self.launch(&text, parameters)
    }
}

/// The positions of the elements that are not zero, a row each.
///
/// # Errors
/// What the device refuses.
pub fn nonzero(gpu: &'static Gpu, x: Loader) -> Result<View> {
    let ndim = x.sizes.len() as i64;
    let hits = Hits::find(gpu, x)?;
    let out = View::empty_on(gpu.device(), DType::I64, &[hits.total as i64, ndim])?;
    hits.places(&out, ndim, 1)?;
    Ok(out)
}

/// [`nonzero`] as a vector for each dimension.
///
/// # Errors
/// What the device refuses.
pub fn nonzero_tuple(gpu: &'static Gpu, mut x: Loader) -> Result<Vec<View>> {
    if x.sizes.is_empty() {
        x = Loader {
            sizes: Shape::from_slice(&[1]),
            operands: x.operands.iter().map(|v| v.unsqueeze(0)).collect(),
            ..x
        };
    }
    let ndim = x.sizes.len() as i64;
    let hits = Hits::find(gpu, x)?;
    let out = View::empty_on(gpu.device(), DType::I64, &[ndim, hits.total as i64])?;
    hits.places(&out, 1, hits.total as i64)?;
    (0..ndim).map(|d| out.select(0, d)).collect()
}

/// The positions that a mask names, for a subscript.
///
/// # Errors
/// What the device refuses.
pub(super) fn positions(gpu: &'static Gpu, mask: &View) -> Result<View> {
    nonzero(gpu, Loader::of(mask))
}

/// The elements where `mask` is true.
///
/// # Errors
/// torch's for shapes that do not fit; what the device refuses.
pub fn masked_select(gpu: &'static Gpu, x: &View, mask: &View) -> Result<Option<View>> {
    if mask.dtype() != DType::Bool || !there(&[x, mask]) {
        return Ok(None);
    }
    let sizes = broadcast(mask.sizes(), x.sizes())?;
    let hits = Hits::find(gpu, Loader::of(&mask.expand(&sizes)?))?;
    let x = copy::contiguous(&x.expand(&sizes)?)?;
    let out = View::empty_on(gpu.device(), x.dtype(), &[hits.total as i64])?;
    hits.moved("Taken", &x, &out)?;
    Ok(Some(out))
}

/// A copy of `x` with the elements where `mask` is true taken from `source`, in order.
///
/// # Errors
/// torch's for shapes that do not fit; what the device refuses.
pub fn masked_scatter(gpu: &'static Gpu, x: &View, mask: &View, source: &View) -> Result<Option<View>> {
    if mask.dtype() != DType::Bool || x.dtype() != source.dtype() || !there(&[x, mask, source]) {
        return Ok(None);
    }
    let sizes = broadcast(mask.sizes(), x.sizes())?;
    let hits = Hits::find(gpu, Loader::of(&mask.expand(&sizes)?))?;
    if hits.total > source.numel() {
        return Ok(None);
    }
    let out = spot::fresh_in_order(&x.expand(&sizes)?)?;
    hits.moved("Given", &copy::contiguous(source)?, &out)?;
    Ok(Some(out))
}

/// A copy of `x` with a number, or the element of a tensor without dimensions, where `mask` is true.
///
/// # Errors
/// torch's for shapes that do not fit; what the device refuses.
pub fn masked_fill(gpu: &'static Gpu, mut x: Loader, mask: &View, value: &Value) -> Result<Option<View>> {
    if mask.dtype() != DType::Bool || !there(&[mask]) {
        return Ok(None);
    }
    if let ([only], "x0", true) = (&x.operands[..], &x.value[..], x.code.is_empty())
        && spot::is(only)
        && broadcast(mask.sizes(), &x.sizes)? == x.sizes
    {
        fill_in_place(gpu, only, mask, value)?;
        return Ok(Some(only.clone()));
    }
    let sizes = broadcast(mask.sizes(), &x.sizes)?;
    x.operands = x.operands.iter().map(|v| v.expand(&sizes)).collect::<Result<_>>()?;
    let mut operand = |view: &View| -> Result<String> {
        x.operands.push(view.expand(&sizes)?);
        Ok(format!("x{}", x.operands.len() - 1))
    };
    let hit = operand(mask)?;
    let value = match value {
        Value::View(v) => operand(v)?,
        Value::Number(n) => {
            x.numbers.push((*n, x.dtype));
            format!("n{}", x.numbers.len() - 1)
        }
    };
    x.value = format!("({hit} ? {value} : {})", x.value);
    x.sizes = sizes;
    let dtype = x.dtype;
    computed(gpu, &x, dtype).map(Some)
}

/// Sets the elements of `x` where a mask of as many dimensions is true.
///
/// # Errors
/// torch's for shapes that do not fit; what the device refuses.
pub(super) fn fill_in_place(gpu: &'static Gpu, x: &View, mask: &View, value: &Value) -> Result<()> {
    let mask = mask.expand(x.sizes())?;
    let mask = if mask.shares(x) { copy::clone(&mask)? } else { mask };
    let walk = Walk::new(x.sizes(), &[x.strides(), mask.strides()]);
    if walk.count == 0 {
        return Ok(());
    }
    let (address, number) = match value {
        Value::View(v) => (v.on_device().map_or(0, |v| v.1), bytes(Scalar::Int(0), x.dtype())?),
        Value::Number(n) => (0, bytes(*n, x.dtype())?),
    };
    let (Some((_, to)), Some((_, bits))) = (x.on_device_mut(), mask.on_device()) else {
        return Err(runtime("internal: memory of the host's"));
    };
    let text = format!(
        "namespace tensh {{\n{}typedef {} S;\nextern \"C\" __global__ void __launch_bounds__({THREADS}) fill(const W walk, S* x, \
         const bool* mask, const S* value, const S number, uint64_t n) {{\n    fill_where<I>(walk, x, mask, value, number, \
         n);\n}}\n}}  // namespace tensh\n",
        walk.text(0),
        word(x.dtype().size()),
    );
    let function = launch::functions(gpu, &sources::with(&[WALK, REARRANGE], &text, false), &["fill"])?[0];
    let mut parameters = Parameters::new();
    walk.add_to(&mut parameters);
    parameters.address(to).address(bits).address(address).bytes(&number).int(walk.count as i64);
    let grid = super::rearrange::grid(gpu, walk.count);
    // SAFETY: the parameters are those of the text; the mask has the sizes of what it masks.
    unsafe { parameters.launch(gpu, function, (grid, 1), THREADS as u32) }
}

/// Each slice along `dim` as often as its own number says; `None` where a number is negative, or they are not as they should be.
///
/// # Errors
/// What the device refuses.
pub fn repeat_each(
    gpu: &'static Gpu,
    x: Option<(&View, Option<i64>)>,
    repeats: &View,
    output_size: Option<i64>,
) -> Result<Option<View>> {
    if !matches!(repeats.dtype(), DType::I32 | DType::I64) || repeats.ndim() > 1 || repeats.device() == Device::Cpu {
        return Ok(None);
    }
    let (x, dim) = match x {
        None => (None, 0),
        Some((x, None)) => (Some(crate::cpu::shape::reshape(x, &[-1])?), 0),
        Some((x, Some(dim))) => (Some(x.clone()), crate::base::shape::wrap_dim(dim, x.ndim())?),
    };
    let x = x.as_ref().map(super::gather::at_least_1d);
    let n = x.as_ref().map_or(repeats.numel() as i64, |x| x.sizes()[dim]);
    let stretched = if repeats.numel() == 1 && x.is_some() {
        crate::cpu::shape::reshape(repeats, &[1])?.expand(&[n])?
    } else {
        repeats.clone()
    };
    if stretched.sizes() != [n] || n == 0 {
        return Ok(None);
    }
    let counts = copy::contiguous(&stretched)?;
    let Some((_, address)) = counts.on_device() else { return Ok(None) };
    let starts = gpu.allocate((n as usize + 1) * 8)?;
    let total = sum_up(gpu, (address, counts.dtype()), starts.address, n as usize)?;
    let Some(total) = total.filter(|&total| total >= 0 && output_size.is_none_or(|wanted| wanted == total)) else {
        return Ok(None);
    };
    let dtype = if x.is_some() { DType::I64 } else { repeats.dtype() };
    let owners = View::empty_on(gpu.device(), dtype, &[total])?;
    if total > 0 {
        let Some((_, to)) = owners.on_device_mut() else { return Ok(None) };
        let text = format!(
            "namespace tensh {{\nextern \"C\" __global__ void __launch_bounds__({THREADS}) owned(const int64_t* starts, uint64_t \
             counts, {}* out, uint64_t n) {{\n    owners(starts, counts, out, n);\n}}\n}}  // namespace tensh\n",
            stored(dtype)
        );
        let function = launch::functions(gpu, &sources::with(&[WALK, REARRANGE], &text, false), &["owned"])?[0];
        let mut parameters = Parameters::new();
        parameters.address(starts.address).int(n).address(to).int(total);
        // SAFETY: the parameters are those of the text; starts were summed up for as many counts.
        unsafe { parameters.launch(gpu, function, (launch::blocks_of(total as usize, THREADS)?, 1), THREADS as u32)? };
    }
    match x {
        None => Ok(Some(owners)),
        Some(x) => slices(gpu, &x, dim, &owners, n),
    }
}
