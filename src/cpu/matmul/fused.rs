//! Products added to something: `beta * input + alpha * (a @ b)`. With `beta` zero the input is not read, so its nans do
//! not spread.

use super::gemm::check_factor;
use super::products::{check_batches, check_matrices, expect_type, multiply};
use crate::base::error::{Result, runtime};
use crate::base::shape::existing_dim;
use crate::base::{DType, Scalar};
use crate::cpu::copy;
use crate::cpu::index::element::Element;
use crate::cpu::place::{self, Step, batched, check_dtype};
use crate::store::View;
use crate::{bail, dispatch, ensure};

/// `torch.addmm`: `beta * input + alpha * (a @ b)` for matrices, `input` broadcast.
///
/// # Errors
/// torch's, for ranks, sizes, dtypes and factors that do not fit.
pub fn addmm(input: &View, a: &View, b: &View, beta: Scalar, alpha: Scalar) -> Result<View> {
    let d = input.dtype();
    for (name, x) in [("self", input), ("mat1", a)] {
        ensure!(
            x.dtype() == b.dtype(),
            "{name} and mat2 must have the same dtype, but got {} and {}",
            x.dtype().aten(),
            b.dtype().aten()
        );
    }
    ensure!(a.ndim() == 2, "mat1 must be a matrix, got {}-D tensor", a.ndim());
    ensure!(b.ndim() == 2, "mat2 must be a matrix, got {}-D tensor", b.ndim());
    check_matrices(a, b)?;
    let sizes = [a.sizes()[0], b.sizes()[1]];
    let input = input.expand(&sizes)?;
    if sizes.contains(&0) {
        return place::empty(d, &sizes);
    }
    if a.sizes()[1] == 0 && d == DType::Bool {
        bail!("result type Long can't be cast to the desired output type Bool");
    }
    check_dtype(d, "addmm_impl_cpu_", "addmm_cuda")?;
    check_factor(beta, d)?;
    check_factor(alpha, d)?;
    batched(a, b, Some(&input), beta, alpha)
}

/// `torch.addmv`: `beta * input + alpha * (a @ v)` for a matrix and a vector.
///
/// # Errors
/// torch's, for ranks, sizes, dtypes and factors that do not fit.
pub fn addmv(input: &View, a: &View, v: &View, beta: Scalar, alpha: Scalar) -> Result<View> {
    ensure!(
        a.ndim() == 2 && v.ndim() == 1 && input.ndim() <= 1,
        "vector + matrix @ vector expected, got {}, {}, {}",
        input.ndim(),
        a.ndim(),
        v.ndim()
    );
    let (rows, cols, n) = (a.sizes()[0], a.sizes()[1], v.sizes()[0]);
    let have = input.numel() as i64;
    if cols != n || (have != rows && have != 1) {
        let shown = if have == 1 { rows } else { have };
        return Err(runtime(format!("size mismatch, got input ({shown}), mat ({rows}x{cols}), vec ({n})"))
            .help(format!("the matrix has {cols} columns and the vector {n} elements")));
    }
    let d = a.dtype();
    let input = input.expand(&[rows])?;
    if cols == 0 || rows == 0 {
        let zero = View::scalar(input.dtype(), Scalar::Int(0))?;
        return if beta.to_bool() {
            multiply(&input, &View::scalar(d, beta)?)
        } else {
            place::clone(&zero.expand(&[rows])?)
        };
    }
    check_dtype(d, "addmv_impl_cpu", "addmv_impl_cuda")?;
    expect_type(d, v.dtype())?;
    check_factor(beta, d)?;
    check_factor(alpha, d)?;
    let input = place::cast(&input, d)?.unsqueeze(1);
    batched(a, &v.unsqueeze(1), Some(&input), beta, alpha)?.select(1, 0)
}

fn dim(x: &View, at: usize) -> Result<i64> {
    Ok(x.sizes()[existing_dim(at as i64, x.ndim())?])
}

/// `torch.addbmm`: `beta * input + alpha * sum(a[i] @ b[i])`.
///
/// # Errors
/// torch's, for ranks, sizes, dtypes and factors that do not fit.
pub fn addbmm(input: &View, a: &View, b: &View, beta: Scalar, alpha: Scalar) -> Result<View> {
    let sizes = [dim(a, 1)?, dim(b, 2)?];
    let input = input.expand(&sizes)?;
    ensure!(a.ndim() == 3, "batch1 must be a 3D tensor");
    ensure!(b.ndim() == 3, "batch2 must be a 3D tensor");
    let (x, y) = (a.sizes(), b.sizes());
    ensure!(x[0] == y[0], "batch1 and batch2 must have same number of batches, got {} and {}", x[0], y[0]);
    ensure!(x[2] == y[1], "Incompatible matrix sizes for bmm ({}x{} and {}x{})", x[1], x[2], y[1], y[2]);
    if x[0] == 0 {
        return multiply(&input, &View::scalar(input.dtype(), beta)?);
    }
    let mut out = input;
    for i in 0..x[0] {
        let beta = if i == 0 { beta } else { Scalar::Int(1) };
        out = addmm(&out, &a.select(0, i)?, &b.select(0, i)?, beta, alpha)?;
    }
    Ok(out)
}

/// `torch.baddbmm`: `beta * input + alpha * (a @ b)` for batches.
///
/// # Errors
/// torch's, for ranks, sizes, dtypes and factors that do not fit.
pub fn baddbmm(input: &View, a: &View, b: &View, beta: Scalar, alpha: Scalar) -> Result<View> {
    let sizes = [dim(a, 0)?, dim(a, 1)?, dim(b, 2)?];
    let input = input.expand(&sizes)?;
    check_batches(a, b)?;
    let (d, x, y) = (input.dtype(), a.dtype(), b.dtype());
    ensure!(
        d == x || d == y,
        "Input dtypes must be the same, got: input {}, batch1: {}, batch2: {}",
        d.cpp(),
        x.cpp(),
        y.cpp()
    );
    if sizes.contains(&0) {
        return place::empty(d, &sizes);
    }
    check_dtype(d, "baddbmm", "baddbmm_cuda")?;
    expect_type(d, x)?;
    expect_type(d, y)?;
    check_factor(beta, d)?;
    check_factor(alpha, d)?;
    batched(a, b, Some(&input), beta, alpha)
}

/// `torch.addr`: `beta * input + alpha * outer(x, y)`, in the operands' promoted dtype.
///
/// # Errors
/// torch's, for ranks and sizes that do not fit, and for float factors of integers.
pub fn addr(input: &View, x: &View, y: &View, beta: Scalar, alpha: Scalar) -> Result<View> {
    ensure!(x.ndim() == 1, "addr: Expected 1-D argument vec1, but got {}-D", x.ndim());
    ensure!(y.ndim() == 1, "addr: Expected 1-D argument vec2, but got {}-D", y.ndim());
    let sizes = [x.sizes()[0], y.sizes()[0]];
    let input = input.expand(&sizes)?;
    let d = super::products::common_dtype(&[input.clone(), x.clone(), y.clone()])?;
    for (name, factor) in [("beta", beta), ("alpha", alpha)] {
        let bool = matches!(factor, Scalar::Bool(_));
        ensure!(!bool || d == DType::Bool, "Boolean {name} only supported for Boolean results.");
    }
    if d.is_integral() {
        for (name, factor) in [("beta", beta), ("alpha", alpha)] {
            ensure!(
                factor.is_integral(),
                "For integral input tensors, argument {name} must not be a floating point number."
            );
        }
    }
    check_factor(beta, d)?;
    check_factor(alpha, d)?;
    let (x, y, input) = (place::cast(x, d)?, place::cast(y, d)?, place::cast(&input, d)?);
    // Each step is rounded.
    let scaled = multiply(&multiply(&View::scalar(d, alpha)?, &x.unsqueeze(1))?, &y)?;
    if !beta.to_bool() {
        return Ok(scaled);
    }
    let wide = d.opmath();
    let kept = multiply(&View::scalar(d, beta)?, &input)?;
    if let Some(f) = place::forms() {
        return f.elements(Step::Sum, &[&scaled, &kept], &sizes, wide, d);
    }
    let kept = copy::cast(&kept, wide)?;
    let mut sum = copy::clone(&copy::cast(&scaled, wide)?)?;
    dispatch!(wide, all T => {
        sum.slice_mut::<T>().iter_mut().zip(kept.array::<T>()).for_each(|(s, &k)| *s = s.plus(k));
    });
    copy::cast(&sum, d)
}
