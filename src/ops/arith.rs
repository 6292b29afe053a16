//! Arithmetic: sums, products, quotients, remainders, powers.

use crate::base::DType;
use crate::base::error::runtime;
use crate::cpu::block::{Half, note_zero_division, rounded};
use crate::cpu::special::complex;
use crate::cpu::vector;
use crate::{prim, rows};
use half::bf16;
use num_complex::Complex;
use num_traits::{Float, PrimInt, WrappingMul};

prim! {
    /// Sum.
    ADD, "add_stub", 2 same, Promote, "add(x, y)", unrounded OnGpus;
    bool |x, y| x | y, int |x, y| x.wrapping_add(y), float |x, y| x + y, complex |x, y| x + y
}
prim! {
    /// Sum with a scaled second operand, rounded once as ATen's vector code does.
    ADD_SCALED, "add_stub", 3 same, Promote, "add_product(x, y, z)";
    bool |x, y, z| x | (y & z), int |x, y, z| x.wrapping_add(y.wrapping_mul(z)), float |x, y, z| y.mul_add(z, x),
    complex |x, y, z| x + y * z
}
prim! {
    /// Difference.
    SUB, "add_stub", 2 same, Promote, "sub(x, y)", unrounded OnGpus,
    refuse Bools RuntimeError "Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or `logical_xor()` operator instead.",
    refuse Bool RuntimeError "Subtraction, the `-` operator, with a bool tensor is not supported. If you are trying to invert a mask, use the `~` or `logical_not()` operator instead.";
    int |x, y| x.wrapping_sub(y), float |x, y| x - y, complex |x, y| x - y
}
prim! {
    /// Difference with a scaled second operand.
    SUB_SCALED, "add_stub", 3 same, Promote, "sub_product(x, y, z)",
    refuse Bools RuntimeError "Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or `logical_xor()` operator instead.",
    refuse Bool RuntimeError "Subtraction, the `-` operator, with a bool tensor is not supported. If you are trying to invert a mask, use the `~` or `logical_not()` operator instead.";
    int |x, y, z| x.wrapping_sub(y.wrapping_mul(z)), float |x, y, z| y.mul_add(-z, x), complex |x, y, z| x - y * z
}
prim! {
    /// Product.
    MUL, "mul_cpu", 2 same, Promote, "mul(x, y)", unrounded Everywhere;
    bool |x, y| x & y, int |x, y| x.wrapping_mul(y), uint |x, y| x.wrapping_mul(y), float |x, y| x * y, complex |x, y| x * y
}
prim! {
    /// Quotient.
    DIV, "div_true_cpu", 2 same, Float, "x / y", unrounded Everywhere;
    float |x, y| x / y, complex |x, y| complex::div(x, y)
}
prim! {
    /// Quotient rounded down.
    FLOOR_DIV, "div_floor_cpu", 2 same, Promote, "floor_divide(x, y, flag)", unrounded Everywhere;
    int |x, y| floor_div_int(x, y), F16 |x, y| floor_div_half(x, y), BF16 |x, y| floor_div_half(x, y),
    ranged |x, y| vector::floor_divide(x, y); |x, y| vector::division_far(x, y);
    |x, y| vector::quotient_of_rest(x, y, x % y, |v| v)
}
prim! {
    /// Quotient rounded towards zero.
    TRUNC_DIV, "div_trunc_cpu", 2 same, Promote, "trunc_divide(x, y, flag)", unrounded Everywhere;
    int |x, y| trunc_div_int(x, y), F16 |x, y| trunc_div_half(x, y), BF16 |x, y| trunc_div_half(x, y),
    float |x, y| (x / y).trunc()
}
prim! {
    /// Python's modulo: the divisor's sign.
    REMAINDER, "remainder_cpu", 2 same, Promote, "remainder(x, y, flag)";
    int |x, y| modulo_int(x, y), ranged |x, y| vector::remainder(x, y); |x, y| vector::division_far(x, y);
    |x, y| vector::with_sign_of_divisor(x % y, y)
}
prim! {
    /// C's fmod: the dividend's sign.
    FMOD, "fmod_cpu", 2 same, Promote, "fmod(x, y, flag)";
    int |x, y| rem_int(x, y), ranged |x, y| vector::fmod(x, y); |x, y| vector::division_far(x, y); |x, y| x % y
}
prim! {
    /// Power. Numbers that torch knows as exponents have loops of their own.
    POW, "pow", 2 same, Promote, "pow(x, y)", with_number |y, dtype| match y {
        2.0 => Some(&SQUARE),
        3.0 => Some(&CUBE),
        // A root of minus infinity is nan, its power is not; torch takes the power of float16.
        0.5 | -0.5 if dtype == DType::F16 => None,
        0.5 => Some(&super::math::SQRT),
        -0.5 => Some(&super::math::RSQRT),
        -1.0 => Some(&RECIPROCAL),
        -2.0 => Some(&RECIPROCAL_SQUARE),
        _ => None,
    }, refuse NegativeExponent RuntimeError "Integers to negative integer powers are not allowed.",
    refuse VastExponent RuntimeError "value cannot be converted to type {} without overflow";
    int |x, y| pow_int(x, y),
    ranged |x, y| vector::pow(x, y); |x, y| vector::pow_far(x, y); |x, y| pow_float(x, y),
    // Powers of zero are the C library's, but for the exponent zero, which a number mostly is.
    C32 |x, y| if zero(x) && !zero(y) { complex::pow_single(x, y) } else { x.powc(y) },
    C64 |x, y| if zero(x) && !zero(y) { complex::pow(x, y) } else { x.powc(y) }
}
prim! { /** x * x. */ SQUARE, "pow", 1 same, Float, "x * x"; float |x| x * x, complex |x| x * x }
prim! { /** x * x * x. */ CUBE, "pow", 1 same, Float, "x * x * x"; BF16 |x| bf16::narrow(rounded_square(x) * x.widen()), float |x| x * x * x, complex |x| x * x * x }
prim! { /** 1 / (x * x). */ RECIPROCAL_SQUARE, "pow", 1 same, Float, "1 / (x * x)"; BF16 |x| bf16::narrow(1.0 / rounded_square(x)), float |x| 1.0 / (x * x), complex |x| complex::reciprocal(x * x) }
prim! {
    /// Negation.
    NEG, "neg_cpu", 1 same, Promote, "neg(x)",
    refuse Bool RuntimeError "Negation, the `-` operator, on a bool tensor is not supported. If you are trying to invert a mask, use the `~` or `logical_not()` operator instead.";
    int |x| x.wrapping_neg(), float |x| -x, complex |x| -x
}
prim! {
    /// Absolute value.
    ABS, "abs_cpu", 1 real, Real, "abs(x)";
    signed |x| x.wrapping_abs(), byte |x| x, float |x| x.abs(), complex |z| z.re.hypot(z.im)
}
prim! {
    /// 1, 0 or -1.
    SIGN, "sign_cpu", 1 same, Promote, "sgn(x)",
    refuse Complex NotImplementedError "Unlike NumPy, torch.sign is not intended to support complex numbers. Please use torch.sgn instead.";
    bool |x| x, signed |x| x.signum(), byte |x| x.min(1),
    float |x| if x > 0.0 { 1.0 } else if x < 0.0 { -1.0 } else { 0.0 }
}
prim! {
    /// 1, 0 or -1; a complex number over its absolute value.
    SGN, "sign_cpu", 1 same, Promote, "sgn(x)";
    bool |x| x, signed |x| x.signum(), byte |x| x.min(1),
    float |x| if x > 0.0 { 1.0 } else if x < 0.0 { -1.0 } else { 0.0 },
    complex |z| { let r = z.re.hypot(z.im); if r == 0.0 { z.scale(r) } else { z / r } }
}
prim! {
    /// 1 / x.
    RECIPROCAL, "reciprocal_cpu", 1 same, Float, "1 / x";
    float |x| 1.0 / x, complex |x| complex::reciprocal(x)
}
prim! {
    /// Greatest common divisor.
    GCD, "gcd_cpu", 2 same, Promote, "gcd(x, y)";
    int |x, y| gcd(x, y)
}
prim! {
    /// Least common multiple.
    LCM, "lcm_cpu", 2 same, Promote, "lcm(x, y)";
    int |x, y| lcm(x, y)
}
prim! {
    /// sqrt(x^2 + y^2) without overflow.
    HYPOT, "hypot_cpu", 2 same, Promote, "hypot(x, y)";
    float |x, y| x.hypot(y)
}
prim! {
    /// The magnitude of x with the sign of y.
    COPYSIGN, "copysign_cpu", 2 same, Float, "copysign(x, y)";
    float |x, y| x.copysign(y)
}

fn floor_div_int<T: PrimInt>(x: T, y: T) -> T {
    if y.is_zero() {
        note_zero_division();
        return y;
    }
    if is_minus_one(y) {
        return negated(x);
    }
    let q = x / y;
    if (x % y != T::zero()) && ((x < T::zero()) != (y < T::zero())) { q - T::one() } else { q }
}

fn trunc_div_int<T: PrimInt>(x: T, y: T) -> T {
    if y.is_zero() {
        note_zero_division();
        return y;
    }
    if is_minus_one(y) { negated(x) } else { x / y }
}

/// ATen computes powers of bfloat16 step by step, those of float16 in single precision.
#[inline(always)]
fn rounded_square(x: bf16) -> f32 {
    rounded::<bf16>(x.widen() * x.widen())
}

/// ATen rounds each step to the half type.
#[inline(always)]
fn floor_div_half<H: Half>(x: H, y: H) -> H {
    let (x, y) = (x.widen(), y.widen());
    let rest = if vector::division_far(x, y) { x % y } else { vector::fmod(x, y) };
    H::narrow(vector::quotient_of_rest(x, y, rest, rounded::<H>))
}

/// The quotient is rounded to the half type before it is cut.
#[inline(always)]
fn trunc_div_half<H: Half>(x: H, y: H) -> H {
    H::narrow(rounded::<H>(x.widen() / y.widen()).trunc())
}

fn rem_int<T: PrimInt>(x: T, y: T) -> T {
    if y.is_zero() {
        note_zero_division();
        return y;
    }
    if is_minus_one(y) { T::zero() } else { x % y }
}

fn modulo_int<T: PrimInt>(x: T, y: T) -> T {
    let r = rem_int(x, y);
    if r != T::zero() && ((r < T::zero()) != (y < T::zero())) { r + y } else { r }
}

/// -1 in a signed type; the one divisor whose quotient can overflow.
fn is_minus_one<T: PrimInt>(y: T) -> bool {
    T::min_value() < T::zero() && T::zero().checked_sub(&T::one()) == Some(y)
}

/// The least number of a type stays as it is.
fn negated<T: PrimInt>(x: T) -> T {
    T::zero().checked_sub(&x).unwrap_or(x)
}

fn magnitude<T: PrimInt>(x: T) -> T {
    if x < T::zero() { negated(x) } else { x }
}

/// Negative beside the least number of a type, which has no magnitude of its own: ATen's loop, step for step.
fn gcd<T: PrimInt>(x: T, y: T) -> T {
    let (mut a, mut b) = (magnitude(x), magnitude(y));
    while !a.is_zero() {
        (a, b) = (rem_int(b, a), a);
    }
    b
}

/// C++ computes in an `int` or wider: products of narrower types overflow only when they are stored.
fn lcm<T: PrimInt + WrappingMul>(x: T, y: T) -> T {
    let g = gcd(x, y);
    if g.is_zero() {
        return g;
    }
    let factor = trunc_div_int(x, g);
    let product = factor.wrapping_mul(&y);
    let negative =
        if size_of::<T>() < size_of::<i32>() { (factor < T::zero()) != (y < T::zero()) } else { product < T::zero() };
    if negative { negated(product) } else { product }
}

/// Powers of integers wrap; negative exponents leave only the powers of 1 and -1.
fn pow_int<T: PrimInt + WrappingMul>(x: T, y: T) -> T {
    if y < T::zero() {
        return match x {
            _ if x == T::one() => x,
            _ if is_minus_one(x) => {
                if y & T::one() == T::zero() {
                    T::one()
                } else {
                    x
                }
            }
            _ => T::zero(),
        };
    }
    let (mut base, mut left, mut out) = (x, y, T::one());
    while !left.is_zero() {
        if left & T::one() == T::one() {
            out = out.wrapping_mul(&base);
        }
        left = left >> 1;
        base = base.wrapping_mul(&base);
    }
    out
}

/// Small exponents are products and roots, as ATen computes them.
fn pow_float<T: Float>(x: T, y: T) -> T {
    let one = T::one();
    let two = one + one;
    match y {
        _ if y == two => x * x,
        _ if y == two + one => x * x * x,
        _ if y == -one => one / x,
        _ if y == -two => one / (x * x),
        // Roots of minus infinity and of a negative zero are not what powers are.
        _ if x.is_infinite() || x.is_zero() => x.powf(y),
        _ if y == one / two => x.sqrt(),
        _ if y == -one / two => one / x.sqrt(),
        _ => x.powf(y),
    }
}

/// Whether both parts are zero.
fn zero<T: Float>(z: Complex<T>) -> bool {
    z.re.is_zero() && z.im.is_zero()
}

rows! {
    /// Adds other, scaled by alpha, to input.
    /// >>> torch.add(torch.tensor([1, 2]), 10)
    /// tensor([11, 12])
    "add" [fn method inplace out]
        "(Operand self, Operand other) -> Tensor" => prim ADD,
        "(Operand self, Operand other, *, Scalar alpha=1) -> Tensor" => tensh "
_check_alpha(input, other, alpha)
kind = result_type(input, other)
if kind in (float16, bfloat16):
    return _add_halves(input, other, alpha)
return _add_scaled(input, other, bool(alpha) if kind == torch.bool else alpha)";
    grad "
sig 0
node AddBackward0
input: grad
other: grad

sig 1
node AddBackward0
input: grad
other: grad if alpha == 1 else grad * _conj(alpha)";
    /// The scaled form, unchecked.
    "_add_scaled" [fn] "(Operand self, Operand other, Scalar alpha) -> Tensor" => prim ADD_SCALED;
    grad "
node AddBackward0
input: grad
other: grad if alpha == 1 else grad * _conj(alpha)";
    /// The scaled form in 16 bits, in which alpha is rounded on the CPU, too: its vectors round the result alone, single elements the
    /// product as well.
    "_add_halves" [fn] "(Operand self, Operand other, Scalar alpha) -> Tensor" => tensh "
kind, tensors = result_type(input, other), [t for t in (input, other) if is_tensor(t)]
if any([t.is_cuda for t in tensors]):
    return _add_scaled(input, other, alpha)
alpha = tensor(alpha, dtype=kind).item()
many = [t for t in tensors if t.ndim > 0]
whole = all([t.is_contiguous() and t.shape == many[0].shape for t in many])
lines = [t.numel() if whole else t.size(-1) if t.stride(-1) == 1 else 1 for t in many if whole or t.size(-1) != 1]
if min(lines, default=1) < 32:
    return add(input, other * alpha if is_tensor(other) else full((), other, dtype=kind) * alpha)
return _add_scaled(input, other, alpha)";
    grad "nondiff";
    /// Subtracts other, scaled by alpha, from input.
    /// >>> torch.sub(torch.tensor([1, 2]), 10)
    /// tensor([-9, -8])
    "sub" aka ["subtract"] [fn method inplace out]
        "(Operand self, Operand other) -> Tensor" => prim SUB,
        "(Operand self, Operand other, *, Scalar alpha=1) -> Tensor" => tensh "
_check_sub(input, other)
_check_alpha(input, other, alpha)
if result_type(input, other) in (float16, bfloat16):
    return _add_halves(input, other, -alpha)
return _sub_scaled(input, other, alpha)";
    grad "
sig 0
node SubBackward0
input: grad
other: -grad

sig 1
node SubBackward0
input: grad
other: -grad if alpha == 1 else -grad * _conj(alpha)";
    /// torch's refusals of bools in a difference.
    "_check_sub" [fn] "(Operand self, Operand other) -> Tensor" => tensh "
bools = [v.dtype == torch.bool if is_tensor(v) else isinstance(v, bool) for v in (input, other)]
if all(bools):
    raise RuntimeError('Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or `logical_xor()` operator instead.')
if any(bools):
    raise RuntimeError('Subtraction, the `-` operator, with a bool tensor is not supported. If you are trying to invert a mask, use the `~` or `logical_not()` operator instead.')
return input";
    grad "nondiff";
    /// The scaled form, unchecked.
    "_sub_scaled" [fn] "(Operand self, Operand other, Scalar alpha) -> Tensor" => prim SUB_SCALED;
    grad "
node SubBackward0
input: grad
other: -grad if alpha == 1 else -grad * _conj(alpha)";
    /// Subtracts input, scaled by alpha, from other.
    /// >>> torch.rsub(torch.tensor([1, 2]), 10)
    /// tensor([9, 8])
    "rsub" [fn]
        "(Tensor self, Operand other, *, Scalar alpha=1) -> Tensor" => tensh "
if is_tensor(other):
    return sub(other, input, alpha=alpha)
_check_sub(input, other)
_check_alpha(input, other, alpha)
kind = result_type(input, other)
other = full((), other, dtype=kind)
return _add_halves(other, input, -alpha) if kind in (float16, bfloat16) else _sub_scaled(other, input, alpha)";
    grad "
node RsubBackward0 if is_tensor(other) else RsubBackward1
input: -grad if alpha == 1 else -grad * _conj(alpha)
other: grad";
    /// torch's refusals of a factor of another kind than the operands.
    "_check_alpha" [fn] "(Operand self, Operand other, Scalar alpha) -> Tensor" => tensh "
d = result_type(input, other)
if isinstance(alpha, bool) and d != torch.bool:
    raise RuntimeError('Boolean alpha only supported for Boolean results.')
if not isinstance(alpha, int) and not d.is_floating_point and not d.is_complex:
    raise RuntimeError('For integral input tensors, argument alpha must not be a floating point number.')
if isinstance(alpha, complex) and not d.is_complex:
    raise RuntimeError('For non-complex input tensors, argument alpha must not be a complex number.')
if not d.is_floating_point and not d.is_complex and d != torch.bool and not -iinfo(d).max - 1 <= alpha <= iinfo(d).max:
    name = 'int' if d == int32 else str(d)[6:] + '_t'
    raise RuntimeError(f'value cannot be converted to type {name} without overflow')
return input";
    grad "nondiff";
    /// Product.
    /// >>> torch.mul(torch.tensor([1, 2]), 10)
    /// tensor([10, 20])
    "mul" aka ["multiply"] [fn method inplace out] "(Operand self, Operand other) -> Tensor" => prim MUL;
    grad "
node MulBackward0
input: grad * _conj(other)
other: grad * _conj(input)";
    /// Quotient; rounding_mode is None, "trunc" or "floor".
    /// >>> torch.div(torch.tensor([7., -7.]), 2)
    /// tensor([ 3.5000, -3.5000])
    /// >>> torch.div(torch.tensor([7, -7]), 2, rounding_mode="floor")
    /// tensor([ 3, -4])
    "div" aka ["divide"] [fn method inplace out]
        "(Operand self, Operand other) -> Tensor" => prim DIV,
        "(Operand self, Operand other, *, str? rounding_mode) -> Tensor" => tensh r#"
if rounding_mode is None:
    return true_divide(input, other)
if rounding_mode == "floor":
    return floor_divide(input, other)
if rounding_mode == "trunc":
    return _trunc_divide(input, other)
raise RuntimeError(f"div expected rounding_mode to be one of None, 'trunc', or 'floor' but found '{rounding_mode}'")"#;
    grad "
sig 0
node DivBackward0
input: grad / _conj(other)
other: -grad * _conj((input / other) / other)

sig 1
node DivBackward2
input: grad / _conj(other) if rounding_mode is None else zeros_like(grad)
other: -grad * _conj((input / other) / other) if rounding_mode is None else zeros_like(grad)";
    /// Quotient, never rounded.
    /// >>> torch.true_divide(torch.tensor([1, 2]), 4)
    /// tensor([0.2500, 0.5000])
    "true_divide" [fn method inplace out] "(Operand self, Operand other) -> Tensor" => prim DIV;
    grad "
node DivBackward0
input: grad / _conj(other)
other: -grad * _conj((input / other) / other)";
    /// Quotient rounded towards zero.
    "_trunc_divide" [fn] "(Operand self, Operand other) -> Tensor" => prim TRUNC_DIV;
    grad "
node DivBackward2
input: zeros_like(grad)
other: zeros_like(grad)";
    /// Quotient rounded down.
    /// >>> torch.floor_divide(torch.tensor([4., -3.]), 2)
    /// tensor([ 2., -2.])
    "floor_divide" [fn method inplace out] "(Operand self, Operand other) -> Tensor" => prim FLOOR_DIV;
    grad "
node NotImplemented
input: not_implemented
other: not_implemented";
    /// Remainder with the divisor's sign, as Python's `%`.
    /// >>> torch.remainder(torch.tensor([-3., 3.]), 2)
    /// tensor([1., 1.])
    "remainder" [fn method inplace out]
        "(Tensor self, Operand other) -> Tensor" => prim REMAINDER,
        "(Scalar self, Tensor other) -> Tensor" => prim REMAINDER;
    grad "
sig 0
node RemainderBackward1 if is_tensor(other) else RemainderBackward0
input: grad
other: -grad * div(input, other, rounding_mode='floor')

sig 1
node NotImplemented
other: not_implemented";
    /// Remainder with the dividend's sign, as C's fmod.
    /// >>> torch.fmod(torch.tensor([-3., 3.]), 2)
    /// tensor([-1.,  1.])
    "fmod" [fn method inplace out] "(Tensor self, Operand other) -> Tensor" => prim FMOD;
    grad "
node FmodBackward1 if is_tensor(other) else FmodBackward0
input: grad
other: -grad * div(input, other, rounding_mode='trunc')";
    /// Power.
    /// >>> torch.pow(torch.tensor([1, 2, 3]), 2)
    /// tensor([1, 4, 9])
    "pow" [fn method inplace out]
        "(Tensor self, Operand exponent) -> Tensor" => prim POW,
        "(Scalar self, Tensor exponent) -> Tensor" => prim POW;
    grad "
sig 0
node PowBackward1 if is_tensor(exponent) else PowBackward0
input: _pow_base(grad, input, exponent)
exponent: _pow_exponent(grad, input, exponent, result)

sig 1
node PowBackward2
exponent: _pow_exponent(grad, input, exponent, result)";
    /// Power in double precision.
    /// >>> torch.float_power(torch.tensor([2, 3]), 2)
    /// tensor([4., 9.], dtype=torch.float64)
    "float_power" [fn method out]
        "(Tensor self, Operand exponent) -> Tensor" => tensh "d = complex128 if is_complex(input) or (is_tensor(exponent) and is_complex(exponent)) or isinstance(exponent, complex) else float64
return pow(input.to(d), exponent.to(d) if is_tensor(exponent) else exponent)",
        "(Scalar self, Tensor exponent) -> Tensor" => tensh "pow(input, exponent.to(complex128 if is_complex(exponent) or isinstance(input, complex) else float64))";
    grad "
sig 0
node PowBackward1 if is_tensor(exponent) else PowBackward0
composite

sig 1
node PowBackward2
composite";
    /// Power in double precision, in place.
    "float_power_" [method] "(Tensor self, Operand exponent) -> Tensor" => tensh "
d = complex128 if is_complex(input) or (is_tensor(exponent) and is_complex(exponent)) or isinstance(exponent, complex) else float64
if input.dtype != d:
    raise RuntimeError(f\"the base given to float_power_ has dtype {_aten(input)} but the operation's result requires dtype {_aten(zeros((), dtype=d))}\")
return input.pow_(exponent)";
    grad "
node PowBackward1 if is_tensor(exponent) else PowBackward0
composite";
    /// Negation.
    /// >>> torch.neg(torch.tensor([1, -2]))
    /// tensor([-1,  2])
    "neg" aka ["negative"] [fn method inplace out] "(Tensor self) -> Tensor" => prim NEG;
    grad "
node NegBackward0
input: -grad";
    /// Absolute value.
    /// >>> torch.abs(torch.tensor([-1, 2]))
    /// tensor([1, 2])
    "abs" aka ["absolute"] [fn method out] "(Tensor self) -> Tensor" => prim ABS;
    grad "
node AbsBackward0
input: grad * sgn(input)";
    /// Absolute value, in place.
    "abs_" aka ["absolute_"] [fn method] "(Tensor self) -> Tensor" => tensh "
if is_complex(input):
    raise RuntimeError('In-place abs is not supported for complex tensors.')
return input.copy_(abs(input))";
    grad "
node AbsBackward0
input: grad * sgn(input)";
    /// 1, 0 or -1 by the sign.
    /// >>> torch.sign(torch.tensor([0.7, 0., -2.]))
    /// tensor([ 1.,  0., -1.])
    "sign" [fn method inplace out] "(Tensor self) -> Tensor" => prim SIGN;
    grad "
node SignBackward0
input: zeros_like(grad)";
    /// The sign; for complex numbers, the number over its absolute value.
    /// >>> torch.sgn(torch.tensor([3 + 4j]))
    /// tensor([0.6000+0.8000j])
    "sgn" [fn method inplace out] "(Tensor self) -> Tensor" => prim SGN;
    grad "
node SgnBackward0
input:
    if not is_complex(input):
        return zeros_like(grad)
    size = abs(input)
    return where(size == 0, 0, (grad - result * (grad * result.conj()).real) / size)";
    /// 1 / input.
    /// >>> torch.reciprocal(torch.tensor([2., 4.]))
    /// tensor([0.5000, 0.2500])
    "reciprocal" [fn method inplace out] "(Tensor self) -> Tensor" => prim RECIPROCAL;
    grad "
node ReciprocalBackward0
input: -grad * (result * result).conj()";
    /// The square.
    /// >>> torch.square(torch.tensor([2., -3.]))
    /// tensor([4., 9.])
    "square" [fn method inplace out] "(Tensor self) -> Tensor" => tensh "input ** 2";
    grad "
node PowBackward0
composite";
    /// The tensor itself; refused for bool.
    /// >>> torch.positive(torch.tensor([1, -2]))
    /// tensor([ 1, -2])
    "positive" [fn method] "(Tensor self) -> Tensor" => kernel |a| {
        let v = a.view(0)?;
        if v.dtype() == crate::base::DType::Bool {
            return Err(runtime("The `+` operator, on a bool tensor is not supported."));
        }
        Ok(v.clone().into())
    };
    grad "
node None
input: grad";
    /// Greatest common divisor.
    /// >>> torch.gcd(torch.tensor([12, 18]), torch.tensor([8, 27]))
    /// tensor([4, 9])
    "gcd" [fn method inplace out] "(Tensor self, Tensor other) -> Tensor" => prim GCD;
    /// Least common multiple.
    /// >>> torch.lcm(torch.tensor([4, 6]), torch.tensor([6, 9]))
    /// tensor([12, 18])
    "lcm" [fn method inplace out] "(Tensor self, Tensor other) -> Tensor" => prim LCM;
    /// sqrt(input^2 + other^2).
    /// >>> torch.hypot(torch.tensor([3.]), torch.tensor([4.]))
    /// tensor([5.])
    "hypot" [fn method inplace out] "(Tensor self, Tensor other) -> Tensor" => prim HYPOT;
    grad "
node HypotBackward0
input: grad * input / result
other: grad * other / result";
    /// The magnitude of input with the sign of other.
    /// >>> torch.copysign(torch.tensor([1., 2.]), -1)
    /// tensor([-1., -2.])
    "copysign" [fn method inplace out] "(Tensor self, Operand other) -> Tensor" => prim COPYSIGN;
    grad "
node CopysignBackward0 if is_tensor(other) else CopysignBackward1
input: grad * where(input == 0, 0, result / input)
other: zeros_like(grad)";
}
