//! Running totals along a dimension on a GPU.
#![allow(unsafe_code)]

use super::launch::{self, Parameters, grid};
use super::lines::{Lines, Store, Stored};
use super::loader::Loader;
use super::sources::{self, LINES, REDUCE, SCAN};
use super::types::register;
use crate::base::DType;
use crate::base::error::Result;
use crate::store::View;
use crate::store::cuda::Gpu;
use crate::store::cuda::driver::Function;

/// Threads of a block.
const BLOCK: usize = 256;

/// Elements of a thread, by the bytes of an accumulator: as many as shared memory and registers have room for.
fn items(bytes: usize) -> usize {
    match bytes {
        ..=4 => 15,
        5..=8 => 11,
        _ => 5,
    }
}

/// Blocks that a multiprocessor is to have room for at once: they hide what each waits for.
const ROOM: usize = 4;

/// Runs a scan of the C type `op`, a name and its second argument, with accumulators of `bytes`; each output is an expression of an accumulator `a`.
fn run(
    gpu: &'static Gpu,
    lines: &Lines<'_>,
    op: (&str, &str),
    bytes: usize,
    outs: &[(DType, &str)],
) -> Result<Vec<View>> {
    let load = lines.load;
    let views: Vec<View> =
        outs.iter().map(|(dtype, _)| View::empty_on(gpu.device(), *dtype, &load.sizes)).collect::<Result<_>>()?;
    let (count, n) = (lines.count(), lines.length());
    let items = items(bytes);
    let most = n.div_ceil(items).next_power_of_two().min(BLOCK);
    let lanes = if lines.side_by_side {
        // 32 rows are read together, fewer where there are fewer.
        most.min((BLOCK / count.next_power_of_two().min(32)).max(1))
    } else {
        most
    };
    let columns = BLOCK / lanes;
    let groups = count.div_ceil(columns);
    let busy = gpu.properties.multiprocessors.max(1) as usize * 8;
    let parts = if groups >= busy { 1 } else { n.div_ceil(lanes * items) };
    let store = Store { argument: "Op::Acc", outs, inputs: &[], by: None };
    let mut key = load.key(&lines.rows);
    key.text(op.0).text(op.1);
    store.key(&mut key);
    let function = launch::by_key(gpu, "scan", key, || kernel(gpu, lines, op, &store, items))?[0];
    let mut parameters = Parameters::new();
    lines.add_to(&mut parameters, &views, &|_| Ok(()))?;
    parameters.word(lanes as u32).word(u32::from(lines.side_by_side)).int(parts as i64);
    let tiles = groups * parts;
    let room = if parts > 1 {
        let states = gpu.allocate((tiles + 1) * 4)?;
        gpu.fill(states.address, 0, (tiles + 1) * 4)?;
        Some([states, gpu.allocate(tiles * columns * bytes)?, gpu.allocate(tiles * columns * bytes)?])
    } else {
        None
    };
    match &room {
        Some(room) => room.iter().for_each(|block| _ = parameters.address(block.address)),
        None => _ = parameters.address(0).address(0).address(0),
    }
    // SAFETY: the parameters are those of the text; outputs have an element for each that is read, and every tile has its state.
    unsafe { parameters.launch(gpu, function, (grid(tiles)?, 1), BLOCK as u32)? };
    Ok(views)
}

/// The kernel of a scan: `items` elements a thread.
fn kernel(gpu: &Gpu, lines: &Lines<'_>, op: (&str, &str), store: &Store<'_>, items: usize) -> Result<Vec<Function>> {
    let load = lines.load;
    let Stored { text: store, declared: outputs, made } = store.texts();
    let (declared, load_made) = (load.declared(), load.made());
    let head = lines.text(BLOCK, 1);
    let items_text = format!("namespace tensh {{\nconstexpr uint32_t ITEMS = {items};\n}}  // namespace tensh\n");
    let types = format!(
        "namespace tensh {{\ntypedef {} E;\ntypedef {}<E, {}> Op;\n}}  // namespace tensh\n",
        register(load.dtype),
        op.0,
        op.1
    );
    let text = sources::with(
        &[REDUCE, &head, LINES, &items_text, SCAN, &types, &store],
        format!(
            "namespace tensh {{\nextern \"C\" __global__ void __launch_bounds__({BLOCK}, {ROOM}) scan({declared}, {outputs}, uint64_t outer, \
             uint64_t length, uint64_t inner, uint32_t lanes, uint32_t side_by_side, uint64_t parts, uint32_t* states, Op::Acc* own, \
             Op::Acc* whole) {{\n    {load_made}\n    {made}\n    const Tiles<Op::Acc> tiles = {{states, own, whole}};\n    \
             scan_rows(Op(), load, store, outer, length, inner, lanes, side_by_side != 0, parts, tiles);\n}}\n}}  // namespace tensh"
        ),
        load.complex,
    );
    launch::functions(gpu, &text, &["scan"])
}

/// What sums and products of a dtype are kept in: wider floats, as on the CPU, and integers that wrap.
fn total(dtype: DType) -> (&'static str, usize) {
    match dtype {
        DType::F16 | DType::BF16 => ("float", 4),
        DType::F32 | DType::F64 => ("double", 8),
        DType::C32 | DType::C64 => ("complex<double>", 16),
        DType::I64 => ("uint64_t", 8),
        _ => ("uint32_t", 4),
    }
}

/// Running sums along `dim` in `dtype`, or products; integers become `int64` unless that says otherwise.
///
/// # Errors
/// What the device refuses.
pub fn running(gpu: &'static Gpu, x: Loader, dim: i64, dtype: Option<DType>, product: bool) -> Result<Option<View>> {
    let dtype = dtype.unwrap_or(if x.dtype.is_integral() { DType::I64 } else { x.dtype });
    let x = x.cast(dtype);
    let Some(lines) = Lines::along(&x, dim) else { return Ok(None) };
    if matches!(dtype, DType::Bool | DType::U16 | DType::U32 | DType::U64) {
        return Ok(None);
    }
    let (acc, bytes) = total(dtype);
    let op = (if product { "Product" } else { "Sum" }, acc);
    Ok(run(gpu, &lines, op, bytes, &[(dtype, "a")])?.pop())
}

/// Running extremes along `dim` and where they were met last.
///
/// # Errors
/// What the device refuses.
pub fn extremes(gpu: &'static Gpu, x: &Loader, dim: i64, largest: bool) -> Result<Option<Vec<View>>> {
    let Some(lines) = Lines::along(x, dim) else { return Ok(None) };
    if x.dtype.is_complex() || matches!(x.dtype, DType::U16 | DType::U32 | DType::U64) {
        return Ok(None);
    }
    let outs = [(x.dtype, "a.value"), (DType::I64, "a.at")];
    Ok(Some(run(gpu, &lines, ("Latest", if largest { "true" } else { "false" }), 16, &outs)?))
}

/// Logarithms of the running sums of exponentials along `dim`.
///
/// # Errors
/// What the device refuses.
pub fn logcumsumexp(gpu: &'static Gpu, x: &Loader, dim: i64) -> Result<Option<View>> {
    let Some(lines) = Lines::along(x, dim) else { return Ok(None) };
    if !x.dtype.is_float() {
        return Ok(None);
    }
    let (acc, bytes) = if x.dtype == DType::F64 { ("double", 16) } else { ("float", 8) };
    Ok(run(gpu, &lines, ("Exponentials", acc), bytes, &[(x.dtype, "a.most + log(a.sum)")])?.pop())
}
