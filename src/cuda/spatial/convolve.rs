//! Convolutions: products of the weights with the patches of the images they lie on, or all of an element in a thread where there is
//! little to multiply.
#![allow(unsafe_code)]

use crate::base::error::{Result, not_implemented};
use crate::base::{DType, Scalar};
use crate::cpu::spatial::convolve::{Image, Sliding};
use crate::cuda::blas::{Factor, Product};
use crate::cuda::launch::{Parameters, read, written};
use crate::cuda::loader::Loader;
use crate::cuda::{copy, matmul};
use crate::store::View;
use crate::store::cuda::Gpu;

/// Bytes of patches that are there at once, unless those of an image are more.
const ROOM: usize = 1 << 28;

/// Bytes of patches that are there at once where a single product is made of all images.
const ALL: usize = 1 << 30;

/// Channels of a group up to which a thread does all of an element.
const FEW: usize = 8;

/// Multiplications up to which one launch is better than several.
const LITTLE: usize = 1 << 18;

/// Places of an image up to which the patches of all images make one matrix.
const NARROW: usize = 64;

/// `torch.convolution`, of arguments that fit each other.
///
/// # Errors
/// torch's, for dtypes without products; what the device refuses.
pub fn convolve(gpu: &'static Gpu, input: &View, weight: &View, bias: Option<&View>, s: &Sliding<'_>) -> Result<View> {
    let dtype = input.dtype();
    if dtype.is_integral() {
        return Err(refused(dtype, input, weight, s));
    }
    let (input, weight) = (copy::contiguous(gpu, input)?, copy::contiguous(gpu, weight)?);
    let bias = bias.map(|b| copy::contiguous(gpu, b)).transpose()?;
    let image = Image::new(&input, &weight, s);
    let sizes = image.sizes(&input);
    let work = Work { gpu, dtype, image, images: input.sizes()[0] as usize };
    let (places, weights) = image.places();
    let channels = (image.groups * image.outs) as i64;
    let shaped = |v: View| v.try_view(&sizes).map_or_else(|| copy::contiguous(gpu, &v), Ok);
    let multiplications = work.images * channels as usize * places * image.channels * weights;
    if sizes.contains(&0) {
        return View::empty_on(gpu.device(), dtype, &sizes);
    }
    if multiplications == 0 {
        let rows = [work.images as i64, channels, places as i64];
        return match &bias {
            Some(bias) => shaped(copy::computed(gpu, &Loader::of(&bias.unsqueeze(1).expand(&rows)?), dtype)?),
            None => View::zeros_on(gpu.device(), dtype, &sizes),
        };
    }
    if multiplications <= LITTLE || image.groups > 1 && (image.channels < FEW || image.outs < FEW) {
        let out = View::empty_on(gpu.device(), dtype, &sizes)?;
        work.directly(&input, &weight, bias.as_ref(), &out)?;
        return Ok(out);
    }
    let all = multiplications / image.outs * dtype.size();
    if places <= NARROW && work.images > 1 && all <= ALL {
        let out = work.together(&input, &weight, bias.as_ref())?;
        return shaped(copy::contiguous(gpu, &out.transpose(0, 1))?);
    }
    shaped(work.by_images(&input, &weight, bias.as_ref())?)
}

/// Integers have no convolution in CUDA's PyTorch; it says so in the name of the kernel that would do it.
#[cold]
fn refused(dtype: DType, input: &View, weight: &View, s: &Sliding<'_>) -> crate::base::Error {
    let plane = input.ndim() < 5;
    let name = if plane && s.groups > 1 && s.groups == input.sizes()[1] && weight.sizes()[0] % s.groups == 0 {
        "conv_depthwise2d_forward_cuda"
    } else if plane && s.dilation.iter().all(|&d| d == 1) {
        "slow_conv2d_cuda"
    } else {
        "slow_conv_dilated<>"
    };
    not_implemented(format!("\"{name}\" not implemented for '{}'", dtype.aten()))
        .help("GPUs have convolutions of floats alone: .float() makes floats of integers")
}

/// A convolution of several images.
struct Work {
    gpu: &'static Gpu,
    dtype: DType,
    image: Image,
    images: usize,
}

impl Work {
    fn parameters(&self) -> Parameters {
        let i = &self.image;
        let mut parameters = Parameters::new();
        super::slide(&mut parameters, [i.size, i.kernel, i.out, i.stride, i.padding, i.dilation]);
        parameters
    }

    /// Elements of the patches of a group of an image: rows, and places in each.
    fn inner(&self) -> (i64, i64) {
        let (places, weights) = self.image.places();
        ((self.image.channels * weights) as i64, places as i64)
    }

    fn directly(&self, input: &View, weight: &View, bias: Option<&View>, out: &View) -> Result<()> {
        let function = super::kernel(
            self.gpu,
            self.dtype,
            "const S* x, const S* weight, const S* bias, S* out, uint64_t n, int64_t groups, int64_t channels, int64_t outs",
            "convolve_directly<Io, S, R>(w, x, weight, bias, out, n, groups, channels, outs)",
        )?;
        let (n, i) = (out.numel(), &self.image);
        let mut parameters = self.parameters();
        parameters.address(read(input)?).address(read(weight)?).address(bias.map_or(Ok(0), read)?);
        parameters.address(written(out)?).int(n as i64);
        parameters.int(i.groups as i64).int(i.channels as i64).int(i.outs as i64);
        // SAFETY: the parameters are those of the text; the views are contiguous and of the sizes that they were made for.
        unsafe { super::launch(self.gpu, function, &mut parameters, n) }
    }

    /// Writes the patches of `count` images to `to`, whose rows and images are so many elements apart.
    fn patches(&self, from: u64, count: usize, to: u64, (row, image): (i64, i64)) -> Result<()> {
        let function = super::kernel(
            self.gpu,
            self.dtype,
            "const S* x, S* out, uint64_t n, int64_t channels, int64_t row, int64_t image",
            "write_patches(w, x, out, n, channels, row, image)",
        )?;
        let channels = self.image.groups * self.image.channels;
        let n = count * channels * self.image.places().0;
        let mut parameters = self.parameters();
        parameters.address(from).address(to).int(n as i64).int(channels as i64).int(row).int(image);
        // SAFETY: the parameters are those of the text; the caller has room for the patches of so many images.
        unsafe { super::launch(self.gpu, function, &mut parameters, n) }
    }

    /// What the sums of products begin with: the bias, and whether there is one.
    fn begin(&self, bias: Option<&View>, channel: usize, sizes: &[i64]) -> Result<(View, Scalar)> {
        let Some(bias) = bias else {
            return Ok((View::empty_on(self.gpu.device(), self.dtype, sizes)?, Scalar::Int(0)));
        };
        let mut bias = bias.clone();
        while bias.ndim() < sizes.len() - channel {
            bias = bias.unsqueeze(bias.ndim());
        }
        Ok((copy::computed(self.gpu, &Loader::of(&bias.expand(sizes)?), self.dtype)?, Scalar::Int(1)))
    }

    fn factor(&self, address: u64, first: i64, lead: i64, apart: i64) -> Factor {
        Factor { address: address + (first as usize * self.dtype.size()) as u64, lead, apart, by_columns: false }
    }

    /// One product for each group, of the patches of all images: `[channels, images, places]`.
    fn together(&self, input: &View, weight: &View, bias: Option<&View>) -> Result<View> {
        let ((inner, places), n) = (self.inner(), self.images as i64);
        let (groups, outs) = (self.image.groups as i64, self.image.outs as i64);
        let (out, beta) = self.begin(bias, 0, &[groups * outs, n, places])?;
        let room = self.gpu.allocate((groups * inner * n * places) as usize * self.dtype.size())?;
        self.patches(read(input)?, self.images, room.address, (n * places, places))?;
        let product = Product {
            dtype: self.dtype,
            sizes: [outs, inner, n * places],
            count: groups,
            a: self.factor(read(weight)?, 0, inner, outs * inner),
            b: self.factor(room.address, 0, n * places, inner * n * places),
            alpha: Scalar::Int(1),
            beta,
            out: written(&out)?,
            lead: n * places,
            apart: outs * n * places,
        };
        // SAFETY: the factors are those of the weights and the patches; memory is used in the order of the stream.
        unsafe { matmul::multiply(self.gpu, &product)? };
        Ok(out)
    }

    /// Products for each image, of some images at a time: `[images, channels, places]`.
    fn by_images(&self, input: &View, weight: &View, bias: Option<&View>) -> Result<View> {
        let (inner, places) = self.inner();
        let (groups, outs) = (self.image.groups as i64, self.image.outs as i64);
        let (out, beta) = self.begin(bias, 1, &[self.images as i64, groups * outs, places])?;
        let (from, weights, to) = (read(input)?, read(weight)?, written(&out)?);
        let (size, whole) = (self.dtype.size(), groups * inner * places);
        let plain = self.image.is_plain();
        let some = if plain { self.images } else { (ROOM / (whole as usize * size)).clamp(1, self.images) };
        let room = self.gpu.allocate(if plain { 0 } else { some * whole as usize * size })?;
        let area = self.image.groups * self.image.channels * self.image.size.iter().product::<usize>();
        for first in (0..self.images).step_by(some) {
            let count = some.min(self.images - first);
            if !plain {
                self.patches(from + (first * area * size) as u64, count, room.address, (places, whole))?;
            }
            let patches = if plain { from } else { room.address };
            let (first, count) = (first as i64, count as i64);
            let product = |image: i64, group: i64, count: i64, [a, b, c]: [i64; 3]| Product {
                dtype: self.dtype,
                sizes: [outs, inner, places],
                count,
                a: self.factor(weights, group * outs * inner, inner, a),
                b: self.factor(patches, image * whole + group * inner * places, places, b),
                alpha: Scalar::Int(1),
                beta,
                out: to + (((first + image) * groups + group) * outs * places) as u64 * size as u64,
                lead: places,
                apart: c,
            };
            // As few calls as there are of the fewer: groups or images.
            let calls: Vec<Product> = if groups <= count {
                (0..groups).map(|g| product(0, g, count, [0, whole, groups * outs * places])).collect()
            } else {
                (0..count).map(|i| product(i, 0, groups, [outs * inner, inner * places, outs * places])).collect()
            };
            for product in &calls {
                // SAFETY: as in `together`; the output has the places of all images.
                unsafe { matmul::multiply(self.gpu, product)? };
            }
        }
        Ok(out)
    }
}
