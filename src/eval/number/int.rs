//! Ints: 64 bits as long as they fit, any size beyond.

use super::scalar::Scalar;
use super::{float, power};
use crate::base::error::{Error, ErrorKind, value_error, zero_division};
use crate::base::interrupt;
use crate::eval::raise::Res;
use crate::eval::text::format_spec::int_to_float;
use crate::eval::value::Value;
use crate::lang::ast::BinOp;
use num_bigint::{BigInt, Sign};
use num_integer::Integer;
use num_traits::{Signed, ToPrimitive, Zero};

/// Bits from which a product or quotient takes long enough to be interrupted.
const BITS_LONG: u64 = 1 << 20;

/// The largest shift that is tried: beyond, the number would not fit in memory.
const SHIFT_LIMIT: u64 = 1 << 36;

/// The largest int whose neighbours are floats as well.
const EXACT: u64 = 1 << 53;

/// `a op b` where a few instructions tell it.
#[inline(always)]
pub fn quick(op: BinOp, a: i64, b: i64) -> Option<Scalar> {
    let value = match op {
        BinOp::Add => a.checked_add(b)?,
        BinOp::Sub => a.checked_sub(b)?,
        BinOp::Mul => a.checked_mul(b)?,
        BinOp::Mod if b != 0 => modulo(a, b),
        BinOp::FloorDiv if b != 0 => floor_div(a, b)?,
        BinOp::BitAnd => a & b,
        BinOp::BitOr => a | b,
        BinOp::BitXor => a ^ b,
        BinOp::Shr if b >= 0 => a >> b.min(63),
        BinOp::Shl if (0..63).contains(&b) && (a << b) >> b == a => a << b,
        BinOp::Div if b != 0 && a.unsigned_abs() <= EXACT && b.unsigned_abs() <= EXACT => {
            return Some(Scalar::float(a as f64 / b as f64));
        }
        _ => return None,
    };
    Some(Scalar::int(value))
}

/// `a op b`; `None` when the operator is not for ints.
pub fn binary(op: BinOp, a: i64, b: i64) -> Res<Option<Value>> {
    let small = match op {
        BinOp::Pow => u32::try_from(b).ok().and_then(|b| a.checked_pow(b)).map(Value::Int),
        op => quick(op, a, b).and_then(Scalar::value),
    };
    match small {
        Some(value) => Ok(Some(value)),
        None => big_binary(op, &BigInt::from(a), &BigInt::from(b)),
    }
}

/// Division that rounds down; `None` when it overflows. `b` is not 0.
#[inline]
pub fn floor_div(a: i64, b: i64) -> Option<i64> {
    let quotient = a.checked_div(b)?;
    Some(if a % b != 0 && (a < 0) != (b < 0) { quotient - 1 } else { quotient })
}

/// The remainder with the divisor's sign. `b` is not 0.
#[inline]
pub fn modulo(a: i64, b: i64) -> i64 {
    let rest = a.wrapping_rem(b);
    if rest != 0 && (rest < 0) != (b < 0) { rest + b } else { rest }
}

/// `a op b` for ints of any size.
pub fn big_binary(op: BinOp, a: &BigInt, b: &BigInt) -> Res<Option<Value>> {
    Ok(Some(match op {
        BinOp::Add => Value::int(a + b),
        BinOp::Sub => Value::int(a - b),
        BinOp::Mul => heavy(a, b, |a, b| a * b),
        BinOp::Div => Value::Float(true_div(a, b)?),
        BinOp::FloorDiv if b.is_zero() => return Err(zero_division("integer division or modulo by zero").into()),
        BinOp::FloorDiv => heavy(a, b, |a, b| a.div_floor(b)),
        BinOp::Mod if b.is_zero() => return Err(zero_division("integer modulo by zero").into()),
        BinOp::Mod => heavy(a, b, |a, b| a.mod_floor(b)),
        BinOp::Pow if b.is_negative() => {
            return float::binary(BinOp::Pow, int_to_float(a)?, int_to_float(b)?).map(Some);
        }
        BinOp::Pow => Value::int(power::int(a, b)?),
        BinOp::Shl => Value::int(shift_left(a, b)?),
        BinOp::Shr if b.is_negative() => return Err(value_error("negative shift count").into()),
        BinOp::Shr => match b.to_u64() {
            Some(bits) if bits <= a.bits() => Value::int(a >> bits),
            _ => Value::Int(if a.is_negative() { -1 } else { 0 }),
        },
        BinOp::BitAnd => Value::int(a & b),
        BinOp::BitOr => Value::int(a | b),
        BinOp::BitXor => Value::int(a ^ b),
        BinOp::MatMul => return Ok(None),
    }))
}

/// What takes more than linear time; with long numbers it can be interrupted.
fn heavy(a: &BigInt, b: &BigInt, f: fn(&BigInt, &BigInt) -> BigInt) -> Value {
    if a.bits().max(b.bits()) < BITS_LONG {
        return Value::int(f(a, b));
    }
    let (a, b) = (a.clone(), b.clone());
    Value::int(interrupt::abandonable(move || f(&a, &b)))
}

fn shift_left(a: &BigInt, b: &BigInt) -> Res<BigInt> {
    if b.is_negative() {
        return Err(value_error("negative shift count").into());
    }
    if a.is_zero() {
        return Ok(BigInt::zero());
    }
    match b.to_u64() {
        Some(bits) if bits < SHIFT_LIMIT => Ok(a << bits),
        Some(_) => Err(Error::new(ErrorKind::MemoryError, "").into()),
        None => Err(Error::new(ErrorKind::OverflowError, "too many digits in integer").into()),
    }
}

/// `a / b`, correctly rounded: the quotient with two guard bits, the rest folded into the last one.
pub fn true_div(a: &BigInt, b: &BigInt) -> Res<f64> {
    if b.is_zero() {
        return Err(zero_division("division by zero").into());
    }
    if a.is_zero() {
        return Ok(0.0);
    }
    let negative = a.is_negative() != b.is_negative();
    let (a, b) = (a.abs(), b.abs());
    // The quotient gets 66 or 67 bits; subnormal results get fewer, so that rounding happens once.
    let scale = (66 - (a.bits() as i64 - b.bits() as i64)).min(1074 + 2);
    let (num, den) = if scale >= 0 { (a << scale as u64, b) } else { (a, b << (-scale) as u64) };
    let (mut quotient, rest) = num.div_rem(&den);
    if !rest.is_zero() {
        quotient.set_bit(0, true);
    }
    let Some(bits) = quotient.to_u128() else {
        return Err(too_large());
    };
    let value = bits as f64;
    // Scaling in two steps stays exact: the powers are in range, and the value has its final bits already.
    let half = -scale / 2;
    let value = value * 2f64.powi(half as i32) * 2f64.powi((-scale - half) as i32);
    if value.is_infinite() {
        return Err(too_large());
    }
    Ok(if negative { -value } else { value })
}

fn too_large() -> crate::eval::raise::Raise {
    Error::new(ErrorKind::OverflowError, "integer division result too large for a float").into()
}

/// How many bits the absolute value has.
pub fn bit_length(value: &BigInt) -> u64 {
    value.bits()
}

/// The digits in a base of 2, 8 or 16 behind their prefix: what `bin`, `oct` and `hex` give.
pub fn in_base(value: &BigInt, base: u32) -> String {
    let prefix = match base {
        2 => "0b",
        8 => "0o",
        _ => "0x",
    };
    let sign = if value.sign() == Sign::Minus { "-" } else { "" };
    format!("{sign}{prefix}{}", value.magnitude().to_str_radix(base))
}
