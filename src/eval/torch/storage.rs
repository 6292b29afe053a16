//! Storages as values: `tensor.untyped_storage()` is the bytes, `tensor.storage()` the elements in memory order.

use super::convert::{as_scalar, number};
use crate::base::error::{Error, index_error, runtime, type_error};
use crate::base::{DType, Device};
use crate::eval::builtin::Builtin;
use crate::eval::compare::by_equality;
use crate::eval::interp::Interp;
use crate::eval::kind::Type;
use crate::eval::object::Object;
use crate::eval::raise::Res;
use crate::eval::value::{Method, Value};
use crate::lang::ast::CmpOp;
use crate::store::View;
use std::any::Any;
use std::fmt::Write;
use std::rc::Rc;

/// All elements of a storage; bytes where it has no dtype of its own.
pub struct StorageObject {
    elements: View,
    typed: bool,
}

impl StorageObject {
    /// The storage of a view, read as its dtype (typed) or as bytes.
    ///
    /// # Errors
    /// None that a view of a sound storage meets.
    pub fn of(view: &View, typed: bool) -> Result<Value, Error> {
        let dtype = if typed { view.dtype() } else { DType::U8 };
        let count = (view.storage().bytes() / dtype.size()) as i64;
        Ok(Value::object(StorageObject { elements: view.reinterpret(dtype, &[count], &[1], 0)?, typed }))
    }

    fn len(&self) -> usize {
        self.elements.numel()
    }

    fn place(&self, index: i64) -> Res<usize> {
        let len = self.len() as i64;
        let at = if index < 0 { index + len } else { index };
        if (0..len).contains(&at) {
            return Ok(at as usize);
        }
        let message = match self.typed {
            true => format!("index {index} out of range for storage of size {len}"),
            false => format!("index {index} out of range for storage with size {len}"),
        };
        Err(index_error(message).into())
    }
}

crate::builtin_table! {
    /// Methods of storages.
    METHODS of "torch.storage" {
        "size" ("self, /") "Number of elements." => |_, a| with(&a[0], |s| Ok(Value::count(s.len())));
        "nbytes" ("self, /") "Number of bytes." => |_, a| with(&a[0], |s| Ok(Value::count(s.elements.storage().bytes())));
        "element_size" ("self, /") "Bytes an element." => |_, a| with(&a[0], |s| Ok(Value::count(s.elements.dtype().size())));
        "tolist" ("self, /") "The elements as a list." => |_, a| with(&a[0], |s| Ok(super::data::to_list(&s.elements)));
        "data_ptr" ("self, /") "Address of the first byte." => |_, a| with(&a[0], |s| Ok(Value::Int(s.elements.storage().address() as i64)));
        "untyped" ("self, /") "The bytes." => |_, a| with(&a[0], |s| Ok(StorageObject::of(&s.elements, false)?));
        "fill_" ("self, value, /") "Writes a number to every place." => |_, a| {
            with(&a[0], |s| (0..s.len()).try_for_each(|i| write(s, i, &a[1])).map(|()| a[0].clone()))
        };
    }
}

fn with(value: &Value, f: impl FnOnce(&StorageObject) -> Res) -> Res {
    value.downcast::<StorageObject>().map_or(Ok(Value::None), f)
}

fn write(s: &StorageObject, at: usize, value: &Value) -> Res<()> {
    match as_scalar(value) {
        Some(new) => {
            crate::tensor::recompute::settle()?;
            s.elements.set(at, new);
            Ok(())
        }
        None => Err(type_error(format!("must be real number, not {}", value.type_name())).into()),
    }
}

/// Whether a value is a storage.
pub fn is_storage(value: &Value) -> bool {
    value.downcast::<StorageObject>().is_some()
}

impl Object for StorageObject {
    fn type_name(&self) -> &str {
        if self.typed { "TypedStorage" } else { "UntypedStorage" }
    }

    fn kind(&self) -> Type {
        if self.typed { Type::TypedStorage } else { Type::UntypedStorage }
    }

    fn get_attr(&self, _: &mut Interp, this: &Value, name: &str) -> Res<Option<Value>> {
        Ok(match name {
            "dtype" if self.typed => Some(Value::DType(self.elements.dtype())),
            "device" => Some(Value::Device(self.elements.device())),
            "is_cuda" => Some(Value::Bool(matches!(self.elements.device(), Device::Cuda(_)))),
            _ => {
                let func: Option<&'static Builtin> = METHODS.iter().find(|m| m.name == name);
                func.map(|func| Value::Method(Rc::new(Method { this: this.clone(), func })))
            }
        })
    }

    fn attrs(&self) -> Vec<String> {
        METHODS.iter().map(|m| m.name.to_string()).chain(["device".to_string(), "dtype".to_string()]).collect()
    }

    fn compare(&self, _: &mut Interp, op: CmpOp, other: &Value, _: bool) -> Res<Option<Value>> {
        let same = other
            .downcast::<StorageObject>()
            .is_some_and(|o| o.typed == self.typed && o.elements.shares(&self.elements));
        Ok(by_equality(op, same))
    }

    fn get_item(&self, _: &mut Interp, index: &Value) -> Res<Option<Value>> {
        match index {
            Value::Int(i) => Ok(Some(number(self.elements.get(self.place(*i)?)))),
            Value::Slice(_) if self.typed => {
                Err(runtime("slices are only supported in UntypedStorage.__getitem__").into())
            }
            other => Err(type_error(format!("can't index a {} with {}", self.type_name(), other.type_name())).into()),
        }
    }

    fn set_item(&self, _: &mut Interp, index: &Value, value: Value) -> Res<bool> {
        let Value::Int(i) = index else {
            let message = format!("can't index a {} with {}", self.type_name(), index.type_name());
            return Err(type_error(message).into());
        };
        let at = self.place(*i)?;
        write(self, at, &value).map(|()| true)
    }

    fn len(&self, _: &mut Interp) -> Res<Option<usize>> {
        Ok(Some(self.len()))
    }

    fn iter(&self, it: &mut Interp) -> Res<Option<Value>> {
        it.iter(&super::data::to_list(&self.elements)).map(Some)
    }

    fn repr(&self, it: &mut Interp) -> Res<String> {
        let mut out = String::new();
        for i in 0..self.len() {
            let shown = it.repr(&number(self.elements.get(i)))?;
            let _ = writeln!(out, " {shown}");
        }
        if out.is_empty() {
            out.push_str(" \n");
        }
        let kind = match self.typed {
            true => format!("TypedStorage(dtype={}, device=cpu)", self.elements.dtype()),
            false => "UntypedStorage(device=cpu)".to_string(),
        };
        let _ = write!(out, "[torch.storage.{kind} of size {}]", self.len());
        Ok(out)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
