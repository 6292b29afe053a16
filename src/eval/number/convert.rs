//! Values as the numbers that functions want: indices, ints, floats.

use super::Num;
use crate::base::Scalar;
use crate::base::error::{Error, ErrorKind, type_error};
use crate::eval::interp::Interp;
use crate::eval::kind::Type;
use crate::eval::raise::{Raise, Res};
use crate::eval::value::Value;
use num_bigint::BigInt;

/// The int that a value is; `None` beyond 64 bits.
///
/// # Errors
/// `TypeError: 'str' object cannot be interpreted as an integer`.
pub fn index(value: &Value) -> Res<Option<i64>> {
    match value {
        Value::Int(i) => Ok(Some(*i)),
        Value::Bool(b) => Ok(Some(i64::from(*b))),
        Value::BigInt(_) => Ok(None),
        Value::Object(object) => match object.plain() {
            Some(Value::Int(i)) => Ok(Some(i)),
            _ => Err(no_integer(value)),
        },
        Value::Tensor(t) if t.dtype().is_integral() && t.numel() == 1 => match t.item()? {
            Scalar::Int(i) => Ok(Some(i)),
            other => Ok(Some(i64::from(other.to_bool()))),
        },
        _ => Err(no_integer(value)),
    }
}

/// The int that a value is, which must fit 64 bits.
///
/// # Errors
/// `TypeError`, `OverflowError`.
pub fn size(value: &Value) -> Res<i64> {
    match index(value)? {
        Some(i) => Ok(i),
        None => Err(Error::new(ErrorKind::OverflowError, "Python int too large to convert to C ssize_t").into()),
    }
}

/// The int that a value is, of any size.
///
/// # Errors
/// `TypeError`.
pub fn big(value: &Value) -> Res<BigInt> {
    match Num::of(value).and_then(Num::big) {
        Some(big) => Ok(big),
        None => index(value)?.map(BigInt::from).ok_or_else(|| no_integer(value)),
    }
}

#[cold]
fn no_integer(value: &Value) -> Raise {
    if matches!(value, Value::Tensor(_)) {
        return type_error("only integer tensors of a single element can be converted to an index").at(&[0]).into();
    }
    type_error(format!("'{}' object cannot be interpreted as an integer", value.type_name())).at(&[0]).into()
}

impl Interp {
    /// The float of a real number, as `math`'s functions take it.
    ///
    /// # Errors
    /// `TypeError: must be real number, not str`; `OverflowError`.
    pub fn real(&mut self, value: &Value) -> Res<f64> {
        match value {
            Value::Float(f) => return Ok(*f),
            Value::Int(i) => return Ok(*i as f64),
            object @ (Value::Object(_) | Value::Tensor(_)) => {
                if let Some(Value::Float(f)) = object.foreign().number(self, Type::Float)? {
                    return Ok(f);
                }
            }
            _ => {}
        }
        match Num::of(value) {
            Some(number @ (Num::Int(_) | Num::Big(_) | Num::Float(_))) => number.float(),
            _ => Err(type_error(format!("must be real number, not {}", value.type_name())).at(&[0]).into()),
        }
    }
}
