//! Linear algebra: factorizations, solutions, norms.

use super::args::{Arg, Args, Out};
use super::matmul::on_gpu;
use super::table::Elements;
use crate::base::error::Result;
use crate::base::{DType, Scalar};
use crate::cpu::copy;
use crate::cpu::linalg::norms::Norm;
use crate::cpu::linalg::spectrum::Tolerance;
use crate::cpu::linalg::{check, exponential, least_squares, norms, solve, spectrum};
use crate::cpu::reduce::norm::vector_norm;
use crate::cuda::reduce::{self, Over};
use crate::cuda::solver;
use crate::rows;
use crate::store::View;
use crate::store::cuda::Gpu;

/// A tolerance given as a number or a tensor.
fn tolerance(a: Args, i: usize) -> Result<Option<View>> {
    Ok(match a.get(i) {
        Arg::Tensor(v) => Some(v.clone()),
        _ => a.opt_float(i).map(spectrum::bound).transpose()?,
    })
}

/// Runs a kernel for a tensor without elements of a dtype that LAPACK does not have, which torch never takes that far:
/// for halves, and for integers where `integers` says that no check before it refuses them.
pub(super) fn without_elements(a: Args, integers: bool, kernel: fn(Args) -> Result<Out<View>>) -> Result<Out<View>> {
    let x = a.view(0)?;
    let dtype = x.dtype();
    if x.numel() != 0 || !(dtype.is_half() || integers && dtype.is_integral()) {
        return kernel(a);
    }
    let mut widen = |v: &View| if v.dtype() == dtype { copy::cast(v, DType::F32) } else { Ok(v.clone()) };
    let args = a.0.iter().map(|a| a.try_map(&mut widen)).collect::<Result<Vec<_>>>()?;
    let back = |v: View| if v.dtype() == DType::F32 { copy::cast(&v, dtype) } else { Ok(v) };
    Ok(match kernel(Args(&args))? {
        Out::Tensor(v) => Out::Tensor(back(v)?),
        Out::Tuple(parts) => Out::Tuple(parts.into_iter().map(back).collect::<Result<_>>()?),
        other => other,
    })
}

/// `atol` and `rtol` behind the matrix, `hermitian` behind them.
fn pinv(a: Args) -> Result<Out<View>> {
    let (absolute, relative) = (tolerance(a, 1)?, tolerance(a, 2)?);
    if relative.is_none() && a.opt_scalar(1).is_some() {
        check::precision(a.view(0)?)?;
    }
    let bounds = Tolerance { absolute: absolute.as_ref(), relative: relative.as_ref() };
    Ok(spectrum::pinv(a.view(0)?, bounds, "rtol", a.bool(3))?.into())
}

/// `pinv` with one relative bound.
fn pinv_relative(a: Args) -> Result<Out<View>> {
    let relative = tolerance(a, 1)?;
    let bounds = Tolerance { absolute: None, relative: relative.as_ref() };
    Ok(spectrum::pinv(a.view(0)?, bounds, "rcond", a.bool(2))?.into())
}

fn rank(a: Args) -> Result<Out<View>> {
    let (absolute, relative) = (tolerance(a, 1)?, tolerance(a, 2)?);
    let bounds = Tolerance { absolute: absolute.as_ref(), relative: relative.as_ref() };
    Ok(spectrum::matrix_rank(a.view(0)?, bounds, a.bool(3))?.into())
}

/// `matrix_rank` with one absolute bound.
fn rank_absolute(a: Args) -> Result<Out<View>> {
    let (absolute, relative) = (tolerance(a, 1)?, spectrum::bound(0.0)?);
    let bounds = Tolerance { absolute: absolute.as_ref(), relative: Some(&relative) };
    Ok(spectrum::matrix_rank(a.view(0)?, bounds, a.bool(2))?.into())
}

fn named_norm(a: Args, i: usize, name: &str) -> Result<Option<Norm>> {
    match a.str(i) {
        Some(text) => Ok(Some(Norm::named(text, name)?)),
        None => Ok(a.opt_scalar(i).map(|p| Norm::Order(Scalar::to_f64(p)))),
    }
}

fn matrix_norm(a: Args) -> Result<Out<View>> {
    let norm = named_norm(a, 1, "linalg.matrix_norm")?.unwrap_or(Norm::Frobenius);
    Ok(norms::matrix_norm(a.view(0)?, norm, a.ints(2), a.bool(3), a.dtype(4))?.into())
}

/// `linalg.norm`: a vector's norm, or a matrix's, by the order and the dimensions.
fn norm(a: Args) -> Result<Out<View>> {
    let (x, dims, keepdim, dtype) = (a.view(0)?, a.opt_ints(2), a.bool(3), a.dtype(4));
    if let Some(d) = dims {
        crate::ensure!(
            matches!(d.len(), 1 | 2),
            "linalg.norm: If dim is specified, it must be of length 1 or 2. Got [{}]",
            d.iter().map(i64::to_string).collect::<Vec<_>>().join(", ")
        );
    }
    let named = a.str(1).is_some();
    if dims.is_none() && (named || a.opt_scalar(1).is_some()) {
        crate::ensure!(
            x.ndim() == 1 || x.ndim() == 2,
            "linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D. Got {}D.",
            x.ndim()
        );
    }
    let order = named_norm(a, 1, "linalg.matrix_norm")?;
    let matrix = named || dims.map_or(x.ndim() == 2, |d| d.len() == 2);
    Ok(match order {
        Some(order) if matrix => norms::matrix_norm(x, order, dims.unwrap_or(&[-2, -1]), keepdim, dtype)?,
        Some(Norm::Order(p)) => vector_norm(x, p, dims, keepdim, dtype)?,
        _ => vector_norm(x, 2.0, dims, keepdim, dtype)?,
    }
    .into())
}

/// [`norm`] on a GPU: a vector's is a reduction, a matrix's may need singular values.
fn norm_there(gpu: &'static Gpu, elements: Elements<'_>, a: Args) -> Result<Option<Out<View>>> {
    let (x, dims) = (a.view(0)?, a.opt_ints(2));
    let order = a.opt_scalar(1).map(Scalar::to_f64);
    let matrix = a.str(1).is_some() || order.is_some() && dims.map_or(x.ndim() == 2, |d| d.len() == 2);
    let known = dims.map_or(order.is_none() || x.ndim() == 1, |d| matches!(d.len(), 1 | 2));
    if matrix {
        return if solver::found() { on_gpu(gpu, a, norm) } else { Ok(None) };
    }
    if !known {
        return Ok(None);
    }
    let over = Over { dims, keepdim: a.bool(3) };
    Ok(reduce::norm(gpu, &elements()?, over, order.unwrap_or(2.0), a.dtype(4))?.map(Into::into))
}

fn power(a: Args) -> Result<Out<View>> {
    Ok(solve::matrix_power(a.view(0)?, a.int(1)?)?.into())
}

fn cond(a: Args) -> Result<Out<View>> {
    if let (Some(name), x) = (a.str(1), a.view(0)?)
        && x.ndim() >= 2
    {
        check::square(x, &format!("linalg.cond(ord={name})"))?;
    }
    Ok(spectrum::cond(a.view(0)?, named_norm(a, 1, "linalg.cond")?)?.into())
}

rows! {
    /// Inverse of a square matrix.
    /// >>> torch.linalg.inv(torch.tensor([[2., 0.], [0., 4.]]))
    /// tensor([[0.5000, 0.0000],
    ///         [0.0000, 0.2500]])
    "linalg.inv" aka ["inverse"] [fn method out] "(Tensor A) -> Tensor" => solver |a| Ok(solve::inv(a.view(0)?)?.into());
    grad "
node LinalgInvExBackward0
A: -matmul(result.mH, matmul(grad, result.mH))";
    /// Inverse of a square matrix, and an info that is not 0 where there is none.
    "linalg.inv_ex" [fn] "(Tensor A, *, bool check_errors=False) -> (Tensor inverse, Tensor info)" => solver |a| {
        let (x, info) = solve::inv_ex(a.view(0)?)?;
        if a.bool(1) {
            solve::check_inverted(a.view(0)?, &info, "linalg.inv_ex")?;
        }
        Ok((x, info).into())
    };
    grad "
node (LinalgInvExBackward0, None)
A: -matmul(results[0].mH, matmul(grads[0], results[0].mH))";
    /// Determinant of a square matrix.
    /// >>> torch.linalg.det(torch.tensor([[1., 2.], [3., 4.]]))
    /// tensor(-2.)
    "linalg.det" aka ["det"] [fn method out] "(Tensor A) -> Tensor" => solver |a| {
        without_elements(a, false, |a| Ok(solve::det(a.view(0)?, "linalg.det")?.into()))
    };
    grad "
node LinalgDetBackward0
again A LinalgSolveExBackward0
A:
    if A.numel() == 0:
        return zeros_like(A)
    g, none = (grad * conj(result)).unsqueeze(-1).unsqueeze(-1), (result == 0).unsqueeze(-1).unsqueeze(-1)
    if not none.any() or not torch.is_grad_enabled():
        # Without a graph torch gives 0 for singular matrices.
        safe = where(none, eye(A.size(-1), dtype=A.dtype), A)
        return where(none, 0, g * linalg.inv(safe).mH)
    # The cofactors by the singular values, which needs no inverse.
    U, S, Vh = linalg.svd(A)
    others = [cat([S[..., :i], S[..., i + 1:]], -1).prod(-1) for i in range(S.size(-1))]
    g = grad * conj(linalg.det(U) * linalg.det(Vh))
    return g.unsqueeze(-1).unsqueeze(-1) * matmul(U * stack(others, -1).unsqueeze(-2), Vh)";
    /// Sign and logarithm of the modulus of the determinant.
    "linalg.slogdet" [fn] "(Tensor A) -> (Tensor sign, Tensor logabsdet)" => solver |a| Ok(solve::slogdet(a.view(0)?, "linalg.slogdet")?.into());
    grad "
node (LinalgSlogdetBackward0, LinalgSlogdetBackward0)
A: _slogdet_grad(grads, results[0], A)";
    /// Sign and logarithm of the modulus of the determinant.
    "slogdet" [fn method] "(Tensor self) -> (Tensor sign, Tensor logabsdet)" => solver |a| Ok(solve::slogdet(a.view(0)?, "linalg.slogdet")?.into());
    grad "
node (LinalgSlogdetBackward0, LinalgSlogdetBackward0)
input: _slogdet_grad(grads, results[0], input)";
    /// Logarithm of the determinant.
    /// >>> torch.logdet(torch.eye(2))
    /// tensor(0.)
    "logdet" [fn method] "(Tensor self) -> Tensor" => kernel |a| Ok(solve::logdet(a.view(0)?)?.into()), there;
    grad "
node AddBackward0 if is_complex(input) else WhereBackward0
formula:
    sign, size = torch.slogdet(input)
    return log(sign) + size if is_complex(input) else where(sign == -1, nan, size)";
    /// Solution of `A X = B`, or of `X A = B`.
    /// >>> torch.linalg.solve(torch.tensor([[2., 0.], [0., 4.]]), torch.tensor([2., 2.]))
    /// tensor([1.0000, 0.5000])
    "linalg.solve" [fn out] "(Tensor A, Tensor B, *, bool left=True) -> Tensor" => solver |a| {
        without_elements(a, false, |a| Ok(solve::solve(a.view(0)?, a.view(1)?, a.bool(2))?.into()))
    };
    grad "
node LinalgSolveExBackward0
A: _solve_grads(grad, result, A, B, left)[0]
B: _solve_grads(grad, result, A, B, left)[1]";
    /// Solution of `A X = B`, and an info that is not 0 where there is none.
    "linalg.solve_ex" [fn] "(Tensor A, Tensor B, *, bool left=True, bool check_errors=False) -> (Tensor result, Tensor info)" => solver |a| {
        without_elements(a, false, |a| {
            let (x, info) = solve::solve_ex(a.view(0)?, a.view(1)?, a.bool(2), "linalg.solve")?;
            if a.bool(3) {
                solve::check_solved(a.view(0)?, &info, "torch.linalg.solve_ex")?;
            }
            Ok((x, info).into())
        })
    };
    grad "
node (LinalgSolveExBackward0, None)
A: _solve_grads(grads[0], results[0], A, B, left)[0]
B: _solve_grads(grads[0], results[0], A, B, left)[1]";
    /// Solution of an equation with a triangular matrix.
    "linalg.solve_triangular" [fn out]
        "(Tensor self, Tensor B, *, bool upper, bool left=True, bool unitriangular=False) -> Tensor" => solver |a| {
            Ok(solve::solve_triangular(a.view(0)?, a.view(1)?, a.bool(2), a.bool(3), a.bool(4))?.into())
        };
    grad "
node LinalgSolveTriangularBackward0
input:
    g = linalg.solve_triangular(input.mH, grad, upper=not upper, left=left, unitriangular=unitriangular)
    g = -matmul(g, result.mH) if left else -matmul(result.mH, g)
    return _triangle(g, upper, unitriangular)
B: linalg.solve_triangular(input.mH, grad, upper=not upper, left=left, unitriangular=unitriangular)";
    /// Solution of an equation with a triangular matrix; `linalg.solve_triangular` is the newer form.
    "triangular_solve" [fn method]
        "(Tensor self, Tensor A, bool upper=True, bool transpose=False, bool unitriangular=False) -> (Tensor solution, Tensor cloned_coefficient)" => solver |a| {
            Ok(solve::triangular_solve(a.view(0)?, a.view(1)?, a.bool(2), a.bool(3), a.bool(4))?.into())
        };
    grad "
node (TriangularSolveBackward0, TriangularSolveBackward0)
input: zeros_like(input) if grads[0] is None else _triangular_back(grads[0], A, upper, transpose, unitriangular)
A:
    out = zeros_like(A) if grads[1] is None else grads[1]
    if grads[0] is not None:
        g = _triangular_back(grads[0], A, upper, transpose, unitriangular)
        g = -matmul(conj(results[0]), g.mT) if transpose else -matmul(g, results[0].mH)
        out = out + _triangle(g, upper, unitriangular)
    return out";
    /// Least squares: what minimizes `|A X - B|`.
    "linalg.lstsq" [fn]
        "(Tensor self, Tensor b, float? rcond=None, *, str? driver=None) -> (Tensor solution, Tensor residuals, Tensor rank, Tensor singular_values)" => solver |a| {
            let x = least_squares::lstsq(a.view(0)?, a.view(1)?, a.opt_float(2), a.str(3))?;
            Ok(vec![x.solution, x.residuals, x.rank, x.singular_values].into())
        };
    grad "
node (LinalgLstsqBackward0, LinalgLstsqBackward0, None, None)
input:
    X, out = results[0], None
    column = b.ndim == input.ndim - 1
    B = b.unsqueeze(-1) if column else b
    X = X.unsqueeze(-1) if column else X
    if grads[0] is not None:
        P = linalg.pinv(input)
        g = grads[0].unsqueeze(-1) if column else grads[0]
        out = _pinv_grad(matmul(g, B.mH), P, input)
    if grads[1] is not None and grads[1].numel():
        more = matmul(2 * (matmul(input, X) - B) * grads[1].unsqueeze(-2), X.mH)
        out = more if out is None else out + more
    return zeros_like(input) if out is None else out
b:
    X, out = results[0], None
    column = b.ndim == input.ndim - 1
    B = b.unsqueeze(-1) if column else b
    X = X.unsqueeze(-1) if column else X
    if grads[0] is not None:
        g = grads[0].unsqueeze(-1) if column else grads[0]
        out = matmul(linalg.pinv(input).mH, g)
    if grads[1] is not None and grads[1].numel():
        more = 2 * (B - matmul(input, X)) * grads[1].unsqueeze(-2)
        out = more if out is None else out + more
    out = zeros_like(B) if out is None else out
    return out.squeeze(-1) if column else out";
    /// Pseudo-inverse.
    /// >>> torch.linalg.pinv(torch.tensor([[2., 0.], [0., 0.]]))
    /// tensor([[0.5000, 0.0000],
    ///         [0.0000, 0.0000]])
    "linalg.pinv" [fn]
        "(Tensor self, *, Tensor? atol=None, Tensor? rtol=None, bool hermitian=False) -> Tensor" => kernel pinv, there "_pinv(input, atol, rtol, hermitian)",
        "(Tensor self, *, float? atol=None, float? rtol=None, bool hermitian=False) -> Tensor" => kernel pinv, there "_pinv(input, atol, rtol, hermitian)",
        "(Tensor self, float rcond, bool hermitian=False) -> Tensor" => kernel pinv_relative, there "_pinv(input, None, rcond, hermitian)",
        "(Tensor self, Tensor rcond, bool hermitian=False) -> Tensor" => kernel pinv_relative, there "_pinv(input, None, rcond, hermitian)";
    grad "
node LinalgPinvBackward0
input: _pinv_grad(grad, result, input)";
    /// Pseudo-inverse; `linalg.pinv` is the newer form.
    "pinverse" [fn method] "(Tensor self, float rcond=1e-15) -> Tensor" => kernel pinv_relative, there "_pinv(input, None, rcond, False)";
    grad "
node LinalgPinvBackward0
input: _pinv_grad(grad, result, input)";
    /// Number of singular values that are not negligible.
    /// >>> torch.linalg.matrix_rank(torch.ones(3, 3))
    /// tensor(1)
    "linalg.matrix_rank" [fn]
        "(Tensor input, *, float? atol=None, float? rtol=None, bool hermitian=False) -> Tensor" => kernel rank, there "_rank(input, atol, rtol, hermitian)",
        "(Tensor input, *, Tensor? atol=None, Tensor? rtol=None, bool hermitian=False) -> Tensor" => kernel rank, there "_rank(input, atol, rtol, hermitian)",
        "(Tensor self, float tol, bool hermitian=False) -> Tensor" => kernel rank_absolute, there "_rank(input, tol, 0.0, hermitian)",
        "(Tensor input, Tensor tol, bool hermitian=False) -> Tensor" => kernel rank_absolute, there "_rank(input, tol, 0.0, hermitian)";
    /// Condition number.
    /// >>> torch.linalg.cond(torch.tensor([[4., 0.], [0., 2.]]))
    /// tensor(2.)
    "linalg.cond" [fn out]
        "(Tensor self, Scalar? p=None) -> Tensor" => kernel cond, there,
        "(Tensor self, str p) -> Tensor" => kernel cond, there;
    grad "
node SqueezeBackward1 if p is None or p in (2, -2) else MulBackward0 if p == 'nuc' else NanToNumBackward0
formula:
    if input.numel() == 0:
        return linalg.svdvals(input).sum(-1)
    if p is None or p in (2, -2):
        s = linalg.svdvals(input)
        high, low = s[..., :1], s[..., -1:]
        return (low / high if p == -2 else high / low).squeeze(-1)
    if input.size(-2) != input.size(-1):
        raise RuntimeError('not square')
    if p == 'nuc':
        return linalg.matrix_norm(input, p) * linalg.matrix_norm(linalg.pinv(input), p)
    back, info = linalg.inv_ex(input)
    back = back.masked_fill((info != 0).unsqueeze(-1).unsqueeze(-1), inf)
    return nan_to_num(linalg.matrix_norm(input, p) * linalg.matrix_norm(back, p), nan=inf, posinf=inf, neginf=-inf)";
    /// Norm of a vector or a matrix, by the number of dimensions.
    /// >>> torch.linalg.norm(torch.tensor([3., 4.]))
    /// tensor(5.)
    "linalg.norm" [fn out]
        "(Tensor self, Scalar? ord=None, int[1]? dim=None, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor" => kernel norm, cuda |g, x, a| norm_there(g, x, a),
        "(Tensor self, str ord, int[1]? dim=None, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor" => kernel norm, cuda |g, x, a| norm_there(g, x, a);
    grad "
formula:
    matrix = isinstance(ord, str) or (input.ndim == 2 if dim is None else len(dim) == 2)
    if ord is not None and matrix:
        return _matrix_norm(input, ord, (-2, -1) if dim is None else dim, keepdim, dtype)
    return linalg.vector_norm(input, 2 if ord is None else ord, dim, keepdim, dtype=dtype)";
    /// Norm of a matrix: 'fro', 'nuc', 1, 2, inf or their negatives.
    /// >>> torch.linalg.matrix_norm(torch.tensor([[3., 0.], [0., 4.]]))
    /// tensor(5.)
    "linalg.matrix_norm" [fn out]
        "(Tensor self, Scalar ord, int[] dim=[-2,-1], bool keepdim=False, *, ScalarType? dtype=None) -> Tensor" => solver matrix_norm,
        "(Tensor self, str ord='fro', int[] dim=[-2,-1], bool keepdim=False, *, ScalarType? dtype=None) -> Tensor" => solver matrix_norm;
    grad "formula: _matrix_norm(input, ord, dim, keepdim, dtype)";
    /// Exponential of a square matrix.
    /// >>> torch.matrix_exp(torch.zeros(2, 2))
    /// tensor([[1., 0.],
    ///         [0., 1.]])
    "linalg.matrix_exp" aka ["matrix_exp"] [fn method] "(Tensor self) -> Tensor" => kernel |a| Ok(exponential::matrix_exp(a.view(0)?)?.into()), there "_matrix_exp(input)";
    grad "
node LinalgMatrixExpBackward0
input:
    # The derivative in direction grad is the corner of a block matrix's exponential.
    n, A = input.size(-1), input.mH
    low = cat([zeros_like(A), A], -1)
    return linalg.matrix_exp(cat([cat([A, grad], -1), low], -2))[..., :n, n:]";
    /// Power of a square matrix; negative ones by its inverse.
    /// >>> torch.matrix_power(torch.tensor([[1, 1], [0, 1]]), 5)
    /// tensor([[1, 5],
    ///         [0, 1]])
    "linalg.matrix_power" aka ["matrix_power"] [fn method out] "(Tensor self, int n) -> Tensor" => kernel power, cuda |g, _, a| {
        // The inverse needs cuSOLVER.
        if a.int(1)? >= 0 || solver::found() { on_gpu(g, a, power) } else { Ok(None) }
    };
    grad "
node CopyBackwards if n == 0 else composite
formula:
    if n == 0:
        return where(zeros(input.shape, dtype=torch.bool), input, eye(input.size(-1), dtype=input.dtype))
    if n == 1:
        return input.clone()
    A = linalg.inv(input) if n < 0 else input
    m = abs(n)
    if m == 1:
        return A
    if m < 4:
        square = matmul(A, A)
        return square if m == 2 else matmul(square, A)
    out, power = None, None
    while m > 0:
        power = A if power is None else matmul(power, power)
        if m % 2:
            out = power if out is None else matmul(out, power)
        m = m // 2
    return out";
    /// Inverse of a linear map between tensors.
    "linalg.tensorinv" [fn out] "(Tensor self, int ind=2) -> Tensor" => solver |a| Ok(solve::tensorinv(a.view(0)?, a.int(1)?)?.into());
    grad "
node ReshapeAliasBackward0
formula:
    head, tail = list(input.shape[:ind]), list(input.shape[ind:])
    n = Size(tail).numel()
    return linalg.inv(input.reshape(-1 if n else 0, n)).reshape(tail + head)";
    /// Solution of a linear equation between tensors.
    "linalg.tensorsolve" [fn out] "(Tensor self, Tensor other, int[]? dims=None) -> Tensor" => solver |a| {
        without_elements(a, false, |a| Ok(solve::tensorsolve(a.view(0)?, a.view(1)?, a.ints(2))?.into()))
    };
    grad "
node ViewBackward0
formula:
    A = input
    if dims is not None:
        last = [d % A.ndim for d in dims]
        A = A.permute([d for d in range(A.ndim) if d not in last] + last)
    out = list(A.shape[other.ndim:])
    n = Size(out).numel()
    return linalg.solve(A.reshape(other.numel(), n), other.flatten()).reshape(out)";
}
