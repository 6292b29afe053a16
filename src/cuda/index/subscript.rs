//! `t[...]` with index tensors, read and written.

use super::compact::{fill_in_place, masked_select, positions};
use super::picks::{Counting, How, Pick, Place, Value, read, write};
use super::runs;
use crate::base::error::{Result, runtime};
use crate::base::shape::Shape;
use crate::base::{DType, Device};
use crate::cpu::copy;
use crate::cpu::index::element::Reduce;
use crate::cpu::index::subscript::{self as cpu, Index, Picked};
use crate::store::View;
use crate::store::cuda::Gpu;
use crate::store::overlap;

/// The indices on the device: those of the host's are moved there.
fn near(gpu: &'static Gpu, indices: &[Option<View>]) -> Result<Vec<Option<View>>> {
    let near =
        |v: &View| if v.device() == Device::Cpu { copy::contiguous(v)?.moved(gpu.device()) } else { Ok(v.clone()) };
    indices.iter().map(|i| i.as_ref().map(near).transpose()).collect()
}

/// The place that indices pick in `x`, and the sizes of what is picked.
struct Chosen {
    sizes: Shape,
    strides: Shape,
    picks: Vec<Pick>,
    /// Where the dimensions of the indices begin, and how many they are.
    position: usize,
    shape: usize,
    idle: bool,
}

impl Chosen {
    fn of(gpu: &'static Gpu, x: &View, indices: &[Option<View>]) -> Result<Chosen> {
        let Picked { picked, shape, position, idle } = cpu::picked(x, indices, &|mask| positions(gpu, mask))?;
        let stays = |d: &usize| picked.iter().all(|(p, _)| p != d);
        let rest = |of: &[i64]| -> Shape { (0..x.ndim()).filter(stays).map(|d| of[d]).collect() };
        let (mut sizes, mut strides) = (rest(x.sizes()), rest(x.strides()));
        sizes.insert_from_slice(position, &shape);
        let none = vec![0; shape.len()];
        strides.insert_from_slice(position, &none);
        let mut picks = Vec::with_capacity(picked.len());
        for (d, index) in &picked {
            let mut index = index.expand(&shape)?;
            for _ in position + shape.len()..sizes.len() {
                index = index.unsqueeze(index.ndim());
            }
            let index = index.expand(&sizes)?;
            picks.push(Pick { index, size: x.sizes()[*d], stride: x.strides()[*d] });
        }
        Ok(Chosen { sizes, strides, picks, position, shape: shape.len(), idle })
    }

    fn place<'a>(&'a self, x: &'a View) -> Place<'a> {
        let (sizes, strides) = (&self.sizes, &self.strides);
        Place { x, sizes, strides, picks: self.picks.clone(), counting: Counting::FromEnds }
    }
}

/// `x[items]`; `None` where an index is out of range.
///
/// # Errors
/// torch's `IndexError`s and `ValueError`s; what the device refuses.
pub fn get(gpu: &'static Gpu, x: &View, items: &[Index]) -> Result<Option<View>> {
    let (view, tensors) = cpu::slice_items(x, items)?;
    if tensors.is_empty() {
        return Ok(Some(view));
    }
    let tensors = near(gpu, &tensors)?;
    if let [Some(mask)] = &tensors[..]
        && mask.dtype() == DType::Bool
        && mask.sizes() == view.sizes()
    {
        return masked_select(gpu, &view, mask);
    }
    let chosen = Chosen::of(gpu, &view, &tensors)?;
    if chosen.idle {
        return View::empty_on(gpu.device(), x.dtype(), &chosen.sizes).map(Some);
    }
    read(gpu, chosen.place(&view))
}

/// `x[items] = value`; false where an index is out of range.
///
/// # Errors
/// torch's `IndexError`s and `RuntimeError`s; what the device refuses.
pub fn set(gpu: &'static Gpu, x: &View, items: &[Index], value: &View) -> Result<bool> {
    let (view, tensors, value) = cpu::assignment(x, items, value)?;
    if !tensors.is_empty() {
        return put(gpu, &view, &tensors, &value, false);
    }
    overlap::check_self(&view)?;
    // A number of the host's is no data to move.
    if value.numel() == 1 && value.device() == Device::Cpu {
        value.expand(view.sizes())?;
        crate::cuda::create::fill(gpu, &view, value.get(0))?;
        return Ok(true);
    }
    let value = value.expand(view.sizes())?;
    overlap::check_partial(&view, &value)?;
    copy::copy_into(&value, &mut view.clone())?;
    Ok(true)
}

/// `index_put_(indices, values, accumulate)`; false where an index is out of range.
///
/// # Errors
/// As [`set`].
pub fn put(gpu: &'static Gpu, x: &View, indices: &[Option<View>], value: &View, accumulate: bool) -> Result<bool> {
    if value.device() == Device::Cpu && value.ndim() > 0 && value.numel() != 1 {
        return Err(runtime(format!(
            "Expected all tensors to be on the same device, but found at least two devices, {} and cpu!",
            gpu.device()
        )));
    }
    let indices = near(gpu, indices)?;
    overlap::check_partial(x, value)?;
    let number = (value.device() == Device::Cpu).then(|| value.get(0));
    if !accumulate
        && value.numel() == 1
        && let Some(mask) = cpu::sole_mask(x, &indices)?
        && mask.dtype() == DType::Bool
    {
        let value = match number {
            Some(n) => Value::Number(n),
            None => Value::View(copy::cast(value, x.dtype())?),
        };
        fill_in_place(gpu, x, &mask, &value)?;
        return Ok(true);
    }
    let chosen = Chosen::of(gpu, x, &indices)?;
    let how = if accumulate { How::Join(Reduce::Sum) } else { How::Replace };
    let stretched = cpu::check_value(x, value, &chosen.sizes)?;
    if chosen.idle {
        return Ok(true);
    }
    let value = match number {
        Some(n) => Value::Number(n),
        None if value.shares(x) => Value::View(copy::clone(&stretched)?),
        None => Value::View(stretched),
    };
    if let (true, Value::View(v)) = (accumulate && !x.dtype().is_integral(), &value)
        && let Some(done) = runs::add(gpu, chosen.place(x), v, chosen.position..chosen.position + chosen.shape)?
    {
        return Ok(done);
    }
    write(gpu, chosen.place(x), &value, how)
}

/// A copy of `x` with values put where the indices say.
///
/// # Errors
/// As [`put`].
pub fn index_put(
    gpu: &'static Gpu,
    x: &View,
    indices: &[View],
    value: &View,
    accumulate: bool,
) -> Result<Option<View>> {
    let indices: Vec<Option<View>> = indices.iter().cloned().map(Some).collect();
    let out = copy::clone(x)?;
    Ok(put(gpu, &out, &indices, value, accumulate)?.then_some(out))
}
