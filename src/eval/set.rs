//! Sets. Their order is part of what a script prints, so the table is laid out as CPython lays out its own:
//! open addressing, short linear probes, then a perturbed walk; it grows fourfold when three fifths full.

use super::hash::{Key, Sought};
use super::raise::Res;
use super::value::Value;
use indexmap::Equivalent;
use std::cell::{Cell, RefCell};

/// A set or frozenset.
pub struct Set {
    /// The table.
    pub table: RefCell<Table>,
    /// Whether it is a frozenset.
    pub frozen: bool,
}

impl Set {
    /// A set of a table.
    pub fn new(table: Table, frozen: bool) -> Set {
        Set { table: RefCell::new(table), frozen }
    }

    /// How many elements it has.
    pub fn len(&self) -> usize {
        self.table.borrow().len
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether both hold the same elements.
    pub fn equals(&self, other: &Set) -> bool {
        let (a, b) = (self.table.borrow(), other.table.borrow());
        a.len == b.len && a.keys().all(|k| b.contains(k))
    }

    /// The elements, in order.
    pub fn values(&self) -> Vec<Value> {
        self.table.borrow().keys().map(|k| k.value.clone()).collect()
    }

    /// `hash(frozenset)`: independent of the order.
    pub fn hash(&self) -> i64 {
        let table = self.table.borrow();
        let mut hash = 0u64;
        for key in table.keys() {
            let h = key.hash as u64;
            hash ^= ((h ^ 89_869_747) ^ (h << 16)).wrapping_mul(3_644_798_167);
        }
        hash ^= (table.len as u64 + 1).wrapping_mul(1_927_868_237);
        hash ^= (hash >> 11) ^ (hash >> 25);
        hash = hash.wrapping_mul(69_069).wrapping_add(907_133_923);
        if hash == u64::MAX { 590_923_713 } else { hash as i64 }
    }
}

#[derive(Clone)]
enum Slot {
    Empty,
    Removed,
    Full(Key),
}

/// The elements of a set.
#[derive(Clone)]
pub struct Table {
    slots: Vec<Slot>,
    /// Slots that are not empty.
    fill: usize,
    len: usize,
    /// Where `pop` looks next.
    finger: Cell<usize>,
}

const LINEAR_PROBES: usize = 9;

impl Default for Table {
    fn default() -> Table {
        Table { slots: vec![Slot::Empty; 8], fill: 0, len: 0, finger: Cell::new(0) }
    }
}

impl Table {
    /// The set of some values.
    ///
    /// # Errors
    /// `TypeError` for one that is not hashable.
    pub fn from_values(values: impl IntoIterator<Item = Value>) -> Res<Table> {
        let mut table = Table::default();
        for value in values {
            table.insert(Key::new(value)?);
        }
        Ok(table)
    }

    /// The set that a display of int literals makes. CPython's compiler folds them to a frozenset, copies that for its
    /// table of constants, and the display merges the copy: three layouts, and the last one shows.
    ///
    /// # Errors
    /// As [`Table::from_values`].
    pub fn from_literals(values: impl IntoIterator<Item = Value>) -> Res<Table> {
        let mut table = Table::from_values(values)?;
        for _ in 0..2 {
            table = Table::from_values(table.keys().map(|k| k.value.clone()))?;
        }
        Ok(table.copied())
    }

    /// How many elements there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The elements in the table's order.
    pub fn keys(&self) -> impl Iterator<Item = &Key> {
        self.slots.iter().filter_map(|s| match s {
            Slot::Full(key) => Some(key),
            _ => None,
        })
    }

    /// The first element at or behind a slot, and the slot behind it.
    pub fn next_from(&self, slot: usize) -> Option<(Value, usize)> {
        self.slots.iter().enumerate().skip(slot).find_map(|(i, s)| match s {
            Slot::Full(key) => Some((key.value.clone(), i + 1)),
            _ => None,
        })
    }

    /// The slot that holds `key`, or else the empty one where it would go.
    fn find(&self, key: &Sought) -> (usize, bool) {
        let mask = self.slots.len() - 1;
        let mut perturb = key.hash as u64;
        let mut at = key.hash as usize & mask;
        loop {
            let last = if at + LINEAR_PROBES <= mask { at + LINEAR_PROBES } else { at };
            for slot in at..=last {
                match &self.slots[slot] {
                    Slot::Empty => return (slot, false),
                    Slot::Full(k) if key.equivalent(k) => return (slot, true),
                    _ => {}
                }
            }
            perturb >>= 5;
            at = at.wrapping_mul(5).wrapping_add(1).wrapping_add(perturb as usize) & mask;
        }
    }

    /// Whether `key` is there.
    pub fn contains(&self, key: &Key) -> bool {
        self.holds(&key.sought())
    }

    /// Whether a key that is looked up is there.
    pub fn holds(&self, key: &Sought) -> bool {
        self.find(key).1
    }

    /// Adds `key`; false when it was there.
    pub fn insert(&mut self, key: Key) -> bool {
        let (slot, found) = self.find(&key.sought());
        if found {
            return false;
        }
        self.slots[slot] = Slot::Full(key);
        self.fill += 1;
        self.len += 1;
        if self.fill * 5 >= (self.slots.len() - 1) * 3 {
            let wanted = if self.len > 50_000 { self.len * 2 } else { self.len * 4 };
            self.resize(wanted);
        }
        true
    }

    fn resize(&mut self, wanted: usize) {
        let mut size = 8;
        while size <= wanted {
            size *= 2;
        }
        let old = std::mem::replace(&mut self.slots, vec![Slot::Empty; size]);
        for slot in old {
            if let Slot::Full(key) = slot {
                let (at, _) = self.find(&key.sought());
                self.slots[at] = Slot::Full(key);
            }
        }
        self.fill = self.len;
    }

    /// Makes room for `extra` elements at once, as merging a set or dict does.
    pub fn reserve(&mut self, extra: usize) {
        if (self.fill + extra) * 5 >= (self.slots.len() - 1) * 3 {
            self.resize((self.len + extra) * 2);
        }
    }

    /// Removes `key`; false when it was not there.
    pub fn remove(&mut self, key: &Key) -> bool {
        let (slot, found) = self.find(&key.sought());
        if found {
            self.slots[slot] = Slot::Removed;
            self.len -= 1;
        }
        found
    }

    /// Removes and gives some element.
    pub fn pop(&mut self) -> Option<Value> {
        let (start, size) = (self.finger.get(), self.slots.len());
        let slot = (0..size).map(|i| (start + i) & (size - 1)).find(|&i| matches!(self.slots[i], Slot::Full(_)))?;
        self.finger.set(slot + 1);
        self.len -= 1;
        match std::mem::replace(&mut self.slots[slot], Slot::Removed) {
            Slot::Full(key) => Some(key.value),
            _ => None,
        }
    }

    /// A copy laid out afresh, as CPython's merge into an empty set does.
    pub fn copied(&self) -> Table {
        let mut out = Table::default();
        out.reserve(self.len);
        if out.slots.len() == self.slots.len() && self.fill == self.len {
            return Table { finger: Cell::new(0), ..self.clone() };
        }
        for key in self.keys() {
            out.insert(key.clone());
        }
        out
    }
}
