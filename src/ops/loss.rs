//! Losses of `torch.nn.functional`, as formulas.

use super::args::{Args, one};
use crate::base::error::Result;
use crate::cpu::index::likelihood;
use crate::cuda::likelihood as cuda;
use crate::rows;

/// The scores at `at` and, behind them, the classes, their weights and the class to ignore.
fn picks(a: Args<'_>, at: usize, looks: bool) -> Result<cuda::Picks<'_>> {
    let scores = a.view(at)?;
    let classes = likelihood::Classes::of(scores.sizes()).count as i64;
    let (target, weight, ignore) = (a.view(at + 1)?, a.opt_view(at + 2), a.int(at + 3)?);
    Ok(cuda::Picks { target, scores: looks.then_some(scores), weight, classes, ignore })
}

/// What `_put_losses` gives, computed on the way to wherever it is asked for.
const SPREAD: &str = "
dim = 0 if len(size) == 1 else 1
classes = arange(size[dim], dtype=int32).reshape([-1 if d == dim else 1 for d in range(len(size))])
at = target.reshape([1 if d == dim else n for d, n in enumerate(size)])
share = share.reshape(at.shape if share.numel() > 1 else [1] * len(size))
share = share if weight is None else share * weight.reshape(classes.shape)
hit = (classes == at) & (at != ignore_index) if 0 <= ignore_index < size[dim] else classes == at
# Zeros come out as such.
return -where(hit, share, -0.)";

rows! {
    /// Squared error: the mean over all elements, their sum, or each by itself.
    /// >>> torch.nn.functional.mse_loss(torch.tensor([1., 2.]), torch.tensor([1., 4.]))
    /// tensor(2.)
    "nn.functional.mse_loss" [fn] "(Tensor input, Tensor target, bool? size_average=None, bool? reduce=None, str reduction='mean', Tensor? weight=None) -> Tensor" => tensh "
reduction = _flagged(size_average, reduce, reduction)
a, b = broadcast_tensors(input, target)
if weight is not None:
    _check_weight(input, weight)
    return _weighted((a - b) ** 2, weight, reduction)
_reduction(None, None, reduction)
a, b = _paired(a, b, 'mse_cpu')
return _reduced((a - b) ** 2, reduction)";
    grad "
node MseLossBackward0 if weight is None else {'none': MulBackward0, 'mean': DivBackward0, 'sum': SumBackward0}[_flagged(size_average, reduce, reduction)]
tied target MseLossBackwardBackward0
tied input MseLossBackwardBackward0
input:
    reduction = _flagged(size_average, reduce, reduction)
    a, b = broadcast_tensors(input, target)
    if weight is None:
        return 2 * (a - b) * _loss_share(grad, reduction, a)
    return 2 * (a - b) * weight * _loss_weighted_share(grad, reduction, weight)
target:
    reduction = _flagged(size_average, reduce, reduction)
    a, b = broadcast_tensors(input, target)
    if weight is None:
        return 2 * (b - a) * _loss_share(grad, reduction, a)
    return 2 * (b - a) * weight * _loss_weighted_share(grad, reduction, weight)
weight?:
    reduction = _flagged(size_average, reduce, reduction)
    a, b = broadcast_tensors(input, target)
    loss = (a - b) ** 2
    return (loss - result if reduction == 'mean' else loss) * _loss_weighted_share(grad, reduction, weight)";
    /// Absolute error: the mean over all elements, their sum, or each by itself.
    /// >>> torch.nn.functional.l1_loss(torch.tensor([1., 2.]), torch.tensor([1., 4.]))
    /// tensor(1.)
    "nn.functional.l1_loss" [fn] "(Tensor input, Tensor target, bool? size_average=None, bool? reduce=None, str reduction='mean', Tensor? weight=None) -> Tensor" => tensh "
reduction = _flagged(size_average, reduce, reduction)
a, b = broadcast_tensors(input, target)
if weight is not None:
    _check_weight(input, weight)
    return _weighted(abs(a - b), weight, reduction)
_reduction(None, None, reduction)
return _reduced(abs(a - b), reduction)";
    /// Squared error near zero, absolute error elsewhere.
    /// >>> torch.nn.functional.smooth_l1_loss(torch.tensor([1., 2.]), torch.tensor([1., 4.]))
    /// tensor(0.7500)
    "nn.functional.smooth_l1_loss" [fn] "(Tensor input, Tensor target, bool? size_average=None, bool? reduce=None, str reduction='mean', float beta=1.0) -> Tensor" => tensh "
reduction = _flagged(size_average, reduce, reduction)
if beta == 0:
    return nn.functional.l1_loss(input, target, reduction=reduction)
broadcast_tensors(input, target)
_reduction(None, None, reduction)
if beta < 0:
    raise RuntimeError('smooth_l1_loss does not support negative values for beta.')
a, b = _paired(input, target, 'smooth_l1_cpu')
kind = a.dtype
# Of 16 bits, float16 is rounded at each step, as the bound is; bfloat16 once.
if kind == float16:
    beta = tensor(beta, dtype=float16).item()
elif kind == bfloat16:
    a, b = a.float(), b.float()
z = abs(a - b)
return _reduced(where(z < beta, 0.5 * z * z / beta, z - 0.5 * beta).to(kind), reduction)";
    grad "
node SmoothL1LossBackward0 if beta > 0 else {'none': AbsBackward0, 'mean': MeanBackward0, 'sum': SumBackward0}[_flagged(size_average, reduce, reduction)]
tied target SmoothL1LossBackwardBackward0
tied input SmoothL1LossBackwardBackward0
input:
    a, b = broadcast_tensors(input, target)
    d = a - b
    slope = sign(d) if beta == 0 else where(abs(d) >= beta, sign(d), d / beta)
    return slope * _loss_share(grad, _flagged(size_average, reduce, reduction), d)
target:
    a, b = broadcast_tensors(input, target)
    d = b - a
    slope = sign(d) if beta == 0 else where(abs(d) >= beta, sign(d), d / beta)
    return slope * _loss_share(grad, _flagged(size_average, reduce, reduction), d)";
    /// Squared error near zero, delta times the absolute error elsewhere.
    /// >>> torch.nn.functional.huber_loss(torch.tensor([1., 2.]), torch.tensor([1., 4.]))
    /// tensor(0.7500)
    "nn.functional.huber_loss" [fn] "(Tensor input, Tensor target, str reduction='mean', float delta=1.0, Tensor? weight=None) -> Tensor" => tensh "
a, b = broadcast_tensors(input, target)
if weight is None:
    _reduction(None, None, reduction)
else:
    _check_weight(input, weight)
if delta <= 0:
    raise RuntimeError('huber_loss does not support non-positive values for delta.')
_check_write(a, b)
a, b = _paired(a, b, 'huber_cpu')
# Of 16 bits, bfloat16 is rounded at each step, as the bound is; float16 once.
if a.dtype == bfloat16:
    delta = tensor(delta, dtype=bfloat16).item()
elif a.dtype == float16:
    a, b = a.float(), b.float()
z = abs(a - b)
out = where(z <= delta, 0.5 * z * z, delta * (z - 0.5 * delta)).to(input.dtype)
return _reduced(out, reduction) if weight is None else _reduced(out * weight, _weighing(reduction))";
    grad "
node HuberLossBackward0 if weight is None else {'none': MulBackward0, 'mean': MeanBackward0, 'sum': SumBackward0}[reduction]
tied target HuberLossBackwardBackward0
tied input HuberLossBackwardBackward0
input:
    slope = _huber_slope(input, target, delta)
    return (slope if weight is None else slope * weight) * _loss_share(grad, reduction, slope)
target:
    slope = _huber_slope(target, input, delta)
    return (slope if weight is None else slope * weight) * _loss_share(grad, reduction, slope)
weight?: nn.functional.huber_loss(input, target, 'none', delta) * _loss_share(grad, reduction, weight)";
    /// Cross entropy of probabilities and targets in [0, 1].
    /// >>> torch.nn.functional.binary_cross_entropy(torch.tensor([0.5, 0.9]), torch.tensor([1., 1.]))
    /// tensor(0.3993)
    "nn.functional.binary_cross_entropy" [fn] "(Tensor input, Tensor target, Tensor? weight=None, bool? size_average=None, bool? reduce=None, str reduction='mean') -> Tensor" => tensh "
reduction = _reduction(size_average, reduce, reduction)
if target.shape != input.shape:
    raise ValueError(f'Using a target size ({target.shape}) that is different to the input size ({input.shape}) is deprecated. Please ensure they have the same size.')
if weight is not None:
    weight = weight.expand(broadcast_tensors(target, weight)[0].shape)
if target.dtype != input.dtype:
    raise RuntimeError(f'Found dtype {_aten(target)} but expected {_aten(input)}')
x = _floating(input, 'binary_cross_entropy')
if not ((x >= 0) & (x <= 1)).all():
    raise RuntimeError('all elements of input should be between 0 and 1')
loss = (target - 1) * clamp_min(log1p(-x), -100) - target * clamp_min(log(x), -100)
return _reduced(loss if weight is None else loss * weight, reduction)";
    grad "
node BinaryCrossEntropyBackward0
tied input BinaryCrossEntropyBackwardBackward0
input:
    g = _loss_share(grad, _reduction(size_average, reduce, reduction), input)
    g = g if weight is None else g * weight
    return g * (input - target) / clamp_min((1 - input) * input, 1e-12)
target:
    g = _loss_share(grad, _reduction(size_average, reduce, reduction), input)
    g = g if weight is None else g * weight
    return g * (log1p(-input) - log(input))
weight: not_differentiable";
    /// Cross entropy of logits and targets in [0, 1].
    /// >>> torch.nn.functional.binary_cross_entropy_with_logits(torch.tensor([0., 2.]), torch.tensor([1., 1.]))
    /// tensor(0.4100)
    "nn.functional.binary_cross_entropy_with_logits" [fn] "(Tensor input, Tensor target, Tensor? weight=None, bool? size_average=None, bool? reduce=None, str reduction='mean', Tensor? pos_weight=None) -> Tensor" => tensh "
reduction = _reduction(size_average, reduce, reduction)
if target.shape != input.shape:
    raise ValueError(f'Target size ({target.shape}) must be the same as input size ({input.shape})')
y = nn.functional.logsigmoid(input)
if weight is None and pos_weight is None and target.dtype == input.dtype:
    return _reduced((1 - target) * input - y, reduction)
# Writes in place have refusals of their own.
if pos_weight is not None:
    y.mul_((pos_weight - 1).mul(target).add_(1))
loss = full_like(target, 1).sub_(target).mul_(input).sub_(y)
return _reduced(loss if weight is None else loss.mul_(weight), reduction)";
    grad "
node BinaryCrossEntropyWithLogitsBackward0
again input DivBackward1 if _reduction(size_average, reduce, reduction) == 'mean' else MulBackward0
again target DivBackward1 if _reduction(size_average, reduce, reduction) == 'mean' else MulBackward0
input:
    g = _logits_share(grad, input, weight, _reduction(size_average, reduce, reduction))
    if pos_weight is None:
        return g * (sigmoid(input) - target)
    t = pos_weight * target
    return g * ((t + 1 - target) * sigmoid(input) - t)
target:
    g = _logits_share(grad, input, weight, _reduction(size_average, reduce, reduction))
    if pos_weight is None:
        return g * -input
    return g * (nn.functional.logsigmoid(-input) - pos_weight * nn.functional.logsigmoid(input))
weight: not_differentiable
pos_weight: not_differentiable";
    /// Negative log likelihood: input holds log-probabilities with the classes along dimension 1, target the class numbers.
    /// >>> torch.nn.functional.nll_loss(torch.tensor([[-0.5, -1.], [-2., -0.1]]), torch.tensor([0, 1]))
    /// tensor(0.3000)
    "nn.functional.nll_loss" [fn] "(Tensor input, Tensor target, Tensor? weight=None, bool? size_average=None, int ignore_index=-100, bool? reduce=None, str reduction='mean') -> Tensor" => tensh "
reduction = _reduction(size_average, reduce, reduction)
shown = lambda t: str([*t.shape])
if input.ndim < 1:
    raise ValueError('Expected 1 or more dimensions (got 0)')
if input.ndim != 1 and (target.ndim == 0 or input.shape[0] != target.shape[0]):
    raise ValueError(f'Expected input batch_size ({input.shape[0]}) to match target batch_size ({target.shape[0] if target.ndim else 0}).')
if input.ndim == 1 and target.ndim == 1 and target.shape[0] != 1:
    raise ValueError(f'For 1D input, 1D target must have size 1, but got target size: {target.shape[0]}')
if input.ndim > 2 and (target.ndim != input.ndim - 1 or target.shape[1:] != input.shape[2:]):
    if input.ndim == 4 and target.ndim != 3:
        raise RuntimeError(f'only batches of spatial targets supported (3D tensors) but got targets of dimension: {target.ndim}')
    if input.ndim == 4:
        raise RuntimeError(f'size mismatch (got input: {shown(input)} , target: {shown(target)}')
    raise RuntimeError(f'Expected target size {[input.shape[0], *input.shape[2:]]}, got {shown(target)}')
if input.ndim <= 2 and target.ndim > 1:
    raise RuntimeError('0D or 1D target tensor expected, multi-target not supported')
dim = 0 if input.ndim == 1 else 1
classes = input.shape[dim]
if weight is not None and (weight.ndim != 1 or weight.shape[0] != classes):
    if input.ndim > 2:
        raise RuntimeError('weight tensor should be defined either for all or no classes')
    raise RuntimeError(f'weight tensor should be defined either for all {classes} classes or no classes but got weight tensor of shape: {shown(weight)}')
x = _floating(input, 'nll_loss_out_frame' if input.ndim <= 2 else 'nll_loss2d_forward_out_frame')
if target.dtype != int64 and (target.dtype != uint8 or input.ndim > 2):
    raise RuntimeError(f'expected scalar type Long but found {_aten(target)}')
t = target.to(int64)
if weight is not None and weight.dtype != x.dtype:
    raise RuntimeError(f'expected scalar type {_aten(x)} but found {_aten(weight)}')
if reduction == 'none':
    return _picked_losses(x, t, weight, ignore_index)[0]
return _picked_total(x, t, weight, ignore_index, reduction == 'mean')";
    grad "
node NllLossBackward0 if input.ndim < 3 else NllLoss2DBackward0 if input.ndim == 4 or _reduction(size_average, reduce, reduction) != 'none' else ViewBackward0
tied input NllLossBackwardBackward0 if input.ndim < 3 else NllLoss2DBackwardBackward0
input:
    reduction = _reduction(size_average, reduce, reduction)
    t = target.to(int64)
    if reduction == 'mean':
        grad = _picked_share(grad, input.detach(), t, weight, ignore_index)
    return _spread_losses(grad, t, weight, ignore_index, input.shape)
weight: not_differentiable nll_loss_forward";
    /// What each position's class has of the negative scores, times the class's weight; and that weight.
    "_picked_losses" [fn] "(Tensor input, Tensor target, Tensor? weight, int ignore_index) -> (Tensor, Tensor)" => kernel |a| {
        Ok(likelihood::picked(a.view(0)?, a.view(1)?, a.opt_view(2), a.int(3)?)?.into())
    }, cuda |g, _, a| Ok(cuda::picked(g, picks(a, 0, true)?, a.view(0)?.dtype())?.map(Into::into));
    grad "
input: _spread_losses(grads[0], target, weight, ignore_index, input.shape)
weight: not_differentiable";
    /// The sum of those, over that of the weights for a mean.
    "_picked_total" [fn] "(Tensor input, Tensor target, Tensor? weight, int ignore_index, bool mean) -> Tensor" => tensh "
loss, w = _picked_losses(input, target, weight, ignore_index)
return loss.sum() / w.sum() if mean else loss.sum()", cuda |g, _, a| {
        one(cuda::sum(g, picks(a, 0, true)?, a.view(0)?.dtype(), a.bool(4))?)
    };
    /// A mean's gradient over the sum of the weights: the scores themselves are not looked at.
    "_picked_share" [fn] "(Tensor grad, Tensor input, Tensor target, Tensor? weight, int ignore_index) -> Tensor" => tensh "
return grad / _picked_losses(input, target, weight, ignore_index)[1].sum()", cuda |g, _, a| {
        one(cuda::share(g, a.view(0)?, picks(a, 1, false)?)?)
    };
    /// The gradient of scores by that of the losses picked from them, of which one may stand for all.
    "_spread_losses" [fn] "(Tensor share, Tensor target, Tensor? weight, int ignore_index, int[] size) -> Tensor" => tensh "
return _put_losses(share, target, weight, ignore_index, size)", there SPREAD;
    /// The same on the CPU.
    "_put_losses" [fn] "(Tensor share, Tensor target, Tensor? weight, int ignore_index, int[] size) -> Tensor" => kernel |a| {
        Ok(likelihood::spread(a.view(0)?, a.view(1)?, a.opt_view(2), a.int(3)?, a.ints(4))?.into())
    }, there SPREAD;
    grad "
share: _picked_losses(grad, target, weight, ignore_index)[0].sum_to_size(share.shape)
weight: not_differentiable";
    /// Cross entropy of logits, the classes along dimension 1, with class numbers or class probabilities for target.
    /// >>> torch.nn.functional.cross_entropy(torch.tensor([[2., 0.], [0., 1.]]), torch.tensor([0, 1]))
    /// tensor(0.2201)
    "nn.functional.cross_entropy" [fn] "(Tensor input, Tensor target, Tensor? weight=None, bool? size_average=None, int ignore_index=-100, bool? reduce=None, str reduction='mean', float label_smoothing=0.0) -> Tensor" => tensh "
reduction = _reduction(size_average, reduce, reduction)
dim = 0 if input.ndim == 1 else 1
spread = [-1 if d == dim else 1 for d in range(input.ndim)]
if input.shape == target.shape:
    if not is_floating_point(target):
        raise RuntimeError(f'Expected floating point type for target with class probabilities, got {_aten(target)}')
    if ignore_index >= 0:
        raise RuntimeError('ignore_index is not supported for floating point target')
    if label_smoothing < 0 or label_smoothing > 1:
        raise RuntimeError(f'label_smoothing must be between 0.0 and 1.0. Got: {label_smoothing:g}')
    if weight is not None and (weight.ndim != 1 or weight.numel() != input.shape[dim]):
        raise RuntimeError(f'cross_entropy: weight tensor should be defined either for all {input.shape[dim]} classes or no classes but got weight tensor of shape: {[*weight.shape]}')
    logs = log_softmax(input, dim)
    if label_smoothing > 0:
        target = target * (1 - label_smoothing) + label_smoothing / input.shape[dim]
    loss = logs * target
    if weight is not None:
        loss = loss * weight.reshape(spread)
    if reduction == 'none':
        return -loss.sum(dim)
    if reduction == 'sum':
        return -loss.sum()
    return -loss.sum() / (input.numel() // input.shape[dim]) if input.numel() > 0 else tensor(nan, dtype=loss.dtype)
if label_smoothing > 1:
    raise RuntimeError(f'label_smoothing must be between 0.0 and 1.0. Got: {label_smoothing:g}')
logs = log_softmax(input, dim)
plain = nn.functional.nll_loss(logs, target, weight, ignore_index=ignore_index, reduction=reduction)
if label_smoothing <= 0:
    return plain
ignored = target == ignore_index
smooth = -(logs if weight is None else logs * weight.reshape(spread)).sum(dim)
smooth = smooth.masked_fill(ignored, 0.)
if reduction == 'sum':
    smooth = smooth.sum()
if reduction == 'mean':
    smooth = smooth.sum() / (logical_not(ignored).sum() if weight is None else weight[target[logical_not(ignored)]].sum())
return plain * (1 - label_smoothing) + smooth * (label_smoothing / input.shape[dim])";
    grad "
node DivBackward1 if input.shape == target.shape and _reduction(size_average, reduce, reduction) == 'mean' else composite
composite";
    /// Kullback-Leibler divergence, of log-probabilities from target.
    /// >>> torch.nn.functional.kl_div(torch.tensor([-1., -2.]), torch.tensor([0.5, 0.5]), reduction='sum')
    /// tensor(0.8069)
    "nn.functional.kl_div" [fn] "(Tensor input, Tensor target, bool? size_average=None, bool? reduce=None, str reduction='mean', bool log_target=False) -> Tensor" => tensh "
batch = reduction == 'batchmean' and size_average is None and reduce is None
reduction = _reduction(size_average, reduce, 'sum' if batch else reduction)
if is_complex(input) or is_complex(target):
    raise RuntimeError('kl_div: Complex inputs not supported.')
if not is_floating_point(input) or not is_floating_point(target):
    raise RuntimeError('kl_div: Integral inputs not supported.')
loss = exp(target) * (target - input) if log_target else xlogy(target, target) - target * input
out = _reduced(loss, reduction)
return out / input.shape[0] if batch and input.ndim > 0 else out";
    /// 1 - cos of two vectors where target is 1, the cosine above margin where it is -1.
    /// >>> torch.nn.functional.cosine_embedding_loss(torch.tensor([[1., 0.]]), torch.tensor([[1., 1.]]), torch.tensor([1.]))
    /// tensor(0.2929)
    "nn.functional.cosine_embedding_loss" [fn] "(Tensor input1, Tensor input2, Tensor target, float margin=0, bool? size_average=None, bool? reduce=None, str reduction='mean') -> Tensor" => tensh "
reduction = _reduction(size_average, reduce, reduction)
n = target.ndim
if n > 1:
    raise RuntimeError('0D or 1D target tensor expected, multi-target not supported')
if input1.ndim != n + 1 or input2.ndim != n + 1:
    raise RuntimeError(f'{n}D target tensor expects {n + 1}D input tensors, but found inputs with sizes {[*input1.shape]} and {[*input2.shape]}.')
cos = (input1 * input2).sum(n) / sqrt(((input1 * input1).sum(n) + 1e-12) * ((input2 * input2).sum(n) + 1e-12))
return _reduced(where(target == 1, 1 - cos, 0.) + where(target == -1, clamp_min(cos - margin, 0), 0.), reduction)";
    /// Negative log likelihood of a normal distribution with expectation input and variance var.
    /// >>> torch.nn.functional.gaussian_nll_loss(torch.tensor([1., 2.]), torch.tensor([1., 4.]), torch.tensor([1., 1.]))
    /// tensor(1.)
    "nn.functional.gaussian_nll_loss" [fn] "(Tensor input, Tensor target, Operand var, bool full=False, float eps=1e-06, str reduction='mean') -> Tensor" => tensh "
if isinstance(var, float):
    if var < 0:
        raise ValueError('var has negative entry/entries')
    var = var * ones_like(input)
elif torch.any(var < 0):
    raise ValueError('var has negative entry/entries')
if var.shape != input.shape:
    if input.shape[:-1] == var.shape:
        var = unsqueeze(var, -1)
    elif input.ndim != var.ndim or sum([b for a, b in zip(input.shape, var.shape) if a != b]) != 1:
        raise ValueError('var is of incorrect size')
if reduction not in ('none', 'mean', 'sum'):
    raise ValueError(reduction + ' is not valid')
if not is_floating_point(var) and not is_complex(var):
    raise RuntimeError(f\"result type Float can't be cast to the desired output type {_cpp(var)}\")
var = var.clone()
with torch.no_grad():
    var.clamp_(min=eps)
loss = 0.5 * (log(var) + (input - target) ** 2 / var)
return _reduced(loss.add_(0.9189385332046727) if full else loss, reduction)";
    grad "
node {'none': AddBackward0 if full else MulBackward0, 'mean': MeanBackward0, 'sum': SumBackward0}[reduction]
composite";
    /// Input where target is 1; where it is -1, what is missing to margin.
    /// >>> torch.nn.functional.hinge_embedding_loss(torch.tensor([0.5, 0.2]), torch.tensor([1., -1.]))
    /// tensor(0.6500)
    "nn.functional.hinge_embedding_loss" [fn] "(Tensor input, Tensor target, float margin=1.0, bool? size_average=None, bool? reduce=None, str reduction='mean') -> Tensor" => tensh "
reduction = _reduction(size_average, reduce, reduction)
none = zeros_like(input)
missing = full_like(input, margin).sub_(input).clamp_min_(0)
return _reduced(where(target != 1, missing, none) + where(target != -1, input, none), reduction)";
    /// By how much two inputs are ranked otherwise than target says.
    /// >>> torch.nn.functional.margin_ranking_loss(torch.tensor([1., 2.]), torch.tensor([2., 1.]), torch.tensor([1., 1.]))
    /// tensor(0.5000)
    "nn.functional.margin_ranking_loss" [fn] "(Tensor input1, Tensor input2, Tensor target, float margin=0, bool? size_average=None, bool? reduce=None, str reduction='mean') -> Tensor" => tensh "
reduction = _reduction(size_average, reduce, reduction)
if input1.ndim != input2.ndim or input1.ndim != target.ndim:
    raise RuntimeError(f'margin_ranking_loss : All input tensors should have same dimension but got sizes: input1: {input1.shape}, input2: {input2.shape}, target: {target.shape} ')
return _reduced(clamp_min(-target * (input1 - input2) + margin, 0), reduction)";
    /// Hinge loss of several classes, target being the right class.
    /// >>> torch.nn.functional.multi_margin_loss(torch.tensor([[0.1, 0.2, 0.4]]), torch.tensor([2]))
    /// tensor(0.5000)
    "nn.functional.multi_margin_loss" [fn] "(Tensor input, Tensor target, Scalar p=1, Scalar margin=1.0, Tensor? weight=None, bool? size_average=None, bool? reduce=None, str reduction='mean') -> Tensor" => tensh "
reduction = _reduction(size_average, reduce, reduction)
if p != 1 and p != 2:
    raise ValueError('only p == 1 and p == 2 supported')
if weight is not None and weight.ndim != 1:
    raise ValueError('weight must be one-dimensional')
if input.ndim > 2 or (input.ndim > 0 and input.shape[-1] == 0):
    raise RuntimeError(f'Expected non-empty vector or matrix with optional 0-dim batch size, but got: {[*input.shape]}')
count = input.shape[0] if input.ndim == 2 else 1
classes = input.shape[-1] if input.ndim > 0 else 1
if target.ndim > 1 or target.numel() != count:
    raise RuntimeError(f'inconsistent target size, expected {count} but got {[*target.shape]}')
if weight is not None and weight.numel() != classes:
    raise RuntimeError(f'inconsistent weight size, expected {classes} but got {[*weight.shape]}')
x = _floating(input, 'multi_margin_loss_cpu_kernel', True).reshape(count, classes)
if target.dtype != int64:
    raise RuntimeError(f'expected scalar type Long but found {_aten(target)}')
t = target.reshape(-1, 1)
if ((t < 0) | (t >= classes)).any():
    raise RuntimeError('target out of range')
z = margin - gather(x, 1, t) + x
z = where(z > 0, z if p == 1 else z * z, 0.).scatter(1, t, 0.)
if weight is not None:
    z = z * weight[t]
return _reduced((z.sum(1) / classes).reshape(target.shape), reduction)";
    grad "
node MultiMarginLossBackward0
tied input NotImplemented multi_margin_loss_backward
input:
    count, classes = (input.shape[0] if input.ndim == 2 else 1), (input.shape[-1] if input.ndim > 0 else 1)
    x, t = input.reshape(count, classes), target.reshape(-1, 1)
    z = margin - gather(x, 1, t) + x
    slope = where(z > 0, 1 if p == 1 else 2 * z, 0).to(x.dtype).scatter(1, t, 0)
    slope = slope if weight is None else slope * weight[t]
    slope = slope.scatter(1, t, -slope.sum(1, keepdim=True)) / classes
    g = _loss_share(grad.reshape(-1) if grad.ndim else grad, _reduction(size_average, reduce, reduction), t[:, 0])
    return (slope * g.reshape(-1, 1)).reshape(input.shape)
weight: not_differentiable";
    /// Hinge loss of several classes, target listing the right ones up to the first negative number.
    /// >>> torch.nn.functional.multilabel_margin_loss(torch.tensor([0.1, 0.2, 0.4, 0.8]), torch.tensor([3, 0, -1, 1]))
    /// tensor(0.8500)
    "nn.functional.multilabel_margin_loss" [fn] "(Tensor input, Tensor target, bool? size_average=None, bool? reduce=None, str reduction='mean') -> Tensor" => tensh "
reduction = _reduction(size_average, reduce, reduction)
if input.ndim > 2 or (input.ndim > 0 and input.shape[-1] == 0):
    raise RuntimeError(f'Expected non-empty vector or matrix with optional 0-dim batch size, but got: {[*input.shape]}')
count = input.shape[0] if input.ndim == 2 else 1
classes = input.shape[-1] if input.ndim > 0 else 1
if target.ndim > 2 or target.numel() != input.numel() or (input.ndim == 2 and target.shape != input.shape):
    raise RuntimeError(f'inconsistent target size: {[*target.shape]} for input of size: {[*input.shape]}')
t = target.reshape(count, classes)
if ((t < -1) | (t >= classes)).any():
    raise RuntimeError(\"argument #2 'target' is out of range\")
x = _floating(input, 'multilabel_margin_loss_forward_out_frame', True).reshape(count, classes)
if target.dtype != int64:
    raise RuntimeError(f'expected scalar type Long but found {_aten(target)}')
valid = cumsum(t < 0, 1) == 0
t = where(valid, t, 0)
labels = zeros(count, classes, dtype=x.dtype).scatter_add_(1, t, valid.to(x.dtype)) > 0
z = 1 - gather(x, 1, t).unsqueeze(2) + x.unsqueeze(1)
z = where((z > 0) & valid.unsqueeze(2) & logical_not(labels).unsqueeze(1), z, 0.).sum((1, 2)) / classes
return _reduced(z if input.ndim == 2 else z.reshape(()), reduction)";
    grad "
node MultilabelMarginLossBackward0
tied input NotImplemented multilabel_margin_loss_backward
input:
    count, classes = (input.shape[0] if input.ndim == 2 else 1), (input.shape[-1] if input.ndim > 0 else 1)
    x, t = input.reshape(count, classes), target.reshape(count, classes)
    valid = cumsum(t < 0, 1) == 0
    t = where(valid, t, 0)
    labels = zeros_like(x).scatter_add_(1, t, valid.to(x.dtype)) > 0
    z = 1 - gather(x, 1, t).unsqueeze(2) + x.unsqueeze(1)
    hit = ((z > 0) & valid.unsqueeze(2) & logical_not(labels).unsqueeze(1)).to(x.dtype)
    slope = hit.sum(1).scatter_add(1, t, -hit.sum(2)) / classes
    g = _loss_share(grad.reshape(-1) if grad.ndim else grad, _reduction(size_average, reduce, reduction), x[:, 0])
    return (slope * g.reshape(-1, 1)).reshape(input.shape)";
    /// Binary cross entropy of logits, the mean over the classes.
    /// >>> torch.nn.functional.multilabel_soft_margin_loss(torch.tensor([[0., 2.]]), torch.tensor([[1., 1.]]))
    /// tensor(0.4100)
    "nn.functional.multilabel_soft_margin_loss" [fn] "(Tensor input, Tensor target, Tensor? weight=None, bool? size_average=None, bool? reduce=None, str reduction='mean') -> Tensor" => tensh "
if size_average is not None or reduce is not None:
    reduction = _reduction(size_average, reduce, reduction)
loss = -(target * nn.functional.logsigmoid(input) + (1 - target) * nn.functional.logsigmoid(-input))
if weight is not None:
    loss = loss * weight
loss = loss.sum(dim=input.ndim - 1) / input.size(input.ndim - 1)
if reduction not in ('none', 'mean', 'sum'):
    raise ValueError(reduction + ' is not valid')
return _reduced(loss, reduction)";
    /// Negative log likelihood of a Poisson distribution, whose rate (or its logarithm) is input.
    /// >>> torch.nn.functional.poisson_nll_loss(torch.tensor([0., 1.]), torch.tensor([1., 2.]))
    /// tensor(0.8591)
    "nn.functional.poisson_nll_loss" [fn] "(Tensor input, Tensor target, bool log_input=True, bool full=False, bool? size_average=None, float eps=1e-08, bool? reduce=None, str reduction='mean') -> Tensor" => tensh "
reduction = _reduction(size_average, reduce, reduction)
loss = exp(input) - target * input if log_input else input - target * log(input + eps)
if full:
    loss.add_((target * log(target) - target + 0.5 * log(6.283185307179586 * target)).masked_fill(target <= 1, 0))
return _reduced(loss, reduction)";
    /// Logistic loss of two classes, target being 1 or -1.
    /// >>> torch.nn.functional.soft_margin_loss(torch.tensor([0., 2.]), torch.tensor([1., -1.]))
    /// tensor(1.4100)
    "nn.functional.soft_margin_loss" [fn] "(Tensor input, Tensor target, bool? size_average=None, bool? reduce=None, str reduction='mean') -> Tensor" => tensh "
reduction = _reduction(size_average, reduce, reduction)
return _reduced((-input).mul_(target).exp_().log1p_(), reduction)";
    grad "
node SoftMarginLossBackward0
tied input SoftMarginLossBackwardBackward0
input:
    z = exp(-target * input)
    return -target * z / (1 + z) * _loss_share(grad, _reduction(size_average, reduce, reduction), input)
target: not_differentiable";
    /// By how much, within margin, the negative is not farther from the anchor than the positive.
    /// >>> torch.nn.functional.triplet_margin_loss(torch.tensor([[0., 0.]]), torch.tensor([[0., 1.]]), torch.tensor([[1., 1.]]))
    /// tensor(0.5858)
    "nn.functional.triplet_margin_loss" [fn] "(Tensor anchor, Tensor positive, Tensor negative, float margin=1.0, float p=2, float eps=1e-06, bool swap=False, bool? size_average=None, bool? reduce=None, str reduction='mean') -> Tensor" => tensh "
reduction = _reduction(size_average, reduce, reduction)
_check_triplet(anchor, positive, negative, margin)
distance = lambda a, b: pairwise_distance(a, b, p, eps)
return _triplet(distance(anchor, positive), distance(anchor, negative), distance(positive, negative) if swap else None, margin, reduction)";
    /// torch's refusals of triplets.
    "_check_triplet" [fn] "(Tensor anchor, Tensor positive, Tensor negative, Scalar margin, str reduction='mean') -> bool" => tensh "
_reduction(None, None, reduction)
if margin <= 0:
    raise ValueError(f'margin must be greater than 0, got {margin}')
if not anchor.ndim == positive.ndim == negative.ndim:
    raise RuntimeError(f'The anchor, positive, and negative tensors are expected to have the same number of dimensions, but got: anchor {anchor.ndim}D, positive {positive.ndim}D, and negative {negative.ndim}D inputs')
return True";
    grad "nondiff";
    /// The loss of triplets whose distances are known: from the anchor, and from the positive to the negative where they may stand
    /// for those.
    "_triplet" [fn] "(Tensor near, Tensor far, Tensor? across, Scalar margin, str reduction) -> Tensor" => tensh "
far = far if across is None else minimum(far, across)
return _reduced(clamp_min(margin + near - far, 0), reduction)";
    /// Which reduction is meant by its name or by the two older flags.
    "_reduction" [fn] "(bool? size_average, bool? reduce, str reduction) -> str" => tensh "
reduction = _flagged(size_average, reduce, reduction)
if reduction in ('none', 'mean', 'sum'):
    return reduction
raise ValueError(f'{reduction} is not a valid value for reduction')";
    grad "nondiff";
    /// The reduction by its name, unless one of the two older flags is given.
    "_flagged" [fn] "(bool? size_average, bool? reduce, str reduction) -> str" => tensh "
if size_average is None and reduce is None:
    return reduction
return 'none' if reduce == False else 'sum' if size_average == False else 'mean'";
    grad "nondiff";
    /// The reduction of a weighted loss, whose refusal of others has words of its own.
    "_weighing" [fn] "(str reduction) -> str" => tensh "
if reduction in ('none', 'mean', 'sum'):
    return reduction
raise ValueError(f\"Invalid reduction mode: {reduction}. Expected one of 'none', 'mean', 'sum'.\")";
    grad "nondiff";
    /// The mean, the sum or all of a loss's elements.
    "_reduced" [fn] "(Tensor input, str reduction) -> Tensor" => tensh "
if reduction == 'none':
    return input
return input.mean() if reduction == 'mean' else input.sum()";
    /// torch's refusal of weights of other sizes.
    "_check_weight" [fn] "(Tensor input, Tensor weight) -> bool" => tensh "
if weight.shape != input.shape:
    raise ValueError('Weights and input must have the same size.')
return True";
    grad "nondiff";
    /// As `_reduced`, with weights: the mean is by their sum.
    "_weighted" [fn] "(Tensor input, Tensor weight, str reduction) -> Tensor" => tensh "
out = input * weight
return out.sum() / weight.sum() if _weighing(reduction) == 'mean' else _reduced(out, reduction)";
    /// Both tensors in their common dtype, which must be floating: else torch's refusal, in the name of a kernel.
    "_paired" [fn] "(Tensor input, Tensor other, str kernel) -> Tensor[]" => tensh "
a, b = broadcast_tensors(input, other)
d = result_type(a, b)
return (_floating(a.to(d), kernel), b.to(d))";
}
