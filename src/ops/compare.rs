//! Comparison and logic.

use crate::rows;

rows! {}
