//! The decompositions of `numpy.linalg`: torch's rows, in NumPy's dtypes and named tuples.

use super::{loops, make};
use crate::base::DType;
use crate::base::error::{Error, ErrorKind};
use crate::cpu::shape::select;
use crate::eval::interp::Interp;
use crate::eval::raise::Res;
use crate::eval::torch::rows::call_named;
use crate::eval::value::{NamedType, Value};
use crate::ops::args::In;
use crate::store::View;
use crate::tensor::Tensor;
use std::rc::Rc;

/// The results of a row on a matrix in NumPy's dtypes.
fn parts(it: &mut Interp, row: &str, value: &Value, kwargs: &[(&str, In<Tensor>)]) -> Res<Vec<View>> {
    let x = make::array(it, value, None)?;
    let x = if x.dtype().is_float() || x.dtype().is_complex() { x } else { loops::astype(&x, DType::F64)? };
    if x.ndim() < 2 {
        let message = format!("{}-dimensional array given. Array must be at least two-dimensional", x.ndim());
        return Err(Error::new(ErrorKind::NumpyLinAlgError, message).into());
    }
    let square = !matches!(row, "linalg.svd" | "linalg.qr" | "linalg.pinv" | "linalg.svdvals");
    if square && x.sizes()[x.ndim() - 1] != x.sizes()[x.ndim() - 2] {
        return Err(Error::new(ErrorKind::NumpyLinAlgError, "Last 2 dimensions of the array must be square").into());
    }
    let result = call_named(row, &[In::Tensor(Tensor::new(x))], kwargs).map_err(|e| match e.kind() {
        ErrorKind::LinAlgError if row == "linalg.cholesky" => {
            Error::new(ErrorKind::NumpyLinAlgError, "Matrix is not positive definite").into()
        }
        _ => e,
    })?;
    let items = match &result {
        Value::Tuple(t) => t.items.to_vec(),
        one => vec![one.clone()],
    };
    let views = items.iter().filter_map(|v| if let Value::Tensor(t) = v { Some(t.view()) } else { None });
    views.collect::<Result<Vec<View>, Error>>().map_err(Into::into)
}

fn named(name: &str, fields: &[&str], items: Vec<View>) -> Value {
    let fields = fields.iter().map(|f| (*f).into()).collect();
    let kind = NamedType { name: name.into(), fields, defaults: Vec::new(), torch: false };
    Value::named(&Rc::new(kind), items.into_iter().map(super::give).collect())
}

/// Complex numbers as real ones where none has an imaginary part.
fn real_if_close(views: Vec<View>, decides: usize) -> Res<Vec<View>> {
    let complex = |x: &View| x.to_vec::<crate::base::dtype::C64>().iter().any(|c| c.im != 0.0);
    if views.get(decides).is_none_or(complex) {
        return Ok(views);
    }
    let real = |x: &View| match x.dtype().is_complex() {
        true => loops::astype(&select(&crate::cpu::shape::view_as_real(x)?, -1, 0)?, x.dtype().real()),
        false => Ok(x.clone()),
    };
    views.iter().map(real).collect()
}

crate::builtin_table! {
    /// Decompositions of matrices.
    TABLE of "numpy.linalg" {
        "eig" ("a") "The eigenvalues of a matrix and its eigenvectors, a column each." => |it, a| {
            let parts = real_if_close(parts(it, "linalg.eig", &a[0], &[])?, 0)?;
            Ok(named("EigResult", &["eigenvalues", "eigenvectors"], parts))
        };
        "eigvals" ("a") "The eigenvalues of a matrix." => |it, a| {
            let mut parts = real_if_close(parts(it, "linalg.eigvals", &a[0], &[])?, 0)?;
            Ok(parts.pop().map_or(Value::None, super::give))
        };
        "eigh" ("a, UPLO='L'") "The eigenvalues of a symmetric matrix and its eigenvectors, a column each." => |it, a| {
            let side = a[1].as_str().unwrap_or("L").to_owned();
            let parts = parts(it, "linalg.eigh", &a[0], &[("UPLO", In::Str(side.as_str().into()))])?;
            Ok(named("EighResult", &["eigenvalues", "eigenvectors"], parts))
        };
        "eigvalsh" ("a, UPLO='L'") "The eigenvalues of a symmetric matrix." => |it, a| {
            let side = a[1].as_str().unwrap_or("L").to_owned();
            let mut parts = parts(it, "linalg.eigvalsh", &a[0], &[("UPLO", In::Str(side.as_str().into()))])?;
            Ok(parts.pop().map_or(Value::None, super::give))
        };
        "svd" ("a, full_matrices=True, compute_uv=True") "The singular values of a matrix and their vectors." => |it, a| {
            if let Some(flag) = a[2].given() && !it.truth(&flag.clone())? {
                let mut parts = parts(it, "linalg.svdvals", &a[0], &[])?;
                return Ok(parts.pop().map_or(Value::None, super::give));
            }
            let full = match a[1].given() { Some(flag) => it.truth(&flag.clone())?, None => true };
            let parts = parts(it, "linalg.svd", &a[0], &[("full_matrices", In::Bool(full))])?;
            Ok(named("SVDResult", &["U", "S", "Vh"], parts))
        };
        "qr" ("a, mode='reduced'") "A matrix as an orthogonal one times an upper triangular one." => |it, a| {
            let mode = a[1].as_str().unwrap_or("reduced").to_owned();
            let mut parts = parts(it, "linalg.qr", &a[0], &[("mode", In::Str(mode.as_str().into()))])?;
            match mode.as_str() {
                "r" => Ok(parts.pop().map_or(Value::None, super::give)),
                _ => Ok(named("QRResult", &["Q", "R"], parts)),
            }
        };
        "cholesky" ("a") "The lower triangular matrix whose product with its transpose is a." => |it, a| {
            let mut parts = parts(it, "linalg.cholesky", &a[0], &[])?;
            Ok(parts.pop().map_or(Value::None, super::give))
        };
        "pinv" ("a") "The inverse of a matrix, as near as there is one." => |it, a| {
            let mut parts = parts(it, "linalg.pinv", &a[0], &[])?;
            Ok(parts.pop().map_or(Value::None, super::give))
        };
        "slogdet" ("a") "The sign of the determinant and the logarithm of its size." => |it, a| {
            Ok(named("SlogdetResult", &["sign", "logabsdet"], parts(it, "linalg.slogdet", &a[0], &[])?))
        };
        "matrix_rank" ("A") "How many rows of a matrix stand for themselves." => |it, a| {
            let mut parts = parts(it, "linalg.matrix_rank", &a[0], &[])?;
            Ok(parts.pop().map_or(Value::None, super::give))
        };
        "cond" ("x") "The largest singular value by the smallest." => |it, a| {
            let mut parts = parts(it, "linalg.cond", &a[0], &[])?;
            Ok(parts.pop().map_or(Value::None, super::give))
        };
    }
}
