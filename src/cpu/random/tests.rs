//! Sequences of calls against PyTorch's results: `reference.py` made `reference.txt`.

use super::*;
use crate::base::error::Result;
use crate::base::{DType, Scalar};
use crate::cpu::copy;
use crate::store::View;

fn shaped(dtype: DType, sizes: &[i64], layout: &str) -> Result<View> {
    let mut sizes = sizes.to_vec();
    let order: Vec<usize> = (0..sizes.len()).rev().collect();
    match layout {
        "t" => {
            sizes.reverse();
            Ok(View::zeros(dtype, &sizes)?.permute(&order))
        }
        "s" => {
            let last = sizes.len() - 1;
            sizes[last] *= 2;
            Ok(View::zeros(dtype, &sizes)?.slice_dim(last, 0, i64::MAX, 2))
        }
        _ => View::zeros(dtype, &sizes),
    }
}

fn filled(x: View, scale: f64) -> View {
    for i in 0..x.numel() {
        x.set(i, Scalar::Float(((37 * i + 11) % 101) as f64 / 101.0 * scale));
    }
    x
}

fn floor(x: View) -> View {
    for i in 0..x.numel() {
        x.set(i, Scalar::Float(x.get(i).to_f64().floor()));
    }
    x
}

fn run(name: &str, dtype: DType, sizes: &[i64], layout: &str, a: &[f64], g: &mut Generator) -> Result<View> {
    let mut x = shaped(dtype, sizes, layout)?;
    let other = shaped(dtype, sizes, layout)?;
    match name {
        "uniform" => uniform_(&mut x, a[0], a[1], g)?,
        "normal" => normal_(&mut x, a[0], a[1], g)?,
        "exponential" => exponential_(&mut x, a[0], g)?,
        "cauchy" => cauchy_(&mut x, a[0], a[1], g)?,
        "log_normal" => log_normal_(&mut x, a[0], a[1], g)?,
        "geometric" => geometric_(&mut x, a[0], g)?,
        "bernoulli" => bernoulli_(&mut x, a[0], g)?,
        "random" if a.is_empty() => random_(&mut x, g)?,
        "random" => random_between(&mut x, a[0] as i64, a[1] as i64, g)?,
        _ => {
            let x = filled(x, a.first().copied().unwrap_or(1.0));
            return match name {
                "randperm" => randperm(a[0] as i64, dtype, g),
                "bernoulli_each" => bernoulli(&x, g),
                "dropout" => Dropout { feature: false, alpha: false }.apply(&x, a[1], true, g),
                "alpha_dropout" => Dropout { feature: true, alpha: true }.apply(&x, a[1], true, g),
                "multinomial" => multinomial(&x, a[1] as i64, a[2] != 0.0, g),
                "binomial" => binomial(&floor(x), &filled(other, a[1]), g),
                "normal_each" => normal(Parameter::Tensor(&x), Parameter::Tensor(&filled(other, a[1])), g),
                "poisson" => poisson(&x, g),
                _ => standard_gamma(&x, g),
            };
        }
    }
    Ok(x)
}

/// FNV-1a of the elements' bytes, in index order.
fn hash(x: &View) -> Result<u64> {
    let x = copy::clone(x)?;
    let bytes = x.reinterpret(DType::U8, &[(x.numel() * x.dtype().size()) as i64], &[1], 0)?;
    Ok(bytes
        .slice::<u8>()
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |h: u64, &b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3)))
}

#[test]
fn sequences_are_torchs() -> Result<()> {
    let mut g = Generator::default();
    for line in include_str!("reference.txt").lines() {
        let words: Vec<&str> = line.split(' ').collect();
        if words[0] == "seed" {
            g.manual_seed(words[1].parse().unwrap());
            continue;
        }
        let sizes: Vec<i64> = words[2].split('x').map(|s| s.parse().unwrap()).collect();
        let args: Vec<f64> = words[4..words.len() - 1].iter().map(|s| s.parse().unwrap()).collect();
        let out = run(words[0], DType::parse(words[1]).unwrap(), &sizes, words[3], &args, &mut g)?;
        assert_eq!(format!("{:016x}", hash(&out)?), words[words.len() - 1], "{line}");
    }
    Ok(())
}

#[test]
fn state_goes_round() -> Result<()> {
    let mut g = Generator::new(5);
    randn(DType::F32, &[3], &mut g)?;
    let state = g.get_state()?;
    assert_eq!(state.sizes(), [5056]);
    let first = randn(DType::F64, &[7], &mut g)?.to_vec::<f64>();
    g.set_state(&state)?;
    assert_eq!(randn(DType::F64, &[7], &mut g)?.to_vec::<f64>(), first);
    let refused = |state: View, g: &mut Generator| g.set_state(&state).unwrap_err().to_string();
    assert_eq!(refused(View::zeros(DType::F32, &[5])?, &mut g), "TypeError: RNG state must be a torch.ByteTensor");
    assert_eq!(refused(View::zeros(DType::U8, &[5056])?, &mut g), "RuntimeError: Invalid mt19937 state");
    Ok(())
}

#[test]
fn refusals_are_torchs() -> Result<()> {
    let mut g = Generator::default();
    let x = |dtype| View::zeros(dtype, &[3]);
    let mut says = |f: &mut dyn FnMut(&mut Generator) -> Result<()>| f(&mut g).unwrap_err().message().to_string();
    assert_eq!(
        says(&mut |g| normal_(&mut x(DType::F32)?, 0.0, -1.0, g)),
        "normal expects std >= 0.0, but found std -1"
    );
    assert_eq!(
        says(&mut |g| random_between(&mut x(DType::F32)?, 5, 5, g)),
        "random_ expects 'from' to be less than 'to', but got from=5 >= to=5"
    );
    assert_eq!(
        says(&mut |g| random_between(&mut x(DType::I8)?, 0, 1000, g)),
        "to - 1 is out of bounds for signed char"
    );
    assert_eq!(
        says(&mut |g| uniform_(&mut x(DType::F32)?, -3e38, 3e38, g)),
        "uniform_ expects to-from <= std::numeric_limits<Float>::max(), but found to=3e+38 and from=-3e+38 which result \
         in to-from to exceed the limit"
    );
    assert_eq!(
        says(&mut |g| uniform_(&mut x(DType::I32)?, 0.0, 1.0, g)),
        "\"check_uniform_bounds\" not implemented for 'Int'"
    );
    assert_eq!(says(&mut |g| randperm(5, DType::Bool, g).map(drop)), "\"randperm\" not implemented for 'Bool'");
    assert_eq!(
        says(&mut |g| multinomial(&x(DType::F32)?, 1, false, g).map(drop)),
        "invalid multinomial distribution (sum of probabilities <= 0)"
    );
    assert_eq!(
        says(&mut |g| bernoulli_(&mut x(DType::F32)?.select(0, 0)?.expand(&[3])?, 0.5, g)),
        "unsupported operation: more than one element of the written-to tensor refers to a single memory location. \
         Please clone() the tensor before performing the operation."
    );
    Ok(())
}
