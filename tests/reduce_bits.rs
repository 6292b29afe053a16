//! Reductions have the reference's bits: `data/reduce_bits.txt` holds its results, made by the script beside it.
//!
//! Sums of more than 32768 elements are split among threads; the table was made with two.

use num_complex::Complex;
use tensh::base::{DType, Result, Scalar};
use tensh::cpu::reduce::{extremes, moments, norm, product, quantile, select, sum};
use tensh::cpu::{copy, scan};
use tensh::dispatch;
use tensh::store::View;

fn numbers(n: usize) -> Vec<f64> {
    (0..n as u64).map(|i| (((i * 2_654_435_761 + 12345) % (1 << 32)) >> 8) as f64 / f64::from(1 << 20) - 8.0).collect()
}

fn input(dtype: DType, sizes: &[i64]) -> Result<View> {
    let n = sizes.iter().product::<i64>() as usize;
    if dtype.is_complex() {
        let parts: Vec<Complex<f64>> = numbers(2 * n).chunks(2).map(|p| Complex::new(p[0], p[1])).collect();
        return copy::cast(&View::from_slice(&parts, sizes)?, dtype);
    }
    copy::cast(&View::from_slice(&numbers(n), sizes)?, dtype)
}

fn run(op: &str, x: &View, dims: Option<&[i64]>) -> Result<Vec<View>> {
    let dim = dims.map_or(0, |d| d[0]);
    let m = moments::Moments { dims, correction: 1.0, keepdim: false, root: false };
    let pair = |(a, b)| vec![a, b];
    Ok(match op {
        "sum" => vec![sum::sum(x, dims, false, None)?],
        "nansum" => vec![sum::nansum(x, dims, false, None)?],
        "mean" => vec![sum::mean(x, dims, false, None)?],
        "prod" => vec![product::prod(x, dims.map(|d| d[0]), false, None)?],
        "var" => vec![moments::var(x, &m)?],
        "var_mean" => pair(moments::var_mean(x, &m, op)?),
        "norm" => vec![norm::vector_norm(x, 2.0, dims, false, None)?],
        "norm1" => vec![norm::vector_norm(x, 1.0, dims, false, None)?],
        "cumsum" => vec![scan::cumsum(x, dim, None)?],
        "cumprod" => vec![scan::cumprod(x, dim, None)?],
        "kthvalue" => pair(select::kthvalue(x, (x.sizes()[dim as usize] + 2) / 3, dim, false)?),
        "quantile" => {
            let q = quantile::scalar_q(x, 0.3)?;
            vec![quantile::quantile(x, &q, Some(dim), false, false, quantile::Interpolation::Linear)?]
        }
        "max" => pair(extremes::extreme_at(x, dim, false, extremes::End::Max)?),
        "median" => pair(select::median_at(x, dim, false, false)?),
        "mode" => pair(select::mode(x, dim, false)?),
        other => panic!("{other}"),
    })
}

fn words(v: &View) -> Vec<String> {
    let bits = |dtype: DType, f: f64| match dtype.real() {
        _ if f.is_nan() => "nan".into(),
        DType::F64 => format!("{:x}", f.to_bits()),
        DType::F32 => format!("{:x}", (f as f32).to_bits()),
        DType::F16 => format!("{:x}", half::f16::from_f64(f).to_bits()),
        _ => format!("{:x}", half::bf16::from_f64(f).to_bits()),
    };
    let word = |s: Scalar| match s {
        Scalar::Float(f) => vec![bits(v.dtype(), f)],
        Scalar::Complex(c) => vec![bits(v.dtype(), c.re), bits(v.dtype(), c.im)],
        other => vec![other.to_i64().to_string()],
    };
    dispatch!(v.dtype(), all T => v.array::<T>().iter().flat_map(|e| word(tensh::base::scalar::Cast::to_scalar(*e))).collect())
}

fn summary(words: &[String]) -> String {
    if words.len() <= 4 {
        return words.join(" ");
    }
    let fold = |total: u64, byte: u8| total.wrapping_mul(31).wrapping_add(u64::from(byte));
    format!("#{}:{:x}", words.len(), words.iter().flat_map(|w| w.bytes()).fold(0, fold))
}

#[test]
fn bits_of_the_reference() {
    // Two threads, as where the table was made; the pool may be running already when other tests share the process.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().expect("a pool");
    let mut wrong = Vec::new();
    let mut count = 0;
    for line in include_str!("data/reduce_bits.txt").lines() {
        let (case, want) = line.split_once(" = ").expect("a result");
        let parts: Vec<&str> = case.split(' ').collect();
        let list = |s: &str| -> Vec<i64> { s.split(',').filter_map(|v| v.parse().ok()).collect() };
        let got = pool.install(|| {
            let order: Vec<usize> = list(parts[3]).iter().map(|&d| d as usize).collect();
            let dtype = DType::parse(parts[1]).expect("a dtype");
            let x = input(dtype, &list(parts[2])).expect("an input").permute(&order);
            let dims = Some(list(parts[4])).filter(|d| !d.is_empty());
            let found = run(parts[0], &x, dims.as_deref()).expect("a result");
            found.iter().map(|v| summary(&words(v))).collect::<Vec<_>>().join("; ")
        });
        count += 1;
        if got != want {
            wrong.push(format!("{case}\n  want {want}\n  got  {got}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {count} differ:\n{}", wrong.len(), wrong.join("\n"));
}
