//! The parser and the checker against Python's own (`tests/data/golden/doctest_cases.py`), and whole runs with a
//! session that is no interpreter.

use super::doctest::{Example, Flags, parse};
use super::*;

fn unescape(field: &str) -> String {
    let mut out = String::new();
    let mut chars = field.chars();
    while let Some(c) = chars.next() {
        match if c == '\\' { chars.next() } else { None } {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some(other) => out.push(other),
            None => out.push(c),
        }
    }
    out
}

/// Flags from their names, by way of a directive.
fn flags(names: &str) -> Flags {
    let options = if names == "-" { String::new() } else { format!("# doctest: +{}", names.replace(',', " +")) };
    parse(&format!(">>> x {options}")).unwrap()[0].flags
}

fn example(source: &str, want: &str, error: Option<&str>, flags: Flags) -> Example {
    let (source, want, error) = (source.into(), want.into(), error.map(str::to_string));
    Example { source, want, error, line: 0, source_lines: 1, want_lines: 0, indent: 0, flags }
}

#[test]
fn as_pythons_doctest() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/golden/doctest.cases");
    let text = std::fs::read_to_string(path).unwrap();
    let rows: Vec<Vec<String>> = text.lines().map(|l| l.split('\t').map(unescape).collect()).collect();
    let (mut texts, mut checks) = (0, 0);
    for (i, row) in rows.iter().enumerate() {
        let fields: Vec<&str> = row.iter().map(String::as_str).collect();
        match fields[..] {
            ["text", text] => {
                let follows = rows[i + 1..].iter().take_while(|r| r[0] == "example" || r[0] == "error");
                let want: Vec<Vec<String>> = follows.map(|r| r[1..].to_vec()).collect();
                let failed = want.iter().any(Vec::is_empty);
                let have = parse(text);
                assert_eq!(have.is_err(), failed, "{text:?}: {have:?}");
                for (have, want) in have.unwrap_or_default().iter().zip(&want) {
                    let error = have.error.as_ref().map_or("-".into(), |e| format!("={e}"));
                    let (line, indent) = (have.line.to_string(), have.indent.to_string());
                    let have_fields = [have.source.clone(), have.want.clone(), error, line, indent];
                    assert_eq!(have_fields, want[..5], "{text:?}");
                    assert_eq!(have.flags, flags(&want[5]), "{text:?}");
                }
                let count = if failed { 0 } else { want.len() };
                assert_eq!(parse(text).map_or(0, |e| e.len()), count, "{text:?}");
                texts += 1;
            }
            ["check", want, have, error, names, passes] => {
                let is_error = error == "1";
                let example = example("x\n", want, is_error.then_some(want), flags(names));
                let have_error = is_error.then(|| have.to_string());
                let outcome = Outcome { stdout: if is_error { String::new() } else { have.into() }, error: have_error };
                assert_eq!(check::passes(&example, &outcome), passes == "1", "{row:?}");
                checks += 1;
            }
            ["example", ..] | ["error"] => {}
            _ => panic!("row {row:?}"),
        }
    }
    assert!(texts >= 1500 && checks >= 3000, "{texts} texts, {checks} checks");
}

/// Says what it is told to say: `say TEXT`, `fail TEXT`, `count` (how often it was asked), `panic`.
#[derive(Default)]
struct Parrot {
    count: usize,
}

impl Runner for Parrot {
    fn run(&mut self, source: &str) -> Outcome {
        self.count += 1;
        let source = source.lines().next().unwrap_or_default();
        let (verb, text) = source.split_once(' ').unwrap_or((source, ""));
        let text = text.split('#').next().unwrap_or_default().trim_end().replace('|', "\n");
        match verb {
            "say" => Outcome { stdout: text + "\n", error: None },
            "fail" => Outcome { stdout: "before\n".into(), error: Some(text) },
            "count" => Outcome { stdout: format!("{}\n", self.count), error: None },
            "panic" => panic!("told to"),
            _ => Outcome::default(),
        }
    }
}

/// Runs the text as the only file of a folder; gives status, report and the file's text afterwards.
fn play(name: &str, text: &str, update: bool) -> (u8, String, String) {
    let folder = std::env::temp_dir().join(format!("tensh-golden-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("file.md");
    std::fs::write(&path, text).unwrap();
    let settings = Settings { paths: vec![folder.clone()], update, ..Default::default() };
    let mut out = Vec::new();
    let status = test(&settings, &|_| Box::new(Parrot::default()), &mut out).unwrap();
    let after = std::fs::read_to_string(&path).unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    let report = String::from_utf8(out).unwrap().replace(&format!("{}/", folder.display()), "");
    (status, report, after)
}

#[test]
fn a_file_that_passes() {
    let text = "# Title\n\n```python\n>>> say 1|2\n1\n2\n>>> count\n2\n>>> fail E: x\nTraceback (most recent call last):\n  any\nE: x\n>>> say a||b\na\n<BLANKLINE>\nb\n\n```\n>>> say no # doctest: +SKIP\nyes\n";
    let (status, report, _) = play("passes", text, false);
    assert_eq!((status, report.as_str()), (0, "4 examples in 1 file: all pass, 1 skipped\n"));
}

#[test]
fn a_file_that_fails() {
    let text = "text\n\n    >>> say 1|2|3\n    1\n    two\n    3\n    >>> fail E: x\n    E: x\n";
    let (status, report, _) = play("fails", text, false);
    let want = "\
file.md:3
    >>> say 1|2|3
    --- expected
    +++ got
    @@ -1,3 +1,3 @@
     1
    -two
    +2
     3

file.md:7
    >>> fail E: x
    --- expected
    +++ got
    @@ -1 +1,3 @@
    +Traceback (most recent call last):
    +    ...
     E: x
    (before the error it printed \"before\\n\")

2 examples in 1 file: 2 fail
";
    assert_eq!((status, report.as_str()), (1, want));
}

#[test]
fn outputs_rewritten() {
    let text =
        "```python\n>>> say 1||2\n>>> fail E: x\nold\n>>> count\n3\n>>> say end\n```\n\n  >>> count\n  9\n\nprose\n";
    let after = "```python\n>>> say 1||2\n1\n<BLANKLINE>\n2\n>>> fail E: x\nTraceback (most recent call last):\n    ...\nE: x\n>>> count\n3\n>>> say end\nend\n\n```\n\n  >>> count\n  5\n\nprose\n";
    let (status, report, have) = play("rewritten", text, true);
    assert_eq!(have, after);
    let want = "file.md: 4 outputs rewritten\n5 examples in 1 file: all pass, 4 rewritten\n";
    assert_eq!((status, report.as_str()), (0, want));
    assert_eq!(play("rewritten-again", after, false).0, 0);
}

#[test]
fn outputs_that_no_golden_can_hold() {
    let text = ">>> say >>> x\nold\n>>> say 2\n";
    let (status, report, after) = play("impossible", text, true);
    assert_eq!((status, after.as_str()), (1, ">>> say >>> x\nold\n>>> say 2\n2\n"));
    assert!(report.ends_with("2 examples in 1 file: 1 fail, 1 rewritten\n"), "{report}");
}

#[test]
fn fences_without_a_blank_line() {
    let (status, report, _) = play("fence", "```\n>>> say 1\n1\n```\n", false);
    assert_eq!(status, 1);
    assert!(report.contains("help: a blank line must stand"), "{report}");
}

#[test]
fn trouble() {
    let (status, report, _) = play("prompt", ">>> say 1\n1\n>>>say\n", false);
    assert_eq!(status, 1);
    assert_eq!(report, "file.md:3: line lacks blank after >>>\n0 examples in 1 file: 1 file could not be run\n");
    let (status, report, _) = play("panic", ">>> panic\n", false);
    assert_eq!((status, report.lines().next()), (1, Some("file.md: the session panicked")));
    let settings = Settings { paths: vec!["/nowhere/at/all".into()], ..Default::default() };
    assert_eq!(test(&settings, &|_| Box::new(Parrot::default()), &mut Vec::new()).unwrap(), 2);
    assert_eq!(test(&Settings::default(), &|_| Box::new(Parrot::default()), &mut Vec::new()).unwrap(), 2);
}

#[test]
fn arguments() {
    let read = |args: &[&str]| Settings::parse(&mut lexopt::Parser::from_args(args), false);
    let settings = read(&["a.md", "--update", "--filter=x", "b", "--color", "always"]).unwrap();
    assert_eq!(settings.paths, [PathBuf::from("a.md"), PathBuf::from("b")]);
    assert!(settings.update && settings.color && settings.filter.as_deref() == Some("x"));
    assert!(read(&["--nope"]).is_err() && read(&["--filter"]).is_err() && read(&["--color", "blue"]).is_err());
    assert!(read(&["-h"]).unwrap().help);
}

/// Answers every example with the output that its file expects.
struct Oracle(std::vec::IntoIter<Example>);

impl Runner for Oracle {
    fn run(&mut self, source: &str) -> Outcome {
        let example = self.0.next().unwrap();
        assert_eq!(example.source, source);
        Outcome { stdout: example.want, error: example.error }
    }
}

#[test]
fn goldens_are_well_formed() {
    let root = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden"));
    let mut count = 0;
    for path in find(&[root], None).unwrap() {
        let examples = parse(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let result = run::file(&path, false, &|| Box::new(Oracle(examples.clone().into_iter())));
        assert!(result.broken.is_none() && result.failures.is_empty(), "{}", path.display());
        assert!(examples.iter().all(|e| !e.want.contains("```")), "{}", path.display());
        count += result.count;
    }
    assert!(count > 1200, "{count} examples");
}
