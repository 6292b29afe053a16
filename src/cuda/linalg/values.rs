//! Singular values and vectors.
#![allow(unsafe_code)]

use super::super::solver::{self, mode, typed};
use super::reflections::conjugate;
use super::{Columns, batch, infos, int_at, vectors};
use crate::base::DType;
use crate::base::error::{Result, runtime};
use crate::cpu::linalg::device::{Singular, turned};
use crate::cuda::launch::written;
use crate::cuda::moves;
use crate::store::View;
use crate::store::cuda::Gpu;
use cudarc::cusolver::sys;

/// Rounds of Jacobi's method at most.
const SWEEPS: i32 = 400;

/// A decomposition on its way: `V` is its columns, not `Vh`.
struct Parts {
    u: Columns,
    values: View,
    v: Columns,
    info: View,
}

/// Singular values by Jacobi's method, of small square ones at once, or by a driver that is asked for; what does not converge is done by
/// QR then. The infos are read for that.
pub(super) fn svd(gpu: &'static Gpu, a: &View, full: Option<bool>, driver: Option<&str>) -> Result<Singular> {
    let last = a.ndim() - 1;
    let (m, n) = (a.sizes()[last - 1], a.sizes()[last]);
    let k = m.min(n);
    let whole = full == Some(true);
    let (p, q) = if whole { (m, n) } else { (k, k) };
    let (dtype, sizes) = (a.dtype(), batch(a));
    // Jacobi's method asks for room for vectors even where none are wanted.
    let parts = Parts {
        u: Columns::empty(gpu, dtype, sizes, m, p)?,
        values: vectors(gpu, dtype.real(), a, k)?,
        v: Columns::empty(gpu, dtype, sizes, n, q)?,
        info: infos(gpu, a)?,
    };
    if a.numel() == 0 {
        let eye = |x: &Columns| super::identity(gpu, dtype, x.view.sizes());
        let vectors = match full {
            Some(_) => Some((turned(&eye(&parts.u)?), eye(&parts.v)?)),
            None => None,
        };
        return Ok(Singular { vectors, values: parts.values, info: parts.info });
    }
    let wanted = full.is_some();
    match driver {
        None | Some("gesvdj") => {
            let x = Columns::copied(gpu, a)?;
            if m <= 32 && n <= 32 && x.count > 1 && (whole || m == n) {
                at_once(gpu, &x, &parts, wanted)?;
            } else {
                jacobi(gpu, &x, &parts, wanted, whole)?;
            }
        }
        Some("gesvd") => by_qr(gpu, a, &parts, wanted, whole, |_| true)?,
        Some("gesvda") => approximate(gpu, a, &parts, wanted)?,
        Some(other) => {
            return Err(runtime(format!(
                "torch.linalg.svd: unknown svd driver {other} in svd_cusolver computation. Check doc at \
                 https://pytorch.org/docs/stable/generated/torch.linalg.svd.html"
            )));
        }
    }
    if driver.is_none() {
        let infos = parts.info.to_vec::<i32>();
        let open = |i: i64| i64::from(infos[i as usize]) == k + 1;
        if (0..infos.len() as i64).any(open) {
            by_qr(gpu, a, &parts, wanted, whole, open)?;
        }
    }
    let vectors = if wanted { Some((turned(&parts.u.view), conjugated(gpu, &parts.v)?)) } else { None };
    Ok(Singular { vectors, values: parts.values, info: parts.info })
}

/// `Vh` of `V`.
fn conjugated(gpu: &'static Gpu, v: &Columns) -> Result<View> {
    if v.dtype.is_complex() { conjugate(gpu, &v.view) } else { Ok(v.view.clone()) }
}

/// How Jacobi's method goes: until all is as exact as the dtype, the values in order.
struct Ways(sys::gesvdjInfo_t);

impl Ways {
    fn new(dtype: DType) -> Result<Ways> {
        let mut own = std::ptr::null_mut();
        let exact = if dtype.real() == DType::F64 { f64::EPSILON } else { f64::from(f32::EPSILON) };
        // SAFETY: the library writes what it makes, and is given numbers.
        unsafe {
            solver::check((sys::cusolverDnCreateGesvdjInfo(&mut own), "cusolverDnCreateGesvdjInfo"))?;
            let ways = Ways(own);
            solver::check((sys::cusolverDnXgesvdjSetTolerance(own, exact), "cusolverDnXgesvdjSetTolerance"))?;
            solver::check((sys::cusolverDnXgesvdjSetMaxSweeps(own, SWEEPS), "cusolverDnXgesvdjSetMaxSweeps"))?;
            solver::check((sys::cusolverDnXgesvdjSetSortEig(own, 1), "cusolverDnXgesvdjSetSortEig"))?;
            Ok(ways)
        }
    }
}

impl Drop for Ways {
    fn drop(&mut self) {
        // SAFETY: they were made, and nobody has them any more.
        let _ = unsafe { sys::cusolverDnDestroyGesvdjInfo(self.0) };
    }
}

/// The address of the values of one of a batch.
fn values_at(parts: &Parts, i: i64) -> Result<u64> {
    let k = parts.values.sizes()[parts.values.ndim() - 1];
    Ok(written(&parts.values)? + (i * k) as u64 * parts.values.dtype().size() as u64)
}

fn jacobi(gpu: &'static Gpu, x: &Columns, parts: &Parts, wanted: bool, whole: bool) -> Result<()> {
    let (handle, ways, mode, thin) = (solver::handle(gpu)?.own, Ways::new(x.dtype)?, mode(wanted), i32::from(!whole));
    let (m, n, lead) = (solver::int(x.rows)?, solver::int(x.columns)?, solver::int(x.lead())?);
    let (lead_u, lead_v) = (solver::int(parts.u.lead())?, solver::int(parts.v.lead())?);
    let mut size = 0;
    // SAFETY: the function writes one number.
    solver::check(unsafe {
        typed!(x.dtype, sys => [cusolverDnSgesvdj_bufferSize cusolverDnDgesvdj_bufferSize cusolverDnCgesvdj_bufferSize
            cusolverDnZgesvdj_bufferSize](
            handle, mode, thin, m, n, x.at(0)?, lead, values_at(parts, 0)?, parts.u.at(0)?, lead_u, parts.v.at(0)?, lead_v,
            &mut size as *mut i32, ways.0,
        ))
    })?;
    let work = solver::room(gpu, x.dtype, i64::from(size))?;
    for i in 0..x.count {
        // SAFETY: the matrix and the parts of its decomposition lie there; the work's memory is as large as asked for.
        solver::check(unsafe {
            typed!(x.dtype, sys => [cusolverDnSgesvdj cusolverDnDgesvdj cusolverDnCgesvdj cusolverDnZgesvdj](
                handle, mode, thin, m, n, x.at(i)?, lead, values_at(parts, i)?, parts.u.at(i)?, lead_u, parts.v.at(i)?, lead_v,
                written(&work)?, size, int_at(&parts.info, i)?, ways.0,
            ))
        })?;
    }
    Ok(())
}

fn at_once(gpu: &'static Gpu, x: &Columns, parts: &Parts, wanted: bool) -> Result<()> {
    let (handle, ways, mode, count) =
        (solver::handle(gpu)?.own, Ways::new(x.dtype)?, mode(wanted), solver::int(x.count)?);
    let (m, n, lead) = (solver::int(x.rows)?, solver::int(x.columns)?, solver::int(x.lead())?);
    let (lead_u, lead_v) = (solver::int(parts.u.lead())?, solver::int(parts.v.lead())?);
    let mut size = 0;
    // SAFETY: the function writes one number.
    solver::check(unsafe {
        typed!(x.dtype, sys => [cusolverDnSgesvdjBatched_bufferSize cusolverDnDgesvdjBatched_bufferSize
            cusolverDnCgesvdjBatched_bufferSize cusolverDnZgesvdjBatched_bufferSize](
            handle, mode, m, n, x.at(0)?, lead, values_at(parts, 0)?, parts.u.at(0)?, lead_u, parts.v.at(0)?, lead_v,
            &mut size as *mut i32, ways.0, count,
        ))
    })?;
    let work = solver::room(gpu, x.dtype, i64::from(size))?;
    // SAFETY: matrices and parts are so many; the work's memory is as large as asked for.
    solver::check(unsafe {
        typed!(x.dtype, sys => [cusolverDnSgesvdjBatched cusolverDnDgesvdjBatched cusolverDnCgesvdjBatched cusolverDnZgesvdjBatched](
            handle, mode, m, n, x.at(0)?, lead, values_at(parts, 0)?, parts.u.at(0)?, lead_u, parts.v.at(0)?, lead_v,
            written(&work)?, size, int_at(&parts.info, 0)?, ways.0, count,
        ))
    })
}

/// Those of tall matrices; of wide ones those of the adjoint, whose `U` and `V` change places.
fn tall<'a>(gpu: &'static Gpu, a: &View, parts: &'a Parts) -> Result<(Columns, &'a Columns, &'a Columns)> {
    let last = a.ndim() - 1;
    Ok(match a.sizes()[last - 1] >= a.sizes()[last] {
        true => (Columns::copied(gpu, a)?, &parts.u, &parts.v),
        false => (Columns::over(conjugate(gpu, a)?), &parts.v, &parts.u),
    })
}

/// By QR, those of a batch that `open` names, one by one.
fn by_qr(
    gpu: &'static Gpu,
    a: &View,
    parts: &Parts,
    wanted: bool,
    whole: bool,
    open: impl Fn(i64) -> bool,
) -> Result<()> {
    let (x, u, v) = tall(gpu, a, parts)?;
    let handle = solver::handle(gpu)?.own;
    let job = match (wanted, whole) {
        (false, _) => b'N',
        (true, true) => b'A',
        (true, false) => b'S',
    };
    let (m, n, lead) = (solver::int(x.rows)?, solver::int(x.columns)?, solver::int(x.lead())?);
    let mut size = 0;
    // SAFETY: the function writes one number.
    solver::check(unsafe {
        typed!(x.dtype, sys => [cusolverDnSgesvd_bufferSize cusolverDnDgesvd_bufferSize cusolverDnCgesvd_bufferSize
            cusolverDnZgesvd_bufferSize](handle, m, n, &mut size as *mut i32))
    })?;
    let work = solver::room(gpu, x.dtype, i64::from(size))?;
    let rest = solver::room(gpu, x.dtype.real(), x.columns)?;
    let adjoint = Columns::empty(gpu, x.dtype, &[], x.columns, x.columns)?;
    let flat = |x: &Columns| x.view.try_view(&[x.count, x.columns, x.rows]);
    for i in (0..x.count).filter(|&i| open(i)) {
        // SAFETY: the matrix and the parts of its decomposition lie there; the work's memory is as large as asked for.
        solver::check(unsafe {
            typed!(x.dtype, sys => [cusolverDnSgesvd cusolverDnDgesvd cusolverDnCgesvd cusolverDnZgesvd](
                handle, job, job, m, n, x.at(i)?, lead, values_at(parts, i)?, u.at(i)?, lead, adjoint.at(0)?, n.max(1),
                written(&work)?, size, written(&rest)?, int_at(&parts.info, i)?,
            ))
        })?;
        if wanted && let Some(all) = flat(v) {
            // The columns of `V` are the conjugates of the rows of `Vh`.
            let rows = conjugate(gpu, &turned(&adjoint.view))?;
            moves::copy(gpu, &rows, &all.select(0, i)?)?;
        }
    }
    Ok(())
}

/// By an approximation of tall matrices, all at once.
fn approximate(gpu: &'static Gpu, a: &View, parts: &Parts, wanted: bool) -> Result<()> {
    let (x, u, v) = tall(gpu, a, parts)?;
    let (handle, mode, count) = (solver::handle(gpu)?.own, mode(wanted), solver::int(x.count)?);
    let (m, n, lead) = (solver::int(x.rows)?, solver::int(x.columns)?, solver::int(x.lead())?);
    let (lead_u, lead_v) = (solver::int(u.lead())?, solver::int(v.lead())?);
    let apart = |x: &Columns| x.rows * x.columns;
    let (of_a, of_u, of_v, of_s) = (apart(&x), apart(u), apart(v), x.columns);
    let mut size = 0;
    // SAFETY: the function writes one number.
    solver::check(unsafe {
        typed!(x.dtype, sys => [cusolverDnSgesvdaStridedBatched_bufferSize cusolverDnDgesvdaStridedBatched_bufferSize
            cusolverDnCgesvdaStridedBatched_bufferSize cusolverDnZgesvdaStridedBatched_bufferSize](
            handle, mode, n, m, n, x.at(0)?, lead, of_a, values_at(parts, 0)?, of_s, u.at(0)?, lead_u, of_u, v.at(0)?, lead_v, of_v,
            &mut size as *mut i32, count,
        ))
    })?;
    let work = solver::room(gpu, x.dtype, i64::from(size))?;
    // SAFETY: matrices and parts are so many, so far apart; norms of what is left are not asked for.
    solver::check(unsafe {
        typed!(x.dtype, sys => [cusolverDnSgesvdaStridedBatched cusolverDnDgesvdaStridedBatched cusolverDnCgesvdaStridedBatched
            cusolverDnZgesvdaStridedBatched](
            handle, mode, n, m, n, x.at(0)?, lead, of_a, values_at(parts, 0)?, of_s, u.at(0)?, lead_u, of_u, v.at(0)?, lead_v, of_v,
            written(&work)?, size, int_at(&parts.info, 0)?, std::ptr::null_mut::<f64>(), count,
        ))
    })
}
