//! What a device offers to the tensors on it. The engine registers itself; nothing here knows how it computes.

use super::Tensor;
use super::call::Called;
use super::elementwise::Operand;
use super::program::Program;
use crate::base::DType;
use crate::base::error::{Result, runtime};
use crate::cpu::reduce::stream::Stream;
use crate::ops::{Arg, Prim, Row};
use crate::store::View;
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
    /// Calls on few elements.
    pub small: RunSmall,
    /// Those among them that need no promotion.
    pub direct: RunDirect,
    /// Measures the bytes that are read and written in a second by a copy of what no cache holds.
    pub copy_rate: fn() -> f64,
}

thread_local! {
    static ENGINE: Cell<Option<&'static Engine>> = const { Cell::new(None) };
    static FORMULA: Cell<Option<RunFormula>> = const { Cell::new(None) };
}

/// Has this thread's elementwise calls computed by `engine`.
pub fn set_engine(engine: &'static Engine) {
    ENGINE.set(Some(engine));
}

/// The bytes that the device reads and writes in a second when it copies memory, measured now; 0 without a device.
pub fn copy_rate() -> f64 {
    ENGINE.get().map_or(0.0, |engine| (engine.copy_rate)())
}

/// A Program's values as a stream.
pub fn stream_program(program: Program) -> Option<Box<dyn Stream>> {
    ENGINE.get().and_then(|engine| (engine.stream)(program))
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

/// Registers the runner of formulas for this thread.
pub fn set_formula_runner(run: RunFormula) {
    FORMULA.set(Some(run));
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
    match FORMULA.get() {
        Some(run) => run(row, overload, args),
        None => Err(runtime("internal: no runner of formulas is installed")),
    }
}
