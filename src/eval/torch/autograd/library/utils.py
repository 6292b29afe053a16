# torch.nn.utils: what training loops do with the gradients of several tensors, and sequences of different lengths.

def __torch_given(tensors):
    return [tensors] if isinstance(tensors, torch.Tensor) else list(tensors)

def __torch_total_norm(tensors, norm_type=2.0, error_if_nonfinite=False, foreach=None):
    tensors, p = __torch_given(tensors), float(norm_type)
    if not tensors:
        return torch.tensor(0.0)
    total = torch.linalg.vector_norm(torch.stack([torch.linalg.vector_norm(t, p).to(tensors[0].device) for t in tensors]), p)
    if error_if_nonfinite and not torch.isfinite(total):
        raise RuntimeError(f'The total norm of order {p} for gradients from `parameters` is non-finite, so it cannot be clipped. To disable this error and scale the gradients by the non-finite norm anyway, set `error_if_nonfinite=False`')
    return total

def __torch_clip_with(parameters, max_norm, total_norm, foreach=None):
    by = (float(max_norm) / (total_norm + 1e-6)).clamp(max=1.0)
    with torch.no_grad():
        for p in __torch_given(parameters):
            if p.grad is not None:
                p.grad.mul_(by.to(p.grad.device))

def __torch_clip_norm(parameters, max_norm, norm_type=2.0, error_if_nonfinite=False, foreach=None):
    parameters = __torch_given(parameters)
    with torch.no_grad():
        total = __torch_total_norm([p.grad for p in parameters if p.grad is not None], norm_type, error_if_nonfinite)
    __torch_clip_with(parameters, max_norm, total)
    return total

def __torch_clip_value(parameters, clip_value, foreach=None):
    value = float(clip_value)
    with torch.no_grad():
        for p in __torch_given(parameters):
            if p.grad is not None:
                p.grad.clamp_(-value, value)

def __torch_to_vector(parameters):
    return torch.cat([p.view(-1) for p in parameters])

def __torch_from_vector(vec, parameters):
    if not isinstance(vec, torch.Tensor):
        raise TypeError(f'expected torch.Tensor, but got: {torch.typename(vec)}')
    at = 0
    for p in parameters:
        p.data = vec[at:at + p.numel()].view_as(p).data
        at += p.numel()

def __torch_pad_sequence(sequences, batch_first=False, padding_value=0.0, padding_side='right'):
    if not hasattr(sequences, '__iter__') and not isinstance(sequences, (list, tuple, torch.Tensor)):
        raise RuntimeError(f'pad_sequence: Expected iterable for input sequences, but got arg of type: {type(sequences)}')
    sequences = tuple(sequences)
    if not sequences:
        raise RuntimeError('received an empty list of sequences')
    if padding_side not in ('left', 'right'):
        raise RuntimeError(f'Expected padding_side to be one of left or right, but got {padding_side}.')
    longest = max([s.size(0) for s in sequences])
    first, n = sequences[0], len(sequences)
    out = first.new_full([n, longest, *first.shape[1:]] if batch_first else [longest, n, *first.shape[1:]], padding_value)
    for i, s in enumerate(sequences):
        row = out[i] if batch_first else out[:, i]
        (row[:s.size(0)] if padding_side == 'right' else row[longest - s.size(0):]).copy_(s)
    return out

def __torch_unpad_sequence(padded_sequences, lengths, batch_first=False):
    if not batch_first:
        padded_sequences = padded_sequences.transpose(0, 1)
    return [s[:n] for s, n in zip(padded_sequences, lengths)]

def __torch_make_tensor(shape, dtype=None, device=None, low=None, high=None, requires_grad=False, noncontiguous=False, exclude_zero=False, memory_format=None):
    import math
    if len(shape) == 1 and isinstance(shape[0], (list, tuple)):
        shape = shape[0]
    shape, whole = tuple(shape), not (dtype.is_floating_point or dtype.is_complex)
    if noncontiguous and memory_format is not None:
        raise ValueError(f'The parameters `noncontiguous` and `memory_format` are mutually exclusive, but got {noncontiguous=} and {memory_format=}')
    if requires_grad and whole:
        raise ValueError(f'`requires_grad=True` is not supported for boolean and integral dtypes, but got {dtype=}')
    if noncontiguous and math.prod(shape) > 1:
        shape = (*shape[:-1], 2 * shape[-1])
    else:
        noncontiguous = False
    if dtype == torch.bool:
        least, most, usual = 0, 2, (0, 2)
    elif whole:
        info = torch.iinfo(dtype)
        least, most, usual = info.min, info.max + (dtype != torch.int64), (-9, 10)
    else:
        info = torch.finfo(dtype)
        least, most, usual = info.min, info.max, (-9, 9)
    low, high = usual[0] if low is None else low, usual[1] if high is None else high
    if math.isnan(low) or math.isnan(high):
        raise ValueError(f'`low` and `high` cannot be NaN, but got {low=} and {high=}')
    if low >= high and (whole or low > high):
        raise ValueError(f'`low` must be less than `high`, but got {low} >= {high}')
    low, high = max(least, min(low, most)), max(least, min(high, most))
    if whole:
        made = torch.randint(math.ceil(low), math.ceil(high), shape, device=device, dtype=dtype)
    else:
        made = torch.empty(shape, device=device, dtype=dtype)
        filled = torch.view_as_real(made) if dtype.is_complex else made
        if high - low >= info.max:
            filled.uniform_(low / 2, high / 2).mul_(2)
        else:
            filled.uniform_(low, high)
    if noncontiguous:
        made = made[..., 1::2]
    elif memory_format is not None:
        made = made.clone(memory_format=memory_format)
    if exclude_zero:
        made[made == 0] = 1 if whole else info.tiny
    if not whole:
        made.requires_grad = requires_grad
    return made

def __torch_frombuffer(buffer, dtype=None, count=-1, offset=0, requires_grad=False):
    # Arrays share their memory; bytes cannot change and are copied.
    import numpy as np
    if not isinstance(dtype, torch.dtype):
        raise TypeError(f"frombuffer(): argument 'dtype' must be torch.dtype, not {type(dtype).__name__}")
    if isinstance(buffer, bytes):
        raw = torch.tensor(list(buffer), dtype=torch.uint8)
    elif isinstance(buffer, np.ndarray):
        raw = torch.from_numpy(buffer)
        if not raw.is_contiguous():
            raise RuntimeError('could not retrieve buffer from object')
        raw = raw.reshape(-1).view(torch.uint8)
    else:
        raise ValueError('object does not implement Python buffer protocol.')
    n, size = raw.numel(), dtype.itemsize
    if n == 0 or count == 0:
        raise ValueError(f'both buffer length ({n}) and count ({count}) must not be 0')
    if not 0 <= offset < n:
        raise ValueError(f'offset ({offset} bytes) must be non-negative and no greater than buffer length ({n} bytes) minus 1')
    if count < 0 and (n - offset) % size:
        raise ValueError(f'buffer length ({n - offset} bytes) after offset ({offset} bytes) must be a multiple of element size ({size})')
    count = (n - offset) // size if count < 0 else count
    if offset + count * size > n:
        raise ValueError(f'requested buffer length ({count} * {size} bytes) after offset ({offset} bytes) must not be greater than actual buffer length ({n} bytes)')
    return raw[offset:offset + count * size].view(dtype).requires_grad_(requires_grad)
