//! The ranges of the dtypes: `torch.finfo` and `torch.iinfo`.

use super::DType;

/// What `torch.finfo` tells of a floating dtype.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FloatInfo {
    /// The dtype; for a complex one, that of its parts.
    pub dtype: DType,
    /// Bits an element.
    pub bits: u32,
    /// Distance from 1 to the next number.
    pub eps: f64,
    /// Largest number; the smallest is its negative.
    pub max: f64,
    /// Smallest positive number with full precision (`tiny`).
    pub smallest_normal: f64,
    /// Ten to minus the decimal digits that are kept.
    pub resolution: f64,
}

/// What `torch.iinfo` tells of an integer dtype.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IntInfo {
    /// The dtype.
    pub dtype: DType,
    /// Bits an element.
    pub bits: u32,
    /// Smallest number.
    pub min: i64,
    /// Largest number.
    pub max: u64,
}

/// `torch.finfo(dtype)`; `None` for a dtype that is neither floating nor complex.
pub fn float_info(dtype: DType) -> Option<FloatInfo> {
    let dtype = dtype.real();
    // Bits of the mantissa, of the exponent, and decimal digits.
    let (mantissa, exponent, digits) = match dtype {
        DType::F16 => (10, 5, 3),
        DType::BF16 => (7, 8, 2),
        DType::F32 => (23, 8, 6),
        DType::F64 => (52, 11, 15),
        _ => return None,
    };
    let bias = (1 << (exponent - 1)) - 1;
    let eps = 2f64.powi(-mantissa);
    Some(FloatInfo {
        dtype,
        bits: dtype.size() as u32 * 8,
        eps,
        max: (2.0 - eps) * 2f64.powi(bias),
        smallest_normal: 2f64.powi(1 - bias),
        // Parsed, since powers of ten below 1 are not exact.
        resolution: format!("1e-{digits}").parse().unwrap_or(eps),
    })
}

/// `torch.iinfo(dtype)`; `None` for a dtype that is not an integer one (`bool` is not).
pub fn int_info(dtype: DType) -> Option<IntInfo> {
    if !dtype.is_int() {
        return None;
    }
    let bits = dtype.size() as u32 * 8;
    let (min, max) = if dtype.is_unsigned() {
        (0, u64::MAX >> (64 - bits))
    } else {
        (i64::MIN >> (64 - bits), u64::MAX >> (65 - bits))
    };
    Some(IntInfo { dtype, bits, min, max })
}
