//! Elements read and written where indices say: what all of the indexing functions come down to.
#![allow(unsafe_code)]

use super::runs;
use crate::base::error::{Result, runtime};
use crate::base::shape::contiguous_strides;
use crate::base::{DType, Scalar};
use crate::cpu::copy;
use crate::cpu::index::element::Reduce;
use crate::cuda::flag::Flag;
use crate::cuda::key::Key;
use crate::cuda::launch::{self, Parameters};
use crate::cuda::sources::{self, INDEX, WALK};
use crate::cuda::types::stored;
use crate::cuda::walk::Walk;
use crate::store::View;
use crate::store::cuda::Gpu;
use smallvec::SmallVec;

/// Threads of a block.
pub(super) const THREADS: usize = 256;

/// Elements of a thread where there are enough for all of them.
const UNROLLED: usize = 4;

/// How an index counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counting {
    /// From the start.
    FromStart,
    /// From the end, too, when it is negative.
    FromEnds,
    /// Around and around.
    Around,
}

impl Counting {
    pub(super) fn name(self) -> &'static str {
        match self {
            Counting::FromStart => "FROM_START",
            Counting::FromEnds => "FROM_ENDS",
            Counting::Around => "AROUND",
        }
    }
}

/// Indices into one dimension, over the sizes of the walk.
#[derive(Clone, Debug)]
pub struct Pick {
    /// The indices, `int32` or `int64`.
    pub index: View,
    /// The dimension's size.
    pub size: i64,
    /// How far apart its neighbours are in memory.
    pub stride: i64,
}

/// Where elements are read or written: at `x`'s offsets by `strides` over `sizes`, and by the indices.
#[derive(Debug)]
pub struct Place<'a> {
    /// The memory.
    pub x: &'a View,
    /// The sizes of the walk.
    pub sizes: &'a [i64],
    /// The strides in `x`, 0 where an index moves it.
    pub strides: &'a [i64],
    /// The indices.
    pub picks: Vec<Pick>,
    /// How they count.
    pub counting: Counting,
}

/// What is written.
#[derive(Clone, Debug)]
pub enum Value {
    /// Elements, in the sizes of the walk and the dtype of what is written to.
    View(View),
    /// One number.
    Number(Scalar),
}

/// What becomes of what stood there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// It goes.
    Replace,
    /// It is joined with what is written.
    Join(Reduce),
}

/// Whether a dtype's elements can be joined where several threads meet.
pub fn joins(dtype: DType, how: Reduce) -> bool {
    let fits = dtype != DType::C64 || how == Reduce::Sum;
    fits && !(dtype.is_complex() && matches!(how, Reduce::Amax | Reduce::Amin))
}

impl Place<'_> {
    /// The indices under one dtype: that which they all have, else `int64`.
    pub(super) fn settle(&mut self) -> Result<DType> {
        let first = self.picks.first().map_or(DType::I64, |p| p.index.dtype());
        let dtype = if self.picks.iter().all(|p| p.index.dtype() == first) { first } else { DType::I64 };
        for pick in &mut self.picks {
            pick.index = copy::cast(&pick.index, dtype)?;
        }
        Ok(dtype)
    }

    /// How far indices reach, by sizes and steps.
    pub(super) fn reach(picks: &[(i64, i64)]) -> i64 {
        picks.iter().fold(0i64, |sum, (size, step)| sum.saturating_add(size.saturating_mul(step.abs())))
    }

    /// Adds what the text of its indices, of a dtype, depends on to a key.
    pub(super) fn key(&self, key: &mut Key, index: DType) {
        key.byte(index as u8).number(self.picks.len()).byte(self.counting as u8);
    }

    /// `struct Picks` and its fields.
    pub(super) fn add_to(&self, parameters: &mut Parameters, steps: &[i64]) -> Result<()> {
        let mut fields: SmallVec<[i64; 12]> = SmallVec::new();
        for pick in &self.picks {
            let Some((_, address)) = pick.index.on_device() else {
                return Err(runtime("internal: indices of the host's"));
            };
            fields.push(address as i64);
        }
        fields.extend(self.picks.iter().map(|p| p.size));
        fields.extend_from_slice(steps);
        parameters.ints(&fields);
        Ok(())
    }
}

/// The type that moves as many bytes.
pub(in crate::cuda) fn word(bytes: usize) -> &'static str {
    match bytes {
        1 => "uint8_t",
        2 => "uint16_t",
        4 => "uint32_t",
        8 => "uint64_t",
        _ => "quad_t",
    }
}

/// A number as it lies in memory.
pub(super) fn bytes(value: Scalar, dtype: DType) -> Result<SmallVec<[u8; 16]>> {
    let one = View::scalar(dtype, value)?.words();
    Ok(crate::by_width!(dtype, T => bytes_of::<T>(&one)))
}

fn bytes_of<T: crate::base::dtype::Element>(one: &View) -> SmallVec<[u8; 16]> {
    let element = one.slice::<T>();
    // SAFETY: an element's bytes, of which none is padding.
    SmallVec::from_slice(unsafe { std::slice::from_raw_parts(element.as_ptr().cast::<u8>(), size_of::<T>()) })
}

/// Elements a thread takes.
pub(in crate::cuda) fn unrolled(count: usize) -> usize {
    if count >= 1 << 18 { UNROLLED } else { 1 }
}

/// A fresh tensor of what is picked; `None` when an index is outside.
///
/// # Errors
/// What the device refuses.
pub fn read(gpu: &'static Gpu, mut place: Place<'_>) -> Result<Option<View>> {
    let out = View::empty_on(gpu.device(), place.x.dtype(), place.sizes)?;
    if out.numel() == 0 {
        return Ok(Some(out));
    }
    let index = place.settle()?;
    let (Some((_, from)), Some((_, to))) = (place.x.on_device(), out.on_device_mut()) else { return Ok(None) };
    let flat = contiguous_strides(place.sizes);
    let mut strides: Vec<&[i64]> = vec![place.strides, &flat];
    strides.extend(place.picks.iter().map(|p| p.index.strides()));
    let mut walk = Walk::new(place.sizes, &strides);
    let mut steps: Vec<i64> = place.picks.iter().map(|p| p.stride).collect();
    let width = walk.widen(place.x.dtype().size(), &[(0, from), (1, to)], &mut steps);
    // The output's elements are numbered as the walk's.
    walk.forget(1);
    let each = unrolled(walk.count);
    let sizes: Vec<(i64, i64)> = place.picks.iter().map(|p| p.size).zip(steps.iter().copied()).collect();
    let reach = Place::reach(&sizes);
    let mut key = walk.key(reach);
    key.number(width).number(each);
    place.key(&mut key, index);
    let text = || {
        format!(
            "namespace tensh {{\n{}typedef {} S;\ntypedef Picks<{}, {}> P;\nextern \"C\" __global__ void __launch_bounds__({THREADS}) \
         read(const W walk, const P picks, const S* x, S* out, uint64_t n, uint32_t* flag) {{\n    \
         read_picked<{}, {each}, I>(walk, picks, x, out, n, flag);\n}}\n}}  // namespace tensh\n",
            walk.text(reach),
            word(width),
            stored(index),
            place.picks.len(),
            place.counting.name(),
        )
    };
    let function = launch::by_key(gpu, "read", key, || {
        launch::functions(gpu, &sources::with(&[WALK, INDEX], text(), false), &["read"])
    })?[0];
    let flag = Flag::of_indices(gpu)?;
    let mut parameters = Parameters::new();
    walk.add_to(&mut parameters);
    place.add_to(&mut parameters, &steps)?;
    parameters.address(from).address(to).int(walk.count as i64).address(flag.address());
    // SAFETY: the parameters are those of the text; indices outside are not followed, and the output has an element for each.
    unsafe { parameters.launch(gpu, function, (launch::blocks_of(walk.count, THREADS * each)?, 1), THREADS as u32)? };
    Ok(if flag.is_set()? { None } else { Some(out) })
}

/// Writes where the indices say; false when one is outside: all others are written then, or, if they are to be checked before, none.
///
/// # Errors
/// What the device refuses.
pub fn write(gpu: &'static Gpu, mut place: Place<'_>, value: &Value, how: How, checked: bool) -> Result<bool> {
    if place.sizes.contains(&0) {
        return Ok(true);
    }
    let index = place.settle()?;
    let dtype = place.x.dtype();
    let none = vec![0; place.sizes.len()];
    let (values, value_strides, number) = match value {
        Value::View(v) => {
            let Some((_, address)) = v.on_device() else { return Err(runtime("internal: values of the host's")) };
            (address, v.strides(), SmallVec::from_elem(0, dtype.size()))
        }
        Value::Number(n) => (0, &none[..], bytes(*n, dtype)?),
    };
    // Where there is no way back, nothing is written unless all is well.
    if checked && !runs::all_inside(gpu, &mut place)? {
        return Ok(false);
    }
    let Some((_, to)) = place.x.on_device_mut() else { return Err(runtime("internal: a target of the host's")) };
    let mut strides: Vec<&[i64]> = vec![place.strides, value_strides];
    strides.extend(place.picks.iter().map(|p| p.index.strides()));
    let mut walk = Walk::new(place.sizes, &strides);
    let mut steps: Vec<i64> = place.picks.iter().map(|p| p.stride).collect();
    let (element, number, call) = match how {
        How::Replace => {
            let width = match values {
                0 => dtype.size(),
                _ => walk.widen(dtype.size(), &[(0, to), (1, values)], &mut steps),
            };
            let number = if width == number.len() { number } else { SmallVec::from_elem(0, width) };
            (word(width), number, "write_picked<")
        }
        How::Join(reduce) => {
            let call = match reduce {
                Reduce::Sum | Reduce::Mean => "join_picked<Plus, ",
                Reduce::Prod => "join_picked<Times, ",
                Reduce::Amax => "join_picked<Larger, ",
                Reduce::Amin => "join_picked<Smaller, ",
            };
            (stored(dtype), number, call)
        }
    };
    let each = if how == How::Replace { unrolled(walk.count) } else { 1 };
    let unroll = if how == How::Replace { format!(", {each}") } else { String::new() };
    let sizes: Vec<(i64, i64)> = place.picks.iter().map(|p| p.size).zip(steps.iter().copied()).collect();
    let reach = Place::reach(&sizes);
    let mut key = walk.key(reach);
    key.text(element).text(call).number(each).byte(dtype as u8);
    place.key(&mut key, index);
    let text = || {
        format!(
            "namespace tensh {{\n{}typedef {element} S;\ntypedef Picks<{}, {}> P;\nextern \"C\" __global__ void \
         __launch_bounds__({THREADS}) write(const W walk, const P picks, S* x, const S* values, const S number, uint64_t n, \
         uint32_t* flag) {{\n    {call}{}{unroll}, I>(walk, picks, x, values, number, n, flag);\n}}\n}}  // namespace tensh\n",
            walk.text(reach),
            stored(index),
            place.picks.len(),
            place.counting.name(),
        )
    };
    let function = launch::by_key(gpu, "write", key, || {
        launch::functions(gpu, &sources::with(&[WALK, INDEX], text(), dtype.is_complex()), &["write"])
    })?[0];
    let flag = Flag::of_indices(gpu)?;
    let mut parameters = Parameters::new();
    walk.add_to(&mut parameters);
    place.add_to(&mut parameters, &steps)?;
    parameters.address(to).address(values).bytes(&number).int(walk.count as i64).address(flag.address());
    // SAFETY: the parameters are those of the text; indices outside are not followed, and values have the sizes of the walk.
    unsafe { parameters.launch(gpu, function, (launch::blocks_of(walk.count, THREADS * each)?, 1), THREADS as u32)? };
    Ok(checked || !flag.is_set()?)
}
