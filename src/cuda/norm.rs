//! Normalizations on a GPU, and the ways back through them.

use super::copy;
use super::lines::{self, Lines, Store, Whole};
use super::loader::Loader;
use super::reduce;
use super::sources::NORM;
use super::types::register;
use crate::base::DType;
use crate::base::error::Result;
use crate::store::View;
use crate::store::cuda::Gpu;

/// Whether a mean is taken away, and what is added to the variance; without a mean that is the mean square.
#[derive(Clone, Copy, Debug)]
pub struct Norm {
    /// Whether a mean is taken away.
    pub centred: bool,
    /// What is added.
    pub eps: f64,
}

impl Norm {
    /// What kernels in a dtype have as template arguments.
    fn options(self, wide: DType) -> &'static str {
        match (self.centred, wide) {
            (true, DType::F64) => "true, double",
            (true, _) => "true, float",
            (false, DType::F64) => "false, double",
            (false, _) => "false, float",
        }
    }
}

fn away<'a>(views: impl IntoIterator<Item = &'a View>) -> bool {
    views.into_iter().any(|v| v.on_device().is_none())
}

/// The last `dims` dimensions together brought to variance 1, and to expectation 0 where they are centred, then times `weight` and plus
/// `bias`, of as many elements. The caller has checked sizes and dtypes.
///
/// # Errors
/// What the device refuses.
pub fn rows(
    gpu: &'static Gpu,
    x: &Loader,
    dims: usize,
    weight: Option<&View>,
    bias: Option<&View>,
    norm: Norm,
) -> Result<Option<View>> {
    let Some(lines) = Lines::last(x, dims) else { return Ok(None) };
    if !x.dtype.is_float() || away(weight.into_iter().chain(bias)) {
        return Ok(None);
    }
    let out = View::empty_on(gpu.device(), x.dtype, &x.sizes)?;
    let wide = x.dtype.opmath();
    let element = register(wide);
    let ready = |v: Option<&View>| v.map(|v| copy::cast(gpu, v, wide)).transpose();
    let (weight, bias) = (ready(weight)?, ready(bias)?);
    let value = match (&weight, &bias) {
        (Some(_), Some(_)) => "bias[r] + a * weight[r]",
        (Some(_), None) => "a * weight[r]",
        (None, Some(_)) => "a + bias[r]",
        (None, None) => "a",
    };
    let inputs = match wide {
        DType::F64 => ["double eps", "const double* weight", "const double* bias"],
        _ => ["double eps", "const float* weight", "const float* bias"],
    };
    let store = Store { argument: element, outs: &[(x.dtype, value)], inputs: &inputs };
    let read: Vec<&View> = weight.iter().chain(&bias).collect();
    let options = (norm.options(wide), "");
    let whole = Whole { text: NORM, name: "norm", options, part: "Spread<double>", store, inputs: &read };
    lines::run(gpu, &lines, &whole, std::slice::from_ref(&out), &|parameters| {
        parameters.bytes(&norm.eps.to_ne_bytes());
        parameters.reads_if(weight.as_ref())?.reads_if(bias.as_ref())?;
        Ok(())
    })?;
    Ok(Some(out))
}

/// The way back through [`rows`] to `x`, `weight` and `bias`, as far as they are `asked` for, from the gradient of what was made.
///
/// # Errors
/// What the device refuses.
pub fn rows_back(
    gpu: &'static Gpu,
    grad: Loader,
    x: &View,
    dims: usize,
    weight: Option<&View>,
    norm: Norm,
    asked: [bool; 3],
) -> Result<Option<Vec<View>>> {
    let dtype = x.dtype();
    let fits = dtype.is_float() && grad.dtype.is_float() && grad.sizes[..] == *x.sizes() && x.ndim() >= dims;
    if !fits || away(weight.into_iter().chain([x])) {
        return Ok(None);
    }
    let wide = dtype.opmath();
    let pairs = match weight {
        Some(weight) => grad.clone().paired(&[weight, x], wide, "e * e0", "e1")?,
        None => grad.clone().paired(&[x], wide, "e", "e0")?,
    };
    let Some(lines) = Lines::last(&pairs, dims) else { return Ok(None) };
    // Statistics are wanted where a weight's gradient is.
    let leading = x.ndim() - dims;
    let each: Vec<i64> = x.sizes().iter().enumerate().map(|(d, n)| if d < leading { *n } else { 1 }).collect();
    let noted = || asked[1].then(|| View::empty_on(gpu.device(), wide, &each)).transpose();
    let (means, scales) = (noted()?, noted()?);
    let element = register(wide);
    let inputs = match wide {
        DType::F64 => ["double eps", "double* means", "double* scales"],
        _ => ["double eps", "float* means", "float* scales"],
    };
    let mut outs = Vec::new();
    if asked[0] || asked[1] {
        let out = View::empty_on(gpu.device(), dtype, x.sizes())?;
        let store = Store { argument: element, outs: &[(dtype, "a")], inputs: &inputs };
        let options = (norm.options(wide), "");
        let whole = Whole { text: NORM, name: "norm_back", options, part: "Along<double>", store, inputs: &[] };
        lines::run(gpu, &lines, &whole, std::slice::from_ref(&out), &|parameters| {
            parameters.bytes(&norm.eps.to_ne_bytes());
            parameters.writes_if(means.as_ref())?.writes_if(scales.as_ref())?;
            Ok(())
        })?;
        outs.extend(asked[0].then_some(out));
    }
    let mut grad = grad;
    if asked[0] || asked[1] {
        // That was written on the way.
        grad.kept.clear();
    }
    let pairs = match (&means, &scales) {
        (Some(means), Some(scales)) => grad.paired(&[x, means, scales], wide, "e", "e * ((e0 - e1) * e2)")?,
        _ if asked[2] => grad.paired(&[], wide, "e", "e")?,
        _ => return Ok(Some(outs)),
    };
    let parameter = weight.map_or(dtype, View::dtype);
    let wanted = [(asked[1], (parameter, "a.im")), (asked[2], (parameter, "a.re"))];
    let wanted: Vec<(DType, &str)> = wanted.into_iter().filter_map(|(asked, out)| asked.then_some(out)).collect();
    let mask: Vec<bool> = (0..x.ndim()).map(|d| d < leading).collect();
    outs.extend(reduce::pairs(gpu, &pairs, &mask, &x.sizes()[leading..], &wanted)?);
    Ok(Some(outs))
}
