//! Special functions.

use crate::rows;

rows! {}
