//! Images of other sizes, read at other places, and put back from where a pooling took them.

use crate::rows;

rows! {
    /// A batch resampled to these sizes.
    "_resample" [fn] "(Tensor input, int[] size, str mode, bool align, Any scales, bool aa) -> Tensor" => tensh "
d = len(size)
nearest = mode.startswith('nearest')
out = input if nearest or input.dtype == torch.float64 else input.float()
for i, taps in reversed(list(enumerate(_all_taps(input, input.shape[2:], size, mode, align, scales, aa)))):
    total = None
    for at, weight in taps:
        part = out.index_select(2 + i, at)
        if not nearest:
            part = part * weight.reshape([-1] + [1] * (d - 1 - i))
        total = part if total is None else total + part
    out = total
if input.dtype == torch.uint8 and not nearest:
    out = (out + 0.5).floor().clamp(0, 255)
return out.to(input.dtype, memory_format=torch.channels_last) if _lies_last(input) else out.to(input.dtype)";
    grad "
node _resample_node(mode, len(size), aa)
input: _resample_back(grad, input.shape[2:], size, mode, align, scales, aa)";
    /// An image, or a signal or volume, of another size.
    /// >>> torch.nn.functional.interpolate(torch.arange(4.).reshape(1, 1, 4), scale_factor=2)
    /// tensor([[[0., 0., 1., 1., 2., 2., 3., 3.]]])
    "nn.functional.interpolate" [fn] "(Tensor input, Any size=None, Any scale_factor=None, str mode=\"nearest\", bool? align_corners=None, bool? recompute_scale_factor=None, bool antialias=False) -> Tensor" => tensh "
if mode in ('nearest', 'area', 'nearest-exact') and align_corners is not None:
    raise ValueError('align_corners option can only be set with the interpolating modes: linear | bilinear | bicubic | trilinear')
d, scales = input.ndim - 2, None
sizes = [*input.shape[2:]]
if size is not None and scale_factor is not None:
    raise ValueError('only one of size or scale_factor should be defined')
if size is not None:
    if isinstance(size, (list, tuple)) and len(size) != d:
        raise ValueError(f'Input and output must have the same number of spatial dimensions, but got input with spatial dimensions of {sizes} and output size of {size}. Please provide input tensor in (N, C, d1, d2, ...,dK) format and output size in (o1, o2, ...,oK) format.')
    out = list(size) if isinstance(size, (list, tuple)) else [size] * d
    if not all([isinstance(n, int) for n in out]):
        raise TypeError(f'expected size to be one of int or Tuple[int] or Tuple[int, int] or Tuple[int, int, int], but got size with types {[type(n) for n in out]}')
elif scale_factor is not None:
    if isinstance(scale_factor, (list, tuple)) and len(scale_factor) != d:
        raise ValueError(f'Input and scale_factor must have the same number of spatial dimensions, but got input with spatial dimensions of {sizes} and scale_factor of shape {scale_factor}. Please provide input tensor in (N, C, d1, d2, ...,dK) format and scale_factor in (s1, s2, ...,sK) format.')
    scales = list(scale_factor) if isinstance(scale_factor, (list, tuple)) else [scale_factor] * d
    out = [int(n * s) for n, s in zip(sizes, scales)]
else:
    raise ValueError('either size or scale_factor should be defined')
if recompute_scale_factor and size is not None:
    raise ValueError('recompute_scale_factor is not meaningful with an explicit size.')
if recompute_scale_factor or mode == 'area':
    scales = None
if antialias and not (mode in ('bilinear', 'bicubic') and input.ndim == 4):
    raise ValueError('Anti-alias option is restricted to bilinear and bicubic modes and requires a 4-D tensor as input')
if mode == 'area' and d in (1, 2, 3):
    return (nn.functional.adaptive_avg_pool1d, nn.functional.adaptive_avg_pool2d, nn.functional.adaptive_avg_pool3d)[d - 1](input, out[0] if d == 1 else out)
needed = {'linear': 3, 'bilinear': 4, 'bicubic': 4, 'trilinear': 5}
if d not in (1, 2, 3) or mode not in needed and not mode.startswith('nearest') or mode == 'bicubic' and d != 2:
    raise NotImplementedError(f'Input Error: Only 3D, 4D and 5D input Tensors supported (got {input.ndim}D) for the modes: nearest | linear | bilinear | bicubic | trilinear | area | nearest-exact (got {mode})')
if mode in needed and needed[mode] != input.ndim:
    raise NotImplementedError(f'Got {input.ndim}D input, but {mode} mode needs {needed[mode]}D input')
if min(sizes + out) <= 0:
    shown = lambda v: '(' + ', '.join([f'{a}: {n}' for a, n in zip('DHW'[-d:], v)]) + ')'
    raise RuntimeError(f\"Input and output sizes should be greater than 0, but got input {shown(sizes)}{' and' if d == 1 else ''} output {shown(out)}\")
if 0 in input.shape[1:]:
    raise RuntimeError(f'Non-empty {input.ndim}D data tensor expected but got a tensor with sizes {[*input.shape]}')
if not (input.is_floating_point() or input.dtype == torch.uint8):
    kind = {'nearest-exact': 'nearest', 'bilinear': 'linear', 'trilinear': 'linear', 'bicubic': 'cubic'}.get(mode, mode)
    last = d == 2 and kind != 'cubic' and sum(out) <= 128
    name = f\"upsample_{'bilinear' if kind == 'linear' else kind}2d_channels_last\" if last else f'compute_indices_weights_{kind}'
    raise NotImplementedError(f'\"{name}\" not implemented for ' + repr(_aten(input)))
return _resample(input, out, mode, bool(align_corners), scales, antialias)";
    /// interpolate by its old name.
    /// >>> torch.nn.functional.upsample(torch.tensor([[[1., 2.]]]), scale_factor=2)
    /// tensor([[[1., 1., 2., 2.]]])
    "nn.functional.upsample" [fn] "(Tensor input, Any size=None, Any scale_factor=None, str mode=\"nearest\", bool? align_corners=None) -> Tensor" => tensh "nn.functional.interpolate(input, size, scale_factor, mode, align_corners)";
    /// interpolate to the nearest elements.
    /// >>> torch.nn.functional.upsample_nearest(torch.tensor([[[1., 2.]]]), scale_factor=2)
    /// tensor([[[1., 1., 2., 2.]]])
    "nn.functional.upsample_nearest" [fn] "(Tensor input, Any size=None, Any scale_factor=None) -> Tensor" => tensh "nn.functional.interpolate(input, size, scale_factor, 'nearest')";
    /// interpolate along both dimensions of an image, the corners on one another.
    /// >>> torch.nn.functional.upsample_bilinear(torch.tensor([[[[1., 2.]]]]), (1, 3))
    /// tensor([[[[1.0000, 1.5000, 2.0000]]]])
    "nn.functional.upsample_bilinear" [fn] "(Tensor input, Any size=None, Any scale_factor=None) -> Tensor" => tensh "nn.functional.interpolate(input, size, scale_factor, 'bilinear', True)";
    /// The norm of each window, which is no mean.
    "_lp_pool" [fn] "(Tensor input, Scalar p, int[] kernel, int[]? stride, bool ceil_mode, int d) -> Tensor" => tensh "
mean = (nn.functional.avg_pool1d, nn.functional.avg_pool2d, nn.functional.avg_pool3d)[d - 1]
out = mean(input.pow(p), kernel, () if stride is None else stride, 0, ceil_mode)
count = 1
for i in range(d):
    count *= kernel[i if len(kernel) > 1 else 0]
return (torch.sign(out) * nn.functional.relu(torch.abs(out))).mul(count).pow(1. / p)";
    /// The p-norm of each window of a signal.
    /// >>> torch.nn.functional.lp_pool1d(torch.tensor([[3., 4., 6., 8.]]), 2, 2)
    /// tensor([[ 5., 10.]])
    "nn.functional.lp_pool1d" [fn] "(Tensor input, Scalar norm_type, int[1] kernel_size, int[1]? stride=None, bool ceil_mode=False) -> Tensor" => tensh "_lp_pool(input, norm_type, kernel_size, stride, ceil_mode, 1)";
    /// The p-norm of each window of an image.
    /// >>> torch.nn.functional.lp_pool2d(torch.tensor([[[3., 4.], [0., 12.]]]), 2, 2)
    /// tensor([[[13.]]])
    "nn.functional.lp_pool2d" [fn] "(Tensor input, Scalar norm_type, int[2] kernel_size, int[2]? stride=None, bool ceil_mode=False) -> Tensor" => tensh "_lp_pool(input, norm_type, kernel_size, stride, ceil_mode, 2)";
    /// The p-norm of each window of a volume.
    /// >>> torch.nn.functional.lp_pool3d(torch.ones(1, 2, 2, 2), 1, 2)
    /// tensor([[[[8.]]]])
    "nn.functional.lp_pool3d" [fn] "(Tensor input, Scalar norm_type, int[3] kernel_size, int[3]? stride=None, bool ceil_mode=False) -> Tensor" => tensh "_lp_pool(input, norm_type, kernel_size, stride, ceil_mode, 3)";
    /// Elements put where a pooling found them, zeros beside them.
    "_unpool" [fn] "(Tensor input, Tensor indices, int[] size) -> Tensor" => tensh "
d = len(size)
if indices.dtype != torch.int64:
    raise RuntimeError(f\"elements in indices should be type int64 but got: {'Int' if indices.dtype == torch.int32 else _aten(indices)}\")
if input.shape != indices.shape:
    raise RuntimeError(f'Expected shape of indices to be same as that of the input tensor ({[*input.shape]}) but got indices tensor with shape: {[*indices.shape]}')
count = 1
for n in size:
    count *= n
flat = [*input.shape[:input.ndim - d], -1]
places, lead = indices.reshape(flat) if indices.numel() else indices.new_zeros([*flat[:-1], 0]), flat[:-1]
wrong = places[(places < 0) | (places >= count)]
if wrong.numel():
    raise RuntimeError(f\"Found an invalid max index: {wrong[-1].item()} (output volumes are of size {'x'.join([str(n) for n in size])}\" + (')' if d == 2 else ''))
return input.new_zeros([*lead, count]).scatter(-1, places, input.reshape(places.shape)).reshape([*lead, *size])";
    grad "
node MaxUnpool3DBackward0 if len(size) == 3 else MaxUnpool2DBackward0
input: grad.reshape([*grad.shape[:grad.ndim - len(size)], -1]).gather(-1, indices.reshape([*indices.shape[:indices.ndim - len(size)], -1])).reshape(indices.shape)";
    /// What max_pool1d of a signal came from, zeros where nothing is known.
    /// >>> torch.nn.functional.max_unpool1d(torch.tensor([[3., 5.]]), torch.tensor([[1, 3]]), 2)
    /// tensor([[0., 3., 0., 5.]])
    "nn.functional.max_unpool1d" [fn] "(Tensor input, Tensor indices, int[1] kernel_size, int[1]? stride=None, int[1] padding=0, Any output_size=None) -> Tensor" => tensh "
size = _unpooled_size(input, kernel_size, stride, padding, output_size, 1)
return _unpool(input.unsqueeze(-1), indices.unsqueeze(-1), [size[0], 1]).squeeze(-1)";
    /// What max_pool2d of an image came from, zeros where nothing is known.
    /// >>> torch.nn.functional.max_unpool2d(torch.tensor([[[4.]]]), torch.tensor([[[3]]]), 2)
    /// tensor([[[0., 0.],
    ///          [0., 4.]]])
    "nn.functional.max_unpool2d" [fn] "(Tensor input, Tensor indices, int[2] kernel_size, int[2]? stride=None, int[2] padding=0, Any output_size=None) -> Tensor" => tensh "_unpool(input, indices, _unpooled_size(input, kernel_size, stride, padding, output_size, 2))";
    /// What max_pool3d of a volume came from, zeros where nothing is known.
    /// >>> torch.nn.functional.max_unpool3d(torch.ones(1, 1, 1, 1), torch.tensor([[[[1]]]]), (1, 1, 2))
    /// tensor([[[[0., 1.]]]])
    "nn.functional.max_unpool3d" [fn] "(Tensor input, Tensor indices, int[3] kernel_size, int[3]? stride=None, int[3] padding=0, Any output_size=None) -> Tensor" => tensh "_unpool(input, indices, _unpooled_size(input, kernel_size, stride, padding, output_size, 3))";
    /// The elements of an image at places that a grid gives, of arguments that fit.
    "_grid_sample" [fn] "(Tensor input, Tensor grid, int mode, int padding, bool align) -> Tensor" => tensh "_grid_sampled(input, grid, mode, padding, align)";
    grad "
node GridSampler3DBackward0 if input.ndim == 5 else GridSampler2DBackward0
input: _grid_back(grad, input, grid, mode, padding, align, 0)
grid: _grid_back(grad, input, grid, mode, padding, align, 1)";
    /// The elements of an image or a volume at places that a grid gives, modes by number.
    /// >>> torch.grid_sampler(torch.tensor([[[[1., 2.]]]]), torch.zeros(1, 1, 1, 2), 0, 0, False)
    /// tensor([[[[1.5000]]]])
    "grid_sampler" [fn] "(Tensor input, Tensor grid, int interpolation_mode, int padding_mode, bool align_corners) -> Tensor" => tensh "
sizes, shape = [*input.shape], [*grid.shape]
if sizes[0] != shape[0]:
    raise RuntimeError(f'grid_sampler(): expected grid and input to have same batch size, but got input with sizes {sizes} and grid with sizes {shape}')
if shape[-1] != input.ndim - 2:
    raise RuntimeError(f'grid_sampler(): expected grid to have size {input.ndim - 2} in last dimension, but got grid with sizes {shape}')
for i in range(2, input.ndim):
    if sizes[i] == 0:
        raise RuntimeError(f'grid_sampler(): expected input to have non-empty spatial dimensions, but input has sizes {sizes} with dimension {i} being empty')
if input.ndim not in (4, 5) or input.ndim != grid.ndim:
    raise RuntimeError(f'grid_sampler(): expected {input.ndim if input.ndim in (4, 5) else \"4D or 5\"}D input and grid with same number of dimensions, but got input with sizes {sizes} and grid with sizes {shape}')
if input.ndim == 5 and interpolation_mode == 2:
    raise RuntimeError('grid_sampler(): bicubic interpolation only supports 4D input')
if input.dtype not in (torch.float32, torch.float64):
    name = 'grid_sampler_2d_cpu_kernel_impl' if input.ndim == 4 else 'grid_sampler3d_cpu'
    raise NotImplementedError(f'\"{name}\" not implemented for ' + repr(_aten(input)))
if input.dtype != grid.dtype:
    raise RuntimeError(f'expected scalar type {_aten(input)} but found {_aten(grid)}')
return _grid_sample(input, grid, interpolation_mode, padding_mode, align_corners)";
    /// The elements of an image or a volume at places that a grid gives, from -1 to 1 in each dimension, the last one first.
    /// >>> torch.nn.functional.grid_sample(torch.tensor([[[[1., 2.]]]]), torch.zeros(1, 1, 1, 2), align_corners=False)
    /// tensor([[[[1.5000]]]])
    "nn.functional.grid_sample" [fn] "(Tensor input, Tensor grid, str mode=\"bilinear\", str padding_mode=\"zeros\", bool? align_corners=None) -> Tensor" => tensh "
modes, paddings = ['bilinear', 'nearest', 'bicubic'], ['zeros', 'border', 'reflection']
if mode not in modes:
    raise ValueError(f\"nn.functional.grid_sample(): expected mode to be 'bilinear', 'nearest' or 'bicubic', but got: '{mode}'\")
if padding_mode not in paddings:
    raise ValueError(f\"nn.functional.grid_sample(): expected padding_mode to be 'zeros', 'border', or 'reflection', but got: '{padding_mode}'\")
return grid_sampler(input, grid, modes.index(mode), paddings.index(padding_mode), bool(align_corners))";
    /// The grid of places that affine maps of the plane or of space lead to, one a matrix.
    /// >>> torch.affine_grid_generator(torch.eye(2, 3).unsqueeze(0), (1, 1, 1, 2), True)
    /// tensor([[[[-1.,  0.],
    ///           [ 1.,  0.]]]])
    "affine_grid_generator" [fn] "(Tensor theta, int[] size, bool align_corners) -> Tensor" => tensh "_base_grid(theta, size, align_corners).bmm(theta.transpose(1, 2)).reshape([size[0], *size[2:], len(size) - 2])";
    grad "
node AffineGridGeneratorBackward0
theta: _base_grid(theta, size, align_corners).transpose(1, 2).bmm(grad.reshape(size[0], -1, len(size) - 2)).transpose(1, 2)";
    /// The grid of places that affine maps lead to, for grid_sample.
    /// >>> torch.nn.functional.affine_grid(torch.eye(2, 3).unsqueeze(0), (1, 1, 1, 2), align_corners=True)
    /// tensor([[[[-1.,  0.],
    ///           [ 1.,  0.]]]])
    "nn.functional.affine_grid" [fn] "(Tensor theta, Any size, bool? align_corners=None) -> Tensor" => tensh "
if not theta.is_floating_point():
    raise ValueError(f'Expected theta to have floating point type, but got {theta.dtype}')
if len(size) not in (4, 5):
    raise NotImplementedError(f'affine_grid only supports 4D and 5D sizes, for 2D and 3D affine transforms, respectively. Got size {size}.')
d = len(size) - 2
if theta.ndim != 3 or [*theta.shape[1:]] != [d, d + 1]:
    raise ValueError(f'Expected a batch of {d}D affine matrices of shape Nx{d}x{d + 1} for size {size}. Got {theta.shape}.')
if min(size) <= 0:
    raise ValueError(f'Expected non-zero, positive output size. Got {size}')
return affine_grid_generator(theta, size, bool(align_corners))";
    /// The largest element of windows whose distances a random number a plane and dimension shifts, and its place.
    "_fractional_max_pool" [fn] "(Tensor input, int[] kernel, int[] size, Tensor samples) -> (Tensor, Tensor)" => tensh "
d, sizes = len(kernel), [*input.shape[-len(kernel):]]
x = input if input.ndim == d + 2 else input.unsqueeze(0)
name, words = f'fractional_max_pool{d}d', (['height', 'width'] if d == 2 else ['time', 'height', 'width'])
for i in range(d):
    if kernel[i] <= 0 or size[i] + kernel[i] - 1 > sizes[i] - (d == 3):
        raise RuntimeError(f\"{name}{'()' if d == 2 else '_out()'}: pool {words[i]} {kernel[i]} too large relative to input {words[i]} {sizes[i]}\")
if samples.ndim != 3 or samples.size(0) != x.size(0) and samples.size(0) < x.size(0):
    raise RuntimeError('Expect _random_samples.size(0) no less then input batch size.')
if samples.size(1) != x.size(1):
    raise RuntimeError('Expect _random_samples.size(1) equals to input channel size.')
if samples.size(2) != d:
    raise RuntimeError(f'Expect _random_samples.size(2) equals to {d}; got {samples.size(2)}.')
at, lead = 0, [*x.shape[:2]]
for i in range(d):
    n, m, k = sizes[i], size[i], kernel[i]
    u = samples[..., (d - 1 - i) if d == 2 else i].unsqueeze(-1)
    steps = torch.arange(m, device=x.device)
    if m > 1:
        apart = torch.tensor(float(n - k), dtype=u.dtype, device=u.device) / (m - 1)
        starts = ((steps + u) * apart).long() - (u * apart).long()
        starts = where(steps == m - 1, n - k, starts)
    else:
        starts = (steps + (n - k)).expand([*lead, 1])
    places = starts.unsqueeze(-1) + torch.arange(k, device=x.device)
    shape = [1] * (2 * d)
    shape[i], shape[d + i] = m, k
    at = at * n + places.reshape(lead + shape)
count = 1
for k in kernel:
    count *= k
at = at.reshape([*lead, -1, count])
found = x.flatten(2).unsqueeze(2).expand(-1, -1, at.size(2), -1).gather(3, at)
best, which = found.max(-1)
shape = [*input.shape[:input.ndim - d], *size]
return best.reshape(shape), at.gather(-1, which.unsqueeze(-1)).reshape(shape)";
    grad "
node FractionalMaxPool3DBackward0 if len(kernel) == 3 else FractionalMaxPool2DBackward0
input: zeros_like(input).flatten(input.ndim - len(kernel)).scatter_add(-1, results[1].flatten(input.ndim - len(kernel)), grad.flatten(input.ndim - len(kernel))).reshape(input.shape)";
    /// Fractional max pooling over the last dimensions, its sizes given or as parts of the input's.
    "_fractional" [fn] "(Tensor input, int[] kernel, Any size, Any ratio, bool places, Tensor? samples, int d) -> Tensor" => tensh "
full = lambda v: [v] * d if isinstance(v, (int, float)) else list(v)
if size is None and ratio is None:
    raise ValueError(f'fractional_max_pool{d}d requires specifying either an output_size or an output_ratio')
if size is None:
    if d == 2 and len(ratio) > 2:
        raise ValueError('fractional_max_pool2d requires output_ratio to either be a single Int or tuple of Ints.')
    size = [int(n * r) for n, r in zip(input.shape[-d:], full(ratio))]
if samples is None:
    samples = torch.rand(1 if input.ndim == d + 1 else input.size(0), input.size(-d - 1), d, dtype=input.dtype, device=input.device)
found = _fractional_max_pool(input, full(kernel) if len(kernel) > 1 else list(kernel) * d, full(size), samples)
return tuple(found) if places else found[0]";
    /// The largest element of windows of an image, set at distances that chance decides.
    /// >>> torch.nn.functional.fractional_max_pool2d(torch.arange(9.).reshape(1, 3, 3), 2, output_size=1)
    /// tensor([[[8.]]])
    "nn.functional.fractional_max_pool2d" [fn] "(Tensor input, int[2] kernel_size, Any output_size=None, Any output_ratio=None, bool return_indices=False, Tensor? _random_samples=None) -> Tensor" => tensh "_fractional(input, kernel_size, output_size, output_ratio, return_indices, _random_samples, 2)";
    /// As fractional_max_pool2d, with the place of each in its plane.
    /// >>> torch.nn.functional.fractional_max_pool2d_with_indices(torch.arange(9.).reshape(1, 3, 3), 2, output_size=1)
    /// (tensor([[[8.]]]), tensor([[[8]]]))
    "nn.functional.fractional_max_pool2d_with_indices" [fn] "(Tensor input, int[2] kernel_size, Any output_size=None, Any output_ratio=None, bool return_indices=False, Tensor? _random_samples=None) -> (Tensor, Tensor)" => tensh "_fractional(input, kernel_size, output_size, output_ratio, True, _random_samples, 2)";
    /// The largest element of windows of a volume, set at distances that chance decides.
    /// >>> torch.nn.functional.fractional_max_pool3d(torch.arange(27.).reshape(1, 3, 3, 3), 2, output_size=1)
    /// tensor([[[[26.]]]])
    "nn.functional.fractional_max_pool3d" [fn] "(Tensor input, int[3] kernel_size, Any output_size=None, Any output_ratio=None, bool return_indices=False, Tensor? _random_samples=None) -> Tensor" => tensh "_fractional(input, kernel_size, output_size, output_ratio, return_indices, _random_samples, 3)";
    /// As fractional_max_pool3d, with the place of each in its volume.
    /// >>> torch.nn.functional.fractional_max_pool3d_with_indices(torch.arange(27.).reshape(1, 3, 3, 3), 2, output_size=1)
    /// (tensor([[[[26.]]]]), tensor([[[[26]]]]))
    "nn.functional.fractional_max_pool3d_with_indices" [fn] "(Tensor input, int[3] kernel_size, Any output_size=None, Any output_ratio=None, bool return_indices=False, Tensor? _random_samples=None) -> (Tensor, Tensor)" => tensh "_fractional(input, kernel_size, output_size, output_ratio, True, _random_samples, 3)";
    /// As max_pool3d, with the place of each in its volume.
    /// >>> torch.nn.functional.max_pool3d_with_indices(torch.arange(8.).reshape(1, 2, 2, 2), 2)
    /// (tensor([[[[7.]]]]), tensor([[[[7]]]]))
    "nn.functional.max_pool3d_with_indices" [fn] "(Tensor input, int[3] kernel_size, int[3]? stride=None, int[3] padding=0, int[3] dilation=1, bool ceil_mode=False, bool return_indices=False) -> (Tensor, Tensor)" => tensh "nn.functional.max_pool3d(input, kernel_size, stride, padding, dilation, ceil_mode, True)";
    /// As adaptive_max_pool1d, with the place of each.
    /// >>> torch.nn.functional.adaptive_max_pool1d_with_indices(torch.tensor([[1., 3., 2., 6.]]), 2)
    /// (tensor([[3., 6.]]), tensor([[1, 3]]))
    "nn.functional.adaptive_max_pool1d_with_indices" [fn] "(Tensor input, int[1] output_size, bool return_indices=False) -> (Tensor, Tensor)" => tensh "torch.adaptive_max_pool1d(input, output_size)";
    /// As adaptive_max_pool2d, with the place of each in its plane.
    /// >>> torch.nn.functional.adaptive_max_pool2d_with_indices(torch.arange(4.).reshape(1, 2, 2), 1)
    /// (tensor([[[3.]]]), tensor([[[3]]]))
    "nn.functional.adaptive_max_pool2d_with_indices" [fn] "(Tensor input, Any output_size, bool return_indices=False) -> (Tensor, Tensor)" => tensh "nn.functional.adaptive_max_pool2d(input, output_size, True)";
    /// As adaptive_max_pool3d, with the place of each in its volume.
    /// >>> torch.nn.functional.adaptive_max_pool3d_with_indices(torch.arange(8.).reshape(1, 2, 2, 2), 1)
    /// (tensor([[[[7.]]]]), tensor([[[[7]]]]))
    "nn.functional.adaptive_max_pool3d_with_indices" [fn] "(Tensor input, Any output_size, bool return_indices=False) -> (Tensor, Tensor)" => tensh "nn.functional.adaptive_max_pool3d(input, output_size, True)";
}
