//! The module `numpy.linalg`, in double precision.

use super::{loops, make, matmul, promote, reduce};
use crate::base::error::{Error, ErrorKind, value_error};
use crate::base::{DType, Scalar};
use crate::cpu::copy;
use crate::eval::interp::Interp;
use crate::eval::module::Module;
use crate::eval::raise::Res;
use crate::eval::value::Value;
use crate::store::View;

fn error(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::NumpyLinAlgError, message)
}

/// The float dtype of a matrix: float32 stays, all else is computed in float64.
fn float(d: DType) -> DType {
    if d == DType::F32 { d } else { DType::F64 }
}

/// A square matrix in double precision, row-major, and its size.
fn square(x: &View) -> Res<(Vec<f64>, usize)> {
    if x.ndim() < 2 {
        let message = format!("{}-dimensional array given. Array must be at least two-dimensional", x.ndim());
        return Err(error(message).into());
    }
    if x.ndim() > 2 || x.sizes()[0] != x.sizes()[1] {
        return Err(error("Last 2 dimensions of the array must be square").into());
    }
    Ok((x.to_vec::<f64>(), x.sizes()[0] as usize))
}

/// Solves by elimination with row exchanges: `a` becomes upper triangular, `b` (n rows of `m`) the solution. Gives the
/// determinant; 0 leaves both unfinished.
fn eliminate(a: &mut [f64], n: usize, b: &mut [f64], m: usize) -> f64 {
    let (mut sign, mut size) = (1.0, 0.0);
    for k in 0..n {
        let mut pivot = k;
        for i in k + 1..n {
            if a[i * n + k].abs() > a[pivot * n + k].abs() {
                pivot = i;
            }
        }
        if a[pivot * n + k] == 0.0 {
            return 0.0;
        }
        if pivot != k {
            (0..n).for_each(|j| a.swap(k * n + j, pivot * n + j));
            (0..m).for_each(|j| b.swap(k * m + j, pivot * m + j));
            sign = -sign;
        }
        sign *= a[k * n + k].signum();
        size += a[k * n + k].abs().ln();
        for i in k + 1..n {
            let factor = a[i * n + k] / a[k * n + k];
            (k..n).for_each(|j| a[i * n + j] -= factor * a[k * n + j]);
            (0..m).for_each(|j| b[i * m + j] -= factor * b[k * m + j]);
        }
    }
    for k in (0..n).rev() {
        for j in 0..m {
            let rest: f64 = (k + 1..n).map(|i| a[k * n + i] * b[i * m + j]).sum();
            b[k * m + j] = (b[k * m + j] - rest) / a[k * n + k];
        }
    }
    // By way of the logarithm, as NumPy has it.
    sign * size.exp()
}

fn norm(it: &mut Interp, a: &[Value]) -> Res {
    let x = make::array(it, &a[0], None)?;
    let x = if x.dtype().is_integral() { copy::cast(&x, DType::F64)? } else { x };
    let keepdims = matches!(a[3], Value::Bool(true));
    let plain = a[2].some().is_none() && a[1].some().is_none();
    let axes = reduce::axes(it, &a[2], x.ndim())?;
    let order = match a[1].some() {
        None => 2.0,
        Some(Value::Str(s)) if &*s.text == "fro" => 2.0,
        Some(v) => it.real(v)?,
    };
    if !plain && axes.len() > 1 && a[1].some().is_some_and(|v| v.as_str().is_none()) {
        return Err(value_error("tensh has no such matrix norm").into());
    }
    let sizes = loops::row("abs", &[&x])?;
    let result = if order == f64::INFINITY {
        reduce::extreme(&sizes, &axes, true)?
    } else if order == f64::NEG_INFINITY {
        reduce::extreme(&sizes, &axes, false)?
    } else if order == 0.0 {
        copy::cast(&reduce::count_nonzero(&sizes, &axes)?, sizes.dtype())?
    } else if order == 1.0 {
        reduce::sum(&sizes, &axes, None)?
    } else if order == 2.0 {
        loops::row("sqrt", &[&reduce::sum(&loops::square(&sizes)?, &axes, None)?])?
    } else {
        let power = View::scalar(sizes.dtype(), Scalar::Float(order))?;
        let root = View::scalar(sizes.dtype(), Scalar::Float(1.0 / order))?;
        loops::power(&reduce::sum(&loops::power(&sizes, &power)?, &axes, None)?, &root)?
    };
    Ok(super::give(reduce::keep(&x, result, &axes, keepdims)?))
}

crate::builtin_table! {
    /// Functions of numpy.linalg.
    TABLE of "numpy.linalg" {
        "norm" ("x, ord=None, axis=None, keepdims=False") "The length of a vector, or a matrix's Frobenius norm." => |it, a| norm(it, a);
        "det" ("a") "The determinant of a square matrix." => |it, a| {
            let x = make::array(it, &a[0], None)?;
            let (mut m, n) = square(&x)?;
            let determinant = eliminate(&mut m, n, &mut [], 0);
            Ok(super::give(View::scalar(float(x.dtype()), Scalar::Float(determinant))?))
        };
        "inv" ("a") "The inverse of a square matrix." => |it, a| {
            let x = make::array(it, &a[0], None)?;
            let (mut m, n) = square(&x)?;
            let mut out = vec![0.0; n * n];
            (0..n).for_each(|i| out[i * n + i] = 1.0);
            if eliminate(&mut m, n, &mut out, n) == 0.0 && n > 0 {
                return Err(error("Singular matrix").into());
            }
            Ok(super::array_of(copy::cast(&View::from_slice(&out, x.sizes())?, float(x.dtype()))?))
        };
        "solve" ("a, b") "The solution of linear equations." => |it, a| {
            let (x, y) = (make::array(it, &a[0], None)?, make::array(it, &a[1], None)?);
            let (mut m, n) = square(&x)?;
            let columns = if y.ndim() < 2 { 1 } else { y.sizes()[1] as usize };
            if y.ndim() == 0 || y.sizes()[0] as usize != n {
                return Err(value_error(format!("solve: Input operand 1 has a mismatch in its core dimension 0, with gufunc signature (m,m),(m)->(m) (size {} is different from {n})", y.sizes().first().copied().unwrap_or(0))).into());
            }
            let mut out = y.to_vec::<f64>();
            if eliminate(&mut m, n, &mut out, columns) == 0.0 && n > 0 {
                return Err(error("Singular matrix").into());
            }
            let d = float(promote::promote(x.dtype(), y.dtype()));
            Ok(super::array_of(copy::cast(&View::from_slice(&out, y.sizes())?, d)?))
        };
        "matrix_power" ("a, n") "A square matrix multiplied with itself." => |it, a| {
            let mut x = make::array(it, &a[0], None)?;
            square(&x)?;
            let mut n = make::integer(it, &a[1])?;
            if n < 0 {
                return Err(value_error("tensh takes no negative matrix powers").into());
            }
            let mut out = crate::cpu::create::eye(x.sizes()[0], x.sizes()[0], x.dtype())?;
            while n > 0 {
                if n & 1 == 1 {
                    out = matmul::matmul(&out, &x)?;
                }
                x = matmul::matmul(&x, &x)?;
                n >>= 1;
            }
            Ok(super::array_of(out))
        };
    }
}

/// The module.
pub fn module() -> Module {
    Module::new("numpy.linalg", &[TABLE, super::decompose::TABLE])
        .with("LinAlgError", Value::Type(crate::eval::kind::Type::Exc(ErrorKind::NumpyLinAlgError)))
}
