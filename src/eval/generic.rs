//! `list[int]`, `Optional[int]`: types with parameters, which say something to the reader alone.

use super::args::Args;
use super::builtins::is_instance;
use super::hash::hash;
use super::interp::Interp;
use super::object::Object;
use super::raise::Res;
use super::union::union;
use super::value::Value;
use crate::lang::ast::{BinOp, CmpOp};
use std::any::Any;

/// A name of `typing`, alone or with parameters, and a builtin type with parameters.
#[derive(Clone)]
pub struct Generic {
    /// The name with its module: `list`, `typing.Optional`.
    name: String,
    /// What calling it calls.
    origin: Value,
    /// The parameters; `None` for a name alone.
    args: Option<Vec<Value>>,
}

/// `origin[args]`.
pub fn parametrize(name: &str, origin: &Value, args: &Value) -> Value {
    let args = match args {
        Value::Tuple(args) => args.items.to_vec(),
        one => vec![one.clone()],
    };
    Value::object(Generic { name: name.to_owned(), origin: origin.clone(), args: Some(args) })
}

/// A name of `typing`.
pub fn form(name: &str, origin: Value) -> Value {
    Value::object(Generic { name: format!("typing.{name}"), origin, args: None })
}

/// Whether a value is a type with parameters.
pub fn parametrized(value: &Value) -> bool {
    value.downcast::<Generic>().is_some_and(|generic| generic.args.is_some())
}

/// How a parameter is written.
pub(super) fn shown(it: &mut Interp, value: &Value) -> Res<String> {
    Ok(match value {
        Value::Type(kind) => kind.qualified(),
        Value::NamedType(named) => format!("__main__.{}", named.name),
        Value::Ellipsis => "...".to_owned(),
        Value::List(list) => {
            let items = list.items.borrow().clone();
            let items = items.iter().map(|item| shown(it, item)).collect::<Res<Vec<_>>>()?;
            format!("[{}]", items.join(", "))
        }
        other => it.repr(other)?,
    })
}

impl Generic {
    fn typing(&self) -> bool {
        self.name.starts_with("typing.")
    }

    fn is_form(&self, name: &str) -> bool {
        self.name.strip_prefix("typing.") == Some(name)
    }
}

impl Object for Generic {
    fn type_name(&self) -> &str {
        if self.typing() { "typing._GenericAlias" } else { "types.GenericAlias" }
    }

    fn get_attr(&self, it: &mut Interp, _: &Value, name: &str) -> Res<Option<Value>> {
        Ok(match name {
            "__origin__" => Some(self.origin.clone()),
            "__args__" => Some(Value::tuple(self.args.clone().unwrap_or_default())),
            "__name__" | "_name" => Some(Value::from(self.name.trim_start_matches("typing."))),
            _ => it.find_attr(&self.origin, name)?,
        })
    }

    fn callable(&self) -> bool {
        matches!(self.origin, Value::Type(_))
    }

    fn call(&self, it: &mut Interp, args: Args) -> Res<Option<Value>> {
        if self.callable() { it.call(&self.origin, args).map(Some) } else { Ok(None) }
    }

    fn get_item(&self, _: &mut Interp, index: &Value) -> Res<Option<Value>> {
        let items = match index {
            Value::Tuple(items) => items.items.to_vec(),
            one => vec![one.clone()],
        };
        // One type is itself, and with None it is optional.
        let (name, items) = match &items[..] {
            [one] if self.is_form("Union") => return Ok(Some(one.clone())),
            [one] if self.is_form("Optional") && one.is_none() => return Ok(Some(Value::None)),
            [one, Value::None] | [Value::None, one] if self.is_form("Union") => ("typing.Optional", vec![one.clone()]),
            _ => (&*self.name, items),
        };
        Ok(Some(parametrize(name, &self.origin, &Value::tuple(items))))
    }

    fn binary(&self, _: &mut Interp, op: BinOp, other: &Value, reflected: bool) -> Res<Option<Value>> {
        if op != BinOp::BitOr {
            return Ok(None);
        }
        let this = Value::object(self.clone());
        Ok(if reflected { union(other, &this) } else { union(&this, other) })
    }

    fn compare(&self, _: &mut Interp, op: CmpOp, other: &Value, _: bool) -> Res<Option<Value>> {
        Ok(match op {
            CmpOp::Eq => Some(Value::Bool(self.same(other))),
            CmpOp::Ne => Some(Value::Bool(!self.same(other))),
            _ => None,
        })
    }

    fn same(&self, other: &Value) -> bool {
        let Some(other) = other.downcast::<Generic>() else { return false };
        let same =
            |a: &[Value], b: &[Value]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| super::hash::same_key(a, b));
        self.name == other.name && same(self.args.as_deref().unwrap_or(&[]), other.args.as_deref().unwrap_or(&[]))
    }

    fn hash(&self) -> Res<Option<i64>> {
        let args = self.args.clone().unwrap_or_default();
        hash(&Value::tuple([Value::from(&*self.name), Value::tuple(args)])).map(Some)
    }

    fn has_instance(&self, value: &Value) -> Option<bool> {
        match (&self.args, &self.origin) {
            (None, Value::Type(_)) => is_instance(value, &self.origin),
            _ => None,
        }
    }

    fn repr(&self, it: &mut Interp) -> Res<String> {
        let Some(args) = &self.args else { return Ok(self.name.clone()) };
        let args = args.iter().map(|arg| shown(it, arg)).collect::<Res<Vec<_>>>()?;
        // `None` in the parameters of typing is its type.
        let args: Vec<_> = args.iter().map(|a| if self.typing() && a == "None" { "NoneType" } else { a }).collect();
        match &args[..] {
            [] => Ok(format!("{}[()]", self.name)),
            args => Ok(format!("{}[{}]", self.name, args.join(", "))),
        }
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
