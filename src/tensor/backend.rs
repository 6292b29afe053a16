//! What a device offers to the tensors on it. The engine registers itself; nothing here knows how it computes.

use super::Tensor;
use super::call::Called;
use super::program::Program;
use crate::base::error::{Result, runtime};
use crate::ops::{Arg, Row};
use std::cell::Cell;

/// Runs a Program: fills its outputs.
pub type RunProgram = fn(&Program) -> Result<()>;

/// Runs a row's formula, given the row, the overload and the bound arguments.
pub type RunFormula = fn(&'static Row, usize, &[Arg<Tensor>]) -> Result<Called>;

thread_local! {
    static PROGRAM: Cell<Option<RunProgram>> = const { Cell::new(None) };
    static FORMULA: Cell<Option<RunFormula>> = const { Cell::new(None) };
}

/// Registers the runner of Programs for this thread.
pub fn set_program_runner(run: RunProgram) {
    PROGRAM.set(Some(run));
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
