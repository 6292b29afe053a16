//! `torch.randperm`: the numbers sorted by random keys.
#![allow(unsafe_code)]

use super::distribution::Distribution;
use super::draw::{THREADS, enough, filled, read, written};
use super::generator::Generator;
use crate::base::DType;
use crate::base::error::Result;
use crate::cuda::launch::{self, Parameters};
use crate::cuda::sources::{self, RANDOM};
use crate::cuda::types::stored;
use crate::store::View;
use crate::store::cuda::Gpu;
use crate::store::cuda::driver::{Block, Function};

/// Elements that a block sorts among themselves.
const NEAR: u64 = 1024;

/// Bytes of a key with its number.
const KEYED: u64 = 16;

/// `0..n` in random order, where the dtype can count so far; `None` where that is left to the CPU's function.
///
/// # Errors
/// What the device refuses.
pub fn randperm(gpu: &'static Gpu, n: i64, dtype: DType, g: &mut Generator) -> Result<Option<View>> {
    let sorts = dtype.is_int() && !matches!(dtype, DType::U16 | DType::U32 | DType::U64);
    if n <= 0 || !(sorts || matches!(dtype, DType::F16 | DType::F32 | DType::F64)) {
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
    let text = format!(
        "namespace tensh {{\nextern \"C\" __global__ void keys(const {}* keys, keyed* out, uint64_t n, uint64_t all, uint64_t mask, uint64_t \
         flip) {{\n    make_keys(keys, out, n, all, mask, flip);\n}}\nextern \"C\" __global__ void __launch_bounds__(512) near(keyed* all, \
         uint64_t from, uint64_t to) {{\n    sort_near(all, from, to);\n}}\nextern \"C\" __global__ void __launch_bounds__(256) far(keyed* all, \
         uint64_t size, uint64_t step) {{\n    sort_far(all, size, step);\n}}\nextern \"C\" __global__ void order(const keyed* sorted, \
         {element}* out, uint64_t n, uint64_t seed, uint64_t block) {{\n    write_order(sorted, out, n, seed, block);\n}}\n}}  // namespace tensh",
        stored(kind)
    );
    let functions = launch::functions(gpu, &sources::with(&[RANDOM], &text, false), &["keys", "near", "far", "order"])?;
    let n = n as u64;
    let (all, memory) = sorted_room(gpu, n)?;
    // Keys of all bits are signed.
    let mask = if bits == 64 { u64::MAX } else { (1 << bits) - 1 };
    let flip = if bits == kind.size() as u32 * 8 { 1 << (bits - 1) } else { 0 };
    let mut parameters = Parameters::new();
    parameters.address(read(&keys)?).address(memory.address).int(n as i64).int(all as i64).int(mask as i64).int(flip);
    // SAFETY: the parameters are those of the text; there is room for `all` keys.
    unsafe { parameters.launch(gpu, functions[0], (enough(all, THREADS)?, 1), THREADS)? };
    sort(gpu, &memory, all, functions[1], functions[2])?;
    let (seed, block) = g.take(n);
    let mut parameters = Parameters::new();
    parameters.address(memory.address).address(written(&out)?).int(n as i64).int(seed as i64).int(block as i64);
    // SAFETY: as above.
    unsafe { parameters.launch(gpu, functions[3], (enough(n, THREADS)?, 1), THREADS)? };
    Ok(Some(out))
}

/// Room for as many keys as are sorted, and for how many: a power of two.
pub(super) fn sorted_room(gpu: &'static Gpu, n: u64) -> Result<(u64, Block)> {
    let all = n.next_power_of_two().max(NEAR);
    Ok((all, gpu.allocate((all * KEYED) as usize)?))
}

/// Sorts keys, a power of two of them.
pub(super) fn sort(gpu: &'static Gpu, keys: &Block, all: u64, near: Function, far: Function) -> Result<()> {
    let near_by = |from: u64, to: u64| -> Result<()> {
        let mut parameters = Parameters::new();
        parameters.address(keys.address).int(from as i64).int(to as i64);
        // SAFETY: the parameters are those of the kernel, whose blocks share the keys out.
        unsafe { parameters.launch(gpu, near, (enough(all / 2, 512)?, 1), 512) }
    };
    near_by(2, NEAR)?;
    let mut size = 2 * NEAR;
    while size <= all {
        let mut step = size / 2;
        while step >= NEAR {
            let mut parameters = Parameters::new();
            parameters.address(keys.address).int(size as i64).int(step as i64);
            // SAFETY: as above; each thread exchanges two keys.
            unsafe { parameters.launch(gpu, far, (enough(all / 2, THREADS)?, 1), THREADS)? };
            step /= 2;
        }
        near_by(size, size)?;
        size *= 2;
    }
    Ok(())
}
