//! Calls of primitives: checks at once, work later.

use super::Tensor;
use super::lazy::{self, Node};
use crate::base::error::{Result, runtime};
use crate::base::shape::{Shape, broadcast};
use crate::base::{DType, Device, Scalar};
use crate::ops::Prim;
use crate::ops::prim::{Rule, Seen};
use smallvec::SmallVec;

/// An operand of a primitive.
#[derive(Clone, Debug)]
pub enum Operand {
    /// A tensor.
    Tensor(Tensor),
    /// A Python number.
    Number(Scalar),
}

impl Operand {
    /// What dtype rules see of it.
    pub fn seen(&self) -> Seen {
        match self {
            Operand::Tensor(t) => Seen::Tensor(t.dtype(), t.ndim()),
            Operand::Number(s) => Seen::Number(*s),
        }
    }
}

/// Operands of one call.
pub type Operands = SmallVec<[Operand; 3]>;

/// Calls a primitive.
///
/// # Errors
/// torch's words for shapes that don't broadcast, dtypes the op does not take, and operands on different devices.
pub fn elementwise(prim: &'static Prim, operands: Operands) -> Result<Tensor> {
    let seen: SmallVec<[Seen; 3]> = operands.iter().map(Operand::seen).collect();
    if prim.rule == Rule::NotBool {
        refuse_bool(&seen)?;
    }
    let sizes = common_sizes(&operands)?;
    let (compute, dtype) = prim.dtypes(&seen)?;
    check_number(compute, &operands)?;
    common_device(&operands)?;
    lazy::record(Node { prim, operands, compute, dtype, sizes, weight: 1 })
}

/// The sizes all tensors broadcast to.
fn common_sizes(operands: &[Operand]) -> Result<Shape> {
    let mut sizes: Option<(Shape, u8)> = None;
    for (i, o) in operands.iter().enumerate() {
        let Operand::Tensor(t) = o else { continue };
        let mine = t.sizes();
        sizes = Some(match sizes {
            None => (mine, i as u8),
            Some((have, _)) if have == mine => (have, i as u8),
            Some((have, before)) => (broadcast(&have, &mine).map_err(|e| e.at(&[before, i as u8]))?, i as u8),
        });
    }
    Ok(sizes.map(|s| s.0).unwrap_or_default())
}

fn common_device(operands: &[Operand]) -> Result<Device> {
    let mut found: Option<Device> = None;
    for o in operands {
        let Operand::Tensor(t) = o else { continue };
        match found {
            // A number in a zero-dimensional tensor may come from anywhere.
            Some(d) if d != t.device() && t.ndim() > 0 => {
                return Err(runtime(format!(
                    "Expected all tensors to be on the same device, but found at least two devices, {d} and {}!",
                    t.device()
                )));
            }
            Some(_) => {}
            None => found = Some(t.device()),
        }
    }
    Ok(found.unwrap_or_default())
}

fn refuse_bool(seen: &[Seen]) -> Result<()> {
    let is_bool = |s: &Seen| matches!(s, Seen::Tensor(DType::Bool, _) | Seen::Number(Scalar::Bool(_)));
    let bools = seen.iter().filter(|s| is_bool(s)).count();
    if bools == seen.len() {
        return Err(runtime(
            "Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or `logical_xor()` \
             operator instead.",
        ));
    }
    if bools > 0 {
        return Err(runtime(
            "Subtraction, the `-` operator, with a bool tensor is not supported. If you are trying to invert a mask, use \
             the `~` or `logical_not()` operator instead.",
        ));
    }
    Ok(())
}

/// A Python integer must fit the dtype it is computed in.
fn check_number(compute: DType, operands: &[Operand]) -> Result<()> {
    for o in operands {
        let Operand::Number(Scalar::Int(v)) = o else { continue };
        let fits = match compute {
            DType::U8 => (i64::from(i8::MIN)..=i64::from(u8::MAX)).contains(v) || i64::from(*v as u8) == *v,
            DType::I8 => i64::from(*v as i8) == *v,
            DType::I16 => i64::from(*v as i16) == *v,
            DType::I32 => i64::from(*v as i32) == *v,
            _ => true,
        };
        if !fits {
            let name = match compute {
                DType::U8 => "uint8_t",
                DType::I8 => "int8_t",
                DType::I16 => "int16_t",
                _ => "int",
            };
            return Err(runtime(format!("value cannot be converted to type {name} without overflow")));
        }
    }
    Ok(())
}
