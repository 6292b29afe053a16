//! What indexed writes do with two elements that meet.

use crate::base::dtype::{C32, C64};
use crate::base::error::{Error, not_implemented, runtime};
use crate::base::scalar::{Cast, Scalar};
use crate::base::{DType, Result};
use half::{bf16, f16};

/// Arithmetic on elements as ATen's kernels do it one by one: integers wrap, bools are or / and, halves round each time.
pub trait Element: Cast {
    /// `self + other`.
    fn plus(self, other: Self) -> Self;
    /// `self * other`.
    fn times(self, other: Self) -> Self;
    /// Whether `self > other`; false for complex numbers.
    fn above(self, other: Self) -> bool;
    /// Whether it is a nan.
    fn nan(self) -> bool;

    /// The larger; a nan wins.
    fn larger(self, other: Self) -> Self {
        if self.nan() || (!other.nan() && !other.above(self)) { self } else { other }
    }

    /// The smaller; a nan wins.
    fn smaller(self, other: Self) -> Self {
        if self.nan() || (!other.nan() && !self.above(other)) { self } else { other }
    }
}

macro_rules! elements {
    ($($t:ty: |$a:ident, $b:ident| $plus:expr, $times:expr, $above:expr, $nan:expr;)*) => {$(
        impl Element for $t {
            #[inline(always)]
            fn plus(self, other: Self) -> Self {
                let ($a, $b) = (self, other);
                $plus
            }
            #[inline(always)]
            fn times(self, other: Self) -> Self {
                let ($a, $b) = (self, other);
                $times
            }
            #[inline(always)]
            fn above(self, other: Self) -> bool {
                let ($a, $b) = (self, other);
                let _ = ($a, $b);
                $above
            }
            #[inline(always)]
            fn nan(self) -> bool {
                let $a = self;
                let _ = $a;
                $nan
            }
        }
    )*};
}

macro_rules! int_elements {
    ($($t:ty),*) => { elements!($($t: |a, b| a.wrapping_add(b), a.wrapping_mul(b), a > b, false;)*); };
}
int_elements!(u8, i8, i16, i32, i64, u16, u32, u64);

elements! {
    bool: |a, b| a | b, a & b, a & !b, false;
    f32: |a, b| a + b, a * b, a > b, a.is_nan();
    f64: |a, b| a + b, a * b, a > b, a.is_nan();
    f16: |a, b| f16::from_f32(a.to_f32() + b.to_f32()), f16::from_f32(a.to_f32() * b.to_f32()), a > b, a.is_nan();
    bf16: |a, b| bf16::from_f32(a.to_f32() + b.to_f32()), bf16::from_f32(a.to_f32() * b.to_f32()), a > b, a.is_nan();
    C32: |a, b| a + b, a * b, false, a.is_nan();
    C64: |a, b| a + b, a * b, false, a.is_nan();
}

/// How `scatter_reduce` and `index_reduce` join what meets in one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Reduce {
    Sum,
    Prod,
    Mean,
    Amax,
    Amin,
}

impl Reduce {
    /// The function that joins two elements; a mean sums first.
    pub fn function<T: Element>(self) -> fn(T, T) -> T {
        match self {
            Reduce::Sum | Reduce::Mean => T::plus,
            Reduce::Prod => T::times,
            Reduce::Amax => T::larger,
            Reduce::Amin => T::smaller,
        }
    }

    /// The element that changes nothing: what `include_self=False` starts from.
    pub fn identity(self, dtype: DType) -> Scalar {
        match self {
            Reduce::Sum | Reduce::Mean => Scalar::Int(0),
            Reduce::Prod => Scalar::Int(1),
            Reduce::Amax => lowest(dtype),
            Reduce::Amin => highest(dtype),
        }
    }

    /// The word in ATen's kernel names.
    pub fn word(self) -> &'static str {
        match self {
            Reduce::Sum => "sum",
            Reduce::Prod => "prod",
            Reduce::Mean => "mean",
            Reduce::Amax => "amax",
            Reduce::Amin => "amin",
        }
    }
}

/// The smallest value of a real dtype, minus infinity where there is one.
pub fn lowest(dtype: DType) -> Scalar {
    match dtype {
        DType::Bool => Scalar::Bool(false),
        DType::I8 => Scalar::Int(i8::MIN.into()),
        DType::I16 => Scalar::Int(i16::MIN.into()),
        DType::I32 => Scalar::Int(i32::MIN.into()),
        DType::I64 => Scalar::Int(i64::MIN),
        d if d.is_unsigned() => Scalar::Int(0),
        _ => Scalar::Float(f64::NEG_INFINITY),
    }
}

/// The largest value of a real dtype, infinity where there is one.
pub fn highest(dtype: DType) -> Scalar {
    match dtype {
        DType::Bool => Scalar::Bool(true),
        DType::U8 => Scalar::Int(u8::MAX.into()),
        DType::I8 => Scalar::Int(i8::MAX.into()),
        DType::I16 => Scalar::Int(i16::MAX.into()),
        DType::U16 => Scalar::Int(u16::MAX.into()),
        DType::I32 => Scalar::Int(i32::MAX.into()),
        DType::U32 => Scalar::Int(u32::MAX.into()),
        DType::I64 => Scalar::Int(i64::MAX),
        DType::U64 => Scalar::UInt(u64::MAX),
        _ => Scalar::Float(f64::INFINITY),
    }
}

/// A number as an element of `dtype`, refused when it does not fit: `Scalar::to<T>()` of ATen. Negative integers wrap
/// into unsigned types when their magnitude fits.
///
/// # Errors
/// `value cannot be converted to type int8_t without overflow`.
pub fn checked(value: Scalar, dtype: DType) -> Result<Scalar> {
    let real_fits = |f: f64| match dtype {
        DType::Bool | DType::F64 | DType::C64 => true,
        DType::F32 | DType::C32 => !f.is_finite() || f.abs() <= f64::from(f32::MAX),
        DType::F16 => !f.is_finite() || f.abs() <= f64::from(f16::MAX),
        DType::BF16 => !f.is_finite() || f.abs() <= f64::from(bf16::MAX),
        _ => {
            !f.is_nan()
                && f >= lowest(dtype).to_f64()
                && f <= highest(dtype).to_f64()
                && f < 2f64.powi(64)
                && !(dtype == DType::I64 && f >= 2f64.powi(63))
        }
    };
    let fits = match value {
        Scalar::Bool(_) => true,
        Scalar::Int(i) => match dtype {
            _ if !dtype.is_int() => real_fits(i as f64),
            DType::I64 | DType::U64 => true,
            _ => {
                let low = if dtype.is_unsigned() { -highest(dtype).to_i64() } else { lowest(dtype).to_i64() };
                (low..=highest(dtype).to_i64()).contains(&i)
            }
        },
        Scalar::UInt(u) => match dtype {
            DType::U64 => true,
            _ if dtype.is_int() => false,
            _ => real_fits(u as f64),
        },
        Scalar::Float(f) => real_fits(f),
        Scalar::Complex(c) => {
            if dtype.is_complex() {
                real_fits(c.re) && real_fits(c.im)
            } else {
                c.im == 0.0 && real_fits(c.re)
            }
        }
    };
    if fits { Ok(value) } else { Err(overflowing(dtype)) }
}

#[cold]
fn overflowing(dtype: DType) -> Error {
    runtime(format!("value cannot be converted to type {} without overflow", dtype.cpp_fixed()))
}

/// `"kernel" not implemented for 'Dtype'`.
#[cold]
pub fn unsupported(kernel: &str, dtype: DType) -> Error {
    not_implemented(format!("\"{kernel}\" not implemented for '{}'", dtype.aten()))
}

/// Refuses `uint16`, `uint32` and `uint64`, which most of ATen's kernels leave out.
///
/// # Errors
/// [`unsupported`].
pub fn no_wide_unsigned(kernel: &str, dtype: DType) -> Result<()> {
    if matches!(dtype, DType::U16 | DType::U32 | DType::U64) { Err(unsupported(kernel, dtype)) } else { Ok(()) }
}
