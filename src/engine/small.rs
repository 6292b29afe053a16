//! The short way for one call on a few elements: its loop, called where the operands lie.
#![allow(unsafe_code)]

use crate::base::error::Result;
use crate::base::scalar::Cast;
use crate::base::{DType, Device, Scalar};
use crate::cpu::block::{self, BlockFn, check_zero_division};
use crate::dispatch;
use crate::ops::Prim;
use crate::ops::prim::Rule;
use crate::store::View;
use crate::tensor::backend::Call;
use crate::tensor::elementwise::Operand;
use std::mem::MaybeUninit;

/// Elements that this way is taken for: below, making a Program costs more than the passes over memory it saves.
const MOST: usize = 4096;

/// Bytes of a block, for operands that do not lie ready; three fit a page of the stack.
const BLOCK: usize = 1024;

/// Room for a block of an operand.
#[repr(align(64))]
struct Room([MaybeUninit<u8>; BLOCK]);

impl Room {
    /// A number, `n` times.
    fn repeat(&mut self, value: Scalar, dtype: DType, n: usize) -> *const u8 {
        let at = self.0.as_mut_ptr();
        dispatch!(dtype, all T => {
            // SAFETY: the room is aligned for any type, and no more is taken than it holds.
            unsafe { std::slice::from_raw_parts_mut(at.cast::<MaybeUninit<T>>(), n.min(BLOCK / size_of::<T>())) }
                .fill(MaybeUninit::new(T::from_scalar(value)));
        });
        at.cast()
    }
}

/// Where an operand's elements are: their address and bytes an element, 0 for those that are the same in every block.
struct Source {
    at: *const u8,
    item: usize,
    /// Converts a block, for elements of another dtype.
    cast: Option<BlockFn>,
}

/// Runs a call of a primitive on floats or integers that keeps their dtype (or gives bools).
///
/// # Errors
/// Integer division by zero; memory.
#[allow(clippy::needless_range_loop)]
pub fn direct(prim: &'static Prim, first: &View, rest: &[Operand]) -> Result<Option<View>> {
    let (dtype, n) = (first.dtype(), first.numel());
    let out = match prim.rule {
        // The real type of what is real is its own: complex numbers go no further.
        Rule::Promote | Rule::Real => dtype,
        Rule::Float if dtype.is_float() => dtype,
        Rule::Compare => DType::Bool,
        _ => return Ok(None),
    };
    let plain = n > 0 && n <= MOST && prim.arity == rest.len() + 1 && !dtype.is_complex() && dtype != DType::Bool;
    if !plain || !first.is_contiguous() || first.device() != Device::Cpu {
        return Ok(None);
    }
    let mut body = (prim.body)(dtype);
    let mut srcs: [(*const u8, usize); 3] = [(first.data_ptr(), dtype.size()), NOWHERE, NOWHERE];
    let mut rooms = [const { Room([MaybeUninit::uninit(); BLOCK]) }; 2];
    let mut whole = n;
    // Counted: an iterator's making is a call where it is not inlined.
    for i in 0..rest.len() {
        match &rest[i] {
            Operand::Tensor(t) => {
                let alike = |v: &View| {
                    let alike = v.dtype() == dtype
                        && v.sizes() == first.sizes()
                        && v.is_contiguous()
                        && v.device() == Device::Cpu;
                    alike.then(|| v.data_ptr())
                };
                let Some(at) = t.peek(alike).flatten() else { return Ok(None) };
                srcs[i + 1] = (at, dtype.size());
            }
            Operand::Number(value) => {
                let keeps = match value {
                    Scalar::Int(_) => dtype.is_float() || dtype.is_int() && prim.refusals.is_empty(),
                    Scalar::Float(_) => dtype.is_float(),
                    _ => false,
                };
                if !keeps || prim.unrounded.on(Device::Cpu) && dtype.is_half() {
                    return Ok(None);
                }
                if let Some(simple) = (prim.with_number)(value.to_f64(), dtype).filter(|_| dtype.is_float())
                    && let Some(simple) = (simple.body)(dtype)
                {
                    body = Some(simple);
                    break;
                }
                srcs[i + 1] = (rooms[i].repeat(*value, dtype, n), 0);
                whole = whole.min(BLOCK / dtype.size());
            }
        }
    }
    let Some(body) = body else { return Ok(None) };
    let made = first.empty_like(out)?;
    let (to, item) = (made.data_ptr_mut(), out.size());
    let mut start = 0;
    while start < n {
        let at = |i: usize| srcs[i].0.wrapping_add(start * srcs[i].1);
        // SAFETY: every source that the loop reads holds `n` elements of its dtype, or a block of the same; the output is fresh memory.
        unsafe { body(to.wrapping_add(start * item), &[at(0), at(1), at(2)], whole.min(n - start)) };
        start += whole;
    }
    check_zero_division()?;
    Ok(Some(made))
}

/// No operand.
const NOWHERE: (*const u8, usize) = (std::ptr::null(), 0);

/// Runs a call whose operands are numbers, tensors of one element, and contiguous tensors of the result's sizes.
///
/// # Errors
/// Integer division by zero; memory.
pub fn run(call: &Call<'_>) -> Result<Option<View>> {
    let n = call.sizes.iter().product::<i64>() as usize;
    let Some(body) = (call.prim.body)(call.compute).filter(|_| n > 0 && n <= MOST && call.device == Device::Cpu) else {
        return Ok(None);
    };
    let mut rooms = [const { Room([MaybeUninit::uninit(); BLOCK]) }; 3];
    let mut sources = [const { Source { at: std::ptr::null(), item: 0, cast: None } }; 3];
    let mut whole = n;
    for (i, (operand, room)) in call.operands.iter().zip(&mut rooms).enumerate() {
        let want = call.prim.operand_dtype(i, call.compute);
        let source = match operand {
            Operand::Number(s) => Some(Source { at: room.repeat(*s, want, n), item: 0, cast: None }),
            Operand::Tensor(t) => t
                .peek(|v| {
                    if v.sizes() == call.sizes && v.is_contiguous() {
                        let cast = (v.dtype() != want).then(|| block::cast(v.dtype(), want));
                        return Some(Source { at: v.data_ptr(), item: v.dtype().size(), cast });
                    }
                    (v.numel() == 1).then(|| Source { at: room.repeat(v.get(0), want, n), item: 0, cast: None })
                })
                .flatten(),
        };
        let Some(source) = source else { return Ok(None) };
        if source.item == 0 || source.cast.is_some() {
            whole = whole.min(BLOCK / want.size());
        }
        sources[i] = source;
    }
    let out = View::empty(call.dtype, call.sizes)?;
    let (to, item) = (out.data_ptr_mut(), call.dtype.size());
    for start in (0..n).step_by(whole) {
        let n = whole.min(n - start);
        let mut srcs: [*const u8; 3] = [std::ptr::null(); 3];
        for ((src, source), room) in srcs.iter_mut().zip(&sources).zip(&mut rooms) {
            let at = source.at.wrapping_add(start * source.item);
            *src = match source.cast {
                // SAFETY: the view has `n` elements of its dtype from `start` on, the room holds a block of any.
                Some(cast) => unsafe {
                    let room = room.0.as_mut_ptr().cast::<u8>();
                    cast(room, &[at], n);
                    room.cast_const()
                },
                None => at,
            };
        }
        // SAFETY: every source holds `n` elements of the loop's types, and the output is fresh memory.
        unsafe { body(to.wrapping_add(start * item), &srcs[..call.operands.len()], n) };
    }
    check_zero_division()?;
    Ok(Some(out))
}
