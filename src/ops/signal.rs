//! Signals: windows by name and short-time Fourier transforms.

use super::args::Out;
use crate::rows;

rows! {
    /// The dtype of a window of M points; checks what all windows check.
    "_window_dtype" [fn] "(str name, int M, ScalarType? dtype, Layout? layout) -> ScalarType" => tensh "
dtype = get_default_dtype() if dtype is None else dtype
if M < 0:
    raise ValueError(f'{name} requires non-negative window length, got M={M}')
if layout is None:
    raise ValueError(f'{name} is implemented for strided tensors only, got: {layout}')
if dtype not in (torch.float32, torch.float64):
    raise ValueError(f'{name} expects float32 or float64 dtypes, got: {dtype}')
return dtype";
    grad "nondiff";
    /// A window that falls off by the exponential of the distance from its centre.
    /// >>> torch.signal.windows.exponential(5)
    /// tensor([0.1353, 0.3679, 1.0000, 0.3679, 0.1353])
    "signal.windows.exponential" [fn] "(int M, *, float? center=None, float tau=1.0, bool sym=True, ScalarType? dtype=None, Layout? layout=torch.strided, Device? device=None, bool requires_grad=False) -> Tensor" => tensh "
dtype = torch._window_dtype('exponential', M, dtype, layout)
if tau <= 0:
    raise ValueError(f'Tau must be positive, got: {tau} instead.')
if sym and center is not None:
    raise ValueError('Center must be None for symmetric windows')
center = (M if not sym and M > 1 else M - 1) / 2. if center is None else center
k = linspace(-center / tau, (-center + (M - 1)) / tau, M, dtype=dtype)
return exp(-abs(k))";
    grad "nondiff";
    /// Half a wave of the sine.
    /// >>> torch.signal.windows.cosine(4)
    /// tensor([0.3827, 0.9239, 0.9239, 0.3827])
    "signal.windows.cosine" [fn] "(int M, *, bool sym=True, ScalarType? dtype=None, Layout? layout=torch.strided, Device? device=None, bool requires_grad=False) -> Tensor" => tensh "
dtype = torch._window_dtype('cosine', M, dtype, layout)
by = torch.pi / (M + 1 if not sym and M > 1 else max(M, 1))
return sin(linspace(0.5 * by, (0.5 + (M - 1)) * by, M, dtype=dtype))";
    grad "nondiff";
    /// The bell curve of a standard deviation.
    /// >>> torch.signal.windows.gaussian(5)
    /// tensor([0.1353, 0.6065, 1.0000, 0.6065, 0.1353])
    "signal.windows.gaussian" [fn] "(int M, *, float std=1.0, bool sym=True, ScalarType? dtype=None, Layout? layout=torch.strided, Device? device=None, bool requires_grad=False) -> Tensor" => tensh "
dtype = torch._window_dtype('gaussian', M, dtype, layout)
if std <= 0:
    raise ValueError(f'Standard deviation must be positive, got: {std} instead.')
start, by = -(M if not sym and M > 1 else M - 1) / 2., 1 / (std * 2 ** 0.5)
return exp(-linspace(start * by, (start + (M - 1)) * by, M, dtype=dtype) ** 2)";
    grad "nondiff";
    /// Kaiser's window of a shape beta.
    /// >>> torch.signal.windows.kaiser(4)
    /// tensor([5.2773e-05, 5.0086e-01, 5.0086e-01, 5.2773e-05])
    "signal.windows.kaiser" [fn] "(int M, *, float beta=12.0, bool sym=True, ScalarType? dtype=None, Layout? layout=torch.strided, Device? device=None, bool requires_grad=False) -> Tensor" => tensh "
dtype = torch._window_dtype('kaiser', M, dtype, layout)
if beta < 0:
    raise ValueError(f'beta must be non-negative, got: {beta} instead.')
by = 2. * beta / max(M if not sym else M - 1, 1)
k = linspace(-beta, min(beta, -beta + (M - 1) * by), M, dtype=dtype)
beta = tensor(beta, dtype=dtype)
return ones(M, dtype=dtype) if M == 1 else i0(sqrt(beta * beta - k ** 2)) / i0(beta)";
    grad "nondiff";
    /// A triangle.
    /// >>> torch.signal.windows.bartlett(5)
    /// tensor([0.0000, 0.5000, 1.0000, 0.5000, 0.0000])
    "signal.windows.bartlett" [fn] "(int M, *, bool sym=True, ScalarType? dtype=None, Layout? layout=torch.strided, Device? device=None, bool requires_grad=False) -> Tensor" => tensh "
dtype = torch._window_dtype('bartlett', M, dtype, layout)
by = 2 / max(M if not sym else M - 1, 1)
k = linspace(-1, -1 + (M - 1) * by, M, dtype=dtype)
return ones(M, dtype=dtype) if M == 1 else 1 - abs(k)";
    grad "nondiff";
    /// A sum of cosines of rising frequency, with weights a of changing sign.
    /// >>> torch.signal.windows.general_cosine(4, a=[0.46, 0.23, 0.31])
    /// tensor([0.5400, 0.3376, 0.3376, 0.5400])
    "signal.windows.general_cosine" [fn] "(int M, *, float[] a, bool sym=True, ScalarType? dtype=None, Layout? layout=torch.strided, Device? device=None, bool requires_grad=False) -> Tensor" => tensh "
dtype = torch._window_dtype('general_cosine', M, dtype, layout)
by = 2 * torch.pi / max(M if not sym else M - 1, 1)
k = linspace(0, (M - 1) * by, M, dtype=dtype)
if M <= 1:
    return ones(M, dtype=dtype)
if len(a) == 0:
    raise ValueError('Coefficients cannot be empty')
weights = tensor([(-1) ** i * w for i, w in enumerate(a)], dtype=dtype)
return (weights.unsqueeze(-1) * cos(arange(len(a), dtype=dtype).unsqueeze(-1) * k)).sum(0)";
    grad "nondiff";
    /// Hamming's window of a weight alpha.
    /// >>> torch.signal.windows.general_hamming(4, alpha=0.5)
    /// tensor([0.0000, 0.7500, 0.7500, 0.0000])
    "signal.windows.general_hamming" [fn] "(int M, *, float alpha=0.54, bool sym=True, ScalarType? dtype=None, Layout? layout=torch.strided, Device? device=None, bool requires_grad=False) -> Tensor" => tensh "torch.signal.windows.general_cosine(M, a=[alpha, 1. - alpha], sym=sym, dtype=dtype, layout=layout)";
    grad "nondiff";
    /// Hamming's window.
    /// >>> torch.signal.windows.hamming(4)
    /// tensor([0.0800, 0.7700, 0.7700, 0.0800])
    "signal.windows.hamming" [fn] "(int M, *, bool sym=True, ScalarType? dtype=None, Layout? layout=torch.strided, Device? device=None, bool requires_grad=False) -> Tensor" => tensh "torch.signal.windows.general_hamming(M, sym=sym, dtype=dtype, layout=layout)";
    grad "nondiff";
    /// Hann's window.
    /// >>> torch.signal.windows.hann(4)
    /// tensor([0.0000, 0.7500, 0.7500, 0.0000])
    "signal.windows.hann" [fn] "(int M, *, bool sym=True, ScalarType? dtype=None, Layout? layout=torch.strided, Device? device=None, bool requires_grad=False) -> Tensor" => tensh "torch.signal.windows.general_hamming(M, alpha=0.5, sym=sym, dtype=dtype, layout=layout)";
    grad "nondiff";
    /// Blackman's window.
    /// >>> torch.signal.windows.blackman(4)
    /// tensor([-1.4901e-08,  6.3000e-01,  6.3000e-01, -1.4901e-08])
    "signal.windows.blackman" [fn] "(int M, *, bool sym=True, ScalarType? dtype=None, Layout? layout=torch.strided, Device? device=None, bool requires_grad=False) -> Tensor" => tensh "
dtype = torch._window_dtype('blackman', M, dtype, layout)
return torch.signal.windows.general_cosine(M, a=[0.42, 0.5, 0.08], sym=sym, dtype=dtype, layout=layout)";
    grad "nondiff";
    /// Nuttall's window.
    /// >>> torch.signal.windows.nuttall(4)
    /// tensor([3.6281e-04, 5.2920e-01, 5.2920e-01, 3.6281e-04])
    "signal.windows.nuttall" [fn] "(int M, *, bool sym=True, ScalarType? dtype=None, Layout? layout=torch.strided, Device? device=None, bool requires_grad=False) -> Tensor" => tensh "torch.signal.windows.general_cosine(M, a=[0.3635819, 0.4891775, 0.1365995, 0.0106411], sym=sym, dtype=dtype, layout=layout)";
    grad "nondiff";
    /// The type of a tensor in ATen's messages.
    "_type_string" [fn] "(Tensor self) -> str" => kernel |a| Ok(Out::Str(a.view(0)?.dtype().type_string()));
    /// Fourier transforms of the windowed frames of a signal: a row for each frequency, a column for each frame.
    /// >>> torch.stft(torch.arange(6.), 4, window=torch.ones(4), return_complex=True).shape
    /// torch.Size([3, 7])
    "stft" [fn method] "(Tensor self, int n_fft, int? hop_length=None, int? win_length=None, Tensor? window=None, bool center=True, str pad_mode='reflect', bool normalized=False, bool? onesided=None, bool? return_complex=None, bool? align_to_window=None) -> Tensor" => tensh "
if center and align_to_window is not None:
    raise RuntimeError('stft align_to_window should only be set when center = false')
x = input
if center:
    x = x.view([1] * (3 - x.ndim) + list(x.shape))
    x = torch.nn.functional.pad(x, [n_fft // 2, n_fft // 2], pad_mode)
    x = x.view(x.shape[-input.ndim:])
hop = n_fft // 4 if hop_length is None else hop_length
length = n_fft if win_length is None else win_length
is_complex = x.is_complex() or window is not None and window.is_complex()
def refuse(why):
    flag = lambda value: 'None' if value is None else int(value)
    shown = 'None' if window is None else torch._type_string(window) + '{' + str(list(window.shape)) + '}'
    raise RuntimeError(f'stft({torch._type_string(x)}{list(x.shape)}, n_fft={n_fft}, hop_length={hop}, win_length={length}, window={shown}, normalized={int(normalized)}, onesided={flag(onesided)}, return_complex={flag(return_complex)}, align_to_window={flag(align_to_window)}) : {why}')
if return_complex is None and not is_complex:
    raise RuntimeError('stft requires the return_complex parameter be given for real inputs, and will further require that return_complex=True in a future PyTorch release.')
if not x.is_floating_point() and not x.is_complex():
    refuse('expected a tensor of floating point or complex values')
if x.ndim not in (1, 2):
    refuse('expected a 1D or 2D tensor')
if n_fft <= 0 or n_fft > x.size(-1):
    refuse(f'expected 0 < n_fft < {x.size(-1)}, but got n_fft={length}')
if hop <= 0:
    refuse(f'expected hop_length > 0, but got hop_length={hop}')
if length <= 0 or length > n_fft:
    refuse(f'expected 0 < win_length <= n_fft, but got win_length={length}')
if window is not None and list(window.shape) != [length]:
    refuse(f'expected a 1D window tensor of size equal to win_length={length}, but got window with size {list(window.shape)}')
weight = window
if length < n_fft:
    left = (n_fft - length) // 2
    margins = (left, n_fft - length - left)
    weight = constant_pad_nd(ones(length, dtype=x.dtype) if window is None else window, margins)
    x = constant_pad_nd(x, margins) if align_to_window else x
frames = x.unfold(-1, n_fft, hop)
frames = frames if weight is None else frames * weight
if frames.dtype in (torch.float16, torch.bfloat16):
    raise RuntimeError(f\"MKL FFT doesn't support tensors of type: {torch._aten(frames)}\")
norm = 'ortho' if normalized else 'backward'
if onesided and is_complex:
    raise RuntimeError('Cannot have onesided output if window or input is complex')
whole = is_complex or onesided is not None and not onesided
out = (torch.fft.fft if whole else torch.fft.rfft)(frames, norm=norm).transpose(-1, -2)
return view_as_real(out) if return_complex is not None and not return_complex else out";
    grad "
node ViewAsRealBackward0 if return_complex is not None and not return_complex else SqueezeBackward4 if input.ndim == 1 else TransposeBackward1
composite";
    /// The signal whose short-time Fourier transform is nearest to the one given.
    /// >>> x = torch.arange(6.)
    /// >>> s = torch.stft(x, 4, window=torch.ones(4), return_complex=True)
    /// >>> torch.istft(s, 4, window=torch.ones(4)).shape
    /// torch.Size([6])
    "istft" [fn method] "(Tensor self, int n_fft, int? hop_length=None, int? win_length=None, Tensor? window=None, bool center=True, bool normalized=False, bool? onesided=None, int? length=None, bool return_complex=False) -> Tensor" => tensh "
hop = n_fft // 4 if hop_length is None else hop_length
wide = n_fft if win_length is None else win_length
def refuse(why):
    shown = 'None' if window is None else torch._type_string(window) + '{' + str(list(window.shape)) + '}'
    sides = 'None' if onesided is None else int(onesided)
    raise RuntimeError(f'istft({torch._type_string(input)}{list(input.shape)}, n_fft={n_fft}, hop_length={hop}, win_length={wide}, window={shown}, center={int(center)}, normalized={int(normalized)}, onesided={sides}, length={length}, return_complex={int(return_complex)}) {why}')
if not input.is_complex():
    raise RuntimeError('istft requires a complex-valued input tensor matching the output from stft with return_complex=True.')
if input.ndim == 1:
    raise IndexError('Dimension out of range (expected to be in range of [-2, 1], but got -3)')
if input.numel() == 0:
    refuse(': input tensor cannot be empty.')
if input.ndim not in (2, 3):
    refuse(f': expected a tensor with 3 or 4 dimensions, but got {input.ndim + 1}')
bins, count = input.size(-2), input.size(-1)
half = bins != n_fft if onesided is None else onesided
if half and n_fft // 2 + 1 != bins:
    refuse(f': expected the frequency dimension (3rd to the last) of the input tensor to match n_fft / 2 + 1 when onesided=True, but got {bins}')
if not half and n_fft != bins:
    refuse(f': expected the frequency dimension (3rd to the last) of the input tensor to match n_fft when onesided=False, but got {bins}')
if not 0 < hop <= wide:
    refuse(': expected 0 < hop_length <= win_length')
if not 0 < wide <= n_fft:
    refuse(': expected 0 < win_length <= n_fft')
if window is not None and list(window.shape) != [wide]:
    refuse(': Invalid window shape. window has to be 1D and length of `win_length`')
left = (n_fft - wide) // 2
weight = ones(wide, dtype=torch.real(input).dtype) if window is None else window
weight = constant_pad_nd(weight, (left, n_fft - wide - left))
x = (input if input.ndim == 3 else input.unsqueeze(0)).transpose(1, 2)
norm = 'ortho' if normalized else 'backward'
if return_complex:
    if half:
        raise RuntimeError('Cannot have onesided output if window or input is complex')
    x = torch.fft.ifft(x, norm=norm)
else:
    if weight.is_complex():
        raise RuntimeError('Complex windows are incompatible with return_complex=False')
    x = torch.fft.irfft(x[..., :n_fft // 2 + 1], n_fft, norm=norm)
total = n_fft + hop * (count - 1)
at = ((arange(count) * hop).unsqueeze(1) + arange(n_fft)).flatten()
def overlapped(parts):
    return zeros(parts.size(0), total, dtype=parts.dtype).index_add(1, at, parts.flatten(1))
y, envelope = overlapped(x * weight), overlapped(weight.pow(2).expand(1, count, n_fft))
start = n_fft // 2 if center else 0
end = start + length if length is not None else -(n_fft // 2) if center else total
y, envelope = y[:, start:end], envelope[:, start:end]
if envelope.abs().min() < 1e-11:
    refuse('window overlap add min: 1')
y = y / envelope
y = y if input.ndim == 3 else y.squeeze(0)
return constant_pad_nd(y, (0, end - total)) if end > total else y";
}
