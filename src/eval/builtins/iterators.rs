//! `iter`, `next`, `sorted`, `any`, `all` and the iterators that have a type of their own.

use crate::base::ErrorKind;
use crate::base::error::type_error;
use crate::eval::args::Args;
use crate::eval::compare;
use crate::eval::interp::Interp;
use crate::eval::iterate::Walk;
use crate::eval::kind::Type;
use crate::eval::raise::{Raise, Res};
use crate::eval::value::Value;

builtin_table! {
    /// Functions of iterables.
    TABLE of "" {
        "iter" ("object, sentinel=None, /") "Return an iterator; with a sentinel, over a function's results up to it." =>
            |it, a| {
                let Some(sentinel) = a[1].given().cloned() else { return it.iter(&a[0]) };
                let func = a[0].clone();
                if !super::callable(&func) {
                    return Err(type_error("iter(v, w): v must be callable").at(&[0]).into());
                }
                let mut done = false;
                Ok(Value::iter_of(Type::Iterator, "callable_iterator", move |it| {
                    if done {
                        return Ok(None);
                    }
                    let value = it.call(&func, Args::default())?;
                    done = it.equal(&value, &sentinel)?;
                    Ok(if done { None } else { Some(value) })
                }))
            };
        "next" ("iterator, default=None, /") "Return the next value of an iterator, or the default at its end." => |it, a| {
            let Value::Iter(iter) = &a[0] else {
                let message = format!("'{}' object is not an iterator", a[0].type_name());
                return Err(type_error(message).at(&[0]).into());
            };
            match (it.step(&mut Walk::Shared(iter.clone()))?, a[1].given()) {
                (Some(value), _) => Ok(value),
                (None, Some(default)) => Ok(default.clone()),
                (None, None) => Err(Raise::new(ErrorKind::StopIteration, Vec::new())),
            }
        };
        "sorted" ("iterable, /, *, key=None, reverse=False") "Return a new list in ascending order." => |it, a| {
            let items = it.collect(&a[0])?;
            Ok(Value::list(sort_values(it, items, &a[1], &a[2])?))
        };
        "any" ("iterable, /") "Return whether any value is true." => |it, a| {
            let mut walk = it.walk(&a[0])?;
            while let Some(value) = it.step(&mut walk)? {
                it.check_interrupt()?;
                if it.truth(&value)? {
                    return Ok(Value::Bool(true));
                }
            }
            Ok(Value::Bool(false))
        };
        "all" ("iterable, /") "Return whether all values are true." => |it, a| {
            let mut walk = it.walk(&a[0])?;
            while let Some(value) = it.step(&mut walk)? {
                it.check_interrupt()?;
                if !it.truth(&value)? {
                    return Ok(Value::Bool(false));
                }
            }
            Ok(Value::Bool(true))
        };
    }
}

/// A stable sort by `<` of the values or of their keys.
///
/// # Errors
/// What the key function or the comparison raises.
pub fn sort_values(it: &mut Interp, items: Vec<Value>, key: &Value, reverse: &Value) -> Res<Vec<Value>> {
    let reverse = match reverse.given() {
        Some(flag) => it.truth(flag)?,
        None => false,
    };
    let mut pairs = Vec::with_capacity(items.len());
    for item in items {
        it.check_interrupt()?;
        let key = match key.some() {
            Some(func) => it.call(func, Args::of([item.clone()]))?,
            None => item.clone(),
        };
        pairs.push((key, item));
    }
    // Reversing before and after keeps equal values in their order.
    if reverse {
        pairs.reverse();
    }
    let mut pairs = compare::stable_sort(it, pairs, |it, a, b| it.less(a, b))?;
    if reverse {
        pairs.reverse();
    }
    let mut sorted = Vec::with_capacity(pairs.len());
    for (_, item) in pairs {
        it.check_interrupt()?;
        sorted.push(item);
    }
    Ok(sorted)
}
