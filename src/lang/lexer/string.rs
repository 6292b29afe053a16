//! String literals and their escapes.

use super::{Kind, Lexer, SyntaxError, Value};
use crate::base::Span;
use std::borrow::Cow;

/// Whether a word directly before a quote is a string's prefix.
pub(super) fn is_prefix(word: &str) -> bool {
    matches!(word.to_ascii_lowercase().as_str(), "r" | "u" | "f" | "b" | "rf" | "fr" | "rb" | "br")
}

impl Lexer<'_> {
    /// Lexes the string whose prefix begins at `start`, and whose quote is at the current position.
    pub(super) fn string(&mut self, start: usize) {
        let prefix = self.text[start..self.pos].to_ascii_lowercase();
        let quote = self.peek(0);
        let triple = self.peek(1) == quote && self.peek(2) == quote;
        let width = if triple { 3 } else { 1 };
        let body = self.pos + width;
        let Some(body_end) = self.string_end(body, quote, triple) else {
            return self.unterminated(start, triple);
        };
        let raw = prefix.contains('r');
        if prefix.contains('b') {
            self.pos = body_end + width;
            return match self.bytes_of(body, body_end, raw) {
                Ok(data) => self.push_value(Kind::Bytes, start, Value::Bytes(data.into())),
                Err(message) => self.error(message, Span::new(start, self.pos)),
            };
        }
        if prefix.contains('f') {
            return self.fstring(start, body..body_end, raw, width);
        }
        self.pos = body_end + width;
        match self.unescape(body, body_end, raw) {
            Ok(text) => self.push_value(Kind::Str, start, Value::Str(text.into())),
            Err(message) => self.error(message, Span::new(start, self.pos)),
        }
    }

    /// Where the closing quotes of the string whose body begins at `at` stand.
    fn string_end(&self, mut at: usize, quote: u8, triple: bool) -> Option<usize> {
        while at < self.end {
            match self.bytes[at] {
                b'\\' => at += 1,
                b'\n' | b'\r' if !triple => return None,
                b if b == quote
                    && (!triple
                        || (at + 2 < self.end && self.bytes[at + 1] == quote && self.bytes[at + 2] == quote)) =>
                {
                    return Some(at);
                }
                _ => {}
            }
            at += 1;
        }
        None
    }

    fn unterminated(&mut self, start: usize, triple: bool) {
        let rest = &self.bytes[start..self.end];
        let span = Span::new(start, start + (self.pos - start) + if triple { 3 } else { 1 });
        if triple {
            let line = self.line_of(self.end as u32) - usize::from(rest.ends_with(b"\n"));
            self.pos = self.end;
            let message = format!("unterminated triple-quoted string literal (detected at line {line})");
            return self.report(SyntaxError::new(message, span).incomplete());
        }
        // A backslash carries the string over the line end.
        let mut at = self.pos;
        while at < self.end && !matches!(self.bytes[at], b'\n' | b'\r') {
            at += if self.bytes[at] == b'\\' { 2 } else { 1 };
        }
        let incomplete = at > self.end || (at == self.end && self.bytes[..at].ends_with(b"\\\n"));
        self.pos = at.min(self.end);
        let line = self.line_of(self.pos as u32);
        let mut error = SyntaxError::new(format!("unterminated string literal (detected at line {line})"), span);
        error.incomplete = incomplete;
        self.out.continued |= incomplete;
        self.report(error);
    }

    /// The bytes that the text of a bytes literal stands for.
    fn bytes_of(&self, start: usize, end: usize, raw: bool) -> Result<Vec<u8>, String> {
        let source = self.text.get(start..end).unwrap_or("");
        if !source.is_ascii() {
            return Err("bytes can only contain ASCII literal characters".into());
        }
        // The escapes of characters are none here: a backslash before them stands for itself.
        let kept = if raw { Cow::Borrowed(source) } else { character_escapes_kept(source) };
        let mut text = String::with_capacity(kept.len());
        let mut rest = &*kept;
        while let Some(at) = rest.find('\\').filter(|_| !raw) {
            text.push_str(&rest[..at]);
            let offset = kept.len() - rest.len() + at;
            rest = escape(&rest[at + 1..], offset, &mut text)
                .map_err(|_| format!("(value error) invalid \\x escape at position {offset}"))?;
        }
        text.push_str(rest);
        Ok(text.replace("\r\n", "\n").chars().map(|c| c as u32 as u8).collect())
    }

    /// The text from `start` to `end` with its escapes resolved and its line ends as `\n`.
    pub(super) fn unescape(&self, start: usize, end: usize, raw: bool) -> Result<String, String> {
        let source = self.text.get(start..end).unwrap_or("");
        let normal;
        let source = if source.contains('\r') {
            normal = source.replace("\r\n", "\n").replace('\r', "\n");
            &normal
        } else {
            source
        };
        if raw || !source.contains('\\') {
            return Ok(source.to_owned());
        }
        let mut text = String::with_capacity(source.len());
        let mut rest = source;
        while let Some(at) = rest.find('\\') {
            text.push_str(&rest[..at]);
            let offset = source.len() - rest.len() + at;
            rest = escape(&rest[at + 1..], offset, &mut text)?;
        }
        text.push_str(rest);
        Ok(text)
    }
}

/// The text of a bytes literal with a second backslash before `u`, `U` and `N`.
fn character_escapes_kept(source: &str) -> Cow<'_, str> {
    if !["\\u", "\\U", "\\N"].iter().any(|escape| source.contains(escape)) {
        return Cow::Borrowed(source);
    }
    let mut out = String::with_capacity(source.len() + 8);
    let mut chars = source.chars();
    while let Some(c) = chars.next() {
        out.push(c);
        if c == '\\' {
            let next = chars.next();
            if matches!(next, Some('u' | 'U' | 'N')) {
                out.push('\\');
            }
            out.extend(next);
        }
    }
    Cow::Owned(out)
}

/// Resolves the escape whose text behind the backslash begins `rest`; returns what follows it.
fn escape<'a>(rest: &'a str, offset: usize, text: &mut String) -> Result<&'a str, String> {
    let Some(c) = rest.chars().next() else {
        text.push('\\');
        return Ok(rest);
    };
    let simple = match c {
        '\n' => return Ok(&rest[1..]),
        '\\' | '\'' | '"' => c,
        'a' => '\x07',
        'b' => '\x08',
        'f' => '\x0c',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\x0b',
        '0'..='7' => {
            let length = rest.bytes().take(3).take_while(|b| matches!(b, b'0'..=b'7')).count();
            let code = u32::from_str_radix(&rest[..length], 8).unwrap_or(0);
            text.push(char::from_u32(code).unwrap_or('\0'));
            return Ok(&rest[length..]);
        }
        'x' => return hex(rest, 2, offset, "\\xXX", text),
        'u' => return hex(rest, 4, offset, "\\uXXXX", text),
        'U' => return hex(rest, 8, offset, "\\UXXXXXXXX", text),
        'N' => return Err("tensh has no character names in strings (\\N{...}): write \\uXXXX".into()),
        // An unknown escape stands for itself, backslash and all.
        _ => {
            text.push('\\');
            text.push(c);
            return Ok(&rest[c.len_utf8()..]);
        }
    };
    text.push(simple);
    Ok(&rest[1..])
}

fn hex<'a>(rest: &'a str, width: usize, offset: usize, form: &str, text: &mut String) -> Result<&'a str, String> {
    let bad = |digits: usize, what: &str| {
        let last = offset + 1 + digits;
        format!("(unicode error) 'unicodeescape' codec can't decode bytes in position {offset}-{last}: {what}")
    };
    let digits = rest.bytes().skip(1).take(width).take_while(u8::is_ascii_hexdigit).count();
    if digits < width {
        return Err(bad(digits, &format!("truncated {form} escape")));
    }
    let code = u32::from_str_radix(&rest[1..1 + width], 16).unwrap_or(u32::MAX);
    match char::from_u32(code) {
        Some(c) => text.push(c),
        None if code <= 0x10ffff => return Err("tensh strings hold no lone surrogates".into()),
        None => return Err(bad(digits, "illegal Unicode character")),
    }
    Ok(&rest[1 + width..])
}
