//! From text to tokens in one pass, with NEWLINE, INDENT and DEDENT as Python makes them.
//!
//! The lexer never fails: what is no token becomes [`Kind::Error`] and a [`SyntaxError`], and it goes on.
//! An f-string's fields become tokens of the same stream, so one parser reads them, with true spans.

mod fstring;
mod layout;
mod number;
mod string;

use super::error::SyntaxError;
use super::token::{Kind, Token, Value};
use crate::base::{ErrorKind, Span};

/// The deepest nesting of brackets, CPython's.
pub const MAX_BRACKETS: usize = 200;
/// The deepest nesting of blocks, CPython's.
pub const MAX_INDENTS: usize = 100;
/// The deepest tree an expression may make; every recursion over a tree may rely on it.
pub const MAX_DEPTH: u32 = 1000;

/// What the lexer makes of a text.
#[derive(Debug, Default)]
pub struct Lexed {
    /// The tokens; the last one is [`Kind::End`].
    pub tokens: Vec<Token>,
    /// What the names and literals among them stand for.
    pub values: Vec<Value>,
    /// What was no token, in order.
    pub errors: Vec<SyntaxError>,
    /// The innermost bracket still open at the end.
    pub unclosed: Option<Token>,
    /// Whether a bound was passed that makes parsing on pointless.
    pub fatal: bool,
    /// Whether the text ends behind a backslash, where a line would go on.
    pub continued: bool,
}

/// Lexes a whole source text.
pub fn lex(text: &str) -> Lexed {
    let mut lexer = Lexer {
        text,
        bytes: text.as_bytes(),
        pos: 0,
        end: text.len(),
        out: Lexed::default(),
        indents: Vec::new(),
        brackets: Vec::new(),
        depth: 0,
        chain: Chain::default(),
    };
    // Spans are 32 bits wide.
    if text.len() >= u32::MAX as usize {
        lexer.fatal(ErrorKind::SyntaxError, "source text too long", 0, 0);
    }
    lexer.out.tokens.reserve(text.len() / 3 + 4);
    lexer.source();
    lexer.out
}

/// How deep the tree under construction may be at one level of brackets.
#[derive(Clone, Copy, Default)]
struct Chain {
    /// Deepening tokens since the last comma.
    links: u32,
    /// Lambdas, whose bodies reach over commas.
    lambdas: u32,
}

struct Lexer<'s> {
    text: &'s str,
    bytes: &'s [u8],
    pos: usize,
    /// Where to stop: the end of the text, or of an f-string's field.
    end: usize,
    out: Lexed,
    indents: Vec<layout::Column>,
    /// Open brackets, each with the chain it interrupted.
    brackets: Vec<(Token, Chain)>,
    depth: u32,
    chain: Chain,
}

impl Lexer<'_> {
    fn peek(&self, ahead: usize) -> u8 {
        let at = self.pos + ahead;
        if at < self.end { self.bytes[at] } else { 0 }
    }

    fn rest_starts_with(&self, text: &str) -> bool {
        self.bytes[self.pos..self.end].starts_with(text.as_bytes())
    }

    fn char_at(&self, at: usize) -> char {
        self.text.get(at..self.end).and_then(|rest| rest.chars().next()).unwrap_or('\0')
    }

    /// Adds a token from `start` to the current position.
    fn push(&mut self, kind: Kind, start: usize) {
        self.push_with(kind, start, 0);
    }

    fn push_with(&mut self, kind: Kind, start: usize, value: u32) {
        let token = Token { kind, span: Span::new(start, self.pos), value };
        self.out.tokens.push(token);
        if kind.deepens() {
            self.deepen(kind, token.span);
        }
        if kind.opens() {
            self.open(token);
        } else if kind.closes() {
            self.close(token);
        } else if kind == Kind::Comma {
            self.depth -= self.chain.links;
            self.chain.links = 0;
        } else if matches!(kind, Kind::Newline | Kind::Semi) && self.brackets.is_empty() {
            self.depth = 0;
            self.chain = Chain::default();
        }
    }

    fn push_value(&mut self, kind: Kind, start: usize, value: Value) {
        let index = self.out.values.len() as u32;
        self.out.values.push(value);
        self.push_with(kind, start, index);
    }

    fn deepen(&mut self, kind: Kind, span: Span) {
        match kind {
            Kind::Lambda => self.chain.lambdas += 1,
            _ => self.chain.links += 1,
        }
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            let message = "maximum recursion depth exceeded during compilation";
            self.fatal(ErrorKind::RecursionError, message, span.start as usize, span.end as usize);
        }
    }

    fn open(&mut self, token: Token) {
        if self.brackets.len() >= MAX_BRACKETS {
            let Span { start, end } = token.span;
            return self.fatal(ErrorKind::SyntaxError, "too many nested parentheses", start as usize, end as usize);
        }
        self.brackets.push((token, std::mem::take(&mut self.chain)));
    }

    fn close(&mut self, token: Token) {
        // An error stands in the token's place, or the parser would report it once more.
        let Some((open, chain)) = self.brackets.pop() else {
            self.out.tokens.pop();
            return self.error(format!("unmatched '{}'", self.text(token.span)), token.span);
        };
        self.depth -= self.chain.links + self.chain.lambdas;
        self.chain = chain;
        let pair = (open.kind, token.kind);
        use Kind::*;
        if !matches!(pair, (LPar, RPar) | (LBracket, RBracket) | (LBrace, RBrace) | (FOpen, FClose)) {
            let (close, opening) = (self.text(token.span), self.text(open.span));
            let mut message = format!("closing parenthesis '{close}' does not match opening parenthesis '{opening}'");
            let (here, there) = (self.line_of(token.span.start), self.line_of(open.span.start));
            if here != there {
                message += &format!(" on line {there}");
            }
            self.out.tokens.pop();
            self.error(message, token.span);
        }
    }

    fn text(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or("")
    }

    fn line_of(&self, at: u32) -> usize {
        super::line_of(self.text, at as usize)
    }

    /// Reports an error and leaves an error token in the stream.
    fn error(&mut self, message: impl Into<String>, span: Span) {
        self.report(SyntaxError::new(message, span));
    }

    fn report(&mut self, error: SyntaxError) {
        self.out.tokens.push(Token { kind: Kind::Error, span: error.span, value: 0 });
        self.out.errors.push(error);
        if self.out.errors.len() > super::MOST_ERRORS {
            self.out.fatal = true;
            self.pos = self.end;
        }
    }

    /// Reports an error behind which lexing and parsing stop.
    fn fatal(&mut self, kind: ErrorKind, message: &str, start: usize, end: usize) {
        if !self.out.fatal {
            self.report(SyntaxError { kind, ..SyntaxError::new(message, Span::new(start, end)) });
        }
        self.out.fatal = true;
        self.pos = self.end;
    }

    /// Lexes the token at the current position, which is no blank, comment or line end.
    fn token(&mut self) {
        let start = self.pos;
        match self.bytes[start] {
            b'0'..=b'9' => self.number(),
            b'.' if self.peek(1).is_ascii_digit() => self.number(),
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | 128.. => self.word(),
            b'"' | b'\'' => self.string(start),
            _ => self.mark(),
        }
    }

    fn word(&mut self) {
        let start = self.pos;
        let bytes = &self.bytes[..self.end];
        while bytes.get(self.pos).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_') {
            self.pos += 1;
        }
        if bytes.get(self.pos).is_some_and(|b| *b >= 128) {
            let rest = self.text.get(self.pos..self.end).unwrap_or("");
            self.pos += rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || is_mark(c))).unwrap_or(rest.len());
        }
        let word = &self.text[start..self.pos];
        let first = word.chars().next().unwrap_or('\0');
        if !(first.is_alphabetic() || first == '_') {
            return self.stray(start);
        }
        if let Some(kind) = Kind::keyword(word) {
            return self.push(kind, start);
        }
        if self.pos - start <= 2 && matches!(self.peek(0), b'"' | b'\'') && string::is_prefix(word) {
            return self.string(start);
        }
        let name = Value::Name(word.into());
        self.push_value(Kind::Name, start, name);
    }

    /// A character that begins no token.
    fn stray(&mut self, start: usize) {
        let c = self.char_at(start);
        self.pos = start + c.len_utf8();
        let span = Span::new(start, self.pos);
        match c {
            c if matches!(c, '$' | '?' | '!') || ((c as u32) < 128 && !c.is_control()) => {
                let field = self.end < self.text.len();
                self.error(if field { "f-string: invalid syntax" } else { "invalid syntax" }, span);
            }
            c if c.is_control() || c == '\u{a0}' || c == '\u{feff}' || ('\u{200b}'..='\u{200f}').contains(&c) => {
                self.error(format!("invalid non-printable character U+{:04X}", c as u32), span)
            }
            c => self.error(format!("invalid character '{c}' (U+{:04X})", c as u32), span),
        }
    }

    fn mark(&mut self) {
        let start = self.pos;
        // The longest mark wins; all are ASCII and at most three bytes long.
        for length in (1..=3.min(self.end - start)).rev() {
            if let Some(kind) = self.text.get(start..start + length).and_then(Kind::of_text) {
                self.pos += length;
                return self.push(kind, start);
            }
        }
        self.stray(start)
    }
}

/// Whether a character may stand inside an identifier though it is no letter or digit: a combining mark.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{b7}' | '\u{203f}' | '\u{2040}' | '\u{20d0}'..='\u{20dc}' | '\u{fe00}'..='\u{fe0f}')
}
