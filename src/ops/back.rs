//! What derivatives call where their formula is worth a kernel of its own on a GPU.

use super::args::{Out, one};
use crate::base::error::Result;
use crate::cuda::{norm, softmax};
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
    /// The gradient of softmax, from that of its result.
    "_softmax_back" [fn] "(Tensor grad, Tensor result, int dim) -> Tensor" => tensh "
part = grad * result.conj()
return part - result.conj() * part.sum(dim, True)", fused |g, x, a| one(softmax::back(g, x()?, a.view(1)?, a.int(2)?, false)?);
    /// The gradient of softmax's logarithm, from that of its result.
    "_log_softmax_back" [fn] "(Tensor grad, Tensor result, int dim) -> Tensor" => tensh "grad - result.exp().conj() * grad.sum(dim, True)", fused |g, x, a| one(softmax::back(g, x()?, a.view(1)?, a.int(2)?, true)?);
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
}
