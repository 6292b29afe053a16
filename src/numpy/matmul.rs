//! Matrix products, with NumPy's words for shapes that do not fit.

use super::ufunc::shape_text;
use super::{make, promote, reduce};
use crate::base::error::{Error, value_error};
use crate::base::shape::broadcast;
use crate::base::{DType, Scalar};
use crate::cpu::copy;
use crate::dispatch;
use crate::eval::interp::Interp;
use crate::eval::raise::Res;
use crate::eval::value::Value;
use crate::store::View;
use crate::tensor::Tensor;
use ndarray::Ix2;

const SIGNATURE: &str = "signature (n?,k),(k,m?)->(n?,m?)";

/// The product of two matrices of one dtype.
fn product(a: &View, b: &View) -> Res<View> {
    let (n, m) = (a.sizes()[0], b.sizes()[1]);
    let mut out = View::zeros(a.dtype(), &[n, m])?;
    let shapes = "internal: no matrices";
    dispatch!(a.dtype(), wide_inexact T => {
        let (x, y) = (a.array::<T>(), b.array::<T>());
        let (Ok(x), Ok(y)) = (x.into_dimensionality::<Ix2>(), y.into_dimensionality::<Ix2>()) else {
            return Err(value_error(shapes).into());
        };
        let z = x.dot(&y);
        out.array_mut::<T>().assign(&z.into_dyn());
    }, else {
        // Integers wrap; bools are or-ed ands; halves are summed in single precision.
        let d = a.dtype();
        if d.is_half() {
            let (a, b) = (copy::cast(a, DType::F32)?, copy::cast(b, DType::F32)?);
            return Ok(copy::cast(&product(&a, &b)?, d)?);
        }
        let (x, y) = (a.to_vec::<i64>(), b.to_vec::<i64>());
        let (k, m) = (a.sizes()[1] as usize, m as usize);
        for i in 0..n as usize {
            for j in 0..m {
                let sum = (0..k).fold(0i64, |s, l| s.wrapping_add(x[i * k + l].wrapping_mul(y[l * m + j])));
                out.set(i * m + j, Scalar::Int(sum));
            }
        }
    });
    Ok(out)
}

/// `a @ b` on views of any number of dimensions from one up.
///
/// # Errors
/// NumPy's `ValueError` for shapes that do not fit.
pub fn matmul(a: &View, b: &View) -> Res<View> {
    for (i, v) in [a, b].iter().enumerate() {
        if v.ndim() == 0 {
            return Err(value_error(format!(
                "matmul: Input operand {i} does not have enough dimensions (has 0, gufunc core with {SIGNATURE} requires 1)"
            ))
            .at(&[i as u8])
            .into());
        }
    }
    let d = promote::promote(a.dtype(), b.dtype());
    let (a, b) = (copy::cast(a, d)?, copy::cast(b, d)?);
    let (left, right) = (a.ndim() == 1, b.ndim() == 1);
    let x = if left { a.unsqueeze(0) } else { a };
    let y = if right { b.unsqueeze(1) } else { b };
    let (k, l) = (x.sizes()[x.ndim() - 1], y.sizes()[y.ndim() - 2]);
    if k != l {
        return Err(value_error(format!(
            "matmul: Input operand 1 has a mismatch in its core dimension 0, with gufunc {SIGNATURE} (size {l} is different from {k})"
        ))
        .at(&[0, 1])
        .into());
    }
    let (n, m) = (x.sizes()[x.ndim() - 2], y.sizes()[y.ndim() - 1]);
    let (xb, yb) = (&x.sizes()[..x.ndim() - 2], &y.sizes()[..y.ndim() - 2]);
    let batch = broadcast(xb, yb).map_err(|_| super::ufunc::no_broadcast([x.sizes(), y.sizes()].into_iter()))?;
    let full = |v: &View, rows: i64, cols: i64| -> Res<View> {
        let sizes: Vec<i64> = batch.iter().copied().chain([rows, cols]).collect();
        let stretched = v.expand(&sizes)?;
        Ok(crate::cpu::shape::reshape(&stretched, &[batch.iter().product(), rows, cols])?)
    };
    let (xs, ys) = (full(&x, n, k)?, full(&y, k, m)?);
    let out = View::zeros(d, &[xs.sizes()[0], n, m])?;
    for i in 0..xs.sizes()[0] {
        let one = product(&xs.select(0, i)?, &ys.select(0, i)?)?;
        copy::copy_into(&one, &mut out.select(0, i)?)?;
    }
    let mut sizes = batch.to_vec();
    sizes.extend((!left).then_some(n));
    sizes.extend((!right).then_some(m));
    Ok(crate::cpu::shape::reshape(&out, &sizes)?)
}

/// `a @ b` of values; a tensor on either side makes the result a tensor.
///
/// # Errors
/// As [`matmul`].
pub fn operator(it: &mut Interp, a: &Value, b: &Value) -> Res {
    let out = matmul(&make::array(it, a, None)?, &make::array(it, b, None)?)?;
    if matches!(a, Value::Tensor(_)) || matches!(b, Value::Tensor(_)) {
        return Ok(Value::Tensor(Tensor::new(out)));
    }
    Ok(super::give(out))
}

/// `np.dot(a, b)`: products of numbers, vectors and matrices; the last axis of `a` with the last but one of `b`.
///
/// # Errors
/// NumPy's `ValueError` for shapes that do not fit.
pub fn dot(a: &View, b: &View) -> Res<View> {
    let d = promote::promote(a.dtype(), b.dtype());
    let (a, b) = (copy::cast(a, d)?, copy::cast(b, d)?);
    if a.ndim() == 0 || b.ndim() == 0 {
        return super::loops::row("mul", &[&a, &b]);
    }
    let (i, j) = (a.ndim() - 1, b.ndim().saturating_sub(2));
    let (k, l) = (a.sizes()[i], b.sizes()[j]);
    if k != l {
        let (x, y) = (shape_text(a.sizes()), shape_text(b.sizes()));
        let message = format!("shapes {x} and {y} not aligned: {k} (dim {i}) != {l} (dim {j})");
        return Err(value_error(message).at(&[0, 1]).into());
    }
    if b.ndim() <= 2 {
        return matmul(&a, &b);
    }
    // Every row of `a` meets every matrix of `b`.
    let rows = crate::cpu::shape::reshape(&a, &[-1, k])?;
    let last = b.ndim() - 1;
    let order: Vec<usize> = std::iter::once(j).chain((0..b.ndim()).filter(|d| *d != j)).collect();
    let columns = crate::cpu::shape::reshape(&b.permute(&order), &[k, -1])?;
    let mut sizes = a.sizes()[..i].to_vec();
    sizes.extend(b.sizes()[..j].iter().chain([&b.sizes()[last]]));
    Ok(crate::cpu::shape::reshape(&product(&rows, &columns)?, &sizes)?)
}

/// The sum of products of all elements (`np.vdot`, without conjugation for real dtypes).
///
/// # Errors
/// NumPy's `ValueError` for different sizes.
pub fn inner(a: &View, b: &View) -> Res<View> {
    if a.ndim() == 0 || b.ndim() == 0 {
        return dot(a, b);
    }
    let (k, l) = (a.sizes()[a.ndim() - 1], b.sizes()[b.ndim() - 1]);
    if k != l {
        return Err(Error::from(value_error(format!(
            "shapes {} and {} not aligned: {k} (dim {}) != {l} (dim {})",
            shape_text(a.sizes()),
            shape_text(b.sizes()),
            a.ndim() - 1,
            b.ndim() - 1
        )))
        .into());
    }
    let turned = if b.ndim() >= 2 { b.transpose(b.ndim() - 1, b.ndim() - 2) } else { b.clone() };
    dot(a, &turned)
}

/// The sum along the diagonal of a matrix.
///
/// # Errors
/// When memory is short.
pub fn trace(x: &View, offset: i64) -> Res<View> {
    if x.ndim() < 2 {
        return Err(value_error("diag requires an array of at least two dimensions").into());
    }
    let diagonal = x.diagonal(offset, 0, 1);
    reduce::sum(&diagonal, &[diagonal.ndim() - 1], None)
}
