//! Digamma, polygamma and the Hurwitz zeta function.

use super::real::{Real, polynomial};

/// Logarithmic derivative of the gamma function (Cephes, psi.c): shifted up to 10, then the asymptotic series.
pub fn digamma<T: Real>(x: T) -> T {
    const SERIES: [f64; 7] = [
        0.08333333333333333,
        -0.021092796092796094,
        0.007575757575757576,
        -0.004166666666666667,
        0.003968253968253968,
        -0.008333333333333333,
        0.08333333333333333,
    ];
    let (zero, one, ten) = (T::zero(), T::one(), T::of(10.0));
    if x == zero {
        return T::infinity().copysign(-x);
    }
    if x < zero {
        if x == x.trunc() {
            return T::nan();
        }
        // Reflection; the fraction keeps the tangent's argument small.
        let pi = std::f64::consts::PI;
        let tangent = T::of(pi / (pi * x.fract().wide()).tan());
        return digamma(one - x) - tangent;
    }
    let (mut x, mut sum) = (x, zero);
    while x < ten {
        sum = sum - one / x;
        x = x + one;
    }
    if x == ten {
        return sum + T::of(2.251_752_589_066_721);
    }
    let mut tail = zero;
    if x < T::of(1e17) {
        let z = one / (x * x);
        tail = z * polynomial(z, &SERIES);
    }
    sum + x.ln() - T::of(0.5) / x - tail
}

/// Second derivative of the logarithm of the gamma function: reflection, six shifts, the asymptotic series.
pub fn trigamma<T: Real>(x: T) -> T {
    let (n, one) = (T::of, T::one());
    let (mut x, mut sum, mut sign) = (x, T::zero(), one);
    if x < n(0.5) {
        sign = -one;
        let sine = (T::PI() * x).sin();
        sum = sum - (T::PI() * T::PI()) / (sine * sine);
        x = one - x;
    }
    for _ in 0..6 {
        sum = sum + one / (x * x);
        x = x + one;
    }
    let ixx = one / (x * x);
    let series = n(1.0 / 6.0) - ixx * (n(1.0 / 30.0) - ixx * n(1.0 / 42.0));
    sign * (sum + (one + one / (n(2.0) * x) + ixx * series) / x)
}

/// Derivative of order `n` of the digamma function, `n >= 0`.
pub fn polygamma<T: Real>(n: i64, x: T) -> T {
    match n {
        0 => digamma(x),
        1 => trigamma(x),
        _ => {
            let order = T::of(n as f64);
            let sign = if n % 2 == 1 { T::one() } else { -T::one() };
            sign * (order + T::one()).lgamma().exp() * zeta(order + T::one(), x)
        }
    }
}

/// Hurwitz zeta function, the sum of `(k + q)^-x` (Cephes, zeta.c, by Euler and Maclaurin's formula), in `f64`.
pub fn zeta<T: Real>(x: T, q: T) -> T {
    T::of(zeta_wide(x.wide(), q.wide(), q.power(-x).wide()))
}

/// `first` is the term `q^-x`, as precise as the arguments' type.
fn zeta_wide(x: f64, q: f64, first: f64) -> f64 {
    // (2k)! / B2k.
    const TERMS: [f64; 12] = [
        12.0,
        -720.0,
        30240.0,
        -1209600.0,
        47900160.0,
        -1.8924375803183791606e9,
        7.47242496e10,
        -2.950130727918164224e12,
        1.1646782814350067249e14,
        -4.5979787224074726105e15,
        1.8152105401943546773e17,
        -7.1661652562756670113e18,
    ];
    const EPSILON: f64 = 1.110_223_024_625_156_5e-16;
    if x == 1.0 {
        return f64::INFINITY;
    }
    if x < 1.0 {
        return f64::NAN;
    }
    if q <= 0.0 {
        if q == q.floor() {
            return f64::INFINITY;
        }
        if x != x.floor() {
            return f64::NAN;
        }
    }
    let mut sum = first;
    let (mut a, mut b, mut i) = (q, 0.0f64, 0);
    // A start far below zero would take for ever to come up; its terms are lost in rounding long before.
    while i < 9 || a <= 9.0 {
        i += 1;
        a += 1.0;
        b = a.powf(-x);
        sum += b;
        if -EPSILON * sum < b && b < EPSILON * sum {
            return sum;
        }
        if i > 1 << 24 {
            return f64::NAN;
        }
    }
    let w = a;
    sum += b * w / (x - 1.0);
    sum -= 0.5 * b;
    let (mut factor, mut k) = (1.0, 0.0);
    for term in TERMS {
        factor *= x + k;
        b /= w;
        let t = factor * b / term;
        sum += t;
        if (t / sum).abs() < EPSILON {
            return sum;
        }
        k += 1.0;
        factor *= x + k;
        b /= w;
        k += 1.0;
    }
    sum
}
