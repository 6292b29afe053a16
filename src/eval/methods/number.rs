//! Methods of int, float and complex.

use crate::base::error::{Error, ErrorKind, type_error, value_error};
use crate::eval::number::{Num, convert, float, int};
use crate::eval::raise::Res;
use crate::eval::value::Value;
use num_bigint::{BigInt, Sign};

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
        "to_bytes" ("self, /, length=1, byteorder='big', *, signed=False") "Return the bytes of the int." => |it, a| {
            let number = convert::big(&a[0])?;
            let length = usize::try_from(a[1].given().map_or(Ok(1), convert::size)?)
                .map_err(|_| value_error("length argument must be non-negative"))?;
            let little = little(&a[2])?;
            let signed = match a[3].given() { Some(flag) => it.truth(&flag.clone())?, None => false };
            if !signed && number.sign() == Sign::Minus {
                return Err(Error::new(ErrorKind::OverflowError, "can't convert negative int to unsigned").into());
            }
            let mut data = if signed { number.to_signed_bytes_le() } else { number.to_bytes_le().1 };
            if number.sign() == Sign::NoSign {
                data.clear();
            }
            if data.len() > length {
                return Err(Error::new(ErrorKind::OverflowError, "int too big to convert").into());
            }
            crate::eval::operators::room::<u8>(length, 1)?;
            data.resize(length, if number.sign() == Sign::Minus { 0xff } else { 0 });
            if !little {
                data.reverse();
            }
            Ok(Value::bytes(data))
        };
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
    /// Functions of the type int.
    INT_STATIC of "int" {
        "from_bytes" ("bytes, byteorder='big', *, signed=False") "Return the int of bytes." => |it, a| {
            let data = match crate::eval::bytes::data(&a[0]) {
                Some(data) => data.to_vec(),
                None => {
                    let mut data = Vec::new();
                    for item in it.collect(&a[0])? {
                        match u8::try_from(convert::size(&item)?) {
                            Ok(byte) => data.push(byte),
                            Err(_) => return Err(value_error("bytes must be in range(0, 256)").into()),
                        }
                    }
                    data
                }
            };
            let little = little(&a[1])?;
            let signed = match a[2].given() { Some(flag) => it.truth(&flag.clone())?, None => false };
            Ok(Value::int(match (signed, little) {
                (true, true) => BigInt::from_signed_bytes_le(&data),
                (true, false) => BigInt::from_signed_bytes_be(&data),
                (false, true) => BigInt::from_bytes_le(Sign::Plus, &data),
                (false, false) => BigInt::from_bytes_be(Sign::Plus, &data),
            }))
        };
    }
}

/// Whether the lowest byte comes first.
fn little(order: &Value) -> Res<bool> {
    match order.as_str() {
        None | Some("big") => Ok(false),
        Some("little") => Ok(true),
        Some(_) => Err(value_error("byteorder must be either 'little' or 'big'").into()),
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
