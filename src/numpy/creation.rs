//! Functions of the module `numpy` that make arrays.

use super::{dtype, joining, loops, make, promote};
use crate::base::error::{type_error, value_error};
use crate::base::shape::Shape;
use crate::base::{DType, Scalar};
use crate::cpu::index::triangle;
use crate::cpu::{copy, create};
use crate::eval::interp::Interp;
use crate::eval::raise::Res;
use crate::eval::torch::convert::as_scalar;
use crate::eval::value::Value;
use crate::store::View;

fn arg(it: &mut Interp, value: &Value) -> Res<View> {
    make::array(it, value, None)
}

fn integer_or(it: &mut Interp, value: &Value, otherwise: i64) -> Res<i64> {
    value.some().map_or(Ok(otherwise), |v| make::integer(it, v))
}

/// An array of one value; the dtype is the value's where none is given.
fn filled(it: &mut Interp, shape: &Value, value: Scalar, d: &Value, otherwise: DType) -> Res {
    let sizes = make::shape(it, shape)?;
    let d = dtype::argument(it, d)?.unwrap_or(otherwise);
    Ok(super::array_of(View::full(d, &sizes, value)?))
}

/// `zeros_like` and its kin: shape and dtype of `a[0]` unless told otherwise.
fn like(it: &mut Interp, a: &[Value], value: Option<&Value>, d: &Value, shape: &Value) -> Res {
    let x = arg(it, &a[0])?;
    let d = dtype::argument(it, d)?.unwrap_or(x.dtype());
    let sizes = match shape.some() {
        Some(s) => make::shape(it, s)?,
        None => Shape::from_slice(x.sizes()),
    };
    let mut out = View::zeros(d, &sizes)?;
    if let Some(value) = value {
        let value = make::array(it, value, None)?;
        copy::copy_into(&value, &mut out)?;
    }
    Ok(super::array_of(out))
}

/// `np.array` and `np.asarray`; `copies` says whether memory may be shared.
fn array(it: &mut Interp, value: &Value, d: &Value, copies: bool, ndmin: usize) -> Res {
    let d = dtype::argument(it, d)?;
    let view = make::array(it, value, d)?;
    let shares = matches!(value, Value::Tensor(_)) || super::array_view(value).is_some_and(|v| v.shares(&view));
    let mut view = if copies && shares { copy::clone(&view)? } else { view };
    while view.ndim() < ndmin {
        view = view.unsqueeze(0);
    }
    Ok(match value {
        same if !copies
            && ndmin == 0
            && super::array_view(same).is_some_and(|v| v.shares(&view) && v.sizes() == view.sizes()) =>
        {
            same.clone()
        }
        _ => super::array_of(view),
    })
}

fn arange(it: &mut Interp, a: &[Value]) -> Res {
    let mut numbers = Vec::new();
    for v in &a[..3] {
        match v.some() {
            Some(v) => numbers.push(as_scalar(v).ok_or_else(|| {
                type_error(format!("unsupported operand type(s) for -: '{}' and 'int'", v.type_name()))
            })?),
            None => numbers.push(Scalar::Int(i64::from(numbers.len() == 2))),
        }
    }
    if a[1].some().is_none() {
        numbers.swap(0, 1);
        numbers[0] = Scalar::Int(0);
    }
    let given = a[..3].iter().filter_map(|v| super::view_of(v)).map(|v| v.dtype());
    let weak = numbers.iter().copied().map(|s| if let Scalar::Bool(b) = s { Scalar::Int(i64::from(b)) } else { s });
    let own = promote::result_type(given, weak);
    let d = dtype::argument(it, &a[3])?.unwrap_or(own);
    let whole = numbers.iter().all(|s| s.is_integral());
    let (start, stop, step) = (numbers[0].to_f64(), numbers[1].to_f64(), numbers[2].to_f64());
    if step == 0.0 {
        return Err(crate::base::error::zero_division("division by zero").into());
    }
    let length = ((stop - start) / step).ceil();
    if !length.is_finite() {
        return Err(value_error("arange: cannot compute length").into());
    }
    let n = length.max(0.0) as i64;
    let work = if whole { DType::I64 } else { DType::F64 };
    let mut out = View::empty(work, &[n])?;
    if whole {
        let (start, step) = (numbers[0].to_i64(), numbers[2].to_i64());
        for (i, o) in out.slice_mut::<i64>().iter_mut().enumerate() {
            *o = start.wrapping_add((i as i64).wrapping_mul(step));
        }
    } else {
        // The second element settles the step, as NumPy's fill does.
        let delta = (start + step) - start;
        for (i, o) in out.slice_mut::<f64>().iter_mut().enumerate() {
            *o = match i {
                0 => start,
                1 => start + step,
                i => start + i as f64 * delta,
            };
        }
    }
    Ok(super::array_of(copy::cast(&out, d)?))
}

/// Numbers from `start` to `stop` in equal steps, and the step.
fn spaced(start: f64, stop: f64, count: i64, endpoint: bool) -> Res<(Vec<f64>, f64)> {
    if count < 0 {
        return Err(value_error(format!("Number of samples, {count}, must be non-negative.")).into());
    }
    let gaps = if endpoint { count - 1 } else { count };
    let step = (stop - start) / gaps as f64;
    let mut out: Vec<f64> = (0..count)
        .map(|i| {
            let i = i as f64;
            let apart = if gaps <= 0 {
                i * (stop - start)
            } else if step == 0.0 {
                i / gaps as f64 * (stop - start)
            } else {
                i * step
            };
            apart + start
        })
        .collect();
    if endpoint && count > 1 {
        out[count as usize - 1] = stop;
    }
    Ok((out, if gaps > 0 { step } else { f64::NAN }))
}

fn numbers_as(v: &[f64], d: Option<DType>) -> Res<View> {
    let view = View::vector(v)?;
    match d {
        // Integers are rounded down, not towards zero.
        Some(d) if d.is_int() => Ok(copy::cast(&loops::floats(&view, f64::floor)?, d)?),
        Some(d) => Ok(copy::cast(&view, d)?),
        None => Ok(view),
    }
}

fn triangular(it: &mut Interp, a: &[Value], half: triangle::Half) -> Res {
    let x = arg(it, &a[0])?;
    let k = integer_or(it, &a[1], 0)?;
    let x = if x.ndim() == 1 { copy::clone(&x.expand(&[x.sizes()[0], x.sizes()[0]])?)? } else { x };
    Ok(super::array_of(triangle::triangle(&x, k, half)?))
}

crate::builtin_table! {
    /// Functions that make arrays.
    CREATION of "numpy" {
        "array" ("object, dtype=None, *, copy=True, order='K', subok=False, ndmin=0, like=None") "An array with a copy of data." => |it, a| {
            let ndmin = integer_or(it, &a[5], 0)?.clamp(0, 64) as usize;
            array(it, &a[0], &a[1], !matches!(a[2], Value::Bool(false) | Value::None), ndmin)
        };
        "asarray" ("a, dtype=None, order=None, *, copy=None") "An array of data, over its memory where that can be shared." => |it, a| array(it, &a[0], &a[1], matches!(a[3], Value::Bool(true)), 0);
        "asanyarray" ("a, dtype=None, order=None") "An array of data, over its memory where that can be shared." => |it, a| array(it, &a[0], &a[1], false, 0);
        "ascontiguousarray" ("a, dtype=None") "An array whose elements lie in order." => |it, a| {
            let d = dtype::argument(it, &a[1])?;
            let x = make::array(it, &a[0], d)?;
            Ok(super::array_of(copy::contiguous(&joining::at_least(&x, 1))?))
        };
        "zeros" ("shape, dtype=None, order='C'") "An array of zeros." => |it, a| filled(it, &a[0], Scalar::Int(0), &a[1], DType::F64);
        "ones" ("shape, dtype=None, order='C'") "An array of ones." => |it, a| filled(it, &a[0], Scalar::Int(1), &a[1], DType::F64);
        "empty" ("shape, dtype=None, order='C'") "An array with whatever the memory holds." => |it, a| filled(it, &a[0], Scalar::Int(0), &a[1], DType::F64);
        "full" ("shape, fill_value, dtype=None, order='C'") "An array of one value." => |it, a| {
            let sizes = make::shape(it, &a[0])?;
            let value = arg(it, &a[1])?;
            let d = dtype::argument(it, &a[2])?.unwrap_or(value.dtype());
            let mut out = View::zeros(d, &sizes)?;
            copy::copy_into(&value, &mut out)?;
            Ok(super::array_of(out))
        };
        "zeros_like" ("a, dtype=None, order='K', subok=True, shape=None") "Zeros in the shape of another array." => |it, a| like(it, a, None, &a[1], &a[4]);
        "empty_like" ("a, dtype=None, order='K', subok=True, shape=None") "An array in the shape of another." => |it, a| like(it, a, None, &a[1], &a[4]);
        "ones_like" ("a, dtype=None, order='K', subok=True, shape=None") "Ones in the shape of another array." => |it, a| like(it, a, Some(&Value::Int(1)), &a[1], &a[4]);
        "full_like" ("a, fill_value, dtype=None, order='K', subok=True, shape=None") "One value in the shape of another array." => |it, a| like(it, a, Some(&a[1]), &a[2], &a[5]);
        "arange" ("start, stop=None, step=None, dtype=None") "Numbers from start to stop in steps." => |it, a| arange(it, a);
        "linspace" ("start, stop, num=50, endpoint=True, retstep=False, dtype=None") "Numbers from start to stop, evenly spaced." => |it, a| {
            let (start, stop) = (it.real(&a[0])?, it.real(&a[1])?);
            let count = integer_or(it, &a[2], 50)?;
            let (v, step) = spaced(start, stop, count, !matches!(a[3], Value::Bool(false)))?;
            let d = dtype::argument(it, &a[5])?;
            let out = super::array_of(numbers_as(&v, d)?);
            Ok(match a[4] {
                Value::Bool(true) => Value::tuple(vec![out, super::scalar::NpScalar::value(step.into(), DType::F64)]),
                _ => out,
            })
        };
        "logspace" ("start, stop, num=50, endpoint=True, base=10.0, dtype=None") "Powers of a base, their exponents evenly spaced." => |it, a| {
            let (start, stop) = (it.real(&a[0])?, it.real(&a[1])?);
            let count = integer_or(it, &a[2], 50)?;
            let base = a[4].some().map_or(Ok(10.0), |v| it.real(v))?;
            let v: Vec<f64> = spaced(start, stop, count, !matches!(a[3], Value::Bool(false)))?.0.iter().map(|e| base.powf(*e)).collect();
            let d = dtype::argument(it, &a[5])?;
            Ok(super::array_of(numbers_as(&v, d)?))
        };
        "geomspace" ("start, stop, num=50, endpoint=True, dtype=None") "Numbers from start to stop, each a multiple of the one before." => |it, a| {
            let (start, stop) = (it.real(&a[0])?, it.real(&a[1])?);
            let count = integer_or(it, &a[2], 50)?;
            let end = !matches!(a[3], Value::Bool(false));
            let (sign, low, high) = (start.signum(), start.abs().log10(), stop.abs().log10());
            let mut v: Vec<f64> = spaced(low, high, count, end)?.0.iter().map(|e| sign * 10f64.powf(*e)).collect();
            if let Some(first) = v.first_mut() { *first = start; }
            if let (true, true, Some(last)) = (end, count > 1, v.last_mut()) { *last = stop; }
            let d = dtype::argument(it, &a[4])?;
            Ok(super::array_of(numbers_as(&v, d)?))
        };
        "eye" ("N, M=None, k=0, dtype=None") "Ones on a diagonal." => |it, a| {
            let n = make::integer(it, &a[0])?;
            let m = integer_or(it, &a[1], n)?;
            if n < 0 || m < 0 {
                return Err(value_error("negative dimensions are not allowed").into());
            }
            let k = integer_or(it, &a[2], 0)?;
            let d = dtype::argument(it, &a[3])?.unwrap_or(DType::F64);
            let out = View::zeros(d, &[n, m])?;
            if k < m && k > -n {
                copy::copy_into(&View::scalar(d, Scalar::Int(1))?, &mut out.diagonal(k, 0, 1))?;
            }
            Ok(super::array_of(out))
        };
        "identity" ("n, dtype=None") "The identity matrix." => |it, a| {
            let n = make::integer(it, &a[0])?;
            let d = dtype::argument(it, &a[1])?.unwrap_or(DType::F64);
            Ok(super::array_of(create::eye(n, n, d)?))
        };
        "tri" ("N, M=None, k=0, dtype=None") "Ones at and below a diagonal." => |it, a| {
            let n = make::integer(it, &a[0])?;
            let m = integer_or(it, &a[1], n)?;
            let d = dtype::argument(it, &a[3])?.unwrap_or(DType::F64);
            let ones = View::full(d, &[n, m], Scalar::Int(1))?;
            let k = integer_or(it, &a[2], 0)?;
            Ok(super::array_of(triangle::triangle(&ones, k, triangle::Half::Lower)?))
        };
        "tril" ("m, k=0") "The elements at and below a diagonal." => |it, a| triangular(it, a, triangle::Half::Lower);
        "triu" ("m, k=0") "The elements at and above a diagonal." => |it, a| triangular(it, a, triangle::Half::Upper);
        "diag" ("v, k=0") "A matrix with a diagonal, or a matrix's diagonal." => |it, a| {
            let x = arg(it, &a[0])?;
            let k = integer_or(it, &a[1], 0)?;
            if x.ndim() != 1 && x.ndim() != 2 {
                return Err(value_error("Input must be 1- or 2-d.").into());
            }
            Ok(super::array_of(triangle::diag(&x, k)?))
        };
        "meshgrid" ("*xi, indexing='xy', copy=True, sparse=False") "Coordinates of a grid." => |it, a| {
            let xs: Vec<View> = joining::parts(it, &a[0])?.iter().map(|x| make::reshape(x, &[-1])).collect::<Res<_>>()?;
            let n = xs.len();
            let swap = a[1].as_str() != Some("ij") && n >= 2;
            let place = |i: usize| match i { 0 if swap => 1, 1 if swap => 0, i => i };
            let mut sizes = vec![0; n];
            for (i, x) in xs.iter().enumerate() {
                sizes[place(i)] = x.sizes()[0];
            }
            let grids = xs.iter().enumerate().map(|(i, x)| -> Res<Value> {
                let mut one = vec![1; n];
                one[place(i)] = -1;
                Ok(super::array_of(copy::clone(&make::reshape(x, &one)?.expand(&sizes)?)?))
            });
            Ok(Value::tuple(grids.collect::<Res<Vec<_>>>()?))
        };
    }
}
