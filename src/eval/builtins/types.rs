//! Calling a type: `int("3")`, `list(x)`, `ValueError("...")`.

use crate::base::dtype::C64;
use crate::base::error::{type_error, value_error};
use crate::eval::args::Args;
use crate::eval::attribute::class_of;
use crate::eval::builtin::Builtin;
use crate::eval::dict::{DictKind, Map};
use crate::eval::hash::Key;
use crate::eval::interp::Interp;
use crate::eval::iterate::Walk;
use crate::eval::kind::Type;
use crate::eval::number::{Num, convert, float};
use crate::eval::raise::{Exc, Raise, Res};
use crate::eval::set::{Set, Table};
use crate::eval::text::parse_number;
use crate::eval::value::{Range, Value};
use std::rc::Rc;

impl Interp {
    /// `kind(args)`.
    ///
    /// # Errors
    /// `TypeError` for a type that cannot be called, and the constructor's own.
    pub fn construct(&mut self, kind: Type, args: &mut Args) -> Res {
        if let Type::Exc(kind) = kind {
            if let Some((name, _)) = args.kw.first() {
                return Err(type_error(format!("{}() takes no keyword arguments; '{name}' given", kind.name())).into());
            }
            return Ok(Value::Exc(Rc::new(Exc::new(kind, args.pos.to_vec()))));
        }
        match constructor(kind) {
            Some(row) => row.invoke(self, args),
            None => Err(type_error(format!("cannot create '{}' instances", kind.qualified())).into()),
        }
    }
}

/// The constructor of a type, for help and completion.
pub fn constructor(kind: Type) -> Option<&'static Builtin> {
    let row = CONSTRUCTORS.iter().chain(crate::eval::bytes::CONSTRUCTOR).find(|row| row.name == kind.name());
    row.or_else(|| crate::eval::modules::collections::constructor(kind))
        .or_else(|| crate::eval::torch::types::constructor(kind))
}

builtin_table! {
    /// The constructors, by their type's name.
    CONSTRUCTORS of "" {
        "object" ("") "The type that all others extend." => |_, _| Ok(Value::object(Plain));
        "type" ("object, /") "Return the type of an object." => |_, a| Ok(class_of(&a[0]));
        "bool" ("x=False, /") "Return whether a value is true." => |it, a| match a[0].given() {
            Some(value) => Ok(Value::Bool(it.truth(&value.clone())?)),
            None => Ok(Value::Bool(false)),
        };
        "int" ("x=0, /, base=10") "Turn a number or a text into an int." => |it, a| int(it, a);
        "float" ("x=0, /") "Turn a number or a text into a float." => |it, a| match a[0].given() {
            None => Ok(Value::Float(0.0)),
            Some(Value::Str(s)) => Ok(Value::Float(parse_number::parse_float(&s.text)?)),
            Some(value) => match resolve(it, value, Type::Float)? {
                Some(Num::Complex(_)) | None => {
                    let message = format!("float() argument must be a string or a real number, not '{}'", value.type_name());
                    Err(type_error(message).at(&[0]).into())
                }
                Some(number) => Ok(Value::Float(number.float()?)),
            },
        };
        "complex" ("real=0, imag=0") "Make a complex number of two parts, or of a text." => |it, a| complex(it, a);
        "str" ("object='', encoding=None, errors=None") "Return the text that shows an object." => |it, a| match a[0].given() {
            None => Ok(Value::from("")),
            Some(_) if let Some(other) = a[1].given().filter(|e| e.as_str().is_none()) => {
                Err(type_error(format!("str() argument 'encoding' must be str, not {}", other.type_name())).into())
            }
            Some(Value::Str(_)) if a[1].is_set() => Err(type_error("decoding str is not supported").into()),
            Some(value) if a[1].is_set() => {
                let decode = it.get_attr(value, "decode")?;
                it.call(&decode, Args::of([a[1].clone()]))
            }
            Some(value) => Ok(Value::from(it.str(&value.clone())?)),
        };
        "list" ("iterable=(), /") "Make a list of an iterable's values." => |it, a| match a[0].given() {
            None => Ok(Value::list(Vec::new())),
            Some(value) => Ok(Value::list(it.collect(&value.clone())?)),
        };
        "tuple" ("iterable=(), /") "Make a tuple of an iterable's values." => |it, a| match a[0].given() {
            None => Ok(Value::tuple([])),
            Some(Value::Tuple(t)) if t.kind.is_plain() => Ok(a[0].clone()),
            Some(value) => Ok(Value::tuple(it.collect(&value.clone())?)),
        };
        "dict" ("mapping=(), /, **kwargs") "Make a dict of a mapping or of pairs, and of keyword arguments." => |it, a| {
            let dict = Value::dict(Map::default());
            it.update_dict(&dict, &a[0], &a[1])?;
            Ok(dict)
        };
        "set" ("iterable=(), /") "Make a set of an iterable's values." => |it, a| set(it, &a[0], false);
        "frozenset" ("iterable=(), /") "Make a frozenset of an iterable's values." => |it, a| set(it, &a[0], true);
        "slice" ("start, stop=None, step=None, /") "Make a slice." => |_, a| Ok(match a[1].given() {
            None => Value::slice(Value::None, a[0].clone(), Value::None),
            Some(stop) => Value::slice(a[0].clone(), stop.clone(), a[2].given().cloned().unwrap_or(Value::None)),
        });
        "range" ("start, stop=None, step=None, /") "Make the range of ints from start to stop." => |_, a| {
            let first = convert::size(&a[0])?;
            let (start, stop) = match a[1].given() {
                Some(stop) => (first, convert::size(stop)?),
                None => (0, first),
            };
            let step = match a[2].given() {
                Some(step) => convert::size(step)?,
                None => 1,
            };
            if step == 0 {
                return Err(value_error("range() arg 3 must not be zero").into());
            }
            Ok(Value::Range(Rc::new(Range { start, stop, step })))
        };
        "enumerate" ("iterable, start=0") "Pair each value with its count." => |it, a| {
            let start = match a[1].given() {
                Some(start) => convert::size(start)?,
                None => 0,
            };
            let walk = it.walk(&a[0])?;
            Ok(Value::iter(Walk::Enumerate(Box::new(walk), start), Type::Enumerate, "enumerate"))
        };
        "zip" ("*iterables, strict=False") "Walk several iterables side by side." => |it, a| {
            let strict = match a[1].given() {
                Some(flag) => it.truth(&flag.clone())?,
                None => false,
            };
            let mut walks = Vec::new();
            if let Value::Tuple(iterables) = &a[0] {
                for (i, iterable) in iterables.items.iter().enumerate() {
                    match it.try_walk(iterable)? {
                        Some(walk) => walks.push(walk),
                        None => {
                            let message = format!("'{}' object is not iterable", iterable.type_name());
                            return Err(type_error(message).at(&[i as u8]).into());
                        }
                    }
                }
            }
            Ok(Value::iter(Walk::Zip(walks, strict), Type::Zip, "zip"))
        };
        "map" ("func, /, *iterables") "Call a function with each value, or with values side by side." => |it, a| {
            let func = a[0].clone();
            let Value::Tuple(iterables) = &a[1] else { return Ok(Value::None) };
            if iterables.items.is_empty() {
                return Err(type_error("map() must have at least two arguments.").into());
            }
            let mut walks = Vec::new();
            for iterable in &iterables.items {
                walks.push(it.walk(iterable)?);
            }
            Ok(Value::iter_of(Type::Map, "map", move |it| {
                let mut args = Args::default();
                for walk in &mut walks {
                    match it.step(walk)? {
                        Some(value) => args.pos.push(value),
                        None => return Ok(None),
                    }
                }
                it.call(&func, args).map(Some)
            }))
        };
        "filter" ("func, iterable, /") "Keep the values for which a function is true." => |it, a| {
            let func = a[0].clone();
            let mut walk = it.walk(&a[1])?;
            Ok(Value::iter_of(Type::Filter, "filter", move |it| {
                while let Some(value) = it.step(&mut walk)? {
                    let answer = if func.is_none() { value.clone() } else { it.call(&func, Args::of([value.clone()]))? };
                    if it.truth(&answer)? {
                        return Ok(Some(value));
                    }
                }
                Ok(None)
            }))
        };
        "reversed" ("sequence, /") "Walk a sequence from its end." => |_, a| reversed(&a[0]);
    }
}

/// An `object()`.
struct Plain;

impl crate::eval::object::Object for Plain {
    fn type_name(&self) -> &str {
        "object"
    }

    fn kind(&self) -> Type {
        Type::Object
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

/// The number that a value stands for.
fn resolve(it: &mut Interp, value: &Value, wanted: Type) -> Res<Option<Num>> {
    match value {
        object @ (Value::Object(_) | Value::Tensor(_)) => {
            Ok(object.foreign().number(it, wanted)?.as_ref().and_then(Num::of))
        }
        value => Ok(Num::of(value)),
    }
}

fn int(it: &mut Interp, a: &[Value]) -> Res {
    if let Some(base) = a[1].given() {
        let base = convert::size(base)?;
        return match a[0].given() {
            Some(Value::Str(s)) => Ok(Value::int(parse_number::parse_int(&s.text, base)?)),
            Some(_) => Err(type_error("int() can't convert non-string with explicit base").into()),
            None => Err(type_error("int() missing string argument").into()),
        };
    }
    match a[0].given() {
        None => Ok(Value::Int(0)),
        Some(Value::Str(s)) => Ok(Value::int(parse_number::parse_int(&s.text, 10)?)),
        Some(value) => match resolve(it, value, Type::Int)? {
            Some(Num::Float(f)) => float::to_int(f),
            Some(Num::Complex(_)) | None => {
                let kind = value.type_name();
                let message =
                    format!("int() argument must be a string, a bytes-like object or a real number, not '{kind}'");
                Err(type_error(message).at(&[0]).into())
            }
            Some(number) => Ok(number.big().map_or(Value::None, Value::int)),
        },
    }
}

fn complex(it: &mut Interp, a: &[Value]) -> Res {
    if let Some(Value::Str(s)) = a[0].given() {
        if a[1].is_set() {
            return Err(type_error("complex() can't take second arg if first is a string").into());
        }
        return Ok(Value::complex(parse_number::parse_complex(&s.text)?));
    }
    // A part that is not complex brings no imaginary part of its own: not even a zero, which would lose a minus.
    let mut part = |value: &Value, which: &str| -> Res<(f64, Option<f64>)> {
        if let ("second", Value::Str(_)) = (which, value) {
            return Err(type_error("complex() second arg can't be a string").into());
        }
        match value.given() {
            None => Ok((0.0, None)),
            Some(value) => match resolve(it, value, Type::Complex)? {
                Some(Num::Complex(c)) => Ok((c.re, Some(c.im))),
                Some(number) => Ok((number.float()?, None)),
                None => {
                    let or_string = if which == "first" { "a string or " } else { "" };
                    let message =
                        format!("complex() {which} argument must be {or_string}a number, not '{}'", value.type_name());
                    Err(type_error(message).into())
                }
            },
        }
    };
    let ((re, re_im), (im, im_im)) = (part(&a[0], "first")?, part(&a[1], "second")?);
    let im = match re_im {
        Some(own) if a[1].is_set() => im + own,
        Some(own) => own,
        None => im,
    };
    Ok(Value::complex(C64::new(im_im.map_or(re, |own| re - own), im)))
}

fn set(it: &mut Interp, iterable: &Value, frozen: bool) -> Res {
    let table = match iterable.given() {
        None => Table::default(),
        Some(value) => it.table_of(&value.clone())?,
    };
    Ok(Value::Set(Rc::new(Set::new(table, frozen))))
}

fn reversed(value: &Value) -> Res {
    let back = |items: Vec<Value>, name| {
        let mut items = items.into_iter().rev();
        Value::iter_of(Type::Reversed, name, move |_| Ok(items.next()))
    };
    Ok(match value {
        Value::List(list) => {
            let len = list.items.borrow().len();
            Value::iter(Walk::ListBack(list.clone(), len), Type::Reversed, "list_reverseiterator")
        }
        Value::Tuple(tuple) => back(tuple.items.to_vec(), "reversed"),
        Value::Str(s) => back(s.text.chars().map(|c| Value::from(c.to_string())).collect(), "reversed"),
        Value::Dict(dict) => back(dict.keys(), "dict_reversekeyiterator"),
        Value::View(view) => back(view.elements(), "reversed"),
        Value::Range(range) => {
            let (len, last) = (range.len(), range.start);
            let start = if len == 0 { last } else { range.at(len - 1) };
            let walk = Range { start, stop: range.start.saturating_sub(range.step), step: range.step.saturating_neg() };
            let walk = if len == 0 { Walk::Done } else { Walk::Range(walk) };
            Value::iter(walk, Type::Reversed, "range_iterator")
        }
        Value::Object(_) if let Some(items) = crate::eval::modules::deque::items(value) => {
            back(items, "_collections._deque_reverse_iterator")
        }
        _ => return Err(type_error(format!("'{}' object is not reversible", value.type_name())).at(&[0]).into()),
    })
}

impl Interp {
    /// Adds the entries of a mapping or of pairs, and keyword arguments, to a dict.
    ///
    /// # Errors
    /// `TypeError` and `ValueError` for what is no pair.
    pub fn update_dict(&mut self, dict: &Value, source: &Value, kwargs: &Value) -> Res<()> {
        let Value::Dict(dict) = dict else { return Ok(()) };
        match source.given() {
            None => {}
            Some(Value::Dict(other)) => {
                let entries: Vec<(Key, Value)> =
                    other.map.borrow().iter().map(|(k, v)| (k.clone(), v.clone())).collect();
                dict.map.borrow_mut().extend(entries);
            }
            Some(value) => {
                let mut walk = self.walk(value)?;
                let mut count = 0;
                while let Some(pair) = self.step(&mut walk)? {
                    if self.try_walk(&pair)?.is_none() {
                        let message =
                            format!("cannot convert dictionary update sequence element #{count} to a sequence");
                        return Err(type_error(message).into());
                    }
                    let mut pair = self.collect(&pair)?;
                    if pair.len() != 2 {
                        let len = pair.len();
                        let message =
                            format!("dictionary update sequence element #{count} has length {len}; 2 is required");
                        return Err(Raise::from(value_error(message)));
                    }
                    let value = pair.pop().unwrap_or(Value::None);
                    let key = pair.pop().unwrap_or(Value::None);
                    dict.set(key, value)?;
                    count += 1;
                }
            }
        }
        if let Value::Dict(kwargs) = kwargs {
            let entries: Vec<(Key, Value)> = kwargs.map.borrow().iter().map(|(k, v)| (k.clone(), v.clone())).collect();
            dict.map.borrow_mut().extend(entries);
        }
        Ok(())
    }

    /// An empty dict of a kind.
    pub fn empty_dict(kind: DictKind) -> Value {
        Value::dict_of(Map::default(), kind)
    }
}
