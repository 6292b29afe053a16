//! Tensors' methods that need the evaluator: nested lists, conversions, forms that no signature tells.

use super::convert::{as_dtype, as_tensor, input, number, size};
use super::storage::StorageObject;
use super::{autograd, data, to, types};
use crate::base::error::{index_error, runtime, type_error, value_error};
use crate::base::shape::Format;
use crate::base::{DType, Device};
use crate::eval::args::Args;
use crate::eval::builtin::Builtin;
use crate::eval::raise::Res;
use crate::eval::value::Value;
use crate::store::View;
use crate::tensor::{Tensor, devices, history, inplace};

fn this(value: &Value) -> Res<&Tensor> {
    as_tensor(value).ok_or_else(|| type_error("a Tensor is required").into())
}

/// The memory of a tensor of the host, for a function that PyTorch has there alone.
fn of_host(t: &Tensor, name: &str) -> Res<View> {
    match t.device() {
        Device::Cpu => Ok(t.view()?),
        _ => Err(type_error(format!("{name} is only implemented on CPU tensors")).into()),
    }
}

fn cast(a: &[Value], dtype: DType) -> Res {
    to::convert(this(&a[0])?, Some(dtype), None, false, a.get(1).and_then(to::format))
}

crate::builtin_table! {
    /// Methods of tensors.
    METHODS of "Tensor" {
        "item" ("self, /") "The value of a tensor of one element, as a Python number." => |_, a| Ok(number(this(&a[0])?.item()?));
        "tolist" ("self, /") "The elements as nested lists of Python numbers." => |_, a| Ok(data::to_list(&this(&a[0])?.view()?));
        "numpy" ("self, *, force=False") "An ndarray over the same memory." => |_, a| {
            let t = this(&a[0])?;
            if t.requires_grad() && !matches!(a[1], Value::Bool(true)) {
                return Err(runtime(
                    "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.",
                ).into());
            }
            if t.dtype() == DType::BF16 {
                return Err(type_error("Got unsupported ScalarType BFloat16").into());
            }
            let view = match (t.device(), &a[1]) {
                (Device::Cuda(_), Value::Bool(true)) => devices::to_device(&t.view()?, Device::Cpu)?,
                _ => crate::numpy::on_host(t)?,
            };
            Ok(crate::numpy::array_of(view))
        };
        "to" ("self, *args, dtype=None, device=None, non_blocking=False, copy=False, memory_format=None, other=None, **unknown") "Converted to a dtype, a device, or as another tensor." => |_, a| {
            let given: Vec<Value> = match &a[1] { Value::Tuple(t) => t.items.to_vec(), _ => Vec::new() };
            let force = match given.iter().filter(|v| matches!(v, Value::Bool(_))).nth(1) {
                Some(v) => v.clone(),
                None => a[5].clone(),
            };
            if let Value::Dict(unknown) = &a[8] && !unknown.is_empty() {
                let named = unknown.pairs().into_iter().map(|(k, v)| format!("{}={}", k.as_str().unwrap_or_default(), v.type_name()));
                let mut got: Vec<String> = given.iter().map(Value::type_name).chain(named).collect();
                if given.is_empty() {
                    got.push(String::new());
                }
                return Err(to::no_overload(&got.join(", ")));
            }
            let given: Vec<Value> = given.into_iter().chain(a[7].some().cloned()).collect();
            to::to(this(&a[0])?, &given, &a[2], &a[3], &force, to::format(&a[6]))
        };
        "cpu" ("self, memory_format=None") "On the CPU." => |_, a| to::convert(this(&a[0])?, None, Some(Device::Cpu), false, to::format(&a[1]));
        "cuda" ("self, device=None, non_blocking=False, memory_format=None") "On the GPU." => |_, a| {
            let device = match a[1].some() {
                None => Device::Cuda(None),
                Some(v) => match to::as_device(v)? {
                    Some(device @ Device::Cuda(_)) => device,
                    Some(other) => return Err(runtime(format!("Invalid device, must be cuda device: {other}")).into()),
                    None => return Err(type_error(format!("cuda(): argument 'device' (position 1) must be torch.device, not {}", v.type_name())).into()),
                },
            };
            to::convert(this(&a[0])?, None, Some(device), false, to::format(&a[3]))
        };
        "float" ("self, memory_format=None") "As float32." => |_, a| cast(a, DType::F32);
        "double" ("self, memory_format=None") "As float64." => |_, a| cast(a, DType::F64);
        "half" ("self, memory_format=None") "As float16." => |_, a| cast(a, DType::F16);
        "bfloat16" ("self, memory_format=None") "As bfloat16." => |_, a| cast(a, DType::BF16);
        "int" ("self, memory_format=None") "As int32." => |_, a| cast(a, DType::I32);
        "long" ("self, memory_format=None") "As int64." => |_, a| cast(a, DType::I64);
        "short" ("self, memory_format=None") "As int16." => |_, a| cast(a, DType::I16);
        "char" ("self, memory_format=None") "As int8." => |_, a| cast(a, DType::I8);
        "byte" ("self, memory_format=None") "As uint8." => |_, a| cast(a, DType::U8);
        "bool" ("self, memory_format=None") "As bool." => |_, a| cast(a, DType::Bool);
        "cfloat" ("self, memory_format=None") "As complex64." => |_, a| cast(a, DType::C32);
        "cdouble" ("self, memory_format=None") "As complex128." => |_, a| cast(a, DType::C64);
        "type" ("self, dtype=None, non_blocking=False") "The type's name, or the tensor converted to a dtype." => |_, a| {
            let t = this(&a[0])?;
            match a[1].some() {
                None => {
                    let text = data::type_text(t.dtype());
                    Ok(match t.device() {
                        Device::Cuda(_) => Value::from(&*text.replacen("torch.", "torch.cuda.", 1)),
                        _ => Value::from(&*text),
                    })
                }
                Some(v) => {
                    let dtype = match v {
                        Value::DType(d) => Some(*d),
                        other => types::dtype_of_type(other),
                    };
                    let dtype = match (dtype, v) {
                        (Some(dtype), _) => dtype,
                        (None, Value::Str(s)) => return Err(value_error(format!("invalid type: '{}'", s.text)).into()),
                        (None, Value::Type(kind)) => return Err(value_error(format!("invalid type: '{}'", kind.name())).into()),
                        _ => return Err(type_error("dtype must be a type, str, or dtype object").into()),
                    };
                    to::convert(t, Some(dtype), None, false, None)
                }
            }
        };
        "type_as" ("self, other, /") "Converted to the dtype of another tensor." => |_, a| {
            let other = this(&a[1])?.dtype();
            cast(a, other)
        };
        "size" ("self, dim=None") "The sizes, or the size of one dimension." => |it, a| {
            let t = this(&a[0])?;
            dimension(it, &t.sizes(), a[1].some())
        };
        "stride" ("self, dim=None") "The strides in elements, or the stride of one dimension." => |it, a| {
            let strides = crate::base::Shape::from_slice(this(&a[0])?.view()?.strides());
            match a[1].some() {
                None => Ok(Value::tuple(strides.iter().map(|&s| Value::Int(s)).collect::<Vec<_>>())),
                dim => dimension(it, &strides, dim),
            }
        };
        "dim" ("self, /") "Number of dimensions." => |_, a| Ok(Value::count(this(&a[0])?.ndim()));
        "ndimension" ("self, /") "Number of dimensions." => |_, a| Ok(Value::count(this(&a[0])?.ndim()));
        "numel" ("self, /") "Number of elements." => |_, a| Ok(Value::count(this(&a[0])?.numel()));
        "nelement" ("self, /") "Number of elements." => |_, a| Ok(Value::count(this(&a[0])?.numel()));
        "element_size" ("self, /") "Bytes an element." => |_, a| Ok(Value::count(this(&a[0])?.dtype().size()));
        "storage_offset" ("self, /") "Where the first element lies in the storage." => |_, a| Ok(Value::Int(this(&a[0])?.view()?.offset()));
        "data_ptr" ("self, /") "Address of the first element." => |_, a| {
            let view = this(&a[0])?.view()?;
            Ok(Value::Int(if view.numel() == 0 { 0 } else { view.address() as i64 }))
        };
        "is_contiguous" ("self, memory_format=None") "Whether the elements lie in order without gaps." => |_, a| {
            let view = this(&a[0])?.view()?;
            Ok(Value::Bool(to::format(&a[1]).unwrap_or(Format::Contiguous).holds(view.sizes(), view.strides())))
        };
        "is_shared" ("self, /") "Whether other processes see the memory." => |_, _| Ok(Value::Bool(false));
        "is_pinned" ("self, device=None") "Whether the memory is pinned." => |_, a| Ok(Value::Bool(this(&a[0])?.view()?.storage().is_pinned()));
        "is_set_to" ("self, tensor, /") "Whether both look at the same elements." => |_, a| {
            let (x, y) = (this(&a[0])?.view()?, this(&a[1])?.view()?);
            Ok(Value::Bool(x.shares(&y) && x.offset() == y.offset() && x.sizes() == y.sizes() && x.strides() == y.strides()))
        };
        "resize_" ("self, *sizes, memory_format=None") "Other sizes over the same storage, grown where needed." => |it, a| {
            let t = this(&a[0])?;
            if t.requires_grad() {
                return Err(runtime("cannot resize variables that require grad").into());
            }
            let sizes = integers(it, &a[1])?;
            if let Some(n) = sizes.iter().find(|n| **n < 0) {
                return Err(runtime(format!("Trying to create tensor with negative dimension {n}: {}", crate::base::shape::show(&sizes))).into());
            }
            inplace::resize(t, &sizes)?;
            Ok(a[0].clone())
        };
        "resize_as_" ("self, other, memory_format=None") "The sizes of another tensor." => |_, a| resize_as(a);
        "as_strided_" ("self, size, stride, storage_offset=None") "Other sizes and strides over the same storage." => |_, a| restride(a);
        "set_" ("self, source, /") "Takes another tensor's storage and sizes." => |_, a| {
            let t = this(&a[0])?;
            if t.requires_grad() {
                history::check_target(t)?;
            }
            let source = this(&a[1])?.view()?;
            if t.device() != source.device() {
                return Err(runtime(format!(
                    "Attempted to set the storage of a tensor on device \"{}\" to a storage on different device \"{}\".  This is no longer \
                     allowed; the devices must match.",
                    t.device(),
                    source.device()
                ))
                .into());
            }
            t.set_view(source);
            Ok(a[0].clone())
        };
        "unsqueeze_" ("self, dim") "A new dimension of size 1, in place." => |_, a| reshape_in_place(a, "unsqueeze");
        "squeeze_" ("self, *dim") "Without dimensions of size 1, in place." => |_, a| reshape_in_place(a, "squeeze");
        "transpose_" ("self, dim0, dim1") "Two dimensions exchanged, in place." => |_, a| reshape_in_place(a, "transpose");
        "swapaxes_" ("self, axis0, axis1") "Two dimensions exchanged, in place." => |_, a| reshape_in_place(a, "transpose");
        "swapdims_" ("self, dim0, dim1") "Two dimensions exchanged, in place." => |_, a| reshape_in_place(a, "transpose");
        "t_" ("self, /") "A matrix transposed in place." => |_, a| reshape_in_place(a, "t");
        "new" ("self, *args, **kwargs") "A tensor of this one's dtype: of these sizes, or with these elements." => |_, a| {
            let dtype = this(&a[0])?.dtype();
            let device = this(&a[0])?.device();
            let made = types::legacy(&a[1].clone(), &a[2].clone(), Some(dtype))?;
            to::convert(this(&made)?, None, Some(device), false, None)
        };
        "untyped_storage" ("self, /") "The bytes of the storage." => |_, a| Ok(StorageObject::of(&this(&a[0])?.view()?, false)?);
        "storage" ("self, /") "The elements of the storage." => |_, a| Ok(StorageObject::of(&this(&a[0])?.view()?, true)?);
        "narrow_copy" ("self, dim, start, length") "A copy of a part along a dimension." => |_, a| {
            let inputs: Vec<_> = a.iter().map(input).collect();
            super::rows::call_named("narrow_copy", &inputs, &[])
        };
        "is_nonzero" ("self, /") "Whether the only element is not zero." => |it, a| it.truth(&a[0]).map(Value::Bool);
        "has_names" ("self, /") "Whether dimensions have names." => |_, _| Ok(Value::Bool(false));
        "new_tensor" ("self, data, *, dtype=None, device=None, requires_grad=False") "A tensor of data, with this tensor's dtype unless told otherwise." => |_, a| {
            let dtype = a[2].some().and_then(as_dtype).unwrap_or(this(&a[0])?.dtype());
            let device = a[3].some().map(to::as_device).transpose()?.flatten().map(devices::resolve).transpose()?;
            let view = data::view(&a[1], Some(dtype))?;
            let t = Tensor::new(devices::to_device(&view, device.unwrap_or(this(&a[0])?.device()))?);
            t.set_requires_grad(matches!(a[4], Value::Bool(true)))?;
            Ok(Value::Tensor(t))
        };
        "dim_order" ("self, *, ambiguity_check=False") "Dimensions from the outermost in memory inwards." => |_, a| {
            let view = this(&a[0])?.view()?;
            let formats = match a[1].some().unwrap_or(&Value::Bool(false)) {
                Value::Bool(_) => Some(Vec::new()),
                Value::List(l) => l.items.borrow().iter().map(to::format).collect::<Option<Vec<_>>>(),
                _ => None,
            };
            let Some(formats) = formats else {
                return Err(type_error("The ambiguity_check argument must be a bool or a list of memory formats.").into());
            };
            let twice = view.strides().windows(2).any(|s| s[0] == s[1]) || view.sizes().contains(&1);
            let fitting = formats.iter().filter(|f| f.holds(view.sizes(), view.strides())).count();
            if twice && fitting != 1 && !matches!(a[1].some(), None | Some(Value::Bool(false))) {
                return Err(runtime("The tensor does not have unique dim order, or cannot map to exact one of the given memory formats.").into());
            }
            let mut dims: Vec<usize> = (0..view.ndim()).collect();
            dims.sort_by_key(|&d| std::cmp::Reverse(view.strides()[d]));
            Ok(Value::tuple(dims.into_iter().map(Value::count).collect::<Vec<_>>()))
        };
        "apply_" ("self, callable, /") "Every element replaced by what the function gives for it." => |it, a| {
            let view = of_host(this(&a[0])?, "apply_")?;
            crate::tensor::recompute::settle()?;
            for i in 0..view.numel() {
                let new = it.call(&a[1], Args::of([number(view.get(i))]))?;
                let scalar = super::convert::as_scalar(&new).ok_or_else(|| type_error(format!("must be real number, not {}", new.type_name())))?;
                view.set(i, scalar);
            }
            Ok(a[0].clone())
        };
        "map_" ("self, tensor, callable, /") "Every element replaced by what the function gives for it and another's." => |it, a| {
            let (view, other) = (of_host(this(&a[0])?, "map_")?, of_host(this(&a[1])?, "map_")?.expand(&this(&a[0])?.sizes())?);
            crate::tensor::recompute::settle()?;
            for i in 0..view.numel() {
                let new = it.call(&a[2], Args::of([number(view.get(i)), number(other.get(i))]))?;
                let scalar = super::convert::as_scalar(&new).ok_or_else(|| type_error(format!("must be real number, not {}", new.type_name())))?;
                view.set(i, scalar);
            }
            Ok(a[0].clone())
        };
        "record_stream" ("self, stream") "Marks the memory as used by a queue; there is one for each GPU, in whose order memory is used again." => |_, a| {
            this(&a[0])?;
            Ok(Value::None)
        };
        "pin_memory" ("self, device=None") "A copy in pinned memory; copies to a GPU go through pinned memory in any case." => |_, a| {
            let t = this(&a[0])?;
            devices::resolve(Device::Cuda(None))?;
            if let device @ Device::Cuda(_) = t.device() {
                let kind = t.dtype().aten();
                return Err(runtime(format!("cannot pin 'torch.cuda.{kind}Tensor' only dense CPU tensors can be pinned ({device})")).into());
            }
            let view = t.view()?;
            if view.storage().is_pinned() {
                return Ok(a[0].clone());
            }
            let copy = devices::clone(&view)?;
            copy.storage().set_pinned();
            Ok(Value::Tensor(Tensor::new(copy)))
        };
        "share_memory_" ("self, /") "The tensor itself." => |_, a| Ok(a[0].clone());
        "__getitem__" ("self, key, /") "self[key]." => |it, a| it.get_item(&a[0], &a[1]);
        "__setitem__" ("self, key, value, /") "self[key] = value." => |it, a| it.set_item(&a[0], &a[1], a[2].clone()).map(|()| Value::None);
        "__contains__" ("self, item, /") "item in self." => |it, a| it.contains(&a[0], &a[1]).map(Value::Bool);
        "__bool__" ("self, /") "bool(self)." => |it, a| it.truth(&a[0]).map(Value::Bool);
        "__iter__" ("self, /") "iter(self)." => |it, a| it.iter(&a[0]);
        "__repr__" ("self, /") "repr(self)." => |it, a| it.repr(&a[0]).map(Value::from);
        "__str__" ("self, /") "str(self)." => |it, a| it.repr(&a[0]).map(Value::from);
        "__abs__" ("self, /") "abs(self)." => |_, a| super::rows::call_named("abs", &[input(&a[0])], &[]);
        "__len__" ("self, /") "The size of the first dimension." => |it, a| {
            let n = it.len(&a[0])?;
            Ok(n.map_or(Value::None, Value::count))
        };
    }
}

/// The method of that name.
pub fn find(name: &str) -> Option<&'static Builtin> {
    METHODS.iter().chain(autograd::METHODS).chain(autograd::hooks::TENSOR).find(|m| m.name == name)
}

/// Every method's name.
pub fn names() -> impl Iterator<Item = &'static str> {
    METHODS.iter().chain(autograd::METHODS).chain(autograd::hooks::TENSOR).map(|m| m.name)
}

/// `resize_as_`: the sizes of another tensor.
pub fn resize_as(a: &[Value]) -> Res {
    inplace::resize(this(&a[0])?, &this(&a[1])?.sizes())?;
    Ok(a[0].clone())
}

/// `as_strided_`: other sizes and strides over the same storage.
pub fn restride(a: &[Value]) -> Res {
    let t = this(&a[0])?;
    let args: Vec<_> = a.iter().filter(|v| v.is_set()).map(input).collect();
    if let Value::Tensor(new) = super::rows::call_named("as_strided", &args, &[])? {
        history::reshape(t, &new)?;
    }
    Ok(a[0].clone())
}

fn reshape_in_place(a: &[Value], name: &str) -> Res {
    let t = this(&a[0])?;
    let args: Vec<_> = a
        .iter()
        .filter(|v| v.is_set())
        .flat_map(|v| match v {
            Value::Tuple(t) => t.items.iter().map(input).collect::<Vec<_>>(),
            other => vec![input(other)],
        })
        .collect();
    if let Value::Tensor(new) = super::rows::call_named(name, &args, &[])? {
        history::reshape(t, &new)?;
    }
    Ok(a[0].clone())
}

/// Integers given one by one, or as one list.
fn integers(it: &mut crate::eval::interp::Interp, values: &Value) -> Res<Vec<i64>> {
    let mut items = it.collect(values)?;
    if let [Value::List(_) | Value::Tuple(_)] = items[..] {
        items = it.collect(&items[0].clone())?;
    }
    items
        .iter()
        .map(|v| match v {
            Value::Int(i) => Ok(*i),
            other => Err(type_error(format!(
                "resize_(): argument 'size' must be tuple of ints, but found element of type {}",
                other.type_name()
            ))
            .into()),
        })
        .collect()
}

fn dimension(_: &mut crate::eval::interp::Interp, of: &crate::base::Shape, dim: Option<&Value>) -> Res {
    match dim {
        None => Ok(size(of)),
        Some(Value::Int(d)) => {
            if of.is_empty() {
                return Err(index_error(format!("Dimension specified as {d} but tensor has no dimensions")).into());
            }
            Ok(Value::Int(of[crate::base::shape::wrap_dim(*d, of.len())?]))
        }
        Some(other) => {
            let message = format!("size(): argument 'dim' must be int, not {}", other.type_name());
            Err(type_error(message).into())
        }
    }
}
