//! Calls of primitives: checks at once, work later.

use super::Tensor;
use super::lazy::{self, Node};
use crate::base::error::{Result, runtime};
use crate::base::shape::{Shape, broadcast};
use crate::base::{Device, Scalar};
use crate::ops::Prim;
use crate::ops::prim::Seen;
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
    let sizes = common_sizes(&operands)?;
    let (compute, dtype) = prim.dtypes(&seen)?;
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
