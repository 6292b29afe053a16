//! `template % arguments`: Python's C-like conversions. The evaluator supplies the arguments through [`Arguments`].

use super::check_width;
use super::str_repr::ascii_escape;
use crate::base::error::{Result, overflow, type_error, value_error};
use crate::eval::text::format_spec::int_to_float;
use crate::print::number::{FloatFormat, Style, int_repr};
use num_bigint::{BigInt, Sign};
use num_traits::{FromPrimitive, ToPrimitive};
use std::iter::Peekable;
use std::str::CharIndices;

/// The right operand of `%`.
pub trait Arguments {
    /// What the evaluator's values are.
    type Value;
    /// The next positional argument: a tuple's items in order, anything else once.
    fn next(&mut self) -> Option<Self::Value>;
    /// `operand[key]` for `%(key)s`.
    ///
    /// # Errors
    /// `TypeError: format requires a mapping`, or what the subscript raises.
    fn lookup(&mut self, key: &str) -> Result<Self::Value>;
    /// Whether the operand may be left unused: it has subscripts and is neither a tuple nor a str.
    fn is_mapping(&self) -> bool;
    /// `str(value)`, for `%s`.
    ///
    /// # Errors
    /// What it raises.
    fn str(&mut self, value: &Self::Value) -> Result<String>;
    /// `repr(value)`, for `%r` and `%a`.
    ///
    /// # Errors
    /// What it raises.
    fn repr(&mut self, value: &Self::Value) -> Result<String>;
    /// The value as `wanted` converts it.
    ///
    /// # Errors
    /// What the conversion raises.
    fn number(&mut self, value: &Self::Value, wanted: Wanted) -> Result<Number>;
}

/// What a numeric conversion would like to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// `%d`: `int(value)` of a number.
    Int,
    /// `%x %o %c *`: an integer or a value with `__index__`.
    Index,
    /// `%f %e %g`: `float(value)` of a number.
    Float,
}

/// A value as far as the conversions tell values apart.
#[derive(Clone, Debug, PartialEq)]
pub enum Number {
    /// An int or a bool, or what became one.
    Int(BigInt),
    /// A float, or what became one.
    Float(f64),
    /// A str (`%c` takes it).
    Str(String),
    /// Anything else, by the name of its type.
    Other(String),
}

impl Number {
    fn type_name(&self) -> &str {
        match self {
            Number::Int(_) => "int",
            Number::Float(_) => "float",
            Number::Str(_) => "str",
            Number::Other(name) => name,
        }
    }
}

/// One conversion, read: `%[(key)][flags][width][.precision]letter`.
#[derive(Default)]
struct Conversion {
    left: bool,
    plus: bool,
    blank: bool,
    alternate: bool,
    zero: bool,
    width: usize,
    precision: Option<usize>,
}

/// The reader's state: where it is in the template, and which arguments are left.
struct Formatter<'a, A: Arguments> {
    chars: Peekable<CharIndices<'a>>,
    template: &'a str,
    arguments: &'a mut A,
    /// Set once a `(key)` was looked up: from then on only the looked-up value can be taken.
    keyed: bool,
    pending: Option<A::Value>,
    out: String,
}

/// `template % arguments`.
///
/// # Errors
/// `ValueError` for a malformed template, `TypeError` for arguments that do not fit it, and what the callbacks raise.
pub fn percent_format<A: Arguments>(template: &str, arguments: &mut A) -> Result<String> {
    let mut f = Formatter {
        chars: template.char_indices().peekable(),
        template,
        arguments,
        keyed: false,
        pending: None,
        out: String::with_capacity(template.len() + 16),
    };
    while let Some((_, c)) = f.chars.next() {
        if c == '%' {
            f.conversion()?;
        } else {
            f.out.push(c);
        }
    }
    if !f.arguments.is_mapping() && f.take().is_ok() {
        return Err(type_error("not all arguments converted during string formatting"));
    }
    Ok(f.out)
}

impl<A: Arguments> Formatter<'_, A> {
    fn take(&mut self) -> Result<A::Value> {
        let next = if self.keyed { self.pending.take() } else { self.arguments.next() };
        next.ok_or_else(|| type_error("not enough arguments for format string"))
    }

    fn peek(&mut self) -> Result<char> {
        self.chars.peek().map(|&(_, c)| c).ok_or_else(|| value_error("incomplete format"))
    }

    /// Reads and applies what follows a `%`.
    fn conversion(&mut self) -> Result<()> {
        let mut conversion = Conversion::default();
        if self.peek()? == '%' {
            self.chars.next();
            self.out.push('%');
            return Ok(());
        }
        if self.peek()? == '(' {
            let key = self.key()?;
            self.pending = Some(self.arguments.lookup(&key)?);
            self.keyed = true;
        }
        loop {
            match self.peek()? {
                '-' => conversion.left = true,
                '+' => conversion.plus = true,
                ' ' => conversion.blank = true,
                '#' => conversion.alternate = true,
                '0' => conversion.zero = true,
                _ => break,
            }
            self.chars.next();
        }
        if let Some(width) = self.count("width too big", i64::MAX, "ssize_t")? {
            conversion.left |= width < 0;
            conversion.width = width.unsigned_abs() as usize;
        }
        if self.peek()? == '.' {
            self.chars.next();
            let precision = self.count("precision too big", i64::from(i32::MAX), "int")?.unwrap_or(0).max(0);
            conversion.precision = Some(precision as usize);
        }
        if "hlL".contains(self.peek()?) {
            self.chars.next();
        }
        self.peek()?;
        match self.chars.next() {
            Some((at, letter)) => self.apply(&conversion, letter, at),
            None => Ok(()),
        }
    }

    /// The text between balanced parentheses.
    fn key(&mut self) -> Result<String> {
        self.chars.next();
        let mut key = String::new();
        let mut depth = 1;
        for (_, c) in self.chars.by_ref() {
            depth += i32::from(c == '(') - i32::from(c == ')');
            if depth == 0 {
                return Ok(key);
            }
            key.push(c);
        }
        Err(value_error("incomplete format key"))
    }

    /// A width or a precision: digits, or `*` for the next argument, which is held to `limit` of a C `ctype`.
    fn count(&mut self, too_big: &str, limit: i64, ctype: &str) -> Result<Option<i64>> {
        if self.peek()? == '*' {
            self.chars.next();
            let value = self.take()?;
            return match self.arguments.number(&value, Wanted::Index)? {
                Number::Int(n) => {
                    let fits = n.to_i64().filter(|n| (-limit - 1..=limit).contains(n));
                    fits.map(Some).ok_or_else(|| overflow(format!("Python int too large to convert to C {ctype}")))
                }
                _ => Err(type_error("* wants int")),
            };
        }
        let mut value: Option<i64> = None;
        while let Some(digit) = self.chars.peek().and_then(|&(_, c)| c.to_digit(10)) {
            self.chars.next();
            let next = value.unwrap_or(0).checked_mul(10).and_then(|v| v.checked_add(i64::from(digit)));
            value = Some(next.ok_or_else(|| value_error(too_big))?);
        }
        Ok(value)
    }

    fn apply(&mut self, conversion: &Conversion, letter: char, at: usize) -> Result<()> {
        if !"sradiuoxXeEfFgGc".contains(letter) {
            self.take()?;
            let shown = if (' '..='\x7e').contains(&letter) { letter } else { '?' };
            let index = self.template[..at].chars().count();
            return Err(value_error(format!(
                "unsupported format character '{shown}' (0x{:x}) at index {index}",
                letter as u32
            )));
        }
        let value = self.take()?;
        check_width(conversion.width.max(conversion.precision.unwrap_or(0)))?;
        let text = match letter {
            's' => conversion.text(self.arguments.str(&value)?),
            'r' => conversion.text(self.arguments.repr(&value)?),
            'a' => conversion.text(ascii_escape(&self.arguments.repr(&value)?)),
            'c' => conversion.character(self.arguments.number(&value, Wanted::Index)?)?,
            'd' | 'i' | 'u' => conversion.integer(self.arguments.number(&value, Wanted::Int)?, 'd', letter)?,
            'o' | 'x' | 'X' => conversion.integer(self.arguments.number(&value, Wanted::Index)?, letter, letter)?,
            _ => conversion.float(self.arguments.number(&value, Wanted::Float)?, letter)?,
        };
        self.out.push_str(&text);
        Ok(())
    }
}

impl Conversion {
    fn text(&self, text: String) -> String {
        match self.precision {
            Some(p) => self.pad("", &text.chars().take(p).collect::<String>(), false),
            None => self.pad("", &text, false),
        }
    }

    /// `lead` (sign and prefix) and `body`, padded; zeros go between the two.
    fn pad(&self, lead: &str, body: &str, zeros: bool) -> String {
        let missing = self.width.saturating_sub(lead.len() + body.chars().count());
        match (self.left, zeros) {
            (true, _) => format!("{lead}{body}{}", " ".repeat(missing)),
            (false, true) => format!("{lead}{}{body}", "0".repeat(missing)),
            (false, false) => format!("{}{lead}{body}", " ".repeat(missing)),
        }
    }

    fn sign(&self, negative: bool) -> &'static str {
        match negative {
            true => "-",
            false if self.plus => "+",
            false if self.blank => " ",
            false => "",
        }
    }

    fn character(&self, value: Number) -> Result<String> {
        let c = match &value {
            Number::Str(s) if s.chars().count() == 1 => s.chars().next(),
            Number::Int(n) => {
                let c = n.to_u32().and_then(char::from_u32);
                Some(c.ok_or_else(|| overflow("%c arg not in range(0x110000)"))?)
            }
            _ => None,
        };
        let c = c.ok_or_else(|| type_error("%c requires int or char"))?;
        Ok(self.pad("", c.encode_utf8(&mut [0; 4]), false))
    }

    /// `radix` is `d`, `o`, `x` or `X`; `letter` the conversion as it was written.
    fn integer(&self, value: Number, radix: char, letter: char) -> Result<String> {
        let n = match value {
            Number::Int(n) => n,
            Number::Float(f) if radix == 'd' => truncate(f)?,
            other => {
                let needed = if radix == 'd' { "a real number" } else { "an integer" };
                return Err(type_error(format!("%{letter} format: {needed} is required, not {}", other.type_name())));
            }
        };
        let magnitude = BigInt::from(n.magnitude().clone());
        let (prefix, mut digits) = match radix {
            'o' => ("0o", magnitude.to_str_radix(8)),
            'x' => ("0x", magnitude.to_str_radix(16)),
            'X' => ("0X", magnitude.to_str_radix(16).to_uppercase()),
            _ => ("", int_repr(&magnitude)?),
        };
        let missing = self.precision.unwrap_or(0).saturating_sub(digits.len());
        digits.insert_str(0, &"0".repeat(missing));
        let prefix = if self.alternate { prefix } else { "" };
        let lead = format!("{}{prefix}", self.sign(n.sign() == Sign::Minus));
        Ok(self.pad(&lead, &digits, self.zero))
    }

    fn float(&self, value: Number, letter: char) -> Result<String> {
        let x = match value {
            Number::Float(f) => f,
            Number::Int(n) => int_to_float(&n)?,
            other => return Err(type_error(format!("must be real number, not {}", other.type_name()))),
        };
        let style = match letter.to_ascii_lowercase() {
            'e' => Style::Exponent,
            'f' => Style::Fixed,
            _ => Style::General,
        };
        let format = FloatFormat {
            upper: letter.is_ascii_uppercase(),
            alternate: self.alternate,
            ..FloatFormat::new(style, self.precision.unwrap_or(6))
        };
        let text = format.text(x);
        let (negative, body) = text.strip_prefix('-').map_or((false, &text[..]), |body| (true, body));
        Ok(self.pad(self.sign(negative), body, self.zero))
    }
}

/// `int(f)`.
///
/// # Errors
/// `OverflowError` for infinities, `ValueError` for nan.
pub fn truncate(f: f64) -> Result<BigInt> {
    let error = || match f.is_nan() {
        true => value_error("cannot convert float NaN to integer"),
        false => overflow("cannot convert float infinity to integer"),
    };
    BigInt::from_f64(f.trunc()).ok_or_else(error)
}
