//! `torch.randperm`: the numbers sorted by random keys.
#![allow(unsafe_code)]

use super::distribution::Distribution;
use super::draw::{THREADS, filled};
use super::generator::Generator;
use crate::base::DType;
use crate::base::error::Result;
use crate::cuda::launch::{self, Parameters, blocks_of, read, written};
use crate::cuda::sort::rows::{self, Keys};
use crate::cuda::sources::{self, RANDOM};
use crate::cuda::types::stored;
use crate::store::View;
use crate::store::cuda::Gpu;

/// `0..n` in random order, where the dtype can count so far; `None` where that is left to the CPU's function.
///
/// # Errors
/// What the device refuses.
pub fn randperm(gpu: &'static Gpu, n: i64, dtype: DType, g: &mut Generator) -> Result<Option<View>> {
    let sorts = dtype.is_int() && !matches!(dtype, DType::U16 | DType::U32 | DType::U64);
    if n <= 0 || i32::try_from(n).is_err() || !(sorts || matches!(dtype, DType::F16 | DType::F32 | DType::F64)) {
        return Ok(None);
    }
    // So many bits that keys are seldom the same.
    let count = n as f64;
    let bits = (count - (6.0 * count * count + 1.0) / (0.9f64.ln() * 12.0)).log2().ceil().min(64.0) as u32;
    let narrow = bits <= 32;
    let (kind, range, from) = match narrow {
        true => (DType::I32, u64::from(u32::MAX), i64::from(i32::MIN)),
        false => (DType::I64, u64::MAX, i64::MIN),
    };
    let Some(d) = Distribution::integers(kind, from, range) else { return Ok(None) };
    let keys = filled(gpu, &[n], &d, g)?;
    let out = View::empty_on(gpu.device(), dtype, &[n])?;
    let element = stored(dtype);
    let word = if narrow { DType::U32 } else { DType::U64 };
    let text = format!(
        "namespace tensh {{\ntypedef {} U;\nextern \"C\" __global__ void __launch_bounds__({THREADS}) keys(const {}* keys, U* out, \
         uint64_t n, uint64_t mask, uint64_t flip) {{\n    mask_keys(keys, out, n, mask, flip);\n}}\nextern \"C\" __global__ void \
         __launch_bounds__({THREADS}) order(const U* keys, const int64_t* numbers, {element}* out, uint64_t n, uint64_t seed, uint64_t \
         block) {{\n    write_order(keys, numbers, out, n, seed, block);\n}}\n}}  // namespace tensh",
        stored(word),
        stored(kind)
    );
    let functions = launch::functions(gpu, &sources::with(&[RANDOM], &text, false), &["keys", "order"])?;
    let words = View::empty_on(gpu.device(), word, &[n])?;
    // Keys of all bits are signed.
    let mask = if bits == 64 { u64::MAX } else { (1 << bits) - 1 };
    let flip = if bits == kind.size() as u32 * 8 { 1 << (bits - 1) } else { 0 };
    let mut parameters = Parameters::new();
    parameters.address(read(&keys)?).address(written(&words)?).int(n).int(mask as i64).int(flip);
    // SAFETY: the parameters are those of the text; there is room for all keys.
    unsafe { parameters.launch(gpu, functions[0], (blocks_of(n as usize, THREADS as usize)?, 1), THREADS)? };
    let order = rows::sort(gpu, &words, None, n as usize, n as usize, Keys::of(word, false))?;
    let (seed, block) = g.take(n as u64);
    let mut parameters = Parameters::new();
    parameters.address(read(&order.values)?).address(read(&order.indices)?).address(written(&out)?);
    parameters.int(n).int(seed as i64).int(block as i64);
    // SAFETY: as above.
    unsafe { parameters.launch(gpu, functions[1], (blocks_of(n as usize, THREADS as usize)?, 1), THREADS)? };
    Ok(Some(out))
}
