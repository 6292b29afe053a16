//! Number literals, as Python reads them.

use super::{Kind, Lexer, SyntaxError, Value};
use crate::base::Span;
use num_bigint::BigUint;

/// The longest integer literal, CPython's bound on text for integers.
const MAX_DIGITS: usize = 4300;

impl Lexer<'_> {
    /// Lexes the number at the current position.
    pub(super) fn number(&mut self) {
        let start = self.pos;
        let radix = match (self.peek(0), self.peek(1) | 0x20) {
            (b'0', b'x') => 16,
            (b'0', b'o') => 8,
            (b'0', b'b') => 2,
            _ => return self.decimal(start),
        };
        self.pos += 2;
        self.radix(start, radix);
    }

    fn radix(&mut self, start: usize, radix: u32) {
        let name = match radix {
            16 => "hexadecimal",
            8 => "octal",
            _ => "binary",
        };
        loop {
            if self.peek(0) == b'_' {
                self.pos += 1;
            }
            let digits = self.pos;
            while (self.peek(0) as char).is_digit(radix) {
                self.pos += 1;
            }
            let next = self.peek(0);
            if next.is_ascii_digit() {
                let message = format!("invalid digit '{}' in {name} literal", next as char);
                return self.bad_number(message);
            }
            if self.pos == digits {
                return self.bad_number(format!("invalid {name} literal"));
            }
            if next != b'_' {
                break;
            }
        }
        if !self.number_ends_here(name) {
            return;
        }
        let digits: Vec<u8> = self.bytes[start + 2..self.pos].iter().copied().filter(|b| *b != b'_').collect();
        let value = std::str::from_utf8(&digits).ok().and_then(|text| i64::from_str_radix(text, radix).ok());
        let value = match value {
            Some(value) => Value::Int(value),
            None if digits.len() > 4 * MAX_DIGITS => return self.too_long(start, digits.len()),
            None => match BigUint::parse_bytes(&digits, radix) {
                Some(value) => Value::BigInt(value.to_string().into()),
                None => return self.bad_number(format!("invalid {name} literal")),
            },
        };
        self.push_value(Kind::Number, start, value);
    }

    fn decimal(&mut self, start: usize) {
        let mut float = false;
        if self.peek(0) != b'.' && !self.digits() {
            return;
        }
        let whole = self.pos;
        if self.peek(0) == b'.' {
            float = true;
            self.pos += 1;
            if self.peek(0).is_ascii_digit() && !self.digits() {
                return;
            }
        }
        if self.peek(0) | 0x20 == b'e' {
            let sign = usize::from(matches!(self.peek(1), b'+' | b'-'));
            if self.peek(1 + sign).is_ascii_digit() {
                float = true;
                self.pos += 1 + sign;
                if !self.digits() {
                    return;
                }
            } else if sign == 1 {
                self.pos += 2;
                return self.bad_number("invalid decimal literal");
            }
        }
        let imaginary = self.peek(0) | 0x20 == b'j';
        let text_end = self.pos;
        self.pos += usize::from(imaginary);
        if !self.number_ends_here(if imaginary { "imaginary" } else { "decimal" }) {
            return;
        }
        let text = &self.text[start..text_end];
        let cleaned;
        let text = if text.contains('_') {
            cleaned = text.replace('_', "");
            &cleaned
        } else {
            text
        };
        let value = if imaginary {
            Value::Imag(text.parse().unwrap_or(f64::NAN))
        } else if float {
            Value::Float(text.parse().unwrap_or(f64::NAN))
        } else {
            let digits = text.trim_start_matches('0');
            if digits.len() < text.len() && !digits.is_empty() {
                let message = "leading zeros in decimal integer literals are not permitted; \
                               use an 0o prefix for octal integers";
                return self.error(message, Span::new(start, whole));
            }
            match text.parse::<i64>() {
                Ok(value) => Value::Int(value),
                Err(_) if digits.len() > MAX_DIGITS => return self.too_long(start, digits.len()),
                Err(_) if digits.is_empty() => Value::Int(0),
                Err(_) => Value::BigInt(digits.into()),
            }
        };
        self.push_value(Kind::Number, start, value);
    }

    /// Skips decimal digits with single underscores between them; whether they are well formed.
    fn digits(&mut self) -> bool {
        loop {
            while self.peek(0).is_ascii_digit() {
                self.pos += 1;
            }
            if self.peek(0) != b'_' {
                return true;
            }
            self.pos += 1;
            if !self.peek(0).is_ascii_digit() {
                self.bad_number("invalid decimal literal");
                return false;
            }
        }
    }

    /// Whether a number may end here: not before a letter, save those of a keyword (`1if x else 2`).
    fn number_ends_here(&mut self, name: &str) -> bool {
        let next = self.peek(0);
        if !(next.is_ascii_alphanumeric() || next == b'_' || next >= 128) {
            return true;
        }
        if ["and", "else", "for", "if", "in", "is", "or", "not"].iter().any(|word| self.rest_starts_with(word)) {
            return true;
        }
        if next >= 128 && !self.char_at(self.pos).is_alphanumeric() {
            return true;
        }
        self.bad_number(format!("invalid {name} literal"));
        false
    }

    /// Reports the number before the current position, and skips what is glued to it.
    fn bad_number(&mut self, message: impl Into<String>) {
        let at = self.pos - 1;
        while self.peek(0).is_ascii_alphanumeric() || self.peek(0) == b'_' {
            self.pos += 1;
        }
        self.error(message, Span::new(at, at + 1));
    }

    fn too_long(&mut self, start: usize, digits: usize) {
        let message = format!(
            "Exceeds the limit ({MAX_DIGITS} digits) for integer string conversion: value has {digits} digits; \
             use sys.set_int_max_str_digits() to increase the limit - Consider hexadecimal for huge integer literals \
             to avoid decimal conversion limits."
        );
        let help = format!("write it as an expression, such as 10**{digits}");
        self.report(SyntaxError::new(message, Span::new(start, self.pos)).help(help));
    }
}
