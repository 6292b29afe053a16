//! Small numbers on their way between operators: two words that stay in registers, where a [`Value`] goes through memory.

use super::{float, int};
use crate::eval::value::Value;
use crate::lang::ast::{BinOp, CmpOp};

/// What the evaluation of an operand gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An int.
    Int,
    /// A float.
    Float,
    /// A bool.
    Bool,
    /// Another value, which the evaluator holds.
    Held,
    /// An exception, which the evaluator holds.
    Raised,
}

/// A small number, or word of where the value is.
#[derive(Clone, Copy, Debug)]
pub struct Scalar {
    /// What it is.
    pub kind: Kind,
    bits: u64,
}

impl Scalar {
    /// The evaluator holds the value.
    pub const HELD: Scalar = Scalar { kind: Kind::Held, bits: 0 };
    /// The evaluator holds the exception.
    pub const RAISED: Scalar = Scalar { kind: Kind::Raised, bits: 0 };

    /// An int.
    #[inline(always)]
    pub fn int(value: i64) -> Scalar {
        Scalar { kind: Kind::Int, bits: value as u64 }
    }

    /// A float.
    #[inline(always)]
    pub fn float(value: f64) -> Scalar {
        Scalar { kind: Kind::Float, bits: value.to_bits() }
    }

    /// A bool.
    #[inline(always)]
    pub fn bool(value: bool) -> Scalar {
        Scalar { kind: Kind::Bool, bits: u64::from(value) }
    }

    /// The small number that a value is.
    #[inline(always)]
    pub fn of(value: &Value) -> Option<Scalar> {
        match value {
            Value::Int(i) => Some(Scalar::int(*i)),
            Value::Float(x) => Some(Scalar::float(*x)),
            Value::Bool(b) => Some(Scalar::bool(*b)),
            _ => None,
        }
    }

    /// Whether it is a number or a bool.
    #[inline(always)]
    pub fn is_here(self) -> bool {
        matches!(self.kind, Kind::Int | Kind::Float | Kind::Bool)
    }

    /// The value of a number or bool.
    #[inline(always)]
    pub fn value(self) -> Option<Value> {
        match self.kind {
            Kind::Int => Some(Value::Int(self.bits as i64)),
            Kind::Float => Some(Value::Float(f64::from_bits(self.bits))),
            Kind::Bool => Some(Value::Bool(self.bits != 0)),
            Kind::Held | Kind::Raised => None,
        }
    }

    /// The int.
    #[inline(always)]
    pub fn whole(self) -> Option<i64> {
        (self.kind == Kind::Int).then_some(self.bits as i64)
    }

    /// The truth of a number or bool.
    #[inline(always)]
    pub fn truth(self) -> Option<bool> {
        match self.kind {
            Kind::Int | Kind::Bool => Some(self.bits != 0),
            Kind::Float => Some(f64::from_bits(self.bits) != 0.0),
            Kind::Held | Kind::Raised => None,
        }
    }

    /// Both as floats, where one is a float and the other is one or an int.
    #[inline(always)]
    fn floats(self, other: Scalar) -> Option<(f64, f64)> {
        let (x, y) = (f64::from_bits(self.bits), f64::from_bits(other.bits));
        match (self.kind, other.kind) {
            (Kind::Float, Kind::Float) => Some((x, y)),
            (Kind::Float, Kind::Int) => Some((x, other.bits as i64 as f64)),
            (Kind::Int, Kind::Float) => Some((self.bits as i64 as f64, y)),
            _ => None,
        }
    }
}

/// `a op b` where a few instructions tell it.
#[inline(always)]
pub fn binary(op: BinOp, a: Scalar, b: Scalar) -> Option<Scalar> {
    if let (Some(a), Some(b)) = (a.whole(), b.whole()) {
        return int::quick(op, a, b);
    }
    let (a, b) = a.floats(b)?;
    float::quick(op, a, b).map(Scalar::float)
}

/// `a op b` where a few instructions tell it.
#[inline(always)]
pub fn compare(op: CmpOp, a: Scalar, b: Scalar) -> Option<bool> {
    match (a.kind, b.kind) {
        (Kind::Int, Kind::Int) => holds(op, a.bits as i64, b.bits as i64),
        (Kind::Float, Kind::Float) => holds(op, f64::from_bits(a.bits), f64::from_bits(b.bits)),
        _ => None,
    }
}

#[inline(always)]
fn holds<T: PartialOrd>(op: CmpOp, a: T, b: T) -> Option<bool> {
    Some(match op {
        CmpOp::Lt => a < b,
        CmpOp::Le => a <= b,
        CmpOp::Gt => a > b,
        CmpOp::Ge => a >= b,
        CmpOp::Eq => a == b,
        CmpOp::Ne => a != b,
        _ => return None,
    })
}
