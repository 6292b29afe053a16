//! Methods of dict and OrderedDict.

use crate::base::ErrorKind;
use crate::eval::dict::{Dict, DictKind, Map, Part, View};
use crate::eval::hash::Key;
use crate::eval::raise::{Raise, Res};
use crate::eval::value::Value;
use std::rc::Rc;

builtin_table! {
    /// Methods of dict.
    TABLE of "dict" {
        "keys" ("self, /") "Return a view of the keys." => |_, a| view(&a[0], Part::Keys);
        "values" ("self, /") "Return a view of the values." => |_, a| view(&a[0], Part::Values);
        "items" ("self, /") "Return a view of the key and value pairs." => |_, a| view(&a[0], Part::Items);
        "get" ("self, key, default=None, /") "Return the value of a key, or the default." => |_, a| {
            let found = this(&a[0])?.get(&a[1])?;
            Ok(found.unwrap_or_else(|| a[2].given().cloned().unwrap_or(Value::None)))
        };
        "pop" ("self, key, default=None, /") "Remove a key and return its value, or the default." => |_, a| {
            let key = Key::new(a[1].clone())?;
            let found = this(&a[0])?.map.borrow_mut().shift_remove(&key);
            match (found, a[2].given()) {
                (Some(value), _) => Ok(value),
                (None, Some(default)) => Ok(default.clone()),
                (None, None) => Err(Raise::new(ErrorKind::KeyError, vec![a[1].clone()])),
            }
        };
        "popitem" ("self, /") "Remove and return the last key and value." => |_, a| {
            let found = this(&a[0])?.map.borrow_mut().pop();
            match found {
                Some((key, value)) => Ok(Value::tuple([key.value, value])),
                None => Err(Raise::new(ErrorKind::KeyError, vec![Value::from("popitem(): dictionary is empty")])),
            }
        };
        "setdefault" ("self, key, default=None, /") "Return the value of a key; set it to the default where it is missing." =>
            |_, a| {
                let dict = this(&a[0])?;
                if let Some(found) = dict.get(&a[1])? {
                    return Ok(found);
                }
                let default = a[2].given().cloned().unwrap_or(Value::None);
                dict.set(a[1].clone(), default.clone())?;
                Ok(default)
            };
        "update" ("self, other=(), /, **kwargs") "Add the entries of a mapping or of pairs, and keyword arguments." =>
            |it, a| {
                it.update_dict(&a[0], &a[1], &a[2])?;
                Ok(Value::None)
            };
        "clear" ("self, /") "Remove every entry." => |_, a| {
            let old = std::mem::take(&mut *this(&a[0])?.map.borrow_mut());
            drop(old);
            Ok(Value::None)
        };
        "copy" ("self, /") "Return a new dict of the same entries." => |_, a| {
            let dict = this(&a[0])?;
            Ok(Value::dict_of(dict.map.borrow().clone(), dict.kind.clone()))
        };
    }
}

builtin_table! {
    /// What OrderedDict has beyond dict.
    ORDERED of "OrderedDict" {
        "move_to_end" ("self, key, last=True") "Move a key to one of the ends." => |it, a| {
            let last = match a[2].given() {
                Some(flag) => it.truth(&flag.clone())?,
                None => true,
            };
            let key = Key::new(a[1].clone())?;
            let mut map = this(&a[0])?.map.borrow_mut();
            let Some(at) = map.get_index_of(&key) else {
                return Err(Raise::new(ErrorKind::KeyError, vec![a[1].clone()]));
            };
            let end = if last { map.len() - 1 } else { 0 };
            map.move_index(at, end);
            Ok(Value::None)
        };
        "popitem" ("self, last=True") "Remove and return a key and value from one of the ends." => |it, a| {
            let last = match a[1].given() {
                Some(flag) => it.truth(&flag.clone())?,
                None => true,
            };
            let mut map = this(&a[0])?.map.borrow_mut();
            let found = if last { map.pop() } else { map.shift_remove_index(0) };
            match found {
                Some((key, value)) => Ok(Value::tuple([key.value, value])),
                None => Err(Raise::new(ErrorKind::KeyError, vec![Value::from("dictionary is empty")])),
            }
        };
    }
}

builtin_table! {
    /// Functions of the type dict.
    STATIC of "dict" {
        "fromkeys" ("iterable, value=None, /") "Make a dict of keys that all have one value." => |it, a| {
            let mut map = Map::default();
            for key in it.collect(&a[0])? {
                map.insert(Key::new(key)?, a[1].given().cloned().unwrap_or(Value::None));
            }
            Ok(Value::dict_of(map, DictKind::Plain))
        };
    }
}

fn this(value: &Value) -> Res<&Rc<Dict>> {
    match value {
        Value::Dict(dict) => Ok(dict),
        other => Err(super::wrong_self("dict", other)),
    }
}

fn view(value: &Value, part: Part) -> Res {
    Ok(Value::View(Rc::new(View { dict: this(value)?.clone(), part })))
}
