//! The prompt: an editor in front of a session.
//!
//! [`run`] reads a line (or a block), runs it, and shows what it gives, until Ctrl-D. What the keys do stands in
//! `keys`, what the buffer means in `line`, the `%` commands in `magic`.

mod about;
mod command;
mod complete;
mod cpu_time;
mod devices;
mod echo;
mod explain;
mod helper;
mod highlight;
mod hint;
mod history;
mod keys;
mod line;
mod magic;
mod record;
mod scope;
mod timing;
mod variables;

use crate::base::interrupt;
use crate::eval::args::Args;
use crate::eval::guard::guard;
use crate::eval::interp::Echo;
use crate::eval::module::Module;
use crate::eval::{Failure, Interp, Session, Value, modules};
use crate::lang::ast::Block;
use command::Command;
use helper::Prompter;
use owo_colors::OwoColorize;
use record::{Kept, Record, Statement, Tee};
use rustyline::config::BellStyle;
use rustyline::error::ReadlineError;
use rustyline::history::DefaultHistory;
use rustyline::{ColorMode, CompletionType, Config, Editor};
use scope::Scope;
use std::cell::Cell;
use std::io::{BufWriter, IsTerminal, Write};
use std::rc::Rc;

/// How the prompt is to be.
pub struct Options<'a> {
    /// The line at the start; none when empty.
    pub banner: &'a str,
    /// Whether the history is read and kept.
    pub history: bool,
    /// Whether the line is coloured.
    pub color: bool,
    /// Shows a failure on stderr.
    pub report: &'a dyn Fn(&mut Interp, &Failure),
}

/// Whether the session goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flow {
    On,
    Exit(u8),
}

/// A running prompt.
struct Prompt<'a> {
    session: &'a mut Session,
    options: &'a Options<'a>,
    /// Whether a tensor's dtype and shape are shown below it.
    shape: Rc<Cell<bool>>,
    echo: Echo,
    record: Record,
    kept: Kept,
    /// What the next line begins with.
    next_text: Option<String>,
    importable: Rc<Vec<Rc<Module>>>,
}

type LineEditor = Editor<Prompter, DefaultHistory>;

/// Runs the prompt to its end; gives the exit status.
pub fn run(session: &mut Session, options: &Options<'_>) -> u8 {
    let entries = keys::Entries::default();
    let mut editor = match editor(options) {
        Ok(editor) => editor,
        Err(e) => {
            let _ = writeln!(std::io::stderr(), "tensh: no prompt: {e}");
            return 1;
        }
    };
    keys::bind(&mut editor, &entries);
    if options.history {
        history::load(&mut editor, &entries);
    }
    if !options.banner.is_empty() {
        let _ = writeln!(std::io::stdout(), "{}", options.banner);
    }
    let (tee, kept) = Tee::new();
    session.interp.out = BufWriter::with_capacity(1 << 16, Box::new(tee));
    let shape = Rc::new(Cell::new(std::io::stderr().is_terminal()));
    let echo = echo::echo(shape.clone(), options.color);
    let importable = Rc::new(modules::all(&session.interp));
    let record = Record::default();
    let mut prompt = Prompt { session, options, shape, echo, record, kept, next_text: None, importable };
    prompt.read_all(&mut editor, &entries)
}

fn editor(options: &Options<'_>) -> rustyline::Result<LineEditor> {
    let color = if options.color { ColorMode::Forced } else { ColorMode::Disabled };
    let config = Config::builder()
        .max_history_size(history::MOST)?
        .history_ignore_dups(true)?
        .history_ignore_space(true)
        .auto_add_history(false)
        .completion_type(CompletionType::List)
        .completion_show_all_if_ambiguous(true)
        .completion_prompt_limit(200)
        .bell_style(BellStyle::None)
        .color_mode(color)
        .indent_size(4)
        .bracketed_paste(true)
        .build();
    let mut editor = LineEditor::with_config(config)?;
    editor.set_helper(Some(Prompter::new(options.color)));
    Ok(editor)
}

impl Prompt<'_> {
    fn read_all(&mut self, editor: &mut LineEditor, entries: &keys::Entries) -> u8 {
        loop {
            let _ = self.session.interp.out.flush();
            let scope = Scope::of(&self.session.interp, &self.importable);
            if let Some(helper) = editor.helper_mut() {
                helper.scope = scope;
            }
            let read = match self.next_text.take() {
                Some(text) => editor.readline_with_initial(line::PROMPT, (&text, "")),
                None => editor.readline(line::PROMPT),
            };
            // What the scope held must not live on in a running statement.
            let scope = editor.helper_mut().map(|h| std::mem::take(&mut h.scope));
            let buffer = match read {
                Ok(buffer) => buffer,
                Err(ReadlineError::Eof) => return 0,
                Err(ReadlineError::Interrupted | ReadlineError::Signal(_)) => continue,
                Err(e) => {
                    let _ = writeln!(std::io::stderr(), "tensh: {e}");
                    return 1;
                }
            };
            let source = line::source_of(&buffer);
            if source.trim().is_empty() {
                continue;
            }
            let keep = self.options.history;
            history::add(editor, entries, &line::buffer_of(&source), keep);
            let flow = match command::parse(&source) {
                Some(command) => self.command(command, &source, scope.unwrap_or_default()),
                None => {
                    drop(scope);
                    self.statements(&source, &buffer, editor.dimensions())
                }
            };
            if let Flow::Exit(status) = flow {
                let _ = self.session.interp.out.flush();
                return status;
            }
        }
    }

    /// A new entry begins; what the one before it moved is noted while its variables hold it.
    fn begin(&mut self, source: &str) {
        devices::note(&self.session.interp, &mut self.record);
        self.record.begin(source);
    }

    /// Runs a line that is not Python.
    fn command(&mut self, command: Command<'_>, source: &str, scope: Scope) -> Flow {
        self.begin(source);
        let _ = interrupt::check();
        let done = match command {
            Command::Quit if scope.defines(source.trim()) => {
                drop(scope);
                self.run_one(source);
                return Flow::On;
            }
            Command::Quit => return Flow::Exit(0),
            Command::Help { name, deep } => match about::about(&mut self.session.interp, &scope, name, deep) {
                Ok(text) => self.print(&text),
                Err(text) => Err(text),
            },
            Command::Shell(command) => magic::shell(self, command),
            Command::Magic { name, rest } => {
                drop(scope);
                magic::run(self, name, rest)
            }
        };
        match done {
            Ok(flow) => flow,
            Err(text) if text.is_empty() => Flow::On,
            Err(text) => {
                let _ = self.session.interp.out.flush();
                let _ = writeln!(self.session.interp.err, "{text}");
                Flow::On
            }
        }
    }

    /// Runs Python. What was pasted as several statements is shown and run one by one, so that the screen reads as if
    /// they had been typed.
    fn statements(&mut self, source: &str, buffer: &str, size: Option<(u16, u16)>) -> Flow {
        self.begin(source);
        let list = line::statements(source).unwrap_or_default();
        let as_typed = match &list[..] {
            [one] => line::same_text(buffer, one),
            list => list.is_empty(),
        };
        if as_typed {
            return self.run_one(source.trim_end());
        }
        if let Some((columns, rows)) = size {
            let used = line::rows(buffer, columns.into());
            if used < usize::from(rows) && std::io::stdout().is_terminal() {
                let _ = write!(self.session.interp.out, "\x1b[{used}A\r\x1b[J");
                return self.run_each(&list, true);
            }
        }
        self.run_each(&list, false)
    }

    fn run_each(&mut self, list: &[String], show: bool) -> Flow {
        for statement in list {
            if show {
                let text = line::buffer_of(statement);
                let text = match self.options.color {
                    true => {
                        let prompt = line::PROMPT.style(highlight::prompt_style()).to_string();
                        format!("{prompt}{}\n", highlight::highlight(&text, None))
                    }
                    false => format!("{}{text}\n", line::PROMPT),
                };
                let _ = self.session.interp.out.write_all(text.as_bytes());
                let _ = self.session.interp.out.flush();
            }
            let failed = self.record.failures();
            let flow = self.run_one(statement);
            if flow != Flow::On || self.record.failures() > failed {
                return flow;
            }
        }
        Flow::On
    }

    /// Runs one statement, or several on one line, of the newest entry.
    fn run_one(&mut self, source: &str) -> Flow {
        let _ = self.session.interp.out.flush();
        self.kept.take();
        let name = format!("<prompt:{}>", self.record.count());
        let (flow, error) = self.run_source(&name, source, Some(self.echo.clone()));
        let output = self.kept.take();
        self.record.ran(Statement { source: source.to_owned(), output, error });
        flow
    }

    /// Runs a source with an echo of its own; whether it ran to its end.
    fn run_quietly(&mut self, name: &str, source: &str, echo: Option<Echo>) -> (bool, Flow) {
        let (flow, error) = self.run_source(name, source, echo);
        (error.is_none() && flow == Flow::On, flow)
    }

    fn run_source(&mut self, name: &str, source: &str, echo: Option<Echo>) -> (Flow, Option<String>) {
        self.run_changed(name, source, echo, &mut |_| {})
    }

    /// Runs a source after a change to its statements.
    fn run_changed(
        &mut self,
        name: &str,
        source: &str,
        echo: Option<Echo>,
        change: &mut dyn FnMut(&mut Block),
    ) -> (Flow, Option<String>) {
        // A Ctrl-C of before is not meant for this.
        let _ = interrupt::check();
        self.session.set_echo(echo);
        let mut error = None;
        let report = self.options.report;
        let outcome = self.session.run_changed(name, source, change, &mut |it, failure| {
            error.get_or_insert_with(|| record::last_line(failure));
            fresh_line_after_interrupt(it, failure);
            report(it, failure);
        });
        let _ = self.session.interp.out.flush();
        (outcome.exit.map_or(Flow::On, |status| Flow::Exit(status as u8)), error)
    }

    /// Calls a function of the session; whether it returned.
    fn call(&mut self, function: &Value, args: Args) -> (bool, Flow) {
        let it = &mut self.session.interp;
        it.echo = None;
        let failure = match guard(|| it.call(function, args)) {
            Ok(Ok(_)) => return (true, Flow::On),
            Ok(Err(raise)) => Failure::Raised(Box::new(it.uncaught(raise))),
            Err(message) => Failure::Internal(message),
        };
        it.reset();
        fresh_line_after_interrupt(it, &failure);
        (self.options.report)(it, &failure);
        (false, Flow::On)
    }

    /// Shows a value as an expression statement's.
    fn show(&mut self, value: &Value) {
        let echo = self.echo.clone();
        if let Err(raise) = echo(&mut self.session.interp, value) {
            let uncaught = self.session.interp.uncaught(raise);
            (self.options.report)(&mut self.session.interp, &Failure::Raised(Box::new(uncaught)));
        }
    }

    /// Prints a command's result.
    fn print(&mut self, text: &str) -> Result<Flow, String> {
        let out = &mut self.session.interp.out;
        out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|e| e.to_string())?;
        Ok(Flow::On)
    }

    /// Says something that is no result.
    fn note(&mut self, text: &str) {
        let _ = self.session.interp.out.flush();
        let _ = writeln!(self.session.interp.err, "{text}");
    }
}

/// A terminal shows `^C` where the cursor is: the report begins on a line of its own.
fn fresh_line_after_interrupt(it: &mut Interp, failure: &Failure) {
    let interrupted =
        matches!(failure, Failure::Raised(u) if u.error.kind() == crate::base::ErrorKind::KeyboardInterrupt);
    if interrupted && std::io::stderr().is_terminal() {
        let _ = it.out.flush();
        let _ = writeln!(it.err);
    }
}
