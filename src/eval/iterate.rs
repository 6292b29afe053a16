//! Iteration: the states of iterators, their steps, and unpacking.

use super::dict::{Dict, Part, element};
use super::generator::Generator;
use super::interp::Interp;
use super::kind::Type;
use super::operators::room;
use super::raise::{Raise, Res};
use super::set::Set;
use super::value::{List, Range, Str, Tuple, Value};
use crate::base::error::{runtime, type_error, value_error};
use std::cell::RefCell;
use std::rc::Rc;

/// How many values are copied between two looks for an interrupt.
const PART: usize = 1 << 16;

/// An iterator as a value.
pub struct Iter {
    state: RefCell<Walk>,
    kind: Type,
    name: &'static str,
    show: Option<Show>,
}

/// The `repr` of an iterator that has one of its own.
type Show = Box<dyn Fn(&mut Interp) -> Res<String>>;

impl Iter {
    /// The type that `isinstance` knows.
    pub fn kind(&self) -> Type {
        self.kind
    }

    /// The type's name.
    pub fn type_name(&self) -> &'static str {
        self.name
    }

    /// Its `repr`, where that tells more than the type and the address.
    pub fn shown(&self) -> Option<&Show> {
        self.show.as_ref()
    }
}

/// A step of an iterator that is a function: gives the next value.
pub type Step = Box<dyn FnMut(&mut Interp) -> Res<Option<Value>>>;

/// Where an iteration stands.
pub enum Walk {
    /// Over a list, which may grow meanwhile.
    List(Rc<List>, usize),
    /// Over a list from its end.
    ListBack(Rc<List>, usize),
    /// Over a tuple.
    Tuple(Rc<Tuple>, usize),
    /// Over a range: what is left of it.
    Range(Range),
    /// Over a str, by byte.
    Str(Rc<Str>, usize),
    /// Over a dict of a size.
    Dict(Rc<Dict>, Part, usize, usize),
    /// Over a set of a size, by slot.
    Set(Rc<Set>, usize, usize),
    /// Over what an iterator has left.
    Shared(Rc<Iter>),
    /// `enumerate`.
    Enumerate(Box<Walk>, i64),
    /// `zip`, strict or not.
    Zip(Vec<Walk>, bool),
    /// A generator expression.
    Generator(Box<Generator>),
    /// By a function.
    Step(Step),
    /// Exhausted.
    Done,
}

impl Walk {
    /// Whether its values are pairs that it makes itself.
    pub(super) fn gives_pairs(&self) -> bool {
        match self {
            Walk::Enumerate(..) | Walk::Dict(_, Part::Items, ..) => true,
            Walk::Zip(walks, strict) => walks.len() == 2 && !strict,
            _ => false,
        }
    }

    /// How many values it has, where that is known.
    pub(super) fn len(&self) -> Option<usize> {
        match self {
            Walk::List(list, at) => Some(list.items.borrow().len().saturating_sub(*at)),
            Walk::Range(range) => Some(range.len()),
            _ => None,
        }
    }
}

impl Value {
    /// An iterator of a named type.
    pub fn iter(state: Walk, kind: Type, name: &'static str) -> Value {
        let kind = match kind {
            Type::Iterator | Type::Reversed => Type::ALL.iter().find(|t| t.name() == name).copied().unwrap_or(kind),
            kind => kind,
        };
        Value::Iter(Rc::new(Iter { state: RefCell::new(state), kind, name, show: None }))
    }

    /// An iterator that a function drives, with a `repr` of its own.
    pub fn iter_shown(
        name: &'static str,
        show: impl Fn(&mut Interp) -> Res<String> + 'static,
        step: impl FnMut(&mut Interp) -> Res<Option<Value>> + 'static,
    ) -> Value {
        let state = RefCell::new(Walk::Step(Box::new(step)));
        Value::Iter(Rc::new(Iter { state, kind: Type::Iterator, name, show: Some(Box::new(show)) }))
    }

    /// An iterator that a function drives.
    pub fn iter_of(
        kind: Type,
        name: &'static str,
        step: impl FnMut(&mut Interp) -> Res<Option<Value>> + 'static,
    ) -> Value {
        Value::iter(Walk::Step(Box::new(step)), kind, name)
    }
}

impl Interp {
    /// A walk over a value that nobody else may hold: what an iterator has left is taken out of it.
    ///
    /// # Errors
    /// As [`Interp::walk`].
    pub(super) fn walk_owned(&mut self, value: &mut Value) -> Res<Walk> {
        if let Value::Iter(iter) = value
            && let Some(iter) = Rc::get_mut(iter)
        {
            return Ok(std::mem::replace(iter.state.get_mut(), Walk::Done));
        }
        self.walk(value)
    }

    /// A walk over a value.
    ///
    /// # Errors
    /// `TypeError: 'int' object is not iterable`.
    pub fn walk(&mut self, value: &Value) -> Res<Walk> {
        match self.try_walk(value)? {
            Some(walk) => Ok(walk),
            None => Err(type_error(format!("'{}' object is not iterable", value.type_name())).at(&[0]).into()),
        }
    }

    /// A walk over a value; `None` when it is not iterable.
    ///
    /// # Errors
    /// What a foreign value raises.
    pub fn try_walk(&mut self, value: &Value) -> Res<Option<Walk>> {
        Ok(Some(match value {
            Value::List(list) => Walk::List(list.clone(), 0),
            Value::Tuple(tuple) => Walk::Tuple(tuple.clone(), 0),
            Value::Range(range) => Walk::Range(**range),
            Value::Str(text) => Walk::Str(text.clone(), 0),
            Value::Dict(dict) => Walk::Dict(dict.clone(), Part::Keys, 0, dict.len()),
            Value::View(view) => Walk::Dict(view.dict.clone(), view.part, 0, view.dict.len()),
            Value::Set(set) => Walk::Set(set.clone(), 0, set.len()),
            Value::Iter(iter) => Walk::Shared(iter.clone()),
            object @ (Value::Object(_) | Value::Tensor(_)) => match object.foreign().iter(self)? {
                Some(inner) => return self.try_walk(&inner),
                None => return Ok(None),
            },
            _ => return Ok(None),
        }))
    }

    /// The next value of a walk.
    ///
    /// # Errors
    /// What the iterator raises.
    pub fn step(&mut self, walk: &mut Walk) -> Res<Option<Value>> {
        let next = match walk {
            Walk::List(list, at) => {
                let item = list.items.borrow().get(*at).cloned();
                *at += 1;
                item
            }
            Walk::ListBack(list, left) => {
                if *left == 0 {
                    None
                } else {
                    *left -= 1;
                    list.items.borrow().get(*left).cloned()
                }
            }
            Walk::Tuple(tuple, at) => {
                let item = tuple.items.get(*at).cloned();
                *at += 1;
                item
            }
            Walk::Range(range) => range.take_first().map(Value::Int),
            Walk::Str(text, at) => {
                let next = text.text.get(*at..).and_then(|rest| rest.chars().next());
                next.map(|c| {
                    *at += c.len_utf8();
                    Value::char(c)
                })
            }
            Walk::Dict(dict, part, at, size) => {
                let map = dict.map.borrow();
                check_size(map.len(), size)?;
                let entry = map.get_index(*at);
                *at += 1;
                entry.map(|(k, v)| element(*part, k, v))
            }
            Walk::Set(set, slot, size) => {
                let table = set.table.borrow();
                if table.len() != *size {
                    return Err(runtime("Set changed size during iteration").into());
                }
                table.next_from(*slot).map(|(value, next)| {
                    *slot = next;
                    value
                })
            }
            Walk::Shared(iter) => return self.step_shared(&iter.clone()),
            Walk::Enumerate(inner, count) => {
                let item = self.step(inner)?;
                item.map(|value| {
                    let index = *count;
                    *count += 1;
                    Value::tuple([Value::Int(index), value])
                })
            }
            Walk::Zip(walks, strict) => self.step_zip(walks, *strict)?,
            Walk::Generator(generator) => self.resume(generator)?,
            Walk::Step(step) => step(self)?,
            Walk::Done => None,
        };
        if next.is_none() {
            *walk = Walk::Done;
        }
        Ok(next)
    }

    fn step_shared(&mut self, iter: &Iter) -> Res<Option<Value>> {
        let next = self.step_alone(&iter.state);
        if let (Err(_), Ok(mut state)) = (&next, iter.state.try_borrow_mut())
            && matches!(*state, Walk::Generator(_))
        {
            *state = Walk::Done;
        }
        next
    }

    /// The next value of a walk that others hold too.
    ///
    /// # Errors
    /// As [`Interp::step`]; `ValueError` where its own step asks for the next.
    pub(super) fn step_alone(&mut self, walk: &RefCell<Walk>) -> Res<Option<Value>> {
        match walk.try_borrow_mut() {
            Ok(mut walk) => self.step(&mut walk),
            Err(_) => Err(value_error("generator already executing").into()),
        }
    }

    /// The next two values of a walk that [gives pairs](Walk::gives_pairs).
    ///
    /// # Errors
    /// As [`Interp::step`].
    pub(super) fn step_pair(&mut self, walk: &mut Walk) -> Res<Option<[Value; 2]>> {
        Ok(match walk {
            Walk::Enumerate(inner, count) => self.step(inner)?.map(|value| {
                *count += 1;
                [Value::Int(*count - 1), value]
            }),
            Walk::Zip(walks, _) => {
                let [first, second] = walks.as_mut_slice() else { return Ok(None) };
                match self.step(first)? {
                    Some(a) => self.step(second)?.map(|b| [a, b]),
                    None => None,
                }
            }
            Walk::Dict(dict, _, at, size) => {
                let map = dict.map.borrow();
                check_size(map.len(), size)?;
                *at += 1;
                map.get_index(*at - 1).map(|(k, v)| [k.value.clone(), v.clone()])
            }
            _ => None,
        })
    }

    fn step_zip(&mut self, walks: &mut [Walk], strict: bool) -> Res<Option<Value>> {
        let mut items = Vec::with_capacity(walks.len());
        for i in 0..walks.len() {
            match self.step(&mut walks[i])? {
                Some(value) => items.push(value),
                None if !strict => return Ok(None),
                None if i > 0 => {
                    let plural = if i == 1 { " 1" } else { &format!("s 1-{i}") };
                    return Err(
                        value_error(format!("zip() argument {} is shorter than argument{plural}", i + 1)).into()
                    );
                }
                None => {
                    for (j, walk) in walks.iter_mut().enumerate().skip(1) {
                        if self.step(walk)?.is_some() {
                            let plural = if j == 1 { " 1" } else { &format!("s 1-{j}") };
                            let message = format!("zip() argument {} is longer than argument{plural}", j + 1);
                            return Err(value_error(message).into());
                        }
                    }
                    return Ok(None);
                }
            }
        }
        if items.is_empty() { Ok(None) } else { Ok(Some(Value::tuple(items))) }
    }

    /// `iter(value)`.
    ///
    /// # Errors
    /// `TypeError` when it is not iterable.
    pub fn iter(&mut self, value: &Value) -> Res {
        let name = match value {
            Value::Iter(_) => return Ok(value.clone()),
            Value::List(_) => "list_iterator",
            Value::Tuple(_) => "tuple_iterator",
            Value::Range(_) => "range_iterator",
            Value::Str(s) if s.is_ascii() => "str_ascii_iterator",
            Value::Str(_) => "str_iterator",
            Value::Set(_) => "set_iterator",
            Value::Dict(_) => "dict_keyiterator",
            Value::View(v) => match v.part {
                Part::Keys => "dict_keyiterator",
                Part::Values => "dict_valueiterator",
                Part::Items => "dict_itemiterator",
            },
            _ => "iterator",
        };
        Ok(match self.walk(value)? {
            Walk::Shared(iter) => Value::Iter(iter),
            walk => Value::iter(walk, Type::Iterator, name),
        })
    }

    /// Every value of an iterable.
    ///
    /// # Errors
    /// `TypeError` when it is not iterable; what the iterator raises.
    pub fn collect(&mut self, value: &Value) -> Res<Vec<Value>> {
        match value {
            Value::List(list) => {
                let items = list.items.borrow();
                let mut out = Vec::with_capacity(items.len());
                for part in items.chunks(PART) {
                    self.check_interrupt()?;
                    out.extend_from_slice(part);
                }
                Ok(out)
            }
            Value::Tuple(tuple) => Ok(tuple.items.to_vec()),
            _ => {
                if let Value::Range(range) = value {
                    room::<Value>(range.len(), 1)?;
                }
                let mut walk = self.walk(value)?;
                self.drain(&mut walk)
            }
        }
    }

    /// What a walk has left.
    ///
    /// # Errors
    /// What the iterator raises.
    pub fn drain(&mut self, walk: &mut Walk) -> Res<Vec<Value>> {
        let mut out = Vec::new();
        while let Some(value) = self.step(walk)? {
            self.check_interrupt()?;
            if out.len() == out.capacity() {
                room::<Value>(out.len(), 2)?;
            }
            out.push(value);
        }
        Ok(out)
    }

    /// The `count` values that an iterable must have; with a star, those around it and the rest as a list.
    ///
    /// # Errors
    /// `ValueError: not enough values to unpack (expected 3, got 2)` and its like.
    pub(super) fn unpack(&mut self, value: &Value, count: usize, star: Option<usize>) -> Res<Vec<Value>> {
        let mut walk = match self.try_walk(value)? {
            Some(walk) => walk,
            None => {
                let message = format!("cannot unpack non-iterable {} object", value.type_name());
                return Err(type_error(message).at(&[0]).into());
            }
        };
        let Some(star) = star else {
            let mut out = Vec::with_capacity(count);
            while let Some(item) = self.step(&mut walk)? {
                if out.len() == count {
                    return Err(value_error(format!("too many values to unpack (expected {count})")).at(&[0]).into());
                }
                out.push(item);
            }
            if out.len() < count {
                return Err(too_few("", count, out.len()));
            }
            return Ok(out);
        };
        let mut out = self.drain(&mut walk)?;
        if out.len() + 1 < count {
            return Err(too_few("at least ", count - 1, out.len()));
        }
        let rest = out.len() + 1 - count;
        let middle: Vec<Value> = out.drain(star..star + rest).collect();
        out.insert(star, Value::list(middle));
        Ok(out)
    }
}

/// A dict that is walked must keep its size; the walk of one that did not fails at every further step.
fn check_size(len: usize, size: &mut usize) -> Res<()> {
    if len == *size {
        return Ok(());
    }
    *size = usize::MAX;
    Err(runtime("dictionary changed size during iteration").into())
}

#[cold]
fn too_few(least: &str, count: usize, got: usize) -> Raise {
    value_error(format!("not enough values to unpack (expected {least}{count}, got {got})")).at(&[0]).into()
}
