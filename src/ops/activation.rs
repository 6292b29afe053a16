//! Activation functions.

use crate::cpu::vector;
use crate::{prim, rows};

prim! {
    /// The larger of a number and zero: itself where it is nan or a zero.
    RELU, "clamp_min_scalar_cpu", 1 same, Promote, "x < 0 ? 0 : x",
    refuse Bool RuntimeError "Boolean inputs not supported for relu",
    refuse Complex NotImplementedError "clamp is not supported for complex types";
    int |x| if x > 0 { x } else { 0 }, float |x| if x < 0.0 { 0.0 } else { x }
}
prim! {
    /// x times the standard normal distribution function, as ATen's vectors have it.
    GELU, "GeluKernelImpl", 1 same, Promote, "x * T(0.5) * (1 + erf(x * T(0.70710678118654752440)))";
    F64 |x| x * 0.5 * (1.0 + vector::erf(x * std::f64::consts::FRAC_1_SQRT_2)), float |x| vector::gelu(x)
}

rows! {
    /// The larger of input and zero.
    /// >>> torch.relu(torch.tensor([-1., 2.]))
    /// tensor([0., 2.])
    "relu" [fn method inplace] "(Tensor self) -> Tensor" => prim RELU;
    grad "
node ReluBackward0
tied input ThresholdBackwardBackward0
input: where(result <= 0, 0, grad)";
    /// The larger of input and zero.
    /// >>> torch.nn.functional.relu(torch.tensor([-1., 2.]))
    /// tensor([0., 2.])
    "nn.functional.relu" [fn inplace] "(Tensor input, bool inplace=False) -> Tensor" => prim RELU;
    grad "
node ReluBackward0
tied input ThresholdBackwardBackward0
input: where(result <= 0, 0, grad)";
    /// Input held between 0 and 6.
    /// >>> torch.nn.functional.relu6(torch.tensor([-1., 8.]))
    /// tensor([0., 6.])
    "nn.functional.relu6" [fn] "(Tensor input, bool inplace=False) -> Tensor" => tensh "nn.functional.hardtanh(input, 0., 6.)";
    grad "
node HardtanhBackward0
composite";
    /// Input held between two values.
    /// >>> torch.nn.functional.hardtanh(torch.tensor([-2., 0.5]))
    /// tensor([-1.0000,  0.5000])
    "nn.functional.hardtanh" [fn inplace] "(Tensor input, float min_val=-1.0, float max_val=1.0, bool inplace=False) -> Tensor" => tensh "
if min_val > max_val:
    raise ValueError('min_val cannot be greater than max_val')
if input.dtype == torch.bool:
    raise RuntimeError('Bool inputs not supported for hardtanh')
if not is_floating_point(input):
    if input.dtype == uint8 and (int(min_val) < 0 or int(max_val) < 0):
        raise RuntimeError('cannot do hardtanh on an unsigned type with negative limits')
    min_val, max_val = int(min_val), int(max_val)
return clamp(input, min_val, max_val)";
    grad "
node HardtanhBackward0
tied input HardtanhBackwardBackward0
input: where((input <= min_val) | (input >= max_val), 0, grad)";
    /// Input where positive, a fraction of it elsewhere.
    /// >>> torch.nn.functional.leaky_relu(torch.tensor([-1., 2.]), 0.1)
    /// tensor([-0.1000,  2.0000])
    "nn.functional.leaky_relu" [fn inplace] "(Tensor input, float negative_slope=0.01, bool inplace=False) -> Tensor" => pointwise "
x = _floating(input, 'leaky_relu_cpu')
return where(x > 0, x, x * negative_slope)";
    grad "
node LeakyReluBackward0
tied input LeakyReluBackwardBackward0
input: where(input > 0, grad, grad * negative_slope)
# inplace: node LeakyReluBackward1";
    /// Input where positive, weight times it elsewhere; weight is one number or one a channel.
    /// >>> torch.prelu(torch.tensor([-1., 2.]), torch.tensor([0.25]))
    /// tensor([-0.2500,  2.0000])
    "prelu" aka ["nn.functional.prelu"] [fn method] "(Tensor input, Tensor weight) -> Tensor" => tensh "
w = weight
if input.dtype != weight.dtype:
    raise RuntimeError(f'prelu: Type promoting not supported. Got {_aten(input)} and {_aten(weight)}')
if weight.numel() != 1:
    if input.ndim == 0:
        raise RuntimeError('Not allow zero-dim input tensor.')
    channels = input.shape[1] if input.ndim > 1 else 1
    if channels != weight.numel():
        raise RuntimeError(f'Mismatch of parameter numbers and input channel size. Found parameter numbers = {weight.numel()} and channel size = {channels}.')
if weight.ndim > 1:
    raise RuntimeError(f'prelu: Expected `weight` to be a scalar or 1D tensor, but got: ndim = {weight.ndim}')
w = weight.reshape([-1 if d == 1 else 1 for d in range(input.ndim)] if weight.numel() != 1 else ())
x = _floating(input, 'prelu_cpu')
return where(x > 0, x, w * x)";
    grad "
node PreluKernelBackward0
tied input PreluKernelBackwardBackward0
input:
    w = weight.reshape([-1 if d == 1 else 1 for d in range(input.ndim)] if weight.numel() != 1 else ())
    return grad * where(input > 0, 1, w)
weight:
    g = where(input > 0, 0, where(input > 0, 0, input) * grad)
    if weight.numel() == 1:
        return g.sum().reshape(weight.shape)
    return g.sum([d for d in range(input.ndim) if d != 1]).reshape(weight.shape)";
    /// Input where positive, alpha * (e^x - 1) elsewhere.
    /// >>> torch.nn.functional.elu(torch.tensor([-1., 2.]))
    /// tensor([-0.6321,  2.0000])
    "nn.functional.elu" [fn inplace] "(Tensor input, float alpha=1.0, bool inplace=False) -> Tensor" => pointwise "
x = _floating(input, 'elu_cpu')
return where(x <= 0, expm1(x) * alpha, x)";
    grad "
node EluBackward0
tied input EluBackwardBackward0
input: _elu_slope(grad, input, alpha, 1, 1)
# inplace: node EluBackward1";
    /// The self-normalising elu.
    /// >>> torch.selu(torch.tensor([-1., 2.]))
    /// tensor([-1.1113,  2.1014])
    "selu" [fn inplace] "(Tensor input) -> Tensor" => pointwise "
x = _floating(input, 'elu_cpu')
return where(x <= 0, expm1(x) * 1.7580993408473766, x * 1.0507009873554805)";
    grad "
node EluBackward0
tied input EluBackwardBackward0
input: _elu_slope(grad, input, 1.7580993408473766, 1.0507009873554805, 1)
# inplace: node EluBackward1";
    /// The self-normalising elu.
    /// >>> torch.nn.functional.selu(torch.tensor([-1., 2.]))
    /// tensor([-1.1113,  2.1014])
    "nn.functional.selu" [fn inplace] "(Tensor input, bool inplace=False) -> Tensor" => tensh "torch.selu(input)";
    grad "
node EluBackward0
composite
# inplace: node EluBackward1";
    /// max(0, x) + min(0, alpha * (e^(x / alpha) - 1)).
    /// >>> torch.celu(torch.tensor([-1., 2.]))
    /// tensor([-0.6321,  2.0000])
    "celu" [fn inplace] "(Tensor input, Scalar alpha=1.0) -> Tensor" => pointwise "
if alpha == 0:
    raise RuntimeError('ZeroDivisionError: alpha cannot be 0 for CELU')
x = _floating(input, 'elu_cpu')
return where(x <= 0, expm1(x * (1. / alpha)) * alpha, x)";
    grad "
node CeluBackward0
tied input EluBackwardBackward0
input: _elu_slope(grad, input, alpha, 1, 1 / tensor(alpha, dtype=float32, device='cpu').item())
# inplace: node CeluBackward1";
    /// max(0, x) + min(0, alpha * (e^(x / alpha) - 1)).
    /// >>> torch.nn.functional.celu(torch.tensor([-1., 2.]))
    /// tensor([-0.6321,  2.0000])
    "nn.functional.celu" [fn inplace] "(Tensor input, float alpha=1.0, bool inplace=False) -> Tensor" => tensh "torch.celu(input, alpha)";
    grad "
node CeluBackward0
composite
# inplace: node CeluBackward1";
    /// x times the standard normal distribution function at x, for tensors of several elements.
    /// >>> torch.nn.functional.gelu(torch.tensor([-1., 2.]))
    /// tensor([-0.1587,  1.9545])
    "_gelu" [fn] "(Tensor self) -> Tensor" => prim GELU;
    /// x times the standard normal distribution function at x; approximate is 'none' or 'tanh'.
    /// >>> torch.nn.functional.gelu(torch.tensor([-1., 2.]))
    /// tensor([-0.1587,  1.9545])
    "nn.functional.gelu" [fn] "(Tensor input, *, str approximate='none') -> Tensor" => pointwise "
if approximate not in ('none', 'tanh'):
    raise RuntimeError('approximate argument must be either none or tanh.')
x = _floating(input, 'GeluKernelImpl')
if approximate == 'none':
    return x * 0.5 * (1 + erf(x * 0.7071067811865476)) if x.numel() == 1 else _gelu(x)
return 0.5 * x * (1 + tanh(0.7978845608028654 * (x + 0.044715 * x * x * x)))";
    grad "
cuda
node GeluBackward0
tied input GeluBackwardBackward0
input:
    g, x = _wide(grad), _wide(input)
    if approximate == 'tanh':
        t = tanh(0.7978845608028654 * (x + 0.044715 * x * x * x))
        slope = 0.7978845608028654 * (1 + 0.134145 * x * x)
        return g * (0.5 * (1 + t) + 0.5 * x * (1 - t * t) * slope)
    return g * addcmul(0.5 * (1 + erf(x * 0.7071067811865476)), x, exp(x * x * -0.5) * 0.3989422804014327)

node GeluBackward0
tied input GeluBackwardBackward0
input:
    g, x = _wide(grad), _wide(input)
    if approximate == 'tanh':
        one = ones_like(x)
        t = tanh(0.7978845608028654 * addcmul(x, x * x * x, one * 0.044715))
        slope = 0.7978845608028654 * addcmul(one, x * x, one * 0.134145)
        return g * (0.5 * (1 + t) + 0.5 * x * addcmul(one, t, -t) * slope)
    z = x * 0.7071067811865476
    if x.dtype == float64 or x.numel() == 1:
        return g * addcmul(0.5 * (1 + erf(z)), x, exp(x * x * -0.5) * 0.3989422804014327)
    # As the function itself does it: erf by formula 7.1.26 of Abramowitz and Stegun; its slope is erf's own.
    # Numbers are tensors of the host, which computations on a device take for numbers.
    def number(c):
        return tensor(c, device='cpu')
    still, one = z.detach(), number(1.)
    t = 1 / addcmul(one, abs(still), number(0.3275911))
    r = number(1.061405429)
    for c in (-1.453152027, 1.421413741, -0.284496736, 0.254829592):
        r = addcmul(number(c), r, t)
    near = copysign(addcmul(one, -exp(-(still * still)) * t, r), still) + (erf(z) - erf(still))
    return g * addcmul(z * 0.5641895835477563 * exp(-(z * z)) + 0.5, near, number(0.5))";
    /// x * sigmoid(x), the swish function.
    /// >>> torch.nn.functional.silu(torch.tensor([-1., 2.]))
    /// tensor([-0.2689,  1.7616])
    "nn.functional.silu" [fn] "(Tensor input, bool inplace=False) -> Tensor" => pointwise "
x = input if is_complex(input) else _floating(input, 'silu_cpu')
return x / (1 + exp(-x))";
    grad "
node SiluBackward0
real silu
input:
    g, x = _wide(grad), _wide(input)
    s = sigmoid(x)
    return g * s * addcmul(ones_like(x), x, 1 - s)";
    /// x * tanh(softplus(x)).
    /// >>> torch.nn.functional.mish(torch.tensor([-1., 2.]))
    /// tensor([-0.3034,  1.9440])
    "nn.functional.mish" [fn] "(Tensor input, bool inplace=False) -> Tensor" => pointwise "
x = _floating(input, 'mish_cpu')
return x * tanh(log1p(exp(x)))";
    grad "
node MishBackward0
input:
    g, x = _wide(grad), _wide(input)
    s = sigmoid(x)
    t = tanh(nn.functional.softplus(x))
    return g * addcmul(t, x * s, addcmul(ones_like(t), t, -t))";
    /// ln(1 + e^(beta x)) / beta; x itself where beta x exceeds threshold.
    /// >>> torch.nn.functional.softplus(torch.tensor([-1., 2.]))
    /// tensor([0.3133, 2.1269])
    "nn.functional.softplus" [fn] "(Tensor input, Scalar beta=1, Scalar threshold=20) -> Tensor" => pointwise "
x = _floating(input, 'softplus_cpu')
return where(x * beta > threshold, x, log1p(exp(x * beta)) / beta)";
    grad "
node SoftplusBackward0
tied input SoftplusBackwardBackward0
input:
    g, x = _wide(grad), _wide(input)
    z = exp(where(x * beta >= threshold, threshold, x * beta))
    return where(x * beta > threshold, g, g * z / (z + 1))";
    /// ln(sigmoid(x)).
    /// >>> torch.nn.functional.logsigmoid(torch.tensor([-1., 2.]))
    /// tensor([-1.3133, -0.1269])
    "nn.functional.logsigmoid" [fn] "(Tensor input) -> Tensor" => pointwise "
x = _floating(input, 'log_sigmoid_cpu')
return clamp_max(x, 0) - log1p(exp(-abs(x)))";
    grad "
node LogSigmoidBackward0
tied input LogSigmoidBackwardBackward0
input:
    g, z = _wide(grad), _wide(exp(where(input < 0, input, -input)))
    return g * where(input < 0, 1 - z / (1 + z), z / (1 + z))";
    /// x where |x| exceeds lambd, else zero.
    /// >>> torch.nn.functional.hardshrink(torch.tensor([-1., 0.2]))
    /// tensor([-1.,  0.])
    "hardshrink" aka ["nn.functional.hardshrink"] [fn method out] "(Tensor input, Scalar lambd=0.5) -> Tensor" => pointwise "
x = _floating(input, 'hardshrink_cpu')
return where((x >= -lambd) & (x <= lambd), 0., x).to(x.dtype)";
    grad "
node HardshrinkBackward0
tied input HardshrinkBackwardBackward0
input: where((input >= -lambd) & (input <= lambd), 0, grad)";
    /// x brought towards zero by lambd, zero between.
    /// >>> torch.nn.functional.softshrink(torch.tensor([-1., 0.2]))
    /// tensor([-0.5000,  0.0000])
    "nn.functional.softshrink" [fn] "(Tensor input, float lambd=0.5) -> Tensor" => tensh "
x = _floating(input, 'softshrink_check')
if not 0 <= lambd <= finfo(x.dtype).max:
    raise RuntimeError(f'lambda must be in range [0, {finfo(x.dtype).max:g}] for input dtype {_aten(x)}, but found {lambd:g}')
return where(x > lambd, x - lambd, where(x < -lambd, x + lambd, x * 0.))";
    grad "
node SoftshrinkBackward0
tied input SoftshrinkBackwardBackward0
input: where((input >= -lambd) & (input <= lambd), 0, grad)";
    /// x - tanh(x).
    /// >>> torch.nn.functional.tanhshrink(torch.tensor([-1., 2.]))
    /// tensor([-0.2384,  1.0360])
    "nn.functional.tanhshrink" [fn] "(Tensor input) -> Tensor" => tensh "input - tanh(input)";
    grad "
node SubBackward0
composite";
    /// x / (1 + |x|).
    /// >>> torch.nn.functional.softsign(torch.tensor([-1., 2.]))
    /// tensor([-0.5000,  0.6667])
    "nn.functional.softsign" [fn] "(Tensor input) -> Tensor" => tensh "input / (abs(input) + 1)";
    grad "
node DivBackward0
composite";
    /// relu6(x + 3) / 6.
    /// >>> torch.nn.functional.hardsigmoid(torch.tensor([-1., 4.]))
    /// tensor([0.3333, 1.0000])
    "nn.functional.hardsigmoid" [fn] "(Tensor input, bool inplace=False) -> Tensor" => pointwise "
x = _floating(input, 'hardsigmoid_cpu')
return clamp(x + 3, 0, 6) / 6";
    grad "
node HardsigmoidBackward0
tied input NotImplemented hardsigmoid_backward
input: where((input > -3) & (input < 3), _wide(grad) * 0.1666666716337204, 0)";
    /// x * relu6(x + 3) / 6.
    /// >>> torch.nn.functional.hardswish(torch.tensor([-1., 4.]))
    /// tensor([-0.3333,  4.0000])
    "nn.functional.hardswish" [fn] "(Tensor input, bool inplace=False) -> Tensor" => pointwise "
x = _floating(input, 'hardswish_cpu')
return x * clamp(x + 3, 0, 6) / 6";
    grad "
node HardswishBackward0
tied input HardswishBackwardBackward0
input:
    g, x = _wide(grad), _wide(input)
    return where(x <= -3, 0, g * where(x < 3, where(x <= -3, 0, x) / 3 + 0.5, 1))";
    /// x where it exceeds threshold, else value.
    /// >>> torch.threshold(torch.tensor([-1., 2.]), 0, 9)
    /// tensor([9., 2.])
    "threshold" [fn inplace] "(Tensor self, Scalar threshold, Scalar value) -> Tensor" => tensh "
if input.dtype == torch.bool or is_complex(input):
    return _floating(input, 'threshold_cpu')
cast = (lambda v: v) if is_floating_point(input) else int
return where(input <= cast(threshold), cast(value), input).to(input.dtype)";
    grad "
node ThresholdBackward0
tied input ThresholdBackwardBackward0
input: where(input <= threshold, 0, grad)
# inplace: node ThresholdBackward1";
    /// x where it exceeds threshold, else value.
    /// >>> torch.nn.functional.threshold(torch.tensor([-1., 2.]), 0, 9)
    /// tensor([9., 2.])
    "nn.functional.threshold" [fn inplace] "(Tensor input, float threshold, float value, bool inplace=False) -> Tensor" => tensh "torch.threshold(input, threshold, value)";
    grad "
node ThresholdBackward0
composite
# inplace: node ThresholdBackward1";
    /// One half by the sigmoid of the other, rounded once.
    "_gated" [fn] "(Tensor a, Tensor b) -> Tensor" => pointwise "a * (1 / (1 + exp(-b)))";
    /// One half of input along dim, times the sigmoid of the other.
    /// >>> torch.nn.functional.glu(torch.tensor([1., 2., 0., 0.]))
    /// tensor([0.5000, 1.0000])
    "nn.functional.glu" [fn] "(Tensor input, int dim=-1) -> Tensor" => tensh "
if input.ndim == 0:
    raise RuntimeError('glu does not support scalars because halving size must be even')
if input.size(dim) % 2:
    raise RuntimeError(f'Halving dimension must be even, but dimension {dim % input.ndim} is size {input.size(dim)}')
a, b = chunk(_floating(input, 'glu_cpu'), 2, dim)
return _gated(a, b)";
    grad "
node GluBackward0
tied input GluBackwardBackward0
input:
    a, b = chunk(input, 2, dim)
    g, a, s = _wide(grad), _wide(a), _wide(sigmoid(b))
    return cat([g * s, s * (1 - s) * a * g], dim)";
}
