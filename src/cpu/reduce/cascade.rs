//! The floating-point sum, ATen's cascade: 4 levels of partial sums over runs whose length is a power of two, kept for
//! 4 rows and a vector of lanes at once. Rounding errors grow with the logarithm of the length, and the result has
//! PyTorch's bits.

// Lanes are counted: an iterator's making is a call in the middle of a loop where it is not inlined.
#![allow(clippy::needless_range_loop)]

use super::stream::{BLOCK, Stream};
use super::walk::{Plane, Walk};
use crate::base::dtype::{C32, C64, Element};
use crate::base::interrupt;
use crate::cpu::block::Half;
use crate::cpu::isa::{Work, widest};
use crate::store::View;
use half::{bf16, f16};
use std::ops::Add;

/// Sums `x`, whose elements are `S`, into the zeros of `out`; `V` is the number of `S::Acc` in a vector of 256 bits, `W` four
/// times that.
pub(super) fn run<S: Summand, const V: usize, const W: usize>(x: &View, walk: &Walk, out: &mut View, skip_nan: bool) {
    let mut acc = vec![S::Acc::default(); out.numel()];
    // Partial results are kept as elements.
    let join = |out: &mut [S::Acc], o: usize, partial: &[S::Acc], at: usize, plane: &Plane| {
        let partial: Vec<S::Acc> = partial.iter().map(|&a| S::narrow(a).wide()).collect();
        plane_sum::<S::Acc, V, W, false>(out, o, &partial, at, plane);
    };
    if skip_nan {
        walk.reduce(x.span::<S>(), &mut acc, plane_sum::<S, V, W, true>, join);
    } else {
        walk.reduce(x.span::<S>(), &mut acc, plane_sum::<S, V, W, false>, join);
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
            fn wide(self) -> f32 { Half::widen(self) }
            #[inline(always)]
            fn is_nan(self) -> bool { <$t>::is_nan(self) }
            #[inline(always)]
            fn narrow(acc: f32) -> $t { Half::narrow(acc) }
        }
    )*};
}
half_summand!(f16, bf16);

/// The sums of `W` interleaved rows of `size` terms each; `add(i, sums)` adds term `i` of every row.
#[inline(always)]
fn rows<A: Copy + Default + Add<Output = A>, const W: usize>(
    size: usize,
    mut add: impl FnMut(usize, &mut [A; W]),
) -> [A; W] {
    const LEVELS: usize = 4;
    let log = usize::BITS - size.saturating_sub(1).leading_zeros();
    let power = (log / LEVELS as u32).max(4);
    let step = 1usize << power;
    let mut acc = [[A::default(); W]; LEVELS];
    let mut i = 0;
    while i + step <= size {
        // Kept in registers while the innermost loop runs.
        let mut low = [A::default(); W];
        for _ in 0..step {
            add(i, &mut low);
            i += 1;
        }
        acc[0] = low;
        for level in 1..LEVELS {
            for l in 0..W {
                acc[level][l] = acc[level][l] + acc[level - 1][l];
            }
            acc[level - 1] = [A::default(); W];
            if i & ((step - 1) << (level as u32 * power)) != 0 {
                break;
            }
        }
    }
    let mut sums = acc[0];
    while i < size {
        add(i, &mut sums);
        i += 1;
    }
    for level in 1..LEVELS {
        for l in 0..W {
            sums[l] = sums[l] + acc[level][l];
        }
    }
    sums
}

/// Folds 4 interleaved rows of `V` lanes, and the `terms` that were left over, into the sums of one row.
#[inline(always)]
fn quarters<A: Copy + Default + Add<Output = A>, const V: usize, const W: usize>(
    sums: [A; W],
    terms: std::ops::Range<usize>,
    mut add: impl FnMut(usize, &mut [A; V]),
) -> [A; V] {
    let mut out = [A::default(); V];
    out.copy_from_slice(&sums[..V]);
    for i in terms {
        add(i, &mut out);
    }
    for l in V..W {
        out[l % V] = out[l % V] + sums[l];
    }
    out
}

/// The sum of one row of `size` terms, as 4 interleaved rows.
#[inline(always)]
fn row<A: Copy + Default + Add<Output = A>>(size: usize, load: impl Fn(usize) -> A) -> A {
    let sums = rows::<A, 4>(
        size / 4,
        #[inline(always)]
        |i, sums| {
            for k in 0..4 {
                sums[k] = sums[k] + load(i * 4 + k);
            }
        },
    );
    let [sum] = quarters::<A, 1, 4>(
        sums,
        size / 4 * 4..size,
        #[inline(always)]
        |i, [a]| *a = *a + load(i),
    );
    sum
}

/// A plane, and what is added to which outputs.
struct PlaneSum<'a, S: Summand, const V: usize, const W: usize, const NAN: bool> {
    out: &'a mut [S::Acc],
    o: usize,
    data: &'a [S],
    at: usize,
    plane: &'a Plane,
}

impl<S: Summand, const V: usize, const W: usize, const NAN: bool> PlaneSum<'_, S, V, W, NAN> {
    #[inline(always)]
    fn term(v: S) -> S::Acc {
        if NAN && v.is_nan() { S::Acc::default() } else { v.wide() }
    }

    /// Adds `N` neighbours to as many sums.
    #[inline(always)]
    fn add<const N: usize>(&self, at: usize, sums: &mut [S::Acc; N]) {
        let terms = &self.data[at..at + N];
        for l in 0..N {
            sums[l] = sums[l] + Self::term(terms[l]);
        }
    }

    /// Adds the neighbours from `at` on to `N` sums of vectors with `V` lanes: for halves two vectors of elements to each.
    #[inline(always)]
    fn add_vectors<const N: usize>(&self, at: usize, sums: &mut [S::Acc; N]) {
        if !S::HALF {
            return self.add(at, sums);
        }
        let terms = &self.data[at..at + 2 * N];
        for from in (0..N).step_by(V) {
            for l in 0..V {
                // Where nan is skipped, neighbouring pairs.
                let (x, y) = if NAN { (2 * l, 2 * l + 1) } else { (l, V + l) };
                let pair = Self::term(terms[2 * from + x]) + Self::term(terms[2 * from + y]);
                sums[from + l] = sums[from + l] + pair;
            }
        }
    }
}

impl<S: Summand, const V: usize, const W: usize, const NAN: bool> Work for PlaneSum<'_, S, V, W, NAN> {
    type Out = ();

    /// Adds the sums of the plane to the outputs that start at `out[o]`.
    #[inline(always)]
    fn run(self) {
        let Plane { size, input, out: step } = self.plane.reduced_first();
        let (at, data) = (self.at, self.data);
        // Halves are rounded after every plane when nan is skipped, and once at the end otherwise.
        let round = |a: S::Acc| if S::HALF && NAN { S::narrow(a).wide() } else { a };
        let one = |i: usize| Self::term(data[i]);
        if step[0] != 0 {
            for j in 0..size[1] {
                for i in 0..size[0] {
                    let slot = &mut self.out[self.o + j * step[1] + i * step[0]];
                    *slot = round(*slot + round(one(at + j * input[1] + i * input[0])));
                }
            }
            return;
        }
        let [n, columns] = size;
        let [along, across] = input;
        let vector = if S::HALF { 2 * V } else { V };
        let add = PlaneSum::<S, V, W, NAN> { out: &mut [], o: 0, data, at, plane: self.plane };
        let (out, o) = (self.out, self.o);
        let mut store = |j: usize, sum: S::Acc| {
            let slot = &mut out[o + j * step[1]];
            *slot = round(*slot + round(sum));
        };
        if along == 1 && n >= vector {
            for j in 0..columns {
                let from = at + j * across;
                let whole = n / vector;
                let sums = rows::<S::Acc, W>(
                    whole / 4,
                    #[inline(always)]
                    |i, sums| add.add_vectors(from + i * 4 * vector, sums),
                );
                let rest = whole / 4 * 4..whole;
                let sums = quarters::<S::Acc, V, W>(
                    sums,
                    rest,
                    #[inline(always)]
                    |i, sums| add.add_vectors(from + i * vector, sums),
                );
                let tail = (whole * vector..n).fold(S::Acc::default(), |a, i| a + one(from + i));
                let mut sum = tail;
                for l in 0..V {
                    sum = sum + sums[l];
                }
                store(j, sum);
            }
            return;
        }
        let mut j = 0;
        if across == 1 && columns >= vector {
            while j + W <= columns {
                let sums = rows::<S::Acc, W>(
                    n,
                    #[inline(always)]
                    |i, sums| add.add(at + i * along + j, sums),
                );
                (0..W).for_each(|l| store(j + l, sums[l]));
                j += W;
            }
            while j + V <= columns {
                let sums = rows::<S::Acc, W>(
                    n / 4,
                    #[inline(always)]
                    |i, sums| {
                        for k in 0..4 {
                            let at = at + (i * 4 + k) * along + j;
                            let terms = &data[at..at + V];
                            for l in 0..V {
                                sums[k * V + l] = sums[k * V + l] + Self::term(terms[l]);
                            }
                        }
                    },
                );
                let rest = n / 4 * 4..n;
                let sums = quarters::<S::Acc, V, W>(
                    sums,
                    rest,
                    #[inline(always)]
                    |i, sums| add.add(at + i * along + j, sums),
                );
                (0..V).for_each(|l| store(j + l, sums[l]));
                j += V;
            }
        } else if along >= across {
            while j + 4 <= columns {
                let sums = rows::<S::Acc, 4>(
                    n,
                    #[inline(always)]
                    |i, sums| {
                        for k in 0..4 {
                            sums[k] = sums[k] + one(at + i * along + (j + k) * across);
                        }
                    },
                );
                (0..4).for_each(|k| store(j + k, sums[k]));
                j += 4;
            }
        }
        for j in j..columns {
            store(
                j,
                row(
                    n,
                    #[inline(always)]
                    |i| one(at + i * along + j * across),
                ),
            );
        }
    }
}

fn plane_sum<S: Summand, const V: usize, const W: usize, const NAN: bool>(
    out: &mut [S::Acc],
    o: usize,
    data: &[S],
    at: usize,
    plane: &Plane,
) {
    widest(PlaneSum::<S, V, W, NAN> { out, o, data, at, plane });
}

/// The sum of partial sums, as the walk that made them joins them.
pub(super) fn joined<S: Summand<Acc = S>, const V: usize, const W: usize>(partial: &[S]) -> S {
    let mut out = [S::default()];
    let plane = Plane { size: [partial.len(), 1], input: [1, 0], out: [0, 0] };
    plane_sum::<S, V, W, false>(&mut out, 0, partial, 0, &plane);
    out[0]
}

/// The sum of `n` elements of a stream from number `start` on: that of a row in memory.
pub(super) fn stream_sum<S: Summand<Acc = S> + Add<Output = S>, const V: usize, const W: usize>(
    stream: &dyn Stream,
    start: usize,
    n: usize,
) -> S {
    let Ok(block) = View::empty(stream.dtype(), &[BLOCK.min(n) as i64]) else {
        interrupt::raise_memory();
        interrupt::poll();
        return S::default();
    };
    widest(StreamSum::<S, V, W> { stream, start, n, block: &block, now: &[] })
}

struct StreamSum<'a, S, const V: usize, const W: usize> {
    stream: &'a dyn Stream,
    start: usize,
    n: usize,
    /// Where the stream writes.
    block: &'a View,
    /// What it wrote last.
    now: &'a [S],
}

impl<S: Summand<Acc = S> + Add<Output = S>, const V: usize, const W: usize> StreamSum<'_, S, V, W> {
    /// Adds the `N` elements from number `at` on; they are asked for in order.
    #[inline(always)]
    fn add<const N: usize>(&mut self, at: usize, sums: &mut [S; N]) {
        let place = at % BLOCK;
        if place == 0 {
            self.next(at);
        }
        let Some(terms) = self.now.get(place..).and_then(|rest| rest.first_chunk::<N>()) else { return };
        for l in 0..N {
            sums[l] = sums[l] + terms[l];
        }
    }

    /// The block from number `at` on.
    #[inline(never)]
    fn next(&mut self, at: usize) {
        interrupt::poll();
        // Nobody looks at the block while it is written.
        self.now = &[];
        self.stream.read(self.start + at, BLOCK.min(self.n - at), self.block);
        self.now = self.block.slice::<S>();
    }

    #[inline(always)]
    fn one(&mut self, at: usize) -> S {
        let mut sum = [S::default()];
        self.add(at, &mut sum);
        sum[0]
    }
}

impl<S: Summand<Acc = S> + Add<Output = S>, const V: usize, const W: usize> Work for StreamSum<'_, S, V, W> {
    type Out = S;

    #[inline(always)]
    fn run(mut self) -> S {
        let n = self.n;
        if n < V {
            // As a column of single elements.
            let mut terms = [S::default(); V];
            (0..n).for_each(|i| terms[i] = self.one(i));
            return S::default() + row(n, |i| terms[i]);
        }
        let whole = n / V;
        let sums = rows::<S, W>(
            whole / 4,
            #[inline(always)]
            |i, sums| self.add(i * W, sums),
        );
        let sums = quarters::<S, V, W>(
            sums,
            whole / 4 * 4..whole,
            #[inline(always)]
            |i, sums| self.add(i * V, sums),
        );
        let tail = (whole * V..n).fold(S::default(), |a, i| a + self.one(i));
        S::default() + sums.into_iter().fold(tail, |a, b| a + b)
    }
}
