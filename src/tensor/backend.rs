//! What a device offers to the tensors on it. The engine registers itself; nothing here knows how it computes.

use super::Tensor;
use super::call::Called;
use super::elementwise::Operand;
use super::program::Program;
use crate::base::device::set_default_device;
use crate::base::error::{Result, runtime};
use crate::base::{DType, Device};
use crate::cpu::reduce::stream::Stream;
use crate::cuda::flag::Trust;
use crate::cuda::loader::Loader;
use crate::ops::signature::Signature;
use crate::ops::{Arg, Prim, Row};
use crate::store::View;
use std::borrow::Cow;
use std::cell::Cell;

/// Runs a Program: fills its outputs.
pub type RunProgram = fn(&Program) -> Result<()>;

/// A Program without outputs, whose last instruction's values are computed as they are asked for; `None` when the device has no
/// way to do so.
pub type StreamProgram = fn(Program) -> Option<Box<dyn Stream>>;

/// Runs one call on few elements without making a Program; `None` when the operands need more than that.
pub type RunSmall = fn(&Call<'_>) -> Result<Option<View>>;

/// Runs one call on few elements of one dtype, the operands numbers and contiguous tensors of the first one's sizes; `None` when
/// they are otherwise, or when the call is to be checked.
pub type RunDirect = fn(&'static Prim, &View, &[Operand]) -> Result<Option<View>>;

/// One call of a primitive, checked.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// What is called.
    pub prim: &'static Prim,
    /// On what.
    pub operands: &'a [Operand],
    /// The dtype of computation.
    pub compute: DType,
    /// The dtype of the result.
    pub dtype: DType,
    /// The sizes of the result.
    pub sizes: &'a [i64],
    /// Where the result is.
    pub device: Device,
}

/// Runs a row's formula, given the row, the overload and the bound arguments.
pub type RunFormula = fn(&'static Row, usize, &[Arg<Tensor>]) -> Result<Called>;

/// What computes elementwise calls.
#[derive(Debug)]
pub struct Engine {
    /// Whole Programs.
    pub program: RunProgram,
    /// Programs whose values are reduced.
    pub stream: StreamProgram,
    /// A Program's last values as a kernel of a GPU computes them; `None` where they cannot be computed on the way.
    pub loader: fn(&Program) -> Option<Loader>,
    /// Copies elements between views of one GPU, converting them.
    pub copy: fn(&View, &View) -> Result<()>,
    /// Calls on few elements.
    pub small: RunSmall,
    /// Those among them that need no promotion.
    pub direct: RunDirect,
    /// Measures the bytes that are read and written in a second by a copy of what no cache holds.
    pub copy_rate: fn(Device) -> f64,
}

/// One gradient that a text gives.
#[derive(Debug)]
pub struct DerivativeCall<'a> {
    /// The text.
    pub text: &'static str,
    /// The parameters that it knows.
    pub signature: &'static Signature,
    /// The arguments, as far as they were kept.
    pub args: &'a [Arg<Tensor>],
    /// The gradients of the outputs.
    pub grads: &'a [Option<Tensor>],
    /// The outputs, as far as they were kept.
    pub results: &'a [Option<Tensor>],
    /// Which of the gradients that a text gives together are asked for.
    pub asked: &'a [bool],
}

/// The names of the nodes of a call's results: one for all of them or one for each, none where no gradient comes through.
pub type NodeNames = Vec<Option<Cow<'static, str>>>;

/// Gives the names of a call's nodes, from a text over its arguments and results.
pub type RunNames = fn(&'static str, &'static Signature, &[Arg<Tensor>], &Called) -> Result<NodeNames>;

/// What runs texts: of composite rows and of derivatives.
#[derive(Debug)]
pub struct Texts {
    /// A row's formula.
    pub formula: RunFormula,
    /// A formula in a row's place.
    pub text: fn(&'static str, &'static Signature, &[Arg<Tensor>]) -> Result<Called>,
    /// Gradients: one, or one for each tensor of a list, or for each parameter that is asked for.
    pub derivative: fn(&DerivativeCall<'_>) -> Result<Vec<Option<Tensor>>>,
    /// The names of the nodes of a call's results.
    pub names: RunNames,
}

thread_local! {
    static ENGINE: Cell<Option<&'static Engine>> = const { Cell::new(None) };
    static TEXTS: Cell<Option<&'static Texts>> = const { Cell::new(None) };
}

/// Has this thread's elementwise calls computed by `engine`.
pub fn set_engine(engine: &'static Engine) {
    ENGINE.set(Some(engine));
}

/// The bytes that the device reads and writes in a second when it copies memory, measured now; 0 without a device.
pub fn copy_rate(device: Device) -> f64 {
    ENGINE.get().map_or(0.0, |engine| (engine.copy_rate)(device))
}

/// A Program's values as a stream.
pub fn stream_program(program: Program) -> Option<Box<dyn Stream>> {
    ENGINE.get().and_then(|engine| (engine.stream)(program))
}

/// A Program's last values as a kernel of a GPU computes them.
pub fn loader(program: &Program) -> Option<Loader> {
    ENGINE.get().and_then(|engine| (engine.loader)(program))
}

/// Runs a call on few elements, where the device has a short way for it.
///
/// # Errors
/// What the computation meets.
#[inline]
pub fn run_small(call: &Call<'_>) -> Result<Option<View>> {
    ENGINE.get().map_or(Ok(None), |engine| (engine.small)(call))
}

/// Runs a call on few elements that needs no promotion, no broadcasting and no check.
///
/// # Errors
/// What the computation meets.
#[inline]
pub fn run_direct(prim: &'static Prim, first: &View, rest: &[Operand]) -> Result<Option<View>> {
    ENGINE.get().map_or(Ok(None), |engine| (engine.direct)(prim, first, rest))
}

/// Registers the runner of texts for this thread.
pub fn set_texts(texts: &'static Texts) {
    TEXTS.set(Some(texts));
}

/// What a text makes is made where its tensors are; at the end of its life the default device is what it was.
struct Home(Option<Device>);

impl Home {
    fn of(args: &[Arg<Tensor>]) -> Home {
        let mut found = None;
        for arg in args {
            let device = match arg {
                Arg::Tensor(t) => t.device(),
                Arg::Tensors(all) if !all.is_empty() => all[0].device(),
                Arg::Device(device) => *device,
                _ => continue,
            };
            // A number of the host's may stand beside tensors on a device.
            found = Some(device).filter(|d| *d != Device::Cpu).or(found).or(Some(device));
        }
        Home::at(found)
    }

    fn at(device: Option<Device>) -> Home {
        Home(device.map(set_default_device))
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        if let Some(before) = self.0 {
            set_default_device(before);
        }
    }
}

fn texts() -> Result<&'static Texts> {
    TEXTS.get().ok_or_else(|| runtime("internal: no runner of texts is installed"))
}

/// Copies elements between views of one GPU, converting them.
///
/// # Errors
/// What the device refuses.
pub fn copy_on_device(from: &View, to: &View) -> Result<()> {
    match ENGINE.get() {
        Some(engine) => (engine.copy)(from, to),
        None => Err(runtime("internal: no engine is installed")),
    }
}

/// Runs a Program.
///
/// # Errors
/// What the computation meets.
pub fn run_program(program: &Program) -> Result<()> {
    match ENGINE.get() {
        Some(engine) => (engine.program)(program),
        None => Err(runtime("internal: no engine is installed")),
    }
}

/// Runs a formula.
///
/// # Errors
/// What the formula's ops meet.
pub fn run_formula(row: &'static Row, overload: usize, args: &[Arg<Tensor>]) -> Result<Called> {
    let _home = Home::of(args);
    (texts()?.formula)(row, overload, args)
}

/// Runs a formula in a row's place.
///
/// # Errors
/// What the formula's ops meet.
pub fn run_text(text: &'static str, signature: &'static Signature, args: &[Arg<Tensor>]) -> Result<Called> {
    let _home = Home::of(args);
    (texts()?.text)(text, signature, args)
}

/// The gradients that a text gives.
///
/// # Errors
/// What the text's ops meet.
pub fn run_derivative(call: &DerivativeCall<'_>) -> Result<Vec<Option<Tensor>>> {
    let home = |t: &Option<Tensor>| t.as_ref().map(Tensor::device);
    let _home = Home::at(call.grads.iter().chain(call.results).find_map(home));
    // Indices led the call itself the same way.
    let _trust = Trust::begin();
    (texts()?.derivative)(call)
}

/// The names of the nodes of a call's results: one for all of them, or one for each; none where no gradient comes through.
///
/// # Errors
/// What the text's ops meet.
pub fn run_names(
    text: &'static str,
    signature: &'static Signature,
    args: &[Arg<Tensor>],
    result: &Called,
) -> Result<NodeNames> {
    (texts()?.names)(text, signature, args, result)
}
