//! Binding a call's arguments to one of a row's signatures, with torch's messages.

use super::args::{Arg, In};
use super::refuse::explain;
use super::signature::{Param, Signature, Ty};
use super::table::{Form, Row};
use crate::base::dtype::DType;
use crate::base::error::{Error, Result};
use crate::base::scalar::Scalar;
use crate::base::shape::Shape;

/// Arguments bound to the overload at `overload`, in its order.
#[derive(Debug)]
pub struct Bound<T> {
    /// Which overload took them.
    pub overload: usize,
    /// Its signature.
    pub signature: &'static Signature,
    /// One for each parameter.
    pub args: Vec<Arg<T>>,
    /// `out=`: no tensor, one, or several.
    pub out: Vec<T>,
}

/// What binding needs of a tensor type.
pub trait Item: Clone {
    /// The number in a tensor of one element and no dimension, where a number is asked for.
    fn number(&self) -> Option<Scalar>;

    /// How many dimensions it has.
    fn ndim(&self) -> usize;
}

/// How an argument fails to fit, in torch's words; empty where nobody asked for them.
pub(super) struct Misfit(pub String);

/// A call: its arguments as the script gave them. For methods the tensor itself comes first among the positional ones.
#[derive(Debug)]
pub struct Call<'a, T> {
    /// By position.
    pub args: &'a [In<T>],
    /// By keyword.
    pub kwargs: &'a [(&'a str, In<T>)],
    /// How the row was reached.
    pub form: Form,
    /// The row's name that it was reached by.
    pub name: &'a str,
}

/// A signature that takes arguments.
pub(super) struct Parser<'a> {
    pub signature: &'a Signature,
    /// Whether `out=` is taken besides its parameters.
    pub out: bool,
}

/// Binds a call to the first overload that takes it.
///
/// # Errors
/// torch's `TypeError`s: missing, unexpected and ill-typed arguments; with several overloads, the list of them.
pub fn bind<T: Item>(row: &'static Row, call: &Call<'_, T>) -> Result<Bound<T>> {
    for (i, overload) in row.overloads.iter().enumerate() {
        let signature = overload.signature();
        if let Ok((args, out)) = attempt(&Parser { signature, out: row.takes_out(call.form) }, call, false) {
            return Ok(Bound { overload: i, signature, args, out });
        }
    }
    Err(explain(row, call))
}

/// Why a call that was refused binds to no overload, by the name that it was made by; none where it does bind.
#[cold]
pub fn refusal<T: Item>(row: &'static Row, call: &Call<'_, T>) -> Option<Error> {
    bind(row, call).err()
}

/// The name that messages use: torch shows methods and functions alike without their module, linalg's with it.
pub(super) fn shown_name<T>(call: &Call<'_, T>) -> String {
    let name = call
        .name
        .replace('.', "_")
        .replace("nn_functional_", "")
        .replace("nn_init_", "")
        .replace("signal_windows_", "")
        .replace("special_special_", "special_");
    // A row behind a composite one speaks in its name.
    call.form.spell(name.trim_start_matches('_'))
}

/// A parameter's name as scripts know it.
pub fn python_name(p: &Param) -> &'static str {
    if p.name == "self" { "input" } else { p.name }
}

type Taken<T> = (Vec<Arg<T>>, Vec<T>);

/// The arguments as one overload takes them; `words` are made for a misfit only where they are asked for.
pub(super) fn attempt<T: Item>(parser: &Parser, call: &Call<'_, T>, words: bool) -> Result<Taken<T>, Misfit> {
    let sig = parser.signature;
    let name = || shown_name(call);
    let misfit = |say: &dyn Fn() -> String| Misfit(if words { say() } else { String::new() });
    let skip = call.form.receivers();
    let mut out = Vec::new();
    let mut given = call.args;
    let spread = spread(sig, call.args, skip);
    let gathered;
    if let Some(at) = spread {
        // `zeros(2, 3)`, `x.view(2, 3)`: the integers from here on are one list.
        let items = call.args[at..].to_vec();
        gathered = call.args[..at].iter().cloned().chain([In::Seq { items, tuple: true }]).collect::<Vec<_>>();
        given = &gathered;
    }
    if skip == 1 && sig.params.len() == 1 {
        // CPython's own words for methods that take nothing.
        if given.len() > 1 {
            let say = || format!("TensorBase.{}() takes no arguments ({} given)", name(), given.len() - 1);
            return Err(misfit(&say));
        }
        if !call.kwargs.is_empty() {
            return Err(misfit(&|| format!("TensorBase.{}() takes no keyword arguments", name())));
        }
    }
    if given.len() > sig.positional {
        return Err(misfit(&|| too_many(sig, skip, given.len(), &name())));
    }
    let mut args: Vec<Arg<T>> = Vec::with_capacity(sig.params.len());
    for (i, (param, value)) in sig.params.iter().zip(given).enumerate() {
        args.push(convert(param, value, words).map_err(|why| {
            misfit(&|| match why.strip_prefix(ELEMENT) {
                Some(element) => {
                    format!("{ELEMENT}{}", element.replace("argument 0", &format!("argument {}", i - skip)))
                }
                None => match why.strip_prefix(UNPACK) {
                    Some(why) => format!("{UNPACK}{}(): argument '{}' {why}", name(), python_name(param)),
                    None => {
                        format!("{}(): argument '{}' (position {}) {why}", name(), python_name(param), i + 1 - skip)
                    }
                },
            })
        })?);
    }
    let by_position = args.len();
    args.extend(sig.params[by_position..].iter().map(|p| p.default.as_ref().map_or(Arg::None, Arg::lift)));
    // A bit a parameter.
    let mut by_name = 0u64;
    for (key, value) in call.kwargs {
        if *key == "out" && parser.out && sig.position("out").is_none() {
            match value {
                In::None => {}
                In::Tensor(t) => out.push(t.clone()),
                In::Seq { items, .. } if items.iter().all(|i| matches!(i, In::Tensor(_))) => {
                    out.extend(items.iter().filter_map(|i| if let In::Tensor(t) = i { Some(t.clone()) } else { None }));
                }
                other => {
                    let say = || format!("{}(): argument 'out' must be Tensor, not {}", name(), other.type_name());
                    return Err(misfit(&say));
                }
            }
            continue;
        }
        let Some(i) = sig.position(key).filter(|i| !(skip == 1 && *i == 0)) else {
            return Err(misfit(&|| format!("{}() got an unexpected keyword argument '{key}'", name())));
        };
        if i < by_position || by_name >> i & 1 == 1 {
            return Err(misfit(&|| format!("{}() got multiple values for argument '{key}'", name())));
        }
        let param = &sig.params[i];
        by_name |= 1 << i;
        args[i] = convert(param, value, words).map_err(|why| {
            misfit(&|| match [DEVICE, UNPACK].into_iter().find(|mark| why.starts_with(*mark)) {
                Some(DEVICE) => why.clone(),
                Some(_) => format!("{UNPACK}{}(): argument '{}' {}", name(), python_name(param), &why[UNPACK.len()..]),
                None => format!("{}(): argument '{}' {why}", name(), python_name(param)),
            })
        })?;
    }
    let missing = || {
        let rest = sig.params.iter().enumerate().skip(by_position);
        rest.filter(|(i, p)| p.default.is_none() && by_name >> i & 1 == 0).map(|(_, p)| p)
    };
    if missing().next().is_some() {
        return Err(misfit(&|| {
            let names: Vec<String> = missing().map(|p| format!("\"{}\"", python_name(p))).collect();
            format!("{}() missing {} required positional arguments: {}", name(), names.len(), names.join(", "))
        }));
    }
    Ok((args, out))
}

/// torch's words for more arguments by position than there are parameters.
fn too_many(sig: &Signature, skip: usize, given: usize, name: &str) -> String {
    let required = sig.params.iter().filter(|p| p.default.is_none()).count();
    let (least, most) = (required.saturating_sub(skip), sig.positional.saturating_sub(skip));
    let (takes, plural) = match most {
        _ if least != most => (format!("from {least} to {most}"), "s"),
        1 => (most.to_string(), ""),
        _ => (most.to_string(), "s"),
    };
    let were = given - skip.min(given);
    let verb = if were == 1 && least == most { "was" } else { "were" };
    format!("{name}() takes {takes} positional argument{plural} but {were} {verb} given")
}

/// Where integers (or tensors) given one by one stand for the list that a parameter takes.
fn spread<T: Item>(sig: &Signature, args: &[In<T>], skip: usize) -> Option<usize> {
    let at = skip;
    // Tensors one by one, wherever the parameter stands.
    if let Some(at) = sig.params.iter().position(|p| p.ty == Ty::TensorArgs) {
        return (args.len() >= at && !matches!(args[at..], [In::Seq { .. }])).then_some(at);
    }
    if let Some(at) = sig.params.iter().position(|p| p.ty == Ty::Rest) {
        return (args.len() >= at).then_some(at);
    }
    let is_list = matches!(sig.params.get(at).map(|p| p.ty), Some(Ty::Ints(_)));
    let alone = sig.positional == at + 1;
    if !is_list || !alone {
        return None;
    }
    let fits = match sig.params[at].ty {
        Ty::Ints(Some(_)) => args.len() > at + 1 && args[at..].iter().all(|a| matches!(a, In::Int(_))),
        // The first one decides, as in torch: what is no integer behind it is a wrong element of the list.
        _ => args.get(at).is_some_and(|a| match a {
            In::Int(_) => true,
            In::Tensor(t) => args.len() > at + 1 && matches!(t.number(), Some(Scalar::Int(_))),
            _ => false,
        }),
    };
    fits.then_some(at)
}

/// How a complaint about a device's name begins: it is an error of its own, whatever the overloads.
pub(super) const DEVICE: &str = "\0";

/// How a complaint about an element of a list begins that torch meets when it has chosen the overload.
pub(super) const UNPACK: &str = "\x01";

/// How torch begins its complaint of an element that is no tensor; it does not name the function then.
const ELEMENT: &str = "expected Tensor as element";

/// One argument for one parameter, or why not, where `words` are asked for.
fn convert<T: Item>(param: &Param, value: &In<T>, words: bool) -> Result<Arg<T>, String> {
    let wrong = || match words {
        true => format!("must be {}, not {}", param.ty.shown(), value.type_name()),
        false => String::new(),
    };
    if matches!(value, In::None) && (param.nullable || matches!(param.default, Some(Arg::None))) {
        return Ok(Arg::None);
    }
    // A tensor is asked for its number only where a number is wanted: it may wait to be computed, or lie on a device.
    let number = || value.number().or_else(|| if let In::Tensor(t) = value { t.number() } else { None });
    Ok(match param.ty {
        Ty::Tensor => match value {
            In::Tensor(t) => Arg::Tensor(t.clone()),
            _ => return Err(wrong()),
        },
        Ty::Operand => match value {
            In::Tensor(t) => Arg::Tensor(t.clone()),
            _ => Arg::Scalar(value.number().ok_or_else(wrong)?),
        },
        Ty::Tensors | Ty::TensorArgs => match value {
            In::Seq { items, .. } => {
                let mut tensors = Vec::with_capacity(items.len());
                for (i, item) in items.iter().enumerate() {
                    match item {
                        In::Tensor(t) => tensors.push(t.clone()),
                        other => {
                            return Err(format!("{ELEMENT} {i} in argument 0, but got {}", other.type_name()));
                        }
                    }
                }
                Arg::Tensors(tensors)
            }
            _ => return Err(wrong()),
        },
        Ty::Number => Arg::Scalar(number().ok_or_else(wrong)?),
        Ty::Int => match number() {
            Some(Scalar::Int(i)) => Arg::Int(i),
            _ => return Err(wrong()),
        },
        Ty::Float => match number() {
            Some(s) if !s.is_complex() => Arg::Scalar(Scalar::Float(s.to_f64())),
            _ => return Err(wrong()),
        },
        Ty::Bool => match value {
            In::Bool(b) => Arg::Bool(*b),
            _ => return Err(wrong()),
        },
        Ty::Str => match value {
            In::Str(s) => Arg::Str(s.clone()),
            _ => return Err(wrong()),
        },
        Ty::Ints(count) => {
            Arg::Ints(ints(value, count).ok_or_else(|| element(value).filter(|_| words).unwrap_or_else(wrong))?)
        }
        Ty::Floats => match value {
            In::Seq { items, .. } => Arg::Floats(
                items.iter().map(|i| i.number().map(Scalar::to_f64)).collect::<Option<_>>().ok_or_else(wrong)?,
            ),
            _ => return Err(wrong()),
        },
        Ty::DType => match value {
            In::DType(d) => Arg::DType(*d),
            _ => return Err(wrong()),
        },
        Ty::Device => match value {
            In::Device(d) => Arg::Device(*d),
            In::Str(s) => Arg::Device(crate::base::Device::parse(s).map_err(|e| format!("{DEVICE}{}", e.message()))?),
            In::Int(i) => Arg::Device(crate::base::Device::Cuda(u8::try_from(*i).ok())),
            _ => return Err(wrong()),
        },
        Ty::Layout => match value {
            In::Layout => Arg::MemoryFormat("strided"),
            _ => return Err(wrong()),
        },
        Ty::MemoryFormat => match value {
            In::MemoryFormat(name) => Arg::MemoryFormat(name),
            _ => return Err(wrong()),
        },
        Ty::Generator => match value {
            In::Generator(g) => Arg::Generator(g.clone()),
            _ => return Err(wrong()),
        },
        Ty::Name => match value {
            In::Str(s) => Arg::Str(s.clone()),
            _ => return Err(wrong()),
        },
        Ty::Names => match value {
            In::Str(s) => Arg::Str(s.clone()),
            In::Seq { items, .. } if items.iter().all(|i| matches!(i, In::Str(_))) && !items.is_empty() => Arg::None,
            _ => return Err(wrong()),
        },
        Ty::Numbers => match value {
            In::Seq { items, .. } if items.iter().all(|i| i.number().is_some()) => Arg::None,
            _ => return Err(wrong()),
        },
        Ty::Nothing => return Err(wrong()),
        Ty::Any | Ty::Rest => any(value).ok_or_else(wrong)?,
    })
}

fn ints<T: Item>(value: &In<T>, count: Option<u8>) -> Option<Shape> {
    let one = |v: &In<T>| match v {
        In::Int(i) => Some(*i),
        In::Tensor(t) => match t.number()? {
            Scalar::Int(i) => Some(i),
            _ => None,
        },
        _ => None,
    };
    match value {
        In::Seq { items, .. } => items.iter().map(one).collect(),
        single => {
            let n = count?;
            one(single).map(|i| std::iter::repeat_n(i, if n == 0 { 1 } else { n.into() }).collect())
        }
    }
}

fn element<T>(value: &In<T>) -> Option<String> {
    let In::Seq { items, .. } = value else { return None };
    let (i, bad) = items.iter().enumerate().find(|(_, v)| !matches!(v, In::Int(_)))?;
    let ty = bad.type_name();
    Some(match i {
        0 => format!("must be tuple of ints, but found element of type {ty} at pos 0"),
        _ => format!(
            "{UNPACK}failed to unpack the object at pos {} with error \"type must be tuple of ints,but got {ty}\"",
            i + 1
        ),
    })
}

fn any<T: Item>(value: &In<T>) -> Option<Arg<T>> {
    Some(match value {
        In::None => Arg::None,
        In::Bool(b) => Arg::Bool(*b),
        In::Int(i) => Arg::Int(*i),
        In::Str(s) => Arg::Str(s.clone()),
        In::Tensor(t) => Arg::Tensor(t.clone()),
        In::DType(d) => Arg::DType(*d),
        In::Device(d) => Arg::Device(*d),
        In::Generator(g) => Arg::Generator(g.clone()),
        In::MemoryFormat(m) => Arg::MemoryFormat(m),
        In::Ellipsis => Arg::Ellipsis,
        In::Seq { items, .. } => {
            let tensor = |i: &In<T>| if let In::Tensor(t) = i { Some(t.clone()) } else { None };
            if let Some(list) = items.iter().map(tensor).collect() {
                Arg::Tensors(list)
            } else if let Some(list) = ints(value, None) {
                Arg::Ints(list)
            } else if let Some(list) = items.iter().map(|i| i.number().map(Scalar::to_f64)).collect() {
                Arg::Floats(list)
            } else {
                Arg::List(items.iter().map(any).collect::<Option<_>>()?)
            }
        }
        other => Arg::Scalar(other.number()?),
    })
}

/// The dtype that an `Int` list or number stands for when used as data: here for the rows that infer one.
pub fn number_dtype(s: Scalar) -> DType {
    match s {
        Scalar::Float(_) => crate::base::promote::default_dtype(),
        Scalar::Complex(_) => crate::base::promote::default_complex(),
        other => other.dtype(),
    }
}
