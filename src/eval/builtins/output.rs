//! `print`.

use crate::base::error::type_error;
use crate::base::{Error, ErrorKind};
use crate::eval::interp::Interp;
use crate::eval::modules::sys::Stream;
use crate::eval::raise::Res;
use crate::eval::value::Value;
use std::io::Write;

builtin_table! {
    /// Functions that write.
    TABLE of "" {
        "print" ("*args, sep=' ', end='\\n', file=None, flush=False") "Write values to a stream, separated by sep and followed by end." =>
            |it, a| {
                let (sep, end) = (separator("sep", &a[1], " ")?, separator("end", &a[2], "\n")?);
                let mut text = String::new();
                if let Value::Tuple(args) = &a[0] {
                    for (i, value) in args.items.iter().enumerate() {
                        if i > 0 {
                            text.push_str(&sep);
                        }
                        match value {
                            Value::Str(s) => text.push_str(&s.text),
                            value => text.push_str(&it.str(value)?),
                        }
                    }
                }
                text.push_str(&end);
                match a[3].some() {
                    None => write_out(it, &text)?,
                    Some(file) => match file.downcast::<Stream>() {
                        Some(stream) => stream.write(it, &text)?,
                        None => {
                            let message = format!("'{}' object has no attribute 'write'", file.type_name());
                            return Err(Error::new(ErrorKind::AttributeError, message).into());
                        }
                    },
                }
                if let Some(flush) = a[4].given() && it.truth(&flush.clone())? {
                    super::inspect::flush(it);
                }
                Ok(Value::None)
            };
    }
}

fn separator(name: &str, value: &Value, default: &str) -> Res<String> {
    match value {
        Value::Unset | Value::None => Ok(default.to_owned()),
        Value::Str(s) => Ok(s.text.to_string()),
        other => Err(type_error(format!("{name} must be None or a string, not {}", other.type_name())).into()),
    }
}

/// Writes to stdout.
///
/// # Errors
/// `OSError` when the stream is closed.
pub fn write_out(it: &mut Interp, text: &str) -> Res<()> {
    it.out.write_all(text.as_bytes()).map_err(|e| Error::new(ErrorKind::OSError, e.to_string()).into())
}
