//! Batched multiplication of strided matrices: `c = alpha * a @ b + beta * c`.
//!
//! Small products add in the order of the inner dimension, one rounding a step, which is what the reference's BLAS does
//! for them; large ones go to the `gemm` crate. Integers wrap.
#![allow(unsafe_code)]

use super::products;
use crate::base::dtype::{C32, C64, Element};
use crate::base::error::{Result, not_implemented, runtime};
use crate::base::scalar::Cast;
use crate::base::{DType, Scalar, interrupt};
use crate::cpu::{copy, parallel};
use crate::store::View;
use num_traits::{One, WrappingAdd, WrappingMul, Zero};
use std::ops::{Add, Mul};

/// Inner sizes and products up to these are computed by plain loops.
const SMALL_INNER: usize = 32;
const SMALL_WORK: usize = 1 << 15;

/// Products below this many multiplications stay on the calling thread.
const PARALLEL_WORK: usize = 96 * 96 * 96;

/// Multiplications of a strip of rows, some ten milliseconds' work, and the multiple of which its rows are.
const STRIP_WORK: usize = 1 << 29;
const STRIP_ROWS: usize = 96;

/// Refuses the dtypes that have no matrix product, in the words of the ATen kernel `name`.
///
/// # Errors
/// torch's `NotImplementedError`.
pub fn check_dtype(dtype: DType, name: &str) -> Result<()> {
    match dtype {
        DType::Bool | DType::U16 | DType::U32 | DType::U64 => {
            Err(not_implemented(format!("\"{name}\" not implemented for '{}'", dtype.aten())))
        }
        _ => Ok(()),
    }
}

/// `alpha` or `beta` as an element of `dtype`: floats truncate to integers, as C++'s checked conversion lets them.
///
/// # Errors
/// torch's `RuntimeError` when the value does not fit.
pub fn check_factor(value: Scalar, dtype: DType) -> Result<()> {
    let overflow = || {
        let name = dtype.opmath().cpp_fixed();
        Err(runtime(format!("value cannot be converted to type {name} without overflow")))
    };
    if dtype.is_complex() {
        return Ok(());
    }
    if value.is_complex() && value.to_c64().im != 0.0 {
        return overflow();
    }
    let (low, high) = match dtype {
        DType::U8 => (-255.0, 255.0),
        DType::I8 => (-128.0, 127.0),
        DType::I16 => (-32768.0, 32767.0),
        DType::I32 => (f64::from(i32::MIN), f64::from(i32::MAX)),
        _ => return Ok(()),
    };
    let v = value.to_f64();
    if v < low || v > high { overflow() } else { Ok(()) }
}

/// A batch of products: `a` is `[b, n, k]`, `b` is `[b, k, m]`, both of one dtype with any strides; the result is
/// `alpha * a @ b + beta * c`, contiguous `[b, n, m]`. Without `c`, or with `beta` zero, nothing is added.
///
/// The caller has checked shapes, dtypes and factors.
///
/// # Errors
/// When memory is short.
pub fn batched(a: &View, b: &View, c: Option<&View>, beta: Scalar, alpha: Scalar) -> Result<View> {
    let dtype = a.dtype();
    let wide = dtype.opmath();
    let sizes = [a.sizes()[0], a.sizes()[1], b.sizes()[2]];
    let c = c.filter(|_| beta != Scalar::Int(0) && beta != Scalar::Float(0.0) && beta.to_c64() != C64::new(0.0, 0.0));
    let mut out = match c {
        Some(c) => {
            let mut out = View::empty(wide, &sizes)?;
            copy::copy_into(c, &mut out)?;
            out
        }
        None => View::empty(wide, &sizes)?,
    };
    let (a, b) = (copy::cast(a, wide)?, copy::cast(b, wide)?);
    let read = c.is_some();
    if alpha.to_c64() == C64::new(0.0, 0.0) && c.is_some() {
        // The BLAS does not read the factors then.
        let scaled = products::multiply(&out, &View::scalar(wide, beta)?)?;
        return copy::cast(&scaled, dtype);
    }
    match wide {
        DType::U8 => integers::<u8>(&a, &b, &mut out, read, beta, alpha),
        DType::I8 => integers::<i8>(&a, &b, &mut out, read, beta, alpha),
        DType::I16 => integers::<i16>(&a, &b, &mut out, read, beta, alpha),
        DType::I32 => integers::<i32>(&a, &b, &mut out, read, beta, alpha),
        DType::I64 => integers::<i64>(&a, &b, &mut out, read, beta, alpha),
        DType::F32 => inexact::<f32>(&a, &b, &mut out, read, beta, alpha),
        DType::F64 => inexact::<f64>(&a, &b, &mut out, read, beta, alpha),
        DType::C32 => inexact::<C32>(&a, &b, &mut out, read, beta, alpha),
        DType::C64 => inexact::<C64>(&a, &b, &mut out, read, beta, alpha),
        other => return Err(not_implemented(format!("\"bmm\" not implemented for '{}'", other.aten()))),
    }
    interrupt::check()?;
    copy::cast(&out, dtype)
}

/// The sizes and strides of a batch of matrices, in elements.
#[derive(Clone, Copy)]
struct Layout {
    batch: isize,
    rows: isize,
    cols: isize,
}

fn layout(x: &View) -> Layout {
    let s = x.strides();
    Layout { batch: s[0] as isize, rows: s[1] as isize, cols: s[2] as isize }
}

fn integers<T>(a: &View, b: &View, out: &mut View, read: bool, beta: Scalar, alpha: Scalar)
where
    T: Cast + WrappingAdd + WrappingMul + One,
{
    let (beta, alpha) = (T::from_scalar(beta), T::from_scalar(alpha));
    let (a, b) = (a.array::<T>(), b.array::<T>());
    let mut out = out.array_mut::<T>();
    let width = b.shape()[2];
    let mut row = vec![T::default(); width];
    for batch in 0..a.shape()[0] {
        let a = a.index_axis(ndarray::Axis(0), batch);
        let b = b.index_axis(ndarray::Axis(0), batch);
        let mut out = out.index_axis_mut(ndarray::Axis(0), batch);
        for (a, mut out) in a.outer_iter().zip(out.outer_iter_mut()) {
            if interrupt::raised() {
                return;
            }
            row.fill(T::default());
            for (&x, b) in a.iter().zip(b.outer_iter()) {
                row.iter_mut().zip(b.iter()).for_each(|(r, y)| *r = r.wrapping_add(&x.wrapping_mul(y)));
            }
            for (o, r) in out.iter_mut().zip(&row) {
                let base = if read { beta.wrapping_mul(o) } else { T::default() };
                *o = base.wrapping_add(&alpha.wrapping_mul(r));
            }
        }
    }
}

fn inexact<T>(a: &View, b: &View, out: &mut View, read: bool, beta: Scalar, alpha: Scalar)
where
    T: Cast + Element + Add<Output = T> + Mul<Output = T> + Zero + One,
{
    let (n, k, m) = (a.sizes()[1] as usize, a.sizes()[2] as usize, b.sizes()[2] as usize);
    let (beta, alpha) = (T::from_scalar(beta), T::from_scalar(alpha));
    if out.numel() == 0 {
        return;
    }
    if k <= SMALL_INNER && n * k * m <= SMALL_WORK {
        small::<T>(a, b, out, read, beta, alpha);
        return;
    }
    let threads =
        if n * k * m < PARALLEL_WORK { gemm::Parallelism::None } else { gemm::Parallelism::Rayon(parallel::threads()) };
    let (la, lb) = (layout(a), layout(b));
    let (pa, pb, po) = (a.data_ptr().cast::<T>(), b.data_ptr().cast::<T>(), out.data_ptr().cast::<T>());
    // Rows in strips of some ten milliseconds, behind each of which an interrupt is heard.
    let strip = (STRIP_WORK / (k * m).max(1)).max(1).next_multiple_of(STRIP_ROWS);
    let strips = (0..a.sizes()[0] as isize).flat_map(|batch| (0..n).step_by(strip).map(move |first| (batch, first)));
    for (batch, first) in strips {
        if interrupt::raised() {
            return;
        }
        // SAFETY: the pointers and strides describe the views' own matrices, which lie inside their storages; `out` is
        // fresh, so it overlaps neither operand. A strip has rows `first..` of `a` and `out`.
        unsafe {
            gemm::gemm(
                strip.min(n - first),
                m,
                k,
                po.offset(batch * (n * m) as isize + (first * m) as isize),
                1,
                m as isize,
                read,
                pa.offset(batch * la.batch + first as isize * la.rows).cast_const(),
                la.cols,
                la.rows,
                pb.offset(batch * lb.batch).cast_const(),
                lb.cols,
                lb.rows,
                beta,
                alpha,
                false,
                false,
                false,
                threads,
            );
        }
    }
}

/// A part of a column-major matrix, that begins with `data` and whose columns are `lead` elements apart.
#[derive(Clone, Copy, Debug)]
pub struct Tile<'a, T> {
    /// The elements from its first one on.
    pub data: &'a [T],
    /// From one column to the next.
    pub lead: usize,
    /// Rows as stored.
    pub rows: usize,
    /// Columns as stored.
    pub cols: usize,
    /// Whether the transpose is meant.
    pub transposed: bool,
    /// Whether the conjugate is meant.
    pub conjugated: bool,
}

impl<T> Tile<'_, T> {
    /// Rows and columns as meant, and the strides of both.
    fn shape(&self) -> (usize, usize, isize, isize) {
        let (rows, cols, lead) = (self.rows, self.cols, self.lead as isize);
        if self.transposed { (cols, rows, lead, 1) } else { (rows, cols, 1, lead) }
    }
}

/// Whether a matrix of so many rows and columns, `lead` apart, fits into so many elements.
fn fits(len: usize, lead: usize, rows: usize, cols: usize) -> bool {
    rows <= lead && (cols - 1) * lead + rows <= len
}

/// `c -= a b` for parts of column-major matrices; the columns of `c` are `lead` apart.
pub fn subtract<T>(c: &mut [T], lead: usize, a: Tile<'_, T>, b: Tile<'_, T>)
where
    T: Element + One + std::ops::Neg<Output = T>,
{
    let ((n, k, a_rows, a_cols), (inner, m, b_rows, b_cols)) = (a.shape(), b.shape());
    if n == 0 || m == 0 || k == 0 {
        return;
    }
    let inside = fits(a.data.len(), a.lead, a.rows, a.cols) && fits(b.data.len(), b.lead, b.rows, b.cols);
    assert!(inner == k && inside && fits(c.len(), lead, n, m), "parts lie inside their matrices");
    let threads =
        if n * k * m < PARALLEL_WORK { gemm::Parallelism::None } else { gemm::Parallelism::Rayon(parallel::threads()) };
    // SAFETY: the parts lie inside their slices, which was checked, and `c` is borrowed alone.
    unsafe {
        gemm::gemm(
            n,
            m,
            k,
            c.as_mut_ptr(),
            lead as isize,
            1,
            true,
            a.data.as_ptr(),
            a_cols,
            a_rows,
            b.data.as_ptr(),
            b_cols,
            b_rows,
            T::one(),
            -T::one(),
            false,
            a.conjugated,
            b.conjugated,
            threads,
        );
    }
}

fn small<T>(a: &View, b: &View, out: &mut View, read: bool, beta: T, alpha: T)
where
    T: Element + Add<Output = T> + Mul<Output = T> + Zero + One,
{
    let (n, k, m) = (a.sizes()[1] as isize, a.sizes()[2] as isize, b.sizes()[2] as isize);
    let (la, lb) = (layout(a), layout(b));
    let (pa, pb) = (a.data_ptr().cast::<T>(), b.data_ptr().cast::<T>());
    let scaled = alpha != T::one();
    let mut cells = out.slice_mut::<T>().iter_mut();
    for batch in 0..a.sizes()[0] as isize {
        for (i, j) in (0..n).flat_map(|i| (0..m).map(move |j| (i, j))) {
            let mut sum = T::zero();
            for p in 0..k {
                // SAFETY: the indices are below the views' sizes, whose elements lie inside their storages.
                let (x, y) = unsafe {
                    (
                        pa.offset(batch * la.batch + i * la.rows + p * la.cols).read(),
                        pb.offset(batch * lb.batch + p * lb.rows + j * lb.cols).read(),
                    )
                };
                let term = x * y;
                sum = if p == 0 { term } else { sum + term };
            }
            if scaled {
                sum = alpha * sum;
            }
            if let Some(cell) = cells.next() {
                *cell = if read { beta * *cell + sum } else { sum };
            }
        }
    }
}

/// The product of two matrices `[n, k]` and `[k, m]` of one dtype; the caller has checked both.
///
/// # Errors
/// When memory is short.
pub fn matrices(a: &View, b: &View) -> Result<View> {
    let out = batched(&a.unsqueeze(0), &b.unsqueeze(0), None, Scalar::Int(0), Scalar::Int(1))?;
    out.select(0, 0)
}

/// `x * y` summed over two vectors of equal length and dtype, as a view without dimensions.
///
/// # Errors
/// When memory is short.
pub fn vectors(x: &View, y: &View) -> Result<View> {
    matrices(&x.unsqueeze(0), &y.unsqueeze(1))?.select(0, 0)?.select(0, 0)
}
