//! A session: sources run one after the other in one scope.

use super::code::{Body, Stmt};
use super::guard::guard;
use super::interp::{Echo, Frame, Interp};
use super::lower::{LowerError, lower_module};
use super::raise::{Exc, Raise, Res, Source, Uncaught};
use super::torch::cuda;
use super::value::Value;
use crate::base::{Error, ErrorKind, interrupt};
use crate::lang::ast::Block;
use crate::lang::{self, SyntaxError};
use crate::tensor::devices;
use std::io::Write;
use std::rc::Rc;

/// Bytes of stack that a session's thread gets: enough for Python's 1000 nested calls in a debug build.
pub const STACK: usize = 512 << 20;

/// Bytes of stack that are kept for what runs between two checks.
const STACK_RESERVE: usize = 16 << 20;

/// The evaluator and its streams.
pub struct Session {
    /// The evaluator.
    pub interp: Interp,
    /// Whether a source goes on behind a statement that failed.
    pub keep_going: bool,
}

/// Why a source did not run to its end.
#[derive(Debug)]
pub enum Failure {
    /// It could not be read: nothing of it ran.
    Syntax {
        /// The text.
        source: Rc<Source>,
        /// What is wrong, the first error as CPython reports it.
        errors: Vec<SyntaxError>,
    },
    /// A statement raised what nothing caught.
    Raised(Box<Uncaught>),
    /// A panic of ours, with its message and place.
    Internal(String),
}

impl Session {
    /// A session that writes to these streams.
    pub fn new(out: Box<dyn Write>, err: Box<dyn Write>) -> Session {
        Session { interp: Interp::new(out, err), keep_going: false }
    }

    /// Sets what happens with the value of an expression statement.
    pub fn set_echo(&mut self, echo: Option<Echo>) {
        self.interp.echo = echo;
    }

    /// Runs a source, statement by statement; every failure goes to `report`, which may print it.
    /// Without `keep_going` the first failure ends the run. `SystemExit` always ends it.
    ///
    /// Returns the failures' count, or the status that the script asked to exit with.
    pub fn run(&mut self, name: &str, text: &str, report: &mut dyn FnMut(&mut Interp, &Failure)) -> Outcome {
        self.run_changed(name, text, &mut |_| {}, report)
    }

    /// As [`Session::run`], after `change` was made to the statements; failures show the source as it was.
    pub fn run_changed(
        &mut self,
        name: &str,
        text: &str,
        change: &mut dyn FnMut(&mut Block),
        report: &mut dyn FnMut(&mut Interp, &Failure),
    ) -> Outcome {
        match guard(|| self.run_all(name, text, change, report)) {
            Ok(outcome) => outcome,
            Err(message) => {
                self.interp.reset();
                report(&mut self.interp, &Failure::Internal(message));
                Outcome { failures: 1, exit: None }
            }
        }
    }

    fn run_all(
        &mut self,
        name: &str,
        text: &str,
        change: &mut dyn FnMut(&mut Block),
        report: &mut dyn FnMut(&mut Interp, &Failure),
    ) -> Outcome {
        let source = Rc::new(Source { name: name.to_owned(), text: text.to_owned() });
        let mut block = match lang::parse(text) {
            Ok(block) => block,
            Err(errors) => {
                report(&mut self.interp, &Failure::Syntax { source, errors });
                return Outcome { failures: 1, exit: None };
            }
        };
        change(&mut block);
        let code = match lower_module(&block, &source, &mut self.interp.globals) {
            Ok(code) => code,
            Err(LowerError { span, message }) => {
                let errors = vec![SyntaxError::new(message, span)];
                report(&mut self.interp, &Failure::Syntax { source, errors });
                return Outcome { failures: 1, exit: None };
            }
        };
        drop(block);
        // Views that are made before the first tensor asks for gradients are to know what they are views of.
        if text.contains("requires_grad") {
            crate::tensor::place::watch();
        }
        let mut outcome = Outcome { failures: 0, exit: None };
        let Body::Block(statements) = &code.body else { return outcome };
        let mut frame = Frame { code: &code, locals: vec![Value::Unset; code.slots.len()] };
        for stmt in statements {
            let result = self.interp.top(&mut frame, stmt);
            for note in devices::notes() {
                let _ = self.interp.out.flush();
                let _ = writeln!(self.interp.err, "note: {note}");
            }
            let Err(raise) = result else { continue };
            let uncaught = self.interp.uncaught(raise);
            self.interp.reset();
            if let Some(status) = uncaught.exit {
                outcome.exit = Some(status);
                return outcome;
            }
            outcome.failures += 1;
            let interrupted = uncaught.error.kind() == ErrorKind::KeyboardInterrupt;
            report(&mut self.interp, &Failure::Raised(Box::new(uncaught)));
            if interrupted || !self.keep_going {
                break;
            }
        }
        outcome
    }
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// How many failures there were.
    pub failures: usize,
    /// The status that the script asked to exit with.
    pub exit: Option<i32>,
}

impl Interp {
    /// Runs a source of ours, of definitions only, and gives what `name` then means.
    ///
    /// # Errors
    /// `SyntaxError`, and what the source raises.
    pub fn define(&mut self, text: &str, name: &str) -> Result<Value, Error> {
        let source = Rc::new(Source { name: Source::OWN.to_owned(), text: text.to_owned() });
        let block = lang::parse(text)
            .map_err(|e| crate::base::error::syntax_error(e.first().map_or_else(String::new, |e| e.message.clone())))?;
        let code = lower_module(&block, &source, &mut self.globals)
            .map_err(|e| crate::base::error::syntax_error(e.message))?;
        let Body::Block(statements) = &code.body else { return Ok(Value::None) };
        let mut frame = Frame { code: &code, locals: vec![Value::Unset; code.slots.len()] };
        for stmt in statements {
            self.top(&mut frame, stmt)?;
        }
        Ok(self.globals.get(name).unwrap_or(Value::None))
    }

    /// Runs a statement at the top level.
    fn top(&mut self, f: &mut Frame, stmt: &Stmt) -> Res<()> {
        interrupt::stoppable(|| Ok(self.stmt(f, stmt).map(drop)))?
    }

    /// Makes an exception ready to be shown.
    pub fn uncaught(&mut self, raise: Raise) -> Uncaught {
        let exc = raise.into_exc();
        let exit = match exc.kind {
            ErrorKind::SystemExit => Some(self.exit_status(&exc.args)),
            _ => None,
        };
        let mut causes = Vec::new();
        let mut cause = exc.cause.borrow().clone();
        while let Some(exc) = cause.filter(|_| causes.len() < 16) {
            causes.push(self.error_of(&exc).to_string());
            cause = exc.cause.borrow().clone();
        }
        let origin = exc.origin.borrow().clone();
        Uncaught { error: self.error_of(&exc), origin, causes, exit }
    }

    fn error_of(&mut self, exc: &Exc) -> Error {
        // A message that cannot be made does not hide the exception.
        let message = self.message(exc).unwrap_or_else(|_| "<exception str() failed>".to_owned());
        let error = Error::new(exc.kind, message);
        match (&exc.help, exc.kind) {
            // What has no text of its own here is one of the operands.
            (Some(help), _) => {
                error.help((0..4).fold(help.clone(), |h, i| h.replace(&format!("{{{i}}}"), "the tensor")))
            }
            (None, ErrorKind::OutOfMemoryError) => match cuda::blame(self) {
                Some(help) => error.help(help),
                None => error,
            },
            _ => error,
        }
    }
}

/// Python's own echo: the value's repr and a newline on stdout.
pub fn plain_echo() -> Echo {
    Rc::new(|it: &mut Interp, value: &Value| {
        let text = it.repr(value)?;
        super::builtins::write_out(it, &text)?;
        super::builtins::write_out(it, "\n")
    })
}

/// Runs `body` on a thread with a stack for deep recursion; it gets the address that calls must not go below.
pub fn on_large_stack<T: Send>(body: impl FnOnce(usize) -> T + Send) -> std::io::Result<T> {
    crate::store::watch::start();
    std::thread::scope(|scope| {
        let thread =
            std::thread::Builder::new().stack_size(STACK).name("tensh".to_owned()).spawn_scoped(scope, || {
                let here = 0u8;
                let top = std::ptr::from_ref(&here) as usize;
                body(top.saturating_sub(STACK - STACK_RESERVE))
            })?;
        match thread.join() {
            Ok(value) => Ok(value),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}
