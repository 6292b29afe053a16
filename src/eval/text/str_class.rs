//! The `isX` methods of `str`. Each is false for an empty text, but for `isascii` and `isprintable`.

use super::str_case::{is_cased, is_title};
use super::unicode_tables::{ALPHA, DECIMAL, DIGIT, NUMERIC, PRINTABLE};

/// Whether `c` is in a table of runs.
pub(super) fn in_table(table: &[u32], c: char) -> bool {
    // A code point is inside when it is at or after a first and not after its last: an odd number of bounds before it.
    let code = c as u32;
    let after = table.partition_point(|&bound| bound < code);
    after % 2 == 1 || table.get(after) == Some(&code)
}

/// `isprintable` of one character: what `repr` shows as it is.
pub fn is_printable(c: char) -> bool {
    matches!(c, ' '..='~') || (!c.is_ascii() && in_table(PRINTABLE, c))
}

/// `isalpha` of one character.
pub fn is_alpha(c: char) -> bool {
    c.is_ascii_alphabetic() || (!c.is_ascii() && in_table(ALPHA, c))
}

/// What Python takes for white space when it strips and splits.
pub fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\x1c'..='\x1f')
}

/// The value of a decimal digit of any script.
pub fn decimal_value(c: char) -> Option<u32> {
    if c.is_ascii() {
        return c.to_digit(10);
    }
    let code = c as u32;
    let run = DECIMAL.chunks_exact(2).find(|run| (run[0]..=run[1]).contains(&code))?;
    Some((code - run[0]) % 10)
}

fn all(s: &str, test: impl FnMut(char) -> bool) -> bool {
    !s.is_empty() && s.chars().all(test)
}

/// `str.isalpha`.
pub fn isalpha(s: &str) -> bool {
    all(s, is_alpha)
}

/// `str.isdecimal`.
pub fn isdecimal(s: &str) -> bool {
    all(s, |c| in_table(DECIMAL, c))
}

/// `str.isdigit`.
pub fn isdigit(s: &str) -> bool {
    all(s, |c| in_table(DIGIT, c))
}

/// `str.isnumeric`.
pub fn isnumeric(s: &str) -> bool {
    all(s, |c| in_table(NUMERIC, c))
}

/// `str.isalnum`.
pub fn isalnum(s: &str) -> bool {
    all(s, |c| is_alpha(c) || in_table(NUMERIC, c))
}

/// `str.isspace`.
pub fn isspace(s: &str) -> bool {
    all(s, is_space)
}

/// `str.isascii`; true of an empty text.
pub fn isascii(s: &str) -> bool {
    s.is_ascii()
}

/// `str.isprintable`; true of an empty text.
pub fn isprintable(s: &str) -> bool {
    s.chars().all(is_printable)
}

/// `str.isidentifier`.
pub fn isidentifier(s: &str) -> bool {
    let mut chars = s.chars();
    chars.next().is_some_and(|c| c == '_' || unicode_ident::is_xid_start(c))
        && chars.all(unicode_ident::is_xid_continue)
}

/// `str.islower`: some letter has case, and all that have are lower.
pub fn islower(s: &str) -> bool {
    s.chars().any(char::is_lowercase) && !s.chars().any(|c| c.is_uppercase() || is_title(c))
}

/// `str.isupper`: some letter has case, and all that have are upper.
pub fn isupper(s: &str) -> bool {
    s.chars().any(char::is_uppercase) && !s.chars().any(|c| c.is_lowercase() || is_title(c))
}

/// `str.istitle`: capitals begin words, small letters go on with them, and there is some letter.
pub fn istitle(s: &str) -> bool {
    let (mut in_word, mut found) = (false, false);
    for c in s.chars() {
        if c.is_uppercase() || is_title(c) {
            if in_word {
                return false;
            }
            found = true;
        } else if c.is_lowercase() {
            if !in_word {
                return false;
            }
            found = true;
        }
        in_word = is_cased(c);
    }
    found
}
