//! Discrete distributions: Bernoulli, geometric, Poisson, binomial.

use super::generator::Generator;
use super::mt19937::N;
use super::walk;
use super::words::{cxx, lacking};
use crate::base::dtype::DType;
use crate::base::error::{Error, Result, runtime};
use crate::base::interrupt::poll;
use crate::base::scalar::{Cast, Scalar};
use crate::base::shape::broadcast;
use crate::cpu::{copy, create};
use crate::store::View;
use crate::{dispatch, ensure};

/// Whether torch's kernels for counts know a dtype: every real one but `uint16` and above.
fn counts(dtype: DType) -> bool {
    !dtype.is_complex() && !matches!(dtype, DType::U16 | DType::U32 | DType::U64)
}

/// `out.bernoulli_(p)`: 1 with probability `p`, else 0.
///
/// # Errors
/// torch's errors for a `p` outside `[0, 1]` and for complex dtypes.
pub fn bernoulli_(out: &mut View, p: f64, generator: &mut Generator) -> Result<()> {
    ensure!((0.0..=1.0).contains(&p), "bernoulli_ expects p to be in [0, 1], but got p={}", cxx(p));
    let dtype = out.dtype();
    if out.numel() == 0 {
        return Ok(());
    }
    walk::no_overlap(out)?;
    if !counts(dtype) {
        return Err(lacking("bernoulli_scalar_cpu_", dtype));
    }
    dispatch!(dtype, real T => {
        let (no, yes) = (T::from_scalar(Scalar::Bool(false)), T::from_scalar(Scalar::Bool(true)));
        let mut bits = [0u32; 624];
        walk::runs(out, |run: &mut [T]| {
            for block in run.chunks_mut(312) {
                let bits = &mut bits[..2 * block.len()];
                generator.fill(bits);
                for (x, b) in block.iter_mut().zip(bits.chunks_exact(2)) {
                    let u = super::generator::unit_f64(u64::from(b[0]) << 32 | u64::from(b[1]));
                    *x = if u < p { yes } else { no };
                }
            }
            Ok(())
        })
    }, else Err(lacking("bernoulli_scalar_cpu_", dtype)))
}

/// `out.bernoulli_(p)` with a probability an element, broadcast to `out`.
///
/// # Errors
/// torch's errors for probabilities outside `[0, 1]`, for integer ones, and for complex dtypes.
pub fn bernoulli_each(out: &mut View, p: &View, generator: &mut Generator) -> Result<()> {
    let dtype = out.dtype();
    if out.numel() == 0 {
        return Ok(());
    }
    walk::no_overlap(out)?;
    if !counts(dtype) {
        return Err(lacking("bernoulli_tensor_cpu_self_", dtype));
    }
    let p = p.expand(out.sizes())?;
    if p.dtype() == DType::F32 && p.is_contiguous() && out.is_contiguous() && !p.shares(out) && counts(dtype) {
        return dispatch!(dtype, real T => draw_each(out.slice_mut::<T>(), p.slice(), generator), else Ok(()));
    }
    // Drawn as truths in `out`'s order of memory.
    let mut drawn = create::empty_like(out, DType::Bool)?;
    match p.dtype() {
        DType::F64 => walk::map(&mut drawn, &p, |p: f64| {
            probability((0.0..=1.0).contains(&p))?;
            Ok(generator.uniform() < p)
        }),
        other => dispatch!(other, float P => walk::map(&mut drawn, &p, |p: P| {
            let p = f32::cast_from(p);
            probability((0.0..=1.0).contains(&p))?;
            let u = (generator.random() & 0x00ff_ffff) as f32 * (1.0 / (1u32 << 24) as f32);
            Ok(u < p)
        }), else Err(lacking("bernoulli_tensor_cpu_p_", other))),
    }?;
    copy::copy_into(&drawn, out)
}

/// Draws block by block; only numbers before a wrong probability are drawn.
fn draw_each<T: Cast>(out: &mut [T], p: &[f32], generator: &mut Generator) -> Result<()> {
    let (no, yes) = (T::from_scalar(Scalar::Bool(false)), T::from_scalar(Scalar::Bool(true)));
    let mut bits = [0u32; N];
    for (out, p) in out.chunks_mut(N).zip(p.chunks(N)) {
        poll();
        let wrong = |p: f32| !(0.0..=1.0).contains(&p);
        let any = p.iter().fold(false, |any, &p| any | wrong(p));
        let good = if any { p.iter().position(|&p| wrong(p)).unwrap_or(0) } else { p.len() };
        let bits = &mut bits[..good];
        generator.fill(bits);
        probability(good == p.len())?;
        for ((x, &p), b) in out.iter_mut().zip(p).zip(bits) {
            let u = (*b & 0x00ff_ffff) as f32 * (1.0 / (1u32 << 24) as f32);
            *x = if u < p { yes } else { no };
        }
    }
    Ok(())
}

/// Refuses a probability outside `[0, 1]`.
///
/// # Errors
/// torch's words for it.
pub fn probability(inside: bool) -> Result<()> {
    ensure!(
        inside,
        "Expected p_in >= 0 && p_in <= 1 to be true, but got false.  (Could this error message be improved?  If so, \
         please report an enhancement request to PyTorch.)"
    );
    Ok(())
}

/// `torch.bernoulli(p)`: 0 or 1 of `p`'s dtype, contiguous.
///
/// # Errors
/// As [`bernoulli_each`].
pub fn bernoulli(p: &View, generator: &mut Generator) -> Result<View> {
    let mut out = View::empty(p.dtype(), p.sizes())?;
    bernoulli_each(&mut out, p, generator)?;
    Ok(out)
}

/// `out.geometric_(p)`: how many trials until the first success.
///
/// # Errors
/// torch's errors for a `p` outside `(0, 1)` and for bool and complex.
pub fn geometric_(out: &mut View, p: f64, generator: &mut Generator) -> Result<()> {
    ensure!(0.0 < p && p < 1.0, "geometric_ expects p to be in (0, 1), but got p={}", cxx(p));
    let dtype = out.dtype();
    if out.numel() == 0 {
        return Ok(());
    }
    walk::no_overlap(out)?;
    if !counts(dtype) || dtype == DType::Bool {
        return Err(lacking("geometric_cpu", dtype));
    }
    let log = (-p).ln_1p();
    dispatch!(dtype, real T => {
        walk::from_uniforms(out, generator, |u| T::from_scalar((u.ln() / log).ceil().into()))
    }, else Err(lacking("geometric_cpu", dtype)))
}

/// `torch.poisson(rate)`: a count for each rate, in the rates' dtype.
///
/// # Errors
/// torch's errors for negative rates and for dtypes that are not floating.
pub fn poisson(rate: &View, generator: &mut Generator) -> Result<View> {
    let mut out = View::zeros(rate.dtype(), rate.sizes())?;
    dispatch!(rate.dtype(), float T => walk::map(&mut out, rate, |rate: T| {
        let count = sample_poisson(f64::cast_from(rate), generator)?;
        Ok(T::from_scalar(Scalar::Int(count)))
    }), else Err(lacking("poisson_cpu", rate.dtype())))?;
    Ok(out)
}

/// One Poisson count: below a rate of 10 by multiplying uniforms (Knuth), else by transformed rejection (PTRS of
/// W. Hoermann, "The transformed rejection method for generating Poisson random variables", 1993).
fn sample_poisson(rate: f64, generator: &mut Generator) -> Result<i64> {
    if !(rate >= 0.0) {
        return Err(invalid_rate());
    }
    if rate < 10.0 {
        if rate == 0.0 {
            return Ok(0);
        }
        let (floor, mut product, mut count) = ((-rate).exp(), 1.0, 0);
        loop {
            product *= generator.uniform();
            if product <= floor {
                return Ok(count);
            }
            count += 1;
        }
    }
    let log_rate = rate.ln();
    let b = 0.931 + 2.53 * rate.sqrt();
    let a = -0.059 + 0.02483 * b;
    let inverse_alpha = 1.1239 + 1.1328 / (b - 3.4);
    let v_r = 0.9277 - 3.6224 / (b - 2.0);
    loop {
        let u = generator.uniform() - 0.5;
        let v = generator.uniform();
        let us = 0.5 - u.abs();
        let k = crate::base::scalar::float_to_i64(((2.0 * a / us + b) * u + rate + 0.43).floor());
        if us >= 0.07 && v <= v_r {
            return Ok(k);
        }
        if k < 0 || (us < 0.013 && v > us) {
            continue;
        }
        let accept = v.ln() + inverse_alpha.ln() - (a / (us * us) + b).ln();
        if accept <= -rate + k as f64 * log_rate - libm::lgamma(k as f64 + 1.0) {
            return Ok(k);
        }
    }
}

#[cold]
fn invalid_rate() -> Error {
    runtime("invalid Poisson rate, expected rate to be non-negative")
}

/// `torch.binomial(count, prob)`: successes in `count` trials each, in `count`'s dtype.
///
/// # Errors
/// torch's errors for mixed dtypes, shapes that do not broadcast, dtypes that are not floating.
pub fn binomial(count: &View, prob: &View, generator: &mut Generator) -> Result<View> {
    let dtype = count.dtype();
    if !dtype.is_float() {
        return Err(crate::base::error::value_error(format!(
            "binomial only supports floating-point dtypes for count, got: {}",
            dtype.aten()
        )));
    }
    if !prob.dtype().is_float() {
        return Err(crate::base::error::value_error(format!(
            "binomial only supports floating-point dtypes for prob, got: {}",
            prob.dtype().aten()
        )));
    }
    ensure!(prob.dtype() == dtype, "Found dtype {} but expected {}", prob.dtype().aten(), dtype.aten());
    let sizes = broadcast(count.sizes(), prob.sizes())?;
    let mut out = View::zeros(dtype, &sizes)?;
    let (count, prob) = (count.expand(&sizes)?, prob.expand(&sizes)?);
    match dtype {
        DType::F32 => walk::zip(&mut out, &count, &prob, |n: f32, p: f32| {
            Ok(super::binomial::sample(n, p, |x| x as f32, generator))
        }),
        DType::F64 => {
            walk::zip(&mut out, &count, &prob, |n: f64, p: f64| Ok(super::binomial::sample(n, p, |x| x, generator)))
        }
        other => Err(lacking("binomial_cpu", other)),
    }?;
    Ok(out)
}
