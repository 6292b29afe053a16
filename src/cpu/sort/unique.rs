//! Distinct elements and slices, and membership.

use super::introsort;
use super::key::{Entry, is_nan, keys, short};
use super::order::in_order;
use crate::base::DType;
use crate::base::error::{Result, index_error, runtime};
use crate::base::interrupt::polled;
use crate::base::promote::promote;
use crate::base::shape::wrap_dim;
use crate::cpu::copy;
use crate::cpu::index::element::{no_wide_unsigned, unsupported};
use crate::cpu::index::plan::Plan;
use crate::cpu::shape;
use crate::dispatch;
use crate::store::View;

/// Distinct elements or slices, for each input its place among them, and how often each occurs.
#[derive(Debug)]
pub struct Unique {
    /// The distinct elements or slices.
    pub values: View,
    /// For each input, its place in `values`.
    pub inverse: View,
    /// How often each value occurs.
    pub counts: View,
}

/// Groups `order`, whose neighbours `same` compares, into runs: the first of each, the run of each input if asked, the lengths.
fn runs(
    order: impl ExactSizeIterator<Item = usize>,
    inverse: bool,
    same: impl Fn(usize, usize) -> bool,
) -> (Vec<i64>, Vec<i64>, Vec<i64>) {
    let (mut firsts, mut starts) = (Vec::new(), Vec::new());
    let n = order.len() as i64;
    let mut groups = vec![0i64; if inverse { order.len() } else { 0 }];
    let mut head = 0;
    for (k, i) in polled(order.enumerate()) {
        if k == 0 || !same(head, i) {
            starts.push(k as i64);
            firsts.push(i as i64);
            head = i;
        }
        if let Some(group) = groups.get_mut(i) {
            *group = firsts.len() as i64 - 1;
        }
    }
    let ends = starts.iter().skip(1).copied().chain([n]);
    let lengths = starts.iter().zip(ends).map(|(start, end)| end - start).collect();
    (firsts, groups, lengths)
}

/// The distinct elements of `x`: in ascending order, or with `consecutive` each run of equal neighbours once. A nan
/// equals nothing. Without `inverse` that is left out.
///
/// # Errors
/// torch's, for complex numbers.
pub fn unique(x: &View, consecutive: bool, inverse: bool) -> Result<Unique> {
    if x.dtype().is_complex() {
        return Err(unsupported("unique", x.dtype()));
    }
    short("unique", x.numel())?;
    let flat = copy::contiguous(&shape::reshape(x, &[-1])?)?;
    let (firsts, groups, counts) = dispatch!(x.dtype(), real T => {
        let data = flat.slice::<T>();
        let same = |a: usize, b: usize| data[a] == data[b];
        if consecutive {
            runs(0..data.len(), inverse, same)
        } else {
            in_order!(data, false, true, order => runs(order.iter().map(|e| e.place() as usize), inverse, same))
        }
    }, else Default::default());
    Ok(Unique {
        values: Plan::along(&flat, 0, &firsts).read(&flat)?,
        inverse: if inverse { View::from_slice(&groups, x.sizes())? } else { View::empty(DType::I64, &[0])? },
        counts: View::vector(&counts)?,
    })
}

/// The distinct slices of `x` along `dim`, in lexicographic order or each run once.
///
/// # Errors
/// torch's, for a wrong dimension, complex numbers or slices without elements.
pub fn unique_dim(x: &View, dim: i64, consecutive: bool) -> Result<Unique> {
    if x.ndim() == 0 {
        return Err(index_error("Dimension specified as 0 but tensor has no dimensions"));
    }
    if x.dtype().is_complex() {
        return Err(unsupported("unique_dim", x.dtype()));
    }
    let dim = wrap_dim(dim, x.ndim())?;
    let n = x.sizes()[dim];
    if n != 0 && x.sizes().contains(&0) {
        return Err(runtime("There are 0 sized dimensions, and they aren't selected, so unique cannot be applied"));
    }
    if x.numel() == 0 {
        let none = View::empty(DType::I64, &[0])?;
        return Ok(Unique { values: copy::clone(x)?, inverse: none.clone(), counts: none });
    }
    let mut order: Vec<usize> = vec![dim];
    order.extend((0..x.ndim()).filter(|&d| d != dim));
    let keys = keys(&x.permute(&order), "")?;
    let width = keys.len() / n as usize;
    let slice = |i: usize| &keys[i * width..(i + 1) * width];
    let mut order: Vec<usize> = (0..n as usize).collect();
    if !consecutive {
        // Comparisons with a nan decide nothing.
        let less = |a: &usize, b: &usize| {
            let differ = slice(*a)
                .iter()
                .zip(slice(*b))
                .find(|(p, q)| p != q && !is_nan(**p, x.dtype()) && !is_nan(**q, x.dtype()));
            differ.is_some_and(|(p, q)| p < q)
        };
        introsort::sort(&mut order, &less);
    }
    let (firsts, inverse, counts) = runs(order.iter().copied(), true, |a, b| {
        slice(a).iter().zip(slice(b)).all(|(p, q)| p == q && !is_nan(*p, x.dtype()))
    });
    Ok(Unique {
        values: Plan::along(x, dim, &firsts).read(x)?,
        inverse: View::vector(&inverse)?,
        counts: View::vector(&counts)?,
    })
}

/// For each element of `x`, whether it is among those of `test`; the other way round with `invert`.
///
/// # Errors
/// torch's, for bools and complex numbers.
pub fn isin(x: &View, test: &View, invert: bool) -> Result<View> {
    for v in [x, test] {
        if v.dtype().is_complex() || v.dtype() == DType::Bool {
            return Err(runtime(format!("Unsupported input type encountered for isin(): {}", v.dtype().aten())));
        }
        no_wide_unsigned("isin_default_cpu", v.dtype())?;
    }
    // Few are compared one by one, as a vector.
    if (test.numel() as f64) < (10.0 * (x.numel() as f64).powf(0.145)).trunc() {
        shape::view(test, &[-1])?;
    }
    let dtype = promote(x.dtype(), test.dtype()).unwrap_or(DType::F64);
    let mut set = keys(&copy::cast(test, dtype)?, "")?;
    set.retain(|&k| !is_nan(k, dtype));
    set.sort_unstable();
    let found = keys(&copy::cast(x, dtype)?, "")?;
    let found: Vec<bool> = found.iter().map(|k| set.binary_search(k).is_ok() != invert).collect();
    View::from_slice(&found, x.sizes())
}
