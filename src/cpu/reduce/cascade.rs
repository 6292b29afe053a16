//! The floating-point sum, ATen's cascade: 4 levels of partial sums over runs whose length is a power of two, kept for
//! 4 rows and a vector of lanes at once. Rounding errors grow with the logarithm of the length, and the result has
//! PyTorch's bits.

use super::flat;
use super::walk::{Plane, Walk};
use crate::base::dtype::{C32, C64, Element};
use crate::store::View;
use half::{bf16, f16};
use std::ops::Add;

/// Sums `x`, whose elements are `S`, into the zeros of `out`; `V` is the number of `S::Acc` in a vector of 256 bits.
pub(super) fn run<S: Summand, const V: usize>(x: &View, walk: &Walk, out: &mut View, skip_nan: bool) {
    let flat = flat(x);
    let mut acc = vec![S::Acc::default(); out.numel()];
    // Partial results are kept as elements.
    let join = |out: &mut [S::Acc], o: usize, partial: &[S::Acc], at: usize, plane: &Plane| {
        let partial: Vec<S::Acc> = partial.iter().map(|&a| S::narrow(a).wide()).collect();
        plane_sum::<S::Acc, V, false>(out, o, &partial, at, plane);
    };
    if skip_nan {
        walk.reduce(flat.slice::<S>(), &mut acc, plane_sum::<S, V, true>, join);
    } else {
        walk.reduce(flat.slice::<S>(), &mut acc, plane_sum::<S, V, false>, join);
    }
    out.slice_mut::<S>().iter_mut().zip(acc).for_each(|(o, a)| *o = S::narrow(a));
}

/// An element that is summed in `Acc`.
pub(super) trait Summand: Element {
    /// What holds the partial sums.
    type Acc: Summand<Acc = Self::Acc> + Add<Output = Self::Acc>;
    /// Whether a vector of elements fills two vectors of partial sums.
    const HALF: bool = false;
    fn wide(self) -> Self::Acc;
    fn is_nan(self) -> bool;
    fn narrow(acc: Self::Acc) -> Self;
}

macro_rules! summand {
    ($($t:ty, $nan:expr;)*) => {$(
        impl Summand for $t {
            type Acc = $t;
            #[inline(always)]
            fn wide(self) -> $t { self }
            #[inline(always)]
            fn is_nan(self) -> bool { $nan(self) }
            #[inline(always)]
            fn narrow(acc: $t) -> $t { acc }
        }
    )*};
}
summand! { f32, f32::is_nan; f64, f64::is_nan; C32, |_| false; C64, |_| false; }

macro_rules! half_summand {
    ($($t:ty),*) => {$(
        impl Summand for $t {
            type Acc = f32;
            const HALF: bool = true;
            #[inline(always)]
            fn wide(self) -> f32 { self.to_f32() }
            #[inline(always)]
            fn is_nan(self) -> bool { <$t>::is_nan(self) }
            #[inline(always)]
            fn narrow(acc: f32) -> $t { <$t>::from_f32(acc) }
        }
    )*};
}
half_summand!(f16, bf16);

/// A vector register's worth of partial sums.
#[derive(Clone, Copy)]
struct Lanes<A, const V: usize>([A; V]);

impl<A: Copy + Default, const V: usize> Default for Lanes<A, V> {
    fn default() -> Self {
        Lanes([A::default(); V])
    }
}

impl<A: Copy + Add<Output = A>, const V: usize> Add for Lanes<A, V> {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Lanes(std::array::from_fn(|i| self.0[i] + other.0[i]))
    }
}

/// The sums of `N` interleaved rows of `size` terms each; `load(i, k)` is term `i` of row `k`.
#[inline(always)]
fn rows<A: Copy + Default + Add<Output = A>, const N: usize>(size: usize, load: impl Fn(usize, usize) -> A) -> [A; N] {
    const LEVELS: usize = 4;
    let log = usize::BITS - size.saturating_sub(1).leading_zeros();
    let power = (log / LEVELS as u32).max(4);
    let step = 1usize << power;
    let mut acc = [[A::default(); N]; LEVELS];
    let mut i = 0;
    while i + step <= size {
        let mut low = acc[0];
        for _ in 0..step {
            for (k, a) in low.iter_mut().enumerate() {
                *a = *a + load(i, k);
            }
            i += 1;
        }
        acc[0] = low;
        for level in 1..LEVELS {
            let (below, this) = acc.split_at_mut(level);
            for (a, b) in this[0].iter_mut().zip(&mut below[level - 1]) {
                *a = *a + std::mem::take(b);
            }
            if i & ((step - 1) << (level as u32 * power)) != 0 {
                break;
            }
        }
    }
    let [mut sums, upper @ ..] = acc;
    while i < size {
        for (k, a) in sums.iter_mut().enumerate() {
            *a = *a + load(i, k);
        }
        i += 1;
    }
    for level in upper {
        for (a, b) in sums.iter_mut().zip(level) {
            *a = *a + b;
        }
    }
    sums
}

/// The sum of one row of `size` terms, as 4 interleaved rows.
#[inline(always)]
fn row<A: Copy + Default + Add<Output = A>>(size: usize, load: impl Fn(usize) -> A) -> A {
    let quarter = size / 4;
    let [mut sum, rest @ ..] = rows::<A, 4>(quarter, |i, k| load(i * 4 + k));
    for i in quarter * 4..size {
        sum = sum + load(i);
    }
    rest.into_iter().fold(sum, |a, b| a + b)
}

/// Adds the sums of a plane to the outputs that start at `out[o]`.
fn plane_sum<S: Summand, const V: usize, const NAN: bool>(
    out: &mut [S::Acc],
    o: usize,
    data: &[S],
    at: usize,
    p: &Plane,
) {
    let Plane { size, input, out: step } = p.reduced_first();
    // Halves are rounded after every plane when nan is skipped, and once at the end otherwise.
    let round = |a: S::Acc| if S::HALF && NAN { S::narrow(a).wide() } else { a };
    let one = |i: usize| if NAN && data[i].is_nan() { S::Acc::default() } else { data[i].wide() };
    if step[0] != 0 {
        for j in 0..size[1] {
            for i in 0..size[0] {
                let slot = &mut out[o + j * step[1] + i * step[0]];
                *slot = round(*slot + round(one(at + j * input[1] + i * input[0])));
            }
        }
        return;
    }
    let [n, columns] = size;
    let [along, across] = input;
    let vector = if S::HALF { 2 * V } else { V };
    let lanes = |i: usize| {
        let s = &data[i..i + V];
        Lanes::<S::Acc, V>(std::array::from_fn(|l| if NAN && s[l].is_nan() { S::Acc::default() } else { s[l].wide() }))
    };
    let mut store = |j: usize, sum: S::Acc| {
        let slot = &mut out[o + j * step[1]];
        *slot = round(*slot + round(sum));
    };
    if along == 1 && n >= vector {
        for j in 0..columns {
            let from = at + j * across;
            let whole = n / vector;
            let sums = row(whole, |i| {
                let first = from + i * vector;
                if !S::HALF {
                    return lanes(first);
                }
                if NAN {
                    // Neighbouring pairs.
                    return Lanes(std::array::from_fn(|l| one(first + 2 * l) + one(first + 2 * l + 1)));
                }
                lanes(first) + lanes(first + V)
            });
            let tail = (whole * vector..n).fold(S::Acc::default(), |a, i| a + one(from + i));
            store(j, sums.0.into_iter().fold(tail, |a, b| a + b));
        }
        return;
    }
    let mut j = 0;
    if across == 1 && columns >= vector {
        while j + 4 * V <= columns {
            let sums = rows::<Lanes<S::Acc, V>, 4>(n, |i, k| lanes(at + i * along + j + k * V));
            for (k, sum) in sums.iter().enumerate() {
                (0..V).for_each(|l| store(j + k * V + l, sum.0[l]));
            }
            j += 4 * V;
        }
        while j + V <= columns {
            let sum = row(n, |i| lanes(at + i * along + j));
            (0..V).for_each(|l| store(j + l, sum.0[l]));
            j += V;
        }
    } else if along >= across {
        while j + 4 <= columns {
            let sums = rows::<S::Acc, 4>(n, |i, k| one(at + i * along + (j + k) * across));
            sums.into_iter().enumerate().for_each(|(k, sum)| store(j + k, sum));
            j += 4;
        }
    }
    for j in j..columns {
        store(j, row(n, |i| one(at + i * along + j * across)));
    }
}
