//! Regular expressions: a pattern as a tree.

use super::matcher::Matcher;
use crate::base::error::{Error, ErrorKind};
use crate::base::interrupt;
use crate::eval::raise::{Raise, Res};
use std::cell::Cell;

/// `re.IGNORECASE`.
pub const IGNORE_CASE: i64 = 2;
/// `re.MULTILINE`.
pub const MULTILINE: i64 = 8;
/// `re.DOTALL`.
pub const DOTALL: i64 = 16;
/// `re.VERBOSE`.
pub const VERBOSE: i64 = 64;

/// Where each group begins and ends, the whole match first.
pub type Groups = Vec<Option<(usize, usize)>>;

/// A class of characters.
#[derive(Clone, Debug)]
pub(super) enum Class {
    Range(char, char),
    Digit(bool),
    Word(bool),
    Space(bool),
}

impl Class {
    pub(super) fn holds(&self, c: char) -> bool {
        match self {
            Class::Range(low, high) => (*low..=*high).contains(&c),
            Class::Digit(yes) => c.is_numeric() == *yes,
            Class::Word(yes) => (c.is_alphanumeric() || c == '_') == *yes,
            Class::Space(yes) => c.is_whitespace() == *yes,
        }
    }
}

#[derive(Clone, Debug)]
pub(super) enum Node {
    Char(char),
    Any,
    Set(Vec<Class>, bool),
    LineStart,
    LineEnd,
    TextStart,
    TextEnd,
    Boundary(bool),
    Group(Option<usize>, Box<Node>),
    Either(Vec<Node>),
    Row(Vec<Node>),
    Repeat { node: Box<Node>, least: usize, most: usize, greedy: bool },
    Again(usize),
    Look { node: Box<Node>, ahead: bool, wanted: bool },
}

/// A compiled pattern.
#[derive(Debug)]
pub struct Pattern {
    /// Its text.
    pub text: String,
    /// Its flags.
    pub flags: i64,
    /// The names of its groups, with their numbers.
    pub names: Vec<(String, usize)>,
    /// How many groups it has.
    pub groups: usize,
    root: Node,
}

struct Parser<'a> {
    text: &'a [char],
    at: usize,
    flags: i64,
    groups: usize,
    names: Vec<(String, usize)>,
}

#[cold]
fn wrong(what: &str, at: usize) -> Raise {
    Error::new(ErrorKind::RegexError, format!("{what} at position {at}")).into()
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// `re.error`.
    pub fn new(text: &str, flags: i64) -> Res<Pattern> {
        let chars: Vec<char> = text.chars().collect();
        let mut parser = Parser { text: &chars, at: 0, flags, groups: 0, names: Vec::new() };
        let root = parser.either(0)?;
        if parser.at < chars.len() {
            return Err(wrong("unbalanced parenthesis", parser.at));
        }
        Ok(Pattern { text: text.to_owned(), flags: parser.flags, names: parser.names, groups: parser.groups, root })
    }

    /// The match that begins at `start`; with `whole`, it must reach the end; with `more`, it must not be empty.
    ///
    /// # Errors
    /// `KeyboardInterrupt`; `RecursionError` when a group repeats too often for the stack.
    pub fn match_at(&self, text: &[char], start: usize, whole: bool, more: bool) -> Res<Option<Groups>> {
        let matcher = Matcher { text, flags: self.flags, turns: Cell::new(0), deep: Cell::new(false) };
        let mut groups: Groups = vec![None; self.groups + 1];
        let mut found = None;
        matcher.run(&self.root, start, &mut groups, &mut |end, groups| {
            if (whole && end < text.len()) || (more && end == start) {
                return false;
            }
            let mut all = groups.clone();
            all[0] = Some((start, end));
            found = Some(all);
            true
        });
        interrupt::check()?;
        if matcher.deep.get() {
            return Err(Error::new(ErrorKind::RecursionError, "maximum recursion depth exceeded").into());
        }
        Ok(found)
    }

    /// The first match from `start` on; with `more`, one at `start` itself must not be empty.
    ///
    /// # Errors
    /// `KeyboardInterrupt`.
    pub fn search(&self, text: &[char], start: usize, more: bool) -> Res<Option<Groups>> {
        for at in start..=text.len() {
            if let Some(found) = self.match_at(text, at, false, more && at == start)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// Every match, one behind the other.
    ///
    /// # Errors
    /// `KeyboardInterrupt`.
    pub fn all(&self, text: &[char], most: usize) -> Res<Vec<Groups>> {
        let (mut at, mut more, mut out) = (0, false, Vec::new());
        while out.len() < most {
            let Some(found) = self.search(text, at, more)? else { break };
            let (start, end) = found[0].unwrap_or((at, at));
            (at, more) = (end, start == end);
            out.push(found);
        }
        Ok(out)
    }
}

impl Parser<'_> {
    fn peek(&self) -> Option<char> {
        self.text.get(self.at).copied()
    }

    fn eat(&mut self, text: &str) -> bool {
        let chars: Vec<char> = text.chars().collect();
        let there = self.text[self.at..].starts_with(&chars);
        if there {
            self.at += chars.len();
        }
        there
    }

    fn either(&mut self, depth: usize) -> Res<Node> {
        if depth > 200 {
            return Err(wrong("too many nested groups", self.at));
        }
        let mut arms = vec![self.row(depth)?];
        while self.eat("|") {
            arms.push(self.row(depth)?);
        }
        Ok(if arms.len() == 1 { arms.remove(0) } else { Node::Either(arms) })
    }

    fn row(&mut self, depth: usize) -> Res<Node> {
        let mut nodes = Vec::new();
        while let Some(c) = self.peek().filter(|c| !matches!(c, '|' | ')')) {
            if self.flags & VERBOSE != 0 && (c.is_whitespace() || c == '#') {
                match c {
                    '#' => {
                        while self.peek().is_some_and(|c| c != '\n') {
                            self.at += 1;
                        }
                    }
                    _ => self.at += 1,
                }
                continue;
            }
            let start = self.at;
            if let Some(node) = self.atom(depth)? {
                nodes.push(self.repeated(node, start)?);
            }
        }
        Ok(Node::Row(nodes))
    }

    fn number(&mut self) -> Option<usize> {
        let start = self.at;
        while self.peek().is_some_and(|c| c.is_ascii_digit()) {
            self.at += 1;
        }
        self.text[start..self.at].iter().collect::<String>().parse().ok()
    }

    fn repeated(&mut self, node: Node, start: usize) -> Res<Node> {
        let here = self.at;
        let (least, most) = match self.peek() {
            Some('*') => (0, usize::MAX),
            Some('+') => (1, usize::MAX),
            Some('?') => (0, 1),
            Some('{') => {
                self.at += 1;
                let low = self.number();
                let high = if self.eat(",") { self.number().or(Some(usize::MAX)) } else { low };
                if (low.is_none() && high.is_none_or(|h| h == usize::MAX)) && self.text[here + 1..self.at].is_empty()
                    || self.peek() != Some('}')
                {
                    self.at = here;
                    return Ok(node);
                }
                let (low, high) = (low.unwrap_or(0), high.unwrap_or(usize::MAX));
                if high < low {
                    return Err(wrong("min repeat greater than max repeat", here + 1));
                }
                (low, high)
            }
            _ => return Ok(node),
        };
        self.at += 1;
        if matches!(node, Node::LineStart | Node::TextStart) {
            return Err(wrong("nothing to repeat", start + 1));
        }
        let greedy = !self.eat("?");
        if matches!(self.peek(), Some('*' | '?')) || (self.peek() == Some('+') && greedy) {
            return Err(wrong("multiple repeat", self.at));
        }
        Ok(Node::Repeat { node: Box::new(node), least, most, greedy })
    }

    fn atom(&mut self, depth: usize) -> Res<Option<Node>> {
        let start = self.at;
        let Some(c) = self.peek() else { return Ok(None) };
        self.at += 1;
        Ok(Some(match c {
            '.' => Node::Any,
            '^' => Node::LineStart,
            '$' => Node::LineEnd,
            '*' | '+' | '?' => return Err(wrong("nothing to repeat", start)),
            '(' => return self.group(start, depth),
            '[' => self.set(start)?,
            '\\' => self.escape(start)?,
            c => Node::Char(c),
        }))
    }

    fn group(&mut self, start: usize, depth: usize) -> Res<Option<Node>> {
        let mut number = None;
        let mut look = None;
        if self.eat("?:") {
        } else if self.eat("?=") {
            look = Some((true, true));
        } else if self.eat("?!") {
            look = Some((true, false));
        } else if self.eat("?<=") {
            look = Some((false, true));
        } else if self.eat("?<!") {
            look = Some((false, false));
        } else if self.eat("?P=") {
            let name = self.name(')', start)?;
            return match self.names.iter().find(|(n, _)| *n == name) {
                Some((_, number)) => Ok(Some(Node::Again(*number))),
                None => Err(wrong(&format!("unknown group name '{name}'"), start + 4)),
            };
        } else if self.eat("?#") {
            while self.peek().is_some_and(|c| c != ')') {
                self.at += 1;
            }
            self.at += 1;
            return Ok(None);
        } else {
            self.groups += 1;
            number = Some(self.groups);
            if self.eat("?P<") {
                let name = self.name('>', start)?;
                self.names.push((name, self.groups));
            } else if self.eat("?") {
                number = None;
                self.groups -= 1;
                let flags = self.at;
                while let Some(c) = self.peek().filter(|c| "aiLmsux".contains(*c)) {
                    self.flags |= match c {
                        'i' => IGNORE_CASE,
                        'm' => MULTILINE,
                        's' => DOTALL,
                        'x' => VERBOSE,
                        _ => 0,
                    };
                    self.at += 1;
                }
                if self.at == flags {
                    let what = self.peek().map_or(String::new(), |c| c.to_string());
                    return Err(wrong(&format!("unknown extension ?{what}"), start + 1));
                }
                if self.eat(")") {
                    return Ok(None);
                }
                if !self.eat(":") {
                    return Err(wrong("missing -, : or )", self.at));
                }
            }
        }
        let inner = Box::new(self.either(depth + 1)?);
        if !self.eat(")") {
            return Err(wrong("missing ), unterminated subpattern", start));
        }
        Ok(Some(match look {
            Some((ahead, wanted)) => Node::Look { node: inner, ahead, wanted },
            None => Node::Group(number, inner),
        }))
    }

    fn name(&mut self, close: char, start: usize) -> Res<String> {
        let from = self.at;
        while self.peek().is_some_and(|c| c != close) {
            self.at += 1;
        }
        let name: String = self.text[from..self.at].iter().collect();
        if self.peek().is_none() {
            return Err(wrong(&format!("missing {close}, unterminated name"), from));
        }
        self.at += 1;
        match name.chars().next() {
            Some(c) if c.is_alphabetic() || c == '_' => Ok(name),
            None => Err(wrong("missing group name", from)),
            _ => Err(wrong(&format!("bad character in group name '{name}'"), start + 4)),
        }
    }

    fn class(c: char) -> Option<Class> {
        Some(match c {
            'd' | 'D' => Class::Digit(c == 'd'),
            'w' | 'W' => Class::Word(c == 'w'),
            's' | 'S' => Class::Space(c == 's'),
            _ => return None,
        })
    }

    /// The character that an escape of letters or digits stands for.
    fn plain(&mut self, c: char, start: usize) -> Res<char> {
        let width = match c {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            _ => 0,
        };
        if width > 0 {
            let digits: String = self.text[self.at..].iter().take(width).collect();
            let code = u32::from_str_radix(&digits, 16).ok().filter(|_| digits.len() == width).and_then(char::from_u32);
            let Some(code) = code else { return Err(wrong(&format!("incomplete escape \\{c}{digits}"), start)) };
            self.at += width;
            return Ok(code);
        }
        Ok(match c {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'f' => '\x0c',
            'v' => '\x0b',
            'a' => '\x07',
            '0' => '\0',
            c if c.is_ascii_alphanumeric() => return Err(wrong(&format!("bad escape \\{c}"), start)),
            c => c,
        })
    }

    fn escape(&mut self, start: usize) -> Res<Node> {
        let Some(c) = self.peek() else { return Err(wrong("bad escape (end of pattern)", start)) };
        self.at += 1;
        if let Some(class) = Parser::class(c) {
            return Ok(Node::Set(vec![class], true));
        }
        Ok(match c {
            'b' | 'B' => Node::Boundary(c == 'b'),
            'A' => Node::TextStart,
            'Z' => Node::TextEnd,
            '1'..='9' => {
                self.at -= 1;
                let number = self.number().unwrap_or(0);
                if number > self.groups {
                    return Err(wrong(&format!("invalid group reference {number}"), start + 1));
                }
                Node::Again(number)
            }
            c => Node::Char(self.plain(c, start)?),
        })
    }

    fn set(&mut self, start: usize) -> Res<Node> {
        let wanted = !self.eat("^");
        let mut classes = Vec::new();
        let first = self.at;
        loop {
            let Some(c) = self.peek() else { return Err(wrong("unterminated character set", start)) };
            let here = self.at;
            self.at += 1;
            if c == ']' && here > first {
                return Ok(Node::Set(classes, wanted));
            }
            let low = self.member(c, here)?;
            let ends = self.text.get(self.at + 1).is_none_or(|c| *c == ']');
            match low {
                Class::Range(low, _) if self.peek() == Some('-') && !ends => {
                    self.at += 1;
                    let Some(c) = self.peek() else { return Err(wrong("unterminated character set", start)) };
                    self.at += 1;
                    let range: String = self.text[here..self.at].iter().collect();
                    match self.member(c, self.at - 1)? {
                        Class::Range(high, _) if low <= high => classes.push(Class::Range(low, high)),
                        _ => return Err(wrong(&format!("bad character range {range}"), here)),
                    }
                }
                other => classes.push(other),
            }
        }
    }

    fn member(&mut self, c: char, here: usize) -> Res<Class> {
        if c != '\\' {
            return Ok(Class::Range(c, c));
        }
        let Some(c) = self.peek() else { return Err(wrong("bad escape (end of pattern)", here)) };
        self.at += 1;
        if let Some(class) = Parser::class(c) {
            return Ok(class);
        }
        let c = if c == 'b' { '\x08' } else { self.plain(c, here)? };
        Ok(Class::Range(c, c))
    }
}
