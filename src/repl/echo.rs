//! What is shown of an expression statement's value: its repr on stdout, and on stderr a tensor's dtype and shape.

use super::variables::view_of;
use crate::eval::interp::Echo;
use crate::eval::session::plain_echo;
use crate::eval::{Interp, Value};
use owo_colors::OwoColorize;
use std::cell::{Cell, RefCell};
use std::io::Write;
use std::rc::Rc;

/// A tensor above this many bytes is not kept alive by `_`.
const MOST_BYTES: usize = 256 << 20;

/// The prompt's echo: it keeps `_`, and shows dtype and shape while `shape` says so.
pub fn echo(shape: Rc<Cell<bool>>, color: bool) -> Echo {
    let plain = plain_echo();
    let last = RefCell::new(Value::Unset);
    Rc::new(move |it: &mut Interp, value: &Value| {
        plain(it, value)?;
        remember(it, value, &last);
        if shape.get()
            && let Some(text) = value.foreign().describe()
        {
            let _ = it.out.flush();
            let text = if color { text.dimmed().to_string() } else { text };
            let _ = writeln!(it.err, "{text}");
        }
        Ok(())
    })
}

/// Sets `_`, unless the script has a `_` of its own.
fn remember(it: &mut Interp, value: &Value, last: &RefCell<Value>) {
    let own = it.globals.get("_").is_some_and(|now| !now.is(&last.borrow()));
    if own {
        return;
    }
    let small = view_of(value).is_none_or(|view| view.storage().bytes() <= MOST_BYTES);
    let kept = if small { value.clone() } else { Value::Unset };
    it.globals.set("_", kept.clone());
    let old = last.replace(kept);
    drop(old);
}
