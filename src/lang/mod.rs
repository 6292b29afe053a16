//! From text to syntax tree. Never sees a tensor.
//!
//! [`parse`] is the way in for whole sources; the prompt asks [`completeness`] whether to read on.

pub mod ast;
mod check;
pub mod error;
pub mod lexer;
pub mod parser;
mod prompt;
pub mod token;
pub mod unparse;
pub mod walk;

pub use error::SyntaxError;
pub use lexer::MAX_DEPTH;
pub use prompt::{Completeness, completeness, is_incomplete, next_indent};

use ast::Block;

/// Errors that are shown of one text.
const MOST_ERRORS: usize = 20;

/// Parses a source text. On failure the errors begin with the one that CPython reports.
///
/// # Errors
/// Every syntax error that can be told apart: parsing goes on behind each statement that fails.
pub fn parse(source: &str) -> Result<Block, Vec<SyntaxError>> {
    let (block, errors) = analyse(source, &lexer::lex(source));
    if errors.is_empty() { Ok(block) } else { Err(errors) }
}

/// The tree of what the lexer made of a source text, and every error in it.
fn analyse(source: &str, lexed: &lexer::Lexed) -> (Block, Vec<SyntaxError>) {
    let (block, mut errors) = parser::parse(source, lexed);
    if errors.is_empty() {
        let walruses = lexed.tokens.iter().any(|token| token.kind == token::Kind::Walrus);
        errors = check::check(&block, walruses);
    }
    (block, errors)
}

/// The 1-based number of the line in which the byte at `offset` stands.
pub fn line_of(source: &str, offset: usize) -> usize {
    let before = &source.as_bytes()[..offset.min(source.len())];
    let returns = before.windows(2).filter(|pair| pair[0] == b'\r' && pair[1] != b'\n').count();
    1 + before.iter().filter(|byte| **byte == b'\n').count() + returns
}
