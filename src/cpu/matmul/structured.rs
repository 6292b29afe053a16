//! Products with a pattern: Kronecker's, cross, chains of matrices, block diagonals, Vandermonde's matrix.

use super::broadcast::matmul;
use super::products::{common_dtype, expect_type, multiply};
use crate::base::error::{Result, not_implemented};
use crate::base::shape::{broadcast, existing_dim, show};
use crate::base::{DType, promote};
use crate::cpu::{copy, place};
use crate::store::View;
use crate::{bail, dispatch, ensure};

/// `torch.block_diag`: matrices along the diagonal of one, zeros elsewhere; vectors count as rows.
///
/// # Errors
/// torch's, for more than two dimensions.
pub fn block_diag(blocks: &[View]) -> Result<View> {
    if blocks.is_empty() {
        return View::empty(promote::default_dtype(), &[1, 0]);
    }
    let dtype = common_dtype(blocks)?;
    let mut flat = Vec::new();
    for (i, b) in blocks.iter().enumerate() {
        ensure!(
            b.ndim() <= 2,
            "torch.block_diag: Input tensors must have 2 or fewer dimensions. Input {i} has {} dimensions",
            b.ndim()
        );
        flat.push(match b.ndim() {
            0 => b.unsqueeze(0).unsqueeze(0),
            1 => b.unsqueeze(0),
            _ => b.clone(),
        });
    }
    let total = |d: usize| flat.iter().map(|b| b.sizes()[d]).sum::<i64>();
    let out = View::zeros_on(crate::cpu::join::home(blocks), dtype, &[total(0), total(1)])?;
    let (mut row, mut col) = (0, 0);
    for b in &flat {
        let (n, m) = (b.sizes()[0], b.sizes()[1]);
        copy::copy_into(b, &mut out.narrow(0, row, n).narrow(1, col, m))?;
        row += n;
        col += m;
    }
    Ok(out)
}

/// `torch.cross` without a dimension: along the first one of size 3.
///
/// # Errors
/// torch's, when there is none, and as [`cross`].
pub fn cross_first(a: &View, b: &View) -> Result<View> {
    match a.sizes().iter().position(|&s| s == 3) {
        Some(d) => cross(a, b, d as i64),
        None => bail!("no dimension of size 3 in input"),
    }
}

/// `torch.linalg.cross`: vector products of three-vectors along `dim`, the other dimensions broadcast.
///
/// # Errors
/// torch's, for ranks, sizes and dtypes that do not fit.
pub fn cross(a: &View, b: &View, dim: i64) -> Result<View> {
    ensure!(a.ndim() == b.ndim(), "linalg.cross: inputs must have the same number of dimensions.");
    let at = existing_dim(dim, a.ndim())?;
    let length = |v: &View| v.sizes()[at];
    ensure!(
        length(a) == 3 && length(b) == 3,
        "linalg.cross: inputs dimension {dim} must have length 3. Got {} and {}",
        length(a),
        length(b)
    );
    let sizes = broadcast(a.sizes(), b.sizes())?;
    let d = a.dtype();
    if matches!(d, DType::Bool | DType::U16 | DType::U32 | DType::U64) {
        return Err(not_implemented(format!("\"cross\" not implemented for '{}'", d.aten())));
    }
    expect_type(d, b.dtype())?;
    let (a, b) = (a.expand(&sizes)?, b.expand(&sizes)?);
    if let Some(f) = place::forms() {
        return f.cross(&a, &b, at);
    }
    let out = View::empty(d, &sizes)?;
    for i in 0..3 {
        let (j, k) = ((i + 1) % 3, (i + 2) % 3);
        let plus = multiply(&a.select(at, j)?, &b.select(at, k)?)?;
        let minus = multiply(&a.select(at, k)?, &b.select(at, j)?)?;
        copy::copy_into(&subtract(&plus, &minus)?, &mut out.select(at, i)?)?;
    }
    Ok(out)
}

/// Elementwise difference of two contiguous views of equal sizes and dtype; integers wrap.
fn subtract(a: &View, b: &View) -> Result<View> {
    let d = a.dtype();
    if d.is_int() {
        let difference: Vec<i64> =
            a.to_vec::<i64>().iter().zip(b.to_vec::<i64>()).map(|(x, y)| x.wrapping_sub(y)).collect();
        return copy::cast(&View::from_slice(&difference, a.sizes())?, d);
    }
    dispatch!(d, inexact T => {
        let difference: Vec<T> = a.slice::<T>().iter().zip(b.slice::<T>()).map(|(&x, &y)| x - y).collect();
        View::from_slice(&difference, a.sizes())
    }, else { View::zeros(d, a.sizes()) })
}

/// `torch.chain_matmul`: [`multi_dot`] of matrices alone.
///
/// # Errors
/// torch's, for anything but matrices, and as [`multi_dot`].
pub fn chain_matmul(all: &[View]) -> Result<View> {
    for v in all {
        ensure!(v.ndim() == 2, "Tensor dimension is {}, expected 2 instead.", v.ndim());
    }
    match all {
        [] => bail!("chain_matmul(): Expected one or more matrices"),
        [only] => Ok(only.clone()),
        _ => multi_dot(all),
    }
}

/// `torch.linalg.multi_dot`: a chain of matrix products in the order that costs least; the ends may be vectors.
///
/// # Errors
/// torch's, for fewer than two operands and for ranks, sizes and dtypes that do not fit.
pub fn multi_dot(all: &[View]) -> Result<View> {
    ensure!(all.len() >= 2, "multi_dot(): expected at least 2 tensors but got {}", all.len());
    let last = all.len() - 1;
    let mut chain = all.to_vec();
    for (i, v) in all.iter().enumerate() {
        let n = v.ndim();
        if i == 0 {
            ensure!(n == 1 || n == 2, "multi_dot(): the first tensor must be 1D or 2D but got {n}D");
            chain[0] = if n == 1 { v.unsqueeze(0) } else { v.clone() };
        } else if i == last {
            ensure!(n == 1 || n == 2, "multi_dot(): the last tensor must be 1D or 2D but got {n}D");
            chain[i] = if n == 1 { v.unsqueeze(1) } else { v.clone() };
        } else {
            ensure!(n == 2, "multi_dot(): tensor {i} must be 2D but got {n}D");
        }
    }
    for (i, v) in all.iter().enumerate() {
        ensure!(
            v.dtype() == all[0].dtype(),
            "multi_dot(): all tensors must have be the same dtype but tensor 0 is {} and tensor {i} {}",
            all[0].dtype().cpp(),
            v.dtype().cpp()
        );
    }
    for (i, (x, y)) in chain.iter().zip(&chain[1..]).enumerate() {
        ensure!(
            x.sizes()[1] == y.sizes()[0],
            "multi_dot(): tensors {i} and {} with shapes {} and {} cannot be multiplied",
            i + 1,
            show(all[i].sizes()),
            show(all[i + 1].sizes())
        );
    }
    let split = cheapest(&chain);
    let out = multiply_chain(&chain, &split, 0, last)?;
    let mut squeezed = Vec::new();
    if all[0].ndim() == 1 {
        squeezed.push(0);
    }
    if all[last].ndim() == 1 {
        squeezed.push(1);
    }
    Ok(out.squeeze(&squeezed))
}

/// Where to split each run of the chain: the textbook dynamic programme over scalar multiplications.
fn cheapest(chain: &[View]) -> Vec<Vec<usize>> {
    let n = chain.len();
    let mut edges: Vec<f64> = chain.iter().map(|v| v.sizes()[0] as f64).collect();
    edges.push(chain[n - 1].sizes()[1] as f64);
    let mut cost = vec![vec![0.0f64; n]; n];
    let mut split = vec![vec![0usize; n]; n];
    for length in 1..n {
        for i in 0..n - length {
            let j = i + length;
            cost[i][j] = f64::INFINITY;
            for k in i..j {
                let c = cost[i][k] + cost[k + 1][j] + edges[i] * edges[k + 1] * edges[j + 1];
                if c < cost[i][j] {
                    cost[i][j] = c;
                    split[i][j] = k;
                }
            }
        }
    }
    split
}

fn multiply_chain(chain: &[View], split: &[Vec<usize>], i: usize, j: usize) -> Result<View> {
    if i == j {
        return Ok(chain[i].clone());
    }
    let k = split[i][j];
    matmul(&multiply_chain(chain, split, i, k)?, &multiply_chain(chain, split, k + 1, j)?)
}
