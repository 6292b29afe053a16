//! Distances between the rows of matrices.

use super::products::{expect_type, leading};
use crate::base::dtype::Element;
use crate::base::error::{Result, not_implemented};
use crate::base::shape::{Shape, broadcast};
use crate::base::{DType, interrupt};
use crate::cpu::{copy, place};
use crate::ensure;
use crate::store::View;
use ndarray::{ArrayViewD, Ix3};
use num_traits::Float;

/// The p-distance of two rows: 0 counts what differs, infinity takes the largest difference.
fn distance<T: Float>(x: impl Iterator<Item = (T, T)>, p: f64) -> T {
    let differences = x.map(|(a, b)| (a - b).abs());
    let (zero, one) = (T::zero(), T::one());
    if p == 0.0 {
        return differences.fold(zero, |s, d| s + if d.is_nan() { d } else { d.ceil().min(one) });
    }
    if p == 1.0 {
        return differences.fold(zero, |s, d| s + d);
    }
    if p == 2.0 {
        return differences.fold(zero, |s, d| s + d * d).sqrt();
    }
    if p.is_infinite() {
        return differences.fold(zero, |s, d| if d > s { d } else { s });
    }
    let power = T::from(p).unwrap_or(one);
    differences.fold(zero, |s, d| s + d.powf(power)).powf(one / power)
}

fn refuse(dtype: DType, name: &str) -> Result<()> {
    if dtype.is_half() {
        let name = if place::forms().is_some() { format!("{name}_cuda") } else { name.to_owned() };
        return Err(not_implemented(format!("\"{name}\" not implemented for '{}'", dtype.aten())));
    }
    Ok(())
}

/// `torch.cdist`: p-distances between the rows of `x` `[.., n, k]` and those of `y` `[.., m, k]`, as `[.., n, m]`.
///
/// # Errors
/// torch's, for ranks, column counts, dtypes and a negative p.
pub fn cdist(x: &View, y: &View, p: f64) -> Result<View> {
    for (name, v) in [("X1", x), ("X2", y)] {
        ensure!(v.ndim() >= 2, "cdist only supports at least 2D tensors, {name} got: {}D", v.ndim());
    }
    let (cols_x, cols_y) = (x.sizes()[x.ndim() - 1], y.sizes()[y.ndim() - 1]);
    ensure!(cols_x == cols_y, "X1 and X2 must have the same number of columns. X1: {cols_x} X2: {cols_y}");
    for (name, v) in [("X1", x), ("X2", y)] {
        ensure!(v.dtype().is_float(), "cdist only supports floating-point dtypes, {name} got: {}", v.dtype().aten());
    }
    ensure!(p >= 0.0, "cdist only supports non-negative p values");
    let batch = broadcast(&leading(x.sizes(), 2), &leading(y.sizes(), 2))?;
    let (n, m) = (x.sizes()[x.ndim() - 2], y.sizes()[y.ndim() - 2]);
    let mut sizes = batch.clone();
    sizes.extend([n, m]);
    if sizes.contains(&0) || cols_x == 0 {
        return place::zeros(x.dtype(), &sizes);
    }
    refuse(x.dtype(), "cdist")?;
    expect_type(x.dtype(), y.dtype())?;
    let stretch = |v: &View, rows: i64| -> Result<View> {
        let full: Shape = batch.iter().copied().chain([rows, cols_x]).collect();
        let count = batch.iter().product();
        super::broadcast::reshape(&v.expand(&full)?, &[count, rows, cols_x])
    };
    let (x, y) = (stretch(x, n)?, stretch(y, m)?);
    if let Some(f) = place::forms() {
        return f.distances(&x, &y, p, &sizes, false);
    }
    if x.dtype() == DType::F32 { pairs::<f32>(&x, &y, p, &sizes) } else { pairs::<f64>(&x, &y, p, &sizes) }
}

fn pairs<T: Element + Float>(x: &View, y: &View, p: f64, sizes: &[i64]) -> Result<View> {
    let three = |v: ArrayViewD<'_, T>| v.into_dimensionality::<Ix3>().map(|v| v.to_owned());
    let (Ok(x), Ok(y)) = (three(x.array::<T>()), three(y.array::<T>())) else { return View::zeros(T::DTYPE, sizes) };
    let mut out = Vec::with_capacity(sizes.iter().product::<i64>() as usize);
    for (x, y) in x.outer_iter().zip(y.outer_iter()) {
        for a in x.outer_iter() {
            interrupt::poll();
            out.extend(y.outer_iter().map(|b| distance(a.iter().copied().zip(b.iter().copied()), p)));
        }
    }
    View::from_slice(&out, sizes)
}

/// `torch.pdist`: p-distances between all pairs of rows of a matrix, as a vector.
///
/// # Errors
/// torch's, for ranks, dtypes and a negative p.
pub fn pdist(x: &View, p: f64) -> Result<View> {
    ensure!(x.ndim() == 2, "pdist only supports 2D tensors, got: {}D", x.ndim());
    ensure!(x.dtype().is_float(), "pdist only supports floating-point dtypes");
    ensure!(p >= 0.0, "pdist only supports non-negative p values");
    let (n, cols) = (x.sizes()[0], x.sizes()[1]);
    let count = if n > 1 { n * (n - 1) / 2 } else { 0 };
    if count == 0 || cols == 0 {
        return place::zeros(x.dtype(), &[count]);
    }
    refuse(x.dtype(), "pdist")?;
    if let Some(f) = place::forms() {
        let x = x.unsqueeze(0);
        return f.distances(&x, &x, p, &[count], true);
    }
    let x = copy::contiguous(x)?;
    if x.dtype() == DType::F32 { upper::<f32>(&x, p) } else { upper::<f64>(&x, p) }
}

fn upper<T: Element + Float>(x: &View, p: f64) -> Result<View> {
    let rows: Vec<&[T]> = x.slice::<T>().chunks(x.sizes()[1] as usize).collect();
    let mut out = Vec::new();
    for (i, a) in rows.iter().enumerate() {
        interrupt::poll();
        for b in &rows[i + 1..] {
            out.push(distance(a.iter().copied().zip(b.iter().copied()), p));
        }
    }
    View::vector(&out)
}
