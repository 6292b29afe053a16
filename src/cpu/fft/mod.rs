//! Discrete Fourier transforms (through `rustfft`): one dimension at a time, each with its share of the scaling.

mod plan;

use super::{copy, parallel, place, rearrange};
use crate::base::dtype::Element;
use crate::base::error::{Result, not_implemented, runtime};
use crate::base::promote::default_dtype;
use crate::base::scalar::{Cast, Scalar};
use crate::base::shape::{existing_dim, wrap_dim, wrap_dims};
use crate::base::{DType, interrupt};
use crate::store::View;
use crate::{bail, ensure};
use num_complex::Complex;
use plan::{Key, Plan, Planned, plan};
use rustfft::FftNum;
use std::iter::repeat;
use std::sync::Arc;

/// Numbers from which one transform takes long enough to be interrupted.
const LONG: usize = 1 << 22;

/// Numbers of the lanes that a task transforms at a time.
const GROUP: usize = 1 << 14;

/// Length from which a real signal goes as half as many complex numbers; the rounding of shorter ones shows in print.
const PACKED: usize = 64;

/// Which parts are complex.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parts {
    /// Complex to complex.
    Full,
    /// Real to the first half of a Hermitian signal.
    FromReal,
    /// Real to a whole Hermitian signal, which keeps its symmetry exact.
    Mirrored,
    /// The first half of a Hermitian signal to real.
    ToReal,
}

/// A transform of torch.fft: its name in messages, its parts and its sign.
#[derive(Clone, Copy, Debug)]
pub struct Transform {
    /// `fft`, `rfft`, ... without a count of dimensions.
    pub name: &'static str,
    /// Which parts are complex.
    pub parts: Parts,
    /// Whether the exponent is negative.
    pub forward: bool,
}

/// One call along one dimension.
#[derive(Clone, Copy, Debug)]
pub struct Along {
    /// The dimension.
    pub dim: usize,
    /// Length of the signal.
    pub n: i64,
    /// Which parts are complex.
    pub parts: Parts,
    /// Whether the exponent is negative.
    pub forward: bool,
    /// What comes out is multiplied by it.
    pub scale: f64,
}

/// The factor of a transform of length `n`.
fn scale(norm: Option<&str>, forward: bool, n: i64) -> Result<f64> {
    Ok(match norm {
        None | Some("backward") if forward => 1.0,
        Some("forward") if !forward => 1.0,
        None | Some("backward" | "forward") => 1.0 / n as f64,
        Some("ortho") => 1.0 / (n as f64).sqrt(),
        Some(other) => bail!("Invalid normalization mode: \"{other}\""),
    })
}

/// The dtype a transform computes in: integers as the default float, complex when it must be.
fn prepared(x: &View, complex: bool) -> Result<View> {
    let dtype = if x.dtype().is_integral() { default_dtype() } else { x.dtype() };
    ensure!(!dtype.is_half(), "Unsupported dtype {}", dtype.aten());
    let dtype = if complex { dtype.complex().unwrap_or(dtype) } else { dtype };
    place::cast(x, dtype)
}

fn positive(n: i64) -> Result<i64> {
    ensure!(n >= 1, "Invalid number of data points ({n}) specified");
    Ok(n)
}

impl Transform {
    /// Along one dimension, the signal cut or padded with zeros to `n`.
    ///
    /// # Errors
    /// torch's errors for lengths, dimensions, dtypes and modes that it refuses.
    pub fn one(self, x: &View, n: Option<i64>, dim: i64, norm: Option<&str>) -> Result<View> {
        if self.parts == Parts::FromReal && x.dtype().is_complex() {
            bail!("{} expects a real input tensor, but got {}", self.name, x.dtype().aten());
        }
        let real = !x.dtype().is_complex();
        let parts = if self.parts == Parts::Full && real { Parts::Mirrored } else { self.parts };
        let x = prepared(x, !matches!(parts, Parts::FromReal | Parts::Mirrored))?;
        let dim = existing_dim(dim, x.ndim())?;
        let have = x.sizes()[dim];
        let n = positive(n.unwrap_or(if self.parts == Parts::ToReal { 2 * (have - 1) } else { have }))?;
        run(&x, &Along { dim, n, parts, forward: self.forward, scale: scale(norm, self.forward, n)? })
    }

    /// Along several dimensions (all when neither they nor sizes are given); the real side is the last one.
    ///
    /// # Errors
    /// As [`Transform::one`].
    pub fn many(self, x: &View, s: Option<&[i64]>, dims: Option<&[i64]>, norm: Option<&str>) -> Result<View> {
        let name = self.name;
        let complex = self.parts == Parts::FromReal && x.dtype().is_complex();
        ensure!(
            !complex || name == "ihfft",
            "{name}n expects a real-valued input tensor, but got {}",
            x.dtype().aten()
        );
        let (dims, mut sizes) = geometry(x, s, dims)?;
        for &n in &sizes {
            positive(n)?;
        }
        if complex {
            scale(norm, self.forward, 1)?;
            bail!("Only supports floating-point dtypes, but found: {}", x.dtype().aten());
        }
        if let (Parts::ToReal, Some(&last)) = (self.parts, dims.last())
            && s.is_none_or(|s| s[s.len() - 1] == -1)
        {
            let at = sizes.len() - 1;
            sizes[at] = positive(2 * (x.sizes()[last] - 1))?;
        }
        ensure!(self.parts == Parts::Full || !dims.is_empty(), "{name}n must transform at least one axis");
        let x = prepared(x, self.parts != Parts::FromReal)?;
        let Some((&last, others)) = dims.split_last() else {
            scale(norm, self.forward, 1)?;
            return Ok(x);
        };
        let along = |dim: usize, n: i64, parts: Parts| -> Result<Along> {
            Ok(Along { dim, n, parts, forward: self.forward, scale: scale(norm, self.forward, n)? })
        };
        let last = along(last, sizes[sizes.len() - 1], self.parts)?;
        // The real side comes first where it is the input, last where it is the output.
        let mut out = if self.parts == Parts::ToReal { x } else { run(&x, &last)? };
        for (&dim, &n) in others.iter().zip(&sizes) {
            out = run(&out, &along(dim, n, Parts::Full)?)?;
        }
        if self.parts == Parts::ToReal { run(&out, &last) } else { Ok(out) }
    }
}

/// The dimensions to transform and the lengths there.
fn geometry(x: &View, s: Option<&[i64]>, dims: Option<&[i64]>) -> Result<(Vec<usize>, Vec<i64>)> {
    let rank = x.ndim();
    if let Some(&first) = dims.and_then(<[i64]>::first) {
        existing_dim(first, rank)?;
    }
    let dims: Vec<usize> = match (dims, s) {
        (Some(dims), _) => {
            for (i, &d) in dims.iter().enumerate() {
                let d = wrap_dim(d, rank)?;
                let again = dims[..i].iter().any(|&e| wrap_dim(e, rank).is_ok_and(|e| e == d));
                ensure!(!again, "FFT dims must be unique");
            }
            wrap_dims(dims, rank)?.to_vec()
        }
        (None, Some(s)) => {
            ensure!(s.len() <= rank, "Got shape with {} values but input tensor only has {rank} dimensions.", s.len());
            (rank - s.len()..rank).collect()
        }
        (None, None) => (0..rank).collect(),
    };
    let Some(s) = s else {
        let sizes = dims.iter().map(|&d| x.sizes()[d]).collect();
        return Ok((dims, sizes));
    };
    ensure!(s.len() == dims.len(), "When given, dim and shape arguments must have the same length");
    let sizes = s.iter().zip(&dims).map(|(&n, &d)| if n == -1 { x.sizes()[d] } else { n }).collect();
    Ok((dims, sizes))
}

fn run(x: &View, along: &Along) -> Result<View> {
    if let Some(f) = place::forms()
        && let Some(out) = place::given(f.fourier(x, along)?)
    {
        return Ok(out);
    }
    match x.dtype() {
        DType::F32 => lanes::<f32, f32>(x, along),
        DType::F64 => lanes::<f64, f64>(x, along),
        DType::C32 => lanes::<f32, Complex<f32>>(x, along),
        DType::C64 => lanes::<f64, Complex<f64>>(x, along),
        other => Err(runtime(format!("Unsupported dtype {}", other.aten()))),
    }
}

/// An element that enters a transform over `T`.
trait Enters<T>: Cast {
    fn complex(self) -> Complex<T>;
}

impl<T: Cast + num_traits::Zero> Enters<T> for T {
    fn complex(self) -> Complex<T> {
        Complex::new(self, T::zero())
    }
}

impl Enters<f32> for Complex<f32> {
    fn complex(self) -> Complex<f32> {
        self
    }
}

impl Enters<f64> for Complex<f64> {
    fn complex(self) -> Complex<f64> {
        self
    }
}

/// The transform of one lane.
struct Lane<T: FftNum> {
    along: Along,
    plan: Arc<Plan<T>>,
    /// Whether a real side goes as half as many complex numbers.
    packed: bool,
    scale: T,
}

impl<T: Planned> Lane<T>
where
    Complex<T>: Cast,
{
    fn new(along: &Along, shared: bool) -> Self {
        let n = along.n as usize;
        let packed = along.parts != Parts::Full && n >= PACKED && n.is_multiple_of(2);
        let forward = match along.parts {
            Parts::FromReal | Parts::Mirrored => true,
            // The transform of what is Hermitian is the inverse one of its conjugate.
            Parts::ToReal => along.forward && !packed,
            Parts::Full => along.forward,
        };
        let plan = plan(Key { n: if packed { n / 2 } else { n }, forward, packed, shared });
        Lane { along: *along, plan, packed, scale: T::from_scalar(Scalar::Float(along.scale)) }
    }

    /// Complex numbers that a lane's transform is written as.
    fn width(&self) -> usize {
        let n = self.along.n as usize;
        match self.along.parts {
            Parts::FromReal if self.packed => n / 2 + 1,
            Parts::ToReal if self.packed => n / 2,
            _ => n,
        }
    }

    /// Numbers of room that a lane needs.
    fn room(&self) -> usize {
        self.plan.room() + self.along.n as usize / 2 + 1
    }

    fn run<E: Enters<T>>(&self, from: &[E], to: &mut [Complex<T>], room: &mut [Complex<T>]) {
        let (n, zero) = (self.along.n as usize, Complex::new(T::zero(), T::zero()));
        let half = n / 2 + 1;
        let (bins, room) = room.split_at_mut(half);
        let from = &from[..from.len().min(if self.along.parts == Parts::ToReal { half } else { n })];
        // Every `step`th of the elements from the first on, then zeros.
        let taken = |first: usize, step: usize| from.iter().skip(first).step_by(step).map(|v| v.complex());
        let plain = |first: usize, step: usize, own: &mut [Complex<T>]| {
            own.iter_mut().zip(taken(first, step).chain(repeat(zero))).for_each(|(o, v)| *o = v);
        };
        match self.along.parts {
            Parts::Full => {
                self.plan.run(plain, to, room);
                self.scaled(to);
            }
            Parts::FromReal | Parts::Mirrored if self.packed => {
                let pairs = |first: usize, step: usize, own: &mut [Complex<T>]| {
                    let pairs = from.get(2 * first..).unwrap_or(&[]).chunks(2 * step);
                    let pairs =
                        pairs.map(|c| Complex::new(c[0].complex().re, c.get(1).map_or(zero, |c| c.complex()).re));
                    own.iter_mut().zip(pairs.chain(repeat(zero))).for_each(|(o, v)| *o = v);
                };
                self.plan.run(pairs, &mut to[..n / 2], room);
                self.plan.unpack(&mut to[..half], self.scale);
                hermitian(to, n, self.along.forward);
            }
            Parts::FromReal | Parts::Mirrored => {
                self.plan.run(plain, to, room);
                self.scaled(to);
                hermitian(to, n, self.along.forward);
            }
            Parts::ToReal => {
                plain(0, 1, bins);
                bins[0].im = T::zero();
                if n.is_multiple_of(2) {
                    bins[n / 2].im = T::zero();
                }
                if self.packed {
                    if self.along.forward {
                        bins.iter_mut().for_each(|z| *z = z.conj());
                    }
                    self.plan.pack(bins, self.scale);
                }
                let bin = |k: usize| if self.packed || k < half { bins[k] } else { bins[n - k].conj() };
                let load = |first: usize, step: usize, own: &mut [Complex<T>]| {
                    own.iter_mut().enumerate().for_each(|(i, o)| *o = bin(first + i * step));
                };
                self.plan.run(load, to, room);
                if !self.packed {
                    self.scaled(to);
                }
            }
        }
    }

    fn scaled(&self, to: &mut [Complex<T>]) {
        if self.along.scale != 1.0 {
            to.iter_mut().for_each(|z| *z = z.scale(self.scale));
        }
    }
}

fn lanes<T, E>(x: &View, along: &Along) -> Result<View>
where
    T: Planned,
    Complex<T>: Cast,
    E: Enters<T>,
{
    let n = along.n as usize;
    // The transformed dimension goes last.
    let last = x.ndim() - 1;
    let mut order: Vec<usize> = (0..x.ndim()).filter(|&d| d != along.dim).collect();
    order.push(along.dim);
    let moved = x.permute(&order);
    let mut sizes = moved.sizes().to_vec();
    let have = sizes[last] as usize;
    let rows: usize = sizes[..last].iter().product::<i64>() as usize;
    ensure!(rows > 0, "MKL FFT error: Intel oneMKL DFTI ERROR: Inconsistent configuration parameters");
    let threads = if rows * n < GROUP { 1 } else { parallel::threads() };
    let shared = rows < threads;
    let lane = Lane::<T>::new(along, shared);
    let (width, packed) = (lane.width(), lane.packed);
    sizes[last] = width as i64;
    let source = copy::contiguous(&moved)?;
    let source = source.slice::<E>();
    let mut out = View::empty(<Complex<T> as Element>::DTYPE, &sizes)?;
    let numbers = out.slice_mut::<Complex<T>>();
    if n >= LONG {
        let lane = Arc::new(lane);
        for (row, to) in numbers.chunks_exact_mut(width).enumerate() {
            let (lane, from) = (Arc::clone(&lane), source[row * have..(row + 1) * have].to_vec());
            let done = interrupt::abandonable(move || {
                let zeros = |n| vec![Complex::new(T::zero(), T::zero()); n];
                let (mut to, mut room) = (zeros(width), zeros(lane.room()));
                lane.run(&from, &mut to, &mut room);
                to
            });
            to.copy_from_slice(&done);
        }
    } else {
        let group = if shared { rows } else { (GROUP / n).clamp(1, rows.div_ceil(threads)) };
        parallel::for_each(numbers.chunks_mut(group * width).enumerate(), GROUP.div_ceil(2 * group * n), |(i, to)| {
            let mut room = vec![Complex::new(T::zero(), T::zero()); lane.room()];
            for (row, to) in (i * group..).zip(to.chunks_exact_mut(width)) {
                lane.run(&source[row * have..(row + 1) * have], to, &mut room);
            }
        });
    }
    sizes[last] = if along.parts == Parts::FromReal { n as i64 / 2 + 1 } else { n as i64 };
    let out = match along.parts {
        Parts::FromReal => copy::contiguous(&out.narrow(last, 0, sizes[last]))?,
        Parts::ToReal => {
            // Pairs of real numbers, or the real parts.
            let mut strides: Vec<i64> = out.strides().iter().map(|s| 2 * s).collect();
            strides[last] = if packed { 1 } else { 2 };
            copy::contiguous(&out.reinterpret(T::DTYPE, &sizes, &strides, 0)?)?
        }
        Parts::Full | Parts::Mirrored => out,
    };
    let mut back = vec![0; order.len()];
    order.iter().enumerate().for_each(|(i, &d)| back[d] = i);
    Ok(out.permute(&back))
}

/// Makes the transform of a real signal of length `n` exactly Hermitian: real ends, conjugate for the inverse, and as far as
/// there is room the half that mirrors the first.
fn hermitian<T: FftNum>(lane: &mut [Complex<T>], n: usize, forward: bool) {
    lane[0].im = T::zero();
    if n.is_multiple_of(2) {
        lane[n / 2].im = T::zero();
    }
    if !forward {
        lane[..n / 2 + 1].iter_mut().for_each(|z| *z = z.conj());
    }
    for k in n / 2 + 1..lane.len() {
        lane[k] = lane[n - k].conj();
    }
}

/// The frequencies of a transform's bins: `fftfreq`, or with `half` the first half of them (`rfftfreq`).
///
/// # Errors
/// torch's errors for a negative count and a dtype that is not floating.
pub fn frequencies(n: i64, d: f64, half: bool, dtype: DType) -> Result<View> {
    let name = if half { "rfftfreq" } else { "fftfreq" };
    let count = if half { n / 2 + 1 } else { n };
    ensure!(count >= 0 || half, "Trying to create tensor with negative dimension {count}: [{count}]");
    ensure!(!dtype.is_integral(), "{name} requires a floating point or complex dtype");
    if dtype.is_complex() {
        return Err(not_implemented(format!("\"arange_cpu\" not implemented for '{}'", dtype.aten())));
    }
    ensure!(count >= 0, "Trying to create tensor with negative dimension {count}: [{count}]");
    let mut out = View::empty(dtype, &[count])?;
    let step = 1.0 / (n as f64 * d);
    let step = if dtype == DType::F64 { step } else { f64::from(step as f32) };
    crate::dispatch!(dtype, float T => for (i, x) in out.slice_mut::<T>().iter_mut().enumerate() {
        let i = i as i64;
        let bin = if !half && i >= (n + 1) / 2 { i - n } else { i };
        *x = T::from_scalar(Scalar::Float(bin as f64 * step));
    }, else ());
    Ok(out)
}

/// Rolls the zero frequency to the middle of each dimension, or back.
///
/// # Errors
/// torch's `IndexError` for a dimension out of range.
pub fn shift(x: &View, dims: Option<&[i64]>, back: bool) -> Result<View> {
    let all: Vec<i64> = (0..x.ndim() as i64).collect();
    let dims = dims.unwrap_or(&all);
    let mut shifts = Vec::with_capacity(dims.len());
    for &d in dims {
        let n = x.sizes()[existing_dim(d, x.ndim())?];
        shifts.push(if back { (n + 1) / 2 } else { n / 2 });
    }
    rearrange::roll(x, &shifts, dims)
}
