//! The normal distribution's inverse.

use super::real::{Real, polynomial};
use crate::cpu::vector::log;

/// Inverse of the normal distribution function (Cephes, ndtri.c): three ways, of which one is chosen.
#[inline(always)]
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
    // Above 1 - exp(-2) the upper tail is mirrored.
    let mirrored = p > one - low;
    let y = if mirrored { one - p } else { p };
    let from_half = y - T::of(0.5);
    let square = from_half * from_half;
    let middle = from_half + from_half * (square * polynomial(square, &P0) / polynomial(square, &Q0));
    let middle = middle * T::of(2.506_628_274_631_000_5);
    let x = (T::of(-2.0) * log(y)).sqrt();
    let first = x - log(x) / x;
    let z = one / x;
    let near = x < T::of(8.0);
    let top = if near { polynomial(z, &P1) } else { polynomial(z, &P2) };
    let bottom = if near { polynomial(z, &Q1) } else { polynomial(z, &Q2) };
    let second = z * top / bottom;
    let tail = if mirrored { first - second } else { second - first };
    let value = if y > low { middle } else { tail };
    let value = if p == zero { T::neg_infinity() } else { value };
    let value = if p == one { T::infinity() } else { value };
    if p >= zero && p <= one { value } else { T::nan() }
}
