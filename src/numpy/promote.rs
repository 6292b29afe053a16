//! NumPy's type promotion: arrays and NumPy's scalars by their dtype, Python's numbers only by their kind (NEP 50).

use crate::base::{DType, Scalar};

/// `np.promote_types(a, b)`: the smallest dtype that holds both.
pub fn promote(a: DType, b: DType) -> DType {
    use DType::*;
    if a == b || b == Bool {
        return a;
    }
    if a == Bool {
        return b;
    }
    if a.is_complex() || b.is_complex() {
        return match promote(a.real(), b.real()) {
            F64 => C64,
            _ => C32,
        };
    }
    match (a.is_float(), b.is_float()) {
        (true, true) => {
            if a.size() >= b.size() {
                a
            } else {
                b
            }
        }
        (true, false) => promote(a, float_of(b)),
        (false, true) => promote(float_of(a), b),
        (false, false) if a.is_unsigned() == b.is_unsigned() => {
            if a.size() >= b.size() {
                a
            } else {
                b
            }
        }
        (false, false) => {
            let (unsigned, signed) = if a.is_unsigned() { (a, b) } else { (b, a) };
            let wide = match unsigned {
                U8 => I16,
                U16 => I32,
                U32 => I64,
                _ => return F64,
            };
            if signed.size() >= wide.size() { signed } else { wide }
        }
    }
}

/// The float in which functions such as `sqrt` compute an integer dtype; any other dtype is its own.
pub fn float_of(d: DType) -> DType {
    match d {
        DType::Bool | DType::I8 | DType::U8 => DType::F16,
        DType::I16 | DType::U16 => DType::F32,
        _ if d.is_int() => DType::F64,
        other => other,
    }
}

/// The dtype of operands: `strong` ones by dtype, `weak` Python numbers by kind.
pub fn result_type(strong: impl IntoIterator<Item = DType>, weak: impl IntoIterator<Item = Scalar>) -> DType {
    let strong = strong.into_iter().reduce(promote);
    weak.into_iter().fold(strong, |have, s| Some(weaken(have, s))).unwrap_or(DType::F64)
}

fn weaken(have: Option<DType>, number: Scalar) -> DType {
    let Some(have) = have else { return number.dtype() };
    match number {
        Scalar::Bool(_) => have,
        Scalar::Int(_) | Scalar::UInt(_) if have == DType::Bool => number.dtype(),
        Scalar::Int(_) | Scalar::UInt(_) => have,
        Scalar::Float(_) if have.is_integral() => DType::F64,
        Scalar::Float(_) => have,
        Scalar::Complex(_) => have.complex().unwrap_or(DType::C64),
    }
}

/// Whether a result may be written into another dtype: safely, or without leaving its kind (`'same_kind'`).
pub fn same_kind(from: DType, to: DType) -> bool {
    let order = |d: DType| match d {
        DType::Bool => 0,
        d if d.is_unsigned() => 1,
        d if d.is_int() => 2,
        d if d.is_float() => 3,
        _ => 4,
    };
    order(from) <= order(to)
}

/// Whether every value of a dtype is one of the other (`'safe'`).
pub fn safe(from: DType, to: DType) -> bool {
    promote(from, to) == to
}
