//! `tensor[index]`, read and written.

use super::convert::as_scalar;
use super::data;
use crate::base::error::{index_error, type_error, value_error};
use crate::cpu::index::subscript::{self as kernel, Index};
use crate::eval::interp::Interp;
use crate::eval::raise::Res;
use crate::eval::value::Value;
use crate::tensor::{Tensor, lazy};
use num_bigint::Sign;

/// `this[index]`.
///
/// # Errors
/// torch's `IndexError`s.
pub fn get(it: &mut Interp, this: &Tensor, index: &Value) -> Res {
    let view = this.view()?;
    // The index that loops use.
    if let Value::Int(i) = index
        && view.ndim() > 0
    {
        return Ok(Value::Tensor(Tensor::new(view.select(0, *i)?)));
    }
    let items = items(it, index)?;
    Ok(Value::Tensor(Tensor::new(kernel::get(&view, &items)?)))
}

/// `this[index] = value`.
///
/// # Errors
/// torch's `IndexError`s, and its `TypeError` for values that are neither tensors nor numbers.
pub fn set(it: &mut Interp, this: &Tensor, index: &Value, value: &Value) -> Res<()> {
    let view = this.view()?;
    let source = match value {
        Value::Tensor(t) => t.view()?,
        Value::BigInt(_) => return Err(unpacking().into()),
        other => match as_scalar(other) {
            Some(scalar) => kernel::assigned(&view, scalar)?,
            None => {
                let message = format!("can't assign a {} to a torch.{}Tensor", other.type_name(), view.dtype().aten());
                return Err(type_error(message).into());
            }
        },
    };
    let items = items(it, index)?;
    lazy::flush()?;
    kernel::set(&view, &items, &source)?;
    view.storage().bump();
    Ok(())
}

fn items(it: &mut Interp, index: &Value) -> Res<Vec<Index>> {
    match index {
        Value::Tuple(t) => t.items.iter().map(|i| item(it, i)).collect(),
        Value::List(list) if stands_for_tuple(&list.items.borrow()) => {
            let parts = list.items.borrow().clone();
            parts.iter().map(|i| item(it, i)).collect()
        }
        one => Ok(vec![item(it, one)?]),
    }
}

/// NumPy's old rule, kept by torch: a short list that holds more than numbers is read as a tuple.
fn stands_for_tuple(items: &[Value]) -> bool {
    let part = |v: &Value| {
        matches!(
            v,
            Value::Tensor(_) | Value::List(_) | Value::Tuple(_) | Value::Slice(_) | Value::Ellipsis | Value::None
        )
    };
    items.len() < 32 && items.iter().any(part)
}

#[cold]
fn unpacking() -> crate::base::Error {
    value_error("Overflow when unpacking long long")
}

fn item(it: &mut Interp, index: &Value) -> Res<Index> {
    Ok(match index {
        Value::Int(i) => Index::Int(*i),
        Value::BigInt(_) => return Err(unpacking().into()),
        Value::None => Index::None,
        Value::Ellipsis => Index::Ellipsis,
        Value::Bool(b) => Index::Bool(*b),
        Value::Slice(s) => {
            let mut bound = |v: &Value| -> Res<Option<i64>> {
                match v {
                    Value::None => Ok(None),
                    Value::Int(i) => Ok(Some(*i)),
                    Value::Bool(b) => Ok(Some(i64::from(*b))),
                    Value::BigInt(n) => Ok(Some(if n.sign() == Sign::Minus { i64::MIN } else { i64::MAX })),
                    Value::Tensor(_) => match v.foreign().number(it, crate::eval::kind::Type::Object)? {
                        Some(Value::Int(i)) => Ok(Some(i)),
                        _ => Ok(None),
                    },
                    _ => Err(type_error("slice indices must be integers or None or have an __index__ method").into()),
                }
            };
            Index::Slice { start: bound(&s.start)?, stop: bound(&s.stop)?, step: bound(&s.step)? }
        }
        Value::Tensor(t) => Index::Tensor(t.view()?),
        Value::List(_) | Value::Tuple(_) | Value::Range(_) => Index::Tensor(data::index(index)?),
        Value::Object(_) if let Some(array) = crate::numpy::view_of(index) => Index::Tensor(array),
        Value::Str(_) => return Err(type_error("new(): invalid data type 'str'").into()),
        other => {
            let message = format!(
                "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices (got {})",
                other.type_name()
            );
            return Err(index_error(message).into());
        }
    })
}
