//! The evaluator as a runner of examples.

use super::{Outcome, Runner};
use crate::base::Device;
use crate::base::device::{set_default_device, set_host_numbers};
use crate::eval::session::plain_echo;
use crate::eval::{Failure, Session};
use crate::print::tensor::set_home;
use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

/// Makes a session that writes to the streams given, stdout first.
pub type MakeSession = fn(Box<dyn Write>, Box<dyn Write>) -> Session;

/// A session of the evaluator whose stdout is kept; stderr is not, as in Python's doctest.
pub struct Evaluator {
    session: Session,
    out: Kept,
}

impl Evaluator {
    /// A fresh session on this thread, in which no call goes below the stack address `stack_end`.
    /// Tensors are made on `device`, and printed and drawn as those of the CPU are, unless `device` is the CPU: then each is its own.
    pub fn new(make: MakeSession, stack_end: usize, device: Device) -> Evaluator {
        set_default_device(device);
        set_home(device);
        set_host_numbers(device != Device::Cpu);
        let out = Kept::default();
        let mut session = make(Box::new(out.clone()), Box::new(io::sink()));
        session.interp.stack_end = stack_end;
        session.set_echo(Some(plain_echo()));
        Evaluator { session, out }
    }
}

impl Runner for Evaluator {
    fn run(&mut self, source: &str) -> Outcome {
        let mut error = None;
        let outcome = self.session.run("<doctest>", source, &mut |_, failure| {
            let last = match failure {
                Failure::Syntax { errors, .. } => {
                    errors.first().map(|e| format!("{}: {}", e.kind.qualified(), e.message))
                }
                Failure::Raised(uncaught) => {
                    let text = uncaught.error.to_string();
                    // A message that ends a line is followed by an empty one.
                    Some(if text.ends_with('\n') { text + "\n" } else { text })
                }
                Failure::Internal(message) => Some(format!("internal error: {message}")),
            };
            error = error.take().or(last);
        });
        let error = error.or_else(|| outcome.exit.map(|status| format!("SystemExit: {status}")));
        // Writing to memory cannot fail.
        let _ = self.session.interp.out.flush();
        let bytes = std::mem::take(&mut *self.out.0.borrow_mut());
        Outcome { stdout: String::from_utf8_lossy(&bytes).into_owned(), error }
    }
}

/// Bytes in memory that several hands hold.
#[derive(Clone, Default)]
struct Kept(Rc<RefCell<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
