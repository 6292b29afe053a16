//! Comparison, logic and bits.

use crate::base::DType;
use crate::cpu::block;
use crate::ops::prim::{Prim, Rule};
use crate::{prim, rows};

prim! {
    /// Equal.
    EQ, "eq_cpu", 2 bool, Compare, "x == y";
    bool |x, y| x == y, int |x, y| x == y, uint |x, y| x == y, float |x, y| x == y, complex |x, y| x == y
}
prim! {
    /// Not equal.
    NE, "ne_cpu", 2 bool, Compare, "x != y";
    bool |x, y| x != y, int |x, y| x != y, uint |x, y| x != y, float |x, y| x != y, complex |x, y| x != y
}
prim! {
    /// Less.
    LT, "lt_cpu", 2 bool, Compare, "x < y";
    bool |x, y| !x & y, int |x, y| x < y, float |x, y| x < y
}
prim! {
    /// Less or equal.
    LE, "le_cpu", 2 bool, Compare, "x <= y";
    bool |x, y| x <= y, int |x, y| x <= y, float |x, y| x <= y
}
prim! {
    /// Greater.
    GT, "gt_cpu", 2 bool, Compare, "x > y";
    bool |x, y| x & !y, int |x, y| x > y, float |x, y| x > y
}
prim! {
    /// Greater or equal.
    GE, "ge_cpu", 2 bool, Compare, "x >= y";
    bool |x, y| x >= y, int |x, y| x >= y, float |x, y| x >= y
}
prim! {
    /// The larger, the first of two zeros; nan when either is.
    MAXIMUM, "maximum_cpu", 2 same, Promote, "maximum(x, y)",
    refuse Complex RuntimeError "maximum not implemented for complex tensors.";
    bool |x, y| x | y, int |x, y| x.max(y), float |x, y| if x < y || y.is_nan() { y } else { x }
}
prim! {
    /// The smaller, the first of two zeros; nan when either is.
    MINIMUM, "minimum_cpu", 2 same, Promote, "minimum(x, y)",
    refuse Complex RuntimeError "minimum not implemented for complex tensors.";
    bool |x, y| x & y, int |x, y| x.min(y), float |x, y| if x > y || y.is_nan() { y } else { x }
}
prim! {
    /// The larger; a nan only when both are.
    FMAX, "maximum_cpu", 2 same, Promote, "fmax(x, y)",
    refuse Complex RuntimeError "fmax not implemented for complex tensors.";
    bool |x, y| x | y, int |x, y| x.max(y), float |x, y| x.max(y)
}
prim! {
    /// The smaller; a nan only when both are.
    FMIN, "minimum_cpu", 2 same, Promote, "fmin(x, y)",
    refuse Complex RuntimeError "fmin not implemented for complex tensors.";
    bool |x, y| x & y, int |x, y| x.min(y), float |x, y| x.min(y)
}
prim! {
    /// Between two bounds; the upper one wins.
    CLAMP, "clamp_scalar_cpu", 3 same, Promote, "minimum(maximum(x, y), z)",
    refuse Complex NotImplementedError "clamp is not supported for complex types";
    int |x, y, z| x.max(y).min(z),
    float |x, y, z| {
        let low = if x < y || y.is_nan() { y } else { x };
        if low > z || z.is_nan() { z } else { low }
    }
}
prim! {
    /// Not below a bound; one that is nan is none.
    CLAMP_MIN, "clamp_min_scalar_cpu", 2 same, Promote, "x < y ? y : x",
    refuse Complex NotImplementedError "clamp is not supported for complex types";
    int |x, y| x.max(y), float |x, y| if x < y { y } else { x }
}
prim! {
    /// Not above a bound; one that is nan is none.
    CLAMP_MAX, "clamp_max_scalar_cpu", 2 same, Promote, "x > y ? y : x",
    refuse Complex NotImplementedError "clamp is not supported for complex types";
    int |x, y| x.min(y), float |x, y| if x > y { y } else { x }
}
prim! {
    /// Not below another's elements.
    CLAMP_MIN_TENSOR, "maximum_cpu", 2 same, Promote, "maximum(x, y)";
    bool |x, y| x | y, int |x, y| x.max(y), float |x, y| if x < y || y.is_nan() { y } else { x }
}
prim! {
    /// Not above another's elements.
    CLAMP_MAX_TENSOR, "minimum_cpu", 2 same, Promote, "minimum(x, y)";
    bool |x, y| x & y, int |x, y| x.min(y), float |x, y| if x > y || y.is_nan() { y } else { x }
}
prim! {
    /// Both true.
    LOGICAL_AND, "logical_and_cpu", 2 bool, Logical, "x && y";
    bool |x, y| x & y
}
prim! {
    /// Either true.
    LOGICAL_OR, "logical_or_cpu", 2 bool, Logical, "x || y";
    bool |x, y| x | y
}
prim! {
    /// Exactly one true.
    LOGICAL_XOR, "logical_xor_cpu", 2 bool, Logical, "x != y";
    bool |x, y| x ^ y
}
prim! {
    /// Not true.
    LOGICAL_NOT, "logical_not_cpu", 1 bool, Logical, "!x";
    bool |x| !x
}
prim! {
    /// Bitwise and.
    BITWISE_AND, "bitwise_and_cpu", 2 same, Promote, "x & y";
    bool |x, y| x & y, int |x, y| x & y, uint |x, y| x & y
}
prim! {
    /// Bitwise or.
    BITWISE_OR, "bitwise_or_cpu", 2 same, Promote, "x | y";
    bool |x, y| x | y, int |x, y| x | y, uint |x, y| x | y
}
prim! {
    /// Bitwise exclusive or.
    BITWISE_XOR, "bitwise_xor_cpu", 2 same, Promote, "x ^ y";
    bool |x, y| x ^ y, int |x, y| x ^ y, uint |x, y| x ^ y
}
prim! {
    /// Bitwise not.
    BITWISE_NOT, "bitwise_not_cpu", 1 same, Promote, "bitwise_not(x)";
    bool |x| !x, int |x| !x
}
prim! {
    /// Bits moved up; nothing is left of a move by the width or more, or by a negative count.
    SHIFT_LEFT, "lshift_cpu", 2 same, Promote, "shift_left(x, y)";
    int |x, y| shift_left(x, y)
}
prim! {
    /// Bits moved down, keeping the sign.
    SHIFT_RIGHT, "rshift_cpu", 2 same, Promote, "shift_right(x, y)";
    int |x, y| shift_right(x, y)
}
prim! {
    /// Not a number.
    ISNAN, "isnan", 1 bool, Compare, "x != x";
    bool |_x| false, int |_x| false, uint |_x| false, float |x| x.is_nan(), complex |x| x.re.is_nan() || x.im.is_nan()
}
prim! {
    /// An infinity.
    ISINF, "isinf", 1 bool, Compare, "isinf(x)";
    bool |_x| false, int |_x| false, uint |_x| false, float |x| x.is_infinite(), complex |x| x.re.is_infinite() || x.im.is_infinite()
}
prim! {
    /// Neither nan nor infinity.
    ISFINITE, "isfinite", 1 bool, Compare, "isfinite(x)";
    bool |_x| true, int |_x| true, uint |_x| true, float |x| x.is_finite(), complex |x| x.re.is_finite() && x.im.is_finite()
}
prim! {
    /// Plus infinity.
    ISPOSINF, "isposinf_cpu", 1 bool, Compare, "isposinf(x)",
    refuse Complex RuntimeError "isposinf does not support complex inputs.";
    bool |_x| false, int |_x| false, uint |_x| false, float |x| x.is_infinite() && x > 0.0
}
prim! {
    /// Minus infinity.
    ISNEGINF, "isneginf_cpu", 1 bool, Compare, "isneginf(x)",
    refuse Complex RuntimeError "isneginf does not support complex inputs.";
    bool |_x| false, int |_x| false, uint |_x| false, float |x| x.is_infinite() && x < 0.0
}
prim! {
    /// No imaginary part.
    ISREAL, "isreal", 1 bool, Compare, "imag(x) == 0";
    bool |_x| true, int |_x| true, uint |_x| true, float |_x| true, complex |x| x.im == 0.0
}
prim! {
    /// A sign bit.
    SIGNBIT, "signbit_cpu", 1 bool, Compare, "signbit(x)",
    refuse Complex NotImplementedError "signbit is not implemented for complex tensors.";
    bool |_x| false, signed |x| x < 0, byte |_x| false, float |x| x.is_sign_negative()
}
prim! {
    /// 0 below zero, `y` at zero, 1 above; nan compares as neither.
    HEAVISIDE, "heaviside_cpu", 2 same, Promote, "x == 0 ? y : x > 0",
    refuse Complex RuntimeError "heaviside is not yet implemented for complex tensors.";
    bool |x, y| x | y, int |x, y| if x == 0 { y } else if x > 0 { 1 } else { 0 },
    float |x, y| if x == 0.0 { y } else if x > 0.0 { 1.0 } else { 0.0 }
}

/// One of two by a condition.
pub(crate) static WHERE: Prim = Prim {
    kernel: "where_cpu",
    arity: 3,
    rule: Rule::Where,
    body: |dtype: DType| Some(block::select(dtype)),
    cuda: "x ? y : z",
    unrounded: crate::ops::prim::Unrounded::Nowhere,
    with_number: |_, _| None,
    refusals: &[],
};

fn shift_left<T: num_traits::PrimInt>(x: T, y: T) -> T {
    let bits = T::zero().count_zeros();
    match y.to_u32() {
        Some(n) if n < bits => x << n as usize,
        _ => T::zero(),
    }
}

fn shift_right<T: num_traits::PrimInt>(x: T, y: T) -> T {
    let bits = T::zero().count_zeros();
    let most = bits - u32::from(T::min_value() < T::zero());
    let n = y.to_u32().filter(|n| *n < bits).unwrap_or(most);
    if n == bits { T::zero() } else { x >> n as usize }
}

rows! {
    /// Whether input equals other, element by element.
    /// >>> torch.eq(torch.tensor([1, 2]), torch.tensor([1, 3]))
    /// tensor([ True, False])
    "eq" [fn method inplace out] "(Tensor self, Operand other) -> Tensor" => prim EQ;
    /// Whether input differs from other.
    /// >>> torch.ne(torch.tensor([1, 2]), 1)
    /// tensor([False,  True])
    "ne" aka ["not_equal"] [fn method inplace out] "(Tensor self, Operand other) -> Tensor" => prim NE;
    /// Whether input is less than other.
    /// >>> torch.lt(torch.tensor([1, 2]), 2)
    /// tensor([ True, False])
    "lt" aka ["less"] [fn method inplace out] "(Tensor self, Operand other) -> Tensor" => prim LT;
    /// Whether input is at most other.
    /// >>> torch.le(torch.tensor([1, 2, 3]), 2)
    /// tensor([ True,  True, False])
    "le" aka ["less_equal"] [fn method inplace out] "(Tensor self, Operand other) -> Tensor" => prim LE;
    /// Whether input is greater than other.
    /// >>> torch.gt(torch.tensor([1, 2, 3]), 2)
    /// tensor([False, False,  True])
    "gt" aka ["greater"] [fn method inplace out] "(Tensor self, Operand other) -> Tensor" => prim GT;
    /// Whether input is at least other.
    /// >>> torch.ge(torch.tensor([1, 2, 3]), 2)
    /// tensor([False,  True,  True])
    "ge" aka ["greater_equal"] [fn method inplace out] "(Tensor self, Operand other) -> Tensor" => prim GE;
    /// The larger of two, nan where either is nan.
    /// >>> torch.maximum(torch.tensor([1, 5]), torch.tensor([3, 2]))
    /// tensor([3, 5])
    "maximum" [fn method out] "(Tensor self, Tensor other) -> Tensor" => prim MAXIMUM;
    grad "
node MaximumBackward0
again other MaskedFillBackward0
again input MaskedFillBackward0
input: where(input < other, 0, where(input == other, grad / 2, grad))
other: where(input > other, 0, where(input == other, grad / 2, grad))";
    /// The smaller of two, nan where either is nan.
    /// >>> torch.minimum(torch.tensor([1, 5]), torch.tensor([3, 2]))
    /// tensor([1, 2])
    "minimum" [fn method out] "(Tensor self, Tensor other) -> Tensor" => prim MINIMUM;
    grad "
node MinimumBackward0
again other MaskedFillBackward0
again input MaskedFillBackward0
input: where(input > other, 0, where(input == other, grad / 2, grad))
other: where(input < other, 0, where(input == other, grad / 2, grad))";
    /// The larger of two, a number rather than nan.
    /// >>> torch.fmax(torch.tensor([1., float("nan")]), torch.tensor([3., 2.]))
    /// tensor([3., 2.])
    "fmax" [fn method out] "(Tensor self, Tensor other) -> Tensor" => prim FMAX;
    grad "
node FmaxBackward0
again other MaskedFillBackward0
again input MaskedFillBackward0
input: where((input >= other) | isnan(other), grad, 0)
other: where((input >= other) | isnan(other), 0, grad)";
    /// The smaller of two, a number rather than nan.
    /// >>> torch.fmin(torch.tensor([1., float("nan")]), torch.tensor([3., 2.]))
    /// tensor([1., 2.])
    "fmin" [fn method out] "(Tensor self, Tensor other) -> Tensor" => prim FMIN;
    grad "
node FminBackward0
again other MaskedFillBackward0
again input MaskedFillBackward0
input: where((input <= other) | isnan(other), grad, 0)
other: where((input <= other) | isnan(other), 0, grad)";
    /// Holds every element between min and max; either may be absent.
    /// >>> torch.clamp(torch.tensor([-2., 0.5, 3.]), 0, 1)
    /// tensor([0.0000, 0.5000, 1.0000])
    "clamp" aka ["clip"] [fn method inplace out]
        "(Tensor self, Tensor min, Tensor max) -> Tensor" => prim CLAMP,
        "(Tensor self, Scalar min, Scalar max) -> Tensor" => prim CLAMP,
        "(Tensor self, Tensor min, None? max=None) -> Tensor" => tensh "clamp_min(input, 0 if is_complex(input) else min)",
        "(Tensor self, Scalar min, None? max=None) -> Tensor" => prim CLAMP_MIN,
        "(Tensor self, None? min=None, Tensor? max=None) -> Tensor" => tensh "
if max is None:
    raise RuntimeError(\"torch.clamp: At least one of 'min' or 'max' must not be None\")
return clamp_max(input, max)",
        "(Tensor self, None? min=None, Scalar max) -> Tensor" => tensh "clamp_max(input, max)";
    grad "
sig 0
node ClampBackward0
input: where((input >= min) & (input <= max), grad, 0)
min: where((input < min) & (min < max), grad, 0)
max: where((input > max) | (max < min), grad, 0)

sig 1
node ClampBackward1
input: where((input >= min) & (input <= max), grad, 0)

sig 2
node ClampBackward0
input: where(input >= min, grad, 0)
min: where(input < min, grad, 0)

sig 3
node ClampBackward1
input: where(input >= min, grad, 0)

sig 4
node ClampBackward0
input: where(input <= max, grad, 0)
max: where(input > max, grad, 0)

sig 5
node ClampBackward1
input: where(input <= max, grad, 0)";
    /// Holds every element above min.
    /// >>> torch.clamp_min(torch.tensor([-2., 3.]), 0)
    /// tensor([0., 3.])
    "clamp_min" [fn method inplace out]
        "(Tensor self, Tensor min) -> Tensor" => prim CLAMP_MIN_TENSOR,
        "(Tensor self, Scalar min) -> Tensor" => prim CLAMP_MIN;
    grad "
sig 0
node ClampMinBackward1
input: where(input >= min, grad, 0)
min: where(input < min, grad, 0)

sig 1
node ClampMinBackward0
input: where(input >= min, grad, 0)";
    /// Holds every element below max.
    /// >>> torch.clamp_max(torch.tensor([-2., 3.]), 0)
    /// tensor([-2.,  0.])
    "clamp_max" [fn method inplace out]
        "(Tensor self, Tensor max) -> Tensor" => prim CLAMP_MAX_TENSOR,
        "(Tensor self, Scalar max) -> Tensor" => prim CLAMP_MAX;
    grad "
sig 0
node ClampMaxBackward1
input: where(input <= max, grad, 0)
max: where(input > max, grad, 0)

sig 1
node ClampMaxBackward0
input: where(input <= max, grad, 0)";
    /// Whether both are non-zero.
    /// >>> torch.logical_and(torch.tensor([0, 1]), torch.tensor([2, 3]))
    /// tensor([False,  True])
    "logical_and" [fn method inplace out] "(Tensor self, Tensor other) -> Tensor" => prim LOGICAL_AND;
    /// Whether either is non-zero.
    /// >>> torch.logical_or(torch.tensor([0, 1]), torch.tensor([0, 3]))
    /// tensor([False,  True])
    "logical_or" [fn method inplace out] "(Tensor self, Tensor other) -> Tensor" => prim LOGICAL_OR;
    /// Whether exactly one is non-zero.
    /// >>> torch.logical_xor(torch.tensor([0, 1]), torch.tensor([2, 3]))
    /// tensor([ True, False])
    "logical_xor" [fn method inplace out] "(Tensor self, Tensor other) -> Tensor" => prim LOGICAL_XOR;
    /// Whether an element is zero.
    /// >>> torch.logical_not(torch.tensor([0, 1]))
    /// tensor([ True, False])
    "logical_not" [fn method inplace out] "(Tensor self) -> Tensor" => prim LOGICAL_NOT;
    /// Bitwise and; logical for bools.
    /// >>> torch.bitwise_and(torch.tensor([12]), torch.tensor([10]))
    /// tensor([8])
    "bitwise_and" [fn method inplace out]
        "(Tensor self, Operand other) -> Tensor" => prim BITWISE_AND,
        "(Scalar self, Tensor other) -> Tensor" => prim BITWISE_AND;
    /// Bitwise or; logical for bools.
    /// >>> torch.bitwise_or(torch.tensor([12]), torch.tensor([10]))
    /// tensor([14])
    "bitwise_or" [fn method inplace out]
        "(Tensor self, Operand other) -> Tensor" => prim BITWISE_OR,
        "(Scalar self, Tensor other) -> Tensor" => prim BITWISE_OR;
    /// Bitwise exclusive or; logical for bools.
    /// >>> torch.bitwise_xor(torch.tensor([12]), torch.tensor([10]))
    /// tensor([6])
    "bitwise_xor" [fn method inplace out]
        "(Tensor self, Operand other) -> Tensor" => prim BITWISE_XOR,
        "(Scalar self, Tensor other) -> Tensor" => prim BITWISE_XOR;
    /// Bitwise not; logical for bools.
    /// >>> torch.bitwise_not(torch.tensor([0, 5]))
    /// tensor([-1, -6])
    "bitwise_not" [fn method inplace out] "(Tensor self) -> Tensor" => prim BITWISE_NOT;
    /// input * 2^other, bit by bit.
    /// >>> torch.bitwise_left_shift(torch.tensor([1, 3]), 2)
    /// tensor([ 4, 12])
    "bitwise_left_shift" [fn method inplace out]
        "(Tensor self, Operand other) -> Tensor" => prim SHIFT_LEFT,
        "(Scalar self, Tensor other) -> Tensor" => prim SHIFT_LEFT;
    /// input / 2^other, rounded down.
    /// >>> torch.bitwise_right_shift(torch.tensor([8, -8]), 2)
    /// tensor([ 2, -2])
    "bitwise_right_shift" [fn method inplace out]
        "(Tensor self, Operand other) -> Tensor" => prim SHIFT_RIGHT,
        "(Scalar self, Tensor other) -> Tensor" => prim SHIFT_RIGHT;
    /// Whether an element is nan.
    /// >>> torch.isnan(torch.tensor([1., float("nan")]))
    /// tensor([False,  True])
    "isnan" [fn method] "(Tensor self) -> Tensor" => prim ISNAN;
    /// Whether an element is an infinity.
    /// >>> torch.isinf(torch.tensor([1., float("-inf")]))
    /// tensor([False,  True])
    "isinf" [fn method] "(Tensor self) -> Tensor" => prim ISINF;
    /// Whether an element is neither nan nor an infinity.
    /// >>> torch.isfinite(torch.tensor([1., float("inf")]))
    /// tensor([ True, False])
    "isfinite" [fn method] "(Tensor self) -> Tensor" => prim ISFINITE;
    /// Whether an element is plus infinity.
    /// >>> torch.isposinf(torch.tensor([1., float("inf")]))
    /// tensor([False,  True])
    "isposinf" [fn method out] "(Tensor self) -> Tensor" => prim ISPOSINF;
    /// Whether an element is minus infinity.
    /// >>> torch.isneginf(torch.tensor([1., float("-inf")]))
    /// tensor([False,  True])
    "isneginf" [fn method out] "(Tensor self) -> Tensor" => prim ISNEGINF;
    /// Whether an element has no imaginary part.
    /// >>> torch.isreal(torch.tensor([1 + 0j, 2j]))
    /// tensor([ True, False])
    "isreal" [fn method] "(Tensor self) -> Tensor" => prim ISREAL;
    /// Whether an element's sign bit is set.
    /// >>> torch.signbit(torch.tensor([-0., 1.]))
    /// tensor([ True, False])
    "signbit" [fn method out] "(Tensor self) -> Tensor" => prim SIGNBIT;
    /// The step function: 0 below zero, values at zero, 1 above.
    /// >>> torch.heaviside(torch.tensor([-1., 0., 2.]), torch.tensor([0.5]))
    /// tensor([0.0000, 0.5000, 1.0000])
    "heaviside" [fn method inplace out] "(Tensor self, Tensor values) -> Tensor" => tensh "
if is_complex(input) or is_complex(values):
    raise RuntimeError('heaviside is not yet implemented for complex tensors.')
if input.dtype != values.dtype:
    raise RuntimeError('heaviside is not yet implemented for tensors with different dtypes.')
return _heaviside(input, values)";
    grad "
node NotImplemented
input: not_implemented
values: not_implemented";
    /// The step function of tensors of one dtype.
    "_heaviside" [fn] "(Tensor self, Tensor values) -> Tensor" => prim HEAVISIDE;
    grad "
node NotImplemented
input: not_implemented
values: not_implemented";
    /// Elements of input where condition holds, of other elsewhere; with a condition alone, where it holds.
    /// >>> torch.where(torch.tensor([True, False]), 1, 0)
    /// tensor([1, 0])
    "where" [fn out]
        "(Tensor condition, Operand self, Operand other) -> Tensor" => prim WHERE,
        "(Tensor condition) -> Tensor[]" => tensh "nonzero(condition, as_tuple=True)";
    grad "
sig 0
node WhereBackward0
input: where(condition, grad, 0)
other: where(condition, 0, grad)

sig 1
nondiff";
    /// Elements of this tensor where condition holds, of other elsewhere.
    "where" [method] "(Tensor self, Tensor condition, Operand other) -> Tensor" => tensh "where(condition, input, other)";
    /// Whether elements are equal within tolerances: |input - other| <= atol + rtol * |other|.
    /// >>> torch.isclose(torch.tensor([1., 2.]), torch.tensor([1., 2.1]))
    /// tensor([ True, False])
    "isclose" [fn method] "(Tensor self, Tensor other, float rtol=1e-05, float atol=1e-08, bool equal_nan=False) -> Tensor" => tensh r#"
if input.dtype != other.dtype:
    raise RuntimeError(f"{_aten(input)} did not match {_aten(other)}")
if rtol < 0:
    raise RuntimeError(f"rtol must be greater than or equal to zero, but got {rtol:g}")
if atol < 0:
    raise RuntimeError(f"atol must be greater than or equal to zero, but got {atol:g}")
close = input == other
if equal_nan:
    nans = isnan(input) & isnan(other)
    if nans.shape != input.shape and (is_floating_point(input) or is_complex(input)):
        raise RuntimeError(f"output with shape {[*input.shape]} doesn't match the broadcast shape {[*nans.shape]}")
    close = close | nans
if rtol == 0 and atol == 0:
    return close
if not is_floating_point(input) and not is_complex(input):
    return close | (abs(input.double() - other.double()) <= atol + abs(rtol * other.double()))
error = abs(input - other)
return close | (isfinite(error) & (error <= atol + abs(rtol * other)))"#;
    grad "nondiff";
    /// Whether all elements are close.
    /// >>> torch.allclose(torch.tensor([1.]), torch.tensor([1.00001]))
    /// True
    "allclose" [fn method] "(Tensor self, Tensor other, float rtol=1e-05, float atol=1e-08, bool equal_nan=False) -> bool" => tensh "bool(isclose(input, other, rtol, atol, equal_nan).all())";
    grad "nondiff";
    /// Whether both have the same sizes and elements.
    /// >>> torch.equal(torch.tensor([1, 2]), torch.tensor([1, 2]))
    /// True
    "equal" [fn method] "(Tensor self, Tensor other) -> bool" => tensh "input.shape == other.shape and bool((input == other).all())";
    grad "nondiff";
}
