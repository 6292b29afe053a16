//! Dropout in its four forms, and the noise of `rrelu`.

use super::discrete::bernoulli_;
use super::generator::Generator;
use super::walk::{empty_like, visit_order};
use super::words::{cxx, lacking};
use crate::base::dtype::DType;
use crate::base::error::Result;
use crate::base::interrupt::polled;
use crate::base::scalar::{Cast, Scalar};
use crate::cpu::copy::{cast, contiguous};
use crate::cpu::index::element::Element;
use crate::cpu::parallel;
use crate::cpu::reduce::walk::GRAIN;
use crate::store::View;
use crate::{bail, dispatch, ensure};

/// Which elements fall together, and what keeps the distribution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dropout {
    /// Whole channels (the first two dimensions choose).
    pub feature: bool,
    /// Keeps mean and variance of a self-normalizing network (G. Klambauer et al., 2017).
    pub alpha: bool,
}

impl Dropout {
    /// `torch.dropout` and its kin on `x` with probability `p`; without `train`, `x` itself.
    ///
    /// # Errors
    /// torch's errors for a `p` outside `[0, 1]`, an integer dtype, features of a tensor with fewer than two dimensions.
    pub fn apply(self, x: &View, p: f64, train: bool, generator: &mut Generator) -> Result<View> {
        ensure!((0.0..=1.0).contains(&p), "dropout probability has to be between 0 and 1, but got {}", cxx(p));
        if p == 0.0 || !train || x.numel() == 0 {
            return Ok(x.clone());
        }
        let dtype = x.dtype();
        if p == 1.0 && dtype == DType::Bool {
            return View::zeros(dtype, x.sizes());
        }
        if p == 1.0 {
            return scale(x, &View::zeros(dtype, &[])?.expand(x.sizes())?, None);
        }
        let mut noise = if self.feature { channels(x)? } else { empty_like(x)? };
        bernoulli_(&mut noise, 1.0 - p, generator)?;
        if !dtype.is_float() {
            // Alpha dropout computes with the noise plus a number first.
            let dtype = if self.alpha && dtype == DType::Bool { DType::I64 } else { dtype };
            bail!("result type Float can't be cast to the desired output type {}", dtype.aten());
        }
        let (factors, shifts) = self.factors(p, dtype, false);
        let shift = shifts.map(|shifts| -> Result<View> {
            let mut shift = View::empty(dtype, noise.sizes())?;
            dispatch!(dtype, float T => shift.slice_mut::<T>().copy_from_slice(&noise.to_vec::<T>()), else ());
            each(&mut shift, shifts);
            shift.expand(x.sizes())
        });
        each(&mut noise, factors);
        scale(x, &noise.expand(x.sizes())?, shift.transpose()?.as_ref())
    }

    /// What an element is multiplied by, and what is added to it then, if anything: where the noise is 0 and where it is 1. Of a number
    /// that is added, the CPU takes what the dtype holds of it.
    pub fn factors(self, p: f64, dtype: DType, on_gpu: bool) -> ([f64; 2], Option<[f64; 2]>) {
        let c = Rounding(dtype);
        if !self.alpha {
            return ([0.0, 1.0].map(|n| c.round(n / c.constant(1.0 - p))), None);
        }
        const ALPHA: f64 = 1.758_099_340_847_376_6;
        let a = 1.0 / ((ALPHA * ALPHA * p + 1.0) * (1.0 - p)).sqrt();
        let added = if on_gpu { c.constant(ALPHA * a * p) } else { c.round(ALPHA * a * p) };
        let shift = |n: f64| c.round(c.round(c.round(n - 1.0) * c.constant(ALPHA * a)) + added);
        ([0.0, 1.0].map(|n| c.round(n * c.constant(a))), Some([0.0, 1.0].map(shift)))
    }
}

/// Dropout, and which elements it kept.
///
/// # Errors
/// torch's errors for a `p` outside `[0, 1]` and for dtypes that are not floating.
pub fn native_dropout(x: &View, p: f64, generator: &mut Generator) -> Result<(View, View)> {
    if !x.dtype().is_float() {
        return Err(lacking("fused_dropout", x.dtype()));
    }
    let mut noise = empty_like(x)?;
    bernoulli_(&mut noise, 1.0 - p, generator)?;
    let kept = cast(&noise, DType::Bool)?;
    let scale_by = if p == 1.0 { 0.0 } else { Rounding(x.dtype()).constant(1.0 / (1.0 - p)) };
    each(&mut noise, [0.0, scale_by]);
    Ok((scale(x, &noise, None)?, kept))
}

/// Memory for one number a channel.
fn channels(x: &View) -> Result<View> {
    ensure!(x.ndim() >= 2, "Feature dropout requires at least 2 dimensions in the input");
    let mut sizes = vec![1; x.ndim()];
    sizes[..2].copy_from_slice(&x.sizes()[..2]);
    View::empty(x.dtype(), &sizes)
}

/// How one arithmetic step in a dtype rounds, computed in `f64`.
#[derive(Clone, Copy)]
struct Rounding(DType);

impl Rounding {
    fn round(self, x: f64) -> f64 {
        dispatch!(self.0, float T => T::from_scalar(Scalar::Float(x)).to_scalar().to_f64(), else x)
    }

    /// A number that takes part in the arithmetic: in `f32`, but for `float64`.
    fn constant(self, x: f64) -> f64 {
        if self.0 == DType::F64 { x } else { f64::from(x as f32) }
    }
}

/// Sets the elements of a fresh tensor of zeros and ones to what is made of them.
fn each(x: &mut View, made: [f64; 2]) {
    dispatch!(x.dtype(), float T => {
        let [no, yes] = made.map(|v| T::from_scalar(v.into()));
        let set = |v: &mut T| *v = if *v == T::default() { no } else { yes };
        if x.is_contiguous() {
            polled(x.slice_mut::<T>().chunks_mut(GRAIN)).for_each(|part| part.iter_mut().for_each(set));
        } else {
            x.array_mut::<T>().iter_mut().for_each(set);
        }
    }, else ());
}

/// `x * noise (+ shift)`, of one shape, in `x`'s memory order.
fn scale(x: &View, noise: &View, shift: Option<&View>) -> Result<View> {
    let out = empty_like(x)?;
    let order = visit_order(&[&out]);
    let mut to = out.permute(&order);
    let (x, noise) = (contiguous(&x.permute(&order))?, contiguous(&noise.permute(&order))?);
    let shift = shift.map(|shift| contiguous(&shift.permute(&order))).transpose()?;
    dispatch!(x.dtype(), number T => {
        let pieces = to.slice_mut::<T>().chunks_mut(GRAIN);
        let pieces = pieces.zip(x.slice::<T>().chunks(GRAIN)).zip(noise.slice::<T>().chunks(GRAIN));
        parallel::for_each(pieces, 2, |((to, x), noise)| {
            to.iter_mut().zip(x).zip(noise).for_each(|((to, &a), &b)| *to = a.times(b));
        });
        if let Some(shift) = shift {
            to.slice_mut::<T>().iter_mut().zip(shift.slice::<T>()).for_each(|(to, &b)| *to = to.plus(b));
        }
    }, else return Err(lacking("mul_cpu_reduced_float", x.dtype())));
    Ok(out)
}

/// The slopes of `rrelu` in training: uniform in `[lower, upper)` where `x <= 0`, 1 elsewhere; a slope is drawn only
/// where it is used, in `f64`.
///
/// # Errors
/// torch's errors for bounds out of order and for integer dtypes.
pub fn rrelu_noise(x: &View, lower: f64, upper: f64, generator: &mut Generator) -> Result<View> {
    ensure!(lower <= upper, "Lower bound should be less than or equal to the upper bound");
    if x.dtype() == DType::F16 {
        return Err(lacking("rrelu_with_noise_out_cpu", x.dtype()));
    }
    let mut noise = View::empty(x.dtype(), x.sizes())?;
    dispatch!(x.dtype(), float T => {
        let bound = |x: f64| f64::cast_from(T::from_scalar(x.into()));
        let (lower, upper) = (bound(lower), bound(upper));
        for (to, from) in noise.slice_mut::<T>().iter_mut().zip(x.to_vec::<f64>()) {
            let slope = if from <= 0.0 { generator.uniform() * (upper - lower) + lower } else { 1.0 };
            *to = T::from_scalar(slope.into());
        }
    }, else return Err(lacking("rrelu_with_noise_out_cpu", x.dtype())));
    Ok(noise)
}
