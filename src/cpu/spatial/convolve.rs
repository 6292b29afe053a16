//! Convolutions, in the way that suits their shape. Kernels of one element are products of matrices as they are; floats go the
//! direct way unless it would throw away most of what it computes, as in the derivatives of weights, whose outputs are few and whose
//! kernels are large; these, integers and complex numbers are products with each image's patches as columns.

use super::direct::{self, Real};
use super::{Triple, triple};
use crate::base::DType;
use crate::base::dtype::Element;
use crate::base::error::Result;
use crate::base::interrupt;
use crate::base::shape::Shape;
use crate::cpu::matmul::gemm::{self, Tile};
use crate::cpu::{copy, parallel};
use crate::dispatch;
use crate::store::View;
use num_traits::One;
use std::ops::Range;

/// Elements of patches that are worked on at once, so that they stay in the cache.
const TOGETHER: usize = 1 << 16;

/// How the weights slide over the input, one value a spatial dimension.
#[derive(Clone, Copy, Debug)]
pub struct Sliding<'a> {
    /// Elements between two places.
    pub stride: &'a [i64],
    /// Zeros before the first element and behind the last.
    pub padding: &'a [i64],
    /// Elements between two of the weights.
    pub dilation: &'a [i64],
    /// Groups of channels that see only each other.
    pub groups: i64,
}

/// `torch.convolution` of a batch `[n, channels, ...]` with weights `[out channels, channels / groups, ...]` and a bias for each
/// output channel: `[n, out channels, ...]`. Halves are computed in single precision and rounded once; integers wrap.
///
/// The caller has checked sizes and dtypes.
///
/// # Errors
/// When memory is short.
pub fn convolve(input: &View, weight: &View, bias: Option<&View>, sliding: &Sliding<'_>) -> Result<View> {
    let dtype = input.dtype();
    // Integers wrap alike in the widest of them.
    let wide = if dtype.is_integral() { DType::I64 } else { dtype.opmath() };
    let ready = |v: &View| copy::contiguous(&copy::cast(v, wide)?);
    let (input, weight, bias) = (ready(input)?, ready(weight)?, bias.map(ready).transpose()?);
    let image = Image::new(&input, &weight, sliding);
    let sizes = image.sizes(&input);
    let mut out = View::empty(wide, &sizes)?;
    if out.numel() == 0 {
        return View::empty(dtype, &sizes);
    }
    let (places, empty) = (image.places().0, weight.numel() == 0);
    if wide.is_float() && !empty && !image.is_plain() && direct::fits(&image) {
        straight(&image, &input, &weight, bias.as_ref(), &mut out);
    } else {
        dispatch!(wide, wide_inexact T => {
            if empty || bias.is_some() {
                begin(out.slice_mut::<T>(), bias.as_ref().map(View::slice::<T>), places);
            }
            if !empty {
                image.inexact::<T>(&input, &weight, &mut out, bias.is_some());
            }
        }, else {
            begin(out.slice_mut::<i64>(), bias.as_ref().map(View::slice::<i64>), places);
            if !empty {
                image.integers(&input, &weight, &mut out);
            }
        });
    }
    interrupt::check()?;
    copy::cast(&out, dtype)
}

/// What the sums of each output channel begin with.
fn begin<T: Element>(out: &mut [T], bias: Option<&[T]>, places: usize) {
    let Some(bias) = bias else { return out.fill(T::default()) };
    for (out, &bias) in out.chunks_mut(places).zip(bias.iter().cycle()) {
        out.fill(bias);
    }
}

/// The direct way, for floats.
fn straight(image: &Image, input: &View, weight: &View, bias: Option<&View>, out: &mut View) {
    fn typed<T: Real>(image: &Image, input: &View, weight: &View, bias: Option<&View>, out: &mut View) {
        let bias = bias.map(View::slice::<T>);
        direct::convolve(image, input.slice::<T>(), weight.slice::<T>(), bias, out.slice_mut::<T>());
    }
    if input.dtype() == DType::F64 {
        typed::<f64>(image, input, weight, bias, out);
    } else {
        typed::<f32>(image, input, weight, bias, out);
    }
}

/// The geometry of one image, and of one group of its channels.
#[derive(Clone, Copy, Debug)]
pub struct Image {
    /// Channels of a group that go in.
    pub channels: usize,
    /// Channels of a group that come out.
    pub outs: usize,
    /// Groups of channels.
    pub groups: usize,
    /// Elements of a channel.
    pub size: Triple,
    /// Weights of a channel.
    pub kernel: Triple,
    /// Elements of a channel that come out.
    pub out: Triple,
    /// Elements between two places.
    pub stride: Triple,
    /// Zeros before the first element and behind the last.
    pub padding: Triple,
    /// Elements between two of the weights.
    pub dilation: Triple,
}

impl Image {
    /// That of an input `[n, channels, ...]` and weights.
    pub fn new(input: &View, weight: &View, sliding: &Sliding<'_>) -> Image {
        let groups = sliding.groups.max(1) as usize;
        let (size, kernel) = (triple(&input.sizes()[2..], 1), triple(&weight.sizes()[2..], 1));
        let stride = triple(sliding.stride, 1);
        let (padding, dilation) = (triple(sliding.padding, 0), triple(sliding.dilation, 1));
        let out = std::array::from_fn(|d| {
            let reach = dilation[d] * kernel[d].saturating_sub(1) + 1;
            (size[d] + 2 * padding[d]).checked_sub(reach).map_or(0, |room| room / stride[d] + 1)
        });
        let (channels, outs) = (weight.sizes()[1] as usize, weight.sizes()[0] as usize / groups);
        Image { channels, outs, groups, size, kernel, out, stride, padding, dilation }
    }

    /// The sizes of what comes out.
    pub fn sizes(&self, input: &View) -> Shape {
        let channels = (self.groups * self.outs) as i64;
        let spatial = self.out[5 - input.ndim()..].iter().map(|&n| n as i64);
        [input.sizes()[0], channels].into_iter().chain(spatial).collect()
    }

    /// Elements of a channel.
    pub(super) fn area(&self) -> usize {
        self.size.iter().product()
    }

    /// Places the weights come to, and weights of a channel.
    pub fn places(&self) -> (usize, usize) {
        (self.out.iter().product(), self.kernel.iter().product())
    }

    /// Whether the columns of patches are the image as it is.
    pub fn is_plain(&self) -> bool {
        self.kernel == [1; 3] && self.stride == [1; 3] && self.padding == [0; 3]
    }

    /// The output elements along dimension `d` whose weight number `k` lies on the input, and the input element of the first.
    fn inside(&self, d: usize, k: usize) -> (usize, usize, usize) {
        let (offset, padding, stride) = (k * self.dilation[d], self.padding[d], self.stride[d]);
        let first = padding.saturating_sub(offset).div_ceil(stride).min(self.out[d]);
        let end = (self.size[d] + padding).saturating_sub(offset).div_ceil(stride).clamp(first, self.out[d]);
        (first, end, (first * stride + offset).saturating_sub(padding))
    }

    /// Writes the patches of `data`, the channels of a group, for some lines of places: a row for each weight.
    fn patches<T: Copy + Default>(&self, data: &[T], lines: Range<usize>, rows: &mut [T]) {
        let [_, height, width] = self.out;
        let mut rows = rows.chunks_mut(lines.len() * width);
        for channel in data.chunks(self.area()) {
            interrupt::poll();
            for kd in 0..self.kernel[0] {
                for kh in 0..self.kernel[1] {
                    for kw in 0..self.kernel[2] {
                        let Some(row) = rows.next() else { return };
                        let ((d0, d1, zd), (h0, h1, yh), (w0, w1, xw)) =
                            (self.inside(0, kd), self.inside(1, kh), self.inside(2, kw));
                        for (line, to) in lines.clone().zip(row.chunks_mut(width)) {
                            let (d, h) = (line / height, line % height);
                            if !(d0..d1).contains(&d) || !(h0..h1).contains(&h) || w0 == w1 {
                                to.fill(T::default());
                                continue;
                            }
                            to[..w0].fill(T::default());
                            to[w1..].fill(T::default());
                            let to = &mut to[w0..w1];
                            let (z, y) = (zd + (d - d0) * self.stride[0], yh + (h - h0) * self.stride[1]);
                            let from = &channel[(z * self.size[1] + y) * self.size[2] + xw..];
                            if self.stride[2] == 1 {
                                to.copy_from_slice(&from[..w1 - w0]);
                            } else {
                                for (i, o) in to.iter_mut().enumerate() {
                                    *o = from[i * self.stride[2]];
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    /// Lines of places whose patches stay in the cache together, and all lines.
    fn lines(&self) -> (usize, usize) {
        let [depth, height, width] = self.out;
        let inner = self.channels * self.places().1;
        ((TOGETHER / (inner * width).max(1)).clamp(1, depth * height), depth * height)
    }

    /// Runs `f(group, its patches, from one row of them to the next, outputs of the group, first place, places)` for some lines of
    /// places after the other, of each group of each image.
    fn each<T: Element>(
        &self,
        input: &View,
        out: &mut View,
        f: impl Fn(usize, &[T], usize, &mut [T], usize, usize) + Sync,
    ) {
        let (places, weights) = self.places();
        let (inner, width) = (self.channels * weights, self.out[2]);
        let (together, lines) = self.lines();
        let groups = input.slice::<T>().chunks(self.channels * self.area());
        let outs = out.slice_mut::<T>().chunks_mut(self.outs * places);
        let work: Vec<_> = outs.zip(groups).enumerate().collect();
        parallel::for_each(work.into_iter(), 1, |(i, (out, data))| {
            let mut room = vec![T::default(); if self.is_plain() { 0 } else { inner * together * width }];
            for first in (0..lines).step_by(together) {
                interrupt::poll();
                let part = first..lines.min(first + together);
                let count = part.len() * width;
                if self.is_plain() {
                    f(i % self.groups, &data[first * width..], places, out, first * width, count);
                } else {
                    let patches = &mut room[..inner * count];
                    self.patches(data, part, patches);
                    f(i % self.groups, patches, count, out, first * width, count);
                }
            }
        });
    }

    /// The products, or with `add` what they add up to with what is there.
    fn inexact<T: Element + One>(&self, input: &View, weight: &View, out: &mut View, add: bool) {
        let (places, weights) = self.places();
        let inner = self.channels * weights;
        let all = weight.slice::<T>();
        self.each::<T>(input, out, |group, patches, lead, out, first, count| {
            let plain = |data, lead, rows, cols| Tile { data, lead, rows, cols, transposed: false, conjugated: false };
            let weights = &all[group * self.outs * inner..][..self.outs * inner];
            let (patches, weights) = (plain(patches, lead, count, inner), plain(weights, inner, inner, self.outs));
            gemm::accumulate(&mut out[first..], places, patches, weights, add, T::one());
        });
    }

    fn integers(&self, input: &View, weight: &View, out: &mut View) {
        let (places, weights) = self.places();
        let inner = self.channels * weights;
        let all = weight.slice::<i64>();
        self.each::<i64>(input, out, |group, patches, lead, out, first, count| {
            let weights = all[group * self.outs * inner..].chunks(inner);
            for (out, weights) in out.chunks_mut(places).zip(weights) {
                for (w, row) in weights.iter().zip(patches.chunks(lead)) {
                    let pairs = out[first..first + count].iter_mut().zip(row);
                    pairs.for_each(|(o, v)| *o = o.wrapping_add(w.wrapping_mul(*v)));
                }
            }
        });
    }
}
