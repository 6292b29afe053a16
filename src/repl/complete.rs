//! Completion: what may stand at the cursor.

use super::scope::{Known, Scope, expression_start, open_call};
use super::{command, magic};
use crate::base::DType;
use crate::lang::lexer::{Lexed, lex};
use crate::lang::token::{Kind, Token};
use std::path::Path;

/// What a text asks for at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Wanted {
    /// Attributes of the expression.
    Attributes(String),
    /// Modules, below a path that ends with a dot or is empty.
    Modules(String),
    /// What a module has.
    ModuleNames(String),
    /// A dtype.
    DTypes,
    /// A device.
    Devices,
    /// Any name; the function whose keywords fit too.
    Names(Option<String>),
    /// Commands of the prompt.
    Magics,
    /// Files.
    Files,
    /// Nothing: a new name, a number, a string's text.
    Nothing,
}

/// The candidates for the end of `source`, and how many bytes of it each replaces.
pub fn complete(source: &str, scope: &Scope) -> (usize, Vec<String>) {
    let (wanted, word) = wanted(source);
    let mut found: Vec<String> = match &wanted {
        Wanted::Nothing => Vec::new(),
        Wanted::Magics => magic::NAMES.iter().map(|(name, _)| format!("%{name}")).collect(),
        Wanted::Files => return (word.len(), files(word)),
        Wanted::Attributes(text) => scope.resolve(text).map(|known| known.names()).unwrap_or_default(),
        Wanted::Modules(below) if below.is_empty() => scope.modules().iter().map(|m| m.name.to_owned()).collect(),
        Wanted::Modules(below) => module_names(scope, below.trim_end_matches('.'), true),
        Wanted::ModuleNames(path) => module_names(scope, path, false),
        Wanted::DTypes => DType::ALL.iter().map(|d| d.name().to_owned()).collect(),
        Wanted::Devices => vec!["'cpu'".to_owned(), "'cuda'".to_owned(), "cpu".to_owned(), "cuda".to_owned()],
        Wanted::Names(function) => {
            let manual = function.as_ref().and_then(|text| scope.resolve(text)?.manual());
            let keywords = manual.map(|m| m.keywords).unwrap_or_default();
            let keywords = keywords.into_iter().map(|k| format!("{k}="));
            let python = Kind::KEYWORDS.iter().filter(|k| !matches!(**k, "class" | "async" | "await" | "yield"));
            keywords.chain(scope.names()).chain(python.map(|k| (*k).to_owned())).collect()
        }
    };
    found.retain(|name| name.starts_with(word) && (word.starts_with('_') || !name.starts_with('_')));
    // Keywords of the call stand first, and for names of the same letters, too.
    found.sort_by(|a, b| (!a.ends_with('='), a).cmp(&(!b.ends_with('='), b)));
    found.dedup();
    let keywords: Vec<String> = found.iter().filter_map(|name| name.strip_suffix('=')).map(str::to_owned).collect();
    found.retain(|name| !keywords.contains(name));
    (word.len(), found)
}

/// The names in a module that is imported or can be.
fn module_names(scope: &Scope, path: &str, modules_only: bool) -> Vec<String> {
    let mut parts = path.split('.');
    let first = parts.next().and_then(|first| scope.modules().iter().find(|m| m.name == first));
    let known = first.and_then(|first| {
        let first = crate::eval::Value::Module(first.clone());
        parts.try_fold(first, |module, part| crate::eval::attribute::known(&module, part)).map(Known::Value)
    });
    let Some(Known::Value(module)) = known else { return Vec::new() };
    let mut names = crate::eval::attribute::names(&module);
    if modules_only {
        names.retain(|n| matches!(crate::eval::attribute::known(&module, n), Some(crate::eval::Value::Module(_))));
    }
    names
}

/// What the end of a text asks for, and the part of it that is typed already.
fn wanted(source: &str) -> (Wanted, &str) {
    if let Some(found) = wanted_of_command(source) {
        return found;
    }
    let letter = |c: char| c.is_alphanumeric() || c == '_';
    let word = &source[source.trim_end_matches(letter).len()..];
    if word.starts_with(|c: char| c.is_ascii_digit()) {
        return (Wanted::Nothing, word);
    }
    let before = &source[..source.len() - word.len()];
    let lexed = lex(before);
    // An open string: its text is the user's own.
    let broken = lexed.tokens.iter().find(|t| t.kind == Kind::Error).map(|t| t.span.range().start.min(before.len()));
    if let Some((start, text)) = broken.and_then(|at| Some((at, before.get(at..)?)))
        && text.trim_start_matches(char::is_alphabetic).starts_with(['\'', '"'])
    {
        // A field of an f-string is an expression again.
        let formatted = text.starts_with(['f', 'F']) || before[..start].ends_with(['f', 'F']);
        return match text.rfind('{') {
            Some(field) if formatted && !text[field..].contains('}') => wanted(&source[start + field + 1..]),
            _ => (Wanted::Nothing, word),
        };
    }
    if comment(before, &lexed) {
        return (Wanted::Nothing, word);
    }
    (wanted_after(before, &lexed), word)
}

fn written(token: &Token) -> bool {
    !matches!(token.kind, Kind::Newline | Kind::Indent | Kind::Dedent | Kind::End)
}

/// Whether a text ends in a comment.
fn comment(before: &str, lexed: &Lexed) -> bool {
    let end = lexed.tokens.iter().filter(|t| written(t)).map(|t| t.span.range().end).max().unwrap_or(0);
    let rest = before.get(end..).unwrap_or("");
    rest.rsplit('\n').next().is_some_and(|line| line.contains('#'))
}

fn wanted_after(before: &str, lexed: &Lexed) -> Wanted {
    // The tokens of the last logical line.
    let all = &lexed.tokens;
    let line = all.iter().rposition(|t| matches!(t.kind, Kind::Newline | Kind::Semi) && !t.span.range().is_empty());
    let tokens: Vec<Token> = all[line.map_or(0, |n| n + 1)..].iter().filter(|t| written(t)).copied().collect();
    let text = |from: usize, to: usize| {
        let range = tokens[from].span.range().start..tokens[to].span.range().end;
        before.get(range).unwrap_or("").to_owned()
    };
    let Some(last) = tokens.len().checked_sub(1) else { return Wanted::Names(None) };
    match tokens[0].kind {
        Kind::Import | Kind::From => {
            let import = tokens.iter().position(|t| t.kind == Kind::Import);
            return match (tokens[0].kind, import) {
                (Kind::From, Some(i)) if i > 1 => Wanted::ModuleNames(text(1, i - 1)),
                _ if tokens[last].kind == Kind::As => Wanted::Nothing,
                _ if tokens[last].kind == Kind::Dot => {
                    let start = expression_start(&tokens, last.saturating_sub(1)).unwrap_or(last);
                    Wanted::Modules(text(start, last))
                }
                _ => Wanted::Modules(String::new()),
            };
        }
        _ => {}
    }
    match tokens[last].kind {
        Kind::Dot => match last.checked_sub(1).and_then(|end| expression_start(&tokens, end)) {
            Some(start) => Wanted::Attributes(text(start, last - 1)),
            None => Wanted::Nothing,
        },
        Kind::Def | Kind::As | Kind::Global | Kind::Nonlocal => Wanted::Nothing,
        Kind::Assign if last > 0 && matches!(&before[tokens[last - 1].span.range()], "dtype") => Wanted::DTypes,
        Kind::Assign if last > 0 && matches!(&before[tokens[last - 1].span.range()], "device") => Wanted::Devices,
        Kind::LPar | Kind::Comma => Wanted::Names(open_call(before, lexed).map(|(function, _)| function.to_owned())),
        _ => Wanted::Names(None),
    }
}

/// The same for the lines that are not Python.
fn wanted_of_command(source: &str) -> Option<(Wanted, &str)> {
    let text = source.trim_start();
    match command::parse(text)? {
        command::Command::Shell(rest) => Some((Wanted::Files, rest.rsplit(' ').next().unwrap_or(""))),
        command::Command::Magic { name, rest } => {
            if rest.is_empty() && !text.ends_with(' ') {
                return Some((Wanted::Magics, text));
            }
            match name {
                "run" | "load" | "save" | "cd" | "ls" => Some((Wanted::Files, rest.rsplit(' ').next().unwrap_or(""))),
                "time" | "timeit" => Some(wanted(rest)),
                _ => Some((Wanted::Nothing, "")),
            }
        }
        command::Command::Help { name, .. } if text.starts_with('?') => Some(wanted(name)),
        command::Command::Quit => None,
        command::Command::Help { .. } => Some((Wanted::Nothing, "")),
    }
}

/// Files and folders that begin as `word` does.
fn files(word: &str) -> Vec<String> {
    let (folder, start) = word.rsplit_once('/').map_or(("", word), |(folder, start)| (folder, start));
    let place = match word.rfind('/') {
        None => Path::new("."),
        Some(0) => Path::new("/"),
        Some(_) => Path::new(folder),
    };
    let head = &word[..word.len() - start.len()];
    let Ok(entries) = std::fs::read_dir(place) else { return Vec::new() };
    let mut names: Vec<String> = entries
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let folder = entry.file_type().is_ok_and(|t| t.is_dir());
            let shown = name.starts_with(start) && (start.starts_with('.') || !name.starts_with('.'));
            shown.then(|| format!("{head}{name}{}", if folder { "/" } else { "" }))
        })
        .collect();
    names.sort();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(source: &str) -> (Wanted, &str) {
        wanted(source)
    }

    #[test]
    fn the_text_before_the_cursor_says_what_is_wanted() {
        assert_eq!(ask(""), (Wanted::Names(None), ""));
        assert_eq!(ask("x = ten"), (Wanted::Names(None), "ten"));
        assert_eq!(ask("x.su"), (Wanted::Attributes("x".into()), "su"));
        assert_eq!(ask("y + torch.nn.fun"), (Wanted::Attributes("torch.nn".into()), "fun"));
        assert_eq!(ask("f(a, b)[0].T."), (Wanted::Attributes("f(a, b)[0].T".into()), ""));
        assert_eq!(ask("'abc'.up"), (Wanted::Attributes("'abc'".into()), "up"));
        assert_eq!(ask("(a + b)."), (Wanted::Attributes("(a + b)".into()), ""));
        assert_eq!(ask("softmax(x, d"), (Wanted::Names(Some("softmax".into())), "d"));
        assert_eq!(ask("x.sum("), (Wanted::Names(Some("x.sum".into())), ""));
        assert_eq!(ask("f(g(1), "), (Wanted::Names(Some("f".into())), ""));
        assert_eq!(ask("[1, "), (Wanted::Names(None), ""));
        assert_eq!(ask("zeros(2, dtype=fl"), (Wanted::DTypes, "fl"));
        assert_eq!(ask("zeros(2, device="), (Wanted::Devices, ""));
        assert_eq!(ask("import tor"), (Wanted::Modules(String::new()), "tor"));
        assert_eq!(ask("import torch.n"), (Wanted::Modules("torch.".into()), "n"));
        assert_eq!(ask("from torch.nn import fun"), (Wanted::ModuleNames("torch.nn".into()), "fun"));
        assert_eq!(ask("x = 1\nfor i in ra"), (Wanted::Names(None), "ra"));
        assert_eq!(ask("print(1); x.s"), (Wanted::Attributes("x".into()), "s"));
        assert_eq!(ask("f'{x.sh"), (Wanted::Attributes("x".into()), "sh"));
    }

    #[test]
    fn strings_comments_numbers_and_new_names_ask_for_nothing() {
        for text in ["'a b", "\"x.", "x = 1 # al", "1e", "def f", "import torch as to"] {
            assert_eq!(ask(text).0, Wanted::Nothing, "{text}");
        }
    }

    #[test]
    fn commands_ask_for_their_own() {
        assert_eq!(ask("%ti"), (Wanted::Magics, "%ti"));
        assert_eq!(ask("%time x.s"), (Wanted::Attributes("x".into()), "s"));
        assert_eq!(ask("%run exa"), (Wanted::Files, "exa"));
        assert_eq!(ask("!cat /et"), (Wanted::Files, "/et"));
        assert_eq!(ask("?soft"), (Wanted::Names(None), "soft"));
    }
}
