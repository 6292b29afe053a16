//! Linear algebra: factorizations, solutions, norms.

use crate::rows;

rows! {}
