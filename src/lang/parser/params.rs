//! Parameters of `def` and `lambda`.

use super::*;
use crate::lang::ast::{Param, ParamKind};

/// A parameter as it is written.
#[derive(Clone)]
enum Written {
    /// `name`, `name=default`.
    Plain(Param),
    /// `*name` or `**name`.
    Many(Param),
    /// A bare `*`.
    Bare(Span),
    /// `/`.
    Slash(Span),
}

/// Parameters separated by commas; annotations are read and dropped where `annotated`.
pub(super) fn parameters<'t>(
    names: &Names,
    expression: &Rule<'t, Expr>,
    annotated: bool,
) -> impl Parser<'t, Tokens<'t>, Vec<Param>, Extra<'t>> + Clone + use<'t> {
    let annotation = tok(Kind::Colon).ignore_then(expression.clone());
    let name = if annotated {
        let annotation = names.rule("annotation", annotation);
        identifier().then_ignore(annotation.or_not()).boxed()
    } else {
        identifier().boxed()
    };
    // A star's annotation may itself be starred; the grammar of the values is the same.
    let default = names.rule("default", tok(Kind::Assign).ignore_then(expression.clone()));
    let parameter = |kind| move |(name, span): (Name, Span)| Param { name, kind, default: None, span };
    let many = |mark, kind| {
        let named = tok(mark).ignore_then(name.clone()).map(parameter(kind));
        named.then(tok(Kind::Assign).or_not()).try_map_with(move |(param, default), at: &mut At<'t, '_>| {
            let Some(default) = default else { return Ok(Written::Many(param)) };
            let which = if kind == ParamKind::Star { "positional" } else { "keyword" };
            Err(at.state().raise(format!("var-{which} argument cannot have default value"), default.span))
        })
    };
    let plain = name.clone().map(parameter(ParamKind::Normal)).then(default.or_not());
    let written = choice((
        plain.map(|(param, default)| Written::Plain(Param { default, ..param })),
        many(Kind::Star, ParamKind::Star),
        many(Kind::DoubleStar, ParamKind::DoubleStar),
        tok(Kind::Star).map(|token| Written::Bare(token.span)),
        tok(Kind::Slash).map(|token| Written::Slash(token.span)),
        parenthesized(),
    ));
    let written = if annotated { names.rule("parameter", written) } else { names.rule("lambda_parameter", written) };
    let list = written.separated_by(tok(Kind::Comma)).allow_trailing().collect::<Vec<_>>();
    list.try_map_with(|written, at: &mut At<'t, '_>| {
        arrange(written).map_err(|(message, span)| at.state().raise(message, span))
    })
}

/// On the second look: a parameter in parentheses.
fn parenthesized<'t>() -> impl Parser<'t, Tokens<'t>, Written, Extra<'t>> + Clone {
    let inside = tok(Kind::Name).separated_by(tok(Kind::Comma)).allow_trailing().collect::<Vec<_>>();
    inside.delimited_by(tok(Kind::LPar), tok(Kind::RPar)).try_map_with(|_, at: &mut At<'t, '_>| {
        let span = span(at);
        Err(at.state().raise("Function parameters cannot be parenthesized", span))
    })
}

/// Gives each parameter its kind, and checks their order.
fn arrange(written: Vec<Written>) -> Result<Vec<Param>, (String, Span)> {
    let mut params: Vec<Param> = Vec::with_capacity(written.len());
    let (mut star, mut slash, mut optional, mut last) = (false, false, false, false);
    let mut bare: Option<Span> = None;
    let fail = |message: &str, span| Err((message.to_owned(), span));
    for item in written {
        let span = match &item {
            Written::Plain(param) | Written::Many(param) => param.span,
            Written::Bare(span) | Written::Slash(span) => *span,
        };
        if last {
            return fail("arguments cannot follow var-keyword argument", span);
        }
        if let (Some(bare), Written::Many(Param { kind: ParamKind::DoubleStar, .. })) = (bare, &item) {
            return fail("named arguments must follow bare *", bare);
        }
        match item {
            Written::Slash(_) if slash => return fail("/ may appear only once", span),
            Written::Slash(_) if star => return fail("/ must be ahead of *", span),
            Written::Slash(_) if params.is_empty() => return fail("at least one argument must precede /", span),
            Written::Slash(_) => {
                slash = true;
                params.iter_mut().for_each(|param| param.kind = ParamKind::Positional);
            }
            Written::Bare(_) if star => return fail("* argument may appear only once", span),
            Written::Bare(_) => (star, bare) = (true, Some(span)),
            Written::Plain(mut param) => {
                bare = None;
                if star {
                    param.kind = ParamKind::Keyword;
                } else if param.default.is_some() {
                    optional = true;
                } else if optional {
                    return fail("non-default argument follows default argument", span);
                }
                params.push(param);
            }
            Written::Many(param) => {
                bare = None;
                match param.kind {
                    ParamKind::Star if star => return fail("* argument may appear only once", span),
                    ParamKind::Star => star = true,
                    _ => last = true,
                }
                params.push(param);
            }
        }
    }
    if let Some(bare) = bare {
        return fail("named arguments must follow bare *", bare);
    }
    for (index, param) in params.iter().enumerate() {
        if params[..index].iter().any(|earlier| earlier.name == param.name) {
            return Err((format!("duplicate argument '{}' in function definition", param.name), param.span));
        }
    }
    Ok(params)
}
