//! `torch.cuda`: devices, their memory, events and streams.

mod accelerator;
mod current;
mod memory;
mod nvtx;
mod properties;
pub mod random;
mod stream;

pub use accelerator::ACCELERATOR;
pub use current::DefaultDevice;

use super::to::as_device;
use crate::base::Device;
use crate::base::device::default_device;
use crate::base::error::{runtime, type_error, value_error};
use crate::eval::dict::{Dict, Map};
use crate::eval::interp::Interp;
use crate::eval::module::Module;
use crate::eval::raise::Res;
use crate::eval::value::Value;
use crate::store::View;
use crate::store::cuda::driver::{self, Gpu};
use crate::store::cuda::pool::Statistics;
use crate::tensor::{devices, lazy};
use current::CurrentDevice;
use properties::DeviceProperties;
use std::rc::Rc;
use stream::{EventObject, Stream, StreamContext};

/// The GPU that an argument names; the current one for None.
///
/// # Errors
/// torch's `RuntimeError` where there is no such device.
pub(super) fn gpu(value: &Value) -> Res<&'static Gpu> {
    let index = match value.some() {
        None => None,
        Some(Value::Int(i)) if *i < 0 => None,
        Some(Value::Int(i)) => Some(u8::try_from(*i).map_err(|_| runtime("CUDA error: invalid device ordinal"))?),
        Some(other) => match as_device(other)? {
            Some(Device::Cuda(index)) => index,
            Some(device) => return Err(value_error(format!("Expected a cuda device, but got: {device}")).into()),
            None => {
                let message = format!("expected torch.device, str or int, but got {}", other.type_name());
                return Err(type_error(message).into());
            }
        },
    };
    Ok(driver::gpu(index)?)
}

/// A number of the allocator's; 0 where no GPU is in use.
fn statistic(device: &Value, number: fn(&Statistics) -> usize) -> Res {
    if !driver::is_started() {
        return Ok(Value::Int(0));
    }
    // What waits has not taken its memory yet.
    lazy::flush()?;
    Ok(Value::count(number(&gpu(device)?.statistics())))
}

fn synchronize(gpu: &Gpu) -> Res {
    lazy::flush()?;
    gpu.synchronize()?;
    Ok(Value::None)
}

fn empty_cache() -> Res {
    if driver::is_started() {
        gpu(&Value::None)?.empty_cache()?;
    }
    Ok(Value::None)
}

/// What the allocator tells by name, in PyTorch's order; nothing where no GPU is in use.
fn numbers(device: &Value) -> Res<Vec<(String, usize)>> {
    if !driver::is_started() {
        return Ok(Vec::new());
    }
    lazy::flush()?;
    Ok(memory::numbers(&gpu(device)?.statistics()))
}

crate::builtin_table! {
    /// Functions of `torch.cuda`.
    FUNCTIONS of "torch.cuda" {
        "is_available" ("") "Whether a GPU can be used." => |_, _| Ok(Value::Bool(driver::count() > 0));
        "_is_available" ("") "Whether a GPU can be used." => |_, _| Ok(Value::Bool(driver::count() > 0));
        "device_count" ("") "How many GPUs there are." => |_, _| Ok(Value::count(driver::count()));
        "init" ("") "Makes the GPU ready." => |_, _| gpu(&Value::None).map(|_| Value::None);
        "is_initialized" ("") "Whether the GPU is in use." => |_, _| Ok(Value::Bool(driver::is_started()));
        "current_device" ("") "The number of the GPU in use." => |_, _| Ok(Value::Int(i64::from(gpu(&Value::None)?.index)));
        "set_device" ("device") "Chooses the GPU that `cuda` means." => |_, a| {
            if !matches!(a[0], Value::Int(i) if i < 0) {
                driver::set_current(gpu(&a[0])?.index)?;
            }
            Ok(Value::None)
        };
        "get_device_name" ("device=None") "A GPU's name." => |_, a| Ok(Value::from(&*gpu(&a[0])?.properties.name));
        "get_device_capability" ("device=None") "A GPU's compute capability: major and minor." => |_, a| {
            let (major, minor) = gpu(&a[0])?.properties.capability;
            Ok(Value::tuple([Value::Int(major.into()), Value::Int(minor.into())]))
        };
        "get_device_properties" ("device=None") "What is known of a GPU." => |_, a| {
            Ok(Value::object(DeviceProperties(&gpu(&a[0])?.properties)))
        };
        "get_arch_list" ("") "The architectures that kernels can be compiled for." => |_, _| {
            let known = if driver::count() == 0 { Vec::new() } else { crate::cuda::compile::compiler()?.architectures() };
            Ok(Value::list(known.into_iter().map(|name| Value::from(&*name)).collect()))
        };
        "can_device_access_peer" ("device, peer_device") "Whether one GPU reads another's memory; copies go through the driver in any case." => |_, a| {
            gpu(&a[0])?;
            gpu(&a[1])?;
            Ok(Value::Bool(false))
        };
        "mem_get_info" ("device=None") "Bytes of a GPU's memory that are free, and all of them." => |_, a| {
            let (free, total) = gpu(&a[0])?.memory()?;
            Ok(Value::tuple([Value::count(free), Value::count(total)]))
        };
        "memory_allocated" ("device=None") "Bytes of tensors on the GPU." => |_, a| statistic(&a[0], |s| s.allocated().current);
        "max_memory_allocated" ("device=None") "The most bytes that tensors on the GPU had." => |_, a| statistic(&a[0], |s| s.allocated().peak);
        "memory_reserved" ("device=None") "Bytes that the allocator holds." => |_, a| statistic(&a[0], |s| s.reserved().current);
        "max_memory_reserved" ("device=None") "The most bytes that the allocator held." => |_, a| statistic(&a[0], |s| s.reserved().peak);
        "memory_cached" ("device=None") "As memory_reserved." => |_, a| statistic(&a[0], |s| s.reserved().current);
        "memory_stats" ("device=None") "The allocator's numbers by name." => |_, a| {
            let stats = Dict::new(Map::default());
            for (name, number) in numbers(&a[0])? {
                stats.set(Value::from(&*name), Value::count(number))?;
            }
            Ok(Value::Dict(Rc::new(stats)))
        };
        "memory_stats_as_nested_dict" ("device=None") "The allocator's numbers in a dict of dicts." => |_, a| {
            let stats = Rc::new(Dict::new(Map::default()));
            for (name, number) in numbers(&a[0])? {
                let mut at = Rc::clone(&stats);
                let (parts, last) = name.rsplit_once('.').unwrap_or(("", &name));
                for part in parts.split('.').filter(|part| !part.is_empty()) {
                    at = match at.get(&Value::from(part))? {
                        Some(Value::Dict(below)) => below,
                        _ => {
                            let below = Rc::new(Dict::new(Map::default()));
                            at.set(Value::from(part), Value::Dict(Rc::clone(&below)))?;
                            below
                        }
                    };
                }
                at.set(Value::from(last), Value::count(number))?;
            }
            Ok(Value::Dict(stats))
        };
        "memory_summary" ("device=None, abbreviated=False") "The allocator's numbers as a table." => |_, a| {
            let gpu = gpu(&a[0])?;
            lazy::flush()?;
            Ok(Value::from(&*memory::summary(gpu, matches!(a[1], Value::Bool(true)))))
        };
        "reset_peak_memory_stats" ("device=None") "Has the maxima begin anew." => |_, a| { gpu(&a[0])?.reset_peaks(); Ok(Value::None) };
        "reset_max_memory_allocated" ("device=None") "Has the maxima begin anew." => |_, a| { gpu(&a[0])?.reset_peaks(); Ok(Value::None) };
        "reset_max_memory_cached" ("device=None") "Has the maxima begin anew." => |_, a| { gpu(&a[0])?.reset_peaks(); Ok(Value::None) };
        "reset_accumulated_memory_stats" ("device=None") "Has sums over time begin anew." => |_, a| { gpu(&a[0])?.reset_accumulated(); Ok(Value::None) };
        "set_per_process_memory_fraction" ("fraction, device=None") "The share of a GPU's memory that the allocator may hold." => |it, a| {
            let Value::Float(fraction) = a[0] else {
                return Err(type_error("Invalid type for fraction argument, must be `float`").into());
            };
            if !(0.0..=1.0).contains(&fraction) {
                let message = format!("Invalid fraction value: {}. Allowed range: 0~1", it.repr(&a[0])?);
                return Err(value_error(message).into());
            }
            let gpu = gpu(&a[1])?;
            let bytes = (fraction * gpu.properties.memory as f64) as usize;
            gpu.limit_memory((fraction < 1.0).then_some(bytes));
            Ok(Value::None)
        };
        "get_per_process_memory_fraction" ("device=None") "The share of a GPU's memory that the allocator may hold." => |_, a| {
            let gpu = gpu(&a[0])?;
            Ok(Value::Float(gpu.memory_limit().map_or(1.0, |bytes| bytes as f64 / gpu.properties.memory as f64)))
        };
        "get_allocator_backend" ("") "The allocator's kind." => |_, _| Ok(Value::from("native"));
        "empty_cache" ("") "Gives memory that no tensor uses back to the driver." => |_, _| empty_cache();
        "ipc_collect" ("") "Nothing to do: no memory is shared between processes." => |_, _| Ok(Value::None);
        "synchronize" ("device=None") "Waits until the GPU is done." => |_, a| synchronize(gpu(&a[0])?);
        "is_bf16_supported" ("including_emulation=True") "Whether the GPU knows bfloat16." => |_, _| Ok(Value::Bool(driver::count() > 0));
        "is_tf32_supported" ("") "Whether the GPU has products in TF32." => |_, _| {
            Ok(Value::Bool(driver::count() > 0 && gpu(&Value::None)?.properties.capability.0 >= 8))
        };
        "is_current_stream_capturing" ("") "Whether a graph is being captured; never." => |_, _| Ok(Value::Bool(false));
        "Event" ("enable_timing=False, blocking=False, interprocess=False") "A mark in the GPU's work." => |_, a| {
            Ok(Value::object(EventObject::new(matches!(a[0], Value::Bool(true)))))
        };
        "Stream" ("device=None, priority=0") "A queue of work; tensh has one for each GPU." => |_, a| Ok(Value::object(Stream(gpu(&a[0])?)));
        "current_stream" ("device=None") "The queue that work goes to." => |_, a| Ok(Value::object(Stream(gpu(&a[0])?)));
        "default_stream" ("device=None") "The queue that work goes to." => |_, a| Ok(Value::object(Stream(gpu(&a[0])?)));
        "set_stream" ("stream") "Chooses the queue; there is one for each GPU." => |_, _| Ok(Value::None);
        "stream" ("stream") "A block whose work goes to a queue." => |_, a| Ok(match a[0].some() {
            Some(stream) if stream.downcast::<Stream>().is_some() => stream.clone(),
            _ => Value::object(StreamContext),
        });
        "device" ("device") "A block in which `cuda` means another GPU." => |_, a| {
            let index = match a[0].some() {
                None => None,
                Some(Value::Int(i)) => u8::try_from(*i).ok(),
                Some(other) => match as_device(other)? {
                    Some(Device::Cuda(index)) => index,
                    Some(device) => return Err(value_error(format!("Expected a cuda device, but got: {device}")).into()),
                    None => None,
                },
            };
            Ok(CurrentDevice::value(index))
        };
        "device_of" ("obj") "A block in which `cuda` means the GPU that a tensor is on." => |it, a| {
            let index = match it.get_attr(&a[0], "device")? {
                Value::Device(Device::Cuda(index)) => index,
                _ => None,
            };
            Ok(CurrentDevice::value(index))
        };
    }
}

/// The variables that hold memory of a device, the largest first; those that share memory stand together.
pub fn holders(it: &Interp, device: Device) -> Vec<(String, usize)> {
    let mut found: Vec<(View, String)> = Vec::new();
    for (name, value) in it.globals.defined() {
        let Value::Tensor(t) = value else { continue };
        let Some(view) = t.peek(View::clone).filter(|v| v.device() == device) else { continue };
        match found.iter_mut().find(|(other, _)| other.shares(&view)) {
            Some((_, names)) => *names += &format!(", {name}"),
            None => found.push((view, name.to_string())),
        }
    }
    let mut out: Vec<(String, usize)> = found.into_iter().map(|(v, name)| (name, v.storage().bytes())).collect();
    out.sort_by_key(|(_, size)| std::cmp::Reverse(*size));
    out
}

/// What holds the memory of the device in use, in a line: what an error about memory does not tell.
pub fn blame(it: &Interp) -> Option<String> {
    let gpu = driver::gpu(None).ok()?;
    let held: Vec<String> = holders(it, gpu.device())
        .into_iter()
        .take(5)
        .map(|(name, bytes)| format!("{name} holds {}", driver::size(bytes)))
        .collect();
    let advice = "`del` a variable, or compute in parts";
    Some(if held.is_empty() { advice.to_owned() } else { format!("{}; {advice}", held.join(", ")) })
}

/// Where a constructor puts its tensor: the device named, or the default.
///
/// # Errors
/// torch's `RuntimeError` where there is no such device.
pub fn home(value: &Value) -> Res<Device> {
    let named = value.some().map(as_device).transpose()?.flatten();
    Ok(devices::resolve(named.unwrap_or_else(default_device))?)
}

/// A name of `torch.cuda` that is no function.
pub fn name(name: &str) -> Option<Value> {
    match name {
        "default_generators" => Some(random::default_generators()),
        "nvtx" => Some(Value::Module(Rc::new(Module::new("torch.cuda.nvtx", &[nvtx::FUNCTIONS])))),
        _ => None,
    }
}
