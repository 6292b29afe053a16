//! What the keys do: continuation lines come with their prompt and indent, and the cursor never stops inside a prompt.

use super::command;
use super::line::{MORE, source_of};
use crate::lang::{Completeness, completeness, next_indent};
use rustc_hash::FxHashSet;
use rustyline::history::History;
use rustyline::{
    Cmd, ConditionalEventHandler, Editor, Event, EventContext, EventHandler, Helper, KeyCode, KeyEvent, Modifiers,
    Movement, RepeatCount,
};
use std::sync::{Arc, Mutex};

/// Four blanks: one level of indent.
const INDENT: &str = "    ";
/// A continuation prompt, with the end of the line before it.
const WHOLE_PROMPT: RepeatCount = 5;

fn count(n: usize) -> RepeatCount {
    RepeatCount::try_from(n).unwrap_or(RepeatCount::MAX)
}

/// The entries of the history, as the buffer shows them.
pub type Entries = Arc<Mutex<FxHashSet<String>>>;

/// Binds the keys.
pub fn bind<H: Helper, I: History>(editor: &mut Editor<H, I>, entries: &Entries) {
    let plain = |code| KeyEvent(code, Modifiers::NONE);
    let mut on = |key: KeyEvent, key_is: Key| {
        let handler = Keys { key: key_is, entries: entries.clone() };
        editor.bind_sequence(Event::from(key), EventHandler::Conditional(Box::new(handler)));
    };
    for key in [plain(KeyCode::Enter), KeyEvent::ctrl('M'), KeyEvent::ctrl('J')] {
        on(key, Key::Enter);
    }
    on(KeyEvent(KeyCode::Enter, Modifiers::ALT), Key::Newline);
    for key in [plain(KeyCode::Backspace), KeyEvent::ctrl('H')] {
        on(key, Key::Backspace);
    }
    for (key, control, is) in
        [(KeyCode::Left, 'B', Key::Left), (KeyCode::Right, 'F', Key::Right), (KeyCode::Home, 'A', Key::Home)]
    {
        on(plain(key), is);
        on(KeyEvent::ctrl(control), is);
    }
    on(plain(KeyCode::Tab), Key::Tab);
    on(plain(KeyCode::Up), Key::Up);
    on(plain(KeyCode::Down), Key::Down);
}

#[derive(Clone, Copy, Debug)]
enum Key {
    Enter,
    Newline,
    Backspace,
    Left,
    Right,
    Home,
    Tab,
    Up,
    Down,
}

struct Keys {
    key: Key,
    entries: Entries,
}

impl ConditionalEventHandler for Keys {
    fn handle(&self, _: &Event, n: RepeatCount, positive: bool, context: &EventContext) -> Option<Cmd> {
        if n != 1 || !positive {
            return None;
        }
        let (line, at) = (context.line(), context.pos());
        match self.key {
            Key::Enter => Some(enter(line, at)),
            Key::Newline => Some(newline(&line[..at])),
            Key::Backspace => backspace(&line[..at]).map(|n| Cmd::Kill(Movement::BackwardChar(count(n)))),
            Key::Left => {
                let prompt = line[..at].ends_with(&format!("\n{MORE}"));
                prompt.then_some(Cmd::Move(Movement::BackwardChar(WHOLE_PROMPT)))
            }
            Key::Right if context.has_hint() && at == line.len() => None,
            Key::Right => {
                let prompt = line[at..].starts_with(&format!("\n{MORE}"));
                prompt.then_some(Cmd::Move(Movement::ForwardChar(WHOLE_PROMPT)))
            }
            Key::Home => {
                let start = line[..at].rfind('\n').map_or(0, |n| n + 1);
                let text = line[start..at].strip_prefix(MORE)?;
                Some(Cmd::Move(Movement::BackwardChar(count(text.chars().count()))))
            }
            Key::Tab => {
                let text = source_of(&line[..at]);
                let blank = text.rsplit('\n').next().unwrap_or("").trim().is_empty();
                blank.then(|| Cmd::Insert(1, INDENT.to_owned()))
            }
            Key::Up if self.searches(line, at) => Some(Cmd::HistorySearchBackward),
            Key::Down if at > 0 && at < line.len() && !line.contains('\n') => Some(Cmd::HistorySearchForward),
            Key::Up | Key::Down => None,
        }
    }
}

impl Keys {
    /// Whether Up looks for an entry that begins as the line does: not on an empty line, and not while going through
    /// the history entry by entry.
    fn searches(&self, line: &str, at: usize) -> bool {
        if at == 0 || line[..at].contains('\n') {
            return false;
        }
        let recalled = at == line.len() && self.entries.lock().is_ok_and(|e| e.contains(line));
        !recalled
    }
}

/// Enter runs what is complete and goes on with what is not.
fn enter(line: &str, at: usize) -> Cmd {
    let source = source_of(line);
    if command::parse(&source).is_none() && completeness(&source) == Completeness::Incomplete {
        return newline(&line[..at]);
    }
    Cmd::AcceptLine
}

/// A new line below the text, with its prompt and indent.
fn newline(before: &str) -> Cmd {
    let indent = next_indent(&source_of(before));
    Cmd::Insert(1, format!("\n{MORE}{indent}"))
}

/// How many characters Backspace takes: a prompt with its line's end, or the blanks of one level of indent.
fn backspace(before: &str) -> Option<usize> {
    let start = before.rfind('\n').map_or(0, |n| n + 1);
    let line = &before[start..];
    let text = if start > 0 { line.strip_prefix(MORE).unwrap_or(line) } else { line };
    if text.is_empty() && start > 0 && line == MORE {
        return Some(MORE.len() + 1);
    }
    if !text.is_empty() && text.bytes().all(|b| b == b' ') {
        return Some(match text.len() % INDENT.len() {
            0 => INDENT.len(),
            n => n,
        });
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn enter_goes_on_while_incomplete() {
        assert_eq!(enter("x = 1", 5), Cmd::AcceptLine);
        assert_eq!(enter("f(1,", 4), Cmd::Insert(1, "\n...     ".to_owned()));
        let text = "def f():\n...     return 1";
        assert_eq!(enter(text, text.len()), Cmd::Insert(1, "\n... ".to_owned()));
        assert_eq!(enter(&format!("{text}\n... "), 1), Cmd::AcceptLine);
        assert_eq!(enter("x = = 1", 7), Cmd::AcceptLine);
        assert_eq!(enter("%timeit f(", 10), Cmd::AcceptLine);
    }

    #[test]
    fn backspace_takes_indents_and_prompts_whole() {
        assert_eq!(backspace("if x:\n...     "), Some(4));
        assert_eq!(backspace("if x:\n...       "), Some(2));
        assert_eq!(backspace("if x:\n... "), Some(5));
        assert_eq!(backspace("if x:\n... y"), None);
        assert_eq!(backspace("x"), None);
    }
}
