//! Dropout in its forms.

use super::args::{Args, Out};
use super::random::{Found, on_gpu, with};
use crate::base::Scalar;
use crate::base::error::{Result, value_error};
use crate::cpu::random::{self, Dropout};
use crate::cuda::random as cuda;
use crate::store::View;
use crate::store::cuda::Gpu;
use crate::{ensure, rows};

const PLAIN: Dropout = Dropout { feature: false, alpha: false };
const FEATURE: Dropout = Dropout { feature: true, alpha: false };
const ALPHA: Dropout = Dropout { feature: false, alpha: true };
const FEATURE_ALPHA: Dropout = Dropout { feature: true, alpha: true };

fn drop(a: Args<'_>, form: Dropout, train: bool) -> Result<Out<View>> {
    Ok(with(a, NONE, |g| form.apply(a.view(0)?, a.float(1)?, train, g))?.into())
}

/// Where no generator stands.
const NONE: usize = usize::MAX;

/// As [`drop`], on a GPU.
fn drop_on(g: &'static Gpu, a: Args<'_>, form: Dropout, train: bool) -> Found {
    if !train {
        return Ok(None);
    }
    Ok(on_gpu(g.index, a, NONE, |r| cuda::dropout(g, a.view(0)?, a.float(1)?, form, r))?.map(Into::into))
}

/// As [`functional`], on a GPU: what is dropped in place is multiplied by noise.
fn functional_on(g: &'static Gpu, a: Args<'_>, form: Dropout) -> Found {
    check_probability(a)?;
    if form == PLAIN && a.bool(2) && a.bool(3) && a.float(1)? < 1.0 {
        return Ok(on_gpu(g.index, a, NONE, |r| cuda::noisy(g, a.view(0)?, a.float(1)?, form, r))?.map(Into::into));
    }
    drop_on(g, a, form, a.bool(2))
}

/// As [`batched`], on a GPU.
fn batched_on(g: &'static Gpu, a: Args<'_>, rank: usize) -> Found {
    let (x, alone) = (a.view(0)?, a.view(0)?.ndim() != rank);
    if !a.bool(2) || !(0.0..=1.0).contains(&a.float(1)?) || alone && x.ndim() + 1 != rank {
        return Ok(None);
    }
    let batch = if alone { x.unsqueeze(0) } else { x.clone() };
    let out = on_gpu(g.index, a, NONE, |r| cuda::dropout(g, &batch, a.float(1)?, FEATURE, r))?;
    let out = if alone { out.map(|v| v.select(0, 0)).transpose()? } else { out };
    Ok(out.map(Into::into))
}

/// The functions of `nn.functional`: arguments input, p, training, inplace.
fn functional(a: Args<'_>, form: Dropout) -> Result<Out<View>> {
    check_probability(a)?;
    drop(a, form, a.bool(2))
}

fn check_probability(a: Args<'_>) -> Result<()> {
    let shown = match a.scalar(1)? {
        Scalar::Int(i) => i.to_string(),
        other => format!("{:?}", other.to_f64()),
    };
    if (0.0..=1.0).contains(&a.float(1)?) {
        return Ok(());
    }
    Err(value_error(format!("dropout probability has to be between 0 and 1, but got {shown}")))
}

/// `dropout1d`: channels of a batch, or of one sequence.
fn sequences(a: Args<'_>) -> Result<Out<View>> {
    check_probability(a)?;
    let rank = a.view(0)?.ndim();
    ensure!(
        rank == 2 || rank == 3,
        "dropout1d: Expected 2D or 3D input, but received a {rank}D input. Note that dropout1d exists to provide \
         channel-wise dropout on inputs with 1 spatial dimension, a channel dimension, and an optional batch dimension \
         (i.e. 2D or 3D inputs)."
    );
    batched(a, 3)
}

/// Dropout of channels, a tensor without the rank of a batch being a batch of one.
fn batched(a: Args<'_>, rank: usize) -> Result<Out<View>> {
    let (x, alone) = (a.view(0)?, a.view(0)?.ndim() != rank);
    let batch = if alone { x.unsqueeze(0) } else { x.clone() };
    let out = with(a, NONE, |g| FEATURE.apply(&batch, a.float(1)?, a.bool(2), g))?;
    Ok(if alone { out.select(0, 0)? } else { out }.into())
}

rows! {
    /// Zeroes elements with probability p and scales the others to keep the mean.
    /// >>> _ = torch.manual_seed(0)
    /// >>> torch.dropout(torch.ones(4), 0.5, True)
    /// tensor([0., 0., 2., 0.])
    "dropout" [fn inplace] "(Tensor input, float p, bool train) -> Tensor" => kernel |a| drop(a, PLAIN, a.bool(2)), cuda |g, _, a| drop_on(g, a, PLAIN, a.bool(2));
    grad "
node (None if not train or p == 0 or input.numel() == 0 else NativeDropoutBackward0 if input.is_cuda and p < 1 else MulBackward0)
formula:
    if p == 0 or not train or input.numel() == 0:
        return input
    if p == 1:
        return input * zeros((), dtype=input.dtype)
    if input.is_cuda:
        return native_dropout(input, p, True)[0]
    return input * empty_like(input).bernoulli_(1 - p).div_(1 - p)";
    /// Zeroes whole channels with probability p and scales the others.
    /// >>> _ = torch.manual_seed(0)
    /// >>> torch.feature_dropout(torch.ones(1, 4), 0.5, True)
    /// tensor([[0., 0., 2., 0.]])
    "feature_dropout" [fn inplace] "(Tensor input, float p, bool train) -> Tensor" => kernel |a| drop(a, FEATURE, a.bool(2)), cuda |g, _, a| drop_on(g, a, FEATURE, a.bool(2));
    grad "
node (None if not train or p == 0 or input.numel() == 0 else MulBackward0)
formula:
    if p == 0 or not train or input.numel() == 0:
        return input
    if p == 1:
        return input * zeros((), dtype=input.dtype)
    return input * _channel_noise(input).bernoulli_(1 - p).div_(1 - p)";
    /// Dropout that keeps mean and variance of self-normalizing networks.
    /// >>> _ = torch.manual_seed(0)
    /// >>> torch.alpha_dropout(torch.ones(4), 0.5, True)
    /// tensor([-0.7792, -0.7792,  1.6656, -0.7792])
    "alpha_dropout" [fn inplace] "(Tensor input, float p, bool train) -> Tensor" => kernel |a| drop(a, ALPHA, a.bool(2)), cuda |g, _, a| drop_on(g, a, ALPHA, a.bool(2));
    grad "
node (None if not train or p == 0 or input.numel() == 0 else MulBackward0 if p == 1 else AddBackward0)
formula:
    if p == 0 or not train or input.numel() == 0:
        return input
    if p == 1:
        return input * zeros((), dtype=input.dtype)
    return _alpha_dropped(input, empty_like(input).bernoulli_(1 - p), p)";
    /// Alpha dropout of whole channels.
    /// >>> _ = torch.manual_seed(0)
    /// >>> torch.feature_alpha_dropout(torch.ones(1, 4), 0.5, True)
    /// tensor([[-0.7792, -0.7792,  1.6656, -0.7792]])
    "feature_alpha_dropout" [fn inplace] "(Tensor input, float p, bool train) -> Tensor" => kernel |a| drop(a, FEATURE_ALPHA, a.bool(2)), cuda |g, _, a| drop_on(g, a, FEATURE_ALPHA, a.bool(2));
    grad "
node (None if not train or p == 0 or input.numel() == 0 else MulBackward0 if p == 1 else AddBackward0)
formula:
    if p == 0 or not train or input.numel() == 0:
        return input
    if p == 1:
        return input * zeros((), dtype=input.dtype)
    return _alpha_dropped(input, _channel_noise(input).bernoulli_(1 - p), p)";
    /// Zeroes elements with probability p in training and scales the others to keep the mean.
    /// >>> _ = torch.manual_seed(0)
    /// >>> torch.nn.functional.dropout(torch.ones(4))
    /// tensor([0., 0., 2., 0.])
    "nn.functional.dropout" [fn] "(Tensor input, Scalar p=0.5, bool training=True, bool inplace=False) -> Tensor" => kernel |a| functional(a, PLAIN), cuda |g, _, a| functional_on(g, a, PLAIN);
    grad "formula: torch.dropout_(input, p, training) if inplace else torch.dropout(input, p, training)";
    /// Dropout that keeps mean and variance of self-normalizing networks.
    /// >>> _ = torch.manual_seed(0)
    /// >>> torch.nn.functional.alpha_dropout(torch.ones(4), training=True)
    /// tensor([-0.7792, -0.7792,  1.6656, -0.7792])
    "nn.functional.alpha_dropout" [fn] "(Tensor input, Scalar p=0.5, bool training=False, bool inplace=False) -> Tensor" => kernel |a| functional(a, ALPHA), cuda |g, _, a| functional_on(g, a, ALPHA);
    grad "formula: torch.alpha_dropout_(input, p, training) if inplace else torch.alpha_dropout(input, p, training)";
    /// Alpha dropout of whole channels.
    /// >>> _ = torch.manual_seed(0)
    /// >>> torch.nn.functional.feature_alpha_dropout(torch.ones(1, 4), training=True)
    /// tensor([[-0.7792, -0.7792,  1.6656, -0.7792]])
    "nn.functional.feature_alpha_dropout" [fn] "(Tensor input, Scalar p=0.5, bool training=False, bool inplace=False) -> Tensor" => kernel |a| functional(a, FEATURE_ALPHA), cuda |g, _, a| functional_on(g, a, FEATURE_ALPHA);
    grad "formula: torch.feature_alpha_dropout_(input, p, training) if inplace else torch.feature_alpha_dropout(input, p, training)";
    /// Zeroes whole channels with probability p.
    /// >>> _ = torch.manual_seed(0)
    /// >>> torch.nn.functional.dropout2d(torch.ones(1, 4, 1, 1)).flatten()
    /// tensor([0., 0., 2., 0.])
    "nn.functional.dropout2d" [fn] "(Tensor input, Scalar p=0.5, bool training=True, bool inplace=False) -> Tensor" => kernel |a| functional(a, FEATURE), cuda |g, _, a| functional_on(g, a, FEATURE);
    grad "formula: torch.feature_dropout_(input, p, training) if inplace else torch.feature_dropout(input, p, training)";
    /// Zeroes whole channels with probability p.
    /// >>> _ = torch.manual_seed(0)
    /// >>> torch.nn.functional.dropout3d(torch.ones(1, 4, 1, 1, 1)).flatten()
    /// tensor([0., 0., 2., 0.])
    "nn.functional.dropout3d" [fn] "(Tensor input, Scalar p=0.5, bool training=True, bool inplace=False) -> Tensor" => kernel |a| {
        check_probability(a)?;
        batched(a, 5)
    }, cuda |g, _, a| batched_on(g, a, 5);
    grad "formula: _dropped_batch(input, p, training, inplace, 5)";
    /// Zeroes whole channels of a sequence with probability p.
    /// >>> _ = torch.manual_seed(0)
    /// >>> torch.nn.functional.dropout1d(torch.ones(1, 4, 1)).flatten()
    /// tensor([0., 0., 2., 0.])
    "nn.functional.dropout1d" [fn] "(Tensor input, Scalar p=0.5, bool training=True, bool inplace=False) -> Tensor" => kernel |a| sequences(a), cuda |g, _, a| batched_on(g, a, 3);
    grad "formula: _dropped_batch(input, p, training, inplace, 3)";
    /// Dropout, and which elements it kept.
    /// >>> _ = torch.manual_seed(0)
    /// >>> torch.native_dropout(torch.ones(3), 0.5, True)
    /// (tensor([0., 0., 2.]), tensor([False, False,  True]))
    "native_dropout" [fn] "(Tensor input, float p, bool? train) -> (Tensor, Tensor)" => tensh "
if input.numel() == 0:
    return (input, empty_like(input))
if train is not None and not train:
    return (input.clone(), ones_like(input, dtype=torch.bool))
if input.is_cuda:
    return _fused_dropout(input, p)
kept = empty_like(input, dtype=torch.bool).bernoulli_(1 - p)
return ((input * kept).mul_(0. if p == 1 else 1 / (1 - p)), kept)";
    grad "
node (NativeDropoutBackward0, None)
input: grads[0] * results[1] * (1 if not train else 0 if p == 1 else 1 / (1 - p))";
    /// Dropout of a tensor on a GPU, and which elements it kept, by one kernel.
    "_fused_dropout" [fn] "(Tensor self, float p) -> (Tensor, Tensor)" => kernel |a| Ok(with(a, NONE, |g| random::native_dropout(a.view(0)?, a.float(1)?, g))?.into()), cuda |g, _, a| Ok(on_gpu(g.index, a, NONE, |r| cuda::native_dropout(g, a.view(0)?, a.float(1)?, r))?.map(Into::into));
}
