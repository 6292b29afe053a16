//! Runs Programs: on the CPU by blocks, on CUDA as generated code.

pub mod cpu;
pub mod cuda;
mod gather;
mod small;

use crate::base::Device;
use crate::store::cuda::driver;
use crate::tensor::backend::{Engine, set_engine};

/// The engines, by where a Program's operands lie.
static ENGINES: Engine = Engine {
    program: |program| match program.device {
        Device::Cuda(_) => cuda::run(program),
        _ => cpu::run(program),
    },
    stream: |program| match program.device {
        Device::Cuda(_) => None,
        _ => cpu::stream(program),
    },
    loader: cuda::loader,
    copy: cuda::copy,
    small: small::run,
    direct: small::direct,
    copy_rate: |device| match device {
        Device::Cuda(index) => driver::gpu(index).and_then(cuda::copy_rate).unwrap_or(0.0),
        _ => cpu::copy_rate(),
    },
};

/// Makes the calling thread one of those that compute; work over a second shows how far it is on stderr, if wanted.
pub fn take_part(progress: bool) {
    crate::cpu::parallel::take_part();
    crate::cpu::progress::show(progress);
}

/// Makes this thread's tensors compute with these engines.
pub fn install() {
    set_engine(&ENGINES);
    crate::store::copies::set(cuda::copies);
}
