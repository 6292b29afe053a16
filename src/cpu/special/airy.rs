//! Airy's function Ai (Cephes, airy.c).

use super::real::{Real, polynomial};
use crate::cpu::vector;

/// Decay from 2.09 on, numerator.
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
/// Its denominator.
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
/// Wave below -2.09, first amplitude, numerator.
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
/// Its denominator.
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
/// Second amplitude, numerator.
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
/// Its denominator.
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
/// 1 / sqrt(pi).
const FRAC_1_SQRT_PI: f64 = 0.564_189_583_547_756_3;

/// At least the terms that the series takes from -2.09 to 2.09.
const MOST: usize = 12;

/// The angle of the wave at `-x`, less an eighth of a turn.
#[inline(always)]
fn zeta<T: Real>(x: T) -> T {
    T::of(2.0) * x * x.sqrt() / T::of(3.0)
}

/// Below -2.09: a wave.
#[inline(always)]
fn wave<T: Real>(x: T, turn: impl Fn(T) -> (T, T)) -> T {
    let (n, one) = (T::of, T::one());
    let t = n(-2.0) * x * (-x).sqrt() / n(3.0);
    let z = one / t;
    let zz = z * z;
    let f = polynomial(zz, &AFN) / polynomial(zz, &AFD);
    let g = z * polynomial(zz, &AGN) / polynomial(zz, &AGD);
    let (sine, cosine) = turn(t + n(0.25) * T::PI());
    n(FRAC_1_SQRT_PI) / (-x).sqrt().sqrt() * sine.mul_add(zz.mul_add(f, one), -(cosine * g))
}

/// Whether the wave's angle is too large for [`airy_ai`].
#[inline(always)]
pub fn airy_ai_far<T: Real>(x: T) -> bool {
    x < T::of(-2000.0)
}

/// [`airy_ai`] there.
pub fn airy_ai_beyond<T: Real>(x: T) -> T {
    if x.is_infinite() { T::nan() } else { wave(x, T::sin_cos) }
}

/// The sums and terms of the two Maclaurin series, the count of their factors, and whether terms still count.
type Sums<T> = ([T; 2], [T; 2], T, bool);

/// Adds a few terms; more in one loop the compiler would not unroll.
#[inline(always)]
fn terms<T: Real>(z: T, ([mut f, mut g], [mut m, mut p], mut k, mut going): Sums<T>) -> Sums<T> {
    let one = T::one();
    for _ in 0..MOST / 4 {
        m = m * z;
        k = k + one;
        m = m / k;
        p = p * z;
        k = k + one;
        p = p / k;
        m = m / k;
        k = k + one;
        p = p / k;
        f = if going { f + m } else { f };
        g = if going { g + p } else { g };
        going &= (m / f).abs() > T::epsilon();
    }
    ([f, g], [m, p], k, going)
}

/// The two series, each element up to the term that no longer counts.
#[inline(always)]
fn series<T: Real>(x: T) -> T {
    let (one, z) = (T::one(), x * x * x);
    let start = ([one, x], [one, x], one, true);
    let ([f, g], ..) = terms(z, terms(z, terms(z, terms(z, start))));
    T::of(0.355_028_053_887_817_24).mul_add(f, -(T::of(0.258_819_403_792_806_8) * g))
}

/// Airy's function Ai: three ways, of which one is chosen.
#[inline(always)]
pub fn airy_ai<T: Real>(x: T) -> T {
    let n = T::of;
    let zeta = zeta(x);
    let z = T::one() / zeta;
    let ratio = polynomial(z, &AN) / polynomial(z, &AD);
    let decay = n(FRAC_1_SQRT_PI) * ratio / (n(2.0) * x.sqrt().sqrt() * vector::exp(zeta));
    let value = if x >= n(2.09) { decay } else { series(x) };
    let value = if x < n(-2.09) {
        wave(
            x,
            #[inline(always)]
            |t| vector::sin_cos(t),
        )
    } else {
        value
    };
    let value = if x > n(103.892) { T::zero() } else { value };
    if x.is_infinite() || x.is_nan() { T::nan() } else { value }
}
