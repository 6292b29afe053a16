//! The module `random`: Python's generator (MT19937, seeded from an int or a float as CPython seeds it).

use crate::base::error::{index_error, type_error, value_error};
use crate::eval::interp::Interp;
use crate::eval::module::Module;
use crate::eval::number::{Num, convert};
use crate::eval::operators::room;
use crate::eval::raise::Res;
use crate::eval::value::Value;
use num_bigint::BigInt;
use std::cell::RefCell;
use std::time::{SystemTime, UNIX_EPOCH};

const N: usize = 624;
const M: usize = 397;

/// The generator: 32-bit words of state, and how many of them are used up.
pub(super) struct Twister {
    words: [u32; N],
    at: usize,
    /// The second of a pair of normal numbers.
    spare: Option<f64>,
}

impl Twister {
    fn seeded(seed: u32) -> Twister {
        let mut words = [0; N];
        words[0] = seed;
        for i in 1..N {
            let last: u32 = words[i - 1];
            words[i] = (last ^ (last >> 30)).wrapping_mul(1_812_433_253).wrapping_add(i as u32);
        }
        Twister { words, at: N, spare: None }
    }

    /// Seeds by an array of words, as the reference implementation of MT19937 does.
    fn by_array(key: &[u32]) -> Twister {
        let mut this = Twister::seeded(19_650_218);
        let (mut i, mut j) = (1, 0);
        for _ in 0..N.max(key.len()) {
            let last = this.words[i - 1];
            let mixed = this.words[i] ^ (last ^ (last >> 30)).wrapping_mul(1_664_525);
            this.words[i] = mixed.wrapping_add(key[j]).wrapping_add(j as u32);
            (i, j) = (i + 1, (j + 1) % key.len());
            if i == N {
                this.words[0] = this.words[N - 1];
                i = 1;
            }
        }
        for _ in 1..N {
            let last = this.words[i - 1];
            let mixed = this.words[i] ^ (last ^ (last >> 30)).wrapping_mul(1_566_083_941);
            this.words[i] = mixed.wrapping_sub(i as u32);
            i += 1;
            if i == N {
                this.words[0] = this.words[N - 1];
                i = 1;
            }
        }
        this.words[0] = 0x8000_0000;
        this
    }

    fn word(&mut self) -> u32 {
        if self.at >= N {
            for i in 0..N {
                let y = (self.words[i] & 0x8000_0000) | (self.words[(i + 1) % N] & 0x7fff_ffff);
                let odd = if y & 1 == 1 { 0x9908_b0df } else { 0 };
                self.words[i] = self.words[(i + M) % N] ^ (y >> 1) ^ odd;
            }
            self.at = 0;
        }
        let mut y = self.words[self.at];
        self.at += 1;
        y ^= y >> 11;
        y ^= (y << 7) & 0x9d2c_5680;
        y ^= (y << 15) & 0xefc6_0000;
        y ^ (y >> 18)
    }

    /// A float in [0, 1) with 53 random bits.
    pub(super) fn float(&mut self) -> f64 {
        let (high, low) = (self.word() >> 5, self.word() >> 6);
        (f64::from(high) * 67_108_864.0 + f64::from(low)) / 9_007_199_254_740_992.0
    }

    /// A normally distributed float: Kinderman and Monahan's ratio of uniforms.
    pub(super) fn normal(&mut self) -> f64 {
        let magic = 4.0 * (-0.5f64).exp() / 2f64.sqrt();
        loop {
            let (u, v) = (self.float(), 1.0 - self.float());
            let z = magic * (u - 0.5) / v;
            if z * z / 4.0 <= -v.ln() {
                return z;
            }
        }
    }

    /// What `getstate` gives: a version, the words and how many are used up, the spare normal number.
    pub(super) fn state(&self) -> Value {
        let words = self.words.iter().map(|w| i64::from(*w)).chain([self.at as i64]);
        let words = Value::tuple(words.map(Value::Int).collect::<Vec<_>>());
        Value::tuple([Value::Int(3), words, self.spare.map_or(Value::None, Value::Float)])
    }

    /// The generator that was in a state.
    pub(super) fn of_state(state: &Value) -> Option<Twister> {
        let Value::Tuple(parts) = state else { return None };
        let [Value::Int(3), Value::Tuple(words), spare] = &*parts.items else { return None };
        let numbers = words.items.iter().map(|w| convert::index(w).ok().flatten().and_then(|w| u32::try_from(w).ok()));
        let numbers: Vec<u32> = numbers.collect::<Option<_>>()?;
        let (at, words) = numbers.split_last()?;
        let spare = if let Value::Float(z) = spare { Some(*z) } else { None };
        Some(Twister { words: words.try_into().ok()?, at: *at as usize, spare })
    }

    /// `bits` random bits, 1 to 64.
    fn bits(&mut self, bits: u32) -> u64 {
        if bits <= 32 {
            return u64::from(self.word() >> (32 - bits));
        }
        let low = u64::from(self.word());
        low | u64::from(self.word() >> (64 - bits)) << 32
    }

    /// An int below `n`, which is above 0: drawn again until it fits.
    fn below(&mut self, n: u64) -> u64 {
        let bits = 64 - n.leading_zeros();
        loop {
            let drawn = self.bits(bits);
            if drawn < n {
                return drawn;
            }
        }
    }
}

thread_local! {
    static STATE: RefCell<Option<Twister>> = const { RefCell::new(None) };
}

/// Puts another generator in the place of the module's own.
pub(super) fn swap(other: &mut Option<Twister>) {
    STATE.with(|state| std::mem::swap(&mut *state.borrow_mut(), other));
}

/// Runs `body` on the generator, seeded by the clock at first.
pub(super) fn with<T>(body: impl FnOnce(&mut Twister) -> T) -> T {
    STATE.with(|state| {
        let mut state = state.borrow_mut();
        body(state.get_or_insert_with(|| {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
            Twister::by_array(&[now as u32, (now >> 32) as u32, std::process::id()])
        }))
    })
}

builtin_table! {
    /// Functions of random.
    TABLE of "random" {
        "seed" ("a=None, version=2") "Start the generator anew." => |_, a| {
            let twister = match a[0].some() {
                None => None,
                Some(value) => {
                    let key = match Num::of(value) {
                        Some(number @ (Num::Int(_) | Num::Big(_))) => number.big().unwrap_or_default(),
                        Some(_) => BigInt::from(crate::eval::hash::hash(value)? as u64),
                        None => {
                            let message = "The only supported seed types here are: None, int and float.";
                            return Err(type_error(message).into());
                        }
                    };
                    let mut words = key.magnitude().to_u32_digits();
                    if words.is_empty() {
                        words.push(0);
                    }
                    Some(Twister::by_array(&words))
                }
            };
            STATE.with(|state| *state.borrow_mut() = twister);
            Ok(Value::None)
        };
        "random" ("") "Return a float of at least 0 and below 1." => |_, _| Ok(Value::Float(with(Twister::float)));
        "uniform" ("a, b") "Return a float between a and b." => |it, a| {
            let (low, high) = (it.real(&a[0])?, it.real(&a[1])?);
            Ok(Value::Float(low + (high - low) * with(Twister::float)))
        };
        "getrandbits" ("k, /") "Return an int of k random bits." => |_, a| {
            let k = convert::size(&a[0])?;
            if k < 0 {
                return Err(value_error("number of bits must be non-negative").into());
            }
            let mut words = Vec::with_capacity(room::<u32>(k as usize / 32 + 1, 1)?);
            let mut left = k as u64;
            while left > 0 {
                let bits = left.min(32) as u32;
                words.push(with(|t| t.bits(bits)) as u32);
                left -= u64::from(bits);
            }
            Ok(Value::int(BigInt::from(num_bigint::BigUint::new(words))))
        };
        "randrange" ("start, stop=None, step=1") "Return an int of a range." => |_, a| {
            let first = convert::size(&a[0])?;
            let (start, stop) = match a[1].some() {
                Some(stop) => (first, convert::size(stop)?),
                None => (0, first),
            };
            let step = match a[2].given() { Some(step) => convert::size(step)?, None => 1 };
            if step == 0 {
                return Err(value_error("zero step for randrange()").into());
            }
            let range = crate::eval::value::Range { start, stop, step };
            if range.is_empty() {
                let message = match a[1].some() {
                    None => "empty range for randrange()".to_owned(),
                    Some(_) if step == 1 => format!("empty range for randrange() ({start}, {stop}, {})", stop - start),
                    Some(_) => "empty range for randrange()".to_owned(),
                };
                return Err(value_error(message).into());
            }
            Ok(Value::Int(range.at(with(|t| t.below(range.len() as u64)) as usize)))
        };
        "randint" ("a, b") "Return an int from a to b, both included." => |_, a| {
            let (low, high) = (convert::size(&a[0])?, convert::size(&a[1])?);
            let width = i128::from(high) - i128::from(low) + 1;
            if width <= 0 {
                let message = format!("empty range for randrange() ({low}, {}, {width})", i128::from(high) + 1);
                return Err(value_error(message).into());
            }
            let offset = with(|t| t.below(u64::try_from(width).unwrap_or(u64::MAX)));
            Ok(Value::Int((i128::from(low) + i128::from(offset)) as i64))
        };
        "choice" ("seq") "Return one value of a sequence." => |it, a| {
            match it.len(&a[0])? {
                None => Err(type_error(format!("object of type '{}' has no len()", a[0].type_name())).into()),
                Some(0) => Err(index_error("Cannot choose from an empty sequence").into()),
                Some(len) => it.get_item(&a[0], &Value::count(with(|t| t.below(len as u64)) as usize)),
            }
        };
        "choices" ("population, weights=None, *, cum_weights=None, k=1") "Return k values of a sequence, which may repeat." => |it, a| {
            let pool = it.collect(&a[0])?;
            let k = match a[3].given() { Some(k) => convert::size(k)?.max(0), None => 1 };
            if pool.is_empty() {
                return Err(index_error("list index out of range").into());
            }
            let mut totals = Vec::new();
            if let Some(weights) = a[1].some().or(a[2].some()) {
                let mut total = 0.0;
                for weight in it.collect(&weights.clone())? {
                    let weight = it.real(&weight)?;
                    total = if a[1].some().is_some() { total + weight } else { weight };
                    totals.push(total);
                }
                if totals.len() != pool.len() {
                    return Err(value_error("The number of weights does not match the population").into());
                }
            }
            let mut out = Vec::with_capacity(room::<Value>(k as usize, 1)?);
            for _ in 0..k {
                let drawn = with(Twister::float);
                let at = match totals.last() {
                    None => (drawn * pool.len() as f64) as usize,
                    Some(total) => totals.partition_point(|t| *t <= drawn * total),
                };
                out.push(pool[at.min(pool.len() - 1)].clone());
            }
            Ok(Value::list(out))
        };
        "shuffle" ("x") "Put a list in random order." => |_, a| {
            let Value::List(list) = &a[0] else {
                let message = format!("'{}' object does not support item assignment", a[0].type_name());
                return Err(type_error(message).into());
            };
            let mut items = list.items.borrow_mut();
            for i in (1..items.len()).rev() {
                let j = with(|t| t.below(i as u64 + 1)) as usize;
                items.swap(i, j);
            }
            Ok(Value::None)
        };
        "sample" ("population, k, *, counts=None") "Return k different members of a sequence." => |it, a| sample(it, a);
        "gauss" ("mu=0.0, sigma=1.0") "Return a normally distributed float." => |it, a| {
            let mu = match a[0].given() { Some(v) => it.real(&v.clone())?, None => 0.0 };
            let sigma = match a[1].given() { Some(v) => it.real(&v.clone())?, None => 1.0 };
            let z = with(|t| match t.spare.take() {
                Some(z) => z,
                None => {
                    let angle = t.float() * std::f64::consts::TAU;
                    let length = (-2.0 * (1.0 - t.float()).ln()).sqrt();
                    t.spare = Some(angle.sin() * length);
                    angle.cos() * length
                }
            });
            Ok(Value::Float(mu + z * sigma))
        };
        "normalvariate" ("mu=0.0, sigma=1.0") "Return a normally distributed float." => |it, a| {
            let mu = match a[0].given() { Some(v) => it.real(&v.clone())?, None => 0.0 };
            let sigma = match a[1].given() { Some(v) => it.real(&v.clone())?, None => 1.0 };
            Ok(Value::Float(mu + with(Twister::normal) * sigma))
        };
        "expovariate" ("lambd=1.0") "Return an exponentially distributed float." => |it, a| {
            let rate = match a[0].given() { Some(v) => it.real(&v.clone())?, None => 1.0 };
            Ok(Value::Float(-(1.0 - with(Twister::float)).ln() / rate))
        };
    }
}

/// Python's choice between a pool that shrinks and a set of what is taken.
fn sample(it: &mut Interp, a: &[Value]) -> Res {
    if !matches!(a[0], Value::List(_) | Value::Tuple(_) | Value::Range(_) | Value::Str(_)) {
        let message = "Population must be a sequence.  For dicts or sets, use sorted(d).";
        return Err(type_error(message).into());
    }
    let mut pool = it.collect(&a[0])?;
    let (n, k) = (pool.len(), convert::size(&a[1])?);
    let Some(k) = usize::try_from(k).ok().filter(|k| *k <= n) else {
        return Err(value_error("Sample larger than population or is negative").into());
    };
    let mut room = 21.0;
    if k > 5 {
        room += 4f64.powf(((k * 3) as f64).log(4.0).ceil());
    }
    let mut out = Vec::with_capacity(k);
    if n as f64 <= room {
        for i in 0..k {
            let j = with(|t| t.below((n - i) as u64)) as usize;
            out.push(pool[j].clone());
            pool[j] = pool[n - i - 1].clone();
        }
    } else {
        let mut taken = std::collections::HashSet::new();
        while out.len() < k {
            let j = with(|t| t.below(n as u64)) as usize;
            if taken.insert(j) {
                out.push(pool[j].clone());
            }
        }
    }
    Ok(Value::list(out))
}

/// The module.
pub fn module() -> Module {
    Module::new("random", &[TABLE, super::random_variates::TABLE])
}
