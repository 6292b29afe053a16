//! From tokens to syntax tree: chumsky over the token slice.
//!
//! Chumsky's own errors carry nothing, so parsing is fast. A statement that fails is parsed again with
//! [`State::explain`] set, in which the rules look for what CPython has words for; if none is found, the error is
//! "invalid syntax" at the furthest token that was looked at. Then the statement is skipped and parsing goes on.

mod args;
mod atom;
mod compound;
mod expr;
mod fields;
mod operators;
mod params;
mod recover;
mod simple;
mod target;

pub use operators::{Associativity, Row, rows};

use super::MOST_ERRORS;
use super::ast::{Block, Expr, ExprKind, Name};
use super::error::SyntaxError;
use super::lexer::Lexed;
use super::token::{Kind, Token, Value};
use crate::base::Span;
use chumsky::error::EmptyErr;
use chumsky::input::{Checkpoint, Cursor, InputRef, MapExtra};
use chumsky::inspector::Inspector;
use chumsky::prelude::*;
use std::cell::RefCell;

type Tokens<'t> = &'t [Token];
type Extra<'t> = extra::Full<EmptyErr, State<'t>, ()>;
type Rule<'t, O> = Boxed<'t, 't, Tokens<'t>, O, Extra<'t>>;
type Input<'t, 'p> = InputRef<'t, 'p, Tokens<'t>, Extra<'t>>;
type At<'t, 'b> = MapExtra<'t, 'b, Tokens<'t>, Extra<'t>>;
type Parsed<O> = Result<O, EmptyErr>;

/// Parses what the lexer made of `text`; the errors are in the order in which CPython would report them.
pub fn parse(text: &str, lexed: &Lexed) -> (Block, Vec<SyntaxError>) {
    if lexed.fatal {
        return (Block::new(), most(lexed.errors.clone()));
    }
    let mut state = State {
        text,
        lexed,
        furthest: 0,
        explain: false,
        fault: None,
        errors: Vec::new(),
        header: Token { kind: Kind::End, span: Span::default(), value: 0 },
        levels: Vec::new(),
    };
    let block = file(&Names::default()).parse_with_state(&lexed.tokens[..], &mut state).into_output();
    let mut errors = lexed.errors.clone();
    errors.append(&mut state.errors);
    if block.is_none() && errors.is_empty() {
        // Recovery makes this unreachable; a wrong tree must never leave silently.
        errors.push(SyntaxError::new("invalid syntax", Span::default()));
    }
    (block.unwrap_or_default(), most(errors))
}

/// The errors that are shown.
fn most(mut errors: Vec<SyntaxError>) -> Vec<SyntaxError> {
    if errors.len() > MOST_ERRORS {
        errors.truncate(MOST_ERRORS);
        let last = errors.pop().map(|error| error.help(format!("only the first {MOST_ERRORS} errors are shown")));
        errors.extend(last);
    }
    errors
}

/// The names of the parser's rules, as `grammar/tensh.ebnf` spells them.
pub fn rule_names() -> Vec<&'static str> {
    let names = Names::default();
    let _ = file(&names);
    let mut names = names.0.into_inner();
    names.extend(rows().iter().map(|row| row.rule));
    names.sort_unstable();
    names.dedup();
    names
}

fn file<'t>(names: &Names) -> Rule<'t, Block> {
    let statement = compound::statement(names);
    let block = empty().to(Block::new()).foldl(statement.repeated(), recover::join);
    names.rule("file", block.then_ignore(tok(Kind::End)))
}

/// Where the rules are named as they are made.
#[derive(Default)]
struct Names(RefCell<Vec<&'static str>>);

impl Names {
    fn rule<'t, O>(&self, name: &'static str, parser: impl Parser<'t, Tokens<'t>, O, Extra<'t>> + 't) -> Rule<'t, O> {
        self.0.borrow_mut().push(name);
        parser.boxed()
    }
}

/// What the rules share while parsing.
struct State<'t> {
    text: &'t str,
    lexed: &'t Lexed,
    /// The key of the furthest token looked at.
    furthest: u64,
    /// Whether a statement that failed is parsed again to learn why.
    explain: bool,
    /// What the second look found first.
    fault: Option<SyntaxError>,
    errors: Vec<SyntaxError>,
    /// The keyword of the clause whose block comes next.
    header: Token,
    /// How many brackets are open at each token; made when first needed.
    levels: Vec<u16>,
}

impl<'t> State<'t> {
    fn token(&self, at: usize) -> Token {
        let tokens = &self.lexed.tokens;
        tokens[at.min(tokens.len() - 1)]
    }

    /// The source that the tokens `from..to` cover.
    fn span(&self, from: usize, to: usize) -> Span {
        let first = self.token(from).span;
        if to > from { first.to(self.token(to - 1).span) } else { Span { end: first.start, ..first } }
    }

    fn name(&self, token: Token) -> Name {
        match &self.lexed.values[token.value as usize] {
            Value::Name(text) | Value::Str(text) => text.clone(),
            _ => Name::from(""),
        }
    }

    /// The expression that one token makes, if it does.
    fn leaf(&self, token: Token) -> Option<Expr> {
        let kind = match token.kind {
            Kind::Name | Kind::Number | Kind::Str | Kind::Bytes => match &self.lexed.values[token.value as usize] {
                Value::Name(name) => ExprKind::Name(name.clone()),
                Value::Int(value) => ExprKind::Int(*value),
                Value::BigInt(digits) => ExprKind::BigInt(digits.clone()),
                Value::Float(value) => ExprKind::Float(*value),
                Value::Imag(value) => ExprKind::Imag(*value),
                Value::Str(text) => ExprKind::Str(text.clone()),
                Value::Bytes(data) => ExprKind::Bytes(data.clone()),
            },
            Kind::None => ExprKind::None,
            Kind::True => ExprKind::Bool(true),
            Kind::False => ExprKind::Bool(false),
            Kind::Ellipsis => ExprKind::Ellipsis,
            _ => return None,
        };
        Some(Expr { kind, span: token.span })
    }

    /// Fails, and on the second look says why.
    fn raise<'m>(&mut self, message: impl Into<std::borrow::Cow<'m, str>>, span: Span) -> EmptyErr {
        if self.explain && self.fault.is_none() {
            self.fault = Some(SyntaxError::new(message.into(), span));
        }
        EmptyErr::default()
    }

    fn raise_error(&mut self, error: SyntaxError) -> EmptyErr {
        if self.explain && self.fault.is_none() {
            self.fault = Some(error);
        }
        EmptyErr::default()
    }

    /// Brackets open behind the token at `at`.
    fn level(&mut self, at: usize) -> u16 {
        if self.levels.is_empty() {
            let mut level = 0u16;
            self.levels.extend(self.lexed.tokens.iter().map(|token| {
                level = if token.kind.opens() { level + 1 } else { level.saturating_sub(token.kind.closes() as u16) };
                level
            }));
        }
        self.levels.get(at).copied().unwrap_or(0)
    }
}

/// Orders tokens, those without text too.
fn key(token: &Token) -> u64 {
    let rank = match token.kind {
        Kind::Newline => 0,
        Kind::Indent | Kind::Dedent => 1,
        Kind::End => 3,
        _ => 2,
    };
    (token.span.start as u64) << 2 | rank
}

impl<'t> Inspector<'t, Tokens<'t>> for State<'t> {
    type Checkpoint = ();

    #[inline]
    fn on_token(&mut self, token: &Token) {
        self.furthest = self.furthest.max(key(token));
    }

    fn on_save<'p>(&self, _: &Cursor<'t, 'p, Tokens<'t>>) {}

    fn on_rewind<'p>(&mut self, _: &Checkpoint<'t, 'p, Tokens<'t>, ()>) {}
}

/// One token of a kind.
fn tok<'t>(kind: Kind) -> impl Parser<'t, Tokens<'t>, Token, Extra<'t>> + Copy {
    select! { token if Token::kind(&token) == kind => token }
}

impl Token {
    fn kind(&self) -> Kind {
        self.kind
    }
}

/// An identifier and where it stands.
fn identifier<'t>() -> impl Parser<'t, Tokens<'t>, (Name, Span), Extra<'t>> + Copy {
    tok(Kind::Name).map_with(|token, at: &mut At<'t, '_>| (at.state().name(token), token.span))
}

/// The index of the next token.
fn here(inp: &Input<'_, '_>) -> usize {
    *inp.cursor().inner()
}

/// The kind of the next token.
fn peek(inp: &mut Input<'_, '_>) -> Kind {
    inp.peek_ref().map_or(Kind::End, |token| token.kind)
}

/// The source from the token at `start` to the last one read.
fn since(inp: &mut Input<'_, '_>, start: usize) -> Span {
    let end = here(inp);
    inp.state().span(start, end)
}

/// The source that the tokens just parsed cover.
fn span(at: &mut At<'_, '_>) -> Span {
    let range = at.span();
    at.state().span(range.start, range.end)
}

/// Tries a parser without looking for explanations, and leaves the position as it was.
fn attempt<'t, O>(inp: &mut Input<'t, '_>, parser: &Rule<'t, O>) -> Option<(O, usize)> {
    let before = inp.save();
    let explain = std::mem::replace(&mut inp.state().explain, false);
    let found = inp.parse(parser).ok();
    inp.state().explain = explain;
    let end = here(inp);
    inp.rewind(before);
    found.map(|value| (value, end))
}
