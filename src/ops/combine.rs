//! Sums of products and interpolations of several tensors.

use crate::{prim, rows};
use num_traits::Float;

prim! {
    /// Interpolation, exact at both ends.
    LERP_SCALAR, "lerp_kernel_scalar", 3 same, Promote, "lerp(x, y, z)";
    float |x, y, z| lerp(x, y, z), complex |x, y, z| if z.norm() < 0.5 { x + z * (y - x) } else { y - (y - x) * (-z + 1.0) }
}
prim! {
    /// Interpolation by a weight for each element.
    LERP_TENSOR, "lerp_kernel_tensor", 3 same, Promote, "lerp(x, y, z)";
    float |x, y, z| lerp(x, y, z), complex |x, y, z| if z.norm() < 0.5 { x + z * (y - x) } else { y - (y - x) * (-z + 1.0) }
}
prim! {
    /// Sum with a product, rounded once.
    ADDCMUL, "addcmul_cpu_out", 3 same, Promote, "add_product(x, y, z)";
    int |x, y, z| x.wrapping_add(y.wrapping_mul(z)), float |x, y, z| y.mul_add(z, x), complex |x, y, z| x + y * z
}

/// `x + z (y - x)`, from whichever end is nearer.
fn lerp<T: Float>(x: T, y: T, z: T) -> T {
    if z.abs() < T::one() / (T::one() + T::one()) { z.mul_add(y - x, x) } else { (z - T::one()).mul_add(y - x, y) }
}

rows! {
    /// input + weight * (end - input).
    /// >>> torch.lerp(torch.tensor([1., 2.]), torch.tensor([3., 4.]), 0.5)
    /// tensor([2., 3.])
    "lerp" [fn method inplace out]
        "(Tensor self, Tensor end, Tensor weight) -> Tensor" => tensh "
_same_type(input, end, 'end')
if weight.ndim > 0:
    _same_type(input, weight, 'weight')
return _lerp(input, end, weight)",
        "(Tensor self, Tensor end, Scalar weight) -> Tensor" => tensh "
_same_type(input, end, 'end')
if not is_floating_point(input) and not is_complex(input):
    raise NotImplementedError(f'\"lerp_kernel_scalar\" not implemented for \\'{_aten(input)}\\'')
if isinstance(weight, complex) and not is_complex(input):
    raise RuntimeError(f'value cannot be converted to type {_cpp(input)} without overflow')
return _lerp(input, end, weight)";
    grad "
sig 0
node LerpBackward1
input: grad * (1 - weight).conj()
end: grad * weight.conj()
weight: grad * (end - input).conj()

sig 1
node LerpBackward0
input: grad * (1 - _conj(weight))
end: grad * _conj(weight)";
    /// The interpolation, unchecked.
    "_lerp" [fn]
        "(Tensor self, Tensor end, Tensor weight) -> Tensor" => prim LERP_TENSOR,
        "(Tensor self, Tensor end, Scalar weight) -> Tensor" => pointwise "_lerp_number(input, end, weight)";
    grad "
sig 0
node LerpBackward1
input: grad * (1 - weight).conj()
end: grad * weight.conj()
weight: grad * (end - input).conj()

sig 1
node LerpBackward0
input: grad * (1 - _conj(weight))
end: grad * _conj(weight)";
    /// The interpolation by a number, in the operands' precision.
    "_lerp_number" [fn] "(Tensor self, Tensor end, Scalar weight) -> Tensor" => prim LERP_SCALAR;
    grad "
node LerpBackward0
input: grad * (1 - _conj(weight))
end: grad * _conj(weight)";
    /// torch's refusal of an operand of another dtype.
    "_same_type" [fn] "(Tensor self, Tensor other, str name) -> Tensor" => tensh "
if input.dtype != other.dtype:
    raise RuntimeError(f'expected dtype {_cpp(input)} for `{name}` but got dtype {_cpp(other)}')
return input";
    grad "nondiff";
    /// input + value * tensor1 * tensor2.
    /// >>> torch.addcmul(torch.ones(2), torch.tensor([1., 2.]), torch.tensor([3., 4.]), value=0.5)
    /// tensor([2.5000, 5.0000])
    "addcmul" [fn method inplace out] "(Tensor self, Tensor tensor1, Tensor tensor2, *, Scalar value=1) -> Tensor" => pointwise "_addcmul(input, _scaled(input, tensor1, tensor2, value), tensor2)";
    grad "
node AddcmulBackward0
input: grad
tensor1: grad * _conj(tensor2 * value)
tensor2: grad * _conj(tensor1 * value)";
    /// input + tensor1 * tensor2.
    "_addcmul" [fn] "(Tensor self, Tensor tensor1, Tensor tensor2) -> Tensor" => prim ADDCMUL;
    grad "
node AddcmulBackward0
input: grad
tensor1: grad * tensor2.conj()
tensor2: grad * tensor1.conj()";
    /// tensor1 times a number of the common dtype of three tensors.
    "_scaled" [fn] "(Tensor self, Tensor tensor1, Tensor tensor2, Scalar value) -> Tensor" => tensh "
d = (input + tensor1 + tensor2).dtype
if d == torch.bool:
    raise NotImplementedError('\"addcmul_cpu_out\" not implemented for \\'Bool\\'')
if isinstance(value, complex) and not d.is_complex:
    raise RuntimeError(f'value cannot be converted to type {_cpp(zeros((), dtype=d))} without overflow')
return tensor1 if value == 1 else tensor1 * (value if d.is_floating_point or d.is_complex else int(value))";
    grad "nondiff";
    /// input + value * tensor1 / tensor2.
    /// >>> torch.addcdiv(torch.ones(2), torch.tensor([1., 2.]), torch.tensor([4., 4.]), value=2)
    /// tensor([1.5000, 2.0000])
    "addcdiv" [fn method inplace out] "(Tensor self, Tensor tensor1, Tensor tensor2, *, Scalar value=1) -> Tensor" => pointwise "
if not (is_floating_point(tensor1) or is_complex(tensor1)) and not (is_floating_point(tensor2) or is_complex(tensor2)):
    raise RuntimeError('Integer division with addcdiv is no longer supported, and in a future  release addcdiv will perform a true division of tensor1 and tensor2. The historic addcdiv behavior can be implemented as (input + value * torch.trunc(tensor1 / tensor2)).to(input.dtype) for integer inputs and as (input + value * tensor1 / tensor2) for float inputs. The future addcdiv behavior is just the latter implementation: (input + value * tensor1 / tensor2), for all dtypes.')
return input + _scaled(input, tensor1, tensor2, value) / tensor2";
    grad "
node AddcdivBackward0
input: grad
tensor1: grad * _conj(value / tensor2)
tensor2: -grad * _conj(value * tensor1 / (tensor2 * tensor2))";
}
