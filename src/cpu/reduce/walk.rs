//! The order in which a reduction meets its elements.
//!
//! Floating-point sums depend on the order of their terms, and PyTorch prints enough digits to show it. The order here
//! is ATen's `TensorIterator`'s: reduced dimensions first, each group by stride, neighbours merged, planes of two
//! dimensions handed to the kernel, and large inputs split among threads in the same places.

use crate::base::shape::contiguous_strides;
use crate::cpu::isa::{Work, widest};
use crate::cpu::parallel;
use crate::store::View;
use std::ops::Range;

/// Elements below which nothing is split among threads.
pub const GRAIN: usize = 32768;

/// A dimension of a walk: its size, and the steps it makes in the input and in the output (0 when reduced).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dim {
    /// Number of steps.
    pub size: usize,
    /// Elements of the input a step.
    pub input: usize,
    /// Elements of the output a step.
    pub out: usize,
}

/// A piece of a walk: two nested loops, `[inner, outer]`.
#[derive(Clone, Copy, Debug)]
pub struct Plane {
    /// Sizes of the loops.
    pub size: [usize; 2],
    /// Their steps in the input.
    pub input: [usize; 2],
    /// Their steps in the output.
    pub out: [usize; 2],
}

impl Plane {
    /// The plane with its reduced loop, if it has one, inside.
    pub fn reduced_first(mut self) -> Plane {
        if self.out[0] != 0 && self.out[1] == 0 {
            self.size.swap(0, 1);
            self.input.swap(0, 1);
            self.out.swap(0, 1);
        }
        self
    }

    /// Folds the plane at `data[at]` into the outputs at `out[o]`, each output's elements in order.
    #[inline(always)]
    pub fn fold<S: Copy, T: Copy>(self, out: &mut [T], o: usize, data: &[S], at: usize, step: &impl Fn(T, S) -> T) {
        let Plane { size: [n, m], input: [along, across], out: [same, next] } = self.reduced_first();
        let by_columns = same == 0 && across == 1 && next == 1 && m > 1;
        if by_columns {
            // Whole rows of outputs at a time.
            let out = &mut out[o..o + m];
            for i in 0..n {
                let row = &data[at + i * along..][..m];
                out.iter_mut().zip(row).for_each(|(a, &v)| *a = step(*a, v));
            }
            return;
        }
        for j in 0..m {
            let (o, at) = (o + j * next, at + j * across);
            if same != 0 {
                (0..n).for_each(|i| out[o + i * same] = step(out[o + i * same], data[at + i * along]));
            } else if along == 1 {
                out[o] = data[at..at + n].iter().fold(out[o], |a, &v| step(a, v));
            } else {
                out[o] = (0..n).fold(out[o], |a, i| step(a, data[at + i * along]));
            }
        }
    }
}

/// Partial results that a row without order is folded into at once.
const LANES: usize = 32;

/// A plane whose elements may be folded in any order.
struct FreeFold<'a, S, T, F, C> {
    plane: &'a Plane,
    out: &'a mut [T],
    o: usize,
    data: &'a [S],
    at: usize,
    step: &'a F,
    combine: &'a C,
}

// Lanes are counted: an iterator's making is a call in the middle of a loop where it is not inlined.
#[allow(clippy::needless_range_loop)]
impl<S: Copy, T: Copy, F: Fn(T, S) -> T, C: Fn(T, T) -> T> Work for FreeFold<'_, S, T, F, C> {
    type Out = ();

    #[inline(always)]
    fn run(self) {
        let plane = self.plane.reduced_first();
        let ([n, m], [along, across], [same, next]) = (plane.size, plane.input, plane.out);
        if same == 0 && across == 1 && next == 1 && m >= LANES {
            // Strips of columns, whose results stay in registers down all rows.
            let strips = m / LANES * LANES;
            for j in (0..strips).step_by(LANES) {
                let Some(slots) = self.out[self.o + j..].first_chunk_mut::<LANES>() else { return };
                let mut lanes = *slots;
                for i in 0..n {
                    let Some(row) = self.data[self.at + i * along + j..].first_chunk::<LANES>() else { return };
                    for l in 0..LANES {
                        lanes[l] = (self.step)(lanes[l], row[l]);
                    }
                }
                *slots = lanes;
            }
            let rest = Plane { size: [n, m - strips], ..plane };
            return rest.fold(self.out, self.o + strips, self.data, self.at + strips, self.step);
        }
        if same != 0 || along != 1 || n < 2 * LANES {
            return plane.fold(self.out, self.o, self.data, self.at, self.step);
        }
        for j in 0..m {
            let slot = &mut self.out[self.o + j * next];
            let at = self.at + j * across;
            let mut lanes = [*slot; LANES];
            let (chunks, rest) = self.data[at..at + n].as_chunks::<LANES>();
            for chunk in chunks {
                for l in 0..LANES {
                    lanes[l] = (self.step)(lanes[l], chunk[l]);
                }
            }
            // By value: lanes that are looked at otherwise are not kept in registers.
            let whole = lanes.into_iter().fold(*slot, |a, b| (self.combine)(a, b));
            *slot = rest.iter().fold(whole, |a, &v| (self.step)(a, v));
        }
    }
}

/// The loops of a reduction, fastest first.
#[derive(Clone, Debug)]
pub struct Walk {
    dims: Vec<Dim>,
}

impl Walk {
    /// The walk over `x` that reduces the dimensions set in `reduced` into a contiguous output.
    pub fn new(x: &View, reduced: &[bool]) -> Walk {
        if x.ndim() > 0 && !reduced.contains(&false) && x.is_contiguous() {
            return Walk { dims: vec![Dim { size: x.numel(), input: 1, out: 0 }] };
        }
        let kept: Vec<i64> = x.sizes().iter().zip(reduced).filter(|p| !p.1).map(|p| *p.0).collect();
        let mut steps = contiguous_strides(&kept).into_iter();
        let mut dims: Vec<Dim> = Vec::with_capacity(x.ndim());
        for (d, &gone) in reduced.iter().enumerate() {
            let out = if gone { 0 } else { steps.next().unwrap_or(0) as usize };
            dims.push(Dim { size: x.sizes()[d] as usize, input: x.strides()[d] as usize, out });
        }
        dims.reverse();
        sort(&mut dims, |d| *d);
        merge(&mut dims);
        Walk { dims }
    }

    /// The walk over all of `x`, by stride, as a loop without output makes it.
    pub fn over(x: &View) -> Walk {
        Walk::new(x, &vec![true; x.ndim()])
    }

    /// Number of elements visited.
    pub fn numel(&self) -> usize {
        self.dims.iter().map(|d| d.size).product()
    }

    /// The loops, fastest first.
    pub fn dims(&self) -> &[Dim] {
        &self.dims
    }

    /// Whether one contiguous dimension is reduced, so that each output has a row.
    pub fn has_rows(&self) -> bool {
        let reduced = self.dims.iter().filter(|d| d.out == 0 && d.size > 1).count();
        reduced == 1 && self.dims[0].out == 0 && self.dims[0].size > 1 && self.dims[0].input == 1
    }

    /// Where the row of output number `o` starts, of a walk that has rows.
    pub fn row_start(&self, mut o: usize) -> usize {
        let mut from = 0;
        for d in &self.dims[1..] {
            from += o % d.size * d.input;
            o /= d.size;
        }
        from
    }

    /// Calls `f(input offset, output offset, plane)` for the elements numbered `range` in the order of the walk.
    pub fn planes(&self, range: Range<usize>, f: &mut dyn FnMut(usize, usize, &Plane)) {
        let (mut next, end) = (range.start, range.end);
        let at = |i: usize| self.dims.get(i).copied().unwrap_or(Dim { size: 1, input: 0, out: 0 });
        let (d0, d1) = (at(0), at(1));
        let (strides, outs) = ([d0.input, d1.input], [d0.out, d1.out]);
        while next < end {
            let (mut rest, mut input, mut out) = (next, 0, 0);
            let mut first = [0; 2];
            for (i, d) in self.dims.iter().enumerate() {
                let index = rest % d.size;
                rest /= d.size;
                input += index * d.input;
                out += index * d.out;
                if i < 2 {
                    first[i] = index;
                }
            }
            let left = end - next;
            let inner = (d0.size - first[0]).min(left);
            let outer = if inner == d0.size { (d1.size - first[1]).min(left / d0.size) } else { 1 };
            f(input, out, &Plane { size: [inner, outer], input: strides, out: outs });
            next += inner * outer;
        }
    }

    /// Runs `kernel` over everything; `out` holds the identity on entry and the reduction on return.
    ///
    /// `kernel(out, base, input, offset, plane)` folds the plane that starts at `input[offset]` into the outputs that
    /// start at `out[base]`. A single output is reduced in two passes over per-thread partial results; several are shared
    /// out along the outermost dimension that is kept.
    /// `join` folds the partial results into the single output.
    pub fn reduce<S, T, F, J>(&self, input: &[S], out: &mut [T], kernel: F, join: J)
    where
        S: Sync,
        T: Copy + Send + Sync,
        F: Fn(&mut [T], usize, &[S], usize, &Plane) + Sync,
        J: FnOnce(&mut [T], usize, &[T], usize, &Plane),
    {
        self.split(out, size_of::<S>(), &|walk, range, from, slice| {
            walk.planes(range, &mut |i, o, p| kernel(slice, o, input, from + i, p));
        })
        .collect(out, |out, partial| {
            let plane = Plane { size: [partial.len(), 1], input: [1, 0], out: [0, 0] };
            join(out, 0, partial, 0, &plane);
        });
    }

    /// Folds every element into its output, in the order of the walk: `step(output, element)`; `combine` joins partial
    /// results. `out` holds the initial values, which `combine` takes as its identity.
    pub fn fold<S, T, F, C>(&self, input: &[S], out: &mut [T], step: F, combine: C)
    where
        S: Copy + Sync,
        T: Copy + Send + Sync,
        F: Fn(T, S) -> T + Sync,
        C: Fn(T, T) -> T,
    {
        self.split(out, size_of::<S>(), &|walk, range, from, slice| {
            walk.planes(range, &mut |i, o, p| p.fold(slice, o, input, from + i, &step));
        })
        .collect(out, |out, partial| out[0] = partial.iter().fold(out[0], |a, &b| combine(a, b)));
    }

    /// As [`Walk::fold`], for steps that may come in any order: `combine` is associative and commutative, and combining an
    /// initial value with another changes nothing.
    pub fn fold_free<S, T, F, C>(&self, input: &[S], out: &mut [T], step: F, combine: C)
    where
        S: Copy + Sync,
        T: Copy + Send + Sync,
        F: Fn(T, S) -> T + Sync,
        C: Fn(T, T) -> T + Sync,
    {
        self.split(out, size_of::<S>(), &|walk, range, from, slice| {
            walk.planes(range, &mut |i, o, plane| {
                widest(FreeFold { plane, out: slice, o, data: input, at: from + i, step: &step, combine: &combine });
            });
        })
        .collect(out, |out, partial| out[0] = partial.iter().fold(out[0], |a, &b| combine(a, b)));
    }

    /// Runs `f(walk, range, input offset, outputs)` over shares of the work, one a thread when there is enough of it.
    fn split<T: Copy + Send + Sync>(&self, out: &mut [T], item: usize, f: Share<T>) -> Partial<T> {
        let numel = self.numel();
        let threads = if numel < GRAIN { 1 } else { parallel::threads() };
        if threads == 1 {
            f(self, 0..numel, 0, out);
            return Partial(Vec::new());
        }
        if let [single] = out {
            let mut partial = vec![*single; threads];
            let ranges = chunks(numel, threads, GRAIN);
            parallel::for_each(partial.iter_mut().zip(ranges), 1, |(slot, range)| {
                f(self, range, 0, std::slice::from_mut(slot));
            });
            return Partial(partial);
        }
        let (split, tasks) = self.tasks(threads, item);
        let mut rest = out;
        let slices = tasks.iter().map(|task| {
            let (slice, tail) = std::mem::take(&mut rest).split_at_mut(task.outputs);
            rest = tail;
            slice
        });
        parallel::for_each(tasks.iter().zip(slices), 1, |(task, slice)| {
            let mut dims = self.dims[..=split].to_vec();
            dims[split].size = task.length;
            let walk = Walk { dims };
            f(&walk, 0..walk.numel(), task.from, slice);
        });
        Partial(Vec::new())
    }

    /// The dimension that is split, and its parts, in the order of the outputs. Dimensions beyond it are fixed, a part for each
    /// of their indices, so that parts own runs of outputs.
    fn tasks(&self, threads: usize, item: usize) -> (usize, Vec<Part>) {
        let split = self.split_dim(threads);
        let Dim { size, input, out: step } = self.dims[split];
        // Columns that lie side by side are shared out by cache lines.
        let round = if input == 1 { 128 / item } else { 1 };
        let down = |n: usize| if n == size { size } else { n / round * round };
        let ranges = chunks(size, threads, 1).into_iter().map(|r| r.start / round * round..down(r.end));
        let ranges: Vec<_> = ranges.filter(|r| !r.is_empty()).collect();
        let outer = &self.dims[split + 1..];
        let mut tasks = Vec::new();
        for mut number in 0..outer.iter().map(|d| d.size).product() {
            let mut from = 0;
            for d in outer {
                from += number % d.size * d.input;
                number /= d.size;
            }
            tasks.extend(ranges.iter().map(|r| Part {
                from: from + r.start * input,
                length: r.len(),
                outputs: r.len() * step,
            }));
        }
        (split, tasks)
    }

    /// The outermost kept dimension that has work for every thread, else the largest.
    fn split_dim(&self, threads: usize) -> usize {
        let mut best = self.dims.len() - 1;
        for (i, d) in self.dims.iter().enumerate().rev() {
            if d.out == 0 && d.size > 1 {
                break;
            }
            if d.size >= threads {
                return i;
            }
            if d.size > self.dims[best].size {
                best = i;
            }
        }
        best
    }
}

/// What a share of the work does: `f(walk, range, input offset, outputs)`.
type Share<'a, T> = &'a (dyn Fn(&Walk, Range<usize>, usize, &mut [T]) + Sync);

/// A part of a dimension that is split.
struct Part {
    /// Where its input starts.
    from: usize,
    /// Its size.
    length: usize,
    /// How many outputs it has.
    outputs: usize,
}

/// Results of the threads for a single output, empty when it is complete already.
struct Partial<T>(Vec<T>);

impl<T> Partial<T> {
    fn collect(self, out: &mut [T], f: impl FnOnce(&mut [T], &[T])) {
        if !self.0.is_empty() {
            f(out, &self.0);
        }
    }
}

/// `0..n` in as many equal parts as there are threads, but none below `grain`; the last may be empty.
pub fn chunks(n: usize, threads: usize, grain: usize) -> Vec<Range<usize>> {
    let parts = threads.min(n.div_ceil(grain)).max(1);
    let size = n.div_ceil(parts);
    (0..threads).map(|t| (t * size).min(n)..((t + 1) * size).min(n)).collect()
}

/// The dimensions of `x` from the fastest in memory to the slowest; broadcast ones stay where they are.
pub fn memory_order(x: &View) -> Vec<usize> {
    let mut order: Vec<usize> = (0..x.ndim()).rev().collect();
    sort(&mut order, |&d| Dim { size: x.sizes()[d] as usize, input: x.strides()[d] as usize, out: 0 });
    order
}

/// Insertion sort by an order that leaves broadcast dimensions where they are: reduced first, then smaller steps.
fn sort<T>(items: &mut [T], dim: impl Fn(&T) -> Dim) {
    for i in 1..items.len() {
        let mut at = i;
        for before in (0..i).rev() {
            match order(&dim(&items[before]), &dim(&items[at])) {
                std::cmp::Ordering::Greater => {
                    items.swap(before, at);
                    at = before;
                }
                std::cmp::Ordering::Less => break,
                std::cmp::Ordering::Equal => {}
            }
        }
    }
}

fn order(a: &Dim, b: &Dim) -> std::cmp::Ordering {
    use std::cmp::Ordering::*;
    if (a.out == 0) != (b.out == 0) {
        return if b.out == 0 { Greater } else { Less };
    }
    for (x, y) in [(a.out, b.out), (a.input, b.input)] {
        if x == 0 || y == 0 {
            continue;
        }
        match x.cmp(&y) {
            Equal if a.size > b.size => return Greater,
            Equal => {}
            different => return different,
        }
    }
    Equal
}

/// Joins neighbours that step evenly into each other, and drops dimensions of size 1.
fn merge(dims: &mut Vec<Dim>) {
    let mut last = 0;
    for i in 1..dims.len() {
        let (a, b) = (dims[last], dims[i]);
        if a.size == 1 || b.size == 1 || (a.size * a.input == b.input && a.size * a.out == b.out) {
            if a.size == 1 {
                dims[last] = b;
            }
            dims[last].size = a.size * b.size;
        } else {
            last += 1;
            dims[last] = b;
        }
    }
    dims.truncate(last + 1);
}
