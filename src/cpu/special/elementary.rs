//! Elementary functions whose edges torch defines: divisions, remainders, rounding, logarithms of products.

use super::real::Real;

/// `a // b`: the quotient rounded down, as Python's.
pub fn floor_divide<T: Real>(a: T, b: T) -> T {
    let (zero, one) = (T::zero(), T::one());
    if b == zero {
        return a / b;
    }
    let rest = a % b;
    let mut quotient = (a - rest) / b;
    if rest != zero && (b < zero) != (rest < zero) {
        quotient = quotient - one;
    }
    if quotient == zero {
        return zero.copysign(a / b);
    }
    let floor = quotient.floor();
    if quotient - floor > T::of(0.5) { floor + one } else { floor }
}

/// `a % b`: the remainder with the divisor's sign, as Python's.
pub fn remainder<T: Real>(a: T, b: T) -> T {
    let rest = a % b;
    if rest != T::zero() && (b < T::zero()) != (rest < T::zero()) { rest + b } else { rest }
}

/// Rounds to a number of decimals, halves to even; negative counts round to tens, hundreds, ...
pub fn round_decimals<T: Real>(x: T, decimals: i64) -> T {
    if decimals == 0 {
        return x.half_even();
    }
    let ten = T::of(10f64.powf(decimals.unsigned_abs() as f64));
    if decimals < 0 { (x / ten).half_even() * ten } else { (x * ten).half_even() / ten }
}

/// `1 / (1 + exp(-x))`.
pub fn sigmoid<T: Real>(x: T) -> T {
    T::one() / (T::one() + (-x).exp())
}

/// `sin(pi x) / (pi x)`.
pub fn sinc<T: Real>(x: T) -> T {
    if x == T::zero() {
        return T::one();
    }
    let angle = T::PI() * x;
    angle.sin() / angle
}

/// `-x ln(x)`, 0 at 0, `-inf` below.
pub fn entr<T: Real>(x: T) -> T {
    if x.is_nan() {
        x
    } else if x > T::zero() {
        -x * x.ln()
    } else if x == T::zero() {
        T::zero()
    } else {
        T::neg_infinity()
    }
}

/// `ln(x / (1 - x))`; with `eps >= 0` x is first clamped to `[eps, 1 - eps]`. Each step is rounded by `round`.
pub fn logit<T: Real>(x: T, eps: Option<T>, round: impl Fn(T) -> T) -> T {
    let mut z = x;
    if let Some(eps) = eps.filter(|e| *e >= T::zero()) {
        let eps = round(eps);
        let high = round(T::one() - eps);
        z = if x < eps {
            eps
        } else if x > high {
            high
        } else {
            x
        };
    }
    if z == T::one() { T::infinity() } else { round(z / round(T::one() - z)).ln() }
}

/// `x ln(y)`, 0 where x is 0 unless y is nan.
pub fn xlogy<T: Real>(x: T, y: T) -> T {
    if y.is_nan() {
        T::nan()
    } else if x == T::zero() {
        T::zero()
    } else {
        x * y.ln()
    }
}

/// `x ln(1 + y)`, 0 where x is 0 unless y is nan.
pub fn xlog1py<T: Real>(x: T, y: T) -> T {
    if y.is_nan() {
        T::nan()
    } else if x == T::zero() {
        T::zero()
    } else {
        x * y.ln_1p()
    }
}

/// The larger one, the second where they do not compare (C++'s `std::max`).
fn larger<T: Real>(a: T, b: T) -> T {
    if a < b { b } else { a }
}

/// `ln(exp(a) + exp(b))`.
pub fn logaddexp<T: Real>(a: T, b: T) -> T {
    if a.is_infinite() && a == b {
        return a;
    }
    larger(a, b) + (-(a - b).abs()).exp().ln_1p()
}

/// `log2(2^a + 2^b)`.
pub fn logaddexp2<T: Real>(a: T, b: T) -> T {
    if a.is_infinite() && a == b {
        return a;
    }
    (-(a - b).abs()).exp2().ln_1p().mul_add(T::LOG2_E(), larger(a, b))
}

/// One step of `logcumsumexp`: `ln(exp(x) + exp(y))`, infinities and nans kept.
pub fn log_add_exp_step<T: Real>(x: T, y: T) -> T {
    let (low, high) = if y.is_nan() { (y, y) } else { (if y < x { y } else { x }, if x < y { y } else { x }) };
    if low != high || low.is_finite() { (low - high).exp().ln_1p() + high } else { x }
}

/// `x^y` for a number `y`: small powers by multiplication, as torch's kernel for one exponent does.
pub fn pow_number<T: Real>(x: T, y: f64) -> T {
    let one = T::one();
    if y == 0.5 {
        x.sqrt()
    } else if y == -0.5 {
        one / x.sqrt()
    } else if y == 2.0 {
        x * x
    } else if y == 3.0 {
        x * x * x
    } else if y == -1.0 {
        one / x
    } else if y == -2.0 {
        one / (x * x)
    } else {
        x.power(T::of(y))
    }
}

/// `sqrt(x^2 + y^2)`; `f32` computes in `f64`, where nothing overflows.
pub fn hypot<T: Real>(x: T, y: T) -> T {
    if T::DIGITS == 53 { x.hypot(y) } else { T::of(x.wide().hypot(y.wide())) }
}

/// 0 below 0, 1 above, `middle` at 0, nan for nan.
pub fn heaviside<T: Real>(x: T, middle: T) -> T {
    if x == T::zero() {
        middle
    } else if x > T::zero() {
        T::one()
    } else {
        T::zero()
    }
}

/// Angle of a real number: 0, or pi below 0.
pub fn angle<T: Real>(x: T) -> T {
    if x.is_nan() {
        x
    } else if x < T::zero() {
        T::PI()
    } else {
        T::zero()
    }
}

/// The bits of the next 16-bit float after `x` towards `to`; `at` and `aim` are their values.
pub fn next_half(x: u16, to: u16, at: f32, aim: f32) -> u16 {
    if at.is_nan() || at == aim {
        return if at.is_nan() { x } else { to };
    }
    if aim.is_nan() {
        return to;
    }
    if at == 0.0 {
        return (to & 0x8000) | 1;
    }
    if (at < aim) == (at > 0.0) { x + 1 } else { x - 1 }
}
