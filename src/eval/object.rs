//! The door for values that this room does not know: tensors, arrays, context managers, partial functions.

use super::args::Args;
use super::interp::Interp;
use super::kind::Type;
use super::manual::Manual;
use super::raise::{Exc, Res};
use super::value::Value;
use crate::lang::ast::{BinOp, CmpOp, UnOp};
use crate::tensor::Tensor;
use std::any::Any;
use std::ops::Deref;
use std::rc::Rc;

/// A value with behaviour of its own. Each method answers `None` for "not something I do", and the evaluator then
/// raises Python's `TypeError` or `AttributeError` for it.
#[allow(unused_variables)]
pub trait Object: Any {
    /// The type's name in messages.
    fn type_name(&self) -> &str;

    /// The type for `type()` and `isinstance`.
    fn kind(&self) -> Type {
        Type::Foreign
    }

    /// `self.name`; `this` is the value that holds the object.
    fn get_attr(&self, it: &mut Interp, this: &Value, name: &str) -> Res<Option<Value>> {
        Ok(None)
    }

    /// `self.name = value`; false when there is no such attribute to write.
    fn set_attr(&self, it: &mut Interp, name: &str, value: Value) -> Res<bool> {
        Ok(false)
    }

    /// The names of the attributes, for completion and `dir`.
    fn attrs(&self) -> Vec<String> {
        Vec::new()
    }

    /// Whether [`Object::call`] does something.
    fn callable(&self) -> bool {
        false
    }

    /// `self(args)`.
    fn call(&self, it: &mut Interp, args: Args) -> Res<Option<Value>> {
        Ok(None)
    }

    /// `self op other`, or `other op self` when reflected.
    fn binary(&self, it: &mut Interp, op: BinOp, other: &Value, reflected: bool) -> Res<Option<Value>> {
        Ok(None)
    }

    /// `self op= other`, in place; `this` is the value that holds the object.
    fn binary_in_place(&self, it: &mut Interp, this: &Value, op: BinOp, other: &Value) -> Res<Option<Value>> {
        Ok(None)
    }

    /// `self op other`, or `other op self` when reflected; any value may come out.
    fn compare(&self, it: &mut Interp, op: CmpOp, other: &Value, reflected: bool) -> Res<Option<Value>> {
        Ok(None)
    }

    /// `op self`, not called for `not`.
    fn unary(&self, it: &mut Interp, op: UnOp) -> Res<Option<Value>> {
        Ok(None)
    }

    /// `self[index]`.
    fn get_item(&self, it: &mut Interp, index: &Value) -> Res<Option<Value>> {
        Ok(None)
    }

    /// `self[index] = value`; false when not supported.
    fn set_item(&self, it: &mut Interp, index: &Value, value: Value) -> Res<bool> {
        Ok(false)
    }

    /// `del self[index]`; false when not supported.
    fn del_item(&self, it: &mut Interp, index: &Value) -> Res<bool> {
        Ok(false)
    }

    /// `item in self`.
    fn contains(&self, it: &mut Interp, item: &Value) -> Res<Option<bool>> {
        Ok(None)
    }

    /// `bool(self)`.
    fn truth(&self, it: &mut Interp) -> Res<bool> {
        Ok(true)
    }

    /// `len(self)`.
    fn len(&self, it: &mut Interp) -> Res<Option<usize>> {
        Ok(None)
    }

    /// `iter(self)`.
    fn iter(&self, it: &mut Interp) -> Res<Option<Value>> {
        Ok(None)
    }

    /// `repr(self)`.
    fn repr(&self, it: &mut Interp) -> Res<String> {
        Ok(format!("<{} object>", self.type_name()))
    }

    /// `str(self)`.
    fn str(&self, it: &mut Interp) -> Res<String> {
        self.repr(it)
    }

    /// `format(self, spec)`.
    fn format(&self, it: &mut Interp, spec: &str) -> Res<Option<String>> {
        Ok(None)
    }

    /// `hash(self)`; `None` hashes by identity, an error says unhashable.
    fn hash(&self) -> Res<Option<i64>> {
        Ok(None)
    }

    /// Whether the two are one key of a dict; values that are the same object are anyway.
    fn same(&self, other: &Value) -> bool {
        false
    }

    /// `float(self)`, `int(self)`, `complex(self)`: the number that it stands for.
    fn number(&self, it: &mut Interp, wanted: Type) -> Res<Option<Value>> {
        Ok(None)
    }

    /// `with self`: the value behind `as`; `None` when it is no context manager.
    fn enter(&self, it: &mut Interp, this: &Value) -> Res<Option<Value>> {
        Ok(None)
    }

    /// The end of `with self`; true swallows the exception.
    fn exit(&self, it: &mut Interp, exc: Option<&Rc<Exc>>) -> Res<bool> {
        Ok(false)
    }

    /// `type(self)`, where that is no builtin type.
    fn class(&self) -> Option<Value> {
        None
    }

    /// `isinstance(self, class)`; `None` leaves the answer to the builtin types and to [`Object::has_instance`].
    fn is_instance(&self, class: &Value) -> Option<bool> {
        None
    }

    /// `isinstance(value, self)`; `None` when this is no type.
    fn has_instance(&self, value: &Value) -> Option<bool> {
        None
    }

    /// The Python value that it equals and hashes as: the number in a NumPy scalar.
    fn plain(&self) -> Option<Value> {
        None
    }

    /// What a label under the operand says: `float32[2, 3] cpu`.
    fn describe(&self) -> Option<String> {
        None
    }

    /// What help and completion say of it, where it can be called.
    fn manual(&self) -> Option<Manual> {
        None
    }

    /// For downcasts.
    fn as_any(&self) -> &dyn Any;
}

/// A value of another room, to be asked for its behaviour.
pub enum Foreign {
    /// A tensor.
    Tensor(Tensor),
    /// An object.
    Object(Rc<Box<dyn Object>>),
    /// None of both: it does nothing.
    Nothing,
}

struct Nothing;

impl Object for Nothing {
    fn type_name(&self) -> &str {
        "object"
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Deref for Foreign {
    type Target = dyn Object;

    fn deref(&self) -> &dyn Object {
        match self {
            Foreign::Tensor(t) => t,
            Foreign::Object(o) => &***o,
            Foreign::Nothing => &Nothing,
        }
    }
}

impl Value {
    /// The value as one of another room.
    pub fn foreign(&self) -> Foreign {
        match self {
            Value::Tensor(t) => Foreign::Tensor(t.clone()),
            Value::Object(o) => Foreign::Object(o.clone()),
            _ => Foreign::Nothing,
        }
    }

    /// The object inside, when it is a `T`.
    pub fn downcast<T: Object>(&self) -> Option<&T> {
        match self {
            Value::Object(o) => o.as_any().downcast_ref::<T>(),
            _ => None,
        }
    }
}
