//! `template.format(...)`: replacement fields `{name.attr[key]!r:spec}`, whose specs may hold fields themselves.
//! The evaluator resolves names and formats values through [`Fields`].

use crate::base::error::{Result, value_error};

/// The arguments of a `.format()` call and what can be done with values.
pub trait Fields {
    /// What the evaluator's values are.
    type Value;
    /// The positional argument at `index`.
    ///
    /// # Errors
    /// `IndexError: Replacement index 1 out of range for positional args tuple` (see [`index_message`]).
    fn positional(&mut self, index: usize) -> Result<Self::Value>;
    /// The keyword argument of this name.
    ///
    /// # Errors
    /// `KeyError`.
    fn keyword(&mut self, name: &str) -> Result<Self::Value>;
    /// `value.name`.
    ///
    /// # Errors
    /// What it raises.
    fn attribute(&mut self, value: Self::Value, name: &str) -> Result<Self::Value>;
    /// `value[key]`.
    ///
    /// # Errors
    /// What it raises.
    fn item(&mut self, value: Self::Value, key: Key) -> Result<Self::Value>;
    /// The str that `!s`, `!r` or `!a` makes of a value.
    ///
    /// # Errors
    /// What it raises.
    fn convert(&mut self, value: Self::Value, conversion: char) -> Result<Self::Value>;
    /// `format(value, spec)`.
    ///
    /// # Errors
    /// What it raises.
    fn format(&mut self, value: Self::Value, spec: &str) -> Result<String>;
}

/// What stands between brackets in a field name: digits are an integer, anything else a str.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key<'a> {
    /// `[0]`
    Index(usize),
    /// `[name]`
    Name(&'a str),
}

/// The message of the `IndexError` for a positional argument that was not given.
pub fn index_message(index: usize) -> String {
    format!("Replacement index {index} out of range for positional args tuple")
}

/// Whether fields are numbered by the template or counted; the two do not mix.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Numbering {
    Undecided,
    Counted(usize),
    Given,
}

/// `template.format(...)`.
///
/// # Errors
/// CPython's `ValueError`s for a malformed template, and what the callbacks raise.
pub fn str_format<F: Fields>(template: &str, fields: &mut F) -> Result<String> {
    expand(template, fields, &mut Numbering::Undecided, 2)
}

/// A replacement field, taken apart.
struct Field<'a> {
    name: &'a str,
    conversion: Option<char>,
    spec: &'a str,
}

fn expand<F: Fields>(template: &str, fields: &mut F, numbering: &mut Numbering, depth: usize) -> Result<String> {
    if depth == 0 {
        return Err(value_error("Max string recursion exceeded"));
    }
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        out.push_str(&rest[..at]);
        let brace = &rest[at..at + 1];
        let after = &rest[at + 1..];
        if let Some(after) = after.strip_prefix(brace) {
            out.push_str(brace);
            rest = after;
            continue;
        }
        if brace == "}" || after.is_empty() {
            return Err(value_error(format!("Single '{brace}' encountered in format string")));
        }
        let (field, after) = parse_field(after)?;
        rest = after;
        let mut value = resolve(field.name, fields, numbering)?;
        if let Some(conversion) = field.conversion {
            if !"rsa".contains(conversion) {
                let code = conversion as u32;
                let shown = if code > 32 && code < 127 { conversion.to_string() } else { format!("\\x{code:x}") };
                return Err(value_error(format!("Unknown conversion specifier {shown}")));
            }
            value = fields.convert(value, conversion)?;
        }
        let text = if field.spec.contains('{') {
            let spec = expand(field.spec, fields, numbering, depth - 1)?;
            fields.format(value, &spec)?
        } else {
            fields.format(value, field.spec)?
        };
        out.push_str(&text);
    }
    out.push_str(rest);
    Ok(out)
}

/// Takes a field apart; `text` begins after its `{`. Gives the field and what follows its `}`.
fn parse_field(text: &str) -> Result<(Field<'_>, &str)> {
    let end = name_end(text)?;
    let (name, mut rest) = (&text[..end], &text[end..]);
    let mut conversion = None;
    if let Some(after) = rest.strip_prefix('!') {
        let mut chars = after.chars();
        let missing = || value_error("end of string while looking for conversion specifier");
        conversion = Some(chars.next().ok_or_else(missing)?);
        rest = chars.as_str();
        match rest.chars().next() {
            Some('}' | ':') => {}
            Some(_) => return Err(value_error("expected ':' after conversion specifier")),
            None => return Err(value_error("unmatched '{' in format spec")),
        }
    }
    if let Some(after) = rest.strip_prefix('}') {
        return Ok((Field { name, conversion, spec: "" }, after));
    }
    let Some(body) = rest.strip_prefix(':') else {
        return Err(value_error("expected '}' before end of string"));
    };
    let mut depth = 1;
    for (at, byte) in body.bytes().enumerate() {
        depth += i32::from(byte == b'{') - i32::from(byte == b'}');
        if depth == 0 {
            return Ok((Field { name, conversion, spec: &body[..at] }, &body[at + 1..]));
        }
    }
    Err(value_error("unmatched '{' in format spec"))
}

/// Where a field's name ends: at `}`, `:` or `!` outside brackets.
fn name_end(text: &str) -> Result<usize> {
    let mut in_brackets = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b']' => in_brackets = false,
            _ if in_brackets => {}
            b'[' => in_brackets = true,
            b'{' => return Err(value_error("unexpected '{' in field name")),
            b'}' | b':' | b'!' => return Ok(at),
            _ => {}
        }
    }
    Ok(text.len())
}

/// A name of digits only, as a number; `None` for any other name.
fn as_index(name: &str) -> Result<Option<usize>> {
    if name.is_empty() || !name.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(None);
    }
    let value: i64 = name.parse().map_err(|_| value_error("Too many decimal digits in format string"))?;
    Ok(Some(value as usize))
}

/// The value that a field's name stands for: an argument, then attributes and items of it.
fn resolve<F: Fields>(name: &str, fields: &mut F, numbering: &mut Numbering) -> Result<F::Value> {
    let (first, mut rest) = name.split_at(name.find(['.', '[']).unwrap_or(name.len()));
    let index = as_index(first)?;
    let mut value = if first.is_empty() {
        let next = match *numbering {
            Numbering::Undecided => 0,
            Numbering::Counted(next) => next,
            Numbering::Given => {
                return Err(value_error("cannot switch from manual field specification to automatic field numbering"));
            }
        };
        *numbering = Numbering::Counted(next + 1);
        fields.positional(next)?
    } else if let Some(index) = index {
        if matches!(numbering, Numbering::Counted(_)) {
            return Err(value_error("cannot switch from automatic field numbering to manual field specification"));
        }
        *numbering = Numbering::Given;
        fields.positional(index)?
    } else {
        fields.keyword(first)?
    };
    while !rest.is_empty() {
        let empty = |part: &str| match part.is_empty() {
            true => Err(value_error("Empty attribute in format string")),
            false => Ok(()),
        };
        if let Some(after) = rest.strip_prefix('.') {
            let (attribute, after) = after.split_at(after.find(['.', '[']).unwrap_or(after.len()));
            empty(attribute)?;
            value = fields.attribute(value, attribute)?;
            rest = after;
        } else if let Some(after) = rest.strip_prefix('[') {
            let missing = || value_error("Missing ']' in format string");
            let (key, after) = after.split_once(']').ok_or_else(missing)?;
            empty(key)?;
            let key = as_index(key)?.map_or(Key::Name(key), Key::Index);
            value = fields.item(value, key)?;
            rest = after;
        } else {
            return Err(value_error("Only '.' or '[' may follow ']' in format field specifier"));
        }
    }
    Ok(value)
}
