//! Diagnostics as printed. A case is a file of `tests/diagnostics/`: the headline, `--- source` with what is underlined
//! in `«text¦label»` and the primary span in `‹ ›`, lines of `--- help` and `--- note`, and the text wanted after
//! `--- expected`. `TENSH_UPDATE=1` writes what is printed now.

use std::fs;
use std::path::Path;
use tensh::base::Span;
use tensh::print::diagnostic::Diagnostic;

/// Takes the marks out of a source: the source, the primary span, the labels in the order of their ends.
fn unmark(marked: &str) -> (String, Span, Vec<(Span, String)>) {
    let (mut source, mut primary, mut labels) = (String::new(), None, Vec::new());
    let mut open: Vec<usize> = Vec::new();
    let mut label: Option<String> = None;
    for c in marked.chars() {
        match (c, &mut label) {
            ('»', text) => {
                labels.push((Span::new(open.pop().unwrap(), source.len()), text.take().unwrap_or_default()));
            }
            (c, Some(text)) => text.push(c),
            ('¦', None) => label = Some(String::new()),
            ('«' | '‹', None) => open.push(source.len()),
            ('›', None) => primary = Some(Span::new(open.pop().unwrap(), source.len())),
            (c, None) => source.push(c),
        }
    }
    let first = labels.first().map(|(span, _): &(Span, String)| *span);
    (source, primary.or(first).unwrap_or_default(), labels)
}

fn sections(text: &str) -> Vec<(&str, String)> {
    let mut out = vec![("headline", String::new())];
    for line in text.lines() {
        match line.strip_prefix("--- ") {
            Some(name) => out.push((name, String::new())),
            None => {
                let body = &mut out.last_mut().unwrap().1;
                if !body.is_empty() {
                    body.push('\n');
                }
                body.push_str(line);
            }
        }
    }
    out
}

#[test]
fn diagnostics_are_as_recorded() {
    let mut paths: Vec<_> = fs::read_dir("tests/diagnostics").unwrap().map(|e| e.unwrap().path()).collect();
    paths.sort();
    let mut wrong = Vec::new();
    for path in &paths {
        let text = fs::read_to_string(path).unwrap();
        let sections = sections(&text);
        let all = |name: &str| -> Vec<String> {
            sections.iter().filter(|(n, _)| *n == name).map(|(_, body)| body.clone()).collect()
        };
        let (source, primary, labels) = unmark(&all("source").join("\n").replace("\\t", "\t").replace("\\r", "\r"));
        let diagnostic = Diagnostic {
            headline: all("headline").join("\n"),
            source_name: all("name").pop().unwrap_or_else(|| "<stdin>".into()),
            source: &source,
            primary,
            labels,
            help: all("help"),
            notes: all("note"),
        };
        let got = diagnostic.render(false);
        let (head, expected) = text.split_once("--- expected\n").unwrap_or((&text, ""));
        if got != expected {
            wrong.push(format!("{}\n{got}", path.display()));
            if std::env::var_os("TENSH_UPDATE").is_some() {
                fs::write(path, format!("{head}--- expected\n{got}")).unwrap();
            }
        }
    }
    assert!(paths.len() > 10);
    assert!(wrong.is_empty(), "{} differ\n{}", wrong.len(), wrong.join("\n"));
}

fn plain<'s>(source: &'s str, primary: Span) -> Diagnostic<'s> {
    Diagnostic { headline: "E: m".into(), source_name: "f".into(), source, primary, ..Diagnostic::default() }
}

#[test]
fn colour_adds_only_colour() {
    let source = "y = a + b\n";
    let label = |at: usize, text: &str| (Span::new(at, at + 1), text.to_string());
    let diagnostic = Diagnostic {
        labels: vec![label(4, "a: float32[2, 3] cpu"), label(6, ""), label(8, "b: float32[2, 4] cpu")],
        help: vec!["make them alike".into()],
        ..plain(source, Span::new(4, 9))
    };
    let colored = diagnostic.render(true);
    assert!(colored.starts_with("\x1b[31;1mE\x1b[0m\x1b[1m: m\x1b[0m\n"), "{colored:?}");
    let mut stripped = String::new();
    let mut rest = colored.as_str();
    while let Some((before, after)) = rest.split_once('\x1b') {
        stripped.push_str(before);
        rest = after.split_once('m').unwrap().1;
    }
    stripped.push_str(rest);
    assert_eq!(stripped, diagnostic.render(false));
    assert!(Path::new("tests/diagnostics/operands.txt").exists());
}

#[test]
fn a_large_source_is_cut_and_quick() {
    let source = format!("x = tensor([{}])\n", "1.5, ".repeat(1_000_000));
    let at = 3_000_000;
    let start = std::time::Instant::now();
    let text = plain(&source, Span::new(at, at + 3)).render(false);
    assert!(text.len() < 1000, "{}", text.len());
    assert!(text.contains(&format!("f:1:{}", at + 1)), "{text}");
    let whole = plain(&source, Span::new(0, source.len())).render(false);
    assert!(whole.len() < 1000, "{whole}");
    let lines = "1,\n".repeat(1_000_000);
    let text = plain(&lines, Span::new(10, lines.len())).render(false);
    assert!(text.len() < 1000, "{text}");
    // A quadratic search would take minutes; a busy machine gets its time.
    assert!(start.elapsed().as_secs_f64() < 20.0, "{:?}", start.elapsed());
}

#[test]
fn any_span_of_any_source_is_shown() {
    let sources = [
        "",
        "\n",
        "a",
        "é日\n\n\tx\u{301}\r\n",
        "\u{1b}[31m\0\u{202e}",
        "a\n\n\n",
        "日本語".repeat(90).as_str().to_owned().leak(),
    ];
    for source in sources {
        for start in 0..source.len().min(40) + 2 {
            for end in start.saturating_sub(1)..source.len().min(300) + 3 {
                let text = plain(source, Span::new(start, end)).render(false);
                assert!(text.starts_with("E: m\n"));
                assert!(
                    text.lines().count() >= if source.trim().is_empty() { 2 } else { 4 },
                    "{source:?} {start} {end}\n{text}"
                );
                assert!(!text.contains(['\u{1b}', '\0', '\u{202e}']));
            }
        }
    }
}
