//! Normalization, distances, embeddings, attention and rearranged channels of `torch.nn.functional`, as formulas.

use crate::rows;

rows! {
    /// The p-norm of input - other.
    /// >>> torch.dist(torch.tensor([1., 2.]), torch.tensor([4., 6.]))
    /// tensor(5.)
    "dist" [fn method] "(Tensor self, Tensor other, Scalar p=2) -> Tensor" => tensh "
d = input - other
if not is_floating_point(d) and not is_complex(d):
    raise RuntimeError(f'norm(): input dtype should be either floating point or complex. Got {_aten(d)} instead.')
return norm(d, p)";
    /// input over its norm along a dimension, the norm held above eps.
    /// >>> torch.nn.functional.normalize(torch.tensor([[3., 4.]]))
    /// tensor([[0.6000, 0.8000]])
    "nn.functional.normalize" [fn out] "(Tensor input, float p=2.0, int dim=1, float eps=1e-12) -> Tensor" => tensh "input / input.norm(p, dim, keepdim=True).clamp_min(eps).expand_as(input)";
    /// The p-norm of x1 - x2 + eps along the last dimension.
    /// >>> torch.pairwise_distance(torch.tensor([[0., 0.]]), torch.tensor([[3., 4.]]))
    /// tensor([5.0000])
    "pairwise_distance" aka ["nn.functional.pairwise_distance"] [fn] "(Tensor x1, Tensor x2, float p=2, float eps=1e-06, bool keepdim=False) -> Tensor" => tensh "norm(x1 - x2 + eps, p, -1, keepdim)";
    /// The cosine of the angle between x1 and x2 along a dimension.
    /// >>> torch.cosine_similarity(torch.tensor([[1., 0.]]), torch.tensor([[1., 1.]]))
    /// tensor([0.7071])
    "cosine_similarity" aka ["nn.functional.cosine_similarity"] [fn] "(Tensor x1, Tensor x2, int dim=1, float eps=1e-08) -> Tensor" => tensh "
d = result_type(x1, x2)
if not d.is_floating_point:
    raise RuntimeError(f'expected common dtype to be floating point, yet common dtype is {_aten(x1.to(d))}')
a, b = broadcast_tensors(x1.to(d), x2.to(d))
unit = lambda x: x / clamp_min(linalg.vector_norm(x, 2, dim, True), eps)
return (unit(a) * unit(b)).sum(dim)";
    /// Input brought to expectation 0 and variance 1 over its last dimensions, then scaled and shifted.
    /// >>> torch.nn.functional.layer_norm(torch.tensor([[1., 3.]]), (2,))
    /// tensor([[-1.0000,  1.0000]])
    "layer_norm" aka ["nn.functional.layer_norm"] [fn] "(Tensor input, int[] normalized_shape, Tensor? weight=None, Tensor? bias=None, float eps=1e-05, bool cudnn_enable=True) -> Tensor" => pointwise "
_check_normalized(input, normalized_shape, weight, bias, ', ')
x = _floating(input, 'LayerNormKernelImpl')
dims = tuple(range(-len(normalized_shape), 0))
if x.numel() == 0:
    return x.clone()
spread, mean = var_mean(x, dims, correction=0, keepdim=True)
out = (x - mean) * (1 / sqrt(spread + eps))
if weight is None or bias is None:
    out = out if weight is None else out * weight
    return out if bias is None else out + bias
return _addcmul(bias, out, weight)";
    /// Input over the root of its mean square over the last dimensions, then scaled.
    /// >>> torch.nn.functional.rms_norm(torch.tensor([[3., 4.]]), (2,))
    /// tensor([[0.8485, 1.1314]])
    "rms_norm" aka ["nn.functional.rms_norm"] [fn] "(Tensor input, int[] normalized_shape, Tensor? weight=None, float? eps=None) -> Tensor" => pointwise "
_check_normalized(input, normalized_shape, weight, None, '')
dims = tuple(range(-len(normalized_shape), 0))
e = finfo(input.dtype).eps if eps is None else eps
out = input * rsqrt((input * input).mean(dims, True) + e)
return out if weight is None else out * weight";
    /// torch's refusals of shapes that do not fit the last dimensions.
    "_check_normalized" [fn] "(Tensor input, int[] normalized_shape, Tensor? weight, Tensor? bias, str before) -> Tensor" => tensh "
want = list(normalized_shape)
n = len(want)
if n < 1:
    raise RuntimeError('Expected normalized_shape to be at least 1-dimensional, i.e., containing at least one element, but got normalized_shape = []')
if weight is not None and list(weight.shape) != want:
    raise RuntimeError(f'Expected weight to be of same shape as normalized_shape, but got weight of shape {[*weight.shape]} and normalized_shape = {want}')
if bias is not None and list(bias.shape) != want:
    raise RuntimeError(f'Expected bias to be of same shape as normalized_shape, but got bias of shape {[*bias.shape]} and normalized_shape = {want}')
if list(input.shape[max(input.ndim - n, 0):]) != want:
    shown = ', '.join([str(d) for d in want])
    raise RuntimeError(f'Given normalized_shape={want}, expected input with shape [*{before}{shown}], but got input of size{[*input.shape]}')
return input";
    /// Input brought to expectation 0 and variance 1 within groups of channels, then scaled and shifted by channel.
    /// >>> torch.nn.functional.group_norm(torch.tensor([[1., 3., 5., 9.]]), 2)
    /// tensor([[-1.0000,  1.0000, -1.0000,  1.0000]])
    "nn.functional.group_norm" [fn] "(Tensor input, int num_groups, Tensor? weight=None, Tensor? bias=None, float eps=1e-05) -> Tensor" => pointwise "
if input.ndim < 2:
    raise RuntimeError(f'Expected at least 2 dimensions for input tensor but received {input.ndim}')
if num_groups == 0:
    raise ZeroDivisionError('integer division or modulo by zero')
n, c = input.shape[0], input.shape[1]
_check_batch((n * c // num_groups, num_groups, *input.shape[2:]))
if num_groups < 0:
    raise RuntimeError(f'Expected num groups to be greater than 0, got {num_groups}')
if c % num_groups != 0:
    raise RuntimeError(f'Expected number of channels in input to be divisible by num_groups, but got input of shape {[*input.shape]} and num_groups={num_groups}')
for name, given in (('weight', weight), ('bias', bias)):
    if given is not None and (given.ndim != 1 or given.numel() != c):
        raise RuntimeError(f'Expected {name} to be a vector of size equal to the number of channels in input, but got {name} of shape {[*given.shape]} and input of shape {[*input.shape]}')
x = _floating(input, 'GroupNormKernelImpl')
if x.numel() == 0:
    return x.clone()
spread, mean = var_mean(x.reshape(n, num_groups, -1), 2, correction=0)
each = c // num_groups
scale = (1 / sqrt(spread + eps)).repeat_interleave(each, 1)
scale = scale if weight is None else scale * weight
mean = mean.repeat_interleave(each, 1)
shift = -scale * mean if bias is None else _addcmul(bias, -scale, mean)
shape = [n, c, *[1 for _ in input.shape[2:]]]
return _addcmul(shift.reshape(shape), x, scale.reshape(shape))";
    /// Input brought to expectation 0 and variance 1 by channel: by its own statistics, which then move the running ones, or by
    /// the running ones.
    /// >>> torch.nn.functional.batch_norm(torch.tensor([[1.], [3.]]), torch.zeros(1), torch.ones(1), training=True)
    /// tensor([[-1.0000],
    ///         [ 1.0000]])
    "nn.functional.batch_norm" [fn] "(Tensor input, Tensor? running_mean, Tensor? running_var, Tensor? weight=None, Tensor? bias=None, bool training=False, float momentum=0.1, float eps=1e-05) -> Tensor" => tensh "
if training:
    _check_batch(input.shape)
if eps <= 0:
    raise ValueError(f'batch_norm eps must be positive, but got {eps}')
if input.numel() == 0:
    return input.clone()
c = input.shape[1]
if not training and running_mean is None:
    raise RuntimeError('Expected running_mean to be defined when train is False')
for name, given in (('running_mean', running_mean), ('running_var', running_var), ('weight', weight), ('bias', bias)):
    if given is not None and given.numel() != c:
        raise RuntimeError(f'{name} should contain {c} elements not {given.numel()}')
half = input.dtype in (float16, bfloat16)
x = _floating(input, 'batch_norm')
x = x.float() if half else x
if training:
    dims = [d for d in range(x.ndim) if d != 1]
    var, mean = var_mean(x, dims, correction=0)
    n = x.numel() // c
    if running_mean is not None:
        running_mean.mul_(1 - momentum).add_(mean * momentum)
    if running_var is not None:
        running_var.mul_(1 - momentum).add_(var * (momentum * n / (n - 1)))
else:
    mean, var = running_mean.to(x.dtype), running_var.to(x.dtype)
scale = 1 / sqrt(var + eps)
scale = scale if weight is None else scale * weight
shift = -mean * scale if bias is None else _addcmul(bias.to(x.dtype), -mean, scale.to(x.dtype))
if half and (weight if weight is not None else input).dtype == input.dtype:
    scale, shift = scale.to(input.dtype), shift.to(input.dtype)
shape = [-1 if d == 1 else 1 for d in range(x.ndim)]
return _addcmul(shift.to(x.dtype).reshape(shape), x, scale.to(x.dtype).reshape(shape)).to(input.dtype)";
    /// torch's refusal to find the statistics of one value.
    "_check_batch" [fn] "(int[] size) -> int" => tensh "
count = Size(size[:1] + size[2:]).numel()
if count == 1:
    raise ValueError(f'Expected more than 1 value per channel when training, got input size {Size(size)}')
return count";
    /// Batch normalization of each example by itself.
    /// >>> torch.nn.functional.instance_norm(torch.tensor([[[1., 3.]]]))
    /// tensor([[[-1.0000,  1.0000]]])
    "nn.functional.instance_norm" [fn] "(Tensor input, Tensor? running_mean=None, Tensor? running_var=None, Tensor? weight=None, Tensor? bias=None, bool use_input_stats=True, float momentum=0.1, float eps=1e-05) -> Tensor" => tensh "
if use_input_stats and Size(input.shape[2:]).numel() == 1:
    raise ValueError(f'Expected more than 1 spatial element when training, got input size {input.shape}')
if not use_input_stats and (running_mean is None or running_var is None):
    raise RuntimeError('Expected running_mean and running_var to be defined when use_input_stats is false')
n, c = input.shape[0], input.shape[1]
each = lambda t: None if t is None else t.repeat(n)
mean, var = each(running_mean), each(running_var)
out = nn.functional.batch_norm(input.reshape(1, n * c, *input.shape[2:]), mean, var, each(weight), each(bias), use_input_stats, momentum, eps)
if running_mean is not None and use_input_stats:
    running_mean.copy_(mean.view(n, c).mean(0))
if running_var is not None and use_input_stats:
    running_var.copy_(var.view(n, c).mean(0))
return out.view(input.shape)";
    /// Input over (k + alpha * the mean square of the channels around) ** beta.
    /// >>> torch.nn.functional.local_response_norm(torch.ones(1, 2, 1), 2, alpha=1.)
    /// tensor([[[0.7378],
    ///          [0.5946]]])
    "nn.functional.local_response_norm" [fn] "(Tensor input, int size, float alpha=0.0001, float beta=0.75, float k=1.0) -> Tensor" => tensh "
if input.ndim < 3:
    raise ValueError(f'Expected 3D or higher dimensionality                          input (got {input.ndim} dimensions)')
if input.numel() == 0:
    return input
pad = lambda n: input.new_zeros([n if d == 1 else input.shape[d] for d in range(input.ndim)])
around = cat([pad(size // 2), input * input, pad((size - 1) // 2)], 1).unfold(1, size, 1).sum(-1)
around = around / size if is_floating_point(input) else div(around, size, rounding_mode='trunc')
return input / (around * alpha + k) ** beta";
    /// Rows of weight, by their numbers; with max_norm, rows that are looked up are first cut to that norm, in place.
    /// >>> torch.nn.functional.embedding(torch.tensor([1, 0]), torch.tensor([[1., 2.], [3., 4.]]))
    /// tensor([[3., 4.],
    ///         [1., 2.]])
    "nn.functional.embedding" [fn] "(Tensor input, Tensor weight, int? padding_idx=None, float? max_norm=None, float norm_type=2.0, bool scale_grad_by_freq=False, bool sparse=False) -> Tensor" => tensh "
if padding_idx is not None and not -weight.shape[0] <= padding_idx < weight.shape[0]:
    raise AssertionError('Padding_idx must be within num_embeddings')
if max_norm is not None:
    if input.dtype not in (int64, int32):
        raise RuntimeError(f\"Expected tensor for argument #2 'indices' to have one of the following scalar types: Long, Int; but got CPU{_aten(input)}Type instead (while checking arguments for embedding_renorm_)\")
    for i in unique(input).tolist():
        size = norm(weight[i], norm_type).item()
        if size > max_norm:
            weight[i] *= max_norm / (size + 1e-07)
return embedding(weight, input)";
    /// Rows of weight, by their numbers.
    /// >>> torch.embedding(torch.tensor([[1., 2.], [3., 4.]]), torch.tensor([1, 0]))
    /// tensor([[3., 4.],
    ///         [1., 2.]])
    "embedding" [fn] "(Tensor weight, Tensor indices, int padding_idx=-1, bool scale_grad_by_freq=False, bool sparse=False) -> Tensor" => tensh "
if weight.ndim != 2:
    raise RuntimeError(\"'weight' must be 2-D\")
if indices.dtype not in (int64, int32):
    raise RuntimeError(f\"Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; but got {indices.type()} instead (while checking arguments for embedding)\")
if ((indices < 0) | (indices >= weight.shape[0])).any():
    raise IndexError('index out of range in self')
return weight.index_select(0, indices.reshape(-1)).view(*indices.shape, weight.shape[1])";
    /// softmax(query key^T * scale + mask) value.
    /// >>> torch.nn.functional.scaled_dot_product_attention(torch.ones(1, 2), torch.eye(2), torch.eye(2))
    /// tensor([[0.5000, 0.5000]])
    "nn.functional.scaled_dot_product_attention" [fn] "(Tensor query, Tensor key, Tensor value, Tensor? attn_mask=None, float dropout_p=0.0, bool is_causal=False, *, float? scale=None, bool enable_gqa=False) -> Tensor" => pointwise "
if query.dtype != key.dtype or query.dtype != value.dtype:
    raise RuntimeError(f'Expected query, key, and value to have the same dtype, but got query.dtype: {_cpp(query)} key.dtype: {_cpp(key)} and value.dtype: {_cpp(value)} instead.')
if query.ndim < 2 or key.ndim < 2 or value.ndim < 2:
    raise RuntimeError(f'Expected query, key, and value to all be  at least 2 dimensional, but got query.dim: {query.ndim} key.dim: {key.ndim} and value.dim: {value.ndim} instead.')
if is_causal and attn_mask is not None:
    raise RuntimeError('_scaled_dot_product_attention: Explicit attn_mask should not be set when is_causal=True')
if enable_gqa:
    key = key.repeat_interleave(query.size(-3) // key.size(-3), -3)
    value = value.repeat_interleave(query.size(-3) // value.size(-3), -3)
factor = query.size(-1) ** -0.5 if scale is None else scale
scores = matmul(query, key.transpose(-2, -1)) * factor
if is_causal:
    attn_mask = ones(query.size(-2), key.size(-2), dtype=torch.bool).tril()
if attn_mask is not None:
    scores = scores.masked_fill(logical_not(attn_mask), -inf) if attn_mask.dtype == torch.bool else scores + attn_mask
weights = softmax(scores, -1)
weights = weights.masked_fill((scores == -inf).all(-1, True), 0.)
return matmul(nn.functional.dropout(weights, dropout_p) if dropout_p > 0 else weights, value)";
    /// Channels moved into pixels: (*, C r^2, H, W) to (*, C, H r, W r).
    /// >>> torch.pixel_shuffle(torch.arange(4.).view(4, 1, 1), 2)
    /// tensor([[[0., 1.],
    ///          [2., 3.]]])
    "pixel_shuffle" aka ["nn.functional.pixel_shuffle"] [fn] "(Tensor input, int upscale_factor) -> Tensor" => tensh "
r = upscale_factor
if input.ndim < 3:
    raise RuntimeError(f'pixel_shuffle expects input to have at least 3 dimensions, but got input with {input.ndim} dimension(s)')
if r <= 0:
    raise RuntimeError(f'pixel_shuffle expects a positive upscale_factor, but got {r}')
*batch, c, h, w = input.shape
if c % (r * r) != 0:
    raise RuntimeError(f\"pixel_shuffle expects its input's 'channel' dimension to be divisible by the square of upscale_factor, but input.size(-3)={c} is not divisible by {r * r}\")
c = c // (r * r)
n = len(batch)
return input.reshape(*batch, c, r, r, h, w).permute(*range(n), n, n + 3, n + 1, n + 4, n + 2).reshape(*batch, c, h * r, w * r)";
    /// Pixels moved into channels: (*, C, H r, W r) to (*, C r^2, H, W).
    /// >>> torch.pixel_unshuffle(torch.arange(4.).view(1, 2, 2), 2).shape
    /// torch.Size([4, 1, 1])
    "pixel_unshuffle" aka ["nn.functional.pixel_unshuffle"] [fn] "(Tensor input, int downscale_factor) -> Tensor" => tensh "
r = downscale_factor
if input.ndim < 3:
    raise RuntimeError(f'pixel_unshuffle expects input to have at least 3 dimensions, but got input with {input.ndim} dimension(s)')
if r <= 0:
    raise RuntimeError(f'pixel_unshuffle expects a positive downscale_factor, but got {r}')
*batch, c, h, w = input.shape
if h % r != 0:
    raise RuntimeError(f'pixel_unshuffle expects height to be divisible by downscale_factor, but input.size(-2)={h} is not divisible by {r}')
if w % r != 0:
    raise RuntimeError(f'pixel_unshuffle expects width to be divisible by downscale_factor, but input.size(-1)={w} is not divisible by {r}')
n = len(batch)
return input.reshape(*batch, c, h // r, r, w // r, r).permute(*range(n), n, n + 2, n + 4, n + 1, n + 3).reshape(*batch, c * r * r, h // r, w // r)";
    /// Channels of several groups taken in turn.
    /// >>> torch.channel_shuffle(torch.arange(4.).view(1, 4, 1), 2).flatten()
    /// tensor([0., 2., 1., 3.])
    "channel_shuffle" aka ["nn.functional.channel_shuffle"] [fn] "(Tensor input, int groups) -> Tensor" => tensh "
if input.ndim < 3:
    raise RuntimeError(f'channel_shuffle expects input with > 2 dims, but got input with sizes {[*input.shape]}')
if groups <= 0:
    raise RuntimeError(f'Number of groups to divide channels in must be positive. Value of groups:{groups}')
n, c, *rest = input.shape
if c % groups != 0:
    raise RuntimeError(f'Number of channels must be divisible by groups. Got {c} channels and {groups} groups.')
return input.reshape(n, groups, c // groups, *rest).transpose(1, 2).reshape(n, c, *rest)";
    /// input times the transposed weight, plus bias.
    /// >>> torch.nn.functional.linear(torch.tensor([[1., 2.]]), torch.tensor([[3., 4.]]))
    /// tensor([[11.]])
    "nn.functional.linear" [fn] "(Tensor input, Tensor weight, Tensor? bias=None) -> Tensor" => tensh "
if input.ndim == 0 or weight.ndim == 0:
    raise RuntimeError(f'both arguments to linear need to be at least 1D, but they are {input.ndim}D and {weight.ndim}D')
if bias is None:
    return matmul(input, weight.t())
if input.ndim == 2:
    return addmm(bias, input, weight.t())
if bias.ndim != 1:
    return matmul(input, weight.t()).add_(bias)
rows = input.unsqueeze(0) if input.ndim == 1 else input.flatten(0, -2)
return addmm(bias, rows, weight.t()).reshape(input.shape[:-1] + (weight.size(0),))";
    /// input1 weight input2 + bias, for each output's matrix of weight.
    /// >>> torch.nn.functional.bilinear(torch.tensor([[1., 2.]]), torch.tensor([[3.]]), torch.ones(1, 2, 1))
    /// tensor([[9.]])
    "bilinear" aka ["nn.functional.bilinear"] [fn] "(Tensor input1, Tensor input2, Tensor weight, Tensor? bias=None) -> Tensor" => tensh "
if bias is not None and (bias.ndim != 1 or bias.shape[0] != weight.shape[0]):
    raise RuntimeError(f'bilinear(): bias size does not match weight size: got {bias.size(0)} but expected {weight.size(0)}')
if input1.ndim != input2.ndim:
    raise RuntimeError(f'bilinear(): input dimensions do not match: got {input1.ndim} and {input2.ndim}')
for d in range(input1.ndim - 1):
    if input1.shape[d] != input2.shape[d]:
        raise RuntimeError(f'bilinear(): input batch dimensions do not match at dim {d}: got {input1.shape[d]} and {input2.shape[d]}')
if input1.size(-1) != weight.size(1):
    raise RuntimeError(f'bilinear(): input1 size does not match weight size: got {input1.size(-1)} but expected {weight.size(1)}')
if input2.size(-1) != weight.size(2):
    raise RuntimeError(f'bilinear(): input2 size does not match weight size: got {input2.size(-1)} but expected {weight.size(2)}')
out = einsum('...i,kij,...j->...k', input1, weight, input2)
return out if bias is None else out + bias";
    /// softmax of the negated input.
    /// >>> torch.nn.functional.softmin(torch.tensor([1., 2.]), dim=0)
    /// tensor([0.7311, 0.2689])
    "nn.functional.softmin" [fn] "(Tensor input, int dim, int _stacklevel=3, ScalarType? dtype=None) -> Tensor" => tensh "softmax(-input, dim, dtype=dtype)";
}
