//! Fourier transforms.

use super::args::{Args, Out};
use crate::base::error::Result;
use crate::base::promote::default_dtype;
use crate::cpu::fft::{self, Parts, Transform};
use crate::cuda::create::frequencies;
use crate::rows;
use crate::store::View;

const FFT: Transform = Transform { name: "fft", parts: Parts::Full, forward: true };
const IFFT: Transform = Transform { name: "ifft", parts: Parts::Full, forward: false };
const RFFT: Transform = Transform { name: "rfft", parts: Parts::FromReal, forward: true };
const IRFFT: Transform = Transform { name: "irfft", parts: Parts::ToReal, forward: false };
const HFFT: Transform = Transform { name: "hfft", parts: Parts::ToReal, forward: true };
const IHFFT: Transform = Transform { name: "ihfft", parts: Parts::FromReal, forward: false };

fn one(a: Args<'_>, t: Transform) -> Result<Out<View>> {
    Ok(t.one(a.view(0)?, a.opt_int(1), a.int(2)?, a.str(3))?.into())
}

fn many(a: Args<'_>, t: Transform) -> Result<Out<View>> {
    Ok(t.many(a.view(0)?, a.opt_ints(1), a.opt_ints(2), a.str(3))?.into())
}

rows! {
    /// Fourier transform along one dimension.
    /// >>> torch.fft.fft(torch.tensor([1., 2., 3., 4.]))
    /// tensor([10.+0.j, -2.+2.j, -2.+0.j, -2.-2.j])
    "fft.fft" [fn out] "(Tensor self, int? n=None, int dim=-1, str? norm=None) -> Tensor" => product |a| one(a, FFT);
    grad "
node FftC2CBackward0 if is_complex(input) else FftR2CBackward0
input: _fft_grad(grad, input, _fft_size(n), (dim,), norm, True)";
    /// Inverse Fourier transform along one dimension.
    /// >>> torch.fft.ifft(torch.tensor([10., -2., -2., -2.]))
    /// tensor([1.-0.j, 3.-0.j, 3.-0.j, 3.+0.j])
    "fft.ifft" [fn out] "(Tensor self, int? n=None, int dim=-1, str? norm=None) -> Tensor" => product |a| one(a, IFFT);
    grad "
node FftC2CBackward0 if is_complex(input) else ConjBackward0
input: _fft_grad(grad, input, _fft_size(n), (dim,), norm, False)";
    /// First half of the Fourier transform of a real signal along one dimension.
    /// >>> torch.fft.rfft(torch.tensor([1., 2., 3., 4.]))
    /// tensor([10.+0.j, -2.+2.j, -2.+0.j])
    "fft.rfft" [fn out] "(Tensor self, int? n=None, int dim=-1, str? norm=None) -> Tensor" => product |a| one(a, RFFT);
    grad "
node FftR2CBackward0
input: _rfft_grad(grad, input, _fft_size(n), (dim,), norm, True)";
    /// Inverse of rfft: a real signal along one dimension.
    /// >>> torch.fft.irfft(torch.tensor([10., -2., -2.]))
    /// tensor([1., 3., 3., 3.])
    "fft.irfft" [fn out] "(Tensor self, int? n=None, int dim=-1, str? norm=None) -> Tensor" => product |a| one(a, IRFFT);
    grad "
node FftC2RBackward0
input: _irfft_grad(grad, input, _fft_size(n), (dim,), norm)";
    /// Fourier transform of a Hermitian signal, given by its first half: real along one dimension.
    /// >>> torch.fft.hfft(torch.tensor([1., 2., 3.]))
    /// tensor([ 8., -2.,  0., -2.])
    "fft.hfft" [fn out] "(Tensor self, int? n=None, int dim=-1, str? norm=None) -> Tensor" => product |a| one(a, HFFT);
    grad "
node FftC2RBackward0
input: conj(_irfft_grad(grad, input, _fft_size(n), (dim,), _fft_back(norm)))";
    /// Inverse of hfft along one dimension.
    /// >>> torch.fft.ihfft(torch.tensor([1., 2., 3., 4.]))
    /// tensor([ 2.5000-0.0000j, -0.5000-0.5000j, -0.5000-0.0000j])
    "fft.ihfft" [fn out] "(Tensor self, int? n=None, int dim=-1, str? norm=None) -> Tensor" => product |a| one(a, IHFFT);
    grad "
node ConjBackward0
input: _rfft_grad(conj(grad), input, _fft_size(n), (dim,), _fft_back(norm), True)";
    /// Fourier transform along the last two dimensions.
    /// >>> torch.fft.fft2(torch.tensor([[1., 2.], [3., 4.]]))
    /// tensor([[10.+0.j, -2.+0.j],
    ///         [-4.+0.j,  0.+0.j]])
    "fft.fft2" [fn out] "(Tensor self, int[1]? s=None, int[1] dim=[-2,-1], str? norm=None) -> Tensor" => product |a| many(a, FFT);
    grad "
node FftC2CBackward0
input: _fft_grad(grad, input, s, dim, norm, True)";
    /// Fourier transform along all dimensions, or those given.
    /// >>> torch.fft.fftn(torch.tensor([[1., 2.], [3., 4.]]))
    /// tensor([[10.+0.j, -2.+0.j],
    ///         [-4.+0.j,  0.+0.j]])
    "fft.fftn" [fn out] "(Tensor self, int[1]? s=None, int[1]? dim=None, str? norm=None) -> Tensor" => product |a| many(a, FFT);
    grad "
node FftC2CBackward0
input: _fft_grad(grad, input, s, dim, norm, True)";
    /// Inverse Fourier transform along the last two dimensions.
    /// >>> torch.fft.ifft2(torch.tensor([[1., 2.], [3., 4.]]))
    /// tensor([[ 2.5000+0.j, -0.5000+0.j],
    ///         [-1.0000+0.j,  0.0000+0.j]])
    "fft.ifft2" [fn out] "(Tensor self, int[1]? s=None, int[1] dim=[-2,-1], str? norm=None) -> Tensor" => product |a| many(a, IFFT);
    grad "
node FftC2CBackward0
input: _fft_grad(grad, input, s, dim, norm, False)";
    /// Inverse Fourier transform along all dimensions, or those given.
    /// >>> torch.fft.ifftn(torch.tensor([[1., 2.], [3., 4.]]))
    /// tensor([[ 2.5000+0.j, -0.5000+0.j],
    ///         [-1.0000+0.j,  0.0000+0.j]])
    "fft.ifftn" [fn out] "(Tensor self, int[1]? s=None, int[1]? dim=None, str? norm=None) -> Tensor" => product |a| many(a, IFFT);
    grad "
node FftC2CBackward0
input: _fft_grad(grad, input, s, dim, norm, False)";
    /// First half of the Fourier transform of a real signal along the last two dimensions.
    /// >>> torch.fft.rfft2(torch.tensor([[1., 2.], [3., 4.]]))
    /// tensor([[10.+0.j, -2.+0.j],
    ///         [-4.+0.j,  0.+0.j]])
    "fft.rfft2" [fn out] "(Tensor self, int[1]? s=None, int[1] dim=[-2,-1], str? norm=None) -> Tensor" => product |a| many(a, RFFT);
    grad "
node FftR2CBackward0
input: _rfft_grad(grad, input, s, dim, norm, True)";
    /// First half of the Fourier transform of a real signal along all dimensions, or those given.
    /// >>> torch.fft.rfftn(torch.tensor([[1., 2.], [3., 4.]]))
    /// tensor([[10.+0.j, -2.+0.j],
    ///         [-4.+0.j,  0.+0.j]])
    "fft.rfftn" [fn out] "(Tensor self, int[1]? s=None, int[1]? dim=None, str? norm=None) -> Tensor" => product |a| many(a, RFFT);
    grad "
node FftR2CBackward0
input: _rfft_grad(grad, input, s, dim, norm, True)";
    /// Inverse of rfft: a real signal along the last two dimensions.
    /// >>> torch.fft.irfft2(torch.tensor([[1., 2.], [3., 4.]]))
    /// tensor([[ 2.5000, -0.5000],
    ///         [-1.0000,  0.0000]])
    "fft.irfft2" [fn out] "(Tensor self, int[1]? s=None, int[1] dim=[-2,-1], str? norm=None) -> Tensor" => product |a| many(a, IRFFT);
    grad "
node FftC2RBackward0
input: _irfft_grad(grad, input, s, dim, norm)";
    /// Inverse of rfft: a real signal along all dimensions, or those given.
    /// >>> torch.fft.irfftn(torch.tensor([[1., 2.], [3., 4.]]))
    /// tensor([[ 2.5000, -0.5000],
    ///         [-1.0000,  0.0000]])
    "fft.irfftn" [fn out] "(Tensor self, int[1]? s=None, int[1]? dim=None, str? norm=None) -> Tensor" => product |a| many(a, IRFFT);
    grad "
node FftC2RBackward0
input: _irfft_grad(grad, input, s, dim, norm)";
    /// Fourier transform of a Hermitian signal, given by its first half: real along the last two dimensions.
    /// >>> torch.fft.hfft2(torch.tensor([[1., 2.], [3., 4.]]))
    /// tensor([[10., -2.],
    ///         [-4.,  0.]])
    "fft.hfft2" [fn out] "(Tensor self, int[1]? s=None, int[1] dim=[-2,-1], str? norm=None) -> Tensor" => product |a| many(a, HFFT);
    grad "
node FftC2RBackward0
input: conj(_irfft_grad(grad, input, s, dim, _fft_back(norm)))";
    /// Fourier transform of a Hermitian signal, given by its first half: real along all dimensions, or those given.
    /// >>> torch.fft.hfftn(torch.tensor([[1., 2.], [3., 4.]]))
    /// tensor([[10., -2.],
    ///         [-4.,  0.]])
    "fft.hfftn" [fn out] "(Tensor self, int[1]? s=None, int[1]? dim=None, str? norm=None) -> Tensor" => product |a| many(a, HFFT);
    grad "
node FftC2RBackward0
input: conj(_irfft_grad(grad, input, s, dim, _fft_back(norm)))";
    /// Inverse of hfft along the last two dimensions.
    /// >>> torch.fft.ihfft2(torch.tensor([[1., 2.], [3., 4.]]))
    /// tensor([[ 2.5000-0.j, -0.5000-0.j],
    ///         [-1.0000+0.j,  0.0000+0.j]])
    "fft.ihfft2" [fn out] "(Tensor self, int[1]? s=None, int[1] dim=[-2,-1], str? norm=None) -> Tensor" => product |a| many(a, IHFFT);
    grad "
node FftC2CBackward0 if len(_fft_dims(input, s, dim)) > 1 else ConjBackward0
input: _rfft_grad(conj(grad), input, s, dim, _fft_back(norm), True)";
    /// Inverse of hfft along all dimensions, or those given.
    /// >>> torch.fft.ihfftn(torch.tensor([[1., 2.], [3., 4.]]))
    /// tensor([[ 2.5000-0.j, -0.5000-0.j],
    ///         [-1.0000+0.j,  0.0000+0.j]])
    "fft.ihfftn" [fn out] "(Tensor self, int[1]? s=None, int[1]? dim=None, str? norm=None) -> Tensor" => product |a| many(a, IHFFT);
    grad "
node FftC2CBackward0 if len(_fft_dims(input, s, dim)) > 1 else ConjBackward0
input: _rfft_grad(conj(grad), input, s, dim, _fft_back(norm), True)";
    /// Frequencies of the bins of fft.
    /// >>> torch.fft.fftfreq(4)
    /// tensor([ 0.0000,  0.2500, -0.5000, -0.2500])
    "fft.fftfreq" [fn out] "(int n, float d=1.0, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=False, bool requires_grad=False) -> Tensor" => kernel |a| Ok(fft::frequencies(a.int(0)?, a.float(1)?, false, a.dtype(2).unwrap_or_else(default_dtype))?.into()), cuda |g, _, a| Ok(frequencies(g, a.int(0)?, a.float(1)?, false, a.dtype(2).unwrap_or_else(default_dtype))?.map(Into::into));
    /// Frequencies of the bins of rfft.
    /// >>> torch.fft.rfftfreq(4)
    /// tensor([0.0000, 0.2500, 0.5000])
    "fft.rfftfreq" [fn out] "(int n, float d=1.0, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=False, bool requires_grad=False) -> Tensor" => kernel |a| Ok(fft::frequencies(a.int(0)?, a.float(1)?, true, a.dtype(2).unwrap_or_else(default_dtype))?.into()), cuda |g, _, a| Ok(frequencies(g, a.int(0)?, a.float(1)?, true, a.dtype(2).unwrap_or_else(default_dtype))?.map(Into::into));
    /// Rolls the zero frequency to the middle.
    /// >>> torch.fft.fftshift(torch.tensor([0, 1, 2, -2, -1]))
    /// tensor([-2, -1,  0,  1,  2])
    "fft.fftshift" [fn] "(Tensor self, int[1]? dim=None) -> Tensor" => kernel |a| Ok(fft::shift(a.view(0)?, a.opt_ints(1), false)?.into());
    grad "
node RollBackward0
input: torch.fft.ifftshift(grad, dim)";
    /// Rolls the zero frequency back to the front.
    /// >>> torch.fft.ifftshift(torch.tensor([-2, -1, 0, 1, 2]))
    /// tensor([ 0,  1,  2, -2, -1])
    "fft.ifftshift" [fn] "(Tensor self, int[1]? dim=None) -> Tensor" => kernel |a| Ok(fft::shift(a.view(0)?, a.opt_ints(1), true)?.into());
    grad "
node RollBackward0
input: torch.fft.fftshift(grad, dim)";
}
