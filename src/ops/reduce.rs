//! Reductions: sums, extremes, statistics, norms.

use super::args::{Args, Out, one, some};
use super::table::Elements;
use crate::base::error::Result;
use crate::cpu::reduce::extremes::{End, aminmax, arg, extreme, extreme_all, extreme_at};
use crate::cpu::reduce::moments::{self, Moments};
use crate::cpu::reduce::{logical, norm, product, softmax, sum};
use crate::cuda::reduce::{self as cuda, Logic, Over, Wanted};
use crate::cuda::softmax::{self as cuda_softmax, Kind};
use crate::rows;
use crate::store::View;
use crate::store::cuda::Gpu;

/// The spread, or spread and mean; `unbiased` and `correction` say where these arguments are.
fn spread(
    a: Args<'_>,
    name: &str,
    dims: Option<usize>,
    unbiased: Option<usize>,
    correction: Option<usize>,
    keepdim: usize,
) -> Result<Out<View>> {
    let flag = unbiased.map(|i| f64::from(u8::from(a.bool(i))));
    let m = Moments {
        dims: dims.and_then(|i| a.opt_ints(i)),
        correction: flag.or_else(|| correction.and_then(|i| a.opt_float(i))).unwrap_or(1.0),
        keepdim: a.bool(keepdim),
        root: name.starts_with("std"),
    };
    let x = a.view(0)?;
    Ok(if name.ends_with("_mean") { moments::var_mean(x, &m, name)?.into() } else { moments::var(x, &m)?.into() })
}

/// `(self, bool unbiased)`.
fn spread_all(a: Args<'_>, name: &str) -> Result<Out<View>> {
    spread(a, name, None, Some(1), None, usize::MAX)
}

/// `(self, dim, bool unbiased, bool keepdim)`.
fn spread_dims(a: Args<'_>, name: &str) -> Result<Out<View>> {
    spread(a, name, Some(1), Some(2), None, 3)
}

/// `(self, dim, *, correction, bool keepdim)`.
fn spread_corrected(a: Args<'_>, name: &str) -> Result<Out<View>> {
    spread(a, name, Some(1), None, Some(2), 3)
}

/// `(self, p, dim, keepdim, dtype)`.
fn p_norm(a: Args<'_>) -> Result<Out<View>> {
    Ok(norm::vector_norm(a.view(0)?, a.opt_float(1).unwrap_or(2.0), a.opt_ints(2), a.bool(3), a.dtype(4))?.into())
}

/// One dimension as a list of dimensions.
fn single(a: Args<'_>, i: usize) -> Option<[i64; 1]> {
    a.opt_int(i).map(|d| [d])
}

/// All elements to one.
const ALL: Over<'static> = Over { dims: None, keepdim: false };

/// `(..., dim at i, keepdim behind it)`.
fn over(a: Args<'_>, i: usize) -> Over<'_> {
    over_from(a, i, i + 1)
}

fn over_from(a: Args<'_>, dims: usize, keepdim: usize) -> Over<'_> {
    Over { dims: a.opt_ints(dims), keepdim: a.bool(keepdim) }
}

fn spread_cuda(
    g: &'static Gpu,
    x: Elements<'_>,
    over: Over<'_>,
    correction: f64,
    name: &str,
) -> Result<Option<Out<View>>> {
    some(cuda::moments(g, &x()?, over, correction, name.starts_with("std"), name.ends_with("_mean"))?)
}

fn spread_all_cuda(g: &'static Gpu, x: Elements<'_>, a: Args<'_>, name: &str) -> Result<Option<Out<View>>> {
    spread_cuda(g, x, ALL, f64::from(u8::from(a.bool(1))), name)
}

fn spread_dims_cuda(g: &'static Gpu, x: Elements<'_>, a: Args<'_>, name: &str) -> Result<Option<Out<View>>> {
    spread_cuda(g, x, over_from(a, 1, 3), f64::from(u8::from(a.bool(2))), name)
}

fn spread_corrected_cuda(g: &'static Gpu, x: Elements<'_>, a: Args<'_>, name: &str) -> Result<Option<Out<View>>> {
    spread_cuda(g, x, over_from(a, 1, 3), a.opt_float(2).unwrap_or(1.0), name)
}

rows! {
    /// Sum of all elements, or along dimensions.
    /// >>> torch.sum(torch.tensor([[1, 2], [3, 4]]), dim=0)
    /// tensor([4, 6])
    "sum" [fn method out]
        "(Tensor self, *, ScalarType? dtype=None) -> Tensor" => reduce |x, a| Ok(sum::sum_of(x, None, false, a.dtype(1))?.map(Into::into)), fused |g, x, a| one(cuda::sum(g, &x()?, ALL, a.dtype(1), false)?),
        "(Tensor self, int[1]? dim, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor" => reduce |x, a| Ok(sum::sum_of(x, a.opt_ints(1), a.bool(2), a.dtype(3))?.map(Into::into)), fused |g, x, a| one(cuda::sum(g, &x()?, over(a, 1), a.dtype(3), false)?);
    grad "
sig 0
node SumBackward0
input: grad.expand(input.shape)

sig 1
node SumBackward1
input: _widen(grad, input, dim, keepdim).expand(input.shape)";
    /// Sum over the dimensions that broadcasting from the sizes given would stretch.
    /// >>> torch.ones(2, 3).sum_to_size(1, 3)
    /// tensor([[2., 2., 2.]])
    "sum_to_size" [method] "(Tensor self, int[] size) -> Tensor" => tensh "
more = input.ndim - len(size)
if more < 0 or any([n != 1 and n != have for n, have in zip(size, input.shape[max(more, 0):])]):
    raise RuntimeError(f'size {{{list(size)}}} is not expandable to size {{{list(input.shape)}}}.')
dims = [d for d in range(input.ndim) if d < more or size[d - more] == 1 and input.size(d) != 1]
if len(size) == 0:
    return input.sum()
return input.sum(dims, keepdim=True).reshape(size) if dims else input";
    grad "
node SumBackward0 if len(size) == 0 else same if input.shape == result.shape else ViewBackward0 if len(size) < input.ndim else SumBackward1
input: grad.expand(input.shape)";
    /// Sum in which nan counts as zero.
    /// >>> torch.nansum(torch.tensor([1., float('nan'), 2.]))
    /// tensor(3.)
    "nansum" [fn method out]
        "(Tensor self, int[1]? dim=None, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor" => kernel |a| Ok(sum::nansum(a.view(0)?, a.opt_ints(1), a.bool(2), a.dtype(3))?.into()), fused |g, x, a| one(cuda::numbers(g, &x()?, over(a, 1), a.dtype(3), false)?);
    grad "
node NansumBackward0
input: _widen(grad, input, dim, keepdim).expand(input.shape) * ~isnan(input)";
    /// Mean of all elements, or along dimensions.
    /// >>> torch.mean(torch.tensor([[1., 2.], [3., 5.]]), dim=1)
    /// tensor([1.5000, 4.0000])
    "mean" [fn method out]
        "(Tensor self, *, ScalarType? dtype=None) -> Tensor" => reduce |x, a| Ok(sum::mean_of(x, None, false, a.dtype(1))?.map(Into::into)), fused |g, x, a| one(cuda::sum(g, &x()?, ALL, a.dtype(1), true)?),
        "(Tensor self, int[1]? dim, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor" => reduce |x, a| Ok(sum::mean_of(x, a.opt_ints(1), a.bool(2), a.dtype(3))?.map(Into::into)), fused |g, x, a| one(cuda::sum(g, &x()?, over(a, 1), a.dtype(3), true)?);
    grad "
sig 0
node MeanBackward0
again input DivBackward1
input: grad.expand(input.shape) / input.numel()

sig 1
node MeanBackward1
again input DivBackward1
input:
    count = Size([input.size(d) for d in _dims(dim, input)]).numel() if input.ndim > 0 else 1
    return _widen(grad, input, dim, keepdim).expand(input.shape) / count";
    /// Mean of what is not nan.
    /// >>> torch.nanmean(torch.tensor([1., float('nan'), 2.]))
    /// tensor(1.5000)
    "nanmean" [fn method out]
        "(Tensor self, int[1]? dim=None, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor" => kernel |a| Ok(sum::nanmean(a.view(0)?, a.opt_ints(1), a.bool(2), a.dtype(3))?.into()), fused |g, x, a| one(cuda::numbers(g, &x()?, over(a, 1), a.dtype(3), true)?);
    grad "
node DivBackward0
input:
    there = ~isnan(input)
    return _widen(grad, input, dim, keepdim) / there.sum(_dims(dim, input), True) * there";
    /// Product of all elements, or along a dimension.
    /// >>> torch.prod(torch.tensor([[1, 2], [3, 4]]), 1)
    /// tensor([ 2, 12])
    "prod" [fn method out]
        "(Tensor self, *, ScalarType? dtype=None) -> Tensor" => kernel |a| Ok(product::prod(a.view(0)?, None, false, a.dtype(1))?.into()), fused |g, x, a| one(cuda::product(g, &x()?, ALL, a.dtype(1))?),
        "(Tensor self, int dim, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor" => kernel |a| Ok(product::prod(a.view(0)?, Some(a.int(1)?), a.bool(2), a.dtype(3))?.into()), fused |g, x, a| one(cuda::product(g, &x()?, Over { dims: Some(&[a.int(1)?]), keepdim: a.bool(2) }, a.dtype(3))?);
    grad "
sig 0
node ProdBackward0
input:
    x = input if dtype is None else input.to(dtype)
    zeros_there = (x == 0).sum()
    if zeros_there > 1 and not torch.is_grad_enabled():
        return zeros_like(x)
    if zeros_there > 0:
        return grad * _other_products(x.reshape(-1), 0).reshape(x.shape).conj()
    return grad * (result / x).conj()

sig 1
node ProdBackward1
input:
    if input.ndim == 0:
        return grad
    x = input if dtype is None else input.to(dtype)
    grad, result = _widen(grad, x, (dim,), keepdim), _widen(result, x, (dim,), keepdim)
    if (x == 0).any():
        return grad * _other_products(x, dim).conj()
    return grad * (result / x).conj()";
    /// Variance; correction is subtracted from the number of elements.
    /// >>> torch.var(torch.tensor([1., 2., 4.]))
    /// tensor(2.3333)
    /// >>> torch.var(torch.tensor([1., 2., 4.]), correction=0)
    /// tensor(1.5556)
    "var" [fn method out]
        "(Tensor self, bool unbiased=True) -> Tensor" => kernel |a| spread_all(a, "var"), fused |g, x, a| spread_all_cuda(g, x, a, "var"),
        "(Tensor self, int[1]? dim, bool unbiased=True, bool keepdim=False) -> Tensor" => kernel |a| spread_dims(a, "var"), fused |g, x, a| spread_dims_cuda(g, x, a, "var"),
        "(Tensor self, int[1]? dim=None, *, Scalar? correction=None, bool keepdim=False) -> Tensor" => kernel |a| spread_corrected(a, "var"), fused |g, x, a| spread_corrected_cuda(g, x, a, "var");
    grad "
sig 0
node VarBackward0
input: _centred(grad, input, None, 1 if unbiased else 0, False)

sig 1
node VarBackward0
input: _centred(grad, input, dim, 1 if unbiased else 0, keepdim)

sig 2
node VarBackward0
input: _centred(grad, input, dim, correction, keepdim)";
    /// Standard deviation, the root of the variance.
    /// >>> torch.std(torch.tensor([[1., 2., 4.], [0., 0., 3.]]), dim=1)
    /// tensor([1.5275, 1.7321])
    "std" [fn method out]
        "(Tensor self, bool unbiased=True) -> Tensor" => kernel |a| spread_all(a, "std"), fused |g, x, a| spread_all_cuda(g, x, a, "std"),
        "(Tensor self, int[1]? dim, bool unbiased=True, bool keepdim=False) -> Tensor" => kernel |a| spread_dims(a, "std"), fused |g, x, a| spread_dims_cuda(g, x, a, "std"),
        "(Tensor self, int[1]? dim=None, *, Scalar? correction=None, bool keepdim=False) -> Tensor" => kernel |a| spread_corrected(a, "std"), fused |g, x, a| spread_corrected_cuda(g, x, a, "std");
    grad "
sig 0
node StdBackward0
input: _centred((grad / (result * 2)).masked_fill(result == 0, 0), input, None, 1 if unbiased else 0, False)

sig 1
node StdBackward0
input: _centred((grad / (result * 2)).masked_fill(result == 0, 0), input, dim, 1 if unbiased else 0, keepdim)

sig 2
node StdBackward0
input: _centred((grad / (result * 2)).masked_fill(result == 0, 0), input, dim, correction, keepdim)";
    /// Variance and mean.
    /// >>> torch.var_mean(torch.tensor([1., 2., 4.]))
    /// (tensor(2.3333), tensor(2.3333))
    "var_mean" [fn]
        "(Tensor self, bool unbiased=True) -> (Tensor, Tensor)" => kernel |a| spread_all(a, "var_mean"), fused |g, x, a| spread_all_cuda(g, x, a, "var_mean"),
        "(Tensor self, int[1]? dim, bool unbiased=True, bool keepdim=False) -> (Tensor, Tensor)" => kernel |a| spread_dims(a, "var_mean"), fused |g, x, a| spread_dims_cuda(g, x, a, "var_mean"),
        "(Tensor self, int[1]? dim=None, *, Scalar? correction=None, bool keepdim=False) -> (Tensor, Tensor)" => kernel |a| spread_corrected(a, "var_mean"), fused |g, x, a| spread_corrected_cuda(g, x, a, "var_mean");
    grad "
sig 0
node VarMeanBackward0
input: _spread_and_mean(grads, results, input, None, 1 if unbiased else 0, False, False)

sig 1
node VarMeanBackward0
input: _spread_and_mean(grads, results, input, dim, 1 if unbiased else 0, keepdim, False)

sig 2
node VarMeanBackward0
input: _spread_and_mean(grads, results, input, dim, correction, keepdim, False)";
    /// Standard deviation and mean.
    /// >>> torch.std_mean(torch.tensor([1., 2., 4.]))
    /// (tensor(1.5275), tensor(2.3333))
    "std_mean" [fn]
        "(Tensor self, bool unbiased=True) -> (Tensor, Tensor)" => kernel |a| spread_all(a, "std_mean"), fused |g, x, a| spread_all_cuda(g, x, a, "std_mean"),
        "(Tensor self, int[1]? dim, bool unbiased=True, bool keepdim=False) -> (Tensor, Tensor)" => kernel |a| spread_dims(a, "std_mean"), fused |g, x, a| spread_dims_cuda(g, x, a, "std_mean"),
        "(Tensor self, int[1]? dim=None, *, Scalar? correction=None, bool keepdim=False) -> (Tensor, Tensor)" => kernel |a| spread_corrected(a, "std_mean"), fused |g, x, a| spread_corrected_cuda(g, x, a, "std_mean");
    grad "
sig 0
node StdMeanBackward0
input: _spread_and_mean(grads, results, input, None, 1 if unbiased else 0, False, True)

sig 1
node StdMeanBackward0
input: _spread_and_mean(grads, results, input, dim, 1 if unbiased else 0, keepdim, True)

sig 2
node StdMeanBackward0
input: _spread_and_mean(grads, results, input, dim, correction, keepdim, True)";
    /// Smallest elements along dimensions.
    /// >>> torch.amin(torch.tensor([[1, 5], [4, 2]]), 1)
    /// tensor([1, 2])
    "amin" [fn method out]
        "(Tensor self, int[1] dim=[], bool keepdim=False) -> Tensor" => kernel |a| Ok(extreme(a.view(0)?, a.opt_ints(1), a.bool(2), End::Min)?.into()), fused |g, x, a| some(cuda::extreme(g, &x()?, over(a, 1), false, Wanted::Value)?);
    grad "
node AminBackward0
input:
    hit = input == _widen(result, input, dim, keepdim)
    return hit * (_widen(grad, input, dim, keepdim) / hit.sum(_dims(dim, input), True))";
    /// Largest elements along dimensions.
    /// >>> torch.amax(torch.tensor([[1, 5], [4, 2]]), (0, 1))
    /// tensor(5)
    "amax" [fn method out]
        "(Tensor self, int[1] dim=[], bool keepdim=False) -> Tensor" => kernel |a| Ok(extreme(a.view(0)?, a.opt_ints(1), a.bool(2), End::Max)?.into()), fused |g, x, a| some(cuda::extreme(g, &x()?, over(a, 1), true, Wanted::Value)?);
    grad "
node AmaxBackward0
input:
    hit = input == _widen(result, input, dim, keepdim)
    return hit * (_widen(grad, input, dim, keepdim) / hit.sum(_dims(dim, input), True))";
    /// Smallest and largest element, of all or along a dimension.
    /// >>> torch.aminmax(torch.tensor([3, 1, 2]))
    /// torch.return_types.aminmax(
    /// min=tensor(1),
    /// max=tensor(3))
    "aminmax" [fn method out]
        "(Tensor self, *, int? dim=None, bool keepdim=False) -> (Tensor min, Tensor max)" => kernel |a| Ok(aminmax(a.view(0)?, a.opt_int(1), a.bool(2))?.into()), cuda |g, x, a| {
            let dim = single(a, 1);
            let over = Over { dims: dim.as_ref().map(|d| &d[..]), keepdim: a.bool(2) };
            let end = |largest| Ok::<_, crate::base::Error>(cuda::extreme(g, &x()?, over, largest, Wanted::Value)?.and_then(|mut v| v.pop()));
            Ok(end(false)?.zip(end(true)?).map(|(min, max)| (min, max).into()))
        };
    grad "
node NotImplemented
input: not_implemented";
    /// Smallest element; along a dimension with its position; or the smaller of two, element by element.
    /// >>> torch.min(torch.tensor([[3, 1], [2, 5]]), 0)
    /// torch.return_types.min(
    /// values=tensor([2, 1]),
    /// indices=tensor([1, 0]))
    "min" [fn method out]
        "(Tensor self) -> Tensor" => kernel |a| Ok(extreme_all(a.view(0)?, End::Min)?.into()), fused |g, x, _| some(cuda::extreme(g, &x()?, ALL, false, Wanted::Value)?),
        "(Tensor self, Tensor other) -> Tensor" => tensh "minimum(input, other)",
        "(Tensor self, int dim, bool keepdim=False) -> (Tensor values, Tensor indices)" => kernel |a| Ok(extreme_at(a.view(0)?, a.int(1)?, a.bool(2), End::Min)?.into()), fused |g, x, a| some(cuda::extreme(g, &x()?, Over { dims: Some(&[a.int(1)?]), keepdim: a.bool(2) }, false, Wanted::Both)?);
    grad "
sig 0
node MinBackward1
again input MaskedFillBackward1
input: _share(grad, input, result, None)

sig 1
node MinimumBackward0
composite

sig 2
node MinBackward0
input: _put(grads[0], results[1], input, dim, keepdim)";
    /// Largest element; along a dimension with its position; or the larger of two, element by element.
    /// >>> torch.max(torch.tensor([3, 1, 2]))
    /// tensor(3)
    /// >>> torch.max(torch.tensor([[3, 1], [2, 5]]), 1)
    /// torch.return_types.max(
    /// values=tensor([3, 5]),
    /// indices=tensor([0, 1]))
    "max" [fn method out]
        "(Tensor self) -> Tensor" => kernel |a| Ok(extreme_all(a.view(0)?, End::Max)?.into()), fused |g, x, _| some(cuda::extreme(g, &x()?, ALL, true, Wanted::Value)?),
        "(Tensor self, Tensor other) -> Tensor" => tensh "maximum(input, other)",
        "(Tensor self, int dim, bool keepdim=False) -> (Tensor values, Tensor indices)" => kernel |a| Ok(extreme_at(a.view(0)?, a.int(1)?, a.bool(2), End::Max)?.into()), fused |g, x, a| some(cuda::extreme(g, &x()?, Over { dims: Some(&[a.int(1)?]), keepdim: a.bool(2) }, true, Wanted::Both)?);
    grad "
sig 0
node MaxBackward1
again input MaskedFillBackward1
input: _share(grad, input, result, None)

sig 1
node MaximumBackward0
composite

sig 2
node MaxBackward0
input: _put(grads[0], results[1], input, dim, keepdim)";
    /// Position of the smallest element, in the flattened tensor or along a dimension.
    /// >>> torch.argmin(torch.tensor([3, 1, 2]))
    /// tensor(1)
    "argmin" [fn method out]
        "(Tensor self, int? dim=None, bool keepdim=False) -> Tensor" => kernel |a| Ok(arg(a.view(0)?, a.opt_int(1), a.bool(2), End::Min)?.into()), fused |g, x, a| some(cuda::extreme(g, &x()?, Over { dims: single(a, 1).as_ref().map(|d| &d[..]), keepdim: a.bool(2) }, false, Wanted::Place)?);
    /// Position of the largest element, in the flattened tensor or along a dimension.
    /// >>> torch.argmax(torch.tensor([[3, 1], [2, 5]]), dim=1)
    /// tensor([0, 1])
    "argmax" [fn method out]
        "(Tensor self, int? dim=None, bool keepdim=False) -> Tensor" => kernel |a| Ok(arg(a.view(0)?, a.opt_int(1), a.bool(2), End::Max)?.into()), fused |g, x, a| some(cuda::extreme(g, &x()?, Over { dims: single(a, 1).as_ref().map(|d| &d[..]), keepdim: a.bool(2) }, true, Wanted::Place)?);
    /// Whether any element is true.
    /// >>> torch.any(torch.tensor([[0, 0], [0, 1]]), dim=1)
    /// tensor([False,  True])
    "any" [fn method out]
        "(Tensor self) -> Tensor" => kernel |a| Ok(logical::any(a.view(0)?, None, false)?.into()), fused |g, x, _| one(cuda::logical(g, &x()?, ALL, Logic::Any)?),
        "(Tensor self, int dim, bool keepdim=False) -> Tensor" => kernel |a| Ok(logical::any(a.view(0)?, Some(&[a.int(1)?]), a.bool(2))?.into()), fused |g, x, a| one(cuda::logical(g, &x()?, Over { dims: Some(&[a.int(1)?]), keepdim: a.bool(2) }, Logic::Any)?),
        "(Tensor self, int[]? dim=None, bool keepdim=False) -> Tensor" => kernel |a| Ok(logical::any(a.view(0)?, a.opt_ints(1), a.bool(2))?.into()), fused |g, x, a| one(cuda::logical(g, &x()?, over(a, 1), Logic::Any)?);
    /// Sum, mean, product or an extreme of each segment along a dimension.
    /// >>> torch.segment_reduce(torch.tensor([1., 2., 3.]), 'sum', lengths=torch.tensor([2, 1]))
    /// tensor([3., 3.])
    "segment_reduce" [fn] "(Tensor data, str reduce, *, Tensor? lengths=None, Tensor? indices=None, Tensor? offsets=None, int axis=0, bool unsafe=False, Scalar? initial=None) -> Tensor" => tensh "
if data.ndim > 0:
    data.size(axis)
if indices is not None:
    raise RuntimeError('segment_reduce(): indices based reduction is not supported yet.')
if lengths is None and offsets is None:
    raise RuntimeError('segment_reduce(): Either lengths or offsets must be defined.')
name = {'amax': 'max', 'amin': 'min'}.get(reduce, reduce)
if name not in ('sum', 'prod', 'mean', 'max', 'min'):
    raise RuntimeError(f'reduce argument must be either sum, prod, mean, amax or amin, got {reduce}')
axis = axis % max(data.ndim, 1)
counts = diff(offsets, dim=-1) if lengths is None else lengths
if axis != counts.ndim - 1:
    raise RuntimeError(f'segment_reduce(): Expected axis to be the last dimension of {\"offsets\" if lengths is None else \"lengths\"} but got {axis}.')
if lengths is not None and not unsafe:
    if lengths.numel() and lengths.min() < 0:
        raise RuntimeError('lengths contains negative value!')
    if (lengths.sum(-1) != data.size(axis)).any():
        raise RuntimeError('segment_reduce(): Expected all rows of lengths along axis to sum to data.size(lengths.dim()-1) when !unsafe.')
if counts.dtype not in (int32, int64):
    raise NotImplementedError('\"_segment_reduce_lengths_cpu_kernel1\" not implemented for ' + repr(_aten(counts)))
x = _floating(data, '_segment_reduce_cpu')
lead, tail = list(x.shape[:axis]), list(x.shape[axis + 1:])
parts = x.reshape([Size(lead).numel(), x.size(axis), Size(tail).numel()])
first = {'sum': 0., 'mean': 0., 'prod': 1., 'max': -inf, 'min': inf}[name] if initial is None else initial
out = []
for part, own in zip(parts, counts.reshape(-1, counts.size(-1)).tolist()):
    for piece in part[:sum(own)].split(own):
        n = piece.size(0)
        piece = cat([piece.new_full((1, piece.size(1)), first), piece])
        value = {'sum': piece.sum, 'mean': piece.sum, 'prod': piece.prod, 'max': piece.amax, 'min': piece.amin}[name](0)
        if name == 'mean' and (n > 0 or initial is None):
            value = value / n if n > 0 else value + nan
        out.append(value)
return stack(out).reshape(lead + [counts.size(-1)] + tail) if out else x.new_empty(lead + [counts.size(-1)] + tail)";
    grad "
node SegmentReduceBackward0
data:
    axis = axis % max(data.ndim, 1)
    counts = diff(offsets, dim=-1) if lengths is None else lengths
    ends = counts.cumsum(-1)
    lead, n, tail = data.shape[:axis], data.size(axis), data.shape[axis + 1:]
    where_to = searchsorted(ends, arange(n, dtype=ends.dtype).expand(lead + (n,)).contiguous(), right=True)
    inside = (where_to < counts.size(-1)).reshape(lead + (n,) + (1,) * len(tail))
    at = where_to.clamp(max=counts.size(-1) - 1).reshape(lead + (n,) + (1,) * len(tail)).expand(data.shape)
    own = lambda t: t.gather(axis, at)
    over = lambda t: segment_reduce(t, 'sum', lengths=lengths, offsets=offsets, axis=axis, unsafe=True, initial=0)
    g = own(grad)
    if reduce == 'mean':
        g = g / own(counts.reshape(counts.shape + (1,) * len(tail)).expand(grad.shape))
    elif reduce == 'prod':
        zero = data == 0
        zeros_there = own(over(zero.to(data.dtype)))
        filled = segment_reduce(data.masked_fill(zero, 1), 'prod', lengths=lengths, offsets=offsets, axis=axis, unsafe=True, initial=initial)
        g = g * where(zeros_there == 0, own(filled) / data.masked_fill(zero, 1), where((zeros_there == 1) & zero, own(filled), 0))
    elif reduce != 'sum':
        hit = data == own(result)
        g = where(hit, where(g > 0, g / own(over(hit.to(data.dtype))), g), 0)
    return where(inside, g, 0)";
    /// Whether all elements are true.
    /// >>> torch.all(torch.tensor([1, 2, 0]))
    /// tensor(False)
    "all" [fn method out]
        "(Tensor self) -> Tensor" => kernel |a| Ok(logical::all(a.view(0)?, None, false)?.into()), fused |g, x, _| one(cuda::logical(g, &x()?, ALL, Logic::All)?),
        "(Tensor self, int dim, bool keepdim=False) -> Tensor" => kernel |a| Ok(logical::all(a.view(0)?, Some(&[a.int(1)?]), a.bool(2))?.into()), fused |g, x, a| one(cuda::logical(g, &x()?, Over { dims: Some(&[a.int(1)?]), keepdim: a.bool(2) }, Logic::All)?),
        "(Tensor self, int[]? dim=None, bool keepdim=False) -> Tensor" => kernel |a| Ok(logical::all(a.view(0)?, a.opt_ints(1), a.bool(2))?.into()), fused |g, x, a| one(cuda::logical(g, &x()?, over(a, 1), Logic::All)?);
    /// How many elements are not zero.
    /// >>> torch.count_nonzero(torch.tensor([0, 3, 0, 1]))
    /// tensor(2)
    "count_nonzero" [fn method]
        "(Tensor self, int? dim=None) -> Tensor" => kernel |a| Ok(logical::count_nonzero(a.view(0)?, single(a, 1).as_ref().map(|d| &d[..]))?.into()), fused |g, x, a| one(cuda::logical(g, &x()?, Over { dims: single(a, 1).as_ref().map(|d| &d[..]), keepdim: false }, Logic::Count)?),
        "(Tensor self, int[] dim) -> Tensor" => kernel |a| Ok(logical::count_nonzero(a.view(0)?, a.opt_ints(1))?.into()), fused |g, x, a| one(cuda::logical(g, &x()?, Over { dims: a.opt_ints(1), keepdim: false }, Logic::Count)?);
    /// Vector norm of order ord: the root of the sum of powers of absolute values.
    /// >>> torch.linalg.vector_norm(torch.tensor([3., 4.]))
    /// tensor(5.)
    /// >>> torch.linalg.vector_norm(torch.tensor([3., -4.]), float('inf'))
    /// tensor(4.)
    "linalg.vector_norm" [fn out]
        "(Tensor x, Scalar ord=2, int[1]? dim=None, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor" => kernel p_norm, fused |g, x, a| one(cuda::norm(g, &x()?, over_from(a, 2, 3), a.opt_float(1).unwrap_or(2.0), a.dtype(4))?);
    grad "
node LinalgVectorNormBackward0
x: _norm_slope(grad, x if dtype is None else x.to(dtype), ord, result, dim, keepdim)";
    /// Norm of order p of all elements or along dimensions; 'fro' is 2, 'nuc' the sum of singular values.
    /// >>> torch.norm(torch.tensor([[3., 4.], [6., 8.]]), dim=1)
    /// tensor([ 5., 10.])
    "norm" [fn method out]
        "(Tensor self, Scalar? p=2, int[1]? dim=None, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor" => kernel p_norm, fused |g, x, a| one(cuda::norm(g, &x()?, over_from(a, 2, 3), a.opt_float(1).unwrap_or(2.0), a.dtype(4))?),
        "(Tensor self, str p, int[1]? dim=None, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor" => tensh "
if p == 'fro' and (dim is None or len(dim) <= 2):
    return torch.linalg.vector_norm(input, 2, dim, keepdim, dtype=dtype)
return torch.linalg.matrix_norm(input, p, tuple(range(input.ndim)) if dim is None else dim, keepdim, dtype=dtype)";
    grad "
sig 0
node LinalgVectorNormBackward0
input: _norm_slope(grad, input if dtype is None else input.to(dtype), 2 if p is None else p, result, dim, keepdim)

sig 1
node LinalgVectorNormBackward0 if p == 'fro' and (dim is None or len(dim) <= 2) else PermuteBackward0 if keepdim else SumBackward1
composite";
    /// Euclidean norm along dimensions, of all elements when there are none.
    /// >>> torch.frobenius_norm(torch.tensor([[3., 4.]]), 1)
    /// tensor([5.])
    "frobenius_norm" [fn out] "(Tensor self, int[1] dim, bool keepdim=False) -> Tensor" => tensh "
if len(dim) > 2:
    raise RuntimeError(f'Expected at most 2 dimensions, but got {len(dim)} dimensions instead.')
return torch._norm(input, 2., dim, keepdim)";
    grad "
node NormBackward1
composite";
    /// The norm behind older functions.
    "_norm" [fn] "(Tensor self, Scalar p, int[1]? dim=None, bool keepdim=False) -> Tensor" => tensh "
if not is_floating_point(input) and not is_complex(input):
    raise RuntimeError(f'norm(): input dtype should be either floating point or complex. Got {_aten(input)} instead.')
return torch.linalg.vector_norm(input, p, dim, keepdim)";
    grad "
node NormBackward0 if dim is None and not keepdim else NormBackward1
input: _norm_slope(grad, input, p, result, dim, keepdim)";
    /// Sum of the singular values of matrices.
    /// >>> torch.nuclear_norm(torch.tensor([[3., 0.], [0., 4.]]))
    /// tensor(7.)
    "nuclear_norm" [fn out]
        "(Tensor self, bool keepdim=False) -> Tensor" => tensh "torch.linalg.matrix_norm(input, 'nuc', (-2, -1), keepdim)",
        "(Tensor self, int[2] dim, bool keepdim=False) -> Tensor" => tensh "torch.linalg.matrix_norm(input, 'nuc', dim, keepdim)";
    grad "
sig 0
node PermuteBackward0 if keepdim else SumBackward1
composite

sig 1
node PermuteBackward0 if keepdim else SumBackward1
composite";
    /// Norm over all dimensions but one; over all of them for dim -1.
    /// >>> torch.norm_except_dim(torch.tensor([[3., 4.], [6., 8.]]))
    /// tensor([[ 5.],
    ///         [10.]])
    "norm_except_dim" [fn] "(Tensor v, int pow=2, int dim=0) -> Tensor" => tensh "
if dim == -1:
    return torch._norm(v, pow)
if dim == 0:
    return torch._norm(v.contiguous().view(v.size(0), -1), pow, 1).view([v.size(0)] + [1] * (v.ndim - 1))
if dim == v.ndim - 1:
    return torch._norm(v.contiguous().view(-1, v.size(dim)), pow, 0).view([1] * dim + [v.size(dim)])
return norm_except_dim(v.transpose(0, dim), pow, 0).transpose(0, dim)";
    grad "
node NormBackward0 if dim == -1 else ViewBackward0 if dim == 0 or dim == v.ndim - 1 else TransposeBackward0
composite";
    /// Each slice along a dimension scaled down to a p-norm of maxnorm where it is larger.
    /// >>> torch.renorm(torch.tensor([[3., 4.], [0.3, 0.4]]), 2, 0, 1)
    /// tensor([[0.6000, 0.8000],
    ///         [0.3000, 0.4000]])
    "renorm" [fn method inplace out] "(Tensor self, Scalar p, int dim, Scalar maxnorm) -> Tensor" => tensh "
for name, number in (('p', p), ('maxnorm', maxnorm)):
    if isinstance(number, complex):
        raise RuntimeError(f'renorm: {name} must be real-valued')
if p <= 0:
    raise RuntimeError('renorm: non-positive-norm not supported')
if maxnorm < 0:
    raise RuntimeError(f'renorm: expected maxnorm to be >= 0 but got {maxnorm}')
if input.ndim < 2:
    raise RuntimeError(f'renorm: input needs at least 2 dimensions, got {input.ndim} dimensions')
input.transpose(dim, 0)
others = [d for d in range(input.ndim) if d != dim % input.ndim]
half = input.dtype in (torch.float16, torch.bfloat16)
norm = torch.linalg.vector_norm(input, p, others, True, dtype=torch.float32 if half else None)
scale = where(norm > maxnorm, maxnorm / (norm + 1e-7), 1.)
return input * (scale.to(input.dtype) if half else scale)";
    grad "
node RenormBackward0
input:
    others = [d for d in range(input.ndim) if d != dim % input.ndim]
    norm = torch.linalg.vector_norm(input, p, others, True)
    scale = maxnorm / (norm + 1e-7)
    along = (input.conj() * grad).sum(others, True)
    along = torch.real(along) if is_complex(along) else along
    inward = _norm_slope(along * scale / (norm + 1e-7), input, p, norm, others, True)
    return where(norm > maxnorm, grad * scale - inward, grad)";
    /// Logarithm of the sum of exponentials, without overflow.
    /// >>> torch.logsumexp(torch.tensor([1000., 1000.]), 0)
    /// tensor(1000.6932)
    "logsumexp" aka ["special.logsumexp"] [fn method out]
        "(Tensor self, int[1] dim, bool keepdim=False) -> Tensor" => kernel |a| Ok(softmax::logsumexp(a.view(0)?, a.ints(1), a.bool(2))?.into()), fused |g, x, a| one(cuda::logsumexp(g, &x()?, Over { dims: Some(a.ints(1)), keepdim: a.bool(2) })?);
    grad "
node LogsumexpBackward0
input: _widen(grad, input, dim, keepdim) * (input - _widen(result, input, dim, keepdim)).exp().conj()";
    /// Exponentials along a dimension divided by their sum.
    /// >>> torch.softmax(torch.tensor([0., 1.]), dim=0)
    /// tensor([0.2689, 0.7311])
    "softmax" aka ["special.softmax"] [fn method out]
        "(Tensor self, int dim, ScalarType? dtype=None) -> Tensor" => kernel |a| Ok(softmax::softmax(a.view(0)?, a.int(1)?, a.dtype(2))?.into()), fused |g, x, a| one(cuda_softmax::softmax(g, x()?, a.int(1)?, a.dtype(2), Kind::Plain)?);
    grad "
node SoftmaxBackward0
again input SoftmaxBackwardDataBackward0
real _softmax
input: _softmax_back(grad, result, dim)";
    /// Logarithm of the softmax.
    /// >>> torch.log_softmax(torch.tensor([0., 1.]), dim=0)
    /// tensor([-1.3133, -0.3133])
    "log_softmax" aka ["special.log_softmax"] [fn method out]
        "(Tensor self, int dim, ScalarType? dtype=None) -> Tensor" => kernel |a| Ok(softmax::log_softmax(a.view(0)?, a.int(1)?, a.dtype(2))?.into()), fused |g, x, a| one(cuda_softmax::softmax(g, x()?, a.int(1)?, a.dtype(2), Kind::Log)?);
    grad "
node LogSoftmaxBackward0
again input LogSoftmaxBackwardDataBackward0
real _log_softmax
input: _log_softmax_back(grad, result, dim)";
    /// Exponentials along a dimension divided by their sum.
    /// >>> torch.nn.functional.softmax(torch.tensor([0., 1.]), dim=0)
    /// tensor([0.2689, 0.7311])
    "nn.functional.softmax" [fn]
        "(Tensor input, int? dim=None, int _stacklevel=3, ScalarType? dtype=None) -> Tensor" => tensh "torch.softmax(input, (0 if input.ndim in (0, 1, 3) else 1) if dim is None else dim, dtype=dtype)";
    grad "
node SoftmaxBackward0
composite";
    /// Logarithm of the softmax.
    /// >>> torch.nn.functional.log_softmax(torch.tensor([0., 1.]), dim=0)
    /// tensor([-1.3133, -0.3133])
    "nn.functional.log_softmax" [fn]
        "(Tensor input, int? dim=None, int _stacklevel=3, ScalarType? dtype=None) -> Tensor" => tensh "torch.log_softmax(input, (0 if input.ndim in (0, 1, 3) else 1) if dim is None else dim, dtype=dtype)";
    grad "
node LogSoftmaxBackward0
composite";
    /// Softmax of the negated input.
    /// >>> torch.nn.functional.softmin(torch.tensor([0., 1.]), dim=0)
    /// tensor([0.7311, 0.2689])
    "nn.functional.softmin" [fn]
        "(Tensor input, int? dim=None, int _stacklevel=3, ScalarType? dtype=None) -> Tensor" => tensh "torch.softmax(-input, (0 if input.ndim in (0, 1, 3) else 1) if dim is None else dim, dtype=dtype)";
    grad "
node SoftmaxBackward0
composite";
}
