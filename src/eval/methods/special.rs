//! The special methods of the builtin types under their names: `[1].__len__()`, `(1).__add__(2)`.

use crate::base::ErrorKind;
use crate::base::error::type_error;
use crate::eval::args::Args;
use crate::eval::builtin::Builtin;
use crate::eval::interp::Interp;
use crate::eval::iterate::Walk;
use crate::eval::kind::Type;
use crate::eval::raise::{Raise, Res};
use crate::eval::value::Value;
use crate::lang::ast::{BinOp, CmpOp, UnOp};

builtin_table! {
    /// Every special method that a builtin type has.
    TABLE of "object" {
        "__str__" ("self, /") "Return str(self)." => |it, a| Ok(it.str(&a[0])?.into());
        "__repr__" ("self, /") "Return repr(self)." => |it, a| Ok(it.repr(&a[0])?.into());
        "__format__" ("self, format_spec, /") "Return format(self, format_spec)." => |it, a| {
            let spec = a[1].as_str().unwrap_or_default().to_owned();
            Ok(it.format(&a[0], &spec)?.into())
        };
        "__hash__" ("self, /") "Return hash(self)." => |_, a| Ok(Value::Int(crate::eval::hash::hash(&a[0])?));
        "__eq__" ("self, value, /") "Return self == value." => |it, a| compared(it, CmpOp::Eq, a);
        "__ne__" ("self, value, /") "Return self != value." => |it, a| compared(it, CmpOp::Ne, a);
        "__lt__" ("self, value, /") "Return self < value." => |it, a| compared(it, CmpOp::Lt, a);
        "__le__" ("self, value, /") "Return self <= value." => |it, a| compared(it, CmpOp::Le, a);
        "__gt__" ("self, value, /") "Return self > value." => |it, a| compared(it, CmpOp::Gt, a);
        "__ge__" ("self, value, /") "Return self >= value." => |it, a| compared(it, CmpOp::Ge, a);
        "__len__" ("self, /") "Return len(self)." => |it, a| Ok(it.len(&a[0])?.map_or(Value::None, Value::count));
        "__contains__" ("self, key, /") "Return key in self." => |it, a| Ok(Value::Bool(it.contains(&a[0], &a[1])?));
        "__iter__" ("self, /") "Return iter(self)." => |it, a| it.iter(&a[0]);
        "__next__" ("self, /") "Return next(self)." => |it, a| {
            let Value::Iter(iter) = &a[0] else { return Ok(Value::None) };
            let next = it.step(&mut Walk::Shared(iter.clone()))?;
            next.ok_or_else(|| Raise::new(ErrorKind::StopIteration, Vec::new()))
        };
        "__getitem__" ("self, key, /") "Return self[key]." => |it, a| it.get_item(&a[0], &a[1]);
        "__setitem__" ("self, key, value, /") "Set self[key] to value." => |it, a| {
            let value = a[2].clone();
            it.set_item(&a[0], &a[1], value).map(|()| Value::None)
        };
        "__delitem__" ("self, key, /") "Delete self[key]." => |it, a| it.del_item(&a[0], &a[1]).map(|()| Value::None);
        "__add__" ("self, value, /") "Return self + value." => |it, a| combined(it, BinOp::Add, &a[0], &a[1]);
        "__sub__" ("self, value, /") "Return self - value." => |it, a| combined(it, BinOp::Sub, &a[0], &a[1]);
        "__mul__" ("self, value, /") "Return self * value." => |it, a| combined(it, BinOp::Mul, &a[0], &a[1]);
        "__truediv__" ("self, value, /") "Return self / value." => |it, a| combined(it, BinOp::Div, &a[0], &a[1]);
        "__floordiv__" ("self, value, /") "Return self // value." => |it, a| combined(it, BinOp::FloorDiv, &a[0], &a[1]);
        "__mod__" ("self, value, /") "Return self % value." => |it, a| combined(it, BinOp::Mod, &a[0], &a[1]);
        "__pow__" ("self, value, /") "Return self ** value." => |it, a| combined(it, BinOp::Pow, &a[0], &a[1]);
        "__radd__" ("self, value, /") "Return value + self." => |it, a| combined(it, BinOp::Add, &a[1], &a[0]);
        "__rsub__" ("self, value, /") "Return value - self." => |it, a| combined(it, BinOp::Sub, &a[1], &a[0]);
        "__rmul__" ("self, value, /") "Return value * self." => |it, a| combined(it, BinOp::Mul, &a[1], &a[0]);
        "__neg__" ("self, /") "Return -self." => |it, a| it.unary(UnOp::Neg, &a[0]);
        "__pos__" ("self, /") "Return +self." => |it, a| it.unary(UnOp::Pos, &a[0]);
        "__abs__" ("self, /") "Return abs(self)." => |it, a| named(it, "abs", &a[0]);
        "__int__" ("self, /") "Return int(self)." => |it, a| it.construct(Type::Int, &mut Args::of([a[0].clone()]));
        "__float__" ("self, /") "Return float(self)." => |it, a| it.construct(Type::Float, &mut Args::of([a[0].clone()]));
        "__bool__" ("self, /") "Return bool(self)." => |it, a| Ok(Value::Bool(it.truth(&a[0])?));
        "__call__" ("self, *args, **kwargs") "Call self." => |it, a| {
            let mut args = Args::of(it.collect(&a[1])?);
            if let Value::Dict(kwargs) = &a[2] {
                args.kw = kwargs.pairs().into_iter().filter_map(|(k, v)| Some((k.as_str()?.into(), v))).collect();
            }
            it.call(&a[0], args)
        };
    }
}

const PLAIN: &[&str] = &["__str__", "__repr__", "__format__", "__hash__", "__eq__", "__ne__"];
const ORDER: &[&str] = &["__lt__", "__le__", "__gt__", "__ge__"];
const SIZED: &[&str] = &["__len__", "__contains__", "__iter__"];
const READ: &[&str] = &["__getitem__"];
const WRITE: &[&str] = &["__setitem__", "__delitem__"];
const JOIN: &[&str] = &["__add__", "__mul__", "__rmul__"];
const ARITHMETIC: &[&str] = &[
    "__add__",
    "__sub__",
    "__mul__",
    "__truediv__",
    "__pow__",
    "__radd__",
    "__rsub__",
    "__rmul__",
    "__neg__",
    "__pos__",
    "__abs__",
    "__bool__",
];
const REAL: &[&str] = &["__floordiv__", "__mod__", "__int__", "__float__"];

/// The groups of special methods that a type has.
fn groups(kind: Type) -> &'static [&'static [&'static str]] {
    match kind {
        Type::Int | Type::Bool | Type::Float => &[PLAIN, ORDER, ARITHMETIC, REAL],
        Type::Complex => &[PLAIN, ARITHMETIC],
        Type::Str | Type::Tuple | Type::Size | Type::Bytes => &[PLAIN, ORDER, SIZED, READ, JOIN],
        Type::List | Type::Deque => &[PLAIN, ORDER, SIZED, READ, WRITE, JOIN],
        Type::Dict | Type::OrderedDict | Type::DefaultDict | Type::Counter => &[PLAIN, SIZED, READ, WRITE],
        Type::Set | Type::FrozenSet => &[PLAIN, ORDER, SIZED],
        Type::Range => &[PLAIN, SIZED, READ],
        Type::DictKeys | Type::DictValues | Type::DictItems => &[PLAIN, SIZED],
        Type::NoneType | Type::Slice | Type::Exc(_) => &[PLAIN],
        Type::Function | Type::Builtin => &[PLAIN, &["__call__"]],
        Type::Generator
        | Type::Enumerate
        | Type::Zip
        | Type::Map
        | Type::Filter
        | Type::Iterator
        | Type::ListIterator
        | Type::RangeIterator
        | Type::TupleIterator
        | Type::StrIterator
        | Type::AsciiIterator => &[PLAIN, &["__next__", "__iter__"]],
        _ => &[],
    }
}

/// The special method of that name, where the type has it.
pub fn find(kind: Type, name: &str) -> Option<&'static Builtin> {
    if !name.starts_with("__") || !groups(kind).iter().any(|group| group.contains(&name)) {
        return None;
    }
    TABLE.iter().find(|row| row.name == name)
}

/// What an operator makes of two values; `NotImplemented` where it knows nothing to do with them.
fn combined(it: &mut Interp, op: BinOp, left: &Value, right: &Value) -> Res {
    known(it.binary(op, left, right))
}

fn compared(it: &mut Interp, op: CmpOp, a: &[Value]) -> Res {
    let number = |value: &Value| crate::eval::number::Num::of(value).is_some();
    let alike = a[0].kind() == a[1].kind() || (number(&a[0]) && number(&a[1]));
    if alike { known(it.compare(op, &a[0], &a[1])) } else { Ok(Value::NotImplemented) }
}

fn known(result: Res) -> Res {
    match result {
        Err(e) if e.kind() == ErrorKind::TypeError => Ok(Value::NotImplemented),
        other => other,
    }
}

fn named(it: &mut Interp, name: &str, value: &Value) -> Res {
    match it.globals.builtins.first().and_then(|module| module.get(name)) {
        Some(func) => it.call(&func, Args::of([value.clone()])),
        None => Err(type_error("internal: no such function").into()),
    }
}
