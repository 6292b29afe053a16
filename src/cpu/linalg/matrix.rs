//! A column-major matrix, and the way between batches of them and views.

use super::field::{Field, subtract_scaled};
use crate::base::dtype::Element;
use crate::base::error::Result;
use crate::base::shape::Shape;
use crate::cpu::copy;
use crate::cpu::isa::widest;
use crate::store::View;
use num_traits::Zero;
use std::ops::{Index, IndexMut};

/// `rows x cols` numbers, column after column.
#[derive(Clone, Debug, PartialEq)]
pub struct Mat<T> {
    /// Number of rows.
    pub rows: usize,
    /// Number of columns.
    pub cols: usize,
    /// The elements, column-major.
    pub data: Vec<T>,
}

impl<T> Index<(usize, usize)> for Mat<T> {
    type Output = T;
    #[inline(always)]
    fn index(&self, (i, j): (usize, usize)) -> &T {
        &self.data[i + j * self.rows]
    }
}

impl<T> IndexMut<(usize, usize)> for Mat<T> {
    #[inline(always)]
    fn index_mut(&mut self, (i, j): (usize, usize)) -> &mut T {
        &mut self.data[i + j * self.rows]
    }
}

impl<T: Field> Mat<T> {
    /// All zeros.
    pub fn zeros(rows: usize, cols: usize) -> Self {
        Mat { rows, cols, data: vec![T::zero(); rows * cols] }
    }

    /// Ones on the diagonal.
    pub fn identity(rows: usize, cols: usize) -> Self {
        let mut m = Self::zeros(rows, cols);
        for i in 0..rows.min(cols) {
            m[(i, i)] = T::one();
        }
        m
    }

    /// One column.
    #[inline(always)]
    pub fn col(&self, j: usize) -> &[T] {
        &self.data[j * self.rows..(j + 1) * self.rows]
    }

    /// One column, to be written.
    #[inline(always)]
    pub fn col_mut(&mut self, j: usize) -> &mut [T] {
        &mut self.data[j * self.rows..(j + 1) * self.rows]
    }

    /// The transpose; conjugated if asked.
    pub fn transposed(&self, conjugate: bool) -> Self {
        // Squares of this size are read and written within the first-level cache.
        const TILE: usize = 16;
        let mut out = Self::zeros(self.cols, self.rows);
        for first in (0..self.rows).step_by(TILE) {
            let last = self.rows.min(first + TILE);
            for j in 0..self.cols {
                for (i, &v) in (first..).zip(&self.col(j)[first..last]) {
                    // A real number stays without a negative zero beside it, as in LAPACK's ways that never conjugate it.
                    out.data[j + i * self.cols] =
                        if conjugate { T::parts(v.re(), T::Real::zero() - v.im()) } else { v };
                }
            }
        }
        out
    }

    /// The leading `rows x cols` part, padded with zeros where it reaches outside.
    pub fn resized(&self, rows: usize, cols: usize) -> Self {
        let mut out = Self::zeros(rows, cols);
        for j in 0..cols.min(self.cols) {
            for i in 0..rows.min(self.rows) {
                out[(i, j)] = self[(i, j)];
            }
        }
        out
    }

    /// Exchanges two rows in the columns `from..to`.
    pub fn swap_rows(&mut self, a: usize, b: usize, from: usize, to: usize) {
        if a != b {
            for j in from..to {
                let start = j * self.rows;
                self.data.swap(start + a, start + b);
            }
        }
    }

    /// Exchanges two columns in the rows `from..to`.
    pub fn swap_cols(&mut self, a: usize, b: usize, from: usize, to: usize) {
        if a != b {
            for i in from..to {
                self.data.swap(i + a * self.rows, i + b * self.rows);
            }
        }
    }

    /// The product with `other`, terms added in the order of the inner dimension.
    pub fn times(&self, other: &Mat<T>) -> Mat<T> {
        let mut out = Mat::zeros(self.rows, other.cols);
        widest(
            #[inline(always)]
            || {
                for j in 0..other.cols {
                    for k in 0..self.cols {
                        subtract_scaled(out.col_mut(j), -other[(k, j)], self.col(k));
                    }
                }
            },
        );
        out
    }

    /// Zeros below the diagonal.
    pub fn upper(mut self) -> Self {
        for j in 0..self.cols.min(self.rows) {
            self.col_mut(j)[j + 1..].fill(T::zero());
        }
        self
    }

    /// Zeros above the diagonal.
    pub fn lower(mut self) -> Self {
        let rows = self.rows;
        for j in 0..self.cols {
            self.col_mut(j)[..j.min(rows)].fill(T::zero());
        }
        self
    }

    /// Whether every element is finite.
    pub fn is_finite(&self) -> bool {
        self.data.iter().all(|v| v.is_finite())
    }
}

/// The matrices of a batch, in order. The view has at least two dimensions.
pub fn unstack<T: Field>(x: &View) -> Vec<Mat<T>> {
    let n = x.ndim();
    let (rows, cols) = (x.sizes()[n - 2] as usize, x.sizes()[n - 1] as usize);
    if rows * cols == 0 {
        let count = x.sizes()[..n - 2].iter().product::<i64>() as usize;
        return (0..count).map(|_| Mat { rows, cols, data: Vec::new() }).collect();
    }
    let split = |data: &[T]| data.chunks(rows * cols).map(|c| Mat { rows, cols, data: c.to_vec() }).collect();
    let columns = x.transpose(n - 2, n - 1);
    match copy::cast(&columns, T::DTYPE).and_then(|x| copy::contiguous(&x)) {
        Ok(data) => split(data.slice::<T>()),
        Err(_) => split(&columns.to_vec::<T>()),
    }
}

/// How the results of a batch lie in memory.
#[derive(Clone, Copy, PartialEq)]
pub enum Order {
    /// Column after column, as LAPACK leaves them.
    Columns,
    /// Row after row.
    Rows,
}

/// A view of the matrices, all `rows x cols`, under the leading sizes `batch`.
///
/// # Errors
/// When memory is short.
pub fn stack<T: Field>(all: &[Mat<T>], batch: &[i64], rows: usize, cols: usize, order: Order) -> Result<View> {
    let by_columns = order == Order::Columns;
    let mut sizes = Shape::from_slice(batch);
    sizes.extend(if by_columns { [cols as i64, rows as i64] } else { [rows as i64, cols as i64] });
    let mut out = View::empty(T::DTYPE, &sizes)?;
    for (m, to) in all.iter().zip(out.slice_mut::<T>().chunks_mut((rows * cols).max(1))) {
        if by_columns {
            to.copy_from_slice(&m.data);
        } else {
            to.copy_from_slice(&m.transposed(false).data);
        }
    }
    let n = sizes.len();
    Ok(if by_columns { out.transpose(n - 2, n - 1) } else { out })
}

/// A view of vectors, all of length `n`, under the leading sizes `batch`.
///
/// # Errors
/// When memory is short.
pub fn stack_vectors<T: Element>(all: &[Vec<T>], batch: &[i64], n: usize) -> Result<View> {
    let data: Vec<T> = all.iter().flatten().copied().collect();
    let mut sizes = Shape::from_slice(batch);
    sizes.push(n as i64);
    View::from_slice(&data, &sizes)
}
