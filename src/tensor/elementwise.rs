//! Calls of primitives: checks at once, work later.

use super::Tensor;
use super::backend;
use super::devices;
use super::inplace;
use super::lazy::{self, Node};
use crate::base::error::{Error, Result};
use crate::base::shape::{Shape, broadcast};
use crate::base::{DType, Device, Scalar};
use crate::ops::Prim;
use crate::ops::prim::Seen;
use crate::store::cuda::driver;
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
    #[inline]
    pub fn seen(&self) -> Seen {
        match self {
            Operand::Tensor(t) => Seen::Tensor(t.dtype(), t.ndim()),
            Operand::Number(s) => Seen::Number(*s),
        }
    }
}

/// Operands of one call.
pub type Operands = SmallVec<[Operand; 3]>;

/// Calls a primitive, for a result that `target`, if given, will hold.
///
/// # Errors
/// torch's words for shapes that don't broadcast, dtypes the op does not take, results that the target can't hold, and
/// operands on different devices.
pub fn elementwise(mut prim: &'static Prim, mut operands: Operands, target: Option<&Tensor>) -> Result<Tensor> {
    if target.is_none()
        && let [Operand::Tensor(first), rest @ ..] = &operands[..]
        && let Some(done) = direct(prim, first, rest)?
    {
        return Ok(done);
    }
    let mut seen = [Seen::Tensor(DType::Bool, 0); 3];
    seen.iter_mut().zip(&operands).for_each(|(s, o)| *s = o.seen());
    let seen = &seen[..operands.len()];
    prim.check_operands(seen)?;
    let sizes = common_sizes(&operands)?;
    if let Some(target) = target {
        inplace::check_sizes(&sizes, target)?;
    }
    let (compute, dtype) = prim.dtypes(seen)?;
    if let Some(target) = target {
        // Held between numbers, a tensor's dtype is told as C++ does.
        let numbers = operands[1..].iter().all(|o| matches!(o, Operand::Number(_)));
        let clamps = numbers && prim.kernel.starts_with("clamp");
        inplace::check_cast_to(dtype, target, if clamps { DType::cpp } else { DType::aten })?;
    }
    prim.check_loop(seen, compute)?;
    let device = common_device(&operands)?;
    if let Some(target) = target {
        inplace::check_device(device, target)?;
    }
    if let Some(simple) = simplified(prim, &operands, compute) {
        operands.truncate(1);
        prim = simple;
    }
    // Few elements cost less than what waiting for a Program would.
    let call = backend::Call { prim, operands: &operands, compute, dtype, sizes: &sizes, device };
    if loop_dtype(prim, &operands, compute) == compute
        && let Some(view) = backend::run_small(&call)?
    {
        return Ok(Tensor::new(view));
    }
    lazy::record(Node { prim, operands, compute, dtype, sizes, device, weight: 1, into: None, writes: 0 })
}

/// Calls a primitive on few elements where nothing has to be promoted, broadcast, waited for or refused; `None` where it is not so
/// plain: then [`elementwise`] is to be called.
///
/// # Errors
/// What the computation meets.
#[inline]
pub fn direct(prim: &'static Prim, first: &Tensor, rest: &[Operand]) -> Result<Option<Tensor>> {
    let done = first.peek(|view| backend::run_direct(prim, view, rest));
    Ok(done.transpose()?.flatten().map(Tensor::new))
}

/// The primitive of one operand that a call on floats or complex numbers with a real number amounts to, if there is one.
#[inline]
fn simplified(prim: &Prim, operands: &[Operand], compute: DType) -> Option<&'static Prim> {
    let [_, Operand::Number(number)] = operands else { return None };
    let real = !matches!(number, Scalar::Complex(c) if c.im != 0.0);
    (prim.with_number)(number.to_f64(), compute)
        .filter(|simple| real && !compute.is_integral() && (simple.body)(compute).is_some())
}

/// The dtype a primitive's loop runs in: that of computation, or single precision where a number next to 16-bit floats
/// counts unrounded.
#[inline]
pub fn loop_dtype(prim: &Prim, operands: &[Operand], compute: DType) -> DType {
    let unrounded = || match operands.get(1) {
        Some(Operand::Number(_)) => true,
        Some(Operand::Tensor(t)) => t.dtype() != compute && t.numel() == 1,
        None => false,
    };
    let on = |o: &Operand| matches!(o, Operand::Tensor(t) if prim.unrounded.on(t.device()));
    if compute.is_half() && operands.first().is_some_and(on) && unrounded() { DType::F32 } else { compute }
}

/// The sizes all tensors broadcast to.
#[inline]
fn common_sizes(operands: &[Operand]) -> Result<Shape> {
    let mut sizes: Option<(Shape, u8)> = None;
    for (i, o) in operands.iter().enumerate() {
        let Operand::Tensor(t) = o else { continue };
        t.with_sizes(|mine| {
            match &mut sizes {
                None => sizes = Some((Shape::from_slice(mine), i as u8)),
                Some((have, before)) => {
                    if have[..] != *mine {
                        *have = broadcast(have, mine).map_err(|e| e.at(&[*before, i as u8]))?;
                    }
                    *before = i as u8;
                }
            }
            Ok::<(), crate::base::Error>(())
        })?;
    }
    Ok(sizes.map(|s| s.0).unwrap_or_default())
}

/// The device of a call: that of its tensors, but for numbers in tensors of the host without dimensions, which go anywhere.
///
/// # Errors
/// torch's `RuntimeError` for tensors on several devices, with the bytes that would have to move.
#[inline]
fn common_device(operands: &[Operand]) -> Result<Device> {
    let mut found: Option<(u8, Device)> = None;
    for (i, o) in operands.iter().enumerate() {
        let Operand::Tensor(t) = o else { continue };
        let device = t.device();
        if device == Device::Cpu && t.ndim() == 0 {
            continue;
        }
        match found {
            Some((first, d)) if d != device => return Err(several(operands, (first, d), (i as u8, device))),
            Some(_) => {}
            None => found = Some((i as u8, device)),
        }
    }
    Ok(found.map_or(Device::Cpu, |f| f.1))
}

/// Tensors on two devices.
#[cold]
fn several(operands: &[Operand], a: (u8, Device), b: (u8, Device)) -> Error {
    let size = |i: u8| match &operands[usize::from(i)] {
        Operand::Tensor(t) => t.numel() * t.dtype().size(),
        Operand::Number(_) => 0,
    };
    let help = |(_, target): (u8, Device), (i, _): (u8, Device)| {
        format!("{{{i}}}.to('{target}') moves {}", driver::size(size(i)))
    };
    // What is on the host goes to the device, not the other way round.
    let (target, other) = if a.1 == Device::Cpu { (b, a) } else { (a, b) };
    devices::two(a.1, b.1).at(&[a.0, b.0]).help(help(target, other))
}
