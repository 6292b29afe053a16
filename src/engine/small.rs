//! The short way for one call on a few elements: its loop, called where the operands lie.
#![allow(unsafe_code)]

use crate::base::error::Result;
use crate::base::scalar::Cast;
use crate::base::{DType, Scalar};
use crate::cpu::block::{self, check_zero_division};
use crate::dispatch;
use crate::store::View;
use crate::tensor::backend::Call;
use crate::tensor::elementwise::Operand;
use std::mem::MaybeUninit;

/// Elements that this way is taken for.
const MOST: usize = 64;

/// Room for an operand that does not lie ready, however wide its elements.
#[repr(align(64))]
struct Room([MaybeUninit<u8>; MOST * 16]);

impl Room {
    /// A number, `n` times.
    fn repeat(&mut self, value: Scalar, dtype: DType, n: usize) -> *const u8 {
        let at = self.0.as_mut_ptr();
        dispatch!(dtype, all T => {
            // SAFETY: the room is aligned and holds `MOST` elements of any type.
            unsafe { std::slice::from_raw_parts_mut(at.cast::<MaybeUninit<T>>(), n) }
                .fill(MaybeUninit::new(T::from_scalar(value)));
        });
        at.cast()
    }

    /// The elements of a contiguous view, converted.
    fn convert(&mut self, view: &View, dtype: DType, n: usize) -> *const u8 {
        let at = self.0.as_mut_ptr().cast::<u8>();
        // SAFETY: the view has `n` elements of its dtype, the room holds `MOST` of any.
        unsafe { block::cast(view.dtype(), dtype)(at, &[view.data_ptr().cast_const()], n) };
        at
    }
}

/// Runs a call whose operands are numbers, tensors of one element, and contiguous tensors of the result's sizes.
///
/// # Errors
/// Integer division by zero; memory.
pub fn run(call: &Call<'_>) -> Result<Option<View>> {
    let n = call.sizes.iter().product::<i64>() as usize;
    let Some(body) = (call.prim.body)(call.compute).filter(|_| n > 0 && n <= MOST) else { return Ok(None) };
    let mut rooms = [const { Room([MaybeUninit::uninit(); MOST * 16]) }; 3];
    let mut srcs: [*const u8; 3] = [std::ptr::null(); 3];
    for (i, (operand, room)) in call.operands.iter().zip(&mut rooms).enumerate() {
        let want = call.prim.operand_dtype(i, call.compute);
        let place = match operand {
            Operand::Number(s) => Some(room.repeat(*s, want, n)),
            Operand::Tensor(t) => t
                .peek(|v| {
                    if v.sizes() == call.sizes && v.is_contiguous() {
                        let ready = v.dtype() == want;
                        return Some(if ready { v.data_ptr().cast_const() } else { room.convert(v, want, n) });
                    }
                    (v.numel() == 1).then(|| room.repeat(v.get(0), want, n))
                })
                .flatten(),
        };
        let Some(place) = place else { return Ok(None) };
        srcs[i] = place;
    }
    let out = View::empty(call.dtype, call.sizes)?;
    // SAFETY: every source holds `n` elements of the loop's types, and the output is fresh memory of `n` elements.
    unsafe { body(out.data_ptr(), &srcs[..call.operands.len()], n) };
    check_zero_division()?;
    Ok(Some(out))
}
