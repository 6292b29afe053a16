//! Tensors' attributes, and the way from a name to a method.

use super::autograd::node::GradFn;
use super::convert::{as_tensor, size};
use super::rows::{RowFn, call_named};
use super::{methods, settings, special_methods};
use crate::base::error::{runtime, type_error};
use crate::base::shape::show;
use crate::base::{DType, Device};
use crate::eval::interp::Interp;
use crate::eval::raise::Res;
use crate::eval::value::{Method, Value};
use crate::ops::args::In;
use crate::ops::table::{Form, Row, find_method, forms, rows};
use crate::tensor::Tensor;
use std::rc::Rc;

/// Attributes that are data.
const DATA: &[&str] = &[
    "shape",
    "dtype",
    "device",
    "ndim",
    "T",
    "mT",
    "H",
    "mH",
    "real",
    "imag",
    "data",
    "grad",
    "grad_fn",
    "is_leaf",
    "requires_grad",
    "itemsize",
    "nbytes",
    "layout",
    "is_cuda",
    "is_cpu",
    "is_sparse",
    "is_quantized",
    "is_meta",
    "names",
    "output_nr",
    "retains_grad",
    "_version",
    "is_mps",
    "is_nested",
    "name",
    "is_sparse_csr",
    "is_mkldnn",
    "is_xla",
    "is_xpu",
];

/// `this.name`.
///
/// # Errors
/// torch's words for attributes that need another number of dimensions.
pub fn get(t: &Tensor, _: &mut Interp, this: &Value, name: &str) -> Res<Option<Value>> {
    if let Some(value) = data(t, name)? {
        return Ok(Some(value));
    }
    if let Some(func) = methods::find(name) {
        return Ok(Some(Value::Method(Rc::new(Method { this: this.clone(), func }))));
    }
    if let Some(value) = special_methods::find(t, name) {
        return Ok(Some(value));
    }
    let bound =
        |(row, form): (&'static Row, Form)| RowFn { row, form, name: row.named(form, name), this: Some(t.clone()) };
    Ok(find_method(name).map(bound).map(Value::object))
}

fn data(t: &Tensor, name: &str) -> Res<Option<Value>> {
    let row = |name: &str, extra: &[In<Tensor>]| {
        let args: Vec<In<Tensor>> = std::iter::once(In::Tensor(t.clone())).chain(extra.iter().cloned()).collect();
        call_named(name, &args, &[]).map(Some)
    };
    Ok(Some(match name {
        "shape" => size(&t.sizes()),
        "dtype" => Value::DType(t.dtype()),
        "device" => Value::Device(t.device()),
        "ndim" => Value::count(t.ndim()),
        "T" => {
            let n = t.ndim() as i64;
            return row("permute", &[In::Seq { items: (0..n).rev().map(In::Int).collect(), tuple: true }]);
        }
        "mT" | "mH" if t.ndim() == 1 => {
            let message = format!(
                "tensor.{name} is only supported on matrices or batches of matrices. Got {}-D tensor.",
                t.ndim()
            );
            return Err(runtime(message).into());
        }
        "H" if t.ndim() != 2 && t.ndim() != 0 => {
            let message = format!(
                "tensor.H is only supported on matrices (2-D tensors). Got {}-D tensor.{}",
                t.ndim(),
                if t.ndim() > 2 { " For batches of matrices, consider using tensor.mH" } else { "" }
            );
            return Err(runtime(message).into());
        }
        "mT" if t.ndim() == 0 => Value::Tensor(t.clone()),
        "mT" => return row("transpose", &[In::Int(-2), In::Int(-1)]),
        "H" | "mH" => {
            if t.ndim() == 0 {
                return row("conj", &[]);
            }
            let turned = row("transpose", &[In::Int(-2), In::Int(-1)])?;
            let Some(Value::Tensor(turned)) = turned else { return Ok(None) };
            return call_named("conj", &[In::Tensor(turned)], &[]).map(Some);
        }
        "real" if !t.dtype().is_complex() => Value::Tensor(t.clone()),
        "real" => return row("real", &[]),
        "imag" => return row("imag", &[]),
        "data" => {
            let data = Tensor::new(t.view()?);
            data.set_uncounted();
            Value::Tensor(data)
        }
        "name" => Value::None,
        "grad" => t.grad().map_or(Value::None, Value::Tensor),
        "grad_fn" => t.function()?.map_or(Value::None, |edge| GradFn::value(edge.node)),
        "is_leaf" => Value::Bool(t.is_leaf()),
        "_base" => t.base().map_or(Value::None, Value::Tensor),
        "_backward_hooks" => Value::None,
        "requires_grad" => Value::Bool(t.requires_grad()),
        "itemsize" => Value::count(t.dtype().size()),
        "nbytes" => Value::count(t.numel() * t.dtype().size()),
        "layout" => settings::strided(),
        "is_cuda" => Value::Bool(matches!(t.device(), Device::Cuda(_))),
        "is_sparse" | "is_quantized" | "is_meta" | "is_mps" | "is_nested" | "is_sparse_csr" | "is_mkldnn"
        | "is_xla" | "is_xpu" => Value::Bool(false),
        "is_cpu" => Value::Bool(t.device() == Device::Cpu),
        "names" => Value::tuple(vec![Value::None; t.ndim()]),
        "output_nr" => Value::count(t.function()?.map_or(0, |edge| edge.output)),
        "retains_grad" => Value::Bool(t.retains_grad()),
        "_version" if t.is_inference() => {
            return Err(runtime("Inference tensors do not track version counter.").into());
        }
        "_version" => Value::Int(i64::from(t.view()?.storage().version())),
        _ => return Ok(None),
    }))
}

/// `torch.Tensor.add`: a method without its tensor.
pub fn unbound(name: &str) -> Option<Value> {
    if let Some(func) = methods::find(name) {
        return Some(Value::Builtin(func));
    }
    find_method(name).map(|(row, form)| RowFn::function(row, form, name))
}

/// `this.name = value`; false when there is no such attribute to write.
///
/// # Errors
/// torch's words for values that do not fit.
pub fn set(t: &Tensor, _: &mut Interp, name: &str, value: &Value) -> Res<bool> {
    match name {
        "requires_grad" => match value {
            Value::Bool(on) if *on && !t.dtype().is_float() && !t.dtype().is_complex() => {
                let message = "only Tensors of floating point and complex dtype can require gradients";
                return Err(runtime(message).into());
            }
            Value::Bool(on) => super::autograd::ask(t, *on)?,
            _ => return Err(runtime("requires_grad must be a bool").into()),
        },
        "data" => match as_tensor(value) {
            Some(other) if t.requires_grad() && !other.dtype().is_float() && !other.dtype().is_complex() => {
                let message = "data set to a tensor that requires gradients must be floating point or complex dtype";
                return Err(runtime(message).into());
            }
            Some(other) => t.set_view(other.view()?),
            None => {
                let message = format!("Variable data has to be a tensor, but got {}", value.type_name());
                return Err(type_error(message).into());
            }
        },
        "grad" if value.is_none() => t.set_grad(None),
        "grad" if as_tensor(value).is_some_and(|g| g.is(t)) => {
            return Err(runtime("can't assign Variable as its own grad").into());
        }
        "grad" => set_grad(t, value)?,
        "real" | "imag" => {
            let Value::Tensor(part) = data(t, name)?.unwrap_or(Value::None) else {
                return Ok(false);
            };
            let mut target = part.view()?;
            let source = match value {
                Value::Tensor(s) => s.view()?,
                other => match super::convert::as_scalar(other) {
                    Some(s) => crate::store::View::scalar(target.dtype(), s)?,
                    None => return Ok(false),
                },
            };
            crate::tensor::recompute::settle()?;
            crate::tensor::devices::copy_into(&source, &mut target)?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// A dtype as C++ names its type.
fn type_in_c(dtype: DType) -> &'static str {
    match dtype {
        DType::F32 => "float",
        DType::F64 => "double",
        DType::F16 => "c10::Half",
        DType::BF16 => "c10::BFloat16",
        DType::I64 => "long int",
        DType::I32 => "int",
        DType::I16 => "short int",
        DType::I8 => "signed char",
        DType::U8 => "unsigned char",
        DType::Bool => "bool",
        DType::C32 => "c10::complex<float>",
        DType::C64 => "c10::complex<double>",
        other => other.name(),
    }
}

/// `t.grad = value`.
fn set_grad(t: &Tensor, value: &Value) -> Res<()> {
    let Some(grad) = as_tensor(value) else {
        let message =
            format!("assigned grad expected to be a Tensor or None but got grad of type {}", value.type_name());
        return Err(type_error(message).into());
    };
    if grad.sizes() != t.sizes() {
        let message = format!(
            "attempting to assign a gradient of size '{}' to a tensor of size '{}'. Please ensure that the gradient and the tensor \
             are the same size",
            show(&grad.sizes()),
            show(&t.sizes())
        );
        return Err(runtime(message).into());
    }
    if grad.device() != t.device() {
        return Err(runtime("assigned grad has data located on a different device").into());
    }
    if grad.dtype() != t.dtype() {
        let message = format!(
            "attempting to assign a gradient with dtype '{}' to a tensor with grad_dtype '{}'. The gradient must match the tensor's \
             grad_dtype (defaults to the tensor's dtype). You can set the tensor's grad_dtype attribute with a specific dtype, or \
             None to allow any dtype. Set grad_dtype with caution. Diverging the dtypes of a tensor and its gradient may break \
             downstream systems that assume they match.",
            type_in_c(grad.dtype()),
            t.dtype().aten()
        );
        return Err(runtime(message).into());
    }
    t.set_grad(Some(grad.clone()));
    Ok(())
}

/// Every attribute's name, for completion and `dir`.
pub fn names() -> Vec<String> {
    let mut names: Vec<String> = DATA.iter().map(|s| (*s).to_string()).collect();
    names.extend(methods::names().map(str::to_string));
    names.extend(special_methods::names());
    for row in rows() {
        for name in row.names().filter(|n| !n.contains('.')) {
            if row.has(forms::METHOD) {
                names.push(name.to_string());
            }
            if row.has(forms::INPLACE) {
                names.push(format!("{name}_"));
            }
        }
    }
    names.sort();
    names.dedup();
    names
}
