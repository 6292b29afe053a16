//! Where a call that works in place may write at once, instead of into a copy that is put there afterwards.

use crate::base::error::Result;
use crate::cpu::copy;
use crate::store::View;
use std::cell::RefCell;

thread_local! {
    static SPOT: RefCell<Option<View>> = const { RefCell::new(None) };
}

/// Runs a function that would make a copy of `target`, write into it and give it back; it may write into `target` itself.
pub fn within<T>(target: View, run: impl FnOnce() -> T) -> T {
    let before = SPOT.replace(Some(target));
    let out = run();
    SPOT.replace(before);
    out
}

/// Whether this is the view that is written to, perhaps with another number of dimensions.
pub(super) fn is(x: &View) -> bool {
    SPOT.with_borrow(|spot| {
        spot.as_ref().is_some_and(|s| s.shares(x) && s.address() == x.address() && s.numel() == x.numel())
    })
}

/// A copy to write into, or the very view where that is meant.
pub(super) fn fresh(x: &View) -> Result<View> {
    if is(x) { Ok(x.clone()) } else { copy::clone(x) }
}

/// As [`fresh`], lying in order.
pub(super) fn fresh_in_order(x: &View) -> Result<View> {
    if x.is_contiguous() { fresh(x) } else { copy::clone(x) }
}
