//! What derivatives call where their formula is worth a kernel of its own on a GPU.

use super::args::{Out, one};
use crate::base::error::Result;
use crate::cuda::norm;
use crate::cuda::softmax::{self, Kind};
use crate::rows;
use crate::store::View;

/// Which of the gradients are asked for.
fn asked<const N: usize>(flags: &[i64]) -> [bool; N] {
    std::array::from_fn(|i| flags.get(i) == Some(&1))
}

/// The gradients asked for, one or several.
fn tuple(views: Option<Vec<View>>) -> Result<Option<Out<View>>> {
    Ok(views.map(Out::Tuple))
}

rows! {
    /// The gradient of softmax, from that of its result, times a number.
    "_softmax_back" [fn] "(Tensor grad, Tensor result, int dim, float scale=1.) -> Tensor" => tensh "
part = grad * result.conj()
out = part - result.conj() * part.sum(dim, True)
return out if scale == 1 else out * scale", fused |g, x, a| {
        one(softmax::back(g, x()?, a.view(1)?, a.int(2)?, Kind::Plain, a.float(3)?)?)
    };
    /// The gradient of softmax's logarithm, from that of its result.
    "_log_softmax_back" [fn] "(Tensor grad, Tensor result, int dim) -> Tensor" => tensh "grad - result.exp().conj() * grad.sum(dim, True)", fused |g, x, a| {
        one(softmax::back(g, x()?, a.view(1)?, a.int(2)?, Kind::Log, 1.0)?)
    };
    /// The gradients of `layer_norm`'s input, weight and bias, those that are asked for.
    "_layer_norm_back" [fn] "(Tensor grad, Tensor input, int ndim, Tensor? weight, float eps, int[] asked) -> Tensor[]" => tensh "
x, dims, out = _in_single(input), list(range(-ndim, 0)), []
if asked[0] or asked[1]:
    mean, scale = _moments(x, dims, eps)
if asked[0]:
    out.append(_standard_grad(grad if weight is None else grad * weight, x, mean, scale, dims))
if asked[1]:
    out.append(grad * ((x - mean) * scale))
return tuple(out + [grad] if asked[2] else out)", fused |g, x, a| {
        let norm = norm::Norm { centred: true, eps: a.float(4)? };
        tuple(norm::rows_back(g, x()?, a.view(1)?, a.int(2)?.max(0) as usize, a.opt_view(3), norm, asked(a.ints(5)))?)
    };
    /// The gradients of `rms_norm`'s input and weight, those that are asked for.
    "_rms_norm_back" [fn] "(Tensor grad, Tensor input, int ndim, Tensor? weight, float eps, int[] asked) -> Tensor[]" => tensh "
x, dims, out = _in_single(input), list(range(-ndim, 0)), []
scale = rsqrt((x * x).mean(dims, True) + eps)
if asked[0]:
    g = grad if weight is None else grad * conj(weight)
    out.append(conj(scale) * g - conj(x * scale * scale * scale) * (g * conj(x)).mean(dims, True))
return tuple(out + [grad * conj(x * scale)] if asked[1] else out)", fused |g, x, a| {
        let norm = norm::Norm { centred: false, eps: a.float(4)? };
        let [input, weight] = asked(a.ints(5));
        let dims = a.int(2)?.max(0) as usize;
        tuple(norm::rows_back(g, x()?, a.view(1)?, dims, a.opt_view(3), norm, [input, weight, false])?)
    };
    /// The gradients of `group_norm`'s input, weight and bias, those that are asked for.
    "_group_norm_back" [fn] "(Tensor grad, Tensor input, int num_groups, Tensor? weight, float eps, int[] asked) -> Tensor[]" => tensh "
x, g, out = _grouped(input, input, num_groups), _grouped(grad, input, num_groups), []
if asked[0] or asked[1]:
    mean, scale = _moments(x, [2, 3], eps)
if asked[0]:
    h = g if weight is None else g * weight.reshape(num_groups, -1, 1)
    out.append(_standard_grad(h, x, mean, scale, [2, 3]).reshape(input.shape))
if asked[1]:
    out.append((g * ((x - mean) * scale)).sum([0, 3]).reshape(weight.shape))
return tuple(out + [_in_single(grad).transpose(0, 1).flatten(1).sum(1)] if asked[2] else out)", cuda |g, _, a| {
        tuple(norm::groups_back(g, a.view(0)?, a.view(1)?, a.int(2)?, a.opt_view(3), a.float(4)?, asked(a.ints(5)))?)
    };
}
