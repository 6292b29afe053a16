//! `torch.autograd.set_detect_anomaly` and `detect_anomaly`: walks that refuse nan.

use crate::eval::interp::Interp;
use crate::eval::object::Object;
use crate::eval::raise::{Exc, Res};
use crate::eval::value::Value;
use crate::tensor::grad::Anomaly;
use std::any::Any;
use std::cell::Cell;
use std::rc::Rc;

/// A block in which walks look for nan, or do not.
struct Detecting {
    name: &'static str,
    wanted: Anomaly,
    before: Cell<Anomaly>,
}

impl Object for Detecting {
    fn type_name(&self) -> &str {
        self.name
    }

    fn enter(&self, _: &mut Interp, _: &Value) -> Res<Option<Value>> {
        self.wanted.choose();
        Ok(Some(Value::None))
    }

    fn exit(&self, _: &mut Interp, _: Option<&Rc<Exc>>) -> Res<bool> {
        self.before.get().choose();
        Ok(false)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

fn manager(name: &'static str, on: &Value, nan: &Value) -> Value {
    let yes = |v: &Value| !matches!(v, Value::Bool(false));
    let wanted = Anomaly { on: yes(on), nan: yes(nan) };
    Value::object(Detecting { name, wanted, before: Cell::new(Anomaly::now()) })
}

crate::builtin_table! {
    /// Functions of `torch.autograd`.
    FUNCTIONS of "torch.autograd" {
        "set_detect_anomaly" ("mode, check_nan=True") "Has walks refuse nan, naming the node, from here on or for a block." => |_, a| {
            let manager = manager("set_detect_anomaly", &a[0], &a[1]);
            if let Some(detecting) = manager.downcast::<Detecting>() {
                detecting.wanted.choose();
            }
            Ok(manager)
        };
        "detect_anomaly" ("check_nan=True") "A block in which walks refuse nan, naming the node." => |_, a| {
            Ok(manager("detect_anomaly", &Value::Bool(true), &a[0]))
        };
    }
}
