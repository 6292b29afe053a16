//! Eigenvalues of Hermitian matrices: reduction to a real tridiagonal matrix, then implicit QL or QR (Golub and Van Loan,
//! 8.3; LAPACK's xSYTD2, xHETD2 and xSTEQR).

use super::field::{Field, Real, lit};
use super::householder::{Reflector, hypot, sign};
use super::matrix::Mat;
use super::rotation::{rotate_cols, rotation_by_length, symmetric2};
use num_traits::{Float, Zero};

/// Eigenvalues in ascending order, and eigenvectors as columns.
pub struct Eigh<T: Field> {
    /// The eigenvalues.
    pub values: Vec<T::Real>,
    /// The eigenvectors, orthonormal.
    pub vectors: Mat<T>,
}

/// Decomposes a Hermitian matrix given by one triangle; `None` when the iteration does not converge.
pub fn eigh<T: Field>(a: &Mat<T>, upper: bool) -> Option<Eigh<T>> {
    let n = a.rows;
    if n == 0 {
        return Some(Eigh { values: Vec::new(), vectors: Mat::zeros(0, 0) });
    }
    let (mut d, mut e, reflectors) = reduce(a, upper);
    let mut vectors = Mat::<T>::identity(n, n);
    iterate(&mut d, &mut e, &mut vectors)?;
    if upper {
        for (i, h) in reflectors {
            place(&h, i).left(&mut vectors, 0, 0, false);
        }
    } else {
        for (i, h) in reflectors.into_iter().rev() {
            h.left(&mut vectors, i + 1, 0, false);
        }
    }
    Some(Eigh { values: d, vectors })
}

/// A reflection of the upper variant: its unit element is the last of the `i + 1` it acts on.
fn place<T: Field>(h: &Reflector<T>, i: usize) -> Reflector<T> {
    let mut v = h.v[1..].to_vec();
    v.push(T::one());
    v.truncate(i + 1);
    Reflector { tau: h.tau, v }
}

type Reduced<T> = (Vec<<T as Field>::Real>, Vec<<T as Field>::Real>, Vec<(usize, Reflector<T>)>);

/// `Q^H a Q` as diagonal and off-diagonal, and the reflections of `Q`: each with the index of its column.
fn reduce<T: Field>(a: &Mat<T>, upper: bool) -> Reduced<T> {
    let n = a.rows;
    // The full Hermitian matrix from its triangle, so that one loop serves both.
    let mut a = a.clone();
    for j in 0..n {
        a[(j, j)] = T::real(a[(j, j)].re());
        for i in 0..j {
            if upper {
                a[(j, i)] = a[(i, j)].conj();
            } else {
                a[(i, j)] = a[(j, i)].conj();
            }
        }
    }
    let mut e = vec![T::Real::zero(); n - 1];
    let mut reflectors = Vec::new();
    let half: T::Real = lit(0.5);
    let steps: Vec<usize> = if upper { (0..n - 1).rev().collect() } else { (0..n - 1).collect() };
    for i in steps {
        // The first row that the reflection acts on.
        let from = if upper { 0 } else { i + 1 };
        let (h, beta, v) = if upper {
            let mut x = vec![a[(i, i + 1)]];
            x.extend((0..i).map(|r| a[(r, i + 1)]));
            let (h, beta) = Reflector::new(&x);
            let v = place(&h, i).v;
            (h, beta, v)
        } else {
            let (h, beta) = Reflector::new(&a.col(i)[from..]);
            let v = h.v.clone();
            (h, beta, v)
        };
        e[i] = beta.re();
        let tau = h.tau;
        if tau != T::zero() {
            let mut w = product(&a, from, &v, tau);
            let dot = w.iter().zip(&v).fold(T::zero(), |s, (&x, &y)| s + x.conj() * y);
            let alpha = -((tau * dot).scale(half));
            w.iter_mut().zip(&v).for_each(|(x, &y)| *x += alpha * y);
            for c in 0..v.len() {
                for r in 0..v.len() {
                    let cell = &mut a[(from + r, from + c)];
                    *cell = *cell - v[r] * w[c].conj() - w[r] * v[c].conj();
                }
                let on = (from + c, from + c);
                a[on] = T::real(a[on].re());
            }
        }
        reflectors.push((i, h));
    }
    if upper {
        // Q is the product in the order of falling columns; applying it goes from the other end.
        reflectors.reverse();
    }
    let d = (0..n).map(|i| a[(i, i)].re()).collect();
    (d, e, reflectors)
}

/// `tau a v` for the Hermitian block of `a` that starts at `from`, in the order of the BLAS's xSYMV for a lower triangle.
fn product<T: Field>(a: &Mat<T>, from: usize, v: &[T], tau: T) -> Vec<T> {
    let mut y = vec![T::zero(); v.len()];
    for j in 0..v.len() {
        let scaled = tau * v[j];
        let mut dot = T::zero();
        y[j] += scaled * a[(from + j, from + j)];
        for i in j + 1..v.len() {
            let cell = a[(from + i, from + j)];
            y[i] += scaled * cell;
            dot += cell.conj() * v[i];
        }
        y[j] += tau * dot;
    }
    y
}

/// Diagonalizes the symmetric tridiagonal matrix; the columns of `z` turn along, and are sorted with the values.
fn iterate<R: Real, T: Field<Real = R>>(d: &mut [R], e: &mut [R], z: &mut Mat<T>) -> Option<()> {
    let n = d.len();
    let (zero, one, two) = (R::zero(), R::one(), lit::<R>(2.0));
    let eps = R::epsilon() / two;
    let (eps2, tiny) = (eps * eps, R::min_positive_value());
    let (mut steps, limit) = (0, 30 * n);
    let mut next = 0;
    while next < n {
        if next > 0 {
            e[next - 1] = zero;
        }
        // The next unreduced block is `first..=last`.
        let first = next;
        let mut last = n - 1;
        for m in first..n - 1 {
            let off = Float::abs(e[m]);
            if off == zero {
                last = m;
                break;
            }
            if off <= Float::abs(d[m]).sqrt() * Float::abs(d[m + 1]).sqrt() * eps {
                e[m] = zero;
                last = m;
                break;
            }
        }
        next = last + 1;
        if last == first {
            continue;
        }
        let (mut l, mut end) = (first as isize, last as isize);
        if Float::abs(d[last]) < Float::abs(d[first]) {
            std::mem::swap(&mut l, &mut end);
        }
        let ql = end > l;
        // QL walks up from `l` to `end`; QR is the same walk with the indices mirrored.
        while if ql { l <= end } else { l >= end } {
            let at = l as usize;
            let mut m = end as usize;
            if ql {
                for k in at..end as usize {
                    if e[k] * e[k] <= (eps2 * Float::abs(d[k])) * Float::abs(d[k + 1]) + tiny {
                        m = k;
                        break;
                    }
                }
                if m < end as usize {
                    e[m] = zero;
                }
            } else {
                for k in (end as usize + 1..=at).rev() {
                    if e[k - 1] * e[k - 1] <= (eps2 * Float::abs(d[k])) * Float::abs(d[k - 1]) + tiny {
                        m = k;
                        break;
                    }
                }
                if m > end as usize {
                    e[m - 1] = zero;
                }
            }
            if m == at {
                l += if ql { 1 } else { -1 };
                continue;
            }
            let mut p = d[at];
            if ql && m == at + 1 {
                let (rt1, rt2, c, s) = symmetric2(d[at], e[at], d[m]);
                rotate_cols(z, at, m, c, s);
                (d[at], d[m], e[at]) = (rt1, rt2, zero);
                l += 2;
                continue;
            }
            if !ql && m + 1 == at {
                let (rt1, rt2, c, s) = symmetric2(d[m], e[m], d[at]);
                rotate_cols(z, m, at, c, s);
                (d[m], d[at], e[m]) = (rt1, rt2, zero);
                l -= 2;
                continue;
            }
            if steps == limit {
                return None;
            }
            steps += 1;
            let (neighbour, off) = if ql { (at + 1, at) } else { (at - 1, at - 1) };
            let mut g = (d[neighbour] - p) / (two * e[off]);
            let r = hypot(g, one);
            g = d[m] - p + (e[off] / (g + sign(r, g)));
            let (mut s, mut c) = (one, one);
            p = zero;
            if ql {
                for i in (at..m).rev() {
                    let (f, b) = (s * e[i], c * e[i]);
                    let r;
                    (c, s, r) = rotation_by_length(g, f);
                    if i != m - 1 {
                        e[i + 1] = r;
                    }
                    g = d[i + 1] - p;
                    let r = (d[i] - g) * s + two * c * b;
                    p = s * r;
                    d[i + 1] = g + p;
                    g = c * r - b;
                    rotate_cols(z, i, i + 1, c, -s);
                }
            } else {
                for i in m..at {
                    let (f, b) = (s * e[i], c * e[i]);
                    let r;
                    (c, s, r) = rotation_by_length(g, f);
                    if i != m {
                        e[i - 1] = r;
                    }
                    g = d[i] - p;
                    let r = (d[i + 1] - g) * s + two * c * b;
                    p = s * r;
                    d[i] = g + p;
                    g = c * r - b;
                    rotate_cols(z, i, i + 1, c, s);
                }
            }
            d[at] = d[at] - p;
            e[off] = g;
        }
    }
    for i in 0..n {
        let mut least = i;
        for j in i + 1..n {
            if d[j] < d[least] {
                least = j;
            }
        }
        if least != i {
            d.swap(i, least);
            z.swap_cols(i, least, 0, n);
        }
    }
    Some(())
}
