//! Samples whose parameters are tensors, and which take as many random words as they need.
#![allow(unsafe_code)]

use super::draw::{THREADS, blocks, drawn, paired};
use super::generator::Generator;
use crate::base::error::Result;
use crate::base::{DType, Scalar};
use crate::cuda::copy::computed;
use crate::cuda::flag::Flag;
use crate::cuda::launch::{self, Parameters, blocks_of, written};
use crate::cuda::loader::Loader;
use crate::cuda::reduce::{self, Over};
use crate::cuda::sources::{self, RANDOM, SAMPLES};
use crate::cuda::types::{narrowed, register, rounded, stored};
use crate::store::View;
use crate::store::cuda::Gpu;

/// A kernel that draws for each element of a view from the stream of a thread of its own.
struct Alone<'a> {
    /// Threads of a block.
    threads: u32,
    /// Words of each thread that the generator counts.
    words: u64,
    /// The sample over `s`, the stream, and `x`, the element.
    sample: &'a str,
    /// What an element must be, where not all will do.
    fits: Option<&'a str>,
}

impl Alone<'_> {
    /// The samples; `None` where an element is not as it must be, or the CPU's function is to refuse the dtype.
    fn draw(&self, gpu: &'static Gpu, x: &View, g: &mut Generator) -> Result<Option<View>> {
        if !x.dtype().is_float() || x.numel() == 0 {
            return Ok(None);
        }
        let out = View::empty_on(gpu.device(), x.dtype(), x.sizes())?;
        let places = paired(&out, x);
        let rows = places.rows(&vec![false; places.sizes.len()]);
        let (threads, element) = (self.threads, stored(x.dtype()));
        let text = format!(
            "namespace tensh {{\n{}extern \"C\" __global__ void __launch_bounds__({threads}) draw({}, {element}* out, uint64_t n, uint64_t \
             seed, uint64_t block, uint32_t* flag) {{\n    {}\n    typedef {} R;\n    const uint64_t thread = uint64_t(blockIdx.x) * \
             {threads} + threadIdx.x;\n    if (thread >= n) return;\n    const Place place = load.row(thread);\n    const R x = load(place, \
             0);\n    if (!({})) {{\n        *flag = 1;\n        return;\n    }}\n    stream s(seed, thread, block);\n    \
             out[place.at[0]] = {};\n}}\n}}  // namespace tensh",
            places.text(&rows),
            places.declared(),
            places.made(),
            register(x.dtype()),
            self.fits.unwrap_or("true"),
            narrowed(x.dtype(), self.sample)
        );
        let text = sources::with(&[RANDOM, SAMPLES], &text, false).fused();
        let function = launch::functions(gpu, &text, &["draw"])?[0];
        let flag = self.fits.map(|_| Flag::new(gpu)).transpose()?;
        let (seed, block) = g.take(self.words);
        let n = rows.count;
        let mut parameters = Parameters::new();
        places.add_to(&mut parameters, &rows)?;
        parameters.address(written(&out)?).int(n as i64).int(seed as i64).int(block as i64);
        parameters.address(flag.as_ref().map_or(0, Flag::address));
        // SAFETY: the parameters are those of the text; both views have an element for each index.
        unsafe { parameters.launch(gpu, function, (blocks_of(n, threads as usize)?, 1), threads)? };
        Ok(if flag.map_or(Ok(false), Flag::is_set)? { None } else { Some(out) })
    }
}

/// Poisson counts of given rates; `None` where one is negative, or where the CPU's function is to refuse the dtype.
///
/// # Errors
/// What the device refuses.
pub fn poisson(gpu: &'static Gpu, rate: &View, g: &mut Generator) -> Result<Option<View>> {
    let poisson = Alone { threads: 512, words: 20, sample: "cast<R>(poisson(s, double(x)))", fits: Some("x >= 0") };
    poisson.draw(gpu, rate, g)
}

/// The smallest number of a float dtype that has all its digits, and the largest below 1.
fn ends(dtype: DType) -> (f64, f64) {
    match dtype {
        DType::F16 => (2f64.powi(-14), 1.0 - 2f64.powi(-10)),
        DType::BF16 => (2f64.powi(-126), 1.0 - 2f64.powi(-7)),
        DType::F32 => (2f64.powi(-126), 1.0 - 2f64.powi(-23)),
        _ => (2f64.powi(-1022), 1.0 - 2f64.powi(-52)),
    }
}

/// Gamma samples of given shapes.
///
/// # Errors
/// What the device refuses.
pub fn gamma(gpu: &'static Gpu, alpha: &View, g: &mut Generator) -> Result<Option<View>> {
    let rounded = |value: &str| rounded(alpha.dtype(), value);
    let sample = format!("gamma_sample(s, x, {})", rounded("x + 1"));
    let sample = format!("at_least(R({:e}), {})", ends(alpha.dtype()).0, rounded(&sample));
    Alone { threads: 256, words: 10, sample: &sample, fits: None }.draw(gpu, alpha, g)
}

/// Dirichlet samples of given concentrations, along the last dimension.
///
/// # Errors
/// What the device refuses.
pub fn dirichlet(gpu: &'static Gpu, alpha: &View, g: &mut Generator) -> Result<Option<View>> {
    let Some(drawn) = gamma(gpu, alpha, g)? else { return Ok(None) };
    let dims: &[i64] = if alpha.ndim() == 0 { &[] } else { &[-1] };
    let over = Over { dims: Some(dims), keepdim: true };
    let Some(sums) = reduce::sum(gpu, &Loader::of(&drawn), over, None, false)? else { return Ok(None) };
    let (dtype, (least, most)) = (alpha.dtype(), ends(alpha.dtype()));
    let mut shares = Loader::of(&drawn);
    shares.operands.push(sums.expand(drawn.sizes())?);
    shares.numbers = vec![(Scalar::Float(least), dtype), (Scalar::Float(most), dtype)];
    let share = rounded(dtype, "x0 / x1");
    shares.code = format!("        const {} share = {share};\n", register(dtype));
    shares.value = "n0 > share ? n0 : n1 < share ? n1 : share".to_owned();
    computed(gpu, &shares, dtype).map(Some)
}

/// Threads of a block that draws successes, and how many elements each of them takes.
const TAKERS: u64 = 128;
const EACH: u64 = 8;

/// Successes in given numbers of trials of given probabilities; `None` for what the CPU's function does.
///
/// # Errors
/// What the device refuses.
pub fn binomial(gpu: &'static Gpu, trials: &View, p: &View, g: &mut Generator) -> Result<Option<View>> {
    let dtype = trials.dtype();
    let good = matches!(dtype, DType::F32 | DType::F64) && p.dtype() == dtype && i32::try_from(trials.numel()).is_ok();
    let both = trials.on_device().is_some() && p.on_device().is_some();
    let (true, Ok(p)) = (good && both && trials.numel() > 0, p.expand(trials.sizes())) else { return Ok(None) };
    let out = View::empty_on(gpu.device(), dtype, trials.sizes())?;
    let mut all = Loader::of(trials);
    all.operands.push(p);
    let rows = all.rows(&vec![false; all.sizes.len()]);
    let element = stored(dtype);
    let text = format!(
        "namespace tensh {{\n{}extern \"C\" __global__ void __launch_bounds__({TAKERS}) draw({}, {element}* out, uint64_t n, uint64_t seed, \
         uint64_t block) {{\n    {}\n    stream s(seed, uint64_t(blockIdx.x) * {TAKERS} + threadIdx.x, block);\n    const uint64_t first = \
         uint64_t(blockIdx.x) * {TAKERS} * {EACH} + threadIdx.x;\n    for (int k = 0; k < {EACH}; k++) {{\n        const uint64_t i = \
         first + k * {TAKERS};\n        if (i >= n) return;\n        const Raw raw = load.read(load.row(i));\n        \
         out[i] = binomial(s, raw.x0, raw.x1);\n    }}\n}}\n}}  // namespace tensh",
        all.text(&rows),
        all.declared(),
        all.made()
    );
    let text = sources::with(&[RANDOM, SAMPLES], &text, false).fused();
    let function = launch::functions(gpu, &text, &["draw"])?[0];
    let (seed, block) = g.take(42);
    let n = rows.count as u64;
    let mut parameters = Parameters::new();
    all.add_to(&mut parameters, &rows)?;
    parameters.address(written(&out)?).int(n as i64).int(seed as i64).int(block as i64);
    // SAFETY: the parameters are those of the text; all memory has an element for each index.
    unsafe {
        parameters.launch(gpu, function, (blocks_of(n.div_ceil(EACH) as usize, TAKERS as usize)?, 1), TAKERS as u32)?
    };
    Ok(Some(out))
}

/// Slopes in `[lower, upper)` for the elements that are not positive, 1 for the others.
///
/// # Errors
/// What the device refuses.
pub fn slopes(gpu: &'static Gpu, x: &View, lower: f64, upper: f64, g: &mut Generator) -> Result<Option<View>> {
    let dtype = x.dtype();
    if !dtype.is_float() || x.numel() == 0 || lower > upper {
        return Ok(None);
    }
    let out = View::empty_on(gpu.device(), dtype, x.sizes())?;
    let all = Loader::of(x);
    let rows = all.rows(&vec![false; all.sizes.len()]);
    let (draw, count) = if dtype == DType::F64 { ("uniform64", 2) } else { ("uniform32", 4) };
    let drawn_slope = rounded(dtype, &format!("double({}) * range + lower", rounded(dtype, "u")));
    let text = format!(
        "namespace tensh {{\n{}extern \"C\" __global__ void __launch_bounds__({THREADS}) draw({}, {}* out, uint64_t n, uint64_t seed, \
         uint64_t block, double range, double lower) {{\n    {}\n    draw_all<{draw}>(n, seed, block, [&](uint64_t i, {draw}::type u) \
         {{\n        const {} slope = load(load.row(i), 0) <= 0 ? {drawn_slope} : 1;\n        out[i] = {};\n    }});\n}}\n}}  // namespace \
         tensh",
        all.text(&rows),
        all.declared(),
        stored(dtype),
        all.made(),
        register(dtype),
        narrowed(dtype, "slope")
    );
    let text = sources::with(&[RANDOM], &text, false).fused();
    let function = launch::functions(gpu, &text, &["draw"])?[0];
    let n = rows.count as u64;
    let (seed, block) = g.take(drawn(gpu, n, count));
    let mut parameters = Parameters::new();
    all.add_to(&mut parameters, &rows)?;
    parameters.address(written(&out)?).int(n as i64).int(seed as i64).int(block as i64);
    parameters.number(Scalar::Float(upper - lower), DType::F64).number(Scalar::Float(lower), DType::F64);
    // SAFETY: the parameters are those of the text; all memory has an element for each index.
    unsafe { parameters.launch(gpu, function, (blocks(gpu, n), 1), THREADS)? };
    Ok(Some(out))
}
