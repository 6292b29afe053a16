//! What is kept of a call for the way back, and the way back by a row's texts.

use super::super::call::Called;
use super::super::grad::{self, Backward, Edge, Hook, Layout, Node, Pack, Unpack};
use super::super::place::{self, Place};
use super::super::{Tensor, backend, recompute};
use super::Plan;
use super::support::fitted;
use crate::base::Scalar;
use crate::base::error::{Error, Result, not_implemented, runtime};
use crate::base::shape::show;
use crate::ops::args::Arg;
use crate::ops::bind::python_name;
use crate::ops::derivative::{Again, Use, use_of};
use crate::ops::signature::{Param, Signature, Ty};
use crate::ops::table::Row;
use crate::store::View;
use smallvec::SmallVec;
use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;

/// An argument or a result that the way back needs, and the writes that its memory had seen.
#[derive(Debug)]
pub(super) struct Kept {
    arg: Arg<Tensor>,
    version: u32,
    /// Whether it holds a tensor with its elements.
    whole: bool,
    /// Whether torch keeps it, too, and lets go of it behind the walk.
    freed: bool,
    /// What a script's hook gave to be kept in its place, and where the tensor's gradient goes.
    packed: Option<(Hook, Option<Edge>)>,
}

impl Kept {
    /// An argument whose memory had seen so many writes when the call began.
    pub(super) fn of(arg: Arg<Tensor>, version: u32, uses: Use, operand: bool) -> Result<Kept> {
        let arg = match (uses, arg) {
            (Use::None, Arg::Tensor(_) | Arg::Tensors(_)) => Arg::None,
            (Use::Layout, Arg::Tensor(t)) => Arg::Tensor(stand_in(&t)?),
            (Use::Layout, Arg::Tensors(ts)) => Arg::Tensors(ts.iter().map(stand_in).collect::<Result<_>>()?),
            (_, arg) => {
                let whole = matches!(arg, Arg::Tensor(_));
                if let Arg::Tensor(t) = &arg
                    && t.is_inference()
                {
                    return Err(runtime(
                        "Inference tensors cannot be saved for backward. Please do not use Tensors created in inference mode in \
                         computation tracked by autograd. To work around this, you can make a clone to get a normal tensor and use \
                         it in autograd, or use `torch.no_grad()` instead of `torch.inference_mode()`.",
                    ));
                }
                // A number beside a tensor is kept as a tensor of its own.
                let freed = whole
                    || uses == Use::Value && operand && matches!(arg, Arg::Scalar(_) | Arg::Int(_) | Arg::Bool(_));
                if let Arg::Tensor(t) = &arg {
                    t.keep_for_later();
                }
                return Ok(Kept { arg, version, whole, freed, packed: None });
            }
        };
        Ok(Kept::plain(arg))
    }

    fn plain(arg: Arg<Tensor>) -> Kept {
        Kept { arg, version: 0, whole: false, freed: false, packed: None }
    }

    /// Keeps what a hook gives for a tensor in its place.
    fn pack(&mut self, tensor: Tensor, pack: &mut Pack<'_>) -> Result<()> {
        let edge = tensor.edge()?;
        self.packed = Some((pack(tensor)?, edge));
        (self.arg, self.whole) = (Arg::None, false);
        Ok(())
    }

    /// A result: kept without its history, which would hold on to itself.
    pub(super) fn result(t: &Tensor, uses: Use) -> Result<Kept> {
        Ok(match uses {
            Use::None => Kept::plain(Arg::None),
            Use::Layout => Kept::plain(Arg::Tensor(stand_in(t)?)),
            Use::Value => {
                let t = t.elements()?;
                Kept { version: t.version(), arg: Arg::Tensor(t), whole: true, freed: true, packed: None }
            }
        })
    }

    /// The argument, if nobody has written it meanwhile.
    fn check(&self, node: &Rc<Node>, output_of: Option<(&Rc<Node>, usize)>) -> Result<()> {
        let Arg::Tensor(t) = &self.arg else { return Ok(()) };
        if !self.whole || t.version() == self.version {
            return Ok(());
        }
        let function = t.function()?;
        let made = output_of.map(|(node, i)| (node.clone(), i)).or_else(|| function.map(|e| (e.node, e.output)));
        let made = made.map_or(String::new(), |(node, i)| format!(", which is output {i} of {},", node.name));
        Err(runtime(modified(t, made, self.version)).help(self.history(node, t)))
    }

    /// What torch does not tell: which expression keeps the tensor, and which one wrote into it.
    fn history(&self, node: &Rc<Node>, t: &Tensor) -> String {
        let keeps = node.place.as_ref().map_or_else(|| node.name.to_string(), Place::shown);
        match t.address().and_then(place::writer) {
            Some(place) => format!("{keeps} keeps it for the way back, {} writes into it", place.shown()),
            None => format!("{keeps} keeps it for the way back"),
        }
    }

    fn bytes(&self) -> usize {
        let of = |t: &Tensor| t.peek(|v| v.storage().bytes()).unwrap_or_else(|| recompute::bytes(t));
        match &self.arg {
            _ if !self.whole => 0,
            Arg::Tensor(t) => of(t),
            Arg::Tensors(ts) => ts.iter().map(of).sum(),
            _ => 0,
        }
    }
}

/// A tensor of the same sizes, dtype and device without its elements.
pub(super) fn stand_in(t: &Tensor) -> Result<Tensor> {
    Ok(Tensor::new(View::outline(t.device(), t.dtype(), &t.sizes())?))
}

/// A copy of what a tensor is before it is written, with its history.
pub(super) fn before(t: &Tensor) -> Result<Tensor> {
    let copy = Tensor::new(crate::tensor::devices::clone(&t.view()?)?);
    if let Some(edge) = t.edge()? {
        copy.set_function(edge);
    }
    Ok(copy)
}

/// torch's words for a second walk.
pub(super) const AGAIN: &str = "Trying to backward through the graph a second time (or directly access saved tensors after they have already \
                 been freed). Saved intermediate values of the graph are freed when you call .backward() or autograd.grad(). \
                 Specify retain_graph=True if you need to backward through the graph a second time or if you need to access \
                 saved tensors after calling backward.";

fn modified(t: &Tensor, made: String, version: u32) -> String {
    format!(
        "one of the variables needed for gradient computation has been modified by an inplace operation: [torch.{}Tensor \
             {}]{made} is at version {}; expected version {} instead. Hint: enable anomaly detection to find the operation that \
             failed to compute its gradient, with torch.autograd.set_detect_anomaly(True, check_nan=False).",
        t.dtype().aten(),
        show(&t.sizes()),
        t.version(),
        version
    )
}

/// Refuses a tensor that was written since it was kept.
///
/// # Errors
/// torch's `RuntimeError`.
pub(super) fn check_version(t: &Tensor, version: u32) -> Result<()> {
    if t.version() == version {
        return Ok(());
    }
    Err(runtime(modified(t, String::new(), version)))
}

/// What to do about a graph that was walked.
const SECOND: &str = "compute the result again, or pass retain_graph=True the first time";

/// What the way back through a row's call needs.
pub(super) struct Saved {
    pub(super) row: &'static Row,
    pub(super) plan: &'static Plan,
    /// How many tensors each argument is whose gradient is asked for.
    pub(super) counts: SmallVec<[u32; 4]>,
    pub(super) signature: &'static Signature,
    /// Where the walk that let go of it stands.
    pub(super) walked: RefCell<Option<Place>>,
    pub(super) kept: RefCell<Option<(Vec<Kept>, Vec<Kept>)>>,
}

impl Backward for Saved {
    fn backward(&self, node: &Rc<Node>, grads: &[Option<Tensor>]) -> Result<Vec<Option<Tensor>>> {
        let kept = self.kept.borrow();
        let Some((args, results)) = &*kept else {
            let help = match &*self.walked.borrow() {
                Some(place) => format!("{} went back through it; {}", place.shown(), SECOND),
                None => SECOND.to_owned(),
            };
            return Err(runtime(AGAIN).help(help));
        };
        args.iter().try_for_each(|k| k.check(node, None))?;
        for (i, result) in results.iter().enumerate() {
            result.check(node, Some((node, i)))?;
        }
        let args: Vec<Arg<Tensor>> = args.iter().map(|k| k.arg.clone()).collect();
        let results: Vec<Option<Tensor>> = results.iter().enumerate().map(|(i, k)| again(k, node, i)).collect();
        let mut out = Vec::with_capacity(node.inputs.len());
        // Gradients that a text gives together, behind its first.
        let mut rest: Vec<Option<Tensor>> = Vec::new();
        let mut first = 0;
        for (at, (wanted, &count)) in self.plan.wanted.iter().zip(&self.counts).enumerate() {
            let text = wanted.text;
            let end = out.len() + count as usize;
            if wanted.share.0 == 0 {
                rest.clear();
            }
            if node.inputs[out.len()..end].iter().all(Option::is_none) {
                out.resize(end, None);
                continue;
            }
            if text == "grad" && wanted.again.is_none() {
                out.push(grads[0].clone());
                continue;
            }
            if let Some(words) = text.strip_prefix("not_implemented") {
                let what = if words.is_empty() { self.row.short() } else { words.trim() };
                return Err(not_implemented(format!("the derivative for '{what}' is not implemented.")));
            }
            let mut gradients = if rest.is_empty() {
                let asked = self.asked(at, &node.inputs[out.len()..]);
                first = grad::next();
                let (signature, args, results, asked) = (self.signature, &args[..], &results[..], &asked[..]);
                let call = backend::DerivativeCall { text, signature, args, grads, results, asked };
                backend::run_derivative(&call).map_err(|e| self.located(e))?
            } else {
                std::mem::take(&mut rest)
            };
            if wanted.share.1 > 1 {
                rest = gradients.split_off(1.min(gradients.len()));
            }
            gradients.resize(count as usize, None);
            if let Some(again) = wanted.again.filter(|_| grad::enabled()) {
                for (gradient, at) in gradients.iter_mut().zip(out.len()..) {
                    if let Some(given) = gradient.take() {
                        *gradient = Some(self.again(node, again, &args, given, (at, first))?);
                    }
                }
            }
            out.extend(gradients);
        }
        Ok(out)
    }

    fn release(&self) {
        let old = {
            let mut kept = self.kept.borrow_mut();
            // A call that kept no tensor can be gone back through again.
            let any = kept.as_ref().is_some_and(|(args, results)| args.iter().chain(results).any(|k| k.freed));
            if any {
                self.walked.replace(place::here());
                kept.take()
            } else {
                None
            }
        };
        drop(old);
    }

    fn keeps(&self, node: &Rc<Node>) -> Result<Vec<(String, Arg<Tensor>)>> {
        let kept = self.kept.borrow();
        let Some((args, results)) = &*kept else { return Err(runtime(AGAIN)) };
        let mut out = Vec::new();
        for ((kept, param), uses) in args.iter().zip(&self.signature.params).zip(&self.plan.uses) {
            kept.check(node, None)?;
            let name = if python_name(param) == "input" { "self" } else { python_name(param) };
            match (&kept.arg, uses) {
                (Arg::Tensors(_), _) => {}
                (Arg::None, Use::None) => out.push((name.to_owned(), Arg::None)),
                (_, Use::None) => {}
                (Arg::Scalar(_) | Arg::Int(_), _) if param.ty == Ty::Operand && self.wraps_numbers(param) => {
                    let number = match kept.arg {
                        Arg::Scalar(s) => s,
                        Arg::Int(i) => Scalar::Int(i),
                        _ => continue,
                    };
                    out.push((name.to_owned(), Arg::Tensor(Tensor::new(View::scalar(number.dtype(), number)?))));
                }
                (Arg::Tensor(t), Use::Layout) => {
                    out.push((format!("{name}_sym_sizes"), Arg::Ints(t.sizes())));
                }
                (arg, _) => out.push((name.to_owned(), arg.clone())),
            }
        }
        for (i, result) in results.iter().enumerate().filter(|(_, r)| r.whole || r.packed.is_some()) {
            result.check(node, Some((node, i)))?;
            let result = grad::recording(true, || again(result, node, i));
            let name = if i == 0 { "result".to_owned() } else { format!("result{i}") };
            out.extend(result.map(|t| (name, Arg::Tensor(t))));
        }
        Ok(out)
    }

    fn pack(&self, node: &Rc<Node>, pack: &mut Pack<'_>) -> Result<()> {
        let mut kept = self.kept.borrow_mut();
        let Some((args, results)) = &mut *kept else { return Ok(()) };
        for i in self.order() {
            if let (Arg::Tensor(t), true) = (args[i].arg.clone(), args[i].whole) {
                args[i].pack(t, pack)?;
            }
        }
        for (i, result) in results.iter_mut().enumerate() {
            let t = grad::recording(true, || again(result, node, i)).filter(|_| result.whole);
            if let Some(t) = t {
                result.pack(t, pack)?;
            }
        }
        Ok(())
    }

    fn unpack(&self, unpack: &mut Unpack<'_>) -> Result<()> {
        let mut kept = self.kept.borrow_mut();
        let Some((args, results)) = &mut *kept else { return Ok(()) };
        let mut again = |kept: &mut Kept| -> Result<()> {
            if let Some((packed, edge)) = &kept.packed {
                let tensor = Tensor::new(unpack(packed)?.view()?);
                if let Some(edge) = edge {
                    tensor.set_edge(edge.clone());
                }
                kept.arg = Arg::Tensor(tensor);
            }
            Ok(())
        };
        self.order().into_iter().try_for_each(|i| again(&mut args[i]))?;
        results.iter_mut().try_for_each(again)?;
        Ok(())
    }

    fn repack(&self) {
        if let Some((args, results)) = &mut *self.kept.borrow_mut() {
            args.iter_mut().chain(results).filter(|k| k.packed.is_some()).for_each(|k| k.arg = Arg::None);
        }
    }

    fn kept(&self) -> usize {
        self.kept.borrow().as_ref().map_or(0, |(args, results)| args.iter().chain(results).map(Kept::bytes).sum())
    }
}

impl Saved {
    /// Which of the gradients that a text gives are asked for: that of `wanted[at]`, whose edges come first, and those behind it.
    fn asked(&self, at: usize, edges: &[Option<Edge>]) -> SmallVec<[bool; 4]> {
        let (place, count) = self.plan.wanted[at].share;
        let mut out = SmallVec::from_elem(false, count);
        let mut start = 0;
        for (wanted, &count) in self.plan.wanted.iter().zip(&self.counts).skip(at) {
            if wanted.share.0 < place || !std::ptr::eq(wanted.text.as_ptr(), self.plan.wanted[at].text.as_ptr()) {
                break;
            }
            out[wanted.share.0] = edges[start..start + count as usize].iter().any(Option::is_some);
            start += count as usize;
        }
        out
    }

    /// The parameters whose elements are kept, in the order in which the texts come to them.
    fn order(&self) -> Vec<usize> {
        let mut order = Vec::new();
        for wanted in self.plan.wanted.iter().filter(|w| w.asked) {
            for (i, param) in self.signature.params.iter().enumerate() {
                let used = use_of(wanted.text, python_name(param)) == Use::Value;
                if used && !order.contains(&i) {
                    order.push(i);
                }
            }
        }
        order
    }

    /// A gradient in a walk that is recorded, for the node's input `at`, with the node that torch's has.
    fn again(
        &self,
        node: &Rc<Node>,
        again: Again,
        args: &[Arg<Tensor>],
        gradient: Tensor,
        (at, since): (usize, u64),
    ) -> Result<Tensor> {
        let text = again.name;
        if let Some(op) = text.strip_prefix("NotImplemented ") {
            let gradient = Tensor::new(gradient.view()?);
            let refusal = Refusal(format!("derivative for aten::{op} is not implemented"));
            grad::record(NOT_IMPLEMENTED.into(), node.inputs.clone(), &[&gradient], Box::new(refusal));
            return Ok(gradient);
        }
        let name = if text.bytes().all(|b| b.is_ascii_alphanumeric()) {
            Cow::Borrowed(text)
        } else {
            match backend::run_names(text, self.signature, args, &Called::None)?.into_iter().flatten().next() {
                Some(name) => name,
                None => return Ok(gradient),
            }
        };
        if !again.tied {
            gradient.rename_function(name, since);
            return Ok(gradient);
        }
        let Some(Some(edge)) = node.inputs.get(at) else { return Ok(gradient) };
        let gradient = fitted(gradient, &edge.node.outputs[edge.output], &node.name, at)?;
        if gradient.requires_grad() {
            gradient.rename_function(name, since);
            return Ok(gradient);
        }
        let gradient = Tensor::new(gradient.view()?);
        let edges: Vec<Option<Edge>> = node.inputs.iter().filter(|edge| edge.is_some()).cloned().collect();
        let zeros = Zeros(edges.iter().flatten().map(|e| e.node.outputs[e.output].clone()).collect());
        grad::record(name, edges, &[&gradient], Box::new(zeros));
        Ok(gradient)
    }

    /// Whether torch has a number for this parameter as a tensor.
    fn wraps_numbers(&self, param: &Param) -> bool {
        let at = self.signature.params.iter().position(|p| p.name == param.name);
        self.plan.wanted.iter().any(|w| Some(w.param) == at)
    }

    fn located(&self, error: Error) -> Error {
        error.help(format!("this came up on the way back through {}", self.row.name))
    }
}

/// torch's name of a node without a way back.
pub(super) const NOT_IMPLEMENTED: &str = "torch::autograd::NotImplemented";

/// There is no way back.
pub(super) struct Refusal(pub(super) String);

impl Backward for Refusal {
    fn backward(&self, _: &Rc<Node>, _: &[Option<Tensor>]) -> Result<Vec<Option<Tensor>>> {
        Err(runtime(self.0.clone()))
    }
}

/// The way back where nothing comes through: zeros for inputs of these layouts.
pub(super) struct Zeros(pub(super) Vec<Layout>);

impl Backward for Zeros {
    fn backward(&self, _: &Rc<Node>, _: &[Option<Tensor>]) -> Result<Vec<Option<Tensor>>> {
        self.0.iter().map(|l| l.zeros().map(Some)).collect()
    }
}

/// A kept result as texts see it: an output of its node.
fn again(kept: &Kept, node: &Rc<Node>, output: usize) -> Option<Tensor> {
    let Arg::Tensor(t) = &kept.arg else { return None };
    if !grad::enabled() || !kept.whole {
        return Some(t.clone());
    }
    let again = t.twin();
    again.set_function(Edge { node: node.clone(), output });
    Some(again)
}
