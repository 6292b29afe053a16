//! f-strings: text and fields, the fields' tokens in the same stream.
//!
//! As in Python before 3.12, the literal's end is found first, so a field holds neither its own quotes nor a
//! backslash: what is accepted here every Python accepts.

use super::{Kind, Lexer, Value};
use crate::base::Span;
use std::ops::Range;

/// A complaint about an f-string, already reported.
struct Reported;

impl Lexer<'_> {
    /// Lexes the f-string that begins at `start`, with its text in `body`.
    pub(super) fn fstring(&mut self, start: usize, body: Range<usize>, raw: bool, quotes: usize) {
        self.pos = body.start;
        self.push(Kind::FStart, start);
        let outer = std::mem::replace(&mut self.end, body.end);
        let level = self.brackets.len();
        let done = self.parts(raw, 0);
        self.end = outer;
        if done.is_err() {
            // Brackets that a broken field left open would swallow the lines below.
            while self.brackets.len() > level {
                if let Some((_, chain)) = self.brackets.pop() {
                    self.depth -= self.chain.links + self.chain.lambdas;
                    self.chain = chain;
                }
            }
        }
        if self.out.fatal {
            return self.pos = outer;
        }
        self.pos = body.end + quotes;
        self.push(Kind::FEnd, body.end);
    }

    /// Lexes text and fields up to the end, or in a format specification (`nesting` > 0) up to its `}`.
    fn parts(&mut self, raw: bool, nesting: usize) -> Result<(), Reported> {
        let mut text = self.pos;
        while self.pos < self.end {
            let (b, doubled) = (self.bytes[self.pos], self.peek(1) == self.bytes[self.pos] && nesting == 0);
            match b {
                b'\\' if !raw && self.pos + 1 < self.end && !matches!(self.peek(1), b'{' | b'}') => self.pos += 2,
                b'{' | b'}' if doubled => {
                    self.pos += 1;
                    self.text_part(text, raw)?;
                    self.pos += 1;
                    text = self.pos;
                }
                b'{' => {
                    self.text_part(text, raw)?;
                    self.replacement(raw, nesting)?;
                    text = self.pos;
                }
                b'}' if nesting > 0 => break,
                b'}' => return Err(self.complain("single '}' is not allowed", self.pos)),
                _ => self.pos += 1,
            }
        }
        // The step over an escape may pass the end of the body by the second byte of a character only.
        self.pos = self.pos.min(self.end);
        self.text_part(text, raw)
    }

    fn text_part(&mut self, start: usize, raw: bool) -> Result<(), Reported> {
        if start == self.pos {
            return Ok(());
        }
        match self.unescape(start, self.pos, raw) {
            Ok(text) => {
                self.push_value(Kind::FText, start, Value::Str(text.into()));
                Ok(())
            }
            Err(message) => {
                self.error(message, Span::new(start, self.pos));
                Err(Reported)
            }
        }
    }

    /// Lexes the field whose `{` is at the current position, up to and with its `}`.
    fn replacement(&mut self, raw: bool, nesting: usize) -> Result<(), Reported> {
        if nesting >= 2 {
            return Err(self.complain("expressions nested too deeply", self.pos));
        }
        let open = self.pos;
        let start = open + 1;
        let value_end = self.field_end(start)?;
        if self.text[start..value_end].trim().is_empty() {
            let message = match self.bytes.get(value_end).filter(|_| value_end < self.end) {
                Some(b'}') => "empty expression not allowed".to_owned(),
                Some(b) => format!("expression required before '{}'", *b as char),
                None => "expecting '}'".to_owned(),
            };
            return Err(self.complain(&message, open));
        }
        self.pos = start;
        self.push(Kind::FOpen, open);
        self.field(value_end);
        self.pos = value_end;
        if self.out.fatal {
            return Err(Reported);
        }
        if self.peek(0) == b'=' {
            self.pos += 1;
            while self.peek(0).is_ascii_whitespace() {
                self.pos += 1;
            }
            let label = self.text[start..self.pos].into();
            self.push_value(Kind::FLabel, value_end, Value::Str(label));
        }
        if self.peek(0) == b'!' {
            self.conversion()?;
        }
        if self.peek(0) == b':' {
            self.pos += 1;
            self.push(Kind::FColon, self.pos - 1);
            self.parts(raw, nesting + 1)?;
        }
        if self.peek(0) != b'}' || self.pos >= self.end {
            return Err(self.complain("expecting '}'", self.pos.min(self.end)));
        }
        self.pos += 1;
        self.push(Kind::FClose, self.pos - 1);
        Ok(())
    }

    fn conversion(&mut self) -> Result<(), Reported> {
        let start = self.pos;
        self.pos += 1;
        if self.pos >= self.end {
            return Err(self.complain("expecting '}'", start));
        }
        let letter = self.char_at(self.pos);
        if !matches!(letter, 'r' | 's' | 'a') {
            return Err(self.complain("invalid conversion character: expected 's', 'r', or 'a'", start));
        }
        self.pos += 1;
        self.push_value(Kind::FConversion, start, Value::Str(letter.to_string().into()));
        Ok(())
    }

    /// Where the expression of the field that begins at `at` ends: before its `=`, `!`, `:` or `}`.
    fn field_end(&mut self, mut at: usize) -> Result<usize, Reported> {
        let mut open: Vec<u8> = Vec::new();
        while at < self.end {
            let b = self.bytes[at];
            let next = if at + 1 < self.end { self.bytes[at + 1] } else { 0 };
            match b {
                b'\\' => return Err(self.complain_of("expression part cannot include a backslash", at)),
                b'#' => return Err(self.complain_of("expression part cannot include '#'", at)),
                b'\'' | b'"' => {
                    at = self.quoted_end(at)?;
                    continue;
                }
                b'(' | b'[' | b'{' => open.push(b),
                b'=' | b'!' | b'<' | b'>' if open.is_empty() && next == b'=' => at += 1,
                b'=' | b'!' | b':' | b'}' if open.is_empty() => return Ok(at),
                b')' | b']' | b'}' => match (open.pop(), b) {
                    (Some(b'('), b')') | (Some(b'['), b']') | (Some(b'{'), b'}') => {}
                    (None, _) => return Err(self.complain(&format!("unmatched '{}'", b as char), at)),
                    (Some(opening), _) => {
                        let (close, opening) = (b as char, opening as char);
                        let message =
                            format!("closing parenthesis '{close}' does not match opening parenthesis '{opening}'");
                        return Err(self.complain(&message, at));
                    }
                },
                _ => {}
            }
            at += 1;
        }
        match open.last() {
            Some(b) => Err(self.complain(&format!("unmatched '{}'", *b as char), at)),
            None => Ok(at),
        }
    }

    /// Where the string inside a field that begins at `at` ends.
    fn quoted_end(&mut self, at: usize) -> Result<usize, Reported> {
        let quote = self.bytes[at];
        let body = &self.bytes[at..self.end];
        let width = if body.len() >= 3 && body[1] == quote && body[2] == quote { 3 } else { 1 };
        let mut here = width;
        while here < body.len() {
            if body[here] == b'\\' {
                return Err(self.complain_of("expression part cannot include a backslash", at + here));
            }
            if body[here..].len() >= width && body[here..here + width].iter().all(|b| *b == quote) {
                return Ok(at + here + width);
            }
            here += 1;
        }
        Err(self.complain("unterminated string", at))
    }

    fn complain(&mut self, message: &str, at: usize) -> Reported {
        self.complain_of(&format!(": {message}"), at)
    }

    /// Reports `f-string` and the message; a message that does not begin with `:` gets a blank before it.
    fn complain_of(&mut self, message: &str, at: usize) -> Reported {
        let blank = if message.starts_with(':') { "" } else { " " };
        let end = (at + self.char_at(at).len_utf8()).min(self.end.max(at));
        self.error(format!("f-string{blank}{message}"), Span::new(at, end));
        Reported
    }
}
