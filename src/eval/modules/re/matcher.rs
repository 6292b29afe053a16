//! A matcher that goes back and tries again, as CPython's does.

use super::pattern::{Class, DOTALL, Groups, IGNORE_CASE, MULTILINE, Node};
use crate::base::interrupt;
use std::cell::Cell;

/// Turns that the stack has room for.
const MOST_TURNS: usize = 100_000;

/// What goes on behind a node: where it ended, and the groups so far.
type Next<'n> = &'n mut dyn FnMut(usize, &mut Groups) -> bool;

/// A text and the flags that it is read by.
pub(super) struct Matcher<'t> {
    pub(super) text: &'t [char],
    pub(super) flags: i64,
    /// Turns of repeats that are under way: each waits on the stack for those behind it.
    pub(super) turns: Cell<usize>,
    /// Whether there were too many of them.
    pub(super) deep: Cell<bool>,
}

impl Matcher<'_> {
    fn fold(&self, c: char) -> char {
        if self.flags & IGNORE_CASE != 0 { c.to_lowercase().next().unwrap_or(c) } else { c }
    }

    /// Whether a node of one character takes the one at `at`; `None` for other nodes.
    fn single(&self, node: &Node, at: usize) -> Option<bool> {
        let c = self.text.get(at).copied();
        Some(match node {
            Node::Char(wanted) => c.is_some_and(|c| self.fold(c) == self.fold(*wanted)),
            Node::Any => c.is_some_and(|c| c != '\n' || self.flags & DOTALL != 0),
            Node::Set(classes, wanted) => c.is_some_and(|c| {
                let both = [
                    c,
                    self.fold(c),
                    if self.flags & IGNORE_CASE != 0 { c.to_uppercase().next().unwrap_or(c) } else { c },
                ];
                classes.iter().any(|class| both.iter().any(|c| class.holds(*c))) == *wanted
            }),
            Node::Row(nodes) if nodes.len() == 1 => return self.single(&nodes[0], at),
            Node::Group(None, inner) => return self.single(inner, at),
            _ => return None,
        })
    }

    fn word(&self, at: Option<usize>) -> bool {
        at.and_then(|at| self.text.get(at)).is_some_and(|c| Class::Word(true).holds(*c))
    }

    pub(super) fn run(&self, node: &Node, at: usize, groups: &mut Groups, next: Next<'_>) -> bool {
        if interrupt::raised() || self.deep.get() {
            return false;
        }
        if let Some(takes) = self.single(node, at) {
            return takes && next(at + 1, groups);
        }
        let end = self.text.len();
        let multiline = self.flags & MULTILINE != 0;
        match node {
            Node::LineStart => (at == 0 || (multiline && self.text[at - 1] == '\n')) && next(at, groups),
            Node::LineEnd => {
                let last =
                    at == end || (at + 1 == end && self.text[at] == '\n') || (multiline && self.text[at] == '\n');
                last && next(at, groups)
            }
            Node::TextStart => at == 0 && next(at, groups),
            Node::TextEnd => at == end && next(at, groups),
            Node::Boundary(wanted) => {
                (self.word(at.checked_sub(1)) != self.word(Some(at))) == *wanted && next(at, groups)
            }
            Node::Group(number, inner) => {
                let Some(number) = *number else { return self.run(inner, at, groups, next) };
                let before = groups[number];
                let done = self.run(inner, at, groups, &mut |end, groups| {
                    let inner = groups[number].replace((at, end));
                    next(end, groups) || {
                        groups[number] = inner;
                        false
                    }
                });
                if !done {
                    groups[number] = before;
                }
                done
            }
            Node::Either(arms) => arms.iter().any(|arm| self.run(arm, at, groups, next)),
            Node::Row(nodes) => self.row(nodes, at, groups, next),
            Node::Again(number) => match groups[*number] {
                None => false,
                Some((from, to)) => {
                    let length = to - from;
                    let same = at + length <= end
                        && (0..length).all(|i| self.fold(self.text[from + i]) == self.fold(self.text[at + i]));
                    same && next(at + length, groups)
                }
            },
            Node::Look { node, ahead, wanted } => {
                let mut trial = groups.clone();
                let found = if *ahead {
                    self.run(node, at, &mut trial, &mut |_, _| true)
                } else {
                    (0..=at).rev().any(|from| self.run(node, from, &mut trial, &mut |end, _| end == at))
                };
                if found != *wanted {
                    return false;
                }
                if found {
                    *groups = trial;
                }
                next(at, groups)
            }
            Node::Repeat { node, least, most, greedy } => {
                if self.single(node, at).is_some() {
                    return self.singles(node, at, (*least, *most, *greedy), groups, next);
                }
                self.repeat(node, at, (*least, *most, *greedy), 0, groups, next)
            }
            _ => false,
        }
    }

    fn row(&self, nodes: &[Node], at: usize, groups: &mut Groups, next: Next<'_>) -> bool {
        match nodes {
            [] => next(at, groups),
            [node, rest @ ..] => self.run(node, at, groups, &mut |end, groups| self.row(rest, end, groups, next)),
        }
    }

    /// Repeats of one character: counted, then tried from the most to the least or the other way.
    fn singles(
        &self,
        node: &Node,
        at: usize,
        (least, most, greedy): (usize, usize, bool),
        groups: &mut Groups,
        next: Next<'_>,
    ) -> bool {
        let takes = |count: usize| self.single(node, at + count) == Some(true);
        if greedy {
            let mut count = 0;
            while count < most && takes(count) {
                count += 1;
            }
            return count >= least && (least..=count).rev().any(|count| next(at + count, groups));
        }
        let mut count = 0;
        loop {
            if count >= least && next(at + count, groups) {
                return true;
            }
            if count >= most || !takes(count) {
                return false;
            }
            count += 1;
        }
    }

    fn repeat(
        &self,
        node: &Node,
        at: usize,
        bounds: (usize, usize, bool),
        count: usize,
        groups: &mut Groups,
        next: Next<'_>,
    ) -> bool {
        let (least, most, greedy) = bounds;
        if count >= least && !greedy && next(at, groups) {
            return true;
        }
        if self.turns.get() >= MOST_TURNS {
            self.deep.set(true);
            return false;
        }
        self.turns.set(self.turns.get() + 1);
        let again = count < most
            && self.run(node, at, groups, &mut |end, groups| {
                // An empty turn leads nowhere new.
                (end > at || count < least) && self.repeat(node, end, bounds, count + 1, groups, next)
            });
        self.turns.set(self.turns.get() - 1);
        again || (count >= least && greedy && next(at, groups))
    }
}
