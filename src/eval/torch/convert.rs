//! Values to op arguments, and op results to values.

use super::generator::GeneratorObject;
use super::settings::Named;
use crate::base::shape::Shape;
use crate::base::{DType, Scalar};
use crate::eval::kind::Type;
use crate::eval::value::{NamedType, Value};
use crate::ops::args::{In, Out};
use crate::ops::table::Row;
use crate::tensor::Tensor;
use num_traits::ToPrimitive;
use std::rc::Rc;

/// The tensor in a value.
pub fn as_tensor(value: &Value) -> Option<&Tensor> {
    match value {
        Value::Tensor(t) => Some(t),
        _ => None,
    }
}

/// The dtype that a value stands for: a dtype, or the Python type that torch takes for one.
pub fn as_dtype(value: &Value) -> Option<DType> {
    Some(match value {
        Value::DType(d) => *d,
        Value::Type(Type::Float) => DType::F64,
        Value::Type(Type::Int) => DType::I64,
        Value::Type(Type::Bool) => DType::Bool,
        Value::Type(Type::Complex) => DType::C64,
        _ => return None,
    })
}

/// A Python number as a scalar.
pub fn as_scalar(value: &Value) -> Option<Scalar> {
    Some(match value {
        Value::Bool(b) => Scalar::Bool(*b),
        Value::Int(i) => Scalar::Int(*i),
        Value::Float(f) => Scalar::Float(*f),
        Value::BigInt(b) => match b.to_u64() {
            Some(u) => Scalar::UInt(u),
            None => Scalar::Float(b.to_f64().unwrap_or(f64::INFINITY)),
        },
        Value::Complex(c) => Scalar::Complex(**c),
        // A NumPy scalar counts as the number that it is.
        Value::Object(_) => return crate::numpy::scalar_of(value),
        _ => return None,
    })
}

/// A scalar as a Python number.
pub fn number(scalar: Scalar) -> Value {
    match scalar {
        Scalar::Bool(b) => Value::Bool(b),
        Scalar::Int(i) => Value::Int(i),
        Scalar::UInt(u) => Value::int(u.into()),
        Scalar::Float(f) => Value::Float(f),
        Scalar::Complex(c) => Value::complex(c),
    }
}

/// A value as an op's argument, before it meets a signature.
pub fn input(value: &Value) -> In<Tensor> {
    if let Value::Tensor(t) = value {
        return In::Tensor(t.clone());
    }
    if let Some(scalar) = as_scalar(value) {
        return match scalar {
            Scalar::Bool(b) => In::Bool(b),
            Scalar::Int(i) => In::Int(i),
            Scalar::UInt(u) => In::BigInt(u as f64),
            Scalar::Float(f) if matches!(value, Value::BigInt(_)) => In::BigInt(f),
            Scalar::Float(f) => In::Float(f),
            Scalar::Complex(c) => In::Complex(c),
        };
    }
    if let Some(dtype) = as_dtype(value) {
        return In::DType(dtype);
    }
    match value {
        Value::None => In::None,
        Value::Str(s) => In::Str(Rc::from(&*s.text)),
        Value::List(list) => In::Seq { items: list.items.borrow().iter().map(input).collect(), tuple: false },
        Value::Tuple(t) => In::Seq { items: t.items.iter().map(input).collect(), tuple: true },
        Value::Device(d) => In::Device(*d),
        Value::Ellipsis => In::Ellipsis,
        Value::Object(_) => {
            if let Some(generator) = value.downcast::<GeneratorObject>() {
                return In::Generator(generator.shared());
            }
            match value.downcast::<Named>() {
                Some(named) if named.is_layout() => In::Layout,
                Some(named) => In::MemoryFormat(named.name),
                None => In::Other(value.type_name().into()),
            }
        }
        other => In::Other(other.type_name().into()),
    }
}

/// An op's result as a value; `fields` names the parts of a named tuple.
pub fn output(out: Out<Tensor>, row: &Row, fields: &[&'static str]) -> Value {
    match out {
        Out::None => Value::None,
        Out::Tensor(t) => Value::Tensor(t),
        Out::Tuple(parts) if fields.len() == parts.len() && !fields.is_empty() => {
            let name = format!("torch.return_types.{}", row.name.replace('.', "_"));
            named(&name, fields, parts.into_iter().map(Value::Tensor).collect())
        }
        Out::Tuple(parts) => Value::tuple(parts.into_iter().map(Value::Tensor).collect::<Vec<_>>()),
        Out::List(parts) => Value::list(parts.into_iter().map(Value::Tensor).collect()),
        Out::Scalar(s) => number(s),
        Out::Size(s) => size(&s),
        Out::Ints(s) => Value::tuple(s.iter().map(|&i| Value::Int(i)).collect::<Vec<_>>()),
        Out::DType(d) => Value::DType(d),
        Out::Str(s) => Value::from(s),
    }
}

/// A named tuple of torch's.
pub fn named(name: &str, fields: &[&str], items: Vec<Value>) -> Value {
    let fields = fields.iter().map(|f| Rc::from(*f)).collect();
    Value::named(&Rc::new(NamedType { name: name.into(), fields, defaults: Vec::new(), torch: true }), items)
}

/// A `torch.Size`.
pub fn size(sizes: &Shape) -> Value {
    Value::size(sizes.iter().copied())
}
