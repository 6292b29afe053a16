//! Joining arrays, with NumPy's words for those that do not fit.

use super::{dtype, make, promote, reduce, ufunc};
use crate::base::DType;
use crate::base::error::{Error, value_error};
use crate::cpu::{copy, shape};
use crate::eval::interp::Interp;
use crate::eval::raise::Res;
use crate::eval::value::Value;
use crate::store::View;

/// The arrays of a sequence.
///
/// # Errors
/// As [`make::array`].
pub fn parts(it: &mut Interp, value: &Value) -> Res<Vec<View>> {
    let items = it.collect(value)?;
    items.iter().map(|v| make::array(it, v, None)).collect()
}

/// The arrays one after the other along an axis, in their promoted dtype or the one given.
///
/// # Errors
/// NumPy's `ValueError`s.
pub fn concatenate(xs: &[View], axis: i64, dtype: Option<DType>) -> Res<View> {
    let Some(first) = xs.first() else { return Err(value_error("need at least one array to concatenate").into()) };
    if first.ndim() == 0 {
        return Err(value_error("zero-dimensional arrays cannot be concatenated").into());
    }
    let axis = reduce::axis(axis, first.ndim())?;
    for (i, x) in xs.iter().enumerate().skip(1) {
        check(first, x, i, axis)?;
    }
    let d = dtype.unwrap_or_else(|| xs.iter().map(View::dtype).reduce(promote::promote).unwrap_or(DType::F64));
    let mut sizes = first.sizes().to_vec();
    sizes[axis] = xs.iter().map(|x| x.sizes()[axis]).sum();
    let out = View::empty(d, &sizes)?;
    let mut at = 0;
    for x in xs {
        let n = x.sizes()[axis];
        copy::copy_into(x, &mut out.narrow(axis, at, n))?;
        at += n;
    }
    Ok(out)
}

fn check(first: &View, x: &View, i: usize, axis: usize) -> Result<(), Error> {
    if x.ndim() != first.ndim() {
        return Err(value_error(format!(
            "all the input arrays must have same number of dimensions, but the array at index 0 has {} dimension(s) and \
             the array at index {i} has {} dimension(s)",
            first.ndim(),
            x.ndim()
        )));
    }
    for (d, (a, b)) in first.sizes().iter().zip(x.sizes()).enumerate() {
        if d != axis && a != b {
            return Err(value_error(format!(
                "all the input array dimensions except for the concatenation axis must match exactly, but along \
                 dimension {d}, the array at index 0 has size {a} and the array at index {i} has size {b}"
            )));
        }
    }
    Ok(())
}

/// The arrays side by side along a new axis.
///
/// # Errors
/// NumPy's `ValueError` for different shapes.
pub fn stack(xs: &[View], axis: i64) -> Res<View> {
    let Some(first) = xs.first() else { return Err(value_error("need at least one array to stack").into()) };
    if xs.iter().any(|x| x.sizes() != first.sizes()) {
        return Err(value_error("all input arrays must have the same shape").into());
    }
    let at = reduce::axis(axis, first.ndim() + 1)?;
    let xs: Vec<View> = xs.iter().map(|x| x.unsqueeze(at)).collect();
    concatenate(&xs, at as i64, None)
}

/// At least one, two or three dimensions, as `np.atleast_2d` and its kin add them.
pub fn at_least(x: &View, n: usize) -> View {
    shape::at_least(x, n)
}

/// `np.hstack` (along the second axis, the first of vectors) or `np.vstack`.
///
/// # Errors
/// As [`concatenate`].
pub fn stacked(xs: &[View], rows: bool) -> Res<View> {
    let xs: Vec<View> = xs.iter().map(|x| at_least(x, if rows { 2 } else { 1 })).collect();
    let axis = i64::from(!rows && xs.first().is_some_and(|x| x.ndim() > 1));
    concatenate(&xs, axis, None)
}

/// Pieces along an axis: a number of them, or the places to cut at.
///
/// # Errors
/// NumPy's `ValueError` where equal pieces are asked for and there are none.
pub fn split(it: &mut Interp, x: &View, by: &Value, axis: &Value, equal: bool) -> Res {
    let axis = match axis.some() {
        Some(v) => make::integer(it, v)?,
        None => 0,
    };
    let axis = reduce::axis(axis, x.ndim())? as i64;
    let n = x.sizes()[axis as usize];
    let pieces = match by {
        Value::List(_) | Value::Tuple(_) => {
            let cuts = make::spread(it, by)?;
            crate::cpu::split::tensor_split_at(x, &cuts, axis)?
        }
        count => {
            let count = make::integer(it, count)?;
            if count <= 0 {
                return Err(value_error("number sections must be larger than 0.").into());
            }
            if equal && n % count != 0 {
                return Err(value_error("array split does not result in an equal division").into());
            }
            crate::cpu::split::tensor_split(x, count, axis)?
        }
    };
    Ok(Value::list(pieces.into_iter().map(super::array_of).collect()))
}

/// `np.where(condition, a, b)`.
///
/// # Errors
/// NumPy's `ValueError` for shapes that do not fit.
pub fn choose(it: &mut Interp, condition: &Value, a: &Value, b: &Value) -> Res {
    let mask = make::array(it, condition, Some(DType::Bool))?;
    let (x, y) = (make::array(it, a, None)?, make::array(it, b, None)?);
    let strong = [(a, &x), (b, &y)].into_iter().filter(|(v, _)| super::view_of(v).is_some() || is_data(v));
    let weak = [a, b].into_iter().filter(|v| !is_data(v) && super::view_of(v).is_none());
    let numbers = weak.filter_map(crate::eval::torch::convert::as_scalar);
    let d = promote::result_type(strong.map(|(_, v)| v.dtype()), numbers);
    let shapes = [mask.sizes(), x.sizes(), y.sizes()];
    let both = crate::base::shape::broadcast(mask.sizes(), x.sizes())
        .and_then(|s| crate::base::shape::broadcast(&s, y.sizes()))
        .map_err(|_| ufunc::no_broadcast(shapes.into_iter()))?;
    let (x, y) = (copy::cast(&x, d)?, copy::cast(&y, d)?);
    let out = super::loops::row("where", &[&mask.expand(&both)?, &x, &y])?;
    Ok(super::array_of(out))
}

fn is_data(value: &Value) -> bool {
    matches!(value, Value::List(_) | Value::Tuple(_) | Value::Tensor(_) | Value::Bool(_))
}

/// The arrays of `np.concatenate`'s arguments: sequence, axis, dtype.
///
/// # Errors
/// As [`concatenate`].
pub fn from_arguments(it: &mut Interp, a: &[Value]) -> Res<View> {
    let xs = parts(it, &a[0])?;
    let d = dtype::argument(it, &a[3])?;
    match a[1].given() {
        Some(Value::None) => {
            let flat: Vec<View> = xs.iter().map(|x| make::reshape(x, &[-1])).collect::<Res<_>>()?;
            concatenate(&flat, 0, d)
        }
        Some(axis) => {
            let axis = make::integer(it, axis)?;
            concatenate(&xs, axis, d)
        }
        None => concatenate(&xs, 0, d),
    }
}
