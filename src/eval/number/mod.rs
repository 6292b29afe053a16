//! Python's numbers: ints of any size, floats, complex, and what they do to each other.

pub mod convert;
pub mod float;
pub mod int;
pub mod power;
pub mod scalar;

use super::raise::Res;
use super::value::Value;
use crate::base::dtype::C64;
use crate::base::error::{type_error, zero_division};
use crate::lang::ast::{BinOp, CmpOp, UnOp};
use num_bigint::BigInt;
use num_traits::{Signed, Zero};
use std::cmp::Ordering;

/// A number, by the type that arithmetic runs in.
#[derive(Clone, Debug)]
pub enum Num {
    /// An int or bool.
    Int(i64),
    /// A large int.
    Big(BigInt),
    /// A float.
    Float(f64),
    /// A complex.
    Complex(C64),
}

impl Num {
    /// The number that a value is.
    pub fn of(value: &Value) -> Option<Num> {
        Some(match value {
            Value::Bool(b) => Num::Int(i64::from(*b)),
            Value::Int(i) => Num::Int(*i),
            Value::BigInt(b) => Num::Big((**b).clone()),
            Value::Float(f) => Num::Float(*f),
            Value::Complex(c) => Num::Complex(**c),
            _ => return None,
        })
    }

    /// As an int of any size; `None` for floats and complex.
    pub fn big(self) -> Option<BigInt> {
        match self {
            Num::Int(i) => Some(BigInt::from(i)),
            Num::Big(b) => Some(b),
            _ => None,
        }
    }

    /// As a float.
    ///
    /// # Errors
    /// `OverflowError` for an int beyond the floats; `TypeError` for a complex.
    pub fn float(self) -> Res<f64> {
        match self {
            Num::Int(i) => Ok(i as f64),
            Num::Big(b) => Ok(super::text::format_spec::int_to_float(&b)?),
            Num::Float(f) => Ok(f),
            Num::Complex(_) => Err(type_error("can't convert complex to float").into()),
        }
    }

    fn complex(self) -> Res<C64> {
        match self {
            Num::Complex(c) => Ok(c),
            other => Ok(C64::new(other.float()?, 0.0)),
        }
    }
}

/// `a op b` for two numbers; `None` when one is not a number, or the operator is not for them.
pub fn binary(op: BinOp, a: &Value, b: &Value) -> Res<Option<Value>> {
    let (Some(x), Some(y)) = (Num::of(a), Num::of(b)) else { return Ok(None) };
    if let (Value::Bool(a), Value::Bool(b)) = (a, b) {
        match op {
            BinOp::BitAnd => return Ok(Some(Value::Bool(a & b))),
            BinOp::BitOr => return Ok(Some(Value::Bool(a | b))),
            BinOp::BitXor => return Ok(Some(Value::Bool(a ^ b))),
            _ => {}
        }
    }
    match (x, y) {
        (Num::Int(x), Num::Int(y)) => int::binary(op, x, y),
        (x @ (Num::Int(_) | Num::Big(_)), y @ (Num::Int(_) | Num::Big(_))) => match (x.big(), y.big()) {
            (Some(x), Some(y)) => int::big_binary(op, &x, &y),
            _ => Ok(None),
        },
        (x @ Num::Complex(_), y) | (x, y @ Num::Complex(_)) => complex_binary(op, x, y),
        (x, y) => {
            if !matches!(
                op,
                BinOp::Add | BinOp::Sub | BinOp::Mul | BinOp::Div | BinOp::FloorDiv | BinOp::Mod | BinOp::Pow
            ) {
                return Ok(None);
            }
            float::binary(op, x.float()?, y.float()?).map(Some)
        }
    }
}

fn complex_binary(op: BinOp, x: Num, y: Num) -> Res<Option<Value>> {
    if !matches!(op, BinOp::Add | BinOp::Sub | BinOp::Mul | BinOp::Div | BinOp::Pow) {
        return Ok(None);
    }
    let (x, y) = (x.complex()?, y.complex()?);
    let out = match op {
        BinOp::Add => x + y,
        BinOp::Sub => x - y,
        BinOp::Mul => C64::new(x.re * y.re - x.im * y.im, x.re * y.im + x.im * y.re),
        BinOp::Div => complex_div(x, y)?,
        _ => power::complex(x, y)?,
    };
    Ok(Some(Value::complex(out)))
}

/// Complex division by Smith's method: scaled by the larger part of the divisor.
fn complex_div(x: C64, y: C64) -> Res<C64> {
    if y.re == 0.0 && y.im == 0.0 {
        return Err(zero_division("complex division by zero").into());
    }
    if y.re.abs() >= y.im.abs() {
        let ratio = y.im / y.re;
        let scale = y.re + y.im * ratio;
        Ok(C64::new((x.re + x.im * ratio) / scale, (x.im - x.re * ratio) / scale))
    } else if y.im.abs() >= y.re.abs() {
        let ratio = y.re / y.im;
        let scale = y.re * ratio + y.im;
        Ok(C64::new((x.re * ratio + x.im) / scale, (x.im * ratio - x.re) / scale))
    } else {
        Ok(C64::new(f64::NAN, f64::NAN))
    }
}

/// `a == b` for two numbers, exact between ints and floats; `None` when one is no number.
pub fn equal(a: &Value, b: &Value) -> Option<bool> {
    match (Num::of(a)?, Num::of(b)?) {
        (Num::Complex(x), Num::Complex(y)) => Some(x == y),
        (Num::Complex(x), y) | (y, Num::Complex(x)) => {
            Some(x.im == 0.0 && order(&Num::Float(x.re), &y) == Some(Ordering::Equal))
        }
        (x, y) => Some(order(&x, &y) == Some(Ordering::Equal)),
    }
}

/// Which of two real numbers is larger; `None` with a nan (or a complex).
pub fn order(x: &Num, y: &Num) -> Option<Ordering> {
    match (x, y) {
        (Num::Int(x), Num::Int(y)) => Some(x.cmp(y)),
        (Num::Big(x), Num::Big(y)) => Some(x.cmp(y)),
        (Num::Big(x), Num::Int(_)) => Some(if x.is_negative() { Ordering::Less } else { Ordering::Greater }),
        (Num::Int(_), Num::Big(y)) => Some(if y.is_negative() { Ordering::Greater } else { Ordering::Less }),
        (Num::Float(x), Num::Float(y)) => x.partial_cmp(y),
        (Num::Float(x), y) => order_float(*x, y),
        (x, Num::Float(y)) => order_float(*y, x).map(Ordering::reverse),
        _ => None,
    }
}

/// A float against an int, without rounding the int.
fn order_float(x: f64, y: &Num) -> Option<Ordering> {
    if x.is_nan() {
        return None;
    }
    if let Num::Int(y) = y
        && y.unsigned_abs() < 1 << 53
    {
        return x.partial_cmp(&(*y as f64));
    }
    if x.is_infinite() {
        return Some(if x > 0.0 { Ordering::Greater } else { Ordering::Less });
    }
    let floor = x.floor();
    let whole = super::text::percent::truncate(floor).ok()?;
    let ordered = whole.cmp(&y.clone().big()?);
    Some(if ordered == Ordering::Equal && floor != x { Ordering::Greater } else { ordered })
}

/// `a op b` for two real numbers; `None` when one is not.
pub fn compare(op: CmpOp, a: &Value, b: &Value) -> Option<bool> {
    let (x, y) = (Num::of(a)?, Num::of(b)?);
    if matches!(x, Num::Complex(_)) || matches!(y, Num::Complex(_)) {
        return None;
    }
    Some(holds(op, order(&x, &y)))
}

/// Whether an order satisfies `<`, `<=`, `>`, `>=`.
pub fn holds(op: CmpOp, order: Option<Ordering>) -> bool {
    match (op, order) {
        (_, None) => false,
        (CmpOp::Lt, Some(o)) => o.is_lt(),
        (CmpOp::Le, Some(o)) => o.is_le(),
        (CmpOp::Gt, Some(o)) => o.is_gt(),
        (CmpOp::Ge, Some(o)) => o.is_ge(),
        (CmpOp::Eq, Some(o)) => o.is_eq(),
        (CmpOp::Ne, Some(o)) => o.is_ne(),
        _ => false,
    }
}

/// `op a` for a number; `None` when it is none, or the operator is not for it.
pub fn unary(op: UnOp, a: &Value) -> Option<Value> {
    let number = Num::of(a)?;
    Some(match (op, number) {
        (UnOp::Neg, Num::Int(i)) => match i.checked_neg() {
            Some(i) => Value::Int(i),
            None => Value::int(-BigInt::from(i)),
        },
        (UnOp::Neg, Num::Big(b)) => Value::int(-b),
        (UnOp::Neg, Num::Float(f)) => Value::Float(-f),
        (UnOp::Neg, Num::Complex(c)) => Value::complex(-c),
        (UnOp::Pos, Num::Int(i)) => Value::Int(i),
        (UnOp::Pos, _) => a.clone(),
        (UnOp::Invert, Num::Int(i)) => Value::Int(!i),
        (UnOp::Invert, Num::Big(b)) => Value::int(-(b + BigInt::from(1))),
        _ => return None,
    })
}

/// `bool(a)` for a number.
pub fn truth(number: &Num) -> bool {
    match number {
        Num::Int(i) => *i != 0,
        Num::Big(b) => !b.is_zero(),
        Num::Float(f) => *f != 0.0,
        Num::Complex(c) => c.re != 0.0 || c.im != 0.0,
    }
}
