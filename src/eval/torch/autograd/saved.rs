//! `torch.autograd.graph`: hooks on the tensors that nodes keep, and edges of the graph as values.

use super::node::GradFn;
use super::{library, this};
use crate::autograd;
use crate::base::error::{Error, runtime, type_error};
use crate::eval::args::Args;
use crate::eval::interp::Interp;
use crate::eval::object::Object;
use crate::eval::raise::{Exc, Raise, Res};
use crate::eval::value::{Method, NamedType, Value};
use crate::tensor::grad::{self, Body, Edge, Hook};
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

thread_local! {
    /// The hooks in force, the innermost last.
    static HOOKS: RefCell<Vec<(Value, Value)>> = const { RefCell::new(Vec::new()) };
    /// Why none may be set now.
    static FORBIDDEN: RefCell<Option<Rc<str>>> = const { RefCell::new(None) };
    /// What a hook raised between calls.
    static RAISED: Cell<Option<Raise>> = const { Cell::new(None) };
}

/// Packs the tensors of the nodes that were made since the last look.
///
/// # Errors
/// What a hook raises.
pub fn pack(it: &mut Interp) -> Res<()> {
    let Some((pack, unpack)) = HOOKS.with_borrow(|hooks| hooks.last().cloned()) else { return Ok(()) };
    for node in grad::fresh() {
        let Body::Inner(body) = &node.body else { continue };
        let mut raised = None;
        let packed = body.pack(&node, &mut |tensor| {
            // What a hook computes is not packed itself.
            grad::set_packing(false);
            let value = grad::recording(false, || it.call(&pack, Args::of([Value::Tensor(tensor)])));
            grad::set_packing(true);
            match value {
                Ok(value) => Ok(Rc::new((unpack.clone(), value)) as Hook),
                Err(raise) => {
                    raised = Some(raise);
                    Err(runtime("a hook raised"))
                }
            }
        });
        match raised {
            Some(raise) => return Err(raise),
            None => packed?,
        }
    }
    Ok(())
}

/// [`pack`] between calls; what a hook raises comes up at the end of its block.
pub fn pack_later(it: &mut Interp) {
    if let Err(raise) = pack(it) {
        RAISED.set(Some(raise));
    }
}

/// A block whose nodes keep what a hook gives.
struct SavedTensorsHooks {
    name: &'static str,
    hooks: (Value, Value),
}

impl Object for SavedTensorsHooks {
    fn type_name(&self) -> &str {
        self.name
    }

    fn enter(&self, it: &mut Interp, _: &Value) -> Res<Option<Value>> {
        if let Some(why) = FORBIDDEN.with_borrow(Clone::clone) {
            return Err(runtime(why.to_string()).into());
        }
        pack(it)?;
        HOOKS.with_borrow_mut(|hooks| hooks.push(self.hooks.clone()));
        grad::set_packing(true);
        Ok(Some(Value::None))
    }

    fn exit(&self, it: &mut Interp, _: Option<&Rc<Exc>>) -> Res<bool> {
        let packed = RAISED.take().map_or_else(|| pack(it), Err);
        let others = HOOKS.with_borrow_mut(|hooks| {
            hooks.pop();
            !hooks.is_empty()
        });
        grad::set_packing(others);
        packed.map(|()| false)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// A block in which no hooks may be set.
struct Forbidding {
    why: Rc<str>,
    before: Cell<Option<Rc<str>>>,
}

impl Object for Forbidding {
    fn type_name(&self) -> &str {
        "_GeneratorContextManager"
    }

    fn enter(&self, _: &mut Interp, _: &Value) -> Res<Option<Value>> {
        self.before.set(FORBIDDEN.replace(Some(self.why.clone())));
        Ok(Some(Value::None))
    }

    fn exit(&self, _: &mut Interp, _: Option<&Rc<Exc>>) -> Res<bool> {
        FORBIDDEN.replace(self.before.take());
        Ok(false)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

thread_local! {
    /// The type of an output of a node as a value.
    static GRADIENT_EDGE: Rc<NamedType> = Rc::new(NamedType {
        name: "GradientEdge".into(),
        fields: vec!["node".into(), "output_nr".into(), "ownership_token".into()],
        defaults: Vec::new(),
        torch: false,
    });
}

/// The output of a node that a value of [`GRADIENT_EDGE`] is.
pub(super) fn edge(value: &Value) -> Option<Edge> {
    let Value::Tuple(parts) = value else { return None };
    match &parts.items[..] {
        [node, Value::Int(output), _] => {
            let node = node.downcast::<GradFn>()?.0.clone();
            let output = usize::try_from(*output).ok().filter(|i| *i < node.outputs.len())?;
            Some(Edge { node, output })
        }
        _ => None,
    }
}

/// Hooks that are removed together.
struct Handles(Vec<Value>);

impl Object for Handles {
    fn type_name(&self) -> &str {
        "RemovableHandle"
    }

    fn get_attr(&self, _: &mut Interp, this: &Value, name: &str) -> Res<Option<Value>> {
        let found = HANDLES.iter().find(|b| b.name == name);
        Ok(found.map(|func| Value::Method(Rc::new(Method { this: this.clone(), func }))))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

crate::builtin_table! {
    /// Methods of what `register_multi_grad_hook` gives.
    HANDLES of "RemovableHandle" {
        "remove" ("self, /") "Removes the hooks." => |it, a| {
            if let Some(handles) = a[0].downcast::<Handles>() {
                for handle in &handles.0 {
                    let remove = it.get_attr(handle, "remove")?;
                    it.call(&remove, Args::default())?;
                }
            }
            Ok(Value::None)
        };
    }
}

crate::builtin_table! {
    /// Functions of `torch.autograd.graph`.
    FUNCTIONS of "torch.autograd.graph" {
        "saved_tensors_hooks" ("pack_hook, unpack_hook") "A block whose nodes keep what pack_hook gives of a tensor, and get the tensor back by unpack_hook." => |_, a| {
            Ok(Value::object(SavedTensorsHooks { name: "saved_tensors_hooks", hooks: (a[0].clone(), a[1].clone()) }))
        };
        "save_on_cpu" ("pin_memory=False, device_type='cuda'") "A block whose nodes keep tensors in the memory of the host." => |it, a| {
            let hooks = library::call(it, "kept_on_cpu", a)?;
            let [pack, unpack] = <[Value; 2]>::try_from(it.collect(&hooks)?).map_err(|_| runtime("save_on_cpu takes two hooks"))?;
            Ok(Value::object(SavedTensorsHooks { name: "save_on_cpu", hooks: (pack, unpack) }))
        };
        "allow_mutation_on_saved_tensors" ("") "A block whose nodes keep copies, so that what they keep may be written into." => |it, a| {
            let hooks = library::call(it, "kept_copies", a)?;
            let [pack, unpack] = <[Value; 2]>::try_from(it.collect(&hooks)?).map_err(|_| runtime("the block takes two hooks"))?;
            Ok(Value::object(SavedTensorsHooks { name: "allow_mutation_on_saved_tensors", hooks: (pack, unpack) }))
        };
        "disable_saved_tensors_hooks" ("error_message") "A block in which no such hooks may be set." => |_, a| {
            let why = a[0].as_str().ok_or_else(|| type_error("error_message must be a str"))?;
            Ok(Value::object(Forbidding { why: why.into(), before: Cell::new(None) }))
        };
        "get_gradient_edge" ("tensor") "Where the tensor's gradient goes: a node and the number of its output." => |_, a| {
            let t = this(&a[0])?;
            let edge = if t.requires_grad() { t.edge()? } else { None };
            let Some(edge) = edge else {
                return Err(Error::from(runtime("It is not possible to get the gradient edge for a Tensor that does not require gradients")).into());
            };
            let parts = vec![GradFn::value(edge.node), Value::count(edge.output), Value::None];
            Ok(GRADIENT_EDGE.with(|kind| Value::named(kind, parts)))
        };
        "register_multi_grad_hook" ("tensors, fn, *, mode='all'") "Calls fn with the gradients of all tensors when the last is there, or with the first that comes." => |it, a| {
            let handles = library::call(it, "multi_hook", a)?;
            Ok(Value::object(Handles(it.collect(&handles)?)))
        };
        "_walk" ("tensors") "The number of the walk back that goes on, and which of the tensors it reaches." => |it, a| {
            let reached = it.collect(&a[0])?.iter().map(|t| Ok(Value::Bool(match this(t)?.edge()? {
                Some(edge) => autograd::passes(&edge.node),
                None => false,
            }))).collect::<Res<Vec<_>>>()?;
            Ok(Value::tuple(vec![Value::Int(autograd::walk_number() as i64), Value::list(reached)]))
        };
        "increment_version" ("tensor") "Counts a write in place." => |it, a| {
            let tensors = if let Value::Tensor(t) = &a[0] { vec![Value::Tensor(t.clone())] } else { it.collect(&a[0])? };
            for t in &tensors {
                this(t)?.view()?.storage().bump();
            }
            Ok(Value::None)
        };
    }
}
