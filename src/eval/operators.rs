//! Binary and unary operators on values of any type.

use super::dict::DictKind;
use super::interp::Interp;
use super::kind::Type;
use super::number;
use super::number::scalar::{self, Scalar};
use super::raise::{Raise, Res};
use super::set::Set;
use super::union::union;
use super::value::{Tuple, TupleKind, Value};
use crate::base::error::type_error;
use crate::base::interrupt::polled;
use crate::base::{Error, ErrorKind};
use crate::lang::ast::{BinOp, UnOp};
use std::rc::Rc;

/// The most bytes that one value may ask for: a request beyond it is a mistake.
const LARGEST: usize = 1 << 32;

/// `len * times`, when that many things of type `T` are not too much for memory.
///
/// # Errors
/// `MemoryError`.
pub(super) fn room<T>(len: usize, times: usize) -> Res<usize> {
    match len.checked_mul(times) {
        Some(total) if total.saturating_mul(size_of::<T>()) < LARGEST => Ok(total),
        _ => Err(Raise::from(Error::new(ErrorKind::MemoryError, ""))),
    }
}

/// The answer for the operands that loops are made of: small ints and floats.
#[inline(always)]
pub(super) fn quick(op: BinOp, a: &Value, b: &Value) -> Option<Value> {
    scalar::binary(op, Scalar::of(a)?, Scalar::of(b)?)?.value()
}

impl Interp {
    /// `a op b`.
    ///
    /// # Errors
    /// Python's `TypeError` for operands that do not fit, and the operation's own errors.
    pub fn binary(&mut self, op: BinOp, a: &Value, b: &Value) -> Res {
        if let (Value::Str(_), Value::Str(_)) = (a, b)
            && let Some(value) = self.sequence_binary(op, a, b)?
        {
            return Ok(value);
        }
        if let Some(value) = self.foreign_binary(op, a, b)? {
            return Ok(value);
        }
        if let Some(value) = number::binary(op, a, b)? {
            return Ok(value);
        }
        if let Some(value) = self.sequence_binary(op, a, b)? {
            return Ok(value);
        }
        if op == BinOp::BitOr
            && let Some(value) = union(a, b)
        {
            return Ok(value);
        }
        Err(unsupported(op, a, b))
    }

    /// Where one operand is of a type that is not of this room.
    fn foreign_binary(&mut self, op: BinOp, a: &Value, b: &Value) -> Res<Option<Value>> {
        if let object @ (Value::Object(_) | Value::Tensor(_)) = a
            && let Some(value) = object.foreign().binary(self, op, b, false)?
        {
            return Ok(Some(value));
        }
        if let object @ (Value::Object(_) | Value::Tensor(_)) = b {
            return object.foreign().binary(self, op, a, true);
        }
        Ok(None)
    }

    fn sequence_binary(&mut self, op: BinOp, a: &Value, b: &Value) -> Res<Option<Value>> {
        Ok(Some(match (op, a, b) {
            (BinOp::Add, Value::Str(a), Value::Str(b)) => {
                let mut text = String::with_capacity(room::<u8>(a.text.len() + b.text.len(), 1)?);
                text.push_str(&a.text);
                text.push_str(&b.text);
                Value::Str(Rc::new(super::value::Str::new(text.into(), a.chars + b.chars)))
            }
            (BinOp::Add, Value::List(a), Value::List(b)) => {
                let (a, b) = (a.items.borrow(), b.items.borrow());
                Value::list(a.iter().chain(b.iter()).cloned().collect())
            }
            (BinOp::Add, Value::Tuple(a), Value::Tuple(b)) => {
                let items = a.items.iter().chain(b.items.iter()).cloned().collect();
                let kind = match (&a.kind, &b.kind) {
                    (TupleKind::Size, _) | (_, TupleKind::Size) => TupleKind::Size,
                    _ => TupleKind::Plain,
                };
                Value::Tuple(Rc::new(Tuple { items, kind }))
            }
            (BinOp::Mul, sequence @ (Value::Str(_) | Value::List(_) | Value::Tuple(_)), count)
            | (BinOp::Mul, count, sequence @ (Value::Str(_) | Value::List(_) | Value::Tuple(_))) => {
                let whole = match count {
                    Value::Tensor(_) => count.foreign().number(self, Type::Object)?,
                    _ => None,
                };
                return repeat(sequence, whole.as_ref().unwrap_or(count)).map(Some);
            }
            (BinOp::Mod, Value::Str(template), _) => Value::from(self.percent(&template.text, b)?),
            (BinOp::BitOr, Value::Dict(a), Value::Dict(b)) => {
                let mut map = a.map.borrow().clone();
                map.extend(b.map.borrow().iter().map(|(k, v)| (k.clone(), v.clone())));
                Value::dict_of(map, a.kind.clone())
            }
            (BinOp::Add | BinOp::Sub, Value::Dict(x), Value::Dict(y))
                if matches!((&x.kind, &y.kind), (DictKind::Counter, DictKind::Counter)) =>
            {
                return self.counter_binary(op, x, y).map(Some);
            }
            (BinOp::BitOr | BinOp::BitAnd | BinOp::BitXor | BinOp::Sub, _, _) => return self.set_binary(op, a, b),
            _ => return Ok(None),
        }))
    }

    /// `| & ^ -` of sets and of views of dicts.
    fn set_binary(&mut self, op: BinOp, a: &Value, b: &Value) -> Res<Option<Value>> {
        let is_view = |v: &Value| matches!(v, Value::View(v) if v.part != super::dict::Part::Values);
        let frozen = match (a, b) {
            (Value::Set(a), Value::Set(_)) => a.frozen,
            (a, Value::Set(_)) if is_view(a) => false,
            (Value::Set(_), b) if is_view(b) => false,
            (a, _) if is_view(a) => false,
            _ => return Ok(None),
        };
        let (left, right) = (self.table_of(a)?, self.table_of(b)?);
        Ok(Some(Value::Set(Rc::new(Set::new(super::methods::set::combine(op, &left, &right), frozen)))))
    }

    /// `target op= value`: like [`Interp::binary`], but a list, dict or set changes in place.
    ///
    /// # Errors
    /// As the operator's.
    pub fn binary_in_place(&mut self, op: BinOp, a: &Value, b: &Value) -> Res {
        match (op, a, b) {
            (BinOp::Add, Value::List(list), _) => {
                let items = self.collect(b)?;
                list.items.borrow_mut().extend(items);
                Ok(a.clone())
            }
            (BinOp::Mul, Value::List(list), _) => {
                let repeated = repeat(a, b)?;
                if let Value::List(new) = &repeated {
                    let old = list.items.replace(new.items.take());
                    drop(old);
                }
                Ok(a.clone())
            }
            (BinOp::BitOr, Value::Dict(dict), Value::Dict(other)) => {
                let entries: Vec<_> = other.map.borrow().iter().map(|(k, v)| (k.clone(), v.clone())).collect();
                dict.map.borrow_mut().extend(entries);
                Ok(a.clone())
            }
            (BinOp::BitOr | BinOp::BitAnd | BinOp::BitXor | BinOp::Sub, Value::Set(set), Value::Set(other))
                if !set.frozen =>
            {
                let new = super::methods::set::combine(op, &set.table.borrow(), &other.table.borrow());
                *set.table.borrow_mut() = new;
                Ok(a.clone())
            }
            (_, object @ (Value::Object(_) | Value::Tensor(_)), _) => {
                if let Some(value) = object.foreign().binary_in_place(self, a, op, b)? {
                    return Ok(value);
                }
                self.binary(op, a, b).map_err(|e| in_place_words(e, op))
            }
            _ => self.binary(op, a, b).map_err(|e| in_place_words(e, op)),
        }
    }

    /// `op a`, for every operator but `not`.
    ///
    /// # Errors
    /// `TypeError: bad operand type for unary -: 'str'`.
    pub fn unary(&mut self, op: UnOp, a: &Value) -> Res {
        if op == UnOp::Not {
            return Ok(Value::Bool(!self.truth(a)?));
        }
        if let Some(value) = number::unary(op, a) {
            return Ok(value);
        }
        if let object @ (Value::Object(_) | Value::Tensor(_)) = a
            && let Some(value) = object.foreign().unary(self, op)?
        {
            return Ok(value);
        }
        let message = format!("bad operand type for unary {}: '{}'", op.text(), a.type_name());
        Err(type_error(message).at(&[0]).into())
    }
}

/// Python says `+=` where `+` is missing in an augmented assignment.
#[cold]
fn in_place_words(raise: Raise, op: BinOp) -> Raise {
    let Some(message) = raise.value().message.clone() else { return raise };
    let plain = format!("unsupported operand type(s) for {}: ", spelled(op));
    match message.strip_prefix(&plain) {
        Some(types) => {
            type_error(format!("unsupported operand type(s) for {}=: {types}", op.text())).at(&[0, 1]).into()
        }
        None => raise,
    }
}

fn spelled(op: BinOp) -> &'static str {
    if op == BinOp::Pow { "** or pow()" } else { op.text() }
}

/// The `TypeError` of an operator whose operands do not fit, in the words of the left one's type.
#[cold]
fn unsupported(op: BinOp, a: &Value, b: &Value) -> Raise {
    let (left, right) = (a.type_name(), b.type_name());
    let message = match (op, a) {
        (BinOp::Add, Value::Str(_) | Value::List(_) | Value::Tuple(_)) if !matches!(b, Value::Object(_)) => {
            let name = a.kind().name();
            if a.kind() == Type::Size {
                return type_error(format!("can only concatenate tuple (not {right}) to torch.Size"))
                    .at(&[0, 1])
                    .into();
            }
            format!("can only concatenate {name} (not \"{right}\") to {name}")
        }
        _ => format!("unsupported operand type(s) for {}: '{left}' and '{right}'", spelled(op)),
    };
    let error = type_error(message).at(&[0, 1]);
    match (op, a, b) {
        (BinOp::Add, Value::Str(_), Value::Int(_) | Value::Float(_)) => {
            error.help("turn the number into text with str()").into()
        }
        _ => error.into(),
    }
}

fn repeat(sequence: &Value, count: &Value) -> Res {
    let times = match count {
        Value::Int(n) => usize::try_from((*n).max(0)).unwrap_or(usize::MAX),
        Value::Bool(b) => usize::from(*b),
        Value::BigInt(_) => {
            let message = "cannot fit 'int' into an index-sized integer";
            return Err(Error::new(ErrorKind::OverflowError, message).at(&[1]).into());
        }
        _ => {
            let message = format!("can't multiply sequence by non-int of type '{}'", count.type_name());
            return Err(type_error(message).at(&[0, 1]).into());
        }
    };
    let items = |items: &[Value]| -> Res<Vec<Value>> {
        let mut out = Vec::with_capacity(room::<Value>(items.len(), times)?);
        for _ in polled(0..if items.is_empty() { 0 } else { times }) {
            out.extend_from_slice(items);
        }
        Ok(out)
    };
    Ok(match sequence {
        Value::Str(s) => {
            room::<u8>(s.text.len(), times)?;
            Value::from(s.text.repeat(if s.chars == 0 { 0 } else { times }))
        }
        Value::List(l) => Value::list(items(&l.items.borrow())?),
        Value::Tuple(t) => {
            let kind = if matches!(t.kind, TupleKind::Size) { TupleKind::Size } else { TupleKind::Plain };
            Value::Tuple(Rc::new(Tuple { items: items(&t.items)?.into(), kind }))
        }
        _ => Value::None,
    })
}
