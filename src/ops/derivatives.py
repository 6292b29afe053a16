# Functions that the texts of derivatives share.

def _shares_memory(a, b):
    return a.untyped_storage().data_ptr() == b.untyped_storage().data_ptr()

def _wide(x):
    # 16-bit floats as float32: what torch computes inside one kernel is rounded once, by the engine's cast at the end.
    return x.float() if is_tensor(x) and x.dtype in (float16, bfloat16) else x

def _pow_base(grad, input, exponent):
    # The slope in the base: 0 where the exponent is 0, also at a base of 0.
    if not is_tensor(exponent):
        return zeros_like(grad) if exponent == 0 else grad * _conj(exponent * input ** (exponent - 1))
    return where(exponent == 0, 0, grad * _conj(exponent * input ** (exponent - 1)))

def _pow_exponent(grad, input, exponent, result):
    # The slope in the exponent: 0 where a base of 0 is raised to no negative power.
    flat = (exponent.real >= 0) & (exponent.imag == 0) if is_complex(exponent) else exponent >= 0
    if is_tensor(input):
        flat = flat & (input == 0)
        return grad * where(flat, 0, _conj(result * log(input.to(result.dtype))))
    if input == 0:
        return grad * where(flat, 0, _conj(result * float('-inf')))
    rate = log(tensor(input, dtype=complex128 if is_complex(result) else float64)).item()
    return grad * _conj(result * rate)

def _turn(grad, input):
    # The gradient of an angle: across the number, less the farther out it is; none at zero.
    if not is_complex(input):
        return zeros_like(grad)
    x, y = input.real, input.imag
    square = abs(input) ** 2
    return where(square == 0, 0, torch.complex(grad * -(y / square), grad * (x / square)))

def _elu_slope(grad, input, a, scale, rate):
    # elu and its kin: scale * x above zero, a * (e^(rate * x) - 1) below.
    g, x = _wide(grad), _wide(input)
    return where(x <= 0, g * rate * a * exp(where(x < 0, x, 0) * rate), g * scale)

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
    return grad.new_zeros(input.shape).scatter(dim, index, grad)

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
        return zeros_like(x)
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
    out = grad.new_zeros(x.shape).scatter_add(-1, order.gather(-1, low), grad - grad * part)
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

def _to_both(t, dim, sign):
    # What belongs to the steps between samples: sign times to the sample before each, once to the one after.
    edge = zeros_like(t.sum(dim, True))
    return cat([edge, t], dim) + sign * cat([t, edge], dim)

def _joined(grad, result, dim, index, source, reduce, include_self, input):
    # The gradients of scatter_reduce, for input and source. With include_self=False an element that was replaced and equals the new
    # extreme takes its share nevertheless, as in torch, and loses it.
    reduce = {'add': 'sum', 'multiply': 'prod', 'max': 'amax', 'min': 'amin'}.get(reduce, reduce)
    untouched = None if include_self else zeros_like(input).scatter(dim, index, 1) == 0
    if reduce == 'sum':
        own, given = grad, grad.gather(dim, index)
    elif reduce == 'mean':
        count = zeros_like(input).scatter_add(dim, index, ones_like(source)) + (1 if include_self else 0)
        part = grad / count.masked_fill(count == 0, 1)
        own, given = part, part.gather(dim, index)
    elif reduce == 'prod':
        x = input if include_self else input.masked_fill(~untouched, 1)
        zero = source == 0
        plain = x.masked_fill(x == 0, 1)
        own = grad * plain.scatter_reduce(dim, index, source, 'prod') / plain
        filled = source.masked_fill(zero, 1)
        alone = zero & (zeros_like(input).scatter_add(dim, index, zero.to(input.dtype)).gather(dim, index) == 1)
        rest = x.scatter_reduce(dim, index, filled, 'prod')
        given = where(zero, where(alone, (grad * rest).gather(dim, index), 0), (grad * result).gather(dim, index) / filled)
    else:
        mine, theirs = input == result, source == result.gather(dim, index)
        count = mine.to(grad.dtype).scatter_add(dim, index, theirs.to(grad.dtype))
        part = grad / count
        own, given = part * mine, part.gather(dim, index) * theirs
    if untouched is not None:
        own = where(untouched, grad if reduce in ('sum', 'mean', 'prod') else own, 0)
    return own, given

def _slots(index, dim, like):
    # The index of slices along dim as one of elements, as scatter takes it.
    if like.ndim == 0:
        return index.reshape(())
    return index.reshape([-1 if d == dim % like.ndim else 1 for d in range(like.ndim)]).expand(like.shape)

def _whole(indices):
    # A subscript of index tensors, where None stands for a whole dimension.
    return tuple([slice(None) if i is None else i for i in indices])

def _addresses(size, stride, offset):
    # Where each element lies in its storage.
    at = full(tuple(size), offset, dtype=torch.int64)
    for d in range(len(size)):
        at = at + (arange(size[d]) * stride[d]).reshape([-1 if e == d else 1 for e in range(len(size))])
    return at

def _pieces(grad, tensors, lifted, dim):
    # The parts of a joined gradient, in the shapes of the tensors that were lifted and joined along dim.
    out, at = [], 0
    for t, l in zip(tensors, lifted):
        out.append(grad.narrow(dim, at, l.size(dim)).reshape(t.shape) if l.numel() > 0 else grad.new_zeros(t.shape))
        at = at + (l.size(dim) if l.ndim == grad.ndim else 0)
    return out

def _rejoin(grads, results, dim):
    # The pieces' gradients one after the other.
    return cat([zeros_like(r) if g is None else g for g, r in zip(grads, results)], dim)

def _replace(grads, input, dim, bounds):
    # The gradients of slices between bounds, which may overlap.
    total = zeros_like(input)
    for g, (start, end) in zip(grads, bounds):
        if g is not None:
            total = total + g.new_zeros(input.shape).slice_scatter(g, dim, start, end)
    return total

def _unrepeat(grad, input, repeats):
    # The sum of the copies that repeat made.
    sizes = [1] * (len(repeats) - input.ndim) + list(input.shape)
    split = []
    for times, size in zip(repeats, sizes):
        split = split + [times, size]
    copies = [2 * d for d in range(len(repeats))]
    return (grad.reshape(split).sum(copies) if copies else grad).reshape(input.shape)

def _unrepeat_each(grad, input, repeats, dim):
    # The sum of the copies that repeat_interleave made.
    flat = dim is None or input.ndim == 0
    n = input.numel() if flat else input.size(dim)
    at = 0 if flat else dim % input.ndim
    if is_tensor(repeats):
        source = repeat_interleave(arange(n), repeats)
        return grad.new_zeros([n] if flat else input.shape).index_add(at, source, grad).reshape(input.shape)
    return grad.reshape(grad.shape[:at] + (n, repeats) + grad.shape[at + 1:]).sum(at + 1).reshape(input.shape)

def _conj_number(v):
    return complex(v.real, -v.imag) if isinstance(v, complex) else v

def _matmul_node(input, other):
    a, b = input.ndim, other.ndim
    if a < 3 and b < 3:
        return ('DotBackward0' if a == 1 else 'MvBackward0') if b == 1 else 'SqueezeBackward4' if a == 1 else 'MmBackward0'
    alone = a == 2 or a == 3 and b == 3 and input.size(0) == 1 and other.size(0) > 1
    if alone and b > 2 and input.requires_grad:
        sizes = (input.size(-2), *other.shape[:-2], other.size(-1))
        return 'TransposeBackward0' if 0 in sizes or sizes[0] == 1 or sizes[-1] == 1 else 'CloneBackward0'
    return 'UnsafeViewBackward0'

def _as_product(grad, input, other):
    g = grad.unsqueeze(-1) if other.ndim == 1 else grad
    return g.unsqueeze(-2) if input.ndim == 1 else g

def _chain_grads(grad, tensors):
    ts = list(tensors)
    if len(ts) == 1:
        return [grad]
    g = grad.unsqueeze(-1) if ts[-1].ndim == 1 else grad
    g = g.unsqueeze(0) if ts[0].ndim == 1 else g
    ts = [(t.unsqueeze(0) if i == 0 else t.unsqueeze(1)) if t.ndim == 1 else t for i, t in enumerate(ts)]
    # Behind each matrix: grad times the later ones; before it: the product of the earlier ones.
    behind = [g]
    for t in reversed(ts[1:]):
        behind.append(mm(behind[-1], t.mH))
    behind.reverse()
    out, before = [], None
    for t, b, given in zip(ts, behind, tensors):
        own = b if before is None else mm(before, b)
        out.append(own.reshape(given.shape))
        before = t.mH if before is None else mm(t.mH, before)
    return out

def _einsum_labels(equation, operands):
    # Lists of one-letter labels: of each operand and of the result; dimensions under an ellipsis get letters of their own.
    given = equation.replace(' ', '').split('->')
    ins = given[0].split(',')
    spare = [c for c in 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz' if c not in equation]
    rest = [t.ndim - len(s.replace('...', '')) if '...' in s else 0 for s, t in zip(ins, operands)]
    dots = spare[:max(rest + [0])]
    def spelled(text, n):
        return list(text.replace('...', ''.join(dots[len(dots) - n:]), 1))
    labels = [spelled(s, n) for s, n in zip(ins, rest)]
    if len(given) == 2:
        return labels, spelled(given[1], len(dots))
    plain = ''.join(ins).replace('.', '')
    return labels, dots + sorted([c for c in set(plain) if len([d for d in plain if d == c]) == 1])

def _einsum_grads(grad, equation, operands):
    labels, out = _einsum_labels(equation, operands)
    grads = []
    for i, t in enumerate(operands):
        own = []
        for c in labels[i]:
            if c not in own:
                own.append(c)
        others = [j for j in range(len(operands)) if j != i]
        wide = [t.size(labels[i].index(c)) != 1 for c in own]
        known = out + [c for j in others for c in labels[j]]
        kept = [c for c, w in zip(own, wide) if w and c in known]
        text = ','.join([''.join(out)] + [''.join(labels[j]) for j in others]) + '->' + ''.join(kept)
        g = torch.einsum(text, grad, *[conj(operands[j]) for j in others])
        at = 0
        for k, c in enumerate(labels[i]):
            if c in labels[i][:k] or c not in kept:
                g = g.unsqueeze(k)
        g = g.expand(t.shape)
        for k, c in enumerate(labels[i]):
            first = labels[i].index(c)
            if first < k:
                n = t.size(k)
                off = logical_not(eye(n, dtype=torch.bool)).reshape([n if d in (first, k) else 1 for d in range(t.ndim)])
                g = g.masked_fill(off, 0)
        grads.append(g)
    return grads

def _einsum_node(equation, operands):
    labels, out = _einsum_labels(equation, operands)
    def wide(c, own, t):
        return t.size(own.index(c)) != 1
    if len(operands) == 1:
        return 'PermuteBackward0' if all([c in out for c in labels[0]]) else 'SumBackward1'
    # Operands are taken from the left; a label is summed with its last operand.
    summed = [c for c in labels[-1] if c not in out]
    before = [c for own in labels[:-1] for c in own]
    if len(operands) == 2:
        summed += [c for c in labels[0] if c not in out and c not in labels[1]]
    return 'ViewBackward0' if summed else 'MulBackward0'

def _tensordot_grad(grad, mine, its, n, left):
    # n: how many dimensions of grad belong to the other operand; they stand last when this one is on the left.
    (a, dims_a), (b, dims_b) = mine, its
    dims_a, dims_b = [d % a.ndim for d in dims_a], [d % b.ndim for d in dims_b]
    free = [d for d in range(b.ndim) if d not in dims_b]
    at = list(range(grad.ndim - n, grad.ndim)) if left else list(range(n))
    g = tensordot(grad, conj(b), (at, free))
    order = [d for d in range(a.ndim) if d not in dims_a] + [dims_a[dims_b.index(d)] for d in sorted(dims_b)]
    g = g.permute([order.index(d) for d in range(a.ndim)])
    return g.expand([m if k == 1 else k for k, m in zip(g.shape, a.shape)])

def _kron_grad(grad, input, other, which):
    n = max(input.ndim, other.ndim)
    p, q = [[1] * (n - t.ndim) + list(t.shape) for t in (input, other)]
    g = grad.reshape([s for x, y in zip(p, q) for s in (x, y)])
    if n == 0:
        return g * conj(other if which == 0 else input)
    own, others = list(range(which, 2 * n, 2)), list(range(1 - which, 2 * n, 2))
    t = conj(other.reshape(q) if which == 0 else input.reshape(p))
    return tensordot(g, t, (others, list(range(n))))

def _cross_dim(input, dim):
    return dim if dim is not None else [n == 3 for n in input.shape].index(True)

def _distance_slope(d, far, grad, p):
    # Gradient with respect to d of the p-norm far of d along the last dimension; 0 where the distance is 0.
    far, grad = far.unsqueeze(-1), grad.unsqueeze(-1)
    if p == 0:
        return zeros_like(d)
    if p == 1:
        return grad * sign(d)
    if p == inf:
        return grad * sign(d) * (abs(d) == far)
    none = far == 0
    safe = where(none, 1, far)
    if p == 2:
        return where(none, 0, grad / safe) * d
    flat = none | (d == 0) if p < 2 else none
    steep = where(flat, 0, abs(where(flat, 1, d)) ** (p - 1))
    return grad * sign(d) * steep / safe ** (p - 1)

def _by_mm(x1, x2, p, compute_mode):
    if p != 2 or compute_mode == 'donot_use_mm_for_euclid_dist':
        return False
    return compute_mode == 'use_mm_for_euclid_dist' or x1.size(-2) > 25 or x2.size(-2) > 25

def _vander_grad(grad, x):
    # The powers rise along grad's last dimension.
    n = grad.size(-1)
    if n < 2:
        return zeros_like(x)
    powers = linalg.vander(x, N=n - 1) if n > 2 else ones_like(x).unsqueeze(-1)
    return (grad[..., 1:] * conj(powers * arange(1, n))).sum(-1)

def _loss_share(grad, reduction, t):
    # The part of a loss's gradient that each element gets.
    if reduction == 'none':
        return grad
    g = grad.expand(t.shape)
    return g / t.numel() if reduction == 'mean' else g

def _loss_weighted_share(grad, reduction, weight):
    # The same where a mean is weighted.
    return grad / weight.sum() if reduction == 'mean' else grad

def _huber_slope(a, b, delta):
    a, b = broadcast_tensors(a, b)
    d = a - b
    return where(abs(d) >= delta, delta * sign(d), d)

def _logits_share(grad, input, weight, reduction):
    g = _loss_share(grad, reduction, input)
    return g if weight is None else g * weight

def _ctc_slope(log_probs, labels, blank):
    # exp(log_probs) less the probabilities of being in each class at each step: torch's gradient of one sequence's loss, which
    # holds for log_probs that come out of log_softmax.
    n, steps = labels.numel(), log_probs.size(0)
    states = full((2 * n + 1,), blank, dtype=int64)
    states[1::2] = labels
    x = log_probs.index_select(1, states)
    jump = ones(2 * n + 1, dtype=torch.bool)
    jump[2:] = states[2:] != states[:-2]
    start, edge = x.new_full((2 * n + 1,), -inf), x.new_full((2,), -inf)
    def steps_of(x, jump):
        rows = [cat([x[0, :2], start[2:]])]
        for t in range(1, steps):
            before = cat([edge, rows[-1]])
            ways = stack([rows[-1], before[1:-1], where(jump, before[:-2], -inf)])
            rows.append(logsumexp(ways, 0) + x[t])
        return stack(rows)
    there = steps_of(x, jump)
    back = steps_of(x.flip((0, 1)), cat([ones(2, dtype=torch.bool), jump.flip(0)[:-2]])[:2 * n + 1]).flip((0, 1))
    loss = logsumexp(there[-1, -2:], 0)
    share = exp(there + back - x - loss)
    share = where(there + back == -inf, 0, share)
    return where(loss == -inf, nan, exp(log_probs) - zeros_like(log_probs).index_add(1, states, share))

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

def _embedding_grad(grad, rows, indices, padding_idx, by_count):
    at = indices.reshape(-1)
    g = grad.reshape(-1, grad.size(-1))
    if padding_idx is not None and padding_idx >= 0:
        g = g.masked_fill((at == padding_idx).unsqueeze(1), 0)
    if by_count:
        g = g / bincount(at, minlength=rows)[at].unsqueeze(1).to(g.dtype)
    return grad.new_zeros(rows, grad.size(-1)).index_add(0, at, g)

def _bag_parts(input, weight, offsets, include_last_offset, padding_idx):
    # Row numbers, the bag of each and how many bags there are.
    if input.ndim == 2:
        offsets, include_last_offset = arange(input.size(0)) * input.size(1), False
    at = input.reshape(-1)
    bags = offsets.numel() - int(include_last_offset)
    starts = zeros(at.numel() + 1, dtype=int64).index_add(0, offsets[:bags].to(int64), ones(bags, dtype=int64))
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
        g = g / zeros(table.size(0), dtype=g.dtype).index_copy(0, different, count.to(g.dtype))[at].unsqueeze(1)
    return out.index_add(0, at, where(keep.unsqueeze(1), g, 0))

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
    n = weight.ndim - 2
    if 0 in input.shape or 0 in weight.shape:
        return zeros_like(weight)
    batch, channels = input.shape[0], input.shape[1] // groups
    x = conj(input).reshape(batch, groups, channels, *input.shape[2:]).transpose(0, 2)
    x = x.reshape(channels, groups * batch, *input.shape[2:])
    g = _convolve(x, grad.transpose(0, 1), None, dilation, padding, stride, groups).transpose(0, 1)
    for i in range(n):
        g = g.narrow(2 + i, 0, weight.size(2 + i))
    return g

def _scattered(grad, at, input, d):
    # grad added to the places that at tells within each plane of input.
    flat = zeros_like(input).flatten(-d)
    return flat.scatter_add(-1, at.flatten(-d), grad.flatten(-d)).reshape(input.shape)

def _window_spread(x, dim, which, at, size):
    # Element which[i] of x along dim, added to place at[i] of a dimension of that size.
    sizes = list(x.shape)
    sizes[dim] = size
    return x.new_zeros(sizes).index_add(dim, at, x.index_select(dim, which))

def _fft_back(norm):
    # The scaling of a transform's transposed: both directions change places.
    return {'ortho': 'ortho', 'forward': 'backward'}.get(norm, 'forward')

def _fft_dims(input, s, dim):
    if dim is not None:
        return [d % max(input.ndim, 1) for d in dim]
    return list(range(input.ndim if s is None else 0, input.ndim)) if s is None and input.ndim == 0 else list(range(input.ndim - (input.ndim if s is None else len(s)), input.ndim))

def _resized(x, dims, like):
    # Cut or filled with zeros at the end of dimensions, to the sizes of like.
    for d in dims:
        n, m = x.size(d), like.size(d)
        if m < n:
            x = x.narrow(d, 0, m)
        elif m > n:
            more = list(x.shape)
            more[d] = m - n
            x = cat([x, x.new_zeros(more)], d)
    return x

def _fft_grad(grad, input, s, dim, norm, forward):
    dims = _fft_dims(input, s, dim)
    if len(dims) == 0:
        return grad
    back = torch.fft.ifftn if forward else torch.fft.fftn
    return _resized(back(grad, dim=dims, norm=_fft_back(norm)), dims, input)

def _rfft_grad(grad, input, s, dim, norm, forward):
    # The half that was left out gets no gradient.
    dims = _fft_dims(input, s, dim)
    last = dims[-1]
    n = input.size(last) if s is None or s[-1] == -1 else s[-1]
    more = list(grad.shape)
    more[last] = n - grad.size(last)
    back = torch.fft.ifftn if forward else torch.fft.fftn
    full = cat([grad, grad.new_zeros(more)], last)
    return _resized(torch.real(back(full, dim=dims, norm=_fft_back(norm))), dims, input)

def _irfft_grad(grad, input, s, dim, norm):
    # Frequencies inside the half count twice.
    dims = _fft_dims(input, s, dim)
    last = dims[-1]
    n = grad.size(last)
    g = torch.fft.rfftn(grad, dim=dims, norm=_fft_back(norm))
    k = arange(g.size(last))
    twice = where((k == 0) | (2 * k == n), 1, 2).reshape([-1 if d == last else 1 for d in range(g.ndim)])
    return _resized(g * twice, dims, input)

def _fft_size(n):
    return None if n is None else (n,)

def _slogdet_grad(grads, sign, A):
    if grads[1] is None and not is_complex(A):
        return zeros_like(A)
    g = zeros_like(torch.real(sign)) if grads[1] is None else grads[1]
    if grads[0] is not None and is_complex(A):
        turn = torch.imag(conj(grads[0]) * sign)
        g = torch.complex(g, -turn)
    right = g.unsqueeze(-1).unsqueeze(-1) * eye(A.size(-1), dtype=A.dtype)
    if torch.is_grad_enabled():
        return linalg.solve(A.mH, right)
    # Without a graph a singular matrix gives infinities, not an error.
    LU, pivots, info = linalg.lu_factor_ex(A)
    return linalg.lu_solve(LU, pivots, right, adjoint=True)

def _as_columns(A, B):
    # Whether a right-hand side is a vector, or a batch of vectors.
    return B.ndim == 1 or A.ndim - 1 == B.ndim and B.shape == A.shape[:-1]

def _solve_grads(grad, X, A, B, left):
    # Gradients of A and B.
    if _as_columns(A, B):
        gB = linalg.solve(A.mH, grad)
        return -matmul(gB.unsqueeze(-1), conj(X).unsqueeze(-2)), gB
    gB = linalg.solve(A.mH, grad, left=left)
    return (-matmul(gB, X.mH) if left else -matmul(X.mH, gB)), gB

def _triangle(x, upper, unitriangular):
    k = 1 if unitriangular else 0
    return triu(x, k) if upper else tril(x, -k)

def _triangular_back(g, A, upper, transpose, unitriangular):
    if transpose:
        return linalg.solve_triangular(conj(A), g, upper=upper, unitriangular=unitriangular)
    return linalg.solve_triangular(A.mH, g, upper=not upper, unitriangular=unitriangular)

def _cholesky_grad(grad, L, upper):
    if upper:
        L, grad = L.mH, grad.mH
    K = tril(matmul(L.mH, grad))
    half = (K + tril(K, -1).mH) / 2
    g = linalg.solve_triangular(L.mH, half, upper=True)
    return linalg.solve_triangular(L, g, upper=False, left=False)

def _from_square(g, L, upper):
    # Gradient of a factor from that of L L^H, or of U^H U.
    both = g + g.mH
    return matmul(L, both) if upper else matmul(both, L)

def _qr_grad(grads, Q, R, A):
    gQ, gR = grads
    m, n = A.shape[-2:]
    if gQ is None and gR is None:
        return zeros_like(A)
    gQ = zeros_like(Q) if gQ is None else gQ
    gR = zeros_like(R) if gR is None else gR
    if m < n:
        # The later columns are Q^H A; they lead back to Q.
        rest = gR[..., m:]
        gQ = gQ + matmul(A[..., m:], rest.mH)
        gR, R = gR[..., :m], R[..., :m]
    W = triu(matmul(gR, R.mH) - matmul(Q.mH, gQ))
    W = W + triu(W, 1).mH
    W = W - diag_embed(W.diagonal(0, -2, -1) - torch.real(W.diagonal(0, -2, -1)))
    g = linalg.solve_triangular(R.mH, gQ + matmul(Q, W), upper=False, left=False)
    return g if m >= n else cat([g, matmul(Q, rest)], -1)

def _reflector(vectors, i):
    # Column i with 1 on the diagonal and 0 above.
    v = vectors[..., i:i + 1]
    return cat([zeros_like(v[..., :i, :]), ones_like(v[..., i:i + 1, :]), v[..., i + 1:, :]], -2)

def _reflected(x, vectors, tau, i, left):
    v, t = _reflector(vectors, i), tau[..., i].unsqueeze(-1).unsqueeze(-1)
    return x - matmul(v * t, matmul(v.mH, x)) if left else x - matmul(matmul(x, v) * t, v.mH)

def _lu_grad(gL, gU, P, L, U, m, n):
    # P, L and U of a matrix of m rows and n columns.
    k = min(m, n)
    if k == 0:
        return L.new_zeros(list(L.shape[:-2]) + [m, n])
    gL = zeros_like(L) if gL is None else gL
    gU = zeros_like(U) if gU is None else gU
    L1, U1, gL1, gU1 = L[..., :k, :], U[..., :, :k], gL[..., :k, :], gU[..., :, :k]
    if n > m:
        right = linalg.solve_triangular(L1.mH, gU[..., k:], upper=True, unitriangular=True)
        gL1 = gL1 - matmul(right, U[..., k:].mH)
    if m > n:
        low = linalg.solve_triangular(U1.mH, gL[..., k:, :], upper=False, left=False)
        gU1 = gU1 - matmul(L[..., k:, :].mH, low)
    g = tril(matmul(L1.mH, gL1), -1) + triu(matmul(gU1, U1.mH))
    g = linalg.solve_triangular(L1.mH, g, upper=True, unitriangular=True)
    g = linalg.solve_triangular(U1.mH, g, upper=False, left=False)
    if n > m:
        g = cat([g, right], -1)
    if m > n:
        g = cat([g, low], -2)
    return g if P is None else matmul(P, g)

def _lu_data_grad(grad, LU, pivots):
    P, L, U = lu_unpack(LU, pivots)
    m, n = LU.shape[-2:]
    k = min(m, n)
    return _lu_grad(tril(grad[..., :k], -1), triu(grad[..., :k, :]), P, L, U, m, n)

def _lu_solve_grads(grad, X, LU, pivots, left, adjoint):
    # Gradients of LU and of the right-hand side.
    gB = linalg.lu_solve(LU, pivots, grad, left=left, adjoint=not adjoint)
    a, b = (X, gB) if adjoint else (gB, X)
    g = -matmul(a, b.mH) if left else -matmul(b.mH, a)
    P, L, U = lu_unpack(LU, pivots)
    g = matmul(P.mT, g)
    return tril(matmul(g, U.mH), -1) + triu(matmul(L.mH, g)), gB

def _svd_grad(gU, gS, gVh, U, S, Vh):
    if gU is None and gVh is None:
        return matmul(U * gS.unsqueeze(-2), Vh) if gS is not None else matmul(U, Vh) * 0
    k = S.size(-1)
    U, Vh = U[..., :k], Vh[..., :k, :]
    gU = None if gU is None else gU[..., :k]
    gVh = None if gVh is None else gVh[..., :k, :]
    s = S.unsqueeze(-2)
    gaps = s * s - (s * s).mT
    same = eye(k, dtype=torch.bool)
    gaps = where(same, 1, gaps)
    def turn(X):
        return X - X.mH
    u = None if gU is None else matmul(U.mH, gU)
    v = None if gVh is None else matmul(Vh, gVh.mH)
    if is_complex(U):
        phase = torch.imag((zeros_like(v) if u is None else u).diagonal(0, -2, -1)) + torch.imag((zeros_like(u) if v is None else v).diagonal(0, -2, -1))
        if abs(phase).numel() and abs(phase).max() > 1e-2:
            raise RuntimeError('svd_backward: The singular vectors in the complex case are specified up to multiplication by e^{i phi}. The specified loss function depends on this phase term, making it ill-defined.')
    inner = zeros_like(matmul(U.mH, U)) if gS is None else diag_embed(gS)
    if u is not None:
        inner = inner + turn(u) / gaps * s
        if is_complex(U):
            d = u.diagonal(0, -2, -1)
            inner = inner + diag_embed((d - torch.real(d)) / S)
    if v is not None:
        inner = inner + s.mT * (turn(v) / gaps)
    out = matmul(matmul(U, inner), Vh)
    if u is not None and U.size(-2) > k:
        out = out + matmul((gU - matmul(U, u)) / s, Vh)
    if v is not None and Vh.size(-1) > k:
        out = out + matmul(U, (gVh - matmul(v.mH, Vh)) / s.mT)
    return out

def _check_phase(X, name):
    if is_complex(X) and X.numel() and abs(torch.imag(X.diagonal(0, -2, -1))).max() > 1e-2:
        raise RuntimeError(name + '_backward: The eigenvectors in the complex case are specified up to multiplication by e^{i phi}. The specified loss function depends on this quantity, so it is ill-defined.')

def _eigen_gaps(w):
    # Differences of eigenvalues, 1 on the diagonal.
    return where(eye(w.size(-1), dtype=torch.bool), 1, w.unsqueeze(-2) - w.unsqueeze(-1))

def _eig_grad(gw, gV, w, V):
    if gV is None:
        return linalg.solve(V.mH, gw.unsqueeze(-1) * V.mH)
    X = matmul(V.mH, gV)
    _check_phase(X, 'linalg_eig')
    # The length of the vectors is fixed.
    X = X - matmul(V.mH, V * torch.real(X.diagonal(0, -2, -1)).unsqueeze(-2))
    inner = (X / conj(_eigen_gaps(w))).masked_fill(eye(w.size(-1), dtype=torch.bool), 0)
    if gw is not None:
        inner = inner + diag_embed(gw)
    return linalg.solve(V.mH, matmul(inner, V.mH))

def _pinv_grad(grad, P, A):
    g = grad.mH
    PPh, PhP = matmul(P, P.mH), matmul(P.mH, P)
    left = matmul(g, PPh) - matmul(A, matmul(P, matmul(g, PPh)))
    right = matmul(PhP, g) - matmul(matmul(matmul(PhP, g), P), A)
    return left + right - matmul(P.mH, matmul(grad, P.mH))

def _matrix_norm(A, ord, dim, keepdim, dtype):
    a, b = [d % A.ndim for d in dim]
    if ord == 'fro':
        return linalg.vector_norm(A, 2, dim, keepdim, dtype=dtype)
    if ord in ('nuc', 2, -2):
        rest = [d for d in range(A.ndim) if d not in (a, b)]
        A = A if dtype is None else A.to(dtype)
        s = linalg.svdvals(A.permute(rest + [a, b]))
        out = s.sum(-1, keepdim) if ord == 'nuc' else s.amax(-1, keepdim) if ord == 2 else s.amin(-1, keepdim)
        if not keepdim:
            return out
        order = rest + [a, b]
        return out.unsqueeze(-1).permute([order.index(d) for d in range(A.ndim)])
    inner, outer = (a, b) if abs(ord) == 1 else (b, a)
    sums = linalg.vector_norm(A, 1, inner, keepdim, dtype=dtype)
    outer = outer - (1 if inner < outer and not keepdim else 0)
    return sums.amax(outer, keepdim) if ord > 0 else sums.amin(outer, keepdim)

def _channel_noise(input):
    if input.ndim < 2:
        raise RuntimeError('Feature dropout requires at least 2 dimensions in the input')
    return input.new_empty(list(input.shape[:2]) + [1] * (input.ndim - 2))

def _alpha_dropped(input, noise, p):
    # noise is 1 where kept; what is dropped becomes SELU's limit for large negative inputs, and all is scaled to mean 0 and variance 1.
    low = 1.7580993408473766
    a = 1 / ((low * low * p + 1) * (1 - p)) ** 0.5
    shift = noise.add(-1).mul_(low * a).add_(low * a * p)
    return input * noise.mul_(a) + shift

def _dropped_batch(input, p, training, inplace, rank):
    x = input if input.ndim == rank else input.unsqueeze(0)
    x = torch.feature_dropout_(x, p, training) if inplace else torch.feature_dropout(x, p, training)
    return x if input.ndim == rank else x.squeeze(0)

def _rrelu_slopes(input, lower, upper, training):
    # One slope for each element that is not positive, drawn in order; elsewhere 1.
    if not training:
        return where(input > 0, ones_like(input), (lower + upper) / 2)
    low = input <= 0
    drawn = empty(int(low.sum()), dtype=float64).uniform_(lower, upper)
    return ones_like(input).masked_scatter(low, drawn.to(input.dtype))
