//! Lines: blanks, comments, continuation, and the indentation that makes INDENT and DEDENT.

use super::{Kind, Lexer, MAX_INDENTS, SyntaxError};
use crate::base::{ErrorKind, Span};

/// How far a line is indented, with tabs to multiples of eight and with tabs as one column.
/// Two lines whose comparison depends on that choice mix tabs and spaces inconsistently.
#[derive(Clone, Copy, Default, PartialEq)]
pub(super) struct Column {
    wide: usize,
    narrow: usize,
}

impl Lexer<'_> {
    /// Lexes the whole text.
    pub(super) fn source(&mut self) {
        if self.text.starts_with('\u{feff}') {
            self.pos = '\u{feff}'.len_utf8();
        }
        while self.pos < self.end {
            self.indentation();
            self.line();
        }
        let last = self.out.tokens.last().map(|token| token.kind);
        self.out.unclosed = self.brackets.first().map(|_| self.brackets[self.brackets.len() - 1].0);
        if !matches!(last, None | Some(Kind::Newline | Kind::Dedent)) && self.out.unclosed.is_none() {
            self.push(Kind::Newline, self.end);
        }
        for _ in 0..std::mem::take(&mut self.indents).len() {
            self.push(Kind::Dedent, self.end);
        }
        self.push(Kind::End, self.end);
    }

    /// Measures the indentation of the line that begins here; skips blank lines and comments.
    fn indentation(&mut self) {
        let mut column = Column::default();
        loop {
            match self.peek(0) {
                b' ' => column = Column { wide: column.wide + 1, narrow: column.narrow + 1 },
                b'\t' => column = Column { wide: (column.wide / 8 + 1) * 8, narrow: column.narrow + 1 },
                b'\x0c' if self.pos < self.end => column = Column::default(),
                b'#' => {
                    self.comment();
                    continue;
                }
                b'\n' | b'\r' => {
                    column = Column::default();
                    self.pos += self.line_end();
                    continue;
                }
                b'\\' if matches!(self.peek(1), b'\n' | b'\r') => {
                    let start = self.pos;
                    self.pos += 1;
                    self.pos += self.line_end();
                    if self.pos >= self.end {
                        return self.end_behind_backslash(start);
                    }
                    continue;
                }
                _ => break,
            }
            self.pos += 1;
        }
        if self.pos < self.end {
            self.indent_to(column);
        }
    }

    fn indent_to(&mut self, column: Column) {
        let here = Span::new(self.pos, self.pos);
        let mut current = self.indents.last().copied().unwrap_or_default();
        if column.wide == current.wide {
            if column.narrow != current.narrow {
                self.mixed_tabs(here);
            }
            return;
        }
        if column.wide > current.wide {
            if column.narrow <= current.narrow {
                return self.mixed_tabs(here);
            }
            if self.indents.len() + 1 >= MAX_INDENTS {
                return self.fatal(ErrorKind::IndentationError, "too many levels of indentation", self.pos, self.pos);
            }
            self.indents.push(column);
            return self.push(Kind::Indent, self.pos);
        }
        while column.wide < current.wide {
            self.indents.pop();
            self.push(Kind::Dedent, self.pos);
            current = self.indents.last().copied().unwrap_or_default();
        }
        if column.wide != current.wide {
            let message = "unindent does not match any outer indentation level";
            self.report(SyntaxError::indentation(message, here));
            self.out.tokens.pop();
        } else if column.narrow != current.narrow {
            self.mixed_tabs(here);
        }
    }

    fn mixed_tabs(&mut self, here: Span) {
        let message = "inconsistent use of tabs and spaces in indentation";
        let error = SyntaxError { kind: ErrorKind::TabError, ..SyntaxError::new(message, here) };
        self.report(error.help("indent with spaces alone"));
        self.out.tokens.pop();
    }

    /// Lexes the tokens of one logical line, with its NEWLINE.
    fn line(&mut self) {
        while self.blanks() {
            if matches!(self.bytes[self.pos], b'\n' | b'\r') {
                let (start, length) = (self.pos, self.line_end());
                self.pos += length;
                if self.brackets.is_empty() {
                    return self.push(Kind::Newline, start);
                }
            } else {
                self.token();
            }
        }
    }

    /// Lexes the tokens up to `end`, where line ends count for nothing: a field of an f-string.
    pub(super) fn field(&mut self, end: usize) {
        let outer = std::mem::replace(&mut self.end, end);
        while self.blanks() {
            match self.bytes[self.pos] {
                b'\n' | b'\r' => self.pos += 1,
                _ => self.token(),
            }
        }
        self.end = outer;
        if self.out.fatal {
            self.pos = outer;
        }
    }

    /// Skips blanks, comments and continued line ends; whether anything follows.
    fn blanks(&mut self) -> bool {
        while self.pos < self.end {
            match self.bytes[self.pos] {
                b' ' | b'\t' | b'\x0c' => self.pos += 1,
                b'#' => self.comment(),
                b'\\' => self.continuation(),
                _ => return true,
            }
        }
        false
    }

    fn comment(&mut self) {
        let rest = &self.bytes[self.pos..self.end];
        self.pos += rest.iter().position(|b| matches!(b, b'\n' | b'\r')).unwrap_or(rest.len());
    }

    fn continuation(&mut self) {
        let start = self.pos;
        self.pos += 1;
        match self.line_end() {
            0 if self.pos >= self.end => self.end_behind_backslash(start),
            0 => {
                let span = Span::new(start, self.pos);
                self.error("unexpected character after line continuation character", span);
                self.comment();
            }
            length => {
                self.pos += length;
                if self.pos >= self.end {
                    self.end_behind_backslash(start);
                }
            }
        }
    }

    fn end_behind_backslash(&mut self, start: usize) {
        self.out.continued = true;
        let span = Span::new(start, start + 1);
        self.report(SyntaxError::new("unexpected EOF while parsing", span).incomplete());
    }

    /// The length of the line end at the current position.
    fn line_end(&self) -> usize {
        match (self.peek(0), self.peek(1)) {
            (b'\r', b'\n') => 2,
            (b'\n' | b'\r', _) => 1,
            _ => 0,
        }
    }
}
