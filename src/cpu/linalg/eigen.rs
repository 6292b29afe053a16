//! Eigenvalues and eigenvectors of general matrices: balancing, Hessenberg form, Schur form, back substitution
//! (LAPACK's xGEEV, xGEHD2, xTREVC). Vectors have unit length; of a complex one the largest component is real.

use super::balance::balance;
use super::field::{Field, Real};
use super::householder::{Reflector, hypot, norm, product};
use super::matrix::Mat;
use super::{schur_complex, schur_real};
use num_complex::Complex;
use num_traits::{Float, One, Zero};

/// The field of the eigenvalues of matrices over `Self`.
pub trait Eigen: Field {
    /// Complex numbers with `Self`'s precision.
    type Complex: Field<Real = Self::Real>;

    #[allow(clippy::type_complexity)]
    /// Eigenvalues, and eigenvectors as columns; `None` when the iteration does not converge.
    fn eig(a: &Mat<Self>) -> Option<(Vec<Self::Complex>, Mat<Self::Complex>)>;
}

macro_rules! eigen {
    ($($t:ty),*) => {$(
        impl Eigen for $t {
            type Complex = Complex<$t>;
            fn eig(a: &Mat<Self>) -> Option<(Vec<Complex<$t>>, Mat<Complex<$t>>)> {
                let (values, re, im) = real(a)?;
                let mut vectors = Mat::zeros(a.rows, a.cols);
                for (to, (&re, &im)) in vectors.data.iter_mut().zip(re.data.iter().zip(&im.data)) {
                    *to = Complex::new(re, im);
                }
                Some((values.into_iter().map(|(re, im)| Complex::new(re, im)).collect(), vectors))
            }
        }
        impl Eigen for Complex<$t> {
            type Complex = Complex<$t>;
            fn eig(a: &Mat<Self>) -> Option<(Vec<Self>, Mat<Self>)> {
                complex(a)
            }
        }
    )*};
}
eigen!(f32, f64);

/// Reduces to Hessenberg form in place; gives the orthogonal factor.
fn hessenberg<T: Field>(a: &mut Mat<T>, low: usize, high: usize) -> Mat<T> {
    let n = a.rows;
    let mut all: Vec<Reflector<T>> = Vec::new();
    for i in low..high {
        let (h, beta) = Reflector::new(&a.col(i)[i + 1..=high]);
        a[(i + 1, i)] = beta;
        for r in i + 2..=high {
            a[(r, i)] = T::zero();
        }
        h.right(a, 0, high + 1, i + 1);
        h.left(a, i + 1, i + 1, true);
        all.push(h);
    }
    product(&all, n, n, low + 1)
}

type RealEig<R> = (Vec<(R, R)>, Mat<R>, Mat<R>);

fn real<R: Real>(a: &Mat<R>) -> Option<RealEig<R>> {
    let mut h = a.clone();
    let balanced = balance(&mut h);
    let mut z = hessenberg(&mut h, balanced.low, balanced.high);
    let values = schur_real::schur(&mut h, &mut z, balanced.low, balanced.high)?;
    let n = a.rows;
    let (mut re, mut im) = (Mat::zeros(n, n), Mat::zeros(n, n));
    let largest = h.data.iter().fold(R::zero(), |m, &v| m.max(Float::abs(v)));
    let floor = (R::epsilon() * largest).max(R::min_positive_value() / R::epsilon());
    let mut k = 0;
    while k < n {
        let (wr, wi) = values[k];
        if wi == R::zero() {
            let x = solve_quasi(&h, k, Complex::new(wr, R::zero()), floor);
            back(&z, &x, re.col_mut(k), |c| c.re);
            k += 1;
        } else {
            let x = solve_quasi(&h, k + 1, Complex::new(wr, Float::abs(wi)), floor);
            back(&z, &x, re.col_mut(k), |c| c.re);
            back(&z, &x, im.col_mut(k), |c| c.im);
            k += 2;
        }
    }
    balanced.undo(&mut re);
    balanced.undo(&mut im);
    let mut k = 0;
    while k < n {
        if values[k].1 == R::zero() {
            let length = norm(re.col(k));
            re.col_mut(k).iter_mut().for_each(|v| *v = *v / length);
            k += 1;
            continue;
        }
        let scale = R::one() / hypot(norm(re.col(k)), norm(im.col(k)));
        re.col_mut(k).iter_mut().for_each(|v| *v = *v * scale);
        im.col_mut(k).iter_mut().for_each(|v| *v = *v * scale);
        let size = |i: usize| re[(i, k)] * re[(i, k)] + im[(i, k)] * im[(i, k)];
        let top = (0..n).fold(0, |best, i| if size(i) > size(best) { i } else { best });
        let (c, s, _) = super::rotation::rotation_by_length(re[(top, k)], im[(top, k)]);
        for i in 0..n {
            let (x, y) = (re[(i, k)], im[(i, k)]);
            re[(i, k)] = c * x + s * y;
            im[(i, k)] = if i == top { R::zero() } else { c * y - s * x };
        }
        for i in 0..n {
            re[(i, k + 1)] = re[(i, k)];
            im[(i, k + 1)] = -im[(i, k)];
        }
        k += 2;
    }
    Some((values, re, im))
}

/// `z[:, ..x.len()] @ x`, one part of it.
fn back<R: Real>(z: &Mat<R>, x: &[Complex<R>], out: &mut [R], part: impl Fn(&Complex<R>) -> R) {
    for (j, v) in x.iter().enumerate() {
        let factor = part(v);
        out.iter_mut().zip(z.col(j)).for_each(|(o, &q)| *o = *o + q * factor);
    }
}

/// The eigenvector of the quasi-triangular `t` for the eigenvalue `w` whose block ends at row `k`.
fn solve_quasi<R: Real>(t: &Mat<R>, k: usize, w: Complex<R>, floor: R) -> Vec<Complex<R>> {
    let zero = Complex::new(R::zero(), R::zero());
    let mut x = vec![zero; k + 1];
    let mut rest = k;
    if w.im == R::zero() {
        x[k] = Complex::new(R::one(), R::zero());
    } else {
        rest = k - 1;
        if Float::abs(t[(k - 1, k)]) >= Float::abs(t[(k, k - 1)]) {
            x[k - 1] = Complex::new(R::one(), R::zero());
            x[k] = Complex::new(R::zero(), w.im / t[(k - 1, k)]);
        } else {
            x[k - 1] = Complex::new(-w.im / t[(k, k - 1)], R::zero());
            x[k] = Complex::new(R::zero(), R::one());
        }
    }
    for j in rest..=k {
        let factor = x[j];
        for (i, v) in x[..rest].iter_mut().enumerate() {
            *v = *v - factor * t[(i, j)];
        }
    }
    let guard = |d: Complex<R>| if d.norm() < floor { Complex::new(floor, R::zero()) } else { d };
    let mut j = rest as isize - 1;
    while j >= 0 {
        let i = j as usize;
        let pair = i > 0 && t[(i, i - 1)] != R::zero();
        let top = if pair { i - 1 } else { i };
        if pair {
            // A 2 x 2 block by Cramer's rule.
            let (p, q) = (Complex::new(t[(top, top)], R::zero()) - w, Complex::new(t[(i, i)], R::zero()) - w);
            let (b, c) = (t[(top, i)], t[(i, top)]);
            let det = p * q - Complex::new(b * c, R::zero());
            let det = if det.norm() == R::zero() { Complex::new(floor, R::zero()) } else { det };
            let (u, v) = (x[top], x[i]);
            x[top] = (u * q - v * b) / det;
            x[i] = (v * p - u * c) / det;
        } else {
            let d = guard(Complex::new(t[(i, i)], R::zero()) - w);
            // The square of a tiny real number would vanish.
            x[i] = if d.im == R::zero() { x[i] / d.re } else { x[i] / d };
        }
        // Large components are scaled down before they overflow.
        let size = x[i].norm().max(x[top].norm());
        if size > R::one() / (R::min_positive_value() / R::epsilon()).sqrt() {
            x.iter_mut().for_each(|v| *v = *v / size);
        }
        for c in top..=i {
            let factor = x[c];
            for (r, v) in x[..top].iter_mut().enumerate() {
                *v = *v - factor * t[(r, c)];
            }
        }
        j = top as isize - 1;
    }
    x
}

fn complex<T: Field>(a: &Mat<T>) -> Option<(Vec<T>, Mat<T>)> {
    let mut h = a.clone();
    let balanced = balance(&mut h);
    let mut z = hessenberg(&mut h, balanced.low, balanced.high);
    let values = schur_complex::schur(&mut h, &mut z, balanced.low, balanced.high)?;
    let n = a.rows;
    let mut vectors = Mat::<T>::zeros(n, n);
    let zero = T::Real::zero();
    let ulp = <T::Real as Float>::epsilon();
    let largest = h.data.iter().fold(zero, |m, v| m.max(v.taxicab()));
    let floor = (ulp * largest).max(<T::Real as Float>::min_positive_value() / ulp);
    for k in 0..n {
        let w = h[(k, k)];
        let mut x: Vec<T> = (0..k).map(|i| -h[(i, k)]).collect();
        x.push(T::one());
        for i in (0..k).rev() {
            let d = h[(i, i)] - w;
            x[i] = if d.taxicab() < floor { x[i].scale(T::Real::one() / floor) } else { x[i] / d };
            let factor = x[i];
            for r in 0..i {
                let term = factor * h[(r, i)];
                x[r] -= term;
            }
        }
        for (j, &factor) in x.iter().enumerate() {
            for i in 0..n {
                let term = z[(i, j)] * factor;
                vectors[(i, k)] += term;
            }
        }
    }
    balanced.undo(&mut vectors);
    normalise(&mut vectors);
    Some((values, vectors))
}

/// Scales columns to unit length, and turns each so that its largest component is real.
pub(super) fn normalise<T: Field>(vectors: &mut Mat<T>) {
    let n = vectors.rows;
    for k in 0..vectors.cols {
        let column = vectors.col_mut(k);
        let scale = T::Real::one() / norm(column);
        column.iter_mut().for_each(|v| *v = v.scale(scale));
        let size = |v: T| v.re() * v.re() + v.im() * v.im();
        let top = (0..n).fold(0, |best, i| if size(column[i]) > size(column[best]) { i } else { best });
        let phase = column[top].conj().scale(T::Real::one() / size(column[top]).sqrt());
        column.iter_mut().for_each(|v| *v *= phase);
        column[top] = T::real(column[top].re());
    }
}
