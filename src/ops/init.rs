//! `torch.nn.init`: the numbers that parameters start from, written in place.

use crate::rows;

rows! {
    /// The factor by which an activation function asks for larger numbers.
    /// >>> torch.nn.init.calculate_gain('leaky_relu', 0.2)
    /// 1.3867504905630728
    "nn.init.calculate_gain" [fn] "(str nonlinearity, Any? param=None) -> float" => tensh "
import math
gains = {'tanh': 5.0 / 3, 'relu': math.sqrt(2.0), 'selu': 3.0 / 4}
if nonlinearity in ('linear', 'sigmoid') or nonlinearity in [f'conv{t}{d}d' for t in ('', '_transpose') for d in (1, 2, 3)]:
    return 1
if nonlinearity in gains:
    return gains[nonlinearity]
if nonlinearity != 'leaky_relu':
    raise ValueError(f'Unsupported nonlinearity {nonlinearity}')
slope = 0.01 if param is None else param
if isinstance(slope, bool) or not isinstance(slope, (int, float)):
    raise ValueError(f'negative_slope {param} not a valid number')
return math.sqrt(2.0 / (1 + slope ** 2))";
    grad "nondiff";
    /// Fills with uniform numbers in [a, b).
    /// >>> _ = torch.manual_seed(0)
    /// >>> torch.nn.init.uniform_(torch.empty(2))
    /// tensor([0.4963, 0.7682])
    "nn.init.uniform_" [fn] "(Tensor tensor, float a=0.0, float b=1.0, Generator? generator=None) -> Tensor" => tensh "tensor.uniform_(a, b, generator=generator)";
    grad "nondiff";
    /// Fills with normal numbers.
    /// >>> _ = torch.manual_seed(0)
    /// >>> torch.nn.init.normal_(torch.empty(2))
    /// tensor([ 1.5410, -0.2934])
    "nn.init.normal_" [fn] "(Tensor tensor, float mean=0.0, float std=1.0, Generator? generator=None) -> Tensor" => tensh "tensor.normal_(mean, std, generator=generator)";
    grad "nondiff";
    /// Fills with normal numbers that lie between a and b.
    /// >>> _ = torch.manual_seed(0)
    /// >>> torch.nn.init.trunc_normal_(torch.empty(2))
    /// tensor([-0.0089,  0.6876])
    "nn.init.trunc_normal_" [fn] "(Tensor tensor, float mean=0.0, float std=1.0, float a=-2.0, float b=2.0, Generator? generator=None) -> Tensor" => tensh "
import math
area = lambda x: (1.0 + math.erf((x - mean) / std / math.sqrt(2.0))) / 2.0
low, high = area(a), area(b)
tensor.uniform_(2 * low - 1, 2 * high - 1, generator=generator)
return tensor.erfinv_().mul_(std * math.sqrt(2.0)).add_(mean).clamp_(min=a, max=b)";
    grad "nondiff";
    /// Fills with one number.
    /// >>> torch.nn.init.constant_(torch.empty(2), 0.5)
    /// tensor([0.5000, 0.5000])
    "nn.init.constant_" [fn] "(Tensor tensor, Scalar val) -> Tensor" => tensh "tensor.fill_(val)";
    grad "nondiff";
    /// Fills with ones.
    /// >>> torch.nn.init.ones_(torch.empty(2))
    /// tensor([1., 1.])
    "nn.init.ones_" [fn] "(Tensor tensor) -> Tensor" => tensh "tensor.fill_(1.0)";
    grad "nondiff";
    /// Fills with zeros.
    /// >>> torch.nn.init.zeros_(torch.empty(2))
    /// tensor([0., 0.])
    "nn.init.zeros_" [fn] "(Tensor tensor) -> Tensor" => tensh "tensor.zero_()";
    grad "nondiff";
    /// Fills a matrix with ones on its diagonal and zeros elsewhere.
    /// >>> torch.nn.init.eye_(torch.empty(2, 3))
    /// tensor([[1., 0., 0.],
    ///         [0., 1., 0.]])
    "nn.init.eye_" [fn] "(Tensor tensor) -> Tensor" => tensh "
if tensor.ndim != 2:
    raise ValueError('Only tensors with 2 dimensions are supported')
return tensor.copy_(eye(*tensor.shape, dtype=tensor.dtype))";
    grad "nondiff";
    /// Fills the weight of a convolution so that it keeps its input's channels.
    /// >>> torch.nn.init.dirac_(torch.empty(2, 2, 3))
    /// tensor([[[0., 1., 0.],
    ///          [0., 0., 0.]],
    ///
    ///         [[0., 0., 0.],
    ///          [0., 1., 0.]]])
    "nn.init.dirac_" [fn] "(Tensor tensor, int groups=1) -> Tensor" => tensh "
if tensor.ndim not in (3, 4, 5):
    raise ValueError('Only tensors with 3, 4, or 5 dimensions are supported')
if tensor.shape[0] % groups != 0:
    raise ValueError('dim 0 must be divisible by groups')
tensor.zero_()
each = tensor.shape[0] // groups
centre = [n // 2 for n in tensor.shape[2:]]
for g in range(groups):
    for d in range(min(each, tensor.shape[1])):
        tensor[(g * each + d, d, *centre)] = 1
return tensor";
    grad "nondiff";
    /// Fills with uniform numbers whose variance suits the numbers of inputs and outputs (X. Glorot and Y. Bengio, 2010).
    /// >>> _ = torch.manual_seed(0)
    /// >>> torch.nn.init.xavier_uniform_(torch.empty(1, 2))
    /// tensor([[-0.0106,  0.7588]])
    "nn.init.xavier_uniform_" [fn] "(Tensor tensor, float gain=1.0, Generator? generator=None) -> Tensor" => tensh "
import math
bound = math.sqrt(3.0) * (gain * math.sqrt(2.0 / float(sum(_fans(tensor)))))
return tensor.uniform_(-bound, bound, generator=generator)";
    grad "nondiff";
    /// Fills with normal numbers whose variance suits the numbers of inputs and outputs (X. Glorot and Y. Bengio, 2010).
    /// >>> _ = torch.manual_seed(0)
    /// >>> torch.nn.init.xavier_normal_(torch.empty(1, 2))
    /// tensor([[ 1.2582, -0.2396]])
    "nn.init.xavier_normal_" [fn] "(Tensor tensor, float gain=1.0, Generator? generator=None) -> Tensor" => tensh "
import math
return tensor.normal_(0.0, gain * math.sqrt(2.0 / float(sum(_fans(tensor)))), generator=generator)";
    grad "nondiff";
    /// Fills with uniform numbers whose variance suits rectified layers (K. He et al., 2015).
    /// >>> _ = torch.manual_seed(0)
    /// >>> torch.nn.init.kaiming_uniform_(torch.empty(1, 2), nonlinearity='relu')
    /// tensor([[-0.0130,  0.9293]])
    "nn.init.kaiming_uniform_" [fn] "(Tensor tensor, float a=0, str mode='fan_in', str nonlinearity='leaky_relu', Generator? generator=None) -> Tensor" => tensh "
import math
if 0 in tensor.shape:
    return tensor
bound = math.sqrt(3.0) * _deviation(tensor, a, mode, nonlinearity)
return tensor.uniform_(-bound, bound, generator=generator)";
    grad "nondiff";
    /// Fills with normal numbers whose variance suits rectified layers (K. He et al., 2015).
    /// >>> _ = torch.manual_seed(0)
    /// >>> torch.nn.init.kaiming_normal_(torch.empty(1, 2), nonlinearity='relu')
    /// tensor([[ 1.5410, -0.2934]])
    "nn.init.kaiming_normal_" [fn] "(Tensor tensor, float a=0, str mode='fan_in', str nonlinearity='leaky_relu', Generator? generator=None) -> Tensor" => tensh "
if 0 in tensor.shape:
    return tensor
return tensor.normal_(0, _deviation(tensor, a, mode, nonlinearity), generator=generator)";
    grad "nondiff";
    /// Fills with an orthogonal matrix, the dimensions behind the first taken as one.
    /// >>> _ = torch.manual_seed(0)
    /// >>> w = torch.nn.init.orthogonal_(torch.empty(2, 2))
    /// >>> torch.allclose(w @ w.T, torch.eye(2), atol=1e-6)
    /// True
    "nn.init.orthogonal_" [fn] "(Tensor tensor, Scalar gain=1, Generator? generator=None) -> Tensor" => tensh "
if tensor.ndim < 2:
    raise ValueError('Only tensors with 2 or more dimensions are supported')
if tensor.numel() == 0:
    return tensor
rows = tensor.shape[0]
cols = tensor.numel() // rows
flat = tensor.new_empty((rows, cols)).normal_(0, 1, generator=generator)
q, r = linalg.qr(flat.t() if rows < cols else flat)
q = q * diag(r, 0).sign()
return tensor.copy_((q.t() if rows < cols else q).reshape(tensor.shape)).mul_(gain)";
    grad "nondiff";
    /// Fills a matrix with normal numbers, a fraction of each column being zero.
    /// >>> _ = torch.manual_seed(0)
    /// >>> torch.nn.init.sparse_(torch.empty(2, 2), sparsity=0.5)
    /// tensor([[ 0.0000, -0.0029],
    ///         [-0.0218,  0.0000]])
    "nn.init.sparse_" [fn] "(Tensor tensor, float sparsity, float std=0.01, Generator? generator=None) -> Tensor" => tensh "
import math
if tensor.ndim != 2:
    raise ValueError('Only tensors with 2 dimensions are supported')
rows, cols = tensor.shape
zeros = math.ceil(sparsity * rows)
tensor.normal_(0, std, generator=generator)
for column in range(cols):
    tensor[randperm(rows)[:zeros], column] = 0
return tensor";
    grad "nondiff";
    /// How many inputs and outputs a weight has.
    "_fans" [fn] "(Tensor tensor) -> int[]" => tensh "
if tensor.ndim < 2:
    raise ValueError('Fan in and fan out can not be computed for tensor with fewer than 2 dimensions')
field = Size(tensor.shape[2:]).numel()
return (tensor.shape[1] * field, tensor.shape[0] * field)";
    grad "nondiff";
    /// The standard deviation of the numbers that the `kaiming` functions draw.
    "_deviation" [fn] "(Tensor tensor, float a, str mode, str nonlinearity) -> float" => tensh "
import math
mode = mode.lower()
modes = ['fan_in', 'fan_out']
if mode not in modes:
    raise ValueError(f'Mode {mode} not supported, please use one of {modes}')
fan = _fans(tensor)[modes.index(mode)]
return nn.init.calculate_gain(nonlinearity, a) / math.sqrt(fan)";
    grad "nondiff";
}
