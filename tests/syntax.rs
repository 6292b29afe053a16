//! What is accepted and what is said of the rest: `syntax/cpython.txt` holds CPython 3.11's own words.

use tensh::lang;

/// The first line of what parsing a source gives: `ok` or an error.
fn verdict(source: &str) -> String {
    match lang::parse(source) {
        Ok(_) => "ok".to_owned(),
        Err(errors) => errors[0].to_string(),
    }
}

/// The cases of a file: a source, and behind `=> ` what CPython says of it.
fn cases(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split("---\n").filter_map(|case| {
        let (source, expected) = case.rsplit_once("\n=> ")?;
        Some((source, expected.trim_end()))
    })
}

#[test]
fn cpython_agrees() {
    let text = include_str!("syntax/cpython.txt");
    let mut differences = Vec::new();
    let mut count = 0;
    for (source, expected) in cases(text) {
        count += 1;
        let found = verdict(source);
        if found != expected && !found.contains("tensh has no") {
            differences.push(format!("{source:?}\n  cpython: {expected}\n  tensh:   {found}"));
        }
    }
    assert!(differences.is_empty(), "{} of {count} differ:\n{}", differences.len(), differences.join("\n"));
}

/// A bracket that fits nothing is one error, also to the parser behind the lexer.
#[test]
fn a_bracket_is_reported_once() {
    for source in ["x = 1)", "x = (1]", "x = [(1, 2]\n", "f(1)) + 2", "{1: 2)"] {
        assert_eq!(lang::parse(source).expect_err(source).len(), 1, "{source}");
    }
}

#[test]
fn exception_types_without_parentheses_are_the_place() {
    let source = "try: pass\nexcept A, B: pass";
    let errors = lang::parse(source).expect_err(source);
    assert_eq!(errors[0].message, "multiple exception types must be parenthesized");
    assert_eq!(&source[errors[0].span.range()], "A");
}
