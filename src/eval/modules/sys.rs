//! The module `sys`: arguments, streams, exit.

use crate::base::ErrorKind;
use crate::base::error::{Error, type_error};
use crate::eval::interp::Interp;
use crate::eval::module::Module;
use crate::eval::object::Object;
use crate::eval::raise::{Raise, Res};
use crate::eval::value::{Method, NamedType, Value};
use std::any::Any;
use std::io::Write;
use std::rc::Rc;

builtin_table! {
    /// Functions of sys.
    TABLE of "sys" {
        "exit" ("status=None, /") "Leave the session with an exit status." =>
            |_, a| Err(Raise::new(ErrorKind::SystemExit, a[0].given().cloned().into_iter().collect()));
        "getrecursionlimit" ("") "Return how deep calls may nest." => |_, _| Ok(Value::Int(1000));
        "getsizeof" ("object, /") "Return roughly how many bytes an object takes." => |it, a| {
            let len = it.len(&a[0]).ok().flatten().unwrap_or(0);
            Ok(Value::count(size_of::<Value>() * (1 + len)))
        };
    }
}

builtin_table! {
    /// Methods of the streams.
    STREAM of "TextIOWrapper" {
        "write" ("self, text, /") "Write a text; return its length." => |it, a| {
            let (Some(stream), Value::Str(text)) = (a[0].downcast::<Stream>(), &a[1]) else {
                return Err(type_error(format!("write() argument must be str, not {}", a[1].type_name())).into());
            };
            stream.write(it, &text.text)?;
            Ok(Value::count(text.chars))
        };
        "flush" ("self, /") "Write what is buffered." => |it, _| {
            // A closed pipe shows at the next write.
            let _ = it.out.flush();
            Ok(Value::None)
        };
        "isatty" ("self, /") "Return whether the stream is a terminal." => |_, _| Ok(Value::Bool(false));
    }
}

/// stdout or stderr.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// `sys.stdout`.
    Out,
    /// `sys.stderr`.
    Err,
}

impl Stream {
    /// Writes a text; stderr at once, and behind what stdout still holds.
    ///
    /// # Errors
    /// `OSError` when the stream is closed.
    pub fn write(self, it: &mut Interp, text: &str) -> Res<()> {
        let result = match self {
            Stream::Out => it.out.write_all(text.as_bytes()),
            Stream::Err => {
                let flushed = it.out.flush();
                flushed.and_then(|()| it.err.write_all(text.as_bytes()))
            }
        };
        result.map_err(|e| Error::new(ErrorKind::OSError, e.to_string()).into())
    }
}

impl Object for Stream {
    fn type_name(&self) -> &str {
        "_io.TextIOWrapper"
    }

    fn get_attr(&self, _: &mut Interp, this: &Value, name: &str) -> Res<Option<Value>> {
        let func = STREAM.iter().find(|row| row.name == name);
        Ok(func.map(|func| Value::Method(Rc::new(Method { this: this.clone(), func }))))
    }

    fn attrs(&self) -> Vec<String> {
        STREAM.iter().map(|row| row.name.to_owned()).collect()
    }

    fn repr(&self, _: &mut Interp) -> Res<String> {
        let name = if *self == Stream::Out { "stdout" } else { "stderr" };
        Ok(format!("<_io.TextIOWrapper name='<{name}>' mode='w' encoding='utf-8'>"))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// The module.
pub fn module(it: &Interp) -> Module {
    let version = NamedType {
        name: "sys.version_info".into(),
        fields: ["major", "minor", "micro", "releaselevel", "serial"].map(Into::into).to_vec(),
        defaults: Vec::new(),
        torch: false,
    };
    let parts = vec![Value::Int(3), Value::Int(11), Value::Int(0), Value::from("final"), Value::Int(0)];
    let argv = it.argv.iter().map(|a| Value::from(a.as_str())).collect();
    Module::new("sys", &[TABLE])
        .with("argv", Value::list(argv))
        .with("stdout", Value::object(Stream::Out))
        .with("stderr", Value::object(Stream::Err))
        .with("maxsize", Value::Int(i64::MAX))
        .with("byteorder", Value::from("little"))
        .with("platform", Value::from(std::env::consts::OS))
        .with("version_info", Value::named(&Rc::new(version), parts))
        .with("version", Value::from(concat!("3.11.0 (tensh ", env!("CARGO_PKG_VERSION"), ")")))
}
