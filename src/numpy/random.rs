//! The module `numpy.random`: the functions of NumPy's first generator, bit for bit.

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

struct State {
    words: Mt19937,
    /// The second of a pair of normal numbers, kept for the next call.
    spare: Option<f64>,
}

thread_local! {
    static STATE: RefCell<Option<State>> = const { RefCell::new(None) };
}

fn with<T>(body: impl FnOnce(&mut State) -> T) -> T {
    STATE.with_borrow_mut(|state| {
        let fresh = || {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            State { words: Mt19937::new(now.as_nanos() as u64 & 0xffff_ffff), spare: None }
        };
        body(state.get_or_insert_with(fresh))
    })
}

impl State {
    /// A number from 0 to 1 with 53 random bits.
    fn double(&mut self) -> f64 {
        let (high, low) = (self.words.draw() >> 5, self.words.draw() >> 6);
        (f64::from(high) * 67_108_864.0 + f64::from(low)) / 9_007_199_254_740_992.0
    }

    /// A normal number, by Marsaglia's polar method.
    fn normal(&mut self) -> f64 {
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

    /// An integer up to `most`, by masking and rejecting.
    fn integer(&mut self, most: u64) -> u64 {
        if most == 0 {
            return 0;
        }
        let mask = u64::MAX >> most.leading_zeros();
        loop {
            let word = match most <= u64::from(u32::MAX) {
                true => u64::from(self.words.draw()),
                false => u64::from(self.words.draw()) << 32 | u64::from(self.words.draw()),
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
                    Some(State { words: Mt19937::new(seed as u64), spare: None })
                }
            };
            STATE.set(state);
            Ok(Value::None)
        };
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
    }
}

/// The module.
pub fn module() -> Module {
    Module::new("numpy.random", &[TABLE])
}
