//! `torch.set_printoptions`: how much is shown of a tensor, and in which form.

use crate::base::error::{Result, value_error};
use crate::base::{Device, Scalar};
use std::cell::Cell;

/// The options of `torch.set_printoptions`, one set for each thread.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PrintOptions {
    /// Digits after the point.
    pub precision: usize,
    /// Tensors of more elements are summarized; a number of the script's, `inf` allowed.
    pub threshold: Scalar,
    /// Elements shown at each end of a summarized dimension.
    pub edgeitems: usize,
    /// Columns of a line.
    pub linewidth: i64,
    /// Whether floats are written with an exponent; `None` decides by the elements.
    pub sci_mode: Option<bool>,
}

impl PrintOptions {
    /// torch's own: 4 digits, 1000 elements, 3 at each end, 80 columns.
    pub const DEFAULT: PrintOptions =
        PrintOptions { precision: 4, threshold: Scalar::Int(1000), edgeitems: 3, linewidth: 80, sci_mode: None };
}

/// Arguments of one call of `set_printoptions`; `None` leaves an option as it is, but for `sci_mode`, which it resets.
#[derive(Clone, Copy, Debug, Default)]
pub struct OptionChanges<'a> {
    /// See [`PrintOptions::precision`].
    pub precision: Option<usize>,
    /// See [`PrintOptions::threshold`].
    pub threshold: Option<Scalar>,
    /// See [`PrintOptions::edgeitems`].
    pub edgeitems: Option<usize>,
    /// See [`PrintOptions::linewidth`].
    pub linewidth: Option<i64>,
    /// `default`, `short` or `full`, applied before the other arguments; any other name changes nothing, as in torch.
    pub profile: Option<&'a str>,
    /// See [`PrintOptions::sci_mode`].
    pub sci_mode: Option<bool>,
}

/// More digits than anyone can mean; each element would cost as many bytes.
const MOST_DIGITS: usize = 10_000;

thread_local! {
    static HOME: Cell<Device> = const { Cell::new(Device::Cpu) };
    static OPTIONS: Cell<PrintOptions> = const { Cell::new(PrintOptions::DEFAULT) };
}

/// The device that goes without saying.
pub fn home() -> Device {
    HOME.get()
}

/// Has another device go without saying, so that examples print alike wherever they run.
pub fn set_home(device: Device) {
    HOME.set(device);
}

/// The options in force: what `torch._tensor_str.get_printoptions()` tells.
pub fn print_options() -> PrintOptions {
    OPTIONS.get()
}

/// Puts back options saved with [`print_options`], as the end of a `with torch._tensor_str.printoptions(...)` does.
pub fn restore_print_options(saved: PrintOptions) {
    OPTIONS.set(saved);
}

/// `torch.set_printoptions(...)`.
///
/// # Errors
/// `ValueError` for a precision of more than 10,000 digits.
pub fn set_print_options(changes: &OptionChanges) -> Result<()> {
    if changes.precision.is_some_and(|p| p > MOST_DIGITS) {
        return Err(value_error("precision too big"));
    }
    let mut options = OPTIONS.get();
    let profile = match changes.profile {
        Some("default") => Some(PrintOptions::DEFAULT),
        Some("short") => Some(PrintOptions { precision: 2, edgeitems: 2, ..PrintOptions::DEFAULT }),
        Some("full") => Some(PrintOptions { threshold: Scalar::Float(f64::INFINITY), ..PrintOptions::DEFAULT }),
        _ => None,
    };
    options = profile.unwrap_or(options);
    options.precision = changes.precision.unwrap_or(options.precision);
    options.threshold = changes.threshold.unwrap_or(options.threshold);
    options.edgeitems = changes.edgeitems.unwrap_or(options.edgeitems);
    options.linewidth = changes.linewidth.unwrap_or(options.linewidth);
    options.sci_mode = changes.sci_mode;
    OPTIONS.set(options);
    Ok(())
}
