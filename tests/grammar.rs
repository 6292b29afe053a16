//! Holds `grammar/tensh.ebnf` and `grammar/precedence.txt` to the parser.

mod common;

use common::ebnf::{Grammar, LAYOUT};
use common::recognize::accepts;
use common::{is_beyond_grammar, spread, tree};
use std::collections::BTreeSet;
use tensh::lang::parser::{Associativity, Row, rows, rule_names};

/// How many mutations of each program are tried.
const MUTATIONS: u64 = 12;

/// Rules of the parser that exist to say what tensh has not.
const REFUSALS: [&str; 2] = ["unsupported_expression", "unsupported_statement"];

#[test]
fn rules_are_the_parsers() {
    let grammar = Grammar::tensh();
    let written: BTreeSet<&str> =
        grammar.rules.keys().map(String::as_str).filter(|name| name.starts_with(char::is_lowercase)).collect();
    let parsed: BTreeSet<&str> = rule_names().into_iter().filter(|name| !REFUSALS.contains(name)).collect();
    let only_written: Vec<_> = written.difference(&parsed).collect();
    let only_parsed: Vec<_> = parsed.difference(&written).collect();
    assert!(
        only_written.is_empty() && only_parsed.is_empty(),
        "only in the file: {only_written:?}, only in the parser: {only_parsed:?}"
    );
}

#[test]
fn every_rule_is_defined_and_used() {
    let grammar = Grammar::tensh();
    let mut used = vec!["file".to_owned()];
    grammar.rules.values().for_each(|body| Grammar::uses(body, &mut used));
    for name in &used {
        assert!(grammar.rules.contains_key(name) || LAYOUT.contains(&name.as_str()), "{name} is not defined");
    }
    for name in grammar.rules.keys() {
        assert!(used.contains(name), "{name} is not used");
    }
}

#[test]
fn sentences_parse() {
    let grammar = Grammar::tensh();
    let (mut parsed, mut beyond) = (0, 0);
    for seed in 1..=6000u64 {
        let depth = 12 + (seed % 40) as usize;
        let sentence = grammar.statement(spread(seed), depth);
        match tree(&sentence) {
            Ok(_) => parsed += 1,
            Err(message) if is_beyond_grammar(&message) => beyond += 1,
            Err(message) => panic!("seed {seed}:\n{sentence}\n{message}"),
        }
    }
    assert!(parsed > 3000, "{parsed} parsed, {beyond} hit what the grammar cannot say");
}

/// The programs that the parser is tested with.
fn programs() -> Vec<&'static str> {
    let accepted = |case: &&'static str| tree(case).is_ok();
    let cases = include_str!("syntax/cpython.txt").split("\n---\n");
    let accepted_cases = cases.filter_map(|case| case.rsplit_once("\n=> ").map(|(source, _)| source)).filter(accepted);
    include_str!("syntax/programs.txt").split("\n---\n").chain(accepted_cases).collect()
}

#[test]
fn programs_that_parse_are_sentences() {
    let grammar = Grammar::tensh();
    let programs = programs();
    assert!(programs.len() > 100, "{} programs", programs.len());
    for program in programs {
        assert!(accepts(&grammar, program), "the grammar does not make\n{program}");
    }
}

/// A program with one token taken out, written twice, or written over by another of its tokens.
fn mutated(program: &str, random: u64) -> String {
    let tokens = tensh::lang::lexer::lex(program).tokens;
    let pick = |random: u64| tokens[random as usize % tokens.len()].span.range();
    let (at, other) = (pick(random >> 8), program.get(pick(random >> 32)).unwrap_or(""));
    let (before, token, after) = (&program[..at.start], &program[at.clone()], &program[at.end..]);
    match random % 3 {
        0 => format!("{before} {after}"),
        1 => format!("{before}{token} {token}{after}"),
        _ => format!("{before} {other} {after}"),
    }
}

#[test]
fn the_parser_and_the_grammar_agree_on_mutated_programs() {
    let grammar = Grammar::tensh();
    let (mut both, mut neither, mut differing) = (0, 0, Vec::new());
    for (index, program) in programs().into_iter().enumerate() {
        for seed in 0..MUTATIONS {
            let source = mutated(program, spread(index as u64 * MUTATIONS + seed + 1));
            match (tree(&source), accepts(&grammar, &source)) {
                (Ok(_), true) => both += 1,
                (Err(_), false) => neither += 1,
                (Err(message), true) if is_beyond_grammar(&message) => {}
                (parsed, accepted) => {
                    differing.push(format!("{source}\nthe grammar: {accepted}, the parser: {parsed:?}\n"))
                }
            }
        }
    }
    assert!(differing.is_empty(), "{} differ:\n{}", differing.len(), differing.join("\n"));
    assert!(both > 300 && neither > 500, "{both} in both, {neither} in neither");
}

/// Where an operator stands among the rows: the row's index and how it groups.
fn infix() -> Vec<(usize, Associativity, &'static str)> {
    let rows = rows().iter().enumerate().filter(|(_, row)| row.associativity != Associativity::Prefix);
    rows.flat_map(|(index, row)| row.operators.iter().map(move |op| (index, row.associativity, *op))).collect()
}

#[test]
fn pairs_of_operators_group_as_the_rows_say() {
    for (level, associativity, first) in infix() {
        for (other_level, _, second) in infix() {
            let plain = tree(&format!("a {first} b {second} c"));
            let left = tree(&format!("(a {first} b) {second} c"));
            let right = tree(&format!("a {first} (b {second} c)"));
            let case = format!("a {first} b {second} c");
            let grouped = (plain == left, plain == right);
            assert!(plain.is_ok(), "{case}: {plain:?}");
            let expected = match level.cmp(&other_level) {
                std::cmp::Ordering::Greater => (true, false),
                std::cmp::Ordering::Less => (false, true),
                std::cmp::Ordering::Equal => match associativity {
                    Associativity::Left => (true, false),
                    Associativity::Right => (false, true),
                    _ => (false, false),
                },
            };
            assert_eq!(grouped, expected, "{case}");
        }
    }
}

#[test]
fn prefix_operators_group_as_the_rows_say() {
    let is_prefix = |row: &&Row| row.associativity == Associativity::Prefix;
    for row in rows().iter().filter(is_prefix) {
        let level = rows().iter().position(|other| other.rule == row.rule).expect("it is a row");
        for prefix in &row.operators {
            for (other_level, associativity, infix) in infix() {
                let plain = tree(&format!("{prefix} a {infix} b"));
                let inner = if other_level > level {
                    format!("{prefix} (a {infix} b)")
                } else {
                    format!("({prefix} a) {infix} b")
                };
                assert_eq!(plain, tree(&inner), "{prefix} a {infix} b");
                // To the right of a tighter operator only the row below `**` may stand.
                // `is not` is an operator of its own.
                let one = *infix == *"is" && *prefix == "not";
                let allowed =
                    one || other_level < level || associativity == Associativity::Right && other_level == level + 1;
                assert_eq!(tree(&format!("a {infix} {prefix} b")).is_ok(), allowed, "a {infix} {prefix} b");
            }
        }
    }
}
