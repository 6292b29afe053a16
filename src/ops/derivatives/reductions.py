# Shared by the texts of derivatives. Reductions, scans and quantiles.

def _dims(dim, input):
    # The dimensions that a reduction goes over, counted from the front: all where none is named.
    if dim is None or not isinstance(dim, int) and len(dim) == 0:
        return list(range(input.ndim))
    return [d % max(input.ndim, 1) for d in ([dim] if isinstance(dim, int) else dim)]

def _widen(t, input, dim, keepdim):
    # t, which stands for input reduced over dim, with those dimensions again, of size 1.
    if keepdim or input.ndim == 0:
        return t
    for d in sorted(_dims(dim, input)):
        t = t.unsqueeze(d)
    return t

def _share(grad, input, value, dim):
    # grad in equal parts to the elements of input that are value (nan is nan) along dim.
    hit = where(isnan(value), isnan(input), input == value)
    return where(hit, grad / hit.sum(_dims(dim, input), keepdim=True), zeros_like(grad))

def _put(grad, index, input, dim, keepdim):
    # grad to the elements of input that index names along dim.
    if input.ndim == 0:
        return grad
    if not keepdim:
        grad, index = grad.unsqueeze(dim), index.unsqueeze(dim)
    return grad.new_zeros(input.shape).scatter_(dim, index, grad)

def _head_products(t, dim):
    # The products of what stands before each element.
    n = t.size(dim)
    return cat([ones_like(t.narrow(dim, 0, 1)), t.narrow(dim, 0, n - 1)], dim).cumprod(dim)

def _other_products(t, dim):
    # The products of all other elements along dim, right when elements are zero.
    if t.numel() == 0:
        return t
    return _head_products(t, dim) * _head_products(t.flip([dim]), dim).flip([dim])

def _tail_sums(t, dim):
    # The sums of each element and what stands after it.
    return t if t.ndim == 0 else t.flip([dim]).cumsum(dim).flip([dim])

def _fold_back(t, factor, dim):
    # h with h[k] = t[k] + factor[k] * h[k + 1], in log2(n) steps; the last factor does not count.
    n, step = t.size(dim), 1
    later = lambda x: cat([x.narrow(dim, step, n - step), zeros_like(x.narrow(dim, 0, step))], dim)
    while step < n:
        t, factor, step = t + factor * later(t), factor * later(factor), 2 * step
    return t

def _centred(grad, input, dim, correction, keepdim):
    # The gradient of a variance; where no degree of freedom is left, what torch gives.
    correction = 1 if correction is None else correction
    if dim is None or input.ndim == 0:
        free = input.numel() - correction
        if free <= 0:
            return grad * where(input == input.mean(), nan, inf)
        return grad * (2 / free) * (input - input.mean())
    free = Size([input.size(d) for d in dim]).numel() - correction
    scale = inf if free == 0 else 2 / free
    return _widen(grad, input, dim, keepdim) * scale * (input - input.mean(dim, True))

def _norm_slope(grad, x, p, norm, dim, keepdim):
    # The gradient of a vector norm; at 0, and where the norm is 0, the subgradient 0.
    grad, norm = _widen(grad, x, dim, keepdim), _widen(norm, x, dim, keepdim)
    if p == 0:
        return None
    if p == 1:
        return x.sgn() * grad
    if p == 2:
        return (x / norm).masked_fill(norm == 0, 0) * grad
    size = x.abs()
    if p == inf or p == -inf:
        return x.sgn() * _share(grad, size, norm, dim)
    if p < 1:
        return (x.sgn() * size ** (p - 1)).masked_fill(x == 0, 0) * grad * norm ** (1 - p)
    scale = (grad / norm ** (p - 1)).masked_fill(norm == 0, 0)
    return x.sgn() * size ** (p - 1) * scale if p < 2 else x * size ** (p - 2) * scale

def _spread_and_mean(grads, results, input, dim, correction, keepdim, root):
    # The gradient of (variance or deviation, mean).
    spread, mean = grads
    total = zeros_like(input)
    if spread is not None:
        if root:
            spread = (spread / (results[0] * 2)).masked_fill(results[0] == 0, 0)
        total = _centred(spread, input, dim, correction, keepdim)
    if mean is not None:
        mean = _widen(mean, input, dim, keepdim).expand(input.shape)
        total = total + mean / Size([input.size(d) for d in _dims(dim, input)]).numel() if input.ndim > 0 else total + mean
    return total

def _quantile_parts(grad, input, q, dim, keepdim, skip_nan, interpolation):
    # For each quantile: grad, the shares of the elements below and above, their numbers in the row of the sorted input, the input with
    # what is reduced last, and the order that sorts it.
    flat = dim is None or input.ndim == 0
    x = input.reshape(-1) if flat else input.movedim(dim, -1)
    several = is_tensor(q) and q.ndim == 1
    if keepdim:
        grad = grad.reshape((grad.shape[:1] if several else ()) + x.shape[:-1]) if flat else grad.squeeze(dim % input.ndim + several)
    grad = grad.movedim(0, -1) if several else grad.unsqueeze(-1)
    values, order = x.sort(-1)
    bad = isnan(x)
    last = x.size(-1) - 1
    points = q if is_tensor(q) else x.new_full((), q)
    if skip_nan:
        rank = points * (last - bad.sum(-1, True)).to(x.dtype).clamp(min=0)
    else:
        rank = where(bad.any(-1, True), last, points * last)
    low = rank.ceil() if interpolation == 'higher' else rank.round() if interpolation == 'nearest' else rank.floor()
    high = rank.ceil() if interpolation in ('linear', 'midpoint') else low
    part = rank - low if interpolation == 'linear' else full_like(rank, 0.5) if interpolation == 'midpoint' else zeros_like(rank)
    low, high = low.detach().to(torch.int64).expand(grad.shape), high.detach().to(torch.int64).expand(grad.shape)
    return grad, part, low, high, x, values, order

def _quantile_input(grad, input, q, dim, keepdim, skip_nan, interpolation):
    grad, part, low, high, x, _, order = _quantile_parts(grad, input, q, dim, keepdim, skip_nan, interpolation)
    out = grad.new_zeros(x.shape).scatter_add_(-1, order.gather(-1, low), grad - grad * part)
    if interpolation in ('linear', 'midpoint'):
        out = out.scatter_add(-1, order.gather(-1, high), grad * part)
    return out.reshape(input.shape) if dim is None or input.ndim == 0 else out.movedim(-1, dim)

def _quantile_q(grad, input, q, dim, keepdim, skip_nan, interpolation):
    if interpolation != 'linear':
        return zeros_like(q)
    grad, part, low, high, x, values, _ = _quantile_parts(grad, input, q, dim, keepdim, skip_nan, interpolation)
    bad = isnan(x)
    last = (x.size(-1) - 1 - bad.sum(-1, True)).to(x.dtype).clamp(min=0) if skip_nan else x.size(-1) - 1
    slope = grad * (values.gather(-1, high) - values.gather(-1, low)) * last
    slope = slope if skip_nan else slope.masked_fill(bad.any(-1, True), 0)
    return slope.sum(tuple(range(grad.ndim - 1))) if grad.ndim > 1 and q.ndim == 1 else slope if q.ndim == 1 else slope.sum()
