//! Random numbers.

use super::args::{Arg, Args, Out};
use crate::base::device::host_numbers;
use crate::base::error::{Result, runtime};
use crate::base::promote::default_dtype;
use crate::base::{DType, Device};
use crate::cpu::create;
use crate::cpu::random::Parameter::{Number, Tensor};
use crate::cpu::random::{self, Generator, Parameter, default_generator};
use crate::cuda::random::{self as cuda, Distribution as Law};
use crate::rows;
use crate::store::View;
use crate::store::cuda::Gpu;
use std::cell::RefCell;

/// Runs `f` with the generator given at `i`, else with the default one. Where the call's tensors are on a GPU, that is one that
/// begins where the GPU's generator is.
pub(super) fn with<R>(a: Args<'_>, i: usize, f: impl FnOnce(&mut Generator) -> Result<R>) -> Result<R> {
    if let Some(given) = a.generator::<RefCell<Generator>>(i) {
        return f(&mut given.borrow_mut());
    }
    let given = a.generator::<RefCell<cuda::Generator>>(i);
    let gpu = a.0.iter().find_map(|arg| match arg {
        Arg::Tensor(v) => gpu_of(v.device()),
        Arg::Device(device) => gpu_of(*device),
        _ => None,
    });
    match (gpu.filter(|_| !host_numbers()), given) {
        (None, None) => f(&mut default_generator().borrow_mut()),
        (None, Some(_)) => Err(runtime("Expected a 'cpu' device type for generator but found 'cuda'")),
        (Some(index), _) => on_default(index, a, i, |g| {
            let (seed, block) = g.take(4);
            f(&mut Generator::new(seed ^ block.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
        }),
    }
}

fn gpu_of(device: Device) -> Option<u8> {
    if let Device::Cuda(index) = device {
        Some(index.unwrap_or_else(crate::store::cuda::driver::current))
    } else {
        None
    }
}

/// Runs `f` with the GPU's generator given at `i`, else with its default one. Gives nothing where the CPU's numbers are wanted.
pub(super) fn on_gpu<R: Default>(
    index: u8,
    a: Args<'_>,
    i: usize,
    f: impl FnOnce(&mut cuda::Generator) -> Result<R>,
) -> Result<R> {
    if host_numbers() { Ok(R::default()) } else { on_default(index, a, i, f) }
}

fn on_default<R>(index: u8, a: Args<'_>, i: usize, f: impl FnOnce(&mut cuda::Generator) -> Result<R>) -> Result<R> {
    match (a.generator::<RefCell<cuda::Generator>>(i), a.get(i)) {
        (Some(given), _) => f(&mut given.borrow_mut()),
        (None, Arg::Generator(_)) => Err(runtime("Expected a 'cuda' device type for generator but found 'cpu'")),
        (None, _) => f(&mut cuda::default_generator(index).borrow_mut()),
    }
}

/// What a row gives of a GPU: nothing where the CPU's function is to run.
pub(super) type Found = Result<Option<Out<View>>>;

/// Fills a tensor of a GPU with the numbers of a law; the generator stands at `at`.
fn draw(g: &'static Gpu, a: Args<'_>, at: usize, x: &View, law: Result<Option<Law>>) -> Result<bool> {
    let Some(law) = law? else { return Ok(false) };
    let x = if x.dtype().is_complex() { random::parts(x)? } else { x.clone() };
    on_gpu(g.index, a, at, |r| cuda::fill(g, &x, &law, r))
}

/// As [`write`], on a GPU.
fn write_on(g: &'static Gpu, a: Args<'_>, at: usize, law: impl FnOnce(DType) -> Result<Option<Law>>) -> Found {
    let x = a.view(0)?;
    Ok(draw(g, a, at, x, law(x.dtype()))?.then_some(Out::None))
}

/// As [`like`], on a GPU.
fn like_on(
    g: &'static Gpu,
    a: Args<'_>,
    at: usize,
    dtype: usize,
    law: impl FnOnce(DType) -> Result<Option<Law>>,
) -> Found {
    let out =
        create::empty_as(g.device(), a.view(0)?, a.dtype(dtype).unwrap_or(a.view(0)?.dtype()), a.format(dtype + 5))?;
    Ok(draw(g, a, at, &out, law(out.dtype()))?.then(|| out.into()))
}

/// Fresh memory of a GPU, filled.
fn fresh_on(
    g: &'static Gpu,
    a: Args<'_>,
    at: usize,
    dtype: DType,
    sizes: usize,
    law: impl FnOnce(DType) -> Result<Option<Law>>,
) -> Found {
    if a.ints(sizes).iter().any(|&n| n < 0) {
        return Ok(None);
    }
    let out = View::empty_on(g.device(), dtype, a.ints(sizes))?;
    Ok(draw(g, a, at, &out, law(dtype))?.then(|| out.into()))
}

fn uniform(dtype: DType, from: f64, to: f64) -> Result<Option<Law>> {
    random::check_bounds(dtype.real(), from, to)?;
    Ok(Law::uniform(dtype, from, to))
}

fn between(dtype: DType, from: i64, to: i64) -> Result<Option<Law>> {
    let (from, range) = random::between(dtype, from, to)?;
    Ok(Law::integers(dtype, from, range))
}

/// Integers from a number on, or over all 64 bits.
fn upwards(dtype: DType, from: i64) -> Result<Option<Law>> {
    let whole = matches!(dtype, DType::I64 | DType::F64 | DType::F32 | DType::BF16);
    match from {
        i64::MIN => Ok(if whole { Law::integers(dtype, 0, 0) } else { None }),
        _ => random::from_on(dtype, from).map(|(from, range)| Law::integers(dtype, from, range)),
    }
}

/// The dtype given at `i`, else the default one.
fn kind(a: Args<'_>, i: usize) -> DType {
    a.dtype(i).unwrap_or_else(default_dtype)
}

/// Fills the tensor that is the first argument.
fn write(a: Args<'_>, at: usize, f: impl FnOnce(&mut View, &mut Generator) -> Result<()>) -> Result<Out<View>> {
    let mut x = a.view(0)?.clone();
    with(a, at, |g| f(&mut x, g))?;
    Ok(Out::None)
}

/// Fresh memory like the first argument's, filled.
fn like(
    a: Args<'_>,
    at: usize,
    dtype: usize,
    f: impl FnOnce(&mut View, &mut Generator) -> Result<()>,
) -> Result<Out<View>> {
    let x = a.view(0)?;
    let mut x = create::empty_as(Device::Cpu, x, a.dtype(dtype).unwrap_or(x.dtype()), a.format(dtype + 5))?;
    with(a, at, |g| f(&mut x, g))?;
    Ok(x.into())
}

/// `randint` with its sizes at `size`, generator and dtype behind them.
fn integers(a: Args<'_>, from: i64, to: i64, size: usize) -> Result<Out<View>> {
    let dtype = a.dtype(size + 2).unwrap_or(DType::I64);
    Ok(with(a, size + 1, |g| random::randint(from, to, a.ints(size), dtype, g))?.into())
}

fn integers_like(a: Args<'_>, from: i64, to: i64, at: usize) -> Result<Out<View>> {
    like(a, at, at + 1, |x, g| random::random_between(x, from, to, g))
}

fn normals(a: Args<'_>, mean: Parameter, std: Parameter) -> Result<Out<View>> {
    Ok(with(a, 2, |g| random::normal(mean, std, g))?.into())
}

fn normals_on(g: &'static Gpu, a: Args<'_>, mean: Parameter, std: Parameter) -> Found {
    Ok(on_gpu(g.index, a, 2, |r| cuda::normal(g, mean, std, r))?.map(Into::into))
}

rows! {
    /// Uniform numbers in [0, 1).
    /// >>> _ = torch.manual_seed(0)
    /// >>> torch.rand(3)
    /// tensor([0.4963, 0.7682, 0.0885])
    "rand" [fn out] "(int[] size, *, Generator? generator=None, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=False, bool requires_grad=False) -> Tensor" => kernel |a| Ok(with(a, 1, |g| random::rand(kind(a, 2), a.ints(0), g))?.into()), cuda |g, _, a| fresh_on(g, a, 1, kind(a, 2), 0, |t| uniform(t, 0.0, 1.0));
    /// Uniform numbers in [0, 1) with another tensor's sizes and dtype.
    /// >>> _ = torch.manual_seed(0)
    /// >>> torch.rand_like(torch.ones(2, 2))
    /// tensor([[0.4963, 0.7682],
    ///         [0.0885, 0.1320]])
    "rand_like" [fn] "(Tensor self, *, Generator? generator=None, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=False, bool requires_grad=False, MemoryFormat? memory_format=None) -> Tensor" => kernel |a| like(a, 1, 2, |x, g| random::uniform_(x, 0.0, 1.0, g)), cuda |g, _, a| like_on(g, a, 1, 2, |t| uniform(t, 0.0, 1.0));
    /// Standard normal numbers.
    /// >>> _ = torch.manual_seed(0)
    /// >>> torch.randn(3)
    /// tensor([ 1.5410, -0.2934, -2.1788])
    "randn" [fn out] "(int[] size, *, Generator? generator=None, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=False, bool requires_grad=False) -> Tensor" => kernel |a| Ok(with(a, 1, |g| random::randn(kind(a, 2), a.ints(0), g))?.into()), cuda |g, _, a| fresh_on(g, a, 1, kind(a, 2), 0, |t| Ok(Law::normal(t, 0.0, 1.0)));
    /// Standard normal numbers with another tensor's sizes and dtype.
    /// >>> _ = torch.manual_seed(0)
    /// >>> torch.randn_like(torch.ones(2))
    /// tensor([ 1.5410, -0.2934])
    "randn_like" [fn] "(Tensor self, *, Generator? generator=None, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=False, bool requires_grad=False, MemoryFormat? memory_format=None) -> Tensor" => kernel |a| like(a, 1, 2, |x, g| random::normal_(x, 0.0, 1.0, g)), cuda |g, _, a| like_on(g, a, 1, 2, |t| Ok(Law::normal(t, 0.0, 1.0)));
    /// Integers from low (0 when not given) to high, which is excluded.
    /// >>> _ = torch.manual_seed(0)
    /// >>> torch.randint(0, 10, (5,))
    /// tensor([4, 9, 3, 0, 3])
    "randint" [fn out]
        "(int high, int[] size, *, Generator? generator=None, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=False, bool requires_grad=False) -> Tensor" => kernel |a| integers(a, 0, a.int(0)?, 1), cuda |g, _, a| fresh_on(g, a, 2, a.dtype(3).unwrap_or(DType::I64), 1, |t| between(t, 0, a.int(0)?)),
        "(int low, int high, int[] size, *, Generator? generator=None, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=False, bool requires_grad=False) -> Tensor" => kernel |a| integers(a, a.int(0)?, a.int(1)?, 2), cuda |g, _, a| fresh_on(g, a, 3, a.dtype(4).unwrap_or(DType::I64), 2, |t| between(t, a.int(0)?, a.int(1)?));
    /// Integers from low to high with another tensor's sizes and dtype.
    /// >>> _ = torch.manual_seed(0)
    /// >>> torch.randint_like(torch.ones(3), 10)
    /// tensor([4., 9., 3.])
    "randint_like" [fn]
        "(Tensor self, int high, *, Generator? generator=None, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=False, bool requires_grad=False, MemoryFormat? memory_format=None) -> Tensor" => kernel |a| integers_like(a, 0, a.int(1)?, 2), cuda |g, _, a| like_on(g, a, 2, 3, |t| between(t, 0, a.int(1)?)),
        "(Tensor self, int low, int high, *, Generator? generator=None, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=False, bool requires_grad=False, MemoryFormat? memory_format=None) -> Tensor" => kernel |a| integers_like(a, a.int(1)?, a.int(2)?, 3), cuda |g, _, a| like_on(g, a, 3, 4, |t| between(t, a.int(1)?, a.int(2)?));
    /// The numbers 0 to n - 1 in random order.
    /// >>> _ = torch.manual_seed(0)
    /// >>> torch.randperm(5)
    /// tensor([4, 0, 1, 3, 2])
    "randperm" [fn out] "(int n, *, Generator? generator=None, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=False, bool requires_grad=False) -> Tensor" => kernel |a| Ok(with(a, 1, |g| random::randperm(a.int(0)?, a.dtype(2).unwrap_or(DType::I64), g))?.into()), cuda |g, _, a| {
        let (n, dtype) = (a.int(0)?, a.dtype(2).unwrap_or(DType::I64));
        random::check_count(n, dtype)?;
        Ok(on_gpu(g.index, a, 1, |r| cuda::randperm(g, n, dtype, r))?.map(Into::into))
    };
    /// Normal numbers of given means and standard deviations.
    /// >>> _ = torch.manual_seed(0)
    /// >>> torch.normal(torch.zeros(2), torch.ones(2))
    /// tensor([ 1.5410, -0.2934])
    "normal" [fn out]
        "(Tensor mean, Tensor std, *, Generator? generator=None) -> Tensor" => kernel |a| normals(a, Tensor(a.view(0)?), Tensor(a.view(1)?)), cuda |g, _, a| normals_on(g, a, Tensor(a.view(0)?), Tensor(a.view(1)?)),
        "(Tensor mean, float std=1, *, Generator? generator=None) -> Tensor" => kernel |a| normals(a, Tensor(a.view(0)?), Number(a.float(1)?)), cuda |g, _, a| normals_on(g, a, Tensor(a.view(0)?), Number(a.float(1)?)),
        "(float mean, Tensor std, *, Generator? generator=None) -> Tensor" => kernel |a| normals(a, Number(a.float(0)?), Tensor(a.view(1)?)), cuda |g, _, a| normals_on(g, a, Number(a.float(0)?), Tensor(a.view(1)?)),
        "(float mean, float std, int[] size, *, Generator? generator=None, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=False, bool requires_grad=False) -> Tensor" => kernel |a| {
            let mut out = View::empty(kind(a, 4), a.ints(2))?;
            with(a, 3, |g| random::normal_(&mut out, a.float(0)?, a.float(1)?, g))?;
            Ok(out.into())
        }, cuda |g, _, a| fresh_on(g, a, 3, kind(a, 4), 2, |t| Ok(Law::normal(t, a.float(0)?, a.float(1)?)));
    grad "
sig 0
node NormalBackward3
mean: zeros(mean.shape, dtype=grad.dtype)
std: zeros(std.shape, dtype=grad.dtype)

sig 1
node NormalBackward1
mean: zeros(mean.shape, dtype=grad.dtype)

sig 2
node NormalBackward2
std: zeros(std.shape, dtype=grad.dtype)

sig 3
nondiff";
    /// 0 or 1, with the probabilities given.
    /// >>> _ = torch.manual_seed(0)
    /// >>> torch.bernoulli(torch.tensor([0.2, 0.8]))
    /// tensor([0., 1.])
    "bernoulli" [fn method out]
        "(Tensor self, *, Generator? generator=None) -> Tensor" => kernel |a| Ok(with(a, 1, |g| random::bernoulli(a.view(0)?, g))?.into()), cuda |g, _, a| {
            let out = View::empty_on(g.device(), a.view(0)?.dtype(), a.view(0)?.sizes())?;
            Ok(on_gpu(g.index, a, 1, |r| cuda::bernoulli_each(g, &out, a.view(0)?, r))?.then(|| out.into()))
        },
        "(Tensor self, float p, *, Generator? generator=None) -> Tensor" => kernel |a| {
            let mut out = View::empty(a.view(0)?.dtype(), a.view(0)?.sizes())?;
            with(a, 2, |g| random::bernoulli_(&mut out, a.float(1)?, g))?;
            Ok(out.into())
        }, cuda |g, _, a| {
            let out = View::empty_on(g.device(), a.view(0)?.dtype(), a.view(0)?.sizes())?;
            Ok(draw(g, a, 2, &out, Ok(Law::bernoulli(out.dtype(), a.float(1)?)))?.then(|| out.into()))
        };
    grad "
sig 0
node BernoulliBackward0
input: zeros_like(grad)

sig 1
node NotImplemented
input: not_implemented";
    /// Indices drawn with the probabilities of a vector, or of each row of a matrix.
    /// >>> _ = torch.manual_seed(0)
    /// >>> torch.multinomial(torch.tensor([0.1, 0.2, 0.7]), 2)
    /// tensor([2, 1])
    "multinomial" [fn method out] "(Tensor self, int num_samples, bool replacement=False, *, Generator? generator=None) -> Tensor" => kernel |a| Ok(with(a, 3, |g| random::multinomial(a.view(0)?, a.int(1)?, a.bool(2), g))?.into()), cuda |g, _, a| Ok(on_gpu(g.index, a, 3, |r| cuda::multinomial(g, a.view(0)?, a.int(1)?, a.bool(2), r))?.map(Into::into));
    /// Poisson counts of given rates.
    /// >>> _ = torch.manual_seed(0)
    /// >>> torch.poisson(torch.tensor([3., 30.]))
    /// tensor([ 6., 27.])
    "poisson" [fn] "(Tensor self, Generator? generator=None) -> Tensor" => kernel |a| Ok(with(a, 1, |g| random::poisson(a.view(0)?, g))?.into()), cuda |g, _, a| Ok(on_gpu(g.index, a, 1, |r| cuda::poisson(g, a.view(0)?, r))?.map(Into::into));
    grad "
node PoissonBackward0
input: zeros_like(input)";
    /// Successes in count trials of probability prob each.
    /// >>> _ = torch.manual_seed(0)
    /// >>> torch.binomial(torch.tensor([10., 10.]), torch.tensor([0.5, 0.9]))
    /// tensor([7., 9.])
    "binomial" [fn] "(Tensor count, Tensor prob, Generator? generator=None) -> Tensor" => kernel |a| Ok(with(a, 2, |g| random::binomial(a.view(0)?, a.view(1)?, g))?.into()), cuda |g, _, a| Ok(on_gpu(g.index, a, 2, |r| cuda::binomial(g, a.view(0)?, a.view(1)?, r))?.map(Into::into));
    grad "
node NotImplemented
count: not_implemented
prob: not_implemented";
    /// Gamma samples of given shapes and scale 1.
    /// >>> _ = torch.manual_seed(0)
    /// >>> torch._standard_gamma(torch.tensor([1., 5.]))
    /// tensor([2.8824, 4.0611])
    "_standard_gamma" [fn] "(Tensor self, Generator? generator=None) -> Tensor" => kernel |a| Ok(with(a, 1, |g| random::standard_gamma(a.view(0)?, g))?.into()), cuda |g, _, a| Ok(on_gpu(g.index, a, 1, |r| cuda::gamma(g, a.view(0)?, r))?.map(Into::into));
    grad "
node StandardGammaBackward0
input: grad * torch._standard_gamma_grad(input, result)";
    /// How gamma samples move with their shapes.
    /// >>> torch._standard_gamma_grad(torch.tensor([1., 5.]), torch.tensor([2., 4.]))
    /// tensor([1.6317, 0.9228])
    "_standard_gamma_grad" [fn] "(Tensor self, Tensor output) -> Tensor" => kernel |a| Ok(random::standard_gamma_grad(a.view(0)?, a.view(1)?)?.into());
    grad "
node StandardGammaGradBackward0
input: not_implemented
output: not_implemented";
    /// Dirichlet samples of given concentrations, along the last dimension.
    /// >>> _ = torch.manual_seed(0)
    /// >>> torch._sample_dirichlet(torch.tensor([1., 5.]))
    /// tensor([0.4151, 0.5849])
    "_sample_dirichlet" [fn] "(Tensor self, Generator? generator=None) -> Tensor" => kernel |a| Ok(with(a, 1, |g| random::sample_dirichlet(a.view(0)?, g))?.into()), cuda |g, _, a| Ok(on_gpu(g.index, a, 1, |r| cuda::dirichlet(g, a.view(0)?, r))?.map(Into::into));
    grad "
node NotImplemented
input: not_implemented";
    /// Fills with uniform numbers in [from, to).
    /// >>> _ = torch.manual_seed(0)
    /// >>> torch.empty(3).uniform_(1, 2)
    /// tensor([1.4963, 1.7682, 1.0885])
    "uniform_" [method] "(Tensor self, float from=0, float to=1, *, Generator? generator=None) -> Tensor" => kernel |a| write(a, 3, |x, g| random::uniform_(x, a.float(1)?, a.float(2)?, g)), cuda |g, _, a| write_on(g, a, 3, |t| uniform(t, a.float(1)?, a.float(2)?));
    grad "
node UniformBackward0
input: zeros_like(grad)";
    /// Fills with normal numbers.
    /// >>> _ = torch.manual_seed(0)
    /// >>> torch.empty(3).normal_()
    /// tensor([ 1.5410, -0.2934, -2.1788])
    "normal_" [method] "(Tensor self, float mean=0, float std=1, *, Generator? generator=None) -> Tensor" => kernel |a| write(a, 3, |x, g| random::normal_(x, a.float(1)?, a.float(2)?, g)), cuda |g, _, a| write_on(g, a, 3, |t| Ok(Law::normal(t, a.float(1)?, a.float(2)?)));
    grad "
node NormalBackward0
input: zeros_like(grad)";
    /// Fills with integers: of the dtype's whole range from 0 on, below to, or in [from, to).
    /// >>> _ = torch.manual_seed(0)
    /// >>> torch.empty(3, dtype=torch.int64).random_(10)
    /// tensor([4, 9, 3])
    "random_" [method]
        "(Tensor self, *, Generator? generator=None) -> Tensor" => kernel |a| write(a, 1, random::random_), cuda |g, _, a| write_on(g, a, 1, |t| Ok(Law::whole(t))),
        "(Tensor self, int to, *, Generator? generator=None) -> Tensor" => kernel |a| write(a, 2, |x, g| random::random_between(x, 0, a.int(1)?, g)), cuda |g, _, a| write_on(g, a, 2, |t| between(t, 0, a.int(1)?)),
        "(Tensor self, int from, int? to, *, Generator? generator=None) -> Tensor" => kernel |a| write(a, 3, |x, g| match a.opt_int(2) {
            Some(to) => random::random_between(x, a.int(1)?, to, g),
            None => random::random_from(x, a.int(1)?, g),
        }), cuda |g, _, a| write_on(g, a, 3, |t| match a.opt_int(2) {
            Some(to) => between(t, a.int(1)?, to),
            None => upwards(t, a.int(1)?),
        });
    grad "
sig 0
node RandomBackward2
input: zeros_like(grad)

sig 1
node RandomBackward1
input: zeros_like(grad)

sig 2
node RandomBackward0
input: zeros_like(grad)";
    /// Fills with 0 and 1: 1 with probability p.
    /// >>> _ = torch.manual_seed(0)
    /// >>> torch.empty(3).bernoulli_(0.5)
    /// tensor([0., 0., 1.])
    "bernoulli_" [method]
        "(Tensor self, Tensor p, *, Generator? generator=None) -> Tensor" => kernel |a| write(a, 2, |x, g| random::bernoulli_each(x, a.view(1)?, g)), cuda |g, _, a| Ok(on_gpu(g.index, a, 2, |r| cuda::bernoulli_each(g, a.view(0)?, a.view(1)?, r))?.then_some(Out::None)),
        "(Tensor self, float p=0.5, *, Generator? generator=None) -> Tensor" => kernel |a| write(a, 2, |x, g| random::bernoulli_(x, a.float(1)?, g)), cuda |g, _, a| write_on(g, a, 2, |t| Ok(Law::bernoulli(t, a.float(1)?)));
    grad "
sig 0
node BernoulliBackward1
input: zeros_like(grad)
p: zeros_like(p)

sig 1
node BernoulliBackward2
input: zeros_like(grad)";
    /// Fills with exponential numbers of rate lambd.
    /// >>> _ = torch.manual_seed(0)
    /// >>> torch.empty(3).exponential_()
    /// tensor([3.5083, 1.2304, 0.6150])
    "exponential_" [method] "(Tensor self, float lambd=1, *, Generator? generator=None) -> Tensor" => kernel |a| write(a, 2, |x, g| random::exponential_(x, a.float(1)?, g)), cuda |g, _, a| write_on(g, a, 2, |t| Ok(Law::exponential(t, a.float(1)?)));
    grad "
node ExponentialBackward0
input: zeros_like(grad)";
    /// Fills with Cauchy numbers.
    /// >>> _ = torch.manual_seed(0)
    /// >>> torch.empty(3).cauchy_()
    /// tensor([10.5977,  0.7648, -0.1283])
    "cauchy_" [method] "(Tensor self, float median=0, float sigma=1, *, Generator? generator=None) -> Tensor" => kernel |a| write(a, 3, |x, g| random::cauchy_(x, a.float(1)?, a.float(2)?, g)), cuda |g, _, a| write_on(g, a, 3, |t| Ok(Law::cauchy(t, a.float(1)?, a.float(2)?)));
    grad "
node CauchyBackward0
input: zeros_like(grad)";
    /// Fills with the exponentials of normal numbers.
    /// >>> _ = torch.manual_seed(0)
    /// >>> torch.empty(3).log_normal_()
    /// tensor([5.9263e+01, 1.5116e+00, 3.4819e-02])
    "log_normal_" [method] "(Tensor self, float mean=1, float std=2, *, Generator? generator=None) -> Tensor" => kernel |a| write(a, 3, |x, g| random::log_normal_(x, a.float(1)?, a.float(2)?, g)), cuda |g, _, a| write_on(g, a, 3, |t| Ok(Law::log_normal(t, a.float(1)?, a.float(2)?)));
    grad "
node LogNormalBackward0
input: zeros_like(grad)";
    /// Fills with numbers of trials until the first success of probability p.
    /// >>> _ = torch.manual_seed(0)
    /// >>> torch.empty(3).geometric_(0.5)
    /// tensor([1., 1., 2.])
    "geometric_" [method] "(Tensor self, float p, *, Generator? generator=None) -> Tensor" => kernel |a| write(a, 2, |x, g| random::geometric_(x, a.float(1)?, g)), cuda |g, _, a| write_on(g, a, 2, |t| Ok(Law::geometric(t, a.float(1)?)));
    grad "
node GeometricBackward0
input: zeros_like(grad)";
    /// Samples of the Gumbel-softmax distribution of logits, one-hot when hard.
    /// >>> _ = torch.manual_seed(0)
    /// >>> torch.nn.functional.gumbel_softmax(torch.zeros(3), hard=True)
    /// tensor([0., 0., 1.])
    "nn.functional.gumbel_softmax" [fn] "(Tensor logits, float tau=1, bool hard=False, float eps=1e-10, int dim=-1) -> Tensor" => tensh "
soft = ((logits + -empty(logits.shape, dtype=logits.dtype).exponential_().log()) / tau).softmax(dim)
if not hard:
    return soft
index = soft.max(dim, keepdim=True)[1]
return zeros_like(logits).scatter_(dim, index, 1.) - soft + soft";
    grad "
node AddBackward0 if hard else SoftmaxBackward0
formula:
    soft = ((logits + -empty(logits.shape, dtype=logits.dtype).exponential_().log()) / tau).softmax(dim)
    if not hard:
        return soft
    index = soft.max(dim, keepdim=True)[1]
    return zeros_like(logits).scatter_(dim, index, 1.) - soft.detach() + soft";
    /// A random slope in [lower, upper) for each element that is not positive, 1 for the others.
    "_rrelu_noise" [fn] "(Tensor self, float lower, float upper, Generator? generator=None) -> Tensor" => kernel |a| Ok(with(a, 3, |g| random::rrelu_noise(a.view(0)?, a.float(1)?, a.float(2)?, g))?.into()), cuda |g, _, a| Ok(on_gpu(g.index, a, 3, |r| cuda::slopes(g, a.view(0)?, a.float(1)?, a.float(2)?, r))?.map(Into::into));
    grad "nondiff";
    /// Leaky ReLU with a random slope in [lower, upper) in training, their mean elsewhere.
    /// >>> _ = torch.manual_seed(0)
    /// >>> torch.nn.functional.rrelu(torch.tensor([-1., 2.]), training=True)
    /// tensor([-0.3271,  2.0000])
    "rrelu" [fn inplace] "(Tensor self, Scalar lower=0.125, Scalar upper=0.3333333333333333, bool training=False, Generator? generator=None) -> Tensor" => tensh "
if lower > upper:
    raise RuntimeError('Lower bound should be less than or equal to the upper bound')
return input * torch._rrelu_noise(input, lower, upper, generator) if training else torch.nn.functional.leaky_relu(input, (lower + upper) / 2)";
    grad "
node RreluWithNoiseBackward0
formula: input * _rrelu_slopes(input, lower, upper, training)";
    /// Leaky ReLU with a random slope in [lower, upper) in training, their mean elsewhere.
    /// >>> _ = torch.manual_seed(0)
    /// >>> torch.nn.functional.rrelu(torch.tensor([-1., 2.]), training=True)
    /// tensor([-0.3271,  2.0000])
    "nn.functional.rrelu" [fn inplace] "(Tensor input, float lower=0.125, float upper=0.3333333333333333, bool training=False, bool inplace=False) -> Tensor" => tensh "torch.rrelu(input, lower, upper, training)";
    grad "
node RreluWithNoiseBackward0
formula: input * _rrelu_slopes(input, lower, upper, training)";
}
