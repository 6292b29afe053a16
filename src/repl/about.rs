//! The text of `name?` and `name??`.

use super::magic;
use super::scope::{Known, Scope};
use super::variables::view_of;
use crate::eval::code::Body;
use crate::eval::value::Func;
use crate::eval::{Interp, Value, help, manual};
use crate::print::suggest::did_you_mean;

/// What is known of a name; an error text when it is not defined.
pub fn about(it: &mut Interp, scope: &Scope, name: &str, deep: bool) -> Result<String, String> {
    if name.is_empty() {
        return Ok(PROMPT_HELP.to_owned());
    }
    match scope.resolve(name) {
        Some(Known::Value(value)) => Ok(of_value(it, name, &value, deep)),
        Some(Known::Tensor) => Ok(format!("{name} is a tensor.\n")),
        None => {
            let names: Vec<String> = match name.rsplit_once('.') {
                Some((left, _)) => scope.resolve(left).map(|k| k.names()).unwrap_or_default(),
                None => scope.names().collect(),
            };
            let last = name.rsplit('.').next().unwrap_or(name);
            let help = did_you_mean(last, names.iter().map(String::as_str));
            Err(format!("Object `{name}` not found.{}", help.map(|h| format!("\n  = help: {h}")).unwrap_or_default()))
        }
    }
}

fn of_value(it: &mut Interp, name: &str, value: &Value, deep: bool) -> String {
    if let Some(manual) = manual::of(value) {
        if !deep {
            return help::text(value);
        }
        let source = match value {
            Value::Func(func) => source_of(func).map(|s| format!("\n{s}\n")).unwrap_or_default(),
            _ => String::new(),
        };
        return manual.text_with_source() + &source;
    }
    if let Some(view) = view_of(value) {
        let plural = |n: usize| if n == 1 { "" } else { "s" };
        let strides: Vec<String> = view.strides().iter().map(i64::to_string).collect();
        let bytes = view.numel() * view.dtype().size();
        let order = if view.is_contiguous() { "contiguous" } else { "not contiguous" };
        let what = value.foreign().describe().unwrap_or_else(|| value.type_name());
        return format!(
            "{name}: {what}\n    {} element{}, {bytes} byte{}, {order}, strides ({}), offset {}\n",
            view.numel(),
            plural(view.numel()),
            plural(bytes),
            strides.join(", "),
            view.offset()
        );
    }
    if matches!(value, Value::Module(_) | Value::Type(_)) {
        return help::text(value);
    }
    let shown = it.repr(value).unwrap_or_default();
    let short: String = shown.lines().next().unwrap_or("").chars().take(70).collect();
    let dots = if short.len() < shown.len() { "..." } else { "" };
    format!("{name}: {} = {short}{dots}\n\n{}", value.type_name(), help::text(value))
}

/// A function's source, from its `def` on.
fn source_of(func: &Func) -> Option<String> {
    let Body::Block(block) = &func.code.body else { return None };
    let text = &func.code.source.text;
    let (first, last) = (block.first()?.span.range(), block.last()?.span.range());
    let start = text.get(..first.start)?.rfind(&format!("def {}", func.code.name))?;
    Some(text.get(start..last.end)?.to_owned())
}

/// The text of `?` alone.
const PROMPT_HELP: &str = "\
name?       what a function takes and does, what a tensor is; name?? its source
Tab         names, attributes, keywords, dtypes, files
Up, Down    earlier lines that begin as this one does; Ctrl-R looks in all of them
Alt-Enter   a new line without running; an empty line ends a block
Ctrl-C      clears the line, stops a computation; Ctrl-D leaves
x;          runs x without showing it; _ is the last value shown
%lsmagic    the commands of the prompt
";

/// The text of `%name?`.
pub fn of_magic(name: &str) -> Option<String> {
    magic::NAMES.iter().find(|(n, _)| *n == name).map(|(n, doc)| format!("%{n} {doc}\n"))
}
