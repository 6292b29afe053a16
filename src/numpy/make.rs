//! Arrays from nested data, and the arguments that say how large arrays are.

use super::promote;
use super::ufunc::{shape_text, weak_view};
use crate::base::error::{Error, overflow, type_error, value_error};
use crate::base::shape::Shape;
use crate::base::{DType, Scalar};
use crate::cpu::copy;
use crate::eval::interp::Interp;
use crate::eval::kind::Type;
use crate::eval::raise::Res;
use crate::eval::torch::convert::as_scalar;
use crate::eval::value::Value;
use crate::store::View;

/// Levels of lists that an array can have.
const MOST_DIMS: usize = 64;

/// The items of a sequence, or `None` for anything else.
fn sequence(value: &Value) -> Option<Vec<Value>> {
    match value {
        Value::List(list) => Some(list.items.borrow().clone()),
        Value::Tuple(t) => Some(t.items.to_vec()),
        Value::Range(r) => Some((0..r.len()).map(|i| Value::Int(r.at(i))).collect()),
        _ => None,
    }
}

/// The elements behind an array, a NumPy scalar or a tensor.
fn elements(value: &Value) -> Res<Option<View>> {
    match value {
        Value::Tensor(t) if t.requires_grad() => Err(crate::base::error::runtime(
            "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.",
        )
        .into()),
        Value::Tensor(t) => Ok(Some(super::on_host(t)?)),
        other => Ok(super::view_of(other)),
    }
}

/// The value's elements as a view: those of an array as they are, anything else as a fresh one; converted to `dtype`.
///
/// # Errors
/// NumPy's `ValueError` for ragged data, its `OverflowError` for ints that do not fit, `TypeError` for what is no number.
pub fn array(_: &mut Interp, value: &Value, dtype: Option<DType>) -> Res<View> {
    if let Some(view) = elements(value)? {
        return Ok(copy::cast(&view, dtype.unwrap_or(view.dtype()))?);
    }
    let mut found = Found { sizes: measure(value)?, leaves: Vec::new(), dtype: None };
    found.fill(value, 0)?;
    let dtype = dtype.or(found.dtype).unwrap_or(DType::F64);
    found.write(dtype)
}

/// The shape that the first items of each level promise.
fn measure(value: &Value) -> Res<Shape> {
    let (mut sizes, mut at) = (Shape::new(), value.clone());
    loop {
        if let Some(view) = elements(&at)? {
            sizes.extend_from_slice(view.sizes());
            return Ok(sizes);
        }
        let Some(items) = sequence(&at) else { return Ok(sizes) };
        if sizes.len() == MOST_DIMS {
            return Err(value_error("setting an array element with a sequence.").into());
        }
        sizes.push(items.len() as i64);
        match items.into_iter().next() {
            Some(first) => at = first,
            None => return Ok(sizes),
        }
    }
}

enum Leaf {
    Number(Scalar),
    Part(View),
}

struct Found {
    sizes: Shape,
    leaves: Vec<Leaf>,
    dtype: Option<DType>,
}

impl Found {
    fn see(&mut self, d: DType) {
        self.dtype = Some(self.dtype.map_or(d, |have| promote::promote(have, d)));
    }

    #[cold]
    fn ragged(&self, dim: usize) -> Error {
        value_error(format!(
            "setting an array element with a sequence. The requested array has an inhomogeneous shape after {dim} \
             dimensions. The detected shape was {} + inhomogeneous part.",
            shape_text(&self.sizes[..dim]).replace(',', ", ").replace(", )", ",)")
        ))
    }

    fn fill(&mut self, value: &Value, dim: usize) -> Res<()> {
        if let Some(view) = elements(value)? {
            if view.sizes() != &self.sizes[dim..] {
                return Err(self.ragged(dim).into());
            }
            self.see(view.dtype());
            self.leaves.push(Leaf::Part(view));
            return Ok(());
        }
        if dim == self.sizes.len() {
            let number = match value {
                Value::BigInt(_) if !matches!(as_scalar(value), Some(Scalar::UInt(_))) => {
                    return Err(overflow("Python int too large to convert to C long").into());
                }
                other => as_scalar(other),
            };
            let Some(number) = number else {
                if sequence(value).is_some() {
                    return Err(self.ragged(dim).into());
                }
                let message = format!("tensh's arrays hold numbers, not {}", value.type_name());
                return Err(type_error(message).into());
            };
            self.see(number.dtype());
            self.leaves.push(Leaf::Number(number));
            return Ok(());
        }
        match sequence(value) {
            Some(items) if items.len() as i64 == self.sizes[dim] => {
                items.iter().try_for_each(|item| self.fill(item, dim + 1))
            }
            _ => Err(self.ragged(dim).into()),
        }
    }

    /// The leaves one after the other, as an array of a dtype.
    fn write(self, dtype: DType) -> Res<View> {
        let out = View::empty(dtype, &self.sizes)?;
        let flat = out.with_geometry(&[out.numel() as i64], &[1], 0)?;
        let mut at = 0;
        for leaf in &self.leaves {
            match leaf {
                Leaf::Part(v) => {
                    let n = v.numel() as i64;
                    copy::copy_into(&crate::cpu::shape::reshape(v, &[n])?, &mut flat.narrow(0, at, n))?;
                    at += n;
                }
                Leaf::Number(s) => {
                    flat.set(at as usize, checked(*s, dtype)?);
                    at += 1;
                }
            }
        }
        Ok(out)
    }
}

/// A Python number that a dtype can hold.
fn checked(s: Scalar, dtype: DType) -> Result<Scalar, Error> {
    match s {
        Scalar::Complex(_) if !dtype.is_complex() && dtype != DType::Bool => {
            Err(type_error("float() argument must be a string or a real number, not 'complex'"))
        }
        _ if dtype.is_int() => Ok(weak_view(s, dtype)?.get(0)),
        _ => Ok(s),
    }
}

/// An integer argument, NumPy's and torch's integers too.
///
/// # Errors
/// `TypeError: 'str' object cannot be interpreted as an integer`.
pub fn integer(it: &mut Interp, value: &Value) -> Res<i64> {
    if let Value::Object(_) | Value::Tensor(_) = value
        && let Some(Value::Int(i)) = value.foreign().number(it, Type::Object)?
    {
        return Ok(i);
    }
    crate::eval::number::convert::size(value)
}

/// A shape: an integer, or a list or tuple of them.
///
/// # Errors
/// NumPy's `ValueError` for negative sizes and `TypeError` for what is no shape.
pub fn shape(it: &mut Interp, value: &Value) -> Res<Shape> {
    let sizes: Shape = match sequence(value) {
        Some(items) => items.iter().map(|v| integer(it, v)).collect::<Res<_>>()?,
        None => match value {
            Value::Float(_) => {
                let text = it.repr(value)?;
                let message = format!("expected a sequence of integers or a single integer, got '{text}'");
                return Err(type_error(message).into());
            }
            other if super::array_view(other).is_some_and(|v| v.ndim() == 1) => {
                let items = it.collect(other)?;
                items.iter().map(|v| integer(it, v)).collect::<Res<_>>()?
            }
            other => Shape::from_slice(&[integer(it, other)?]),
        },
    };
    if sizes.iter().any(|n| *n < 0) {
        return Err(value_error("negative dimensions are not allowed").into());
    }
    Ok(sizes)
}

/// Sizes given one by one or as one tuple, -1 allowed.
///
/// # Errors
/// `TypeError` for what is no integer.
pub fn spread(it: &mut Interp, value: &Value) -> Res<Vec<i64>> {
    let items = it.collect(value)?;
    let items = match &items[..] {
        [one] if sequence(one).is_some() => sequence(one).unwrap_or_default(),
        _ => items,
    };
    items.iter().map(|v| integer(it, v)).collect()
}

/// `a.reshape(sizes)` with one -1 allowed: a view where that is possible.
///
/// # Errors
/// NumPy's `ValueError`.
pub fn reshape(x: &View, sizes: &[i64]) -> Res<View> {
    let free = sizes.iter().filter(|n| **n < 0).count();
    if free > 1 {
        return Err(value_error("can only specify one unknown dimension").into());
    }
    let known: i64 = sizes.iter().filter(|n| **n >= 0).product();
    let count = x.numel() as i64;
    let fits = if free == 1 { known > 0 && count % known == 0 } else { known == count };
    if !fits {
        let text = shape_text(sizes).replace("-1", "newaxis");
        let message = format!("cannot reshape array of size {count} into shape {text}");
        return Err(value_error(message).at(&[0]).into());
    }
    let sizes: Vec<i64> = sizes.iter().map(|&n| if n < 0 { count / known } else { n }).collect();
    Ok(crate::cpu::shape::reshape(x, &sizes)?)
}

/// The axes in reverse order.
pub fn reversed(x: &View) -> View {
    let order: Vec<usize> = (0..x.ndim()).rev().collect();
    x.permute(&order)
}
