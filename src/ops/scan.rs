//! Scans: running sums, products and extremes; differences and integrals.

use crate::cpu::scan;
use crate::rows;

rows! {
    /// Running sum along a dimension.
    /// >>> torch.cumsum(torch.tensor([1, 2, 3]), 0)
    /// tensor([1, 3, 6])
    "cumsum" [fn method inplace out]
        "(Tensor self, int dim, *, ScalarType? dtype=None) -> Tensor" => kernel |a| Ok(scan::cumsum(a.view(0)?, a.int(1)?, a.dtype(2))?.into());
    /// Running product along a dimension.
    /// >>> torch.cumprod(torch.tensor([1, 2, 3]), 0)
    /// tensor([1, 2, 6])
    "cumprod" [fn method inplace out]
        "(Tensor self, int dim, *, ScalarType? dtype=None) -> Tensor" => kernel |a| Ok(scan::cumprod(a.view(0)?, a.int(1)?, a.dtype(2))?.into());
    /// Running maximum along a dimension, and where it was last met.
    /// >>> torch.cummax(torch.tensor([1, 3, 2, 3]), 0)
    /// torch.return_types.cummax(
    /// values=tensor([1, 3, 3, 3]),
    /// indices=tensor([0, 1, 1, 3]))
    "cummax" [fn method out]
        "(Tensor self, int dim) -> (Tensor values, Tensor indices)" => kernel |a| Ok(scan::extremes(a.view(0)?, a.int(1)?, true)?.into());
    /// Running minimum along a dimension, and where it was last met.
    /// >>> torch.cummin(torch.tensor([3, 1, 2, 1]), 0)
    /// torch.return_types.cummin(
    /// values=tensor([3, 1, 1, 1]),
    /// indices=tensor([0, 1, 1, 3]))
    "cummin" [fn method out]
        "(Tensor self, int dim) -> (Tensor values, Tensor indices)" => kernel |a| Ok(scan::extremes(a.view(0)?, a.int(1)?, false)?.into());
    /// Logarithm of the running sum of exponentials along a dimension.
    /// >>> torch.logcumsumexp(torch.tensor([0., 0., 0.]), 0)
    /// tensor([0.0000, 0.6931, 1.0986])
    "logcumsumexp" [fn method out]
        "(Tensor self, int dim) -> Tensor" => kernel |a| Ok(scan::logcumsumexp(a.view(0)?, a.int(1)?)?.into());
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
out = cat([t for t in (prepend, input, append) if t is not None], dim) if prepend is not None or append is not None else input
if n == 0:
    return out.clone()
for _ in range(min(n, out.size(dim))):
    size = max(out.size(dim) - 1, 0)
    start = min(1, out.size(dim))
    high, low = narrow(out, dim, start, size), narrow(out, dim, 0, size)
    out = logical_xor(high, low) if out.dtype == torch.bool else high - low
return out";
    /// Integral by the trapezoidal rule along a dimension, over points x or steps of dx.
    /// >>> torch.trapezoid(torch.tensor([1., 5., 10.]))
    /// tensor(10.5000)
    /// >>> torch.trapezoid(torch.tensor([1., 5., 10.]), torch.tensor([1., 3., 6.]))
    /// tensor(28.5000)
    "trapezoid" aka ["trapz"] [fn]
        "(Tensor y, Tensor x, *, int dim=-1) -> Tensor" => tensh "
for t, name in ((y, 'y'), (x, 'x')):
    if t.dtype == torch.bool:
        raise RuntimeError(f'trapezoid: received a bool input for `{name}`, but bool is not supported')
if y.size(dim) == 0:
    return zeros_like(y).sum(dim)
shape = [1] * y.ndim
shape[dim] = -1
x = x.view(shape) if x.ndim == 1 else x
steps = narrow(x, dim, 1, x.size(dim) - 1) - narrow(x, dim, 0, x.size(dim) - 1)
pairs = narrow(y, dim, 0, y.size(dim) - 1) + narrow(y, dim, 1, y.size(dim) - 1)
return (steps * pairs).sum(dim) / 2.",
        "(Tensor y, *, Scalar dx=1, int dim=-1) -> Tensor" => tensh "
if y.dtype == torch.bool:
    raise RuntimeError('trapezoid: received a bool input for `y`, but bool is not supported')
if y.size(dim) == 0:
    return zeros_like(y).sum(dim)
return (y.sum(dim) - (y.select(dim, 0) + y.select(dim, -1)) * 0.5) * dx";
    /// Running integral by the trapezoidal rule along a dimension, over points x or steps of dx.
    /// >>> torch.cumulative_trapezoid(torch.tensor([1., 5., 10.]))
    /// tensor([ 3.0000, 10.5000])
    "cumulative_trapezoid" [fn]
        "(Tensor y, Tensor x, *, int dim=-1) -> Tensor" => tensh "
for t, name in ((y, 'y'), (x, 'x')):
    if t.dtype == torch.bool:
        raise RuntimeError(f'cumulative_trapezoid: received a bool input for `{name}`, but bool is not supported')
shape = [1] * y.ndim
shape[dim] = -1
x = x.view(shape) if x.ndim == 1 else x
steps = narrow(x, dim, 1, x.size(dim) - 1) - narrow(x, dim, 0, x.size(dim) - 1)
pairs = narrow(y, dim, 1, y.size(dim) - 1) + narrow(y, dim, 0, y.size(dim) - 1)
return (steps * pairs).cumsum(dim) / 2.",
        "(Tensor y, *, Scalar dx=1, int dim=-1) -> Tensor" => tensh "
if y.dtype == torch.bool:
    raise RuntimeError('cumulative_trapezoid: received a bool input for `y`, but bool is not supported')
n = max(y.size(dim) - 1, 0)
return (dx / 2. * (narrow(y, dim, min(1, y.size(dim)), n) + narrow(y, dim, 0, n))).cumsum(dim)";
}
