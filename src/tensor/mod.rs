//! Tensors: views that may still be waiting to be computed, and the calling of rows.
//!
//! An elementwise call checks shapes and dtypes at once and builds a [`lazy::Node`]; whoever asks for the elements
//! ([`Tensor::view`]) makes a [`program::Program`] of the nodes and has the device's runner run it.

pub mod backend;
pub mod call;
mod destination;
pub mod elementwise;
pub mod grad;
pub mod history;
pub mod inplace;
pub mod lazy;
pub mod mode;
pub mod place;
pub mod program;

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
    device: Device,
}

#[derive(Debug)]
enum State {
    Ready(View),
    Pending(Box<Node>),
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
        let (state, requires_grad, kept) = (RefCell::new(state), Cell::new(false), Cell::new(false));
        Tensor(Rc::new(Inner { state, requires_grad, meta: RefCell::new(None), kept, device: Device::Cpu }))
    }

    /// The elements; computes them if they wait.
    ///
    /// # Errors
    /// What the computation meets (memory, integer division by zero, an interrupt).
    pub fn view(&self) -> Result<View> {
        if let State::Ready(view) = &*self.0.state.borrow() {
            return Ok(view.clone());
        }
        lazy::force(self)?;
        match &*self.0.state.borrow() {
            State::Ready(view) => Ok(view.clone()),
            State::Failed(e) => Err(e.clone()),
            State::Pending(_) => Err(runtime("internal: a tensor was left without elements")),
        }
    }

    /// Looks at the elements without counting another holder of them; `None` while they wait.
    #[inline]
    pub fn peek<T>(&self, look: impl FnOnce(&View) -> T) -> Option<T> {
        match &*self.0.state.borrow() {
            State::Ready(view) => Some(look(view)),
            _ => None,
        }
    }

    /// Puts other memory behind the tensor (`resize_`, `.data =`, metadata changes in place). What waits is computed from the old one
    /// first; should that fail, the tensors concerned keep the error.
    pub fn set_view(&self, view: View) {
        let _ = lazy::flush();
        *self.0.state.borrow_mut() = State::Ready(view);
    }

    /// Whether the elements wait.
    #[inline]
    pub fn is_pending(&self) -> bool {
        matches!(&*self.0.state.borrow(), State::Pending(_))
    }

    /// The element type.
    #[inline]
    pub fn dtype(&self) -> DType {
        match &*self.0.state.borrow() {
            State::Ready(view) => view.dtype(),
            State::Pending(node) => node.dtype,
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
        look(match &*self.0.state.borrow() {
            State::Ready(view) => view.sizes(),
            State::Pending(node) => &node.sizes,
            State::Failed(_) => &[],
        })
    }

    /// Number of dimensions.
    #[inline]
    pub fn ndim(&self) -> usize {
        match &*self.0.state.borrow() {
            State::Ready(view) => view.ndim(),
            State::Pending(node) => node.sizes.len(),
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
        self.0.device
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
        Ok(Tensor::new(crate::cpu::create::copy_like(&self.view()?, dtype)?))
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

    fn downgrade(&self) -> Weak<Inner> {
        Rc::downgrade(&self.0)
    }
}

impl Item for Tensor {
    fn number(&self) -> Option<Scalar> {
        if self.ndim() == 0 { self.item().ok() } else { None }
    }
}

impl From<View> for Tensor {
    fn from(view: View) -> Self {
        Tensor::new(view)
    }
}
