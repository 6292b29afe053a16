//! Modules and `import`.

pub mod collections;
mod contexts;
mod copy;
pub mod deque;
mod functools;
mod gamma;
mod heap;
mod itertools;
mod json;
mod math;
mod operator;
mod os;
mod random;
mod random_variates;
mod re;
mod string;
pub mod sys;
mod time;
mod typing;

use super::builtin::Builtin;
use super::interp::Interp;
use super::module::Module;
use super::raise::Res;
use super::value::Value;
use crate::base::{Error, ErrorKind};
use crate::print::suggest::did_you_mean;
use std::rc::Rc;

/// A module's name and what makes it.
type Entry = (&'static str, fn(&Interp) -> Module);

/// Every module there is. A dotted name is an attribute of the module before the dot.
const MODULES: &[Entry] = &[
    ("builtins", |_| super::builtins::module()),
    ("__future__", |_| Module {
        lookup: |name| (name == "annotations").then_some(Value::None),
        ..Module::new("__future__", &[])
    }),
    ("bisect", |_| heap::bisect()),
    ("collections", |_| collections::module()),
    ("contextlib", |_| contexts::contextlib()),
    ("copy", |_| copy::module()),
    ("functools", |_| functools::module()),
    ("heapq", |_| heap::heapq()),
    ("itertools", |_| itertools::module()),
    ("json", |_| json::module()),
    ("math", |_| math::module()),
    ("numpy", |_| crate::numpy::module::numpy()),
    ("operator", |_| operator::module()),
    ("os", os::module),
    ("random", |_| random::module()),
    ("re", |_| re::module()),
    ("string", |_| string::module()),
    ("sys", sys::module),
    ("time", |_| time::module()),
    ("typing", |_| typing::module()),
    ("warnings", |_| contexts::warnings()),
    ("tensh", |_| Module::new("tensh", &[super::torch::autograd::OWN])),
    ("torch", |_| super::torch::modules::torch()),
];

/// Every module, made afresh: for completion behind `import`.
pub fn all(it: &Interp) -> Vec<Rc<Module>> {
    MODULES.iter().map(|(_, make)| Rc::new(make(it))).collect()
}

/// Whether there is a module of that name.
pub fn exists(name: &str) -> bool {
    MODULES.iter().any(|(n, _)| *n == name)
}

/// A function that hangs on another one, as `chain.from_iterable` does.
pub fn nested(row: &Builtin, name: &str) -> Option<Value> {
    let table = if row.owner == "itertools" { itertools::TABLE } else { &[] };
    let found = table.iter().find(|r| r.name.strip_prefix(row.name).and_then(|n| n.strip_prefix('.')) == Some(name));
    found.map(Value::Builtin)
}

impl Interp {
    /// A module by its dotted name, made at its first import.
    fn module(&mut self, name: &str) -> Option<Rc<Module>> {
        if let Some(module) = self.loaded.iter().find(|m| m.name == name) {
            return Some(module.clone());
        }
        if let Some((_, make)) = MODULES.iter().find(|(n, _)| *n == name) {
            let module = Rc::new(make(self));
            self.loaded.push(module.clone());
            return Some(module);
        }
        let (parent, last) = name.rsplit_once('.')?;
        match self.module(parent)?.get(last) {
            Some(Value::Module(module)) => Some(module),
            _ => None,
        }
    }

    /// `import a.b.c`: the first module, or the last when it gets a name of its own.
    ///
    /// # Errors
    /// `ModuleNotFoundError`, with the modules that there are.
    pub fn import(&mut self, name: &str, last: bool) -> Res {
        let Some(found) = self.module(name) else {
            return Err(self.no_module(name).into());
        };
        if last {
            return Ok(Value::Module(found));
        }
        let first = name.split('.').next().unwrap_or(name);
        Ok(Value::Module(self.module(first).unwrap_or(found)))
    }

    #[cold]
    fn no_module(&mut self, name: &str) -> Error {
        let mut message = format!("No module named '{name}'");
        if let Some((parent, _)) = name.rsplit_once('.') {
            let first = name.split('.').next().unwrap_or(name);
            if self.module(first).is_none() {
                message = format!("No module named '{first}'");
            } else if self.module(parent).is_some() && exists(parent) {
                message = format!("No module named '{name}'; '{parent}' is not a package");
            }
        }
        let mut names: Vec<&str> = MODULES.iter().map(|(n, _)| *n).collect();
        names.extend(self.loaded.iter().map(|m| m.name).filter(|n| !exists(n) && !n.contains('.')));
        names.sort_unstable();
        let help = match did_you_mean(name, names.iter().copied()) {
            Some(help) => help,
            None => format!("there are: {}", names.join(", ")),
        };
        Error::new(ErrorKind::ModuleNotFoundError, message).help(help)
    }

    /// `from module import name`.
    ///
    /// # Errors
    /// `ImportError: cannot import name 'y' from 'x' (unknown location)`.
    pub fn import_from(&mut self, module: &Value, path: &str, name: &str) -> Res {
        if let Some(found) = self.find_attr(module, name)? {
            return Ok(found);
        }
        if let Some(found) = self.module(&format!("{path}.{name}")) {
            return Ok(Value::Module(found));
        }
        let error =
            Error::new(ErrorKind::ImportError, format!("cannot import name '{name}' from '{path}' (unknown location)"));
        let known = super::attribute::names(module);
        Err(match did_you_mean(name, known.iter().map(String::as_str)) {
            Some(help) => error.help(help).into(),
            None => error.into(),
        })
    }

    /// `from module import *`.
    pub fn import_all(&mut self, module: &Value) {
        let Value::Module(module) = module else { return };
        for name in module.names() {
            if let Some(value) = module.get(&name).filter(|_| !name.starts_with('_')) {
                self.globals.set(&name, value);
            }
        }
    }
}
