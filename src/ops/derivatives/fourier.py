# Shared by the texts of derivatives. Fourier transforms.

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
