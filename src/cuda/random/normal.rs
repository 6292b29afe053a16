//! `torch.normal` with a tensor of means or deviations.

use super::distribution::Distribution;
use super::draw::{filled, peek};
use super::generator::Generator;
use crate::base::error::{Result, runtime};
use crate::base::shape::broadcast;
use crate::base::{DType, Scalar};
use crate::cpu::random::Parameter;
use crate::cuda::copy::computed;
use crate::cuda::loader::Loader;
use crate::cuda::reduce::{self, Over, Wanted};
use crate::cuda::types::{register, rounded};
use crate::store::View;
use crate::store::cuda::Gpu;

/// Normal numbers of given means and deviations, where at least one of them is a tensor.
///
/// # Errors
/// torch's error for a negative deviation; what the device refuses.
pub fn normal(gpu: &'static Gpu, mean: Parameter<'_>, std: Parameter<'_>, g: &mut Generator) -> Result<Option<View>> {
    use Parameter::{Number, Tensor};
    let (dtype, sizes) = match (mean, std) {
        (Tensor(m), Tensor(s)) => match broadcast(m.sizes(), s.sizes()) {
            Ok(sizes) => (m.dtype(), sizes),
            Err(_) => return Ok(None),
        },
        (Tensor(v), Number(_)) | (Number(_), Tensor(v)) => (v.dtype(), v.sizes().into()),
        (Number(_), Number(_)) => return Ok(None),
    };
    let number = |p: Parameter<'_>, other: f64| if let Number(x) = p { x } else { other };
    let real = |p: Parameter<'_>| matches!(p, Number(_)) || matches!(p, Tensor(v) if v.dtype().is_float());
    let Some(d) = Distribution::normal(dtype, 0.0, number(std, 1.0)) else { return Ok(None) };
    if sizes.contains(&0) || !real(mean) || !real(std) {
        return Ok(None);
    }
    if let Tensor(s) = std {
        check(gpu, s)?;
    }
    let drawn = filled(gpu, &sizes, &d, g)?;
    let mut steps = Loader::of(&drawn);
    if let Tensor(s) = std {
        join(&mut steps, s, '*')?;
    }
    match mean {
        Tensor(m) => join(&mut steps, m, '+')?,
        Number(m) => {
            steps.numbers.push((Scalar::Float(m), dtype));
            let value = rounded(dtype, &format!("{} + n{}", steps.value, steps.numbers.len() - 1));
            steps.value = value;
        }
    }
    Ok(Some(computed(gpu, &steps, dtype)?))
}

/// Refuses negative deviations.
fn check(gpu: &'static Gpu, std: &View) -> Result<()> {
    let least = match std.on_device() {
        None => Some(std.clone()),
        Some(_) if std.numel() == 0 => None,
        Some(_) => {
            let all = Over { dims: None, keepdim: false };
            reduce::extreme(gpu, &Loader::of(std), all, false, Wanted::Value)?.and_then(|mut found| found.pop())
        }
    };
    let least = match &least {
        Some(v) if v.on_device().is_some() => Some(peek(gpu, v)?),
        other => other.as_ref().map(|v| v.get(0).to_f64()),
    };
    match least {
        Some(x) if !(x >= 0.0) => Err(runtime("normal expects all elements of std >= 0.0")),
        _ => Ok(()),
    }
}

/// `steps (op) by`, rounded to the dtype; `by` is broadcast, and may be a number that the host has.
fn join(steps: &mut Loader, by: &View, op: char) -> Result<()> {
    let dtype = steps.dtype;
    let operand = match by.on_device() {
        None => {
            steps.numbers.push((by.get(0), by.dtype()));
            format!("n{}", steps.numbers.len() - 1)
        }
        Some(_) => {
            steps.operands.push(by.expand(&steps.sizes)?);
            format!("x{}", steps.operands.len() - 1)
        }
    };
    // Where only one of them has dimensions, the arithmetic is its own.
    let wide = by.dtype() == DType::F64 && (by.ndim() > 0 || steps.sizes.is_empty());
    let arithmetic = register(if wide || dtype == DType::F64 { DType::F64 } else { DType::F32 });
    steps.value = rounded(dtype, &format!("{arithmetic}({}) {op} {arithmetic}({operand})", steps.value));
    Ok(())
}
