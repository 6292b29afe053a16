//! Regularized incomplete gamma functions (Cephes, igam.c, with Temme's expansion as SciPy has it), one element at a time: which series
//! serves and how many terms it takes depends on the element.

use super::real::Real;
use super::temme_table::D;

/// Terms after which a series or fraction is cut off.
const MOST: usize = 2000;

/// The C library's functions: a single element is faster done with branches.
fn erfc<T: Real>(x: T) -> T {
    T::of(libm::erfc(x.wide()))
}

fn lgamma<T: Real>(x: T) -> T {
    T::of(libm::lgamma(x.wide()))
}

/// Half an ulp of 1.
#[inline(always)]
fn epsilon<T: Real>() -> T {
    if T::DOUBLE { T::of(1.110_223_024_625_156_5e-16) } else { T::of(5.960_464_477_539_063e-8) }
}

/// Lower function `P(a, x)`.
#[inline(always)]
pub fn igamma<T: Real>(a: T, x: T) -> T {
    let one = T::one();
    if let Some(edge) = edges(a, x) {
        return edge;
    }
    if near(a, x) {
        return temme(a, x, true);
    }
    if x > one && x > a {
        return one - igammac(a, x);
    }
    series(a, x)
}

/// Upper function `Q(a, x) = 1 - P(a, x)`.
#[inline(always)]
pub fn igammac<T: Real>(a: T, x: T) -> T {
    let (n, one) = (T::of, T::one());
    if let Some(edge) = edges(a, x) {
        return one - edge;
    }
    if near(a, x) {
        return temme(a, x, false);
    }
    if x > n(1.1) {
        return if x < a { one - series(a, x) } else { fraction(a, x) };
    }
    let by_lower = if x <= n(0.5) { n(-0.4) / x.ln() < a } else { x * n(1.1) < a };
    if by_lower { one - series(a, x) } else { upper_series(a, x) }
}

/// `P` where an argument is out of range, zero or infinite.
#[inline(always)]
fn edges<T: Real>(a: T, x: T) -> Option<T> {
    let (zero, one) = (T::zero(), T::one());
    if x < zero || a < zero {
        Some(T::nan())
    } else if a == zero {
        Some(if x > zero { one } else { T::nan() })
    } else if x == zero {
        Some(zero)
    } else if a.is_infinite() {
        Some(if x.is_infinite() { T::nan() } else { zero })
    } else {
        x.is_infinite().then_some(one)
    }
}

/// Whether `x` is so near a large `a` that Temme's expansion is the best.
#[inline(always)]
fn near<T: Real>(a: T, x: T) -> bool {
    let (n, distance) = (T::of, (x - a).abs() / a);
    (a > n(20.0) && a < n(200.0) && distance < n(0.3)) || (a > n(200.0) && distance < n(4.5) / a.sqrt())
}

/// `x^a exp(-x) / gamma(a)`, by Lanczos's approximation where `a` and `x` are close.
#[inline(always)]
fn factor<T: Real>(a: T, x: T) -> T {
    let n = T::of;
    if (a - x).abs() > n(0.4) * a.abs() {
        let log = a.mul_add(x.ln(), -x) - lgamma(a);
        let least = if T::DOUBLE { n(-709.782_712_893_384) } else { n(-88.722_839_052_068_35) };
        return if log < least { T::zero() } else { log.exp() };
    }
    let g = n(6.024_680_040_776_729_583_740_234_375);
    let fac = a + g - n(0.5);
    let scale = (fac / T::E()).sqrt() / lanczos(a);
    if a < n(200.0) && x < n(200.0) {
        return scale * ((a - x).exp() * (x / fac).powf(a));
    }
    let ratio = (x - a - g + n(0.5)) / fac;
    scale * a.mul_add(ratio.ln_1p() - ratio, x * (n(0.5) - g) / fac).exp()
}

/// Lanczos's sum, scaled by `exp(-g)`, as a ratio of polynomials (Boost's coefficients for 13 terms).
#[inline(always)]
fn lanczos<T: Real>(x: T) -> T {
    const TOP: [f64; 13] = [
        0.006061842346248907,
        0.5098416655656676,
        19.519927882476175,
        449.9445569063168,
        6955.999602515376,
        75999.29304014542,
        601859.6171681099,
        3481712.154980646,
        14605578.087685067,
        43338889.32467614,
        86363131.2881386,
        103794043.11634454,
        56906521.913471565,
    ];
    const BOTTOM: [f64; 13] = [
        1.0,
        66.0,
        1925.0,
        32670.0,
        357423.0,
        2637558.0,
        13339535.0,
        45995730.0,
        105258076.0,
        150917976.0,
        120543840.0,
        39916800.0,
        0.0,
    ];
    if x.abs() > T::one() {
        let y = T::one() / x;
        return horner(y, TOP.iter().rev()) / horner(y, BOTTOM.iter().rev());
    }
    horner(x, TOP.iter()) / horner(x, BOTTOM.iter())
}

/// A polynomial, highest power first.
#[inline(always)]
fn horner<'a, T: Real>(x: T, table: impl Iterator<Item = &'a f64>) -> T {
    let mut sum = T::zero();
    for &c in table {
        sum = sum.mul_add(x, T::of(c));
    }
    sum
}

/// Power series of `P` (DLMF 8.11.4).
#[inline(always)]
fn series<T: Real>(a: T, x: T) -> T {
    let scale = factor(a, x);
    if scale == T::zero() {
        return T::zero();
    }
    let (mut r, mut term, mut sum) = (a, T::one(), T::one());
    for _ in 0..MOST {
        r = r + T::one();
        term = term * (x / r);
        sum = sum + term;
        if term <= epsilon::<T>() * sum {
            break;
        }
    }
    sum * scale / a
}

/// Power series of `Q` (DLMF 8.7.3).
#[inline(always)]
fn upper_series<T: Real>(a: T, x: T) -> T {
    let (mut power, mut sum) = (T::one(), T::zero());
    for n in 1..MOST {
        let n = T::of(n as f64);
        power = power * (-x / n);
        let term = power / (a + n);
        sum = sum + term;
        if term.abs() <= epsilon::<T>() * sum.abs() {
            break;
        }
    }
    let log = x.ln();
    let first = -a.mul_add(log, -lgamma(T::one() + a)).exp_m1();
    (-a.mul_add(log, -lgamma(a)).exp()).mul_add(sum, first)
}

/// Continued fraction of `Q` (DLMF 8.9.2).
#[inline(always)]
fn fraction<T: Real>(a: T, x: T) -> T {
    let (n, one) = (T::of, T::one());
    let scale = factor(a, x);
    if scale == T::zero() {
        return T::zero();
    }
    let (big, small) = if T::DOUBLE {
        (n(4.503_599_627_370_496e15), n(2.220_446_049_250_313e-16))
    } else {
        (n(16_777_216.0), n(5.960_464_477_539_063e-8))
    };
    let (mut y, mut z, mut c) = (one - a, x + (one - a) + one, T::zero());
    let (mut p2, mut q2, mut p1, mut q1) = (one, x, x + one, z * x);
    let mut answer = p1 / q1;
    for _ in 0..MOST {
        c = c + one;
        y = y + one;
        z = z + n(2.0);
        let yc = y * c;
        let (p, q) = (p1.mul_add(z, -(p2 * yc)), q1.mul_add(z, -(q2 * yc)));
        let mut change = one;
        if q != T::zero() {
            let r = p / q;
            change = ((answer - r) / r).abs();
            answer = r;
        }
        (p2, p1, q2, q1) = (p1, p, q1, q);
        if p.abs() > big {
            (p2, p1, q2, q1) = (p2 * small, p1 * small, q2 * small, q1 * small);
        }
        if change <= epsilon::<T>() {
            break;
        }
    }
    answer * scale
}

/// Temme's uniform asymptotic expansion (DLMF 8.12.3 and 8.12.4).
#[inline(always)]
fn temme<T: Real>(a: T, x: T, lower: bool) -> T {
    let (n, one) = (T::of, T::one());
    let (lambda, sigma) = (x / a, (x - a) / a);
    let sign = if lower { -one } else { one };
    let root = (n(-2.0) * (sigma.ln_1p() - sigma)).sqrt();
    let eta = if lambda > one {
        root
    } else if lambda < one {
        -root
    } else {
        T::zero()
    };
    let base = n(0.5) * erfc(sign * eta * (a / n(2.0)).sqrt());
    let mut powers = [one; 25];
    let (mut known, mut sum, mut scale, mut before) = (0, T::zero(), one, T::infinity());
    for row in &D {
        let mut c = n(row[0]);
        for (k, &d) in row.iter().enumerate().skip(1) {
            if k > known {
                powers[k] = eta * powers[k - 1];
                known = k;
            }
            let term = n(d) * powers[k];
            c = c + term;
            if term.abs() < epsilon::<T>() * c.abs() {
                break;
            }
        }
        let term = c * scale;
        if term.abs() > before {
            break;
        }
        sum = sum + term;
        if term.abs() < epsilon::<T>() * sum.abs() {
            break;
        }
        before = term.abs();
        scale = scale / a;
    }
    // torch's pi is that of single precision here.
    let tau = n(f64::from(2.0 * std::f32::consts::PI));
    base + sign * (n(-0.5) * a * eta * eta).exp() * sum / (tau * a).sqrt()
}
