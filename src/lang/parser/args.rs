//! Arguments of a call, and what stands between the brackets of a subscript.

use super::target::describe;
use super::*;
use crate::lang::ast::{Arg, Comp, CompFor};

/// An argument, with the `for` clauses that make it a generator expression, and its place.
type Written = (Arg, Option<Vec<CompFor>>, Span);

/// The arguments between the parentheses of a call.
pub(super) fn arguments<'t>(
    names: &Names,
    expression: &Rule<'t, Expr>,
    named: &Rule<'t, Expr>,
    clauses: &Rule<'t, Vec<CompFor>>,
) -> Rule<'t, Vec<Arg>> {
    let keyword = identifier().then_ignore(tok(Kind::Assign)).then(expression.clone());
    let argument = names.rule(
        "argument",
        choice((
            keyword
                .then(clauses.clone().or_not())
                .map(|(((name, span), value), clauses)| (Arg::Keyword(name, span, value), clauses)),
            tok(Kind::Star).ignore_then(expression.clone()).map(|value| (Arg::Star(value), None)),
            tok(Kind::DoubleStar).ignore_then(expression.clone()).map(|value| (Arg::DoubleStar(value), None)),
            keyword_that_is_none(expression),
            named.clone().then(clauses.clone().or_not()).map(|(value, clauses)| (Arg::Positional(value), clauses)),
        ))
        .map_with(|(arg, clauses), at| (arg, clauses, span(at))),
    );
    let list = argument.separated_by(tok(Kind::Comma)).allow_trailing().collect::<Vec<Written>>();
    let checked = list.try_map_with(|written, at: &mut At<'t, '_>| {
        let range = at.span();
        let trailing = range.end > range.start && at.state().token(range.end - 1).kind == Kind::Comma;
        check(written, trailing).map_err(|(message, span)| at.state().raise(message, span))
    });
    names.rule("arguments", checked)
}

/// On the second look: `1 = x` or `True = x` as an argument, or `name = x for ...`.
fn keyword_that_is_none<'t>(
    expression: &Rule<'t, Expr>,
) -> impl Parser<'t, Tokens<'t>, (Arg, Option<Vec<CompFor>>), Extra<'t>> + Clone + use<'t> {
    let expression = expression.clone();
    custom(move |inp: &mut Input<'t, '_>| {
        if !inp.state().explain {
            return Err(EmptyErr::default());
        }
        let start = here(inp);
        let Some((value, end)) = attempt(inp, &expression) else { return Err(EmptyErr::default()) };
        let next = inp.state().token(end).kind;
        if next != Kind::Assign || matches!(value.kind, ExprKind::Name(_)) {
            return Err(EmptyErr::default());
        }
        let both = inp.state().span(start, end + 1);
        Err(match value.kind {
            ExprKind::None | ExprKind::Bool(_) => {
                inp.state().raise(format!("cannot assign to {}", describe(&value)), both)
            }
            _ => inp.state().raise("expression cannot contain assignment, perhaps you meant \"==\"?", both),
        })
    })
}

/// Checks the order of arguments.
fn check(written: Vec<Written>, trailing: bool) -> Result<Vec<Arg>, (String, Span)> {
    let fail = |message: &str, span| Err((message.to_owned(), span));
    let lone = written.len() == 1 && !trailing;
    let mut args: Vec<Arg> = Vec::with_capacity(written.len());
    let (mut keyword, mut unpacking) = (false, false);
    for (arg, clauses, span) in written {
        match (&arg, clauses) {
            (Arg::Keyword(_, name, value), Some(_)) => {
                let message = "invalid syntax. Maybe you meant '==' or ':=' instead of '='?";
                return fail(message, name.to(value.span));
            }
            (Arg::Positional(_), Some(_)) if !lone => return fail("Generator expression must be parenthesized", span),
            (Arg::Positional(elt), Some(clauses)) => {
                let kind = ExprKind::GenExp(Box::new(Comp { elt: elt.clone(), clauses }));
                return Ok(vec![Arg::Positional(Expr { kind, span })]);
            }
            (Arg::Positional(_), None) if unpacking => {
                return fail("positional argument follows keyword argument unpacking", span);
            }
            (Arg::Positional(_), None) if keyword => return fail("positional argument follows keyword argument", span),
            (Arg::Star(_), _) if unpacking => {
                return fail("iterable argument unpacking follows keyword argument unpacking", span);
            }
            (Arg::Keyword(name, ..), _) => {
                let same = |earlier: &Arg| matches!(earlier, Arg::Keyword(other, ..) if other == name);
                if args.iter().any(same) {
                    return Err((format!("keyword argument repeated: {name}"), span));
                }
                keyword = true;
            }
            (Arg::DoubleStar(_), _) => unpacking = true,
            _ => {}
        }
        args.push(arg);
    }
    Ok(args)
}

/// What stands between the brackets of a subscript: slices, expressions and stars; a comma makes a tuple.
pub(super) fn subscript<'t>(
    names: &Names,
    expression: &Rule<'t, Expr>,
    item: Rule<'t, Expr>,
) -> impl Parser<'t, Tokens<'t>, Expr, Extra<'t>> + Clone + use<'t> {
    let one = names.rule("subscript_item", subscript_item(expression.clone(), item));
    let list = one.separated_by(tok(Kind::Comma)).at_least(1).allow_trailing().collect::<Vec<_>>();
    list.map_with(|mut items, at| {
        let range = at.span();
        let trailing = at.state().token(range.end - 1).kind == Kind::Comma;
        match items.pop() {
            Some(only) if items.is_empty() && !trailing && !matches!(only.kind, ExprKind::Starred(_)) => only,
            last => {
                items.extend(last);
                Expr { kind: ExprKind::Tuple(items), span: span(at) }
            }
        }
    })
}

/// A slice, or an item that no `:` follows. What comes first is parsed once: subscripts nest.
fn subscript_item<'t>(
    expression: Rule<'t, Expr>,
    item: Rule<'t, Expr>,
) -> impl Parser<'t, Tokens<'t>, Expr, Extra<'t>> + Clone {
    custom(move |inp: &mut Input<'t, '_>| {
        let start = here(inp);
        let lower = match peek(inp) {
            Kind::Colon => None,
            _ => Some(inp.parse(&item)?),
        };
        if peek(inp) != Kind::Colon {
            return lower.ok_or_else(EmptyErr::default);
        }
        let bare = since(inp, start);
        match lower.as_ref().map(|lower| (&lower.kind, lower.span)) {
            Some((ExprKind::Starred(_), _)) => return Err(EmptyErr::default()),
            // A bound that is a `:=` needs parentheses, which its span leaves out.
            Some((ExprKind::Walrus(..), span)) if span == bare => return Err(EmptyErr::default()),
            _ => {}
        }
        let bound = |inp: &mut Input<'t, '_>| {
            if peek(inp) != Kind::Colon {
                return Ok(None);
            }
            inp.skip();
            match peek(inp) {
                Kind::Colon | Kind::Comma | Kind::RBracket => Ok(None),
                _ => inp.parse(&expression).map(Some),
            }
        };
        let (upper, step) = (bound(inp)?, bound(inp)?);
        Ok(Expr { kind: ExprKind::Slice(Box::new([lower, upper, step])), span: since(inp, start) })
    })
}
