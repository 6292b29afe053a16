# Shared by the texts of derivatives. Losses.

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
    return where(loss == -inf, nan, exp(log_probs) - zeros_like(log_probs).index_add_(1, states, share))
