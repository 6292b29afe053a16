//! Fourier transforms.

use crate::rows;

rows! {}
