//! Eigenvalues and eigenvectors.
#![allow(unsafe_code)]

use super::super::solver::{self, Rooms, kind, mode};
use super::{Columns, EIGENVECTORS, infos, int_at, run, vectors};
use crate::base::DType;
use crate::base::error::Result;
use crate::cpu::linalg::device::{Eigen, turned};
use crate::cuda::copy;
use crate::cuda::launch::{Parameters, read, written};
use crate::cuda::loader::Loader;
use crate::store::View;
use crate::store::cuda::Gpu;
use cudarc::cusolver::sys;

/// Eigenvalues of Hermitian matrices: of small ones at once, of middle-sized `float32` ones by Jacobi's method, else by division.
pub(super) fn eigh(gpu: &'static Gpu, a: &View, upper: bool, wanted: bool) -> Result<Eigen> {
    let x = Columns::copied(gpu, a)?;
    let n = x.rows;
    let (values, info) = (vectors(gpu, a.dtype().real(), a, n)?, infos(gpu, a)?);
    if !x.is_empty() {
        if x.count > 1 && n <= 32 && solver::has_batches() {
            at_once(gpu, &x, &values, &info, upper, wanted)?;
        } else if x.dtype == DType::F32 && (32..=512).contains(&n) {
            jacobi(gpu, &x, &values, &info, upper, wanted)?;
        } else {
            divided(gpu, &x, &values, &info, upper, wanted)?;
        }
    }
    Ok(Eigen { values, vectors: wanted.then(|| x.result()), info })
}

/// The address of one of a batch of values.
fn value_at(values: &View, i: i64, n: i64) -> Result<u64> {
    Ok(written(values)? + (i * n) as u64 * values.dtype().size() as u64)
}

/// Matrices that are done at once at most: the library refuses some tens of thousands.
const MOST: i64 = 8192;

fn at_once(gpu: &'static Gpu, x: &Columns, values: &View, info: &View, upper: bool, wanted: bool) -> Result<()> {
    let (handle, own, real) = (solver::handle(gpu)?, kind(x.dtype), kind(values.dtype()));
    let (mode, fill, n, lead) = (mode(wanted), solver::triangle(upper), x.rows, x.lead());
    for first in (0..x.count).step_by(MOST as usize) {
        let count = MOST.min(x.count - first);
        let (a, w) = (x.at(first)?, value_at(values, first, n)?);
        // SAFETY: the function writes two numbers.
        let mut rooms = Rooms::new(gpu, |device, host| unsafe {
            let (a, w) = (a as *const _, w as *const _);
            let status = sys::cusolverDnXsyevBatched_bufferSize(
                handle.own,
                handle.params,
                mode,
                fill,
                n,
                own,
                a,
                lead,
                real,
                w,
                own,
                device,
                host,
                count,
            );
            (status, "cusolverDnXsyevBatched_bufferSize")
        })?;
        let (device, host) = rooms.pointers()?;
        let (a, w, info) = (a as *mut _, w as *mut _, int_at(info, first)? as *mut _);
        let (device_bytes, host_bytes) = (rooms.device_bytes, rooms.host_bytes);
        // SAFETY: matrices, values and infos are so many, and the memory is as large as asked for.
        solver::check(unsafe {
            let status = sys::cusolverDnXsyevBatched(
                handle.own,
                handle.params,
                mode,
                fill,
                n,
                own,
                a,
                lead,
                real,
                w,
                own,
                device,
                device_bytes,
                host,
                host_bytes,
                info,
                count,
            );
            (status, "cusolverDnXsyevBatched")
        })?;
    }
    Ok(())
}

fn divided(gpu: &'static Gpu, x: &Columns, values: &View, info: &View, upper: bool, wanted: bool) -> Result<()> {
    let (handle, own, real) = (solver::handle(gpu)?, kind(x.dtype), kind(values.dtype()));
    let (mode, fill, n, lead) = (mode(wanted), solver::triangle(upper), x.rows, x.lead());
    let (a, w) = (x.at(0)?, written(values)?);
    // SAFETY: the function writes two numbers.
    let mut rooms = Rooms::new(gpu, |device, host| unsafe {
        let status = sys::cusolverDnXsyevd_bufferSize(
            handle.own,
            handle.params,
            mode,
            fill,
            n,
            own,
            a as *const _,
            lead,
            real,
            w as *const _,
            own,
            device,
            host,
        );
        (status, "cusolverDnXsyevd_bufferSize")
    })?;
    for i in 0..x.count {
        let (device, host) = rooms.pointers()?;
        // SAFETY: the matrix, its values and its info lie there, and the memory is as large as asked for.
        solver::check(unsafe {
            let status = sys::cusolverDnXsyevd(
                handle.own,
                handle.params,
                mode,
                fill,
                n,
                own,
                x.at(i)? as *mut _,
                lead,
                real,
                value_at(values, i, n)? as *mut _,
                own,
                device,
                rooms.device_bytes,
                host,
                rooms.host_bytes,
                int_at(info, i)? as *mut _,
            );
            (status, "cusolverDnXsyevd")
        })?;
    }
    Ok(())
}

/// How Jacobi's method goes: as the library has it.
struct Ways(sys::syevjInfo_t);

impl Ways {
    fn new() -> Result<Ways> {
        let mut own = std::ptr::null_mut();
        // SAFETY: the library writes what it makes.
        solver::check(unsafe { (sys::cusolverDnCreateSyevjInfo(&mut own), "cusolverDnCreateSyevjInfo") })?;
        Ok(Ways(own))
    }
}

impl Drop for Ways {
    fn drop(&mut self) {
        // SAFETY: they were made, and nobody has them any more.
        let _ = unsafe { sys::cusolverDnDestroySyevjInfo(self.0) };
    }
}

fn jacobi(gpu: &'static Gpu, x: &Columns, values: &View, info: &View, upper: bool, wanted: bool) -> Result<()> {
    let (handle, ways) = (solver::handle(gpu)?.own, Ways::new()?);
    let (mode, fill, n, lead) = (mode(wanted), solver::triangle(upper), solver::int(x.rows)?, solver::int(x.lead())?);
    let (a, w, mut size) = (x.at(0)?, written(values)?, 0);
    // SAFETY: the function writes one number.
    solver::check(unsafe {
        let status = sys::cusolverDnSsyevj_bufferSize(
            handle,
            mode,
            fill,
            n,
            a as *const _,
            lead,
            w as *const _,
            &mut size,
            ways.0,
        );
        (status, "cusolverDnSsyevj_bufferSize")
    })?;
    let work = solver::room(gpu, x.dtype, i64::from(size))?;
    for i in 0..x.count {
        // SAFETY: the matrix, its values and its info lie there; the work's memory is as large as asked for.
        solver::check(unsafe {
            let status = sys::cusolverDnSsyevj(
                handle,
                mode,
                fill,
                n,
                x.at(i)? as *mut _,
                lead,
                value_at(values, i, x.rows)? as *mut _,
                written(&work)? as *mut _,
                size,
                int_at(info, i)? as *mut _,
                ways.0,
            );
            (status, "cusolverDnSsyevj")
        })?;
    }
    Ok(())
}

/// Eigenvalues of square matrices. A real matrix's vectors come in real columns: one of a real value, two of a pair of complex ones.
pub(super) fn eig(gpu: &'static Gpu, a: &View, wanted: bool) -> Result<Eigen> {
    let x = Columns::copied(gpu, a)?;
    let n = x.rows;
    let complex = x.dtype.complex().unwrap_or(x.dtype);
    let (values, info) = (vectors(gpu, complex, a, n)?, infos(gpu, a)?);
    let right = Columns::empty(gpu, x.dtype, super::batch(a), if wanted { n } else { 0 }, n)?;
    if !x.is_empty() {
        let (handle, own, w) = (solver::handle(gpu)?, kind(x.dtype), kind(complex));
        let (none, mode, lead) = (mode(false), mode(wanted), x.lead());
        let (first, value) = (x.at(0)?, written(&values)?);
        let vector = |i: i64| -> Result<u64> { if wanted { right.at(i) } else { Ok(0) } };
        let (one, left) = (vector(0)?, std::ptr::null_mut());
        // SAFETY: the function writes two numbers.
        let mut rooms = Rooms::new(gpu, |device, host| unsafe {
            let status = sys::cusolverDnXgeev_bufferSize(
                handle.own,
                handle.params,
                none,
                mode,
                n,
                own,
                first as *const _,
                lead,
                w,
                value as *const _,
                own,
                left,
                1,
                own,
                one as *const _,
                right.lead(),
                own,
                device,
                host,
            );
            (status, "cusolverDnXgeev_bufferSize")
        })?;
        for i in 0..x.count {
            let (device, host) = rooms.pointers()?;
            // SAFETY: the matrix, its values, vectors and info lie there, and the memory is as large as asked for.
            solver::check(unsafe {
                let status = sys::cusolverDnXgeev(
                    handle.own,
                    handle.params,
                    none,
                    mode,
                    n,
                    own,
                    x.at(i)? as *mut _,
                    lead,
                    w,
                    value_at(&values, i, n)? as *mut _,
                    own,
                    left,
                    1,
                    own,
                    vector(i)? as *mut _,
                    right.lead(),
                    own,
                    device,
                    rooms.device_bytes,
                    host,
                    rooms.host_bytes,
                    int_at(&info, i)? as *mut _,
                );
                (status, "cusolverDnXgeev")
            })?;
        }
    }
    let vectors = match wanted {
        false => None,
        true if x.dtype == complex => Some(right.result()),
        true => Some(turned(&paired(gpu, &right, &values, complex)?)),
    };
    Ok(Eigen { values, vectors, info })
}

/// Complex vectors from real columns, `[..., n, n]`, a vector after the other.
fn paired(gpu: &'static Gpu, columns: &Columns, values: &View, dtype: DType) -> Result<View> {
    if columns.is_empty() {
        return copy::computed(gpu, &Loader::of(&columns.view), dtype);
    }
    let out = View::empty_on(gpu.device(), dtype, columns.view.sizes())?;
    let mut parameters = Parameters::new();
    parameters.address(read(values)?).address(read(&columns.view)?).address(written(&out)?);
    parameters.int(out.numel() as i64).int(columns.rows);
    // SAFETY: the parameters are those of the text; there is an element for each thread that writes one.
    unsafe { run(gpu, columns.dtype, EIGENVECTORS, &mut parameters, out.numel())? };
    Ok(out)
}
