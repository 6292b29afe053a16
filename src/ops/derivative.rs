//! Derivatives, read on first use from the `grad` cells of the rows.
//!
//! A cell holds a block, or several between empty lines, each for a signature:
//!
//! ```text
//! sig 0                       for the row's first signature alone
//! cuda                        for calls on a GPU alone, where torch has another derivative; stands before the one for all others
//! node PowBackward0           the name of what the result shows as its `grad_fn`: a name, or an expression over the arguments
//! real _softmax               where torch refuses complex results, the name under which it does
//! again input MulBackward0    the name, or an expression that gives it, of what the gradient of a parameter shows in a recorded walk
//! tied input ReluBackward...  likewise, of one that torch has depend on the call's tensors even where it does not change with them
//! input: grad * 2             the gradient of a parameter: tensh source over the parameters, `grad` and `result`
//! input,weight: ...           the gradients of several, computed together: a tuple of those for which `asked`, another, has a 1
//! bias?: grad                 likewise, of one that has no place among the node's inputs where it is not given
//! ```
//!
//! Instead of gradients stand `composite` (the row's own formula is differentiated), `formula:` (this formula is, and the row is asked
//! for its words only where that fails), `nondiff` (no gradient flows), or `input: not_implemented`. Rows with several outputs see tuples
//! `grads` and `results`. The functions of `derivatives/` are known to all texts.

use super::table::{Kind, Row};
use rustc_hash::FxHashMap;
use std::cell::RefCell;

/// How gradients come through an overload.
#[derive(Debug, Default, PartialEq)]
pub enum Rule {
    /// By a text for each of these parameters.
    Texts(Vec<(&'static str, &'static str)>),
    /// Through the row's own formula.
    Composite,
    /// Through this formula, which runs in the row's place.
    Formula(&'static str),
    /// None flow.
    #[default]
    Nothing,
}

/// The node that a gradient comes from where the walk is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Again {
    /// Its name, or an expression that gives it; `NotImplemented` and an op's name where torch cannot go back through that.
    pub name: &'static str,
    /// Whether it depends on the call's tensors even where it does not change with them.
    pub tied: bool,
}

/// What is known of an overload's derivative.
#[derive(Debug, Default)]
pub struct Derivative {
    overload: Option<usize>,
    /// Whether it is for GPUs alone.
    cuda: bool,
    /// The name under which torch refuses complex results.
    pub real: Option<&'static str>,
    /// The node's name, or an expression that gives it.
    pub node: &'static str,
    /// The node's name in the in-place form, where that is another.
    pub node_in_place: Option<&'static str>,
    /// In its place of the texts of the in-place form: `not_implemented ...`.
    pub refused_in_place: Option<&'static str>,
    /// What gradients of parameters show as their `grad_fn`, where that is not what their text ends in.
    pub again: Vec<(&'static str, Again)>,
    /// How.
    pub rule: Rule,
}

impl Derivative {
    /// The node that the gradient of a parameter comes from in a recorded walk.
    pub fn again_of(&self, param: &str) -> Option<Again> {
        self.again.iter().find(|a| a.0 == param).map(|a| a.1)
    }
}

/// A function that texts share.
#[derive(Clone, Debug)]
pub struct Helper {
    /// Its parameters, with their names alone.
    pub params: Vec<&'static str>,
    /// `(a, b)`, as it is written.
    pub signature: &'static str,
    /// Its lines.
    pub body: &'static str,
}

/// What a text does with a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Use {
    /// Nothing.
    None,
    /// Looks at its sizes and dtype.
    Layout,
    /// Looks at its elements.
    Value,
}

/// The functions that texts share.
const HELPERS: &str = concat!(
    include_str!("derivatives/elementwise.py"),
    include_str!("derivatives/reductions.py"),
    include_str!("derivatives/indexing.py"),
    include_str!("derivatives/products.py"),
    include_str!("derivatives/losses.py"),
    include_str!("derivatives/layers.py"),
    include_str!("derivatives/resampling.py"),
    include_str!("derivatives/fourier.py"),
    include_str!("derivatives/linalg.py"),
    include_str!("derivatives/chance.py"),
);

type Known = FxHashMap<(*const Row, usize, bool), &'static Derivative>;

thread_local! {
    static FUNCTIONS: FxHashMap<&'static str, Helper> = helpers().collect();
    /// The table is finite, so they are kept.
    static KNOWN: RefCell<Known> = RefCell::default();
    static USES: RefCell<FxHashMap<(*const u8, &'static str), Use>> = RefCell::default();
}

/// The derivative of a row's overload, on a GPU or elsewhere.
pub fn find(row: &'static Row, overload: usize, cuda: bool) -> &'static Derivative {
    let key = (std::ptr::from_ref(row), overload, cuda);
    if let Some(known) = KNOWN.with_borrow(|k| k.get(&key).copied()) {
        return known;
    }
    let blocks = row.grad.split("\n\n").map(block_of);
    let found =
        blocks.filter(|_| !row.grad.is_empty()).find(|d| d.overload.is_none_or(|o| o == overload) && (cuda || !d.cuda));
    let found = found.unwrap_or_else(|| {
        let formula = matches!(row.overloads[overload].kind, Kind::Formula(_) | Kind::Pointwise(_));
        Derivative { rule: if formula { Rule::Composite } else { Rule::Nothing }, ..Derivative::default() }
    });
    let found = &*Box::leak(Box::new(found));
    KNOWN.with_borrow_mut(|k| k.insert(key, found));
    found
}

/// A helper by its name.
pub fn helper(name: &str) -> Option<Helper> {
    FUNCTIONS.with(|functions| functions.get(name).cloned())
}

fn helpers() -> impl Iterator<Item = (&'static str, Helper)> {
    HELPERS.split("\ndef ").skip(1).map(|text| {
        // The heading of the next file is no part of a function.
        let text = text.split("\n# ").next().unwrap_or(text);
        let (head, body) = text.split_once(":\n").unwrap_or((text, ""));
        let at = head.find('(').unwrap_or(head.len());
        let signature = &head[at..];
        let names = signature.trim_matches(['(', ')']).split(',');
        let params = names.map(|p| p.split('=').next().unwrap_or(p).trim()).collect();
        (&head[..at], Helper { params, signature, body: body.trim_end() })
    })
}

fn block_of(text: &'static str) -> Derivative {
    let text = text.trim_matches('\n');
    let mut out = Derivative::default();
    let mut texts = Vec::new();
    for entry in entries(text) {
        let (word, rest) = entry.split_once([' ', '\n']).unwrap_or((entry, ""));
        match word {
            "sig" => out.overload = rest.trim().parse().ok(),
            "node" => out.node = rest.trim(),
            "real" => out.real = Some(rest.trim()),
            "again" | "tied" => {
                let named = rest.trim().split_once(' ');
                out.again.extend(named.map(|(param, name)| (param, Again { name, tied: word == "tied" })));
            }
            "cuda" => out.cuda = true,
            "nondiff" => out.rule = Rule::Nothing,
            "composite" => out.rule = Rule::Composite,
            "formula:" => out.rule = Rule::Formula(rest),
            "#" => {
                if let Some(rest) = rest.strip_prefix("inplace: node ") {
                    let (name, refused) = rest.split_once(", ").unwrap_or((rest, ""));
                    out.node_in_place = Some(name);
                    out.refused_in_place = (!refused.is_empty()).then_some(refused);
                }
            }
            params => texts.extend(params.trim_end_matches(':').split(',').map(|param| (param, rest))),
        }
    }
    if !texts.is_empty() {
        out.rule = Rule::Texts(texts);
    }
    out
}

/// The entries of a block: a line each, with the indented lines below it.
fn entries(text: &'static str) -> impl Iterator<Item = &'static str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let mut end = rest.find('\n').unwrap_or(rest.len());
        while rest[end..].starts_with("\n ") {
            end += 1 + rest[end + 1..].find('\n').unwrap_or(rest.len() - end - 1);
        }
        let entry = &rest[..end];
        rest = rest[end..].trim_start_matches('\n');
        Some(entry)
    })
}

/// Functions that look at no element of what they are given.
const LOOKERS: &[&str] =
    &["zeros_like", "ones_like", "empty_like", "is_tensor", "is_complex", "is_floating_point", "len", "isinstance"];

/// Attributes and methods likewise.
const LOOKS: &[&str] = &[
    "shape",
    "ndim",
    "dtype",
    "device",
    "numel",
    "size",
    "dim",
    "new_zeros",
    "new_ones",
    "new_full",
    "new_empty",
    "is_complex",
    "is_floating_point",
];

/// What a text does with a name: found by what stands around it in the text, and in the helpers that it is given to.
pub fn use_of(text: &'static str, name: &'static str) -> Use {
    let key = (text.as_ptr(), name);
    if let Some(known) = USES.with_borrow(|u| u.get(&key).copied()) {
        return known;
    }
    // A helper that calls itself adds nothing by that.
    USES.with_borrow_mut(|u| u.insert(key, Use::None));
    let found = occurrences(text, name).map(|at| use_at(text, name, at)).max().unwrap_or(Use::None);
    USES.with_borrow_mut(|u| u.insert(key, found));
    found
}

/// What a text does with one of the results: with `result`, where that is the first, and with `results[i]`.
pub fn use_of_output(text: &'static str, i: usize) -> Use {
    let first = if i == 0 { use_of(text, "result") } else { Use::None };
    let own = format!("results[{i}]");
    occurrences(text, "results")
        .filter_map(|at| {
            let rest = &text[at..];
            let by_number = rest.strip_prefix("results[").is_some_and(|r| r.starts_with(|c: char| c.is_ascii_digit()));
            match by_number {
                true => rest.starts_with(&own).then(|| use_at(text, &own, at)),
                false => Some(use_at(text, "results", at)),
            }
        })
        .fold(first, Use::max)
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Where a name stands in a text as a word of its own, not behind a dot and not as a keyword.
fn occurrences(text: &'static str, name: &'static str) -> impl Iterator<Item = usize> {
    text.match_indices(name).map(|(at, _)| at).filter(move |&at| {
        let before = text[..at].chars().next_back();
        let after = &text[at + name.len()..];
        let word = before.is_some_and(|c| is_word(c) || c == '.') || after.chars().next().is_some_and(is_word);
        let keyword = after.starts_with('=') && !after.starts_with("==");
        let comment = text[..at].rsplit('\n').next().is_some_and(|line| line.contains("# "));
        !word && !keyword && !comment
    })
}

fn use_at(text: &'static str, name: &str, at: usize) -> Use {
    let after = &text[at + name.len()..];
    if let Some(attribute) = after.strip_prefix('.') {
        let attribute = &attribute[..attribute.find(|c| !is_word(c)).unwrap_or(attribute.len())];
        return if LOOKS.contains(&attribute) { Use::Layout } else { Use::Value };
    }
    if after.starts_with(" is ") {
        return Use::Layout;
    }
    // The call whose argument it is, all of it.
    let before = &text[..at];
    if !after.starts_with([',', ')']) || !before.ends_with(['(', ' ']) {
        return Use::Value;
    }
    let (mut depth, mut commas) = (0, 0);
    for (i, c) in before.char_indices().rev() {
        match c {
            ')' | ']' | '}' => depth += 1,
            '(' | '[' | '{' if depth > 0 => depth -= 1,
            '(' => {
                let whole = before[i + 1..].rsplit(',').next().is_some_and(|rest| rest.trim().is_empty());
                let function = before[..i].rsplit(|c| !is_word(c)).next().unwrap_or("");
                return match helper(function) {
                    _ if !whole => Use::Value,
                    Some(h) => h.params.get(commas).map_or(Use::Value, |p| use_of(h.body, p)),
                    // Gradients and results side by side: a missing gradient is zeros of the result's sizes.
                    None if function == "zip" && name == "results" => Use::Layout,
                    None if LOOKERS.contains(&function) => Use::Layout,
                    None => Use::Value,
                };
            }
            '[' | '{' => return Use::Value,
            ',' if depth == 0 => commas += 1,
            _ => {}
        }
    }
    Use::Value
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::table::rows;

    #[test]
    fn every_text_is_of_a_parameter() {
        let mut with_text = 0;
        for row in rows() {
            for (i, overload) in row.overloads.iter().enumerate() {
                for found in [find(row, i, false), find(row, i, true)] {
                    for (param, _) in &found.again {
                        assert!(
                            matches!(&found.rule, Rule::Texts(t) if t.iter().any(|t| t.0 == *param)),
                            "{} {i}: {param}",
                            row.name
                        );
                    }
                    if let Rule::Texts(texts) = &found.rule {
                        with_text += 1;
                        for (param, _) in texts {
                            let known = |p: &crate::ops::signature::Param| {
                                crate::ops::bind::python_name(p) == param.trim_end_matches('?')
                            };
                            assert!(overload.signature().params.iter().any(known), "{} {i}: {param}", row.name);
                        }
                    }
                    let formula = matches!(overload.kind, Kind::Formula(_) | Kind::Pointwise(_));
                    assert!(formula || found.rule != Rule::Composite, "{} {i} is no formula", row.name);
                }
            }
        }
        assert!(with_text > 400);
    }

    #[test]
    fn a_text_keeps_what_it_looks_at() {
        let uses = |text: &'static str| (use_of(text, "input"), use_of(text, "grad"));
        assert_eq!(uses("grad.expand(input.shape)"), (Use::Layout, Use::Value));
        assert_eq!(uses("zeros_like(input) * f(grad)"), (Use::Layout, Use::Value));
        assert_eq!(uses("_widen(grad, input, dim, keepdim).expand(input.shape)"), (Use::Layout, Use::Value));
        assert_eq!(uses("_pow_base(grad, input, exponent)"), (Use::Value, Use::Value));
        assert_eq!(uses("f(inputs, input=2)"), (Use::None, Use::None));
        assert_eq!(uses("grad * input"), (Use::Value, Use::Value));
        let of = |i| use_of_output("_put(grads[0], results[1], input, dim, keepdim)", i);
        assert_eq!((of(0), of(1), of(2)), (Use::None, Use::Value, Use::None));
        assert_eq!((0..2).map(|i| use_of_output("f(results, result.shape)", i)).collect::<Vec<_>>(), [Use::Value; 2]);
    }
}
