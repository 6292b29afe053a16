//! `str` and `repr` of arrays as NumPy 2.4 writes them, after the behaviour of its `arrayprint` module: elements of one
//! width, rows wrapped to the line, summaries of large arrays.

use super::print_float::FloatFormatter;
use super::print_scalar::scalar_str;
use crate::base::{DType, Scalar};
use crate::print::python::tuple;
use std::fmt::Write;

/// How many digits a float shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FloatMode {
    /// Always `precision` digits.
    Fixed,
    /// As many as the number needs, whatever `precision` says.
    Unique,
    /// As many as the number needs, at most `precision`.
    MaxPrec,
    /// As `MaxPrec`, but as many for all as for the one that needs most.
    MaxPrecEqual,
}

/// What `numpy.set_printoptions` sets.
#[derive(Clone, Debug, PartialEq)]
pub struct PrintOptions {
    /// Digits after the point.
    pub precision: usize,
    /// Number of elements above which an array is summarized.
    pub threshold: usize,
    /// Elements shown at either end of a summarized axis.
    pub edgeitems: usize,
    /// Columns of a line.
    pub linewidth: usize,
    /// Whether small numbers are shown as zero rather than with an exponent.
    pub suppress: bool,
    /// The text of nan.
    pub nanstr: String,
    /// The text of infinity, without its sign.
    pub infstr: String,
    /// What stands before numbers that are not negative: `-` nothing, `+` a plus, ` ` a space.
    pub sign: char,
    /// How many digits a float shows.
    pub floatmode: FloatMode,
}

impl Default for PrintOptions {
    fn default() -> Self {
        PrintOptions {
            precision: 8,
            threshold: 1000,
            edgeitems: 3,
            linewidth: 75,
            suppress: false,
            nanstr: "nan".into(),
            infstr: "inf".into(),
            sign: '-',
            floatmode: FloatMode::MaxPrec,
        }
    }
}

/// An array as the printer sees it.
#[derive(Clone, Copy)]
pub struct Elements<'a> {
    /// The type of the elements.
    pub dtype: DType,
    /// The length of each axis.
    pub shape: &'a [i64],
    /// The element at a position in row-major order.
    pub get: &'a dyn Fn(usize) -> Scalar,
}

impl Elements<'_> {
    fn size(&self) -> usize {
        self.shape.iter().map(|&n| n as usize).product()
    }
}

/// `repr(array)`.
pub fn array_repr(array: Elements, options: &PrintOptions) -> String {
    const PREFIX: &str = "array(";
    let body = array2string(array, options, ", ", PREFIX.len(), ")".len());
    let size = array.size();
    let mut extras = Vec::new();
    if (size == 0 && array.shape != [0]) || size > options.threshold {
        extras.push(format!("shape={}", tuple(array.shape)));
    }
    let implied = matches!(array.dtype, DType::Bool | DType::I64 | DType::F64 | DType::C64);
    if !implied || size == 0 {
        extras.push(format!("dtype={}", array.dtype.name()));
    }
    if extras.is_empty() {
        return format!("{PREFIX}{body})");
    }
    let text = format!("{PREFIX}{body},");
    let extras = extras.join(", ") + ")";
    let last_line = text.len() - text.rfind('\n').map_or(0, |at| at + 1);
    let fits = last_line + extras.len() < options.linewidth;
    let spacer = if fits { " ".into() } else { format!("\n{}", " ".repeat(PREFIX.len())) };
    text + &spacer + &extras
}

/// `str(array)`; a 0-d array prints as the scalar it holds.
pub fn array_str(array: Elements, options: &PrintOptions) -> String {
    if array.shape.is_empty() {
        return scalar_str((array.get)(0), array.dtype);
    }
    array2string(array, options, " ", 0, 0)
}

/// The brackets and what is in them; lines after the first are indented by `prefix` columns, and the last keeps `suffix`
/// columns free.
pub fn array2string(array: Elements, options: &PrintOptions, separator: &str, prefix: usize, suffix: usize) -> String {
    let size = array.size();
    if size == 0 {
        return "[]".into();
    }
    let layout = Layout {
        array,
        separator,
        edge: (size > options.threshold).then_some(options.edgeitems),
        format: &*element_format(array, options, size > options.threshold),
    };
    layout.axis(0, 0, prefix + 1, options.linewidth.saturating_sub(suffix))
}

/// What is shown of an axis: the first items, whether some are left out, the last items.
fn shown(length: usize, edge: Option<usize>) -> (usize, bool, usize) {
    match edge {
        // Even with no items at the edge NumPy shows the last.
        Some(edge) if length > 2 * edge => (edge, true, edge.max(1)),
        _ => (0, false, length),
    }
}

/// Everything of the array that is shown, in order.
fn shown_elements(array: Elements, edge: Option<usize>) -> Vec<Scalar> {
    let mut places = vec![0];
    for &length in array.shape {
        let length = length as usize;
        let (first, _, last) = shown(length, edge);
        let items = || (0..first).chain(length - last..length);
        places = places.iter().flat_map(|place| items().map(move |i| place * length + i)).collect();
    }
    places.into_iter().map(array.get).collect()
}

/// The function that gives every element of the array its text, all of one width.
fn element_format<'a>(
    array: Elements<'a>,
    options: &'a PrintOptions,
    summary: bool,
) -> Box<dyn Fn(Scalar) -> String + 'a> {
    let data = shown_elements(array, summary.then_some(options.edgeitems));
    match array.dtype {
        DType::Bool => {
            let yes = if array.shape.is_empty() { "True" } else { " True" };
            Box::new(move |x| if x.to_bool() { yes.into() } else { "False".into() })
        }
        dtype if dtype.is_float() => {
            let values: Vec<f64> = data.iter().map(|x| x.to_f64()).collect();
            let format = FloatFormatter::new(&values, dtype, options, options.sign);
            Box::new(move |x| format.text(x.to_f64()))
        }
        dtype if dtype.is_complex() => {
            let part = |of: fn(Scalar) -> f64, sign| {
                let values: Vec<f64> = data.iter().map(|x| of(*x)).collect();
                FloatFormatter::new(&values, dtype.real(), options, sign)
            };
            let real = part(|x| x.to_c64().re, options.sign);
            let imaginary = part(|x| x.to_c64().im, '+');
            Box::new(move |x| {
                let z = x.to_c64();
                let text = imaginary.text(z.im);
                // The letter stands before the spaces that fill up the width.
                let digits = text.trim_end();
                format!("{}{digits}j{}", real.text(z.re), &text[digits.len()..])
            })
        }
        _ => integer_format(&data, options.sign),
    }
}

/// An integer as wide arithmetic has it; every element type fits.
fn integer(x: Scalar) -> i128 {
    match x {
        Scalar::UInt(u) => i128::from(u),
        other => i128::from(other.to_i64()),
    }
}

fn integer_format(data: &[Scalar], sign: char) -> Box<dyn Fn(Scalar) -> String> {
    let (mut least, mut most) = (i128::MAX, i128::MIN);
    for x in data {
        least = least.min(integer(*x));
        most = most.max(integer(*x));
    }
    let sign = if sign == ' ' && least < 0 { '-' } else { sign };
    let signed = |n: i128| if n >= 0 && sign != '-' { format!("{sign}{n}") } else { n.to_string() };
    let width = signed(most).len().max(least.to_string().len());
    Box::new(move |x| {
        let n = integer(x);
        let text = if n >= 0 && sign != '-' { format!("{sign}{n}") } else { n.to_string() };
        format!("{text:>width$}")
    })
}

/// The arrangement of an array's elements in lines and brackets.
struct Layout<'a> {
    array: Elements<'a>,
    separator: &'a str,
    /// Items shown at either end of a long axis; `None` shows all.
    edge: Option<usize>,
    format: &'a dyn Fn(Scalar) -> String,
}

impl Layout<'_> {
    /// The text of the sub-array at `place` (counted in sub-arrays of this rank), whose lines after the first begin with
    /// `indent` spaces and end before column `width`.
    fn axis(&self, axis: usize, place: usize, indent: usize, width: usize) -> String {
        let Some(&length) = self.array.shape.get(axis) else {
            return (self.format)((self.array.get)(place));
        };
        let length = length as usize;
        let (first, gap, last) = shown(length, self.edge);
        let items = (0..first).map(Some).chain(gap.then_some(None)).chain((length - last..length).map(Some));
        let words = items.map(|item| match item {
            Some(i) => self.axis(axis + 1, place * length + i, indent + 1, width.saturating_sub(1)),
            None => "...".into(),
        });
        let margin = " ".repeat(indent);
        let rank = self.array.shape.len() - axis;
        if rank == 1 {
            let body = self.wrapped(words, &margin, width);
            return format!("[{}]", &body[indent..]);
        }
        let between = format!("{}{}{margin}", self.separator.trim_end(), "\n".repeat(rank - 1));
        let mut out = String::from("[");
        for (i, word) in words.enumerate() {
            let _ = write!(out, "{}{word}", if i > 0 { between.as_str() } else { "" });
        }
        out + "]"
    }

    /// A row's words in lines, each begun with `margin`.
    fn wrapped(&self, words: impl Iterator<Item = String>, margin: &str, width: usize) -> String {
        // What follows a word at a line's end takes a column: the separator or the bracket.
        let width = width.saturating_sub(self.separator.trim_end().len().max(1));
        let mut out = String::new();
        let mut line = margin.to_string();
        for (i, word) in words.enumerate() {
            if i > 0 {
                line.push_str(self.separator);
            }
            // Texts are ASCII but for a user's own word for nan.
            let columns = |text: &str| if text.is_ascii() { text.len() } else { text.chars().count() };
            if columns(&line) + columns(&word) > width && line.len() > margin.len() {
                out.push_str(line.trim_end());
                out.push('\n');
                line.clear();
                line.push_str(margin);
            }
            line.push_str(&word);
        }
        out + &line
    }
}
