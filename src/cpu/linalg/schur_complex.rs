//! The Schur form of a complex Hessenberg matrix by single-shift QR (Golub and Van Loan, 7.5; LAPACK's zLAHQR): the
//! subdiagonal is kept real.

use super::field::{Field, lit};
use super::householder::Reflector;
use super::matrix::Mat;
use num_traits::{Float, NumCast, One, Zero};

/// Brings `h` (upper Hessenberg, active in `low..=high`) to triangular form, `z` turning along; gives the eigenvalues,
/// `None` when the iteration does not converge.
pub fn schur<T: Field>(h: &mut Mat<T>, z: &mut Mat<T>, low: usize, high: usize) -> Option<Vec<T>> {
    let n = h.rows;
    for i in low + 1..=high {
        let sub = h[(i, i - 1)];
        if sub.im() != T::Real::zero() {
            let mut phase = sub.scale(T::Real::one() / sub.taxicab()).conj();
            phase = phase.scale(T::Real::one() / phase.modulus());
            h[(i, i - 1)] = T::real(sub.modulus());
            scale_row(h, i, i..n, phase);
            scale_col(h, i, 0..n.min(i + 2), phase.conj());
            scale_col(z, i, 0..n, phase.conj());
        }
    }
    let ulp = <T::Real as Float>::epsilon();
    let active = high - low + 1;
    let small = <T::Real as Float>::min_positive_value()
        * (<T::Real as NumCast>::from(active).unwrap_or_else(T::Real::one) / ulp);
    let limit = 30 * active.max(10);
    let mut kicks = 0;
    let mut i = high as isize;
    while i >= low as isize {
        let end = i as usize;
        let mut start = low;
        let mut converged = false;
        for _ in 0..=limit {
            start = deflation(h, low, start, end, high, small);
            if start > low {
                h[(start, start - 1)] = T::zero();
            }
            if start >= end {
                converged = true;
                break;
            }
            kicks += 1;
            let shift = shift(h, start, end, kicks);
            sweep(h, z, start, end, shift);
        }
        if !converged {
            return None;
        }
        kicks = 0;
        i = start as isize - 1;
    }
    Some((0..n).map(|i| h[(i, i)]).collect())
}

fn scale_row<T: Field>(a: &mut Mat<T>, i: usize, cols: std::ops::Range<usize>, by: T) {
    cols.for_each(|j| a[(i, j)] *= by);
}

fn scale_col<T: Field>(a: &mut Mat<T>, j: usize, rows: std::ops::Range<usize>, by: T) {
    rows.for_each(|i| a[(i, j)] *= by);
}

fn deflation<T: Field>(h: &Mat<T>, low: usize, floor: usize, end: usize, high: usize, small: T::Real) -> usize {
    let size = |i: usize, j: usize| h[(i, j)].taxicab();
    let real = |i: usize, j: usize| Float::abs(h[(i, j)].re());
    let ulp = <T::Real as Float>::epsilon();
    let mut k = end;
    while k > floor {
        if size(k, k - 1) <= small {
            break;
        }
        let mut test = size(k - 1, k - 1) + size(k, k);
        if test == T::Real::zero() {
            if k >= low + 2 {
                test = test + real(k - 1, k - 2);
            }
            if k < high {
                test = test + real(k + 1, k);
            }
        }
        if real(k, k - 1) <= ulp * test {
            let (sub, sup) = (size(k, k - 1), size(k - 1, k));
            let (ab, ba) = (sub.max(sup), sub.min(sup));
            let difference = (h[(k - 1, k - 1)] - h[(k, k)]).taxicab();
            let (aa, bb) = (size(k, k).max(difference), size(k, k).min(difference));
            let s = aa + ab;
            if ba * (ab / s) <= small.max(ulp * (bb * (aa / s))) {
                break;
            }
        }
        k -= 1;
    }
    k
}

/// Principal square root.
fn root<T: Field>(x: T) -> T {
    let (re, im) = (x.re(), x.im());
    let zero = T::Real::zero();
    if re == zero && im == zero {
        return T::zero();
    }
    let half: T::Real = lit(0.5);
    let m = x.modulus();
    let big = ((m + Float::abs(re)) * half).sqrt();
    let small = Float::abs(im) / (big + big);
    let (a, b) = if re >= zero { (big, small) } else { (small, big) };
    T::parts(a, if im < zero { -b } else { b })
}

/// Wilkinson's shift, now and then a kick.
fn shift<T: Field>(h: &Mat<T>, start: usize, end: usize, kicks: usize) -> T {
    let kick: T::Real = lit(0.75);
    if kicks.is_multiple_of(20) {
        return T::real(kick * Float::abs(h[(end, end - 1)].re())) + h[(end, end)];
    }
    if kicks.is_multiple_of(10) {
        return T::real(kick * Float::abs(h[(start + 1, start)].re())) + h[(start, start)];
    }
    let mut t = h[(end, end)];
    let u = root(h[(end - 1, end)]) * root(h[(end, end - 1)]);
    let mut s = u.taxicab();
    let zero = T::Real::zero();
    if s != zero {
        let x = (h[(end - 1, end - 1)] - t).scale(lit(0.5));
        let sx = x.taxicab();
        s = s.max(sx);
        let by = T::Real::one() / s;
        let (p, q) = (x.scale(by), u.scale(by));
        let mut y = root(p * p + q * q).scale(s);
        if sx > zero {
            let unit = x.scale(T::Real::one() / sx);
            if unit.re() * y.re() + unit.im() * y.im() < zero {
                y = -y;
            }
        }
        t -= u * (u / (x + y));
    }
    t
}

/// One single-shift step on the block `start..=end`.
fn sweep<T: Field>(h: &mut Mat<T>, z: &mut Mat<T>, start: usize, end: usize, t: T) {
    let n = h.rows;
    let ulp = <T::Real as Float>::epsilon();
    let mut m = end - 1;
    let mut v;
    loop {
        let (h11, h22) = (h[(m, m)], h[(m + 1, m + 1)]);
        let shifted = h11 - t;
        let sub = h[(m + 1, m)].re();
        let s = T::Real::one() / (shifted.taxicab() + Float::abs(sub));
        v = [shifted.scale(s), T::real(sub * s)];
        if m == start {
            break;
        }
        let above = Float::abs(h[(m, m - 1)].re());
        if above * Float::abs(v[1].re()) <= ulp * (v[0].taxicab() * (h11.taxicab() + h22.taxicab())) {
            break;
        }
        m -= 1;
    }
    for k in m..end {
        if k > m {
            v = [h[(k, k - 1)], h[(k + 1, k - 1)]];
        }
        let (reflector, beta) = Reflector::new(&v);
        if k > m {
            h[(k, k - 1)] = beta;
            h[(k + 1, k - 1)] = T::zero();
        }
        let (t1, v2) = (reflector.tau, reflector.v[1]);
        let t2 = (t1 * v2).re();
        for j in k..n {
            let sum = t1.conj() * h[(k, j)] + h[(k + 1, j)].scale(t2);
            h[(k, j)] -= sum;
            h[(k + 1, j)] -= sum * v2;
        }
        let turn = |a: &mut Mat<T>, rows: usize| {
            for i in 0..rows {
                let sum = t1 * a[(i, k)] + a[(i, k + 1)].scale(t2);
                a[(i, k)] -= sum;
                a[(i, k + 1)] -= sum * v2.conj();
            }
        };
        turn(h, (k + 3).min(end + 1));
        turn(z, n);
        if k == m && m > start {
            // The step began in the middle: one more scaling keeps the subdiagonal real.
            let mut phase = T::one() - t1;
            phase = phase.scale(T::Real::one() / phase.modulus());
            h[(m + 1, m)] *= phase.conj();
            if m + 2 <= end {
                h[(m + 2, m + 1)] *= phase;
            }
            for j in (m..=end).filter(|&j| j != m + 1) {
                if n > j + 1 {
                    scale_row(h, j, j + 1..n, phase);
                }
                scale_col(h, j, 0..j, phase.conj());
                scale_col(z, j, 0..n, phase.conj());
            }
        }
    }
    let sub = h[(end, end - 1)];
    if sub.im() != T::Real::zero() {
        let length = sub.modulus();
        h[(end, end - 1)] = T::real(length);
        let phase = sub.scale(T::Real::one() / length);
        scale_row(h, end, end + 1..n, phase.conj());
        scale_col(h, end, 0..end, phase);
        scale_col(z, end, 0..n, phase);
    }
}
