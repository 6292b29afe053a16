# Shared by the texts of derivatives. Normalisations, embeddings, attention, convolutions and pools.

def _in_single(x):
    # Half floats are computed in float32, as torch's kernels do.
    return x.float() if x.dtype in (float16, bfloat16) else x

def _dist_slope(d, far, grad, p):
    # Gradient of the p-norm far of all of d; 0 where the norm is 0, ties of an infinite p share.
    if p == 0:
        return zeros_like(d)
    if p == 1:
        return grad * sgn(d)
    if p == inf or p == -inf:
        hit = (abs(d) == far) | (isnan(d) & isnan(far))
        return sgn(d) * (hit * (grad / hit.sum()))
    none = far == 0
    safe = where(none, 1, far)
    if p == 2:
        return where(none, 0, d * (grad / safe))
    small = d == 0
    steep = where(small, 0, abs(where(small, 1, d)) ** (p - 1))
    return where(none, 0, sgn(d) * steep * (grad / safe ** (p - 1)))

def _standard_grad(g, x, mean, scale, dims):
    # Gradient of x through (x - mean) * scale, mean and scale being those of x along dims.
    y = (x - mean) * scale
    return scale * (g - g.mean(dims, keepdim=True) - y * (g * y).mean(dims, keepdim=True))

def _moments(x, dims, eps):
    var, mean = var_mean(x, dims, correction=0, keepdim=True)
    return mean, rsqrt(var + eps)

def _grouped(t, input, groups):
    return _in_single(t).reshape(input.shape[0], groups, input.shape[1] // groups, input.shape[2:].numel())

def _batch_shape(t, input):
    return _in_single(t).reshape([-1 if d == 1 else 1 for d in range(input.ndim)])

def _batch_moments(x, input, running_mean, running_var, training, eps):
    if training:
        return _moments(x, [d for d in range(x.ndim) if d != 1], eps)
    return _batch_shape(running_mean, input), rsqrt(_batch_shape(running_var, input) + eps)

def _batch_back(grad, input, weight, running_mean, running_var, training, eps, asked):
    dims, out = [d for d in range(input.ndim) if d != 1], []
    if asked[0] or asked[1]:
        x = _in_single(input)
        mean, scale = _batch_moments(x, input, running_mean, running_var, training, eps)
    if asked[0]:
        g = grad if weight is None else grad * _batch_shape(weight, input)
        out.append(_standard_grad(g, x, mean, scale, dims) if training else g * scale)
    if asked[1]:
        out.append((grad * ((x - mean) * scale)).sum(dims))
    return tuple(out + [_in_single(grad).sum(dims)] if asked[2] else out)

def _instance_by_batch(input, weight, bias, running_mean, running_var, use_input_stats, momentum, eps):
    if not use_input_stats and (running_mean is None or running_var is None):
        raise RuntimeError('Expected running_mean and running_var to be defined when use_input_stats is false')
    n, c = input.size(0), input.size(1)
    each = lambda t: None if t is None else t.repeat(n)
    mean, var = each(running_mean), each(running_var)
    out = torch.batch_norm(input.reshape(1, n * c, *input.shape[2:]), each(weight), each(bias), mean, var, use_input_stats, momentum, eps, False)
    if running_mean is not None:
        running_mean.copy_(mean.view(n, c).mean(0))
    if running_var is not None:
        running_var.copy_(var.view(n, c).mean(0))
    return out.view(input.shape)

def _instance_by_groups(input, weight, bias, running_mean, running_var, use_input_stats, momentum, eps):
    # The same by groups of a channel each, where nothing is known of other examples.
    fits = all([t is None or t.ndim == 1 and t.numel() == input.size(1) for t in (weight, bias)])
    if fits and use_input_stats and running_mean is None and running_var is None:
        return torch.group_norm(input, input.size(1), weight, bias, eps).view(input.shape)
    return _instance_by_batch(input, weight, bias, running_mean, running_var, use_input_stats, momentum, eps)

def _embedding_grad(grad, rows, indices, padding_idx, by_count):
    at = indices.reshape(-1)
    g = grad.reshape(-1, grad.size(-1))
    if padding_idx is not None and padding_idx >= 0:
        g = g.masked_fill((at == padding_idx).unsqueeze(1), 0)
    if by_count:
        g = g / bincount(at, minlength=rows)[at].unsqueeze(1).to(g.dtype)
    return grad.new_zeros(rows, grad.size(-1)).index_put_((at,), g, True)

def _bag_parts(input, weight, offsets, include_last_offset, padding_idx):
    # Row numbers, the bag of each and how many bags there are.
    if input.ndim == 2:
        offsets, include_last_offset = arange(input.size(0)) * input.size(1), False
    at = input.reshape(-1)
    bags = offsets.numel() - int(include_last_offset)
    starts = zeros(at.numel() + 1, dtype=int64).index_add_(0, offsets[:bags].to(int64), ones(bags, dtype=int64))
    bag = starts[:-1].cumsum(0) - 1
    keep = ones_like(at, dtype=torch.bool) if padding_idx is None else at != padding_idx % weight.size(0)
    return at, bag, keep, bags

def _bag_grad(grad, result, table, input, offsets, include_last_offset, padding_idx, mode, scale, by_count):
    at, bag, keep, bags = _bag_parts(input, table, offsets, include_last_offset, padding_idx)
    out = zeros_like(table)
    if at.numel() == 0 or grad.numel() == 0:
        return out
    g = grad.index_select(0, bag)
    if mode == 'max':
        # The first row that has the maximum.
        order = arange(at.numel()).unsqueeze(1).expand(g.shape)
        none = at.numel()
        best = (table.index_select(0, at) == result.index_select(0, bag)) & keep.unsqueeze(1)
        first = full(grad.shape, none, dtype=int64)
        first = first.scatter_reduce(0, bag.unsqueeze(1).expand(g.shape), where(best, order, none), 'amin')
        return out.index_add(0, at, where(order == first.index_select(0, bag), g, 0))
    if scale is not None:
        g = g * scale.reshape(-1, 1)
    if mode == 'mean':
        g = g / bincount(bag[keep], minlength=bags).clamp_min(1)[bag].unsqueeze(1).to(g.dtype)
    if by_count:
        # torch takes the count of the i-th number in order for the i-th different one.
        different = unique(at)
        count = bincount(at)[at.sort()[0][:different.numel()]]
        g = g / zeros(table.size(0), dtype=g.dtype).index_copy_(0, different, count.to(g.dtype))[at].unsqueeze(1)
    return out.index_add(0, at, where(keep.unsqueeze(1), g, 0))

def _masked(scores, mask):
    if mask is None:
        return scores
    masked = scores + (where(mask, 0., -inf).to(scores.dtype) if mask.dtype == torch.bool else mask)
    if masked.shape != scores.shape:
        raise RuntimeError(f"output with shape {[*scores.shape]} doesn't match the broadcast shape {[*masked.shape]}")
    return masked

def _flash(query, key, value, attn_mask, dropout_p):
    # Whether torch takes its fused attention on the CPU, which has a node of its own.
    plain = all([t.ndim == 4 and t.numel() > 0 and t.stride(-1) == 1 for t in (query, key, value)])
    masked = attn_mask is not None and attn_mask.requires_grad
    return plain and not masked and dropout_p == 0 and query.size(-1) == value.size(-1)

def _linear_node(input, weight, bias):
    if bias is None:
        return _matmul_node(input, weight.t())
    if input.ndim == 2:
        return 'AddmmBackward0'
    return 'ViewBackward0' if bias.ndim == 1 and input.is_contiguous() else 'AddBackward0'

def _spaced(x, dim, step):
    # x with step - 1 zeros between its elements along a dimension.
    n = x.size(dim)
    if step == 1 or n < 2:
        return x
    x = x.unsqueeze(dim + 1)
    gap = list(x.shape)
    gap[dim + 1] = step - 1
    return cat([x, x.new_zeros(gap)], dim + 1).flatten(dim, dim + 1).narrow(dim, 0, (n - 1) * step + 1)

def _conv_input_grad(grad, input, weight, stride, padding, dilation, groups):
    # A convolution of the spread gradient with the turned weights.
    n = weight.ndim - 2
    if 0 in input.shape or 0 in weight.shape:
        return zeros_like(input)
    pad = []
    for i in range(n):
        grad = _spaced(grad, 2 + i, stride[i])
        reach = dilation[i] * (weight.size(2 + i) - 1)
        left = reach - padding[i]
        pad = [left, input.size(2 + i) + reach - grad.size(2 + i) - left] + pad
    sizes = weight.shape
    w = conj(weight).flip(list(range(2, 2 + n))).reshape(groups, sizes[0] // groups, *sizes[1:])
    w = w.transpose(1, 2).reshape(groups * sizes[1], sizes[0] // groups, *sizes[2:])
    return _convolve(constant_pad_nd(grad, pad), w, None, (1,) * n, (0,) * n, dilation, groups)

def _conv_weight_grad(grad, input, weight, stride, padding, dilation, groups):
    # A convolution of the inputs with the gradient: batch and channels change places, and so do stride and dilation.
    if 0 in input.shape or 0 in weight.shape:
        return zeros_like(weight)
    batch, channels = input.shape[0], input.shape[1] // groups
    x = conj(input).reshape(batch, groups, channels, *input.shape[2:]).transpose(0, 2)
    x = x.reshape(channels, groups * batch, *input.shape[2:])
    return _window(_convolve(x, grad.transpose(0, 1), None, dilation, padding, stride, groups).transpose(0, 1), weight)

def _window(x, like):
    # The corner of x that is as large as another one.
    for i in range(2, like.ndim):
        x = x.narrow(i, 0, like.size(i))
    return x

def _scattered(grad, at, input, d):
    # grad added to the places that at tells within each plane of input.
    flat = zeros_like(input).flatten(-d)
    return flat.scatter_add_(-1, at.flatten(-d), grad.flatten(-d)).reshape(input.shape)

def _window_spread(x, dim, which, at, size):
    # Element which[i] of x along dim, added to place at[i] of a dimension of that size.
    sizes = list(x.shape)
    sizes[dim] = size
    return x.new_zeros(sizes).index_add_(dim, at, x.index_select(dim, which))
