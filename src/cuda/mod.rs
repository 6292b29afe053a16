//! What runs on NVIDIA GPUs: compiling and keeping kernels, launching them, and the rows' functions over views that lie there.
//!
//! Kernel texts are in `kernels/`, embedded; NVRTC compiles them when they are first needed.

pub mod blas;
pub mod cache;
pub mod channels;
pub mod compile;
pub mod copy;
pub mod create;
pub mod fft;
pub mod flag;
pub mod index;
pub mod join;
pub mod key;
pub mod launch;
pub mod library;
pub mod likelihood;
pub mod linalg;
pub mod lines;
pub mod loader;
pub mod matmul;
pub mod moves;
pub mod norm;
pub mod pointwise;
pub mod random;
pub mod reduce;
pub mod scan;
pub mod softmax;
pub mod solver;
pub mod sort;
pub mod sources;
pub mod spatial;
pub mod types;
mod walk;
