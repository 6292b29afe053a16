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
    /// The same memory under other sizes, or as another dtype.
    /// >>> torch.arange(4).view(2, 2)
    /// tensor([[0, 1],
    ///         [2, 3]])
    /// >>> torch.tensor([1.]).view(torch.int32)
    /// tensor([1065353216], dtype=torch.int32)
    "view" [method copy]
        "(Tensor self, ScalarType dtype) -> Tensor" => kernel |a| Ok(shape::view_dtype(a.view(0)?, a.dtype(1).unwrap_or(a.view(0)?.dtype()))?.into()),
        "(Tensor self, int[] size) -> Tensor" => kernel |a| Ok(shape::view(a.view(0)?, a.ints(1))?.into());
    /// The same memory under another tensor's sizes.
    /// >>> torch.arange(4).view_as(torch.ones(2, 2))
    /// tensor([[0, 1],
    ///         [2, 3]])
    "view_as" [method] "(Tensor self, Tensor other) -> Tensor" => kernel |a| Ok(shape::view(a.view(0)?, a.view(1)?.sizes())?.into());
    /// The same elements under another tensor's sizes.
    /// >>> torch.arange(4).reshape_as(torch.ones(2, 2))
    /// tensor([[0, 1],
    ///         [2, 3]])
    "reshape_as" [method] "(Tensor self, Tensor other) -> Tensor" => kernel |a| Ok(shape::reshape(a.view(0)?, a.view(1)?.sizes())?.into());
    /// Dimensions start_dim to end_dim as one.
    /// >>> torch.flatten(torch.tensor([[1, 2], [3, 4]]))
    /// tensor([1, 2, 3, 4])
    "flatten" [fn method] "(Tensor self, int start_dim=0, int end_dim=-1) -> Tensor" => kernel |a| Ok(shape::flatten(a.view(0)?, a.int(1)?, a.int(2)?)?.into());
    /// All elements as a vector.
    /// >>> torch.ravel(torch.tensor([[1, 2], [3, 4]]))
    /// tensor([1, 2, 3, 4])
    "ravel" [fn method] "(Tensor self) -> Tensor" => kernel |a| Ok(shape::reshape(a.view(0)?, &[-1])?.into());
    /// One dimension as several.
    /// >>> torch.unflatten(torch.arange(6), 0, (2, -1))
    /// tensor([[0, 1, 2],
    ///         [3, 4, 5]])
    "unflatten" [fn method] "(Tensor self, int dim, int[] sizes) -> Tensor" => kernel |a| Ok(shape::unflatten(a.view(0)?, a.int(1)?, a.ints(2))?.into());
    /// Without dimensions of size 1: all, or those given.
    /// >>> torch.squeeze(torch.ones(1, 2, 1)).shape
    /// torch.Size([2])
    "squeeze" [fn method copy]
        "(Tensor self) -> Tensor" => kernel |a| Ok(shape::squeeze(a.view(0)?, None)?.into()),
        "(Tensor self, int dim) -> Tensor" => kernel |a| Ok(shape::squeeze(a.view(0)?, Some(&[a.int(1)?]))?.into()),
        "(Tensor self, int[] dim) -> Tensor" => kernel |a| Ok(shape::squeeze(a.view(0)?, Some(a.ints(1)))?.into());
    /// A new dimension of size 1.
    /// >>> torch.unsqueeze(torch.tensor([1, 2]), 1)
    /// tensor([[1],
    ///         [2]])
    "unsqueeze" [fn method copy] "(Tensor self, int dim) -> Tensor" => kernel |a| Ok(shape::unsqueeze(a.view(0)?, a.int(1)?)?.into());
    /// Two dimensions exchanged.
    /// >>> torch.transpose(torch.tensor([[1, 2], [3, 4]]), 0, 1)
    /// tensor([[1, 3],
    ///         [2, 4]])
    "transpose" [fn method copy] "(Tensor self, int dim0, int dim1) -> Tensor" => kernel |a| Ok(shape::transpose(a.view(0)?, a.int(1)?, a.int(2)?)?.into());
    /// Two dimensions exchanged.
    /// >>> torch.swapaxes(torch.tensor([[1, 2], [3, 4]]), 0, 1)
    /// tensor([[1, 3],
    ///         [2, 4]])
    "swapaxes" [fn method] "(Tensor self, int axis0, int axis1) -> Tensor" => kernel |a| Ok(shape::transpose(a.view(0)?, a.int(1)?, a.int(2)?)?.into());
    /// Two dimensions exchanged.
    /// >>> torch.swapdims(torch.tensor([[1, 2], [3, 4]]), 0, 1)
    /// tensor([[1, 3],
    ///         [2, 4]])
    "swapdims" [fn method] "(Tensor self, int dim0, int dim1) -> Tensor" => kernel |a| Ok(shape::transpose(a.view(0)?, a.int(1)?, a.int(2)?)?.into());
    /// A matrix transposed.
    /// >>> torch.t(torch.tensor([[1, 2], [3, 4]]))
    /// tensor([[1, 3],
    ///         [2, 4]])
    "t" [fn method copy] "(Tensor self) -> Tensor" => kernel |a| Ok(shape::t(a.view(0)?)?.into());
    /// The last two dimensions exchanged and the elements conjugated.
    /// >>> torch.adjoint(torch.tensor([[1, 2j]]))
    /// tensor([[1.-0.j],
    ///         [0.-2.j]])
    "adjoint" [fn method] "(Tensor self) -> Tensor" => tensh "
if input.ndim == 1:
    raise RuntimeError('tensor.adjoint() is only supported on matrices or batches of matrices. Got 1-D tensor.')
turned = input if input.ndim == 0 else transpose(input, -2, -1)
return conj(turned) if is_complex(input) else turned";
    /// Dimensions in another order.
    /// >>> torch.permute(torch.ones(2, 3, 4), (2, 0, 1)).shape
    /// torch.Size([4, 2, 3])
    "permute" [fn method copy] "(Tensor self, int[] dims) -> Tensor" => kernel |a| Ok(shape::permute(a.view(0)?, a.ints(1))?.into());
    /// Dimensions moved to other places.
    /// >>> torch.movedim(torch.ones(2, 3, 4), 0, 2).shape
    /// torch.Size([3, 4, 2])
    "movedim" aka ["moveaxis"] [fn method]
        "(Tensor self, int source, int destination) -> Tensor" => kernel |a| Ok(shape::movedim(a.view(0)?, &[a.int(1)?], &[a.int(2)?])?.into()),
        "(Tensor self, int[] source, int[] destination) -> Tensor" => kernel |a| Ok(shape::movedim(a.view(0)?, a.ints(1), a.ints(2))?.into());
    /// Dimensions of size 1 stretched without copying.
    /// >>> torch.tensor([[1], [2]]).expand(2, 3)
    /// tensor([[1, 1, 1],
    ///         [2, 2, 2]])
    "expand" [method copy] "(Tensor self, int[] size, *, bool implicit=False) -> Tensor" => kernel |a| Ok(shape::expand(a.view(0)?, a.ints(1))?.into());
    /// Stretched to another tensor's sizes.
    /// >>> torch.tensor([[1], [2]]).expand_as(torch.ones(2, 3))
    /// tensor([[1, 1, 1],
    ///         [2, 2, 2]])
    "expand_as" [method] "(Tensor self, Tensor other) -> Tensor" => kernel |a| Ok(shape::expand(a.view(0)?, a.view(1)?.sizes())?.into());
    /// Stretched to the sizes given.
    /// >>> torch.broadcast_to(torch.tensor([1, 2]), (2, 2))
    /// tensor([[1, 2],
    ///         [1, 2]])
    "broadcast_to" [fn method] "(Tensor self, int[] size) -> Tensor" => kernel |a| Ok(shape::expand(a.view(0)?, a.ints(1))?.into());
    /// All stretched to the shape they broadcast to.
    /// >>> torch.broadcast_tensors(torch.tensor([1, 2]), torch.tensor([[3], [4]]))
    /// (tensor([[1, 2],
    ///         [1, 2]]), tensor([[3, 3],
    ///         [4, 4]]))
    "broadcast_tensors" [fn] "(Tensor... tensors) -> Tensor[]" => kernel |a| Ok(shape::broadcast_tensors(a.views(0))?.into());
    /// A number of elements from start along a dimension.
    /// >>> torch.narrow(torch.tensor([1, 2, 3, 4]), 0, 1, 2)
    /// tensor([2, 3])
    "narrow" [fn method copy]
        "(Tensor self, int dim, Tensor start, int length) -> Tensor" => kernel narrow_by_tensor,
        "(Tensor self, int dim, int start, int length) -> Tensor" => kernel |a| Ok(shape::narrow(a.view(0)?, a.int(1)?, a.int(2)?, a.int(3)?)?.into());
    /// The diagonal of two dimensions, as a view.
    /// >>> torch.diagonal(torch.tensor([[1, 2], [3, 4]]))
    /// tensor([1, 4])
    "diagonal" [fn method copy] "(Tensor self, int offset=0, int dim1=0, int dim2=1) -> Tensor" => kernel |a| Ok(shape::diagonal(a.view(0)?, a.int(1)?, a.int(2)?, a.int(3)?)?.into());
    /// The windows of a size along a dimension, their elements as a new last dimension.
    /// >>> torch.arange(5).unfold(0, 3, 1)
    /// tensor([[0, 1, 2],
    ///         [1, 2, 3],
    ///         [2, 3, 4]])
    "unfold" [method copy] "(Tensor self, int dimension, int size, int step) -> Tensor" => kernel |a| Ok(a.view(0)?.unfold(a.int(1)?, a.int(2)?, a.int(3)?)?.into());
    /// The same elements, without derivatives.
    /// >>> torch.detach(torch.tensor([1.]))
    /// tensor([1.])
    "detach" [fn method copy] "(Tensor self) -> Tensor" => kernel |a| Ok(a.view(0)?.clone().into());
    /// The tensor again.
    /// >>> torch.alias_copy(torch.tensor([1, 2]))
    /// tensor([1, 2])
    "alias" [copy] "(Tensor self) -> Tensor" => kernel |a| Ok(a.view(0)?.clone().into());
    /// The slices start:end:step along a dimension.
    /// >>> torch.slice_copy(torch.tensor([1, 2, 3, 4]), 0, 1, 3)
    /// tensor([2, 3])
    "slice" [copy] "(Tensor self, int dim=0, int? start=None, int? end=None, int step=1) -> Tensor" => kernel |a| Ok(shape::slice(a.view(0)?, a.int(1)?, a.opt_int(2), a.opt_int(3), a.int(4)?)?.into());
    /// Any sizes and strides over the tensor's memory.
    /// >>> torch.as_strided(torch.arange(6), (2, 2), (1, 2))
    /// tensor([[0, 2],
    ///         [1, 3]])
    "as_strided" [fn method copy] "(Tensor self, int[] size, int[] stride, int? storage_offset=None) -> Tensor" => kernel |a| Ok(shape::as_strided(a.view(0)?, a.ints(1), a.ints(2), a.opt_int(3))?.into());
    /// The real parts; a real tensor is its own.
    /// >>> torch.real(torch.tensor([1 + 2j]))
    /// tensor([1.])
    "real" [fn] "(Tensor self) -> Tensor" => kernel |a| Ok(shape::real(a.view(0)?)?.into());
    /// The imaginary parts.
    /// >>> torch.imag(torch.tensor([1 + 2j]))
    /// tensor([2.])
    "imag" [fn] "(Tensor self) -> Tensor" => kernel |a| Ok(shape::imag(a.view(0)?)?.into());
    /// Complex numbers as pairs of real ones.
    /// >>> torch.view_as_real(torch.tensor([1 + 2j]))
    /// tensor([[1., 2.]])
    "view_as_real" [fn copy] "(Tensor self) -> Tensor" => kernel |a| Ok(shape::view_as_real(a.view(0)?)?.into());
    /// Pairs of real numbers as complex ones.
    /// >>> torch.view_as_complex(torch.tensor([[1., 2.]]))
    /// tensor([1.+2.j])
    "view_as_complex" [fn copy] "(Tensor self) -> Tensor" => kernel |a| Ok(shape::view_as_complex(a.view(0)?)?.into());
    /// At least one dimension.
    /// >>> torch.atleast_1d(torch.tensor(5))
    /// tensor([5])
    "atleast_1d" [fn] "(Tensor self) -> Tensor" => kernel |a| at_least(a, 1), "(Tensor... tensors) -> Tensor[]" => kernel |a| at_least(a, 1);
    /// At least two dimensions.
    /// >>> torch.atleast_2d(torch.tensor([1, 2]))
    /// tensor([[1, 2]])
    "atleast_2d" [fn] "(Tensor self) -> Tensor" => kernel |a| at_least(a, 2), "(Tensor... tensors) -> Tensor[]" => kernel |a| at_least(a, 2);
    /// At least three dimensions.
    /// >>> torch.atleast_3d(torch.tensor([1, 2])).shape
    /// torch.Size([1, 2, 1])
    "atleast_3d" [fn] "(Tensor self) -> Tensor" => kernel |a| at_least(a, 3), "(Tensor... tensors) -> Tensor[]" => kernel |a| at_least(a, 3);
}
