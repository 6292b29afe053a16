//! Covariance and correlation of the rows of a matrix.

use crate::base::dtype::{C32, C64};
use crate::base::error::Result;
use crate::base::{DType, promote};
use crate::cpu::copy;
use crate::cpu::linalg::field::{Field, lit};
use crate::ensure;
use crate::store::View;
use num_traits::{Float, One, ToPrimitive, Zero};

/// Weights as given to [`cov`]: counts and importances of the observations.
#[derive(Clone, Copy, Default)]
pub struct Weights<'a> {
    /// How often each observation was made.
    pub frequencies: Option<&'a View>,
    /// How much each observation matters.
    pub analytic: Option<&'a View>,
}

impl Weights<'_> {
    /// Checks both against `n` observations.
    fn check(self, n: i64) -> Result<()> {
        for (name, w, kind) in
            [("fweights", self.frequencies, "integral"), ("aweights", self.analytic, "floating point")]
        {
            let Some(w) = w else { continue };
            ensure!(
                w.ndim() <= 1,
                "cov(): expected {name} to have one or fewer dimensions but got {name} with {} dimensions",
                w.ndim()
            );
            let fits = if kind == "integral" { w.dtype().is_int() } else { w.dtype().is_float() };
            ensure!(fits, "cov(): expected {name} to have {kind} dtype but got {name} with {} dtype", w.dtype().aten());
            ensure!(
                w.numel() as i64 == n,
                "cov(): expected {name} to have the same numel as there are observations in the input but got {} != {n}",
                w.numel()
            );
            ensure!(w.to_vec::<f64>().iter().all(|&v| v >= 0.0), "cov(): {name} cannot be negative");
        }
        Ok(())
    }
}

/// `torch.cov`: covariances between the rows (variables) of `x` over its columns (observations).
///
/// # Errors
/// torch's, for ranks, bools and weights that do not fit.
pub fn cov(x: &View, correction: i64, weights: Weights) -> Result<View> {
    ensure!(
        x.ndim() <= 2,
        "cov(): expected input to have two or fewer dimensions but got an input with {} dimensions",
        x.ndim()
    );
    ensure!(x.dtype() != DType::Bool, "cov(): bool dtype is not supported for input");
    let x = match x.ndim() {
        2 => x.clone(),
        1 => x.unsqueeze(0),
        _ => x.unsqueeze(0).unsqueeze(0),
    };
    weights.check(x.sizes()[1])?;
    let mut dtype = if x.dtype().is_int() { promote::default_dtype() } else { x.dtype() };
    if let Some(w) = weights.analytic {
        dtype = promote::promote(dtype, w.dtype()).unwrap_or(dtype);
    }
    let wide = dtype.opmath();
    let out = match wide {
        DType::F64 => typed::<f64>(&x, correction, weights)?,
        DType::C32 => typed::<C32>(&x, correction, weights)?,
        DType::C64 => typed::<C64>(&x, correction, weights)?,
        _ => typed::<f32>(&x, correction, weights)?,
    };
    Ok(copy::cast(&out, dtype)?.squeeze(&[0, 1]))
}

fn typed<T: Field>(x: &View, correction: i64, weights: Weights) -> Result<View> {
    let (rows, n) = (x.sizes()[0] as usize, x.sizes()[1] as usize);
    let mut data = x.to_vec::<T>();
    let analytic = weights.analytic.map(|w| w.to_vec::<T::Real>());
    let mut w = weights.frequencies.map(|w| w.to_vec::<T::Real>());
    // What is made of weights alone stays in their dtype.
    let single = weights.analytic.is_some_and(|w| w.dtype() == DType::F32);
    let round = |v: T::Real| if single { lit(v.to_f32().map_or(f64::NAN, f64::from)) } else { v };
    if let Some(a) = &analytic {
        w = Some(match w {
            Some(f) => f.iter().zip(a).map(|(&x, &y)| round(x * y)).collect(),
            None => a.clone(),
        });
    }
    let sum = |v: &[T::Real]| v.iter().fold(T::Real::zero(), |s, &x| round(s + x));
    let total = w.as_ref().map_or_else(|| lit(n as f64), |w| sum(w));
    ensure!(w.is_none() || total != T::Real::zero(), "cov(): weights sum to zero, can't be normalized");
    let weight = |i: usize| w.as_ref().map_or_else(T::Real::one, |w| w[i]);
    for row in data.chunks_mut(n.max(1)) {
        let mean = row.iter().enumerate().fold(T::zero(), |s, (i, &v)| s + v.scale(weight(i))) / T::real(total);
        row.iter_mut().for_each(|v| *v -= mean);
    }
    let correction: T::Real = lit(correction as f64);
    let mut norm = match (&w, &analytic) {
        (Some(w), Some(a)) if correction != T::Real::zero() => {
            let squares: Vec<T::Real> = w.iter().zip(a).map(|(&x, &y)| round(x * y)).collect();
            round(total - round(round(correction * sum(&squares)) / total))
        }
        _ => total - correction,
    };
    if norm <= T::Real::zero() {
        norm = T::Real::zero();
    }
    let mut out = Vec::with_capacity(rows * rows);
    for i in 0..rows {
        for j in 0..rows {
            let (a, b) = (&data[i * n..(i + 1) * n], &data[j * n..(j + 1) * n]);
            let product =
                a.iter().zip(b).enumerate().fold(T::zero(), |s, (k, (&a, &b))| s + a * b.scale(weight(k)).conj());
            let (re, im) = (product.re() / norm, product.im() / norm);
            out.push(T::parts(re, im));
        }
    }
    View::from_slice(&out, &[rows as i64, rows as i64])
}

/// `torch.corrcoef`: Pearson's correlations between the rows of `x`.
///
/// # Errors
/// torch's, for ranks and bools.
pub fn corrcoef(x: &View) -> Result<View> {
    ensure!(
        x.ndim() <= 2,
        "corrcoef(): expected input to have two or fewer dimensions but got an input with {} dimensions",
        x.ndim()
    );
    let c = cov(x, 1, Weights::default())?;
    let wide = c.dtype().opmath();
    let out = match wide {
        DType::F64 => normalised::<f64>(&c)?,
        DType::C32 => normalised::<C32>(&c)?,
        DType::C64 => normalised::<C64>(&c)?,
        _ => normalised::<f32>(&c)?,
    };
    copy::cast(&out, c.dtype())
}

fn normalised<T: Field>(c: &View) -> Result<View> {
    let mut data = c.to_vec::<T>();
    if c.ndim() == 0 {
        // A lone variance correlates with itself; zero and infinity give nan.
        let own = data[0];
        data[0] = own / data[0];
        return View::from_slice(&data, &[]);
    }
    let n = c.sizes()[0] as usize;
    let deviation: Vec<T::Real> = (0..n).map(|i| data[i * n + i].re().sqrt()).collect();
    let one = T::Real::one();
    let clip = |v: T::Real| {
        if v > one {
            one
        } else if v < -one {
            -one
        } else {
            v
        }
    };
    for (k, v) in data.iter_mut().enumerate() {
        let (a, b) = (deviation[k / n], deviation[k % n]);
        *v = T::parts(clip(v.re() / a / b), clip(v.im() / a / b));
    }
    View::from_slice(&data, c.sizes())
}
