//! The command `tensh`: arguments, sessions and exit statuses.

mod arguments;
mod golden;
mod report;
mod script;

use crate::eval::Session;
use crate::eval::session::on_large_stack;
use crate::tensor::lazy;
use arguments::{Arguments, Work};
use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use std::rc::Rc;

pub use report::Reporter;

/// Runs the command; the result is the process's exit status.
pub fn main() -> ExitCode {
    restore_sigpipe();
    let arguments = match Arguments::parse(std::env::args_os()) {
        Ok(arguments) => arguments,
        Err(message) => {
            let _ = writeln!(std::io::stderr(), "tensh: {message}\nTry 'tensh --help'.");
            return ExitCode::from(2);
        }
    };
    let status = match &arguments.work {
        Work::Help => print(arguments::HELP),
        Work::Version => print(concat!("tensh ", env!("CARGO_PKG_VERSION"), " (as PyTorch 2.11.0)\n")),
        Work::Table => print(&crate::ops::table::listing()),
        Work::Test(settings) => golden::run(settings),
        Work::Script | Work::Prompt => match on_large_stack(|stack_end| script::run(&arguments, stack_end)) {
            Ok(status) => status,
            Err(e) => {
                let _ = writeln!(std::io::stderr(), "tensh: cannot start a thread: {e}");
                1
            }
        },
    };
    ExitCode::from(status)
}

fn print(text: &str) -> u8 {
    u8::from(std::io::stdout().write_all(text.as_bytes()).is_err())
}

/// A session with torch's names, whose tensors compute on this machine.
pub fn new_session(out: Box<dyn Write>, err: Box<dyn Write>) -> Session {
    crate::engine::install();
    let set = |name: &str| std::env::var(name).ok().filter(|v| !v.is_empty());
    lazy::set_fusion(set("TENSH_FUSE").is_none_or(|v| v != "0"));
    if set("TENSH_DEBUG").is_some_and(|v| v != "0") {
        lazy::set_viewer(Some(Rc::new(|what, program, _| {
            let _ = writeln!(std::io::stderr(), "{what} {program}");
        })));
    }
    crate::tensor::backend::set_texts(&crate::eval::torch::formula::TEXTS);
    let mut session = Session::new(out, err);
    crate::eval::torch::modules::install(&mut session.interp);
    session
}

/// Whether colours are wanted on stderr.
fn color_on_stderr(when: arguments::Color) -> bool {
    match when {
        arguments::Color::Always => true,
        arguments::Color::Never => false,
        arguments::Color::Auto => {
            let set = |name: &str| std::env::var_os(name).is_some_and(|v| !v.is_empty() && v != "0");
            let dumb = std::env::var("TERM").is_ok_and(|t| t == "dumb");
            if set("NO_COLOR") { false } else { set("CLICOLOR_FORCE") || (std::io::stderr().is_terminal() && !dumb) }
        }
    }
}

/// A closed pipe ends the program quietly, as it ends every other filter.
#[allow(unsafe_code)]
fn restore_sigpipe() {
    // SAFETY: called once, before any thread is started; it only sets a signal's disposition.
    unsafe {
        libc::signal(libc::SIGPIPE, libc::SIG_DFL);
    }
}
