//! The module `math`.

use super::gamma;
use crate::base::error::{Error, ErrorKind, overflow, type_error, value_error};
use crate::eval::interp::Interp;
use crate::eval::module::Module;
use crate::eval::number::{Num, convert, float};
use crate::eval::raise::Res;
use crate::eval::value::Value;
use crate::lang::ast::BinOp;
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed, ToPrimitive, Zero};

builtin_table! {
    /// Functions of math.
    TABLE of "math" {
        "sqrt" ("x, /") "Return the square root." => |it, a| unary(it, a, f64::sqrt);
        "cbrt" ("x, /") "Return the cube root." => |it, a| unary(it, a, f64::cbrt);
        "exp" ("x, /") "Return e to the power x." => |it, a| unary(it, a, f64::exp);
        "exp2" ("x, /") "Return 2 to the power x." => |it, a| unary(it, a, f64::exp2);
        "expm1" ("x, /") "Return exp(x) - 1, exact for small x." => |it, a| unary(it, a, f64::exp_m1);
        "log" ("x, base=None, /") "Return the logarithm, natural or to a base." => |it, a| {
            let num = logarithm(it, &a[0], f64::ln)?;
            match a[1].given() {
                None => Ok(Value::Float(num)),
                Some(base) => {
                    let den = logarithm(it, &base.clone(), f64::ln)?;
                    float::binary(BinOp::Div, num, den)
                }
            }
        };
        "log2" ("x, /") "Return the logarithm to base 2." => |it, a| Ok(Value::Float(logarithm(it, &a[0], f64::log2)?));
        "log10" ("x, /") "Return the logarithm to base 10." => |it, a| Ok(Value::Float(logarithm(it, &a[0], f64::log10)?));
        "log1p" ("x, /") "Return log(1 + x), exact for small x." => |it, a| unary(it, a, f64::ln_1p);
        "sin" ("x, /") "Return the sine." => |it, a| unary(it, a, f64::sin);
        "cos" ("x, /") "Return the cosine." => |it, a| unary(it, a, f64::cos);
        "tan" ("x, /") "Return the tangent." => |it, a| unary(it, a, f64::tan);
        "asin" ("x, /") "Return the arc sine." => |it, a| unary(it, a, f64::asin);
        "acos" ("x, /") "Return the arc cosine." => |it, a| unary(it, a, f64::acos);
        "atan" ("x, /") "Return the arc tangent." => |it, a| unary(it, a, f64::atan);
        "sinh" ("x, /") "Return the hyperbolic sine." => |it, a| unary(it, a, f64::sinh);
        "cosh" ("x, /") "Return the hyperbolic cosine." => |it, a| unary(it, a, f64::cosh);
        "tanh" ("x, /") "Return the hyperbolic tangent." => |it, a| unary(it, a, f64::tanh);
        "asinh" ("x, /") "Return the inverse hyperbolic sine." => |it, a| unary(it, a, libm::asinh);
        "acosh" ("x, /") "Return the inverse hyperbolic cosine." => |it, a| unary(it, a, libm::acosh);
        "atanh" ("x, /") "Return the inverse hyperbolic tangent." => |it, a| {
            let x = it.real(&a[0])?;
            if x.abs() == 1.0 { Err(domain()) } else { unary(it, a, libm::atanh) }
        };
        "erf" ("x, /") "Return the error function." => |it, a| unary(it, a, libm::erf);
        "erfc" ("x, /") "Return the complementary error function." => |it, a| unary(it, a, libm::erfc);
        "gamma" ("x, /") "Return the gamma function." => |it, a| match it.real(&a[0])? {
            0.0 => Err(domain()),
            _ => unary(it, a, gamma::gamma),
        };
        "lgamma" ("x, /") "Return the logarithm of the absolute gamma function." => |it, a| {
            let x = it.real(&a[0])?;
            if x <= 0.0 && x == x.floor() && x.is_finite() { Err(domain()) } else { unary(it, a, gamma::lgamma) }
        };
        "degrees" ("x, /") "Turn radians into degrees." => |it, a| unary(it, a, |x| x * (180.0 / std::f64::consts::PI));
        "radians" ("x, /") "Turn degrees into radians." => |it, a| unary(it, a, |x| x * (std::f64::consts::PI / 180.0));
        "fabs" ("x, /") "Return the absolute value as a float." => |it, a| unary(it, a, f64::abs);
        "atan2" ("y, x, /") "Return the angle of the point (x, y)." => |it, a| {
            Ok(Value::Float(it.real(&a[0])?.atan2(it.real(&a[1])?)))
        };
        "copysign" ("x, y, /") "Return x with the sign of y." => |it, a| Ok(Value::Float(it.real(&a[0])?.copysign(it.real(&a[1])?)));
        "fmod" ("x, y, /") "Return the remainder with the sign of x." => |it, a| {
            let (x, y) = (it.real(&a[0])?, it.real(&a[1])?);
            checked(x % y, &[x, y])
        };
        "remainder" ("x, y, /") "Return the difference from the nearest multiple of y." => |it, a| {
            let (x, y) = (it.real(&a[0])?, it.real(&a[1])?);
            checked(libm::remainder(x, y), &[x, y])
        };
        "pow" ("x, y, /") "Return x to the power y as a float." => |it, a| {
            let (x, y) = (it.real(&a[0])?, it.real(&a[1])?);
            if x == 0.0 && y < 0.0 {
                return Err(domain());
            }
            checked(x.powf(y), &[x, y])
        };
        "ldexp" ("x, i, /") "Return x * 2**i." => |it, a| {
            if !matches!(a[1], Value::Int(_) | Value::Bool(_) | Value::BigInt(_)) {
                return Err(type_error("Expected an int as second argument to ldexp.").at(&[1]).into());
            }
            let (x, i) = (it.real(&a[0])?, convert::index(&a[1])?.unwrap_or(i64::MAX));
            checked(libm::ldexp(x, i.clamp(-5000, 5000) as i32), &[x])
        };
        "frexp" ("x, /") "Return mantissa and exponent." => |it, a| {
            let (mantissa, exponent) = libm::frexp(it.real(&a[0])?);
            Ok(Value::tuple([Value::Float(mantissa), Value::Int(i64::from(exponent))]))
        };
        "modf" ("x, /") "Return the fractional and the whole part." => |it, a| {
            let x = it.real(&a[0])?;
            let part = if x.is_infinite() { 0.0 } else { x - x.trunc() };
            Ok(Value::tuple([Value::Float(part.copysign(x)), Value::Float(x.trunc())]))
        };
        "nextafter" ("x, y, /") "Return the next float behind x towards y." =>
            |it, a| Ok(Value::Float(libm::nextafter(it.real(&a[0])?, it.real(&a[1])?)));
        "ulp" ("x, /") "Return the value of the last bit." => |it, a| {
            let x = it.real(&a[0])?.abs();
            if !x.is_finite() {
                return Ok(Value::Float(x));
            }
            let up = x.next_up();
            Ok(Value::Float(if up.is_infinite() { x - x.next_down() } else { up - x }))
        };
        "floor" ("x, /") "Round down to an int." => |it, a| whole(it, a, f64::floor);
        "ceil" ("x, /") "Round up to an int." => |it, a| whole(it, a, f64::ceil);
        "trunc" ("x, /") "Round towards zero to an int." => |it, a| match Num::of(&a[0]) {
            Some(Num::Float(_) | Num::Int(_) | Num::Big(_)) => whole(it, a, f64::trunc),
            _ => Err(type_error(format!("type {} doesn't define __trunc__ method", a[0].type_name())).into()),
        };
        "isnan" ("x, /") "Return whether x is not a number." => |it, a| Ok(Value::Bool(it.real(&a[0])?.is_nan()));
        "isinf" ("x, /") "Return whether x is infinite." => |it, a| Ok(Value::Bool(it.real(&a[0])?.is_infinite()));
        "isfinite" ("x, /") "Return whether x is neither infinite nor nan." => |it, a| Ok(Value::Bool(it.real(&a[0])?.is_finite()));
        "isclose" ("a, b, *, rel_tol=1e-09, abs_tol=0.0") "Return whether two numbers are nearly equal." => |it, a| {
            let (x, y) = (it.real(&a[0])?, it.real(&a[1])?);
            let rel = match a[2].given() { Some(v) => it.real(&v.clone())?, None => 1e-9 };
            let abs = match a[3].given() { Some(v) => it.real(&v.clone())?, None => 0.0 };
            if rel < 0.0 || abs < 0.0 {
                return Err(value_error("tolerances must be non-negative").into());
            }
            let difference = (x - y).abs();
            Ok(Value::Bool(
                x == y || (x.is_finite() && y.is_finite() && (difference <= (rel * x).abs().max((rel * y).abs()) || difference <= abs))
            ))
        };
        "hypot" ("*coordinates") "Return the length of a vector." => |it, a| {
            let values = reals(it, &a[0])?;
            Ok(Value::Float(gamma::length(&values)))
        };
        "dist" ("p, q, /") "Return the distance of two points." => |it, a| {
            let (p, q) = (reals(it, &a[0])?, reals(it, &a[1])?);
            if p.len() != q.len() {
                return Err(value_error("both points must have the same number of dimensions").into());
            }
            let differences: Vec<f64> = p.iter().zip(&q).map(|(p, q)| p - q).collect();
            Ok(Value::Float(gamma::length(&differences)))
        };
        "fsum" ("seq, /") "Return the exact sum, rounded once." => |it, a| fsum(&reals(it, &a[0])?);
        "prod" ("iterable, /, *, start=1") "Return the product of an iterable's values and a start." => |it, a| {
            let mut total = a[1].given().cloned().unwrap_or(Value::Int(1));
            for value in it.collect(&a[0])? {
                total = it.binary(BinOp::Mul, &total, &value)?;
            }
            Ok(total)
        };
        "gcd" ("*integers") "Return the greatest common divisor." => |_, a| fold(&a[0], BigInt::zero(), |x, y| x.gcd(&y));
        "lcm" ("*integers") "Return the least common multiple." => |_, a| fold(&a[0], BigInt::one(), |x, y| x.lcm(&y));
        "factorial" ("n, /") "Return n!." => |it, a| {
            let n = small(it, &a[0], "factorial() not defined for negative values", "factorial() argument should not exceed 9223372036854775807")?;
            product(1, n).map(Value::int)
        };
        "comb" ("n, k, /") "Return how many ways there are to choose k of n." => |it, a| {
            let (n, k) = (count(it, &a[0], "n")?, count(it, &a[1], "k")?);
            if k > n {
                return Ok(Value::Int(0));
            }
            let k = k.min(n - k);
            let mut total = BigInt::one();
            for i in 0..k {
                total = total * (n - i) / (i + 1);
            }
            Ok(Value::int(total))
        };
        "perm" ("n, k=None, /") "Return how many ordered ways there are to choose k of n." => |it, a| {
            let n = count(it, &a[0], "n")?;
            let k = match a[1].some() { Some(k) => count(it, &k.clone(), "k")?, None => n };
            if k > n { Ok(Value::Int(0)) } else { product(n - k + 1, n).map(Value::int) }
        };
        "isqrt" ("n, /") "Return the whole part of the square root." => |_, a| {
            let n = convert::big(&a[0])?;
            if n.is_negative() {
                return Err(value_error("isqrt() argument must be nonnegative").into());
            }
            Ok(Value::int(n.sqrt()))
        };
    }
}

fn domain() -> crate::eval::raise::Raise {
    value_error("math domain error").into()
}

/// A nan out of numbers is a domain error, an infinity out of finite ones a range error.
fn checked(value: f64, from: &[f64]) -> Res {
    if value.is_nan() && !from.iter().any(|x| x.is_nan()) {
        return Err(domain());
    }
    if value.is_infinite() && from.iter().all(|x| x.is_finite()) {
        return Err(overflow("math range error").into());
    }
    Ok(Value::Float(value))
}

fn unary(it: &mut Interp, a: &[Value], func: fn(f64) -> f64) -> Res {
    let x = it.real(&a[0])?;
    let value = func(x);
    if value == f64::NEG_INFINITY && x.is_finite() {
        // log1p(-1) is a pole, sinh(-1000) an overflow.
        return Err(if x == -1.0 { domain() } else { overflow("math range error").into() });
    }
    checked(value, &[x])
}

/// A logarithm, also of ints beyond the floats.
fn logarithm(it: &mut Interp, value: &Value, log: fn(f64) -> f64) -> Res<f64> {
    if let Value::BigInt(big) = value
        && big.is_positive()
    {
        let shift = big.bits().saturating_sub(64);
        let top = (big.as_ref() >> shift).to_f64().unwrap_or(1.0);
        return Ok(log(top) + shift as f64 * log(2.0));
    }
    if matches!(value, Value::BigInt(_)) {
        return Err(domain());
    }
    let x = it.real(value)?;
    if x <= 0.0 { Err(domain()) } else { Ok(log(x)) }
}

fn whole(it: &mut Interp, a: &[Value], func: fn(f64) -> f64) -> Res {
    match Num::of(&a[0]) {
        Some(number @ (Num::Int(_) | Num::Big(_))) => Ok(number.big().map_or(Value::None, Value::int)),
        _ => {
            let x = it.real(&a[0])?;
            float::to_int(func(x))
        }
    }
}

fn reals(it: &mut Interp, values: &Value) -> Res<Vec<f64>> {
    let mut out = Vec::new();
    for value in it.collect(values)? {
        out.push(it.real(&value)?);
    }
    Ok(out)
}

/// Shewchuk's exact sum: the partial sums never overlap, and the last step rounds once.
fn fsum(values: &[f64]) -> Res {
    let mut partials: Vec<f64> = Vec::new();
    let mut special = 0.0;
    for &value in values {
        if !value.is_finite() {
            special += value;
            continue;
        }
        let mut x = value;
        let mut kept = 0;
        for i in 0..partials.len() {
            let mut y = partials[i];
            if x.abs() < y.abs() {
                std::mem::swap(&mut x, &mut y);
            }
            let high = x + y;
            let low = y - (high - x);
            if low != 0.0 {
                partials[kept] = low;
                kept += 1;
            }
            x = high;
        }
        partials.truncate(kept);
        partials.push(x);
    }
    if special != 0.0 || special.is_nan() {
        if special.is_nan() && !values.iter().any(|v| v.is_nan()) {
            return Err(value_error("-inf + inf in fsum").into());
        }
        return Ok(Value::Float(special));
    }
    let Some(mut high) = partials.pop() else { return Ok(Value::Float(0.0)) };
    let mut low = 0.0;
    while let Some(y) = partials.pop() {
        let x = high;
        high = x + y;
        low = y - (high - x);
        if low != 0.0 {
            break;
        }
    }
    // Halfway cases round by the sign of what is left.
    if let Some(next) = partials.last()
        && ((low < 0.0 && *next < 0.0) || (low > 0.0 && *next > 0.0))
    {
        let twice = low * 2.0;
        let x = high + twice;
        if twice == x - high {
            high = x;
        }
    }
    Ok(Value::Float(high))
}

fn fold(values: &Value, start: BigInt, func: fn(BigInt, BigInt) -> BigInt) -> Res {
    let Value::Tuple(values) = values else { return Ok(Value::None) };
    let mut total = start;
    for value in &values.items {
        total = func(total, convert::big(value)?.abs());
    }
    Ok(Value::int(total))
}

fn small(_: &mut Interp, value: &Value, negative: &str, large: &str) -> Res<u64> {
    let n = convert::big(value)?;
    if n.is_negative() {
        return Err(value_error(negative).into());
    }
    match n.to_u64() {
        Some(n) if n <= 1_000_000 => Ok(n),
        Some(n) if n <= i64::MAX as u64 => Err(Error::new(ErrorKind::MemoryError, "").into()),
        _ => Err(overflow(large).into()),
    }
}

fn count(it: &mut Interp, value: &Value, name: &str) -> Res<u64> {
    let (negative, large) =
        (format!("{name} must be a non-negative integer"), format!("{name} must not exceed 9223372036854775807"));
    small(it, value, &negative, &large)
}

/// The product of the ints from `low` to `high`, by halves so that the factors stay of one size.
fn product(low: u64, high: u64) -> Res<BigInt> {
    if low > high {
        return Ok(BigInt::one());
    }
    if high - low < 16 {
        return Ok((low..=high).fold(BigInt::one(), |total, n| total * n));
    }
    crate::base::interrupt::check()?;
    let middle = low + (high - low) / 2;
    Ok(product(low, middle)? * product(middle + 1, high)?)
}

/// The module.
pub fn module() -> Module {
    Module::new("math", &[TABLE])
        .with("pi", Value::Float(std::f64::consts::PI))
        .with("e", Value::Float(std::f64::consts::E))
        .with("tau", Value::Float(std::f64::consts::TAU))
        .with("inf", Value::Float(f64::INFINITY))
        .with("nan", Value::Float(f64::NAN))
}
