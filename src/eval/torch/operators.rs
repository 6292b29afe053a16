//! Python's operators on tensors.

use super::convert::{as_scalar, output};
use super::rows;
use crate::base::Scalar;
use crate::base::error::overflow;
use crate::eval::interp::Interp;
use crate::eval::raise::Res;
use crate::eval::value::Value;
use crate::lang::ast::{BinOp, CmpOp, UnOp};
use crate::ops::args::In;
use crate::ops::table::{Form, Kind, Row, find};
use crate::tensor::call;
use crate::tensor::elementwise::{Operand, direct, elementwise};
use crate::tensor::{Tensor, grad};
use smallvec::smallvec;

/// The row behind an operator.
fn row_of(op: BinOp) -> &'static str {
    match op {
        BinOp::Add => "add",
        BinOp::Sub => "sub",
        BinOp::Mul => "mul",
        BinOp::Div => "div",
        BinOp::FloorDiv => "floor_divide",
        BinOp::Mod => "remainder",
        BinOp::Pow => "pow",
        BinOp::MatMul => "matmul",
        BinOp::Shl => "bitwise_left_shift",
        BinOp::Shr => "bitwise_right_shift",
        BinOp::BitAnd => "bitwise_and",
        BinOp::BitOr => "bitwise_or",
        BinOp::BitXor => "bitwise_xor",
    }
}

fn row_of_comparison(op: CmpOp) -> Option<&'static str> {
    Some(match op {
        CmpOp::Eq => "eq",
        CmpOp::Ne => "ne",
        CmpOp::Lt => "lt",
        CmpOp::Le => "le",
        CmpOp::Gt => "gt",
        CmpOp::Ge => "ge",
        _ => return None,
    })
}

thread_local! {
    /// The rows of operators, so that an operation on small tensors looks nothing up.
    static OPERATORS: [Option<&'static Row>; BinOp::ALL.len()] =
        std::array::from_fn(|i| find(row_of(BinOp::ALL[i])).map(|f| f.0));
    static COMPARISONS: [Option<&'static Row>; CmpOp::ALL.len()] =
        std::array::from_fn(|i| row_of_comparison(CmpOp::ALL[i]).and_then(find).map(|f| f.0));
}

/// A value as an operand; `None` for what no operator takes.
#[inline]
fn operand(value: &Value) -> Res<Option<Operand>> {
    if let Value::Tensor(t) = value {
        return Ok(Some(Operand::Tensor(t.clone())));
    }
    match as_scalar(value) {
        Some(Scalar::Float(_)) if matches!(value, Value::BigInt(_)) => {
            Err(overflow("int too big to convert").at(&[1]).into())
        }
        other => Ok(other.map(Operand::Number)),
    }
}

fn argument(operand: &Operand) -> In<Tensor> {
    match operand {
        Operand::Tensor(t) => In::Tensor(t.clone()),
        Operand::Number(Scalar::Bool(b)) => In::Bool(*b),
        Operand::Number(Scalar::Int(i)) => In::Int(*i),
        Operand::Number(Scalar::UInt(u)) => In::BigInt(*u as f64),
        Operand::Number(Scalar::Float(f)) => In::Float(*f),
        Operand::Number(Scalar::Complex(c)) => In::Complex(*c),
    }
}

/// Whether an operation on it is recorded.
#[inline]
fn tracked(operand: &Operand) -> bool {
    matches!(operand, Operand::Tensor(t) if t.requires_grad()) && grad::enabled()
}

#[inline]
fn apply(row: &'static Row, left: Operand, right: Operand) -> Res<Option<Value>> {
    // Most operators' first overload is a primitive of both operands: no binding needed.
    if let Kind::Prim(prim) = &row.overloads[0].kind
        && prim.arity == 2
        && !tracked(&left)
        && !tracked(&right)
    {
        return Ok(Some(Value::Tensor(elementwise(prim, smallvec![left, right], None)?)));
    }
    let (out, fields) = call::call(row, Form::Function, &[argument(&left), argument(&right)], &[])?;
    Ok(Some(output(out, row, fields)))
}

/// `this op other`, or `other op this` when reflected.
///
/// # Errors
/// What the op refuses.
pub fn binary(this: &Tensor, op: BinOp, value: &Value, reflected: bool) -> Res<Option<Value>> {
    let Some(other) = operand(value)? else { return Ok(None) };
    let Some(row) = OPERATORS.with(|rows| rows[op as usize]) else { return Ok(None) };
    if op == BinOp::MatMul && matches!(other, Operand::Number(_)) {
        return Ok(None);
    }
    // Few elements, nothing to be settled first: the operator's function, and no more.
    if let Kind::Prim(prim) = &row.overloads[0].kind
        && (!reflected || matches!(op, BinOp::Add | BinOp::Mul))
        && !(this.requires_grad() && grad::enabled())
        && !tracked(&other)
        && let Some(done) = direct(prim, this, std::slice::from_ref(&other))?
    {
        return Ok(Some(Value::Tensor(done)));
    }
    let this = Operand::Tensor(this.clone());
    match op {
        // torch takes the tensor first where the order is all one, and divides by way of the reciprocal.
        BinOp::Add | BinOp::Mul => apply(row, this, other),
        BinOp::Div if reflected && matches!(other, Operand::Number(_)) => {
            let Value::Tensor(inverse) = rows::call_named("reciprocal", &[argument(&this)], &[])? else {
                return Ok(None);
            };
            self::binary(&inverse, BinOp::Mul, value, false)
        }
        // A recorded difference from a number has a node of its own.
        BinOp::Sub if reflected && matches!(other, Operand::Number(_)) && tracked(&this) => {
            rows::call_named("rsub", &[argument(&this), argument(&other)], &[]).map(Some)
        }
        _ if reflected => apply(row, other, this),
        _ => apply(row, this, other),
    }
}

/// `this op= other`.
///
/// # Errors
/// What the in-place op refuses.
pub fn binary_in_place(_: &mut Interp, this: &Tensor, op: BinOp, other: &Value) -> Res<Option<Value>> {
    let Some(row) = OPERATORS.with(|rows| rows[op as usize]) else { return Ok(None) };
    let Some(other) = operand(other)? else { return Ok(None) };
    if op == BinOp::MatMul {
        return Ok(None);
    }
    let (out, fields) = call::call(row, Form::InPlace, &[In::Tensor(this.clone()), argument(&other)], &[])?;
    Ok(Some(output(out, row, fields)))
}

/// `this op other`, or `other op this` when reflected.
///
/// # Errors
/// What the op refuses.
pub fn compare(_: &mut Interp, this: &Tensor, op: CmpOp, other: &Value, reflected: bool) -> Res<Option<Value>> {
    let Some(other) = operand(other)? else { return Ok(None) };
    // Turned round, `<` is `>`: the tensor then stands first.
    let op = match op {
        CmpOp::Lt if reflected => CmpOp::Gt,
        CmpOp::Le if reflected => CmpOp::Ge,
        CmpOp::Gt if reflected => CmpOp::Lt,
        CmpOp::Ge if reflected => CmpOp::Le,
        other => other,
    };
    let Some(row) = COMPARISONS.with(|rows| rows[op as usize]) else { return Ok(None) };
    apply(row, Operand::Tensor(this.clone()), other)
}

/// `op this`.
///
/// # Errors
/// What the op refuses.
pub fn unary(this: &Tensor, op: UnOp) -> Res<Option<Value>> {
    if op == UnOp::Invert && !this.dtype().is_integral() {
        let message = "~ (operator.invert) is only implemented on integer and Boolean-type tensors";
        return Err(crate::base::error::type_error(message).into());
    }
    let name = match op {
        UnOp::Neg => "neg",
        UnOp::Pos => "positive",
        UnOp::Invert => "bitwise_not",
        UnOp::Not => return Ok(None),
    };
    rows::call_named(name, &[In::Tensor(this.clone())], &[]).map(Some)
}
