//! The real Schur form of a Hessenberg matrix by double-shift QR (Francis; Golub and Van Loan, 7.5; LAPACK's xLAHQR with
//! Ahues and Tisseur's deflation test, LAPACK working note 122).

use super::field::{Real, lit};
use super::householder::Reflector;
use super::matrix::Mat;
use super::rotation::{rotate_cols, rotate_rows, schur2};
use num_traits::{Float, NumCast};

/// Brings `h` (upper Hessenberg, active in `low..=high`) to quasi-triangular form, `z` turning along; gives the
/// eigenvalues as real and imaginary parts, `None` when the iteration does not converge.
pub fn schur<R: Real>(h: &mut Mat<R>, z: &mut Mat<R>, low: usize, high: usize) -> Option<Vec<(R, R)>> {
    let n = h.rows;
    let zero = R::zero();
    let mut values: Vec<(R, R)> = (0..n).map(|i| (h[(i, i)], zero)).collect();
    let ulp = R::epsilon();
    let active = high - low + 1;
    let small = R::min_positive_value() * (NumCast::from(active).unwrap_or_else(R::one) / ulp);
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
                h[(start, start - 1)] = zero;
            }
            if start + 1 >= end {
                converged = true;
                break;
            }
            kicks += 1;
            sweep(h, z, start, end, shifts(h, start, end, kicks));
        }
        if !converged {
            return None;
        }
        if start == end {
            values[end] = (h[(end, end)], zero);
        } else {
            let p = end - 1;
            let s = schur2(h[(p, p)], h[(p, end)], h[(end, p)], h[(end, end)]);
            [h[(p, p)], h[(p, end)], h[(end, p)], h[(end, end)]] = s.block;
            values[p] = s.values[0];
            values[end] = s.values[1];
            let (c, s) = s.rotation;
            rotate_rows(h, p, end, end + 1, n, c, s);
            for r in 0..p {
                let (x, y) = (h[(r, p)], h[(r, end)]);
                h[(r, p)] = c * x + s * y;
                h[(r, end)] = c * y - s * x;
            }
            rotate_cols(z, p, end, c, s);
        }
        kicks = 0;
        i = start as isize - 1;
    }
    Some(values)
}

/// The first row of the block that ends at `end`: below it the subdiagonal is negligible.
fn deflation<R: Real>(h: &Mat<R>, low: usize, floor: usize, end: usize, high: usize, small: R) -> usize {
    let abs = |i: usize, j: usize| Float::abs(h[(i, j)]);
    let ulp = R::epsilon();
    let mut k = end;
    while k > floor {
        let sub = abs(k, k - 1);
        if sub <= small {
            break;
        }
        let mut test = abs(k - 1, k - 1) + abs(k, k);
        if test == R::zero() {
            if k >= low + 2 {
                test = test + abs(k - 1, k - 2);
            }
            if k < high {
                test = test + abs(k + 1, k);
            }
        }
        if sub <= ulp * test {
            let (ab, ba) = (sub.max(abs(k - 1, k)), sub.min(abs(k - 1, k)));
            let difference = Float::abs(h[(k - 1, k - 1)] - h[(k, k)]);
            let (aa, bb) = (abs(k, k).max(difference), abs(k, k).min(difference));
            let s = aa + ab;
            if ba * (ab / s) <= small.max(ulp * (bb * (aa / s))) {
                break;
            }
        }
        k -= 1;
    }
    k
}

/// The two shifts, as real and imaginary parts: eigenvalues of the trailing block, now and then a kick.
fn shifts<R: Real>(h: &Mat<R>, start: usize, end: usize, kicks: usize) -> [(R, R); 2] {
    let (zero, half) = (R::zero(), lit::<R>(0.5));
    let kick = |s: R, at: usize| {
        let d = lit::<R>(0.75) * s + h[(at, at)];
        (d, lit::<R>(-0.4375) * s, s, d)
    };
    let (h11, h12, h21, h22) = if kicks.is_multiple_of(20) {
        kick(Float::abs(h[(end, end - 1)]) + Float::abs(h[(end - 1, end - 2)]), end)
    } else if kicks.is_multiple_of(10) {
        kick(Float::abs(h[(start + 1, start)]) + Float::abs(h[(start + 2, start + 1)]), start)
    } else {
        (h[(end - 1, end - 1)], h[(end - 1, end)], h[(end, end - 1)], h[(end, end)])
    };
    let s = Float::abs(h11) + Float::abs(h12) + Float::abs(h21) + Float::abs(h22);
    if s == zero {
        return [(zero, zero); 2];
    }
    let (h11, h12, h21, h22) = (h11 / s, h12 / s, h21 / s, h22 / s);
    let mean = (h11 + h22) * half;
    let det = (h11 - mean) * (h22 - mean) - h12 * h21;
    let root = Float::abs(det).sqrt();
    if det >= zero {
        return [(mean * s, root * s), (mean * s, -(root * s))];
    }
    let (a, b) = (mean + root, mean - root);
    let real = if Float::abs(a - h22) <= Float::abs(b - h22) { a } else { b } * s;
    [(real, zero); 2]
}

/// One double-shift step on the block `start..=end`.
fn sweep<R: Real>(h: &mut Mat<R>, z: &mut Mat<R>, start: usize, end: usize, shifts: [(R, R); 2]) {
    let n = h.rows;
    let abs = |v: R| Float::abs(v);
    let [(rt1r, rt1i), (rt2r, rt2i)] = shifts;
    // Where the step may begin: two consecutive small subdiagonal elements.
    let mut m = end - 2;
    let mut v;
    loop {
        let diagonal = h[(m, m)];
        let mut sub = abs(h[(m + 1, m)]);
        let mut s = abs(diagonal - rt2r) + abs(rt2i) + sub;
        sub = h[(m + 1, m)] / s;
        v = [
            sub * h[(m, m + 1)] + (diagonal - rt1r) * ((diagonal - rt2r) / s) - rt1i * (rt2i / s),
            sub * (diagonal + h[(m + 1, m + 1)] - rt1r - rt2r),
            sub * h[(m + 2, m + 1)],
        ];
        s = abs(v[0]) + abs(v[1]) + abs(v[2]);
        v = v.map(|x| x / s);
        if m == start {
            break;
        }
        let around = abs(h[(m - 1, m - 1)]) + abs(diagonal) + abs(h[(m + 1, m + 1)]);
        if abs(h[(m, m - 1)]) * (abs(v[1]) + abs(v[2])) <= R::epsilon() * abs(v[0]) * around {
            break;
        }
        m -= 1;
    }
    for k in m..end {
        let size = 3.min(end - k + 1);
        let mut x = v[..size].to_vec();
        if k > m {
            x = (k..k + size).map(|r| h[(r, k - 1)]).collect();
        }
        let (reflector, beta) = Reflector::new(&x);
        if k > m {
            h[(k, k - 1)] = beta;
            h[(k + 1, k - 1)] = R::zero();
            if k + 1 < end {
                h[(k + 2, k - 1)] = R::zero();
            }
        } else if m > start {
            h[(k, k - 1)] = h[(k, k - 1)] * (R::one() - reflector.tau);
        }
        let weights: Vec<R> = reflector.v.iter().map(|&v| reflector.tau * v).collect();
        for j in k..n {
            let sum = reflector.v.iter().enumerate().fold(R::zero(), |s, (r, &v)| s + v * h[(k + r, j)]);
            weights.iter().enumerate().for_each(|(r, &t)| h[(k + r, j)] -= sum * t);
        }
        let turn = |a: &mut Mat<R>, rows: usize| {
            for i in 0..rows {
                let sum = reflector.v.iter().enumerate().fold(R::zero(), |s, (r, &v)| s + v * a[(i, k + r)]);
                weights.iter().enumerate().for_each(|(r, &t)| a[(i, k + r)] -= sum * t);
            }
        };
        turn(h, (k + 4).min(end + 1));
        turn(z, n);
    }
}
