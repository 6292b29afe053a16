//! Recorded steps that are no rows, and what the walk does to gradients between nodes.

use super::super::Tensor;
use super::super::grad::{self, Backward, Layout, Node};
use crate::base::error::{Error, Result, runtime};
use crate::base::shape::{Format, show};
use crate::base::{DType, Device};
use crate::cpu::create::copy_as;
use crate::ops::args::{In, Out};
use crate::ops::table::{self, Form};
use std::rc::Rc;

/// A tensor converted to a dtype, recorded where it asks for gradients.
///
/// # Errors
/// What computing the elements meets.
pub fn cast(t: &Tensor, dtype: DType) -> Result<Tensor> {
    converted(t, dtype, t.device())
}

/// A tensor converted to a dtype on a device, recorded where it asks for gradients; itself where nothing changes.
///
/// # Errors
/// What computing the elements meets, and what the device refuses.
pub fn converted(t: &Tensor, dtype: DType, device: Device) -> Result<Tensor> {
    if t.dtype() == dtype && t.device() == device {
        return Ok(t.clone());
    }
    copied_to(t, dtype, device, None)
}

/// A copy of a tensor in a dtype, on a device, in a memory format where one is asked for, recorded as a conversion.
///
/// # Errors
/// As [`converted`], and torch's words for a format of another rank.
pub fn copied_to(t: &Tensor, dtype: DType, device: Device, format: Option<Format>) -> Result<Tensor> {
    struct Back(DType, Device);
    impl Backward for Back {
        fn backward(&self, _: &Rc<Node>, grads: &[Option<Tensor>]) -> Result<Vec<Option<Tensor>>> {
            let grad = grads.first().cloned().flatten();
            Ok(vec![grad.map(|g| converted(&real(g, self.0)?, self.0, self.1)).transpose()?])
        }
    }
    let (from, home) = (t.dtype(), t.device());
    let out = grad::recording(false, || {
        // The smaller elements are those that move.
        let out = if from.size() >= dtype.size() {
            t.cast(dtype)?.to_device(device)
        } else {
            t.to_device(device)?.cast(dtype)
        }?;
        match format {
            Some(format) => Ok(Tensor::new(copy_as(&out.view()?, format)?)),
            None => Ok::<Tensor, Error>(out),
        }
    })?;
    if t.requires_grad() && grad::enabled() {
        grad::record("ToCopyBackward0".into(), vec![t.edge()?], &[&out], Box::new(Back(from, home)));
    }
    Ok(out)
}

/// A copy, recorded as torch records copies of its own.
///
/// # Errors
/// What copying meets.
pub fn copied(t: &Tensor) -> Result<Tensor> {
    let copy = named("clone", &[In::Tensor(t.clone())])?;
    copy.rename_function("torch::autograd::CopyBackwards".into(), 0);
    Ok(copy)
}

/// The real part of a gradient that goes to a real tensor.
fn real(grad: Tensor, dtype: DType) -> Result<Tensor> {
    if grad.dtype().is_complex() && !dtype.is_complex() { named("real", &[In::Tensor(grad)]) } else { Ok(grad) }
}

/// A gradient brought to the sizes and dtype of what it belongs to.
///
/// # Errors
/// torch's words where the sizes cannot be.
pub fn fitted(gradient: Tensor, layout: &Layout, name: &str, at: usize) -> Result<Tensor> {
    let sizes = gradient.sizes();
    let gradient = if sizes == layout.sizes {
        gradient
    } else {
        let fits = crate::base::shape::broadcast(&layout.sizes, &sizes).is_ok_and(|s| s == sizes);
        if !fits {
            return Err(runtime(format!(
                "Function {name} returned an invalid gradient at index {at} - got {} but expected shape compatible with {}",
                show(&sizes),
                show(&layout.sizes)
            )));
        }
        let items = layout.sizes.iter().map(|&i| In::Int(i)).collect();
        named("sum_to_size", &[In::Tensor(gradient), In::Seq { items, tuple: true }])?
    };
    let gradient = cast(&real(gradient, layout.dtype)?, layout.dtype)?;
    // A number goes back to where it came from, and so does what was copied.
    let there = gradient.device();
    if there != layout.device && gradient.ndim() > 0 && !name.contains("Cop") {
        return Err(runtime(format!(
            "Function {name} returned an invalid gradient at index {at} - expected device {} but got {there}",
            layout.device
        )));
    }
    converted(&gradient, layout.dtype, layout.device)
}

/// Calls a row by its name.
///
/// # Errors
/// What the row refuses.
pub fn named(name: &str, args: &[In<Tensor>]) -> Result<Tensor> {
    let hidden = || table::rows().find(|row| row.name == name).map(|row| (row, Form::Function));
    let found = table::find(name).or_else(|| table::find_method(name)).or_else(hidden);
    let (row, form) = found.ok_or_else(|| runtime(format!("internal: no row {name}")))?;
    match crate::tensor::call::call(row, form, args, &[])?.0 {
        Out::Tensor(t) => Ok(t),
        _ => Err(runtime(format!("internal: {name} gives no tensor"))),
    }
}
