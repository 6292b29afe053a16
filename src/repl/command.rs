//! The lines of the prompt that are not Python: `%name`, `!command`, `name?`, and a bare `quit`.

/// A line that is a command of the prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command<'s> {
    /// `name?`, `?name`; deep for `??`.
    Help {
        /// What is asked about; empty for help on the prompt itself.
        name: &'s str,
        /// Whether the source is asked for.
        deep: bool,
    },
    /// `!command`.
    Shell(&'s str),
    /// `%name rest`.
    Magic {
        /// The command's name.
        name: &'s str,
        /// What follows it.
        rest: &'s str,
    },
    /// `quit` or `exit` without parentheses.
    Quit,
}

/// Reads a line as a command; `None` when it is Python.
pub fn parse(source: &str) -> Option<Command<'_>> {
    let text = source.trim();
    if text.is_empty() || text.contains('\n') && !text.starts_with(['%', '!']) {
        return None;
    }
    if let Some(rest) = text.strip_prefix('%') {
        let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
        let (name, rest) = rest.split_at(end);
        return Some(Command::Magic { name, rest: rest.trim() });
    }
    if let Some(rest) = text.strip_prefix('!') {
        return Some(Command::Shell(rest.trim()));
    }
    if text.starts_with('?') {
        return Some(help(text.trim_start_matches('?').trim(), text.starts_with("??")));
    }
    if text == "quit" || text == "exit" {
        return Some(Command::Quit);
    }
    let name = text.trim_end_matches('?').trim_end();
    if name.len() < text.trim_end_matches('?').len() || name.len() == text.len() || !is_path(name) {
        return None;
    }
    Some(help(name, text.ends_with("??")))
}

fn help(name: &str, deep: bool) -> Command<'_> {
    Command::Help { name, deep }
}

/// Whether a text is names joined by dots, with a `%` before a command's.
fn is_path(text: &str) -> bool {
    let word = |w: &str| !w.is_empty() && w.chars().all(|c| c.is_alphanumeric() || c == '_');
    !text.starts_with(|c: char| c.is_ascii_digit()) && text.split('.').all(word)
}

/// Splits `-n 10 -r3 rest` into its options and the rest: each letter of `with_value` takes a value.
///
/// # Errors
/// A sentence about the option that is wrong.
#[allow(clippy::type_complexity)]
pub fn options<'s>(text: &'s str, with_value: &str, flags: &str) -> Result<(Vec<(char, &'s str)>, &'s str), String> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while let Some(after) = rest.strip_prefix('-') {
        let Some(letter) = after.chars().next().filter(|c| c.is_ascii_alphabetic()) else { break };
        let tail = &after[1..];
        if with_value.contains(letter) {
            let tail = tail.trim_start();
            let end = tail.find(char::is_whitespace).unwrap_or(tail.len());
            if end == 0 {
                return Err(format!("option -{letter} needs a value"));
            }
            found.push((letter, &tail[..end]));
            rest = tail[end..].trim_start();
        } else if flags.contains(letter) && tail.chars().next().is_none_or(char::is_whitespace) {
            found.push((letter, ""));
            rest = tail.trim_start();
        } else {
            // A statement may begin with a minus.
            break;
        }
    }
    Ok((found, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_told_from_python() {
        assert_eq!(parse("softmax?"), Some(Command::Help { name: "softmax", deep: false }));
        assert_eq!(parse("?torch.lerp"), Some(Command::Help { name: "torch.lerp", deep: false }));
        assert_eq!(parse("t.sum??"), Some(Command::Help { name: "t.sum", deep: true }));
        assert_eq!(parse(" %timeit -n 10 f(x)"), Some(Command::Magic { name: "timeit", rest: "-n 10 f(x)" }));
        assert_eq!(parse("%who"), Some(Command::Magic { name: "who", rest: "" }));
        assert_eq!(parse("!ls -l"), Some(Command::Shell("ls -l")));
        assert_eq!(parse("quit"), Some(Command::Quit));
        for python in ["x = 1", "quit()", "x % 2", "'what?'", "f(x) # why?", "1?2", "x\n", "", "a != b"] {
            assert_eq!(parse(python), None, "{python}");
        }
    }

    #[test]
    fn options_come_first() {
        assert_eq!(options("-n 10 -r3 f(-n)", "nr", ""), Ok((vec![('n', "10"), ('r', "3")], "f(-n)")));
        assert_eq!(options("-x", "nr", ""), Ok((vec![], "-x")));
        assert_eq!(options("-f all", "", "f"), Ok((vec![('f', "")], "all")));
        assert!(options("-n", "n", "").is_err());
    }
}
