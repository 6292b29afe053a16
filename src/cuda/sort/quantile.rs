//! Quantiles: ranks between sorted elements.
#![allow(unsafe_code)]

use super::rows::{self, Keys};
use super::{dim_last, each, flat, reduced, sortable};
use crate::base::error::Result;
use crate::base::shape::{Shape, wrap_dim};
use crate::base::{DType, Scalar};
use crate::cpu::reduce::quantile::Interpolation;
use crate::cuda::copy;
use crate::cuda::launch::Parameters;
use crate::cuda::sources::SEARCH;
use crate::cuda::types::register;
use crate::store::View;
use crate::store::cuda::Gpu;

/// Ranks between 0 and 1: a tensor of them, or one.
#[derive(Clone, Copy, Debug)]
pub enum Points<'a> {
    /// A tensor.
    Tensor(&'a View),
    /// A number.
    Number(f64),
}

/// The quantiles of all elements or along `dim`.
///
/// # Errors
/// What the device refuses.
pub fn quantile(
    gpu: &'static Gpu,
    x: &View,
    points: Points<'_>,
    (dim, keepdim): (Option<i64>, bool),
    skip_nan: bool,
    how: Interpolation,
) -> Result<Option<View>> {
    let fits = match points {
        Points::Tensor(q) => q.ndim() <= 1 && q.dtype() == x.dtype() && q.on_device().is_some(),
        Points::Number(q) => (0.0..=1.0).contains(&q),
    };
    if !fits || !sortable(x) || !matches!(x.dtype(), DType::F32 | DType::F64) {
        return Ok(None);
    }
    let (rows, mut sizes) = match dim {
        Some(dim) => {
            let Ok(dim) = wrap_dim(dim, x.ndim()) else { return Ok(None) };
            (dim_last(gpu, x, dim)?.0, reduced(x.sizes(), dim, keepdim))
        }
        None => (flat(gpu, x)?, if keepdim { Shape::from_elem(1, x.ndim()) } else { Shape::new() }),
    };
    let n = rows.sizes().last().copied().unwrap_or(1) as usize;
    if n > 1 << 24 {
        return Ok(None);
    }
    let (keys, outer) = (Keys::of(x.dtype(), false), x.numel() / n);
    let (q, number, count) = match points {
        Points::Tensor(q) => (Some(copy::contiguous(gpu, q)?), 0.0, q.numel()),
        Points::Number(number) => (None, number, 1),
    };
    if let Some(q) = q.as_ref().filter(|q| q.ndim() == 1) {
        sizes.insert(0, q.numel() as i64);
    }
    let out = View::empty_on(gpu.device(), x.dtype(), &sizes)?;
    if count == 0 {
        return Ok(Some(out));
    }
    let sorted = rows::sort(gpu, &rows, None, n, n, keys)?.values;
    let element = register(x.dtype());
    let how = match how {
        Interpolation::Linear => 0,
        Interpolation::Lower => 1,
        Interpolation::Higher => 2,
        Interpolation::Midpoint => 3,
        Interpolation::Nearest => 4,
    };
    let declared = format!(
        "const U* sorted, const {element}* q, {element} number, {element}* out, uint64_t outer, uint32_t length, uint32_t count, uint32_t \
         skip_nan"
    );
    let body = format!("find_quantiles<{element}, {how}>(sorted, q, number, out, outer, length, count, skip_nan != 0)");
    let function = keys.kernels(gpu, &[SEARCH], &[("quantiles", &declared, &body)])?[0];
    let mut parameters = Parameters::new();
    parameters.reads(&sorted)?.reads_if(q.as_ref())?.number(Scalar::Float(number), x.dtype()).writes(&out)?;
    parameters.int(outer as i64).word(n as u32).word(count as u32).word(u32::from(skip_nan));
    // SAFETY: the parameters are those of the text; the output has an element for every rank of every row.
    unsafe { each(gpu, function, &mut parameters, outer * count)? };
    Ok(Some(out))
}
