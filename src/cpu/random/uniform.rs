//! Uniform numbers: `rand`, `uniform_`.

use super::generator::{Generator, unit_f64};
use super::walk;
use super::words::{cxx, lacking};
use crate::base::DType;
use crate::base::error::Result;
use crate::base::scalar::Cast;
use crate::store::View;
use crate::{dispatch, ensure};
use half::{bf16, f16};
use pulp::Arch;

/// Draws turned into numbers at a time: one state of the engine.
const BLOCK: usize = 624;

/// A float whose uniform numbers torch makes.
pub(super) trait Uniform: Cast {
    /// Significant bits, hence bits of a draw that count.
    const DIGITS: u32;
    /// The largest number.
    const MAX: f64;
    /// Fills `out` with `from + u * (to - from)`, rounded once, `u` in `[0, 1)`.
    fn fill(generator: &mut Generator, out: &mut [Self], from: f64, to: f64);
}

/// Types that take one draw a number and compute in `f32`.
macro_rules! narrow {
    ($($t:ty, $digits:literal, $max:expr, $narrow:expr, $wide:expr);*) => {$(
        impl Uniform for $t {
            const DIGITS: u32 = $digits;
            const MAX: f64 = $max;
            fn fill(generator: &mut Generator, out: &mut [Self], from: f64, to: f64) {
                let (narrow, wide) = ($narrow, $wide);
                // Bounds and their difference are rounded to the type first.
                let from: f32 = wide(Self::from_scalar(from.into()));
                let width: f32 = wide(narrow(wide(Self::from_scalar(to.into())) - from));
                let arch = Arch::new();
                let mut bits = [0u32; BLOCK];
                for block in out.chunks_mut(BLOCK) {
                    let bits = &mut bits[..block.len()];
                    generator.fill(bits);
                    arch.dispatch(|| {
                        for (x, &b) in block.iter_mut().zip(bits.iter()) {
                            let unit = (b & ((1 << $digits) - 1)) as f32 * (1.0 / (1u32 << $digits) as f32);
                            *x = narrow(unit.mul_add(width, from));
                        }
                    });
                }
            }
        }
    )*};
}
narrow! {
    f32, 24, f32::MAX as f64, |x: f32| x, |x: f32| x;
    f16, 11, 65504.0, f16::from_f32, f16::to_f32;
    bf16, 8, 3.3895313892515355e38, bf16::from_f32, bf16::to_f32
}

impl Uniform for f64 {
    const DIGITS: u32 = 53;
    const MAX: f64 = f64::MAX;
    fn fill(generator: &mut Generator, out: &mut [Self], from: f64, to: f64) {
        let (width, arch) = (to - from, Arch::new());
        let mut bits = [0u32; BLOCK];
        for block in out.chunks_mut(BLOCK / 2) {
            let bits = &mut bits[..2 * block.len()];
            generator.fill(bits);
            arch.dispatch(|| {
                for (x, b) in block.iter_mut().zip(bits.chunks_exact(2)) {
                    *x = unit_f64(u64::from(b[0]) << 32 | u64::from(b[1])).mul_add(width, from);
                }
            });
        }
    }
}

/// `out.uniform_(from, to)`: numbers in `[from, to)`; a complex tensor's parts are numbers of their own.
///
/// # Errors
/// torch's errors for bounds out of order or range, and for an integer dtype.
pub fn uniform_(out: &mut View, from: f64, to: f64, generator: &mut Generator) -> Result<()> {
    if out.dtype().is_complex() {
        return if out.numel() == 0 { Ok(()) } else { uniform_(&mut parts(out)?, from, to, generator) };
    }
    let dtype = out.dtype();
    check_bounds(dtype, from, to)?;
    if out.numel() == 0 {
        return Ok(());
    }
    dispatch!(dtype, float T => walk::runs(out, |run: &mut [T]| {
        T::fill(generator, run, from, to);
        Ok(())
    }), else Ok(()))
}

/// Refuses bounds of uniform numbers that a dtype does not hold.
///
/// # Errors
/// As [`uniform_`].
pub fn check_bounds(dtype: DType, from: f64, to: f64) -> Result<()> {
    dispatch!(dtype, float T => {
        let (max, name) = (<T as Uniform>::MAX, dtype.cpp());
        let inside = |x: f64| -max <= x && x <= max;
        ensure!(inside(from), "from is out of bounds for {name}");
        ensure!(inside(to), "to is out of bounds for {name}");
        ensure!(
            from <= to,
            "uniform_ expects to return a [from, to) range, but found from={} > to={}", cxx(from), cxx(to)
        );
        ensure!(
            to - from <= max,
            "uniform_ expects to-from <= std::numeric_limits<{}>::max(), but found to={} and from={} which result in \
             to-from to exceed the limit", dtype.aten(), cxx(to), cxx(from)
        );
        Ok(())
    }, else Err(lacking("check_uniform_bounds", dtype)))
}

/// `torch.rand(sizes, dtype=dtype)`.
///
/// # Errors
/// As [`uniform_`] and [`View::empty`].
pub fn rand(dtype: DType, sizes: &[i64], generator: &mut Generator) -> Result<View> {
    let mut out = View::empty(dtype, sizes)?;
    uniform_(&mut out, 0.0, 1.0, generator)?;
    Ok(out)
}

/// A complex tensor's memory as real numbers, with a last dimension of 2.
///
/// # Errors
/// As [`View::with_geometry`].
pub fn parts(x: &View) -> Result<View> {
    let mut sizes = x.sizes().to_vec();
    let mut strides: Vec<i64> = x.strides().iter().map(|s| 2 * s).collect();
    sizes.push(2);
    strides.push(1);
    x.reinterpret(x.dtype().real(), &sizes, &strides, 2 * x.offset())
}
