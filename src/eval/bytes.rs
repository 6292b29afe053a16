//! `bytes`: literals, what `str.encode` gives, and their methods.

use super::interp::Interp;
use super::kind::Type;
use super::number::{convert, holds};
use super::object::Object;
use super::operators::room;
use super::raise::Res;
use super::value::Value;
use crate::base::error::{Error, ErrorKind, index_error, type_error, value_error};
use crate::lang::ast::{BinOp, CmpOp};
use std::any::Any;
use std::hash::Hasher;

/// A bytes value.
pub struct Bytes {
    /// The bytes.
    pub data: Box<[u8]>,
}

impl Value {
    /// A bytes value.
    pub fn bytes(data: impl Into<Box<[u8]>>) -> Value {
        Value::object(Bytes { data: data.into() })
    }
}

/// The bytes of a value that is `bytes`.
pub fn data(value: &Value) -> Option<&[u8]> {
    value.downcast::<Bytes>().map(|b| &*b.data)
}

fn this(value: &Value) -> Res<&[u8]> {
    match data(value) {
        Some(data) => Ok(data),
        None => Err(type_error(format!("a bytes-like object is required, not '{}'", value.type_name())).into()),
    }
}

/// Where `part` stands in `text`, from `start` on.
fn find(text: &[u8], part: &[u8], start: usize) -> Option<usize> {
    if part.is_empty() {
        return (start <= text.len()).then_some(start);
    }
    let found = text.get(start..)?.windows(part.len()).position(|w| w == part)?;
    Some(start + found)
}

/// Every stretch of `text` between the places of `part`.
fn split<'a>(text: &'a [u8], part: &[u8]) -> Vec<&'a [u8]> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(at) = find(rest, part, 0).filter(|_| !part.is_empty()) {
        out.push(&rest[..at]);
        rest = &rest[at + part.len()..];
    }
    out.push(rest);
    out
}

builtin_table! {
    /// Methods of bytes.
    TABLE of "bytes" {
        "decode" ("self, encoding='utf-8', errors='strict'") "Return the text that the bytes encode." => |_, a| {
            let strict = a[2].as_str().is_none_or(|errors| errors == "strict");
            decode(this(&a[0])?, a[1].as_str().unwrap_or("utf-8"), strict)
        };
        "hex" ("self, /") "Return the bytes as hexadecimal digits." =>
            |_, a| Ok(Value::from(this(&a[0])?.iter().map(|b| format!("{b:02x}")).collect::<String>()));
        "startswith" ("self, prefix, /") "Return whether the bytes begin so." => |_, a| Ok(Value::Bool(this(&a[0])?.starts_with(this(&a[1])?)));
        "endswith" ("self, suffix, /") "Return whether the bytes end so." => |_, a| Ok(Value::Bool(this(&a[0])?.ends_with(this(&a[1])?)));
        "find" ("self, sub, /") "Return where a part stands, or -1." =>
            |_, a| Ok(find(this(&a[0])?, this(&a[1])?, 0).map_or(Value::Int(-1), Value::count));
        "count" ("self, sub, /") "Return how often a part occurs." => |_, a| {
            let (text, part) = (this(&a[0])?, this(&a[1])?);
            Ok(Value::count(if part.is_empty() { text.len() + 1 } else { split(text, part).len() - 1 }))
        };
        "replace" ("self, old, new, /") "Return the bytes with a part replaced." => |_, a| {
            let (text, old, new) = (this(&a[0])?, this(&a[1])?, this(&a[2])?);
            Ok(Value::bytes(split(text, old).join(new)))
        };
        "split" ("self, sep=None") "Return the stretches between separators." => |_, a| {
            let text = this(&a[0])?;
            let parts: Vec<&[u8]> = match a[1].some() {
                None => text.split(u8::is_ascii_whitespace).filter(|p| !p.is_empty()).collect(),
                Some(sep) => match this(sep)? {
                    [] => return Err(value_error("empty separator").into()),
                    sep => split(text, sep),
                },
            };
            Ok(Value::list(parts.into_iter().map(Value::bytes).collect()))
        };
        "join" ("self, iterable, /") "Return the parts with these bytes between them." => |it, a| {
            let mut parts = Vec::new();
            for (i, part) in it.collect(&a[1])?.iter().enumerate() {
                let Some(part) = data(part) else {
                    let message = format!("sequence item {i}: expected a bytes-like object, {} found", part.type_name());
                    return Err(type_error(message).into());
                };
                parts.push(part.to_vec());
            }
            Ok(Value::bytes(parts.join(this(&a[0])?)))
        };
        "strip" ("self, /") "Return the bytes without blanks at the ends." => |_, a| Ok(Value::bytes(this(&a[0])?.trim_ascii()));
        "lower" ("self, /") "Return the bytes in lower case." => |_, a| Ok(Value::bytes(this(&a[0])?.to_ascii_lowercase()));
        "upper" ("self, /") "Return the bytes in upper case." => |_, a| Ok(Value::bytes(this(&a[0])?.to_ascii_uppercase()));
    }
}

builtin_table! {
    /// The constructor.
    CONSTRUCTOR of "" {
        "bytes" ("source=b'', encoding=None, errors=None") "Make bytes of ints, of a text in an encoding, or as many zeros." => |it, a| match a[0].given() {
            None => Ok(Value::bytes([])),
            Some(_) if let Some(other) = a[1].given().filter(|e| e.as_str().is_none()) => {
                Err(type_error(format!("bytes() argument 'encoding' must be str, not {}", other.type_name())).into())
            }
            Some(Value::Str(text)) => match a[1].as_str() {
                Some(encoding) => encode(&text.text, encoding),
                None => Err(type_error("string argument without an encoding").into()),
            },
            Some(value) if data(value).is_some() => Ok(value.clone()),
            Some(Value::Int(count)) => match usize::try_from(*count) {
                Ok(count) => Ok(Value::bytes(vec![0; room::<u8>(count, 1)?])),
                Err(_) => Err(value_error("negative count").into()),
            },
            Some(value) => {
                if it.try_walk(value)?.is_none() {
                    let message = format!("cannot convert '{}' object to bytes", value.type_name());
                    return Err(type_error(message).at(&[0]).into());
                }
                let mut data = Vec::new();
                for item in it.collect(&value.clone())? {
                    match convert::index(&item)?.and_then(|i| u8::try_from(i).ok()) {
                        Some(byte) => data.push(byte),
                        None => return Err(value_error("bytes must be in range(0, 256)").into()),
                    }
                }
                Ok(Value::bytes(data))
            }
        };
    }
}

builtin_table! {
    /// Functions of the type bytes.
    STATIC of "bytes" {
        "fromhex" ("string, /") "Make bytes of hexadecimal digits." => |_, a| {
            let text: Vec<u8> = a[0].as_str().unwrap_or_default().bytes().filter(|b| !b.is_ascii_whitespace()).collect();
            let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok().filter(|_| pair.len() == 2)?, 16).ok();
            match text.chunks(2).map(pair).collect::<Option<Vec<u8>>>() {
                Some(data) => Ok(Value::bytes(data)),
                None => {
                    let at = text.iter().position(|b| !b.is_ascii_hexdigit()).unwrap_or(text.len());
                    Err(value_error(format!("non-hexadecimal number found in fromhex() arg at position {at}")).into())
                }
            }
        };
    }
}

/// `text.encode(encoding)`.
///
/// # Errors
/// `LookupError` for an encoding that is not known, `UnicodeEncodeError` for text outside of it.
pub fn encode(text: &str, encoding: &str) -> Res {
    let limit = match canonical(encoding).as_str() {
        "utf8" => return Ok(Value::bytes(text.as_bytes())),
        "ascii" | "usascii" => 128,
        "latin1" | "iso88591" => 256,
        _ => return Err(unknown(encoding)),
    };
    let mut data = Vec::with_capacity(text.len());
    for (at, c) in text.chars().enumerate() {
        match u8::try_from(u32::from(c)).ok().filter(|_| u32::from(c) < limit) {
            Some(byte) => data.push(byte),
            None => {
                let name = if limit == 128 { "ascii" } else { "latin-1" };
                let shown = super::text::str_repr::str_ascii(&c.to_string());
                let message = format!(
                    "'{name}' codec can't encode character {shown} in position {at}: ordinal not in range({limit})"
                );
                return Err(Error::new(ErrorKind::UnicodeEncodeError, message).into());
            }
        }
    }
    Ok(Value::bytes(data))
}

fn decode(data: &[u8], encoding: &str, strict: bool) -> Res {
    let wrong = |name: &str, at: usize, what: &str| {
        let message = format!("'{name}' codec can't decode byte {:#04x} in position {at}: {what}", data[at]);
        Err(Error::new(ErrorKind::UnicodeDecodeError, message).into())
    };
    match canonical(encoding).as_str() {
        "utf8" => match std::str::from_utf8(data) {
            Ok(text) => Ok(Value::from(text)),
            Err(_) if !strict => Ok(Value::from(String::from_utf8_lossy(data).into_owned())),
            Err(e) => {
                let at = e.valid_up_to();
                match e.error_len() {
                    None => wrong("utf-8", at, "unexpected end of data"),
                    Some(1) if !matches!(data[at], 0xc2..=0xf4) => wrong("utf-8", at, "invalid start byte"),
                    Some(_) => wrong("utf-8", at, "invalid continuation byte"),
                }
            }
        },
        "ascii" | "usascii" => match data.iter().position(|b| *b >= 128) {
            Some(at) if strict => wrong("ascii", at, "ordinal not in range(128)"),
            _ => Ok(Value::from(String::from_utf8_lossy(data).into_owned())),
        },
        "latin1" | "iso88591" => Ok(Value::from(data.iter().map(|b| char::from(*b)).collect::<String>())),
        _ => Err(unknown(encoding)),
    }
}

fn canonical(encoding: &str) -> String {
    encoding.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

#[cold]
fn unknown(encoding: &str) -> super::raise::Raise {
    Error::new(ErrorKind::LookupError, format!("unknown encoding: {encoding}")).into()
}

/// `repr(data)`.
pub fn repr(data: &[u8]) -> String {
    let quote = if data.contains(&b'\'') && !data.contains(&b'"') { b'"' } else { b'\'' };
    let mut out = format!("b{}", quote as char);
    for byte in data {
        match byte {
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            b if *b == quote => out.extend(['\\', quote as char]),
            b' '..=b'~' => out.push(*byte as char),
            _ => out.push_str(&format!("\\x{byte:02x}")),
        }
    }
    out.push(quote as char);
    out
}

impl Object for Bytes {
    fn type_name(&self) -> &str {
        "bytes"
    }

    fn kind(&self) -> Type {
        Type::Bytes
    }

    fn len(&self, _: &mut Interp) -> Res<Option<usize>> {
        Ok(Some(self.data.len()))
    }

    fn truth(&self, _: &mut Interp) -> Res<bool> {
        Ok(!self.data.is_empty())
    }

    fn iter(&self, _: &mut Interp) -> Res<Option<Value>> {
        let (data, mut at) = (self.data.clone(), 0);
        let next = move |_: &mut Interp| {
            at += 1;
            Ok(data.get(at - 1).map(|b| Value::Int(i64::from(*b))))
        };
        Ok(Some(Value::iter_of(Type::Iterator, "bytes_iterator", next)))
    }

    fn get_item(&self, _: &mut Interp, index: &Value) -> Res<Option<Value>> {
        if let Value::Slice(slice) = index {
            let taken = slice.taken(self.data.len())?;
            return Ok(Some(Value::bytes(taken.indices().map(|i| self.data[i]).collect::<Vec<u8>>())));
        }
        let Ok(index) = convert::size(index) else {
            let message = format!("byte indices must be integers or slices, not {}", index.type_name());
            return Err(type_error(message).at(&[1]).into());
        };
        match super::subscript::position(index, self.data.len()) {
            Some(at) => Ok(Some(Value::Int(i64::from(self.data[at])))),
            None => Err(index_error("index out of range").at(&[0]).into()),
        }
    }

    fn contains(&self, _: &mut Interp, item: &Value) -> Res<Option<bool>> {
        if let Some(part) = data(item) {
            return Ok(Some(find(&self.data, part, 0).is_some()));
        }
        match item {
            Value::Int(i) if u8::try_from(*i).is_err() => Err(value_error("byte must be in range(0, 256)").into()),
            Value::Int(i) => Ok(Some(self.data.contains(&(*i as u8)))),
            _ => Err(type_error(format!("a bytes-like object is required, not '{}'", item.type_name())).into()),
        }
    }

    fn compare(&self, _: &mut Interp, op: CmpOp, other: &Value, reflected: bool) -> Res<Option<Value>> {
        let Some(other) = data(other) else { return Ok(None) };
        let order = if reflected { other.cmp(&self.data) } else { (*self.data).cmp(other) };
        Ok(Some(Value::Bool(holds(op, Some(order)))))
    }

    fn binary(&self, _: &mut Interp, op: BinOp, other: &Value, reflected: bool) -> Res<Option<Value>> {
        match (op, other) {
            (BinOp::Add, other) if !reflected => match data(other) {
                Some(more) => Ok(Some(Value::bytes([&*self.data, more].concat()))),
                None => Err(type_error(format!("can't concat {} to bytes", other.type_name())).at(&[1]).into()),
            },
            (BinOp::Mul, Value::Int(times)) => {
                let times = usize::try_from(*times).unwrap_or(0);
                room::<u8>(self.data.len(), times)?;
                Ok(Some(Value::bytes(self.data.repeat(times))))
            }
            _ => Ok(None),
        }
    }

    fn hash(&self) -> Res<Option<i64>> {
        let mut hasher = rustc_hash::FxHasher::default();
        hasher.write(&self.data);
        Ok(Some(hasher.finish() as i64))
    }

    fn same(&self, other: &Value) -> bool {
        data(other) == Some(&self.data)
    }

    fn repr(&self, _: &mut Interp) -> Res<String> {
        Ok(repr(&self.data))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
