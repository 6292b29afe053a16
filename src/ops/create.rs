//! Tensors made from nothing.

use crate::rows;

rows! {}
