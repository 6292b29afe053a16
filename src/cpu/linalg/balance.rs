//! Balancing before the eigenvalue iteration: rows and columns that isolate eigenvalues are moved to the edges, the rest
//! is scaled by powers of two (Parlett and Reinsch, Numerische Mathematik 13, 1969; LAPACK's xGEBAL, xGEBAK).

use super::field::{Field, lit};
use super::householder::norm;
use super::matrix::Mat;
use num_traits::{Float, One, Zero};

/// What was done to the matrix: the active block `low..=high`, scales inside it, exchanges outside.
pub struct Balance<R> {
    /// First row of the active block.
    pub low: usize,
    /// Last row of the active block.
    pub high: usize,
    scales: Vec<R>,
    swaps: Vec<usize>,
}

/// Balances a square, non-empty matrix in place.
pub fn balance<T: Field>(a: &mut Mat<T>) -> Balance<T::Real> {
    let n = a.rows;
    let (mut low, mut high) = (0, n - 1);
    let mut swaps: Vec<usize> = (0..n).collect();
    let exchange = |a: &mut Mat<T>, j: usize, m: usize, low: usize, high: usize| {
        a.swap_cols(j, m, 0, high + 1);
        a.swap_rows(j, m, low, n);
    };
    // Rows that isolate an eigenvalue go to the bottom.
    'rows: loop {
        for j in (0..=high).rev() {
            if (0..=high).all(|i| i == j || a[(j, i)] == T::zero()) {
                swaps[high] = j;
                exchange(a, j, high, low, high);
                if high == 0 {
                    return Balance { low: 0, high: 0, scales: vec![T::Real::one(); n], swaps };
                }
                high -= 1;
                continue 'rows;
            }
        }
        break;
    }
    // Columns that isolate one go to the left.
    #[allow(clippy::mut_range_bound)] // the loop starts again behind each change
    'cols: loop {
        for j in low..=high {
            if (low..=high).all(|i| i == j || a[(i, j)] == T::zero()) {
                swaps[low] = j;
                exchange(a, j, low, low, high);
                low += 1;
                continue 'cols;
            }
        }
        break;
    }
    let mut scales = vec![T::Real::one(); n];
    let (two, zero) = (lit::<T::Real>(2.0), T::Real::zero());
    let small = <T::Real as Float>::min_positive_value() / <T::Real as Float>::epsilon();
    let (small2, large2) = (small * two, T::Real::one() / (small * two));
    let mut again = a.is_finite();
    while again {
        again = false;
        for i in low..=high {
            let mut c = norm(&a.col(i)[low..=high]);
            let mut r = norm(&(low..=high).map(|j| a[(i, j)]).collect::<Vec<_>>());
            let mut ca = (0..=high).fold(zero, |m, k| m.max(a[(k, i)].modulus()));
            let mut ra = (low..n).fold(zero, |m, k| m.max(a[(i, k)].modulus()));
            if c == zero || r == zero {
                continue;
            }
            let (mut g, mut f, s) = (r / two, T::Real::one(), c + r);
            while c < g && f.max(c).max(ca) < large2 && r.min(g).min(ra) > small2 {
                (f, c, ca) = (f * two, c * two, ca * two);
                (r, g, ra) = (r / two, g / two, ra / two);
            }
            g = c / two;
            while g >= r && r.max(ra) < large2 && f.min(c).min(g).min(ca) > small2 {
                (f, c, g, ca) = (f / two, c / two, g / two, ca / two);
                (r, ra) = (r * two, ra * two);
            }
            if c + r >= lit::<T::Real>(0.95) * s {
                continue;
            }
            scales[i] = scales[i] * f;
            again = true;
            for k in low..n {
                a[(i, k)] = a[(i, k)].scale(T::Real::one() / f);
            }
            for k in 0..=high {
                a[(k, i)] = a[(k, i)].scale(f);
            }
        }
    }
    Balance { low, high, scales, swaps }
}

impl<R: super::field::Real> Balance<R> {
    /// Brings eigenvectors of the balanced matrix back to the original one.
    pub fn undo<T: Field<Real = R>>(&self, v: &mut Mat<T>) {
        for i in self.low..=self.high {
            for j in 0..v.cols {
                v[(i, j)] = v[(i, j)].scale(self.scales[i]);
            }
        }
        let cols = v.cols;
        for i in (0..self.low).rev() {
            v.swap_rows(i, self.swaps[i], 0, cols);
        }
        for i in self.high + 1..v.rows {
            v.swap_rows(i, self.swaps[i], 0, cols);
        }
    }
}
