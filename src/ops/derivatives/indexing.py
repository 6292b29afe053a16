# Shared by the texts of derivatives. What moves elements: indices, pieces, repetitions.

def _to_both(t, dim, sign):
    # What belongs to the steps between samples: sign times to the sample before each, once to the one after.
    edge = zeros_like(t.sum(dim, True))
    return cat([edge, t], dim) + sign * cat([t, edge], dim)

def _joined(grad, result, dim, index, source, reduce, include_self, input):
    # The gradients of scatter_reduce, for input and source. With include_self=False an element that was replaced and equals the new
    # extreme takes its share nevertheless, as in torch, and loses it.
    reduce = {'add': 'sum', 'multiply': 'prod', 'max': 'amax', 'min': 'amin'}.get(reduce, reduce)
    untouched = None if include_self else zeros_like(input).scatter_(dim, index, 1) == 0
    if reduce == 'sum':
        own, given = grad, grad.gather(dim, index)
    elif reduce == 'mean':
        count = zeros_like(input).scatter_add_(dim, index, ones_like(source)) + (1 if include_self else 0)
        part = grad / count.masked_fill(count == 0, 1)
        own, given = part, part.gather(dim, index)
    elif reduce == 'prod':
        x = input if include_self else input.masked_fill(~untouched, 1)
        zero = source == 0
        plain = x.masked_fill(x == 0, 1)
        own = grad * plain.scatter_reduce(dim, index, source, 'prod') / plain
        filled = source.masked_fill(zero, 1)
        alone = zero & (zeros_like(input).scatter_add_(dim, index, zero.to(input.dtype)).gather(dim, index) == 1)
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
            total = total + _slice_back(g, input.shape, dim, start, end)
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
        return grad.new_zeros([n] if flat else input.shape).index_add_(at, source, grad).reshape(input.shape)
    return grad.reshape(grad.shape[:at] + (n, repeats) + grad.shape[at + 1:]).sum(at + 1).reshape(input.shape)
