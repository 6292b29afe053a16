//! Attributes: read, write, delete, and the names there are.

use super::interp::Interp;
use super::kind::Type;
use super::methods;
use super::raise::{Exc, Raise, Res};
use super::value::{Method, TupleKind, Value};
use crate::base::dtype::DType;
use crate::base::error::{attribute_error, type_error};
use crate::print::suggest::did_you_mean;
use std::rc::Rc;

impl Interp {
    /// `value.name`.
    ///
    /// # Errors
    /// `AttributeError`, with the name that may have been meant.
    pub fn get_attr(&mut self, value: &Value, name: &str) -> Res {
        match self.find_attr(value, name)? {
            Some(found) => Ok(found),
            None => Err(no_attribute(value, name)),
        }
    }

    /// `value.name`; `None` when there is no such attribute.
    ///
    /// # Errors
    /// What a foreign value raises.
    pub fn find_attr(&mut self, value: &Value, name: &str) -> Res<Option<Value>> {
        if let Some(found) = data_attribute(value, name) {
            return Ok(Some(found));
        }
        match value {
            Value::Module(module) => return Ok(module.get(name)),
            object @ (Value::Object(_) | Value::Tensor(_)) => {
                if let Some(found) = object.foreign().get_attr(self, value, name)? {
                    return Ok(Some(found));
                }
            }
            Value::Type(kind) => return Ok(methods::find_static(*kind, name)),
            _ => {}
        }
        let method =
            methods::find(value, name).map(|func| Value::Method(Rc::new(Method { this: value.clone(), func })));
        Ok(method.or_else(|| methods::static_row(value.kind(), name).map(Value::Builtin)))
    }

    /// `value.name = new`.
    ///
    /// # Errors
    /// `AttributeError`.
    pub fn set_attr(&mut self, value: &Value, name: &str, new: Value) -> Res<()> {
        if let Value::Module(module) = value {
            module.set(name, new);
            return Ok(());
        }
        if let Value::Func(func) = value {
            if matches!(name, "__name__" | "__qualname__") && new.as_str().is_none() {
                return Err(type_error(format!("{name} must be set to a string object")).into());
            }
            func.set_attr(name, new);
            return Ok(());
        }
        if matches!(value, Value::Object(_) | Value::Tensor(_)) && value.foreign().set_attr(self, name, new)? {
            return Ok(());
        }
        if self.find_attr(value, name)?.is_none() {
            return Err(no_attribute(value, name));
        }
        let message = match data_attribute(value, name) {
            Some(_) => match value.kind() {
                Type::Slice | Type::Range => "readonly attribute".to_owned(),
                _ => format!("attribute '{name}' of '{}' objects is not writable", value.type_name()),
            },
            None => format!("'{}' object attribute '{name}' is read-only", value.type_name()),
        };
        Err(attribute_error(message).at(&[0]).into())
    }

    /// `del value.name`.
    ///
    /// # Errors
    /// `AttributeError`.
    pub fn del_attr(&mut self, value: &Value, name: &str) -> Res<()> {
        if let Value::Module(module) = value
            && module.remove(name)
        {
            return Ok(());
        }
        if let (Value::Tensor(t), "grad") = (value, name) {
            t.set_grad(None);
            return Ok(());
        }
        if let Value::Func(func) = value {
            let mut attrs = func.attrs.borrow_mut();
            if let Some(at) = attrs.iter().position(|(n, _)| &**n == name) {
                let old = attrs.remove(at);
                drop(attrs);
                drop(old);
                return Ok(());
            }
        }
        match self.find_attr(value, name)? {
            Some(_) => {
                Err(attribute_error(format!("'{}' object attribute '{name}' is read-only", value.type_name())).into())
            }
            None => Err(no_attribute(value, name)),
        }
    }
}

/// The attributes that every function has, which are not in its `__dict__`.
const OF_FUNCTIONS: &[&str] = &["__name__", "__qualname__", "__doc__", "__module__", "__defaults__"];

/// An attribute that is data, not a method.
fn data_attribute(value: &Value, name: &str) -> Option<Value> {
    match value {
        Value::Int(_) | Value::BigInt(_) | Value::Bool(_) => match name {
            "real" | "numerator" => Some(super::number::unary(crate::lang::ast::UnOp::Pos, value)?),
            "imag" => Some(Value::Int(0)),
            "denominator" => Some(Value::Int(1)),
            _ => None,
        },
        Value::Float(f) => match name {
            "real" => Some(Value::Float(*f)),
            "imag" => Some(Value::Float(0.0)),
            _ => None,
        },
        Value::Complex(c) => match name {
            "real" => Some(Value::Float(c.re)),
            "imag" => Some(Value::Float(c.im)),
            _ => None,
        },
        Value::Slice(s) => match name {
            "start" => Some(s.start.clone()),
            "stop" => Some(s.stop.clone()),
            "step" => Some(s.step.clone()),
            _ => None,
        },
        Value::Range(r) => match name {
            "start" => Some(Value::Int(r.start)),
            "stop" => Some(Value::Int(r.stop)),
            "step" => Some(Value::Int(r.step)),
            _ => None,
        },
        Value::Tuple(t) => match &t.kind {
            TupleKind::Named(named) => {
                if name == "_fields" {
                    return Some(Value::tuple(named.fields.iter().map(|f| Value::from(&**f)).collect::<Vec<_>>()));
                }
                named.fields.iter().position(|f| &**f == name).map(|i| t.items[i].clone())
            }
            _ => None,
        },
        Value::Exc(exc) => exception_attribute(exc, name),
        Value::Func(func) if !func.attrs.borrow().is_empty() && func.attr(name).is_some() => func.attr(name),
        Value::Func(func) => match name {
            "__name__" => Some(Value::from(&*func.code.name)),
            "__qualname__" => Some(Value::from(&*func.code.qualname)),
            "__doc__" => Some(super::help::docstring(&func.code).map_or(Value::None, Value::from)),
            "__defaults__" => Some(match func.defaults.len() {
                0 => Value::None,
                _ => Value::tuple(func.defaults.to_vec()),
            }),
            "__module__" => Some(Value::from("__main__")),
            "__dict__" => {
                let attrs = func.attrs.borrow();
                let own = attrs.iter().filter(|(name, _)| !OF_FUNCTIONS.contains(&&**name));
                Some(Value::dict(own.map(|(name, value)| (super::hash::Key::str(name), value.clone())).collect()))
            }
            _ => None,
        },
        Value::Builtin(row) => match name {
            "__name__" | "__qualname__" => Some(Value::from(row.name)),
            "__module__" => Some(Value::from(if row.owner.is_empty() { "builtins" } else { row.owner })),
            "__doc__" => Some(Value::from(row.doc)),
            _ => super::modules::nested(row, name),
        },
        Value::Method(method) => match name {
            "__name__" => Some(Value::from(method.func.name)),
            "__doc__" => Some(Value::from(method.func.doc)),
            "__self__" => Some(method.this.clone()),
            _ => None,
        },
        Value::Type(kind) => match name {
            "__name__" | "__qualname__" => Some(Value::from(last(kind.name()))),
            "__module__" => {
                let qualified = kind.qualified();
                Some(Value::from(qualified.rsplit_once('.').map_or("builtins", |(module, _)| module)))
            }
            "__mro__" => {
                let parents = std::iter::successors(Some(*kind), |k| (*k != Type::Object).then(|| k.parent()));
                Some(Value::tuple(parents.map(Value::Type).collect::<Vec<_>>()))
            }
            "__bases__" if *kind == Type::Object => Some(Value::tuple([])),
            "__bases__" => Some(Value::tuple([Value::Type(kind.parent())])),
            "__base__" if *kind == Type::Object => Some(Value::None),
            "__base__" => Some(Value::Type(kind.parent())),
            "__doc__" => {
                Some(super::builtins::types::constructor(*kind).map_or(Value::None, |row| Value::from(row.doc)))
            }
            _ => None,
        },
        Value::NamedType(named) => match name {
            "__name__" | "__qualname__" => Some(Value::from(last(&named.name))),
            "_fields" => Some(Value::tuple(named.fields.iter().map(|f| Value::from(&**f)).collect::<Vec<_>>())),
            _ => None,
        },
        Value::Dict(dict) => match (name, &dict.kind) {
            ("default_factory", super::dict::DictKind::Default(factory)) => Some(factory.clone()),
            _ => None,
        },
        Value::DType(dtype) => dtype_attribute(*dtype, name),
        Value::Device(device) => match name {
            "type" => Some(Value::from(device.kind())),
            "index" => Some(device.index().map_or(Value::None, |i| Value::Int(i64::from(i)))),
            _ => None,
        },
        _ => None,
    }
    .or_else(|| match name {
        "__class__" => Some(class_of(value)),
        _ => None,
    })
}

/// `type(value)`.
pub fn class_of(value: &Value) -> Value {
    match value {
        Value::Tuple(t) => match &t.kind {
            TupleKind::Named(named) => Value::NamedType(named.clone()),
            _ => Value::Type(value.kind()),
        },
        Value::Object(object) => object.class().unwrap_or_else(|| Value::Type(value.kind())),
        _ => Value::Type(value.kind()),
    }
}

/// A type's name without its module.
fn last(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

fn exception_attribute(exc: &Exc, name: &str) -> Option<Value> {
    match name {
        "args" => Some(Value::tuple(exc.args.clone())),
        "__cause__" => Some(exc.cause.borrow().clone().map_or(Value::None, Value::Exc)),
        "__context__" => Some(exc.context.borrow().clone().map_or(Value::None, Value::Exc)),
        "__suppress_context__" => Some(Value::Bool(exc.suppress.get())),
        "__traceback__" => Some(Value::None),
        "__notes__" if !exc.notes.borrow().is_empty() => Some(Value::list(exc.notes.borrow().clone())),
        "errno" if exc.kind.is_a(crate::base::ErrorKind::OSError) && exc.args.len() > 1 => exc.args.first().cloned(),
        "value" if exc.kind == crate::base::ErrorKind::StopIteration => {
            Some(exc.args.first().cloned().unwrap_or(Value::None))
        }
        "code" if exc.kind == crate::base::ErrorKind::SystemExit => {
            Some(exc.args.first().cloned().unwrap_or(Value::None))
        }
        _ => None,
    }
}

fn dtype_attribute(dtype: DType, name: &str) -> Option<Value> {
    match name {
        "is_floating_point" => Some(Value::Bool(dtype.is_float())),
        "is_complex" => Some(Value::Bool(dtype.is_complex())),
        "is_signed" => Some(Value::Bool(!dtype.is_unsigned() && dtype != DType::Bool)),
        "itemsize" => Some(Value::count(dtype.size())),
        _ => None,
    }
}

/// `value.name` as far as it can be told without running anything: for completion.
pub fn known(value: &Value, name: &str) -> Option<Value> {
    match value {
        Value::Module(module) => module.get(name),
        Value::Type(kind) => methods::find_static(*kind, name),
        Value::Tensor(t) => match name {
            "shape" => Some(Value::size(t.sizes())),
            "dtype" => Some(Value::DType(t.dtype())),
            "device" => Some(Value::Device(t.device())),
            _ => None,
        },
        _ => data_attribute(value, name).or_else(|| {
            methods::find(value, name).map(|func| Value::Method(Rc::new(Method { this: value.clone(), func })))
        }),
    }
}

/// The names of a value's attributes: for `dir` and completion.
pub fn names(value: &Value) -> Vec<String> {
    let mut names: Vec<String> =
        methods::tables(value.kind()).iter().flat_map(|table| table.iter().map(|row| row.name.to_owned())).collect();
    let data: &[&str] = match value {
        Value::Int(_) | Value::BigInt(_) | Value::Bool(_) => &["real", "imag", "numerator", "denominator"],
        Value::Float(_) | Value::Complex(_) => &["real", "imag"],
        Value::Slice(_) | Value::Range(_) => &["start", "stop", "step"],
        Value::Exc(_) => &["args"],
        Value::DType(_) => &["is_floating_point", "is_complex", "is_signed", "itemsize"],
        Value::Device(_) => &["type", "index"],
        Value::Func(_) => &["__name__", "__doc__"],
        _ => &[],
    };
    names.extend(data.iter().map(|n| (*n).to_owned()));
    match value {
        Value::Module(module) => names.extend(module.names()),
        object @ (Value::Object(_) | Value::Tensor(_)) => names.extend(object.foreign().attrs()),
        Value::Tuple(t) => {
            if let TupleKind::Named(named) = &t.kind {
                names.extend(named.fields.iter().map(|f| f.to_string()));
            }
        }
        Value::Type(kind) => {
            let rows = methods::tables(*kind).iter().flat_map(|table| table.iter());
            names.extend(rows.map(|row| row.name.to_owned()));
            if *kind == Type::Tensor {
                names.extend(super::torch::attributes::names());
            }
        }
        _ => {}
    }
    names.sort();
    names.dedup();
    names
}

#[cold]
fn no_attribute(value: &Value, name: &str) -> Raise {
    let message = match value {
        Value::Module(module) => format!("module '{}' has no attribute '{name}'", module.name),
        Value::Type(kind) => format!("type object '{}' has no attribute '{name}'", kind.name()),
        Value::NamedType(named) => format!("type object '{}' has no attribute '{name}'", named.name),
        _ => format!("'{}' object has no attribute '{name}'", value.type_name()),
    };
    let error = attribute_error(message).at(&[0]);
    let known = names(value);
    match did_you_mean(name, known.iter().map(String::as_str)) {
        Some(help) => error.help(help).into(),
        None => error.into(),
    }
}
