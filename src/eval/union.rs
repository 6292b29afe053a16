//! `int | None`: a union of types, which `isinstance` asks member by member.

use super::builtins::is_instance;
use super::generic::{Generic, shown};
use super::interp::Interp;
use super::object::Object;
use super::raise::Res;
use super::value::Value;
use crate::lang::ast::BinOp;
use std::any::Any;

/// Types of which a value may have any.
struct Union {
    members: Vec<Value>,
}

/// `a | b`, when both are types, `None` or unions.
pub fn union(a: &Value, b: &Value) -> Option<Value> {
    let mut members: Vec<Value> = Vec::new();
    for member in members_of(a)?.into_iter().chain(members_of(b)?) {
        if !members.iter().any(|known| known.is(&member)) {
            members.push(member);
        }
    }
    match members.as_slice() {
        [Value::None] => None,
        [one] => Some(one.clone()),
        _ => Some(Value::object(Union { members })),
    }
}

fn members_of(value: &Value) -> Option<Vec<Value>> {
    match value {
        Value::Type(_) | Value::NamedType(_) | Value::None => Some(vec![value.clone()]),
        generic if generic.downcast::<Generic>().is_some() => Some(vec![value.clone()]),
        _ => value.downcast::<Union>().map(|union| union.members.clone()),
    }
}

impl Object for Union {
    fn type_name(&self) -> &str {
        "types.UnionType"
    }

    fn binary(&self, _: &mut Interp, op: BinOp, other: &Value, reflected: bool) -> Res<Option<Value>> {
        if op != BinOp::BitOr {
            return Ok(None);
        }
        let this = Value::object(Union { members: self.members.clone() });
        Ok(if reflected { union(other, &this) } else { union(&this, other) })
    }

    fn has_instance(&self, value: &Value) -> Option<bool> {
        Some(self.members.iter().any(|member| is_instance(value, member) == Some(true)))
    }

    fn repr(&self, it: &mut Interp) -> Res<String> {
        Ok(self.members.iter().map(|member| shown(it, member)).collect::<Res<Vec<_>>>()?.join(" | "))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
