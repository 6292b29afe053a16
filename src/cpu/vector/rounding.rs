//! Rounding to a number of decimals.

use super::lane::Lane;

/// `x` rounded to `d` decimals (tens, hundreds, ... for a negative `d`), as ATen does: by scaling in the type itself.
#[inline(always)]
pub fn round_decimals<T: Lane>(x: T, d: T) -> T {
    rounded_by(x, ten_to(d.abs()), d)
}

/// Whether the power of ten has more digits than `T`.
#[inline(always)]
pub fn round_decimals_far<T: Lane>(d: T) -> bool {
    !(d.abs() <= T::of(if T::DOUBLE { 22.0 } else { 10.0 }))
}

/// [`round_decimals`] there.
pub fn round_decimals_beyond<T: Lane>(x: T, d: T) -> T {
    rounded_by(x, T::of(10f64.powf(d.abs().wide())), d)
}

#[inline(always)]
fn rounded_by<T: Lane>(x: T, ten: T, d: T) -> T {
    let below = d < T::zero();
    let rounded = (if below { x / ten } else { x * ten }).half_even();
    let scaled = if below { rounded * ten } else { rounded / ten };
    if d == T::zero() { rounded } else { scaled }
}

/// 10^n for a whole `n`, exact.
#[inline(always)]
fn ten_to<T: Lane>(n: T) -> T {
    let shifted = n + T::SHIFTER;
    let factor = |k: u32, power: f64| if T::has_bit(shifted, k) { T::of(power) } else { T::one() };
    let small = factor(0, 1e1) * factor(1, 1e2) * factor(2, 1e4) * factor(3, 1e8);
    if T::DOUBLE { small * factor(4, 1e16) } else { small }
}
