//! Writes in place and views: what may be written, and how histories follow.

use super::super::Tensor;
use super::super::call::Called;
use super::super::grad::{self, Backward, Edge, Layout, Node};
use super::named;
use super::saved::AGAIN;
use crate::base::error::{Result, runtime};
use crate::ops::args::In;
use crate::store::View;
use std::cell::Cell;
use std::rc::Rc;

/// Notes views of a tensor among results, so that writes in place through them reach it.
pub fn note_views(of: &Tensor, result: &Called) {
    result.tensors().iter().for_each(|t| note_view(of, t));
}

/// Notes what a tensor is a view of, if it is.
pub fn note_view(of: &Tensor, t: &Tensor) {
    let shares = t.peek(|v| of.peek(|w| v.shares(w))).flatten() == Some(true);
    if !shares {
        return;
    }
    // What a call gives back may be the very tensor that its argument is a view of.
    let base = of.base().unwrap_or_else(|| of.clone());
    if !t.is(&base) && !t.is(of) {
        t.set_base(base);
    }
}

/// Refuses writes in place that would lose derivatives.
///
/// # Errors
/// torch's `RuntimeError`.
pub fn check_target(target: &Tensor) -> Result<()> {
    if !grad::enabled() {
        return Ok(());
    }
    if let Some(refusal) = target.made().refusal("is being") {
        return Err(refusal.at(&[0]));
    }
    if target.requires_grad() && target.is_leaf() {
        let what = if target.base().is_some() { "a view of a leaf" } else { "a leaf" };
        let message = format!("{what} Variable that requires grad is being used in an in-place operation.");
        return Err(runtime(message).at(&[0]));
    }
    if let (Some(_), Some(edge)) = (target.base(), target.function()?)
        && edge.node.outputs.len() > 1
        // What torch makes by slices one by one.
        && edge.node.name != "SliceBackward0"
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
        Some(base) if base.requires_grad() && base.is_leaf() => {
            Err(runtime("a view of a leaf Variable that requires grad is being used in an in-place operation.")
                .at(&[0]))
        }
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
    if !target.dtype().is_float() && !target.dtype().is_complex() {
        return Ok(());
    }
    let Some(base) = target.base() else {
        // Views made before any tensor asked for gradients do not know what they are views of: the whole would miss the write.
        let part = |v: &View| !v.is_alone() && v.numel() * v.dtype().size() < v.storage().bytes();
        if !target.requires_grad() && target.peek(part) == Some(true) {
            return Err(runtime(
                "tensh does not go back through a write into a view that was made before any tensor asked for gradients",
            )
            .help("write into the tensor itself, by an index: t[...] = value"));
        }
        target.set_function(edge);
        return Ok(());
    };
    let part = Part::of(target, &base)?;
    let layout = Layout::of(&base);
    let first = base.edge()?;
    // The write's other inputs come along; its first, the part as it was, is part of the whole as it was.
    let others = edge.node.inputs.iter().skip(1).cloned();
    let inputs = std::iter::once(first).chain(others).collect();
    let node = grad::node(
        "torch::autograd::CopySlices".into(),
        inputs,
        vec![layout],
        Box::new(CopySlices { part, write: edge.node, walked: Cell::new(false) }),
    );
    base.set_function(Edge { node, output: 0 });
    let node = view_of(target, &base)?;
    target.set_base(base);
    target.set_function(Edge { node, output: 0 });
    Ok(())
}

/// Where a view's elements lie in the tensor that it is a view of, counted as if that were contiguous.
#[derive(Clone, Debug)]
struct Part {
    sizes: Vec<i64>,
    strides: Vec<i64>,
    offset: i64,
    /// The whole's dimensions from the outermost in memory inwards: in this order it is contiguous.
    order: Vec<usize>,
}

impl Part {
    fn of(view: &Tensor, base: &Tensor) -> Result<Part> {
        let (v, b) = (view.view()?, base.view()?);
        let mut order: Vec<usize> = (0..b.ndim()).collect();
        if !b.is_contiguous() {
            order.sort_by_key(|&d| std::cmp::Reverse(b.strides()[d]));
        }
        if !b.permute(&order).is_contiguous() || v.dtype() != b.dtype() {
            return Err(runtime("tensh cannot go back through a write into a view of a tensor with gaps")
                .help("clone the tensor first"));
        }
        Ok(Part { sizes: v.sizes().to_vec(), strides: v.strides().to_vec(), offset: v.offset() - b.offset(), order })
    }

    /// A gradient of the whole, laid out as the whole is.
    fn laid(&self, whole: &Tensor) -> Result<Tensor> {
        let turned = named("permute", &[In::Tensor(whole.clone()), dims(self.order.iter().copied())])?;
        named("contiguous", &[In::Tensor(turned)])
    }

    /// What [`Part::laid`] gave, or what was made of it, in the whole's own order.
    fn back(&self, laid: Tensor) -> Result<Tensor> {
        let at = |d: usize| self.order.iter().position(|&o| o == d).unwrap_or(d);
        named("permute", &[In::Tensor(laid), dims((0..self.order.len()).map(at))])
    }

    fn args(&self) -> [In<Tensor>; 3] {
        let ints = |v: &[i64]| In::Seq { items: v.iter().map(|&i| In::Int(i)).collect(), tuple: true };
        [ints(&self.sizes), ints(&self.strides), In::Int(self.offset)]
    }
}

fn dims(order: impl Iterator<Item = usize>) -> In<Tensor> {
    In::Seq { items: order.map(|d| In::Int(d as i64)).collect(), tuple: true }
}

/// The way back through a write into a part of a tensor.
struct CopySlices {
    part: Part,
    write: Rc<Node>,
    /// Whether a walk has let go of the write.
    walked: Cell<bool>,
}

impl Backward for CopySlices {
    fn backward(&self, _: &Rc<Node>, grads: &[Option<Tensor>]) -> Result<Vec<Option<Tensor>>> {
        if self.walked.get() {
            return Err(runtime(AGAIN));
        }
        let Some(Some(whole)) = grads.first() else { return Ok(vec![None; self.write.inputs.len()]) };
        let whole = self.part.laid(whole)?;
        let [sizes, strides, offset] = self.part.args();
        let part = named("as_strided", &[In::Tensor(whole.clone()), sizes.clone(), strides.clone(), offset.clone()])?;
        let grad::Body::Inner(body) = &self.write.body else { return Ok(Vec::new()) };
        let mut inner = body.backward(&self.write, &[Some(part.clone())])?.into_iter();
        let first = match inner.next().flatten() {
            Some(g) => g,
            None => named("zeros_like", &[In::Tensor(part)])?,
        };
        let rest = named("as_strided_scatter", &[In::Tensor(whole), In::Tensor(first), sizes, strides, offset])?;
        Ok(std::iter::once(Some(self.part.back(rest)?)).chain(inner).collect())
    }

    fn release(&self) {
        self.walked.set(true);
        if let grad::Body::Inner(body) = &self.write.body {
            body.release();
        }
    }

    fn kept(&self) -> usize {
        if let grad::Body::Inner(body) = &self.write.body { body.kept() } else { 0 }
    }
}

/// The node of a view that is looked at anew after its memory was written.
pub(in crate::tensor) fn view_of(view: &Tensor, base: &Tensor) -> Result<Rc<Node>> {
    struct Strided(Part, Layout);
    impl Backward for Strided {
        fn backward(&self, _: &Rc<Node>, grads: &[Option<Tensor>]) -> Result<Vec<Option<Tensor>>> {
            let Some(Some(part)) = grads.first() else { return Ok(vec![None]) };
            let sizes = self.0.order.iter().map(|&d| In::Int(self.1.sizes[d])).collect();
            let zeros = named("new_zeros", &[In::Tensor(part.clone()), In::Seq { items: sizes, tuple: true }])?;
            let [sizes, strides, offset] = self.0.args();
            let args = [In::Tensor(zeros), In::Tensor(part.clone()), sizes, strides, offset];
            Ok(vec![Some(self.0.back(named("as_strided_scatter", &args)?)?)])
        }
    }
    let part = Part::of(view, base)?;
    let inputs = vec![base.edge()?];
    Ok(grad::node(
        "AsStridedBackward0".into(),
        inputs,
        vec![Layout::of(view)],
        Box::new(Strided(part, Layout::of(base))),
    ))
}
