//! Running code that is not typed: files, `-c`, stdin.

use super::arguments::{Arguments, Work};
use super::{Reporter, color_on_stderr, new_session};
use crate::base::interrupt;
use crate::eval::Session;
use crate::eval::session::{Outcome, plain_echo};
use std::io::{IsTerminal, Read, Write};

/// Runs what the command line asks for; gives the exit status.
pub fn run(arguments: &Arguments, stack_end: usize) -> u8 {
    let mut session = new_session(Box::new(std::io::stdout()), Box::new(std::io::stderr()));
    session.interp.stack_end = stack_end;
    crate::engine::take_part(std::io::stderr().is_terminal());
    session.keep_going = arguments.keep_going;
    if let Err(e) = ctrlc::set_handler(interrupt::raise) {
        let _ = writeln!(std::io::stderr(), "tensh: Ctrl-C will not be caught: {e}");
    }
    let reporter = Reporter { color: color_on_stderr(arguments.color) };
    crate::tensor::devices::set_strict(arguments.strict_device);
    let setup = setup(arguments);
    let mut status = play(&mut session, reporter, "<options>", &setup, false, &[]);
    let echo = arguments.echo;
    if status.is_none() && matches!(arguments.work, Work::Script) {
        status = sources(arguments, &mut session, reporter, echo);
    }
    let _ = session.interp.out.flush();
    if matches!(arguments.work, Work::Prompt) || arguments.interactive {
        return prompt(arguments, &mut session, reporter);
    }
    status.unwrap_or(0)
}

/// Goes on at the prompt.
fn prompt(arguments: &Arguments, session: &mut Session, reporter: Reporter) -> u8 {
    let banner = concat!(
        "tensh ",
        env!("CARGO_PKG_VERSION"),
        " (as PyTorch 2.11.0) - type name? for help, %lsmagic for commands, Ctrl-D to leave"
    );
    let quiet = arguments.quiet || arguments.interactive;
    crate::repl::run(
        session,
        &crate::repl::Options {
            banner: if quiet { "" } else { banner },
            history: !arguments.no_config,
            color: reporter.color,
            report: &|it, failure| reporter.report(it, failure),
        },
    )
}

/// Runs each source; stops at the first that fails.
fn sources(arguments: &Arguments, session: &mut Session, reporter: Reporter, echo: Option<bool>) -> Option<u8> {
    let argv =
        |first: &str| std::iter::once(first.to_string()).chain(arguments.rest.iter().cloned()).collect::<Vec<_>>();
    for code in &arguments.code {
        if let Some(status) = play(session, reporter, "<string>", code, echo.unwrap_or(true), &argv("-c")) {
            return Some(status);
        }
    }
    if !arguments.code.is_empty() {
        return None;
    }
    let (name, bytes) = match &arguments.file {
        Some(path) => (path.display().to_string(), std::fs::read(path)),
        None => {
            let mut bytes = Vec::new();
            ("<stdin>".to_string(), std::io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes))
        }
    };
    let text = match bytes.map(String::from_utf8) {
        Ok(Ok(text)) => text,
        Ok(Err(e)) => {
            let at = e.utf8_error().valid_up_to();
            let byte = e.as_bytes()[at];
            let line = e.as_bytes()[..at].iter().filter(|b| **b == b'\n').count() + 1;
            let _ = writeln!(
                std::io::stderr(),
                "SyntaxError: (unicode error) 'utf-8' codec can't decode byte 0x{byte:02x} in {name}, line {line}"
            );
            return Some(1);
        }
        Err(e) => {
            let _ = writeln!(std::io::stderr(), "tensh: can't open '{name}': {e}");
            return Some(2);
        }
    };
    let python = arguments.file.as_ref().is_some_and(|p| p.extension().is_some_and(|e| e == "py"));
    let first = if arguments.file.is_some() { name.as_str() } else { "-" };
    play(session, reporter, &name, &text, echo.unwrap_or(!python), &argv(first))
}

/// Runs one source; the exit status when nothing more is to be run.
fn play(session: &mut Session, reporter: Reporter, name: &str, text: &str, echo: bool, argv: &[String]) -> Option<u8> {
    session.interp.argv = argv.to_vec();
    session.set_echo(echo.then(plain_echo));
    let mut interrupted = false;
    let outcome = session.run(name, text, &mut |it, failure| {
        interrupted |= super::report::is_interrupt(failure);
        reporter.report(it, failure);
    });
    match outcome {
        Outcome { exit: Some(status), .. } => Some(status as u8),
        _ if interrupted => Some(130),
        Outcome { failures: 0, .. } => None,
        _ => Some(1),
    }
}

/// What `--seed` and `--device` mean, as source.
fn setup(arguments: &Arguments) -> String {
    let mut text = String::new();
    if let Some(seed) = arguments.seed {
        text.push_str(&format!("torch.manual_seed({seed});\n"));
    }
    if let Some(device) = &arguments.device {
        text.push_str(&format!("torch.set_default_device({device:?})\n"));
    }
    if text.is_empty() { text } else { format!("import torch\n{text}del torch\n") }
}
