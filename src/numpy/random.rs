//! The module `numpy.random`: the functions of NumPy's first generator, bit for bit.

use super::pcg::Pcg;
use super::{make, scalar};
use crate::base::error::value_error;
use crate::base::{DType, Scalar};
use crate::cpu::random::mt19937::Mt19937;
use crate::eval::interp::Interp;
use crate::eval::module::Module;
use crate::eval::raise::Res;
use crate::eval::value::Value;
use crate::store::View;
use std::cell::RefCell;
use std::time::{SystemTime, UNIX_EPOCH};

/// Where the bits come from: NumPy's first generator, or its newer one.
pub(super) enum Source {
    Twister(Box<Mt19937>),
    Pcg(Pcg),
}

/// A generator of numbers.
pub(super) struct State {
    pub(super) source: Source,
    /// The second of a pair of normal numbers, kept for the next call.
    pub(super) spare: Option<f64>,
}

thread_local! {
    static STATE: RefCell<Option<State>> = const { RefCell::new(None) };
}

/// Puts another state in the place of the module's own.
pub(super) fn swap(other: &mut Option<State>) {
    STATE.with_borrow_mut(|state| std::mem::swap(state, other));
}

/// Runs `body` on the state, seeded by the clock at first.
pub(super) fn with<T>(body: impl FnOnce(&mut State) -> T) -> T {
    STATE.with_borrow_mut(|state| {
        let fresh = || {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            State { source: Source::Twister(Box::new(Mt19937::new(now.as_nanos() as u64 & 0xffff_ffff))), spare: None }
        };
        body(state.get_or_insert_with(fresh))
    })
}

impl State {
    /// A number from 0 to 1 with 53 random bits.
    fn double(&mut self) -> f64 {
        let words = match &mut self.source {
            Source::Twister(words) => words,
            Source::Pcg(pcg) => return pcg.double(),
        };
        let (high, low) = (words.draw() >> 5, words.draw() >> 6);
        (f64::from(high) * 67_108_864.0 + f64::from(low)) / 9_007_199_254_740_992.0
    }

    /// A normal number, by Marsaglia's polar method.
    fn normal(&mut self) -> f64 {
        if let Source::Pcg(pcg) = &mut self.source {
            return pcg.normal();
        }
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        loop {
            let (x, y) = (2.0 * self.double() - 1.0, 2.0 * self.double() - 1.0);
            let r = x * x + y * y;
            if r < 1.0 && r != 0.0 {
                let f = (-2.0 * r.ln() / r).sqrt();
                self.spare = Some(f * x);
                return f * y;
            }
        }
    }

    /// As [`State::integer`], by masking in either generator.
    fn masked(&mut self, most: u64) -> u64 {
        match &mut self.source {
            Source::Pcg(pcg) => pcg.masked(most),
            Source::Twister(_) => self.integer(most),
        }
    }

    /// An integer up to `most`; of the first generator by masking and rejecting.
    pub(super) fn integer(&mut self, most: u64) -> u64 {
        let words = match &mut self.source {
            Source::Twister(words) => words,
            Source::Pcg(pcg) => return pcg.integer(most),
        };
        if most == 0 {
            return 0;
        }
        let mask = u64::MAX >> most.leading_zeros();
        loop {
            let word = match most <= u64::from(u32::MAX) {
                true => u64::from(words.draw()),
                false => u64::from(words.draw()) << 32 | u64::from(words.draw()),
            };
            if word & mask <= most {
                return word & mask;
            }
        }
    }
}

/// Numbers in a shape, or one Python float where there is no shape.
fn drawn(it: &mut Interp, size: Option<&Value>, draw: impl Fn(&mut State) -> f64) -> Res {
    let Some(size) = size else { return Ok(Value::Float(with(&draw))) };
    let sizes = make::shape(it, size)?;
    let n: i64 = sizes.iter().product();
    let numbers: Vec<f64> = with(|s| (0..n).map(|_| draw(s)).collect());
    Ok(super::array_of(View::from_slice(&numbers, &sizes)?))
}

/// The numbers below `n` in random order: from the last place on, each changes with one up to it.
fn permuted(n: usize) -> Vec<i64> {
    let mut order: Vec<i64> = (0..n as i64).collect();
    with(|s| mix(s, &mut order, 1, State::masked));
    order
}

/// Puts what stands from `first` on in random order, from the last place on.
fn mix(s: &mut State, row: &mut [i64], first: usize, draw: fn(&mut State, u64) -> u64) {
    for i in (first..row.len()).rev() {
        row.swap(i, draw(s, i as u64) as usize);
    }
}

/// Whether the state is one of the newer kind.
fn newer() -> bool {
    with(|s| matches!(s.source, Source::Pcg(_)))
}

/// `count` different numbers below `n`, as the newer generator draws them: the end of a half-shuffled row where they are many,
/// else Floyd's way, mixed behind.
fn sampled(n: usize, count: usize) -> Vec<i64> {
    with(|s| {
        if n > 10_000 && count > n / 50 {
            let mut row: Vec<i64> = (0..n as i64).collect();
            mix(s, &mut row, (n - count).max(1), State::integer);
            return row.split_off(n - count);
        }
        let mut seen = rustc_hash::FxHashSet::default();
        let mut row = Vec::with_capacity(count);
        for j in n - count..n {
            let drawn = s.integer(j as u64) as i64;
            let taken = if seen.insert(drawn) { drawn } else { j as i64 };
            seen.insert(taken);
            row.push(taken);
        }
        mix(s, &mut row, 1, State::integer);
        row
    })
}

/// `choice`: places drawn with or without putting back, evenly or by probabilities.
fn choice(it: &mut Interp, a: &[Value]) -> Res {
    let pool = match &a[0] {
        Value::Int(n) if *n > 0 => View::from_slice(&(0..*n).collect::<Vec<i64>>(), &[*n])?,
        Value::Int(_) => return Err(value_error("a must be greater than 0 unless no samples are taken").into()),
        other => make::array(it, other, None)?,
    };
    let [n] = *pool.sizes() else { return Err(value_error("a must be 1-dimensional").into()) };
    let sizes = a[1].some().map(|v| make::shape(it, v)).transpose()?;
    let count = sizes.as_ref().map_or(1, |s| s.iter().product::<i64>());
    let places: Vec<i64> = match a[3].some() {
        Some(p) => {
            let p = make::array(it, p, Some(DType::F64))?.to_vec::<f64>();
            if p.len() as i64 != n {
                return Err(value_error("'a' and 'p' must have same size").into());
            }
            if (p.iter().sum::<f64>() - 1.0).abs() > 1e-8 {
                return Err(value_error("probabilities do not sum to 1").into());
            }
            let mut upto = p;
            for i in 1..upto.len() {
                upto[i] += upto[i - 1];
            }
            let all = upto.last().copied().unwrap_or(1.0);
            let place = |u: f64| upto.partition_point(|c| c / all <= u) as i64;
            with(|s| (0..count).map(|_| place(s.double())).collect())
        }
        None if matches!(a[2], Value::Bool(false)) => {
            if count > n {
                return Err(value_error("Cannot take a larger sample than population when 'replace=False'").into());
            }
            if newer() { sampled(n as usize, count as usize) } else { permuted(n as usize)[..count as usize].to_vec() }
        }
        None => with(|s| (0..count).map(|_| s.integer(n as u64 - 1) as i64).collect()),
    };
    if let (Value::Int(_), None) = (&a[0], &sizes) {
        return Ok(Value::Int(places[0]));
    }
    let places = super::array_of(View::from_slice(&places, sizes.as_deref().unwrap_or(&[]))?);
    super::sorting::take(it, &super::array_of(pool), &places, &Value::Int(0))
}

/// `rand(2, 3)`: sizes one by one.
fn sizes_of(value: &Value) -> Option<&Value> {
    match value {
        Value::Tuple(t) if t.items.is_empty() => None,
        other => Some(other),
    }
}

fn real(it: &mut Interp, value: &Value, otherwise: f64) -> Res<f64> {
    value.some().map_or(Ok(otherwise), |v| it.real(v))
}

crate::builtin_table! {
    /// Functions of numpy.random.
    TABLE of "numpy.random" {
        "seed" ("seed=None") "Seeds the random numbers." => |it, a| {
            let state = match a[0].some() {
                None => None,
                Some(v) => {
                    let seed = make::integer(it, v)?;
                    if !(0..=i64::from(u32::MAX)).contains(&seed) {
                        return Err(value_error("Seed must be between 0 and 2**32 - 1").into());
                    }
                    Some(State { source: Source::Twister(Box::new(Mt19937::new(seed as u64))), spare: None })
                }
            };
            STATE.set(state);
            Ok(Value::None)
        };
        "default_rng" ("seed=None") "A generator of the newer kind, with a state of its own." => |it, a| super::rng::default_rng(it, &a[0]);
        "rand" ("*args") "Numbers from 0 to 1." => |it, a| drawn(it, sizes_of(&a[0]), State::double);
        "random" ("size=None") "Numbers from 0 to 1." => |it, a| drawn(it, a[0].some(), State::double);
        "random_sample" ("size=None") "Numbers from 0 to 1." => |it, a| drawn(it, a[0].some(), State::double);
        "randn" ("*args") "Normal numbers." => |it, a| drawn(it, sizes_of(&a[0]), State::normal);
        "standard_normal" ("size=None") "Normal numbers." => |it, a| drawn(it, a[0].some(), State::normal);
        "normal" ("loc=0.0, scale=1.0, size=None") "Normal numbers around a mean." => |it, a| {
            let (mean, width) = (real(it, &a[0], 0.0)?, real(it, &a[1], 1.0)?);
            drawn(it, a[2].some(), move |s| mean + width * s.normal())
        };
        "uniform" ("low=0.0, high=1.0, size=None") "Numbers between two bounds." => |it, a| {
            let (low, high) = (real(it, &a[0], 0.0)?, real(it, &a[1], 1.0)?);
            drawn(it, a[2].some(), move |s| low + (high - low) * s.double())
        };
        "randint" ("low, high=None, size=None, dtype=None") "Integers from low, below high." => |it, a| {
            let (low, high) = match a[1].some() {
                Some(high) => (make::integer(it, &a[0])?, make::integer(it, high)?),
                None => (0, make::integer(it, &a[0])?),
            };
            if low >= high {
                return Err(value_error("low >= high").into());
            }
            let d = super::dtype::argument(it, &a[3])?.unwrap_or(DType::I64);
            let most = high.wrapping_sub(low) as u64 - 1;
            let Some(size) = a[2].some() else {
                let number = low.wrapping_add(with(|s| s.integer(most)) as i64);
                return Ok(if a[3].some().is_some() { scalar::NpScalar::value(Scalar::Int(number), d) } else { Value::Int(number) });
            };
            let sizes = make::shape(it, size)?;
            let n: i64 = sizes.iter().product();
            let numbers: Vec<i64> = with(|s| (0..n).map(|_| low.wrapping_add(s.integer(most) as i64)).collect());
            Ok(super::array_of(crate::cpu::copy::cast(&View::from_slice(&numbers, &sizes)?, d)?))
        };
        "permutation" ("x, /") "The numbers below x, or the rows of x, in random order." => |it, a| {
            if let Value::Int(n) = a[0] {
                return Ok(super::array_of(View::vector(&permuted(n.max(0) as usize))?));
            }
            let x = make::array(it, &a[0], None)?;
            let Some(&n) = x.sizes().first() else { return Err(value_error("x must be an integer or at least 1-dimensional").into()) };
            let order = super::array_of(View::vector(&permuted(n as usize))?);
            super::sorting::take(it, &super::array_of(x), &order, &Value::Int(0))
        };
        "shuffle" ("x, /") "Puts the rows of an array, or a list, in random order." => |it, a| {
            if let Value::List(list) = &a[0] {
                let order = permuted(list.items.borrow().len());
                let old = list.items.borrow().clone();
                *list.items.borrow_mut() = order.iter().map(|i| old[*i as usize].clone()).collect();
                return Ok(Value::None);
            }
            let Some(target) = super::array_view(&a[0]).filter(|x| x.ndim() > 0) else {
                return Err(crate::base::error::type_error(format!("'{}' object does not support item assignment", a[0].type_name())).into());
            };
            let order = super::array_of(View::vector(&permuted(target.sizes()[0] as usize))?);
            let mixed = super::sorting::take(it, &a[0].clone(), &order, &Value::Int(0))?;
            super::array::write(&target, &make::array(it, &mixed, None)?).map(|()| Value::None)
        };
        "choice" ("a, size=None, replace=True, p=None") "Elements drawn at random." => |it, a| choice(it, a);
    }
}

/// The module.
pub fn module() -> Module {
    Module::new("numpy.random", &[TABLE])
}
