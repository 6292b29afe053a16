//! `len`, `isinstance`, `getattr` and the other functions that look at a value.

use crate::base::error::{type_error, value_error};
use crate::base::{Error, ErrorKind};
use crate::eval::attribute;
use crate::eval::interp::Interp;
use crate::eval::kind::Type;
use crate::eval::number::{convert, int};
use crate::eval::raise::{Raise, Res};
use crate::eval::text::str_repr::ascii_escape;
use crate::eval::value::{TupleKind, Value};

builtin_table! {
    /// Functions that look at a value.
    TABLE of "" {
        "len" ("obj, /") "Return the number of items in a container." => |it, a| match it.len(&a[0])? {
            Some(len) => Ok(Value::count(len)),
            None => Err(type_error(format!("object of type '{}' has no len()", a[0].type_name())).at(&[0]).into()),
        };
        "repr" ("obj, /") "Return the text that shows an object unambiguously." => |it, a| Ok(it.repr(&a[0])?.into());
        "ascii" ("obj, /") "Return the repr with characters outside ASCII escaped." =>
            |it, a| Ok(ascii_escape(&it.repr(&a[0])?).into());
        "format" ("value, format_spec='', /") "Return the value formatted by a format specification." => |it, a| {
            let spec = match a[1].given() {
                None => String::new(),
                Some(Value::Str(s)) => s.text.to_string(),
                Some(other) => {
                    let message = format!("format() argument 2 must be str, not {}", other.type_name());
                    return Err(type_error(message).into());
                }
            };
            Ok(it.format(&a[0], &spec)?.into())
        };
        "hash" ("obj, /") "Return the hash of an object." => |_, a| Ok(Value::Int(crate::eval::hash::hash(&a[0])?));
        "id" ("obj, /") "Return the identity of an object: its address." => |_, a| Ok(Value::Int(identity(&a[0])));
        "callable" ("obj, /") "Return whether the object can be called." => |_, a| Ok(Value::Bool(callable(&a[0])));
        "isinstance" ("obj, class_or_tuple, /") "Return whether an object is an instance of a type." => |_, a| {
            let check = |class: &Value| is_instance(&a[0], class);
            any_class(&a[1], &check, "isinstance() arg 2 must be a type, a tuple of types, or a union").map(Value::Bool)
        };
        "issubclass" ("cls, class_or_tuple, /") "Return whether a type extends another." => |_, a| {
            if !matches!(a[0], Value::Type(_) | Value::NamedType(_)) {
                return Err(type_error("issubclass() arg 1 must be a class").into());
            }
            let check = |class: &Value| match (&a[0], class) {
                (Value::Type(sub), Value::Type(base)) => Some(sub.is_a(*base)),
                (Value::NamedType(sub), Value::NamedType(base)) => Some(std::rc::Rc::ptr_eq(sub, base)),
                (Value::NamedType(_), Value::Type(base)) => Some(Type::Tuple.is_a(*base)),
                (_, Value::NamedType(_)) => Some(false),
                _ => None,
            };
            any_class(&a[1], &check, "issubclass() arg 2 must be a class, a tuple of classes, or a union").map(Value::Bool)
        };
        "hasattr" ("obj, name, /") "Return whether the object has an attribute of that name." => |it, a| {
            let name = attribute_name(&a[1])?;
            match it.find_attr(&a[0], &name) {
                Ok(found) => Ok(Value::Bool(found.is_some())),
                Err(e) if e.kind() == ErrorKind::AttributeError => Ok(Value::Bool(false)),
                Err(e) => Err(e),
            }
        };
        "getattr" ("obj, name, default=None, /") "Return a named attribute, or the default." => |it, a| {
            let name = attribute_name(&a[1])?;
            match (it.get_attr(&a[0], &name), a[2].given()) {
                (Err(e), Some(default)) if e.kind() == ErrorKind::AttributeError => Ok(default.clone()),
                (result, _) => result,
            }
        };
        "setattr" ("obj, name, value, /") "Set a named attribute." => |it, a| {
            let name = attribute_name(&a[1])?;
            let value = a[2].clone();
            it.set_attr(&a[0], &name, value)?;
            Ok(Value::None)
        };
        "delattr" ("obj, name, /") "Delete a named attribute." => |it, a| {
            let name = attribute_name(&a[1])?;
            it.del_attr(&a[0], &name)?;
            Ok(Value::None)
        };
        "chr" ("i, /") "Return the character of a code point." => |_, a| {
            let code = convert::index(&a[0])?;
            let c = code.and_then(|c| u32::try_from(c).ok());
            match c {
                Some(c) if c < 0x11_0000 => match char::from_u32(c) {
                    Some(c) => Ok(Value::char(c)),
                    None => Err(value_error("surrogates are not characters").into()),
                },
                _ => Err(value_error("chr() arg not in range(0x110000)").into()),
            }
        };
        "ord" ("c, /") "Return the code point of a character." => |_, a| match &a[0] {
            Value::Str(s) if s.chars == 1 => Ok(Value::Int(s.text.chars().next().map_or(0, |c| i64::from(u32::from(c))))),
            Value::Str(s) => {
                let message = format!("ord() expected a character, but string of length {} found", s.chars);
                Err(type_error(message).at(&[0]).into())
            }
            other => {
                let message = format!("ord() expected string of length 1, but {} found", other.type_name());
                Err(type_error(message).at(&[0]).into())
            }
        };
        "bin" ("number, /") "Return the binary digits of an int." => |_, a| in_base(&a[0], 2);
        "oct" ("number, /") "Return the octal digits of an int." => |_, a| in_base(&a[0], 8);
        "hex" ("number, /") "Return the hexadecimal digits of an int." => |_, a| in_base(&a[0], 16);
        "exit" ("code=None, /") "Leave the session." => |_, a| Err(exit(a[0].given().cloned()));
        "quit" ("code=None, /") "Leave the session." => |_, a| Err(exit(a[0].given().cloned()));
    }
}

/// The exception that ends the session.
pub fn exit(code: Option<Value>) -> Raise {
    Raise::new(ErrorKind::SystemExit, code.into_iter().collect())
}

fn in_base(value: &Value, base: u32) -> Res {
    Ok(Value::from(int::in_base(&convert::big(value)?, base)))
}

fn identity(value: &Value) -> i64 {
    match value.address() {
        Some(address) => address as i64,
        None => match value {
            Value::Int(i) => 0x1000_0000 + i.wrapping_mul(32),
            Value::None => 0x0fff_0000,
            Value::Bool(b) => 0x0fff_0020 + i64::from(*b) * 32,
            Value::Float(f) => (f.to_bits() >> 1) as i64,
            _ => 0x0fff_1000,
        },
    }
}

/// `callable(value)`.
pub fn callable(value: &Value) -> bool {
    match value {
        Value::Func(_) | Value::Builtin(_) | Value::Method(_) | Value::Type(_) | Value::NamedType(_) => true,
        object @ (Value::Object(_) | Value::Tensor(_)) => object.foreign().callable(),
        _ => false,
    }
}

/// Whether a value is an instance of one type; `None` when `class` is no type.
pub fn is_instance(value: &Value, class: &Value) -> Option<bool> {
    if let Value::Object(object) = value
        && let Some(answer) = object.is_instance(class)
    {
        return Some(answer);
    }
    match class {
        Value::Type(base) => Some(value.kind().is_a(*base)),
        Value::NamedType(base) => Some(match value {
            Value::Tuple(t) => matches!(&t.kind, TupleKind::Named(n) if std::rc::Rc::ptr_eq(n, base)),
            _ => false,
        }),
        Value::None => Some(value.is_none()),
        Value::Object(class) => class.has_instance(value),
        _ => None,
    }
}

fn any_class(class: &Value, check: &dyn Fn(&Value) -> Option<bool>, message: &str) -> Res<bool> {
    if let Value::Tuple(classes) = class {
        for class in &classes.items {
            if any_class(class, check, message)? {
                return Ok(true);
            }
        }
        return Ok(false);
    }
    if crate::eval::generic::parametrized(class) {
        let function = message.split(['(', ' ']).next().unwrap_or_default();
        return Err(type_error(format!("{function}() argument 2 cannot be a parameterized generic")).at(&[1]).into());
    }
    match check(class) {
        Some(answer) if !class.is_none() => Ok(answer),
        _ => Err(type_error(message).at(&[1]).into()),
    }
}

fn attribute_name(name: &Value) -> Res<String> {
    match name {
        Value::Str(s) => Ok(s.text.to_string()),
        _ => Err(type_error(format!("attribute name must be string, not '{}'", name.type_name())).at(&[1]).into()),
    }
}

/// `dir(value)`: the names of its attributes.
pub fn dir(value: &Value) -> Value {
    Value::list(attribute::names(value).into_iter().map(Value::from).collect())
}

impl Interp {
    /// The status that `SystemExit` asks for; a text goes to stderr.
    pub fn exit_status(&mut self, args: &[Value]) -> i32 {
        match args.first() {
            None | Some(Value::None) => 0,
            Some(Value::Int(code)) => (*code & 0xff) as i32,
            Some(Value::Bool(b)) => i32::from(*b),
            Some(other) => {
                let text = self.str(other).unwrap_or_default();
                let _ = writeln_err(self, &text);
                1
            }
        }
    }
}

fn writeln_err(it: &mut Interp, text: &str) -> Result<(), Error> {
    use std::io::Write;
    let _ = it.out.flush();
    writeln!(it.err, "{text}").map_err(|e| Error::new(ErrorKind::OSError, e.to_string()))
}
