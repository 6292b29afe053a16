//! Sums by index that are always the same: what meets in one place is sorted and added up in order.
#![allow(unsafe_code)]

use super::picks::{Place, THREADS};
use crate::base::DType;
use crate::base::error::{Result, runtime};
use crate::base::shape::Shape;
use crate::cpu::copy;
use crate::cuda::flag::{self, Flag};
use crate::cuda::launch::{self, Parameters};
use crate::cuda::sort;
use crate::cuda::sources::{self, INDEX, WALK};
use crate::cuda::types::stored;
use crate::cuda::walk::Walk;
use crate::store::View;
use crate::store::cuda::Gpu;
use std::ops::Range;

/// Adds values, of the sizes of the place, to what is picked; the indices stand in the dimensions given. False where an index is
/// outside: nothing is added then. `None` where they cannot be sorted.
///
/// # Errors
/// What the device refuses.
pub(super) fn add(
    gpu: &'static Gpu,
    mut place: Place<'_>,
    values: &View,
    picked: Range<usize>,
) -> Result<Option<bool>> {
    let shape = Shape::from_slice(&place.sizes[picked.clone()]);
    let rest = |of: &[i64]| -> Shape { (0..of.len()).filter(|d| !picked.contains(d)).map(|d| of[d]).collect() };
    let (n, m) = (shape.iter().product::<i64>(), rest(place.sizes).iter().product::<i64>());
    if n == 0 || m == 0 {
        return Ok(Some(true));
    }
    for pick in &mut place.picks {
        pick.index = pick.index.with_geometry(&shape, &pick.index.strides()[picked.clone()], pick.index.offset())?;
    }
    let Some(offsets) = offsets(gpu, &mut place, &shape)? else { return Ok(Some(false)) };
    let Some((offsets, places)) = sort::sort(gpu, &offsets, 0, false)? else { return Ok(None) };
    let order: Vec<usize> = picked.clone().chain((0..place.sizes.len()).filter(|d| !picked.contains(d))).collect();
    let values = copy::contiguous(&values.permute(&order))?;
    let dtype = place.x.dtype();
    let walk = Walk::new(&rest(place.sizes), &[&rest(place.strides)]);
    let text = format!(
        "namespace tensh {{\n{}typedef {} S;\nextern \"C\" __global__ void __launch_bounds__({THREADS}) runs(const W walk, const \
         int64_t* offsets, const int64_t* places, S* x, const S* values, uint64_t n, uint64_t m) {{\n    add_runs<I>(walk, \
         offsets, places, x, values, n, m);\n}}\n}}  // namespace tensh\n",
        walk.text(0),
        stored(dtype),
    );
    let function = launch::functions(gpu, &sources::with(&[WALK, INDEX], &text, dtype.is_complex()), &["runs"])?[0];
    let mut parameters = Parameters::new();
    walk.add_to(&mut parameters);
    for view in [&offsets, &places] {
        parameters.address(view.on_device().ok_or_else(host)?.1);
    }
    parameters.address(place.x.on_device_mut().ok_or_else(host)?.1).address(values.on_device().ok_or_else(host)?.1);
    parameters.int(n).int(m);
    // SAFETY: the parameters are those of the text; the offsets were found within the memory.
    unsafe { parameters.launch(gpu, function, (launch::blocks_of((n * m) as usize, THREADS)?, 1), THREADS as u32)? };
    Ok(Some(true))
}

#[cold]
fn host() -> crate::base::Error {
    runtime("internal: memory of the host's")
}

/// Whether no index is outside.
///
/// # Errors
/// What the device refuses.
pub(super) fn all_inside(gpu: &'static Gpu, place: &mut Place<'_>) -> Result<bool> {
    if flag::trusted() {
        return Ok(true);
    }
    // Where no index moves there is nothing more to see.
    let moves = |d: &usize| place.picks.iter().any(|p| p.index.strides()[*d] != 0);
    let dims: Vec<usize> = (0..place.sizes.len()).filter(moves).collect();
    let shape: Shape = dims.iter().map(|&d| place.sizes[d]).collect();
    let mut picks = place.picks.clone();
    for pick in &mut picks {
        let strides: Shape = dims.iter().map(|&d| pick.index.strides()[d]).collect();
        pick.index = pick.index.with_geometry(&shape, &strides, pick.index.offset())?;
    }
    let mut seen = Place { picks, ..*place };
    find(gpu, &mut seen, &shape, None)
}

/// The offsets that indices name, a vector; `None` where one is outside.
fn offsets(gpu: &'static Gpu, place: &mut Place<'_>, shape: &[i64]) -> Result<Option<View>> {
    let out = View::empty_on(gpu.device(), DType::I64, &[shape.iter().product()])?;
    Ok(find(gpu, place, shape, Some(&out))?.then_some(out))
}

/// Writes the offsets that indices name, if wanted; false where one is outside.
fn find(gpu: &'static Gpu, place: &mut Place<'_>, shape: &[i64], out: Option<&View>) -> Result<bool> {
    let index = place.settle()?;
    let strides: Vec<&[i64]> = place.picks.iter().map(|p| p.index.strides()).collect();
    let walk = Walk::new(shape, &strides);
    let steps: Vec<i64> = place.picks.iter().map(|p| p.stride).collect();
    let sizes: Vec<(i64, i64)> = place.picks.iter().map(|p| (p.size, p.stride)).collect();
    let reach = Place::reach(&sizes);
    let mut key = walk.key(reach);
    place.key(&mut key, index);
    let text = || {
        format!(
            "namespace tensh {{\n{}typedef Picks<{}, {}> P;\nextern \"C\" __global__ void __launch_bounds__({THREADS}) offsets(const W \
         walk, const P picks, int64_t* out, uint64_t n, uint32_t* flag) {{\n    find_all<{}, I>(walk, picks, out, n, \
         flag);\n}}\n}}  // namespace tensh\n",
            walk.text(reach),
            stored(index),
            place.picks.len(),
            place.counting.name(),
        )
    };
    let function = launch::by_key(gpu, "offsets", key, || {
        launch::functions(gpu, &sources::with(&[WALK, INDEX], text(), false), &["offsets"])
    })?[0];
    let flag = Flag::of_indices(gpu)?;
    let mut parameters = Parameters::new();
    walk.add_to(&mut parameters);
    place.add_to(&mut parameters, &steps)?;
    let to = out.map(|out| out.on_device_mut().ok_or_else(host)).transpose()?;
    parameters.address(to.map_or(0, |to| to.1)).int(walk.count as i64).address(flag.address());
    // SAFETY: the parameters are those of the text; there is an offset for each of the walk's elements.
    unsafe { parameters.launch(gpu, function, (launch::blocks_of(walk.count, THREADS)?, 1), THREADS as u32)? };
    Ok(!flag.is_set()?)
}
