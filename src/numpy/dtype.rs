//! `np.dtype` objects and NumPy's scalar types (`np.float32`) as values.

use super::scalar::NpScalar;
use super::{make, promote};
use crate::base::DType;
use crate::base::error::type_error;
use crate::eval::args::Args;
use crate::eval::compare::by_equality;
use crate::eval::interp::Interp;
use crate::eval::kind::Type;
use crate::eval::object::Object;
use crate::eval::raise::Res;
use crate::eval::value::Value;
use crate::lang::ast::CmpOp;
use std::any::Any;

/// An `np.dtype`.
pub struct ArrayDType(pub DType);

/// A scalar type: `np.float32`.
pub struct ScalarType(pub DType);

/// The dtypes that NumPy has.
pub fn all() -> impl Iterator<Item = DType> {
    DType::ALL.iter().copied().filter(|d| *d != DType::BF16)
}

/// The dtype of a scalar type's name in the module `numpy`.
pub fn scalar_type(name: &str) -> Option<DType> {
    Some(match name {
        "bool_" => DType::Bool,
        "byte" => DType::I8,
        "ubyte" => DType::U8,
        "short" => DType::I16,
        "ushort" => DType::U16,
        "intc" => DType::I32,
        "uintc" => DType::U32,
        "int_" | "intp" | "long" | "longlong" => DType::I64,
        "uint" | "uintp" | "ulong" | "ulonglong" => DType::U64,
        "half" => DType::F16,
        "single" => DType::F32,
        "double" => DType::F64,
        "csingle" => DType::C32,
        "cdouble" => DType::C64,
        _ => all().find(|d| d.name() == name)?,
    })
}

/// NumPy's one-letter code.
pub fn letter(d: DType) -> &'static str {
    match d {
        DType::Bool => "?",
        DType::U8 => "B",
        DType::I8 => "b",
        DType::I16 => "h",
        DType::I32 => "i",
        DType::I64 => "l",
        DType::U16 => "H",
        DType::U32 => "I",
        DType::U64 => "L",
        DType::F16 => "e",
        DType::BF16 | DType::F32 => "f",
        DType::F64 => "d",
        DType::C32 => "F",
        DType::C64 => "D",
    }
}

/// The letter of a dtype's kind: `b`, `i`, `u`, `f`, `c`.
pub fn kind(d: DType) -> &'static str {
    match d {
        DType::Bool => "b",
        d if d.is_unsigned() => "u",
        d if d.is_int() => "i",
        d if d.is_float() => "f",
        _ => "c",
    }
}

/// `dtype.str`: byte order, kind and size.
fn code(d: DType) -> String {
    format!("{}{}{}", if d.size() == 1 { "|" } else { "<" }, kind(d), d.size())
}

fn by_name(text: &str) -> Option<DType> {
    let name = text.strip_prefix(['<', '=', '|']).unwrap_or(text);
    Some(match name {
        "float" => DType::F64,
        "complex" => DType::C64,
        "int" | "q" => DType::I64,
        "Q" => DType::U64,
        _ => all()
            .find(|d| letter(*d) == name || code(*d)[1..] == *name)
            .or_else(|| scalar_type(name).filter(|_| name != "bool_"))?,
    })
}

/// The dtype that a value stands for; `None` for what is no dtype at all.
pub fn known(value: &Value) -> Option<DType> {
    if let Some(d) = value.downcast::<ArrayDType>() {
        return Some(d.0);
    }
    if let Some(d) = value.downcast::<ScalarType>() {
        return Some(d.0);
    }
    match value {
        Value::Type(Type::Float) => Some(DType::F64),
        Value::Type(Type::Int) => Some(DType::I64),
        Value::Type(Type::Bool) => Some(DType::Bool),
        Value::Type(Type::Complex) => Some(DType::C64),
        Value::Str(s) => by_name(&s.text),
        _ => None,
    }
}

/// A `dtype=` argument; `None` where none is given.
///
/// # Errors
/// NumPy's `TypeError`s for what is no dtype.
pub fn argument(it: &mut Interp, value: &Value) -> Res<Option<DType>> {
    let Some(value) = value.some() else { return Ok(None) };
    match known(value) {
        Some(d) => Ok(Some(d)),
        None => Err(match value {
            Value::Str(s) => type_error(format!("data type '{}' not understood", s.text)),
            Value::Type(t) => type_error(format!("tensh's arrays hold numbers, not {}", t.name())),
            other => type_error(format!("Cannot interpret '{}' as a data type", it.str(other)?)),
        }
        .into()),
    }
}

/// An `np.dtype` value.
pub fn value(d: DType) -> Value {
    Value::object(ArrayDType(d))
}

fn same(d: DType, op: CmpOp, other: &Value) -> Option<Value> {
    by_equality(op, known(other) == Some(d))
}

impl Object for ArrayDType {
    fn type_name(&self) -> &str {
        "numpy.dtype"
    }

    fn get_attr(&self, _: &mut Interp, _: &Value, name: &str) -> Res<Option<Value>> {
        let d = self.0;
        Ok(Some(match name {
            "name" => Value::from(d.name()),
            "kind" => Value::from(kind(d)),
            "char" => Value::from(letter(d)),
            "str" => Value::from(code(d)),
            "itemsize" | "alignment" => Value::count(if name == "alignment" { d.real().size() } else { d.size() }),
            "type" => Value::object(ScalarType(d)),
            "byteorder" => Value::from(if d.size() == 1 { "|" } else { "=" }),
            "isnative" => Value::Bool(true),
            "hasobject" => Value::Bool(false),
            "ndim" => Value::Int(0),
            "shape" => Value::tuple(Vec::new()),
            "fields" | "names" | "subdtype" => Value::None,
            _ => return Ok(None),
        }))
    }

    fn attrs(&self) -> Vec<String> {
        ["name", "kind", "char", "str", "itemsize", "type", "byteorder"].map(String::from).into()
    }

    fn compare(&self, _: &mut Interp, op: CmpOp, other: &Value, _: bool) -> Res<Option<Value>> {
        Ok(same(self.0, op, other))
    }

    fn repr(&self, _: &mut Interp) -> Res<String> {
        Ok(format!("dtype('{}')", self.0.name()))
    }

    fn str(&self, _: &mut Interp) -> Res<String> {
        Ok(self.0.name().to_string())
    }

    fn hash(&self) -> Res<Option<i64>> {
        Ok(Some(0x6e70 + self.0 as i64))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Object for ScalarType {
    fn type_name(&self) -> &str {
        "type"
    }

    fn kind(&self) -> Type {
        Type::Type
    }

    fn callable(&self) -> bool {
        true
    }

    /// `np.float32(x)`: a scalar of a number, an array of anything with dimensions.
    fn call(&self, it: &mut Interp, args: Args) -> Res<Option<Value>> {
        let Some(value) = args.pos.first() else { return Ok(Some(NpScalar::value(0.into(), self.0))) };
        if let Some(text) = value.as_str() {
            let text = Value::from(text);
            let kind = match kind(self.0) {
                "f" => Type::Float,
                "c" => Type::Complex,
                "b" => Type::Bool,
                _ => Type::Int,
            };
            let number = it.call(&Value::Type(kind), Args::of([text]))?;
            return Ok(Some(super::give(make::array(it, &number, Some(self.0))?)));
        }
        Ok(Some(super::give(make::array(it, value, Some(self.0))?)))
    }

    fn get_attr(&self, _: &mut Interp, _: &Value, name: &str) -> Res<Option<Value>> {
        Ok(match name {
            "__name__" => Some(Value::from(self.0.name())),
            "__module__" => Some(Value::from("numpy")),
            _ => None,
        })
    }

    fn compare(&self, _: &mut Interp, op: CmpOp, other: &Value, _: bool) -> Res<Option<Value>> {
        Ok(by_equality(op, other.downcast::<ScalarType>().is_some_and(|o| o.0 == self.0)))
    }

    fn has_instance(&self, value: &Value) -> Option<bool> {
        Some(value.downcast::<NpScalar>().is_some_and(|s| s.dtype == self.0))
    }

    fn repr(&self, _: &mut Interp) -> Res<String> {
        Ok(format!("<class 'numpy.{}'>", self.0.name()))
    }

    fn hash(&self) -> Res<Option<i64>> {
        Ok(Some(0x6e80 + self.0 as i64))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// An abstract type, of which scalars are instances: `np.integer`, `np.floating`.
pub struct Abstract(pub &'static str);

impl Abstract {
    /// The abstract type of that name.
    pub fn find(name: &str) -> Option<Value> {
        const NAMES: &[&str] = &[
            "generic",
            "number",
            "integer",
            "signedinteger",
            "unsignedinteger",
            "inexact",
            "floating",
            "complexfloating",
        ];
        NAMES.iter().find(|n| **n == name).map(|n| Value::object(Abstract(n)))
    }

    /// Whether scalars of a dtype are instances.
    pub fn holds(&self, d: DType) -> bool {
        match self.0 {
            "generic" => true,
            "number" => d != DType::Bool,
            "integer" => d.is_int(),
            "signedinteger" => d.is_int() && !d.is_unsigned(),
            "unsignedinteger" => d.is_unsigned(),
            "inexact" => d.is_float() || d.is_complex(),
            "floating" => d.is_float(),
            _ => d.is_complex(),
        }
    }
}

impl Object for Abstract {
    fn type_name(&self) -> &str {
        "type"
    }

    fn has_instance(&self, value: &Value) -> Option<bool> {
        Some(value.downcast::<NpScalar>().is_some_and(|s| self.holds(s.dtype)))
    }

    fn repr(&self, _: &mut Interp) -> Res<String> {
        Ok(format!("<class 'numpy.{}'>", self.0))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// `np.can_cast(from, to, casting)`.
pub fn can_cast(from: DType, to: DType, casting: &str) -> bool {
    match casting {
        "unsafe" => true,
        "same_kind" => promote::same_kind(from, to),
        "no" | "equiv" => from == to,
        _ => promote::safe(from, to),
    }
}
