//! Views: other sizes, strides and orders over the same memory.

use super::args::{Args, Out};
use crate::base::error::{Result, runtime};
use crate::cpu::shape;
use crate::rows;
use crate::store::View;

/// `atleast_1d` and its kin: one tensor for one, a tuple for several.
fn at_least(a: Args<'_>, n: usize) -> Result<Out<View>> {
    match a.opt_view(0) {
        Some(x) => Ok(shape::at_least(x, n).into()),
        None => Ok(Out::Tuple(a.views(0).iter().map(|x| shape::at_least(x, n)).collect())),
    }
}

fn narrow_by_tensor(a: Args<'_>) -> Result<Out<View>> {
    let start = a.view(2)?;
    if start.ndim() != 0 || !start.dtype().is_int() {
        return Err(runtime("start must be an 0-dim integral Tensor."));
    }
    Ok(shape::narrow(a.view(0)?, a.int(1)?, start.get(0).to_i64(), a.int(3)?)?.into())
}

rows! {
    /// The same elements under other sizes, of which one may be -1; a view where possible.
    /// >>> torch.reshape(torch.arange(4), (2, -1))
    /// tensor([[0, 1],
    ///         [2, 3]])
    "reshape" [fn method] "(Tensor self, int[] shape) -> Tensor" => kernel |a| Ok(shape::reshape(a.view(0)?, a.ints(1))?.into());
    grad "
node ViewBackward0 if input.is_contiguous() else ReshapeAliasBackward0 if _shares_memory(input, result) else UnsafeViewBackward0
input: grad.reshape(input.shape)";
    /// The same memory under other sizes, or as another dtype.
    /// >>> torch.arange(4).view(2, 2)
    /// tensor([[0, 1],
    ///         [2, 3]])
    /// >>> torch.tensor([1.]).view(torch.int32)
    /// tensor([1065353216], dtype=torch.int32)
    "view" [method copy]
        "(Tensor self, ScalarType dtype) -> Tensor" => kernel |a| Ok(shape::view_dtype(a.view(0)?, a.dtype(1).unwrap_or(a.view(0)?.dtype()))?.into()),
        "(Tensor self, int[] size) -> Tensor" => kernel |a| Ok(shape::view(a.view(0)?, a.ints(1))?.into());
    grad "
sig 0
nondiff

sig 1
node ViewBackward0
input: grad.reshape(input.shape)";
    /// The same memory under another tensor's sizes.
    /// >>> torch.arange(4).view_as(torch.ones(2, 2))
    /// tensor([[0, 1],
    ///         [2, 3]])
    "view_as" [method] "(Tensor self, Tensor other) -> Tensor" => kernel |a| Ok(shape::view(a.view(0)?, a.view(1)?.sizes())?.into());
    grad "
node ViewBackward0
input: grad.reshape(input.shape)";
    /// The same elements under another tensor's sizes.
    /// >>> torch.arange(4).reshape_as(torch.ones(2, 2))
    /// tensor([[0, 1],
    ///         [2, 3]])
    "reshape_as" [method] "(Tensor self, Tensor other) -> Tensor" => kernel |a| Ok(shape::reshape(a.view(0)?, a.view(1)?.sizes())?.into());
    grad "
node ViewBackward0 if input.is_contiguous() else ReshapeAliasBackward0 if _shares_memory(input, result) else UnsafeViewBackward0
input: grad.reshape(input.shape)";
    /// Dimensions start_dim to end_dim as one.
    /// >>> torch.flatten(torch.tensor([[1, 2], [3, 4]]))
    /// tensor([1, 2, 3, 4])
    "flatten" [fn method] "(Tensor self, int start_dim=0, int end_dim=-1) -> Tensor" => kernel |a| Ok(shape::flatten(a.view(0)?, a.int(1)?, a.int(2)?)?.into());
    grad "
node same if input.shape == result.shape else ViewBackward0 if input.is_contiguous() else ReshapeAliasBackward0 if _shares_memory(input, result) else UnsafeViewBackward0
input: grad.reshape(input.shape)";
    /// All elements as a vector.
    /// >>> torch.ravel(torch.tensor([[1, 2], [3, 4]]))
    /// tensor([1, 2, 3, 4])
    "ravel" [fn method] "(Tensor self) -> Tensor" => kernel |a| Ok(shape::reshape(a.view(0)?, &[-1])?.into());
    grad "
node ViewBackward0
input: grad.reshape(input.shape)";
    /// One dimension as several.
    /// >>> torch.unflatten(torch.arange(6), 0, (2, -1))
    /// tensor([[0, 1, 2],
    ///         [3, 4, 5]])
    "unflatten" [fn method] "(Tensor self, int dim, int[] sizes) -> Tensor" => kernel |a| Ok(shape::unflatten(a.view(0)?, a.int(1)?, a.ints(2))?.into());
    grad "
node ViewBackward0
input: grad.reshape(input.shape)";
    /// Without dimensions of size 1: all, or those given.
    /// >>> torch.squeeze(torch.ones(1, 2, 1)).shape
    /// torch.Size([2])
    "squeeze" [fn method copy]
        "(Tensor self) -> Tensor" => kernel |a| Ok(shape::squeeze(a.view(0)?, None)?.into()),
        "(Tensor self, int dim) -> Tensor" => kernel |a| Ok(shape::squeeze(a.view(0)?, Some(&[a.int(1)?]))?.into()),
        "(Tensor self, int[] dim) -> Tensor" => kernel |a| Ok(shape::squeeze(a.view(0)?, Some(a.ints(1)))?.into());
    grad "
sig 0
node SqueezeBackward0
input: grad.reshape(input.shape)

sig 1
node SqueezeBackward1
input: grad.reshape(input.shape)

sig 2
node SqueezeBackward2
input: grad.reshape(input.shape)";
    /// A new dimension of size 1.
    /// >>> torch.unsqueeze(torch.tensor([1, 2]), 1)
    /// tensor([[1],
    ///         [2]])
    "unsqueeze" [fn method copy] "(Tensor self, int dim) -> Tensor" => kernel |a| Ok(shape::unsqueeze(a.view(0)?, a.int(1)?)?.into());
    grad "
node UnsqueezeBackward0
input: grad.squeeze(dim)";
    /// Two dimensions exchanged.
    /// >>> torch.transpose(torch.tensor([[1, 2], [3, 4]]), 0, 1)
    /// tensor([[1, 3],
    ///         [2, 4]])
    "transpose" [fn method copy] "(Tensor self, int dim0, int dim1) -> Tensor" => kernel |a| Ok(shape::transpose(a.view(0)?, a.int(1)?, a.int(2)?)?.into());
    grad "
node TransposeBackward0
input: grad.transpose(dim0, dim1)";
    /// Two dimensions exchanged.
    /// >>> torch.swapaxes(torch.tensor([[1, 2], [3, 4]]), 0, 1)
    /// tensor([[1, 3],
    ///         [2, 4]])
    "swapaxes" [fn method] "(Tensor self, int axis0, int axis1) -> Tensor" => kernel |a| Ok(shape::transpose(a.view(0)?, a.int(1)?, a.int(2)?)?.into());
    grad "
node TransposeBackward0
input: grad.transpose(axis0, axis1)";
    /// Two dimensions exchanged.
    /// >>> torch.swapdims(torch.tensor([[1, 2], [3, 4]]), 0, 1)
    /// tensor([[1, 3],
    ///         [2, 4]])
    "swapdims" [fn method] "(Tensor self, int dim0, int dim1) -> Tensor" => kernel |a| Ok(shape::transpose(a.view(0)?, a.int(1)?, a.int(2)?)?.into());
    grad "
node TransposeBackward0
input: grad.transpose(dim0, dim1)";
    /// A matrix transposed.
    /// >>> torch.t(torch.tensor([[1, 2], [3, 4]]))
    /// tensor([[1, 3],
    ///         [2, 4]])
    "t" [fn method copy] "(Tensor self) -> Tensor" => kernel |a| Ok(shape::t(a.view(0)?)?.into());
    grad "
node TBackward0
input: grad.t()";
    /// The last two dimensions exchanged and the elements conjugated.
    /// >>> torch.adjoint(torch.tensor([[1, 2j]]))
    /// tensor([[1.-0.j],
    ///         [0.-2.j]])
    "adjoint" [fn method] "(Tensor self) -> Tensor" => tensh "
if input.ndim == 1:
    raise RuntimeError('tensor.adjoint() is only supported on matrices or batches of matrices. Got 1-D tensor.')
turned = input if input.ndim == 0 else transpose(input, -2, -1)
return conj(turned) if is_complex(input) else turned";
    grad "
node same if input.ndim == 0 and not is_complex(input) else ConjBackward0 if is_complex(input) else TransposeBackward0
input: (grad if input.ndim == 0 else grad.transpose(-2, -1)).conj()";
    /// Dimensions in another order.
    /// >>> torch.permute(torch.ones(2, 3, 4), (2, 0, 1)).shape
    /// torch.Size([4, 2, 3])
    "permute" [fn method copy] "(Tensor self, int[] dims) -> Tensor" => kernel |a| Ok(shape::permute(a.view(0)?, a.ints(1))?.into());
    grad "
node PermuteBackward0
input:
    order = [d % max(input.ndim, 1) for d in dims]
    return grad.permute([order.index(d) for d in range(input.ndim)])";
    /// Dimensions moved to other places.
    /// >>> torch.movedim(torch.ones(2, 3, 4), 0, 2).shape
    /// torch.Size([3, 4, 2])
    "movedim" aka ["moveaxis"] [fn method]
        "(Tensor self, int source, int destination) -> Tensor" => kernel |a| Ok(shape::movedim(a.view(0)?, &[a.int(1)?], &[a.int(2)?])?.into()),
        "(Tensor self, int[] source, int[] destination) -> Tensor" => kernel |a| Ok(shape::movedim(a.view(0)?, a.ints(1), a.ints(2))?.into());
    grad "
sig 0
node AliasBackward0 if input.ndim == 0 else PermuteBackward0
input: grad.movedim(destination, source)

sig 1
node AliasBackward0 if input.ndim == 0 else PermuteBackward0
input: grad.movedim(destination, source)";
    /// Dimensions of size 1 stretched without copying.
    /// >>> torch.tensor([[1], [2]]).expand(2, 3)
    /// tensor([[1, 1, 1],
    ///         [2, 2, 2]])
    "expand" [method copy] "(Tensor self, int[] size, *, bool implicit=False) -> Tensor" => kernel |a| Ok(shape::expand(a.view(0)?, a.ints(1))?.into());
    grad "
node ExpandBackward0
input: grad.sum_to_size(input.shape)";
    /// Stretched to another tensor's sizes.
    /// >>> torch.tensor([[1], [2]]).expand_as(torch.ones(2, 3))
    /// tensor([[1, 1, 1],
    ///         [2, 2, 2]])
    "expand_as" [method] "(Tensor self, Tensor other) -> Tensor" => kernel |a| Ok(shape::expand(a.view(0)?, a.view(1)?.sizes())?.into());
    grad "
node ExpandBackward0
input: grad.sum_to_size(input.shape)";
    /// Stretched to the sizes given.
    /// >>> torch.broadcast_to(torch.tensor([1, 2]), (2, 2))
    /// tensor([[1, 2],
    ///         [1, 2]])
    "broadcast_to" [fn method] "(Tensor self, int[] size) -> Tensor" => kernel |a| Ok(shape::expand(a.view(0)?, a.ints(1))?.into());
    grad "
node ExpandBackward0
input: grad.sum_to_size(input.shape)";
    /// All stretched to the shape they broadcast to.
    /// >>> torch.broadcast_tensors(torch.tensor([1, 2]), torch.tensor([[3], [4]]))
    /// (tensor([[1, 2],
    ///         [1, 2]]), tensor([[3, 3],
    ///         [4, 4]]))
    "broadcast_tensors" [fn] "(Tensor... tensors) -> Tensor[]" => kernel |a| Ok(shape::broadcast_tensors(a.views(0))?.into());
    grad "
node same if tensors[i].shape == results[i].shape else ExpandBackward0
tensors: [None if g is None else g.sum_to_size(t.shape) for g, t in zip(grads, tensors)]";
    /// A number of elements from start along a dimension.
    /// >>> torch.narrow(torch.tensor([1, 2, 3, 4]), 0, 1, 2)
    /// tensor([2, 3])
    "narrow" [fn method copy]
        "(Tensor self, int dim, Tensor start, int length) -> Tensor" => kernel narrow_by_tensor,
        "(Tensor self, int dim, int start, int length) -> Tensor" => kernel |a| Ok(shape::narrow(a.view(0)?, a.int(1)?, a.int(2)?, a.int(3)?)?.into());
    grad "
sig 0
node SliceBackward0
again input SliceBackwardBackward0
input:
    first = int(start) % max(input.size(dim), 1) if int(start) < 0 else int(start)
    return _slice_back(grad, input.shape, dim, first, first + length)

sig 1
node SliceBackward0
again input SliceBackwardBackward0
input:
    first = start + input.size(dim) if start < 0 else start
    return _slice_back(grad, input.shape, dim, first, first + length)";
    /// The diagonal of two dimensions, as a view.
    /// >>> torch.diagonal(torch.tensor([[1, 2], [3, 4]]))
    /// tensor([1, 4])
    "diagonal" [fn method copy] "(Tensor self, int offset=0, int dim1=0, int dim2=1) -> Tensor" => kernel |a| Ok(shape::diagonal(a.view(0)?, a.int(1)?, a.int(2)?, a.int(3)?)?.into());
    grad "
node DiagonalBackward0
again input DiagonalBackwardBackward0
input: _diagonal_back(grad, input.shape, offset, dim1, dim2)";
    /// The windows of a size along a dimension, their elements as a new last dimension.
    /// >>> torch.arange(5).unfold(0, 3, 1)
    /// tensor([[0, 1, 2],
    ///         [1, 2, 3],
    ///         [2, 3, 4]])
    "unfold" [method copy] "(Tensor self, int dimension, int size, int step) -> Tensor" => kernel |a| Ok(a.view(0)?.unfold(a.int(1)?, a.int(2)?, a.int(3)?)?.into());
    grad "
node UnfoldBackward0
again input UnfoldBackwardBackward0
input:
    if input.ndim == 0:
        return grad.sum()
    at = dimension % input.ndim
    windows = arange(input.size(at)).unfold(0, size, step)
    return grad.new_zeros(input.shape).index_add_(at, windows.reshape(-1), grad.movedim(-1, at + 1).flatten(at, at + 1))";
    /// The same elements, without derivatives.
    /// >>> torch.detach(torch.tensor([1.]))
    /// tensor([1.])
    "detach" [fn method copy] "(Tensor self) -> Tensor" => kernel |a| Ok(a.view(0)?.clone().into());
    /// The tensor again.
    /// >>> torch.alias_copy(torch.tensor([1, 2]))
    /// tensor([1, 2])
    "alias" [copy] "(Tensor self) -> Tensor" => kernel |a| Ok(a.view(0)?.clone().into());
    grad "
node AliasBackward0
input: grad";
    /// The slices start:end:step along a dimension.
    /// >>> torch.slice_copy(torch.tensor([1, 2, 3, 4]), 0, 1, 3)
    /// tensor([2, 3])
    "slice" [copy] "(Tensor self, int dim=0, int? start=None, int? end=None, int step=1) -> Tensor" => kernel |a| Ok(shape::slice(a.view(0)?, a.int(1)?, a.opt_int(2), a.opt_int(3), a.int(4)?)?.into());
    grad "
node SliceBackward0
again input SliceBackwardBackward0
input: _slice_back(grad, input.shape, dim, start, end, step)";
    /// Any sizes and strides over the tensor's memory.
    /// >>> torch.as_strided(torch.arange(6), (2, 2), (1, 2))
    /// tensor([[0, 2],
    ///         [1, 3]])
    "as_strided" [fn method copy] "(Tensor self, int[] size, int[] stride, int? storage_offset=None) -> Tensor" => kernel |a| Ok(shape::as_strided(a.view(0)?, a.ints(1), a.ints(2), a.opt_int(3))?.into());
    grad "
node AsStridedBackward0
again input AsStridedBackward0
input:
    first = input.storage_offset() if storage_offset is None else storage_offset
    own = _addresses(input.shape, input.stride(), input.storage_offset()).reshape(-1)
    seen = _addresses(size, stride, first).reshape(-1)
    n = max([int(t.max()) + 1 if t.numel() > 0 else 0 for t in (own, seen)])
    memory = grad.new_zeros(n).index_add_(0, seen, grad.reshape(-1))
    often = grad.new_zeros(n).index_add_(0, own, grad.new_ones(own.shape))
    return (memory[own] / often[own]).reshape(input.shape)";
    /// The real parts; a real tensor is its own.
    /// >>> torch.real(torch.tensor([1 + 2j]))
    /// tensor([1.])
    "real" [fn] "(Tensor self) -> Tensor" => kernel |a| Ok(shape::real(a.view(0)?)?.into());
    grad "
node SelectBackward0 if is_complex(input) else same
input: grad";
    /// The imaginary parts.
    /// >>> torch.imag(torch.tensor([1 + 2j]))
    /// tensor([2.])
    "imag" [fn] "(Tensor self) -> Tensor" => kernel |a| Ok(shape::imag(a.view(0)?)?.into());
    grad "
node SelectBackward0
input: torch.complex(zeros_like(grad), grad)";
    /// Complex numbers as pairs of real ones.
    /// >>> torch.view_as_real(torch.tensor([1 + 2j]))
    /// tensor([[1., 2.]])
    "view_as_real" [fn copy] "(Tensor self) -> Tensor" => kernel |a| Ok(shape::view_as_real(a.view(0)?)?.into());
    grad "
node ViewAsRealBackward0
input: torch.view_as_complex(grad.contiguous())";
    /// Pairs of real numbers as complex ones.
    /// >>> torch.view_as_complex(torch.tensor([[1., 2.]]))
    /// tensor([1.+2.j])
    "view_as_complex" [fn copy] "(Tensor self) -> Tensor" => kernel |a| Ok(shape::view_as_complex(a.view(0)?)?.into());
    grad "
node ViewAsComplexBackward0
input: torch.view_as_real(grad)";
    /// At least one dimension.
    /// >>> torch.atleast_1d(torch.tensor(5))
    /// tensor([5])
    "atleast_1d" [fn] "(Tensor self) -> Tensor" => kernel |a| at_least(a, 1), "(Tensor... tensors) -> Tensor[]" => kernel |a| at_least(a, 1);
    grad "
sig 0
node same if input.ndim > 0 else ViewBackward0
input: grad.reshape(input.shape)

sig 1
node same if tensors[i].ndim > 0 else ViewBackward0
tensors: [None if g is None else g.reshape(t.shape) for g, t in zip(grads, tensors)]";
    /// At least two dimensions.
    /// >>> torch.atleast_2d(torch.tensor([1, 2]))
    /// tensor([[1, 2]])
    "atleast_2d" [fn] "(Tensor self) -> Tensor" => kernel |a| at_least(a, 2), "(Tensor... tensors) -> Tensor[]" => kernel |a| at_least(a, 2);
    grad "
sig 0
node same if input.ndim > 1 else ViewBackward0 if input.ndim == 0 else UnsqueezeBackward0
input: grad.reshape(input.shape)

sig 1
node same if tensors[i].ndim > 1 else ViewBackward0 if tensors[i].ndim == 0 else UnsqueezeBackward0
tensors: [None if g is None else g.reshape(t.shape) for g, t in zip(grads, tensors)]";
    /// At least three dimensions.
    /// >>> torch.atleast_3d(torch.tensor([1, 2])).shape
    /// torch.Size([1, 2, 1])
    "atleast_3d" [fn] "(Tensor self) -> Tensor" => kernel |a| at_least(a, 3), "(Tensor... tensors) -> Tensor[]" => kernel |a| at_least(a, 3);
    grad "
sig 0
node same if input.ndim > 2 else ViewBackward0 if input.ndim == 0 else UnsqueezeBackward0
input: grad.reshape(input.shape)

sig 1
node same if tensors[i].ndim > 2 else ViewBackward0 if tensors[i].ndim == 0 else UnsqueezeBackward0
tensors: [None if g is None else g.reshape(t.shape) for g, t in zip(grads, tensors)]";
}
