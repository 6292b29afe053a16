//! Functions of the module `numpy` that are no functions of elements and no methods.

use super::array::{shown, with_options};
use super::print::{Elements, FloatMode, array_repr, array_str, array2string};
use super::{dtype, give_out, joining, loops, make, matmul, promote, reduce, sorting, ufunc};
use crate::base::error::{type_error, value_error};
use crate::base::shape::Shape;
use crate::base::{DType, Scalar};
use crate::cpu::index::{masked, triangle};
use crate::cpu::{copy, create, rearrange, shape};
use crate::eval::interp::Interp;
use crate::eval::raise::Res;
use crate::eval::torch::convert::as_scalar;
use crate::eval::value::Value;
use crate::store::View;
use crate::tensor::lazy;

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

fn isclose(it: &mut Interp, a: &[Value]) -> Res<View> {
    let (x, y) = (make::array(it, &a[0], None)?, make::array(it, &a[1], None)?);
    let both = crate::base::shape::broadcast(x.sizes(), y.sizes())
        .map_err(|_| ufunc::no_broadcast([x.sizes(), y.sizes()].into_iter()))?;
    let rtol = a[2].some().map_or(Ok(1e-5), |v| it.real(v))?;
    let atol = a[3].some().map_or(Ok(1e-8), |v| it.real(v))?;
    let equal_nan = matches!(a[4], Value::Bool(true));
    let (x, y) = (x.expand(&both)?, y.expand(&both)?);
    let (x, y) = (x.to_vec::<crate::base::dtype::C64>(), y.to_vec::<crate::base::dtype::C64>());
    let close: Vec<bool> = x
        .iter()
        .zip(&y)
        .map(|(x, y)| {
            let finite = y.re.is_finite() && y.im.is_finite();
            (finite && (x - y).norm() <= atol + rtol * y.norm()) || x == y || (equal_nan && x.is_nan() && y.is_nan())
        })
        .collect();
    Ok(View::from_slice(&close, &both)?)
}

fn triangular(it: &mut Interp, a: &[Value], half: triangle::Half) -> Res {
    let x = arg(it, &a[0])?;
    let k = integer_or(it, &a[1], 0)?;
    let x = if x.ndim() == 1 { copy::clone(&x.expand(&[x.sizes()[0], x.sizes()[0]])?)? } else { x };
    Ok(super::array_of(triangle::triangle(&x, k, half)?))
}

/// The elements with nans replaced, for the functions that leave them out.
fn without_nan(it: &mut Interp, value: &Value, by: f64) -> Res<Value> {
    let x = arg(it, value)?;
    if !x.dtype().is_float() {
        return Ok(super::array_of(x));
    }
    let (mask, by) = (loops::row("isnan", &[&x])?, View::scalar(x.dtype(), Scalar::Float(by))?);
    Ok(super::array_of(loops::row("where", &[&mask, &by, &x])?))
}

fn call(it: &mut Interp, name: &str, args: Vec<Value>, axis: &Value) -> Res {
    let function = super::module::function(name).ok_or_else(|| type_error("internal: no such function"))?;
    let mut args = crate::eval::args::Args::of(args);
    if let Some(axis) = axis.some() {
        args.kw.push(("axis".into(), axis.clone()));
    }
    it.call(&function, args)
}

/// The real or imaginary parts.
fn part(it: &mut Interp, value: &Value, name: &str) -> Res {
    let array = match super::view_of(value) {
        Some(_) => value.clone(),
        None => super::give(arg(it, value)?),
    };
    it.get_attr(&array, name)
}

fn quantile(it: &mut Interp, a: &[Value], scale: f64) -> Res {
    let x = arg(it, &a[0])?;
    let q = arg(it, &a[1])?;
    let axes = reduce::axes(it, &a[2], x.ndim())?;
    let mut rows = Vec::new();
    for q in q.to_vec::<f64>() {
        if !(0.0..=scale).contains(&q) {
            let range = if scale == 1.0 {
                "Quantiles must be in the range [0, 1]"
            } else {
                "Percentiles must be in the range [0, 100]"
            };
            return Err(value_error(range).into());
        }
        rows.push(reduce::quantile(&x, &axes, q / scale)?);
    }
    Ok(super::give(if q.ndim() == 0 { rows.remove(0) } else { joining::stack(&rows, 0)? }))
}

crate::builtin_table! {
    /// Functions of numpy.
    FUNCTIONS of "numpy" {
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
        "concatenate" ("arrays, axis=0, out=None, dtype=None") "Arrays one after the other along an axis." => |it, a| { let x = joining::from_arguments(it, a)?; give_out(it, x, a[2].given()) };
        "concat" ("arrays, axis=0, out=None, dtype=None") "Arrays one after the other along an axis." => |it, a| { let x = joining::from_arguments(it, a)?; give_out(it, x, a[2].given()) };
        "stack" ("arrays, axis=0") "Arrays side by side along a new axis." => |it, a| {
            let axis = integer_or(it, &a[1], 0)?;
            let xs = joining::parts(it, &a[0])?;
            Ok(super::array_of(joining::stack(&xs, axis)?))
        };
        "vstack" ("tup") "Arrays one below the other." => |it, a| { let xs = joining::parts(it, &a[0])?; Ok(super::array_of(joining::stacked(&xs, true)?)) };
        "hstack" ("tup") "Arrays side by side." => |it, a| { let xs = joining::parts(it, &a[0])?; Ok(super::array_of(joining::stacked(&xs, false)?)) };
        "dstack" ("tup") "Arrays one behind the other." => |it, a| {
            let xs: Vec<View> = joining::parts(it, &a[0])?.iter().map(|x| joining::at_least(x, 3)).collect();
            Ok(super::array_of(joining::concatenate(&xs, 2, None)?))
        };
        "column_stack" ("tup") "Vectors as the columns of a matrix." => |it, a| {
            let xs: Vec<View> = joining::parts(it, &a[0])?.iter().map(|x| if x.ndim() < 2 { joining::at_least(x, 1).unsqueeze(1) } else { x.clone() }).collect();
            Ok(super::array_of(joining::concatenate(&xs, 1, None)?))
        };
        "append" ("arr, values, axis=None") "The elements with others behind them." => |it, a| {
            let xs = [arg(it, &a[0])?, arg(it, &a[1])?];
            match a[2].some() {
                Some(axis) => { let axis = make::integer(it, axis)?; Ok(super::array_of(joining::concatenate(&xs, axis, None)?)) }
                None => {
                    let flat: Vec<View> = xs.iter().map(|x| make::reshape(x, &[-1])).collect::<Res<_>>()?;
                    Ok(super::array_of(joining::concatenate(&flat, 0, None)?))
                }
            }
        };
        "split" ("ary, indices_or_sections, axis=0") "Equal pieces along an axis, or cuts at places." => |it, a| { let x = arg(it, &a[0])?; joining::split(it, &x, &a[1], &a[2], true) };
        "array_split" ("ary, indices_or_sections, axis=0") "Pieces along an axis, as equal as can be." => |it, a| { let x = arg(it, &a[0])?; joining::split(it, &x, &a[1], &a[2], false) };
        "hsplit" ("ary, indices_or_sections") "Pieces along the second axis." => |it, a| { let x = arg(it, &a[0])?; let axis = Value::Int(i64::from(x.ndim() > 1)); joining::split(it, &x, &a[1], &axis, true) };
        "vsplit" ("ary, indices_or_sections") "Pieces along the first axis." => |it, a| { let x = arg(it, &a[0])?; joining::split(it, &x, &a[1], &Value::Int(0), true) };
        "where" ("condition, x, y, /") "Elements of x where the condition is true, else of y." => |it, a| match a[1].given() {
            Some(_) => joining::choose(it, &a[0], &a[1], &a[2]),
            None => call(it, "nonzero", vec![a[0].clone()], &Value::None),
        };
        "expand_dims" ("a, axis") "With a new axis of size 1." => |it, a| {
            let x = arg(it, &a[0])?;
            let axis = make::integer(it, &a[1])?;
            Ok(super::array_of(x.unsqueeze(reduce::axis(axis, x.ndim() + 1)?)))
        };
        "moveaxis" ("a, source, destination") "Axes moved to other places." => |it, a| {
            let x = arg(it, &a[0])?;
            let (from, to) = (make::spread(it, &Value::tuple(vec![a[1].clone()]))?, make::spread(it, &Value::tuple(vec![a[2].clone()]))?);
            Ok(super::array_of(shape::movedim(&x, &from, &to)?))
        };
        "broadcast_to" ("array, shape") "The array stretched to a shape." => |it, a| {
            let x = arg(it, &a[0])?;
            let sizes = make::shape(it, &a[1])?;
            match x.expand(&sizes) {
                Ok(view) => Ok(super::array_of(copy::clone(&view)?)),
                Err(_) => Err(value_error(format!("operands could not be broadcast together with remapped shapes [original->remapped]: {}  and requested shape {}", ufunc::shape_text(x.sizes()), ufunc::shape_text(&sizes))).into()),
            }
        };
        "atleast_1d" ("ary") "With at least one dimension." => |it, a| { let x = arg(it, &a[0])?; Ok(super::array_of(joining::at_least(&x, 1))) };
        "atleast_2d" ("ary") "With at least two dimensions." => |it, a| { let x = arg(it, &a[0])?; Ok(super::array_of(joining::at_least(&x, 2))) };
        "atleast_3d" ("ary") "With at least three dimensions." => |it, a| { let x = arg(it, &a[0])?; Ok(super::array_of(joining::at_least(&x, 3))) };
        "flip" ("m, axis=None") "The elements in reverse order along axes." => |it, a| {
            let x = arg(it, &a[0])?;
            let axes: Vec<i64> = reduce::axes(it, &a[1], x.ndim())?.into_iter().map(|d| d as i64).collect();
            Ok(super::array_of(rearrange::flip(&x, &axes)?))
        };
        "fliplr" ("m") "The columns in reverse order." => |it, a| { let x = arg(it, &a[0])?; Ok(super::array_of(rearrange::fliplr(&x)?)) };
        "flipud" ("m") "The rows in reverse order." => |it, a| { let x = arg(it, &a[0])?; Ok(super::array_of(rearrange::flipud(&x)?)) };
        "roll" ("a, shift, axis=None") "The elements moved round along axes." => |it, a| {
            let x = arg(it, &a[0])?;
            let shifts = make::spread(it, &Value::tuple(vec![a[1].clone()]))?;
            let axes = match a[2].some() { Some(v) => make::spread(it, &Value::tuple(vec![v.clone()]))?, None => Vec::new() };
            Ok(super::array_of(rearrange::roll(&x, &shifts, &axes)?))
        };
        "rot90" ("m, k=1, axes=(0, 1)") "The elements turned by right angles." => |it, a| {
            let x = arg(it, &a[0])?;
            let k = integer_or(it, &a[1], 1)?;
            Ok(super::array_of(rearrange::rot90(&x, k, &[0, 1])?))
        };
        "tile" ("A, reps") "The array repeated along axes." => |it, a| {
            let x = arg(it, &a[0])?;
            let reps = make::spread(it, &Value::tuple(vec![a[1].clone()]))?;
            Ok(super::array_of(rearrange::tile(&joining::at_least(&x, 1), &reps)?))
        };
        "sort" ("a, axis=-1, kind=None, order=None, *, stable=None") "The elements sorted along an axis." => |it, a| { let x = arg(it, &a[0])?; Ok(super::array_of(sorting::sorted(it, &x, &a[1])?.0)) };
        "unique" ("ar, return_index=False, return_inverse=False, return_counts=False") "The distinct elements in order." => |it, a| {
            let x = arg(it, &a[0])?;
            let on = |v: &Value| matches!(v, Value::Bool(true));
            sorting::unique(&x, on(&a[1]), on(&a[2]), on(&a[3]))
        };
        "isin" ("element, test_elements, assume_unique=False, invert=False") "Which elements are among others." => |it, a| {
            let (x, y) = (arg(it, &a[0])?, arg(it, &a[1])?);
            let invert = matches!(a[3], Value::Bool(true));
            let test = y.to_vec::<crate::base::dtype::C64>();
            let found: Vec<bool> = x.to_vec::<crate::base::dtype::C64>().iter().map(|v| test.contains(v) != invert).collect();
            Ok(super::give(View::from_slice(&found, x.sizes())?))
        };
        "argwhere" ("a") "The places of elements that are not zero, a row each." => |it, a| { let x = arg(it, &a[0])?; Ok(super::array_of(masked::nonzero(&x)?)) };
        "flatnonzero" ("a") "The places of elements that are not zero, counted through." => |it, a| { let x = arg(it, &a[0])?; Ok(super::array_of(make::reshape(&masked::nonzero(&make::reshape(&x, &[-1])?)?, &[-1])?)) };
        "bincount" ("x, weights=None, minlength=0") "How often each number from 0 on occurs." => |it, a| {
            let x = arg(it, &a[0])?.to_vec::<i64>();
            if x.iter().any(|v| *v < 0) {
                return Err(value_error("'list' argument must have no negative elements").into());
            }
            let least = integer_or(it, &a[2], 0)?.max(0) as usize;
            let length = x.iter().map(|v| *v as usize + 1).max().unwrap_or(0).max(least);
            match a[1].some() {
                Some(w) => {
                    let w = arg(it, w)?.to_vec::<f64>();
                    let mut sums = vec![0.0; length];
                    x.iter().zip(w).for_each(|(i, w)| sums[*i as usize] += w);
                    Ok(super::array_of(View::vector(&sums)?))
                }
                None => {
                    let mut counts = vec![0i64; length];
                    x.iter().for_each(|i| counts[*i as usize] += 1);
                    Ok(super::array_of(View::vector(&counts)?))
                }
            }
        };
        "matmul" ("x1, x2, /, out=None") "The product of matrices." => |it, a| {
            let result = matmul::operator(it, &a[0], &a[1])?;
            match (a[2].some(), super::view_of(&result)) { (Some(out), Some(view)) => ufunc::store(it, view, out, Some("matmul")), _ => Ok(result) }
        };
        "inner" ("a, b, /") "The sums of products over the last axes." => |it, a| { let (x, y) = (arg(it, &a[0])?, arg(it, &a[1])?); Ok(super::give(matmul::inner(&x, &y)?)) };
        "vdot" ("a, b, /") "The sum of products of all elements." => |it, a| {
            let (x, y) = (arg(it, &a[0])?, arg(it, &a[1])?);
            Ok(super::give(matmul::dot(&loops::row("conj", &[&make::reshape(&x, &[-1])?])?, &make::reshape(&y, &[-1])?)?))
        };
        "outer" ("a, b, out=None") "The product of every element with every other." => |it, a| {
            let (x, y) = (arg(it, &a[0])?, arg(it, &a[1])?);
            let (x, y) = (super::array_of(make::reshape(&x, &[-1, 1])?), super::array_of(make::reshape(&y, &[1, -1])?));
            ufunc::call(it, "multiply", &[x, y], a[2].some())
        };
        "kron" ("a, b") "The Kronecker product." => |it, a| {
            let (x, y) = (arg(it, &a[0])?, arg(it, &a[1])?);
            let n = x.ndim().max(y.ndim());
            let widen = |v: &View| { let mut v = v.clone(); while v.ndim() < n { v = v.unsqueeze(0); } v };
            let (x, y) = (widen(&x), widen(&y));
            let spread = |v: &View, first: bool| -> Res<View> {
                let sizes: Vec<i64> = v.sizes().iter().flat_map(|&s| if first { [s, 1] } else { [1, s] }).collect();
                make::reshape(v, &sizes)
            };
            let product = ufunc::call(it, "multiply", &[super::array_of(spread(&x, true)?), super::array_of(spread(&y, false)?)], None)?;
            let sizes: Vec<i64> = x.sizes().iter().zip(y.sizes()).map(|(a, b)| a * b).collect();
            let product = arg(it, &product)?;
            Ok(super::give(make::reshape(&product, &sizes)?))
        };
        "diff" ("a, n=1, axis=-1") "Differences of neighbours." => |it, a| {
            let mut x = arg(it, &a[0])?;
            let axis = reduce::axis(integer_or(it, &a[2], -1)?, x.ndim())?;
            for _ in 0..integer_or(it, &a[1], 1)?.min(x.sizes()[axis]) {
                let m = x.sizes()[axis] - 1;
                x = loops::row(if x.dtype() == DType::Bool { "ne" } else { "sub" }, &[&x.narrow(axis, 1, m), &x.narrow(axis, 0, m)])?;
            }
            Ok(super::array_of(x))
        };
        "average" ("a, axis=None, weights=None") "The mean, weighted where weights are given." => |it, a| match a[2].some() {
            None => call(it, "mean", vec![a[0].clone()], &a[1]),
            Some(w) => {
                let product = ufunc::call(it, "multiply", &[a[0].clone(), w.clone()], None)?;
                let (sum, weight) = (call(it, "sum", vec![product], &a[1])?, call(it, "sum", vec![w.clone()], &Value::None)?);
                ufunc::call(it, "divide", &[sum, weight], None)
            }
        };
        "nansum" ("a, axis=None") "The sum of the elements that are numbers." => |it, a| { let x = without_nan(it, &a[0], 0.0)?; call(it, "sum", vec![x], &a[1]) };
        "nanprod" ("a, axis=None") "The product of the elements that are numbers." => |it, a| { let x = without_nan(it, &a[0], 1.0)?; call(it, "prod", vec![x], &a[1]) };
        "nanmax" ("a, axis=None") "The largest element that is a number." => |it, a| { let x = without_nan(it, &a[0], f64::NEG_INFINITY)?; call(it, "max", vec![x], &a[1]) };
        "nanmin" ("a, axis=None") "The smallest element that is a number." => |it, a| { let x = without_nan(it, &a[0], f64::INFINITY)?; call(it, "min", vec![x], &a[1]) };
        "nanmean" ("a, axis=None") "The mean of the elements that are numbers." => |it, a| {
            let numbers = without_nan(it, &a[0], 0.0)?;
            let sum = call(it, "sum", vec![numbers], &a[1])?;
            let there = ufunc::call(it, "isnan", &a[..1], None)?;
            let there = ufunc::call(it, "logical_not", &[there], None)?;
            let count = call(it, "sum", vec![there], &a[1])?;
            ufunc::call(it, "divide", &[sum, count], None)
        };
        "nan_to_num" ("x, copy=True, nan=0.0, posinf=None, neginf=None") "nan and infinities replaced by numbers." => |it, a| {
            let x = arg(it, &a[0])?;
            if !x.dtype().is_float() {
                return Ok(super::give(x));
            }
            let top = if x.dtype() == DType::F32 { f64::from(f32::MAX) } else if x.dtype() == DType::F16 { 65504.0 } else { f64::MAX };
            let nan = a[2].some().map_or(Ok(0.0), |v| it.real(v))?;
            let high = a[3].some().map_or(Ok(top), |v| it.real(v))?;
            let low = a[4].some().map_or(Ok(-top), |v| it.real(v))?;
            let out = copy::clone(&x)?;
            for i in 0..out.numel() {
                let v = x.get(i).to_f64();
                if !v.is_finite() {
                    out.set(i, Scalar::Float(if v.is_nan() { nan } else if v > 0.0 { high } else { low }));
                }
            }
            Ok(super::give(out))
        };
        "percentile" ("a, q, axis=None") "The value below which a percentage of the elements lie." => |it, a| quantile(it, a, 100.0);
        "quantile" ("a, q, axis=None") "The value below which a part of the elements lie." => |it, a| quantile(it, a, 1.0);
        "isclose" ("a, b, rtol=1e-05, atol=1e-08, equal_nan=False") "Where two arrays are nearly equal." => |it, a| Ok(super::give(isclose(it, a)?));
        "allclose" ("a, b, rtol=1e-05, atol=1e-08, equal_nan=False") "Whether two arrays are nearly equal everywhere." => |it, a| Ok(Value::Bool(isclose(it, a)?.to_vec::<bool>().iter().all(|b| *b)));
        "array_equal" ("a1, a2, equal_nan=False") "Whether two arrays have the same shape and elements." => |it, a| {
            let (x, y) = (arg(it, &a[0])?, arg(it, &a[1])?);
            if x.sizes() != y.sizes() {
                return Ok(Value::Bool(false));
            }
            let nan = matches!(a[2], Value::Bool(true));
            let same = |x: Scalar, y: Scalar| x.to_c64() == y.to_c64() || (nan && x.to_f64().is_nan() && y.to_f64().is_nan());
            Ok(Value::Bool((0..x.numel()).all(|i| same(x.get(i), y.get(i)))))
        };
        "array_equiv" ("a1, a2") "Whether two arrays have the same elements once stretched." => |it, a| match ufunc::call(it, "equal", &a[..2], None) {
            Ok(equal) => { let x = arg(it, &equal)?; Ok(Value::Bool(x.to_vec::<bool>().iter().all(|b| *b))) }
            Err(_) => Ok(Value::Bool(false)),
        };
        "shape" ("a") "The size of each axis." => |it, a| { let x = arg(it, &a[0])?; Ok(Value::tuple(x.sizes().iter().map(|n| Value::Int(*n)).collect::<Vec<_>>())) };
        "ndim" ("a") "The number of axes." => |it, a| Ok(Value::count(arg(it, &a[0])?.ndim()));
        "size" ("a, axis=None") "The number of elements, or along an axis." => |it, a| {
            let x = arg(it, &a[0])?;
            match a[1].some() {
                Some(v) => { let axis = make::integer(it, v)?; Ok(Value::Int(x.sizes()[reduce::axis(axis, x.ndim())?])) }
                None => Ok(Value::count(x.numel())),
            }
        };
        "real" ("val") "The real parts." => |it, a| part(it, &a[0], "real");
        "imag" ("val") "The imaginary parts." => |it, a| part(it, &a[0], "imag");
        "angle" ("z, deg=False") "The angles in the complex plane." => |it, a| {
            let x = arg(it, &a[0])?;
            let x = if x.dtype().is_integral() { copy::cast(&x, DType::F64)? } else { x };
            Ok(super::give(loops::row("angle", &[&x])?))
        };
        "iscomplexobj" ("x") "Whether the dtype is complex." => |it, a| Ok(Value::Bool(arg(it, &a[0])?.dtype().is_complex()));
        "isrealobj" ("x") "Whether the dtype is not complex." => |it, a| Ok(Value::Bool(!arg(it, &a[0])?.dtype().is_complex()));
        "isscalar" ("element") "Whether it is a number." => |_, a| Ok(Value::Bool(as_scalar(&a[0]).is_some() || a[0].as_str().is_some()));
        "shares_memory" ("a, b") "Whether two arrays have elements in common." => |_, a| Ok(Value::Bool(match (super::array_view(&a[0]), super::array_view(&a[1])) {
            (Some(x), Some(y)) => x.shares(&y) && x.numel() > 0 && y.numel() > 0,
            _ => false,
        }));
        "may_share_memory" ("a, b") "Whether two arrays look at the same memory." => |_, a| Ok(Value::Bool(matches!((super::array_view(&a[0]), super::array_view(&a[1])), (Some(x), Some(y)) if x.shares(&y))));
        "copyto" ("dst, src") "Writes the elements of one array into another." => |it, a| {
            let Some(mut target) = super::array_view(&a[0]) else { return Err(type_error(format!("copyto() argument 1 must be numpy.ndarray, not {}", a[0].type_name())).into()) };
            let source = arg(it, &a[1])?;
            lazy::flush()?;
            if source.expand(target.sizes()).is_err() {
                return Err(value_error(format!("could not broadcast input array from shape {} into shape {}", ufunc::shape_text(source.sizes()), ufunc::shape_text(target.sizes()))).into());
            }
            copy::copy_into(&source, &mut target)?;
            target.storage().bump();
            Ok(Value::None)
        };
        "dtype" ("dtype") "A dtype by its name or type." => |it, a| Ok(dtype::value(dtype::argument(it, &a[0])?.unwrap_or(DType::F64)));
        "result_type" ("*arrays_and_dtypes") "The dtype that an operation on all has." => |it, a| {
            let items = it.collect(&a[0].clone())?;
            let (mut strong, mut weak) = (Vec::new(), Vec::new());
            for v in &items {
                match (dtype::known(v), super::view_of(v), as_scalar(v)) {
                    (Some(d), _, _) => strong.push(d),
                    (_, Some(view), _) => strong.push(view.dtype()),
                    (_, _, Some(s)) => weak.push(s),
                    _ => strong.push(arg(it, v)?.dtype()),
                }
            }
            Ok(dtype::value(promote::result_type(strong, weak)))
        };
        "promote_types" ("type1, type2") "The smallest dtype that holds both." => |it, a| {
            let (x, y) = (dtype::argument(it, &a[0])?, dtype::argument(it, &a[1])?);
            Ok(dtype::value(promote::promote(x.unwrap_or(DType::F64), y.unwrap_or(DType::F64))))
        };
        "can_cast" ("from_, to, casting='safe'") "Whether a dtype can be converted to another." => |it, a| {
            let (x, y) = (dtype::argument(it, &a[0])?, dtype::argument(it, &a[1])?);
            Ok(Value::Bool(dtype::can_cast(x.unwrap_or(DType::F64), y.unwrap_or(DType::F64), a[2].as_str().unwrap_or("safe"))))
        };
        "issubdtype" ("arg1, arg2") "Whether a dtype is of a kind." => |it, a| {
            let d = dtype::argument(it, &a[0])?.unwrap_or(DType::F64);
            Ok(Value::Bool(match a[1].downcast::<dtype::Abstract>() {
                Some(kind) => kind.holds(d),
                None => dtype::argument(it, &a[1])? == Some(d),
            }))
        };
        "array_repr" ("arr") "What repr gives for an array." => |it, a| Ok(Value::from(shown(&arg(it, &a[0])?, array_repr)));
        "array_str" ("a") "What str gives for an array." => |it, a| Ok(Value::from(shown(&arg(it, &a[0])?, array_str)));
        "array2string" ("a, max_line_width=None, precision=None, suppress_small=None, separator=' ', prefix='', suffix=''") "An array as text." => |it, a| {
            let x = arg(it, &a[0])?;
            let mut options = with_options(|o| o.clone());
            if let Some(Value::Int(n)) = a[1].some() { options.linewidth = (*n).max(0) as usize; }
            if let Some(Value::Int(n)) = a[2].some() { options.precision = (*n).max(0) as usize; }
            if let Some(Value::Bool(b)) = a[3].some() { options.suppress = *b; }
            let (prefix, suffix) = (a[5].as_str().map_or(0, str::len), a[6].as_str().map_or(0, str::len));
            let elements = Elements { dtype: x.dtype(), shape: x.sizes(), get: &|i| x.get(i) };
            Ok(Value::from(array2string(elements, &options, a[4].as_str().unwrap_or(" "), prefix, suffix)))
        };
        "set_printoptions" ("precision=None, threshold=None, edgeitems=None, linewidth=None, suppress=None, nanstr=None, sign=None, floatmode=None") "How arrays are printed." => |it, a| {
            let count = |v: &Value| match v.some() { Some(Value::Int(i)) => Some((*i).max(0) as usize), _ => None };
            let mode = match a[7].as_str() {
                Some("fixed") => Some(FloatMode::Fixed),
                Some("unique") => Some(FloatMode::Unique),
                Some("maxprec") => Some(FloatMode::MaxPrec),
                Some("maxprec_equal") => Some(FloatMode::MaxPrecEqual),
                _ => None,
            };
            let threshold = match a[1].some() { Some(v) => Some(it.real(v)?.clamp(0.0, 1e18) as usize), None => None };
            with_options(|o| {
                o.precision = count(&a[0]).unwrap_or(o.precision);
                o.threshold = threshold.unwrap_or(o.threshold);
                o.edgeitems = count(&a[2]).unwrap_or(o.edgeitems);
                o.linewidth = count(&a[3]).unwrap_or(o.linewidth);
                if let Some(Value::Bool(b)) = a[4].some() { o.suppress = *b; }
                if let Some(s) = a[5].as_str() { o.nanstr = s.into(); }
                if let Some(c) = a[6].as_str().and_then(|s| s.chars().next()) { o.sign = c; }
                o.floatmode = mode.unwrap_or(o.floatmode);
            });
            Ok(Value::None)
        };
    }
}
