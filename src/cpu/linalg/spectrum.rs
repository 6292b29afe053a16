//! Singular values and eigenvalues of a batch, and what is defined by them: rank, pseudo-inverse, condition.

use super::check;
use super::device::Singular;
use super::field::Field;
use super::matrix::{Mat, Order, stack, stack_vectors, unstack};
use super::norms::{Norm, matrix_norm};
use super::solve::{first_failure, inv_ex};
use super::svd::Svd;
use super::tridiagonal::Eigh;
use super::{large, svd as small_svd, tridiagonal};
use crate::base::error::{Error, Result, linalg_error};
use crate::base::shape::broadcast;
use crate::base::{DType, Scalar, Shape};
use crate::cpu::matmul::broadcast::matmul;
use crate::cpu::matmul::products::leading;
use crate::cpu::{copy, place};
use crate::store::View;
use crate::{bail, dispatch, ensure};
use num_traits::{Float, One, Zero};

fn geometry(a: &View) -> (Shape, usize, usize) {
    let d = a.ndim();
    (leading(a.sizes(), 2), a.sizes()[d - 2] as usize, a.sizes()[d - 1] as usize)
}

fn decompose<T: Field>(a: &Mat<T>, full: bool) -> Option<Svd<T>> {
    if a.data.iter().any(|v| v.is_nan()) {
        return None;
    }
    let (m, n) = (a.rows, a.cols);
    if !a.is_finite() {
        let nan = <T::Real as Float>::nan();
        let k = m.min(n);
        let filled = |rows: usize, cols: usize| Mat { rows, cols, data: vec![T::real(nan); rows * cols] };
        let (p, q) = if full { (m, n) } else { (k, k) };
        return Some(Svd { u: filled(m, p), s: vec![nan; k], vh: filled(q, n) });
    }
    if m.min(n) >= large::DIVIDED
        && let Some(done) = <T as large::Large>::svd(a, full)
    {
        return Some(done);
    }
    small_svd::svd(a, full)
}

/// What torch says where an algorithm of a device did not converge.
fn check_converged(a: &View, info: &View, name: &str, values: &str) -> Result<()> {
    match first_failure(info) {
        None => Ok(()),
        Some((i, code)) => Err(ill_conditioned(a, i, code, name, values)),
    }
}

fn ill_conditioned(a: &View, element: usize, code: i32, name: &str, values: &str) -> Error {
    linalg_error(format!(
        "{name}: {}The algorithm failed to converge because the input matrix is ill-conditioned or has too many repeated {values} \
         (error code: {code}).",
        check::batch_prefix(a, element)
    ))
}

fn not_converged(a: &View, element: usize) -> Error {
    linalg_error(format!(
        "linalg.svd: {}The algorithm failed to converge because the input matrix contained non-finite values.",
        check::batch_prefix(a, element)
    ))
}

/// What torch says to a `driver=`, after what it says to the matrix itself.
///
/// # Errors
/// Its `RuntimeError`, unless there is nothing to compute.
fn check_driver(a: &View, driver: Option<&str>) -> Result<()> {
    check::matrix(a, "linalg.svd", "A")?;
    check::inexact(a, "linalg.svd", true)?;
    ensure!(
        driver.is_none() || a.numel() == 0 || place::solver().is_some(),
        "torch.linalg.svd: keyword argument `driver=` is only supported on CUDA inputs with cuSOLVER backend."
    );
    Ok(())
}

/// `torch.linalg.svd`: `U`, `S` and `Vh`.
///
/// # Errors
/// torch's, for ranks and dtypes, and its `LinAlgError` for a matrix with nans.
pub fn svd(a: &View, full: bool, driver: Option<&str>) -> Result<(View, View, View)> {
    check_driver(a, driver)?;
    check::lapack(a, "linalg_svd_cpu")?;
    if let Some(f) = place::solver()
        && let Singular { vectors: Some((u, vh)), values, info } = f.svd(a, Some(full), driver)?
    {
        check_converged(a, &info, "linalg.svd", "singular values")?;
        return Ok((u, values, vh));
    }
    let (batch, m, n) = geometry(a);
    let k = m.min(n);
    let (p, q) = if full { (m, n) } else { (k, k) };
    dispatch!(a.dtype(), wide_inexact T => {
        let (mut us, mut values, mut vs) = (Vec::new(), Vec::new(), Vec::new());
        for (i, x) in unstack::<T>(a).iter().enumerate() {
            let Some(done) = decompose(x, full) else { return Err(not_converged(a, i)) };
            us.push(done.u);
            values.push(done.s);
            vs.push(done.vh);
        }
        Ok((
            stack(&us, &batch, m, p, Order::Columns)?,
            stack_vectors(&values, &batch, k)?,
            stack(&vs, &batch, q, n, Order::Columns)?,
        ))
    }, else { Ok((a.clone(), a.clone(), a.clone())) })
}

/// `torch.linalg.svdvals`: singular values, largest first.
///
/// # Errors
/// As [`svd`].
pub fn svdvals(a: &View, driver: Option<&str>) -> Result<View> {
    if let Some(f) = place::solver() {
        check_driver(a, driver)?;
        check::lapack(a, "linalg_svd_cpu")?;
        let done = f.svd(a, None, driver)?;
        check_converged(a, &done.info, "linalg.svd", "singular values")?;
        return Ok(done.values);
    }
    Ok(svd(a, false, driver)?.1)
}

/// `torch.svd`: `U`, `S` and `V`; zeros for both when `vectors` is off.
///
/// # Errors
/// As [`svd`].
pub fn torch_svd(a: &View, some: bool, vectors: bool) -> Result<(View, View, View)> {
    ensure!(
        a.ndim() >= 2,
        "linalg.svd: input should have at least 2 dimensions, but has {} dimensions instead",
        a.ndim()
    );
    let (batch, m, n) = geometry(a);
    if !vectors {
        let zeros = |k: usize| {
            let sizes: Shape = batch.iter().copied().chain([k as i64, k as i64]).collect();
            place::zeros(a.dtype(), &sizes)
        };
        let v = zeros(n)?;
        return Ok((zeros(m)?, svdvals(a, None)?, v.transpose(v.ndim() - 2, v.ndim() - 1)));
    }
    let (u, s, vh) = svd(a, !some, None)?;
    let d = vh.ndim();
    let v = vh.transpose(d - 2, d - 1);
    let v = if v.dtype().is_complex() { crate::cpu::matmul::products::conj(&v)? } else { v };
    Ok((u, s, v))
}

fn hermitian<T: Field>(a: &Mat<T>, upper: bool) -> Option<Eigh<T>> {
    let read = if upper { a.clone().upper() } else { a.clone().lower() };
    if !read.is_finite() {
        let nan = <T::Real as Float>::nan();
        let data = vec![T::real(nan); a.data.len()];
        return Some(Eigh { values: vec![nan; a.rows], vectors: Mat { data, ..*a } });
    }
    if a.rows >= large::DIVIDED
        && let Some(done) = <T as large::Large>::eigh(a, upper)
    {
        return Some(done);
    }
    tridiagonal::eigh(a, upper)
}

/// `torch.linalg.eigh`: eigenvalues in ascending order, and eigenvectors as columns, of Hermitian matrices given by one
/// triangle (`L` or `U`). Without `vectors` these may be anything.
///
/// # Errors
/// torch's, for ranks, dtypes and other letters.
pub fn eigh(a: &View, triangle: &str, vectors: bool) -> Result<(View, View)> {
    check::square(a, "linalg.eigh")?;
    ensure!(
        triangle.eq_ignore_ascii_case("l") || triangle.eq_ignore_ascii_case("u"),
        "Expected UPLO argument to be 'L' or 'U', but got {triangle}"
    );
    check::lapack(a, "linalg_eigh_cpu")?;
    let upper = triangle.eq_ignore_ascii_case("u");
    if let Some(f) = place::solver() {
        let done = f.eigh(a, upper, vectors)?;
        check_converged(a, &done.info, "linalg.eigh", "eigenvalues")?;
        return Ok((done.values.clone(), done.vectors.unwrap_or(done.values)));
    }
    let (batch, n, _) = geometry(a);
    dispatch!(a.dtype(), wide_inexact T => {
        let (mut values, mut vectors) = (Vec::new(), Vec::new());
        for (i, x) in unstack::<T>(a).iter().enumerate() {
            let Some(done) = hermitian(x, upper) else {
                return Err(ill_conditioned(a, i, 1, "linalg.eigh", "eigenvalues"));
            };
            values.push(done.values);
            vectors.push(done.vectors);
        }
        Ok((stack_vectors(&values, &batch, n)?, stack(&vectors, &batch, n, n, Order::Columns)?))
    }, else { Ok((a.clone(), a.clone())) })
}

/// `torch.linalg.eig`: eigenvalues and unit eigenvectors (as columns), complex.
///
/// # Errors
/// torch's, for ranks, dtypes and matrices with infinities or nans.
pub fn eig(a: &View) -> Result<(View, View)> {
    ensure!(a.dtype().complex().is_some(), "Unknown Complex ScalarType for {}", a.dtype().aten());
    ensure!(is_finite(a)?, "torch.linalg.eig: input tensor should not contain infs or NaNs.");
    check::square(a, "linalg.eig")?;
    general(a, true)
}

/// `torch.linalg.eigvals`: the eigenvalues alone; nan for a batch with infinities or nans.
///
/// # Errors
/// torch's, for ranks and dtypes.
pub fn eigvals(a: &View) -> Result<View> {
    ensure!(a.dtype().complex().is_some(), "Unknown Complex ScalarType for {}", a.dtype().aten());
    check::square(a, "linalg.eigvals")?;
    if check::lapack(a, "").is_ok() && !is_finite(a)? {
        let nan = Scalar::Complex(num_complex::Complex::new(f64::NAN, f64::NAN));
        return View::full(a.dtype().complex().unwrap_or(DType::C64), &a.sizes()[..a.ndim() - 1], nan);
    }
    Ok(general(a, false)?.0)
}

fn is_finite(a: &View) -> Result<bool> {
    if let Some(f) = place::solver() {
        return f.is_finite(a);
    }
    let wide = copy::cast(a, a.dtype().opmath())?;
    Ok(dispatch!(wide.dtype(), wide_inexact T => wide.array::<T>().iter().all(|v| Field::is_finite(*v)), else { true }))
}

fn general(a: &View, vectors: bool) -> Result<(View, View)> {
    check::lapack(a, "linalg_eig_out_cpu")?;
    if let Some(f) = place::solver() {
        let done = f.eig(a, vectors)?;
        check_converged(a, &done.info, "linalg.eig", "eigenvalues")?;
        return Ok((done.values.clone(), done.vectors.unwrap_or(done.values)));
    }
    let (batch, n, _) = geometry(a);
    dispatch!(a.dtype(), wide_inexact T => {
        let (mut values, mut vectors) = (Vec::new(), Vec::new());
        for (i, x) in unstack::<T>(a).iter().enumerate() {
            let done = if n == 0 { Some((Vec::new(), Mat::zeros(0, 0))) } else { large::eig(x) };
            let Some((w, v)) = done else {
                return Err(ill_conditioned(a, i, 1, "linalg.eig", "eigenvalues"));
            };
            values.push(w);
            vectors.push(v);
        }
        Ok((stack_vectors(&values, &batch, n)?, stack(&vectors, &batch, n, n, Order::Columns)?))
    }, else { Ok((a.clone(), a.clone())) })
}

/// What counts as zero among singular values: an absolute and a relative bound, each one for all or one a matrix.
#[derive(Clone, Copy, Default)]
pub struct Tolerance<'a> {
    /// Absolute bound.
    pub absolute: Option<&'a View>,
    /// Bound relative to the largest singular value.
    pub relative: Option<&'a View>,
}

impl Tolerance<'_> {
    fn check_real(self, name: &str, relative: &str) -> Result<()> {
        for (what, v) in [("atol", self.absolute), (relative, self.relative)] {
            if let Some(v) = v.filter(|v| v.dtype().is_complex()) {
                bail!("{name}: {what} tensor of complex type is not supported. Got {}", v.dtype().aten());
            }
        }
        Ok(())
    }

    /// The bounds of each matrix: what is not given is zero, and the relative one then `eps * max(rows, cols)` unless
    /// the absolute one is positive.
    fn bounds(self, a: &View) -> Result<(Shape, Vec<(f64, f64)>)> {
        let (batch, m, n) = geometry(a);
        let eps = if a.dtype().real() == DType::F64 { f64::EPSILON } else { f64::from(f32::EPSILON) };
        let default = eps * m.max(n) as f64;
        let mut sizes = batch;
        for v in [self.absolute, self.relative].into_iter().flatten() {
            sizes = broadcast(&sizes, v.sizes())?;
        }
        let values = |v: Option<&View>| -> Result<Option<Vec<f64>>> {
            v.map(|v| Ok(v.expand(&sizes)?.to_vec::<f64>())).transpose()
        };
        let (absolute, relative) = (values(self.absolute)?, values(self.relative)?);
        let count = sizes.iter().product::<i64>() as usize;
        let bounds = (0..count).map(|i| {
            let a = absolute.as_ref().map_or(0.0, |v| v[i]);
            let r = relative.as_ref().map_or(if a > 0.0 { 0.0 } else { default }, |v| v[i]);
            (a, r)
        });
        Ok((sizes, bounds.collect()))
    }
}

/// `torch.linalg.matrix_rank`: how many singular values (moduli of eigenvalues when Hermitian) exceed the tolerance.
///
/// # Errors
/// torch's, for ranks and dtypes.
pub fn matrix_rank(a: &View, tolerance: Tolerance, is_hermitian: bool) -> Result<View> {
    ensure!(a.ndim() >= 2, "torch.linalg.matrix_rank: The input tensor input must have at least 2 dimensions.");
    tolerance.check_real("torch.linalg.matrix_rank", "rtol")?;
    if tolerance.relative.is_none() {
        check::precision(a)?;
    }
    let (batch, m, n) = geometry(a);
    let (sizes, bounds) = tolerance.bounds(a)?;
    if a.numel() == 0 {
        return View::zeros(DType::I64, &batch);
    }
    let s = if is_hermitian { eigh(a, "L", true)?.0 } else { svdvals(a, None)? };
    let k = if is_hermitian { n } else { m.min(n) };
    let stretched: Shape = sizes.iter().copied().chain([k as i64]).collect();
    let values = s.expand(&stretched)?.to_vec::<f64>();
    let ranks: Vec<i64> = values
        .chunks(k)
        .zip(&bounds)
        .map(|(s, &(absolute, relative))| {
            let largest = s.iter().fold(0.0f64, |m, v| m.max(v.abs()));
            // The bound is rounded to the dtype of the values, as they are.
            let bound = absolute.max(relative * largest);
            let bound = if a.dtype().real() == DType::F64 { bound } else { f64::from(bound as f32) };
            s.iter().filter(|v| v.abs() > bound).count() as i64
        })
        .collect();
    View::from_slice(&ranks, &sizes)
}

/// `torch.linalg.pinv`: Moore and Penrose's pseudo-inverse; `relative` is what messages call the relative bound.
///
/// # Errors
/// torch's, for ranks and dtypes.
pub fn pinv(a: &View, tolerance: Tolerance, relative: &str, is_hermitian: bool) -> Result<View> {
    let known = matches!(a.dtype(), DType::F32 | DType::F64 | DType::C32 | DType::C64);
    ensure!(
        known && a.ndim() >= 2,
        "linalg.pinv({}{{{}}}): expected a tensor with 2 or more dimensions of float, double, cfloat or cdouble types",
        a.dtype().aten(),
        crate::base::shape::show(a.sizes())
    );
    tolerance.check_real("torch.linalg.pinv", relative)?;
    let (batch, m, n) = geometry(a);
    let d = a.ndim();
    if a.numel() == 0 {
        let sizes: Shape = batch.iter().copied().chain([n as i64, m as i64]).collect();
        return View::empty(a.dtype(), &sizes);
    }
    let (sizes, bounds) = tolerance.bounds(a)?;
    if sizes != batch {
        // A matrix for each of the tolerances.
        let sizes: Shape = sizes.iter().copied().chain([m as i64, n as i64]).collect();
        return pinv(&a.expand(&sizes)?, tolerance, relative, is_hermitian);
    }
    let (left, values, right) = if is_hermitian {
        let (w, q) = eigh(a, "L", true)?;
        let adjoint = crate::cpu::matmul::products::conj(&q.transpose(d - 2, d - 1))?;
        (q, w, adjoint)
    } else {
        let (u, s, vh) = svd(a, false, None)?;
        let adjoint = |x: &View| crate::cpu::matmul::products::conj(&x.transpose(d - 2, d - 1));
        (adjoint(&vh)?, s, adjoint(&u)?)
    };
    let k = values.sizes()[d - 2] as usize;
    dispatch!(a.dtype(), wide_inexact T => {
        type R = <T as Field>::Real;
        let mut inverse = values.to_vec::<R>();
        for (s, &(absolute, relative)) in inverse.chunks_mut(k).zip(&bounds) {
            let largest = s.iter().fold(R::zero(), |m, v| m.max(Float::abs(*v)));
            let bound = (absolute as R).max(relative as R * largest);
            s.iter_mut().for_each(|v| *v = if Float::abs(*v) > bound { R::one() / *v } else { R::zero() });
        }
        // Columns of the left factor, scaled.
        let scaled: Vec<T> = left.array::<T>().iter().enumerate()
            .map(|(i, &v)| v.scale(inverse[i / (k * n) * k + i % k])).collect();
        matmul(&View::from_slice(&scaled, left.sizes())?, &right)
    }, else { Ok(a.clone()) })
}

/// `torch.linalg.cond`: the condition number in a norm; the ratio of singular values for 2, -2 and by default.
///
/// # Errors
/// torch's, for ranks, dtypes and unknown norms.
pub fn cond(a: &View, norm: Option<Norm>) -> Result<View> {
    ensure!(a.ndim() >= 2, "linalg.cond: The input tensor must have at least 2 dimensions.");
    let batch = leading(a.sizes(), 2);
    let real = a.dtype().real();
    match norm {
        None => {}
        Some(Norm::Order(2.0 | -2.0)) => {}
        Some(Norm::Order(p)) if p.abs() == 1.0 || p.is_infinite() => {}
        Some(Norm::Frobenius | Norm::Nuclear) => {}
        Some(Norm::Order(p)) => bail!("linalg.cond got an invalid norm type: {p}"),
    }
    if matches!(norm, None | Some(Norm::Order(2.0 | -2.0))) {
        if a.numel() == 0 {
            return View::zeros(real, &batch);
        }
        let s = svdvals(a, None)?;
        let last = s.ndim() - 1;
        let (first, end) = (s.select(last, 0)?.to_vec::<f64>(), s.select(last, -1)?.to_vec::<f64>());
        let smallest = norm == Some(Norm::Order(-2.0));
        let ratios: Vec<f64> = first.iter().zip(&end).map(|(&x, &y)| if smallest { y / x } else { x / y }).collect();
        return copy::cast(&View::from_slice(&ratios, &batch)?, real);
    }
    let norm = norm.unwrap_or(Norm::Frobenius);
    check::square(a, &format!("linalg.cond(ord={norm})"))?;
    if a.numel() == 0 {
        return View::zeros(real, &batch);
    }
    let (inverse, info) = inv_ex(a)?;
    let own = matrix_norm(a, norm, &[-2, -1], false, None)?.to_vec::<f64>();
    let other = matrix_norm(&inverse, norm, &[-2, -1], false, None);
    let infos = info.to_vec::<i32>();
    // The inverse of a singular matrix may hold nans, which the singular values of a nuclear norm refuse.
    let other = match other {
        Ok(v) => v.to_vec::<f64>(),
        Err(_) => vec![f64::INFINITY; infos.len()],
    };
    let product = |x: f64, y: f64| if real == DType::F64 { x * y } else { f64::from(x as f32 * y as f32) };
    let all: Vec<f64> = own
        .iter()
        .zip(&other)
        .zip(&infos)
        .map(|((&x, &y), &i)| if i != 0 { f64::INFINITY } else { product(x, y) })
        .map(|v| if v.is_nan() { f64::INFINITY } else { v })
        .collect();
    copy::cast(&View::from_slice(&all, &batch)?, real)
}

/// A bound given as a number.
///
/// # Errors
/// When memory is short.
pub fn bound(value: f64) -> Result<View> {
    View::scalar(DType::F64, Scalar::Float(value))
}
