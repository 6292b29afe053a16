//! Decimal text of floats and complex numbers, digit for digit as CPython writes it: `repr`, and the
//! `e`, `f` and `g` conversions that torch's printer and Python's format specs are built on.
//!
//! Digits come from the standard library, which rounds correctly (ties to even) and knows the shortest text that
//! reads back as the same number; this file decides where the point goes and when an exponent is written.

use crate::base::dtype::C64;
use crate::base::error::{Result, value_error};
use num_bigint::BigInt;
use std::fmt::LowerExp;
use std::str::FromStr;

/// More digits than any `f64` has, before or after the point; longer requests are padded with zeros.
const MOST_DIGITS: usize = 1100;

/// How many digits CPython turns between text and an `int` before it refuses.
pub const INT_DIGITS_LIMIT: usize = 4300;

/// Which of Python's conversions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Shortest text that reads back as the same number.
    Repr,
    /// `%e`: one digit, the point, `precision` digits, exponent.
    Exponent,
    /// `%f`: `precision` digits after the point.
    Fixed,
    /// `%g`: `precision` significant digits, exponent only when it is out of `-4..precision`.
    General,
}

/// One conversion of a float to text.
#[derive(Clone, Copy, Debug)]
pub struct FloatFormat {
    /// The conversion.
    pub style: Style,
    /// Digits, as the style counts them; not used by `Repr`.
    pub precision: usize,
    /// `E`, `INF` and `NAN` in capitals.
    pub upper: bool,
    /// `#`: the point is always written, and `g` keeps its trailing zeros.
    pub alternate: bool,
    /// Writes `.0` after a whole number that has no exponent.
    pub dot_zero: bool,
    /// `z`: what rounds to zero loses its minus.
    pub no_negative_zero: bool,
}

impl FloatFormat {
    /// The conversion without flags.
    pub fn new(style: Style, precision: usize) -> Self {
        FloatFormat { style, precision, upper: false, alternate: false, dot_zero: false, no_negative_zero: false }
    }

    /// The text of `x`; a minus for negative numbers and zeros, never a plus.
    pub fn text(&self, x: f64) -> String {
        if !x.is_finite() {
            let text = if x.is_nan() {
                "nan"
            } else if x > 0.0 {
                "inf"
            } else {
                "-inf"
            };
            return if self.upper { text.to_uppercase() } else { text.into() };
        }
        let body = self.magnitude(x.abs());
        let is_zero = || body.bytes().take_while(|b| *b != b'e').all(|b| b == b'0' || b == b'.');
        let minus = x.is_sign_negative() && !(self.no_negative_zero && is_zero());
        let text = if minus { format!("-{body}") } else { body };
        if self.upper { text.to_uppercase() } else { text }
    }

    /// The text of a finite, non-negative number.
    fn magnitude(&self, x: f64) -> String {
        match self.style {
            Style::Repr => {
                let (digits, exponent) = shortest(x, 15);
                if (-4..16).contains(&exponent) {
                    self.positional(digits, exponent)
                } else {
                    self.scientific(digits, exponent)
                }
            }
            Style::Exponent => {
                let (digits, exponent) = significant(x, self.precision + 1);
                self.scientific(digits, exponent)
            }
            Style::Fixed => {
                let mut text = match fixed_by_ints(x, self.precision) {
                    Some(text) => text,
                    None => padded(format!("{:.*}", self.precision.min(MOST_DIGITS), x), self.precision),
                };
                if self.precision == 0 && self.alternate {
                    text.push('.');
                }
                text
            }
            Style::General => {
                let precision = self.precision.max(1);
                let (mut digits, exponent) = significant(x, precision);
                if !self.alternate {
                    digits.truncate(digits.trim_end_matches('0').len().max(1));
                }
                // With `.0` on demand the last digit before the point must not stand for a rounded one.
                let limit = precision as i64 - i64::from(self.dot_zero);
                if (-4..limit).contains(&i64::from(exponent)) {
                    self.positional(digits, exponent)
                } else {
                    self.scientific(digits, exponent)
                }
            }
        }
    }

    /// `digits` with the point where `exponent` puts it: `d.ddd` times ten to that power.
    pub fn positional(&self, mut digits: String, exponent: i32) -> String {
        if exponent < 0 {
            return format!("0.{}{digits}", "0".repeat((-exponent - 1) as usize));
        }
        let whole = exponent as usize + 1;
        if digits.len() < whole {
            digits.push_str(&"0".repeat(whole - digits.len()));
        }
        if digits.len() > whole {
            digits.insert(whole, '.');
        } else if self.dot_zero {
            digits.push_str(".0");
        } else if self.alternate {
            digits.push('.');
        }
        digits
    }

    /// `d.ddde+XX` of such digits.
    pub fn scientific(&self, mut digits: String, exponent: i32) -> String {
        if digits.len() > 1 || self.alternate {
            digits.insert(1, '.');
        }
        let sign = if exponent < 0 { '-' } else { '+' };
        format!("{digits}e{sign}{:02}", exponent.abs())
    }
}

/// `1.25e-3` to `("125", -3)`.
pub fn split_exponent(text: &str) -> (String, i32) {
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    (mantissa.replace('.', ""), exponent.parse().unwrap_or(0))
}

/// The fewest digits that read back as the finite number `x` in its own type, the nearest of these, and the exponent of
/// the first. Every text of `safe` digits is told apart by that type (15 for `f64`, 6 for `f32`).
pub fn shortest<F: LowerExp + FromStr + PartialEq + Copy + Into<f64>>(x: F, safe: usize) -> (String, i32) {
    let (digits, exponent) = split_exponent(&format!("{x:e}"));
    // Halfway between two texts of that length the standard library goes up, CPython and NumPy to the even digit. It
    // takes all of a float's precision to stand there.
    if digits.len() >= safe {
        let even = format!("{:.*e}", digits.len() - 1, x.into());
        if even.parse().is_ok_and(|back: F| back == x) {
            return split_exponent(&even);
        }
    }
    (digits, exponent)
}

/// The first `count` significant digits of a finite number, rounded to nearest even, and the exponent of the first.
fn significant(x: f64, count: usize) -> (String, i32) {
    let (digits, exponent) = split_exponent(&format!("{:.*e}", (count - 1).min(MOST_DIGITS), x));
    let missing = count.saturating_sub(digits.len());
    (digits + &"0".repeat(missing), exponent)
}

/// Fills up the zeros that were left out of a `%f` text of more than `MOST_DIGITS` digits.
fn padded(mut text: String, precision: usize) -> String {
    text.push_str(&"0".repeat(precision.saturating_sub(MOST_DIGITS)));
    text
}

/// Appends an int in decimal digits.
pub fn push_int(out: &mut String, value: i64) {
    let mut digits = [0u8; 20];
    let mut at = digits.len();
    let mut rest = value.unsigned_abs();
    loop {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if out.is_empty() {
        // Exactly what is needed: as a rule the text is to become a value's.
        out.reserve_exact(digits.len() - at + usize::from(value < 0));
    }
    if value < 0 {
        out.push('-');
    }
    out.push_str(std::str::from_utf8(&digits[at..]).unwrap_or_default());
}

/// A finite, non-negative number with `digits` digits behind the point, rounded to even where it is half way; `None` where it takes more
/// than 128 bits to be exact.
fn fixed_by_ints(x: f64, digits: usize) -> Option<String> {
    let bits = x.to_bits();
    let shift = 1075 - (bits >> 52).max(1) as i64;
    let mantissa = if bits >> 52 == 0 { bits } else { bits & ((1 << 52) - 1) | 1 << 52 };
    if digits > 15 || !(0..120).contains(&shift) {
        return None;
    }
    let power = 10u64.pow(digits as u32);
    // At most 53 and 50 bits.
    let exact = u128::from(mantissa) * u128::from(power);
    let (down, half) = (exact >> shift, (1u128 << shift) >> 1);
    let rest = exact - (down << shift);
    let up = rest > half || rest == half && half > 0 && down & 1 == 1;
    let scaled = u64::try_from(down + u128::from(up)).ok().filter(|n| *n <= i64::MAX as u64)?;
    let mut out = String::with_capacity(24);
    push_int(&mut out, (scaled / power) as i64);
    if digits > 0 {
        out.push('.');
        // A digit before them keeps their zeros.
        let from = out.len();
        push_int(&mut out, (scaled % power + power) as i64);
        out.remove(from);
    }
    Some(out)
}

/// Python's `repr` (and `str`) of a float.
pub fn float_repr(x: f64) -> String {
    FloatFormat { dot_zero: true, ..FloatFormat::new(Style::Repr, 0) }.text(x)
}

/// C's `%.Nf`.
pub fn fixed(x: f64, digits: usize) -> String {
    FloatFormat::new(Style::Fixed, digits).text(x)
}

/// C's `%.Ne`; the exponent has two digits at least.
pub fn exponent(x: f64, digits: usize) -> String {
    FloatFormat::new(Style::Exponent, digits).text(x)
}

/// C's `%.Ng`.
pub fn general(x: f64, digits: usize) -> String {
    FloatFormat::new(Style::General, digits).text(x)
}

/// Python's `repr` (and `str`) of a complex number: `(1+2j)`, or `2j` where the real part is plus zero.
pub fn complex_repr(z: C64) -> String {
    let part = |x| FloatFormat::new(Style::Repr, 0).text(x);
    if z.re == 0.0 && z.re.is_sign_positive() {
        return format!("{}j", part(z.im));
    }
    let imaginary = part(z.im);
    let plus = if imaginary.starts_with('-') { "" } else { "+" };
    format!("({}{plus}{imaginary}j)", part(z.re))
}

/// Python's `str` of an int.
///
/// # Errors
/// `ValueError` beyond [`INT_DIGITS_LIMIT`] digits, as CPython, since the conversion is quadratic.
pub fn int_repr(n: &BigInt) -> Result<String> {
    // A decimal digit holds less than 3.33 bits: more bits than this are surely too many digits.
    if n.bits() <= (INT_DIGITS_LIMIT as u64) * 10 / 3 {
        let text = n.to_string();
        if text.trim_start_matches('-').len() <= INT_DIGITS_LIMIT {
            return Ok(text);
        }
    }
    Err(value_error(format!(
        "Exceeds the limit ({INT_DIGITS_LIMIT} digits) for integer string conversion; \
         use sys.set_int_max_str_digits() to increase the limit"
    )))
}

/// Python's `round(x, digits)`: correctly rounded in decimal, ties to even; `digits` may be negative.
/// `None` where the result leaves the range of a float.
pub fn round_decimal(x: f64, digits: i64) -> Option<f64> {
    if !x.is_finite() || x == 0.0 || digits > 323 {
        return Some(x);
    }
    if digits < -308 {
        return Some(0.0 * x);
    }
    let rounded = if digits >= 0 {
        fixed(x, digits as usize)
    } else {
        let (all, exponent) = significant(x.abs(), MOST_DIGITS);
        let half = format!("5{}", "0".repeat(MOST_DIGITS - 1));
        match i64::from(exponent) + 1 + digits {
            keep @ 1.. => self::exponent(x, keep as usize - 1),
            // No digit is kept: more than half a unit rounds to one, a tie to the even zero.
            0 if all > half => format!("{}1e{}", if x < 0.0 { "-" } else { "" }, -digits),
            _ => return Some(0.0 * x),
        }
    };
    rounded.parse::<f64>().ok().filter(|r| r.is_finite())
}
