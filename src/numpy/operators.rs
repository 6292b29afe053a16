//! Python's operators on arrays and NumPy's scalars.

use super::{matmul, ufunc};
use crate::base::error::{Error, ErrorKind, type_error};
use crate::base::{DType, Scalar};
use crate::eval::interp::Interp;
use crate::eval::raise::Res;
use crate::eval::torch::convert::number;
use crate::eval::value::Value;
use crate::lang::ast::{BinOp, CmpOp, UnOp};
use crate::store::View;

fn ufunc_of(op: BinOp) -> &'static str {
    match op {
        BinOp::Add => "add",
        BinOp::Sub => "subtract",
        BinOp::Mul => "multiply",
        BinOp::Div => "divide",
        BinOp::FloorDiv => "floor_divide",
        BinOp::Mod => "remainder",
        BinOp::Pow => "power",
        BinOp::MatMul => "matmul",
        BinOp::Shl => "left_shift",
        BinOp::Shr => "right_shift",
        BinOp::BitAnd => "bitwise_and",
        BinOp::BitOr => "bitwise_or",
        BinOp::BitXor => "bitwise_xor",
    }
}

fn ufunc_of_comparison(op: CmpOp) -> Option<&'static str> {
    Some(match op {
        CmpOp::Eq => "equal",
        CmpOp::Ne => "not_equal",
        CmpOp::Lt => "less",
        CmpOp::Le => "less_equal",
        CmpOp::Gt => "greater",
        CmpOp::Ge => "greater_equal",
        _ => return None,
    })
}

/// Whether a value can stand beside an array.
fn is_operand(value: &Value) -> bool {
    matches!(
        value,
        Value::Bool(_)
            | Value::Int(_)
            | Value::BigInt(_)
            | Value::Float(_)
            | Value::Complex(_)
            | Value::List(_)
            | Value::Tuple(_)
            | Value::Range(_)
            | Value::Tensor(_)
    ) || super::view_of(value).is_some()
}

/// Python's name of the type that an element is.
fn element_name(d: DType) -> &'static str {
    match d {
        DType::Bool => "bool",
        d if d.is_int() => "int",
        d if d.is_float() => "float",
        _ => "complex",
    }
}

fn no_loop(name: &str, this: DType, text: &str, reflected: bool) -> Error {
    let (mine, theirs) = (format!("dtype('{}')", this.name()), format!("dtype('<U{}')", text.chars().count().max(1)));
    let types = if reflected { format!("({theirs}, {mine})") } else { format!("({mine}, {theirs})") };
    let message = format!("ufunc '{name}' did not contain a loop with signature matching types {types} -> None");
    Error::new(ErrorKind::UFuncNoLoopError, message).at(&[0, 1])
}

/// `this op other`, or `other op this` when reflected.
///
/// # Errors
/// NumPy's, for shapes and dtypes that do not fit.
pub fn binary(it: &mut Interp, this: &Value, op: BinOp, other: &Value, reflected: bool) -> Res<Option<Value>> {
    let Some(view) = super::view_of(this) else { return Ok(None) };
    let name = ufunc_of(op);
    match other {
        Value::Tensor(_) if super::array_view(this).is_none() => {
            // Beside a tensor a NumPy scalar counts as Python's number.
            let plain = number(view.get(0));
            return if reflected { it.binary(op, other, &plain) } else { it.binary(op, &plain, other) }.map(Some);
        }
        // The tensor's own operator answers, and refuses arrays.
        Value::Tensor(_) if !reflected && op == BinOp::Add => {
            return Err(type_error(
                "Concatenation operation is not implemented for NumPy arrays, use np.concatenate() instead. Please do \
                 not rely on this error; it may not be given on all Python implementations.",
            )
            .help("make both the same: torch.from_numpy(array), or tensor.numpy()")
            .at(&[0, 1])
            .into());
        }
        Value::Tensor(_) if !reflected => return Ok(None),
        Value::None => {
            let (mine, theirs) = (element_name(view.dtype()), "NoneType");
            let (a, b) = if reflected { (theirs, mine) } else { (mine, theirs) };
            let sign = if op == BinOp::Pow { "** or pow()" } else { op.text() };
            return Err(type_error(format!("unsupported operand type(s) for {sign}: '{a}' and '{b}'"))
                .at(&[0, 1])
                .into());
        }
        Value::Str(_) if reflected && op == BinOp::Mod => return Ok(None),
        Value::Str(s) => return Err(no_loop(name, view.dtype(), &s.text, reflected).into()),
        other if !is_operand(other) => return Ok(None),
        _ => {}
    }
    let (a, b) = if reflected { (other, this) } else { (this, other) };
    let result = match op {
        BinOp::MatMul => matmul::operator(it, a, b),
        _ => ufunc::call(it, name, &[a.clone(), b.clone()], None),
    };
    result.map(Some)
}

/// `this op= other`.
///
/// # Errors
/// NumPy's, also where the result's dtype does not fit the array's.
pub fn binary_in_place(it: &mut Interp, this: &Value, op: BinOp, other: &Value) -> Res<Option<Value>> {
    if !is_operand(other) || matches!(other, Value::Tensor(_)) {
        return Ok(None);
    }
    if op == BinOp::MatMul {
        let result = matmul::operator(it, this, other)?;
        let Some(view) = super::view_of(&result) else { return Ok(None) };
        return ufunc::store(it, view, this, Some("matmul")).map(Some);
    }
    ufunc::call(it, ufunc_of(op), &[this.clone(), other.clone()], Some(this)).map(Some)
}

/// `this op other`, or `other op this` when reflected.
///
/// # Errors
/// NumPy's, for shapes that do not fit and for orders that are none.
pub fn compare(it: &mut Interp, this: &Value, op: CmpOp, other: &Value, reflected: bool) -> Res<Option<Value>> {
    let (Some(view), Some(name)) = (super::view_of(this), ufunc_of_comparison(op)) else { return Ok(None) };
    let equality = matches!(op, CmpOp::Eq | CmpOp::Ne);
    match other {
        Value::Tensor(_) if super::array_view(this).is_none() => {
            let plain = number(view.get(0));
            return if reflected { it.compare(op, other, &plain) } else { it.compare(op, &plain, other) }.map(Some);
        }
        Value::Tensor(_) if !equality => return Ok(None),
        Value::Str(s) if !equality => return Err(no_loop(name, view.dtype(), &s.text, reflected).into()),
        other if !is_operand(other) => {
            if super::array_view(this).is_none() || !equality {
                return Ok(None);
            }
            // What is no number equals no element.
            let all = View::full(DType::Bool, view.sizes(), Scalar::Bool(op == CmpOp::Ne))?;
            return Ok(Some(super::give(all)));
        }
        _ => {}
    }
    let (a, b) = if reflected { (other, this) } else { (this, other) };
    ufunc::call(it, name, &[a.clone(), b.clone()], None).map(Some)
}

/// `op this`.
///
/// # Errors
/// NumPy's, for dtypes that do not fit.
pub fn unary(it: &mut Interp, this: &Value, op: UnOp) -> Res<Option<Value>> {
    let name = match op {
        UnOp::Neg => "negative",
        UnOp::Pos => "positive",
        UnOp::Invert => "invert",
        UnOp::Not => return Ok(None),
    };
    ufunc::call(it, name, std::slice::from_ref(this), None).map(Some)
}
