//! Integer arithmetic with torch's edges.

use num_traits::{PrimInt, WrappingAdd, WrappingMul, WrappingNeg, WrappingSub};

/// An integer dtype's arithmetic, which wraps.
pub trait Integer: PrimInt + WrappingAdd + WrappingMul + WrappingNeg + WrappingSub {}
impl<T: PrimInt + WrappingAdd + WrappingMul + WrappingNeg + WrappingSub> Integer for T {}

fn magnitude<T: Integer>(x: T) -> T {
    if x < T::zero() { x.wrapping_neg() } else { x }
}

/// `a / b` that wraps for the one quotient that does not fit.
fn quotient<T: Integer>(a: T, b: T) -> T {
    a.checked_div(&b).unwrap_or(if b == T::zero() { T::zero() } else { a.wrapping_neg() })
}

/// `a % b` in the same way.
fn rest<T: Integer>(a: T, b: T) -> T {
    if b == T::zero() { T::zero() } else { a.wrapping_sub(&quotient(a, b).wrapping_mul(&b)) }
}

/// Greatest common divisor (Euclid), not negative.
pub fn gcd<T: Integer>(a: T, b: T) -> T {
    let (mut a, mut b) = (magnitude(a), magnitude(b));
    while a != T::zero() {
        (a, b) = (rest(b, a), a);
    }
    b
}

/// Least common multiple, not negative.
pub fn lcm<T: Integer>(a: T, b: T) -> T {
    let g = gcd(a, b);
    if g == T::zero() { g } else { magnitude(quotient(a, g).wrapping_mul(&b)) }
}

/// `a // b`, rounded down; `None` for a zero divisor.
pub fn floor_divide_int<T: Integer>(a: T, b: T) -> Option<T> {
    if b == T::zero() {
        return None;
    }
    let q = quotient(a, b);
    let down = rest(a, b) != T::zero() && (a < T::zero()) != (b < T::zero());
    Some(if down { q.wrapping_sub(&T::one()) } else { q })
}

/// `a / b`, rounded towards zero; `None` for a zero divisor.
pub fn trunc_divide_int<T: Integer>(a: T, b: T) -> Option<T> {
    (b != T::zero()).then(|| quotient(a, b))
}

/// `a % b` with the divisor's sign; `None` for a zero divisor.
pub fn remainder_int<T: Integer>(a: T, b: T) -> Option<T> {
    if b == T::zero() {
        return None;
    }
    let r = rest(a, b);
    Some(if r != T::zero() && (r < T::zero()) != (b < T::zero()) { r.wrapping_add(&b) } else { r })
}

/// C's `a % b`, with the dividend's sign; `None` for a zero divisor.
pub fn fmod_int<T: Integer>(a: T, b: T) -> Option<T> {
    (b != T::zero()).then(|| rest(a, b))
}

/// `a^b`; a negative power is 0 but for bases 1 and -1.
pub fn pow_int<T: Integer>(a: T, b: T) -> T {
    let one = T::one();
    if b < T::zero() {
        return if a == one {
            one
        } else if a == one.wrapping_neg() {
            if b & one == T::zero() { one } else { a }
        } else {
            T::zero()
        };
    }
    let (mut base, mut exponent, mut out) = (a, b, one);
    while exponent != T::zero() {
        if exponent & one == one {
            out = out.wrapping_mul(&base);
        }
        exponent = exponent >> 1;
        base = base.wrapping_mul(&base);
    }
    out
}

/// Rounds an integer to tens, hundreds, ... (`decimals` below 0), halves to even.
pub fn round_decimals_int<T: Integer>(x: T, decimals: i64) -> T {
    let Some(ten) = T::from(10).filter(|_| decimals < 0) else { return x };
    let unit = (0..decimals.unsigned_abs()).try_fold(T::one(), |u, _| u.checked_mul(&ten));
    let Some(unit) = unit else { return T::zero() };
    let low = floor_divide_int(x, unit).unwrap_or(x);
    let over = x.wrapping_sub(&low.wrapping_mul(&unit));
    let left = unit.wrapping_sub(&over);
    let up = over > left || (over == left && low & T::one() == T::one());
    (if up { low.wrapping_add(&T::one()) } else { low }).wrapping_mul(&unit)
}
