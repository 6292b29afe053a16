//! The order in which a random function visits the elements it writes: that of memory, not of indices.

use super::generator::Generator;
use super::uniform::Uniform;
use crate::base::dtype::Element;
use crate::base::error::{Error, Result, runtime};
use crate::base::interrupt;
use crate::base::scalar::Cast;
use crate::cpu::parallel;
use crate::store::View;

/// Numbers drawn between two looks for an interrupt.
const STEP: usize = 1 << 20;

/// The dimensions from outermost to innermost, as torch's `TensorIterator` sorts them over `views` of one shape.
///
/// An insertion sort by strides; a pair whose strides say nothing (one is 0) is decided by the next view, and in
/// the end keeps its order.
pub(super) fn visit_order(views: &[&View]) -> Vec<usize> {
    let n = views[0].ndim();
    let mut order: Vec<usize> = (0..n).rev().collect();
    // Above 0 where `a`, further in, must change places with `b`.
    let compare = |a: usize, b: usize| {
        for v in views {
            let (sa, sb) = (v.strides()[a], v.strides()[b]);
            if sa == 0 || sb == 0 {
                continue;
            }
            if sa != sb {
                return if sa < sb { -1 } else { 1 };
            }
            if v.sizes()[a] > v.sizes()[b] {
                return 1;
            }
        }
        0
    };
    for i in 1..n {
        let mut at = i;
        for inner in (0..i).rev() {
            match compare(order[inner], order[at]) {
                1 => {
                    order.swap(inner, at);
                    at = inner;
                }
                -1 => break,
                _ => {}
            }
        }
    }
    order.reverse();
    order
}

/// torch's refusal to write through an expanded dimension.
pub(super) fn no_overlap(out: &View) -> Result<()> {
    let stretched = out.sizes().iter().zip(out.strides()).any(|(&n, &s)| n > 1 && s == 0);
    if stretched && out.numel() > 0 { Err(overlap()) } else { Ok(()) }
}

#[cold]
fn overlap() -> Error {
    runtime(
        "unsupported operation: more than one element of the written-to tensor refers to a single memory location. \
         Please clone() the tensor before performing the operation.",
    )
}

/// Hands the elements of `out`, in memory order, to `write` as runs of slices, or one by one where there are gaps.
///
/// # Errors
/// torch's `RuntimeError` when `out` is expanded; whatever `write` returns.
#[inline]
pub(super) fn runs<T: Cast>(out: &mut View, mut write: impl FnMut(&mut [T]) -> Result<()>) -> Result<()> {
    visit(out, &mut write)
}

/// [`runs`], made once for each dtype.
fn visit<T: Cast>(out: &mut View, write: &mut dyn FnMut(&mut [T]) -> Result<()>) -> Result<()> {
    no_overlap(out)?;
    let mut view = out.permute(&visit_order(&[out]));
    if view.is_contiguous() {
        view.slice_mut().chunks_mut(STEP).try_for_each(|step| {
            interrupt::check()?;
            write(step)
        })?;
    } else if view.overlaps_itself() {
        let mut one = [T::default()];
        for i in 0..view.numel() {
            write(&mut one)?;
            view.set(i, one[0].to_scalar());
        }
    } else {
        view.array_mut::<T>().iter_mut().try_for_each(|x| write(std::slice::from_mut(x)))?;
    }
    Ok(())
}

/// Sets the elements of `out` in memory order to what `next` gives.
///
/// # Errors
/// As [`runs`].
pub(super) fn fill<T: Cast>(out: &mut View, mut next: impl FnMut() -> T) -> Result<()> {
    runs(out, |run| {
        run.iter_mut().for_each(|x| *x = next());
        Ok(())
    })
}

/// Sets the elements of `out` in memory order to `f` of uniform numbers of 53 bits: drawn one after the other, computed on
/// several threads.
///
/// # Errors
/// As [`runs`].
pub(super) fn from_uniforms<T: Cast>(
    out: &mut View,
    generator: &mut Generator,
    f: impl Fn(f64) -> T + Sync,
) -> Result<()> {
    let mut drawn: Vec<f64> = Vec::new();
    runs(out, |run: &mut [T]| {
        for block in run.chunks_mut(SHARED) {
            if let [x] = block {
                *x = f(generator.uniform());
                continue;
            }
            drawn.resize(block.len(), 0.0);
            f64::fill(generator, &mut drawn, 0.0, 1.0);
            parallel::for_each(block.chunks_mut(PART).zip(drawn.chunks(PART)), 2, |(block, drawn)| {
                block.iter_mut().zip(drawn).for_each(|(x, &u)| *x = f(u));
            });
        }
        Ok(())
    })
}

/// Numbers drawn before threads compute with them: they stay in a core's cache.
pub(super) const SHARED: usize = 1 << 16;

/// Numbers that a thread computes with at a time.
pub(super) const PART: usize = 1 << 11;

/// Sets each element of `out` to `f` of the elements of `a` and `b`, which have its shape, at that place.
///
/// # Errors
/// torch's `RuntimeError` when `out` is expanded; whatever `f` returns.
pub(super) fn zip<A: Element, B: Element, T: Cast>(
    out: &mut View,
    a: &View,
    b: &View,
    mut f: impl FnMut(A, B) -> Result<T>,
) -> Result<()> {
    no_overlap(out)?;
    let order = visit_order(&[out, a, b]);
    let mut view = out.permute(&order);
    // An input may be the output itself (`x.bernoulli_(x)`): all is read before anything is written.
    let values = {
        let (a, b) = (a.permute(&order), b.permute(&order));
        let (a, b) = (a.array::<A>(), b.array::<B>());
        let heard = |(a, b)| {
            interrupt::poll();
            f(a, b)
        };
        a.iter().copied().zip(b.iter().copied()).map(heard).collect::<Result<Vec<T>>>()?
    };
    if view.overlaps_itself() {
        values.iter().enumerate().for_each(|(i, v)| view.set(i, v.to_scalar()));
    } else {
        view.array_mut::<T>().iter_mut().zip(values).for_each(|(x, v)| *x = v);
    }
    Ok(())
}

/// [`zip`] with one input.
///
/// # Errors
/// As [`zip`].
pub(super) fn map<A: Element, T: Cast>(out: &mut View, a: &View, mut f: impl FnMut(A) -> Result<T>) -> Result<()> {
    zip::<A, A, T>(out, a, a, |a, _| f(a))
}

/// Fresh memory with the shape and dtype of `x`, its dimensions in the same order of memory: `torch.empty_like`.
///
/// # Errors
/// As [`View::empty`].
pub(super) fn empty_like(x: &View) -> Result<View> {
    let order = visit_order(&[x]);
    let sizes: Vec<i64> = order.iter().map(|&d| x.sizes()[d]).collect();
    let mut back = vec![0; order.len()];
    order.iter().enumerate().for_each(|(i, &d)| back[d] = i);
    Ok(View::empty(x.dtype(), &sizes)?.permute(&back))
}
