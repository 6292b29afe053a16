//! The names that are there without an import.

mod functions;
mod inspect;
mod iterators;
mod numbers;
mod output;
pub mod types;

use super::kind::Type;
use super::module::Module;
use super::value::Value;
use crate::base::ErrorKind;

pub use functions::{callable, is_instance};
pub use iterators::sort_values;
pub use output::write_out;

/// The types that have a name in a script.
const TYPES: &[Type] = &[
    Type::Object,
    Type::Type,
    Type::Bool,
    Type::Int,
    Type::Float,
    Type::Complex,
    Type::Str,
    Type::Bytes,
    Type::List,
    Type::Tuple,
    Type::Dict,
    Type::Set,
    Type::FrozenSet,
    Type::Slice,
    Type::Range,
    Type::Enumerate,
    Type::Zip,
    Type::Map,
    Type::Filter,
    Type::Reversed,
];

/// The module of builtins.
pub fn module() -> Module {
    Module {
        lookup,
        others: || {
            let exceptions = ErrorKind::ALL.iter().filter(|k| is_builtin(**k)).map(|k| k.name());
            let names = TYPES.iter().map(|t| t.name()).chain(exceptions).chain(["NotImplemented", "Ellipsis"]);
            names.map(str::to_owned).collect()
        },
        ..Module::new("builtins", &[functions::TABLE, inspect::TABLE, iterators::TABLE, numbers::TABLE, output::TABLE])
    }
}

/// Whether an exception has a name without a module.
fn is_builtin(kind: ErrorKind) -> bool {
    !kind.qualified().contains('.')
}

fn lookup(name: &str) -> Option<Value> {
    if let Some(kind) = TYPES.iter().find(|t| t.name() == name) {
        return Some(Value::Type(*kind));
    }
    match name {
        "NotImplemented" => return Some(Value::NotImplemented),
        "Ellipsis" => return Some(Value::Ellipsis),
        "__name__" => return Some(Value::from("__main__")),
        "IOError" | "EnvironmentError" => return Some(Value::Type(Type::Exc(ErrorKind::OSError))),
        _ => {}
    }
    let kind = ErrorKind::ALL.iter().find(|k| is_builtin(**k) && k.name() == name)?;
    Some(Value::Type(Type::Exc(*kind)))
}
