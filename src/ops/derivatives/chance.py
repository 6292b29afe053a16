# Shared by the texts of derivatives. Dropout and its kin.

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
    if not training:
        return where(input > 0, ones_like(input), (lower + upper) / 2)
    return torch._rrelu_noise(input, lower, upper)
