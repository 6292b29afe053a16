//! What help, completion and hints know of a callable: its signatures, its doc, the keywords that it takes.

use super::builtin::Builtin;
use super::builtins::types::constructor;
use super::help;
use super::value::{Func, Value};
use crate::lang::ast::ParamKind;

/// The manual of a callable.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Manual {
    /// The ways to call it: `torch.add(input, other, *, alpha=1) -> Tensor`.
    pub signatures: Vec<String>,
    /// What it does.
    pub doc: String,
    /// The names that can be given by keyword.
    pub keywords: Vec<String>,
    /// The source that it is made of, where it is made of source.
    pub source: Vec<String>,
}

impl Manual {
    /// The text of `help(x)` and `x?`.
    pub fn text(&self) -> String {
        let mut out = String::new();
        for signature in &self.signatures {
            out.push_str(signature);
            out.push('\n');
        }
        for line in self.doc.lines() {
            let line = format!("    {line}");
            out.push_str(line.trim_end());
            out.push('\n');
        }
        out
    }

    /// The text of `x??`: the help, and the source where there is one.
    pub fn text_with_source(&self) -> String {
        let mut out = self.text();
        for source in &self.source {
            out.push('\n');
            out.push_str(source.trim_end());
            out.push('\n');
        }
        out
    }
}

/// The manual of a value, if it can be called.
pub fn of(value: &Value) -> Option<Manual> {
    match value {
        Value::Builtin(row) => Some(builtin(row)),
        Value::Method(method) => Some(builtin(method.func)),
        Value::Func(func) => Some(function(func)),
        Value::Type(kind) => constructor(*kind).map(builtin),
        object @ (Value::Object(_) | Value::Tensor(_)) => object.foreign().manual(),
        _ => None,
    }
}

fn builtin(row: &Builtin) -> Manual {
    let params = row.params.trim_start_matches("self, ").trim_start_matches("/, ");
    Manual {
        signatures: vec![format!("{}({params})", row.qualified())],
        doc: row.doc.to_owned(),
        keywords: row.keywords().filter(|k| *k != "self").map(str::to_owned).collect(),
        source: Vec::new(),
    }
}

fn function(func: &Func) -> Manual {
    let named = func.code.params.iter().filter(|p| matches!(p.kind, ParamKind::Normal | ParamKind::Keyword));
    Manual {
        signatures: vec![help::signature(func)],
        doc: help::docstring(&func.code).unwrap_or_default(),
        keywords: named.map(|p| p.name.to_string()).collect(),
        source: Vec::new(),
    }
}
