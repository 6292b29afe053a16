//! Transforms of one length, planned once and kept. Long ones are split into interleaved parts, one for each thread, whose
//! transforms are joined (Cooley and Tukey's first step); a real signal of even length goes as half as many complex numbers.

use crate::base::scalar::{Cast, Scalar};
use crate::cpu::isa::widest;
use crate::cpu::parallel;
use num_complex::Complex;
use rustfft::{Fft, FftDirection, FftNum, FftPlanner};
use std::f64::consts::TAU;
use std::sync::{Arc, Mutex};

/// Plans that are kept, and how many numbers they may stand for.
const KEPT: usize = 8;
const KEPT_NUMBERS: usize = 1 << 23;

/// Numbers of a part below which it is not worth a thread.
const PART: usize = 1 << 14;

/// Numbers that a task joins at a time.
const PIECE: usize = 1 << 12;

/// What tells plans apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// Complex numbers transformed.
    pub n: usize,
    /// Whether the exponent is negative.
    pub forward: bool,
    /// Whether they are the pairs of a real signal.
    pub packed: bool,
    /// Whether the threads share one transform.
    pub shared: bool,
}

/// A transform of one length.
pub struct Plan<T: FftNum> {
    key: Key,
    /// The transform of a part.
    fft: Arc<dyn Fft<T>>,
    parts: usize,
    /// The roots of unity by which parts are joined.
    joints: Vec<Complex<T>>,
    /// Those by which the halves of a packed signal's transform are told apart.
    pairs: Vec<Complex<T>>,
}

/// A real number that has plans.
pub trait Planned: FftNum + Cast {
    /// Those that are kept, the latest last.
    fn kept() -> &'static Mutex<Vec<Arc<Plan<Self>>>>;
}

macro_rules! planned {
    ($($t:ty),*) => {$(
        impl Planned for $t {
            fn kept() -> &'static Mutex<Vec<Arc<Plan<Self>>>> {
                static KEPT: Mutex<Vec<Arc<Plan<$t>>>> = Mutex::new(Vec::new());
                &KEPT
            }
        }
    )*};
}
planned!(f32, f64);

/// The first `count` of the `n` roots of unity, one way round or the other.
fn roots<T: Cast>(n: usize, count: usize, forward: bool) -> Vec<Complex<T>> {
    let step = if forward { -TAU } else { TAU } / n as f64;
    let real = |v: f64| T::from_scalar(Scalar::Float(v));
    let root = |k: usize| {
        let (sin, cos) = (step * k as f64).sin_cos();
        Complex::new(real(cos), real(sin))
    };
    (0..count).map(root).collect()
}

/// A complex product of which the compiler makes wide loops.
#[inline(always)]
fn times<T: FftNum>(a: Complex<T>, b: Complex<T>) -> Complex<T> {
    Complex::new(a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re)
}

/// The plan for `key`, made now unless it is kept.
pub fn plan<T: Planned>(key: Key) -> Arc<Plan<T>> {
    let lock = || T::kept().lock().unwrap_or_else(|e| e.into_inner());
    if let Some(found) = lock().iter().find(|p| p.key == key) {
        return Arc::clone(found);
    }
    let made = Arc::new(Plan::new(key));
    let mut kept = lock();
    kept.push(Arc::clone(&made));
    while kept.len() > KEPT || kept.iter().map(|p| p.key.n).sum::<usize>() > KEPT_NUMBERS {
        kept.remove(0);
    }
    made
}

impl<T: Planned> Plan<T> {
    fn new(key: Key) -> Self {
        let mut parts = 1;
        if key.shared {
            let threads = parallel::threads();
            while parts < threads && (key.n / parts).is_multiple_of(2) && key.n / parts >= 2 * PART {
                parts *= 2;
            }
        }
        let direction = if key.forward { FftDirection::Forward } else { FftDirection::Inverse };
        Plan {
            key,
            fft: FftPlanner::new().plan_fft(key.n / parts, direction),
            parts,
            joints: roots(key.n, if parts > 1 { key.n / 2 } else { 0 }, key.forward),
            pairs: roots(2 * key.n, if key.packed { key.n / 2 + 1 } else { 0 }, key.forward),
        }
    }

    /// Numbers of a part and of the room beside it.
    fn part_room(&self) -> usize {
        self.key.n / self.parts + self.fft.get_outofplace_scratch_len()
    }

    /// Numbers of room that [`Plan::run`] needs.
    pub fn room(&self) -> usize {
        self.parts * self.part_room()
    }

    /// The transform of the numbers that `load` gives: every so many of them, from some place on, put where it is told.
    pub fn run(
        &self,
        load: impl Fn(usize, usize, &mut [Complex<T>]) + Sync,
        to: &mut [Complex<T>],
        room: &mut [Complex<T>],
    ) {
        let (n, parts) = (self.key.n, self.parts);
        let mut size = n / parts;
        let pieces = to.chunks_exact_mut(size).zip(room.chunks_exact_mut(self.part_room())).enumerate();
        parallel::for_each(pieces, 1, |(part, (to, room))| {
            // Parts that are joined first lie side by side.
            let first = if parts == 1 { 0 } else { part.reverse_bits() >> (usize::BITS - parts.trailing_zeros()) };
            let (own, scratch) = room.split_at_mut(size);
            load(first, parts, own);
            self.fft.process_outofplace_with_scratch(own, to, scratch);
        });
        while size < n {
            let step = n / (2 * size);
            for block in to.chunks_exact_mut(2 * size) {
                let (low, high) = block.split_at_mut(size);
                let pieces = low.chunks_mut(PIECE).zip(high.chunks_mut(PIECE)).enumerate();
                parallel::for_each(pieces, 1, |(i, (low, high))| {
                    let joints = self.joints[i * PIECE * step..].iter().step_by(step);
                    widest(
                        #[inline(always)]
                        || {
                            for ((a, b), &root) in low.iter_mut().zip(high.iter_mut()).zip(joints) {
                                let turned = times(root, *b);
                                (*a, *b) = (*a + turned, *a - turned);
                            }
                        },
                    );
                });
            }
            size *= 2;
        }
    }

    /// From the transform of a real signal's pairs, in `z[..n]`, to that of the signal, `z[..=n]`, scaled.
    pub fn unpack(&self, z: &mut [Complex<T>], scale: T) {
        let n = self.key.n;
        let (first, zero) = (z[0], T::zero());
        z[0] = Complex::new((first.re + first.im) * scale, zero);
        z[n] = Complex::new((first.re - first.im) * scale, zero);
        let half = scale * T::from_scalar(Scalar::Float(0.5));
        self.mirror(&mut z[1..n], |low, high, root| {
            let (even, odd) = (low + high.conj(), low - high.conj());
            // `odd` over i, turned.
            let odd = times(root, Complex::new(odd.im, -odd.re));
            ((even + odd).scale(half), (even - odd).conj().scale(half))
        });
    }

    /// From the first half of a Hermitian signal, `z[..=n]`, to the pairs whose transform is twice that of the real signal,
    /// in `z[..n]`, scaled.
    pub fn pack(&self, z: &mut [Complex<T>], scale: T) {
        let n = self.key.n;
        let (first, last) = (z[0].re * scale, z[n].re * scale);
        z[0] = Complex::new(first + last, first - last);
        self.mirror(&mut z[1..n], |low, high, root| {
            let (even, odd) = (low + high.conj(), low - high.conj());
            let odd = times(root, Complex::new(-odd.im, odd.re));
            ((even + odd).scale(scale), (even - odd).conj().scale(scale))
        });
    }

    /// Replaces numbers and those that mirror them (`z[k]` and `z[n - k]`, from `k = 1` on), given with the root of unity of
    /// the first.
    fn mirror(
        &self,
        z: &mut [Complex<T>],
        pair: impl Fn(Complex<T>, Complex<T>, Complex<T>) -> (Complex<T>, Complex<T>) + Sync,
    ) {
        let count = z.len().div_ceil(2);
        if z.len() % 2 == 1 {
            // The one in the middle mirrors itself.
            z[count - 1] = pair(z[count - 1], z[count - 1], self.pairs[count]).0;
        }
        let middle = z.len() / 2;
        let (low, high) = z.split_at_mut(middle);
        let high = &mut high[count - middle..];
        let pieces = low.chunks_mut(PIECE).zip(high.rchunks_mut(PIECE)).enumerate();
        let least = if self.parts > 1 { 1 } else { usize::MAX };
        parallel::for_each(pieces, least, |(i, (low, high))| {
            let roots = &self.pairs[i * PIECE + 1..];
            widest(
                #[inline(always)]
                || {
                    for ((a, b), &root) in low.iter_mut().zip(high.iter_mut().rev()).zip(roots) {
                        (*a, *b) = pair(*a, *b, root);
                    }
                },
            );
        });
    }
}
