//! Python's text: format specs, `%`, `.format()`, and the methods of `str`, over Rust's own types.
//! The evaluator turns its values into these types and back; nothing here knows a value, a tensor or a span.
//! A position or a width counts code points, as in Python.

pub mod format_spec;
pub mod parse_number;
pub mod percent;
pub mod str_case;
pub mod str_class;
pub mod str_format;
pub mod str_index;
pub mod str_pad;
pub mod str_repr;
pub mod str_search;
pub mod str_split;
mod unicode_tables;

use crate::base::error::{Error, ErrorKind, Result};

/// The widest text a format may ask for; beyond it the request is a mistake, not a text.
const WIDEST: usize = 1 << 28;

/// A width or a precision that memory could not hold is Python's `MemoryError`.
fn check_width(width: usize) -> Result<usize> {
    if width > WIDEST { Err(Error::new(ErrorKind::MemoryError, "")) } else { Ok(width) }
}
