//! `collections.deque`: a list that grows and shrinks at both ends.

use crate::base::error::{index_error, runtime, type_error, value_error};
use crate::eval::interp::Interp;
use crate::eval::kind::Type;
use crate::eval::number::convert;
use crate::eval::object::Object;
use crate::eval::raise::{Raise, Res};
use crate::eval::subscript::position;
use crate::eval::value::Value;
use crate::lang::ast::{BinOp, CmpOp};
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

/// What a deque holds, and how often it changed: a walk over it fails when that differs.
#[derive(Default)]
struct Content {
    items: RefCell<VecDeque<Value>>,
    changes: Cell<usize>,
}

/// A deque.
struct Deque {
    content: Rc<Content>,
    most: Option<usize>,
}

fn this(value: &Value) -> Res<&Deque> {
    match value.downcast::<Deque>() {
        Some(deque) => Ok(deque),
        None => Err(type_error(format!(
            "descriptor of 'collections.deque' objects doesn't apply to a '{}' object",
            value.type_name()
        ))
        .into()),
    }
}

fn empty() -> Raise {
    index_error("pop from an empty deque").into()
}

impl Deque {
    fn changed(&self) -> std::cell::RefMut<'_, VecDeque<Value>> {
        self.content.changes.set(self.content.changes.get() + 1);
        self.content.items.borrow_mut()
    }

    /// Adds at one end; what is too much leaves at the other.
    fn push(&self, value: Value, left: bool) {
        let old = {
            let mut items = self.changed();
            if left {
                items.push_front(value)
            } else {
                items.push_back(value)
            }
            match self.most {
                Some(most) if items.len() > most => {
                    if left {
                        items.pop_back()
                    } else {
                        items.pop_front()
                    }
                }
                _ => None,
            }
        };
        drop(old);
    }

    fn items(&self) -> Vec<Value> {
        self.content.items.borrow().iter().cloned().collect()
    }

    fn of(items: Vec<Value>, most: Option<usize>) -> Value {
        let deque = Deque { content: Rc::default(), most };
        items.into_iter().for_each(|item| deque.push(item, false));
        Value::object(deque)
    }

    /// Where an index points to.
    fn at(&self, index: &Value) -> Res<usize> {
        let Ok(index) = convert::size(index) else {
            let message = format!("sequence index must be integer, not '{}'", index.type_name());
            return Err(type_error(message).at(&[1]).into());
        };
        match position(index, self.content.items.borrow().len()) {
            Some(at) => Ok(at),
            None => Err(index_error("deque index out of range").at(&[0]).into()),
        }
    }
}

builtin_table! {
    /// The constructor.
    CONSTRUCTOR of "collections" {
        "deque" ("iterable=(), maxlen=None") "Make a list that grows and shrinks at both ends." => |it, a| {
            let most = match a[1].some() {
                None => None,
                Some(most @ Value::Int(_)) => match usize::try_from(convert::size(most)?) {
                    Ok(most) => Some(most),
                    Err(_) => return Err(value_error("maxlen must be non-negative").into()),
                },
                Some(_) => return Err(type_error("an integer is required").into()),
            };
            let items = match a[0].given() { Some(items) => it.collect(&items.clone())?, None => Vec::new() };
            Ok(Deque::of(items, most))
        };
    }
}

builtin_table! {
    /// Methods of deque.
    TABLE of "collections.deque" {
        "append" ("self, x, /") "Add a value at the right end." => |_, a| {
            this(&a[0])?.push(a[1].clone(), false);
            Ok(Value::None)
        };
        "appendleft" ("self, x, /") "Add a value at the left end." => |_, a| {
            this(&a[0])?.push(a[1].clone(), true);
            Ok(Value::None)
        };
        "extend" ("self, iterable, /") "Add values at the right end." => |it, a| {
            let items = it.collect(&a[1])?;
            let deque = this(&a[0])?;
            items.into_iter().for_each(|item| deque.push(item, false));
            Ok(Value::None)
        };
        "extendleft" ("self, iterable, /") "Add values at the left end, one after the other." => |it, a| {
            let items = it.collect(&a[1])?;
            let deque = this(&a[0])?;
            items.into_iter().for_each(|item| deque.push(item, true));
            Ok(Value::None)
        };
        "pop" ("self, /") "Remove and return the value at the right end." => |_, a| this(&a[0])?.changed().pop_back().ok_or_else(empty);
        "popleft" ("self, /") "Remove and return the value at the left end." => |_, a| this(&a[0])?.changed().pop_front().ok_or_else(empty);
        "rotate" ("self, n=1, /") "Move values from the right end to the left one." => |_, a| {
            let steps = match a[1].given() { Some(n) => convert::size(n)?, None => 1 };
            let mut items = this(&a[0])?.changed();
            if !items.is_empty() {
                let steps = steps.rem_euclid(items.len() as i64) as usize;
                items.rotate_right(steps);
            }
            Ok(Value::None)
        };
        "clear" ("self, /") "Remove every value." => |_, a| {
            let old = std::mem::take(&mut *this(&a[0])?.changed());
            drop(old);
            Ok(Value::None)
        };
        "reverse" ("self, /") "Reverse the order in place." => |_, a| {
            this(&a[0])?.changed().make_contiguous().reverse();
            Ok(Value::None)
        };
        "copy" ("self, /") "Return a new deque of the same values." => |_, a| {
            let deque = this(&a[0])?;
            Ok(Deque::of(deque.items(), deque.most))
        };
        "count" ("self, value, /") "Return how often a value occurs." => |it, a| {
            let mut count = 0;
            for item in this(&a[0])?.items() {
                count += i64::from(item.is(&a[1]) || it.equal(&item, &a[1])?);
            }
            Ok(Value::Int(count))
        };
        "index" ("self, value, /") "Return where a value stands." => |it, a| match place(it, a)? {
            Some(at) => Ok(Value::count(at)),
            None => Err(value_error(format!("{} is not in deque", it.repr(&a[1])?)).into()),
        };
        "insert" ("self, index, value, /") "Insert a value before an index." => |_, a| {
            let (deque, index) = (this(&a[0])?, convert::size(&a[1])?);
            let mut items = deque.changed();
            if deque.most.is_some_and(|most| items.len() >= most) {
                return Err(index_error("deque already at its maximum size").into());
            }
            let len = items.len() as i64;
            let at = if index < 0 { (index + len).max(0) } else { index.min(len) };
            items.insert(at as usize, a[2].clone());
            Ok(Value::None)
        };
        "remove" ("self, value, /") "Remove the first occurrence of a value." => |it, a| match place(it, a)? {
            Some(at) => {
                let old = this(&a[0])?.changed().remove(at);
                drop(old);
                Ok(Value::None)
            }
            None => Err(value_error(format!("{} is not in deque", it.repr(&a[1])?)).into()),
        };
    }
}

/// Where the value `a[1]` stands in the deque `a[0]`.
fn place(it: &mut Interp, a: &[Value]) -> Res<Option<usize>> {
    for (at, item) in this(&a[0])?.items().into_iter().enumerate() {
        if item.is(&a[1]) || it.equal(&item, &a[1])? {
            return Ok(Some(at));
        }
    }
    Ok(None)
}

/// The values of a deque, for `reversed`.
pub fn items(value: &Value) -> Option<Vec<Value>> {
    value.downcast::<Deque>().map(Deque::items)
}

impl Object for Deque {
    fn type_name(&self) -> &str {
        "collections.deque"
    }

    fn kind(&self) -> Type {
        Type::Deque
    }

    fn get_attr(&self, _: &mut Interp, _: &Value, name: &str) -> Res<Option<Value>> {
        Ok((name == "maxlen").then(|| self.most.map_or(Value::None, Value::count)))
    }

    fn attrs(&self) -> Vec<String> {
        vec!["maxlen".to_owned()]
    }

    fn len(&self, _: &mut Interp) -> Res<Option<usize>> {
        Ok(Some(self.content.items.borrow().len()))
    }

    fn truth(&self, _: &mut Interp) -> Res<bool> {
        Ok(!self.content.items.borrow().is_empty())
    }

    fn iter(&self, _: &mut Interp) -> Res<Option<Value>> {
        let (content, before, mut at) = (self.content.clone(), self.content.changes.get(), 0);
        let next = move |_: &mut Interp| {
            if content.changes.get() != before {
                return Err(runtime("deque mutated during iteration").into());
            }
            at += 1;
            Ok(content.items.borrow().get(at - 1).cloned())
        };
        Ok(Some(Value::iter_of(Type::Iterator, "_collections._deque_iterator", next)))
    }

    fn get_item(&self, _: &mut Interp, index: &Value) -> Res<Option<Value>> {
        let at = self.at(index)?;
        Ok(self.content.items.borrow().get(at).cloned())
    }

    fn set_item(&self, _: &mut Interp, index: &Value, value: Value) -> Res<bool> {
        let at = self.at(index)?;
        let old = self.content.items.borrow_mut().get_mut(at).map(|slot| std::mem::replace(slot, value));
        drop(old);
        Ok(true)
    }

    fn del_item(&self, _: &mut Interp, index: &Value) -> Res<bool> {
        let at = self.at(index)?;
        let old = self.changed().remove(at);
        drop(old);
        Ok(true)
    }

    fn compare(&self, it: &mut Interp, op: CmpOp, other: &Value, reflected: bool) -> Res<Option<Value>> {
        let Some(other) = other.downcast::<Deque>() else { return Ok(None) };
        let (a, b) = (Value::list(self.items()), Value::list(other.items()));
        if reflected { it.compare(op, &b, &a) } else { it.compare(op, &a, &b) }.map(Some)
    }

    fn binary(&self, it: &mut Interp, op: BinOp, other: &Value, reflected: bool) -> Res<Option<Value>> {
        let more = match (op, other) {
            (BinOp::Add, other) if !reflected => match other.downcast::<Deque>() {
                Some(other) => it.binary(op, &Value::list(self.items()), &Value::list(other.items()))?,
                None => {
                    let message = format!("can only concatenate deque (not \"{}\") to deque", other.type_name());
                    return Err(type_error(message).at(&[1]).into());
                }
            },
            (BinOp::Mul, Value::Int(_)) => it.binary(op, &Value::list(self.items()), other)?,
            _ => return Ok(None),
        };
        Ok(Some(Deque::of(it.collect(&more)?, self.most)))
    }

    fn binary_in_place(&self, it: &mut Interp, this: &Value, op: BinOp, other: &Value) -> Res<Option<Value>> {
        if op != BinOp::Add {
            return Ok(None);
        }
        it.collect(other)?.into_iter().for_each(|item| self.push(item, false));
        Ok(Some(this.clone()))
    }

    fn hash(&self) -> Res<Option<i64>> {
        Err(type_error("unhashable type: 'collections.deque'").into())
    }

    fn repr(&self, it: &mut Interp) -> Res<String> {
        let items = Value::list(self.items());
        let items = it.nested(" while getting the repr of an object", |it| it.repr(&items))?;
        Ok(match self.most {
            Some(most) => format!("deque({items}, maxlen={most})"),
            None => format!("deque({items})"),
        })
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
