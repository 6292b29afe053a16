//! `tensh test`: golden files, each in a session of its own.

use super::new_session;
use crate::eval::session::plain_echo;
use crate::eval::{Failure, Session};
use crate::golden::{self, Outcome, Runner, Settings};
use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

/// Runs the golden files; gives the exit status.
pub fn run(settings: &Settings) -> u8 {
    let new: &golden::NewSession = &|| Box::new(Player::new());
    match golden::test(settings, new, &mut io::stdout().lock()) {
        Ok(status) => status,
        Err(_) => 1,
    }
}

/// What a session printed since it was last taken.
#[derive(Clone, Default)]
struct Captured(Rc<RefCell<Vec<u8>>>);

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Player {
    session: Session,
    out: Captured,
}

/// Bytes of a golden thread's stack that calls may use.
const STACK: usize = 200 << 20;

impl Player {
    fn new() -> Player {
        let out = Captured::default();
        let here = 0u8;
        let stack_end = std::ptr::from_ref(&here).addr().saturating_sub(STACK);
        let mut session = new_session(Box::new(out.clone()), Box::new(io::sink()), stack_end);
        session.set_echo(Some(plain_echo()));
        // Every file begins as a fresh process does.
        crate::print::tensor::restore_print_options(crate::print::tensor::PrintOptions::DEFAULT);
        crate::base::promote::set_default_dtype(crate::base::DType::F32);
        Player { session, out }
    }
}

impl Runner for Player {
    fn run(&mut self, source: &str) -> Outcome {
        let mut error = None;
        self.session.run("<golden>", source, &mut |_, failure| {
            let text = match failure {
                Failure::Raised(u) => u.error.to_string(),
                Failure::Syntax { errors, .. } => {
                    errors.first().map_or_else(String::new, |e| format!("{}: {}", e.kind.qualified(), e.message))
                }
            };
            error.get_or_insert(text);
        });
        let _ = self.session.interp.out.flush();
        let stdout = String::from_utf8_lossy(&self.out.0.take()).into_owned();
        Outcome { stdout, error }
    }
}
