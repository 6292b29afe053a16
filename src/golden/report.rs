//! Shows what differs, and sums up.

use super::check;
use super::doctest::Example;
use super::rewrite::is_fence;
use super::run::{Failure, FileResult};
use owo_colors::{AnsiColors, OwoColorize, Style};
use similar::{ChangeTag, TextDiff};
use std::io::{self, Write};
use std::path::Path;

/// Writes the failures of one file; nothing for a file that passes.
pub fn file(out: &mut dyn Write, path: &Path, result: &FileResult, color: bool) -> io::Result<()> {
    let path = path.display();
    match &result.broken {
        Some((Some(line), message)) => writeln!(out, "{path}:{}: line {message}", line + 1)?,
        Some((None, message)) => writeln!(out, "{path}: {message}")?,
        None => {}
    }
    if result.updated > 0 {
        writeln!(out, "{path}: {} rewritten", count(result.updated, "output"))?;
    }
    for failure in &result.failures {
        let place = format!("{path}:{}", failure.example.line + 1);
        writeln!(out, "{}", paint(&place, Style::new().bold(), color))?;
        self::failure(out, failure, color)?;
    }
    Ok(())
}

fn failure(out: &mut dyn Write, failure: &Failure, color: bool) -> io::Result<()> {
    let Failure { example, outcome } = failure;
    for (i, line) in example.source.lines().enumerate() {
        writeln!(out, "    {} {line}", if i == 0 { ">>>" } else { "..." })?;
    }
    let have = check::shown(outcome);
    let want = wanted(example);
    let diff = TextDiff::from_lines(want.as_str(), have.as_str());
    writeln!(out, "    --- expected\n    +++ got")?;
    for hunk in diff.unified_diff().context_radius(3).iter_hunks() {
        writeln!(out, "    {}", paint(hunk.header().to_string().trim_end(), Style::new().dimmed(), color))?;
        for change in hunk.iter_changes() {
            let (sign, style) = match change.tag() {
                ChangeTag::Delete => ('-', Style::new().color(AnsiColors::Red)),
                ChangeTag::Insert => ('+', Style::new().color(AnsiColors::Green)),
                ChangeTag::Equal => (' ', Style::new()),
            };
            let line = format!("{sign}{}", change.value().trim_end_matches('\n'));
            writeln!(out, "    {}", paint(&line, style, color))?;
        }
    }
    if outcome.error.is_some() && !outcome.stdout.is_empty() {
        writeln!(out, "    (before the error it printed {:?})", outcome.stdout)?;
    }
    if example.want.lines().any(is_fence) {
        writeln!(
            out,
            "    help: a blank line must stand between an output and the closing fence, as for Python's doctest"
        )?;
    }
    writeln!(out)
}

/// The expected output, a traceback's stack left out since it is not compared.
fn wanted(example: &Example) -> String {
    match &example.error {
        Some(error) => format!("Traceback (most recent call last):\n    ...\n{error}"),
        None => example.want.clone(),
    }
}

/// Writes `412 examples in 37 files: all pass`; true if they do.
pub fn summary(out: &mut dyn Write, results: &[FileResult], color: bool) -> io::Result<bool> {
    let sum = |get: fn(&FileResult) -> usize| results.iter().map(get).sum::<usize>();
    let failed = sum(|r| r.failures.len());
    let broken = sum(|r| usize::from(r.broken.is_some()));
    let files = sum(|r| usize::from(r.count + r.skipped > 0 || r.broken.is_some()));
    let passed = failed + broken == 0;

    let mut verdict = Vec::new();
    if failed > 0 {
        verdict.push(format!("{failed} fail"));
    }
    if broken > 0 {
        verdict.push(format!("{} could not be run", count(broken, "file")));
    }
    if passed {
        verdict.push("all pass".into());
    }
    for (number, what) in [(sum(|r| r.updated), "rewritten"), (sum(|r| r.skipped), "skipped")] {
        if number > 0 {
            verdict.push(format!("{number} {what}"));
        }
    }
    let style = Style::new().color(if passed { AnsiColors::Green } else { AnsiColors::Red });
    let examples = count(sum(|r| r.count), "example");
    writeln!(out, "{examples} in {}: {}", count(files, "file"), paint(&verdict.join(", "), style, color))?;
    Ok(passed)
}

fn count(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

fn paint(text: &str, style: Style, color: bool) -> String {
    if color { text.style(style).to_string() } else { text.to_string() }
}
