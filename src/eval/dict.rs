//! Dicts (in order of insertion), what extends them, and their views.

use super::dropping::drop_values;
use super::hash::{Key, Sought};
use super::kind::Type;
use super::raise::Res;
use super::value::Value;
use indexmap::IndexMap;
use std::cell::RefCell;
use std::hash::{BuildHasherDefault, Hasher};
use std::rc::Rc;

/// Takes a key's own hash and spreads it.
#[derive(Default)]
pub struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3);
        }
    }

    fn write_i64(&mut self, value: i64) {
        // Small ints would all fall in the same control byte of the table.
        let mixed = (value as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = mixed ^ (mixed >> 32);
    }
}

/// The entries of a dict.
pub type Map = IndexMap<Key, Value, BuildHasherDefault<Spread>>;

/// A dict.
pub struct Dict {
    /// The entries. Never keep a borrow over a call that may run a script's code.
    pub map: RefCell<Map>,
    /// What it is more than a dict.
    pub kind: DictKind,
}

/// The types that extend dict.
#[derive(Clone)]
pub enum DictKind {
    /// A dict itself.
    Plain,
    /// `collections.OrderedDict`.
    Ordered,
    /// `collections.defaultdict` with its factory.
    Default(Value),
    /// `collections.Counter`.
    Counter,
}

impl Dict {
    /// A dict of entries.
    pub fn new(map: Map) -> Dict {
        Dict { map: RefCell::new(map), kind: DictKind::Plain }
    }

    /// How many entries it has.
    pub fn len(&self) -> usize {
        self.map.borrow().len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value of a key.
    ///
    /// # Errors
    /// `TypeError` for a key that is not hashable.
    pub fn get(&self, key: &Value) -> Res<Option<Value>> {
        let key = Sought::new(key)?;
        Ok(self.map.borrow().get(&key).cloned())
    }

    /// Whether a key is there.
    ///
    /// # Errors
    /// As [`Dict::get`].
    pub fn contains(&self, key: &Value) -> Res<bool> {
        let key = Sought::new(key)?;
        Ok(self.map.borrow().contains_key(&key))
    }

    /// The value of a text key.
    pub fn get_str(&self, key: &str) -> Option<Value> {
        self.map.borrow().get(&Key::str(key)).cloned()
    }

    /// Sets an entry; a key that is there keeps its place.
    ///
    /// # Errors
    /// `TypeError` for a key that is not hashable.
    pub fn set(&self, key: Value, value: Value) -> Res<()> {
        let key = Key::new(key)?;
        if let Some(old) = self.map.borrow_mut().insert(key, value) {
            old.discard();
        }
        Ok(())
    }

    /// The keys, in order.
    pub fn keys(&self) -> Vec<Value> {
        self.map.borrow().keys().map(|k| k.value.clone()).collect()
    }

    /// The values, in order.
    pub fn values(&self) -> Vec<Value> {
        self.map.borrow().values().cloned().collect()
    }

    /// The entries, in order.
    pub fn pairs(&self) -> Vec<(Value, Value)> {
        self.map.borrow().iter().map(|(k, v)| (k.value.clone(), v.clone())).collect()
    }
}

impl Drop for Dict {
    fn drop(&mut self) {
        let map = std::mem::take(self.map.get_mut());
        if map.iter().any(|(k, v)| v.nests() || k.value.nests()) {
            drop_values(map.into_iter().flat_map(|(k, v)| [k.value, v]));
        }
    }
}

impl Value {
    /// A dict of entries.
    pub fn dict(map: Map) -> Value {
        Value::Dict(Rc::new(Dict::new(map)))
    }

    /// A dict of one of the kinds.
    pub fn dict_of(map: Map, kind: DictKind) -> Value {
        Value::Dict(Rc::new(Dict { map: RefCell::new(map), kind }))
    }
}

/// Which part of the entries a view shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// `dict.keys()`.
    Keys,
    /// `dict.values()`.
    Values,
    /// `dict.items()`.
    Items,
}

/// `dict.keys()`, `dict.values()`, `dict.items()`.
pub struct View {
    /// The dict that it looks at.
    pub dict: Rc<Dict>,
    /// What it shows of it.
    pub part: Part,
}

impl View {
    /// Its type.
    pub fn kind(&self) -> Type {
        match self.part {
            Part::Keys => Type::DictKeys,
            Part::Values => Type::DictValues,
            Part::Items => Type::DictItems,
        }
    }

    /// What it shows, in order.
    pub fn elements(&self) -> Vec<Value> {
        let map = self.dict.map.borrow();
        map.iter().map(|(k, v)| element(self.part, k, v)).collect()
    }
}

/// What a view shows of one entry.
pub fn element(part: Part, key: &Key, value: &Value) -> Value {
    match part {
        Part::Keys => key.value.clone(),
        Part::Values => value.clone(),
        Part::Items => Value::tuple([key.value.clone(), value.clone()]),
    }
}
