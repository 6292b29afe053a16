//! Truths with a probability an element.
#![allow(unsafe_code)]

use super::draw::{paired, stretched};
use super::generator::Generator;
use crate::base::DType;
use crate::base::error::Result;
use crate::cpu::random::probability;
use crate::cuda::flag::Flag;
use crate::cuda::launch::{self, Parameters, blocks_of, written};
use crate::cuda::sources::{self, RANDOM};
use crate::cuda::types::{narrowed, register, stored};
use crate::store::View;
use crate::store::cuda::Gpu;

/// Threads of a block; each draws for four neighbours.
const THREADS: u32 = 512;

/// Fills `out` with 1 and 0, 1 with the probability that `p`, broadcast, has at the place; `false` where that is left to the CPU's function.
///
/// # Errors
/// torch's error for probabilities outside `[0, 1]`; what the device refuses.
pub fn bernoulli_each(gpu: &'static Gpu, out: &View, p: &View, g: &mut Generator) -> Result<bool> {
    let real = |d: DType| !d.is_complex() && !matches!(d, DType::U16 | DType::U32 | DType::U64);
    if out.numel() == 0 || stretched(out) || !real(out.dtype()) || !p.dtype().is_float() || p.on_device().is_none() {
        return Ok(false);
    }
    let Ok(p) = p.expand(out.sizes()) else { return Ok(false) };
    let places = paired(out, &p);
    let chance = register(if out.dtype() == DType::F64 { DType::F64 } else { DType::F32 });
    let rows = places.rows(&vec![false; places.sizes.len()]);
    let mut key = places.key(&rows);
    key.byte(out.dtype() as u8);
    let text = || {
        format!(
            "namespace tensh {{\n{}extern \"C\" __global__ void __launch_bounds__({THREADS}) draw({}, {}* out, uint64_t n, uint64_t seed, \
         uint64_t block, uint32_t* flag) {{\n    {}\n    const uint64_t thread = uint64_t(blockIdx.x) * {THREADS} + threadIdx.x;\n    \
         if (thread * 4 >= n) return;\n    const uniform32 u(philox(seed, thread, block));\n    for (int k = 0; k < 4; k++) {{\n        \
         if (thread * 4 + k >= n) return;\n        const Place place = load.row(thread * 4 + k);\n        \
         const {chance} p = cast<{chance}>(load(place, 0));\n        if (!(p >= 0 && p <= 1)) *flag = 1;\n        \
         out[place.at[0]] = {};\n    }}\n}}\n}}  // namespace tensh",
            places.text(&rows),
            places.declared(),
            stored(out.dtype()),
            places.made(),
            narrowed(out.dtype(), &format!("cast<{}>(u.v[k] <= p)", register(out.dtype())))
        )
    };
    let function = launch::by_key(gpu, "bernoulli", key, || {
        launch::functions(gpu, &sources::with(&[RANDOM], text(), false), &["draw"])
    })?[0];
    let flag = Flag::new(gpu)?;
    let (seed, block) = g.take(10);
    let n = rows.count as u64;
    let mut parameters = Parameters::new();
    places.add_to(&mut parameters, &rows)?;
    parameters.address(written(out)?).int(n as i64).int(seed as i64).int(block as i64).address(flag.address());
    // SAFETY: the parameters are those of the text; both views have an element for each index.
    unsafe { parameters.launch(gpu, function, (blocks_of(n.div_ceil(4) as usize, THREADS as usize)?, 1), THREADS)? };
    probability(!flag.is_set()?)?;
    Ok(true)
}
