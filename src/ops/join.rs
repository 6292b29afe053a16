//! Joining, splitting, repeating, flipping.

use super::args::{Args, Out};
use crate::base::error::Result;
use crate::base::shape::channels_last;
use crate::cpu::create::lying_as;
use crate::cpu::join;
use crate::cpu::rearrange::{self, Repeats};
use crate::cpu::split::{self, By};
use crate::cuda::index as cuda;
use crate::ops::table::Elements;
use crate::rows;
use crate::store::View;
use crate::store::cuda::Gpu;

/// `repeat_interleave` by one number, or one for each slice.
fn repeat_each(a: Args) -> Result<Out<View>> {
    let repeats = match a.opt_view(1) {
        Some(v) => Repeats::Own(v.clone()),
        None => Repeats::Each(a.int(1)?),
    };
    Ok(rearrange::repeat_interleave(a.view(0)?, &repeats, a.opt_int(2), a.opt_int(3))?.into())
}

/// `repeat_interleave` on a GPU, by a number for each slice.
fn repeat_own(g: &'static Gpu, a: Args<'_>) -> Result<Option<Out<View>>> {
    let repeats = a.view(1)?;
    Ok(cuda::compact::repeat_each(g, Some((a.view(0)?, a.opt_int(2))), repeats, a.opt_int(3))?.map(Into::into))
}

/// The result of reversing on a GPU.
fn flip_cuda(g: &'static Gpu, x: &View, dims: &[i64]) -> Result<Option<Out<View>>> {
    Ok(cuda::rearrange::flip(g, x, dims)?.map(Into::into))
}

fn combinations_cuda(g: &'static Gpu, _: Elements<'_>, a: Args<'_>) -> Result<Option<Out<View>>> {
    let (x, r) = (a.view(0)?, a.int(1)?);
    let picks = join::combined(x, r, a.bool(2))?;
    if r == 0 || picks.is_empty() {
        return Ok(None);
    }
    let picks = View::from_slice(&picks, &[picks.len() as i64 / r, r])?.moved(g.device())?;
    Ok(cuda::gather::take(g, x, &picks)?.map(Into::into))
}

fn rot90_cuda(g: &'static Gpu, _: Elements<'_>, a: Args<'_>) -> Result<Option<Out<View>>> {
    let flip = |x: &View, dims: &[i64]| match cuda::rearrange::flip(g, x, dims)? {
        Some(out) => Ok(out),
        None => rearrange::flip(x, dims),
    };
    Ok(Some(rearrange::turned(a.view(0)?, a.int(1)?, a.ints(2), &flip)?.into()))
}

rows! {
    /// The tensors one after the other along a dimension.
    /// >>> torch.cat([torch.tensor([1, 2]), torch.tensor([3])])
    /// tensor([1, 2, 3])
    "cat" aka ["concat", "concatenate"] [fn out] "(Tensor[] tensors, int dim=0) -> Tensor" => kernel |a| {
        let (views, made) = (a.views(0), join::cat(a.views(0), a.int(1)?)?);
        let last = |v: &View| channels_last(v.sizes(), v.strides()).is_some();
        Ok(if views.iter().all(last) && let Some(x) = views.first() { lying_as(x, made)? } else { made }.into())
    };
    grad "
node CatBackward0
tensors:
    out, at = [], 0
    for t in tensors:
        if t.ndim == 1 and t.numel() == 0:
            out.append(grad.new_zeros(t.shape))
        else:
            out.append(grad.narrow(dim, at, t.size(dim)))
            at = at + t.size(dim)
    return out";
    /// The tensors along a new dimension.
    /// >>> torch.stack([torch.tensor([1, 2]), torch.tensor([3, 4])])
    /// tensor([[1, 2],
    ///         [3, 4]])
    "stack" [fn out] "(Tensor[] tensors, int dim=0) -> Tensor" => kernel |a| Ok(join::stack(a.views(0), a.int(1)?)?.into());
    grad "
node StackBackward0
again tensors SelectBackward0
tensors: grad.unbind(dim)";
    /// The tensors side by side.
    /// >>> torch.hstack([torch.tensor([1, 2]), torch.tensor([3])])
    /// tensor([1, 2, 3])
    "hstack" [fn out] "(Tensor[] tensors) -> Tensor" => kernel |a| Ok(join::hstack(a.views(0))?.into());
    grad "
node CatBackward0
tensors: _pieces(grad, tensors, [atleast_1d(t) for t in tensors], 0 if atleast_1d(tensors[0]).ndim == 1 else 1)";
    /// The tensors one above the other.
    /// >>> torch.vstack([torch.tensor([1, 2]), torch.tensor([3, 4])])
    /// tensor([[1, 2],
    ///         [3, 4]])
    "vstack" aka ["row_stack"] [fn out] "(Tensor[] tensors) -> Tensor" => kernel |a| Ok(join::vstack(a.views(0))?.into());
    grad "
node CatBackward0
tensors: _pieces(grad, tensors, [atleast_2d(t) for t in tensors], 0)";
    /// The tensors in depth.
    /// >>> torch.dstack([torch.tensor([1, 2]), torch.tensor([3, 4])])
    /// tensor([[[1, 3],
    ///          [2, 4]]])
    "dstack" [fn out] "(Tensor[] tensors) -> Tensor" => kernel |a| Ok(join::dstack(a.views(0))?.into());
    grad "
node CatBackward0
tensors: _pieces(grad, tensors, [atleast_3d(t) for t in tensors], 2)";
    /// The tensors side by side, vectors as columns.
    /// >>> torch.column_stack([torch.tensor([1, 2]), torch.tensor([3, 4])])
    /// tensor([[1, 3],
    ///         [2, 4]])
    "column_stack" [fn out] "(Tensor[] tensors) -> Tensor" => kernel |a| Ok(join::column_stack(a.views(0))?.into());
    grad "
node CatBackward0
tensors: _pieces(grad, tensors, [t.reshape(t.numel(), 1) if t.ndim < 2 else t for t in tensors], 1)";
    /// Each vector along its own dimension of a common grid.
    /// >>> torch.meshgrid(torch.tensor([1, 2]), torch.tensor([3, 4, 5]), indexing='ij')
    /// (tensor([[1, 1, 1],
    ///         [2, 2, 2]]), tensor([[3, 4, 5],
    ///         [3, 4, 5]]))
    "meshgrid" [fn] "(Tensor... tensors, *, str? indexing=None) -> Tensor[]" => kernel |a| Ok(join::meshgrid(a.views(0), a.str(1).unwrap_or("ij"))?.into());
    grad "
node ExpandBackward0
tensors:
    out = []
    for i, t in enumerate(tensors):
        at = 1 - i if indexing == 'xy' and i < 2 and len(tensors) > 1 else i
        others = [d for d in range(len(tensors)) if d != at]
        out.append(None if grads[i] is None else (grads[i].sum(others) if others else grads[i]).reshape(t.shape))
    return out";
    /// All tuples of one element of each vector.
    /// >>> torch.cartesian_prod(torch.tensor([1, 2]), torch.tensor([4, 5]))
    /// tensor([[1, 4],
    ///         [1, 5],
    ///         [2, 4],
    ///         [2, 5]])
    "cartesian_prod" [fn] "(Tensor... tensors) -> Tensor" => kernel |a| Ok(join::cartesian_prod(a.views(0))?.into());
    grad "
node same if len(tensors) == 1 else StackBackward0
tensors:
    if len(tensors) == 1:
        return [grad]
    grid = grad.reshape([t.numel() for t in tensors] + [len(tensors)])
    return [grid.select(-1, i).sum([d for d in range(len(tensors)) if d != i]) for i in range(len(tensors))]";
    /// All combinations of r elements of a vector.
    /// >>> torch.combinations(torch.tensor([1, 2, 3]))
    /// tensor([[1, 2],
    ///         [1, 3],
    ///         [2, 3]])
    "combinations" [fn] "(Tensor self, int r=2, bool with_replacement=False) -> Tensor" => kernel |a| Ok(join::combinations(a.view(0)?, a.int(1)?, a.bool(2))?.into()), cuda combinations_cuda;
    grad "
node StackBackward0
input:
    chosen = combinations(arange(input.numel()), r, with_replacement)
    return grad.new_zeros(input.shape).index_add_(0, chosen.reshape(-1), grad.reshape(-1))";
    /// Pieces of a size, or of the sizes given, along a dimension.
    /// >>> torch.split(torch.arange(5), 2)
    /// (tensor([0, 1]), tensor([2, 3]), tensor([4]))
    "split" [fn method copy]
        "(Tensor tensor, int split_size_or_sections, int dim=0) -> Tensor[]" => kernel |a| Ok(split::split(a.view(0)?, a.int(1)?, a.int(2)?)?.into()),
        "(Tensor tensor, int[] split_size_or_sections, int dim=0) -> Tensor[]" => kernel |a| Ok(split::split_with_sizes(a.view(0)?, a.ints(1), a.int(2)?)?.into()),
        "(Tensor self, int split_size, int dim=0) -> Tensor[]" => kernel |a| Ok(split::split(a.view(0)?, a.int(1)?, a.int(2)?)?.into()),
        "(Tensor self, int[] split_size, int dim=0) -> Tensor[]" => kernel |a| Ok(split::split_with_sizes(a.view(0)?, a.ints(1), a.int(2)?)?.into());
    grad "
sig 0
node SplitBackward0
tensor: _rejoin(grads, results, dim)

sig 1
node SplitWithSizesBackward0
tensor: _rejoin(grads, results, dim)

sig 2
node SplitBackward0
input: _rejoin(grads, results, dim)

sig 3
node SplitWithSizesBackward0
input: _rejoin(grads, results, dim)";
    /// Pieces of the sizes given.
    /// >>> torch.split_with_sizes(torch.arange(5), [1, 4])
    /// (tensor([0]), tensor([1, 2, 3, 4]))
    "split_with_sizes" aka ["unsafe_split_with_sizes"] [fn method copy] "(Tensor self, int[] split_sizes, int dim=0) -> Tensor[]" => kernel |a| Ok(split::split_with_sizes(a.view(0)?, a.ints(1), a.int(2)?)?.into());
    grad "
node SplitWithSizesBackward0
input: _rejoin(grads, results, dim)";
    /// Pieces of a size.
    /// >>> torch.unsafe_split(torch.arange(5), 2)
    /// (tensor([0, 1]), tensor([2, 3]), tensor([4]))
    "unsafe_split" [fn method] "(Tensor self, int split_size, int dim=0) -> Tensor[]" => kernel |a| Ok(split::split(a.view(0)?, a.int(1)?, a.int(2)?)?.into());
    grad "
node UnsafeSplitBackward0
input: _rejoin(grads, results, dim)";
    /// At most so many pieces of equal size.
    /// >>> torch.chunk(torch.arange(5), 2)
    /// (tensor([0, 1, 2]), tensor([3, 4]))
    "chunk" [fn method] "(Tensor self, int chunks, int dim=0) -> Tensor[]" => kernel |a| Ok(split::chunk(a.view(0)?, a.int(1)?, a.int(2)?)?.into());
    grad "
node SplitBackward0 if input.size(dim) > 0 else SplitWithSizesBackward0
input: _rejoin(grads, results, dim)";
    /// At most so many pieces of equal size.
    /// >>> torch.unsafe_chunk(torch.arange(5), 2)
    /// (tensor([0, 1, 2]), tensor([3, 4]))
    "unsafe_chunk" [fn method] "(Tensor self, int chunks, int dim=0) -> Tensor[]" => kernel |a| Ok(split::chunk(a.view(0)?, a.int(1)?, a.int(2)?)?.into());
    grad "
node UnsafeSplitBackward0 if input.size(dim) > 0 else UnsafeSplitWithSizesBackward0
input: _rejoin(grads, results, dim)";
    /// Pieces whose sizes differ by at most one, or between indices.
    /// >>> torch.tensor_split(torch.arange(5), 2)
    /// (tensor([0, 1, 2]), tensor([3, 4]))
    /// >>> torch.tensor_split(torch.arange(5), (1, 3))
    /// (tensor([0]), tensor([1, 2]), tensor([3, 4]))
    "tensor_split" [fn method]
        "(Tensor self, Tensor tensor_indices_or_sections, int dim=0) -> Tensor[]" => kernel |a| Ok(split::tensor_split_by(a.view(0)?, a.view(1)?, a.int(2)?)?.into()),
        "(Tensor self, int sections, int dim=0) -> Tensor[]" => kernel |a| Ok(split::tensor_split(a.view(0)?, a.int(1)?, a.int(2)?)?.into()),
        "(Tensor self, int[] indices, int dim=0) -> Tensor[]" => kernel |a| Ok(split::tensor_split_at(a.view(0)?, a.ints(1), a.int(2)?)?.into());
    grad "
sig 0
node SliceBackward0
input:
    by = tensor_indices_or_sections
    if by.ndim == 0:
        return _rejoin(grads, results, dim)
    by = by.tolist()
    return _replace(grads, input, dim, list(zip([0] + by, by + [None])))

sig 1
node SliceBackward0
input: _rejoin(grads, results, dim)

sig 2
node SliceBackward0
input: _replace(grads, input, dim, list(zip([0] + list(indices), list(indices) + [None])))";
    /// Pieces from left to right.
    /// >>> torch.hsplit(torch.arange(4), 2)
    /// (tensor([0, 1]), tensor([2, 3]))
    "hsplit" [fn method]
        "(Tensor self, int sections) -> Tensor[]" => kernel |a| Ok(split::named_split(a.view(0)?, "hsplit", &By::Sections(a.int(1)?))?.into()),
        "(Tensor self, int[] indices) -> Tensor[]" => kernel |a| Ok(split::named_split(a.view(0)?, "hsplit", &By::Indices(a.ints(1).to_vec()))?.into());
    grad "
sig 0
node SliceBackward0
input: _rejoin(grads, results, 0 if input.ndim == 1 else 1)

sig 1
node SliceBackward0
input: _replace(grads, input, 0 if input.ndim == 1 else 1, list(zip([0] + list(indices), list(indices) + [None])))";
    /// Pieces from top to bottom.
    /// >>> torch.vsplit(torch.arange(4).reshape(2, 2), 2)
    /// (tensor([[0, 1]]), tensor([[2, 3]]))
    "vsplit" [fn method]
        "(Tensor self, int sections) -> Tensor[]" => kernel |a| Ok(split::named_split(a.view(0)?, "vsplit", &By::Sections(a.int(1)?))?.into()),
        "(Tensor self, int[] indices) -> Tensor[]" => kernel |a| Ok(split::named_split(a.view(0)?, "vsplit", &By::Indices(a.ints(1).to_vec()))?.into());
    grad "
sig 0
node SliceBackward0
input: _rejoin(grads, results, 0)

sig 1
node SliceBackward0
input: _replace(grads, input, 0, list(zip([0] + list(indices), list(indices) + [None])))";
    /// Pieces in depth.
    /// >>> torch.dsplit(torch.arange(4).reshape(1, 2, 2), 2)
    /// (tensor([[[0],
    ///          [2]]]), tensor([[[1],
    ///          [3]]]))
    "dsplit" [fn method]
        "(Tensor self, int sections) -> Tensor[]" => kernel |a| Ok(split::named_split(a.view(0)?, "dsplit", &By::Sections(a.int(1)?))?.into()),
        "(Tensor self, int[] indices) -> Tensor[]" => kernel |a| Ok(split::named_split(a.view(0)?, "dsplit", &By::Indices(a.ints(1).to_vec()))?.into());
    grad "
sig 0
node SliceBackward0
input: _rejoin(grads, results, 2)

sig 1
node SliceBackward0
input: _replace(grads, input, 2, list(zip([0] + list(indices), list(indices) + [None])))";
    /// The slices along a dimension, as a tuple of views.
    /// >>> torch.unbind(torch.tensor([[1, 2], [3, 4]]))
    /// (tensor([1, 2]), tensor([3, 4]))
    "unbind" [fn method copy] "(Tensor self, int dim=0) -> Tensor[]" => kernel |a| Ok(split::unbind(a.view(0)?, a.int(1)?)?.into());
    grad "
node UnbindBackward0
input: stack([zeros_like(r) if g is None else g for g, r in zip(grads, results)], dim) if len(results) > 0 else zeros_like(input)";
    /// The tensor several times along each dimension.
    /// >>> torch.tensor([1, 2]).repeat(2, 2)
    /// tensor([[1, 2, 1, 2],
    ///         [1, 2, 1, 2]])
    "repeat" [method] "(Tensor self, int[] repeats) -> Tensor" => kernel |a| Ok(rearrange::repeat(a.view(0)?, a.ints(1))?.into());
    grad "
node RepeatBackward0
input: _unrepeat(grad, input, list(repeats))";
    /// The tensor several times along each dimension, missing ones counting as 1.
    /// >>> torch.tile(torch.tensor([[1, 2]]), (2,))
    /// tensor([[1, 2, 1, 2]])
    "tile" [fn method] "(Tensor self, int[] dims) -> Tensor" => kernel |a| Ok(rearrange::tile(a.view(0)?, a.ints(1))?.into());
    grad "
node RepeatBackward0
input: _unrepeat(grad, input, [1] * (input.ndim - len(dims)) + list(dims))";
    /// Each element, or slice along a dimension, several times.
    /// >>> torch.repeat_interleave(torch.tensor([1, 2]), 2)
    /// tensor([1, 1, 2, 2])
    /// >>> torch.tensor([[1, 2], [3, 4]]).repeat_interleave(torch.tensor([1, 2]), dim=0)
    /// tensor([[1, 2],
    ///         [3, 4],
    ///         [3, 4]])
    "repeat_interleave" [fn]
        "(Tensor self, Tensor repeats, int? dim=None, *, int? output_size=None) -> Tensor" => kernel repeat_each, cuda |g, _, a| repeat_own(g, a),
        "(Tensor repeats, *, int? output_size=None) -> Tensor" => kernel |a| Ok(rearrange::repeat_indices(a.view(0)?, a.opt_int(1))?.into()), cuda |g, _, a| Ok(cuda::compact::repeat_each(g, None, a.view(0)?, a.opt_int(1))?.map(Into::into)),
        "(Tensor self, int repeats, int? dim=None, *, int? output_size=None) -> Tensor" => kernel repeat_each;
    grad "
sig 0
node IndexSelectBackward0
input: _unrepeat_each(grad, input, repeats, dim)

sig 1
nondiff

sig 2
node ViewBackward0
input: _unrepeat_each(grad, input, repeats, dim)";
    /// Each of this tensor's elements, or slices along a dimension, repeated.
    "repeat_interleave" [method]
        "(Tensor self, Tensor repeats, int? dim=None, *, int? output_size=None) -> Tensor" => kernel repeat_each, cuda |g, _, a| repeat_own(g, a),
        "(Tensor self, int repeats, int? dim=None, *, int? output_size=None) -> Tensor" => kernel repeat_each;
    grad "
sig 0
node IndexSelectBackward0
input: _unrepeat_each(grad, input, repeats, dim)

sig 1
node ViewBackward0
input: _unrepeat_each(grad, input, repeats, dim)";
    /// The order of elements reversed along dimensions.
    /// >>> torch.flip(torch.tensor([[1, 2], [3, 4]]), (0, 1))
    /// tensor([[4, 3],
    ///         [2, 1]])
    "flip" [fn method] "(Tensor self, int[] dims) -> Tensor" => kernel |a| Ok(rearrange::flip(a.view(0)?, a.ints(1))?.into()), cuda |g, _, a| flip_cuda(g, a.view(0)?, a.ints(1));
    grad "
node FlipBackward0
input: grad.flip(dims)";
    /// Left and right exchanged.
    /// >>> torch.fliplr(torch.tensor([[1, 2], [3, 4]]))
    /// tensor([[2, 1],
    ///         [4, 3]])
    "fliplr" [fn method] "(Tensor self) -> Tensor" => kernel |a| Ok(rearrange::fliplr(a.view(0)?)?.into()), cuda |g, _, a| if a.view(0)?.ndim() < 2 { Ok(None) } else { flip_cuda(g, a.view(0)?, &[1]) };
    grad "
node FlipBackward0
input: grad.fliplr()";
    /// Top and bottom exchanged.
    /// >>> torch.flipud(torch.tensor([[1, 2], [3, 4]]))
    /// tensor([[3, 4],
    ///         [1, 2]])
    "flipud" [fn method] "(Tensor self) -> Tensor" => kernel |a| Ok(rearrange::flipud(a.view(0)?)?.into()), cuda |g, _, a| if a.view(0)?.ndim() < 1 { Ok(None) } else { flip_cuda(g, a.view(0)?, &[0]) };
    grad "
node FlipBackward0
input: grad.flipud()";
    /// Elements shifted along dimensions, what leaves at one end entering at the other.
    /// >>> torch.roll(torch.tensor([1, 2, 3]), 1)
    /// tensor([3, 1, 2])
    "roll" [fn method] "(Tensor self, int[1] shifts, int[1] dims=[]) -> Tensor" => kernel |a| Ok(rearrange::roll(a.view(0)?, a.ints(1), a.ints(2))?.into());
    grad "
node RollBackward0
input: grad.roll([-s for s in shifts], dims)";
    /// Turned by quarters in the plane of two dimensions.
    /// >>> torch.rot90(torch.tensor([[1, 2], [3, 4]]))
    /// tensor([[2, 4],
    ///         [1, 3]])
    "rot90" [fn method] "(Tensor self, int k=1, int[] dims=[0,1]) -> Tensor" => kernel |a| Ok(rearrange::rot90(a.view(0)?, a.int(1)?, a.ints(2))?.into()), cuda rot90_cuda;
    grad "
node Rot90Backward0
input: grad.rot90(-k, dims)";
}
