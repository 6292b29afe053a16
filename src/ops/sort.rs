//! Sorting, searching, counting.

use super::args::{Args, Out};
use crate::base::error::{Result, runtime};
use crate::base::{DType, Scalar};
use crate::cpu::create::dtype_of;
use crate::cpu::index::bins::{self, Bins};
use crate::cpu::sort::search::Places;
use crate::cpu::sort::unique::{Unique, isin, unique, unique_dim};
use crate::cpu::sort::{lanes, search, topk};
use crate::cuda::sort as cuda;
use crate::cuda::sort::runs::Wanted;
use crate::rows;
use crate::store::View;
use crate::store::cuda::Gpu;

/// A number as the tensor it stands for in a comparison.
fn lift(number: Scalar) -> Result<View> {
    View::scalar(dtype_of(number), number)
}

/// The values alone, or a tuple with what was asked for.
fn unique_out(found: Unique, inverse: bool, counts: bool) -> Out<View> {
    let mut out = vec![found.values];
    out.extend(inverse.then_some(found.inverse));
    out.extend(counts.then_some(found.counts));
    if out.len() == 1 { Out::Tensor(out.remove(0)) } else { Out::Tuple(out) }
}

fn distinct(a: Args<'_>, first: usize, consecutive: bool) -> Result<Out<View>> {
    let found = match a.opt_int(first + 2) {
        Some(dim) => unique_dim(a.view(0)?, dim, consecutive)?,
        None => unique(a.view(0)?, consecutive, a.bool(first))?,
    };
    Ok(unique_out(found, a.bool(first), a.bool(first + 1)))
}

fn histogram(a: Args<'_>, bins: &Bins, weight: usize) -> Result<Out<View>> {
    Ok(bins::histogram(a.view(0)?, bins, a.opt_view(weight), a.bool(weight + 1))?.into())
}

fn histogram_count(a: Args<'_>) -> Result<Out<View>> {
    let range = match a.floats(2) {
        None => None,
        Some(&[low, high]) => Some((low, high)),
        Some(other) => {
            return Err(runtime(format!(
                "torch.histogramdd: for a 1-dimensional histogram range should have 2 elements, but got {}",
                other.len()
            )));
        }
    };
    histogram(a, &Bins::Count(a.int(1)?, range), 3)
}

fn searchsorted(a: Args<'_>, values: &View, scalar: bool) -> Result<Out<View>> {
    let right = a.bool(3);
    Ok(search::searchsorted(a.view(0)?, values, a.bool(2), right, a.str(4), a.opt_view(5), scalar)?.into())
}

/// `(sorted_sequence, self, out_int32, right, side, sorter)` on a GPU.
fn searchsorted_cuda(g: &'static Gpu, a: Args<'_>, values: &View, scalar: bool) -> Result<Option<Out<View>>> {
    let Ok(right) = Places::side(a.bool(3), a.str(4)) else { return Ok(None) };
    let (sorted, out) = (a.view(0)?, if a.bool(2) { DType::I32 } else { DType::I64 });
    let Ok(places) = Places::new(sorted, values, right, scalar) else { return Ok(None) };
    Ok(cuda::search::searchsorted(g, sorted, values, &places, a.opt_view(5), out)?.map(Into::into))
}

/// `(self, boundaries, out_int32, right)` on a GPU.
fn bucketize_cuda(g: &'static Gpu, a: Args<'_>, values: &View) -> Result<Option<Out<View>>> {
    let (sorted, out) = (a.view(1)?, if a.bool(2) { DType::I32 } else { DType::I64 });
    if sorted.ndim() != 1 {
        return Ok(None);
    }
    let Ok(places) = Places::new(sorted, values, a.bool(3), false) else { return Ok(None) };
    Ok(cuda::search::searchsorted(g, sorted, values, &places, None, out)?.map(Into::into))
}

/// The distinct elements on a GPU, or slices along a dimension.
fn distinct_cuda(g: &'static Gpu, a: Args<'_>, first: usize, consecutive: bool) -> Result<Option<Out<View>>> {
    let wanted = Wanted { inverse: a.bool(first), counts: a.bool(first + 1) };
    let found = match a.opt_int(first + 2) {
        Some(dim) => cuda::runs::unique_dim(g, a.view(0)?, dim, consecutive, wanted)?,
        None => cuda::runs::unique(g, a.view(0)?, consecutive, wanted)?,
    };
    Ok(found.map(|mut out| if out.len() == 1 { Out::Tensor(out.remove(0)) } else { Out::Tuple(out) }))
}

rows! {
    /// The elements in ascending order along a dimension, and where they came from; nans are last.
    /// >>> torch.sort(torch.tensor([3, 1, 2]))
    /// torch.return_types.sort(
    /// values=tensor([1, 2, 3]),
    /// indices=tensor([1, 2, 0]))
    "sort" [fn method out]
        "(Tensor self, *, bool? stable, int dim=-1, bool descending=False) -> (Tensor values, Tensor indices)" => kernel |a| Ok(lanes::sort(a.view(0)?, a.int(2)?, a.bool(3), a.bool(1))?.into()), cuda |g, _, a| Ok(cuda::sort(g, a.view(0)?, a.int(2)?, a.bool(3))?.map(Into::into)),
        "(Tensor self, int dim=-1, bool descending=False) -> (Tensor values, Tensor indices)" => kernel |a| Ok(lanes::sort(a.view(0)?, a.int(1)?, a.bool(2), false)?.into()), cuda |g, _, a| Ok(cuda::sort(g, a.view(0)?, a.int(1)?, a.bool(2))?.map(Into::into));
    grad "
sig 0
node SortBackward1
input: _put(grads[0], results[1], input, dim, True)

sig 1
node SortBackward0
input: _put(grads[0], results[1], input, dim, True)";
    /// The indices that sort along a dimension.
    /// >>> torch.argsort(torch.tensor([3, 1, 2]), descending=True)
    /// tensor([0, 2, 1])
    "argsort" [fn method]
        "(Tensor self, *, bool stable, int dim=-1, bool descending=False) -> Tensor" => kernel |a| Ok(lanes::sort(a.view(0)?, a.int(2)?, a.bool(3), a.bool(1))?.1.into()), cuda |g, _, a| Ok(cuda::sort(g, a.view(0)?, a.int(2)?, a.bool(3))?.map(|s| s.1.into())),
        "(Tensor self, int dim=-1, bool descending=False) -> Tensor" => kernel |a| Ok(lanes::sort(a.view(0)?, a.int(1)?, a.bool(2), false)?.1.into()), cuda |g, _, a| Ok(cuda::sort(g, a.view(0)?, a.int(1)?, a.bool(2))?.map(|s| s.1.into()));
    /// The elements in ascending order along the first dimension.
    /// >>> torch.msort(torch.tensor([[3, 1], [2, 5]]))
    /// tensor([[2, 1],
    ///         [3, 5]])
    "msort" [fn method out] "(Tensor self) -> Tensor" => kernel |a| Ok(lanes::sort(a.view(0)?, 0, false, false)?.0.into()), cuda |g, _, a| Ok(cuda::sort(g, a.view(0)?, 0, false)?.map(|s| s.0.into()));
    grad "
node SortBackward0
input: grad if input.ndim == 0 else _put(grad, input.argsort(0), input, 0, True)";
    /// The k largest (or smallest) elements along a dimension, and where they are.
    /// >>> torch.topk(torch.tensor([3., 1., 5., 2.]), 2)
    /// torch.return_types.topk(
    /// values=tensor([5., 3.]),
    /// indices=tensor([2, 0]))
    "topk" [fn method out] "(Tensor self, int k, int dim=-1, bool largest=True, bool sorted=True) -> (Tensor values, Tensor indices)" => kernel |a| Ok(topk::topk(a.view(0)?, a.int(1)?, a.int(2)?, a.bool(3), a.bool(4))?.into()), cuda |g, _, a| Ok(cuda::select::topk(g, a.view(0)?, a.int(1)?, a.int(2)?, a.bool(3))?.map(Into::into));
    grad "
node TopkBackward0
input: _put(grads[0], results[1], input, dim, True)";
    /// The distinct elements, or slices along a dimension, in ascending order.
    /// >>> torch.unique(torch.tensor([3, 1, 1, 2]))
    /// tensor([1, 2, 3])
    /// >>> torch.unique(torch.tensor([3, 1, 1]), return_inverse=True, return_counts=True)
    /// (tensor([1, 3]), tensor([1, 0, 0]), tensor([2, 1]))
    "unique" [fn method] "(Tensor self, bool sorted=True, bool return_inverse=False, bool return_counts=False, int? dim=None) -> Tensor" => kernel |a| distinct(a, 2, false), cuda |g, _, a| distinct_cuda(g, a, 2, false);
    grad "
node UniqueDimBackward0 if dim is not None else Unique2Backward0
input: not_implemented _unique2";
    /// Each run of equal elements, or slices along a dimension, once.
    /// >>> torch.unique_consecutive(torch.tensor([1, 1, 2, 1]))
    /// tensor([1, 2, 1])
    "unique_consecutive" [fn method] "(Tensor self, bool return_inverse=False, bool return_counts=False, int? dim=None) -> Tensor" => kernel |a| distinct(a, 1, true), cuda |g, _, a| distinct_cuda(g, a, 1, true);
    grad "
node UniqueConsecutiveBackward0
input: not_implemented";
    /// Whether each element is among those of test_elements.
    /// >>> torch.isin(torch.tensor([1, 2, 3]), torch.tensor([2, 4]))
    /// tensor([False,  True, False])
    "isin" [fn out]
        "(Tensor elements, Tensor test_elements, *, bool assume_unique=False, bool invert=False) -> Tensor" => kernel |a| Ok(isin(a.view(0)?, a.view(1)?, a.bool(3))?.into()), cuda |g, _, a| Ok(cuda::search::isin(g, a.view(0)?, a.view(1)?, a.bool(3))?.map(Into::into)),
        "(Scalar element, Tensor test_elements, *, bool assume_unique=False, bool invert=False) -> Tensor" => kernel |a| Ok(isin(&lift(a.scalar(0)?)?, a.view(1)?, a.bool(3))?.into()), cuda |g, _, a| Ok(cuda::search::isin(g, &lift(a.scalar(0)?)?, a.view(1)?, a.bool(3))?.map(Into::into)),
        "(Tensor elements, Scalar test_element, *, bool assume_unique=False, bool invert=False) -> Tensor" => kernel |a| Ok(isin(a.view(0)?, &lift(a.scalar(1)?)?, a.bool(3))?.into()), cuda |g, _, a| Ok(cuda::search::isin(g, a.view(0)?, &lift(a.scalar(1)?)?, a.bool(3))?.map(Into::into));
    /// Where to insert values into a sorted sequence so that it stays sorted.
    /// >>> torch.searchsorted(torch.tensor([1, 3, 5]), torch.tensor([3, 6]))
    /// tensor([1, 3])
    "searchsorted" [fn out]
        "(Tensor sorted_sequence, Tensor self, *, bool out_int32=False, bool right=False, str? side=None, Tensor? sorter=None) -> Tensor" => kernel |a| searchsorted(a, a.view(1)?, false), cuda |g, _, a| searchsorted_cuda(g, a, a.view(1)?, false),
        "(Tensor sorted_sequence, Scalar self, *, bool out_int32=False, bool right=False, str? side=None, Tensor? sorter=None) -> Tensor" => kernel |a| searchsorted(a, &lift(a.scalar(1)?)?, true), cuda |g, _, a| searchsorted_cuda(g, a, &lift(a.scalar(1)?)?, true);
    /// The bucket of each element, between boundaries in ascending order.
    /// >>> torch.bucketize(torch.tensor([0, 3, 9]), torch.tensor([1, 3, 5]))
    /// tensor([0, 1, 3])
    "bucketize" [fn out]
        "(Tensor self, Tensor boundaries, *, bool out_int32=False, bool right=False) -> Tensor" => kernel |a| Ok(search::bucketize(a.view(0)?, a.view(1)?, a.bool(2), a.bool(3))?.into()), cuda |g, _, a| bucketize_cuda(g, a, a.view(0)?),
        "(Scalar self, Tensor boundaries, *, bool out_int32=False, bool right=False) -> Tensor" => kernel |a| Ok(search::bucketize(&lift(a.scalar(0)?)?, a.view(1)?, a.bool(2), a.bool(3))?.into()), cuda |g, _, a| bucketize_cuda(g, a, &lift(a.scalar(0)?)?);
    /// Counts in equal bins between min and max (those of the data when equal).
    /// >>> torch.histc(torch.tensor([1., 2., 1.]), bins=4, min=0, max=3)
    /// tensor([0., 2., 1., 0.])
    "histc" [fn method out] "(Tensor self, int bins=100, Scalar min=0, Scalar max=0) -> Tensor" => kernel |a| Ok(bins::histc(a.view(0)?, a.int(1)?, a.scalar(2)?, a.scalar(3)?)?.into()), cuda |g, x, a| Ok(crate::cuda::index::bins::histc(g, &x()?, a.int(1)?, a.scalar(2)?, a.scalar(3)?)?.map(Into::into));
    /// Counts, or sums of weights, in bins and the bins' edges.
    /// >>> torch.histogram(torch.tensor([1., 2., 1.]), bins=4, range=(0., 3.))
    /// torch.return_types.histogram(
    /// hist=tensor([0., 2., 1., 0.]),
    /// bin_edges=tensor([0.0000, 0.7500, 1.5000, 2.2500, 3.0000]))
    "histogram" [fn method out]
        "(Tensor self, Tensor bins, *, Tensor? weight=None, bool density=False) -> (Tensor hist, Tensor bin_edges)" => kernel |a| histogram(a, &Bins::Edges(a.view(1)?.clone()), 2),
        "(Tensor self, int bins=100, *, float[]? range=None, Tensor? weight=None, bool density=False) -> (Tensor hist, Tensor bin_edges)" => kernel histogram_count;
    grad "
sig 0
node NotImplemented
input: not_implemented
bins: not_implemented
weight: not_implemented

sig 1
node NotImplemented
input: not_implemented
weight: not_implemented";
    /// Counts of points in cells: the counts, then the edges in each dimension.
    "_histogramdd" [fn] "(Tensor input, Any bins, float[]? limits, Tensor? weight, bool density) -> Tensor[]" => tensh "
if input.ndim < 2:
    raise RuntimeError('torch.histogramdd: input tensor should have at least 2 dimensions, but got ' + str(input.ndim))
n = input.size(-1)
bins = list(bins) if isinstance(bins, (tuple, list)) else [bins for _ in range(n)]
if len(bins) != n:
    raise RuntimeError(f\"histogramdd: The size of bins must be equal to the innermost dimension of the input.\")
x = _floating(input, 'histogramdd', True).reshape(-1, n)
edges, place, inside = [], zeros(x.size(0), dtype=int64), ones(x.size(0), dtype=torch.bool)
for i in range(n):
    own = bins[i]
    if not is_tensor(own):
        own = histogram(x[:, i], own, range=None if limits is None else limits[2 * i:2 * i + 2]).bin_edges
    edges.append(own)
    count = own.numel() - 1
    at = bucketize(x[:, i].contiguous(), own, right=True) - 1
    at = where(x[:, i] == own[-1], count - 1, at)
    inside = inside & (at >= 0) & (at < count)
    place = place * count + at
sizes = [e.numel() - 1 for e in edges]
w = ones(x.size(0), dtype=x.dtype) if weight is None else weight.reshape(-1)
out = zeros(Size(sizes).numel(), dtype=x.dtype).index_add_(0, place[inside], w[inside]).reshape(sizes)
if density:
    out = out / out.sum()
    for i in range(n):
        out = out / diff(edges[i]).reshape([-1 if d == i else 1 for d in range(n)])
return [out, *edges]";
    grad "
node NotImplemented
input: not_implemented
weight: not_implemented";
    /// How often each integer occurs, or the sum of its weights.
    /// >>> torch.bincount(torch.tensor([1, 1, 3]))
    /// tensor([0, 2, 0, 1])
    "bincount" [fn method] "(Tensor self, Tensor? weights=None, int minlength=0) -> Tensor" => kernel |a| Ok(bins::bincount(a.view(0)?, a.opt_view(1), a.int(2)?)?.into()), cuda |g, _, a| Ok(crate::cuda::index::bins::bincount(g, a.view(0)?, a.opt_view(1), a.int(2)?)?.map(Into::into));
    grad "
node NotImplemented
weights: not_implemented";
}
