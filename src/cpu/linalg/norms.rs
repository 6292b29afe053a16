//! Norms of matrices.

use super::check;
use super::field::Field;
use super::spectrum::svdvals;
use crate::base::DType;
use crate::base::error::{Result, index_error};
use crate::base::shape::{Shape, wrap_dim};
use crate::cpu::reduce::norm::check_dtype;
use crate::cpu::{copy, place};
use crate::ensure;
use crate::store::View;
use crate::{bail, dispatch};
use num_traits::{Float, Zero};
use std::fmt;

/// Which norm of a matrix.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Norm {
    /// Root of the sum of squares.
    Frobenius,
    /// Sum of singular values.
    Nuclear,
    /// 1: largest column sum, inf: largest row sum, 2: largest singular value; negative: the smallest.
    Order(f64),
}

impl Norm {
    /// Reads `fro` or `nuc`.
    ///
    /// # Errors
    /// torch's `RuntimeError` for anything else, in the words of `name`.
    pub fn named(text: &str, name: &str) -> Result<Norm> {
        match text {
            "fro" => Ok(Norm::Frobenius),
            "nuc" => Ok(Norm::Nuclear),
            _ if name == "linalg.cond" => bail!("linalg.cond got an invalid norm type: {text}"),
            _ => bail!("{name}: Order {text} not supported."),
        }
    }
}

impl Norm {
    /// Whether it is made of singular values.
    fn is_spectral(self) -> bool {
        match self {
            Norm::Nuclear => true,
            Norm::Order(p) => p.abs() == 2.0,
            Norm::Frobenius => false,
        }
    }
}

impl fmt::Display for Norm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Norm::Frobenius => f.write_str("fro"),
            Norm::Nuclear => f.write_str("nuc"),
            Norm::Order(p) => write!(f, "{p}"),
        }
    }
}

/// `torch.linalg.matrix_norm` over two dimensions; computed and given in `dtype` when there is one.
///
/// # Errors
/// torch's, for ranks, dimensions, dtypes and orders.
pub fn matrix_norm(a: &View, norm: Norm, dims: &[i64], keepdim: bool, dtype: Option<DType>) -> Result<View> {
    let name = "linalg.matrix_norm";
    check::matrix(a, name, "A")?;
    if let Norm::Order(o) = norm {
        let known = o.abs() == 1.0 || o.abs() == 2.0 || o.is_infinite();
        ensure!(known, "{name}: Order {o} not supported.");
    }
    check::inexact(a, name, !norm.is_spectral())?;
    let list = || dims.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
    ensure!(dims.len() == 2, "{name}: dim must be a 2-tuple. Got {}", list().replace(',', ""));
    let (p, q) = (wrap_dim(dims[0], a.ndim())?, wrap_dim(dims[1], a.ndim())?);
    ensure!(p != q, "{name}: dims must be different. Got ({p}, {q})");
    if let Some(d) = dtype {
        check_dtype(name, a.dtype(), d)?;
    }
    let a = match dtype {
        Some(d) => place::cast(a, d)?,
        None => a.clone(),
    };
    let order: Vec<usize> = (0..a.ndim()).filter(|d| *d != p && *d != q).chain([p, q]).collect();
    let moved = a.permute(&order);
    let out = values(&moved, norm)?;
    if !keepdim {
        return Ok(out);
    }
    let mut sizes = Shape::from_slice(a.sizes());
    sizes[p] = 1;
    sizes[q] = 1;
    crate::cpu::matmul::broadcast::reshape(&out, &sizes)
}

/// The norm of the last two dimensions.
fn values(a: &View, norm: Norm) -> Result<View> {
    let d = a.ndim();
    let batch = Shape::from_slice(&a.sizes()[..d - 2]);
    let (rows, cols) = (a.sizes()[d - 2] as usize, a.sizes()[d - 1] as usize);
    let (wide, real) = (a.dtype().opmath(), a.dtype().real());
    let a = place::cast(a, wide)?;
    let spectral = norm.is_spectral();
    let smallest = matches!(norm, Norm::Order(p) if p < 0.0);
    let (inner, outer) = match norm {
        Norm::Order(p) if p.abs() == 1.0 => (rows, cols),
        Norm::Order(p) if p.is_infinite() => (cols, rows),
        _ => (rows * cols, rows.min(cols)),
    };
    if outer == 0 && smallest {
        return Err(index_error(format!(
            "amin(): Expected reduction dim {} to have non-zero size.",
            if spectral { -1 } else { 0 }
        )));
    }
    if let Some(f) = place::solver() {
        let limit = if smallest { f64::NEG_INFINITY } else { f64::INFINITY };
        let out = match norm {
            Norm::Frobenius => f.norm(&a, 2.0, &[-2, -1])?,
            Norm::Nuclear => f.norm(&svdvals(&a, None)?, 1.0, &[-1])?,
            Norm::Order(_) if spectral => f.norm(&svdvals(&a, None)?, limit, &[-1])?,
            Norm::Order(p) => f.norm(&f.norm(&a, 1.0, &[if p.abs() == 1.0 { -2 } else { -1 }])?, limit, &[-1])?,
        };
        return place::cast(&out, real);
    }
    let out = dispatch!(wide, wide_inexact T => {
        type R = <T as Field>::Real;
        let pick = |all: &mut dyn Iterator<Item = R>| all.fold(None, |best: Option<R>, v| match best {
            Some(b) if Float::is_nan(b) || !(Float::is_nan(v) || if smallest { v < b } else { v > b }) => Some(b),
            _ => Some(v),
        }).unwrap_or_else(R::zero);
        let all: Vec<R> = if spectral {
            let s = svdvals(&a, None)?.to_vec::<R>();
            let k = rows.min(cols);
            let count = batch.iter().product::<i64>() as usize;
            (0..count).map(|i| {
                let mut s = s[i * k..(i + 1) * k].iter().copied();
                if norm == Norm::Nuclear { s.fold(R::zero(), |t, v| t + v) } else { pick(&mut s) }
            }).collect()
        } else {
            let mut all = Vec::new();
            for m in super::matrix::unstack::<T>(&a) {
                all.push(match norm {
                    Norm::Frobenius => super::householder::norm(&m.data),
                    _ if inner == rows && matches!(norm, Norm::Order(p) if p.abs() == 1.0) => {
                        pick(&mut (0..cols).map(|j| m.col(j).iter().fold(R::zero(), |s, v| s + v.modulus())))
                    }
                    _ => pick(&mut (0..rows).map(|i| (0..cols).fold(R::zero(), |s, j| s + m[(i, j)].modulus()))),
                });
            }
            all
        };
        View::from_slice(&all, &batch)?
    }, else { a.clone() });
    copy::cast(&out, real)
}
