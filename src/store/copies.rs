//! Copies within a device's memory: functions that only move elements run where these lie.

use super::View;
use crate::base::error::{Result, runtime};
use std::sync::OnceLock;

/// Copies the elements of each first view, broadcast and converted, into the second; all of them lie on one device.
pub type Copies = fn(&[(View, View)]) -> Result<()>;

static COPIES: OnceLock<Copies> = OnceLock::new();

/// Says what copies on devices.
pub fn set(copies: Copies) {
    _ = COPIES.set(copies);
}

/// Copies between views of one device.
///
/// # Errors
/// What the device refuses.
pub fn run(pairs: &[(View, View)]) -> Result<()> {
    COPIES.get().map_or_else(|| Err(runtime("internal: nothing copies on devices")), |copies| copies(pairs))
}
