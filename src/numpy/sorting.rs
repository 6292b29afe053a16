//! Sorting, distinct elements, and picking by place.

use super::{loops, make, reduce};
use crate::base::error::index_error;
use crate::base::{DType, Scalar};
use crate::cpu::sort::lanes;
use crate::cpu::{copy, shape};
use crate::eval::interp::Interp;
use crate::eval::raise::Res;
use crate::eval::value::Value;
use crate::store::View;

/// The elements sorted along an axis (the last when none is given, all when `None`), and the places that sort them.
///
/// # Errors
/// NumPy's `AxisError`.
pub fn sorted(it: &mut Interp, x: &View, axis: &Value) -> Res<(View, View)> {
    let (x, axis) = match axis.given() {
        Some(Value::None) => (make::reshape(x, &[-1])?, 0),
        Some(v) => (x.clone(), reduce::axis(make::integer(it, v)?, x.ndim())?),
        None => (x.clone(), reduce::axis(-1, x.ndim())?),
    };
    Ok(lanes::sort(&x, axis as i64, false, true)?)
}

/// `np.take(a, indices, axis)`.
///
/// # Errors
/// NumPy's `IndexError`.
pub fn take(it: &mut Interp, a: &Value, indices: &Value, axis: &Value) -> Res {
    let mut x = make::array(it, a, None)?;
    let at = make::array(it, indices, Some(DType::I64))?;
    let axis = match axis.some() {
        Some(v) => reduce::axis(make::integer(it, v)?, x.ndim())?,
        None => {
            x = make::reshape(&x, &[-1])?;
            0
        }
    };
    let n = x.sizes()[axis];
    let mut rows = Vec::with_capacity(at.numel());
    for i in at.to_vec::<i64>() {
        if i < -n || i >= n {
            return Err(index_error(format!("index {i} is out of bounds for axis {axis} with size {n}")).into());
        }
        rows.push(if i < 0 { i + n } else { i });
    }
    let picked = crate::cpu::index::plan::Plan::along(&x, axis, &rows).read(&x)?;
    let sizes: Vec<i64> = x.sizes()[..axis].iter().chain(at.sizes()).chain(&x.sizes()[axis + 1..]).copied().collect();
    Ok(super::give(shape::reshape(&picked, &sizes)?))
}

/// `np.searchsorted`.
///
/// # Errors
/// When memory is short.
pub fn search(sorted: &View, values: &View, right: bool) -> Res {
    let keys = sorted.to_vec::<f64>();
    let places: Vec<i64> = values
        .to_vec::<f64>()
        .iter()
        .map(|v| keys.partition_point(|k| if right { k <= v } else { k < v }) as i64)
        .collect();
    Ok(super::give(View::from_slice(&places, values.sizes())?))
}

/// `np.unique`: the distinct elements, and what else is asked for: first places, inverse, counts.
///
/// # Errors
/// When memory is short.
pub fn unique(x: &View, index: bool, inverse: bool, counts: bool) -> Res {
    let found = crate::cpu::sort::unique::unique(x, false, index || inverse)?;
    let mut values = found.values.clone();
    let mut numbers = found.counts.clone();
    // NumPy takes all nans for one.
    let nans = (0..values.numel()).filter(|&i| matches!(values.get(i), Scalar::Float(f) if f.is_nan())).count() as i64;
    if nans > 1 {
        let keep = values.numel() as i64 - nans + 1;
        values = copy::clone(&values.narrow(0, 0, keep))?;
        numbers = copy::clone(&numbers.narrow(0, 0, keep))?;
        numbers.set(keep as usize - 1, Scalar::Int(nans));
    }
    let mut out = vec![super::array_of(values.clone())];
    if index {
        let places: Vec<i64> = found.inverse.to_vec::<i64>();
        let firsts: Vec<i64> = (0..values.numel() as i64)
            .map(|v| places.iter().position(|p| *p == v).unwrap_or_default() as i64)
            .collect();
        out.push(super::array_of(View::vector(&firsts)?));
    }
    if inverse {
        let last = View::scalar(DType::I64, Scalar::Int(values.numel() as i64 - 1))?;
        out.push(super::array_of(loops::row("minimum", &[&found.inverse, &last])?));
    }
    if counts {
        out.push(super::array_of(numbers));
    }
    Ok(match out.len() {
        1 => out.remove(0),
        _ => Value::tuple(out),
    })
}
