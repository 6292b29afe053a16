//! Householder reflections as LAPACK makes them (Golub and Van Loan, Matrix Computations, 5.1; LAPACK's xLARFG,
//! xGEQR2, xGELQ2): the reflected element takes the sign opposite to its own, and one element alone is left as it is.

use super::field::{Field, Real, dot, subtract_scaled};
use super::matrix::Mat;
use crate::base::DType;
use crate::cpu::isa::widest;
use num_traits::{Float, One, Zero};

/// Euclidean norm: the sum of squares relative to the largest element so far (the BLAS's classic xNRM2).
pub fn norm<T: Field>(x: &[T]) -> T::Real {
    let (zero, one) = (T::Real::zero(), T::Real::one());
    // Plain squares where they neither overflow nor vanish.
    let plain = widest(
        #[inline(always)]
        || dot(x, x).re(),
    );
    let (least, most) = (Float::sqrt(Float::sqrt(T::Real::min_positive_value())), Float::sqrt(T::Real::max_value()));
    if plain > least && plain < most {
        return Float::sqrt(plain);
    }
    let (mut scale, mut squares) = (zero, one);
    let mut see = |v: T::Real| {
        let size = Float::abs(v);
        if size == zero {
            return;
        }
        if scale < size {
            let ratio = scale / size;
            squares = one + squares * (ratio * ratio);
            scale = size;
        } else {
            let ratio = size / scale;
            squares = squares + ratio * ratio;
        }
    };
    for v in x {
        see(v.re());
        if T::COMPLEX {
            see(v.im());
        }
    }
    scale * squares.sqrt()
}

/// `b` with the sign of `a`; a negative zero counts as negative.
pub fn sign<R: Real>(b: R, a: R) -> R {
    let b = Float::abs(b);
    if a.is_sign_negative() { -b } else { b }
}

/// A reflection `I - tau v v^H` with `v = [1, tail]`.
#[derive(Clone, Debug)]
pub struct Reflector<T> {
    /// The scale; zero is the identity.
    pub tau: T,
    /// `v`, whose first element is one.
    pub v: Vec<T>,
}

impl<T: Field> Reflector<T> {
    /// The reflection whose adjoint takes `x` to `[beta, 0, ...]` with real `beta`, and `beta`.
    pub fn new(x: &[T]) -> (Self, T) {
        let Some((&alpha, tail)) = x.split_first() else {
            return (Reflector { tau: T::zero(), v: Vec::new() }, T::zero());
        };
        let mut v = x.to_vec();
        v[0] = T::one();
        let tail_norm = norm(tail);
        let zero = T::Real::zero();
        if (tail.is_empty() && !T::COMPLEX) || (tail_norm == zero && alpha.im() == zero) {
            return (Reflector { tau: T::zero(), v }, alpha);
        }
        let length = if T::COMPLEX {
            norm(&[T::real(alpha.re()), T::real(alpha.im()), T::real(tail_norm)])
        } else {
            hypot(alpha.re(), tail_norm)
        };
        // A complex number's negative zero counts as positive.
        let beta = -sign(length, if T::COMPLEX { alpha.re() + zero } else { alpha.re() });
        let tau = T::parts((beta - alpha.re()) / beta, -alpha.im() / beta);
        let pivot = alpha - T::real(beta);
        if T::DTYPE == DType::F32 {
            v[1..].iter_mut().for_each(|e| *e = *e / pivot);
        } else {
            let inverse = T::one() / pivot;
            v[1..].iter_mut().for_each(|e| *e *= inverse);
        }
        (Reflector { tau, v }, T::real(beta))
    }

    /// `a := (I - tau v v^H) a` on the rows from `row` and the columns from `col`; the adjoint with `tau` conjugated.
    pub fn left(&self, a: &mut Mat<T>, row: usize, col: usize, adjoint: bool) {
        let tau = if adjoint { self.tau.conj() } else { self.tau };
        if tau == T::zero() {
            return;
        }
        widest(
            #[inline(always)]
            || {
                for j in col..a.cols {
                    let start = j * a.rows + row;
                    let part = &mut a.data[start..start + self.v.len()];
                    subtract_scaled(part, tau * dot(&self.v, part), &self.v);
                }
            },
        );
    }

    /// `a := a (I - tau v v^H)` on the rows `row..to` and the columns from `col`.
    pub fn right(&self, a: &mut Mat<T>, row: usize, to: usize, col: usize) {
        if self.tau == T::zero() {
            return;
        }
        // All rows at once: columns lie together in memory.
        widest(
            #[inline(always)]
            || {
                let mut sums = vec![T::zero(); to - row];
                for (k, &v) in self.v.iter().enumerate() {
                    subtract_scaled(&mut sums, -v, &a.col(col + k)[row..to]);
                }
                sums.iter_mut().for_each(|s| *s *= self.tau);
                for (k, v) in self.v.iter().enumerate() {
                    subtract_scaled(&mut a.col_mut(col + k)[row..to], v.conj(), &sums);
                }
            },
        );
    }
}

/// `sqrt(a^2 + b^2)` without overflow.
pub fn hypot<R: Real>(a: R, b: R) -> R {
    let (a, b) = (Float::abs(a), Float::abs(b));
    let (w, z) = if a > b { (a, b) } else { (b, a) };
    if z == R::zero() || !Float::is_finite(w) {
        return if Field::is_nan(a) || Field::is_nan(b) { R::nan() } else { w };
    }
    w * (R::one() + (z / w) * (z / w)).sqrt()
}

/// QR factorization in place: `R` in the upper triangle, and the reflections whose product is `Q`.
pub fn qr<T: Field>(a: &mut Mat<T>) -> Vec<Reflector<T>> {
    if a.rows.min(a.cols) >= super::blocked::LIMIT { super::blocked::qr(a) } else { panel(a) }
}

/// [`qr`], one column at a time.
pub(super) fn panel<T: Field>(a: &mut Mat<T>) -> Vec<Reflector<T>> {
    (0..a.rows.min(a.cols))
        .map(|i| {
            let (h, beta) = Reflector::new(&a.col(i)[i..]);
            let rows = a.rows;
            a.data[i * rows + i] = beta;
            a.data[i * rows + i + 1..(i + 1) * rows].fill(T::zero());
            h.left(a, i, i + 1, true);
            h
        })
        .collect()
}

/// The first `cols` columns of the product of reflections, each starting a row below the one before, from `shift` on.
pub fn product<T: Field>(all: &[Reflector<T>], rows: usize, cols: usize, shift: usize) -> Mat<T> {
    if shift == 0 && all.len() >= super::blocked::LIMIT {
        return super::blocked::product(all, rows, cols);
    }
    let mut q = Mat::identity(rows, cols);
    for (i, h) in all.iter().enumerate().rev() {
        let at = i + shift;
        h.left(&mut q, at, at + 1, false);
        // Its own column is a unit vector still: only this reflection touches it.
        if at < cols {
            let column = &mut q.col_mut(at)[at..];
            column.iter_mut().zip(&h.v).for_each(|(x, &v)| *x = -h.tau * v);
            column[0] = T::one() - h.tau;
        }
    }
    q
}

/// Multiplies `a` from the left by the product of reflections (in order), each starting a row below the one before.
pub fn apply<T: Field>(all: &[Reflector<T>], a: &mut Mat<T>, shift: usize) {
    for (i, h) in all.iter().enumerate().rev() {
        h.left(a, i + shift, 0, false);
    }
}
