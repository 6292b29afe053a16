//! `tensor[index]`, read and written.

use super::convert::{as_scalar, as_tensor};
use super::data;
use crate::base::DType;
use crate::base::error::{index_error, runtime, type_error, value_error};
use crate::cpu::index::subscript::{self as kernel, Index};
use crate::eval::interp::Interp;
use crate::eval::raise::Res;
use crate::eval::value::Value;
use crate::ops::args::In;
use crate::store::View;
use crate::tensor::{Tensor, grad, history, inplace, recompute, subscript};
use num_bigint::Sign;

/// `this[index]`.
///
/// # Errors
/// torch's `IndexError`s.
pub fn get(it: &mut Interp, this: &Tensor, index: &Value) -> Res {
    if this.requires_grad() && grad::enabled() {
        let items = items(it, index)?;
        return Ok(Value::Tensor(recorded(this, &items)?));
    }
    let view = this.view()?;
    // The index that loops use.
    if let Value::Int(i) = index
        && view.ndim() > 0
    {
        return Ok(Value::Tensor(part(this, view.select(0, *i)?)));
    }
    let items = items(it, index)?;
    Ok(Value::Tensor(part(this, subscript::get(&view, &items)?)))
}

/// A part of a tensor; a view knows what it is a view of once gradients are in use.
pub(super) fn part(of: &Tensor, view: View) -> Tensor {
    let part = Tensor::new(view);
    if grad::notes_views() {
        history::note_view(of, &part);
    }
    part
}

/// `this[index] = value`.
///
/// # Errors
/// torch's `IndexError`s, and its `TypeError` for values that are neither tensors nor numbers.
pub fn set(it: &mut Interp, this: &Tensor, index: &Value, value: &Value) -> Res<()> {
    inplace::check_mode(this)?;
    let asks = |t: &Tensor| t.requires_grad() && grad::enabled();
    if asks(this) || as_tensor(value).is_some_and(asks) {
        return set_recorded(it, this, index, value);
    }
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
    recompute::settle()?;
    subscript::set(&view, &items, &source)?;
    if !this.is_uncounted() {
        view.storage().bump();
    }
    Ok(())
}

fn call(name: &str, t: &Tensor, args: &[i64]) -> Res<Tensor> {
    let args: Vec<In<Tensor>> =
        std::iter::once(In::Tensor(t.clone())).chain(args.iter().map(|&i| In::Int(i))).collect();
    Ok(history::named(name, &args)?)
}

/// What the plain items give, each as a step of its own, and whether there was any.
fn plain(this: &Tensor, items: &[Index]) -> Res<(Tensor, bool)> {
    let named = |item: &Index| match item {
        Index::Int(_) | Index::Slice { .. } => 1,
        Index::Tensor(t) if matches!(t.dtype(), DType::Bool | DType::U8) => t.ndim(),
        Index::Tensor(_) => 1,
        Index::None | Index::Ellipsis | Index::Bool(_) => 0,
    };
    let rest = this.ndim().saturating_sub(items.iter().map(named).sum());
    let (mut t, mut dim, mut any) = (this.clone(), 0, false);
    for item in items {
        let at = dim as i64;
        match item {
            Index::Int(i) => t = call("select", &t, &[at, *i])?,
            Index::Slice { start, stop, step } => {
                let whole = items.len() > 1
                    && step.unwrap_or(1) == 1
                    && start.unwrap_or(0) == 0
                    && stop.is_none_or(|s| s >= t.sizes()[dim]);
                if !whole {
                    t = call("slice", &t, &[at, start.unwrap_or(0), stop.unwrap_or(i64::MAX), step.unwrap_or(1)])?;
                }
                any |= !whole;
                dim += 1;
                continue;
            }
            Index::None => {
                t = call("unsqueeze", &t, &[at])?;
                dim += 1;
            }
            Index::Bool(_) => {
                t = call("unsqueeze", &t, &[at])?;
                dim += 1;
            }
            Index::Tensor(i) if i.ndim() == 0 && matches!(i.dtype(), DType::Bool | DType::U8) => {
                t = call("unsqueeze", &t, &[at])?;
                dim += 1;
            }
            Index::Tensor(i) if i.ndim() == 0 => t = call("select", &t, &[at, i.get(0).to_i64()])?,
            Index::Tensor(_) => {
                dim += named(item);
                continue;
            }
            Index::Ellipsis => {
                dim += rest;
                continue;
            }
        }
        any = true;
    }
    Ok((t, any))
}

/// `this[items]`, recorded.
fn recorded(this: &Tensor, items: &[Index]) -> Res<Tensor> {
    let view = this.view()?;
    // What cannot be is refused here.
    let (_, picked) = kernel::slice_items(&view, items)?;
    let (part, any) = plain(this, items)?;
    if picked.is_empty() {
        return if any { Ok(part) } else { call("alias", this, &[]) };
    }
    let out = Tensor::new(subscript::get(&view, items)?);
    history::index(&part, &picked, &out)?;
    Ok(out)
}

/// `this[index] = value`, recorded.
fn set_recorded(it: &mut Interp, this: &Tensor, index: &Value, value: &Value) -> Res<()> {
    let items = items(it, index)?;
    let view = this.view()?;
    let (_, picked) = kernel::slice_items(&view, &items)?;
    if picked.is_empty()
        && this.requires_grad()
        && this.is_leaf()
        && !items.iter().all(|i| matches!(i, Index::Ellipsis))
    {
        let message = "a view of a leaf Variable that requires grad is being used in an in-place operation.";
        return Err(runtime(message).at(&[0]).into());
    }
    history::check_target(this)?;
    let value = match value {
        Value::Tensor(t) => t.clone(),
        other => match as_scalar(other) {
            Some(scalar) => Tensor::new(kernel::assigned(&view, scalar)?),
            None => {
                let message = format!("can't assign a {} to a torch.{}Tensor", other.type_name(), view.dtype().aten());
                return Err(type_error(message).into());
            }
        },
    };
    let (part, any) = plain(this, &items)?;
    if any && part.base().is_none() {
        part.set_base(this.base().unwrap_or_else(|| this.clone()));
    }
    let before = part.edge()?;
    let value = history::cast(&value, part.dtype())?;
    if picked.is_empty() {
        // Leading dimensions of size 1 that the place does not have are let go.
        let extra =
            value.sizes().iter().take(value.ndim().saturating_sub(part.ndim())).take_while(|n| **n == 1).count();
        let sizes = value.sizes()[extra..].iter().map(|&n| In::Int(n)).collect();
        let value = if extra > 0 {
            history::named("reshape", &[In::Tensor(value), In::Seq { items: sizes, tuple: true }])?
        } else {
            value
        };
        history::named("copy_", &[In::Tensor(part), In::Tensor(value)])?;
        return Ok(());
    }
    let source = value.view()?;
    recompute::settle()?;
    subscript::set(&view, &items, &source)?;
    view.storage().bump();
    history::index_put(&part, before, &picked, &value)?;
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
