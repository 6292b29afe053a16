//! Normalizations on a GPU, and the ways back through them.

use super::copy;
use super::lines::{self, Lines, Store, Whole};
use super::loader::Loader;
use super::reduce;
use super::sources::NORM;
use super::types::register;
use crate::base::DType;
use crate::base::error::Result;
use crate::base::shape::contiguous_strides;
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
    standard(gpu, x, (dims, &x.sizes), (weight, bias), norm, None)
}

/// Groups of the channels, which are along dimension 1, brought to expectation 0 and variance 1, then times `weight` and plus `bias`, of an
/// element for each channel.
///
/// # Errors
/// What the device refuses.
pub fn groups(
    gpu: &'static Gpu,
    x: &View,
    groups: i64,
    weight: Option<&View>,
    bias: Option<&View>,
    eps: f64,
) -> Result<Option<View>> {
    let Some(sizes) = grouped(x, groups) else { return Ok(None) };
    let flat = laid(gpu, x, &sizes)?;
    let channels = (sizes[1] * sizes[2], sizes[3]);
    standard(gpu, &Loader::of(&flat), (2, x.sizes()), (weight, bias), Norm { centred: true, eps }, Some(channels))
}

/// The sizes of batch, groups, channels of a group and elements of a channel.
fn grouped(x: &View, groups: i64) -> Option<[i64; 4]> {
    let (n, c) = (*x.sizes().first()?, *x.sizes().get(1)?);
    let fits = x.on_device().is_some() && groups > 0 && c % groups == 0 && x.numel() > 0;
    fits.then(|| [n, groups, c / groups, x.sizes()[2..].iter().product()])
}

/// Elements that lie in order, as of other sizes.
fn laid(gpu: &'static Gpu, x: &View, sizes: &[i64]) -> Result<View> {
    let x = copy::contiguous(gpu, x)?;
    x.with_geometry(sizes, &contiguous_strides(sizes), x.offset())
}

/// Rows of the last `dims` dimensions, written as of `sizes`; parameters have an element for each of a row, or for each of so many
/// channels of so many elements.
fn standard(
    gpu: &'static Gpu,
    x: &Loader,
    (dims, sizes): (usize, &[i64]),
    (weight, bias): (Option<&View>, Option<&View>),
    norm: Norm,
    channels: Option<(i64, i64)>,
) -> Result<Option<View>> {
    let Some(lines) = Lines::last(x, dims) else { return Ok(None) };
    if !x.dtype.is_float() || away(weight.into_iter().chain(bias)) {
        return Ok(None);
    }
    let out = View::empty_on(gpu.device(), x.dtype, sizes)?;
    let wide = x.dtype.opmath();
    let element = register(wide);
    let ready = |v: Option<&View>| v.map(|v| copy::cast(gpu, v, wide)).transpose();
    let (weight, bias) = (ready(weight)?, ready(bias)?);
    let at = if channels.is_some() { "c" } else { "r" };
    let value = match (&weight, &bias) {
        (Some(_), Some(_)) => format!("bias[{at}] + a * weight[{at}]"),
        (Some(_), None) => format!("a * weight[{at}]"),
        (None, Some(_)) => format!("a + bias[{at}]"),
        (None, None) => "a".to_owned(),
    };
    let (weights, biases) = (format!("const {element}* weight"), format!("const {element}* bias"));
    let inputs: &[&str] = match channels {
        Some(_) => &["double eps", &weights, &biases, "int64_t channels", "int64_t plane"],
        None => &["double eps", &weights, &biases],
    };
    // Divisions of 32 bits take a fraction of the time.
    let narrow = u32::try_from(out.numel()).is_ok();
    let by = if narrow { "uint32_t(at) / uint32_t(plane) % uint32_t(channels)" } else { "at / plane % channels" };
    let by = format!("const uint64_t c = {by};");
    let by = channels.filter(|_| weight.is_some() || bias.is_some()).map(|_| &by[..]);
    let store = Store { argument: element, outs: &[(x.dtype, &value)], inputs, by };
    let beside = if channels.is_some() { Vec::new() } else { weight.iter().chain(&bias).collect() };
    let within = channels.map_or(0, |c| c.1 as usize);
    let options = (norm.options(wide), "");
    let whole = Whole { text: NORM, name: "norm", options, part: "Spread<double>", store, inputs: &beside, within };
    lines::run(gpu, &lines, &whole, std::slice::from_ref(&out), &|parameters| {
        parameters.bytes(&norm.eps.to_ne_bytes());
        parameters.reads_if(weight.as_ref())?.reads_if(bias.as_ref())?;
        if let Some((channels, plane)) = channels {
            parameters.int(channels).int(plane);
        }
        Ok(())
    })?;
    Ok(Some(out))
}

/// The way back through [`groups`], as [`rows_back`] has it.
///
/// # Errors
/// What the device refuses.
pub fn groups_back(
    gpu: &'static Gpu,
    grad: &View,
    x: &View,
    groups: i64,
    weight: Option<&View>,
    eps: f64,
    asked: [bool; 3],
) -> Result<Option<Vec<View>>> {
    let Some(sizes) = grouped(x, groups).filter(|_| grad.sizes() == x.sizes()) else { return Ok(None) };
    if away(weight.into_iter().chain([grad])) {
        return Ok(None);
    }
    let flat = |v: &View| laid(gpu, v, &sizes);
    let weight = weight.map(|v| laid(gpu, v, &[sizes[1], sizes[2], 1])).transpose()?;
    let (norm, channels) = (Norm { centred: true, eps }, [sizes[1] * sizes[2]]);
    let over = (&[true, false, false, true][..], &channels[..]);
    let mut outs = back(gpu, Loader::of(&flat(grad)?), &flat(x)?, 2, weight.as_ref(), norm, (asked, over))?;
    if let Some(outs) = &mut outs
        && asked[0]
    {
        outs[0] = laid(gpu, &outs[0], x.sizes())?;
    }
    Ok(outs)
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
    let leading = x.ndim().saturating_sub(dims);
    let mask: Vec<bool> = (0..x.ndim()).map(|d| d < leading).collect();
    back(gpu, grad, x, dims, weight, norm, (asked, (&mask, &x.sizes()[leading..])))
}

/// The gradients that are asked for; those of parameters are sums over the dimensions masked, of the sizes beside.
fn back(
    gpu: &'static Gpu,
    grad: Loader,
    x: &View,
    dims: usize,
    weight: Option<&View>,
    norm: Norm,
    (asked, (mask, sizes)): ([bool; 3], (&[bool], &[i64])),
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
        let store = Store { argument: element, outs: &[(dtype, "a")], inputs: &inputs, by: None };
        let options = (norm.options(wide), "");
        let whole =
            Whole { text: NORM, name: "norm_back", options, part: "Along<double>", store, inputs: &[], within: 0 };
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
    outs.extend(reduce::pairs(gpu, &pairs, mask, sizes, &wanted)?);
    Ok(Some(outs))
}
