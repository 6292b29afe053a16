//! `torch.Generator` on the CPU: the engine, its seed, and the normal number that a pair left over.

use super::mt19937::{Mt19937, N};
use crate::base::DType;
use crate::base::error::{Result, runtime, type_error};
use crate::store::View;
use std::cell::RefCell;
use std::io::Read;
use std::rc::Rc;

/// The seed of a fresh `torch.Generator()`.
pub const DEFAULT_SEED: u64 = 67_280_421_310_721;

/// Bytes of a saved state.
const STATE: usize = 5056;

/// A stream of random numbers.
#[derive(Clone, Debug)]
pub struct Generator {
    engine: Mt19937,
    seed: u64,
    /// The second normal of the last pair, for the next call that asks for one normal at a time.
    pub(super) spare_normal: Option<f64>,
    spare_float: Option<f32>,
}

impl Default for Generator {
    fn default() -> Self {
        Self::new(DEFAULT_SEED)
    }
}

impl Generator {
    /// A stream that starts at `seed` (only its low 32 bits count; all 64 are remembered).
    pub fn new(seed: u64) -> Self {
        Self { engine: Mt19937::new(seed), seed, spare_normal: None, spare_float: None }
    }

    /// `manual_seed`: starts over at `seed`.
    pub fn manual_seed(&mut self, seed: u64) {
        *self = Self::new(seed);
    }

    /// `seed()`: starts over at a seed taken from the system, and returns it.
    pub fn seed(&mut self) -> u64 {
        let seed = entropy();
        self.manual_seed(seed);
        seed
    }

    /// `initial_seed()`: the seed last set.
    pub fn initial_seed(&self) -> u64 {
        self.seed
    }

    /// The next 32 bits.
    #[inline]
    pub fn random(&mut self) -> u32 {
        self.engine.draw()
    }

    /// The next 64 bits: two draws, the first on top.
    #[inline]
    pub fn random64(&mut self) -> u64 {
        let high = u64::from(self.random());
        high << 32 | u64::from(self.random())
    }

    /// The next `out.len()` draws of 32 bits.
    pub fn fill(&mut self, out: &mut [u32]) {
        self.engine.fill(out);
    }

    /// A number in `[0, 1)` of 53 bits.
    #[inline]
    pub fn uniform(&mut self) -> f64 {
        unit_f64(self.random64())
    }

    /// A standard normal number, by Box and Muller's method in `f64`; every second one is the pair's other half.
    pub fn normal(&mut self) -> f64 {
        if let Some(spare) = self.spare_normal.take() {
            return spare;
        }
        let (u1, u2) = (self.uniform(), self.uniform());
        let radius = (-2.0 * (-u2).ln_1p()).sqrt();
        let theta = 2.0 * std::f64::consts::PI * u1;
        self.spare_normal = Some(radius * theta.sin());
        radius * theta.cos()
    }

    /// `get_state()`: 5056 bytes as torch lays them out.
    ///
    /// # Errors
    /// When the memory for them is not there.
    pub fn get_state(&self) -> Result<View> {
        let (words, left, next) = self.engine.parts();
        let mut bytes = Vec::with_capacity(STATE);
        bytes.extend(self.seed.to_le_bytes());
        bytes.extend(left.to_le_bytes());
        bytes.extend(1u32.to_le_bytes());
        bytes.extend(u64::from(next).to_le_bytes());
        words.iter().for_each(|&w| bytes.extend(u64::from(w).to_le_bytes()));
        bytes.extend(0f64.to_le_bytes());
        bytes.extend(self.spare_normal.unwrap_or(0.0).to_le_bytes());
        bytes.extend(0f64.to_le_bytes());
        bytes.extend(u64::from(self.spare_normal.is_some()).to_le_bytes());
        bytes.extend(self.spare_float.unwrap_or(0.0).to_le_bytes());
        bytes.extend(u32::from(self.spare_float.is_some()).to_le_bytes());
        View::vector(&bytes)
    }

    /// `set_state()`: goes on where `get_state` was called.
    ///
    /// # Errors
    /// torch's errors for a tensor that holds no state.
    pub fn set_state(&mut self, state: &View) -> Result<()> {
        if state.dtype() != DType::U8 {
            return Err(type_error("RNG state must be a torch.ByteTensor"));
        }
        let bytes: Vec<u8> = state.to_vec();
        if bytes.len() != STATE {
            return Err(runtime(format!(
                "Expected a CPUGeneratorImplState of size {STATE} but found the input RNG state size to be {}",
                bytes.len()
            )));
        }
        // 8 bytes at a place that the length check above vouches for.
        let word = |at: usize| {
            let mut w = [0; 8];
            w.copy_from_slice(&bytes[at..at + 8]);
            u64::from_le_bytes(w)
        };
        let tail = 24 + 8 * N;
        let words = std::array::from_fn(|i| word(24 + 8 * i) as u32);
        let (left, seeded) = (word(8) as u32, word(8) >> 32);
        let next = u32::try_from(word(16)).unwrap_or(u32::MAX);
        let engine = Mt19937::from_parts(words, left, next).filter(|_| seeded == 1);
        let spare_float = word(tail + 32);
        *self = Self {
            engine: engine.ok_or_else(|| runtime("Invalid mt19937 state"))?,
            seed: word(0),
            spare_normal: (word(tail + 24) as u32 != 0).then(|| f64::from_bits(word(tail + 8))),
            spare_float: (spare_float >> 32 != 0).then(|| f32::from_bits(spare_float as u32)),
        };
        Ok(())
    }
}

/// 53 bits as a number in `[0, 1)`.
#[inline(always)]
pub(super) fn unit_f64(bits: u64) -> f64 {
    (bits & ((1 << 53) - 1)) as f64 * (1.0 / (1u64 << 53) as f64)
}

/// A seed nobody can foresee.
pub fn entropy() -> u64 {
    let mut bytes = [0; 8];
    let read = std::fs::File::open("/dev/urandom").and_then(|mut f| f.read_exact(&mut bytes));
    let clock = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |d| d.as_nanos() as u64);
    // torch's seeds fit the 53 bits of a double.
    (if read.is_ok() { u64::from_le_bytes(bytes) } else { clock }) & ((1 << 53) - 1)
}

thread_local! {
    static DEFAULT: Rc<RefCell<Generator>> = Rc::new(RefCell::new(Generator::new(entropy())));
}

/// `torch.default_generator`: the one that is used where none is named; its seed differs from run to run.
pub fn default_generator() -> Rc<RefCell<Generator>> {
    DEFAULT.with(Rc::clone)
}
