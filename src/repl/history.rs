//! The history's file.

use super::keys::Entries;
use rustyline::history::DefaultHistory;
use rustyline::{Editor, Helper};
use std::path::PathBuf;

/// The most entries that are kept.
pub const MOST: usize = 10_000;

/// `$XDG_STATE_HOME/tensh/history`, else `~/.local/state/tensh/history`.
pub fn path() -> Option<PathBuf> {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|p| p.is_absolute());
    let state = absolute("XDG_STATE_HOME").or_else(|| Some(absolute("HOME")?.join(".local/state")))?;
    Some(state.join("tensh").join("history"))
}

/// Reads the history, where there is one.
pub fn load<H: Helper>(editor: &mut Editor<H, DefaultHistory>, entries: &Entries) {
    if let Some(path) = path() {
        // A file that is not there or cannot be read is an empty history.
        let _ = editor.load_history(&path);
    }
    if let Ok(mut known) = entries.lock() {
        known.extend(editor.history().iter().cloned());
    }
}

/// Adds an entry, at once to the file too, so that nothing is lost when the program is killed.
pub fn add<H: Helper>(editor: &mut Editor<H, DefaultHistory>, entries: &Entries, buffer: &str, keep: bool) {
    if !editor.add_history_entry(buffer).unwrap_or(false) {
        return;
    }
    if let Ok(mut known) = entries.lock() {
        known.insert(buffer.to_owned());
    }
    let Some(path) = path().filter(|_| keep) else { return };
    if let Some(folder) = path.parent() {
        let _ = std::fs::create_dir_all(folder);
    }
    let _ = editor.append_history(&path);
}
