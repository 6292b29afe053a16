//! Taking text apart and putting it together: `split`, `rsplit`, `splitlines`, the `strip` family, `join`.

use super::str_class::is_space;
use crate::base::error::{Result, value_error};
use crate::base::interrupt::polled;

/// `s.strip(chars)`; `None` strips white space.
pub fn strip<'s>(s: &'s str, chars: Option<&str>) -> &'s str {
    lstrip(rstrip(s, chars), chars)
}

/// `s.lstrip(chars)`.
pub fn lstrip<'s>(s: &'s str, chars: Option<&str>) -> &'s str {
    match chars {
        None => s.trim_start_matches(is_space),
        Some(set) => s.trim_start_matches(|c| set.contains(c)),
    }
}

/// `s.rstrip(chars)`.
pub fn rstrip<'s>(s: &'s str, chars: Option<&str>) -> &'s str {
    match chars {
        None => s.trim_end_matches(is_space),
        Some(set) => s.trim_end_matches(|c| set.contains(c)),
    }
}

fn check_separator(separator: Option<&str>) -> Result<()> {
    if separator == Some("") { Err(value_error("empty separator")) } else { Ok(()) }
}

/// How many pieces `maxsplit` allows; a negative one, Python's default, does not limit.
fn pieces(maxsplit: i64) -> usize {
    usize::try_from(maxsplit).map_or(usize::MAX, |n| n.saturating_add(1))
}

/// `s.split(separator, maxsplit)`; without a separator, runs of white space part the words, and none is empty.
///
/// # Errors
/// `ValueError: empty separator`.
pub fn split<'s>(s: &'s str, separator: Option<&str>, maxsplit: i64) -> Result<Vec<&'s str>> {
    check_separator(separator)?;
    let most = pieces(maxsplit);
    if let Some(separator) = separator {
        return Ok(s.splitn(most, separator).collect());
    }
    let mut out = Vec::new();
    let mut rest = s.trim_start_matches(is_space);
    while !rest.is_empty() {
        let end = if out.len() + 1 < most { rest.find(is_space).unwrap_or(rest.len()) } else { rest.len() };
        // What is left when the splits are used up keeps its end, as in CPython.
        out.push(&rest[..end]);
        rest = rest[end..].trim_start_matches(is_space);
    }
    Ok(out)
}

/// `s.rsplit(separator, maxsplit)`: as [`split`], counting splits from the right.
///
/// # Errors
/// `ValueError: empty separator`.
pub fn rsplit<'s>(s: &'s str, separator: Option<&str>, maxsplit: i64) -> Result<Vec<&'s str>> {
    check_separator(separator)?;
    let most = pieces(maxsplit);
    let mut out = Vec::new();
    if let Some(separator) = separator {
        out.extend(s.rsplitn(most, separator));
    } else {
        let mut rest = s.trim_end_matches(is_space);
        while !rest.is_empty() {
            let space = rest.char_indices().rev().find(|&(_, c)| is_space(c)).filter(|_| out.len() + 1 < most);
            let start = space.map_or(0, |(at, c)| at + c.len_utf8());
            out.push(&rest[start..]);
            rest = rest[..start].trim_end_matches(is_space);
        }
    }
    out.reverse();
    Ok(out)
}

/// `s.splitlines(keepends)`: at every line boundary Unicode knows, `\r\n` being one.
pub fn splitlines(s: &str, keepends: bool) -> Vec<&str> {
    let is_break =
        |c: char| matches!(c, '\n' | '\r' | '\x0b' | '\x0c' | '\x1c'..='\x1e' | '\u{85}' | '\u{2028}' | '\u{2029}');
    let mut out = Vec::new();
    let mut rest = s;
    while !rest.is_empty() {
        let end = rest.find(is_break).unwrap_or(rest.len());
        let tail = &rest[end..];
        let width = if tail.starts_with("\r\n") { 2 } else { tail.chars().next().map_or(0, char::len_utf8) };
        out.push(&rest[..if keepends { end + width } else { end }]);
        rest = &tail[width..];
    }
    out
}

/// `separator.join(items)`.
pub fn join<S: AsRef<str>>(separator: &str, items: impl IntoIterator<Item = S>) -> String {
    let mut out = String::new();
    for (i, item) in polled(items).enumerate() {
        if i > 0 {
            out.push_str(separator);
        }
        out.push_str(item.as_ref());
    }
    out
}
