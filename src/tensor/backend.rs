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

thread_local! {
    static SMALL: Cell<Option<RunSmall>> = const { Cell::new(None) };
    static PROGRAM: Cell<Option<RunProgram>> = const { Cell::new(None) };
    static STREAM: Cell<Option<StreamProgram>> = const { Cell::new(None) };
    static FORMULA: Cell<Option<RunFormula>> = const { Cell::new(None) };
}

/// Registers the runners of Programs, of calls on few elements, and of streams for this thread.
pub fn set_program_runner(run: RunProgram, small: RunSmall, stream: StreamProgram) {
    PROGRAM.set(Some(run));
    SMALL.set(Some(small));
    STREAM.set(Some(stream));
}

/// A Program's values as a stream.
pub fn stream_program(program: Program) -> Option<Box<dyn Stream>> {
    STREAM.get().and_then(|stream| stream(program))
}

/// Runs a call on few elements, where the device has a short way for it.
///
/// # Errors
/// What the computation meets.
#[inline]
pub fn run_small(call: &Call<'_>) -> Result<Option<View>> {
    SMALL.get().map_or(Ok(None), |run| run(call))
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
    match PROGRAM.get() {
        Some(run) => run(program),
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
