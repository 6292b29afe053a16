//! `value[index]`: read, write and delete.

use super::code::{Code, Node, Subscript};
use super::dict::DictKind;
use super::expr::at_hand;
use super::interp::{Frame, Interp};
use super::kind::Type;
use super::number::scalar::Scalar;
use super::raise::{Raise, Res};
use super::text::str_index;
use super::value::{Range, Slice, Tuple, TupleKind, Value};
use crate::base::error::{index_error, type_error, value_error};
use crate::base::{Error, ErrorKind};
use num_bigint::Sign;
use std::rc::Rc;

/// Which elements a slice takes: the first index, the step and how many.
pub struct Taken {
    /// The first index; may be anything when nothing is taken.
    pub start: i64,
    /// From one to the next.
    pub step: i64,
    /// How many.
    pub count: usize,
}

impl Taken {
    /// The indices, in order.
    pub(super) fn indices(&self) -> impl DoubleEndedIterator<Item = usize> + use<> {
        let (start, step) = (self.start, self.step);
        (0..self.count as i64).map(move |i| (start + i * step) as usize)
    }
}

impl Slice {
    /// What it takes of a sequence of `len` elements.
    ///
    /// # Errors
    /// `TypeError` for parts that are no ints, `ValueError` for a step of 0.
    pub fn taken(&self, len: usize) -> Res<Taken> {
        let (start, step, count) =
            str_index::slice_range(slice_part(&self.start)?, slice_part(&self.stop)?, slice_part(&self.step)?, len)?;
        Ok(Taken { start, step, count })
    }
}

/// One part of a slice; what does not fit 64 bits is as good as the end.
fn slice_part(value: &Value) -> Res<Option<i64>> {
    Ok(match value {
        Value::None => None,
        Value::Int(i) => Some(*i),
        Value::Bool(b) => Some(i64::from(*b)),
        Value::BigInt(b) => Some(if b.sign() == Sign::Minus { i64::MIN } else { i64::MAX }),
        _ => {
            let message = "slice indices must be integers or None or have an __index__ method";
            return Err(type_error(message).into());
        }
    })
}

/// An index into `len` elements, counted from the end when negative.
#[inline]
pub(super) fn position(index: i64, len: usize) -> Option<usize> {
    let at = if index < 0 { index.checked_add(len as i64)? } else { index };
    usize::try_from(at).ok().filter(|at| *at < len)
}

impl Interp {
    /// `value[index]` as an expression.
    #[inline(never)]
    pub(super) fn subscript_node(&mut self, f: &mut Frame, item: &Subscript, node: &Node) -> Res {
        if let Some((slot, index)) = self.index_of_list(f, item) {
            return match found_in(f, slot, index, Value::clone) {
                Some(found) => Ok(found),
                None => self.item_of_list(f, item, node, slot, index),
            };
        }
        if let Some(found) = found_at_hand(f, item, Value::clone) {
            return Ok(found);
        }
        // Variables and literals can be looked at where they are.
        if let Some(index) = at_hand(f, &item.index)
            && let Some(value) = self.look(f, &item.value)
            && let Some(found) = item_of(value, index)
        {
            return Ok(found);
        }
        let value = self.operand(f, &item.value)?;
        let index = self.operand(f, &item.index)?;
        if let Some(found) = item_of(&value, &index) {
            value.discard();
            return Ok(found);
        }
        self.item_rare(f, item, node, &value, &index)
    }

    /// As [`Interp::subscript_node`]: a number in a list does not become a value.
    #[inline(never)]
    pub(super) fn subscript_scalar(&mut self, f: &mut Frame, item: &Subscript, node: &Node) -> Scalar {
        if let Some(Some(scalar)) = found_at_hand(f, item, Scalar::of) {
            return scalar;
        }
        let result = match self.index_of_list(f, item) {
            Some((slot, index)) => {
                match found_in(f, slot, index, |found| Scalar::of(found).ok_or_else(|| found.clone())) {
                    Some(Ok(scalar)) => return scalar,
                    Some(Err(found)) => Ok(found),
                    None => self.item_of_list(f, item, node, slot, index),
                }
            }
            None => self.subscript_node(f, item, node),
        };
        self.scalar_of(result)
    }

    /// The index into a list that is a variable's value, which stays where it is: the variable and the index.
    #[inline(always)]
    fn index_of_list(&mut self, f: &mut Frame, item: &Subscript) -> Option<(usize, Scalar)> {
        let (Code::Local(slot), true) = (&item.value.code, item.calm) else { return None };
        let slot = *slot as usize;
        let Value::List(_) = f.locals[slot] else { return None };
        Some((slot, self.scalar(f, &item.index)))
    }

    /// The element of a variable's list by an index that is no int, or not one of the list's.
    #[inline(never)]
    fn item_of_list(&mut self, f: &Frame, item: &Subscript, node: &Node, slot: usize, index: Scalar) -> Res {
        let index = self.value_of(index)?;
        let value = f.locals[slot].clone();
        self.item_rare(f, item, node, &value, &index)
    }

    #[inline(never)]
    fn item_rare(&mut self, f: &Frame, item: &Subscript, node: &Node, value: &Value, index: &Value) -> Res {
        self.here(f, node.span);
        self.get_item(value, index)
            .map_err(|e| self.locate(e, f, node.span, &[(&item.value, value), (&item.index, index)], false))
    }

    /// A variable's value or a literal, where it is.
    #[inline(always)]
    fn look<'a>(&'a self, f: &'a Frame, node: &'a Node) -> Option<&'a Value> {
        match &node.code {
            Code::Global(slot) => Some(self.globals.load(*slot)),
            _ => at_hand(f, node),
        }
    }

    /// The int that an index is; `None` when it is none (slices, texts, ...).
    fn index_of(&mut self, index: &Value) -> Res<Option<i64>> {
        match index {
            Value::Int(i) => Ok(Some(*i)),
            Value::Bool(b) => Ok(Some(i64::from(*b))),
            Value::BigInt(_) => {
                let message = "cannot fit 'int' into an index-sized integer";
                Err(Error::new(ErrorKind::IndexError, message).at(&[1]).into())
            }
            object @ (Value::Object(_) | Value::Tensor(_)) => match object.foreign().number(self, Type::Object)? {
                Some(Value::Int(i)) => Ok(Some(i)),
                _ => Ok(None),
            },
            _ => Ok(None),
        }
    }

    /// `value[index]`.
    ///
    /// # Errors
    /// `IndexError`, `KeyError`, `TypeError`.
    pub fn get_item(&mut self, value: &Value, index: &Value) -> Res {
        match value {
            Value::List(list) => {
                if let Value::Slice(slice) = index {
                    let items = list.items.borrow();
                    let taken = slice.taken(items.len())?;
                    return Ok(Value::list(taken.indices().map(|i| items[i].clone()).collect()));
                }
                let Some(i) = self.index_of(index)? else { return Err(wrong_index("list", index)) };
                let items = list.items.borrow();
                match position(i, items.len()) {
                    Some(at) => Ok(items[at].clone()),
                    None => Err(out_of_range("list index out of range", i, items.len())),
                }
            }
            Value::Dict(dict) => match dict.get(index)? {
                Some(found) => Ok(found),
                None => self.missing_key(value, index),
            },
            Value::Tuple(tuple) => {
                if let Value::Slice(slice) = index {
                    let items = slice.taken(tuple.items.len())?.indices().map(|i| tuple.items[i].clone()).collect();
                    let kind = match &tuple.kind {
                        TupleKind::Size => TupleKind::Size,
                        _ => TupleKind::Plain,
                    };
                    return Ok(Value::Tuple(Rc::new(Tuple { items, kind })));
                }
                let Some(i) = self.index_of(index)? else { return Err(wrong_index("tuple", index)) };
                match position(i, tuple.items.len()) {
                    Some(at) => Ok(tuple.items[at].clone()),
                    None => Err(out_of_range("tuple index out of range", i, tuple.items.len())),
                }
            }
            Value::Str(text) => {
                if let Value::Slice(slice) = index {
                    let (start, stop, step) =
                        (slice_part(&slice.start)?, slice_part(&slice.stop)?, slice_part(&slice.step)?);
                    return Ok(Value::from(str_index::slice(&text.text, start, stop, step)?));
                }
                let Some(i) = self.index_of(index)? else {
                    let message = format!("string indices must be integers, not '{}'", index.type_name());
                    return Err(type_error(message).at(&[1]).into());
                };
                if text.is_ascii() {
                    return match position(i, text.chars) {
                        Some(at) => Ok(Value::char(char::from(text.text.as_bytes()[at]))),
                        None => Err(out_of_range("string index out of range", i, text.chars)),
                    };
                }
                Ok(Value::from(str_index::index(&text.text, i)?))
            }
            Value::Range(range) => {
                if let Value::Slice(slice) = index {
                    let taken = slice.taken(range.len())?;
                    let at = |i: i64| range.start.saturating_add(i.saturating_mul(range.step));
                    let step = range.step.saturating_mul(taken.step);
                    let (start, stop) = (at(taken.start), at(taken.start + taken.count as i64 * taken.step));
                    return Ok(Value::Range(Rc::new(Range { start, stop, step })));
                }
                let Some(i) = self.index_of(index)? else { return Err(wrong_index("range", index)) };
                match position(i, range.len()) {
                    Some(at) => Ok(Value::Int(range.at(at))),
                    None => Err(out_of_range("range object index out of range", i, range.len())),
                }
            }
            object @ (Value::Object(_) | Value::Tensor(_)) => match object.foreign().get_item(self, index)? {
                Some(found) => Ok(found),
                None => Err(not_subscriptable(value)),
            },
            Value::Type(
                kind @ (Type::List
                | Type::Dict
                | Type::Tuple
                | Type::Set
                | Type::FrozenSet
                | Type::Type
                | Type::Deque
                | Type::DefaultDict
                | Type::OrderedDict
                | Type::Counter),
            ) => Ok(super::generic::parametrize(&kind.qualified(), value, index)),
            Value::Type(kind) => {
                Err(type_error(format!("type '{}' is not subscriptable", kind.name())).at(&[0]).into())
            }
            _ => Err(not_subscriptable(value)),
        }
    }

    fn missing_key(&mut self, value: &Value, key: &Value) -> Res {
        let Value::Dict(dict) = value else { return Ok(Value::None) };
        match &dict.kind {
            DictKind::Counter => Ok(Value::Int(0)),
            DictKind::Default(factory) if !factory.is_none() => {
                let made = self.call(factory, super::args::Args::default())?;
                dict.set(key.clone(), made.clone())?;
                Ok(made)
            }
            _ => Err(Raise::new(ErrorKind::KeyError, vec![key.clone()])),
        }
    }

    /// `value[index] = item`.
    ///
    /// # Errors
    /// `IndexError`, `TypeError`, `ValueError`.
    pub fn set_item(&mut self, value: &Value, index: &Value, item: Value) -> Res<()> {
        match value {
            Value::List(list) => {
                if let Value::Slice(slice) = index {
                    return self.set_slice(value, slice, item);
                }
                let Some(i) = self.index_of(index)? else { return Err(wrong_index("list", index)) };
                let mut items = list.items.borrow_mut();
                let len = items.len();
                match position(i, len) {
                    Some(at) => {
                        let old = std::mem::replace(&mut items[at], item);
                        drop(items);
                        drop(old);
                        Ok(())
                    }
                    None => Err(out_of_range("list assignment index out of range", i, len)),
                }
            }
            Value::Dict(dict) => dict.set(index.clone(), item),
            object @ (Value::Object(_) | Value::Tensor(_)) => {
                if object.foreign().set_item(self, index, item)? {
                    return Ok(());
                }
                Err(no_item(value, "assignment"))
            }
            _ => Err(no_item(value, "assignment")),
        }
    }

    fn set_slice(&mut self, value: &Value, slice: &Slice, item: Value) -> Res<()> {
        let Value::List(list) = value else { return Ok(()) };
        if self.try_walk(&item)?.is_none() {
            let words = if slice.step.is_none() {
                "can only assign an iterable"
            } else {
                "must assign iterable to extended slice"
            };
            return Err(type_error(words).into());
        }
        let new = self.collect(&item)?;
        let mut items = list.items.borrow_mut();
        let taken = slice.taken(items.len())?;
        let old: Vec<Value> = if taken.step == 1 {
            let start = taken.start as usize;
            items.splice(start..start + taken.count, new).collect()
        } else {
            if new.len() != taken.count {
                let message = format!(
                    "attempt to assign sequence of size {} to extended slice of size {}",
                    new.len(),
                    taken.count
                );
                return Err(value_error(message).into());
            }
            taken.indices().zip(new).map(|(i, new)| std::mem::replace(&mut items[i], new)).collect()
        };
        drop(items);
        drop(old);
        Ok(())
    }

    /// `del value[index]`.
    ///
    /// # Errors
    /// `IndexError`, `KeyError`, `TypeError`.
    pub fn del_item(&mut self, value: &Value, index: &Value) -> Res<()> {
        match value {
            Value::List(list) => {
                if let Value::Slice(slice) = index {
                    let mut items = list.items.borrow_mut();
                    let taken = slice.taken(items.len())?;
                    let mut gone: Vec<usize> = taken.indices().collect();
                    gone.sort_unstable();
                    let old: Vec<Value> = if taken.step.abs() == 1 {
                        let start = gone.first().copied().unwrap_or(0);
                        items.drain(start..start + gone.len()).collect()
                    } else {
                        gone.iter().rev().map(|i| items.remove(*i)).collect()
                    };
                    drop(items);
                    drop(old);
                    return Ok(());
                }
                let Some(i) = self.index_of(index)? else { return Err(wrong_index("list", index)) };
                let mut items = list.items.borrow_mut();
                let len = items.len();
                match position(i, len) {
                    Some(at) => {
                        let old = items.remove(at);
                        drop(items);
                        drop(old);
                        Ok(())
                    }
                    None => Err(out_of_range("list assignment index out of range", i, len)),
                }
            }
            Value::Dict(dict) => {
                let key = super::hash::Key::new(index.clone())?;
                let old = dict.map.borrow_mut().shift_remove(&key);
                match old {
                    Some(_) => Ok(()),
                    None => Err(Raise::new(ErrorKind::KeyError, vec![index.clone()])),
                }
            }
            Value::Object(object) if object.del_item(self, index)? => Ok(()),
            _ => {
                let message = format!("'{}' object doesn't support item deletion", value.type_name());
                Err(type_error(message).at(&[0]).into())
            }
        }
    }
}

/// What `read` makes of the element of a variable's list, where the index is one of the list's.
#[inline(always)]
fn found_in<T>(f: &Frame, slot: usize, index: Scalar, read: impl FnOnce(&Value) -> T) -> Option<T> {
    let (Some(i), Value::List(list)) = (index.whole(), &f.locals[slot]) else { return None };
    let items = list.items.borrow();
    position(i, items.len()).map(|at| read(&items[at]))
}

/// What `read` makes of an element that variables and literals alone lead to, of a list or of a list in a list.
#[inline(always)]
fn found_at_hand<T>(f: &Frame, item: &Subscript, read: impl FnOnce(&Value) -> T) -> Option<T> {
    let Value::Int(index) = at_hand(f, &item.index)? else { return None };
    let Code::Subscript(row) = &item.value.code else { return None };
    let (Value::List(rows), Value::Int(at)) = (at_hand(f, &row.value)?, at_hand(f, &row.index)?) else { return None };
    let rows = rows.items.borrow();
    let Value::List(row) = &rows[position(*at, rows.len())?] else { return None };
    let row = row.items.borrow();
    Some(read(&row[position(*index, row.len())?]))
}

/// An element of a list or tuple by an int that fits, or the value of a key that is there.
#[inline(always)]
pub(super) fn item_of(value: &Value, index: &Value) -> Option<Value> {
    match (value, index) {
        (Value::List(list), Value::Int(i)) => {
            let items = list.items.borrow();
            Some(items[position(*i, items.len())?].clone())
        }
        (Value::Tuple(tuple), Value::Int(i)) => Some(tuple.items[position(*i, tuple.items.len())?].clone()),
        (Value::Dict(dict), Value::Str(_) | Value::Int(_)) => dict.get(index).ok().flatten(),
        _ => None,
    }
}

#[cold]
fn out_of_range(message: &str, index: i64, len: usize) -> Raise {
    let help = match len {
        0 => "it is empty".to_owned(),
        _ => format!("index {index} is outside of -{len}..{}", len - 1),
    };
    index_error(message).help(help).at(&[0]).into()
}

#[cold]
fn wrong_index(what: &str, index: &Value) -> Raise {
    type_error(format!("{what} indices must be integers or slices, not {}", index.type_name())).at(&[1]).into()
}

#[cold]
fn not_subscriptable(value: &Value) -> Raise {
    type_error(format!("'{}' object is not subscriptable", value.type_name())).at(&[0]).into()
}

#[cold]
fn no_item(value: &Value, what: &str) -> Raise {
    type_error(format!("'{}' object does not support item {what}", value.type_name())).at(&[0]).into()
}
