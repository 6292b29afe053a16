//! Filling text up to a width: `center`, `ljust`, `rjust`, `zfill`, `expandtabs`.

use super::check_width;
use super::str_index::len;
use crate::base::error::{Result, type_error};

/// The fill character of a call that gives it as a str.
///
/// # Errors
/// `TypeError` where it is not one character.
pub fn fill_char(fill: &str) -> Result<char> {
    let mut chars = fill.chars();
    match (chars.next(), chars.next()) {
        (Some(c), None) => Ok(c),
        _ => Err(type_error("The fill character must be exactly one character long")),
    }
}

/// How many characters are missing to `width`.
fn missing(s: &str, width: i64) -> Result<usize> {
    check_width(usize::try_from(width).unwrap_or(0)).map(|width| width.saturating_sub(len(s)))
}

fn surround(left: usize, s: &str, right: usize, fill: char) -> String {
    let fill = |n: usize| std::iter::repeat_n(fill, n);
    fill(left).chain(s.chars()).chain(fill(right)).collect()
}

/// `s.center(width, fill)`.
///
/// # Errors
/// `MemoryError` for an absurd width, as the others here.
pub fn center(s: &str, width: i64, fill: char) -> Result<String> {
    let missing = missing(s, width)?;
    // An odd one goes to the left where the width is odd too.
    let left = missing / 2 + (missing & (width as usize) & 1);
    Ok(surround(left, s, missing - left, fill))
}

/// `s.ljust(width, fill)`.
///
/// # Errors
/// As [`center`].
pub fn ljust(s: &str, width: i64, fill: char) -> Result<String> {
    Ok(surround(0, s, missing(s, width)?, fill))
}

/// `s.rjust(width, fill)`.
///
/// # Errors
/// As [`center`].
pub fn rjust(s: &str, width: i64, fill: char) -> Result<String> {
    Ok(surround(missing(s, width)?, s, 0, fill))
}

/// `s.zfill(width)`: zeros after the sign.
///
/// # Errors
/// As [`center`].
pub fn zfill(s: &str, width: i64) -> Result<String> {
    let zeros = "0".repeat(missing(s, width)?);
    let (sign, digits) = s.split_at(usize::from(s.starts_with(['+', '-'])));
    Ok(format!("{sign}{zeros}{digits}"))
}

/// `s.expandtabs(tabsize)`: columns count from the start of each line.
///
/// # Errors
/// As [`center`].
pub fn expandtabs(s: &str, tabsize: i64) -> Result<String> {
    let size = check_width(usize::try_from(tabsize).unwrap_or(0))?;
    check_width(s.matches('\t').count().saturating_mul(size))?;
    let mut out = String::with_capacity(s.len());
    let mut column = 0;
    for c in s.chars() {
        if c == '\t' {
            let spaces = if size == 0 { 0 } else { size - column % size };
            out.extend(std::iter::repeat_n(' ', spaces));
            column += spaces;
        } else {
            column = if matches!(c, '\n' | '\r') { 0 } else { column + 1 };
            out.push(c);
        }
    }
    Ok(out)
}
