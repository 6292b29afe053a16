//! Factorizations and substitution on a GPU: panels of columns, and products of matrices between them.
#![allow(unsafe_code)]

use super::blas::{Factor, Product};
use super::copy;
use super::launch::{self, Parameters, THREADS, blocks, read, written};
use super::matmul::multiply;
use super::sources::{self, LINALG};
use super::types::register;
use crate::base::error::Result;
use crate::base::shape::Shape;
use crate::base::{DType, Scalar};
use crate::cpu::place::Lu;
use crate::store::View;
use crate::store::cuda::Gpu;
use crate::store::cuda::driver::Function;

/// Columns of a panel.
const PANEL: i64 = 32;

/// Blocks that a grid has at most in its second dimension.
const MOST: i64 = 65535;

/// The kernels, by their places in what [`kernels`] gives.
const NAMES: [&str; 7] = ["lu", "exchange_rows", "solve", "cholesky", "triangle", "eye", "determinant"];

fn kernels(gpu: &Gpu, dtype: DType) -> Result<Vec<Function>> {
    let (s, f) = (register(dtype), register(dtype.real()));
    let global = format!("extern \"C\" __global__ void __launch_bounds__({THREADS})");
    let text = format!(
        "namespace tensh {{\ntypedef {s} S;\ntypedef {f} F;\n\
         {global} lu(S* a, int32_t* pivots, int32_t* info, int64_t n, int64_t first, int64_t count) {{\n    \
         lu_panel<S, F>(a, pivots, info, n, first, count);\n}}\n\
         {global} exchange_rows(S* b, const int32_t* pivots, uint64_t total, int64_t n, int64_t columns) {{\n    \
         exchange<S>(b, pivots, total, n, columns);\n}}\n\
         {global} solve(const S* t, int64_t t_apart, int64_t down, int64_t right, S* b, int64_t b_apart, int64_t lead, int64_t rows, \
         int64_t columns, int64_t count, int64_t upper, int64_t unit) {{\n    \
         substitute<S>(t, t_apart, down, right, b, b_apart, lead, rows, columns, count, upper != 0, unit != 0);\n}}\n\
         {global} cholesky(S* a, int32_t* info, int64_t n, int64_t first, int64_t count) {{\n    \
         cholesky_panel<S, F>(a, info, n, first, count);\n}}\n\
         {global} triangle(S* a, uint64_t total, int64_t n) {{\n    lower<S>(a, total, n);\n}}\n\
         {global} eye(S* a, uint64_t total, int64_t n) {{\n    identity<S>(a, total, n);\n}}\n\
         {global} determinant(const S* a, const int32_t* pivots, S* product, F* logs, uint64_t count, int64_t n) {{\n    \
         determinants<S, F>(a, pivots, product, logs, count, n);\n}}\n}}  // namespace tensh"
    );
    launch::functions(gpu, &sources::with(&[LINALG], &text, dtype.is_complex()), &NAMES)
}

/// The kernels of a GPU for a dtype.
struct Work {
    gpu: &'static Gpu,
    dtype: DType,
    kernels: Vec<Function>,
}

/// Square matrices in memory: the first element, from one to the next, and from one row and column to the next.
#[derive(Clone, Copy)]
struct Square {
    address: u64,
    apart: i64,
    down: i64,
    right: i64,
}

/// Rows of right sides in memory: the first element, from one matrix to the next, from one row to the next, and the columns.
#[derive(Clone, Copy)]
struct Right {
    address: u64,
    apart: i64,
    lead: i64,
    columns: i64,
}

impl Work {
    fn new(gpu: &'static Gpu, dtype: DType) -> Result<Work> {
        Ok(Work { gpu, dtype, kernels: kernels(gpu, dtype)? })
    }

    fn at(&self, address: u64, elements: i64) -> u64 {
        address + elements as u64 * self.dtype.size() as u64
    }

    /// Runs a kernel of one thread for each of `n` things, or of a block for each where `each` says so.
    ///
    /// # Safety
    /// The parameters are those of the kernel, and its memory is large enough.
    unsafe fn run(&self, kernel: usize, parameters: &mut Parameters, n: usize, each: bool) -> Result<()> {
        let count = blocks(if each { n.saturating_mul(THREADS as usize) } else { n })?;
        // SAFETY: the caller's.
        unsafe { parameters.launch(self.gpu, self.kernels[kernel], (count, 1), THREADS) }
    }

    /// `out -= a b`, of `sizes` rows, inner elements and columns.
    ///
    /// # Safety
    /// The memory is as described.
    unsafe fn subtract(&self, sizes: [i64; 3], count: i64, a: Factor, b: Factor, out: (u64, i64, i64)) -> Result<()> {
        if sizes.contains(&0) {
            return Ok(());
        }
        let product = Product {
            dtype: self.dtype,
            sizes,
            count,
            a,
            b,
            alpha: Scalar::Int(-1),
            beta: Scalar::Int(1),
            out: out.0,
            lead: out.1,
            apart: out.2,
        };
        // SAFETY: the caller's.
        unsafe { multiply(self.gpu, &product) }
    }

    /// One block of a triangle: `t x = b` in place.
    ///
    /// # Safety
    /// The memory is as described.
    unsafe fn block(&self, t: Square, b: Right, rows: i64, count: i64, upper: bool, unit: bool) -> Result<()> {
        let mut parameters = Parameters::new();
        parameters.address(t.address).int(t.apart).int(t.down).int(t.right).address(b.address).int(b.apart).int(b.lead);
        parameters.int(rows).int(b.columns).int(count).int(i64::from(upper)).int(i64::from(unit));
        let across = blocks(b.columns as usize)?;
        // SAFETY: the caller's.
        unsafe { parameters.launch(self.gpu, self.kernels[2], (across, count.clamp(1, MOST) as u32), THREADS) }
    }

    /// `t x = b` in place for the triangles of `count` matrices of `n` rows, whose rows or columns lie together.
    ///
    /// # Safety
    /// The memory is as described.
    unsafe fn substitute(&self, t: Square, b: Right, n: i64, count: i64, upper: bool, unit: bool) -> Result<()> {
        let panels = (n + PANEL - 1) / PANEL;
        for i in 0..panels {
            let first = PANEL * if upper { panels - 1 - i } else { i };
            let rows = PANEL.min(n - first);
            let own = Square { address: self.at(t.address, first * (t.down + t.right)), ..t };
            let known = Right { address: self.at(b.address, first * b.lead), ..b };
            // Rows that are still open.
            let (from, open) = if upper { (0, first) } else { (first + rows, n - first - rows) };
            let by_columns = t.right != 1;
            let factor = Factor {
                address: self.at(t.address, from * t.down + first * t.right),
                lead: if by_columns { t.right } else { t.down },
                apart: t.apart,
                by_columns,
            };
            let right = Factor { address: known.address, lead: b.lead, apart: b.apart, by_columns: false };
            let out = (self.at(b.address, from * b.lead), b.lead, b.apart);
            // SAFETY: parts of the memory that the caller describes.
            unsafe {
                self.block(own, known, rows, count, upper, unit)?;
                self.subtract([open, rows, b.columns], count, factor, right, out)?;
            }
        }
        Ok(())
    }
}

/// Batch, and rows of the square matrices in the last two dimensions.
fn sizes(a: &View) -> (i64, i64) {
    let last = a.ndim() - 1;
    (a.sizes()[..last - 1].iter().product(), a.sizes()[last])
}

/// A copy of its own, row after row.
fn owned(gpu: &'static Gpu, a: &View) -> Result<View> {
    copy::computed(gpu, &super::loader::Loader::of(a), a.dtype())
}

fn square(a: &View, n: i64) -> Result<Square> {
    Ok(Square { address: written(a)?, apart: n * n, down: n, right: 1 })
}

/// LU factors of square matrices, with partial pivoting.
///
/// # Errors
/// What the device refuses.
pub fn lu(gpu: &'static Gpu, a: &View) -> Result<Lu> {
    let (count, n) = sizes(a);
    let batch = &a.sizes()[..a.ndim() - 2];
    let rows: Shape = a.sizes()[..a.ndim() - 1].into();
    let factors = owned(gpu, a)?;
    let pivots = View::empty_on(gpu.device(), DType::I32, &rows)?;
    let info = View::zeros_on(gpu.device(), DType::I32, batch)?;
    if factors.numel() == 0 {
        return Ok(Lu { factors, pivots, info });
    }
    let work = Work::new(gpu, a.dtype())?;
    let whole = square(&factors, n)?;
    for first in (0..n).step_by(PANEL as usize) {
        let width = PANEL.min(n - first);
        let (behind, open) = (first + width, n - first - width);
        let mut parameters = Parameters::new();
        parameters.address(whole.address).address(written(&pivots)?).address(written(&info)?);
        parameters.int(n).int(first).int(width);
        let cell = |row: i64, column: i64| work.at(whole.address, row * n + column);
        let own = Square { address: cell(first, first), ..whole };
        let right = Right { address: cell(first, behind), apart: n * n, lead: n, columns: open };
        let part =
            |row: i64, column: i64| Factor { address: cell(row, column), lead: n, apart: n * n, by_columns: false };
        // SAFETY: the parameters are those of the text; all of it are parts of the factors' memory.
        unsafe {
            work.run(0, &mut parameters, count as usize, true)?;
            if open > 0 {
                work.block(own, right, width, count, false, true)?;
                let out = (cell(behind, behind), n, n * n);
                work.subtract([open, width, open], count, part(behind, first), part(first, behind), out)?;
            }
        }
    }
    Ok(Lu { factors, pivots, info })
}

/// Solutions of equations with factors, of the same batch as the right sides.
///
/// # Errors
/// What the device refuses.
pub fn solve(gpu: &'static Gpu, lu: &Lu, b: &View) -> Result<View> {
    let x = owned(gpu, b)?;
    if x.numel() == 0 {
        return Ok(x);
    }
    let (factors, pivots) = (copy::contiguous(gpu, &lu.factors)?, copy::contiguous(gpu, &lu.pivots)?);
    let ((count, n), columns) = (sizes(&factors), x.sizes()[x.ndim() - 1]);
    let work = Work::new(gpu, x.dtype())?;
    let total = (count * columns) as usize;
    let mut parameters = Parameters::new();
    parameters.address(written(&x)?).address(read(&pivots)?).int(total as i64).int(n).int(columns);
    let t = square(&factors, n)?;
    let right = Right { address: written(&x)?, apart: n * columns, lead: columns, columns };
    // SAFETY: the parameters are those of the text; the memory is that of the views.
    unsafe {
        work.run(1, &mut parameters, total, false)?;
        work.substitute(t, right, n, count, false, true)?;
        work.substitute(t, right, n, count, true, false)?;
    }
    Ok(x)
}

/// Solutions of equations with triangles, of the same batch as the right sides.
///
/// # Errors
/// What the device refuses.
pub fn substitute(gpu: &'static Gpu, t: &View, b: &View, upper: bool, unit: bool) -> Result<View> {
    let x = owned(gpu, b)?;
    if x.numel() == 0 {
        return Ok(x);
    }
    let t = copy::contiguous(gpu, t)?;
    let ((count, n), columns) = (sizes(&t), x.sizes()[x.ndim() - 1]);
    let work = Work::new(gpu, x.dtype())?;
    let right = Right { address: written(&x)?, apart: n * columns, lead: columns, columns };
    let t = Square { address: read(&t)?, apart: n * n, down: n, right: 1 };
    // SAFETY: as in `solve`.
    unsafe { work.substitute(t, right, n, count, upper, unit)? };
    Ok(x)
}

/// Cholesky's lower factors of Hermitian matrices, of which the lower triangle is read, and infos.
///
/// # Errors
/// What the device refuses.
pub fn cholesky(gpu: &'static Gpu, a: &View, conjugate: impl Fn(&View) -> Result<View>) -> Result<(View, View)> {
    let (count, n) = sizes(a);
    let factor = owned(gpu, a)?;
    let info = View::zeros_on(gpu.device(), DType::I32, &a.sizes()[..a.ndim() - 2])?;
    if factor.numel() == 0 {
        return Ok((factor, info));
    }
    let work = Work::new(gpu, a.dtype())?;
    let (whole, last) = (square(&factor, n)?, a.ndim() - 1);
    for first in (0..n).step_by(PANEL as usize) {
        let width = PANEL.min(n - first);
        let (behind, open) = (first + width, n - first - width);
        let mut parameters = Parameters::new();
        parameters.address(whole.address).address(written(&info)?).int(n).int(first).int(width);
        // SAFETY: the parameters are those of the text; all of it are parts of the factor's memory.
        unsafe { work.run(3, &mut parameters, count as usize, true)? };
        if open == 0 {
            break;
        }
        let below = work.at(whole.address, behind * n + first);
        let left = Factor { address: below, lead: n, apart: n * n, by_columns: false };
        let conjugated;
        let right = if a.dtype().is_complex() {
            conjugated = conjugate(&factor.narrow(last - 1, behind, open).narrow(last, first, width))?;
            Factor { address: read(&conjugated)?, lead: width, apart: open * width, by_columns: true }
        } else {
            Factor { by_columns: true, ..left }
        };
        let out = (work.at(whole.address, behind * (n + 1)), n, n * n);
        // SAFETY: as above; the conjugates live as long as memory is used in the order of the stream.
        unsafe { work.subtract([open, width, open], count, left, right, out)? };
    }
    let mut parameters = Parameters::new();
    parameters.address(whole.address).int(factor.numel() as i64).int(n);
    // SAFETY: as above.
    unsafe { work.run(4, &mut parameters, factor.numel(), false)? };
    Ok((factor, info))
}

/// Identity matrices.
///
/// # Errors
/// What the device refuses.
pub fn identity(gpu: &'static Gpu, dtype: DType, sizes: &[i64]) -> Result<View> {
    let out = View::empty_on(gpu.device(), dtype, sizes)?;
    if out.numel() > 0 {
        let mut parameters = Parameters::new();
        parameters.address(written(&out)?).int(out.numel() as i64).int(sizes[sizes.len() - 1]);
        // SAFETY: the parameters are those of the text; there is an element for each thread that writes one.
        unsafe { Work::new(gpu, dtype)?.run(5, &mut parameters, out.numel(), false)? };
    }
    Ok(out)
}

/// Determinants from factors; with `logs` their signs or phases and the logarithms of their moduli.
///
/// # Errors
/// What the device refuses.
pub fn determinants(gpu: &'static Gpu, lu: &Lu, logs: bool) -> Result<(View, Option<View>)> {
    let (dtype, batch) = (lu.factors.dtype(), lu.info.sizes());
    let out = View::empty_on(gpu.device(), dtype, batch)?;
    let sums = if logs { Some(View::empty_on(gpu.device(), dtype.real(), batch)?) } else { None };
    let n = lu.factors.sizes()[lu.factors.ndim() - 1];
    if out.numel() > 0 {
        let mut parameters = Parameters::new();
        parameters.address(read(&lu.factors)?).address(read(&lu.pivots)?).address(written(&out)?);
        parameters.address(sums.as_ref().map_or(Ok(0), written)?).int(out.numel() as i64).int(n);
        // SAFETY: as in `lu`.
        unsafe { Work::new(gpu, dtype)?.run(6, &mut parameters, out.numel(), false)? };
    }
    Ok((out, sums))
}
