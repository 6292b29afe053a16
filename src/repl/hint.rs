//! Hints behind the cursor: the parameters of the call being typed, or the rest of an earlier entry.

use super::scope::{Scope, open_call};
use crate::lang::lexer::lex;
use rustyline::Context;
use rustyline::history::SearchDirection;

/// A hint; only what came from the history can be taken over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    display: String,
    completion: Option<String>,
}

impl rustyline::hint::Hint for Hint {
    fn display(&self) -> &str {
        &self.display
    }

    fn completion(&self) -> Option<&str> {
        self.completion.as_deref()
    }
}

/// The parameters, right behind a `(`.
pub fn of_call(source: &str, scope: &Scope) -> Option<Hint> {
    if !source.ends_with('(') {
        return None;
    }
    let (function, _) = open_call(source, &lex(source))?;
    let manual = scope.resolve(function)?.manual()?;
    let signature = manual.signatures.last()?;
    let start = signature.find('(')? + 1;
    let parameters = signature[start..].split(" -> ").next()?;
    (parameters.len() < 120).then(|| Hint { display: parameters.to_owned(), completion: None })
}

/// The rest of the last entry that begins as the line does.
pub fn of_history(buffer: &str, context: &Context<'_>) -> Option<Hint> {
    if buffer.trim().len() < 2 || buffer.contains('\n') {
        return None;
    }
    let newest = context.history_index().min(context.history().len().checked_sub(1)?);
    let found = context.history().starts_with(buffer, newest, SearchDirection::Reverse).ok()??;
    let rest = found.entry.get(buffer.len()..).filter(|rest| !rest.is_empty())?.to_owned();
    let first = rest.split('\n').next().unwrap_or("");
    let display = if first.len() < rest.len() { format!("{first} ...") } else { first.to_owned() };
    Some(Hint { display, completion: Some(rest) })
}
