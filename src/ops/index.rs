//! Gathering, scattering and masking.

use crate::rows;

rows! {}
