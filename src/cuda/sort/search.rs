//! What sorted elements are searched for: `searchsorted`, `bucketize`, `isin`.
#![allow(unsafe_code)]

use super::rows::{self, BLOCK, Keys};
use super::{each, flat};
use crate::base::DType;
use crate::base::error::Result;
use crate::base::promote::promote;
use crate::cpu::sort::search::{Places, sorter_fits};
use crate::cuda::copy;
use crate::cuda::flag::Flag;
use crate::cuda::launch::{self, Parameters};
use crate::cuda::loader::Loader;
use crate::cuda::sources::{self, BUCKET, SEARCH};
use crate::cuda::types::register;
use crate::store::View;
use crate::store::cuda::Gpu;

/// A view on the device; one of the host's is a number.
fn there(gpu: &'static Gpu, v: &View) -> Result<View> {
    if v.on_device().is_some() { Ok(v.clone()) } else { v.moved(gpu.device()) }
}

/// Where to insert `values` into the sorted rows of `sorted` as `places` say; `sorter` gives the order of rows that are not sorted.
///
/// # Errors
/// What the device refuses.
pub fn searchsorted(
    gpu: &'static Gpu,
    sorted: &View,
    values: &View,
    places: &Places,
    sorter: Option<&View>,
    out: DType,
) -> Result<Option<View>> {
    if sorter.is_some_and(|s| sorter_fits(sorted, s).is_err()) || sorter.is_some_and(|s| s.on_device().is_none()) {
        return Ok(None);
    }
    let (sorted, values) = (there(gpu, sorted)?, there(gpu, values)?);
    let found = View::empty_on(gpu.device(), out, values.sizes())?;
    let (count, n) = (values.numel(), places.length);
    if count == 0 {
        return Ok(Some(found));
    }
    let edges = copy::cast(gpu, &sorted, places.dtype)?;
    let load = Loader::of(&values).cast(places.dtype);
    let rows = load.rows(&vec![false; load.sizes.len()]);
    let (edge, result) = (register(places.dtype), register(out));
    let text = format!(
        "namespace tensh {{\n{}extern \"C\" __global__ void __launch_bounds__({BLOCK}) search({}, {result}* out, const {edge}* sorted, const \
         int64_t* sorter, uint64_t count, int64_t length, uint64_t each, uint32_t right) {{\n    {}\n    \
         const uint64_t i = uint64_t(blockIdx.x) * {BLOCK} + threadIdx.x;\n    if (i >= count) return;\n    \
         const uint64_t row = each ? i / each * length : 0;\n    \
         out[i] = {result}(place_of(sorted + row, sorter ? sorter + row : sorter, length, load(load.row(i), 0), right != 0));\n}}\n\
         extern \"C\" __global__ void __launch_bounds__({BLOCK}) check(const int64_t* sorter, uint64_t count, int64_t length, uint32_t* flag) \
         {{\n    check_sorter(sorter, count, length, flag);\n}}\n}}  // namespace tensh",
        load.text(&rows),
        load.declared(),
        load.made(),
    );
    let functions = launch::functions(gpu, &sources::with(&[BUCKET], &text, load.complex), &["search", "check"])?;
    let sorter = sorter.map(|s| copy::contiguous(gpu, s)).transpose()?;
    if let Some(sorter) = &sorter {
        let flag = Flag::new(gpu)?;
        let mut parameters = Parameters::new();
        parameters.reads(sorter)?.int(sorter.numel() as i64).int(n as i64).address(flag.address());
        // SAFETY: the parameters are those of the text, as below; there is room for the flag.
        unsafe { each(gpu, functions[1], &mut parameters, sorter.numel())? };
        // The CPU's function says what is wrong.
        if flag.is_set()? {
            return Ok(None);
        }
    }
    let mut parameters = Parameters::new();
    load.add_to(&mut parameters, &rows)?;
    parameters.writes(&found)?.reads(&edges)?.reads_if(sorter.as_ref())?.int(count as i64).int(n as i64);
    parameters.int(if places.rows == 1 { 0 } else { places.each as i64 }).word(u32::from(places.right));
    // SAFETY: the output has an element for every value, and every row of the values its row among the sorted ones.
    unsafe { each(gpu, functions[0], &mut parameters, count)? };
    Ok(Some(found))
}

/// For each element of `x`, whether it is among those of `test`; the other way round with `invert`.
///
/// # Errors
/// What the device refuses.
pub fn isin(gpu: &'static Gpu, x: &View, test: &View, invert: bool) -> Result<Option<View>> {
    let refused =
        |v: &View| v.dtype().is_complex() || matches!(v.dtype(), DType::Bool | DType::U16 | DType::U32 | DType::U64);
    let Some(dtype) = promote(x.dtype(), test.dtype()) else { return Ok(None) };
    if refused(x) || refused(test) || i32::try_from(test.numel()).is_err() {
        return Ok(None);
    }
    let words = copy::cast(gpu, &there(gpu, x)?, dtype)?;
    let test = flat(gpu, &copy::cast(gpu, &there(gpu, test)?, dtype)?)?;
    let (keys, n, count) = (Keys::of(dtype, false), test.numel(), x.numel());
    let sorted = if n > 0 { rows::sort(gpu, &test, None, n, n, keys)?.values } else { test };
    let out = View::empty_on(gpu.device(), DType::Bool, x.sizes())?;
    if count == 0 {
        return Ok(Some(out));
    }
    let declared = "const U* words, const U* sorted, bool* out, uint64_t count, uint64_t length, uint32_t invert";
    let body = "find_members(words, sorted, out, count, length, invert != 0)";
    let function = keys.kernels(gpu, &[SEARCH], &[("members", declared, body)])?[0];
    let mut parameters = Parameters::new();
    parameters.reads(&words)?.reads(&sorted)?.writes(&out)?.int(count as i64).int(n as i64).word(u32::from(invert));
    // SAFETY: the parameters are those of the text; the output has an element for each.
    unsafe { each(gpu, function, &mut parameters, count)? };
    Ok(Some(out))
}
