//! `torch.testing.assert_close`: numbers, tensors, and sequences and mappings of them, with torch's report of what differs.

use super::convert::{as_scalar, number};
use crate::base::error::{type_error, value_error};
use crate::base::promote::promote;
use crate::base::{DType, Error, ErrorKind, Scalar};
use crate::eval::args::Args;
use crate::eval::interp::Interp;
use crate::eval::raise::{Raise, Res};
use crate::eval::value::Value;
use crate::store::View;

/// How closely two things must agree.
pub struct Rule {
    /// Relative and absolute tolerance, where the caller gave them.
    pub tolerance: Option<(f64, f64)>,
    /// These two as the caller wrote them.
    pub shown: Option<(String, String)>,
    /// Whether nan equals nan.
    pub equal_nan: bool,
    /// Whether the dtypes must agree.
    pub check_dtype: bool,
    /// Whether the strides must agree.
    pub check_stride: bool,
    /// What is said in place of the report.
    pub message: Option<Value>,
}

impl Rule {
    /// Reads `rtol` and `atol`, which come together or not at all.
    ///
    /// # Errors
    /// torch's `ValueError` for one without the other.
    pub fn tolerance(rtol: Option<f64>, atol: Option<f64>) -> Res<Option<(f64, f64)>> {
        let missing = match (rtol, atol) {
            (Some(r), Some(a)) => return Ok(Some((r, a))),
            (None, None) => return Ok(None),
            (Some(_), None) => "atol",
            (None, Some(_)) => "rtol",
        };
        let message = format!("Both 'rtol' and 'atol' must be either specified or omitted, but got no {missing}.");
        Err(value_error(message).into())
    }

    /// The report, or what the caller's message makes of it.
    fn failure(&self, it: &mut Interp, report: String) -> Raise {
        let text = match &self.message {
            None => Ok(report),
            Some(Value::Str(text)) => Ok(text.text.to_string()),
            Some(made) => it.call(made, Args::of([Value::from(report)])).and_then(|v| it.str(&v)),
        };
        text.map_or_else(|raised| raised, |text| Error::new(ErrorKind::AssertionError, text).into())
    }
}

/// Compares two values; `at` is the way from the outermost pair to this one, as `[1]['a']`.
///
/// # Errors
/// `AssertionError` with what differs, `TypeError` for values that cannot be compared.
pub fn check(it: &mut Interp, actual: &Value, expected: &Value, at: &str, rule: &Rule) -> Res<()> {
    let place = if at.is_empty() { String::new() } else { format!("\n\nThe failure occurred for item {at}") };
    let fail = |it: &mut Interp, report: String| Err(rule.failure(it, format!("{report}{place}")));
    match (actual, expected) {
        (Value::List(_) | Value::Tuple(_), Value::List(_) | Value::Tuple(_)) => {
            let (x, y) = (it.collect(actual)?, it.collect(expected)?);
            if x.len() != y.len() {
                return fail(it, format!("The length of the sequences mismatch: {} != {}", x.len(), y.len()));
            }
            return x
                .iter()
                .zip(&y)
                .enumerate()
                .try_for_each(|(i, (x, y))| check(it, x, y, &format!("{at}[{i}]"), rule));
        }
        (Value::Dict(x), Value::Dict(y)) => {
            for (key, value) in x.pairs() {
                let key_text = it.repr(&key)?;
                match y
                    .pairs()
                    .into_iter()
                    .find(|(k, _)| k.is(&key) || k.as_str().is_some() && k.as_str() == key.as_str())
                {
                    Some((_, other)) => check(it, &value, &other, &format!("{at}[{key_text}]"), rule)?,
                    None => {
                        return fail(
                            it,
                            format!(
                                "The keys of the mappings do not match:\nMissing keys in the expected mapping: [{key_text}]"
                            ),
                        );
                    }
                }
            }
            return Ok(());
        }
        (Value::None, Value::None) => return Ok(()),
        _ => {}
    }
    let array = |v: &Value| -> Res<Option<View>> {
        Ok(match v {
            Value::Tensor(t) => Some(t.view()?),
            other => crate::numpy::array_view(other),
        })
    };
    if let (Some(x), Some(y)) = (as_scalar(actual), as_scalar(expected)) {
        let tolerance = rule.tolerance.unwrap_or_else(|| number_tolerance(x, y));
        let (x, y) = (View::scalar(wide(x), x)?, View::scalar(wide(y), y)?);
        return compare(it, &x, &y, tolerance, rule).or_else(|report| fail(it, report));
    }
    let same_kind = matches!(actual, Value::Tensor(_)) == matches!(expected, Value::Tensor(_));
    let (Some(x), Some(y), true) = (array(actual)?, array(expected)?, same_kind) else {
        let kinds = [actual, expected].map(|v| it.repr(&crate::eval::attribute::class_of(v)));
        let [x, y] = kinds;
        let message = format!("No comparison pair was able to handle inputs of type {} and {}.", x?, y?);
        return Err(type_error(message).into());
    };
    let differ =
        |name: &str, x: String, y: String| format!("The values for attribute '{name}' do not match: {x} != {y}.");
    if x.sizes() != y.sizes() {
        let shown = |v: &View| crate::print::objects::size(v.sizes());
        return fail(it, differ("shape", shown(&x), shown(&y)));
    }
    if rule.check_stride && x.strides() != y.strides() {
        let shown = |v: &View| crate::print::objects::tuple(v.strides());
        return fail(it, differ("stride()", shown(&x), shown(&y)));
    }
    if rule.check_dtype && x.dtype() != y.dtype() {
        return fail(it, differ("dtype", x.dtype().to_string(), y.dtype().to_string()));
    }
    let tolerance = rule.tolerance.unwrap_or_else(|| {
        let ((r, a), (s, b)) = (dtype_tolerance(x.dtype()), dtype_tolerance(y.dtype()));
        (r.max(s), a.max(b))
    });
    compare(it, &x, &y, tolerance, rule).or_else(|report| fail(it, report))
}

/// The dtype in which a Python number is compared.
fn wide(s: Scalar) -> DType {
    match s {
        Scalar::Float(_) => DType::F64,
        Scalar::Complex(_) => DType::C64,
        other => other.dtype(),
    }
}

fn number_tolerance(x: Scalar, y: Scalar) -> (f64, f64) {
    let ((r, a), (s, b)) = (dtype_tolerance(wide(x)), dtype_tolerance(wide(y)));
    (r.max(s), a.max(b))
}

/// torch's default tolerances, relative and absolute.
fn dtype_tolerance(dtype: DType) -> (f64, f64) {
    match dtype {
        DType::F16 => (1e-3, 1e-5),
        DType::BF16 => (1.6e-2, 1e-5),
        DType::F32 | DType::C32 => (1.3e-6, 1e-5),
        DType::F64 | DType::C64 => (1e-7, 1e-7),
        _ => (0.0, 0.0),
    }
}

/// The elements of two views of one shape; the error is the report.
fn compare(it: &mut Interp, x: &View, y: &View, (rtol, atol): (f64, f64), rule: &Rule) -> Result<(), String> {
    let dtype = promote(x.dtype(), y.dtype()).unwrap_or(x.dtype());
    let exact = dtype.is_integral();
    let single = matches!(dtype, DType::F32 | DType::C32);
    let round = |v: f64| if single { f64::from(v as f32) } else { v };
    let mut differing = 0;
    let (mut worst_abs, mut worst_rel) = ((f64::NEG_INFINITY, 0), (f64::NEG_INFINITY, 0));
    for i in 0..x.numel() {
        let (a, b) = (x.get(i).to_c64(), y.get(i).to_c64());
        let nan = a.re.is_nan() || a.im.is_nan();
        let both_nan = nan && (b.re.is_nan() || b.im.is_nan());
        let away = round((a - b).norm());
        let close = a == b || (both_nan && rule.equal_nan) || (away.is_finite() && away <= atol + rtol * b.norm());
        if close {
            continue;
        }
        differing += 1;
        let relative = round(away / b.norm());
        // A nan is the greatest difference, and the first of several greatest ones is told.
        let greater = |new: f64, old: f64| (new.is_nan() && !old.is_nan()) || new > old;
        if greater(away, worst_abs.0) {
            worst_abs = (away, i);
        }
        if greater(relative, worst_rel.0) {
            worst_rel = (relative, i);
        }
    }
    if differing == 0 {
        return Ok(());
    }
    let exactly = rtol == 0.0 && atol == 0.0;
    let word = if exactly { "equal" } else { "close" };
    let mut shown = |v: f64, whole: bool| {
        let value = if whole && v.is_finite() { Value::Int(v as i64) } else { Value::Float(v) };
        it.repr(&value).unwrap_or_default()
    };
    let allowed = |it: String| if exactly { String::new() } else { format!(" (up to {it} allowed)") };
    let (rtol_text, atol_text) = rule.shown.clone().unwrap_or_else(|| (shown(rtol, false), shown(atol, false)));
    let (rtol_text, atol_text) = (allowed(rtol_text), allowed(atol_text));
    if x.ndim() == 0 {
        // Python's own difference of the two numbers.
        let (a, b) = (x.get(0).to_c64(), y.get(0).to_c64());
        let (away, whole) = ((a - b).norm(), dtype.is_integral());
        let (abs_text, rel_text) =
            (shown(away, whole), shown(if b.norm() == 0.0 { f64::INFINITY } else { away / b.norm() }, false));
        let (a, b) = (it.repr(&number(x.get(0))), it.repr(&number(y.get(0))));
        return Err(format!(
            "Scalars are not {word}!\n\nExpected {} but got {}.\nAbsolute difference: {abs_text}{atol_text}\nRelative \
             difference: {rel_text}{rtol_text}",
            b.unwrap_or_default(),
            a.unwrap_or_default()
        ));
    }
    let (abs_text, rel_text) = (shown(worst_abs.0, exact), shown(worst_rel.0, false));
    let index = |mut flat: usize| {
        let mut at: Vec<usize> = x
            .sizes()
            .iter()
            .rev()
            .map(|&n| {
                let here = flat % n as usize;
                flat /= n as usize;
                here
            })
            .collect();
        at.reverse();
        crate::print::objects::tuple(&at)
    };
    let count = x.numel();
    Err(format!(
        "Tensor-likes are not {word}!\n\nMismatched elements: {differing} / {count} ({:.1}%)\nGreatest absolute difference: \
         {abs_text} at index {}{atol_text}\nGreatest relative difference: {rel_text} at index {}{rtol_text}",
        100.0 * f64::from(differing) / count as f64,
        index(worst_abs.1),
        index(worst_rel.1)
    ))
}
