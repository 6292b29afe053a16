//! What the way back computes again instead of reading it from memory.
//!
//! A tensor that is kept for the way back and still waits when it is kept goes on waiting beyond its statement where computing it again
//! moves no more bytes than writing and reading it would, and costs a few cheap instructions. It is computed into memory before
//! anybody writes what it reads ([`settle`]).

use super::elementwise::Operand;
use super::{Inner, State, Tensor, destination, lazy};
use crate::base::error::Result;
use crate::store::storage::CHECKED;
use smallvec::SmallVec;
use std::cell::RefCell;
use std::rc::Weak;

/// Primitives that are computed again at the most for one tensor: more of them take longer than memory does.
const MOST: usize = 8;

thread_local! {
    static SPARED: RefCell<Vec<Weak<Inner>>> = const { RefCell::new(Vec::new()) };
}

/// Has a waiting tensor that is kept for the way back go on waiting, if that pays. False where it is to be computed with the rest of
/// its statement.
pub(super) fn spare(t: &Tensor) -> bool {
    let mut seen = Recipe::default();
    let pays = size(t) < CHECKED && seen.add(t) && seen.inputs.iter().map(size).sum::<usize>() <= 2 * size(t);
    if pays {
        SPARED.with_borrow_mut(|spared| {
            if spared.len() == spared.capacity() {
                spared.retain(|weak| weak.strong_count() > 0);
                spared.reserve(spared.len() + MOST);
            }
            spared.extend(seen.nodes.iter().filter(|t| !t.0.spared.replace(true)).map(Tensor::downgrade));
            seen.twins.iter().for_each(|t| t.0.spared.set(true));
        });
    }
    pays
}

/// How much memory a tensor that waits will take beyond its statement.
pub(super) fn bytes(t: &Tensor) -> usize {
    if t.source().0.spared.get() { 0 } else { size(t) }
}

fn size(t: &Tensor) -> usize {
    t.numel() * t.dtype().size()
}

/// What a waiting tensor is computed from.
#[derive(Default)]
struct Recipe {
    nodes: SmallVec<[Tensor; MOST]>,
    inputs: SmallVec<[Tensor; 4]>,
    /// Tensors that share the elements of nodes.
    twins: SmallVec<[Tensor; 4]>,
}

impl Recipe {
    /// Takes in a tensor and what it is made of; false where that is too much, or is not to be put off.
    fn add(&mut self, t: &Tensor) -> bool {
        let source = t.source();
        if self.nodes.iter().chain(&self.inputs).any(|other| other.is(&source)) {
            return true;
        }
        // What is computed anyway is read.
        if !source.is_pending() || source.0.kept.get() && !self.nodes.is_empty() {
            self.inputs.push(source);
            return true;
        }
        self.nodes.push(source.clone());
        if !source.is(t) {
            self.twins.push(t.clone());
        }
        let State::Pending(node) = &*source.0.state.borrow() else { return false };
        let fits = node.sizes[..] == self.nodes[0].sizes()[..];
        // Integers may be divided by zero: that is told where it happens.
        fits && self.nodes.len() <= MOST
            && node.into.is_none()
            && node.prim.is_cheap()
            && !node.compute.is_integral()
            && node.operands.iter().all(|o| if let Operand::Tensor(t) = o { self.add(t) } else { true })
    }
}

/// Computes everything that waits, also what was to be computed again: called before memory is written that it may read.
///
/// # Errors
/// The first error met; the tensors concerned keep theirs.
pub fn settle() -> Result<()> {
    let first = lazy::flush();
    first.and(settle_those(|_| true))
}

/// As [`settle`], of what reads a tensor that is about to be written, or its memory.
///
/// # Errors
/// What the computation meets.
pub(super) fn settle_readers(reads: impl Fn(&Tensor) -> bool) -> Result<()> {
    settle_those(|t| destination::made_of(t, &reads))
}

fn settle_those(meant: impl Fn(&Tensor) -> bool) -> Result<()> {
    let spared: Vec<Tensor> = SPARED.with_borrow(|s| s.iter().filter_map(Weak::upgrade).map(Tensor).collect());
    spared.iter().filter(|t| t.is_pending() && meant(t)).try_for_each(|t| t.view().map(drop))
}
