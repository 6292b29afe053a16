//! One binomial count: inversion by geometric steps where few successes are expected, else transformed rejection
//! (BTRS of W. Hoermann, "The generation of binomial random variates", 1993, as TensorFlow and torch have it).

use super::generator::Generator;
use num_traits::Float;

/// Successes in `count` trials of probability `prob`. Where torch computes in the tensor's own type `T`, so does this;
/// `narrow` rounds to it.
pub(super) fn sample<T: Float>(count: T, prob: T, narrow: fn(f64) -> T, generator: &mut Generator) -> T {
    let (zero, one) = (T::zero(), T::one());
    if count <= zero || prob <= zero {
        return zero;
    }
    // Trials of no known number would never end, as they do not in torch.
    if count.is_nan() {
        return count;
    }
    if prob >= one {
        return count;
    }
    let half = narrow(0.5);
    if prob <= half {
        few(count, prob, narrow, generator)
    } else if prob > half {
        count - few(count, narrow(1.0 - wide(prob)), narrow, generator)
    } else {
        T::nan()
    }
}

fn wide<T: Float>(x: T) -> f64 {
    x.to_f64().unwrap_or(f64::NAN)
}

/// For `prob` up to a half.
fn few<T: Float>(count: T, prob: T, narrow: fn(f64) -> T, generator: &mut Generator) -> T {
    if wide(count * prob) >= 10.0 {
        return rejection(count, prob, narrow, generator);
    }
    let log = wide((-prob).ln_1p());
    let (mut sum, mut successes) = (0.0, T::zero());
    loop {
        sum += (generator.uniform().ln() / log).ceil();
        // Also ends where the sum is not a number.
        if sum > wide(count) || sum.is_nan() {
            return successes;
        }
        successes = successes + T::one();
    }
}

fn rejection<T: Float>(count: T, prob: T, narrow: fn(f64) -> T, generator: &mut Generator) -> T {
    let one = T::one();
    let deviation = wide((count * prob * (one - prob)).sqrt());
    let b = 1.15 + 2.53 * deviation;
    let a = -0.0873 + 0.0248 * b + 0.01 * wide(prob);
    let c = wide(count * prob) + 0.5;
    let v_r = 0.92 - 4.2 / b;
    let r = wide(prob / (one - prob));
    let alpha = (2.83 + 5.1 / b) * deviation;
    let m = wide(((count + one) * prob).floor());
    let n = wide(count);
    loop {
        let u = generator.uniform() - 0.5;
        let mut v = generator.uniform();
        let us = 0.5 - u.abs();
        let k = narrow(((2.0 * a / us + b) * u + c).floor());
        if k < T::zero() || k > count {
            continue;
        }
        if us >= 0.07 && v <= v_r {
            return k;
        }
        v = (v * alpha / (a / (us * us) + b)).ln();
        let above = wide(count - k + one);
        let k_next = wide(k + one);
        let bound = (m + 0.5) * ((m + 1.0) / (r * (n - m + 1.0))).ln()
            + wide(count + one) * ((n - m + 1.0) / above).ln()
            + (wide(k) + 0.5) * (r * above / k_next).ln()
            + stirling_tail(m)
            + stirling_tail(n - m)
            - stirling_tail(wide(k))
            - stirling_tail(wide(count - k));
        if v <= bound {
            return k;
        }
    }
}

/// What Stirling's formula leaves of `ln(k!)`.
fn stirling_tail(k: f64) -> f64 {
    const SMALL: [f64; 10] = [
        0.0810614667953272,
        0.0413406959554092,
        0.0276779256849983,
        0.02079067210376509,
        0.0166446911898211,
        0.0138761288230707,
        0.0118967099458917,
        0.0104112652619720,
        0.00925546218271273,
        0.00833056343336287,
    ];
    if k < SMALL.len() as f64 {
        return SMALL[k as usize];
    }
    let square = (k + 1.0) * (k + 1.0);
    (1.0 / 12.0 - (1.0 / 360.0 - 1.0 / 1260.0 / square) / square) / (k + 1.0)
}
