//! Tensors from nested Python data.

use super::convert::as_scalar;
use crate::base::error::{Error, overflow, runtime, type_error, value_error};
use crate::base::interrupt::polled;
use crate::base::limits::int_info;
use crate::base::promote::{default_complex, default_dtype, promote};
use crate::base::scalar::Cast;
use crate::base::shape::Shape;
use crate::base::{DType, Scalar};
use crate::dispatch;
use crate::eval::raise::Res;
use crate::eval::value::Value;
use crate::store::View;
use crate::tensor::devices;
use std::rc::Rc;

/// The items of a sequence, or `None` for anything else.
fn sequence(value: &Value) -> Option<Vec<Value>> {
    match value {
        Value::List(list) => Some(polled(&*list.items.borrow()).cloned().collect()),
        Value::Tuple(t) => Some(t.items.to_vec()),
        Value::Range(r) => Some((0..r.len()).map(|i| Value::Int(r.at(i))).collect()),
        _ => None,
    }
}

/// A fresh view of nested lists and tuples of numbers; the dtype is inferred where none is given.
///
/// # Errors
/// torch's `ValueError` for ragged data, its `TypeError` for what is no number, and for numbers that do not fit.
pub fn view(value: &Value, dtype: Option<DType>) -> Res<View> {
    if let Some(view) = elements_of(value)? {
        let wanted = dtype.unwrap_or(view.dtype());
        let fresh = devices::clone(&view)?;
        return Ok(if fresh.dtype() == wanted { fresh } else { devices::cast(&fresh, wanted)? });
    }
    let mut sizes = Shape::new();
    measure(value, &mut sizes)?;
    let mut numbers = Vec::with_capacity(sizes.iter().product::<i64>().max(0) as usize);
    fill(value, &sizes, dtype, &mut numbers)?;
    let dtype = dtype.unwrap_or_else(|| match infer(value, &numbers) {
        // Python's ints are int64 unless told otherwise, and may then be too big.
        DType::U64 if promoted(value).is_none() => DType::I64,
        other => other,
    });
    let mut out = View::empty(dtype, &sizes)?;
    dispatch!(dtype, all T => {
        for (o, s) in polled(out.slice_mut::<T>().iter_mut().zip(&numbers)) {
            *o = T::from_scalar(checked(*s, dtype)?);
        }
    });
    Ok(out)
}

/// The elements behind a tensor or array.
fn elements_of(value: &Value) -> Res<Option<View>> {
    match value {
        Value::Tensor(t) => Ok(Some(t.view()?)),
        other => Ok(crate::numpy::view_of(other)),
    }
}

/// The sizes that the first items of each level promise.
fn measure(value: &Value, sizes: &mut Shape) -> Res<()> {
    let mut at = value.clone();
    loop {
        if let Value::Tensor(_) = at {
            // A tensor among numbers is the one number in it.
            return Ok(());
        }
        if let Some(view) = elements_of(&at)? {
            sizes.extend_from_slice(view.sizes());
            return Ok(());
        }
        match sequence(&at) {
            Some(items) => {
                sizes.push(items.len() as i64);
                match items.into_iter().next() {
                    Some(first) => at = first,
                    None => return Ok(()),
                }
            }
            None if at.as_str().is_some() => {
                return Err(match sizes.is_empty() {
                    true => type_error("new(): invalid data type 'str'").into(),
                    false => value_error(format!("too many dimensions '{}'", at.type_name())).into(),
                });
            }
            None => return Ok(()),
        }
        if sizes.len() > 128 {
            return Err(value_error("too many dimensions 'list'").into());
        }
    }
}

/// Reads the numbers of nested data of these sizes, in order.
fn fill(value: &Value, sizes: &[i64], dtype: Option<DType>, out: &mut Vec<Scalar>) -> Res<()> {
    fn level(value: &Value, sizes: &[i64], dim: usize, dtype: Option<DType>, out: &mut Vec<Scalar>) -> Res<()> {
        if dim == sizes.len() {
            let whole = dtype.map_or_else(|| !out.iter().any(|s| matches!(s, Scalar::Float(_))), DType::is_integral);
            out.push(one(value, dtype, whole)?);
            return Ok(());
        }
        let wrong =
            |got: usize| value_error(format!("expected sequence of length {} at dim {dim} (got {got})", sizes[dim]));
        if let Some(view) = elements_of(value)? {
            if view.sizes() != &sizes[dim..] {
                return match view.sizes().first() {
                    Some(&n) => Err(wrong(n as usize).into()),
                    None => Err(type_error("not a sequence").into()),
                };
            }
            out.extend((0..view.numel()).map(|i| view.get(i)));
            return Ok(());
        }
        // A list of plain numbers is read where it stands.
        if let Value::List(list) = value
            && dim + 1 == sizes.len()
        {
            let items = list.items.borrow();
            if items.len() as i64 != sizes[dim] {
                return Err(wrong(items.len()).into());
            }
            let start = out.len();
            out.extend(
                polled(items.iter()).map_while(|v| if matches!(v, Value::BigInt(_)) { None } else { as_scalar(v) }),
            );
            if out.len() - start == items.len() {
                return Ok(());
            }
            out.truncate(start);
        }
        let Some(items) = sequence(value) else {
            return Err(type_error("not a sequence").into());
        };
        if items.len() as i64 != sizes[dim] {
            return Err(wrong(items.len()).into());
        }
        items.iter().try_for_each(|item| level(item, sizes, dim + 1, dtype, out))
    }
    level(value, sizes, 0, dtype, out)
}

/// The number that a value is; `whole` tells whether an integer is wanted.
fn one(value: &Value, dtype: Option<DType>, whole: bool) -> Res<Scalar> {
    if let Some(scalar) = as_scalar(value) {
        // Beyond 64 bits an int is read as a float, which only floats can hold.
        return match (value, scalar, dtype) {
            (Value::BigInt(_), Scalar::Float(_), Some(DType::U64)) => Err(overflow("int too big to convert").into()),
            (Value::BigInt(_), Scalar::Float(_), Some(d)) if !d.is_integral() => Ok(scalar),
            (Value::BigInt(_), Scalar::Float(_), _) => Err(value_error(TOO_BIG).into()),
            _ => Ok(scalar),
        };
    }
    if let Some(view) = elements_of(value)? {
        return match view.numel() {
            1 => Ok(view.get(0)),
            _ if view.dtype().is_integral() && whole => {
                Err(type_error("only integer tensors of a single element can be converted to an index").into())
            }
            _ => Err(value_error("only one element tensors can be converted to Python scalars").into()),
        };
    }
    let name = value.type_name();
    Err(match (dtype, value) {
        (None, Value::Str(_)) => type_error("new(): invalid data type 'str'"),
        (None, _) if sequence(value).is_none() => runtime(format!("Could not infer dtype of {name}")),
        (Some(DType::U64), _) => type_error("an integer is required"),
        _ if whole => type_error(format!("'{name}' object cannot be interpreted as an integer")),
        _ => type_error(format!("must be real number, not {name}")),
    }
    .into())
}

const TOO_BIG: &str = "Overflow when unpacking long long";

/// The dtype of the numbers: the highest kind among them; of tensors, their promoted dtype.
fn infer(value: &Value, numbers: &[Scalar]) -> DType {
    if let Some(dtype) = promoted(value) {
        return dtype;
    }
    let kind = polled(numbers).fold(None, |kind: Option<DType>, s| {
        let mine = match s {
            Scalar::Float(_) => default_dtype(),
            Scalar::Complex(_) => default_complex(),
            other => other.dtype(),
        };
        match kind {
            Some(k) if k == mine => kind,
            Some(k) => Some(promote(k, mine).unwrap_or(k)),
            None => Some(mine),
        }
    });
    kind.unwrap_or_else(default_dtype)
}

/// The promoted dtype of a list that holds tensors, arrays or NumPy's scalars.
fn promoted(value: &Value) -> Option<DType> {
    let items = sequence(value)?;
    let own = |v: &Value| match v {
        Value::Tensor(t) => Some(t.dtype()),
        other => crate::numpy::view_of(other).map(|v| v.dtype()),
    };
    if let Value::List(_) | Value::Tuple(_) = items.first()? {
        let mut all = items.iter().map(promoted);
        let first = all.next()??;
        return all.try_fold(first, |d, v| promote(d, v?));
    }
    if !items.iter().any(|v| own(v).is_some()) {
        return None;
    }
    items.iter().try_fold(DType::Bool, |d, v| match own(v) {
        Some(mine) => promote(d, mine),
        None => promote(d, crate::ops::bind::number_dtype(as_scalar(v)?)),
    })
}

/// A number that the dtype can hold; a negative one may stand for its complement in an unsigned dtype.
fn checked(s: Scalar, dtype: DType) -> Result<Scalar, Error> {
    match (s, dtype) {
        (Scalar::Complex(_), d) if d.is_complex() || d == DType::Bool => return Ok(s),
        (Scalar::Complex(_) | Scalar::Float(_), DType::U64) => return Err(type_error("an integer is required")),
        (Scalar::Complex(_), d) if d.is_int() => {
            return Err(type_error("'complex' object cannot be interpreted as an integer"));
        }
        (Scalar::Complex(_), _) => return Err(type_error("must be real number, not complex")),
        (Scalar::Int(i), DType::U64) if i < 0 => return Err(overflow("can't convert negative int to unsigned")),
        (Scalar::UInt(_), d) if d.is_int() && d != DType::U64 => return Err(value_error(TOO_BIG)),
        _ => {}
    }
    let Some(info) = int_info(dtype).filter(|_| dtype.is_int()) else { return Ok(s) };
    let max = info.max as f64;
    let fits = match s {
        Scalar::Int(i) if dtype.is_unsigned() => i.unsigned_abs() <= info.max,
        Scalar::Int(i) => i >= info.min && (i < 0 || i as u64 <= info.max),
        // The next float above the greatest int64 is 2**63 itself, which torch lets pass.
        Scalar::Float(f) => f >= info.min as f64 && f <= max,
        _ => true,
    };
    match fits {
        true => Ok(s),
        false => Err(runtime(format!("value cannot be converted to type {} without overflow", dtype.name()))),
    }
}

/// A list in a subscript, as an index tensor: bools make a mask, other numbers `int64`.
///
/// # Errors
/// torch's `IndexError` and `TypeError` for other elements.
pub fn index(value: &Value) -> Res<View> {
    let view = view(value, None)?;
    Ok(if view.dtype().is_integral() { view } else { devices::cast(&view, DType::I64)? })
}

/// A tensor's elements as nested lists of numbers.
pub fn to_list(view: &View) -> Value {
    fn level(view: &View, at: &mut usize, dim: usize) -> Value {
        if dim == view.ndim() {
            *at += 1;
            return super::convert::number(view.get(*at - 1));
        }
        Value::list(polled(0..view.sizes()[dim]).map(|_| level(view, at, dim + 1)).collect())
    }
    level(view, &mut 0, 0)
}

/// The text `torch.FloatTensor` of a dtype, as `tensor.type()` gives it.
pub fn type_text(dtype: DType) -> Rc<str> {
    format!("torch.{}Tensor", dtype.aten()).into()
}
