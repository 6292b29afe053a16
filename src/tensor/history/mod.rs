//! Calls of rows recorded for derivatives.

mod index;
mod saved;
mod support;
mod views;

use super::call::Called;
use super::grad::{self, Backward, Edge, Layout, Node};
use super::{Tensor, backend};
use crate::base::Device;
use crate::base::error::{Result, runtime};
use crate::ops::args::{Arg, Out};
use crate::ops::bind::{Bound, python_name};
use crate::ops::derivative::{self, Again, Derivative, Rule, Use, use_of};
use crate::ops::prim;
use crate::ops::signature::{Signature, Ty};
use crate::ops::table::{Form, Kind, Row};
use crate::store::View;
use rustc_hash::FxHashMap;
use saved::{Kept, NOT_IMPLEMENTED, Refusal, Saved, Zeros, before, stand_in};
use smallvec::SmallVec;
use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;

pub use index::{Picks, index, index_put};
pub use support::{cast, converted, copied, copied_to, fitted, named};
pub(super) use views::view_of;
pub use views::{check_target, note_view, note_views, rebase, reshape};

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
    let cuda = bound.args.iter().any(|a| matches!(a, Arg::Tensor(t) if t.device() != Device::Cpu));
    let found = derivative::find(row, bound.overload, cuda);
    match &found.rule {
        Rule::Nothing => {
            // torch numbers the overloads: the one for numbers comes first.
            let numbered = bound.signature.params.get(1).is_some_and(|p| p.ty == Ty::Operand)
                && matches!(bound.args.get(1), Some(Arg::Tensor(_)));
            // Its logical rows leave the history as it was.
            let logical = matches!(&row.overloads[bound.overload].kind, Kind::Prim(p) if p.rule == prim::Rule::Logical);
            let result = grad::recording(false, || run(row, form, bound))?;
            if let Some(target) = target.filter(|t| t.requires_grad() && !logical) {
                blocked(row, u8::from(numbered), &target)?;
            }
            Ok(result)
        }
        Rule::Composite | Rule::Formula(_) if let Some(target) = &target => {
            // The formula sees what the tensor was before.
            let mut bound = bound;
            bound.args[0] = Arg::Tensor(before(target)?);
            if let Some(flag) = bound.signature.inplace {
                bound.args[flag] = Arg::Bool(false);
            }
            let form = if form == Form::InPlace { Form::Function } else { form };
            let result = call(row, form, bound, false, run)?;
            super::inplace::store(target, result, &[])
        }
        Rule::Composite => {
            let (signature, args) = (bound.signature, bound.args.clone());
            let result = run(row, form, bound)?;
            renamed(found, signature, &args, result)
        }
        Rule::Formula(text) => {
            let (signature, args) = (bound.signature, bound.args.clone());
            let state = random_state();
            match backend::run_text(text, signature, &args) {
                Ok(result) => renamed(found, signature, &args, result),
                // The words for what is refused are the row's own.
                Err(error) => {
                    random_again(state);
                    grad::recording(false, || run(row, form, bound))?;
                    Err(error)
                }
            }
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
fn renamed(
    found: &'static Derivative,
    signature: &'static Signature,
    args: &[Arg<Tensor>],
    result: Called,
) -> Result<Called> {
    if found.node.is_empty() || !result.tensors().iter().any(Tensor::requires_grad) {
        return Ok(result);
    }
    if let Names::One(name) = names(found, false, signature, args, &result)? {
        for t in result.tensors() {
            t.rename_function(name.clone(), 0);
        }
    }
    Ok(result)
}

type Texts = [(&'static str, &'static str)];

/// How the calls of an overload are recorded for the arguments that ask: worked out once.
#[derive(Debug)]
struct Plan {
    /// The gradients that the derivative has, in the order of the parameters.
    wanted: Vec<Wanted>,
    /// What those texts do with each parameter.
    uses: Vec<Use>,
    /// What they do with each of the first results, and with the rest.
    results: [Use; OUTPUTS],
}

/// Results whose use is known one by one.
const OUTPUTS: usize = 3;

/// The gradient of a parameter.
#[derive(Debug)]
struct Wanted {
    param: usize,
    /// Whether a call asks for it; else it holds the place that torch gives it among the node's inputs.
    asked: bool,
    text: &'static str,
    /// Its place among those that the text gives, and how many these are.
    share: (usize, usize),
    /// What the gradient's own node is called.
    again: Option<Again>,
}

/// By the derivative, the signature, what the arguments are and which of them ask, and whether the call writes in place.
type Plans = FxHashMap<(*const Derivative, *const Signature, u64, bool), &'static Plan>;

thread_local! {
    /// The table is finite, so they are kept.
    static PLANS: RefCell<Plans> = RefCell::default();
}

impl Plan {
    fn use_of_output(&self, i: usize) -> Use {
        self.results[i.min(OUTPUTS - 1)]
    }

    fn of(
        found: &'static Derivative,
        texts: &Texts,
        signature: &'static Signature,
        args: &[Arg<Tensor>],
        writes: bool,
    ) -> &'static Plan {
        let asks = |arg: &Arg<Tensor>| grad::tracks(std::slice::from_ref(arg));
        // Two bits each: no row has more than 32 parameters that matter here.
        let mask = args.iter().rev().fold(0u64, |mask, arg| {
            let kind = match arg {
                Arg::None => 0,
                Arg::Tensor(_) | Arg::Tensors(_) | Arg::List(_) => 1 + u64::from(asks(arg)),
                _ => 3,
            };
            mask << 2 | kind
        });
        let key = (std::ptr::from_ref(found), std::ptr::from_ref(signature), mask, writes);
        if let Some(plan) = PLANS.with_borrow(|plans| plans.get(&key).copied()) {
            return plan;
        }
        let position = |name: &str| signature.params.iter().position(|p| python_name(p) == name);
        // Numbers stand for tensors, but where torch has a node of another name for them.
        let numbers = !found.node.contains("is_tensor(");
        let share = |i: usize| {
            let same = |t: &(&str, &str)| std::ptr::eq(t.1.as_ptr(), texts[i].1.as_ptr());
            let first = texts.iter().position(same).unwrap_or(i);
            (i - first, texts.iter().filter(|t| same(t)).count())
        };
        let mut wanted: Vec<Wanted> = texts
            .iter()
            .enumerate()
            .filter_map(|(i, &(name, text))| {
                let (name, optional) = name.strip_suffix('?').map_or((name, false), |name| (name, true));
                let param = position(name)?;
                let arg = args.get(param)?;
                let asked = asks(arg);
                let has_place = match arg {
                    Arg::Tensor(_) | Arg::Tensors(_) | Arg::List(_) => !text.starts_with("not_differentiable"),
                    Arg::None => !optional && !text.starts_with("not_differentiable"),
                    _ => numbers && signature.params[param].ty == Ty::Operand,
                };
                (asked || has_place).then(|| Wanted {
                    param,
                    asked,
                    text,
                    share: share(i),
                    again: found.again_of(name),
                })
            })
            .collect();
        // What is written in place comes first among the inputs, whether it asks or not.
        if writes && wanted.first().is_some_and(|w| w.param > 0) {
            wanted.insert(0, Wanted { param: 0, asked: false, text: "None", share: (0, 1), again: None });
        }
        if let (true, Some(words)) = (writes, found.refused_in_place) {
            wanted.iter_mut().for_each(|w| w.text = words);
        }
        let asked = || wanted.iter().filter(|w| w.asked);
        let uses = |name: &'static str| asked().map(|w| use_of(w.text, name)).max().unwrap_or(Use::None);
        let plan = Plan {
            uses: signature.params.iter().map(|p| uses(python_name(p))).collect(),
            results: std::array::from_fn(|i| {
                asked().map(|w| derivative::use_of_output(w.text, i)).max().unwrap_or(Use::None)
            }),
            wanted,
        };
        let plan = &*Box::leak(Box::new(plan));
        PLANS.with_borrow_mut(|plans| plans.insert(key, plan));
        plan
    }
}

fn texted(
    row: &'static Row,
    form: Form,
    bound: Bound<Tensor>,
    target: Option<Tensor>,
    (found, texts): (&'static Derivative, &'static Texts),
    run: fn(&'static Row, Form, Bound<Tensor>) -> Result<Called>,
) -> Result<Called> {
    let signature = bound.signature;
    let plan = Plan::of(found, texts, signature, &bound.args, target.is_some());
    let asked = || plan.wanted.iter().filter(|w| w.asked);
    if let Some((param, name)) = asked().find_map(|w| Some((w.param, w.text.strip_prefix("not_differentiable")?))) {
        return Err(runtime(format!(
            "The function '{}' is not differentiable with respect to argument '{}'. This input cannot have requires_grad True.",
            if name.is_empty() { row.short() } else { name.trim() },
            python_name(&signature.params[param])
        )));
    }
    if asked().next().is_none() {
        // The arguments that ask have no part in the result.
        return grad::recording(false, || run(row, form, bound));
    }
    let mut edges = Vec::with_capacity(plan.wanted.len());
    let mut counts: SmallVec<[u32; 4]> = SmallVec::new();
    for wanted in &plan.wanted {
        let before = edges.len();
        match &bound.args[wanted.param] {
            Arg::Tensor(t) => edges.push(t.edge()?),
            Arg::Tensors(ts) => ts.iter().try_for_each(|t| t.edge().map(|edge| edges.push(edge)))?,
            Arg::List(_) => {}
            _ => edges.push(None),
        }
        counts.push((edges.len() - before) as u32);
    }
    // What is written in place is kept as it was.
    let mut args = bound.args.clone();
    if target.is_some()
        && let Arg::Tensor(t) = &args[0]
    {
        args[0] = Arg::Tensor(if plan.uses[0] == Use::Value { before(t)? } else { stand_in(t)? });
    }
    let writes: Vec<u32> = args.iter().map(|a| if let Arg::Tensor(t) = a { t.version() } else { 0 }).collect();
    let mut result = grad::recording(false, || run(row, form, bound))?;
    if found.node == "NotImplemented" || found.node.starts_with("(NotImplemented") {
        let message = format!(
            "derivative for aten::{}{} is not implemented",
            row.short().trim_start_matches('_'),
            if target.is_some() { "_" } else { "" }
        );
        return refused(result, edges, message);
    }
    if let Some(Arg::DType(dtype)) = keyword(signature, "dtype").and_then(|i| args.get(i))
        && !dtype.is_float()
        && !dtype.is_complex()
        && result.tensors().iter().any(|t| t.dtype() == *dtype)
    {
        return Err(runtime(format!("Autograd not support dtype: {}", dtype.aten())));
    }
    if let Some(name) = found.real
        && result.tensors().iter().any(|t| t.dtype().is_complex())
    {
        return Err(runtime(format!(
            "{name} does not support automatic differentiation for outputs with complex dtype."
        )));
    }
    let names = names(found, target.is_some(), signature, &args, &result)?;
    let named = |name: Cow<'static, str>| if form == Form::Copy { Cow::Owned(format!("{name}_copy")) } else { name };
    let (outputs, names) = match names {
        Names::Same => {
            // The very tensor that came in.
            match (&result, args.first()) {
                (Out::Tensor(_), Some(Arg::Tensor(t))) => result = Out::Tensor(t.clone()),
                (Out::Tensor(_), Some(Arg::Tensors(ts))) if ts.len() == 1 => result = Out::Tensor(ts[0].clone()),
                (Out::Tuple(_), Some(Arg::Tensors(ts))) if ts.len() == 1 => result = Out::Tuple(ts.clone()),
                (Out::List(_), Some(Arg::Tensors(ts))) if ts.len() == 1 => result = Out::List(ts.clone()),
                _ => {}
            }
            return Ok(result);
        }
        Names::Nothing => {
            // A result that is the input's memory as it is, is the input.
            let alike = |a: &View, b: &View| {
                a.shares(b) && a.address() == b.address() && a.sizes() == b.sizes() && a.dtype() == b.dtype()
            };
            if let (Out::Tensor(r), Some(Arg::Tensor(t))) = (&result, args.first())
                && r.peek(|a| t.peek(|b| alike(a, b))).flatten() == Some(true)
            {
                result = Out::Tensor(t.clone());
            }
            return Ok(result);
        }
        Names::One(name) => (result.tensors().to_vec(), vec![Some(named(name))]),
        Names::Each(mut names) => {
            // An output of the name `same` is the very tensor that came in.
            if let (Out::Tuple(parts) | Out::List(parts), Some(Arg::Tensors(ts))) = (&mut result, args.first()) {
                for ((part, t), name) in parts.iter_mut().zip(ts).zip(&mut names) {
                    if name.as_deref() == Some("same") {
                        *part = t.clone();
                        *name = None;
                    }
                }
            }
            (result.tensors().to_vec(), names)
        }
    };
    let Some(name) = names.iter().flatten().next().cloned() else { return Ok(result) };
    let noted = |i: usize| names.get(i.min(names.len() - 1)).is_some_and(Option::is_some);
    let kept: Vec<Kept> = args
        .into_iter()
        .zip(&signature.params)
        .zip(&plan.uses)
        .zip(writes)
        .map(|(((arg, param), uses), version)| Kept::of(arg, version, *uses, param.ty == Ty::Operand))
        .collect::<Result<_>>()?;
    let results =
        outputs.iter().enumerate().map(|(i, t)| Kept::result(t, plan.use_of_output(i))).collect::<Result<_>>()?;
    let saved =
        Saved { row, plan, counts, signature, walked: RefCell::default(), kept: RefCell::new(Some((kept, results))) };
    let layouts = outputs.iter().map(Layout::of).collect();
    let node = grad::node(name, edges, layouts, Box::new(saved));
    grad::made(&node);
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

/// Where a parameter stands that is given by its name alone.
fn keyword(signature: &Signature, name: &str) -> Option<usize> {
    signature.params.iter().position(|p| p.keyword && p.name == name)
}

/// Notes that no gradient comes through what was written in place: `x.eq_(0)` gives `EqBackward0`, and zeros.
fn blocked(row: &'static Row, number: u8, target: &Tensor) -> Result<()> {
    let words = row.short().split('_').filter(|w| !w.is_empty());
    let camel: String = words.map(|w| w[..1].to_uppercase() + &w[1..]).collect();
    let zeros = Zeros(vec![Layout::of(target)]);
    let layouts = vec![Layout::of(target)];
    let node = grad::node(format!("{camel}Backward{number}").into(), vec![target.edge()?], layouts, Box::new(zeros));
    rebase(target, Edge { node, output: 0 })
}

/// Hands a gradient on.
struct Through;

impl Backward for Through {
    fn backward(&self, _: &Rc<Node>, grads: &[Option<Tensor>]) -> Result<Vec<Option<Tensor>>> {
        Ok(grads.to_vec())
    }
}

/// A result that can be used, but not gone back from.
fn refused(result: Called, edges: Vec<Option<Edge>>, message: String) -> Result<Called> {
    let outputs: Vec<&Tensor> = result.tensors().iter().collect();
    grad::record(NOT_IMPLEMENTED.into(), edges, &outputs, Box::new(Refusal(message)));
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

/// A name as a text gives it.
fn named_node(name: Cow<'static, str>) -> Names {
    match &*name {
        "same" => Names::Same,
        "CopySlices" | "CopyBackwards" => Names::One(Cow::Owned(format!("torch::autograd::{name}"))),
        "none" | "None" | "composite" => Names::Nothing,
        _ => Names::One(name),
    }
}

fn names(
    found: &'static Derivative,
    in_place: bool,
    signature: &'static Signature,
    args: &[Arg<Tensor>],
    result: &Called,
) -> Result<Names> {
    let text = if in_place { found.node_in_place.unwrap_or(found.node) } else { found.node };
    if text.chars().all(|c| c.is_alphanumeric() || c == '_') {
        return Ok(named_node(Cow::Borrowed(text)));
    }
    let mut names = backend::run_names(text, signature, args, result)?;
    Ok(match names.len() {
        1 => names.remove(0).map_or(Names::Nothing, named_node),
        _ => Names::Each(names),
    })
}
