//! Bessel functions of integer order (Cephes, j0.c and j1.c), and the spherical one of order 0.

use super::bessel_tables::*;
use super::real::{Real, polynomial};
use crate::cpu::vector;

/// First zeros of J0 and J1, squared: the factors of the small range.
const J0_ZEROS: [f64; 2] = [5.783_185_962_946_784_5, 30.471_262_343_662_087];
const J1_ZEROS: [f64; 2] = [14.681_970_642_123_893, 49.218_456_321_694_6];

const QUARTER: f64 = std::f64::consts::FRAC_PI_4;
const THREE_QUARTERS: f64 = 2.356_194_490_192_345;

/// Amplitude and phase tables of one order.
type Asymptotic = (&'static [f64], &'static [f64], &'static [f64], &'static [f64]);
const ORDER_0: Asymptotic = (&J0_PP, &J0_PQ, &J0_QP, &J0_QQ);
const ORDER_1: Asymptotic = (&J1_PP, &J1_PQ, &J1_QP, &J1_QQ);

/// Beyond 5: Hankel's expansion in `z`, which is `25 / x^2`, at an angle of `x` less `turned`: of the first kind and of the second.
#[inline(always)]
fn hankel<T: Real>(x: T, z: T, turned: f64, (pp, pq, qp, qq): Asymptotic, turn: impl Fn(T) -> (T, T)) -> (T, T) {
    let p = polynomial(z, pp) / polynomial(z, pq);
    let q = T::of(5.0) / x * (polynomial(z, qp) / polynomial(z, qq));
    let (sine, cosine) = turn(x - T::of(turned));
    // A wave, scaled by `sqrt(2 / (pi x))`.
    let wave = |sum: T| sum * T::of(0.797_884_560_802_865_4) / x.sqrt();
    (wave(p.mul_add(cosine, -(q * sine))), wave(p.mul_add(sine, q * cosine)))
}

#[inline(always)]
fn hankel_0<T: Real>(x: T, turn: impl Fn(T) -> (T, T)) -> (T, T) {
    hankel(x, T::of(25.0) / (x * x), QUARTER, ORDER_0, turn)
}

#[inline(always)]
fn hankel_1<T: Real>(x: T, turn: impl Fn(T) -> (T, T)) -> (T, T) {
    hankel(x, T::of(5.0) / x * (T::of(5.0) / x), THREE_QUARTERS, ORDER_1, turn)
}

#[inline(always)]
fn is_near<T: Real>(x: T) -> bool {
    x <= T::of(5.0)
}

/// First kind, order 0, up to 5.
#[inline(always)]
fn j0_near<T: Real>(x: T) -> T {
    let xx = x * x;
    let factor = |zero: f64| xx - T::of(zero);
    let ratio = factor(J0_ZEROS[0]) * factor(J0_ZEROS[1]) * polynomial(xx, &J0_RP) / polynomial(xx, &J0_RQ);
    if x < T::of(0.00001) { T::one() - xx / T::of(4.0) } else { ratio }
}

/// First kind, order 1, up to 5.
#[inline(always)]
fn j1_near<T: Real>(x: T) -> T {
    let xx = x * x;
    let factor = |zero: f64| xx - T::of(zero);
    polynomial(xx, &J1_RP) / polynomial(xx, &J1_RQ) * x * factor(J1_ZEROS[0]) * factor(J1_ZEROS[1])
}

/// First kind, order 0, where [`vector::far`] says no.
#[inline(always)]
pub fn bessel_j0<T: Real>(x: T) -> T {
    let x = x.abs();
    let beyond = hankel_0(
        x,
        #[inline(always)]
        |t| vector::sin_cos(t),
    )
    .0;
    if is_near(x) { j0_near(x) } else { beyond }
}

/// [`bessel_j0`] there.
pub fn bessel_j0_far<T: Real>(x: T) -> T {
    hankel_0(x.abs(), T::sin_cos).0
}

/// First kind, order 1, likewise.
#[inline(always)]
pub fn bessel_j1<T: Real>(x: T) -> T {
    let size = x.abs();
    let beyond = hankel_1(
        size,
        #[inline(always)]
        |t| vector::sin_cos(t),
    )
    .0;
    with_sign(if is_near(size) { j1_near(size) } else { beyond }, x)
}

/// [`bessel_j1`] there.
pub fn bessel_j1_far<T: Real>(x: T) -> T {
    with_sign(hankel_1(x.abs(), T::sin_cos).0, x)
}

#[inline(always)]
fn with_sign<T: Real>(value: T, x: T) -> T {
    if x.is_sign_negative() { -value } else { value }
}

/// The second kind's value at 0 and below.
#[inline(always)]
fn edges<T: Real>(x: T, value: T) -> T {
    let value = if x == T::zero() { T::neg_infinity() } else { value };
    if x < T::zero() { T::nan() } else { value }
}

/// Second kind, order 0, likewise.
#[inline(always)]
pub fn bessel_y0<T: Real>(x: T) -> T {
    let xx = x * x;
    let smooth = polynomial(xx, &Y0_YP) / polynomial(xx, &Y0_YQ);
    let below = (T::FRAC_2_PI() * vector::log(x)).mul_add(j0_near(x), smooth);
    let beyond = hankel_0(
        x,
        #[inline(always)]
        |t| vector::sin_cos(t),
    )
    .1;
    edges(x, if is_near(x) { below } else { beyond })
}

/// [`bessel_y0`] there.
pub fn bessel_y0_far<T: Real>(x: T) -> T {
    edges(x, hankel_0(x, T::sin_cos).1)
}

/// Second kind, order 1, likewise.
#[inline(always)]
pub fn bessel_y1<T: Real>(x: T) -> T {
    let xx = x * x;
    let smooth = polynomial(xx, &Y1_YP) / polynomial(xx, &Y1_YQ);
    let below = x.mul_add(smooth, T::FRAC_2_PI() * j1_near(x).mul_add(vector::log(x), -(T::one() / x)));
    let beyond = hankel_1(
        x,
        #[inline(always)]
        |t| vector::sin_cos(t),
    )
    .1;
    edges(x, if is_near(x) { below } else { beyond })
}

/// [`bessel_y1`] there.
pub fn bessel_y1_far<T: Real>(x: T) -> T {
    edges(x, hankel_1(x, T::sin_cos).1)
}

/// Spherical, first kind, order 0, `sin(x) / x`, where [`vector::far`] says no.
#[inline(always)]
pub fn spherical_bessel_j0<T: Real>(x: T) -> T {
    let xx = x * x;
    // Taylor's series: (-1)^k / (2k + 1)!.
    let near = polynomial(
        xx,
        &[1.0 / 6_227_020_800.0, -1.0 / 39_916_800.0, 1.0 / 362_880.0, -1.0 / 5_040.0, 1.0 / 120.0, -1.0 / 6.0, 1.0],
    );
    if x.abs() < T::of(0.5) { near } else { vector::sin(x) / x }
}

/// [`spherical_bessel_j0`] there.
pub fn spherical_bessel_j0_far<T: Real>(x: T) -> T {
    if x.is_infinite() { T::zero() } else { x.sin() / x }
}
