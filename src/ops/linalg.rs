//! Linear algebra: factorizations, solutions, norms.

use super::args::{Arg, Args, Out};
use crate::base::error::Result;
use crate::base::{DType, Scalar};
use crate::cpu::copy;
use crate::cpu::linalg::norms::Norm;
use crate::cpu::linalg::spectrum::Tolerance;
use crate::cpu::linalg::{check, exponential, factor, ldl, least_squares, norms, solve, spectrum};
use crate::cpu::reduce::norm::vector_norm;
use crate::rows;
use crate::store::View;

/// A tolerance given as a number or a tensor.
fn tolerance(a: Args, i: usize) -> Result<Option<View>> {
    Ok(match a.get(i) {
        Arg::Tensor(v) => Some(v.clone()),
        _ => a.opt_float(i).map(spectrum::bound).transpose()?,
    })
}

/// Runs a kernel for a tensor without elements of a dtype that LAPACK does not have, which torch never takes that far:
/// for halves, and for integers where `integers` says that no check before it refuses them.
fn without_elements(a: Args, integers: bool, kernel: fn(Args) -> Result<Out<View>>) -> Result<Out<View>> {
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
    "linalg.inv" aka ["inverse"] [fn method out] "(Tensor A) -> Tensor" => kernel |a| Ok(solve::inv(a.view(0)?)?.into());
    /// Inverse of a square matrix, and an info that is not 0 where there is none.
    "linalg.inv_ex" [fn] "(Tensor A, *, bool check_errors=False) -> (Tensor inverse, Tensor info)" => kernel |a| {
        let (x, info) = solve::inv_ex(a.view(0)?)?;
        if a.bool(1) {
            solve::check_inverted(a.view(0)?, &info, "linalg.inv_ex")?;
        }
        Ok((x, info).into())
    };
    /// Determinant of a square matrix.
    /// >>> torch.linalg.det(torch.tensor([[1., 2.], [3., 4.]]))
    /// tensor(-2.)
    "linalg.det" aka ["det"] [fn method out] "(Tensor A) -> Tensor" => kernel |a| {
        without_elements(a, false, |a| Ok(solve::det(a.view(0)?, "linalg.det")?.into()))
    };
    /// Sign and logarithm of the modulus of the determinant.
    "linalg.slogdet" [fn] "(Tensor A) -> (Tensor sign, Tensor logabsdet)" => kernel |a| Ok(solve::slogdet(a.view(0)?, "linalg.slogdet")?.into());
    /// Sign and logarithm of the modulus of the determinant.
    "slogdet" [fn method] "(Tensor self) -> (Tensor sign, Tensor logabsdet)" => kernel |a| Ok(solve::slogdet(a.view(0)?, "linalg.slogdet")?.into());
    /// Logarithm of the determinant.
    /// >>> torch.logdet(torch.eye(2))
    /// tensor(0.)
    "logdet" [fn method] "(Tensor self) -> Tensor" => kernel |a| Ok(solve::logdet(a.view(0)?)?.into());
    /// Solution of `A X = B`, or of `X A = B`.
    /// >>> torch.linalg.solve(torch.tensor([[2., 0.], [0., 4.]]), torch.tensor([2., 2.]))
    /// tensor([1.0000, 0.5000])
    "linalg.solve" [fn out] "(Tensor A, Tensor B, *, bool left=True) -> Tensor" => kernel |a| {
        without_elements(a, false, |a| Ok(solve::solve(a.view(0)?, a.view(1)?, a.bool(2))?.into()))
    };
    /// Solution of `A X = B`, and an info that is not 0 where there is none.
    "linalg.solve_ex" [fn] "(Tensor A, Tensor B, *, bool left=True, bool check_errors=False) -> (Tensor result, Tensor info)" => kernel |a| {
        without_elements(a, false, |a| {
            let (x, info) = solve::solve_ex(a.view(0)?, a.view(1)?, a.bool(2), "linalg.solve")?;
            if a.bool(3) {
                solve::check_solved(a.view(0)?, &info, "torch.linalg.solve_ex")?;
            }
            Ok((x, info).into())
        })
    };
    /// Solution of an equation with a triangular matrix.
    "linalg.solve_triangular" [fn out]
        "(Tensor self, Tensor B, *, bool upper, bool left=True, bool unitriangular=False) -> Tensor" => kernel |a| {
            Ok(solve::solve_triangular(a.view(0)?, a.view(1)?, a.bool(2), a.bool(3), a.bool(4))?.into())
        };
    /// Solution of an equation with a triangular matrix; `linalg.solve_triangular` is the newer form.
    "triangular_solve" [fn method]
        "(Tensor self, Tensor A, bool upper=True, bool transpose=False, bool unitriangular=False) -> (Tensor solution, Tensor cloned_coefficient)" => kernel |a| {
            Ok(solve::triangular_solve(a.view(0)?, a.view(1)?, a.bool(2), a.bool(3), a.bool(4))?.into())
        };
    /// Cholesky's factor of a Hermitian positive definite matrix.
    /// >>> torch.linalg.cholesky(torch.tensor([[4., 2.], [2., 2.]]))
    /// tensor([[2., 0.],
    ///         [1., 1.]])
    "linalg.cholesky" [fn out] "(Tensor self, *, bool upper=False) -> Tensor" => kernel |a| {
        without_elements(a, false, |a| Ok(solve::cholesky(a.view(0)?, a.bool(1), "linalg.cholesky")?.into()))
    };
    /// Cholesky's factor, and an info that is not 0 where there is none.
    "linalg.cholesky_ex" [fn] "(Tensor self, *, bool upper=False, bool check_errors=False) -> (Tensor L, Tensor info)" => kernel |a| {
        without_elements(a, false, |a| {
            let (l, info) = solve::cholesky_ex(a.view(0)?, a.bool(1), "linalg.cholesky")?;
            if a.bool(2) {
                solve::check_positive(a.view(0)?, &info, "linalg.cholesky_ex")?;
            }
            Ok((l, info).into())
        })
    };
    /// Cholesky's factor; `linalg.cholesky` is the newer form.
    "cholesky" [fn method out] "(Tensor self, bool upper=False) -> Tensor" => kernel |a| Ok(solve::cholesky(a.view(0)?, a.bool(1), "cholesky")?.into());
    /// Solution of an equation from its matrix's Cholesky factor.
    "cholesky_solve" [fn method out] "(Tensor self, Tensor input2, bool upper=False) -> Tensor" => kernel |a| {
        Ok(solve::cholesky_solve(a.view(0)?, a.view(1)?, a.bool(2))?.into())
    };
    /// Inverse of a matrix from its Cholesky factor.
    "cholesky_inverse" [fn method out] "(Tensor self, bool upper=False) -> Tensor" => kernel |a| {
        Ok(solve::cholesky_inverse(a.view(0)?, a.bool(1))?.into())
    };
    /// QR factorization: mode 'reduced', 'complete' or 'r'.
    "linalg.qr" [fn] "(Tensor A, str mode='reduced') -> (Tensor Q, Tensor R)" => kernel |a| {
        Ok(factor::linalg_qr(a.view(0)?, a.str(1).unwrap_or("reduced"))?.into())
    };
    /// QR factorization; `linalg.qr` is the newer form.
    "qr" [fn method] "(Tensor self, bool some=True) -> (Tensor Q, Tensor R)" => kernel |a| {
        Ok(factor::linalg_qr(a.view(0)?, if a.bool(1) { "reduced" } else { "complete" })?.into())
    };
    /// Householder's form of the QR factorization.
    "geqrf" [fn method] "(Tensor self) -> (Tensor a, Tensor tau)" => kernel |a| Ok(factor::geqrf(a.view(0)?)?.into());
    /// First columns of a product of Householder reflections.
    "linalg.householder_product" aka ["orgqr"] [fn method out] "(Tensor input, Tensor tau) -> Tensor" => kernel |a| {
        Ok(factor::householder_product(a.view(0)?, a.view(1)?)?.into())
    };
    /// The product of Householder reflections with another matrix.
    "ormqr" [fn method out] "(Tensor self, Tensor input2, Tensor input3, bool left=True, bool transpose=False) -> Tensor" => kernel |a| {
        Ok(factor::ormqr(a.view(0)?, a.view(1)?, a.view(2)?, a.bool(3), a.bool(4))?.into())
    };
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
    "linalg.lu" [fn] "(Tensor A, *, bool pivot=True) -> (Tensor P, Tensor L, Tensor U)" => kernel |a| {
        without_elements(a, true, |a| Ok(factor::lu_full(a.view(0)?, a.bool(1))?.into()))
    };
    /// LU factorization in compact form.
    "linalg.lu_factor" [fn] "(Tensor A, *, bool pivot=True) -> (Tensor LU, Tensor pivots)" => kernel |a| {
        without_elements(a, true, |a| Ok(factor::lu_factor(a.view(0)?, a.bool(1))?.into()))
    };
    /// LU factorization in compact form, and an info that is not 0 for a singular matrix.
    "linalg.lu_factor_ex" [fn] "(Tensor A, *, bool pivot=True, bool check_errors=False) -> (Tensor LU, Tensor pivots, Tensor info)" => kernel |a| {
        without_elements(a, true, |a| {
            let (factors, pivots, info) = factor::lu_factor_ex(a.view(0)?, a.bool(1))?;
            if a.bool(2) {
                factor::check_regular(a.view(0)?, &info, "torch.linalg.lu_factor_ex")?;
            }
            Ok((factors, pivots, info).into())
        })
    };
    /// LU factorization in compact form; `linalg.lu_factor` is the newer form.
    "lu" [fn method] "(Tensor A, bool pivot=True, bool get_infos=False) -> Tensor[]" => tensh "
factors, pivots, info = torch.linalg.lu_factor_ex(A, pivot=pivot)
return (factors, pivots, info) if get_infos else (factors, pivots)";
    /// Factorization of a symmetric or Hermitian matrix, `A = L D L^H` up to exchanges, in compact form.
    "linalg.ldl_factor" [fn] "(Tensor self, *, bool hermitian=False) -> (Tensor LD, Tensor pivots)" => kernel |a| {
        without_elements(a, false, |a| {
            let (factors, pivots, info) = ldl::ldl_factor_ex(a.view(0)?, a.bool(1))?;
            ldl::check_factored(a.view(0)?, &info, "torch.linalg.ldl_factor")?;
            Ok((factors, pivots).into())
        })
    };
    /// Factorization of a symmetric or Hermitian matrix, and an info that is not 0 where a block is zero.
    "linalg.ldl_factor_ex" [fn] "(Tensor self, *, bool hermitian=False, bool check_errors=False) -> (Tensor LD, Tensor pivots, Tensor info)" => kernel |a| {
        without_elements(a, false, |a| {
            let (factors, pivots, info) = ldl::ldl_factor_ex(a.view(0)?, a.bool(1))?;
            if a.bool(2) {
                ldl::check_factored(a.view(0)?, &info, "torch.linalg.ldl_factor_ex")?;
            }
            Ok((factors, pivots, info).into())
        })
    };
    /// Solution of an equation from the factorization of a symmetric or Hermitian matrix.
    "linalg.ldl_solve" [fn out] "(Tensor LD, Tensor pivots, Tensor B, *, bool hermitian=False) -> Tensor" => kernel |a| {
        without_elements(a, false, |a| Ok(ldl::ldl_solve(a.view(0)?, a.view(1)?, a.view(2)?, a.bool(3))?.into()))
    };
    /// The diagonals of the last two dimensions.
    /// >>> torch.linalg.diagonal(torch.tensor([[1, 2], [3, 4]]))
    /// tensor([1, 4])
    "linalg.diagonal" [fn] "(Tensor A, *, int offset=0, int dim1=-2, int dim2=-1) -> Tensor" => tensh "diagonal(A, offset, dim1, dim2)";
    /// The factors of a compact LU factorization.
    "lu_unpack" [fn] "(Tensor LU_data, Tensor LU_pivots, bool unpack_data=True, bool unpack_pivots=True) -> (Tensor P, Tensor L, Tensor U)" => kernel |a| {
        Ok(factor::lu_unpack(a.view(0)?, a.view(1)?, a.bool(2), a.bool(3))?.into())
    };
    /// Solution of an equation from its matrix's LU factorization.
    "linalg.lu_solve" [fn out] "(Tensor LU, Tensor pivots, Tensor B, *, bool left=True, bool adjoint=False) -> Tensor" => kernel |a| {
        without_elements(a, false, |a| Ok(solve::lu_solve(a.view(0)?, a.view(1)?, a.view(2)?, a.bool(3), a.bool(4))?.into()))
    };
    /// Solution of an equation from its matrix's LU factorization; `linalg.lu_solve` is the newer form.
    "lu_solve" [fn method out] "(Tensor self, Tensor LU_data, Tensor LU_pivots) -> Tensor" => kernel |a| {
        without_elements(a, false, |a| Ok(solve::lu_solve(a.view(1)?, a.view(2)?, a.view(0)?, true, false)?.into()))
    };
    /// Singular value decomposition: `A = U diag(S) Vh`.
    "linalg.svd" [fn] "(Tensor A, bool full_matrices=True, *, str? driver=None) -> (Tensor U, Tensor S, Tensor Vh)" => kernel |a| {
        spectrum::check_driver(a.view(0)?, a.str(2))?;
        without_elements(a, false, |a| Ok(spectrum::svd(a.view(0)?, a.bool(1))?.into()))
    };
    /// Singular values, largest first.
    /// >>> torch.linalg.svdvals(torch.tensor([[3., 0.], [0., 4.]]))
    /// tensor([4., 3.])
    "linalg.svdvals" [fn out] "(Tensor A, *, str? driver=None) -> Tensor" => kernel |a| {
        spectrum::check_driver(a.view(0)?, a.str(1))?;
        without_elements(a, false, |a| Ok(spectrum::svdvals(a.view(0)?)?.into()))
    };
    /// Singular value decomposition; `linalg.svd` is the newer form.
    "svd" [fn method] "(Tensor self, bool some=True, bool compute_uv=True) -> (Tensor U, Tensor S, Tensor V)" => kernel |a| {
        without_elements(a, false, |a| Ok(spectrum::torch_svd(a.view(0)?, a.bool(1), a.bool(2))?.into()))
    };
    /// Eigenvalues (ascending) and eigenvectors of a Hermitian matrix.
    "linalg.eigh" [fn] "(Tensor self, str UPLO='L') -> (Tensor eigenvalues, Tensor eigenvectors)" => kernel |a| {
        without_elements(a, true, |a| Ok(spectrum::eigh(a.view(0)?, a.str(1).unwrap_or("L"))?.into()))
    };
    /// Eigenvalues of a Hermitian matrix, ascending.
    /// >>> torch.linalg.eigvalsh(torch.tensor([[2., 0.], [0., 1.]]))
    /// tensor([1., 2.])
    "linalg.eigvalsh" [fn out] "(Tensor self, str UPLO='L') -> Tensor" => kernel |a| {
        without_elements(a, true, |a| Ok(spectrum::eigh(a.view(0)?, a.str(1).unwrap_or("L"))?.0.into()))
    };
    /// Eigenvalues and eigenvectors of a square matrix.
    "linalg.eig" [fn] "(Tensor self) -> (Tensor eigenvalues, Tensor eigenvectors)" => kernel |a| Ok(spectrum::eig(a.view(0)?)?.into());
    /// Eigenvalues of a square matrix.
    "linalg.eigvals" [fn out] "(Tensor self) -> Tensor" => kernel |a| Ok(spectrum::eigvals(a.view(0)?)?.into());
    /// Least squares: what minimizes `|A X - B|`.
    "linalg.lstsq" [fn]
        "(Tensor self, Tensor b, float? rcond=None, *, str? driver=None) -> (Tensor solution, Tensor residuals, Tensor rank, Tensor singular_values)" => kernel |a| {
            let x = least_squares::lstsq(a.view(0)?, a.view(1)?, a.opt_float(2), a.str(3))?;
            Ok(vec![x.solution, x.residuals, x.rank, x.singular_values].into())
        };
    /// Pseudo-inverse.
    /// >>> torch.linalg.pinv(torch.tensor([[2., 0.], [0., 0.]]))
    /// tensor([[0.5000, 0.0000],
    ///         [0.0000, 0.0000]])
    "linalg.pinv" [fn]
        "(Tensor self, *, Tensor? atol=None, Tensor? rtol=None, bool hermitian=False) -> Tensor" => kernel pinv,
        "(Tensor self, *, float? atol=None, float? rtol=None, bool hermitian=False) -> Tensor" => kernel pinv,
        "(Tensor self, float rcond, bool hermitian=False) -> Tensor" => kernel pinv_relative,
        "(Tensor self, Tensor rcond, bool hermitian=False) -> Tensor" => kernel pinv_relative;
    /// Pseudo-inverse; `linalg.pinv` is the newer form.
    "pinverse" [fn method] "(Tensor self, float rcond=1e-15) -> Tensor" => kernel pinv_relative;
    /// Number of singular values that are not negligible.
    /// >>> torch.linalg.matrix_rank(torch.ones(3, 3))
    /// tensor(1)
    "linalg.matrix_rank" [fn]
        "(Tensor input, *, float? atol=None, float? rtol=None, bool hermitian=False) -> Tensor" => kernel rank,
        "(Tensor input, *, Tensor? atol=None, Tensor? rtol=None, bool hermitian=False) -> Tensor" => kernel rank,
        "(Tensor self, float tol, bool hermitian=False) -> Tensor" => kernel rank_absolute,
        "(Tensor input, Tensor tol, bool hermitian=False) -> Tensor" => kernel rank_absolute;
    /// Condition number.
    /// >>> torch.linalg.cond(torch.tensor([[4., 0.], [0., 2.]]))
    /// tensor(2.)
    "linalg.cond" [fn out]
        "(Tensor self, Scalar? p=None) -> Tensor" => kernel cond,
        "(Tensor self, str p) -> Tensor" => kernel cond;
    /// Norm of a vector or a matrix, by the number of dimensions.
    /// >>> torch.linalg.norm(torch.tensor([3., 4.]))
    /// tensor(5.)
    "linalg.norm" [fn out]
        "(Tensor self, Scalar? ord=None, int[1]? dim=None, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor" => kernel norm,
        "(Tensor self, str ord, int[1]? dim=None, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor" => kernel norm;
    /// Norm of a matrix: 'fro', 'nuc', 1, 2, inf or their negatives.
    /// >>> torch.linalg.matrix_norm(torch.tensor([[3., 0.], [0., 4.]]))
    /// tensor(5.)
    "linalg.matrix_norm" [fn out]
        "(Tensor self, Scalar ord, int[] dim=[-2,-1], bool keepdim=False, *, ScalarType? dtype=None) -> Tensor" => kernel matrix_norm,
        "(Tensor self, str ord='fro', int[] dim=[-2,-1], bool keepdim=False, *, ScalarType? dtype=None) -> Tensor" => kernel matrix_norm;
    /// Exponential of a square matrix.
    /// >>> torch.matrix_exp(torch.zeros(2, 2))
    /// tensor([[1., 0.],
    ///         [0., 1.]])
    "linalg.matrix_exp" aka ["matrix_exp"] [fn method] "(Tensor self) -> Tensor" => kernel |a| Ok(exponential::matrix_exp(a.view(0)?)?.into());
    /// Power of a square matrix; negative ones by its inverse.
    /// >>> torch.matrix_power(torch.tensor([[1, 1], [0, 1]]), 5)
    /// tensor([[1, 5],
    ///         [0, 1]])
    "linalg.matrix_power" aka ["matrix_power"] [fn method out] "(Tensor self, int n) -> Tensor" => kernel |a| Ok(solve::matrix_power(a.view(0)?, a.int(1)?)?.into());
    /// Inverse of a linear map between tensors.
    "linalg.tensorinv" [fn out] "(Tensor self, int ind=2) -> Tensor" => kernel |a| Ok(solve::tensorinv(a.view(0)?, a.int(1)?)?.into());
    /// Solution of a linear equation between tensors.
    "linalg.tensorsolve" [fn out] "(Tensor self, Tensor other, int[]? dims=None) -> Tensor" => kernel |a| {
        without_elements(a, false, |a| Ok(solve::tensorsolve(a.view(0)?, a.view(1)?, a.ints(2))?.into()))
    };
}
