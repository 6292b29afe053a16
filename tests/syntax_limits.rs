//! The parser under load: long literals, deep nesting, rubbish.

use std::time::Instant;
use tensh::lang::{self, MAX_DEPTH};

/// The message that parsing a source gives; empty if it parses.
fn message(source: &str) -> String {
    lang::parse(source).err().map(|errors| errors[0].to_string()).unwrap_or_default()
}

#[test]
fn a_million_numbers() {
    let numbers: Vec<String> = (0..1_000_000).map(|n| n.to_string()).collect();
    let source = format!("x = [{}]\n", numbers.join(", "));
    let start = Instant::now();
    assert_eq!(message(&source), "");
    println!("a million numbers: {:?}", start.elapsed());
}

#[test]
fn a_short_line() {
    let source = "y = a.b(1, k=2)[3:] @ c + 1; t * 2";
    let start = Instant::now();
    for _ in 0..1000 {
        assert_eq!(message(source), "");
    }
    println!("a short line: {:?}", start.elapsed() / 1000);
}

#[test]
fn many_lines() {
    let source = "for i in range(3):\n    x[i] = f(i, k=i + 1) * 2\n    print(f'{i}: {x[i]:.3f}')\n".repeat(10_000);
    let start = Instant::now();
    assert_eq!(message(&source), "");
    println!("30,000 lines: {:?}", start.elapsed());
}

#[test]
fn deep_nesting_is_an_error() {
    let too_deep = "RecursionError: maximum recursion depth exceeded during compilation";
    for (before, core, after) in [
        ("not ", "x", ""),
        ("-", "x", ""),
        ("x ** ", "x", ""),
        ("x ** -", "x", ""),
        ("lambda: ", "x", ""),
        ("lambda a, b: ", "x", ""),
        ("x if x else ", "x", ""),
        ("", "x", " + x"),
        ("", "x", ".x"),
        ("", "x", "[0]"),
        ("", "x", "()"),
    ] {
        let nest = |depth: usize| format!("{}{core}{}", before.repeat(depth), after.repeat(depth));
        assert_eq!(message(&nest(MAX_DEPTH as usize / 2)), "", "{before}{core}{after}");
        for depth in [5_000, 200_000] {
            assert_eq!(message(&nest(depth)), too_deep, "{before}{core}{after}");
        }
    }
    for (open, close) in [("(", ")"), ("[", "]"), ("{", "}"), ("f(", ")"), ("x[", "]"), ("(x, ", ")"), ("{x: ", "}")] {
        let nest = |depth: usize| format!("{}x{}", open.repeat(depth), close.repeat(depth));
        assert_eq!(message(&nest(150)), "", "{open}");
        assert_eq!(message(&nest(10_000)), "SyntaxError: too many nested parentheses", "{open}");
        assert_eq!(message(&open.repeat(10_000)), "SyntaxError: too many nested parentheses", "{open}");
    }
    let blocks: String = (0..101).map(|depth| format!("{}if x:\n", " ".repeat(depth))).collect();
    assert_eq!(message(&blocks), "IndentationError: too many levels of indentation");
}

#[test]
fn long_flat_expressions_parse() {
    for source in ["x and ", "x or ", "x < ", "x in ", "'a' ", "x, ", "x == y and "] {
        assert_eq!(message(&format!("{}x", source.repeat(20_000)).replace("'a' x", "'a'")), "", "{source}");
    }
    let elifs = "elif x:\n pass\n".repeat(20_000);
    assert_eq!(message(&format!("if x:\n pass\n{elifs}")), "");
}

#[test]
fn errors_are_found_in_good_time() {
    let start = Instant::now();
    assert_ne!(message(&format!("[{} 1 1]", "1, ".repeat(300_000))), "");
    assert_ne!(message(&"x = = 1\n".repeat(5_000)), "");
    assert_ne!(message(&format!("[{}", "(x, [y]), ".repeat(50_000))), "");
    println!("errors: {:?}", start.elapsed());
}

#[test]
fn of_very_many_errors_the_first_are_told() {
    for line in ["x = = 1", "x = (1]", "x = 1)", "if x", "x = '", "f'{'", "if x:\n y = = 1"] {
        let source = format!("{line}\n").repeat(100_000);
        let errors = tensh::lang::parse(&source).expect_err(line);
        assert_eq!(errors.len(), 20, "{line}");
    }
}
