//! Atoms, displays and comprehensions, and what may follow them: calls, subscripts and attributes.

use super::target::check_assign;
use super::*;
use crate::lang::ast::{Arg, Call, Comp, CompFor};

/// The rules that atoms are made of.
#[derive(Clone)]
pub(super) struct Parts<'t> {
    pub(super) expression: Rule<'t, Expr>,
    pub(super) named: Rule<'t, Expr>,
    pub(super) disjunction: Rule<'t, Expr>,
    pub(super) operand: Rule<'t, Expr>,
    pub(super) starred: Rule<'t, Expr>,
    pub(super) star_target: Rule<'t, Expr>,
    pub(super) star_targets: Rule<'t, Expr>,
    pub(super) star_expressions: Rule<'t, Expr>,
}

/// What follows an atom.
enum Trailer {
    Attribute(Name, Span),
    Call(Vec<Arg>),
    Subscript(Expr),
}

/// An atom and its trailers.
pub(super) fn primary<'t>(
    names: &Names,
    parts: Parts<'t>,
) -> impl Parser<'t, Tokens<'t>, Expr, Extra<'t>> + Clone + use<'t> {
    let clauses = clauses(names, &parts);
    let item = names.rule("star_named_expression", parts.starred.clone().or(parts.named.clone()));
    let arguments = args::arguments(names, &parts.expression, &parts.named, &clauses);
    let subscript = names.rule("subscript", args::subscript(names, &parts.expression, item.clone()));
    let trailer = names.rule(
        "trailer",
        choice((
            tok(Kind::Dot).ignore_then(identifier()).map(|(name, span)| Trailer::Attribute(name, span)),
            arguments.delimited_by(tok(Kind::LPar), tok(Kind::RPar)).map(Trailer::Call),
            subscript.delimited_by(tok(Kind::LBracket), tok(Kind::RBracket)).map(Trailer::Subscript),
        )),
    );
    let atom = names.rule(
        "atom",
        choice((
            fields::strings(names, &parts.star_expressions),
            fields::bytes(names),
            leaf(),
            names.rule("group", group(&item, &clauses)),
            names.rule("list", list(&item, &clauses)),
            names.rule("dict_or_set", braces(names, &parts, &clauses)),
            names.rule("unsupported_expression", absent()),
        )),
    );
    custom(move |inp: &mut Input<'t, '_>| {
        let start = here(inp);
        let mut value = inp.parse(&atom)?;
        while matches!(peek(inp), Kind::Dot | Kind::LPar | Kind::LBracket) {
            let kind = match inp.parse(&trailer)? {
                Trailer::Attribute(name, span) => ExprKind::Attribute(Box::new(value), name, span),
                Trailer::Call(args) => ExprKind::Call(Box::new(Call { func: value, args })),
                Trailer::Subscript(index) => ExprKind::Subscript(Box::new((value, index))),
            };
            value = Expr { kind, span: since(inp, start) };
        }
        Ok(value)
    })
}

fn leaf<'t>() -> impl Parser<'t, Tokens<'t>, Expr, Extra<'t>> + Clone {
    custom(|inp: &mut Input<'t, '_>| {
        let token = inp.next().ok_or_else(EmptyErr::default)?;
        inp.state().leaf(token).ok_or_else(EmptyErr::default)
    })
}

/// On the second look: an expression that Python has and tensh has not.
fn absent<'t>() -> impl Parser<'t, Tokens<'t>, Expr, Extra<'t>> + Clone {
    let keyword = tok(Kind::Yield).or(tok(Kind::Await));
    keyword.try_map_with(|token, at: &mut At<'t, '_>| Err(at.state().raise_error(recover::unsupported(token))))
}

/// The `for` clauses of a comprehension.
fn clauses<'t>(names: &Names, parts: &Parts<'t>) -> Rule<'t, Vec<CompFor>> {
    let target = parts.star_targets.clone().try_map_with(|target, at: &mut At<'t, '_>| {
        check_assign(&target).map_err(|error| at.state().raise_error(error)).map(|()| target)
    });
    let condition = tok(Kind::If).ignore_then(parts.disjunction.clone());
    let asynchronous = tok(Kind::Async).try_map_with(|token, at: &mut At<'t, '_>| -> Parsed<Token> {
        Err(at.state().raise_error(recover::unsupported(token)))
    });
    let clause = asynchronous
        .or(tok(Kind::For))
        .ignore_then(target)
        .then_ignore(tok(Kind::In))
        .then(parts.disjunction.clone())
        .then(condition.repeated().collect::<Vec<_>>())
        .map(|((target, iter), conds)| CompFor { target, iter, conds });
    let clause = names.rule("for_clause", clause);
    names.rule("for_clauses", clause.repeated().at_least(1).collect())
}

/// Items between brackets, and the clauses behind them; whether a comma ends the items.
type Items = (Vec<Expr>, Option<Vec<CompFor>>, bool);

fn items<'t>(
    item: &Rule<'t, Expr>,
    clauses: &Rule<'t, Vec<CompFor>>,
) -> impl Parser<'t, Tokens<'t>, Items, Extra<'t>> + Clone + use<'t> {
    let list = item.clone().separated_by(tok(Kind::Comma)).allow_trailing().collect::<Vec<_>>();
    let list = list.map_with(|items, at: &mut At<'t, '_>| {
        let range = at.span();
        let trailing = range.end > range.start && at.state().token(range.end - 1).kind == Kind::Comma;
        (items, trailing)
    });
    list.then(clauses.clone().or_not()).try_map_with(|((items, trailing), clauses), at: &mut At<'t, '_>| {
        if clauses.is_some() {
            match &items[..] {
                [] => return Err(EmptyErr::default()),
                [only] if !trailing => {
                    if let ExprKind::Starred(_) = only.kind {
                        let message = "iterable unpacking cannot be used in comprehension";
                        return Err(at.state().raise(message, only.span));
                    }
                }
                [first, .., last] if !trailing => {
                    let message = "did you forget parentheses around the comprehension target?";
                    return Err(at.state().raise(message, first.span.to(last.span)));
                }
                _ => return Err(EmptyErr::default()),
            }
        }
        Ok((items, clauses, trailing))
    })
}

/// Makes a comprehension of one item and its clauses.
fn comprehension(items: Vec<Expr>, clauses: Vec<CompFor>) -> Box<Comp> {
    let elt = items.into_iter().next().unwrap_or(Expr { kind: ExprKind::Error, span: Span::default() });
    Box::new(Comp { elt, clauses })
}

/// `(a)`, a tuple or a generator expression.
fn group<'t>(
    item: &Rule<'t, Expr>,
    clauses: &Rule<'t, Vec<CompFor>>,
) -> impl Parser<'t, Tokens<'t>, Expr, Extra<'t>> + Clone + use<'t> {
    let inside = items(item, clauses).delimited_by(tok(Kind::LPar), tok(Kind::RPar));
    inside.try_map_with(|(mut items, clauses, trailing), at: &mut At<'t, '_>| {
        let kind = match clauses {
            Some(clauses) => ExprKind::GenExp(comprehension(items, clauses)),
            None if items.len() == 1 && !trailing => match items.remove(0) {
                Expr { kind: ExprKind::Starred(_), span } => {
                    return Err(at.state().raise("cannot use starred expression here", span));
                }
                grouped => return Ok(grouped),
            },
            None => ExprKind::Tuple(items),
        };
        Ok(Expr { kind, span: span(at) })
    })
}

/// A list or a list comprehension.
fn list<'t>(
    item: &Rule<'t, Expr>,
    clauses: &Rule<'t, Vec<CompFor>>,
) -> impl Parser<'t, Tokens<'t>, Expr, Extra<'t>> + Clone + use<'t> {
    let inside = items(item, clauses).delimited_by(tok(Kind::LBracket), tok(Kind::RBracket));
    inside.map_with(|(items, clauses, _), at| {
        let kind = match clauses {
            Some(clauses) => ExprKind::ListComp(comprehension(items, clauses)),
            None => ExprKind::List(items),
        };
        Expr { kind, span: span(at) }
    })
}

/// What stands between commas in braces.
enum Entry {
    Pair(Expr, Span, Expr),
    Unpacked(Span, Expr),
    Element(Expr),
}

/// A dict, a set, or the comprehension of either.
fn braces<'t>(
    names: &Names,
    parts: &Parts<'t>,
    clauses: &Rule<'t, Vec<CompFor>>,
) -> impl Parser<'t, Tokens<'t>, Expr, Extra<'t>> + Clone + use<'t> {
    let value = tok(Kind::Colon).then(pair_value(parts.expression.clone()));
    let pair = parts.named.clone().map_with(|key, at| (key, span(at))).then(value.or_not());
    let pair = pair.try_map(|((key, all), value), _| match value {
        // A key that is a `:=` needs parentheses, which its span leaves out.
        Some(_) if matches!(key.kind, ExprKind::Walrus(..)) && key.span == all => Err(EmptyErr::default()),
        Some((colon, value)) => Ok(Entry::Pair(key, colon.span, value)),
        None => Ok(Entry::Element(key)),
    });
    let entry = choice((
        tok(Kind::DoubleStar).then(parts.operand.clone()).map(|(stars, value)| Entry::Unpacked(stars.span, value)),
        parts.starred.clone().map(Entry::Element),
        pair,
    ));
    let entry = names.rule("entry", entry);
    let list = entry.separated_by(tok(Kind::Comma)).allow_trailing().collect::<Vec<_>>();
    let list = list.map_with(|entries, at: &mut At<'t, '_>| {
        let range = at.span();
        let trailing = range.end > range.start && at.state().token(range.end - 1).kind == Kind::Comma;
        (entries, trailing)
    });
    let inside = list.then(clauses.clone().or_not()).delimited_by(tok(Kind::LBrace), tok(Kind::RBrace));
    inside.try_map_with(|((entries, trailing), clauses), at: &mut At<'t, '_>| {
        let all = span(at);
        let kind = match clauses {
            Some(clauses) => brace_comprehension(entries, trailing, clauses, at.state())?,
            None => display(entries, at.state())?,
        };
        Ok(Expr { kind, span: all })
    })
}

/// The value behind a dictionary key's colon.
fn pair_value<'t>(expression: Rule<'t, Expr>) -> impl Parser<'t, Tokens<'t>, Expr, Extra<'t>> + Clone {
    custom(move |inp: &mut Input<'t, '_>| {
        let colon = here(inp) - 1;
        let next = peek(inp);
        if inp.state().explain {
            let at = here(inp);
            let colon = inp.state().span(colon, colon + 1);
            if next == Kind::Star {
                let star = inp.state().span(at, at + 1);
                inp.state().raise("cannot use a starred expression in a dictionary value", star);
            } else if matches!(next, Kind::RBrace | Kind::Comma) {
                inp.state().raise("expression expected after dictionary key and ':'", colon);
            }
        }
        inp.parse(&expression)
    })
}

fn brace_comprehension(
    mut entries: Vec<Entry>,
    trailing: bool,
    clauses: Vec<CompFor>,
    state: &mut State<'_>,
) -> Parsed<ExprKind> {
    let entry = entries.pop().filter(|_| entries.is_empty() && !trailing).ok_or_else(EmptyErr::default)?;
    match entry {
        Entry::Pair(key, _, value) => {
            let span = key.span.to(value.span);
            let elt = Expr { kind: ExprKind::Tuple(vec![key, value]), span };
            Ok(ExprKind::DictComp(Box::new(Comp { elt, clauses })))
        }
        Entry::Unpacked(stars, _) => Err(state.raise("dict unpacking cannot be used in dict comprehension", stars)),
        Entry::Element(Expr { kind: ExprKind::Starred(_), span }) => {
            Err(state.raise("iterable unpacking cannot be used in comprehension", span))
        }
        Entry::Element(elt) => Ok(ExprKind::SetComp(Box::new(Comp { elt, clauses }))),
    }
}

/// A dict or set display: its entries are all of one sort.
fn display(entries: Vec<Entry>, state: &mut State<'_>) -> Parsed<ExprKind> {
    if matches!(entries.first(), Some(Entry::Element(_))) {
        let elements = entries.into_iter().map(|entry| match entry {
            Entry::Element(value) => Ok(value),
            Entry::Pair(_, place, _) | Entry::Unpacked(place, _) => Err(state.raise("invalid syntax", place)),
        });
        return elements.collect::<Parsed<Vec<_>>>().map(ExprKind::Set);
    }
    let pairs = entries.into_iter().map(|entry| match entry {
        Entry::Pair(key, _, value) => Ok((Some(key), value)),
        Entry::Unpacked(_, value) => Ok((None, value)),
        Entry::Element(value) => {
            let end = Span { start: value.span.end.saturating_sub(1), end: value.span.end };
            Err(state.raise("':' expected after dictionary key", end))
        }
    });
    pairs.collect::<Parsed<Vec<_>>>().map(ExprKind::Dict)
}
