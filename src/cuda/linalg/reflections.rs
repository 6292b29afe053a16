//! Householder reflections: QR factors, their products, and least squares by them.
#![allow(unsafe_code)]

use super::super::blas;
use super::super::solver::{self, Rooms, kind, typed};
use super::{Columns, addresses, batch, identity, infos, int_at, triangles, vectors};
use crate::base::error::Result;
use crate::base::{DType, Shape};
use crate::cpu::linalg::device::{Turn, turned};
use crate::cpu::linalg::lu::Triangle;
use crate::cuda::launch::{read, written};
use crate::cuda::loader::Loader;
use crate::cuda::{copy, moves};
use crate::store::View;
use crate::store::cuda::Gpu;
use cudarc::cublas::sys as cublas;
use cudarc::cusolver::sys;

/// Whether many small matrices of `rows` are better done at once.
fn at_once(rows: i64, count: i64) -> bool {
    rows <= 256 && count >= (rows / 16).max(2)
}

/// The address of one of a batch of vectors.
fn vector_at(x: &View, i: i64, length: i64) -> Result<u64> {
    Ok(written(x)? + (i * length) as u64 * x.dtype().size() as u64)
}

/// Factorizes in place; gives the scales.
pub(super) fn qr(gpu: &'static Gpu, x: &Columns) -> Result<View> {
    let k = x.rows.min(x.columns);
    let tau = vectors(gpu, x.dtype, &x.view, k)?;
    if x.is_empty() {
        return Ok(tau);
    }
    if at_once(x.rows, x.count) {
        let all = x.addresses(gpu)?;
        let scales = addresses(gpu, written(&tau)?, k as u64 * x.dtype.size() as u64, x.count)?;
        let handle = blas::handle(gpu)?;
        let (m, n, lead) = (solver::int(x.rows)?, solver::int(x.columns)?, solver::int(x.lead())?);
        let mut info = 0;
        // SAFETY: there are so many matrices of this size, with scales for each; the info, of arguments alone, is the host's.
        blas::check(unsafe {
            typed!(x.dtype, cublas => [cublasSgeqrfBatched cublasDgeqrfBatched cublasCgeqrfBatched cublasZgeqrfBatched](
                handle, m, n, read(&all)?, lead, read(&scales)?, &mut info as *mut i32, solver::int(x.count)?,
            ))
        })?;
        return Ok(tau);
    }
    let (handle, kind, info) = (solver::handle(gpu)?, kind(x.dtype), View::zeros_on(gpu.device(), DType::I32, &[1])?);
    let (m, n, lead) = (x.rows, x.columns, x.lead());
    let (first, scales) = (x.at(0)? as *const _, written(&tau)? as *const _);
    // SAFETY: the function writes two numbers.
    let mut rooms = Rooms::new(gpu, |device, host| unsafe {
        let status = sys::cusolverDnXgeqrf_bufferSize(
            handle.own,
            handle.params,
            m,
            n,
            kind,
            first,
            lead,
            kind,
            scales,
            kind,
            device,
            host,
        );
        (status, "cusolverDnXgeqrf_bufferSize")
    })?;
    for i in 0..x.count {
        let (device, host) = rooms.pointers()?;
        // SAFETY: the matrix and its scales lie there, and the memory is as large as asked for.
        solver::check(unsafe {
            let status = sys::cusolverDnXgeqrf(
                handle.own,
                handle.params,
                m,
                n,
                kind,
                x.at(i)? as *mut _,
                lead,
                kind,
                vector_at(&tau, i, k)? as *mut _,
                kind,
                device,
                rooms.device_bytes,
                host,
                rooms.host_bytes,
                int_at(&info, 0)? as *mut _,
            );
            (status, "cusolverDnXgeqrf")
        })?;
    }
    Ok(tau)
}

/// The first columns of products of reflections.
pub(super) fn product(gpu: &'static Gpu, a: &View, tau: &View, columns: i64) -> Result<View> {
    let (last, k) = (a.ndim() - 1, tau.sizes()[tau.ndim() - 1]);
    let (rows, own) = (a.sizes()[last - 1], a.sizes()[last]);
    if k == 0 {
        // The library does nothing then.
        let sizes: Shape = batch(a).iter().copied().chain([columns, rows]).collect();
        return Ok(turned(&identity(gpu, a.dtype(), &sizes)?));
    }
    let x = if own >= columns {
        Columns::copied(gpu, &a.narrow(last, 0, columns))?
    } else {
        let x = Columns::empty(gpu, a.dtype(), batch(a), rows, columns)?;
        moves::copy(gpu, a, &turned(&x.view).narrow(last, 0, own))?;
        x
    };
    if x.is_empty() {
        return Ok(x.result());
    }
    let tau = copy::contiguous(gpu, tau)?;
    let (handle, info) = (solver::handle(gpu)?.own, View::zeros_on(gpu.device(), DType::I32, &[1])?);
    let (m, n, lead, count) = (solver::int(rows)?, solver::int(columns)?, solver::int(x.lead())?, solver::int(k)?);
    let mut size = 0;
    // SAFETY: the function writes one number.
    solver::check(unsafe {
        typed!(x.dtype, sys => [cusolverDnSorgqr_bufferSize cusolverDnDorgqr_bufferSize cusolverDnCungqr_bufferSize
            cusolverDnZungqr_bufferSize](handle, m, n, count, x.at(0)?, lead, read(&tau)?, &mut size as *mut i32))
    })?;
    let work = solver::room(gpu, x.dtype, i64::from(size))?;
    for i in 0..x.count {
        // SAFETY: the matrix and its scales lie there; the work's memory is as large as asked for.
        solver::check(unsafe {
            typed!(x.dtype, sys => [cusolverDnSorgqr cusolverDnDorgqr cusolverDnCungqr cusolverDnZungqr](
                handle, m, n, count, x.at(i)?, lead, vector_at(&tau, i, k)?, written(&work)?, size, int_at(&info, 0)?,
            ))
        })?;
    }
    Ok(x.result())
}

/// Multiplies by reflections in place.
pub(super) fn reflect(
    gpu: &'static Gpu,
    a: &Columns,
    tau: &View,
    c: &Columns,
    left: bool,
    adjoint: bool,
) -> Result<()> {
    use sys::cublasSideMode_t as Side;
    let k = tau.sizes()[tau.ndim() - 1];
    if c.is_empty() || k == 0 {
        return Ok(());
    }
    let tau = copy::contiguous(gpu, tau)?;
    let (handle, info) = (solver::handle(gpu)?.own, View::zeros_on(gpu.device(), DType::I32, &[1])?);
    let side = if left { Side::CUBLAS_SIDE_LEFT } else { Side::CUBLAS_SIDE_RIGHT };
    let op = solver::operation(match (adjoint, a.dtype.is_complex()) {
        (false, _) => Turn::None,
        (true, false) => Turn::Transposed,
        (true, true) => Turn::Adjoint,
    });
    let (m, n, count) = (solver::int(c.rows)?, solver::int(c.columns)?, solver::int(k)?);
    let (lead, lead_c) = (solver::int(a.lead())?, solver::int(c.lead())?);
    let mut size = 0;
    // SAFETY: the function writes one number.
    solver::check(unsafe {
        typed!(a.dtype, sys => [cusolverDnSormqr_bufferSize cusolverDnDormqr_bufferSize cusolverDnCunmqr_bufferSize
            cusolverDnZunmqr_bufferSize](
            handle, side, op, m, n, count, a.at(0)?, lead, read(&tau)?, c.at(0)?, lead_c, &mut size as *mut i32,
        ))
    })?;
    let work = solver::room(gpu, a.dtype, i64::from(size))?;
    for i in 0..c.count {
        // SAFETY: the reflections, their scales and the matrix lie there; the work's memory is as large as asked for.
        solver::check(unsafe {
            typed!(a.dtype, sys => [cusolverDnSormqr cusolverDnDormqr cusolverDnCunmqr cusolverDnZunmqr](
                handle, side, op, m, n, count, a.at(i)?, lead, vector_at(&tau, i, k)?, c.at(i)?, lead_c, written(&work)?, size,
                int_at(&info, 0)?,
            ))
        })?;
    }
    Ok(())
}

/// Least squares of full rank: `[..., n, k]`, and below that, of tall matrices, what is left; infos.
pub(super) fn least_squares(gpu: &'static Gpu, a: &View, b: &View) -> Result<(View, View)> {
    let last = a.ndim() - 1;
    let (m, n, k) = (a.sizes()[last - 1], a.sizes()[last], b.sizes()[last]);
    let info = infos(gpu, b)?;
    let upper = Triangle { upper: true, unit: false, transpose: false, conjugate: false };
    if m >= n {
        let (x, c) = (Columns::copied(gpu, a)?, Columns::copied(gpu, b)?);
        if x.is_empty() || c.is_empty() {
            return Ok((c.result(), info));
        }
        if at_once(m, c.count) {
            let (all, sides) = (x.addresses(gpu)?, c.addresses(gpu)?);
            let (rows, columns, right, lead) =
                (solver::int(m)?, solver::int(n)?, solver::int(k)?, solver::int(x.lead())?);
            let (handle, op, mut own) = (blas::handle(gpu)?, blas::operation(Turn::None), 0);
            // SAFETY: there are so many matrices and right sides of these sizes, and an info for each; the other is the host's.
            blas::check(unsafe {
                typed!(x.dtype, cublas => [cublasSgelsBatched cublasDgelsBatched cublasCgelsBatched cublasZgelsBatched](
                    handle, op, rows, columns, right, read(&all)?, lead, read(&sides)?, lead, &mut own as *mut i32,
                    int_at(&info, 0)?, solver::int(c.count)?,
                ))
            })?;
            return Ok((c.result(), info));
        }
        let tau = qr(gpu, &x)?;
        reflect(gpu, &x, &tau, &c, true, true)?;
        let c = c.result();
        let top = Columns::copied(gpu, &c.narrow(last - 1, 0, n))?;
        triangles::substitute(gpu, &turned(&x.view).narrow(last - 1, 0, n), &top, upper, true)?;
        moves::copy(gpu, &turned(&top.view), &c.narrow(last - 1, 0, n))?;
        return Ok((c, info));
    }
    // The adjoint is tall: `a x = R^H Q^H x`.
    let adjoint = Columns::over(conjugate(gpu, a)?);
    let tau = qr(gpu, &adjoint)?;
    let z = Columns::copied(gpu, b)?;
    let how = Triangle { transpose: true, conjugate: a.dtype().is_complex(), ..upper };
    triangles::substitute(gpu, &turned(&adjoint.view).narrow(last - 1, 0, m), &z, how, true)?;
    let sizes: Shape = batch(b).iter().copied().chain([k, n]).collect();
    let x = Columns::over(View::zeros_on(gpu.device(), a.dtype(), &sizes)?);
    moves::copy(gpu, &turned(&z.view), &turned(&x.view).narrow(last - 1, 0, m))?;
    reflect(gpu, &adjoint, &tau, &x, true, false)?;
    Ok((x.result(), info))
}

/// A copy of the conjugates, row after row.
pub(super) fn conjugate(gpu: &'static Gpu, a: &View) -> Result<View> {
    let conjugates = match a.dtype().is_complex() {
        true => Loader::over(&[a], a.sizes(), a.dtype(), "conj(v0)")?,
        false => Loader::of(a),
    };
    copy::computed(gpu, &conjugates, a.dtype())
}
