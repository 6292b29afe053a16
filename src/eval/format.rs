//! `template % arguments` and `template.format(...)` over values.

use super::interp::Interp;
use super::number::{Num, float};
use super::raise::Res;
use super::text::percent::{self, Number, Wanted};
use super::text::str_format::{self, Key};
use super::text::str_repr::ascii_escape;
use super::value::Value;
use crate::base::error::{Error, Result, index_error, key_error, type_error};
use num_bigint::BigInt;

impl Interp {
    /// `template % operand`.
    ///
    /// # Errors
    /// `TypeError` and `ValueError` of the conversions.
    pub fn percent(&mut self, template: &str, operand: &Value) -> Res<String> {
        Ok(percent::percent_format(template, &mut Percent { it: self, operand, taken: 0 })?)
    }

    /// `template.format(*args, **kwargs)`; `kwargs` is a dict.
    ///
    /// # Errors
    /// Those of the template and of the arguments' formats.
    pub fn str_format(&mut self, template: &str, args: &[Value], kwargs: &Value) -> Res<String> {
        Ok(str_format::str_format(template, &mut Format { it: self, args, kwargs, mapping: false })?)
    }

    /// `template.format_map(mapping)`.
    ///
    /// # Errors
    /// As [`Interp::str_format`].
    pub fn str_format_map(&mut self, template: &str, mapping: &Value) -> Res<String> {
        Ok(str_format::str_format(template, &mut Format { it: self, args: &[], kwargs: mapping, mapping: true })?)
    }
}

struct Percent<'a> {
    it: &'a mut Interp,
    operand: &'a Value,
    taken: usize,
}

impl percent::Arguments for Percent<'_> {
    type Value = Value;

    fn next(&mut self) -> Option<Value> {
        let at = self.taken;
        self.taken += 1;
        match self.operand {
            Value::Tuple(tuple) => tuple.items.get(at).cloned(),
            other if at == 0 => Some(other.clone()),
            _ => None,
        }
    }

    fn lookup(&mut self, key: &str) -> Result<Value> {
        match self.operand {
            Value::Dict(dict) => {
                let key = Value::from(key);
                match dict.get(&key)? {
                    Some(value) => Ok(value),
                    None => Err(key_error(self.it.repr(&key)?)),
                }
            }
            _ => Err(type_error("format requires a mapping")),
        }
    }

    fn is_mapping(&self) -> bool {
        matches!(self.operand, Value::Dict(_) | Value::List(_) | Value::Range(_) | Value::Tensor(_))
    }

    fn str(&mut self, value: &Value) -> Result<String> {
        Ok(self.it.str(value)?)
    }

    fn repr(&mut self, value: &Value) -> Result<String> {
        Ok(self.it.repr(value)?)
    }

    fn number(&mut self, value: &Value, wanted: Wanted) -> Result<Number> {
        let resolved = match value {
            object @ (Value::Object(_) | Value::Tensor(_)) => {
                let kind = if wanted == Wanted::Float { super::kind::Type::Float } else { super::kind::Type::Int };
                object.foreign().number(self.it, kind)?
            }
            _ => None,
        };
        let value = resolved.as_ref().unwrap_or(value);
        if let Value::Str(s) = value {
            return Ok(Number::Str(s.text.to_string()));
        }
        let other = || Ok(Number::Other(value.type_name()));
        match (Num::of(value), wanted) {
            (Some(Num::Float(f)), Wanted::Int) => match float::to_int(f)? {
                Value::Int(i) => Ok(Number::Int(BigInt::from(i))),
                Value::BigInt(b) => Ok(Number::Int((*b).clone())),
                _ => other(),
            },
            (Some(Num::Complex(_)) | None, _) => other(),
            (Some(Num::Float(f)), _) => Ok(Number::Float(f)),
            (Some(number), Wanted::Float) => Ok(Number::Float(number.float()?)),
            (Some(number), _) => match number.big() {
                Some(big) => Ok(Number::Int(big)),
                None => other(),
            },
        }
    }
}

struct Format<'a> {
    it: &'a mut Interp,
    args: &'a [Value],
    kwargs: &'a Value,
    mapping: bool,
}

impl str_format::Fields for Format<'_> {
    type Value = Value;

    fn positional(&mut self, index: usize) -> Result<Value> {
        if self.mapping {
            return Err(crate::base::error::value_error("Format string contains positional fields"));
        }
        self.args.get(index).cloned().ok_or_else(|| index_error(str_format::index_message(index)))
    }

    fn keyword(&mut self, name: &str) -> Result<Value> {
        match self.it.get_item(self.kwargs, &Value::from(name)) {
            Err(e) if e.kind() == crate::base::ErrorKind::KeyError => {
                Err(key_error(super::text::str_repr::str_repr(name)))
            }
            found => Ok(found?),
        }
    }

    fn attribute(&mut self, value: Value, name: &str) -> Result<Value> {
        Ok(self.it.get_attr(&value, name)?)
    }

    fn item(&mut self, value: Value, key: Key) -> Result<Value> {
        let index = match key {
            Key::Index(i) => Value::count(i),
            Key::Name(name) => Value::from(name),
        };
        self.it.get_item(&value, &index).map_err(Error::from)
    }

    fn convert(&mut self, value: Value, conversion: char) -> Result<Value> {
        Ok(Value::from(match conversion {
            'r' => self.it.repr(&value)?,
            'a' => ascii_escape(&self.it.repr(&value)?),
            _ => self.it.str(&value)?,
        }))
    }

    fn format(&mut self, value: Value, spec: &str) -> Result<String> {
        Ok(self.it.format(&value, spec)?)
    }
}
