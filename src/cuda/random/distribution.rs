//! Distributions as kernels draw from them: PyTorch's formulas on CUDA, which are not those of the CPU.

use crate::base::DType;
use crate::base::scalar::{Cast, Scalar};
use crate::cuda::types::{register, rounded};
use crate::dispatch;
use std::borrow::Cow;

/// A number that a kernel is given: its C type and its bytes.
pub(super) type Number = (&'static str, Vec<u8>);

/// What elements of a dtype become: an expression over a drawn number.
#[derive(Clone, Debug)]
pub struct Distribution {
    /// The elements' dtype.
    pub dtype: DType,
    /// The kernel library's type that makes numbers of a block of words.
    pub(super) draw: &'static str,
    /// How many numbers a block gives.
    pub(super) count: usize,
    /// The numbers `a`, `b`, ... of the expression.
    pub(super) numbers: Vec<Number>,
    /// The element as its register holds it, over the drawn number `u`.
    pub(super) value: Cow<'static, str>,
}

/// Ranges from here on take 64 bits a number.
const WIDE: u64 = 1 << 28;

/// The dtypes of counts and truths that kernels know.
fn counts(dtype: DType) -> bool {
    !dtype.is_complex() && !matches!(dtype, DType::U16 | DType::U32 | DType::U64)
}

impl Distribution {
    /// Of a float drawn, in double precision for `float64` alone.
    fn of_floats(dtype: DType, normal: bool, parameters: &[f64], value: impl Into<Cow<'static, str>>) -> Distribution {
        let wide = dtype == DType::F64;
        let draw = match (normal, wide) {
            (false, false) => "uniform32",
            (false, true) => "uniform64",
            (true, false) => "normal32",
            (true, true) => "normal64",
        };
        let number = |x: &f64| match wide {
            true => ("double", x.to_ne_bytes().to_vec()),
            false => ("float", (*x as f32).to_ne_bytes().to_vec()),
        };
        let numbers = parameters.iter().map(number).collect();
        Distribution { dtype, draw, count: if wide { 2 } else { 4 }, numbers, value: value.into() }
    }

    /// Uniform numbers in `[from, to)`, bounds that were checked; a complex number's parts are numbers of their own.
    pub fn uniform(dtype: DType, from: f64, to: f64) -> Option<Distribution> {
        let dtype = dtype.real();
        if !dtype.is_float() {
            return None;
        }
        let round = |x: f64| dispatch!(dtype, float T => f64::cast_from(T::from_scalar(Scalar::Float(x))), else x);
        let (from, to) = (round(from), round(to));
        // The ends of (0, 1] are exchanged where they meet.
        let value: Cow<'static, str> = if dtype.is_half() {
            let drawn = rounded(dtype, "fma(u, a, b)");
            format!("{drawn} == c ? b : {drawn}").into()
        } else {
            "fma(u, a, b) == c ? b : fma(u, a, b)".into()
        };
        Some(Self::of_floats(dtype, false, &[round(to - from), from, to], value))
    }

    /// Normal numbers; a complex number's parts have half the variance each.
    pub fn normal(dtype: DType, mean: f64, std: f64) -> Option<Distribution> {
        let std = if dtype.is_complex() { std / std::f64::consts::SQRT_2 } else { std };
        let dtype = dtype.real();
        let good = dtype.is_float() && std >= 0.0;
        good.then(|| Self::of_floats(dtype, true, &[mean, std], "fma(u, b, a)"))
    }

    /// The exponentials of normal numbers.
    pub fn log_normal(dtype: DType, mean: f64, std: f64) -> Option<Distribution> {
        let good = dtype.is_float() && std > 0.0;
        good.then(|| Self::of_floats(dtype, true, &[mean, std], "fast_exp(fma(u, b, a))"))
    }

    /// Exponential numbers of a rate.
    pub fn exponential(dtype: DType, lambda: f64) -> Option<Distribution> {
        let good = dtype.is_float() && lambda > 0.0;
        good.then(|| Self::of_floats(dtype, false, &[lambda], "-1 / a * exponential(u)"))
    }

    /// Cauchy numbers.
    pub fn cauchy(dtype: DType, median: f64, sigma: f64) -> Option<Distribution> {
        let good = dtype.is_float() && sigma > 0.0;
        good.then(|| Self::of_floats(dtype, false, &[median, sigma], "cauchy(u, a, b)"))
    }

    /// Numbers of trials until the first success.
    pub fn geometric(dtype: DType, p: f64) -> Option<Distribution> {
        let good = counts(dtype) && dtype != DType::Bool && 0.0 < p && p < 1.0;
        good.then(|| Self::of_floats(dtype, false, &[p], "geometric(u, a)"))
    }

    /// 1 with probability `p`, else 0.
    pub fn bernoulli(dtype: DType, p: f64) -> Option<Distribution> {
        let good = counts(dtype) && (0.0..=1.0).contains(&p);
        good.then(|| Self::of_floats(dtype, false, &[p], "u < a"))
    }

    /// Integers from `from` on, `range` of them; 0 stands for all of 64 bits.
    pub fn integers(dtype: DType, from: i64, range: u64) -> Option<Distribution> {
        if dtype.is_complex() {
            return None;
        }
        let number = vec![("uint64_t", range.to_ne_bytes().to_vec()), ("int64_t", from.to_ne_bytes().to_vec())];
        let (draw, count, drawn) = match range {
            0 => ("words64", 2, "u"),
            WIDE.. => ("words64", 2, "u % a"),
            // A division of 32 bits does.
            _ => ("words32", 4, "uint64_t(u % uint32_t(a))"),
        };
        let value = if range == 0 { "int64_t(u)".into() } else { format!("int64_t({drawn} + uint64_t(b))").into() };
        Some(Distribution { dtype, draw, count, numbers: number, value })
    }

    /// Integers from 0 to the largest that the dtype holds without a gap.
    pub fn whole(dtype: DType) -> Option<Distribution> {
        let range: u64 = match dtype {
            DType::Bool => 2,
            DType::U8 => 1 << 8,
            DType::I8 => 1 << 7,
            DType::I16 => 1 << 15,
            DType::I32 => 1 << 31,
            DType::I64 => 1 << 63,
            DType::F16 => (1 << 11) + 1,
            DType::BF16 => (1 << 8) + 1,
            DType::F32 => (1 << 24) + 1,
            DType::F64 => (1 << 53) + 1,
            _ => return None,
        };
        let wide = matches!(dtype, DType::I64 | DType::F64);
        let numbers = vec![("uint64_t", range.to_ne_bytes().to_vec())];
        let (draw, count, value) = match wide {
            true => ("words64", 2, "int64_t(u % a)"),
            false => ("words32", 4, "int64_t(u % uint32_t(a))"),
        };
        Some(Distribution { dtype, draw, count, numbers, value: value.into() })
    }

    /// The element as its register holds it.
    pub(super) fn converted(&self) -> String {
        format!("cast<{}>({})", register(self.dtype), self.value)
    }
}
