//! Plays one file in a session.

use super::doctest::{Example, Flags, parse};
use super::{Outcome, Runner, check, rewrite};
use std::path::Path;

/// What became of a file's examples.
#[derive(Clone, Debug, Default)]
pub struct FileResult {
    /// Examples that ran.
    pub count: usize,
    /// Examples that were told to be skipped.
    pub skipped: usize,
    /// Examples that did not do what they should.
    pub failures: Vec<Failure>,
    /// How many expected outputs were rewritten.
    pub updated: usize,
    /// Why the file could not be run at all, with the line, from 0, where that is known.
    pub broken: Option<(Option<usize>, String)>,
}

/// An example that did not do what it should.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The example.
    pub example: Example,
    /// What it did.
    pub outcome: Outcome,
}

impl FileResult {
    /// A file that could not be run.
    pub fn broken(message: String) -> FileResult {
        FileResult { broken: Some((None, message)), ..Default::default() }
    }
}

/// Runs the examples of the file at `path`; with `update`, outputs that differ are written into it.
pub fn file(path: &Path, update: bool, session: &dyn Fn() -> Box<dyn Runner>) -> FileResult {
    let text = match std::fs::read(path).map(String::from_utf8) {
        Ok(Ok(text)) => text.replace("\r\n", "\n").replace('\r', "\n"),
        Ok(Err(_)) => return FileResult::broken("is not UTF-8".into()),
        Err(error) => return FileResult::broken(error.to_string()),
    };
    let examples = match parse(&text) {
        Ok(examples) => examples,
        Err((line, message)) => return FileResult { broken: Some((Some(line), message)), ..Default::default() },
    };
    if examples.is_empty() {
        return FileResult::default();
    }
    let mut result = play(examples, session);
    if update && !result.failures.is_empty() {
        let (text, left) = rewrite::outputs(&text, std::mem::take(&mut result.failures), &mut result.updated);
        result.failures = left;
        if let Err(error) = std::fs::write(path, text) {
            return FileResult::broken(error.to_string());
        }
    }
    result
}

fn play(examples: Vec<Example>, session: &dyn Fn() -> Box<dyn Runner>) -> FileResult {
    let mut result = FileResult::default();
    let mut session = session();
    for example in examples {
        if example.flags.has(Flags::SKIP) {
            result.skipped += 1;
            continue;
        }
        result.count += 1;
        let outcome = session.run(&example.source);
        let stop = example.flags.has(Flags::FAIL_FAST);
        if !check::passes(&example, &outcome) {
            result.failures.push(Failure { example, outcome });
        }
        if stop && !result.failures.is_empty() {
            break;
        }
    }
    result
}
