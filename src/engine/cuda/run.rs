//! Running Programs and copies on a GPU.
#![allow(unsafe_code)]

use super::layout::Layout;
use super::source::{self, THREADS};
use crate::base::error::{Result, runtime};
use crate::cpu::block;
use crate::cuda::flag::Flag;
use crate::cuda::launch::{self, Parameters};
use crate::cuda::{join, moves};
use crate::store::View;
use crate::store::cuda::Gpu;
use crate::store::cuda::driver::{self, Function};
use crate::tensor::program::{Ins, Op, Program, Src};
use smallvec::SmallVec;

fn kernel(gpu: &Gpu, program: &Program, layout: &Layout) -> Result<Function> {
    let found = launch::by_key(gpu, source::NAME, source::key(program, layout), || {
        launch::functions(gpu, &source::text(program, layout), &[source::NAME])
    })?;
    Ok(found[0])
}

/// Runs a Program whose operands lie on a GPU.
///
/// # Errors
/// Integer division by zero; what the device refuses.
pub fn run(program: &Program) -> Result<()> {
    let Some((_, first)) = program.outs.first() else { return Ok(()) };
    let Some((gpu, _)) = first.on_device() else { return Err(runtime("internal: an output of the host's")) };
    let layout = Layout::of(program);
    if layout.numel == 0 {
        return Ok(());
    }
    let function = kernel(gpu, program, &layout)?;
    let flag = source::divides(program).then(|| Flag::new(gpu)).transpose()?;
    let mut parameters = Parameters::new();
    parameters.int(layout.numel as i64).address(flag.as_ref().map_or(0, Flag::address));
    if !layout.sizes.is_empty() {
        let dims: SmallVec<[i64; 24]> = layout.sizes.iter().chain(layout.strides.iter().flatten()).copied().collect();
        parameters.ints(&dims);
    }
    for view in &program.inputs {
        let Some((_, address)) = view.on_device() else { return Err(runtime("internal: an input of the host's")) };
        parameters.address(address);
    }
    for &(value, dtype) in &program.numbers {
        parameters.number(value, dtype);
    }
    for (_, view) in &program.outs {
        let Some((_, address)) = view.on_device_mut() else { return Err(runtime("internal: an output of the host's")) };
        parameters.address(address);
    }
    let blocks = layout.numel.div_ceil(layout.pack * layout.each).div_ceil(THREADS as usize);
    let blocks = u32::try_from(blocks).map_err(|_| runtime("CUDA error: invalid configuration argument"))?;
    // SAFETY: the parameters are those of the text; operands hold the elements that the layout says.
    unsafe { parameters.launch(gpu, function, (blocks, 1), THREADS)? };
    match flag.map_or(Ok(false), Flag::is_set)? {
        true => Err(runtime("ZeroDivisionError")),
        false => Ok(()),
    }
}

/// Copies elements between views of one GPU, converting them.
///
/// # Errors
/// What the device refuses.
pub fn copy(from: &View, to: &View) -> Result<()> {
    if from.dtype() == to.dtype() && from.sizes() == to.sizes() && from.is_contiguous() && to.is_contiguous() {
        let bytes = from.numel() * from.dtype().size();
        let (Some((gpu, source)), Some((_, target))) = (from.on_device(), to.on_device_mut()) else {
            return Err(runtime("internal: a copy on the host"));
        };
        return if bytes == 0 || source == target { Ok(()) } else { gpu.copy(target, source, bytes) };
    }
    if from.shares(to)
        && from.dtype() == to.dtype()
        && from.address() == to.address()
        && (from.sizes(), from.strides()) == (to.sizes(), to.strides())
    {
        return Ok(());
    }
    if from.shares(to) && (from.address() != to.address() || from.strides() != to.strides()) {
        // Elements may be written before they are read elsewhere.
        let fresh = View::empty_on(from.device(), from.dtype(), from.sizes())?;
        copy(from, &fresh)?;
        return copy(&fresh, to);
    }
    // In the order of the target's memory, so that neighbouring threads write neighbours.
    let order: Vec<usize> = View::memory_order(std::slice::from_ref(to)).into_iter().rev().collect();
    let (from, to) = (from.expand(to.sizes())?.permute(&order), to.permute(&order));
    let (have, want) = (from.dtype(), to.dtype());
    if let (true, Some((gpu, _))) = (have == want, to.on_device()) {
        return moves::copy(gpu, &from, &to);
    }
    let ins = Ins {
        op: Op::Cast(have),
        compute: want,
        dtype: want,
        args: SmallVec::from_slice(&[Src::Input(0)]),
        body: block::cast(have, want),
    };
    run(&Program {
        sizes: to.sizes().into(),
        device: to.device(),
        inputs: vec![from],
        code: vec![ins],
        outs: vec![(0, to.clone())],
        ..Program::default()
    })
}

/// Copies between several views of one GPU: as few launches as it takes.
///
/// # Errors
/// What the device refuses.
pub fn copies(pairs: &[(View, View)]) -> Result<()> {
    join::copy(pairs)?.iter().try_for_each(|(from, to)| copy(from, to))
}

/// The bytes that a GPU reads and writes in a second when it copies what its cache does not hold: the best of three.
///
/// # Errors
/// What the device refuses.
pub fn copy_rate(gpu: &'static Gpu) -> Result<f64> {
    let bytes = (gpu.properties.l2 as usize * 4).max(256 << 20);
    let (from, to) = (gpu.allocate(bytes)?, gpu.allocate(bytes)?);
    let mut best = f32::INFINITY;
    for _ in 0..3 {
        let start = driver::Event::record(gpu)?;
        gpu.copy(to.address, from.address, bytes)?;
        let end = driver::Event::record(gpu)?;
        end.synchronize()?;
        best = best.min(start.elapsed(&end)?);
    }
    Ok(2.0 * bytes as f64 / (f64::from(best) / 1e3))
}
