//! Masks and positions: `masked_select`, `masked_fill`, `masked_scatter`, `nonzero`, `unravel_index`.

use super::element::checked;
use super::walk::{rows, walk};
use crate::base::DType;
use crate::base::error::{Result, runtime};
use crate::base::scalar::Scalar;
use crate::base::shape::{Shape, broadcast};
use crate::cpu::copy;
use crate::store::View;
use crate::{by_width, dispatch};

/// The elements where `mask` is true, as a vector; both broadcast.
///
/// # Errors
/// torch's, for a mask that is not bool or does not fit.
pub fn masked_select(x: &View, mask: &View) -> Result<View> {
    if mask.dtype() != DType::Bool {
        return Err(runtime("masked_select: expected BoolTensor for mask"));
    }
    let sizes = broadcast(mask.sizes(), x.sizes())?;
    let (x, mask) = (x.expand(&sizes)?, mask.expand(&sizes)?);
    let bits = mask.span::<bool>();
    let mut offsets = Vec::new();
    walk(&sizes, [x.strides(), mask.strides()], |[at, m]| {
        if bits[m] {
            offsets.push(at);
        }
        Ok(())
    })?;
    let out = View::empty(x.dtype(), &[offsets.len() as i64])?;
    let (from, mut to) = (x.words(), out.words());
    by_width!(x.dtype(), T => {
        let src = from.span::<T>();
        to.span_mut::<T>().iter_mut().zip(&offsets).for_each(|(o, &at)| *o = src[at]);
    });
    Ok(out)
}

/// A copy of `x`, stretched to the mask, with `value` where `mask` is true.
///
/// # Errors
/// torch's, for a mask that is not bool or does not fit, or a value that does not fit the dtype.
pub fn masked_fill(x: &View, mask: &View, value: Scalar) -> Result<View> {
    check_bool(mask)?;
    let sizes = broadcast(mask.sizes(), x.sizes())?;
    let out = copy::clone(&x.expand(&sizes)?)?;
    let value = View::scalar(x.dtype(), checked(value, x.dtype())?)?;
    fill_in_place(&out, mask, &value)?;
    Ok(out)
}

fn check_bool(mask: &View) -> Result<()> {
    if mask.dtype() != DType::Bool {
        return Err(runtime(format!(
            "masked_fill_ only supports boolean masks, but got mask with dtype {}",
            mask.dtype().cpp()
        )));
    }
    Ok(())
}

/// Sets the elements of `x` where `mask` is true to the one element of `value`.
///
/// # Errors
/// As [`masked_fill`].
pub fn fill_in_place(x: &View, mask: &View, value: &View) -> Result<()> {
    check_bool(mask)?;
    let mask = mask.expand(x.sizes())?;
    let mask = if mask.shares(x) { copy::clone(&mask)? } else { mask };
    let bits = mask.span::<bool>();
    let value = View::scalar(x.dtype(), value.get(0))?.words();
    let mut to = x.words();
    by_width!(x.dtype(), T => {
        let v = value.span::<T>()[0];
        let dst = to.span_mut::<T>();
        rows(x.sizes(), [x.strides(), mask.strides()], |row| {
            for k in 0..row.n {
                if bits[row.at[1] + k * row.step[1]] {
                    dst[row.at[0] + k * row.step[0]] = v;
                }
            }
            Ok(())
        })
    })
}

/// A copy of `x` with the elements where `mask` is true taken from `src`, in order.
///
/// # Errors
/// torch's, for dtypes that differ, a mask that is not bool or a source that is too short.
pub fn masked_scatter(x: &View, mask: &View, src: &View) -> Result<View> {
    if mask.dtype() != DType::Bool {
        return Err(runtime(format!(
            "masked_scatter_ only supports boolean masks, but got mask with dtype {}",
            mask.dtype().aten()
        )));
    }
    if x.dtype() != src.dtype() {
        return Err(runtime(format!(
            "masked_scatter: expected self and source to have same dtypes but got{} and {}",
            x.dtype().aten(),
            src.dtype().aten()
        )));
    }
    let sizes = broadcast(mask.sizes(), x.sizes())?;
    let mut out = copy::clone(&x.expand(&sizes)?)?.words();
    let (mask, src) = (mask.expand(&sizes)?, copy::contiguous(src)?.words());
    let bits = mask.span::<bool>();
    let strides = Shape::from_slice(out.strides());
    by_width!(out.dtype(), T => {
        let mut values = src.slice::<T>().iter();
        let dst = out.slice_mut::<T>();
        walk(&sizes, [&strides, mask.strides()], |[at, m]| {
            if bits[m] {
                let Some(&v) = values.next() else {
                    return Err(runtime("Number of elements of source < number of ones in mask"));
                };
                dst[at] = v;
            }
            Ok(())
        })?;
    });
    out.reinterpret(x.dtype(), &sizes, &strides, 0)
}

/// The positions of the elements that are not zero, a row each, `int64[n, ndim]`.
///
/// # Errors
/// When memory is short.
pub fn nonzero(x: &View) -> Result<View> {
    let ndim = x.ndim();
    let mut found: Vec<i64> = Vec::new();
    let mut index = vec![0i64; ndim];
    let mut count = 0;
    let sizes = x.sizes();
    dispatch!(x.dtype(), all T => {
        let src = x.span::<T>();
        let zero = T::default();
        walk(sizes, [x.strides()], |[at]| {
            if src[at] != zero {
                found.extend_from_slice(&index);
                count += 1;
            }
            for d in (0..ndim).rev() {
                index[d] += 1;
                if index[d] < sizes[d] {
                    break;
                }
                index[d] = 0;
            }
            Ok(())
        })?;
    });
    View::from_slice(&found, &[count, ndim as i64])
}

/// [`nonzero`] as a vector for each dimension; a zero-dimensional tensor counts as one of size 1.
///
/// # Errors
/// When memory is short.
pub fn nonzero_tuple(x: &View) -> Result<Vec<View>> {
    let x = if x.ndim() == 0 { x.unsqueeze(0) } else { x.clone() };
    let found = nonzero(&x)?;
    (0..x.ndim()).map(|d| copy::clone(&found.select(1, d as i64)?)).collect()
}
