//! Hooks: on tensors, on nodes and on leaves, and how a walk calls them.

use super::super::convert::as_tensor;
use super::node::GradFn;
use super::{optional, this};
use crate::autograd::{self, Caller, Plan};
use crate::base::error::Result as BaseResult;
use crate::base::error::{runtime, type_error};
use crate::eval::args::Args;
use crate::eval::interp::Interp;
use crate::eval::object::Object;
use crate::eval::raise::{Raise, Res};
use crate::eval::value::{Method, Value};
use crate::tensor::Tensor;
use crate::tensor::grad::{self, Edge, Hook, Hooked, Node, When};
use std::any::Any;
use std::rc::Rc;

/// A hook's name.
fn named(hook: &Value) -> String {
    match hook {
        Value::Func(func) => func.code.name.to_string(),
        other => other.type_name(),
    }
}

/// What a hook gives in a gradient's place.
fn replaced(hook: &Value, gradient: &Tensor, value: &Value) -> BaseResult<Option<Tensor>> {
    let Some(new) = as_tensor(value) else {
        let wrong = type_error(format!("expected Variable, but hook returned '{}'", value.type_name()));
        return if value.is_none() { Ok(None) } else { Err(wrong) };
    };
    let name = named(hook);
    if new.dtype() != gradient.dtype() {
        let (was, got) = (super::super::data::type_text(gradient.dtype()), super::super::data::type_text(new.dtype()));
        return Err(runtime(format!("hook '{name}' has changed the type of value (was {was} got {got})")));
    }
    if new.sizes() != gradient.sizes() {
        return Err(runtime(format!("hook '{name}' has changed the size of value")));
    }
    Ok(Some(new.clone()))
}

/// Calls a script's hooks, and keeps what one raises.
struct Walker<'a> {
    it: &'a mut Interp,
    create: bool,
    raised: Option<Raise>,
}

type Gradients = Vec<Option<Tensor>>;

impl Walker<'_> {
    fn call(&mut self, function: &Value, args: Args) -> BaseResult<Value> {
        grad::recording(self.create, || self.it.call(function, args)).map_err(|raise| {
            self.raised = Some(raise);
            runtime("a hook raised")
        })
    }

    /// What a hook on a node gives in the place of several gradients.
    fn several(&mut self, hook: &Value, value: &Value, count: usize) -> BaseResult<Option<Gradients>> {
        if value.is_none() {
            return Ok(None);
        }
        let items = match as_tensor(value) {
            Some(t) => vec![Some(t.clone())],
            None => {
                let items = self.it.collect(value).map_err(|raise| {
                    self.raised = Some(raise);
                    runtime("a hook raised")
                })?;
                items.iter().map(|v| as_tensor(v).cloned()).collect()
            }
        };
        if items.len() != count {
            let got = items.len();
            return Err(runtime(format!(
                "hook '{}' has returned an incorrect number of values (got {got}, but expected {count})",
                named(hook)
            )));
        }
        Ok(Some(items))
    }
}

fn function(hook: &Hook) -> BaseResult<&Value> {
    hook.downcast_ref::<Value>().ok_or_else(|| runtime("internal: no hook of a script"))
}

fn tuple(gradients: &[Option<Tensor>]) -> Value {
    Value::tuple(gradients.iter().map(|g| optional(g.as_ref())).collect::<Vec<_>>())
}

impl Caller for Walker<'_> {
    fn gradient(&mut self, hook: &Hook, gradient: &Tensor) -> BaseResult<Option<Tensor>> {
        let hook = function(hook)?;
        let value = self.call(hook, Args::of([Value::Tensor(gradient.clone())]))?;
        replaced(hook, gradient, &value)
    }

    fn before(&mut self, hook: &Hook, outputs: &[Option<Tensor>]) -> BaseResult<Option<Gradients>> {
        let hook = function(hook)?;
        let value = self.call(hook, Args::of([tuple(outputs)]))?;
        self.several(hook, &value, outputs.len())
    }

    fn after(
        &mut self,
        hook: &Hook,
        inputs: &[Option<Tensor>],
        outputs: &[Option<Tensor>],
    ) -> BaseResult<Option<Gradients>> {
        let hook = function(hook)?;
        let value = self.call(hook, Args::of([tuple(inputs), tuple(outputs)]))?;
        self.several(hook, &value, inputs.len())
    }

    fn accumulated(&mut self, hook: &Hook, leaf: &Tensor) -> BaseResult<()> {
        let value = self.call(function(hook)?, Args::of([Value::Tensor(leaf.clone())]))?;
        match as_tensor(&value) {
            None if value.is_none() => Ok(()),
            None => Err(type_error(format!("expected Variable, but hook returned '{}'", value.type_name()))),
            Some(same) if same.is(leaf) => Ok(()),
            Some(_) => Err(runtime("Tensor post accumulate grad hooks should return None.")),
        }
    }

    fn unpack(&mut self, packed: &Hook) -> BaseResult<Tensor> {
        let (unpack, value) =
            packed.downcast_ref::<(Value, Value)>().ok_or_else(|| runtime("internal: nothing packed"))?;
        let value = self.call(unpack, Args::of([value.clone()]))?;
        as_tensor(&value).cloned().ok_or_else(|| {
            let message = format!(
                "Output of saved tensor unpack_hook expected to be a Tensor but got result of type {}",
                value.type_name()
            );
            type_error(message)
        })
    }
}

/// Walks, with a script's hooks called on the way.
pub(super) fn walk(it: &mut Interp, roots: Vec<(Edge, Tensor)>, wanted: &[Edge], plan: Plan) -> Res<Gradients> {
    let mut walker = Walker { it, create: plan.create, raised: None };
    let result = autograd::walk(roots, wanted, plan, &mut walker);
    match (result, walker.raised) {
        (_, Some(raise)) => Err(raise),
        (result, None) => Ok(result?),
    }
}

/// What a node keeps, the tensors that hooks have packed included.
pub(super) fn kept(it: &mut Interp, node: &Rc<Node>) -> Res<Vec<(String, crate::ops::Arg<Tensor>)>> {
    let grad::Body::Inner(body) = &node.body else { return Ok(Vec::new()) };
    let mut walker = Walker { it, create: false, raised: None };
    let kept = body.unpack(&mut |packed| walker.unpack(packed)).and_then(|()| body.keeps(node));
    body.repack();
    match (kept, walker.raised) {
        (_, Some(raise)) => Err(raise),
        (kept, None) => Ok(kept?),
    }
}

fn register(node: Rc<Node>, when: When, hook: &Value) -> Value {
    let id = grad::next();
    node.hooks.borrow_mut().push(Hooked { when, id, hook: Rc::new(hook.clone()) });
    Value::object(Handle { node, id })
}

crate::builtin_table! {
    /// Methods of tensors.
    TENSOR of "Tensor" {
        "register_hook" ("self, hook, /") "Calls hook with the gradient when it is there; what it gives takes its place." => |_, a| {
            let t = this(&a[0])?;
            if !t.requires_grad() {
                return Err(runtime("cannot register a hook on a tensor that doesn't require gradient").into());
            }
            let Some(edge) = t.edge()? else { return Ok(Value::None) };
            Ok(register(edge.node, When::Output(edge.output), &a[1]))
        };
        "register_post_accumulate_grad_hook" ("self, hook, /") "Calls hook with this leaf when its gradient has been added to." => |_, a| {
            let t = this(&a[0])?;
            if !t.requires_grad() {
                return Err(runtime("cannot register a hook on a tensor that doesn't require gradient").into());
            }
            if !t.is_leaf() {
                return Err(runtime("post accumulate grad hooks cannot be registered on non-leaf tensors").into());
            }
            let Some(edge) = t.edge()? else { return Ok(Value::None) };
            Ok(register(edge.node, When::Accumulated, &a[1]))
        };
    }
}

/// The node that a method is called on.
fn node(value: &Value) -> Res<Rc<Node>> {
    let found = value.downcast::<GradFn>().map(|f| f.0.clone());
    found.ok_or_else(|| type_error("a Node is required").into())
}

crate::builtin_table! {
    /// Methods of nodes.
    NODE of "Node" {
        "name" ("self, /") "The node's name." => |_, a| Ok(Value::from(&*node(&a[0])?.name));
        "register_hook" ("self, fn, /") "Calls fn with the gradients of the node's inputs and outputs when it has run; what it gives takes the inputs' place." => |_, a| {
            Ok(register(node(&a[0])?, When::After, &a[1]))
        };
        "register_prehook" ("self, fn, /") "Calls fn with the gradients of the node's outputs before it runs; what it gives takes their place." => |_, a| {
            Ok(register(node(&a[0])?, When::Before, &a[1]))
        };
    }
}

/// What `register_hook` gives: removes the hook.
struct Handle {
    node: Rc<Node>,
    id: u64,
}

impl Handle {
    fn remove(&self) {
        self.node.hooks.borrow_mut().retain(|h| h.id != self.id);
    }
}

impl Object for Handle {
    fn type_name(&self) -> &str {
        "RemovableHandle"
    }

    fn get_attr(&self, _: &mut Interp, this: &Value, name: &str) -> Res<Option<Value>> {
        Ok(HANDLE
            .iter()
            .find(|b| b.name == name)
            .map(|func| Value::Method(Rc::new(Method { this: this.clone(), func }))))
    }

    fn enter(&self, _: &mut Interp, this: &Value) -> Res<Option<Value>> {
        Ok(Some(this.clone()))
    }

    fn exit(&self, _: &mut Interp, _: Option<&Rc<crate::eval::raise::Exc>>) -> Res<bool> {
        self.remove();
        Ok(false)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

crate::builtin_table! {
    /// Methods of what `register_hook` gives.
    HANDLE of "RemovableHandle" {
        "remove" ("self, /") "Removes the hook." => |_, a| {
            if let Some(handle) = a[0].downcast::<Handle>() {
                handle.remove();
            }
            Ok(Value::None)
        };
    }
}
