//! Walks over an index space with several operands, each with its own strides.

use crate::base::error::Result;
use crate::base::interrupt;
use crate::base::shape::Shape;

/// Runs `$body` with `$T` set to the word type of a view that came from [`crate::store::View::words`].
#[macro_export]
macro_rules! by_width {
    ($dtype:expr, $T:ident => $body:expr) => {
        match $dtype.size() {
            1 => {
                type $T = u8;
                $body
            }
            2 => {
                type $T = u16;
                $body
            }
            4 => {
                type $T = u32;
                $body
            }
            8 => {
                type $T = u64;
                $body
            }
            _ => {
                type $T = $crate::base::dtype::C64;
                $body
            }
        }
    };
}

/// One run of the innermost dimension: `n` steps from the operands' offsets `at` by `step`.
#[derive(Clone, Copy, Debug)]
pub struct Row<const N: usize> {
    /// Where each operand starts, in elements.
    pub at: [usize; N],
    /// How far each operand moves per element.
    pub step: [usize; N],
    /// Number of elements.
    pub n: usize,
}

/// Elements between two looks for an interrupt.
const STEP: usize = 1 << 16;

/// Calls `f` with each row of the index space `sizes`, in row-major order; `strides` are those of the operands.
///
/// Dimensions that all operands step through evenly are walked as one, and very long rows come in parts.
///
/// # Errors
/// The first that `f` returns.
#[inline]
pub fn rows<const N: usize>(
    sizes: &[i64],
    strides: [&[i64]; N],
    mut f: impl FnMut(Row<N>) -> Result<()>,
) -> Result<()> {
    visit(sizes, strides, &mut f)
}

/// [`rows`], made once for each number of operands.
fn visit<const N: usize>(sizes: &[i64], strides: [&[i64]; N], f: &mut dyn FnMut(Row<N>) -> Result<()>) -> Result<()> {
    if sizes.contains(&0) {
        return Ok(());
    }
    let mut dims: Vec<(usize, [usize; N])> = Vec::with_capacity(sizes.len());
    for (d, &n) in sizes.iter().enumerate() {
        if n == 1 {
            continue;
        }
        let step = std::array::from_fn(|k| strides[k][d] as usize);
        match dims.last_mut() {
            Some((outer, s)) if (0..N).all(|k| s[k] == step[k] * n as usize) => {
                (*outer, *s) = (*outer * n as usize, step)
            }
            _ => dims.push((n as usize, step)),
        }
    }
    let (n, step) = dims.pop().unwrap_or((1, [0; N]));
    let mut at = [0; N];
    let mut index: Vec<usize> = vec![0; dims.len()];
    loop {
        for start in (0..n).step_by(STEP) {
            interrupt::poll();
            let at = std::array::from_fn(|k| at[k] + start * step[k]);
            f(Row { at, step, n: STEP.min(n - start) })?;
        }
        let mut d = dims.len();
        loop {
            if d == 0 {
                return Ok(());
            }
            d -= 1;
            let (size, by) = &dims[d];
            index[d] += 1;
            if index[d] < *size {
                (0..N).for_each(|k| at[k] += by[k]);
                break;
            }
            (0..N).for_each(|k| at[k] -= by[k] * (size - 1));
            index[d] = 0;
        }
    }
}

/// [`rows`] for work that cannot fail.
pub fn each_row<const N: usize>(sizes: &[i64], strides: [&[i64]; N], mut f: impl FnMut(Row<N>)) {
    let done = rows(sizes, strides, |row| {
        f(row);
        Ok(())
    });
    debug_assert!(done.is_ok(), "nothing fails here");
}

/// Calls `f` with the operands' offsets of each element of the index space, in row-major order.
///
/// # Errors
/// The first that `f` returns.
pub fn walk<const N: usize>(
    sizes: &[i64],
    strides: [&[i64]; N],
    mut f: impl FnMut([usize; N]) -> Result<()>,
) -> Result<()> {
    rows(sizes, strides, |row| {
        let mut at = row.at;
        for _ in 0..row.n {
            f(at)?;
            (0..N).for_each(|k| at[k] += row.step[k]);
        }
        Ok(())
    })
}

/// `strides` with that of `dim` set to zero, for an operand that an index moves along `dim`.
pub fn pinned(strides: &[i64], dim: usize) -> Shape {
    let mut out = Shape::from_slice(strides);
    if let Some(s) = out.get_mut(dim) {
        *s = 0;
    }
    out
}
