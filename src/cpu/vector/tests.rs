//! Errors in units in the last place, against double precision for `f32` and against the C library for `f64`.

use super::*;
use crate::cpu::isa::{Work, widest};

/// Every so many bit patterns of `f32` are looked at; a whole walk takes minutes.
const STEP: usize = 1 << 13;

/// The largest error that passes.
const MOST: f64 = 2.0;

fn ulp32(x: f64) -> f64 {
    let x = (x.abs() as f32).max(f32::MIN_POSITIVE);
    f64::from(f32::from_bits(x.to_bits() + 1)) - f64::from(x)
}

fn ulp64(x: f64) -> f64 {
    let x = x.abs().max(f64::MIN_POSITIVE);
    f64::from_bits(x.to_bits() + 1) - x
}

struct Map<F, T>(F, Vec<T>);

impl<F: Fn(T) -> T, T: Copy> Work for Map<F, T> {
    type Out = Vec<T>;
    #[inline(always)]
    fn run(self) -> Vec<T> {
        self.1.iter().map(|&x| self.0(x)).collect()
    }
}

fn check32(name: &str, f: impl Fn(f32) -> f32, exact: fn(f64) -> f64, beyond: fn(f32) -> bool) {
    check32_within(MOST, name, f, exact, beyond);
}

fn check32_within(most: f64, name: &str, f: impl Fn(f32) -> f32, exact: fn(f64) -> f64, beyond: fn(f32) -> bool) {
    let inputs: Vec<f32> = (0..=u32::MAX).step_by(STEP).map(f32::from_bits).filter(|&x| !beyond(x)).collect();
    let got = widest(Map(f, inputs.clone()));
    let mut worst = (0.0, 0.0);
    for (x, y) in inputs.into_iter().zip(got) {
        let want = exact(f64::from(x));
        let single = want as f32;
        if !single.is_finite() || want == 0.0 {
            assert!(
                single.to_bits() == y.to_bits() || (single.is_nan() && y.is_nan()),
                "{name}({x:e}) is {y:e}, not {single:e}"
            );
            continue;
        }
        let error = (f64::from(y) - want).abs() / ulp32(want);
        // The largest finite number and infinity are neighbours.
        if error > worst.0 && y.is_finite() {
            worst = (error, x);
        }
    }
    println!("{name:8} f32 {:.3} at {:e}", worst.0, worst.1);
    assert!(worst.0 <= most, "{name}: {} at {:e}", worst.0, worst.1);
}

fn check64(name: &str, f: impl Fn(f64) -> f64, exact: fn(f64) -> f64, most: f64) {
    check64_within(MOST, name, f, exact, most);
}

fn check64_within(limit: f64, name: &str, f: impl Fn(f64) -> f64, exact: fn(f64) -> f64, most: f64) {
    // Numbers of all sizes up to `most`, from a linear congruence.
    let mut random = Numbers(1);
    let mut inputs = vec![0.0, -0.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, 5e-324, -5e-324, 1.0, -1.0];
    for i in 0..400_000 {
        let unit = random.next();
        inputs.push(if i % 2 == 0 { unit * most } else { unit * 2f64.powi((random.next() * 30.0) as i32 - 25) });
    }
    inputs.retain(|x| !x.is_finite() && most.is_infinite() || x.abs() <= most);
    let got = widest(Map(f, inputs.clone()));
    let mut worst = (0.0, 0.0);
    for (x, y) in inputs.into_iter().zip(got) {
        let want = exact(x);
        if !want.is_finite() || want == 0.0 {
            assert!(
                want.to_bits() == y.to_bits() || (want.is_nan() && y.is_nan()),
                "{name}({x:e}) is {y:e}, not {want:e}"
            );
            continue;
        }
        let error = (y - want).abs() / ulp64(want);
        if error > worst.0 {
            worst = (error, x);
        }
    }
    println!("{name:8} f64 {:.3} at {:e}", worst.0, worst.1);
    assert!(worst.0 <= limit, "{name}: {} at {:e}", worst.0, worst.1);
}

/// No argument is beyond.
fn whole(_: f32) -> bool {
    false
}

/// By a step of Newton's method from the value of `f64`'s own polynomials.
fn inverse_erf(y: f64) -> f64 {
    let x = erfinv(y);
    let slope = std::f64::consts::FRAC_2_SQRT_PI * (-x * x).exp();
    let above = if y.abs() < 0.5 { libm::erf(x) - y } else { (1.0 - y.abs() - libm::erfc(x.abs())) * y.signum() };
    if x.is_finite() && y != 0.0 { x - above / slope } else { x }
}

fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

#[test]
fn single_precision_is_within_two_units() {
    check32("exp", exp, f64::exp, whole);
    check32("exp2", exp2, f64::exp2, whole);
    check32("expm1", expm1, f64::exp_m1, whole);
    check32("log", log, f64::ln, whole);
    check32("log2", log2, f64::log2, whole);
    check32("log10", log10, f64::log10, whole);
    check32("log1p", log1p, f64::ln_1p, whole);
    check32("sin", sin, f64::sin, far);
    check32("cos", cos, f64::cos, far);
    check32("tan", tan, f64::tan, far);
    check32("sinh", sinh, f64::sinh, hyperbolic_far);
    check32("cosh", cosh, f64::cosh, hyperbolic_far);
    check32("tanh", tanh, f64::tanh, whole);
    check32("erf", erf, libm::erf, whole);
    check32("erfc", erfc, libm::erfc, whole);
    check32("lgamma", lgamma, |x| if x.is_infinite() { f64::INFINITY } else { libm::lgamma(x) }, whole);
    // The polynomial's argument is far from its middle at zero, where its terms' signs are in turns.
    check32_within(3.0, "erfinv", erfinv, inverse_erf, whole);
    check32("asin", asin, f64::asin, whole);
    check32("acos", acos, f64::acos, whole);
    check32("atan", atan, f64::atan, whole);
    check32("asinh", asinh, |x| libm::asinh(x), whole);
    check32("acosh", acosh, |x| if x < 1.0 { f64::NAN } else { libm::acosh(x) }, whole);
    check32("atanh", atanh, |x| libm::atanh(x), whole);
    // Below, the exponential is infinite and the result 0, as PyTorch's formula has it.
    check32("sigmoid", sigmoid, logistic, |x| x < -87.0);
}

#[test]
fn double_precision_is_within_two_units() {
    check64("exp", exp, f64::exp, 745.0);
    check64("exp2", exp2, f64::exp2, 1074.0);
    check64("expm1", expm1, f64::exp_m1, 709.0);
    check64("log", log, f64::ln, 1e300);
    check64("log2", log2, f64::log2, 1e300);
    check64("log10", log10, f64::log10, 1e300);
    check64("log1p", log1p, f64::ln_1p, 1e300);
    check64("sin", sin, f64::sin, 1e9);
    check64("cos", cos, f64::cos, 1e9);
    check64("tan", tan, f64::tan, 1e9);
    check64("sinh", sinh, f64::sinh, 700.0);
    check64("cosh", cosh, f64::cosh, 700.0);
    check64("tanh", tanh, f64::tanh, 30.0);
    check64("sigmoid", sigmoid, logistic, 700.0);
    // Here the reference errs by 2 itself.
    check64_within(4.0, "erfc", erfc, libm::erfc, 4.0);
    check64_within(4.0, "lgamma", |x| lgamma(x.abs() + 0.5), |x| libm::lgamma(x.abs() + 0.5), 1e300);
    check64_within(4.0, "erfinv", erfinv, inverse_erf, 1.5);
    check64("asin", asin, f64::asin, 1.5);
    check64("acos", acos, f64::acos, 1.5);
    check64("atan", atan, f64::atan, f64::INFINITY);
    check64("atan", atan, f64::atan, 10.0);
    check64("asinh", asinh, libm::asinh, f64::INFINITY);
    check64("asinh", asinh, libm::asinh, 10.0);
    check64("acosh", acosh, libm::acosh, 1e300);
    check64("acosh", acosh, libm::acosh, 10.0);
    check64("atanh", atanh, libm::atanh, 1.5);
}

#[test]
fn powers_are_within_two_units() {
    for y in [0.5, -0.5, 1.5, 2.0, 3.0, -7.25, 0.1, 100.0, -30.0] {
        let mut worst = (0.0, 0.0);
        for x in (0..=u32::MAX).step_by(STEP * 16).map(f32::from_bits).filter(|&x| !pow_far(x, y)) {
            let want = f64::from(x).powf(f64::from(y));
            if (want as f32).is_finite() && want != 0.0 {
                let error = (f64::from(pow(x, y)) - want).abs() / ulp32(want);
                worst = if error > worst.0 { (error, x) } else { worst };
            }
        }
        println!("pow {y} {worst:?}");
        assert!(worst.0 <= MOST, "pow(x, {y}): {worst:?}");
    }
    let mut worst = (0.0, 0.0, 0.0);
    let mut random = Numbers(1);
    for _ in 0..400_000 {
        let x = random.next() * 10f64.powi((random.next() * 300.0) as i32);
        // Exponents of all sizes, and those that bring the power to the ends of the range.
        let y =
            random.next() * if random.next() > 0.0 { 709.0 / x.abs().ln() } else { 10f64.powf(random.next() * 5.0) };
        let want = x.powf(y);
        if pow_far(x, y) || !want.is_finite() || want < f64::MIN_POSITIVE {
            continue;
        }
        let error = (pow(x, y) - want).abs() / ulp64(want);
        worst = if error > worst.0 { (error, x, y) } else { worst };
    }
    println!("pow f64 {worst:?}");
    assert!(worst.0 <= MOST, "pow: {worst:?}");
    for (x, y) in [(2.0, 1024.0), (0.5, 1080.0), (1.0, 1e17), (3.0, 0.0), (1e300, -2.0), (1.0000001, 1e9), (0.9, 1e5)] {
        let (x, y): (f64, f64) = (x, y);
        assert!(
            pow_far(x, y) || pow(x, y) == x.powf(y) || (pow(x, y) / x.powf(y) - 1.0).abs() < 1e-15,
            "pow({x}, {y})"
        );
    }
}

/// Numbers between -1 and 1, from a linear congruence.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64 * 2.0 - 1.0
    }
}

#[test]
fn angles_are_within_two_units() {
    let edges =
        [0.0, -0.0, 1.0, -1.0, 0.5, f32::INFINITY, f32::NEG_INFINITY, f32::NAN, f32::MAX, f32::MIN_POSITIVE, 1e-45];
    let mut worst = (0.0, 0.0, 0.0);
    let some = (0..=u32::MAX).step_by(STEP * 400).map(f32::from_bits);
    let all: Vec<f32> = edges.into_iter().chain(some.filter(|x| x.is_finite())).collect();
    for (i, &y) in all.iter().enumerate() {
        for &x in edges.iter().chain(&all[i.saturating_sub(20)..all.len().min(i + 20)]) {
            let (got, want) = (atan2(y, x), f64::from(y).atan2(f64::from(x)));
            if want == 0.0 || want.is_nan() {
                assert!(
                    got.to_bits() == (want as f32).to_bits() || want.is_nan() && got.is_nan(),
                    "atan2({y:e}, {x:e}) is {got:e}"
                );
                continue;
            }
            let error = (f64::from(got) - want).abs() / ulp32(want);
            worst = if error > worst.0 { (error, y, x) } else { worst };
            let (y, x) = (f64::from(y) * 1.000_000_1, f64::from(x) * 0.999_999_9);
            let (got, want) = (atan2(y, x), y.atan2(x));
            assert!((got - want).abs() <= MOST * ulp64(want), "atan2({y:e}, {x:e}) is {got:e}, not {want:e}");
        }
    }
    println!("atan2    f32 {worst:?}");
    assert!(worst.0 <= MOST, "atan2: {worst:?}");
}

#[test]
fn remainders_are_exact() {
    let mut random = Numbers(1);
    for _ in 0..400_000 {
        let size = |n: f64| 10f64.powi((n * 8.0) as i32);
        let (x, y) = (random.next() * size(random.next()), random.next() * size(random.next()));
        // Whole numbers, too, whose quotients are whole now and then.
        for (x, y) in [(x, y), ((x * 9.0).round(), (y * 3.0).round())] {
            let (single, by) = (x as f32, y as f32);
            if !division_far(x, y) {
                assert_eq!(fmod(x, y).to_bits(), (x % y).to_bits(), "fmod({x:e}, {y:e})");
            }
            if !division_far(single, by) {
                assert_eq!(fmod(single, by).to_bits(), (single % by).to_bits(), "fmod({single:e}, {by:e})");
            }
        }
    }
    for (x, y) in [(-0.0, 3.0), (5.0, f64::INFINITY), (-5.0, f64::NEG_INFINITY), (-6.0, 3.0), (5e-324, 1.0)] {
        assert_eq!(fmod(x, y).to_bits(), (x % y).to_bits(), "fmod({x:e}, {y:e})");
    }
    assert_eq!((remainder(-7.5, 2.0), floor_divide(-7.5, 2.0), floor_divide(1.0, 0.1)), (0.5, -4.0, 9.0));
    assert!(division_far(1.0, 0.0) && division_far(f64::NAN, 1.0) && division_far(f64::INFINITY, 1.0));
}

#[test]
fn decimals_are_scaled_exactly() {
    for d in -22..23 {
        let digits = f64::from(d);
        assert!(!round_decimals_far(digits));
        for x in [0.0, -0.001, 2.5, -123.456, 0.125, 1e7, -5e20, f64::INFINITY] {
            let (got, want) = (round_decimals(x, digits), round_decimals_beyond(x, digits));
            assert_eq!(got.to_bits(), want.to_bits(), "{x} to {d}");
            let (single, digits) = (x as f32, digits as f32);
            if !round_decimals_far(digits) {
                let (got, want) = (round_decimals(single, digits), round_decimals_beyond(single, digits));
                assert_eq!(got.to_bits(), want.to_bits(), "{x} to {d}");
            }
        }
    }
    assert!(round_decimals_far(23.0f64) && round_decimals_far(11.0f32) && round_decimals_far(f32::NAN));
    assert!(round_decimals(-0.001f32, 2.0).is_sign_negative());
}
