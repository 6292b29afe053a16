//! Normalization by channel of `torch.nn.functional`.

use super::args::some;
use crate::cuda::channels;
use crate::rows;

rows! {
    /// Input brought to expectation 0 and variance 1 by channel: by its own statistics, which then move the running ones, or by
    /// the running ones.
    /// >>> torch.batch_norm(torch.tensor([[1.], [3.]]), None, None, None, None, True, 0.1, 1e-5, False)
    /// tensor([[-1.0000],
    ///         [ 1.0000]])
    "batch_norm" [fn] "(Tensor input, Tensor? weight, Tensor? bias, Tensor? running_mean, Tensor? running_var, bool training, float momentum, float eps, bool cudnn_enabled) -> Tensor" => tensh "
c = input.shape[1] if input.ndim > 1 else 0
if input.numel() == 0:
    out = input.clone() if weight is None else input * weight.select(0, 0)
    return out if bias is None else out + bias.select(0, 0)
for name, given in (('running_mean', running_mean), ('running_var', running_var), ('weight', weight), ('bias', bias)):
    if given is not None and given.numel() != c:
        raise RuntimeError(f'{name} should contain {c} elements not {given.numel()}')
    if given is None and not training and name[:7] == 'running':
        raise RuntimeError(f'{name} must be defined in evaluation mode')
input.size(1)
if (running_mean is None) != (running_var is None):
    raise ValueError('running_mean and running_var must either both be None or neither be None')
x = _floating(input, 'batch_norm')
mixed = _mixed(input, weight, bias, running_mean, running_var)
for given in (running_mean, running_var):
    if given is not None and given.ndim != 1:
        raise RuntimeError(f'TensorAccessor expected 1 dims but tensor has {given.ndim}')
if training:
    scale, shift = _batch_scale(x, weight, bias, running_mean, running_var, momentum, eps, mixed)
else:
    x = _in_single(x)
    mean, scale = running_mean.to(x.dtype), 1 / sqrt(running_var.to(x.dtype) + eps)
    scale = scale if weight is None else scale * weight
    shift = -mean * scale if bias is None else _addcmul(bias.to(x.dtype), -mean, scale)
shape = [-1 if d == 1 else 1 for d in range(x.ndim)]
return _addcmul(shift.reshape(shape), _in_single(x), scale.reshape(shape)).to(input.dtype)";
    grad "
node NativeBatchNormBackward0 if input.numel() else AddBackward0 if bias is not None else MulBackward0 if weight is not None else CloneBackward0
tied input NativeBatchNormBackwardBackward0
tied weight NativeBatchNormBackwardBackward0
tied bias NativeBatchNormBackwardBackward0
input,weight,bias:
    if input.numel() == 0:
        flat = grad if weight is None else grad * weight.select(0, 0)
        none = None if weight is None else zeros_like(weight)
        return tuple([g for g, wanted in zip((flat, none, grad), asked) if wanted])
    return _batch_norm_back(grad, input, weight, running_mean, running_var, training, eps, asked)
running_mean: not_differentiable native_batch_norm
running_var: not_differentiable native_batch_norm";
    /// Input brought to expectation 0 and variance 1 by channel: by its own statistics, which then move the running ones, or by
    /// the running ones.
    /// >>> torch.nn.functional.batch_norm(torch.tensor([[1.], [3.]]), torch.zeros(1), torch.ones(1), training=True)
    /// tensor([[-1.0000],
    ///         [ 1.0000]])
    "nn.functional.batch_norm" [fn] "(Tensor input, Tensor? running_mean, Tensor? running_var, Tensor? weight=None, Tensor? bias=None, bool training=False, float momentum=0.1, float eps=1e-05) -> Tensor" => tensh "
if training:
    _check_batch(input.shape, str(input.shape))
if eps <= 0:
    raise ValueError(f'batch_norm eps must be positive, but got {eps}')
return torch.batch_norm(input, weight, bias, running_mean, running_var, training, momentum, eps, False)";
    /// torch's refusal to find the statistics of one value.
    "_check_batch" [fn] "(int[] size, str shown) -> int" => tensh "
count = size[0] * Size(size[2:]).numel()
if count == 1:
    raise ValueError(f'Expected more than 1 value per channel when training, got input size {shown}')
return count";
    grad "nondiff";
    /// Batch normalization of each example by itself.
    /// >>> torch.instance_norm(torch.tensor([[[1., 3.]]]), None, None, None, None, True, 0.1, 1e-5, False)
    /// tensor([[[-1.0000,  1.0000]]])
    "instance_norm" [fn] "(Tensor input, Tensor? weight, Tensor? bias, Tensor? running_mean, Tensor? running_var, bool use_input_stats, float momentum, float eps, bool cudnn_enabled) -> Tensor" => tensh "
return _instance_by_batch(input, weight, bias, running_mean, running_var, use_input_stats, momentum, eps)", there "
return _instance_by_groups(input, weight, bias, running_mean, running_var, use_input_stats, momentum, eps)";
    grad "
cuda
formula:
    return _instance_by_groups(input, weight, bias, running_mean, running_var, use_input_stats, momentum, eps)";
    /// Batch normalization of each example by itself.
    /// >>> torch.nn.functional.instance_norm(torch.tensor([[[1., 3.]]]))
    /// tensor([[[-1.0000,  1.0000]]])
    "nn.functional.instance_norm" [fn] "(Tensor input, Tensor? running_mean=None, Tensor? running_var=None, Tensor? weight=None, Tensor? bias=None, bool use_input_stats=True, float momentum=0.1, float eps=1e-05) -> Tensor" => tensh "
if use_input_stats and Size(input.shape[2:]).numel() == 1:
    raise ValueError(f'Expected more than 1 spatial element when training, got input size {input.shape}')
return torch.instance_norm(input, weight, bias, running_mean, running_var, use_input_stats, momentum, eps, False)";
    /// What each channel is multiplied with and what is added, by its own statistics, which then move the running ones.
    "_batch_scale" [fn writes] "(Tensor input, Tensor? weight, Tensor? bias, Tensor? running_mean, Tensor? running_var, float momentum, float eps, bool mixed) -> (Tensor scale, Tensor shift)" => tensh "
half = input.dtype in (float16, bfloat16)
stored = lambda t: t.to(input.dtype).float() if half and not mixed else t
x = _in_single(input)
var, mean = var_mean(x, [d for d in range(x.ndim) if d != 1], correction=0)
n = x.numel() // x.shape[1]
var = stored(stored(var * n) / n) if input.dtype == bfloat16 else var
if running_mean is not None:
    # Writes that torch does not count.
    running_mean.data.mul_(1 - momentum).add_(mean * momentum)
    running_var.data.mul_(1 - momentum).add_(var * (momentum * n / (n - 1)))
mean, scale = stored(mean), stored((1 / sqrt(var.double() + eps)).to(x.dtype))
scale = scale if weight is None else scale * weight
return scale, -mean * scale if bias is None else _addcmul(bias.to(x.dtype), -mean, scale)", fused |g, x, a| {
        let running = channels::Running { views: a.opt_view(3).zip(a.opt_view(4)), momentum: a.float(5)? };
        some(channels::scales(g, x()?, a.opt_view(1), a.opt_view(2), running, a.float(6)?, !a.bool(7))?)
    };
    grad "nondiff";
    /// The gradients of `batch_norm`'s input, weight and bias, those that are asked for.
    "_batch_norm_back" [fn] "(Tensor grad, Tensor input, Tensor? weight, Tensor? running_mean, Tensor? running_var, bool training, float eps, int[] asked) -> Tensor[]" => tensh "
return _batch_back(grad, input, weight, running_mean, running_var, training, eps, asked)", there "
if not training:
    return _batch_back(grad, input, weight, running_mean, running_var, training, eps, asked)
each = _channel_slopes(grad, input, weight, eps)
scale, mean, middle, slope = [_batch_shape(t, input) for t in each[:4]]
out = [scale * (_in_single(grad) - middle - (_in_single(input) - mean) * slope)] if asked[0] else []
return tuple(out + [g for g, wanted in zip(each[4:], asked[1:]) if wanted])";
    /// What the way back through `batch_norm` needs of each channel, and the gradients of weight and bias.
    "_channel_slopes" [fn] "(Tensor grad, Tensor input, Tensor? weight, float eps) -> (Tensor, Tensor, Tensor, Tensor, Tensor, Tensor)" => tensh "
x, g, dims = _in_single(input), _in_single(grad), [d for d in range(input.ndim) if d != 1]
mean, scale = _moments(x, dims, eps)
along, total, n = (g * ((x - mean) * scale)).sum(dims), g.sum(dims), x.numel() // x.shape[1]
mean, scale = mean.reshape(-1), scale.reshape(-1)
return scale if weight is None else scale * weight, mean, total / n, scale * along / n, along, total", fused |g, x, a| {
        some(channels::slopes(g, x()?, a.view(1)?, a.opt_view(2), a.float(3)?)?)
    };
}
