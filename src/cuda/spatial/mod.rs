//! Convolutions and pooling on a GPU.
#![allow(unsafe_code)]

pub mod convolve;
pub mod pool;

use super::launch::{self, Parameters, THREADS};
use super::sources::{self, SPATIAL};
use super::types::io;
use crate::base::DType;
use crate::base::error::Result;
use crate::cpu::spatial::Triple;
use crate::store::cuda::Gpu;
use crate::store::cuda::driver::Function;

/// The kernel parameter that says how windows slide: sizes, kernel, windows, stride, padding, dilation.
fn slide(parameters: &mut Parameters, all: [Triple; 6]) {
    let all: Vec<i64> = all.iter().flatten().map(|&n| n as i64).collect();
    parameters.ints(&all);
}

/// A kernel of one thread for each of `n` things: its parameters begin with how windows slide, and it calls a function of
/// `kernels/spatial.cu` with them.
fn kernel(gpu: &Gpu, dtype: DType, parameters: &str, call: &str) -> Result<Function> {
    let text = format!(
        "namespace tensh {{\n{}extern \"C\" __global__ void __launch_bounds__({THREADS}) spatial(const Slide w, {parameters}) {{\n    \
         {call};\n}}\n}}  // namespace tensh",
        io(dtype)
    );
    Ok(launch::functions(gpu, &sources::with(&[SPATIAL], &text, dtype.is_complex()), &["spatial"])?[0])
}

/// Launches a kernel of one thread for each of `n` things.
///
/// # Safety
/// As for [`Parameters::launch`].
unsafe fn launch(gpu: &Gpu, function: Function, parameters: &mut Parameters, n: usize) -> Result<()> {
    // SAFETY: the caller's.
    unsafe { parameters.launch(gpu, function, (launch::blocks(n)?, 1), THREADS) }
}
