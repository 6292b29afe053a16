//! Products on a GPU: the steps that the rows of `cpu::matmul` are made of, through cuBLAS and reductions.
#![allow(unsafe_code)]

use super::blas::{self, Factor, Product};
use super::launch::{self, Parameters, THREADS};
use super::loader::Loader;
use super::reduce::{self, Over};
use super::sources::{self, MATMUL};
use super::types::{io, register};
use super::{copy, fft};
use crate::base::error::{Result, runtime};
use crate::base::shape::Shape;
use crate::base::{DType, Scalar};
use crate::cpu::fft::Along;
use crate::cpu::linalg::device::Solver;
use crate::cpu::place::{Forms, Step};
use crate::store::cuda::Gpu;
use crate::store::{View, cuda::driver};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Rows and columns that a block of our own products does.
const TILE: i64 = 64;

/// Rows and columns of distances that a block does.
const NEAR: i64 = 16;

/// Blocks that a grid has at most in its second dimension.
const MOST: i64 = 65535;

/// The steps of a GPU.
#[derive(Debug)]
pub struct Steps {
    pub(super) gpu: &'static Gpu,
}

/// Those of a GPU, made once.
///
/// # Errors
/// torch's, for a device that is not there.
pub fn steps(gpu: &'static Gpu) -> Result<&'static Steps> {
    static ALL: Mutex<BTreeMap<u8, &'static Steps>> = Mutex::new(BTreeMap::new());
    let gpu = driver::gpu(Some(gpu.index))?;
    let mut all = ALL.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(all.entry(gpu.index).or_insert_with(|| Box::leak(Box::new(Steps { gpu }))))
}

impl Steps {
    /// The view itself where it lies on the GPU, else a copy there.
    pub(super) fn there(&self, x: &View) -> Result<View> {
        match x.on_device() {
            Some(_) => Ok(x.clone()),
            // The host's have one element, in whatever sizes.
            None => x.moved(self.gpu.device()),
        }
    }

    /// The factors in the last two dimensions, and a view that keeps their memory.
    fn factor(&self, x: &View) -> Result<(View, Factor)> {
        let x = self.there(x)?;
        if let Some(factor) = Factor::of(&x) {
            return Ok((x, factor));
        }
        let x = copy::contiguous(self.gpu, &x)?;
        match Factor::of(&x) {
            Some(factor) => Ok((x, factor)),
            None => Err(runtime("internal: a contiguous matrix without rows")),
        }
    }

    /// Products with one row or one column, whose elements are each read once: sums over the products of rows.
    fn rows(&self, a: &View, b: &View, sizes: &Shape) -> Result<Option<View>> {
        let last = a.ndim() - 1;
        let mut full = sizes.clone();
        full.push(a.sizes()[last]);
        let by = a.dtype().opmath();
        let (a, b) = (self.there(a)?.unsqueeze(last), self.there(b)?.transpose(last - 1, last).unsqueeze(last - 1));
        let products = Loader::over(&[&a, &b], &full, by, "v0 * v1")?;
        reduce::sum(self.gpu, &products, Over { dims: Some(&[-1]), keepdim: false }, Some(by), false)
    }

    /// Products of whole matrices, into an output that is contiguous.
    fn products(&self, a: &View, b: &View, out: &View, beta: Scalar, alpha: Scalar) -> Result<()> {
        let last = a.ndim() - 1;
        let ((a, left), (b, right)) = (self.factor(a)?, self.factor(b)?);
        let sizes = [a.sizes()[last - 1], a.sizes()[last], b.sizes()[last]];
        let product = Product {
            dtype: a.dtype(),
            sizes,
            count: if last == 2 { a.sizes()[0] } else { 1 },
            a: left,
            b: right,
            alpha,
            beta,
            out: launch::written(out)?,
            lead: sizes[2],
            apart: sizes[0] * sizes[2],
        };
        // SAFETY: the factors are those of the views, which live, and memory is used in the order of the stream; the output is
        // contiguous and of the products' sizes.
        unsafe { multiply(self.gpu, &product) }
    }
}

/// Runs a batch of products: the library's, or where it is not there or has none of these, our own.
///
/// # Safety
/// The factors are as described and stay until the device is done, and so does the room at `out`.
///
/// # Errors
/// What the device refuses.
pub unsafe fn multiply(gpu: &Gpu, p: &Product) -> Result<()> {
    // SAFETY: the caller's.
    if blas::found().is_ok() && unsafe { blas::multiply(gpu, p) }? {
        return Ok(());
    }
    let [rows, inner, columns] = p.sizes;
    let wrapper = format!(
        "namespace tensh {{\n{}extern \"C\" __global__ void __launch_bounds__({THREADS}) multiply(Matrices<S> a, Matrices<S> b, S* out, \
         int64_t rows, int64_t inner, int64_t columns, int64_t count, int64_t lead, int64_t apart, R alpha, R beta, int64_t add) {{\n    \
         multiply_tiles<Io, S, R>(a, b, out, rows, inner, columns, count, lead, apart, alpha, beta, add != 0);\n}}\n}}  // namespace tensh",
        io(p.dtype)
    );
    let text = sources::with(&[MATMUL], &wrapper, p.dtype.is_complex());
    let function = launch::functions(gpu, &text, &["multiply"])?[0];
    let mut parameters = Parameters::new();
    for f in [&p.a, &p.b] {
        let (down, right) = if f.by_columns { (1, f.lead) } else { (f.lead, 1) };
        parameters.ints(&[f.address as i64, f.apart, down, right]);
    }
    parameters.address(p.out);
    [rows, inner, columns, p.count, p.lead, p.apart].iter().for_each(|n| _ = parameters.int(*n));
    let by = p.dtype.opmath();
    let add = p.beta.to_c64() != Scalar::Int(0).to_c64();
    parameters.number(p.alpha, by).number(p.beta, by).int(i64::from(add));
    let tiles = u32::try_from((rows + TILE - 1) / TILE * ((columns + TILE - 1) / TILE))
        .map_err(|_| runtime("CUDA error: invalid configuration argument"))?;
    // SAFETY: the caller's; the parameters are those of the text.
    unsafe { parameters.launch(gpu, function, (tiles, p.count.clamp(1, MOST) as u32), THREADS) }
}

impl Forms for Steps {
    fn batched(&self, a: &View, b: &View, c: Option<&View>, beta: Scalar, alpha: Scalar) -> Result<Option<View>> {
        let (dtype, last) = (a.dtype(), a.ndim() - 1);
        let mut sizes = Shape::from_slice(a.sizes());
        sizes[last] = b.sizes()[last];
        if dtype.is_integral() || sizes.contains(&0) {
            return Ok(None);
        }
        let zero = |x: Scalar| x.to_c64() == Scalar::Int(0).to_c64();
        if a.sizes()[last] == 0 || c.is_some() && zero(alpha) {
            // Nothing of the factors is read.
            return match c {
                Some(c) => {
                    let beta = View::scalar(dtype.opmath(), beta)?;
                    Ok(Some(self.elements(Step::Product, &[&beta, c], &sizes, dtype.opmath(), dtype)?))
                }
                None => Ok(Some(self.fresh(dtype, &sizes, true)?)),
            };
        }
        if sizes[last] == 1 || sizes[last - 1] == 1 {
            let Some(sum) = self.rows(a, b, &sizes)? else { return Ok(None) };
            let by = sum.dtype();
            let alpha = View::scalar(by, alpha)?;
            let scaled = |views: &[&View], expression| {
                copy::computed(self.gpu, &Loader::over(views, &sizes, by, expression)?, dtype).map(Some)
            };
            return match c {
                Some(c) => scaled(&[&sum, &alpha, c, &View::scalar(by, beta)?], "v3 * v2 + v1 * v0"),
                None if alpha.get(0).to_c64() != Scalar::Int(1).to_c64() => scaled(&[&sum, &alpha], "v1 * v0"),
                None => Ok(Some(copy::cast(self.gpu, &sum, dtype)?)),
            };
        }
        let out = match c {
            Some(c) => self.elements(Step::Copy, &[c], &sizes, dtype, dtype)?,
            None => self.fresh(dtype, &sizes, false)?,
        };
        let beta = if c.is_some() { beta } else { Scalar::Int(0) };
        self.products(a, b, &out, beta, alpha)?;
        Ok(Some(out))
    }

    fn elements(&self, step: Step, views: &[&View], sizes: &[i64], by: DType, dtype: DType) -> Result<View> {
        let expression = match step {
            Step::Product => "mul(v0, v1)",
            Step::Sum => "add(v0, v1)",
            Step::Conjugate => "conj(v0)",
            Step::Copy => "v0",
        };
        copy::computed(self.gpu, &Loader::over(views, sizes, by, expression)?, dtype)
    }

    fn sum(&self, x: &View, dims: &[usize]) -> Result<Option<View>> {
        let dims: Vec<i64> = dims.iter().map(|&d| d as i64).collect();
        if x.numel() == 0 {
            let mut sizes = Shape::from_slice(x.sizes());
            dims.iter().for_each(|&d| sizes[d as usize] = 1);
            return Ok(Some(self.fresh(if x.dtype().is_integral() { DType::I64 } else { x.dtype() }, &sizes, true)?));
        }
        let x = self.there(x)?;
        reduce::sum(self.gpu, &Loader::of(&x), Over { dims: Some(&dims), keepdim: true }, None, false)
    }

    fn distances(&self, x: &View, y: &View, p: f64, sizes: &[i64], pairs: bool) -> Result<View> {
        let dtype = x.dtype();
        let out = self.fresh(dtype, sizes, false)?;
        let (x, y) = (copy::contiguous(self.gpu, &self.there(x)?)?, copy::contiguous(self.gpu, &self.there(y)?)?);
        let order = match p {
            0.0 => 0,
            1.0 => 1,
            2.0 => 2,
            f64::INFINITY => 3,
            _ => 4,
        };
        let wrapper = format!(
            "namespace tensh {{\ntypedef {} R;\nextern \"C\" __global__ void __launch_bounds__({THREADS}) measure(const R* x, const R* y, \
             R* out, int64_t n, int64_t m, int64_t k, R order, int64_t pairs) {{\n    distances<R, {order}>(x, y, out, n, m, k, order, \
             pairs != 0);\n}}\n}}  // namespace tensh",
            register(dtype)
        );
        let function = launch::functions(self.gpu, &sources::with(&[MATMUL], &wrapper, false), &["measure"])?[0];
        let (batch, n, m, k) = (x.sizes()[0], x.sizes()[1], y.sizes()[1], x.sizes()[2]);
        let tiles = |n: i64| (n + NEAR - 1) / NEAR;
        let blocks = u32::try_from(batch * tiles(n) * tiles(m))
            .map_err(|_| runtime("CUDA error: invalid configuration argument"))?;
        let mut parameters = Parameters::new();
        parameters.address(launch::read(&x)?).address(launch::read(&y)?).address(launch::written(&out)?);
        parameters.int(n).int(m).int(k).number(Scalar::Float(p), dtype).int(i64::from(pairs));
        // SAFETY: the parameters are those of the text; the views are contiguous and of these sizes.
        unsafe { parameters.launch(self.gpu, function, (blocks, 1), THREADS)? };
        Ok(out)
    }

    fn cross(&self, a: &View, b: &View, dim: usize) -> Result<View> {
        let dtype = a.dtype();
        let out = self.fresh(dtype, a.sizes(), false)?;
        if out.numel() == 0 {
            return Ok(out);
        }
        let (a, b) = (copy::contiguous(self.gpu, &self.there(a)?)?, copy::contiguous(self.gpu, &self.there(b)?)?);
        let wrapper = format!(
            "namespace tensh {{\n{}extern \"C\" __global__ void __launch_bounds__({THREADS}) cross(const S* a, const S* b, S* out, \
             uint64_t n, uint64_t inner) {{\n    cross_products<Io>(a, b, out, n, inner);\n}}\n}}  // namespace tensh",
            io(dtype)
        );
        let text = sources::with(&[MATMUL], &wrapper, dtype.is_complex());
        let function = launch::functions(self.gpu, &text, &["cross"])?[0];
        let (n, inner) = (out.numel() / 3, out.sizes()[dim + 1..].iter().product());
        let mut parameters = Parameters::new();
        parameters.address(launch::read(&a)?).address(launch::read(&b)?).address(launch::written(&out)?);
        parameters.int(n as i64).int(inner);
        // SAFETY: as above.
        unsafe { parameters.launch(self.gpu, function, (launch::blocks(n)?, 1), THREADS)? };
        Ok(out)
    }

    fn fourier(&self, x: &View, along: &Along) -> Result<Option<View>> {
        fft::transform(self.gpu, &self.there(x)?, along)
    }

    fn solver(&self) -> &dyn Solver {
        self
    }

    fn fresh(&self, dtype: DType, sizes: &[i64], zeroed: bool) -> Result<View> {
        let device = self.gpu.device();
        if zeroed { View::zeros_on(device, dtype, sizes) } else { View::empty_on(device, dtype, sizes) }
    }
}
