//! Functions of `torch` that need the evaluator or touch the session's state; the rest are rows of the op table.

use super::context::{self, GradMode};
use super::convert::{as_dtype, as_scalar, as_tensor};
use super::{data, generator, settings, to};
use crate::base::error::{runtime, type_error};
use crate::base::promote::{Promotion, can_cast, default_dtype, promote, set_default_dtype};
use crate::base::shape::broadcast;
use crate::base::{DType, Device, Shape};
use crate::cpu::random::default_generator;
use crate::eval::raise::Res;
use crate::eval::value::Value;
use crate::print::tensor::{OptionChanges, set_print_options};
use crate::tensor::Tensor;
use crate::tensor::call::check_device;

/// Makes a tensor of data, and whether gradients are wanted for it.
fn make(it: &mut crate::eval::interp::Interp, data: &Value, dtype: &Value, device: &Value, grad: &Value) -> Res {
    let dtype = read_dtype(dtype)?;
    if let Some(device) = device.some().map(to::as_device).transpose()?.flatten() {
        check_device(device)?;
    }
    let t = Tensor::new(data::view(it, data, dtype)?);
    t.set_requires_grad(matches!(grad, Value::Bool(true)))?;
    Ok(Value::Tensor(t))
}

fn read_dtype(value: &Value) -> Res<Option<DType>> {
    match value.some() {
        None => Ok(None),
        Some(v) => match as_dtype(v) {
            Some(d) => Ok(Some(d)),
            None => {
                Err(type_error(format!("tensor(): argument 'dtype' must be torch.dtype, not {}", v.type_name())).into())
            }
        },
    }
}

fn tensor_argument<'a>(value: &'a Value, function: &str, name: &str) -> Res<&'a Tensor> {
    as_tensor(value).ok_or_else(|| {
        type_error(format!("{function}(): argument '{name}' (position 1) must be Tensor, not {}", value.type_name()))
            .into()
    })
}

/// The tensor itself or over the same memory where that can be, else a copy.
fn share(it: &mut crate::eval::interp::Interp, a: &[Value]) -> Res {
    let dtype = read_dtype(&a[1])?;
    let device = a[2].some().map(to::as_device).transpose()?.flatten();
    if let Some(t) = as_tensor(&a[0]) {
        return to::convert(t, dtype, device, false);
    }
    if let Some(view) = crate::numpy::view_of(&a[0]) {
        return to::convert(&Tensor::new(view), dtype, device, false);
    }
    make(it, &a[0], &a[1], &a[2], &Value::None)
}

crate::builtin_table! {
    /// Functions of `torch`.
    FUNCTIONS of "torch" {
        "tensor" ("data, *, dtype=None, device=None, requires_grad=False, pin_memory=False") "A tensor with a copy of data: nested lists of numbers, a number, an array or a tensor." => |it, a| make(it, &a[0], &a[1], &a[2], &a[3]);
        "as_tensor" ("data, dtype=None, device=None") "A tensor of data, over its memory where that can be shared." => |it, a| share(it, a);
        "asarray" ("obj, *, dtype=None, device=None, copy=None, requires_grad=False") "A tensor of obj, over its memory where that can be shared." => |it, a| {
            let made = share(it, &[a[0].clone(), a[1].clone(), a[2].clone()])?;
            match (&a[3], as_tensor(&made)) {
                (Value::Bool(true), Some(t)) => Ok(Value::Tensor(Tensor::new(crate::cpu::copy::clone(&t.view()?)?))),
                _ => Ok(made),
            }
        };
        "from_numpy" ("ndarray, /") "A tensor over an array's memory: a change of one shows in the other." => |_, a| {
            match crate::numpy::array_memory(&a[0]) {
                Some(view) if view.strides().iter().any(|s| *s < 0) => Err(crate::base::error::value_error(
                    "At least one stride in the given numpy array is negative, and tensors with negative strides are not \
                     currently supported. (You can probably work around this by making a copy of your array  with \
                     array.copy().) ",
                ).into()),
                Some(view) => Ok(Value::Tensor(Tensor::new(view))),
                None => Err(type_error(format!("expected np.ndarray (got {})", a[0].type_name())).into()),
            }
        };
        "is_tensor" ("obj, /") "Whether obj is a tensor." => |_, a| Ok(Value::Bool(as_tensor(&a[0]).is_some()));
        "is_storage" ("obj, /") "Whether obj is a storage." => |_, _| Ok(Value::Bool(false));
        "is_nonzero" ("input") "Whether a tensor of one element is not zero." => |_, a| {
            let t = tensor_argument(&a[0], "is_nonzero", "input")?;
            match t.numel() {
                1 => Ok(Value::Bool(t.item()?.to_bool())),
                0 => Err(runtime("Boolean value of Tensor with no values is ambiguous").into()),
                _ => Err(runtime("Boolean value of Tensor with more than one value is ambiguous").into()),
            }
        };
        "numel" ("input") "Number of elements." => |_, a| Ok(Value::count(tensor_argument(&a[0], "numel", "input")?.numel()));
        "manual_seed" ("seed") "Seeds the random numbers; gives the generator." => |_, a| {
            let seed = generator::seed(&a[0])?;
            default_generator().borrow_mut().manual_seed(seed);
            Ok(generator::GeneratorObject::default_one())
        };
        "seed" ("") "Seeds the random numbers from the system." => |_, _| Ok(Value::int(default_generator().borrow_mut().seed().into()));
        "initial_seed" ("") "The seed of the random numbers." => |_, _| Ok(Value::int(default_generator().borrow().initial_seed().into()));
        "get_rng_state" ("") "The state of the random numbers, a uint8 tensor." => |_, _| Ok(Value::Tensor(Tensor::new(default_generator().borrow().get_state()?)));
        "set_rng_state" ("new_state") "Puts back a state of the random numbers." => |_, a| {
            let view = tensor_argument(&a[0], "set_rng_state", "new_state")?.view()?;
            default_generator().borrow_mut().set_state(&view)?;
            Ok(Value::None)
        };
        "Generator" ("device=None") "A random number generator of its own." => |_, a| {
            if let Some(device) = a[0].some().map(to::as_device).transpose()?.flatten() {
                check_device(device)?;
            }
            Ok(generator::GeneratorObject::fresh())
        };
        "get_default_dtype" ("") "The dtype of floats that name none." => |_, _| Ok(Value::DType(default_dtype()));
        "set_default_dtype" ("d, /") "Sets the dtype of floats that name none." => |_, a| {
            match as_dtype(&a[0]) {
                Some(d) if d.is_float() => {
                    set_default_dtype(d);
                    Ok(Value::None)
                }
                _ => Err(type_error("only floating-point types are supported as the default type").into()),
            }
        };
        "get_default_device" ("") "Where tensors are made that name no device." => |_, _| Ok(Value::Device(Device::Cpu));
        "set_default_device" ("device, /") "Sets where tensors are made that name no device." => |_, a| {
            if let Some(device) = a[0].some().map(to::as_device).transpose()?.flatten() {
                check_device(device)?;
            }
            Ok(Value::None)
        };
        "set_printoptions" ("precision=None, threshold=None, edgeitems=None, linewidth=None, profile=None, sci_mode=None") "How tensors are printed." => |_, a| {
            let number = |v: &Value| match v.some() {
                Some(Value::Int(i)) => Some(*i),
                Some(Value::Float(f)) => Some(*f as i64),
                _ => None,
            };
            set_print_options(&OptionChanges {
                precision: number(&a[0]).map(|i| i.max(0) as usize),
                threshold: a[1].some().and_then(as_scalar),
                edgeitems: number(&a[2]).map(|i| i.max(0) as usize),
                linewidth: number(&a[3]),
                profile: a[4].as_str(),
                sci_mode: match a[5] { Value::Bool(b) => Some(b), _ => None },
            })?;
            Ok(Value::None)
        };
        "get_num_threads" ("") "Threads that ops use." => |_, _| Ok(Value::count(rayon::current_num_threads()));
        "set_num_threads" ("num, /") "Accepted; the number of threads is settled at start." => |_, _| Ok(Value::None);
        "get_num_interop_threads" ("") "Threads that run ops side by side." => |_, _| Ok(Value::Int(1));
        "use_deterministic_algorithms" ("mode, *, warn_only=False") "Accepted; every op is deterministic." => |_, _| Ok(Value::None);
        "are_deterministic_algorithms_enabled" ("") "Whether deterministic algorithms were asked for." => |_, _| Ok(Value::Bool(false));
        "set_float32_matmul_precision" ("precision") "Accepted; products of float32 are always computed in float32." => |_, _| Ok(Value::None);
        "get_float32_matmul_precision" ("") "The precision of float32 products." => |_, _| Ok(Value::from("highest"));
        "set_flush_denormal" ("mode, /") "Accepted as not possible." => |_, _| Ok(Value::Bool(false));
        "finfo" ("type=None") "The range and precision of a floating dtype." => |_, a| settings::finfo(a[0].some());
        "iinfo" ("type") "The range of an integer dtype." => |_, a| settings::iinfo(&a[0]);
        "device" ("type, index=None") "A device by its name." => |_, a| {
            let device = match (to::as_device(&a[0])?, a[1].some()) {
                (Some(Device::Cuda(_)), Some(Value::Int(i))) => Some(Device::Cuda(u8::try_from(*i).ok())),
                (found, _) => found,
            };
            device.map(Value::Device).ok_or_else(|| {
                type_error(format!("device(): argument 'type' (position 1) must be str, not {}", a[0].type_name())).into()
            })
        };
        "Size" ("iterable=(), /") "Sizes: a tuple of ints." => |it, a| {
            let items = match a[0].given() { Some(v) => it.collect(v)?, None => Vec::new() };
            let ints: Option<Vec<i64>> = items.iter().map(|v| if let Value::Int(i) = v { Some(*i) } else { None }).collect();
            match ints {
                Some(ints) => Ok(Value::size(ints)),
                None => Err(type_error("torch.Size() takes an iterable of 'int'").into()),
            }
        };
        "result_type" ("tensor1, tensor2") "The dtype that an operation on both has." => |_, a| {
            let mut p = Promotion::new();
            for v in a.iter() {
                match (as_tensor(v), as_scalar(v)) {
                    (Some(t), _) => p.tensor(t.dtype(), t.ndim()),
                    (_, Some(s)) => p.number(s),
                    _ => return Err(type_error(format!("result_type(): argument must be Tensor or Number, not {}", v.type_name())).into()),
                }
            }
            Ok(Value::DType(p.result()?))
        };
        "promote_types" ("type1, type2") "The smallest dtype that both convert to." => |_, a| {
            match (as_dtype(&a[0]), as_dtype(&a[1])) {
                (Some(x), Some(y)) => match promote(x, y) {
                    Some(d) => Ok(Value::DType(d)),
                    None => Err(runtime(format!("Promotion for uint16, uint32, uint64 types is not supported, attempted to promote {} and {}", x.aten(), y.aten())).into()),
                },
                _ => Err(type_error("promote_types(): arguments must be torch.dtype").into()),
            }
        };
        "can_cast" ("from_, to") "Whether a dtype may be stored in another in place." => |_, a| {
            match (as_dtype(&a[0]), as_dtype(&a[1])) {
                (Some(x), Some(y)) => Ok(Value::Bool(can_cast(x, y))),
                _ => Err(type_error("can_cast(): arguments must be torch.dtype").into()),
            }
        };
        "broadcast_shapes" ("*shapes") "The shape that all broadcast to." => |it, a| {
            let mut out = Shape::new();
            for shape in it.collect(&a[0].clone())? {
                let sizes: Shape = match &shape {
                    Value::Int(i) => Shape::from_slice(&[*i]),
                    other => it.collect(other)?.iter().filter_map(|v| if let Value::Int(i) = v { Some(*i) } else { None }).collect(),
                };
                out = broadcast(&out, &sizes).map_err(|_| runtime("Shape mismatch: objects cannot be broadcast to a single shape"))?;
            }
            Ok(super::convert::size(&out))
        };
        "no_grad" ("orig_func=None") "A block without derivatives." => |_, a| decorated(a, "no_grad", false);
        "enable_grad" ("orig_func=None") "A block with derivatives." => |_, a| decorated(a, "enable_grad", true);
        "inference_mode" ("mode=True") "A block without derivatives." => |_, a| Ok(GradMode::value("inference_mode", matches!(a[0], Value::Bool(false))));
        "set_grad_enabled" ("mode") "Turns derivatives on or off, from here on or for a block." => |_, a| {
            let on = matches!(a[0], Value::Bool(true));
            let manager = GradMode::value("set_grad_enabled", on);
            context::set_grad_enabled(on);
            Ok(manager)
        };
        "is_grad_enabled" ("") "Whether derivatives are on." => |_, _| Ok(Value::Bool(context::grad_enabled()));
        "is_inference_mode_enabled" ("") "Whether inference mode is on." => |_, _| Ok(Value::Bool(false));
        "typename" ("obj") "The type's full name." => |_, a| {
            Ok(Value::from(match as_tensor(&a[0]) {
                Some(t) => data::type_text(t.dtype()).to_string(),
                None => a[0].type_name(),
            }))
        };
    }
}

fn decorated(a: &mut [Value], name: &'static str, on: bool) -> Res {
    // `@torch.no_grad` without a call gets the function itself.
    match a[0].some() {
        Some(function) => Ok(function.clone()),
        None => Ok(GradMode::value(name, on)),
    }
}

crate::builtin_table! {
    /// Functions of `torch.cuda`.
    CUDA of "torch.cuda" {
        "is_available" ("") "Whether a GPU can be used." => |_, _| Ok(Value::Bool(false));
        "_is_available" ("") "Whether a GPU can be used." => |_, _| Ok(Value::Bool(false));
        "device_count" ("") "How many GPUs there are." => |_, _| Ok(Value::Int(0));
        "is_initialized" ("") "Whether the GPU is in use." => |_, _| Ok(Value::Bool(false));
        "manual_seed" ("seed") "Seeds the GPU's random numbers; ignored without one." => |_, _| Ok(Value::None);
        "manual_seed_all" ("seed") "Seeds all GPUs' random numbers; ignored without any." => |_, _| Ok(Value::None);
        "empty_cache" ("") "Gives cached memory back." => |_, _| Ok(Value::None);
        "memory_allocated" ("device=None") "Bytes in use on the GPU." => |_, _| Ok(Value::Int(0));
        "synchronize" ("device=None") "Waits for the GPU." => |_, _| check_device(Device::Cuda(None)).map(|()| Value::None).map_err(Into::into);
        "current_device" ("") "The GPU in use." => |_, _| check_device(Device::Cuda(None)).map(|()| Value::None).map_err(Into::into);
        "get_device_name" ("device=None") "A GPU's name." => |_, _| check_device(Device::Cuda(None)).map(|()| Value::None).map_err(Into::into);
    }
}
