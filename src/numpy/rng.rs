//! `numpy.random.default_rng()`: a generator with a state of its own, whose methods are the module's functions on that state.

use super::make;
use super::pcg::Pcg;
use super::random::{Source, State, TABLE, swap, with};
use super::scalar::NpScalar;
use crate::base::error::{type_error, value_error};
use crate::base::{DType, Scalar};
use crate::eval::args::Args;
use crate::eval::builtin::Builtin;
use crate::eval::interp::Interp;
use crate::eval::object::Object;
use crate::eval::raise::Res;
use crate::eval::value::Value;
use crate::store::View;
use num_bigint::BigInt;
use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;

/// The functions of the module that the newer generator has under the same name.
const SHARED: &[&str] = &["random", "standard_normal", "normal", "uniform", "permutation", "shuffle", "choice"];

crate::builtin_table! {
    /// What only the newer generator has.
    OWN of "numpy.random.Generator" {
        "integers" ("low, high=None, size=None, dtype=None, endpoint=False") "Integers from low, below high." => |it, a| {
            let (low, high) = match a[1].some() {
                Some(high) => (make::integer(it, &a[0])?, make::integer(it, high)?),
                None => (0, make::integer(it, &a[0])?),
            };
            let end = match a[4].given() { Some(flag) => it.truth(&flag.clone())?, None => false };
            let most = i128::from(high) - i128::from(low) - i128::from(!end);
            let Ok(most) = u64::try_from(most) else { return Err(value_error(if end { "low > high" } else { "low >= high" }).into()) };
            let d = super::dtype::argument(it, &a[3])?.unwrap_or(DType::I64);
            let Some(size) = a[2].some() else {
                let number = low.wrapping_add(with(|s| s.integer(most)) as i64);
                return Ok(NpScalar::value(Scalar::Int(number), d));
            };
            let sizes = make::shape(it, size)?;
            let n: i64 = sizes.iter().product();
            let numbers: Vec<i64> = with(|s| (0..n).map(|_| low.wrapping_add(s.integer(most) as i64)).collect());
            Ok(super::array_of(crate::cpu::copy::cast(&View::from_slice(&numbers, &sizes)?, d)?))
        };
    }
}

/// `default_rng(seed)`.
pub fn default_rng(it: &mut Interp, seed: &Value) -> Res {
    if seed.downcast::<Rng>().is_some() {
        return Ok(seed.clone());
    }
    let mut words = Vec::new();
    match seed.some() {
        None => {
            let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
            words.extend([now.subsec_nanos(), now.as_secs() as u32, std::process::id()]);
        }
        Some(Value::List(_) | Value::Tuple(_)) => {
            for item in it.collect(seed)? {
                push(it, &mut words, &item)?;
            }
        }
        Some(seed) => push(it, &mut words, seed)?,
    }
    let state = State { source: Source::Pcg(Pcg::new(&words)), spare: None };
    Ok(Value::object(Rng { state: Rc::new(RefCell::new(Some(state))) }))
}

/// Adds the words of a seed, the lowest first.
fn push(it: &mut Interp, words: &mut Vec<u32>, seed: &Value) -> Res<()> {
    let Ok(number) = crate::eval::number::convert::big(seed) else {
        let shown = it.str(seed)?;
        return Err(type_error(format!("SeedSequence expects int or sequence of ints for entropy not {shown}")).into());
    };
    if number < BigInt::ZERO {
        return Err(value_error("expected non-negative integer").into());
    }
    let digits = number.magnitude().to_u32_digits();
    words.extend(if digits.is_empty() { vec![0] } else { digits });
    Ok(())
}

/// A generator.
struct Rng {
    state: Rc<RefCell<Option<State>>>,
}

fn row(name: &str) -> Option<&'static Builtin> {
    let shared = TABLE.iter().filter(|row| SHARED.contains(&row.name));
    shared.chain(OWN).find(|row| row.name == name)
}

impl Object for Rng {
    fn type_name(&self) -> &str {
        "numpy.random._generator.Generator"
    }

    fn get_attr(&self, _: &mut Interp, _: &Value, name: &str) -> Res<Option<Value>> {
        Ok(row(name).map(|row| Value::object(Bound { state: self.state.clone(), row })))
    }

    fn attrs(&self) -> Vec<String> {
        SHARED.iter().chain(&["integers"]).map(|name| (*name).to_owned()).collect()
    }

    fn repr(&self, _: &mut Interp) -> Res<String> {
        Ok(format!("Generator(PCG64) at {:#X}", Rc::as_ptr(&self.state) as usize).replace("0X", "0x"))
    }

    fn str(&self, _: &mut Interp) -> Res<String> {
        Ok("Generator(PCG64)".to_owned())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// A method of a generator.
struct Bound {
    state: Rc<RefCell<Option<State>>>,
    row: &'static Builtin,
}

impl Object for Bound {
    fn type_name(&self) -> &str {
        "builtin_function_or_method"
    }

    fn callable(&self) -> bool {
        true
    }

    fn call(&self, it: &mut Interp, mut args: Args) -> Res<Option<Value>> {
        swap(&mut self.state.borrow_mut());
        let result = self.row.invoke(it, &mut args);
        swap(&mut self.state.borrow_mut());
        result.map(Some)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
