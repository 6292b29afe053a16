//! NumPy's scalars as values: `np.float64(1.5)`, what reductions and elements of arrays are.

use super::print_scalar::{scalar_repr, scalar_str};
use super::{attributes, dtype, operators};
use crate::base::error::type_error;
use crate::base::{DType, Scalar};
use crate::eval::interp::Interp;
use crate::eval::kind::Type;
use crate::eval::object::Object;
use crate::eval::raise::Res;
use crate::eval::torch::convert::number;
use crate::eval::value::Value;
use crate::lang::ast::{BinOp, CmpOp, UnOp};
use crate::store::View;
use std::any::Any;

/// A number with a dtype.
#[derive(Clone, Copy, Debug)]
pub struct NpScalar {
    /// The number.
    pub number: Scalar,
    /// Its dtype.
    pub dtype: DType,
}

impl NpScalar {
    /// A scalar as a value.
    pub fn value(number: Scalar, dtype: DType) -> Value {
        // The number is brought to the dtype's range and precision.
        let number = match dtype {
            DType::Bool => Scalar::Bool(number.to_bool()),
            d => View::scalar(d, number).map_or(number, |v| v.get(0)),
        };
        Value::object(NpScalar { number, dtype })
    }

    /// The scalar as an array without dimensions.
    ///
    /// # Errors
    /// When memory is short.
    pub fn view(self) -> Res<View> {
        Ok(View::scalar(self.dtype, self.number)?)
    }

    fn this(self) -> Value {
        Value::object(self)
    }
}

impl Object for NpScalar {
    fn type_name(&self) -> &str {
        match self.dtype {
            DType::Bool => "numpy.bool",
            DType::U8 => "numpy.uint8",
            DType::I8 => "numpy.int8",
            DType::I16 => "numpy.int16",
            DType::I32 => "numpy.int32",
            DType::I64 => "numpy.int64",
            DType::U16 => "numpy.uint16",
            DType::U32 => "numpy.uint32",
            DType::U64 => "numpy.uint64",
            DType::F16 => "numpy.float16",
            DType::BF16 => "numpy.bfloat16",
            DType::F32 => "numpy.float32",
            DType::F64 => "numpy.float64",
            DType::C32 => "numpy.complex64",
            DType::C64 => "numpy.complex128",
        }
    }

    fn get_attr(&self, it: &mut Interp, this: &Value, name: &str) -> Res<Option<Value>> {
        if name == "is_integer" && !self.dtype.is_complex() {
            // Python's own method answers for the number.
            return it.find_attr(&number(self.number), name);
        }
        attributes::get(it, this, &self.view()?, name)
    }

    fn attrs(&self) -> Vec<String> {
        attributes::names()
    }

    fn binary(&self, it: &mut Interp, op: BinOp, other: &Value, reflected: bool) -> Res<Option<Value>> {
        operators::binary(it, &self.this(), op, other, reflected)
    }

    fn compare(&self, it: &mut Interp, op: CmpOp, other: &Value, reflected: bool) -> Res<Option<Value>> {
        operators::compare(it, &self.this(), op, other, reflected)
    }

    fn unary(&self, it: &mut Interp, op: UnOp) -> Res<Option<Value>> {
        operators::unary(it, &self.this(), op)
    }

    fn get_item(&self, it: &mut Interp, index: &Value) -> Res<Option<Value>> {
        match index {
            Value::Tuple(t) if t.items.is_empty() => Ok(Some(self.this())),
            Value::Ellipsis | Value::None | Value::Tuple(_) => super::index::get(it, &self.view()?, index).map(Some),
            _ => Err(crate::base::error::index_error("invalid index to scalar variable.").into()),
        }
    }

    fn truth(&self, _: &mut Interp) -> Res<bool> {
        Ok(self.number.to_bool())
    }

    fn len(&self, _: &mut Interp) -> Res<Option<usize>> {
        Err(type_error(format!("object of type '{}' has no len()", self.type_name())).into())
    }

    fn repr(&self, _: &mut Interp) -> Res<String> {
        Ok(scalar_repr(self.number, self.dtype))
    }

    fn str(&self, _: &mut Interp) -> Res<String> {
        Ok(scalar_str(self.number, self.dtype))
    }

    fn format(&self, it: &mut Interp, spec: &str) -> Res<Option<String>> {
        if spec.is_empty() || self.dtype == DType::Bool {
            let text = Value::from(scalar_str(self.number, self.dtype));
            return it.format(&text, spec).map(Some);
        }
        it.format(&number(self.number), spec).map(Some)
    }

    fn hash(&self) -> Res<Option<i64>> {
        crate::eval::hash::hash(&number(self.number)).map(Some)
    }

    fn number(&self, it: &mut Interp, wanted: Type) -> Res<Option<Value>> {
        if wanted == Type::Object {
            return Ok(self.dtype.is_int().then(|| number(self.number)));
        }
        Ok(Some(match wanted {
            Type::Float => Value::Float(self.number.to_f64()),
            Type::Complex => Value::complex(self.number.to_c64()),
            Type::Int => match self.number {
                Scalar::Float(f) => return crate::eval::number::float::to_int(f).map(Some),
                Scalar::Bool(b) => Value::Int(i64::from(b)),
                other => number(other),
            },
            _ => {
                let _ = it;
                number(self.number)
            }
        }))
    }

    fn class(&self) -> Option<Value> {
        Some(Value::object(dtype::ScalarType(self.dtype)))
    }

    /// NumPy's double precision types extend Python's own.
    fn is_instance(&self, class: &Value) -> Option<bool> {
        match (class, self.dtype) {
            (Value::Type(Type::Float), DType::F64) | (Value::Type(Type::Complex), DType::C64) => Some(true),
            _ => None,
        }
    }

    fn plain(&self) -> Option<Value> {
        Some(number(self.number))
    }

    fn describe(&self) -> Option<String> {
        Some(dtype::ArrayDType(self.dtype).0.name().to_string())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
