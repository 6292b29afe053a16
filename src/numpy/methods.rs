//! Methods of arrays; those in [`SHARED`] are functions of the module too (`a.sum()`, `np.sum(a)`).

use super::array::{NdArray, write};
use super::{dtype, give_out, loops, make, matmul, reduce, sorting, ufunc};
use crate::base::error::{index_error, type_error, value_error};
use crate::base::{DType, Scalar};
use crate::cpu::{copy, rearrange, shape};
use crate::eval::builtin::Builtin;
use crate::eval::interp::Interp;
use crate::eval::raise::Res;
use crate::eval::torch::convert::number;
use crate::eval::torch::data::to_list;
use crate::eval::value::Value;
use crate::store::View;

fn arg(it: &mut Interp, value: &Value) -> Res<View> {
    make::array(it, value, None)
}

fn yes(value: &Value) -> bool {
    matches!(value, Value::Bool(true))
}

/// A reduction: axis, dtype, out and keepdims are the arguments at these places.
fn reduced(
    it: &mut Interp,
    a: &[Value],
    axis: usize,
    keepdims: usize,
    f: impl FnOnce(&View, &[usize]) -> Res<View>,
) -> Res<View> {
    let x = arg(it, &a[0])?;
    let axes = reduce::axes(it, &a[axis], x.ndim())?;
    let result = f(&x, &axes)?;
    reduce::keep(&x, result, &axes, yes(&a[keepdims]))
}

/// Sums and products: `self, axis, dtype, out, keepdims, initial, where`.
fn folded(
    it: &mut Interp,
    a: &[Value],
    f: fn(&View, &[usize], Option<DType>) -> Res<View>,
    name: &str,
    none: Scalar,
) -> Res {
    let d = dtype::argument(it, &a[2])?;
    let masked = match a[6].some() {
        Some(mask) if !matches!(mask, Value::Bool(true)) => {
            let x = arg(it, &a[0])?;
            let mask = make::array(it, mask, Some(DType::Bool))?;
            let rest = View::scalar(x.dtype(), none)?;
            Some(super::array_of(loops::row("where", &[&mask, &x, &rest])?))
        }
        _ => None,
    };
    let source = [masked.unwrap_or_else(|| a[0].clone())];
    let all: Vec<Value> = source.into_iter().chain(a[1..].iter().cloned()).collect();
    let result = reduced(it, &all, 1, 4, |x, axes| f(x, axes, d))?;
    match a[5].some() {
        Some(first) => {
            let result = super::give(result);
            ufunc::call(it, name, &[result, first.clone()], a[3].some())
        }
        None => give_out(it, result, a[3].given()),
    }
}

fn moments(it: &mut Interp, a: &[Value], root: bool) -> Res {
    let d = dtype::argument(it, &a[2])?;
    let ddof = match a[4].some() {
        Some(v) => it.real(v)?,
        None => 0.0,
    };
    let result = reduced(it, a, 1, 5, |x, axes| reduce::var(x, axes, d, ddof))?;
    give_out(it, if root { loops::row("sqrt", &[&result])? } else { result }, a[3].given())
}

fn extreme(it: &mut Interp, a: &[Value], largest: bool) -> Res {
    let initial = a[4].some().cloned();
    let result = reduced(it, a, 1, 3, |x, axes| match initial.is_some() && x.numel() == 0 {
        true => Ok(View::empty(x.dtype(), &reduce::left(x.sizes(), axes, false))?),
        false => reduce::extreme(x, axes, largest),
    })?;
    match initial {
        Some(first) if result.numel() == 1 && arg(it, &a[0])?.numel() == 0 => {
            let view = make::array(it, &first, Some(result.dtype()))?;
            give_out(it, view, a[2].given())
        }
        Some(first) => {
            let result = super::give(result);
            ufunc::call(it, if largest { "maximum" } else { "minimum" }, &[result, first], a[2].some())
        }
        None => give_out(it, result, a[2].given()),
    }
}

fn place(it: &mut Interp, a: &[Value], largest: bool) -> Res {
    let result = reduced(it, a, 1, 3, |x, axes| reduce::place(x, axes, largest))?;
    give_out(it, result, a[2].given())
}

fn cumulative(it: &mut Interp, a: &[Value], product: bool) -> Res {
    let x = arg(it, &a[0])?;
    let d = dtype::argument(it, &a[2])?;
    let result = match a[1].some() {
        None => reduce::cumulative(&make::reshape(&x, &[-1])?, 0, d, product)?,
        Some(v) => {
            let axis = reduce::axis(make::integer(it, v)?, x.ndim())?;
            reduce::cumulative(&x, axis, d, product)?
        }
    };
    give_out(it, result, a[3].given())
}

/// `np.clip(a, low, high)`: a bound that is `None` bounds nothing.
fn clip(it: &mut Interp, a: &[Value]) -> Res {
    let low = a[1].some().or(a[4].some());
    let high = a[2].some().or(a[5].some());
    let out = a[3].some();
    let mut result = a[0].clone();
    if let Some(low) = low {
        result = ufunc::call(it, "maximum", &[result, low.clone()], None)?;
    }
    if let Some(high) = high {
        result = ufunc::call(it, "minimum", &[result, high.clone()], None)?;
    }
    if low.is_none() && high.is_none() {
        result = super::give(make::array(it, &result, None)?);
    }
    match (out, super::view_of(&result)) {
        (Some(out), Some(view)) => ufunc::store(it, view, out, Some("clip")),
        _ => Ok(result),
    }
}

fn is_fortran(order: &Value) -> bool {
    matches!(order.as_str(), Some("F" | "f"))
}

/// The elements in one dimension, in row-major or (`order='F'`) column-major order.
fn flat(x: &View, order: &Value) -> Res<View> {
    let x = if is_fortran(order) { make::reversed(x) } else { x.clone() };
    make::reshape(&x, &[-1])
}

fn reshaped(it: &mut Interp, a: &[Value]) -> Res {
    let x = arg(it, &a[0])?;
    let sizes = match a[1].given() {
        Some(Value::Tuple(t)) if t.items.is_empty() => match a[3].some() {
            Some(shape) => make::spread(it, &Value::tuple(vec![shape.clone()]))?,
            None => Vec::new(),
        },
        Some(sizes) => make::spread(it, sizes)?,
        None => Vec::new(),
    };
    if is_fortran(&a[2]) {
        let turned: Vec<i64> = sizes.iter().rev().copied().collect();
        return Ok(super::array_of(make::reversed(&make::reshape(&make::reversed(&x), &turned)?)));
    }
    Ok(super::array_of(make::reshape(&x, &sizes)?))
}

fn transposed(it: &mut Interp, a: &[Value]) -> Res {
    let x = arg(it, &a[0])?;
    let order = match a[1].given() {
        Some(Value::Tuple(t)) if !matches!(t.items[..], [] | [Value::None]) => make::spread(it, &a[1].clone())?,
        _ => return Ok(super::array_of(make::reversed(&x))),
    };
    if order.len() != x.ndim() {
        return Err(value_error("axes don't match array").into());
    }
    let order: Vec<usize> = order.iter().map(|&d| reduce::axis(d, x.ndim())).collect::<Result<_, _>>()?;
    if (0..order.len()).any(|d| !order.contains(&d)) {
        return Err(value_error("repeated axis in transpose").into());
    }
    Ok(super::array_of(x.permute(&order)))
}

fn item(it: &mut Interp, a: &[Value]) -> Res {
    let x = arg(it, &a[0])?;
    let at = make::spread(it, &a[1])?;
    let n = x.numel() as i64;
    let index = match at[..] {
        [] if n == 1 => 0,
        [] => return Err(value_error("can only convert an array of size 1 to a Python scalar").at(&[0]).into()),
        [i] if i >= -n && i < n => (i + n) % n,
        [i] => return Err(index_error(format!("index {i} is out of bounds for size {n}")).into()),
        _ if at.len() != x.ndim() => {
            return Err(value_error("incorrect number of indices for array").into());
        }
        _ => {
            let mut index = 0;
            for (d, (&i, &size)) in at.iter().zip(x.sizes()).enumerate() {
                if i < -size || i >= size {
                    let message = format!("index {i} is out of bounds for axis {d} with size {size}");
                    return Err(index_error(message).into());
                }
                index = index * size + (i + size) % size;
            }
            index
        }
    };
    Ok(number(x.get(index as usize)))
}

crate::builtin_table! {
    /// Methods of arrays that are functions of the module as well.
    SHARED of "numpy" {
        "sum" ("self, axis=None, dtype=None, out=None, keepdims=False, initial=None, where=True") "The sum of the elements, along axes." => |it, a| folded(it, a, reduce::sum, "add", Scalar::Int(0));
        "prod" ("self, axis=None, dtype=None, out=None, keepdims=False, initial=None, where=True") "The product of the elements, along axes." => |it, a| folded(it, a, reduce::prod, "multiply", Scalar::Int(1));
        "mean" ("self, axis=None, dtype=None, out=None, keepdims=False") "The mean of the elements, along axes." => |it, a| {
            let d = dtype::argument(it, &a[2])?;
            let result = reduced(it, a, 1, 4, |x, axes| reduce::mean(x, axes, d))?;
            give_out(it, result, a[3].given())
        };
        "std" ("self, axis=None, dtype=None, out=None, ddof=0, keepdims=False") "The standard deviation, along axes." => |it, a| moments(it, a, true);
        "var" ("self, axis=None, dtype=None, out=None, ddof=0, keepdims=False") "The variance, along axes." => |it, a| moments(it, a, false);
        "max" ("self, axis=None, out=None, keepdims=False, initial=None") "The largest element, along axes." => |it, a| extreme(it, a, true);
        "min" ("self, axis=None, out=None, keepdims=False, initial=None") "The smallest element, along axes." => |it, a| extreme(it, a, false);
        "argmax" ("self, axis=None, out=None, keepdims=False") "The place of the first largest element." => |it, a| place(it, a, true);
        "argmin" ("self, axis=None, out=None, keepdims=False") "The place of the first smallest element." => |it, a| place(it, a, false);
        "any" ("self, axis=None, out=None, keepdims=False") "Whether any element is true, along axes." => |it, a| {
            let result = reduced(it, a, 1, 3, |x, axes| reduce::truth(x, axes, false))?;
            give_out(it, result, a[2].given())
        };
        "all" ("self, axis=None, out=None, keepdims=False") "Whether all elements are true, along axes." => |it, a| {
            let result = reduced(it, a, 1, 3, |x, axes| reduce::truth(x, axes, true))?;
            give_out(it, result, a[2].given())
        };
        "cumsum" ("self, axis=None, dtype=None, out=None") "Running sums along an axis, or of all elements." => |it, a| cumulative(it, a, false);
        "cumprod" ("self, axis=None, dtype=None, out=None") "Running products along an axis, or of all elements." => |it, a| cumulative(it, a, true);
        "round" ("self, decimals=0, out=None") "Rounded to a number of decimals, halves to even." => |it, a| {
            let decimals = match a[1].some() { Some(v) => make::integer(it, v)?, None => 0 };
            let x = arg(it, &a[0])?;
            let rounded = loops::round(&x, decimals)?;
            give_out(it, rounded, a[2].given())
        };
        "clip" ("self, a_min=None, a_max=None, out=None, *, min=None, max=None") "The elements brought between two bounds." => |it, a| clip(it, a);
        "dot" ("self, b, out=None") "The product of two arrays: of vectors, matrices or numbers." => |it, a| {
            let (x, y) = (arg(it, &a[0])?, arg(it, &a[1])?);
            let result = matmul::dot(&x, &y)?;
            give_out(it, result, a[2].given())
        };
        "reshape" ("self, *shape, order='C', newshape=None, copy=None") "The same elements under other sizes." => |it, a| reshaped(it, a);
        "transpose" ("self, *axes") "The axes in another order; turned round when none is given." => |it, a| transposed(it, a);
        "ravel" ("self, order='C'") "The elements in one dimension." => |it, a| { let x = arg(it, &a[0])?; Ok(super::array_of(flat(&x, &a[1])?)) };
        "squeeze" ("self, axis=None") "Without axes of size 1." => |it, a| {
            let x = arg(it, &a[0])?;
            let named = reduce::axes(it, &a[1], x.ndim())?;
            if a[1].some().is_some() && named.iter().any(|&d| x.sizes()[d] != 1) {
                return Err(value_error("cannot select an axis to squeeze out which has size not equal to one").into());
            }
            Ok(super::array_of(x.squeeze(&named)))
        };
        "swapaxes" ("self, axis1, axis2") "Two axes exchanged." => |it, a| {
            let x = arg(it, &a[0])?;
            let (i, j) = (make::integer(it, &a[1])?, make::integer(it, &a[2])?);
            Ok(super::array_of(x.transpose(reduce::axis(i, x.ndim())?, reduce::axis(j, x.ndim())?)))
        };
        "repeat" ("self, repeats, axis=None") "Every element some times." => |it, a| {
            let mut x = arg(it, &a[0])?;
            let repeats = make::array(it, &a[1], Some(DType::I64))?;
            let axis = match a[2].some() {
                Some(v) => reduce::axis(make::integer(it, v)?, x.ndim())?,
                None => { x = make::reshape(&x, &[-1])?; 0 }
            };
            let repeats = match repeats.numel() {
                1 => rearrange::Repeats::Each(repeats.get(0).to_i64()),
                _ => rearrange::Repeats::Own(repeats),
            };
            Ok(super::array_of(rearrange::repeat_interleave(&x, &repeats, Some(axis as i64), None)?))
        };
        "take" ("self, indices, axis=None") "The elements at some places." => |it, a| sorting::take(it, &a[0], &a[1], &a[2]);
        "nonzero" ("self") "The places of elements that are not zero, an array an axis." => |it, a| {
            let x = arg(it, &a[0])?;
            let places = crate::cpu::index::masked::nonzero_tuple(&x)?;
            Ok(Value::tuple(places.into_iter().map(super::array_of).collect::<Vec<_>>()))
        };
        "argsort" ("self, axis=-1, kind=None, order=None, *, stable=None") "The places that sort the elements along an axis." => |it, a| {
            let x = arg(it, &a[0])?;
            Ok(super::array_of(sorting::sorted(it, &x, &a[1])?.1))
        };
        "searchsorted" ("self, v, side='left', sorter=None") "Where values are to be put in, to keep the order." => |it, a| {
            let (x, v) = (arg(it, &a[0])?, arg(it, &a[1])?);
            sorting::search(&x, &v, a[2].as_str() == Some("right"))
        };
        "diagonal" ("self, offset=0, axis1=0, axis2=1") "The diagonal of two axes." => |it, a| {
            let x = arg(it, &a[0])?;
            if x.ndim() < 2 {
                return Err(value_error("diag requires an array of at least two dimensions").into());
            }
            let offset = match a[1].some() { Some(v) => make::integer(it, v)?, None => 0 };
            let mut at = [0, 1];
            for (slot, v) in at.iter_mut().zip(&a[2..]) {
                if let Some(v) = v.some() {
                    *slot = reduce::axis(make::integer(it, v)?, x.ndim())?;
                }
            }
            Ok(super::array_of(x.diagonal(offset, at[0], at[1])))
        };
        "trace" ("self, offset=0") "The sum along the diagonal." => |it, a| {
            let x = arg(it, &a[0])?;
            let offset = match a[1].some() { Some(v) => make::integer(it, v)?, None => 0 };
            Ok(super::give(matmul::trace(&x, offset)?))
        };
        "copy" ("self, order='C'") "The elements in memory of their own." => |it, a| { let x = arg(it, &a[0])?; Ok(part(&a[0], copy::clone(&x)?)) };
        "conj" ("self") "The complex conjugates." => |it, a| ufunc::call(it, "conjugate", &a[..1], None);
        "ptp" ("self, axis=None") "The distance from the smallest to the largest element." => |it, a| {
            let x = arg(it, &a[0])?;
            let axes = reduce::axes(it, &a[1], x.ndim())?;
            let (high, low) = (reduce::extreme(&x, &axes, true)?, reduce::extreme(&x, &axes, false)?);
            Ok(super::give(loops::row("sub", &[&high, &low])?))
        };
        "count_nonzero" ("self, axis=None, *, keepdims=False") "How many elements are not zero." => |it, a| Ok(super::give(reduced(it, a, 1, 2, reduce::count_nonzero)?));
        "median" ("self, axis=None, out=None, overwrite_input=False, keepdims=False") "The middle of the sorted elements." => |it, a| Ok(super::give(reduced(it, a, 1, 4, |x, axes| reduce::quantile(x, axes, 0.5))?));
    }
}

fn part(like: &Value, view: View) -> Value {
    if like.downcast::<super::scalar::NpScalar>().is_some() { super::give(view) } else { super::array_of(view) }
}

crate::builtin_table! {
    /// Methods of arrays alone.
    METHODS of "numpy.ndarray" {
        "item" ("self, *args") "An element as a Python number." => |it, a| item(it, a);
        "tolist" ("self") "The elements as nested lists of Python numbers." => |it, a| Ok(to_list(&arg(it, &a[0])?));
        "astype" ("self, dtype, order='K', casting='unsafe', subok=True, copy=True") "The elements converted to a dtype." => |it, a| {
            let x = arg(it, &a[0])?;
            let d = dtype::argument(it, &a[1])?.unwrap_or(DType::F64);
            if let Some(casting) = a[3].as_str().filter(|c| !dtype::can_cast(x.dtype(), d, c)) {
                return Err(type_error(format!("Cannot cast array data from dtype('{}') to dtype('{}') according to the rule '{casting}'", x.dtype().name(), d.name())).into());
            }
            if matches!(a[5], Value::Bool(false)) && x.dtype() == d {
                return Ok(a[0].clone());
            }
            Ok(part(&a[0], loops::astype(&x, d)?))
        };
        "fill" ("self, value") "Sets every element." => |it, a| {
            let Some(x) = super::array_memory(&a[0]) else { return Ok(Value::None) };
            let value = make::array(it, &a[1], Some(x.dtype()))?;
            write(&x, &value)?;
            Ok(Value::None)
        };
        "flatten" ("self, order='C'") "A copy of the elements in one dimension." => |it, a| { let x = arg(it, &a[0])?; Ok(super::array_of(copy::clone(&flat(&x, &a[1])?)?)) };
        "sort" ("self, axis=-1, kind=None, order=None, *, stable=None") "Sorts the elements in place." => |it, a| {
            let (Some(x), elements) = (super::array_memory(&a[0]), arg(it, &a[0])?) else { return Ok(Value::None) };
            let sorted = sorting::sorted(it, &elements, &a[1])?.0;
            write(&x, &sorted)?;
            Ok(Value::None)
        };
        "view" ("self, dtype=None") "The same memory as another array, or as another dtype." => |it, a| {
            let x = arg(it, &a[0])?;
            Ok(super::array_of(match dtype::argument(it, &a[1])? { Some(d) => shape::view_dtype(&x, d)?, None => x }))
        };
        "resize" ("self, *new_shape, refcheck=True") "Other sizes in place; new elements are zero." => |it, a| {
            let sizes = make::spread(it, &a[1])?;
            let (Some(array), x) = (a[0].downcast::<NdArray>(), arg(it, &a[0])?) else { return Ok(Value::None) };
            let fresh = View::zeros(x.dtype(), &sizes)?;
            for i in 0..x.numel().min(fresh.numel()) {
                fresh.set(i, x.get(i));
            }
            array.set_view(fresh);
            Ok(Value::None)
        };
        "conjugate" ("self") "The complex conjugates." => |it, a| ufunc::call(it, "conjugate", &a[..1], None);
        "__len__" ("self") "The size of the first axis." => |it, a| Ok(it.len(&a[0])?.map_or(Value::None, Value::count));
        "__array__" ("self, dtype=None") "The array itself." => |it, a| {
            let d = dtype::argument(it, &a[1])?;
            Ok(super::array_of(make::array(it, &a[0], d)?))
        };
    }
}

/// The function of the module that is a method as well.
pub fn shared(name: &str) -> Option<&'static Builtin> {
    let name = match name {
        "amax" => "max",
        "amin" => "min",
        "around" => "round",
        other => other,
    };
    SHARED.iter().find(|m| m.name == name)
}
