//! Why a call binds to no signature, in torch's words: those of its argument parser (`python_arg_parser.cpp`, `invalid_arguments.cpp`),
//! or CPython's where the function is written in Python.

use super::args::In;
use super::bind::{Call, DEVICE, Item, Misfit, Parser, UNPACK, attempt, python_name, shown_name};
use super::overloads::{self, Definition, Known};
use super::signature::{Signature, Ty};
use super::table::{Form, Row};
use crate::base::error::{Error, runtime, type_error};

/// The error of a call that no overload takes.
#[cold]
pub(super) fn explain<T: Item>(row: &'static Row, call: &Call<'_, T>) -> Error {
    let label = match call.form {
        Form::Method => format!("Tensor.{}", call.name),
        Form::InPlace => format!("Tensor.{}_", call.name),
        _ => call.form.spell(call.name),
    };
    if let Some(error) = overloads::definition(&label).and_then(|f| misuse(&f, call)) {
        return error;
    }
    let listed = overloads::of(&label);
    let parsers: Vec<Parser> = match listed {
        [] => {
            row.overloads.iter().map(|o| Parser { signature: o.signature(), out: row.takes_out(call.form) }).collect()
        }
        known => known.iter().map(|k| Parser { signature: &k.signature, out: false }).collect(),
    };
    let misfit = |parser: &Parser| attempt(parser, call, true).err();
    let of_device = |misfit: &Misfit| misfit.0.strip_prefix(DEVICE).map(runtime);
    if let Some(error) = parsers.iter().filter_map(misfit).find_map(|misfit| of_device(&misfit)) {
        return error;
    }
    if let Some(error) = listed.iter().zip(&parsers).find_map(|(known, parser)| named(known, parser, call)) {
        return error;
    }
    let unpacked = |misfit: Misfit| misfit.0.strip_prefix(UNPACK).map(type_error);
    if let Some(error) = parsers.iter().filter_map(misfit).find_map(unpacked) {
        return error;
    }
    // torch drops the overloads that can't hold as many arguments, and explains the last one left.
    let count = call.args.len() + call.kwargs.len();
    let plausible = |parser: &&Parser| {
        let params = &parser.signature.params;
        let least = params.iter().filter(|p| p.default.is_none()).count();
        (least..=params.len() + usize::from(parser.out)).contains(&count)
    };
    let only = match &parsers[..] {
        [only] if listed.is_empty() => Some(only),
        _ => {
            let mut plausible = parsers.iter().filter(plausible);
            plausible.next().filter(|_| plausible.next().is_none())
        }
    };
    if let Some(Misfit(message)) = only.and_then(misfit) {
        return type_error(message);
    }
    let options: Vec<String> =
        parsers.iter().map(|p| format!("({})", describe(p.signature, call.form, p.out))).collect();
    type_error(invalid(
        &shown_name(call),
        &options,
        &call.args[call.form.receivers().min(call.args.len())..],
        call.kwargs,
    ))
}

/// The error of an overload that takes names of dimensions, where it takes the call: no tensor has any.
fn named<T: Item>(known: &Known, parser: &Parser, call: &Call<'_, T>) -> Option<Error> {
    let params = &known.signature.params;
    let given = |i: usize, name: &str| call.args.get(i).or_else(|| Some(&call.kwargs.iter().find(|k| k.0 == name)?.1));
    let names = || params.iter().enumerate().filter(|(_, p)| overloads::takes_names(p.ty));
    let last = names().filter_map(|(i, p)| given(i, p.name)).next_back()?;
    attempt(parser, call, false).ok()?;
    if known.refuses {
        let name = shown_name(call);
        return Some(runtime(format!(
            "{name}: You passed a dimname (string) to this op in place of a dimension index but it does not yet support this behavior. \
             Please pass a dimension index to work around this."
        )));
    }
    let name = match last {
        In::Seq { items, .. } => items.first()?,
        one => one,
    };
    let In::Str(name) = name else { return None };
    let tensor = params.iter().position(|p| p.ty == Ty::Tensor || p.ty == Ty::Tensors)?;
    let ndim = match given(tensor, python_name(&params[tensor]))? {
        In::Tensor(t) => t.ndim(),
        In::Seq { items, .. } => match items.first()? {
            In::Tensor(t) => t.ndim(),
            _ => return None,
        },
        _ => return None,
    };
    Some(runtime(format!("Name '{name}' not found in Tensor[{}].", vec!["None"; ndim].join(", "))))
}

/// What CPython says of arguments that a function written in Python cannot be called with.
fn misuse<T>(f: &Definition, call: &Call<'_, T>) -> Option<Error> {
    let name = f.name;
    let place = |key: &str| f.params.iter().position(|p| p.0 == key);
    for (key, _) in call.kwargs {
        match place(key) {
            None => return Some(type_error(format!("{name}() got an unexpected keyword argument '{key}'"))),
            Some(i) if i < call.args.len() && !f.params[i].2 => {
                return Some(type_error(format!("{name}() got multiple values for argument '{key}'")));
            }
            Some(_) => {}
        }
    }
    let positional = f.params.iter().filter(|p| !p.2).count();
    let count = call.args.len();
    if count > positional {
        let least = f.params.iter().filter(|p| !p.1 && !p.2).count();
        let (takes, plural) = match positional {
            1 if least == 1 => ("1".to_owned(), ""),
            most if least == most => (most.to_string(), "s"),
            most => (format!("from {least} to {most}"), "s"),
        };
        let were = if count == 1 { "was" } else { "were" };
        return Some(type_error(format!(
            "{name}() takes {takes} positional argument{plural} but {count} {were} given"
        )));
    }
    let given = |i: usize, key: &str| (i < count && !f.params[i].2) || call.kwargs.iter().any(|k| k.0 == key);
    let missing: Vec<String> = f
        .params
        .iter()
        .enumerate()
        .filter(|(i, p)| !p.1 && !given(*i, p.0))
        .map(|(_, p)| format!("'{}'", p.0))
        .collect();
    let list = match &missing[..] {
        [] => return None,
        [one] => one.clone(),
        [a, b] => format!("{a} and {b}"),
        [rest @ .., last] => format!("{}, and {last}", rest.join(", ")),
    };
    let plural = if missing.len() == 1 { "" } else { "s" };
    Some(type_error(format!("{name}() missing {} required positional argument{plural}: {list}", missing.len())))
}

/// The parameters as torch lists them: `Tensor input, int dim, bool keepdim = False, *, Tensor out = None`.
pub fn describe(signature: &Signature, form: Form, takes_out: bool) -> String {
    let mut out = Vec::new();
    let mut starred = false;
    for (i, p) in signature.params.iter().enumerate() {
        if i < form.receivers() && matches!(p.ty, Ty::Tensor) {
            continue;
        }
        if p.keyword && !starred {
            out.push("*".to_string());
            starred = true;
        }
        let default = if p.default_text.is_empty() { String::new() } else { format!(" = {}", p.default_text) };
        // Only a tensor has another name by keyword.
        let name = if p.ty == Ty::Number { p.name } else { python_name(p) };
        out.push(format!("{} {name}{default}", p.ty.shown()));
    }
    if takes_out {
        if !starred {
            out.push("*".to_string());
        }
        let ty = if signature.fields.len() > 1 { "tuple of Tensors" } else { "Tensor" };
        out.push(format!("{ty} out = None"));
    }
    out.join(", ")
}

/// torch's words for arguments that fit none of the options, with what keeps each of as many parts from fitting.
fn invalid<T>(name: &str, options: &[String], args: &[In<T>], kwargs: &[(&str, In<T>)]) -> String {
    let mut out = format!("{name}() received an invalid combination of arguments - ");
    let unmatched = |parts: &[Part<'_>]| -> Vec<&str> {
        let tail = &parts[parts.len().saturating_sub(kwargs.len())..];
        // torch keeps them in a hash table, which gives the newest first.
        kwargs.iter().rev().map(|k| k.0).filter(|key| !tail.iter().any(|p| p.name == *key)).collect()
    };
    let fits = |parts: &[Part<'_>]| args.len() + kwargs.len() == parts.len();
    if let [option] = options {
        let parts = parts(option);
        let unknown = unmatched(&parts);
        if !unknown.is_empty() {
            return out + &format!("got unrecognized keyword arguments: {}", unknown.join(", "));
        }
        let got = if fits(&parts) { compared(&parts, args, kwargs) } else { types(args, kwargs) };
        return out + &format!("got {got}, but expected {option}");
    }
    out += &format!("got {}, but expected one of:\n", types(args, kwargs));
    for option in options {
        out += &format!(" * {option}\n");
        let parts = parts(option);
        if !fits(&parts) {
            continue;
        }
        let unknown = unmatched(&parts);
        out += &match unknown.is_empty() {
            false => {
                format!("      didn't match because some of the keywords were incorrect: {}\n", unknown.join(", "))
            }
            true => format!(
                "      didn't match because some of the arguments have invalid types: {}\n",
                compared(&parts, args, kwargs)
            ),
        };
    }
    out
}

/// A part of an option: what stands before its last space, and behind it. That of `int dim = 0` has the name `0`, and fits nothing.
struct Part<'a> {
    ty: &'a str,
    name: &'a str,
}

fn parts(option: &str) -> Vec<Part<'_>> {
    let inner = &option[1..option.len() - 1];
    inner
        .split(", ")
        .map(|part| part.rsplit_once(' ').unwrap_or((part, part)))
        .map(|(ty, name)| Part { ty, name })
        .collect()
}

/// `(Tensor, dim=str)`; the comma stays where nothing is given by position.
fn types<T>(args: &[In<T>], kwargs: &[(&str, In<T>)]) -> String {
    let by_name = kwargs.iter().rev().map(|(key, value)| format!("{key}={}", value.type_name()));
    joined(args.iter().map(|v| v.type_name().to_owned()).chain(by_name), args.is_empty())
}

/// `(Tensor, !str!)`: what does not fit between marks.
fn compared<T>(parts: &[Part<'_>], args: &[In<T>], kwargs: &[(&str, In<T>)]) -> String {
    let shown = parts.iter().enumerate().filter_map(|(i, part)| {
        let (key, value) = match args.get(i) {
            Some(value) => (None, value),
            None => kwargs.iter().find(|k| k.0 == part.name).map(|(key, value)| (Some(*key), value))?,
        };
        let fits = match (part.ty, value.type_name()) {
            ("float", "float" | "int") => true,
            (wanted, have) => wanted == have,
        };
        let (mark, key) = (if fits { "" } else { "!" }, key.map_or(String::new(), |key| format!("{key}=")));
        Some(format!("{mark}{key}{}{mark}", items(value)))
    });
    joined(shown, args.is_empty())
}

fn joined(shown: impl Iterator<Item = String>, comma: bool) -> String {
    let shown: Vec<String> = shown.collect();
    format!("({}{})", shown.join(", "), if comma && !shown.is_empty() { ", " } else { "" })
}

/// A type's name, with those of a sequence's items.
fn items<T>(value: &In<T>) -> String {
    let In::Seq { items, tuple } = value else { return value.type_name().to_owned() };
    let inner = items.iter().map(In::type_name).collect::<Vec<_>>().join(", ");
    match (tuple, items.len()) {
        (true, 1) => format!("tuple of ({inner},)"),
        (true, _) => format!("tuple of ({inner})"),
        (false, _) => format!("list of [{inner}]"),
    }
}
