//! Reductions: many elements to one, over any of the dimensions.
//!
//! [`walk`] decides the order in which elements are met and how the work is shared out; the other files hold what is
//! done with them. Float results have PyTorch's bits wherever its order of operations is known.

mod cascade;
pub mod extremes;
pub mod logical;
pub mod moments;
pub mod norm;
pub mod normalize;
pub mod product;
pub mod quantile;
pub mod select;
pub mod softmax;
pub mod stream;
pub mod sum;
pub mod walk;

use crate::base::DType;
use crate::base::error::{Error, Result, index_error, not_implemented};
use crate::base::shape::{Shape, wrap_dim, wrap_dims};
use crate::cpu::copy;
use crate::store::View;

/// Which dimensions a reduction takes away, and the shape that remains.
#[derive(Clone, Debug)]
pub struct Reduced {
    /// For each dimension of the input, whether it is reduced.
    pub mask: Vec<bool>,
    /// The sizes of the output, with 1 in place of reduced dimensions when these are kept.
    pub sizes: Shape,
}

impl Reduced {
    /// Reads `dims`; `None` and an empty list mean all of them.
    ///
    /// # Errors
    /// A dimension that is out of range or repeated.
    pub fn new(x: &View, dims: Option<&[i64]>, keepdim: bool) -> Result<Reduced> {
        Self::from_sizes(x.sizes(), dims, keepdim)
    }

    /// As [`Reduced::new`], for an input of these sizes.
    ///
    /// # Errors
    /// A dimension that is out of range or repeated.
    pub fn from_sizes(sizes: &[i64], dims: Option<&[i64]>, keepdim: bool) -> Result<Reduced> {
        let dims = dims.unwrap_or(&[]);
        if dims.is_empty() && !keepdim {
            return Ok(Reduced { mask: vec![true; sizes.len()], sizes: Shape::new() });
        }
        let wrapped = wrap_dims(dims, sizes.len())?;
        Ok(Self::of(sizes, (0..sizes.len()).map(|d| wrapped.is_empty() || wrapped.contains(&d)).collect(), keepdim))
    }

    fn of(sizes: &[i64], mask: Vec<bool>, keepdim: bool) -> Reduced {
        let size = |(d, &n): (usize, &i64)| match mask[d] {
            false => Some(n),
            true => keepdim.then_some(1),
        };
        let sizes = sizes.iter().enumerate().filter_map(size).collect();
        Reduced { mask, sizes }
    }

    /// How many elements of `x` go into one of the output.
    pub fn count(&self, x: &View) -> usize {
        self.count_of(x.sizes())
    }

    fn count_of(&self, sizes: &[i64]) -> usize {
        sizes.iter().zip(&self.mask).filter(|p| *p.1).map(|p| *p.0 as usize).product()
    }

    /// The first element of each group of `x`, contiguous: what a reduction without identity starts from.
    fn first(&self, x: &View) -> Result<View> {
        let mut at = x.clone();
        for (d, _) in self.mask.iter().enumerate().filter(|m| *m.1) {
            at = at.narrow(d, 0, 1);
        }
        copy::clone(&at)
    }

    /// The first empty dimension among the reduced, as it was given.
    fn empty_dim(&self, x: &View, dims: Option<&[i64]>) -> Option<i64> {
        let empty = |d: i64| x.sizes().get(wrap_dim(d, x.ndim()).unwrap_or(0)) == Some(&0);
        match dims {
            Some(dims) if !dims.is_empty() => dims.iter().copied().find(|&d| empty(d)),
            _ => (0..x.ndim() as i64).find(|&d| empty(d)),
        }
    }
}

/// torch's error for an empty dimension where there has to be an element.
fn no_elements(name: &str, dim: i64) -> Error {
    index_error(format!("{name}: Expected reduction dim {dim} to have non-zero size."))
}

/// The elements from a view's first to its last, as one contiguous view.
fn flat(x: &View) -> View {
    let last: i64 = x.sizes().iter().zip(x.strides()).map(|(&n, &s)| (n - 1) * s).sum();
    x.with_geometry(&[last + 1], &[1], x.offset()).unwrap_or_else(|_| x.clone())
}

/// `x` with elements of `dtype`; a converted copy keeps the order of the dimensions in memory, which sums depend on.
fn convert(x: &View, dtype: DType) -> Result<View> {
    if x.dtype() == dtype {
        return Ok(x.clone());
    }
    let order: Vec<usize> = walk::memory_order(x).into_iter().rev().collect();
    let mut back = vec![0; x.ndim()];
    order.iter().enumerate().for_each(|(i, &d)| back[d] = i);
    Ok(copy::cast(&x.permute(&order), dtype)?.permute(&back))
}

/// One dimension of a tensor as rows: a contiguous copy with that dimension last, and the shape of one result a row.
struct Rows {
    /// All rows, one after the other.
    data: View,
    /// Elements a row.
    length: usize,
    /// Sizes of an output with an element for each row.
    sizes: Shape,
}

impl Rows {
    /// The rows of `x` along `dim`.
    ///
    /// # Errors
    /// A dimension that is out of range, or empty.
    fn new(x: &View, dim: i64, keepdim: bool, name: &str) -> Result<Rows> {
        let d = wrap_dim(dim, x.ndim())?;
        if x.ndim() == 0 {
            return Ok(Rows { data: copy::contiguous(x)?, length: 1, sizes: Shape::new() });
        }
        let mut mask = vec![false; x.ndim()];
        mask[d] = true;
        let shape = Reduced::of(x.sizes(), mask, keepdim);
        if x.sizes()[d] == 0 {
            return Err(no_elements(name, d as i64));
        }
        let mut order: Vec<usize> = (0..x.ndim()).filter(|&k| k != d).collect();
        order.push(d);
        Ok(Rows { data: copy::contiguous(&x.permute(&order))?, length: x.sizes()[d] as usize, sizes: shape.sizes })
    }
}

/// torch's error for a dtype that a kernel does not know.
#[cold]
pub(super) fn unsupported(kernel: &str, dtype: DType) -> Error {
    not_implemented(format!("\"{kernel}\" not implemented for '{}'", dtype.aten()))
}

/// Refuses complex numbers and the unsigned integers above 8 bits, which have no order in ATen's kernels.
fn ordered(kernel: &str, dtype: DType) -> Result<()> {
    match dtype {
        DType::C32 | DType::C64 | DType::U16 | DType::U32 | DType::U64 => Err(unsupported(kernel, dtype)),
        _ => Ok(()),
    }
}

/// Whether a value differs from itself.
#[inline(always)]
#[allow(clippy::eq_op)]
fn is_nan<T: PartialEq>(v: T) -> bool {
    v != v
}
