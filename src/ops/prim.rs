//! Primitives: scalar functions that run over elements and fuse.

use crate::base::error::{Error, ErrorKind, Result, not_implemented, runtime};
use crate::base::promote::{Promotion, default_dtype};
use crate::base::{DType, Device, Scalar};
use crate::cpu::block::BlockFn;

/// A scalar function of up to three operands.
#[derive(Debug)]
pub struct Prim {
    /// The kernel's name in torch's "not implemented" messages.
    pub kernel: &'static str,
    /// Number of operands.
    pub arity: usize,
    /// How the operands' dtypes decide what is computed and what comes out.
    pub rule: Rule,
    /// The loop for a dtype of computation; `None` where torch has none either.
    pub body: fn(DType) -> Option<BlockFn>,
    /// The same function as a CUDA expression over `x`, `y`, `z`.
    pub cuda: &'static str,
    /// Where a number (or a tensor of one element and another dtype) that stands second next to 16-bit floats is used as it
    /// is, not rounded to 16 bits, as in ATen's kernels with an `opmath_t`.
    pub unrounded: Unrounded,
    /// The unary primitive that floats of a dtype with this number as second operand amount to, if there is one.
    pub with_number: fn(f64, DType) -> Option<&'static Prim>,
    /// Operands refused in words of their own, before any dtype rule.
    pub refusals: &'static [Refusal],
}

/// Operands that an op refuses, and torch's words for it.
#[derive(Clone, Copy, Debug)]
pub struct Refusal {
    /// Which operands.
    pub of: Refused,
    /// The exception.
    pub kind: ErrorKind,
    /// Its message.
    pub message: &'static str,
}

/// Which operands a refusal is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// All of them are bool.
    Bools,
    /// One of them is bool.
    Bool,
    /// One of them is complex.
    Complex,
    /// The second is a negative integer, the first an integer tensor.
    NegativeExponent,
    /// The second is an integer that the integer tensor's dtype does not hold; `{}` in the message is the dtype.
    VastExponent,
}

impl Refused {
    fn holds(self, operands: &[Seen]) -> bool {
        match self {
            Refused::Bools => operands.iter().all(|o| o.dtype() == DType::Bool),
            Refused::Bool => operands.iter().any(|o| o.dtype() == DType::Bool),
            Refused::Complex => operands.iter().any(|o| o.dtype().is_complex()),
            Refused::NegativeExponent => {
                matches!(operands, [Seen::Tensor(d, _), Seen::Number(s)] if d.is_integral() && !s.is_inexact() && s.to_i64() < 0)
            }
            Refused::VastExponent => {
                matches!(operands, [Seen::Tensor(d, _), Seen::Number(Scalar::Int(n))] if d.is_int() && !d.holds(*n))
            }
        }
    }
}

/// Devices whose kernel keeps a number unrounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unrounded {
    /// None.
    Nowhere,
    /// GPUs.
    OnGpus,
    /// All.
    Everywhere,
}

impl Unrounded {
    /// Whether `device` is one of them.
    #[inline]
    pub fn on(self, device: Device) -> bool {
        match self {
            Unrounded::Nowhere => false,
            Unrounded::OnGpus => device != Device::Cpu,
            Unrounded::Everywhere => true,
        }
    }
}

/// A dtype rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// The operands' promoted dtype.
    Promote,
    /// The promoted dtype, the default float for integers and bool.
    Float,
    /// Computed in the promoted dtype; bools come out.
    Compare,
    /// Every operand by its truth; bools come out.
    Logical,
    /// The promoted dtype; complex operands give their real type.
    Real,
    /// A bool, then two operands of the promoted dtype.
    Where,
}

/// What a dtype rule sees of an operand.
#[derive(Clone, Copy, Debug)]
pub enum Seen {
    /// A tensor: dtype and number of dimensions.
    Tensor(DType, usize),
    /// A Python number.
    Number(Scalar),
}

impl Seen {
    fn dtype(self) -> DType {
        match self {
            Seen::Tensor(d, _) => d,
            Seen::Number(s) => s.dtype(),
        }
    }
}

/// The promoted dtype of operands.
///
/// # Errors
/// torch's refusal of mixed unsigned integers.
#[inline]
pub fn result_type(operands: &[Seen]) -> Result<DType> {
    if let [Seen::Tensor(dtype, 1..), others @ ..] = operands
        && others.iter().all(|o| matches!(o, Seen::Tensor(other, 1..) if other == dtype))
    {
        return Ok(*dtype);
    }
    let mut p = Promotion::new();
    for o in operands {
        match *o {
            Seen::Tensor(dtype, ndim) => p.tensor(dtype, ndim),
            Seen::Number(s) => p.number(s),
        }
    }
    p.result()
}

impl Prim {
    /// Whether it may divide integers by zero, which is then to be told.
    pub fn divides(&self) -> bool {
        self.cuda.contains("flag")
    }

    /// Refuses operands, before anything else is looked at.
    ///
    /// # Errors
    /// torch's, in the op's own words.
    #[inline]
    pub fn check_operands(&self, operands: &[Seen]) -> Result<()> {
        match (self.refusals.iter().find(|r| r.of.holds(operands)), self.rule, operands) {
            (Some(r), _, _) => Err(Error::new(r.kind, r.message.replace("{}", &operands[0].dtype().cpp_fixed()))),
            (None, Rule::Where, [condition, ..]) if !matches!(condition.dtype(), DType::Bool | DType::U8) => {
                Err(runtime(format!(
                    "where expected condition to be a boolean tensor, but got a tensor with dtype {}",
                    condition.dtype().aten()
                )))
            }
            _ => Ok(()),
        }
    }

    /// The dtype of computation and that of the result.
    ///
    /// # Errors
    /// torch's `RuntimeError` for dtypes that have no common one.
    #[inline]
    pub fn dtypes(&self, operands: &[Seen]) -> Result<(DType, DType)> {
        Ok(match self.rule {
            Rule::Promote => {
                let d = result_type(operands)?;
                (d, d)
            }
            Rule::Float => {
                let d = result_type(operands)?;
                let d = if d.is_integral() { default_dtype() } else { d };
                (d, d)
            }
            Rule::Compare => (result_type(operands)?, DType::Bool),
            Rule::Logical => (DType::Bool, DType::Bool),
            Rule::Real => {
                let d = result_type(operands)?;
                (d, d.real())
            }
            Rule::Where => {
                let d = result_type(&operands[1..])?;
                (d, d)
            }
        })
    }

    /// Refuses dtypes of computation for which there is no loop.
    ///
    /// # Errors
    /// torch's `NotImplementedError`.
    #[inline]
    pub fn check_loop(&self, operands: &[Seen], compute: DType) -> Result<()> {
        if (self.body)(compute).is_none() {
            // Integers show as what they are, not as the float they would have become.
            let shown = if self.rule == Rule::Float { result_type(operands)? } else { compute };
            // A complex number beside halves makes a dtype that is not there.
            let half = |o: &Seen| matches!(o, Seen::Tensor(DType::F16, _) | Seen::Number(_));
            let shown = match shown {
                DType::C32 if operands.iter().all(half) => "ComplexHalf",
                other => other.aten(),
            };
            return Err(not_implemented(format!("\"{}\" not implemented for '{shown}'", self.kernel)));
        }
        Ok(())
    }

    /// Whether it takes a few instructions, so that computing it costs less than memory does: by its CUDA expression.
    pub fn is_cheap(&self) -> bool {
        const CHEAP: [&str; 26] = [
            "abs",
            "maximum",
            "minimum",
            "fmax",
            "fmin",
            "sqrt",
            "floor",
            "ceil",
            "trunc",
            "rint",
            "lerp",
            "copysign",
            "T",
            "add",
            "sub",
            "mul",
            "neg",
            "add_product",
            "sub_product",
            "trunc_divide",
            "sgn",
            "bitwise_not",
            "shift_left",
            "shift_right",
            "isposinf",
            "isneginf",
        ];
        let mut parts = self.cuda.split('(');
        parts.next_back();
        parts.all(|before| {
            let name = before.rsplit(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).next().unwrap_or("");
            name.is_empty() || CHEAP.contains(&name)
        })
    }

    /// The dtype of what comes out where this one is computed in.
    pub fn result_dtype(&self, compute: DType) -> DType {
        match self.rule {
            Rule::Compare | Rule::Logical => DType::Bool,
            Rule::Real => compute.real(),
            Rule::Promote | Rule::Float | Rule::Where => compute,
        }
    }

    /// The dtype an operand is converted to before the loop reads it.
    pub fn operand_dtype(&self, index: usize, compute: DType) -> DType {
        if self.rule == Rule::Where && index == 0 { DType::Bool } else { compute }
    }
}

/// Writes a primitive's loops: `loops!(ARITY RESULT; class |x| ..., ...)`.
///
/// RESULT is `same`, `bool` or `real`; classes are `bool`, `int` (the integer dtypes of all of torch's kernels; `signed` and `byte` are its
/// parts), `uint` (`uint16` and up, which few kernels take), `float` (f32 and f64; the halves
/// are computed in f32 and rounded once), `stepped` (as `float`, but the closure's last parameter rounds a step of the halves'), `ranged` (as `float`, but three closures with `;` between them: a function, whether an
/// element is beyond its range, and the function for those), `scalar` (as `float`,
/// for binary functions that take one element at a time), `tailed` (16-bit floats alone: a function, and after a `;` that of elements which whole registers leave over, whose last parameter
/// rounds a step), `wide` and `wide_ranged` (f32 and f64 alone), `complex`, and single dtypes (`U8`, `I64`, `F64`, ...). The closures are
/// written once and made for every dtype of their class; the first class that holds the dtype counts.
#[macro_export]
macro_rules! loops {
    ($arity:tt $out:tt; $($class:ident $f:expr $(; $more:expr)*),* $(,)?) => {
        |dtype: $crate::base::DType| -> Option<$crate::cpu::block::BlockFn> {
            #[allow(unused_imports)]
            use $crate::base::dtype::{C32, C64};
            #[allow(unused_imports)]
            use half::{bf16, f16};
            $($crate::loops!(@$class $arity $out dtype $f $(; $more)*);)*
            let _ = dtype;
            None
        }
    };
    (@bool $a:tt $o:tt $d:ident $f:expr) => { $crate::loops!(@try $a $o $d $f; Bool bool) };
    (@int $a:tt $o:tt $d:ident $f:expr) => { $crate::loops!(@try $a $o $d $f; U8 u8, I8 i8, I16 i16, I32 i32, I64 i64) };
    (@uint $a:tt $o:tt $d:ident $f:expr) => { $crate::loops!(@try $a $o $d $f; U16 u16, U32 u32, U64 u64) };
    (@signed $a:tt $o:tt $d:ident $f:expr) => { $crate::loops!(@try $a $o $d $f; I8 i8, I16 i16, I32 i32, I64 i64) };
    (@tailed 1 $o:tt $d:ident $f:expr; $rest:expr) => {
        match $d {
            $crate::base::DType::F16 => return Some($crate::loops!(@tail f16 $f; $rest)),
            $crate::base::DType::BF16 => return Some($crate::loops!(@tail bf16 $f; $rest)),
            _ => {}
        }
    };
    (@tail $H:ident $f:expr; $rest:expr) => {
        $crate::cpu::block::half_tailed1::<$H, _, _>(#[inline(always)] $f, |x| ($rest)(x, $crate::cpu::block::rounded::<$H>))
    };
    (@byte $a:tt $o:tt $d:ident $f:expr) => { $crate::loops!(@try $a $o $d $f; U8 u8) };
    (@float $a:tt $o:tt $d:ident $f:expr) => {
        $crate::loops!(@try $a $o $d $f; F32 f32, F64 f64);
        match $d {
            $crate::base::DType::F16 => return Some($crate::loops!(@half $a $o f16 $f)),
            $crate::base::DType::BF16 => return Some($crate::loops!(@half $a $o bf16 $f)),
            _ => {}
        }
    };
    (@stepped $a:tt $o:tt $d:ident $f:expr) => {
        match $d {
            $crate::base::DType::F32 => return Some($crate::loops!(@steps $a loop f32, f32, $f, |v| v)),
            $crate::base::DType::F64 => return Some($crate::loops!(@steps $a loop f64, f64, $f, |v| v)),
            $crate::base::DType::F16 => return Some($crate::loops!(@steps $a half f16, f32, $f, $crate::cpu::block::rounded::<f16>)),
            $crate::base::DType::BF16 => return Some($crate::loops!(@steps $a half bf16, f32, $f, $crate::cpu::block::rounded::<bf16>)),
            _ => {}
        }
    };
    (@steps 1 loop $T:ident, $R:ident, $f:expr, $round:expr) => { $crate::cpu::block::loop1::<$T, $R, _>(#[inline(always)] |x| ($f)(x, $round)) };
    (@steps 2 loop $T:ident, $R:ident, $f:expr, $round:expr) => { $crate::cpu::block::loop2::<$T, $R, _>(#[inline(always)] |x, y| ($f)(x, y, $round)) };
    (@steps 1 half $T:ident, $R:ident, $f:expr, $round:expr) => { $crate::cpu::block::half1::<$T, $R, _>(#[inline(always)] |x| ($f)(x, $round)) };
    (@steps 2 half $T:ident, $R:ident, $f:expr, $round:expr) => { $crate::cpu::block::half2::<$T, $R, _>(#[inline(always)] |x, y| ($f)(x, y, $round)) };
    (@ranged $a:tt $o:tt $d:ident $f:expr; $beyond:expr; $there:expr) => {
        $crate::loops!(@wide_ranged $a $o $d $f; $beyond; $there);
        match $d {
            $crate::base::DType::F16 => return Some($crate::loops!(@within_half $a f16 $f; $beyond; $there)),
            $crate::base::DType::BF16 => return Some($crate::loops!(@within_half $a bf16 $f; $beyond; $there)),
            _ => {}
        }
    };
    (@wide_ranged $a:tt $o:tt $d:ident $f:expr; $beyond:expr; $there:expr) => {
        match $d {
            $crate::base::DType::F32 => return Some($crate::loops!(@within $a f32 $f; $beyond; $there)),
            $crate::base::DType::F64 => return Some($crate::loops!(@within $a f64 $f; $beyond; $there)),
            _ => {}
        }
    };
    (@scalar $a:tt $o:tt $d:ident $f:expr) => {
        match $d {
            $crate::base::DType::F32 => return Some($crate::loops!(@one $a f32 $f)),
            $crate::base::DType::F64 => return Some($crate::loops!(@one $a f64 $f)),
            $crate::base::DType::F16 => return Some($crate::loops!(@one_half $a f16 $f)),
            $crate::base::DType::BF16 => return Some($crate::loops!(@one_half $a bf16 $f)),
            _ => {}
        }
    };
    (@one 2 $T:ident $f:expr) => { $crate::cpu::block::scalar2::<$T, $T, _>(#[inline(always)] $f) };
    (@one_half 2 $H:ident $f:expr) => { $crate::cpu::block::half_scalar2::<half::$H, f32, _>(#[inline(always)] $f) };
    (@within 1 $T:ident $f:expr; $beyond:expr; $there:expr) => {
        $crate::cpu::block::ranged1::<$T, _, _, _>(#[inline(always)] $f, #[inline(always)] $beyond, $there)
    };
    (@within 2 $T:ident $f:expr; $beyond:expr; $there:expr) => {
        $crate::cpu::block::ranged2::<$T, _, _, _>(#[inline(always)] $f, #[inline(always)] $beyond, $there)
    };
    (@within_half 1 $H:ident $f:expr; $beyond:expr; $there:expr) => {
        $crate::cpu::block::half_ranged1::<half::$H, _, _, _>(#[inline(always)] $f, #[inline(always)] $beyond, $there)
    };
    (@within_half 2 $H:ident $f:expr; $beyond:expr; $there:expr) => {
        $crate::cpu::block::half_ranged2::<half::$H, _, _, _>(#[inline(always)] $f, #[inline(always)] $beyond, $there)
    };
    (@complex $a:tt $o:tt $d:ident $f:expr) => { $crate::loops!(@try $a $o $d $f; C32 C32, C64 C64) };
    (@wide $a:tt $o:tt $d:ident $f:expr) => { $crate::loops!(@try $a $o $d $f; F32 f32, F64 f64) };
    (@F16 $a:tt $o:tt $d:ident $f:expr) => { $crate::loops!(@try $a $o $d $f; F16 f16) };
    (@BF16 $a:tt $o:tt $d:ident $f:expr) => { $crate::loops!(@try $a $o $d $f; BF16 bf16) };
    (@F64 $a:tt $o:tt $d:ident $f:expr) => { $crate::loops!(@try $a $o $d $f; F64 f64) };
    (@C32 $a:tt $o:tt $d:ident $f:expr) => { $crate::loops!(@try $a $o $d $f; C32 C32) };
    (@C64 $a:tt $o:tt $d:ident $f:expr) => { $crate::loops!(@try $a $o $d $f; C64 C64) };
    (@try $a:tt $o:tt $d:ident $f:expr; $($D:ident $T:ident),*) => {
        match $d {
            $($crate::base::DType::$D => return Some($crate::loops!(@make $a $o $T $f)),)*
            _ => {}
        }
    };
    (@make 1 same $T:ident $f:expr) => { $crate::cpu::block::loop1::<$T, $T, _>(#[inline(always)] $f) };
    (@make 2 same $T:ident $f:expr) => { $crate::cpu::block::loop2::<$T, $T, _>(#[inline(always)] $f) };
    (@make 3 same $T:ident $f:expr) => { $crate::cpu::block::loop3::<$T, $T, _>(#[inline(always)] $f) };
    (@make 1 bool $T:ident $f:expr) => { $crate::cpu::block::loop1::<$T, bool, _>(#[inline(always)] $f) };
    (@make 2 bool $T:ident $f:expr) => { $crate::cpu::block::loop2::<$T, bool, _>(#[inline(always)] $f) };
    (@make 1 real C32 $f:expr) => { $crate::cpu::block::loop1::<C32, f32, _>(#[inline(always)] $f) };
    (@make 1 real C64 $f:expr) => { $crate::cpu::block::loop1::<C64, f64, _>(#[inline(always)] $f) };
    (@make 1 real $T:ident $f:expr) => { $crate::cpu::block::loop1::<$T, $T, _>(#[inline(always)] $f) };
    (@half 1 bool $H:ident $f:expr) => { $crate::cpu::block::half1::<half::$H, bool, _>(#[inline(always)] $f) };
    (@half 2 bool $H:ident $f:expr) => { $crate::cpu::block::half2::<half::$H, bool, _>(#[inline(always)] $f) };
    (@half 1 $o:tt $H:ident $f:expr) => { $crate::cpu::block::half1::<half::$H, f32, _>(#[inline(always)] $f) };
    (@half 2 $o:tt $H:ident $f:expr) => { $crate::cpu::block::half2::<half::$H, f32, _>(#[inline(always)] $f) };
    (@half 3 $o:tt $H:ident $f:expr) => { $crate::cpu::block::half3::<half::$H, f32, _>(#[inline(always)] $f) };
}

/// Declares a primitive: `prim!(NAME, "kernel name", ARITY RESULT, Rule, "cuda"; class |x| ..., ...)`.
#[macro_export]
macro_rules! prim {
    ($(#[$doc:meta])* $name:ident, $kernel:literal, $arity:tt $out:tt, $rule:ident, $cuda:literal
     $(, unrounded $unrounded:ident)? $(, with_number $with:expr)? $(, refuse $of:ident $error:ident $message:literal)*; $($body:tt)*) => {
        $(#[$doc])*
        pub(crate) static $name: $crate::ops::prim::Prim = $crate::ops::prim::Prim {
            kernel: $kernel,
            arity: $arity,
            rule: $crate::ops::prim::Rule::$rule,
            body: $crate::loops!($arity $out; $($body)*),
            cuda: $cuda,
            unrounded: {
                #[allow(unused_mut, unused_assignments)]
                let mut devices = $crate::ops::prim::Unrounded::Nowhere;
                $(devices = $crate::ops::prim::Unrounded::$unrounded;)?
                devices
            },
            with_number: {
                #[allow(unused_mut, unused_assignments)]
                let mut with: fn(f64, $crate::base::DType) -> Option<&'static $crate::ops::prim::Prim> = |_, _| None;
                $(with = $with;)?
                with
            },
            refusals: &[$($crate::ops::prim::Refusal {
                of: $crate::ops::prim::Refused::$of,
                kind: $crate::base::ErrorKind::$error,
                message: $message,
            }),*],
        };
    };
}
