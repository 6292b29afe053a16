//! Functions of elements whose meaning differs from torch's: integer division by zero, powers, signs, reciprocals.

use crate::base::error::value_error;
use crate::base::scalar::Cast;
use crate::base::{DType, Scalar};
use crate::cpu::copy;
use crate::dispatch;
use crate::eval::raise::Res;
use crate::eval::torch::rows::call_named;
use crate::eval::value::Value;
use crate::ops::args::In;
use crate::store::View;
use crate::tensor::Tensor;

/// Calls an op of the table on views.
pub fn row(name: &str, inputs: &[&View]) -> Res<View> {
    let inputs: Vec<In<Tensor>> = inputs.iter().map(|v| In::Tensor(Tensor::new((*v).clone()))).collect();
    match call_named(name, &inputs, &[])? {
        Value::Tensor(t) => Ok(t.view()?),
        _ => Err(crate::base::error::runtime(format!("internal: {name} gives no tensor")).into()),
    }
}

/// An exact integer function of two operands of one integer dtype; the result wraps.
fn integers(a: &View, b: &View, f: fn(i128, i128) -> i128) -> Res<View> {
    let (a, b) = (copy::contiguous(a)?, copy::contiguous(b)?);
    let mut out = View::empty(a.dtype(), a.sizes())?;
    let wide = |s: Scalar| match s {
        Scalar::UInt(u) => i128::from(u),
        other => i128::from(other.to_i64()),
    };
    dispatch!(a.dtype(), integral T => {
        for (o, (x, y)) in out.slice_mut::<T>().iter_mut().zip(a.slice::<T>().iter().zip(b.slice::<T>())) {
            // Truncation to 64 bits is what makes it wrap.
            *o = T::from_scalar(Scalar::UInt(f(wide(x.to_scalar()), wide(y.to_scalar())) as u64));
        }
    }, else ());
    Ok(out)
}

/// A function of one float.
pub fn floats(x: &View, f: fn(f64) -> f64) -> Res<View> {
    let x = copy::contiguous(x)?;
    let mut out = View::empty(x.dtype(), x.sizes())?;
    dispatch!(x.dtype(), float T => {
        for (o, x) in out.slice_mut::<T>().iter_mut().zip(x.slice::<T>()) {
            *o = T::from_scalar(Scalar::Float(f(x.to_scalar().to_f64())));
        }
    }, else ());
    Ok(out)
}

/// `a // b`; an integer divided by zero gives 0.
pub fn floor_divide(a: &View, b: &View) -> Res<View> {
    if a.dtype().is_int() {
        return integers(a, b, |x, y| match y {
            0 => 0,
            _ => x.div_euclid(y) - i128::from(y < 0 && x.rem_euclid(y) != 0),
        });
    }
    row("floor_divide", &[a, b])
}

/// `a % b` with the sign of `b`; an integer modulo zero gives 0.
pub fn remainder(a: &View, b: &View) -> Res<View> {
    if a.dtype().is_int() {
        return integers(a, b, |x, y| match y {
            0 => 0,
            _ => {
                let r = x % y;
                if r != 0 && (r < 0) != (y < 0) { r + y } else { r }
            }
        });
    }
    row("remainder", &[a, b])
}

/// C's remainder, with the sign of `a`; an integer modulo zero gives 0.
pub fn fmod(a: &View, b: &View) -> Res<View> {
    if a.dtype().is_int() {
        return integers(a, b, |x, y| if y == 0 { 0 } else { x % y });
    }
    row("fmod", &[a, b])
}

/// `a ** b`; integers wrap and take no negative exponents.
pub fn power(a: &View, b: &View) -> Res<View> {
    if !a.dtype().is_int() {
        return row("pow", &[a, b]);
    }
    if (0..b.numel()).any(|i| matches!(b.get(i), Scalar::Int(v) if v < 0)) {
        return Err(value_error("Integers to negative integer powers are not allowed.").into());
    }
    integers(a, b, |x, y| {
        let (mut base, mut left, mut result) = (x as u64, y as u64, 1u64);
        while left > 0 {
            if left & 1 == 1 {
                result = result.wrapping_mul(base);
            }
            base = base.wrapping_mul(base);
            left >>= 1;
        }
        i128::from(result)
    })
}

/// The greatest common divisor.
pub fn gcd(a: &View, b: &View) -> Res<View> {
    integers(a, b, divisor)
}

/// The least common multiple.
pub fn lcm(a: &View, b: &View) -> Res<View> {
    integers(a, b, |x, y| match divisor(x, y) {
        0 => 0,
        d => (x / d * y).abs(),
    })
}

fn divisor(mut x: i128, mut y: i128) -> i128 {
    while y != 0 {
        (x, y) = (y, x % y);
    }
    x.abs()
}

/// -1, 0 or 1; nan for nan.
pub fn sign(x: &View) -> Res<View> {
    if x.dtype().is_float() {
        return floats(x, |v| if v.is_nan() || v == 0.0 { v.abs() } else { v.signum() });
    }
    if x.dtype().is_complex() {
        return row("sgn", &[x]);
    }
    integers(x, x, |v, _| v.signum())
}

/// `1 / x`; of an integer the whole part.
pub fn reciprocal(x: &View) -> Res<View> {
    if x.dtype().is_int() {
        return integers(x, x, |v, _| match v {
            1 | -1 => v,
            _ => 0,
        });
    }
    row("reciprocal", &[x])
}

/// The cube root.
pub fn cbrt(x: &View) -> Res<View> {
    floats(x, f64::cbrt)
}

/// The product of an element with itself.
pub fn square(x: &View) -> Res<View> {
    row("mul", &[x, x])
}

/// To the nearest whole number, halves to even.
pub fn rint(x: &View) -> Res<View> {
    floats(x, f64::round_ties_even)
}

/// `x1 * 2**x2`.
pub fn ldexp(a: &View, b: &View) -> Res<View> {
    let scale = row("exp2", &[b])?;
    row("mul", &[a, &scale])
}

/// Rounds to a number of decimals, halves to even, by scaling as NumPy does.
pub fn round(x: &View, decimals: i64) -> Res<View> {
    if x.dtype().is_integral() {
        if decimals >= 0 {
            return Ok(copy::clone(x)?);
        }
        let scale = 10i128.checked_pow(decimals.unsigned_abs().min(38) as u32).unwrap_or(i128::MAX);
        let mut out = copy::clone(x)?;
        dispatch!(x.dtype(), int T => {
            for o in out.slice_mut::<T>() {
                let v = i128::from(o.to_scalar().to_i64());
                let (down, rest) = (v.div_euclid(scale), v.rem_euclid(scale));
                let up = rest * 2 > scale || (rest * 2 == scale && down % 2 != 0);
                *o = T::from_scalar(Scalar::Int(((down + i128::from(up)) * scale) as i64));
            }
        }, else ());
        return Ok(out);
    }
    if x.dtype().is_complex() {
        let parts = crate::cpu::shape::view_as_real(&copy::contiguous(x)?)?;
        return Ok(crate::cpu::shape::view_as_complex(&round(&parts, decimals)?)?);
    }
    let scale = View::scalar(x.dtype(), Scalar::Float(10f64.powi(decimals.unsigned_abs().min(400) as i32)))?;
    match decimals {
        0 => rint(x),
        d if d > 0 => row("div", &[&rint(&row("mul", &[x, &scale])?)?, &scale]),
        _ => row("mul", &[&rint(&row("div", &[x, &scale])?)?, &scale]),
    }
}

/// The elements as another dtype, a fresh copy.
pub fn astype(x: &View, dtype: DType) -> Res<View> {
    if x.dtype() == dtype { Ok(copy::clone(x)?) } else { Ok(copy::cast(x, dtype)?) }
}
