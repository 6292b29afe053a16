# Helpers of resampling: where elements are read from, and the way back.

def _lies_last(x):
    # Whether an image lies with its channels innermost.
    return x.ndim == 4 and x.is_contiguous(memory_format=torch.channels_last) and not x.is_contiguous()

def _taps(n, m, mode, align, scale, aa, dtype, device):
    # For each element along one dimension of a result the places that it is read from and their weights: pairs of an index
    # and a weight, either a tensor. The arithmetic is that of the weights' dtype, as torch's.
    at = torch.arange(m, dtype=dtype, device=device)
    one = torch.ones(m, dtype=dtype, device=device)
    if mode.startswith('nearest'):
        if n == m:
            return [(at.long(), one)]
        at, ratio = at.float(), torch.tensor(1. / scale if scale else n / m, dtype=torch.float32)
        if not scale:
            ratio = torch.tensor(float(n), dtype=torch.float32) / m
        if mode == 'nearest' and m == 2 * n:
            return [((at.long() // 2), one)]
        place = (at + 0.5 if mode == 'nearest-exact' else at) * ratio.item()
        return [(place.floor().long().clamp(max=n - 1), one)]
    if align:
        ratio = torch.tensor(float(n - 1), dtype=dtype) / (m - 1) if m > 1 else torch.tensor(0., dtype=dtype)
    else:
        ratio = torch.tensor(1. / scale, dtype=dtype) if scale else torch.tensor(float(n), dtype=dtype) / m
    ratio, cubic = ratio.item(), mode == 'bicubic'
    if aa:
        reach = (4 if cubic else 2) * 0.5 * max(ratio, 1.)
        center = ratio * (at + 0.5)
        low = (center - reach + 0.5).long().clamp(min=0)
        count = (center + reach + 0.5).long().clamp(max=n) - low
        taps = []
        for k in range(int(count.max())):
            x = ((low + k - center + 0.5) * (1. / ratio if ratio >= 1. else 1.)).abs()
            if cubic:
                a = -0.5
                w = torch.where(x < 1, ((a + 2) * x - (a + 3)) * x * x + 1, torch.where(x < 2, (((x - 5) * x + 8) * x - 4) * a, 0.))
            else:
                w = (1 - x).clamp(min=0)
            taps.append(((low + k).clamp(max=n - 1), torch.where(k < count, w, 0.)))
        total = taps[0][1]
        for _, w in taps[1:]:
            total = total + w
        return [(i, w / total) for i, w in taps]
    if n == m and not cubic:
        return [(at.long(), one)]
    place = at * ratio if align else (at + 0.5) * ratio - 0.5
    if not cubic and not align:
        place = place.clamp(min=0)
    low = place.floor().long().clamp(max=n - 1)
    t = (place - low).clamp(0, 1)
    if not cubic:
        return [(low, 1 - t), ((low + 1).clamp(max=n - 1), t)]
    a = -0.75
    near = lambda x: ((a + 2) * x - (a + 3)) * x * x + 1
    far = lambda x: ((a * x - 5 * a) * x + 8 * a) * x - 4 * a
    return [((low + k - 1).clamp(0, n - 1), w) for k, w in enumerate((far(t + 1), near(t), near(1 - t), far((1 - t) + 1)))]

def _resample_node(mode, d, aa):
    # The name that torch gives the way back of a resampling.
    word = {'nearest': 'Nearest', 'nearest-exact': 'NearestExact', 'bicubic': 'Bicubic'}.get(mode) or ('Linear', 'Bilinear', 'Trilinear')[d - 1]
    return f"Upsample{word}{d}D{'Aa' if aa else ''}Backward0"

def _all_taps(x, sizes, size, mode, align, scales, aa):
    # The taps of each of the last dimensions.
    dtype = torch.float64 if x.dtype == torch.float64 else torch.float32
    return [_taps(sizes[i], size[i], mode, align, scales[i] if scales else None, aa, dtype, x.device) for i in range(len(size))]

def _resample_back(grad, sizes, size, mode, align, scales, aa):
    # The gradient of what was resampled.
    d = len(size)
    out = grad if grad.dtype == torch.float64 else grad.float()
    for i, taps in enumerate(_all_taps(grad, sizes, size, mode, align, scales, aa)):
        shape = [*out.shape]
        shape[2 + i] = sizes[i]
        total = out.new_zeros(shape)
        for at, weight in taps:
            total = total.index_add(2 + i, at, out * weight.reshape([-1] + [1] * (d - 1 - i)))
        out = total
    return out.to(grad.dtype)

def _unpooled_size(input, kernel, stride, padding, output_size, d):
    # The sizes of what a pooling of these windows came from.
    full = lambda v: tuple(v) * d if len(v) == 1 else tuple(v)
    kernel, padding = full(kernel), full(padding)
    stride = full(stride) if stride is not None and len(stride) else kernel
    usual = [(input.shape[i - d] - 1) * stride[i] + kernel[i] - 2 * padding[i] for i in range(d)]
    if output_size is None:
        return usual
    if len(output_size) == d + 2:
        output_size = output_size[2:]
    if len(output_size) != d:
        raise ValueError(f"output_size should be a sequence containing {d} or {d + 2} elements, but it has a length of '{len(output_size)}'")
    for i in range(d):
        low, high = usual[i] - stride[i], usual[i] + stride[i]
        if not low < output_size[i] < high:
            raise ValueError(f'invalid output_size "{output_size}" (dim {i} must be between {low} and {high})')
    return list(output_size)

def _grid_place(x, n, align, padding):
    # Coordinates that run from -1 to 1, as places in a dimension of n elements, those beyond its ends moved as padding says.
    return _grid_moved((x + 1) / 2 * (n - 1) if align else ((x + 1) * n - 1) / 2, n, align, padding)

def _grid_moved(x, n, align, padding):
    if padding == 2:
        low, span = (0., n - 1.) if align else (-0.5, float(n))
        if span == 0:
            x = zeros_like(x)
        else:
            far = abs(x - low)
            extra, odd = fmod(far, span), fmod(floor(far / span), 2) != 0
            x = where(odd, span - extra, extra) + low
    return x.clamp(0, n - 1) if padding else x

def _grid_read(x, places):
    # The elements of each channel at whole places, a tensor a dimension; zeros beyond the ends.
    sizes, at, inside = x.shape[2:], None, None
    for p, n in zip(places, sizes):
        here = (p >= 0) & (p < n)
        p = p.long().clamp(0, n - 1)
        at, inside = (p, here) if at is None else (at * n + p, inside & here)
    shape = [*x.shape[:2], *at.shape[1:]]
    found = x.flatten(2).gather(2, at.flatten(1).unsqueeze(1).expand(-1, shape[1], -1)).reshape(shape)
    return where(inside.unsqueeze(1), found, 0)

def _grid_sampled(x, grid, mode, padding, align):
    sizes = x.shape[2:]
    d = len(sizes)
    given = [grid[..., d - 1 - i] for i in range(d)]
    if mode == 2:
        places = [_grid_place(g, n, align, 0) for g, n in zip(given, sizes)]
        low, weights = [p.floor() for p in places], []
        for p, l in zip(places, low):
            t = p - l
            near, far = lambda x: (1.25 * x - 2.25) * x * x + 1, lambda x: ((-0.75 * x + 3.75) * x - 6) * x + 3
            weights.append([w.unsqueeze(1) for w in (far(t + 1), near(t), near(1 - t), far((1 - t) + 1))])
        moved = [[_grid_moved(l + k - 1, n, align, padding) for k in range(4)] for l, n in zip(low, sizes)]
        out = None
        for j in range(4):
            row = None
            for k in range(4):
                part = _grid_read(x, (moved[0][j], moved[1][k])) * weights[1][k]
                row = part if row is None else row + part
            out = row * weights[0][j] if out is None else out + row * weights[0][j]
        return out
    places = [_grid_place(g, n, align, padding) for g, n in zip(given, sizes)]
    if mode == 1:
        return _grid_read(x, [p.round() for p in places])
    low = [p.detach().floor() for p in places]
    out = None
    for corner in range(2 ** d):
        ends = [corner >> (d - 1 - i) & 1 for i in range(d)]
        weight = None
        for p, l, e in reversed(list(zip(places, low, ends))):
            w = p - l if e else l + 1 - p
            weight = w if weight is None else weight * w
        part = _grid_read(x, [l + e for l, e in zip(low, ends)]) * weight.unsqueeze(1)
        out = part if out is None else out + part
    return out

def _grid_back(grad, input, grid, mode, padding, align, which):
    # The sampling again, and the way back through it.
    with torch.enable_grad():
        x, g = input.detach().requires_grad_(which == 0), grid.detach().requires_grad_(which == 1)
        out = _grid_sampled(x, g, mode, padding, align)
        if not out.requires_grad:
            return zeros_like((x, g)[which])
        return torch.autograd.grad(out, (x, g)[which], grad)[0]

def _base_grid(theta, size, align):
    # Where an identity would read: coordinates of each element from -1 to 1, with a one behind them.
    lines = []
    for n in size[2:]:
        line = linspace(-1, 1, n, dtype=theta.dtype, device=theta.device) if n > 1 else theta.new_zeros(n)
        lines.append(line if align else line * (n - 1) / n)
    parts = torch.meshgrid(*lines, indexing='ij')
    base = torch.stack([*reversed(parts), torch.ones_like(parts[0])], -1)
    return base.reshape(1, -1, base.shape[-1]).expand(size[0], -1, -1)
