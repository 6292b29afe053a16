//! Elements as unsigned integers of the same order, so that one sort serves every dtype; and such keys with their places.

use crate::base::DType;
use crate::base::error::{Result, runtime};
use crate::base::interrupt::{poll, polled};
use crate::dispatch;
use crate::store::View;
use half::{bf16, f16};

/// A type with an order: nans last, `-0.0` equal to `0.0`.
pub trait Key: Copy + Send + Sync {
    /// What holds a key and a place.
    type Entry: Entry;
    /// The element's place among all values of its type.
    fn key(self) -> u64;
}

macro_rules! keys {
    ($($t:ty, $entry:ty: |$v:ident| $key:expr;)*) => {$(
        impl Key for $t {
            type Entry = $entry;
            #[inline(always)]
            fn key(self) -> u64 {
                let $v = self;
                $key
            }
        }
    )*};
}

/// The key of a float from its bits: those of negative numbers run backwards, and a nan's is the largest.
macro_rules! float {
    ($v:expr, $bits:ty) => {{
        const TOP: $bits = 1 << (<$bits>::BITS - 1);
        // The zeros have one key.
        let bits = if $v.to_bits() == TOP { 0 } else { $v.to_bits() };
        let key = if bits & TOP != 0 { !bits } else { bits | TOP };
        (if $v.is_nan() { <$bits>::MAX } else { key }) as u64
    }};
}

keys! {
    bool, u64: |v| u64::from(v);
    u8, u64: |v| u64::from(v);
    u16, u64: |v| u64::from(v);
    u32, u64: |v| u64::from(v);
    u64, (u64, u32): |v| v;
    i8, u64: |v| i32::from(v).key();
    i16, u64: |v| i32::from(v).key();
    i32, u64: |v| u64::from((v as u32) ^ (1 << 31));
    i64, (u64, u32): |v| (v as u64) ^ (1 << 63);
    f32, u64: |v| float!(v, u32);
    f16, u64: |v| float!(v, u16);
    bf16, u64: |v| float!(v, u16);
    f64, (u64, u32): |v| float!(v, u64);
}

/// A key and where its element came from, in that order of importance.
pub trait Entry: Copy + Ord + Send + Sync {
    /// The largest key there can be.
    const MOST: u64;
    /// An entry.
    fn new(key: u64, place: u32) -> Self;
    /// Its key.
    fn rank(self) -> u64;
    /// Its place.
    fn place(self) -> u32;
}

/// Keys of 32 bits above their places.
impl Entry for u64 {
    const MOST: u64 = u32::MAX as u64;
    #[inline(always)]
    fn new(key: u64, place: u32) -> Self {
        key << 32 | u64::from(place)
    }
    #[inline(always)]
    fn rank(self) -> u64 {
        self >> 32
    }
    #[inline(always)]
    fn place(self) -> u32 {
        self as u32
    }
}

impl Entry for (u64, u32) {
    const MOST: u64 = u64::MAX;
    #[inline(always)]
    fn new(key: u64, place: u32) -> Self {
        (key, place)
    }
    #[inline(always)]
    fn rank(self) -> u64 {
        self.0
    }
    #[inline(always)]
    fn place(self) -> u32 {
        self.1
    }
}

/// The elements' entries, in order.
pub fn entries<T: Key, E: Entry>(lane: &[T], key: impl Fn(T) -> u64) -> Vec<E> {
    let mut out = Vec::with_capacity(lane.len());
    for (first, part) in (0..).step_by(PART).zip(lane.chunks(PART)) {
        poll();
        out.extend(part.iter().zip(first..).map(|(&v, i)| E::new(key(v), i)));
    }
    out
}

/// Elements between two looks for an interrupt.
const PART: usize = 1 << 14;

/// The keys of the elements in row-major order.
///
/// # Errors
/// For complex numbers, in the words given.
pub fn keys(x: &View, refusal: &str) -> Result<Vec<u64>> {
    dispatch!(x.dtype(), real T => Ok(polled(x.array::<T>().iter()).map(|v| v.key()).collect()), else Err(runtime(refusal)))
}

/// Whether `key`, of an element of `dtype`, is a nan's.
pub fn is_nan(key: u64, dtype: DType) -> bool {
    dtype.is_float() && key == u64::MAX >> (64 - 8 * dtype.size())
}

/// Refuses lanes whose places don't fit 32 bits.
///
/// # Errors
/// In the name of `op`.
pub fn short(op: &str, n: usize) -> Result<()> {
    match u32::try_from(n) {
        Ok(_) => Ok(()),
        Err(_) => Err(runtime(format!("{op}: more than 2**32 elements along a dimension are not supported"))),
    }
}
