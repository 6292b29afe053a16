//! `torch.cuda`: devices, their memory, events and streams.

use super::cuda_memory;
use super::to::as_device;
use crate::base::Device;
use crate::base::device::{default_device, set_default_device};
use crate::base::error::{runtime, type_error, value_error};
use crate::eval::dict::{Dict, Map};
use crate::eval::interp::Interp;
use crate::eval::object::Object;
use crate::eval::raise::{Exc, Res};
use crate::eval::value::{Method, Value};
use crate::store::View;
use crate::store::cuda::driver::{self, Event, Gpu, Properties};
use crate::store::cuda::pool::Statistics;
use crate::tensor::{devices, lazy};
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

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
            if driver::is_started() {
                lazy::flush()?;
                for (name, number) in cuda_memory::numbers(&gpu(&a[0])?.statistics()) {
                    stats.set(Value::from(&*name), Value::count(number))?;
                }
            }
            Ok(Value::Dict(Rc::new(stats)))
        };
        "memory_summary" ("device=None, abbreviated=False") "The allocator's numbers as a table." => |_, a| {
            let gpu = gpu(&a[0])?;
            lazy::flush()?;
            Ok(Value::from(&*cuda_memory::summary(gpu, matches!(a[1], Value::Bool(true)))))
        };
        "reset_peak_memory_stats" ("device=None") "Has the maxima begin anew." => |_, a| { gpu(&a[0])?.reset_peaks(); Ok(Value::None) };
        "reset_max_memory_allocated" ("device=None") "Has the maxima begin anew." => |_, a| { gpu(&a[0])?.reset_peaks(); Ok(Value::None) };
        "reset_max_memory_cached" ("device=None") "Has the maxima begin anew." => |_, a| { gpu(&a[0])?.reset_peaks(); Ok(Value::None) };
        "reset_accumulated_memory_stats" ("device=None") "Has the maxima begin anew." => |_, a| { gpu(&a[0])?.reset_peaks(); Ok(Value::None) };
        "empty_cache" ("") "Gives memory that no tensor uses back to the driver." => |_, _| {
            if driver::is_started() {
                gpu(&Value::None)?.empty_cache()?;
            }
            Ok(Value::None)
        };
        "ipc_collect" ("") "Nothing to do: no memory is shared between processes." => |_, _| Ok(Value::None);
        "synchronize" ("device=None") "Waits until the GPU is done." => |_, a| synchronize(gpu(&a[0])?);
        "is_bf16_supported" ("including_emulation=True") "Whether the GPU knows bfloat16." => |_, _| Ok(Value::Bool(driver::count() > 0));
        "is_current_stream_capturing" ("") "Whether a graph is being captured; never." => |_, _| Ok(Value::Bool(false));
        "Event" ("enable_timing=False, blocking=False, interprocess=False") "A mark in the GPU's work." => |_, a| {
            Ok(Value::object(EventObject { timed: matches!(a[0], Value::Bool(true)), event: RefCell::default() }))
        };
        "Stream" ("device=None, priority=0") "A queue of work; tensh has one for each GPU." => |_, a| Ok(Value::object(Stream(gpu(&a[0])?)));
        "current_stream" ("device=None") "The queue that work goes to." => |_, a| Ok(Value::object(Stream(gpu(&a[0])?)));
        "default_stream" ("device=None") "The queue that work goes to." => |_, a| Ok(Value::object(Stream(gpu(&a[0])?)));
        "set_stream" ("stream") "Chooses the queue; there is one for each GPU." => |_, _| Ok(Value::None);
        "stream" ("stream") "A block whose work goes to a queue." => |_, a| Ok(match a[0].some() {
            Some(stream) if stream.downcast::<Stream>().is_some() => stream.clone(),
            _ => Value::object(Nothing),
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
            Ok(Value::object(CurrentDevice { index, before: Cell::new(0) }))
        };
    }
}

crate::builtin_table! {
    /// Functions of `torch.accelerator`: the accelerator that there is, or might be, is CUDA's.
    ACCELERATOR of "torch.accelerator" {
        "is_available" ("") "Whether there is one." => |_, _| Ok(Value::Bool(driver::count() > 0));
        "device_count" ("") "How many devices it has." => |_, _| Ok(Value::count(driver::count()));
        "current_accelerator" ("check_available=False") "The kind of accelerator that tensors can go to." => |_, a| {
            let there = !matches!(a[0], Value::Bool(true)) || driver::count() > 0;
            Ok(if there { Value::Device(Device::Cuda(None)) } else { Value::None })
        };
        "current_device_index" ("") "The number of the device in use." => |_, _| Ok(Value::Int(i64::from(gpu(&Value::None)?.index)));
        "current_device_idx" ("") "The number of the device in use." => |_, _| Ok(Value::Int(i64::from(gpu(&Value::None)?.index)));
        "set_device_index" ("device, /") "Chooses the device." => |_, a| { driver::set_current(gpu(&a[0])?.index)?; Ok(Value::None) };
        "set_device_idx" ("device, /") "Chooses the device." => |_, a| { driver::set_current(gpu(&a[0])?.index)?; Ok(Value::None) };
        "synchronize" ("device=None, /") "Waits until the device is done." => |_, a| synchronize(gpu(&a[0])?);
        "memory_allocated" ("device=None, /") "Bytes of tensors on the device." => |_, a| statistic(&a[0], |s| s.allocated().current);
        "max_memory_allocated" ("device=None, /") "The most bytes that tensors on the device had." => |_, a| statistic(&a[0], |s| s.allocated().peak);
        "memory_reserved" ("device=None, /") "Bytes that the allocator holds." => |_, a| statistic(&a[0], |s| s.reserved().current);
        "max_memory_reserved" ("device=None, /") "The most bytes that the allocator held." => |_, a| statistic(&a[0], |s| s.reserved().peak);
        "empty_cache" ("") "Gives memory that no tensor uses back to the driver." => |_, _| {
            if driver::is_started() {
                gpu(&Value::None)?.empty_cache()?;
            }
            Ok(Value::None)
        };
    }
}

/// `torch.cuda.get_device_properties(...)`.
struct DeviceProperties(&'static Properties);

impl DeviceProperties {
    /// The device's identity in groups of hexadecimal digits.
    fn uuid(&self) -> String {
        let hex: Vec<String> = self.0.uuid.iter().map(|b| format!("{b:02x}")).collect();
        [&hex[..4], &hex[4..6], &hex[6..8], &hex[8..10], &hex[10..]].map(|part| part.concat()).join("-")
    }
}

const PROPERTIES: [&str; 15] = [
    "name",
    "major",
    "minor",
    "total_memory",
    "multi_processor_count",
    "max_threads_per_multi_processor",
    "warp_size",
    "regs_per_multiprocessor",
    "shared_memory_per_block",
    "L2_cache_size",
    "is_integrated",
    "is_multi_gpu_board",
    "uuid",
    "gcnArchName",
    "max_threads_per_block",
];

impl Object for DeviceProperties {
    fn type_name(&self) -> &str {
        "torch._C._CudaDeviceProperties"
    }

    fn get_attr(&self, _: &mut Interp, _: &Value, name: &str) -> Res<Option<Value>> {
        let p = self.0;
        let int = |i: i32| Value::Int(i.into());
        Ok(Some(match name {
            "name" | "gcnArchName" => Value::from(&*p.name),
            "major" => int(p.capability.0),
            "minor" => int(p.capability.1),
            "total_memory" => Value::count(p.memory),
            "multi_processor_count" => int(p.multiprocessors),
            "max_threads_per_multi_processor" => int(p.threads),
            "max_threads_per_block" => int(p.block_threads),
            "warp_size" => int(p.warp),
            "regs_per_multiprocessor" => int(p.registers),
            "shared_memory_per_block" => int(p.shared),
            "L2_cache_size" => int(p.l2),
            "is_integrated" => Value::Int(p.integrated.into()),
            "is_multi_gpu_board" => Value::Int(p.multi_board.into()),
            "uuid" => Value::from(&*self.uuid()),
            _ => return Ok(None),
        }))
    }

    fn attrs(&self) -> Vec<String> {
        PROPERTIES.map(str::to_string).to_vec()
    }

    fn repr(&self, _: &mut Interp) -> Res<String> {
        let p = self.0;
        Ok(format!(
            "_CudaDeviceProperties(name='{}', major={}, minor={}, total_memory={}MB, multi_processor_count={}, uuid={}, \
             pci_bus_id={}, pci_device_id={}, pci_domain_id={}, L2_cache_size={}MB)",
            p.name,
            p.capability.0,
            p.capability.1,
            p.memory >> 20,
            p.multiprocessors,
            self.uuid(),
            p.pci.0,
            p.pci.1,
            p.pci.2,
            p.l2 >> 20
        ))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// `torch.cuda.Event`.
struct EventObject {
    timed: bool,
    event: RefCell<Option<Event>>,
}

crate::builtin_table! {
    /// Methods of events.
    EVENT of "torch.cuda.Event" {
        "record" ("self, stream=None") "Marks what has been launched so far." => |_, a| {
            lazy::flush()?;
            let fresh = Event::record(driver::gpu(None)?)?;
            if let Some(e) = a[0].downcast::<EventObject>() {
                e.event.replace(Some(fresh));
            }
            Ok(Value::None)
        };
        "synchronize" ("self") "Waits until the GPU has come by." => |_, a| with_event(&a[0], |e| Ok(e.map_or(Ok(()), Event::synchronize).map(|()| Value::None)?));
        "wait" ("self, stream=None") "Has a queue wait for the mark; there is one queue, in order." => |_, _| Ok(Value::None);
        "query" ("self") "Whether the GPU has come by." => |_, a| with_event(&a[0], |e| Ok(Value::Bool(e.map_or(Ok(true), Event::query)?)));
        "elapsed_time" ("self, end_event") "Milliseconds from this mark to another." => |_, a| {
            let timed = |v: &Value| v.downcast::<EventObject>().is_some_and(|e| e.timed);
            if !timed(&a[0]) || !timed(&a[1]) {
                return Err(value_error("Both events must be created with argument 'enable_timing=True'.").into());
            }
            with_event(&a[0], |start| with_event(&a[1], |end| match (start, end) {
                (Some(start), Some(end)) if start.query()? && end.query()? => Ok(Value::Float(f64::from(start.elapsed(end)?))),
                (Some(_), Some(_)) => Err(runtime("CUDA error: device not ready").into()),
                _ => Err(value_error("Both events must be recorded before calculating elapsed time.").into()),
            }))
        };
    }
}

fn with_event(value: &Value, look: impl FnOnce(Option<&Event>) -> Res) -> Res {
    match value.downcast::<EventObject>() {
        Some(e) => look(e.event.borrow().as_ref()),
        None => Err(type_error(format!("expected torch.cuda.Event, but got {}", value.type_name())).into()),
    }
}

/// A method of an object, by its table.
fn method(table: &'static [crate::eval::builtin::Builtin], this: &Value, name: &str) -> Option<Value> {
    let func = table.iter().find(|m| m.name == name)?;
    Some(Value::Method(Rc::new(Method { this: this.clone(), func })))
}

impl Object for EventObject {
    fn type_name(&self) -> &str {
        "torch.cuda.Event"
    }

    fn get_attr(&self, _: &mut Interp, this: &Value, name: &str) -> Res<Option<Value>> {
        Ok(method(EVENT, this, name))
    }

    fn attrs(&self) -> Vec<String> {
        EVENT.iter().map(|m| m.name.to_owned()).collect()
    }

    fn repr(&self, _: &mut Interp) -> Res<String> {
        Ok(match &*self.event.borrow() {
            Some(event) => format!("<torch.cuda.Event {event:p}>"),
            None => "<torch.cuda.Event uninitialized>".to_owned(),
        })
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// `torch.cuda.Stream`: all are the device's one queue, so waiting for each other is already done.
struct Stream(&'static Gpu);

crate::builtin_table! {
    /// Methods of streams.
    STREAM of "torch.cuda.Stream" {
        "synchronize" ("self") "Waits until the work is done." => |_, a| match a[0].downcast::<Stream>() {
            Some(stream) => synchronize(stream.0),
            None => Ok(Value::None),
        };
        "query" ("self") "Whether the work is done." => |_, a| match a[0].downcast::<Stream>() {
            Some(stream) => {
                lazy::flush()?;
                Ok(Value::Bool(Event::record(stream.0)?.query()?))
            }
            None => Ok(Value::None),
        };
        "wait_stream" ("self, stream") "Waits for another queue; there is one, in order." => |_, _| Ok(Value::None);
        "wait_event" ("self, event") "Waits for a mark; there is one queue, in order." => |_, _| Ok(Value::None);
        "record_event" ("self, event=None") "Marks what has been launched so far." => |_, a| {
            lazy::flush()?;
            let event = match a[1].some() {
                Some(event) => event.clone(),
                None => Value::object(EventObject { timed: false, event: RefCell::default() }),
            };
            if let (Some(e), Some(stream)) = (event.downcast::<EventObject>(), a[0].downcast::<Stream>()) {
                e.event.replace(Some(Event::record(stream.0)?));
            }
            Ok(event)
        };
    }
}

impl Object for Stream {
    fn type_name(&self) -> &str {
        "torch.cuda.Stream"
    }

    fn get_attr(&self, _: &mut Interp, this: &Value, name: &str) -> Res<Option<Value>> {
        Ok(match name {
            "device" => Some(Value::Device(self.0.device())),
            "device_index" => Some(Value::Int(self.0.index.into())),
            "cuda_stream" | "priority" | "stream_id" => Some(Value::Int(0)),
            _ => method(STREAM, this, name),
        })
    }

    fn attrs(&self) -> Vec<String> {
        STREAM.iter().map(|m| m.name.to_owned()).chain(["device", "cuda_stream"].map(str::to_owned)).collect()
    }

    fn compare(&self, _: &mut Interp, op: crate::lang::ast::CmpOp, other: &Value, _: bool) -> Res<Option<Value>> {
        let same = other.downcast::<Stream>().is_some_and(|o| o.0.index == self.0.index);
        Ok(crate::eval::compare::by_equality(op, same))
    }

    fn enter(&self, _: &mut Interp, _: &Value) -> Res<Option<Value>> {
        Ok(Some(Value::None))
    }

    fn repr(&self, _: &mut Interp) -> Res<String> {
        Ok(format!("<torch.cuda.Stream device={} cuda_stream=0x0>", self.0.device()))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// A block that does nothing of its own.
struct Nothing;

impl Object for Nothing {
    fn type_name(&self) -> &str {
        "torch.cuda.StreamContext"
    }

    fn enter(&self, _: &mut Interp, _: &Value) -> Res<Option<Value>> {
        Ok(Some(Value::None))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// `torch.cuda.device(...)`: a block in which `cuda` means another GPU.
struct CurrentDevice {
    index: Option<u8>,
    before: Cell<u8>,
}

impl Object for CurrentDevice {
    fn type_name(&self) -> &str {
        "torch.cuda.device"
    }

    fn enter(&self, _: &mut Interp, _: &Value) -> Res<Option<Value>> {
        self.before.set(driver::current());
        if let Some(index) = self.index {
            driver::set_current(index)?;
        }
        Ok(Some(Value::None))
    }

    fn exit(&self, _: &mut Interp, _: Option<&Rc<Exc>>) -> Res<bool> {
        if self.index.is_some() {
            driver::set_current(self.before.get())?;
        }
        Ok(false)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// `with torch.device(...)`: a block in which tensors that name no device are made on this one.
pub struct DefaultDevice {
    device: Device,
    before: Cell<Device>,
}

impl DefaultDevice {
    /// The manager of a device.
    pub fn value(device: Device) -> Value {
        Value::object(DefaultDevice { device, before: Cell::default() })
    }
}

impl Object for DefaultDevice {
    fn type_name(&self) -> &str {
        "torch.device"
    }

    fn enter(&self, _: &mut Interp, _: &Value) -> Res<Option<Value>> {
        self.before.set(set_default_device(self.device));
        Ok(Some(Value::Device(self.device)))
    }

    fn exit(&self, _: &mut Interp, _: Option<&Rc<Exc>>) -> Res<bool> {
        set_default_device(self.before.get());
        Ok(false)
    }

    fn as_any(&self) -> &dyn Any {
        self
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
