//! Connectionist temporal classification, as formulas.

use crate::rows;

rows! {
    /// Negative log likelihood of label sequences under every alignment of theirs with log_probs (time, batch, classes), blanks
    /// between them (A. Graves et al., "Connectionist temporal classification", 2006).
    /// >>> torch.nn.functional.ctc_loss(torch.zeros(3, 1, 2), torch.tensor([[1]]), (3,), (1,), reduction='none')
    /// tensor([-1.7918])
    "nn.functional.ctc_loss" [fn] "(Tensor log_probs, Tensor targets, Any input_lengths, Any target_lengths, int blank=0, str reduction='mean', bool zero_infinity=False) -> Tensor" => tensh "
_reduction(None, None, reduction)
lengths = lambda given: given.reshape(-1).tolist() if is_tensor(given) else list(given)
times, sizes = lengths(input_lengths), lengths(target_lengths)
x = log_probs if log_probs.ndim == 3 else log_probs.unsqueeze(1)
steps, batch, classes = x.shape
if x.numel() == 0:
    raise RuntimeError('log_probs tensor must not be empty')
_floating(x, 'ctc_loss_cpu', True)
if not 0 <= blank < classes:
    raise RuntimeError('blank must be in label range')
for name, given in (('input_lengths', times), ('target_lengths', sizes)):
    if len(given) != batch:
        raise RuntimeError(f'{name} must be of size batch_size')
where_ = '(while checking arguments for ctc_loss_allocate_outputs)'
for n in sizes:
    if n < 0:
        raise RuntimeError(f'Expected target_lengths to have value at least 0, but got value {n} {where_}')
labels = targets if targets.ndim == 1 or log_probs.ndim == 3 else targets.unsqueeze(0)
total, longest = sum(sizes), max(sizes)
if labels.ndim == 1 and labels.size(0) != total:
    raise RuntimeError(f\"Expected tensor to have size {total} at dimension 0, but got size {labels.size(0)} for argument #2 'targets' {where_}\")
if labels.ndim == 2 and labels.size(0) != batch:
    raise RuntimeError(f\"Expected tensor to have size {batch} at dimension 0, but got size {labels.size(0)} for argument #2 'targets' {where_}\")
if labels.ndim == 2 and labels.size(1) < longest:
    raise RuntimeError(f\"Expected tensor to have size at least {longest} at dimension 1, but got size {labels.size(1)} for argument #2 'targets' {where_}\")
for n in times:
    if not 0 <= n <= steps:
        raise RuntimeError(f'Expected input_lengths to have value at {\"least 0\" if n < 0 else f\"most {steps}\"}, but got value {n} {where_}')
losses, start = [], 0
for b in range(batch):
    n = sizes[b]
    own = labels[start:start + n] if labels.ndim == 1 else labels[b, :n]
    start += n
    losses.append(_ctc(x[:times[b], b], own.to(int64), blank))
loss = stack(losses)
if zero_infinity:
    loss = where(loss == inf, 0., loss)
if reduction == 'mean':
    return (loss / tensor(sizes).clamp_min(1)).mean()
return loss.sum() if reduction == 'sum' else loss if log_probs.ndim == 3 else loss.squeeze(0)";
    grad "
node {'none': SqueezeBackward1 if log_probs.ndim < 3 else WhereBackward0 if zero_infinity else CtcLossBackward0, 'mean': MeanBackward0, 'sum': SumBackward0}[reduction]
log_probs:
    lengths = lambda given: given.reshape(-1).tolist() if is_tensor(given) else list(given)
    times, sizes = lengths(input_lengths), lengths(target_lengths)
    x = log_probs if log_probs.ndim == 3 else log_probs.unsqueeze(1)
    labels = targets if targets.ndim == 1 or log_probs.ndim == 3 else targets.unsqueeze(0)
    g = grad.reshape(-1)
    if reduction == 'mean':
        g = grad / (torch.tensor(sizes).clamp_min(1) * len(sizes))
    loss = nn.functional.ctc_loss(x, labels, times, sizes, blank, 'none')
    columns, start = [], 0
    for b in range(len(times)):
        n, steps = sizes[b], times[b]
        own = labels[start:start + n] if labels.ndim == 1 else labels[b, :n]
        start += n
        slope = zeros_like(x[:, b])
        if steps and not (zero_infinity and loss[b] == inf):
            slope = cat([_ctc_slope(x[:steps, b], own.to(int64), blank), slope[steps:]])
        columns.append(slope * (g if reduction == 'sum' else g[b]))
    out = stack(columns, 1)
    return out if log_probs.ndim == 3 else out.squeeze(1)";
    /// `ctc_loss` of one sequence: the sums over alignments, a state for each label and each blank around it, go forward in time.
    "_ctc" [fn] "(Tensor log_probs, Tensor labels, int blank) -> Tensor" => tensh "
n, steps = labels.numel(), log_probs.size(0)
if steps == 0:
    return -log_probs.new_full((), -inf if n else 0.)
states = full((2 * n + 1,), blank, dtype=int64)
states[1::2] = labels
skips = ones(2 * n + 1, dtype=torch.bool)
skips[2:] = states[2:] != states[:-2]
x = log_probs.index_select(1, states)
before = log_probs.new_full((2,), -inf)
alpha = x.new_full((2 * n + 1,), -inf)
alpha[:2] = x[0, :2]
for t in range(1, steps):
    padded = cat([before, alpha])
    one, two = padded[1:-1], where(skips, padded[:-2], -inf)
    top = maximum(maximum(alpha, one), two)
    top = where(top == -inf, 0., top)
    alpha = log(exp(alpha - top) + exp(one - top) + exp(two - top)) + top + x[t]
last = alpha[-2:]
top = last.max()
top = where(top == -inf, 0., top)
return -(log(exp(last - top).sum()) + top)";
    grad "nondiff";
}
