//! Convolutions as products of matrices: each image's patches as columns, times the weights as rows.

use super::{Triple, triple};
use crate::base::dtype::Element;
use crate::base::error::Result;
use crate::base::interrupt;
use crate::base::shape::Shape;
use crate::cpu::matmul::gemm::{self, Tile};
use crate::cpu::{copy, parallel};
use crate::dispatch;
use crate::store::View;
use num_traits::{One, WrappingAdd, WrappingMul};
use std::ops::Neg;

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
    let wide = dtype.opmath();
    let ready = |v: &View| copy::contiguous(&copy::cast(v, wide)?);
    let (input, weight, bias) = (ready(input)?, ready(weight)?, bias.map(ready).transpose()?);
    let image = Image::new(&input, &weight, sliding);
    let mut sizes = Shape::from_slice(&[input.sizes()[0], weight.sizes()[0]]);
    sizes.extend(image.out[3 - (input.ndim() - 2)..].iter().map(|&n| n as i64));
    // What the sums begin with.
    let mut out = View::zeros(wide, &sizes)?;
    if let Some(bias) = &bias {
        let mut over = Shape::from_elem(1, sizes.len());
        over[1] = sizes[1];
        copy::copy_into(&bias.with_geometry(&over, &crate::base::shape::contiguous_strides(&over), 0)?, &mut out)?;
    }
    if out.numel() > 0 && weight.numel() > 0 {
        dispatch!(wide, wide_inexact T => image.inexact::<T>(&input, &weight, &mut out)?, else {
            dispatch!(wide, int T => image.integers::<T>(&input, &weight, &mut out), else ());
        });
    }
    copy::cast(&out, dtype)
}

/// The geometry of one image, and of one group of its channels.
struct Image {
    /// Channels of a group, in and out.
    channels: usize,
    outs: usize,
    groups: usize,
    size: Triple,
    kernel: Triple,
    out: Triple,
    stride: Triple,
    padding: Triple,
    dilation: Triple,
}

impl Image {
    fn new(input: &View, weight: &View, sliding: &Sliding<'_>) -> Image {
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

    fn area(&self) -> usize {
        self.size.iter().product()
    }

    /// Places the weights come to, and weights of a channel.
    fn places(&self) -> (usize, usize) {
        (self.out.iter().product(), self.kernel.iter().product())
    }

    /// Whether the columns of patches are the image as it is.
    fn is_plain(&self) -> bool {
        self.kernel == [1; 3] && self.stride == [1; 3] && self.padding == [0; 3]
    }

    /// The output elements along dimension `d` whose weight number `k` lies on the input, and the input element of the first.
    fn inside(&self, d: usize, k: usize) -> (usize, usize, usize) {
        let (offset, padding, stride) = (k * self.dilation[d], self.padding[d], self.stride[d]);
        let first = padding.saturating_sub(offset).div_ceil(stride).min(self.out[d]);
        let end = (self.size[d] + padding).saturating_sub(offset).div_ceil(stride).clamp(first, self.out[d]);
        (first, end, (first * stride + offset).saturating_sub(padding))
    }

    /// Writes the patches of `data`, the channels of a group: a row for each weight, with an element for each place.
    fn patches<T: Copy + Default>(&self, data: &[T], rows: &mut [T]) {
        let (places, _) = self.places();
        let [depth, height, width] = self.out;
        let mut rows = rows.chunks_mut(places);
        for channel in data.chunks(self.area()) {
            interrupt::poll();
            for kd in 0..self.kernel[0] {
                for kh in 0..self.kernel[1] {
                    for kw in 0..self.kernel[2] {
                        let Some(row) = rows.next() else { return };
                        let ((d0, d1, zd), (h0, h1, yh), (w0, w1, xw)) =
                            (self.inside(0, kd), self.inside(1, kh), self.inside(2, kw));
                        if (d0, d1, h0, h1, w0, w1) != (0, depth, 0, height, 0, width) {
                            row.fill(T::default());
                        }
                        if w0 == w1 {
                            continue;
                        }
                        for d in d0..d1 {
                            for h in h0..h1 {
                                let z = zd + (d - d0) * self.stride[0];
                                let y = yh + (h - h0) * self.stride[1];
                                let from = &channel[(z * self.size[1] + y) * self.size[2] + xw..];
                                let to = &mut row[(d * height + h) * width + w0..][..w1 - w0];
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
    }

    /// Runs `f(group, channels of the group, room for patches, outputs of the group)` for each group of each image.
    fn each<T: Element>(&self, input: &View, out: &mut View, f: impl Fn(usize, &[T], &mut [T], &mut [T]) + Sync) {
        let (places, weights) = self.places();
        let rows = if self.is_plain() { 0 } else { self.channels * weights * places };
        let groups = input.slice::<T>().chunks((self.channels * self.area()).max(1));
        let outs = out.slice_mut::<T>().chunks_mut(self.outs * places);
        // A task's images share its room, which stays in the cache.
        let tasks = (input.sizes()[0] as usize * self.groups).div_ceil(parallel::threads() * 4);
        let work: Vec<_> = outs.zip(groups).enumerate().collect();
        let work: Vec<Vec<_>> = {
            let mut rest = work.into_iter();
            std::iter::from_fn(|| {
                let part: Vec<_> = rest.by_ref().take(tasks).collect();
                (!part.is_empty()).then_some(part)
            })
            .collect()
        };
        parallel::for_each(work.into_iter(), 1, |part| {
            let mut room = vec![T::default(); rows];
            for (i, (out, data)) in part {
                interrupt::poll();
                f(i % self.groups, data, &mut room, out);
            }
        });
    }

    fn inexact<T: Element + One + Neg<Output = T>>(&self, input: &View, weight: &View, out: &mut View) -> Result<()> {
        let (places, weights) = self.places();
        let inner = self.channels * weights;
        // What is subtracted is the product with the weights' opposites.
        let opposite: Vec<T> = weight.slice::<T>().iter().map(|&w| -w).collect();
        self.each::<T>(input, out, |group, data, room, out| {
            let patches = if self.is_plain() {
                data
            } else {
                self.patches(data, room);
                room
            };
            let tile = |data, rows, cols| Tile { data, lead: rows, rows, cols, transposed: false, conjugated: false };
            let weights = &opposite[group * self.outs * inner..][..self.outs * inner];
            gemm::subtract(out, places, tile(patches, places, inner), tile(weights, inner, self.outs));
        });
        Ok(())
    }

    fn integers<T: Element + WrappingAdd + WrappingMul>(&self, input: &View, weight: &View, out: &mut View) {
        let (places, weights) = self.places();
        let inner = self.channels * weights;
        let all = weight.slice::<T>();
        self.each::<T>(input, out, |group, data, room, out| {
            let patches = if self.is_plain() {
                data
            } else {
                self.patches(data, room);
                room
            };
            let weights = all[group * self.outs * inner..].chunks(inner);
            for (out, weights) in out.chunks_mut(places).zip(weights) {
                for (w, row) in weights.iter().zip(patches.chunks(places)) {
                    out.iter_mut().zip(row).for_each(|(o, v)| *o = o.wrapping_add(&w.wrapping_mul(v)));
                }
            }
        });
    }
}
