//! Python's format-spec mini-language, `[[fill]align][sign][z][#][0][width][grouping][.precision][type]`,
//! read and applied to str, int, float, complex and bool. Errors are worded as CPython 3.11 words them.

use super::check_width;
use crate::base::dtype::C64;
use crate::base::error::{Error, Result, overflow, value_error};
use crate::print::number::{FloatFormat, Style, complex_repr, float_repr, int_repr, push_int};
use num_bigint::{BigInt, Sign};
use num_traits::ToPrimitive;
use smallvec::SmallVec;
use std::borrow::Cow;

/// A spec, read; `kind` is the type letter.
#[derive(Clone, Debug, PartialEq)]
struct Spec {
    fill: char,
    align: char,
    sign: Option<char>,
    no_negative_zero: bool,
    alternate: bool,
    width: usize,
    grouping: Option<char>,
    precision: Option<usize>,
    kind: Option<char>,
}

/// Reads a run of decimal digits off the front.
fn take_integer(chars: &mut &[char]) -> Result<Option<usize>> {
    let count = chars.iter().take_while(|c| c.is_ascii_digit()).count();
    if count == 0 {
        return Ok(None);
    }
    let digits = chars[..count].iter().filter_map(|c| c.to_digit(10));
    let value = digits.into_iter().try_fold(0i64, |n, digit| n.checked_mul(10)?.checked_add(i64::from(digit)));
    *chars = &chars[count..];
    match value {
        Some(value) => Ok(Some(value as usize)),
        None => Err(value_error("Too many decimal digits in format string")),
    }
}

/// Takes the first character if it is one of `wanted`.
fn take_one(chars: &mut &[char], wanted: &[char]) -> Option<char> {
    let first = *chars.first()?;
    wanted.contains(&first).then(|| {
        *chars = &chars[1..];
        first
    })
}

/// A type letter as messages quote it.
fn quoted(kind: char) -> String {
    if (kind as u32) > 32 && (kind as u32) < 128 { format!("'{kind}'") } else { format!("'\\x{:x}'", kind as u32) }
}

impl Spec {
    /// Reads `text`; `align` is the type's default, `type_name` is for messages.
    fn parse(text: &str, align: char, type_name: &str) -> Result<Spec> {
        const ALIGNS: &[char] = &['<', '>', '=', '^'];
        let all: SmallVec<[char; 16]> = text.chars().collect();
        let mut chars = &all[..];
        let mut spec = Spec {
            fill: ' ',
            align,
            sign: None,
            no_negative_zero: false,
            alternate: false,
            width: 0,
            grouping: None,
            precision: None,
            kind: None,
        };
        let (mut has_fill, mut has_align) = (false, false);
        if chars.get(1).is_some_and(|c| ALIGNS.contains(c)) {
            (spec.fill, spec.align) = (chars[0], chars[1]);
            (has_fill, has_align) = (true, true);
            chars = &chars[2..];
        } else if let Some(c) = take_one(&mut chars, ALIGNS) {
            spec.align = c;
            has_align = true;
        }
        spec.sign = take_one(&mut chars, &['+', '-', ' ']);
        spec.no_negative_zero = take_one(&mut chars, &['z']).is_some();
        spec.alternate = take_one(&mut chars, &['#']).is_some();
        if !has_fill && take_one(&mut chars, &['0']).is_some() {
            spec.fill = '0';
            if !has_align && align == '>' {
                spec.align = '=';
            }
        }
        spec.width = take_integer(&mut chars)?.unwrap_or(0);
        let both = || value_error("Cannot specify both ',' and '_'.");
        spec.grouping = take_one(&mut chars, &[',']);
        if let Some(underscore) = take_one(&mut chars, &['_']) {
            if spec.grouping.is_some() {
                return Err(both());
            }
            spec.grouping = Some(underscore);
            if take_one(&mut chars, &[',']).is_some() {
                return Err(both());
            }
        }
        if take_one(&mut chars, &['.']).is_some() {
            let missing = || value_error("Format specifier missing precision");
            spec.precision = Some(take_integer(&mut chars)?.ok_or_else(missing)?);
        }
        if chars.len() > 1 {
            return Err(value_error(format!("Invalid format specifier '{text}' for object of type '{type_name}'")));
        }
        spec.kind = chars.first().copied();
        if let (Some(group), Some(kind)) = (spec.grouping, spec.kind) {
            let fits = "deEfFgG%".contains(kind) || (group == '_' && "boxX".contains(kind));
            if !fits {
                return Err(value_error(format!("Cannot specify '{group}' with {}.", quoted(kind))));
            }
        }
        check_width(spec.width)?;
        Ok(spec)
    }

    fn unknown_kind(&self, type_name: &str) -> Error {
        let kind = quoted(self.kind.unwrap_or('\0'));
        value_error(format!("Unknown format code {kind} for object of type '{type_name}'"))
    }

    /// `text` padded to the width; `=` pads as `>` does.
    fn pad(&self, text: String) -> String {
        let missing = self.width.saturating_sub(text.chars().count());
        if missing == 0 {
            return text;
        }
        let left = match self.align {
            '<' => 0,
            '^' => missing / 2,
            _ => missing,
        };
        let mut out = String::with_capacity(text.len() + missing * self.fill.len_utf8());
        out.extend(std::iter::repeat_n(self.fill, left));
        out.push_str(&text);
        out.extend(std::iter::repeat_n(self.fill, missing - left));
        out
    }

    /// The sign that is printed before a number.
    fn sign_text(&self, negative: bool) -> &'static str {
        match (negative, self.sign) {
            (true, _) => "-",
            (false, Some('+')) => "+",
            (false, Some(' ')) => " ",
            _ => "",
        }
    }

    /// Puts sign, prefix, whole digits (grouped, zero-filled) and the rest of a number together.
    fn number(&self, negative: bool, prefix: &str, digits: &str, rest: &str) -> String {
        let sign = self.sign_text(negative);
        let fixed = sign.len() + prefix.len() + rest.chars().count();
        let inner = self.align == '=';
        // Only zeros before the digits are grouped with them.
        let fewest = if inner && self.fill == '0' { self.width.saturating_sub(fixed) } else { 0 };
        let digits = if digits.is_empty() { Cow::Borrowed("") } else { self.group(digits, fewest) };
        let mut out = String::with_capacity(self.width.max(fixed + digits.len()));
        out.push_str(sign);
        out.push_str(prefix);
        if inner {
            let missing = self.width.saturating_sub(fixed + digits.len());
            out.extend(std::iter::repeat_n(self.fill, missing));
        }
        out.push_str(&digits);
        out.push_str(rest);
        if inner { out } else { self.pad(out) }
    }

    /// Separators between groups, and zeros before until the text has `fewest` characters.
    fn group<'a>(&self, digits: &'a str, fewest: usize) -> Cow<'a, str> {
        let Some(separator) = self.grouping else {
            return match fewest.saturating_sub(digits.len()) {
                0 => Cow::Borrowed(digits),
                zeros => Cow::Owned("0".repeat(zeros) + digits),
            };
        };
        let size = if self.kind.is_some_and(|k| "boxX".contains(k)) { 4 } else { 3 };
        // A text of n digits has (n - 1) / size separators; the wanted width must not begin with one.
        let mut count = digits.len();
        let length = |n: usize| n + (n - 1) / size;
        if length(count) < fewest {
            count = fewest - fewest / (size + 1);
            if length(count) < fewest {
                count += 1;
            }
        }
        let mut out = String::with_capacity(length(count));
        let zeros = count - digits.len();
        for (i, digit) in std::iter::repeat_n('0', zeros).chain(digits.chars()).enumerate() {
            if i > 0 && (count - i).is_multiple_of(size) {
                out.push(separator);
            }
            out.push(digit);
        }
        Cow::Owned(out)
    }

    /// How a float is written under this spec; `%` is left to the caller.
    fn float_format(&self) -> FloatFormat {
        let kind = self.kind.unwrap_or('\0');
        let style = match (kind.to_ascii_lowercase(), self.precision) {
            ('e', _) => Style::Exponent,
            ('f' | '%', _) => Style::Fixed,
            ('\0', None) => Style::Repr,
            _ => Style::General,
        };
        FloatFormat {
            style,
            precision: self.precision.unwrap_or(6),
            upper: kind.is_ascii_uppercase(),
            alternate: self.alternate,
            dot_zero: kind == '\0',
            no_negative_zero: self.no_negative_zero,
        }
    }

    /// Refuses the parts of a spec that integers have no use for.
    fn check_integer(&self) -> Result<()> {
        if self.precision.is_some() {
            return Err(value_error("Precision not allowed in integer format specifier"));
        }
        if self.no_negative_zero {
            return Err(value_error("Negative zero coercion (z) not allowed in integer format specifier"));
        }
        Ok(())
    }

    fn check_precision(&self) -> Result<()> {
        match self.precision {
            Some(p) if p > i32::MAX as usize => Err(value_error("precision too big")),
            Some(p) => check_width(p).map(drop),
            None => Ok(()),
        }
    }
}

/// Splits the text of a number into its whole digits and what follows them.
fn split_number(text: &str) -> (bool, &str, &str) {
    let (negative, body) = text.strip_prefix('-').map_or((false, text), |body| (true, body));
    let end = body.bytes().take_while(u8::is_ascii_digit).count();
    (negative, &body[..end], &body[end..])
}

/// `format(value, spec)` of a str.
///
/// # Errors
/// CPython's `ValueError`s for a spec that is malformed or not one for text.
pub fn format_str(value: &str, spec: &str) -> Result<String> {
    if spec.is_empty() {
        return Ok(value.into());
    }
    let spec = Spec::parse(spec, '<', "str")?;
    if let (Some(group), None) = (spec.grouping, spec.kind) {
        return Err(value_error(format!("Cannot specify '{group}' with 's'.")));
    }
    if !matches!(spec.kind, None | Some('s')) {
        return Err(spec.unknown_kind("str"));
    }
    let refused = match spec.sign {
        Some(' ') => "Space not allowed in string format specifier",
        Some(_) => "Sign not allowed in string format specifier",
        None if spec.no_negative_zero => "Negative zero coercion (z) not allowed in string format specifier",
        None if spec.alternate => "Alternate form (#) not allowed in string format specifier",
        None if spec.align == '=' => "'=' alignment not allowed in string format specifier",
        None => "",
    };
    if !refused.is_empty() {
        return Err(value_error(refused));
    }
    match spec.precision {
        Some(p) => Ok(spec.pad(value.chars().take(p).collect())),
        None => Ok(spec.pad(value.to_owned())),
    }
}

/// `format(value, spec)` of an int; `type_name` (`int`, `bool`, ...) is what messages call it.
///
/// # Errors
/// CPython's `ValueError`s for a spec that is malformed or not one for integers; `OverflowError` for `c` out of
/// Unicode's range, and for a float conversion of an int that no float can hold.
pub fn format_int(value: &BigInt, spec: &str, type_name: &str) -> Result<String> {
    if spec.is_empty() {
        return int_repr(value);
    }
    let spec = Spec::parse(spec, '>', type_name)?;
    let radix = match spec.kind {
        None | Some('d' | 'n') => 10,
        Some('b') => 2,
        Some('o') => 8,
        Some('x' | 'X') => 16,
        Some('c') => return format_char(value, &spec),
        Some('e' | 'E' | 'f' | 'F' | 'g' | 'G' | '%') => return format_float_spec(int_to_float(value)?, &spec),
        Some(_) => return Err(spec.unknown_kind(type_name)),
    };
    spec.check_integer()?;
    let magnitude = BigInt::from(value.magnitude().clone());
    let mut digits = if radix == 10 { int_repr(&magnitude)? } else { magnitude.to_str_radix(radix) };
    let mut prefix = match radix {
        2 if spec.alternate => "0b",
        8 if spec.alternate => "0o",
        16 if spec.alternate => "0x",
        _ => "",
    };
    if spec.kind == Some('X') {
        digits.make_ascii_uppercase();
        prefix = if spec.alternate { "0X" } else { "" };
    }
    Ok(spec.number(value.sign() == Sign::Minus, prefix, &digits, ""))
}

/// As [`format_int`], of an int of 64 bits.
///
/// # Errors
/// As [`format_int`].
pub fn format_small(value: i64, spec: &str) -> Result<String> {
    let mut digits = String::with_capacity(20);
    push_int(&mut digits, value);
    if spec.is_empty() {
        return Ok(digits);
    }
    let read = Spec::parse(spec, '>', "int")?;
    match read.kind {
        None | Some('d' | 'n') => {
            read.check_integer()?;
            Ok(read.number(value < 0, "", digits.trim_start_matches('-'), ""))
        }
        _ => format_int(&BigInt::from(value), spec, "int"),
    }
}

/// An int as the nearest float.
///
/// # Errors
/// `OverflowError` where it is out of a float's range.
pub fn int_to_float(value: &BigInt) -> Result<f64> {
    value.to_f64().filter(|f| f.is_finite()).ok_or_else(|| overflow("int too large to convert to float"))
}

fn format_char(value: &BigInt, spec: &Spec) -> Result<String> {
    spec.check_integer()?;
    if spec.sign.is_some() {
        return Err(value_error("Sign not allowed with integer format specifier 'c'"));
    }
    if spec.alternate {
        return Err(value_error("Alternate form (#) not allowed with integer format specifier 'c'"));
    }
    let code = value.to_i64().ok_or_else(|| overflow("Python int too large to convert to C long"))?;
    let c = u32::try_from(code).ok().and_then(char::from_u32);
    let c = c.ok_or_else(|| overflow("%c arg not in range(0x110000)"))?;
    Ok(spec.number(false, "", "", c.encode_utf8(&mut [0; 4])))
}

/// `format(value, spec)` of a bool: `True` with an empty spec, the integer 0 or 1 with any other.
///
/// # Errors
/// As [`format_int`].
pub fn format_bool(value: bool, spec: &str) -> Result<String> {
    if spec.is_empty() {
        return Ok(if value { "True" } else { "False" }.into());
    }
    format_int(&BigInt::from(u8::from(value)), spec, "bool")
}

/// `format(value, spec)` of a float; `type_name` is what messages call it.
///
/// # Errors
/// CPython's `ValueError`s for a spec that is malformed or not one for floats.
pub fn format_float(value: f64, spec: &str, type_name: &str) -> Result<String> {
    if spec.is_empty() {
        return Ok(float_repr(value));
    }
    let spec = Spec::parse(spec, '>', type_name)?;
    if !matches!(spec.kind, None | Some('e' | 'E' | 'f' | 'F' | 'g' | 'G' | 'n' | '%')) {
        return Err(spec.unknown_kind(type_name));
    }
    format_float_spec(value, &spec)
}

fn format_float_spec(value: f64, spec: &Spec) -> Result<String> {
    spec.check_precision()?;
    let percent = spec.kind == Some('%');
    let mut text = spec.float_format().text(if percent { value * 100.0 } else { value });
    if percent {
        text.push('%');
    }
    let (negative, digits, rest) = split_number(&text);
    Ok(spec.number(negative, "", digits, rest))
}

/// `format(value, spec)` of a complex number; `type_name` is what messages call it.
///
/// # Errors
/// CPython's `ValueError`s for a spec that is malformed or not one for complex numbers.
pub fn format_complex(value: C64, spec: &str, type_name: &str) -> Result<String> {
    if spec.is_empty() {
        return Ok(complex_repr(value));
    }
    let spec = Spec::parse(spec, '>', type_name)?;
    if !matches!(spec.kind, None | Some('e' | 'E' | 'f' | 'F' | 'g' | 'G' | 'n')) {
        return Err(spec.unknown_kind(type_name));
    }
    spec.check_precision()?;
    if spec.fill == '0' {
        return Err(value_error("Zero padding is not allowed in complex format specifier"));
    }
    if spec.align == '=' {
        return Err(value_error("'=' alignment flag is not allowed in complex format specifier"));
    }
    // Without a type letter the text is `str`'s: no `.0`, and parentheses around two parts.
    let bare = spec.kind.is_none();
    let real_hidden = bare && value.re == 0.0 && value.re.is_sign_positive();
    let format = FloatFormat { dot_zero: false, ..spec.float_format() };
    let part = |x: f64, sign: Option<char>| {
        let text = format.text(x);
        let (negative, digits, rest) = split_number(&text);
        Spec { sign, width: 0, align: '<', ..spec.clone() }.number(negative, "", digits, rest)
    };
    let text = if real_hidden {
        format!("{}j", part(value.im, spec.sign))
    } else {
        format!("{}{}j", part(value.re, spec.sign), part(value.im, Some('+')))
    };
    Ok(spec.pad(if bare && !real_hidden { format!("({text})") } else { text }))
}
