//! LU factors, and equations from them.
#![allow(unsafe_code)]

use super::super::blas;
use super::super::solver::{self, typed};
use super::{Columns, batch, exchange, infos, int_at, triangles, vectors};
use crate::base::error::{Result, runtime};
use crate::base::{DType, Scalar};
use crate::cpu::linalg::device::{Factors, Turn, stretched, turned};
use crate::cpu::linalg::lu::Triangle;
use crate::cuda::launch::{read, written};
use crate::cuda::loader::Loader;
use crate::cuda::types::register;
use crate::cuda::{copy, create};
use crate::store::View;
use crate::store::cuda::Gpu;
use cudarc::cublas::sys as cublas;
use cudarc::cusolver::sys;

/// LU factors: one by one where matrices are large or not square, else all at once.
pub(super) fn lu(gpu: &'static Gpu, a: &View, pivot: bool) -> Result<Factors> {
    let x = Columns::copied(gpu, a)?;
    let (m, n) = (x.rows, x.columns);
    let least = m.min(n);
    let pivots = if pivot {
        vectors(gpu, DType::I32, a, least)?
    } else {
        // Every row stays where it is.
        let all = create::arange(gpu, Scalar::Int(1), Scalar::Int(least + 1), Scalar::Int(1), DType::I32)?;
        let all = all.ok_or_else(|| runtime("internal: no rows to count"))?;
        copy::contiguous(gpu, &stretched(&all, batch(a))?)?
    };
    let info = infos(gpu, a)?;
    if x.is_empty() {
        return Ok(Factors { factors: x.result(), pivots, info });
    }
    let given = if pivot { int_at(&pivots, 0)? } else { 0 };
    let alone = m != n || x.count == 1 || m >= 512;
    if alone {
        one_by_one(gpu, &x, given, &info)?;
    } else {
        let all = x.addresses(gpu)?;
        let handle = blas::handle(gpu)?;
        let (order, count, lead) = (solver::int(n)?, solver::int(x.count)?, solver::int(x.lead())?);
        // SAFETY: there are so many matrices of this size, pivots and infos for each, and the addresses outlast the call in the stream.
        let called = unsafe {
            typed!(x.dtype, cublas => [cublasSgetrfBatched cublasDgetrfBatched cublasCgetrfBatched cublasZgetrfBatched](
                handle, order, read(&all)?, lead, given, int_at(&info, 0)?, count,
            ))
        };
        blas::check(called)?;
    }
    let (dtype, mut factors) = (x.dtype, x.result());
    if alone && !pivot {
        // A division of zero by zero counts as zero.
        let view = turned(&factors);
        let known = Loader::over(&[&view], view.sizes(), dtype, &format!("v0 == v0 ? v0 : {}(0)", register(dtype)))?;
        factors = turned(&copy::computed(gpu, &known, dtype)?);
    }
    Ok(Factors { factors, pivots, info })
}

fn one_by_one(gpu: &'static Gpu, x: &Columns, pivots: u64, info: &View) -> Result<()> {
    let (m, n, lead) = (solver::int(x.rows)?, solver::int(x.columns)?, solver::int(x.lead())?);
    let handle = solver::handle(gpu)?.own;
    let mut size = 0;
    // SAFETY: the function writes one number.
    solver::check(unsafe {
        typed!(x.dtype, sys => [cusolverDnSgetrf_bufferSize cusolverDnDgetrf_bufferSize cusolverDnCgetrf_bufferSize
            cusolverDnZgetrf_bufferSize](handle, m, n, x.at(0)?, lead, &mut size as *mut i32))
    })?;
    let work = solver::room(gpu, x.dtype, i64::from(size))?;
    for i in 0..x.count {
        let pivots = if pivots == 0 { 0 } else { pivots + 4 * (i * x.rows.min(x.columns)) as u64 };
        // SAFETY: the matrix, its pivots, if any, and its info lie there; the work's memory is as large as asked for.
        solver::check(unsafe {
            typed!(x.dtype, sys => [cusolverDnSgetrf cusolverDnDgetrf cusolverDnCgetrf cusolverDnZgetrf](
                handle, m, n, x.at(i)?, lead, written(&work)?, pivots, int_at(info, i)?,
            ))
        })?;
    }
    Ok(())
}

/// Solutions from factors; by which routine, PyTorch has measured.
pub(super) fn lu_solve(gpu: &'static Gpu, factors: &View, pivots: &View, b: &View, turn: Turn) -> Result<View> {
    let x = Columns::copied(gpu, b)?;
    if x.is_empty() {
        return Ok(x.result());
    }
    let (count, n, k) = (x.count, x.rows, x.columns);
    let few = count <= 2;
    let (at_once, alone) = if n == k {
        (n <= 16, false)
    } else if n <= 8 {
        (true, false)
    } else if n <= 64 {
        let alone = few && (k <= 64 || turn != Turn::None || n <= 32);
        (!alone && k <= 8, alone)
    } else {
        let narrow = n <= 128 && k <= 2;
        (narrow && !few, narrow && few)
    };
    let pivots = copy::contiguous(gpu, pivots)?;
    if at_once {
        let factors = Columns::of(gpu, factors)?;
        let (all, sides) = (factors.addresses(gpu)?, x.addresses(gpu)?);
        let (handle, op) = (blas::handle(gpu)?, blas::operation(turn));
        let (order, right, lead) = (solver::int(n)?, solver::int(k)?, solver::int(x.lead())?);
        let mut info = 0;
        // SAFETY: factors, pivots and right sides are so many; the info, of arguments alone, is the host's.
        let called = unsafe {
            typed!(x.dtype, cublas => [cublasSgetrsBatched cublasDgetrsBatched cublasCgetrsBatched cublasZgetrsBatched](
                handle, op, order, right, read(&all)?, lead, read(&pivots)?, read(&sides)?, lead,
                &mut info as *mut i32, solver::int(count)?,
            ))
        };
        blas::check(called)?;
    } else if alone {
        let factors = Columns::of(gpu, factors)?;
        let (handle, op) = (solver::handle(gpu)?.own, solver::operation(turn));
        let (order, right, lead) = (solver::int(n)?, solver::int(k)?, solver::int(x.lead())?);
        let info = View::zeros_on(gpu.device(), DType::I32, &[1])?;
        for i in 0..count {
            // SAFETY: as above, one by one.
            solver::check(unsafe {
                typed!(x.dtype, sys => [cusolverDnSgetrs cusolverDnDgetrs cusolverDnCgetrs cusolverDnZgetrs](
                    handle, op, order, right, factors.at(i)?, lead, int_at(&pivots, i * n)?, x.at(i)?, lead, int_at(&info, 0)?,
                ))
            })?;
        }
    } else {
        let triangle = |upper: bool| Triangle {
            upper,
            unit: !upper,
            transpose: turn != Turn::None,
            conjugate: turn == Turn::Adjoint,
        };
        if turn == Turn::None {
            exchange(gpu, &x.view, &pivots, true, false)?;
            triangles::substitute(gpu, factors, &x, triangle(false), true)?;
            triangles::substitute(gpu, factors, &x, triangle(true), true)?;
        } else {
            triangles::substitute(gpu, factors, &x, triangle(true), true)?;
            triangles::substitute(gpu, factors, &x, triangle(false), true)?;
            exchange(gpu, &x.view, &pivots, true, true)?;
        }
    }
    Ok(x.result())
}
