//! Linear algebra on a GPU: cuSOLVER's and cuBLAS's routines over batches, chosen by size as PyTorch chooses them, and the little around
//! them that is not theirs.
#![allow(unsafe_code)]

mod equations;
mod indefinite;
mod reflections;
mod spectrum;
mod triangles;
mod values;

use super::launch::{self, Parameters, THREADS, blocks, read, written};
use super::loader::Loader;
use super::matmul::Steps;
use super::reduce::{self, Logic, Over};
use super::sources::{self, LINALG};
use super::types::register;
use super::{copy, create, index};
use crate::base::error::{Result, runtime};
use crate::base::shape::Shape;
use crate::base::{DType, Scalar};
use crate::cpu::index::triangle::Half;
use crate::cpu::linalg::device::{Eigen, Factors, Singular, Solver, Turn, turned};
use crate::cpu::linalg::lu::Triangle;
use crate::store::View;
use crate::store::cuda::Gpu;

/// Matrices column after column, and one behind the other.
struct Columns {
    /// `[..., columns, rows]`, contiguous.
    view: View,
    dtype: DType,
    count: i64,
    rows: i64,
    columns: i64,
}

impl Columns {
    fn over(view: View) -> Columns {
        let last = view.ndim() - 1;
        let (columns, rows) = (view.sizes()[last - 1], view.sizes()[last]);
        Columns { dtype: view.dtype(), count: view.sizes()[..last - 1].iter().product(), rows, columns, view }
    }

    /// Room for matrices.
    fn empty(gpu: &'static Gpu, dtype: DType, batch: &[i64], rows: i64, columns: i64) -> Result<Columns> {
        let sizes: Shape = batch.iter().copied().chain([columns, rows]).collect();
        Ok(Columns::over(View::empty_on(gpu.device(), dtype, &sizes)?))
    }

    /// A copy, to be written over.
    fn copied(gpu: &'static Gpu, a: &View) -> Result<Columns> {
        Ok(Columns::over(copy::computed(gpu, &Loader::of(&turned(a)), a.dtype())?))
    }

    /// The matrices themselves where they lie so, else a copy: to be read.
    fn of(gpu: &'static Gpu, a: &View) -> Result<Columns> {
        Ok(Columns::over(copy::contiguous(gpu, &turned(a))?))
    }

    /// A number of elements in bytes.
    fn bytes(&self, elements: i64) -> u64 {
        elements as u64 * self.dtype.size() as u64
    }

    /// Where one of the matrices begins, to be written.
    fn at(&self, i: i64) -> Result<u64> {
        Ok(written(&self.view)? + self.bytes(i * self.rows * self.columns))
    }

    /// From one column to the next.
    fn lead(&self) -> i64 {
        self.rows.max(1)
    }

    /// The addresses of all matrices.
    fn addresses(&self, gpu: &'static Gpu) -> Result<View> {
        addresses(gpu, written(&self.view)?, self.bytes(self.rows * self.columns), self.count)
    }

    fn is_empty(&self) -> bool {
        self.view.numel() == 0
    }

    /// The matrices as they are meant.
    fn result(self) -> View {
        turned(&self.view)
    }
}

/// Addresses a fixed distance apart, on the device.
fn addresses(gpu: &'static Gpu, first: u64, apart: u64, count: i64) -> Result<View> {
    let (first, apart) = (Scalar::Int(first as i64), Scalar::Int(apart as i64));
    let made = if apart == Scalar::Int(0) {
        create::full(gpu, &[count], first, DType::I64)?
    } else {
        let end = first.to_i64().wrapping_add(apart.to_i64() * count);
        create::arange(gpu, first, Scalar::Int(end), apart, DType::I64)?
    };
    made.ok_or_else(|| runtime("internal: no addresses"))
}

/// The leading sizes of matrices.
fn batch(a: &View) -> &[i64] {
    &a.sizes()[..a.ndim() - 2]
}

/// Vectors under the leading sizes of matrices.
fn vectors(gpu: &'static Gpu, dtype: DType, a: &View, length: i64) -> Result<View> {
    let sizes: Shape = batch(a).iter().copied().chain([length]).collect();
    View::empty_on(gpu.device(), dtype, &sizes)
}

/// Infos of matrices, zero at first.
fn infos(gpu: &'static Gpu, a: &View) -> Result<View> {
    View::zeros_on(gpu.device(), DType::I32, batch(a))
}

/// The address of one of 32-bit integers: an info, or a pivot.
fn int_at(all: &View, i: i64) -> Result<u64> {
    Ok(written(all)? + 4 * i as u64)
}

/// A kernel of `kernels/linalg.cu`: its name, and what it is given and calls; `S` is the dtype and `F` its real one.
type Kernel = (&'static str, &'static str);

const EXCHANGE: Kernel = (
    "exchange_rows",
    "(S* b, const int32_t* pivots, uint64_t total, int64_t n, int64_t count, int64_t columns, int64_t down, int64_t right, int64_t back) \
     {\n    exchange<S>(b, pivots, total, n, count, columns, down, right, back != 0);\n}",
);

const IDENTITY: Kernel =
    ("eye", "(S* a, uint64_t total, int64_t rows, int64_t columns) {\n    identity<S>(a, total, rows, columns);\n}");

const DETERMINANTS: Kernel = (
    "determinant",
    "(const S* a, const int32_t* pivots, S* product, F* logs, uint64_t count, int64_t n) {\n    \
     determinants<S, F>(a, pivots, product, logs, count, n);\n}",
);

const EIGENVECTORS: Kernel = (
    "pairs",
    "(const complex<F>* values, const F* v, complex<F>* out, uint64_t total, uint64_t n) {\n    \
     eigenvectors<F>(values, v, out, total, n);\n}",
);

/// Launches one of the kernels, a thread for each of `threads` things.
///
/// # Safety
/// The parameters are those of the kernel, and its memory is large enough.
unsafe fn run(
    gpu: &'static Gpu,
    dtype: DType,
    (name, body): Kernel,
    parameters: &mut Parameters,
    threads: usize,
) -> Result<()> {
    let text = format!(
        "namespace tensh {{\ntypedef {} S;\ntypedef {} F;\nextern \"C\" __global__ void __launch_bounds__({THREADS}) {name}{body}\n\
         }}  // namespace tensh",
        register(dtype),
        register(dtype.real())
    );
    let complex = dtype.is_complex() || name == EIGENVECTORS.0;
    let function = launch::functions(gpu, &sources::with(&[LINALG], &text, complex), &[name])?[0];
    // SAFETY: the caller's.
    unsafe { parameters.launch(gpu, function, (blocks(threads)?, 1), THREADS) }
}

/// Exchanges rows of matrices of `n` rows, `[..., n, columns]` or turned, as pivots say, or takes that back.
fn exchange(gpu: &'static Gpu, b: &View, pivots: &View, by_columns: bool, back: bool) -> Result<()> {
    let last = b.ndim() - 1;
    let (x, y) = (b.sizes()[last - 1], b.sizes()[last]);
    let (n, columns, down, right) = if by_columns { (y, x, 1, y) } else { (x, y, y, 1) };
    let threads = b.numel() / n.max(1) as usize;
    if threads == 0 {
        return Ok(());
    }
    let pivots = copy::contiguous(gpu, pivots)?;
    let mut parameters = Parameters::new();
    parameters.address(written(b)?).address(read(&pivots)?).int(threads as i64).int(n);
    parameters.int(pivots.sizes()[last - 1]).int(columns).int(down).int(right).int(i64::from(back));
    // SAFETY: the parameters are those of the text; a thread has a column.
    unsafe { run(gpu, b.dtype(), EXCHANGE, &mut parameters, threads) }
}

fn identity(gpu: &'static Gpu, dtype: DType, sizes: &[i64]) -> Result<View> {
    let out = View::empty_on(gpu.device(), dtype, sizes)?;
    if out.numel() > 0 {
        let mut parameters = Parameters::new();
        let last = sizes.len() - 1;
        parameters.address(written(&out)?).int(out.numel() as i64).int(sizes[last - 1]).int(sizes[last]);
        // SAFETY: the parameters are those of the text; there is an element for each thread that writes one.
        unsafe { run(gpu, dtype, IDENTITY, &mut parameters, out.numel())? };
    }
    Ok(out)
}

fn half(gpu: &'static Gpu, x: &View, upper: bool, shift: i64) -> Result<View> {
    let half = if upper { Half::Upper } else { Half::Lower };
    match index::rearrange::triangle(gpu, x, shift, half)? {
        Some(out) => Ok(out),
        None => View::empty_on(gpu.device(), x.dtype(), x.sizes()),
    }
}

fn determinants(gpu: &'static Gpu, lu: &Factors, logs: bool) -> Result<(View, Option<View>)> {
    let (dtype, batch) = (lu.factors.dtype(), lu.info.sizes());
    let out = View::empty_on(gpu.device(), dtype, batch)?;
    let sums = if logs { Some(View::empty_on(gpu.device(), dtype.real(), batch)?) } else { None };
    let n = lu.factors.sizes()[lu.factors.ndim() - 1];
    if out.numel() > 0 {
        let mut parameters = Parameters::new();
        parameters.address(read(&lu.factors)?).address(read(&lu.pivots)?).address(written(&out)?);
        parameters.address(sums.as_ref().map_or(Ok(0), written)?).int(out.numel() as i64).int(n);
        // SAFETY: the parameters are those of the text; diagonals lie alike by rows and by columns.
        unsafe { run(gpu, dtype, DETERMINANTS, &mut parameters, out.numel())? };
    }
    Ok((out, sums))
}

impl Solver for Steps {
    fn lu(&self, a: &View, pivot: bool) -> Result<Factors> {
        equations::lu(self.gpu, &self.there(a)?, pivot)
    }

    fn lu_solve(&self, factors: &View, pivots: &View, b: &View, turn: Turn) -> Result<View> {
        equations::lu_solve(self.gpu, &self.there(factors)?, &self.there(pivots)?, &self.there(b)?, turn)
    }

    fn permutation(&self, pivots: &View, n: i64, dtype: DType) -> Result<View> {
        let batch = &pivots.sizes()[..pivots.ndim() - 1];
        let sizes: Shape = batch.iter().copied().chain([n, n]).collect();
        let by = if dtype.is_half() || dtype.is_integral() { DType::F32 } else { dtype };
        let out = identity(self.gpu, by, &sizes)?;
        exchange(self.gpu, &out, &self.there(pivots)?, false, true)?;
        copy::cast(self.gpu, &out, dtype)
    }

    fn triangle(&self, a: &View, upper: bool, unit: bool) -> Result<View> {
        let shift = if !unit {
            0
        } else if upper {
            1
        } else {
            -1
        };
        let out = half(self.gpu, &self.there(a)?, upper, shift)?;
        if unit && out.numel() > 0 {
            create::fill(self.gpu, &out.diagonal(0, out.ndim() - 2, out.ndim() - 1), Scalar::Int(1))?;
        }
        Ok(out)
    }

    fn substitute(&self, t: &View, b: &View, how: Triangle, left: bool) -> Result<View> {
        let x = Columns::copied(self.gpu, &self.there(b)?)?;
        triangles::substitute(self.gpu, &self.there(t)?, &x, how, left)?;
        Ok(x.result())
    }

    fn cholesky(&self, a: &View, upper: bool) -> Result<(View, View)> {
        triangles::cholesky(self.gpu, &self.there(a)?, upper)
    }

    fn cholesky_solve(&self, factor: &View, b: &View, upper: bool) -> Result<View> {
        triangles::cholesky_solve(self.gpu, &self.there(factor)?, &self.there(b)?, upper)
    }

    fn ldl(&self, a: &View) -> Result<Factors> {
        indefinite::factors(self.gpu, &self.there(a)?)
    }

    fn ldl_solve(&self, factors: &View, pivots: &View, b: &View) -> Result<View> {
        indefinite::solve(self.gpu, &self.there(factors)?, &self.there(pivots)?, &self.there(b)?)
    }

    fn qr(&self, a: &View) -> Result<(View, View)> {
        let factors = Columns::copied(self.gpu, &self.there(a)?)?;
        let tau = reflections::qr(self.gpu, &factors)?;
        Ok((factors.result(), tau))
    }

    fn product(&self, a: &View, tau: &View, columns: i64) -> Result<View> {
        reflections::product(self.gpu, &self.there(a)?, &self.there(tau)?, columns)
    }

    fn reflect(&self, a: &View, tau: &View, c: &View, left: bool, adjoint: bool) -> Result<View> {
        let a = Columns::of(self.gpu, &self.there(a)?)?;
        let c = Columns::copied(self.gpu, &self.there(c)?)?;
        reflections::reflect(self.gpu, &a, &self.there(tau)?, &c, left, adjoint)?;
        Ok(c.result())
    }

    fn least_squares(&self, a: &View, b: &View) -> Result<(View, View)> {
        reflections::least_squares(self.gpu, &self.there(a)?, &self.there(b)?)
    }

    fn norm(&self, x: &View, order: f64, dims: &[i64]) -> Result<View> {
        let x = self.there(x)?;
        let norm = reduce::norm(self.gpu, &Loader::of(&x), Over { dims: Some(dims), keepdim: false }, order, None)?;
        let kept = || {
            let all = x.sizes().iter().enumerate();
            all.filter(|(d, _)| !dims.contains(&(*d as i64 - x.ndim() as i64))).map(|(_, n)| *n).collect::<Shape>()
        };
        norm.map_or_else(|| View::zeros_on(self.gpu.device(), x.dtype().real(), &kept()), Ok)
    }

    fn squares(&self, x: &View) -> Result<View> {
        let (last, real) = (x.ndim() - 1, x.dtype().real());
        let over = |parts: &View, dims: &[i64]| {
            let squares = Loader::over(&[parts], parts.sizes(), real, "v0 * v0")?;
            reduce::sum(self.gpu, &squares, Over { dims: Some(dims), keepdim: false }, None, false)
        };
        let sum = if x.dtype().is_complex() {
            let sizes: Shape = x.sizes().iter().copied().chain([2]).collect();
            let strides: Shape = x.strides().iter().map(|s| 2 * s).chain([1]).collect();
            over(&x.reinterpret(real, &sizes, &strides, 2 * x.offset())?, &[last as i64 - 1, last as i64 + 1])?
        } else {
            over(x, &[last as i64 - 1])?
        };
        sum.ok_or_else(|| runtime("internal: no sum of squares"))
    }

    fn svd(&self, a: &View, full: Option<bool>, driver: Option<&str>) -> Result<Singular> {
        values::svd(self.gpu, &self.there(a)?, full, driver)
    }

    fn eigh(&self, a: &View, upper: bool, vectors: bool) -> Result<Eigen> {
        spectrum::eigh(self.gpu, &self.there(a)?, upper, vectors)
    }

    fn eig(&self, a: &View, vectors: bool) -> Result<Eigen> {
        spectrum::eig(self.gpu, &self.there(a)?, vectors)
    }

    fn is_finite(&self, a: &View) -> Result<bool> {
        if a.numel() == 0 {
            return Ok(true);
        }
        let a = self.there(a)?;
        let dtype = a.dtype();
        let finite = Loader::over(&[&a], a.sizes(), dtype, &format!("{}(isfinite(v0) ? 1 : 0)", register(dtype)))?;
        let all = reduce::logical(self.gpu, &finite, Over { dims: None, keepdim: false }, Logic::All)?;
        Ok(all.is_some_and(|all| all.get(0).to_bool()))
    }

    fn determinants(&self, lu: &Factors, logs: bool) -> Result<(View, Option<View>)> {
        determinants(self.gpu, lu, logs)
    }

    fn identity(&self, dtype: DType, sizes: &[i64]) -> Result<View> {
        identity(self.gpu, dtype, sizes)
    }
}
