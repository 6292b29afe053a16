//! Tensors: views that may still be waiting to be computed, and the calling of rows.
//!
//! An elementwise call checks shapes and dtypes at once and builds a [`lazy::Node`]; whoever asks for the elements
//! ([`Tensor::view`]) makes a [`program::Program`] of the nodes and has the device's runner run it.

pub mod backend;
pub mod call;
mod destination;
pub mod devices;
pub mod elementwise;
pub mod grad;
pub mod history;
pub mod inplace;
pub mod lazy;
pub mod mode;
pub mod place;
pub mod program;
pub mod recompute;
pub mod subscript;

use crate::base::error::{Error, Result, runtime};
use crate::base::shape::Shape;
use crate::base::{DType, Device, Scalar};
use crate::ops::bind::Item;
use crate::store::View;
use lazy::Node;
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

/// A tensor, as scripts hold it. Cloning gives another name to the same tensor.
#[derive(Clone, Debug)]
pub struct Tensor(Rc<Inner>);

#[derive(Debug)]
struct Inner {
    state: RefCell<State>,
    requires_grad: Cell<bool>,
    meta: RefCell<Option<Box<grad::Meta>>>,
    /// Whether it waits beyond the statement that made it.
    kept: Cell<bool>,
    /// Whether it waits on for the way back, see [`recompute`].
    spared: Cell<bool>,
}

#[derive(Debug)]
enum State {
    Ready(View),
    Pending(Box<Node>),
    /// The elements of another, which waited when this one came to share them.
    Same(Tensor),
    Failed(Error),
}

impl Tensor {
    /// A tensor of computed elements.
    #[inline]
    pub fn new(view: View) -> Tensor {
        Self::with(State::Ready(view))
    }

    /// A tensor whose elements wait.
    fn pending(node: Node) -> Tensor {
        Self::with(State::Pending(Box::new(node)))
    }

    #[inline]
    fn with(state: State) -> Tensor {
        Tensor(Rc::new(Inner {
            state: RefCell::new(state),
            requires_grad: Cell::new(false),
            meta: RefCell::new(None),
            kept: Cell::new(false),
            spared: Cell::new(false),
        }))
    }

    /// The elements; computes them if they wait.
    ///
    /// # Errors
    /// What the computation meets (memory, integer division by zero, an interrupt).
    #[inline]
    pub fn view(&self) -> Result<View> {
        if let State::Ready(view) = &*self.0.state.borrow() {
            return Ok(view.clone());
        }
        self.settled()
    }

    #[inline(never)]
    fn settled(&self) -> Result<View> {
        let source = self.source();
        if !source.is(self) {
            let view = source.view()?;
            *self.0.state.borrow_mut() = State::Ready(view.clone());
            return Ok(view);
        }
        lazy::force(self)?;
        match &*self.0.state.borrow() {
            State::Ready(view) => Ok(view.clone()),
            State::Failed(e) => Err(e.clone()),
            _ => Err(runtime("internal: a tensor was left without elements")),
        }
    }

    /// The elements, or where they wait a view of the same sizes and dtype that has one element everywhere.
    ///
    /// # Errors
    /// When memory is short.
    fn layout(&self) -> Result<View> {
        match self.peek(View::clone) {
            Some(view) => Ok(view),
            None => View::zeros_on(self.device(), self.dtype(), &[])?.expand(&self.sizes()),
        }
    }

    /// The tensor whose elements it has: itself, or another that waited when it came to share them.
    fn source(&self) -> Tensor {
        match &*self.0.state.borrow() {
            State::Same(other) => other.source(),
            _ => self.clone(),
        }
    }

    /// The same elements, without a history, to be kept for the way back; they wait where this tensor's do, and are then computed
    /// with the rest of the statement, or on the way back.
    ///
    /// # Errors
    /// What computing meets, where the tensor waits to be written in place.
    fn elements(&self) -> Result<Tensor> {
        if !self.is_pending() || destination::is_written(self) {
            return Ok(Tensor::new(self.view()?));
        }
        let source = self.source();
        if !source.is(self) {
            return Ok(source);
        }
        let source = Tensor::with(self.0.state.replace(State::Same(self.clone())));
        *self.0.state.borrow_mut() = State::Same(source.clone());
        source.0.kept.set(self.0.kept.get());
        lazy::wait(&source);
        source.keep_for_later();
        self.0.spared.set(source.0.spared.get());
        Ok(source)
    }

    /// Looks at the elements without counting another holder of them; `None` while they wait.
    #[inline]
    pub fn peek<T>(&self, look: impl FnOnce(&View) -> T) -> Option<T> {
        match &*self.0.state.borrow() {
            State::Ready(view) => Some(look(view)),
            State::Same(other) => other.peek(look),
            _ => None,
        }
    }

    /// Puts other memory behind the tensor (`resize_`, `.data =`, metadata changes in place). What waits is computed from the old one
    /// first; should that fail, the tensors concerned keep the error.
    pub fn set_view(&self, view: View) {
        let _ = recompute::settle();
        *self.0.state.borrow_mut() = State::Ready(view);
    }

    /// Whether the elements wait.
    #[inline]
    pub fn is_pending(&self) -> bool {
        match &*self.0.state.borrow() {
            State::Pending(_) => true,
            State::Same(other) => other.is_pending(),
            _ => false,
        }
    }

    /// Whether the dimensions lie in memory in their order, or will when the elements are computed, as far as that is known before.
    pub fn in_rows(&self) -> bool {
        match &*self.0.state.borrow() {
            State::Ready(view) => {
                let dims = view.strides().iter().zip(view.sizes()).filter(|&(&s, &n)| n != 1 && s != 0);
                dims.map(|d| *d.0).is_sorted_by(|a, b| a >= b)
            }
            State::Pending(node) => node.in_rows(),
            State::Same(other) => other.in_rows(),
            State::Failed(_) => false,
        }
    }

    /// The element type.
    #[inline]
    pub fn dtype(&self) -> DType {
        match &*self.0.state.borrow() {
            State::Ready(view) => view.dtype(),
            State::Pending(node) => node.dtype,
            State::Same(other) => other.dtype(),
            State::Failed(_) => DType::F32,
        }
    }

    /// The sizes.
    pub fn sizes(&self) -> Shape {
        self.with_sizes(Shape::from_slice)
    }

    /// Looks at the sizes without copying them.
    #[inline]
    pub fn with_sizes<T>(&self, look: impl FnOnce(&[i64]) -> T) -> T {
        match &*self.0.state.borrow() {
            State::Ready(view) => look(view.sizes()),
            State::Pending(node) => look(&node.sizes),
            State::Same(other) => other.with_sizes(look),
            State::Failed(_) => look(&[]),
        }
    }

    /// Number of dimensions.
    #[inline]
    pub fn ndim(&self) -> usize {
        match &*self.0.state.borrow() {
            State::Ready(view) => view.ndim(),
            State::Pending(node) => node.sizes.len(),
            State::Same(other) => other.ndim(),
            State::Failed(_) => 0,
        }
    }

    /// Number of elements.
    pub fn numel(&self) -> usize {
        self.sizes().iter().product::<i64>() as usize
    }

    /// Where it lives.
    #[inline]
    pub fn device(&self) -> Device {
        match &*self.0.state.borrow() {
            State::Ready(view) => view.device(),
            State::Pending(node) => node.device,
            State::Same(other) => other.device(),
            State::Failed(_) => Device::Cpu,
        }
    }

    /// The value of a tensor of one element.
    ///
    /// # Errors
    /// torch's `RuntimeError` for any other number of elements.
    pub fn item(&self) -> Result<Scalar> {
        let n = self.numel();
        if n != 1 {
            return Err(runtime(format!("a Tensor with {n} elements cannot be converted to Scalar")));
        }
        Ok(self.view()?.get(0))
    }

    /// The tensor itself when it has this dtype, else a converted one.
    ///
    /// # Errors
    /// What computing the elements meets.
    pub fn cast(&self, dtype: DType) -> Result<Tensor> {
        if self.dtype() == dtype {
            return Ok(self.clone());
        }
        Ok(Tensor::new(devices::cast(&self.view()?, dtype)?))
    }

    /// The tensor itself when it lives on this device, else a copy there.
    ///
    /// # Errors
    /// What computing the elements meets, and what the device refuses.
    pub fn to_device(&self, device: Device) -> Result<Tensor> {
        if self.device() == device {
            return Ok(self.clone());
        }
        Ok(Tensor::new(devices::to_device(&self.view()?, device)?))
    }

    /// Whether both names mean the same tensor.
    pub fn is(&self, other: &Tensor) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }

    /// Whether others hold it, too.
    pub fn is_shared(&self) -> bool {
        Rc::strong_count(&self.0) > 1
    }

    /// An identity that lasts as long as the tensor.
    pub fn id(&self) -> usize {
        Rc::as_ptr(&self.0).addr()
    }

    /// `float32[2, 3] cpu`: what diagnostics say of a tensor.
    pub fn summary(&self) -> String {
        format!("{}{} {}", self.dtype().name(), crate::base::shape::show(&self.sizes()), self.device())
    }

    /// Notes that it is kept for the way back: if it waits, it is computed there again, or with the rest of its statement.
    fn keep_for_later(&self) {
        let source = self.source();
        if source.is_pending() && !source.0.kept.get() && !recompute::spare(self) {
            source.0.kept.set(true);
        }
    }

    /// Another tensor of the same elements and without a history, which waits as long as this one does.
    fn twin(&self) -> Tensor {
        match self.peek(View::clone) {
            Some(view) => Tensor::new(view),
            None => Self::with(State::Same(self.source())),
        }
    }

    fn downgrade(&self) -> Weak<Inner> {
        Rc::downgrade(&self.0)
    }
}

impl Item for Tensor {
    fn number(&self) -> Option<Scalar> {
        if self.ndim() == 0 { self.item().ok() } else { None }
    }

    fn ndim(&self) -> usize {
        Tensor::ndim(self)
    }
}

impl From<View> for Tensor {
    fn from(view: View) -> Self {
        Tensor::new(view)
    }
}
