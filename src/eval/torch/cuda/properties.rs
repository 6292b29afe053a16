//! What `torch.cuda.get_device_properties` tells.

use crate::eval::interp::Interp;
use crate::eval::object::Object;
use crate::eval::raise::Res;
use crate::eval::value::Value;
use crate::store::cuda::driver::Properties;
use std::any::Any;

/// `torch.cuda.get_device_properties(...)`.
pub(super) struct DeviceProperties(pub &'static Properties);

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
