//! The module `functools`: reduce, partial, cache, wraps.

use crate::base::error::type_error;
use crate::eval::args::Args;
use crate::eval::builtins::callable;
use crate::eval::dict::Map;
use crate::eval::hash::Key;
use crate::eval::interp::Interp;
use crate::eval::module::Module;
use crate::eval::number::convert;
use crate::eval::object::Object;
use crate::eval::raise::Res;
use crate::eval::value::Value;
use crate::lang::ast::Name;
use std::any::Any;
use std::cell::RefCell;

builtin_table! {
    /// Functions of functools.
    TABLE of "functools" {
        "reduce" ("function, iterable, initial=None, /") "Combine the values of an iterable from left to right." => |it, a| {
            let func = a[0].clone();
            let mut walk = it.walk(&a[1])?;
            let mut total = match a[2].given() {
                Some(initial) => initial.clone(),
                None => match it.step(&mut walk)? {
                    Some(first) => first,
                    None => return Err(type_error("reduce() of empty iterable with no initial value").into()),
                },
            };
            while let Some(value) = it.step(&mut walk)? {
                it.check_interrupt()?;
                total = it.call(&func, Args::of([total, value]))?;
            }
            Ok(total)
        };
        "partial" ("func, /, *args, **keywords") "Make a function with some arguments given already." => |_, a| {
            if !callable(&a[0]) {
                return Err(type_error("the first argument must be callable").into());
            }
            let (Value::Tuple(args), Value::Dict(keywords)) = (&a[1], &a[2]) else { return Ok(Value::None) };
            let keywords = keywords.pairs().into_iter();
            let kw = keywords.filter_map(|(k, v)| k.as_str().map(|name| (Name::from(name), v))).collect();
            Ok(Value::object(Partial { func: a[0].clone(), args: args.items.to_vec(), kw }))
        };
        "cache" ("user_function, /") "Make a function that remembers its results." =>
            |_, a| Ok(Value::object(Cached { func: a[0].clone(), most: None, seen: RefCell::default() }));
        "lru_cache" ("maxsize=128, typed=False") "Make a function that remembers its last results." => |_, a| {
            match a[0].given() {
                Some(func) if callable(func) => {
                    Ok(Value::object(Cached { func: func.clone(), most: Some(128), seen: RefCell::default() }))
                }
                Some(Value::None) => Ok(Value::object(Decorator { most: None })),
                Some(size) => Ok(Value::object(Decorator { most: Some(convert::size(size)?.max(0) as usize) })),
                None => Ok(Value::object(Decorator { most: Some(128) })),
            }
        };
        "wraps" ("wrapped, assigned=None, updated=None") "Make a decorator that changes nothing here: names are kept by position." =>
            |_, _| Ok(Value::object(Identity));
        "cmp_to_key" ("mycmp") "Make a sort key of a comparison function." => |_, a| Ok(Value::object(KeyMaker { compare: a[0].clone() }));
    }
}

struct Partial {
    func: Value,
    args: Vec<Value>,
    kw: Vec<(Name, Value)>,
}

impl Object for Partial {
    fn type_name(&self) -> &str {
        "functools.partial"
    }

    fn callable(&self) -> bool {
        true
    }

    fn call(&self, it: &mut Interp, args: Args) -> Res<Option<Value>> {
        let mut all = Args::of(self.args.iter().cloned().chain(args.pos));
        all.kw = self.kw.iter().filter(|(name, _)| !args.kw.iter().any(|(n, _)| n == name)).cloned().collect();
        all.kw.extend(args.kw);
        it.call(&self.func, all).map(Some)
    }

    fn get_attr(&self, _: &mut Interp, _: &Value, name: &str) -> Res<Option<Value>> {
        Ok(match name {
            "func" => Some(self.func.clone()),
            "args" => Some(Value::tuple(self.args.clone())),
            "keywords" => Some(Value::dict(self.kw.iter().map(|(k, v)| (Key::str(k), v.clone())).collect())),
            _ => None,
        })
    }

    fn attrs(&self) -> Vec<String> {
        ["func", "args", "keywords"].map(str::to_owned).to_vec()
    }

    fn repr(&self, it: &mut Interp) -> Res<String> {
        let mut text = format!("functools.partial({}", it.repr(&self.func)?);
        for arg in &self.args {
            text.push_str(", ");
            text.push_str(&it.repr(arg)?);
        }
        for (name, value) in &self.kw {
            text.push_str(&format!(", {name}={}", it.repr(value)?));
        }
        Ok(text + ")")
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// A function and the results that it gave, by its arguments; the oldest goes when there are too many.
struct Cached {
    func: Value,
    most: Option<usize>,
    seen: RefCell<Map>,
}

impl Object for Cached {
    fn type_name(&self) -> &str {
        "functools._lru_cache_wrapper"
    }

    fn callable(&self) -> bool {
        true
    }

    fn call(&self, it: &mut Interp, args: Args) -> Res<Option<Value>> {
        let mut parts = args.pos.to_vec();
        for (name, value) in &args.kw {
            parts.push(Value::tuple([Value::from(&**name), value.clone()]));
        }
        let key = Key::new(Value::tuple(parts))?;
        let found = self.seen.borrow().get_index_of(&key);
        if let Some(at) = found {
            let mut seen = self.seen.borrow_mut();
            let value = seen.get_index(at).map(|(_, v)| v.clone());
            if self.most.is_some() {
                let last = seen.len() - 1;
                seen.move_index(at, last);
            }
            return Ok(value);
        }
        let value = it.call(&self.func, args)?;
        let mut seen = self.seen.borrow_mut();
        seen.insert(key, value.clone());
        if self.most.is_some_and(|most| seen.len() > most) {
            seen.shift_remove_index(0);
        }
        Ok(Some(value))
    }

    fn get_attr(&self, _: &mut Interp, _: &Value, name: &str) -> Res<Option<Value>> {
        Ok((name == "__wrapped__").then(|| self.func.clone()))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// `lru_cache(maxsize=n)`, before it has its function.
struct Decorator {
    most: Option<usize>,
}

impl Object for Decorator {
    fn type_name(&self) -> &str {
        "function"
    }

    fn callable(&self) -> bool {
        true
    }

    fn call(&self, _: &mut Interp, args: Args) -> Res<Option<Value>> {
        let func = args.pos.first().cloned().unwrap_or(Value::None);
        Ok(Some(Value::object(Cached { func, most: self.most, seen: RefCell::default() })))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// A decorator that gives its function back.
struct Identity;

impl Object for Identity {
    fn type_name(&self) -> &str {
        "function"
    }

    fn callable(&self) -> bool {
        true
    }

    fn call(&self, _: &mut Interp, args: Args) -> Res<Option<Value>> {
        Ok(args.pos.first().cloned())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

struct KeyMaker {
    compare: Value,
}

impl Object for KeyMaker {
    fn type_name(&self) -> &str {
        "functools.KeyWrapper"
    }

    fn callable(&self) -> bool {
        true
    }

    fn call(&self, _: &mut Interp, args: Args) -> Res<Option<Value>> {
        let value = args.pos.first().cloned().unwrap_or(Value::None);
        Ok(Some(Value::object(SortKey { compare: self.compare.clone(), value })))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// A value whose order a comparison function decides.
struct SortKey {
    compare: Value,
    value: Value,
}

impl Object for SortKey {
    fn type_name(&self) -> &str {
        "functools.KeyWrapper"
    }

    fn compare(
        &self,
        it: &mut Interp,
        op: crate::lang::ast::CmpOp,
        other: &Value,
        reflected: bool,
    ) -> Res<Option<Value>> {
        let Some(other) = other.downcast::<SortKey>().filter(|_| !reflected) else { return Ok(None) };
        let order = it.call(&self.compare, Args::of([self.value.clone(), other.value.clone()]))?;
        it.compare(op, &order, &Value::Int(0)).map(Some)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// The module.
pub fn module() -> Module {
    Module::new("functools", &[TABLE])
}
