//! `sort`, `argsort` and `msort`.

use super::key::{Entry, Key, short};
use super::order::{PARALLEL, in_order};
use crate::base::DType;
use crate::base::error::{Result, runtime};
use crate::base::shape::wrap_dim;
use crate::cpu::reduce::walk::GRAIN;
use crate::cpu::{copy, create, parallel};
use crate::dispatch;
use crate::store::View;

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
    short("sort", n)?;
    if x.dtype().is_complex() {
        return Err(runtime(" Sort does not support complex dtypes on CPU"));
    }
    // ATen sorts long integer vectors by radix, which is stable.
    let radix = x.ndim() == 1 && !descending && x.dtype().is_int() && x.numel() >= PARALLEL;
    let (values, indices) = (create::empty_like(x, x.dtype())?, create::empty_like(x, DType::I64)?);
    let (mut to, _) = lane_last(&values, dim);
    let (mut numbers, _) = lane_last(&indices, dim);
    let from = copy::contiguous(&lanes)?;
    let fresh = |v: &View| if v.is_contiguous() { Ok(v.clone()) } else { View::empty(v.dtype(), v.sizes()) };
    let (mut sorted, mut places) = (fresh(&to)?, fresh(&numbers)?);
    dispatch!(x.dtype(), real T => {
        let outs = sorted.slice_mut::<T>().chunks_mut(n).zip(places.slice_mut::<i64>().chunks_mut(n));
        let lanes = outs.zip(from.slice::<T>().chunks(n));
        parallel::for_each(lanes, (GRAIN / 8 / n).max(1), |((values, places), lane)| {
            sort_lane(lane, descending, stable || radix, values, places);
        });
    }, else ());
    for (made, wanted) in [(&sorted, &mut to), (&places, &mut numbers)] {
        if !made.shares(wanted) {
            copy::copy_into(made, wanted)?;
        }
    }
    Ok((values, indices))
}

fn sort_lane<T: Key>(lane: &[T], descending: bool, stable: bool, values: &mut [T], places: &mut [i64]) {
    in_order!(lane, descending, stable, order => {
        let parts = values.chunks_mut(GRAIN).zip(places.chunks_mut(GRAIN)).zip(order.chunks(GRAIN));
        parallel::for_each(parts, 1, |((values, places), order)| {
            for ((v, p), e) in values.iter_mut().zip(places).zip(order) {
                (*v, *p) = (lane[e.place() as usize], i64::from(e.place()));
            }
        });
    });
}
