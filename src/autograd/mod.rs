//! The reverse walk: gradients from outputs to whatever asked for them, node by node, the latest first.

pub mod graph;

use crate::base::error::{Result, runtime};
use crate::base::shape::{Shape, contiguous_strides};
use crate::cpu::create::empty_strided_on;
use crate::ops::args::In;
use crate::ops::table::{Form, find};
use crate::store::View;
use crate::store::overlap::dense;
use crate::tensor::grad::{self, Anomaly, Body, Edge, Hook, Node, When};
use crate::tensor::{Tensor, call, devices, history};
use rustc_hash::{FxHashMap, FxHashSet};
use std::cell::{Cell, RefCell};
use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::rc::Rc;

/// What a walk is to do.
#[derive(Clone, Copy, Debug, Default)]
pub struct Plan {
    /// Whether what nodes keep stays, so that the graph can be walked again.
    pub retain: bool,
    /// Whether the walk itself is recorded.
    pub create: bool,
    /// Whether gradients are added to leaves; else they are only given.
    pub accumulate: bool,
}

/// How a walk calls the hooks that it passes.
pub trait Caller {
    /// With the gradient of an output: another in its place, or none.
    ///
    /// # Errors
    /// What the hook raises.
    fn gradient(&mut self, hook: &Hook, gradient: &Tensor) -> Result<Option<Tensor>>;

    /// With the gradients of all of a node's outputs, before it runs: others in their place, or none.
    ///
    /// # Errors
    /// What the hook raises.
    fn before(&mut self, hook: &Hook, outputs: &[Option<Tensor>]) -> Result<Option<Vec<Option<Tensor>>>>;

    /// With the gradients of a node's inputs and outputs, when it has run: others in the inputs' place, or none.
    ///
    /// # Errors
    /// What the hook raises.
    fn after(
        &mut self,
        hook: &Hook,
        inputs: &[Option<Tensor>],
        outputs: &[Option<Tensor>],
    ) -> Result<Option<Vec<Option<Tensor>>>>;

    /// With a leaf whose gradient has been added to.
    ///
    /// # Errors
    /// What the hook raises.
    fn accumulated(&mut self, hook: &Hook, leaf: &Tensor) -> Result<()>;

    /// The tensor that was kept as this.
    ///
    /// # Errors
    /// What the hook raises.
    fn unpack(&mut self, packed: &Hook) -> Result<Tensor>;
}

thread_local! {
    /// The walks that go on, a walk within a hook after the one that calls it.
    static UNDER_WAY: RefCell<Vec<UnderWay>> = const { RefCell::new(Vec::new()) };
}

/// A walk that goes on, which ends when this is dropped.
struct UnderWay {
    number: u64,
    /// The nodes that it runs, and those whose gradients are wanted.
    reached: Rc<FxHashSet<usize>>,
    wanted: Vec<usize>,
}

/// Ends the innermost walk.
struct Ending;

impl UnderWay {
    fn begin(reached: Rc<FxHashSet<usize>>, wanted: Vec<usize>) -> Ending {
        thread_local!(static NUMBER: Cell<u64> = const { Cell::new(0) });
        let number = NUMBER.replace(NUMBER.get() + 1);
        UNDER_WAY.with_borrow_mut(|walks| walks.push(UnderWay { number, reached, wanted }));
        Ending
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        UNDER_WAY.with_borrow_mut(Vec::pop);
    }
}

/// The number of the walk that goes on, 0 without one.
pub fn walk_number() -> u64 {
    UNDER_WAY.with_borrow(|walks| walks.last().map_or(0, |w| w.number))
}

/// Whether the walk that goes on passes a node.
pub fn passes(node: &Rc<Node>) -> bool {
    let id = node.id();
    UNDER_WAY.with_borrow(|walks| walks.last().is_some_and(|w| w.reached.contains(&id) || w.wanted.contains(&id)))
}

/// Walks from roots, each an output of a node with its gradient, and gives the gradients that reach `wanted` (none where no way
/// leads there). Where something is wanted, only the nodes on the way to it run; leaves get theirs if they are wanted, or if nothing is.
///
/// # Errors
/// What nodes meet; torch's words where what they need is gone.
pub fn walk(
    roots: Vec<(Edge, Tensor)>,
    wanted: &[Edge],
    plan: Plan,
    caller: &mut dyn Caller,
) -> Result<Vec<Option<Tensor>>> {
    let (mut graph, seen) = Graph::of(&roots);
    let needed = (!wanted.is_empty()).then(|| Rc::new(graph.leading_to(wanted)));
    let wants = |node: &Rc<Node>| wanted.iter().any(|w| Rc::ptr_eq(&w.node, node));
    let reached = needed.clone().unwrap_or_else(|| Rc::new(seen));
    let _under_way = UnderWay::begin(reached, wanted.iter().map(|w| w.node.id()).collect());
    let mut found: Vec<Option<Tensor>> = vec![None; wanted.len()];
    let mut waiting: FxHashMap<usize, Vec<Option<Tensor>>> = FxHashMap::default();
    let mut ready = BinaryHeap::new();
    for (edge, gradient) in roots {
        let first = !waiting.contains_key(&edge.node.id());
        add(&mut waiting, &edge, gradient)?;
        if first && graph.is_free(&edge.node) {
            ready.push(Next(edge.node));
        }
    }
    while let Some(Next(node)) = ready.pop() {
        let mut grads = waiting.remove(&node.id()).unwrap_or_default();
        grads.resize(node.outputs.len(), None);
        let passed = needed.as_ref().is_none_or(|n| n.contains(&node.id())) || wants(&node);
        for (output, slot) in grads.iter_mut().enumerate().filter(|_| passed) {
            hooked(&node, output, slot, caller)?;
            for (want, found) in wanted.iter().zip(&mut found) {
                if Rc::ptr_eq(&want.node, &node) && want.output == output {
                    found.clone_from(slot);
                }
            }
        }
        let runs = match &node.body {
            Body::Leaf => plan.accumulate && (needed.is_none() || wants(&node)),
            Body::Inner(_) => {
                needed.as_ref().is_none_or(|n| n.contains(&node.id())) && grads.iter().any(Option::is_some)
            }
        };
        let inputs = if runs { run(&node, grads, plan, caller)? } else { Vec::new() };
        let mut inputs = inputs.into_iter();
        for (at, edge) in node.inputs.iter().enumerate() {
            let gradient = inputs.next().flatten();
            let Some(edge) = edge else { continue };
            if let Some(gradient) = gradient {
                let layout = &edge.node.outputs[edge.output];
                let gradient = grad::recording(plan.create, || history::fitted(gradient, layout, &node.name, at))?;
                grad::recording(plan.create, || add(&mut waiting, edge, gradient))?;
            }
            if graph.arrive(&edge.node) {
                ready.push(Next(edge.node.clone()));
            }
        }
    }
    Ok(found)
}

/// Runs a node and its hooks: the gradients of its inputs.
fn run(
    node: &Rc<Node>,
    mut grads: Vec<Option<Tensor>>,
    plan: Plan,
    caller: &mut dyn Caller,
) -> Result<Vec<Option<Tensor>>> {
    for hook in node.hooks_at(When::Before) {
        if let Some(others) = caller.before(&hook, &grads)? {
            grads = others;
        }
    }
    let after = node.hooks_at(When::After);
    let outputs = if after.is_empty() { Vec::new() } else { grads.clone() };
    let mut inputs = match &node.body {
        Body::Leaf => {
            accumulate(node, grads.swap_remove(0), plan.create)?;
            if let Some(leaf) = node.leaf() {
                node.hooks_at(When::Accumulated).iter().try_for_each(|hook| caller.accumulated(hook, &leaf))?;
            }
            Vec::new()
        }
        Body::Inner(body) => {
            body.unpack(&mut |packed| caller.unpack(packed))?;
            let inputs = grad::recording(plan.create, || body.backward(node, &grads))?;
            drop(grads);
            if plan.retain {
                body.repack();
            } else {
                body.release();
            }
            inputs
        }
    };
    if Anomaly::now().on {
        check_nan(node, &inputs)?;
    }
    for hook in after {
        if let Some(others) = caller.after(&hook, &inputs, &outputs)? {
            inputs = others;
        }
    }
    Ok(inputs)
}

/// Refuses gradients that hold a nan, where that is asked for.
fn check_nan(node: &Node, inputs: &[Option<Tensor>]) -> Result<()> {
    for (i, gradient) in inputs.iter().enumerate() {
        let Some(gradient) = gradient.as_ref().filter(|_| Anomaly::now().nan) else { continue };
        let nan = grad::recording(false, || history::named("isnan", &[In::Tensor(gradient.clone())]))?;
        if grad::recording(false, || history::named("any", &[In::Tensor(nan)]))?.item()?.to_bool() {
            let name = node.name.rsplit("::").next().unwrap_or(&node.name);
            let error = runtime(format!("Function '{name}' returned nan values in its {i}th output."));
            return Err(match &node.place {
                Some(place) => error.help(format!("{} is what it is the way back of", place.shown())),
                None => error,
            });
        }
    }
    Ok(())
}

/// Runs an output's hooks, and gives its gradient to those who keep it.
fn hooked(node: &Rc<Node>, output: usize, slot: &mut Option<Tensor>, caller: &mut dyn Caller) -> Result<()> {
    let Some(gradient) = slot else { return Ok(()) };
    for hook in node.hooks_at(When::Output(output)) {
        if let Some(other) = caller.gradient(&hook, gradient)? {
            *gradient = other;
        }
    }
    for tensor in node.retaining(output) {
        tensor.set_grad(Some(gradient.clone()));
    }
    Ok(())
}

/// A node whose gradients are all there.
struct Next(Rc<Node>);

impl Ord for Next {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.sequence.cmp(&other.0.sequence)
    }
}

impl PartialOrd for Next {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Eq for Next {}

impl PartialEq for Next {
    fn eq(&self, other: &Self) -> bool {
        self.0.sequence == other.0.sequence
    }
}

/// The nodes that roots lead to, and how many gradients each still waits for.
struct Graph {
    nodes: Vec<Rc<Node>>,
    left: FxHashMap<usize, usize>,
}

impl Graph {
    /// The graph behind roots, and which nodes it has.
    fn of(roots: &[(Edge, Tensor)]) -> (Graph, FxHashSet<usize>) {
        let mut graph = Graph { nodes: Vec::new(), left: FxHashMap::default() };
        let mut seen: FxHashSet<usize> = FxHashSet::default();
        let mut stack: Vec<Rc<Node>> = roots.iter().map(|(edge, _)| edge.node.clone()).collect();
        while let Some(node) = stack.pop() {
            if !seen.insert(node.id()) {
                continue;
            }
            for edge in node.inputs.iter().flatten() {
                *graph.left.entry(edge.node.id()).or_default() += 1;
                stack.push(edge.node.clone());
            }
            graph.nodes.push(node);
        }
        (graph, seen)
    }

    /// Whether nothing leads to a node but what has come.
    fn is_free(&self, node: &Rc<Node>) -> bool {
        self.left.get(&node.id()).is_none_or(|n| *n == 0)
    }

    /// Counts a way that has been walked; says whether it was the last to this node.
    fn arrive(&mut self, node: &Rc<Node>) -> bool {
        let left = self.left.entry(node.id()).or_default();
        *left = left.saturating_sub(1);
        *left == 0
    }

    /// The nodes from which a way leads to one of these outputs.
    fn leading_to(&self, wanted: &[Edge]) -> FxHashSet<usize> {
        let targets: FxHashSet<usize> = wanted.iter().map(|w| w.node.id()).collect();
        let mut leading: FxHashSet<usize> = FxHashSet::default();
        let mut order: Vec<&Rc<Node>> = self.nodes.iter().collect();
        // Inputs are older than what is made of them; leaves come last in a walk.
        order.sort_by_key(|n| if matches!(n.body, Body::Leaf) { 0 } else { n.sequence });
        for node in order {
            let leads = |e: &Edge| targets.contains(&e.node.id()) || leading.contains(&e.node.id());
            if node.inputs.iter().flatten().any(leads) {
                leading.insert(node.id());
            }
        }
        leading
    }
}

/// Adds a gradient to what has come for an output.
fn add(waiting: &mut FxHashMap<usize, Vec<Option<Tensor>>>, edge: &Edge, gradient: Tensor) -> Result<()> {
    let slots = waiting.entry(edge.node.id()).or_default();
    if slots.len() <= edge.output {
        slots.resize(edge.output + 1, None);
    }
    let slot = &mut slots[edge.output];
    *slot = Some(match slot.take() {
        None => gradient,
        Some(before) => history::named("add", &[In::Tensor(before), In::Tensor(gradient)])?,
    });
    Ok(())
}

/// Adds to a leaf's gradient: in place, unless the addition itself is recorded.
fn accumulate(node: &Node, gradient: Option<Tensor>, create: bool) -> Result<()> {
    let (Some(leaf), Some(gradient)) = (node.leaf(), gradient) else { return Ok(()) };
    let new = match leaf.grad() {
        // torch's own name for the copy that it keeps.
        None if create => {
            let copy = grad::recording(true, || history::copied(&gradient))?;
            let strides = laid(&leaf, &copy);
            if !lies(&copy, &strides)? {
                copy.set_view(copied(&copy, &strides)?);
            }
            copy
        }
        None => own(gradient, &leaf)?,
        Some(before) if create => {
            grad::recording(true, || history::named("add", &[In::Tensor(before), In::Tensor(gradient)]))?
        }
        Some(before) => {
            let Some((row, _)) = find("add") else { return Ok(()) };
            let args = [In::Tensor(before.clone()), In::Tensor(gradient)];
            grad::recording(false, || call::call(row, Form::InPlace, &args, &[]))?;
            before
        }
    };
    leaf.set_grad(Some(new));
    Ok(())
}

/// The strides of a leaf's gradient: the leaf's own where they fill memory without gaps, else those of rows.
fn laid(leaf: &Tensor, gradient: &Tensor) -> Shape {
    let own = leaf.peek(|v| dense(v).then(|| Shape::from_slice(v.strides()))).flatten();
    own.unwrap_or_else(|| gradient.with_sizes(contiguous_strides))
}

/// Whether a gradient lies so.
fn lies(gradient: &Tensor, strides: &[i64]) -> Result<bool> {
    let v = gradient.view()?;
    Ok(v.numel() == 0 || v.strides().iter().zip(strides).zip(v.sizes()).all(|((own, s), n)| own == s || *n == 1))
}

/// A copy that lies so.
fn copied(gradient: &Tensor, strides: &[i64]) -> Result<View> {
    let v = gradient.view()?;
    let mut out = empty_strided_on(v.device(), v.sizes(), strides, v.dtype())?;
    devices::copy_into(&v, &mut out)?;
    Ok(out)
}

/// A gradient that nobody else will write or look at, as its leaf lies.
fn own(gradient: Tensor, leaf: &Tensor) -> Result<Tensor> {
    let strides = laid(leaf, &gradient);
    // What is not computed yet waits on where it will lie as its leaf does.
    let waits = gradient.is_pending()
        && gradient.in_rows()
        && gradient.with_sizes(|sizes| contiguous_strides(sizes) == strides);
    if gradient.is_shared()
        || gradient.requires_grad()
        || gradient.peek(|v| !v.is_alone()) == Some(true)
        || !(waits || lies(&gradient, &strides)?)
    {
        return Ok(Tensor::new(copied(&gradient, &strides)?));
    }
    Ok(gradient)
}

/// The gradient that a walk begins with at a tensor: the one given, or one for a single element.
///
/// # Errors
/// torch's words for tensors of several elements, of integers, and for gradients that do not fit.
pub fn first(tensor: &Tensor, given: Option<&Tensor>, at: usize) -> Result<Tensor> {
    if let Some(given) = given {
        if given.sizes() != tensor.sizes() {
            return Err(runtime(format!(
                "Mismatch in shape: grad_output[{at}] has a shape of torch.Size({}) and output[{at}] has a shape of torch.Size({}).",
                crate::base::shape::show(&given.sizes()),
                crate::base::shape::show(&tensor.sizes())
            )));
        }
        if given.dtype().is_complex() != tensor.dtype().is_complex() {
            return Err(runtime(format!(
                "For complex Tensors, both grad_output and output are required to have the same dtype. Mismatch in dtype: grad_output[{at}] has a dtype of {} and output[{at}] has a dtype of {}.",
                given.dtype(),
                tensor.dtype()
            )));
        }
        if given.device() != tensor.device() && given.ndim() > 0 {
            return Err(runtime(format!(
                "invalid gradient at index {at} - expected device {} but got {}",
                tensor.device(),
                given.device()
            )));
        }
        return Ok(given.clone());
    }
    if tensor.numel() != 1 {
        return Err(runtime("grad can be implicitly created only for scalar outputs")
            .help("call .sum() or .mean() first, or give gradient= of the tensor's sizes"));
    }
    if !tensor.dtype().is_float() {
        return Err(runtime(format!(
            "grad can be implicitly created only for real scalar outputs but got {}",
            tensor.dtype()
        )));
    }
    grad::recording(false, || history::named("ones_like", &[In::Tensor(tensor.clone())]))
}

/// The output that a walk begins at.
///
/// # Errors
/// torch's words for a tensor without history.
pub fn root(tensor: &Tensor, at: usize) -> Result<Edge> {
    match tensor.edge()? {
        Some(edge) => Ok(edge),
        None => Err(runtime(format!("element {at} of tensors does not require grad and does not have a grad_fn"))
            .help("no tensor that it was computed from has requires_grad=True, or it was computed under no_grad")),
    }
}
