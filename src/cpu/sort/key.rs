//! Elements as unsigned integers of the same order, so that one sort serves every dtype.

use crate::base::DType;
use crate::base::error::{Result, runtime};
use crate::base::interrupt::polled;
use crate::dispatch;
use crate::store::View;
use half::{bf16, f16};

/// The key of every nan: after all numbers.
pub const NAN: u64 = u64::MAX;

/// A type with an order: nans last, `-0.0` equal to `0.0`.
pub trait Key: Copy {
    /// The element's place among all values of its type.
    fn key(self) -> u64;
}

macro_rules! keys {
    ($($t:ty: |$v:ident| $key:expr;)*) => {$(
        impl Key for $t {
            #[inline(always)]
            fn key(self) -> u64 {
                let $v = self;
                $key
            }
        }
    )*};
}

keys! {
    bool: |v| u64::from(v);
    u8: |v| u64::from(v);
    u16: |v| u64::from(v);
    u32: |v| u64::from(v);
    u64: |v| v;
    i8: |v| i64::from(v).key();
    i16: |v| i64::from(v).key();
    i32: |v| i64::from(v).key();
    i64: |v| (v as u64) ^ (1 << 63);
    f32: |v| f64::from(v).key();
    f16: |v| f64::from(v).key();
    bf16: |v| f64::from(v).key();
    f64: |v| if v.is_nan() {
        NAN
    } else {
        // Adding zero turns -0.0 into 0.0; negative numbers then run backwards in their bits.
        let bits = (v + 0.0).to_bits();
        if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }
    };
}

/// The keys of the elements in row-major order.
///
/// # Errors
/// For complex numbers, in the words given.
pub fn keys(x: &View, refusal: &str) -> Result<Vec<u64>> {
    dispatch!(x.dtype(), real T => Ok(polled(x.array::<T>().iter()).map(|v| v.key()).collect()), else Err(runtime(refusal)))
}

/// Whether `key`, of an element of `dtype`, is a nan's.
pub fn is_nan(key: u64, dtype: DType) -> bool {
    key == NAN && dtype.is_float()
}
