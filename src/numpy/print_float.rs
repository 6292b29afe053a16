//! Floats of one array in one form: positional or with exponents, as many digits as the array needs, aligned at the
//! point. Digits are the fewest that tell a number from its neighbours of the same type (what NumPy's Dragon4 finds).

use super::print::{FloatMode, PrintOptions};
use crate::base::DType;
use crate::print::number::{FloatFormat, Style, exponent, fixed, shortest, split_exponent};
use half::f16;

/// A number's digits, the point after the first, and its power of ten.
type Digits = (String, i32);

/// The fewest digits that read back as the finite, non-negative `x` in its own type.
pub(super) fn unique_digits(x: f64, dtype: DType) -> Digits {
    match dtype {
        DType::F16 => unique_half(x),
        DType::F32 => shortest(x as f32, 6),
        _ => shortest(x, 15),
    }
}

/// The same for halves, which five digits always tell apart.
fn unique_half(x: f64) -> Digits {
    let reads_back = |y: f64| f16::from_f64(y) == f16::from_f64(x);
    for places in 0..5_usize {
        let nearest = format!("{x:.places$e}");
        // At a power of two the neighbours are not equally far: the next text above may read back where the nearest
        // does not.
        let (digits, exponent) = split_exponent(&nearest);
        let next = digits.parse::<u32>().map_or(0, |n| n + 1);
        let above = format!("{next}e{}", exponent - places as i32);
        if let Some(y) = [nearest, above].iter().find_map(|t| t.parse().ok().filter(|y| reads_back(*y))) {
            return split_exponent(&format!("{y:.places$e}"));
        }
    }
    shortest(x, 15)
}

/// How the floats of an array are written.
pub(super) struct FloatFormatter {
    dtype: DType,
    /// The shortest digits, or exact ones.
    unique: bool,
    /// At most this many digits after the point.
    precision: usize,
    /// At least this many.
    min_digits: usize,
    /// Whether zeros at the end are kept.
    keep_zeros: bool,
    /// Digits of the exponent; `None` for the positional form.
    exponent: Option<usize>,
    /// Columns before the point, sign included.
    left: usize,
    /// Columns after the point.
    right: usize,
    plus: bool,
    nan: String,
    inf: String,
}

impl FloatFormatter {
    /// Looks at all numbers to be shown; `dtype` is their type, of which the values are exact.
    pub fn new(values: &[f64], dtype: DType, options: &PrintOptions, sign: char) -> FloatFormatter {
        let fixed = options.floatmode == FloatMode::Fixed;
        let mut out = FloatFormatter {
            dtype,
            unique: !fixed,
            precision: if options.floatmode == FloatMode::Unique { usize::MAX } else { options.precision },
            min_digits: 0,
            keep_zeros: fixed,
            exponent: None,
            left: 0,
            right: 0,
            plus: sign == '+',
            nan: options.nanstr.clone(),
            inf: options.infstr.clone(),
        };
        let finite: Vec<f64> = values.iter().copied().filter(|x| x.is_finite()).collect();
        if finite.is_empty() {
            (out.unique, out.keep_zeros) = (true, false);
        } else if needs_exponent(&finite, dtype, options.suppress) {
            out.fit_scientific(&finite);
        } else {
            out.fit_positional(&finite, options.floatmode);
        }
        if sign == ' ' && !finite.iter().any(|x| x.is_sign_negative()) {
            out.left += 1;
        }
        if finite.len() != values.len() {
            let signed = sign != '-' || values.contains(&f64::NEG_INFINITY);
            let widest = out.nan.chars().count().max(out.inf.chars().count() + usize::from(signed));
            out.left = out.left.max(widest.saturating_sub(out.right + 1));
        }
        out
    }

    fn fit_scientific(&mut self, finite: &[f64]) {
        let (mut left, mut fraction, mut exponent) = (0, 0, 0);
        for &x in finite {
            let (digits, power) = self.scientific_digits(x);
            left = left.max(1 + self.sign(x).len());
            fraction = fraction.max(digits.len() - 1);
            exponent = exponent.max(power.abs().to_string().len().max(2));
        }
        (self.left, self.precision, self.min_digits) = (left, fraction, fraction);
        self.right = exponent + 2 + fraction;
        self.keep_zeros = true;
        self.exponent = Some(exponent);
    }

    fn fit_positional(&mut self, finite: &[f64], mode: FloatMode) {
        for &x in finite {
            let (whole, fraction) = self.positional_digits(x);
            self.left = self.left.max(whole.len() + self.sign(x).len());
            self.right = self.right.max(fraction.len());
        }
        if matches!(mode, FloatMode::Fixed | FloatMode::MaxPrecEqual) {
            (self.precision, self.min_digits) = (self.right, self.right);
            self.keep_zeros = true;
        }
    }

    fn sign(&self, x: f64) -> &'static str {
        match (x.is_sign_negative(), self.plus) {
            (true, _) => "-",
            (false, true) => "+",
            (false, false) => "",
        }
    }

    /// Digits as wanted: the shortest if there are neither too few nor too many, else rounded ones. `have` is the number
    /// of the shortest digits behind the point.
    fn rounded_to(&self, have: usize) -> Option<usize> {
        match self.unique {
            true if have > self.precision => Some(self.precision),
            true if have < self.min_digits => Some(self.min_digits),
            true => None,
            false => Some(self.precision),
        }
    }

    fn trim<'t>(&self, fraction: &'t str) -> &'t str {
        if self.keep_zeros { fraction } else { fraction.trim_end_matches('0') }
    }

    /// Digits, the point after the first, and the power of ten.
    fn scientific_digits(&self, x: f64) -> Digits {
        let (digits, power) = unique_digits(x.abs(), self.dtype);
        match self.rounded_to(digits.len() - 1) {
            None => (digits, power),
            Some(places) => {
                let (digits, power) = split_exponent(&exponent(x.abs(), places));
                let fraction = self.trim(&digits[1..]).len();
                (digits[..1 + fraction].into(), power)
            }
        }
    }

    /// Digits before and after the point.
    fn positional_digits(&self, x: f64) -> (String, String) {
        let (digits, power) = unique_digits(x.abs(), self.dtype);
        let have = (digits.len() as i32 - 1 - power).max(0) as usize;
        match self.rounded_to(have) {
            Some(places) => {
                let text = fixed(x.abs(), places);
                let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
                (whole.into(), self.trim(fraction).into())
            }
            None => {
                let text = FloatFormat::new(Style::Repr, 0).positional(digits, power);
                let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
                (whole.into(), fraction.into())
            }
        }
    }

    /// The text of one number, as wide as all others.
    pub fn text(&self, x: f64) -> String {
        if !x.is_finite() {
            let text = match x.is_nan() {
                true => format!("{}{}", if self.plus { "+" } else { "" }, self.nan),
                false => format!("{}{}", self.sign(x), self.inf),
            };
            return format!("{text:>width$}", width = self.left + self.right + 1);
        }
        let (left, right) = (self.left, self.right);
        if let Some(width) = self.exponent {
            let (digits, power) = self.scientific_digits(x);
            let whole = format!("{}{}", self.sign(x), &digits[..1]);
            let sign = if power < 0 { '-' } else { '+' };
            return format!("{whole:>left$}.{}e{sign}{:0width$}", &digits[1..], power.abs());
        }
        let (whole, fraction) = self.positional_digits(x);
        format!("{:>left$}.{fraction:<right$}", format!("{}{whole}", self.sign(x)))
    }
}

/// Whether numbers that differ this much, or are this large or small, are written with exponents. The comparisons are
/// made in the numbers' own type.
fn needs_exponent(finite: &[f64], dtype: DType, suppress: bool) -> bool {
    let magnitudes = || finite.iter().map(|x| x.abs()).filter(|x| *x != 0.0);
    let (Some(least), Some(most)) = (magnitudes().reduce(f64::min), magnitudes().reduce(f64::max)) else {
        return false;
    };
    let (cutoff, tiny, ratio) = match dtype {
        DType::F16 => (1e3, f16::from_f64(1e-4).to_f64(), f16::from_f64(most / least).to_f64()),
        DType::F32 => (1e6, f64::from(1e-4_f32), f64::from(most as f32 / least as f32)),
        _ => (1e8, 1e-4, most / least),
    };
    most >= cutoff || (!suppress && (least < tiny || ratio > 1000.0))
}
