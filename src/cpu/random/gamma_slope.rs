//! How gamma samples move with their shape: `_standard_gamma_grad`.

use super::words::lacking;
use crate::base::dtype::DType;
use crate::base::error::Result;
use crate::base::shape::broadcast;
use crate::cpu::copy;
use crate::cpu::special::gamma_family::digamma;
use crate::store::View;

/// The derivative of samples with respect to their shapes, by implicit differentiation of the distribution function.
///
/// # Errors
/// torch's, for shapes that don't broadcast and dtypes other than `float32` and `float64`.
pub fn standard_gamma_grad(alpha: &View, sample: &View) -> Result<View> {
    let dtype = alpha.dtype();
    if !matches!(dtype, DType::F32 | DType::F64) {
        return Err(lacking("_standard_gamma_grad_cpu", dtype));
    }
    let sizes = broadcast(alpha.sizes(), sample.sizes())?;
    let all = |v: &View| -> Result<Vec<f64>> { Ok(v.expand(&sizes)?.to_vec()) };
    let slopes: Vec<f64> = all(alpha)?.into_iter().zip(all(sample)?).map(|(a, x)| slope(a, x)).collect();
    copy::cast(&View::from_slice(&slopes, &sizes)?, dtype)
}

/// The derivative at a shape and a sample: a series for small samples, a saddle point for large shapes, else a fit.
fn slope(alpha: f64, x: f64) -> f64 {
    match () {
        () if x < 0.8 => by_series(alpha, x),
        () if alpha > 8.0 => by_saddle(alpha, x),
        () => by_fit(alpha, x),
    }
}

/// The distribution function as a power series, differentiated term by term.
fn by_series(alpha: f64, x: f64) -> f64 {
    let (mut term, mut at, mut sum, mut moved) = (1.0, alpha, 1.0 / alpha, 1.0 / (alpha * alpha));
    for i in 1..=5 {
        term *= -x / f64::from(i);
        at += 1.0;
        sum += term / at;
        moved += term / (at * at);
    }
    let power = x.powf(alpha);
    let density = x.powf(alpha - 1.0) * (-x).exp();
    let out = -((x.ln() - digamma(alpha)) * power * sum - power * moved) / density;
    if out.is_nan() { 0.0 } else { out }
}

/// The saddle point expansion; near the mean, where that divides by nothing, its series.
fn by_saddle(alpha: f64, x: f64) -> f64 {
    if (0.9 * alpha..=1.1 * alpha).contains(&x) {
        let near = 1.0 + 24.0 * alpha * (1.0 + 12.0 * alpha);
        let far =
            1440.0 * alpha * alpha + 6.0 * x * (53.0 - 120.0 * x) - 65.0 * x * x / alpha + alpha * (107.0 + 3600.0 * x);
        return near * far / (1_244_160.0 * alpha.powi(4));
    }
    let root = (8.0 * alpha).sqrt();
    let (direct, curved) = (root / (alpha - x), (x - alpha - alpha * (x / alpha).ln()).powf(-1.5));
    let both = if x < alpha { direct - curved } else { direct + curved };
    let inner = (x / alpha).ln() * both - (2.0 / alpha).sqrt() * (alpha + x) / ((alpha - x) * (alpha - x));
    let stirling = 1.0 + 1.0 / (12.0 * alpha) * (1.0 + 1.0 / (24.0 * alpha));
    -stirling * x * inner / root
}

/// A quotient of polynomials in the logarithms of `x / alpha` and `alpha`; the third row is of the square of the first.
fn by_fit(alpha: f64, x: f64) -> f64 {
    const FIT: [[f64; 8]; 3] = [
        [0.16009398, -0.094634809, 0.025146376, -0.0030648343, 1.0, 0.32668115, 0.10406089, 0.0014179084],
        [0.53487893, 0.1298071, 0.065735949, -0.0015649758, 0.16639465, 0.020070113, -0.0035938915, -0.00058392623],
        [
            0.040121004,
            -0.0065914022,
            -0.0026286047,
            -0.0013441777,
            0.017050642,
            -0.0021309326,
            0.00085092367,
            -1.5247877e-07,
        ],
    ];
    let (u, v) = ((x / alpha).ln(), alpha.ln());
    let c: [f64; 8] = std::array::from_fn(|i| FIT[0][i] + u * (FIT[1][i] + u * FIT[2][i]));
    let cubic = |c: &[f64]| c[0] + v * (c[1] + v * (c[2] + v * c[3]));
    (cubic(&c[..4]) / cubic(&c[4..])).exp()
}
