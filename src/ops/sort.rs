//! Sorting, searching, counting.

use crate::rows;

rows! {}
