//! Convolutions and pooling: rows over one to three dimensions at the end of a tensor.

use super::args::{Args, Out};
use crate::base::error::Result;
use crate::cpu::create::lying_as;
use crate::cpu::spatial::convolve::{Sliding, convolve};
use crate::cpu::spatial::pool::{Windows, adaptive_avg_pool, adaptive_max_pool, avg_pool, max_pool};
use crate::cuda::spatial as cuda;
use crate::cuda::spatial::pool::{Divisor, Over};
use crate::rows;
use crate::store::View;

/// Five lists that begin with number `first`: kernel, stride, padding, dilation, counts.
fn windows<'a>(a: &Args<'a>, first: usize) -> Windows<'a> {
    let [kernel, stride, padding, dilation, counts] = std::array::from_fn(|i| a.ints(first + i));
    Windows { kernel, stride, padding, dilation, counts }
}

fn pooled(a: &Args<'_>) -> Result<Out<View>> {
    let (values, places) = max_pool(a.view(0)?, &windows(a, 1), a.bool(6))?;
    both(a.view(0)?, values, places)
}

/// Largest elements and their places, which lie as what they were found in.
fn both(x: &View, values: View, places: View) -> Result<Out<View>> {
    Ok(Out::Tuple(vec![lying_as(x, values)?, lying_as(x, places)?]))
}

/// A GPU's largest elements and their places.
fn pair(x: &View, found: Option<(View, View)>) -> Result<Option<Out<View>>> {
    found.map(|(values, places)| both(x, values, places)).transpose()
}

/// What was made of images, with its channels innermost where those of the images are; torch makes volumes row by row.
fn flat(x: &View, made: View) -> Result<View> {
    if x.ndim() == 4 { lying_as(x, made) } else { Ok(made) }
}

/// A convolution's result, with its channels innermost where those of the input or of the weights are.
fn convolved(a: &Args<'_>, made: View) -> Result<Out<View>> {
    Ok(flat(a.view(1)?, flat(a.view(0)?, made)?)?.into())
}

/// A GPU's means, which lie as what they are of.
fn means(x: &View, found: Option<View>) -> Result<Option<Out<View>>> {
    found.map(|made| Ok(flat(x, made)?.into())).transpose()
}

/// The text of an adaptive pooling whose list of sizes may leave some to the input.
macro_rules! sizes_or_inputs {
    ($call:literal) => {
        concat!(
            "
if not isinstance(output_size, int):
    if input.ndim <= len(output_size):
        raise ValueError(f'Input dimension should be at least {len(output_size) + 1}')
    output_size = [n if o is None else o for o, n in zip(output_size, input.shape[-len(output_size):])]
return ",
            $call
        )
    };
}

rows! {
    /// A batch of inputs convolved with weights, of arguments that fit.
    "_convolve" [fn] "(Tensor input, Tensor weight, Tensor? bias, int[] stride, int[] padding, int[] dilation, int groups) -> Tensor" => kernel |a| {
        let sliding = Sliding { stride: a.ints(3), padding: a.ints(4), dilation: a.ints(5), groups: a.int(6)? };
        convolved(&a, convolve(a.view(0)?, a.view(1)?, a.opt_view(2), &sliding)?)
    }, cuda |g, _, a| {
        let sliding = Sliding { stride: a.ints(3), padding: a.ints(4), dilation: a.ints(5), groups: a.int(6)? };
        Ok(Some(convolved(&a, cuda::convolve::convolve(g, a.view(0)?, a.view(1)?, a.opt_view(2), &sliding)?)?))
    };
    grad "
node AddBackward0 if is_complex(input) else ConvolutionBackward0
tied input ConvolutionBackwardBackward0
tied weight ConvolutionBackwardBackward0
tied bias ConvolutionBackwardBackward0
input: _conv_input_grad(grad, input, weight, stride, padding, dilation, groups)
weight: _conv_weight_grad(grad, input, weight, stride, padding, dilation, groups)
bias: grad.sum([0] + list(range(2, grad.ndim)))";
    /// torch's refusals of what every convolution over the last `d` dimensions is given; `name` is its own.
    "_check_conv" [fn] "(Tensor input, Tensor weight, int[] stride, int[] padding, int[] dilation, int groups, int d, str name, bool same=False, int[1] output_padding=0) -> bool" => tensh "
if input.ndim not in (d + 1, d + 2):
    raise RuntimeError(f'Expected {d + 1}D (unbatched) or {d + 2}D (batched) input to {name}{d}d, but got input of size: {[*input.shape]}')
shape, n = [*weight.shape], weight.ndim - 2
sizes = [*input.shape] if input.ndim == d + 2 else [1, *input.shape]
if n < 1:
    raise RuntimeError('weight should have at least three dimensions')
if groups <= 0:
    raise RuntimeError('non-positive groups is not supported')
if same and len(shape) != len(sizes):
    raise RuntimeError(f'Expected {len(shape)}-dimensional input for {len(shape)}-dimensional weight{shape}, but got {len(sizes)}-dimensional input of size {sizes} instead')
for word, given in (('stride', stride), ('padding', padding), ('dilation', dilation), ('output_padding', output_padding)):
    if len(given) not in (1, n):
        raise RuntimeError(f'expected {word} to be a single integer value or a list of {n} values to match the convolution dimensions, but got {word}={[*given]}')
if same and max(stride) > 1:
    raise RuntimeError(\"padding='same' is not supported for strided convolutions\")
if min(padding) < 0:
    raise RuntimeError('negative padding is not supported')
if min(output_padding) < 0:
    raise RuntimeError('negative output_padding is not supported')
if min(stride) <= 0:
    raise RuntimeError('non-positive stride is not supported')
if min(dilation) < 0:
    raise RuntimeError('dilation should be greater than zero')
if len(shape) != len(sizes):
    raise RuntimeError(f'Expected {len(shape)}-dimensional input for {len(shape)}-dimensional weight {shape}, but got {len(sizes)}-dimensional input of size {sizes} instead')
if shape[0] < groups:
    raise RuntimeError(f'Given groups={groups}, expected weight to be at least {groups} at dimension 0, but got weight of size {shape} instead')
if shape[0] % groups:
    raise RuntimeError(f'Given groups={groups}, expected weight to be divisible by {groups} at dimension 0, but got weight of size [{shape}] instead')
return True";
    /// `kernel_height: 3 kernel_width: 5`.
    "_named_sizes" [fn] "(str word, int[] sizes, str comma='') -> str" => tensh "f'{comma} '.join([f'{word}_{a}: {e}' for a, e in zip(('depth', 'height', 'width')[-len(sizes):], sizes)])";
    /// torch's refusals of a convolution over the last `d` dimensions, and the convolution; `same` says whether a word for the
    /// padding pads so that sizes stay.
    "_conv" [fn] "(Tensor input, Tensor weight, Tensor? bias, int[] stride, int[] padding, int[] dilation, int groups, int d, bool? same=None) -> Tensor" => tensh "
if same is None and bias is not None and input.dtype != bias.dtype:
    raise RuntimeError(f'Input type ({_cpp(input)}) and bias type ({_cpp(bias)}) should be the same')
_check_conv(input, weight, stride, padding, dilation, groups, d, 'conv', same or False)
x = input if input.ndim == d + 2 else input.unsqueeze(0)
sizes, shape, n = [*x.shape], [*weight.shape], d
stride, padding, dilation = [tuple(v) * n if len(v) == 1 else tuple(v) for v in (stride, padding, dilation)]
if sizes[1] != shape[1] * groups:
    raise RuntimeError(f'Given groups={groups}, weight of size {shape}, expected input{sizes} to have {shape[1] * groups} channels, but got {sizes[1]} channels instead')
if bias is not None and [*bias.shape] != [shape[0]]:
    raise RuntimeError(f'Given weight of size {shape}, expected bias to be 1-dimensional with {shape[0]} elements, but got bias of size {[*bias.shape]} instead')
if same:
    extra = [dilation[i] * (shape[2 + i] - 1) for i in range(n)]
    padding = [e // 2 for e in extra]
    odd = [e % 2 for e in extra]
    if max(odd):
        x = constant_pad_nd(x, [v for e in reversed(odd) for v in (0, e)])
        sizes = [*x.shape]
room = [sizes[2 + i] + 2 * padding[i] for i in range(n)]
kernel = [dilation[i] * (shape[2 + i] - 1) + 1 for i in range(n)]
show = lambda v: ' x '.join([str(e) for e in v])
if any([kernel[i] > room[i] for i in range(n)]):
    raise RuntimeError(f\"Calculated padded input size per channel: ({show(room)}). Kernel size: ({show(kernel)}). Kernel size can't be greater than actual input size\")
lead = [1] if n == 1 else []
if min(shape[2:]) < 1:
    named = lead + shape[2:] if min(dilation) < 1 else _named_sizes('kernel', lead + shape[2:])
    raise RuntimeError(f'kernel size should be greater than zero, but got {named}')
if min(dilation) < 1:
    raise RuntimeError(f'dilation should be greater than zero, but got {lead + [*dilation]}')
if x.dtype != weight.dtype:
    raise RuntimeError(f'expected scalar type {_aten(x)} but found {_aten(weight)}')
if bias is not None and x.dtype != bias.dtype:
    raise RuntimeError(f'Input type ({_cpp(x)}) and bias type ({_cpp(bias)}) should be the same')
if x.dtype == torch.bool:
    raise NotImplementedError('\"slow_conv2d_cpu\" not implemented for ' + repr('Bool'))
out = _convolve(x, weight, bias, stride, padding, dilation, groups)
out = out if sizes[1] else out[:, :0]
return out if input.ndim == d + 2 else out.squeeze(0)";
    /// A convolution whose padding is told in a word.
    "_conv_word" [fn] "(Tensor input, Tensor weight, Tensor? bias, int[] stride, str padding, int[] dilation, int groups, int d) -> Tensor" => tensh "
if input.ndim not in (d + 1, d + 2):
    raise RuntimeError(f'Expected {d + 1}D (unbatched) or {d + 2}D (batched) input to conv{d}d, but got input of size: {[*input.shape]}')
if padding not in ('same', 'valid'):
    raise RuntimeError(f'Invalid padding string: {repr(padding)}')
return _conv(input, weight, bias, stride, (0,), dilation, groups, d, padding == 'same')";
    /// A transposed convolution of arguments that fit: what a convolution's gradient is with respect to its input.
    "_convolve_transposed" [fn] "(Tensor input, Tensor weight, Tensor? bias, int[] stride, int[] padding, int[] dilation, int groups, int[] counts) -> Tensor" => tensh "
n = weight.ndim - 2
out = _conv_input_grad(input, input.new_empty([input.size(0), weight.size(1) * groups, *counts]), weight.conj(), stride, padding, dilation, groups)
return out if bias is None else out + bias.reshape(-1, *[1] * n)";
    grad "
node ConvolutionBackward0
tied input ConvolutionBackwardBackward0
tied weight ConvolutionBackwardBackward0
tied bias ConvolutionBackwardBackward0
input: _window(_convolve(grad, weight.conj(), None, stride, padding, dilation, groups), input)
weight: _conv_weight_grad(input, grad, weight, stride, padding, dilation, groups).conj()
bias: grad.sum([0] + list(range(2, grad.ndim)))";
    /// torch's refusals of a transposed convolution over the last `d` dimensions, and the convolution.
    "_conv_transpose" [fn] "(Tensor input, Tensor weight, Tensor? bias, int[] stride, int[] padding, int[] output_padding, int groups, int[] dilation, int d) -> Tensor" => tensh "
_check_conv(input, weight, stride, padding, dilation, groups, d, 'conv_transpose', False, output_padding)
x = input if input.ndim == d + 2 else input.unsqueeze(0)
sizes, shape, n = [*x.shape], [*weight.shape], d
stride, padding, output_padding, dilation = [tuple(v) * n if len(v) == 1 else tuple(v) for v in (stride, padding, output_padding, dilation)]
if sizes[1] != shape[0]:
    raise RuntimeError(f'Given transposed=1, weight of size {shape}, expected input{sizes} to have {shape[0]} channels, but got {sizes[1]} channels instead')
if bias is not None and [*bias.shape] != [shape[1] * groups]:
    raise RuntimeError(f'Given transposed=1, weight of size {shape}, expected bias to be 1-dimensional with {shape[1] * groups} elements, but got bias of size {[*bias.shape]} instead')
if x.dtype != weight.dtype:
    raise RuntimeError(f'expected scalar type {_aten(x)} but found {_aten(weight)}')
lead = (1,) if n == 1 else ()
if min(shape[2:]) < 1:
    raise RuntimeError('kernel size should be greater than zero, but got ' + _named_sizes('kernel', lead + tuple(shape[2:])))
if min(dilation) < 1:
    raise RuntimeError('dilation should be greater than zero, but got ' + _named_sizes('dilation', lead + dilation, ','))
none = (0,) if n == 1 else ()
if any([output_padding[i] >= stride[i] and output_padding[i] >= dilation[i] for i in range(n)]):
    raise RuntimeError('output padding must be smaller than either stride or dilation, but got ' + ' '.join([_named_sizes(word, v) for word, v in (('output_padding', none + output_padding), ('stride', lead + stride), ('dilation', lead + dilation))]))
counts = [(sizes[2 + i] - 1) * stride[i] - 2 * padding[i] + dilation[i] * (shape[2 + i] - 1) + output_padding[i] + 1 for i in range(n)]
show = lambda v: ' x '.join([str(e) for e in v])
if min(counts) < 1:
    raise RuntimeError(f'Given input size per channel: ({show(lead + tuple(sizes[2:]))}). Calculated output size per channel: ({show(lead + tuple(counts))}). Output size is too small')
out = _convolve_transposed(x, weight, bias, stride, padding, dilation, groups, counts)
return out if input.ndim == d + 2 else out.squeeze(0)";
    /// Signals convolved with weights.
    /// >>> torch.nn.functional.conv1d(torch.tensor([[[1., 2., 3.]]]), torch.tensor([[[1., -1.]]]))
    /// tensor([[[-1., -1.]]])
    "conv1d" aka ["nn.functional.conv1d"] [fn]
        "(Tensor input, Tensor weight, Tensor? bias=None, int[1] stride=1, int[1] padding=0, int[1] dilation=1, int groups=1) -> Tensor" => tensh "_conv(input, weight, bias, stride, padding, dilation, groups, 1)",
        "(Tensor input, Tensor weight, Tensor? bias=None, int[1] stride=1, str padding=\"valid\", int[1] dilation=1, int groups=1) -> Tensor" => tensh "_conv_word(input, weight, bias, stride, padding, dilation, groups, 1)";
    /// Images convolved with weights.
    /// >>> torch.nn.functional.conv2d(torch.ones(1, 1, 3, 3), torch.ones(1, 1, 2, 2))
    /// tensor([[[[4., 4.],
    ///           [4., 4.]]]])
    "conv2d" aka ["nn.functional.conv2d"] [fn]
        "(Tensor input, Tensor weight, Tensor? bias=None, int[2] stride=1, int[2] padding=0, int[2] dilation=1, int groups=1) -> Tensor" => tensh "_conv(input, weight, bias, stride, padding, dilation, groups, 2)",
        "(Tensor input, Tensor weight, Tensor? bias=None, int[2] stride=1, str padding=\"valid\", int[2] dilation=1, int groups=1) -> Tensor" => tensh "_conv_word(input, weight, bias, stride, padding, dilation, groups, 2)";
    /// Volumes convolved with weights.
    /// >>> torch.nn.functional.conv3d(torch.ones(1, 1, 2, 2, 2), torch.ones(1, 1, 2, 2, 2))
    /// tensor([[[[[8.]]]]])
    "conv3d" aka ["nn.functional.conv3d"] [fn]
        "(Tensor input, Tensor weight, Tensor? bias=None, int[3] stride=1, int[3] padding=0, int[3] dilation=1, int groups=1) -> Tensor" => tensh "_conv(input, weight, bias, stride, padding, dilation, groups, 3)",
        "(Tensor input, Tensor weight, Tensor? bias=None, int[3] stride=1, str padding=\"valid\", int[3] dilation=1, int groups=1) -> Tensor" => tensh "_conv_word(input, weight, bias, stride, padding, dilation, groups, 3)";
    /// Signals spread by weights: the gradient of a convolution with respect to its input.
    /// >>> torch.nn.functional.conv_transpose1d(torch.tensor([[[1., 2.]]]), torch.tensor([[[1., -1.]]]))
    /// tensor([[[ 1.,  1., -2.]]])
    "conv_transpose1d" aka ["nn.functional.conv_transpose1d"] [fn]
        "(Tensor input, Tensor weight, Tensor? bias=None, int[1] stride=1, int[1] padding=0, int[1] output_padding=0, int groups=1, int[1] dilation=1) -> Tensor" => tensh "_conv_transpose(input, weight, bias, stride, padding, output_padding, groups, dilation, 1)";
    /// Images spread by weights: the gradient of a convolution with respect to its input.
    /// >>> torch.nn.functional.conv_transpose2d(torch.ones(1, 1, 1, 2), torch.ones(1, 1, 1, 2))
    /// tensor([[[[1., 2., 1.]]]])
    "conv_transpose2d" aka ["nn.functional.conv_transpose2d"] [fn]
        "(Tensor input, Tensor weight, Tensor? bias=None, int[2] stride=1, int[2] padding=0, int[2] output_padding=0, int groups=1, int[2] dilation=1) -> Tensor" => tensh "_conv_transpose(input, weight, bias, stride, padding, output_padding, groups, dilation, 2)";
    /// Volumes spread by weights: the gradient of a convolution with respect to its input.
    /// >>> torch.nn.functional.conv_transpose3d(torch.ones(1, 1, 1, 1, 2), torch.ones(1, 1, 1, 1, 2))
    /// tensor([[[[[1., 2., 1.]]]]])
    "conv_transpose3d" aka ["nn.functional.conv_transpose3d"] [fn]
        "(Tensor input, Tensor weight, Tensor? bias=None, int[3] stride=1, int[3] padding=0, int[3] output_padding=0, int groups=1, int[3] dilation=1) -> Tensor" => tensh "_conv_transpose(input, weight, bias, stride, padding, output_padding, groups, dilation, 3)";
    /// The largest element of each window and its number, of arguments that fit.
    "_max_pool" [fn] "(Tensor input, int[] kernel, int[] stride, int[] padding, int[] dilation, int[] counts, bool places) -> (Tensor values, Tensor indices)" => kernel |a| pooled(&a), cuda |g, _, a| {
        pair(a.view(0)?, cuda::pool::largest(g, a.view(0)?, Over::Sliding(windows(&a, 1)), a.bool(6))?)
    };
    grad "
node ({1: SqueezeBackward1, 2: MaxPool2DWithIndicesBackward0, 3: MaxPool3DWithIndicesBackward0}[len(kernel)], None)
tied input {1: SqueezeBackward1, 2: MaxPool2DWithIndicesBackwardBackward0, 3: MaxPool3DWithIndicesBackwardBackward0}[len(kernel)]
input:
    at = results[1] if places else _max_pool(input, kernel, stride, padding, dilation, counts, True)[1]
    return _scattered(grads[0], at, input, len(kernel))";
    /// The mean of each window, of arguments that fit.
    "_avg_pool" [fn] "(Tensor input, int[] kernel, int[] stride, int[] padding, int[] dilation, int[] counts, bool with_padding, int? divisor) -> Tensor" => kernel |a| {
        Ok(flat(a.view(0)?, avg_pool(a.view(0)?, &windows(&a, 1), a.bool(6), a.opt_int(7))?)?.into())
    }, cuda |g, _, a| {
        let divisor = match (a.opt_int(7), a.bool(6)) {
            (Some(given), _) => Divisor::Given(given),
            (None, true) => Divisor::WithPadding,
            (None, false) => Divisor::There,
        };
        means(a.view(0)?, cuda::pool::mean(g, a.view(0)?, Over::Sliding(windows(&a, 1)), divisor)?)
    };
    grad "
node AvgPool2DBackward0 if len(kernel) == 2 else AvgPool3DBackward0
tied input AvgPool2DBackwardBackward0 if len(kernel) == 2 else AvgPool3DBackwardBackward0
input:
    d, g = len(kernel), _in_single(grad)
    parts = []
    for i in range(d):
        dim, n, k, p = grad.ndim - d + i, input.size(i - d), kernel[i], padding[i]
        start = arange(counts[i]) * stride[i] - p
        stop = (start + k).clamp_max(n + p)
        count = stop - start
        start, stop = start.clamp_min(0), stop.clamp_max(n)
        count = count if with_padding else stop - start
        if divisor is None:
            g = g / count.to(g.dtype).reshape([-1 if e == dim else 1 for e in range(g.ndim)])
        parts.append((dim, start, stop, n))
    if divisor is not None:
        g = g / divisor
    for dim, start, stop, n in parts:
        which = arange(start.numel()).repeat_interleave(stop - start)
        at = arange(which.numel()) - (cumsum(stop - start, 0) - stop)[which]
        g = _window_spread(g, dim, which, at, n)
    return g";
    /// How many windows there are in each dimension: torch's refusals of pooling over the last `d` dimensions.
    "_pool_counts" [fn] "(Tensor input, int[] kernel, int[] stride, int[] padding, int[] dilation, bool ceil_mode, str name, int d, int? divisor=None) -> int" => tensh "
given = [('kernel_size', kernel, 'must either be'), ('stride', stride, 'must either be omitted,'), ('padding', padding, 'must either be'), ('dilation', dilation, 'must be either')]
words = ('a single int', 'a tuple of two ints' if d == 2 else 'a tuple of three ints')
for what, v, must in given:
    if len(v) != d:
        must = must.replace('either ', '') if name == 'avg_pool3d' else must
        raise RuntimeError(f'{name}: {what} {must} {words[0]}, or {words[1]}')
batch = input.shape[:input.ndim - d]
if name[:3] == 'max' and input.ndim not in (d + 1, d + 2):
    raise RuntimeError(f'non-empty {d + 1}D or {d + 2}D (batch mode) tensor expected for input')
if input.ndim not in (d + 1, d + 2) and name == 'avg_pool3d':
    raise RuntimeError(f'non-empty {d + 1}D or {d + 2}D (batch mode) tensor expected for input')
if input.ndim < d + 1:
    input.size(-d - 1)
if divisor == 0:
    raise RuntimeError('divisor must be not zero')
if 0 in stride:
    raise RuntimeError('stride should not be zero')
for p, k, l in zip(padding, kernel, dilation):
    if p < 0:
        raise RuntimeError(f'pad must be non-negative, but got pad: {p}')
    # Half is rounded towards zero.
    if l > 0 and p > int(((k - 1) * l + 1) / 2):
        raise RuntimeError(f'pad should be at most half of effective kernel size, but got pad={p}, kernel_size={k} and dilation={l}')
names = ('T', 'H', 'W')[3 - d:]
for what, v, tag in (('kernel size', kernel, 'k'), ('stride', stride, 'd'), ('dilation', dilation, 'dilation')):
    if min(v) <= 0:
        shown = ' '.join([f'{tag}{a}: {e}' for a, e in zip(names, v)])
        raise RuntimeError(f'{what} should be greater than zero, but got {shown}')
sizes = [*input.shape[input.ndim - d:]]
if input.ndim > d + 2 or (0 in input.shape[1:] if input.ndim == d + 2 else 0 in input.shape):
    raise RuntimeError(f'Expected {d + 1}D or {d + 2}D (batch mode) tensor with optional 0 dim batch size for input, but got:{[*input.shape]}')
if name == 'avg_pool3d' and any([n + 2 * p < k for n, k, p in zip(sizes, kernel, padding)]):
    shown = [' '.join([f'{tag}{a}: {e}' for a, e in zip(names, v)]) for tag, v in (('', sizes), ('k', kernel))]
    raise RuntimeError(f'input image ({shown[0]}) smaller than kernel size ({shown[1]})')
counts = []
for n, k, s, p, l in zip(sizes, kernel, stride, padding, dilation):
    count = (n + 2 * p - l * (k - 1) - 1 + (s - 1 if ceil_mode else 0)) // s + 1
    counts.append(count - 1 if ceil_mode and (count - 1) * s >= n + p else count)
if min(counts) < 1:
    planes = input.shape[input.ndim - d - 1]
    lead = 'x'.join([str(planes)] + [str(n) for n in sizes])
    out = 'x'.join([str(planes)] + [str(n) for n in counts])
    raise RuntimeError(f'Given input size: ({lead}). Calculated output size: ({out}). Output size is too small')
return Size(counts)";
    grad "nondiff";
    /// The largest element of each window and its number in its plane.
    "_max_pool_with" [fn] "(Tensor input, int[] kernel, int[] stride, int[] padding, int[] dilation, bool ceil_mode, str name, int d, bool places) -> (Tensor values, Tensor indices)" => tensh "
full = lambda v: tuple(v) * d if len(v) == 1 else tuple(v)
kernel, padding, dilation = full(kernel), full(padding), full(dilation)
stride = full(stride) if len(stride) else kernel
counts = _pool_counts(input, kernel, stride, padding, dilation, ceil_mode, name, d)
return _max_pool(input, kernel, stride, padding, dilation, counts, places)";
    /// torch's refusals of pooling over one dimension.
    "_check_pool1d" [fn] "(Tensor input, int[] kernel, int[] stride, int[] padding, int[] dilation, bool ceil_mode) -> bool" => tensh "
if input.ndim not in (2, 3) or 0 in input.shape[1:] or (input.ndim == 2 and 0 in input.shape):
    raise RuntimeError(f'max_pool1d: Expected 2D or 3D (batch mode) tensor with optional 0 dim batch size for input, but got:{[*input.shape]}')
kinds = ('an int, list of ints or', 'None, an int, list of ints, or', 'an int, list of ints, or', 'an int, list of ints or')
for what, v, kind in zip(('kernel_size', 'stride', 'padding', 'dilation'), (kernel, stride, padding, dilation), kinds):
    if len(v) > 1:
        raise RuntimeError(f'max_pool1d() {what} must be {kind} tuple of ints of size 1 but got size {len(v)}')
k, p, l = kernel[0], padding[0], dilation[0]
s = stride[0] if len(stride) else k
if k <= 0:
    raise RuntimeError(f'max_pool1d() kernel_size must be greater than zero, but got {k}')
if s <= 0:
    raise RuntimeError(f'max_pool1d() stride must be greater than zero, but got {s}')
if p < 0:
    raise RuntimeError(f'max_pool1d() padding must be non-negative, but got {p}')
if p > k // 2:
    raise RuntimeError(f'max_pool1d() padding should be at most half of kernel size, but got padding={p} and kernel_size={k}')
if l <= 0:
    raise RuntimeError(f'max_pool1d() dilation must be greater than zero, but got {l}')
n = input.shape[-1]
count = (n + 2 * p - l * (k - 1) - 1 + (s - 1 if ceil_mode else 0)) // s + 1
count = count - 1 if ceil_mode and (count - 1) * s >= n + p else count
if count <= 0:
    raise RuntimeError(f'max_pool1d() Invalid computed output size: {count}')
return True";
    grad "nondiff";
    /// The largest element of each window of a signal.
    /// >>> torch.max_pool1d(torch.tensor([[1., 3., 2., 5.]]), 2)
    /// tensor([[3., 5.]])
    "max_pool1d" [fn] "(Tensor self, int[1] kernel_size, int[1] stride=[], int[1] padding=0, int[1] dilation=1, bool ceil_mode=False) -> Tensor" => tensh "
_check_pool1d(input, kernel_size, stride, padding, dilation, ceil_mode)
return _max_pool_with(input, kernel_size, stride, padding, dilation, ceil_mode, 'max_pool1d', 1, False)[0]";
    /// As max_pool1d, with the place of each.
    /// >>> torch.max_pool1d_with_indices(torch.tensor([[1., 3., 2., 5.]]), 2)
    /// (tensor([[3., 5.]]), tensor([[1, 3]]))
    "max_pool1d_with_indices" aka ["nn.functional.max_pool1d_with_indices"] [fn] "(Tensor self, int[1] kernel_size, int[1] stride=[], int[1] padding=0, int[1] dilation=1, bool ceil_mode=False) -> (Tensor, Tensor)" => tensh "
if input.ndim not in (2, 3):
    raise RuntimeError(f\"Expected 2 to 3 dimensions, but got {input.ndim}-dimensional tensor for argument #1 'self' (while checking arguments for max_pool1d)\")
for what, v in (('kernel_size', kernel_size), ('stride', stride), ('padding', padding), ('dilation', dilation)):
    if len(v) > 1:
        raise RuntimeError(f\"max_pool1d() argument '{what}' should contain one int (got {len(v)})\")
stride = stride if len(stride) else kernel_size
found = _max_pool_with(input.unsqueeze(-2), (1, *kernel_size), (1, *stride), (0, *padding), (1, *dilation), ceil_mode, 'max_pool2d', 2, True)
return tuple([t.squeeze(-2) for t in found])";
    /// The largest element of each window of an image.
    /// >>> torch.max_pool2d(torch.arange(16.).reshape(1, 4, 4), 2)
    /// tensor([[[ 5.,  7.],
    ///          [13., 15.]]])
    "max_pool2d" [fn] "(Tensor self, int[2] kernel_size, int[2] stride=[], int[2] padding=0, int[2] dilation=1, bool ceil_mode=False) -> Tensor" => tensh "
return _max_pool_with(input, kernel_size, stride, padding, dilation, ceil_mode, 'max_pool2d', 2, False)[0]";
    /// As max_pool2d, with the place of each in its plane.
    /// >>> torch.nn.functional.max_pool2d_with_indices(torch.arange(4.).reshape(1, 2, 2), 2)
    /// (tensor([[[3.]]]), tensor([[[3]]]))
    "nn.functional.max_pool2d_with_indices" [fn] "(Tensor self, int[2] kernel_size, int[2] stride=[], int[2] padding=0, int[2] dilation=1, bool ceil_mode=False) -> (Tensor, Tensor)" => tensh "
return tuple(_max_pool_with(input, kernel_size, stride, padding, dilation, ceil_mode, 'max_pool2d', 2, True))";
    /// The largest element of each window of a volume.
    /// >>> torch.max_pool3d(torch.arange(8.).reshape(1, 2, 2, 2), 2)
    /// tensor([[[[7.]]]])
    "max_pool3d" [fn] "(Tensor self, int[3] kernel_size, int[3] stride=[], int[3] padding=0, int[3] dilation=1, bool ceil_mode=False) -> Tensor" => tensh "
return _max_pool_with(input, kernel_size, stride, padding, dilation, ceil_mode, 'max_pool3d', 3, False)[0]";
    /// The largest element of each window of a signal, with its place if asked for.
    /// >>> torch.nn.functional.max_pool1d(torch.tensor([[1., 3., 2., 5.]]), 2)
    /// tensor([[3., 5.]])
    "nn.functional.max_pool1d" [fn] "(Tensor input, int[1] kernel_size, int[1]? stride=None, int[1] padding=0, int[1] dilation=1, bool ceil_mode=False, bool return_indices=False) -> Tensor" => tensh "
stride = () if stride is None else stride
if return_indices:
    return torch.max_pool1d_with_indices(input, kernel_size, stride, padding, dilation, ceil_mode)
return torch.max_pool1d(input, kernel_size, stride, padding, dilation, ceil_mode)";
    /// The largest element of each window of an image, with its place if asked for.
    /// >>> torch.nn.functional.max_pool2d(torch.arange(16.).reshape(1, 4, 4), 2)
    /// tensor([[[ 5.,  7.],
    ///          [13., 15.]]])
    "nn.functional.max_pool2d" [fn] "(Tensor input, int[2] kernel_size, int[2]? stride=None, int[2] padding=0, int[2] dilation=1, bool ceil_mode=False, bool return_indices=False) -> Tensor" => tensh "
found = _max_pool_with(input, kernel_size, () if stride is None else stride, padding, dilation, ceil_mode, 'max_pool2d', 2, return_indices)
return tuple(found) if return_indices else found[0]";
    /// The largest element of each window of a volume, with its place if asked for.
    /// >>> torch.nn.functional.max_pool3d(torch.arange(8.).reshape(1, 2, 2, 2), 2)
    /// tensor([[[[7.]]]])
    "nn.functional.max_pool3d" [fn] "(Tensor input, int[3] kernel_size, int[3]? stride=None, int[3] padding=0, int[3] dilation=1, bool ceil_mode=False, bool return_indices=False) -> Tensor" => tensh "
found = _max_pool_with(input, kernel_size, () if stride is None else stride, padding, dilation, ceil_mode, 'max_pool3d', 3, return_indices)
return tuple(found) if return_indices else found[0]";
    /// The mean of each window over the last `d` dimensions.
    "_avg_pool_over" [fn] "(Tensor input, int[] kernel, int[] stride, int[] padding, bool ceil_mode, bool with_padding, int? divisor, int d) -> Tensor" => tensh "
full = lambda v: tuple(v) * d if len(v) == 1 else tuple(v)
kernel, padding = full(kernel), full(padding)
stride = full(stride) if len(stride) else kernel
# Over images the numbers are asked for as unsigned before anything else.
if d == 2 and len(kernel) == 2 and (min(kernel) <= 0 or len(stride) == 2 and min(stride) < 0):
    raise RuntimeError('integer out of range')
ones = (1,) * d
counts = _pool_counts(input, kernel, stride, padding, ones, ceil_mode, f'avg_pool{d}d', d, divisor)
return _avg_pool(input, kernel, stride, padding, ones, counts, with_padding, divisor)";
    /// The mean of each window of a signal.
    /// >>> torch.avg_pool1d(torch.tensor([[1., 3., 2., 6.]]), 2)
    /// tensor([[2., 4.]])
    "avg_pool1d" aka ["nn.functional.avg_pool1d"] [fn] "(Tensor self, int[1] kernel_size, int[1] stride=[], int[1] padding=0, bool ceil_mode=False, bool count_include_pad=True) -> Tensor" => tensh "
if input.ndim not in (2, 3):
    raise RuntimeError(f\"Expected 2 to 3 dimensions, but got {input.ndim}-dimensional tensor for argument #1 'self' (while checking arguments for avg_pool1d)\")
for what, v in (('kernel_size', kernel_size), ('stride', stride), ('padding', padding)):
    if len(v) > 1:
        raise RuntimeError(f\"avg_pool1d() argument '{what}' should contain one int (got {len(v)})\")
stride = stride if len(stride) else kernel_size
out = _avg_pool_over(input.unsqueeze(-2), (1, kernel_size[0]), (1, stride[0]), (0, padding[0]), ceil_mode, count_include_pad, None, 2)
return out.squeeze(-2)";
    /// The mean of each window of an image.
    /// >>> torch.nn.functional.avg_pool2d(torch.arange(4.).reshape(1, 2, 2), 2)
    /// tensor([[[1.5000]]])
    "nn.functional.avg_pool2d" [fn] "(Tensor self, int[2] kernel_size, int[2] stride=[], int[2] padding=0, bool ceil_mode=False, bool count_include_pad=True, int? divisor_override=None) -> Tensor" => tensh "_avg_pool_over(input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override, 2)";
    /// The mean of each window of a volume.
    /// >>> torch.nn.functional.avg_pool3d(torch.arange(8.).reshape(1, 2, 2, 2), 2)
    /// tensor([[[[3.5000]]]])
    "nn.functional.avg_pool3d" [fn] "(Tensor self, int[3] kernel_size, int[3] stride=[], int[3] padding=0, bool ceil_mode=False, bool count_include_pad=True, int? divisor_override=None) -> Tensor" => tensh "_avg_pool_over(input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override, 3)";
    /// As many means as asked for, of windows that cover the input evenly, of arguments that fit.
    "_adaptive_avg_pool" [fn] "(Tensor input, int[] counts) -> Tensor" => kernel |a| Ok(flat(a.view(0)?, adaptive_avg_pool(a.view(0)?, a.ints(1))?)?.into()), cuda |g, _, a| {
        means(a.view(0)?, cuda::pool::mean(g, a.view(0)?, Over::Even(a.ints(1)), Divisor::Each)?)
    };
    grad "
node MeanBackward1 if all([c == 1 for c in counts]) else AdaptiveAvgPool2DBackward0 if len(counts) == 2 else AdaptiveAvgPool3DBackward0
tied input DivBackward1 if all([c == 1 for c in counts]) else AdaptiveAvgPool2DBackwardBackward0 if len(counts) == 2 else AdaptiveAvgPool3DBackwardBackward0
input:
    d, g = len(counts), _in_single(grad)
    if grad.numel() == 0:
        return zeros_like(input)
    for i in range(d):
        dim, n, m = grad.ndim - d + i, input.size(i - d), counts[i]
        start = arange(m) * n // m
        stop = ((arange(m) + 1) * n + m - 1) // m
        count = stop - start
        g = g / count.to(g.dtype).reshape([-1 if e == dim else 1 for e in range(g.ndim)])
        which = arange(m).repeat_interleave(count)
        at = arange(which.numel()) - (cumsum(count, 0) - stop)[which]
        g = _window_spread(g, dim, which, at, n)
    return g";
    /// As many largest elements as asked for and their places, of arguments that fit.
    "_adaptive_max_pool" [fn] "(Tensor input, int[] counts) -> (Tensor values, Tensor indices)" => kernel |a| {
        let (values, places) = adaptive_max_pool(a.view(0)?, a.ints(1))?;
        both(a.view(0)?, values, places)
    }, cuda |g, _, a| pair(a.view(0)?, cuda::pool::largest(g, a.view(0)?, Over::Even(a.ints(1)), true)?);
    grad "
node (AdaptiveMaxPool2DBackward0 if len(counts) == 2 else AdaptiveMaxPool3DBackward0, None)
tied input AdaptiveMaxPool2DBackwardBackward0 if len(counts) == 2 else AdaptiveMaxPool3DBackwardBackward0
input: _scattered(grads[0], results[1], input, len(counts))";
    /// torch's refusals of adaptive pooling over the last `d` dimensions.
    "_check_adaptive" [fn] "(Tensor input, int[] output_size, str name, int d) -> bool" => tensh "
if len(output_size) != d and name == 'adaptive_max_pool3d':
    raise RuntimeError(f'{name}(): internal error: output_size.size() must be {d}')
if len(output_size) != d:
    raise RuntimeError(f'{name}: output_size must be {d}')
if min(output_size) < 0:
    # Three are shown without the second space.
    shown = ', '.join([str(n) for n in output_size[:2]]) + ''.join([f',{n}' for n in output_size[2:]])
    raise RuntimeError(f'{name}: elements of output_size must be greater than or equal to 0 but received {{{shown}}}')
if input.ndim not in (d + 1, d + 2):
    colon = ':' if name[9:12] == 'max' else ''
    raise RuntimeError(f'{name}(): Expected {d + 1}D or {d + 2}D tensor, but got{colon} {[*input.shape]}')
for i in range(-d, 0):
    if input.size(i) == 0:
        raise RuntimeError(f'{name}(): Expected input to have non-zero size for non-batch dimensions, but input has sizes {[*input.shape]} with dimension {i + input.ndim} being empty')
return True";
    grad "nondiff";
    /// A signal as an image of one row, for adaptive pooling over it.
    "_lifted" [fn] "(Tensor input, int[] output_size, str name) -> Tensor" => tensh "
if input.ndim not in (2, 3):
    raise RuntimeError(f\"Expected 2 to 3 dimensions, but got {input.ndim}-dimensional tensor for argument #1 'self' (while checking arguments for {name}1d)\")
if len(output_size) != 1:
    raise RuntimeError(f\"{name}1d() argument 'output_size' should contain one int (got {len(output_size)})\")
x = input.unsqueeze(-2)
if name == 'adaptive_avg_pool':
    _check_adaptive(x, (1, *output_size), name + '2d', 2)
    return x
for i in range(1, input.ndim):
    if input.size(i) == 0:
        raise RuntimeError(f'{name}1d(): Expected input to have non-zero size for non-batch dimensions, but input has sizes {[*input.shape]} with dimension {i} being empty')
if output_size[0] < 0:
    raise RuntimeError(f'Trying to create tensor with negative dimension {output_size[0]}: {[*x.shape[:-1], *output_size]}')
return x";
    /// Means over one dimension, as many as asked for.
    /// >>> torch.adaptive_avg_pool1d(torch.tensor([[1., 3., 2., 6.]]), 2)
    /// tensor([[2., 4.]])
    "adaptive_avg_pool1d" aka ["nn.functional.adaptive_avg_pool1d"] [fn] "(Tensor self, int[1] output_size) -> Tensor" => tensh "
return _adaptive_avg_pool(_lifted(input, output_size, 'adaptive_avg_pool'), (1, *output_size)).squeeze(-2)";
    /// Means over images, as many as asked for in each dimension; None keeps a dimension.
    /// >>> torch.nn.functional.adaptive_avg_pool2d(torch.arange(4.).reshape(1, 2, 2), 1)
    /// tensor([[[1.5000]]])
    "nn.functional.adaptive_avg_pool2d" [fn] "(Tensor input, Any output_size) -> Tensor" => tensh sizes_or_inputs!("_adaptive_avg_pool2d(input, output_size)");
    /// Of sizes that are all given.
    "_adaptive_avg_pool2d" [fn] "(Tensor input, int[2] output_size) -> Tensor" => tensh "
_check_adaptive(input, output_size, 'adaptive_avg_pool2d', 2)
return _adaptive_avg_pool(input, output_size)";
    /// Means over volumes, as many as asked for in each dimension; None keeps a dimension.
    /// >>> torch.nn.functional.adaptive_avg_pool3d(torch.arange(8.).reshape(1, 2, 2, 2), 1)
    /// tensor([[[[3.5000]]]])
    "nn.functional.adaptive_avg_pool3d" [fn] "(Tensor input, Any output_size) -> Tensor" => tensh sizes_or_inputs!("_adaptive_avg_pool3d(input, output_size)");
    /// Of sizes that are all given.
    "_adaptive_avg_pool3d" [fn] "(Tensor input, int[3] output_size) -> Tensor" => tensh "
_check_adaptive(input, output_size, 'adaptive_avg_pool3d', 3)
return _adaptive_avg_pool(input, output_size)";
    /// Largest elements over one dimension, as many as asked for, and their places.
    /// >>> torch.adaptive_max_pool1d(torch.tensor([[1., 3., 2., 6.]]), 2)
    /// (tensor([[3., 6.]]), tensor([[1, 3]]))
    "adaptive_max_pool1d" [fn] "(Tensor self, int[1] output_size) -> (Tensor, Tensor)" => tensh "
found = _adaptive_max_pool(_lifted(input, output_size, 'adaptive_max_pool'), (1, *output_size))
return tuple([t.squeeze(-2) for t in found])";
    /// Largest elements over one dimension, as many as asked for, with their places if asked for.
    /// >>> torch.nn.functional.adaptive_max_pool1d(torch.tensor([[1., 3., 2., 6.]]), 2)
    /// tensor([[3., 6.]])
    "nn.functional.adaptive_max_pool1d" [fn] "(Tensor input, int[1] output_size, bool return_indices=False) -> Tensor" => tensh "
found = torch.adaptive_max_pool1d(input, output_size)
return found if return_indices else found[0]";
    /// Largest elements over images, as many as asked for in each dimension (None keeps one), with their places if asked for.
    /// >>> torch.nn.functional.adaptive_max_pool2d(torch.arange(4.).reshape(1, 2, 2), 1)
    /// tensor([[[3.]]])
    "nn.functional.adaptive_max_pool2d" [fn] "(Tensor input, Any output_size, bool return_indices=False) -> Tensor" => tensh sizes_or_inputs!("_adaptive_max_pool2d(input, output_size, return_indices)");
    /// Of sizes that are all given.
    "_adaptive_max_pool2d" [fn] "(Tensor input, int[2] output_size, bool return_indices) -> Tensor" => tensh "
_check_adaptive(input, output_size, 'adaptive_max_pool2d', 2)
found = _adaptive_max_pool(input, output_size)
return tuple(found) if return_indices else found[0]";
    /// Largest elements over volumes, as many as asked for in each dimension (None keeps one), with their places if asked for.
    /// >>> torch.nn.functional.adaptive_max_pool3d(torch.arange(8.).reshape(1, 2, 2, 2), 1)
    /// tensor([[[[7.]]]])
    "nn.functional.adaptive_max_pool3d" [fn] "(Tensor input, Any output_size, bool return_indices=False) -> Tensor" => tensh sizes_or_inputs!("_adaptive_max_pool3d(input, output_size, return_indices)");
    /// Of sizes that are all given.
    "_adaptive_max_pool3d" [fn] "(Tensor input, int[3] output_size, bool return_indices) -> Tensor" => tensh "
_check_adaptive(input, output_size, 'adaptive_max_pool3d', 3)
found = _adaptive_max_pool(input, output_size)
return tuple(found) if return_indices else found[0]";
}
