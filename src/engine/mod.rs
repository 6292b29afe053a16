//! Runs Programs: on the CPU by blocks, later on CUDA as generated code.

pub mod cpu;
mod gather;
mod small;

use crate::tensor::backend::{Engine, set_engine};

/// The engine that computes on the host.
static CPU: Engine = Engine {
    program: cpu::run,
    stream: cpu::stream,
    small: small::run,
    direct: small::direct,
    copy_rate: cpu::copy_rate,
};

/// Makes the calling thread one of those that compute; work over a second shows how far it is on stderr, if wanted.
pub fn take_part(progress: bool) {
    crate::cpu::parallel::take_part();
    crate::cpu::progress::show(progress);
}

/// Makes this thread's tensors compute with these engines.
pub fn install() {
    set_engine(&CPU);
}
