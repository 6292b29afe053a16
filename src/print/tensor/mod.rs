//! torch's repr of a tensor, byte for byte: `tensor([[1., 2.]], device='cuda:0')`.
//!
//! Three steps: `elements` takes out the elements that will be shown and writes each as text, `layout` puts brackets,
//! commas, line breaks and ellipses around them, and this file adds what follows the elements (`dtype=`, `size=`, ...).
//! A tensor of any size costs only the elements that are shown.

mod elements;
mod layout;
mod options;
#[cfg(test)]
mod tests;

pub use options::{
    OptionChanges, PrintOptions, home, print_options, restore_print_options, set_home, set_print_options,
};

use crate::base::promote::{default_complex, default_dtype};
use crate::base::{DType, Device};
use crate::store::View;

const PREFIX: &str = "tensor(";

/// What a tensor's repr tells besides its elements.
#[derive(Clone, Copy, Debug, Default)]
pub struct Suffix<'a> {
    /// Where it lives; the device of [`set_home`], which is the CPU, goes without saying, `meta` shows no elements.
    pub device: Device,
    /// Whether gradients are wanted; not shown where `grad_fn` is.
    pub requires_grad: bool,
    /// Name of the function that it came from: `MulBackward0`.
    pub grad_fn: Option<&'a str>,
}

/// The repr of a tensor, which is its `str` too; `indent` is the column at which the text will begin.
pub fn repr(view: &View, suffix: &Suffix, indent: usize) -> String {
    let options = print_options();
    let inner = indent + PREFIX.len();
    let dtype = view.dtype();
    let meta = suffix.device == Device::Meta;

    let mut notes = Vec::new();
    if suffix.device != home() {
        notes.push(format!("device='{}'", suffix.device));
    }
    let (show_size, show_dtype) = if meta {
        (true, dtype != default_dtype())
    } else if view.numel() == 0 {
        (view.ndim() != 1, dtype != default_dtype())
    } else {
        (options.edgeitems == 0, !goes_without_saying(dtype))
    };
    if show_size {
        notes.push(format!("size={}", super::objects::tuple(view.sizes())));
    }
    if show_dtype {
        notes.push(format!("dtype={dtype}"));
    }
    if let Some(name) = suffix.grad_fn {
        notes.push(format!("grad_fn=<{name}>"));
    } else if suffix.requires_grad {
        notes.push("requires_grad=True".into());
    }

    let mut out = String::from(PREFIX);
    match (meta, view.numel()) {
        (true, _) => out.push_str("..."),
        (_, 0) => out.push_str("[]"),
        _ => layout::write(&mut out, view, &options, inner),
    }
    append(&mut out, &notes, inner, options.linewidth);
    out
}

/// The repr of an `nn.Parameter`, from that of its tensor.
pub fn parameter(tensor: &str) -> String {
    format!("Parameter containing:\n{tensor}")
}

/// The dtypes that elements of this shape would get from a literal.
fn goes_without_saying(dtype: DType) -> bool {
    dtype == default_dtype() || dtype == default_complex() || matches!(dtype, DType::I64 | DType::Bool)
}

/// Appends the notes, each on a new line where it would pass `linewidth`, and the closing parenthesis.
fn append(out: &mut String, notes: &[String], indent: usize, linewidth: i64) {
    // torch counts a column or two more than the last line has.
    let mut column = match out.rfind('\n') {
        Some(at) => out.len() - at + 1,
        None => out.len() + 2,
    };
    for note in notes {
        if (column + note.len() + 2) as i64 > linewidth {
            out.push_str(",\n");
            layout::spaces(out, indent);
            column = indent + note.len();
        } else {
            out.push_str(", ");
            column += note.len() + 2;
        }
        out.push_str(note);
    }
    out.push(')');
}
