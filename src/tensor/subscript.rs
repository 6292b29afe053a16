//! Subscripts with items that are known, read and written where the tensor lies.

use super::devices;
use crate::base::Device;
use crate::base::error::{Error, Result, runtime};
use crate::cpu::index::subscript::{self as cpu, Index};
use crate::cuda::index::subscript as cuda;
use crate::ops::args::{Arg, Out};
use crate::store::View;
use crate::store::cuda::driver;

/// `x[items]`: a view of `x` when no item is a tensor, else a copy.
///
/// # Errors
/// torch's `IndexError`s and `ValueError`s; what the device refuses.
pub fn get(x: &View, items: &[Index]) -> Result<View> {
    let Device::Cuda(index) = x.device() else {
        indices(items)?;
        return cpu::get(x, items);
    };
    if let Some(out) = cuda::get(driver::gpu(index)?, x, items)? {
        return Ok(out);
    }
    match devices::on_cpu("index", x.device(), &args(x, items, None), || Ok(Out::Tensor(cpu::get(x, items)?)))? {
        Out::Tensor(out) => Ok(out),
        _ => Err(runtime("internal: a subscript without result")),
    }
}

/// `x[items] = value`; `value` has been made a tensor.
///
/// # Errors
/// torch's `IndexError`s, and `RuntimeError`s for shapes and dtypes that don't fit; what the device refuses.
pub fn set(x: &View, items: &[Index], value: &View) -> Result<()> {
    let Device::Cuda(index) = x.device() else {
        indices(items)?;
        if value.device() != Device::Cpu && value.ndim() > 0 && tensors(items).next().is_some() {
            return Err(several(value.device()));
        }
        return cpu::set(x, items, value);
    };
    if cuda::set(driver::gpu(index)?, x, items, value)? {
        return Ok(());
    }
    let args = args(x, items, Some(value));
    devices::on_cpu("index_put_", x.device(), &args, || cpu::set(x, items, value).map(|()| Out::None)).map(|_| ())
}

fn tensors(items: &[Index]) -> impl Iterator<Item = &View> {
    items.iter().filter_map(|item| if let Index::Tensor(t) = item { Some(t) } else { None })
}

/// All tensors of a subscript, as arguments.
fn args(x: &View, items: &[Index], value: Option<&View>) -> Vec<Arg<View>> {
    std::iter::once(x).chain(tensors(items)).chain(value).map(|v| Arg::Tensor(v.clone())).collect()
}

/// Refuses indices on a device for a tensor of the host's; numbers go anywhere.
fn indices(items: &[Index]) -> Result<()> {
    if tensors(items).any(|t| t.ndim() > 0 && t.device() != Device::Cpu) {
        return Err(elsewhere());
    }
    Ok(())
}

#[cold]
fn several(other: Device) -> Error {
    runtime(format!("Expected all tensors to be on the same device, but found at least two devices, {other} and cpu!"))
}

#[cold]
fn elsewhere() -> Error {
    runtime("indices should be either on cpu or on the same device as the indexed tensor (cpu)")
        .help("`.cpu()` on the indices, or `.cuda()` on the tensor, brings them together")
}
