//! Says whether a program is one of `grammar/tensh.ebnf`, from the grammar alone.

use super::ebnf::{Grammar, Part};
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;
use tensh::lang::lexer;
use tensh::lang::token::Kind;

/// Whether the grammar makes the tokens of `source`.
pub fn accepts(grammar: &Grammar, source: &str) -> bool {
    let lexed = lexer::lex(source);
    if lexed.fatal || !lexed.errors.is_empty() {
        return false;
    }
    let kinds: Vec<Kind> = lexed.tokens.iter().map(|token| plain(token.kind)).collect();
    let last = kinds.len() - 1;
    let mut recognizer = Recognizer { grammar, kinds, known: HashMap::new() };
    recognizer.rule("file", 0).contains(&last)
}

/// The marks of an f-string's field, as the grammar writes them.
fn plain(kind: Kind) -> Kind {
    match kind {
        Kind::FOpen => Kind::LBrace,
        Kind::FClose => Kind::RBrace,
        Kind::FColon => Kind::Colon,
        Kind::FLabel => Kind::Assign,
        kind => kind,
    }
}

/// The token that a rule of the lexer's makes.
fn terminal(name: &str) -> Option<Kind> {
    Some(match name {
        "NAME" => Kind::Name,
        "NUMBER" => Kind::Number,
        "STRING" => Kind::Str,
        "BYTES" => Kind::Bytes,
        "FSTART" => Kind::FStart,
        "FTEXT" => Kind::FText,
        "FEND" => Kind::FEnd,
        "CONVERSION" => Kind::FConversion,
        "NEWLINE" => Kind::Newline,
        "INDENT" => Kind::Indent,
        "DEDENT" => Kind::Dedent,
        _ => return None,
    })
}

/// Follows every way through the grammar at once; what a rule matches at a token is found once.
struct Recognizer<'g> {
    grammar: &'g Grammar,
    kinds: Vec<Kind>,
    known: HashMap<(&'g str, usize), Rc<BTreeSet<usize>>>,
}

impl<'g> Recognizer<'g> {
    /// The tokens in front of which what the rule makes from `at` on can end.
    fn rule(&mut self, name: &'g str, at: usize) -> Rc<BTreeSet<usize>> {
        if let Some(known) = self.known.get(&(name, at)) {
            return known.clone();
        }
        let mut ends = BTreeSet::new();
        match terminal(name) {
            Some(kind) => self.token(kind, at, &mut ends),
            None => self.part(&self.grammar.rules[name], at, &mut ends),
        }
        let ends = Rc::new(ends);
        self.known.insert((name, at), ends.clone());
        ends
    }

    fn token(&self, kind: Kind, at: usize, ends: &mut BTreeSet<usize>) {
        if self.kinds.get(at) == Some(&kind) {
            ends.insert(at + 1);
        }
    }

    fn part(&mut self, part: &'g Part, at: usize, ends: &mut BTreeSet<usize>) {
        match part {
            Part::Text(text) => {
                let kind = Kind::of_text(text).unwrap_or_else(|| panic!("{text} is no token"));
                self.token(kind, at, ends);
            }
            Part::Rule(name) => ends.extend(self.rule(name, at).iter()),
            Part::Sequence(parts) => {
                let mut here = BTreeSet::from([at]);
                for part in parts {
                    let mut next = BTreeSet::new();
                    here.iter().for_each(|at| self.part(part, *at, &mut next));
                    here = next;
                }
                ends.extend(here);
            }
            Part::Choice(ways) => ways.iter().for_each(|way| self.part(way, at, ends)),
            Part::Optional(part) => {
                ends.insert(at);
                self.part(part, at, ends);
            }
            Part::Repeat(part) => {
                let (mut seen, mut open) = (BTreeSet::from([at]), vec![at]);
                while let Some(at) = open.pop() {
                    let mut next = BTreeSet::new();
                    self.part(part, at, &mut next);
                    open.extend(next.into_iter().filter(|end| seen.insert(*end)));
                }
                ends.extend(seen);
            }
        }
    }
}
