//! Calls of rows recorded for derivatives: what is kept of them, and the nodes of views and of writes in place.

use super::call::Called;
use super::grad::{self, Backward, Edge, Layout, Node};
use super::{Tensor, backend};
use crate::base::error::{Error, Result, not_implemented, runtime};
use crate::base::shape::show;
use crate::base::{DType, Scalar};
use crate::ops::args::{Arg, In, Out};
use crate::ops::bind::{Bound, python_name};
use crate::ops::derivative::{self, Derivative, Rule, Use, use_of};
use crate::ops::signature::Signature;
use crate::ops::table::{self, Form, Row};
use crate::store::View;
use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;

/// Runs a bound call whose arguments ask for gradients, by `run`, and records it.
///
/// # Errors
/// What the call refuses; torch's words for writes in place that derivatives forbid, and for rows without any.
pub fn call(
    row: &'static Row,
    form: Form,
    bound: Bound<Tensor>,
    in_place: bool,
    run: fn(&'static Row, Form, Bound<Tensor>) -> Result<Called>,
) -> Result<Called> {
    if !bound.out.is_empty() {
        return Err(runtime(format!(
            "{}(): functions with out=... arguments don't support automatic differentiation, but one of the arguments requires grad.",
            row.short()
        )));
    }
    let target = match bound.args.first() {
        Some(Arg::Tensor(t)) if in_place => Some(t.clone()),
        _ => None,
    };
    // Initializations are no part of any history.
    if row.name.starts_with("nn.init.") {
        return grad::recording(false, || run(row, form, bound));
    }
    if let Some(target) = &target {
        check_target(target)?;
    }
    let Some(found) = derivative::find(row, bound.overload, form) else { return run(row, form, bound) };
    match &found.rule {
        Rule::Nothing => grad::recording(false, || run(row, form, bound)),
        Rule::Composite => {
            let (signature, args) = (bound.signature, bound.args.clone());
            let result = run(row, form, bound)?;
            renamed(found, signature, &args, result)
        }
        Rule::Formula(text) => {
            let (signature, args) = (bound.signature, bound.args.clone());
            // What the row refuses comes first; random numbers are drawn by the formula.
            let state = random_state();
            grad::recording(false, || run(row, form, bound))?;
            random_again(state);
            renamed(found, signature, &args, backend::run_text(text, signature, &args)?)
        }
        Rule::Texts(texts) => texted(row, form, bound, target, (found, texts), run),
    }
}

fn random_state() -> crate::cpu::random::Generator {
    crate::cpu::random::default_generator().borrow().clone()
}

fn random_again(state: crate::cpu::random::Generator) {
    *crate::cpu::random::default_generator().borrow_mut() = state;
}

/// The result of a formula, whose last node shows the name that torch's own has.
fn renamed(found: &'static Derivative, signature: &'static Signature, args: &[Arg<Tensor>], result: Called) -> Result<Called> {
    if found.node.is_empty() || !result.tensors().iter().any(Tensor::requires_grad) {
        return Ok(result);
    }
    if let Names::One(name) = names(found, false, signature, args, &result)? {
        for t in result.tensors() {
            t.rename_function(name.clone());
        }
    }
    Ok(result)
}

type Texts = [(&'static str, &'static str)];

fn texted(
    row: &'static Row,
    form: Form,
    bound: Bound<Tensor>,
    target: Option<Tensor>,
    (found, texts): (&'static Derivative, &'static Texts),
    run: fn(&'static Row, Form, Bound<Tensor>) -> Result<Called>,
) -> Result<Called> {
    let signature = bound.signature;
    let position = |name: &str| signature.params.iter().position(|p| python_name(p) == name);
    let asks = |arg: &Arg<Tensor>| grad::tracks(std::slice::from_ref(arg));
    let mut wanted: Vec<Wanted> = texts
        .iter()
        .filter_map(|&(name, text)| Some(Wanted { param: position(name)?, text, edges: 0 }))
        .filter(|w| bound.args.get(w.param).is_some_and(asks))
        .collect();
    if let Some((w, name)) = wanted.iter().find_map(|w| Some((w, w.text.strip_prefix("not_differentiable")?))) {
        return Err(runtime(format!(
            "The function '{}' is not differentiable with respect to argument '{}'. This input cannot have requires_grad True.",
            if name.is_empty() { row.short() } else { name.trim() },
            python_name(&signature.params[w.param])
        )));
    }
    if wanted.is_empty() {
        // The arguments that ask have no part in the result.
        return grad::recording(false, || run(row, form, bound));
    }
    // What is written in place comes first among the inputs, whether it asks or not.
    if target.is_some() && wanted.first().is_none_or(|w| w.param > 0) {
        wanted.insert(0, Wanted { param: 0, text: "None", edges: 0 });
    }
    let mut edges = Vec::new();
    for w in &mut wanted {
        let before = edges.len();
        match &bound.args[w.param] {
            Arg::Tensor(t) => edges.push(t.edge()?),
            Arg::Tensors(ts) => ts.iter().try_for_each(|t| t.edge().map(|edge| edges.push(edge)))?,
            _ => {}
        }
        w.edges = edges.len() - before;
    }
    let uses = |name: &'static str| wanted.iter().map(|w| use_of(w.text, name)).max().unwrap_or(Use::None);
    // What is written in place is kept as it was.
    let mut args = bound.args.clone();
    if target.is_some()
        && let Some(param) = signature.params.first()
        && let Arg::Tensor(t) = &args[0]
    {
        args[0] = Arg::Tensor(if uses(python_name(param)) == Use::Value { before(t)? } else { stand_in(t)? });
    }
    let mut result = grad::recording(false, || run(row, form, bound))?;
    if found.node == "NotImplemented" || found.node.starts_with("(NotImplemented") {
        let message = format!("derivative for aten::{}{} is not implemented", row.short().trim_start_matches('_'), if target.is_some() { "_" } else { "" });
        return refused(result, edges, message);
    }
    let names = names(found, target.is_some(), signature, &args, &result)?;
    let named = |name: Cow<'static, str>| if form == Form::Copy { Cow::Owned(format!("{name}_copy")) } else { name };
    let (outputs, names) = match names {
        Names::Same => {
            // The very tensor that came in.
            if let (Out::Tensor(_), Some(Arg::Tensor(t))) = (&result, args.first()) {
                result = Out::Tensor(t.clone());
            }
            return Ok(result);
        }
        Names::Nothing => {
            // A result that is the input's memory as it is, is the input.
            let alike = |a: &View, b: &View| a.shares(b) && a.data_ptr() == b.data_ptr() && a.sizes() == b.sizes() && a.dtype() == b.dtype();
            if let (Out::Tensor(r), Some(Arg::Tensor(t))) = (&result, args.first())
                && r.peek(|a| t.peek(|b| alike(a, b))).flatten() == Some(true)
            {
                result = Out::Tensor(t.clone());
            }
            return Ok(result);
        }
        Names::One(name) => (result.tensors().to_vec(), vec![Some(named(name))]),
        Names::Each(names) => (result.tensors().to_vec(), names),
    };
    let Some(name) = names.iter().flatten().next().cloned() else { return Ok(result) };
    let noted = |i: usize| names.get(i.min(names.len() - 1)).is_some_and(Option::is_some);
    let kept: Vec<Kept> = signature
        .params
        .iter()
        .zip(args)
        .map(|(param, arg)| Kept::of(arg, uses(python_name(param))))
        .collect::<Result<_>>()?;
    let result_use = uses("result").max(uses("results"));
    let results = outputs.iter().map(|t| Kept::result(t, result_use)).collect::<Result<_>>()?;
    let saved = Saved { row, wanted, signature, kept: RefCell::new(Some((kept, results))) };
    let layouts = outputs.iter().map(Layout::of).collect();
    let node = grad::node(name, edges, layouts, Box::new(saved));
    if let Some(target) = &target {
        rebase(target, Edge { node, output: 0 })?;
        return Ok(result);
    }
    for (output, t) in outputs.iter().enumerate() {
        let dtype = t.dtype();
        if !noted(output) || !(dtype.is_float() || dtype.is_complex()) {
            continue;
        }
        let edge = Edge { node: node.clone(), output };
        match names.get(output).cloned().flatten().filter(|name| *name != node.name) {
            // An output with a name of its own comes through a node of that name.
            Some(name) => drop(grad::record(name, vec![Some(edge)], &[t], Box::new(Through))),
            None => t.set_function(edge),
        }
    }
    Ok(result)
}

/// Hands a gradient on.
struct Through;

impl Backward for Through {
    fn backward(&self, _: &Rc<Node>, grads: &[Option<Tensor>]) -> Result<Vec<Option<Tensor>>> {
        Ok(grads.to_vec())
    }
}

/// Notes views of a tensor among results, so that writes in place through them reach it.
pub fn note_views(of: &Tensor, result: &Called) {
    for t in result.tensors() {
        let shares = t.peek(|v| of.peek(|w| v.shares(w))).flatten() == Some(true);
        if shares && !t.is(of) {
            t.set_base(of.base().unwrap_or_else(|| of.clone()));
        }
    }
}

/// A result that can be used, but not gone back from.
fn refused(result: Called, edges: Vec<Option<Edge>>, message: String) -> Result<Called> {
    struct Refusal(String);
    impl Backward for Refusal {
        fn backward(&self, _: &Rc<Node>, _: &[Option<Tensor>]) -> Result<Vec<Option<Tensor>>> {
            Err(runtime(self.0.clone()))
        }
    }
    let outputs: Vec<&Tensor> = result.tensors().iter().collect();
    grad::record("NotImplemented".into(), edges, &outputs, Box::new(Refusal(message)));
    Ok(result)
}

/// The names of the nodes that results show.
enum Names {
    /// The result is the input itself.
    Same,
    /// No gradient comes through.
    Nothing,
    /// One for all.
    One(Cow<'static, str>),
    /// For each output one, or none.
    Each(Vec<Option<Cow<'static, str>>>),
}

fn names(
    found: &'static Derivative,
    in_place: bool,
    signature: &'static Signature,
    args: &[Arg<Tensor>],
    result: &Called,
) -> Result<Names> {
    let text = if in_place { found.node_in_place.unwrap_or(found.node) } else { found.node };
    let one = |name: Cow<'static, str>| match &*name {
        "same" => Names::Same,
        "CopySlices" | "CopyBackwards" => Names::One(Cow::Owned(format!("torch::autograd::{name}"))),
        "none" | "None" | "composite" => Names::Nothing,
        _ => Names::One(name),
    };
    if text.chars().all(|c| c.is_alphanumeric() || c == '_') {
        return Ok(one(Cow::Borrowed(text)));
    }
    let mut names = backend::run_names(text, signature, args, result)?;
    Ok(match names.len() {
        1 => names.remove(0).map_or(Names::Nothing, one),
        _ => Names::Each(names),
    })
}

/// A parameter whose gradient is asked for, and the text that gives it.
#[derive(Debug)]
struct Wanted {
    param: usize,
    text: &'static str,
    /// How many tensors it is.
    edges: usize,
}

/// An argument or a result that the way back needs, and the writes that its memory had seen.
#[derive(Debug)]
struct Kept {
    arg: Arg<Tensor>,
    version: u32,
    /// Whether it holds tensors with their elements.
    whole: bool,
}

impl Kept {
    fn of(arg: Arg<Tensor>, uses: Use) -> Result<Kept> {
        let version = if let Arg::Tensor(t) = &arg { t.version() } else { 0 };
        let arg = match (uses, arg) {
            (Use::None, Arg::Tensor(_) | Arg::Tensors(_)) => Arg::None,
            (Use::Layout, Arg::Tensor(t)) => Arg::Tensor(stand_in(&t)?),
            (Use::Layout, Arg::Tensors(ts)) => Arg::Tensors(ts.iter().map(stand_in).collect::<Result<_>>()?),
            (_, arg) => {
                let whole = matches!(arg, Arg::Tensor(_) | Arg::Tensors(_));
                return Ok(Kept { arg, version, whole });
            }
        };
        Ok(Kept { arg, version: 0, whole: false })
    }

    /// A result: kept without its history, which would hold on to itself.
    fn result(t: &Tensor, uses: Use) -> Result<Kept> {
        Ok(match uses {
            Use::None => Kept { arg: Arg::None, version: 0, whole: false },
            Use::Layout => Kept { arg: Arg::Tensor(stand_in(t)?), version: 0, whole: false },
            Use::Value => {
                let view = t.view()?;
                Kept { version: view.storage().version(), arg: Arg::Tensor(Tensor::new(view)), whole: true }
            }
        })
    }

    /// The argument, if nobody has written it meanwhile.
    fn check(&self, output_of: Option<(&Rc<Node>, usize)>) -> Result<()> {
        let Arg::Tensor(t) = &self.arg else { return Ok(()) };
        if !self.whole || t.version() == self.version {
            return Ok(());
        }
        let function = t.function()?;
        let made = output_of.map(|(node, i)| (node.clone(), i)).or_else(|| function.map(|e| (e.node, e.output)));
        let made = made.map_or(String::new(), |(node, i)| format!(", which is output {i} of {},", node.name));
        Err(runtime(format!(
            "one of the variables needed for gradient computation has been modified by an inplace operation: [torch.{}Tensor \
             {}]{made} is at version {}; expected version {} instead. Hint: enable anomaly detection to find the operation that \
             failed to compute its gradient, with torch.autograd.set_detect_anomaly(True, check_nan=False).",
            t.dtype().aten(),
            show(&t.sizes()),
            t.version(),
            self.version
        )))
    }

    fn bytes(&self) -> usize {
        let of = |t: &Tensor| t.peek(|v| v.storage().bytes()).unwrap_or(t.numel() * t.dtype().size());
        match &self.arg {
            _ if !self.whole => 0,
            Arg::Tensor(t) => of(t),
            Arg::Tensors(ts) => ts.iter().map(of).sum(),
            _ => 0,
        }
    }
}

/// A tensor of the same sizes and dtype that holds one element.
fn stand_in(t: &Tensor) -> Result<Tensor> {
    let one = View::full(t.dtype(), &[], Scalar::Int(0))?;
    Ok(Tensor::new(one.expand(&t.sizes())?))
}

/// A copy of what a tensor is before it is written, with its history.
fn before(t: &Tensor) -> Result<Tensor> {
    let copy = Tensor::new(crate::cpu::copy::clone(&t.view()?)?);
    if let Some(edge) = t.edge()? {
        copy.set_function(edge);
    }
    Ok(copy)
}

/// What the way back through a row's call needs.
struct Saved {
    row: &'static Row,
    wanted: Vec<Wanted>,
    signature: &'static Signature,
    kept: RefCell<Option<(Vec<Kept>, Vec<Kept>)>>,
}

impl Backward for Saved {
    fn backward(&self, node: &Rc<Node>, grads: &[Option<Tensor>]) -> Result<Vec<Option<Tensor>>> {
        let kept = self.kept.borrow();
        let Some((args, results)) = &*kept else {
            return Err(runtime(
                "Trying to backward through the graph a second time (or directly access saved tensors after they have already \
                 been freed). Saved intermediate values of the graph are freed when you call .backward() or autograd.grad(). \
                 Specify retain_graph=True if you need to backward through the graph a second time or if you need to access \
                 saved tensors after calling backward.",
            ));
        };
        args.iter().try_for_each(|k| k.check(None))?;
        for (i, result) in results.iter().enumerate() {
            result.check(Some((node, i)))?;
        }
        let args: Vec<Arg<Tensor>> = args.iter().map(|k| k.arg.clone()).collect();
        let results: Vec<Option<Tensor>> =
            results.iter().enumerate().map(|(i, k)| again(k, node, i)).collect();
        let mut out = Vec::with_capacity(node.inputs.len());
        for w in &self.wanted {
            let edges = &node.inputs[out.len()..out.len() + w.edges];
            if edges.iter().all(Option::is_none) {
                out.resize(out.len() + w.edges, None);
                continue;
            }
            if w.text == "not_implemented" {
                return Err(not_implemented(format!(
                    "the derivative for '{}' is not implemented.",
                    python_name(&self.signature.params[w.param])
                )));
            }
            let call = backend::DerivativeCall {
                text: w.text,
                signature: self.signature,
                args: &args,
                grads,
                results: &results,
            };
            let mut gradients = backend::run_derivative(&call).map_err(|e| self.located(e))?;
            gradients.resize(w.edges, None);
            out.extend(gradients);
        }
        Ok(out)
    }

    fn release(&self) {
        let old = {
            let mut kept = self.kept.borrow_mut();
            // A call that kept no tensor can be gone back through again.
            let any = kept.as_ref().is_some_and(|(args, results)| args.iter().chain(results).any(|k| k.whole));
            if any { kept.take() } else { None }
        };
        drop(old);
    }

    fn kept(&self) -> usize {
        self.kept.borrow().as_ref().map_or(0, |(args, results)| args.iter().chain(results).map(Kept::bytes).sum())
    }
}

impl Saved {
    fn located(&self, error: Error) -> Error {
        error.help(format!("this came up on the way back through {}", self.row.name))
    }
}

/// A kept result as texts see it: an output of its node.
fn again(kept: &Kept, node: &Rc<Node>, output: usize) -> Option<Tensor> {
    let Arg::Tensor(t) = &kept.arg else { return None };
    if !grad::enabled() || !kept.whole {
        return Some(t.clone());
    }
    let again = Tensor::new(t.view().ok()?);
    again.set_function(Edge { node: node.clone(), output });
    Some(again)
}

/// Refuses writes in place that would lose derivatives.
///
/// # Errors
/// torch's `RuntimeError`.
pub fn check_target(target: &Tensor) -> Result<()> {
    if !grad::enabled() {
        return Ok(());
    }
    if target.requires_grad() && target.is_leaf() {
        return Err(runtime("a leaf Variable that requires grad is being used in an in-place operation.").at(&[0]));
    }
    if let (Some(_), Some(edge)) = (target.base(), target.function()?)
        && edge.node.outputs.len() > 1
    {
        return Err(runtime(format!(
            "Output {} of {} is a view and is being modified inplace. This view is the output of a function that returns multiple \
             views. Such functions do not allow the output views to be modified inplace. You should replace the inplace operation \
             by an out-of-place one.",
            edge.output, edge.node.name
        ))
        .at(&[0]));
    }
    match target.base() {
        Some(base) if base.requires_grad() && base.is_leaf() => Err(runtime(
            "a view of a leaf Variable that requires grad is being used in an in-place operation.",
        )
        .at(&[0])),
        _ => Ok(()),
    }
}

/// Gives a tensor the memory and the history of a view of it: what reshapes in place does.
///
/// # Errors
/// As [`check_target`].
pub fn reshape(target: &Tensor, new: &Tensor) -> Result<()> {
    if new.requires_grad() && grad::enabled() {
        check_target(target)?;
    }
    let function = new.function()?;
    new.forget();
    target.set_view(new.view()?);
    if let Some(edge) = function {
        target.set_function(edge);
        target.renumber_function();
    }
    Ok(())
}

/// Has a tensor that was written in place come from there; where it is a view, the whole comes from the write into its part.
///
/// # Errors
/// What the whole's geometry does not allow.
pub fn rebase(target: &Tensor, edge: Edge) -> Result<()> {
    let Some(base) = target.base() else {
        target.set_function(edge);
        return Ok(());
    };
    let part = Part::of(target, &base)?;
    let layout = Layout::of(&base);
    let first = base.edge()?;
    // The write's other inputs come along; its first, the part as it was, is part of the whole as it was.
    let others = edge.node.inputs.iter().skip(1).cloned();
    let inputs = std::iter::once(first).chain(others).collect();
    let node = grad::node("torch::autograd::CopySlices".into(), inputs, vec![layout], Box::new(CopySlices { part, write: edge.node }));
    base.set_function(Edge { node, output: 0 });
    target.set_base(base);
    let base = target.base();
    if let Some(base) = base {
        let node = view_of(target, &base)?;
        target.set_function(Edge { node, output: 0 });
    }
    Ok(())
}

/// Where a view's elements lie in the tensor that it is a view of, counted as if that were contiguous.
#[derive(Clone, Debug)]
struct Part {
    sizes: Vec<i64>,
    strides: Vec<i64>,
    offset: i64,
}

impl Part {
    fn of(view: &Tensor, base: &Tensor) -> Result<Part> {
        let (v, b) = (view.view()?, base.view()?);
        if !b.is_contiguous() || v.dtype() != b.dtype() {
            return Err(runtime("tensh cannot go back through a write into a view of a tensor that is not contiguous").help("clone the tensor first"));
        }
        Ok(Part { sizes: v.sizes().to_vec(), strides: v.strides().to_vec(), offset: v.offset() - b.offset() })
    }

    fn args(&self) -> [In<Tensor>; 3] {
        let ints = |v: &[i64]| In::Seq { items: v.iter().map(|&i| In::Int(i)).collect(), tuple: true };
        [ints(&self.sizes), ints(&self.strides), In::Int(self.offset)]
    }
}

/// The way back through a write into a part of a tensor.
struct CopySlices {
    part: Part,
    write: Rc<Node>,
}

impl Backward for CopySlices {
    fn backward(&self, _: &Rc<Node>, grads: &[Option<Tensor>]) -> Result<Vec<Option<Tensor>>> {
        let Some(Some(whole)) = grads.first() else { return Ok(vec![None; self.write.inputs.len()]) };
        let whole = named("contiguous", &[In::Tensor(whole.clone())])?;
        let [sizes, strides, offset] = self.part.args();
        let part = named("as_strided", &[In::Tensor(whole.clone()), sizes.clone(), strides.clone(), offset.clone()])?;
        let grad::Body::Inner(body) = &self.write.body else { return Ok(Vec::new()) };
        let mut inner = body.backward(&self.write, &[Some(part.clone())])?.into_iter();
        let first = match inner.next().flatten() {
            Some(g) => g,
            None => named("zeros_like", &[In::Tensor(part)])?,
        };
        let rest = named("as_strided_scatter", &[In::Tensor(whole), In::Tensor(first), sizes, strides, offset])?;
        Ok(std::iter::once(Some(rest)).chain(inner).collect())
    }

    fn release(&self) {
        if let grad::Body::Inner(body) = &self.write.body {
            body.release();
        }
    }

    fn kept(&self) -> usize {
        if let grad::Body::Inner(body) = &self.write.body { body.kept() } else { 0 }
    }
}

/// The node of a view that is looked at anew after its memory was written.
pub(super) fn view_of(view: &Tensor, base: &Tensor) -> Result<Rc<Node>> {
    struct Strided(Part, Layout);
    impl Backward for Strided {
        fn backward(&self, _: &Rc<Node>, grads: &[Option<Tensor>]) -> Result<Vec<Option<Tensor>>> {
            let Some(Some(part)) = grads.first() else { return Ok(vec![None]) };
            let sizes = self.1.sizes.iter().map(|&i| In::Int(i)).collect();
            let zeros = named("new_zeros", &[In::Tensor(part.clone()), In::Seq { items: sizes, tuple: true }])?;
            let [sizes, strides, offset] = self.0.args();
            named("as_strided_scatter", &[In::Tensor(zeros), In::Tensor(part.clone()), sizes, strides, offset])
                .map(|g| vec![Some(g)])
        }
    }
    let part = Part::of(view, base)?;
    let inputs = vec![base.edge()?];
    Ok(grad::node("AsStridedBackward0".into(), inputs, vec![Layout::of(view)], Box::new(Strided(part, Layout::of(base)))))
}

/// How indices pick from a tensor: for each dimension indices, or `None` for all of it.
pub type Picks = Vec<Option<View>>;

/// The way back through a row of the book that no call of the table makes: its arguments are as kept.
struct Written {
    name: &'static str,
    args: Vec<Arg<Tensor>>,
}

thread_local! {
    static PICKED: &'static Signature =
        Box::leak(Box::new(Signature::parse("(Tensor self, Any indices, Tensor values) -> Tensor")));
}

impl Backward for Written {
    fn backward(&self, node: &Rc<Node>, grads: &[Option<Tensor>]) -> Result<Vec<Option<Tensor>>> {
        let Some(Rule::Texts(texts)) = derivative::named(self.name).first().map(|d| &d.rule) else { return Ok(Vec::new()) };
        let mut out = Vec::new();
        for ((_, text), edge) in texts.iter().zip(&node.inputs) {
            let signature = PICKED.with(|s| *s);
            let call = backend::DerivativeCall { text, signature, args: &self.args, grads, results: &[] };
            out.extend(if edge.is_some() { backend::run_derivative(&call)? } else { vec![None] });
        }
        Ok(out)
    }
}

fn picks(indices: &Picks) -> Arg<Tensor> {
    Arg::List(indices.iter().map(|i| i.as_ref().map_or(Arg::None, |v| Arg::Tensor(Tensor::new(v.clone())))).collect())
}

/// Records that `out` was picked from `input`.
///
/// # Errors
/// When memory is short.
pub fn index(input: &Tensor, indices: &Picks, out: &Tensor) -> Result<()> {
    let args = vec![Arg::Tensor(stand_in(input)?), picks(indices), Arg::None];
    grad::record("IndexBackward0".into(), vec![input.edge()?], &[out], Box::new(Written { name: "_index", args }));
    Ok(())
}

/// Records that `values` were written to the picked places of `target`, whose history was `before`.
///
/// # Errors
/// As [`rebase`].
pub fn index_put(target: &Tensor, before: Option<Edge>, indices: &Picks, values: &Tensor) -> Result<()> {
    let args = vec![Arg::Tensor(stand_in(target)?), picks(indices), Arg::Tensor(stand_in(values)?)];
    let inputs = vec![before, values.edge()?];
    let written = Written { name: "_index_put", args };
    let node = grad::node("IndexPutBackward0".into(), inputs, vec![Layout::of(target)], Box::new(written));
    rebase(target, Edge { node, output: 0 })
}

/// A tensor converted to a dtype, recorded where it asks for gradients.
///
/// # Errors
/// What computing the elements meets.
pub fn cast(t: &Tensor, dtype: DType) -> Result<Tensor> {
    struct Back(DType);
    impl Backward for Back {
        fn backward(&self, _: &Rc<Node>, grads: &[Option<Tensor>]) -> Result<Vec<Option<Tensor>>> {
            let grad = grads.first().cloned().flatten();
            Ok(vec![grad.map(|g| cast(&real(g, self.0)?, self.0)).transpose()?])
        }
    }
    if t.dtype() == dtype {
        return Ok(t.clone());
    }
    let out = grad::recording(false, || t.cast(dtype))?;
    if t.requires_grad() && grad::enabled() {
        grad::record("ToCopyBackward0".into(), vec![t.edge()?], &[&out], Box::new(Back(t.dtype())));
    }
    Ok(out)
}

/// A copy, recorded as torch records copies of its own.
///
/// # Errors
/// What copying meets.
pub fn copied(t: &Tensor) -> Result<Tensor> {
    let copy = named("clone", &[In::Tensor(t.clone())])?;
    copy.rename_function("torch::autograd::CopyBackwards".into());
    Ok(copy)
}

/// The real part of a gradient that goes to a real tensor.
fn real(grad: Tensor, dtype: DType) -> Result<Tensor> {
    if grad.dtype().is_complex() && !dtype.is_complex() { named("real", &[In::Tensor(grad)]) } else { Ok(grad) }
}

/// A gradient brought to the sizes and dtype of what it belongs to.
///
/// # Errors
/// torch's words where the sizes cannot be.
pub fn fitted(gradient: Tensor, layout: &Layout, name: &str, at: usize) -> Result<Tensor> {
    let sizes = gradient.sizes();
    let gradient = if sizes == layout.sizes {
        gradient
    } else {
        let fits = crate::base::shape::broadcast(&layout.sizes, &sizes).is_ok_and(|s| s == sizes);
        if !fits {
            return Err(runtime(format!(
                "Function {name} returned an invalid gradient at index {at} - got {} but expected shape compatible with {}",
                show(&sizes),
                show(&layout.sizes)
            )));
        }
        let items = layout.sizes.iter().map(|&i| In::Int(i)).collect();
        named("sum_to_size", &[In::Tensor(gradient), In::Seq { items, tuple: true }])?
    };
    cast(&real(gradient, layout.dtype)?, layout.dtype)
}

/// Calls a row by its name.
///
/// # Errors
/// What the row refuses.
pub fn named(name: &str, args: &[In<Tensor>]) -> Result<Tensor> {
    let hidden = || table::rows().find(|row| row.name == name).map(|row| (row, Form::Function));
    let found = table::find(name).or_else(|| table::find_method(name)).or_else(hidden);
    let (row, form) = found.ok_or_else(|| runtime(format!("internal: no row {name}")))?;
    match super::call::call(row, form, args, &[])?.0 {
        Out::Tensor(t) => Ok(t),
        _ => Err(runtime(format!("internal: {name} gives no tensor"))),
    }
}
