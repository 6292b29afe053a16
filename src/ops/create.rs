//! Tensors made from nothing.

use super::args::{Args, Out};
use crate::base::error::Result;
use crate::base::promote::default_dtype;
use crate::base::shape::Format;
use crate::base::{DType, Device, Scalar};
use crate::cpu::create::{self, dtype_of};
use crate::cpu::window::{self, Window};
use crate::cuda::create as cuda;
use crate::cuda::pointwise;
use crate::rows;
use crate::store::View;
use crate::store::cuda::Gpu;

/// The dtype given at `i`, else that of the tensor itself.
fn own(a: Args<'_>, i: usize) -> Result<DType> {
    Ok(a.dtype(i).unwrap_or(a.view(0)?.dtype()))
}

/// A tensor of another's sizes and layout, filled when there is a value.
fn like(a: Args<'_>, dtype: usize, value: Option<Scalar>) -> Result<Out<View>> {
    let dtype = own(a, dtype)?;
    let x = a.view(0)?;
    let mut out = create::empty_as(Device::Cpu, x, dtype, format(a))?;
    if let Some(value) = value {
        crate::cpu::copy::copy_into(&create::full(&[], value, dtype)?, &mut out)?;
    }
    Ok(out.into())
}

/// The memory format, which is the last argument.
fn format(a: Args<'_>) -> Format {
    a.format(a.0.len().saturating_sub(1))
}

/// Arbitrary contents.
fn empty(a: Args<'_>) -> Result<Out<View>> {
    let dtype = a.dtype(1).unwrap_or_else(default_dtype);
    create::check_sizes(a.ints(0))?;
    Ok(match format(a).strides(a.ints(0))? {
        Some(strides) => create::empty_strided(a.ints(0), &strides, dtype)?,
        None => create::empty(a.ints(0), dtype)?,
    }
    .into())
}

/// As [`empty`], on a GPU.
fn empty_on(g: &'static Gpu, a: Args<'_>) -> Result<Option<Out<View>>> {
    let dtype = a.dtype(1).unwrap_or_else(default_dtype);
    match format(a) {
        Format::Preserve | Format::Contiguous => made(cuda::empty(g, a.ints(0), dtype)?),
        _ if create::check_sizes(a.ints(0)).is_err() => Ok(None),
        other => match other.strides(a.ints(0)) {
            Ok(Some(strides)) => made(Some(create::empty_strided_on(g.device(), a.ints(0), &strides, dtype)?)),
            _ => Ok(None),
        },
    }
}

/// As [`like`], on a GPU.
fn like_on(g: &'static Gpu, a: Args<'_>, dtype: usize, value: Option<Scalar>) -> Result<Option<Out<View>>> {
    Ok(Some(cuda::like(g, a.view(0)?, own(a, dtype)?, format(a), value)?.into()))
}

/// A GPU's result.
fn made(out: Option<View>) -> Result<Option<Out<View>>> {
    Ok(out.map(Into::into))
}

fn arange_on(
    g: &'static Gpu,
    a: Args<'_>,
    start: Scalar,
    end: Scalar,
    step: Scalar,
    dtype: usize,
) -> Result<Option<Out<View>>> {
    let dtype = a.dtype(dtype).unwrap_or_else(|| create::arange_dtype(&[start, end, step]));
    made(cuda::arange(g, start, end, step, dtype)?)
}

fn arange(a: Args<'_>, start: Scalar, end: Scalar, step: Scalar, dtype: usize) -> Result<Out<View>> {
    let dtype = a.dtype(dtype).unwrap_or_else(|| create::arange_dtype(&[start, end, step]));
    Ok(create::arange(start, end, step, dtype)?.into())
}

/// The dtype of evenly spaced numbers between the first two arguments.
fn spaced(a: Args<'_>) -> DType {
    let numbers: Vec<Scalar> = [a.opt_scalar(0), a.opt_scalar(1)].into_iter().flatten().collect();
    create::spaced_dtype(&numbers)
}

/// Hamming's window with its own coefficients.
const HAMMING: Window = Window::Cosine { alpha: 0.54, beta: 0.46 };

/// A window of the length given first, periodic unless the second argument says no; `dtype` is where the dtype stands.
fn window(a: Args<'_>, name: &str, kind: Window, dtype: usize) -> Result<Out<View>> {
    let periodic = dtype == 1 || a.bool(1);
    let dtype = a.dtype(dtype).unwrap_or_else(default_dtype);
    Ok(window::window(name, kind, a.int(0)?, periodic, dtype)?.into())
}

/// As [`window`], on a GPU.
fn window_on(g: &'static Gpu, a: Args<'_>, kind: Window, dtype: usize) -> Result<Option<Out<View>>> {
    let periodic = dtype == 1 || a.bool(1);
    made(cuda::window(g, kind, a.int(0)?, periodic, a.dtype(dtype).unwrap_or_else(default_dtype))?)
}

rows! {
    /// Zeros.
    /// >>> torch.zeros(2, 3)
    /// tensor([[0., 0., 0.],
    ///         [0., 0., 0.]])
    "zeros" [fn out] "(int[] size, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=False, bool requires_grad=False) -> Tensor" => kernel |a| Ok(create::zeros(a.ints(0), a.dtype(1).unwrap_or_else(default_dtype))?.into()), cuda |g, _, a| made(cuda::zeros(g, a.ints(0), a.dtype(1).unwrap_or_else(default_dtype))?);
    /// Ones.
    /// >>> torch.ones(2, 3)
    /// tensor([[1., 1., 1.],
    ///         [1., 1., 1.]])
    "ones" [fn out] "(int[] size, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=False, bool requires_grad=False) -> Tensor" => kernel |a| Ok(create::full(a.ints(0), Scalar::Int(1), a.dtype(1).unwrap_or_else(default_dtype))?.into()), cuda |g, _, a| made(cuda::full(g, a.ints(0), Scalar::Int(1), a.dtype(1).unwrap_or_else(default_dtype))?);
    /// Memory with arbitrary contents.
    /// >>> torch.empty(2, 3).shape
    /// torch.Size([2, 3])
    "empty" [fn out] "(int[] size, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=False, bool requires_grad=False, MemoryFormat? memory_format=None) -> Tensor" => kernel |a| empty(a), cuda |g, _, a| empty_on(g, a);
    /// Every element the same number.
    /// >>> torch.full((2, 2), 7)
    /// tensor([[7, 7],
    ///         [7, 7]])
    "full" [fn out] "(int[] size, Scalar fill_value, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=False, bool requires_grad=False) -> Tensor" => kernel |a| Ok(create::full(a.ints(0), a.scalar(1)?, a.dtype(2).unwrap_or_else(|| dtype_of(a.scalar(1).unwrap_or(Scalar::Int(0)))))?.into()), cuda |g, _, a| made(cuda::full(g, a.ints(0), a.scalar(1)?, a.dtype(2).unwrap_or_else(|| dtype_of(a.scalar(1).unwrap_or(Scalar::Int(0)))))?);
    /// Zeros with another tensor's sizes and dtype.
    /// >>> torch.zeros_like(torch.tensor([1, 2]))
    /// tensor([0, 0])
    "zeros_like" [fn] "(Tensor self, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=False, bool requires_grad=False, MemoryFormat? memory_format=None) -> Tensor" => kernel |a| like(a, 1, Some(Scalar::Int(0))), cuda |g, _, a| like_on(g, a, 1, Some(Scalar::Int(0)));
    /// Ones with another tensor's sizes and dtype.
    /// >>> torch.ones_like(torch.tensor([1, 2]))
    /// tensor([1, 1])
    "ones_like" [fn] "(Tensor self, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=False, bool requires_grad=False, MemoryFormat? memory_format=None) -> Tensor" => kernel |a| like(a, 1, Some(Scalar::Int(1))), cuda |g, _, a| like_on(g, a, 1, Some(Scalar::Int(1)));
    /// Arbitrary contents with another tensor's sizes and dtype.
    /// >>> torch.empty_like(torch.ones(2, 3)).shape
    /// torch.Size([2, 3])
    "empty_like" [fn] "(Tensor self, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=False, bool requires_grad=False, MemoryFormat? memory_format=None) -> Tensor" => kernel |a| like(a, 1, None), cuda |g, _, a| like_on(g, a, 1, None);
    /// Every element the same number, with another tensor's sizes and dtype.
    /// >>> torch.full_like(torch.tensor([1., 2.]), 7)
    /// tensor([7., 7.])
    "full_like" [fn] "(Tensor self, Scalar fill_value, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=False, bool requires_grad=False, MemoryFormat? memory_format=None) -> Tensor" => kernel |a| like(a, 2, Some(a.scalar(1)?)), cuda |g, _, a| like_on(g, a, 2, Some(a.scalar(1)?));
    /// Zeros of this tensor's dtype.
    /// >>> torch.tensor([1, 2]).new_zeros(2)
    /// tensor([0, 0])
    "new_zeros" [method] "(Tensor self, int[] size, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=False, bool requires_grad=False) -> Tensor" => kernel |a| Ok(create::full(a.ints(1), Scalar::Int(0), own(a, 2)?)?.into()), cuda |g, _, a| made(cuda::full(g, a.ints(1), Scalar::Int(0), own(a, 2)?)?);
    /// Ones of this tensor's dtype.
    /// >>> torch.tensor([1, 2]).new_ones(2)
    /// tensor([1, 1])
    "new_ones" [method] "(Tensor self, int[] size, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=False, bool requires_grad=False) -> Tensor" => kernel |a| Ok(create::full(a.ints(1), Scalar::Int(1), own(a, 2)?)?.into()), cuda |g, _, a| made(cuda::full(g, a.ints(1), Scalar::Int(1), own(a, 2)?)?);
    /// Arbitrary contents of this tensor's dtype.
    /// >>> torch.tensor([1, 2]).new_empty(2).dtype
    /// torch.int64
    "new_empty" [method] "(Tensor self, int[] size, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=False, bool requires_grad=False) -> Tensor" => kernel |a| Ok(create::empty(a.ints(1), own(a, 2)?)?.into()), cuda |g, _, a| made(cuda::empty(g, a.ints(1), own(a, 2)?)?);
    /// Every element the same number, of this tensor's dtype.
    /// >>> torch.tensor([1, 2]).new_full((2,), 7)
    /// tensor([7, 7])
    "new_full" [method] "(Tensor self, int[] size, Scalar fill_value, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=False, bool requires_grad=False) -> Tensor" => kernel |a| Ok(create::full(a.ints(1), a.scalar(2)?, own(a, 3)?)?.into()), cuda |g, _, a| made(cuda::full(g, a.ints(1), a.scalar(2)?, own(a, 3)?)?);
    /// Ones on the diagonal, zeros elsewhere.
    /// >>> torch.eye(2)
    /// tensor([[1., 0.],
    ///         [0., 1.]])
    "eye" [fn out]
        "(int n, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=False, bool requires_grad=False) -> Tensor" => kernel |a| Ok(create::eye(a.int(0)?, a.int(0)?, a.dtype(1).unwrap_or_else(default_dtype))?.into()), cuda |g, _, a| made(cuda::eye(g, a.int(0)?, a.int(0)?, a.dtype(1).unwrap_or_else(default_dtype))?),
        "(int n, int m, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=False, bool requires_grad=False) -> Tensor" => kernel |a| Ok(create::eye(a.int(0)?, a.int(1)?, a.dtype(2).unwrap_or_else(default_dtype))?.into()), cuda |g, _, a| made(cuda::eye(g, a.int(0)?, a.int(1)?, a.dtype(2).unwrap_or_else(default_dtype))?);
    /// Numbers from start up to but without end, by step.
    /// >>> torch.arange(5)
    /// tensor([0, 1, 2, 3, 4])
    /// >>> torch.arange(1, 2, 0.25)
    /// tensor([1.0000, 1.2500, 1.5000, 1.7500])
    "arange" [fn out]
        "(Scalar end, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=False, bool requires_grad=False) -> Tensor" => kernel |a| arange(a, Scalar::Int(0), a.scalar(0)?, Scalar::Int(1), 1), cuda |g, _, a| arange_on(g, a, Scalar::Int(0), a.scalar(0)?, Scalar::Int(1), 1),
        "(Scalar start, Scalar end, Scalar step=1, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=False, bool requires_grad=False) -> Tensor" => kernel |a| arange(a, a.scalar(0)?, a.scalar(1)?, a.scalar(2)?, 3), cuda |g, _, a| arange_on(g, a, a.scalar(0)?, a.scalar(1)?, a.scalar(2)?, 3);
    /// Numbers from start to end, end included, by step.
    "range" [fn out] "(Scalar start, Scalar end, Scalar step=1, *, ScalarType? dtype=None, Layout layout=torch.strided, Device? device=None, bool requires_grad=False) -> Tensor" => kernel |a| Ok(create::range(a.scalar(0)?, a.scalar(1)?, a.scalar(2)?, a.dtype(3).unwrap_or_else(default_dtype))?.into()), cuda |g, _, a| made(cuda::range(g, a.scalar(0)?, a.scalar(1)?, a.scalar(2)?, a.dtype(3).unwrap_or_else(default_dtype))?);
    /// Evenly spaced numbers from start to end, both included.
    /// >>> torch.linspace(0, 1, 5)
    /// tensor([0.0000, 0.2500, 0.5000, 0.7500, 1.0000])
    "linspace" [fn out] "(Scalar start, Scalar end, int steps, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=False, bool requires_grad=False) -> Tensor" => kernel |a| Ok(create::linspace(a.scalar(0)?, a.scalar(1)?, a.int(2)?, a.dtype(3).unwrap_or_else(|| spaced(a)))?.into()), cuda |g, _, a| made(cuda::linspace(g, a.scalar(0)?, a.scalar(1)?, a.int(2)?, a.dtype(3).unwrap_or_else(|| spaced(a)))?);
    /// Powers of base with evenly spaced exponents.
    /// >>> torch.logspace(0, 2, 3)
    /// tensor([  1.,  10., 100.])
    "logspace" [fn out] "(Scalar start, Scalar end, int steps, float base=10.0, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=False, bool requires_grad=False) -> Tensor" => kernel |a| Ok(create::logspace(a.scalar(0)?, a.scalar(1)?, a.int(2)?, a.float(3)?, a.dtype(4).unwrap_or_else(|| spaced(a)))?.into()), cuda |g, _, a| made(cuda::logspace(g, a.scalar(0)?, a.scalar(1)?, a.int(2)?, a.float(3)?, a.dtype(4).unwrap_or_else(|| spaced(a)))?);
    /// Arbitrary contents under the sizes and strides given.
    /// >>> torch.empty_strided((2, 3), (1, 2)).stride()
    /// (1, 2)
    "empty_strided" [fn] "(int[] size, int[] stride, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=False, bool requires_grad=False) -> Tensor" => kernel |a| Ok(create::empty_strided(a.ints(0), a.ints(1), a.dtype(2).unwrap_or_else(default_dtype))?.into()), cuda |g, _, a| Ok(Some(create::empty_strided_on(g.device(), a.ints(0), a.ints(1), a.dtype(2).unwrap_or_else(default_dtype))?.into()));
    /// Arbitrary contents, dimensions lying in memory in the order given, the outermost first.
    /// >>> torch.empty_permuted((2, 3, 5), (0, 2, 1)).stride()
    /// (15, 1, 3)
    "empty_permuted" [fn] "(int[] size, int[] physical_layout, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=False, bool requires_grad=False) -> Tensor" => tensh "
n = len(size)
if len(physical_layout) != n:
    raise RuntimeError(f'Number of dimensions in size does not match the length of the physical_layout; i.e. len(size) = {n} is not equal to len(physical_layout) = {len(physical_layout)}')
for i, d in enumerate(physical_layout):
    if not 0 <= d < n:
        raise RuntimeError(f'Dimension out of range (expected to be between 0 and {n - 1}, but got {d} at index {i}).  NB: negative dims not currently supported; file an issue if you want it.')
    if d in physical_layout[:i]:
        raise RuntimeError('Duplicate dim not allowed')
return empty([size[d] for d in physical_layout], dtype=dtype).permute([physical_layout.index(d) for d in range(n)])";
    grad "nondiff";
    /// Arbitrary contents under the sizes and strides given, of this tensor's dtype.
    /// >>> torch.tensor([1]).new_empty_strided((2, 3), (1, 2)).stride()
    /// (1, 2)
    "new_empty_strided" [method] "(Tensor self, int[] size, int[] stride, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=False, bool requires_grad=False) -> Tensor" => kernel |a| Ok(create::empty_strided(a.ints(1), a.ints(2), own(a, 3)?)?.into()), cuda |g, _, a| Ok(Some(create::empty_strided_on(g.device(), a.ints(1), a.ints(2), own(a, 3)?)?.into()));
    /// A number as a tensor without dimensions.
    /// >>> torch.scalar_tensor(5)
    /// tensor(5.)
    "scalar_tensor" [fn] "(Scalar s, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=False, bool requires_grad=False) -> Tensor" => kernel |a| Ok(create::full(&[], a.scalar(0)?, a.dtype(1).unwrap_or_else(default_dtype))?.into()), cuda |g, _, a| made(cuda::full(g, &[], a.scalar(0)?, a.dtype(1).unwrap_or_else(default_dtype))?);
    /// Complex numbers of real and imaginary parts.
    /// >>> torch.complex(torch.tensor([1.]), torch.tensor([2.]))
    /// tensor([1.+2.j])
    "complex" [fn out] "(Tensor real, Tensor imag) -> Tensor" => kernel |a| Ok(create::complex(a.view(0)?, a.view(1)?)?.into()), cuda |g, _, a| made(pointwise::complex(g, a.view(0)?, a.view(1)?, false)?);
    grad "
node ComplexBackward0
real: torch.real(grad)
imag: torch.imag(grad)";
    /// Complex numbers of absolute values and angles.
    /// >>> torch.polar(torch.tensor([1.]), torch.tensor([0.]))
    /// tensor([1.+0.j])
    "polar" [fn out] "(Tensor abs, Tensor angle) -> Tensor" => kernel |a| Ok(create::polar(a.view(0)?, a.view(1)?)?.into()), cuda |g, _, a| made(pointwise::complex(g, a.view(0)?, a.view(1)?, true)?);
    grad "
node PolarBackward0
abs: torch.real(grad * result.sgn().conj())
angle: torch.real(grad * (result * 1j).conj())";
    /// Hann's window.
    /// >>> torch.hann_window(4)
    /// tensor([0.0000, 0.5000, 1.0000, 0.5000])
    "hann_window" [fn]
        "(int window_length, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=False, bool requires_grad=False) -> Tensor" => kernel |a| window(a, "hann_window", Window::Cosine { alpha: 0.5, beta: 0.5 }, 1), cuda |g, _, a| window_on(g, a, Window::Cosine { alpha: 0.5, beta: 0.5 }, 1),
        "(int window_length, bool periodic, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=False, bool requires_grad=False) -> Tensor" => kernel |a| window(a, "hann_window", Window::Cosine { alpha: 0.5, beta: 0.5 }, 2), cuda |g, _, a| window_on(g, a, Window::Cosine { alpha: 0.5, beta: 0.5 }, 2);
    /// Hamming's window.
    /// >>> torch.hamming_window(4)
    /// tensor([0.0800, 0.5400, 1.0000, 0.5400])
    "hamming_window" [fn]
        "(int window_length, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=False, bool requires_grad=False) -> Tensor" => kernel |a| window(a, "hamming_window", HAMMING, 1), cuda |g, _, a| window_on(g, a, HAMMING, 1),
        "(int window_length, bool periodic, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=False, bool requires_grad=False) -> Tensor" => kernel |a| window(a, "hamming_window", HAMMING, 2), cuda |g, _, a| window_on(g, a, HAMMING, 2),
        "(int window_length, bool periodic, float alpha, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=False, bool requires_grad=False) -> Tensor" => kernel |a| window(a, "hamming_window", Window::Cosine { alpha: a.float(2)?, beta: 0.46 }, 3), cuda |g, _, a| window_on(g, a, Window::Cosine { alpha: a.float(2)?, beta: 0.46 }, 3),
        "(int window_length, bool periodic, float alpha, float beta, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=False, bool requires_grad=False) -> Tensor" => kernel |a| window(a, "hamming_window", Window::Cosine { alpha: a.float(2)?, beta: a.float(3)? }, 4), cuda |g, _, a| window_on(g, a, Window::Cosine { alpha: a.float(2)?, beta: a.float(3)? }, 4);
    /// Blackman's window.
    /// >>> torch.blackman_window(4)
    /// tensor([-2.9802e-08,  3.4000e-01,  1.0000e+00,  3.4000e-01])
    "blackman_window" [fn]
        "(int window_length, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=False, bool requires_grad=False) -> Tensor" => kernel |a| window(a, "blackman_window", Window::Blackman, 1), cuda |g, _, a| window_on(g, a, Window::Blackman, 1),
        "(int window_length, bool periodic, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=False, bool requires_grad=False) -> Tensor" => kernel |a| window(a, "blackman_window", Window::Blackman, 2), cuda |g, _, a| window_on(g, a, Window::Blackman, 2);
    /// Bartlett's window, a triangle.
    /// >>> torch.bartlett_window(4)
    /// tensor([0.0000, 0.5000, 1.0000, 0.5000])
    "bartlett_window" [fn]
        "(int window_length, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=False, bool requires_grad=False) -> Tensor" => kernel |a| window(a, "bartlett_window", Window::Bartlett, 1), cuda |g, _, a| window_on(g, a, Window::Bartlett, 1),
        "(int window_length, bool periodic, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=False, bool requires_grad=False) -> Tensor" => kernel |a| window(a, "bartlett_window", Window::Bartlett, 2), cuda |g, _, a| window_on(g, a, Window::Bartlett, 2);
    /// Kaiser's window.
    /// >>> torch.kaiser_window(4)
    /// tensor([5.2773e-05, 2.1567e-01, 1.0000e+00, 2.1567e-01])
    "kaiser_window" [fn]
        "(int window_length, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=False, bool requires_grad=False) -> Tensor" => kernel |a| window(a, "kaiser_window", Window::Kaiser(12.0), 1), cuda |g, _, a| window_on(g, a, Window::Kaiser(12.0), 1),
        "(int window_length, bool periodic, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=False, bool requires_grad=False) -> Tensor" => kernel |a| window(a, "kaiser_window", Window::Kaiser(12.0), 2), cuda |g, _, a| window_on(g, a, Window::Kaiser(12.0), 2),
        "(int window_length, bool periodic, float beta, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=False, bool requires_grad=False) -> Tensor" => kernel |a| window(a, "kaiser_window", Window::Kaiser(a.float(2)?), 3), cuda |g, _, a| window_on(g, a, Window::Kaiser(a.float(2)?), 3);
}
