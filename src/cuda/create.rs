//! Tensors made from nothing on a GPU: filled, counted, spaced. Each formula is that of PyTorch's CUDA kernel.
#![allow(unsafe_code)]

use super::key::Key;
use super::launch::{self, Parameters, THREADS, blocks, written};
use super::loader::Loader;
use super::sources::{self, CREATE};
use super::types::{narrowed, register, rounded, stored};
use crate::base::error::Result;
use crate::base::scalar::Cast;
use crate::base::shape::Format;
use crate::base::{DType, Scalar};
use crate::cpu::create::{arange_count, empty_as, range_count};
use crate::cpu::index::element::checked;
use crate::cpu::window::Window;
use crate::dispatch;
use crate::store::View;
use crate::store::cuda::Gpu;
use crate::store::overlap::dense;
use half::{bf16, f16};
use std::f64::consts::PI;

/// A formula's number: its C type, and its value as a register of a dtype holds it.
type Number = (DType, Scalar);

/// Sets `count` elements of fresh memory, `apart` from each other, to an expression over the index `i` and the numbers `a`, `b`, ...
fn by_index(gpu: &'static Gpu, out: &View, count: usize, apart: i64, numbers: &[Number], value: &str) -> Result<()> {
    if count == 0 {
        return Ok(());
    }
    let names = ["a", "b", "c", "d"];
    let dtype = out.dtype();
    let mut key = Key::new();
    key.byte(dtype as u8).text(value);
    numbers.iter().for_each(|n| _ = key.byte(n.0 as u8));
    let function = launch::by_key(gpu, "count", key, || {
        let declared: String =
            numbers.iter().zip(names).map(|((dtype, _), name)| format!(", {} {name}", register(*dtype))).collect();
        let text = format!(
            "namespace tensh {{\nextern \"C\" __global__ void __launch_bounds__({THREADS}) count({}* out, int64_t n, int64_t apart{declared}) {{\n    \
         const int64_t i = int64_t(blockIdx.x) * {THREADS} + threadIdx.x;\n    if (i < n) out[i * apart] = {};\n}}\n}}  // namespace tensh",
            stored(dtype),
            narrowed(dtype, &format!("cast<{}>({value})", register(dtype)))
        );
        launch::functions(gpu, &sources::with(&[CREATE], &text, dtype.is_complex()), &["count"])
    })?[0];
    let mut parameters = Parameters::new();
    parameters.address(written(out)?).int(count as i64).int(apart);
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
pub fn like(gpu: &'static Gpu, x: &View, dtype: DType, format: Format, value: Option<Scalar>) -> Result<View> {
    let out = empty_as(gpu.device(), x, dtype, format)?;
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
        return gpu.fill(written(out)?, element[0], length);
    }
    let text = "namespace tensh {\nextern \"C\" __global__ void __launch_bounds__(256) repeat(uint8_t* out, uint64_t n, const Sixteen pattern) {\n    \
                repeat_bytes(out, n, pattern);\n}\n}  // namespace tensh";
    let function = launch::by_key(gpu, "repeat", Key::new(), || {
        launch::functions(gpu, &sources::with(&[CREATE], text, false), &["repeat"])
    })?[0];
    let to = written(out)?;
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
    let text = || {
        format!(
            "namespace tensh {{\n{}extern \"C\" __global__ void __launch_bounds__({THREADS}) set({}, {}* out, uint64_t n, {} value) {{\n    {}\n    \
         const uint64_t i = uint64_t(blockIdx.x) * {THREADS} + threadIdx.x;\n    if (i < n) out[load.row(i).at[0]] = {};\n}}\n}}  \
         // namespace tensh",
            places.text(&rows),
            places.declared(),
            stored(dtype),
            register(dtype),
            places.made(),
            narrowed(dtype, "value")
        )
    };
    let function = launch::by_key(gpu, "set", places.key(&rows), || {
        launch::functions(gpu, &sources::with(&[], text(), dtype.is_complex()), &["set"])
    })?[0];
    let mut parameters = Parameters::new();
    places.add_to(&mut parameters, &rows)?;
    parameters.address(written(out)?).int(rows.count as i64).number(value, dtype);
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
    counted(gpu, start, step, arange_count(start, end, step, dtype)?, dtype).map(Some)
}

/// As [`arange`], `end` included.
///
/// # Errors
/// As [`arange`].
pub fn range(gpu: &'static Gpu, start: Scalar, end: Scalar, step: Scalar, dtype: DType) -> Result<Option<View>> {
    if !(dtype.is_int() || dtype.is_float()) || dtype == DType::BF16 {
        return Ok(None);
    }
    counted(gpu, start, step, range_count(start, end, step)?, dtype).map(Some)
}

/// `count` numbers from `start` on, by `step`.
fn counted(gpu: &'static Gpu, start: Scalar, step: Scalar, count: i64, dtype: DType) -> Result<View> {
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
    Ok(out)
}

/// The frequencies of the bins of a Fourier transform of `n` points that are `d` apart, or of its first half.
///
/// # Errors
/// What the device refuses.
pub fn frequencies(gpu: &'static Gpu, n: i64, d: f64, half: bool, dtype: DType) -> Result<Option<View>> {
    let count = if half { n / 2 + 1 } else { n };
    if !dtype.is_float() || count < 0 {
        return Ok(None);
    }
    let out = View::empty_on(gpu.device(), dtype, &[count])?;
    // The bins of negative frequencies come last.
    let turn = if half { count } else { (n + 1) / 2 };
    let arithmetic = wide(dtype);
    let numbers = [
        (arithmetic, Scalar::Float(1.0 / (n as f64 * d))),
        (DType::I64, Scalar::Int(n)),
        (DType::I64, Scalar::Int(turn)),
    ];
    let value = format!("a * static_cast<{}>(i < c ? i : i - b)", register(arithmetic));
    by_index(gpu, &out, count as usize, 1, &numbers, &value)?;
    Ok(Some(out))
}

/// A window; `None` where it has no more than one point, or the CPU's function is to refuse it.
///
/// # Errors
/// What the device refuses.
pub fn window(gpu: &'static Gpu, kind: Window, length: i64, periodic: bool, dtype: DType) -> Result<Option<View>> {
    if !dtype.is_float() || length <= 1 {
        return Ok(None);
    }
    let arithmetic = wide(dtype);
    let last = length - i64::from(!periodic);
    // Steps round where each is a kernel of its own.
    let round = |value: &str| rounded(dtype, value);
    let at = |step: &str| round(&format!("{} * {step}", round(&format!("static_cast<{}>(i)", register(arithmetic)))));
    let wave = |of: &str, by: &str| round(&format!("{} * {by}", round(&format!("cos({of})"))));
    let float = |x: f64| (arithmetic, Scalar::Float(x));
    let (numbers, value) = match kind {
        Window::Cosine { alpha, beta } => (
            vec![float(PI * 2.0 / last as f64), float(-beta), float(alpha)],
            round(&format!("{} + c", wave(&at("a"), "b"))),
        ),
        Window::Blackman => {
            let wave = |k: i32, by: &str| wave(&round(&format!("{} * {k}", at("a"))), by);
            let waves = round(&format!("{} - {}", wave(4, "b"), wave(2, "c")));
            let numbers = vec![float(PI / last as f64), float(0.08), float(0.5), float(0.42)];
            (numbers, round(&format!("{waves} + d")))
        }
        Window::Bartlett => {
            let numbers = vec![float(2.0 / last as f64), (DType::I64, Scalar::Int(last / 2))];
            (numbers, format!("i <= b ? {} : {}", at("a"), round(&format!("2 - {}", at("a")))))
        }
        Window::Kaiser(beta) => {
            let numbers = vec![float(2.0 / last as f64), float(beta)];
            let kind = register(arithmetic);
            let point = round(&format!("static_cast<{kind}>(i)"));
            (numbers, format!("bessel::i0(kaiser<{kind}>({point}, a, b)) * {kind}(1.0 / bessel::i0(b))"))
        }
    };
    let out = View::empty_on(gpu.device(), dtype, &[length])?;
    by_index(gpu, &out, length as usize, 1, &numbers, &value)?;
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
