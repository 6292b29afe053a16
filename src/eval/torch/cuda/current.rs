//! Blocks that choose devices: `torch.cuda.device` and `with torch.device(...)`.

use crate::base::Device;
use crate::base::device::set_default_device;
use crate::eval::interp::Interp;
use crate::eval::object::Object;
use crate::eval::raise::{Exc, Res};
use crate::eval::value::Value;
use crate::store::cuda::driver;
use std::any::Any;
use std::cell::Cell;
use std::rc::Rc;

/// `torch.cuda.device(...)`: a block in which `cuda` means another GPU.
pub(super) struct CurrentDevice {
    index: Option<u8>,
    before: Cell<u8>,
}

impl CurrentDevice {
    /// The manager of a GPU; of none, a block that changes nothing.
    pub(super) fn value(index: Option<u8>) -> Value {
        Value::object(CurrentDevice { index, before: Cell::default() })
    }
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
