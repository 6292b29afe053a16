//! Subscripts with index tensors, read and written.

use super::super::grad::{self, Backward, Edge, Layout, Node};
use super::super::{Tensor, backend};
use super::rebase;
use super::saved::{AGAIN, check_version, stand_in};
use crate::base::error::{Result, runtime};
use crate::ops::args::Arg;
use crate::ops::signature::Signature;
use crate::store::View;
use std::cell::RefCell;
use std::rc::Rc;

/// How indices pick from a tensor: for each dimension indices, or `None` for all of it.
pub type Picks = Vec<Option<View>>;

/// The way back through a subscript, by texts as rows have them.
struct Written {
    /// The gradients of the inputs, in their order.
    texts: &'static [&'static str],
    /// None once a walk has let go of them.
    args: RefCell<Option<Vec<Arg<Tensor>>>>,
    /// The indices, and the writes that their memory had seen.
    indices: Vec<(Tensor, u32)>,
}

impl Written {
    fn new(texts: &'static [&'static str], first: Tensor, picks: &Picks, last: Arg<Tensor>) -> Written {
        let of = |v: &View| Tensor::new(v.clone());
        let items = picks.iter().map(|i| i.as_ref().map_or(Arg::None, |v| Arg::Tensor(of(v)))).collect();
        let indices = picks.iter().flatten().map(|v| (of(v), v.storage().version())).collect();
        Written { texts, args: RefCell::new(Some(vec![Arg::Tensor(first), Arg::List(items), last])), indices }
    }
}

/// The gradient of what was picked from; where dimensions are left whole the places are counted.
const PICKED_GRADS: &[&str] = &["    if all([i is not None for i in indices]):
        return grad.new_zeros(input.shape).index_put_(tuple(indices), grad, True)
    at = arange(input.numel()).reshape(input.shape)[_whole(indices)]
    return grad.new_zeros(input.numel()).index_put_((at.reshape(-1),), grad.reshape(-1), True).reshape(input.shape)"];

/// The gradients of what was written into, and of the values.
const PUT_GRADS: &[&str] = &[
    "    rest = grad.clone()
    rest[_whole(indices)] = 0
    return rest",
    "grad[_whole(indices)]",
];

thread_local! {
    static PICKED: &'static Signature =
        Box::leak(Box::new(Signature::parse("(Tensor self, Any indices, Tensor values) -> Tensor")));
}

impl Backward for Written {
    fn backward(&self, node: &Rc<Node>, grads: &[Option<Tensor>]) -> Result<Vec<Option<Tensor>>> {
        let args = self.args.borrow();
        let Some(args) = &*args else { return Err(runtime(AGAIN)) };
        self.indices.iter().try_for_each(|(t, version)| check_version(t, *version))?;
        let mut out = Vec::new();
        for (text, edge) in self.texts.iter().zip(&node.inputs) {
            let signature = PICKED.with(|s| *s);
            let call = backend::DerivativeCall { text, signature, args, grads, results: &[], asked: &[] };
            out.extend(if edge.is_some() { backend::run_derivative(&call)? } else { vec![None] });
        }
        Ok(out)
    }

    fn release(&self) {
        let old = self.args.take();
        drop(old);
    }
}

/// Records that `out` was picked from `input`.
///
/// # Errors
/// When memory is short.
pub fn index(input: &Tensor, indices: &Picks, out: &Tensor) -> Result<()> {
    let written = Written::new(PICKED_GRADS, stand_in(input)?, indices, Arg::None);
    grad::record("IndexBackward0".into(), vec![input.edge()?], &[out], Box::new(written));
    Ok(())
}

/// Records that `values` were written to the picked places of `target`, whose history was `before`.
///
/// # Errors
/// As [`rebase`].
pub fn index_put(target: &Tensor, before: Option<Edge>, indices: &Picks, values: &Tensor) -> Result<()> {
    let written = Written::new(PUT_GRADS, stand_in(target)?, indices, Arg::Tensor(stand_in(values)?));
    let inputs = vec![before, values.edge()?];
    let node = grad::node("IndexPutBackward0".into(), inputs, vec![Layout::of(target)], Box::new(written));
    rebase(target, Edge { node, output: 0 })
}
