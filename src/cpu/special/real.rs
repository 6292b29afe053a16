//! The float types that special functions are written over, and the two ways to sum a table.

use crate::cpu::vector::Lane;
use num_traits::FloatConst;

/// `f32` or `f64`. A function of `f32` computes in `f32`, as torch's do, unless it says otherwise.
pub trait Real: Lane + FloatConst + std::fmt::Debug {
    /// The next number towards `to`.
    fn next_after(self, to: Self) -> Self;
}

macro_rules! real {
    ($t:ident) => {
        impl Real for $t {
            #[inline(always)]
            fn next_after(self, to: Self) -> Self {
                let away = (self < to) == (self > 0.0);
                let bits = self.to_bits();
                let stepped = $t::from_bits(if away { bits.wrapping_add(1) } else { bits.wrapping_sub(1) });
                let stepped = if self == 0.0 { $t::from_bits(1).copysign(to) } else { stepped };
                let next = if self == to { to } else { stepped };
                if self.is_nan() || to.is_nan() { $t::NAN } else { next }
            }
        }
    };
}
real!(f32);
real!(f64);

/// A polynomial, highest power first (Cephes's `polevl`). Fused, as in torch's build, so that results near zeros agree.
#[inline(always)]
pub(super) fn polynomial<T: Real>(x: T, table: &[f64]) -> T {
    table.iter().fold(T::zero(), |sum, &c| sum.mul_add(x, T::of(c)))
}

/// A Chebyshev series in `x` on `[-2, 2]`, highest order first (Cephes's `chbevl`).
#[inline(always)]
pub(super) fn chebyshev<T: Real>(x: T, table: &[f64]) -> T {
    let sums = (T::of(table[0]), T::zero(), T::zero());
    // In parts: the compiler unrolls no long loop, and an inner one would keep the elements apart.
    let (first, rest) = table[1..].split_at((table.len() - 1) / 3);
    let (second, third) = rest.split_at(rest.len() / 2);
    let (b0, _, b2) = part(x, third, part(x, second, part(x, first, sums)));
    T::of(0.5) * (b0 - b2)
}

#[inline(always)]
fn part<T: Real>(x: T, table: &[f64], (mut b0, mut b1, mut b2): (T, T, T)) -> (T, T, T) {
    for &c in table {
        b2 = b1;
        b1 = b0;
        b0 = x.mul_add(b1, -b2) + T::of(c);
    }
    (b0, b1, b2)
}
