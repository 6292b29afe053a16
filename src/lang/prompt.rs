//! What the prompt asks of a text: whether it is a whole statement, and how far to indent the line below.

use super::lexer::{Lexed, lex};
use super::token::Kind;

/// Whether a text can run as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Completeness {
    /// It can.
    Complete,
    /// More must follow: an open bracket or string, a block without its end.
    Incomplete,
    /// No further text can mend it.
    Invalid,
}

/// Whether a text typed at the prompt is complete. A compound statement ends with an empty line, as in Python.
pub fn completeness(source: &str) -> Completeness {
    let lexed = lex(source);
    // The lexer's errors come first, but one that more text mends may hide an earlier one that nothing mends.
    let (block, errors) = super::analyse(source, &lexed);
    if !errors.is_empty() {
        let mendable = errors.iter().all(|error| error.incomplete);
        return if mendable { Completeness::Incomplete } else { Completeness::Invalid };
    }
    let last_line = source.rsplit('\n').next().unwrap_or("");
    match block.last() {
        Some(_) if ends_in_compound(&lexed) && !last_line.trim().is_empty() => Completeness::Incomplete,
        _ => Completeness::Complete,
    }
}

/// Whether more input is needed, and nothing else is wrong.
pub fn is_incomplete(source: &str) -> bool {
    completeness(source) == Completeness::Incomplete
}

/// Whether the last statement at the outermost level is a compound one.
fn ends_in_compound(lexed: &Lexed) -> bool {
    let mut level = 0i32;
    let mut first = None;
    let mut at_start = true;
    for token in &lexed.tokens {
        match token.kind {
            Kind::Indent => level += 1,
            Kind::Dedent => level -= 1,
            Kind::Newline => {}
            Kind::End => break,
            kind if at_start && level == 0 => first = Some(kind),
            _ => {}
        }
        at_start = matches!(token.kind, Kind::Newline | Kind::Dedent | Kind::Indent);
    }
    let simple = |kind| {
        use Kind::{At, Def, Elif, Else, Except, Finally, For, If, Try, While, With};
        !matches!(kind, If | For | While | Def | With | Try | At | Elif | Else | Except | Finally)
    };
    first.is_some_and(|kind| !simple(kind))
}

/// The blanks that the line below `source` should begin with.
pub fn next_indent(source: &str) -> String {
    let lexed = lex(source);
    let line = source.rsplit('\n').next().unwrap_or("");
    let blanks = &line[..line.len() - line.trim_start_matches([' ', '\t']).len()];
    let line_start = source.len() - line.len();
    if let Some(open) = lexed.unclosed {
        let deeper = open.span.start as usize >= line_start;
        return if deeper { format!("{blanks}    ") } else { blanks.to_owned() };
    }
    let mut on_line = lexed.tokens.iter().filter(|token| {
        let written = !matches!(token.kind, Kind::Newline | Kind::Indent | Kind::Dedent | Kind::End);
        written && token.span.start as usize >= line_start
    });
    let first = on_line.next().copied();
    let last = on_line.next_back().copied().or(first);
    match (first.map(|token| token.kind), last.map(|token| token.kind)) {
        (_, Some(Kind::Colon)) => format!("{blanks}    "),
        (Some(Kind::Return | Kind::Pass | Kind::Break | Kind::Continue | Kind::Raise), _) => {
            let shorter = blanks.strip_suffix("    ").or_else(|| blanks.strip_suffix('\t'));
            shorter.unwrap_or("").to_owned()
        }
        _ => blanks.to_owned(),
    }
}
