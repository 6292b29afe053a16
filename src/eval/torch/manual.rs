//! The manual of a row of the op table, made of its signatures and its doc comment.

use crate::eval::manual::Manual;
use crate::ops::table::{Form, Kind, Overload, Row};

/// What help says of a row in one of its forms.
pub fn of(row: &Row, form: Form) -> Manual {
    let mut manual = Manual { doc: doc(row), ..Manual::default() };
    for overload in row.overloads {
        manual.signatures.push(signature(row, form, overload));
        for param in &overload.signature().params {
            let name = shown(param.name);
            if (form.receivers() == 0 || param.name != "self") && !manual.keywords.iter().any(|k| k == name) {
                manual.keywords.push(name.to_owned());
            }
        }
        if let Kind::Formula(text) | Kind::Pointwise(text) = overload.kind {
            manual.source.push(text.trim().to_owned());
        }
    }
    if row.takes_out(form) {
        manual.keywords.push("out".to_owned());
    }
    manual
}

/// The doc comment without the blank that each line begins with.
fn doc(row: &Row) -> String {
    row.doc.iter().map(|line| line.strip_prefix(' ').unwrap_or(line)).collect::<Vec<_>>().join("\n")
}

/// `self` is called `input` by scripts.
fn shown(name: &str) -> &str {
    if name == "self" { "input" } else { name }
}

/// `torch.add(input, other, *, alpha=1, out=None) -> Tensor`, `Tensor.add_(other, *, alpha=1) -> Tensor`.
fn signature(row: &Row, form: Form, overload: &Overload) -> String {
    let mut parts = Vec::new();
    let mut keyword = false;
    for param in &overload.signature().params {
        if form.receivers() > 0 && param.name == "self" {
            continue;
        }
        if param.keyword && !keyword {
            keyword = true;
            parts.push("*".to_owned());
        }
        parts.push(match param.default_text {
            "" => shown(param.name).to_owned(),
            default => format!("{}={default}", shown(param.name)),
        });
    }
    if row.takes_out(form) {
        if !keyword {
            parts.push("*".to_owned());
        }
        parts.push("out=None".to_owned());
    }
    let name = match form.receivers() {
        0 => format!("torch.{}", form.spell(row.name)),
        _ => format!("Tensor.{}", form.spell(row.short())),
    };
    let result = overload.sig.split_once("->").map_or("Tensor", |(_, result)| result.trim());
    format!("{name}({}) -> {result}", parts.join(", "))
}
