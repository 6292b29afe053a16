//! `sort`, `argsort` and `msort`.

use super::introsort;
use super::key::keys;
use crate::base::DType;
use crate::base::error::{Result, runtime};
use crate::base::interrupt::{self, polled};
use crate::base::shape::wrap_dim;
use crate::by_width;
use crate::cpu::{copy, create};
use crate::store::View;
use rayon::prelude::*;

/// Elements from which threads are worth their start.
const PARALLEL: usize = 1 << 15;

/// A view of `x` with `dim` last, and the permutation that takes it back.
pub(super) fn lane_last(x: &View, dim: usize) -> (View, Vec<usize>) {
    let mut order: Vec<usize> = (0..x.ndim()).filter(|&d| d != dim).collect();
    order.extend((dim < x.ndim()).then_some(dim));
    let mut back = vec![0; x.ndim()];
    order.iter().enumerate().for_each(|(to, &from)| back[from] = to);
    (x.permute(&order), back)
}

/// Sorted elements and where they came from along `dim`; nans are the largest. Equal elements keep their order when
/// `stable`, else they come in the order that libstdc++'s sort leaves them in, as in ATen.
///
/// # Errors
/// torch's, for a wrong dimension or complex numbers.
pub fn sort(x: &View, dim: i64, descending: bool, stable: bool) -> Result<(View, View)> {
    let dim = wrap_dim(dim, x.ndim())?;
    let (lanes, _) = lane_last(x, dim);
    let n = lanes.sizes().last().copied().unwrap_or(1).max(1) as usize;
    if u32::try_from(n).is_err() {
        return Err(runtime("sort: more than 2**32 elements along a dimension are not supported"));
    }
    let keys = keys(&lanes, " Sort does not support complex dtypes on CPU")?;
    // ATen sorts long integer vectors by radix, which is stable.
    let radix = x.ndim() == 1 && !descending && x.dtype().is_int() && x.numel() >= PARALLEL;
    let stable = stable || radix;
    let turn = if descending { u64::MAX } else { 0 };
    let mut order: Vec<u32> = Vec::with_capacity(keys.len());
    let mut pairs: Vec<(u64, u32)> = Vec::new();
    for lane in keys.chunks_exact(n) {
        pairs.clear();
        pairs.extend(polled(lane.iter().zip(0u32..)).map(|(&k, i)| (k ^ turn, i)));
        sort_pairs(&mut pairs, stable);
        order.extend(polled(&pairs).map(|p| p.1));
    }
    let (values, indices) = (create::empty_like(x, x.dtype())?, create::empty_like(x, DType::I64)?);
    let (mut to, _) = lane_last(&values.words(), dim);
    let (mut numbers, _) = lane_last(&indices, dim);
    let from = copy::contiguous(&lanes)?.words();
    by_width!(x.dtype(), T => {
        let src = from.slice::<T>();
        let (mut dst, mut numbers) = (to.array_mut::<T>(), numbers.array_mut::<i64>());
        for (k, ((v, i), &from)) in polled(dst.iter_mut().zip(numbers.iter_mut()).zip(&order)).enumerate() {
            *v = src[k - k % n + from as usize];
            *i = i64::from(from);
        }
    });
    Ok((values, indices))
}

/// Sorts keys with their places. The places settle ties, so that an unstable sort is stable; without ties one sort is as
/// good as another.
fn sort_pairs(pairs: &mut Vec<(u64, u32)>, stable: bool) {
    if !stable && pairs.len() < PARALLEL {
        return introsort::sort(pairs, &|a, b| a.0 < b.0);
    }
    let order = |a: &(u64, u32), b: &(u64, u32)| {
        interrupt::poll();
        a.cmp(b)
    };
    let given = if stable { Vec::new() } else { pairs.clone() };
    if pairs.len() < PARALLEL {
        pairs.sort_unstable_by(order);
    } else {
        pairs.par_sort_unstable_by(order);
    }
    if !stable && pairs.windows(2).any(|w| w[0].0 == w[1].0) {
        *pairs = given;
        introsort::sort(pairs, &|a, b| a.0 < b.0);
    }
}
