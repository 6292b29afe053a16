//! `torch.matmul`: the product that looks at ranks.

use super::products::{dot, leading, mm, mv};
use crate::base::error::Result;
use crate::base::shape::{Shape, broadcast, numel};
use crate::base::{DType, Scalar};
use crate::cpu::{copy, place};
use crate::ensure;
use crate::store::View;

/// `x` under other sizes, copied when strides cannot express them.
///
/// # Errors
/// When memory is short; the number of elements is the caller's promise.
pub fn reshape(x: &View, sizes: &[i64]) -> Result<View> {
    if let Some(v) = x.try_view(sizes) {
        return Ok(v);
    }
    let copied = place::contiguous(x)?;
    Ok(copied.try_view(sizes).unwrap_or(copied))
}

/// `torch.matmul`: vectors, matrices and batches of them, leading dimensions broadcast.
///
/// # Errors
/// torch's, in the words of the product that the ranks lead to.
pub fn matmul(a: &View, b: &View) -> Result<View> {
    let (na, nb) = (a.ndim(), b.ndim());
    ensure!(na > 0 && nb > 0, "both arguments to matmul need to be at least 1D, but they are {na}D and {nb}D");
    match (na, nb) {
        (1, 1) => dot(a, b),
        (2, 1) => mv(a, b),
        (1, 2) => mm(&a.unsqueeze(0), b).map(|v| v.squeeze(&[0])),
        (2, 2) => mm(a, b),
        (_, 1 | 2) => folded(a, b),
        _ => batches(a, b),
    }
}

/// A batch by one matrix or vector: all rows of the batch at once.
fn folded(a: &View, b: &View) -> Result<View> {
    let rows = leading(a.sizes(), 1);
    let inner = a.sizes()[a.ndim() - 1];
    // Whose dimensions lie in no order to be one is refused as a batch.
    let fits = b.sizes()[0] == inner || a.numel() == 0;
    if !fits && !(0..a.ndim() - 2).all(|d| a.strides()[d] == a.strides()[d + 1] * a.sizes()[d + 1]) {
        return batches(a, b);
    }
    let flat = reshape(a, &[numel(&rows).unwrap_or(0), inner])?;
    let mut sizes: Shape = rows;
    let out = if b.ndim() == 1 {
        mv(&flat, b)?
    } else {
        sizes.push(b.sizes()[1]);
        mm(&flat, b)?
    };
    reshape(&out, &sizes)
}

/// Both sides in batches, broadcast against each other.
fn batches(a: &View, b: &View) -> Result<View> {
    let (vector_a, vector_b) = (a.ndim() == 1, b.ndim() == 1);
    let a = if vector_a { a.unsqueeze(0) } else { a.clone() };
    let b = if vector_b { b.unsqueeze(1) } else { b.clone() };
    let batch = broadcast(&leading(a.sizes(), 2), &leading(b.sizes(), 2))?;
    let stretch = |x: &View| -> Result<View> {
        let tail = &x.sizes()[x.ndim() - 2..];
        let sizes: Shape = batch.iter().chain(tail).copied().collect();
        reshape(&x.expand(&sizes)?, &[numel(&batch).unwrap_or(0), tail[0], tail[1]])
    };
    let out = super::products::bmm(&stretch(&a)?, &stretch(&b)?)?;
    let mut sizes = batch;
    if !vector_a {
        sizes.push(out.sizes()[1]);
    }
    if !vector_b {
        sizes.push(out.sizes()[2]);
    }
    reshape(&out, &sizes)
}

/// Powers of a square matrix or of each of a batch, by repeated squaring, for `n >= 0`.
///
/// # Errors
/// As [`matmul`].
pub fn power(x: &View, n: u64) -> Result<View> {
    if n == 0 {
        return identity_like(x);
    }
    let (mut rest, mut square, mut product) = (n, x.clone(), None::<View>);
    loop {
        if rest & 1 == 1 {
            product = Some(match product {
                Some(p) => matmul(&p, &square)?,
                None => square.clone(),
            });
        }
        rest >>= 1;
        if rest == 0 {
            break;
        }
        square = matmul(&square, &square)?;
    }
    product.map_or_else(|| identity_like(x), |p| copy::clone(&p))
}

fn identity_like(x: &View) -> Result<View> {
    let out = View::zeros(x.dtype(), x.sizes())?;
    let n = out.ndim();
    let mut diagonal = out.diagonal(0, n - 2, n - 1);
    copy::copy_into(&View::scalar(DType::Bool, Scalar::Bool(true))?, &mut diagonal)?;
    Ok(out)
}
