//! Tensors made from nothing on a GPU: filled, counted, spaced. Each formula is that of PyTorch's CUDA kernel.
#![allow(unsafe_code)]

use super::launch::{self, Parameters};
use super::loader::Loader;
use super::moves;
use super::sources::{self, CREATE};
use super::types::{narrowed, register, rounded, stored};
use crate::base::error::{Result, runtime};
use crate::base::scalar::Cast;
use crate::base::shape::broadcast;
use crate::base::{DType, Scalar, Shape};
use crate::cpu::create::{arange_count, empty_like_on};
use crate::cpu::index::element::checked;
use crate::dispatch;
use crate::store::View;
use crate::store::cuda::Gpu;
use crate::store::overlap::dense;
use half::{bf16, f16};

/// Threads of a block.
const THREADS: u32 = 256;

fn address(out: &View) -> Result<u64> {
    out.on_device_mut().map(|found| found.1).ok_or_else(|| runtime("internal: an output of the host's"))
}

fn blocks(threads: usize) -> Result<u32> {
    let blocks = i32::try_from(threads.div_ceil(THREADS as usize));
    blocks.map(|n| n as u32).map_err(|_| runtime("CUDA error: invalid configuration argument"))
}

/// A formula's number: its C type, and its value as a register of a dtype holds it.
type Number = (DType, Scalar);

/// Sets `count` elements of fresh memory, `apart` from each other, to an expression over the index `i` and the numbers `a`, `b`, ...
fn by_index(gpu: &'static Gpu, out: &View, count: usize, apart: i64, numbers: &[Number], value: &str) -> Result<()> {
    if count == 0 {
        return Ok(());
    }
    let names = ["a", "b", "c", "d"];
    let declared: String =
        numbers.iter().zip(names).map(|((dtype, _), name)| format!(", {} {name}", register(*dtype))).collect();
    let dtype = out.dtype();
    let text = format!(
        "namespace tensh {{\nextern \"C\" __global__ void __launch_bounds__({THREADS}) count({}* out, int64_t n, int64_t apart{declared}) {{\n    \
         const int64_t i = int64_t(blockIdx.x) * {THREADS} + threadIdx.x;\n    if (i < n) out[i * apart] = {};\n}}\n}}  // namespace tensh",
        stored(dtype),
        narrowed(dtype, &format!("cast<{}>({value})", register(dtype)))
    );
    let function = launch::functions(gpu, &sources::with(&[CREATE], &text, dtype.is_complex()), &["count"])?[0];
    let mut parameters = Parameters::new();
    parameters.address(address(out)?).int(count as i64).int(apart);
    for (dtype, value) in numbers {
        parameters.number(*value, *dtype);
    }
    // SAFETY: the parameters are those of the text; the memory has an element for each index.
    unsafe { parameters.launch(gpu, function, (blocks(count)?, 1), THREADS)? };
    Ok(())
}

/// Fresh memory whose every element is a value, which must fit the dtype; `None` for sizes that the CPU's function is to refuse.
///
/// # Errors
/// torch's, for a value that does not fit; what the device refuses.
pub fn full(gpu: &'static Gpu, sizes: &[i64], value: Scalar, dtype: DType) -> Result<Option<View>> {
    if sizes.iter().any(|&n| n < 0) {
        return Ok(None);
    }
    let out = View::empty_on(gpu.device(), dtype, sizes)?;
    fill(gpu, &out, checked(value, dtype)?)?;
    Ok(Some(out))
}

/// Fresh memory of zeros.
///
/// # Errors
/// What the device refuses.
pub fn zeros(gpu: &'static Gpu, sizes: &[i64], dtype: DType) -> Result<Option<View>> {
    if sizes.iter().any(|&n| n < 0) { Ok(None) } else { View::zeros_on(gpu.device(), dtype, sizes).map(Some) }
}

/// Fresh memory.
///
/// # Errors
/// What the device refuses.
pub fn empty(gpu: &'static Gpu, sizes: &[i64], dtype: DType) -> Result<Option<View>> {
    if sizes.iter().any(|&n| n < 0) { Ok(None) } else { View::empty_on(gpu.device(), dtype, sizes).map(Some) }
}

/// Fresh memory that lies as `x` does, or in rows, filled when there is a value.
///
/// # Errors
/// As [`full`].
pub fn like(gpu: &'static Gpu, x: &View, dtype: DType, rows: bool, value: Option<Scalar>) -> Result<View> {
    let out = match rows {
        true => View::empty_on(gpu.device(), dtype, x.sizes())?,
        false => empty_like_on(gpu.device(), x, dtype)?,
    };
    if let Some(value) = value {
        fill(gpu, &out, checked(value, dtype)?)?;
    }
    Ok(out)
}

/// An element's bytes.
fn bytes(value: Scalar, dtype: DType) -> Vec<u8> {
    dispatch!(dtype, all T => {
        let element = [T::from_scalar(value)];
        // SAFETY: an element's bytes, of which none is padding.
        unsafe { std::slice::from_raw_parts(element.as_ptr().cast::<u8>(), size_of::<T>()) }.to_vec()
    })
}

/// Sets all elements of a view to a value.
///
/// # Errors
/// What the device refuses.
pub fn fill(gpu: &'static Gpu, out: &View, value: Scalar) -> Result<()> {
    if out.numel() == 0 {
        return Ok(());
    }
    if !dense(out) {
        return fill_apart(gpu, out, value);
    }
    let (element, length) = (bytes(value, out.dtype()), out.numel() * out.dtype().size());
    if element.iter().all(|b| *b == element[0]) {
        return gpu.fill(address(out)?, element[0], length);
    }
    let text = "namespace tensh {\nextern \"C\" __global__ void __launch_bounds__(256) repeat(uint8_t* out, uint64_t n, const Sixteen pattern) {\n    \
                repeat_bytes(out, n, pattern);\n}\n}  // namespace tensh";
    let function = launch::functions(gpu, &sources::with(&[CREATE], text, false), &["repeat"])?[0];
    let to = address(out)?;
    // Elements are aligned, so that the pattern repeats at multiples of 16.
    let pattern = element.repeat(16 / element.len());
    let mut parameters = Parameters::new();
    parameters.address(to).int(length as i64).bytes(&pattern);
    // SAFETY: the parameters are those of the text; the memory has as many bytes.
    unsafe { parameters.launch(gpu, function, (blocks(length.div_ceil(16) + 1)?, 1), THREADS)? };
    Ok(())
}

/// [`fill`], of elements that lie apart.
fn fill_apart(gpu: &'static Gpu, out: &View, value: Scalar) -> Result<()> {
    let order: Vec<usize> = View::memory_order(std::slice::from_ref(out)).into_iter().rev().collect();
    let places = Loader::of(&out.permute(&order));
    let rows = places.rows(&vec![false; places.sizes.len()]);
    let dtype = out.dtype();
    let text = format!(
        "namespace tensh {{\n{}extern \"C\" __global__ void __launch_bounds__({THREADS}) set({}, {}* out, uint64_t n, {} value) {{\n    {}\n    \
         const uint64_t i = uint64_t(blockIdx.x) * {THREADS} + threadIdx.x;\n    if (i < n) out[load.row(i).at[0]] = {};\n}}\n}}  \
         // namespace tensh",
        places.text(&rows),
        places.declared(),
        stored(dtype),
        register(dtype),
        places.made(),
        narrowed(dtype, "value")
    );
    let function = launch::functions(gpu, &sources::with(&[], &text, dtype.is_complex()), &["set"])?[0];
    let mut parameters = Parameters::new();
    places.add_to(&mut parameters, &rows)?;
    parameters.address(address(out)?).int(rows.count as i64).number(value, dtype);
    // SAFETY: the parameters are those of the text; the view has an element for each index.
    unsafe { parameters.launch(gpu, function, (blocks(rows.count)?, 1), THREADS)? };
    Ok(())
}

/// Ones on the diagonal of a matrix of zeros.
///
/// # Errors
/// What the device refuses.
pub fn eye(gpu: &'static Gpu, n: i64, m: i64, dtype: DType) -> Result<Option<View>> {
    let Some(out) = zeros(gpu, &[n, m], dtype)? else { return Ok(None) };
    by_index(gpu, &out, n.min(m) as usize, m + 1, &[], "1")?;
    Ok(Some(out))
}

/// Complex numbers of their parts; `None` for such as the CPU's function is to convert or refuse.
///
/// # Errors
/// What the device refuses.
pub fn complex(gpu: &'static Gpu, re: &View, im: &View) -> Result<Option<View>> {
    let real = re.dtype();
    let (Some(dtype), Ok(sizes)) = (real.complex(), broadcast(re.sizes(), im.sizes())) else { return Ok(None) };
    if real != im.dtype() || real.is_complex() || real.is_half() || re.on_device().is_none() || im.on_device().is_none()
    {
        return Ok(None);
    }
    let out = View::empty_on(gpu.device(), dtype, &sizes)?;
    let apart: Shape = out.strides().iter().map(|s| 2 * s).collect();
    for (part, offset) in [(re, 0), (im, 1)] {
        moves::copy(gpu, &part.expand(&sizes)?, &out.reinterpret(real, &sizes, &apart, offset)?)?;
    }
    Ok(Some(out))
}

/// The dtype that floats of a dtype are counted in.
fn wide(dtype: DType) -> DType {
    if dtype == DType::F64 { DType::F64 } else { DType::F32 }
}

/// `start, start + step, ...` up to but without `end`.
///
/// # Errors
/// torch's, for a step of zero or of the wrong sign, or infinite bounds; what the device refuses.
pub fn arange(gpu: &'static Gpu, start: Scalar, end: Scalar, step: Scalar, dtype: DType) -> Result<Option<View>> {
    if !(dtype.is_int() || dtype.is_float()) {
        return Ok(None);
    }
    let count = arange_count(start, end, step, dtype)?;
    let out = View::empty_on(gpu.device(), dtype, &[count])?;
    let (numbers, value) = match dtype.is_int() {
        true => {
            let whole = |n: Scalar| (DType::I64, Scalar::Int(i64::from_scalar(n)));
            ([whole(start), whole(step)], "int64_t(uint64_t(a) + uint64_t(b) * uint64_t(i))".to_owned())
        }
        false => {
            let arithmetic = wide(dtype);
            let value = format!("fma(b, static_cast<{}>(i), a)", register(arithmetic));
            ([(arithmetic, start), (arithmetic, step)], value)
        }
    };
    by_index(gpu, &out, count as usize, 1, &numbers, &value)?;
    Ok(Some(out))
}

/// Numbers between bounds: their arithmetic, the numbers start, end and step, and the expression of an element before the middle and
/// behind it.
struct Spaced {
    arithmetic: DType,
    numbers: [Number; 3],
    ahead: String,
    back: String,
}

impl Spaced {
    fn new(start: Scalar, end: Scalar, steps: i64, dtype: DType) -> Spaced {
        let last = steps - 1;
        let float = |x: f64| Scalar::Float(x);
        let (arithmetic, start, end, step) = match dtype {
            DType::F64 => {
                let (a, b) = (start.to_f64(), end.to_f64());
                (DType::F64, float(a), float(b), (b - a) / last as f64)
            }
            DType::F16 | DType::BF16 => {
                let round = |x: f64| match dtype {
                    DType::F16 => f16::from_scalar(float(x)).to_f64(),
                    _ => bf16::from_scalar(float(x)).to_f64(),
                };
                let (a, b) = (round(start.to_f64()), round(end.to_f64()));
                (DType::F32, float(a), float(b), round(round(b - a) / round(last as f64)))
            }
            // Integers are counted in single precision, too.
            _ => {
                let bound = |x: Scalar| dispatch!(dtype, real T => T::from_scalar(x).to_scalar(), else x);
                let (a, b) = (bound(start), bound(end));
                let single = |x: Scalar| f32::from_scalar(x);
                (DType::F32, a, b, f64::from((single(b) - single(a)) / last as f32))
            }
        };
        let kind = register(arithmetic);
        let (ahead, back) = match dtype.is_half() {
            true => {
                // Each step is rounded, the index, too.
                let product =
                    |i: &str| rounded(dtype, &format!("c * {}", rounded(dtype, &format!("static_cast<float>({i})"))));
                (
                    rounded(dtype, &format!("a + {}", product("i"))),
                    rounded(dtype, &format!("b - {}", product("n - i - 1"))),
                )
            }
            false => {
                (format!("fma(c, static_cast<{kind}>(i), a)"), format!("fma(-c, static_cast<{kind}>(n - i - 1), b)"))
            }
        };
        let numbers = [(arithmetic, start), (arithmetic, end), (arithmetic, float(step))];
        Spaced { arithmetic, numbers, ahead, back }
    }
}

/// `steps` points from `start` to `end`, both included.
///
/// # Errors
/// torch's, for bounds that do not fit; what the device refuses.
pub fn linspace(gpu: &'static Gpu, start: Scalar, end: Scalar, steps: i64, dtype: DType) -> Result<Option<View>> {
    if start.is_complex() || end.is_complex() || !(dtype.is_int() || dtype.is_float()) || steps < 2 {
        return if steps == 1 && !start.is_complex() { full(gpu, &[1], start, dtype) } else { Ok(None) };
    }
    let s = Spaced::new(checked(start, dtype)?, checked(end, dtype)?, steps, dtype);
    let out = View::empty_on(gpu.device(), dtype, &[steps])?;
    by_index(gpu, &out, steps as usize, 1, &s.numbers, &format!("i < n / 2 ? {} : {}", s.ahead, s.back))?;
    Ok(Some(out))
}

/// Powers of `base` with exponents evenly spaced from `start` to `end`.
///
/// # Errors
/// What the device refuses.
pub fn logspace(
    gpu: &'static Gpu,
    start: Scalar,
    end: Scalar,
    steps: i64,
    base: f64,
    dtype: DType,
) -> Result<Option<View>> {
    if start.is_complex() || end.is_complex() || !(dtype.is_int() || dtype.is_float()) || steps < 2 {
        return Ok(None);
    }
    let s = Spaced::new(start, end, steps, dtype);
    let base = match dtype {
        DType::F16 => f16::from_scalar(Scalar::Float(base)).to_f64(),
        DType::BF16 => bf16::from_scalar(Scalar::Float(base)).to_f64(),
        _ => base,
    };
    let [a, b, c] = s.numbers;
    let numbers = [a, b, c, (s.arithmetic, Scalar::Float(base))];
    let power = if s.arithmetic == DType::F64 { "::pow" } else { "::powf" };
    let value = format!("{power}(d, i < n / 2 ? {} : {})", s.ahead, s.back);
    let out = View::empty_on(gpu.device(), dtype, &[steps])?;
    by_index(gpu, &out, steps as usize, 1, &numbers, &value)?;
    Ok(Some(out))
}

/// The positions of a triangle of a matrix: rows above columns.
///
/// # Errors
/// What the device refuses.
pub fn triangle_indices(
    gpu: &'static Gpu,
    rows: i64,
    columns: i64,
    offset: i64,
    lower: bool,
    dtype: DType,
) -> Result<Option<View>> {
    let fits = rows >= 0 && columns >= 0 && offset.checked_abs().is_some_and(|o| o < 1 << 62);
    if !fits || !matches!(dtype, DType::I32 | DType::I64) {
        return Ok(None);
    }
    // The lower triangle's rows are as long as their number and this say, the upper triangle's shorter by as much.
    let first = if lower { offset + 1 } else { offset };
    let below = |x: i64| -> i64 {
        let x = x.max(0);
        let near = x.min(columns);
        (near * (near - 1) / 2).saturating_add((x - near).saturating_mul(columns))
    };
    let inside = below(rows + first) - below(first);
    let count = if lower { inside } else { rows * columns - inside };
    let out = View::empty_on(gpu.device(), dtype, &[2, count])?;
    let numbers = [rows, columns, first].map(|n| (DType::I64, Scalar::Int(n)));
    by_index(gpu, &out, 2 * count as usize, 1, &numbers, &format!("triangle_index<{lower}>(i, n / 2, a, b, c)"))?;
    Ok(Some(out))
}
