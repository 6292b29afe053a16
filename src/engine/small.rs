//! The short way for one node on a few elements: its loop, called where the operands lie.
#![allow(unsafe_code)]

use crate::base::error::Result;
use crate::base::scalar::Cast;
use crate::cpu::block::check_zero_division;
use crate::dispatch;
use crate::store::View;
use crate::tensor::elementwise::Operand;
use crate::tensor::lazy::Node;
use std::mem::MaybeUninit;

/// Elements that this way is taken for.
const MOST: usize = 64;

/// A number, repeated: room for the widest elements.
#[repr(align(64))]
struct Repeated([MaybeUninit<u8>; MOST * 16]);

/// Runs a node whose operands are numbers and contiguous tensors of the result's sizes and the loop's dtypes.
///
/// # Errors
/// Integer division by zero; memory.
pub fn run(node: &Node) -> Result<Option<View>> {
    let n = node.sizes.iter().product::<i64>() as usize;
    let Some(body) = (node.prim.body)(node.compute).filter(|_| n > 0 && n <= MOST) else { return Ok(None) };
    let mut numbers = [const { Repeated([MaybeUninit::uninit(); MOST * 16]) }; 3];
    let mut srcs: [*const u8; 3] = [std::ptr::null(); 3];
    let count = node.operands.len();
    for (i, (operand, room)) in node.operands.iter().zip(&mut numbers).enumerate() {
        let want = node.prim.operand_dtype(i, node.compute);
        srcs[i] = match operand {
            Operand::Tensor(t) => {
                let fits = |v: &View| v.dtype() == want && v.sizes() == &node.sizes[..] && v.is_contiguous();
                match t.peek(|v| fits(v).then(|| v.data_ptr().cast_const())).flatten() {
                    Some(ptr) => ptr,
                    None => return Ok(None),
                }
            }
            Operand::Number(s) => {
                let at = room.0.as_mut_ptr();
                dispatch!(want, all T => {
                    // SAFETY: the room is aligned and holds `MOST` elements of any type.
                    unsafe { std::slice::from_raw_parts_mut(at.cast::<MaybeUninit<T>>(), n) }
                        .fill(MaybeUninit::new(T::from_scalar(*s)));
                });
                at.cast::<u8>().cast_const()
            }
        };
    }
    let out = View::empty(node.dtype, &node.sizes)?;
    // SAFETY: every source holds `n` elements of the loop's types, and the output is fresh memory of `n` elements.
    unsafe { body(out.data_ptr(), &srcs[..count], n) };
    check_zero_division()?;
    Ok(Some(out))
}
