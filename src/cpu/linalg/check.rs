//! The checks of arguments that torch's linear algebra shares, in its words.

use crate::base::error::{Result, not_implemented};
use crate::store::View;
use crate::{bail, ensure};

/// Floating or complex; halves only where `low` says so.
///
/// # Errors
/// torch's `RuntimeError`.
pub fn inexact(x: &View, name: &str, low: bool) -> Result<()> {
    let d = x.dtype();
    ensure!(
        d.is_float() || d.is_complex(),
        "{name}: Expected a floating point or complex tensor as input. Got {}",
        d.aten()
    );
    ensure!(low || !d.is_half(), "{name}: Low precision dtypes not supported. Got {}", d.aten());
    Ok(())
}

/// At least a matrix; `what` names the argument (`A`).
///
/// # Errors
/// torch's `RuntimeError`.
pub fn matrix(x: &View, name: &str, what: &str) -> Result<()> {
    ensure!(x.ndim() >= 2, "{name}: The input tensor {what} must have at least 2 dimensions.");
    Ok(())
}

/// Square matrices.
///
/// # Errors
/// torch's `RuntimeError`.
pub fn square(x: &View, name: &str) -> Result<()> {
    matrix(x, name, "A")?;
    let (n, m) = (x.sizes()[x.ndim() - 2], x.sizes()[x.ndim() - 1]);
    if n != m {
        let prefix = if name.is_empty() { String::new() } else { format!("{name}: ") };
        bail!("{prefix}A must be batches of square matrices, but they are {n} by {m} matrices");
    }
    Ok(())
}

/// A dtype that LAPACK has: `f32`, `f64` and their complex numbers; `kernel` is ATen's name in the message.
///
/// # Errors
/// torch's `NotImplementedError`.
pub fn lapack(x: &View, kernel: &str) -> Result<()> {
    use crate::base::DType::{C32, C64, F32, F64};
    match x.dtype() {
        F32 | F64 | C32 | C64 => Ok(()),
        other => Err(not_implemented(format!("\"{kernel}\" not implemented for '{}'", other.aten()))),
    }
}

/// A dtype of which torch knows the rounding error.
///
/// # Errors
/// torch's `RuntimeError`.
pub fn precision(x: &View) -> Result<()> {
    ensure!(lapack(x, "").is_ok(), "This function doesn't handle types other than float and double");
    Ok(())
}

/// `(Batch element 3): ` for messages about one of a batch, nothing for a single matrix.
pub fn batch_prefix(x: &View, element: usize) -> String {
    if x.ndim() > 2 { format!("(Batch element {element}): ") } else { String::new() }
}
