//! `grad_fn` as a value: nodes of the graph.

use super::super::formula;
use super::hooks;
use crate::eval::dict::Map;
use crate::eval::interp::Interp;
use crate::eval::object::Object;
use crate::eval::raise::Res;
use crate::eval::value::{Method, Value};
use crate::tensor::grad::{Edge, Node};
use std::any::Any;
use std::rc::Rc;

/// A tensor's `grad_fn` as a value.
pub struct GradFn(pub Rc<Node>);

impl GradFn {
    /// The value of a node.
    pub fn value(node: Rc<Node>) -> Value {
        Value::object(GradFn(node))
    }
}

impl Object for GradFn {
    fn type_name(&self) -> &str {
        self.0.name.rsplit("::").next().unwrap_or(&self.0.name)
    }

    fn get_attr(&self, it: &mut Interp, this: &Value, name: &str) -> Res<Option<Value>> {
        if let Some(name) = name.strip_prefix("_saved_") {
            let kept = hooks::kept(it, &self.0)?;
            return Ok(kept.into_iter().find(|(n, _)| n == name).map(|(_, arg)| formula::value(&arg)));
        }
        Ok(Some(match name {
            "metadata" => {
                let mut metadata = self.0.metadata.borrow_mut();
                let dict = metadata.get_or_insert_with(|| Rc::new(Value::dict(Map::default())));
                dict.downcast_ref::<Value>().cloned().unwrap_or(Value::None)
            }
            "next_functions" => {
                let next = |edge: &Option<Edge>| match edge {
                    Some(edge) => Value::tuple([GradFn::value(edge.node.clone()), Value::count(edge.output)]),
                    None => Value::tuple([Value::None, Value::Int(0)]),
                };
                Value::tuple(self.0.inputs.iter().map(next).collect::<Vec<_>>())
            }
            "variable" => match self.0.leaf() {
                Some(leaf) => Value::Tensor(leaf),
                None => return Ok(None),
            },
            _ => {
                let found = hooks::NODE.iter().find(|b| b.name == name);
                return Ok(found.map(|func| Value::Method(Rc::new(Method { this: this.clone(), func }))));
            }
        }))
    }

    fn class(&self) -> Option<Value> {
        Some(Value::object(NodeType(self.type_name().to_owned())))
    }

    fn hash(&self) -> Res<Option<i64>> {
        Ok(Some(self.0.id() as i64))
    }

    fn same(&self, other: &Value) -> bool {
        other.downcast::<GradFn>().is_some_and(|o| Rc::ptr_eq(&o.0, &self.0))
    }

    fn compare(&self, _: &mut Interp, op: crate::lang::ast::CmpOp, other: &Value, _: bool) -> Res<Option<Value>> {
        Ok(match op {
            crate::lang::ast::CmpOp::Eq => Some(Value::Bool(self.same(other))),
            crate::lang::ast::CmpOp::Ne => Some(Value::Bool(!self.same(other))),
            _ => None,
        })
    }

    fn repr(&self, _: &mut Interp) -> Res<String> {
        Ok(format!("<{} object at {:#x}>", self.type_name(), self.0.id()))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// The type of a node: each name is one of its own.
struct NodeType(String);

impl Object for NodeType {
    fn type_name(&self) -> &str {
        "type"
    }

    fn get_attr(&self, _: &mut Interp, _: &Value, name: &str) -> Res<Option<Value>> {
        Ok(if matches!(name, "__name__" | "__qualname__") { Some(Value::from(self.0.as_str())) } else { None })
    }

    fn same(&self, other: &Value) -> bool {
        other.downcast::<NodeType>().is_some_and(|o| o.0 == self.0)
    }

    fn repr(&self, _: &mut Interp) -> Res<String> {
        Ok(format!("<class '{}'>", self.0))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
