//! Elements chosen by their rank: medians, the k-th smallest, the most frequent.

use super::{Rows, is_nan, ordered, unsupported};
use crate::base::DType;
use crate::base::dtype::Element;
use crate::base::error::{Result, runtime};
use crate::base::interrupt::{poll, polled};
use crate::base::scalar::{Cast, Scalar};
use crate::cpu::sort::introsort::{self, before, exchange};
use crate::cpu::sort::key::{Entry, Key, entries, short};
use crate::cpu::{copy, parallel};
use crate::dispatch;
use crate::store::View;

/// `torch.median(x)`, `torch.nanmedian(x)`: the lower median of all elements; nan for none.
///
/// # Errors
/// A dtype without order, and bool.
pub fn median(x: &View, skip_nan: bool) -> Result<View> {
    if x.numel() == 0 {
        return View::scalar(x.dtype(), Scalar::Float(f64::NAN));
    }
    ranked("median_cpu", x.dtype())?;
    short("median", x.numel())?;
    let x = copy::contiguous(x)?;
    let mut out = View::empty(x.dtype(), &[])?;
    dispatch!(x.dtype(), real T => {
        let data = x.slice::<T>();
        out.slice_mut::<T>()[0] = data[middle(data, skip_nan)];
    }, else ());
    Ok(out)
}

/// `torch.median(x, dim)`, `torch.nanmedian(x, dim)`: lower medians along a dimension, and their positions.
///
/// # Errors
/// A bad or empty dimension, a dtype without order, and bool.
pub fn median_at(x: &View, dim: i64, keepdim: bool, skip_nan: bool) -> Result<(View, View)> {
    let rows = Rows::new(x, dim, keepdim, "median()")?;
    ranked("median_out", x.dtype())?;
    short("median", rows.length)?;
    dispatch!(x.dtype(), real T => choose::<T>(&rows, &|row| middle(row, skip_nan)), else Err(unsupported("median_out", x.dtype())))
}

/// `torch.kthvalue`: the `k`-th smallest along a dimension, `k` from 1, and its position.
///
/// # Errors
/// As [`median_at`], and a `k` that is out of range.
pub fn kthvalue(x: &View, k: i64, dim: i64, keepdim: bool) -> Result<(View, View)> {
    let d = crate::base::shape::wrap_dim(dim, x.ndim())?;
    let rows = Rows::new(x, dim, keepdim, "kthvalue()")?;
    if k < 0 || k > rows.length as i64 || (k == 0 && rows.length > 0) {
        return Err(runtime(format!("kthvalue(): selected number k out of range for dimension {d}")));
    }
    if x.ndim() == 0 {
        return trivial(x, &rows);
    }
    ranked("kthvalue_cpu", x.dtype())?;
    short("kthvalue", rows.length)?;
    let k = k.max(1) as usize - 1;
    dispatch!(x.dtype(), real T => {
        choose::<T>(&rows, &|row| quick_select::<<T as Key>::Entry>(entries(row, T::key), k))
    }, else Err(unsupported("kthvalue_cpu", x.dtype())))
}

/// `torch.mode`: the most frequent value along a dimension, the smallest of several, and a position of it.
///
/// # Errors
/// A bad or empty dimension, or a dtype without order.
pub fn mode(x: &View, dim: i64, keepdim: bool) -> Result<(View, View)> {
    let rows = Rows::new(x, dim, keepdim, "mode()")?;
    if x.ndim() == 0 || x.numel() == 0 {
        return trivial(x, &rows);
    }
    ordered("mode_cpu", x.dtype())?;
    dispatch!(x.dtype(), real T => choose::<T>(&rows, &most_frequent::<T>), else Err(unsupported("mode_cpu", x.dtype())))
}

/// A single element is its own answer, and of none there is none, whatever the dtype.
fn trivial(x: &View, rows: &Rows) -> Result<(View, View)> {
    let values = if x.ndim() == 0 { copy::clone(x)? } else { View::empty(x.dtype(), &rows.sizes)? };
    Ok((values, View::zeros(DType::I64, &rows.sizes)?))
}

fn ranked(kernel: &str, dtype: DType) -> Result<()> {
    if dtype == DType::Bool { Err(unsupported(kernel, dtype)) } else { ordered(kernel, dtype) }
}

/// For each row the element that `pick` points at, and its position.
fn choose<T: Cast>(rows: &Rows, pick: &(dyn Fn(&[T]) -> usize + Sync)) -> Result<(View, View)> {
    let mut values = View::empty(T::DTYPE, &rows.sizes)?;
    let mut places = View::empty(DType::I64, &rows.sizes)?;
    let data = rows.data.slice::<T>().chunks(rows.length.max(1));
    let outs = values.slice_mut::<T>().iter_mut().zip(places.slice_mut::<i64>()).zip(data);
    parallel::for_each(outs, (super::walk::GRAIN / 8 / rows.length.max(1)).max(1), |((v, p), row)| {
        let at = pick(row);
        *v = row[at];
        *p = at as i64;
    });
    Ok((values, places))
}

/// Position of the lower median; of the first nan, unless these are skipped. Of equal elements earlier ones rank lower.
fn middle<T: Key + PartialOrd>(row: &[T], skip_nan: bool) -> usize {
    let nans = row.iter().filter(|v| is_nan(**v)).count();
    if nans > 0 && !skip_nan {
        return row.iter().position(|v| is_nan(*v)).unwrap_or(0);
    }
    let rank = (row.len() - nans).saturating_sub(1) / 2;
    nth::<T::Entry>(entries(row, T::key), rank)
}

/// The place of the entry of rank `rank`.
fn nth<E: Entry>(mut order: Vec<E>, rank: usize) -> usize {
    let (_, at, _) = order.select_nth_unstable_by(rank, |a, b| {
        poll();
        a.cmp(b)
    });
    at.place() as usize
}

/// Position of the element of rank `k`: Hoare's selection with a median-of-three pivot, as ATen runs it, since which of
/// several equal elements is found depends on the exchanges made.
fn quick_select<E: Entry>(mut items: Vec<E>, k: usize) -> usize {
    let below = before;
    let (mut low, mut high) = (0, items.len() - 1);
    while low < high {
        poll();
        if high == low + 1 {
            if below(&items[high], &items[low]) {
                items.swap(low, high);
            }
            break;
        }
        items.swap(usize::midpoint(low, high), low + 1);
        for (a, b) in [(low + 1, high), (low, high), (low + 1, low)] {
            if below(&items[b], &items[a]) {
                items.swap(a, b);
            }
        }
        let pivot = items[low];
        let (mut i, mut j) = exchange(&mut items, low + 2, high, &pivot, &below);
        i -= 1;
        loop {
            i += 1;
            while below(&items[i], &pivot) {
                i += 1;
            }
            j -= 1;
            while below(&pivot, &items[j]) {
                j -= 1;
            }
            if j < i {
                break;
            }
            items.swap(i, j);
        }
        items.swap(low, j);
        if j <= k {
            low = i;
        }
        if j >= k {
            high = j.saturating_sub(1);
        }
    }
    items[k].place() as usize
}

/// Position of the last of the most frequent elements.
fn most_frequent<T: Element + PartialOrd>(row: &[T]) -> usize {
    let mut order: Vec<usize> = polled(0..row.len()).collect();
    introsort::sort(&mut order, &|&i, &j| row[i] < row[j]);
    let (mut best, mut most, mut run) = (0, 0, 0);
    for (n, &i) in polled(&order).enumerate() {
        run += 1;
        if order.get(n + 1).is_none_or(|&next| row[next] != row[i]) {
            if run > most {
                (best, most) = (i, run);
            }
            run = 0;
        }
    }
    best
}
