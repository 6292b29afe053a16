//! Rows brought to expectation 0 and variance 1: `layer_norm`.
// Lanes are counted: an iterator's making is a call in the middle of a loop where it is not inlined.
#![allow(clippy::needless_range_loop)]

use super::softmax::Kept;
use super::walk::GRAIN;
use crate::base::DType;
use crate::base::dtype::Element;
use crate::base::error::Result;
use crate::cpu::isa::{Work, widest};
use crate::cpu::vector::Lane;
use crate::cpu::{copy, parallel};
use crate::store::View;

/// Partial sums that are kept side by side.
const LANES: usize = 64;

/// `torch.layer_norm` over the last dimensions, `n` elements together: each row less its mean, times `1 / sqrt(var + eps)`, then times
/// `weight` and plus `bias`, both of `n` elements. Computed in single precision for halves.
///
/// The caller has checked sizes and dtypes; `x` has elements of a floating dtype.
///
/// # Errors
/// When memory is short.
pub fn layer_norm(x: &View, n: usize, weight: Option<&View>, bias: Option<&View>, eps: f64) -> Result<View> {
    let x = copy::contiguous(x)?;
    let wide = x.dtype().opmath();
    let ready = |v: Option<&View>| v.map(|v| copy::contiguous(&copy::cast(v, wide)?)).transpose();
    let (weight, bias) = (ready(weight)?, ready(bias)?);
    let mut out = View::empty(x.dtype(), x.sizes())?;
    let parameters = (weight.as_ref(), bias.as_ref());
    match x.dtype() {
        DType::F64 => rows::<f64, f64>(&x, &mut out, n, parameters, eps),
        DType::F16 => rows::<half::f16, f32>(&x, &mut out, n, parameters, eps),
        DType::BF16 => rows::<half::bf16, f32>(&x, &mut out, n, parameters, eps),
        _ => rows::<f32, f32>(&x, &mut out, n, parameters, eps),
    }
    Ok(out)
}

fn rows<T: Kept<A> + Element, A: Lane + Element>(
    x: &View,
    out: &mut View,
    n: usize,
    (weight, bias): (Option<&View>, Option<&View>),
    eps: f64,
) where
    f64: From<A>,
{
    let (weight, bias) = (weight.map(View::slice::<A>), bias.map(View::slice::<A>));
    let rows = (GRAIN / 4 / n).max(1);
    let tasks = out.slice_mut::<T>().chunks_mut(rows * n).zip(x.slice::<T>().chunks(rows * n));
    parallel::for_each(tasks, 1, |(out, data)| {
        for (out, data) in out.chunks_mut(n).zip(data.chunks(n)) {
            widest(Row { data, out, weight, bias, eps });
        }
    });
}

struct Row<'a, T, A> {
    data: &'a [T],
    out: &'a mut [T],
    weight: Option<&'a [A]>,
    bias: Option<&'a [A]>,
    eps: f64,
}

/// The sum of `f` over all elements, in double precision.
#[inline(always)]
fn sum<T: Copy>(row: &[T], f: impl Fn(T) -> f64) -> f64 {
    let (chunks, rest) = row.as_chunks::<LANES>();
    let mut lanes = [0.0; LANES];
    for chunk in chunks {
        for l in 0..LANES {
            lanes[l] += f(chunk[l]);
        }
    }
    for l in 0..rest.len() {
        lanes[l] += f(rest[l]);
    }
    lanes.into_iter().fold(0.0, |a, b| a + b)
}

impl<T: Kept<A>, A: Lane + Element> Work for Row<'_, T, A>
where
    f64: From<A>,
{
    type Out = ();

    #[inline(always)]
    fn run(self) {
        let n = self.data.len();
        let (data, out) = (self.data, &mut self.out[..n]);
        let mean = sum(data, |v| f64::from(v.wide())) / n as f64;
        let spread = sum(data, |v| {
            let far = f64::from(v.wide()) - mean;
            far * far
        });
        let of = |v: f64| A::from(v).unwrap_or_else(A::nan);
        let (mean, variance) = (of(mean), of(spread / n as f64));
        let scale = A::one() / (variance + of(self.eps)).sqrt();
        // Whether the parameters are there is settled outside of the loops.
        match (self.weight.map(|w| &w[..n]), self.bias.map(|b| &b[..n])) {
            (Some(weight), Some(bias)) => {
                for i in 0..n {
                    out[i] = T::kept(bias[i] + (data[i].wide() - mean) * scale * weight[i]);
                }
            }
            (Some(weight), None) => {
                for i in 0..n {
                    out[i] = T::kept((data[i].wide() - mean) * scale * weight[i]);
                }
            }
            (None, Some(bias)) => {
                for i in 0..n {
                    out[i] = T::kept((data[i].wide() - mean) * scale + bias[i]);
                }
            }
            (None, None) => {
                for i in 0..n {
                    out[i] = T::kept((data[i].wide() - mean) * scale);
                }
            }
        }
    }
}
