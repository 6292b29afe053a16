//! Functions of the module `numpy` that are no functions of elements and no methods.

use super::array::write;
use super::{give_out, joining, loops, make, matmul, reduce, sorting, ufunc};
use crate::base::error::{type_error, value_error};
use crate::base::{DType, Scalar};
use crate::cpu::index::masked;
use crate::cpu::{copy, rearrange, shape};
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
        "where" ("condition, x=None, y=None, /") "Elements of x where the condition is true, else of y." => |it, a| match a[1].given() {
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
            let Some(target) = super::array_memory(&a[0]) else { return Err(type_error(format!("copyto() argument 1 must be numpy.ndarray, not {}", a[0].type_name())).into()) };
            let source = arg(it, &a[1])?;
            if source.expand(target.sizes()).is_err() {
                return Err(value_error(format!("could not broadcast input array from shape {} into shape {}", ufunc::shape_text(source.sizes()), ufunc::shape_text(target.sizes()))).into());
            }
            write(&target, &source)?;
            Ok(Value::None)
        };
    }
}
