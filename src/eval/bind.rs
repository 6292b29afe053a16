//! A script's functions: their parameters bound to a call's arguments, in CPython's words where they do not fit.

use super::args::Args;
use super::code::{Arguments, FuncCode, How, Param};
use super::interp::Interp;
use super::raise::{Raise, Res};
use super::value::{Func, Value};
use crate::base::error::type_error;
use crate::lang::ast::{Name, ParamKind};
use crate::print::suggest::did_you_mean;

impl Interp {
    /// The variables of a call: parameters bound to arguments.
    pub(super) fn bind(&mut self, func: &Func, args: &mut Args) -> Res<Vec<Value>> {
        let code = &*func.code;
        let params = &code.params;
        let mut locals = self.take_locals();
        locals.resize(params.len(), Value::Unset);
        let given = args.pos.len();
        let mut rest = args.pos.drain(..);
        let mut too_many = false;
        let (mut star, mut double_star) = (false, None);
        for (i, param) in params.iter().enumerate() {
            match param.kind {
                ParamKind::Positional | ParamKind::Normal => {
                    if let Some(value) = rest.next() {
                        locals[i] = value;
                    }
                }
                ParamKind::Star => {
                    star = true;
                    locals[i] = Value::tuple(rest.by_ref().collect::<Vec<_>>());
                }
                ParamKind::DoubleStar => double_star = Some(i),
                ParamKind::Keyword => {}
            }
        }
        if !star && rest.next().is_some() {
            too_many = true;
        }
        drop(rest);
        let mut extra = super::dict::Map::default();
        let mut keywords = args.kw.drain(..);
        while let Some((name, value)) = keywords.next() {
            let at =
                params.iter().position(|p| p.name == name && matches!(p.kind, ParamKind::Normal | ParamKind::Keyword));
            match at {
                Some(i) if locals[i].is_set() => {
                    let message = format!("{}() got multiple values for argument '{name}'", code.qualname);
                    return Err(type_error(message).into());
                }
                Some(i) => locals[i] = value,
                None if double_star.is_some() => {
                    extra.insert(super::hash::Key::str(&name), value);
                }
                None => return Err(unexpected_keyword(code, &name, keywords)),
            }
        }
        if let Some(i) = double_star {
            locals[i] = Value::dict(extra);
        }
        if too_many {
            return Err(wrong_count(func, given, &locals));
        }
        add_defaults(func, &mut locals)?;
        Ok(locals)
    }
}

/// Whether a call's arguments can go straight to a function's parameters; what is missing has a default, or is an error.
pub(super) fn fits(code: &FuncCode, args: &Arguments) -> bool {
    if !args.counted || !code.simple || args.items.len() > code.params.len() {
        return false;
    }
    args.items.iter().enumerate().all(|(i, arg)| match &arg.how {
        // The arguments by position are the first ones.
        How::Keyword(name, _) => {
            let by_position = args.items[..i].iter().filter(|a| matches!(a.how, How::Plain)).count();
            named(&code.params, name).is_some_and(|at| at >= by_position)
        }
        _ => true,
    })
}

/// The parameter that a keyword means.
#[inline]
pub(super) fn named(params: &[Param], name: &Name) -> Option<usize> {
    params.iter().position(|p| p.kind == ParamKind::Normal && p.name == *name)
}

/// Gives the parameters that have no argument their defaults.
pub(super) fn add_defaults(func: &Func, locals: &mut [Value]) -> Res<()> {
    for (i, param) in func.code.params.iter().enumerate() {
        if !locals[i].is_set() {
            match param.default {
                Some(default) => locals[i] = func.defaults[default as usize].clone(),
                None => return Err(missing(func, locals)),
            }
        }
    }
    Ok(())
}

#[cold]
fn unexpected_keyword(code: &FuncCode, name: &str, others: impl Iterator<Item = (Name, Value)>) -> Raise {
    let given: Vec<Name> = others.map(|(name, _)| name).chain([Name::from(name)]).collect();
    let positional = code.params.iter().filter(|p| p.kind == ParamKind::Positional && given.contains(&p.name));
    let positional: Vec<&str> = positional.map(|p| &*p.name).collect();
    if !positional.is_empty() {
        let message = format!(
            "{}() got some positional-only arguments passed as keyword arguments: '{}'",
            code.qualname,
            positional.join(", ")
        );
        return type_error(message).into();
    }
    let error = type_error(format!("{}() got an unexpected keyword argument '{name}'", code.qualname));
    let names = code.params.iter().filter(|p| matches!(p.kind, ParamKind::Normal | ParamKind::Keyword));
    match did_you_mean(name, names.map(|p| &*p.name)) {
        Some(help) => error.help(help).into(),
        None => error.into(),
    }
}

fn is_positional(kind: ParamKind) -> bool {
    matches!(kind, ParamKind::Positional | ParamKind::Normal)
}

#[cold]
fn wrong_count(func: &Func, given: usize, locals: &[Value]) -> Raise {
    let params = &func.code.params;
    let most = params.iter().filter(|p| is_positional(p.kind)).count();
    let least = params.iter().filter(|p| is_positional(p.kind) && p.default.is_none()).count();
    let takes = if least < most { format!("from {least} to {most}") } else { most.to_string() };
    let s = |n: usize| if n == 1 { "" } else { "s" };
    let by_name = params.iter().zip(locals).filter(|(p, v)| p.kind == ParamKind::Keyword && v.is_set()).count();
    let were = if by_name > 0 {
        format!("{given} positional argument{} (and {by_name} keyword-only argument{}) were", s(given), s(by_name))
    } else {
        format!("{given} {}", if given == 1 { "was" } else { "were" })
    };
    let plural = if least < most || most != 1 { "s" } else { "" };
    type_error(format!("{}() takes {takes} positional argument{plural} but {were} given", func.qualname())).into()
}

#[cold]
fn missing(func: &Func, locals: &[Value]) -> Raise {
    let params = &func.code.params;
    let absent = |positional: bool| -> Vec<String> {
        let unset = params.iter().zip(locals).filter(|(p, v)| {
            !v.is_set()
                && p.default.is_none()
                && is_positional(p.kind) == positional
                && !matches!(p.kind, ParamKind::Star | ParamKind::DoubleStar)
        });
        unset.map(|(p, _)| format!("'{}'", p.name)).collect()
    };
    let (mut names, mut what) = (absent(true), "positional");
    if names.is_empty() {
        (names, what) = (absent(false), "keyword-only");
    }
    let count = names.len();
    let list = match names.as_slice() {
        [one] => one.clone(),
        [a, b] => format!("{a} and {b}"),
        [most @ .., last] => format!("{}, and {last}", most.join(", ")),
        [] => String::new(),
    };
    let s = if count == 1 { "" } else { "s" };
    type_error(format!("{}() missing {count} required {what} argument{s}: {list}", func.qualname())).into()
}
