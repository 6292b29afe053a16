//! The methods of `str` that change case, with Unicode's full mappings (one letter may become several).

use super::str_class::in_table;
use super::unicode_tables::{CASEFOLD, TITLE, TITLECASE};

/// A letter that is titlecase itself, as U+01C5.
pub(super) fn is_title(c: char) -> bool {
    !c.is_ascii() && in_table(TITLE, c)
}

/// A letter that has case.
pub(super) fn is_cased(c: char) -> bool {
    c.is_lowercase() || c.is_uppercase() || is_title(c)
}

/// What a table of mappings has for `c`.
fn mapped(table: &'static str, c: char) -> Option<&'static str> {
    if c.is_ascii() {
        return None;
    }
    table.split(' ').find_map(|entry| entry.strip_prefix(c))
}

fn push_title(out: &mut String, c: char) {
    match mapped(TITLECASE, c) {
        Some(text) => out.push_str(text),
        None => out.extend(c.to_uppercase()),
    }
}

/// `str.lower`.
pub fn lower(s: &str) -> String {
    s.to_lowercase()
}

/// `str.upper`.
pub fn upper(s: &str) -> String {
    s.to_uppercase()
}

/// `str.casefold`: for comparing without regard to case.
pub fn casefold(s: &str) -> String {
    let mut out = String::with_capacity(s.len());
    for c in s.chars() {
        match mapped(CASEFOLD, c) {
            Some(text) => out.push_str(text),
            None => out.extend(c.to_lowercase()),
        }
    }
    out
}

/// The characters of a text, each with what `lower` makes of it where that depends on its neighbours: a capital sigma.
fn with_sigmas(s: &str) -> impl Iterator<Item = (char, Option<char>)> {
    const SIGMA: char = '\u{3a3}';
    let is_small = |c: char| matches!(c, '\u{3c2}' | '\u{3c3}');
    let lowered = if s.contains(SIGMA) { s.to_lowercase() } else { String::new() };
    // Every sigma of the text is one small sigma in the lowered text, in the same order.
    let mut sigmas: std::vec::IntoIter<char> = lowered.chars().filter(|c| is_small(*c)).collect::<Vec<_>>().into_iter();
    s.chars().map(move |c| (c, if c == SIGMA || is_small(c) { sigmas.next() } else { None }))
}

fn push_lower(out: &mut String, c: char, sigma: Option<char>) {
    match sigma {
        Some(sigma) => out.push(sigma),
        None => out.extend(c.to_lowercase()),
    }
}

/// `str.capitalize`: the first letter titlecased, the rest lower.
pub fn capitalize(s: &str) -> String {
    let mut out = String::with_capacity(s.len());
    for (at, (c, sigma)) in with_sigmas(s).enumerate() {
        if at == 0 { push_title(&mut out, c) } else { push_lower(&mut out, c, sigma) }
    }
    out
}

/// `str.title`: the first letter of every word titlecased, the rest lower.
pub fn title(s: &str) -> String {
    let mut out = String::with_capacity(s.len());
    let mut in_word = false;
    for (c, sigma) in with_sigmas(s) {
        if in_word {
            push_lower(&mut out, c, sigma)
        } else {
            push_title(&mut out, c)
        }
        in_word = is_cased(c);
    }
    out
}

/// `str.swapcase`.
pub fn swapcase(s: &str) -> String {
    let mut out = String::with_capacity(s.len());
    for (c, sigma) in with_sigmas(s) {
        if c.is_uppercase() {
            push_lower(&mut out, c, sigma);
        } else if c.is_lowercase() {
            out.extend(c.to_uppercase());
        } else {
            out.push(c);
        }
    }
    out
}
