//! Factorizations of a batch: LU, QR, and products of Householder reflections.

use super::check;
use super::device::{Solver, turned};
use super::field::Field;
use super::householder::{Reflector, product, qr};
use super::lu::{Lu, lu};
use super::matrix::{Mat, Order, stack, stack_vectors, unstack};
use super::solve::{first_failure, infos};
use crate::base::DType;
use crate::base::error::Result;
use crate::base::shape::show;
use crate::cpu::matmul::products::leading;
use crate::cpu::{copy, place};
use crate::store::View;
use crate::{bail, dispatch, ensure};

fn check_lu(a: &View, name: &str, pivot: bool) -> Result<()> {
    ensure!(a.ndim() >= 2, "{name}: Expected tensor with 2 or more dimensions. Got size: {} instead", show(a.sizes()));
    check::lapack(a, "lu_cpu")?;
    ensure!(
        pivot || a.numel() == 0 || place::solver().is_some(),
        "linalg.lu_factor: LU without pivoting is not implemented on the CPU"
    );
    Ok(())
}

/// `torch.linalg.lu_factor_ex`: both factors in one matrix, pivots counted from 1 (`int32`), infos.
///
/// # Errors
/// torch's, for ranks and dtypes, and for `pivot=False`.
pub fn lu_factor_ex(a: &View, pivot: bool) -> Result<(View, View, View)> {
    check_lu(a, "torch.lu_factor", pivot)?;
    let (batch, m, n) = geometry(a);
    if let Some(f) = place::solver() {
        let lu = f.lu(a, pivot)?;
        return Ok((lu.factors, lu.pivots, lu.info));
    }
    dispatch!(a.dtype(), wide_inexact T => {
        let all: Vec<Lu<T>> = unstack::<T>(a).iter().map(lu).collect();
        let pivots: Vec<Vec<i32>> = all.iter().map(|f| f.pivots.iter().map(|&p| p as i32 + 1).collect()).collect();
        let info: Vec<i32> = all.iter().map(|f| f.info).collect();
        let factors: Vec<Mat<T>> = all.into_iter().map(|f| f.factors).collect();
        Ok((stack(&factors, &batch, m, n, Order::Columns)?, stack_vectors(&pivots, &batch, m.min(n))?, infos(&info, &batch)?))
    }, else { Ok((a.clone(), a.clone(), a.clone())) })
}

fn geometry(a: &View) -> (crate::base::Shape, usize, usize) {
    let d = a.ndim();
    (leading(a.sizes(), 2), a.sizes()[d - 2] as usize, a.sizes()[d - 1] as usize)
}

/// `torch.linalg.lu_factor`: factors and pivots.
///
/// # Errors
/// As [`lu_factor_ex`], and torch's `RuntimeError` for an exactly singular matrix.
pub fn lu_factor(a: &View, pivot: bool) -> Result<(View, View)> {
    let (factors, pivots, info) = lu_factor_ex(a, pivot)?;
    check_regular(a, &info, "torch.linalg.lu_factor")?;
    Ok((factors, pivots))
}

/// torch's `RuntimeError` for the first matrix whose `U` has a zero on its diagonal.
///
/// # Errors
/// That error.
pub fn check_regular(a: &View, info: &View, name: &str) -> Result<()> {
    if let Some((i, k)) = first_failure(info) {
        bail!(
            "{name}: {}U[{k},{k}] is zero and using it on lu_solve would result in a division by zero. If you still want \
             to perform the factorization, consider calling linalg.lu(A, pivot) or linalg.lu_factor_ex(A, pivot)",
            check::batch_prefix(a, i)
        );
    }
    Ok(())
}

/// `P`, `L` and `U` from factors and the permutation they stand for.
fn unpack<T: Field>(all: &[Lu<T>], batch: &[i64], m: usize, n: usize) -> Result<(View, View, View)> {
    let k = m.min(n);
    let (mut ps, mut ls, mut us) = (Vec::new(), Vec::new(), Vec::new());
    for f in all {
        let mut p = Mat::zeros(m, m);
        for (i, row) in f.order().into_iter().enumerate() {
            p[(row, i)] = T::one();
        }
        let mut l = f.factors.resized(m, k).lower();
        for i in 0..k {
            l[(i, i)] = T::one();
        }
        ps.push(p);
        ls.push(l);
        us.push(f.factors.resized(k, n).upper());
    }
    Ok((
        stack(&ps, batch, m, m, Order::Rows)?,
        stack(&ls, batch, m, k, Order::Rows)?,
        stack(&us, batch, k, n, Order::Rows)?,
    ))
}

/// [`unpack`] on a device: what is wanted of the data and of the permutation.
fn unpacked(
    f: &dyn Solver,
    factors: &View,
    pivots: &View,
    (data, permutation): (bool, bool),
) -> Result<(View, View, View)> {
    let d = factors.ndim();
    let (m, n) = (factors.sizes()[d - 2], factors.sizes()[d - 1]);
    let k = m.min(n);
    let empty = || View::empty(factors.dtype(), &[0]);
    let (l, u) = match data {
        true => (
            f.triangle(&factors.narrow(d - 1, 0, k), false, true)?,
            f.triangle(&factors.narrow(d - 2, 0, k), true, false)?,
        ),
        false => (empty()?, empty()?),
    };
    Ok((if permutation { f.permutation(pivots, m, factors.dtype())? } else { empty()? }, l, u))
}

/// `torch.linalg.lu`: `a = P L U`.
///
/// # Errors
/// As [`lu_factor_ex`].
pub fn lu_full(a: &View, pivot: bool) -> Result<(View, View, View)> {
    check_lu(a, "linalg.lu", pivot)?;
    let (batch, m, n) = geometry(a);
    if let Some(f) = place::solver() {
        let lu = f.lu(a, pivot)?;
        return unpacked(f, &lu.factors, &lu.pivots, (true, pivot));
    }
    dispatch!(a.dtype(), wide_inexact T => {
        let all: Vec<Lu<T>> = unstack::<T>(a).iter().map(lu).collect();
        let (p, l, u) = unpack(&all, &batch, m, n)?;
        Ok((if pivot { p } else { View::empty(a.dtype(), &[0])? }, l, u))
    }, else { Ok((a.clone(), a.clone(), a.clone())) })
}

/// `torch.lu_unpack`: `P`, `L` and `U` from the results of [`lu_factor`]; what is not wanted comes empty.
///
/// # Errors
/// torch's, for pivots that are not `int32` or out of range.
pub fn lu_unpack(factors: &View, pivots: &View, data: bool, permutation: bool) -> Result<(View, View, View)> {
    ensure!(
        factors.ndim() >= 2,
        "torch.lu_unpack: Expected tensor with 2 or more dimensions. Got size: {} instead",
        show(factors.sizes())
    );
    ensure!(
        !permutation || pivots.dtype() == DType::I32,
        "torch.lu_unpack: LU_pivots is expected to be a contiguous tensor of torch.int32 dtype.\nNote: this function is \
         intended to be used with the output produced by torch.linalg.lu_factor"
    );
    let (batch, m, n) = geometry(factors);
    let k = m.min(n);
    // Those of scripts may be more than there are rows to exchange.
    let used = match pivots.sizes() {
        [.., count] => pivots.narrow(pivots.ndim() - 1, 0, (*count).min(k as i64)),
        [] => pivots.unsqueeze(0),
    };
    let each: Vec<i64> = batch.iter().chain(used.sizes().last()).copied().collect();
    let used = used.expand(&each).unwrap_or(used);
    if let Some(f) = place::solver() {
        return unpacked(f, factors, &used, (data, permutation));
    }
    // Integers and halves are unpacked as they are, by way of wider floats.
    let wide = match factors.dtype() {
        d if d.is_integral() => copy::cast(factors, DType::F64)?,
        d => copy::cast(factors, d.opmath())?,
    };
    let numbers = if permutation { used.to_vec::<i64>() } else { Vec::new() };
    ensure!(
        !permutation
            || (numbers.iter().all(|&p| p >= 1 && p <= m as i64)
                && numbers.len() >= batch.iter().product::<i64>() as usize * k),
        "pivots passed to lu_unpack must be between 1 and LU.size(-2) inclusive.Did you properly pass the result of \
         lu_factor?"
    );
    let empty = || View::empty(factors.dtype(), &[0]);
    let (p, l, u) = dispatch!(wide.dtype(), wide_inexact T => {
        let all: Vec<Lu<T>> = unstack::<T>(&wide).into_iter().enumerate().map(|(i, factors)| Lu {
            pivots: numbers.get(i * k..(i + 1) * k).unwrap_or(&[]).iter().map(|&p| (p - 1) as usize).collect(),
            factors,
            info: 0,
        }).collect();
        unpack(&all, &batch, m, n)?
    }, else { (empty()?, empty()?, empty()?) });
    let given = |x: View, wanted: bool| if wanted { copy::cast(&x, factors.dtype()) } else { empty() };
    Ok((given(p, permutation)?, given(l, data)?, given(u, data)?))
}

/// `torch.linalg.qr`: `a = Q R`; mode `reduced`, `complete`, or `r`, which gives an empty `Q`.
///
/// # Errors
/// torch's, for ranks, dtypes and unknown modes.
pub fn linalg_qr(a: &View, mode: &str) -> Result<(View, View)> {
    check::matrix(a, "linalg.qr", "A")?;
    check::inexact(a, "linalg.qr", true)?;
    ensure!(
        matches!(mode, "reduced" | "complete" | "r"),
        "qr received unrecognized mode '{mode}' but expected one of 'reduced' (default), 'r', or 'complete'"
    );
    check::lapack(a, "geqrf_cpu")?;
    let (batch, m, n) = geometry(a);
    let k = if mode == "complete" { m } else { m.min(n) };
    if let Some(f) = place::solver() {
        let (factors, tau) = f.qr(a)?;
        let d = a.ndim();
        let q = if mode == "r" { View::empty(a.dtype(), &[0])? } else { f.product(&factors, &tau, k as i64)? };
        let top = if k <= m.min(n) { factors.narrow(d - 2, 0, k as i64) } else { factors };
        return Ok((q, turned(&place::clone(&turned(&f.triangle(&top, true, false)?))?)));
    }
    dispatch!(a.dtype(), wide_inexact T => {
        let (mut qs, mut rs) = (Vec::new(), Vec::new());
        for mut x in unstack::<T>(a) {
            let reflectors = qr(&mut x);
            if mode != "r" {
                qs.push(product(&reflectors, m, k, 0));
            }
            rs.push(x.resized(k, n));
        }
        let q = if mode == "r" { View::empty(a.dtype(), &[0])? } else { stack(&qs, &batch, m, k, Order::Columns)? };
        Ok((q, stack(&rs, &batch, k, n, Order::Columns)?))
    }, else { Ok((a.clone(), a.clone())) })
}

/// `torch.geqrf`: `R` with the reflections below its diagonal, and their scales.
///
/// # Errors
/// torch's, for ranks and dtypes.
pub fn geqrf(a: &View) -> Result<(View, View)> {
    ensure!(a.ndim() >= 2, "torch.geqrf: input must have at least 2 dimensions.");
    check::lapack(a, "geqrf_cpu")?;
    let (batch, m, n) = geometry(a);
    if let Some(f) = place::solver() {
        return f.qr(a);
    }
    dispatch!(a.dtype(), wide_inexact T => {
        let (mut factors, mut taus) = (Vec::new(), Vec::new());
        for mut x in unstack::<T>(a) {
            let reflectors = qr(&mut x);
            for (j, h) in reflectors.iter().enumerate() {
                x.col_mut(j)[j + 1..].copy_from_slice(&h.v[1..]);
            }
            taus.push(reflectors.iter().map(|h| h.tau).collect::<Vec<T>>());
            factors.push(x);
        }
        Ok((stack(&factors, &batch, m, n, Order::Columns)?, stack_vectors(&taus, &batch, m.min(n))?))
    }, else { Ok((a.clone(), a.clone())) })
}

/// `torch.linalg.householder_product`: the first columns of the product of reflections given as by [`geqrf`].
///
/// # Errors
/// torch's, for shapes and dtypes that do not fit.
pub fn householder_product(a: &View, tau: &View) -> Result<View> {
    ensure!(a.ndim() >= 2, "torch.linalg.householder_product: input must have at least 2 dimensions.");
    let (batch, m, n) = geometry(a);
    ensure!(
        m >= n,
        "torch.linalg.householder_product: input.shape[-2] must be greater than or equal to input.shape[-1]"
    );
    crate::base::shape::existing_dim(-1, tau.ndim())?;
    let k = tau.sizes().last().copied().unwrap_or(0) as usize;
    ensure!(n >= k, "torch.linalg.householder_product: input.shape[-1] must be greater than or equal to tau.shape[-1]");
    ensure!(
        a.ndim() == tau.ndim() + 1,
        "torch.linalg.householder_product: Expected tau to have one dimension less than input, but got tau.ndim equal to \
         {} and input.ndim is equal to {}",
        tau.ndim(),
        a.ndim()
    );
    ensure!(
        tau.sizes()[..tau.ndim() - 1] == batch[..],
        "torch.linalg.householder_product: Expected batch dimensions of tau to be equal to input.shape[:-2], but got {}",
        show(&tau.sizes()[..tau.ndim() - 1])
    );
    ensure!(
        tau.dtype() == a.dtype(),
        "torch.linalg.householder_product: tau dtype {} does not match input dtype {}",
        tau.dtype().aten(),
        a.dtype().aten()
    );
    check::lapack(a, "orgqr_cpu")?;
    if let Some(f) = place::solver() {
        return f.product(a, tau, n as i64);
    }
    dispatch!(a.dtype(), wide_inexact T => {
        let taus = tau.to_vec::<T>();
        let all: Vec<Mat<T>> = unstack::<T>(a).iter().enumerate()
            .map(|(b, x)| product(&reflections(x, &taus[b * k..(b + 1) * k]), m, n, 0))
            .collect();
        stack(&all, &batch, m, n, Order::Columns)
    }, else { Ok(a.clone()) })
}

/// The reflections that [`geqrf`] left below the diagonal.
fn reflections<T: Field>(x: &Mat<T>, taus: &[T]) -> Vec<Reflector<T>> {
    let one = |(j, &tau): (usize, &T)| {
        let mut v = x.col(j)[j..].to_vec();
        v[0] = T::one();
        Reflector { tau, v }
    };
    taus.iter().enumerate().map(one).collect()
}

/// `torch.ormqr`: the product of the reflections given as by [`geqrf`] with `other`, on its left or right, adjoint if
/// asked.
///
/// # Errors
/// torch's, for shapes and dtypes that do not fit.
pub fn ormqr(a: &View, tau: &View, other: &View, left: bool, transpose: bool) -> Result<View> {
    let name = "torch.ormqr";
    ensure!(a.ndim() >= 2, "{name}: input must have at least 2 dimensions.");
    ensure!(other.ndim() >= 2, "{name}: other must have at least 2 dimensions.");
    let side = if left { -2 } else { -1 };
    let length = other.sizes()[(other.ndim() as i64 + side) as usize];
    crate::base::shape::existing_dim(-1, tau.ndim())?;
    let k = tau.sizes().last().copied().unwrap_or(1);
    ensure!(length == a.sizes()[a.ndim() - 2], "{name}: other.shape[{side}] must be equal to input.shape[-2]");
    ensure!(
        k == length.min(a.sizes()[a.ndim() - 1]),
        "{name}: tau.shape[-1] must be equal to min(other.shape[{side}], input.shape[-1])"
    );
    ensure!(
        a.ndim() == tau.ndim() + 1,
        "{name}: Expected tau to have one dimension less than input, but got tau.ndim equal to {} and input.ndim is equal \
         to {}",
        tau.ndim(),
        a.ndim()
    );
    ensure!(
        a.ndim() == other.ndim(),
        "{name}: Expected other to have the same number of dimensions as input, but got other.ndim equal to {} and \
         input.ndim is equal to {}",
        other.ndim(),
        a.ndim()
    );
    let batch = leading(a.sizes(), 2);
    for (what, own) in [("tau", leading(tau.sizes(), 1)), ("other", leading(other.sizes(), 2))] {
        ensure!(
            own == batch,
            "{name}: Expected batch dimensions of {what} to be equal to input.shape[:-2], but got {}",
            show(&own)
        );
    }
    for (what, x) in [("tau", tau), ("other", other)] {
        ensure!(
            x.dtype() == a.dtype(),
            "{name}: Expected input and {what} to have the same dtype, but input has dtype{} and {what} has dtype {}",
            a.dtype().aten(),
            x.dtype().aten()
        );
    }
    check::lapack(a, "ormqr_cpu")?;
    if let Some(f) = place::solver() {
        return f.reflect(a, tau, other, left, transpose);
    }
    let (_, rows, cols) = geometry(other);
    let k = k as usize;
    dispatch!(a.dtype(), wide_inexact T => {
        let taus = tau.to_vec::<T>();
        let all: Vec<Mat<T>> = unstack::<T>(a).iter().zip(unstack::<T>(other)).enumerate().map(|(b, (x, c))| {
            let all = reflections(x, &taus[b * k..(b + 1) * k]);
            // c q is the adjoint of q^H c^H.
            let mut c = if left { c } else { c.transposed(true) };
            if left == transpose {
                all.iter().enumerate().for_each(|(i, h)| h.left(&mut c, i, 0, true));
            } else {
                super::householder::apply(&all, &mut c, 0);
            }
            if left { c } else { c.transposed(true) }
        }).collect();
        stack(&all, &batch, rows, cols, Order::Columns)
    }, else { Ok(other.clone()) })
}
