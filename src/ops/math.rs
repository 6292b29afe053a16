//! Exponentials, logarithms, trigonometry, rounding.

use crate::rows;

rows! {}
