//! `torch.autograd`: walks from a script's tensors, hooks, and `grad_fn` as a value.

use super::context::nothing;
use super::convert::as_tensor;
use crate::autograd::{self, Plan};
use crate::base::error::Result as BaseResult;
use crate::base::error::{runtime, type_error, value_error};
use crate::eval::args::Args;
use crate::eval::interp::Interp;
use crate::eval::object::Object;
use crate::eval::raise::{Raise, Res};
use crate::eval::value::Value;
use crate::tensor::Tensor;
use crate::tensor::grad::{self, Edge, Hook, Hooked, Node};
use std::any::Any;
use std::io::Write;
use std::rc::Rc;

/// A flag among arguments: what was given, or `default`.
fn flag(value: &Value, default: bool) -> bool {
    match value {
        Value::Bool(b) => *b,
        Value::Int(i) => *i != 0,
        _ => default,
    }
}

/// One tensor or several, and whether it was one alone.
fn tensors(it: &mut Interp, value: &Value, what: &str) -> Res<(Vec<Tensor>, bool)> {
    if let Some(t) = as_tensor(value) {
        return Ok((vec![t.clone()], true));
    }
    let items = it.collect(value)?;
    let each = items.iter().map(|v| as_tensor(v).cloned());
    let all: Option<Vec<Tensor>> = each.collect();
    match all {
        Some(all) => Ok((all, false)),
        None => {
            let wrong = items.iter().find(|v| as_tensor(v).is_none()).map_or(String::new(), Value::type_name);
            Err(type_error(format!("{what} must be tensors, not {wrong}")).into())
        }
    }
}

/// A gradient for each of `count` outputs, or none.
fn given(it: &mut Interp, value: &Value, count: usize) -> Res<Vec<Option<Tensor>>> {
    match value.some() {
        None => Ok(vec![None; count]),
        Some(v) if as_tensor(v).is_some() => Ok(vec![as_tensor(v).cloned()]),
        Some(v) => {
            let items = it.collect(v)?;
            Ok(items.iter().map(|v| as_tensor(v).cloned()).collect())
        }
    }
}

fn roots(outputs: &[Tensor], given: &[Option<Tensor>]) -> BaseResult<Vec<(Edge, Tensor)>> {
    if given.len() != outputs.len() {
        return Err(runtime(format!("got {} tensors and {} gradients", outputs.len(), given.len())));
    }
    outputs
        .iter()
        .zip(given)
        .enumerate()
        .map(|(i, (output, given))| {
            let root = autograd::root(output, i)?;
            Ok((root, autograd::first(output, given.as_ref(), i)?))
        })
        .collect()
}

/// What a hook gives in a gradient's place.
fn replaced(hook: &Value, gradient: &Tensor, value: &Value) -> BaseResult<Option<Tensor>> {
    let Some(new) = as_tensor(value) else {
        let wrong = type_error(format!("expected Variable, but hook returned '{}'", value.type_name()));
        return if value.is_none() { Ok(None) } else { Err(wrong) };
    };
    let name = match hook {
        Value::Func(func) => func.code.name.to_string(),
        other => other.type_name(),
    };
    if new.dtype() != gradient.dtype() {
        let (was, got) = (super::data::type_text(gradient.dtype()), super::data::type_text(new.dtype()));
        return Err(runtime(format!("hook '{name}' has changed the type of value (was {was} got {got})")));
    }
    if new.sizes() != gradient.sizes() {
        return Err(runtime(format!("hook '{name}' has changed the size of value")));
    }
    Ok(Some(new.clone()))
}

/// Walks, with a script's hooks called on the way.
fn walk(it: &mut Interp, roots: Vec<(Edge, Tensor)>, wanted: &[Edge], plan: Plan) -> Res<Vec<Option<Tensor>>> {
    let mut raised: Option<Raise> = None;
    let mut call_hook = |hook: &Hook, gradient: &Tensor| -> BaseResult<Option<Tensor>> {
        let Some(function) = hook.downcast_ref::<Value>() else { return Ok(None) };
        match grad::recording(plan.create, || it.call(function, Args::of([Value::Tensor(gradient.clone())]))) {
            Ok(value) => replaced(function, gradient, &value),
            Err(raise) => {
                raised = Some(raise);
                Err(runtime("a hook raised"))
            }
        }
    };
    let result = autograd::walk(roots, wanted, plan, &mut call_hook);
    match (result, raised) {
        (_, Some(raise)) => Err(raise),
        (result, None) => Ok(result?),
    }
}

/// `tensor.backward(gradient, retain_graph, create_graph, inputs)`, and `torch.autograd.backward` of several.
fn backward(it: &mut Interp, outputs: &[Tensor], a: [&Value; 4]) -> Res {
    let [gradient, retain, create, inputs] = a;
    let given = given(it, gradient, outputs.len())?;
    let create = flag(create, false);
    let plan = Plan { retain: flag(retain, create), create, accumulate: true };
    let wanted = match inputs.some() {
        None => Vec::new(),
        Some(inputs) => {
            let (inputs, _) = tensors(it, inputs, "inputs")?;
            if inputs.is_empty() {
                return Err(runtime("'inputs' argument to backward cannot be empty").into());
            }
            let mut wanted = Vec::new();
            for (i, t) in inputs.iter().enumerate() {
                match t.edge()? {
                    Some(edge) => wanted.push(edge),
                    None => {
                        return Err(runtime(format!(
                            "One of the differentiated Tensors does not require grad (input {i})"
                        ))
                        .into());
                    }
                }
            }
            wanted
        }
    };
    let roots = roots(outputs, &given)?;
    let found = walk(it, roots, &wanted, plan)?;
    // What is no leaf keeps what was found for it.
    if let Some(inputs) = inputs.some() {
        let (inputs, _) = tensors(it, inputs, "inputs")?;
        for (t, g) in inputs.iter().zip(found).filter(|(t, _)| !t.is_leaf()) {
            t.set_grad(g);
        }
    }
    Ok(Value::None)
}

/// `torch.autograd.grad`.
fn gradients(it: &mut Interp, a: &[Value]) -> Res {
    let (outputs, _) = tensors(it, &a[0], "outputs")?;
    let (inputs, _) = tensors(it, &a[1], "inputs")?;
    let given = given(it, &a[2], outputs.len())?;
    let create = flag(&a[4], false);
    let plan = Plan { retain: flag(&a[3], create), create, accumulate: false };
    let materialize = flag(&a[8], false);
    let unused = flag(&a[6], materialize);
    if materialize && a[6].some().is_some() && !unused {
        return Err(value_error(
            "Expected allow_unused to be True or not passed when materialize_grads=True, but got: allow_unused=False.",
        )
        .into());
    }
    let roots = roots(&outputs, &given)?;
    let mut wanted = Vec::with_capacity(inputs.len());
    for t in &inputs {
        match t.edge()? {
            Some(edge) => wanted.push(edge),
            None => return Err(runtime("One of the differentiated Tensors does not require grad").into()),
        }
    }
    let found = walk(it, roots, &wanted, plan)?;
    let mut out = Vec::with_capacity(found.len());
    for (input, gradient) in inputs.iter().zip(found) {
        out.push(match gradient {
            Some(g) => Value::Tensor(g),
            None if materialize => super::rows::call_named("zeros_like", &[crate::ops::In::Tensor(input.clone())], &[])?,
            None if unused => Value::None,
            None => {
                return Err(runtime(
                    "One of the differentiated Tensors appears to not have been used in the graph. Set allow_unused=True if this \
                     is the desired behavior.",
                )
                .into());
            }
        });
    }
    Ok(Value::tuple(out))
}

fn this(value: &Value) -> Res<&Tensor> {
    as_tensor(value).ok_or_else(|| type_error("a Tensor is required").into())
}

crate::builtin_table! {
    /// Methods of tensors.
    METHODS of "Tensor" {
        "backward" ("self, gradient=None, retain_graph=None, create_graph=False, inputs=None") "Adds the derivatives of this tensor to the .grad of the leaves that it was computed from." => |it, a| {
            let t = this(&a[0])?.clone();
            backward(it, &[t], [&a[1], &a[2], &a[3], &a[4]])
        };
        "retain_grad" ("self, /") "Keeps the gradient of a tensor that is no leaf." => |_, a| {
            this(&a[0])?.retain_grad()?;
            Ok(Value::None)
        };
        "register_hook" ("self, hook, /") "Calls hook with the gradient when it is there; what it gives takes its place." => |_, a| {
            let t = this(&a[0])?;
            if !t.requires_grad() {
                return Err(runtime("cannot register a hook on a tensor that doesn't require gradient").into());
            }
            let Some(edge) = t.edge()? else { return Ok(Value::None) };
            let id = grad::next();
            edge.node.hooks.borrow_mut().push(Hooked { output: edge.output, id, hook: Rc::new(a[1].clone()) });
            Ok(Value::object(Handle { node: edge.node, id }))
        };
        "detach_" ("self, /") "Ends the tensor's history." => |_, a| {
            let t = this(&a[0])?;
            if t.base().is_some() {
                return Err(runtime("Can't detach views in-place. Use detach() instead. If you are using DistributedDataParallel (DDP) for training, and gradient_as_bucket_view is set as True, gradients are views of DDP buckets, and hence detach_() cannot be called on these gradients. To fix this error, please refer to the Optimizer.zero_grad() function in torch/optim/optimizer.py as the solution.").into());
            }
            t.forget();
            Ok(a[0].clone())
        };
        "requires_grad_" ("self, requires_grad=True") "Asks for derivatives." => |_, a| {
            let on = !matches!(a[1], Value::Bool(false));
            ask(this(&a[0])?, on)?;
            Ok(a[0].clone())
        };
    }
}

/// Sets `requires_grad`.
///
/// # Errors
/// torch's words.
pub fn ask(t: &Tensor, on: bool) -> BaseResult<()> {
    let dtype = t.dtype();
    if on && !dtype.is_float() && !dtype.is_complex() {
        return Err(runtime("only Tensors of floating point dtype can require gradients"));
    }
    t.set_requires_grad(on)
}

crate::builtin_table! {
    /// Functions of `torch.autograd`.
    FUNCTIONS of "torch.autograd" {
        "grad" ("outputs, inputs, grad_outputs=None, retain_graph=None, create_graph=False, only_inputs=True, allow_unused=None, is_grads_batched=False, materialize_grads=False") "The derivatives of outputs with respect to inputs, as a tuple." => |it, a| gradients(it, a);
        "backward" ("tensors, grad_tensors=None, retain_graph=None, create_graph=False, grad_variables=None, inputs=None") "Adds the derivatives of tensors to the .grad of the leaves that they were computed from." => |it, a| {
            let (outputs, _) = tensors(it, &a[0], "tensors")?;
            backward(it, &outputs, [&a[1], &a[2], &a[3], &a[5]])
        };
        "set_detect_anomaly" ("mode, check_nan=True") "Accepted; errors on the way back name their op anyway." => |_, _| Ok(nothing());
        "detect_anomaly" ("check_nan=True") "Accepted; errors on the way back name their op anyway." => |_, _| Ok(nothing());
    }
}

/// What `register_hook` gives: removes the hook.
struct Handle {
    node: Rc<Node>,
    id: u64,
}

impl Object for Handle {
    fn type_name(&self) -> &str {
        "RemovableHandle"
    }

    fn get_attr(&self, _: &mut Interp, this: &Value, name: &str) -> Res<Option<Value>> {
        Ok(HANDLE
            .iter()
            .find(|b| b.name == name)
            .map(|func| Value::Method(Rc::new(crate::eval::value::Method { this: this.clone(), func }))))
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
                handle.node.hooks.borrow_mut().retain(|h| h.id != handle.id);
            }
            Ok(Value::None)
        };
    }
}

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

    fn get_attr(&self, _: &mut Interp, this: &Value, name: &str) -> Res<Option<Value>> {
        Ok(Some(match name {
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
                let found = NODE.iter().find(|b| b.name == name);
                return Ok(
                    found.map(|func| Value::Method(Rc::new(crate::eval::value::Method { this: this.clone(), func })))
                );
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

crate::builtin_table! {
    /// Methods of nodes.
    NODE of "Node" {
        "name" ("self, /") "The node's name." => |_, a| {
            Ok(a[0].downcast::<GradFn>().map_or(Value::None, |f| Value::from(&*f.0.name)))
        };
    }
}

/// What is written in the language itself.
const LIBRARY: &str = include_str!("autograd.py");

/// A function of the library, which is read when one is first called.
fn library(it: &mut Interp, name: &str) -> Res {
    let name = format!("__torch_{name}");
    if let Some(function) = it.globals.get(&name) {
        return Ok(function);
    }
    Ok(it.define(LIBRARY, &name)?)
}

/// Calls a function of the library.
fn call_library(it: &mut Interp, name: &str, a: &[Value]) -> Res {
    let function = library(it, name)?;
    let mut args = Args::default();
    if let Some(Value::Tuple(given)) = a.first() {
        args.pos.extend(given.items.iter().cloned());
    }
    if let Some(Value::Dict(named)) = a.get(1) {
        for (key, value) in named.pairs() {
            if let Some(key) = key.as_str() {
                args.kw.push((key.into(), value));
            }
        }
    }
    it.call(&function, args)
}

crate::builtin_table! {
    /// Functions of `torch.autograd.functional`.
    FUNCTIONAL of "torch.autograd.functional" {
        "vjp" ("*args, **kwargs") "A function's value, and a vector times its Jacobian: vjp(func, inputs, v=None)." => |it, a| call_library(it, "vjp", a);
        "jvp" ("*args, **kwargs") "A function's value, and its Jacobian times a vector: jvp(func, inputs, v=None)." => |it, a| call_library(it, "jvp", a);
        "jacobian" ("*args, **kwargs") "A function's Jacobian: jacobian(func, inputs)." => |it, a| call_library(it, "jacobian", a);
        "hessian" ("*args, **kwargs") "A scalar function's Hessian: hessian(func, inputs)." => |it, a| call_library(it, "hessian", a);
        "vhp" ("*args, **kwargs") "A scalar function's value, and a vector times its Hessian: vhp(func, inputs, v=None)." => |it, a| call_library(it, "vhp", a);
        "hvp" ("*args, **kwargs") "A scalar function's value, and its Hessian times a vector: hvp(func, inputs, v=None)." => |it, a| call_library(it, "hvp", a);
    }
}

crate::builtin_table! {
    /// Functions of `torch.func`.
    FUNC of "torch.func" {
        "grad" ("*args, **kwargs") "The function that gives a scalar function's gradient: grad(func, argnums=0)." => |it, a| call_library(it, "func_grad", a);
        "grad_and_value" ("*args, **kwargs") "The function that gives a scalar function's gradient and value: grad_and_value(func, argnums=0)." => |it, a| call_library(it, "func_grad_and_value", a);
        "jacrev" ("*args, **kwargs") "The function that gives a function's Jacobian: jacrev(func, argnums=0)." => |it, a| call_library(it, "func_jacrev", a);
        "jacfwd" ("*args, **kwargs") "The function that gives a function's Jacobian: jacfwd(func, argnums=0)." => |it, a| call_library(it, "func_jacrev", a);
        "hessian" ("*args, **kwargs") "The function that gives a scalar function's Hessian: hessian(func, argnums=0)." => |it, a| call_library(it, "func_hessian", a);
        "vjp" ("*args, **kwargs") "A function's value, and the function of its vector-Jacobian products: vjp(func, *primals)." => |it, a| call_library(it, "func_vjp", a);
        "jvp" ("*args, **kwargs") "A function's value, and its Jacobian times a vector: jvp(func, primals, tangents)." => |it, a| call_library(it, "func_jvp", a);
    }
}

crate::builtin_table! {
    /// Tests of derivatives.
    CHECKS of "torch.autograd" {
        "gradcheck" ("*args, **kwargs") "Compares derivatives with finite differences: gradcheck(func, inputs, eps=1e-6)." => |it, a| call_library(it, "gradcheck", a);
        "gradgradcheck" ("*args, **kwargs") "Compares second derivatives with finite differences: gradgradcheck(func, inputs)." => |it, a| call_library(it, "gradgradcheck", a);
    }
}

/// Prints the graph behind a tensor, and writes it as a picture where a file is named.
fn graph(it: &mut Interp, a: &[Value]) -> Res {
    let tensor = this(&a[0])?;
    let known: Vec<(String, Tensor)> = it
        .globals
        .defined()
        .filter_map(|(name, value)| Some((name.to_string(), as_tensor(value)?.clone())))
        .filter(|(name, _)| !name.starts_with('_'))
        .collect();
    let mut name_of = |t: &Tensor| known.iter().find(|(_, k)| k.is(t)).map(|(name, _)| name.clone());
    let lines = autograd::graph::lines(tensor, &mut name_of)?;
    if lines.is_empty() {
        return Err(runtime("the tensor does not require grad: there is no graph behind it").at(&[0]).into());
    }
    match a[1].some() {
        None => {
            let text = autograd::graph::text(&lines);
            it.out.write_all(text.as_bytes()).map_err(|e| runtime(e.to_string()))?;
        }
        Some(file) => {
            let file = file.as_str().ok_or_else(|| type_error("the file's name must be a str"))?;
            std::fs::write(file, autograd::graph::svg(&lines)).map_err(|e| runtime(format!("{file}: {e}")))?;
        }
    }
    Ok(Value::None)
}

crate::builtin_table! {
    /// Functions of `tensh`, the module of what PyTorch does not have.
    OWN of "tensh" {
        "graph" ("tensor, file=None") "Prints the graph behind a tensor: a node a line, with its expression, shape and the bytes it keeps; or writes it as SVG." => |it, a| graph(it, a);
    }
}
