//! Context managers of torch's: `no_grad` and its kin, and saved print options.

use super::generator::GeneratorObject;
use crate::cuda::random as cuda;
use crate::eval::args::Args;
use crate::eval::interp::Interp;
use crate::eval::kind::Type;
use crate::eval::object::Object;
use crate::eval::raise::{Exc, Res};
use crate::eval::value::Value;
use crate::tensor::grad::Mode;
use crate::tensor::recompute;
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// `torch.no_grad()`, `torch.enable_grad()`, `torch.inference_mode()`: gradients on or off for a block.
pub struct GradMode {
    name: &'static str,
    on: bool,
    before: Cell<Mode>,
}

impl GradMode {
    /// A manager that sets `on`; it leaves what was in force when it was made.
    pub fn value(name: &'static str, on: bool) -> Value {
        Value::object(GradMode::new(name, on))
    }

    fn new(name: &'static str, on: bool) -> GradMode {
        GradMode { name, on, before: Cell::new(Mode::now()) }
    }

    fn begin(&self) -> Res<()> {
        // `set_grad_enabled(on)` has set the mode already when it was made.
        if self.name != "set_grad_enabled" {
            self.before.set(Mode::now());
        }
        let inference = if self.name == "inference_mode" { !self.on } else { self.before.get().inference };
        switch(Mode { recording: self.on, inference })
    }

    fn end(&self) -> Res<()> {
        switch(self.before.get())
    }
}

/// Puts a mode in force. What waits belongs to the mode that it was asked for in.
fn switch(mode: Mode) -> Res<()> {
    let done = if mode.inference == Mode::now().inference { Ok(()) } else { recompute::settle() };
    mode.choose();
    Ok(done?)
}

impl Object for GradMode {
    fn type_name(&self) -> &str {
        self.name
    }

    fn enter(&self, _: &mut Interp, _: &Value) -> Res<Option<Value>> {
        self.begin()?;
        Ok(Some(Value::None))
    }

    fn exit(&self, _: &mut Interp, _: Option<&Rc<Exc>>) -> Res<bool> {
        self.end()?;
        Ok(false)
    }

    fn callable(&self) -> bool {
        true
    }

    /// As a decorator: the function, run in this mode.
    fn call(&self, _: &mut Interp, args: Args) -> Res<Option<Value>> {
        if self.name == "set_grad_enabled" {
            // What the call itself set holds for the function alone.
            self.end()?;
        }
        Ok(args.pos.into_iter().next().map(|func| decorate(func, self.name, self.on)))
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

/// A function that runs in a mode.
struct Decorated {
    func: Value,
    name: &'static str,
    on: bool,
}

/// `@torch.no_grad()` and its kin.
pub fn decorate(func: Value, name: &'static str, on: bool) -> Value {
    Value::object(Decorated { func, name, on })
}

impl Object for Decorated {
    fn type_name(&self) -> &str {
        "function"
    }

    fn kind(&self) -> Type {
        Type::Function
    }

    fn callable(&self) -> bool {
        true
    }

    fn call(&self, it: &mut Interp, args: Args) -> Res<Option<Value>> {
        let mode = GradMode::new(self.name, self.on);
        mode.begin()?;
        let result = it.call(&self.func, args);
        mode.end()?;
        result.map(Some)
    }

    fn get_attr(&self, it: &mut Interp, _: &Value, name: &str) -> Res<Option<Value>> {
        if name == "__wrapped__" { Ok(Some(self.func.clone())) } else { it.find_attr(&self.func, name) }
    }

    fn set_attr(&self, it: &mut Interp, name: &str, value: Value) -> Res<bool> {
        it.set_attr(&self.func, name, value).map(|()| true)
    }

    fn repr(&self, it: &mut Interp) -> Res<String> {
        it.repr(&self.func)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// `torch.random.fork_rng()`: a block behind which the generator is where it was.
pub struct ForkRng {
    enabled: bool,
    state: RefCell<Option<Value>>,
    gpus: RefCell<Option<cuda::Snapshot>>,
}

impl ForkRng {
    /// The manager; it does nothing unless enabled.
    pub fn value(enabled: bool) -> Value {
        Value::object(ForkRng { enabled, state: RefCell::default(), gpus: RefCell::default() })
    }
}

impl Object for ForkRng {
    fn type_name(&self) -> &str {
        "_GeneratorContextManager"
    }

    fn enter(&self, it: &mut Interp, _: &Value) -> Res<Option<Value>> {
        if self.enabled {
            let get = it.get_attr(&GeneratorObject::default_one(), "get_state")?;
            *self.state.borrow_mut() = Some(it.call(&get, Args::default())?);
            self.gpus.replace(Some(cuda::snapshot()));
        }
        Ok(Some(Value::None))
    }

    fn exit(&self, it: &mut Interp, _: Option<&Rc<Exc>>) -> Res<bool> {
        if let Some(state) = self.state.take() {
            let set = it.get_attr(&GeneratorObject::default_one(), "set_state")?;
            it.call(&set, Args::of([state]))?;
            self.gpus.take().into_iter().for_each(cuda::restore);
        }
        Ok(false)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
