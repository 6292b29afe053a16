//! `tensh test`: sessions in Python's doctest form, run again and compared.
//!
//! `doctest` finds the examples in a file, `check` compares outputs; both follow Python's `doctest` module to the
//! letter, so that the same files pass under PyTorch. `run` plays one file in a session of its own, `rewrite` puts new
//! outputs in place, `report` shows what differs. This file finds the files and runs them side by side.

mod check;
mod doctest;
mod report;
mod rewrite;
mod run;
mod session;
mod settings;
#[cfg(test)]
mod tests;

pub use session::{Evaluator, MakeSession};
pub use settings::Settings;

use crate::eval::session::on_large_stack;
use run::FileResult;
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// What running one example gave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// What went to stdout, echoes included.
    pub stdout: String,
    /// The uncaught exception as the last part of a traceback shows it: `ValueError: message`.
    pub error: Option<String>,
}

/// A session that examples run in, one after another.
pub trait Runner {
    /// Runs one example, which is one statement or several on a line, echoing as the prompt does.
    fn run(&mut self, source: &str) -> Outcome;
}

/// Makes a session on the thread that will use it, with the stack address that calls must not go below.
pub type NewSession<'a> = dyn Fn(usize) -> Box<dyn Runner> + Sync + 'a;

/// Runs all files that `settings` name and writes the report.
///
/// Returns the exit status: 0 when all pass, 1 when some fail, 2 when there is nothing to run. `--help` runs nothing.
///
/// # Errors
/// What writing to `out` gives.
pub fn test(settings: &Settings, session: &NewSession, out: &mut dyn Write) -> io::Result<u8> {
    if settings.help {
        write!(out, "{}", settings::HELP)?;
        return Ok(0);
    }
    let files = match find(&settings.paths, settings.filter.as_deref()) {
        Ok(files) => files,
        Err(message) => {
            writeln!(out, "tensh test: {message}")?;
            return Ok(2);
        }
    };
    let results = run_all(&files, settings.update, session);
    for (path, result) in files.iter().zip(&results) {
        report::file(out, path, result, settings.color)?;
    }
    let passed = report::summary(out, &results, settings.color)?;
    Ok(u8::from(!passed))
}

/// Runs the files on as many threads as the machine has cores; results are in the files' order.
fn run_all(files: &[PathBuf], update: bool, session: &NewSession) -> Vec<FileResult> {
    let next = AtomicUsize::new(0);
    let results = Mutex::new(vec![FileResult::default(); files.len()]);
    let workers = thread::available_parallelism().map_or(1, usize::from).min(files.len());
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some((i, path)) = {
                    let i = next.fetch_add(1, Ordering::Relaxed);
                    files.get(i).map(|path| (i, path))
                } {
                    let result = run_file(path, update, session);
                    results.lock().unwrap_or_else(PoisonError::into_inner)[i] = result;
                }
            });
        }
    });
    results.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// Runs one file on a thread of its own: sessions keep state in thread-locals, and a panic ends only its file.
fn run_file(path: &Path, update: bool, session: &NewSession) -> FileResult {
    let run = || on_large_stack(|stack_end| run::file(path, update, &|| session(stack_end)));
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(Ok(result)) => result,
        Ok(Err(error)) => FileResult::broken(format!("no thread for the session: {error}")),
        Err(_) => FileResult::broken("the session panicked".into()),
    }
}

/// The files to run: those named, and all `.md` and `.txt` files in the folders named, sorted.
fn find(paths: &[PathBuf], filter: Option<&str>) -> Result<Vec<PathBuf>, String> {
    if paths.is_empty() {
        return Err("no files given; name files or folders of .md and .txt files".into());
    }
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            walk(path, &mut files).map_err(|error| format!("{}: {error}", path.display()))?;
        } else if path.exists() {
            files.push(path.clone());
        } else {
            return Err(format!("{}: no such file or folder", path.display()));
        }
    }
    files.retain(|file| filter.is_none_or(|text| file.to_string_lossy().contains(text)));
    let mut seen = std::collections::HashSet::new();
    files.retain(|file| seen.insert(file.clone()));
    match (files.is_empty(), filter) {
        (false, _) => Ok(files),
        (true, Some(text)) => Err(format!("no file's path contains '{text}'")),
        (true, None) => Err("no .md or .txt files there".into()),
    }
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    let mut entries = std::fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let (path, kind) = (entry.path(), entry.file_type()?);
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        // Links to folders are not followed, so the walk ends.
        if kind.is_dir() {
            walk(&path, files)?;
        } else if path.extension().is_some_and(|e| e == "md" || e == "txt") {
            files.push(path);
        }
    }
    Ok(())
}
