//! Powers of ints, floats and complex numbers, and modular powers.

use crate::base::dtype::C64;
use crate::base::error::{Error, ErrorKind, value_error, zero_division};
use crate::base::interrupt;
use crate::eval::raise::Res;
use crate::eval::value::Value;
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed, ToPrimitive, Zero};

/// Bits from which a power takes long enough to be interrupted.
const BITS_LONG: u64 = 1 << 22;

/// Bits beyond which a power is refused instead of filling the memory.
const BITS_LIMIT: u64 = 1 << 33;

/// `base ** exponent` for an exponent of 0 or more.
///
/// # Errors
/// `MemoryError` for a result of more than a gigabyte.
pub fn int(base: &BigInt, exponent: &BigInt) -> Res<BigInt> {
    if base.magnitude().is_one() || base.is_zero() {
        let odd = exponent.is_odd();
        return Ok(if exponent.is_zero() || (base.is_negative() && !odd) { BigInt::one() } else { base.clone() });
    }
    match exponent.to_u32() {
        Some(e) if base.bits().saturating_mul(u64::from(e)) < BITS_LONG => Ok(base.pow(e)),
        Some(e) if base.bits().saturating_mul(u64::from(e)) < BITS_LIMIT => {
            let base = base.clone();
            Ok(interrupt::abandonable(move || base.pow(e)))
        }
        _ => Err(Error::new(ErrorKind::MemoryError, "").into()),
    }
}

/// `pow(base, exponent, modulus)`, with the modulus' sign.
///
/// # Errors
/// `ValueError` for a modulus of 0 and for a base without inverse.
pub fn modular(base: &BigInt, exponent: &BigInt, modulus: &BigInt) -> Res<BigInt> {
    if modulus.is_zero() {
        return Err(value_error("pow() 3rd argument cannot be 0").into());
    }
    let positive = modulus.abs();
    let mut base = base.mod_floor(&positive);
    if exponent.is_negative() {
        let gcd = base.extended_gcd(&positive);
        if !gcd.gcd.is_one() {
            return Err(value_error("base is not invertible for the given modulus").into());
        }
        base = gcd.x.mod_floor(&positive);
    }
    let value = base.modpow(&exponent.abs(), &positive);
    Ok(value.mod_floor(modulus))
}

/// `a ** b` for floats; a negative base with a fraction for exponent gives a complex.
///
/// # Errors
/// `ZeroDivisionError`, `OverflowError`.
pub fn float(a: f64, b: f64) -> Res {
    if a == 0.0 && b < 0.0 {
        return Err(zero_division("0.0 cannot be raised to a negative power").into());
    }
    if a < 0.0 && a.is_finite() && b.is_finite() && b != b.trunc() {
        return Ok(Value::complex(complex(C64::new(a, 0.0), C64::new(b, 0.0))?));
    }
    let value = a.powf(b);
    if value.is_infinite() && a.is_finite() && b.is_finite() {
        return Err(Error::new(ErrorKind::OverflowError, "(34, 'Numerical result out of range')").into());
    }
    Ok(Value::Float(value))
}

/// `a ** b` for complex numbers: by squaring for small whole exponents, else in polar form.
///
/// # Errors
/// `ZeroDivisionError`, `OverflowError`.
pub fn complex(a: C64, b: C64) -> Res<C64> {
    if b.re == 0.0 && b.im == 0.0 {
        return Ok(C64::new(1.0, 0.0));
    }
    if a.re == 0.0 && a.im == 0.0 {
        if b.im != 0.0 || b.re < 0.0 {
            return Err(zero_division("0.0 to a negative or complex power").into());
        }
        return Ok(C64::new(0.0, 0.0));
    }
    let value = if b.im == 0.0 && b.re == b.re.floor() && b.re.abs() <= 100.0 {
        let mut result = C64::new(1.0, 0.0);
        let (mut left, mut square) = (b.re.abs() as u32, a);
        while left > 0 {
            if left & 1 == 1 {
                result = times(result, square);
            }
            square = times(square, square);
            left >>= 1;
        }
        if b.re < 0.0 { super::complex_div(C64::new(1.0, 0.0), result)? } else { result }
    } else {
        let size = a.re.hypot(a.im);
        let angle = a.im.atan2(a.re);
        let mut length = size.powf(b.re);
        let mut phase = angle * b.re;
        if b.im != 0.0 {
            length /= (angle * b.im).exp();
            phase += b.im * size.ln();
        }
        C64::new(length * phase.cos(), length * phase.sin())
    };
    if value.re.is_infinite() || value.im.is_infinite() {
        return Err(Error::new(ErrorKind::OverflowError, "complex exponentiation").into());
    }
    Ok(value)
}

fn times(x: C64, y: C64) -> C64 {
    C64::new(x.re * y.re - x.im * y.im, x.re * y.im + x.im * y.re)
}
