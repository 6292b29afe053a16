//! Losses of class numbers on a GPU: scores are picked by class on the way into whatever is made of them.

use super::copy::computed;
use super::flag::Flag;
use super::loader::Loader;
use super::reduce::{self, Beside, Plan};
use super::types::{loaded, register, rounded};
use crate::base::error::Result;
use crate::base::shape::Shape;
use crate::base::{DType, Device, Scalar};
use crate::store::View;
use crate::store::cuda::Gpu;
use std::fmt::Write;

/// What positions' classes have: the class numbers, the scores where they are looked at, the classes' weights, how many classes there are
/// and the class to ignore.
#[derive(Clone, Copy, Debug)]
pub struct Picks<'a> {
    /// The classes of positions.
    pub target: &'a View,
    /// The scores, the classes along dimension 1, or along the one of a vector; none where weights alone are asked for.
    pub scores: Option<&'a View>,
    /// A weight for each class.
    pub weight: Option<&'a View>,
    /// How many classes there are.
    pub classes: i64,
    /// The class to ignore.
    pub ignore: i64,
}

impl Picks<'_> {
    /// Whether all lie on a device, and what is a number is a float.
    fn are_there(&self, dtype: DType) -> bool {
        let views = || self.scores.into_iter().chain(self.weight);
        let away = |v: &View| v.device() == Device::Cpu;
        dtype.is_float()
            && views().all(|v| v.dtype() == dtype && !away(v))
            && !away(self.target)
            && self.target.dtype() == DType::I64
            && self.target.numel() > 0
            && self.classes > 0
    }

    /// The registers `loss`, a position's negative score times its class's weight, and `share`, that weight, in a dtype; both are 0 where
    /// the class is ignored, or is none, which sets a word at an address.
    fn loader(&self, dtype: DType, fault: Option<u64>) -> Result<Loader> {
        let sizes = self.target.sizes();
        let mut out = Loader::of(self.target);
        let mut number = |value: i64| {
            out.numbers.push((Scalar::Int(value), DType::I64));
            format!("n{}", out.numbers.len() - 1)
        };
        let (ignore, classes) = (number(self.ignore), number(self.classes));
        let fault = fault.map(|address| number(address as i64));
        let picked = |out: &mut Loader, view: &View, dim: usize| -> Result<String> {
            let (first, step) = (view.select(dim, 0)?, view.strides()[dim]);
            out.numbers.push((Scalar::Int(step), DType::I64));
            let k = out.operands.len();
            out.operands.push(first.expand(sizes)?);
            Ok(loaded(view.dtype(), &format!("i{k}[p.at[{k}] + x0 * n{}]", out.numbers.len() - 1)))
        };
        let kind = register(dtype);
        let (one, none) = (format!("{kind}(1)"), format!("{kind}(0)"));
        let weight = self.weight.map(|v| picked(&mut out, v, 0)).transpose()?.unwrap_or(one);
        let score = self.scores.map(|v| picked(&mut out, v, usize::from(v.ndim() > 1))).transpose()?;
        _ = writeln!(out.code, "        const bool there = x0 != {ignore} && uint64_t(x0) < uint64_t({classes});");
        if let Some(fault) = fault {
            _ = writeln!(
                out.code,
                "        if (x0 != {ignore} && !there) raise(reinterpret_cast<uint32_t*>(uint64_t({fault})));"
            );
        }
        _ = writeln!(out.code, "        const {kind} share = there ? {weight} : {none};");
        let score = score.unwrap_or(none.clone());
        _ = writeln!(out.code, "        const {kind} loss = there ? -{score} * share : {none};");
        (out.value, out.dtype) = ("loss".to_owned(), dtype);
        Ok(out)
    }
}

/// What each position's class has of the negative scores, and its weight; `None` where a class is none, too.
///
/// # Errors
/// What the device refuses.
pub fn picked(gpu: &'static Gpu, picks: Picks<'_>, dtype: DType) -> Result<Option<(View, View)>> {
    if !picks.are_there(dtype) {
        return Ok(None);
    }
    let flag = Flag::of_indices(gpu)?;
    let mut loader = picks.loader(dtype, Some(flag.address()))?;
    let weights = View::empty_on(gpu.device(), dtype, picks.target.sizes())?;
    loader.kept.push((weights.clone(), "share".to_owned()));
    let losses = computed(gpu, &loader, dtype)?;
    Ok(if flag.is_set()? { None } else { Some((losses, weights)) })
}

/// A number of all positions: an expression of `loss` and `share`, the sums, and of a number's element `beside`.
fn total(
    gpu: &'static Gpu,
    loader: Loader,
    dtype: DType,
    value: &dyn Fn(&str, &str) -> String,
    beside: Option<&View>,
) -> Result<View> {
    let wide = reduce::wide(dtype);
    let to = wide.complex().unwrap_or(DType::C64);
    let mut pairs = loader;
    (pairs.value, pairs.dtype) = (format!("{}(loss, share)", register(to)), to);
    let out = View::empty_on(gpu.device(), dtype, &[])?;
    // Each sum is a number of that dtype.
    let value = value(&rounded(dtype, "a.re"), &rounded(dtype, "a.im"));
    let elements: Vec<Beside<'_>> = beside.map(|v| Beside::Element("grad", v)).into_iter().collect();
    let plan = Plan {
        op: ("Sum", register(to)),
        order: None,
        bytes: to.size(),
        outs: &[(dtype, &value)],
        number: 0.0,
        beside: &elements,
    };
    let mask = vec![true; pairs.sizes.len()];
    reduce::run_into(gpu, &pairs, &mask, std::slice::from_ref(&out), &plan)?;
    Ok(out)
}

/// The sum of what positions' classes have of the negative scores, over that of their weights for a mean; `None` where a class is none,
/// too.
///
/// # Errors
/// What the device refuses.
pub fn sum(gpu: &'static Gpu, picks: Picks<'_>, dtype: DType, mean: bool) -> Result<Option<View>> {
    if !picks.are_there(dtype) {
        return Ok(None);
    }
    let flag = Flag::of_indices(gpu)?;
    let loader = picks.loader(dtype, Some(flag.address()))?;
    let value = |loss: &str, share: &str| if mean { format!("{loss} / {share}") } else { loss.to_owned() };
    let out = total(gpu, loader, dtype, &value, None)?;
    Ok(if flag.is_set()? { None } else { Some(out) })
}

/// A gradient over the sum of the weights of positions' classes, all of which are some.
///
/// # Errors
/// What the device refuses.
pub fn share(gpu: &'static Gpu, grad: &View, picks: Picks<'_>) -> Result<Option<View>> {
    let dtype = grad.dtype();
    if !picks.are_there(dtype) || grad.numel() != 1 || grad.on_device().is_none() {
        return Ok(None);
    }
    let value = |_: &str, share: &str| format!("grad / {share}");
    let out = total(gpu, picks.loader(dtype, None)?, dtype, &value, Some(grad))?;
    let sizes: Shape = Shape::from_slice(grad.sizes());
    let strides: Vec<i64> = vec![0; sizes.len()];
    out.with_geometry(&sizes, &strides, out.offset()).map(Some)
}
