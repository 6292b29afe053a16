//! Reductions: sums, extremes, statistics, norms.

use crate::rows;

rows! {}
