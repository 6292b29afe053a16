//! The module `itertools`.

use crate::base::error::{type_error, value_error};
use crate::eval::args::Args;
use crate::eval::interp::Interp;
use crate::eval::iterate::Walk;
use crate::eval::kind::Type;
use crate::eval::module::Module;
use crate::eval::number::{Num, convert};
use crate::eval::operators::room;
use crate::eval::raise::Res;
use crate::eval::value::Value;
use crate::lang::ast::BinOp;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

builtin_table! {
    /// Functions of itertools.
    TABLE of "itertools" {
        "count" ("start=0, step=1") "Count from a start, without end." => |_, a| {
            let next = Rc::new(RefCell::new(a[0].given().cloned().unwrap_or(Value::Int(0))));
            let step = a[1].given().cloned().unwrap_or(Value::Int(1));
            let number = |value: &Value| matches!(value, Value::Object(_)) || Num::of(value).is_some();
            if !number(&next.borrow()) || !number(&step) {
                return Err(type_error("a number is required").into());
            }
            let (shown, by) = (next.clone(), step.clone());
            let show = move |it: &mut Interp| {
                let next = it.repr(&shown.borrow())?;
                Ok(if matches!(by, Value::Int(1)) { format!("count({next})") } else { format!("count({next}, {})", it.repr(&by)?) })
            };
            Ok(Value::iter_shown("itertools.count", show, move |it| {
                let this = next.borrow().clone();
                let following = it.binary(BinOp::Add, &this, &step)?;
                *next.borrow_mut() = following;
                Ok(Some(this))
            }))
        };
        "cycle" ("iterable, /") "Walk an iterable again and again." => |it, a| {
            let mut walk = it.walk(&a[0])?;
            let (mut seen, mut at, mut again) = (Vec::new(), 0, false);
            Ok(made("itertools.cycle", move |it| {
                if !again {
                    if let Some(value) = it.step(&mut walk)? {
                        seen.push(value.clone());
                        return Ok(Some(value));
                    }
                    again = true;
                }
                if seen.is_empty() {
                    return Ok(None);
                }
                at += 1;
                Ok(seen.get((at - 1) % seen.len()).cloned())
            }))
        };
        "repeat" ("object, times=None") "Give a value again and again." => |_, a| {
            let value = a[0].clone();
            let left = match a[1].given() {
                Some(times) => Some(convert::size(times)?.max(0)),
                None => None,
            };
            let left = Rc::new(Cell::new(left));
            let (shown, times) = (value.clone(), left.clone());
            let show = move |it: &mut Interp| {
                let value = it.repr(&shown)?;
                Ok(times.get().map_or_else(|| format!("repeat({value})"), |n| format!("repeat({value}, {n})")))
            };
            Ok(Value::iter_shown("itertools.repeat", show, move |_| {
                match left.get() {
                    Some(0) => return Ok(None),
                    Some(n) => left.set(Some(n - 1)),
                    None => {}
                }
                Ok(Some(value.clone()))
            }))
        };
        "chain" ("*iterables") "Walk several iterables one after the other." => |it, a| {
            let Value::Tuple(iterables) = &a[0] else { return Ok(Value::None) };
            chain(it, Value::Tuple(iterables.clone()))
        };
        "chain.from_iterable" ("iterable, /") "Walk the iterables of an iterable one after the other." => |it, a| {
            let iterables = a[0].clone();
            chain(it, iterables)
        };
        "islice" ("iterable, start, stop=None, step=None, /") "Walk a slice of an iterable." => |it, a| {
            let bound = |value: Option<&Value>, default: Option<i64>| -> Res<Option<i64>> {
                match value {
                    None | Some(Value::None) => Ok(default),
                    Some(value) => match convert::index(value) {
                        Ok(Some(i)) if i >= 0 => Ok(Some(i)),
                        _ => {
                            let message = "Indices for islice() must be None or an integer: 0 <= x <= sys.maxsize.";
                            Err(value_error(message).into())
                        }
                    },
                }
            };
            let (start, stop) = match a[2].given() {
                None => match convert::index(&a[1]) {
                    Ok(Some(i)) if i >= 0 => (0, Some(i)),
                    _ if a[1].is_none() => (0, None),
                    _ => {
                        let message = "Stop argument for islice() must be None or an integer: 0 <= x <= sys.maxsize.";
                        return Err(value_error(message).into());
                    }
                },
                stop => (bound(Some(&a[1]), Some(0))?.unwrap_or(0), bound(stop, None)?),
            };
            let step = bound(a[3].given(), Some(1))?.unwrap_or(1);
            if step == 0 {
                return Err(value_error("Step for islice() must be a positive integer or None.").into());
            }
            let mut walk = it.walk(&a[0])?;
            let (mut at, mut next) = (0, start);
            Ok(made("itertools.islice", move |it| {
                if stop.is_some_and(|stop| next >= stop) {
                    // What lies before the stop is still taken from the iterator.
                    while stop.is_some_and(|stop| at < stop.min(next)) && it.step(&mut walk)?.is_some() {
                        at += 1;
                    }
                    return Ok(None);
                }
                while let Some(value) = it.step(&mut walk)? {
                    at += 1;
                    if at > next {
                        next += step;
                        return Ok(Some(value));
                    }
                }
                Ok(None)
            }))
        };
        "accumulate" ("iterable, func=None, *, initial=None") "Give the sums, or other totals, so far." => |it, a| {
            let mut walk = it.walk(&a[0])?;
            let func = a[1].some().cloned();
            let (mut total, mut initial): (Option<Value>, _) = (None, a[2].some().cloned());
            Ok(made("itertools.accumulate", move |it| {
                if let Some(first) = initial.take() {
                    total = Some(first.clone());
                    return Ok(Some(first));
                }
                let Some(value) = it.step(&mut walk)? else { return Ok(None) };
                let new = match (&total, &func) {
                    (None, _) => value,
                    (Some(total), None) => it.binary(BinOp::Add, total, &value)?,
                    (Some(total), Some(func)) => it.call(func, Args::of([total.clone(), value]))?,
                };
                total = Some(new.clone());
                Ok(Some(new))
            }))
        };
        "pairwise" ("iterable, /") "Give each value with the next one." => |it, a| {
            let mut walk = it.walk(&a[0])?;
            let mut last = None;
            Ok(made("itertools.pairwise", move |it| {
                let before = match last.take() {
                    Some(value) => value,
                    None => match it.step(&mut walk)? {
                        Some(value) => value,
                        None => return Ok(None),
                    },
                };
                let Some(value) = it.step(&mut walk)? else { return Ok(None) };
                last = Some(value.clone());
                Ok(Some(Value::tuple([before, value])))
            }))
        };
        "zip_longest" ("*iterables, fillvalue=None") "Walk several iterables side by side to the end of the longest." => |it, a| {
            let mut walks = walks(it, &a[0])?;
            let fill = a[1].given().cloned().unwrap_or(Value::None);
            Ok(made("itertools.zip_longest", move |it| {
                let (mut items, mut any) = (Vec::with_capacity(walks.len()), false);
                for walk in &mut walks {
                    let value = it.step(walk)?;
                    any |= value.is_some();
                    items.push(value.unwrap_or_else(|| fill.clone()));
                }
                Ok(any.then(|| Value::tuple(items)))
            }))
        };
        "product" ("*iterables, repeat=1") "Give every combination of one value of each iterable." => |it, a| {
            let Value::Tuple(iterables) = &a[0] else { return Ok(Value::None) };
            let mut pools = Vec::new();
            for iterable in &iterables.items {
                pools.push(it.collect(iterable)?);
            }
            let times = match a[1].given() { Some(n) => convert::size(n)?, None => 1 };
            if times < 0 {
                return Err(value_error("repeat argument cannot be negative").into());
            }
            room::<Vec<Value>>(pools.len(), times as usize)?;
            let one = pools.clone();
            pools.clear();
            for _ in 0..times {
                pools.extend(one.iter().cloned());
            }
            let mut at = if pools.iter().any(Vec::is_empty) { None } else { Some(vec![0; pools.len()]) };
            Ok(made("itertools.product", move |_| {
                let Some(indices) = &mut at else { return Ok(None) };
                let item = tuple_of(pools.iter().zip(indices.iter()).map(|(pool, i)| &pool[*i]));
                let more = (0..indices.len()).rev().any(|k| {
                    indices[k] += 1;
                    let fits = indices[k] < pools[k].len();
                    if !fits {
                        indices[k] = 0;
                    }
                    fits
                });
                if !more {
                    at = None;
                }
                Ok(Some(item))
            }))
        };
        "permutations" ("iterable, r=None") "Give every order of r values." => |it, a| {
            let pool = it.collect(&a[0])?;
            let r = match a[1].some() { Some(r) => size("r", r)?, None => pool.len() };
            let n = pool.len();
            let mut indices: Vec<usize> = (0..n).collect();
            let mut cycles: Vec<usize> = (0..r.min(n)).map(|i| n - i).collect();
            let mut state = if r > n { 2 } else { 0 };
            Ok(made("itertools.permutations", move |_| {
                if state == 0 {
                    state = 1;
                    return Ok(Some(tuple_of(indices[..r].iter().map(|i| &pool[*i]))));
                }
                if state == 2 {
                    return Ok(None);
                }
                for i in (0..r).rev() {
                    cycles[i] -= 1;
                    if cycles[i] == 0 {
                        indices[i..].rotate_left(1);
                        cycles[i] = n - i;
                    } else {
                        indices.swap(i, n - cycles[i]);
                        return Ok(Some(tuple_of(indices[..r].iter().map(|i| &pool[*i]))));
                    }
                }
                state = 2;
                Ok(None)
            }))
        };
        "combinations" ("iterable, r") "Give every choice of r values, in order." => |it, a| combinations(it, a, false);
        "combinations_with_replacement" ("iterable, r") "Give every choice of r values, which may repeat." =>
            |it, a| combinations(it, a, true);
        "takewhile" ("predicate, iterable, /") "Walk an iterable as long as a function is true." => |it, a| {
            let func = a[0].clone();
            let mut walk = it.walk(&a[1])?;
            Ok(made("itertools.takewhile", move |it| {
                let Some(value) = it.step(&mut walk)? else { return Ok(None) };
                let answer = it.call(&func, Args::of([value.clone()]))?;
                Ok(it.truth(&answer)?.then_some(value))
            }))
        };
        "dropwhile" ("predicate, iterable, /") "Walk an iterable from where a function is false." => |it, a| {
            let func = a[0].clone();
            let mut walk = it.walk(&a[1])?;
            let mut dropping = true;
            Ok(made("itertools.dropwhile", move |it| {
                while let Some(value) = it.step(&mut walk)? {
                    if dropping {
                        let answer = it.call(&func, Args::of([value.clone()]))?;
                        dropping = it.truth(&answer)?;
                    }
                    if !dropping {
                        return Ok(Some(value));
                    }
                }
                Ok(None)
            }))
        };
        "filterfalse" ("predicate, iterable, /") "Keep the values for which a function is false." => |it, a| {
            let func = a[0].clone();
            let mut walk = it.walk(&a[1])?;
            Ok(made("itertools.filterfalse", move |it| {
                while let Some(value) = it.step(&mut walk)? {
                    let answer = if func.is_none() { value.clone() } else { it.call(&func, Args::of([value.clone()]))? };
                    if !it.truth(&answer)? {
                        return Ok(Some(value));
                    }
                }
                Ok(None)
            }))
        };
        "starmap" ("function, iterable, /") "Call a function with each value's parts as arguments." => |it, a| {
            let func = a[0].clone();
            let mut walk = it.walk(&a[1])?;
            Ok(made("itertools.starmap", move |it| {
                let Some(value) = it.step(&mut walk)? else { return Ok(None) };
                let args = it.collect(&value)?;
                it.call(&func, Args::of(args)).map(Some)
            }))
        };
        "compress" ("data, selectors") "Keep the values whose selector is true." => |it, a| {
            let (mut data, mut selectors) = (it.walk(&a[0])?, it.walk(&a[1])?);
            Ok(made("itertools.compress", move |it| {
                while let (Some(value), Some(flag)) = (it.step(&mut data)?, it.step(&mut selectors)?) {
                    if it.truth(&flag)? {
                        return Ok(Some(value));
                    }
                }
                Ok(None)
            }))
        };
        "groupby" ("iterable, key=None") "Group neighbours of one key." => |it, a| {
            let mut walk = it.walk(&a[0])?;
            let key = a[1].some().cloned();
            let mut next: Option<(Value, Value)> = None;
            Ok(made("itertools.groupby", move |it| {
                let Some((group, first)) = (match next.take() {
                    Some(pair) => Some(pair),
                    None => keyed(it, &mut walk, key.as_ref())?,
                }) else {
                    return Ok(None);
                };
                let mut items = vec![first];
                while let Some((k, value)) = keyed(it, &mut walk, key.as_ref())? {
                    if !it.equal(&k, &group)? {
                        next = Some((k, value));
                        break;
                    }
                    items.push(value);
                }
                let mut items = items.into_iter();
                let inner = Value::iter_of(Type::Iterator, "itertools._grouper", move |_| Ok(items.next()));
                Ok(Some(Value::tuple([group, inner])))
            }))
        };
        "tee" ("iterable, n=2, /") "Make several iterators of one." => |it, a| {
            let n = match a[1].given() { Some(n) => size("n", n)?, None => 2 };
            room::<VecDeque<Value>>(n, 1)?;
            let walk = Rc::new(RefCell::new(it.walk(&a[0])?));
            let queues: Vec<Rc<RefCell<VecDeque<Value>>>> = (0..n).map(|_| Rc::default()).collect();
            let tees = (0..n).map(|i| {
                let (walk, queues) = (walk.clone(), queues.clone());
                made("itertools._tee", move |it| {
                    if let Some(value) = queues[i].borrow_mut().pop_front() {
                        return Ok(Some(value));
                    }
                    let Some(value) = it.step_alone(&walk)? else { return Ok(None) };
                    for (j, queue) in queues.iter().enumerate() {
                        if j != i {
                            queue.borrow_mut().push_back(value.clone());
                        }
                    }
                    Ok(Some(value))
                })
            });
            Ok(Value::tuple(tees.collect::<Vec<_>>()))
        };
    }
}

fn made(name: &'static str, step: impl FnMut(&mut Interp) -> Res<Option<Value>> + 'static) -> Value {
    Value::iter_of(Type::Iterator, name, step)
}

fn tuple_of<'a>(items: impl Iterator<Item = &'a Value>) -> Value {
    Value::tuple(items.cloned().collect::<Vec<_>>())
}

fn size(name: &str, value: &Value) -> Res<usize> {
    match convert::index(value) {
        Ok(Some(i)) => match usize::try_from(i) {
            Ok(i) => Ok(i),
            Err(_) => Err(value_error(format!("{name} must be non-negative")).into()),
        },
        _ => Err(type_error(format!("Expected int as {name}")).into()),
    }
}

fn walks(it: &mut Interp, iterables: &Value) -> Res<Vec<Walk>> {
    let mut walks = Vec::new();
    if let Value::Tuple(iterables) = iterables {
        for iterable in &iterables.items {
            walks.push(it.walk(iterable)?);
        }
    }
    Ok(walks)
}

/// One iterable behind the other.
fn chain(it: &mut Interp, iterables: Value) -> Res {
    let mut outer = it.walk(&iterables)?;
    let mut inner = Walk::Done;
    Ok(made("itertools.chain", move |it| {
        loop {
            if let Some(value) = it.step(&mut inner)? {
                return Ok(Some(value));
            }
            match it.step(&mut outer)? {
                Some(next) => inner = it.walk(&next)?,
                None => return Ok(None),
            }
        }
    }))
}

fn keyed(it: &mut Interp, walk: &mut Walk, key: Option<&Value>) -> Res<Option<(Value, Value)>> {
    let Some(value) = it.step(walk)? else { return Ok(None) };
    let key = match key {
        Some(func) => it.call(func, Args::of([value.clone()]))?,
        None => value.clone(),
    };
    Ok(Some((key, value)))
}

fn combinations(it: &mut Interp, a: &[Value], repeat: bool) -> Res {
    let pool = it.collect(&a[0])?;
    let (n, r) = (pool.len(), size("r", &a[1])?);
    room::<Value>(r, 1)?;
    let possible = if repeat { n > 0 || r == 0 } else { r <= n };
    let mut indices: Option<Vec<usize>> = possible.then(|| if repeat { vec![0; r] } else { (0..r).collect() });
    let name = if repeat { "itertools.combinations_with_replacement" } else { "itertools.combinations" };
    Ok(made(name, move |_| {
        let Some(at) = &mut indices else { return Ok(None) };
        let item = tuple_of(at.iter().map(|i| &pool[*i]));
        let highest = |k: usize| if repeat { n - 1 } else { n - r + k };
        match (0..r).rev().find(|k| at[*k] != highest(*k)) {
            Some(k) => {
                at[k] += 1;
                for j in k + 1..r {
                    at[j] = at[j - 1] + usize::from(!repeat);
                }
            }
            None => indices = None,
        }
        Ok(Some(item))
    }))
}

/// The module.
pub fn module() -> Module {
    Module::new("itertools", &[TABLE])
}
