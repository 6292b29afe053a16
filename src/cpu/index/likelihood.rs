//! Losses of class numbers: what scores have at each position's class, and the way back.

use super::element::Element;
use crate::base::error::{Result, index_error, runtime};
use crate::base::scalar::{Cast, Scalar};
use crate::cpu::copy;
use crate::dispatch;
use crate::store::View;

/// How scores lie: the classes along dimension 1, or along the one of a vector.
#[derive(Clone, Copy, Debug)]
pub struct Classes {
    /// Classes.
    pub count: usize,
    /// Positions behind each other that share a class's place.
    pub inner: usize,
}

impl Classes {
    /// Those of scores of these sizes.
    pub fn of(sizes: &[i64]) -> Classes {
        let dim = usize::from(sizes.len() > 1);
        let inner: i64 = sizes.iter().skip(dim + 1).product();
        Classes { count: sizes.get(dim).map_or(1, |n| *n as usize), inner: inner as usize }
    }

    /// Where a position's score of a class lies.
    #[inline]
    fn place(self, i: usize, class: i64) -> usize {
        (i / self.inner * self.count + class as usize) * self.inner + i % self.inner
    }
}

/// Contiguous class numbers, all of them classes or the one to ignore.
fn checked(target: &View, count: usize, ignore: i64) -> Result<View> {
    let target = copy::contiguous(target)?;
    let outside = |c: &&i64| **c != ignore && usize::try_from(**c).map_or(true, |c| c >= count);
    match target.slice::<i64>().iter().find(outside) {
        Some(c) => Err(index_error(format!("Target {c} is out of bounds."))),
        None => Ok(target),
    }
}

/// A class's weight.
#[inline]
fn weight_of<T: Element>(weights: Option<&[T]>, class: i64) -> T {
    weights.map_or_else(|| T::from_scalar(Scalar::Int(1)), |w| w[class as usize])
}

#[cold]
fn floats() -> crate::base::Error {
    runtime("internal: losses of numbers that are no floats")
}

/// The negative score of each position's class times the class's weight, and that weight; both 0 where the class is `ignore`. Scores
/// and weights are of one float dtype, classes `int64` of the scores' sizes without their classes.
///
/// # Errors
/// torch's `IndexError` for what is no class; when memory is short.
pub fn picked(x: &View, target: &View, weight: Option<&View>, ignore: i64) -> Result<(View, View)> {
    let classes = Classes::of(x.sizes());
    let target = checked(target, classes.count, ignore)?;
    let (x, weight) = (copy::contiguous(x)?, weight.map(copy::contiguous).transpose()?);
    let (mut losses, mut weights) = (View::zeros(x.dtype(), target.sizes())?, View::zeros(x.dtype(), target.sizes())?);
    dispatch!(x.dtype(), float T => {
        let (scores, given) = (x.slice::<T>(), weight.as_ref().map(View::slice::<T>));
        let minus = T::from_scalar(Scalar::Int(-1));
        let results = losses.slice_mut::<T>().iter_mut().zip(weights.slice_mut::<T>());
        for (i, (&class, (loss, share))) in target.slice::<i64>().iter().zip(results).enumerate() {
            if class != ignore {
                *share = weight_of(given, class);
                *loss = scores[classes.place(i, class)].times(minus).times(*share);
            }
        }
    }, else return Err(floats()));
    Ok((losses, weights))
}

/// The gradient of scores of these sizes: that of the losses [`picked`], of which one may stand for all, where they come from.
///
/// # Errors
/// As [`picked`].
pub fn spread(grad: &View, target: &View, weight: Option<&View>, ignore: i64, sizes: &[i64]) -> Result<View> {
    let classes = Classes::of(sizes);
    let target = checked(target, classes.count, ignore)?;
    let (grad, weight) = (copy::contiguous(grad)?, weight.map(copy::contiguous).transpose()?);
    let mut out = View::zeros(grad.dtype(), sizes)?;
    dispatch!(grad.dtype(), float T => {
        let (grads, given) = (grad.slice::<T>(), weight.as_ref().map(View::slice::<T>));
        let (minus, step) = (T::from_scalar(Scalar::Int(-1)), usize::from(grads.len() > 1));
        let out = out.slice_mut::<T>();
        for (i, &class) in target.slice::<i64>().iter().enumerate() {
            if class != ignore {
                out[classes.place(i, class)] = grads[i * step].times(minus).times(weight_of(given, class));
            }
        }
    }, else return Err(floats()));
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn losses_lie_at_their_classes() {
        let x =
            View::from_slice(&[1f32, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0], &[2, 3, 2]).unwrap();
        let target = View::from_slice(&[0i64, 2, -1, 1], &[2, 2]).unwrap();
        let weight = View::vector(&[1f32, 10.0, 100.0]).unwrap();
        let (losses, weights) = picked(&x, &target, Some(&weight), -1).unwrap();
        assert_eq!(losses.to_vec::<f32>(), [-1.0, -600.0, 0.0, -100.0]);
        assert_eq!(weights.to_vec::<f32>(), [1.0, 100.0, 0.0, 10.0]);
        let one = View::from_slice(&[2f32], &[]).unwrap();
        let back = spread(&one, &target, Some(&weight), -1, &[2, 3, 2]).unwrap();
        assert_eq!(back.to_vec::<f32>(), [-2.0, 0.0, 0.0, 0.0, 0.0, -200.0, 0.0, 0.0, 0.0, -20.0, 0.0, 0.0]);
        assert!(picked(&x, &target, None, 7).is_err());
    }
}
