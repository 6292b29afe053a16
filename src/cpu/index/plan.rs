//! A plan: which elements of a view an index picks, and in what order.
//!
//! Subscripts, `index_select`, `index_add`, `take`, `put`, ... all make one and then read or write through it.

use super::element::Element;
use super::walk::{each_row, rows};
use crate::base::dtype;
use crate::base::error::{Error, Result, index_error};
use crate::base::interrupt;
use crate::base::shape::{Shape, contiguous_strides};
use crate::by_width;
use crate::cpu::reduce::walk::GRAIN;
use crate::cpu::{copy, parallel};
use crate::store::View;
use std::borrow::Cow;

/// `before` x `picks` x `after`: whole dimensions around positions given by their numbers.
#[derive(Debug)]
pub struct Plan<'a> {
    sizes: Shape,
    strides: Shape,
    shape: Shape,
    position: usize,
    /// What is picked, and how far apart in memory neighbours are: `pick * unit` is an offset.
    picks: Cow<'a, [i64]>,
    unit: usize,
}

impl<'a> Plan<'a> {
    /// The elements of `x` whose dimensions `dims` are replaced by `shape`, standing before dimension `position` of the
    /// rest; `offsets` are the picked offsets along `dims`, one for each element of `shape`.
    pub fn new(x: &View, dims: &[usize], position: usize, shape: &[i64], offsets: Vec<i64>) -> Plan<'a> {
        Self::made(x, dims, position, shape, Cow::Owned(offsets), 1)
    }

    fn made(x: &View, dims: &[usize], position: usize, shape: &[i64], picks: Cow<'a, [i64]>, unit: usize) -> Plan<'a> {
        let rest = |of: &[i64]| -> Shape { (0..x.ndim()).filter(|d| !dims.contains(d)).map(|d| of[d]).collect() };
        let (mut sizes, mut strides) = (rest(x.sizes()), rest(x.strides()));
        sizes.insert(position, picks.len() as i64);
        strides.insert(position, 0);
        Plan { sizes, strides, shape: Shape::from_slice(shape), position, picks, unit }
    }

    /// Indices `index` along `dim`, already in range.
    pub fn along(x: &View, dim: usize, index: &'a [i64]) -> Plan<'a> {
        Self::shaped(x, dim, &[index.len() as i64], index)
    }

    /// As [`Plan::along`], the result's dimension seen as `shape`.
    pub fn shaped(x: &View, dim: usize, shape: &[i64], index: &'a [i64]) -> Plan<'a> {
        let stride = x.strides().get(dim).copied().unwrap_or(0);
        let dims: &[usize] = if x.ndim() == 0 { &[] } else { &[dim] };
        Self::made(x, dims, dim, shape, Cow::Borrowed(index), stride as usize)
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
        if out.numel() == 0 {
            return Ok(out);
        }
        let flat = contiguous_strides(&self.sizes);
        let places = self.position_strides();
        // The outermost dimension is shared out over the threads.
        let per: usize = self.sizes[1..].iter().map(|&n| n as usize).product();
        let count = (GRAIN / per.max(1)).max(1);
        let moved = |of: &[i64], by: usize| of[0] as usize * by * count;
        by_width!(x.dtype(), T => {
            let src = from.span::<T>();
            let pieces = to.slice_mut::<T>().chunks_mut((per * count).max(1)).enumerate();
            parallel::for_each(pieces, 1, |(at, dst)| {
                let mut sizes = self.sizes.clone();
                sizes[0] = (dst.len() / per) as i64;
                let (from, first) = (moved(&self.strides, at), moved(&places, at));
                each_row(&sizes, [&self.strides, &places, &flat], |row| {
                    let ([s, p, d], [ss, ps, ds]) = (row.at, row.step);
                    let (s, p) = (s + from, p + first);
                    if ps == 0 && ss == 1 && ds == 1 {
                        let s = s + self.offset(p);
                        dst[d..d + row.n].copy_from_slice(&src[s..s + row.n]);
                    } else if ps == 1 && ss == 0 && ds == 1 {
                        let src = &src[s..];
                        for (to, &pick) in dst[d..d + row.n].iter_mut().zip(&self.picks[p..]) {
                            *to = src[pick as usize * self.unit];
                        }
                    } else {
                        for k in 0..row.n {
                            dst[d + k * ds] = src[s + k * ss + self.offset(p + k * ps)];
                        }
                    }
                });
            });
        });
        Ok(out)
    }

    #[inline(always)]
    fn offset(&self, place: usize) -> usize {
        self.picks[place] as usize * self.unit
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
    pub fn write_with<T: dtype::Element>(&self, x: &mut View, value: &View, f: impl Fn(T, T) -> T) -> Result<()> {
        let value = self.flatten(x, value)?;
        self.combine::<T>(x, &value, f)
    }

    /// Adds `value`, times `by` if given, to what is picked out of `x`, in order.
    ///
    /// # Errors
    /// When memory is short.
    pub fn add<T: Element>(&self, x: &mut View, value: &View, by: Option<T>) -> Result<()> {
        self.write_with(x, value, |to: T, v| to.plus(by.map_or(v, |by| v.times(by))))
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
            if ps == 1 && ss == 1 && ds == 0 {
                let dst = &mut dst[d..];
                for (&pick, &v) in self.picks[p..p + row.n].iter().zip(&src[s..]) {
                    let to = &mut dst[pick as usize * self.unit];
                    *to = f(*to, v);
                }
            } else if ps == 0 && ds == 1 && ss <= 1 {
                let d = d + self.offset(p);
                let to = dst[d..d + row.n].iter_mut();
                if ss == 1 {
                    to.zip(&src[s..]).for_each(|(to, &v)| *to = f(*to, v));
                } else {
                    let v = src[s];
                    to.for_each(|to| *to = f(*to, v));
                }
            } else {
                for k in 0..row.n {
                    let to = &mut dst[d + k * ds + self.offset(p + k * ps)];
                    *to = f(*to, src[s + k * ss]);
                }
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

/// The first index that is not in `0..size`.
pub fn first_outside(index: &[i64], size: i64) -> Option<i64> {
    let outside = |i: i64| i < 0 || i >= size;
    // Whole pieces are looked at without a branch for each index.
    let piece = index.chunks(GRAIN / 8).find(|piece| polled_any(piece, outside))?;
    piece.iter().copied().find(|&i| outside(i))
}

fn polled_any(piece: &[i64], outside: impl Fn(i64) -> bool) -> bool {
    interrupt::poll();
    piece.iter().fold(false, |any, &i| any | outside(i))
}
