//! Singular values by way of a bidiagonal matrix: Householder bidiagonalization, then implicit QR with zero shifts
//! (Demmel and Kahan, Accurate singular values of bidiagonal matrices, LAPACK working note 3; LAPACK's xGEBD2, xBDSQR,
//! and xGESDD's choice of paths for small matrices).

use super::field::{Field, Real, lit};
use super::householder::{Reflector, apply, product, qr, sign};
use super::matrix::Mat;
use super::rotation::{rotate_cols, rotate_rows, rotation, smaller_singular, svd2};
use num_traits::{Float, NumCast, One};

/// `a = u diag(s) vh`; `u` and `vh` are square when full, else have `min(rows, cols)` columns and rows.
pub struct Svd<T: Field> {
    /// Left singular vectors, as columns.
    pub u: Mat<T>,
    /// Singular values, largest first.
    pub s: Vec<T::Real>,
    /// Right singular vectors, adjoint, as rows.
    pub vh: Mat<T>,
}

/// The decomposition; `None` when the iteration does not converge.
pub fn svd<T: Field>(a: &Mat<T>, full: bool) -> Option<Svd<T>> {
    let (m, n) = (a.rows, a.cols);
    let k = m.min(n);
    if k == 0 {
        let (p, q) = if full { (m, n) } else { (0, 0) };
        return Some(Svd { u: Mat::identity(m, p), s: Vec::new(), vh: Mat::identity(q, n) });
    }
    // From this ratio on a QR factorization comes first.
    let tall = if T::COMPLEX { m >= 17 * n / 9 } else { 3 * m >= 4 * n };
    if m >= n && tall {
        let mut r = a.clone();
        let reflectors = qr(&mut r);
        let inner = direct(&r.resized(n, n), true)?;
        let cols = if full { m } else { n };
        let q = product(&reflectors, m, cols, 0);
        let mut u = q.clone();
        let leading = q.resized(m, n).times(&inner.u);
        u.data[..m * n].copy_from_slice(&leading.data);
        return Some(Svd { u, ..inner });
    }
    if T::COMPLEX && m < n && n >= 17 * m / 9 {
        // The LQ factorization of `a` is the adjoint of the QR factorization of its adjoint.
        let mut l = a.transposed(true);
        let reflectors = qr(&mut l);
        let inner = direct(&l.resized(m, m).transposed(true), true)?;
        let rows = if full { n } else { m };
        let mut vh = product(&reflectors, n, rows, 0).transposed(true);
        let leading = inner.vh.times(&vh.resized(m, n));
        for j in 0..n {
            for i in 0..m {
                vh[(i, j)] = leading[(i, j)];
            }
        }
        return Some(Svd { vh, ..inner });
    }
    direct(a, full)
}

/// Bidiagonalizes the matrix itself.
fn direct<T: Field>(a: &Mat<T>, full: bool) -> Option<Svd<T>> {
    let (m, n) = (a.rows, a.cols);
    let k = m.min(n);
    let b = bidiagonalize(a);
    let (mut d, mut e) = (b.d, b.e);
    let (mut u, mut vt) = (Mat::<T::Real>::identity(k, k), Mat::<T::Real>::identity(k, k));
    let mut undo = Vec::new();
    if m < n {
        // Lower bidiagonal: rotations from the left make it upper; they go into `u` at the end.
        for i in 0..k - 1 {
            let (c, s, r) = rotation(d[i], e[i]);
            d[i] = r;
            e[i] = s * d[i + 1];
            d[i + 1] = c * d[i + 1];
            undo.push((c, s));
        }
    }
    if k == 1 {
        // A single value turns its sign into the left vector.
        u[(0, 0)] = sign(T::Real::one(), d[0]);
        d[0] = Float::abs(d[0]);
    } else {
        iterate(&mut d, &mut e, &mut vt, &mut u)?;
    }
    for (i, (c, s)) in undo.into_iter().enumerate().rev() {
        rotate_rows(&mut u, i, i + 1, 0, k, c, -s);
    }
    let embed = |x: &Mat<T::Real>, rows: usize, cols: usize| {
        let mut out = Mat::<T>::identity(rows, cols);
        for j in 0..k {
            for i in 0..k {
                out[(i, j)] = T::real(x[(i, j)]);
            }
        }
        out
    };
    let mut left = embed(&u, m, if full { m } else { k });
    apply(&b.left, &mut left, (m < n) as usize);
    let mut right = embed(&vt.transposed(false), n, if full { n } else { k });
    apply(&b.right, &mut right, (m >= n) as usize);
    Some(Svd { u: left, s: d, vh: right.transposed(true) })
}

struct Bidiagonal<T: Field> {
    d: Vec<T::Real>,
    e: Vec<T::Real>,
    left: Vec<Reflector<T>>,
    right: Vec<Reflector<T>>,
}

/// `left^H a right` is real and bidiagonal: upper for a matrix at least as tall as wide, else lower.
fn bidiagonalize<T: Field>(a: &Mat<T>) -> Bidiagonal<T> {
    let mut a = a.clone();
    let (m, n) = (a.rows, a.cols);
    let mut out = Bidiagonal { d: Vec::new(), e: Vec::new(), left: Vec::new(), right: Vec::new() };
    let column = |a: &mut Mat<T>, i: usize, j: usize, out: &mut Vec<Reflector<T>>| {
        let (h, beta) = Reflector::new(&a.col(j)[i..]);
        h.left(a, i, j + 1, true);
        out.push(h);
        beta.re()
    };
    let row = |a: &mut Mat<T>, i: usize, j: usize, out: &mut Vec<Reflector<T>>| {
        let x: Vec<T> = (j..n).map(|c| a[(i, c)].conj()).collect();
        let (h, beta) = Reflector::new(&x);
        h.right(a, i + 1, m, j);
        out.push(h);
        beta.re()
    };
    for i in 0..m.min(n) {
        if m >= n {
            let d = column(&mut a, i, i, &mut out.left);
            out.d.push(d);
            if i + 1 < n {
                let e = row(&mut a, i, i + 1, &mut out.right);
                out.e.push(e);
            }
        } else {
            let d = row(&mut a, i, i, &mut out.right);
            out.d.push(d);
            if i + 1 < m {
                let e = column(&mut a, i + 1, i, &mut out.left);
                out.e.push(e);
            }
        }
    }
    out
}

/// Diagonalizes the upper bidiagonal matrix with diagonal `d` and superdiagonal `e`; rows of `vt` and columns of `u`
/// turn along. `None` when it does not converge.
fn iterate<R: Real>(d: &mut [R], e: &mut [R], vt: &mut Mat<R>, u: &mut Mat<R>) -> Option<()> {
    let n = d.len();
    let (zero, one) = (R::zero(), R::one());
    let eps = R::epsilon() * lit(0.5);
    let tol = lit::<R>(10.0).max(lit::<R>(100.0).min(eps.powf(lit(-0.125)))) * eps;
    let count: R = NumCast::from(n).unwrap_or(one);
    let mut least = Float::abs(d[0]);
    let mut mu = least;
    for i in 1..n {
        if least == zero {
            break;
        }
        mu = Float::abs(d[i]) * (mu / (mu + Float::abs(e[i - 1])));
        least = least.min(mu);
    }
    let threshold = (tol * (least / count.sqrt())).max(lit::<R>(6.0) * (count * (count * R::min_positive_value())));
    let (mut steps, limit) = (0, 6 * n * n);
    // `m` is one past the end of the active block; `last` the block and direction of the step before.
    let mut m = n;
    let (mut old_start, mut old_end, mut down) = (usize::MAX, 0, true);
    'blocks: while m > 1 {
        if steps > limit {
            return None;
        }
        let mut largest = Float::abs(d[m - 1]);
        let mut start = 0;
        for l in (0..m - 1).rev() {
            if Float::abs(e[l]) <= threshold {
                e[l] = zero;
                if l == m - 2 {
                    m -= 1;
                    continue 'blocks;
                }
                start = l + 1;
                break;
            }
            largest = largest.max(Float::abs(d[l])).max(Float::abs(e[l]));
        }
        let end = m - 1;
        if start + 1 == end {
            let s = svd2(d[start], e[start], d[end]);
            d[start] = s.max;
            e[start] = zero;
            d[end] = s.min;
            rotate_rows(vt, start, end, 0, n, s.right.1, s.right.0);
            rotate_cols(u, start, end, s.left.1, s.left.0);
            m -= 2;
            continue;
        }
        if old_start == usize::MAX || start > old_end || end < old_start {
            down = Float::abs(d[start]) >= Float::abs(d[end]);
        }
        let mut smallest;
        if down {
            if Float::abs(e[end - 1]) <= tol * Float::abs(d[end]) {
                e[end - 1] = zero;
                continue;
            }
            let mut mu = Float::abs(d[start]);
            smallest = mu;
            for l in start..end {
                if Float::abs(e[l]) <= tol * mu {
                    e[l] = zero;
                    continue 'blocks;
                }
                mu = Float::abs(d[l + 1]) * (mu / (mu + Float::abs(e[l])));
                smallest = smallest.min(mu);
            }
        } else {
            if Float::abs(e[start]) <= tol * Float::abs(d[start]) {
                e[start] = zero;
                continue;
            }
            let mut mu = Float::abs(d[end]);
            smallest = mu;
            for l in (start..end).rev() {
                if Float::abs(e[l]) <= tol * mu {
                    e[l] = zero;
                    continue 'blocks;
                }
                mu = Float::abs(d[l]) * (mu / (mu + Float::abs(e[l])));
                smallest = smallest.min(mu);
            }
        }
        (old_start, old_end) = (start, end);
        let mut shift = zero;
        if count * tol * (smallest / largest) > eps.max(lit::<R>(0.01) * tol) {
            let edge;
            if down {
                edge = Float::abs(d[start]);
                shift = smaller_singular(d[end - 1], e[end - 1], d[end]);
            } else {
                edge = Float::abs(d[end]);
                shift = smaller_singular(d[start], e[start], d[start + 1]);
            }
            if edge > zero && (shift / edge) * (shift / edge) < eps {
                shift = zero;
            }
        }
        steps += end - start;
        match (shift == zero, down) {
            (true, true) => {
                let (mut c, mut old_c, mut old_s) = (one, one, zero);
                for i in start..end {
                    let (c1, s1, r) = rotation(d[i] * c, e[i]);
                    if i > start {
                        e[i - 1] = old_s * r;
                    }
                    c = c1;
                    (old_c, old_s, d[i]) = rotation(old_c * r, d[i + 1] * s1);
                    rotate_rows(vt, i, i + 1, 0, n, c1, s1);
                    rotate_cols(u, i, i + 1, old_c, old_s);
                }
                let h = d[end] * c;
                d[end] = h * old_c;
                e[end - 1] = h * old_s;
            }
            (true, false) => {
                let (mut c, mut old_c, mut old_s) = (one, one, zero);
                for i in (start + 1..=end).rev() {
                    let (c1, s1, r) = rotation(d[i] * c, e[i - 1]);
                    if i < end {
                        e[i] = old_s * r;
                    }
                    c = c1;
                    (old_c, old_s, d[i]) = rotation(old_c * r, d[i - 1] * s1);
                    rotate_rows(vt, i - 1, i, 0, n, old_c, -old_s);
                    rotate_cols(u, i - 1, i, c1, -s1);
                }
                let h = d[start] * c;
                d[start] = h * old_c;
                e[start] = h * old_s;
            }
            (false, true) => {
                let mut f = (Float::abs(d[start]) - shift) * (sign(one, d[start]) + shift / d[start]);
                let mut g = e[start];
                for i in start..end {
                    let (cr, sr, r) = rotation(f, g);
                    if i > start {
                        e[i - 1] = r;
                    }
                    f = cr * d[i] + sr * e[i];
                    e[i] = cr * e[i] - sr * d[i];
                    g = sr * d[i + 1];
                    d[i + 1] = cr * d[i + 1];
                    let (cl, sl, r) = rotation(f, g);
                    d[i] = r;
                    f = cl * e[i] + sl * d[i + 1];
                    d[i + 1] = cl * d[i + 1] - sl * e[i];
                    if i + 1 < end {
                        g = sl * e[i + 1];
                        e[i + 1] = cl * e[i + 1];
                    }
                    rotate_rows(vt, i, i + 1, 0, n, cr, sr);
                    rotate_cols(u, i, i + 1, cl, sl);
                }
                e[end - 1] = f;
            }
            (false, false) => {
                let mut f = (Float::abs(d[end]) - shift) * (sign(one, d[end]) + shift / d[end]);
                let mut g = e[end - 1];
                for i in (start + 1..=end).rev() {
                    let (cr, sr, r) = rotation(f, g);
                    if i < end {
                        e[i] = r;
                    }
                    f = cr * d[i] + sr * e[i - 1];
                    e[i - 1] = cr * e[i - 1] - sr * d[i];
                    g = sr * d[i - 1];
                    d[i - 1] = cr * d[i - 1];
                    let (cl, sl, r) = rotation(f, g);
                    d[i] = r;
                    f = cl * e[i - 1] + sl * d[i - 1];
                    d[i - 1] = cl * d[i - 1] - sl * e[i - 1];
                    if i > start + 1 {
                        g = sl * e[i - 2];
                        e[i - 2] = cl * e[i - 2];
                    }
                    rotate_rows(vt, i - 1, i, 0, n, cl, -sl);
                    rotate_cols(u, i - 1, i, cr, -sr);
                }
                e[start] = f;
            }
        }
        let last = if down { end - 1 } else { start };
        if Float::abs(e[last]) <= threshold {
            e[last] = zero;
        }
    }
    for i in 0..n {
        if d[i] < zero || (d[i] == zero && d[i].is_sign_negative()) {
            d[i] = -d[i];
            for j in 0..n {
                vt[(i, j)] = -vt[(i, j)];
            }
        }
    }
    for i in 0..n {
        // The smallest of what is left goes to the end.
        let end = n - 1 - i;
        let mut at = 0;
        for j in 1..=end {
            if d[j] <= d[at] {
                at = j;
            }
        }
        if at != end {
            d.swap(at, end);
            vt.swap_rows(at, end, 0, n);
            u.swap_cols(at, end, 0, n);
        }
    }
    Some(())
}
