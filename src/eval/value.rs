//! What a name can hold: Python's values, in 16 bytes, cheap to clone, on one thread.

use super::builtin::Builtin;
use super::code::FuncCode;
use super::dict::{Dict, View};
use super::iterate::Iter;
use super::kind::Type;
use super::module::Module;
use super::object::Object;
use super::raise::Exc;
use super::set::Set;
use crate::base::dtype::C64;
use crate::base::{DType, Device};
use crate::lang::ast::Name;
use crate::tensor::Tensor;
use num_bigint::BigInt;
use num_traits::ToPrimitive;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// A Python value. Those that own nothing come first: see [`Value::is_flat`].
pub enum Value {
    /// No value: an unbound name, an argument that was not given. Never seen by a script.
    Unset,
    /// `None`.
    None,
    /// `NotImplemented`.
    NotImplemented,
    /// `...`.
    Ellipsis,
    /// `True`, `False`.
    Bool(bool),
    /// An int that fits 64 bits; larger ones are always [`Value::BigInt`].
    Int(i64),
    /// A float.
    Float(f64),
    /// A variable shared between a function and the functions in it. Never seen by a script.
    Cell(Rc<RefCell<Value>>),
    /// An int outside the range of `i64`.
    BigInt(Rc<BigInt>),
    /// A complex.
    Complex(Rc<C64>),
    /// A str.
    Str(Rc<Str>),
    /// A list.
    List(Rc<List>),
    /// A tuple, and what extends it (`torch.Size`, named tuples).
    Tuple(Rc<Tuple>),
    /// A dict, and what extends it.
    Dict(Rc<Dict>),
    /// A set or frozenset.
    Set(Rc<Set>),
    /// A slice.
    Slice(Rc<Slice>),
    /// A range.
    Range(Rc<Range>),
    /// `dict.keys()` and its kin.
    View(Rc<View>),
    /// An iterator.
    Iter(Rc<Iter>),
    /// A function of the script.
    Func(Rc<Func>),
    /// A function of ours.
    Builtin(&'static Builtin),
    /// A builtin method with its object.
    Method(Rc<Method>),
    /// A module.
    Module(Rc<Module>),
    /// A type.
    Type(Type),
    /// A type that `collections.namedtuple` made.
    NamedType(Rc<NamedType>),
    /// An exception.
    Exc(Rc<Exc>),
    /// A `torch.dtype`.
    DType(DType),
    /// A `torch.device`.
    Device(Device),
    /// A tensor.
    Tensor(Tensor),
    /// Anything else: see [`Object`].
    Object(Rc<Box<dyn Object>>),
}

const _: () = assert!(size_of::<Value>() == 16);

impl Clone for Value {
    /// The values that loops are made of are copied where they stand; the others behind a call.
    #[inline(always)]
    fn clone(&self) -> Value {
        match self {
            Value::Int(i) => Value::Int(*i),
            Value::Float(f) => Value::Float(*f),
            other => other.shared(),
        }
    }
}

/// A string, its length and its hash.
pub struct Str {
    /// The text.
    pub text: Box<str>,
    /// Its length in code points: what `len` gives.
    pub chars: usize,
    /// What `hash` gave; 0 while nobody asked.
    hash: Cell<i64>,
}

impl Str {
    /// A text with its length in code points.
    pub fn new(text: Box<str>, chars: usize) -> Str {
        Str { text, chars, hash: Cell::new(0) }
    }

    /// `hash(self)`, computed once.
    #[inline]
    pub fn hash(&self) -> i64 {
        match self.hash.get() {
            0 => {
                let hash = super::hash::hash_str(&self.text);
                self.hash.set(hash);
                hash
            }
            hash => hash,
        }
    }

    /// Adds a text at the end.
    pub fn push(&mut self, end: &Str) {
        let mut text = String::from(std::mem::take(&mut self.text));
        // A little room at a time can often be had where the text is.
        text.reserve_exact(end.text.len());
        text.push_str(&end.text);
        *self = Str::new(text.into(), self.chars + end.chars);
    }

    /// Whether code points and bytes are the same.
    pub fn is_ascii(&self) -> bool {
        self.chars == self.text.len()
    }
}

/// A list.
pub struct List {
    /// The elements. Never keep a borrow over a call that may run a script's code.
    pub items: RefCell<Vec<Value>>,
}

/// A tuple.
pub struct Tuple {
    /// The elements.
    pub items: Box<[Value]>,
    /// What it is more than a tuple.
    pub kind: TupleKind,
}

/// The types that extend tuple.
#[derive(Clone)]
pub enum TupleKind {
    /// A tuple itself.
    Plain,
    /// `torch.Size`.
    Size,
    /// A named tuple, or one of `torch.return_types`.
    Named(Rc<NamedType>),
}

/// The type of named tuples.
pub struct NamedType {
    /// What `repr` shows: `Point`, `torch.return_types.max`.
    pub name: Rc<str>,
    /// The names of the fields, in order.
    pub fields: Vec<Rc<str>>,
    /// Defaults of the last fields.
    pub defaults: Vec<Value>,
    /// Whether `repr` is torch's (`torch.return_types.max(\nvalues=...,\n...)`).
    pub torch: bool,
}

/// A slice's three parts, any value each.
pub struct Slice {
    /// Where it starts.
    pub start: Value,
    /// Where it stops.
    pub stop: Value,
    /// Its step.
    pub step: Value,
}

/// A range; its numbers all fit 64 bits.
#[derive(Clone, Copy, Debug)]
pub struct Range {
    /// The first number.
    pub start: i64,
    /// The bound that is not reached.
    pub stop: i64,
    /// The step, never 0.
    pub step: i64,
}

impl Range {
    /// How many numbers it has.
    pub fn len(&self) -> usize {
        let (start, stop, step) = (self.start as i128, self.stop as i128, self.step as i128);
        let count = if step > 0 { (stop - start + step - 1) / step } else { (stop - start + step + 1) / step };
        count.max(0).min(usize::MAX as i128) as usize
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Takes the first number.
    #[inline]
    pub fn take_first(&mut self) -> Option<i64> {
        let first = self.start;
        let more = if self.step > 0 { first < self.stop } else { first > self.stop };
        if !more {
            return None;
        }
        // A step beyond 64 bits is a step beyond the end.
        self.start = first.checked_add(self.step).unwrap_or(self.stop);
        Some(first)
    }

    /// The number at `index`, which is below `len`.
    pub fn at(&self, index: usize) -> i64 {
        (self.start as i128 + index as i128 * self.step as i128) as i64
    }
}

/// A function of the script: its code, its defaults and the variables that it shares.
pub struct Func {
    /// What runs.
    pub code: Rc<FuncCode>,
    /// A default for each parameter that has one, in order.
    pub defaults: Box<[Value]>,
    /// The cells of enclosing functions, in the order of the code's free slots.
    pub cells: Box<[Value]>,
    /// What scripts set on it, names of its own (`__name__`, `__doc__`) among them.
    pub attrs: RefCell<Vec<(Name, Value)>>,
}

impl Func {
    /// An attribute that was set.
    pub fn attr(&self, name: &str) -> Option<Value> {
        self.attrs.borrow().iter().find(|(n, _)| &**n == name).map(|(_, value)| value.clone())
    }

    /// Sets an attribute.
    pub fn set_attr(&self, name: &str, value: Value) {
        let mut attrs = self.attrs.borrow_mut();
        let old = match attrs.iter_mut().find(|(n, _)| &**n == name) {
            Some((_, slot)) => Some(std::mem::replace(slot, value)),
            None => {
                attrs.push((name.into(), value));
                None
            }
        };
        drop(attrs);
        drop(old);
    }

    /// `__qualname__`: what messages call it.
    pub fn qualname(&self) -> Name {
        match self.attr("__qualname__") {
            Some(Value::Str(name)) => (*name.text).into(),
            _ => self.code.qualname.clone(),
        }
    }
}

/// A builtin method bound to its object.
pub struct Method {
    /// The object.
    pub this: Value,
    /// The function, whose first parameter is `self`.
    pub func: &'static Builtin,
}

impl Value {
    /// Whether it owns nothing: copying and dropping it touch no other memory.
    #[inline(always)]
    pub fn is_flat(&self) -> bool {
        matches!(
            self,
            Value::Unset
                | Value::None
                | Value::NotImplemented
                | Value::Ellipsis
                | Value::Bool(_)
                | Value::Int(_)
                | Value::Float(_)
        )
    }

    /// Whether dropping it may drop further containers.
    #[inline]
    pub fn nests(&self) -> bool {
        !self.is_flat() && !matches!(self, Value::Str(_) | Value::BigInt(_) | Value::Complex(_) | Value::Range(_))
    }

    /// Drops it; one that owns nothing without a call.
    #[inline(always)]
    pub fn discard(self) {
        if self.is_flat() {
            std::mem::forget(self);
        } else {
            drop(self);
        }
    }

    /// Takes another's place; where this owns nothing without a call.
    #[inline(always)]
    pub fn put(&mut self, value: Value) {
        if self.is_flat() {
            std::mem::forget(std::mem::replace(self, value));
        } else {
            self.put_rare(value);
        }
    }

    #[inline(never)]
    fn put_rare(&mut self, value: Value) {
        *self = value;
    }

    #[inline(never)]
    fn shared(&self) -> Value {
        match self {
            Value::Unset => Value::Unset,
            Value::None => Value::None,
            Value::NotImplemented => Value::NotImplemented,
            Value::Ellipsis => Value::Ellipsis,
            Value::Bool(v) => Value::Bool(*v),
            Value::Int(v) => Value::Int(*v),
            Value::Float(v) => Value::Float(*v),
            Value::Cell(v) => Value::Cell(v.clone()),
            Value::BigInt(v) => Value::BigInt(v.clone()),
            Value::Complex(v) => Value::Complex(v.clone()),
            Value::Str(v) => Value::Str(v.clone()),
            Value::List(v) => Value::List(v.clone()),
            Value::Tuple(v) => Value::Tuple(v.clone()),
            Value::Dict(v) => Value::Dict(v.clone()),
            Value::Set(v) => Value::Set(v.clone()),
            Value::Slice(v) => Value::Slice(v.clone()),
            Value::Range(v) => Value::Range(v.clone()),
            Value::View(v) => Value::View(v.clone()),
            Value::Iter(v) => Value::Iter(v.clone()),
            Value::Func(v) => Value::Func(v.clone()),
            Value::Builtin(v) => Value::Builtin(v),
            Value::Method(v) => Value::Method(v.clone()),
            Value::Module(v) => Value::Module(v.clone()),
            Value::Type(v) => Value::Type(*v),
            Value::NamedType(v) => Value::NamedType(v.clone()),
            Value::Exc(v) => Value::Exc(v.clone()),
            Value::DType(v) => Value::DType(*v),
            Value::Device(v) => Value::Device(*v),
            Value::Tensor(v) => Value::Tensor(v.clone()),
            Value::Object(v) => Value::Object(v.clone()),
        }
    }

    /// A str.
    pub fn str(text: impl Into<Box<str>>) -> Value {
        let text = text.into();
        let chars = if text.is_ascii() { text.len() } else { text.chars().count() };
        Value::Str(Rc::new(Str::new(text, chars)))
    }

    /// The str of one character; those of ASCII are made once.
    pub fn char(c: char) -> Value {
        thread_local! {
            static ASCII: [Value; 128] = std::array::from_fn(|i| Value::str((i as u8 as char).to_string()));
        }
        if c.is_ascii()
            && let Ok(value) = ASCII.try_with(|made| made[c as usize & 127].clone())
        {
            return value;
        }
        Value::from(c.encode_utf8(&mut [0; 4]) as &str)
    }

    /// A list.
    pub fn list(items: Vec<Value>) -> Value {
        Value::List(Rc::new(List { items: RefCell::new(items) }))
    }

    /// A tuple.
    pub fn tuple(items: impl Into<Box<[Value]>>) -> Value {
        Value::Tuple(Rc::new(Tuple { items: items.into(), kind: TupleKind::Plain }))
    }

    /// A `torch.Size`.
    pub fn size(items: impl IntoIterator<Item = i64>) -> Value {
        Value::Tuple(Rc::new(Tuple { items: items.into_iter().map(Value::Int).collect(), kind: TupleKind::Size }))
    }

    /// An instance of a named type; `items` are as many as its fields.
    pub fn named(kind: &Rc<NamedType>, items: Vec<Value>) -> Value {
        Value::Tuple(Rc::new(Tuple { items: items.into(), kind: TupleKind::Named(kind.clone()) }))
    }

    /// An int of any size, in its one form.
    pub fn int(value: BigInt) -> Value {
        match value.to_i64() {
            Some(small) => Value::Int(small),
            None => Value::BigInt(Rc::new(value)),
        }
    }

    /// An int from a count.
    pub fn count(value: usize) -> Value {
        Value::Int(value as i64)
    }

    /// A complex.
    pub fn complex(value: C64) -> Value {
        Value::Complex(Rc::new(value))
    }

    /// A slice.
    pub fn slice(start: Value, stop: Value, step: Value) -> Value {
        Value::Slice(Rc::new(Slice { start, stop, step }))
    }

    /// Anything of ours that is an [`Object`].
    pub fn object(object: impl Object) -> Value {
        Value::Object(Rc::new(Box::new(object)))
    }

    /// The text of a str.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::Str(s) => Some(&s.text),
            _ => None,
        }
    }

    /// Whether there is a value.
    pub fn is_set(&self) -> bool {
        !matches!(self, Value::Unset)
    }

    /// Whether it is `None`.
    pub fn is_none(&self) -> bool {
        matches!(self, Value::None)
    }

    /// The argument, where it was given.
    pub fn given(&self) -> Option<&Value> {
        if self.is_set() { Some(self) } else { None }
    }

    /// The argument, where it was given and is not `None`.
    pub fn some(&self) -> Option<&Value> {
        if self.is_set() && !self.is_none() { Some(self) } else { None }
    }

    /// The address that identifies a value that lives on the heap.
    pub fn address(&self) -> Option<usize> {
        fn at<T>(rc: &Rc<T>) -> Option<usize> {
            Some(Rc::as_ptr(rc).cast::<u8>() as usize)
        }
        match self {
            Value::BigInt(v) => at(v),
            Value::Complex(v) => at(v),
            Value::Str(v) => at(v),
            Value::List(v) => at(v),
            Value::Tuple(v) => at(v),
            Value::Dict(v) => at(v),
            Value::Set(v) => at(v),
            Value::Slice(v) => at(v),
            Value::Range(v) => at(v),
            Value::View(v) => at(v),
            Value::Iter(v) => at(v),
            Value::Func(v) => at(v),
            Value::Builtin(v) => Some(std::ptr::from_ref(*v) as usize),
            Value::Method(v) => at(v),
            Value::Module(v) => at(v),
            Value::NamedType(v) => at(v),
            Value::Exc(v) => at(v),
            Value::Object(v) => at(v),
            Value::Tensor(t) => Some(t.id()),
            Value::Cell(v) => at(v),
            _ => None,
        }
    }

    /// `a is b`.
    pub fn is(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::None, Value::None)
            | (Value::Ellipsis, Value::Ellipsis)
            | (Value::NotImplemented, Value::NotImplemented)
            | (Value::Unset, Value::Unset) => true,
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Int(a), Value::Int(b)) => a == b,
            (Value::Float(a), Value::Float(b)) => a.to_bits() == b.to_bits(),
            (Value::Type(a), Value::Type(b)) => a == b,
            (Value::DType(a), Value::DType(b)) => a == b,
            // CPython shares equal strings only at times; sharing one-character ones is enough for `is` to agree.
            (Value::Str(a), Value::Str(b)) => Rc::ptr_eq(a, b) || (a.chars <= 1 && a.text == b.text),
            (Value::Tuple(a), Value::Tuple(b)) => Rc::ptr_eq(a, b) || (a.items.is_empty() && b.items.is_empty()),
            _ => self.address().is_some() && self.address() == other.address(),
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::str(text)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Value {
        Value::str(text)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Value {
        Value::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Value {
        Value::Int(value)
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Value {
        Value::Float(value)
    }
}

impl From<usize> for Value {
    fn from(value: usize) -> Value {
        Value::Int(value as i64)
    }
}

impl From<BigInt> for Value {
    fn from(value: BigInt) -> Value {
        Value::int(value)
    }
}

impl From<C64> for Value {
    fn from(value: C64) -> Value {
        Value::complex(value)
    }
}

impl From<Vec<Value>> for Value {
    fn from(items: Vec<Value>) -> Value {
        Value::list(items)
    }
}
