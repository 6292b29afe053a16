//! Padding, and images as columns of patches.

use crate::rows;

rows! {
    /// The tensor between margins of a number; pad counts from the last dimension, and a negative one crops.
    /// >>> torch.constant_pad_nd(torch.tensor([1, 2]), (1, 2))
    /// tensor([0, 1, 2, 0, 0])
    "constant_pad_nd" [fn] "(Tensor self, int[] pad, Scalar value=0) -> Tensor" => tensh "
n = input.ndim
if len(pad) % 2:
    raise RuntimeError(f'Length of pad must be even but instead it equals {len(pad)}')
if len(pad) > 2 * n:
    raise RuntimeError(f'Length of pad should be no more than twice the number of dimensions of the input. Pad length is {len(pad)}while the input has {n}dimensions.')
kept, sizes = input, list(input.shape)
for i in reversed(range(len(pad) // 2)):
    dim, left, right = n - 1 - i, pad[2 * i], pad[2 * i + 1]
    if left < 0:
        kept = kept.narrow(dim, -left, kept.size(dim) + left)
    if right < 0:
        kept = kept.narrow(dim, 0, kept.size(dim) + right)
    sizes[dim] += left + right
if all([p <= 0 for p in pad]):
    return kept.clone()
out = full(sizes, value, dtype=input.dtype)
if _lies_last(input):
    out = out.contiguous(memory_format=torch.channels_last)
inner = out
for i in range(len(pad) // 2):
    dim, left, right = n - 1 - i, max(pad[2 * i], 0), max(pad[2 * i + 1], 0)
    inner = inner.narrow(dim, left, sizes[dim] - left - right)
inner.copy_(kept)
return out";
    grad "
node ConstantPadNdBackward0
input: constant_pad_nd(grad, [-p for p in pad])";
    /// The tensor between margins: constant, or reflect, replicate, circular of the last one to three dimensions.
    /// >>> F = torch.nn.functional
    /// >>> F.pad(torch.tensor([[1, 2, 3]]), (2, 1))
    /// tensor([[0, 0, 1, 2, 3, 0]])
    /// >>> F.pad(torch.tensor([[1, 2, 3]]), (2, 1), mode='reflect')
    /// tensor([[3, 2, 1, 2, 3, 2]])
    /// >>> F.pad(torch.tensor([[1, 2, 3]]), (2, 1), mode='circular')
    /// tensor([[2, 3, 1, 2, 3, 1]])
    "nn.functional.pad" [fn] "(Tensor input, int[] pad, str mode='constant', float? value=None) -> Tensor" => tensh r#"
n, d, sizes = input.ndim, len(pad) // 2, list(input.shape)
if mode not in ('constant', 'reflect', 'replicate', 'circular'):
    raise NotImplementedError(f'Unrecognised padding mode {mode}')
if len(pad) % 2:
    raise RuntimeError('Padding length must be divisible by 2')
if len(pad) > 2 * n:
    raise RuntimeError(f'Padding length should be less than or equal to two times the input dimension but got padding length {len(pad)} and input of dimension {n}')
if mode == 'constant':
    return constant_pad_nd(input, pad, 0. if value is None else value)
if value is not None:
    raise RuntimeError(f'Padding mode "{mode}" doesn\'t take in value argument')
if d not in (1, 2, 3) or n not in (d + 1, d + 2):
    raise NotImplementedError(f'Padding size {len(pad)} is not supported for {n}D input tensor.')
if mode != 'circular':
    if 0 in sizes[n - d - 1:]:
        raise RuntimeError(f'Expected {d + 1}D or {d + 2}D (batch mode) tensor with possibly 0 batch size and other non-zero dimensions for input, but got: {sizes}')
    for i in range(d):
        left, right, size = pad[2 * i], pad[2 * i + 1], sizes[n - 1 - i]
        if mode == 'reflect' and (left >= size or right >= size):
            raise RuntimeError(f'Argument #{4 + 2 * i}: Padding size should be less than the corresponding input dimension, but got: padding ({left}, {right}) at dimension {n - 1 - i} of input {sizes}')
    if d == 1 and sizes[-1] + sum(pad) < 1:
        raise RuntimeError(f'input (W: {sizes[-1]}) is too small. Calculated output W: {sizes[-1] + sum(pad)}')
    if input.dtype == torch.bool:
        raise NotImplementedError(f'"{"reflection" if mode == "reflect" else "replication"}_pad{d}d" not implemented for \'Bool\'')
out = input
for i in reversed(range(d)):
    left, right, dim = pad[2 * i], pad[2 * i + 1], n - 1 - i
    size = sizes[dim]
    if mode == 'circular':
        if left > size or right > size:
            raise RuntimeError('Padding value causes wrapping around more than once.')
        if size + left + right < 0:
            raise RuntimeError('Negative padding value is resulting in an empty dimension')
        out = out.narrow(dim, max(-left, 0), size + min(left, 0) + min(right, 0))
        at = arange(-max(left, 0), out.size(dim) + max(right, 0)) % max(out.size(dim), 1)
    else:
        at = arange(-left, size + right)
        at = size - 1 - (size - 1 - at.abs()).abs() if mode == 'reflect' else at.clamp(0, size - 1)
    out = out.index_select(dim, at)
return out"#;
    grad "
node {'constant': ConstantPadNdBackward0, 'circular': CopySlices}.get(mode) or {'reflect': 'Reflection', 'replicate': 'Replication'}[mode] + 'Pad' + str(len(pad) // 2) + 'DBackward0'
tied input None if mode in ('constant', 'circular') else {'reflect': 'Reflection', 'replicate': 'Replication'}[mode] + 'Pad' + str(len(pad) // 2) + 'DBackwardBackward0'
input:
    if mode == 'constant':
        return constant_pad_nd(grad, [-p for p in pad])
    g = grad
    for i in range(len(pad) // 2):
        left, right, dim = pad[2 * i], pad[2 * i + 1], input.ndim - 1 - i
        size = input.size(dim)
        if mode == 'circular':
            first, n = max(-left, 0), size + min(left, 0) + min(right, 0)
            at = first + arange(-max(left, 0), n + max(right, 0)) % max(n, 1)
        else:
            at = arange(-left, size + right)
            at = size - 1 - (size - 1 - at.abs()).abs() if mode == 'reflect' else at.clamp(0, size - 1)
        g = _window_spread(g, dim, arange(g.size(dim)), at, size)
    return g";
    /// The patches of an image, each as a column.
    /// >>> torch.nn.functional.unfold(torch.arange(9.).reshape(1, 1, 3, 3), 2)
    /// tensor([[[0., 1., 3., 4.],
    ///          [1., 2., 4., 5.],
    ///          [3., 4., 6., 7.],
    ///          [4., 5., 7., 8.]]])
    "nn.functional.unfold" [fn] "(Tensor input, int[2] kernel_size, int[2] dilation=1, int[2] padding=0, int[2] stride=1) -> Tensor" => tensh "
_check_patches(kernel_size, dilation, padding, stride, None)
if input.size(1) != 0:
    input.size(2)
x = input if input.ndim == 4 else input.unsqueeze(0)
if input.ndim not in (3, 4) or 0 in x.shape[1:]:
    raise RuntimeError(f'Expected 3D or 4D (batch mode) tensor with possibly 0 batch size and other non-zero dimensions for input, but got: {list(input.shape)}')
n, channels = x.shape[:2]
counts = [(x.size(2 + i) + 2 * padding[i] - dilation[i] * (kernel_size[i] - 1) - 1) // stride[i] + 1 for i in range(2)]
if min(counts) < 1:
    raise RuntimeError(f'Given input with spatial size ({x.size(2)}, {x.size(3)}), kernel_size=({kernel_size[0]}, {kernel_size[1]}), dilation=({dilation[0]}, {dilation[1]}), padding=({padding[0]}, {padding[1]}), calculated shape of the array of sliding blocks as ({counts[0]}, {counts[1]}), but its components must be at least one.')
if input.dtype in (torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64):
    raise NotImplementedError('\"im2col_out_cpu\" not implemented for ' + repr(torch._aten(input)))
x = constant_pad_nd(x, (padding[1], padding[1], padding[0], padding[0]))
for i in range(2):
    x = x.unfold(2 + i, dilation[i] * (kernel_size[i] - 1) + 1, stride[i])[..., ::dilation[i]]
out = x.permute(0, 1, 4, 5, 2, 3).reshape(n, channels * kernel_size[0] * kernel_size[1], counts[0] * counts[1])
return out if input.ndim == 4 else out.squeeze(0)";
    grad "
node Im2ColBackward0
input: nn.functional.fold(grad, input.shape[-2:], kernel_size, dilation, padding, stride)";
    /// torch's refusals of the sizes of patches, for `fold` with its output's.
    "_check_patches" [fn] "(int[2] kernel_size, int[2] dilation, int[2] padding, int[2] stride, int[]? output_size) -> bool" => tensh "
sizes = [('output size', output_size or (1, 1)), ('kernel size', kernel_size), ('dilation', dilation), ('padding', padding), ('stride', stride)]
for name, pair in sizes:
    if len(pair) != 2:
        raise RuntimeError(f'It is expected {name.replace(\" \", \"_\")} equals to 2, but got size {len(pair)}')
for i in (1, 2, 3, 4) if output_size is None else (1, 4, 2, 3):
    name, pair = sizes[i]
    short = name.split()[0]
    if name == 'padding' and min(pair) < 0:
        raise RuntimeError(f'padding should be non-negative, but got pad_height: {pair[0]} pad_width: {pair[1]}')
    if name != 'padding' and min(pair) <= 0:
        raise RuntimeError(f'{name} should be greater than zero, but got {short}_height: {pair[0]} {short}_width: {pair[1]}')
return True";
    grad "nondiff";
    /// Columns of patches added up to the image that they cover.
    /// >>> torch.nn.functional.fold(torch.ones(1, 4, 4), (3, 3), 2)
    /// tensor([[[[1., 2., 1.],
    ///           [2., 4., 2.],
    ///           [1., 2., 1.]]]])
    "nn.functional.fold" [fn] "(Tensor input, int[2] output_size, int[2] kernel_size, int[2] dilation=1, int[2] padding=0, int[2] stride=1) -> Tensor" => tensh "
_check_patches(kernel_size, dilation, padding, stride, output_size)
x = input if input.ndim == 3 else input.unsqueeze(0)
if input.ndim not in (2, 3) or 0 in x.shape[1:]:
    raise RuntimeError(f'Expected 2D or 3D (batch mode) tensor for input with possibly 0 batch size and non-zero dimensions for input, but got: {list(input.shape)}')
area = kernel_size[0] * kernel_size[1]
if x.size(1) % area:
    raise RuntimeError(f\"Expected size of input's dimension 1 to be divisible by the product of kernel_size, but got input.size(1)={x.size(1)} and kernel_size=({kernel_size[0]}, {kernel_size[1]}).\")
counts = [(output_size[i] + 2 * padding[i] - dilation[i] * (kernel_size[i] - 1) - 1) // stride[i] + 1 for i in range(2)]
if x.size(2) != counts[0] * counts[1]:
    raise RuntimeError(f\"Given output_size=({output_size[0]}, {output_size[1]}), kernel_size=({kernel_size[0]}, {kernel_size[1]}), dilation=({dilation[0]}, {dilation[1]}), padding=({padding[0]}, {padding[1]}), stride=({stride[0]}, {stride[1]}), expected size of input's dimension 2 to match the calculated number of sliding blocks {counts[0]} * {counts[1]} = {counts[0] * counts[1]}, but got input.size(2)={x.size(2)}.\")
if min(output_size) < 1:
    raise RuntimeError(f'Expected output spatial size to be positive, but got: output_size=({output_size[0]}, {output_size[1]}).')
if input.dtype in (torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64):
    raise NotImplementedError('\"col2im_out_cpu\" not implemented for ' + repr(torch._aten(input)))
n, channels = x.size(0), x.size(1) // area
x = x.reshape(n, channels, kernel_size[0], kernel_size[1], counts[0], counts[1])
out = zeros(n, channels, output_size[0] + 2 * padding[0], output_size[1] + 2 * padding[1], dtype=input.dtype)
for i in range(kernel_size[0]):
    for j in range(kernel_size[1]):
        top, left = i * dilation[0], j * dilation[1]
        rows = out[:, :, top:top + stride[0] * (counts[0] - 1) + 1:stride[0]]
        rows[..., left:left + stride[1] * (counts[1] - 1) + 1:stride[1]] += x[:, :, i, j]
out = out.narrow(2, padding[0], output_size[0]).narrow(3, padding[1], output_size[1]).contiguous()
return out if input.ndim == 3 else out.squeeze(0)";
    grad "
node Col2ImBackward0
input: nn.functional.unfold(grad, kernel_size, dilation, padding, stride)";
}
