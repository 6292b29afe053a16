//! Special functions with parameters, run over views.

use super::{Real, digamma, logit, trigamma, trigamma_beyond, trigamma_far, zeta};
use crate::base::DType;
use crate::base::error::{Result, not_implemented, runtime};
use crate::base::promote::default_dtype;
use crate::base::scalar::Cast;
use crate::cpu::isa::{self, Work};
use crate::cpu::vector::{self, lgamma};
use crate::cpu::{copy, parallel};
use crate::dispatch;
use crate::ensure;
use crate::store::View;

/// Elements a thread takes at a time.
const PIECE: usize = 1 << 12;

/// A function of single and of double precision, run in place over a piece.
trait Map: Sync {
    /// Does it; `#[inline(always)]`, so that it is compiled for wider registers. Loops are plain: a closure need not be.
    fn run<T: Real>(&self, piece: &mut [T]);
}

/// Applies a function to every element, on several threads; integers are taken as the default float, halves are computed in single
/// precision.
fn map(x: &View, kernel: &str, f: impl Map) -> Result<View> {
    let dtype = if x.dtype().is_integral() { default_dtype() } else { x.dtype() };
    let mut out = copy::clone(&copy::cast(x, dtype)?)?;
    match dtype {
        DType::F64 => pieces(out.slice_mut::<f64>(), |piece| run(&f, piece)),
        DType::F32 => pieces(out.slice_mut::<f32>(), |piece| run(&f, piece)),
        _ => dispatch!(dtype, float T => pieces(out.slice_mut::<T>(), |piece: &mut [T]| {
            let mut wide: Vec<f32> = piece.iter().map(|v| f32::cast_from(*v)).collect();
            run(&f, &mut wide);
            piece.iter_mut().zip(wide).for_each(|(v, w)| *v = T::cast_from(w));
        }), else return Err(not_implemented(format!("\"{kernel}\" not implemented for '{}'", dtype.aten())))),
    }
    Ok(out)
}

fn pieces<T: Send>(values: &mut [T], f: impl Fn(&mut [T]) + Sync) {
    parallel::for_each(values.chunks_mut(PIECE), 1, f);
}

/// A function and the piece that it is run over, as work for wider registers.
struct Piece<'a, M, T>(&'a M, &'a mut [T]);

impl<M: Map, T: Real> Work for Piece<'_, M, T> {
    type Out = ();

    #[inline(always)]
    fn run(self) {
        self.0.run(self.1);
    }
}

fn run<T: Real>(f: &impl Map, piece: &mut [T]) {
    isa::widest(Piece(f, piece));
}

/// Derivative of this order of the digamma function.
struct Polygamma(i64);

impl Map for Polygamma {
    #[inline(always)]
    fn run<T: Real>(&self, piece: &mut [T]) {
        match self.0 {
            0 => {
                for v in piece {
                    *v = digamma(*v);
                }
            }
            1 if piece.iter().any(|v| trigamma_far(*v)) => {
                for v in piece {
                    *v = if trigamma_far(*v) { trigamma_beyond(*v) } else { trigamma(*v) };
                }
            }
            1 => {
                for v in piece {
                    *v = trigamma(*v);
                }
            }
            n => {
                let order = T::of(n as f64);
                let factorial = lgamma(order + T::one()).exp();
                let factor = if n % 2 == 1 { factorial } else { -factorial };
                for v in piece {
                    *v = factor * zeta(order + T::one(), *v);
                }
            }
        }
    }
}

/// `torch.polygamma(n, x)`.
///
/// # Errors
/// torch's errors for a negative order and for complex dtypes.
pub fn polygamma_of(n: i64, x: &View) -> Result<View> {
    ensure!(n >= 0, "polygamma(n, x) does not support negative n.");
    let kernel = ["digamma", "trigamma"].get(n as usize).copied().unwrap_or("polygamma");
    map(x, kernel, Polygamma(n))
}

/// The clamp, and the 16-bit dtype that each step is rounded to.
struct Logit(Option<f64>, Option<DType>);

impl Map for Logit {
    #[inline(always)]
    fn run<T: Real>(&self, piece: &mut [T]) {
        let eps = self.0.map(T::of);
        let round = |v: f32| match self.1 {
            Some(DType::F16) => half::f16::from_f32(v).to_f32(),
            _ => half::bf16::from_f32(v).to_f32(),
        };
        match self.1 {
            None => {
                for v in piece {
                    *v = logit(*v, eps, |v| v);
                }
            }
            Some(_) => {
                for v in piece {
                    *v = logit(*v, eps, |v: T| T::of(round(v.wide() as f32).into()));
                }
            }
        }
    }
}

/// `torch.logit(x, eps)`.
///
/// # Errors
/// torch's `NotImplementedError` for complex dtypes.
pub fn logit_of(x: &View, eps: Option<f64>) -> Result<View> {
    let half = Some(x.dtype()).filter(|d| matches!(d, DType::F16 | DType::BF16));
    map(x, "logit_cpu", Logit(eps, half))
}

/// Mantissas in `[0.5, 1)` and exponents of two (`int32`).
///
/// # Errors
/// torch's `RuntimeError` for dtypes that are not floating.
pub fn frexp(x: &View) -> Result<(View, View)> {
    let (mut mantissa, mut exponent) = (View::empty(x.dtype(), x.sizes())?, View::empty(DType::I32, x.sizes())?);
    let x = copy::clone(x)?;
    dispatch!(x.dtype(), float T => {
        let results = mantissa.slice_mut::<T>().chunks_mut(PIECE).zip(exponent.slice_mut::<i32>().chunks_mut(PIECE));
        parallel::for_each(results.zip(x.slice::<T>().chunks(PIECE)), 1, |((mantissa, exponent), x)| {
            isa::widest(
                #[inline(always)]
                || {
                    for ((m, e), v) in mantissa.iter_mut().zip(exponent.iter_mut()).zip(x) {
                        let (fraction, power) = vector::fraction(f64::cast_from(*v));
                        *m = T::cast_from(fraction);
                        *e = power;
                    }
                },
            );
        });
    }, else return Err(runtime("torch.frexp() only supports floating-point dtypes")));
    Ok((mantissa, exponent))
}
