//! Writing results into tensors that exist: in-place forms and `out=`.

use super::call::Called;
use super::{Tensor, destination, devices, grad, history, recompute};
use crate::base::error::{Result, runtime};
use crate::base::promote::can_cast;
use crate::base::shape::{contiguous_strides, numel, show};
use crate::base::{DType, Device};
use crate::ops::args::{Arg, Out};
use crate::store::{View, overlap, storage};

/// Refuses to write into a tensor that has several elements on one place.
///
/// # Errors
/// torch's `RuntimeError`.
pub fn check_target(target: &Tensor) -> Result<()> {
    // What waits has memory without such places, or will have.
    if !target.is_pending() && target.view()?.overlaps_itself() {
        return Err(runtime(
            "unsupported operation: more than one element of the written-to tensor refers to a single memory location. \
             Please clone() the tensor before performing the operation.",
        )
        .at(&[0]));
    }
    Ok(())
}

/// Refuses to write into a tensor of inference mode outside of it.
///
/// # Errors
/// torch's `RuntimeError`.
pub fn check_mode(target: &Tensor) -> Result<()> {
    if target.is_inference() && !storage::inference() {
        return Err(runtime(
            "Inplace update to inference tensor outside InferenceMode is not allowed.You can make a clone to get a normal tensor \
             before doing inplace update.See https://github.com/pytorch/rfcs/pull/17 for more details.",
        )
        .at(&[0]));
    }
    Ok(())
}

/// Refuses operands that lie partly over the target, as torch does for layouts without gaps.
fn check_operands(target: &View, args: &[Arg<Tensor>]) -> Result<()> {
    for (i, arg) in args.iter().enumerate().skip(1) {
        let Arg::Tensor(t) = arg else { continue };
        if t.is_pending() {
            continue;
        }
        let v = t.view()?;
        let same = v.address() == target.address() && v.sizes() == target.sizes() && v.strides() == target.strides();
        if !v.shares(target) || same || !overlap::dense(&v) || !overlap::dense(target) {
            continue;
        }
        let range = |v: &View| (v.offset(), v.offset() + v.numel() as i64);
        let ((a, b), (c, d)) = (range(&v), range(target));
        if v.dtype() == target.dtype() && a < d && c < b {
            return Err(runtime(
                "unsupported operation: some elements of the input tensor and the written-to tensor refer to a single \
                 memory location. Please clone() the tensor before performing the operation.",
            )
            .at(&[0, i as u8]));
        }
    }
    Ok(())
}

/// Puts an in-place call's result into its tensor and gives that tensor back.
///
/// # Errors
/// torch's `RuntimeError`s for results of another shape or a dtype that can't be stored.
pub fn store(target: &Tensor, result: Called, args: &[Arg<Tensor>]) -> Result<Called> {
    let Out::Tensor(result) = result else { return Ok(result) };
    if result.is(target) {
        return Ok(Out::Tensor(result));
    }
    let function = if grad::enabled() { result.function()? } else { None };
    check_sizes(&result.sizes(), target)?;
    check_cast(result.dtype(), target)?;
    check_device(result.device(), target)?;
    if let Some(checked) = target.peek(|view| check_operands(view, args)) {
        checked?;
    }
    if !destination::write(target, &result)? {
        let mut view = target.view()?;
        let result = result.view()?;
        recompute::settle()?;
        devices::copy_into(&result, &mut view)?;
        view.storage().bump();
    }
    if let Some(edge) = function {
        history::rebase(target, edge)?;
    }
    Ok(Out::Tensor(target.clone()))
}

/// Puts results into the tensors given as `out=`, which take their sizes, and gives those back.
///
/// # Errors
/// torch's `RuntimeError` for a dtype that can't be stored.
pub fn store_out(outs: &[Tensor], result: Called) -> Result<Called> {
    let results = result.tensors().to_vec();
    for (out, result) in outs.iter().zip(&results) {
        check_mode(out)?;
        check_cast(result.dtype(), out)?;
        let source = result.view()?;
        check_device(source.device(), out)?;
        recompute::settle()?;
        if out.sizes() != result.sizes() {
            resize(out, &result.sizes())?;
        }
        let mut view = out.view()?;
        check_target(out)?;
        devices::copy_into(&source, &mut view)?;
        view.storage().bump();
    }
    Ok(match result {
        Out::Tensor(_) => Out::Tensor(outs[0].clone()),
        _ => Out::Tuple(outs.to_vec()),
    })
}

/// Refuses results that do not have the target's sizes.
pub(super) fn check_sizes(result: &[i64], target: &Tensor) -> Result<()> {
    let have = target.sizes();
    if have[..] != *result {
        return Err(runtime(format!(
            "output with shape {} doesn't match the broadcast shape {}",
            show(&have),
            show(result)
        )));
    }
    Ok(())
}

/// Refuses results that are on another device than the target.
pub(super) fn check_device(result: Device, target: &Tensor) -> Result<()> {
    let have = target.device();
    if have == result {
        return Ok(());
    }
    Err(devices::two(have, result).at(&[0]).help(format!("`.to('{result}')` of what is written into moves it there")))
}

/// Refuses results of a dtype that the target's can't hold.
pub(super) fn check_cast(result: DType, target: &Tensor) -> Result<()> {
    check_cast_to(result, target, DType::aten)
}

/// As [`check_cast`], the target's dtype being told by such a name.
pub(super) fn check_cast_to(result: DType, target: &Tensor, name: fn(DType) -> &'static str) -> Result<()> {
    let wanted = target.dtype();
    if can_cast(result, wanted) {
        return Ok(());
    }
    let (result, wanted) = (result.aten(), name(wanted));
    Err(runtime(format!("result type {result} can't be cast to the desired output type {wanted}")))
}

/// Gives a tensor other sizes, contiguous, growing its storage when it must (`resize_`).
///
/// # Errors
/// When memory is short.
pub fn resize(t: &Tensor, sizes: &[i64]) -> Result<()> {
    let view = t.view()?;
    let count = numel(sizes).ok_or_else(|| runtime("numel: integer multiplication overflow"))?;
    let need = (view.offset() + count) * view.dtype().size() as i64;
    view.storage().grow(need as usize)?;
    t.set_view(view.with_geometry(sizes, &contiguous_strides(sizes), view.offset())?);
    Ok(())
}
