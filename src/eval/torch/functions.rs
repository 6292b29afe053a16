//! Functions of `torch` that need the evaluator or touch the session's state; the rest are rows of the op table.

use super::close::Rule;
use super::context::{self, GradMode};
use super::convert::{as_dtype, as_scalar, as_tensor};
use super::{data, generator, settings, storage, to, types};
use crate::base::device::{default_device, set_default_device};
use crate::base::error::{Error, runtime, type_error, value_error};
use crate::base::promote::{Promotion, can_cast, default_dtype, promote, set_default_dtype};
use crate::base::shape::broadcast;
use crate::base::{DType, Device, Shape};
use crate::cpu::random::default_generator;
use crate::eval::raise::{Raise, Res};
use crate::eval::value::Value;
use crate::print::tensor::{OptionChanges, set_print_options};
use crate::tensor::devices;
use crate::tensor::{Tensor, grad};

/// Makes a tensor of data, and whether gradients are wanted for it.
fn make(data: &Value, dtype: &Value, device: &Value, grad: &Value) -> Res {
    let dtype = read_dtype(dtype)?;
    let device = super::cuda::home(device)?;
    let t = Tensor::new(devices::to_device(&data::view(data, dtype)?, device)?);
    if let Some(wrong) = grad.some().filter(|v| !matches!(v, Value::Bool(_))) {
        let message = format!("tensor(): argument 'requires_grad' must be bool, not {}", wrong.type_name());
        return Err(type_error(message).into());
    }
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
fn share(a: &[Value]) -> Res {
    let dtype = read_dtype(&a[1])?;
    let device = a[2].some().map(to::as_device).transpose()?.flatten();
    if let Some(t) = as_tensor(&a[0]) {
        return to::convert(t, dtype, device, false, None);
    }
    if let Some(view) = crate::numpy::view_of(&a[0]) {
        return to::convert(&Tensor::new(view), dtype, device, false, None);
    }
    make(&a[0], &a[1], &a[2], &Value::None)
}

crate::builtin_table! {
    /// Functions of `torch`.
    FUNCTIONS of "torch" {
        "tensor" ("data, *, dtype=None, device=None, requires_grad=False, pin_memory=False") "A tensor with a copy of data: nested lists of numbers, a number, an array or a tensor." => |_, a| make(&a[0], &a[1], &a[2], &a[3]);
        "as_tensor" ("data, dtype=None, device=None") "A tensor of data, over its memory where that can be shared." => |_, a| share(a);
        "asarray" ("obj, *, dtype=None, device=None, copy=None, requires_grad=False") "A tensor of obj, over its memory where that can be shared." => |_, a| {
            let made = share(&[a[0].clone(), a[1].clone(), a[2].clone()])?;
            let Some(t) = as_tensor(&made) else { return Ok(made) };
            let t = match &a[3] {
                Value::Bool(true) => Tensor::new(crate::tensor::devices::clone(&t.view()?)?),
                _ => t.clone(),
            };
            // What a graph made is left, a leaf of it is told.
            match matches!(a[4], Value::Bool(true)) {
                false if !t.is_leaf() => Ok(Value::Tensor(Tensor::new(t.view()?))),
                wanted => {
                    t.set_requires_grad(wanted)?;
                    Ok(Value::Tensor(t))
                }
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
        "is_storage" ("obj, /") "Whether obj is a storage." => |_, a| Ok(Value::Bool(storage::is_storage(&a[0])));
        "from_dlpack" ("ext_tensor, *, device=None, copy=None") "A tensor over the memory of another tensor or of an array." => |_, a| {
            match (as_tensor(&a[0]), crate::numpy::array_memory(&a[0])) {
                (Some(t), _) => Ok(Value::Tensor(Tensor::new(t.view()?))),
                (None, Some(view)) => Ok(Value::Tensor(Tensor::new(view))),
                _ => Err(crate::base::error::attribute_error(format!("'{}' object has no attribute '__dlpack__'", a[0].type_name())).into()),
            }
        };
        "is_nonzero" ("input") "Whether a tensor of one element is not zero." => |_, a| {
            let t = tensor_argument(&a[0], "is_nonzero", "input")?;
            match t.numel() {
                1 => Ok(Value::Bool(t.item()?.to_bool())),
                0 => Err(runtime("Boolean value of Tensor with no values is ambiguous").into()),
                _ => Err(runtime("Boolean value of Tensor with more than one value is ambiguous").into()),
            }
        };
        "numel" ("input") "Number of elements." => |_, a| Ok(Value::count(tensor_argument(&a[0], "numel", "input")?.numel()));
        "manual_seed" ("seed") "Seeds the random numbers; gives the generator." => |it, a| {
            // torch reads this seed with int().
            let seed = match &a[0] {
                Value::Str(_) | Value::Float(_) => it.call(&Value::Type(crate::eval::kind::Type::Int), crate::eval::args::Args::of([a[0].clone()]))?,
                other => other.clone(),
            };
            let seed = generator::seed(&seed)?;
            default_generator().borrow_mut().manual_seed(seed);
            crate::cuda::random::seed_all(seed);
            Ok(generator::GeneratorObject::default_one())
        };
        "seed" ("") "Seeds the random numbers from the system." => |_, _| {
            let seed = default_generator().borrow_mut().seed();
            crate::cuda::random::seed_all(seed);
            Ok(Value::int(seed.into()))
        };
        "initial_seed" ("") "The seed of the random numbers." => |_, _| Ok(Value::int(default_generator().borrow().initial_seed().into()));
        "get_rng_state" ("") "The state of the random numbers, a uint8 tensor." => |_, _| Ok(Value::Tensor(Tensor::new(default_generator().borrow().get_state()?)));
        "set_rng_state" ("new_state") "Puts back a state of the random numbers." => |_, a| {
            let view = tensor_argument(&a[0], "set_rng_state", "new_state")?.view()?;
            default_generator().borrow_mut().set_state(&view)?;
            Ok(Value::None)
        };
        "get_default_dtype" ("") "The dtype of floats that name none." => |_, _| Ok(Value::DType(default_dtype()));
        "set_default_dtype" ("d, /") "Sets the dtype of floats that name none." => |_, a| {
            match as_dtype(&a[0]) {
                Some(d) if d.is_float() && matches!(a[0], Value::DType(_)) => {
                    set_default_dtype(d);
                    Ok(Value::None)
                }
                Some(_) if matches!(a[0], Value::DType(_)) => {
                    Err(type_error("only floating-point types are supported as the default type").into())
                }
                _ => Err(type_error("invalid dtype object: only floating-point types are supported as the default type").into()),
            }
        };
        "set_default_tensor_type" ("t, /") "Sets the dtype of floats that name none, by a type of tensors." => |_, a| {
            set_default_dtype(types::default_tensor_type(&a[0])?);
            Ok(Value::None)
        };
        "get_default_device" ("") "Where tensors are made that name no device." => |_, _| {
            let device = default_device();
            Ok(Value::Device(if matches!(device, Device::Cuda(None)) { devices::resolve(device)? } else { device }))
        };
        "set_default_device" ("device, /") "Sets where tensors are made that name no device." => |_, a| {
            set_default_device(a[0].some().map(to::as_device).transpose()?.flatten().unwrap_or_default());
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
        "finfo" ("type=None") "The range and precision of a floating dtype." => |_, a| settings::finfo(a[0].some());
        "iinfo" ("type") "The range of an integer dtype." => |_, a| settings::iinfo(&a[0]);
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
                (None, _) => Err(no_dtype("promote_types", "type1", 1, &a[0])),
                _ => Err(no_dtype("promote_types", "type2", 2, &a[1])),
            }
        };
        "can_cast" ("from_, to") "Whether a dtype may be stored in another in place." => |_, a| {
            match (as_dtype(&a[0]), as_dtype(&a[1])) {
                (Some(x), Some(y)) => Ok(Value::Bool(can_cast(x, y))),
                (None, _) => Err(no_dtype("can_cast", "from_", 1, &a[0])),
                _ => Err(no_dtype("can_cast", "to", 2, &a[1])),
            }
        };
        "broadcast_shapes" ("*shapes") "The shape that all broadcast to." => |it, a| {
            let mut out = Shape::new();
            for (at, shape) in it.collect(&a[0].clone())?.iter().enumerate() {
                let sizes: Shape = match shape {
                    Value::Int(i) => Shape::from_slice(&[*i]),
                    other => it.collect(other)?.iter().filter_map(|v| if let Value::Int(i) = v { Some(*i) } else { None }).collect(),
                };
                if sizes.iter().any(|n| *n < 0) {
                    return Err(value_error("Attempting to broadcast a dimension with negative length!").into());
                }
                out = broadcast(&out, &sizes).map_err(|_| mismatch(&out, &sizes, at))?;
            }
            Ok(super::convert::size(&out))
        };
        "no_grad" ("orig_func=None") "A block without derivatives." => |_, a| decorated(a, "no_grad", false);
        "enable_grad" ("orig_func=None") "A block with derivatives." => |_, a| decorated(a, "enable_grad", true);
        "inference_mode" ("mode=True") "A block without derivatives." => |_, a| match a[0].given() {
            Some(function @ Value::Func(_)) => Ok(context::decorate(function.clone(), "inference_mode", false)),
            mode => Ok(GradMode::value("inference_mode", matches!(mode, Some(Value::Bool(false))))),
        };
        "set_grad_enabled" ("mode") "Turns derivatives on or off, from here on or for a block." => |_, a| {
            let Value::Bool(on) = a[0] else {
                let message = format!("set_grad_enabled(): argument 'enabled' (position 1) must be bool, not {}", a[0].type_name());
                return Err(type_error(message).into());
            };
            let manager = GradMode::value("set_grad_enabled", on);
            grad::Mode { recording: on, ..grad::Mode::now() }.choose();
            Ok(manager)
        };
        "is_grad_enabled" ("") "Whether derivatives are on." => |_, _| Ok(Value::Bool(grad::Mode::now().recording));
        "is_inference_mode_enabled" ("") "Whether inference mode is on." => |_, _| Ok(Value::Bool(grad::Mode::now().inference));
        "fork_rng" ("devices=None, enabled=True, _caller='fork_rng', _devices_kw='devices', device_type='cuda'") "A block behind which the random numbers go on as if it had not been." =>
            |_, a| Ok(context::ForkRng::value(!matches!(a[1], Value::Bool(false))));
        "typename" ("obj") "The type's full name." => |_, a| {
            Ok(Value::from(match as_tensor(&a[0]) {
                Some(t) => data::type_text(t.dtype()).to_string(),
                None => match &a[0] {
                    Value::Type(kind) => kind.qualified(),
                    other => other.type_name(),
                },
            }))
        };
    }
}

fn no_dtype(function: &str, name: &str, position: usize, got: &Value) -> Raise {
    let got = got.type_name();
    type_error(format!("{function}(): argument '{name}' (position {position}) must be torch.dtype, not {got}")).into()
}

/// The last dimension of `sizes` that does not broadcast to `out`.
fn mismatch(out: &Shape, sizes: &Shape, at: usize) -> Error {
    let pairs = out.iter().rev().zip(sizes.iter().rev()).enumerate();
    let bad = pairs.map(|(i, (x, y))| (i + 1, *x, *y)).find(|(_, x, y)| x != y && *x != 1 && *y != 1);
    let (back, _, size) = bad.unwrap_or((1, 0, 0));
    runtime(format!(
        "Attempting to broadcast a dimension of length {size} at -{back}! Mismatching argument at index {at} had {}; but \
         expected shape should be broadcastable to {}",
        crate::print::objects::tuple(sizes),
        crate::print::objects::list(out)
    ))
}

fn decorated(a: &mut [Value], name: &'static str, on: bool) -> Res {
    // `@torch.no_grad` without a call.
    match a[0].some() {
        Some(function) => Ok(context::decorate(function.clone(), name, on)),
        None => Ok(GradMode::value(name, on)),
    }
}

crate::builtin_table! {
    /// Functions of `torch.testing`.
    TESTING of "torch.testing" {
        "assert_close" ("actual, expected, *, allow_subclasses=True, rtol=None, atol=None, equal_nan=False, **options") "Raises AssertionError where two things differ by more than the tolerances." => |it, a| {
            let number = |v: &Value| v.some().and_then(as_scalar).map(crate::base::Scalar::to_f64);
            let option = |name: &str| match &a[6] {
                Value::Dict(d) => d.pairs().into_iter().find(|(k, _)| k.as_str() == Some(name)).map(|(_, v)| v),
                _ => None,
            };
            let is = |name: &str, value: bool| matches!(option(name), Some(Value::Bool(b)) if b == value);
            let rule = Rule {
                tolerance: Rule::tolerance(number(&a[3]), number(&a[4]))?,
                shown: match (a[3].some(), a[4].some()) {
                    (Some(r), Some(t)) => Some((it.repr(r)?, it.repr(t)?)),
                    _ => None,
                },
                equal_nan: matches!(a[5], Value::Bool(true)),
                check_dtype: !is("check_dtype", false),
                check_stride: is("check_stride", true),
                message: option("msg").filter(|m| !m.is_none()),
            };
            let (actual, expected) = (a[0].clone(), a[1].clone());
            super::close::check(it, &actual, &expected, "", &rule).map(|()| Value::None)
        };
    }
}
