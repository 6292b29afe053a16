//! Exponentials, logarithms, trigonometry, rounding, and parts of numbers.

use crate::base::error::runtime;
use crate::base::shape::{Format, broadcast, show};
use crate::cpu::copy;
use crate::cpu::special::complex;
use crate::cpu::vector;
use crate::{prim, rows};

prim! { /** Square root. */ SQRT, "sqrt_cpu", 1 same, Float, "sqrt(x)"; float |x| x.sqrt(), C32 |z| complex::single(z, complex::sqrt), C64 |z| complex::sqrt(z) }
prim! { /** 1 / sqrt(x). */ RSQRT, "rsqrt_cpu", 1 same, Float, "1 / sqrt(x)"; tailed |x| 1.0 / x.sqrt(); |x: f32, round: fn(f32) -> f32| 1.0 / round(x.sqrt()), float |x| 1.0 / x.sqrt(), C32 |z| complex::reciprocal(complex::single(z, complex::sqrt)), C64 |z| complex::reciprocal(complex::sqrt(z)) }
prim! { /** e^x. */ EXP, "exp_cpu", 1 same, Float, "exp(x)"; float |x| vector::exp(x), C32 |z| complex::single(z, complex::exp), C64 |z| complex::exp(z) }
prim! { /** 2^x. */ EXP2, "exp2", 1 same, Float, "exp2(x)"; float |x| vector::exp2(x), C32 |z| complex::exp2_single(z), C64 |z| complex::exp2(z) }
prim! { /** e^x - 1. */ EXPM1, "expm1", 1 same, Float, "expm1(x)"; float |x| vector::expm1(x), C32 |z| complex::single(z, complex::expm1), C64 |z| complex::expm1(z) }
prim! { /** Natural logarithm. */ LOG, "log_cpu", 1 same, Float, "log(x)"; float |x| vector::log(x), C32 |z| complex::single(z, complex::log), C64 |z| complex::log(z) }
prim! { /** Logarithm to base 2. */ LOG2, "log2_cpu", 1 same, Float, "log2(x)"; float |x| vector::log2(x), C32 |z| complex::single(z, complex::log2), C64 |z| complex::log2(z) }
prim! { /** Logarithm to base 10. */ LOG10, "log10_cpu", 1 same, Float, "log10(x)"; float |x| vector::log10(x), C32 |z| complex::single(z, complex::log10), C64 |z| complex::log10(z) }
prim! { /** ln(1 + x). */ LOG1P, "log1p_cpu", 1 same, Float, "log1p(x)"; float |x| vector::log1p(x), C32 |z| complex::single(z, complex::log1p), C64 |z| complex::log1p(z) }
prim! { /** Sine. */ SIN, "sin_cpu", 1 same, Float, "sin(x)"; ranged |x| vector::sin(x); |x| vector::far(x); |x| x.sin(), C32 |z| complex::single(z, complex::sin), C64 |z| complex::sin(z) }
prim! { /** Cosine. */ COS, "cos_cpu", 1 same, Float, "cos(x)"; ranged |x| vector::cos(x); |x| vector::far(x); |x| x.cos(), C32 |z| complex::single(z, complex::cos), C64 |z| complex::cos(z) }
prim! { /** Tangent. */ TAN, "tan_cpu", 1 same, Float, "tan(x)"; ranged |x| vector::tan(x); |x| vector::far(x); |x| x.tan(), C32 |z| complex::single(z, complex::tan), C64 |z| complex::tan(z) }
prim! { /** Arc sine. */ ASIN, "asin_cpu", 1 same, Float, "asin(x)"; float |x| vector::asin(x), C32 |z| complex::single(z, complex::asin), C64 |z| complex::asin(z) }
prim! { /** Arc cosine. */ ACOS, "acos_cpu", 1 same, Float, "acos(x)"; float |x| vector::acos(x), C32 |z| complex::acos_single(z), C64 |z| complex::acos(z) }
prim! { /** Arc tangent. */ ATAN, "atan_cpu", 1 same, Float, "atan(x)"; float |x| vector::atan(x), C32 |z| complex::single(z, complex::atan), C64 |z| complex::atan(z) }
prim! { /** The angle of a point. */ ATAN2, "atan2_cpu", 2 same, Float, "atan2(x, y)"; float |x, y| vector::atan2(x, y) }
prim! { /** Hyperbolic sine. */ SINH, "sinh_cpu", 1 same, Float, "sinh(x)"; ranged |x| vector::sinh(x); |x| vector::hyperbolic_far(x); |x| x.sinh(), C32 |z| complex::single(z, complex::sinh), C64 |z| complex::sinh(z) }
prim! { /** Hyperbolic cosine. */ COSH, "cosh_cpu", 1 same, Float, "cosh(x)"; ranged |x| vector::cosh(x); |x| vector::hyperbolic_far(x); |x| x.cosh(), C32 |z| complex::single(z, complex::cosh), C64 |z| complex::cosh(z) }
prim! { /** Hyperbolic tangent. */ TANH, "tanh_cpu", 1 same, Float, "tanh(x)"; float |x| vector::tanh(x), C32 |z| complex::single(z, complex::tanh), C64 |z| complex::tanh(z) }
prim! { /** Inverse hyperbolic sine. */ ASINH, "asinh_cpu", 1 same, Float, "asinh(x)"; float |x| vector::asinh(x), C32 |z| complex::single(z, complex::asinh), C64 |z| complex::asinh(z) }
prim! { /** Inverse hyperbolic cosine. */ ACOSH, "acosh_cpu", 1 same, Float, "acosh(x)"; float |x| vector::acosh(x), C32 |z| complex::single(z, complex::acosh), C64 |z| complex::acosh(z) }
prim! { /** Inverse hyperbolic tangent. */ ATANH, "atanh_cpu", 1 same, Float, "atanh(x)"; float |x| vector::atanh(x), C32 |z| complex::single(z, complex::atanh), C64 |z| complex::atanh(z) }
prim! { /** 1 / (1 + e^-x). */ SIGMOID, "sigmoid_cpu", 1 same, Float, "1 / (1 + exp(-x))"; float |x| vector::sigmoid(x), C32 |z| complex::sigmoid_single(z), C64 |z| complex::sigmoid(z) }
prim! { /** Rounded down. */ FLOOR, "floor_vml_cpu", 1 same, Promote, "floor(x)", refuse Complex NotImplementedError "floor is not supported for complex inputs"; int |x| x, uint |x| x, float |x| x.floor() }
prim! { /** Rounded up. */ CEIL, "ceil_vml_cpu", 1 same, Promote, "ceil(x)", refuse Complex NotImplementedError "ceil is not supported for complex inputs"; int |x| x, uint |x| x, float |x| x.ceil() }
prim! { /** Rounded towards zero. */ TRUNC, "trunc_vml_cpu", 1 same, Promote, "trunc(x)", refuse Complex NotImplementedError "trunc is not supported for complex inputs"; int |x| x, uint |x| x, float |x| x.trunc() }
prim! { /** Rounded to the nearest, ties to even. */ ROUND, "round_vml_cpu", 1 same, Promote, "rint(x)"; int |x| x, uint |x| x, float |x| x.round_ties_even() }
prim! {
    /// Rounded to a number of decimals.
    ROUND_DECIMALS, "round_cpu", 2 same, Promote, "round_decimals(x, y)";
    ranged |x, d| vector::round_decimals(x, d); |_, d| vector::round_decimals_far(d);
    |x, d| vector::round_decimals_beyond(x, d)
}
prim! { /** What truncation cuts off. */ FRAC, "frac_cpu", 1 same, Promote, "x - trunc(x)"; float |x| x - x.trunc() }
prim! { /** The angle in the complex plane. */ ANGLE, "angle_cpu", 1 real, Real, "angle(x)";
float |x| if x.is_nan() { x } else if x < 0.0 { std::f64::consts::PI.to_f() } else { 0.0 }, complex |z| z.im.atan2(z.re) }
prim! { /** Conjugate. */ CONJ, "conj_cpu", 1 same, Promote, "conj(x)"; bool |x| x, int |x| x, uint |x| x, float |x| x, complex |z| z.conj() }

/// A double brought to the type of the loop it stands in.
trait ToFloat<T> {
    fn to_f(self) -> T;
}

impl ToFloat<f32> for f64 {
    fn to_f(self) -> f32 {
        self as f32
    }
}

impl ToFloat<f64> for f64 {
    fn to_f(self) -> f64 {
        self
    }
}

rows! {
    /// Square root of each element.
    /// >>> torch.sqrt(torch.tensor([4., 9.]))
    /// tensor([2., 3.])
    "sqrt" [fn method inplace out] "(Tensor self) -> Tensor" => prim SQRT;
    grad "
node SqrtBackward0
input: grad / (2 * result.conj())";
    /// 1 / sqrt(input).
    /// >>> torch.rsqrt(torch.tensor([4., 16.]))
    /// tensor([0.5000, 0.2500])
    "rsqrt" [fn method inplace out] "(Tensor self) -> Tensor" => prim RSQRT;
    grad "
node RsqrtBackward0
input: -0.5 * grad * (result ** 3).conj()";
    /// e to the power of each element.
    /// >>> torch.exp(torch.tensor([0., 1.]))
    /// tensor([1.0000, 2.7183])
    "exp" [fn method inplace out] "(Tensor self) -> Tensor" => prim EXP;
    grad "
node ExpBackward0
input: grad * result.conj()";
    /// 2 to the power of each element.
    /// >>> torch.exp2(torch.tensor([0., 3.]))
    /// tensor([1., 8.])
    "exp2" aka ["special.exp2"] [fn method inplace out] "(Tensor self) -> Tensor" => prim EXP2;
    grad "
node Exp2Backward0
again input MulBackward1
input: grad * result.conj() * 0.6931471805599453";
    /// e^x - 1, exact near zero.
    /// >>> torch.expm1(torch.tensor([0., 1.]))
    /// tensor([0.0000, 1.7183])
    "expm1" aka ["special.expm1"] [fn method inplace out] "(Tensor self) -> Tensor" => prim EXPM1;
    grad "
node Expm1Backward0
input: grad * (result.conj() + 1)";
    /// Natural logarithm.
    /// >>> torch.log(torch.tensor([1., 10.]))
    /// tensor([0.0000, 2.3026])
    "log" [fn method inplace out] "(Tensor self) -> Tensor" => prim LOG;
    grad "
node LogBackward0
input: grad / input.conj()";
    /// Logarithm to base 2.
    /// >>> torch.log2(torch.tensor([1., 8.]))
    /// tensor([0., 3.])
    "log2" [fn method inplace out] "(Tensor self) -> Tensor" => prim LOG2;
    grad "
node Log2Backward0
input: grad / (input.conj() * 0.6931471805599453)";
    /// Logarithm to base 10.
    /// >>> torch.log10(torch.tensor([1., 100.]))
    /// tensor([0., 2.])
    "log10" [fn method inplace out] "(Tensor self) -> Tensor" => prim LOG10;
    grad "
node Log10Backward0
input: grad / (input.conj() * 2.302585092994046)";
    /// ln(1 + x), exact near zero.
    /// >>> torch.log1p(torch.tensor([0., 1.]))
    /// tensor([0.0000, 0.6931])
    "log1p" aka ["special.log1p"] [fn method inplace out] "(Tensor self) -> Tensor" => prim LOG1P;
    grad "
node Log1PBackward0
input: grad / (input + 1).conj()";
    /// Sine.
    /// >>> torch.sin(torch.tensor([0., 1.]))
    /// tensor([0.0000, 0.8415])
    "sin" [fn method inplace out] "(Tensor self) -> Tensor" => prim SIN;
    grad "
node SinBackward0
input: grad * cos(input).conj()";
    /// Cosine.
    /// >>> torch.cos(torch.tensor([0., 1.]))
    /// tensor([1.0000, 0.5403])
    "cos" [fn method inplace out] "(Tensor self) -> Tensor" => prim COS;
    grad "
node CosBackward0
input: grad * -sin(input).conj()";
    /// Tangent.
    /// >>> torch.tan(torch.tensor([0., 1.]))
    /// tensor([0.0000, 1.5574])
    "tan" [fn method inplace out] "(Tensor self) -> Tensor" => prim TAN;
    grad "
node TanBackward0
input: grad * (1 + result ** 2).conj()";
    /// Arc sine.
    /// >>> torch.asin(torch.tensor([0., 1.]))
    /// tensor([0.0000, 1.5708])
    "asin" aka ["arcsin"] [fn method inplace out] "(Tensor self) -> Tensor" => prim ASIN;
    grad "
node AsinBackward0
input: grad * rsqrt(1 - input * input).conj()";
    /// Arc cosine.
    /// >>> torch.acos(torch.tensor([1., 0.]))
    /// tensor([0.0000, 1.5708])
    "acos" aka ["arccos"] [fn method inplace out] "(Tensor self) -> Tensor" => prim ACOS;
    grad "
node AcosBackward0
input: grad * -rsqrt(1 - input * input).conj()";
    /// Arc tangent.
    /// >>> torch.atan(torch.tensor([0., 1.]))
    /// tensor([0.0000, 0.7854])
    "atan" aka ["arctan"] [fn method inplace out] "(Tensor self) -> Tensor" => prim ATAN;
    grad "
node AtanBackward0
input: grad / (input * input + 1).conj()";
    /// The angle of the point (other, input).
    /// >>> torch.atan2(torch.tensor([1., -1.]), torch.tensor([1., -1.]))
    /// tensor([ 0.7854, -2.3562])
    "atan2" aka ["arctan2"] [fn method inplace out] "(Tensor self, Tensor other) -> Tensor" => prim ATAN2;
    grad "
node Atan2Backward0
input:
    square = input * input + other * other
    return grad * other * where(square == 0, 0, 1 / square)
other:
    square = input * input + other * other
    return grad * -input * where(square == 0, 0, 1 / square)";
    /// Hyperbolic sine.
    /// >>> torch.sinh(torch.tensor([0., 1.]))
    /// tensor([0.0000, 1.1752])
    "sinh" [fn method inplace out] "(Tensor self) -> Tensor" => prim SINH;
    grad "
node SinhBackward0
input: grad * cosh(input).conj()";
    /// Hyperbolic cosine.
    /// >>> torch.cosh(torch.tensor([0., 1.]))
    /// tensor([1.0000, 1.5431])
    "cosh" [fn method inplace out] "(Tensor self) -> Tensor" => prim COSH;
    grad "
node CoshBackward0
input: grad * sinh(input).conj()";
    /// Hyperbolic tangent.
    /// >>> torch.tanh(torch.tensor([0., 1.]))
    /// tensor([0.0000, 0.7616])
    "tanh" aka ["nn.functional.tanh"] [fn method inplace out] "(Tensor self) -> Tensor" => prim TANH;
    grad "
node TanhBackward0
tied input TanhBackwardBackward0
input:
    g, y = _wide(grad), _wide(result)
    return g * (1 - y * y).conj() if is_complex(y) else g * addcmul(ones_like(y), y, -y)";
    /// Inverse hyperbolic sine.
    /// >>> torch.asinh(torch.tensor([0., 1.]))
    /// tensor([0.0000, 0.8814])
    "asinh" aka ["arcsinh"] [fn method inplace out] "(Tensor self) -> Tensor" => prim ASINH;
    grad "
node AsinhBackward0
input: grad * rsqrt(input ** 2 + 1).conj()
# inplace: node AsinhBackward1, not_implemented inplace version of asinh";
    /// Inverse hyperbolic cosine.
    /// >>> torch.acosh(torch.tensor([1., 2.]))
    /// tensor([0.0000, 1.3170])
    "acosh" aka ["arccosh"] [fn method inplace out] "(Tensor self) -> Tensor" => prim ACOSH;
    grad "
node AcoshBackward0
input: grad * (rsqrt(input - 1) * rsqrt(input + 1)).conj() if is_complex(input) else grad * rsqrt(input ** 2 - 1)
# inplace: node AcoshBackward1, not_implemented inplace version of acosh";
    /// Inverse hyperbolic tangent.
    /// >>> torch.atanh(torch.tensor([0., 0.5]))
    /// tensor([0.0000, 0.5493])
    "atanh" aka ["arctanh"] [fn method inplace out] "(Tensor self) -> Tensor" => prim ATANH;
    grad "
node AtanhBackward0
input: grad / (1 - input ** 2).conj()
# inplace: node AtanhBackward1, not_implemented inplace version of atanh";
    /// 1 / (1 + e^-x).
    /// >>> torch.sigmoid(torch.tensor([0., 2.]))
    /// tensor([0.5000, 0.8808])
    "sigmoid" aka ["special.expit", "nn.functional.sigmoid"] [fn method inplace out] "(Tensor self) -> Tensor" => prim SIGMOID;
    grad "
node SigmoidBackward0
tied input SigmoidBackwardBackward0
input:
    g, y = _wide(grad), _wide(result)
    return g * ((1 - y) * y).conj() if is_complex(y) else g * (1 - y) * y";
    /// Rounded down.
    /// >>> torch.floor(torch.tensor([-1.5, 1.5]))
    /// tensor([-2.,  1.])
    "floor" [fn method inplace out] "(Tensor self) -> Tensor" => prim FLOOR;
    grad "
node FloorBackward0
input: zeros_like(grad)";
    /// Rounded up.
    /// >>> torch.ceil(torch.tensor([-1.5, 1.5]))
    /// tensor([-1.,  2.])
    "ceil" [fn method inplace out] "(Tensor self) -> Tensor" => prim CEIL;
    grad "
node CeilBackward0
input: zeros_like(grad)";
    /// Rounded towards zero.
    /// >>> torch.trunc(torch.tensor([-1.5, 1.5]))
    /// tensor([-1.,  1.])
    "trunc" aka ["fix"] [fn method inplace out] "(Tensor self) -> Tensor" => prim TRUNC;
    grad "
node TruncBackward0
input: zeros_like(grad)";
    /// Rounded to the nearest integer, ties to even, or to a number of decimals.
    /// >>> torch.round(torch.tensor([0.5, 1.5, 2.5]))
    /// tensor([0., 2., 2.])
    "round" [fn method inplace out]
        "(Tensor self) -> Tensor" => prim ROUND,
        "(Tensor self, *, int decimals) -> Tensor" => tensh "
if not is_floating_point(input):
    return _floating(input, 'round_cpu' if decimals != 0 else 'round_vml_cpu')
return round(input) if decimals == 0 else _round_decimals(input, decimals)";
    grad "
sig 0
node RoundBackward0
input: zeros_like(grad)

sig 1
node RoundBackward1
input: zeros_like(grad)";
    /// Rounded to a number of decimals, half to even.
    /// >>> torch.special.round(torch.tensor([0.25, 1.35]), decimals=1)
    /// tensor([0.2000, 1.4000])
    "special.round" [fn out] "(Tensor self, *, int decimals=0) -> Tensor" => tensh "round(input, decimals=decimals)";
    /// Rounded to a number of decimals.
    "_round_decimals" [fn] "(Tensor self, Operand decimals) -> Tensor" => prim ROUND_DECIMALS;
    grad "
node RoundBackward1
input: zeros_like(grad)";
    /// What truncation cuts off.
    /// >>> torch.frac(torch.tensor([1.5, -2.25]))
    /// tensor([ 0.5000, -0.2500])
    "frac" [fn method inplace out] "(Tensor self) -> Tensor" => prim FRAC;
    grad "
node FracBackward0
input: grad";
    /// Degrees to radians.
    /// >>> torch.deg2rad(torch.tensor([180., 90.]))
    /// tensor([3.1416, 1.5708])
    "deg2rad" [fn method inplace out] "(Tensor self) -> Tensor" => pointwise "
if is_complex(input):
    raise RuntimeError('deg2rad is not supported for complex tensors.')
return input * 0.017453292519943295";
    grad "
node Deg2RadBackward0
again input MulBackward1
input: grad * 0.017453292519943295";
    /// Radians to degrees.
    /// >>> torch.rad2deg(torch.tensor([3.1416, 1.5708]))
    /// tensor([180.0004,  90.0002])
    "rad2deg" [fn method inplace out] "(Tensor self) -> Tensor" => pointwise "
if is_complex(input):
    raise RuntimeError('rad2deg is not supported for complex tensors.')
return input * 57.29577951308232";
    grad "
node Rad2DegBackward0
again input MulBackward1
input: grad * 57.29577951308232";
    /// The angle in the complex plane; pi for negative reals.
    /// >>> torch.angle(torch.tensor([1j, -1 + 0j]))
    /// tensor([1.5708, 3.1416])
    "angle" [fn method out] "(Tensor self) -> Tensor" => tensh "_angle(input if is_floating_point(input) or is_complex(input) else input.to(get_default_dtype()))";
    grad "
node AngleBackward0
input: _turn(grad, input)";
    /// The angle of floats and complex numbers.
    "_angle" [fn] "(Tensor self) -> Tensor" => prim ANGLE;
    grad "
node AngleBackward0
input: _turn(grad, input)";
    /// Complex conjugate; any other tensor is itself.
    /// >>> torch.conj(torch.tensor([1 + 2j]))
    /// tensor([1.-2.j])
    "conj" [fn method] "(Tensor self) -> Tensor" => tensh "conj_physical(input) if is_complex(input) else input";
    grad "
node ConjBackward0 if is_complex(input) else None
input: grad.conj()";
    /// The tensor itself: no conjugation waits, conj computes at once.
    "resolve_conj" [fn method] "(Tensor self) -> Tensor" => tensh "input";
    grad "
node None
input: grad";
    /// The tensor itself: no negation waits.
    "resolve_neg" [fn method] "(Tensor self) -> Tensor" => tensh "input";
    grad "
node None
input: grad";
    /// Complex conjugate, computed.
    /// >>> torch.conj_physical(torch.tensor([1 + 2j]))
    /// tensor([1.-2.j])
    "conj_physical" [fn method inplace out] "(Tensor self) -> Tensor" => prim CONJ;
    grad "
node ConjPhysicalBackward0 if is_complex(input) else same
input: grad.conj()
# inplace: node ConjPhysicalBackward1";
    /// nan and infinities replaced by numbers; the infinities by the dtype's extremes where none are given.
    /// >>> torch.nan_to_num(torch.tensor([float("nan"), 1.]), nan=5.)
    /// tensor([5., 1.])
    "nan_to_num" [fn method inplace out] "(Tensor self, float? nan=None, float? posinf=None, float? neginf=None) -> Tensor" => tensh "
if not is_floating_point(input):
    return input.clone()
top = finfo(input.dtype).max
out = where(isnan(input), 0. if nan is None else nan, input)
out = where(isposinf(input), top if posinf is None else posinf, out)
return where(isneginf(input), -top if neginf is None else neginf, out).to(input.dtype)";
    grad "
node NanToNumBackward0
real nan_to_num
input: grad * isfinite(input)";
    /// A copy with memory of its own.
    /// >>> torch.clone(torch.tensor([1, 2]))
    /// tensor([1, 2])
    "clone" [fn method] "(Tensor self, *, MemoryFormat? memory_format=None) -> Tensor" => kernel |a| {
        let x = a.view(0)?;
        Ok(crate::cpu::create::copy_as(x, a.format(1))?.into())
    };
    grad "
node CloneBackward0
input: grad";
    /// The tensor itself when it is contiguous, else a contiguous copy.
    /// >>> torch.tensor([[1, 2], [3, 4]]).t().contiguous()
    /// tensor([[1, 3],
    ///         [2, 4]])
    "contiguous" [method] "(Tensor self, *, MemoryFormat memory_format=contiguous_format) -> Tensor" => kernel |a| {
        let (x, format) = (a.view(0)?, a.format(1));
        if format.holds(x.sizes(), x.strides()) {
            return Ok(x.clone().into());
        }
        if format == Format::Preserve {
            return Err(runtime("preserve memory format is unsupported by the contiguous operator"));
        }
        Ok(crate::cpu::create::copy_as(x, format)?.into())
    };
    grad "
node None if input.is_contiguous(memory_format=memory_format) else CloneBackward0
input: grad";
    /// The tensor itself when it is of a floating dtype, a full one not being of 16 bits; else torch's refusal, in the name of
    /// a kernel.
    "_floating" [fn] "(Tensor self, str kernel, bool full=False) -> Tensor" => kernel |a| {
        let v = a.view(0)?;
        if v.dtype().is_float() && !(a.bool(2) && v.dtype().is_half()) {
            return Ok(v.clone().into());
        }
        Err(crate::base::error::not_implemented(format!("\"{}\" not implemented for '{}'", a.str(1).unwrap_or(""), v.dtype().aten())))
    };
    grad "
node None
input: grad";
    /// torch's refusal to write into a tensor what has the common dtype of it and another.
    "_check_write" [fn] "(Tensor self, Tensor other) -> Tensor" => tensh "input.new_empty(0).add_(other.new_empty(0))";
    grad "nondiff";
    /// The dtype's name in ATen's messages.
    "_aten" [fn] "(Tensor self) -> str" => kernel |a| Ok(super::Out::Str(a.view(0)?.dtype().aten().into()));
    /// C++'s name of the dtype's elements in ATen's messages.
    "_cpp" [fn] "(Tensor self) -> str" => kernel |a| Ok(super::Out::Str(a.view(0)?.dtype().cpp().into()));
    /// Fills with a number.
    /// >>> torch.zeros(2).fill_(3)
    /// tensor([3., 3.])
    "fill_" [fn method anywhere]
        "(Tensor self, Tensor value) -> Tensor" => kernel |a| {
            let v = a.view(1)?;
            if v.ndim() > 0 {
                return Err(runtime(format!("fill_ only supports 0-dimension value tensor but got tensor with {} dimensions.", v.ndim())));
            }
            fill(a.view(0)?, v.get(0))
        }, cuda |g, _, a| match a.view(1)? {
            v if v.ndim() > 0 || v.dtype().is_complex() => Ok(None),
            v if v.on_device().is_none() => fill_on(g, a.view(0)?, v.get(0)),
            v => {
                copy::copy_into(v, &mut a.view(0)?.clone())?;
                Ok(Some(super::Out::None))
            }
        },
        "(Tensor self, Scalar value) -> Tensor" => kernel |a| fill(a.view(0)?, a.scalar(1)?), cuda |g, _, a| fill_on(g, a.view(0)?, a.scalar(1)?);
    grad "
sig 1
node FillBackward2
input: zeros_like(grad)

sig 0
node FillBackward3
input: zeros_like(grad)
value: grad.sum()";
    /// As many numbers.
    /// >>> torch.fill(torch.zeros(2), 3)
    /// tensor([3., 3.])
    "fill" [fn]
        "(Tensor self, Tensor value) -> Tensor" => tensh "input.clone().fill_(value)",
        "(Tensor self, Scalar value) -> Tensor" => tensh "input.clone().fill_(value)";
    grad "
sig 0
node FillBackward1
input: zeros_like(grad)
value: grad.sum()

sig 1
node FillBackward0
input: zeros_like(grad)";
    /// Fills with zeros.
    /// >>> torch.ones(2).zero_()
    /// tensor([0., 0.])
    "zero_" [fn method] "(Tensor self) -> Tensor" => kernel |a| fill(a.view(0)?, crate::base::Scalar::Int(0)), cuda |g, _, a| fill_on(g, a.view(0)?, crate::base::Scalar::Int(0));
    grad "
node ZeroBackward0
input: zeros_like(grad)";
    /// Copies src, broadcast and converted.
    /// >>> torch.zeros(2).copy_(torch.tensor([1, 2]))
    /// tensor([1., 2.])
    "copy_" [method anywhere] "(Tensor self, Tensor src, bool non_blocking=False) -> Tensor" => kernel |a| {
        let mut target = a.view(0)?.clone();
        let sizes = broadcast(target.sizes(), a.view(1)?.sizes())?;
        crate::ensure!(
            sizes[..] == *target.sizes(),
            "output with shape {} doesn't match the broadcast shape {}",
            show(target.sizes()),
            show(&sizes)
        );
        copy::copy_into(a.view(1)?, &mut target)?;
        Ok(super::Out::None)
    }, cuda |_, _, a| {
        let (from, target) = (a.view(1)?, a.view(0)?);
        let fits = broadcast(target.sizes(), from.sizes()).is_ok_and(|s| s[..] == *target.sizes());
        if !fits {
            return Ok(None);
        }
        // What comes from elsewhere is sent before it is repeated.
        copy::copy_into(from, &mut target.clone())?;
        Ok(Some(super::Out::None))
    };
    grad "
node CopyBackwards
input: zeros_like(grad)
src: grad";
}

fn fill(
    target: &crate::store::View,
    value: crate::base::Scalar,
) -> crate::base::Result<super::Out<crate::store::View>> {
    if value.is_complex() && !target.dtype().is_complex() {
        return Err(runtime(format!(
            "value cannot be converted to type {} without overflow",
            target.dtype().cpp_fixed()
        )));
    }
    copy::copy_into(&crate::store::View::scalar(target.dtype(), value)?, &mut target.clone())?;
    Ok(super::Out::None)
}

/// [`fill`] on a GPU; what is to be refused, the CPU's function refuses.
fn fill_on(
    gpu: &'static crate::store::cuda::Gpu,
    target: &crate::store::View,
    value: crate::base::Scalar,
) -> crate::base::Result<Option<super::Out<crate::store::View>>> {
    let refused = value.is_complex() && !target.dtype().is_complex();
    if refused || crate::store::overlap::check_self(target).is_err() {
        return Ok(None);
    }
    crate::cuda::create::fill(gpu, target, value)?;
    Ok(Some(super::Out::None))
}
