//! `math.gamma`, `math.lgamma` and `math.hypot` to the last digit: Lanczos's approximation as CPython evaluates it, and a
//! length whose squares are summed in twice the precision.

use std::f64::consts::PI;

const G: f64 = 6.024_680_040_776_729_583_740_234_375;
const G_LESS_HALF: f64 = 5.524_680_040_776_729_583_740_234_375;
const LN_PI: f64 = 1.144_729_885_849_400_174_143_427_351_353_058_711_647;

/// The numerator of the rational approximation, constant first, and its denominator: x(x+1)...(x+11).
#[allow(clippy::excessive_precision)]
const SERIES: [(f64, f64); 13] = [
    (23531376880.410759688572007674451636754734846804940, 0.0),
    (42919803642.649098768957899047001988850926355848959, 39916800.0),
    (35711959237.355668049440185451547166705960488635843, 120543840.0),
    (17921034426.037209699919755754458931112671403265390, 150917976.0),
    (6039542586.3520280050642916443072979210699388420708, 105258076.0),
    (1439720407.3117216736632230727949123939715485786372, 45995730.0),
    (248874557.86205415651146038641322942321632125127801, 13339535.0),
    (31426415.585400194380614231628318205362874684987640, 2637558.0),
    (2876370.6289353724412254090516208496135991145378768, 357423.0),
    (186056.26539522349504029498971604569928220784236328, 32670.0),
    (8071.6720023658162106380029022722506138218516325024, 1925.0),
    (210.82427775157934587250973392071336271166969580291, 66.0),
    (2.5066282746310002701649081771338373386264310793408, 1.0),
];

fn series(x: f64) -> f64 {
    let (mut num, mut den) = (0.0, 0.0);
    if x < 5.0 {
        for (n, d) in SERIES.iter().rev() {
            (num, den) = (num * x + n, den * x + d);
        }
    } else {
        for (n, d) in &SERIES {
            (num, den) = (num / x + n, den / x + d);
        }
    }
    num / den
}

/// sin(pi x), exact in its argument.
fn sin_pi(x: f64) -> f64 {
    let y = x.abs() % 2.0;
    let r = match (2.0 * y).round() as i32 {
        0 => (PI * y).sin(),
        1 => (PI * (y - 0.5)).cos(),
        2 => (PI * (1.0 - y)).sin(),
        3 => -(PI * (y - 1.5)).cos(),
        _ => (PI * (y - 2.0)).sin(),
    };
    1f64.copysign(x) * r
}

/// `math.gamma(x)`; an infinity out of a finite x is an overflow or a pole, a nan no number of the domain.
pub fn gamma(x: f64) -> f64 {
    if x.is_nan() || x == f64::INFINITY {
        return x;
    }
    if x == f64::NEG_INFINITY || (x < 0.0 && x == x.floor()) {
        return f64::NAN;
    }
    if x == x.floor() && (1.0..=23.0).contains(&x) {
        return (2..x as u64).map(|n| n as f64).product();
    }
    let size = x.abs();
    if size < 1e-20 {
        return 1.0 / x;
    }
    if size > 200.0 {
        return if x < 0.0 { 0.0 / sin_pi(x) } else { f64::INFINITY };
    }
    let y = size + G_LESS_HALF;
    // What the sum lost.
    let lost = if size > G_LESS_HALF { (y - size) - G_LESS_HALF } else { (y - G_LESS_HALF) - size };
    let lost = lost * G / y;
    let power = |exponent: f64| y.powf(exponent);
    if x < 0.0 {
        let r = -PI / sin_pi(size) / size * y.exp() / series(size);
        let r = r - lost * r;
        return if size < 140.0 {
            r / power(size - 0.5)
        } else {
            let root = power(size / 2.0 - 0.25);
            r / root / root
        };
    }
    let r = series(size) / y.exp();
    let r = r + lost * r;
    if size < 140.0 {
        r * power(size - 0.5)
    } else {
        let root = power(size / 2.0 - 0.25);
        r * root * root
    }
}

/// `math.lgamma(x)`; an infinity out of a finite x is an overflow, or for an integer a pole.
pub fn lgamma(x: f64) -> f64 {
    if !x.is_finite() {
        return if x.is_nan() { x } else { f64::INFINITY };
    }
    if x == x.floor() && x <= 2.0 {
        return if x <= 0.0 { f64::INFINITY } else { 0.0 };
    }
    let size = x.abs();
    if size < 1e-20 {
        return -size.ln();
    }
    let r = series(size).ln() - G;
    let r = r + (size - 0.5) * ((size + G - 0.5).ln() - 1.0);
    if x < 0.0 { LN_PI - sin_pi(size).abs().ln() - size.ln() - r } else { r }
}

/// The Euclidean norm: scaled by a power of two, its squares and their errors summed, the root mended once.
pub fn length(values: &[f64]) -> f64 {
    let largest = values.iter().fold(0.0f64, |m, v| m.max(v.abs()));
    if values.iter().any(|v| v.is_infinite()) {
        return f64::INFINITY;
    }
    if values.iter().any(|v| v.is_nan()) {
        return f64::NAN;
    }
    if largest == 0.0 || values.len() == 1 {
        return largest;
    }
    let (_, exponent) = libm::frexp(largest);
    let (mut high, mut low) = (0.0f64, 0.0f64);
    for value in values {
        let x = libm::ldexp(*value, -exponent);
        let square = x * x;
        low += x.mul_add(x, -square);
        let sum = high + square;
        let kept = sum - high;
        low += (high - (sum - kept)) + (square - kept);
        high = sum;
    }
    let root = (high + low).sqrt();
    let rest = (-root).mul_add(root, high) + low;
    libm::ldexp(root + rest / (2.0 * root), exponent)
}
