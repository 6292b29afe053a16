//! `array[index]`, read and written.

use super::array::{readable, turn, write};
use super::make;
use crate::base::DType;
use crate::base::error::{Error, index_error, value_error};
use crate::base::shape::Shape;
use crate::cpu::copy;
use crate::cpu::index::subscript::{self as kernel, Index};
use crate::eval::interp::Interp;
use crate::eval::raise::Res;
use crate::eval::value::{Slice, Value};
use crate::store::View;
use crate::tensor::recompute;

/// An index split in two: what a view can express, and the arrays that then pick from that view.
struct Plan {
    /// The view that integers, slices and `None` give; a negative step gives negative strides.
    view: View,
    /// What picks from `view`, an item a dimension; empty when nothing does.
    picks: Vec<Index>,
    /// Whether an integer stood for every dimension, so that an element is meant.
    element: bool,
}

#[cold]
fn wrong_kind() -> Error {
    index_error(
        "only integers, slices (`:`), ellipsis (`...`), numpy.newaxis (`None`) and integer or boolean arrays are valid \
         indices",
    )
}

/// An index array, or `None` for what is none.
fn index_array(it: &mut Interp, item: &Value) -> Res<Option<View>> {
    let view = match item {
        Value::List(_) | Value::Tuple(_) | Value::Range(_) | Value::Tensor(_) => make::array(it, item, None)?,
        Value::Bool(b) => View::scalar(DType::Bool, (*b).into())?,
        other => match super::view_of(other) {
            Some(view) => view,
            None => return Ok(None),
        },
    };
    if view.dtype() == DType::Bool {
        return Ok(Some(view));
    }
    if view.numel() == 0 && !view.dtype().is_int() && matches!(item, Value::List(_)) {
        return Ok(Some(View::empty(DType::I64, view.sizes())?));
    }
    if !view.dtype().is_int() {
        return Err(wrong_kind().into());
    }
    Ok(Some(copy::cast(&view, DType::I64)?))
}

fn plan(it: &mut Interp, x: &View, index: &Value) -> Res<Plan> {
    let items: Vec<Value> = match index {
        Value::Tuple(t) => t.items.to_vec(),
        one => vec![one.clone()],
    };
    let mut arrays: Vec<Option<View>> = Vec::with_capacity(items.len());
    let (mut named, mut dots) = (0, 0);
    for item in &items {
        let array = match item {
            Value::None | Value::Ellipsis => None,
            Value::Int(_) | Value::Slice(_) => {
                named += 1;
                None
            }
            other => {
                let array = index_array(it, other)?.ok_or_else(wrong_kind)?;
                named += if array.dtype() == DType::Bool { array.ndim() } else { 1 };
                Some(array)
            }
        };
        dots += usize::from(matches!(item, Value::Ellipsis));
        arrays.push(array);
    }
    if dots > 1 {
        return Err(index_error("an index can only have a single ellipsis ('...')").into());
    }
    if named > x.ndim() {
        let message =
            format!("too many indices for array: array is {}-dimensional, but {named} were indexed", x.ndim());
        return Err(index_error(message).at(&[0, 1]).into());
    }
    let mut p = Plan { view: x.clone(), picks: Vec::new(), element: false };
    // `dim` counts the dimensions of the view made so far, `axis` those of the array, for messages.
    let (mut dim, mut axis, mut picked) = (0, 0, false);
    let mut integers = 0;
    for (item, array) in items.iter().zip(arrays) {
        match (item, array) {
            (Value::Ellipsis, _) => {
                let skipped = x.ndim() - named;
                p.picks.extend(std::iter::repeat_n(ALL, skipped));
                dim += skipped;
                axis += skipped;
            }
            (Value::None, _) => {
                p.view = p.view.unsqueeze(dim);
                p.picks.push(ALL);
                dim += 1;
            }
            (Value::Slice(s), _) => {
                let n = p.view.sizes()[dim];
                p.view = sliced(&p.view, dim, s, n)?;
                p.picks.push(ALL);
                dim += 1;
                axis += 1;
            }
            (_, Some(a)) if a.ndim() == 0 && a.dtype() != DType::Bool => {
                p.view = select(&p.view, dim, a.get(0).to_i64(), axis)?;
                axis += 1;
                integers += 1;
            }
            (Value::Int(i), _) => {
                p.view = select(&p.view, dim, *i, axis)?;
                axis += 1;
                integers += 1;
            }
            (_, Some(a)) if a.dtype() == DType::Bool && a.ndim() == 0 => {
                p.picks.push(Index::Bool(a.get(0).to_bool()));
                picked = true;
            }
            (_, Some(a)) => {
                check(&a, &p.view, dim, axis)?;
                let used = if a.dtype() == DType::Bool { a.ndim() } else { 1 };
                dim += used;
                axis += used;
                p.picks.push(Index::Tensor(a));
                picked = true;
            }
            (_, None) => return Err(wrong_kind().into()),
        }
    }
    p.element = integers == x.ndim() && items.len() == integers;
    if !picked {
        p.picks.clear();
    }
    Ok(p)
}

const ALL: Index = Index::Slice { start: None, stop: None, step: None };

#[cold]
fn out_of_bounds(index: i64, axis: usize, n: i64) -> Error {
    index_error(format!("index {index} is out of bounds for axis {axis} with size {n}")).at(&[1])
}

fn select(view: &View, dim: usize, index: i64, axis: usize) -> Res<View> {
    let n = view.sizes()[dim];
    if index < -n || index >= n {
        return Err(out_of_bounds(index, axis, n).into());
    }
    Ok(view.select(dim, index)?)
}

/// What a slice takes of a dimension of size `n`.
fn sliced(view: &View, dim: usize, slice: &Slice, n: i64) -> Res<View> {
    let taken = slice.taken(n as usize)?;
    let count = taken.count as i64;
    if count == 0 {
        return Ok(view.slice_dim(dim, 0, 0, 1));
    }
    let last = taken.start + (count - 1) * taken.step;
    let (low, high) = (taken.start.min(last), taken.start.max(last));
    let up = view.slice_dim(dim, low, high + 1, taken.step.saturating_abs());
    Ok(if taken.step < 0 && count > 1 { turn(&up, dim) } else { up })
}

fn check(a: &View, view: &View, dim: usize, axis: usize) -> Res<()> {
    if a.dtype() == DType::Bool {
        for (i, (&have, &n)) in a.sizes().iter().zip(&view.sizes()[dim..]).enumerate() {
            if have != n {
                return Err(index_error(format!(
                    "boolean index did not match indexed array along axis {}; size of axis is {n} but size of \
                     corresponding boolean axis is {have}",
                    axis + i
                ))
                .at(&[0, 1])
                .into());
            }
        }
        return Ok(());
    }
    let n = view.sizes()[dim];
    for i in a.to_vec::<i64>() {
        if i < -n || i >= n {
            return Err(out_of_bounds(i, axis, n).into());
        }
    }
    Ok(())
}

/// NumPy's words for what torch says of index arrays that do not fit together.
fn mismatch(e: Error, picks: &[Index]) -> Error {
    if !e.message().starts_with("shape mismatch") {
        return e;
    }
    let shapes: Vec<String> = picks
        .iter()
        .filter_map(|p| match p {
            Index::Tensor(t) => Some(super::ufunc::shape_text(t.sizes())),
            _ => None,
        })
        .collect();
    index_error(format!(
        "shape mismatch: indexing arrays could not be broadcast together with shapes {} ",
        shapes.join(" ")
    ))
}

/// `x[index]`: a scalar for an element, a view where a view can express it, else a copy.
///
/// # Errors
/// NumPy's `IndexError`s.
pub fn get(it: &mut Interp, x: &View, index: &Value) -> Res {
    let p = plan(it, x, index)?;
    let view = p.view;
    if !p.picks.is_empty() {
        let picked = kernel::get(&readable(&view), &p.picks).map_err(|e| mismatch(e, &p.picks))?;
        return Ok(super::give(picked));
    }
    Ok(if p.element { super::give(view) } else { super::array_of(view) })
}

/// `x[index] = value`.
///
/// # Errors
/// NumPy's `IndexError`s, and its `ValueError` for values that do not fit.
pub fn set(it: &mut Interp, x: &View, index: &Value, value: &Value) -> Res<()> {
    let p = plan(it, x, index)?;
    let number = crate::eval::torch::convert::as_scalar(value).is_some();
    let wanted = if number { Some(x.dtype()) } else { None };
    let source = make::array(it, value, wanted).map_err(|e| scalar_words(e, p.element))?;
    if p.element && source.ndim() > 0 {
        return Err(value_error("setting an array element with a sequence.").into());
    }
    recompute::settle()?;
    if p.picks.is_empty() {
        let source = squeezed(&source, p.view.ndim());
        let stretched = source.expand(p.view.sizes()).map_err(|_| no_fit(source.sizes(), p.view.sizes()))?;
        write(&p.view, &stretched)?;
    } else {
        let source = copy::cast(&source, x.dtype())?;
        let place = readable(&p.view);
        let sizes = Shape::from_slice(kernel::get(&place, &p.picks).map_err(|e| mismatch(e, &p.picks))?.sizes());
        let source = squeezed(&source, sizes.len());
        if source.expand(&sizes).is_err() {
            let mask = matches!(&p.picks[..], [Index::Tensor(t)] if t.dtype() == DType::Bool);
            return Err(match (mask, source.sizes(), &sizes[..]) {
                (true, [have], [n]) => value_error(format!(
                    "NumPy boolean array indexing assignment cannot assign {have} input values to the {n} output values \
                     where the mask is true"
                )),
                (_, have, want) => value_error(format!(
                    "shape mismatch: value array of shape {} could not be broadcast to indexing result of shape {}",
                    super::ufunc::shape_text(have),
                    super::ufunc::shape_text(want)
                )),
            }
            .into());
        }
        kernel::set(&place, &p.picks, &source)?;
        if !place.shares(&p.view) {
            write(&p.view, &place)?;
        }
    }
    Ok(())
}

/// Without leading dimensions of size 1 beyond `most`: assignment ignores them.
fn squeezed(x: &View, most: usize) -> View {
    let mut x = x.clone();
    while x.ndim() > most && x.sizes()[0] == 1 {
        x = x.squeeze(&[0]);
    }
    x
}

fn scalar_words(e: crate::eval::raise::Raise, element: bool) -> crate::eval::raise::Raise {
    let ragged = e.value().message.as_deref().is_some_and(|m| m.starts_with("setting an array element"));
    if element && ragged { value_error("setting an array element with a sequence.").into() } else { e }
}

#[cold]
fn no_fit(from: &[i64], to: &[i64]) -> Error {
    let (a, b) = (super::ufunc::shape_text(from), super::ufunc::shape_text(to));
    value_error(format!("could not broadcast input array from shape {a} into shape {b}")).at(&[0, 1])
}
