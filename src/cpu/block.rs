//! Loops over blocks of one dtype: the form in which a Program's instructions run.
#![allow(unsafe_code)]
// Elements are counted: an iterator's making is a call where it is not inlined, which a few elements take longer for.
#![allow(clippy::needless_range_loop)]

use crate::base::DType;
use crate::base::error::{Result, runtime};
use crate::base::scalar::Cast;
#[cfg(target_arch = "x86_64")]
use crate::cpu::isa::{Isa, isa};
use crate::{by_width, dispatch};
use half::{bf16, f16};
use std::marker::PhantomData;
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

/// A loop, made from its types alone.
#[cfg_attr(not(target_arch = "x86_64"), allow(dead_code))]
trait Body {
    /// Whether wider registers gain anything; loops that call functions or work on complex numbers are made once.
    const WIDE: bool = true;
    /// Whether 512 bits gain anything over 256: not on elements so small that memory is the limit.
    const WIDEST: bool = true;
    /// Runs it.
    ///
    /// # Safety
    /// As [`BlockFn`].
    unsafe fn run(dst: *mut u8, srcs: &[*const u8], n: usize);
}

/// The loop as it is compiled for this machine's instructions.
fn made<B: Body>() -> BlockFn {
    #[cfg(target_arch = "x86_64")]
    if const { B::WIDE } {
        #[target_feature(enable = "avx2,fma")]
        unsafe fn avx2<B: Body>(dst: *mut u8, srcs: &[*const u8], n: usize) {
            // SAFETY: the caller's.
            unsafe { B::run(dst, srcs, n) }
        }
        #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")]
        unsafe fn avx512<B: Body>(dst: *mut u8, srcs: &[*const u8], n: usize) {
            // SAFETY: the caller's.
            unsafe { B::run(dst, srcs, n) }
        }
        return if const { B::WIDEST } {
            fit(B::run, avx2::<B>, avx512::<B>)
        } else {
            fit(B::run, avx2::<B>, avx2::<B>)
        };
    }
    B::run
}

/// That of the loops which this machine has the instructions for.
#[cfg(target_arch = "x86_64")]
fn fit(baseline: BlockFn, avx2: BlockFn, avx512: BlockFn) -> BlockFn {
    match isa() {
        Isa::Baseline => baseline,
        Isa::Avx2 => avx2,
        Isa::Avx512 => avx512,
    }
}

struct Loop1<A, R, F>(PhantomData<(A, R, F)>);

impl<A: Copy, R, F: Fn(A) -> R + Copy> Body for Loop1<A, R, F> {
    // Complex numbers are aligned as their parts are.
    const WIDE: bool = size_of::<A>() == align_of::<A>();
    const WIDEST: bool = size_of::<A>() >= 4;

    #[inline(always)]
    unsafe fn run(dst: *mut u8, srcs: &[*const u8], n: usize) {
        let f = conjure::<F>();
        // SAFETY: the caller promises `n` elements on both sides, without overlap.
        let (out, a) = unsafe { (out_slice::<R>(dst, n), in_slice::<A>(srcs[0], n)) };
        for i in 0..n {
            out[i] = f(a[i]);
        }
    }
}

/// [`loop1`], of a function too large to run on whole registers.
pub fn scalar1<A: Copy, R, F: Fn(A) -> R + Copy>(_: F) -> BlockFn {
    Loop1::<A, R, F>::run
}

/// The loop of a unary function.
pub fn loop1<A: Copy, R, F: Fn(A) -> R + Copy>(_: F) -> BlockFn {
    made::<Loop1<A, R, F>>()
}

struct Tailed1<A, F>(PhantomData<(A, F)>);

impl<A: Copy, F: Fn(A) -> A + Copy, G: Fn(A) -> A + Copy> Body for Tailed1<A, (F, G)> {
    #[inline(always)]
    unsafe fn run(dst: *mut u8, srcs: &[*const u8], n: usize) {
        let (f, g) = conjure::<(F, G)>();
        // SAFETY: as in `Loop1`.
        let (out, a) = unsafe { (out_slice::<A>(dst, n), in_slice::<A>(srcs[0], n)) };
        let whole = n - n % (128 / size_of::<A>());
        for i in 0..whole {
            out[i] = f(a[i]);
        }
        for i in whole..n {
            out[i] = g(a[i]);
        }
    }
}

struct Loop2<A, R, F>(PhantomData<(A, R, F)>);

impl<A: Copy, R, F: Fn(A, A) -> R + Copy> Body for Loop2<A, R, F> {
    // Complex numbers are aligned as their parts are.
    const WIDE: bool = size_of::<A>() == align_of::<A>();
    const WIDEST: bool = size_of::<A>() >= 4;

    #[inline(always)]
    unsafe fn run(dst: *mut u8, srcs: &[*const u8], n: usize) {
        let f = conjure::<F>();
        // SAFETY: as in `Loop1`.
        let (out, a, b) = unsafe { (out_slice::<R>(dst, n), in_slice::<A>(srcs[0], n), in_slice::<A>(srcs[1], n)) };
        for i in 0..n {
            out[i] = f(a[i], b[i]);
        }
    }
}

struct Single2<A, R, F>(PhantomData<(A, R, F)>);

impl<A: Copy, R, F: Fn(A, A) -> R + Copy> Body for Single2<A, R, F> {
    const WIDEST: bool = false;

    #[inline(always)]
    unsafe fn run(dst: *mut u8, srcs: &[*const u8], n: usize) {
        // SAFETY: the caller's.
        unsafe { Loop2::<A, R, F>::run(dst, srcs, n) }
    }
}

/// [`loop2`], of a function that takes one element at a time; fused multiplication is what it gains from newer instructions.
pub fn scalar2<A: Copy, R, F: Fn(A, A) -> R + Copy>(_: F) -> BlockFn {
    made::<Single2<A, R, F>>()
}

/// The loop of a binary function.
pub fn loop2<A: Copy, R, F: Fn(A, A) -> R + Copy>(_: F) -> BlockFn {
    made::<Loop2<A, R, F>>()
}

struct Loop3<A, R, F>(PhantomData<(A, R, F)>);

impl<A: Copy, R, F: Fn(A, A, A) -> R + Copy> Body for Loop3<A, R, F> {
    // Complex numbers are aligned as their parts are.
    const WIDE: bool = size_of::<A>() == align_of::<A>();
    const WIDEST: bool = size_of::<A>() >= 4;

    #[inline(always)]
    unsafe fn run(dst: *mut u8, srcs: &[*const u8], n: usize) {
        let f = conjure::<F>();
        // SAFETY: as in `Loop1`.
        let (out, a, b, c) = unsafe {
            (out_slice::<R>(dst, n), in_slice::<A>(srcs[0], n), in_slice::<A>(srcs[1], n), in_slice::<A>(srcs[2], n))
        };
        for i in 0..n {
            out[i] = f(a[i], b[i], c[i]);
        }
    }
}

/// The loop of a ternary function.
pub fn loop3<A: Copy, R, F: Fn(A, A, A) -> R + Copy>(_: F) -> BlockFn {
    made::<Loop3<A, R, F>>()
}

struct Ranged1<A, F>(PhantomData<(A, F)>);

impl<A: Copy, F: Fn(A) -> A + Copy, B: Fn(A) -> bool + Copy, G: Fn(A) -> A + Copy> Body for Ranged1<A, (F, B, G)> {
    #[inline(always)]
    unsafe fn run(dst: *mut u8, srcs: &[*const u8], n: usize) {
        let (f, beyond, g) = conjure::<(F, B, G)>();
        // SAFETY: as in `Loop1`.
        let (out, a) = unsafe { (out_slice::<A>(dst, n), in_slice::<A>(srcs[0], n)) };
        let mut found = false;
        for (o, &x) in out.iter_mut().zip(a) {
            *o = f(x);
            found |= beyond(x);
        }
        if found {
            for (o, &x) in out.iter_mut().zip(a).filter(|(_, x)| beyond(**x)) {
                *o = g(x);
            }
        }
    }
}

/// The loop of a unary function `f` that holds in a range; elements that are `beyond` are done again by `g`.
pub fn ranged1<A: Copy, F: Fn(A) -> A + Copy, B: Fn(A) -> bool + Copy, G: Fn(A) -> A + Copy>(
    _: F,
    _: B,
    _: G,
) -> BlockFn {
    made::<Ranged1<A, (F, B, G)>>()
}

struct Ranged2<A, F>(PhantomData<(A, F)>);

impl<A: Copy, F: Fn(A, A) -> A + Copy, B: Fn(A, A) -> bool + Copy, G: Fn(A, A) -> A + Copy> Body
    for Ranged2<A, (F, B, G)>
{
    #[inline(always)]
    unsafe fn run(dst: *mut u8, srcs: &[*const u8], n: usize) {
        let (f, beyond, g) = conjure::<(F, B, G)>();
        // SAFETY: as in `Loop1`.
        let (out, a, b) = unsafe { (out_slice::<A>(dst, n), in_slice::<A>(srcs[0], n), in_slice::<A>(srcs[1], n)) };
        let mut found = false;
        for ((o, &x), &y) in out.iter_mut().zip(a).zip(b) {
            *o = f(x, y);
            found |= beyond(x, y);
        }
        if found {
            for ((o, &x), &y) in out.iter_mut().zip(a).zip(b).filter(|((_, x), y)| beyond(**x, **y)) {
                *o = g(x, y);
            }
        }
    }
}

/// As [`ranged1`], for a binary function.
pub fn ranged2<A: Copy, F: Fn(A, A) -> A + Copy, B: Fn(A, A) -> bool + Copy, G: Fn(A, A) -> A + Copy>(
    _: F,
    _: B,
    _: G,
) -> BlockFn {
    made::<Ranged2<A, (F, B, G)>>()
}

/// A 16-bit float, whose functions run in `f32`.
pub trait Half: Copy + 'static {
    /// Exact.
    fn widen(self) -> f32;
    /// Rounded to nearest, ties to even.
    fn narrow(x: f32) -> Self;
}

impl Half for f16 {
    #[inline(always)]
    fn widen(self) -> f32 {
        let bits = u32::from(self.to_bits());
        // The exponent counts from 112 less; multiplying brings subnormal numbers right, too.
        let scaled = f32::from_bits((bits & 0x7fff) << 13) * f32::from_bits((127 + 112) << 23);
        let special = f32::from_bits(0xff << 23 | (bits & 0x3ff) << 13);
        let size = if bits & 0x7c00 == 0x7c00 { special } else { scaled };
        f32::from_bits(size.to_bits() | (bits & 0x8000) << 16)
    }
    #[inline(always)]
    fn narrow(x: f32) -> Self {
        let sign = x.to_bits() >> 16 & 0x8000;
        let size = f32::from_bits(x.to_bits() & 0x7fff_ffff);
        let bits = size.to_bits();
        // Half of what is cut off, a little less where the last bit kept is even.
        let normal = bits.wrapping_add(0xfff + (bits >> 13 & 1)).wrapping_sub(112 << 23) >> 13;
        // Adding a half leaves multiples of the smallest number in the low bits.
        let subnormal = (size + 0.5).to_bits().wrapping_sub(0.5f32.to_bits());
        let finite = if bits < (127 - 14) << 23 { subnormal } else { normal };
        let infinite = if size.is_nan() { 0x7e00 | (bits >> 13 & 0x1ff) } else { 0x7c00 };
        Self::from_bits((sign | if bits >= (127 + 16) << 23 { infinite } else { finite }) as u16)
    }
}

impl Half for bf16 {
    #[inline(always)]
    fn widen(self) -> f32 {
        f32::from_bits(u32::from(self.to_bits()) << 16)
    }
    #[inline(always)]
    fn narrow(x: f32) -> Self {
        let bits = x.to_bits();
        let rounded = bits.wrapping_add(0x7fff + (bits >> 16 & 1)) >> 16;
        Self::from_bits(if x.is_nan() { bits >> 16 | 0x40 } else { rounded } as u16)
    }
}

/// Rounded to a half type.
#[inline(always)]
pub fn rounded<H: Half>(x: f32) -> f32 {
    H::narrow(x).widen()
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
    loop1::<H, R::Stored, _>(
        #[inline(always)]
        move |x: H| f(x.widen()).store(),
    )
}

/// [`scalar2`] for a half type.
pub fn half_scalar2<H: Half, R: HalfResult<H>, F: Fn(f32, f32) -> R + Copy>(f: F) -> BlockFn {
    scalar2::<H, R::Stored, _>(
        #[inline(always)]
        move |x: H, y: H| f(x.widen(), y.widen()).store(),
    )
}

/// [`ranged1`] for a half type.
pub fn half_ranged1<H: Half, F: Fn(f32) -> f32 + Copy, B: Fn(f32) -> bool + Copy, G: Fn(f32) -> f32 + Copy>(
    f: F,
    beyond: B,
    g: G,
) -> BlockFn {
    ranged1::<H, _, _, _>(
        #[inline(always)]
        move |x: H| H::narrow(f(x.widen())),
        #[inline(always)]
        move |x: H| beyond(x.widen()),
        move |x: H| H::narrow(g(x.widen())),
    )
}

/// The loop of a unary function that ATen writes twice, with other roundings: `f` for two registers of 512 bits at a time, `g` for the
/// elements left over. Blocks are whole pairs of registers but for the last one.
pub fn half_tailed1<H: Half, F: Fn(f32) -> f32 + Copy, G: Fn(f32) -> f32 + Copy>(f: F, g: G) -> BlockFn {
    fn tailed<A: Copy, F: Fn(A) -> A + Copy, G: Fn(A) -> A + Copy>(_: F, _: G) -> BlockFn {
        made::<Tailed1<A, (F, G)>>()
    }
    tailed::<H, _, _>(
        #[inline(always)]
        move |x: H| H::narrow(f(x.widen())),
        #[inline(always)]
        move |x: H| H::narrow(g(x.widen())),
    )
}

/// [`ranged2`] for a half type.
pub fn half_ranged2<
    H: Half,
    F: Fn(f32, f32) -> f32 + Copy,
    B: Fn(f32, f32) -> bool + Copy,
    G: Fn(f32, f32) -> f32 + Copy,
>(
    f: F,
    beyond: B,
    g: G,
) -> BlockFn {
    ranged2::<H, _, _, _>(
        #[inline(always)]
        move |x: H, y: H| H::narrow(f(x.widen(), y.widen())),
        #[inline(always)]
        move |x: H, y: H| beyond(x.widen(), y.widen()),
        move |x: H, y: H| H::narrow(g(x.widen(), y.widen())),
    )
}

/// [`loop2`] for a half type.
pub fn half2<H: Half, R: HalfResult<H>, F: Fn(f32, f32) -> R + Copy>(f: F) -> BlockFn {
    loop2::<H, R::Stored, _>(
        #[inline(always)]
        move |x: H, y: H| f(x.widen(), y.widen()).store(),
    )
}

/// [`loop3`] for a half type.
pub fn half3<H: Half, R: HalfResult<H>, F: Fn(f32, f32, f32) -> R + Copy>(f: F) -> BlockFn {
    loop3::<H, R::Stored, _>(
        #[inline(always)]
        move |x: H, y: H, z: H| f(x.widen(), y.widen(), z.widen()).store(),
    )
}

/// The loop that picks by a block of bools, for elements of `dtype`.
pub fn select(dtype: DType) -> BlockFn {
    by_width!(dtype, T => made::<Select<T>>())
}

struct Select<A>(PhantomData<A>);

impl<A: Copy> Body for Select<A> {
    #[inline(always)]
    unsafe fn run(dst: *mut u8, srcs: &[*const u8], n: usize) {
        // SAFETY: as in `Loop1`.
        let (out, c, a, b) = unsafe {
            (out_slice::<A>(dst, n), in_slice::<bool>(srcs[0], n), in_slice::<A>(srcs[1], n), in_slice::<A>(srcs[2], n))
        };
        for (((o, &c), &x), &y) in out.iter_mut().zip(c).zip(a).zip(b) {
            *o = if c { x } else { y };
        }
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
    match (from, to) {
        (DType::F32, DType::F16) => loop1::<f32, f16, _>(|x: f32| f16::narrow(x)),
        (DType::F32, DType::BF16) => loop1::<f32, bf16, _>(|x: f32| bf16::narrow(x)),
        (DType::F16, DType::F32) => loop1::<f16, f32, _>(|x: f16| x.widen()),
        (DType::BF16, DType::F32) => loop1::<bf16, f32, _>(|x: bf16| x.widen()),
        _ => dispatch!(from, all A => dispatch!(to, all R => scalar1::<A, R, _>(|x: A| R::cast_from(x)))),
    }
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
