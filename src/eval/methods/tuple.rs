//! Methods of tuple (and torch.Size), range, slice and exceptions.

use super::list::bound;
use crate::base::error::{type_error, value_error};
use crate::eval::interp::Interp;
use crate::eval::number::convert;
use crate::eval::raise::Res;
use crate::eval::value::{TupleKind, Value};
use crate::lang::ast::BinOp;

builtin_table! {
    /// Methods of tuple.
    TABLE of "tuple" {
        "index" ("self, value, start=0, stop=9223372036854775807, /") "Return the first index of a value." => |it, a| {
            let Value::Tuple(tuple) = &a[0] else { return Err(super::wrong_self("tuple", &a[0])) };
            let len = tuple.items.len();
            let (start, stop) = (bound(&a[2], len, 0)?, bound(&a[3], len, len)?);
            for at in start..stop.min(len) {
                if tuple.items[at].is(&a[1]) || it.equal(&tuple.items[at], &a[1])? {
                    return Ok(Value::count(at));
                }
            }
            Err(value_error("tuple.index(x): x not in tuple").into())
        };
        "count" ("self, value, /") "Return how often a value occurs." => |it, a| {
            let Value::Tuple(tuple) = &a[0] else { return Err(super::wrong_self("tuple", &a[0])) };
            count(it, &tuple.items, &a[1])
        };
        "numel" ("self, /") "Return the product of a torch.Size." => |it, a| {
            let Value::Tuple(tuple) = &a[0] else { return Err(super::wrong_self("tuple", &a[0])) };
            if !matches!(tuple.kind, TupleKind::Size) {
                let message = format!("'{}' object has no attribute 'numel'", a[0].type_name());
                return Err(crate::base::error::attribute_error(message).into());
            }
            let mut total = Value::Int(1);
            for item in &tuple.items {
                total = it.binary(BinOp::Mul, &total, item)?;
            }
            Ok(total)
        };
        "_asdict" ("self, /") "Return the fields of a named tuple as a dict." => |_, a| {
            let Value::Tuple(tuple) = &a[0] else { return Err(super::wrong_self("tuple", &a[0])) };
            let fields: &[_] = match &tuple.kind {
                TupleKind::Named(named) => &named.fields,
                _ => &[],
            };
            let pairs = fields.iter().zip(&tuple.items);
            Ok(Value::dict(pairs.map(|(name, value)| (crate::eval::hash::Key::str(name), value.clone())).collect()))
        };
        "_replace" ("self, /, **kwargs") "Return a copy with other values for some fields." => |_, a| {
            let (Value::Tuple(tuple), Value::Dict(kwargs)) = (&a[0], &a[1]) else { return Ok(Value::None) };
            let TupleKind::Named(named) = &tuple.kind else { return Err(super::wrong_self("namedtuple", &a[0])) };
            let mut items = tuple.items.to_vec();
            for (key, value) in kwargs.pairs() {
                match named.fields.iter().position(|f| Some(&**f) == key.as_str()) {
                    Some(at) => items[at] = value,
                    None => {
                        let names = format!("['{}']", key.as_str().unwrap_or(""));
                        return Err(value_error(format!("Got unexpected field names: {names}")).into());
                    }
                }
            }
            Ok(Value::named(named, items))
        };
    }
}

builtin_table! {
    /// Methods of range.
    RANGE of "range" {
        "index" ("self, value, /") "Return the index of a value." => |it, a| {
            let at = it.collect(&a[0])?.iter().position(|v| crate::eval::hash::same_key(v, &a[1]));
            match at {
                Some(at) => Ok(Value::count(at)),
                None => Err(value_error(format!("{} is not in range", it.repr(&a[1])?)).into()),
            }
        };
        "count" ("self, value, /") "Return how often a value occurs." => |it, a| Ok(Value::Int(i64::from(it.contains(&a[0], &a[1])?)));
    }
}

builtin_table! {
    /// Methods of slice.
    SLICE of "slice" {
        "indices" ("self, len, /") "Return start, stop and step for a sequence of that length." => |_, a| {
            let Value::Slice(slice) = &a[0] else { return Err(super::wrong_self("slice", &a[0])) };
            let len = convert::size(&a[1])?;
            let Ok(len) = usize::try_from(len) else {
                return Err(value_error("length should not be negative").into());
            };
            let taken = slice.taken(len)?;
            // The stop as given, clamped: what an empty slice would lose.
            let end = match &slice.stop {
                Value::None => if taken.step > 0 { len as i64 } else { -1 },
                stop => {
                    let stop = convert::size(stop)?;
                    let stop = if stop < 0 { stop + len as i64 } else { stop };
                    if taken.step > 0 { stop.clamp(0, len as i64) } else { stop.clamp(-1, len as i64 - 1) }
                }
            };
            Ok(Value::tuple([Value::Int(taken.start), Value::Int(end), Value::Int(taken.step)]))
        };
    }
}

builtin_table! {
    /// Methods of exceptions.
    EXCEPTION of "BaseException" {
        "add_note" ("self, note, /") "Add a line that a traceback shows below the message." => |_, a| match (&a[0], &a[1]) {
            (Value::Exc(exc), Value::Str(_)) => {
                exc.notes.borrow_mut().push(a[1].clone());
                Ok(Value::None)
            }
            (_, note) => Err(type_error(format!("note must be a str, not '{}'", note.type_name())).into()),
        };
        "with_traceback" ("self, tb, /") "Return the exception; tracebacks are not kept." => |_, a| Ok(a[0].clone());
    }
}

/// How often a value occurs.
pub fn count(it: &mut Interp, items: &[Value], value: &Value) -> Res {
    let mut count = 0;
    for item in items {
        if item.is(value) || it.equal(item, value)? {
            count += 1;
        }
    }
    Ok(Value::Int(count))
}
