//! Statistics of channels on a GPU, with what a normalization by them needs: found and finished by one kernel.

use super::loader::Loader;
use super::reduce::{self, Beside, Plan};
use super::types::{loaded, register, rounded};
use crate::base::DType;
use crate::base::error::Result;
use crate::store::View;
use crate::store::cuda::Gpu;

/// All dimensions but the channels'.
fn others(x: &Loader) -> Vec<bool> {
    (0..x.sizes.len()).map(|d| d != 1).collect()
}

/// Whether all are on a device, one element behind the other.
fn ready<'a>(views: impl IntoIterator<Item = &'a View>) -> bool {
    views.into_iter().all(|v| v.on_device().is_some() && v.is_contiguous() && v.dtype().is_float())
}

/// What moves running statistics: the statistics, and how far they move.
#[derive(Clone, Copy, Debug)]
pub struct Running<'a> {
    /// The mean and the variance.
    pub views: Option<(&'a View, &'a View)>,
    /// How far.
    pub momentum: f64,
}

/// What each channel is multiplied with and what is then added, for it to have expectation 0 and variance 1 and then a weight and a
/// bias; running statistics are moved. `rounds` says whether statistics of halves are rounded to halves on the way.
///
/// # Errors
/// What the device refuses.
pub fn scales(
    gpu: &'static Gpu,
    x: Loader,
    weight: Option<&View>,
    bias: Option<&View>,
    running: Running<'_>,
    eps: f64,
    rounds: bool,
) -> Result<Option<Vec<View>>> {
    let (dtype, count) = (x.dtype, x.sizes.get(1).map_or(0, |c| *c as usize));
    let length = x.sizes.iter().product::<i64>() as usize / count.max(1);
    let kept = running.views.into_iter().flat_map(|(mean, var)| [mean, var]);
    let views = || weight.into_iter().chain(bias).chain(kept.clone());
    if !dtype.is_float() || length < 2 || !ready(views()) || views().any(|v| v.numel() != count) {
        return Ok(None);
    }
    let wide = dtype.opmath();
    let kind = register(wide);
    let round = |e: String| if dtype.is_half() && rounds { rounded(dtype, &e) } else { e };
    let var = match dtype {
        DType::BF16 => round(format!("({} / {kind}(n))", round("a.squares".to_owned()))),
        _ => format!("(a.squares / {kind}(n))"),
    };
    let root = round(format!("{kind}(1 / sqrt(double({var}) + eps))"));
    let scale = if weight.is_some() { format!("({root} * {kind}(weight))") } else { root };
    let shift = format!("-{} * {scale}", round("a.mean".to_owned()));
    let shift = if bias.is_some() { format!("{kind}(bias) + {shift}") } else { shift };
    // As in place: rounded behind each step.
    let moved = |out: usize, view: &View, value: &str, share: &str| {
        let own = register(view.dtype());
        let kept =
            rounded(view.dtype(), &format!("{} * {own}(1 - momentum)", loaded(view.dtype(), &format!("o{out}[row]"))));
        format!("{kept} + {value} * {kind}({share})")
    };
    let mut outs = vec![(wide, scale), (wide, shift)];
    let mut memory: Vec<View> =
        (0..2).map(|_| View::empty_on(gpu.device(), wide, &[count as i64])).collect::<Result<_>>()?;
    if let Some((mean, variance)) = running.views {
        outs.push((mean.dtype(), moved(2, mean, "a.mean", "momentum")));
        outs.push((variance.dtype(), moved(3, variance, &var, "spread")));
        memory.extend([mean.clone(), variance.clone()]);
    }
    let outs: Vec<(DType, &str)> = outs.iter().map(|(dtype, value)| (*dtype, &value[..])).collect();
    let free = length as f64 / (length as f64 - 1.0);
    let mut beside = vec![
        Beside::Number("eps", eps),
        Beside::Number("momentum", running.momentum),
        Beside::Number("spread", running.momentum * free),
    ];
    beside.extend(weight.map(|v| Beside::Element("weight", v)));
    beside.extend(bias.map(|v| Beside::Element("bias", v)));
    let x = x.cast(wide);
    let plan =
        Plan { op: ("Moments", kind), order: None, bytes: 3 * wide.size(), outs: &outs, number: 0.0, beside: &beside };
    reduce::run_into(gpu, &x, &others(&x), &memory, &plan)?;
    memory.truncate(2);
    Ok(Some(memory))
}

/// What the way back through such a normalization needs of each channel: what a gradient's distance is multiplied with, the mean of
/// `x`, that of the gradient and how far it goes along with `x`; then the gradients of weight and bias.
///
/// # Errors
/// What the device refuses.
pub fn slopes(gpu: &'static Gpu, grad: Loader, x: &View, weight: Option<&View>, eps: f64) -> Result<Option<Vec<View>>> {
    let count = x.sizes().get(1).map_or(0, |c| *c as usize);
    let fits = x.dtype().is_float() && grad.dtype.is_float() && x.on_device().is_some() && grad.sizes[..] == *x.sizes();
    if !fits || x.numel() == 0 || !ready(weight) || weight.is_some_and(|v| v.numel() != count) {
        return Ok(None);
    }
    let wide = x.dtype().opmath();
    let kind = register(wide);
    let pairs = grad.paired(&[x], wide, "e", "e0")?;
    let root = format!("{kind}(1 / sqrt(double(a.squares / {kind}(n)) + eps))");
    let scale = if weight.is_some() { format!("{root} * {kind}(weight)") } else { root.clone() };
    let outs = [
        scale,
        "a.mean".to_owned(),
        format!("a.grads / {kind}(n)"),
        format!("{root} * {root} * (a.along / {kind}(n))"),
        format!("a.along * {root}"),
        "a.grads".to_owned(),
    ];
    let outs: Vec<(DType, &str)> = outs.iter().map(|value| (wide, &value[..])).collect();
    let memory: Vec<View> =
        outs.iter().map(|_| View::empty_on(gpu.device(), wide, &[count as i64])).collect::<Result<_>>()?;
    let mut beside = vec![Beside::Number("eps", eps)];
    beside.extend(weight.map(|v| Beside::Element("weight", v)));
    let plan =
        Plan { op: ("Slopes", kind), order: None, bytes: 5 * wide.size(), outs: &outs, number: 0.0, beside: &beside };
    reduce::run_into(gpu, &pairs, &others(&pairs), &memory, &plan)?;
    Ok(Some(memory))
}
