//! Where in a script a recorded call stands: for errors on the way back and for pictures of the graph.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A script's text, as the evaluator knows it.
pub trait Text {
    /// The file's name, or `<stdin>`.
    fn name(&self) -> &str;
    /// All of it.
    fn text(&self) -> &str;
}

/// A part of a script.
#[derive(Clone)]
pub struct Place {
    text: Rc<dyn Text>,
    start: u32,
    end: u32,
}

/// Whether any thread notes places: where none does, a call need not look at its thread's own state.
static ANYWHERE: AtomicBool = AtomicBool::new(false);

thread_local! {
    /// Whether any tensor of this thread ever asked for gradients: until then nobody notes places.
    static WATCHED: Cell<bool> = const { Cell::new(false) };
    static HERE: RefCell<Option<Place>> = const { RefCell::new(None) };
    /// The last writes in place, by the address of the memory.
    static WRITES: RefCell<Vec<(usize, Place)>> = const { RefCell::new(Vec::new()) };
}

/// Writes that are remembered.
const REMEMBERED: usize = 256;

/// Whether places are to be noted.
#[inline(always)]
pub fn watched() -> bool {
    ANYWHERE.load(Ordering::Relaxed) && WATCHED.get()
}

/// Has places noted from now on.
pub fn watch() {
    ANYWHERE.store(true, Ordering::Relaxed);
    WATCHED.set(true);
}

/// Notes that what runs from now on stands there.
pub fn set(text: Rc<dyn Text>, start: u32, end: u32) {
    HERE.set(Some(Place { text, start, end }));
}

/// Where what runs now stands.
pub fn here() -> Option<Place> {
    if watched() { HERE.with_borrow(Clone::clone) } else { None }
}

/// Notes a write into memory at an address.
pub fn wrote(address: usize) {
    let Some(place) = here() else { return };
    WRITES.with_borrow_mut(|writes| {
        writes.retain(|w| w.0 != address);
        if writes.len() >= REMEMBERED {
            writes.remove(0);
        }
        writes.push((address, place));
    });
}

/// The last write into memory at an address.
pub fn writer(address: usize) -> Option<Place> {
    WRITES.with_borrow(|writes| writes.iter().find(|w| w.0 == address).map(|w| w.1.clone()))
}

impl Place {
    /// The part, on one line, with the brackets around its ends.
    pub fn source(&self) -> String {
        let text = self.text.text();
        let (mut start, mut end) = (self.start as usize, self.end as usize);
        let Some(part) = text.get(start..end) else { return String::new() };
        // What is noted reaches from the first operand to the last, whose own brackets lie outside.
        let (mut open, mut missing) = (0usize, 0);
        for c in part.chars() {
            match c {
                '(' => open += 1,
                ')' if open == 0 => missing += 1,
                ')' => open -= 1,
                _ => {}
            }
        }
        for _ in 0..missing {
            start = text[..start].rfind('(').unwrap_or(start);
        }
        for _ in 0..open {
            end = text[end..].find(')').map_or(end, |at| end + at + 1);
        }
        text[start..end].split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The number of the line that it begins on, from 1.
    pub fn line(&self) -> usize {
        let text = self.text.text();
        1 + text.bytes().take(self.start as usize).filter(|b| *b == b'\n').count()
    }

    /// `` `m.exp()` in line 3 of fit.py ``.
    pub fn shown(&self) -> String {
        format!("`{}` in line {} of {}", self.source(), self.line(), self.text.name())
    }
}

impl std::fmt::Debug for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.shown())
    }
}
