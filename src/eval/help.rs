//! The text of `help(x)` and `x?`: what a value takes and does.

use super::attribute;
use super::code::{Body, Code, FuncCode, StmtKind};
use super::manual;
use super::value::{Func, Value};
use crate::lang::ast::ParamKind;

/// What `help(value)` prints.
pub fn text(value: &Value) -> String {
    let manual = manual::of(value).map(|m| m.text());
    match (value, manual) {
        (Value::Type(_), Some(text)) => format!("class {text}\n{}", members(value)),
        (_, Some(text)) => text,
        (Value::Type(kind), None) => format!("class {}\n", kind.qualified()),
        (Value::Module(module), None) => format!("module {}\n\n{}", module.name, members(value)),
        _ => format!("{} object\n\n{}", value.type_name(), members(value)),
    }
}

fn members(value: &Value) -> String {
    let names: Vec<String> = attribute::names(value).into_iter().filter(|n| !n.starts_with('_')).collect();
    let mut out = String::new();
    let mut line = String::from("   ");
    for name in &names {
        if line.len() + name.len() > 78 {
            out.push_str(&line);
            out.push('\n');
            line = String::from("   ");
        }
        line.push(' ');
        line.push_str(name);
    }
    if !names.is_empty() {
        out.push_str(&line);
        out.push('\n');
    }
    out
}

/// `f(x, y=..., *args)`.
pub fn signature(func: &Func) -> String {
    let mut parts = Vec::new();
    let mut keyword_only = false;
    for param in &func.code.params {
        if param.kind == ParamKind::Keyword && !keyword_only {
            keyword_only = true;
            parts.push("*".to_owned());
        }
        let default = if param.default.is_some() { "=..." } else { "" };
        parts.push(match param.kind {
            ParamKind::Star => {
                keyword_only = true;
                format!("*{}", param.name)
            }
            ParamKind::DoubleStar => format!("**{}", param.name),
            _ => format!("{}{default}", param.name),
        });
    }
    format!("{}({})", func.code.name, parts.join(", "))
}

/// The string that a function's body begins with.
pub fn docstring(code: &FuncCode) -> Option<String> {
    let Body::Block(block) = &code.body else { return None };
    match &block.first()?.kind {
        StmtKind::Expr { value, .. } => match &value.code {
            Code::Const(Value::Str(s)) => Some(s.text.to_string()),
            _ => None,
        },
        _ => None,
    }
}
