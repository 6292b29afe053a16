//! torch's types: what calling them makes, and the types of tensors by dtype (`torch.FloatTensor`).

use super::convert::{as_scalar, as_tensor};
use super::{data, generator, settings, to};
use crate::base::error::{runtime, type_error, value_error};
use crate::base::promote::default_dtype;
use crate::base::{DType, Device};
use crate::eval::args::Args;
use crate::eval::builtin::Builtin;
use crate::eval::compare::by_equality;
use crate::eval::interp::Interp;
use crate::eval::kind::Type;
use crate::eval::object::Object;
use crate::eval::raise::Res;
use crate::eval::value::{TupleKind, Value};
use crate::lang::ast::CmpOp;
use crate::store::View;
use crate::tensor::Tensor;
use std::any::Any;

crate::builtin_table! {
    /// The constructors, by their type's name.
    CONSTRUCTORS of "torch" {
        "Tensor" ("*args, **kwargs") "A tensor of the default dtype: of these sizes, or with these elements." => |_, a| {
            legacy(&a[0].clone(), &a[1].clone(), None)
        };
        "Size" ("iterable=(), /") "Sizes: a tuple of ints." => |it, a| size(it, a[0].given());
        "device" ("type=None, index=None") "A device by its name." => |_, a| device(a[0].given(), a[1].some());
        "torch._C.Generator" ("device=None") "A random number generator of its own." => |_, a| {
            let device = a[0].some().map(to::as_device).transpose()?.flatten();
            generator::GeneratorObject::fresh(device.unwrap_or(crate::base::Device::Cpu))
        };
    }
}

crate::builtin_table! {
    /// Methods of dtypes.
    DTYPE of "torch.dtype" {
        "to_complex" ("self, /") "The complex dtype with parts of this one." => |_, a| match &a[0] {
            Value::DType(d) => match d.complex() {
                Some(complex) => Ok(Value::DType(complex)),
                None => Err(runtime(format!("Unknown Complex ScalarType for {}", d.aten())).into()),
            },
            _ => Ok(Value::None),
        };
        "to_real" ("self, /") "The dtype of a complex one's parts." => |_, a| match &a[0] {
            Value::DType(d) => Ok(Value::DType(d.real())),
            _ => Ok(Value::None),
        };
    }
}

/// The constructor of one of torch's types.
pub fn constructor(kind: Type) -> Option<&'static Builtin> {
    CONSTRUCTORS.iter().find(|row| row.name == kind.name())
}

/// What `torch.<name>` is, where that is a type.
pub fn named(name: &str) -> Option<Value> {
    Some(match name {
        "Tensor" => Value::Type(Type::Tensor),
        "Size" => Value::Type(Type::Size),
        "device" => Value::Type(Type::Device),
        "dtype" => Value::Type(Type::DType),
        "layout" => Value::Type(Type::Layout),
        "memory_format" => Value::Type(Type::MemoryFormat),
        "Generator" => Value::Type(Type::TorchGenerator),
        _ => {
            let prefix = name.strip_suffix("Tensor")?;
            let dtype = DType::ALL.iter().find(|d| d.aten() == prefix && !d.is_complex())?;
            Value::object(TensorType { dtype: *dtype })
        }
    })
}

/// `torch.FloatTensor` and its like.
pub struct TensorType {
    /// The dtype of its tensors.
    pub dtype: DType,
}

impl TensorType {
    /// `FloatTensor`.
    fn name(&self) -> String {
        format!("{}Tensor", self.dtype.aten())
    }
}

impl Object for TensorType {
    fn type_name(&self) -> &str {
        "torch.tensortype"
    }

    fn kind(&self) -> Type {
        Type::TensorType
    }

    fn get_attr(&self, _: &mut Interp, _: &Value, name: &str) -> Res<Option<Value>> {
        Ok(Some(match name {
            "dtype" => Value::DType(self.dtype),
            "__name__" => Value::from(self.name()),
            "layout" => settings::strided(),
            "is_cuda" | "is_sparse" => Value::Bool(false),
            _ => return Ok(None),
        }))
    }

    fn attrs(&self) -> Vec<String> {
        ["dtype", "__name__", "layout", "is_cuda", "is_sparse"].map(str::to_string).to_vec()
    }

    fn callable(&self) -> bool {
        true
    }

    fn call(&self, _: &mut Interp, args: Args) -> Res<Option<Value>> {
        let kwargs = args.kw.iter().map(|(name, value)| (crate::eval::hash::Key::str(name), value.clone())).collect();
        legacy(&Value::tuple(args.pos.to_vec()), &Value::dict(kwargs), Some(self.dtype)).map(Some)
    }

    fn compare(&self, _: &mut Interp, op: CmpOp, other: &Value, _: bool) -> Res<Option<Value>> {
        Ok(by_equality(op, other.downcast::<TensorType>().is_some_and(|o| o.dtype == self.dtype)))
    }

    fn has_instance(&self, value: &Value) -> Option<bool> {
        Some(as_tensor(value).is_some_and(|t| t.dtype() == self.dtype))
    }

    fn repr(&self, _: &mut Interp) -> Res<String> {
        Ok(format!("<class 'torch.{}'>", self.name()))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// The dtype that `torch.FloatTensor` or its name stands for.
pub fn dtype_of_type(value: &Value) -> Option<DType> {
    match value {
        Value::Str(s) => DType::ALL.iter().copied().find(|d| *data::type_text(*d) == *s.text),
        other => other.downcast::<TensorType>().map(|t| t.dtype),
    }
}

/// `torch.set_default_tensor_type`'s dtype.
///
/// # Errors
/// torch's words for what is no type of floating tensors.
pub fn default_tensor_type(value: &Value) -> Res<DType> {
    match (dtype_of_type(value), value) {
        (Some(dtype), _) if dtype.is_float() => Ok(dtype),
        (None, Value::Str(s)) if s.text.starts_with("torch.") => {
            let name = s.text.rsplit('.').next().unwrap_or("");
            Err(crate::base::error::attribute_error(format!("module 'torch' has no attribute '{name}'")).into())
        }
        (None, _) => Err(type_error("invalid type object").into()),
        _ => Err(type_error("only floating-point types are supported as the default type").into()),
    }
}

/// `torch.Tensor(...)`, `torch.FloatTensor(...)`, `tensor.new(...)`: sizes make a tensor of arbitrary elements, data a
/// tensor of these; `dtype` is `None` for `torch.Tensor`, which keeps the dtype of a tensor.
///
/// # Errors
/// torch's `TypeError`s for arguments that are neither.
pub fn legacy(args: &Value, kwargs: &Value, dtype: Option<DType>) -> Res {
    let Value::Tuple(args) = args else { return Ok(Value::None) };
    if let Value::Dict(kwargs) = kwargs {
        for (name, value) in kwargs.pairs() {
            if name.as_str() != Some("device") {
                return Err(unexpected(&args.items, name.as_str().unwrap_or_default(), &value));
            }
            match to::as_device(&value)? {
                Some(Device::Cpu | Device::CpuAt(_)) | None => {}
                Some(other) => {
                    let kind = other.kind();
                    let message =
                        format!("legacy constructor expects device type: cpu but device type: {kind} was passed");
                    return Err(runtime(message).into());
                }
            }
        }
    }
    let wanted = dtype.unwrap_or_else(default_dtype);
    let of_sizes = |sizes: &[i64]| -> Res {
        if let Some(n) = sizes.iter().find(|n| **n < 0) {
            let shown = crate::base::shape::show(sizes);
            return Err(runtime(format!("Trying to create tensor with negative dimension {n}: {shown}")).into());
        }
        Ok(Value::Tensor(Tensor::new(View::empty(wanted, sizes)?)))
    };
    let ints = |items: &[Value]| -> Option<Vec<i64>> {
        items.iter().map(|v| if let Value::Int(i) = v { Some(*i) } else { None }).collect()
    };
    if args.items.is_empty() {
        return of_sizes(&[0]);
    }
    if let Some(sizes) = ints(&args.items) {
        return of_sizes(&sizes);
    }
    if args.items.len() > 1 {
        let bad = args.items.iter().enumerate().find(|(_, v)| !matches!(v, Value::Int(_)));
        let (at, name) = bad.map_or((0, String::new()), |(i, v)| (i + 1, v.type_name()));
        return Err(type_error(format!(
            "new(): argument 'size' failed to unpack the object at pos {at} with error \"type must be tuple of ints,but \
             got {name}\""
        ))
        .into());
    }
    match &args.items[0] {
        Value::Tensor(t) => {
            if let Some(dtype) = dtype.filter(|d| *d != t.dtype()) {
                return Err(type_error(format!("expected {} (got {})", options(dtype), options(t.dtype()))).into());
            }
            Ok(Value::Tensor(Tensor::new(t.view()?)))
        }
        Value::Tuple(t) if matches!(t.kind, TupleKind::Size) => of_sizes(&ints(&t.items).unwrap_or_default()),
        Value::Str(_) => Err(type_error("new(): invalid data type 'str'").into()),
        data @ (Value::List(_) | Value::Tuple(_) | Value::Range(_)) => {
            Ok(Value::Tensor(Tensor::new(data::view(data, Some(wanted))?)))
        }
        data if crate::numpy::array_view(data).is_some() => {
            Ok(Value::Tensor(Tensor::new(data::view(data, Some(wanted))?)))
        }
        other => Err(type_error(format!("new(): data must be a sequence (got {})", other.type_name())).into()),
    }
}

/// What torch calls the options of a tensor on the CPU.
fn options(dtype: DType) -> String {
    let name = dtype.cpp();
    format!(
        "TensorOptions(dtype={name}, device=cpu, layout=Strided, requires_grad=false (default), pinned_memory=false \
         (default), memory_format=(nullopt))"
    )
}

#[cold]
fn unexpected(args: &[Value], name: &str, value: &Value) -> crate::eval::raise::Raise {
    let got: Vec<String> = args.iter().map(Value::type_name).collect();
    type_error(format!(
        "new() received an invalid combination of arguments - got ({}, {name}={}), but expected one of:\n \
         * (*, torch.device device = None)\n      didn't match because some of the keywords were incorrect: {name}\n \
         * (torch.Storage storage)\n * (Tensor other)\n * (tuple of ints size, *, torch.device device = None)\n \
         * (object data, *, torch.device device = None)\n",
        got.join(", "),
        value.type_name()
    ))
    .into()
}

fn size(it: &mut Interp, iterable: Option<&Value>) -> Res {
    let items = match iterable {
        Some(v) => it.collect(v)?,
        None => Vec::new(),
    };
    let mut sizes = Vec::with_capacity(items.len());
    for (i, item) in items.iter().enumerate() {
        sizes.push(match item {
            Value::Int(n) => *n,
            Value::Bool(b) => i64::from(*b),
            Value::Tensor(t) if t.numel() == 1 && t.dtype().is_integral() => t.item()?.to_i64(),
            other => {
                let name = other.type_name();
                return Err(
                    type_error(format!("torch.Size() takes an iterable of 'int' (item {i} is '{name}')")).into()
                );
            }
        });
    }
    Ok(Value::size(sizes))
}

fn device(kind: Option<&Value>, index: Option<&Value>) -> Res {
    let named = match kind {
        Some(v) if as_scalar(v).is_none() || matches!(v, Value::Int(_)) => to::as_device(v)?,
        _ => None,
    };
    match (named, index) {
        (Some(device), None) => Ok(Value::Device(device)),
        (Some(device), Some(Value::Int(i))) => {
            if let Some(Value::Str(s)) = kind.filter(|k| k.as_str().is_some_and(|s| s.contains(':'))) {
                return Err(runtime(format!(
                    "type (string) must not include an index because index was passed explicitly: {}",
                    s.text
                ))
                .into());
            }
            match (device, u8::try_from(*i)) {
                _ if *i < 0 => Err(runtime("Device index must not be negative").into()),
                (Device::Cpu, Ok(i)) => Ok(Value::Device(Device::CpuAt(i))),
                (Device::Cuda(_), Ok(i)) => Ok(Value::Device(Device::Cuda(Some(i)))),
                (_, Err(_)) if *i < -1 || *i > 127 => Err(value_error("Device index must be between 0 and 127").into()),
                _ => Ok(Value::Device(device)),
            }
        }
        _ => {
            let got: Vec<String> = kind.into_iter().chain(index).map(Value::type_name).collect();
            let why = match got.is_empty() {
                true => String::new(),
                false => {
                    format!("      didn't match because some of the arguments have invalid types: (!{}!)\n", got[0])
                }
            };
            Err(type_error(format!(
                "device() received an invalid combination of arguments - got ({}), but expected one of:\n \
                 * (torch.device device)\n{why} * (str type, int index = -1)\n",
                got.join(", ")
            ))
            .into())
        }
    }
}
