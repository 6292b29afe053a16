//! `torch.multinomial`.

use super::continuous::exponential_;
use super::generator::Generator;
use super::walk::empty_like;
use crate::base::dtype::DType;
use crate::base::error::Result;
use crate::base::scalar::{Cast, Scalar};
use crate::cpu::copy::copy_into;
use crate::cpu::sort::topk::topk;
use crate::store::View;
use crate::{bail, dispatch, ensure};

/// The largest number of categories.
const MOST: i64 = 1 << 24;

/// Indices drawn with the probabilities of a vector, or of each row of a matrix (they need not sum to 1).
///
/// # Errors
/// torch's errors for shapes, counts and probabilities it refuses.
pub fn multinomial(probs: &View, samples: i64, replacement: bool, generator: &mut Generator) -> Result<View> {
    let rank = probs.ndim();
    ensure!(rank == 1 || rank == 2, "prob_dist must be 1 or 2 dim");
    ensure!(
        probs.dtype().is_float(),
        "multinomial only supports floating-point dtypes for input, got: {}",
        probs.dtype().aten()
    );
    ensure!(samples > 0, "cannot sample n_sample <= 0 samples");
    let categories = probs.sizes()[rank - 1];
    ensure!(
        replacement || samples <= categories,
        "cannot sample n_sample > prob_dist.size(-1) samples without replacement"
    );
    ensure!(categories <= MOST, "number of categories cannot exceed 2^24");
    let rows = if rank == 2 { probs.sizes()[0] } else { 1 };
    let mut out = View::empty(DType::I64, &[rows, samples])?;
    if rows > 0 {
        match !replacement || samples == 1 {
            true => race(&mut out, probs, samples as usize, generator)?,
            false => search(&mut out, probs, samples as usize, generator)?,
        }
    }
    Ok(if rank == 1 { out.select(0, 0)? } else { out })
}

/// Without replacement: each category runs an exponential clock of its rate; the first to ring are taken, in order.
fn race(out: &mut View, probs: &View, samples: usize, generator: &mut Generator) -> Result<()> {
    ensure!(
        probs.numel() > 0,
        "min(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with the \
         'dim' argument."
    );
    let p: Vec<f64> = probs.to_vec();
    let columns = probs.sizes()[probs.ndim() - 1] as usize;
    ensure!(
        p.iter().all(|&x| (0.0..f64::INFINITY).contains(&x)),
        "probability tensor contains either `inf`, `nan` or element < 0"
    );
    let empty = p.chunks(columns).any(|row| row.iter().all(|&x| x == 0.0));
    ensure!(!empty, "invalid multinomial distribution (sum of probabilities <= 0)");
    let mut clocks = empty_like(probs)?;
    exponential_(&mut clocks, 1.0, generator)?;
    // The quotients are rounded to the dtype, as ties depend on it.
    let quotients = p.iter().zip(clocks.to_vec::<f64>()).map(|(p, q)| p / q);
    let mut keys = View::empty(probs.dtype(), &[out.sizes()[0], columns as i64])?;
    dispatch!(probs.dtype(), float T => {
        keys.slice_mut::<T>().iter_mut().zip(quotients).for_each(|(k, q)| *k = T::from_scalar(Scalar::Float(q)));
    }, else ());
    let (_, first) = topk(&keys, samples as i64, 1, true, true)?;
    copy_into(&first, out)
}

/// With replacement: a binary search of the cumulated probabilities for each uniform number.
fn search(out: &mut View, probs: &View, samples: usize, generator: &mut Generator) -> Result<()> {
    let columns = probs.sizes()[probs.ndim() - 1] as usize;
    let single = probs.dtype() != DType::F64;
    // Sums of halves are kept in f32, as those of f32 are.
    let narrow = |x: f64| if single { f64::from(x as f32) } else { x };
    let p: Vec<f64> = probs.to_vec();
    let rows = out.slice_mut::<i64>().chunks_mut(samples);
    for (i, to) in rows.enumerate() {
        let mut sum = 0.0;
        let mut cumulated = Vec::with_capacity(columns);
        for &x in &p[i * columns..(i + 1) * columns] {
            if !(x >= 0.0) {
                bail!("invalid multinomial distribution (encountering probability entry < 0)");
            }
            ensure!(
                x.is_finite(),
                "invalid multinomial distribution (encountering probability entry = infinity or NaN)"
            );
            sum = narrow(sum + x);
            cumulated.push(sum);
        }
        ensure!(sum > 0.0, "invalid multinomial distribution (sum of probabilities <= 0)");
        cumulated.iter_mut().for_each(|c| *c = narrow(*c / sum));
        if let Some(last) = cumulated.last_mut() {
            *last = 1.0;
        }
        for x in to {
            let u = generator.uniform();
            *x = cumulated.partition_point(|&c| c < u) as i64;
        }
    }
    Ok(())
}
