//! Trees become text and trees again; and no input makes the parser panic.

mod common;

use common::{ebnf::Grammar, tree};
use proptest::prelude::*;
use std::sync::OnceLock;
use tensh::lang::{self, token::Kind, unparse};

fn grammar() -> &'static Grammar {
    static GRAMMAR: OnceLock<Grammar> = OnceLock::new();
    GRAMMAR.get_or_init(Grammar::tensh)
}

/// Checks that a source's tree survives being written and read.
fn check_round_trip(source: &str) {
    let Ok(block) = lang::parse(source) else { return };
    let written = unparse::block(&block);
    assert_eq!(tree(&written), tree(source), "\nof {source}\nis written {written}");
    // Writing is a fixed point: what was written is written the same again.
    let again = lang::parse(&written).map(|block| unparse::block(&block));
    assert_eq!(again.as_ref(), Ok(&written), "\nof {source}");
}

/// Text that is likely to be almost Python.
fn almost_python() -> impl Strategy<Value = String> {
    let marks = "( ) [ ] { } , : . ; = := -> ... + - * / // % @ ** << >> & | ^ ~ < <= == != += **= ! ? $ \\";
    let others = "x 1 1.5 1e5 2j 0x1f 'a' \"b\" f'{x}' f'{x!r:>{y}}' f'{ ''' f''' \" # \n \n \n\n \n\t é € \u{feff}";
    let mut words: Vec<String> = marks.split(' ').chain(others.split(' ')).map(str::to_owned).collect();
    words.extend(Kind::KEYWORDS.iter().map(|word| (*word).to_owned()));
    words.extend(["\n".to_owned(), "\n    ".to_owned(), "\r\n  ".to_owned(), ":\n  ".to_owned(), "".to_owned()]);
    let blank = prop_oneof![4 => Just(" "), 1 => Just("")];
    prop::collection::vec((prop::sample::select(words), blank), 0..40)
        .prop_map(|words| words.into_iter().flat_map(|(word, blank)| [word, blank.to_owned()]).collect())
}

/// Asks everything of a source; spans must lie in it.
fn ask_everything(source: &str) {
    if let Err(errors) = lang::parse(source) {
        assert!(!errors.is_empty());
        for error in errors {
            assert!(source.get(error.span.range()).is_some(), "{error:?} is outside of {source:?}");
        }
    }
    lang::completeness(source);
    lang::next_indent(source);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn sentences_survive(seed in any::<u64>(), depth in 12usize..50) {
        check_round_trip(&grammar().statement(seed, depth));
    }

    #[test]
    fn almost_python_never_panics(source in almost_python()) {
        ask_everything(&source);
        check_round_trip(&source);
    }

    #[test]
    fn any_text_never_panics(source in ".*") {
        ask_everything(&source);
    }

    #[test]
    fn broken_sentences_never_panic(seed in any::<u64>(), from in 0usize..400, length in 0usize..20) {
        let mut source = grammar().statement(seed, 20);
        let chars: Vec<usize> = source.char_indices().map(|(at, _)| at).collect();
        let (from, to) = (from % chars.len(), (from % chars.len() + length).min(chars.len() - 1));
        source.replace_range(chars[from]..chars[to], "");
        ask_everything(&source);
    }
}

#[test]
fn programs_survive() {
    include_str!("syntax/programs.txt").split("---\n").for_each(check_round_trip);
    for case in include_str!("syntax/cpython.txt").split("---\n") {
        check_round_trip(case.rsplit_once("\n=> ").map_or(case, |(source, _)| source));
    }
}

#[test]
fn parentheses_are_few() {
    for source in [
        "a + b * c",
        "(a + b) * c",
        "a - (b - c)",
        "-a ** -b",
        "(-a) ** b",
        "(a ** b) ** c",
        "not (a and b) or c",
        "(a < b) < c",
        "a if b else c if d else e",
        "(a if b else c) if d else e",
        "(lambda: a)(b)",
        "f(x := 1, *a, k=2, **b)",
        "a[1:, ..., ::2]",
        "x = a, *b",
        "f(i for i in x)",
        "f((i for i in x), 1)",
        "{'a': 1, **b}",
        "f'{x!r:>{w}}'",
        "(1).real",
        "1.5.real",
        "()",
        "(a,)[0]",
    ] {
        let block = lang::parse(source).expect("it parses");
        let written = unparse::block(&block);
        assert_eq!(written.trim_end().replace("f\"\"\"{x!r:>{w}}\"\"\"", "f'{x!r:>{w}}'"), source);
    }
}
