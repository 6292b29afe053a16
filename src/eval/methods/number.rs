//! Methods of int, float and complex.

use crate::base::error::{type_error, value_error};
use crate::eval::number::{Num, convert, float, int};
use crate::eval::raise::Res;
use crate::eval::value::Value;

builtin_table! {
    /// Methods of int.
    INT of "int" {
        "bit_length" ("self, /") "Return how many bits the absolute value has." =>
            |_, a| Ok(Value::Int(int::bit_length(&convert::big(&a[0])?) as i64));
        "bit_count" ("self, /") "Return how many bits of the absolute value are 1." => |_, a| {
            let digits = convert::big(&a[0])?;
            Ok(Value::Int(digits.magnitude().iter_u64_digits().map(|d| i64::from(d.count_ones())).sum()))
        };
        "conjugate" ("self, /") "Return the int itself." => |_, a| Ok(Value::int(convert::big(&a[0])?));
        "is_integer" ("self, /") "Return True." => |_, _| Ok(Value::Bool(true));
        "as_integer_ratio" ("self, /") "Return the int and 1." =>
            |_, a| Ok(Value::tuple([Value::int(convert::big(&a[0])?), Value::Int(1)]));
        "__index__" ("self, /") "Return the int itself." => |_, a| Ok(Value::int(convert::big(&a[0])?));
    }
}

builtin_table! {
    /// Methods of float.
    FLOAT of "float" {
        "is_integer" ("self, /") "Return whether the float is whole." => |_, a| {
            let f = this(&a[0])?;
            Ok(Value::Bool(f.is_finite() && f == f.trunc()))
        };
        "as_integer_ratio" ("self, /") "Return two ints whose ratio is exactly the float." => |_, a| {
            let (num, den) = float::integer_ratio(this(&a[0])?)?;
            Ok(Value::tuple([Value::int(num), Value::int(den)]))
        };
        "hex" ("self, /") "Return the hexadecimal form." => |_, a| Ok(Value::from(float::hex(this(&a[0])?)));
        "conjugate" ("self, /") "Return the float itself." => |_, a| Ok(a[0].clone());
    }
}

builtin_table! {
    /// Functions of the type float.
    STATIC of "float" {
        "fromhex" ("string, /") "Read a float in hexadecimal form." => |_, a| match &a[0] {
            Value::Str(s) => match from_hex(&s.text) {
                Some(f) => Ok(Value::Float(f)),
                None => Err(value_error("invalid hexadecimal floating-point string").into()),
            },
            _ => Err(type_error("bad argument type for built-in operation").into()),
        };
    }
}

builtin_table! {
    /// Methods of complex.
    COMPLEX of "complex" {
        "conjugate" ("self, /") "Return the complex conjugate." => |_, a| match &a[0] {
            Value::Complex(c) => Ok(Value::complex(c.conj())),
            other => Err(super::wrong_self("complex", other)),
        };
    }
}

fn this(value: &Value) -> Res<f64> {
    match value {
        Value::Float(f) => Ok(*f),
        other => Err(super::wrong_self("float", other)),
    }
}

/// Reads `[sign]0x1.8p3` and its like; every digit counts, so long ones round once.
fn from_hex(text: &str) -> Option<f64> {
    let text = text.trim().to_ascii_lowercase();
    let (sign, text) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text.strip_prefix('+').unwrap_or(&text)),
    };
    match text {
        "inf" | "infinity" => return Some(sign * f64::INFINITY),
        "nan" => return Some(f64::NAN),
        _ => {}
    }
    let text = text.strip_prefix("0x").unwrap_or(text);
    let (digits, exponent) = match text.split_once('p') {
        Some((digits, exponent)) => (digits, exponent.parse::<i64>().ok()?),
        None => (text, 0),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let all = format!("{whole}{part}");
    let mantissa = num_bigint::BigInt::parse_bytes(all.as_bytes(), 16)?;
    let shift = exponent - 4 * part.len() as i64;
    let one = num_bigint::BigInt::from(1);
    if shift.abs() > 20_000 {
        return Some(
            sign * if shift > 0 && Num::Big(mantissa.clone()).float().is_ok_and(|f| f != 0.0) {
                f64::INFINITY
            } else {
                0.0
            },
        );
    }
    let ratio = if shift >= 0 {
        int::true_div(&(mantissa << shift as u64), &one)
    } else {
        int::true_div(&mantissa, &(one << (-shift) as u64))
    };
    ratio.ok().map(|f| sign * f)
}
