//! Digamma, trigamma and the Hurwitz zeta function.

use super::real::{Real, polynomial};
use crate::cpu::vector::{self, log};

/// Logarithmic derivative of the gamma function (Cephes, psi.c): shifted up to 10, then the asymptotic series.
#[inline(always)]
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
    let below = x < zero;
    let (mut at, mut sum) = (if below { one - x } else { x }, zero);
    for _ in 0..10 {
        let small = at < ten;
        sum = if small { sum - one / at } else { sum };
        at = if small { at + one } else { at };
    }
    let z = one / (at * at);
    let far = sum + log(at) - T::of(0.5) / at - z * polynomial(z, &SERIES);
    let value = if at == ten { sum + T::of(2.251_752_589_066_721) } else { far };
    // Reflection; the fraction keeps the tangent's argument small.
    let pi = std::f64::consts::PI;
    let whole = x.trunc();
    let tangent = T::of(pi / vector::tan(pi * (x - whole).wide()));
    let value = if below { value - tangent } else { value };
    let value = if below && x == whole { T::nan() } else { value };
    if x == zero { T::infinity().copysign(-x) } else { value }
}

/// Second derivative of the logarithm of the gamma function: reflection, six shifts, the asymptotic series.
#[inline(always)]
fn trigamma_by<T: Real>(x: T, sine: impl Fn(T) -> T) -> T {
    let (n, one) = (T::of, T::one());
    let below = x < n(0.5);
    let sine = sine(T::PI() * x);
    let mut sum = if below { -(T::PI() * T::PI()) / (sine * sine) } else { T::zero() };
    let mut x = if below { one - x } else { x };
    for _ in 0..6 {
        sum = sum + one / (x * x);
        x = x + one;
    }
    let ixx = one / (x * x);
    let series = n(1.0 / 6.0) - ixx * (n(1.0 / 30.0) - ixx * n(1.0 / 42.0));
    let value = sum + (one + one / (n(2.0) * x) + ixx * series) / x;
    if below { -value } else { value }
}

/// [`digamma`]'s derivative, where [`trigamma_far`] says no.
#[inline(always)]
pub fn trigamma<T: Real>(x: T) -> T {
    trigamma_by(
        x,
        #[inline(always)]
        |t| vector::sin(t),
    )
}

/// Whether the reflection's sine ends before.
#[inline(always)]
pub fn trigamma_far<T: Real>(x: T) -> bool {
    x < T::zero() && vector::far(T::PI() * x)
}

/// [`trigamma`] there.
pub fn trigamma_beyond<T: Real>(x: T) -> T {
    trigamma_by(x, T::sin)
}

/// Hurwitz zeta function, the sum of `(k + q)^-x` (Cephes, zeta.c, by Euler and Maclaurin's formula), in `f64`.
/// One element at a time: how many terms it takes depends on the element.
pub fn zeta<T: Real>(x: T, q: T) -> T {
    T::of(zeta_wide(x.wide(), q.wide(), q.powf(-x).wide()))
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
