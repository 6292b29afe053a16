//! The module `copy`.

use crate::base::error::runtime;
use crate::eval::args::Args;
use crate::eval::dict::Map;
use crate::eval::hash::Key;
use crate::eval::interp::Interp;
use crate::eval::module::Module;
use crate::eval::raise::Res;
use crate::eval::value::{Tuple, Value};
use rustc_hash::FxHashMap;
use std::rc::Rc;

builtin_table! {
    /// Functions of copy.
    TABLE of "copy" {
        "copy" ("x") "Return a copy that shares what is in it." => |it, a| shallow(it, &a[0]);
        "deepcopy" ("x, memo=None") "Return a copy that shares nothing." => |it, a| deep(it, &a[0], &mut FxHashMap::default());
    }
}

fn method(it: &mut Interp, value: &Value, name: &str) -> Res<Option<Value>> {
    match it.find_attr(value, name)? {
        Some(method) => it.call(&method, Args::default()).map(Some),
        None => Ok(None),
    }
}

fn shallow(it: &mut Interp, value: &Value) -> Res {
    match value {
        Value::List(_) | Value::Dict(_) | Value::Set(_) | Value::Object(_) => {
            Ok(method(it, value, "copy")?.unwrap_or_else(|| value.clone()))
        }
        Value::Tensor(_) => Ok(method(it, value, "detach")?.unwrap_or_else(|| value.clone())),
        _ => Ok(value.clone()),
    }
}

/// A copy of all that can change; `seen` holds what was copied already, by address.
fn deep(it: &mut Interp, value: &Value, seen: &mut FxHashMap<usize, Value>) -> Res {
    let Some(address) = value.address() else { return Ok(value.clone()) };
    if let Some(copy) = seen.get(&address) {
        return Ok(copy.clone());
    }
    let copy = match value {
        Value::List(list) => {
            let (items, copy) = (list.items.borrow().clone(), Value::list(Vec::new()));
            // What is in the list may lead back to it.
            seen.insert(address, copy.clone());
            for item in items {
                let item = it.nested("", |it| deep(it, &item, seen))?;
                if let Value::List(copy) = &copy {
                    copy.items.borrow_mut().push(item);
                }
            }
            copy
        }
        Value::Dict(dict) => {
            let copy = Value::dict_of(Map::default(), dict.kind.clone());
            seen.insert(address, copy.clone());
            for (key, item) in dict.pairs() {
                let key = deep(it, &key, seen)?;
                let item = it.nested("", |it| deep(it, &item, seen))?;
                if let Value::Dict(copy) = &copy {
                    copy.map.borrow_mut().insert(Key::new(key)?, item);
                }
            }
            copy
        }
        Value::Tuple(tuple) => {
            let mut items = Vec::with_capacity(tuple.items.len());
            for item in &tuple.items {
                items.push(it.nested("", |it| deep(it, item, seen))?);
            }
            if items.iter().zip(&tuple.items).all(|(copy, item)| copy.is(item)) {
                return Ok(value.clone());
            }
            Value::Tuple(Rc::new(Tuple { items: items.into(), kind: tuple.kind.clone() }))
        }
        Value::Tensor(t) if !t.is_leaf() => {
            return Err(runtime(
                "Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol at the moment.  If you were \
                 attempting to deepcopy a module, this may be because of a torch.nn.utils.weight_norm usage, see \
                 https://github.com/pytorch/pytorch/pull/103001",
            )
            .help("deepcopy t.detach(), or use t.clone() to stay in the graph")
            .into());
        }
        Value::Tensor(t) => {
            let grad = Value::Bool(t.requires_grad());
            let Some(copy) = method(it, value, "detach")? else { return Ok(value.clone()) };
            let copy = method(it, &copy, "clone")?.unwrap_or(copy);
            let requires = it.get_attr(&copy, "requires_grad_")?;
            it.call(&requires, Args::of([grad]))?
        }
        _ => shallow(it, value)?,
    };
    seen.insert(address, copy.clone());
    Ok(copy)
}

/// The module.
pub fn module() -> Module {
    Module::new("copy", &[TABLE])
}
