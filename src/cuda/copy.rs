//! Elements brought into fresh contiguous memory of a GPU.
#![allow(unsafe_code)]

use super::index::picks::unrolled;
use super::launch::{self, Parameters};
use super::loader::{Loader, Rows};
use super::moves;
use super::sources;
use super::types::{narrowed, register, stored};
use crate::base::DType;
use crate::base::error::{Result, runtime};
use crate::store::View;
use crate::store::cuda::Gpu;
use crate::store::cuda::driver::Function;

/// Threads of a block.
const THREADS: u32 = 256;

/// The view itself where it lies in order, else a copy that does.
///
/// # Errors
/// What the device refuses.
pub fn contiguous(gpu: &'static Gpu, x: &View) -> Result<View> {
    if x.is_contiguous() {
        return Ok(x.clone());
    }
    let out = View::empty_on(gpu.device(), x.dtype(), x.sizes())?;
    moves::copy(gpu, x, &out)?;
    Ok(out)
}

/// The view itself where it lies in order and has this dtype, else a copy.
///
/// # Errors
/// What the device refuses.
pub fn cast(gpu: &'static Gpu, x: &View, dtype: DType) -> Result<View> {
    if x.dtype() == dtype { contiguous(gpu, x) } else { computed(gpu, &Loader::of(x), dtype) }
}

/// A loader's elements, converted to a dtype.
///
/// # Errors
/// What the device refuses.
pub fn computed(gpu: &'static Gpu, x: &Loader, dtype: DType) -> Result<View> {
    let out = View::empty_on(gpu.device(), dtype, &x.sizes)?;
    let rows = x.rows(&vec![false; x.sizes.len()]);
    if rows.count == 0 {
        return Ok(out);
    }
    // Several loads are under way before the first element is written.
    let each = unrolled(rows.count);
    let mut key = x.key(&rows);
    key.byte(dtype as u8).byte(u8::from(each > 1));
    let function = launch::by_key(gpu, "store", key, || kernel(gpu, x, &rows, dtype, each))?[0];
    let mut parameters = Parameters::new();
    x.add_to(&mut parameters, &rows)?;
    let Some((_, address)) = out.on_device_mut() else { return Err(runtime("internal: an output of the host's")) };
    parameters.address(address).int(rows.count as i64);
    let blocks = launch::blocks_of(rows.count, THREADS as usize * each)?;
    // SAFETY: the parameters are those of the text; the output has an element for each index.
    unsafe { parameters.launch(gpu, function, (blocks, 1), THREADS)? };
    Ok(out)
}

/// The kernel that computes and stores elements, `each` a thread.
fn kernel(gpu: &Gpu, x: &Loader, rows: &Rows, dtype: DType, each: usize) -> Result<Vec<Function>> {
    let value = narrowed(dtype, &format!("cast<{}>(load(load.row(first + k * {THREADS}), 0))", register(dtype)));
    let stored = stored(dtype);
    let text = format!(
        "namespace tensh {{\n{}extern \"C\" __global__ void __launch_bounds__({THREADS}) store({}, {stored}* out, uint64_t n) {{\n    \
         {}\n    const uint64_t first = uint64_t(blockIdx.x) * ({THREADS} * {each}) + threadIdx.x;\n    {stored} got[{each}];\n\
         #pragma unroll\n    for (int k = 0; k < {each}; ++k) {{\n        if (first + k * {THREADS} < n) got[k] = {value};\n    }}\n\
         #pragma unroll\n    for (int k = 0; k < {each}; ++k) {{\n        if (first + k * {THREADS} < n) out[first + k * {THREADS}] = got[k];\n    }}\n\
         }}\n}}  // namespace tensh",
        x.text(rows),
        x.declared(),
        x.made()
    );
    launch::functions(gpu, &sources::with(&[], &text, x.complex || dtype.is_complex()), &["store"])
}
