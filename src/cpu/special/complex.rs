//! Elementary functions of complex numbers with C99's (Annex G) results at infinities, nans and signed zeros, by W. Kahan's
//! formulas ("Branch cuts for complex elementary functions", 1987).
//!
//! All are written over `f64`; single precision computes in it and rounds.

use crate::base::dtype::{C32, C64};
use num_complex::Complex;
use num_traits::Float;
use std::f64::consts::{FRAC_PI_2, LN_2, LN_10, PI};

/// Runs a function of [`C64`] on a [`C32`].
#[inline(always)]
pub fn single(z: C32, f: impl Fn(C64) -> C64) -> C32 {
    let w = f(C64::new(f64::from(z.re), f64::from(z.im)));
    C32::new(w.re as f32, w.im as f32)
}

fn c(re: f64, im: f64) -> C64 {
    C64::new(re, im)
}

/// `i z`.
fn times_i(z: C64) -> C64 {
    c(-z.im, z.re)
}

/// `-i z`.
fn times_minus_i(z: C64) -> C64 {
    c(z.im, -z.re)
}

/// Beyond this, squares overflow.
const LARGE: f64 = 1e150;

/// `|z|`, infinite where a part is.
pub fn abs(z: C64) -> f64 {
    z.re.hypot(z.im)
}

/// The argument, in `[-pi, pi]`.
pub fn angle(z: C64) -> f64 {
    z.im.atan2(z.re)
}

/// `z / |z|`, 0 at 0.
pub fn sgn(z: C64) -> C64 {
    let size = abs(z);
    if size == 0.0 { c(0.0, 0.0) } else { c(z.re / size, z.im / size) }
}

/// `a / b`, scaled by the larger part of `b`, in the type's own arithmetic: infinities and zeros come out as torch's do,
/// and so does rounding, with products fused into sums.
pub fn div<T: Float>(a: Complex<T>, b: Complex<T>) -> Complex<T> {
    if b.re.abs() >= b.im.abs() {
        if b.re == T::zero() && b.im == T::zero() {
            return Complex::new(a.re / b.re.abs(), a.im / b.im.abs());
        }
        let ratio = b.im / b.re;
        let scale = T::one() / (b.im.mul_add(ratio, b.re));
        Complex::new(a.im.mul_add(ratio, a.re) * scale, (-a.re).mul_add(ratio, a.im) * scale)
    } else {
        let ratio = b.re / b.im;
        let scale = T::one() / (b.re.mul_add(ratio, b.im));
        Complex::new(a.re.mul_add(ratio, a.im) * scale, a.im.mul_add(ratio, -a.re) * scale)
    }
}

/// `a b`, without C's recovery of infinities, as torch.
pub fn mul<T: Float>(a: Complex<T>, b: Complex<T>) -> Complex<T> {
    Complex::new(a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re)
}

/// `1 / z`.
pub fn reciprocal<T: Float>(z: Complex<T>) -> Complex<T> {
    div(Complex::new(T::one(), T::zero()), z)
}

/// Square root, right half plane.
pub fn sqrt(z: C64) -> C64 {
    let (x, y) = (z.re, z.im);
    if x == 0.0 && y == 0.0 {
        return c(0.0, y);
    }
    if y.is_infinite() {
        return c(f64::INFINITY, y);
    }
    if x.is_nan() {
        return c(x, f64::NAN);
    }
    if x.is_infinite() {
        let other = if y.is_nan() { y } else { 0.0f64.copysign(y) };
        return if x > 0.0 { c(x, other) } else { c(other.abs(), f64::INFINITY.copysign(y)) };
    }
    if y.is_nan() {
        return c(y, y);
    }
    // Scaled by a power of 4 into the safe range.
    let largest = x.abs().max(y.abs());
    let (scale, back) = if largest > LARGE {
        (2f64.powi(-600), 2f64.powi(300))
    } else if largest < 1e-150 {
        (2f64.powi(600), 2f64.powi(-300))
    } else {
        (1.0, 1.0)
    };
    let (x, y) = (x * scale, y * scale);
    if y == 0.0 {
        return if x < 0.0 { c(0.0, (-x).sqrt().copysign(y) * back) } else { c(x.sqrt() * back, y) };
    }
    let t = ((x.abs() + x.hypot(y)) * 0.5).sqrt();
    if x >= 0.0 { c(t * back, y / (2.0 * t) * back) } else { c(y.abs() / (2.0 * t) * back, t.copysign(y) * back) }
}

/// `exp(x) * (factor)`, where `exp(x)` alone may overflow or vanish.
fn exp_times(x: f64, factor: f64) -> f64 {
    if x > 700.0 { (x - 700.0).exp() * (factor * 700f64.exp()) } else { x.exp() * factor }
}

/// Exponential.
pub fn exp(z: C64) -> C64 {
    let (x, y) = (z.re, z.im);
    if y == 0.0 {
        return c(x.exp(), y);
    }
    if !y.is_finite() {
        return if x == f64::NEG_INFINITY {
            c(0.0, 0.0f64.copysign(y))
        } else if x == f64::INFINITY {
            c(f64::INFINITY, f64::NAN)
        } else {
            c(f64::NAN, f64::NAN)
        };
    }
    let (sin, cos) = y.sin_cos();
    if x.is_infinite() {
        let size = if x > 0.0 { f64::INFINITY } else { 0.0 };
        return c(size.copysign(cos), size.copysign(sin));
    }
    c(exp_times(x, cos), exp_times(x, sin))
}

/// `2^z`.
pub fn exp2(z: C64) -> C64 {
    exp(c(z.re * LN_2, z.im * LN_2))
}

/// `exp(z) - 1`, exact near 0.
pub fn expm1(z: C64) -> C64 {
    let (x, y) = (z.re, z.im);
    let half = (y * 0.5).sin();
    let (sin, cos) = y.sin_cos();
    c(x.exp_m1() * cos - 2.0 * half * half, x.exp() * sin)
}

/// `x^2 + y^2 - 1` without cancellation: products and sums with their errors.
fn norm_minus_one(x: f64, y: f64) -> f64 {
    let (xx, yy) = (x * x, y * y);
    let (dx, dy) = (x.mul_add(x, -xx), y.mul_add(y, -yy));
    let (big, small) = if xx >= yy { (xx, yy) } else { (yy, xx) };
    let first = big - 1.0;
    // The error of `big - 1`, exact by Dekker's sum.
    let lost = (big - (first + 1.0)) + ((first + 1.0) - first - 1.0);
    let sum = first + small;
    let rest = if first.abs() >= small { (first - sum) + small } else { (small - sum) + first };
    sum + (rest + lost + dx + dy)
}

/// Natural logarithm.
pub fn log(z: C64) -> C64 {
    let (x, y) = (z.re.abs(), z.im.abs());
    let (big, small) = if x > y { (x, y) } else { (y, x) };
    let re = if z.re.is_infinite() || z.im.is_infinite() {
        f64::INFINITY
    } else if x.is_nan() || y.is_nan() {
        f64::NAN
    } else if big == 0.0 {
        f64::NEG_INFINITY
    } else if (0.5..2.0).contains(&big) {
        0.5 * norm_minus_one(big, small).ln_1p()
    } else if !(1e-150..=LARGE).contains(&big) {
        // Scaled by a power of two.
        let (_, e) = libm::frexp(big);
        let e = e.clamp(-1021, 1021);
        let scaled = libm::ldexp(big, -e).hypot(libm::ldexp(small, -e));
        scaled.ln() + f64::from(e) * LN_2
    } else {
        x.hypot(y).ln()
    };
    c(re, angle(z))
}

/// Logarithm to base 2.
pub fn log2(z: C64) -> C64 {
    let w = log(z);
    c(w.re / LN_2, w.im / LN_2)
}

/// Logarithm to base 10.
pub fn log10(z: C64) -> C64 {
    let w = log(z);
    c(w.re / LN_10, w.im / LN_10)
}

/// `ln(1 + z)`, exact near 0.
pub fn log1p(z: C64) -> C64 {
    let (x, y) = (z.re, z.im);
    let angle = y.atan2(x + 1.0);
    if abs(z) >= 0.5 || x.is_nan() || y.is_nan() {
        return c(log(c(x + 1.0, y)).re, angle);
    }
    let r = x * (2.0 + x) + y * y;
    c(if r == 0.0 { x } else { 0.5 * r.ln_1p() }, angle)
}

/// Hyperbolic sine.
pub fn sinh(z: C64) -> C64 {
    let (x, y) = (z.re, z.im);
    if y == 0.0 {
        return c(x.sinh(), y);
    }
    if x.is_finite() && y.is_finite() {
        let (sin, cos) = y.sin_cos();
        if x.abs() > 40.0 {
            return c((exp_times(x.abs(), 0.5 * cos)).copysign(cos * x.signum()), exp_times(x.abs(), 0.5 * sin));
        }
        return c(x.sinh() * cos, x.cosh() * sin);
    }
    match (x.is_infinite(), y.is_finite()) {
        (true, true) => {
            let (sin, cos) = y.sin_cos();
            c(x * 1f64.copysign(cos), f64::INFINITY.copysign(sin))
        }
        (true, false) => c(if y.is_nan() { x.abs() } else { f64::INFINITY }, f64::NAN),
        _ if x == 0.0 => c(x, f64::NAN),
        _ => c(f64::NAN, f64::NAN),
    }
}

/// Hyperbolic cosine.
pub fn cosh(z: C64) -> C64 {
    let (x, y) = (z.re, z.im);
    if y == 0.0 {
        return c(x.cosh(), if x.is_nan() { y } else { y * 1f64.copysign(x) });
    }
    if x.is_finite() && y.is_finite() {
        let (sin, cos) = y.sin_cos();
        if x.abs() > 40.0 {
            return c(exp_times(x.abs(), 0.5 * cos), exp_times(x.abs(), 0.5 * sin) * x.signum());
        }
        return c(x.cosh() * cos, x.sinh() * sin);
    }
    match (x.is_infinite(), y.is_finite()) {
        (true, true) => {
            let (sin, cos) = y.sin_cos();
            c(f64::INFINITY.copysign(cos), f64::INFINITY.copysign(sin) * 1f64.copysign(x))
        }
        (true, false) => c(f64::INFINITY, f64::NAN),
        _ if x == 0.0 => c(f64::NAN, 0.0),
        _ => c(f64::NAN, f64::NAN),
    }
}

/// Hyperbolic tangent.
pub fn tanh(z: C64) -> C64 {
    let (x, y) = (z.re, z.im);
    if x.is_infinite() {
        let im = if y.is_finite() { 0.0f64.copysign((2.0 * y).sin()) } else { 0.0f64.copysign(y) };
        return c(1f64.copysign(x), im);
    }
    if x.is_nan() {
        return c(x, if y == 0.0 { y } else { f64::NAN });
    }
    if !y.is_finite() {
        return c(if x == 0.0 { x } else { f64::NAN }, f64::NAN);
    }
    let (sin, cos) = y.sin_cos();
    if x.abs() > 22.0 {
        return c(1f64.copysign(x), 4.0 * sin * cos * (-2.0 * x.abs()).exp());
    }
    let (sinh, cosh) = (x.sinh(), x.cosh());
    // The smaller square counts for nothing once it is below the other's rounding.
    let under = if sinh.abs() > cos.abs() * f64::EPSILON { sinh * sinh + cos * cos } else { cos * cos };
    c(sinh * cosh / under, sin * cos / under)
}

/// Sine.
pub fn sin(z: C64) -> C64 {
    if z.re.is_infinite() && z.im.is_infinite() {
        return c(f64::NAN, f64::INFINITY);
    }
    times_minus_i(sinh(times_i(z)))
}

/// Cosine.
pub fn cos(z: C64) -> C64 {
    cosh(times_i(z))
}

/// Tangent.
pub fn tan(z: C64) -> C64 {
    times_minus_i(tanh(times_i(z)))
}

/// Inverse hyperbolic sine.
pub fn asinh(z: C64) -> C64 {
    let (x, y) = (z.re, z.im);
    if x.is_infinite() {
        let im = if y.is_infinite() {
            (PI / 4.0).copysign(y)
        } else if y.is_nan() {
            y
        } else {
            0.0f64.copysign(y)
        };
        return c(x, im);
    }
    if y.is_infinite() {
        let re = f64::INFINITY.copysign(x);
        return c(re, if x.is_nan() { x } else { FRAC_PI_2.copysign(y) });
    }
    if x.is_nan() || y.is_nan() {
        return c(f64::NAN, if y == 0.0 { y } else { f64::NAN });
    }
    if x.abs() > LARGE || y.abs() > LARGE {
        let re = (x / 2.0).hypot(y / 2.0).ln() + 2.0 * LN_2;
        return c(re.copysign(x), y.atan2(x.abs()));
    }
    let s1 = sqrt(c(1.0 + y, -x));
    let s2 = sqrt(c(1.0 - y, x));
    let re = (s1.re * s2.im - s2.re * s1.im).asinh();
    c(re, y.atan2(s1.re * s2.re - s1.im * s2.im))
}

/// Inverse hyperbolic cosine.
pub fn acosh(z: C64) -> C64 {
    let (x, y) = (z.re, z.im);
    if x.is_infinite() || y.is_infinite() {
        let im = if x.is_nan() || y.is_nan() { f64::NAN } else { y.atan2(x) };
        return c(f64::INFINITY, im);
    }
    if x.is_nan() || y.is_nan() {
        return c(f64::NAN, if x == 0.0 { FRAC_PI_2 } else { f64::NAN });
    }
    if x.abs() > LARGE || y.abs() > LARGE {
        return c((x / 2.0).hypot(y / 2.0).ln() + 2.0 * LN_2, y.atan2(x));
    }
    let s1 = sqrt(c(x - 1.0, y));
    let s2 = sqrt(c(x + 1.0, y));
    c((s1.re * s2.re + s1.im * s2.im).asinh(), 2.0 * s1.im.atan2(s2.re))
}

/// Inverse hyperbolic tangent.
pub fn atanh(z: C64) -> C64 {
    let (x, y) = (z.re, z.im);
    if x.is_infinite() || y.is_infinite() {
        let im = if y.is_nan() { y } else { FRAC_PI_2.copysign(y) };
        return c(0.0f64.copysign(x), im);
    }
    if x.is_nan() || y.is_nan() {
        return c(if x == 0.0 { x } else { f64::NAN }, f64::NAN);
    }
    // Odd in x: computed for x >= 0.
    let (size, sign) = (x.abs(), 1f64.copysign(x));
    let ay = y.abs();
    if size > LARGE || ay > LARGE {
        let h = (size / 2.0).hypot(y / 2.0);
        return c((size / 4.0 / h / h).copysign(x), FRAC_PI_2.copysign(y));
    }
    if size == 1.0 && ay < 1e-150 {
        if ay == 0.0 {
            return c(f64::INFINITY.copysign(x), y);
        }
        let h = ay.hypot(2.0);
        return c(-((ay.sqrt() / h.sqrt()).ln()) * sign, (2f64.atan2(-ay) / 2.0).copysign(y));
    }
    let gap = (1.0 - size) * (1.0 - size) + ay * ay;
    let re = (4.0 * size / gap).ln_1p() / 4.0;
    let im = (2.0 * y).atan2((1.0 - size) * (1.0 + size) - ay * ay) / 2.0;
    c(re.copysign(x), im)
}

/// Inverse sine.
pub fn asin(z: C64) -> C64 {
    times_minus_i(asinh(times_i(z)))
}

/// Inverse cosine, as torch's kernel for double precision has it: `pi / 2 - asin(z)`.
pub fn acos(z: C64) -> C64 {
    let w = asin(z);
    c(FRAC_PI_2 - w.re, 0.0 - w.im)
}

/// Inverse cosine in single precision: `acosh`, turned by a quarter.
pub fn acos_single(z: C32) -> C32 {
    single(z, |z| {
        let w = acosh(z);
        c(w.im.abs(), w.re.copysign(-z.im))
    })
}

/// Inverse tangent.
pub fn atan(z: C64) -> C64 {
    times_minus_i(atanh(times_i(z)))
}

/// C99's product: infinities come out where naive parts would be nan (Annex G.5.1).
fn mul_recovering(a: C64, b: C64) -> C64 {
    let naive = mul(a, b);
    if !naive.re.is_nan() || !naive.im.is_nan() {
        return naive;
    }
    let infinite = |z: C64| z.re.is_infinite() || z.im.is_infinite();
    let boxed = |x: f64| (if x.is_infinite() { 1.0f64 } else { 0.0 }).copysign(x);
    let quiet = |z: C64| {
        let part = |x: f64| if x.is_nan() { 0.0f64.copysign(x) } else { x };
        c(part(z.re), part(z.im))
    };
    let (mut a, mut b, mut recover) = (a, b, false);
    if infinite(a) {
        (a, b, recover) = (c(boxed(a.re), boxed(a.im)), quiet(b), true);
    }
    if infinite(b) {
        (b, a, recover) = (c(boxed(b.re), boxed(b.im)), quiet(a), true);
    }
    let overflowed = [a.re * b.re, a.im * b.im, a.re * b.im, a.im * b.re].iter().any(|x| x.is_infinite());
    if !recover && overflowed {
        (a, b, recover) = (quiet(a), quiet(b), true);
    }
    if !recover {
        return naive;
    }
    let w = mul(a, b);
    c(f64::INFINITY * w.re, f64::INFINITY * w.im)
}

/// `x^y = exp(y ln x)`, as the C library has it (so `0^0` is nan).
pub fn pow(x: C64, y: C64) -> C64 {
    exp(mul_recovering(y, log(x)))
}

/// [`pow`] in single precision, which rounds the logarithm and the product.
pub fn pow_single(x: C32, y: C32) -> C32 {
    let wide = |z: C32| c(f64::from(z.re), f64::from(z.im));
    let l = single(x, log);
    let product = mul(y, l);
    if product.re.is_nan() && product.im.is_nan() {
        return single(l, |l| exp(mul_recovering(wide(y), l)));
    }
    single(product, exp)
}

/// `1 / (1 + exp(-z))`.
pub fn sigmoid(z: C64) -> C64 {
    let e = exp(-z);
    reciprocal(c(1.0 + e.re, e.im))
}

/// [`sigmoid`] in single precision, whose exponential overflows sooner.
pub fn sigmoid_single(z: C32) -> C32 {
    let e = single(-z, exp);
    reciprocal(C32::new(1.0 + e.re, e.im))
}

/// [`exp2`] in single precision, which rounds `z ln(2)` first.
pub fn exp2_single(z: C32) -> C32 {
    let ln_2 = std::f32::consts::LN_2;
    single(C32::new(z.re * ln_2, z.im * ln_2), exp)
}

/// `ln(z / (1 - z))`.
pub fn logit(z: C64) -> C64 {
    log(div(z, c(1.0 - z.re, -z.im)))
}

/// `sin(pi z) / (pi z)`.
pub fn sinc(z: C64) -> C64 {
    if z == c(0.0, 0.0) {
        return c(1.0, 0.0);
    }
    let angle = c(PI * z.re, PI * z.im);
    div(sin(angle), angle)
}

/// [`sinc`] in single precision, whose angle is rounded.
pub fn sinc_single(z: C32) -> C32 {
    if z == C32::new(0.0, 0.0) {
        return C32::new(1.0, 0.0);
    }
    let angle = C32::new(std::f32::consts::PI * z.re, std::f32::consts::PI * z.im);
    div(single(angle, sin), angle)
}

/// `log(exp(x) + exp(y))`.
pub fn logaddexp(x: C64, y: C64) -> C64 {
    if x.is_nan() || y.is_nan() {
        return c(f64::NAN, f64::NAN);
    }
    let (low, high) = if x.re < y.re { (x, y) } else { (y, x) };
    if low.re == f64::NEG_INFINITY {
        return if high.re == f64::NEG_INFINITY { low } else { high };
    }
    if !low.re.is_finite() && low.re == high.re {
        return (low.exp() + high.exp()).ln();
    }
    // log(1 + z), with the real part by way of log1p.
    let z = (low - high).exp();
    let square = z.re * (2.0 + z.re) + z.im * z.im;
    c(0.5 * square.ln_1p(), z.im.atan2(1.0 + z.re)) + high
}

/// [`logaddexp`] in single precision.
pub fn logaddexp_single(x: C32, y: C32) -> C32 {
    single(x, |x| logaddexp(x, c(f64::from(y.re), f64::from(y.im))))
}
