//! Text to numbers, as the constructors `int`, `float` and `complex` read it: white space around, underscores between
//! digits, digits of any script.

use super::str_class::{decimal_value, is_space};
use super::str_repr::str_repr;
use super::str_split::strip;
use crate::base::dtype::C64;
use crate::base::error::{Error, Result, value_error};
use crate::print::number::INT_DIGITS_LIMIT;
use num_bigint::BigInt;

/// The text with white space stripped and foreign digits made ASCII.
fn normalized(text: &str) -> String {
    let digit = |c: char| decimal_value(c).and_then(|d| char::from_digit(d, 10)).unwrap_or(c);
    strip(text, None)
        .chars()
        .map(|c| {
            if c.is_ascii() {
                c
            } else if is_space(c) {
                ' '
            } else {
                digit(c)
            }
        })
        .collect()
}

/// Drops underscores that stand singly between digits (of `radix`); `None` for any other underscore.
fn without_underscores(text: &str, radix: u32) -> Option<String> {
    if !text.contains('_') {
        return Some(text.into());
    }
    let chars: Vec<char> = text.chars().collect();
    let is_digit = |at: Option<usize>| at.and_then(|at| chars.get(at)).is_some_and(|c| c.is_digit(radix));
    let fits = |at: usize| chars[at] != '_' || (is_digit(at.checked_sub(1)) && is_digit(Some(at + 1)));
    (0..chars.len()).all(fits).then(|| chars.iter().filter(|c| **c != '_').collect())
}

/// `int(text, base)`; base 0 goes by the prefix, as literals do.
///
/// # Errors
/// `ValueError` for a base out of 2..=36, for text that is not an integer, and for more digits than CPython reads.
pub fn parse_int(text: &str, base: i64) -> Result<BigInt> {
    if base != 0 && !(2..=36).contains(&base) {
        return Err(value_error("int() base must be >= 2 and <= 36, or 0"));
    }
    let invalid = || value_error(format!("invalid literal for int() with base {base}: {}", str_repr(text)));
    let text = normalized(text);
    let (negative, body) = match text.strip_prefix('-') {
        Some(body) => (true, body),
        None => (false, text.strip_prefix('+').unwrap_or(&text)),
    };
    let lower = body.to_ascii_lowercase();
    let prefixed = [("0b", 2), ("0o", 8), ("0x", 16)].into_iter().find_map(|(prefix, radix)| {
        let digits = lower.strip_prefix(prefix).filter(|_| base == 0 || base == radix)?;
        Some((digits.strip_prefix('_').unwrap_or(digits), radix))
    });
    let (digits, radix) = prefixed.unwrap_or((&lower, if base == 0 { 10 } else { base }));
    let digits = without_underscores(digits, radix as u32).ok_or_else(invalid)?;
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix as u32)) {
        return Err(invalid());
    }
    // With base 0 a number other than zero does not begin with a zero.
    if base == 0 && prefixed.is_none() && digits.starts_with('0') && digits.contains(|c| c != '0') {
        return Err(invalid());
    }
    // Powers of two convert in linear time and are not limited.
    if digits.len() > INT_DIGITS_LIMIT && !(radix as u64).is_power_of_two() {
        return Err(value_error(format!(
            "Exceeds the limit ({INT_DIGITS_LIMIT} digits) for integer string conversion: value has {} digits; \
             use sys.set_int_max_str_digits() to increase the limit",
            digits.len()
        )));
    }
    let value = BigInt::parse_bytes(digits.as_bytes(), radix as u32).ok_or_else(invalid)?;
    Ok(if negative { -value } else { value })
}

/// How many bytes at the front of `text` are a float with an optional sign: `1.5e3`, `.5`, `inf`, `nan`.
fn float_prefix(text: &str) -> usize {
    let bytes = text.as_bytes();
    let sign = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    for word in ["infinity", "inf", "nan"] {
        if text.get(sign..sign + word.len()).is_some_and(|t| t.eq_ignore_ascii_case(word)) {
            return sign + word.len();
        }
    }
    let digits = |from: usize| bytes[from..].iter().take_while(|b| b.is_ascii_digit()).count();
    let whole = digits(sign);
    let mut end = sign + whole;
    let mut fraction = 0;
    if bytes.get(end) == Some(&b'.') {
        fraction = digits(end + 1);
        end += 1 + fraction;
    }
    if whole + fraction == 0 {
        return 0;
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let exponent = digits((end + 1 + sign).min(bytes.len()));
        if exponent > 0 {
            end += 1 + sign + exponent;
        }
    }
    end
}

/// `float(text)`.
///
/// # Errors
/// `ValueError: could not convert string to float: 'x'`.
pub fn parse_float(text: &str) -> Result<f64> {
    let invalid = || value_error(format!("could not convert string to float: {}", str_repr(text)));
    let body = without_underscores(&normalized(text), 10).ok_or_else(invalid)?;
    if body.is_empty() || float_prefix(&body) != body.len() {
        return Err(invalid());
    }
    body.parse().map_err(|_| invalid())
}

/// `complex(text)`: `1+2j`, `(1+2j)`, `j`, `1`.
///
/// # Errors
/// `ValueError: complex() arg is a malformed string`, and another one for misplaced underscores.
pub fn parse_complex(text: &str) -> Result<C64> {
    let malformed = || value_error("complex() arg is a malformed string");
    let unreadable = || value_error(format!("could not convert string to complex: {}", str_repr(text)));
    let body = without_underscores(&normalized(text), 10).ok_or_else(unreadable)?;
    let inner = body.strip_prefix('(').and_then(|b| b.strip_suffix(')')).map_or(&body[..], |b| b.trim());
    let number = |t: &str| -> Result<f64, Error> {
        match t {
            "" | "+" => Ok(1.0),
            "-" => Ok(-1.0),
            _ => t.parse().map_err(|_| malformed()),
        }
    };
    let Some(before) = inner.strip_suffix(['j', 'J']) else {
        return match float_prefix(inner) {
            0 => Err(malformed()),
            end if end == inner.len() => Ok(C64::new(number(inner)?, 0.0)),
            _ => Err(malformed()),
        };
    };
    let end = float_prefix(before);
    if end == before.len() || matches!(before, "+" | "-") {
        return Ok(C64::new(0.0, number(before)?));
    }
    let (real, imaginary) = before.split_at(end);
    let whole = float_prefix(imaginary) == imaginary.len() || matches!(imaginary, "+" | "-");
    if end == 0 || !whole || !imaginary.starts_with(['+', '-']) {
        return Err(malformed());
    }
    Ok(C64::new(number(real)?, number(imaginary)?))
}
