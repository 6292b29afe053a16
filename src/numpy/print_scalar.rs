//! `str` and `repr` of NumPy's scalars: `1.5` and `np.float64(1.5)`.

use super::print_float::unique_digits;
use crate::base::{DType, Scalar};
use crate::print::number::{FloatFormat, Style, float_repr};

/// `str(scalar)` of an element of this type.
pub fn scalar_str(x: Scalar, dtype: DType) -> String {
    match (dtype, x) {
        (DType::Bool, x) => if x.to_bool() { "True" } else { "False" }.into(),
        (_, Scalar::UInt(u)) => u.to_string(),
        (dtype, x) if dtype.is_float() => {
            let text = float_text(x.to_f64(), dtype);
            // What has neither a point nor an exponent is a whole number; nan and inf have letters.
            if text.contains(|c: char| c == '.' || c.is_ascii_alphabetic()) { text } else { text + ".0" }
        }
        (dtype, x) if dtype.is_complex() => {
            let z = x.to_c64();
            let imaginary = float_text(z.im, dtype.real());
            if z.re == 0.0 && z.re.is_sign_positive() {
                return imaginary + "j";
            }
            let plus = if imaginary.starts_with('-') { "" } else { "+" };
            format!("({}{plus}{imaginary}j)", float_text(z.re, dtype.real()))
        }
        (_, x) => x.to_i64().to_string(),
    }
}

/// `repr(scalar)` of an element of this type.
pub fn scalar_repr(x: Scalar, dtype: DType) -> String {
    let text = scalar_str(x, dtype);
    match dtype {
        DType::Bool => format!("np.{text}_"),
        _ => format!("np.{}({})", dtype.name(), text.trim_start_matches('(').trim_end_matches(')')),
    }
}

/// The shortest text of a number of this type; an exponent where it is very large or small, no `.0`.
fn float_text(x: f64, dtype: DType) -> String {
    if !x.is_finite() {
        return float_repr(x);
    }
    let large = match dtype {
        DType::F16 => 1e3,
        DType::F32 => 1e6,
        _ => 1e16,
    };
    let sign = if x.is_sign_negative() { "-" } else { "" };
    let (digits, power) = unique_digits(x.abs(), dtype);
    let format = FloatFormat::new(Style::Repr, 0);
    if x == 0.0 || (1e-4..large).contains(&x.abs()) {
        return format!("{sign}{}", format.positional(digits, power));
    }
    format!("{sign}{}", format.scientific(digits, power))
}
