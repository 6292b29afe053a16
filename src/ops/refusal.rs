//! Why a call fits no overload, in torch's words.

use super::args::In;
use super::bind::{Call, DEVICE, Item, Misfit, UNPACKING, attempt, describe, shown_name};
use super::signature::Signature;
use super::table::{Form, Row};
use crate::base::error::{Error, runtime, type_error};

/// The forms that torch lists for each of its functions that has several, as `overloads.py` had them from it.
const OVERLOADS: &str = include_str!("overloads.txt");

/// What `@` stands for there.
const FACTORY: &str = "torch.dtype dtype = None, torch.layout layout = None, torch.device device = None, bool pin_memory = False, bool requires_grad = False";

/// A form of a function: its parameters as text.
struct Listed(String);

impl Listed {
    /// The parameters, a `*` among them.
    fn parts(&self) -> Vec<&str> {
        if self.0.is_empty() { Vec::new() } else { self.0.split(", ").collect() }
    }

    /// The parameters' types and names; what has a default has no name to torch.
    fn typed(part: &str) -> (&str, &str) {
        part.rsplit_once(' ').unwrap_or((part, ""))
    }

    /// Whether it can hold so many arguments.
    fn holds(&self, count: usize) -> bool {
        let parts: Vec<&str> = self.parts().into_iter().filter(|p| *p != "*").collect();
        (parts.iter().filter(|p| !p.contains(" = ")).count()..=parts.len()).contains(&count)
    }

    /// How many of its parameters are those of a signature, from the first on.
    fn likeness(&self, signature: &Signature, skip: usize) -> usize {
        let name = |part: &&str| part.split(" = ").next().and_then(|p| p.rsplit(' ').next()).unwrap_or("").to_owned();
        let own = signature.params.iter().skip(skip).map(|p| (p.ty.shown(), super::bind::python_name(p)));
        let parts = self.parts();
        let parts = parts.iter().filter(|p| **p != "*");
        parts.zip(own).take_while(|(part, (ty, own))| name(part) == *own && part.starts_with(ty)).count()
    }

    /// What torch adds where there are as many arguments as parameters, the `*` counted.
    fn why<T>(&self, args: &[In<T>], kwargs: &[(&str, In<T>)]) -> String {
        let parts = self.parts();
        if parts.len().max(usize::from(self.0.is_empty())) != args.len() + kwargs.len() {
            return String::new();
        }
        let known = |key: &str| parts.iter().any(|p| Listed::typed(p).1 == key);
        let unknown: Vec<&str> = kwargs.iter().rev().map(|(k, _)| *k).filter(|k| !known(k)).collect();
        if !unknown.is_empty() {
            return format!("      didn't match because some of the keywords were incorrect: {}\n", unknown.join(", "));
        }
        let shown = (0..args.len() + kwargs.len()).map(|i| {
            let (ty, name) = Listed::typed(parts.get(i).copied().unwrap_or(""));
            let (key, value) = match args.get(i) {
                Some(value) => (String::new(), Some(value)),
                None => (format!("{name}="), kwargs.iter().find(|(k, _)| *k == name).map(|(_, v)| v)),
            };
            let given = value.map_or(String::new(), inner);
            let fits = given == ty || ty == "float" && given == "int";
            if fits { format!("{key}{given}") } else { format!("!{key}{given}!") }
        });
        let shown = shown.collect::<Vec<_>>().join(", ");
        format!("      didn't match because some of the arguments have invalid types: ({shown})\n")
    }
}

/// A type with those of what it holds.
fn inner<T>(value: &In<T>) -> String {
    let In::Seq { items, tuple } = value else { return value.type_name().to_string() };
    let held = items.iter().map(inner).collect::<Vec<_>>().join(", ");
    match tuple {
        true => format!("tuple of ({held}{})", if items.len() == 1 { "," } else { "" }),
        false => format!("list of [{held}]"),
    }
}

/// The forms of a row as torch lists them; none where torch has one form, or lists others than a row's.
fn listed(row: &Row, form: Form) -> Option<Vec<Listed>> {
    let key = if form.receivers() == 1 { format!(".{}", form.spell(row.short())) } else { form.spell(row.name) };
    let mut lines = OVERLOADS.lines();
    lines.find(|line| *line == key)?;
    let own = lines.take_while(|line| line.starts_with(' '));
    Some(own.map(|line| Listed(line.trim_start().replace('@', FACTORY))).collect())
}

/// The error of a call that fits none of a row's overloads.
#[cold]
pub(super) fn explain<T: Item>(row: &'static Row, call: &Call<'_, T>) -> Error {
    let misfit = |signature: &Signature| attempt(row, signature, call, true).err();
    let signatures = || row.overloads.iter().map(|o| o.signature());
    let skip = call.form.receivers().min(call.args.len());
    let (args, count) = (&call.args[skip..], call.args.len() + call.kwargs.len());
    let name = shown_name(row, call.form);
    // Errors of their own, whatever the overloads: a device's name, and a list that holds what it may not.
    for Misfit(message) in signatures().filter_map(misfit) {
        if let Some(message) = message.strip_prefix(DEVICE) {
            return runtime(message);
        }
        if message.contains(UNPACKING) {
            return type_error(message);
        }
    }
    if let Some(listed) = listed(row, call.form) {
        let plausible: Vec<&Listed> = listed.iter().filter(|l| l.holds(count - skip)).collect();
        if let [only] = plausible[..]
            && let Some(own) = signatures().max_by_key(|s| only.likeness(s, skip))
            && let Some(Misfit(message)) = misfit(own)
        {
            return type_error(message);
        }
        let options = listed.iter().map(|l| format!(" * ({})\n{}", l.0, l.why(args, call.kwargs)));
        return none_of(&name, args, call.kwargs, &options.collect::<String>());
    }
    if row.overloads.len() == 1 {
        let Misfit(message) = signatures().find_map(misfit).unwrap_or(Misfit(String::new()));
        return type_error(message);
    }
    // torch drops the overloads that can't hold as many arguments, and explains the last one left.
    let plausible = signatures().filter(|s| {
        let least = s.params.iter().filter(|p| p.default.is_none()).count();
        let most = s.params.len() + usize::from(row.takes_out(call.form));
        (least..=most).contains(&count)
    });
    // An overload that another continues with keywords alone is no other one to torch.
    let names = |s: &Signature| s.params.iter().map(|p| p.name).collect::<Vec<_>>();
    let continued = |s: &&Signature| {
        let longer = |t: &&Signature| t.params.len() > s.params.len() && t.positional == s.params.len();
        signatures().filter(longer).any(|t| names(t).starts_with(&names(s)))
    };
    let plausible: Vec<&Signature> = plausible.filter(|s| !continued(s)).collect();
    if let [only] = plausible[..]
        && let Some(Misfit(message)) = misfit(only)
    {
        return type_error(message);
    }
    let options = signatures().map(|s| format!(" * ({})\n", describe(row, s, call.form)));
    none_of(&name, args, call.kwargs, &options.collect::<String>())
}

/// A call that none of several forms takes.
fn none_of<T>(name: &str, args: &[In<T>], kwargs: &[(&str, In<T>)], options: &str) -> Error {
    let got: Vec<String> = args.iter().map(|v| v.type_name().to_string()).collect();
    let kw: Vec<String> = kwargs.iter().rev().map(|(k, v)| format!("{k}={}", v.type_name())).collect();
    // Without an argument by position the last comma stays.
    let comma = if kw.is_empty() || !got.is_empty() { "" } else { ", " };
    let got = format!("{}{comma}", got.into_iter().chain(kw).collect::<Vec<_>>().join(", "));
    type_error(format!(
        "{name}() received an invalid combination of arguments - got ({got}), but expected one of:\n{options}"
    ))
}
