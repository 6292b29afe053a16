//! The module `functools`: reduce, partial, cache, wraps.

use crate::base::error::type_error;
use crate::eval::args::Args;
use crate::eval::attribute::class_of;
use crate::eval::builtins::callable;
use crate::eval::dict::Map;
use crate::eval::hash::Key;
use crate::eval::interp::Interp;
use crate::eval::module::Module;
use crate::eval::number::convert;
use crate::eval::object::Object;
use crate::eval::raise::Res;
use crate::eval::value::{Method, NamedType, Value};
use crate::lang::ast::Name;
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

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
        "cache" ("user_function, /") "Make a function that remembers its results." => |_, a| Ok(cached(&a[0], None, false));
        "lru_cache" ("maxsize=128, typed=False") "Make a function that remembers its last results." => |it, a| {
            let typed = match a[1].given() { Some(flag) => it.truth(&flag.clone())?, None => false };
            match a[0].given() {
                Some(func) if callable(func) => Ok(cached(func, Some(128), typed)),
                Some(Value::None) => Ok(Value::object(Decorator::Cache { most: None, typed })),
                Some(size @ (Value::Int(_) | Value::Bool(_))) => {
                    let most = Some(convert::size(size)?.max(0) as usize);
                    Ok(Value::object(Decorator::Cache { most, typed }))
                }
                Some(_) => Err(type_error("Expected first argument to be an integer, a callable, or None").into()),
                None => Ok(Value::object(Decorator::Cache { most: Some(128), typed })),
            }
        };
        "wraps" ("wrapped, assigned=None, updated=None") "Make a decorator that gives a function the names of another." =>
            |_, a| Ok(Value::object(Decorator::Wraps(a[0].clone())));
        "update_wrapper" ("wrapper, wrapped, assigned=None, updated=None") "Give a function the names of another." =>
            |it, a| named_as(it, &a[0], &a[1]);
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

/// Gives a function the names of another, and what scripts set on that.
fn named_as(it: &mut Interp, wrapper: &Value, wrapped: &Value) -> Res {
    for name in ["__module__", "__name__", "__qualname__", "__doc__"] {
        if let Some(value) = it.find_attr(wrapped, name)? {
            it.set_attr(wrapper, name, value)?;
        }
    }
    if let (Value::Func(from), Value::Func(to)) = (wrapped, wrapper) {
        let attrs = from.attrs.borrow().clone();
        attrs
            .into_iter()
            .filter(|(name, _)| !name.starts_with("__"))
            .for_each(|(name, value)| to.set_attr(&name, value));
    }
    it.set_attr(wrapper, "__wrapped__", wrapped.clone())?;
    Ok(wrapper.clone())
}

fn cached(func: &Value, most: Option<usize>, typed: bool) -> Value {
    Value::object(Cached {
        func: func.clone(),
        most,
        typed,
        seen: RefCell::default(),
        hits: Cell::new(0),
        misses: Cell::new(0),
    })
}

/// A function and the results that it gave, by its arguments; the oldest goes when there are too many.
struct Cached {
    func: Value,
    most: Option<usize>,
    typed: bool,
    seen: RefCell<Map>,
    hits: Cell<usize>,
    misses: Cell<usize>,
}

builtin_table! {
    /// Methods of a function that remembers its results.
    CACHED of "functools._lru_cache_wrapper" {
        "cache_info" ("self, /") "Return how often results were remembered and computed." => |_, a| {
            let Some(this) = a[0].downcast::<Cached>() else { return Ok(Value::None) };
            let fields = ["hits", "misses", "maxsize", "currsize"].map(Into::into).to_vec();
            let named = NamedType { name: "CacheInfo".into(), fields, defaults: Vec::new(), torch: false };
            let most = this.most.map_or(Value::None, Value::count);
            let counts = [this.hits.get(), this.misses.get(), this.seen.borrow().len()].map(Value::count);
            let [hits, misses, size] = counts;
            Ok(Value::named(&Rc::new(named), vec![hits, misses, most, size]))
        };
        "cache_clear" ("self, /") "Forget every result." => |_, a| {
            let Some(this) = a[0].downcast::<Cached>() else { return Ok(Value::None) };
            let old = this.seen.take();
            drop(old);
            this.hits.set(0);
            this.misses.set(0);
            Ok(Value::None)
        };
    }
}

impl Cached {
    /// The key of a call: its arguments, and where types matter, their types.
    fn key(&self, args: &Args) -> Res<Key> {
        let mut parts = args.pos.to_vec();
        for (name, value) in &args.kw {
            parts.push(Value::tuple([Value::from(&**name), value.clone()]));
        }
        if self.typed {
            parts.extend(args.pos.iter().chain(args.kw.iter().map(|(_, value)| value)).map(class_of));
        }
        Key::new(Value::tuple(parts))
    }
}

impl Object for Cached {
    fn type_name(&self) -> &str {
        "functools._lru_cache_wrapper"
    }

    fn callable(&self) -> bool {
        true
    }

    fn call(&self, it: &mut Interp, args: Args) -> Res<Option<Value>> {
        if self.most == Some(0) {
            self.misses.set(self.misses.get() + 1);
            return it.call(&self.func, args).map(Some);
        }
        let key = self.key(&args)?;
        let found = self.seen.borrow().get_index_of(&key);
        if let Some(at) = found {
            self.hits.set(self.hits.get() + 1);
            let mut seen = self.seen.borrow_mut();
            let value = seen.get_index(at).map(|(_, v)| v.clone());
            if self.most.is_some() {
                let last = seen.len() - 1;
                seen.move_index(at, last);
            }
            return Ok(value);
        }
        self.misses.set(self.misses.get() + 1);
        let value = it.call(&self.func, args)?;
        let mut seen = self.seen.borrow_mut();
        let mut old = seen.insert(key, value.clone());
        if self.most.is_some_and(|most| seen.len() > most) {
            old = seen.shift_remove_index(0).map(|(_, value)| value);
        }
        drop(seen);
        drop(old);
        Ok(Some(value))
    }

    fn get_attr(&self, it: &mut Interp, this: &Value, name: &str) -> Res<Option<Value>> {
        if let Some(func) = CACHED.iter().find(|row| row.name == name) {
            return Ok(Some(Value::Method(Rc::new(Method { this: this.clone(), func }))));
        }
        if name == "__wrapped__" { Ok(Some(self.func.clone())) } else { it.find_attr(&self.func, name) }
    }

    fn attrs(&self) -> Vec<String> {
        CACHED.iter().map(|row| row.name.to_owned()).chain(["__wrapped__".to_owned()]).collect()
    }

    fn repr(&self, it: &mut Interp) -> Res<String> {
        let name = it.find_attr(&self.func, "__qualname__")?;
        let name = name.as_ref().and_then(Value::as_str).unwrap_or_default();
        Ok(format!("<functools._lru_cache_wrapper object of {name}>"))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// What waits for its function.
enum Decorator {
    /// `lru_cache(maxsize=n)`.
    Cache { most: Option<usize>, typed: bool },
    /// `wraps(wrapped)`.
    Wraps(Value),
}

impl Object for Decorator {
    fn type_name(&self) -> &str {
        "function"
    }

    fn callable(&self) -> bool {
        true
    }

    fn call(&self, it: &mut Interp, args: Args) -> Res<Option<Value>> {
        let func = args.pos.first().cloned().unwrap_or(Value::None);
        match self {
            Decorator::Cache { most, typed } => Ok(Some(cached(&func, *most, *typed))),
            Decorator::Wraps(wrapped) => named_as(it, &func, wrapped).map(Some),
        }
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
