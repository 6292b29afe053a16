//! Gathering, scattering and masking.

use super::args::{Args, Out, one};
use crate::base::Scalar;
use crate::base::error::{Result, runtime};
use crate::cpu::index::element::checked;
use crate::cpu::index::scatter::Source;
use crate::cpu::index::triangle::Half;
use crate::cpu::index::{along, bins, gather, masked, scatter, subscript, triangle};
use crate::cpu::{copy, shape};
use crate::cuda::index as cuda;
use crate::cuda::index::picks::Value;
use crate::ops::table::Elements;
use crate::rows;
use crate::store::View;
use crate::store::cuda::Gpu;

/// The number in a zero-dimensional value tensor, or the words of `op` for any other.
fn value_of(value: &View, op: &str) -> Result<Scalar> {
    match value.ndim() {
        0 => Ok(value.get(0)),
        n => Err(runtime(format!(
            "{op} only supports a 0-dimensional value tensor, but got tensor with {n} dimension(s)."
        ))),
    }
}

fn put_at(a: Args<'_>) -> Result<Out<View>> {
    let out = copy::clone(a.view(0)?)?;
    let indices: Vec<Option<View>> = a.views(1).iter().cloned().map(Some).collect();
    subscript::put(&out, &indices, a.view(2)?, a.bool(3))?;
    Ok(out.into())
}

/// `scatter` on a GPU: of a tensor or of a number, joined by the reduction at `reduce`.
fn scatter_cuda(g: &'static Gpu, a: Args<'_>, source: &Source, reduce: Option<usize>) -> Result<Option<Out<View>>> {
    let how = match reduce.and_then(|i| a.str(i)).map(scatter::joined) {
        Some(Err(_)) => return Ok(None),
        how => how.transpose()?,
    };
    one(cuda::scatter::scatter(g, a.view(0)?, a.int(1)?, a.view(2)?, source, how, true)?)
}

fn scatter_tensor(g: &'static Gpu, a: Args<'_>, reduce: Option<usize>) -> Result<Option<Out<View>>> {
    scatter_cuda(g, a, &Source::Tensor(a.view(3)?.clone()), reduce)
}

fn scatter_value(g: &'static Gpu, a: Args<'_>, reduce: Option<usize>) -> Result<Option<Out<View>>> {
    scatter_cuda(g, a, &Source::Value(a.scalar(3)?), reduce)
}

/// `masked_fill` on a GPU: with a number, or a tensor without dimensions, which stays there where no conversion is needed.
fn masked_fill_cuda(g: &'static Gpu, x: Elements<'_>, a: Args<'_>) -> Result<Option<Out<View>>> {
    let x = x()?;
    let value = match a.opt_view(2) {
        Some(v) if v.ndim() == 0 && v.dtype() == x.dtype && v.device() == g.device() => Value::View(v.clone()),
        Some(v) => Value::Number(checked(value_of(v, "masked_fill_")?, x.dtype)?),
        None => Value::Number(checked(a.scalar(2)?, x.dtype)?),
    };
    one(cuda::compact::masked_fill(g, x, a.view(1)?, &value)?)
}

rows! {
    /// Elements by index along a dimension: out[i][j] = input[index[i][j]][j] for dim 0.
    /// >>> torch.gather(torch.tensor([[1, 2], [3, 4]]), 1, torch.tensor([[0, 0], [1, 0]]))
    /// tensor([[1, 1],
    ///         [4, 3]])
    "gather" [fn method out] "(Tensor self, int dim, Tensor index, *, bool sparse_grad=False) -> Tensor" => kernel |a| Ok(gather::gather(a.view(0)?, a.int(1)?, a.view(2)?)?.into()), cuda |g, _, a| one(cuda::gather::gather(g, a.view(0)?, a.int(1)?, a.view(2)?)?);
    grad "
node GatherBackward0
input: grad.new_zeros(input.shape).scatter_add_(dim, index, grad)";
    /// A copy with the elements of src written by index along a dimension.
    /// >>> torch.zeros(2, 3).scatter(1, torch.tensor([[0], [2]]), torch.tensor([[5.], [6.]]))
    /// tensor([[5., 0., 0.],
    ///         [0., 0., 6.]])
    "scatter" [fn method inplace out]
        "(Tensor self, int dim, Tensor index, Tensor src) -> Tensor" => kernel |a| Ok(scatter::scatter(a.view(0)?, a.int(1)?, a.view(2)?, &Source::Tensor(a.view(3)?.clone()), None)?.into()), cuda |g, _, a| scatter_tensor(g, a, None),
        "(Tensor self, int dim, Tensor index, Tensor src, *, str reduce) -> Tensor" => kernel |a| Ok(scatter::scatter(a.view(0)?, a.int(1)?, a.view(2)?, &Source::Tensor(a.view(3)?.clone()), a.str(4))?.into()), cuda |g, _, a| scatter_tensor(g, a, Some(4)),
        "(Tensor self, int dim, Tensor index, Scalar value) -> Tensor" => kernel |a| Ok(scatter::scatter(a.view(0)?, a.int(1)?, a.view(2)?, &Source::Value(a.scalar(3)?), None)?.into()), cuda |g, _, a| scatter_value(g, a, None),
        "(Tensor self, int dim, Tensor index, Scalar value, *, str reduce) -> Tensor" => kernel |a| Ok(scatter::scatter(a.view(0)?, a.int(1)?, a.view(2)?, &Source::Value(a.scalar(3)?), a.str(4))?.into()), cuda |g, _, a| scatter_value(g, a, Some(4));
    grad "
sig 0
node ScatterBackward0
input: grad.scatter(dim, index, 0)
src: grad.gather(dim, index)

sig 1
node NotImplemented
input: not_implemented
src: not_implemented

sig 2
node ScatterBackward1
input: grad.scatter(dim, index, 0)

sig 3
node NotImplemented
input: not_implemented";
    /// A copy with the elements of src added by index along a dimension.
    /// >>> torch.zeros(3).scatter_add(0, torch.tensor([0, 0, 2]), torch.tensor([1., 2., 3.]))
    /// tensor([3., 0., 3.])
    "scatter_add" [fn method inplace out] "(Tensor self, int dim, Tensor index, Tensor src) -> Tensor" => kernel |a| Ok(scatter::scatter_add(a.view(0)?, a.int(1)?, a.view(2)?, a.view(3)?)?.into()), cuda |g, _, a| one(cuda::scatter::scatter_reduce(g, a.view(0)?, a.int(1)?, a.view(2)?, a.view(3)?, "sum", true)?);
    grad "
node ScatterAddBackward0
input: grad
src: grad.gather(dim, index)";
    /// A copy with the elements of src joined in by index: sum, prod, mean, amax or amin.
    /// >>> torch.ones(2).scatter_reduce(0, torch.tensor([0, 0, 1]), torch.tensor([2., 3., 4.]), 'prod')
    /// tensor([6., 4.])
    "scatter_reduce" [fn method inplace out] "(Tensor self, int dim, Tensor index, Tensor src, str reduce, *, bool include_self=True) -> Tensor" => kernel |a| Ok(scatter::scatter_reduce(a.view(0)?, a.int(1)?, a.view(2)?, a.view(3)?, a.str(4).unwrap_or(""), a.bool(5))?.into()), cuda |g, _, a| one(cuda::scatter::scatter_reduce(g, a.view(0)?, a.int(1)?, a.view(2)?, a.view(3)?, a.str(4).unwrap_or(""), a.bool(5))?);
    grad "
node ScatterReduceBackward0
input: _joined(grad, result, dim, index, src, reduce, include_self, input)[0]
src: _joined(grad, result, dim, index, src, reduce, include_self, input)[1]";
    /// The slices that index names along a dimension.
    /// >>> torch.index_select(torch.tensor([[1, 2], [3, 4]]), 1, torch.tensor([1, 0, 1]))
    /// tensor([[2, 1, 2],
    ///         [4, 3, 4]])
    "index_select" [fn method out] "(Tensor self, int dim, Tensor index) -> Tensor" => kernel |a| Ok(gather::index_select(a.view(0)?, a.int(1)?, a.view(2)?)?.into()), cuda |g, _, a| one(cuda::gather::index_select(g, a.view(0)?, a.int(1)?, a.view(2)?)?);
    grad "
node IndexSelectBackward0
input: grad.new_zeros(input.shape).index_add_(dim, index, grad)";
    met |_| ("_index_select", &[]);
    /// A copy with the slices of source added where index says.
    /// >>> torch.zeros(3).index_add(0, torch.tensor([0, 2, 0]), torch.tensor([1., 2., 3.]))
    /// tensor([4., 0., 2.])
    "index_add" [fn method inplace out] "(Tensor self, int dim, Tensor index, Tensor source, *, Scalar alpha=1) -> Tensor" => kernel |a| Ok(along::index_add(a.view(0)?, a.int(1)?, a.view(2)?, a.view(3)?, a.scalar(4)?)?.into()), cuda |g, _, a| one(cuda::scatter::index_add(g, a.view(0)?, a.int(1)?, a.view(2)?, a.view(3)?, a.scalar(4)?)?);
    grad "
node IndexAddBackward0
input: grad
source: (grad.index_select(dim, index) * alpha.conjugate()).reshape(source.shape)";
    /// A copy with the slices of source put where index says.
    /// >>> torch.zeros(3).index_copy(0, torch.tensor([2, 0]), torch.tensor([1., 2.]))
    /// tensor([2., 0., 1.])
    "index_copy" [fn method inplace out] "(Tensor self, int dim, Tensor index, Tensor source) -> Tensor" => kernel |a| Ok(along::index_copy(a.view(0)?, a.int(1)?, a.view(2)?, a.view(3)?)?.into()), cuda |g, _, a| one(cuda::scatter::index_copy(g, a.view(0)?, a.int(1)?, a.view(2)?, a.view(3)?)?);
    grad "
node IndexCopyBackward0
input: grad.index_fill(dim, index, 0)
source: grad.index_select(dim, index).reshape(source.shape)";
    /// A copy with a number put where index says.
    /// >>> torch.zeros(3).index_fill(0, torch.tensor([2, 0]), 7)
    /// tensor([7., 0., 7.])
    "index_fill" [fn method inplace]
        "(Tensor self, int dim, Tensor index, Tensor value) -> Tensor" => kernel |a| Ok(along::index_fill(a.view(0)?, a.int(1)?, a.view(2)?, value_of(a.view(3)?, "index_fill_")?)?.into()), cuda |g, _, a| one(cuda::scatter::index_fill(g, a.view(0)?, a.int(1)?, a.view(2)?, value_of(a.view(3)?, "index_fill_")?)?),
        "(Tensor self, int dim, Tensor index, Scalar value) -> Tensor" => kernel |a| Ok(along::index_fill(a.view(0)?, a.int(1)?, a.view(2)?, a.scalar(3)?)?.into()), cuda |g, _, a| one(cuda::scatter::index_fill(g, a.view(0)?, a.int(1)?, a.view(2)?, a.scalar(3)?)?);
    grad "
sig 0
node IndexFillBackward1
input: grad.index_fill(dim, index, 0)
value: grad.index_select(dim, index.unique()).sum()

sig 1
node IndexFillBackward0
input: grad.index_fill(dim, index, 0)";
    /// A copy with the slices of source joined in where index says: prod, mean, amax or amin.
    /// >>> torch.ones(2).index_reduce(0, torch.tensor([0, 0]), torch.tensor([2., 3.]), 'amax')
    /// tensor([3., 1.])
    "index_reduce" [fn method inplace out] "(Tensor self, int dim, Tensor index, Tensor source, str reduce, *, bool include_self=True) -> Tensor" => kernel |a| Ok(along::index_reduce(a.view(0)?, a.int(1)?, a.view(2)?, a.view(3)?, a.str(4).unwrap_or(""), a.bool(5))?.into()), cuda |g, _, a| one(cuda::scatter::index_reduce(g, a.view(0)?, a.int(1)?, a.view(2)?, a.view(3)?, a.str(4).unwrap_or(""), a.bool(5))?);
    grad "
node IndexReduceBackward0
input: _joined(grad, result, dim, _slots(index, dim, source), source, reduce, include_self, input)[0]
source: _joined(grad, result, dim, _slots(index, dim, source), source, reduce, include_self, input)[1]";
    /// A copy with values put at the places that a tuple of index tensors names.
    /// >>> torch.zeros(2, 2).index_put((torch.tensor([0, 1]), torch.tensor([1, 0])), torch.tensor([5., 6.]))
    /// tensor([[0., 5.],
    ///         [6., 0.]])
    "index_put" [fn method inplace anywhere] "(Tensor self, Tensor?[] indices, Tensor values, bool accumulate=False) -> Tensor" => kernel put_at, cuda |g, _, a| one(cuda::subscript::index_put(g, a.view(0)?, a.views(1), a.view(2)?, a.bool(3))?);
    grad "
node IndexPutBackward0
input:
    return grad if accumulate else grad.index_put(tuple(indices), grad.new_zeros(()))
values: grad[_whole(indices)]";
    /// The elements where mask is true, as a vector.
    /// >>> torch.masked_select(torch.tensor([1, 2, 3]), torch.tensor([True, False, True]))
    /// tensor([1, 3])
    "masked_select" [fn method out] "(Tensor self, Tensor mask) -> Tensor" => kernel |a| Ok(masked::masked_select(a.view(0)?, a.view(1)?)?.into()), cuda |g, _, a| one(cuda::compact::masked_select(g, a.view(0)?, a.view(1)?)?);
    grad "
node MaskedSelectBackward0
input:
    whole, chosen = broadcast_tensors(input, mask)
    return grad.new_zeros(whole.shape).masked_scatter_(chosen, grad)";
    /// A copy with a number where mask is true.
    /// >>> torch.masked_fill(torch.tensor([1, 2, 3]), torch.tensor([True, False, True]), 0)
    /// tensor([0, 2, 0])
    "masked_fill" [fn method inplace]
        "(Tensor self, Tensor mask, Tensor value) -> Tensor" => kernel |a| Ok(masked::masked_fill(a.view(0)?, a.view(1)?, value_of(a.view(2)?, "masked_fill_")?)?.into()), fused masked_fill_cuda,
        "(Tensor self, Tensor mask, Scalar value) -> Tensor" => kernel |a| Ok(masked::masked_fill(a.view(0)?, a.view(1)?, a.scalar(2)?)?.into()), fused masked_fill_cuda;
    grad "
sig 0
node MaskedFillBackward1
input: grad.masked_fill(mask, 0)
value: where(mask, grad, 0).sum()

sig 1
node MaskedFillBackward0
input: grad.masked_fill(mask, 0)";
    /// A copy with the elements of source, in order, where mask is true.
    /// >>> torch.masked_scatter(torch.zeros(3), torch.tensor([True, False, True]), torch.tensor([5., 6.]))
    /// tensor([5., 0., 6.])
    "masked_scatter" [fn method inplace] "(Tensor self, Tensor mask, Tensor source) -> Tensor" => kernel |a| Ok(masked::masked_scatter(a.view(0)?, a.view(1)?, a.view(2)?)?.into()), cuda |g, _, a| one(cuda::compact::masked_scatter(g, a.view(0)?, a.view(1)?, a.view(2)?)?);
    grad "
node MaskedScatterBackward0
again source MaskedScatterBackwardBackward0
input: grad.masked_fill(mask, 0)
source:
    taken = grad.masked_select(mask.expand(grad.shape))
    return cat([taken, grad.new_zeros(source.numel() - taken.numel())]).reshape(source.shape)";
    /// Elements by their number in the flattened tensor.
    /// >>> torch.take(torch.tensor([[1, 2], [3, 4]]), torch.tensor([0, 3, -1]))
    /// tensor([1, 4, 4])
    "take" [fn method out] "(Tensor self, Tensor index) -> Tensor" => kernel |a| Ok(gather::take(a.view(0)?, a.view(1)?)?.into()), cuda |g, _, a| one(cuda::gather::take(g, a.view(0)?, a.view(1)?)?);
    grad "
node TakeBackward0
input: grad.new_zeros(input.shape).put_(index, grad, True)";
    /// Elements by index along a dimension, as argsort and argmax give it.
    /// >>> t = torch.tensor([[3, 1], [2, 4]])
    /// >>> torch.take_along_dim(t, t.argsort(dim=1), dim=1)
    /// tensor([[1, 3],
    ///         [2, 4]])
    "take_along_dim" [fn method out] "(Tensor self, Tensor indices, int? dim=None) -> Tensor" => kernel |a| Ok(gather::take_along_dim(a.view(0)?, a.view(1)?, a.opt_int(2))?.into()), cuda |g, _, a| one(cuda::gather::take_along_dim(g, a.view(0)?, a.view(1)?, a.opt_int(2))?);
    grad "
node GatherBackward0
input:
    n = input.numel() if dim is None else input.size(dim)
    at = where(indices < 0, indices + n, indices)
    if dim is None:
        return grad.new_zeros(n).scatter_add_(0, at.reshape(-1), grad.reshape(-1)).reshape(input.shape)
    sizes = list(grad.shape)
    sizes[dim] = n
    return grad.new_zeros(sizes).scatter_add_(dim, at.expand(grad.shape), grad)";
    /// A copy with the elements of source put by their number in the flattened tensor.
    /// >>> torch.zeros(3).put(torch.tensor([0, -1]), torch.tensor([5., 6.]))
    /// tensor([5., 0., 6.])
    "put" [fn method inplace] "(Tensor self, Tensor index, Tensor source, bool accumulate=False) -> Tensor" => kernel |a| Ok(scatter::put(a.view(0)?, a.view(1)?, a.view(2)?, a.bool(3))?.into()), cuda |g, _, a| one(cuda::scatter::put(g, a.view(0)?, a.view(1)?, a.view(2)?, a.bool(3))?);
    grad "
node PutBackward0
input: grad if accumulate else grad.put(index, grad.new_zeros(index.shape))
source: grad.take(index).reshape(source.shape)";
    /// The positions of the elements that are not zero, a row each, or a tensor for each dimension.
    /// >>> torch.nonzero(torch.tensor([[1, 0], [0, 4]]))
    /// tensor([[0, 0],
    ///         [1, 1]])
    "nonzero" [fn method out] "(Tensor self, *, bool as_tuple=False) -> Tensor" => kernel |a| Ok(if a.bool(1) { masked::nonzero_tuple(a.view(0)?)?.into() } else { masked::nonzero(a.view(0)?)?.into() }), fused |g, x, a| Ok(Some(if a.bool(1) { cuda::compact::nonzero_tuple(g, x()?)?.into() } else { cuda::compact::nonzero(g, x()?)?.into() }));
    /// The positions of the elements that are not zero, a row each.
    /// >>> torch.argwhere(torch.tensor([0, 5, 6]))
    /// tensor([[1],
    ///         [2]])
    "argwhere" [fn method] "(Tensor self) -> Tensor" => kernel |a| Ok(masked::nonzero(a.view(0)?)?.into()), fused |g, x, _| Ok(Some(cuda::compact::nonzero(g, x()?)?.into()));
    /// The positions of the first elements that are not zero: as many rows as size says, filled up with a number.
    /// >>> torch.nonzero_static(torch.tensor([0, 5, 6]), size=3)
    /// tensor([[ 1],
    ///         [ 2],
    ///         [-1]])
    "nonzero_static" [fn method out] "(Tensor self, *, int size, int fill_value=-1) -> Tensor" => tensh "
if size < 0:
    raise RuntimeError(\"nonzero_static: 'size' must be an non-negative integer\")
found = nonzero(input)[:size]
return cat([found, full((size - found.size(0), input.ndim), fill_value)])";
    grad "nondiff";
    /// The coordinates in a shape of numbers in the flattened tensor.
    /// >>> torch.unravel_index(torch.tensor([1, 5]), (2, 3))
    /// (tensor([0, 1]), tensor([1, 2]))
    "unravel_index" [fn] "(Tensor indices, int[1] shape) -> Tensor[]" => tensh "
if indices.dtype == torch.bool or is_complex(indices) or is_floating_point(indices):
    raise TypeError(f\"expected 'indices' to be integer dtype, but got {indices.dtype}\")
if any([n < 0 for n in shape]):
    raise ValueError(f\"'shape' cannot have negative values, but got {tuple(shape)}\")
steps = [1]
for n in reversed(shape[1:]):
    steps.insert(0, steps[0] * n)
places = indices.unsqueeze(-1).floor_divide(tensor(steps, dtype=torch.int64))
return (places % tensor(shape, dtype=torch.int64)).unbind(-1)";
    grad "nondiff";
    /// The lower triangle, zeros above.
    /// >>> torch.tril(torch.ones(3, 3))
    /// tensor([[1., 0., 0.],
    ///         [1., 1., 0.],
    ///         [1., 1., 1.]])
    "tril" [fn method inplace out] "(Tensor self, int diagonal=0) -> Tensor" => kernel |a| Ok(triangle::triangle(a.view(0)?, a.int(1)?, Half::Lower)?.into()), cuda |g, _, a| one(cuda::rearrange::triangle(g, a.view(0)?, a.int(1)?, Half::Lower)?);
    grad "
node TrilBackward0
input: grad.tril(diagonal)";
    /// The upper triangle, zeros below.
    /// >>> torch.triu(torch.ones(3, 3), diagonal=1)
    /// tensor([[0., 1., 1.],
    ///         [0., 0., 1.],
    ///         [0., 0., 0.]])
    "triu" [fn method inplace out] "(Tensor self, int diagonal=0) -> Tensor" => kernel |a| Ok(triangle::triangle(a.view(0)?, a.int(1)?, Half::Upper)?.into()), cuda |g, _, a| one(cuda::rearrange::triangle(g, a.view(0)?, a.int(1)?, Half::Upper)?);
    grad "
node TriuBackward0
input: grad.triu(diagonal)";
    /// The positions of a matrix's lower triangle: rows above columns.
    /// >>> torch.tril_indices(3, 3)
    /// tensor([[0, 1, 1, 2, 2, 2],
    ///         [0, 0, 1, 0, 1, 2]])
    "tril_indices" [fn] "(int row, int col, int offset=0, *, ScalarType? dtype=long, Layout? layout=None, Device? device=None, bool? pin_memory=False, bool requires_grad=False) -> Tensor" => kernel |a| Ok(triangle::triangle_indices(a.int(0)?, a.int(1)?, a.int(2)?, Half::Lower, a.dtype(3).unwrap_or(crate::base::DType::I64))?.into()), cuda |g, _, a| Ok(crate::cuda::create::triangle_indices(g, a.int(0)?, a.int(1)?, a.int(2)?, true, a.dtype(3).unwrap_or(crate::base::DType::I64))?.map(Into::into));
    /// The positions of a matrix's upper triangle: rows above columns.
    /// >>> torch.triu_indices(2, 3)
    /// tensor([[0, 0, 0, 1, 1],
    ///         [0, 1, 2, 1, 2]])
    "triu_indices" [fn] "(int row, int col, int offset=0, *, ScalarType? dtype=long, Layout? layout=None, Device? device=None, bool? pin_memory=False, bool requires_grad=False) -> Tensor" => kernel |a| Ok(triangle::triangle_indices(a.int(0)?, a.int(1)?, a.int(2)?, Half::Upper, a.dtype(3).unwrap_or(crate::base::DType::I64))?.into()), cuda |g, _, a| Ok(crate::cuda::create::triangle_indices(g, a.int(0)?, a.int(1)?, a.int(2)?, false, a.dtype(3).unwrap_or(crate::base::DType::I64))?.map(Into::into));
    /// A vector onto a matrix's diagonal, or a matrix's diagonal.
    /// >>> torch.diag(torch.tensor([1, 2]))
    /// tensor([[1, 0],
    ///         [0, 2]])
    /// >>> torch.diag(torch.tensor([[1, 2], [3, 4]]))
    /// tensor([1, 4])
    "diag" [fn method out] "(Tensor self, int diagonal=0) -> Tensor" => kernel |a| Ok(triangle::diag(a.view(0)?, a.int(1)?)?.into());
    grad "
node DiagEmbedBackward0 if input.ndim == 1 else DiagonalBackward0_copy
again input DiagonalBackward0 if input.ndim == 1 else DiagonalBackwardBackward0
input: grad.diagonal(diagonal) if input.ndim == 1 else _diagonal_back(grad, input.shape, diagonal)";
    /// The flattened elements onto a matrix's diagonal.
    /// >>> torch.diagflat(torch.tensor([1, 2]), 1)
    /// tensor([[0, 1, 0],
    ///         [0, 0, 2],
    ///         [0, 0, 0]])
    "diagflat" [fn method] "(Tensor self, int offset=0) -> Tensor" => kernel |a| Ok(triangle::diagflat(a.view(0)?, a.int(1)?)?.into());
    grad "
node DiagEmbedBackward0
input: grad.diagonal(offset).reshape(input.shape)";
    /// The last dimension onto the diagonals of new matrices.
    /// >>> torch.diag_embed(torch.tensor([[1, 2], [3, 4]]))
    /// tensor([[[1, 0],
    ///          [0, 2]],
    /// <BLANKLINE>
    ///         [[3, 0],
    ///          [0, 4]]])
    "diag_embed" [fn method] "(Tensor self, int offset=0, int dim1=-2, int dim2=-1) -> Tensor" => kernel |a| Ok(triangle::diag_embed(a.view(0)?, a.int(1)?, a.int(2)?, a.int(3)?)?.into());
    grad "
node DiagEmbedBackward0
input: grad.diagonal(offset, dim1, dim2)";
    /// A copy with src as its diagonal.
    /// >>> torch.diagonal_scatter(torch.zeros(2, 2), torch.tensor([1., 2.]))
    /// tensor([[1., 0.],
    ///         [0., 2.]])
    "diagonal_scatter" [fn method] "(Tensor self, Tensor src, int offset=0, int dim1=0, int dim2=1) -> Tensor" => kernel |a| Ok(triangle::diagonal_scatter(a.view(0)?, a.view(1)?, a.int(2)?, a.int(3)?, a.int(4)?)?.into());
    grad "
node DiagonalScatterBackward0
input: grad.diagonal_scatter(zeros_like(src), offset, dim1, dim2)
src: grad.diagonal(offset, dim1, dim2)";
    /// Zeros of a size but for a diagonal, a slice, or slices along a dimension: what comes back through these views.
    "_diagonal_back" [fn] "(Tensor part, int[] size, int offset=0, int dim1=0, int dim2=1) -> Tensor" => kernel |a| Ok(triangle::diagonal_back(a.view(0)?, a.ints(1), a.int(2)?, a.int(3)?, a.int(4)?)?.into());
    grad "
part: grad.diagonal(offset, dim1, dim2)";
    "_select_back" [fn] "(Tensor part, int[] size, int dim, int index) -> Tensor" => kernel |a| Ok(triangle::select_back(a.view(0)?, a.ints(1), a.int(2)?, a.int(3)?)?.into());
    grad "
part: grad.select(dim, index)";
    "_slice_back" [fn] "(Tensor part, int[] size, int dim, int? start, int? end, int step=1) -> Tensor" => kernel |a| Ok(triangle::slice_back(a.view(0)?, a.ints(1), a.int(2)?, (a.opt_int(3), a.opt_int(4), a.int(5)?))?.into());
    grad "
part: torch.slice_copy(grad, dim, start, end, step)";
    /// A copy with src as one slice along a dimension.
    /// >>> torch.select_scatter(torch.zeros(2, 2), torch.tensor([1., 2.]), 0, 1)
    /// tensor([[0., 0.],
    ///         [1., 2.]])
    "select_scatter" [fn method] "(Tensor self, Tensor src, int dim, int index) -> Tensor" => kernel |a| Ok(triangle::select_scatter(a.view(0)?, a.view(1)?, a.int(2)?, a.int(3)?)?.into());
    grad "
node SelectScatterBackward0
input: grad.select_scatter(zeros_like(src), dim, index)
src: grad.select(dim, index)";
    /// A copy with src as the slices start:end:step along a dimension.
    /// >>> torch.slice_scatter(torch.zeros(2, 3), torch.ones(2, 2), dim=1, start=1)
    /// tensor([[0., 1., 1.],
    ///         [0., 1., 1.]])
    "slice_scatter" [fn method] "(Tensor self, Tensor src, int dim=0, int? start=None, int? end=None, int step=1) -> Tensor" => kernel |a| Ok(triangle::slice_scatter(a.view(0)?, a.view(1)?, a.int(2)?, a.opt_int(3), a.opt_int(4), a.int(5)?)?.into());
    grad "
node SliceScatterBackward0
input: grad.slice_scatter(zeros_like(src), dim, start, end, step)
src: grad[tuple([slice(start, end, step) if d == dim % grad.ndim else slice(None) for d in range(grad.ndim)])]";
    /// A copy with src written through sizes and strides over its memory.
    /// >>> torch.as_strided_scatter(torch.zeros(4), torch.ones(2), (2,), (2,))
    /// tensor([1., 0., 1., 0.])
    "as_strided_scatter" [fn method] "(Tensor self, Tensor src, int[] size, int[] stride, int? storage_offset=None) -> Tensor" => tensh "
if storage_offset is not None and storage_offset < 0:
    raise RuntimeError(f'Tensor: invalid storage offset {storage_offset}')
out = empty_strided(input.shape, input.stride(), dtype=input.dtype).copy_(input)
part = out.as_strided(size, stride, storage_offset)
if part.shape != src.shape:
    raise RuntimeError(f'expected src to have a size equal to the slice of self. src size = {list(src.shape)}, slice size = {list(part.shape)}')
part.copy_(src)
return out";
    grad "
node AsStridedScatterBackward0
again src AsStridedBackward0
again input AsStridedBackward0
input:
    first = input.storage_offset() if storage_offset is None else storage_offset
    own = _addresses(input.shape, input.stride(), input.storage_offset())
    return grad.masked_fill(~isin(own, _addresses(size, stride, first)), 0)
src:
    first = input.storage_offset() if storage_offset is None else storage_offset
    own = _addresses(input.shape, input.stride(), input.storage_offset()).reshape(-1)
    seen = _addresses(size, stride, first)
    n = max([int(t.max()) + 1 if t.numel() > 0 else 0 for t in (own, seen)])
    memory = grad.new_zeros(n).index_copy_(0, own, grad.reshape(-1))
    return memory[seen]";
    /// Puts a number on the main diagonal.
    /// >>> torch.zeros(3, 3).fill_diagonal_(5)
    /// tensor([[5., 0., 0.],
    ///         [0., 5., 0.],
    ///         [0., 0., 5.]])
    "fill_diagonal_" [method] "(Tensor self, Scalar fill_value, bool wrap=False) -> Tensor" => kernel |a| {
        triangle::fill_diagonal(a.view(0)?, a.scalar(1)?, a.bool(2))?;
        Ok(Out::None)
    }, cuda |g, _, a| {
        let x = a.view(0)?;
        let diagonals = triangle::diagonals(x, a.bool(2))?;
        let value = checked(a.scalar(1)?, x.dtype())?;
        diagonals.iter().try_for_each(|d| crate::cuda::create::fill(g, d, value))?;
        Ok(Some(Out::None))
    };
    grad "
node CopySlices
input: grad.masked_fill(zeros(grad.shape, dtype=torch.bool).fill_diagonal_(True, wrap), 0)";
    /// Rows of zeros with a one at each index.
    /// >>> torch.nn.functional.one_hot(torch.tensor([0, 2]))
    /// tensor([[1, 0, 0],
    ///         [0, 0, 1]])
    "nn.functional.one_hot" [fn] "(Tensor input, int num_classes=-1) -> Tensor" => kernel |a| Ok(bins::one_hot(a.view(0)?, a.int(1)?)?.into()), cuda |g, _, a| one(cuda::bins::one_hot(g, a.view(0)?, a.int(1)?)?);
    /// One slice along a dimension, which goes; a view.
    /// >>> torch.select(torch.tensor([[1, 2], [3, 4]]), 1, 0)
    /// tensor([1, 3])
    "select" [fn method copy] "(Tensor self, int dim, int index) -> Tensor" => kernel |a| Ok(shape::select(a.view(0)?, a.int(1)?, a.int(2)?)?.into());
    grad "
node SelectBackward0
again input SelectBackwardBackward0
input: _select_back(grad, input.shape, dim, index)";
}
