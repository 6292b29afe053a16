//! Strings side by side, and f-strings with their fields.

use super::*;
use crate::lang::ast::FPart;
use std::rc::Rc;

/// One string or more: adjacent literals are one.
pub(super) fn strings<'t>(names: &Names, star_expressions: &Rule<'t, Expr>) -> Rule<'t, Expr> {
    let text = |kind| tok(kind).map_with(|token, at: &mut At<'t, '_>| FPart::Text(at.state().name(token)));
    let field = recursive(|field| {
        let text_or_field = text(Kind::FText).or(field);
        let spec = names.rule("format_spec", tok(Kind::FColon).ignore_then(text_or_field.repeated().collect()));
        names.rule("field", field_of(star_expressions.clone(), spec))
    });
    let parts = text(Kind::FText).or(field).repeated().collect::<Vec<_>>();
    let fstring = names.rule("fstring", parts.delimited_by(tok(Kind::FStart), tok(Kind::FEnd)));
    let piece = text(Kind::Str).map(|text| (false, vec![text])).or(fstring.map(|parts| (true, parts)));
    let pieces = piece.repeated().at_least(1).collect::<Vec<_>>();
    let pieces =
        pieces.then(tok(Kind::Bytes).or_not()).try_map_with(|(pieces, bytes), at: &mut At<'t, '_>| match bytes {
            None => Ok(Expr { kind: join(pieces), span: span(at) }),
            Some(_) => Err(mixed(at)),
        });
    names.rule("strings", pieces)
}

/// One bytes literal or more: adjacent literals are one.
pub(super) fn bytes<'t>(names: &Names) -> Rule<'t, Expr> {
    let piece = tok(Kind::Bytes).map_with(|token, at: &mut At<'t, '_>| match at.state().leaf(token).map(|e| e.kind) {
        Some(ExprKind::Bytes(data)) => data,
        _ => Rc::default(),
    });
    let pieces = piece.repeated().at_least(1).collect::<Vec<_>>().then(tok(Kind::Str).or(tok(Kind::FStart)).or_not());
    let pieces = pieces.try_map_with(|(pieces, text), at: &mut At<'t, '_>| match (text, &pieces[..]) {
        (Some(_), _) => Err(mixed(at)),
        (None, [one]) => Ok(Expr { kind: ExprKind::Bytes(one.clone()), span: span(at) }),
        (None, many) => Ok(Expr { kind: ExprKind::Bytes(many.concat().into()), span: span(at) }),
    });
    names.rule("bytes", pieces)
}

/// Text beside bytes.
fn mixed(at: &mut At<'_, '_>) -> EmptyErr {
    let all = span(at);
    at.state().raise("cannot mix bytes and nonbytes literals", all)
}

fn field_of<'t>(
    value: Rule<'t, Expr>,
    spec: Rule<'t, Vec<FPart>>,
) -> impl Parser<'t, Tokens<'t>, FPart, Extra<'t>> + Clone {
    let text = |kind| tok(kind).map_with(|token, at: &mut At<'t, '_>| at.state().name(token)).or_not();
    let value = value.try_map_with(|value, at: &mut At<'t, '_>| match value.kind {
        ExprKind::Starred(_) => Err(at.state().raise("cannot use starred expression here", value.span)),
        _ => Ok(value),
    });
    let parts = value.then(text(Kind::FLabel)).then(text(Kind::FConversion)).then(spec.or_not());
    parts.delimited_by(tok(Kind::FOpen), tok(Kind::FClose)).map(|(((value, label), conversion), spec)| {
        let conversion = conversion.and_then(|letter| letter.chars().next());
        // `{x=}` shows the repr unless something else is asked for.
        let default = if label.is_some() && spec.is_none() { Some('r') } else { None };
        FPart::Value { value, label, conversion: conversion.or(default), spec: spec.unwrap_or_default() }
    })
}

/// Joins literals; neighbouring stretches of text become one.
fn join(pieces: Vec<(bool, Vec<FPart>)>) -> ExprKind {
    let formatted = pieces.iter().any(|(formatted, _)| *formatted);
    let parts = merge(pieces.into_iter().flat_map(|(_, parts)| parts));
    if formatted {
        return ExprKind::FString(parts);
    }
    match parts.into_iter().next() {
        Some(FPart::Text(text)) => ExprKind::Str(text),
        _ => ExprKind::Str("".into()),
    }
}

fn merge(parts: impl Iterator<Item = FPart>) -> Vec<FPart> {
    let mut merged: Vec<FPart> = Vec::new();
    // Text is gathered here, so that many pieces cost no more than their length.
    let mut run: Vec<Name> = Vec::new();
    let flush = |run: &mut Vec<Name>, merged: &mut Vec<FPart>| {
        let text = match &run[..] {
            [] => return,
            [one] => one.clone(),
            many => many.concat().into(),
        };
        run.clear();
        if !text.is_empty() {
            merged.push(FPart::Text(text));
        }
    };
    for part in parts {
        match part {
            FPart::Text(text) => run.push(text),
            FPart::Value { value, label, conversion, spec } => {
                flush(&mut run, &mut merged);
                let spec = merge(spec.into_iter());
                merged.push(FPart::Value { value, label, conversion, spec });
            }
        }
    }
    flush(&mut run, &mut merged);
    merged
}
