//! Indexing and slicing of text by code points.

use crate::base::error::{Result, index_error, value_error};

/// `len(s)`.
pub fn len(s: &str) -> usize {
    if s.is_ascii() { s.len() } else { s.chars().count() }
}

/// `s[index]`, negative from the end.
///
/// # Errors
/// `IndexError: string index out of range`.
pub fn index(s: &str, index: i64) -> Result<&str> {
    let length = len(s) as i64;
    let at = if index < 0 { index.saturating_add(length) } else { index };
    if at < 0 || at >= length {
        return Err(index_error("string index out of range"));
    }
    Ok(window(s, at as usize, at as usize + 1))
}

/// The code points `start..end`, both within the text.
pub(super) fn window(s: &str, start: usize, end: usize) -> &str {
    let from = byte_offset(s, start);
    let rest = &s[from..];
    &rest[..byte_offset(rest, end.saturating_sub(start))]
}

/// The byte at which code point `at` begins; the text's length where it has no such one.
pub(super) fn byte_offset(s: &str, at: usize) -> usize {
    if s.is_ascii() {
        return at.min(s.len());
    }
    s.char_indices().nth(at).map_or(s.len(), |(byte, _)| byte)
}

/// `s[start:stop:step]`.
///
/// # Errors
/// `ValueError: slice step cannot be zero`.
pub fn slice(s: &str, start: Option<i64>, stop: Option<i64>, step: Option<i64>) -> Result<String> {
    let (start, step, count) = slice_range(start, stop, step, len(s))?;
    if step == 1 {
        return Ok(window(s, start as usize, start as usize + count).into());
    }
    let places = (0..count).map(|k| (start + k as i64 * step) as usize);
    if s.is_ascii() {
        return Ok(places.map(|at| char::from(s.as_bytes()[at])).collect());
    }
    let chars: Vec<char> = s.chars().collect();
    Ok(places.map(|at| chars[at]).collect())
}

/// Python's `slice.indices` for a sequence of `length`: first index, step, and how many items are taken.
///
/// # Errors
/// `ValueError: slice step cannot be zero`.
pub fn slice_range(
    start: Option<i64>,
    stop: Option<i64>,
    step: Option<i64>,
    length: usize,
) -> Result<(i64, i64, usize)> {
    let step = step.unwrap_or(1);
    if step == 0 {
        return Err(value_error("slice step cannot be zero"));
    }
    let length = length as i64;
    // Going backwards, an end may lie one before the first item.
    let (lowest, highest) = if step > 0 { (0, length) } else { (-1, length - 1) };
    let clamp = |i: i64| (if i < 0 { i.saturating_add(length) } else { i }).clamp(lowest, highest);
    let (first, last) = if step > 0 { (lowest, highest) } else { (highest, lowest) };
    let (start, stop) = (start.map_or(first, clamp), stop.map_or(last, clamp));
    let distance = if step > 0 { stop - start } else { start - stop };
    let count = if distance <= 0 { 0 } else { (distance - 1) as u64 / step.unsigned_abs() + 1 };
    Ok((start, step, count as usize))
}

/// The part of `s` that `find(sub, start, end)` and its like look at, with the code point it begins at; `None` where
/// `start` lies behind `end`.
pub(super) fn part(s: &str, start: Option<i64>, end: Option<i64>) -> Option<(usize, &str)> {
    if start.is_none() && end.is_none() {
        return Some((0, s));
    }
    let length = len(s) as i64;
    let from_end = |i: i64| if i < 0 { i.saturating_add(length).max(0) } else { i };
    let (start, end) = (from_end(start.unwrap_or(0)), from_end(end.unwrap_or(length)).min(length));
    (start <= end).then(|| (start as usize, window(s, start as usize, end as usize)))
}
