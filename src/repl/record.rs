//! What the session did, kept for `%hist` and `%save`: each entry's source, and what each statement printed.

use super::devices::Moved;
use crate::eval::Failure;
use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

/// More output than this of one statement is not kept.
const MOST_OUTPUT: usize = 64 << 10;
/// The oldest entries beyond these are forgotten.
const MOST_ENTRIES: usize = 10_000;

/// A statement that was run.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// Its text.
    pub source: String,
    /// What it printed; `None` when that was too much to keep.
    pub output: Option<String>,
    /// The last line of its traceback.
    pub error: Option<String>,
}

/// What was typed at one prompt.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its number, from 1.
    pub number: usize,
    /// Its text.
    pub source: String,
    /// What it copied between the host and devices; known when the next entry begins.
    pub moved: Vec<Moved>,
    /// Its statements; none for commands.
    pub statements: Vec<Statement>,
}

/// The session's entries, oldest first.
#[derive(Default)]
pub struct Record {
    /// The entries.
    pub entries: Vec<Entry>,
    /// Copies between the host and devices that entries tell of.
    pub transfers: usize,
    count: usize,
}

impl Record {
    /// A new entry's number.
    pub fn begin(&mut self, source: &str) -> usize {
        self.count += 1;
        if self.entries.len() >= MOST_ENTRIES {
            self.entries.remove(0);
        }
        let (moved, statements) = (Vec::new(), Vec::new());
        self.entries.push(Entry { number: self.count, source: source.to_owned(), moved, statements });
        self.count
    }

    /// The newest entry's number.
    pub fn count(&self) -> usize {
        self.count
    }

    /// How many statements of the newest entry failed.
    pub fn failures(&self) -> usize {
        self.entries.last().map_or(0, |entry| entry.statements.iter().filter(|s| s.error.is_some()).count())
    }

    /// A statement of the newest entry was run.
    pub fn ran(&mut self, statement: Statement) {
        if let Some(entry) = self.entries.last_mut() {
            entry.statements.push(statement);
        }
    }
}

/// The last line of a failure's traceback.
pub fn last_line(failure: &Failure) -> String {
    match failure {
        Failure::Syntax { errors, .. } => errors.first().map(ToString::to_string).unwrap_or_default(),
        Failure::Raised(uncaught) => uncaught.error.to_string(),
        Failure::Internal(message) => format!("internal error: {message}"),
    }
}

/// The statement as an example of a golden; `None` when it cannot be one: its value is suppressed by a `;`, what it
/// printed was not kept, or it printed before it failed, which doctest cannot say.
fn example(statement: &Statement) -> Option<String> {
    use crate::lang::ast::StmtKind;
    let block = crate::lang::parse(&statement.source).ok();
    let quiet =
        |b: &Vec<crate::lang::ast::Stmt>| b.iter().any(|s| matches!(s.kind, StmtKind::Expr { quiet: true, .. }));
    if block.as_ref().is_some_and(quiet) {
        return None;
    }
    let mut out = String::new();
    for (i, line) in statement.source.trim_end().lines().enumerate() {
        let prompt = if i == 0 { ">>> " } else { "... " };
        out.push_str(format!("{prompt}{line}").trim_end());
        out.push('\n');
    }
    let output = statement.output.as_ref()?;
    match &statement.error {
        Some(error) if output.is_empty() => {
            out.push_str("Traceback (most recent call last):\n    ...\n");
            out.push_str(error);
            out.push('\n');
        }
        Some(_) => return None,
        None => {
            for line in output.lines() {
                out.push_str(if line.trim().is_empty() { "<BLANKLINE>" } else { line });
                out.push('\n');
            }
        }
    }
    Some(out)
}

/// The session as a golden in a Markdown file.
pub fn golden(entries: &[Entry], title: &str) -> String {
    let examples: String = entries.iter().flat_map(|e| &e.statements).filter_map(example).collect();
    // A blank line before the fence ends the last example's output.
    format!("# {title}\n\n```python\n{examples}\n```\n")
}

/// stdout, of which a copy is kept.
pub struct Tee {
    out: io::Stdout,
    kept: Kept,
}

/// What went to stdout since it was last taken.
#[derive(Clone, Default)]
pub struct Kept(Rc<RefCell<Vec<u8>>>);

impl Tee {
    /// stdout, and the copy.
    pub fn new() -> (Tee, Kept) {
        let kept = Kept::default();
        (Tee { out: io::stdout(), kept: kept.clone() }, kept)
    }
}

impl Kept {
    /// Takes the copy; `None` when there was too much to keep.
    pub fn take(&self) -> Option<String> {
        let bytes = std::mem::take(&mut *self.0.borrow_mut());
        (bytes.len() <= MOST_OUTPUT).then(|| String::from_utf8_lossy(&bytes).into_owned())
    }
}

impl Write for Tee {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.out.write(bytes)?;
        let mut kept = self.kept.0.borrow_mut();
        // One byte too many says that it was too much.
        let room = (MOST_OUTPUT + 1).saturating_sub(kept.len());
        kept.extend_from_slice(&bytes[..n.min(room)]);
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statement(source: &str, output: &str, error: Option<&str>) -> Statement {
        Statement { source: source.into(), output: Some(output.into()), error: error.map(str::to_owned) }
    }

    #[test]
    fn a_session_becomes_a_golden() {
        let statements = vec![
            statement("x = 1;", "", None),
            statement("x;", "", None),
            statement("for i in range(2):\n    print(i)\n\n    print()", "0\n\n1\n\n", None),
            statement("1 / 0", "", Some("ZeroDivisionError: division by zero")),
            statement("print(1); 1 / 0", "1\n", Some("ZeroDivisionError: division by zero")),
        ];
        let entries = [Entry { number: 1, source: String::new(), moved: Vec::new(), statements }];
        let want = "# t\n\n```python\n>>> x = 1;\n>>> for i in range(2):\n...     print(i)\n...\n...     print()\n0\n\
                    <BLANKLINE>\n1\n<BLANKLINE>\n>>> 1 / 0\nTraceback (most recent call last):\n    ...\n\
                    ZeroDivisionError: division by zero\n\n```\n";
        assert_eq!(golden(&entries, "t"), want);
    }
}
