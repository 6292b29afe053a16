//! `repr`, `str` and `format` of every value.

use super::dict::DictKind;
use super::interp::Interp;
use super::kind::Type;
use super::raise::{Exc, Res};
use super::text::format_spec;
use super::text::str_repr::str_repr;
use super::value::{NamedType, TupleKind, Value};
use crate::base::ErrorKind;
use crate::base::error::type_error;
use crate::print::number::{complex_repr, float_repr, int_repr, push_int};
use crate::print::objects;
use std::fmt::Write;

impl Interp {
    /// `repr(value)`.
    ///
    /// # Errors
    /// What a foreign value raises; `RecursionError` for nesting beyond Python's limit.
    pub fn repr(&mut self, value: &Value) -> Res<String> {
        let mut out = String::new();
        self.write_repr(value, &mut out)?;
        Ok(out)
    }

    fn write_repr(&mut self, value: &Value, out: &mut String) -> Res<()> {
        match value {
            Value::Unset | Value::Cell(_) => out.push_str("<unset>"),
            Value::None => out.push_str("None"),
            Value::NotImplemented => out.push_str("NotImplemented"),
            Value::Ellipsis => out.push_str("Ellipsis"),
            Value::Bool(b) => out.push_str(if *b { "True" } else { "False" }),
            Value::Int(i) => push_int(out, *i),
            Value::Float(f) => out.push_str(&float_repr(*f)),
            Value::BigInt(b) => out.push_str(&int_repr(b)?),
            Value::Complex(c) => out.push_str(&complex_repr(**c)),
            Value::Str(s) => out.push_str(&str_repr(&s.text)),
            Value::List(list) => {
                let items = list.items.borrow().clone();
                self.container(value, out, "[...]", |it, out| it.sequence(&items, "[", "]", out))?;
            }
            Value::Tuple(tuple) => {
                let items = &tuple.items;
                self.container(value, out, "(...)", |it, out| match &tuple.kind {
                    TupleKind::Plain if items.len() == 1 => it.sequence(items, "(", ",)", out),
                    TupleKind::Plain => it.sequence(items, "(", ")", out),
                    TupleKind::Size => it.sequence(items, "torch.Size([", "])", out),
                    TupleKind::Named(named) => it.named_repr(named, items, out),
                })?;
            }
            Value::Dict(dict) => {
                let pairs = dict.pairs();
                let kind = dict.kind.clone();
                let again = match kind {
                    DictKind::Plain => "{...}",
                    _ => "...",
                };
                self.container(value, out, again, |it, out| match kind {
                    DictKind::Plain => it.entries(&pairs, out),
                    DictKind::Ordered => it.ordered_repr(&pairs, out),
                    DictKind::Counter => {
                        let pairs = super::modules::collections::most_common(it, pairs)?;
                        out.push_str("Counter(");
                        if !pairs.is_empty() {
                            it.entries(&pairs, out)?;
                        }
                        out.push(')');
                        Ok(())
                    }
                    DictKind::Default(factory) => {
                        let factory = it.repr(&factory)?;
                        let _ = write!(out, "defaultdict({factory}, ");
                        it.entries(&pairs, out)?;
                        out.push(')');
                        Ok(())
                    }
                })?;
            }
            Value::Set(set) => {
                let items = set.values();
                let frozen = set.frozen;
                self.container(value, out, "set(...)", |it, out| match (items.is_empty(), frozen) {
                    (true, false) => {
                        out.push_str("set()");
                        Ok(())
                    }
                    (true, true) => {
                        out.push_str("frozenset()");
                        Ok(())
                    }
                    (false, false) => it.sequence(&items, "{", "}", out),
                    (false, true) => it.sequence(&items, "frozenset({", "})", out),
                })?;
            }
            Value::Slice(s) => {
                let (start, stop, step) = (self.repr(&s.start)?, self.repr(&s.stop)?, self.repr(&s.step)?);
                let _ = write!(out, "slice({start}, {stop}, {step})");
            }
            Value::Range(r) => {
                let _ = write!(out, "range({}, {}", r.start, r.stop);
                if r.step != 1 {
                    let _ = write!(out, ", {}", r.step);
                }
                out.push(')');
            }
            Value::View(view) => {
                let items = view.elements();
                let open = format!("{}([", view.kind().name());
                self.container(value, out, "...", |it, out| it.sequence(&items, &open, "])", out))?;
            }
            Value::Func(func) => {
                let _ = write!(out, "<function {} at {:#x}>", func.qualname(), value.address().unwrap_or(0));
            }
            Value::Builtin(row) if row.is_method() => {
                let _ = write!(out, "<method '{}' of '{}' objects>", row.name, row.owner);
            }
            Value::Builtin(row) => {
                let _ = write!(out, "<built-in function {}>", row.name);
            }
            Value::Method(method) => {
                let (name, kind) = (method.func.name, method.this.type_name());
                let _ = write!(
                    out,
                    "<built-in method {name} of {kind} object at {:#x}>",
                    method.this.address().unwrap_or(0)
                );
            }
            Value::Module(module) => {
                let _ = write!(out, "<module '{}' (built-in)>", module.name);
            }
            Value::Type(kind) => {
                let _ = write!(out, "<class '{}'>", kind.qualified());
            }
            Value::NamedType(named) if named.torch => {
                let _ = write!(out, "<class '{}'>", named.name);
            }
            Value::NamedType(named) => {
                let _ = write!(out, "<class '__main__.{}'>", named.name);
            }
            Value::Exc(exc) => {
                let args = exc.args.clone();
                out.push_str(exc.kind.name());
                match args.as_slice() {
                    [one] => {
                        out.push('(');
                        self.write_repr(one, out)?;
                        out.push(')');
                    }
                    args => self.sequence(args, "(", ")", out)?,
                }
            }
            Value::Iter(iter) if let Some(show) = iter.shown() => out.push_str(&show(self)?),
            Value::Iter(iter) => {
                let name = iter.type_name();
                let what = if iter.kind() == Type::Generator { "<genexpr> " } else { "" };
                let _ = write!(out, "<{name} object {what}at {:#x}>", value.address().unwrap_or(0));
            }
            Value::DType(dtype) => out.push_str(&objects::dtype(*dtype)),
            Value::Device(device) => out.push_str(&objects::device(*device)),
            object @ (Value::Object(_) | Value::Tensor(_)) => out.push_str(&object.foreign().repr(self)?),
        }
        Ok(())
    }

    /// Writes a container unless it is being written already: one that holds itself.
    fn container(
        &mut self,
        value: &Value,
        out: &mut String,
        again: &str,
        body: impl FnOnce(&mut Interp, &mut String) -> Res<()>,
    ) -> Res<()> {
        let address = value.address().unwrap_or(0);
        if self.in_repr.contains(&address) {
            out.push_str(again);
            return Ok(());
        }
        self.in_repr.push(address);
        let depth = self.in_repr.len();
        let result = self.nested(" while getting the repr of an object", |it| body(it, out));
        self.in_repr.truncate(depth - 1);
        result
    }

    fn sequence(&mut self, items: &[Value], open: &str, close: &str, out: &mut String) -> Res<()> {
        out.push_str(open);
        for (i, item) in items.iter().enumerate() {
            if i > 0 {
                out.push_str(", ");
            }
            self.write_repr(item, out)?;
        }
        out.push_str(close);
        Ok(())
    }

    fn entries(&mut self, pairs: &[(Value, Value)], out: &mut String) -> Res<()> {
        out.push('{');
        for (i, (key, value)) in pairs.iter().enumerate() {
            if i > 0 {
                out.push_str(", ");
            }
            self.write_repr(key, out)?;
            out.push_str(": ");
            self.write_repr(value, out)?;
        }
        out.push('}');
        Ok(())
    }

    fn ordered_repr(&mut self, pairs: &[(Value, Value)], out: &mut String) -> Res<()> {
        out.push_str("OrderedDict(");
        if !pairs.is_empty() {
            let pairs: Vec<Value> = pairs.iter().map(|(k, v)| Value::tuple([k.clone(), v.clone()])).collect();
            self.sequence(&pairs, "[", "]", out)?;
        }
        out.push(')');
        Ok(())
    }

    fn named_repr(&mut self, named: &NamedType, items: &[Value], out: &mut String) -> Res<()> {
        let separator = if named.torch { ",\n" } else { ", " };
        let _ = write!(out, "{}({}", named.name, if named.torch { "\n" } else { "" });
        for (i, (field, item)) in named.fields.iter().zip(items).enumerate() {
            if i > 0 {
                out.push_str(separator);
            }
            let _ = write!(out, "{field}=");
            self.write_repr(item, out)?;
        }
        out.push(')');
        Ok(())
    }

    /// `str(value)`.
    ///
    /// # Errors
    /// As `repr`.
    pub fn str(&mut self, value: &Value) -> Res<String> {
        match value {
            Value::Str(s) => Ok(s.text.to_string()),
            Value::Exc(exc) => self.message(exc),
            Value::Device(device) => Ok(device.to_string()),
            object @ (Value::Object(_) | Value::Tensor(_)) => object.foreign().str(self),
            _ => self.repr(value),
        }
    }

    /// `str(exception)`.
    ///
    /// # Errors
    /// As `repr` of its arguments.
    pub fn message(&mut self, exc: &Exc) -> Res<String> {
        if let Some(message) = &exc.message {
            return Ok(message.clone());
        }
        match exc.args.as_slice() {
            [] => Ok(String::new()),
            [one] if exc.kind == ErrorKind::KeyError => self.repr(one),
            [one] => self.str(one),
            args => {
                let args = Value::tuple(args.to_vec());
                self.repr(&args)
            }
        }
    }

    /// `format(value, spec)`.
    ///
    /// # Errors
    /// `ValueError` for a wrong spec, `TypeError` for a type that takes none.
    pub fn format(&mut self, value: &Value, spec: &str) -> Res<String> {
        if spec.is_empty() && !matches!(value, Value::Object(_) | Value::Tensor(_)) {
            return self.str(value);
        }
        Ok(match value {
            Value::Str(s) => format_spec::format_str(&s.text, spec)?,
            Value::Bool(b) => format_spec::format_bool(*b, spec)?,
            Value::Int(i) => format_spec::format_small(*i, spec)?,
            Value::BigInt(b) => format_spec::format_int(b, spec, "int")?,
            Value::Float(f) => format_spec::format_float(*f, spec, "float")?,
            Value::Complex(c) => format_spec::format_complex(**c, spec, "complex")?,
            object @ (Value::Object(_) | Value::Tensor(_)) => {
                if let Some(text) = object.foreign().format(self, spec)? {
                    return Ok(text);
                }
                if spec.is_empty() {
                    return self.str(value);
                }
                return Err(no_format(value));
            }
            _ => return Err(no_format(value)),
        })
    }
}

#[cold]
fn no_format(value: &Value) -> super::raise::Raise {
    type_error(format!("unsupported format string passed to {}.__format__", value.type_name())).at(&[0]).into()
}
