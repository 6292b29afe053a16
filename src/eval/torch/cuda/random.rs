//! `torch.cuda`: seeds and states of the GPUs' random numbers.

use super::gpu;
use crate::base::error::type_error;
use crate::cuda::random::{default_generator, seed_all};
use crate::eval::raise::Res;
use crate::eval::torch::generator::{self, GeneratorObject};
use crate::eval::value::Value;
use crate::store::cuda::driver;
use crate::tensor::Tensor;

crate::builtin_table! {
    /// Functions of `torch.cuda` and `torch.cuda.random`. Seeds need no GPU: they wait for one.
    FUNCTIONS of "torch.cuda" {
        "manual_seed" ("seed") "Seeds the current GPU's random numbers." => |_, a| {
            let seed = generator::seed(&a[0])?;
            default_generator(driver::current()).borrow_mut().manual_seed(seed);
            Ok(Value::None)
        };
        "manual_seed_all" ("seed") "Seeds all GPUs' random numbers." => |_, a| {
            seed_all(generator::seed(&a[0])?);
            Ok(Value::None)
        };
        "seed" ("") "Seeds the current GPU's random numbers from the system." => |_, _| {
            default_generator(driver::current()).borrow_mut().seed();
            Ok(Value::None)
        };
        "seed_all" ("") "Seeds all GPUs' random numbers from the system." => |_, _| {
            let seed = default_generator(driver::current()).borrow_mut().seed();
            seed_all(seed);
            Ok(Value::None)
        };
        "initial_seed" ("") "The seed of the current GPU's random numbers." => |_, _| {
            let gpu = gpu(&Value::None)?;
            Ok(Value::int(default_generator(gpu.index).borrow().initial_seed().into()))
        };
        "get_rng_state" ("device='cuda'") "The state of a GPU's random numbers, a uint8 tensor: the seed, then how many each thread has drawn." => |_, a| {
            state(gpu(&a[0])?.index)
        };
        "get_rng_state_all" ("") "The states of all GPUs' random numbers." => |_, _| {
            let all: Res<Vec<Value>> = (0..driver::count()).map(|i| state(i as u8)).collect();
            Ok(Value::list(all?))
        };
        "set_rng_state" ("new_state, device='cuda'") "Puts back a state of a GPU's random numbers." => |_, a| {
            set_state(&a[0], gpu(&a[1])?.index)?;
            Ok(Value::None)
        };
        "set_rng_state_all" ("new_states") "Puts back the states of all GPUs' random numbers." => |it, a| {
            for (i, state) in it.collect(&a[0])?.iter().enumerate() {
                set_state(state, gpu(&Value::count(i))?.index)?;
            }
            Ok(Value::None)
        };
    }
}

fn state(index: u8) -> Res {
    Ok(Value::Tensor(Tensor::new(default_generator(index).borrow().get_state()?)))
}

fn set_state(state: &Value, index: u8) -> Res<()> {
    let Value::Tensor(state) = state else {
        return Err(type_error(format!("expected a torch.ByteTensor, but got {}", state.type_name())).into());
    };
    let view = state.view()?;
    Ok(default_generator(index).borrow_mut().set_state(&view)?)
}

/// `torch.cuda.default_generators`: one for each GPU.
pub fn default_generators() -> Value {
    Value::tuple((0..driver::count()).map(|i| GeneratorObject::default_on(i as u8)).collect::<Vec<_>>())
}
