//! Hashing and equality of keys: 1, 1.0 and True are one key, and the numbers are CPython's.

use super::raise::Res;
use super::value::Value;
use crate::base::error::type_error;
use indexmap::Equivalent;
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::ToPrimitive;
use std::hash::{Hash, Hasher};
use std::rc::Rc;

/// The Mersenne prime that numeric hashes are residues of.
const PRIME: i64 = (1 << 61) - 1;

/// A hashable value with its hash.
#[derive(Clone)]
pub struct Key {
    /// What `hash(value)` gives.
    pub hash: i64,
    /// The value.
    pub value: Value,
}

impl Key {
    /// The key of a value.
    ///
    /// # Errors
    /// `TypeError: unhashable type: 'list'`.
    pub fn new(value: Value) -> Res<Key> {
        Ok(Key { hash: hash(&value)?, value })
    }

    /// The key, to be looked up.
    #[inline]
    pub fn sought(&self) -> Sought<'_> {
        Sought { hash: self.hash, value: &self.value }
    }

    /// The key of a text.
    pub fn str(text: &str) -> Key {
        let value = Value::from(text);
        Key { hash: hash_str(text), value }
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Key) -> bool {
        self.hash == other.hash && same_key(&self.value, &other.value)
    }
}

impl Eq for Key {}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_i64(self.hash);
    }
}

/// A key that is looked up, not kept.
pub struct Sought<'a> {
    /// What `hash(value)` gives.
    pub hash: i64,
    value: &'a Value,
}

impl<'a> Sought<'a> {
    /// The key of a value.
    ///
    /// # Errors
    /// As [`Key::new`].
    #[inline]
    pub fn new(value: &'a Value) -> Res<Sought<'a>> {
        Ok(Sought { hash: hash(value)?, value })
    }
}

impl Hash for Sought<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_i64(self.hash);
    }
}

impl Equivalent<Key> for Sought<'_> {
    #[inline]
    fn equivalent(&self, key: &Key) -> bool {
        self.hash == key.hash && same_key(self.value, &key.value)
    }
}

/// `hash(value)`.
///
/// # Errors
/// `TypeError` for a mutable value.
#[inline]
pub fn hash(value: &Value) -> Res<i64> {
    match value {
        Value::Str(s) => Ok(s.hash()),
        Value::Int(i) => Ok(hash_int(*i)),
        other => hash_rare(other),
    }
}

fn hash_rare(value: &Value) -> Res<i64> {
    Ok(match value {
        Value::Int(i) => hash_int(*i),
        Value::Str(s) => s.hash(),
        Value::Bool(b) => i64::from(*b),
        Value::Float(f) => hash_float(*f),
        Value::BigInt(b) => {
            let residue = (b.as_ref() % BigInt::from(PRIME)).to_i64().unwrap_or(0);
            if residue == -1 { -2 } else { residue }
        }
        Value::Complex(c) => {
            let sum = hash_float(c.re).wrapping_add(1_000_003i64.wrapping_mul(hash_float(c.im)));
            if sum == -1 { -2 } else { sum }
        }
        Value::None => 0xfca8_6420,
        Value::NotImplemented => 0xfca8_6421,
        Value::Ellipsis => 0xfca8_6422,
        Value::Tuple(t) => hash_tuple(&t.items)?,
        Value::Set(s) if s.frozen => s.hash(),
        Value::Range(r) => {
            let (start, step) = match r.len() {
                0 => (Value::None, Value::None),
                1 => (Value::Int(r.start), Value::None),
                _ => (Value::Int(r.start), Value::Int(r.step)),
            };
            hash_tuple(&[Value::count(r.len()), start, step])?
        }
        Value::Type(t) => hash_str(t.name()),
        Value::DType(d) => 0x7d00 + *d as i64,
        Value::Device(d) => hash_str(&d.to_string()),
        o @ (Value::Object(_) | Value::Tensor(_)) => match o.foreign().hash()? {
            Some(hash) => hash,
            None => identity(value),
        },
        Value::List(_) | Value::Dict(_) | Value::Set(_) | Value::Slice(_) | Value::View(_) => {
            return Err(type_error(format!("unhashable type: '{}'", value.type_name())).into());
        }
        other => identity(other),
    })
}

fn identity(value: &Value) -> i64 {
    (value.address().unwrap_or(0) as i64).rotate_right(4)
}

fn hash_int(value: i64) -> i64 {
    let residue = if value.unsigned_abs() < PRIME as u64 { value } else { value % PRIME };
    if residue == -1 { -2 } else { residue }
}

/// A float that equals an int hashes as it does; others by their mantissa modulo the prime.
fn hash_float(value: f64) -> i64 {
    if value.is_nan() {
        return 0;
    }
    if value.is_infinite() {
        return if value > 0.0 { 314_159 } else { -314_159 };
    }
    let bits = value.abs().to_bits();
    let (mut exponent, mut mantissa) = ((bits >> 52) as i64, bits & ((1 << 52) - 1));
    if exponent == 0 {
        exponent = 1;
    } else {
        mantissa |= 1 << 52;
    }
    // value = mantissa * 2^(exponent - 1075), and 2^61 is 1 modulo the prime: the power is a rotation of 61 bits.
    let shift = (exponent - 1075).mod_floor(&61) as u32;
    let wide = u128::from(mantissa) << shift;
    let residue = (wide % PRIME as u128) as i64;
    let signed = if value < 0.0 { -residue } else { residue };
    if signed == -1 { -2 } else { signed }
}

/// The hash of a text.
pub fn hash_str(text: &str) -> i64 {
    let mut hasher = rustc_hash::FxHasher::default();
    hasher.write(text.as_bytes());
    hasher.finish() as i64
}

/// CPython's hash of a tuple, after xxHash's 64-bit round.
fn hash_tuple(items: &[Value]) -> Res<i64> {
    const P1: u64 = 11_400_714_785_074_694_791;
    const P2: u64 = 14_029_467_366_897_019_727;
    const P5: u64 = 2_870_177_450_012_600_261;
    let mut acc = P5;
    for item in items {
        let lane = hash(item)? as u64;
        acc = acc.wrapping_add(lane.wrapping_mul(P2)).rotate_left(31).wrapping_mul(P1);
    }
    acc = acc.wrapping_add(items.len() as u64 ^ (P5 ^ 3_527_539));
    Ok(if acc == u64::MAX { 1_546_275_796 } else { acc as i64 })
}

/// Equality of hashable values, which cannot fail.
#[inline]
pub fn same_key(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Str(a), Value::Str(b)) => Rc::ptr_eq(a, b) || a.text == b.text,
        (Value::Int(a), Value::Int(b)) => a == b,
        _ => a.is(b) || same_rare(a, b),
    }
}

fn same_rare(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Tuple(a), Value::Tuple(b)) => {
            a.items.len() == b.items.len() && a.items.iter().zip(b.items.iter()).all(|(a, b)| same_key(a, b))
        }
        (Value::Set(a), Value::Set(b)) => a.equals(b),
        (Value::Range(a), Value::Range(b)) => {
            a.len() == b.len() && (a.is_empty() || a.start == b.start && (a.len() == 1 || a.step == b.step))
        }
        (Value::Device(a), Value::Device(b)) => a == b,
        (Value::Object(object), other) | (other, Value::Object(object)) => {
            object.same(other) || object.plain().is_some_and(|plain| same_key(other, &plain))
        }
        (Value::Method(a), Value::Method(b)) => std::ptr::eq(a.func, b.func) && a.this.is(&b.this),
        _ => super::number::equal(a, b).unwrap_or(false),
    }
}
