//! Floats: arithmetic, rounding, and their exact forms.

use super::power;
use crate::base::error::{Error, ErrorKind, value_error, zero_division};
use crate::eval::raise::Res;
use crate::eval::text::percent::truncate;
use crate::eval::value::Value;
use crate::lang::ast::BinOp;
use num_bigint::BigInt;
use num_traits::One;

/// `a op b` where a few instructions tell it.
#[inline(always)]
pub fn quick(op: BinOp, a: f64, b: f64) -> Option<f64> {
    Some(match op {
        BinOp::Add => a + b,
        BinOp::Sub => a - b,
        BinOp::Mul => a * b,
        BinOp::Div if b != 0.0 => a / b,
        _ => return None,
    })
}

/// `a op b` for `+ - * / // % **`.
pub fn binary(op: BinOp, a: f64, b: f64) -> Res {
    if let Some(value) = quick(op, a, b) {
        return Ok(Value::Float(value));
    }
    Ok(Value::Float(match op {
        BinOp::Div => return Err(zero_division("float division by zero").into()),
        BinOp::FloorDiv | BinOp::Mod if b == 0.0 => {
            let what = if op == BinOp::Mod { "float modulo" } else { "float floor division by zero" };
            return Err(zero_division(what).into());
        }
        BinOp::FloorDiv => div_mod(a, b).0,
        BinOp::Mod => div_mod(a, b).1,
        _ => return power::float(a, b),
    }))
}

/// The quotient rounded down and the remainder with the divisor's sign; `b` is not 0.
pub fn div_mod(a: f64, b: f64) -> (f64, f64) {
    let mut rest = a % b;
    let mut quotient = (a - rest) / b;
    if rest == 0.0 {
        rest = 0.0f64.copysign(b);
    } else if (b < 0.0) != (rest < 0.0) {
        rest += b;
        quotient -= 1.0;
    }
    if quotient == 0.0 {
        return (0.0f64.copysign(a / b), rest);
    }
    let floor = quotient.floor();
    (if quotient - floor > 0.5 { floor + 1.0 } else { floor }, rest)
}

/// The int nearest to zero of a finite float.
///
/// # Errors
/// `OverflowError` for an infinity, `ValueError` for nan.
pub fn to_int(value: f64) -> Res {
    if value.abs() < 9e18 {
        return Ok(Value::Int(value as i64));
    }
    Ok(Value::int(truncate(value)?))
}

/// `float.as_integer_ratio`.
///
/// # Errors
/// `OverflowError` for an infinity, `ValueError` for nan.
pub fn integer_ratio(value: f64) -> Res<(BigInt, BigInt)> {
    if value.is_infinite() {
        return Err(Error::new(ErrorKind::OverflowError, "cannot convert Infinity to integer ratio").into());
    }
    if value.is_nan() {
        return Err(value_error("cannot convert NaN to integer ratio").into());
    }
    let (mut value, mut exponent) = (value, 0u32);
    while value != value.trunc() {
        value *= 2.0;
        exponent += 1;
    }
    Ok((truncate(value)?, BigInt::one() << exponent))
}

/// `float.hex`.
pub fn hex(value: f64) -> String {
    if !value.is_finite() {
        return crate::print::number::float_repr(value);
    }
    let sign = if value.is_sign_negative() { "-" } else { "" };
    let bits = value.to_bits();
    let (exponent, mantissa) = ((bits >> 52 & 0x7ff) as i64, bits & ((1 << 52) - 1));
    match (exponent, mantissa) {
        (0, 0) => format!("{sign}0x0.0p+0"),
        (0, _) => format!("{sign}0x0.{mantissa:013x}p-1022"),
        _ => format!("{sign}0x1.{mantissa:013x}p{:+}", exponent - 1023),
    }
}
