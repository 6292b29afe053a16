//! Statements of one line.

use super::expr::Expressions;
use super::operators::augmented_op;
use super::target::{Use, check_assign, describe, invalid_part, may_mean_comparison};
use super::*;
use crate::lang::ast::{Alias, BinOp, Stmt, StmtKind};

type Kinds<'t> = Rule<'t, StmtKind>;

/// A line of simple statements separated by `;`, with its NEWLINE.
pub(super) fn simple_line<'t>(names: &Names, e: &Expressions<'t>) -> Rule<'t, Block> {
    let keyword = |kind, statement: StmtKind| tok(kind).to(statement);
    let simple = choice((
        keyword(Kind::Pass, StmtKind::Pass),
        keyword(Kind::Break, StmtKind::Break),
        keyword(Kind::Continue, StmtKind::Continue),
        names.rule("return", tok(Kind::Return).ignore_then(unstarred(e).or_not()).map(StmtKind::Return)),
        names.rule("raise", raise(e)),
        names.rule("assert", assert(e)),
        names.rule("del", del(e)),
        names.rule("global", declaration(Kind::Global).map(StmtKind::Global)),
        names.rule("nonlocal", declaration(Kind::Nonlocal).map(StmtKind::Nonlocal)),
        names.rule("import", import(names)),
        names.rule("from_import", from_import(names)),
        expression_statement(names, e),
    ));
    let simple = names.rule("simple_statement", simple.map_with(|kind, at| Stmt { kind, span: span(at) }));
    let line = custom(move |inp: &mut Input<'t, '_>| {
        let mut line = vec![inp.parse(&simple)?];
        loop {
            match inp.next().map(|token| token.kind) {
                Some(Kind::Newline) => return Ok(line),
                Some(Kind::Semi) if peek(inp) == Kind::Newline => {
                    if let Some(StmtKind::Expr { quiet, .. }) = line.last_mut().map(|last| &mut last.kind) {
                        *quiet = true;
                    }
                }
                Some(Kind::Semi) => line.push(inp.parse(&simple)?),
                _ => return Err(EmptyErr::default()),
            }
        }
    });
    names.rule("simple_line", line)
}

/// Expressions of which none stands alone behind a star.
pub(super) fn unstarred<'t>(e: &Expressions<'t>) -> impl Parser<'t, Tokens<'t>, Expr, Extra<'t>> + Clone + use<'t> {
    e.star_expressions.clone().try_map_with(|value, at: &mut At<'t, '_>| match value.kind {
        ExprKind::Starred(_) => Err(at.state().raise("can't use starred expression here", value.span)),
        _ => Ok(value),
    })
}

/// What follows the first expressions of a statement.
enum Rest {
    Nothing,
    Annotated(Option<Expr>),
    Augmented(BinOp, Span, Expr),
    Assigned(Vec<Expr>),
}

fn expression_statement<'t>(names: &Names, e: &Expressions<'t>) -> Kinds<'t> {
    let augmented = select! {
        token if augmented_op(Token::kind(&token)).is_some() => token
    };
    let annotation = tok(Kind::Colon).ignore_then(e.expression.clone());
    let annotated = annotation.ignore_then(tok(Kind::Assign).ignore_then(unstarred(e)).or_not()).map(Rest::Annotated);
    let augmented = augmented.then(unstarred(e)).map(|(token, value)| {
        let op = augmented_op(token.kind).unwrap_or(BinOp::Add);
        Rest::Augmented(op, token.span, value)
    });
    let assigned = tok(Kind::Assign).ignore_then(e.star_expressions.clone()).repeated().at_least(1).collect();
    let rest = choice((
        names.rule("assignment", assigned.map(Rest::Assigned)),
        names.rule("augmented_assignment", augmented),
        names.rule("annotated_assignment", annotated),
    ));
    let rest = custom(move |inp: &mut Input<'t, '_>| match peek(inp) {
        Kind::Newline | Kind::Semi => Ok(Rest::Nothing),
        _ => inp.parse(&rest),
    });
    let values = e.star_expressions.clone();
    let first = custom(move |inp: &mut Input<'t, '_>| {
        let value = inp.parse(&values)?;
        if inp.state().explain
            && peek(inp) == Kind::Walrus
            && !matches!(value.kind, ExprKind::Name(_) | ExprKind::Tuple(_))
        {
            let message = format!("cannot use assignment expressions with {}", describe(&value));
            inp.state().raise(message, value.span);
        }
        Ok(value)
    });
    let statement = first.map_with(|first, at| (first, span(at))).then(rest);
    let statement = statement
        .try_map_with(|((first, first_span), rest), at: &mut At<'t, '_>| finish(first, first_span, rest, at.state()));
    names.rule("expression_statement", statement)
}

/// Makes the statement of its first expressions and what follows, and checks its targets.
fn finish(first: Expr, first_span: Span, rest: Rest, state: &mut State<'_>) -> Parsed<StmtKind> {
    match rest {
        Rest::Nothing => {
            if let ExprKind::Starred(_) = first.kind {
                return Err(state.raise("can't use starred expression here", first.span));
            }
            Ok(StmtKind::Expr { value: first, quiet: false })
        }
        Rest::Annotated(value) => match &first.kind {
            ExprKind::Name(_) | ExprKind::Attribute(..) | ExprKind::Subscript(_) => Ok(match value {
                Some(value) => StmtKind::Assign { targets: vec![first], value },
                None => StmtKind::Pass,
            }),
            ExprKind::Tuple(items) => {
                let place = items.first().map_or(first.span, |item| item.span);
                let place = if first.span.start < place.start { first.span } else { place };
                Err(state.raise("only single target (not tuple) can be annotated", place))
            }
            ExprKind::List(_) => Err(state.raise("only single target (not list) can be annotated", first.span)),
            _ => Err(state.raise("illegal target for annotation", first.span)),
        },
        Rest::Augmented(op, op_span, value) => match first.kind {
            ExprKind::Name(_) | ExprKind::Attribute(..) | ExprKind::Subscript(_) => {
                Ok(StmtKind::AugAssign { target: first, op, op_span, value })
            }
            _ => {
                let message = format!("'{}' is an illegal expression for augmented assignment", describe(&first));
                Err(state.raise(message, first_span))
            }
        },
        Rest::Assigned(mut values) => {
            let value = values.pop().unwrap_or(Expr { kind: ExprKind::Error, span: first_span });
            let targets: Vec<Expr> = std::iter::once(first).chain(values).collect();
            check_targets(&targets, &value, state)?;
            if let ExprKind::Starred(_) = value.kind {
                return Err(state.raise("can't use starred expression here", value.span));
            }
            Ok(StmtKind::Assign { targets, value })
        }
    }
}

fn check_targets(targets: &[Expr], value: &Expr, state: &mut State<'_>) -> Parsed<()> {
    for (index, target) in targets.iter().enumerate() {
        let Err(error) = check_assign(target) else { continue };
        // The message of a single `=` whose left side could be compared with its right side.
        let last = match &target.kind {
            ExprKind::Tuple(items) if items.last().is_some_and(|last| last.span.end == target.span.end) => items.last(),
            _ => Some(target),
        };
        if let (0, 1, Some(part), Some(last)) = (index, targets.len(), invalid_part(target, Use::Assign), last)
            && std::ptr::eq(part, last)
            && may_mean_comparison(part)
            && is_operation(value)
        {
            let message = format!("{} here. Maybe you meant '==' instead of '='?", error.message);
            return Err(state.raise(message, error.span));
        }
        return Err(state.raise_error(error));
    }
    Ok(())
}

/// Whether a value may stand to the right of `==`.
fn is_operation(value: &Expr) -> bool {
    !matches!(value.kind, ExprKind::Lambda(_) | ExprKind::Starred(_))
}

fn raise<'t>(e: &Expressions<'t>) -> impl Parser<'t, Tokens<'t>, StmtKind, Extra<'t>> + Clone + use<'t> {
    let cause = tok(Kind::From).ignore_then(e.expression.clone()).or_not();
    tok(Kind::Raise).ignore_then(e.expression.clone().then(cause).or_not()).map(|parts| match parts {
        Some((value, cause)) => StmtKind::Raise { value: Some(value), cause },
        None => StmtKind::Raise { value: None, cause: None },
    })
}

fn assert<'t>(e: &Expressions<'t>) -> impl Parser<'t, Tokens<'t>, StmtKind, Extra<'t>> + Clone + use<'t> {
    let message = tok(Kind::Comma).ignore_then(e.expression.clone()).or_not();
    let parts = tok(Kind::Assert).ignore_then(e.expression.clone()).then(message);
    parts.map(|(test, message)| StmtKind::Assert { test, message })
}

fn del<'t>(e: &Expressions<'t>) -> impl Parser<'t, Tokens<'t>, StmtKind, Extra<'t>> + Clone + use<'t> {
    let target = e.star_target.clone().try_map_with(|target, at: &mut At<'t, '_>| {
        if let Some(part) = invalid_part(&target, Use::Delete) {
            return Err(at.state().raise(format!("cannot delete {}", describe(part)), part.span));
        }
        Ok(target)
    });
    let targets = target.separated_by(tok(Kind::Comma)).at_least(1).allow_trailing().collect();
    tok(Kind::Del).ignore_then(targets).map(StmtKind::Del)
}

fn declaration<'t>(keyword: Kind) -> impl Parser<'t, Tokens<'t>, Vec<Name>, Extra<'t>> + Clone {
    let names = identifier().map(|(name, _)| name).separated_by(tok(Kind::Comma)).at_least(1).collect();
    tok(keyword).ignore_then(names)
}

/// A dotted name, in one piece.
fn dotted<'t>() -> impl Parser<'t, Tokens<'t>, Name, Extra<'t>> + Clone {
    let names = identifier().map(|(name, _)| name).separated_by(tok(Kind::Dot)).at_least(1).collect::<Vec<_>>();
    names.map(|names| match &names[..] {
        [one] => one.clone(),
        many => many.join(".").into(),
    })
}

fn alias<'t>(
    name: impl Parser<'t, Tokens<'t>, Name, Extra<'t>> + Clone,
) -> impl Parser<'t, Tokens<'t>, Alias, Extra<'t>> + Clone {
    let alias = tok(Kind::As).ignore_then(identifier()).map(|(name, _)| name).or_not();
    name.then(alias).map_with(|(name, alias), at| Alias { name, alias, span: span(at) })
}

fn import<'t>(names: &Names) -> impl Parser<'t, Tokens<'t>, StmtKind, Extra<'t>> + Clone + use<'t> {
    let module = names.rule("module", alias(names.rule("dotted_name", dotted())));
    let modules = module.separated_by(tok(Kind::Comma)).at_least(1).collect();
    tok(Kind::Import).ignore_then(modules).map(StmtKind::Import)
}

fn from_import<'t>(names: &Names) -> impl Parser<'t, Tokens<'t>, StmtKind, Extra<'t>> + Clone + use<'t> {
    let dots = tok(Kind::Dot).or(tok(Kind::Ellipsis)).map(|token| token.kind.text());
    let dots = dots.repeated().collect::<Vec<_>>().map(|dots| dots.concat());
    let source = dots.then(dotted().or_not()).try_map(|(dots, name), _| match (dots.is_empty(), name) {
        (true, name) => name.ok_or_else(EmptyErr::default),
        (false, None) => Ok(dots.into()),
        (false, Some(name)) => Ok((dots + &name).into()),
    });
    let source = names.rule("from_module", source.map_with(|name: Name, at| (name, span(at))));
    let part = names.rule("imported_name", alias(identifier().map(|(name, _)| name)));
    let list = part.separated_by(tok(Kind::Comma)).at_least(1);
    let comma = tok(Kind::Comma).then(tok(Kind::Newline)).try_map_with(|(_, end), at: &mut At<'t, '_>| -> Parsed<()> {
        let message = "trailing comma not allowed without surrounding parentheses";
        Err(at.state().raise(message, end.span))
    });
    let open = list.clone().collect::<Vec<_>>().then_ignore(comma.or_not());
    let what = choice((
        tok(Kind::Star).to(Vec::new()),
        list.allow_trailing().collect().delimited_by(tok(Kind::LPar), tok(Kind::RPar)),
        open,
    ));
    let parts = tok(Kind::From).ignore_then(source).then_ignore(tok(Kind::Import)).then(what);
    parts.map(|((module, module_span), names)| StmtKind::FromImport { module, module_span, names })
}
