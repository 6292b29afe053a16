//! Runs Programs on NVIDIA GPUs: each shape of Program becomes a kernel once.

mod layout;
mod run;
mod source;

pub use run::{copies, copy, copy_rate, run};
pub use source::loader;

use crate::tensor::program::Program;

/// The text of the kernel that runs a Program.
pub fn kernel_text(program: &Program) -> String {
    source::text(program, &layout::Layout::of(program)).whole()
}
