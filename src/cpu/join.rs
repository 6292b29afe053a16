//! Joining tensors: `cat`, `stack` and their kin, products and grids.

use super::index::plan::Plan;
use super::{copy, shape, streamed};
use crate::base::error::{Error, Result, runtime, value_error};
use crate::base::promote::Promotion;
use crate::base::shape::{Shape, show, wrap_dim};
use crate::base::{DType, Device};
use crate::store::View;

/// The dtype that all promote to.
fn common_dtype(xs: &[View]) -> Result<DType> {
    let mut promotion = Promotion::new();
    xs.iter().for_each(|x| promotion.tensor(x.dtype(), x.ndim()));
    promotion.result()
}

/// The device that one of them lies on: numbers of the host's may be among them.
pub fn home(xs: &[View]) -> Device {
    xs.iter().map(View::device).find(|d| *d != Device::Cpu).unwrap_or(Device::Cpu)
}

/// The tensors one after the other along `dim`; empty vectors are left out, as ever.
///
/// # Errors
/// torch's, for an empty list, a wrong dimension or sizes that differ elsewhere.
pub fn cat(xs: &[View], dim: i64) -> Result<View> {
    if xs.is_empty() {
        return Err(value_error("torch.cat(): expected a non-empty list of Tensors"));
    }
    if let Some(i) = xs.iter().position(|x| x.ndim() == 0) {
        return Err(runtime(format!("zero-dimensional tensor (at position {i}) cannot be concatenated")));
    }
    let dtype = common_dtype(xs)?;
    let skipped = |x: &View| x.sizes() == [0];
    let Some(first) = xs.iter().find(|x| !skipped(x)) else { return View::empty_on(home(xs), dtype, &[0]) };
    let dim = wrap_dim(dim, first.ndim())?;
    let mut sizes = Shape::from_slice(first.sizes());
    sizes[dim] = 0;
    for (i, x) in xs.iter().enumerate().filter(|(_, x)| !skipped(x)) {
        check_sizes(first, x, dim, i)?;
        sizes[dim] += x.sizes()[dim];
    }
    let out = View::empty_on(home(xs), dtype, &sizes)?;
    let (mut start, mut pairs) = (0, Vec::with_capacity(xs.len()));
    for x in xs.iter().filter(|x| !skipped(x)) {
        let n = x.sizes()[dim];
        pairs.push((x.clone(), out.narrow(dim, start, n)));
        start += n;
    }
    copy::copy_all(&pairs)?;
    Ok(out)
}

fn check_sizes(first: &View, x: &View, dim: usize, place: usize) -> Result<()> {
    if x.ndim() != first.ndim() {
        return Err(runtime(format!(
            "Tensors must have same number of dimensions: got {} and {}",
            first.ndim(),
            x.ndim()
        )));
    }
    for d in (0..x.ndim()).filter(|&d| d != dim) {
        let (want, have) = (first.sizes()[d], x.sizes()[d]);
        if want != have {
            return Err(runtime(format!(
                "Sizes of tensors must match except in dimension {dim}. Expected size {want} but got size {have} for \
                 tensor number {place} in the list."
            )));
        }
    }
    Ok(())
}

fn need_some(xs: &[View], name: &str) -> Result<()> {
    if xs.is_empty() { Err(runtime(format!("{name} expects a non-empty TensorList"))) } else { Ok(()) }
}

/// The tensors, all of the same sizes, along a new dimension.
///
/// # Errors
/// torch's, for an empty list, a wrong dimension or sizes that differ.
pub fn stack(xs: &[View], dim: i64) -> Result<View> {
    need_some(xs, "stack")?;
    let dim = wrap_dim(dim, xs[0].ndim() + 1)?;
    for (i, x) in xs.iter().enumerate() {
        if x.sizes() != xs[0].sizes() {
            return Err(runtime(format!(
                "stack expects each tensor to be equal size, but got {} at entry 0 and {} at entry {i}",
                show(xs[0].sizes()),
                show(x.sizes())
            )));
        }
    }
    let dtype = common_dtype(xs)?;
    let mut sizes = Shape::from_slice(xs[0].sizes());
    sizes.insert(dim, xs.len() as i64);
    let out = View::empty_on(home(xs), dtype, &sizes)?;
    let pairs: Result<Vec<_>> = (0..).zip(xs).map(|(i, x)| Ok((x.clone(), out.select(dim, i)?))).collect();
    copy::copy_all(&pairs?)?;
    Ok(out)
}

/// Side by side: along dimension 1, or 0 for vectors.
///
/// # Errors
/// As [`cat`].
pub fn hstack(xs: &[View]) -> Result<View> {
    need_some(xs, "hstack")?;
    let xs: Vec<View> = xs.iter().map(|x| shape::at_least(x, 1)).collect();
    let dim = i64::from(xs[0].ndim() != 1);
    cat(&xs, dim)
}

/// One above the other: along dimension 0, vectors as rows.
///
/// # Errors
/// As [`cat`].
pub fn vstack(xs: &[View]) -> Result<View> {
    need_some(xs, "vstack")?;
    cat(&xs.iter().map(|x| shape::at_least(x, 2)).collect::<Vec<_>>(), 0)
}

/// In depth: along dimension 2.
///
/// # Errors
/// As [`cat`].
pub fn dstack(xs: &[View]) -> Result<View> {
    need_some(xs, "dstack")?;
    cat(&xs.iter().map(|x| shape::at_least(x, 3)).collect::<Vec<_>>(), 2)
}

/// Side by side, vectors as columns.
///
/// # Errors
/// As [`cat`].
pub fn column_stack(xs: &[View]) -> Result<View> {
    need_some(xs, "column_stack")?;
    let column = |x: &View| if x.ndim() <= 1 { shape::reshape(x, &[x.numel() as i64, 1]) } else { Ok(x.clone()) };
    hstack(&xs.iter().map(column).collect::<Result<Vec<_>>>()?)
}

#[cold]
fn not_a_vector(x: &View) -> Error {
    runtime(format!("Expect a 1D vector, but got shape {}", show(x.sizes())))
}

/// Each vector along its own dimension of a common grid, as expanded views; `indexing` is `ij` or `xy`.
///
/// # Errors
/// torch's, for an empty list, matrices, dtypes that differ or another `indexing`.
pub fn meshgrid(xs: &[View], indexing: &str) -> Result<Vec<View>> {
    need_some(xs, "meshgrid")?;
    if xs.iter().any(|x| x.dtype() != xs[0].dtype()) {
        return Err(runtime("meshgrid expects all tensors to have the same dtype"));
    }
    let swap = match indexing {
        "ij" => false,
        "xy" => xs.len() >= 2,
        _ => {
            return Err(runtime(format!(
                "torch.meshgrid: indexing must be one of \"xy\" or \"ij\", but received: {indexing}"
            )));
        }
    };
    let mut xs = xs.to_vec();
    if swap {
        xs.swap(0, 1);
    }
    if let Some(x) = xs.iter().find(|x| x.ndim() > 1) {
        let shown = streamed::tensor(x)?;
        return Err(runtime(format!("torch.meshgrid: Expected 0D or 1D tensor in the tensor list but got: {shown}")));
    }
    let sizes: Shape = xs.iter().map(|x| x.numel() as i64).collect();
    let mut grids = Vec::with_capacity(xs.len());
    for (d, x) in xs.iter().enumerate() {
        let mut own = Shape::from_elem(1, xs.len());
        own[d] = sizes[d];
        grids.push(shape::view(x, &own)?.expand(&sizes)?);
    }
    if swap {
        grids.swap(0, 1);
    }
    Ok(grids)
}

/// All tuples of one element of each vector, a row each.
///
/// # Errors
/// torch's, for anything but vectors of one dtype.
pub fn cartesian_prod(xs: &[View]) -> Result<View> {
    if let Some(x) = xs.iter().find(|x| x.ndim() != 1) {
        return Err(not_a_vector(x));
    }
    if let [only] = xs {
        return copy::clone(only);
    }
    let grids = meshgrid(xs, "ij")?;
    let flat: Result<Vec<View>> = grids.iter().map(|g| shape::reshape(g, &[-1])).collect();
    stack(&flat?, 1)
}

/// All combinations of `r` elements of a vector, in order, a row each; with `replacement` an element may repeat.
///
/// # Errors
/// torch's, for anything but a vector or a negative `r`.
pub fn combinations(x: &View, r: i64, replacement: bool) -> Result<View> {
    let picks = combined(x, r, replacement)?;
    if r == 0 {
        return View::empty(x.dtype(), &[0]);
    }
    let out = Plan::along(x, 0, &picks).read(x)?;
    shape::reshape(&out, &[picks.len() as i64 / r, r])
}

/// The places of the elements in [`combinations`], one row after the other.
///
/// # Errors
/// As [`combinations`].
pub fn combined(x: &View, r: i64, replacement: bool) -> Result<Vec<i64>> {
    if x.ndim() != 1 {
        return Err(not_a_vector(x));
    }
    if r < 0 {
        return Err(runtime(format!("Expect a non-negative number, but got {r}")));
    }
    if r == 0 {
        return Ok(Vec::new());
    }
    let (n, r) = (x.numel() as i64, r as usize);
    let mut picks: Vec<i64> = Vec::new();
    let mut row: Vec<i64> = if replacement { vec![0; r] } else { (0..r as i64).collect() };
    let limit = |k: usize| if replacement { n - 1 } else { n - (r - k) as i64 };
    if (0..r).all(|k| row[k] <= limit(k)) {
        loop {
            picks.extend_from_slice(&row);
            let Some(k) = (0..r).rev().find(|&k| row[k] < limit(k)) else { break };
            row[k] += 1;
            for j in k + 1..r {
                row[j] = row[j - 1] + i64::from(!replacement);
            }
        }
    }
    Ok(picks)
}
