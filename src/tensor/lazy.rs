//! Work that waits: nodes, and how they become Programs.
//!
//! Nodes do not outlive a statement of the top level, but for those that the way back computes again ([`recompute`]): the evaluator calls
//! [`flush`] at its end. Statements of functions leave their nodes to it, unless they are [`urgent`].

use super::destination::{self, Read};
use super::elementwise::{Operand, Operands, loop_dtype};
use super::program::{Ins, Op, Program, Src};
use super::{Inner, State, Tensor, backend, recompute};
use crate::base::error::{Result, runtime};
use crate::base::shape::Shape;
use crate::base::{DType, Device};
use crate::cpu::reduce::stream::Stream;
use crate::cuda::loader::Loader;
use crate::ops::Prim;
use crate::store::View;
use crate::store::storage::CHECKED;
use smallvec::SmallVec;
use std::cell::{Cell, RefCell};
use std::ops::{Deref, DerefMut};
use std::rc::{Rc, Weak};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Nodes joined before some are computed first; keeps a Program's registers in the cache.
const MAX_WEIGHT: u32 = 32;

/// Nodes that wait at the most, so that a long loop in a function does not gather them.
const MAX_WAITING: usize = 256;

/// A call of a primitive that waits.
#[derive(Debug)]
pub struct Node {
    /// What is called.
    pub prim: &'static Prim,
    /// On what.
    pub operands: Operands,
    /// The dtype of computation.
    pub compute: DType,
    /// The dtype of the result.
    pub dtype: DType,
    /// The sizes of the result.
    pub sizes: Shape,
    /// Where the result is.
    pub device: Device,
    /// How many nodes are waiting in it, itself included.
    pub weight: u32,
    /// The memory that it is to be written to, which nobody else looks at; else what is found when it is computed.
    pub into: Option<Box<View>>,
    /// In-place writes that the elements have seen when they are there.
    pub writes: u32,
}

impl Node {
    /// Whether the result will lie row by row because all that it is computed from does; long ones are not looked through.
    pub(super) fn in_rows(&self) -> bool {
        self.weight <= 64
            && self.into.is_none()
            && self.operands.iter().all(|o| if let Operand::Tensor(t) = o { t.in_rows() } else { true })
    }

    /// Whether one of its operands is meant.
    pub(super) fn reads(&self, meant: impl Fn(&Tensor) -> bool) -> bool {
        self.operands.iter().any(|o| if let Operand::Tensor(t) = o { meant(t) } else { false })
    }
}

/// On how many threads something may wait: where on none, a statement need not look at its thread's own state.
static THREADS: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static WAITING: RefCell<Vec<Weak<Inner>>> = const { RefCell::new(Vec::new()) };
    /// False where surely nothing waits: looked at after every statement.
    static ANY: Cell<bool> = const { Cell::new(false) };
    static URGENT: Cell<bool> = const { Cell::new(false) };
    /// How many of those that wait have been kept, see [`keep`].
    static KEPT: Cell<usize> = const { Cell::new(0) };
    static FUSES: Cell<bool> = const { Cell::new(true) };
    static VIEWER: RefCell<Option<Viewer>> = const { RefCell::new(None) };
    /// The builder of the last Program.
    static BUILDER: Cell<Option<Builder>> = const { Cell::new(None) };
}

/// Is shown what kind of Program ran, that Program, and how long it took; one whose values are reduced as they come is shown before it
/// runs, without a time.
pub type Viewer = Rc<dyn Fn(&str, &Program, Option<Duration>)>;

/// Whether this thread's calls wait to be joined, or each is computed at once; the bits are the same.
pub fn set_fusion(on: bool) {
    FUSES.set(on);
}

/// Has every Program of this thread shown, or none; gives what they were shown to before.
pub fn set_viewer(viewer: Option<Viewer>) -> Option<Viewer> {
    VIEWER.replace(viewer)
}

fn show(what: &str, program: &Program, began: Option<Instant>) {
    if let Some(viewer) = VIEWER.with_borrow(Clone::clone) {
        viewer(what, program, began.map(|at| at.elapsed()));
    }
}

/// Makes a tensor of a node.
///
/// # Errors
/// What computing operands early meets.
pub fn record(mut node: Node) -> Result<Tensor> {
    for operand in &node.operands {
        let Operand::Tensor(t) = operand else { continue };
        let source = t.source();
        let State::Pending(inner) = &*source.0.state.borrow() else { continue };
        node.weight += inner.weight;
    }
    if node.weight > MAX_WEIGHT {
        // What is used twice was counted twice.
        node.weight = 1 + waiting(&node);
    }
    if node.weight > MAX_WEIGHT {
        for operand in &node.operands {
            if let Operand::Tensor(t) = operand {
                t.view()?;
            }
        }
        node.weight = 1;
    }
    // Integers may be divided by zero, and much memory of the host may not be there: errors of the statement that asks for it.
    let bytes = node.sizes.iter().fold(node.dtype.size() as i64, |n, &size| n.saturating_mul(size));
    let divides = node.compute.is_integral() && node.prim.divides();
    let may_raise = divides || node.device == Device::Cpu && bytes >= CHECKED as i64;
    let tensor = Tensor::pending(node);
    if !FUSES.get() {
        tensor.view()?;
        return Ok(tensor);
    }
    wait(&tensor);
    if may_raise {
        URGENT.set(true);
    }
    Ok(tensor)
}

/// How many nodes wait in a node's operands; counting ends where they are too many for a Program.
fn waiting(node: &Node) -> u32 {
    fn count(node: &Node, seen: &mut SmallVec<[usize; MAX_WEIGHT as usize + 1]>) {
        for operand in &node.operands {
            let Operand::Tensor(t) = operand else { continue };
            let source = t.source();
            let State::Pending(inner) = &*source.0.state.borrow() else { continue };
            if seen.len() <= MAX_WEIGHT as usize && !seen.contains(&source.id()) {
                seen.push(source.id());
                count(inner, seen);
            }
        }
    }
    let mut seen = SmallVec::new();
    count(node, &mut seen);
    seen.len() as u32
}

/// Notes that a tensor waits.
pub(super) fn wait(tensor: &Tensor) {
    set_any(true);
    let many = WAITING.with_borrow_mut(|w| {
        w.push(tensor.downgrade());
        w.len() >= MAX_WAITING
    });
    if many {
        URGENT.set(true);
    }
}

/// Computes what waits and reads a tensor or its memory, both about to be written, but for a result that is made of them.
///
/// # Errors
/// What the computation meets.
pub(super) fn settle_readers(target: &Tensor, memory: Option<&View>, result: &Tensor) -> Result<()> {
    let own = destination::parts(result);
    let is_read = |t: &Tensor| t.is(target) || memory.is_some_and(|m| t.peek(|v| v.shares(m)).unwrap_or(false));
    recompute::settle_readers(is_read)?;
    let waiting: SmallVec<[Tensor; 4]> = WAITING
        .with_borrow(|w| w.iter().filter_map(Weak::upgrade).map(Tensor).filter(|t| !own.contains(&t.id())).collect());
    for other in waiting {
        if !other.is(target) && destination::made_of(&other, &is_read) {
            other.view()?;
        }
    }
    Ok(())
}

/// Whether what waits is to be computed at the end of the statement that runs, though it is one of a function.
#[inline]
pub fn urgent() -> bool {
    URGENT.get()
}

/// Notes that what waits now outlives the statement that made it: it may be asked for more than once, and is then computed into memory
/// rather than as it is reduced.
pub fn keep() {
    WAITING.with_borrow(|w| {
        w[KEPT.get().min(w.len())..].iter().filter_map(Weak::upgrade).for_each(|inner| inner.kept.set(true));
        KEPT.set(w.len());
    });
}

/// Does work during which nothing that waits now is computed for being left over by a statement.
pub fn apart<T>(work: impl FnOnce() -> T) -> T {
    let before = WAITING.take();
    let done = work();
    set_any(true);
    WAITING.with_borrow_mut(|now| drop(now.splice(0..0, before)));
    done
}

/// Whether anything waits.
#[inline(always)]
pub fn waits() -> bool {
    THREADS.load(Ordering::Relaxed) > 0 && waits_here()
}

#[inline(never)]
fn waits_here() -> bool {
    ANY.get() && WAITING.with_borrow(|w| !w.is_empty())
}

fn set_any(any: bool) {
    match (ANY.replace(any), any) {
        (false, true) => _ = THREADS.fetch_add(1, Ordering::Relaxed),
        (true, false) => _ = THREADS.fetch_sub(1, Ordering::Relaxed),
        _ => {}
    }
}

/// Computes everything that waits and is still held. Called at the end of a statement, and before memory is written
/// that waiting nodes may read.
///
/// # Errors
/// The first error met; the tensors concerned keep theirs.
pub fn flush() -> Result<()> {
    let mut first = Ok(());
    URGENT.set(false);
    KEPT.set(0);
    loop {
        // The newest first: it takes what it is made of along.
        let Some(last) = WAITING.with_borrow_mut(Vec::pop) else {
            set_any(false);
            return first;
        };
        let Some(inner) = last.upgrade().filter(|inner| !inner.spared.get()) else { continue };
        let result = force(&Tensor(inner));
        if first.is_ok() {
            first = result;
        }
    }
}

/// A waiting tensor's elements, computed as they are asked for.
pub struct Streamed {
    /// The elements.
    pub elements: Box<dyn Stream>,
    /// What outlives the statement and is written on the way.
    kept: Kept,
}

/// Tensors whose elements are written on the way, and where.
pub type Kept = SmallVec<[(Tensor, View); 2]>;

/// Gives what outlives the statement its elements, which have all been asked for.
///
/// # Errors
/// When memory is short.
pub fn settle(kept: Kept) -> Result<()> {
    kept.into_iter().try_for_each(|(tensor, view)| destination::settle(&tensor, view))
}

impl Streamed {
    /// Gives what outlives the statement its elements, which have all been asked for.
    ///
    /// # Errors
    /// When memory is short.
    pub fn settle(self) -> Result<()> {
        settle(self.kept)
    }
}

/// A waiting tensor's elements, computed as they are asked for; none when it does not wait or is kept, or when its operands lie otherwise
/// than row by row (its elements would then come in another order than a reduction over memory meets them in).
///
/// # Errors
/// What computing operands early meets.
pub fn stream(root: &Tensor) -> Result<Option<Streamed>> {
    let Some((program, kept)) = on_the_way(root)? else { return Ok(None) };
    Ok(backend::stream_program(program).map(|elements| Streamed { elements, kept }))
}

/// As [`stream`], for a kernel of a GPU that computes the elements itself; with what it writes on the way, to be given to [`settle`].
///
/// # Errors
/// What computing operands early meets.
pub fn loader(root: &Tensor) -> Result<Option<(Loader, Kept)>> {
    let Some((program, kept)) = on_the_way(root)? else { return Ok(None) };
    Ok(backend::loader(&program).map(|loader| (loader, kept)))
}

/// The Program of a waiting tensor's elements, which writes nothing but what outlives the statement. A result that does is written by
/// itself on the CPU, where it is read again from the cache, and on the way on a GPU, where it is not.
fn on_the_way(root: &Tensor) -> Result<Option<(Program, Kept)>> {
    let outlives = |t: &Tensor| t.0.kept.get() || t.source().0.kept.get();
    let apart = root.device() == Device::Cpu;
    if !root.is_pending() || (apart && outlives(root)) || destination::is_written(root) {
        return Ok(None);
    }
    let mut b = Builder::begin(root);
    // A conversion that turned out to be none leaves nothing to compute.
    let Src::Value(last) = b.tensor(root)? else { return Ok(None) };
    let wanted: SmallVec<[u16; 4]> = b.taken.iter().filter(|t| outlives(&t.0)).map(|t| t.1).collect();
    if !turn(&mut b.program).is_empty() || (apart && wanted.contains(&last)) {
        return Ok(None);
    }
    let mut kept = Kept::new();
    let mut program = std::mem::take(&mut b.program);
    for (tensor, at, _) in b.taken.drain(..).filter(|t| wanted.contains(&t.1) && t.0.source().is(&t.0)) {
        if destination::is_written(&tensor) {
            return Ok(None);
        }
        let memory = View::empty_on(program.device, program.code[usize::from(at)].dtype, &program.sizes)?;
        program.outs.push((at, memory.clone()));
        kept.push((tensor, memory));
    }
    show("reduced program", &program, None);
    Ok(Some((program, kept)))
}

/// Computes one tensor, and with it every waiting tensor of the same sizes that it needs and someone holds.
///
/// # Errors
/// What the computation meets; the tensor keeps it.
pub fn force(root: &Tensor) -> Result<()> {
    let root = &root.source();
    if !root.is_pending() {
        return Ok(());
    }
    let result = compute(root);
    if let Err(e) = &result {
        destination::failed(&root.0, e.clone());
    }
    result
}

/// Runs a tensor's Program, and gives its results to the tensors that keep them.
fn compute(root: &Tensor) -> Result<()> {
    let mut b = Builder::begin(root);
    let (kept, back) = b.build(root)?;
    debug_assert_eq!(b.program.verify(), Ok(()));
    let began = Instant::now();
    backend::run_program(&b.program)?;
    show("program", &b.program, Some(began));
    for (tensor, (_, view)) in kept.into_iter().zip(b.program.outs.drain(..)) {
        destination::settle(&tensor, if back.is_empty() { view } else { view.permute(&back) })?;
    }
    Ok(())
}

/// What a Program is made in. Most have few parts: they are looked for one after the other.
#[derive(Default)]
struct Builder {
    program: Program,
    sizes: Shape,
    /// The values of tensors.
    values: Vec<(usize, Src)>,
    /// Conversions: of what, to which dtype, and the result.
    casts: Vec<(Src, DType, Src)>,
    /// Waiting tensors taken in, with their instruction and how often the Program itself refers to them.
    taken: Vec<(Tensor, u16, usize)>,
    /// Tensors in memory.
    reads: Vec<Read>,
}

/// A builder that is put away where it is dropped, so that the next Program finds room in it.
struct Building(Builder);

type Dims = SmallVec<[usize; 6]>;

/// Turns a Program over operands that lie in memory otherwise than row by row, so that it runs along memory and its
/// results lie as its operands do. Gives the order that turns results back; none where nothing was turned.
fn turn(program: &mut Program) -> Dims {
    if program.inputs.iter().all(View::is_contiguous) {
        return Dims::new();
    }
    let mut order = View::memory_order(&program.inputs);
    order.reverse();
    if order.is_sorted() {
        return Dims::new();
    }
    program.sizes = order.iter().map(|&d| program.sizes[d]).collect();
    program.inputs.iter_mut().for_each(|input| *input = input.permute(&order));
    (0..order.len()).filter_map(|d| order.iter().position(|&o| o == d)).collect()
}

impl Builder {
    fn begin(root: &Tensor) -> Building {
        let mut b = BUILDER.take().unwrap_or_default();
        b.sizes = root.sizes();
        b.program.sizes = b.sizes.clone();
        b.program.device = root.device();
        Building(b)
    }

    /// Makes the Program of a tensor; gives the tensors that keep its results, and the order that turns these back.
    fn build(&mut self, root: &Tensor) -> Result<(SmallVec<[Tensor; 2]>, Dims)> {
        self.tensor(root)?;
        let back = turn(&mut self.program);
        // `taken` holds one reference; more than the Program's own means that a variable holds it too, or the way back.
        let held = |(tensor, _, inside): &(Tensor, u16, usize)| Rc::strong_count(&tensor.0) > inside + 1;
        let last = self.taken.len() - 1;
        let mut wanted = SmallVec::<[u16; 4]>::new();
        for (i, taken) in self.taken.iter().enumerate() {
            if i == last || held(taken) && !taken.0.0.spared.get() {
                wanted.push(taken.1);
            } else if held(taken) {
                // It is computed again later, from what must not be written over then.
                destination::visit(&taken.0, &mut |node| {
                    self.reads.iter_mut().for_each(|read| read.again |= node.reads(|t| t.is(&read.tensor)));
                });
            }
        }
        let mut kept = SmallVec::new();
        // A tensor that shares another's elements gets them from there.
        for (tensor, at, _) in
            self.taken.drain(..).filter(|taken| wanted.contains(&taken.1) && taken.0.source().is(&taken.0))
        {
            let memory = destination::memory(&self.program, at, &tensor, &mut self.reads, !back.is_empty())?;
            self.program.outs.push((at, memory));
            kept.push(tensor);
        }
        self.reads.clear();
        Ok((kept, back))
    }

    /// The value of a tensor in the Program.
    fn tensor(&mut self, t: &Tensor) -> Result<Src> {
        if let Some(&(_, src)) = self.values.iter().find(|(id, _)| *id == t.id()) {
            if let Some(entry) = self.taken.iter_mut().find(|e| e.0.is(t)) {
                entry.2 += 1;
            }
            if let Some(read) = self.reads.iter_mut().find(|r| r.tensor.is(t)) {
                read.inside += 1;
            }
            return Ok(src);
        }
        let source = t.source();
        let fuses = matches!(&*source.0.state.borrow(), State::Pending(n) if n.sizes == self.sizes && n.device == self.program.device);
        let src = match (fuses, source.is(t)) {
            (false, _) => self.read(t)?,
            (true, true) => self.node(t)?,
            (true, false) => {
                let src = self.tensor(&source)?;
                if let Src::Value(at) = src {
                    self.taken.push((t.clone(), at, 1));
                }
                src
            }
        };
        self.values.push((t.id(), src));
        Ok(src)
    }

    fn read(&mut self, t: &Tensor) -> Result<Src> {
        let view = t.view()?;
        if view.device() != self.program.device {
            // A number of the host's, beside tensors on a device.
            self.program.numbers.push((view.get(0), view.dtype()));
            return Ok(Src::Number((self.program.numbers.len() - 1) as u16));
        }
        let view = if view.sizes() == &self.sizes[..] { view } else { view.expand(&self.sizes)? };
        let input = self.program.inputs.len() as u16;
        self.program.inputs.push(view);
        self.reads.push(Read { tensor: t.clone(), input, inside: 1, again: false });
        Ok(Src::Input(input))
    }

    fn node(&mut self, t: &Tensor) -> Result<Src> {
        let state = t.0.state.borrow();
        let State::Pending(node) = &*state else { return Err(runtime("internal: not waiting")) };
        let compute = loop_dtype(node.prim, &node.operands, node.compute);
        let mut args = SmallVec::new();
        for (i, operand) in node.operands.iter().enumerate() {
            let want = node.prim.operand_dtype(i, compute);
            args.push(match operand {
                Operand::Number(s) => {
                    self.program.numbers.push((*s, want));
                    Src::Number((self.program.numbers.len() - 1) as u16)
                }
                Operand::Tensor(o) => {
                    let src = self.tensor(o)?;
                    self.cast(src, o.dtype(), want)
                }
            });
        }
        let body = (node.prim.body)(compute).ok_or_else(|| runtime("internal: a primitive without a loop"))?;
        let dtype = if compute == node.compute { node.dtype } else { compute };
        let src = self.program.push(Ins { op: Op::Prim(node.prim), compute, dtype, args, body });
        let src = self.program.cast(src, dtype, node.dtype);
        if let Src::Value(at) = src {
            self.taken.push((t.clone(), at, 1));
        }
        Ok(src)
    }

    fn cast(&mut self, src: Src, from: DType, to: DType) -> Src {
        if from == to {
            return src;
        }
        if let Some(&(_, _, made)) = self.casts.iter().find(|(of, dtype, _)| (*of, *dtype) == (src, to)) {
            return made;
        }
        let made = self.program.cast(src, from, to);
        self.casts.push((src, to, made));
        made
    }

    fn clear(&mut self) {
        self.program.clear();
        self.values.clear();
        self.casts.clear();
        self.taken.clear();
        self.reads.clear();
    }
}

impl Deref for Building {
    type Target = Builder;

    fn deref(&self) -> &Builder {
        &self.0
    }
}

impl DerefMut for Building {
    fn deref_mut(&mut self) -> &mut Builder {
        &mut self.0
    }
}

impl Drop for Building {
    fn drop(&mut self) {
        self.0.clear();
        BUILDER.set(Some(std::mem::take(&mut self.0)));
    }
}
