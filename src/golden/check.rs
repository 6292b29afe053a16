//! Compares an output with the expected one, by the rules of Python's `doctest.OutputChecker`.

use super::Outcome;
use super::doctest::{Example, Flags};
use std::fmt::Write;

/// Stands for a blank line in an expected output.
pub const BLANK_LINE: &str = "<BLANKLINE>";

/// The output as a golden writes it: blank lines marked, an exception as a short traceback.
pub fn shown(outcome: &Outcome) -> String {
    let text = match &outcome.error {
        Some(error) => format!("Traceback (most recent call last):\n    ...\n{error}"),
        None => outcome.stdout.clone(),
    };
    text.lines().flat_map(|line| [if line.trim().is_empty() { BLANK_LINE } else { line }, "\n"]).collect()
}

/// Whether the example did what it should.
pub fn passes(example: &Example, outcome: &Outcome) -> bool {
    let flags = example.flags;
    match (&outcome.error, &example.error) {
        (None, _) => matches(&example.want, &ended(&outcome.stdout), flags),
        (Some(_), None) => false,
        (Some(have), Some(want)) => {
            let have = ended(have);
            matches(want, &have, flags)
                || flags.has(Flags::IGNORE_EXCEPTION_DETAIL)
                    && matches(exception_name(want), exception_name(&have), flags)
        }
    }
}

/// With a newline at the end, unless it is empty.
fn ended(text: &str) -> String {
    if text.is_empty() || text.ends_with('\n') { text.to_string() } else { format!("{text}\n") }
}

fn matches(want: &str, have: &str, flags: Flags) -> bool {
    let (mut want, mut have) = (ascii(want), ascii(have));
    if have == want {
        return true;
    }
    let pair = (have.as_str(), want.as_str());
    if !flags.has(Flags::DONT_ACCEPT_TRUE_FOR_1) && matches!(pair, ("True\n", "1\n") | ("False\n", "0\n")) {
        return true;
    }
    if !flags.has(Flags::DONT_ACCEPT_BLANKLINE) {
        want = each_line(&want, |line| {
            let marked = line.strip_prefix(BLANK_LINE).is_some_and(|rest| rest.chars().all(is_space));
            if marked { "" } else { line }
        });
        have = each_line(&have, |line| if line.chars().all(is_space) { "" } else { line });
        if have == want {
            return true;
        }
    }
    if flags.has(Flags::NORMALIZE_WHITESPACE) {
        want = single_spaced(&want);
        have = single_spaced(&have);
        if have == want {
            return true;
        }
    }
    flags.has(Flags::ELLIPSIS) && matches_ellipsis(&want, &have)
}

/// Python's idea of white space among the ASCII characters.
fn is_space(c: char) -> bool {
    matches!(c, '\t'..='\r' | '\x1c'..='\x1f' | ' ')
}

/// Characters beyond ASCII as Python's escapes.
fn ascii(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        // Writing to a string cannot fail.
        let _ = match c as u32 {
            0..0x80 => out.write_char(c),
            n @ 0x80..0x100 => write!(out, "\\x{n:02x}"),
            n @ 0x100..0x10000 => write!(out, "\\u{n:04x}"),
            n => write!(out, "\\U{n:08x}"),
        };
    }
    out
}

fn each_line(text: &str, change: impl Fn(&str) -> &str) -> String {
    text.split('\n').map(change).collect::<Vec<_>>().join("\n")
}

fn single_spaced(text: &str) -> String {
    text.split(is_space).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Whether `have` is `want` with each `...` standing for any text.
fn matches_ellipsis(want: &str, have: &str) -> bool {
    let pieces: Vec<&str> = want.split("...").collect();
    let [start, middle @ .., end] = &pieces[..] else { return want == have };
    let Some(rest) = have.strip_prefix(*start) else { return false };
    let Some(mut rest) = rest.strip_suffix(*end) else { return false };
    for piece in middle {
        match rest.find(*piece) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    true
}

/// `pkg.mod.Name: detail` without module and detail.
fn exception_name(message: &str) -> &str {
    let line = message.split('\n').next().unwrap_or(message);
    let name = line.split(':').next().unwrap_or(line);
    name.rsplit('.').next().unwrap_or(name)
}
