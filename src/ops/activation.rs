//! Activation functions.

use crate::rows;

rows! {}
