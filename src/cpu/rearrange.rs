//! Copies with the elements in other places: `repeat`, `repeat_interleave`, `flip`, `roll`, `rot90`.

use super::create;
use super::index::element::unsupported;
use super::index::plan::Plan;
use super::{copy, shape};
use crate::base::DType;
use crate::base::error::{Error, Result, runtime};
use crate::base::interrupt::polled;
use crate::base::shape::{Shape, wrap_dim, wrap_dims};
use crate::ensure;
use crate::store::View;

/// The tensor `repeats` times along each dimension, new ones in front.
///
/// # Errors
/// torch's, for too few or negative repeats.
pub fn repeat(x: &View, repeats: &[i64]) -> Result<View> {
    let Some(new) = repeats.len().checked_sub(x.ndim()) else {
        return Err(runtime(
            "Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor",
        ));
    };
    let mut x = x.clone();
    for _ in 0..new {
        x = x.unsqueeze(0);
    }
    let sizes: Shape = x.sizes().iter().zip(repeats).map(|(n, r)| n.saturating_mul(*r)).collect();
    create::check_sizes(&sizes)?;
    let out = View::empty_on(x.device(), x.dtype(), &sizes)?;
    if out.numel() == 0 {
        return Ok(out);
    }
    // Each dimension as repeats x size: one strided copy fills all of it.
    let (mut split, mut stretched) = (Shape::new(), x.clone());
    for (d, (&n, &r)) in x.sizes().iter().zip(repeats).enumerate() {
        split.extend([r, n]);
        stretched = stretched.unsqueeze(2 * d);
    }
    let mut to = shape::view(&out, &split)?;
    copy::copy_into(&stretched.expand(&split)?, &mut to)?;
    Ok(out)
}

/// [`repeat`] that takes fewer repeats than dimensions.
///
/// # Errors
/// As [`repeat`].
pub fn tile(x: &View, dims: &[i64]) -> Result<View> {
    let mut repeats = vec![1; x.ndim().saturating_sub(dims.len())];
    repeats.extend_from_slice(dims);
    repeat(x, &repeats)
}

/// How often `repeat_interleave` repeats.
#[derive(Clone, Debug)]
pub enum Repeats {
    /// Every slice as often.
    Each(i64),
    /// Each slice its own number.
    Own(View),
}

/// Index `i`, `repeats[i]` times, for each `i`: `repeat_interleave(repeats)`.
///
/// # Errors
/// torch's, for a wrong dtype or shape, or negative repeats.
pub fn repeat_indices(repeats: &View, output_size: Option<i64>) -> Result<View> {
    refuse_repeats(repeats)?;
    if repeats.ndim() != 1 {
        return Err(runtime("repeat_interleave only accept 1D vector as repeat"));
    }
    let picks = indices(repeats, output_size)?;
    copy::cast(&View::vector(&picks)?, repeats.dtype())
}

/// Refuses numbers of a dtype that can't say how often.
fn refuse_repeats(repeats: &View) -> Result<()> {
    if matches!(repeats.dtype(), DType::I32 | DType::I64) {
        return Ok(());
    }
    Err(unsupported("repeat_interleave_cpu", repeats.dtype()))
}

fn indices(repeats: &View, output_size: Option<i64>) -> Result<Vec<i64>> {
    refuse_repeats(repeats)?;
    let counts: Vec<i64> = repeats.to_vec();
    let total = counts.iter().try_fold(0i64, |a, &n| a.checked_add(n));
    let total = total.ok_or_else(|| create::too_large(&counts))?;
    if let Some(n) = output_size {
        create::check_sizes(&[n])?;
        ensure!(n == total, "allocated size does not match required size");
    }
    if counts.iter().any(|&n| n < 0) {
        return Err(runtime("repeats can not be negative"));
    }
    // The memory is asked for first, so that an impossible size is refused and not tried.
    View::empty(DType::I64, &[total])?;
    Ok(polled((0..).zip(counts).flat_map(|(i, n)| std::iter::repeat_n(i, n as usize))).collect())
}

/// Each slice along `dim` (each element of the flattened tensor without) repeated.
///
/// # Errors
/// torch's, for a wrong dimension, shape or number.
pub fn repeat_interleave(x: &View, repeats: &Repeats, dim: Option<i64>, output_size: Option<i64>) -> Result<View> {
    let (x, dim) = match dim {
        None => (shape::reshape(x, &[-1])?, 0),
        Some(dim) => (x.clone(), wrap_dim(dim, x.ndim())?),
    };
    let n = x.sizes().get(dim).copied().unwrap_or(1);
    let repeats = match repeats {
        Repeats::Each(r) if *r < 0 => return Err(runtime("Repeats must be non-negative")),
        Repeats::Each(r) => {
            if let Some(given) = output_size.filter(|&given| given != n.saturating_mul(*r)) {
                return Err(runtime(format!(
                    "repeat_interleave: Invalid output_size, expected {} but got {given}",
                    n.saturating_mul(*r)
                )));
            }
            if n.checked_mul(*r).is_some() {
                return stretch(&x, dim, *r);
            }
            View::full(DType::I64, &[n], (*r).into())?
        }
        Repeats::Own(r) if r.ndim() == 0 || (r.ndim() == 1 && r.sizes()[0] == 1) => {
            shape::reshape(r, &[1])?.expand(&[n])?
        }
        Repeats::Own(r) if r.ndim() == 1 && r.sizes()[0] == n => r.clone(),
        Repeats::Own(r) if r.ndim() == 1 => {
            return Err(runtime(format!(
                "repeats must have the same size as input along dim, but got repeats.size(0) = {} and input.size({dim}) \
                 = {n}",
                r.sizes()[0]
            )));
        }
        Repeats::Own(_) => return Err(runtime("repeats must be 0-dim or 1-dim tensor")),
    };
    let picks = indices(&repeats, output_size)?;
    let x = if x.ndim() == 0 { x.unsqueeze(0) } else { x };
    Plan::along(&x, dim, &picks).read(&x)
}

/// Each slice along `dim` `count` times: one strided copy fills all.
fn stretch(x: &View, dim: usize, count: i64) -> Result<View> {
    let x = if x.ndim() == 0 { x.unsqueeze(0) } else { x.clone() };
    let mut sizes = Shape::from_slice(x.sizes());
    sizes[dim] *= count;
    let out = View::empty_on(x.device(), x.dtype(), &sizes)?;
    if out.numel() > 0 {
        let mut split = Shape::from_slice(x.sizes());
        split.insert(dim + 1, count);
        copy::copy_into(&x.unsqueeze(dim + 1).expand(&split)?, &mut shape::view(&out, &split)?)?;
    }
    Ok(out)
}

/// Reversed along `dims`.
///
/// # Errors
/// torch's, for wrong or repeated dimensions.
pub fn flip(x: &View, dims: &[i64]) -> Result<View> {
    let dims = wrap_dims(dims, x.ndim())?;
    let mut out = create::empty_like(x, x.dtype())?;
    copy::assign_reversed(x, &mut out, &dims);
    Ok(out)
}

/// Reversed from left to right.
///
/// # Errors
/// torch's, for fewer than two dimensions.
pub fn fliplr(x: &View) -> Result<View> {
    if x.ndim() < 2 {
        return Err(runtime("Input must be >= 2-d."));
    }
    flip(x, &[1])
}

/// Reversed from top to bottom.
///
/// # Errors
/// torch's, for a number.
pub fn flipud(x: &View) -> Result<View> {
    if x.ndim() < 1 {
        return Err(runtime("Input must be >= 1-d."));
    }
    flip(x, &[0])
}

/// Shifted along `dims`, what leaves at one end entering at the other; without `dims` the flattened tensor is.
///
/// # Errors
/// torch's, for lists of different lengths or wrong dimensions.
pub fn roll(x: &View, shifts: &[i64], dims: &[i64]) -> Result<View> {
    if shifts.is_empty() {
        return Err(runtime("`shifts` required"));
    }
    if dims.is_empty() && shifts.len() == 1 {
        let flat = shape::reshape(x, &[-1])?;
        return shape::reshape(&roll(&flat, shifts, &[0])?, x.sizes());
    }
    if dims.len() != shifts.len() {
        return Err(runtime(format!(
            "shifts and dimensions must align. shifts: {}, dims:{}",
            shifts.len(),
            dims.len()
        )));
    }
    if x.numel() == 0 {
        return copy::clone(x);
    }
    let mut x = x.clone();
    for (&shift, &dim) in shifts.iter().zip(dims) {
        let dim = wrap_dim(dim, x.ndim())?;
        let n = *x.sizes().get(dim).ok_or_else(|| shape::no_dimension(dim))?;
        let cut = n - shift.rem_euclid(n);
        let out = View::empty_on(x.device(), x.dtype(), x.sizes())?;
        copy::copy_all(&[
            (x.narrow(dim, cut, n - cut), out.narrow(dim, 0, n - cut)),
            (x.narrow(dim, 0, cut), out.narrow(dim, n - cut, cut)),
        ])?;
        x = out;
    }
    Ok(x)
}

/// Turned by `k` quarters in the plane of two dimensions, from the first to the second.
///
/// # Errors
/// torch's, for other than two different dimensions.
pub fn rot90(x: &View, k: i64, dims: &[i64]) -> Result<View> {
    turned(x, k, dims, &flip)
}

/// [`rot90`], `flip` reversing.
///
/// # Errors
/// As [`rot90`]; those of `flip`.
pub fn turned(x: &View, k: i64, dims: &[i64], flip: &dyn Fn(&View, &[i64]) -> Result<View>) -> Result<View> {
    let n = x.ndim() as i64;
    let &[a, b] = dims else {
        return Err(runtime(format!("expected total rotation dims == 2, but got dims = {}", dims.len())));
    };
    if n < 2 {
        return Err(runtime(format!("expected total dims >= 2, but got total dims = {n}")));
    }
    let same = || runtime(format!("expected rotation dims to be different, but got dim0 = {a} and dim1 = {b}"));
    if a == b || (a - b).abs() == n {
        return Err(same());
    }
    let range = |which: &str, d: i64| -> Error { runtime(format!("Rotation {which} out of range, {which} = {d}")) };
    for (which, d) in [("dim0", a), ("dim1", b)] {
        if d < -n || d >= n {
            return Err(range(which, d));
        }
    }
    match k.rem_euclid(4) {
        1 => flip(x, &[b]).and_then(|f| shape::transpose(&f, a, b)),
        2 => flip(x, &[a, b]),
        3 => flip(x, &[a]).and_then(|f| shape::transpose(&f, a, b)),
        _ => copy::clone(x),
    }
}
