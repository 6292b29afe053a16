//! `torch.linalg.lstsq`: least squares by QR for full rank (`gels`), else by singular values, of minimal norm.

use super::check;
use super::device::Solver;
use super::field::Field;
use super::householder::{norm, qr};
use super::lu::{Triangle, substitute};
use super::matrix::{Mat, Order, stack, stack_vectors, unstack};
use super::solve::first_failure;
use super::svd::svd;
use crate::base::DType;
use crate::base::error::{Error, Result, linalg_error};
use crate::base::shape::broadcast;
use crate::cpu::matmul::products::leading;
use crate::cpu::place;
use crate::dispatch;
use crate::ensure;
use crate::store::View;
use num_traits::{Float, One, Zero};

/// The parts of the result, in torch's order; what a driver does not give is empty.
pub struct Lstsq {
    /// `[.., n, k]`, or `[.., n]` for a vector.
    pub solution: View,
    /// Squared norms of the columns' residuals.
    pub residuals: View,
    /// Effective ranks (`int64`).
    pub rank: View,
    /// Singular values.
    pub singular_values: View,
}

/// Minimizes `|a x - b|`; singular values below `rcond` times the largest count as zero.
///
/// # Errors
/// torch's, for shapes, dtypes and drivers that do not fit, and its `LinAlgError` when `gels` meets a deficient matrix.
pub fn lstsq(a: &View, b: &View, rcond: Option<f64>, driver: Option<&str>) -> Result<Lstsq> {
    let name = "torch.linalg.lstsq";
    ensure!(a.ndim() >= 2, "{name}: input must have at least 2 dimensions.");
    ensure!(b.ndim() >= 1, "{name}: other must have at least 1 dimension.");
    ensure!(
        a.dtype() == b.dtype(),
        "{name}: Expected input and other to have the same dtype, but got input's dtype {} and other's dtype {}",
        a.dtype().aten(),
        b.dtype().aten()
    );
    ensure!(
        a.ndim() >= b.ndim() && a.ndim() - b.ndim() <= 1,
        "{name}: input.dim() must be greater or equal to other.dim() and (input.dim() - other.dim()) <= 1"
    );
    let d = a.ndim();
    let vector = b.ndim() == 1 || b.sizes() == &a.sizes()[..d - 1];
    let b = if vector { b.unsqueeze(b.ndim()) } else { b.clone() };
    ensure!(
        a.sizes()[d - 2] == b.sizes()[b.ndim() - 2],
        "{name}: input.size({}) should match other.size({})",
        -2,
        if vector { -1 } else { -2 }
    );
    let there = place::solver();
    let driver = driver.unwrap_or(if there.is_some() { "gels" } else { "gelsy" });
    ensure!(
        there.is_none() || driver == "gels",
        "{name}: parameter `driver` other than `gels` is not supported on CUDA"
    );
    ensure!(
        matches!(driver, "gels" | "gelsy" | "gelsd" | "gelss"),
        "{name}: parameter `driver` should be one of (gels, gelsy, gelsd, gelss)"
    );
    if rcond.is_none() {
        check::precision(a)?;
    }
    check::lapack(a, "linalg_lstsq_cpu")?;
    // A single matrix's sizes may stand for leading ones, too.
    let batch = broadcast(&leading(a.sizes(), 2), &b.sizes()[..d - 2])?;
    let stretched = |v: &View| v.expand(&batch.iter().chain(&v.sizes()[v.ndim() - 2..]).copied().collect::<Vec<i64>>());
    let (given, a, b) = (a, stretched(a)?, stretched(&b)?);
    if let Some(f) = there {
        return by_qr_there(f, &a, &b, vector);
    }
    // What is known of `a` alone comes once for each matrix given.
    let once = |v: View| {
        let kept = given.sizes()[..d - 2].iter().enumerate();
        kept.fold(v, |v, (dim, &n)| if n == 1 && batch[dim] != 1 { v.narrow(dim, 0, 1) } else { v })
    };
    let (m, n, k) = (a.sizes()[d - 2] as usize, a.sizes()[d - 1] as usize, b.sizes()[d - 1] as usize);
    dispatch!(a.dtype(), wide_inexact T => {
        type R = <T as Field>::Real;
        let bound = rcond.map_or(<R as Float>::epsilon() * m.max(n) as R, |r| r as R);
        let (mut xs, mut ranks, mut values, mut residuals) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (i, (a_i, b_i)) in unstack::<T>(&a).iter().zip(unstack::<T>(&b)).enumerate() {
            let (x, rank, s) = if driver == "gels" {
                let x = by_qr(a_i, &b_i).map_err(|at| deficient(&a, i, at))?;
                (x, m.min(n), Vec::new())
            } else {
                by_singular_values(a_i, &b_i, bound).ok_or_else(|| linalg_error(format!(
                    "{name}: {}The least squares solution could not be computed because the SVD did not converge.",
                    check::batch_prefix(&a, i)
                )))?
            };
            let mut rest = a_i.times(&x);
            rest.data.iter_mut().zip(&b_i.data).for_each(|(r, &b)| *r -= b);
            residuals.push((0..k).map(|j| { let v = norm(rest.col(j)); v * v }).collect::<Vec<R>>());
            // Rows of what is left follow in memory, as LAPACK writes over what it is given.
            xs.push(x.resized(m.max(n), k));
            ranks.push(rank as i64);
            values.push(s);
        }
        let full = ranks.iter().all(|&r| r == n as i64);
        let empty = |dtype: DType| View::empty(dtype, &[0]);
        let solution = stack(&xs, &batch, m.max(n), k, Order::Columns)?.narrow(d - 2, 0, n as i64);
        Ok(Lstsq {
            solution: if vector { solution.squeeze(&[d - 1]) } else { solution },
            residuals: if driver != "gelsy" && m > n && full { stack_vectors(&residuals, &batch, k)? }
                else { empty(a.dtype().real())? },
            rank: if driver == "gels" { empty(DType::I64)? } else { once(View::from_slice(&ranks, &batch)?) },
            singular_values: if matches!(driver, "gelsd" | "gelss") { once(stack_vectors(&values, &batch, m.min(n))?) }
                else { empty(a.dtype().real())? },
        })
    }, else { Ok(Lstsq { solution: a.clone(), residuals: a.clone(), rank: a.clone(), singular_values: a.clone() }) })
}

/// What torch says of a matrix without full rank.
fn deficient(a: &View, element: usize, code: usize) -> Error {
    linalg_error(format!(
        "torch.linalg.lstsq: {}The least squares solution could not be computed because the input matrix does not have full rank \
         (error code: {code}).",
        check::batch_prefix(a, element)
    ))
}

/// [`lstsq`] on a device.
fn by_qr_there(f: &dyn Solver, a: &View, b: &View, vector: bool) -> Result<Lstsq> {
    let d = a.ndim();
    let (m, n) = (a.sizes()[d - 2], a.sizes()[d - 1]);
    let (x, info) = f.least_squares(a, b)?;
    if let Some((i, code)) = first_failure(&info) {
        return Err(deficient(a, i, code as usize));
    }
    let solution = if m > n { x.narrow(d - 2, 0, n) } else { x.clone() };
    Ok(Lstsq {
        solution: if vector { solution.squeeze(&[d - 1]) } else { solution },
        residuals: if m > n { f.squares(&x.narrow(d - 2, n, m - n))? } else { View::empty(a.dtype().real(), &[0])? },
        rank: View::empty(DType::I64, &[0])?,
        singular_values: View::empty(a.dtype().real(), &[0])?,
    })
}

/// QR of the matrix, or of its adjoint when it is wide; the error is one past the zero on `R`'s diagonal.
fn by_qr<T: Field>(a: &Mat<T>, b: &Mat<T>) -> Result<Mat<T>, usize> {
    let tall = a.rows >= a.cols;
    let mut r = if tall { a.clone() } else { a.transposed(true) };
    let reflectors = qr(&mut r);
    let k = a.rows.min(a.cols);
    let factor = r.resized(k, k);
    if let Some(i) = (0..k).find(|&i| factor[(i, i)] == T::zero()) {
        return Err(i + 1);
    }
    let how = Triangle { upper: true, unit: false, transpose: !tall, conjugate: !tall };
    if tall {
        let mut x = b.clone();
        reflectors.iter().enumerate().for_each(|(i, h)| h.left(&mut x, i, 0, true));
        let mut x = x.resized(k, b.cols);
        substitute(&factor, how, &mut x);
        Ok(x)
    } else {
        let mut y = b.clone();
        substitute(&factor, how, &mut y);
        let mut x = y.resized(a.cols, b.cols);
        super::householder::apply(&reflectors, &mut x, 0);
        Ok(x)
    }
}

type Solved<T> = (Mat<T>, usize, Vec<<T as Field>::Real>);

fn by_singular_values<T: Field>(a: &Mat<T>, b: &Mat<T>, bound: T::Real) -> Option<Solved<T>> {
    if !a.is_finite() {
        return None;
    }
    let parts = svd(a, false)?;
    let largest = parts.s.first().copied().unwrap_or_else(T::Real::zero);
    let rank = parts.s.iter().filter(|&&s| s > bound * largest).count();
    let mut y = parts.u.transposed(true).times(b);
    for j in 0..y.cols {
        for (i, v) in y.col_mut(j).iter_mut().enumerate() {
            *v = if i < rank { v.scale(T::Real::one() / parts.s[i]) } else { T::zero() };
        }
    }
    Some((parts.vh.transposed(true).times(&y), rank, parts.s))
}
