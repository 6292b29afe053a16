//! Scans: running sums, products and extremes.

use crate::rows;

rows! {}
