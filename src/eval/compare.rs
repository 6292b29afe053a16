//! Comparison, identity, membership and truth.

use super::hash::{Key, Sought, same_key};
use super::interp::Interp;
use super::number;
use super::number::scalar::{self, Scalar};
use super::raise::Res;
use super::value::{TupleKind, Value};
use crate::base::error::type_error;
use crate::base::interrupt;
use crate::lang::ast::CmpOp;
use std::cmp::Ordering;

/// The answer for the operands that loops are made of.
#[inline(always)]
pub(super) fn quick(op: CmpOp, a: &Value, b: &Value) -> Option<bool> {
    scalar::compare(op, Scalar::of(a)?, Scalar::of(b)?)
}

/// The answer of values that are only equal or not; `None` for an order between them.
pub fn by_equality(op: CmpOp, equal: bool) -> Option<Value> {
    match op {
        CmpOp::Eq => Some(Value::Bool(equal)),
        CmpOp::Ne => Some(Value::Bool(!equal)),
        _ => None,
    }
}

impl Interp {
    /// `a op b`: a bool, or what foreign operands make of it.
    ///
    /// # Errors
    /// `TypeError` where there is no order.
    pub fn compare(&mut self, op: CmpOp, a: &Value, b: &Value) -> Res {
        if let (Value::Str(_), Value::Str(_)) = (a, b)
            && let Some(answer) = by_equality(op, same_key(a, b))
        {
            return Ok(answer);
        }
        Ok(Value::Bool(match op {
            CmpOp::Is => a.is(b),
            CmpOp::IsNot => !a.is(b),
            CmpOp::In => self.contains(b, a)?,
            CmpOp::NotIn => !self.contains(b, a)?,
            _ => {
                if let object @ (Value::Object(_) | Value::Tensor(_)) = a
                    && let Some(value) = object.foreign().compare(self, op, b, false)?
                {
                    return Ok(value);
                }
                if let object @ (Value::Object(_) | Value::Tensor(_)) = b
                    && let Some(value) = object.foreign().compare(self, op, a, true)?
                {
                    return Ok(value);
                }
                match op {
                    CmpOp::Eq => self.equal(a, b)?,
                    CmpOp::Ne => !self.equal(a, b)?,
                    _ => self.ordered(op, a, b)?,
                }
            }
        }))
    }

    /// `bool(a == b)`.
    ///
    /// # Errors
    /// What a foreign operand raises.
    pub fn equal(&mut self, a: &Value, b: &Value) -> Res<bool> {
        match (a, b) {
            (Value::Object(_) | Value::Tensor(_), _) | (_, Value::Object(_) | Value::Tensor(_)) => {
                if a.is(b) && !matches!(a, Value::Object(_) | Value::Tensor(_)) {
                    return Ok(true);
                }
                let value = match (a, b) {
                    (o @ (Value::Object(_) | Value::Tensor(_)), _) => o.foreign().compare(self, CmpOp::Eq, b, false)?,
                    _ => None,
                };
                let value = match (value, b) {
                    (None, o @ (Value::Object(_) | Value::Tensor(_))) => {
                        o.foreign().compare(self, CmpOp::Eq, a, true)?
                    }
                    (value, _) => value,
                };
                match value {
                    Some(value) => self.truth(&value),
                    None => Ok(a.is(b)),
                }
            }
            (Value::List(x), Value::List(y)) => {
                let (x, y) = (x.items.borrow().clone(), y.items.borrow().clone());
                self.equal_items(&x, &y)
            }
            (Value::Tuple(x), Value::Tuple(y)) => self.equal_items(&x.items, &y.items),
            (Value::Dict(x), Value::Dict(y)) => {
                if x.len() != y.len() {
                    return Ok(false);
                }
                let pairs: Vec<(Key, Value)> = x.map.borrow().iter().map(|(k, v)| (k.clone(), v.clone())).collect();
                for (key, value) in pairs {
                    let Some(other) = y.map.borrow().get(&key).cloned() else { return Ok(false) };
                    if !value.is(&other) && !self.nested(" in comparison", |it| it.equal(&value, &other))? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            (Value::Slice(x), Value::Slice(y)) => {
                Ok(self.equal(&x.start, &y.start)? && self.equal(&x.stop, &y.stop)? && self.equal(&x.step, &y.step)?)
            }
            (Value::View(_), Value::View(_) | Value::Set(_)) | (Value::Set(_), Value::View(_)) => {
                let (x, y) = (self.table_of(a)?, self.table_of(b)?);
                Ok(x.len() == y.len() && x.keys().all(|k| y.contains(k)))
            }
            // A nan is not even itself, though a container finds it by identity.
            (Value::Float(x), Value::Float(y)) => Ok(x == y),
            (Value::Complex(x), Value::Complex(y)) => Ok(x == y),
            _ => Ok(same_key(a, b)),
        }
    }

    fn equal_items(&mut self, x: &[Value], y: &[Value]) -> Res<bool> {
        if x.len() != y.len() {
            return Ok(false);
        }
        for (a, b) in x.iter().zip(y) {
            if !a.is(b) && !self.nested(" in comparison", |it| it.equal(a, b))? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// `a < b` and its kin.
    ///
    /// # Errors
    /// `TypeError: '<' not supported between instances of 'int' and 'str'`.
    pub fn ordered(&mut self, op: CmpOp, a: &Value, b: &Value) -> Res<bool> {
        if let Some(answer) = number::compare(op, a, b) {
            return Ok(answer);
        }
        match (a, b) {
            (Value::Str(x), Value::Str(y)) => return Ok(number::holds(op, Some(x.text.cmp(&y.text)))),
            (Value::List(x), Value::List(y)) => {
                let (x, y) = (x.items.borrow().clone(), y.items.borrow().clone());
                return self.ordered_items(op, &x, &y);
            }
            (Value::Tuple(x), Value::Tuple(y)) => return self.ordered_items(op, &x.items, &y.items),
            (Value::Set(_) | Value::View(_), Value::Set(_) | Value::View(_)) => {
                let (x, y) = (self.table_of(a)?, self.table_of(b)?);
                let (small, large) = if matches!(op, CmpOp::Lt | CmpOp::Le) { (x, y) } else { (y, x) };
                let strict = matches!(op, CmpOp::Lt | CmpOp::Gt);
                return Ok(small.keys().all(|k| large.contains(k)) && (!strict || small.len() < large.len()));
            }
            (Value::Object(_) | Value::Tensor(_), _) | (_, Value::Object(_) | Value::Tensor(_)) => {
                let value = match (a, b) {
                    (o @ (Value::Object(_) | Value::Tensor(_)), _) => o.foreign().compare(self, op, b, false)?,
                    (_, o @ (Value::Object(_) | Value::Tensor(_))) => o.foreign().compare(self, op, a, true)?,
                    _ => None,
                };
                if let Some(value) = value {
                    return self.truth(&value);
                }
            }
            _ => {}
        }
        let (left, right) = (a.type_name(), b.type_name());
        let message = format!("'{}' not supported between instances of '{left}' and '{right}'", op.text());
        Err(type_error(message).at(&[0, 1]).into())
    }

    fn ordered_items(&mut self, op: CmpOp, x: &[Value], y: &[Value]) -> Res<bool> {
        for (a, b) in x.iter().zip(y) {
            if !a.is(b) && !self.nested(" in comparison", |it| it.equal(a, b))? {
                return self.nested(" in comparison", |it| it.ordered(op, a, b));
            }
        }
        Ok(number::holds(op, Some(x.len().cmp(&y.len()))))
    }

    /// The order of two values for sorting: less or not, by `<` alone.
    ///
    /// # Errors
    /// As `<`.
    pub fn less(&mut self, a: &Value, b: &Value) -> Res<bool> {
        match quick(CmpOp::Lt, a, b) {
            Some(answer) => Ok(answer),
            None => self.ordered(CmpOp::Lt, a, b),
        }
    }

    /// `item in container`.
    ///
    /// # Errors
    /// `TypeError: argument of type 'int' is not iterable`.
    pub fn contains(&mut self, container: &Value, item: &Value) -> Res<bool> {
        match container {
            Value::Str(text) => match item {
                Value::Str(part) => Ok(match part.text.as_bytes() {
                    // No byte of a longer character is one of ASCII.
                    [byte] => text.text.as_bytes().contains(byte),
                    _ => text.text.contains(&*part.text),
                }),
                _ => {
                    let message = format!("'in <string>' requires string as left operand, not {}", item.type_name());
                    Err(type_error(message).at(&[0]).into())
                }
            },
            Value::Dict(dict) => dict.contains(item),
            Value::Set(set) => match item {
                Value::Set(_) => {
                    let key = super::methods::set::lookup_key(item)?;
                    Ok(set.table.borrow().contains(&key))
                }
                item => {
                    let key = Sought::new(item)?;
                    Ok(set.table.borrow().holds(&key))
                }
            },
            Value::View(view) if view.part == super::dict::Part::Keys => view.dict.contains(item),
            Value::Range(range) => match item {
                Value::Int(i) => {
                    let offset = i128::from(*i) - i128::from(range.start);
                    let step = i128::from(range.step);
                    Ok(offset % step == 0 && offset / step >= 0 && offset / step < range.len() as i128)
                }
                _ => self.search(container, item),
            },
            object @ (Value::Object(_) | Value::Tensor(_)) => match object.foreign().contains(self, item)? {
                Some(answer) => Ok(answer),
                None => self.search(container, item),
            },
            _ => self.search(container, item),
        }
    }

    fn search(&mut self, container: &Value, item: &Value) -> Res<bool> {
        let Some(mut walk) = self.try_walk(container)? else {
            let message = format!("argument of type '{}' is not iterable", container.type_name());
            return Err(type_error(message).at(&[1]).into());
        };
        while let Some(value) = self.step(&mut walk)? {
            if value.is(item) || self.equal(&value, item)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// `bool(value)`.
    ///
    /// # Errors
    /// What a foreign value raises.
    #[inline]
    pub fn truth(&mut self, value: &Value) -> Res<bool> {
        Ok(match value {
            Value::Bool(b) => *b,
            Value::None => false,
            Value::Int(i) => *i != 0,
            Value::Float(f) => *f != 0.0,
            Value::Complex(c) => c.re != 0.0 || c.im != 0.0,
            Value::Str(s) => s.chars > 0,
            Value::List(l) => !l.items.borrow().is_empty(),
            Value::Tuple(t) => !t.items.is_empty(),
            Value::Dict(d) => !d.is_empty(),
            Value::Set(s) => !s.is_empty(),
            Value::Range(r) => !r.is_empty(),
            Value::View(v) => !v.dict.is_empty(),
            o @ (Value::Object(_) | Value::Tensor(_)) => o.foreign().truth(self)?,
            _ => true,
        })
    }

    /// `len(value)`; `None` when it has none.
    ///
    /// # Errors
    /// What a foreign value raises.
    pub fn len(&mut self, value: &Value) -> Res<Option<usize>> {
        Ok(Some(match value {
            Value::Str(s) => s.chars,
            Value::List(l) => l.items.borrow().len(),
            Value::Tuple(t) => t.items.len(),
            Value::Dict(d) => d.len(),
            Value::Set(s) => s.len(),
            Value::Range(r) => r.len(),
            Value::View(v) => v.dict.len(),
            o @ (Value::Object(_) | Value::Tensor(_)) => return o.foreign().len(self),
            _ => return Ok(None),
        }))
    }
}

/// Whether two keys have an order that cannot fail: numbers of one type, texts, and tuples of such. What is comparable with
/// the same key is comparable with each other.
fn comparable(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Int(_), Value::Int(_)) | (Value::Str(_), Value::Str(_)) => true,
        (Value::Float(a), Value::Float(b)) => !a.is_nan() && !b.is_nan(),
        (Value::Tuple(a), Value::Tuple(b)) => {
            a.items.len() == b.items.len() && a.items.iter().zip(&b.items).all(|(a, b)| comparable(a, b))
        }
        _ => false,
    }
}

/// The order of [`comparable`] keys.
fn total_order(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => a.cmp(b),
        (Value::Float(a), Value::Float(b)) => a.partial_cmp(b).unwrap_or(Ordering::Equal),
        (Value::Str(a), Value::Str(b)) => a.text.cmp(&b.text),
        (Value::Tuple(a), Value::Tuple(b)) => {
            // Counted: a sort comes here often, and an iterator's making is a call where it is not inlined.
            let (a, b) = (&*a.items, &*b.items);
            let mut order = Ordering::Equal;
            let mut at = 0;
            while order.is_eq() && at < a.len() && at < b.len() {
                order = total_order(&a[at], &b[at]);
                at += 1;
            }
            order
        }
        _ => Ordering::Equal,
    }
}

/// Stable sort of values by their keys. Where the order can fail it is a merge sort that stops at the first error.
pub(super) fn stable_sort(
    it: &mut Interp,
    items: Vec<(Value, Value)>,
    less: fn(&mut Interp, &Value, &Value) -> Res<bool>,
) -> Res<Vec<(Value, Value)>> {
    let mut items = items;
    if let Some((first, _)) = items.first()
        && items.iter().all(|(key, _)| comparable(first, key))
    {
        interrupt::stoppable(|| {
            items.sort_by(|(a, _), (b, _)| {
                interrupt::poll();
                total_order(a, b)
            });
            Ok(())
        })?;
        return Ok(items);
    }
    let mut width = 1;
    while width < items.len() {
        let mut out = Vec::with_capacity(items.len());
        let mut rest = items.into_iter();
        loop {
            it.check_interrupt()?;
            let left: Vec<_> = rest.by_ref().take(width).collect();
            if left.is_empty() {
                break;
            }
            let right: Vec<_> = rest.by_ref().take(width).collect();
            let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
            while let (Some((a, _)), Some((b, _))) = (left.peek(), right.peek()) {
                let next = if less(it, b, a)? { right.next() } else { left.next() };
                out.extend(next);
            }
            out.extend(left);
            out.extend(right);
        }
        items = out;
        width *= 2;
    }
    Ok(items)
}

impl TupleKind {
    /// Whether it is a tuple itself.
    pub fn is_plain(&self) -> bool {
        matches!(self, TupleKind::Plain)
    }
}
