//! The elements that will be shown, each as text, and the width that they share.

use super::PrintOptions;
use crate::base::Scalar;
use crate::base::interrupt::polled;
use crate::print::number::{exponent, fixed};
use crate::store::View;

/// Ratio of largest to smallest magnitude above which floats are written with an exponent.
const SCI_RATIO: f64 = 1000.0;
/// Magnitudes above this one are written with an exponent,
const SCI_LARGE: f64 = 1.0e8;
/// and those below this one.
const SCI_SMALL: f64 = 1.0e-4;

/// Texts of the shown elements, in row-major order.
pub struct Column {
    text: String,
    ends: Vec<usize>,
    width: usize,
}

impl Column {
    /// The width to which elements are padded; zeros, nans and infinities do not count, so they may be longer.
    pub fn width(&self) -> usize {
        self.width
    }

    /// The text of the shown element number `index`.
    pub fn get(&self, index: usize) -> &str {
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        &self.text[start..self.ends[index]]
    }

    fn with_capacity(count: usize) -> Column {
        Column { text: String::with_capacity(count * 8), ends: Vec::with_capacity(count), width: 1 }
    }

    fn push(&mut self, text: &str, counts: bool) {
        self.text.push_str(text);
        self.ends.push(self.text.len());
        if counts {
            self.width = self.width.max(text.len());
        }
    }

    /// Texts of integers and truth values.
    fn exact(values: &[Scalar]) -> Column {
        let mut out = Column::with_capacity(values.len());
        for value in polled(values) {
            match value {
                Scalar::Bool(true) => out.push("True", true),
                Scalar::Bool(false) => out.push("False", true),
                Scalar::UInt(u) => out.push(&u.to_string(), true),
                other => out.push(&other.to_i64().to_string(), true),
            }
        }
        out
    }

    /// Texts of floats, all in the one form that suits them together.
    fn floats(values: &[f64], options: &PrintOptions) -> Column {
        let counts = |v: f64| v.is_finite() && v != 0.0;
        let (mut low, mut high, mut whole) = (f64::INFINITY, 0.0f64, true);
        for v in values.iter().copied().filter(|v| counts(*v)) {
            low = low.min(v.abs());
            high = high.max(v.abs());
            whole &= v == v.ceil();
        }
        let mixed = high / low > SCI_RATIO || high > SCI_LARGE || low < SCI_SMALL;
        // With nothing but zeros, nans and infinities torch does not even ask `sci_mode`.
        let sci = high > 0.0 && options.sci_mode.unwrap_or(mixed);

        let mut out = Column::with_capacity(values.len());
        for &v in polled(values) {
            let text = match () {
                () if sci => exponent(v, options.precision),
                () if !whole => fixed(v, options.precision),
                () if v.is_finite() => fixed(v, 0) + ".",
                () => fixed(v, 0),
            };
            out.push(&text, counts(v));
        }
        out
    }
}

/// Columns for the elements of `view` that a summary shows (all of them unless `summarize`): one, or the real and the
/// imaginary parts.
pub fn columns(view: &View, options: &PrintOptions, summarize: bool) -> (Column, Option<Column>) {
    let values = shown(view, options, summarize);
    if view.dtype().is_complex() {
        let re: Vec<f64> = values.iter().map(|v| v.to_c64().re).collect();
        let im: Vec<f64> = values.iter().map(|v| v.to_c64().im).collect();
        (Column::floats(&re, options), Some(Column::floats(&im, options)))
    } else if view.dtype().is_float() {
        let values: Vec<f64> = values.iter().map(|v| v.to_f64()).collect();
        (Column::floats(&values, options), None)
    } else {
        (Column::exact(&values), None)
    }
}

/// The shown elements in row-major order.
fn shown(view: &View, options: &PrintOptions, summarize: bool) -> Vec<Scalar> {
    // Row-major numbers of the shown elements, built up a dimension at a time.
    let mut numbers = vec![0];
    for &n in view.sizes() {
        let n = n as usize;
        let (head, tail) = super::layout::ends(n, options, summarize).unwrap_or((n, n));
        numbers = polled(&numbers).flat_map(|at| (0..head).chain(tail..n).map(move |i| at * n + i)).collect();
    }
    polled(numbers).map(|at| view.get(at)).collect()
}
