//! Words that torch's messages share: numbers and dtypes as C++ prints them.

use crate::base::DType;
use crate::base::error::{Error, not_implemented};

/// A double as a C++ stream prints it: six significant digits, no trailing zeros.
pub(super) fn cxx(x: f64) -> String {
    if x.is_nan() {
        return if x.is_sign_negative() { "-nan".into() } else { "nan".into() };
    }
    if x.is_infinite() {
        return if x < 0.0 { "-inf".into() } else { "inf".into() };
    }
    let sci = format!("{x:.5e}");
    let (mantissa, exponent) = sci.split_once('e').unwrap_or((&sci, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let trim = |s: &str| match s.contains('.') {
        true => s.trim_end_matches('0').trim_end_matches('.').to_string(),
        false => s.to_string(),
    };
    if (-4..6).contains(&exponent) {
        trim(&format!("{x:.*}", (5 - exponent) as usize))
    } else {
        let sign = if exponent < 0 { '-' } else { '+' };
        format!("{}e{sign}{:02}", trim(mantissa), exponent.abs())
    }
}

/// torch's `NotImplementedError` for a dtype that a kernel lacks.
#[cold]
pub(super) fn lacking(kernel: &str, dtype: DType) -> Error {
    not_implemented(format!("\"{kernel}\" not implemented for '{}'", dtype.aten()))
}
