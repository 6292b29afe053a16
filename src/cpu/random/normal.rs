//! Normal numbers: `randn`, `normal_` and the four forms of `torch.normal`.

use super::box_muller;
use super::generator::Generator;
use super::uniform::{Uniform, parts};
use super::walk;
use super::words::{cxx, lacking};
use crate::base::dtype::{C64, DType};
use crate::base::error::Result;
use crate::base::scalar::{Cast, Scalar};
use crate::base::shape::broadcast;
use crate::cpu::parallel;
use crate::store::View;
use crate::{dispatch, ensure};
use half::{bf16, f16};
use pulp::{Arch, Simd, WithSimd};

/// Groups of 16 numbers, in which contiguous tensors are filled.
const GROUP: usize = 16;

/// A float whose normal numbers torch makes in groups.
trait Normal: Uniform {
    /// Turns each 16 uniform numbers of `data` (whole groups) into normal ones.
    fn transform(data: &mut [Self], mean: f64, std: f64);
}

impl Normal for f32 {
    fn transform(data: &mut [f32], mean: f64, std: f64) {
        Arch::new().dispatch(Groups { data: data.as_chunks_mut().0, mean: mean as f32, std: std as f32 });
    }
}

/// Groups to transform with the widest vectors at hand: a closure this large would be left a function of its own, without
/// them.
struct Groups<'a> {
    data: &'a mut [[f32; GROUP]],
    mean: f32,
    std: f32,
}

impl WithSimd for Groups<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for group in self.data {
            box_muller::transform(group, self.mean, self.std);
        }
    }
}

impl Normal for f64 {
    fn transform(data: &mut [f64], mean: f64, std: f64) {
        for d in data.as_chunks_mut::<GROUP>().0 {
            for j in 0..8 {
                let radius = (-2.0 * (1.0 - d[j]).ln()).sqrt();
                let (sin, cos) = (std::f64::consts::TAU * d[j + 8]).sin_cos();
                d[j] = (radius * cos).mul_add(std, mean);
                d[j + 8] = (radius * sin).mul_add(std, mean);
            }
        }
    }
}

/// Halves round after each step of the method.
macro_rules! halves {
    ($($t:ty),*) => {$(
        impl Normal for $t {
            fn transform(data: &mut [$t], mean: f64, std: f64) {
                let r = <$t>::from_f32;
                let (mean, std) = (<$t>::from_scalar(mean.into()).to_f32(), <$t>::from_scalar(std.into()).to_f32());
                for d in data.as_chunks_mut::<GROUP>().0 {
                    for j in 0..8 {
                        let log = r(r(1.0 - d[j].to_f32()).to_f32().ln()).to_f32();
                        let radius = r(r(-2.0 * log).to_f32().sqrt()).to_f32();
                        let theta = <$t>::from_scalar((std::f64::consts::TAU * f64::from(d[j + 8])).into()).to_f32();
                        let finish = |v: f32| r(r(r(radius * r(v).to_f32()).to_f32() * std).to_f32() + mean);
                        d[j] = finish(theta.cos());
                        d[j + 8] = finish(theta.sin());
                    }
                }
            }
        }
    )*};
}
halves!(f16, bf16);

/// Fills 16 or more contiguous numbers: groups in order, and the last 16 anew when they are no whole group.
fn fill_groups<T: Normal>(out: &mut [T], mean: f64, std: f64, generator: &mut Generator) {
    // Parts are whole groups, and stay in cache between the two passes.
    let whole = out.len() / GROUP * GROUP;
    for chunk in out[..whole].chunks_mut(walk::SHARED) {
        T::fill(generator, chunk, 0.0, 1.0);
        parallel::for_each(chunk.chunks_mut(walk::PART), 2, |part| T::transform(part, mean, std));
    }
    if whole < out.len() {
        T::fill(generator, &mut out[whole..], 0.0, 1.0);
        let last = out.len() - GROUP;
        T::fill(generator, &mut out[last..], 0.0, 1.0);
        T::transform(&mut out[last..], mean, std);
    }
}

/// `out.normal_(mean, std)`; a complex tensor's parts have half the variance each.
///
/// # Errors
/// torch's errors for a negative `std`, an integer dtype, an expanded tensor.
pub fn normal_(out: &mut View, mean: f64, std: f64, generator: &mut Generator) -> Result<()> {
    ensure!(std >= 0.0, "normal expects std >= 0.0, but found std {}", cxx(std));
    if out.numel() == 0 {
        return Ok(());
    }
    if out.dtype().is_complex() {
        return fill(&mut parts(out)?, mean, std / std::f64::consts::SQRT_2, generator);
    }
    fill(out, mean, std, generator)
}

fn fill(out: &mut View, mean: f64, std: f64, generator: &mut Generator) -> Result<()> {
    let (dtype, grouped) = (out.dtype(), out.numel() >= GROUP && out.is_contiguous());
    dispatch!(dtype, float T => {
        if grouped {
            fill_groups(out.slice_mut::<T>(), mean, std, generator);
            Ok(())
        } else {
            walk::fill(out, || T::from_scalar(generator.normal().mul_add(std, mean).into()))
        }
    }, else Err(lacking("normal_kernel_cpu", dtype)))
}

/// `torch.randn(sizes, dtype=dtype)`.
///
/// # Errors
/// As [`normal_`] and [`View::empty`].
pub fn randn(dtype: DType, sizes: &[i64], generator: &mut Generator) -> Result<View> {
    let mut out = View::empty(dtype, sizes)?;
    normal_(&mut out, 0.0, 1.0, generator)?;
    Ok(out)
}

/// A parameter of `torch.normal`: one number, or a tensor of them.
#[derive(Clone, Copy, Debug)]
pub enum Parameter<'a> {
    /// The same for all elements.
    Number(f64),
    /// One an element, broadcast.
    Tensor(&'a View),
}

/// `torch.normal(mean, std)` where at least one of them is a tensor; its dtype is the mean's, else the deviation's.
///
/// # Errors
/// torch's errors for negative deviations, shapes that do not broadcast, integer dtypes.
pub fn normal(mean: Parameter, std: Parameter, generator: &mut Generator) -> Result<View> {
    use Parameter::{Number, Tensor};
    match std {
        Number(s) => ensure!(s >= 0.0, "normal expects std >= 0.0, but found std {}", cxx(s)),
        Tensor(s) => {
            ensure!(!s.dtype().is_complex(), "normal expects standard deviation to be non-complex");
            let negative = s.to_vec::<f64>().iter().any(|v| !(*v >= 0.0));
            ensure!(!negative, "normal expects all elements of std >= 0.0");
        }
    }
    let (dtype, sizes) = match (mean, std) {
        (Tensor(m), Tensor(s)) => (m.dtype(), broadcast(m.sizes(), s.sizes())?),
        (Tensor(v), Number(_)) | (Number(_), Tensor(v)) => (v.dtype(), v.sizes().into()),
        (Number(_), Number(_)) => (crate::base::promote::default_dtype(), [].into_iter().collect()),
    };
    let mut out = View::empty(dtype, &sizes)?;
    normal_(&mut out, 0.0, if let Number(s) = std { s } else { 1.0 }, generator)?;
    if let Tensor(s) = std {
        combine(&mut out, s, Step::Times)?;
    }
    match mean {
        Tensor(m) => combine(&mut out, m, Step::Plus)?,
        Number(m) => combine(&mut out, &View::scalar(dtype, m.into())?, Step::Plus)?,
    }
    Ok(out)
}

#[derive(Clone, Copy, PartialEq)]
enum Step {
    Plus,
    Times,
}

/// `out += by` or `out *= by`, `by` broadcast: `add_` and `mul_`. Computing in `f64` and rounding once gives what the
/// narrower types give, as one operation of theirs fits in it twice over.
fn combine(out: &mut View, by: &View, step: Step) -> Result<()> {
    // A 0-d operand is taken in the arithmetic of the other one; torch's `add` rounds it to the dtype itself.
    let narrow = by.ndim() == 0 && out.ndim() > 0 && !matches!(out.dtype(), DType::F64 | DType::C64);
    let dtype = out.dtype();
    let by = by.expand(out.sizes())?;
    dispatch!(dtype, inexact T => {
        let out = out.slice_mut::<T>().iter_mut();
        if dtype.is_complex() {
            for (x, y) in out.zip(by.to_vec::<C64>()) {
                let z = x.to_scalar().to_c64();
                *x = T::from_scalar(Scalar::Complex(if step == Step::Plus { z + y } else { z * y }));
            }
            return Ok(());
        }
        for (x, y) in out.zip(by.to_vec::<f64>()) {
            let z = x.to_scalar().to_f64();
            let y = match step {
                Step::Plus if narrow => T::from_scalar(y.into()).to_scalar().to_f64(),
                Step::Times if narrow => f64::from(y as f32),
                _ => y,
            };
            *x = T::from_scalar((if step == Step::Plus { z + y } else { z * y }).into());
        }
    }, else ());
    Ok(())
}
