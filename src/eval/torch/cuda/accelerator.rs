//! `torch.accelerator`.

use super::{empty_cache, gpu, statistic, synchronize};
use crate::base::Device;
use crate::eval::value::Value;
use crate::store::cuda::driver;

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
        "empty_cache" ("") "Gives memory that no tensor uses back to the driver." => |_, _| empty_cache();
    }
}
