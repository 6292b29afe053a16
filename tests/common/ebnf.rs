//! Reads `grammar/tensh.ebnf` and makes random sentences of it.

use std::collections::BTreeMap;

/// What a rule is made of.
#[derive(Clone, Debug)]
pub enum Part {
    Text(String),
    Rule(String),
    Sequence(Vec<Part>),
    Choice(Vec<Part>),
    Repeat(Box<Part>),
    Optional(Box<Part>),
}

/// A grammar: its rules by name.
pub struct Grammar {
    pub rules: BTreeMap<String, Part>,
    /// How deep the shallowest sentence of each rule nests.
    depths: BTreeMap<String, usize>,
}

impl Grammar {
    /// The grammar of tensh.
    pub fn tensh() -> Grammar {
        Grammar::read(include_str!("../../grammar/tensh.ebnf"))
    }

    fn read(text: &str) -> Grammar {
        let mut reader = Reader { tokens: words(text), at: 0 };
        let mut rules = BTreeMap::new();
        while let Some(name) = reader.next() {
            assert_eq!(reader.next().as_deref(), Some("="), "after {name}");
            let body = reader.choice();
            assert_eq!(reader.next().as_deref(), Some("."), "at the end of {name}");
            assert!(rules.insert(name.clone(), body).is_none(), "{name} stands twice");
        }
        let mut grammar = Grammar { rules, depths: BTreeMap::new() };
        loop {
            let found: Vec<(String, usize)> = grammar
                .rules
                .iter()
                .filter(|(name, _)| !grammar.depths.contains_key(*name))
                .filter_map(|(name, body)| Some((name.clone(), grammar.depth(body)? + 1)))
                .collect();
            if found.is_empty() {
                break;
            }
            // The lowest first: the others may yet find a shallower way.
            let least = found.iter().map(|(_, depth)| *depth).min().unwrap_or(0);
            grammar.depths.extend(found.into_iter().filter(|(_, depth)| *depth == least));
        }
        grammar
    }

    fn depth(&self, part: &Part) -> Option<usize> {
        match part {
            Part::Text(_) | Part::Repeat(_) | Part::Optional(_) => Some(0),
            Part::Rule(name) if LAYOUT.contains(&&**name) => Some(0),
            Part::Rule(name) => self.depths.get(name).copied(),
            Part::Sequence(parts) => parts.iter().map(|part| self.depth(part)).try_fold(0, |a, b| Some(a.max(b?))),
            Part::Choice(parts) => parts.iter().filter_map(|part| self.depth(part)).min(),
        }
    }

    /// The names used in a rule's body.
    pub fn uses(part: &Part, found: &mut Vec<String>) {
        match part {
            Part::Text(_) => {}
            Part::Rule(name) => found.push(name.clone()),
            Part::Sequence(parts) | Part::Choice(parts) => parts.iter().for_each(|part| Grammar::uses(part, found)),
            Part::Repeat(part) | Part::Optional(part) => Grammar::uses(part, found),
        }
    }

    /// A random statement, in a function and a loop, where `return` and `break` may stand.
    pub fn statement(&self, seed: u64, depth: usize) -> String {
        let statement = self.sentence("statement", seed, depth);
        let lines = statement.lines().map(|line| format!("    {line}\n"));
        format!("def f():\n  while x:\n{}", lines.collect::<String>())
    }

    /// A random sentence of the rule `start`.
    pub fn sentence(&self, start: &str, seed: u64, depth: usize) -> String {
        let mut writer =
            Sentence { grammar: self, random: seed | 1, text: String::new(), indent: 0, tight: 0, field: 0 };
        writer.rule(start, depth);
        writer.text
    }
}

/// What the layout of lines makes.
pub const LAYOUT: [&str; 3] = ["NEWLINE", "INDENT", "DEDENT"];

fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let end = if rest.starts_with("(*") {
            rest = &rest[rest.find("*)").expect("an end of the comment") + 2..];
            rest = rest.trim_start();
            continue;
        } else if rest.starts_with('"') {
            let bytes = rest.as_bytes();
            let mut end = 1;
            while bytes[end] != b'"' {
                end += if bytes[end] == b'\\' { 2 } else { 1 };
            }
            end + 1
        } else {
            rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len()).max(1)
        };
        words.push(rest[..end].to_owned());
        rest = rest[end..].trim_start();
    }
    words
}

struct Reader {
    tokens: Vec<String>,
    at: usize,
}

impl Reader {
    fn peek(&self) -> &str {
        self.tokens.get(self.at).map_or("", String::as_str)
    }

    fn next(&mut self) -> Option<String> {
        self.at += 1;
        self.tokens.get(self.at - 1).cloned()
    }

    fn choice(&mut self) -> Part {
        let mut ways = vec![self.sequence()];
        while self.peek() == "|" {
            self.at += 1;
            ways.push(self.sequence());
        }
        if ways.len() == 1 { ways.remove(0) } else { Part::Choice(ways) }
    }

    fn sequence(&mut self) -> Part {
        let mut parts = Vec::new();
        while !matches!(self.peek(), "|" | ")" | "]" | "}" | "." | "") {
            let word = self.next().unwrap_or_default();
            let mut inner = |close: &str| {
                let part = self.choice();
                assert_eq!(self.next().as_deref(), Some(close));
                Box::new(part)
            };
            parts.push(match word.as_str() {
                "{" => Part::Repeat(inner("}")),
                "[" => Part::Optional(inner("]")),
                "(" => *inner(")"),
                text if text.starts_with('"') => {
                    let text = &text[1..text.len() - 1];
                    Part::Text(text.replace("\\\"", "\"").replace("\\\\", "\\"))
                }
                name => Part::Rule(name.to_owned()),
            });
        }
        if parts.len() == 1 { parts.remove(0) } else { Part::Sequence(parts) }
    }
}

struct Sentence<'g> {
    grammar: &'g Grammar,
    random: u64,
    text: String,
    indent: usize,
    /// Above 0 no blanks are written.
    tight: usize,
    /// Above 0 in a field of an f-string, where quotes and colons would end it.
    field: usize,
}

impl Sentence<'_> {
    fn below(&mut self, bound: usize) -> usize {
        // xorshift64*
        self.random ^= self.random >> 12;
        self.random ^= self.random << 25;
        self.random ^= self.random >> 27;
        (self.random.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % bound
    }

    fn put(&mut self, text: &str) {
        if self.text.ends_with('\n') {
            self.text.push_str(&"  ".repeat(self.indent));
        } else if self.tight == 0 && !self.text.is_empty() {
            self.text.push(' ');
        }
        self.text.push_str(text);
    }

    fn rule(&mut self, name: &str, depth: usize) {
        match name {
            "NEWLINE" => return self.text.push('\n'),
            "INDENT" => return self.indent += 1,
            "DEDENT" => return self.indent -= 1,
            // The values of fields are kept simple: no quotes, no colon outside brackets.
            "strings" | "bytes" | "lambda" | "NUMBER" if self.field > 0 => return self.put("x"),
            _ => {}
        }
        let tight = name.starts_with(char::is_uppercase) || matches!(name, "fstring" | "field" | "format_spec");
        let loose = name == "star_expressions";
        let (outer_tight, outer_field) = (self.tight, self.field);
        if tight && self.tight == 0 {
            self.put("");
        }
        self.tight = if loose { 0 } else { self.tight + usize::from(tight) };
        self.field += usize::from(name == "field");
        let body = &self.grammar.rules[name];
        self.part(body, depth.saturating_sub(1));
        (self.tight, self.field) = (outer_tight, outer_field);
    }

    fn part(&mut self, part: &Part, depth: usize) {
        let fits = |part: &Part, grammar: &Grammar| grammar.depth(part).is_some_and(|least| least <= depth);
        match part {
            Part::Text(text) => self.put(text),
            Part::Rule(name) => self.rule(name, depth),
            Part::Sequence(parts) => parts.iter().for_each(|part| self.part(part, depth)),
            Part::Choice(ways) => {
                let grammar = self.grammar;
                let open: Vec<&Part> = ways.iter().filter(|way| fits(way, grammar)).collect();
                let least = || ways.iter().min_by_key(|way| grammar.depth(way).unwrap_or(usize::MAX));
                let way = match open.len() {
                    0 => least().expect("a choice has a way"),
                    count => open[self.below(count)],
                };
                self.part(way, depth);
            }
            Part::Repeat(part) => {
                while depth > 3 && fits(part, self.grammar) && self.below(6) == 0 {
                    self.part(part, depth);
                }
            }
            Part::Optional(part) => {
                if depth > 3 && fits(part, self.grammar) && self.below(3) == 0 {
                    self.part(part, depth);
                }
            }
        }
    }
}
