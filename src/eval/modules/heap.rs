//! The modules `heapq` and `bisect`: order kept in a list.

use crate::base::error::{index_error, type_error};
use crate::eval::args::Args;
use crate::eval::builtins::sort_values;
use crate::eval::interp::Interp;
use crate::eval::module::Module;
use crate::eval::number::convert;
use crate::eval::raise::Res;
use crate::eval::value::{List, Value};
use std::rc::Rc;

builtin_table! {
    /// Functions of heapq.
    HEAP of "heapq" {
        "heappush" ("heap, item, /") "Add a value to a heap." => |it, a| {
            let heap = list(&a[0])?;
            heap.items.borrow_mut().push(a[1].clone());
            let last = heap.items.borrow().len() - 1;
            down(it, heap, 0, last)?;
            Ok(Value::None)
        };
        "heappop" ("heap, /") "Remove and return the smallest value." => |it, a| {
            let heap = list(&a[0])?;
            let last = heap.items.borrow_mut().pop();
            match last {
                None => Err(index_error("index out of range").into()),
                Some(last) => replace(it, heap, last),
            }
        };
        "heapreplace" ("heap, item, /") "Remove and return the smallest value, then add one." => |it, a| {
            let heap = list(&a[0])?;
            if heap.items.borrow().is_empty() {
                return Err(index_error("index out of range").into());
            }
            replace(it, heap, a[1].clone())
        };
        "heappushpop" ("heap, item, /") "Add a value, then remove and return the smallest." => |it, a| {
            let heap = list(&a[0])?;
            let first = heap.items.borrow().first().cloned();
            match first {
                Some(first) if it.less(&first, &a[1])? => replace(it, heap, a[1].clone()),
                _ => Ok(a[1].clone()),
            }
        };
        "heapify" ("heap, /") "Make a heap of a list, in place." => |it, a| {
            let heap = list(&a[0])?;
            let half = heap.items.borrow().len() / 2;
            for at in (0..half).rev() {
                up(it, heap, at)?;
            }
            Ok(Value::None)
        };
        "nsmallest" ("n, iterable, key=None") "Return the n smallest values, in order." => |it, a| few(it, a, false);
        "nlargest" ("n, iterable, key=None") "Return the n largest values, in falling order." => |it, a| few(it, a, true);
        "merge" ("*iterables, key=None, reverse=False") "Walk sorted iterables as one." => |it, a| {
            let mut all = Vec::new();
            for iterable in it.collect(&a[0])? {
                all.extend(it.collect(&iterable)?);
            }
            let sorted = sort_values(it, all, a[1].given().unwrap_or(&Value::None), a[2].given().unwrap_or(&Value::Bool(false)))?;
            it.iter(&Value::list(sorted))
        };
    }
}

builtin_table! {
    /// Functions of bisect.
    BISECT of "bisect" {
        "bisect_left" ("a, x, lo=0, hi=None, *, key=None") "Return where to insert a value, before its equals." => |it, a| place(it, a, true, true).map(Value::count);
        "bisect_right" ("a, x, lo=0, hi=None, *, key=None") "Return where to insert a value, behind its equals." => |it, a| place(it, a, false, true).map(Value::count);
        "bisect" ("a, x, lo=0, hi=None, *, key=None") "Return where to insert a value, behind its equals." => |it, a| place(it, a, false, true).map(Value::count);
        "insort_left" ("a, x, lo=0, hi=None, *, key=None") "Insert a value in order, before its equals." => |it, a| insert(it, a, true);
        "insort_right" ("a, x, lo=0, hi=None, *, key=None") "Insert a value in order, behind its equals." => |it, a| insert(it, a, false);
        "insort" ("a, x, lo=0, hi=None, *, key=None") "Insert a value in order, behind its equals." => |it, a| insert(it, a, false);
    }
}

fn list(value: &Value) -> Res<&Rc<List>> {
    match value {
        Value::List(list) => Ok(list),
        other => Err(type_error(format!("heap argument must be a list, not {}", other.type_name())).at(&[0]).into()),
    }
}

fn at(heap: &List, index: usize) -> Value {
    heap.items.borrow().get(index).cloned().unwrap_or(Value::None)
}

fn put(heap: &List, index: usize, value: Value) {
    let old = heap.items.borrow_mut().get_mut(index).map(|slot| std::mem::replace(slot, value));
    drop(old);
}

/// Puts a value in the place of the first one, which is returned.
fn replace(it: &mut Interp, heap: &List, value: Value) -> Res {
    if heap.items.borrow().is_empty() {
        return Ok(value);
    }
    let first = at(heap, 0);
    put(heap, 0, value);
    up(it, heap, 0)?;
    Ok(first)
}

/// Moves the value at `index` towards the root, as far as it is smaller.
fn down(it: &mut Interp, heap: &List, start: usize, mut index: usize) -> Res<()> {
    let value = at(heap, index);
    while index > start {
        let parent = (index - 1) / 2;
        let above = at(heap, parent);
        if !it.less(&value, &above)? {
            break;
        }
        put(heap, index, above);
        index = parent;
    }
    put(heap, index, value);
    Ok(())
}

/// Moves the value at `start` to a leaf along the smaller children, then to its place.
fn up(it: &mut Interp, heap: &List, start: usize) -> Res<()> {
    let (value, len) = (at(heap, start), heap.items.borrow().len());
    let mut index = start;
    while 2 * index + 1 < len {
        let mut child = 2 * index + 1;
        if child + 1 < len && !it.less(&at(heap, child), &at(heap, child + 1))? {
            child += 1;
        }
        put(heap, index, at(heap, child));
        index = child;
    }
    put(heap, index, value);
    down(it, heap, start, index)
}

fn few(it: &mut Interp, a: &[Value], largest: bool) -> Res {
    let count = usize::try_from(convert::size(&a[0])?).unwrap_or(0);
    let all = it.collect(&a[1])?;
    let mut sorted = sort_values(it, all, a[2].given().unwrap_or(&Value::None), &Value::Bool(largest))?;
    sorted.truncate(count);
    Ok(Value::list(sorted))
}

/// Where `a[1]` belongs in the sorted `a[0]`; `keyed` says whether the key function is for the others alone.
fn place(it: &mut Interp, a: &[Value], left: bool, keyed: bool) -> Res<usize> {
    let len = it.len(&a[0])?.unwrap_or(0);
    let (mut low, mut high) = (
        usize::try_from(a[2].given().map_or(Ok(0), convert::size)?)
            .map_err(|_| crate::base::error::value_error("lo must be non-negative"))?,
        match a[3].some() {
            Some(high) => usize::try_from(convert::size(high)?).unwrap_or(len),
            None => len,
        },
    );
    let wanted = match a[4].some() {
        Some(key) if !keyed => it.call(&key.clone(), Args::of([a[1].clone()]))?,
        _ => a[1].clone(),
    };
    while low < high {
        let middle = low.midpoint(high);
        let mut item = it.get_item(&a[0], &Value::count(middle))?;
        if let Some(key) = a[4].some() {
            item = it.call(&key.clone(), Args::of([item]))?;
        }
        let right = if left { it.less(&item, &wanted)? } else { !it.less(&wanted, &item)? };
        if right { low = middle + 1 } else { high = middle }
    }
    Ok(low)
}

fn insert(it: &mut Interp, a: &[Value], left: bool) -> Res {
    let at = place(it, a, left, false)?;
    let insert = it.get_attr(&a[0], "insert")?;
    it.call(&insert, Args::of([Value::count(at), a[1].clone()]))
}

/// The module heapq.
pub fn heapq() -> Module {
    Module::new("heapq", &[HEAP])
}

/// The module bisect.
pub fn bisect() -> Module {
    Module::new("bisect", &[BISECT])
}
