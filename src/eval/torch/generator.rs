//! `torch.Generator` objects.

use crate::base::Device;
use crate::base::error::{Result, runtime, type_error, value_error};
use crate::cpu::random::{DEFAULT_SEED, Generator, default_generator};
use crate::cuda::random as cuda;
use crate::eval::args::Args;
use crate::eval::interp::Interp;
use crate::eval::kind::Type;
use crate::eval::object::Object;
use crate::eval::raise::Res;
use crate::eval::value::Value;
use crate::store::View;
use crate::tensor::{Tensor, devices};
use num_traits::ToPrimitive;
use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;

/// A random number generator as a value.
pub struct GeneratorObject(Stream);

/// Where the numbers come from.
#[derive(Clone)]
enum Stream {
    Host(Rc<RefCell<Generator>>),
    Gpu(Rc<RefCell<cuda::Generator>>),
}

impl GeneratorObject {
    /// A fresh one for a device, with torch's fixed first seed.
    ///
    /// # Errors
    /// torch's `RuntimeError` where there is no such device.
    pub fn fresh(device: Device) -> Res {
        Ok(Value::object(GeneratorObject(match devices::resolve(device)? {
            Device::Cuda(index) => Stream::Gpu(Rc::new(RefCell::new(cuda::Generator::new(index.unwrap_or(0))))),
            _ => Stream::Host(Rc::new(RefCell::new(Generator::new(DEFAULT_SEED)))),
        })))
    }

    /// The one of calls that name none.
    pub fn default_one() -> Value {
        Value::object(GeneratorObject(Stream::Host(default_generator())))
    }

    /// The one of calls on a GPU that name none.
    pub fn default_on(index: u8) -> Value {
        Value::object(GeneratorObject(Stream::Gpu(cuda::default_generator(index))))
    }

    /// One that a kernel was given, as a value again.
    pub fn again(given: &Rc<dyn Any>) -> Option<Value> {
        let host = Rc::downcast(given.clone()).map(Stream::Host);
        let found = host.or_else(|given| Rc::downcast(given).map(Stream::Gpu));
        found.ok().map(|stream| Value::object(GeneratorObject(stream)))
    }

    /// As the kernels take it.
    pub fn shared(&self) -> Rc<dyn Any> {
        match &self.0 {
            Stream::Host(g) => g.clone(),
            Stream::Gpu(g) => g.clone(),
        }
    }
}

impl Stream {
    fn device(&self) -> Device {
        match self {
            Stream::Host(_) => Device::Cpu,
            Stream::Gpu(g) => Device::Cuda(Some(g.borrow().device)),
        }
    }

    fn manual_seed(&self, seed: u64) {
        match self {
            Stream::Host(g) => g.borrow_mut().manual_seed(seed),
            Stream::Gpu(g) => g.borrow_mut().manual_seed(seed),
        }
    }

    fn seed(&self) -> u64 {
        match self {
            Stream::Host(g) => g.borrow_mut().seed(),
            Stream::Gpu(g) => g.borrow_mut().seed(),
        }
    }

    fn initial_seed(&self) -> u64 {
        match self {
            Stream::Host(g) => g.borrow().initial_seed(),
            Stream::Gpu(g) => g.borrow().initial_seed(),
        }
    }

    fn get_state(&self) -> Result<View> {
        match self {
            Stream::Host(g) => g.borrow().get_state(),
            Stream::Gpu(g) => g.borrow().get_state(),
        }
    }

    fn set_state(&self, state: &View) -> Result<()> {
        match self {
            Stream::Host(g) => g.borrow_mut().set_state(state),
            Stream::Gpu(g) => g.borrow_mut().set_state(state),
        }
    }

    fn on_gpu(&self) -> Result<&RefCell<cuda::Generator>> {
        match self {
            Stream::Host(_) => Err(runtime("CPU Generator does not use offset")),
            Stream::Gpu(g) => Ok(g),
        }
    }
}

/// Reads a seed: 64 bits, negative ones from the top.
///
/// # Errors
/// torch's `RuntimeError` for what is no such number.
pub fn seed(value: &Value) -> Res<u64> {
    let big = match value {
        Value::Int(i) => return Ok(*i as u64),
        Value::Bool(b) => return Ok(u64::from(*b)),
        Value::BigInt(b) => (**b).clone(),
        other => {
            return Err(runtime(format!("manual_seed expected a long, but got {}", other.type_name())).into());
        }
    };
    big.to_u64()
        .or_else(|| big.to_i64().map(|i| i as u64))
        .ok_or_else(|| value_error("Overflow when unpacking long long").into())
}

crate::builtin_table! {
    /// Methods of generators.
    METHODS of "torch._C.Generator" {
        "manual_seed" ("self, seed, /") "Sets the seed." => |_, a| {
            stream(&a[0])?.manual_seed(seed(&a[1])?);
            Ok(a[0].clone())
        };
        "seed" ("self, /") "Seeds from the system and gives the seed back." => |_, a| Ok(Value::int(stream(&a[0])?.seed().into()));
        "initial_seed" ("self, /") "The seed." => |_, a| Ok(Value::int(stream(&a[0])?.initial_seed().into()));
        "get_state" ("self, /") "The state as a uint8 tensor." => |_, a| Ok(Value::Tensor(Tensor::new(stream(&a[0])?.get_state()?)));
        "clone_state" ("self, /") "Another generator in the same state." => |_, a| {
            let own = stream(&a[0])?;
            let fresh = GeneratorObject::fresh(own.device())?;
            stream(&fresh)?.set_state(&own.get_state()?)?;
            Ok(fresh)
        };
        "set_state" ("self, state, /") "Puts back a state." => |_, a| {
            let Value::Tensor(state) = &a[1] else {
                let got = a[1].type_name();
                return Err(type_error(format!("expected a torch.ByteTensor, but got {got}")).into());
            };
            stream(&a[0])?.set_state(&state.view()?)?;
            Ok(a[0].clone())
        };
        "get_offset" ("self, /") "How many numbers each of a GPU's threads has drawn." => |_, a| Ok(Value::int(stream(&a[0])?.on_gpu()?.borrow().offset().into()));
        "set_offset" ("self, offset, /") "Goes on behind so many numbers." => |_, a| {
            stream(&a[0])?.on_gpu()?.borrow_mut().set_offset(seed(&a[1])?)?;
            Ok(a[0].clone())
        };
    }
}

fn stream(value: &Value) -> Res<&Stream> {
    let found = value.downcast::<GeneratorObject>().map(|g| &g.0);
    found.ok_or_else(|| type_error(format!("expected torch.Generator, but got {}", value.type_name())).into())
}

impl Object for GeneratorObject {
    fn type_name(&self) -> &str {
        "torch._C.Generator"
    }

    fn kind(&self) -> Type {
        Type::TorchGenerator
    }

    fn get_attr(&self, _: &mut Interp, this: &Value, name: &str) -> Res<Option<Value>> {
        if name == "device" {
            return Ok(Some(Value::Device(self.0.device())));
        }
        let func = METHODS.iter().find(|m| m.name == name);
        Ok(func.map(|func| Value::Method(Rc::new(crate::eval::value::Method { this: this.clone(), func }))))
    }

    fn attrs(&self) -> Vec<String> {
        METHODS.iter().map(|m| m.name.to_string()).chain(["device".to_string()]).collect()
    }

    fn call(&self, _: &mut Interp, _: Args) -> Res<Option<Value>> {
        Ok(None)
    }

    fn repr(&self, _: &mut Interp) -> Res<String> {
        Ok(format!("<torch._C.Generator object at {:p}>", Rc::as_ptr(&self.shared()).cast::<()>()))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
