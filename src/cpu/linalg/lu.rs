//! LU factorization with partial pivoting and substitution (Golub and Van Loan, 3.4; LAPACK's xGETF2, xGETRS, xTRSM).

use super::field::{Field, subtract_scaled};
use super::large::{Large, TRIANGULAR};
use super::matrix::Mat;
use crate::cpu::isa::widest;
use crate::cpu::parallel;
use crate::cpu::reduce::walk::GRAIN;

/// `P a = L U`: both factors in one matrix, `L` with ones on its diagonal.
#[derive(Clone)]
pub struct Lu<T> {
    /// `U` on and above the diagonal, `L` below it.
    pub factors: Mat<T>,
    /// Row `i` was exchanged with row `pivots[i]`, from the first to the last.
    pub pivots: Vec<usize>,
    /// One past the first diagonal element of `U` that is zero; 0 when there is none.
    pub info: i32,
}

/// Factorizes.
pub fn lu<T: Field>(a: &Mat<T>) -> Lu<T> {
    if a.rows.min(a.cols) >= TRIANGULAR
        && let Some(done) = <T as Large>::lu(a)
    {
        return done;
    }
    let mut a = a.clone();
    let (m, n) = (a.rows, a.cols);
    let mut pivots = Vec::with_capacity(m.min(n));
    let mut info = 0;
    for k in 0..m.min(n) {
        let (mut at, mut best) = (k, a[(k, k)].taxicab());
        for i in k + 1..m {
            let size = a[(i, k)].taxicab();
            if size > best {
                (at, best) = (i, size);
            }
        }
        pivots.push(at);
        if a[(at, k)] == T::zero() {
            if info == 0 {
                info = k as i32 + 1;
            }
        } else {
            a.swap_rows(k, at, 0, n);
            let inverse = T::one() / a[(k, k)];
            for i in k + 1..m {
                a[(i, k)] *= inverse;
            }
        }
        let (left, right) = a.data.split_at_mut((k + 1) * m);
        let column = &left[k * m + k + 1..];
        widest(
            #[inline(always)]
            || {
                for target in right.chunks_mut(m.max(1)) {
                    let factor = target[k];
                    subtract_scaled(&mut target[k + 1..], factor, column);
                }
            },
        );
    }
    Lu { factors: a, pivots, info }
}

/// How a triangular matrix enters an equation.
#[derive(Clone, Copy, PartialEq)]
pub struct Triangle {
    /// The upper triangle is meant.
    pub upper: bool,
    /// The diagonal is taken as ones.
    pub unit: bool,
    /// The transpose is meant.
    pub transpose: bool,
    /// The conjugate is meant.
    pub conjugate: bool,
}

/// Solves `op(t) x = b` in place for a triangle of `t`.
pub fn substitute<T: Field>(t: &Mat<T>, how: Triangle, b: &mut Mat<T>) {
    if t.rows >= TRIANGULAR && b.cols > 1 && <T as Large>::substitute(t, how, b) {
        return;
    }
    let n = t.rows;
    // The transpose of a lower triangle is solved from the end, as an upper one is.
    let from_end = how.upper != how.transpose;
    let cell = |v: T| if how.conjugate { v.conj() } else { v };
    let one = |x: &mut [T]| {
        widest(
            #[inline(always)]
            || {
                for step in 0..n {
                    let k = if from_end { n - 1 - step } else { step };
                    let column = t.col(k);
                    let (before, after) = (0..k, k + 1..n);
                    if how.transpose {
                        let known = if from_end { after } else { before };
                        let v = x[known.clone()].iter().zip(&column[known]).fold(x[k], |v, (&x, &c)| v - cell(c) * x);
                        x[k] = if how.unit { v } else { v / cell(column[k]) };
                    } else {
                        if !how.unit {
                            x[k] = x[k] / cell(column[k]);
                        }
                        let v = x[k];
                        let open = if from_end { before } else { after };
                        x[open.clone()].iter_mut().zip(&column[open]).for_each(|(x, &c)| *x -= v * cell(c));
                    }
                }
            },
        )
    };
    let rows = b.rows.max(1);
    parallel::for_each(b.data.chunks_mut(rows), (GRAIN / (n * n).max(1)).max(1), one);
}

impl<T: Field> Lu<T> {
    /// Solves `a x = b`, or `a^H x = b` (`a^T x = b` without `conjugate`), in place.
    pub fn solve(&self, b: &mut Mat<T>, adjoint: bool, conjugate: bool) {
        let lower = Triangle { upper: false, unit: true, transpose: adjoint, conjugate: adjoint && conjugate };
        let upper = Triangle { upper: true, unit: false, ..lower };
        let cols = b.cols;
        if adjoint {
            substitute(&self.factors, upper, b);
            substitute(&self.factors, lower, b);
            for (i, &p) in self.pivots.iter().enumerate().rev() {
                b.swap_rows(i, p, 0, cols);
            }
        } else {
            for (i, &p) in self.pivots.iter().enumerate() {
                b.swap_rows(i, p, 0, cols);
            }
            substitute(&self.factors, lower, b);
            substitute(&self.factors, upper, b);
        }
    }

    /// Whether the number of exchanges is odd.
    pub fn odd(&self) -> bool {
        self.pivots.iter().enumerate().filter(|(i, p)| *i != **p).count() % 2 == 1
    }

    /// The determinant of a square matrix.
    pub fn determinant(&self) -> T {
        let product = (0..self.factors.rows).fold(T::one(), |p, i| p * self.factors[(i, i)]);
        if self.odd() { -product } else { product }
    }

    /// The permutation: row `i` of `L U` is row `order[i]` of the matrix.
    pub fn order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.factors.rows).collect();
        for (i, &p) in self.pivots.iter().enumerate() {
            order.swap(i, p);
        }
        order
    }
}
