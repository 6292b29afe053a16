//! A plan: which elements of a view an index picks, and in what order.
//!
//! Subscripts, `index_select`, `index_add`, `take`, `put`, ... all make one and then read or write through it.

use super::walk::rows;
use crate::base::dtype;
use crate::base::error::{Error, Result, index_error};
use crate::base::interrupt::polled;
use crate::base::shape::{Shape, contiguous_strides};
use crate::by_width;
use crate::cpu::copy;
use crate::store::View;

/// `before` x `picks` x `after`: whole dimensions around positions given by their offsets.
#[derive(Debug)]
pub struct Plan {
    sizes: Shape,
    strides: Shape,
    shape: Shape,
    position: usize,
    offsets: Vec<usize>,
}

impl Plan {
    /// The elements of `x` whose dimensions `dims` are replaced by `shape`, standing before dimension `position` of the
    /// rest; `offsets` are the picked offsets along `dims`, one for each element of `shape`.
    pub fn new(x: &View, dims: &[usize], position: usize, shape: &[i64], offsets: Vec<usize>) -> Plan {
        let rest = |of: &[i64]| -> Shape { (0..x.ndim()).filter(|d| !dims.contains(d)).map(|d| of[d]).collect() };
        let (mut sizes, mut strides) = (rest(x.sizes()), rest(x.strides()));
        sizes.insert(position, offsets.len() as i64);
        strides.insert(position, 0);
        Plan { sizes, strides, shape: Shape::from_slice(shape), position, offsets }
    }

    /// Indices `index` along `dim`, already in range.
    pub fn along(x: &View, dim: usize, index: &[i64]) -> Plan {
        let stride = x.strides().get(dim).copied().unwrap_or(0);
        let offsets = polled(index).map(|&i| (i * stride) as usize).collect();
        let dims: &[usize] = if x.ndim() == 0 { &[] } else { &[dim] };
        Plan::new(x, dims, dim, &[index.len() as i64], offsets)
    }

    /// The sizes of what is picked.
    pub fn result_sizes(&self) -> Shape {
        let mut out = Shape::from_slice(&self.sizes[..self.position]);
        out.extend_from_slice(&self.shape);
        out.extend_from_slice(&self.sizes[self.position + 1..]);
        out
    }

    fn position_strides(&self) -> Shape {
        let mut out = Shape::from_elem(0, self.sizes.len());
        out[self.position] = 1;
        out
    }

    /// A fresh copy of what is picked out of `x`.
    ///
    /// # Errors
    /// When memory is short.
    pub fn read(&self, x: &View) -> Result<View> {
        let out = View::empty(x.dtype(), &self.result_sizes())?;
        let (from, mut to) = (x.words(), out.words());
        let flat = contiguous_strides(&self.sizes);
        let places = self.position_strides();
        by_width!(x.dtype(), T => {
            let (src, dst) = (from.span::<T>(), to.span_mut::<T>());
            rows(&self.sizes, [&self.strides, &places, &flat], |row| {
                let ([s, p, d], [ss, ps, ds]) = (row.at, row.step);
                if ps == 0 && ss == 1 && ds == 1 {
                    let s = s + self.offsets[p];
                    dst[d..d + row.n].copy_from_slice(&src[s..s + row.n]);
                } else {
                    for k in 0..row.n {
                        dst[d + k * ds] = src[s + k * ss + self.offsets[p + k * ps]];
                    }
                }
                Ok(())
            })?;
        });
        Ok(out)
    }

    /// Writes `value`, which has the sizes of the result (strides may be 0), into what is picked out of `x`, in order.
    ///
    /// # Errors
    /// When memory is short.
    pub fn write(&self, x: &mut View, value: &View) -> Result<()> {
        let value = self.flatten(x, value)?.words();
        let mut to = x.words();
        by_width!(x.dtype(), T => self.combine::<T>(&mut to, &value, |_, v| v))
    }

    /// As [`Plan::write`], each element joined with what stands there by `f`.
    ///
    /// # Errors
    /// When memory is short.
    pub fn write_with<T: dtype::Element>(&self, x: &mut View, value: &View, f: fn(T, T) -> T) -> Result<()> {
        let value = self.flatten(x, value)?;
        self.combine::<T>(x, &value, f)
    }

    /// `value` with the picked dimensions as one, read whole first when it shares memory with `x`.
    fn flatten(&self, x: &View, value: &View) -> Result<View> {
        let value = if value.shares(x) { copy::clone(value)? } else { value.clone() };
        match value.try_view(&self.sizes) {
            Some(v) => Ok(v),
            None => {
                let whole = copy::clone(&value)?;
                Ok(whole.try_view(&self.sizes).unwrap_or(whole))
            }
        }
    }

    fn combine<T: dtype::Element>(&self, x: &mut View, value: &View, f: impl Fn(T, T) -> T) -> Result<()> {
        let places = self.position_strides();
        let src = value.span::<T>();
        let dst = x.span_mut::<T>();
        rows(&self.sizes, [&self.strides, &places, value.strides()], |row| {
            let ([d, p, s], [ds, ps, ss]) = (row.at, row.step);
            for k in 0..row.n {
                let to = &mut dst[d + k * ds + self.offsets[p + k * ps]];
                *to = f(*to, src[s + k * ss]);
            }
            Ok(())
        })
    }
}

/// `index i is out of bounds for dimension d with size n`.
#[cold]
pub fn out_of_bounds(i: i64, dim: usize, size: i64) -> Error {
    index_error(format!("index {i} is out of bounds for dimension {dim} with size {size}"))
}

/// `i` counted from the end when negative; `None` when out of range.
pub fn wrap(i: i64, size: i64) -> Option<i64> {
    if i < -size || i >= size { None } else { Some(if i < 0 { i + size } else { i }) }
}
