//! Factorizations of `torch.linalg`, and what solves with them.

use super::args::{Args, Out};
use super::linalg::without_elements;
use super::matmul::on_gpu;
use crate::base::error::Result;
use crate::cpu::linalg::{factor, ldl, solve, spectrum};
use crate::cuda::solver;
use crate::rows;
use crate::store::View;
use crate::store::cuda::Gpu;

fn eig(a: Args) -> Result<Out<View>> {
    Ok(spectrum::eig(a.view(0)?)?.into())
}

fn eigvals(a: Args) -> Result<Out<View>> {
    Ok(spectrum::eigvals(a.view(0)?)?.into())
}

fn ldl_factor(a: Args) -> Result<Out<View>> {
    without_elements(a, false, |a| {
        let (factors, pivots, info) = ldl::ldl_factor_ex(a.view(0)?, a.bool(1))?;
        ldl::check_factored(a.view(0)?, &info, "torch.linalg.ldl_factor")?;
        Ok((factors, pivots).into())
    })
}

fn ldl_factor_ex(a: Args) -> Result<Out<View>> {
    without_elements(a, false, |a| {
        let (factors, pivots, info) = ldl::ldl_factor_ex(a.view(0)?, a.bool(1))?;
        if a.bool(2) {
            ldl::check_factored(a.view(0)?, &info, "torch.linalg.ldl_factor_ex")?;
        }
        Ok((factors, pivots, info).into())
    })
}

fn ldl_solve(a: Args) -> Result<Out<View>> {
    without_elements(a, false, |a| Ok(ldl::ldl_solve(a.view(0)?, a.view(1)?, a.view(2)?, a.bool(3))?.into()))
}

/// The form for a GPU of what is done with symmetric matrices: Hermitian ones, of which the argument at `hermitian` says so, cuSOLVER does
/// not know.
fn symmetric(
    gpu: &'static Gpu,
    a: Args,
    hermitian: usize,
    f: fn(Args<'_>) -> Result<Out<View>>,
) -> Result<Option<Out<View>>> {
    let known = !(a.bool(hermitian) && a.view(0)?.dtype().is_complex());
    if known && solver::found() { on_gpu(gpu, a, f) } else { Ok(None) }
}

rows! {
    /// Cholesky's factor of a Hermitian positive definite matrix.
    /// >>> torch.linalg.cholesky(torch.tensor([[4., 2.], [2., 2.]]))
    /// tensor([[2., 0.],
    ///         [1., 1.]])
    "linalg.cholesky" [fn out] "(Tensor self, *, bool upper=False) -> Tensor" => solver |a| {
        without_elements(a, false, |a| Ok(solve::cholesky(a.view(0)?, a.bool(1), "linalg.cholesky")?.into()))
    };
    grad "
node LinalgCholeskyExBackward0
input: _cholesky_grad(grad, result, upper)";
    /// Cholesky's factor, and an info that is not 0 where there is none.
    "linalg.cholesky_ex" [fn] "(Tensor self, *, bool upper=False, bool check_errors=False) -> (Tensor L, Tensor info)" => solver |a| {
        without_elements(a, false, |a| {
            let (l, info) = solve::cholesky_ex(a.view(0)?, a.bool(1), "linalg.cholesky")?;
            if a.bool(2) {
                solve::check_positive(a.view(0)?, &info, "linalg.cholesky_ex")?;
            }
            Ok((l, info).into())
        })
    };
    grad "
node (LinalgCholeskyExBackward0, None)
input: _cholesky_grad(grads[0], results[0], upper)";
    /// Cholesky's factor; `linalg.cholesky` is the newer form.
    "cholesky" [fn method out] "(Tensor self, bool upper=False) -> Tensor" => solver |a| Ok(solve::cholesky(a.view(0)?, a.bool(1), "cholesky")?.into());
    grad "
node CholeskyBackward0
input: _cholesky_grad(grad, result, upper)";
    /// Solution of an equation from its matrix's Cholesky factor.
    "cholesky_solve" [fn method out] "(Tensor self, Tensor input2, bool upper=False) -> Tensor" => solver |a| {
        Ok(solve::cholesky_solve(a.view(0)?, a.view(1)?, a.bool(2))?.into())
    };
    grad "
node CholeskySolveBackward0
input: cholesky_solve(grad, input2, upper)
input2: _from_square(-matmul(cholesky_solve(grad, input2, upper), result.mH), input2, upper)";
    /// Inverse of a matrix from its Cholesky factor.
    "cholesky_inverse" [fn method out] "(Tensor self, bool upper=False) -> Tensor" => solver |a| {
        Ok(solve::cholesky_inverse(a.view(0)?, a.bool(1))?.into())
    };
    grad "
node CholeskyInverseBackward0
again input NegBackward0
input:
    g = -matmul(result, matmul(grad + grad.mH, result))
    return matmul(input, g) if upper else matmul(g, input)";
    /// QR factorization: mode 'reduced', 'complete' or 'r'.
    "linalg.qr" [fn] "(Tensor A, str mode='reduced') -> (Tensor Q, Tensor R)" => solver |a| {
        Ok(factor::linalg_qr(a.view(0)?, a.str(1).unwrap_or("reduced"))?.into())
    };
    grad "
node (LinalgQrBackward0, LinalgQrBackward0) if mode != 'r' else (None, LinalgQrBackward0)
A:
    if mode == 'r':
        raise RuntimeError('The derivative of linalg.qr depends on Q, which is not computed when mode=\\'r\\'. Please use linalg.qr(A, mode=\\'reduced\\') if you are going to differentiate through linalg.qr.')
    if mode == 'complete' and A.size(-2) > A.size(-1):
        raise RuntimeError('The QR decomposition is not differentiable when mode=\\'complete\\' and nrows > ncols.')
    return _qr_grad(grads, results[0], results[1], A)";
    /// QR factorization; `linalg.qr` is the newer form.
    "qr" [fn method] "(Tensor self, bool some=True) -> (Tensor Q, Tensor R)" => solver |a| {
        Ok(factor::linalg_qr(a.view(0)?, if a.bool(1) { "reduced" } else { "complete" })?.into())
    };
    grad "
node (LinalgQrBackward0, LinalgQrBackward0)
input:
    if not some and input.size(-2) > input.size(-1):
        raise RuntimeError('The QR decomposition is not differentiable when mode=\\'complete\\' and nrows > ncols.')
    return _qr_grad(grads, results[0], results[1], input)";
    /// Householder's form of the QR factorization.
    "geqrf" [fn method] "(Tensor self) -> (Tensor a, Tensor tau)" => solver |a| Ok(factor::geqrf(a.view(0)?)?.into());
    grad "
node (GeqrfBackward0, GeqrfBackward0)
input: not_implemented";
    /// First columns of a product of Householder reflections.
    "linalg.householder_product" aka ["orgqr"] [fn method out] "(Tensor input, Tensor tau) -> Tensor" => solver |a| {
        Ok(factor::householder_product(a.view(0)?, a.view(1)?)?.into())
    };
    grad "
node LinalgHouseholderProductBackward0
formula:
    out = eye(input.size(-2), input.size(-1), dtype=input.dtype).expand(input.shape)
    for i in reversed(range(tau.size(-1))):
        out = _reflected(out, input, tau, i, True)
    return out";
    /// The product of Householder reflections with another matrix.
    "ormqr" [fn method out] "(Tensor self, Tensor input2, Tensor input3, bool left=True, bool transpose=False) -> Tensor" => solver |a| {
        Ok(factor::ormqr(a.view(0)?, a.view(1)?, a.view(2)?, a.bool(3), a.bool(4))?.into())
    };
    grad "
node OrmqrBackward0
formula:
    out, count = input3, list(range(input2.size(-1)))
    for i in count if left == transpose else reversed(count):
        out = _reflected(out, input, conj(input2) if transpose else input2, i, left)
    return out";
    /// Singular value decomposition of rank q by random projections (Halko, Martinsson and Tropp, arXiv:0909.4061, 5.1).
    "svd_lowrank" [fn] "(Tensor A, int? q=6, int? niter=2, Tensor? M=None) -> Tensor[]" => tensh "
m, n = A.shape[-2:]
if M is not None:
    A = A - M.broadcast_to(A.size())
if m < n:
    A = A.mH
basis = randn(A.shape[-1], 6 if q is None else q, dtype=A.dtype if is_complex(A) or A.dtype in (float16, float32, float64) else float32)
Q = torch.linalg.qr(matmul(A, basis)).Q
for i in range(2 if niter is None else niter):
    Q = torch.linalg.qr(matmul(A.mH, Q)).Q
    Q = torch.linalg.qr(matmul(A, Q)).Q
U, S, Vh = torch.linalg.svd(matmul(Q.mH, A), full_matrices=False)
U, V = Q.matmul(U), Vh.mH
return (V, S, U) if m < n else (U, S, V)";
    /// Principal components of the rows: svd_lowrank of the centred matrix.
    "pca_lowrank" [fn] "(Tensor A, int? q=None, bool center=True, int niter=2) -> Tensor[]" => tensh "
m, n = A.shape[-2:]
if q is None:
    q = min(6, m, n)
elif not (q >= 0 and q <= min(m, n)):
    raise ValueError(f'q(={q}) must be non-negative integer and not greater than min(m, n)={min(m, n)}')
if niter < 0:
    raise ValueError(f'niter(={niter}) must be non-negative integer')
return svd_lowrank(A - A.mean(dim=(-2,), keepdim=True) if center else A, q, niter)";
    /// LU factorization with row exchanges: `A = P L U`.
    "linalg.lu" [fn] "(Tensor A, *, bool pivot=True) -> (Tensor P, Tensor L, Tensor U)" => solver |a| {
        without_elements(a, true, |a| Ok(factor::lu_full(a.view(0)?, a.bool(1))?.into()))
    };
    grad "
node (None, LinalgLuBackward0, LinalgLuBackward0)
A: _lu_grad(grads[1], grads[2], results[0] if pivot else None, results[1], results[2], A.size(-2), A.size(-1))";
    /// LU factorization in compact form.
    "linalg.lu_factor" [fn] "(Tensor A, *, bool pivot=True) -> (Tensor LU, Tensor pivots)" => solver |a| {
        without_elements(a, true, |a| Ok(factor::lu_factor(a.view(0)?, a.bool(1))?.into()))
    };
    grad "
node (LinalgLuFactorExBackward0, None)
A: _lu_data_grad(grads[0], results[0], results[1])";
    /// LU factorization in compact form, and an info that is not 0 for a singular matrix.
    "linalg.lu_factor_ex" [fn] "(Tensor A, *, bool pivot=True, bool check_errors=False) -> (Tensor LU, Tensor pivots, Tensor info)" => solver |a| {
        without_elements(a, true, |a| {
            let (factors, pivots, info) = factor::lu_factor_ex(a.view(0)?, a.bool(1))?;
            if a.bool(2) {
                factor::check_regular(a.view(0)?, &info, "torch.linalg.lu_factor_ex")?;
            }
            Ok((factors, pivots, info).into())
        })
    };
    grad "
node (LinalgLuFactorExBackward0, None, None)
A: _lu_data_grad(grads[0], results[0], results[1])";
    /// LU factorization in compact form; `linalg.lu_factor` is the newer form.
    "lu" [fn method] "(Tensor A, bool pivot=True, bool get_infos=False) -> Tensor[]" => tensh "
factors, pivots, info = torch.linalg.lu_factor_ex(A, pivot=pivot)
return (factors, pivots, info) if get_infos else (factors, pivots)";
    grad "
node (LinalgLuFactorExBackward0, None, None) if get_infos else (LinalgLuFactorExBackward0, None)
A: _lu_data_grad(grads[0], results[0], results[1])";
    /// Factorization of a symmetric or Hermitian matrix, `A = L D L^H` up to exchanges, in compact form.
    "linalg.ldl_factor" [fn] "(Tensor self, *, bool hermitian=False) -> (Tensor LD, Tensor pivots)" => kernel ldl_factor, cuda |g, _, a| symmetric(g, a, 1, ldl_factor);
    grad "
node (NotImplemented, None)
input: not_implemented";
    /// Factorization of a symmetric or Hermitian matrix, and an info that is not 0 where a block is zero.
    "linalg.ldl_factor_ex" [fn] "(Tensor self, *, bool hermitian=False, bool check_errors=False) -> (Tensor LD, Tensor pivots, Tensor info)" => kernel ldl_factor_ex, cuda |g, _, a| symmetric(g, a, 1, ldl_factor_ex);
    grad "
node (NotImplemented, None, None)
input: not_implemented";
    /// Solution of an equation from the factorization of a symmetric or Hermitian matrix.
    "linalg.ldl_solve" [fn out] "(Tensor LD, Tensor pivots, Tensor B, *, bool hermitian=False) -> Tensor" => kernel ldl_solve, cuda |g, _, a| symmetric(g, a, 3, ldl_solve);
    grad "
node NotImplemented
LD: not_implemented
B: not_implemented";
    /// The diagonals of the last two dimensions.
    /// >>> torch.linalg.diagonal(torch.tensor([[1, 2], [3, 4]]))
    /// tensor([1, 4])
    "linalg.diagonal" [fn] "(Tensor A, *, int offset=0, int dim1=-2, int dim2=-1) -> Tensor" => tensh "diagonal(A, offset, dim1, dim2)";
    grad "
node DiagonalBackward0
A: _diagonal_back(grad, A.shape, offset, dim1, dim2)";
    /// The factors of a compact LU factorization.
    "lu_unpack" [fn] "(Tensor LU_data, Tensor LU_pivots, bool unpack_data=True, bool unpack_pivots=True) -> (Tensor P, Tensor L, Tensor U)" => solver |a| {
        Ok(factor::lu_unpack(a.view(0)?, a.view(1)?, a.bool(2), a.bool(3))?.into())
    };
    grad "
node (None, LuUnpackBackward0, LuUnpackBackward0) if unpack_data else (None, None, None)
LU_data:
    m, n = LU_data.shape[-2:]
    out = zeros_like(LU_data)
    if grads[1] is not None:
        out = out + _resized(tril(grads[1], -1), [LU_data.ndim - 1], LU_data)
    if grads[2] is not None:
        out = out + _resized(triu(grads[2]), [LU_data.ndim - 2], LU_data)
    return out";
    /// Solution of an equation from its matrix's LU factorization.
    "linalg.lu_solve" [fn out] "(Tensor LU, Tensor pivots, Tensor B, *, bool left=True, bool adjoint=False) -> Tensor" => solver |a| {
        without_elements(a, false, |a| Ok(solve::lu_solve(a.view(0)?, a.view(1)?, a.view(2)?, a.bool(3), a.bool(4))?.into()))
    };
    grad "
node LinalgLuSolveBackward0
LU: _lu_solve_grads(grad, result, LU, pivots, left, adjoint)[0]
B: _lu_solve_grads(grad, result, LU, pivots, left, adjoint)[1]";
    /// Solution of an equation from its matrix's LU factorization; `linalg.lu_solve` is the newer form.
    "lu_solve" [fn method out] "(Tensor self, Tensor LU_data, Tensor LU_pivots) -> Tensor" => solver |a| {
        without_elements(a, false, |a| Ok(solve::lu_solve(a.view(1)?, a.view(2)?, a.view(0)?, true, false)?.into()))
    };
    grad "
node LinalgLuSolveBackward0
input: _lu_solve_grads(grad, result, LU_data, LU_pivots, True, False)[1]
LU_data: _lu_solve_grads(grad, result, LU_data, LU_pivots, True, False)[0]";
    /// Singular value decomposition: `A = U diag(S) Vh`.
    "linalg.svd" [fn] "(Tensor A, bool full_matrices=True, *, str? driver=None) -> (Tensor U, Tensor S, Tensor Vh)" => solver |a| {
        without_elements(a, false, |a| Ok(spectrum::svd(a.view(0)?, a.bool(1), a.str(2))?.into()))
    };
    grad "
node (LinalgSvdBackward0, LinalgSvdBackward0, LinalgSvdBackward0)
A: _svd_grad(*grads, *results)";
    /// Singular values, largest first.
    /// >>> torch.linalg.svdvals(torch.tensor([[3., 0.], [0., 4.]]))
    /// tensor([4., 3.])
    "linalg.svdvals" [fn out] "(Tensor A, *, str? driver=None) -> Tensor" => solver |a| {
        without_elements(a, false, |a| Ok(spectrum::svdvals(a.view(0)?, a.str(1))?.into()))
    };
    grad "
node LinalgSvdBackward0
A:
    U, S, Vh = linalg.svd(A, full_matrices=False)
    return matmul(U * grad.unsqueeze(-2), Vh)";
    /// Singular value decomposition; `linalg.svd` is the newer form.
    "svd" [fn method] "(Tensor self, bool some=True, bool compute_uv=True) -> (Tensor U, Tensor S, Tensor V)" => solver |a| {
        without_elements(a, false, |a| Ok(spectrum::torch_svd(a.view(0)?, a.bool(1), a.bool(2))?.into()))
    };
    grad "
node (LinalgSvdBackward0, LinalgSvdBackward0, ConjBackward0 if is_complex(input) else TransposeBackward0) if compute_uv else (None, LinalgSvdBackward0, None)
input:
    if not compute_uv:
        U, S, Vh = linalg.svd(input, full_matrices=False)
        return matmul(U * grads[1].unsqueeze(-2), Vh)
    return _svd_grad(grads[0], grads[1], None if grads[2] is None else grads[2].mH, results[0], results[1], results[2].mH)";
    /// Eigenvalues (ascending) and eigenvectors of a Hermitian matrix.
    "linalg.eigh" [fn] "(Tensor self, str UPLO='L') -> (Tensor eigenvalues, Tensor eigenvectors)" => solver |a| {
        without_elements(a, true, |a| Ok(spectrum::eigh(a.view(0)?, a.str(1).unwrap_or("L"), true)?.into()))
    };
    grad "
node (LinalgEighBackward0, LinalgEighBackward0)
input:
    (gw, gV), (w, V) = grads, results
    if gV is None:
        return zeros_like(input) if gw is None else matmul(V * gw.unsqueeze(-2), V.mH)
    X = matmul(V.mH, gV)
    _check_phase(X, 'linalg_eigh')
    inner = (X / _eigen_gaps(w)).masked_fill(eye(w.size(-1), dtype=torch.bool), 0)
    if gw is not None:
        inner = inner + diag_embed(gw)
    g = matmul(V, matmul(inner, V.mH))
    return (g + g.mH) / 2";
    /// Eigenvalues of a Hermitian matrix, ascending.
    /// >>> torch.linalg.eigvalsh(torch.tensor([[2., 0.], [0., 1.]]))
    /// tensor([1., 2.])
    "linalg.eigvalsh" [fn out] "(Tensor self, str UPLO='L') -> Tensor" => solver |a| {
        without_elements(a, true, |a| Ok(spectrum::eigh(a.view(0)?, a.str(1).unwrap_or("L"), false)?.0.into()))
    };
    grad "
node LinalgEighBackward0
input:
    w, V = linalg.eigh(input, UPLO)
    return matmul(V * grad.unsqueeze(-2), V.mH)";
    /// Eigenvalues and eigenvectors of a square matrix.
    "linalg.eig" [fn] "(Tensor self) -> (Tensor eigenvalues, Tensor eigenvectors)" => kernel eig, cuda |g, _, a| if solver::has_general() { on_gpu(g, a, eig) } else { Ok(None) };
    grad "
node (LinalgEigBackward0, LinalgEigBackward0)
input: zeros_like(input) if grads[0] is None and grads[1] is None else _eig_grad(*grads, *results)";
    /// Eigenvalues of a square matrix.
    "linalg.eigvals" [fn out] "(Tensor self) -> Tensor" => kernel eigvals, cuda |g, _, a| if solver::has_general() { on_gpu(g, a, eigvals) } else { Ok(None) };
    grad "
node LinalgEigBackward0
input:
    w, V = linalg.eig(input)
    return _eig_grad(grad, None, w, V)";
}
