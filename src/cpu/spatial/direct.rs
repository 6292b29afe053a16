//! Convolutions without patches: weights times the elements of an image as they lie, some outputs and places at a time in registers.
//!
//! A part of the image is copied with its padding first, into a band whose lines hold every `stride`-th element: one output
//! element's inputs lie as far from one another as the next one's, whatever the stride, the dilation and the dimensions.

use super::convolve::Image;
use crate::base::dtype::Element;
use crate::base::interrupt;
use crate::cpu::parallel;
use pulp::{Arch, Simd, WithSimd};
use std::ops::Range;

/// Bytes of a band, and of the weights that go over it together: both stay in the second-level cache.
const BAND: usize = 256 << 10;
const WEIGHTS: usize = 128 << 10;

/// Bytes of the part of a band that all outputs are computed for before the next: half of the first-level cache.
const NEAR: usize = 24 << 10;

/// Multiplications that are worth a thread.
const SHARED: usize = 1 << 17;

/// Vectors of places that a block of so many outputs computes at once: there are registers for no more sums.
const WIDE: [usize; 7] = [0, 6, 4, 3, 2, 0, 2];

/// Elements behind a band that a block reads and throws away: those of the widest.
const SLACK: usize = 6 * 16;

/// Floats that fill vectors.
pub trait Real: Element {
    /// A vector of them.
    type Lanes<S: Simd>: Copy;
    /// The vectors in a slice.
    fn lanes<S: Simd>(x: &[Self]) -> &[Self::Lanes<S>];
    /// Writes some to the beginning of a slice.
    fn store<S: Simd>(to: &mut [Self], vectors: &[Self::Lanes<S>]);
    /// One number in each lane.
    fn splat<S: Simd>(simd: S, x: Self) -> Self::Lanes<S>;
    /// `a * b + c`, rounded once where the machine does that.
    fn fused<S: Simd>(simd: S, a: Self::Lanes<S>, b: Self::Lanes<S>, c: Self::Lanes<S>) -> Self::Lanes<S>;
}

macro_rules! real {
    ($t:ty, $lanes:ident, $slice:ident, $mut:ident, $splat:ident, $fused:ident) => {
        impl Real for $t {
            type Lanes<S: Simd> = S::$lanes;
            #[inline(always)]
            fn lanes<S: Simd>(x: &[$t]) -> &[S::$lanes] {
                S::$slice(x).0
            }
            #[inline(always)]
            fn store<S: Simd>(to: &mut [$t], vectors: &[S::$lanes]) {
                let to = &mut S::$mut(to).0[..vectors.len()];
                for v in 0..vectors.len() {
                    to[v] = vectors[v];
                }
            }
            #[inline(always)]
            fn splat<S: Simd>(simd: S, x: $t) -> S::$lanes {
                simd.$splat(x)
            }
            #[inline(always)]
            fn fused<S: Simd>(simd: S, a: S::$lanes, b: S::$lanes, c: S::$lanes) -> S::$lanes {
                simd.$fused(a, b, c)
            }
        }
    };
}
real!(f32, f32s, as_simd_f32s, as_mut_simd_f32s, splat_f32s, mul_add_e_f32s);
real!(f64, f64s, as_simd_f64s, as_mut_simd_f64s, splat_f64s, mul_add_e_f64s);

/// Whether so few of the lanes that a vector of 8 computes would be thrown away that this way is worth taking.
pub fn fits(image: &Image) -> bool {
    let [depth, height, width] = image.out;
    let steps = Steps::new(image);
    let band = Band { depth: 0..depth.min(1), rows: 0..height, cols: 0..width };
    2 * depth * height * width >= depth * 8 * steps.vectors(&band, 8).1
}

/// The convolution of `data`, images of `groups x channels`, into `out`, images of `groups x outs`: both in order, as are the
/// weights. What the sums begin with is the bias of each output.
pub fn convolve<T: Real>(image: &Image, data: &[T], weights: &[T], bias: Option<&[T]>, out: &mut [T]) {
    let (places, kernel) = image.places();
    let inner = image.channels * kernel;
    let steps = Steps::new(image);
    // What only one place sees is read once for all outputs, so the first-level cache does.
    let bands = steps.bands(if kernel == 1 { NEAR } else { BAND } / size_of::<T>());
    // A task takes some groups, or some outputs of one where there are fewer groups than threads.
    let work = image.outs * inner * places;
    let groups = out.len() / (image.outs * places);
    let parts = if groups * work < 2 * SHARED { 1 } else { parallel::threads().div_ceil(groups) };
    let share = image.outs.div_ceil(parts).next_multiple_of(2);
    let many = if parts > 1 { 1 } else { SHARED.div_ceil(work) };
    let mut tasks = Vec::with_capacity(groups.div_ceil(many) * parts);
    for (i, out) in out.chunks_mut(many * image.outs * places).enumerate() {
        if parts == 1 {
            tasks.push((i * many, 0, out));
        } else {
            tasks.extend(out.chunks_mut(share * places).enumerate().map(|(part, out)| (i, part * share, out)));
        }
    }
    let arch = Arch::new();
    parallel::for_each(tasks.into_iter(), 1, |(i, first, out)| {
        let mut packed = Packed::default();
        for (i, out) in (i..).zip(out.chunks_mut(image.outs * places)) {
            let data = &data[i * image.channels * image.area()..][..image.channels * image.area()];
            let (first, count) = (i % image.groups * image.outs + first, out.len() / places);
            let weights = &weights[first * inner..][..count * inner];
            let bias = bias.map(|bias| &bias[first..][..count]);
            // As many outputs together as their weights stay in the cache.
            let together = (WEIGHTS / size_of::<T>() / inner).max(6) / 6 * 6;
            for (number, band) in bands.iter().enumerate() {
                packed.fill(&steps, data, (number, band));
                for (from, out) in (0..count).step_by(together).zip(out.chunks_mut(together * places)) {
                    interrupt::poll();
                    let many = out.len() / places;
                    arch.dispatch(Blocks {
                        weights: &weights[from * inner..][..many * inner],
                        bias: bias.map(|bias| &bias[from..][..many]),
                        packed: &packed,
                        steps: &steps,
                        band,
                        places,
                        out,
                    });
                }
            }
        }
    });
}

/// A part of an image's places, of one depth: all columns of some rows, or some columns of one.
struct Band {
    depth: Range<usize>,
    rows: Range<usize>,
    cols: Range<usize>,
}

/// How weights and places step over an image.
struct Steps<'a> {
    image: &'a Image,
    /// The remainders by the stride that the offsets of weights leave, for rows and columns.
    phases: [Vec<usize>; 2],
}

impl<'a> Steps<'a> {
    fn new(image: &'a Image) -> Self {
        let phases = [1, 2].map(|d| {
            let mut phases: Vec<usize> =
                (0..image.kernel[d]).map(|k| k * image.dilation[d] % image.stride[d]).collect();
            phases.sort_unstable();
            phases.dedup();
            phases
        });
        Steps { image, phases }
    }

    /// Elements of a phase along dimension `d` that `count` places see.
    fn lines(&self, d: usize, count: usize) -> usize {
        count + self.image.dilation[d] * (self.image.kernel[d] - 1) / self.image.stride[d]
    }

    /// Whether places of a band are computed line after line, with what lies between, instead of row by row, and about how many
    /// vectors' time they take.
    fn vectors(&self, band: &Band, lanes: usize) -> (bool, usize) {
        // A single vector takes almost as long as two.
        let time = |places: usize| places.div_ceil(lanes) + places.div_ceil(lanes) % 2;
        let (rows, cols) = (band.rows.len(), band.cols.len());
        let apart = rows * time(cols);
        let together = time(rows.saturating_sub(1) * self.lines(2, cols) + cols);
        (together < apart, together.min(apart))
    }

    /// Elements of one channel and phase of so many rows and columns: an odd number of cache lines, so that those of different
    /// channels do not meet in the cache.
    fn plane(&self, rows: usize, cols: usize) -> usize {
        (self.lines(1, rows) * self.lines(2, cols)).div_ceil(16) / 2 * 32 + 16
    }

    /// Elements of a band of so many rows and columns.
    fn elements(&self, rows: usize, cols: usize) -> usize {
        let phases = self.phases[0].len() * self.phases[1].len();
        self.image.channels * self.image.kernel[0] * phases * self.plane(rows, cols)
    }

    /// The parts of an image that are worked on one after the other, of about so many elements.
    fn bands(&self, most: usize) -> Vec<Band> {
        let [depth, height, width] = self.image.out;
        let (mut rows, mut cols) = (height, width);
        while rows > 1 && self.elements(rows, cols) > most {
            rows = rows.div_ceil(2);
        }
        while cols > 64 && self.elements(rows, cols) > most {
            cols = cols.div_ceil(2).next_multiple_of(32);
        }
        let mut bands = Vec::new();
        for z in 0..depth {
            for row in (0..height).step_by(rows) {
                for col in (0..width).step_by(cols) {
                    bands.push(Band {
                        depth: z..z + 1,
                        rows: row..height.min(row + rows),
                        cols: col..width.min(col + cols),
                    });
                }
            }
        }
        bands
    }
}

/// A band's elements.
#[derive(Default)]
struct Packed<T> {
    /// Its number, one more than that in the list.
    number: usize,
    /// From one line to the next.
    lead: usize,
    /// Where each weight of an output finds what it is multiplied with, for the first place.
    offsets: Vec<usize>,
    elements: Vec<T>,
}

impl<T: Real> Packed<T> {
    /// Copies what a band's places see of an image, with zeros about it.
    fn fill(&mut self, steps: &Steps<'_>, data: &[T], (number, band): (usize, &Band)) {
        let Image { size, stride, padding, dilation, kernel, .. } = *steps.image;
        let (rows, cols) = (band.rows.len(), band.cols.len());
        let (height, width, plane) = (steps.lines(1, rows), steps.lines(2, cols), steps.plane(rows, cols));
        // The zeros of the same band of another image are where they were.
        if self.number != number + 1 {
            self.number = number + 1;
            self.lead = width;
            self.elements.clear();
            self.elements.resize(steps.elements(rows, cols) + SLACK, T::default());
            self.find(steps, plane);
        }
        let mut planes = self.elements.chunks_mut(plane);
        let from = |d: usize, at: usize, phase: usize| (at * stride[d] + phase).checked_sub(padding[d]);
        for channel in data.chunks(steps.image.area()) {
            for kd in 0..kernel[0] {
                let z = from(0, band.depth.start, kd * dilation[0]).filter(|&z| z < size[0]);
                for &phase in &steps.phases[0] {
                    for &inner in &steps.phases[1] {
                        let (Some(to), Some(z)) = (planes.next(), z) else { continue };
                        // The elements of a line that lie on the image.
                        let edge = |limit: usize| {
                            let places = (limit + padding[2]).saturating_sub(inner).div_ceil(stride[2]);
                            places.saturating_sub(band.cols.start).min(width)
                        };
                        let (first, end) = (edge(0), edge(size[2]));
                        let Some(x) = from(2, band.cols.start + first, inner).filter(|_| first < end) else { continue };
                        for (row, to) in to.chunks_mut(width).take(height).enumerate() {
                            let y = from(1, band.rows.start + row, phase).filter(|&y| y < size[1]);
                            let Some(y) = y else { continue };
                            let line = &channel[(z * size[1] + y) * size[2] + x..];
                            let to = &mut to[first..end];
                            if stride[2] == 1 {
                                to.copy_from_slice(&line[..end - first]);
                            } else {
                                for (o, &v) in to.iter_mut().zip(line.iter().step_by(stride[2])) {
                                    *o = v;
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    /// Finds the offsets.
    fn find(&mut self, steps: &Steps<'_>, plane: usize) {
        let Image { channels, kernel, stride, dilation, .. } = *steps.image;
        let along = |d: usize, k: usize| {
            let (step, rest) = (k * dilation[d] / stride[d], k * dilation[d] % stride[d]);
            (steps.phases[d - 1].iter().position(|&p| p == rest).unwrap_or(0), step)
        };
        self.offsets.clear();
        for deep in 0..channels * kernel[0] {
            for kh in 0..kernel[1] {
                let (phase, y) = along(1, kh);
                for kw in 0..kernel[2] {
                    let (inner, x) = along(2, kw);
                    let number = (deep * steps.phases[0].len() + phase) * steps.phases[1].len() + inner;
                    self.offsets.push(number * plane + y * self.lead + x);
                }
            }
        }
    }
}

/// The products of some outputs' weights with a band.
struct Blocks<'a, T> {
    weights: &'a [T],
    bias: Option<&'a [T]>,
    packed: &'a Packed<T>,
    steps: &'a Steps<'a>,
    band: &'a Band,
    /// Places of an image.
    places: usize,
    /// The images of these outputs.
    out: &'a mut [T],
}

impl<T: Real> WithSimd for Blocks<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let lanes = size_of::<T::Lanes<S>>() / size_of::<T>();
        let outs = self.out.len() / self.places;
        let (rows, cols) = (self.band.rows.len(), self.band.cols.len());
        let (together, _) = self.steps.vectors(self.band, lanes);
        let (runs, length) = if together { (1, (rows - 1) * self.packed.lead + cols) } else { (rows, cols) };
        // Vectors of places that all outputs are computed for before the next.
        let lines = self.packed.offsets.len() / self.steps.image.kernel[2] * size_of::<T::Lanes<S>>();
        let near = (NEAR / lines / 2 * 2).clamp(2, 12) * lanes;
        for run in 0..runs {
            let mut at = 0;
            while at < length {
                let mut first = 0;
                while first < outs {
                    let many = match outs - first {
                        5 => 3,
                        7 | 8 => 4,
                        rest => rest.min(6),
                    };
                    let (mut place, end) = (at, length.min(at + near));
                    while place < end {
                        let wide = 2 * (end - place) > WIDE[many] * lanes;
                        let from = run * self.packed.lead + place;
                        match (many, wide) {
                            (1, false) => self.block::<S, 1, 1>(simd, first, from, end - place),
                            (1, true) => self.block::<S, 1, 6>(simd, first, from, end - place),
                            (2, false) => self.block::<S, 2, 1>(simd, first, from, end - place),
                            (2, true) => self.block::<S, 2, 4>(simd, first, from, end - place),
                            (3, false) => self.block::<S, 3, 1>(simd, first, from, end - place),
                            (3, true) => self.block::<S, 3, 3>(simd, first, from, end - place),
                            (4, false) => self.block::<S, 4, 1>(simd, first, from, end - place),
                            (4, true) => self.block::<S, 4, 2>(simd, first, from, end - place),
                            (_, false) => self.block::<S, 6, 1>(simd, first, from, end - place),
                            (_, true) => self.block::<S, 6, 2>(simd, first, from, end - place),
                        }
                        place += if wide { WIDE[many] * lanes } else { lanes };
                    }
                    first += many;
                }
                at += near;
            }
        }
    }
}

impl<T: Real> Blocks<'_, T> {
    /// `V` vectors of places of `M` outputs, from an output and a place of the band on; what lies beyond `count` is not stored.
    #[inline(always)]
    fn block<S: Simd, const M: usize, const V: usize>(&mut self, simd: S, first: usize, from: usize, count: usize) {
        let lanes = size_of::<T::Lanes<S>>() / size_of::<T>();
        let lead = self.packed.lead;
        let sums: [[T::Lanes<S>; V]; M] = self.sums(simd, first, from);
        // On to the rows of the images, without what lies between.
        let ([_, height, width], band) = (self.steps.image.out, self.band);
        let (mut row, mut col) = (from / lead, from % lead);
        let to = |row: usize, col: usize| {
            ((band.depth.start * height) + band.rows.start + row) * width + band.cols.start + col
        };
        if count >= V * lanes && col + V * lanes <= band.cols.len() {
            for (i, sums) in sums.iter().enumerate() {
                T::store::<S>(&mut self.out[(first + i) * self.places + to(row, col)..], sums);
            }
            return;
        }
        let mut line = [[T::default(); SLACK]; M];
        for (line, sums) in line.iter_mut().zip(&sums) {
            T::store::<S>(line, sums);
        }
        let (mut done, count) = (0, count.min(V * lanes));
        while done < count {
            let there = band.cols.len().saturating_sub(col).min(count - done);
            if there > 0 {
                for (i, line) in line.iter().enumerate() {
                    let to = &mut self.out[(first + i) * self.places + to(row, col)..][..there];
                    to.copy_from_slice(&line[done..done + there]);
                }
            }
            done += lead - col;
            (row, col) = (row + 1, 0);
        }
    }

    /// The sums of such a block. Nothing takes their address, so that they stay in registers.
    #[inline(always)]
    fn sums<S: Simd, const M: usize, const V: usize>(
        &self,
        simd: S,
        first: usize,
        from: usize,
    ) -> [[T::Lanes<S>; V]; M] {
        let lanes = size_of::<T::Lanes<S>>() / size_of::<T>();
        let Packed { offsets, elements, .. } = self.packed;
        let inner = offsets.len();
        let mut rows = [&self.weights[..0]; M];
        let mut sums = [[T::splat(simd, T::default()); V]; M];
        for i in 0..M {
            rows[i] = &self.weights[(first + i) * inner..][..inner];
            if let Some(bias) = self.bias {
                sums[i] = [T::splat(simd, bias[first + i]); V];
            }
        }
        let elements = &elements[from..];
        for k in 0..inner {
            let x = &T::lanes::<S>(&elements[offsets[k]..][..V * lanes])[..V];
            for i in 0..M {
                let w = T::splat(simd, rows[i][k]);
                for v in 0..V {
                    sums[i][v] = T::fused(simd, w, x[v], sums[i][v]);
                }
            }
        }
        sums
    }
}
