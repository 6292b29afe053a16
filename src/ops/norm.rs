//! Normalization, distances, embeddings, attention and rearranged channels of `torch.nn.functional`, as formulas.

use super::args::one;
use crate::base::DType;
use crate::cpu::reduce::normalize;
use crate::cuda::{norm as cuda, softmax};
use crate::rows;
use crate::store::View;

rows! {
    /// The p-norm of input - other.
    /// >>> torch.dist(torch.tensor([1., 2.]), torch.tensor([4., 6.]))
    /// tensor(5.)
    "dist" [fn method] "(Tensor self, Tensor other, Scalar p=2) -> Tensor" => tensh "_norm(input - other, p)";
    grad "
node DistBackward0
again input MulBackward0
input: _dist_slope(input - other, result, grad, p)
other: -_dist_slope(input - other, result, grad, p)";
    /// input over its norm along a dimension, the norm held above eps.
    /// >>> torch.nn.functional.normalize(torch.tensor([[3., 4.]]))
    /// tensor([[0.6000, 0.8000]])
    "nn.functional.normalize" [fn out] "(Tensor input, float p=2.0, int dim=1, float eps=1e-12) -> Tensor" => tensh "input / input.norm(p, dim, keepdim=True).clamp_min(eps).expand_as(input)";
    /// The p-norm of x1 - x2 + eps along the last dimension.
    /// >>> torch.pairwise_distance(torch.tensor([[0., 0.]]), torch.tensor([[3., 4.]]))
    /// tensor([5.0000])
    "pairwise_distance" aka ["nn.functional.pairwise_distance"] [fn] "(Tensor x1, Tensor x2, float p=2, float eps=1e-06, bool keepdim=False) -> Tensor" => tensh "norm(x1 - x2 + eps, p, -1, keepdim)";
    grad "
node NormBackward1
composite";
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
    grad "
node SumBackward1
formula:
    d = result_type(x1, x2)
    a, b = broadcast_tensors(x1.to(d), x2.to(d))
    def unit(x):
        n = linalg.vector_norm(x, 2, dim, True)
        # The bound is no part of the graph.
        return x / (n + where(n < eps, eps - n, 0).detach())
    return (unit(a) * unit(b)).sum(dim)";
    /// Input brought to expectation 0 and variance 1 over its last dimensions, then scaled and shifted.
    /// >>> torch.nn.functional.layer_norm(torch.tensor([[1., 3.]]), (2,))
    /// tensor([[-1.0000,  1.0000]])
    "layer_norm" aka ["nn.functional.layer_norm"] [fn] "(Tensor input, int[] normalized_shape, Tensor? weight=None, Tensor? bias=None, float eps=1e-05, bool cudnn_enable=True) -> Tensor" => tensh "
if _is_plain_norm(input, normalized_shape, weight, bias):
    return _layer_norm(input, len(normalized_shape), weight, bias, eps)
_mixed(input, weight, bias)
_check_normalized(input, normalized_shape, weight, bias, ', ')
_floating(input, 'LayerNormKernelImpl')
return _layer_norm(input, len(normalized_shape), weight, bias, eps) if input.numel() else input.clone()";
    grad "
node NativeLayerNormBackward0
tied input NativeLayerNormBackwardBackward0
tied weight NativeLayerNormBackwardBackward0
tied bias NativeLayerNormBackwardBackward0
input,weight,bias: _layer_norm_back(grad, input, len(normalized_shape), weight, eps, asked)";
    /// `layer_norm` over a number of last dimensions, of arguments that fit.
    "_layer_norm" [fn] "(Tensor input, int ndim, Tensor? weight, Tensor? bias, float eps) -> Tensor" => kernel |a| {
        let x = a.view(0)?;
        let last = &x.sizes()[x.ndim() - (a.int(1)? as usize).min(x.ndim())..];
        let n = last.iter().product::<i64>() as usize;
        Ok(normalize::layer_norm(x, n, a.opt_view(2), a.opt_view(3), a.float(4)?)?.into())
    }, fused |g, x, a| {
        let norm = cuda::Norm { centred: true, eps: a.float(4)? };
        one(cuda::rows(g, &x()?, a.int(1)?.max(0) as usize, a.opt_view(2), a.opt_view(3), norm)?)
    };
    /// Input over the root of its mean square over the last dimensions, then scaled.
    /// >>> torch.nn.functional.rms_norm(torch.tensor([[3., 4.]]), (2,))
    /// tensor([[0.8485, 1.1314]])
    "rms_norm" aka ["nn.functional.rms_norm"] [fn] "(Tensor input, int[] normalized_shape, Tensor? weight=None, float? eps=None) -> Tensor" => pointwise "
_check_normalized(input, normalized_shape, weight, None, '')
x = input if is_complex(input) else _floating(input, 'rms_norm')
dims = tuple(range(-len(normalized_shape), 0))
e = finfo(x.dtype).eps if eps is None else eps
out = x * rsqrt((x * x).mean(dims, True) + e)
return (out if weight is None else out * weight).to(x.dtype)", fused |g, x, a| {
        let (x, want, weight) = (x()?, a.ints(1), a.opt_view(2));
        let fits = |v: &View| v.dtype() == x.dtype && v.sizes() == want;
        if want.is_empty() || !x.sizes.ends_with(want) || !weight.is_none_or(fits) {
            return Ok(None);
        }
        let eps = a.opt_float(3).unwrap_or(if x.dtype == DType::F64 { f64::EPSILON } else { f64::from(f32::EPSILON) });
        one(cuda::rows(g, &x, want.len(), weight, None, cuda::Norm { centred: false, eps })?)
    };
    grad "
cuda
node FusedRmsNormBackward0
input,weight: _rms_norm_back(grad, input, len(normalized_shape), weight, finfo(_in_single(input).dtype).eps if eps is None else eps, asked)

node ToCopyBackward0 if input.dtype in (float16, bfloat16) else composite
composite";
    /// Whether a normalization's arguments need no second look: floats of one dtype, and parameters of the sizes normalized.
    "_is_plain_norm" [fn] "(Tensor input, int[] normalized_shape, Tensor? weight, Tensor? bias) -> bool" => layout |a| {
        let (x, want) = (a.view(0)?, a.ints(1));
        let fits = |v: &View| v.dtype() == x.dtype() && v.sizes() == want;
        let plain = x.dtype().is_float() && x.numel() > 0 && !want.is_empty() && x.sizes().ends_with(want);
        Ok((plain && a.opt_view(2).into_iter().chain(a.opt_view(3)).all(fits)).into())
    };
    /// torch's refusals of shapes that do not fit the last dimensions; `rms_norm` has no space between the sizes it names.
    "_check_normalized" [fn] "(Tensor input, int[] normalized_shape, Tensor? weight, Tensor? bias, str before) -> Tensor" => tensh "
want = list(normalized_shape)
n = len(want)
if n < 1:
    raise RuntimeError('Expected normalized_shape to be at least 1-dimensional, i.e., containing at least one element, but got normalized_shape = []')
if weight is not None and list(weight.shape) != want:
    raise RuntimeError(f'Expected weight to be of same shape as normalized_shape, but got weight of shape {[*weight.shape]} and normalized_shape = {want}')
if bias is not None and list(bias.shape) != want:
    raise RuntimeError(f'Expected bias to be of same shape as normalized_shape, but got bias of shape {[*bias.shape]} and normalized_shape = {want}')
if not before and input.ndim < n:
    raise ValueError(f'Input tensor must have at least {n} dimensions, but got {input.ndim}')
if list(input.shape[max(input.ndim - n, 0):]) != want:
    shown = ', '.join([str(d) for d in want])
    raise RuntimeError(f'Given normalized_shape={want}, expected input with shape [*{before}{shown}], but got input of size{[*input.shape]}')
return input";
    grad "nondiff";
    /// Whether the parameters of a normalization are `float32` and its input is not; torch's refusals of other mixtures.
    "_mixed" [fn] "(Tensor input, Tensor? weight, Tensor? bias, Tensor? mean=None, Tensor? var=None) -> bool" => tensh "
given = [p for p in (weight, bias, mean, var) if p is not None]
if not given or given[0].dtype == input.dtype:
    for p in given:
        if p.dtype != input.dtype and is_floating_point(input):
            raise RuntimeError(f'expected scalar type {_aten(input)} but found {_aten(p)}')
    return False
for p in given:
    if p.dtype != float32:
        raise RuntimeError('mixed dtype (CPU): expect parameter to have scalar type of Float')
if input.dtype not in (float16, bfloat16):
    raise RuntimeError('mixed dtype (CPU): all inputs must share same datatype.')
return True";
    grad "nondiff";
    /// Input brought to expectation 0 and variance 1 within groups of channels, then scaled and shifted by channel.
    /// >>> torch.group_norm(torch.tensor([[1., 3., 5., 9.]]), 2)
    /// tensor([[-1.0000,  1.0000, -1.0000,  1.0000]])
    "group_norm" [fn] "(Tensor input, int num_groups, Tensor? weight=None, Tensor? bias=None, float eps=1e-05, bool cudnn_enabled=True) -> Tensor" => tensh "
n, c = input.size(0), input.size(1)
if num_groups <= 0:
    raise RuntimeError(f'Expected num groups to be greater than 0, got {num_groups}')
if c % num_groups != 0:
    raise RuntimeError(f'Expected number of channels in input to be divisible by num_groups, but got input of shape {[*input.shape]} and num_groups={num_groups}')
for name, given in (('weight', weight), ('bias', bias)):
    if given is not None and (given.ndim != 1 or given.numel() != c):
        # ATen shows the weight's sizes for either.
        shown = [0] if weight is None else [*weight.shape]
        raise RuntimeError(f'Expected {name} to be a vector of size equal to the number of channels in input, but got {name} of shape {shown} and input of shape {[*input.shape]}')
_mixed(input, weight, bias)
_floating(input, 'GroupNormKernelImpl')
return _group_norm(input, num_groups, weight, bias, eps).to(input.dtype) if input.numel() else input.clone()";
    grad "
node NativeGroupNormBackward0
input,weight,bias: _group_norm_back(grad, input, num_groups, weight, eps, asked)";
    /// `group_norm` of arguments that fit.
    "_group_norm" [fn] "(Tensor input, int num_groups, Tensor? weight, Tensor? bias, float eps) -> Tensor" => pointwise "
n, c = input.shape[0], input.shape[1]
groups = input.reshape(n, num_groups, -1)
spread, mean = var_mean(groups, 2, correction=0)
each = c // num_groups
scale = (1 / sqrt(spread.double() + eps)).to(input.dtype)
if weight is None and bias is None:
    return ((groups - mean.unsqueeze(2)) * scale.unsqueeze(2)).reshape(input.shape)
scale = scale.repeat_interleave(each, 1)
scale = scale if weight is None else scale * weight
mean = mean.repeat_interleave(each, 1)
shift = -scale * mean if bias is None else _addcmul(bias, -scale, mean)
shape = [n, c, *[1 for _ in input.shape[2:]]]
return _addcmul(shift.reshape(shape), input, scale.reshape(shape))", cuda |g, _, a| {
        one(cuda::groups(g, a.view(0)?, a.int(1)?, a.opt_view(2), a.opt_view(3), a.float(4)?)?)
    };
    grad "nondiff";
    /// Input brought to expectation 0 and variance 1 within groups of channels, then scaled and shifted by channel.
    /// >>> torch.nn.functional.group_norm(torch.tensor([[1., 3., 5., 9.]]), 2)
    /// tensor([[-1.0000,  1.0000, -1.0000,  1.0000]])
    "nn.functional.group_norm" [fn] "(Tensor input, int num_groups, Tensor? weight=None, Tensor? bias=None, float eps=1e-05) -> Tensor" => tensh "
if input.ndim < 2:
    raise RuntimeError(f'Expected at least 2 dimensions for input tensor but received {input.ndim}')
size = [input.size(0) * input.size(1) // num_groups, num_groups, *input.shape[2:]]
_check_batch(size, str(size))
return torch.group_norm(input, num_groups, weight, bias, eps)";
    /// Input over (k + alpha * the mean square of the channels around) ** beta.
    /// >>> torch.nn.functional.local_response_norm(torch.ones(1, 2, 1), 2, alpha=1.)
    /// tensor([[[0.7378],
    ///          [0.5946]]])
    "nn.functional.local_response_norm" [fn] "(Tensor input, int size, float alpha=0.0001, float beta=0.75, float k=1.0) -> Tensor" => tensh "
n = input.ndim
if n < 3:
    raise ValueError(f'Expected 3D or higher dimensionality                          input (got {n} dimensions)')
if input.numel() == 0:
    return input
around = constant_pad_nd(input * input, [0, 0] * (n - 2) + [size // 2, (size - 1) // 2])
if size < 1:
    raise RuntimeError('integer out of range' if n == 3 else f'kernel size should be greater than zero, but got kT: {size} kH: 1 kW: 1')
if input.dtype != int64:
    _floating(input, 'avg_pool2d' if n == 3 else 'avg_pool3d_out_frame', n > 3)
around = around.unfold(1, size, 1).sum(-1)
around = around / size if is_floating_point(input) else div(around, size, rounding_mode='trunc')
return input / (around * alpha + k) ** beta";
    /// Rows of weight, by their numbers; with max_norm, rows that are looked up are first cut to that norm, in place.
    /// >>> torch.nn.functional.embedding(torch.tensor([1, 0]), torch.tensor([[1., 2.], [3., 4.]]))
    /// tensor([[3., 4.],
    ///         [1., 2.]])
    "nn.functional.embedding" [fn] "(Tensor input, Tensor weight, int? padding_idx=None, float? max_norm=None, float norm_type=2.0, bool scale_grad_by_freq=False, bool sparse=False) -> Tensor" => tensh "
if padding_idx and not -weight.size(0) <= padding_idx < weight.size(0):
    raise AssertionError('Padding_idx must be within num_embeddings')
if max_norm is not None:
    embedding_renorm_(weight, input, max_norm, norm_type)
return embedding(weight, input)";
    grad "
node EmbeddingBackward0
again weight EmbeddingDenseBackwardBackward0
weight:
    n = weight.size(0)
    padding = None if padding_idx is None else padding_idx if padding_idx >= 0 else padding_idx + n
    return _embedding_grad(grad, n, input, padding, scale_grad_by_freq)";
    /// Cuts rows to a norm, in place.
    /// >>> torch.embedding_renorm_(torch.tensor([[3., 4.], [3., 4.]]), torch.tensor([1]), 1., 2.)
    /// tensor([[3.0000, 4.0000],
    ///         [0.6000, 0.8000]])
    "embedding_renorm_" [fn] "(Tensor self, Tensor indices, float max_norm, float norm_type) -> Tensor" => tensh "
if input.ndim != 2:
    raise RuntimeError(f\"Expected 2-dimensional tensor, but got {input.ndim}-dimensional tensor for argument #1 'self' (while checking arguments for embedding_renorm_)\")
if indices.dtype not in (int64, int32):
    raise RuntimeError(f\"Expected tensor for argument #2 'indices' to have one of the following scalar types: Long, Int; but got {_type_string(indices)} instead (while checking arguments for embedding_renorm_)\")
for i in unique(indices).tolist():
    row = input.select(0, i)
    size = _norm(row, norm_type).item()
    if size > max_norm:
        row *= max_norm / (size + 1e-07)
return input";
    grad "
node EmbeddingRenormBackward0
input: not_implemented";
    /// Sums, means or maxima of bags of rows; a bag is a row of the input, or what stands between two offsets.
    /// >>> torch.nn.functional.embedding_bag(torch.tensor([0, 1, 1]), torch.tensor([[1., 2.], [3., 4.]]), torch.tensor([0, 2]))
    /// tensor([[2., 3.],
    ///         [3., 4.]])
    "nn.functional.embedding_bag" [fn] "(Tensor input, Tensor weight, Tensor? offsets=None, float? max_norm=None, float norm_type=2, bool scale_grad_by_freq=False, str mode='mean', bool sparse=False, Tensor? per_sample_weights=None, bool include_last_offset=False, int? padding_idx=None) -> Tensor" => tensh "
if weight.dtype == int64 and is_floating_point(input):
    weight, input = input, weight
if per_sample_weights is not None and input.shape != per_sample_weights.shape:
    raise ValueError(f'embedding_bag: If per_sample_weights ({per_sample_weights.shape}) is not None, then it must have the same shape as the input ({input.shape})')
if weight.ndim != 2:
    raise ValueError(f'weight has to be a 2D Tensor, but got Tensor of dimension {weight.ndim}')
if input.ndim not in (1, 2):
    raise ValueError(f'input has to be 1D or 2D Tensor, but got Tensor of dimension {input.ndim}')
if input.ndim == 2:
    if offsets is not None:
        raise ValueError(f'if input is 2D, then offsets has to be None, as input is treated is a mini-batch of fixed length sequences. However, found offsets of type {type(offsets)}')
    offsets, include_last_offset = arange(0, input.numel(), input.size(1), dtype=input.dtype), False
    input = input.reshape(-1)
    per_sample_weights = None if per_sample_weights is None else per_sample_weights.reshape(-1)
elif offsets is None:
    raise ValueError('offsets has to be a 1D Tensor but got None')
elif offsets.ndim != 1:
    raise ValueError('offsets has to be a 1D Tensor')
if mode not in ('sum', 'mean', 'max'):
    raise ValueError('mode has to be one of sum, mean or max')
if mode == 'max' and scale_grad_by_freq:
    raise ValueError('max mode does not support scaling the gradient by the frequency')
if mode == 'max' and sparse:
    raise ValueError('max mode does not support sparse weights')
if max_norm is not None:
    embedding_renorm_(weight, input, max_norm, norm_type)
if per_sample_weights is not None and mode != 'sum':
    raise NotImplementedError(f\"embedding_bag: per_sample_weights was not None. per_sample_weights is only supported for mode='sum' (got mode='{mode}'). Please open a feature request on GitHub.\")
count, length = weight.size(0), input.numel()
if padding_idx is not None and not -count <= padding_idx < count:
    raise RuntimeError(f'padding_idx must be within the number of embeddings, {-count} through {count - 1}, but got {padding_idx}')
common = result_type(input, offsets)
for name, given, dtype in (('indices', input, common), ('offsets', offsets, common)):
    if dtype not in (int64, int32):
        raise RuntimeError(f\"Expected tensor for argument #1 '{name}' to have one of the following scalar types: Long, Int; but got {_type_string(given.to(dtype))} instead (while checking arguments for embedding_bag)\")
if not is_floating_point(weight):
    raise RuntimeError(f\"Expected tensor for argument #1 'weight' to have one of the following scalar types: Half, BFloat16, Float, Double; but got {_type_string(weight)} instead (while checking arguments for embedding_bag)\")
if offsets.numel() and offsets[0] != 0:
    raise RuntimeError(f'offsets[0] has to be 0, i.e., the first sequence in the mini-batch has to start from position 0. However, got {offsets[0].item()}\\n[ {_type_string(offsets)}{{}} ]')
if offsets.numel() and offsets[-1] > length:
    raise RuntimeError(f\"offsets[-1] can not be greater than input's length {length} but got offsets[-1] of {offsets[-1].item()}\")
if ((input < 0) | (input >= count)).any() or (diff(offsets) < 0).any():
    raise RuntimeError('Expected i < index_size to be true, but got false.  (Could this error message be improved?  If so, please report an enhancement request to PyTorch.)')
bags = offsets.numel() - int(include_last_offset)
if bags <= 0:
    return weight.new_zeros(max(bags, 0), weight.size(1))
starts = zeros(length + 1, dtype=int64).index_add_(0, offsets[:bags], ones(bags, dtype=int64))
bag = starts[:length].cumsum(0) - 1
keep = ones(length, dtype=torch.bool) if padding_idx is None else input != padding_idx % count
return _bags(weight, input[keep], bag[keep], bags, mode, None if per_sample_weights is None else per_sample_weights[keep])";
    grad "
node EmbeddingBagBackward0
weight:
    return _bag_grad(grad, result, weight, input, offsets, include_last_offset, padding_idx, mode, per_sample_weights, scale_grad_by_freq)
input:
    return _bag_grad(grad, result, input, weight, offsets, include_last_offset, padding_idx, mode, per_sample_weights, scale_grad_by_freq)
per_sample_weights:
    table, numbers = (input, weight) if is_floating_point(input) else (weight, input)
    at, bag, keep, bags = _bag_parts(numbers, table, offsets, include_last_offset, padding_idx)
    g = (grad.index_select(0, bag) * table.index_select(0, at)).sum(1)
    return where(keep, g, 0).reshape(per_sample_weights.shape)";
    /// `embedding_bag` of rows whose bags are known by number.
    "_bags" [fn] "(Tensor weight, Tensor index, Tensor bag, int bags, str mode, Tensor? scale) -> Tensor" => pointwise "
rows = weight.index_select(0, index)
rows = rows if scale is None else rows * scale.unsqueeze(1)
out = weight.new_zeros(bags, weight.size(1))
if mode == 'max':
    return out.index_reduce_(0, bag, rows, 'amax', include_self=False)
out.index_add_(0, bag, rows)
if mode == 'sum':
    return out
return out / bincount(bag, minlength=bags).clamp_min(1).to(out.dtype).unsqueeze(1)";
    grad "nondiff";
    /// Rows of weight, by their numbers.
    /// >>> torch.embedding(torch.tensor([[1., 2.], [3., 4.]]), torch.tensor([1, 0]))
    /// tensor([[3., 4.],
    ///         [1., 2.]])
    "embedding" [fn] "(Tensor weight, Tensor indices, int padding_idx=-1, bool scale_grad_by_freq=False, bool sparse=False) -> Tensor" => tensh "
if weight.ndim != 2:
    raise RuntimeError(\"'weight' must be 2-D\")
if indices.dtype not in (int64, int32):
    raise RuntimeError(f\"Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; but got {_type_string(indices)} instead (while checking arguments for embedding)\")
if weight.shape[0] == 0 and indices.numel() > 0:
    raise IndexError('index out of range in self')
return weight.index_select(0, indices.reshape(-1)).view(*indices.shape, weight.shape[1])";
    grad "
node EmbeddingBackward0
again weight EmbeddingDenseBackwardBackward0
weight: _embedding_grad(grad, weight.size(0), indices, padding_idx, scale_grad_by_freq)";
    /// softmax(query key^T * scale + mask) value.
    /// >>> torch.nn.functional.scaled_dot_product_attention(torch.ones(1, 2), torch.eye(2), torch.eye(2))
    /// tensor([[0.5000, 0.5000]])
    "nn.functional.scaled_dot_product_attention" [fn] "(Tensor query, Tensor key, Tensor value, Tensor? attn_mask=None, float dropout_p=0.0, bool is_causal=False, *, float? scale=None, bool enable_gqa=False) -> Tensor" => tensh "
if query.dtype != key.dtype or query.dtype != value.dtype:
    raise RuntimeError(f'Expected query, key, and value to have the same dtype, but got query.dtype: {_cpp(query)} key.dtype: {_cpp(key)} and value.dtype: {_cpp(value)} instead.')
if query.ndim < 2 or key.ndim < 2 or value.ndim < 2:
    raise RuntimeError(f'Expected query, key, and value to all be  at least 2 dimensional, but got query.dim: {query.ndim} key.dim: {key.ndim} and value.dim: {value.ndim} instead.')
if attn_mask is not None and attn_mask.dtype not in (torch.bool, float32, query.dtype):
    raise RuntimeError(f'Expected attn_mask dtype to be bool or float or to match query dtype, but got attn_mask.dtype: {_cpp(attn_mask)} and  query.dtype: {_cpp(query)} instead.')
if is_causal and attn_mask is not None:
    raise RuntimeError('_scaled_dot_product_attention: Explicit attn_mask should not be set when is_causal=True')
return _attention(query, key, value, attn_mask, dropout_p, is_causal, scale, enable_gqa)";
    grad "
node ScaledDotProductFlashAttentionForCpuBackward0 if _flash(query, key, value, attn_mask, dropout_p) else ToCopyBackward0 if query.dtype in (float16, bfloat16) else composite
composite";
    /// `scaled_dot_product_attention` of arguments that fit.
    "_attention" [fn] "(Tensor query, Tensor key, Tensor value, Tensor? attn_mask, float dropout_p, bool is_causal, float? scale, bool enable_gqa) -> Tensor" => pointwise "
if enable_gqa:
    key = key.repeat_interleave(query.size(-3) // key.size(-3), -3)
    value = value.repeat_interleave(query.size(-3) // value.size(-3), -3)
factor = scale if scale is not None else query.size(-1) ** -0.5 if query.size(-1) else inf
if is_causal:
    attn_mask = ones(query.size(-2), key.size(-2), dtype=torch.bool).tril()
weights = _attention_weights(matmul(query, key.transpose(-2, -1)), attn_mask, factor)
return matmul(torch.dropout(weights, dropout_p, True) if dropout_p > 0 else weights, value)";
    /// Softmax of scores times a factor, behind a mask that leaves those where it is true, or is added. Where all are masked zeros come out.
    "_attention_weights" [fn] "(Tensor input, Tensor? mask, float factor) -> Tensor" => tensh "
scores = _masked(input * factor, mask)
return softmax(scores, -1).masked_fill((scores == -inf).all(-1, True), 0.)", there "
return _safe_softmax(_masked(input * factor, mask))";
    grad "
node SafeSoftmaxBackward0
input: _softmax_back(grad, result, -1, factor)
mask: _softmax_back(grad, result, -1)";
    /// Softmax along the last dimension, but zeros where all is negative infinity.
    "_safe_softmax" [fn] "(Tensor input) -> Tensor" => tensh "
return softmax(input, -1).masked_fill((input == -inf).all(-1, True), 0.)", fused |g, x, _| one(softmax::softmax(g, x()?, -1, None, softmax::Kind::Safe)?);
    /// Channels moved into pixels: (*, C r^2, H, W) to (*, C, H r, W r).
    /// >>> torch.pixel_shuffle(torch.arange(4.).view(4, 1, 1), 2)
    /// tensor([[[0., 1.],
    ///          [2., 3.]]])
    "pixel_shuffle" aka ["nn.functional.pixel_shuffle"] [fn] "(Tensor input, int upscale_factor) -> Tensor" => tensh "
r = upscale_factor
_check_pixels(input, 'pixel_shuffle', 'upscale_factor', r)
*batch, c, h, w = input.shape
if c % (r * r) != 0:
    raise RuntimeError(f\"pixel_shuffle expects its input's 'channel' dimension to be divisible by the square of upscale_factor, but input.size(-3)={c} is not divisible by {r * r}\")
c = c // (r * r)
n = len(batch)
return input.reshape(*batch, c, r, r, h, w).permute(*range(n), n, n + 3, n + 1, n + 4, n + 2).reshape(*batch, c, h * r, w * r)";
    grad "
node PixelShuffleBackward0
input: pixel_unshuffle(grad, upscale_factor)";
    /// Pixels moved into channels: (*, C, H r, W r) to (*, C r^2, H, W).
    /// >>> torch.pixel_unshuffle(torch.arange(4.).view(1, 2, 2), 2).shape
    /// torch.Size([4, 1, 1])
    "pixel_unshuffle" aka ["nn.functional.pixel_unshuffle"] [fn] "(Tensor input, int downscale_factor) -> Tensor" => tensh "
r = downscale_factor
_check_pixels(input, 'pixel_unshuffle', 'downscale_factor', r)
*batch, c, h, w = input.shape
if h % r != 0:
    raise RuntimeError(f'pixel_unshuffle expects height to be divisible by downscale_factor, but input.size(-2)={h} is not divisible by {r}')
if w % r != 0:
    raise RuntimeError(f'pixel_unshuffle expects width to be divisible by downscale_factor, but input.size(-1)={w} is not divisible by {r}')
n = len(batch)
return input.reshape(*batch, c, h // r, r, w // r, r).permute(*range(n), n, n + 2, n + 4, n + 1, n + 3).reshape(*batch, c * r * r, h // r, w // r)";
    grad "
node PixelUnshuffleBackward0
input: pixel_shuffle(grad, downscale_factor)";
    /// torch's refusals of images without channels and of factors below 1.
    "_check_pixels" [fn] "(Tensor input, str name, str factor, int r) -> bool" => tensh "
if input.ndim < 3:
    raise RuntimeError(f'{name} expects input to have at least 3 dimensions, but got input with {input.ndim} dimension(s)')
if r <= 0:
    raise RuntimeError(f'{name} expects a positive {factor}, but got {r}')
return True";
    grad "nondiff";
    /// Channels of several groups taken in turn.
    /// >>> torch.channel_shuffle(torch.arange(4.).view(1, 4, 1), 2).flatten()
    /// tensor([0., 2., 1., 3.])
    "channel_shuffle" aka ["nn.functional.channel_shuffle", "native_channel_shuffle", "nn.functional.native_channel_shuffle"] [fn] "(Tensor input, int groups) -> Tensor" => tensh "
if input.ndim < 3:
    raise RuntimeError(f'channel_shuffle expects input with > 2 dims, but got input with sizes {[*input.shape]}')
if groups <= 0:
    raise RuntimeError(f'Number of groups to divide channels in must be positive. Value of groups:{groups}')
n, c, *rest = input.shape
if c % groups != 0:
    raise RuntimeError(f'Number of channels must be divisible by groups. Got {c} channels and {groups} groups.')
return input.reshape(n, groups, c // groups, *rest).transpose(1, 2).reshape(n, c, *rest)";
    grad "
node ChannelShuffleBackward0
input: channel_shuffle(grad, input.size(1) // groups)";
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
    grad "
node _linear_node(input, weight, bias)
again weight TBackward0
bias?: grad
input:
    if weight.ndim == 1:
        return grad.unsqueeze(-1) * conj(weight)
    return matmul(grad, conj(weight))
weight:
    if weight.ndim == 1:
        return (grad.unsqueeze(-1) * conj(input)).reshape(-1, weight.size(0)).sum(0)
    if input.ndim == 1:
        return outer(grad, conj(input))
    return mm(grad.flatten(0, -2).t(), conj(input.flatten(0, -2)))";
    /// input1 weight input2 + bias, for each output's matrix of weight.
    /// >>> torch.nn.functional.bilinear(torch.tensor([[1., 2.]]), torch.tensor([[3.]]), torch.ones(1, 2, 1))
    /// tensor([[9.]])
    "bilinear" aka ["nn.functional.bilinear"] [fn] "(Tensor input1, Tensor input2, Tensor weight, Tensor? bias=None) -> Tensor" => tensh "
named = [('input1', input1), ('input2', input2), ('weight', weight)] + ([] if bias is None else [('bias', bias)])
if len({t.dtype for _, t in named}) > 1:
    raise RuntimeError('All tensors must have the same dtype, got ' + ', '.join([f'{name}: {_cpp(t)}' for name, t in named]))
if input1.ndim != input2.ndim:
    raise RuntimeError(f'bilinear(): input dimensions do not match: got {input1.ndim} and {input2.ndim}')
for d in range(input1.ndim - 1):
    if input1.shape[d] != input2.shape[d]:
        raise RuntimeError(f'bilinear(): input batch dimensions do not match at dim {d}: got {input1.shape[d]} and {input2.shape[d]}')
if weight.size(1) != input1.size(-1):
    raise RuntimeError(f'bilinear(): input1 size does not match weight size: got {input1.size(-1)} but expected {weight.size(1)}')
if input2.size(-1) != weight.size(2):
    raise RuntimeError(f'bilinear(): input2 size does not match weight size: got {input2.size(-1)} but expected {weight.size(2)}')
if bias is not None and bias.size(0) != weight.size(0):
    raise RuntimeError(f'bilinear(): bias size does not match weight size: got {bias.size(0)} but expected {weight.size(0)}')
out = einsum('...i,kij,...j->...k', input1, weight, input2)
return out if bias is None else out + bias";
    grad "
node ViewBackward0 if bias is None else AddBackward0
input1: einsum('...k,kij,...j->...i', grad, conj(weight), conj(input2))
input2: einsum('...k,kij,...i->...j', grad, conj(weight), conj(input1))
weight:
    g, a, b = [t.reshape(-1, t.size(-1)) for t in (grad, input1, input2)]
    return einsum('nk,ni,nj->kij', g, conj(a), conj(b))
bias: grad";
}
