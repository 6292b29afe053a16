//! The session's variables: one slot a name, for as long as the session lives, so that code which was lowered
//! earlier sees what a later line defines. A name that is not set falls back to the builtins, torch's names last.

use super::module::Module;
use super::value::Value;
use crate::lang::ast::Name;
use rustc_hash::FxHashMap;
use std::rc::Rc;

/// The variables of a session.
#[derive(Default)]
pub struct Globals {
    names: Vec<Name>,
    index: FxHashMap<Name, u32>,
    /// The value of each slot, [`Value::Unset`] when the name is not defined.
    pub values: Vec<Value>,
    /// What each name means when it is not defined: found when the slot is made.
    fallback: Vec<Value>,
    /// Where names are looked up that the script did not define, in order.
    pub builtins: Vec<Rc<Module>>,
}

impl Globals {
    /// The slot of a name.
    pub fn slot(&mut self, name: &Name) -> u32 {
        if let Some(slot) = self.index.get(name) {
            return *slot;
        }
        let slot = self.names.len() as u32;
        self.index.insert(name.clone(), slot);
        self.names.push(name.clone());
        self.values.push(Value::Unset);
        self.fallback.push(self.builtins.iter().find_map(|m| m.get(name)).unwrap_or(Value::Unset));
        slot
    }

    /// What a slot's name means now.
    #[inline]
    pub fn load(&self, slot: u32) -> &Value {
        match &self.values[slot as usize] {
            Value::Unset => &self.fallback[slot as usize],
            value => value,
        }
    }

    /// Defines a name by its slot.
    #[inline]
    pub fn store(&mut self, slot: u32, value: Value) {
        let old = std::mem::replace(&mut self.values[slot as usize], value);
        drop(old);
    }

    /// The name of a slot.
    pub fn name(&self, slot: u32) -> &Name {
        &self.names[slot as usize]
    }

    /// What a name means now.
    pub fn get(&self, name: &str) -> Option<Value> {
        match self.index.get(name) {
            Some(slot) => self.load(*slot).given().cloned(),
            None => self.builtins.iter().find_map(|m| m.get(name)),
        }
    }

    /// Defines a name.
    pub fn set(&mut self, name: &str, value: Value) {
        let slot = self.slot(&name.into());
        self.store(slot, value);
    }

    /// Removes a name; its builtin meaning shows again.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        let slot = *self.index.get(name)?;
        let old = std::mem::replace(&mut self.values[slot as usize], Value::Unset);
        old.given().cloned()
    }

    /// Removes every name.
    pub fn clear(&mut self) {
        let old: Vec<Value> = self.values.iter_mut().map(|v| std::mem::replace(v, Value::Unset)).collect();
        drop(old);
    }

    /// The names that the script defined, in order of first mention, with their values.
    pub fn defined(&self) -> impl Iterator<Item = (&Name, &Value)> {
        self.names.iter().zip(&self.values).filter(|(_, v)| v.is_set())
    }

    /// The builtins' names, torch's last.
    pub fn builtin_names(&self) -> Vec<String> {
        self.builtins.iter().flat_map(|m| m.names()).collect()
    }
}
