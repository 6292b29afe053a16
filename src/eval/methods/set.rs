//! Methods of set and frozenset, and the algebra that views of dicts share with them.

use crate::base::ErrorKind;
use crate::eval::hash::Key;
use crate::eval::interp::Interp;
use crate::eval::raise::{Raise, Res};
use crate::eval::set::{Set, Table};
use crate::eval::value::Value;
use crate::lang::ast::{BinOp, CmpOp};
use std::rc::Rc;

builtin_table! {
    /// Methods that change a set.
    TABLE of "set" {
        "add" ("self, object, /") "Add a value." => |_, a| {
            let key = Key::new(a[1].clone())?;
            this(&a[0])?.table.borrow_mut().insert(key);
            Ok(Value::None)
        };
        "discard" ("self, object, /") "Remove a value if it is there." => |_, a| {
            let key = lookup_key(&a[1])?;
            this(&a[0])?.table.borrow_mut().remove(&key);
            Ok(Value::None)
        };
        "remove" ("self, object, /") "Remove a value." => |_, a| {
            let key = lookup_key(&a[1])?;
            let found = this(&a[0])?.table.borrow_mut().remove(&key);
            if found { Ok(Value::None) } else { Err(Raise::new(ErrorKind::KeyError, vec![a[1].clone()])) }
        };
        "pop" ("self, /") "Remove and return some value." => |_, a| {
            let popped = this(&a[0])?.table.borrow_mut().pop();
            match popped {
                Some(value) => Ok(value),
                None => Err(Raise::new(ErrorKind::KeyError, vec![Value::from("pop from an empty set")])),
            }
        };
        "clear" ("self, /") "Remove every value." => |_, a| {
            let old = std::mem::take(&mut *this(&a[0])?.table.borrow_mut());
            drop(old);
            Ok(Value::None)
        };
        "update" ("self, *others") "Add every value of some iterables." => |it, a| in_place(it, a, BinOp::BitOr);
        "intersection_update" ("self, *others") "Keep the values that all others have." =>
            |it, a| in_place(it, a, BinOp::BitAnd);
        "difference_update" ("self, *others") "Remove every value of some iterables." => |it, a| in_place(it, a, BinOp::Sub);
        "symmetric_difference_update" ("self, other, /") "Keep the values that only one of both has." => |it, a| {
            let other = it.table_of(&a[1])?;
            let set = this(&a[0])?;
            let new = combine(BinOp::BitXor, &set.table.borrow(), &other);
            *set.table.borrow_mut() = new;
            Ok(Value::None)
        };
    }
}

builtin_table! {
    /// Methods of set and frozenset.
    BOTH of "set" {
        "union" ("self, *others") "Return the values that are in any." => |it, a| fold(it, a, BinOp::BitOr);
        "intersection" ("self, *others") "Return the values that are in all." => |it, a| fold(it, a, BinOp::BitAnd);
        "difference" ("self, *others") "Return the values that no other has." => |it, a| fold(it, a, BinOp::Sub);
        "symmetric_difference" ("self, other, /") "Return the values that only one of both has." => |it, a| {
            let other = it.table_of(&a[1])?;
            let set = this(&a[0])?;
            let new = combine(BinOp::BitXor, &set.table.borrow(), &other);
            Ok(Value::Set(Rc::new(Set::new(new, set.frozen))))
        };
        "issubset" ("self, other, /") "Return whether another has every value." => |it, a| relate(it, a, CmpOp::Le);
        "issuperset" ("self, other, /") "Return whether every value of another is here." => |it, a| relate(it, a, CmpOp::Ge);
        "isdisjoint" ("self, other, /") "Return whether no value is in both." => |it, a| {
            let other = it.table_of(&a[1])?;
            let set = it.table_of(&a[0])?;
            Ok(Value::Bool(!other.keys().any(|k| set.contains(k))))
        };
        "copy" ("self, /") "Return a new set of the same values." => |_, a| {
            let set = this(&a[0])?;
            Ok(Value::Set(Rc::new(Set::new(set.table.borrow().copied(), set.frozen))))
        };
    }
}

builtin_table! {
    /// Methods of views of dicts.
    VIEW of "dict_keys" {
        "isdisjoint" ("self, other, /") "Return whether no value is in both." => |it, a| {
            let (set, other) = (it.table_of(&a[0])?, it.table_of(&a[1])?);
            Ok(Value::Bool(!other.keys().any(|k| set.contains(k))))
        };
    }
}

fn this(value: &Value) -> Res<&Rc<Set>> {
    match value {
        Value::Set(set) => Ok(set),
        other => Err(super::wrong_self("set", other)),
    }
}

/// The key to look for: a set inside a set is looked up as the frozenset that it equals.
pub fn lookup_key(value: &Value) -> Res<Key> {
    match value {
        Value::Set(set) if !set.frozen => {
            let frozen = Set::new(set.table.borrow().clone(), true);
            Ok(Key { hash: frozen.hash(), value: Value::Set(Rc::new(frozen)) })
        }
        other => Key::new(other.clone()),
    }
}

impl Interp {
    /// The elements of any iterable as a table.
    ///
    /// # Errors
    /// `TypeError` for what is not iterable or holds what is not hashable.
    pub fn table_of(&mut self, value: &Value) -> Res<Table> {
        match value {
            Value::Set(set) => Ok(set.table.borrow().copied()),
            Value::Dict(dict) => {
                let mut table = Table::default();
                table.reserve(dict.len());
                dict.map.borrow().keys().for_each(|k| {
                    table.insert(k.clone());
                });
                Ok(table)
            }
            other => Table::from_values(self.collect(other)?),
        }
    }
}

/// `a op b` for `|`, `&`, `-` and `^`.
pub fn combine(op: BinOp, a: &Table, b: &Table) -> Table {
    match op {
        BinOp::BitOr => {
            let mut out = a.copied();
            out.reserve(b.len());
            b.keys().for_each(|k| {
                out.insert(k.clone());
            });
            out
        }
        BinOp::BitAnd => {
            // The smaller one is walked, as in CPython: it decides the order.
            let (walked, other) = if b.len() > a.len() { (a, b) } else { (b, a) };
            collect(walked.keys().filter(|k| other.contains(k)))
        }
        // A small set is taken out of a copy: that keeps the layout.
        BinOp::Sub if a.len() >> 2 > b.len() => {
            let mut out = a.copied();
            b.keys().for_each(|k| {
                out.remove(k);
            });
            out
        }
        BinOp::Sub => collect(a.keys().filter(|k| !b.contains(k))),
        _ => {
            let mut out = b.copied();
            for key in a.keys() {
                if !out.remove(key) {
                    out.insert(key.clone());
                }
            }
            out
        }
    }
}

fn collect<'a>(keys: impl Iterator<Item = &'a Key>) -> Table {
    let mut out = Table::default();
    keys.for_each(|k| {
        out.insert(k.clone());
    });
    out
}

fn folded(it: &mut Interp, a: &[Value], op: BinOp) -> Res<Table> {
    let mut table = this(&a[0])?.table.borrow().copied();
    if let Value::Tuple(others) = &a[1] {
        for other in &others.items {
            let other = it.table_of(other)?;
            table = combine(op, &table, &other);
        }
    }
    Ok(table)
}

fn fold(it: &mut Interp, a: &[Value], op: BinOp) -> Res {
    let frozen = this(&a[0])?.frozen;
    Ok(Value::Set(Rc::new(Set::new(folded(it, a, op)?, frozen))))
}

fn in_place(it: &mut Interp, a: &[Value], op: BinOp) -> Res {
    let table = folded(it, a, op)?;
    *this(&a[0])?.table.borrow_mut() = table;
    Ok(Value::None)
}

fn relate(it: &mut Interp, a: &[Value], op: CmpOp) -> Res {
    let other = it.table_of(&a[1])?;
    let set = this(&a[0])?.table.borrow();
    Ok(Value::Bool(match op {
        CmpOp::Le => set.keys().all(|k| other.contains(k)),
        _ => other.keys().all(|k| set.contains(k)),
    }))
}
