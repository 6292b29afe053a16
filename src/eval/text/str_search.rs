//! Searching in text: `find` and its like, `count`, `replace`, `startswith`, `partition`, `translate`.
//! Positions are code points; `start` and `end` are taken as in slices.

use super::str_index::part;
use crate::base::error::{Result, value_error};

/// The code point at which byte `at` of `s` begins.
fn code_point(s: &str, at: usize) -> usize {
    s[..at].chars().count()
}

/// `s.find(sub, start, end)`: where `sub` first occurs.
pub fn find(s: &str, sub: &str, start: Option<i64>, end: Option<i64>) -> Option<usize> {
    let (first, text) = part(s, start, end)?;
    text.find(sub).map(|at| first + code_point(text, at))
}

/// `s.rfind(sub, start, end)`: where `sub` last occurs.
pub fn rfind(s: &str, sub: &str, start: Option<i64>, end: Option<i64>) -> Option<usize> {
    let (first, text) = part(s, start, end)?;
    text.rfind(sub).map(|at| first + code_point(text, at))
}

/// What `index` and `rindex` make of the result of `find` and `rfind`.
///
/// # Errors
/// `ValueError: substring not found`.
pub fn found(at: Option<usize>) -> Result<usize> {
    at.ok_or_else(|| value_error("substring not found"))
}

/// `s.count(sub, start, end)`: occurrences that do not overlap; an empty `sub` lies between all characters.
pub fn count(s: &str, sub: &str, start: Option<i64>, end: Option<i64>) -> usize {
    part(s, start, end).map_or(0, |(_, text)| text.matches(sub).count())
}

/// `s.replace(old, new, count)`; a negative count, Python's default, replaces all.
pub fn replace(s: &str, old: &str, new: &str, count: i64) -> String {
    usize::try_from(count).map_or_else(|_| s.replace(old, new), |count| s.replacen(old, new, count))
}

/// `s.startswith(prefix, start, end)`.
pub fn startswith(s: &str, prefix: &str, start: Option<i64>, end: Option<i64>) -> bool {
    part(s, start, end).is_some_and(|(_, text)| text.starts_with(prefix))
}

/// `s.endswith(suffix, start, end)`.
pub fn endswith(s: &str, suffix: &str, start: Option<i64>, end: Option<i64>) -> bool {
    part(s, start, end).is_some_and(|(_, text)| text.ends_with(suffix))
}

/// `s.removeprefix(prefix)`.
pub fn removeprefix<'s>(s: &'s str, prefix: &str) -> &'s str {
    s.strip_prefix(prefix).unwrap_or(s)
}

/// `s.removesuffix(suffix)`.
pub fn removesuffix<'s>(s: &'s str, suffix: &str) -> &'s str {
    s.strip_suffix(suffix).unwrap_or(s)
}

fn check_separator(separator: &str) -> Result<()> {
    if separator.is_empty() { Err(value_error("empty separator")) } else { Ok(()) }
}

/// `s.partition(separator)`: before, separator, after; where it is missing, the text and two empty ones.
///
/// # Errors
/// `ValueError: empty separator`.
pub fn partition<'s>(s: &'s str, separator: &'s str) -> Result<(&'s str, &'s str, &'s str)> {
    check_separator(separator)?;
    Ok(s.split_once(separator).map_or((s, "", ""), |(before, after)| (before, separator, after)))
}

/// `s.rpartition(separator)`: as [`partition`] at the last separator; where it is missing, two empty texts first.
///
/// # Errors
/// `ValueError: empty separator`.
pub fn rpartition<'s>(s: &'s str, separator: &'s str) -> Result<(&'s str, &'s str, &'s str)> {
    check_separator(separator)?;
    Ok(s.rsplit_once(separator).map_or(("", "", s), |(before, after)| (before, separator, after)))
}

/// What a table says about a character.
#[derive(Clone, Debug, PartialEq)]
pub enum Translation {
    /// It has no entry.
    Keep,
    /// Its entry is None.
    Delete,
    /// Its entry is a text, or the code point of one.
    Replace(String),
}

/// `s.translate(table)`; `table` is asked for each character.
///
/// # Errors
/// Those of `table`.
pub fn translate(s: &str, mut table: impl FnMut(char) -> Result<Translation>) -> Result<String> {
    let mut out = String::with_capacity(s.len());
    for c in s.chars() {
        match table(c)? {
            Translation::Keep => out.push(c),
            Translation::Delete => {}
            Translation::Replace(text) => out.push_str(&text),
        }
    }
    Ok(out)
}

/// The pairs of `str.maketrans(from, to)`: a character and what takes its place.
///
/// # Errors
/// `ValueError` where the two differ in length.
pub fn maketrans(from: &str, to: &str) -> Result<Vec<(char, char)>> {
    if from.chars().count() != to.chars().count() {
        return Err(value_error("the first two maketrans arguments must have equal length"));
    }
    Ok(from.chars().zip(to.chars()).collect())
}
