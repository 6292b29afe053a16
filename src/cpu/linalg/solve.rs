//! Equations: `inv`, `solve`, triangular and Cholesky solves, determinants, over batches.

use super::check;
use super::device::{Solver, Turn, stretched, turned};
use super::field::Field;
use super::lu::{Lu as Factors, Triangle, lu, substitute};
use super::matrix::{Mat, Order, stack, unstack};
use super::{cholesky as chol, lu as lu_file};
use crate::base::error::{Result, linalg_error};
use crate::base::shape::{Shape, broadcast, show};
use crate::base::{DType, Scalar};
use crate::cpu::matmul::broadcast::{power, reshape};
use crate::cpu::matmul::products::{conj, leading};
use crate::cpu::place;
use crate::store::View;
use crate::{dispatch, ensure};
use num_traits::{Float, One, Zero};

/// Infos of a batch as torch gives them: `int32` under the leading sizes.
pub(super) fn infos(all: &[i32], batch: &[i64]) -> Result<View> {
    View::from_slice(all, batch)
}

/// The first element of a batch whose info is not zero.
pub(super) fn first_failure(info: &View) -> Option<(usize, i32)> {
    info.to_vec::<i32>().into_iter().enumerate().find(|(_, v)| *v != 0)
}

/// Leading sizes stretched to a common batch.
pub(super) fn stretch(x: &View, batch: &[i64]) -> Result<View> {
    let sizes: Shape = batch.iter().chain(&x.sizes()[x.ndim() - 2..]).copied().collect();
    x.expand(&sizes)
}

/// `torch.linalg.solve_ex`: the solution of `a x = b` (`x a = b` unless `left`), and infos (0 where it exists).
///
/// # Errors
/// torch's, for shapes and dtypes that do not fit.
pub fn solve_ex(a: &View, b: &View, left: bool, name: &str) -> Result<(View, View)> {
    check::inexact(a, name, true)?;
    ensure!(
        a.dtype() == b.dtype(),
        "{name}: Expected A and B to have the same dtype, but found A of type {} and B of type {} instead",
        a.dtype().aten(),
        b.dtype().aten()
    );
    check::matrix(a, name, "A")?;
    check::square(a, name)?;
    // A vector, or a batch of them: as many leading sizes as `a`, and all of them.
    let vector = b.ndim() == 1 || (a.ndim() - 1 == b.ndim() && b.sizes() == &a.sizes()[..a.ndim() - 1]);
    let right = if vector { b.unsqueeze(b.ndim()) } else { b.clone() };
    incompatible(a, &right, left, name)?;
    let batch = broadcast(&leading(right.sizes(), 2), &leading(a.sizes(), 2))?;
    check::lapack(a, "lu_cpu")?;
    let (n, cols) = (right.sizes()[right.ndim() - 2], right.sizes()[right.ndim() - 1]);
    if let Some(f) = place::solver() {
        let (x, info) = solve_there(f, a, &stretch(&right, &batch)?, left, &batch)?;
        return Ok((if vector { x.squeeze(&[x.ndim() - 1]) } else { x }, info));
    }
    let (x, info) = dispatch!(a.dtype(), wide_inexact T => {
        let factors: Vec<Factors<T>> = unstack::<T>(a).iter().map(lu).collect();
        let info = infos(&factors.iter().map(|f| f.info).collect::<Vec<_>>(), &leading(a.sizes(), 2))?;
        let which = indices(&leading(a.sizes(), 2), &batch)?;
        let mut solutions = unstack::<T>(&stretch(&right, &batch)?);
        for (b, &i) in solutions.iter_mut().zip(&which) {
            if left {
                factors[i].solve(b, false, false);
            } else {
                // x a = b is a^T x^T = b^T.
                let mut t = b.transposed(false);
                factors[i].solve(&mut t, true, false);
                *b = t.transposed(false);
            }
        }
        let order = if left { Order::Columns } else { Order::Rows };
        (stack(&solutions, &batch, n as usize, cols as usize, order)?, info)
    }, else { (right.clone(), View::empty(DType::I32, &[0])?) });
    Ok((if vector { x.squeeze(&[x.ndim() - 1]) } else { x }, info))
}

/// [`solve_ex`] on a device; `b` has the whole batch.
fn solve_there(f: &dyn Solver, a: &View, b: &View, left: bool, batch: &[i64]) -> Result<(View, View)> {
    let own = f.lu(a, true)?;
    let x = solved(f, &own.factors, &own.pivots, b, (left, false), batch)?;
    // What stands on the left comes row after row.
    Ok((if left { x } else { place::clone(&x)? }, own.info))
}

/// Solutions from factors on a device, of matrices left of the unknown or right of it, or of their adjoints.
fn solved(
    f: &dyn Solver,
    factors: &View,
    pivots: &View,
    b: &View,
    (left, adjoint): (bool, bool),
    batch: &[i64],
) -> Result<View> {
    let (factors, pivots) = (stretch(factors, batch)?, stretched(pivots, batch)?);
    if left {
        return f.lu_solve(&factors, &pivots, b, Turn::adjoint(adjoint));
    }
    // x a = b is a^T x^T = b^T, and x a^H = b is a x^H = b^H.
    let back = |x: &View| if adjoint { conj(&turned(x)) } else { Ok(turned(x)) };
    back(&f.lu_solve(&factors, &pivots, &back(b)?, if adjoint { Turn::None } else { Turn::Transposed })?)
}

/// For each element of a broadcast batch, the number of the matrix it stands for.
fn indices(own: &[i64], batch: &[i64]) -> Result<Vec<usize>> {
    let count: i64 = own.iter().product();
    let numbers: Vec<i64> = (0..count).collect();
    Ok(View::from_slice(&numbers, own)?.expand(batch)?.to_vec::<i64>().into_iter().map(|v| v as usize).collect())
}

fn incompatible(a: &View, b: &View, left: bool, name: &str) -> Result<()> {
    check::matrix(b, name, "B")?;
    let tail = |v: &View| (v.sizes()[v.ndim() - 2], v.sizes()[v.ndim() - 1]);
    let ((n, m), (p, q)) = (tail(a), tail(b));
    let (fits, equation) = if left { (m == p, "AX = B") } else { (q == n, "XA = B") };
    ensure!(fits, "{name}: Incompatible shapes of A and B for the equation {equation} ({n}x{m} and {p}x{q})");
    Ok(())
}

/// `torch.linalg.solve`.
///
/// # Errors
/// As [`solve_ex`], and torch's `LinAlgError` for a singular matrix.
pub fn solve(a: &View, b: &View, left: bool) -> Result<View> {
    let (x, info) = solve_ex(a, b, left, "linalg.solve")?;
    check_solved(a, &info, "torch.linalg.solve")?;
    Ok(x)
}

/// torch's `LinAlgError` when some info is not zero.
///
/// # Errors
/// That error.
pub fn check_solved(a: &View, info: &View, name: &str) -> Result<()> {
    match first_failure(info) {
        None => Ok(()),
        Some((i, _)) => Err(linalg_error(format!(
            "{name}: {}The solver failed because the input matrix is singular.",
            check::batch_prefix(a, i)
        ))),
    }
}

/// `torch.linalg.inv_ex`: inverses and infos (0 where the inverse exists).
///
/// # Errors
/// torch's, for shapes and dtypes that do not fit.
pub fn inv_ex(a: &View) -> Result<(View, View)> {
    check::matrix(a, "linalg.inv", "A")?;
    check::square(a, "linalg.inv")?;
    check::inexact(a, "linalg.inv", false)?;
    let n = a.sizes()[a.ndim() - 1];
    if let Some(f) = place::solver() {
        return solve_ex(a, &stretch(&f.identity(a.dtype(), &[n, n])?, &leading(a.sizes(), 2))?, true, "linalg.inv");
    }
    let eye = View::zeros(a.dtype(), &[n, n])?;
    let ones = View::full(a.dtype(), &[n], Scalar::Int(1))?;
    crate::cpu::copy::copy_into(&ones, &mut eye.diagonal(0, 0, 1))?;
    let eye = stretch(&eye, &leading(a.sizes(), 2))?;
    solve_ex(a, &eye, true, "linalg.inv")
}

/// torch's `LinAlgError` for the first singular matrix, in the words of `name`.
///
/// # Errors
/// That error.
pub fn check_inverted(a: &View, info: &View, name: &str) -> Result<()> {
    match first_failure(info) {
        None => Ok(()),
        Some((i, k)) => Err(linalg_error(format!(
            "{name}: {}The diagonal element {k} is zero, the inversion could not be completed because the input matrix is \
             singular.",
            check::batch_prefix(a, i)
        ))),
    }
}

/// `torch.linalg.inv`.
///
/// # Errors
/// As [`inv_ex`], and torch's `LinAlgError` for a singular matrix.
pub fn inv(a: &View) -> Result<View> {
    let (x, info) = inv_ex(a)?;
    check_inverted(a, &info, "linalg.inv")?;
    Ok(x)
}

/// `torch.linalg.matrix_power`: products of a square matrix with itself; of its inverse for negative `n`.
///
/// # Errors
/// torch's, for anything but square matrices, and as [`inv`].
pub fn matrix_power(a: &View, n: i64) -> Result<View> {
    check::square(a, "linalg.matrix_power")?;
    match n {
        -1 => inv(a),
        ..0 => power(&inv(a)?, n.unsigned_abs()),
        _ => power(a, n as u64),
    }
}

/// Factors for determinants. A real, contiguous matrix is factorized transposed, as by torch, for which that is no copy.
fn determinants<T: Field>(a: &View) -> Vec<Factors<T>> {
    let transposed = a.is_contiguous() && !T::COMPLEX;
    let n = a.ndim();
    let taken = if transposed { a.transpose(n - 2, n - 1) } else { a.clone() };
    unstack::<T>(&taken).iter().map(lu).collect()
}

/// `torch.linalg.det`.
///
/// # Errors
/// torch's, for anything but square floating or complex matrices.
pub fn det(a: &View, name: &str) -> Result<View> {
    check::square(a, name)?;
    check::inexact(a, name, true)?;
    check::lapack(a, "lu_cpu")?;
    let batch = leading(a.sizes(), 2);
    if let Some(f) = place::solver() {
        return Ok(f.determinants(&f.lu(a, true)?, false)?.0);
    }
    dispatch!(a.dtype(), wide_inexact T => {
        let all: Vec<T> = determinants::<T>(a).iter().map(Factors::determinant).collect();
        View::from_slice(&all, &batch)
    }, else { View::zeros(a.dtype(), &batch) })
}

/// `torch.linalg.slogdet`: the determinant's sign (or phase) and the logarithm of its modulus.
///
/// # Errors
/// As [`det`].
pub fn slogdet(a: &View, name: &str) -> Result<(View, View)> {
    check::square(a, name)?;
    check::inexact(a, name, false)?;
    check::lapack(a, "lu_cpu")?;
    let batch = leading(a.sizes(), 2);
    if let Some(f) = place::solver()
        && let (sign, Some(log)) = f.determinants(&f.lu(a, true)?, true)?
    {
        return Ok((sign, log));
    }
    dispatch!(a.dtype(), wide_inexact T => {
        let (mut signs, mut logs) = (Vec::new(), Vec::new());
        for f in determinants::<T>(a) {
            let zero = <T as Field>::Real::zero();
            let mut sign = T::real(if f.odd() { -<T as Field>::Real::one() } else { <T as Field>::Real::one() });
            let mut log = zero;
            for i in 0..f.factors.rows {
                let d = f.factors[(i, i)];
                let size = d.modulus();
                sign *= match size {
                    size if size == zero => T::zero(),
                    _ if !T::COMPLEX => T::real(if Float::is_nan(size) { zero } else { d.re().signum() }),
                    size => T::parts(d.re() / size, d.im() / size),
                };
                log += size.ln();
            }
            signs.push(sign);
            logs.push(log);
        }
        Ok((View::from_slice(&signs, &batch)?, View::from_slice(&logs, &batch)?))
    }, else { Ok((a.clone(), a.clone())) })
}

/// `torch.logdet`: the logarithm of the determinant; nan for a negative one.
///
/// # Errors
/// As [`det`].
pub fn logdet(a: &View) -> Result<View> {
    let (sign, log) = slogdet(a, "logdet")?;
    dispatch!(sign.dtype(), wide_inexact T => {
        type R = <T as Field>::Real;
        let (signs, logs) = (sign.to_vec::<T>(), log.to_vec::<R>());
        let all: Vec<T> = signs.iter().zip(&logs).map(|(s, &l)| {
            if T::COMPLEX {
                return T::parts(l + s.modulus().ln(), Float::atan2(s.im(), s.re()));
            }
            if s.re() == -R::one() { T::real(R::nan()) } else { T::real(l) }
        }).collect();
        View::from_slice(&all, sign.sizes())
    }, else { Ok(log) })
}

/// `torch.linalg.solve_triangular`: the solution of `a x = b` (`x a = b` unless `left`) for a triangle of `a`.
///
/// # Errors
/// torch's, for shapes and dtypes that do not fit.
pub fn solve_triangular(a: &View, b: &View, upper: bool, left: bool, unit: bool) -> Result<View> {
    let name = "linalg.solve_triangular";
    check::matrix(b, name, "B")?;
    check::square(a, name)?;
    incompatible(a, b, left, name)?;
    let batch = broadcast(&leading(b.sizes(), 2), &leading(a.sizes(), 2))?;
    check::lapack(a, "triangular_solve_cpu")?;
    if let Some(f) = place::solver() {
        let how = Triangle { upper, unit, transpose: false, conjugate: false };
        return f.substitute(&stretch(a, &batch)?, &stretch(b, &batch)?, how, left);
    }
    let (n, cols) = (b.sizes()[b.ndim() - 2] as usize, b.sizes()[b.ndim() - 1] as usize);
    dispatch!(a.dtype(), wide_inexact T => {
        let mut all = unstack::<T>(&stretch(b, &batch)?);
        for (t, b) in unstack::<T>(&stretch(a, &batch)?).iter().zip(&mut all) {
            let how = Triangle { upper, unit, transpose: !left, conjugate: false };
            if left {
                substitute(t, how, b);
            } else {
                let mut x = b.transposed(false);
                substitute(t, how, &mut x);
                *b = x.transposed(false);
            }
        }
        stack(&all, &batch, n, cols, Order::Columns)
    }, else { Ok(b.clone()) })
}

/// What the older solvers ask of their operands.
pub(super) fn check_right(b: &View, a: &View, name: &str) -> Result<()> {
    ensure!(
        a.dtype() == b.dtype(),
        "Expected b and A to have the same dtype, but found b of type {} and A of type {} instead.",
        b.dtype().aten(),
        a.dtype().aten()
    );
    check::square(a, "")?;
    let tail = |v: &View| (v.sizes()[v.ndim() - 2], v.sizes()[v.ndim() - 1]);
    let ((n, m), (p, q)) = (tail(a), tail(b));
    ensure!(
        n == p,
        "Incompatible matrix sizes for {name}: each A matrix is {n} by {m} but each b matrix is {p} by {q}"
    );
    Ok(())
}

/// `torch.triangular_solve`: the solution of `op(a) x = b`, and `a` itself.
///
/// # Errors
/// torch's, for shapes and dtypes that do not fit.
pub fn triangular_solve(b: &View, a: &View, upper: bool, transpose: bool, unit: bool) -> Result<(View, View)> {
    for (what, v) in [("b", b), ("A", a)] {
        ensure!(
            v.ndim() >= 2,
            "torch.triangular_solve: Expected {what} to have at least 2 dimensions, but it has {} dimensions instead",
            v.ndim()
        );
    }
    check_right(b, a, "triangular_solve")?;
    let batch = broadcast(&leading(b.sizes(), 2), &leading(a.sizes(), 2))?;
    check::lapack(a, "triangular_solve_cpu")?;
    let (n, cols) = (b.sizes()[b.ndim() - 2] as usize, b.sizes()[b.ndim() - 1] as usize);
    let how = Triangle { upper, unit, transpose, conjugate: false };
    if let Some(f) = place::solver() {
        let a = stretch(a, &batch)?;
        return Ok((f.substitute(&a, &stretch(b, &batch)?, how, true)?, turned(&place::clone(&turned(&a))?)));
    }
    dispatch!(a.dtype(), wide_inexact T => {
        let triangles = unstack::<T>(&stretch(a, &batch)?);
        let mut all = unstack::<T>(&stretch(b, &batch)?);
        triangles.iter().zip(&mut all).for_each(|(t, b)| substitute(t, how, b));
        Ok((stack(&all, &batch, n, cols, Order::Columns)?, stack(&triangles, &batch, n, n, Order::Columns)?))
    }, else { Ok((b.clone(), a.clone())) })
}

/// `torch.linalg.cholesky_ex`: factors (with zeros in the other triangle) and infos.
///
/// # Errors
/// torch's, for anything but square matrices of LAPACK's dtypes.
pub fn cholesky_ex(a: &View, upper: bool, name: &str) -> Result<(View, View)> {
    check::square(a, name)?;
    check::inexact(a, name, true)?;
    check::lapack(a, "cholesky_cpu")?;
    if let Some(f) = place::solver() {
        return f.cholesky(a, upper);
    }
    let (batch, n) = (leading(a.sizes(), 2), a.sizes()[a.ndim() - 1] as usize);
    dispatch!(a.dtype(), wide_inexact T => {
        let (factors, info): (Vec<_>, Vec<_>) = unstack::<T>(a).iter().map(|m| chol::cholesky(m, upper)).unzip();
        Ok((stack(&factors, &batch, n, n, Order::Columns)?, infos(&info, &batch)?))
    }, else { Ok((a.clone(), a.clone())) })
}

/// `torch.linalg.cholesky` (and `torch.cholesky`, by `name`).
///
/// # Errors
/// As [`cholesky_ex`], and torch's `LinAlgError` for a matrix that is not positive definite.
pub fn cholesky(a: &View, upper: bool, name: &str) -> Result<View> {
    if name == "cholesky" {
        if a.numel() == 0 {
            return crate::cpu::copy::clone(a);
        }
        check::square(a, name)?;
        check::lapack(a, "cholesky_cpu")?;
    }
    let (factor, info) = cholesky_ex(a, upper, name)?;
    check_positive(a, &info, name)?;
    Ok(factor)
}

/// torch's `LinAlgError` for the first matrix that is not positive definite.
///
/// # Errors
/// That error.
pub fn check_positive(a: &View, info: &View, name: &str) -> Result<()> {
    match first_failure(info) {
        None => Ok(()),
        Some((i, k)) => Err(linalg_error(format!(
            "{name}: {}The factorization could not be completed because the input is not positive-definite (the leading \
             minor of order {k} is not positive-definite).",
            check::batch_prefix(a, i)
        ))),
    }
}

/// `torch.cholesky_solve`: the solution of `a x = b` from `a`'s Cholesky factor.
///
/// # Errors
/// torch's, for shapes and dtypes that do not fit.
pub fn cholesky_solve(b: &View, factor: &View, upper: bool) -> Result<View> {
    for (what, v) in [("b", b), ("u", factor)] {
        ensure!(v.ndim() >= 2, "{what} should have at least 2 dimensions, but has {} dimensions instead", v.ndim());
    }
    check_right(b, factor, "cholesky_solve")?;
    let batch = broadcast(&leading(b.sizes(), 2), &leading(factor.sizes(), 2))?;
    check::lapack(b, "cholesky_solve_cpu")?;
    if let Some(f) = place::solver() {
        return f.cholesky_solve(&stretch(factor, &batch)?, &stretch(b, &batch)?, upper);
    }
    let (n, cols) = (b.sizes()[b.ndim() - 2] as usize, b.sizes()[b.ndim() - 1] as usize);
    dispatch!(b.dtype(), wide_inexact T => {
        let mut all = unstack::<T>(&stretch(b, &batch)?);
        for (f, b) in unstack::<T>(&stretch(factor, &batch)?).iter().zip(&mut all) {
            chol::solve(f, upper, b);
        }
        stack(&all, &batch, n, cols, Order::Columns)
    }, else { Ok(b.clone()) })
}

/// `torch.cholesky_inverse`: the inverse of a matrix from its Cholesky factor.
///
/// # Errors
/// torch's, for anything but square matrices of LAPACK's dtypes.
pub fn cholesky_inverse(factor: &View, upper: bool) -> Result<View> {
    check::square(factor, "cholesky_inverse")?;
    check::lapack(factor, "cholesky_inverse_out_cpu")?;
    let (batch, n) = (leading(factor.sizes(), 2), factor.sizes()[factor.ndim() - 1] as usize);
    if let Some(f) = place::solver() {
        return f.cholesky_solve(factor, &f.identity(factor.dtype(), factor.sizes())?, upper);
    }
    dispatch!(factor.dtype(), wide_inexact T => {
        let factors = unstack::<T>(factor);
        let zero = |f: &Mat<T>| (0..n).find(|&i| f[(i, i)] == T::zero()).map_or(0, |i| i as i32 + 1);
        let info = infos(&factors.iter().map(zero).collect::<Vec<_>>(), &batch)?;
        check_inverted(factor, &info, "cholesky_inverse")?;
        let all: Vec<Mat<T>> = factors.iter().map(|f| chol::inverse(f, upper)).collect();
        stack(&all, &batch, n, n, Order::Columns)
    }, else { Ok(factor.clone()) })
}

/// `torch.linalg.tensorinv`: the inverse of the linear map from the dimensions after the first `ind` to those before.
///
/// # Errors
/// torch's, for dimensions whose products differ and for singular maps.
pub fn tensorinv(a: &View, ind: i64) -> Result<View> {
    ensure!(ind > 0, "Expected a strictly positive integer for 'ind', but got {ind}");
    ensure!(ind as usize <= a.ndim(), "ArrayRef: invalid slice, N = {ind}; size = {}", a.ndim());
    let ind = ind as usize;
    let (head, tail) = a.sizes().split_at(ind);
    let (p, q): (i64, i64) = (head.iter().product(), tail.iter().product());
    ensure!(
        p == q,
        "Expected self to satisfy the requirement prod(self.shape[ind:]) == prod(self.shape[:ind]), but got {q} != {p}"
    );
    let sizes: Shape = tail.iter().chain(head).copied().collect();
    let flat = reshape(a, &[p, q])?;
    let (x, info) = inv_ex(&flat)?;
    check_inverted(&flat, &info, "inv")?;
    reshape(&x, &sizes)
}

/// `torch.linalg.tensorsolve`: `x` with `tensordot(a, x, x.ndim) == b`; `dims` of `a` are moved to the end first.
///
/// # Errors
/// torch's, for sizes that do not fit and for singular maps.
pub fn tensorsolve(a: &View, b: &View, dims: &[i64]) -> Result<View> {
    let moved = crate::base::shape::wrap_dims(dims, a.ndim())?;
    let order: Vec<usize> = (0..a.ndim()).filter(|d| !moved.contains(d)).chain(moved.iter().copied()).collect();
    let a = a.permute(&order);
    let sizes = Shape::from_slice(&a.sizes()[b.ndim().min(a.ndim())..]);
    let (p, q): (i64, i64) = (sizes.iter().product(), b.sizes().iter().product());
    ensure!(
        p == q,
        "Expected self to satisfy the requirement prod(self.shape[other.ndim:]) == prod(self.shape[:other.ndim]), but got \
         {p} != {q}"
    );
    let flat = crate::cpu::shape::reshape(&a, &[p, p])?;
    reshape(&solve(&flat, &reshape(b, &[q])?, true)?, &sizes)
}

/// `lu_solve`: the solution of `a x = b` (`x a = b` unless `left`, `a` adjoint if asked) from [`lu`]'s factors.
///
/// # Errors
/// torch's, for shapes and dtypes that do not fit.
pub fn lu_solve(factors: &View, pivots: &View, b: &View, left: bool, adjoint: bool) -> Result<View> {
    let name = "linalg.lu_solve";
    check::inexact(factors, "torch.linalg.lu_solve", true)?;
    ensure!(
        factors.dtype() == b.dtype(),
        "{name}: Expected LU and B to have the same dtype, but found LU of type {} and B of type {} instead",
        factors.dtype().aten(),
        b.dtype().aten()
    );
    ensure!(pivots.dtype() == DType::I32, "{name}: pivots should be a Tensor of scalar type torch.int32");
    check::square(factors, "torch.linalg.lu_solve")?;
    incompatible(factors, b, left, name)?;
    ensure!(
        factors.sizes()[factors.ndim() - 1] == pivots.sizes().last().copied().unwrap_or(1),
        "{name}: Number of pivots per batch should be same as the dimension of the matrix"
    );
    ensure!(
        factors.sizes()[..factors.ndim() - 1] == *pivots.sizes(),
        "{name}: Expected LU.shape[:-1] and pivots.shape to be the same, but got pivots with shape {} instead",
        show(pivots.sizes())
    );
    let batch = broadcast(&leading(b.sizes(), 2), &leading(factors.sizes(), 2))?;
    check::lapack(b, "linalg.lu_solve_cpu")?;
    let (n, cols) = (b.sizes()[b.ndim() - 2] as usize, b.sizes()[b.ndim() - 1] as usize);
    let order = factors.sizes()[factors.ndim() - 1] as usize;
    if let Some(f) = place::solver() {
        let x = solved(f, factors, pivots, &stretch(b, &batch)?, (left, adjoint), &batch)?;
        return if left { Ok(x) } else { place::contiguous(&x) };
    }
    let which = indices(&leading(factors.sizes(), 2), &batch)?;
    let pivots = pivots.to_vec::<i64>();
    dispatch!(b.dtype(), wide_inexact T => {
        let factors: Vec<lu_file::Lu<T>> = unstack::<T>(factors).into_iter().enumerate().map(|(i, factors)| lu_file::Lu {
            pivots: pivots[i * order..(i + 1) * order].iter().map(|&p| (p - 1).clamp(0, order as i64 - 1) as usize).collect(),
            factors,
            info: 0,
        }).collect();
        let mut all = unstack::<T>(&stretch(b, &batch)?);
        for (b, &i) in all.iter_mut().zip(&which) {
            if left {
                factors[i].solve(b, adjoint, true);
            } else {
                let mut t = b.transposed(adjoint);
                factors[i].solve(&mut t, !adjoint, false);
                *b = t.transposed(adjoint);
            }
        }
        stack(&all, &batch, n, cols, if left { Order::Columns } else { Order::Rows })
    }, else { Ok(b.clone()) })
}
