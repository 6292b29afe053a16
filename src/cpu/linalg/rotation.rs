//! Plane rotations, and the closed forms for 2 x 2 matrices that the QR iterations end in (LAPACK's xLARTG, xLASV2,
//! xLAS2, xLAEV2, xLANV2).

use super::field::{Field, Real, lit};
use super::householder::{hypot, sign};
use super::matrix::Mat;
use crate::cpu::isa::widest;
use num_traits::Float;

/// Cosine, sine and length with `[c s; -s c] [f; g] = [r; 0]`.
pub fn rotation<R: Real>(f: R, g: R) -> (R, R, R) {
    if g == R::zero() {
        return (R::one(), R::zero(), f);
    }
    if f == R::zero() {
        return (R::zero(), sign(R::one(), g), Float::abs(g));
    }
    let d = (f * f + g * g).sqrt();
    let d = if Float::is_finite(d) && d > Float::min_positive_value() { d } else { hypot(f, g) };
    let c = Float::abs(f) / d;
    let r = sign(d, f);
    (c, g / r, r)
}

/// As [`rotation`], with the older rule of signs that the tridiagonal iteration keeps to: the cosine is positive where
/// `|f| > |g|`, else the length is.
pub fn rotation_by_length<R: Real>(f: R, g: R) -> (R, R, R) {
    if g == R::zero() {
        return (R::one(), R::zero(), f);
    }
    if f == R::zero() {
        return (R::zero(), R::one(), g);
    }
    let r = (f * f + g * g).sqrt();
    let r = if Float::is_finite(r) && r > Float::min_positive_value() { r } else { hypot(f, g) };
    let (c, s) = (f / r, g / r);
    if Float::abs(f) > Float::abs(g) && c < R::zero() { (-c, -s, -r) } else { (c, s, r) }
}

/// Rotates columns `j` and `k`: `x := c x + s y`, `y := c y - s x`.
pub fn rotate_cols<T: Field>(a: &mut Mat<T>, j: usize, k: usize, c: T::Real, s: T::Real) {
    let (low, high) = (j.min(k), j.max(k));
    if low == high || a.rows == 0 {
        return;
    }
    let rows = a.rows;
    let (left, right) = a.data.split_at_mut(high * rows);
    let (low_col, high_col) = (&mut left[low * rows..(low + 1) * rows], &mut right[..rows]);
    let (first, second) = if j < k { (low_col, high_col) } else { (high_col, low_col) };
    widest(
        #[inline(always)]
        || {
            for (x, y) in first.iter_mut().zip(second) {
                (*x, *y) = (x.scale(c) + y.scale(s), y.scale(c) - x.scale(s));
            }
        },
    );
}

/// Rotates rows `j` and `k` in the columns `from..to`.
pub fn rotate_rows<T: Field>(a: &mut Mat<T>, j: usize, k: usize, from: usize, to: usize, c: T::Real, s: T::Real) {
    for i in from..to {
        let (x, y) = (a[(j, i)], a[(k, i)]);
        a[(j, i)] = x.scale(c) + y.scale(s);
        a[(k, i)] = y.scale(c) - x.scale(s);
    }
}

/// The smaller singular value of `[f g; 0 h]`.
pub fn smaller_singular<R: Real>(f: R, g: R, h: R) -> R {
    let (fa, ga, ha) = (Float::abs(f), Float::abs(g), Float::abs(h));
    let (low, high) = (fa.min(ha), fa.max(ha));
    let one = R::one();
    if low == R::zero() {
        return R::zero();
    }
    let (sum, difference) = (one + low / high, (high - low) / high);
    if ga < high {
        let u = (ga / high) * (ga / high);
        return low * (lit::<R>(2.0) / ((sum * sum + u).sqrt() + (difference * difference + u).sqrt()));
    }
    let u = high / ga;
    if u == R::zero() {
        return (low * high) / ga;
    }
    let (a, b) = (sum * u, difference * u);
    let c = one / ((one + a * a).sqrt() + (one + b * b).sqrt());
    let v = (low * c) * u;
    v + v
}

/// The singular value decomposition of `[f g; 0 h]`.
pub struct Svd2<R> {
    /// The value of smaller modulus, signed.
    pub min: R,
    /// The value of larger modulus, signed.
    pub max: R,
    /// Sine and cosine of the right rotation.
    pub right: (R, R),
    /// Sine and cosine of the left rotation.
    pub left: (R, R),
}

/// Computes [`Svd2`].
pub fn svd2<R: Real>(f: R, g: R, h: R) -> Svd2<R> {
    let (zero, one, two) = (R::zero(), R::one(), lit::<R>(2.0));
    let (mut ft, mut fa, mut ht, mut ha) = (f, Float::abs(f), h, Float::abs(h));
    let mut largest = 1;
    let swap = ha > fa;
    if swap {
        largest = 3;
        std::mem::swap(&mut ft, &mut ht);
        std::mem::swap(&mut fa, &mut ha);
    }
    let (gt, ga) = (g, Float::abs(g));
    let (min, max, clt, crt, slt, srt);
    if ga == zero {
        (min, max, clt, crt, slt, srt) = (ha, fa, one, one, zero, zero);
    } else {
        if ga > fa {
            largest = 2;
        }
        if ga > fa && fa / ga < R::epsilon() / two {
            max = ga;
            min = if ha > one { fa / (ga / ha) } else { (fa / ga) * ha };
            (clt, slt, srt, crt) = (one, ht / gt, one, ft / gt);
        } else {
            let d = fa - ha;
            let mut l = if d == fa { one } else { d / fa };
            let m = gt / ft;
            let mut t = two - l;
            let (mm, tt) = (m * m, t * t);
            let s = (tt + mm).sqrt();
            let r = if l == zero { Float::abs(m) } else { (l * l + mm).sqrt() };
            let a = (s + r) / two;
            min = ha / a;
            max = fa * a;
            t = if mm == zero {
                if l == zero { sign(two, ft) * sign(one, gt) } else { gt / sign(d, ft) + m / t }
            } else {
                (m / (s + t) + m / (r + l)) * (one + a)
            };
            l = (t * t + lit(4.0)).sqrt();
            crt = two / l;
            srt = t / l;
            clt = (crt + srt * m) / a;
            slt = (ht / ft) * srt / a;
        }
    }
    let (csl, snl, csr, snr) = if swap { (srt, crt, slt, clt) } else { (clt, slt, crt, srt) };
    let of = |a: R| sign(one, a);
    let t = match largest {
        1 => of(csr) * of(csl) * of(f),
        2 => of(snr) * of(csl) * of(g),
        _ => of(snr) * of(snl) * of(h),
    };
    Svd2 { min: sign(min, t * of(f) * of(h)), max: sign(max, t), right: (snr, csr), left: (snl, csl) }
}

/// Eigenvalues of `[a b; b c]`, the one of larger modulus first, and cosine and sine of its unit eigenvector.
pub fn symmetric2<R: Real>(a: R, b: R, c: R) -> (R, R, R, R) {
    let (zero, one, two) = (R::zero(), R::one(), lit::<R>(2.0));
    let (sm, df, tb) = (a + c, a - c, b + b);
    let (adf, ab) = (Float::abs(df), Float::abs(tb));
    let (big, small) = if Float::abs(a) > Float::abs(c) { (a, c) } else { (c, a) };
    let rt = if adf > ab {
        adf * (one + (ab / adf) * (ab / adf)).sqrt()
    } else if adf < ab {
        ab * (one + (adf / ab) * (adf / ab)).sqrt()
    } else {
        ab * two.sqrt()
    };
    let (rt1, rt2, sgn1) = if sm < zero {
        let rt1 = (sm - rt) / two;
        (rt1, (big / rt1) * small - (b / rt1) * b, -1)
    } else if sm > zero {
        let rt1 = (sm + rt) / two;
        (rt1, (big / rt1) * small - (b / rt1) * b, 1)
    } else {
        (rt / two, -rt / two, 1)
    };
    let (cs, sgn2) = if df >= zero { (df + rt, 1) } else { (df - rt, -1) };
    let (mut c1, mut s1);
    if Float::abs(cs) > ab {
        let ct = -tb / cs;
        s1 = one / (one + ct * ct).sqrt();
        c1 = ct * s1;
    } else if ab == zero {
        (c1, s1) = (one, zero);
    } else {
        let tn = -cs / tb;
        c1 = one / (one + tn * tn).sqrt();
        s1 = tn * c1;
    }
    if sgn1 == sgn2 {
        (c1, s1) = (-s1, c1);
    }
    (rt1, rt2, c1, s1)
}

/// The standard form of a real 2 x 2 block: upper triangular, or equal diagonal and off-diagonals of opposite signs.
pub struct Schur2<R> {
    /// The block, row by row.
    pub block: [R; 4],
    /// The eigenvalues, real and imaginary parts.
    pub values: [(R, R); 2],
    /// Cosine and sine of the rotation that brings it there.
    pub rotation: (R, R),
}

/// Computes [`Schur2`] of `[a b; c d]`.
pub fn schur2<R: Real>(mut a: R, mut b: R, mut c: R, mut d: R) -> Schur2<R> {
    let (zero, one, half) = (R::zero(), R::one(), lit::<R>(0.5));
    let of = |v: R| sign(one, v);
    let (mut cs, mut sn) = (one, zero);
    if c == zero {
    } else if b == zero {
        (cs, sn) = (zero, one);
        std::mem::swap(&mut a, &mut d);
        b = -c;
        c = zero;
    } else if a - d == zero && of(b) != of(c) {
    } else {
        let temp = a - d;
        let mut p = half * temp;
        let larger = Float::abs(b).max(Float::abs(c));
        let smaller = Float::abs(b).min(Float::abs(c)) * of(b) * of(c);
        let scale = Float::abs(p).max(larger);
        let mut z = (p / scale) * p + (larger / scale) * smaller;
        if z >= lit::<R>(4.0) * R::epsilon() {
            z = p + sign(scale.sqrt() * z.sqrt(), p);
            a = d + z;
            d = d - (larger / z) * smaller;
            let tau = hypot(c, z);
            cs = z / tau;
            sn = c / tau;
            b = b - c;
            c = zero;
        } else {
            let sigma = b + c;
            p = half * temp;
            let tau = hypot(sigma, temp);
            cs = (half * (one + Float::abs(sigma) / tau)).sqrt();
            sn = -(p / (tau * cs)) * of(sigma);
            let (aa, bb, cc, dd) = (a * cs + b * sn, b * cs - a * sn, c * cs + d * sn, d * cs - c * sn);
            a = aa * cs + cc * sn;
            b = bb * cs + dd * sn;
            c = cc * cs - aa * sn;
            d = dd * cs - bb * sn;
            let mean = half * (a + d);
            a = mean;
            d = mean;
            if c != zero && b == zero {
                b = -c;
                c = zero;
                (cs, sn) = (-sn, cs);
            } else if c != zero && of(b) == of(c) {
                let (sab, sac) = (Float::abs(b).sqrt(), Float::abs(c).sqrt());
                let p = sign(sab * sac, c);
                let tau = one / Float::abs(b + c).sqrt();
                a = mean + p;
                d = mean - p;
                b = b - c;
                c = zero;
                let (c1, s1) = (sab * tau, sac * tau);
                (cs, sn) = (cs * c1 - sn * s1, cs * s1 + sn * c1);
            }
        }
    }
    let im = if c == zero { zero } else { Float::abs(b).sqrt() * Float::abs(c).sqrt() };
    Schur2 { block: [a, b, c, d], values: [(a, im), (d, zero - im)], rotation: (cs, sn) }
}
