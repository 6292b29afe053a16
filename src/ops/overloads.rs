//! The overloads of PyTorch's own argument parser, where there are several: its complaints list them, and some take what no row takes.
//!
//! `overloads.txt` has a line for each, written by `tools/overloads.py`: `max(Tensor input, Dimname dim, ...)`, `Tensor.max(...)` where a
//! method's are not its function's without the tensor, `refuses` behind those that take names of dimensions only to say that they do
//! not yet; and `def nn.functional.softmax softmax(input, dim=, ...)` for functions that are written in Python.

use super::signature::{Signature, Ty};
use std::cell::RefCell;
use std::collections::HashMap;

static TEXT: &str = include_str!("overloads.txt");

/// An overload.
#[derive(Debug)]
pub struct Known {
    /// Its parameters; a method's begin with its tensor.
    pub signature: Signature,
    /// Whether it takes names of dimensions only to refuse them.
    pub refuses: bool,
}

thread_local! {
    /// Those that were looked up before.
    static FOUND: RefCell<HashMap<String, &'static [Known]>> = RefCell::default();
}

/// The overloads of `softmax`, `linalg.norm` or `Tensor.max`, in PyTorch's order; none where its parser has but one.
pub fn of(label: &str) -> &'static [Known] {
    if let Some(found) = FOUND.with_borrow(|all| all.get(label).copied()) {
        return found;
    }
    let found: &'static [Known] = look_up(label).leak();
    FOUND.with_borrow_mut(|all| all.insert(label.to_owned(), found));
    found
}

fn look_up(label: &str) -> Vec<Known> {
    let lines = |label: &str| -> Vec<&'static str> {
        TEXT.lines().filter_map(|line| line.strip_prefix(label).filter(|rest| rest.starts_with('('))).collect()
    };
    let known = |line: &'static str, method: bool| {
        let (text, refuses) = match line.strip_suffix(" refuses") {
            Some(text) => (text, true),
            None => (line, false),
        };
        let text: &'static str = match (method, text.strip_prefix("()")) {
            (false, _) => text,
            (true, Some(_)) => "(Tensor input)",
            (true, None) => format!("(Tensor input, {}", &text[1..]).leak(),
        };
        Known { signature: Signature::parse(text), refuses }
    };
    let own = lines(label);
    let Some(function) = label.strip_prefix("Tensor.").filter(|_| own.is_empty()) else {
        return own.into_iter().map(|line| known(line, label.starts_with("Tensor."))).collect();
    };
    let mut all: Vec<Known> = lines(function).into_iter().map(|line| known(line, false)).collect();
    all.iter_mut().for_each(|known| known.signature.params.retain(|p| p.name != "out"));
    all
}

/// A function that is written in Python.
#[derive(Debug)]
pub struct Definition {
    /// Its name in its complaints.
    pub name: &'static str,
    /// Its parameters: the name, whether there is a default, whether it is given by keyword alone.
    pub params: Vec<(&'static str, bool, bool)>,
}

/// The function, if PyTorch's is written in Python.
pub fn definition(label: &str) -> Option<Definition> {
    let rest = TEXT.lines().find_map(|line| line.strip_prefix("def ")?.strip_prefix(label)?.strip_prefix(' '))?;
    let (name, params) = rest.split_once('(')?;
    let mut keyword = false;
    let mut out = Vec::new();
    for param in params.trim_end_matches(')').split(", ") {
        match param {
            "*" => keyword = true,
            param => out.push((param.trim_end_matches('='), param.ends_with('='), keyword)),
        }
    }
    Some(Definition { name, params: out })
}

/// Whether a parameter takes names of dimensions.
pub fn takes_names(ty: Ty) -> bool {
    matches!(ty, Ty::Name | Ty::Names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overloads_are_found() {
        let max = of("max");
        assert_eq!(max.iter().map(|k| k.signature.params.len()).collect::<Vec<_>>(), [2, 3, 4, 4]);
        assert!(takes_names(max[3].signature.params[1].ty) && !max[3].refuses);
        let method = of("Tensor.gather");
        assert!(method.len() == 2 && method[1].refuses && method[0].signature.params.iter().all(|p| p.name != "out"));
        assert!(of("exp").is_empty());
    }

    #[test]
    fn every_line_is_read() {
        for line in TEXT.lines().filter(|line| !line.starts_with("def ")) {
            let label = line.split('(').next().unwrap();
            let any = |known: &Known| known.signature.params.iter().any(|p| p.ty == Ty::Any);
            assert!(!of(label).iter().any(any), "{line}");
        }
        let softmax = definition("nn.functional.softmax").unwrap();
        assert_eq!(softmax.params[..2], [("input", false, false), ("dim", true, false)]);
    }
}
