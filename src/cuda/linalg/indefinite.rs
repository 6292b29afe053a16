//! Symmetric matrices that need not be definite.
#![allow(unsafe_code)]

use super::super::solver::{self, Rooms, kind, typed};
use super::{Columns, half, infos, int_at, vectors};
use crate::base::DType;
use crate::base::error::Result;
use crate::cpu::linalg::device::{Factors, turned};
use crate::cuda::copy;
use crate::cuda::launch::written;
use crate::store::View;
use crate::store::cuda::Gpu;
use cudarc::cusolver::sys;

/// `L D L^T` with exchanges, of lower triangles.
pub(super) fn factors(gpu: &'static Gpu, a: &View) -> Result<Factors> {
    // What lies above the diagonal by rows lies below it by columns.
    let x = Columns::over(half(gpu, &turned(a), true, 0)?);
    let (pivots, info) = (vectors(gpu, DType::I32, a, x.rows)?, infos(gpu, a)?);
    if x.is_empty() {
        return Ok(Factors { factors: x.result(), pivots, info });
    }
    let (handle, fill) = (solver::handle(gpu)?.own, solver::triangle(false));
    let (n, lead) = (solver::int(x.rows)?, solver::int(x.lead())?);
    let mut size = 0;
    // SAFETY: the function writes one number.
    solver::check(unsafe {
        typed!(x.dtype, sys => [cusolverDnSsytrf_bufferSize cusolverDnDsytrf_bufferSize cusolverDnCsytrf_bufferSize
            cusolverDnZsytrf_bufferSize](handle, n, x.at(0)?, lead, &mut size as *mut i32))
    })?;
    let work = solver::room(gpu, x.dtype, i64::from(size))?;
    for i in 0..x.count {
        // SAFETY: the matrix, its pivots and its info lie there; the work's memory is as large as asked for.
        solver::check(unsafe {
            typed!(x.dtype, sys => [cusolverDnSsytrf cusolverDnDsytrf cusolverDnCsytrf cusolverDnZsytrf](
                handle, fill, n, x.at(i)?, lead, int_at(&pivots, i * x.rows)?, written(&work)?, size, int_at(&info, i)?,
            ))
        })?;
    }
    Ok(Factors { factors: x.result(), pivots, info })
}

/// Solutions from such factors.
pub(super) fn solve(gpu: &'static Gpu, factors: &View, pivots: &View, b: &View) -> Result<View> {
    let (x, factors) = (Columns::copied(gpu, b)?, Columns::of(gpu, factors)?);
    if x.is_empty() {
        return Ok(x.result());
    }
    let pivots = copy::cast(gpu, pivots, DType::I64)?;
    let (handle, fill, kind) = (solver::handle(gpu)?.own, solver::triangle(false), kind(x.dtype));
    let (n, k, lead) = (x.rows, x.columns, x.lead());
    let info = View::zeros_on(gpu.device(), DType::I32, &[1])?;
    let at = |i: i64| -> Result<(*const _, *const i64, *mut _)> {
        Ok((factors.at(i)? as *const _, (written(&pivots)? + 8 * (i * n) as u64) as *const i64, x.at(i)? as *mut _))
    };
    let (a, order, right) = at(0)?;
    // SAFETY: the function writes two numbers.
    let mut rooms = Rooms::new(gpu, |device, host| unsafe {
        let status =
            sys::cusolverDnXsytrs_bufferSize(handle, fill, n, k, kind, a, lead, order, kind, right, lead, device, host);
        (status, "cusolverDnXsytrs_bufferSize")
    })?;
    for i in 0..x.count {
        let (a, order, right) = at(i)?;
        let (device, host) = rooms.pointers()?;
        // SAFETY: factors, pivots and right side lie there, and the memory is as large as asked for.
        solver::check(unsafe {
            let status = sys::cusolverDnXsytrs(
                handle,
                fill,
                n,
                k,
                kind,
                a,
                lead,
                order,
                kind,
                right,
                lead,
                device,
                rooms.device_bytes,
                host,
                rooms.host_bytes,
                int_at(&info, 0)? as *mut _,
            );
            (status, "cusolverDnXsytrs")
        })?;
    }
    Ok(x.result())
}
