//! `torch.autograd`: walks from a script's tensors.

pub mod anomaly;
pub mod hooks;
pub mod library;
pub mod node;
pub mod saved;

use super::convert::as_tensor;
use crate::autograd::{self, Plan};
use crate::base::error::Result as BaseResult;
use crate::base::error::{runtime, type_error, value_error};
use crate::eval::interp::Interp;
use crate::eval::raise::Res;
use crate::eval::value::Value;
use crate::ops::args::In;
use crate::tensor::Tensor;
use crate::tensor::grad::Edge;
use crate::tensor::history;
use hooks::walk;
use std::io::Write;

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
            if let Some(wrong) = items.iter().find(|v| !v.is_none() && as_tensor(v).is_none()) {
                let message = format!("gradients can be either Tensors or None, but got {}", wrong.type_name());
                return Err(type_error(message).into());
            }
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
                return Err(runtime("`inputs` argument to `backward()` cannot be empty.").into());
            }
            let mut wanted = Vec::new();
            for (i, t) in inputs.iter().enumerate() {
                match t.edge()? {
                    Some(edge) => wanted.push(edge),
                    None => {
                        let message = "can't retain_grad on Tensor that has requires_grad=False";
                        return Err(runtime(message).help(format!("it is number {i} of the inputs")).into());
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

/// What `torch.autograd.grad` differentiates by: a tensor, or an output of a node.
enum Input {
    Tensor(Tensor),
    Edge(Edge),
}

impl Input {
    fn of(value: &Value) -> BaseResult<Input> {
        if let Some(t) = as_tensor(value) {
            return Ok(Input::Tensor(t.clone()));
        }
        saved::edge(value).map(Input::Edge).ok_or_else(|| {
            runtime(format!("all inputs have to be Tensors or GradientEdges, but got {}", value.type_name()))
        })
    }

    fn edge(&self) -> BaseResult<Option<Edge>> {
        match self {
            Input::Tensor(t) => t.edge(),
            Input::Edge(edge) => Ok(Some(edge.clone())),
        }
    }

    fn zeros(&self) -> BaseResult<Tensor> {
        match self {
            Input::Tensor(t) => history::named("zeros_like", &[In::Tensor(t.clone())]),
            Input::Edge(edge) => edge.node.outputs[edge.output].zeros(),
        }
    }
}

fn inputs_of(it: &mut Interp, value: &Value) -> Res<Vec<Input>> {
    if as_tensor(value).is_some() || saved::edge(value).is_some() {
        return Ok(vec![Input::of(value)?]);
    }
    let items = it.collect(value)?;
    Ok(items.iter().map(Input::of).collect::<BaseResult<_>>()?)
}

/// `torch.autograd.grad`.
fn gradients(it: &mut Interp, a: &[Value]) -> Res {
    if flag(&a[7], false) {
        let batched = [&a[..5], &a[6..7], &a[8..9]].concat();
        return library::call(it, "batched", &batched);
    }
    let (outputs, _) = tensors(it, &a[0], "outputs")?;
    let inputs = inputs_of(it, &a[1])?;
    if inputs.is_empty() {
        return Err(value_error("grad requires non-empty inputs.").into());
    }
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
    for input in &inputs {
        match input.edge()? {
            Some(edge) => wanted.push(edge),
            None => return Err(runtime("One of the differentiated Tensors does not require grad").into()),
        }
    }
    let found = walk(it, roots, &wanted, plan)?;
    let mut out = Vec::with_capacity(found.len());
    for (input, gradient) in inputs.iter().zip(found) {
        out.push(match gradient {
            Some(g) => Value::Tensor(g),
            None if materialize => Value::Tensor(input.zeros()?),
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

/// A tensor, or None.
fn optional(tensor: Option<&Tensor>) -> Value {
    tensor.map_or(Value::None, |t| Value::Tensor(t.clone()))
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
