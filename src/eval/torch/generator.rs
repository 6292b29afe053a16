//! `torch.Generator` objects.

use crate::base::error::{runtime, type_error, value_error};
use crate::cpu::random::{DEFAULT_SEED, Generator, default_generator};
use crate::eval::args::Args;
use crate::eval::interp::Interp;
use crate::eval::kind::Type;
use crate::eval::object::Object;
use crate::eval::raise::Res;
use crate::eval::value::Value;
use crate::tensor::Tensor;
use num_traits::ToPrimitive;
use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;

/// A random number generator as a value.
pub struct GeneratorObject(Rc<RefCell<Generator>>);

impl GeneratorObject {
    /// A fresh one, with torch's fixed first seed.
    pub fn fresh() -> Value {
        Value::object(GeneratorObject(Rc::new(RefCell::new(Generator::new(DEFAULT_SEED)))))
    }

    /// The one of calls that name none.
    pub fn default_one() -> Value {
        Value::object(GeneratorObject(default_generator()))
    }

    /// One that a kernel was given, as a value again.
    pub fn again(given: &Rc<dyn Any>) -> Option<Value> {
        Rc::downcast(given.clone()).ok().map(|g| Value::object(GeneratorObject(g)))
    }

    /// As the kernels take it.
    pub fn shared(&self) -> Rc<dyn Any> {
        self.0.clone()
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
            let seed = seed(&a[1])?;
            with(&a[0], |g| g.manual_seed(seed));
            Ok(a[0].clone())
        };
        "seed" ("self, /") "Seeds from the system and gives the seed back." => |_, a| {
            Ok(Value::int(with(&a[0], Generator::seed).unwrap_or(0).into()))
        };
        "initial_seed" ("self, /") "The seed." => |_, a| {
            Ok(Value::int(with(&a[0], |g| g.initial_seed()).unwrap_or(0).into()))
        };
        "get_state" ("self, /") "The state as a uint8 tensor." => |_, a| {
            match with(&a[0], |g| g.get_state()) {
                Some(state) => Ok(Value::Tensor(Tensor::new(state?))),
                None => Ok(Value::None),
            }
        };
        "clone_state" ("self, /") "Another generator in the same state." => |_, a| {
            let fresh = GeneratorObject::fresh();
            if let Some(state) = with(&a[0], |g| g.get_state()) {
                let state = state?;
                with(&fresh, |g| g.set_state(&state)).unwrap_or(Ok(()))?;
            }
            Ok(fresh)
        };
        "set_state" ("self, state, /") "Puts back a state." => |_, a| {
            let Value::Tensor(state) = &a[1] else {
                let got = a[1].type_name();
                return Err(type_error(format!("expected a torch.ByteTensor, but got {got}")).into());
            };
            let view = state.view()?;
            with(&a[0], |g| g.set_state(&view)).unwrap_or(Ok(()))?;
            Ok(a[0].clone())
        };
    }
}

fn with<T>(value: &Value, f: impl FnOnce(&mut Generator) -> T) -> Option<T> {
    value.downcast::<GeneratorObject>().map(|g| f(&mut g.0.borrow_mut()))
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
            return Ok(Some(Value::Device(crate::base::Device::Cpu)));
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
        Ok(format!("<torch._C.Generator object at {:p}>", Rc::as_ptr(&self.0)))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
