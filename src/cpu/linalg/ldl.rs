//! Factorization of symmetric and Hermitian indefinite matrices by Bunch and Kaufman's diagonal pivoting (Golub and Van
//! Loan, 4.4; LAPACK's xSYTF2, xHETF2 and xSYTRS, xHETRS, lower triangle), and the solution of equations from it.

use super::check;
use super::device::stretched;
use super::field::{Field, lit};
use super::matrix::{Mat, Order, stack, stack_vectors, unstack};
use super::solve::{check_right, first_failure, infos, stretch};
use crate::base::error::Result;
use crate::base::shape::{broadcast, show};
use crate::cpu::matmul::products::leading;
use crate::cpu::place;
use crate::store::View;
use crate::{bail, dispatch, ensure};
use num_traits::{Float, Zero};

/// `L` below the blocks of `D`, all in one lower triangle.
struct Ldl<T> {
    factors: Mat<T>,
    /// Counted from 1: the row that a 1 x 1 block was exchanged with; negative, and twice, for a 2 x 2 block.
    pivots: Vec<i32>,
    /// One past the first block that is zero; 0 when there is none.
    info: i32,
}

fn adjoint<T: Field>(x: T, hermitian: bool) -> T {
    if hermitian { x.conj() } else { x }
}

/// Exchanges rows and columns `a < b` of the trailing matrix from `a` on, of which the lower triangle is stored.
fn exchange<T: Field>(m: &mut Mat<T>, a: usize, b: usize, hermitian: bool) {
    m.swap_cols(a, b, b + 1, m.rows);
    for i in a + 1..b {
        let (x, y) = (m[(i, a)], m[(b, i)]);
        m[(i, a)] = adjoint(y, hermitian);
        m[(b, i)] = adjoint(x, hermitian);
    }
    m[(b, a)] = adjoint(m[(b, a)], hermitian);
    let (x, y) = (m[(a, a)], m[(b, b)]);
    (m[(a, a)], m[(b, b)]) = (y, x);
}

fn factorize<T: Field>(a: &Mat<T>, hermitian: bool) -> Ldl<T> {
    let n = a.rows;
    let mut m = a.clone().lower();
    if hermitian {
        (0..n).for_each(|i| m[(i, i)] = T::real(m[(i, i)].re()));
    }
    let (mut pivots, mut info) = (vec![0; n], 0);
    let alpha: T::Real = lit((1.0 + 17.0f64.sqrt()) / 8.0);
    let largest = |m: &Mat<T>, cells: &mut dyn Iterator<Item = (usize, usize)>| {
        cells.fold((T::Real::zero(), 0), |best, at| {
            let size = m[at].taxicab();
            if size > best.0 { (size, at.0) } else { best }
        })
    };
    let mut k = 0;
    while k < n {
        let own = m[(k, k)].taxicab();
        let (column, at) = largest(&m, &mut (k + 1..n).map(|i| (i, k)));
        let (mut with, mut double) = (k, false);
        if own.max(column) == T::Real::zero() || Float::is_nan(own) {
            if info == 0 {
                info = k as i32 + 1;
            }
            pivots[k] = k as i32 + 1;
            k += 1;
            continue;
        }
        if own < alpha * column {
            let row = largest(&m, &mut (k..at).map(|j| (at, j)).chain((at + 1..n).map(|i| (i, at)))).0;
            if own < alpha * column * (column / row) {
                with = at;
                double = m[(at, at)].taxicab() < alpha * row;
            }
        }
        let step = if double { k + 1 } else { k };
        if with != step {
            exchange(&mut m, step, with, hermitian);
            if double {
                m.swap_rows(step, with, k, k + 1);
            }
        }
        if !double {
            let inverse = T::one() / m[(k, k)];
            for j in k + 1..n {
                let factor = adjoint(m[(j, k)], hermitian) * inverse;
                for i in j..n {
                    let term = m[(i, k)] * factor;
                    m[(i, j)] -= term;
                }
            }
            m.col_mut(k)[k + 1..].iter_mut().for_each(|v| *v *= inverse);
            pivots[k] = with as i32 + 1;
            k += 1;
            continue;
        }
        let c = m[(k + 1, k)];
        let mirrored = adjoint(c, hermitian);
        let (d11, d22) = (m[(k + 1, k + 1)] / c, m[(k, k)] / mirrored);
        let t = T::one() / (d11 * d22 - T::one());
        for j in k + 2..n {
            let (x, y) = (m[(j, k)], m[(j, k + 1)]);
            let (p, q) = (t / mirrored * (d11 * x - y), t / c * (d22 * y - x));
            let (left, right) = (adjoint(p, hermitian), adjoint(q, hermitian));
            for i in j..n {
                let term = m[(i, k)] * left + m[(i, k + 1)] * right;
                m[(i, j)] -= term;
            }
            (m[(j, k)], m[(j, k + 1)]) = (p, q);
        }
        pivots[k] = -(with as i32 + 1);
        pivots[k + 1] = pivots[k];
        k += 2;
    }
    Ldl { factors: m, pivots, info }
}

/// Solves `a x = b` in place from the factors.
fn solve_one<T: Field>(m: &Mat<T>, pivots: &[i64], b: &mut Mat<T>, hermitian: bool) {
    let (n, cols) = (m.rows, b.cols);
    let row = |p: i64| (p.unsigned_abs() as usize).clamp(1, n) - 1;
    let double = |k: usize| pivots[k] < 0 && k + 1 < n;
    let mut blocks = Vec::new();
    let mut k = 0;
    while k < n {
        let width = if double(k) { 2 } else { 1 };
        blocks.push((k, width));
        k += width;
    }
    for &(k, width) in &blocks {
        b.swap_rows(k + width - 1, row(pivots[k]), 0, cols);
        for j in 0..cols {
            let x = b.col_mut(j);
            for i in k + width..n {
                for s in k..k + width {
                    x[i] = x[i] - m[(i, s)] * x[s];
                }
            }
            if width == 1 {
                x[k] = x[k] / m[(k, k)];
                continue;
            }
            let c = m[(k + 1, k)];
            let mirrored = adjoint(c, hermitian);
            let (first, second) = (m[(k, k)] / mirrored, m[(k + 1, k + 1)] / c);
            let (p, q) = (x[k] / mirrored, x[k + 1] / c);
            let denominator = first * second - T::one();
            x[k] = (second * p - q) / denominator;
            x[k + 1] = (first * q - p) / denominator;
        }
    }
    for &(k, width) in blocks.iter().rev() {
        for j in 0..cols {
            let x = b.col_mut(j);
            for s in k..k + width {
                for i in k + width..n {
                    x[s] = x[s] - adjoint(m[(i, s)], hermitian) * x[i];
                }
            }
        }
        b.swap_rows(k + width - 1, row(pivots[k]), 0, cols);
    }
}

/// `torch.linalg.ldl_factor_ex`: the factors in one lower triangle, pivots (`int32`) and infos.
///
/// # Errors
/// torch's, for anything but square floating or complex matrices.
pub fn ldl_factor_ex(a: &View, hermitian: bool) -> Result<(View, View, View)> {
    let name = "torch.linalg.ldl_factor_ex";
    check::square(a, name)?;
    check::inexact(a, name, true)?;
    check::lapack(a, "ldl_factor_kernel_cpu")?;
    let (batch, n) = (leading(a.sizes(), 2), a.sizes()[a.ndim() - 1] as usize);
    if let Some(f) = place::solver() {
        let done = f.ldl(a)?;
        return Ok((done.factors, done.pivots, done.info));
    }
    dispatch!(a.dtype(), wide_inexact T => {
        let all: Vec<Ldl<T>> = unstack::<T>(a).iter().map(|m| factorize(m, hermitian && T::COMPLEX)).collect();
        let info = infos(&all.iter().map(|f| f.info).collect::<Vec<_>>(), &batch)?;
        let (factors, pivots): (Vec<_>, Vec<_>) = all.into_iter().map(|f| (f.factors, f.pivots)).unzip();
        Ok((stack(&factors, &batch, n, n, Order::Columns)?, stack_vectors(&pivots, &batch, n)?, info))
    }, else { Ok((a.clone(), a.clone(), a.clone())) })
}

/// torch's error for the first matrix with a zero block.
///
/// # Errors
/// That error.
pub fn check_factored(a: &View, info: &View, name: &str) -> Result<()> {
    match first_failure(info) {
        None => Ok(()),
        Some((i, k)) => bail!(
            "{name}: {}The factorization has an exactly zero block at {k}, so that equations can't be solved by it.",
            check::batch_prefix(a, i)
        ),
    }
}

/// `torch.linalg.ldl_solve`: the solution of `a x = b` from [`ldl_factor_ex`]'s factors.
///
/// # Errors
/// torch's, for shapes and dtypes that do not fit.
pub fn ldl_solve(factors: &View, pivots: &View, b: &View, hermitian: bool) -> Result<View> {
    let name = "torch.linalg.ldl_solve";
    check::square(factors, name)?;
    check::inexact(factors, name, true)?;
    crate::base::shape::existing_dim(-2, b.ndim())?;
    check_right(b, factors, name)?;
    ensure!(
        factors.sizes()[..factors.ndim() - 1] == *pivots.sizes(),
        "{name}: Expected LD.shape[:-1] and pivots.shape to be the same, but got pivots with shape {} instead",
        show(pivots.sizes())
    );
    ensure!(pivots.dtype().is_int(), "{name}: Expected pivots to be integers. Got {}", pivots.dtype().aten());
    check::lapack(factors, "ldl_solve_kernel_cpu")?;
    let batch = broadcast(&leading(b.sizes(), 2), &leading(factors.sizes(), 2))?;
    let (n, cols) = (b.sizes()[b.ndim() - 2] as usize, b.sizes()[b.ndim() - 1] as usize);
    if let Some(f) = place::solver() {
        return f.ldl_solve(&stretch(factors, &batch)?, &stretched(pivots, &batch)?, &stretch(b, &batch)?);
    }
    let pivots = stretched(pivots, &batch)?.to_vec::<i64>();
    dispatch!(b.dtype(), wide_inexact T => {
        let mut all = unstack::<T>(&stretch(b, &batch)?);
        for (i, (f, b)) in unstack::<T>(&stretch(factors, &batch)?).iter().zip(&mut all).enumerate() {
            solve_one(f, &pivots[i * n..(i + 1) * n], b, hermitian && T::COMPLEX);
        }
        stack(&all, &batch, n, cols, Order::Columns)
    }, else { Ok(b.clone()) })
}
