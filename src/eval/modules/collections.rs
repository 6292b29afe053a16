//! The module `collections`: namedtuple, OrderedDict, defaultdict, Counter; deque has a file of its own.

use crate::base::error::{type_error, value_error};
use crate::eval::args::Args;
use crate::eval::builtin::Builtin;
use crate::eval::builtins::sort_values;
use crate::eval::dict::{Dict, DictKind, Map};
use crate::eval::hash::Key;
use crate::eval::interp::Interp;
use crate::eval::kind::Type;
use crate::eval::module::Module;
use crate::eval::number::convert;
use crate::eval::raise::Res;
use crate::eval::value::{NamedType, Value};
use crate::lang::ast::BinOp;
use std::rc::Rc;

builtin_table! {
    /// Functions of collections.
    TABLE of "collections" {
        "namedtuple" ("typename, field_names, *, rename=False, defaults=None, module=None") "Make a type of tuples whose values have names." =>
            |it, a| {
                let Value::Str(name) = &a[0] else { return Err(type_error("typename must be a string").into()) };
                let fields: Vec<Rc<str>> = match &a[1] {
                    Value::Str(s) => s.text.split([',', ' ']).filter(|f| !f.is_empty()).map(Into::into).collect(),
                    other => {
                        let mut fields = Vec::new();
                        for field in it.collect(other)? {
                            fields.push(it.str(&field)?.into());
                        }
                        fields
                    }
                };
                for (i, field) in fields.iter().enumerate() {
                    if fields[..i].contains(field) {
                        return Err(value_error(format!("Encountered duplicate field name: '{field}'")).into());
                    }
                    if field.starts_with('_') {
                        let message = format!("Field names cannot start with an underscore: '{field}'");
                        return Err(value_error(message).into());
                    }
                }
                let defaults = match a[3].some() {
                    Some(defaults) => it.collect(&defaults.clone())?,
                    None => Vec::new(),
                };
                if defaults.len() > fields.len() {
                    return Err(type_error("Got more default values than field names").into());
                }
                let name = (*name.text).into();
                Ok(Value::NamedType(Rc::new(NamedType { name, fields, defaults, torch: false })))
            };
        "OrderedDict" ("mapping=(), /, **kwargs") "Make a dict whose order can be changed." => |it, a| {
            let dict = Interp::empty_dict(DictKind::Ordered);
            it.update_dict(&dict, &a[0], &a[1])?;
            Ok(dict)
        };
        "defaultdict" ("default_factory=None, mapping=(), /, **kwargs") "Make a dict that makes values for missing keys." => |it, a| {
            let factory = a[0].given().cloned().unwrap_or(Value::None);
            if !factory.is_none() && !crate::eval::builtins::callable(&factory) {
                return Err(type_error("first argument must be callable or None").into());
            }
            let dict = Interp::empty_dict(DictKind::Default(factory));
            it.update_dict(&dict, &a[1], &a[2])?;
            Ok(dict)
        };
        "Counter" ("iterable=None, /, **kwargs") "Count the values of an iterable." => |it, a| {
            let counter = Interp::empty_dict(DictKind::Counter);
            count(it, &counter, &a[0], &a[1], 1)?;
            Ok(counter)
        };
    }
}

builtin_table! {
    /// What Counter has beyond dict.
    COUNTER of "Counter" {
        "most_common" ("self, n=None") "Return the most frequent values with their counts." => |it, a| {
            let Value::Dict(dict) = &a[0] else { return Ok(Value::None) };
            let mut pairs = most_common(it, dict.pairs())?;
            if let Some(n) = a[1].some() {
                pairs.truncate(usize::try_from(convert::size(n)?).unwrap_or(0));
            }
            Ok(Value::list(pairs.into_iter().map(|(k, v)| Value::tuple([k, v])).collect()))
        };
        "elements" ("self, /") "Walk each value as often as it was counted." => |_, a| {
            let Value::Dict(dict) = &a[0] else { return Ok(Value::None) };
            let mut out = Vec::new();
            for (key, count) in dict.pairs() {
                let times = usize::try_from(convert::size(&count)?).unwrap_or(0);
                out.extend(std::iter::repeat_n(key, times));
            }
            let mut out = out.into_iter();
            Ok(Value::iter_of(Type::Iterator, "itertools.chain", move |_| Ok(out.next())))
        };
        "total" ("self, /") "Return the sum of the counts." => |it, a| {
            let Value::Dict(dict) = &a[0] else { return Ok(Value::None) };
            let mut total = Value::Int(0);
            for count in dict.values() {
                total = it.binary(BinOp::Add, &total, &count)?;
            }
            Ok(total)
        };
        "update" ("self, iterable=None, /, **kwargs") "Count more values." => |it, a| {
            count(it, &a[0], &a[1], &a[2], 1)?;
            Ok(Value::None)
        };
        "subtract" ("self, iterable=None, /, **kwargs") "Count values down." => |it, a| {
            count(it, &a[0], &a[1], &a[2], -1)?;
            Ok(Value::None)
        };
    }
}

/// Adds `sign` times the counts of a mapping, an iterable and keyword arguments.
fn count(it: &mut Interp, counter: &Value, source: &Value, kwargs: &Value, sign: i64) -> Res<()> {
    let Value::Dict(counter) = counter else { return Ok(()) };
    let mut pairs: Vec<(Value, Value)> = match source.some() {
        None => Vec::new(),
        Some(Value::Dict(dict)) => dict.pairs(),
        Some(other) => it.collect(other)?.into_iter().map(|v| (v, Value::Int(1))).collect(),
    };
    if let Value::Dict(kwargs) = kwargs {
        pairs.extend(kwargs.pairs());
    }
    for (key, value) in pairs {
        let old = counter.get(&key)?.unwrap_or(Value::Int(0));
        let op = if sign < 0 { BinOp::Sub } else { BinOp::Add };
        let new = it.binary(op, &old, &value)?;
        counter.set(key, new)?;
    }
    Ok(())
}

/// Entries by falling count, equal ones in their order.
pub fn most_common(it: &mut Interp, pairs: Vec<(Value, Value)>) -> Res<Vec<(Value, Value)>> {
    let keyed: Vec<Value> =
        pairs.iter().enumerate().map(|(i, (_, n))| Value::tuple([n.clone(), Value::count(pairs.len() - i)])).collect();
    let sorted = sort_values(it, keyed, &Value::None, &Value::Bool(true))?;
    let mut out = Vec::with_capacity(pairs.len());
    for item in sorted {
        if let Value::Tuple(t) = item
            && let Value::Int(back) = t.items[1]
        {
            out.push(pairs[pairs.len() - back as usize].clone());
        }
    }
    Ok(out)
}

impl Interp {
    /// `a + b` and `a - b` of Counters: only positive counts stay.
    pub(in crate::eval) fn counter_binary(&mut self, op: BinOp, a: &Dict, b: &Dict) -> Res {
        let mut map: Map = a.map.borrow().clone();
        for (key, value) in b.pairs() {
            let key = Key::new(key)?;
            let old = map.get(&key).cloned().unwrap_or(Value::Int(0));
            map.insert(key, self.binary(op, &old, &value)?);
        }
        map.retain(|_, v| !matches!(v, Value::Int(n) if *n <= 0));
        Ok(Value::dict_of(map, DictKind::Counter))
    }
}

/// An instance of a named type: arguments bound to its fields.
///
/// # Errors
/// `TypeError` for arguments that do not fit.
pub fn instance(named: &Rc<NamedType>, args: &Args) -> Res {
    let count = named.fields.len();
    let name = &named.name;
    if named.torch {
        let items = match args.pos.as_slice() {
            [Value::Tuple(t)] => t.items.to_vec(),
            [Value::List(l)] => l.items.borrow().clone(),
            _ => args.pos.to_vec(),
        };
        if items.len() != count {
            return Err(
                type_error(format!("{name}() takes a {count}-sequence ({}-sequence given)", items.len())).into()
            );
        }
        return Ok(Value::named(named, items));
    }
    if args.pos.len() > count {
        let message =
            format!("{name}.__new__() takes {} positional arguments but {} were given", count + 1, args.pos.len() + 1);
        return Err(type_error(message).into());
    }
    let mut items = args.pos.to_vec();
    items.resize(count, Value::Unset);
    for (key, value) in &args.kw {
        match named.fields.iter().position(|f| f == key) {
            Some(at) if items[at].is_set() => {
                return Err(type_error(format!("{name}.__new__() got multiple values for argument '{key}'")).into());
            }
            Some(at) => items[at] = value.clone(),
            None => {
                return Err(type_error(format!("{name}.__new__() got an unexpected keyword argument '{key}'")).into());
            }
        }
    }
    let first_default = count - named.defaults.len();
    for (i, default) in named.defaults.iter().enumerate() {
        if !items[first_default + i].is_set() {
            items[first_default + i] = default.clone();
        }
    }
    let missing: Vec<String> =
        named.fields.iter().zip(&items).filter(|(_, v)| !v.is_set()).map(|(f, _)| format!("'{f}'")).collect();
    if !missing.is_empty() {
        let s = if missing.len() == 1 { "" } else { "s" };
        let list = match missing.as_slice() {
            [a, b] => format!("{a} and {b}"),
            [most @ .., last] if !most.is_empty() => format!("{}, and {last}", most.join(", ")),
            one => one.concat(),
        };
        let message = format!("{name}.__new__() missing {} required positional argument{s}: {list}", missing.len());
        return Err(type_error(message).into());
    }
    Ok(Value::named(named, items))
}

/// The constructor of one of the dicts.
pub fn constructor(kind: Type) -> Option<&'static Builtin> {
    TABLE.iter().chain(super::deque::CONSTRUCTOR).find(|row| row.name == kind.name())
}

/// The module.
pub fn module() -> Module {
    let types = [Type::Deque, Type::OrderedDict, Type::DefaultDict, Type::Counter];
    types.iter().fold(Module::new("collections", &[TABLE]), |m, t| m.with(t.name(), Value::Type(*t)))
}
