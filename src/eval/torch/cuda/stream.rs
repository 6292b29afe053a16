//! `torch.cuda.Event` and `torch.cuda.Stream`.

use super::synchronize;
use crate::base::error::{runtime, type_error, value_error};
use crate::eval::interp::Interp;
use crate::eval::object::Object;
use crate::eval::raise::Res;
use crate::eval::value::{Method, Value};
use crate::store::cuda::driver::{self, Event, Gpu};
use crate::tensor::lazy;
use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;

/// `torch.cuda.Event`.
pub(super) struct EventObject {
    timed: bool,
    event: RefCell<Option<Event>>,
}

impl EventObject {
    /// An event that has not been recorded; only timed ones can be told the time between.
    pub(super) fn new(timed: bool) -> EventObject {
        EventObject { timed, event: RefCell::default() }
    }
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
pub(super) struct Stream(pub &'static Gpu);

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
                None => Value::object(EventObject::new(false)),
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

/// A block whose work goes to no other queue.
pub(super) struct StreamContext;

impl Object for StreamContext {
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
