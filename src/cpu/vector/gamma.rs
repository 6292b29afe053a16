//! The logarithm of the gamma function. `f32` computes in `f64`, so that nothing is lost next to the zeros.

use super::lane::{Lane, polynomial};
use super::power::{log_by_quotient, log_in_two};

/// `lgamma(1 + t) / t` for |t| to a half.
const AT_ONE: &[f64] = &[
    -0.5772156649015329,
    0.8224670334241132,
    -0.4006856343865406,
    0.2705808084277935,
    -0.2073855510262953,
    0.16955717699509998,
    -0.14404989701106719,
    0.1255096697597847,
    -0.1113342530365414,
    0.10009944506030896,
    -0.09095442301348973,
    0.08335423437020126,
    -0.07692423568567124,
    0.07142491150665906,
    -0.06678275881746833,
    0.0626116167474043,
    -0.057737256640806416,
    0.054501409023364235,
    -0.059850048562680856,
    0.057003000096539545,
    -0.014509338086091672,
    0.01333577663873192,
    -0.14497971020532596,
    0.14011729595820724,
    0.1528715168258553,
    -0.14857260899606312,
    -0.22471180158915516,
    0.21762817640022097,
];
/// `lgamma(2 + t) / t` for |t| to a half.
const AT_TWO: &[f64] = &[
    0.42278433509846713,
    0.32246703342411326,
    -0.0673523010531981,
    0.02058080842778038,
    -0.0073855510286719986,
    0.002890510331034267,
    -0.0011927539118428156,
    0.0005096695154115458,
    -0.00022315475400520507,
    9.945767355819498e-05,
    -4.49263133791557e-05,
    2.0505590755833454e-05,
    -9.438715099211532e-06,
    4.38470440459836e-06,
    -2.0439048107029907e-06,
    9.200527894968101e-07,
    -4.3252393445604814e-07,
    2.78740805211359e-07,
    -1.3219945666117874e-07,
];
/// `x` times what Stirling's formula leaves, in `1 / x^2` for x from 8.
const STIRLING: &[f64] = &[
    0.08333333333333333,
    -0.002777777777773988,
    0.0007936507897524059,
    -0.0005952365845057049,
    0.0008414700852503147,
    -0.001890382993887715,
    0.005065905360156132,
];

/// `sin(pi f) / f` in f^2 for |f| to a half.
const SIN_PI: &[f64] = &[
    std::f64::consts::PI,
    -5.16771278004997,
    2.5501640398773455,
    -0.5992645293207869,
    0.08214588661099356,
    -0.007370430943702136,
    0.0004663027874593273,
    -2.1915250301851375e-05,
    7.94853903737232e-07,
    -2.228371216069697e-08,
];

/// The logarithm of pi.
const LOG_PI: f64 = 1.144_729_885_849_400_2;
/// Where Stirling's formula begins.
const STIRLING_FROM: f64 = 8.0;
/// Half the logarithm of 2 pi.
const HALF_LOG_TAU: f64 = 0.918_938_533_204_672_7;

/// Numbers below, some of them subnormal, are multiplied by 2^54 for their logarithm.
const TINY: f64 = 1e-17;
/// The logarithm of 2^54.
const LIFTED: f64 = 54.0 * std::f64::consts::LN_2;

#[inline(always)]
fn lifted(x: f64) -> f64 {
    x * 18_014_398_509_481_984.0
}

/// Logarithm of the gamma function's magnitude.
#[inline(always)]
pub fn lgamma<T: Lane>(x: T) -> T {
    T::of(wide::<T>(x.wide()))
}

/// In `f64`, as precisely as `T` asks for.
#[inline(always)]
fn wide<T: Lane>(x: f64) -> f64 {
    let size = x.abs();
    let positive = log_gamma::<T>(size);
    // Reflection, by the sine of pi times what a whole number leaves.
    let rest = size - size.half_even();
    let turned = (rest * polynomial(rest * rest, SIN_PI)).abs();
    // Next to zero, where that product would underflow, it is the number itself.
    let tiny = size < TINY;
    let log = log_by_quotient(if tiny { lifted(size) } else { size * turned });
    let negative = if tiny { LIFTED - log } else { (LOG_PI - log) - positive };
    let value = if x < 0.0 { negative } else { positive };
    // Beyond some size everything negative is a pole, too.
    let pole = x <= 0.0 && turned == 0.0;
    if pole || size == f64::INFINITY { f64::INFINITY } else { value }
}

/// Of no negative number: by a shift to near 1 or 2 below 8, by Stirling's formula from there.
#[inline(always)]
fn log_gamma<T: Lane>(x: f64) -> f64 {
    let large = x >= STIRLING_FROM;
    // Down to below 2.5 by Gamma(x) = (x - 1) Gamma(x - 1).
    let (mut near, mut product) = (if large { 2.0 } else { x }, 1.0);
    for _ in 0..6 {
        let above = near >= 2.5;
        let less = near - 1.0;
        product *= if above { less } else { 1.0 };
        near = if above { less } else { near };
    }
    // Up below 1.5 or, where the zero at 1 asks for a polynomial of its own, below a half.
    let (small, low) = (x < 0.5, x < if T::DOUBLE { 0.5 } else { 1.5 });
    let from_two = if small { x } else { near - if low { 1.0 } else { 2.0 } };
    let base = from_two * polynomial(from_two, AT_TWO);
    let base = if T::DOUBLE {
        let from_one = if small { x } else { near - 1.0 };
        if near < 1.5 { from_one * polynomial(from_one, AT_ONE) } else { base }
    } else {
        base
    };
    let risen = if small && !T::DOUBLE { x * (x + 1.0) } else { x };
    let argument = if large || low { risen } else { product };
    let tiny = T::DOUBLE && x < TINY;
    let argument = if tiny { lifted(argument) } else { argument };
    let (high, rest) = if T::DOUBLE { log_in_two(argument) } else { (log_by_quotient(argument), 0.0) };
    let fallen = base - (high - if tiny { LIFTED } else { 0.0 });
    let shifted = if low { fallen } else { high + (base + rest) };
    // (x - 1/2) (ln x - 1) - 1/2 + ln(2 pi) / 2 + ...
    let half_less = x - 0.5;
    let less_one = high - 1.0;
    let gone = (high - (less_one + 1.0)) + rest;
    let product = half_less * less_one;
    let gone = if T::DOUBLE { half_less.mul_add(less_one, -product) + half_less * gone } else { 0.0 };
    let inverse = 1.0 / x;
    let beyond = inverse.mul_add(polynomial(inverse * inverse, STIRLING), HALF_LOG_TAU - 0.5);
    // Where the product overflows, its low part is no number.
    let far = if product == f64::INFINITY { product } else { product + (beyond + gone) };
    if large { far } else { shifted }
}
