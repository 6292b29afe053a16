//! Truth over groups of elements, and counts of it.

use super::walk::Walk;
use super::{Reduced, flat, unsupported};
use crate::base::DType;
use crate::base::error::Result;
use crate::base::scalar::{Cast, Scalar};
use crate::base::shape::numel;
use crate::cpu::copy;
use crate::dispatch;
use crate::store::View;

/// `torch.any`: whether an element is true. The answer is bool, but `uint8` for `uint8`.
///
/// # Errors
/// A dimension that is out of range or repeated.
pub fn any(x: &View, dims: Option<&[i64]>, keepdim: bool) -> Result<View> {
    truth(x, dims, keepdim, false)
}

/// `torch.all`: whether every element is true. The answer is bool, but `uint8` for `uint8`.
///
/// # Errors
/// As [`any`].
pub fn all(x: &View, dims: Option<&[i64]>, keepdim: bool) -> Result<View> {
    truth(x, dims, keepdim, true)
}

fn truth(x: &View, dims: Option<&[i64]>, keepdim: bool, every: bool) -> Result<View> {
    let mut shape = Reduced::new(x, dims, keepdim)?;
    if dims.is_some_and(<[i64]>::is_empty) {
        // An empty list reduces nothing here, unlike elsewhere.
        shape = Reduced::of(x.sizes(), vec![false; x.ndim()], keepdim);
    }
    let mut out = View::full(DType::Bool, &shape.sizes, every.into())?;
    if x.numel() > 0 {
        let walk = Walk::new(x, &shape.mask);
        let slots = out.slice_mut::<bool>();
        let truths = copy::cast(&flat(x), DType::Bool)?;
        if every {
            walk.fold_free(truths.slice::<bool>(), slots, |a, v| a & v, |a, b| a & b);
        } else {
            walk.fold_free(truths.slice::<bool>(), slots, |a, v| a | v, |a, b| a | b);
        }
    }
    if x.dtype() == DType::U8 { copy::cast(&out, DType::U8) } else { Ok(out) }
}

/// `torch.count_nonzero`, as `int64`.
///
/// # Errors
/// A bad dimension; the unsigned integers above 8 bits, when all dimensions go.
pub fn count_nonzero(x: &View, dims: Option<&[i64]>) -> Result<View> {
    let shape = Reduced::new(x, dims, false)?;
    if dims.is_none_or(<[i64]>::is_empty) && matches!(x.dtype(), DType::U16 | DType::U32 | DType::U64) {
        return Err(unsupported("nonzero_count_cpu", x.dtype()));
    }
    count(&copy::cast(&flat(x), DType::Bool)?, &Walk::new(x, &shape.mask), &shape, |v: bool| v)
}

/// How many elements of each group are not nan.
pub(super) fn count_numbers(x: &View, shape: &Reduced) -> Result<View> {
    let walk = Walk::new(x, &shape.mask);
    dispatch!(x.dtype(), inexact T => count(&flat(x), &walk, shape, |v: T| PartialEq::eq(&v, &v)), else {
        let each = x.numel() / numel(&shape.sizes).map_or(1, |n| n.max(1) as usize);
        View::full(DType::I64, &shape.sizes, Scalar::Int(each as i64))
    })
}

fn count<T: Cast>(flat: &View, walk: &Walk, shape: &Reduced, test: impl Fn(T) -> bool + Sync) -> Result<View> {
    let mut out = View::zeros(DType::I64, &shape.sizes)?;
    if flat.numel() > 0 {
        walk.fold_free(flat.slice::<T>(), out.slice_mut::<i64>(), |n, v| n + i64::from(test(v)), |a, b| a + b);
    }
    Ok(out)
}
