//! Element types.

use half::{bf16, f16};
use num_complex::Complex;
use std::borrow::Cow;
use std::fmt;

/// 32-bit complex numbers, two `f32`s.
pub type C32 = Complex<f32>;
/// 64-bit complex numbers, two `f64`s.
pub type C64 = Complex<f64>;

macro_rules! dtypes {
    ($($(#[$doc:meta])* $dtype:ident $ty:ty, $name:literal, $aten:literal, $cpp:literal;)*) => {
        /// The type of a tensor's elements.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum DType { $($(#[$doc])* $dtype),* }

        impl DType {
            /// Every dtype, in the order of declaration.
            pub const ALL: &'static [DType] = &[$(DType::$dtype),*];

            /// torch's and NumPy's name: `float32`.
            pub fn name(self) -> &'static str {
                match self { $(DType::$dtype => $name),* }
            }

            /// The name in ATen's messages: `Float`, `Long`.
            pub fn aten(self) -> &'static str {
                match self { $(DType::$dtype => $aten),* }
            }

            /// C++'s name of the element type, as `caffe2::TypeMeta` prints it in messages: `short int`.
            pub fn cpp(self) -> &'static str {
                match self { $(DType::$dtype => $cpp),* }
            }

            /// Bytes an element.
            pub fn size(self) -> usize {
                match self { $(DType::$dtype => size_of::<$ty>()),* }
            }
        }

        $(impl Element for $ty { const DTYPE: DType = DType::$dtype; })*
    };
}

/// A Rust type that is the element of some dtype.
pub trait Element: Copy + Default + PartialEq + Send + Sync + fmt::Debug + 'static {
    /// The dtype.
    const DTYPE: DType;
}

dtypes! {
    /// Truth values, one byte each.
    Bool bool, "bool", "Bool", "bool";
    /// Unsigned 8-bit integers.
    U8 u8, "uint8", "Byte", "unsigned char";
    /// Signed 8-bit integers.
    I8 i8, "int8", "Char", "signed char";
    /// Signed 16-bit integers.
    I16 i16, "int16", "Short", "short int";
    /// Signed 32-bit integers.
    I32 i32, "int32", "Int", "int";
    /// Signed 64-bit integers.
    I64 i64, "int64", "Long", "long int";
    /// Unsigned 16-bit integers.
    U16 u16, "uint16", "UInt16", "short unsigned int";
    /// Unsigned 32-bit integers.
    U32 u32, "uint32", "UInt32", "unsigned int";
    /// Unsigned 64-bit integers.
    U64 u64, "uint64", "UInt64", "long unsigned int";
    /// IEEE half precision.
    F16 f16, "float16", "Half", "c10::Half";
    /// Brain floating point.
    BF16 bf16, "bfloat16", "BFloat16", "c10::BFloat16";
    /// Single precision.
    F32 f32, "float32", "Float", "float";
    /// Double precision.
    F64 f64, "float64", "Double", "double";
    /// Two single-precision parts.
    C32 C32, "complex64", "ComplexFloat", "c10::complex<float>";
    /// Two double-precision parts.
    C64 C64, "complex128", "ComplexDouble", "c10::complex<double>";
}

impl DType {
    /// The type of tensors of this dtype in ATen's messages, of which Python rewrites the older ones: `torch.FloatTensor`,
    /// but `CPUBoolType`.
    pub fn type_string(self) -> String {
        use DType::{F16, F32, F64, I8, I16, I32, I64, U8};
        match self {
            U8 | I8 | I16 | I32 | I64 | F16 | F32 | F64 => format!("torch.{}Tensor", self.aten()),
            _ => format!("CPU{}Type", self.aten()),
        }
    }

    /// C++'s name in messages about numbers that don't fit, which says the width of integers: `int16_t`.
    pub fn cpp_fixed(self) -> Cow<'static, str> {
        if self.is_int() && self != DType::I32 { format!("{}_t", self.name()).into() } else { self.cpp().into() }
    }

    /// Whether a number is one of this integer dtype's; negative ones pass for unsigned dtypes, where they wrap.
    pub fn holds(self, n: i64) -> bool {
        let unsigned = self.is_unsigned();
        let bits = 8 * self.size() as u32 - u32::from(!unsigned);
        let size = if n < 0 && !unsigned { !n } else { n }.unsigned_abs();
        size.checked_shr(bits).unwrap_or(0) == 0
    }

    /// `float16`, `bfloat16`, `float32`, `float64`.
    pub fn is_float(self) -> bool {
        matches!(self, DType::F16 | DType::BF16 | DType::F32 | DType::F64)
    }

    /// `complex64`, `complex128`.
    pub fn is_complex(self) -> bool {
        matches!(self, DType::C32 | DType::C64)
    }

    /// Integers, `bool` excluded.
    pub fn is_int(self) -> bool {
        !self.is_float() && !self.is_complex() && self != DType::Bool
    }

    /// Integers and `bool`: torch's "integral, including bool".
    pub fn is_integral(self) -> bool {
        self.is_int() || self == DType::Bool
    }

    /// `uint8` .. `uint64`.
    pub fn is_unsigned(self) -> bool {
        matches!(self, DType::U8 | DType::U16 | DType::U32 | DType::U64)
    }

    /// `float16`, `bfloat16`.
    pub fn is_half(self) -> bool {
        matches!(self, DType::F16 | DType::BF16)
    }

    /// The type arithmetic runs in: halves in `float32`, everything else in itself.
    pub fn opmath(self) -> DType {
        if self.is_half() { DType::F32 } else { self }
    }

    /// The real type of a complex dtype's parts; any other dtype is its own.
    pub fn real(self) -> DType {
        match self {
            DType::C32 => DType::F32,
            DType::C64 => DType::F64,
            other => other,
        }
    }

    /// The complex type whose parts are of this type, where there is one.
    pub fn complex(self) -> Option<DType> {
        match self {
            DType::F32 | DType::C32 | DType::F16 | DType::BF16 => Some(DType::C32),
            DType::F64 | DType::C64 => Some(DType::C64),
            _ => None,
        }
    }

    /// Reads a name as scripts spell it: `float32`, `float`, `long`, ...
    pub fn parse(name: &str) -> Option<DType> {
        Some(match name {
            "float" => DType::F32,
            "double" => DType::F64,
            "half" => DType::F16,
            "int" => DType::I32,
            "long" => DType::I64,
            "short" => DType::I16,
            "cfloat" => DType::C32,
            "cdouble" => DType::C64,
            _ => *DType::ALL.iter().find(|d| d.name() == name)?,
        })
    }
}

impl fmt::Display for DType {
    /// `torch.float32`: what `str(dtype)` gives.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "torch.{}", self.name())
    }
}

/// Runs `$body` with the type alias `$T` set to the element type of `$dtype`, over the dtypes of a class.
///
/// `dispatch!(dtype, all T => expr)`; classes: `all`, `real` (no complex), `number` (no bool), `int`
/// (integers), `integral` (integers and bool), `float` (halves, f32, f64), `inexact` (float, complex),
/// `wide` (f32, f64), `wide_inexact` (f32, f64, complex). A dtype outside the class evaluates `else`.
#[macro_export]
macro_rules! dispatch {
    (@arms $dtype:expr, $T:ident, $body:expr, $else:expr, $($d:ident = $t:ty),*) => {
        match $dtype {
            $($crate::base::DType::$d => { type $T = $t; $body })*
            #[allow(unreachable_patterns)]
            _ => $else,
        }
    };
    ($dtype:expr, all $T:ident => $body:expr) => {
        $crate::dispatch!(@arms $dtype, $T, $body, unreachable!("every dtype has an arm"), Bool = bool, U8 = u8, I8 = i8,
            I16 = i16, I32 = i32, I64 = i64, U16 = u16, U32 = u32, U64 = u64, F16 = half::f16, BF16 = half::bf16,
            F32 = f32, F64 = f64, C32 = $crate::base::dtype::C32, C64 = $crate::base::dtype::C64)
    };
    ($dtype:expr, real $T:ident => $body:expr, else $else:expr) => {
        $crate::dispatch!(@arms $dtype, $T, $body, $else, Bool = bool, U8 = u8, I8 = i8, I16 = i16, I32 = i32,
            I64 = i64, U16 = u16, U32 = u32, U64 = u64, F16 = half::f16, BF16 = half::bf16, F32 = f32, F64 = f64)
    };
    ($dtype:expr, number $T:ident => $body:expr, else $else:expr) => {
        $crate::dispatch!(@arms $dtype, $T, $body, $else, U8 = u8, I8 = i8, I16 = i16, I32 = i32, I64 = i64, U16 = u16,
            U32 = u32, U64 = u64, F16 = half::f16, BF16 = half::bf16, F32 = f32, F64 = f64,
            C32 = $crate::base::dtype::C32, C64 = $crate::base::dtype::C64)
    };
    ($dtype:expr, int $T:ident => $body:expr, else $else:expr) => {
        $crate::dispatch!(@arms $dtype, $T, $body, $else, U8 = u8, I8 = i8, I16 = i16, I32 = i32, I64 = i64, U16 = u16,
            U32 = u32, U64 = u64)
    };
    ($dtype:expr, integral $T:ident => $body:expr, else $else:expr) => {
        $crate::dispatch!(@arms $dtype, $T, $body, $else, Bool = bool, U8 = u8, I8 = i8, I16 = i16, I32 = i32,
            I64 = i64, U16 = u16, U32 = u32, U64 = u64)
    };
    ($dtype:expr, float $T:ident => $body:expr, else $else:expr) => {
        $crate::dispatch!(@arms $dtype, $T, $body, $else, F16 = half::f16, BF16 = half::bf16, F32 = f32, F64 = f64)
    };
    ($dtype:expr, inexact $T:ident => $body:expr, else $else:expr) => {
        $crate::dispatch!(@arms $dtype, $T, $body, $else, F16 = half::f16, BF16 = half::bf16, F32 = f32, F64 = f64,
            C32 = $crate::base::dtype::C32, C64 = $crate::base::dtype::C64)
    };
    ($dtype:expr, wide $T:ident => $body:expr, else $else:expr) => {
        $crate::dispatch!(@arms $dtype, $T, $body, $else, F32 = f32, F64 = f64)
    };
    ($dtype:expr, wide_inexact $T:ident => $body:expr, else $else:expr) => {
        $crate::dispatch!(@arms $dtype, $T, $body, $else, F32 = f32, F64 = f64,
            C32 = $crate::base::dtype::C32, C64 = $crate::base::dtype::C64)
    };
}
