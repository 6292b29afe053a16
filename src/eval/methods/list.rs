//! Methods of list.

use crate::base::error::{index_error, type_error, value_error};
use crate::base::{Error, ErrorKind};
use crate::eval::builtins::sort_values;
use crate::eval::interp::Interp;
use crate::eval::number::convert;
use crate::eval::operators::room;
use crate::eval::raise::Res;
use crate::eval::value::{List, Value};
use std::rc::Rc;

builtin_table! {
    /// Methods of list.
    TABLE of "list" {
        "append" ("self, object, /") "Add a value at the end." => |_, a| {
            let value = std::mem::replace(&mut a[1], Value::Unset);
            let mut items = this(&a[0])?.items.borrow_mut();
            if items.len() == items.capacity() {
                room::<Value>(items.len(), 2)?;
                items.try_reserve(1).map_err(|_| Error::new(ErrorKind::MemoryError, ""))?;
            }
            items.push(value);
            Ok(Value::None)
        };
        "extend" ("self, iterable, /") "Add every value of an iterable at the end." => |it, a| {
            let list = this(&a[0])?.clone();
            let items = it.collect(&a[1])?;
            list.items.borrow_mut().extend(items);
            Ok(Value::None)
        };
        "insert" ("self, index, object, /") "Insert a value before an index." => |_, a| {
            let list = this(&a[0])?;
            let index = convert::size(&a[1])?;
            let mut items = list.items.borrow_mut();
            let len = items.len() as i64;
            let at = if index < 0 { (index + len).max(0) } else { index.min(len) };
            items.insert(at as usize, a[2].clone());
            Ok(Value::None)
        };
        "remove" ("self, value, /") "Remove the first value that is equal." => |it, a| {
            let list = this(&a[0])?.clone();
            match position(it, &list, &a[1], 0, usize::MAX)? {
                Some(at) => {
                    let old = list.items.borrow_mut().remove(at);
                    drop(old);
                    Ok(Value::None)
                }
                None => Err(value_error("list.remove(x): x not in list").into()),
            }
        };
        "pop" ("self, index=-1, /") "Remove and return the value at an index, the last by default." => |_, a| {
            let list = this(&a[0])?;
            let mut items = list.items.borrow_mut();
            let Some(index) = a[1].given() else {
                return match items.pop() {
                    Some(value) => Ok(value),
                    None => Err(index_error("pop from empty list").at(&[0]).into()),
                };
            };
            let index = convert::size(index)?;
            if items.is_empty() {
                return Err(index_error("pop from empty list").at(&[0]).into());
            }
            let at = if index < 0 { index + items.len() as i64 } else { index };
            match usize::try_from(at) {
                Ok(at) if at < items.len() => Ok(items.remove(at)),
                _ => Err(index_error("pop index out of range").at(&[0]).into()),
            }
        };
        "clear" ("self, /") "Remove every value." => |_, a| {
            let old = std::mem::take(&mut *this(&a[0])?.items.borrow_mut());
            drop(old);
            Ok(Value::None)
        };
        "index" ("self, value, start=0, stop=9223372036854775807, /") "Return the first index of a value." => |it, a| {
            let list = this(&a[0])?.clone();
            let len = list.items.borrow().len();
            let (start, stop) = (bound(&a[2], len, 0)?, bound(&a[3], len, len)?);
            match position(it, &list, &a[1], start, stop)? {
                Some(at) => Ok(Value::count(at)),
                None => Err(value_error(format!("{} is not in list", it.repr(&a[1])?)).into()),
            }
        };
        "count" ("self, value, /") "Return how often a value occurs." => |it, a| {
            let items = this(&a[0])?.items.borrow().clone();
            super::tuple::count(it, &items, &a[1])
        };
        "sort" ("self, /, *, key=None, reverse=False") "Sort in place, in ascending order." => |it, a| {
            let list = this(&a[0])?.clone();
            let items = std::mem::take(&mut *list.items.borrow_mut());
            let kept = items.clone();
            match sort_values(it, items, &a[1], &a[2]) {
                Ok(sorted) => {
                    let meanwhile = std::mem::replace(&mut *list.items.borrow_mut(), sorted);
                    if !meanwhile.is_empty() {
                        return Err(value_error("list modified during sort").into());
                    }
                    Ok(Value::None)
                }
                Err(e) => {
                    *list.items.borrow_mut() = kept;
                    Err(e)
                }
            }
        };
        "reverse" ("self, /") "Reverse in place." => |_, a| {
            this(&a[0])?.items.borrow_mut().reverse();
            Ok(Value::None)
        };
        "copy" ("self, /") "Return a new list of the same values." => |_, a| Ok(Value::list(this(&a[0])?.items.borrow().clone()));
    }
}

fn this(value: &Value) -> Res<&Rc<List>> {
    match value {
        Value::List(list) => Ok(list),
        other => Err(super::wrong_self("list", other)),
    }
}

/// A bound of a search, counted from the end when negative.
pub fn bound(value: &Value, len: usize, default: usize) -> Res<usize> {
    let Some(value) = value.given() else { return Ok(default) };
    let index = match convert::index(value) {
        Ok(Some(i)) => i,
        Ok(None) => i64::MAX,
        Err(_) => {
            let message = "slice indices must be integers or have an __index__ method";
            return Err(type_error(message).into());
        }
    };
    Ok(if index < 0 { (index + len as i64).max(0) } else { index.min(len as i64) } as usize)
}

fn position(it: &mut Interp, list: &List, value: &Value, start: usize, stop: usize) -> Res<Option<usize>> {
    let mut at = start;
    loop {
        let Some(item) = list.items.borrow().get(at).cloned().filter(|_| at < stop) else { return Ok(None) };
        if item.is(value) || it.equal(&item, value)? {
            return Ok(Some(at));
        }
        at += 1;
    }
}
