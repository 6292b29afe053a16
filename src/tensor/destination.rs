//! Where the elements of waiting tensors go: into the memory of a tensor that is written in place, into that of an operand which
//! nobody will look at again, or into fresh memory.

use super::elementwise::Operand;
use super::lazy::{self, Node};
use super::program::Program;
use super::{Inner, State, Tensor, devices};
use crate::base::error::Result;
use crate::base::shape::contiguous_strides;
use crate::base::{DType, Error};
use crate::store::View;
use smallvec::SmallVec;
use std::rc::Rc;

/// A tensor that a Program reads from memory: its input, and how often the Program's nodes refer to it.
pub(super) struct Read {
    pub tensor: Tensor,
    pub input: u16,
    pub inside: usize,
    /// Whether it is read once more, on the way back.
    pub again: bool,
}

/// Has the elements of a result that waits written straight into a tensor of its sizes and dtype; the tensor waits then in its
/// stead, unless others look at the same memory. False where the result is to be computed first and copied then.
///
/// # Errors
/// What computing meets.
pub fn write(target: &Tensor, result: &Tensor) -> Result<bool> {
    let shared = |t: &Tensor| matches!(&*t.0.state.borrow(), State::Same(_));
    if !result.is_pending()
        || shared(result)
        || shared(target)
        || result.dtype() != target.dtype()
        || !written_once(result)
    {
        return Ok(false);
    }
    let memory = target.peek(|view| (view.is_contiguous(), view.is_alone(), view.clone()));
    if let Some((contiguous, _, view)) = &memory
        && (!contiguous || !lies_alike(result, target, view))
    {
        return Ok(false);
    }
    lazy::settle_readers(target, memory.as_ref().map(|m| &m.2), result)?;
    if target.is_pending() != memory.is_none() || !result.is_pending() {
        return Ok(false);
    }
    let alone = memory.as_ref().is_none_or(|m| m.1);
    // What the tensor was goes on under another name, known to the nodes of the result alone.
    let before = Tensor::with(target.0.state.replace(State::Ready(View::empty(DType::Bool, &[0])?)));
    let State::Pending(mut node) = result.0.state.replace(State::Ready(View::empty(DType::Bool, &[0])?)) else {
        return Ok(false);
    };
    rename(&mut node, target, &before);
    (node.into, node.writes) = match (&mut *before.0.state.borrow_mut(), memory) {
        (State::Pending(node), _) => (node.into.take(), std::mem::take(&mut node.writes) + 1),
        (_, memory) => (memory.map(|m| Box::new(m.2)), 1),
    };
    *target.0.state.borrow_mut() = State::Pending(node);
    target.0.spared.set(false);
    lazy::wait(target);
    if !alone {
        target.view()?;
    }
    Ok(true)
}

/// Whether a tensor waits to be written into memory that it has.
pub(super) fn is_written(tensor: &Tensor) -> bool {
    matches!(&*tensor.0.state.borrow(), State::Pending(node) if node.into.is_some())
}

/// Whether nothing that the result is made of can be refused on the way: memory would be left half written.
fn written_once(result: &Tensor) -> bool {
    let mut sound = true;
    visit(result, &mut |node| sound &= !node.compute.is_integral());
    sound
}

/// Whether what the result reads of the memory lies there just as the target does, element by element.
fn lies_alike(result: &Tensor, target: &Tensor, memory: &View) -> bool {
    let mut alike = true;
    visit(result, &mut |node| {
        for operand in &node.operands {
            let Operand::Tensor(t) = operand else { continue };
            let fits = |v: &View| !v.shares(memory) || v.address() == memory.address() && v.is_contiguous();
            let whole = t.with_sizes(|sizes| sizes == memory.sizes()) && node.sizes[..] == *memory.sizes();
            alike &= t.is(target) && whole || t.peek(|v| !v.shares(memory) || whole && fits(v)).unwrap_or(true);
        }
    });
    alike
}

/// Shows the nodes that a waiting tensor is made of, each once, itself first.
pub(super) fn visit(tensor: &Tensor, show: &mut dyn FnMut(&Node)) {
    fn walk(tensor: &Tensor, seen: &mut Seen, show: &mut dyn FnMut(&Node)) {
        let source = tensor.source();
        let State::Pending(node) = &*source.0.state.borrow() else { return };
        if seen.contains(&source.id()) {
            return;
        }
        seen.push(source.id());
        show(node);
        for operand in &node.operands {
            if let Operand::Tensor(t) = operand {
                walk(t, seen, show);
            }
        }
    }
    walk(tensor, &mut Seen::new(), show);
}

/// The tensors that a walk has come by: what is used twice would be walked twice, and its parts four times.
type Seen = SmallVec<[usize; 32]>;

/// Whether one of those that a waiting tensor is made of is meant.
pub(super) fn made_of(tensor: &Tensor, meant: &dyn Fn(&Tensor) -> bool) -> bool {
    let mut any = false;
    visit(tensor, &mut |node| any |= node.reads(meant));
    any
}

/// Puts one tensor in another's place among the operands that a node is made of.
fn rename(node: &mut Node, old: &Tensor, new: &Tensor) {
    fn walk(node: &mut Node, old: &Tensor, new: &Tensor, seen: &mut Seen) {
        for operand in &mut node.operands {
            let Operand::Tensor(t) = operand else { continue };
            let source = t.source();
            if t.is(old) {
                *t = new.clone();
            } else if let State::Pending(inner) = &mut *source.0.state.borrow_mut()
                && !seen.contains(&source.id())
            {
                seen.push(source.id());
                walk(inner, old, new, seen);
            }
        }
    }
    walk(node, old, new, &mut Seen::new());
}

/// Memory for what an instruction writes: that which the tensor's node names, that of an operand which ends with this Program,
/// or fresh memory.
///
/// # Errors
/// When memory is short.
pub(super) fn memory(program: &Program, at: u16, tensor: &Tensor, reads: &mut Vec<Read>, turned: bool) -> Result<View> {
    if let State::Pending(node) = &*tensor.0.state.borrow()
        && let (Some(into), false) = (&node.into, turned)
    {
        return Ok((**into).clone());
    }
    let dtype = program.code[usize::from(at)].dtype;
    let dying = reads.iter().position(|read| dies(program, read, dtype));
    match dying.map(|i| reads.swap_remove(i)) {
        Some(read) => {
            let input = &program.inputs[usize::from(read.input)];
            input.storage().renew();
            // Dimensions of size 1 may have any strides there.
            input.reinterpret(dtype, input.sizes(), &contiguous_strides(input.sizes()), input.offset())
        }
        None => View::empty_on(program.device, dtype, &program.sizes),
    }
}

/// Whether nobody will look at what a Program reads here, and its memory holds as many elements of a dtype.
fn dies(program: &Program, read: &Read, dtype: DType) -> bool {
    let input = &program.inputs[usize::from(read.input)];
    let looks = program.inputs.iter().filter(|v| v.shares(input)).count();
    !read.again
        && input.dtype().size() == dtype.size()
        && input.is_contiguous()
        && input.numel() * dtype.size() == input.storage().bytes()
        // The node's references, and the list's own.
        && Rc::strong_count(&read.tensor.0) == read.inside + 1
        && Rc::strong_count(input.storage()) == looks + 1
        && looks == 1
        && read.tensor.with_sizes(|sizes| sizes.iter().product::<i64>() == program.sizes.iter().product::<i64>())
}

/// Gives a tensor what was computed for it.
pub(super) fn settle(tensor: &Tensor, view: View) -> Result<()> {
    let (into, writes) = match &mut *tensor.0.state.borrow_mut() {
        State::Pending(node) => (node.into.take(), node.writes),
        _ => (None, 0),
    };
    let (view, copied) = match into {
        Some(mut into) if !into.shares(&view) => {
            let copied = devices::copy_into(&view, &mut into);
            (*into, copied)
        }
        _ => (view, Ok(())),
    };
    (0..writes).for_each(|_| view.storage().bump());
    *tensor.0.state.borrow_mut() = State::Ready(view);
    copied
}

/// The state of a tensor whose computation failed: one that was written in place has its memory, whatever was reached there.
pub(super) fn failed(inner: &Inner, error: Error) {
    let into = match &mut *inner.state.borrow_mut() {
        State::Pending(node) => node.into.take(),
        _ => None,
    };
    *inner.state.borrow_mut() = match into {
        Some(view) => State::Ready(*view),
        None => State::Failed(error),
    };
}

/// The tensors that a waiting one is made of, itself among them.
pub(super) fn parts(tensor: &Tensor) -> SmallVec<[usize; 8]> {
    let ids = |t: &Tensor| [t.id(), t.source().id()];
    let mut parts = SmallVec::from_slice(&ids(tensor));
    visit(tensor, &mut |node| {
        parts.extend(node.operands.iter().flat_map(|o| if let Operand::Tensor(t) = o { ids(t) } else { [0; 2] }));
    });
    parts
}
