//! `t[...]`, read and written.
//!
//! Integers, slices, `None`, `...` and bools give a view; tensors then pick from that view. The rules of order, position
//! and error are ATen's.

use super::masked;
use super::plan::{Plan, first_outside, out_of_bounds, wrap};
use crate::base::error::{Error, Result, index_error, runtime, value_error};
use crate::base::interrupt::polled;
use crate::base::shape::{Shape, broadcast, numel, show};
use crate::base::{DType, Scalar};
use crate::cpu::copy;
use crate::dispatch;
use crate::store::View;
use crate::store::overlap;

/// One item between the brackets.
#[derive(Clone, Debug)]
pub enum Index {
    /// An integer: the dimension goes.
    Int(i64),
    /// `start:stop:step`.
    Slice {
        /// First index.
        start: Option<i64>,
        /// One past the last index.
        stop: Option<i64>,
        /// Distance between indices.
        step: Option<i64>,
    },
    /// `None`: a new dimension of size 1.
    None,
    /// `...`: all dimensions not named.
    Ellipsis,
    /// `True`, `False`: a new dimension of size 1 or 0.
    Bool(bool),
    /// Indices, or a mask when the dtype is bool or uint8.
    Tensor(View),
}

fn is_mask(index: &View) -> bool {
    matches!(index.dtype(), DType::Bool | DType::U8)
}

#[cold]
fn too_many(ndim: usize) -> Error {
    index_error(format!("too many indices for tensor of dimension {ndim}"))
}

/// The view that the plain items give, and the tensors among them by the dimension they index.
///
/// # Errors
/// ATen's `IndexError`s.
pub fn slice_items(x: &View, items: &[Index]) -> Result<(View, Vec<Option<View>>)> {
    if x.ndim() == 0 {
        match items {
            [Index::Int(i)] if *i != 0 => return Err(out_of_bounds(*i, 0, 0)),
            [Index::Int(_)] => {
                return Err(index_error(
                    "invalid index of a 0-dim tensor. Use `tensor.item()` in Python or `tensor.item<T>()` in C++ to \
                     convert a 0-dim tensor to a number",
                ));
            }
            [Index::Slice { .. }] => return Err(index_error("slice() cannot be applied to a 0-dim tensor.")),
            _ => {}
        }
    }
    let named: usize = items
        .iter()
        .map(|item| match item {
            Index::Int(_) | Index::Slice { .. } => 1,
            Index::Tensor(t) => {
                if is_mask(t) {
                    t.ndim()
                } else {
                    1
                }
            }
            Index::None | Index::Ellipsis | Index::Bool(_) => 0,
        })
        .sum();
    if named > x.ndim() {
        return Err(too_many(x.ndim()));
    }
    let (mut view, mut dim) = (x.clone(), 0);
    let mut tensors: Vec<Option<View>> = Vec::new();
    // A mask stands for as many dimensions as it has.
    let mut covered = 0;
    let mut record = |tensors: &mut Vec<Option<View>>, dim: &mut usize, t: View| {
        tensors.extend((covered..*dim).map(|_| None));
        *dim += if is_mask(&t) { t.ndim() } else { 1 };
        covered = *dim;
        tensors.push(Some(t));
    };
    let truth = |b: bool| View::zeros_on(x.device(), DType::I64, &[i64::from(b)]);
    for (place, item) in items.iter().enumerate() {
        match item {
            Index::Int(i) => view = select(&view, dim, *i, place)?,
            Index::Slice { start, stop, step } => {
                view = slice(&view, dim, *start, *stop, *step)?;
                dim += 1;
            }
            Index::None => {
                view = view.unsqueeze(dim.min(view.ndim()));
                dim += 1;
            }
            Index::Ellipsis => dim += x.ndim() - named,
            Index::Bool(b) => {
                view = view.unsqueeze(dim.min(view.ndim()));
                record(&mut tensors, &mut dim, truth(*b)?);
            }
            Index::Tensor(t) if t.ndim() == 0 && is_mask(t) => {
                view = view.unsqueeze(dim.min(view.ndim()));
                record(&mut tensors, &mut dim, truth(t.get(0).to_bool())?);
            }
            Index::Tensor(t) if t.ndim() == 0 && t.dtype().is_int() => {
                view = select(&view, dim, t.get(0).to_i64(), place)?;
            }
            Index::Tensor(t) => record(&mut tensors, &mut dim, t.clone()),
        }
    }
    Ok((view, tensors))
}

fn select(view: &View, dim: usize, index: i64, place: usize) -> Result<View> {
    let size = view.sizes().get(dim).copied().unwrap_or(0);
    match wrap(index, size) {
        Some(i) => view.select(dim, i),
        None => Err(out_of_bounds(index, place, size)),
    }
}

fn slice(view: &View, dim: usize, start: Option<i64>, stop: Option<i64>, step: Option<i64>) -> Result<View> {
    let step = step.unwrap_or(1);
    if step == 0 {
        return Err(value_error("slice step cannot be zero"));
    }
    if step < 0 {
        return Err(value_error("step must be greater than zero").help("`flip` reverses a dimension"));
    }
    if dim >= view.ndim() {
        return Err(too_many(view.ndim()));
    }
    Ok(view.slice_dim(dim, start.unwrap_or(0), stop.unwrap_or(i64::MAX), step))
}

/// `x[items]`: a view of `x` when no item is a tensor, else a copy.
///
/// # Errors
/// torch's `IndexError`s and `ValueError`s.
pub fn get(x: &View, items: &[Index]) -> Result<View> {
    let (view, tensors) = slice_items(x, items)?;
    match tensors.as_slice() {
        [] => Ok(view),
        // A mask of all dimensions needs no positions.
        [Some(mask)] if mask.dtype() == DType::Bool && mask.sizes() == view.sizes() => {
            masked::masked_select(&view, mask)
        }
        _ => plan(&view, &tensors)?.read(&view),
    }
}

/// `x[items] = value`; `value` has been made a tensor (a number as a zero-dimensional one of `x`'s dtype).
///
/// # Errors
/// torch's `IndexError`s, and `RuntimeError`s for shapes and dtypes that don't fit.
pub fn set(x: &View, items: &[Index], value: &View) -> Result<()> {
    let (view, tensors, value) = assignment(x, items, value)?;
    if !tensors.is_empty() {
        return put(&view, &tensors, &value, false);
    }
    overlap::check_self(&view)?;
    let value = value.expand(view.sizes())?;
    overlap::check_partial(&view, &value)?;
    copy::copy_into(&value, &mut view.clone())
}

/// As [`slice_items`], with the value as it is written there: without leading dimensions of size 1.
///
/// # Errors
/// As [`slice_items`].
pub fn assignment(x: &View, items: &[Index], value: &View) -> Result<(View, Vec<Option<View>>, View)> {
    let (view, tensors) = slice_items(x, items)?;
    let ones = value.sizes().iter().take_while(|&&n| n == 1).count();
    let value = value.squeeze(&(0..ones).collect::<Vec<_>>());
    Ok((view, tensors, value))
}

/// The number `x[items] = value` assigns, as a tensor of `x`'s dtype; only 16-bit floats take what does not fit, as
/// infinity.
///
/// # Errors
/// torch's, for a number that does not fit.
pub fn assigned(x: &View, value: Scalar) -> Result<View> {
    View::scalar(x.dtype(), if x.dtype().is_half() { value } else { super::element::checked(value, x.dtype())? })
}

/// `index_put_(indices, values, accumulate)`: `None` stands for a whole dimension.
///
/// # Errors
/// As [`set`].
pub fn put(x: &View, indices: &[Option<View>], value: &View, accumulate: bool) -> Result<()> {
    check_count(x, indices)?;
    overlap::check_partial(x, value)?;
    if !accumulate
        && value.numel() == 1
        && let Some(mask) = sole_mask(x, indices)?
    {
        return masked::fill_in_place(x, &mask, value);
    }
    let plan = plan(x, indices)?;
    let value = check_value(x, value, &plan.result_sizes())?;
    let mut x = x.clone();
    if accumulate {
        dispatch!(x.dtype(), all T => plan.add::<T>(&mut x, &value, None))
    } else {
        plan.write(&mut x, &value)
    }
}

/// The value of a write, stretched to the sizes of what is picked.
///
/// # Errors
/// torch's `RuntimeError`s, for another dtype or a shape that does not fit.
pub fn check_value(x: &View, value: &View, sizes: &[i64]) -> Result<View> {
    if value.dtype() != x.dtype() {
        return Err(runtime(format!(
            "Index put requires the source and destination dtypes match, got {} for the destination and {} for the source.",
            x.dtype().aten(),
            value.dtype().aten()
        )));
    }
    super::element::no_wide_unsigned("index_put", x.dtype())?;
    let fits = value.ndim() <= sizes.len() && broadcast(value.sizes(), sizes).is_ok_and(|s| &s[..] == sizes);
    if !fits {
        return Err(runtime(format!(
            "shape mismatch: value tensor of shape {} cannot be broadcast to indexing result of shape {}",
            show(value.sizes()),
            show(sizes)
        )));
    }
    value.expand(sizes)
}

fn check_count(x: &View, indices: &[Option<View>]) -> Result<()> {
    if indices.len() > x.ndim() {
        let (ndim, got) = (x.ndim(), indices.len());
        return Err(index_error(format!("too many indices for tensor of dimension {ndim} (got {got})")));
    }
    Ok(())
}

/// The mask, with dimensions for all of `x`, when the indices are one mask and whole dimensions.
///
/// # Errors
/// torch's `IndexError` for a mask of another shape.
pub fn sole_mask(x: &View, indices: &[Option<View>]) -> Result<Option<View>> {
    let mut mask: Option<View> = None;
    let mut dim = 0;
    for index in indices {
        match index {
            None => dim += 1,
            Some(m) if is_mask(m) && mask.is_none() => {
                check_mask(x, m, dim)?;
                dim += m.ndim();
                mask = Some(m.clone());
            }
            Some(_) => return Ok(None),
        }
    }
    Ok(mask.map(|mut m| {
        (dim..x.ndim()).for_each(|_| m = m.unsqueeze(m.ndim()));
        m
    }))
}

fn check_mask(x: &View, mask: &View, dim: usize) -> Result<()> {
    for (j, &n) in mask.sizes().iter().enumerate() {
        let Some(&have) = x.sizes().get(dim + j) else { return Err(too_many(x.ndim())) };
        if n != have {
            return Err(index_error(format!(
                "The shape of the mask {} at index {j} does not match the shape of the indexed tensor {} at index {}",
                show(mask.sizes()),
                show(x.sizes()),
                dim + j
            )));
        }
    }
    Ok(())
}

/// The plan of advanced indexing: masks become indices, indices broadcast, and their dimensions stand where the first of
/// them was if they are neighbours, else in front.
///
/// # Errors
/// torch's `IndexError`s.
pub fn plan<'a>(x: &View, indices: &'a [Option<View>]) -> Result<Plan<'a>> {
    check_count(x, indices)?;
    // One index that counts from the start is the plan itself.
    let mut given = indices.iter().enumerate().filter_map(|(d, index)| index.as_ref().map(|i| (d, i)));
    if let (Some((dim, index)), None) = (given.next(), given.next())
        && index.dtype() == DType::I64
        && index.is_contiguous()
        && first_outside(index.slice(), x.sizes()[dim]).is_none()
    {
        return Ok(Plan::shaped(x, dim, index.sizes(), index.slice()));
    }
    let Picked { picked, shape, position, idle } = picked(x, indices, &masked::nonzero)?;
    let dims: Vec<usize> = picked.iter().map(|(d, _)| *d).collect();
    let mut offsets = vec![0i64; numel(&shape).unwrap_or(0) as usize];
    for (nth, (d, index)) in picked.iter().enumerate().filter(|_| !idle) {
        let (size, stride) = (x.sizes()[*d], x.strides()[*d]);
        let index = copy::contiguous(&copy::cast(index, DType::I64)?.expand(&shape)?)?;
        for (offset, &i) in polled(offsets.iter_mut().zip(index.slice::<i64>())) {
            // torch counts dimensions among those that are indexed.
            let at = wrap(i, size).ok_or_else(|| out_of_bounds(i, nth, size))?;
            *offset += at * stride;
        }
    }
    Ok(Plan::new(x, &dims, position, &shape, offsets))
}

/// What index tensors pick: the dimensions with their indices, the shape that all of these have together, where it stands among the
/// dimensions that stay, and whether nothing is to be read: a wrong index goes unnoticed then, as in torch.
#[derive(Debug)]
pub struct Picked {
    /// Dimensions and their indices.
    pub picked: Vec<(usize, View)>,
    /// What the indices broadcast to.
    pub shape: Shape,
    /// The dimension of the rest before which the shape stands.
    pub position: usize,
    /// Whether a dimension that stays is empty.
    pub idle: bool,
}

/// What index tensors pick, `nonzero` finding the places that a mask names.
///
/// # Errors
/// torch's `IndexError`s, apart from those of indices that are out of range.
pub fn picked(x: &View, indices: &[Option<View>], nonzero: &dyn Fn(&View) -> Result<View>) -> Result<Picked> {
    check_count(x, indices)?;
    let mut picked: Vec<(usize, View)> = Vec::new();
    let mut dim = 0;
    for index in indices {
        let Some(index) = index else {
            dim += 1;
            continue;
        };
        match index.dtype() {
            DType::I64 | DType::I32 => {
                picked.push((dim, index.clone()));
                dim += 1;
            }
            DType::Bool | DType::U8 => {
                check_mask(x, index, dim)?;
                let found = nonzero(index)?;
                for j in 0..index.ndim() {
                    picked.push((dim + j, found.select(1, j as i64)?));
                }
                dim += index.ndim();
            }
            _ => return Err(index_error("tensors used as indices must be long, int, byte or bool tensors")),
        }
    }
    if dim > x.ndim() {
        return Err(too_many(x.ndim()));
    }
    let mut shape = Shape::new();
    for (_, index) in &picked {
        shape = broadcast(&shape, index.sizes()).map_err(|_| {
            let shapes: Vec<String> = picked.iter().map(|(_, i)| show(i.sizes())).collect();
            index_error(format!(
                "shape mismatch: indexing tensors could not be broadcast together with shapes {}",
                shapes.join(", ")
            ))
        })?;
    }
    let dims: Vec<usize> = picked.iter().map(|(d, _)| *d).collect();
    let count = numel(&shape).unwrap_or(0) as usize;
    if count > 0 && dims.iter().any(|&d| x.sizes()[d] == 0) {
        return Err(index_error("index is out of bounds for dimension with size 0"));
    }
    let idle = (0..x.ndim()).any(|d| x.sizes()[d] == 0 && !dims.contains(&d));
    let together = dims.windows(2).all(|w| w[1] == w[0] + 1);
    let position = if together { dims.first().copied().unwrap_or(0) } else { 0 };
    Ok(Picked { picked, shape, position, idle })
}
