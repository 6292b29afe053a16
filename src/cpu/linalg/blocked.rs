//! The QR factorization in blocks, so that matrix products do most of the work (Golub and Van Loan, 5.2.3; LAPACK's xLARFT,
//! xLARFB). Small matrices keep to the unblocked form, whose rounding shows in print.

use super::field::{Field, dot};
use super::householder::Reflector;
use super::matrix::Mat;
use crate::base::interrupt;
use crate::cpu::isa::widest;
use crate::cpu::matmul::gemm::{Tile, subtract};

/// Matrices from this size on are taken in blocks.
pub const LIMIT: usize = 96;

/// Rows or columns of a block.
const BLOCK: usize = 48;

impl<T: Field> Mat<T> {
    /// The part of `rows x cols` elements from `(row, col)` on.
    fn part(&self, row: usize, col: usize, rows: usize, cols: usize) -> Mat<T> {
        let mut out = Mat::zeros(rows, cols);
        for j in 0..cols {
            let start = (col + j) * self.rows + row;
            out.col_mut(j).copy_from_slice(&self.data[start..start + rows]);
        }
        out
    }

    /// Puts a part back.
    fn put(&mut self, row: usize, col: usize, part: &Mat<T>) {
        for j in 0..part.cols {
            let start = (col + j) * self.rows + row;
            self.data[start..start + part.rows].copy_from_slice(part.col(j));
        }
    }

    /// The part from `(row, col)` on, to be read by a product.
    fn tile(&self, row: usize, col: usize, rows: usize, cols: usize) -> Tile<'_, T> {
        let start = (col * self.rows + row).min(self.data.len());
        Tile { data: &self.data[start..], lead: self.rows, rows, cols, transposed: false, conjugated: false }
    }

    fn whole(&self) -> Tile<'_, T> {
        self.tile(0, 0, self.rows, self.cols)
    }
}

/// Reflections that start a row below one another, as `I - v t v^H`.
struct Compact<T> {
    v: Mat<T>,
    t: Mat<T>,
}

impl<T: Field> Compact<T> {
    fn new(all: &[Reflector<T>]) -> Self {
        let (rows, k) = (all.first().map_or(0, |h| h.v.len()), all.len());
        let mut v = Mat::zeros(rows, k);
        for (j, h) in all.iter().enumerate() {
            v.col_mut(j)[j..].copy_from_slice(&h.v);
        }
        let (mut t, mut dots) = (Mat::zeros(k, k), vec![T::zero(); k]);
        for (i, h) in all.iter().enumerate() {
            widest(
                #[inline(always)]
                || {
                    for (j, slot) in dots[..i].iter_mut().enumerate() {
                        *slot = dot(&v.col(j)[i..], &h.v);
                    }
                },
            );
            for row in 0..i {
                let sum = (row..i).fold(T::zero(), |s, j| s + t[(row, j)] * dots[j]);
                t[(row, i)] = -(h.tau * sum);
            }
            t[(i, i)] = h.tau;
        }
        Compact { v, t }
    }

    /// Multiplies the part of `a` from `(row, col)` on from the left, by the adjoint if asked.
    fn left(&self, a: &mut Mat<T>, row: usize, col: usize, adjoint: bool) {
        interrupt::poll();
        let (rows, k, cols) = (self.v.rows, self.v.cols, a.cols - col.min(a.cols));
        if cols == 0 || k == 0 {
            return;
        }
        let mut inner = Mat::zeros(k, cols);
        let v = Tile { transposed: true, conjugated: true, ..self.v.whole() };
        subtract(&mut inner.data, k, v, a.tile(row, col, rows, cols));
        let mut scaled = Mat::zeros(k, cols);
        subtract(
            &mut scaled.data,
            k,
            Tile { transposed: adjoint, conjugated: adjoint, ..self.t.whole() },
            inner.whole(),
        );
        let lead = a.rows;
        subtract(&mut a.data[col * lead + row..], lead, self.v.whole(), scaled.whole());
    }
}

/// QR factorization in place, as [`super::householder::qr`].
pub fn qr<T: Field>(a: &mut Mat<T>) -> Vec<Reflector<T>> {
    let (m, n) = (a.rows, a.cols);
    let mut all = Vec::new();
    for start in (0..m.min(n)).step_by(BLOCK) {
        let size = BLOCK.min(m.min(n) - start);
        let mut panel = a.part(start, start, m - start, size);
        let reflectors = super::householder::panel(&mut panel);
        a.put(start, start, &panel);
        Compact::new(&reflectors).left(a, start, start + size, true);
        all.extend(reflectors);
    }
    all
}

/// The first `cols` columns of the product of reflections, each starting a row below the one before.
pub fn product<T: Field>(all: &[Reflector<T>], rows: usize, cols: usize) -> Mat<T> {
    let mut q = Mat::identity(rows, cols);
    for (i, block) in all.chunks(BLOCK).enumerate().rev() {
        Compact::new(block).left(&mut q, i * BLOCK, i * BLOCK, false);
    }
    q
}
