//! Products of matrices and vectors.

use super::args::{Args, Out};
use crate::base::Scalar;
use crate::base::error::Result;
use crate::cpu::matmul::{broadcast, distance, einsum, fused, products, structured};
use crate::cpu::{copy, place};
use crate::cuda::matmul as cuda;
use crate::rows;
use crate::store::View;
use crate::store::cuda::Gpu;

type Fused = fn(&View, &View, &View, Scalar, Scalar) -> Result<View>;

/// `beta * input + alpha * product`, by the arguments that all `add*` forms share.
fn fused(a: Args, f: Fused) -> Result<Out<View>> {
    Ok(f(a.view(0)?, a.view(1)?, a.view(2)?, a.scalar(3)?, a.scalar(4)?)?.into())
}

/// A row's function, whose steps are a GPU's.
///
/// # Errors
/// Those of the function.
pub fn on_gpu(gpu: &'static Gpu, a: Args<'_>, f: fn(Args<'_>) -> Result<Out<View>>) -> Result<Option<Out<View>>> {
    let out = place::with(cuda::steps(gpu)?, || f(a))?;
    // What a step has no form of comes from the CPU.
    let there = |v: View| if v.on_device().is_some() { Ok(v) } else { copy::contiguous(&v)?.moved(gpu.device()) };
    out.try_map(there).map(Some)
}

rows! {
    /// Product of two matrices.
    /// >>> torch.mm(torch.tensor([[1, 2], [3, 4]]), torch.tensor([[1, 0], [1, 1]]))
    /// tensor([[3, 2],
    ///         [7, 4]])
    "mm" [fn method out] "(Tensor self, Tensor mat2) -> Tensor" => product |a| Ok(products::mm(a.view(0)?, a.view(1)?)?.into());
    grad "
node MmBackward0
input: mm(grad, mat2.mH)
mat2: mm(input.mH, grad)";
    /// Products of two batches of matrices.
    /// >>> torch.bmm(torch.ones(1, 2, 2), torch.ones(1, 2, 2))
    /// tensor([[[2., 2.],
    ///          [2., 2.]]])
    "bmm" [fn method out] "(Tensor self, Tensor mat2) -> Tensor" => product |a| Ok(products::bmm(a.view(0)?, a.view(1)?)?.into());
    grad "
node BmmBackward0
input: bmm(grad, mat2.mH)
mat2: bmm(input.mH, grad)";
    /// Product of a matrix and a vector.
    /// >>> torch.mv(torch.tensor([[1, 2], [3, 4]]), torch.tensor([1, 1]))
    /// tensor([3, 7])
    "mv" [fn method out] "(Tensor self, Tensor vec) -> Tensor" => product |a| Ok(products::mv(a.view(0)?, a.view(1)?)?.into());
    grad "
node MvBackward0
input: outer(grad, conj(vec))
vec: mv(input.mH, grad)";
    /// Sum of the products of two vectors' elements.
    /// >>> torch.dot(torch.tensor([1, 2, 3]), torch.tensor([4, 5, 6]))
    /// tensor(32)
    "dot" [fn method out] "(Tensor self, Tensor tensor) -> Tensor" => product |a| Ok(products::dot(a.view(0)?, a.view(1)?)?.into());
    grad "
node DotBackward0
input: grad * conj(tensor)
tensor: grad * conj(input)";
    /// Sum of the products of two vectors' elements, the first conjugated.
    /// >>> torch.vdot(torch.tensor([1j, 2]), torch.tensor([1j, 1]))
    /// tensor(3.+0.j)
    "vdot" [fn method out] "(Tensor self, Tensor other) -> Tensor" => product |a| Ok(products::vdot(a.view(0)?, a.view(1)?)?.into());
    grad "
node VdotBackward0
input: conj(grad) * other
other: grad * input";
    /// Products summed over the last dimension of both.
    /// >>> torch.inner(torch.tensor([[1, 2], [3, 4]]), torch.tensor([1, 1]))
    /// tensor([3, 7])
    "inner" [fn method out] "(Tensor self, Tensor other) -> Tensor" => product |a| Ok(products::inner(a.view(0)?, a.view(1)?)?.into());
    grad "
node MulBackward0 if input.ndim == 0 or other.ndim == 0 else ViewBackward0
input:
    if input.ndim == 0 or other.ndim == 0:
        return grad * conj(other)
    return tensordot(grad, conj(other), other.ndim - 1)
other:
    if input.ndim == 0 or other.ndim == 0:
        return grad * conj(input)
    n = list(range(input.ndim - 1))
    return tensordot(grad, conj(input), (n, n))";
    /// All products of two vectors' elements.
    /// >>> torch.outer(torch.tensor([1, 2]), torch.tensor([3, 4]))
    /// tensor([[3, 4],
    ///         [6, 8]])
    "outer" aka ["ger"] [fn method out] "(Tensor self, Tensor vec2) -> Tensor" => product |a| Ok(products::outer(a.view(0)?, a.view(1)?)?.into());
    grad "
node MulBackward0
input: mv(grad, conj(vec2))
vec2: mv(grad.t(), conj(input))";
    /// Product of vectors, matrices, or batches of matrices, which broadcast: `a @ b`.
    /// >>> torch.matmul(torch.tensor([[1, 2], [3, 4]]), torch.tensor([1, 1]))
    /// tensor([3, 7])
    "matmul" aka ["linalg.matmul"] [fn method out] "(Tensor self, Tensor other) -> Tensor" => product |a| Ok(broadcast::matmul(a.view(0)?, a.view(1)?)?.into());
    grad "
node _matmul_node(input, other)
input:
    if other.ndim == 1:
        return grad.unsqueeze(-1) * conj(other)
    if input.ndim == 1 and other.ndim == 2:
        return mv(conj(other), grad)
    g = matmul(_as_product(grad, input, other), other.mH)
    return g.squeeze(-2) if input.ndim == 1 else g
other:
    if input.ndim == 1:
        return grad * conj(input) if other.ndim == 1 else conj(input).unsqueeze(-1) * grad.unsqueeze(-2)
    if other.ndim < 3:
        g = _as_product(grad, input, other).flatten(0, -2) if other.ndim == 2 else grad.flatten()
        return matmul(input.flatten(0, -2).mH, g)
    return matmul(input.mH, grad)";
    met |ndim| match ndim {
        [1, 1] => ("_dot", &["self", "tensor"]),
        [2, 1] => ("addmv_", &["self", "vec"]),
        [1 | 2, 2] => ("mm", &["self", "mat2"]),
        _ => ("bmm", &["self", "mat2"]),
    };
    /// beta * input + alpha * (mat1 @ mat2).
    /// >>> torch.addmm(torch.ones(2, 2), torch.eye(2), torch.eye(2), beta=2)
    /// tensor([[3., 2.],
    ///         [2., 3.]])
    "addmm" [fn method inplace out] "(Tensor self, Tensor mat1, Tensor mat2, *, Scalar beta=1, Scalar alpha=1) -> Tensor" => product |a| fused(a, fused::addmm);
    grad "
node AddmmBackward0
input: _times(grad, beta)
mat1: _times(mm(grad, mat2.mH), alpha)
mat2: _times(mm(mat1.mH, grad), alpha)";
    /// beta * input + alpha * (mat @ vec).
    /// >>> torch.addmv(torch.ones(2), torch.eye(2), torch.tensor([1., 2.]))
    /// tensor([2., 3.])
    "addmv" [fn method inplace out] "(Tensor self, Tensor mat, Tensor vec, *, Scalar beta=1, Scalar alpha=1) -> Tensor" => product |a| fused(a, fused::addmv);
    grad "
node AddmvBackward0
input: _times(grad, beta)
mat: _times(outer(grad, conj(vec)), alpha)
vec: _times(mv(mat.mH, grad), alpha)";
    /// beta * input + alpha * the sum of the products of two batches.
    /// >>> torch.addbmm(torch.zeros(1, 1), torch.ones(3, 1, 2), torch.ones(3, 2, 1))
    /// tensor([[6.]])
    "addbmm" [fn method inplace out] "(Tensor self, Tensor batch1, Tensor batch2, *, Scalar beta=1, Scalar alpha=1) -> Tensor" => product |a| fused(a, fused::addbmm);
    grad "
node AddbmmBackward0
input: _times(grad, beta)
batch1: _times(matmul(grad, batch2.mH), alpha)
batch2: _times(matmul(batch1.mH, grad), alpha)";
    /// beta * input + alpha * the products of two batches.
    /// >>> torch.baddbmm(torch.ones(1), torch.ones(1, 1, 2), torch.ones(1, 2, 1))
    /// tensor([[[3.]]])
    "baddbmm" [fn method inplace out] "(Tensor self, Tensor batch1, Tensor batch2, *, Scalar beta=1, Scalar alpha=1) -> Tensor" => product |a| fused(a, fused::baddbmm);
    grad "
node BaddbmmBackward0
input: _times(grad, beta)
batch1: _times(bmm(grad, batch2.mH), alpha)
batch2: _times(bmm(batch1.mH, grad), alpha)";
    /// beta * input + alpha * outer(vec1, vec2).
    /// >>> torch.addr(torch.zeros(2, 2), torch.tensor([1., 2.]), torch.tensor([3., 4.]))
    /// tensor([[3., 4.],
    ///         [6., 8.]])
    "addr" [fn method out] "(Tensor self, Tensor vec1, Tensor vec2, *, Scalar beta=1, Scalar alpha=1) -> Tensor" => product |a| fused(a, fused::addr);
    grad "
node AddrBackward0
input: _times(grad, beta)
vec1: _times(mv(grad, conj(vec2)), alpha)
vec2: _times(mv(grad.t(), conj(vec1)), alpha)";
    /// beta * input + alpha * outer(vec1, vec2), in place.
    "addr_" [method] "(Tensor self, Tensor vec1, Tensor vec2, *, Scalar beta=1, Scalar alpha=1) -> Tensor" => tensh "
if vec1.ndim == vec2.ndim == 1:
    if input.ndim != 2:
        raise RuntimeError(f'2D tensor expected, got {input.ndim}D tensor for input')
    if input.shape != vec1.shape + vec2.shape:
        raise RuntimeError(f'size mismatch, input: {list(input.shape)}, v1: {list(vec1.shape)}, v2: {list(vec2.shape)}')
return torch._store(input, addr(input, vec1, vec2, beta=beta, alpha=alpha))";
    grad "
node AddrBackward0
input: _times(grad, beta)
vec1: _times(mv(grad, conj(vec2)), alpha)
vec2: _times(mv(grad.t(), conj(vec1)), alpha)";
    /// Puts a result into the tensor of an in-place form, which has to be able to hold its dtype.
    "_store" [fn] "(Tensor self, Tensor result) -> Tensor" => tensh "
if not can_cast(result.dtype, input.dtype):
    raise RuntimeError(f\"result type {_aten(result)} can't be cast to the desired output type {_aten(input)}\")
return input.copy_(result)";
    grad "nondiff";
    /// Product of a chain of matrices in the cheapest order.
    /// >>> torch.linalg.multi_dot([torch.eye(2), torch.ones(2, 3), torch.ones(3)])
    /// tensor([3., 3.])
    "linalg.multi_dot" [fn out] "(Tensor[] tensors) -> Tensor" => product |a| Ok(structured::multi_dot(a.views(0))?.into());
    grad "
node ViewBackward0
tensors: _chain_grads(grad, tensors)";
    /// Product of a chain of matrices; `linalg.multi_dot` is the newer form.
    "chain_matmul" [fn] "(Tensor... matrices) -> Tensor" => product |a| Ok(structured::chain_matmul(a.views(0))?.into());
    grad "
node CloneBackward0 if len(matrices) == 1 else ViewBackward0
matrices: _chain_grads(grad, matrices)";
    /// Sums of products by subscripts, in an equation or as a list of numbers behind each operand.
    /// >>> torch.einsum('ij,j->i', torch.tensor([[1, 2], [3, 4]]), torch.tensor([1, 1]))
    /// tensor([3, 7])
    /// >>> torch.einsum(torch.tensor([[1, 2], [3, 4]]), [0, 1], torch.tensor([1, 1]), [1], [0])
    /// tensor([3, 7])
    "einsum" [fn] "(Any... args) -> Tensor" => tensh "
if len(args) == 2 and isinstance(args[1], (list, tuple)) and not is_tensor(args[0]):
    args = (args[0], *args[1])
if len(args) < 2:
    raise ValueError('einsum(): must specify the equation string and at least one operand, or at least one operand and its subscripts list')
if isinstance(args[0], (list, tuple)):
    raise TypeError(\"einsum(): argument 'equation' (position 1) must be str, not list\")
if not is_tensor(args[0]):
    return torch._einsum(args[0], args[1:])
def letter(n):
    if n == ...:
        return '...'
    if n >= 0 and n < 52:
        return chr(n + (65 if n < 26 else 71))
    raise ValueError('einsum(): subscript in subscript list is not within the valid range [0, 52)')
def spelled(labels):
    return ''.join(letter(n) for n in labels)
equation = ','.join(spelled(labels) for labels in args[1::2])
if len(args) % 2 == 0:
    return torch._einsum(equation, args[::2])
return torch._einsum(equation + '->' + spelled(args[-1]), args[:-1:2])";
    /// einsum of an equation and a list of operands.
    "_einsum" [fn] "(str equation, Tensor[] operands) -> Tensor" => product |a| {
        Ok(einsum::einsum(a.str(0).unwrap_or_default(), a.views(1))?.into())
    };
    grad "
node _einsum_node(equation, operands)
operands: _einsum_grads(grad, equation, operands)";
    /// Products summed over several dimensions of both: so many, or those that a pair of lists names.
    /// >>> torch.tensordot(torch.ones(2, 3), torch.ones(3, 2), dims=1)
    /// tensor([[3., 3.],
    ///         [3., 3.]])
    /// >>> torch.tensordot(torch.ones(2, 3), torch.ones(2, 3), dims=([0, 1], [0, 1]))
    /// tensor(6.)
    "tensordot" [fn] "(Tensor a, Tensor b, Any dims=2, Tensor? out=None) -> Tensor" => tensh "
if is_tensor(dims):
    dims = dims.tolist() if dims.numel() > 1 else int(dims.item())
if isinstance(dims, (tuple, list)):
    dims_a, dims_b = dims
elif isinstance(dims, int):
    if dims < 0:
        raise RuntimeError(f'tensordot expects dims >= 0, but got dims={dims}')
    if dims > min(a.dim(), b.dim()):
        raise RuntimeError(f'tensordot expects dims < ndim_a or ndim_b, but got dims={dims}')
    dims_a = tuple(range(-dims, 0))
    dims_b = tuple(range(dims))
else:
    raise RuntimeError(f'tensordot expects dims to be int or tuple[list[int], list[int]] or list[list[int]] containing two lists, but got dims={dims}')
return torch._tensordot(a, b, dims_a, dims_b, out=out)";
    /// tensordot over two lists of dimensions.
    "_tensordot" [fn out] "(Tensor a, Tensor b, int[] dims_self, int[] dims_other) -> Tensor" => product |a| {
        Ok(einsum::tensordot(a.view(0)?, a.view(1)?, a.ints(2), a.ints(3))?.into())
    };
    grad "
node ViewBackward0
a: _tensordot_grad(grad, (a, dims_self), (b, dims_other), b.ndim - len(dims_other), True)
b: _tensordot_grad(grad, (b, dims_other), (a, dims_self), a.ndim - len(dims_self), False)";
    /// Kronecker's product: each element of the one times the whole of the other.
    /// >>> torch.kron(torch.eye(2), torch.tensor([[1., 2.]]))
    /// tensor([[1., 2., 0., 0.],
    ///         [0., 0., 1., 2.]])
    "kron" [fn method out] "(Tensor self, Tensor other) -> Tensor" => tensh "
n = max(input.ndim, other.ndim)
p, q = [[1] * (n - t.ndim) + list(t.shape) for t in (input, other)]
a = input.reshape([s for m in p for s in (m, 1)])
b = other.reshape([s for m in q for s in (1, m)])
return (a * b).view([x * y for x, y in zip(p, q)])";
    grad "
node UnsafeViewBackward0
input: _kron_grad(grad, input, other, 0)
other: _kron_grad(grad, input, other, 1)";
    /// Vector product along a dimension of size 3, by default the first one.
    /// >>> torch.cross(torch.tensor([1, 0, 0]), torch.tensor([0, 1, 0]))
    /// tensor([0, 0, 1])
    "cross" [fn method out] "(Tensor self, Tensor other, int? dim=None) -> Tensor" => product |a| {
        Ok(match a.opt_int(2) {
            Some(dim) => structured::cross(a.view(0)?, a.view(1)?, dim)?,
            None => structured::cross_first(a.view(0)?, a.view(1)?)?,
        }
        .into())
    };
    grad "
node LinalgCrossBackward0
input: linalg.cross(conj(other), grad, dim=_cross_dim(input, dim))
other: linalg.cross(grad, conj(input), dim=_cross_dim(input, dim))";
    /// Vector product along a dimension of size 3, by default the last.
    /// >>> torch.linalg.cross(torch.tensor([1, 0, 0]), torch.tensor([0, 1, 0]))
    /// tensor([0, 0, 1])
    "linalg.cross" [fn out] "(Tensor self, Tensor other, *, int dim=-1) -> Tensor" => product |a| {
        Ok(structured::cross(a.view(0)?, a.view(1)?, a.int(2)?)?.into())
    };
    grad "
node LinalgCrossBackward0
input: linalg.cross(conj(other), grad, dim=dim)
other: linalg.cross(grad, conj(input), dim=dim)";
    /// Sum of the conjugate of one times the other along a dimension.
    /// >>> torch.linalg.vecdot(torch.ones(2, 3), torch.ones(3))
    /// tensor([3., 3.])
    "linalg.vecdot" [fn out] "(Tensor x, Tensor y, *, int dim=-1) -> Tensor" => product |a| {
        Ok(products::vecdot(a.view(0)?, a.view(1)?, a.int(2)?)?.into())
    };
    grad "
node VdotBackward0 if x.ndim == 1 and y.ndim == 1 else SumBackward1
x: conj(grad).unsqueeze(dim) * y
y: grad.unsqueeze(dim) * x";
    /// Sum of a matrix's diagonal.
    /// >>> torch.trace(torch.eye(3))
    /// tensor(3.)
    "trace" [fn method] "(Tensor self) -> Tensor" => product |a| Ok(products::trace(a.view(0)?)?.into());
    grad "
node TraceBackward0
again input ViewBackward0
input: where(eye(input.size(0), input.size(1), dtype=torch.bool), grad, 0)";
    /// Distances between the rows of two matrices, in the p-norm.
    /// >>> torch.cdist(torch.zeros(1, 2), torch.tensor([[3., 4.]]))
    /// tensor([[5.]])
    "cdist" [fn] "(Tensor x1, Tensor x2, float p=2, str compute_mode='use_mm_for_euclid_dist_if_necessary') -> Tensor" => product |a| {
        let mode = a.str(3).unwrap_or_default();
        if !matches!(mode, "use_mm_for_euclid_dist_if_necessary" | "use_mm_for_euclid_dist" | "donot_use_mm_for_euclid_dist") {
            return Err(crate::base::error::value_error(format!("{mode} is not a valid value for compute_mode")));
        }
        Ok(distance::cdist(a.view(0)?, a.view(1)?, a.float(2)?)?.into())
    };
    grad "
node ViewBackward0 if _by_mm(x1, x2, p, compute_mode) and x1.numel() and x2.numel() else CdistBackward0
tied x2 CdistBackwardBackward0
tied x1 CdistBackwardBackward0
x1:
    if _by_mm(x1, x2, p, compute_mode):
        w = where(result == 0, 0, grad / where(result == 0, 1, result))
        return x1 * w.sum(-1, keepdim=True) - matmul(w, x2)
    return _distance_slope(x1.unsqueeze(-2) - x2.unsqueeze(-3), result, grad, p).sum(-2)
x2:
    if _by_mm(x1, x2, p, compute_mode):
        w = where(result == 0, 0, grad / where(result == 0, 1, result))
        return x2 * w.sum(-2).unsqueeze(-1) - matmul(w.mT, x1)
    return -_distance_slope(x1.unsqueeze(-2) - x2.unsqueeze(-3), result, grad, p).sum(-3)";
    /// Distances between all pairs of rows of a matrix, in the p-norm.
    /// >>> torch.pdist(torch.tensor([[0., 0.], [3., 4.]]))
    /// tensor([5.])
    "pdist" aka ["nn.functional.pdist"] [fn] "(Tensor self, float p=2) -> Tensor" => product |a| Ok(distance::pdist(a.view(0)?, a.float(1)?)?.into());
    grad "
node PdistBackward0
tied input PdistBackwardBackward0
input:
    i, j = triu_indices(input.size(0), input.size(0), 1)
    g = _distance_slope(input.index_select(0, i) - input.index_select(0, j), result, grad, p)
    return zeros_like(input).index_add_(0, i, g).index_add_(0, j, -g)";
    /// Matrices along the diagonal of one.
    /// >>> torch.block_diag(torch.tensor([[1, 2]]), torch.tensor(3))
    /// tensor([[1, 2, 0],
    ///         [0, 0, 3]])
    "block_diag" [fn] "(Tensor... tensors) -> Tensor" => kernel |a| Ok(structured::block_diag(a.views(0))?.into());
    grad "
node BlockDiagBackward0
tensors:
    out, row, column = [], 0, 0
    for t in tensors:
        height, width = t.shape if t.ndim == 2 else (1, t.numel()) if t.numel() > 0 else (0, 0)
        out.append(grad[row:row + height, column:column + width].reshape(t.shape))
        row, column = row + height, column + width
    return out";
    /// Powers of a vector's elements as columns, the highest first.
    /// >>> torch.vander(torch.tensor([1, 2, 3]))
    /// tensor([[1, 1, 1],
    ///         [4, 2, 1],
    ///         [9, 3, 1]])
    "vander" [fn] "(Tensor x, int? N=None, bool increasing=False) -> Tensor" => tensh "
if x.ndim != 1:
    raise RuntimeError('x must be a one-dimensional tensor.')
n = x.size(0) if N is None else N
if n < 0:
    raise RuntimeError('N must be non-negative.')
dtype = torch.promote_types(x.dtype, torch.int64)
if n == 0:
    return empty(x.size(0), 0, dtype=dtype)
out = cat((ones(x.size(0), 1, dtype=dtype), x.to(dtype).unsqueeze(1).expand(-1, n - 1).cumprod(1)), 1)
return out if increasing else out.flip(1)";
    grad "
node (CopySlices if increasing else FlipBackward0) if result.size(1) > 1 else None
x: _vander_grad(grad if increasing else grad.flip(1), x)";
    /// Powers of the elements along a new last dimension, the lowest first.
    /// >>> torch.linalg.vander(torch.tensor([1, 2, 3]))
    /// tensor([[1, 1, 1],
    ///         [1, 2, 4],
    ///         [1, 3, 9]])
    "linalg.vander" [fn] "(Tensor x, *, int? N=None) -> Tensor" => tensh "
if x.dtype in (torch.bool, torch.float16, torch.bfloat16):
    raise RuntimeError(f'linalg.vander supports floating point, complex, and integer tensors, but got {torch._aten(x)}')
x = x if x.ndim > 0 else x.unsqueeze(0)
n = x.size(-1) if N is None else N
if n <= 1:
    raise RuntimeError('N must be greater than 1.')
powers = x.unsqueeze(-1).expand(*x.shape, n - 1).cumprod(-1)
return cat((powers.new_ones((*x.shape, 1)), powers), -1)";
    grad "
node CatBackward0
x: _vander_grad(grad, x)";
    /// Covariances between the rows (variables) over the columns (observations).
    /// >>> torch.cov(torch.tensor([[0., 1., 2.], [2., 1., 0.]]))
    /// tensor([[ 1., -1.],
    ///         [-1.,  1.]])
    "cov" [fn method] "(Tensor self, *, int correction=1, Tensor? fweights=None, Tensor? aweights=None) -> Tensor" => tensh "
if input.ndim > 2:
    raise RuntimeError(f'cov(): expected input to have two or fewer dimensions but got an input with {input.ndim} dimensions')
if input.dtype == torch.bool:
    raise RuntimeError('cov(): bool dtype is not supported for input')
x = input.reshape(1, -1) if input.ndim < 2 else input
n = x.size(1)
for name, w, kind in (('fweights', fweights, 'integral'), ('aweights', aweights, 'floating point')):
    if w is None:
        continue
    if w.ndim > 1:
        raise RuntimeError(f'cov(): expected {name} to have one or fewer dimensions but got {name} with {w.ndim} dimensions')
    if is_floating_point(w) != (w is aweights) or is_complex(w) or w.dtype == torch.bool:
        raise RuntimeError(f'cov(): expected {name} to have {kind} dtype but got {name} with {torch._aten(w)} dtype')
    if w.numel() != n:
        raise RuntimeError(f'cov(): expected {name} to have the same numel as there are observations in the input but got {w.numel()} != {n}')
    if n > 0 and not w.min() >= 0:
        raise RuntimeError(f'cov(): {name} cannot be negative')
w = fweights if aweights is None else aweights if fweights is None else fweights * aweights
total = n if w is None else w.sum()
if w is not None and total == 0:
    raise RuntimeError(\"cov(): weights sum to zero, can't be normalized\")
mean = (x if w is None else x * w).sum(1, keepdim=True) / total
norm = total - correction
if w is not None and aweights is not None and correction != 0:
    norm = total - correction * (w * aweights).sum() / total
norm = max(norm, 0) if w is None else norm.clamp_min(0)
x = x - mean
return (mm(x, conj((x if w is None else x * w).t())) / norm).squeeze()";
    grad "
node SqueezeBackward0
composite";
    /// Pearson's correlations between the rows over the columns.
    /// >>> torch.corrcoef(torch.tensor([[0., 1., 2.], [2., 1., 0.]]))
    /// tensor([[ 1., -1.],
    ///         [-1.,  1.]])
    "corrcoef" [fn method] "(Tensor self) -> Tensor" => tensh "
if input.ndim > 2:
    raise RuntimeError(f'corrcoef(): expected input to have two or fewer dimensions but got an input with {input.ndim} dimensions')
c = cov(input)
if c.ndim == 0:
    return c / c
s = sqrt(torch.real(c.diag()))
c = c / s.unsqueeze(1) / s.unsqueeze(0)
if is_complex(c):
    return torch.complex(torch.real(c).clamp(-1, 1), torch.imag(c).clamp(-1, 1))
return c.clamp(-1, 1)";
    grad "
node DivBackward0 if result.ndim == 0 else ComplexBackward0 if is_complex(result) else ClampBackward1
composite";
}
