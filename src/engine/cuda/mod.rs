//! Runs Programs on NVIDIA GPUs: each shape of Program becomes a kernel once.

mod layout;
mod run;
mod source;

pub use run::{copies, copy, copy_rate, run};
