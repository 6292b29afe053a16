//! Who may import whom, how long a file may be, and where `unsafe` may stand: read from the files under `src/`.

use std::fs;
use std::path::{Path, PathBuf};

/// The rooms that each room may import, beside itself. A new room begins with a row here.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("base", &[]),
    ("store", &["base"]),
    ("factor", &[]),
    ("cpu", &["base", "store"]),
    ("cuda", &["base", "store", "cpu"]),
    ("ops", &["base", "store", "cpu", "cuda"]),
    ("tensor", &["base", "store", "cpu", "cuda", "ops"]),
    ("autograd", &["base", "store", "cpu", "ops", "tensor"]),
    ("engine", &["base", "store", "cpu", "cuda", "ops", "tensor"]),
    ("print", &["base", "store", "tensor"]),
    ("lang", &["base"]),
    ("eval", &["base", "store", "cpu", "cuda", "ops", "tensor", "autograd", "engine", "print", "lang"]),
    ("numpy", &["base", "store", "cpu", "ops", "tensor", "print", "lang", "eval"]),
    ("repl", &["base", "store", "ops", "tensor", "print", "lang", "eval", "numpy"]),
    ("golden", &["base", "print", "lang", "eval"]),
    ("command", &["base", "ops", "tensor", "engine", "print", "lang", "eval", "numpy", "repl", "golden"]),
    ("lib", &[]),
    ("main", &["command"]),
];

/// Folders that may import one room more: where the evaluator meets arrays.
const ALSO: &[(&str, &str)] = &[("eval/torch/", "numpy"), ("eval/modules/", "numpy")];

/// The longest a file may be, in lines; tables of coefficients (`*_table.rs`, `*_tables.rs`) may be longer.
const MAX_LINES: usize = 600;

/// The one file where a single function, not the file, is allowed `unsafe`: it sets what SIGPIPE does.
const UNSAFE_FUNCTION: &str = "command/mod.rs";

/// A Rust file: its path from `src/` with forward slashes, and its text.
struct Source {
    path: String,
    text: String,
}

impl Source {
    /// The first part of the path: `cpu` for `cpu/sort/mod.rs`, `main` for `main.rs`.
    fn room(&self) -> &str {
        let first = self.path.split('/').next().unwrap_or_default();
        first.strip_suffix(".rs").unwrap_or(first)
    }
}

/// Every Rust file under `src/`, sorted by path.
fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    let mut folders: Vec<PathBuf> = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let name = path.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
                files.push(Source { path: name, text: fs::read_to_string(&path).unwrap() });
            }
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(!files.is_empty(), "no sources under {}", root.display());
    files
}

/// The text with comments and the insides of string and character literals blanked; line breaks stay.
fn code_only(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let at = |i: usize| chars.get(i).copied().unwrap_or('\0');
    let mut out = String::with_capacity(text.len());
    let mut i = 0;
    while i < chars.len() {
        let end = match (at(i), at(i + 1)) {
            ('/', '/') => find(&chars, i, |j| at(j) == '\n'),
            ('/', '*') => comment_end(&chars, i),
            ('"', _) => string_end(&chars, i),
            ('r', '"' | '#') if !is_word(previous(&chars, i)) || previous(&chars, i) == 'b' => {
                raw_string_end(&chars, i)
            }
            ('\'', '\\') => find(&chars, i + 3, |j| at(j) == '\'') + 1,
            ('\'', _) if at(i + 2) == '\'' => i + 3,
            _ => i,
        };
        if end == i {
            out.push(chars[i]);
            i += 1;
        } else {
            let end = end.min(chars.len());
            out.extend(chars[i..end].iter().map(|&c| if c == '\n' { '\n' } else { ' ' }));
            i = end;
        }
    }
    out
}

/// The first index from `start` on that satisfies `stop`, or the end.
fn find(chars: &[char], start: usize, stop: impl Fn(usize) -> bool) -> usize {
    (start..chars.len()).find(|&j| stop(j)).unwrap_or(chars.len())
}

/// The index behind the block comment, which may hold others, that begins at `start`.
fn comment_end(chars: &[char], start: usize) -> usize {
    let (mut depth, mut i) = (0, start);
    while i + 1 < chars.len() {
        match (chars[i], chars[i + 1]) {
            ('/', '*') => (depth, i) = (depth + 1, i + 2),
            ('*', '/') => (depth, i) = (depth - 1, i + 2),
            _ => i += 1,
        }
        if depth == 0 {
            return i;
        }
    }
    chars.len()
}

/// The index behind the string literal that begins at `start`.
fn string_end(chars: &[char], start: usize) -> usize {
    let mut i = start + 1;
    while i < chars.len() && chars[i] != '"' {
        i += if chars[i] == '\\' { 2 } else { 1 };
    }
    i + 1
}

/// The index behind the raw string literal that begins at `start`, or `start` where there is none (`r#type`).
fn raw_string_end(chars: &[char], start: usize) -> usize {
    let open = find(chars, start + 1, |j| chars[j] != '#');
    if chars.get(open) != Some(&'"') {
        return start;
    }
    let hashes = open - start - 1;
    let close = find(chars, open + 1, |j| {
        chars[j] == '"' && chars[j + 1..].iter().take(hashes).filter(|&&c| c == '#').count() == hashes
    });
    close + 1 + hashes
}

/// The character before index `i`, or a blank.
fn previous(chars: &[char], i: usize) -> char {
    if i == 0 { ' ' } else { chars[i - 1] }
}

/// Whether a name can hold this character.
fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The name that `text` begins with; empty where it begins with something else.
fn leading_name(text: &str) -> &str {
    &text[..text.find(|c: char| !is_word(c)).unwrap_or(text.len())]
}

/// The first names of all paths that begin with `root::`, those in braces (`crate::{a, b::c}`) too.
fn roots(code: &str, root: &str) -> Vec<String> {
    let mut names = Vec::new();
    let start = format!("{root}::");
    for (place, _) in code.match_indices(&start) {
        if code[..place].chars().next_back().is_some_and(|c| is_word(c) || c == ':') {
            continue;
        }
        let rest = code[place + start.len()..].trim_start();
        match rest.strip_prefix('{') {
            Some(group) => names.extend(group_names(group)),
            None => names.push(leading_name(rest).to_string()),
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

/// The first name of each part of a brace group, given from behind its opening brace.
fn group_names(group: &str) -> Vec<String> {
    let (mut depth, mut begins, mut names) = (0, true, Vec::new());
    for (i, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => begins = true,
            c if c.is_whitespace() => {}
            _ => {
                if begins {
                    names.push(leading_name(&group[i..]).to_string());
                }
                begins = false;
            }
        }
    }
    names
}

/// Each exported macro with the room that defines it.
fn macros(sources: &[Source]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for source in sources {
        let code = code_only(&source.text);
        for (place, _) in code.match_indices("#[macro_export]") {
            if let Some((_, rest)) = code[place..].split_once("macro_rules!") {
                found.push((leading_name(rest.trim_start()).to_string(), source.room().to_string()));
            }
        }
    }
    found
}

#[test]
fn rooms_import_only_what_lies_below() {
    let sources = sources();
    let macros = macros(&sources);
    let mut wrong = Vec::new();
    for source in &sources {
        let room = source.room();
        let Some((_, allowed)) = MAY_IMPORT.iter().find(|(name, _)| *name == room) else {
            wrong.push(format!("src/{}: the room `{room}` has no row in MAY_IMPORT", source.path));
            continue;
        };
        let root = if room == "main" { "tensh" } else { "crate" };
        for name in roots(&code_only(&source.text), root) {
            let imported = macros.iter().find(|(m, _)| *m == name).map_or(name.as_str(), |(_, home)| home.as_str());
            let also = ALSO.iter().any(|(folder, room)| source.path.starts_with(folder) && *room == imported);
            if imported != room && !allowed.contains(&imported) && !also {
                wrong.push(format!("src/{}: `{room}` may not import `{imported}` ({root}::{name})", source.path));
            }
        }
    }
    wrong.sort();
    wrong.dedup();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn no_two_rooms_import_each_other() {
    for (room, allowed) in MAY_IMPORT {
        for other in *allowed {
            let (_, theirs) = MAY_IMPORT.iter().find(|(name, _)| name == other).unwrap();
            assert!(!theirs.contains(room), "`{room}` and `{other}` may import each other");
        }
    }
}

#[test]
fn files_are_short() {
    let long: Vec<String> = sources()
        .iter()
        .filter(|s| !s.path.ends_with("_table.rs") && !s.path.ends_with("_tables.rs"))
        .map(|s| (s.text.lines().count(), &s.path))
        .filter(|(lines, _)| *lines > MAX_LINES)
        .map(|(lines, path)| format!("src/{path}: {lines} lines"))
        .collect();
    assert!(long.is_empty(), "longer than {MAX_LINES} lines:\n{}", long.join("\n"));
}

#[test]
fn unsafe_stands_in_named_files_only() {
    let mut wrong = Vec::new();
    for source in sources() {
        let code = code_only(&source.text);
        // The attribute comes first: only the file's own documentation stands before it.
        let allowed = code.trim_start().starts_with("#![allow(unsafe_code)]") || source.path == UNSAFE_FUNCTION;
        let used = code.split(|c: char| !is_word(c)).any(|word| word == "unsafe");
        if used && !allowed {
            wrong.push(format!(
                "src/{}: `unsafe`, but the file does not begin with #![allow(unsafe_code)]",
                source.path
            ));
        }
        if allowed && !used {
            wrong.push(format!("src/{}: allows `unsafe` and has none", source.path));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn reads_code_as_the_compiler_does() {
    let text = "use crate::{base::x, cpu::{y, z}, rows};\n// crate::no\nlet s = \"crate::no \\\" \"; 'a: loop {} '\"' '\\'' \
                r#\"crate::no\"# /* crate::no /* */ */ crate::store::w; $crate::ops::v; other_crate::no";
    assert_eq!(roots(&code_only(text), "crate"), ["base", "cpu", "rows", "store", "ops"]);
}
