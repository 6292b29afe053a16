//! The module `json`: values as JSON text, and back.

use crate::base::ErrorKind;
use crate::base::error::{Error, type_error, value_error};
use crate::eval::args::Args;
use crate::eval::builtins::sort_values;
use crate::eval::dict::Map;
use crate::eval::hash::Key;
use crate::eval::interp::Interp;
use crate::eval::kind::Type;
use crate::eval::module::Module;
use crate::eval::raise::{Raise, Res};
use crate::eval::text::parse_number;
use crate::eval::value::Value;
use crate::print::number::{float_repr, int_repr};
use std::fmt::Write;

builtin_table! {
    /// Functions of json.
    TABLE of "json" {
        "dumps" ("obj, *, skipkeys=False, ensure_ascii=True, allow_nan=True, indent=None, separators=None, default=None, sort_keys=False") "Return a value as JSON text." => |it, a| {
            let flag = |it: &mut Interp, at: usize, default: bool| match a[at].given() {
                Some(value) => it.truth(&value.clone()),
                None => Ok(default),
            };
            let (skip, ascii, nan, sort) = (flag(it, 1, false)?, flag(it, 2, true)?, flag(it, 3, true)?, flag(it, 7, false)?);
            let indent = match a[4].some() {
                None => None,
                Some(Value::Str(text)) => Some(text.text.to_string()),
                Some(width) => Some(" ".repeat(usize::try_from(crate::eval::number::convert::size(width)?.min(1 << 16)).unwrap_or(0))),
            };
            let (comma, colon) = match a[5].some() {
                Some(pair) => {
                    let pair = it.collect(&pair.clone())?;
                    let text = |at: usize| pair.get(at).and_then(Value::as_str).unwrap_or_default().to_owned();
                    (text(0), text(1))
                }
                None => (if indent.is_some() { "," } else { ", " }.to_owned(), ": ".to_owned()),
            };
            let default = a[6].some().cloned();
            let mut writer = Writer { skip, ascii, nan, sort, indent, comma, colon, default, within: Vec::new(), out: String::new() };
            writer.value(it, &a[0])?;
            Ok(Value::from(writer.out))
        };
        "loads" ("s, *, object_hook=None, parse_float=None, parse_int=None") "Read a value from JSON text." => |it, a| {
            let text = match (&a[0], crate::eval::bytes::data(&a[0])) {
                (Value::Str(text), _) => text.text.to_string(),
                (_, Some(data)) => String::from_utf8_lossy(data).into_owned(),
                (other, _) => {
                    let message = format!("the JSON object must be str, bytes or bytearray, not {}", other.type_name());
                    return Err(type_error(message).at(&[0]).into());
                }
            };
            let mut reader = Reader { text: &text, at: 0 };
            reader.blanks();
            let value = reader.value(it)?;
            reader.blanks();
            if reader.at < text.len() {
                return Err(reader.wrong("Extra data", reader.at));
            }
            Ok(value)
        };
    }
}

struct Writer {
    skip: bool,
    ascii: bool,
    nan: bool,
    sort: bool,
    indent: Option<String>,
    comma: String,
    colon: String,
    default: Option<Value>,
    /// The containers being written: one in itself has no end.
    within: Vec<usize>,
    out: String,
}

impl Writer {
    fn value(&mut self, it: &mut Interp, value: &Value) -> Res<()> {
        match value {
            Value::List(list) => {
                let items = list.items.borrow().clone();
                self.list(it, value, &items)
            }
            Value::Tuple(tuple) => self.list(it, value, &tuple.items),
            Value::Dict(dict) => self.dict(it, value, dict.pairs()),
            Value::Str(text) => {
                self.text(&text.text);
                Ok(())
            }
            other => match self.plain(other)? {
                Some(text) => {
                    self.out.push_str(&text);
                    Ok(())
                }
                None => match self.default.clone() {
                    Some(default) => {
                        let made = it.call(&default, Args::of([value.clone()]))?;
                        it.nested(" while encoding a JSON object", |it| self.value(it, &made))
                    }
                    None => {
                        let message = format!(
                            "Object of type {} is not JSON serializable",
                            value.type_name().rsplit('.').next().unwrap_or_default()
                        );
                        Err(type_error(message).at(&[0]).into())
                    }
                },
            },
        }
    }

    /// What has no parts.
    fn plain(&self, value: &Value) -> Res<Option<String>> {
        Ok(Some(match value {
            Value::None => "null".to_owned(),
            Value::Bool(b) => b.to_string(),
            Value::Int(i) => i.to_string(),
            Value::BigInt(b) => int_repr(b)?,
            Value::Float(f) if f.is_finite() => float_repr(*f),
            Value::Float(f) if !self.nan => {
                return Err(value_error(format!(
                    "Out of range float values are not JSON compliant: {}",
                    float_repr(*f)
                ))
                .into());
            }
            Value::Float(f) if f.is_nan() => "NaN".to_owned(),
            Value::Float(f) => if *f > 0.0 { "Infinity" } else { "-Infinity" }.to_owned(),
            Value::Object(object) => match object.plain().filter(|_| value.kind().is_a(Type::Float)) {
                Some(plain) => return self.plain(&plain),
                None => return Ok(None),
            },
            _ => return Ok(None),
        }))
    }

    fn text(&mut self, text: &str) {
        self.out.push('"');
        for c in text.chars() {
            match c {
                '"' => self.out.push_str("\\\""),
                '\\' => self.out.push_str("\\\\"),
                '\n' => self.out.push_str("\\n"),
                '\r' => self.out.push_str("\\r"),
                '\t' => self.out.push_str("\\t"),
                '\x08' => self.out.push_str("\\b"),
                '\x0c' => self.out.push_str("\\f"),
                c if c < ' ' || (self.ascii && !(' '..='~').contains(&c)) => {
                    for unit in c.encode_utf16(&mut [0; 2]) {
                        let _ = write!(self.out, "\\u{unit:04x}");
                    }
                }
                c => self.out.push(c),
            }
        }
        self.out.push('"');
    }

    fn line(&mut self) {
        if let Some(indent) = &self.indent {
            self.out.push('\n');
            self.out.push_str(&indent.repeat(self.within.len()));
        }
    }

    /// Writes what is between two brackets, unless it is being written already.
    fn container(
        &mut self,
        it: &mut Interp,
        value: &Value,
        count: usize,
        brackets: [char; 2],
        mut each: impl FnMut(&mut Writer, &mut Interp, usize) -> Res<()>,
    ) -> Res<()> {
        self.out.push(brackets[0]);
        if count > 0 {
            let address = value.address().unwrap_or(0);
            if self.within.contains(&address) {
                return Err(value_error("Circular reference detected").into());
            }
            self.within.push(address);
            for at in 0..count {
                if at > 0 {
                    let comma = self.comma.clone();
                    self.out.push_str(&comma);
                }
                self.line();
                it.nested(" while encoding a JSON object", |it| each(self, it, at))?;
            }
            self.within.pop();
            self.line();
        }
        self.out.push(brackets[1]);
        Ok(())
    }

    fn list(&mut self, it: &mut Interp, value: &Value, items: &[Value]) -> Res<()> {
        self.container(it, value, items.len(), ['[', ']'], |this, it, at| this.value(it, &items[at]))
    }

    fn dict(&mut self, it: &mut Interp, value: &Value, mut pairs: Vec<(Value, Value)>) -> Res<()> {
        if self.sort {
            let keys = pairs.iter().map(|(key, item)| Value::tuple([key.clone(), item.clone()])).collect();
            let first = it.import("operator", true)?;
            let first = it.get_attr(&first, "itemgetter")?;
            let first = it.call(&first, Args::of([Value::Int(0)]))?;
            let sorted = sort_values(it, keys, &first, &Value::Bool(false))?;
            pairs = sorted
                .iter()
                .filter_map(|pair| match pair {
                    Value::Tuple(pair) => Some((pair.items[0].clone(), pair.items[1].clone())),
                    _ => None,
                })
                .collect();
        }
        let mut entries = Vec::with_capacity(pairs.len());
        for (key, item) in pairs {
            let name = match &key {
                Value::Str(text) => Some(text.text.to_string()),
                other => self.plain(other)?,
            };
            match name {
                Some(name) => entries.push((name, item)),
                None if self.skip => {}
                None => {
                    let kind = key.type_name();
                    return Err(type_error(format!("keys must be str, int, float, bool or None, not {kind}")).into());
                }
            }
        }
        self.container(it, value, entries.len(), ['{', '}'], |this, it, at| {
            let (name, item) = &entries[at];
            this.text(name);
            let colon = this.colon.clone();
            this.out.push_str(&colon);
            this.value(it, item)
        })
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    /// `Expecting value: line 1 column 1 (char 0)`.
    fn wrong(&self, what: &str, at: usize) -> Raise {
        let before = &self.text[..at];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        let message = format!("{what}: line {line} column {column} (char {})", before.chars().count());
        Error::new(ErrorKind::JsonDecodeError, message).into()
    }

    fn peek(&self) -> u8 {
        self.text.as_bytes().get(self.at).copied().unwrap_or(0)
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), b' ' | b'\t' | b'\n' | b'\r') {
            self.at += 1;
        }
    }

    fn value(&mut self, it: &mut Interp) -> Res {
        let words = [
            ("null", Value::None),
            ("true", Value::Bool(true)),
            ("false", Value::Bool(false)),
            ("NaN", Value::Float(f64::NAN)),
            ("Infinity", Value::Float(f64::INFINITY)),
            ("-Infinity", Value::Float(f64::NEG_INFINITY)),
        ];
        let rest = &self.text[self.at..];
        if let Some((word, value)) = words.into_iter().find(|(word, _)| rest.starts_with(word)) {
            self.at += word.len();
            return Ok(value);
        }
        match self.peek() {
            b'"' => self.string().map(Value::from),
            b'[' => it.nested(" while decoding a JSON array from a unicode string", |it| self.array(it)),
            b'{' => it.nested(" while decoding a JSON object from a unicode string", |it| self.object(it)),
            b'-' | b'0'..=b'9' => self.number(),
            _ => Err(self.wrong("Expecting value", self.at)),
        }
    }

    fn number(&mut self) -> Res {
        let start = self.at;
        let bytes = self.text.as_bytes();
        let digits =
            |from: usize| from + bytes[from.min(bytes.len())..].iter().take_while(|b| b.is_ascii_digit()).count();
        let whole = start + usize::from(bytes[start] == b'-');
        let mut end = if bytes.get(whole) == Some(&b'0') { whole + 1 } else { digits(whole) };
        if end == whole {
            return Err(self.wrong("Expecting value", start));
        }
        let int_end = end;
        if bytes.get(end) == Some(&b'.') && digits(end + 1) > end + 1 {
            end = digits(end + 1);
        }
        if matches!(bytes.get(end), Some(b'e' | b'E')) {
            let sign = end + 1 + usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
            if digits(sign) > sign {
                end = digits(sign);
            }
        }
        self.at = end;
        let text = &self.text[start..end];
        if end == int_end {
            return Ok(Value::int(parse_number::parse_int(text, 10)?));
        }
        Ok(Value::Float(parse_number::parse_float(text)?))
    }

    fn string(&mut self) -> Res<String> {
        let start = self.at;
        self.at += 1;
        let mut units: Vec<u16> = Vec::new();
        let mut out = String::new();
        loop {
            let rest = &self.text[self.at..];
            let Some(c) = rest.chars().next() else { return Err(self.wrong("Unterminated string starting at", start)) };
            self.at += c.len_utf8();
            if c != '\\' && !units.is_empty() {
                out.push_str(&String::from_utf16_lossy(&units));
                units.clear();
            }
            match c {
                '"' => return Ok(out),
                c if c < ' ' => return Err(self.wrong("Invalid control character at", self.at - 1)),
                '\\' => {}
                c => {
                    out.push(c);
                    continue;
                }
            }
            let escape = self.peek();
            self.at += 1;
            if escape == b'u' {
                let digits = self.text.get(self.at..self.at + 4).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
                let Some(unit) = digits.and_then(|digits| u16::from_str_radix(digits, 16).ok()) else {
                    return Err(self.wrong("Invalid \\uXXXX escape", self.at - 1));
                };
                self.at += 4;
                units.push(unit);
                continue;
            }
            out.push_str(&String::from_utf16_lossy(&units));
            units.clear();
            out.push(match escape {
                b'"' | b'\\' | b'/' => escape as char,
                b'b' => '\x08',
                b'f' => '\x0c',
                b'n' => '\n',
                b'r' => '\r',
                b't' => '\t',
                0 if self.at > self.text.len() => return Err(self.wrong("Unterminated string starting at", start)),
                _ => return Err(self.wrong("Invalid \\escape", self.at - 2)),
            });
        }
    }

    fn array(&mut self, it: &mut Interp) -> Res {
        self.at += 1;
        self.blanks();
        let mut items = Vec::new();
        if self.peek() == b']' {
            self.at += 1;
            return Ok(Value::list(items));
        }
        loop {
            items.push(self.value(it)?);
            self.blanks();
            match self.peek() {
                b']' => {
                    self.at += 1;
                    return Ok(Value::list(items));
                }
                b',' => self.at += 1,
                _ => return Err(self.wrong("Expecting ',' delimiter", self.at)),
            }
            self.blanks();
        }
    }

    fn object(&mut self, it: &mut Interp) -> Res {
        self.at += 1;
        self.blanks();
        let mut map = Map::default();
        if self.peek() == b'}' {
            self.at += 1;
            return Ok(Value::dict(map));
        }
        loop {
            if self.peek() != b'"' {
                return Err(self.wrong("Expecting property name enclosed in double quotes", self.at));
            }
            let key = self.string()?;
            self.blanks();
            if self.peek() != b':' {
                return Err(self.wrong("Expecting ':' delimiter", self.at));
            }
            self.at += 1;
            self.blanks();
            let value = self.value(it)?;
            map.insert(Key::str(&key), value);
            self.blanks();
            match self.peek() {
                b'}' => {
                    self.at += 1;
                    return Ok(Value::dict(map));
                }
                b',' => self.at += 1,
                _ => return Err(self.wrong("Expecting ',' delimiter", self.at)),
            }
            self.blanks();
        }
    }
}

/// The module.
pub fn module() -> Module {
    Module::new("json", &[TABLE]).with("JSONDecodeError", Value::Type(Type::Exc(ErrorKind::JsonDecodeError)))
}
