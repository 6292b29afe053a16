//! torch's named products with their own shape and dtype rules.

use crate::base::dtype::{C32, C64};
use crate::base::error::{Error, Result, runtime};
use crate::base::promote::promote;
use crate::base::shape::{Shape, show};
use crate::base::{DType, Scalar};
use crate::cpu::copy;
use crate::cpu::place::{self, Step, batched, check_dtype, matrices, vectors};
use crate::store::View;
use crate::{dispatch, ensure};

/// "expected scalar type Float but found Double".
pub fn expect_type(want: DType, found: DType) -> Result<()> {
    ensure!(want == found, "expected scalar type {} but found {}", want.aten(), found.aten());
    Ok(())
}

fn shapes(a: &View, b: &View) -> Error {
    let (x, y) = (a.sizes(), b.sizes());
    runtime(format!("mat1 and mat2 shapes cannot be multiplied ({}x{} and {}x{})", x[0], x[1], y[0], y[1]))
        .help(format!("the inner sizes differ ({} and {})", x[1], y[0]))
}

/// Two matrices that can be multiplied.
pub(super) fn check_matrices(a: &View, b: &View) -> Result<()> {
    if a.sizes()[1] != b.sizes()[0] { Err(shapes(a, b)) } else { Ok(()) }
}

/// `torch.mm`: `[n, k]` by `[k, m]`.
///
/// # Errors
/// torch's, for other ranks, sizes that do not meet, or dtypes that differ or have no product.
pub fn mm(a: &View, b: &View) -> Result<View> {
    ensure!(a.ndim() == 2, "self must be a matrix");
    ensure!(b.ndim() == 2, "mat2 must be a matrix");
    check_matrices(a, b)?;
    let same = a.dtype() == b.dtype();
    ensure!(same, "expected m1 and m2 to have the same dtype, but got: {} != {}", a.dtype().cpp(), b.dtype().cpp());
    if a.sizes()[0] * b.sizes()[1] > 0 && a.sizes()[1] > 0 {
        check_dtype(a.dtype(), "addmm_impl_cpu_", "addmm_cuda")?;
    } else {
        return place::zeros(a.dtype(), &[a.sizes()[0], b.sizes()[1]]);
    }
    matrices(a, b)
}

/// Shape and dtype rules that `bmm` and `baddbmm` share.
pub(super) fn check_batches(a: &View, b: &View) -> Result<()> {
    ensure!(a.ndim() == 3, "batch1 must be a 3D tensor");
    ensure!(b.ndim() == 3, "batch2 must be a 3D tensor");
    let (x, y) = (a.sizes(), b.sizes());
    ensure!(
        x[0] == y[0] && x[2] == y[1],
        "Expected size for first two dimensions of batch2 tensor to be: [{}, {}] but got: [{}, {}].",
        x[0],
        x[2],
        y[0],
        y[1]
    );
    Ok(())
}

/// `torch.bmm`: a product for each of a batch.
///
/// # Errors
/// As [`mm`].
pub fn bmm(a: &View, b: &View) -> Result<View> {
    check_batches(a, b)?;
    let (x, y) = (a.sizes(), b.sizes());
    if x[0] * x[1] * y[2] == 0 || x[2] == 0 {
        return place::zeros(a.dtype(), &[x[0], x[1], y[2]]);
    }
    check_dtype(a.dtype(), "bmm", "baddbmm_cuda")?;
    expect_type(a.dtype(), b.dtype())?;
    batched(a, b, None, Scalar::Int(0), Scalar::Int(1))
}

/// `torch.mv`: a matrix by a vector.
///
/// # Errors
/// As [`mm`].
pub fn mv(a: &View, v: &View) -> Result<View> {
    let rows = if a.ndim() == 2 { a.sizes()[0] } else { 0 };
    // The result is of the vector's dtype, which shows where nothing is computed.
    let input = place::empty(if a.numel() == 0 { v.dtype() } else { a.dtype() }, &[rows])?;
    super::fused::addmv(&input, a, v, Scalar::Int(0), Scalar::Int(1))
}

fn check_dot(x: &View, y: &View) -> Result<()> {
    ensure!(x.ndim() == 1 && y.ndim() == 1, "1D tensors expected, but got {}D and {}D tensors", x.ndim(), y.ndim());
    ensure!(
        x.dtype() == y.dtype(),
        "dot : expected both vectors to have same dtype, but found {} and {}",
        x.dtype().aten(),
        y.dtype().aten()
    );
    let (n, m) = (x.sizes()[0], y.sizes()[0]);
    ensure!(
        n == m,
        "inconsistent tensor size, expected tensor [{n}] and src [{m}] to have the same number of elements, but got \
         {n} and {m} elements respectively"
    );
    check_dtype(x.dtype(), "dot", "dot")
}

/// `torch.dot`: the sum of products of two vectors.
///
/// # Errors
/// torch's, for other ranks, lengths that differ, or dtypes that differ or have no product.
pub fn dot(x: &View, y: &View) -> Result<View> {
    check_dot(x, y)?;
    if x.numel() == 0 { place::zeros(x.dtype(), &[]) } else { vectors(x, y) }
}

/// `torch.vdot`: [`dot`] with the first vector conjugated.
///
/// # Errors
/// As [`dot`].
pub fn vdot(x: &View, y: &View) -> Result<View> {
    check_dot(x, y)?;
    dot(&conj(x)?, y)
}

/// Complex conjugates as a fresh view; what is not complex is returned itself.
///
/// # Errors
/// When memory is short.
pub fn conj(x: &View) -> Result<View> {
    if let Some(f) = place::forms()
        && x.dtype().is_complex()
    {
        return f.elements(Step::Conjugate, &[x], x.sizes(), x.dtype(), x.dtype());
    }
    match x.dtype() {
        DType::C32 => View::from_slice(&x.array::<C32>().iter().map(C32::conj).collect::<Vec<_>>(), x.sizes()),
        DType::C64 => View::from_slice(&x.array::<C64>().iter().map(C64::conj).collect::<Vec<_>>(), x.sizes()),
        _ => Ok(x.clone()),
    }
}

/// Elementwise product of two views that broadcast, in their promoted dtype.
///
/// # Errors
/// When they do not broadcast.
pub fn multiply(x: &View, y: &View) -> Result<View> {
    let mut kinds = crate::base::promote::Promotion::new();
    kinds.tensor(x.dtype(), x.ndim());
    kinds.tensor(y.dtype(), y.ndim());
    let dtype = kinds.result()?;
    let sizes = crate::base::shape::broadcast(x.sizes(), y.sizes())?;
    place::multiply(x, y, &sizes, dtype.opmath(), dtype)
}

/// [`multiply`] on the CPU, in dtype `wide`.
pub(in crate::cpu) fn multiply_here(x: &View, y: &View, sizes: &[i64], wide: DType, dtype: DType) -> Result<View> {
    let (x, y) = (copy::cast(x, wide)?.expand(sizes)?, copy::cast(y, wide)?.expand(sizes)?);
    let mut out = View::empty(wide, sizes)?;
    if wide == DType::Bool {
        ndarray::Zip::from(out.array_mut::<bool>())
            .and(x.array::<bool>())
            .and(y.array::<bool>())
            .for_each(|o, a, b| *o = *a && *b);
    } else {
        dispatch!(wide, number T => {
            ndarray::Zip::from(out.array_mut::<T>()).and(x.array::<T>()).and(y.array::<T>())
                .for_each(|o, a, b| *o = Product::product(*a, *b));
        }, else {});
    }
    copy::cast(&out, dtype)
}

/// Multiplication that wraps where it would overflow.
trait Product {
    fn product(a: Self, b: Self) -> Self;
}

macro_rules! products {
    ($($t:ty => $body:expr),*) => {$(
        impl Product for $t {
            fn product(a: Self, b: Self) -> Self {
                let f: fn($t, $t) -> $t = $body;
                f(a, b)
            }
        }
    )*};
}
products!(u8 => u8::wrapping_mul, i8 => i8::wrapping_mul, i16 => i16::wrapping_mul, i32 => i32::wrapping_mul,
    i64 => i64::wrapping_mul, u16 => u16::wrapping_mul, u32 => u32::wrapping_mul, u64 => u64::wrapping_mul,
    half::f16 => |a, b| a * b, half::bf16 => |a, b| a * b, f32 => |a, b| a * b, f64 => |a, b| a * b,
    C32 => |a, b| a * b, C64 => |a, b| a * b);

/// `torch.outer`: all products of two vectors' elements, in their promoted dtype.
///
/// # Errors
/// torch's, for anything but vectors.
pub fn outer(x: &View, y: &View) -> Result<View> {
    ensure!(x.ndim() == 1, "outer: Expected 1-D argument self, but got {}-D", x.ndim());
    ensure!(y.ndim() == 1, "outer: Expected 1-D argument vec2, but got {}-D", y.ndim());
    multiply(&x.unsqueeze(1), y)
}

/// `torch.inner`: products summed over both last dimensions; a 0-d operand only scales.
///
/// # Errors
/// torch's, for last dimensions or dtypes that differ.
pub fn inner(x: &View, y: &View) -> Result<View> {
    if x.ndim() == 0 || y.ndim() == 0 {
        return multiply(x, y);
    }
    ensure!(
        x.sizes().last() == y.sizes().last(),
        "inner() the last dimension must match on both input tensors but got shapes {} and {}",
        show(x.sizes()),
        show(y.sizes())
    );
    super::einsum::tensordot(x, y, &[-1], &[-1])
}

/// `torch.trace`: the sum of a matrix's diagonal, integers in `int64`.
///
/// # Errors
/// torch's, for anything but a matrix, and for dtypes it has no sum for.
pub fn trace(x: &View) -> Result<View> {
    let d = x.dtype();
    if let Some(f) = place::forms() {
        ensure!(x.ndim() == 2, "expected a matrix");
        let diagonal = x.diagonal(0, 0, 1);
        if diagonal.numel() == 0 {
            return place::zeros(if d.is_integral() { DType::I64 } else { d }, &[]);
        }
        if let Some(sum) = place::given(f.sum(&diagonal, &[0])?) {
            return sum.select(0, 0);
        }
    }
    if d.is_half() || d == DType::Bool {
        return Err(crate::base::error::not_implemented(format!("\"trace\" not implemented for '{}'", d.aten())));
    }
    ensure!(x.ndim() == 2, "trace: expected a matrix, but got tensor with dim {}", x.ndim());
    super::gemm::check_dtype(d, "trace")?;
    let diagonal = x.diagonal(0, 0, 1);
    if d.is_int() {
        let sum = diagonal.to_vec::<i64>().iter().fold(0i64, |s, &v| s.wrapping_add(v));
        return View::scalar(DType::I64, Scalar::Int(sum));
    }
    // The reference adds in double precision and rounds once.
    let sum: C64 = diagonal.to_vec::<C64>().iter().sum();
    View::scalar(d, Scalar::Complex(sum))
}

/// `torch.linalg.vecdot`: conjugate of `x` times `y`, summed over `dim`, after broadcasting.
///
/// # Errors
/// torch's, for dtypes that differ or are integers, and for sizes that do not broadcast.
pub fn vecdot(x: &View, y: &View, dim: i64) -> Result<View> {
    crate::cpu::linalg::check::inexact(x, "linalg.vecdot", true)?;
    ensure!(
        x.dtype() == y.dtype(),
        "linalg.vecdot: Expected x and y to have the same dtype, but found x of type {} and y of type {} instead",
        x.dtype().aten(),
        y.dtype().aten()
    );
    let sizes = crate::base::shape::broadcast(x.sizes(), y.sizes())?;
    let at = crate::base::shape::wrap_dim(dim, sizes.len())?;
    if sizes.is_empty() {
        return multiply(&conj(x)?, y);
    }
    let move_last = |v: &View| -> Result<View> {
        let v = v.expand(&sizes)?;
        let order: Vec<usize> = (0..sizes.len()).filter(|&d| d != at).chain([at]).collect();
        Ok(v.permute(&order))
    };
    let (x, y) = (move_last(&conj(x)?)?, move_last(y)?);
    // Of 16 bits, each product of a batch is rounded before the sum; the sum's own row sees to that on the host.
    if x.dtype().is_half() && sizes.len() > 1 && x.device() == crate::base::Device::Cpu {
        let last = [sizes.len() as i64 - 1];
        return crate::cpu::reduce::sum::sum(&multiply(&x, &y)?, Some(&last), false, None);
    }
    super::broadcast::matmul(&x.unsqueeze(x.ndim() - 1), &y.unsqueeze(y.ndim()))
        .map(|v| v.squeeze(&[v.ndim() - 1]))
        .map(|v| v.squeeze(&[v.ndim() - 1]))
}

/// The common dtype of several views by `promote_types`, wrapped numbers not being among them.
pub(super) fn common_dtype(views: &[View]) -> Result<DType> {
    let mut d = None;
    for v in views {
        d = Some(match d {
            None => v.dtype(),
            Some(d) => promote(d, v.dtype()).ok_or_else(|| {
                runtime(format!(
                    "Promotion for uint16, uint32, uint64 types is not supported, attempted to promote {} and {}",
                    d.aten(),
                    v.dtype().aten()
                ))
            })?,
        });
    }
    Ok(d.unwrap_or_else(crate::base::promote::default_dtype))
}

/// `sizes` without their last `n`.
pub(crate) fn leading(sizes: &[i64], n: usize) -> Shape {
    Shape::from_slice(&sizes[..sizes.len().saturating_sub(n)])
}
