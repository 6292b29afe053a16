//! Bessel functions of integer order (Cephes, j0.c and j1.c), the spherical one of order 0, and Airy's function (airy.c).

use super::bessel_tables::*;
use super::real::{Real, polynomial};

/// First zeros of J0 and J1, squared: the factors of the small range.
const J0_ZEROS: [f64; 2] = [5.783_185_962_946_784_5, 30.471_262_343_662_087];
const J1_ZEROS: [f64; 2] = [14.681_970_642_123_893, 49.218_456_321_694_6];

const QUARTER: f64 = std::f64::consts::FRAC_PI_4;
const THREE_QUARTERS: f64 = 2.356_194_490_192_345;

/// Amplitude and phase tables of one order.
type Asymptotic = (&'static [f64], &'static [f64], &'static [f64], &'static [f64]);
const ORDER_0: Asymptotic = (&J0_PP, &J0_PQ, &J0_QP, &J0_QQ);
const ORDER_1: Asymptotic = (&J1_PP, &J1_PQ, &J1_QP, &J1_QQ);

/// Beyond 5: `p` and `5 / x * q` of Hankel's expansion in `z = 25 / x^2`.
fn hankel<T: Real>(x: T, z: T, (pp, pq, qp, qq): Asymptotic) -> (T, T) {
    let p = polynomial(z, pp) / polynomial(z, pq);
    (p, T::of(5.0) / x * (polynomial(z, qp) / polynomial(z, qq)))
}

/// A wave of Hankel's expansion, scaled by `sqrt(2 / (pi x))`.
fn wave<T: Real>(sum: T, x: T) -> T {
    sum * T::of(0.797_884_560_802_865_4) / x.sqrt()
}

fn z0<T: Real>(x: T) -> T {
    T::of(25.0) / (x * x)
}

fn z1<T: Real>(x: T) -> T {
    T::of(5.0) / x * (T::of(5.0) / x)
}

/// First kind, order 0.
pub fn bessel_j0<T: Real>(x: T) -> T {
    let n = T::of;
    let x = x.abs();
    if x <= n(5.0) {
        let xx = x * x;
        if x < n(0.00001) {
            return T::one() - xx / n(4.0);
        }
        let factor = |zero: f64| xx - n(zero);
        let ratio = factor(J0_ZEROS[0]) * factor(J0_ZEROS[1]) * polynomial(xx, &J0_RP);
        return ratio / polynomial(xx, &J0_RQ);
    }
    let (p, q) = hankel(x, z0(x), ORDER_0);
    let t = x - n(QUARTER);
    wave(p.mul_add(t.cos(), -(q * t.sin())), x)
}

/// First kind, order 1.
pub fn bessel_j1<T: Real>(x: T) -> T {
    let n = T::of;
    if x < T::zero() {
        return -bessel_j1(-x);
    }
    if x <= n(5.0) {
        let xx = x * x;
        let factor = |zero: f64| xx - n(zero);
        return polynomial(xx, &J1_RP) / polynomial(xx, &J1_RQ) * x * factor(J1_ZEROS[0]) * factor(J1_ZEROS[1]);
    }
    let (p, q) = hankel(x, z1(x), ORDER_1);
    let t = x - n(THREE_QUARTERS);
    wave(p.mul_add(t.cos(), -(q * t.sin())), x)
}

/// Second kind, order 0.
pub fn bessel_y0<T: Real>(x: T) -> T {
    let n = T::of;
    if x <= n(5.0) {
        if x == T::zero() {
            return T::neg_infinity();
        }
        if x < T::zero() {
            return T::nan();
        }
        let xx = x * x;
        return (T::FRAC_2_PI() * x.ln()).mul_add(bessel_j0(x), polynomial(xx, &Y0_YP) / polynomial(xx, &Y0_YQ));
    }
    let (p, q) = hankel(x, z0(x), ORDER_0);
    let t = x - n(QUARTER);
    wave(p.mul_add(t.sin(), q * t.cos()), x)
}

/// Second kind, order 1.
pub fn bessel_y1<T: Real>(x: T) -> T {
    let n = T::of;
    if x <= n(5.0) {
        if x == T::zero() {
            return T::neg_infinity();
        }
        if x < T::zero() {
            return T::nan();
        }
        let xx = x * x;
        let smooth = polynomial(xx, &Y1_YP) / polynomial(xx, &Y1_YQ);
        return x.mul_add(smooth, T::FRAC_2_PI() * bessel_j1(x).mul_add(x.ln(), -(T::one() / x)));
    }
    let (p, q) = hankel(x, z1(x), ORDER_1);
    let t = x - n(THREE_QUARTERS);
    wave(p.mul_add(t.sin(), q * t.cos()), x)
}

/// Spherical, first kind, order 0: `sin(x) / x`.
pub fn spherical_bessel_j0<T: Real>(x: T) -> T {
    if x.is_infinite() {
        return T::zero();
    }
    if x.abs() >= T::of(0.5) || x.is_nan() {
        return x.sin() / x;
    }
    let xx = x * x;
    // Taylor's series: (-1)^k / (2k + 1)!.
    polynomial(
        xx,
        &[1.0 / 6_227_020_800.0, -1.0 / 39_916_800.0, 1.0 / 362_880.0, -1.0 / 5_040.0, 1.0 / 120.0, -1.0 / 6.0, 1.0],
    )
}

/// Airy's function Ai.
pub fn airy_ai<T: Real>(x: T) -> T {
    const AN: [f64; 8] = [
        0.346538101525629,
        12.007595273964581,
        76.27960536152345,
        168.08922493463058,
        159.75639135016442,
        70.53609068404442,
        14.026469116338967,
        1.0,
    ];
    const AD: [f64; 8] = [
        0.5675945326387702,
        14.75625625848472,
        84.51389701414746,
        177.31808814540045,
        164.2346928715297,
        71.47784008255756,
        14.095913560783403,
        1.0,
    ];
    const AFN: [f64; 9] = [
        -0.1316963234183318,
        -0.6264565444319123,
        -0.6931580360369335,
        -0.2797799815451191,
        -0.04919001326095003,
        -0.004062659235948854,
        -0.0001592764962392621,
        -2.776491081552329e-06,
        -1.6778769848911465e-08,
    ];
    const AFD: [f64; 9] = [
        13.356042070655324,
        32.682503279522464,
        26.736704094149957,
        9.187074029072596,
        1.4752914677166642,
        0.11568717379518804,
        0.004402916416152112,
        7.547203482874142e-05,
        4.5185009297058035e-07,
    ];
    const AGN: [f64; 11] = [
        0.01973399320916857,
        0.39110302961568827,
        1.0657989759959559,
        0.9391692298166502,
        0.35146565610554764,
        0.06338889196289255,
        0.005858041130483885,
        0.000282851600836737,
        6.98793669997261e-06,
        8.117892395543892e-08,
        3.415517847659236e-10,
    ];
    const AGD: [f64; 10] = [
        9.30892908077442,
        19.835292871831214,
        15.564662893286462,
        5.476860694229755,
        0.9542936116189619,
        0.08645808263523921,
        0.004126565238242226,
        0.00010125908511650914,
        1.1716673321441352e-06,
        4.9183457006293e-09,
    ];
    const FRAC_1_SQRT_PI: f64 = 0.564_189_583_547_756_3;
    let (n, one) = (T::of, T::one());
    if x.is_infinite() || x.is_nan() {
        return T::nan();
    }
    if x > n(103.892) {
        return T::zero();
    }
    if x < n(-2.09) {
        let t = n(-2.0) * x * (-x).sqrt() / n(3.0);
        let z = one / t;
        let zz = z * z;
        let f = polynomial(zz, &AFN) / polynomial(zz, &AFD);
        let g = z * polynomial(zz, &AGN) / polynomial(zz, &AGD);
        let t = t + n(0.25) * T::PI();
        return n(FRAC_1_SQRT_PI) / (-x).sqrt().sqrt() * t.sin().mul_add(zz.mul_add(f, one), -(t.cos() * g));
    }
    if x >= n(2.09) {
        let zeta = n(2.0) * x * x.sqrt() / n(3.0);
        let z = one / zeta;
        let ratio = polynomial(z, &AN) / polynomial(z, &AD);
        return n(FRAC_1_SQRT_PI) * ratio / (n(2.0) * x.sqrt().sqrt() * zeta.exp());
    }
    // The two Maclaurin series.
    let (mut f, mut g, mut k, mut m, mut p, mut t) = (one, x, one, one, x, one);
    let z = x * x * x;
    while t > T::epsilon() {
        m = m * z;
        k = k + one;
        m = m / k;
        p = p * z;
        k = k + one;
        p = p / k;
        m = m / k;
        f = f + m;
        k = k + one;
        p = p / k;
        g = g + p;
        t = (m / f).abs();
    }
    n(0.355_028_053_887_817_24).mul_add(f, -(n(0.258_819_403_792_806_8) * g))
}
