//! Triangles: substitution, and Cholesky's factors.
#![allow(unsafe_code)]

use super::super::blas::{self, Factor};
use super::super::solver::{self, Rooms, kind, typed};
use super::{Columns, addresses, half, infos, int_at};
use crate::base::DType;
use crate::base::error::{Result, runtime};
use crate::cpu::linalg::device::{Turn, turned};
use crate::cpu::linalg::lu::Triangle;
use crate::cuda::launch::read;
use crate::store::View;
use crate::store::cuda::Gpu;
use cudarc::cublas::sys as cublas;
use cudarc::cusolver::sys;

/// Solves in place: one by one where triangles are large and few, else all at once. Triangles are read where they lie, by rows or by
/// columns.
pub(super) fn substitute(gpu: &'static Gpu, t: &View, x: &Columns, how: Triangle, left: bool) -> Result<()> {
    use cublas::cublasDiagType_t as Diagonal;
    use cublas::cublasFillMode_t as Fill;
    use cublas::cublasSideMode_t as Side;
    if x.is_empty() {
        return Ok(());
    }
    let n = t.sizes()[t.ndim() - 1];
    let flat = |t: &View| t.try_view(&[x.count, n, n]).and_then(|t| Factor::of(&t));
    // What lies by rows is the transpose by columns; a conjugate alone the library does not know.
    let own = flat(t).filter(|f| f.by_columns || !(how.transpose && how.conjugate));
    let (_kept, factor) = match own {
        Some(factor) => (t.clone(), factor),
        None => {
            let kept = Columns::of(gpu, t)?.result();
            let factor = flat(&kept).ok_or_else(|| runtime("internal: triangles without columns"))?;
            (kept, factor)
        }
    };
    let turn = match (how.transpose == factor.by_columns, how.conjugate) {
        (false, _) => Turn::None,
        (true, false) => Turn::Transposed,
        (true, true) => Turn::Adjoint,
    };
    let side = if left { Side::CUBLAS_SIDE_LEFT } else { Side::CUBLAS_SIDE_RIGHT };
    let upper = how.upper == factor.by_columns;
    let fill = if upper { Fill::CUBLAS_FILL_MODE_UPPER } else { Fill::CUBLAS_FILL_MODE_LOWER };
    let diagonal = if how.unit { Diagonal::CUBLAS_DIAG_UNIT } else { Diagonal::CUBLAS_DIAG_NON_UNIT };
    let (op, one) = (blas::operation(turn), blas::number(crate::base::Scalar::Int(1), x.dtype));
    let (rows, columns, lead) = (solver::int(x.rows)?, solver::int(x.columns)?, solver::int(x.lead())?);
    let (lead_t, handle) = (solver::int(factor.lead.max(n))?, blas::handle(gpu)?);
    let apart = factor.apart as u64 * x.dtype.size() as u64;
    if x.count <= 8 && n >= 64 {
        for i in 0..x.count {
            // SAFETY: a triangle and a right side of these sizes lie there; the number is read before the call returns.
            blas::check(unsafe {
                typed!(x.dtype, cublas => [cublasStrsm_v2 cublasDtrsm_v2 cublasCtrsm_v2 cublasZtrsm_v2](
                    handle, side, fill, op, diagonal, rows, columns, one.as_ptr(), factor.address + i as u64 * apart, lead_t,
                    x.at(i)?, lead,
                ))
            })?;
        }
    } else {
        let (all, sides) = (addresses(gpu, factor.address, apart, x.count)?, x.addresses(gpu)?);
        // SAFETY: as above; the addresses outlast the call in the stream.
        blas::check(unsafe {
            typed!(x.dtype, cublas => [cublasStrsmBatched cublasDtrsmBatched cublasCtrsmBatched cublasZtrsmBatched](
                handle, side, fill, op, diagonal, rows, columns, one.as_ptr(), read(&all)?, lead_t, read(&sides)?, lead,
                solver::int(x.count)?,
            ))
        })?;
    }
    Ok(())
}

/// Cholesky's factors and infos.
pub(super) fn cholesky(gpu: &'static Gpu, a: &View, upper: bool) -> Result<(View, View)> {
    let (x, info) = (Columns::copied(gpu, a)?, infos(gpu, a)?);
    if x.is_empty() {
        return Ok((x.result(), info));
    }
    let (fill, n, lead, handle) = (solver::triangle(upper), x.rows, x.lead(), solver::handle(gpu)?);
    if x.count > 1 {
        let all = x.addresses(gpu)?;
        let (n, lead, count) = (solver::int(n)?, solver::int(lead)?, solver::int(x.count)?);
        // SAFETY: there are so many matrices of this size, an info for each, and the addresses outlast the call in the stream.
        solver::check(unsafe {
            typed!(x.dtype, sys => [cusolverDnSpotrfBatched cusolverDnDpotrfBatched cusolverDnCpotrfBatched cusolverDnZpotrfBatched](
                handle.own, fill, n, read(&all)?, lead, int_at(&info, 0)?, count,
            ))
        })?;
    } else {
        let (kind, at) = (kind(x.dtype), x.at(0)? as *mut _);
        // SAFETY: the function writes two numbers.
        let mut rooms = Rooms::new(gpu, |device, host| unsafe {
            let status = sys::cusolverDnXpotrf_bufferSize(
                handle.own,
                handle.params,
                fill,
                n,
                kind,
                at,
                lead,
                kind,
                device,
                host,
            );
            (status, "cusolverDnXpotrf_bufferSize")
        })?;
        // SAFETY: the matrix and its info lie there, and the memory is as large as asked for.
        solver::check(unsafe {
            let (device, host) = rooms.pointers()?;
            let status = sys::cusolverDnXpotrf(
                handle.own,
                handle.params,
                fill,
                n,
                kind,
                at,
                lead,
                kind,
                device,
                rooms.device_bytes,
                host,
                rooms.host_bytes,
                int_at(&info, 0)? as *mut _,
            );
            (status, "cusolverDnXpotrf")
        })?;
    }
    // The other triangle is zero; what lies by columns is the transpose by rows.
    Ok((turned(&half(gpu, &x.view, !upper, 0)?), info))
}

/// Solutions from Cholesky's factors.
pub(super) fn cholesky_solve(gpu: &'static Gpu, factor: &View, b: &View, upper: bool) -> Result<View> {
    let (x, factor) = (Columns::copied(gpu, b)?, Columns::of(gpu, factor)?);
    if x.is_empty() {
        return Ok(x.result());
    }
    let (fill, handle) = (solver::triangle(upper), solver::handle(gpu)?);
    let (n, k, lead) = (x.rows, x.columns, x.lead());
    let info = View::zeros_on(gpu.device(), DType::I32, &[1])?;
    if x.count > 1 && k == 1 {
        let (all, sides) = (factor.addresses(gpu)?, x.addresses(gpu)?);
        let (n, lead, count) = (solver::int(n)?, solver::int(lead)?, solver::int(x.count)?);
        // SAFETY: factors and right sides are so many, of these sizes; the info is of arguments alone.
        solver::check(unsafe {
            typed!(x.dtype, sys => [cusolverDnSpotrsBatched cusolverDnDpotrsBatched cusolverDnCpotrsBatched cusolverDnZpotrsBatched](
                handle.own, fill, n, 1, read(&all)?, lead, read(&sides)?, lead, int_at(&info, 0)?, count,
            ))
        })?;
    } else {
        let kind = kind(x.dtype);
        for i in 0..x.count {
            // SAFETY: as above, one by one.
            solver::check(unsafe {
                let status = sys::cusolverDnXpotrs(
                    handle.own,
                    handle.params,
                    fill,
                    n,
                    k,
                    kind,
                    factor.at(i)? as *const _,
                    lead,
                    kind,
                    x.at(i)? as *mut _,
                    lead,
                    int_at(&info, 0)? as *mut _,
                );
                (status, "cusolverDnXpotrs")
            })?;
        }
    }
    Ok(x.result())
}
