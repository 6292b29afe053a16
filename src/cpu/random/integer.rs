//! Random integers: `randint`, `random_`, `randperm`.

use super::generator::Generator;
use super::mt19937::N;
use super::uniform::Uniform;
use super::walk;
use super::words::lacking;
use crate::base::dtype::DType;
use crate::base::error::Result;
use crate::base::interrupt::polled;
use crate::base::scalar::{Cast, Scalar};
use crate::store::View;
use crate::{dispatch, ensure};

/// Ranges from here on take 64 bits a number.
const WIDE: u64 = 1 << 28;

/// `out.random_(from, to)`: integers in `[from, to)`, of any real dtype.
///
/// # Errors
/// As [`between`].
pub fn random_between(out: &mut View, from: i64, to: i64, generator: &mut Generator) -> Result<()> {
    let (from, range) = between(out.dtype(), from, to)?;
    fill(out, from, range, generator)
}

/// Where integers in `[from, to)` begin in a dtype, and how many there are.
///
/// # Errors
/// torch's errors for an empty range and for bounds the dtype cannot hold.
pub fn between(dtype: DType, from: i64, to: i64) -> Result<(i64, u64)> {
    ensure!(from < to, "random_ expects 'from' to be less than 'to', but got from={from} >= to={to}");
    let (mut from, mut to) = (from, to);
    dispatch!(dtype, float T => {
        from = round_up::<T>(from);
        to = round_down::<T>(to);
        ensure!(
            from < to,
            "random_ expects 'from' casted to dtype to be less than 'to' casted to dtype, but got from={from} >= to={to}"
        );
    }, else ());
    check_bounds(dtype, from, to.wrapping_sub(1))?;
    Ok((from, (to as u64).wrapping_sub(from as u64)))
}

/// `out.random_(from, None)`: integers from `from` to the largest that the dtype holds without a gap.
///
/// # Errors
/// As [`from_on`].
pub fn random_from(out: &mut View, from: i64, generator: &mut Generator) -> Result<()> {
    if from == i64::MIN {
        return all_bits(out, generator);
    }
    let (from, range) = from_on(out.dtype(), from)?;
    fill(out, from, range, generator)
}

/// Where integers from `from` on begin in a dtype, and how many there are.
///
/// # Errors
/// torch's errors for bounds the dtype cannot hold.
pub fn from_on(dtype: DType, from: i64) -> Result<(i64, u64)> {
    let (mut from, mut last) = (from, 0);
    if dtype.is_float() {
        dispatch!(dtype, float T => {
            last = 1i64 << <T as Uniform>::DIGITS;
            from = round_up::<T>(from);
        }, else ());
        ensure!(
            from < last,
            "random_ expects 'from' casted to dtype to be less than or equal to 'to_inc' casted to dtype, but got \
             from={from} > to_inc={last}"
        );
    } else if dtype.is_integral() {
        last = bounds(dtype).1;
    } else {
        crate::bail!("random_from_to_impl handles only integral, floating-point and boolean types");
    }
    check_bounds(dtype, from, last)?;
    Ok((from, (last as u64).wrapping_sub(from as u64).wrapping_add(1)))
}

/// `out.random_()`: integers from 0 to the largest that the dtype holds without a gap.
///
/// # Errors
/// torch's `NotImplementedError` for complex and for `uint16` and above.
pub fn random_(out: &mut View, generator: &mut Generator) -> Result<()> {
    if out.numel() == 0 {
        return Ok(());
    }
    match out.dtype() {
        DType::Bool => walk::fill(out, || generator.random() & 1 == 1),
        DType::I64 => walk::fill(out, || (generator.random64() & i64::MAX as u64) as i64),
        DType::F64 => walk::fill(out, || (generator.random64() % ((1 << 53) + 1)) as f64),
        dtype @ (DType::U8 | DType::I8 | DType::I16 | DType::I32) => {
            let mask = bounds(dtype).1 as u32;
            dispatch!(dtype, int T => {
                walk::fill(out, || T::from_scalar(Scalar::Int(i64::from(generator.random() & mask))))
            }, else Ok(()))
        }
        dtype => dispatch!(dtype, float T => {
            // float64 went above; all others fit 32 bits.
            let count = (1u64 << <T as Uniform>::DIGITS) + 1;
            walk::fill(out, || T::from_scalar(Scalar::Int((u64::from(generator.random()) % count) as i64)))
        }, else Err(lacking("random_kernel_cpu", dtype))),
    }
}

/// Integers over all 64 bits.
fn all_bits(out: &mut View, generator: &mut Generator) -> Result<()> {
    if out.numel() == 0 {
        return Ok(());
    }
    match out.dtype() {
        DType::I64 => walk::fill(out, || generator.random64() as i64),
        DType::F64 => walk::fill(out, || generator.random64() as i64 as f64),
        DType::F32 => walk::fill(out, || generator.random64() as i64 as f32),
        DType::BF16 => walk::fill(out, || half::bf16::from_scalar(Scalar::Int(generator.random64() as i64))),
        DType::U8 | DType::I8 | DType::I16 | DType::I32 => {
            crate::bail!("random_full_64_bits_range_kernel_cpu handles only int64, double, float and bfloat16")
        }
        dtype => Err(lacking("random_full_64_bits_range_kernel_cpu", dtype)),
    }
}

/// `from + draw % range`; a range of 0 stands for 2^64 and cannot come here.
fn fill(out: &mut View, from: i64, range: u64, generator: &mut Generator) -> Result<()> {
    if out.numel() == 0 {
        return Ok(());
    }
    let dtype = out.dtype();
    let range = range.max(1);
    dispatch!(dtype, real T => {
        let of = |offset: u64| T::from_scalar(Scalar::Int(from.wrapping_add(offset as i64)));
        if range >= WIDE {
            let mut bits = [0; N];
            walk::runs(out, |run: &mut [T]| {
                for block in run.chunks_mut(N / 2) {
                    let bits = &mut bits[..2 * block.len()];
                    generator.fill(bits);
                    for (x, b) in block.iter_mut().zip(bits.chunks_exact(2)) {
                        *x = of((u64::from(b[0]) << 32 | u64::from(b[1])) % range);
                    }
                }
                Ok(())
            })
        } else {
            // The remainder by two products instead of a division (Lemire, Kaser and Kurz, 2019): exact for 32 bits.
            let share = (u64::MAX / range).wrapping_add(1);
            let rest = |draw: u32| (u128::from(share.wrapping_mul(draw.into())) * u128::from(range)) >> 64;
            let mut bits = [0; N];
            walk::runs(out, |run: &mut [T]| {
                for block in run.chunks_mut(N) {
                    let bits = &mut bits[..block.len()];
                    generator.fill(bits);
                    block.iter_mut().zip(bits).for_each(|(x, &mut b)| *x = of(rest(b) as u64));
                }
                Ok(())
            })
        }
    }, else Err(lacking("random_from_to_kernel_cpu", dtype)))
}

/// `torch.randint(from, to, sizes, dtype=dtype)`.
///
/// # Errors
/// As [`random_between`] and [`View::empty`].
pub fn randint(from: i64, to: i64, sizes: &[i64], dtype: DType, generator: &mut Generator) -> Result<View> {
    let mut out = View::empty(dtype, sizes)?;
    random_between(&mut out, from, to, generator)?;
    Ok(out)
}

/// `torch.randperm(n, dtype=dtype)`: `0..n` in random order.
///
/// # Errors
/// torch's errors for a negative `n`, one the dtype cannot count to, and bool or complex.
pub fn randperm(n: i64, dtype: DType, generator: &mut Generator) -> Result<View> {
    ensure!(n >= 0, "Trying to create tensor with negative dimension {n}: [{n}]");
    check_count(n, dtype)?;
    let mut out = View::empty(dtype, &[n])?;
    if matches!(dtype, DType::Bool | DType::U16 | DType::U32 | DType::U64) || dtype.is_complex() {
        return Err(lacking("randperm", dtype));
    }
    // Where n comes near the reach of 32 bits, 64 are drawn.
    let wide = n >= i64::from(u32::MAX) / 20;
    dispatch!(dtype, real T => {
        let r = out.slice_mut::<T>();
        for (i, x) in polled(r.iter_mut()).enumerate() {
            *x = T::from_scalar(Scalar::Int(i as i64));
        }
        for i in polled(0..r.len().saturating_sub(1)) {
            let rest = r.len() - i;
            let z = match wide {
                true => (generator.random64() % rest as u64) as usize,
                false => (generator.random() % rest as u32) as usize,
            };
            r.swap(i, i + z);
        }
    }, else ());
    Ok(out)
}

/// Refuses an `n` above what the dtype counts without gaps.
///
/// # Errors
/// torch's words for it.
pub fn check_count(n: i64, dtype: DType) -> Result<()> {
    let most = match dtype {
        DType::F16 => (1 << 11) + 1,
        DType::F32 => (1 << 24) + 1,
        DType::F64 => (1 << 53) + 1,
        _ => i64::MAX,
    };
    ensure!(n <= most, "n cannot be greater than {most} for {} type.", dtype.aten());
    let name = match dtype {
        DType::U8 => "uint8_t",
        DType::I8 => "int8_t",
        DType::I16 => "int16_t",
        DType::I32 => "int",
        _ => return Ok(()),
    };
    ensure!(n <= bounds(dtype).1 + 1, "value cannot be converted to type {name} without overflow");
    Ok(())
}

/// Smallest and largest integer of an integral dtype, as far as an `i64` tells.
fn bounds(dtype: DType) -> (i64, i64) {
    match dtype {
        DType::Bool => (0, 1),
        DType::U8 => (0, 255),
        DType::I8 => (-128, 127),
        DType::I16 => (i64::from(i16::MIN), i64::from(i16::MAX)),
        DType::I32 => (i64::from(i32::MIN), i64::from(i32::MAX)),
        DType::U16 => (0, i64::from(u16::MAX)),
        DType::U32 => (0, i64::from(u32::MAX)),
        DType::U64 => (0, -1),
        _ => (i64::MIN, i64::MAX),
    }
}

fn check_bounds(dtype: DType, from: i64, last: i64) -> Result<()> {
    let name = dtype.cpp();
    let inside = |x: i64| -> Option<bool> {
        if dtype.is_float() {
            return dispatch!(dtype, float T => {
                let max = <T as Uniform>::MAX;
                Some(-max <= x as f64 && x as f64 <= max)
            }, else None);
        }
        let (low, high) = if dtype == DType::U64 { (0, i64::MAX) } else { bounds(dtype) };
        dtype.is_integral().then_some(low <= x && x <= high)
    };
    let (Some(a), Some(b)) = (inside(from), inside(last)) else {
        crate::bail!("check_random_bounds handles only integral, floating-point and boolean types");
    };
    ensure!(a, "from is out of bounds for {name}");
    ensure!(b, "to - 1 is out of bounds for {name}");
    Ok(())
}

/// The position of an integer's highest bit.
fn log2(x: i64) -> u32 {
    x.unsigned_abs().max(1).ilog2()
}

/// `from`, moved up to the next number of the dtype when rounding would take it below.
fn round_up<T: Uniform>(from: i64) -> i64 {
    let next = from.wrapping_add(1);
    let rounded = i64::cast_from(T::from_scalar(Scalar::Int(next)));
    if rounded < from { rounded.wrapping_add(step::<T>(next)) } else { from }
}

/// `to`, moved down when rounding would take the last number to it or above.
fn round_down<T: Uniform>(to: i64) -> i64 {
    let last = to.wrapping_sub(1);
    let rounded = i64::cast_from(T::from_scalar(Scalar::Int(last)));
    if rounded >= to { rounded.wrapping_sub(step::<T>(last)) } else { to }
}

/// The gap between numbers of the dtype around `x`.
fn step<T: Uniform>(x: i64) -> i64 {
    1i64.checked_shl((log2(x) + 1).saturating_sub(T::DIGITS)).unwrap_or(0)
}
