//! Whether memory that is written is also read elsewhere in the same call: ATen's rules and words.

use super::view::View;
use crate::base::error::{Result, runtime};

/// Refuses to write through a view with an expanded dimension.
///
/// # Errors
/// torch's `RuntimeError`.
pub fn check_self(dst: &View) -> Result<()> {
    let expanded = dst.sizes().iter().zip(dst.strides()).any(|(&n, &s)| n > 1 && s == 0);
    if expanded && dst.numel() > 0 {
        return Err(runtime(
            "unsupported operation: more than one element of the written-to tensor refers to a single memory location. \
             Please clone() the tensor before performing the operation.",
        ));
    }
    Ok(())
}

/// Refuses a source that overlaps the destination in part; the same elements in the same order are fine.
///
/// # Errors
/// torch's `RuntimeError`.
pub fn check_partial(dst: &View, src: &View) -> Result<()> {
    if !dst.shares(src) || dst.numel() == 0 || src.numel() == 0 || !dense(dst) || !dense(src) {
        return Ok(());
    }
    let range = |v: &View| {
        let start = v.address();
        (start, start + v.numel() * v.dtype().size())
    };
    let (d, s) = (range(dst), range(src));
    let apart = d.1 <= s.0 || s.1 <= d.0;
    if apart || (d == s && steps(dst).eq(steps(src))) {
        return Ok(());
    }
    Err(runtime(
        "unsupported operation: some elements of the input tensor and the written-to tensor refer to a single memory \
         location. Please clone() the tensor before performing the operation.",
    ))
}

/// Strides of the dimensions that are stepped along.
fn steps(x: &View) -> impl Iterator<Item = i64> {
    x.strides().iter().zip(x.sizes()).filter(|d| *d.1 != 1).map(|d| *d.0)
}

/// Whether the elements fill their stretch of memory without gaps or repeats, in whatever order.
pub fn dense(x: &View) -> bool {
    let mut dims: Vec<(i64, i64)> =
        x.strides().iter().zip(x.sizes()).filter(|d| *d.1 != 1).map(|(&s, &n)| (s, n)).collect();
    dims.sort_unstable();
    let mut expect = 1;
    dims.iter().all(|&(s, n)| {
        let fits = s == expect;
        expect *= n;
        fits
    })
}
