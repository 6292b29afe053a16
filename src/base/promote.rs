//! Type promotion.
//!
//! torch ranks operands in three categories: tensors with dimensions, zero-dimensional tensors and Python
//! numbers. A lower category changes the result's dtype only when its kind (bool < int < float < complex) is higher.

use super::dtype::DType;
use std::cell::Cell;

thread_local! {
    static DEFAULT: Cell<DType> = const { Cell::new(DType::F32) };
}

/// `torch.get_default_dtype()`.
#[inline]
pub fn default_dtype() -> DType {
    DEFAULT.get()
}

/// `torch.set_default_dtype()`; the caller has checked that it is floating.
pub fn set_default_dtype(dtype: DType) {
    DEFAULT.set(dtype);
}

/// The complex dtype that goes with the default one.
pub fn default_complex() -> DType {
    default_dtype().complex().unwrap_or(DType::C32)
}

/// `torch.promote_types(a, b)`; `None` for `uint16`..`uint64` with another integer type, as torch refuses it.
pub fn promote(a: DType, b: DType) -> Option<DType> {
    use DType::*;
    if a == b {
        return Some(a);
    }
    let (a, b) = if rank(a) <= rank(b) { (a, b) } else { (b, a) };
    // From here on `b` is of the higher kind, or of the same.
    Some(match (a, b) {
        (_, C32 | C64) => match (a, b) {
            (F64 | C64, _) | (_, C64) => C64,
            _ => C32,
        },
        (Bool, _) => b,
        (F16, BF16) | (BF16, F16) => F32,
        _ if a.is_int() && b.is_float() => b,
        _ if b.is_float() => {
            if a.size() > b.size() {
                a
            } else {
                b
            }
        }
        (U16 | U32 | U64, _) | (_, U16 | U32 | U64) => return None,
        (U8, I8) | (I8, U8) => I16,
        (U8, other) | (other, U8) => other,
        _ => {
            if a.size() > b.size() {
                a
            } else {
                b
            }
        }
    })
}

/// bool 0, integers 1, floats 2, complex 3.
pub fn rank(d: DType) -> u8 {
    match d {
        DType::Bool => 0,
        _ if d.is_int() => 1,
        _ if d.is_float() => 2,
        _ => 3,
    }
}

/// The dtypes seen so far of an op's operands, by category.
#[derive(Clone, Copy, Debug, Default)]
pub struct Promotion {
    dims: Option<DType>,
    zero: Option<DType>,
    wrapped: Option<DType>,
    refused: Option<(DType, DType)>,
}

impl Promotion {
    /// Nothing seen yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sees a tensor of `dtype` with `ndim` dimensions.
    pub fn tensor(&mut self, dtype: DType, ndim: usize) {
        let slot = if ndim > 0 { &mut self.dims } else { &mut self.zero };
        Self::merge(slot, dtype, &mut self.refused);
    }

    /// Sees a Python number: bool, int, float (as the default dtype) or complex.
    pub fn number(&mut self, scalar: super::Scalar) {
        let dtype = match scalar {
            super::Scalar::Float(_) => default_dtype(),
            super::Scalar::Complex(_) => default_complex(),
            super::Scalar::UInt(_) => DType::I64,
            other => other.dtype(),
        };
        Self::merge(&mut self.wrapped, dtype, &mut self.refused);
    }

    fn merge(slot: &mut Option<DType>, dtype: DType, refused: &mut Option<(DType, DType)>) {
        match *slot {
            None => *slot = Some(dtype),
            Some(have) => match promote(have, dtype) {
                Some(both) => *slot = Some(both),
                None => *refused = Some((have, dtype)),
            },
        }
    }

    /// `torch.result_type` of what was seen.
    ///
    /// # Errors
    /// torch's `RuntimeError` for `uint16`..`uint64` mixed with another integer dtype.
    pub fn result(self) -> super::Result<DType> {
        let mut refused = self.refused;
        let mut combine = |higher: Option<DType>, lower: Option<DType>| match (higher, lower) {
            (Some(h), Some(l)) if rank(h) >= rank(l) => Some(h),
            // Complex numbers of a lower category leave the floats their precision.
            (Some(h), Some(l)) if h.is_float() && l.is_complex() => h.complex(),
            (Some(h), Some(l)) => match promote(h, l) {
                Some(both) => Some(both),
                None => {
                    refused = Some((h, l));
                    Some(h)
                }
            },
            (h, l) => h.or(l),
        };
        let zero = combine(self.zero, self.wrapped);
        let result = combine(self.dims, zero);
        if let Some((a, b)) = refused {
            return Err(super::error::runtime(format!(
                "Promotion for uint16, uint32, uint64 types is not supported, attempted to promote {} and {}",
                a.aten(),
                b.aten()
            )));
        }
        Ok(result.unwrap_or_else(default_dtype))
    }
}

/// Whether `from` may be stored into `to` in place: `torch.can_cast`.
pub fn can_cast(from: DType, to: DType) -> bool {
    if from.is_complex() && !to.is_complex() {
        return false;
    }
    if (from.is_float() || from.is_complex()) && to.is_integral() {
        return false;
    }
    from == DType::Bool || to != DType::Bool
}
