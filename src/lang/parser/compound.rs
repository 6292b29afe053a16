//! Statements with blocks.

use super::expr::{Expressions, expressions};
use super::simple::{simple_line, unstarred};
use super::target::check_assign;
use super::*;
use crate::lang::ast::{Function, Handler, Stmt, StmtKind};
use std::rc::Rc;

/// What the compound statements are made of.
struct Parts<'t> {
    e: Expressions<'t>,
    /// A colon and the block behind it.
    suite: Rule<'t, Block>,
}

/// A line of simple statements, or a compound statement; after an error, whatever the statement seemed to be.
pub(super) fn statement<'t>(names: &Names) -> Rule<'t, Block> {
    let e = expressions(names);
    let simple = simple_line(names, &e);
    let statement = recursive(|statement| {
        let suite = names.rule("suite", suite(names, statement.boxed(), &simple));
        let parts = Parts { e, suite };
        let compound = choice((
            names.rule("if", if_statement(names, &parts)),
            names.rule("for", for_statement(names, &parts)),
            names.rule("while", while_statement(&parts)),
            names.rule("def", def(names, &parts)),
            names.rule("with", with(names, &parts)),
            names.rule("try", try_statement(names, &parts)),
            names.rule("unsupported_statement", absent()),
        ));
        let compound =
            names.rule("compound_statement", compound.map_with(|kind, at| vec![Stmt { kind, span: last(at) }]));
        let statement = custom(move |inp: &mut Input<'t, '_>| match peek(inp) {
            Kind::If | Kind::For | Kind::While | Kind::Def | Kind::With | Kind::Try => inp.parse(&compound),
            Kind::At | Kind::Class | Kind::Async => inp.parse(&compound),
            _ => inp.parse(&simple),
        });
        recover::recovering(names.rule("statement", statement))
    });
    statement.boxed()
}

/// A compound statement's span, to the end of its last statement's text.
fn last(at: &mut At<'_, '_>) -> Span {
    let range = at.span();
    let state = at.state();
    let blank = |index: &usize| matches!(state.token(*index).kind, Kind::Newline | Kind::Dedent);
    let end = (range.start..range.end).rev().find(|index| !blank(index)).map_or(range.end, |index| index + 1);
    state.span(range.start, end)
}

/// The keyword of a clause, remembered for what is said of its block.
fn keyword<'t>(kind: Kind) -> impl Parser<'t, Tokens<'t>, Token, Extra<'t>> + Copy {
    // Not a `map`: chumsky leaves those out where the result is not wanted.
    custom(move |inp: &mut Input<'t, '_>| match inp.next() {
        Some(token) if token.kind == kind => {
            inp.state().header = token;
            Ok(token)
        }
        _ => Err(EmptyErr::default()),
    })
}

/// A clause that is there if its keyword is: once that is seen, what follows must be right.
fn clause<'t, O: 't>(kind: Kind, rule: Rule<'t, O>) -> impl Parser<'t, Tokens<'t>, Option<O>, Extra<'t>> + Clone {
    custom(move |inp: &mut Input<'t, '_>| match peek(inp) == kind {
        true => inp.parse(&rule).map(Some),
        false => Ok(None),
    })
}

/// As many clauses as there are.
fn clauses<'t, O: 't>(kind: Kind, rule: Rule<'t, O>) -> impl Parser<'t, Tokens<'t>, Vec<O>, Extra<'t>> + Clone {
    custom(move |inp: &mut Input<'t, '_>| {
        let mut all = Vec::new();
        while peek(inp) == kind {
            all.push(inp.parse(&rule)?);
        }
        Ok(all)
    })
}

/// A colon, and a block on lines of its own or a line of simple statements.
fn suite<'t>(
    names: &Names,
    statement: Rule<'t, Block>,
    simple: &Rule<'t, Block>,
) -> impl Parser<'t, Tokens<'t>, Block, Extra<'t>> + Clone + use<'t> {
    let body = empty().to(Block::new()).foldl(statement.repeated().at_least(1), recover::join);
    let body = names.rule("block", body.delimited_by(tok(Kind::Indent), tok(Kind::Dedent)));
    let simple = simple.clone();
    custom(move |inp: &mut Input<'t, '_>| {
        let header = inp.state().header;
        let next = inp.next().ok_or_else(EmptyErr::default)?;
        if next.kind != Kind::Colon {
            // CPython insists on the colon behind these keywords, and elsewhere only at the line's end.
            let forced = matches!(header.kind, Kind::Else | Kind::Try | Kind::Finally | Kind::Def);
            if forced || next.kind == Kind::Newline {
                return Err(inp.state().raise("expected ':'", next.span));
            }
            return Err(EmptyErr::default());
        }
        if peek(inp) != Kind::Newline {
            return inp.parse(&simple);
        }
        inp.skip();
        if peek(inp) == Kind::Indent {
            return inp.parse(&body);
        }
        let next = inp.next().map_or(header, |token| token);
        let error = recover::missing_block(inp.state(), header, next);
        Err(inp.state().raise_error(error))
    })
}

fn if_statement<'t>(
    names: &Names,
    parts: &Parts<'t>,
) -> impl Parser<'t, Tokens<'t>, StmtKind, Extra<'t>> + Clone + use<'t> {
    let arm = |kind| keyword(kind).ignore_then(parts.e.named.clone()).then(parts.suite.clone());
    let elif = names.rule("elif", arm(Kind::Elif));
    let arms = arm(Kind::If).then(clauses(Kind::Elif, elif)).then(orelse(names, parts));
    arms.map(|((first, mut rest), orelse)| {
        rest.insert(0, first);
        StmtKind::If { arms: rest, orelse }
    })
}

fn orelse<'t>(names: &Names, parts: &Parts<'t>) -> Rule<'t, Block> {
    let orelse = names.rule("else", keyword(Kind::Else).ignore_then(parts.suite.clone()));
    clause(Kind::Else, orelse).map(Option::unwrap_or_default).boxed()
}

fn while_statement<'t>(parts: &Parts<'t>) -> impl Parser<'t, Tokens<'t>, StmtKind, Extra<'t>> + Clone + use<'t> {
    let head = keyword(Kind::While).ignore_then(parts.e.named.clone());
    let parts = head.then(parts.suite.clone()).then(orelse(&Names::default(), parts));
    parts.map(|((test, body), orelse)| StmtKind::While { test, body, orelse })
}

fn for_statement<'t>(
    names: &Names,
    parts: &Parts<'t>,
) -> impl Parser<'t, Tokens<'t>, StmtKind, Extra<'t>> + Clone + use<'t> {
    let target = target(parts.e.star_targets.clone());
    let head = keyword(Kind::For).ignore_then(target).then_ignore(tok(Kind::In)).then(unstarred(&parts.e));
    let parts = head.then(parts.suite.clone()).then(orelse(names, parts));
    parts.map(|(((target, iter), body), orelse)| StmtKind::For { target, iter, body, orelse })
}

/// A target of `for` or `as`.
fn target<'t>(rule: Rule<'t, Expr>) -> impl Parser<'t, Tokens<'t>, Expr, Extra<'t>> + Clone {
    rule.try_map_with(|target, at: &mut At<'t, '_>| {
        check_assign(&target).map_err(|error| at.state().raise_error(error)).map(|()| target)
    })
}

fn def<'t>(names: &Names, parts: &Parts<'t>) -> impl Parser<'t, Tokens<'t>, StmtKind, Extra<'t>> + Clone + use<'t> {
    let decorator = tok(Kind::At).ignore_then(parts.e.named.clone()).then_ignore(tok(Kind::Newline));
    let decorators = clauses(Kind::At, names.rule("decorator", decorator));
    let params = names.rule("parameters", params::parameters(names, &parts.e.expression, true));
    let open = custom(|inp: &mut Input<'t, '_>| match inp.next() {
        Some(Token { kind: Kind::LPar, .. }) => Ok(()),
        Some(token) => Err(inp.state().raise("expected '('", token.span)),
        None => Err(EmptyErr::default()),
    });
    let result = tok(Kind::Arrow).ignore_then(parts.e.expression.clone()).or_not();
    let head = identifier().then(params.delimited_by(open, tok(Kind::RPar))).then_ignore(result);
    let function = keyword(Kind::Def).ignore_then(head).then(parts.suite.clone());
    let function = names.rule(
        "function",
        function.map_with(|(((name, _), params), body), at| (name, Rc::new(Function { params, body, span: last(at) }))),
    );
    decorators.then(function).map(|(decorators, (name, func))| StmtKind::Def { name, func, decorators })
}

type Item = (Expr, Option<Expr>);

fn with<'t>(names: &Names, parts: &Parts<'t>) -> impl Parser<'t, Tokens<'t>, StmtKind, Extra<'t>> + Clone + use<'t> {
    let target = names.rule("target", target(parts.e.operand.clone()));
    let item = parts.e.expression.clone().then(tok(Kind::As).ignore_then(target).or_not());
    let item = names.rule("with_item", item);
    let list = item.separated_by(tok(Kind::Comma)).at_least(1);
    // Parentheses around the items, unless they turn out to be those of the first expression.
    let grouped = list.clone().allow_trailing().collect::<Vec<Item>>();
    let grouped = grouped.delimited_by(tok(Kind::LPar), tok(Kind::RPar)).then_ignore(tok(Kind::Colon).rewind());
    let items = names.rule("with_items", grouped.or(list.collect()));
    let parts = keyword(Kind::With).ignore_then(items).then(parts.suite.clone());
    parts.map(|(items, body)| StmtKind::With { items, body })
}

fn try_statement<'t>(
    names: &Names,
    parts: &Parts<'t>,
) -> impl Parser<'t, Tokens<'t>, StmtKind, Extra<'t>> + Clone + use<'t> {
    let name = tok(Kind::As).ignore_then(identifier()).map(|(name, _)| name);
    let types = parts.e.expression.clone().then(name.or_not());
    let star = tok(Kind::Star).try_map_with(|token, at: &mut At<'t, '_>| -> Parsed<()> {
        Err(at.state().raise_error(recover::unsupported(token)))
    });
    let types = types.or_not().map_with(|types, at| (types, span(at))).then(tok(Kind::Comma).rewind().or_not());
    let types = types.try_map_with(|((types, place), comma), at: &mut At<'t, '_>| match comma {
        Some(_) => Err(at.state().raise("multiple exception types must be parenthesized", place)),
        None => Ok(types),
    });
    let head = keyword(Kind::Except).then_ignore(star.or_not()).ignore_then(types);
    let handler = head.then(parts.suite.clone()).map_with(|(types, body), at| {
        let (types, name) = types.unzip();
        Handler { types, name: name.flatten(), body, span: last(at) }
    });
    let handlers = clauses(Kind::Except, names.rule("except", handler));
    let finally = names.rule("finally", keyword(Kind::Finally).ignore_then(parts.suite.clone()));
    let finally = clause(Kind::Finally, finally);
    let body = keyword(Kind::Try).ignore_then(parts.suite.clone());
    let orelse = orelse(&Names::default(), parts);
    let after = custom(move |inp: &mut Input<'t, '_>| {
        let handlers = inp.parse(&handlers)?;
        if handlers.is_empty() && peek(inp) != Kind::Finally {
            let next = inp.next().map_or(Span::default(), |token| token.span);
            return Err(inp.state().raise("expected 'except' or 'finally' block", next));
        }
        if let Some(bare) = handlers.iter().rev().skip(1).find(|handler: &&Handler| handler.types.is_none()) {
            let span = bare.span;
            return Err(inp.state().raise("default 'except:' must be last", span));
        }
        let orelse = if handlers.is_empty() { Block::new() } else { inp.parse(&orelse)? };
        let finally = inp.parse(&finally)?.unwrap_or_default();
        Ok((handlers, orelse, finally))
    });
    body.then(after).map(|(body, (handlers, orelse, finally))| StmtKind::Try { body, handlers, orelse, finally })
}

/// On the second look: a statement that Python has and tensh has not.
fn absent<'t>() -> impl Parser<'t, Tokens<'t>, StmtKind, Extra<'t>> + Clone {
    let keyword = tok(Kind::Class).or(tok(Kind::Async));
    keyword.try_map_with(|token, at: &mut At<'t, '_>| Err(at.state().raise_error(recover::unsupported(token))))
}
