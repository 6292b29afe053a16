//! Medians, modes and quantiles.

use super::args::{Args, Out};
use crate::base::error::Result;
use crate::cpu::reduce::quantile::{Interpolation, quantile, scalar_q};
use crate::cpu::reduce::select;
use crate::cuda::sort::quantile::{Points, quantile as cuda_quantile};
use crate::cuda::sort::runs::mode;
use crate::cuda::sort::select::{self as cuda, Rank};
use crate::rows;
use crate::store::View;
use crate::store::cuda::Gpu;

/// `(self, q, dim, keepdim, interpolation)`, with `q` a tensor or a number.
fn quantiles(a: Args<'_>, skip_nan: bool) -> Result<Out<View>> {
    let x = a.view(0)?;
    let q = match a.opt_view(1) {
        Some(q) => q.clone(),
        None => scalar_q(x, a.float(1)?)?,
    };
    let how = Interpolation::parse(a.str(4).unwrap_or("linear"))?;
    Ok(quantile(x, &q, a.opt_int(2), a.bool(3), skip_nan, how)?.into())
}

/// As [`quantiles`], on a GPU.
fn quantiles_cuda(g: &'static Gpu, a: Args<'_>, skip_nan: bool) -> Result<Option<Out<View>>> {
    let Ok(how) = Interpolation::parse(a.str(4).unwrap_or("linear")) else { return Ok(None) };
    let points = match a.opt_view(1) {
        Some(q) => Points::Tensor(q),
        None => Points::Number(a.float(1)?),
    };
    Ok(cuda_quantile(g, a.view(0)?, points, (a.opt_int(2), a.bool(3)), skip_nan, how)?.map(Into::into))
}

rows! {
    /// Lower median of all elements; along a dimension with its position.
    /// >>> torch.median(torch.tensor([4, 1, 3, 2]))
    /// tensor(2)
    /// >>> torch.median(torch.tensor([[4, 1, 3], [5, 6, 9]]), 1)
    /// torch.return_types.median(
    /// values=tensor([3, 6]),
    /// indices=tensor([2, 1]))
    "median" [fn method out]
        "(Tensor self) -> Tensor" => kernel |a| Ok(select::median(a.view(0)?, false)?.into()), cuda |g, _, a| Ok(cuda::of_all(g, a.view(0)?, Rank::Median)?.map(Into::into)),
        "(Tensor self, int dim, bool keepdim=False) -> (Tensor values, Tensor indices)" => kernel |a| Ok(select::median_at(a.view(0)?, a.int(1)?, a.bool(2), false)?.into()), cuda |g, _, a| Ok(cuda::nth(g, a.view(0)?, Rank::Median, a.int(1)?, a.bool(2))?.map(Into::into));
    grad "
sig 0
node MedianBackward0
again input MaskedFillBackward1
input: _share(grad, input, result, None)

sig 1
node MedianBackward1
input: _put(grads[0], results[1], input, dim, keepdim)";
    /// Lower median of what is not nan.
    /// >>> torch.nanmedian(torch.tensor([4., float('nan'), 3.]))
    /// tensor(3.)
    "nanmedian" [fn method out]
        "(Tensor self) -> Tensor" => kernel |a| Ok(select::median(a.view(0)?, true)?.into()), cuda |g, _, a| Ok(cuda::of_all(g, a.view(0)?, Rank::NanMedian)?.map(Into::into)),
        "(Tensor self, int dim, bool keepdim=False) -> (Tensor values, Tensor indices)" => kernel |a| Ok(select::median_at(a.view(0)?, a.int(1)?, a.bool(2), true)?.into()), cuda |g, _, a| Ok(cuda::nth(g, a.view(0)?, Rank::NanMedian, a.int(1)?, a.bool(2))?.map(Into::into));
    grad "
sig 0
node NanmedianBackward0
again input MaskedFillBackward1
real nanmedian
input: _share(grad, input, result, None)

sig 1
node NanmedianBackward1
real nanmedian
input: _put(grads[0], results[1], input, dim, keepdim)";
    /// The k-th smallest element along a dimension, k from 1, and its position.
    /// >>> torch.kthvalue(torch.tensor([4, 1, 3, 2]), 3)
    /// torch.return_types.kthvalue(
    /// values=tensor(3),
    /// indices=tensor(2))
    "kthvalue" [fn method out]
        "(Tensor self, int k, int dim=-1, bool keepdim=False) -> (Tensor values, Tensor indices)" => kernel |a| Ok(select::kthvalue(a.view(0)?, a.int(1)?, a.int(2)?, a.bool(3))?.into()), cuda |g, _, a| Ok(cuda::nth(g, a.view(0)?, Rank::Nth(a.int(1)?.max(0) as usize), a.int(2)?, a.bool(3))?.map(Into::into));
    grad "
node KthvalueBackward0
input: _put(grads[0], results[1], input, dim, keepdim)";
    /// The most frequent element along a dimension, the smallest of several, and a position of it.
    /// >>> torch.mode(torch.tensor([1, 2, 2, 3]))
    /// torch.return_types.mode(
    /// values=tensor(2),
    /// indices=tensor(2))
    "mode" [fn method out]
        "(Tensor self, int dim=-1, bool keepdim=False) -> (Tensor values, Tensor indices)" => kernel |a| Ok(select::mode(a.view(0)?, a.int(1)?, a.bool(2))?.into()), cuda |g, _, a| Ok(mode(g, a.view(0)?, a.int(1)?, a.bool(2))?.map(Into::into));
    grad "
node ModeBackward0
input: _put(grads[0], results[1], input, dim, keepdim)";
    /// Quantiles: elements, or points between two, at ranks q of the sorted input.
    /// >>> torch.quantile(torch.tensor([1., 2., 4., 8.]), 0.5)
    /// tensor(3.)
    /// >>> torch.quantile(torch.tensor([1., 2., 4., 8.]), torch.tensor([0.25, 0.9]), interpolation='nearest')
    /// tensor([2., 8.])
    "quantile" [fn method out]
        "(Tensor self, Tensor q, int? dim=None, bool keepdim=False, *, str interpolation='linear') -> Tensor" => kernel |a| quantiles(a, false), cuda |g, _, a| quantiles_cuda(g, a, false),
        "(Tensor self, float q, int? dim=None, bool keepdim=False, *, str interpolation='linear') -> Tensor" => kernel |a| quantiles(a, false), cuda |g, _, a| quantiles_cuda(g, a, false);
    grad "
sig 0
node SqueezeBackward4
input: _quantile_input(grad, input, q, dim, keepdim, False, interpolation)
q: _quantile_q(grad, input, q, dim, keepdim, False, interpolation)

sig 1
node SqueezeBackward4
input: _quantile_input(grad, input, q, dim, keepdim, False, interpolation)";
    /// Quantiles of what is not nan.
    /// >>> torch.nanquantile(torch.tensor([1., float('nan'), 4.]), 0.5)
    /// tensor(2.5000)
    "nanquantile" [fn method out]
        "(Tensor self, Tensor q, int? dim=None, bool keepdim=False, *, str interpolation='linear') -> Tensor" => kernel |a| quantiles(a, true), cuda |g, _, a| quantiles_cuda(g, a, true),
        "(Tensor self, float q, int? dim=None, bool keepdim=False, *, str interpolation='linear') -> Tensor" => kernel |a| quantiles(a, true), cuda |g, _, a| quantiles_cuda(g, a, true);
    grad "
sig 0
node SqueezeBackward4
input: _quantile_input(grad, input, q, dim, keepdim, True, interpolation)
q: _quantile_q(grad, input, q, dim, keepdim, True, interpolation)

sig 1
node SqueezeBackward4
input: _quantile_input(grad, input, q, dim, keepdim, True, interpolation)";
}
