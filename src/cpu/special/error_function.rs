//! The error function's family and the normal distribution's.

use super::erfcx_table::ROWS;
use super::real::{Real, polynomial};

/// Inverse of the error function: a rational start (G. Pavlis's, 1996), then two steps of Newton's method.
pub fn erfinv<T: Real>(y: T) -> T {
    let one = T::one();
    let size = y.abs();
    if !(size <= one) {
        return T::nan();
    }
    if size == one {
        return T::infinity().copysign(y);
    }
    let mut x = if size <= T::of(0.7) {
        let z = y * y;
        let top = polynomial(z, &[-0.140543331, 0.914624893, -1.645349621, 0.886226899]);
        y * top / polynomial(z, &[0.012229801, -0.329097515, 1.442710462, -2.118377725, 1.0])
    } else {
        let z = (-((one - size) / T::of(2.0)).ln()).sqrt();
        let top = polynomial(z, &[1.641345311, 3.429567803, -1.624906493, -1.970840454]);
        top.copysign(y) / polynomial(z, &[1.637067800, 3.543889200, 1.0])
    };
    for _ in 0..2 {
        x = x - (x.erf() - y) / (T::FRAC_2_SQRT_PI() * (-x * x).exp());
    }
    x
}

/// Scaled complementary error function `exp(x^2) erfc(x)` (S. G. Johnson's Faddeeva package): a hundred polynomials on
/// `[0, 50]`, a continued fraction beyond.
pub fn erfcx<T: Real>(x: T) -> T {
    let n = T::of;
    if x.is_nan() {
        return x;
    }
    if x < T::zero() {
        return if x < n(-26.7) {
            T::infinity()
        } else if x < n(-6.1) {
            n(2.0) * (x * x).exp()
        } else {
            n(2.0) * (x * x).exp() - erfcx_table(n(400.0) / (n(4.0) - x))
        };
    }
    if x <= n(50.0) {
        return erfcx_table(n(400.0) / (n(4.0) + x));
    }
    let scale = n(0.564_189_583_547_756_3);
    if x > n(5e7) {
        return scale / x;
    }
    let xx = x * x;
    scale * (xx * (xx + n(4.5)) + n(2.0)) / (x * (xx * (xx + n(5.0)) + n(3.75)))
}

/// `erfcx` at `y = y100 / 100`.
fn erfcx_table<T: Real>(y100: T) -> T {
    let row = y100.wide() as usize;
    let Some(coefficients) = ROWS.get(row) else { return T::one() };
    let t = T::of(2.0) * y100 - T::of((2 * row + 1) as f64);
    coefficients.iter().rev().fold(T::zero(), |sum, &c| sum * t + T::of(c))
}

/// Logarithm of the normal distribution function.
pub fn log_ndtr<T: Real>(x: T) -> T {
    let t = x * T::FRAC_1_SQRT_2();
    let two = T::of(2.0);
    if x < -T::one() { (erfcx(-t) / two).ln() - t * t } else { (-t.erfc() / two).ln_1p() }
}

/// Inverse of the normal distribution function (Cephes, ndtri.c).
pub fn ndtri<T: Real>(p: T) -> T {
    const P0: [f64; 5] =
        [-59.96335010141079, 98.00107541859997, -56.67628574690703, 13.931260938727968, -1.2391658386738125];
    const Q0: [f64; 9] = [
        1.0,
        1.9544885833814176,
        4.676279128988815,
        86.36024213908905,
        -225.46268785411937,
        200.26021238006066,
        -82.03722561683334,
        15.90562251262117,
        -1.1833162112133,
    ];
    const P1: [f64; 9] = [
        4.0554489230596245,
        31.525109459989388,
        57.16281922464213,
        44.08050738932008,
        14.684956192885803,
        2.1866330685079025,
        -0.1402560791713545,
        -0.03504246268278482,
        -0.0008574567851546854,
    ];
    const Q1: [f64; 9] = [
        1.0,
        15.779988325646675,
        45.39076351288792,
        41.3172038254672,
        15.04253856929075,
        2.504649462083094,
        -0.14218292285478779,
        -0.03808064076915783,
        -0.0009332594808954574,
    ];
    const P2: [f64; 9] = [
        3.2377489177694603,
        6.915228890689842,
        3.9388102529247444,
        1.3330346081580755,
        0.20148538954917908,
        0.012371663481782003,
        0.00030158155350823543,
        2.6580697468673755e-06,
        6.239745391849833e-09,
    ];
    const Q2: [f64; 9] = [
        1.0,
        6.02427039364742,
        3.6798356385616087,
        1.3770209948908132,
        0.21623699359449663,
        0.013420400608854318,
        0.00032801446468212774,
        2.8924786474538068e-06,
        6.790194080099813e-09,
    ];
    let (zero, one, low) = (T::zero(), T::one(), T::of(0.135_335_283_236_612_7));
    if p == zero {
        return T::neg_infinity();
    }
    if p == one {
        return T::infinity();
    }
    if !(p >= zero && p <= one) {
        return T::nan();
    }
    // Above 1 - exp(-2) the upper tail is mirrored.
    let mirrored = p > one - low;
    let mut y = if mirrored { one - p } else { p };
    if y > low {
        y = y - T::of(0.5);
        let y2 = y * y;
        let x = y + y * (y2 * polynomial(y2, &P0) / polynomial(y2, &Q0));
        return x * T::of(2.506_628_274_631_000_5);
    }
    let x = (T::of(-2.0) * y.ln()).sqrt();
    let x0 = x - x.ln() / x;
    let z = one / x;
    let (top, bottom) = if x < T::of(8.0) { (&P1, &Q1) } else { (&P2, &Q2) };
    let x1 = z * polynomial(z, top) / polynomial(z, bottom);
    if mirrored { x0 - x1 } else { x1 - x0 }
}
