//! Loops over blocks of one dtype: the form in which a Program's instructions run.
#![allow(unsafe_code)]

use crate::base::DType;
use crate::base::error::{Result, runtime};
use crate::base::scalar::Cast;
use crate::dispatch;
use std::sync::atomic::{AtomicBool, Ordering};

/// Computes `n` elements at `dst` from `n` elements at each of `srcs`; whatever the types, they are the caller's promise.
///
/// # Safety
/// `dst` and each of `srcs` point to `n` valid elements of the types the loop was made for, and `dst` overlaps none of
/// `srcs`.
pub type BlockFn = unsafe fn(dst: *mut u8, srcs: &[*const u8], n: usize);

/// Calls a closure that captures nothing from its type alone, so that a loop can be a plain function pointer.
#[inline(always)]
fn conjure<F: Copy>() -> F {
    const { assert!(size_of::<F>() == 0, "a loop's function captures nothing") };
    // SAFETY: `F` has no bytes, and a value of it existed when the loop was made.
    unsafe { std::ptr::NonNull::<F>::dangling().as_ptr().read() }
}

/// The loop of a unary function.
pub fn loop1<A: Copy, R, F: Fn(A) -> R + Copy>(_: F) -> BlockFn {
    unsafe fn run<A: Copy, R, F: Fn(A) -> R + Copy>(dst: *mut u8, srcs: &[*const u8], n: usize) {
        let f = conjure::<F>();
        // SAFETY: the caller promises `n` elements on both sides, without overlap.
        let (out, a) = unsafe { (out_slice::<R>(dst, n), in_slice::<A>(srcs[0], n)) };
        for (o, &x) in out.iter_mut().zip(a) {
            *o = f(x);
        }
    }
    run::<A, R, F>
}

/// The loop of a binary function.
pub fn loop2<A: Copy, R, F: Fn(A, A) -> R + Copy>(_: F) -> BlockFn {
    unsafe fn run<A: Copy, R, F: Fn(A, A) -> R + Copy>(dst: *mut u8, srcs: &[*const u8], n: usize) {
        let f = conjure::<F>();
        // SAFETY: as in `loop1`.
        let (out, a, b) = unsafe { (out_slice::<R>(dst, n), in_slice::<A>(srcs[0], n), in_slice::<A>(srcs[1], n)) };
        for ((o, &x), &y) in out.iter_mut().zip(a).zip(b) {
            *o = f(x, y);
        }
    }
    run::<A, R, F>
}

/// The loop of a ternary function.
pub fn loop3<A: Copy, R, F: Fn(A, A, A) -> R + Copy>(_: F) -> BlockFn {
    unsafe fn run<A: Copy, R, F: Fn(A, A, A) -> R + Copy>(dst: *mut u8, srcs: &[*const u8], n: usize) {
        let f = conjure::<F>();
        // SAFETY: as in `loop1`.
        let (out, a, b, c) = unsafe {
            (out_slice::<R>(dst, n), in_slice::<A>(srcs[0], n), in_slice::<A>(srcs[1], n), in_slice::<A>(srcs[2], n))
        };
        for (((o, &x), &y), &z) in out.iter_mut().zip(a).zip(b).zip(c) {
            *o = f(x, y, z);
        }
    }
    run::<A, R, F>
}

/// A 16-bit float, whose functions run in `f32`.
pub trait Half: Copy + 'static {
    /// Exact.
    fn widen(self) -> f32;
    /// Rounded to nearest, ties to even.
    fn narrow(x: f32) -> Self;
}

impl Half for half::f16 {
    #[inline(always)]
    fn widen(self) -> f32 {
        self.to_f32()
    }
    #[inline(always)]
    fn narrow(x: f32) -> Self {
        Self::from_f32(x)
    }
}

impl Half for half::bf16 {
    #[inline(always)]
    fn widen(self) -> f32 {
        self.to_f32()
    }
    #[inline(always)]
    fn narrow(x: f32) -> Self {
        Self::from_f32(x)
    }
}

/// What a half's function gives, as it is stored.
pub trait HalfResult<H> {
    /// `H` for floats, bool for bools.
    type Stored;
    /// Rounds a float; keeps a bool.
    fn store(self) -> Self::Stored;
}

impl<H: Half> HalfResult<H> for f32 {
    type Stored = H;
    #[inline(always)]
    fn store(self) -> H {
        H::narrow(self)
    }
}

impl<H: Half> HalfResult<H> for bool {
    type Stored = bool;
    #[inline(always)]
    fn store(self) -> bool {
        self
    }
}

/// [`loop1`] for a half type.
pub fn half1<H: Half, R: HalfResult<H>, F: Fn(f32) -> R + Copy>(f: F) -> BlockFn {
    loop1::<H, R::Stored, _>(move |x: H| f(x.widen()).store())
}

/// [`loop2`] for a half type.
pub fn half2<H: Half, R: HalfResult<H>, F: Fn(f32, f32) -> R + Copy>(f: F) -> BlockFn {
    loop2::<H, R::Stored, _>(move |x: H, y: H| f(x.widen(), y.widen()).store())
}

/// [`loop3`] for a half type.
pub fn half3<H: Half, R: HalfResult<H>, F: Fn(f32, f32, f32) -> R + Copy>(f: F) -> BlockFn {
    loop3::<H, R::Stored, _>(move |x: H, y: H, z: H| f(x.widen(), y.widen(), z.widen()).store())
}

/// The loop that picks by a block of bools, for elements of `dtype`.
pub fn select(dtype: DType) -> BlockFn {
    dispatch!(dtype, all T => select_run::<T> as BlockFn)
}

/// Picks by a block of bools.
///
/// # Safety
/// As [`BlockFn`], for `(bool, A, A) -> A`.
unsafe fn select_run<A: Copy>(dst: *mut u8, srcs: &[*const u8], n: usize) {
    // SAFETY: as in `loop1`.
    let (out, c, a, b) = unsafe {
        (out_slice::<A>(dst, n), in_slice::<bool>(srcs[0], n), in_slice::<A>(srcs[1], n), in_slice::<A>(srcs[2], n))
    };
    for (((o, &c), &x), &y) in out.iter_mut().zip(c).zip(a).zip(b) {
        *o = if c { x } else { y };
    }
}

unsafe fn in_slice<'a, T>(p: *const u8, n: usize) -> &'a [T] {
    // SAFETY: the caller of the loop promises `n` elements of `T` at `p`.
    unsafe { std::slice::from_raw_parts(p.cast(), n) }
}

unsafe fn out_slice<'a, T>(p: *mut u8, n: usize) -> &'a mut [T] {
    // SAFETY: as `in_slice`, and nothing else looks at the output while the loop runs.
    unsafe { std::slice::from_raw_parts_mut(p.cast(), n) }
}

/// The loop that converts `from` to `to`, as C++'s `static_cast` does.
pub fn cast(from: DType, to: DType) -> BlockFn {
    dispatch!(from, all A => dispatch!(to, all R => loop1::<A, R, _>(<R as Cast>::cast_from::<A>)))
}

static ZERO_DIVISION: AtomicBool = AtomicBool::new(false);

/// Notes that an integer was divided by zero; the runner turns it into torch's error when the loops are done.
#[cold]
pub fn note_zero_division() {
    ZERO_DIVISION.store(true, Ordering::Relaxed);
}

/// Takes the note.
///
/// # Errors
/// torch's `RuntimeError: ZeroDivisionError`.
#[inline]
pub fn check_zero_division() -> Result<()> {
    if ZERO_DIVISION.load(Ordering::Relaxed) && ZERO_DIVISION.swap(false, Ordering::Relaxed) {
        return Err(runtime("ZeroDivisionError"));
    }
    Ok(())
}
