//! Expressions: the conditional, `lambda`, `:=`, lists with stars, and what the second look finds in them.

use super::operators::{Operands, climb, level};
use super::target::{describe, may_mean_comparison};
use super::*;
use crate::lang::ast::{Function, Stmt, StmtKind, Ternary};
use std::rc::Rc;

/// The rules that statements are made of.
pub(super) struct Expressions<'t> {
    /// One expression without a star.
    pub(super) expression: Rule<'t, Expr>,
    /// An expression or `name := value`.
    pub(super) named: Rule<'t, Expr>,
    /// One or more expressions or stars; a comma makes them a tuple.
    pub(super) star_expressions: Rule<'t, Expr>,
    /// What `for` binds: no operator looser than `|`, as `in` follows.
    pub(super) star_targets: Rule<'t, Expr>,
    /// One of `star_targets`.
    pub(super) star_target: Rule<'t, Expr>,
    /// One operation no looser than `|`.
    pub(super) operand: Rule<'t, Expr>,
}

/// Makes the expression rules, which all refer to each other.
pub(super) fn expressions<'t>(names: &Names) -> Expressions<'t> {
    let mut made = None;
    let expression = recursive(|expression| {
        let expression = expression.boxed();
        let primary = recursive(|primary| {
            let operands = Operands::new(primary.boxed());
            let operand = names.rule("bitwise_or", operation(operands.clone(), "bitwise_or"));
            let starred = names.rule("starred", starred(&operand));
            let star_item = names.rule("star_expression", starred.clone().or(expression.clone()));
            let star_target = names.rule("star_target", starred.clone().or(operand.clone()));
            let parts = atom::Parts {
                named: names.rule("named_expression", named(expression.clone(), operand.clone())),
                disjunction: operation(operands, "disjunction").boxed(),
                starred,
                star_targets: names.rule("star_targets", tuple_of(star_target.clone())),
                star_target,
                star_expressions: names.rule("star_expressions", tuple_of(star_item)),
                expression: expression.clone(),
                operand,
            };
            made = Some(parts.clone());
            names.rule("primary", atom::primary(names, parts))
        });
        let lambda = names.rule("lambda", lambda(names, &expression));
        names.rule("expression", conditional(Operands::new(primary.boxed()), lambda, expression))
    })
    .boxed();
    let parts = made.expect("the knot above has been tied");
    Expressions {
        expression,
        named: parts.named,
        star_expressions: parts.star_expressions,
        star_targets: parts.star_targets,
        star_target: parts.star_target,
        operand: parts.operand,
    }
}

/// An operation whose operators are all of the row `rule` or tighter.
fn operation<'t>(operands: Operands<'t>, rule: &str) -> impl Parser<'t, Tokens<'t>, Expr, Extra<'t>> + Clone {
    let min = level(rule);
    custom(move |inp| climb(inp, &operands, min))
}

fn starred<'t>(operand: &Rule<'t, Expr>) -> impl Parser<'t, Tokens<'t>, Expr, Extra<'t>> + Clone + use<'t> {
    let value = tok(Kind::Star).ignore_then(operand.clone());
    value.map_with(|value, at| Expr { kind: ExprKind::Starred(Box::new(value)), span: span(at) })
}

/// A conditional expression, a lambda or an operation.
fn conditional<'t>(
    operands: Operands<'t>,
    lambda: Rule<'t, Expr>,
    expression: Rule<'t, Expr>,
) -> impl Parser<'t, Tokens<'t>, Expr, Extra<'t>> + Clone {
    custom(move |inp: &mut Input<'t, '_>| {
        if let Some(leaf) = lone_leaf(inp) {
            return Ok(leaf);
        }
        let start = here(inp);
        if peek(inp) == Kind::Lambda {
            return inp.parse(&lambda);
        }
        let then = climb(inp, &operands, 1)?;
        if peek(inp) != Kind::If {
            if inp.state().explain {
                missing_comma(inp, start, &expression);
            }
            return Ok(then);
        }
        inp.skip();
        let test = climb(inp, &operands, 1)?;
        if peek(inp) != Kind::Else {
            let all = since(inp, start);
            let next = inp.next().map(|token| token.kind);
            return Err(match next {
                Some(Kind::Colon) => EmptyErr::default(),
                _ => inp.state().raise("expected 'else' after 'if' expression", all),
            });
        }
        inp.skip();
        let orelse = inp.parse(&expression)?;
        let kind = ExprKind::Ternary(Box::new(Ternary { test, then, orelse }));
        Ok(Expr { kind, span: since(inp, start) })
    })
}

/// A literal or name that is a whole expression, as what follows shows: no need to descend the operators.
fn lone_leaf(inp: &mut Input<'_, '_>) -> Option<Expr> {
    let at = here(inp);
    let state = inp.state();
    let (token, next) = (state.token(at), state.token(at + 1));
    if !matches!(next.kind, Kind::Comma | Kind::RBracket | Kind::RPar | Kind::RBrace | Kind::Newline) {
        return None;
    }
    let leaf = state.leaf(token)?;
    inp.skip();
    Some(leaf)
}

/// On the second look: two expressions side by side, the first of which begins at `start` and has been read.
fn missing_comma<'t>(inp: &mut Input<'t, '_>, start: usize, expression: &Rule<'t, Expr>) {
    let (first, second) = (inp.state().token(start), inp.state().token(start + 1));
    let word = if first.kind == Kind::Name { inp.state().name(first) } else { Name::from("") };
    let Some((_, end)) = attempt(inp, expression) else { return };
    let both = inp.state().span(start, end);
    if matches!(&*word, "print" | "exec") && second.kind != Kind::LPar {
        let message = format!("Missing parentheses in call to '{word}'. Did you mean {word}(...)?");
        inp.state().raise(message, both);
    } else if first.kind == Kind::Name && second.kind == Kind::Str || matches!(&*word, "_" | "match" | "case") {
        // A misspelt prefix, or a statement that begins with a soft keyword: a comma would not help.
    } else if inp.state().level(end - 1) > 0 {
        inp.state().raise("invalid syntax. Perhaps you forgot a comma?", both);
    }
}

/// `name := value`, or an expression that no `:=` follows.
fn named<'t>(
    expression: Rule<'t, Expr>,
    operand: Rule<'t, Expr>,
) -> impl Parser<'t, Tokens<'t>, Expr, Extra<'t>> + Clone {
    custom(move |inp: &mut Input<'t, '_>| {
        let start = here(inp);
        let state = inp.state();
        let name = state.token(start);
        if name.kind == Kind::Name && state.token(start + 1).kind == Kind::Walrus {
            let name = state.name(name);
            inp.skip();
            inp.skip();
            let value = Box::new(inp.parse(&expression)?);
            return Ok(Expr { kind: ExprKind::Walrus(name, value), span: since(inp, start) });
        }
        let value = inp.parse(&expression)?;
        if inp.state().explain {
            match peek(inp) {
                Kind::Walrus => {
                    let message = format!("cannot use assignment expressions with {}", describe(&value));
                    inp.state().raise(message, value.span);
                }
                Kind::Assign => comparison_meant(inp, &value, start, &operand),
                _ => {}
            }
        }
        Ok(value)
    })
}

/// On the second look: an `=` behind `value` where only `==` can stand.
fn comparison_meant<'t>(inp: &mut Input<'t, '_>, value: &Expr, start: usize, operand: &Rule<'t, Expr>) {
    let before = inp.save();
    inp.skip();
    let right = attempt(inp, operand);
    inp.rewind(before);
    let Some((_, end)) = right else { return };
    if matches!(inp.state().token(end).kind, Kind::Assign | Kind::Walrus) {
        return;
    }
    if let ExprKind::Name(_) = value.kind {
        let both = inp.state().span(start, end);
        inp.state().raise("invalid syntax. Maybe you meant '==' or ':=' instead of '='?", both);
    } else if may_mean_comparison(value) {
        let message = format!("cannot assign to {} here. Maybe you meant '==' instead of '='?", describe(value));
        inp.state().raise(message, value.span);
    }
}

/// One or more items; a comma makes a tuple of them.
fn tuple_of<'t>(item: Rule<'t, Expr>) -> impl Parser<'t, Tokens<'t>, Expr, Extra<'t>> + Clone {
    custom(move |inp: &mut Input<'t, '_>| {
        let start = here(inp);
        let first = inp.parse(&item)?;
        if peek(inp) != Kind::Comma {
            return Ok(first);
        }
        let mut items = vec![first];
        while peek(inp) == Kind::Comma {
            inp.skip();
            let before = inp.save();
            match inp.parse(&item) {
                Ok(item) => items.push(item),
                Err(_) => {
                    inp.rewind(before);
                    break;
                }
            }
        }
        Ok(Expr { kind: ExprKind::Tuple(items), span: since(inp, start) })
    })
}

fn lambda<'t>(
    names: &Names,
    expression: &Rule<'t, Expr>,
) -> impl Parser<'t, Tokens<'t>, Expr, Extra<'t>> + Clone + use<'t> {
    let params = names.rule("lambda_parameters", params::parameters(names, expression, false));
    let parts = tok(Kind::Lambda).ignore_then(params).then_ignore(tok(Kind::Colon)).then(expression.clone());
    parts.map_with(|(params, value), at| {
        let (all, body_span) = (span(at), value.span);
        let body = vec![Stmt { kind: StmtKind::Return(Some(value)), span: body_span }];
        Expr { kind: ExprKind::Lambda(Rc::new(Function { params, body, span: all })), span: all }
    })
}
