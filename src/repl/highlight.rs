//! Colours of the line being typed: the lexer's tokens, comments, and the bracket that belongs to the one at the cursor.

use super::command;
use super::line;
use crate::lang::lexer::lex;
use crate::lang::token::{Kind, Token};
use owo_colors::{OwoColorize, Style};
use std::ops::Range;

/// The buffer with colours; `cursor` is where matching brackets are looked for.
pub fn highlight(buffer: &str, cursor: Option<usize>) -> String {
    let lines = line::lines(buffer);
    let mut source = String::with_capacity(buffer.len());
    // Where the source's lines begin in the buffer, for the cursor.
    let mut at = 0;
    let mut place = None;
    for (i, (prompt, text)) in lines.iter().enumerate() {
        if i > 0 {
            source.push('\n');
        }
        if let Some(c) = cursor.filter(|c| (at + prompt.len()..=at + prompt.len() + text.len()).contains(c)) {
            place = Some(source.len() + c - at - prompt.len());
        }
        source.push_str(text);
        at += prompt.len() + text.len() + 1;
    }
    let mut out = String::with_capacity(buffer.len() * 2);
    let mut prompts = lines.iter().map(|(prompt, _)| *prompt);
    let prompt = |out: &mut String, prompt: Option<&str>| {
        let prompt = prompt.unwrap_or("");
        if !prompt.is_empty() {
            out.push_str(&prompt.style(prompt_style()).to_string());
        }
    };
    prompt(&mut out, prompts.next());
    for (style, range) in parts(&source, place) {
        for (i, piece) in source[range].split('\n').enumerate() {
            if i > 0 {
                out.push('\n');
                prompt(&mut out, prompts.next());
            }
            match style {
                Some(style) if !piece.trim().is_empty() => out.push_str(&piece.style(style).to_string()),
                _ => out.push_str(piece),
            }
        }
    }
    out
}

/// How the prompts look.
pub fn prompt_style() -> Style {
    Style::new().green().bold()
}

/// The stretches of a source that cover it, each with its style.
fn parts(source: &str, cursor: Option<usize>) -> Vec<(Option<Style>, Range<usize>)> {
    let mut out = Vec::new();
    if command::parse(source).is_some() {
        let end = source.find(|c: char| c.is_whitespace()).unwrap_or(source.len());
        return vec![(Some(Style::new().cyan().bold()), 0..end), (None, end..source.len())];
    }
    let lexed = lex(source);
    let pair = cursor.and_then(|at| matching(&lexed.tokens, at));
    let mut at = 0;
    for (i, token) in lexed.tokens.iter().enumerate() {
        let range = token.span.range();
        if range.is_empty() || range.start < at || range.end > source.len() {
            continue;
        }
        between(&mut out, source, at..range.start);
        let style = match pair {
            Some((a, b)) if i == a || i == b => Some(Style::new().yellow().bold().underline()),
            _ => style_of(token.kind),
        };
        out.push((style, range.clone()));
        at = range.end;
    }
    between(&mut out, source, at..source.len());
    out
}

/// What stands between tokens: blanks and comments.
fn between(out: &mut Vec<(Option<Style>, Range<usize>)>, source: &str, range: Range<usize>) {
    if range.is_empty() {
        return;
    }
    let start = range.start;
    for line in source[range.clone()].split_inclusive('\n') {
        let from = out.last().map_or(start, |(_, r)| r.end).max(start);
        let comment = line.find('#').map_or(line.len(), |n| n) + from;
        let end = from + line.len();
        out.push((None, from..comment));
        out.push((Some(Style::new().dimmed()), comment..end));
    }
}

fn style_of(kind: Kind) -> Option<Style> {
    match kind {
        Kind::None | Kind::True | Kind::False | Kind::Number => Some(Style::new().cyan()),
        Kind::Str | Kind::FStart | Kind::FText | Kind::FEnd => Some(Style::new().green()),
        Kind::FOpen | Kind::FClose | Kind::FConversion | Kind::FColon | Kind::FLabel => Some(Style::new().yellow()),
        kind if kind.is_keyword() => Some(Style::new().magenta()),
        _ => None,
    }
}

/// The pair of brackets of which one stands at or before the cursor, as places in the tokens.
fn matching(tokens: &[Token], at: usize) -> Option<(usize, usize)> {
    let bracket = |t: &Token| t.kind.opens() || t.kind.closes();
    let touches = |t: &&Token, at: usize| bracket(t) && t.span.range().start == at && !t.span.range().is_empty();
    let before = at.checked_sub(1).and_then(|at| tokens.iter().position(|t| touches(&t, at)));
    let here = before.or_else(|| tokens.iter().position(|t| touches(&t, at)))?;
    let opens = tokens[here].kind.opens();
    let mut depth = 0i32;
    let mut step = |i: usize| {
        let kind = tokens[i].kind;
        depth += if kind.opens() {
            1
        } else if kind.closes() {
            -1
        } else {
            0
        };
        (depth == 0).then_some(i)
    };
    let other = if opens { (here..tokens.len()).find_map(&mut step) } else { (0..=here).rev().find_map(&mut step) }?;
    Some((here, other))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text without its colours.
    fn plain(text: &str) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('\x1b') {
            out.push_str(&rest[..at]);
            rest = rest[at..].split_once('m').map_or("", |(_, rest)| rest);
        }
        out + rest
    }

    #[test]
    fn colours_change_no_letter() {
        for text in [
            "def f(x, y=1): # word",
            "def f():\n...     return 'a\n... b'",
            "f'{x!r:>{w}} {y=}' + \"\"\"a\n# b\n",
            "x = [1, 2.5e3, 0x1f # c\n... # d\n... ]",
            "%timeit x",
            "é = 'ü' $ ? 日本",
            "",
            "\\\n",
            ">>> x\n1",
        ] {
            for cursor in 0..=text.len() {
                assert_eq!(plain(&highlight(text, Some(cursor))), text);
            }
        }
    }

    #[test]
    fn brackets_find_each_other() {
        let tokens = lex("f(a[1], (2))").tokens;
        assert_eq!(matching(&tokens, 1), Some((1, 10)));
        assert_eq!(matching(&tokens, 12), Some((10, 1)));
        assert_eq!(matching(&tokens, 6), Some((5, 3)));
        assert_eq!(matching(&tokens, 0), None);
    }
}
