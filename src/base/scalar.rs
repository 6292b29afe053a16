//! One number, outside any tensor.

use super::dtype::{C64, DType, Element};
use half::{bf16, f16};

/// A Python number, or an element taken out of a tensor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scalar {
    /// `True`, `False`.
    Bool(bool),
    /// An integer; those above `i64::MAX` exist only in `uint64` tensors.
    Int(i64),
    /// An element of a `uint64` tensor above `i64::MAX`.
    UInt(u64),
    /// A float.
    Float(f64),
    /// A complex number.
    Complex(C64),
}

impl Scalar {
    /// The dtype a Python number has when a tensor is made of it, but for floats, which take the default dtype.
    pub fn dtype(self) -> DType {
        match self {
            Scalar::Bool(_) => DType::Bool,
            Scalar::Int(_) => DType::I64,
            Scalar::UInt(_) => DType::U64,
            Scalar::Float(_) => DType::F64,
            Scalar::Complex(_) => DType::C64,
        }
    }

    /// As a float; a complex number loses its imaginary part.
    #[inline(always)]
    pub fn to_f64(self) -> f64 {
        match self {
            Scalar::Bool(b) => f64::from(u8::from(b)),
            Scalar::Int(i) => i as f64,
            Scalar::UInt(u) => u as f64,
            Scalar::Float(f) => f,
            Scalar::Complex(c) => c.re,
        }
    }

    /// As an integer, as C++ converts: floats truncate.
    #[inline(always)]
    pub fn to_i64(self) -> i64 {
        match self {
            Scalar::Bool(b) => i64::from(b),
            Scalar::Int(i) => i,
            Scalar::UInt(u) => u as i64,
            Scalar::Float(f) => f as i64,
            Scalar::Complex(c) => c.re as i64,
        }
    }

    /// As a complex number.
    pub fn to_c64(self) -> C64 {
        match self {
            Scalar::Complex(c) => c,
            other => C64::new(other.to_f64(), 0.0),
        }
    }

    /// Whether it is not zero.
    #[inline(always)]
    pub fn to_bool(self) -> bool {
        match self {
            Scalar::Bool(b) => b,
            Scalar::Int(i) => i != 0,
            Scalar::UInt(u) => u != 0,
            Scalar::Float(f) => f != 0.0,
            Scalar::Complex(c) => c != C64::new(0.0, 0.0),
        }
    }

    /// `Float` or `Complex`.
    pub fn is_inexact(self) -> bool {
        matches!(self, Scalar::Float(_) | Scalar::Complex(_))
    }

    /// `Complex`.
    pub fn is_complex(self) -> bool {
        matches!(self, Scalar::Complex(_))
    }

    /// `Int`, `UInt` or `Bool`: torch's "integral, including bool".
    pub fn is_integral(self) -> bool {
        !self.is_inexact()
    }
}

impl From<bool> for Scalar {
    fn from(v: bool) -> Self {
        Scalar::Bool(v)
    }
}

impl From<i64> for Scalar {
    fn from(v: i64) -> Self {
        Scalar::Int(v)
    }
}

impl From<f64> for Scalar {
    fn from(v: f64) -> Self {
        Scalar::Float(v)
    }
}

/// An element type's way to and from every other, by C++'s `static_cast` as ATen applies it.
pub trait Cast: Element {
    /// From any number; a complex one loses its imaginary part, floats truncate towards zero and wrap.
    fn from_scalar(s: Scalar) -> Self;
    /// To a Python number.
    fn to_scalar(self) -> Scalar;
    /// `static_cast` from another element type.
    #[inline(always)]
    fn cast_from<S: Cast>(s: S) -> Self {
        Self::from_scalar(s.to_scalar())
    }
}

impl Cast for bool {
    #[inline(always)]
    fn from_scalar(s: Scalar) -> Self {
        s.to_bool()
    }
    #[inline(always)]
    fn to_scalar(self) -> Scalar {
        Scalar::Bool(self)
    }
}

macro_rules! int_casts {
    ($($t:ty, $convert:ident);*) => {$(
        impl Cast for $t {
            #[inline(always)]
            fn from_scalar(s: Scalar) -> Self {
                match s {
                    Scalar::Bool(b) => b as $t,
                    Scalar::Int(i) => i as $t,
                    Scalar::UInt(u) => u as $t,
                    Scalar::Float(f) => $convert(f) as $t,
                    Scalar::Complex(c) => $convert(c.re) as $t,
                }
            }
            #[inline(always)]
            fn to_scalar(self) -> Scalar {
                #[allow(irrefutable_let_patterns)]
                if let Ok(i) = i64::try_from(self) { Scalar::Int(i) } else { Scalar::UInt(self as u64) }
            }
        }
    )*};
}
int_casts!(u8, float_to_i32; i8, float_to_i32; i16, float_to_i32; i32, float_to_i32; i64, float_to_i64; u16, float_to_i32;
    u32, float_to_u32; u64, float_to_u64);

/// What x86's `cvttsd2si` gives: truncation, and `i32::MIN` for what does not fit (nan and infinities too).
#[inline(always)]
pub fn float_to_i32(f: f64) -> i32 {
    if f > -2_147_483_649.0 && f < 2_147_483_648.0 { f as i32 } else { i32::MIN }
}

/// As [`float_to_i32`], for 64 bits.
#[inline(always)]
pub fn float_to_i64(f: f64) -> i64 {
    if (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&f) { f as i64 } else { i64::MIN }
}

/// The signed conversion below 2^31, and above it that of `f - 2^31` with the top bit turned: what compilers make of
/// a vector conversion to unsigned.
#[inline(always)]
fn float_to_u32(f: f64) -> u32 {
    const TOP: f64 = 2_147_483_648.0;
    if f >= TOP { (float_to_i32(f - TOP) ^ i32::MIN) as u32 } else { float_to_i32(f) as u32 }
}

/// As [`float_to_u32`], for 64 bits.
#[inline(always)]
fn float_to_u64(f: f64) -> u64 {
    const TOP: f64 = 9_223_372_036_854_775_808.0;
    if f >= TOP { (float_to_i64(f - TOP) ^ i64::MIN) as u64 } else { float_to_i64(f) as u64 }
}

impl Cast for f64 {
    #[inline(always)]
    fn from_scalar(s: Scalar) -> Self {
        s.to_f64()
    }
    #[inline(always)]
    fn to_scalar(self) -> Scalar {
        Scalar::Float(self)
    }
}

impl Cast for f32 {
    #[inline(always)]
    fn from_scalar(s: Scalar) -> Self {
        match s {
            Scalar::Int(i) => i as f32,
            Scalar::UInt(u) => u as f32,
            other => other.to_f64() as f32,
        }
    }
    #[inline(always)]
    fn to_scalar(self) -> Scalar {
        Scalar::Float(f64::from(self))
    }
}

macro_rules! half_casts {
    ($($t:ty),*) => {$(
        impl Cast for $t {
            #[inline(always)]
            fn from_scalar(s: Scalar) -> Self {
                // C++'s halves convert by way of float.
                <$t>::from_f32(f32::from_scalar(s))
            }
            #[inline(always)]
            fn to_scalar(self) -> Scalar {
                Scalar::Float(f64::from(self))
            }
        }
    )*};
}
half_casts!(f16, bf16);

macro_rules! complex_casts {
    ($($f:ty),*) => {$(
        impl Cast for num_complex::Complex<$f> {
            #[inline(always)]
            fn from_scalar(s: Scalar) -> Self {
                match s {
                    Scalar::Complex(c) => Self::new(c.re as $f, c.im as $f),
                    other => Self::new(<$f>::from_scalar(other), 0.0),
                }
            }
            #[inline(always)]
            fn to_scalar(self) -> Scalar {
                Scalar::Complex(C64::new(f64::from(self.re), f64::from(self.im)))
            }
        }
    )*};
}
complex_casts!(f32, f64);
