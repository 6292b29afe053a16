//! What is remembered for derivatives: which tensors ask for them, and the graph of nodes that lead back from results to those.
//!
//! A node is made by [`record`] when a call has tensors that ask for gradients; the walk over them is in `crate::autograd`.

pub use super::mode::{Anomaly, Made, Mode, enabled, notes_views, recording};
use super::place::{self, Place};
use super::{Inner, Tensor};
use crate::base::error::{Result, runtime};
use crate::base::shape::Shape;
use crate::base::{DType, Device};
use crate::ops::args::Arg;
use crate::store::View;
use crate::store::storage;
use std::any::Any;
use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

thread_local! {
    /// Whether nodes are noted for their tensors to be packed.
    static PACKING: Cell<bool> = const { Cell::new(false) };
    /// Nodes whose tensors wait to be packed.
    static FRESH: RefCell<Vec<Rc<Node>>> = const { RefCell::new(Vec::new()) };
    static SEQUENCE: Cell<u64> = const { Cell::new(0) };
}

/// What sees a gradient on its way and may give another in its place; whoever walks knows how to call it.
pub type Hook = Rc<dyn Any>;

/// What a tensor that has to do with derivatives knows beyond its elements.
#[derive(Default)]
pub(super) struct Meta {
    /// Where it came from; none for a leaf.
    function: Option<Edge>,
    /// The node that adds to a leaf's gradient.
    accumulate: Option<Rc<Node>>,
    grad: Option<Tensor>,
    retains: bool,
    uncounted: bool,
    /// What it is a view of, the writes that the memory had seen when its function was noted, and how the view was made.
    base: Option<(Tensor, u32, Made)>,
}

impl std::fmt::Debug for Meta {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Meta")
            .field("function", &self.function.as_ref().map(|e| e.node.name.clone()))
            .finish_non_exhaustive()
    }
}

/// One output of a node.
#[derive(Clone, Debug)]
pub struct Edge {
    /// The node.
    pub node: Rc<Node>,
    /// Which of its outputs.
    pub output: usize,
}

/// The sizes, dtype and device of a node's output, which its gradient is to have.
#[derive(Clone, Debug)]
pub struct Layout {
    /// The sizes.
    pub sizes: Shape,
    /// The dtype.
    pub dtype: DType,
    /// Where it lives.
    pub device: Device,
}

impl Layout {
    pub(super) fn of(t: &Tensor) -> Layout {
        Layout { sizes: t.sizes(), dtype: t.dtype(), device: t.device() }
    }

    /// A gradient of zeros.
    ///
    /// # Errors
    /// When memory is short.
    pub fn zeros(&self) -> Result<Tensor> {
        Ok(Tensor::new(View::zeros_on(self.device, self.dtype, &self.sizes)?))
    }
}

/// Gives what is kept in a tensor's place.
pub type Pack<'a> = dyn FnMut(Tensor) -> Result<Hook> + 'a;

/// Gives the tensor back.
pub type Unpack<'a> = dyn FnMut(&Hook) -> Result<Tensor> + 'a;

/// How gradients come from a node's outputs to its inputs.
pub trait Backward {
    /// The gradients of the inputs, one for each of the node's edges; `grads` has one for each output.
    ///
    /// # Errors
    /// What the computation meets; torch's words where what it needs is gone or has been written.
    fn backward(&self, node: &Rc<Node>, grads: &[Option<Tensor>]) -> Result<Vec<Option<Tensor>>>;

    /// Lets go of what was kept for it.
    fn release(&self) {}

    /// What is kept, by torch's names for it without their `_saved_`.
    ///
    /// # Errors
    /// torch's words where it is gone or has been written.
    fn keeps(&self, _: &Rc<Node>) -> Result<Vec<(String, Arg<Tensor>)>> {
        Ok(Vec::new())
    }

    /// Has something kept in the place of each tensor.
    ///
    /// # Errors
    /// What packing meets.
    fn pack(&self, _: &Rc<Node>, _: &mut Pack<'_>) -> Result<()> {
        Ok(())
    }

    /// Gets the tensors back from what was kept in their place, until [`Backward::repack`].
    ///
    /// # Errors
    /// What unpacking meets.
    fn unpack(&self, _: &mut Unpack<'_>) -> Result<()> {
        Ok(())
    }

    /// Lets go of the tensors that were unpacked.
    fn repack(&self) {}

    /// The bytes that are kept for it.
    fn kept(&self) -> usize {
        0
    }
}

/// What a node does.
pub enum Body {
    /// Adds to a leaf's gradient.
    Leaf,
    /// Leads on.
    Inner(Box<dyn Backward>),
}

/// When a node's hook is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// With the gradient of an output.
    Output(usize),
    /// With the gradients of all outputs.
    Before,
    /// With the gradients of inputs and outputs.
    After,
    /// With the leaf whose gradient has been added to.
    Accumulated,
}

/// A hook on a node.
pub struct Hooked {
    /// When.
    pub when: When,
    /// By which it can be removed.
    pub id: u64,
    /// What is called.
    pub hook: Hook,
}

/// A step of the way back.
pub struct Node {
    /// `MulBackward0`.
    pub name: Cow<'static, str>,
    /// Where gradients go, one for each input that is a tensor.
    pub inputs: Vec<Option<Edge>>,
    /// What gradients come from.
    pub outputs: Vec<Layout>,
    /// Later nodes have larger numbers.
    pub sequence: u64,
    /// The expression that made it.
    pub place: Option<Place>,
    /// What it does.
    pub body: Body,
    /// Its hooks.
    pub hooks: RefCell<Vec<Hooked>>,
    /// What scripts keep with it.
    pub metadata: RefCell<Option<Hook>>,
    /// Tensors that keep the gradient of an output.
    retaining: RefCell<Vec<(usize, Weak<Inner>)>>,
    leaf: Weak<Inner>,
}

impl std::fmt::Debug for Node {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.name)
    }
}

impl Node {
    /// The leaf that it adds to.
    pub fn leaf(&self) -> Option<Tensor> {
        self.leaf.upgrade().map(Tensor)
    }

    /// The tensors that keep the gradient of an output.
    pub fn retaining(&self, output: usize) -> Vec<Tensor> {
        let retaining = self.retaining.borrow();
        retaining.iter().filter(|r| r.0 == output).filter_map(|r| r.1.upgrade()).map(Tensor).collect()
    }

    /// The hooks that are called then.
    pub fn hooks_at(&self, when: When) -> Vec<Hook> {
        self.hooks.borrow().iter().filter(|h| h.when == when).map(|h| h.hook.clone()).collect()
    }

    /// A number by which it is known.
    pub fn id(self: &Rc<Self>) -> usize {
        Rc::as_ptr(self).addr()
    }
}

impl Drop for Node {
    /// A long chain is let go of step by step, not by recursion.
    fn drop(&mut self) {
        let mut rest: Vec<Edge> = self.inputs.drain(..).flatten().collect();
        while let Some(edge) = rest.pop() {
            if let Some(mut node) = Rc::into_inner(edge.node) {
                node.body = Body::Leaf;
                rest.extend(node.inputs.drain(..).flatten());
            }
        }
    }
}

impl Tensor {
    /// Whether gradients are to reach it: it asks itself, or what it is a view of does.
    #[inline]
    pub fn requires_grad(&self) -> bool {
        self.0.requires_grad.get() || place::watched() && self.follows()
    }

    fn follows(&self) -> bool {
        self.seen(|m| m.base.as_ref().filter(|b| b.0.requires_grad()).map(drop)).is_some()
    }

    /// Asks for derivatives, or no longer.
    ///
    /// # Errors
    /// torch's `RuntimeError` for dtypes that have none, and for tensors that are no leaves.
    pub fn set_requires_grad(&self, on: bool) -> Result<()> {
        let dtype = self.dtype();
        if on && !dtype.is_float() && !dtype.is_complex() {
            return Err(runtime("Only Tensors of floating point and complex dtype can require gradients"));
        }
        if !on && !self.is_leaf() {
            return Err(runtime(
                "you can only change requires_grad flags of leaf variables. If you want to use a computed variable in a \
                 subgraph that doesn't require differentiation use var_no_grad = var.detach().",
            ));
        }
        if on {
            if self.is_inference() && !storage::inference() {
                return Err(runtime(
                    "Setting requires_grad=True on inference tensor outside InferenceMode is not allowed.",
                ));
            }
            place::watch();
        }
        self.0.requires_grad.set(on);
        Ok(())
    }

    fn meta<T>(&self, look: impl FnOnce(&mut Meta) -> T) -> T {
        look(self.0.meta.borrow_mut().get_or_insert_with(Box::default))
    }

    fn seen<T>(&self, look: impl FnOnce(&Meta) -> Option<T>) -> Option<T> {
        self.0.meta.borrow().as_deref().and_then(look)
    }

    /// Whether it came from no recorded call.
    pub fn is_leaf(&self) -> bool {
        !self.requires_grad() || self.seen(|m| m.function.as_ref().map(drop)).is_none()
    }

    /// The gradient that was accumulated.
    pub fn grad(&self) -> Option<Tensor> {
        self.seen(|m| m.grad.clone())
    }

    /// Sets the gradient.
    pub fn set_grad(&self, grad: Option<Tensor>) {
        if grad.is_some() || self.0.meta.borrow().is_some() {
            let old = self.meta(|m| std::mem::replace(&mut m.grad, grad));
            drop(old);
        }
    }

    /// Where it came from.
    ///
    /// # Errors
    /// What computing its memory meets.
    pub fn function(&self) -> Result<Option<Edge>> {
        if !self.requires_grad() {
            return Ok(None);
        }
        if let Some((base, version, made)) = self.seen(|m| m.base.clone())
            && base.requires_grad()
            && version != self.version()
        {
            if let Some(refusal) = made.refusal("its base or another view of its base has been") {
                return Err(refusal);
            }
            // The memory was written through another view: it comes from there now.
            let node = super::history::view_of(self, &base)?;
            let version = self.version();
            self.meta(|m| {
                m.function = Some(Edge { node, output: 0 });
                m.base = Some((base, version, made));
            });
        }
        Ok(self.seen(|m| m.function.clone()))
    }

    /// Where its gradient goes; none when nobody asks for it.
    ///
    /// # Errors
    /// As [`Tensor::function`].
    pub fn edge(&self) -> Result<Option<Edge>> {
        if !self.requires_grad() {
            return Ok(None);
        }
        if let Some(edge) = self.function()? {
            return Ok(Some(edge));
        }
        if !self.0.requires_grad.get() {
            // It asks only as what it is a view of does.
            return Ok(None);
        }
        let made = self.seen(|m| m.accumulate.clone());
        let node = made.unwrap_or_else(|| {
            let node = Rc::new(Node {
                name: "torch::autograd::AccumulateGrad".into(),
                inputs: Vec::new(),
                outputs: vec![Layout::of(self)],
                sequence: u64::MAX,
                place: None,
                body: Body::Leaf,
                hooks: RefCell::default(),
                metadata: RefCell::default(),
                retaining: RefCell::default(),
                leaf: self.downgrade(),
            });
            self.meta(|m| m.accumulate = Some(node.clone()));
            node
        });
        Ok(Some(Edge { node, output: 0 }))
    }

    /// Ends its history: it becomes a leaf that asks for nothing.
    pub fn forget(&self) {
        self.0.requires_grad.set(false);
        if self.0.meta.borrow().is_some() {
            let old = self.meta(|m| (m.function.take(), m.base.take()));
            drop(old);
        }
    }

    /// Has it come from an output of a node.
    pub fn set_function(&self, edge: Edge) {
        self.0.requires_grad.set(true);
        let old = self.meta(|m| {
            if m.retains {
                if let Some(old) = &m.function {
                    let own = self.downgrade();
                    old.node.retaining.borrow_mut().retain(|r| !r.1.ptr_eq(&own));
                }
                edge.node.retaining.borrow_mut().push((edge.output, self.downgrade()));
            }
            m.function.replace(edge)
        });
        drop(old);
    }

    /// Has its gradient go where another tensor's does.
    pub(super) fn set_edge(&self, edge: Edge) {
        match &edge.node.body {
            Body::Inner(_) => self.set_function(edge),
            Body::Leaf => {
                self.0.requires_grad.set(true);
                self.meta(|m| m.accumulate = Some(edge.node));
            }
        }
    }

    /// Gives the node that it came from another name, where nobody else knows the node and it is no older than a number.
    pub(super) fn rename_function(&self, name: Cow<'static, str>, since: u64) {
        self.meta(|m| {
            if let Some(node) = m.function.as_mut().and_then(|edge| Rc::get_mut(&mut edge.node))
                && node.sequence >= since
            {
                node.name = name;
            }
        });
    }

    /// Gives the node that it came from the name of the in-place form: torch numbers those behind the others.
    pub(super) fn renumber_function(&self) {
        self.meta(|m| {
            if let Some(node) = m.function.as_mut().and_then(|edge| Rc::get_mut(&mut edge.node))
                && let Some(number) = node.name.chars().last().and_then(|c| c.to_digit(10))
            {
                let others = if node.name.starts_with("Squeeze") { 3 } else { 1 };
                let stem = node.name[..node.name.len() - 1].to_owned();
                node.name = format!("{stem}{}", number + others).into();
            }
        });
    }

    /// Whether writes in place are not counted: it is another tensor's `.data`.
    pub fn is_uncounted(&self) -> bool {
        self.seen(|m| m.uncounted.then_some(())).is_some()
    }

    /// Has its writes in place not counted.
    pub fn set_uncounted(&self) {
        self.meta(|m| m.uncounted = true);
    }

    /// What it is a view of.
    pub fn base(&self) -> Option<Tensor> {
        self.seen(|m| m.base.as_ref().map(|b| b.0.clone()))
    }

    /// Notes what it is a view of.
    pub fn set_base(&self, base: Tensor) {
        let (version, made) = (self.version(), Made::now());
        self.meta(|m| m.base = Some((base, version, made)));
    }

    /// How it was made as a view.
    pub fn made(&self) -> Made {
        self.seen(|m| m.base.as_ref().map(|b| b.2)).unwrap_or(Made::Seen)
    }

    /// Whether it was made in inference mode.
    pub fn is_inference(&self) -> bool {
        match &*self.0.state.borrow() {
            super::State::Ready(view) => view.storage().is_inference(),
            super::State::Same(other) => other.is_inference(),
            _ => storage::inference(),
        }
    }

    /// Keeps the gradient of a tensor that is no leaf.
    ///
    /// # Errors
    /// torch's `RuntimeError` for a tensor that asks for none.
    pub fn retain_grad(&self) -> Result<()> {
        if !self.requires_grad() {
            return Err(runtime("can't retain_grad on Tensor that has requires_grad=False"));
        }
        if let Some(edge) = self.function()?
            && !self.retains_grad()
        {
            self.meta(|m| m.retains = true);
            edge.node.retaining.borrow_mut().push((edge.output, self.downgrade()));
        }
        Ok(())
    }

    /// Whether the gradient of a tensor that is no leaf is kept.
    pub fn retains_grad(&self) -> bool {
        self.seen(|m| m.retains.then_some(())).is_some()
    }

    /// The address of its memory, if it has any yet.
    pub(super) fn address(&self) -> Option<usize> {
        match &*self.0.state.borrow() {
            super::State::Ready(view) => Some(view.storage().address()),
            super::State::Pending(node) => node.into.as_ref().map(|v| v.storage().address()),
            super::State::Same(other) => other.address(),
            super::State::Failed(_) => None,
        }
    }

    /// How many in-place writes the memory has seen, those that wait included.
    pub fn version(&self) -> u32 {
        match &*self.0.state.borrow() {
            super::State::Ready(view) => view.storage().version(),
            super::State::Pending(node) => node.into.as_ref().map_or(0, |v| v.storage().version()) + node.writes,
            super::State::Same(other) => other.version(),
            super::State::Failed(_) => 0,
        }
    }
}

/// The next number of a node, or a hook.
pub fn next() -> u64 {
    SEQUENCE.replace(SEQUENCE.get() + 1)
}

/// Has the tensors that nodes keep packed by a script's hooks, or no longer.
pub fn set_packing(on: bool) {
    PACKING.set(on);
}

/// The nodes made since the last look whose tensors are to be packed.
pub fn fresh() -> Vec<Rc<Node>> {
    FRESH.take()
}

/// Whether there are such nodes.
pub fn has_fresh() -> bool {
    PACKING.get() && FRESH.with_borrow(|fresh| !fresh.is_empty())
}

/// Notes a node whose tensors are to be packed where a script asks for it.
pub(super) fn made(node: &Rc<Node>) {
    if PACKING.get() {
        FRESH.with_borrow_mut(|fresh| fresh.push(node.clone()));
    }
}

/// Makes a node that leads from results to inputs, without noting it at any tensor.
pub fn node(
    name: Cow<'static, str>,
    inputs: Vec<Option<Edge>>,
    outputs: Vec<Layout>,
    body: Box<dyn Backward>,
) -> Rc<Node> {
    Rc::new(Node {
        name,
        inputs,
        outputs,
        sequence: next(),
        place: place::here(),
        body: Body::Inner(body),
        hooks: RefCell::default(),
        metadata: RefCell::default(),
        retaining: RefCell::default(),
        leaf: Weak::new(),
    })
}

/// Makes a node and notes it at the results that have derivatives.
pub fn record(
    name: Cow<'static, str>,
    inputs: Vec<Option<Edge>>,
    results: &[&Tensor],
    body: Box<dyn Backward>,
) -> Rc<Node> {
    let node = node(name, inputs, results.iter().map(|t| Layout::of(t)).collect(), body);
    for (output, result) in results.iter().enumerate() {
        if result.dtype().is_float() || result.dtype().is_complex() {
            result.set_function(Edge { node: node.clone(), output });
        }
    }
    node
}

/// Whether a call with these arguments is to be recorded.
#[inline]
pub fn tracks(args: &[Arg<Tensor>]) -> bool {
    let any = args.iter().any(|arg| match arg {
        Arg::Tensor(t) => t.requires_grad(),
        Arg::Tensors(ts) => ts.iter().any(Tensor::requires_grad),
        Arg::List(items) => tracks(items),
        _ => false,
    });
    any && enabled()
}
