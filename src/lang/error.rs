//! What is wrong with a source text.

use crate::base::{ErrorKind, Span};
use std::fmt;

/// A syntax error: CPython's words, the place, and what may mend it.
#[derive(Clone, Debug, PartialEq)]
pub struct SyntaxError {
    /// `SyntaxError`, `IndentationError`, `TabError`, or `RecursionError` for nesting beyond every bound.
    pub kind: ErrorKind,
    /// CPython's message.
    pub message: String,
    /// The text at fault.
    pub span: Span,
    /// What mends it, where that is known.
    pub help: Option<String>,
    /// Whether more input may mend it: what makes the prompt continue.
    pub incomplete: bool,
}

impl SyntaxError {
    /// A `SyntaxError` at `span`.
    pub fn new(message: impl Into<String>, span: Span) -> Self {
        Self { kind: ErrorKind::SyntaxError, message: message.into(), span, help: None, incomplete: false }
    }

    /// An `IndentationError` at `span`.
    pub fn indentation(message: impl Into<String>, span: Span) -> Self {
        Self { kind: ErrorKind::IndentationError, ..Self::new(message, span) }
    }

    /// Adds the line that says what mends it.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Marks the error as one that more input may mend.
    pub fn incomplete(mut self) -> Self {
        self.incomplete = true;
        self
    }
}

impl fmt::Display for SyntaxError {
    /// A traceback's last line: `SyntaxError: invalid syntax`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind.qualified(), self.message)
    }
}

impl std::error::Error for SyntaxError {}
