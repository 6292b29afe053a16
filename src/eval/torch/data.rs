//! Tensors from nested Python data.

use super::convert::as_scalar;
use crate::base::error::{Error, runtime, type_error, value_error};
use crate::base::promote::{default_complex, default_dtype, promote};
use crate::base::scalar::Cast;
use crate::base::shape::Shape;
use crate::base::{DType, Scalar};
use crate::dispatch;
use crate::eval::interp::Interp;
use crate::eval::raise::Res;
use crate::eval::value::Value;
use crate::store::View;
use std::rc::Rc;

/// The items of a sequence, or `None` for anything else.
fn sequence(value: &Value) -> Option<Vec<Value>> {
    match value {
        Value::List(list) => Some(list.items.borrow().clone()),
        Value::Tuple(t) => Some(t.items.to_vec()),
        Value::Range(r) => Some((0..r.len()).map(|i| Value::Int(r.at(i))).collect()),
        _ => None,
    }
}

/// A fresh view of nested lists and tuples of numbers; the dtype is inferred where none is given.
///
/// # Errors
/// torch's `ValueError` for ragged data, its `TypeError` for what is no number, and for numbers that do not fit.
pub fn view(it: &mut Interp, value: &Value, dtype: Option<DType>) -> Res<View> {
    if let Some(view) = elements_of(value)? {
        let wanted = dtype.unwrap_or(view.dtype());
        let fresh = crate::cpu::copy::clone(&view)?;
        return Ok(crate::cpu::copy::cast(&fresh, wanted)?);
    }
    let mut sizes = Shape::new();
    measure(value, &mut sizes)?;
    let mut numbers = Vec::with_capacity(sizes.iter().product::<i64>().max(0) as usize);
    fill(it, value, &sizes, 0, &mut numbers)?;
    let dtype = match dtype {
        Some(dtype) => dtype,
        None if numbers.iter().any(|s| matches!(s, Scalar::UInt(_))) => {
            return Err(value_error("Overflow when unpacking long long").into());
        }
        None => infer(value, &numbers),
    };
    let mut out = View::empty(dtype, &sizes)?;
    dispatch!(dtype, all T => {
        for (o, s) in out.slice_mut::<T>().iter_mut().zip(&numbers) {
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

fn fill(it: &mut Interp, value: &Value, sizes: &[i64], dim: usize, out: &mut Vec<Scalar>) -> Res<()> {
    if dim == sizes.len() {
        out.push(one(it, value)?);
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
        out.extend(items.iter().map_while(|v| if matches!(v, Value::BigInt(_)) { None } else { as_scalar(v) }));
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
    items.iter().try_for_each(|item| fill(it, item, sizes, dim + 1, out))
}

fn one(it: &mut Interp, value: &Value) -> Res<Scalar> {
    if let Some(scalar) = as_scalar(value) {
        return match (value, scalar) {
            (Value::BigInt(_), Scalar::Float(_)) => Err(value_error("Overflow when unpacking long long").into()),
            _ => Ok(scalar),
        };
    }
    if let Some(view) = elements_of(value)? {
        return match view.numel() {
            1 => Ok(view.get(0)),
            _ => Err(value_error("only one element tensors can be converted to Python scalars").into()),
        };
    }
    if sequence(value).is_some() {
        return Err(type_error(format!("must be real number, not {}", value.type_name())).into());
    }
    let _ = it;
    Err(match value {
        Value::Str(_) => type_error("new(): invalid data type 'str'"),
        other => runtime(format!("Could not infer dtype of {}", other.type_name())),
    }
    .into())
}

/// The dtype of the numbers: the highest kind among them; of tensors, their promoted dtype.
fn infer(value: &Value, numbers: &[Scalar]) -> DType {
    if let Some(dtype) = promoted(value) {
        return dtype;
    }
    let kind = numbers.iter().fold(None, |kind: Option<DType>, s| {
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

/// A number that the dtype can hold.
fn checked(s: Scalar, dtype: DType) -> Result<Scalar, Error> {
    let overflow = |name: &str| runtime(format!("value cannot be converted to type {name} without overflow"));
    let range = match dtype {
        DType::U8 => Some((0, 255, "uint8_t")),
        DType::I8 => Some((-128, 127, "int8_t")),
        DType::I16 => Some((-32768, 32767, "int16_t")),
        DType::I32 => Some((i64::from(i32::MIN), i64::from(i32::MAX), "int")),
        DType::U16 => Some((0, 65535, "uint16_t")),
        DType::U32 => Some((0, i64::from(u32::MAX), "uint32_t")),
        _ => None,
    };
    match (range, s) {
        (Some((low, high, name)), Scalar::Int(i)) if i < low || i > high => Err(overflow(name)),
        (_, Scalar::Complex(c)) if !dtype.is_complex() && c.im != 0.0 => Err(overflow(match dtype {
            DType::F32 => "float",
            DType::F64 => "double",
            _ => dtype.name(),
        })),
        _ => Ok(s),
    }
}

/// A list in a subscript, as an index tensor: bools make a mask, other numbers `int64`.
///
/// # Errors
/// torch's `IndexError` and `TypeError` for other elements.
pub fn index(it: &mut Interp, value: &Value) -> Res<View> {
    let view = view(it, value, None)?;
    Ok(if view.dtype().is_integral() { view } else { crate::cpu::copy::cast(&view, DType::I64)? })
}

/// A tensor's elements as nested lists of numbers.
pub fn to_list(view: &View) -> Value {
    fn level(view: &View, at: &mut usize, dim: usize) -> Value {
        if dim == view.ndim() {
            *at += 1;
            return super::convert::number(view.get(*at - 1));
        }
        Value::list((0..view.sizes()[dim]).map(|_| level(view, at, dim + 1)).collect())
    }
    level(view, &mut 0, 0)
}

/// The text `torch.FloatTensor` of a dtype, as `tensor.type()` gives it.
pub fn type_text(dtype: DType) -> Rc<str> {
    format!("torch.{}Tensor", dtype.aten()).into()
}
