//! When the prompt reads on: `syntax/codeop.txt` holds what CPython 3.11's `codeop` says.

use tensh::lang::{Completeness, completeness, next_indent};

#[test]
fn codeop_agrees() {
    let mut differences = Vec::new();
    for case in include_str!("syntax/codeop.txt").split("---\n") {
        let (source, expected) = case.rsplit_once("\n=> ").expect("a case has a verdict");
        let found = match completeness(source) {
            Completeness::Complete => "complete",
            Completeness::Incomplete => "incomplete",
            Completeness::Invalid => "invalid",
        };
        if found != expected.trim_end() {
            differences.push(format!("{source:?}: {} by codeop, {found} by tensh", expected.trim_end()));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn pasted_statements_are_complete() {
    assert_eq!(completeness("x = 1\ny = 2\n"), Completeness::Complete);
    assert_eq!(completeness("if x:\n  a\nb"), Completeness::Complete);
    assert_eq!(completeness("x = 1\nif x:\n  a"), Completeness::Incomplete);
    assert_eq!(completeness("x = 1\nif x:\n  a\n    "), Completeness::Complete);
}

#[test]
fn indents() {
    for (source, expected) in [
        ("x = 1", ""),
        ("if x:", "    "),
        ("if x:  # why", "    "),
        ("for i in x:\n    if y:", "        "),
        ("def f():\n    return 1", ""),
        ("def f():\n    for x in y:\n        break", "    "),
        ("if x:\n    y = 1", "    "),
        ("x = [1,", "    "),
        ("x = [1,\n    2,", "    "),
        ("x = {1: 2}", ""),
        ("if x: pass", ""),
        ("\tif x:", "\t    "),
    ] {
        assert_eq!(next_indent(source), expected, "{source:?}");
    }
}
