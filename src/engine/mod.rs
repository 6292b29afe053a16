//! Runs Programs: on the CPU by blocks, later on CUDA as generated code.

pub mod cpu;
mod gather;
mod small;

use crate::tensor::backend::{Engine, set_engine};

/// The engine that computes on the host.
static CPU: Engine = Engine { program: cpu::run, stream: cpu::stream, small: small::run, direct: small::direct };

/// Makes this thread's tensors compute with these engines.
pub fn install() {
    set_engine(&CPU);
}
