//! What the editor asks while a line is typed.

use super::command;
use super::complete::complete;
use super::highlight::{highlight, prompt_style};
use super::hint::{self, Hint};
use super::line::{PROMPT, source_of};
use super::scope::Scope;
use crate::lang::{Completeness, completeness};
use owo_colors::{OwoColorize, Style};
use rustyline::completion::Completer;
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::Hinter;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{Context, Helper};
use std::borrow::Cow;
use std::cell::Cell;

/// The editor's helper.
#[derive(Default)]
pub struct Prompter {
    /// The names of the session, while a line is edited.
    pub scope: Scope,
    /// Whether hints are shown: without colours they would look like what was typed.
    hints: bool,
    /// The line is being taken: no brackets are marked any more.
    pub(super) last: Cell<bool>,
}

impl Prompter {
    /// A helper without names yet.
    pub fn new(hints: bool) -> Prompter {
        Prompter { hints, ..Prompter::default() }
    }
}

impl Helper for Prompter {}

impl Validator for Prompter {
    fn validate(&self, context: &mut ValidationContext) -> rustyline::Result<ValidationResult> {
        let source = source_of(context.input());
        let more = command::parse(&source).is_none() && completeness(&source) == Completeness::Incomplete;
        Ok(if more { ValidationResult::Incomplete } else { ValidationResult::Valid(None) })
    }
}

impl Completer for Prompter {
    type Candidate = String;

    fn complete(&self, line: &str, at: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<String>)> {
        let (typed, candidates) = complete(&source_of(&line[..at]), &self.scope);
        Ok((at - typed.min(at), candidates))
    }
}

impl Hinter for Prompter {
    type Hint = Hint;

    fn hint(&self, line: &str, at: usize, context: &Context<'_>) -> Option<Hint> {
        if at < line.len() || !self.hints {
            return None;
        }
        hint::of_call(&source_of(line), &self.scope).or_else(|| hint::of_history(line, context))
    }
}

impl Highlighter for Prompter {
    fn highlight<'l>(&self, line: &'l str, at: usize) -> Cow<'l, str> {
        let cursor = if self.last.get() { None } else { Some(at) };
        Cow::Owned(highlight(line, cursor))
    }

    fn highlight_prompt<'b, 's: 'b, 'p: 'b>(&'s self, prompt: &'p str, _: bool) -> Cow<'b, str> {
        if prompt == PROMPT { Cow::Owned(prompt.style(prompt_style()).to_string()) } else { Cow::Borrowed(prompt) }
    }

    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        Cow::Owned(hint.style(Style::new().dimmed()).to_string())
    }

    fn highlight_char(&self, _: &str, _: usize, kind: CmdKind) -> bool {
        self.last.set(kind == CmdKind::ForcedRefresh);
        true
    }
}
