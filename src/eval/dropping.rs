//! Dropping containers that are nested in each other, however deeply.

use super::value::{List, Tuple, Value};
use std::cell::RefCell;

thread_local! {
    /// How deep containers are being dropped in each other, and what waits for the outermost.
    static DROPPING: RefCell<(usize, Vec<Value>)> = const { RefCell::new((0, Vec::new())) };
}

/// Containers nested deeper than this are dropped from a list, not by recursion.
const DROP_DEPTH: usize = 500;

/// Drops values that may be deeply nested without using a deep stack.
pub(super) fn drop_values(values: impl IntoIterator<Item = Value>) {
    let deep = DROPPING.try_with(|d| {
        let mut d = d.borrow_mut();
        d.0 += 1;
        d.0 > DROP_DEPTH
    });
    let Ok(deep) = deep else { return };
    let values = values.into_iter();
    if deep {
        let kept = values.filter(|v| v.address().is_some());
        let _ = DROPPING.try_with(|d| d.borrow_mut().1.extend(kept));
    } else {
        values.for_each(drop);
    }
    loop {
        let next = DROPPING.try_with(|d| {
            let mut d = d.borrow_mut();
            if d.0 > 1 {
                return None;
            }
            d.1.pop()
        });
        match next {
            Ok(Some(value)) => drop(value),
            _ => break,
        }
    }
    let _ = DROPPING.try_with(|d| d.borrow_mut().0 -= 1);
}

impl Drop for List {
    fn drop(&mut self) {
        let items = std::mem::take(self.items.get_mut());
        if items.iter().any(Value::nests) {
            drop_values(items);
        }
    }
}

impl Drop for Tuple {
    fn drop(&mut self) {
        if self.items.iter().any(Value::nests) {
            drop_values(std::mem::take(&mut self.items));
        }
    }
}
