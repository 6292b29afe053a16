//! Views: other sizes, strides and orders over the same memory.

use crate::rows;

rows! {}
