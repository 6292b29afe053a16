//! The seat belt: a panic of ours inside a statement becomes a message, and the session goes on.

use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

thread_local! {
    static DEPTH: Cell<usize> = const { Cell::new(0) };
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Runs `body`; a panic in it comes back as its message and place, with nothing printed.
///
/// # Errors
/// The panic's text.
pub fn guard<T>(body: impl FnOnce() -> T) -> Result<T, String> {
    install_hook();
    DEPTH.with(|d| d.set(d.get() + 1));
    // Whoever calls brings the evaluator's state back to order.
    let result = panic::catch_unwind(AssertUnwindSafe(body));
    DEPTH.with(|d| d.set(d.get() - 1));
    result.map_err(|payload| {
        let place = PLACE.with(RefCell::take);
        let text = payload.downcast_ref::<&str>().map(|s| (*s).to_owned());
        let text = text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "panic".to_owned());
        match place {
            Some(place) => format!("{text} ({place})"),
            None => text,
        }
    })
}

/// Inside a guard the hook keeps the place; elsewhere panics are reported as ever.
fn install_hook() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if DEPTH.with(Cell::get) == 0 {
                return before(info);
            }
            PLACE.with(|p| *p.borrow_mut() = info.location().map(|at| format!("{}:{}", at.file(), at.line())));
        }));
    });
}

#[cfg(test)]
mod tests {
    use super::guard;

    #[test]
    fn a_panic_is_a_message_with_its_place() {
        let message = guard(|| -> i32 { panic!("no such {}", "row") }).unwrap_err();
        assert!(message.starts_with("no such row (") && message.contains("guard.rs:"), "{message}");
        assert_eq!(guard(|| 3), Ok(3));
    }
}
