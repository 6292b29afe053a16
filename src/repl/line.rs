//! What stands in the editor's buffer, and the source that it means.
//!
//! The buffer holds the continuation prompts as text, so that a screen reads as Python's does; the same rule that
//! drops them drops the prompts of a pasted session.

use crate::lang::{self, ast::Block};

/// The prompt of a statement.
pub const PROMPT: &str = ">>> ";
/// The prompt of the lines below.
pub const MORE: &str = "... ";

/// The length of the prompt that a line begins with: `>>> `, `... `, `In [3]: `, `   ...: `; 0 for none.
fn prompt_len(line: &str) -> usize {
    let blanks = line.len() - line.trim_start_matches(' ').len();
    let text = &line[blanks..];
    let of = |mark: &str| {
        text.strip_prefix(mark).map(|rest| match rest.bytes().next() {
            None => line.len(),
            Some(b' ') => blanks + mark.len() + 1,
            Some(_) => 0,
        })
    };
    if let Some(rest) = text.strip_prefix("In [")
        && let Some(close) = rest.find("]:")
        && rest[..close].bytes().all(|b| b.is_ascii_digit())
    {
        let end = blanks + "In [".len() + close + "]:".len();
        return end + usize::from(line[end..].starts_with(' '));
    }
    if let Some(n) = of("...:") {
        return n;
    }
    of(">>>").or_else(|| of("...")).unwrap_or(0)
}

/// The lines of a buffer, each as its prompt and its text.
pub fn lines(buffer: &str) -> Vec<(&str, &str)> {
    buffer.split('\n').map(|line| line.split_at(prompt_len(line))).collect()
}

/// The source that a buffer means: prompts dropped; of a pasted session, the output too, and the indent that its
/// prompts stood at.
pub fn source_of(buffer: &str) -> String {
    let lines = lines(buffer);
    let session = lines.first().is_some_and(|(prompt, _)| is_primary(prompt));
    // The lines below the last prompt of a pasted session may be typed by hand.
    let last = lines.iter().rposition(|(prompt, _)| !prompt.is_empty()).unwrap_or(0);
    let kept = lines.iter().enumerate().filter(|(i, (prompt, _))| !session || !prompt.is_empty() || *i > last);
    kept.map(|(_, (_, text))| text.trim_end_matches('\r')).collect::<Vec<_>>().join("\n")
}

fn is_primary(prompt: &str) -> bool {
    let prompt = prompt.trim();
    prompt == ">>>" || prompt.starts_with("In [")
}

/// The buffer that shows a source, continuation prompts in it.
pub fn buffer_of(source: &str) -> String {
    source.trim_end().replace('\n', "\n... ")
}

/// Whether a buffer shows just this statement, but for empty lines at its end.
pub fn same_text(buffer: &str, statement: &str) -> bool {
    let mut shown = buffer.trim_end();
    while let Some(shorter) = shown.strip_suffix("\n...") {
        shown = shorter.trim_end();
    }
    shown == buffer_of(statement)
}

/// How many rows of a terminal a buffer takes, behind its prompt.
pub fn rows(buffer: &str, columns: usize) -> usize {
    let width = |(i, line): (usize, &str)| {
        let prompt = if i == 0 { PROMPT.len() } else { 0 };
        prompt + unicode_width::UnicodeWidthStr::width(line)
    };
    buffer.split('\n').enumerate().map(width).map(|width| 1 + width / columns.max(1)).sum()
}

/// The statements of a source, each with its own lines; statements that share a line stay together. `None` when the
/// source has a syntax error.
pub fn statements(source: &str) -> Option<Vec<String>> {
    let block: Block = lang::parse(source).ok()?;
    let mut starts: Vec<usize> = Vec::new();
    for stmt in &block {
        let at = stmt.span.range().start;
        let line = source[..at].rfind('\n').map_or(0, |n| n + 1);
        // A statement may begin on the line where the one before ends.
        if starts.last() != Some(&line) && source[line..at].trim().is_empty() {
            starts.push(line);
        }
    }
    let mut out: Vec<String> = Vec::new();
    for (i, start) in starts.iter().enumerate() {
        let from = if i == 0 { 0 } else { *start };
        let to = starts.get(i + 1).copied().unwrap_or(source.len());
        let text = source[from..to].trim_end();
        out.push(if i == 0 { text.trim_start_matches('\n').to_owned() } else { text.to_owned() });
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prompts_are_dropped() {
        assert_eq!(source_of(">>> x = 1"), "x = 1");
        assert_eq!(source_of("In [3]: x = 1"), "x = 1");
        assert_eq!(source_of("In [3]: for i in x:\n   ...:     print(i)\n   ...: "), "for i in x:\n    print(i)\n");
        assert_eq!(source_of("for i in x:\n...     print(i)\n... "), "for i in x:\n    print(i)\n");
        assert_eq!(source_of("for i in x:\n...     print(i)\n..."), "for i in x:\n    print(i)\n");
        assert_eq!(source_of("def f():\n    return 1\n"), "def f():\n    return 1\n");
    }

    #[test]
    fn output_of_a_pasted_session_is_dropped() {
        let pasted = ">>> x = ones(2)\n>>> x\ntensor([1., 1.])\n>>> for i in x:\n...     i\n...\ntensor(1.)";
        assert_eq!(source_of(pasted), "x = ones(2)\nx\nfor i in x:\n    i\n\ntensor(1.)");
        assert_eq!(source_of("    >>> 1\n    1\n    >>> 2"), "1\n2");
    }

    #[test]
    fn an_ellipsis_is_no_prompt() {
        assert_eq!(source_of("x[..., 0]"), "x[..., 0]");
        assert_eq!(source_of("x = [\n...,\n]"), "x = [\n...,\n]");
    }

    #[test]
    fn the_buffer_shows_the_source() {
        let source = "def f():\n    a = 1\n\n    return a";
        assert_eq!(buffer_of(source), "def f():\n...     a = 1\n... \n...     return a");
        assert_eq!(source_of(&buffer_of(source)), source);
    }

    #[test]
    fn a_text_is_cut_into_statements() {
        let source = "x = 1; y = 2\nfor i in y:\n    x\n    y\n# word\nz = (1,\n 2)\n";
        let cut = statements(source).unwrap();
        assert_eq!(cut, ["x = 1; y = 2", "for i in y:\n    x\n    y\n# word", "z = (1,\n 2)"]);
        assert_eq!(statements("x ="), None);
        assert_eq!(statements("").unwrap(), Vec::<String>::new());
    }
}
