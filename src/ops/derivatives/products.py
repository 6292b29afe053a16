# Shared by the texts of derivatives. Products of matrices and more dimensions, and distances.

def _times(t, factor):
    # Times the conjugate of a factor that is mostly one.
    if factor == 1:
        return t
    return t * (complex(factor.real, -factor.imag) if isinstance(factor, complex) else factor)

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
