//! Loops over blocks of one dtype: the form in which a Program's instructions run.
#![allow(unsafe_code)]

use crate::base::DType;
use crate::base::scalar::Cast;
use crate::dispatch;

/// Computes `n` elements at `dst` from `n` elements at each of `srcs`; whatever the types, they are the caller's promise.
///
/// # Safety
/// `dst` and each of `srcs` point to `n` valid elements of the types the loop was made for, and `dst` overlaps none of
/// `srcs`.
pub type BlockFn = unsafe fn(dst: *mut u8, srcs: &[*const u8], n: usize);

/// Runs a unary function over a block.
///
/// # Safety
/// As [`BlockFn`], for `T -> R`.
#[inline(always)]
pub unsafe fn map1<A: Copy, R, F: Fn(A) -> R>(dst: *mut u8, srcs: &[*const u8], n: usize, f: F) {
    // SAFETY: the caller promises `n` elements on both sides, without overlap.
    let (out, a) = unsafe { (out_slice::<R>(dst, n), in_slice::<A>(srcs[0], n)) };
    for (o, &x) in out.iter_mut().zip(a) {
        *o = f(x);
    }
}

/// Runs a binary function over a block.
///
/// # Safety
/// As [`BlockFn`], for `(A, A) -> R`.
#[inline(always)]
pub unsafe fn map2<A: Copy, R, F: Fn(A, A) -> R>(dst: *mut u8, srcs: &[*const u8], n: usize, f: F) {
    // SAFETY: as in `map1`.
    let (out, a, b) = unsafe { (out_slice::<R>(dst, n), in_slice::<A>(srcs[0], n), in_slice::<A>(srcs[1], n)) };
    for ((o, &x), &y) in out.iter_mut().zip(a).zip(b) {
        *o = f(x, y);
    }
}

/// Runs a ternary function over a block.
///
/// # Safety
/// As [`BlockFn`], for `(A, A, A) -> R`.
#[inline(always)]
pub unsafe fn map3<A: Copy, R, F: Fn(A, A, A) -> R>(dst: *mut u8, srcs: &[*const u8], n: usize, f: F) {
    // SAFETY: as in `map1`.
    let (out, a, b, c) = unsafe {
        (out_slice::<R>(dst, n), in_slice::<A>(srcs[0], n), in_slice::<A>(srcs[1], n), in_slice::<A>(srcs[2], n))
    };
    for (((o, &x), &y), &z) in out.iter_mut().zip(a).zip(b).zip(c) {
        *o = f(x, y, z);
    }
}

/// Runs a selection by a block of bools.
///
/// # Safety
/// As [`BlockFn`], for `(bool, A, A) -> A`.
#[inline(always)]
pub unsafe fn select<A: Copy>(dst: *mut u8, srcs: &[*const u8], n: usize) {
    // SAFETY: as in `map1`.
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
    unsafe fn run<A: Cast, R: Cast>(dst: *mut u8, srcs: &[*const u8], n: usize) {
        // SAFETY: the caller promises blocks of `A` and `R`.
        unsafe { map1::<A, R, _>(dst, srcs, n, R::cast_from) }
    }
    dispatch!(from, all A => dispatch!(to, all R => run::<A, R> as BlockFn))
}
