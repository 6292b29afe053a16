//! Copies between layouts and dtypes.
#![allow(unsafe_code)]

use super::block;
use crate::base::DType;
use crate::base::error::Result;
use crate::dispatch;
use crate::store::View;

/// The view itself when it is contiguous, else a contiguous copy.
///
/// # Errors
/// When memory is short.
pub fn contiguous(x: &View) -> Result<View> {
    if x.is_contiguous() { Ok(x.clone()) } else { clone(x) }
}

/// A fresh contiguous copy.
///
/// # Errors
/// When memory is short.
pub fn clone(x: &View) -> Result<View> {
    let mut out = View::empty(x.dtype(), x.sizes())?;
    dispatch!(x.dtype(), all T => out.array_mut::<T>().assign(&x.array::<T>()));
    Ok(out)
}

/// A view with elements of `dtype`: `x` itself when it has them already, else a converted contiguous copy.
///
/// # Errors
/// When memory is short.
pub fn cast(x: &View, dtype: DType) -> Result<View> {
    if x.dtype() == dtype {
        return Ok(x.clone());
    }
    let from = contiguous(x)?;
    let out = View::empty(dtype, x.sizes())?;
    // SAFETY: both blocks are contiguous, hold `numel` elements of their dtypes, and `out` is fresh.
    unsafe { block::cast(from.dtype(), dtype)(out.data_ptr(), &[from.data_ptr().cast_const()], out.numel()) };
    Ok(out)
}

/// Writes `src`, broadcast and converted, into the elements of `dst`, which does not overlap itself.
///
/// # Errors
/// torch's `RuntimeError` when `src` can't be broadcast to `dst`.
pub fn copy_into(src: &View, dst: &mut View) -> Result<()> {
    // Memory that both look at is read whole before it is written.
    let src = if src.shares(dst) { clone(src)? } else { src.clone() };
    let src = cast(&src, dst.dtype())?;
    let src = if src.sizes() == dst.sizes() { src } else { src.expand(dst.sizes())? };
    dispatch!(dst.dtype(), all T => dst.array_mut::<T>().assign(&src.array::<T>()));
    Ok(())
}
