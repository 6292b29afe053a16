//! Scans: running sums, products and extremes; differences and integrals.

use crate::cpu::scan;
use crate::cuda::scan as cuda;
use crate::rows;

rows! {
    /// Running sum along a dimension.
    /// >>> torch.cumsum(torch.tensor([1, 2, 3]), 0)
    /// tensor([1, 3, 6])
    "cumsum" [fn method out]
        "(Tensor self, int dim, *, ScalarType? dtype=None) -> Tensor" => kernel |a| Ok(scan::cumsum(a.view(0)?, a.int(1)?, a.dtype(2))?.into()), fused |g, x, a| Ok(cuda::running(g, x()?, a.int(1)?, a.dtype(2), false)?.map(Into::into));
    grad "
node CumsumBackward0
input: _tail_sums(grad, dim)";
    /// Running sum along a dimension, in place.
    "cumsum_" [method] "(Tensor self, int dim, *, ScalarType? dtype=None) -> Tensor" => tensh "
out = torch._scan_dtype(input, dim, dtype)
return input.copy_(cumsum(input, dim, dtype=out)) if input.numel() > 0 else input";
    grad "
node CumsumBackward0
input: _tail_sums(grad, dim)";
    /// Running product along a dimension.
    /// >>> torch.cumprod(torch.tensor([1, 2, 3]), 0)
    /// tensor([1, 2, 6])
    "cumprod" [fn method out]
        "(Tensor self, int dim, *, ScalarType? dtype=None) -> Tensor" => kernel |a| Ok(scan::cumprod(a.view(0)?, a.int(1)?, a.dtype(2))?.into()), fused |g, x, a| Ok(cuda::running(g, x()?, a.int(1)?, a.dtype(2), true)?.map(Into::into));
    grad "
node CumprodBackward0
input:
    if input.ndim == 0 or input.numel() == 0:
        return grad
    if not (input == 0).any():
        return _tail_sums(grad * result.conj(), dim) / input.conj()
    n = input.size(dim)
    before = cat([ones_like(input.narrow(dim, 0, 1)), result.narrow(dim, 0, n - 1)], dim)
    return before.conj() * _fold_back(grad, input.conj().roll(-1, dim), dim)";
    /// Running product along a dimension, in place.
    "cumprod_" [method] "(Tensor self, int dim, *, ScalarType? dtype=None) -> Tensor" => tensh "
out = torch._scan_dtype(input, dim, dtype)
return input.copy_(cumprod(input, dim, dtype=out)) if input.numel() > 0 else input";
    grad "
node CumprodBackward0
input:
    if input.ndim == 0 or input.numel() == 0:
        return grad
    if not (input == 0).any():
        return _tail_sums(grad * result.conj(), dim) / input.conj()
    n = input.size(dim)
    before = cat([ones_like(input.narrow(dim, 0, 1)), result.narrow(dim, 0, n - 1)], dim)
    return before.conj() * _fold_back(grad, input.conj().roll(-1, dim), dim)";
    /// The dtype of a running sum or product in place, which is the tensor's own.
    "_scan_dtype" [fn] "(Tensor self, int dim, ScalarType? dtype) -> ScalarType" => tensh "
(input if input.ndim > 0 else input.unsqueeze(0)).size(dim)
if dtype is not None and dtype != input.dtype:
    raise RuntimeError(f'Bad in-place call: input tensor dtype {_cpp(input)} and output tensor dtype {_cpp(zeros((), dtype=dtype))} should match')
return input.dtype";
    grad "nondiff";
    /// Running maximum along a dimension, and where it was last met.
    /// >>> torch.cummax(torch.tensor([1, 3, 2, 3]), 0)
    /// torch.return_types.cummax(
    /// values=tensor([1, 3, 3, 3]),
    /// indices=tensor([0, 1, 1, 3]))
    "cummax" [fn method out]
        "(Tensor self, int dim) -> (Tensor values, Tensor indices)" => kernel |a| Ok(scan::extremes(a.view(0)?, a.int(1)?, true)?.into()), fused |g, x, a| Ok(cuda::extremes(g, &x()?, a.int(1)?, true)?.map(Into::into));
    grad "
node CummaxBackward0
input: grads[0] if input.ndim == 0 else grads[0].new_zeros(input.shape).scatter_add_(dim, results[1], grads[0])";
    /// Running minimum along a dimension, and where it was last met.
    /// >>> torch.cummin(torch.tensor([3, 1, 2, 1]), 0)
    /// torch.return_types.cummin(
    /// values=tensor([3, 1, 1, 1]),
    /// indices=tensor([0, 1, 1, 3]))
    "cummin" [fn method out]
        "(Tensor self, int dim) -> (Tensor values, Tensor indices)" => kernel |a| Ok(scan::extremes(a.view(0)?, a.int(1)?, false)?.into()), fused |g, x, a| Ok(cuda::extremes(g, &x()?, a.int(1)?, false)?.map(Into::into));
    grad "
node CumminBackward0
input: grads[0] if input.ndim == 0 else grads[0].new_zeros(input.shape).scatter_add_(dim, results[1], grads[0])";
    /// Logarithm of the running sum of exponentials along a dimension.
    /// >>> torch.logcumsumexp(torch.tensor([0., 0., 0.]), 0)
    /// tensor([0.0000, 0.6931, 1.0986])
    "logcumsumexp" [fn method out]
        "(Tensor self, int dim) -> Tensor" => kernel |a| Ok(scan::logcumsumexp(a.view(0)?, a.int(1)?)?.into()), fused |g, x, a| Ok(cuda::logcumsumexp(g, &x()?, a.int(1)?)?.map(Into::into));
    grad "
node LogcumsumexpBackward0
again input SubBackward0
input:
    if input.ndim == 0 or input.numel() == 0:
        return grad
    n = result.size(dim)
    ahead = cat([result.narrow(dim, 1, n - 1), result.narrow(dim, n - 1, 1)], dim)
    gap = (result - ahead).masked_fill(ahead == inf, -inf)
    return (input - result).exp().conj() * _fold_back(grad, gap.exp().conj(), dim)";
    /// Differences of neighbours along a dimension, n times.
    /// >>> torch.diff(torch.tensor([1, 3, 6, 10]))
    /// tensor([2, 3, 4])
    /// >>> torch.diff(torch.tensor([1, 3, 6, 10]), n=2)
    /// tensor([1, 1])
    "diff" [fn method out]
        "(Tensor self, int n=1, int dim=-1, Tensor? prepend=None, Tensor? append=None) -> Tensor" => tensh "
if input.ndim == 0:
    raise RuntimeError('diff expects input to be at least one-dimensional')
if n < 0:
    raise RuntimeError(f'order must be non-negative but got {n}')
for end in (prepend, append):
    if end is not None and end.ndim != input.ndim:
        raise RuntimeError('diff expects prepend or append to be the same dimension as input')
    for d in range(input.ndim):
        if end is not None and d != dim % input.ndim and end.size(d) != input.size(d):
            raise RuntimeError(f'diff expects the shape of tensor to prepend or append to match that of input except along the differencing dimension; input.size({d}) = {input.size(d)}, but got tensor.size({d}) = {end.size(d)}')
if n == 0:
    return input.clone()
out = cat([t for t in (prepend, input, append) if t is not None], dim) if prepend is not None or append is not None else input
for _ in range(min(n, out.size(dim))):
    size = max(out.size(dim) - 1, 0)
    start = min(1, out.size(dim))
    high, low = narrow(out, dim, start, size), narrow(out, dim, 0, size)
    out = logical_xor(high, low) if out.dtype == torch.bool else high - low
return out";
    grad "
node CopyBackwards if n == 0 else SubBackward0
composite";
    /// Derivatives of the function whose values are given, by central differences along dimensions; spacing is the distance
    /// of the points, or their coordinates.
    /// >>> torch.gradient(torch.tensor([1., 4., 9., 16.]))
    /// (tensor([3., 4., 6., 7.]),)
    /// >>> torch.gradient(torch.tensor([1., 4., 9., 16.]), spacing=2., edge_order=2)
    /// (tensor([1., 2., 3., 4.]),)
    "gradient" [fn]
        "(Tensor self, *, Any spacing=None, Any dim=None, int edge_order=1) -> Tensor[]" => tensh "
listed = isinstance(spacing, (tuple, list))
dims = tuple(range(input.ndim)) if dim is None else (dim,) if isinstance(dim, int) else dim
if listed and dim is None and len(spacing) != input.ndim:
    raise RuntimeError(f\"torch.gradient expected spacing to be unspecified, a scalar, or a list of length equal to 'self.dim() = {input.ndim}', since dim argument was not given, but got a list of length {len(spacing)}\")
if listed and len(spacing) != len(dims):
    raise RuntimeError(f\"torch.gradient expected spacing to be unspecified, a scalar or it's spacing and dim arguments to have the same length, but got a spacing argument of length {len(spacing)} and a dim argument of length {len(dims)}.\")
if input.dtype == torch.uint8:
    raise RuntimeError('torch.gradient does not support uint8 input.')
if edge_order not in (1, 2):
    raise RuntimeError('torch.gradient only supports edge_order=1 and edge_order=2.')
for d in dims:
    input.size(d)
for d in dims:
    if [e % input.ndim for e in dims].count(d % input.ndim) > 1:
        raise RuntimeError(f'dim {d % input.ndim} appears multiple times in the list of dims')
    if input.size(d) < edge_order + 1:
        raise RuntimeError('torch.gradient expected each dimension size to be at least edge_order+1')
steps = spacing if listed else [1 if spacing is None else spacing] * len(dims)
for step in steps:
    if listed and isinstance(step, torch.Tensor) and step.ndim != 1:
        raise RuntimeError(f'torch.gradient expected each element of spacing to have one dimension, but got an element with {step.ndim} dimensions!')
def derivative(dim, step):
    n = input.size(dim)
    at = lambda i, length=1: narrow(input, dim, i, length)
    if isinstance(step, torch.Tensor) and step.ndim == 1:
        widths = step.diff().view([-1] + [1] * (input.ndim - 1 - dim % input.ndim))
        slopes = (at(1, n - 1) - at(0, n - 1)) / widths
        left, right = widths[:-1], widths[1:]
        before, after = narrow(slopes, dim, 0, n - 2), narrow(slopes, dim, 1, n - 2)
        inner = ((before * right + after * left) / (left + right)).to(slopes.dtype)
        first, last = narrow(slopes, dim, 0, 1), narrow(slopes, dim, n - 2, 1)
        if edge_order == 2:
            first = first + (first - narrow(slopes, dim, 1, 1)) * (widths[:1] / (widths[:1] + widths[1:2])).to(slopes.dtype)
            last = last + (last - narrow(slopes, dim, n - 3, 1)) * (widths[-1:] / (widths[-1:] + widths[-2:-1])).to(slopes.dtype)
        return cat([first, inner, last], dim)
    inner = (at(2, n - 2) - at(0, n - 2)) / step / 2
    if edge_order == 1:
        return cat([(at(1) - at(0)) / step, inner, (at(n - 1) - at(n - 2)) / step], dim)
    first = (at(0) * -1.5 + at(1) * 2 - at(2) * 0.5) / step
    last = (at(n - 1) * 1.5 - at(n - 2) * 2 + at(n - 3) * 0.5) / step
    return cat([first, inner, last], dim)
return tuple([derivative(d, s) for d, s in zip(dims, steps)])";
    grad "
node CatBackward0
composite";
    /// The distances of the points x of y's samples, for the trapezoidal rules.
    "_sample_steps" [fn] "(str name, Tensor y, Tensor x, int dim) -> Tensor" => tensh "
if torch.bool in (y.dtype, x.dtype):
    raise RuntimeError(f'{name}: received a bool input for `x` or `y`, but bool is not supported')
if x.ndim == 1:
    if x.size(0) != y.size(dim):
        raise RuntimeError(f'{name}: There must be one `x` value for each sample point')
    shape = [1] * y.ndim
    shape[dim] = x.size(0)
    x = x.view(shape)
elif x.ndim < y.ndim:
    x = x.view([1] * (y.ndim - x.ndim) + list(x.shape))
return torch.slice_copy(x, dim, 1) - torch.slice_copy(x, dim, 0, -1)";
    grad "
node SubBackward0
composite";
    /// The sums of neighbours along a dimension.
    "_neighbour_sums" [fn] "(Tensor y, int dim) -> Tensor" => tensh "torch.slice_copy(y, dim, 0, -1) + torch.slice_copy(y, dim, 1)";
    grad "
node AddBackward0
composite";
    /// Whether samples and their distance suit the trapezoidal rules.
    "_check_samples" [fn] "(str name, Tensor y, Scalar dx) -> bool" => tensh "
if y.dtype == torch.bool:
    raise RuntimeError(f'{name}: received a bool input for `y`, but bool is not supported')
if isinstance(dx, (bool, complex)):
    raise RuntimeError(f'{name}: Currently, we only support dx as a real number.')
return True";
    grad "nondiff";
    /// Integral by the trapezoidal rule along a dimension, over points x or steps of dx.
    /// >>> torch.trapezoid(torch.tensor([1., 5., 10.]))
    /// tensor(10.5000)
    /// >>> torch.trapezoid(torch.tensor([1., 5., 10.]), torch.tensor([1., 3., 6.]))
    /// tensor(28.5000)
    "trapezoid" aka ["trapz"] [fn]
        "(Tensor y, Tensor x, *, int dim=-1) -> Tensor" => tensh "
dim = 0 if y.ndim == 0 and dim == -1 else dim
if y.size(dim) == 0:
    return y.sum(dim, dtype=y.dtype)
return (torch._neighbour_sums(y, dim) * torch._sample_steps('trapezoid', y, x, dim)).sum(dim) / 2.",
        "(Tensor y, *, Scalar dx=1, int dim=-1) -> Tensor" => tensh "
if y.size(dim) == 0:
    return y.sum(dim, dtype=y.dtype)
torch._check_samples('trapezoid', y, dx)
return (y.sum(dim) - (y.select(dim, 0) + y.select(dim, -1)) * 0.5) * dx";
    grad "
sig 0
node none if y.size(dim) == 0 else DivBackward1
y:
    if y.size(dim) == 0:
        return zeros_like(y)
    return _to_both(grad.unsqueeze(dim) / 2 * torch._sample_steps('trapezoid', y, x, dim).conj(), dim, 1)
x:
    if y.size(dim) == 0:
        return zeros_like(x)
    out = _to_both(grad.unsqueeze(dim) / 2 * torch._neighbour_sums(y, dim).conj(), dim, -1)
    return out.movedim(dim, -1).sum_to_size(x.shape) if x.ndim == 1 else out

sig 1
node none if y.size(dim) == 0 else MulBackward1
y:
    n = y.size(dim)
    if n == 0:
        return zeros_like(y)
    sizes = list(y.shape)
    sizes[dim] = n - 1
    return _to_both((grad * dx / 2).unsqueeze(dim).expand(sizes), dim, 1)";
    /// Running integral by the trapezoidal rule along a dimension, over points x or steps of dx.
    /// >>> torch.cumulative_trapezoid(torch.tensor([1., 5., 10.]))
    /// tensor([ 3.0000, 10.5000])
    "cumulative_trapezoid" [fn]
        "(Tensor y, Tensor x, *, int dim=-1) -> Tensor" => tensh "
dim = 0 if y.ndim == 0 and dim == -1 else dim
steps = torch._sample_steps('cumulative_trapezoid', y, x, dim)
return (torch._neighbour_sums(y, dim) * steps).cumsum(dim) / 2.",
        "(Tensor y, *, Scalar dx=1, int dim=-1) -> Tensor" => tensh "
torch._check_samples('cumulative_trapezoid', y, dx)
return (dx / 2. * torch._neighbour_sums(y, dim)).cumsum(dim)";
    grad "
sig 0
node DivBackward1
y: _to_both(_tail_sums(grad, dim) / 2 * torch._sample_steps('cumulative_trapezoid', y, x, dim).conj(), dim, 1) if y.size(dim) > 0 else zeros_like(y)
x:
    if y.size(dim) == 0:
        return zeros_like(x)
    out = _to_both(_tail_sums(grad, dim) / 2 * torch._neighbour_sums(y, dim).conj(), dim, -1)
    return out.movedim(dim, -1).sum_to_size(x.shape) if x.ndim == 1 else out

sig 1
node CumsumBackward0
composite";
}
