//! `tensor.to` in all its forms, and the conversions by name.

use super::convert::{as_dtype, as_tensor};
use super::settings::Named;
use crate::base::error::type_error;
use crate::base::shape::Format;
use crate::base::{DType, Device};
use crate::eval::raise::{Raise, Res};
use crate::eval::value::Value;
use crate::tensor::{Tensor, devices, history};

/// Reads a device: a device, its name, or a GPU's number.
///
/// # Errors
/// torch's `RuntimeError` for a name it does not know.
pub fn as_device(value: &Value) -> Res<Option<Device>> {
    Ok(match value {
        Value::Device(d) => Some(*d),
        Value::Str(s) => Some(Device::parse(&s.text)?),
        Value::Int(i) => Some(Device::Cuda(u8::try_from(*i).ok())),
        _ => None,
    })
}

/// The memory format of that name, none where none is given.
pub fn format(value: &Value) -> Option<Format> {
    value.downcast::<Named>().map(|named| Format::named(named.name))
}

/// Converts to a dtype on a device, in a memory format; gives the tensor itself back when nothing changes and no copy is asked for.
///
/// # Errors
/// torch's `RuntimeError` where there is no such device.
pub fn convert(t: &Tensor, dtype: Option<DType>, device: Option<Device>, force: bool, format: Option<Format>) -> Res {
    let device = device.map(devices::resolve).transpose()?.unwrap_or(t.device());
    let dtype = dtype.unwrap_or(t.dtype());
    if let Some(format @ (Format::Contiguous | Format::ChannelsLast(_))) = format {
        let view = t.view()?;
        format.strides(view.sizes())?;
        let (same, lies) = (dtype == t.dtype() && device == t.device(), format.holds(view.sizes(), view.strides()));
        if force || !same || !lies {
            return Ok(Value::Tensor(history::copied_to(t, dtype, device, Some(format))?));
        }
    }
    if dtype != t.dtype() || device != t.device() {
        return Ok(Value::Tensor(history::converted(t, dtype, device)?));
    }
    if force && t.requires_grad() {
        return super::rows::call_named("clone", &[crate::ops::In::Tensor(t.clone())], &[]);
    }
    Ok(Value::Tensor(if force { Tensor::new(devices::clone(&t.view()?)?) } else { t.clone() }))
}

/// `tensor.to(*args, dtype=, device=, copy=, ...)`.
///
/// # Errors
/// torch's `TypeError` for arguments that do not fit.
pub fn to(
    t: &Tensor,
    positional: &[Value],
    dtype: &Value,
    device: &Value,
    copy: &Value,
    format: Option<Format>,
) -> Res {
    let (mut to_dtype, mut to_device) = (None, None);
    for value in positional.iter().chain([dtype, device]).filter(|v| v.some().is_some()) {
        if let Some(d) = as_dtype(value) {
            to_dtype = Some(d);
        } else if let Some(other) = as_tensor(value) {
            to_dtype = Some(other.dtype());
            to_device = Some(other.device());
        } else if matches!(value, Value::Bool(_)) {
            // non_blocking by position: a copy is waited for by whoever needs it.
        } else if let Some(d) = as_device(value)? {
            to_device = Some(d);
        } else {
            let got: Vec<String> = positional.iter().map(Value::type_name).collect();
            return Err(no_overload(&got.join(", ")));
        }
    }
    convert(t, to_dtype, to_device, matches!(copy, Value::Bool(true)), format)
}

/// Arguments that fit none of the forms of `to`.
#[cold]
pub fn no_overload(got: &str) -> Raise {
    type_error(format!(
        "to() received an invalid combination of arguments - got ({got}), but expected one of:\n \
         * (torch.device device = None, torch.dtype dtype = None, bool non_blocking = False, bool copy = False, *, \
         torch.memory_format memory_format = None)\n \
         * (torch.dtype dtype, bool non_blocking = False, bool copy = False, *, torch.memory_format memory_format = \
         None)\n \
         * (Tensor tensor, bool non_blocking = False, bool copy = False, *, torch.memory_format memory_format = \
         None)\n"
    ))
    .into()
}
