//! Losses and small functions of `torch.nn.functional`, as formulas.

use crate::rows;

rows! {
    /// Squared error: the mean over all elements, their sum, or each by itself.
    /// >>> torch.nn.functional.mse_loss(torch.tensor([1., 2.]), torch.tensor([1., 4.]))
    /// tensor(2.)
    "nn.functional.mse_loss" [fn] "(Tensor input, Tensor target, bool? size_average=None, bool? reduce=None, str reduction='mean') -> Tensor" => tensh "_reduced((input - target) ** 2, reduction)";
    /// Absolute error: the mean over all elements, their sum, or each by itself.
    /// >>> torch.nn.functional.l1_loss(torch.tensor([1., 2.]), torch.tensor([1., 4.]))
    /// tensor(1.)
    "nn.functional.l1_loss" [fn] "(Tensor input, Tensor target, bool? size_average=None, bool? reduce=None, str reduction='mean') -> Tensor" => tensh "_reduced(abs(input - target), reduction)";
    /// Squared error near zero, absolute error elsewhere.
    /// >>> torch.nn.functional.smooth_l1_loss(torch.tensor([1., 2.]), torch.tensor([1., 4.]))
    /// tensor(0.7500)
    "nn.functional.smooth_l1_loss" [fn] "(Tensor input, Tensor target, bool? size_average=None, bool? reduce=None, str reduction='mean', float beta=1.0) -> Tensor" => tensh "
z = abs(input - target)
return _reduced(where(z < beta, 0.5 * z * z / beta, z - 0.5 * beta) if beta != 0 else z, reduction)";
    /// Squared error near zero, delta times the absolute error elsewhere.
    /// >>> torch.nn.functional.huber_loss(torch.tensor([1., 2.]), torch.tensor([1., 4.]))
    /// tensor(0.7500)
    "nn.functional.huber_loss" [fn] "(Tensor input, Tensor target, str reduction='mean', float delta=1.0) -> Tensor" => tensh "
z = abs(input - target)
return _reduced(where(z <= delta, 0.5 * z * z, delta * (z - 0.5 * delta)), reduction)";
    /// The mean, the sum or all of a loss's elements.
    "_reduced" [fn] "(Tensor input, str reduction) -> Tensor" => tensh "
if reduction == 'none':
    return input
if reduction == 'mean':
    return input.mean()
if reduction == 'sum':
    return input.sum()
raise ValueError(f'{reduction} is not a valid value for reduction')";
    /// The p-norm of input - other.
    /// >>> torch.dist(torch.tensor([1., 2.]), torch.tensor([4., 6.]))
    /// tensor(5.)
    "dist" [fn method] "(Tensor self, Tensor other, Scalar p=2) -> Tensor" => tensh "norm(input - other, p)";
    /// input over its norm along a dimension, the norm held above eps.
    /// >>> torch.nn.functional.normalize(torch.tensor([[3., 4.]]))
    /// tensor([[0.6000, 0.8000]])
    "nn.functional.normalize" [fn] "(Tensor input, float p=2.0, int dim=1, float eps=1e-12) -> Tensor" => tensh "input / input.norm(p, dim, keepdim=True).clamp_min(eps).expand_as(input)";
    /// softmax of the negated input.
    /// >>> torch.nn.functional.softmin(torch.tensor([1., 2.]), dim=0)
    /// tensor([0.7311, 0.2689])
    "nn.functional.softmin" [fn] "(Tensor input, int dim, int _stacklevel=3, ScalarType? dtype=None) -> Tensor" => tensh "softmax(-input, dim, dtype=dtype)";
    /// input times the transposed weight, plus bias.
    /// >>> torch.nn.functional.linear(torch.tensor([[1., 2.]]), torch.tensor([[3., 4.]]))
    /// tensor([[11.]])
    "nn.functional.linear" [fn] "(Tensor input, Tensor weight, Tensor? bias=None) -> Tensor" => tensh "
out = matmul(input, weight.t()) if weight.ndim == 2 else matmul(input, weight)
return out if bias is None else out + bias";
}
