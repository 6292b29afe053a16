//! The `k` largest or smallest elements.

use super::introsort::{nth_element, partial_sort, sort};
use super::key::keys;
use super::lanes::lane_last;
use crate::base::DType;
use crate::base::error::{Result, runtime};
use crate::base::interrupt::polled;
use crate::base::shape::{Shape, wrap_dim};
use crate::by_width;
use crate::cpu::copy;
use crate::cpu::index::element::no_wide_unsigned;
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
    let keys = keys(&lanes, " topk does not support complex dtypes on CPU")?;
    if x.ndim() == 0 {
        return Ok((copy::clone(x)?, View::zeros(DType::I64, &[])?));
    }
    no_wide_unsigned("topk_cpu", x.dtype())?;
    let (n, k) = (size as usize, k as usize);
    let less = |a: &(u64, i64), b: &(u64, i64)| if largest { a.0 > b.0 } else { a.0 < b.0 };
    let mut order: Vec<i64> = Vec::new();
    for lane in keys.chunks_exact(n.max(1)).filter(|_| k > 0) {
        let mut queue: Vec<(u64, i64)> = polled(lane.iter().copied().zip(0..)).collect();
        if k * 64 <= n {
            partial_sort(&mut queue, k, &less);
        } else {
            nth_element(&mut queue, k - 1, &less);
            if sorted {
                sort(&mut queue[..k - 1], &less);
            }
        }
        order.extend(polled(&queue[..k]).map(|q| q.1));
    }
    let mut sizes = Shape::from_slice(lanes.sizes());
    if let Some(last) = sizes.last_mut() {
        *last = k as i64;
    }
    let values = View::empty(x.dtype(), &sizes)?;
    let from = copy::contiguous(&lanes)?.words();
    let mut to = values.words();
    by_width!(x.dtype(), T => {
        let src = from.slice::<T>();
        let picks = to.slice_mut::<T>().iter_mut().zip(&order).enumerate();
        polled(picks).for_each(|(at, (v, &i))| *v = src[at / k.max(1) * n + i as usize]);
    });
    let indices = View::from_slice(&order, &sizes)?;
    Ok((copy::clone(&values.permute(&back))?, copy::clone(&indices.permute(&back))?))
}
