//! Which instructions this machine has, and code that is compiled once for each set of them.
//!
//! Loops are written once, plainly, and compiled for the machine every build runs on and for wider registers; which one runs is
//! settled when the program does. `TENSH_ISA=baseline` or `avx2` holds it below what the machine has.
#![allow(unsafe_code)]

use std::sync::atomic::{AtomicU8, Ordering};

/// A set of instructions, the later the wider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Isa {
    /// What every machine of the target has (NEON is part of it on `aarch64`).
    Baseline = 1,
    /// Registers of 256 bits, with fused multiplication and addition.
    Avx2,
    /// Registers of 512 bits.
    Avx512,
}

static SETTLED: AtomicU8 = AtomicU8::new(0);

/// The widest set that this machine has and `TENSH_ISA` allows.
#[inline]
pub fn isa() -> Isa {
    match SETTLED.load(Ordering::Relaxed) {
        0 => settle(),
        1 => Isa::Baseline,
        2 => Isa::Avx2,
        _ => Isa::Avx512,
    }
}

#[cold]
fn settle() -> Isa {
    let most = match std::env::var("TENSH_ISA").as_deref() {
        Ok("baseline") => Isa::Baseline,
        Ok("avx2") => Isa::Avx2,
        _ => Isa::Avx512,
    };
    let isa = detect().min(most);
    SETTLED.store(isa as u8, Ordering::Relaxed);
    isa
}

#[cfg(target_arch = "x86_64")]
fn detect() -> Isa {
    let avx2 = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
    let avx512 = is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("avx512vl");
    match (avx2, avx512) {
        (true, true) => Isa::Avx512,
        (true, false) => Isa::Avx2,
        _ => Isa::Baseline,
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn detect() -> Isa {
    Isa::Baseline
}

/// Work that is compiled for wider registers, too: `run` and what it calls must be `#[inline(always)]`.
pub trait Work {
    /// What it gives.
    type Out;
    /// Does it.
    fn run(self) -> Self::Out;
}

/// A closure is work, too; where it is passed it is to be marked `#[inline(always)]`. Loops that call functions belong in a struct: in the
/// shipped build a closure's iterators may stay calls, without the instructions.
impl<R, F: FnOnce() -> R> Work for F {
    type Out = R;

    #[inline(always)]
    fn run(self) -> R {
        self()
    }
}

/// Does the work with the instructions of AVX2 where there are such.
#[inline]
pub fn widest<W: Work>(work: W) -> W::Out {
    #[cfg(target_arch = "x86_64")]
    {
        #[target_feature(enable = "avx2,fma")]
        fn avx2<W: Work>(work: W) -> W::Out {
            work.run()
        }
        // These loops gain little from 512 bits, and each set of instructions adds to the program's size.
        if isa() >= Isa::Avx2 {
            // SAFETY: the machine has the instructions.
            return unsafe { avx2(work) };
        }
    }
    work.run()
}
