//! Failures on stderr.

use crate::eval::{Failure, Interp};
use crate::print::diagnostic::Diagnostic;
use std::io::Write;

/// Prints failures, with or without colours.
#[derive(Clone, Copy, Debug)]
pub struct Reporter {
    /// Whether colours are wanted.
    pub color: bool,
}

impl Reporter {
    /// Prints a failure to the session's stderr, behind what stdout still holds.
    pub fn report(self, it: &mut Interp, failure: &Failure) {
        let _ = it.out.flush();
        let text = self.text(failure);
        let _ = it.err.write_all(text.as_bytes());
        let _ = it.err.flush();
    }

    /// The whole diagnostic.
    pub fn text(self, failure: &Failure) -> String {
        match failure {
            Failure::Syntax { source, errors } => errors
                .iter()
                .map(|e| {
                    Diagnostic {
                        headline: format!("{}: {}", e.kind.qualified(), e.message),
                        source_name: source.name.clone(),
                        source: &source.text,
                        primary: e.span,
                        labels: Vec::new(),
                        help: e.help.iter().cloned().collect(),
                        notes: Vec::new(),
                    }
                    .render(self.color)
                })
                .collect(),
            Failure::Internal(message) => {
                format!("internal error: {message}\n  = this is a fault of tensh, not of your code: please report it\n")
            }
            Failure::Raised(uncaught) => {
                let headline = uncaught.error.to_string();
                let Some(origin) = &uncaught.origin else { return format!("{headline}\n") };
                let mut notes: Vec<String> = uncaught.causes.iter().map(|c| format!("caused by {c}")).collect();
                for call in origin.trace.iter().take(5) {
                    let line = call.source.line(call.span.range().start);
                    notes.push(format!("in {}, called at {}:{line}", call.name, call.source.name));
                }
                Diagnostic {
                    headline,
                    source_name: origin.source.name.clone(),
                    source: &origin.source.text,
                    primary: origin.span,
                    labels: origin.labels.clone(),
                    help: uncaught.error.help_text().map(str::to_string).into_iter().collect(),
                    notes,
                }
                .render(self.color)
            }
        }
    }
}

/// Whether a failure is the user's Ctrl-C.
pub fn is_interrupt(failure: &Failure) -> bool {
    matches!(failure, Failure::Raised(u) if u.error.kind() == crate::base::ErrorKind::KeyboardInterrupt)
}
