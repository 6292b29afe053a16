//! Pooling: a thread for each window.
#![allow(unsafe_code)]

use crate::base::DType;
use crate::base::error::Result;
use crate::base::shape::Shape;
use crate::cpu::spatial::pool::{Windows, fits};
use crate::cpu::spatial::triple;
use crate::cuda::copy;
use crate::cuda::launch::{Parameters, read, written};
use crate::store::View;
use crate::store::cuda::Gpu;

/// Which windows are pooled.
#[derive(Clone, Copy, Debug)]
pub enum Over<'a> {
    /// Those that slide.
    Sliding(Windows<'a>),
    /// So many in each dimension, that cover the input evenly.
    Even(&'a [i64]),
}

/// What a sum is divided by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Divisor {
    /// A number.
    Given(i64),
    /// The elements of the window with those of the padding.
    WithPadding,
    /// Those that are there.
    There,
    /// Those of one dimension after the other.
    Each,
}

impl Over<'_> {
    /// Whether these are windows over the last dimensions of `x`; the CPU's function says why not.
    fn fits(&self, x: &View) -> bool {
        match self {
            Self::Sliding(w) => w.check(x).is_ok(),
            Self::Even(counts) => fits(x, counts).is_ok(),
        }
    }
}

/// The parameters of windows over a contiguous input, and the sizes of what comes out.
fn parameters(x: &View, over: Over<'_>) -> (Parameters, Shape) {
    let counts = match over {
        Over::Sliding(w) => w.counts,
        Over::Even(counts) => counts,
    };
    let kept = x.ndim() - counts.len();
    let size = triple(&x.sizes()[kept..], 1);
    let all = match over {
        Over::Sliding(w) => {
            [triple(w.kernel, 1), triple(counts, 1), triple(w.stride, 1), triple(w.padding, 0), triple(w.dilation, 1)]
        }
        // A kernel of none divides evenly.
        Over::Even(_) => [[0; 3], triple(counts, 1), [1; 3], [0; 3], [1; 3]],
    };
    let mut parameters = Parameters::new();
    super::slide(&mut parameters, [size, all[0], all[1], all[2], all[3], all[4]]);
    (parameters, x.sizes()[..kept].iter().chain(counts).copied().collect())
}

/// The largest element of each window and, where asked for, its number in its plane.
///
/// # Errors
/// What the device refuses.
pub fn largest(gpu: &'static Gpu, x: &View, over: Over<'_>, places: bool) -> Result<Option<(View, View)>> {
    let dtype = x.dtype();
    // Sliding windows over signals, and even ones, are of floats alone; the CPU's function says so.
    let floats = match over {
        Over::Sliding(w) => w.kernel.len() == 1 && !places,
        Over::Even(_) => true,
    };
    if dtype == DType::Bool || dtype.is_complex() || floats && !dtype.is_float() || x.numel() == 0 || !over.fits(x) {
        return Ok(None);
    }
    let x = copy::contiguous(gpu, x)?;
    let (mut parameters, sizes) = parameters(&x, over);
    let values = View::empty_on(gpu.device(), dtype, &sizes)?;
    let numbers = if places {
        View::empty_on(gpu.device(), DType::I64, &sizes)?
    } else {
        View::empty_on(gpu.device(), DType::I64, &[1])?.expand(&sizes)?
    };
    let n = values.numel();
    if n == 0 {
        return Ok(Some((values, numbers)));
    }
    let function = super::kernel(
        gpu,
        dtype,
        "const S* x, S* values, int64_t* numbers, uint64_t n",
        "largest_of_windows<Io, S, R>(w, x, values, numbers, n)",
    )?;
    parameters.address(read(&x)?).address(written(&values)?);
    parameters.address(if places { written(&numbers)? } else { 0 }).int(n as i64);
    // SAFETY: the parameters are those of the text; there is an element for each window.
    unsafe { super::launch(gpu, function, &mut parameters, n)? };
    Ok(Some((values, numbers)))
}

/// The mean of each window.
///
/// # Errors
/// What the device refuses.
pub fn mean(gpu: &'static Gpu, x: &View, over: Over<'_>, divisor: Divisor) -> Result<Option<View>> {
    let dtype = x.dtype();
    if !dtype.is_float() || x.numel() == 0 || !over.fits(x) {
        return Ok(None);
    }
    let x = copy::contiguous(gpu, x)?;
    let (mut parameters, sizes) = parameters(&x, over);
    let out = View::empty_on(gpu.device(), dtype, &sizes)?;
    let n = out.numel();
    if n == 0 {
        return Ok(Some(out));
    }
    let (by, given) = match divisor {
        Divisor::Given(n) => ("GIVEN", n as f64),
        Divisor::WithPadding => ("WITH_PADDING", 1.0),
        Divisor::There => ("THERE", 1.0),
        Divisor::Each => ("EACH", 1.0),
    };
    let call = format!("means_of_windows<Io, S, R, {by}>(w, x, out, n, given)");
    let function = super::kernel(gpu, dtype, "const S* x, S* out, uint64_t n, double given", &call)?;
    parameters.address(read(&x)?).address(written(&out)?).int(n as i64).bytes(&given.to_ne_bytes());
    // SAFETY: as in `largest`.
    unsafe { super::launch(gpu, function, &mut parameters, n)? };
    Ok(Some(out))
}
