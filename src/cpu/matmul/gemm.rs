//! Batched multiplication of strided matrices: `c = alpha * a @ b + beta * c`.
//!
//! Small products add in the order of the inner dimension, each term rounded, which is what the reference's BLAS does for them; large
//! ones of real numbers go to `faer`, others to the `gemm` crate, which adds in the same order without rounding the terms. Integers
//! wrap.
#![allow(unsafe_code)]

use super::products;
use crate::base::dtype::{C32, C64, Element};
use crate::base::error::{Result, not_implemented, runtime};
use crate::base::scalar::Cast;
use crate::base::{DType, Scalar, Shape, interrupt};
use crate::cpu::isa::widest;
use crate::cpu::{copy, parallel};
use crate::store::View;
use num_traits::{One, WrappingAdd, WrappingMul, Zero};
use std::ops::{Add, Mul};
#[cfg(feature = "linalg")]
use tensh_factor::{Matrix, Multiply};

/// Inner sizes and products up to these are computed by plain loops.
const SMALL_INNER: usize = 32;
const SMALL_WORK: usize = 1 << 15;

/// Unless there are so many rows and columns of real numbers: then the reference fuses terms into sums, as the `gemm` crate does.
const FUSED_ROWS: usize = 4;
const FUSED_COLS: usize = 12;

/// Products below this many multiplications stay on the calling thread.
const PARALLEL_WORK: usize = 128 * 128 * 128;

/// Multiplications that a task of a batch makes at least.
const SHARED_WORK: usize = 1 << 16;

/// Multiplications of a strip of rows times the bytes of an element, some tens of milliseconds' work, and the multiple of which its
/// rows are. The other factor is read and packed anew for each.
const STRIP_WORK: usize = 1 << 33;
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

/// A product `[n, k]` by `[k, m]`, or a batch of them under one more size; both of one dtype with any strides. The result is
/// `alpha * a @ b + beta * c`, contiguous. Without `c`, or with `beta` zero, nothing is added.
///
/// The caller has checked shapes, dtypes and factors.
///
/// # Errors
/// When memory is short.
pub fn batched(a: &View, b: &View, c: Option<&View>, beta: Scalar, alpha: Scalar) -> Result<View> {
    let dtype = a.dtype();
    let wide = dtype.opmath();
    let last = a.ndim() - 1;
    let mut sizes = Shape::from_slice(a.sizes());
    sizes[last] = b.sizes()[last];
    let c = c.filter(|_| beta != Scalar::Int(0) && beta != Scalar::Float(0.0) && beta.to_c64() != C64::new(0.0, 0.0));
    if wide != dtype {
        let c = c.map(|c| copy::cast(c, wide)).transpose()?;
        return copy::cast(&batched(&copy::cast(a, wide)?, &copy::cast(b, wide)?, c.as_ref(), beta, alpha)?, dtype);
    }
    let mut out = View::empty(wide, &sizes)?;
    if let Some(c) = c {
        copy::copy_into(c, &mut out)?;
    }
    let read = c.is_some();
    if read && alpha.to_c64() == C64::new(0.0, 0.0) {
        // The BLAS does not read the factors then.
        return products::multiply_here(&out, &View::scalar(wide, beta)?, &sizes, wide, wide);
    }
    match wide {
        DType::U8 => integers::<u8>(a, b, &out, read, beta, alpha),
        DType::I8 => integers::<i8>(a, b, &out, read, beta, alpha),
        DType::I16 => integers::<i16>(a, b, &out, read, beta, alpha),
        DType::I32 => integers::<i32>(a, b, &out, read, beta, alpha),
        DType::I64 => integers::<i64>(a, b, &out, read, beta, alpha),
        DType::F32 => inexact::<f32>(a, b, &mut out, read, beta, alpha),
        DType::F64 => inexact::<f64>(a, b, &mut out, read, beta, alpha),
        DType::C32 => inexact::<C32>(a, b, &mut out, read, beta, alpha),
        DType::C64 => inexact::<C64>(a, b, &mut out, read, beta, alpha),
        other => return Err(not_implemented(format!("\"bmm\" not implemented for '{}'", other.aten()))),
    }
    interrupt::check()?;
    Ok(out)
}

/// The matrices of a batch, or one: the first element, and how far apart they are in each direction.
#[derive(Clone, Copy)]
struct Matrices<T> {
    first: *const T,
    batch: isize,
    rows: isize,
    cols: isize,
}

// SAFETY: what it points at is only read while it is in use.
unsafe impl<T: Sync> Sync for Matrices<T> {}

impl<T> Matrices<T> {
    fn of(x: &View) -> Self {
        let (s, last) = (x.strides(), x.ndim() - 1);
        let batch = if last == 2 { s[0] as isize } else { 0 };
        Matrices { first: x.data_ptr().cast(), batch, rows: s[last - 1] as isize, cols: s[last] as isize }
    }

    /// The first element of a row of one of them.
    #[inline(always)]
    fn row(&self, batch: usize, row: usize) -> *const T {
        self.first.wrapping_offset(batch as isize * self.batch + row as isize * self.rows)
    }

    /// The part of so many rows and columns that begins at `from`, where its rows or its columns lie together.
    #[cfg(feature = "linalg")]
    fn part(&self, from: *const T, rows: usize, cols: usize) -> Option<Matrix<'_, T>> {
        let (lead, by_rows) = match (self.rows, self.cols) {
            (lead, 1) => (usize::try_from(lead).ok().filter(|&lead| lead >= cols)?, true),
            (1, lead) => (usize::try_from(lead).ok().filter(|&lead| lead >= rows)?, false),
            _ => return None,
        };
        let (many, few) = if by_rows { (rows, cols) } else { (cols, rows) };
        // SAFETY: the part is one of the operand's own matrices, or rows of it, which lies inside its storage.
        let data = unsafe { std::slice::from_raw_parts(from, (many - 1) * lead + few) };
        Some(Matrix { data, rows, cols, lead, by_rows })
    }
}

fn integers<T>(a: &View, b: &View, out: &View, read: bool, beta: Scalar, alpha: Scalar)
where
    T: Cast + WrappingAdd + WrappingMul + One,
{
    let lifted = |x: &View| if x.ndim() == 2 { x.unsqueeze(0) } else { x.clone() };
    let (a, b, mut out) = (lifted(a), lifted(b), lifted(out));
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

/// The threads for so many multiplications.
fn threads(work: usize) -> gemm::Parallelism {
    if work < PARALLEL_WORK { gemm::Parallelism::None } else { gemm::Parallelism::Rayon(parallel::threads()) }
}

fn inexact<T>(a: &View, b: &View, out: &mut View, read: bool, beta: Scalar, alpha: Scalar)
where
    T: Cast + Element + Add<Output = T> + Mul<Output = T> + Zero + One,
{
    let last = a.ndim() - 1;
    let (n, k, m) = (a.sizes()[last - 1] as usize, a.sizes()[last] as usize, b.sizes()[last] as usize);
    let (beta, alpha) = (T::from_scalar(beta), T::from_scalar(alpha));
    if out.numel() == 0 {
        return;
    }
    let (count, work) = (out.numel() / (n * m), n * k * m);
    let (a, b) = (Matrices::<T>::of(a), Matrices::<T>::of(b));
    let ending = Ending { beta: read.then_some(beta), alpha };
    let fused = n >= FUSED_ROWS && m >= FUSED_COLS && !T::DTYPE.is_complex();
    let is_small = k <= SMALL_INNER && work <= SMALL_WORK && !fused;
    // Its kernels are worth their preparations.
    #[cfg(feature = "linalg")]
    let large =
        work >= PARALLEL_WORK && n.min(k).min(m) >= 32 && ending.alpha == T::one() && (!read || beta == T::one());
    let one = |batch: usize, out: &mut [T], shared: bool| {
        let threads = if shared { threads(work) } else { gemm::Parallelism::None };
        if is_small {
            return small(&a, &b, batch, (k, m), out, ending);
        }
        // Rows in strips, behind each of which an interrupt is heard.
        let strip = (STRIP_WORK / size_of::<T>() / (k * m).max(1)).max(1).next_multiple_of(STRIP_ROWS);
        for (first, out) in (0..n).step_by(strip).zip(out.chunks_mut(strip * m)) {
            if interrupt::raised() {
                return;
            }
            #[cfg(feature = "linalg")]
            if large && blocked(out, (&a, batch, first), (&b, batch), (k, m), read, shared) {
                continue;
            }
            // SAFETY: the pointers and strides describe the operands' own matrices, which lie inside their storages; `out` is
            // fresh, so it overlaps neither operand. A strip has rows `first..` of `a` and all that is in `out`.
            unsafe {
                gemm::gemm(
                    out.len() / m,
                    m,
                    k,
                    out.as_mut_ptr(),
                    1,
                    m as isize,
                    read,
                    a.row(batch, first),
                    a.cols,
                    a.rows,
                    b.row(batch, 0),
                    b.cols,
                    b.rows,
                    beta,
                    alpha,
                    false,
                    false,
                    false,
                    threads,
                );
            }
        }
    };
    let out = out.slice_mut::<T>();
    if count > 1 && (work < PARALLEL_WORK || count >= parallel::threads()) {
        // A thread takes whole products.
        let products = out.chunks_exact_mut(n * m).enumerate();
        let least = (SHARED_WORK / work.max(1)).max(1);
        return parallel::for_each(products, least, |(batch, out)| one(batch, out, false));
    }
    for (batch, out) in out.chunks_exact_mut(n * m).enumerate() {
        one(batch, out, true);
    }
}

/// A product of strips in the kernels of `faer`, where its operands lie row after row or column after column and are real: from row
/// `first` of `a`, into all of `out` or onto it. False where there is nothing done.
#[cfg(feature = "linalg")]
fn blocked<T: Element>(
    out: &mut [T],
    (a, batch, first): (&Matrices<T>, usize, usize),
    (b, of): (&Matrices<T>, usize),
    (k, m): (usize, usize),
    add: bool,
    shared: bool,
) -> bool {
    let n = out.len() / m;
    let (a, b) = (a.part(a.row(batch, first), n, k), b.part(b.row(of, 0), k, m));
    // Where `a` lies column after column the other crate is faster.
    let (Some(a), Some(b)) = (a.filter(|a| a.by_rows), b) else { return false };
    let threads = if shared { parallel::threads() } else { 1 };
    match T::DTYPE {
        DType::F32 => real::<f32, T>(out, a, b, add, threads),
        DType::F64 => real::<f64, T>(out, a, b, add, threads),
        _ => return false,
    }
    true
}

/// A product of matrices whose `T` is `R`.
#[cfg(feature = "linalg")]
fn real<R: Element + Multiply, T: Element>(
    out: &mut [T],
    a: Matrix<'_, T>,
    b: Matrix<'_, T>,
    add: bool,
    threads: usize,
) {
    assert!(R::DTYPE == T::DTYPE, "the elements are of that type");
    let as_real = |x: Matrix<'_, T>| {
        // SAFETY: both names are those of one type, as their dtypes tell.
        let data = unsafe { std::slice::from_raw_parts(x.data.as_ptr().cast::<R>(), x.data.len()) };
        Matrix { data, rows: x.rows, cols: x.cols, lead: x.lead, by_rows: x.by_rows }
    };
    // SAFETY: as above.
    let out = unsafe { std::slice::from_raw_parts_mut(out.as_mut_ptr().cast::<R>(), out.len()) };
    R::multiply(out, as_real(a), as_real(b), add, threads);
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
    accumulate(c, lead, a, b, true, -T::one());
}

/// `c = factor a b`, or with `add` that onto `c`, for parts as in [`subtract`].
pub fn accumulate<T>(c: &mut [T], lead: usize, a: Tile<'_, T>, b: Tile<'_, T>, add: bool, factor: T)
where
    T: Element + One,
{
    let ((n, k, a_rows, a_cols), (inner, m, b_rows, b_cols)) = (a.shape(), b.shape());
    if n == 0 || m == 0 || k == 0 {
        return;
    }
    let inside = fits(a.data.len(), a.lead, a.rows, a.cols) && fits(b.data.len(), b.lead, b.rows, b.cols);
    assert!(inner == k && inside && fits(c.len(), lead, n, m), "parts lie inside their matrices");
    // SAFETY: the parts lie inside their slices, which was checked, and `c` is borrowed alone.
    unsafe {
        gemm::gemm(
            n,
            m,
            k,
            c.as_mut_ptr(),
            lead as isize,
            1,
            add,
            a.data.as_ptr(),
            a_cols,
            a_rows,
            b.data.as_ptr(),
            b_cols,
            b_rows,
            T::one(),
            factor,
            false,
            a.conjugated,
            b.conjugated,
            threads(n * k * m),
        );
    }
}

/// What becomes of a sum of products.
#[derive(Clone, Copy)]
struct Ending<T> {
    /// The factor of what is there; none where that is not read.
    beta: Option<T>,
    alpha: T,
}

impl<T: Element + Add<Output = T> + Mul<Output = T> + One> Ending<T> {
    #[inline(always)]
    fn put(self, cell: &mut T, sum: T) {
        let sum = if self.alpha == T::one() { sum } else { self.alpha * sum };
        *cell = self.beta.map_or(sum, |beta| beta * *cell + sum);
    }
}

/// A small product, each element's terms added from the first to the last.
fn small<T>(a: &Matrices<T>, b: &Matrices<T>, batch: usize, (k, m): (usize, usize), out: &mut [T], ending: Ending<T>)
where
    T: Element + Add<Output = T> + Mul<Output = T> + Zero + One,
{
    // Rows whose elements do not lie together are brought together.
    let mut packed = Vec::new();
    let mut right = Matrices { first: b.row(batch, 0), ..*b };
    if b.cols != 1 && m > 1 {
        for p in 0..k {
            let row = b.row(batch, p);
            // SAFETY: the indices are below the operand's sizes, whose elements lie inside its storage.
            packed.extend((0..m as isize).map(|j| unsafe { row.wrapping_offset(j * b.cols).read() }));
        }
        right = Matrices { first: packed.as_ptr(), batch: 0, rows: m as isize, cols: 1 };
    }
    widest(
        #[inline(always)]
        || {
            for (i, out) in out.chunks_exact_mut(m).enumerate() {
                let left = Matrices { first: a.row(batch, i), ..*a };
                let mut at = 0;
                while at + 16 <= m {
                    sums::<T, 16>(k, &left, &right, at, out, ending);
                    at += 16;
                }
                while at + 4 <= m {
                    sums::<T, 4>(k, &left, &right, at, out, ending);
                    at += 4;
                }
                while at < m {
                    sums::<T, 1>(k, &left, &right, at, out, ending);
                    at += 1;
                }
            }
        },
    );
}

/// `N` elements of a row of a small product, from the column `at` on: a row of `left`, whose first one it is, by `right`, whose
/// rows lie together.
#[inline(always)]
fn sums<T, const N: usize>(
    k: usize,
    left: &Matrices<T>,
    right: &Matrices<T>,
    at: usize,
    out: &mut [T],
    ending: Ending<T>,
) where
    T: Element + Add<Output = T> + Mul<Output = T> + Zero + One,
{
    let mut sums = [T::zero(); N];
    for p in 0..k {
        // SAFETY: the indices are below the operands' sizes, whose elements lie inside their storages.
        let (x, row) = unsafe {
            let x = left.first.wrapping_offset(p as isize * left.cols).read();
            (x, right.row(0, p).wrapping_add(at).cast::<[T; N]>().read_unaligned())
        };
        // The first term is itself, be it a negative zero.
        for l in 0..N {
            let term = x * row[l];
            sums[l] = if p == 0 { term } else { sums[l] + term };
        }
    }
    for (cell, sum) in out[at..at + N].iter_mut().zip(sums) {
        ending.put(cell, sum);
    }
}
