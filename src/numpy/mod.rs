//! ndarray's own face: how NumPy names, promotes, computes and prints.
//!
//! An [`array::NdArray`] is a view of memory that tensors may share; a [`scalar::NpScalar`] is what elements and
//! reductions are. Functions of elements are rows of [`ufunc`], most of them over the op table's rows.

mod about;
pub mod array;
mod attributes;
mod borrowed;
mod creation;
mod decompose;
pub mod dtype;
mod functions;
mod index;
mod joining;
mod linalg;
mod loops;
mod make;
mod matmul;
mod methods;
pub mod module;
mod operators;
mod pcg;
pub mod print;
mod print_float;
pub mod print_scalar;
pub mod promote;
mod random;
mod reduce;
mod rng;
mod samples;
pub mod scalar;
mod sorting;
pub mod ufunc;
mod ziggurat_table;

use crate::base::Device;
use crate::base::error::{Result, type_error};
use crate::eval::interp::Interp;
use crate::eval::raise::Res;
use crate::eval::value::Value;
use crate::store::View;
use crate::tensor::Tensor;

/// The elements behind an array or a NumPy scalar, where the value is one.
pub fn view_of(value: &Value) -> Option<View> {
    array_view(value).or_else(|| value.downcast::<scalar::NpScalar>().and_then(|s| s.view().ok()))
}

/// The elements behind an array, where the value is one; not of NumPy's scalars.
pub fn array_view(value: &Value) -> Option<View> {
    value.downcast::<array::NdArray>().map(array::NdArray::view)
}

/// The memory behind an array, whatever its strides.
pub fn array_memory(value: &Value) -> Option<View> {
    value.downcast::<array::NdArray>().map(array::NdArray::memory)
}

/// The number in a NumPy scalar, where the value is one.
pub fn scalar_of(value: &Value) -> Option<crate::base::Scalar> {
    value.downcast::<scalar::NpScalar>().map(|s| s.number)
}

/// The elements of a tensor that an array can look at.
///
/// # Errors
/// torch's `TypeError` for one on a GPU.
pub fn on_host(t: &Tensor) -> Result<View> {
    match t.device() {
        device @ Device::Cuda(_) => Err(type_error(format!(
            "can't convert {device} device type tensor to numpy. Use Tensor.cpu() to copy the tensor to host memory first."
        ))),
        _ => t.view(),
    }
}

/// An array over a view's memory.
pub fn array_of(view: View) -> Value {
    array::NdArray::value(view)
}

/// What a computation gives: an array, or a scalar where no dimension is left.
pub fn give(view: View) -> Value {
    match view.ndim() {
        0 => scalar::NpScalar::value(view.get(0), view.dtype()),
        _ => array_of(view),
    }
}

/// Writes a result into the array given as `out=`, or gives it as a new value.
fn give_out(it: &mut Interp, view: View, out: Option<&Value>) -> Res {
    let Some(out) = out.filter(|v| !v.is_none()) else { return Ok(give(view)) };
    ufunc::store(it, view, out, None)
}
