//! Modules: a table of functions, constants made on demand, and what scripts set on them.

use super::builtin::Builtin;
use super::value::Value;
use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// A module.
pub struct Module {
    /// Its dotted name.
    pub name: &'static str,
    /// Its functions.
    pub functions: &'static [&'static [Builtin]],
    /// What else it has, by name.
    pub lookup: fn(&str) -> Option<Value>,
    /// The names that `lookup` knows.
    pub others: fn() -> Vec<String>,
    /// What a module itself does with an attribute that is set: false where it is kept as it is.
    pub switch: fn(&str, &Value) -> bool,
    /// What was set at run time; wins over the tables.
    pub attrs: RefCell<IndexMap<Rc<str>, Value, FxBuildHasher>>,
    /// How often something was set or removed: what was found before then may be another now.
    pub changes: Cell<u32>,
}

impl Module {
    /// A module of functions only.
    pub fn new(name: &'static str, functions: &'static [&'static [Builtin]]) -> Module {
        Module {
            name,
            functions,
            lookup: |_| None,
            others: Vec::new,
            switch: |_, _| false,
            attrs: RefCell::default(),
            changes: Cell::new(0),
        }
    }

    /// Adds a constant.
    pub fn with(self, name: &str, value: Value) -> Module {
        self.attrs.borrow_mut().insert(name.into(), value);
        self
    }

    /// The attribute of that name.
    pub fn get(&self, name: &str) -> Option<Value> {
        if let Some(value) = self.attrs.borrow().get(name) {
            return Some(value.clone());
        }
        if name == "__name__" {
            return Some(Value::from(self.name));
        }
        let row = self.functions.iter().find_map(|table| table.iter().find(|row| row.name == name));
        let found = row.map(Value::Builtin).or_else(|| (self.lookup)(name))?;
        // A module below this one is the same at every look, with what was set on it.
        if let Value::Module(_) = &found {
            self.set(name, found.clone());
        }
        Some(found)
    }

    /// Sets an attribute.
    pub fn set(&self, name: &str, value: Value) {
        self.changes.set(self.changes.get() + 1);
        if (self.switch)(name, &value) {
            return;
        }
        let old = self.attrs.borrow_mut().insert(name.into(), value);
        drop(old);
    }

    /// Removes what was set; false when there was nothing.
    pub fn remove(&self, name: &str) -> bool {
        self.changes.set(self.changes.get() + 1);
        let old = self.attrs.borrow_mut().shift_remove(name);
        old.is_some()
    }

    /// The names of its attributes.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.attrs.borrow().keys().map(|k| k.to_string()).collect();
        names.extend(self.functions.iter().flat_map(|table| table.iter().map(|row| row.name.to_owned())));
        names.retain(|name| !name.contains('.'));
        names.extend((self.others)());
        names
    }
}
