//! Orthogonal polynomials by their recurrences; a negative degree gives 0, as in torch. One element at a time: each may have
//! a degree of its own.

use super::real::Real;

/// The four kinds of Chebyshev polynomials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chebyshev {
    /// First.
    T,
    /// Second.
    U,
    /// Third.
    V,
    /// Fourth.
    W,
}

impl Chebyshev {
    /// Value at 1.
    #[inline(always)]
    fn at_one<R: Real>(self, n: i64) -> R {
        match self {
            Chebyshev::T | Chebyshev::V => R::one(),
            Chebyshev::U => count(n.wrapping_add(1)),
            Chebyshev::W => count(n.wrapping_mul(2).wrapping_add(1)),
        }
    }

    /// Value at -1.
    #[inline(always)]
    fn at_minus_one<R: Real>(self, n: i64) -> R {
        let size = match self {
            Chebyshev::T | Chebyshev::W => R::one(),
            Chebyshev::U => count(n.wrapping_add(1)),
            Chebyshev::V => count(n.wrapping_mul(2).wrapping_add(1)),
        };
        if n % 2 == 0 { size } else { -size }
    }

    /// The trigonometric form, for `|x| < 1`. Where an angle rounds to an end, torch takes the value there (for the
    /// shifted fourth kind that of the other end).
    #[inline(always)]
    fn by_angle<R: Real>(self, x: R, n: i64, shifted: bool) -> R {
        let (angle, half) = (x.acos(), R::of(0.5));
        match self {
            Chebyshev::T => (count::<R>(n) * angle).cos(),
            Chebyshev::U if angle.sin() == R::zero() => count::<R>(n + 1) * (count::<R>(n + 1) * angle).cos() / x,
            Chebyshev::U => (count::<R>(n + 1) * angle).sin() / angle.sin(),
            Chebyshev::V if (angle * half).sin() == R::one() => self.at_minus_one(n),
            Chebyshev::W if (angle * half).cos() == R::one() => {
                if !shifted && x > R::zero() {
                    self.at_one(n)
                } else {
                    self.at_minus_one(n)
                }
            }
            Chebyshev::V => ((count::<R>(n) + half) * angle).cos() / (angle * half).cos(),
            Chebyshev::W => ((count::<R>(n) + half) * angle).sin() / (angle * half).sin(),
        }
    }

    #[inline(always)]
    fn recurrence<R: Real>(self, x: R, n: i64) -> R {
        let (one, two_x) = (R::one(), x + x);
        let first = match self {
            Chebyshev::T => x,
            Chebyshev::U => two_x,
            Chebyshev::V => two_x - one,
            Chebyshev::W => two_x + one,
        };
        climb(
            n,
            first,
            #[inline(always)]
            |_, q, p| two_x.mul_add(q, -p),
        )
    }
}

#[inline(always)]
fn count<R: Real>(n: i64) -> R {
    R::of(n as f64)
}

/// Degree `n >= 0` from those of degree 0 (which is 1) and 1; `step` makes degree `k + 1` of `k` and `k - 1`.
#[inline(always)]
fn climb<R: Real>(n: i64, first: R, step: impl Fn(R, R, R) -> R) -> R {
    if n == 0 {
        return R::one();
    }
    let (mut p, mut q, mut k) = (R::one(), first, 1);
    while k < n && !q.is_nan() {
        (p, q) = (q, step(count(k), q, p));
        k += 1;
    }
    q
}

/// A degree given as a float: truncated; what does not fit counts as negative.
pub fn degree(n: f64) -> i64 {
    crate::base::scalar::float_to_i64(n)
}

/// Chebyshev polynomial of degree `n`.
#[inline(always)]
pub fn chebyshev_polynomial<R: Real>(kind: Chebyshev, x: R, n: i64) -> R {
    if n < 0 {
        return R::zero();
    }
    if x.abs() == R::one() {
        return if x > R::zero() { kind.at_one(n) } else { kind.at_minus_one(n) };
    }
    let from = if kind == Chebyshev::T { 6 } else { 8 };
    if n > from && x.abs() < R::one() {
        return kind.by_angle(x, n, false);
    }
    kind.recurrence(x, n)
}

/// Chebyshev polynomial of degree `n` on `[0, 1]`: at `2 x - 1`.
#[inline(always)]
pub fn shifted_chebyshev_polynomial<R: Real>(kind: Chebyshev, x: R, n: i64) -> R {
    if n < 0 {
        return R::zero();
    }
    if x == R::one() {
        return kind.at_one(n);
    }
    if x == R::zero() {
        return kind.at_minus_one(n);
    }
    let y = x + x - R::one();
    let from = if kind == Chebyshev::W { 4 } else { 6 };
    if n > from && y.abs() < R::one() {
        return kind.by_angle(y, n, true);
    }
    kind.recurrence(y, n)
}

/// Degrees above which Hermite polynomials overflow and torch gives nan.
#[inline(always)]
fn hermite_limit<R: Real>() -> i64 {
    if R::DOUBLE { 512 } else { 128 }
}

/// Hermite polynomial of the physicists.
#[inline(always)]
pub fn hermite_polynomial_h<R: Real>(x: R, n: i64) -> R {
    if n < 0 {
        return R::zero();
    }
    if n > hermite_limit::<R>() {
        return R::nan();
    }
    let two_x = x + x;
    climb(
        n,
        two_x,
        #[inline(always)]
        |k, q, p| two_x.mul_add(q, -((k + k) * p)),
    )
}

/// Hermite polynomial of the probabilists.
#[inline(always)]
pub fn hermite_polynomial_he<R: Real>(x: R, n: i64) -> R {
    if n < 0 {
        return R::zero();
    }
    if n > hermite_limit::<R>() {
        return R::nan();
    }
    climb(
        n,
        x,
        #[inline(always)]
        |k, q, p| x.mul_add(q, -(k * p)),
    )
}

/// Laguerre polynomial.
#[inline(always)]
pub fn laguerre_polynomial_l<R: Real>(x: R, n: i64) -> R {
    let one = R::one();
    if n < 0 {
        return R::zero();
    }
    if x == R::zero() {
        return one;
    }
    climb(
        n,
        one - x,
        #[inline(always)]
        |k, q, p| (k + k + (one - x)).mul_add(q, -(k * p)) / (k + one),
    )
}

/// Legendre polynomial.
#[inline(always)]
pub fn legendre_polynomial_p<R: Real>(x: R, n: i64) -> R {
    let one = R::one();
    if n < 0 {
        return R::zero();
    }
    if x.abs() == one {
        return if x > R::zero() || n % 2 == 0 { one } else { -one };
    }
    climb(
        n,
        x,
        #[inline(always)]
        |k, q, p| ((k + k + one) * x).mul_add(q, -(k * p)) / (k + one),
    )
}
