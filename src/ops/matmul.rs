//! Products of matrices and vectors.

use crate::rows;

rows! {}
