//! Joining, splitting, repeating, flipping.

use crate::rows;

rows! {}
