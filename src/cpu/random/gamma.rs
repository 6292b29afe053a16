//! Gamma and Dirichlet samples: `_standard_gamma`, `_sample_dirichlet`.

use super::generator::Generator;
use super::walk;
use super::words::lacking;
use crate::base::dtype::DType;
use crate::base::error::Result;
use crate::base::scalar::Cast;
use crate::cpu::reduce::sum::sum;
use crate::store::View;

/// `torch._standard_gamma(alpha)`.
///
/// # Errors
/// torch's `NotImplementedError` for dtypes other than `float32` and `float64`.
pub fn standard_gamma(alpha: &View, generator: &mut Generator) -> Result<View> {
    let mut out = View::zeros(alpha.dtype(), alpha.sizes())?;
    match alpha.dtype() {
        DType::F32 => walk::map(&mut out, alpha, |a: f32| Ok(sample_f32(a, generator).max(f32::MIN_POSITIVE))),
        DType::F64 => walk::map(&mut out, alpha, |a: f64| Ok(sample(a, generator).max(f64::MIN_POSITIVE))),
        other => Err(lacking("gamma_cpu", other)),
    }?;
    Ok(out)
}

/// `torch._sample_dirichlet(alpha)`: gamma samples over their sum along the last dimension.
///
/// # Errors
/// As [`standard_gamma`].
pub fn sample_dirichlet(alpha: &View, generator: &mut Generator) -> Result<View> {
    let dtype = alpha.dtype();
    let mut out = View::zeros(dtype, alpha.sizes())?;
    if !matches!(dtype, DType::F32 | DType::F64) {
        return Err(lacking("dirichlet", dtype));
    }
    let mut gamma = View::zeros(DType::F64, alpha.sizes())?;
    crate::dispatch!(dtype, wide T => walk::map(&mut gamma, alpha, |a: T| {
        Ok(sample(f64::cast_from(a), generator).max(f64::MIN_POSITIVE))
    })?, else ());
    let sums = sum(&gamma, Some(&[-1]), true, None)?;
    let row = alpha.sizes().last().map_or(1, |&n| n as usize).max(1);
    let (smallest, largest) = match dtype {
        DType::F32 => (f64::from(f32::MIN_POSITIVE), f64::from(1.0f32.next_down())),
        _ => (f64::MIN_POSITIVE, 1.0f64.next_down()),
    };
    crate::dispatch!(dtype, wide T => {
        let rows = out.slice_mut::<T>().chunks_mut(row).zip(gamma.slice::<f64>().chunks(row));
        for ((to, from), sum) in rows.zip(sums.to_vec::<f64>()) {
            for (x, g) in to.iter_mut().zip(from) {
                let rounded = f64::cast_from(T::from_scalar((g / sum).into()));
                *x = T::from_scalar(rounded.max(smallest).min(largest).into());
            }
        }
    }, else ());
    Ok(out)
}

/// A gamma sample, by G. Marsaglia and W. Tsang, "A simple method for generating gamma variables", 2000.
fn sample(alpha: f64, generator: &mut Generator) -> f64 {
    let (mut alpha, mut scale) = (alpha, 1.0);
    if alpha < 1.0 {
        if alpha == 0.0 {
            return 0.0;
        }
        scale = (1.0 - generator.uniform()).powf(1.0 / alpha);
        alpha += 1.0;
    }
    accept(alpha - f64::from(1.0f32 / 3.0f32), scale, generator)
}

/// The same for an `alpha` in `f32`, some steps of which torch takes in `f32`.
fn sample_f32(alpha: f32, generator: &mut Generator) -> f32 {
    let (mut alpha, mut scale) = (alpha, 1.0);
    if alpha < 1.0 {
        if alpha == 0.0 {
            return 0.0;
        }
        scale = (1.0 - generator.uniform()).powf(f64::from(1.0 / alpha));
        alpha += 1.0;
    }
    accept(f64::from(alpha - 1.0f32 / 3.0f32), scale, generator) as f32
}

fn accept(d: f64, scale: f64, generator: &mut Generator) -> f64 {
    let c = 1.0 / (9.0 * d).sqrt();
    // A nan alpha, or one below zero, has no sample that would be taken.
    if c.is_nan() {
        return f64::NAN;
    }
    loop {
        let (mut x, mut y);
        loop {
            x = generator.normal();
            y = 1.0 + c * x;
            if y > 0.0 {
                break;
            }
        }
        let v = y * y * y;
        let u = 1.0 - generator.uniform();
        let xx = x * x;
        if u < 1.0 - f64::from(0.0331f32) * xx * xx || u.ln() < 0.5 * xx + d * (1.0 - v + v.ln()) {
            return scale * d * v;
        }
    }
}
