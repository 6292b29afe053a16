//! After an error: what to say of it, and where to go on.

use super::target::continues_compound;
use super::*;
use crate::lang::ast::{Stmt, StmtKind};
use crate::lang::{MOST_ERRORS, line_of};
use chumsky::recovery::via_parser;

/// Appends a statement's or line's statements to a block.
pub(super) fn join(mut block: Block, mut more: Block) -> Block {
    block.append(&mut more);
    block
}

/// A statement that, when it fails, is reported and skipped.
pub(super) fn recovering<'t>(statement: Rule<'t, Block>) -> Rule<'t, Block> {
    let skip = {
        let statement = statement.clone();
        custom(move |inp: &mut Input<'t, '_>| skip(inp, &statement))
    };
    statement.recover_with(via_parser(skip)).boxed()
}

fn skip<'t>(inp: &mut Input<'t, '_>, statement: &Rule<'t, Block>) -> Parsed<Block> {
    // Here a block or the file ends, and there is no statement.
    if matches!(peek(inp), Kind::Dedent | Kind::End) {
        return Err(EmptyErr::default());
    }
    let start = here(inp);
    // A text with so many errors is no program: the rest is not looked at.
    let enough = inp.state().errors.len() > MOST_ERRORS;
    if !inp.state().explain && !enough {
        report(inp, statement, start);
    }
    let mut level = 0i32;
    loop {
        let kind = peek(inp);
        if kind == Kind::End || (kind == Kind::Dedent && level == 0) {
            break;
        }
        inp.skip();
        level += i32::from(kind == Kind::Indent) - i32::from(kind == Kind::Dedent);
        let next = peek(inp);
        let at_end = matches!(kind, Kind::Newline | Kind::Dedent) && level == 0 && next != Kind::Indent;
        if at_end && !enough && !continues_compound(next) {
            break;
        }
    }
    let span = since(inp, start);
    let value = Expr { kind: ExprKind::Error, span };
    Ok(vec![Stmt { kind: StmtKind::Expr { value, quiet: true }, span }])
}

/// Adds the error of the statement that begins at `start`, which has just failed.
fn report<'t>(inp: &mut Input<'t, '_>, statement: &Rule<'t, Block>, start: usize) {
    let furthest = inp.state().furthest;
    let before = inp.save();
    let state = inp.state();
    state.explain = true;
    state.fault = None;
    let _ = inp.parse(statement);
    inp.rewind(before);
    let state = inp.state();
    state.explain = false;
    let tokens = &state.lexed.tokens;
    let at = tokens.partition_point(|token| key(token) < furthest).min(tokens.len() - 1).max(start);
    // What the lexer has reported needs no second report; its mark may stand behind the token at fault.
    let end = tokens[at].span.end;
    if tokens[start..].iter().take_while(|token| token.span.start <= end).any(|token| token.kind == Kind::Error) {
        state.fault = None;
        return;
    }
    let fault = state.fault.take();
    let error = choose(state, fault, start, at);
    if !state.errors.contains(&error) {
        state.errors.push(error);
    }
}

fn choose(state: &State<'_>, fault: Option<SyntaxError>, start: usize, at: usize) -> SyntaxError {
    let token = state.token(at);
    // The blocks that are open at the end of the text end there, too.
    let at_end = state.lexed.tokens[at..].iter().all(|token| matches!(token.kind, Kind::Dedent | Kind::End));
    if let Some(open) = state.lexed.unclosed {
        let line = |span: Span| line_of(state.text, span.start as usize);
        let comma = fault.as_ref().is_some_and(|fault| fault.message.ends_with("forgot a comma?"));
        let place = fault.as_ref().map_or(token.span, |fault| fault.span);
        if at_end || comma || line(place) > line(open.span) {
            let mut error = SyntaxError::new(format!("'{}' was never closed", open.kind.text()), open.span);
            error.incomplete = at_end;
            return error;
        }
    }
    let mut error = match fault {
        Some(fault) => fault,
        None => generic(state, start, token),
    };
    error.incomplete |= at_end;
    if in_field(state, at) && !error.message.starts_with("f-string") {
        error.message.insert_str(0, "f-string: ");
    }
    error
}

/// Whether the token at `at` is part of an f-string's field.
fn in_field(state: &State<'_>, at: usize) -> bool {
    let mut depth = 0i32;
    for token in state.lexed.tokens[..at].iter().rev().take_while(|token| token.kind != Kind::Newline) {
        match token.kind {
            Kind::FClose => depth += 1,
            Kind::FOpen if depth == 0 => return true,
            Kind::FOpen => depth -= 1,
            _ => {}
        }
    }
    false
}

/// The error that no rule has words for.
fn generic(state: &State<'_>, start: usize, token: Token) -> SyntaxError {
    if token.kind == Kind::Indent {
        return SyntaxError::indentation("unexpected indent", token.span);
    }
    let first = state.token(start);
    if first.kind == Kind::Name && token.kind == Kind::Name || token.kind == Kind::Colon {
        let word = if first.kind == Kind::Name { state.name(first) } else { Name::from("") };
        let line_end = state.lexed.tokens[start..].iter().position(|token| token.kind == Kind::Newline);
        let colon = line_end.is_some_and(|end| end > 0 && state.token(start + end - 1).kind == Kind::Colon);
        if &*word == "match" && colon {
            return SyntaxError::new("tensh has no 'match' statement", first.span).help("use if and elif");
        }
    }
    let error = SyntaxError::new("invalid syntax", token.span);
    match token.kind {
        kind if kind.is_keyword() && start_is_assigned(state, start, token) => {
            error.help(format!("'{}' is a keyword and cannot be a name", kind.text()))
        }
        Kind::Walrus => error.help("put parentheses around the whole name := value"),
        _ => error,
    }
}

/// Whether a keyword stands where a name would make sense: first in its statement, before an `=`.
fn start_is_assigned(state: &State<'_>, start: usize, token: Token) -> bool {
    state.token(start) == token && state.token(start + 1).kind == Kind::Assign
}

/// The error for a block that is not there: `header` is its clause's keyword, `next` what stands in its place.
pub(super) fn missing_block(state: &State<'_>, header: Token, next: Token) -> SyntaxError {
    let line = line_of(state.text, header.span.start as usize);
    let what = match header.kind {
        Kind::Def => "function definition".to_owned(),
        kind => format!("'{}' statement", kind.text()),
    };
    SyntaxError::indentation(format!("expected an indented block after {what} on line {line}"), next.span)
}

/// The error for a word of Python's that tensh has no statement or expression for.
pub(super) fn unsupported(token: Token) -> SyntaxError {
    let (what, help) = match token.kind {
        Kind::Class => ("'class' statement", "use functions and dicts"),
        Kind::Async => ("'async'", "leave it out: calls return when they are done"),
        Kind::Await => ("'await'", "leave it out: calls return when they are done"),
        Kind::Yield => ("'yield'", "return a list, or use a generator expression"),
        _ => ("'except*'", "use except"),
    };
    SyntaxError::new(format!("tensh has no {what}"), token.span).help(help)
}
