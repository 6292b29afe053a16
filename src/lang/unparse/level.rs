//! How tightly each kind of expression binds, from the parser's own rows of operators.

use crate::lang::ast::{Expr, ExprKind};
use crate::lang::parser::rows;

/// How tightly an expression binds; where a looser one stands it needs parentheses.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
pub(super) struct Level(u8);

impl Level {
    /// A tuple without parentheses.
    pub(super) const TUPLE: Level = Level(0);
    /// `*a`.
    pub(super) const STARRED: Level = Level(1);
    /// `a := b`.
    pub(super) const NAMED: Level = Level(2);
    /// A conditional expression or a lambda.
    pub(super) const EXPRESSION: Level = Level(3);
    /// What trailers may follow.
    pub(super) const PRIMARY: Level = Level(u8::MAX);

    /// The level of a row of operators.
    pub(super) fn of_rule(rule: &str) -> Level {
        let index = rows().iter().position(|row| row.rule == rule).unwrap_or(0);
        Level(Level::EXPRESSION.0 + 1 + index as u8)
    }

    pub(super) fn of_operator(text: &str, prefix: bool) -> Level {
        use crate::lang::parser::Associativity::Prefix;
        let row = rows().iter().find(|row| (row.associativity == Prefix) == prefix && row.operators.contains(&text));
        row.map_or(Level::PRIMARY, |row| Level::of_rule(row.rule))
    }

    pub(super) fn tighter(self) -> Level {
        Level(self.0.saturating_add(1))
    }
}

/// How tightly this expression binds.
pub(super) fn level(expr: &Expr) -> Level {
    match &expr.kind {
        ExprKind::Starred(_) => Level::STARRED,
        ExprKind::Walrus(..) => Level::NAMED,
        ExprKind::Ternary(_) | ExprKind::Lambda(_) => Level::EXPRESSION,
        ExprKind::Slice(_) => Level::NAMED,
        ExprKind::Unary(op, ..) => Level::of_operator(op.text(), true),
        ExprKind::Binary(op, ..) => Level::of_operator(op.text(), false),
        ExprKind::BoolOp(op, _) => Level::of_operator(op.text(), false),
        ExprKind::Compare(..) => Level::of_rule("comparison"),
        _ => Level::PRIMARY,
    }
}
