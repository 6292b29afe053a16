//! What may stand to the left of `=`, and how CPython names what may not.

use super::{Kind, SyntaxError};
use crate::lang::ast::{Expr, ExprKind, UnOp};

/// CPython's name for a kind of expression.
pub(super) fn describe(expr: &Expr) -> &'static str {
    use ExprKind::*;
    match &expr.kind {
        None => "None",
        Bool(true) => "True",
        Bool(false) => "False",
        Ellipsis => "ellipsis",
        Int(_) | BigInt(_) | Float(_) | Imag(_) | Str(_) | Bytes(_) => "literal",
        FString(_) => "f-string expression",
        Name(_) => "name",
        Tuple(_) => "tuple",
        List(_) => "list",
        Set(_) => "set display",
        Dict(_) => "dict literal",
        Starred(_) => "starred",
        Unary(..) | Binary(..) | BoolOp(..) => "expression",
        Compare(..) => "comparison",
        Ternary(_) => "conditional expression",
        Lambda(_) => "lambda",
        Walrus(..) => "named expression",
        Attribute(..) => "attribute",
        Subscript(_) => "subscript",
        Slice(_) => "slice",
        Call(_) => "function call",
        ListComp(_) => "list comprehension",
        SetComp(_) => "set comprehension",
        DictComp(_) => "dict comprehension",
        GenExp(_) => "generator expression",
        Error => "expression",
    }
}

/// What an expression is the target of.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Use {
    /// `=`, `for`, `as`.
    Assign,
    /// `del`.
    Delete,
}

/// The part of `expr` that is no target, if there is one.
pub(super) fn invalid_part(expr: &Expr, usage: Use) -> Option<&Expr> {
    match &expr.kind {
        ExprKind::Name(name) if &**name == "__debug__" => Some(expr),
        ExprKind::Name(_) | ExprKind::Attribute(..) | ExprKind::Subscript(_) => None,
        ExprKind::Starred(inner) if usage == Use::Assign => match inner.kind {
            ExprKind::Starred(_) => Some(inner),
            _ => invalid_part(inner, usage),
        },
        ExprKind::Tuple(items) | ExprKind::List(items) => items.iter().find_map(|item| invalid_part(item, usage)),
        _ => Some(expr),
    }
}

/// What is wrong with `expr` as a target of `=`, `for` or `as`, beyond its parts: misplaced stars.
pub(super) fn misplaced_star(expr: &Expr) -> Option<(&Expr, &'static str)> {
    fn inner(expr: &Expr) -> Option<(&Expr, &'static str)> {
        let (ExprKind::Tuple(items) | ExprKind::List(items)) = &expr.kind else { return None };
        let stars = items.iter().filter(|item| matches!(item.kind, ExprKind::Starred(_))).count();
        if stars > 1 {
            return Some((expr, "multiple starred expressions in assignment"));
        }
        items.iter().find_map(|item| match &item.kind {
            ExprKind::Starred(item) => inner(item),
            _ => inner(item),
        })
    }
    match expr.kind {
        ExprKind::Starred(_) => Some((expr, "starred assignment target must be in a list or tuple")),
        _ => inner(expr),
    }
}

/// Checks a target of `=`, `for` or `as`.
pub(super) fn check_assign(expr: &Expr) -> Result<(), SyntaxError> {
    if let Some(part) = invalid_part(expr, Use::Assign) {
        let what = if let ExprKind::Name(name) = &part.kind { name } else { describe(part) };
        return Err(SyntaxError::new(format!("cannot assign to {what}"), part.span));
    }
    misplaced_star(expr).map_or(Ok(()), |(part, message)| Err(SyntaxError::new(message, part.span)))
}

/// Whether CPython, seeing `expr = ...`, guesses that `==` was meant.
pub(super) fn may_mean_comparison(expr: &Expr) -> bool {
    !matches!(
        expr.kind,
        ExprKind::List(_)
            | ExprKind::Tuple(_)
            | ExprKind::GenExp(_)
            | ExprKind::None
            | ExprKind::Bool(_)
            | ExprKind::Name(_)
            | ExprKind::Attribute(..)
            | ExprKind::Subscript(_)
            | ExprKind::Compare(..)
            | ExprKind::BoolOp(..)
            | ExprKind::Unary(UnOp::Not, ..)
            | ExprKind::Lambda(_)
            | ExprKind::Ternary(_)
            | ExprKind::Starred(_)
    )
}

/// Whether a token begins a clause that belongs to a statement above it.
pub(super) fn continues_compound(kind: Kind) -> bool {
    matches!(kind, Kind::Elif | Kind::Else | Kind::Except | Kind::Finally)
}
