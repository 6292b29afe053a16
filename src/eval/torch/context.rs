//! Context managers of torch's: `no_grad` and its kin, and saved print options.

use crate::eval::args::Args;
use crate::eval::interp::Interp;
use crate::eval::object::Object;
use crate::eval::raise::{Exc, Res};
use crate::eval::value::Value;
use std::any::Any;
use std::cell::Cell;
use std::rc::Rc;

thread_local! {
    static GRAD: Cell<bool> = const { Cell::new(true) };
}

/// `torch.is_grad_enabled()`.
pub fn grad_enabled() -> bool {
    GRAD.get()
}

/// Turns gradients on or off for what follows.
pub fn set_grad_enabled(on: bool) {
    GRAD.set(on);
}

/// `torch.no_grad()`, `torch.enable_grad()`, `torch.inference_mode()`: gradients on or off for a block.
pub struct GradMode {
    name: &'static str,
    on: bool,
    before: Cell<bool>,
}

impl GradMode {
    /// A manager that sets `on`; it leaves what was in force when it was made.
    pub fn value(name: &'static str, on: bool) -> Value {
        Value::object(GradMode { name, on, before: Cell::new(grad_enabled()) })
    }
}

impl Object for GradMode {
    fn type_name(&self) -> &str {
        self.name
    }

    fn enter(&self, _: &mut Interp, _: &Value) -> Res<Option<Value>> {
        self.before.set(grad_enabled());
        set_grad_enabled(self.on);
        Ok(Some(Value::None))
    }

    fn exit(&self, _: &mut Interp, _: Option<&Rc<Exc>>) -> Res<bool> {
        set_grad_enabled(self.before.get());
        Ok(false)
    }

    fn callable(&self) -> bool {
        true
    }

    /// As a decorator: the function itself.
    fn call(&self, _: &mut Interp, args: Args) -> Res<Option<Value>> {
        Ok(args.pos.into_iter().next())
    }

    fn repr(&self, _: &mut Interp) -> Res<String> {
        Ok(match self.name {
            "set_grad_enabled" => {
                let on = if self.on { "True" } else { "False" };
                format!("torch.autograd.grad_mode.set_grad_enabled(mode={on})")
            }
            name => format!("<torch.autograd.grad_mode.{name} object at {:p}>", std::ptr::from_ref(self)),
        })
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
