//! Numbers and tensors as a C++ stream prints them, for the messages in which ATen does so.

use crate::base::DType;
use crate::base::error::Result;
use crate::base::shape::show;
use crate::cpu::copy;
use crate::store::View;
use std::fmt::Write;

/// Characters of a line of a matrix.
const LINE: usize = 80;

/// A number with six digits, shorter where fewer say the same.
pub fn number(v: f64) -> String {
    shortest(v, 6)
}

/// A number with that many digits at most.
fn shortest(v: f64, digits: usize) -> String {
    if let Some(word) = word(v) {
        return word.into();
    }
    let shown = format!("{v:.*e}", digits - 1);
    let (mantissa, exponent) = shown.split_once('e').unwrap_or((&shown, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let trim = |s: &str| {
        if s.contains('.') { s.trim_end_matches('0').trim_end_matches('.').to_string() } else { s.to_string() }
    };
    if (-4..digits as i32).contains(&exponent) {
        trim(&format!("{v:.*}", (digits as i32 - 1 - exponent).max(0) as usize))
    } else {
        format!("{}{}", trim(mantissa), power(exponent))
    }
}

/// What a stream says of a number that is none.
fn word(v: f64) -> Option<&'static str> {
    match (v.is_nan(), v.is_infinite(), v.is_sign_negative()) {
        (true, _, true) => Some("-nan"),
        (true, _, false) => Some("nan"),
        (_, true, true) => Some("-inf"),
        (_, true, false) => Some("inf"),
        _ => None,
    }
}

/// A power of ten, of two digits at least.
fn power(exponent: i32) -> String {
    format!("e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs())
}

/// How the numbers of a matrix are shown.
#[derive(Clone, Copy)]
enum Form {
    Shortest,
    Fixed,
    Scientific,
}

impl Form {
    fn show(self, v: f64, digits: usize) -> String {
        if let Some(word) = word(v) {
            return word.into();
        }
        match self {
            Self::Shortest => shortest(v, digits),
            Self::Fixed => format!("{v:.4}"),
            Self::Scientific => {
                let shown = format!("{v:.4e}");
                let (mantissa, exponent) = shown.split_once('e').unwrap_or((&shown, "0"));
                format!("{mantissa}{}", power(exponent.parse().unwrap_or(0)))
            }
        }
    }
}

/// Form, width and common factor of a matrix's numbers.
fn layout(values: &[f64]) -> (Form, usize, f64) {
    let finite = || values.iter().copied().filter(|v| v.is_finite());
    let digits = |v: f64| if v == 0.0 { 1 } else { v.log10().floor() as i32 + 1 };
    let (mut low, mut high) = (1, 1);
    if let Some(first) = finite().next() {
        let least = finite().fold(first.abs(), |m, v| m.min(v.abs()));
        let most = finite().fold(first.abs(), |m, v| m.max(v.abs()));
        (low, high) = (digits(least), digits(most));
    }
    if finite().all(|v| v == v.ceil()) {
        return if high > 9 { (Form::Scientific, 11, 1.0) } else { (Form::Shortest, (high + 1) as usize, 1.0) };
    }
    if high - low > 4 {
        return (Form::Scientific, if high.abs() > 99 || low.abs() > 99 { 12 } else { 11 }, 1.0);
    }
    if !(0..=5).contains(&high) {
        return (Form::Fixed, 7, 10f64.powi(high - 1));
    }
    (Form::Fixed, if high == 0 { 7 } else { high as usize + 6 }, 1.0)
}

/// A tensor of two or more dimensions: its matrices, and its type and sizes.
///
/// # Errors
/// When memory is short.
pub fn tensor(x: &View) -> Result<String> {
    let mut text = String::new();
    let (kept, last) = x.sizes().split_at(x.ndim().saturating_sub(2));
    if x.numel() > 0 {
        let real = if x.dtype().is_complex() { copy::cast(x, x.dtype().real())? } else { x.clone() };
        let values = copy::contiguous(&copy::cast(&real, DType::F64)?)?;
        let area = (last[0] * last[1]) as usize;
        // A stream keeps the digits that it was last told.
        let mut digits = 6;
        let mut at = vec![0; kept.len()];
        for n in 0..kept.iter().product::<i64>() {
            let mut place = 0;
            if !kept.is_empty() {
                text.push_str(if n > 0 { "\n(" } else { "(" });
                for (&i, &size) in at.iter().zip(kept) {
                    place = place * size as usize + i;
                    _ = write!(text, "{},", i + 1);
                }
                text.push_str(".,.) = \n");
            }
            let part = &values.slice::<f64>()[place * area..][..area];
            matrix(&mut text, part, last[1] as usize, usize::from(!kept.is_empty()), &mut digits);
            // The first dimension runs fastest.
            for (i, &size) in at.iter_mut().zip(kept) {
                *i += 1;
                if *i < size as usize {
                    break;
                }
                *i = 0;
            }
        }
    }
    let sizes = show(x.sizes());
    let sizes = sizes.trim_matches(['[', ']']).replace(' ', "");
    _ = write!(text, "[ {}{{{sizes}}} ]", x.dtype().type_string());
    Ok(text)
}

/// A matrix, as many columns at a time as a line has room for.
fn matrix(text: &mut String, values: &[f64], columns: usize, indent: usize, digits: &mut usize) {
    let (form, width, scale) = layout(values);
    if !matches!(form, Form::Shortest) {
        *digits = 4;
    }
    let margin = " ".repeat(indent);
    let room = ((LINE - indent) / (width + 1)).max(1);
    for first in (0..columns).step_by(room) {
        let end = (first + room).min(columns);
        if room < columns {
            text.push_str(if first > 0 { "\n" } else { "" });
            _ = write!(text, "Columns {} to {end}{margin}", first + 1);
        }
        if scale != 1.0 {
            _ = write!(text, "{} *\n{margin}", shortest(scale, *digits));
        }
        for (n, row) in values.chunks(columns).enumerate() {
            if n > 0 {
                text.push_str(&margin);
                text.push_str(if scale == 1.0 { "" } else { " " });
            }
            let shown: Vec<_> =
                row[first..end].iter().map(|v| format!("{:>width$}", form.show(v / scale, *digits))).collect();
            text.push_str(&shown.join(" "));
            text.push('\n');
        }
    }
}
