//! The `k` largest or smallest elements.

use super::introsort::{before, make_heap, nth_element, offer, sort_heap, sort_keys};
use super::key::{Entry, Key, entries, short};
use super::lanes::lane_last;
use crate::base::DType;
use crate::base::dtype::Element;
use crate::base::error::{Result, runtime};
use crate::base::interrupt::poll;
use crate::base::shape::{Shape, wrap_dim};
use crate::cpu::index::element::no_wide_unsigned;
use crate::cpu::isa::widest;
use crate::cpu::reduce::walk::GRAIN;
use crate::cpu::{copy, parallel};
use crate::dispatch;
use crate::store::View;

/// The `k` largest (or smallest) elements along `dim` and their indices, ordered if asked; nans are the largest.
///
/// # Errors
/// torch's, for a wrong dimension, `k` or dtype.
pub fn topk(x: &View, k: i64, dim: i64, largest: bool, sorted: bool) -> Result<(View, View)> {
    let dim = wrap_dim(dim, x.ndim())?;
    let size = x.sizes().get(dim).copied().unwrap_or(1);
    if k < 0 || k > size {
        return Err(runtime("selected index k out of range"));
    }
    if x.dtype() == DType::Bool {
        return Err(runtime("topk does not support bool dtypes on CPU"));
    }
    let (lanes, back) = lane_last(x, dim);
    if x.dtype().is_complex() {
        return Err(runtime(" topk does not support complex dtypes on CPU"));
    }
    if x.ndim() == 0 {
        return Ok((copy::clone(x)?, View::zeros(DType::I64, &[])?));
    }
    no_wide_unsigned("topk_cpu", x.dtype())?;
    let (n, k) = (size as usize, k as usize);
    short("topk", n)?;
    let mut sizes = Shape::from_slice(lanes.sizes());
    if let Some(last) = sizes.last_mut() {
        *last = k as i64;
    }
    let (mut values, mut places) = (View::empty(x.dtype(), &sizes)?, View::empty(DType::I64, &sizes)?);
    if k > 0 {
        let from = copy::contiguous(&lanes)?;
        dispatch!(x.dtype(), real T => {
            let outs = values.slice_mut::<T>().chunks_mut(k).zip(places.slice_mut::<i64>().chunks_mut(k));
            let lanes = outs.zip(from.slice::<T>().chunks(n));
            parallel::for_each(lanes, (GRAIN / 8 / n).max(1), |((values, places), lane)| {
                let picked = if largest {
                    pick(lane, k, sorted, falling, |v, bar| v <= bar)
                } else {
                    pick(lane, k, sorted, T::key, |v, bar| v >= bar)
                };
                for ((v, p), e) in values.iter_mut().zip(places).zip(picked) {
                    (*v, *p) = (lane[e.place() as usize], i64::from(e.place()));
                }
            });
        }, else ());
    }
    Ok((copy::clone(&values.permute(&back))?, copy::clone(&places.permute(&back))?))
}

/// Keys of the opposite order.
fn falling<T: Key>(v: T) -> u64 {
    <T::Entry as Entry>::MOST - v.key()
}

/// Elements that are looked at together for one that belongs to the first.
const BLOCK: usize = 32;

/// Elements between two looks for an interrupt.
const POLLED: usize = 1 << 14;

/// The entries of the `k` elements with the smallest keys, first in the vector. `passed(v, bar)` holds nowhere where the key of `v`
/// is smaller: whole registers of elements are compared with it.
fn pick<T: Key + Element>(
    lane: &[T],
    k: usize,
    sorted: bool,
    key: impl Fn(T) -> u64,
    passed: impl Fn(T, T) -> bool,
) -> Vec<T::Entry> {
    let less = before;
    if k * 64 > lane.len() {
        let mut queue: Vec<T::Entry> = entries(lane, key);
        nth_element(&mut queue, k - 1, &less);
        if sorted {
            sort_keys(&mut queue[..k - 1]);
        }
        return queue;
    }
    // What is not below the last of the first `k` so far changes nothing: most blocks are passed over.
    let mut heap: Vec<T::Entry> = entries(&lane[..k], &key);
    make_heap(&mut heap, &less);
    let mut first = k;
    let mut looked = 0;
    while first < lane.len() {
        // An interrupt is heard behind some thousand elements.
        if first >= looked {
            poll();
            looked = first + POLLED;
        }
        let block = &lane[first..lane.len().min(first + BLOCK)];
        let bar = lane[heap[0].place() as usize];
        let hit = widest(
            #[inline(always)]
            || block.iter().fold(false, |any, &v| any | !passed(v, bar)),
        );
        if hit {
            for (place, &v) in (first as u32..).zip(block) {
                offer(&mut heap, Entry::new(key(v), place), &less);
            }
        }
        first += BLOCK;
    }
    sort_heap(&mut heap, &less);
    heap
}
